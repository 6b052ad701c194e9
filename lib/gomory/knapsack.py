"""
Knapsack problems with one constraint and real coefficients, continuous and 0-1.

The boundary B of Gomory (1994) is a continuous knapsack (3.9a), B_I a 0-1 knapsack (3.9). Both
are solved here by their own methods, since a general integer program stops about 1e-6 short of
the optimum and lets the knapsack overflow by as much.

What exact means in doubles. Weights and capacity are rounded to multiples of 2^-61 of the total
weight, to the safe side, and are added as integers from there on. So a packing that is returned
never overflows, not even by rounding (``math.fsum`` of its weights obeys the constraint), and
every packing that obeys the constraint with n 2^-61 of the total weight to spare is a candidate;
weights above a five-hundredth of the total are exact multiples, and then that margin is zero as
well. Values are compared as doubles: no candidate is better by more than 4 n eps sum|values|,
the rounding error of a sum of n doubles.

How a 0-1 knapsack is solved:

1. "At least" becomes "at most" for the goods left out. Goods without value stay out.
2. In the order of value density the goods that fit make the break solution; the first that
   does not fit gives the Dantzig bound [2]_.
3. Goods are taken in or out in the order of their distance from the break. The list of
   packings so far holds no packing that another beats in weight and value (Pareto list),
   and none whose own Dantzig bound fails to beat the best packing [1]_. A good whose change
   alone would cost more than the distance from bound to best packing is not touched.
4. Where densities are nearly equal the list explodes. Then the goods worth changing are
   split into two halves, and every unbeaten change in one meets its best partner in the
   other [3]_; a change that costs more than the distance from bound to best packing is
   dropped. If the halves outgrow their lists too, those farthest from the break are left as
   they are, and the list starts again from the better packing, with longer lists. Up to
   forty goods are always solved so.
5. Where densities are equal only weight counts. The weights of all packings of one half of
   the goods, in order, meet those of the other: up to 48 goods, and more in a space for few
   or for nearly all of them, are solved so. Else 40 or 48 goods, drawn at random from those
   in and those out, are packed anew, again and again, until the space is filled to rounding,
   which no packing can beat.

References
----------
.. [1] Pisinger, D. (1997). A minimal algorithm for the 0-1 knapsack problem. Operations
   Research 45, 758-767.
.. [2] Dantzig, G. B. (1957). Discrete-variable extremum problems. Operations Research 5,
   266-288.
.. [3] Horowitz, E. and Sahni, S. (1974). Computing partitions with applications to the
   knapsack problem. Journal of the ACM 21, 277-292.
"""

from dataclasses import dataclass
from math import fsum

import numpy as np

from lib import domain

_EPSILON = np.finfo(float).eps
# How long the lists of packings may grow, stage after stage.
_LONGEST = (2**12, 2**16, 2**19, 2**21)
# Goods that are filled anew at a time where densities are equal, try after try.
_FILLED = (40,) * 12 + (48,) * 12
_LONGEST_SUMS, _CHUNK = 2**24, 2**20


@dataclass(frozen=True, eq=False)
class Packing:
    """
    A proven optimal 0-1 packing.

    Attributes
    ----------
    chosen : ndarray of bool, shape (n,)
        The goods that are packed.
    value : float
        Their total value.
    weight : float
        Their total weight.
    """

    chosen: np.ndarray
    value: float
    weight: float

    def __post_init__(self):
        domain.freeze(self)


def continuous_knapsack(values, weights, capacity, sense="="):
    """
    Fill a space with the most valuable assortment of divisible goods, many problems at once.

    Maximises sum(values * x) over 0 <= x <= 1 with sum(weights * x) equal to the capacity, or
    at most or at least the capacity.

    Parameters
    ----------
    values : array_like, shape (..., n)
        Value of all of each good, of either sign.
    weights : array_like, shape (..., n)
        Space that all of each good takes, positive.
    capacity : array_like, shape (...)
        The space.
    sense : {"=", "<=", ">="}
        The direction of the constraint.

    Returns
    -------
    ndarray of float, shape (..., n)
        The optimal amounts x, of which at most one is neither 0 nor 1.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain, or no x obeys the constraint.

    Notes
    -----
    Goods are used in the order of their value density, value per weight, until the space is
    full. Goods of positive value come first, so the two inequalities differ from the equation
    in the space alone: "<=" leaves free what only goods without value could fill, and ">="
    fills more than is asked when that pays.

    References
    ----------
    Gomory (1994), section 3, "The Boundary B(Z)", (3.9a).

    Examples
    --------
    >>> continuous_knapsack([3, 2, 1], [1, 1, 1], capacity=1.5)
    array([1. , 0.5, 0. ])
    """
    sense = domain.choice("sense", sense, ("=", "<=", ">="))
    values, weights = _goods("values", values), _goods("weights", weights, low=0.0)
    capacity = domain.numbers("capacity", capacity)
    try:
        values, weights = np.broadcast_arrays(values, weights)
        np.broadcast_shapes(capacity.shape, values.shape[:-1])
    except ValueError:
        raise ValueError(
            "values, weights and capacity must have shapes (..., n), (..., n) and (...) that fit, "
            f"got the shapes {values.shape}, {weights.shape} and {capacity.shape}"
        ) from None
    _summable(values=values, weights=weights)
    total = weights.sum(axis=-1)
    if sense != ">=" and (capacity < 0).any():
        raise ValueError(f"capacity must be at least 0, got {capacity.min():g}")
    if sense != "<=" and (capacity > total * (1 + values.shape[-1] * _EPSILON)).any():
        raise ValueError(
            "capacity must be at most the total of the weights of all goods, "
            f"{total.min():g}, got {capacity.max():g}"
        )
    space = np.broadcast_to(capacity, np.broadcast_shapes(capacity.shape, total.shape))
    worthwhile = np.where(values > 0, weights, 0).sum(axis=-1)
    if sense == "<=":
        space = np.minimum(space, worthwhile)
    if sense == ">=":
        space = np.maximum(space, worthwhile)
    shape = (*space.shape, values.shape[-1])
    values, weights = np.broadcast_to(values, shape), np.broadcast_to(weights, shape)
    with np.errstate(over="ignore"):  # weights that are next to nothing come first, or last
        order = np.argsort(-values / weights, axis=-1, kind="stable")
    sizes = np.take_along_axis(weights, order, axis=-1)
    filled = np.cumsum(sizes, axis=-1) - sizes
    with np.errstate(over="ignore"):
        amounts = np.clip((space[..., None] - filled) / sizes, 0, 1)
    x = np.empty(shape)
    np.put_along_axis(x, order, amounts, axis=-1)
    return domain.plain(x)


def _summable(**parameters):
    """Refuse numbers of which the sum may be beyond doubles."""
    for name, value in parameters.items():
        if value.size and not np.abs(value).max() < np.finfo(float).max / value.size:
            most = f"{np.finfo(float).max:.2g}"
            raise ValueError(f"{name} must add up to less than {most}, got {domain.shown(value)}")


def knapsack(values, weights, capacity, sense="<="):
    """
    Solve a 0-1 knapsack with real coefficients to proven optimality.

    Maximises sum(values[chosen]) with sum(weights[chosen]) at most the capacity, or at least
    the capacity.

    Parameters
    ----------
    values : array_like, shape (n,)
        Value of each good, of either sign.
    weights : array_like, shape (n,)
        Space each good takes, positive.
    capacity : float
        The space.
    sense : {"<=", ">="}
        The direction of the constraint.

    Returns
    -------
    Packing
        The goods that are packed, their value and their weight.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain, or no packing obeys the constraint.
    ArithmeticError
        If optimality cannot be proven: then there are more than forty goods of nearly equal
        density, or more than 48 of equal density and no packing is found that fills the space.

    Notes
    -----
    The head of `lib.gomory.knapsack` tells the method step by step.

    References
    ----------
    Gomory (1994), Section 3, equation (3.9).

    Examples
    --------
    >>> packing = knapsack([5, 4, 3], [4, 3, 2], capacity=5)
    >>> packing.chosen.tolist(), packing.value
    ([False, True, True], 7.0)
    """
    values = domain.array("values", values, ("n",))
    weights = domain.array("weights", weights, ("n",), low=0.0)
    if values.shape != weights.shape:
        raise ValueError(
            f"values and weights must be as many, got {values.size} and {weights.size}"
        )
    _summable(values=values, weights=weights)
    capacity = domain.number("capacity", capacity)
    sense = domain.choice("sense", sense, ("<=", ">="))
    if sense == "<=":
        gains, sizes, space = values, *_fixed_point(weights, capacity, np.ceil, np.floor)
    else:
        sizes, needed = _fixed_point(weights, capacity, np.floor, np.ceil)
        gains, space = -values, int(sizes.sum()) - needed
    if space < 0:
        raise ValueError(
            f"capacity must leave a packing of weights that add up to {fsum(weights)!r}, "
            f"got {capacity!r} with {sense!r}"
        )
    chosen = np.zeros(values.size, dtype=bool)
    useful = np.flatnonzero((gains > 0) & (sizes <= space))
    chosen[useful] = _best_packing(gains[useful], sizes[useful], space)
    if sense == ">=":
        chosen = ~chosen
    return Packing(chosen, fsum(values[chosen]), fsum(weights[chosen]))


def _goods(name, value, low=-np.inf):
    result = domain.numbers(name, value, low)
    if result.ndim == 0 or not result.shape[-1]:
        raise ValueError(
            f"{name} must be an array (..., n) of numbers, n at least 1, got {domain.shown(value)}"
        )
    return result


def _fixed_point(weights, capacity, round_weight, round_capacity):
    """Return weights and capacity as whole multiples of one power of two (see the head)."""
    total = fsum(weights)
    shift = 62 - int(np.frexp(total)[1])
    capacity = min(max(capacity, -total), 1.5 * total)
    sizes = round_weight(np.ldexp(weights, shift)).astype(np.int64)
    return sizes, int(round_capacity(np.ldexp(capacity, shift)))


def _best_packing(values, weights, capacity):
    """Pack goods that all have value and fit one by one, by steps 2 to 5."""
    if values.size == 0 or weights.sum() <= capacity:
        return np.ones(values.size, dtype=bool)
    order = np.argsort(-values / weights, kind="stable")
    result = np.empty(values.size, dtype=bool)
    result[order] = _Search(values[order], weights[order], capacity).run()
    return result


class _Search:
    """Steps 2 to 5, for goods sorted by density."""

    def __init__(self, values, weights, capacity):
        self.values, self.weights = values, weights
        self.density = values / weights
        filled = np.cumsum(weights)
        self.first = int(np.searchsorted(filled, capacity, side="right"))
        self.break_weight = int(filled[self.first - 1]) if self.first else 0
        self.break_value = fsum(values[: self.first])
        self.room = int(capacity) - self.break_weight
        self.rounding = 4 * values.size * _EPSILON * fsum(values)
        slope = self.density[self.first]
        self.bound = self.break_value + self.room * slope
        self.cost = np.abs(values - weights * slope)

    def run(self):
        best, self.best_value = self._greedy()
        if self.cost.max() <= self.rounding:
            return self._fill(best)
        for longest in _LONGEST:
            for search in (self._grow_list, self._meet_in_the_middle):
                found, complete = search(longest)
                best = best if found is None else found
                if complete or self.best_value >= self.bound - self.rounding:
                    return best
        raise self._unproven()

    def _fill(self, chosen):
        """Step 5: fill the space as far as possible with goods of equal density."""
        capacity = self.break_weight + self.room
        rounding = self.rounding / self.density[self.first]
        rng = np.random.default_rng(0)
        for size in (self.values.size, *_FILLED):
            taken, others = (rng.permutation(np.flatnonzero(one)) for one in (chosen, ~chosen))
            # As many goods that are in as goods that are out leave most ways to exchange them.
            half = max(size - others.size, min(size // 2, taken.size))
            free = np.concatenate((taken[:half], others[: size - half]))
            left = capacity - int(self.weights[chosen].sum())
            inside = int(self.weights[taken[:half]].sum())
            packing = _heaviest(self.weights[free], inside + left, inside)
            if packing is None:
                continue
            chosen[free] = packing
            filled = capacity - int(self.weights[chosen].sum()) <= rounding
            if filled or size == self.values.size:
                return chosen
        self.best_value = fsum(self.values[chosen])
        raise self._unproven()

    def _unproven(self):
        return ArithmeticError(
            f"the best packing of {self.values.size} goods of nearly equal density is known only "
            f"to lie between {float(self.best_value)!r} and {float(self.bound)!r}"
        )

    def _greedy(self):
        """Step 2: the break solution with the best single good added or exchanged."""
        first, values, weights = self.first, self.values, self.weights
        chosen = np.arange(values.size) < first
        room = self.room
        into = np.where(weights[first:] <= room, values[first:], 0.0)
        out = np.where(
            weights[:first] >= weights[first] - room, values[first] - values[:first], 0.0
        )
        gain_in = into.max()
        gain_out = out.max() if first else 0.0
        if gain_in >= gain_out and gain_in > 0:
            chosen[first + into.argmax()] = True
        elif gain_out > 0:
            chosen[[out.argmax(), first]] = False, True
        return chosen, self.break_value + max(gain_in, gain_out, 0.0)

    def _margin(self):
        return self.bound - self.best_value - self.rounding

    def _next(self, position, step):
        """Step 3: the next good from a position that is still worth changing."""
        margin = self._margin()
        while 0 <= position < self.values.size and self.cost[position] >= margin:
            position += step
        return position

    def _grow_list(self, longest):
        """Step 3: a better packing or None, and whether the list was carried to its end."""
        size, middle = self.values.size, self.density[self.first]
        changes, found = _Changes(), None
        right, left = self._next(self.first, 1), self._next(self.first - 1, -1)
        while changes.weight.size and (right < size or left >= 0):
            # The nearer in density goes first, so that the bounds below tighten evenly.
            taking = left < 0 or (
                right < size and middle - self.density[right] <= self.density[left] - middle
            )
            good = right if taking else left
            changes.offer(good, *self._change(good))
            last = int(np.searchsorted(changes.weight, self.room, side="right")) - 1
            if last >= 0:
                value = self.break_value + float(changes.value[last])
                if value > self.best_value + self.rounding:
                    self.best_value, found = value, changes.place(last)
            if taking:
                right += 1
            else:
                left -= 1
            right, left = self._next(right, 1), self._next(left, -1)
            refill = self.density[right] if right < size else 0.0
            relief = self.density[left] if left >= 0 else np.inf
            left_over = (self.room - changes.weight).astype(float)
            with np.errstate(invalid="ignore"):
                reach = changes.value + left_over * np.where(left_over >= 0, refill, relief)
            changes.keep(self.break_value + reach > self.best_value + self.rounding)
            if changes.weight.size > longest:
                return self._packing(changes, found), False
        return self._packing(changes, found), True

    def _change(self, good):
        sign = 1 if good >= self.first else -1
        return sign * self.weights[good], sign * self.values[good]

    def _packing(self, *halves):
        """Return the break solution with the changes made at one place of each list."""
        if halves[1] is None:
            return None
        chosen = np.arange(self.values.size) < self.first
        for changes, place in zip(halves[::2], halves[1::2], strict=True):
            goods = changes.goods(place)
            chosen[goods] = ~chosen[goods]
        return chosen

    def _meet_in_the_middle(self, longest):
        """Step 4: a better packing or None, and whether all goods worth changing took part."""
        distance = np.abs(np.arange(self.cost.size) - self.first)
        order = np.lexsort((distance, np.maximum(self.cost, self.rounding)))
        free = order[self.cost[order] < self._margin()]
        slope, margin = self.density[self.first], self._margin() + self.rounding
        halves, complete = [], True
        for half in (free[::2], free[1::2]):
            changes = _Changes()
            for good in half:
                if 2 * changes.weight.size > longest:
                    complete = False
                    break
                changes.offer(good, *self._change(good))
                changes.keep(slope * changes.weight - changes.value <= margin)
            halves.append(changes)
        one, two = halves
        partner = np.searchsorted(one.weight, self.room - two.weight, side="right") - 1
        fits = np.flatnonzero(partner >= 0)
        pair = two.value[fits] + one.value[partner[fits]]
        # No change in either half fits, so there is a pair.
        top = int(pair.argmax())
        if self.break_value + pair[top] <= self.best_value:
            return None, complete
        self.best_value = self.break_value + float(pair[top])
        place = int(fits[top])
        return self._packing(one, one.place(int(partner[place])), two, two.place(place)), complete


def _heaviest(weights, most, least):
    """
    Step 5: the goods whose weights add up to the most that does not exceed `most`.

    None if the lists grow too long. A packing of at least `least` must exist.
    """
    if weights.size <= 1:
        return weights <= most
    halves = weights[: weights.size // 2], weights[weights.size // 2 :]
    lists = [
        _reachable(half, most, least - int(other.sum())) for half, other in (halves, halves[::-1])
    ]
    if any(sums is None for sums in lists):
        return None
    one, two = lists
    best, pair = -1, (0, 0)
    for start in range(0, two.size, _CHUNK):
        some = two[start : start + _CHUNK]
        partner = one[np.searchsorted(one, most - some, side="right") - 1]
        total = np.where(some + partner <= most, some + partner, -1)
        top = int(total.argmax())
        if total[top] > best:
            best, pair = int(total[top]), (int(partner[top]), int(some[top]))
    return np.concatenate(
        [_heaviest(half, total, total) for half, total in zip(halves, pair, strict=True)]
    )


def _reachable(weights, most, least):
    """Step 5: the weights from least to most of all packings in order, or None if too many."""
    sums, rest = np.zeros(1, dtype=np.int64), int(weights.sum())
    for weight in weights:
        rest -= int(weight)
        # Two lists in order, which a stable sort merges. Twins make the same sums many times.
        sums = np.sort(np.concatenate((sums, sums + weight)), kind="stable")
        sums = sums[(sums <= most) & (sums + rest >= least) & (np.diff(sums, prepend=-1) > 0)]
        if sums.size > _LONGEST_SUMS:
            return None
    return sums


class _Changes:
    """
    A list of changes to a packing, none beaten by another in both weight and value.

    Sorted by weight, and so by value. How each came about is kept as a trail of steps.
    """

    def __init__(self):
        self.weight = np.zeros(1, dtype=np.int64)
        self.value = np.zeros(1)
        self.trail = []

    def offer(self, good, weight, value):
        """Let every change go with and without one more good."""
        length = self.weight.size
        weights = np.concatenate((self.weight, self.weight + weight))
        values = np.concatenate((self.value, self.value + value))
        order = np.argsort(weights, kind="stable")
        values = values[order]
        unbeaten = np.empty(order.size, dtype=bool)
        unbeaten[0] = True
        unbeaten[1:] = values[1:] > np.maximum.accumulate(values)[:-1]
        order, values = order[unbeaten], values[unbeaten]
        # Of equal weights only the best is unbeaten, and it came last.
        last = np.diff(weights[order], append=np.iinfo(np.int64).max) > 0
        order, values = order[last], values[last]
        self.weight, self.value = weights[order], values
        self.trail.append((good, order, length))

    def keep(self, chosen):
        good, order, length = self.trail[-1]
        self.weight, self.value = self.weight[chosen], self.value[chosen]
        self.trail[-1] = (good, order[chosen], length)

    def place(self, index):
        """Return where one of the changes stands, for good: before the list is cut further."""
        origin = self.trail[-1][1][index] if self.trail else 0
        return len(self.trail) - 1, int(origin)

    def goods(self, place):
        """Return the goods that a change at a place touches."""
        step, origin = place
        result = []
        while step >= 0:
            good, _, length = self.trail[step]
            if origin >= length:
                result.append(good)
                origin -= length
            step -= 1
            if step >= 0:
                origin = int(self.trail[step][1][origin])
        return np.array(result, dtype=int)
