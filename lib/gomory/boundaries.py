"""
The boundaries of the region of equilibria: Gomory (1994), Section 3.

For a given income Z_1, the linearised utility (3.L) of a country is linear in the assignment. Its
largest and smallest values over assignments that use the labour of both countries, (3.4b), are the
boundaries B and BL, when goods may be divided, and B_I and BL_I, when they may not and (3.4b) is
relaxed to an inequality. In the paper's terms a good made in Country 2 instead of 1 takes the space
a_i = d_i1 Z_1 + d_i2 Z_2 of the space Z_2, and is worth c_i2 = d_ij ln(q_i2 / q_i1) to Country j.
"""

from dataclasses import dataclass

import numpy as np

from lib import domain
from lib.gomory.economy import (
    Economy,
    PowerProduction,
    ThresholdProduction,
    log_utility,
    sole_producer_log_output,
)
from lib.gomory.economy import income as balanced_income
from lib.gomory.knapsack import continuous_knapsack, knapsack

_EPSILON = np.finfo(float).eps
_WIDEST = 36.0
_SLACK = 1e-13
_TOLERANCE = 1e-12
_SHORTEST_LIST, _LONGEST_LIST = 2**8, 2**21
_MOST_PAIRS, _MOST_TRIED = 2**16, 2**12
_MOST_INTERVALS = 20_000


@dataclass(frozen=True, eq=False)
class Boundary:
    """
    Points of a boundary curve.

    Attributes
    ----------
    income : float or ndarray of shape (...)
        Country 1's share of world income, Z_1.
    log_utility : float or ndarray of shape (...)
        The boundary's height there: log utility of the country.
    x : ndarray of shape (..., n)
        The assignment that attains it: share of each good made in Country 1, boolean for B_I and
        BL_I.
    """

    income: float | np.ndarray
    log_utility: float | np.ndarray
    x: np.ndarray


@dataclass(frozen=True, eq=False)
class NearBoundary:
    """
    Specialised equilibria near a boundary, in the order of income.

    Attributes
    ----------
    made_in_1 : ndarray of bool, shape (m, n)
        Which goods are made in Country 1.
    income : ndarray of shape (m,)
        Country 1's share of world income at each equilibrium.
    log_utility : ndarray of shape (m, 2)
        Log utility of both countries.
    """

    made_in_1: np.ndarray
    income: np.ndarray
    log_utility: np.ndarray


@dataclass(frozen=True, eq=False)
class BestEquilibrium:
    """
    The specialised equilibrium that is best for one country.

    Attributes
    ----------
    made_in_1 : ndarray of bool, shape (n,)
        Which goods are made in Country 1.
    income : float
        Country 1's share of world income.
    log_utility : float
        Log utility of the country whose best it is.
    upper_bound : float
        What the log utility of no specialised equilibrium exceeds: at most 1e-12 above.
    """

    made_in_1: np.ndarray
    income: float
    log_utility: float
    upper_bound: float


def classical_level(economy):
    """
    Find the classical level Z_C.

    Under the classical assignment each good is made where it is cheaper at the given wages: in
    Country 1 if q_i1(1, Z) > q_i2(1, Z), else in Country 2. Z_C is the supremum of the Z_1 at
    which that asks for more labour in Country 1 than there is.

    Parameters
    ----------
    economy : Economy
        The economy.

    Returns
    -------
    float
        The income Z_C of Country 1.

    Raises
    ------
    ValueError
        If `economy` is not an Economy.
    ArithmeticError
        If Z_C is not between 2e-16 and 1 - 2e-16.

    Notes
    -----
    As Z_1 rises q_i1 falls and q_i2 rises, so goods leave Country 1 one by one, and each that stays
    needs less labour there: excess demand changes sign once, by a jump if a good leaves then.
    Bisection on ln(Z_1 / Z_2) finds that place to rounding.

    References
    ----------
    Gomory (1994), Section 3, "The Classical Level".
    """
    domain.instance("economy", economy, Economy)

    low, high = -_WIDEST, _WIDEST
    if not _short_of_labor(economy, low) or _short_of_labor(economy, high):
        raise ArithmeticError("the classical level is closer to 0 or 1 than doubles can tell")
    while True:
        middle = (low + high) / 2
        if not low < middle < high:
            return float(_logistic(high))
        low, high = (middle, high) if _short_of_labor(economy, middle) else (low, middle)


def boundary(economy, income, country=1, side="upper", integer=False):
    """
    Compute the boundary of the region of equilibria over given incomes.

    Parameters
    ----------
    economy : Economy
        The economy.
    income : array_like of shape (...)
        Country 1's share of world income Z_1, in (0, 1).
    country : {1, 2}
        The country whose utility is bounded.
    side : {"upper", "lower"}
        The largest utility (B, B_I) or the smallest (BL, BL_I).
    integer : bool
        With False goods may be divided and (3.4b) holds as an equation: B or BL. With True each
        good is made in one country and (3.4b) is an inequality: B_I or BL_I.

    Returns
    -------
    Boundary
        The incomes, log utility there, and the assignments that attain it.

    Raises
    ------
    ValueError
        If a parameter is outside its domain.
    ArithmeticError
        If a 0-1 problem cannot be solved exactly; see `lib.gomory.knapsack.knapsack`.

    Notes
    -----
    Let F be the goods whose move to Country 2 takes the objective the right way: c_i2 > 0 for
    the upper boundary, c_i2 < 0 for the lower. With sum_i a_i x_i2 <= Z_2 the problem is tight if
    F needs more than Z_2: then the continuous optimum fills the space, and relaxing the equation
    costs nothing. With >= it is tight if F needs less. (The other direction in either case
    lets F itself in, and bounds nothing that the equation would not bound better.) For the upper
    boundary F is what the classical assignment makes in Country 2, so that <= belongs above Z_C
    and >= below, as in (3.7). For the lower boundary F is the reverse, and how much it needs has
    nothing to do with Z_C. Either way BL <= BL_I <= u <= B_I <= B for every specialised
    equilibrium: it obeys the inequality in both directions.

    An assignment counts as feasible for B_I and BL_I if it misses the space by 1e-13 of world
    income or less, so that an equilibrium is feasible at its own income, whose rounding error may
    reach some 1e-14.

    References
    ----------
    Gomory (1994), Section 3, equations (3.7) to (3.9a), and "Lower Boundaries".
    """
    domain.instance("economy", economy, Economy)
    z = domain.numbers("income", income, 0, 1)
    domain.choice("country", country, (1, 2))
    domain.choice("side", side, ("upper", "lower"))
    if not isinstance(integer, bool | np.bool_):
        raise ValueError(f"integer must be True or False, got {integer!r}")
    terms, sizes, space = _terms(economy, z, country), _sizes(economy, z), 1 - z
    gains = (1 if side == "upper" else -1) * (terms[..., 1] - terms[..., 0])
    if integer:
        made_in_1 = ~_most_valuable(gains, sizes, space)
        height = np.where(made_in_1, terms[..., 0], terms[..., 1]).sum(axis=-1)
    else:
        made_in_1 = 1 - continuous_knapsack(gains, sizes, space)
        height = (made_in_1 * terms[..., 0] + (1 - made_in_1) * terms[..., 1]).sum(axis=-1)
    if z.ndim == 0:
        return Boundary(float(z), float(height), made_in_1)
    return Boundary(z, height, made_in_1)


def near_boundary_equilibria(economy, income, country=1, method="integer", side="upper"):
    """
    Find specialised equilibria near a boundary.

    Parameters
    ----------
    economy : Economy
        The economy.
    income : array_like of shape (...)
        Country 1's share of world income Z_1, in (0, 1): where to look.
    country : {1, 2}
        The country whose boundary it is.
    method : {"integer", "rounding"}
        With "integer" the assignments that attain B_I; with "rounding" those that attain B, their
        one divided good given to either country.
    side : {"upper", "lower"}
        The upper or the lower boundary.

    Returns
    -------
    NearBoundary
        The distinct equilibria with their own incomes and utilities. An assignment that leaves a
        country without any good is no equilibrium and is left out.

    Raises
    ------
    ValueError
        If a parameter is outside its domain.
    ArithmeticError
        If a 0-1 problem cannot be solved exactly; see `lib.gomory.knapsack.knapsack`.

    References
    ----------
    Gomory (1994), Section 3, "The Two Methods".
    """
    domain.choice("method", method, ("integer", "rounding"))
    x = boundary(economy, income, country, side, integer=method == "integer").x
    x = x.reshape(-1, economy.goods)
    made_in_1 = _distinct_equilibria(np.concatenate((np.floor(x), np.ceil(x))) > 0)
    z = np.atleast_1d(balanced_income(economy, made_in_1))
    order = np.argsort(z, kind="stable")
    made_in_1, z = made_in_1[order], z[order]
    utility = [log_utility(economy, made_in_1, j) for j in (1, 2)]
    return NearBoundary(made_in_1, z, np.stack(utility, axis=-1))


def best_equilibrium(economy, country):
    """
    Find the specialised equilibrium that is best for one country, among all 2^n - 2.

    Parameters
    ----------
    economy : Economy
        The economy.
    country : {1, 2}
        The country.

    Returns
    -------
    BestEquilibrium
        The assignment, its income, the country's log utility and a proven upper bound.

    Raises
    ------
    ValueError
        If a parameter is outside its domain.
    ArithmeticError
        If the bound cannot be brought down to the best equilibrium found.

    Notes
    -----
    Let s = ln(Z_1 / Z_2), and D_j(x) what Country j spends on Country 2's goods, as a share of its
    income. (3.4b) reads r(x, s) = D_1 - e^-s (1 - D_2) = 0. For every multiplier m(s) an
    equilibrium x therefore has u(x) = L(x, s) at its own s, where L(x, s) = Lu(x, s) - m r(x, s).
    With a constant m >= 0 the last term is convex in s; for m < 0 it is with e^s r in the place
    of r. So are the terms of Lu if elasticities are constant. In the log of the country's own
    relative income a good that it makes itself has the slope -d_i (alpha_i - 1)(1 - F_i), one that
    it imports d_i (1 + (alpha_i - 1) F_i), with F_i its share in the consumption of the good, and
    F_i rises. So on an interval [p, q] of s

        u(x) <= max(L(x, p), L(x, q)),

    and both are sums over goods, to be maximised good by good. With an m that changes linearly
    from p to q the second derivative of -m r is e^-s (1 - D_2)(m - 2 m'), where
    e^-s (1 - D_2) <= e^(q-p) D_1 <= e^(q-p); where it is negative, (q-p)^2 / 8 times its size is
    added (for m < 0, in the same way, -e^s D_1 (m + 2 m')).

    1. Equilibria found by rounding the continuous solution and by integers give a value to beat.
    2. In each interval m comes from the continuous knapsack in its middle, or from those at both
       its ends, whichever bounds better. Intervals that cannot beat the value are dropped.
    3. In the others all equilibria of the interval with L(x, p) or L(x, q) above the value are
       listed. A good that is assigned against its sign costs a known amount; the sets of such goods
       in one half of all goods are paired with those in the other half so that income comes to lie
       in the interval. If the list grows too long, the interval is halved.

    Where elasticity varies with labour but monotonically (`ThresholdProduction`), each term
    exceeds its chord by at most a quarter of the width times the range of its slope, and the bound
    contains that; where nothing is known of it, by no more than it rises over the interval.

    References
    ----------
    Gomory (1994), Section 3, for the boundary; the search is ours.
    """
    domain.instance("economy", economy, Economy)
    domain.choice("country", country, (1, 2))
    return _Search(economy, country).run()


def _short_of_labor(economy, odds):
    """Say whether the classical assignment needs more labour than Country 1 has."""
    z = _logistic(odds)
    output = sole_producer_log_output(economy, z)
    return _sizes(economy, z)[output[:, 0] > output[:, 1]].sum() > z


def _logistic(odds):
    return 1 / (1 + np.exp(-odds))


def _sizes(economy, z):
    """Return a_i, world expenditure on each good, in units of world income."""
    z = np.asarray(z)[..., None]
    return economy.demand[:, 0] * z + economy.demand[:, 1] * (1 - z)


def _log_consumption_share(economy, z, country):
    own = z if country == 1 else 1 - z
    return np.log(economy.demand[:, country - 1] * own[..., None] / _sizes(economy, z))


def _terms(economy, z, country):
    """Return the terms d_ij ln(F_ij q_ik) of (3.L), last axis the producer k."""
    share = _log_consumption_share(economy, z, country)[..., None]
    weight = economy.demand[:, country - 1, None]
    return weight * (share + sole_producer_log_output(economy, z))


def _most_valuable(gains, sizes, space):
    """Solve (3.9) at each income, with the inequality in its tight direction."""
    chosen = np.empty(gains.shape, dtype=bool)
    for place in np.ndindex(space.shape):
        needed = sizes[place][gains[place] > 0].sum()
        if needed > space[place]:
            packing = knapsack(gains[place], sizes[place], space[place] + _SLACK)
        else:
            least = max(space[place] - _SLACK, 0.0)
            packing = knapsack(gains[place], sizes[place], least, ">=")
        chosen[place] = packing.chosen
    return chosen


def _distinct_equilibria(made_in_1):
    made_in_1 = np.unique(made_in_1, axis=0)
    count = made_in_1.sum(axis=1)
    return made_in_1[(count > 0) & (count < made_in_1.shape[1])]


class _Search:
    """Branch and bound over intervals of s = ln(Z_1 / Z_2)."""

    def __init__(self, economy, country):
        self.economy, self.country = economy, country
        one, two = economy.demand.T
        # The least and the greatest income of a specialised equilibrium.
        self.low = np.log(two / (1 - one)).min() - 1e-9
        self.high = np.log((1 - two) / one).max() + 1e-9
        self.best, self.best_value = None, -np.inf

    def run(self):
        self._first_equilibria()
        edges = np.linspace(self.low, self.high, 65)
        low, high = edges[:-1], edges[1:]
        upper_bound, seen = self.best_value, 0
        while low.size:
            seen += low.size
            height, against, usual = self._bound(low, high)
            bound = height.max(axis=1)
            order = np.argsort(-bound, kind="stable")
            split = []
            for cell in order:
                if bound[cell] > self.best_value + _TOLERANCE:
                    complete = [
                        self._list_equilibria(
                            low[cell],
                            high[cell],
                            height[cell, end],
                            against[cell, end],
                            usual[cell, end],
                            cut=cell == order[0],
                        )
                        for end in (0, 1)
                    ]
                    if not all(complete):
                        split.append(cell)
                else:
                    upper_bound = max(upper_bound, bound[cell])
            low, high = low[split], high[split]
            middle = (low + high) / 2
            if seen > _MOST_INTERVALS or not ((low < middle) & (middle < high)).all():
                raise ArithmeticError(
                    "the best equilibrium found has log utility "
                    f"{float(self.best_value)!r}, but the bound is {float(bound.max())!r}"
                )
            low, high = np.concatenate((low, middle)), np.concatenate((middle, high))
        value = float(self.best_value)
        return BestEquilibrium(
            self.best,
            float(balanced_income(self.economy, self.best)),
            value,
            max(value, float(upper_bound)),
        )

    def _try(self, made_in_1):
        made_in_1 = _distinct_equilibria(made_in_1)
        if len(made_in_1):
            value = log_utility(self.economy, made_in_1, self.country)
            top = int(np.argmax(value))
            if value[top] > self.best_value:
                self.best, self.best_value = made_in_1[top], float(value[top])

    def _first_equilibria(self):
        low, high = self.low, self.high
        for _ in range(4):
            odds = np.linspace(low, high, 65)
            curve = boundary(self.economy, _logistic(odds), self.country)
            self._try(np.concatenate((np.floor(curve.x), np.ceil(curve.x))) > 0)
            top = odds[int(np.argmax(curve.log_utility))]
            low, high = max(low, top - (high - low) / 32), min(high, top + (high - low) / 32)
        try:
            peak = boundary(self.economy, [_logistic(top)], self.country, integer=True)
            self._try(peak.x)
        except ArithmeticError:
            # The search needs no equilibrium found by integers, it is only shorter with one.
            pass

    def _bound(self, low, high):
        """Return at both ends the bound, the cost of the other assignment, and the usual one."""
        z = _logistic(np.stack((low, high), axis=1))
        middle = _logistic((low + high) / 2)
        terms = _terms(self.economy, z, self.country) + self._slack(low, high, z)[:, None]
        sizes = _sizes(self.economy, z)
        central = _multiplier(*self._problem(middle))
        above = (central >= 0)[:, None]
        constant = np.where(above[:, 0], central * middle, central * (1 - middle))[:, None]
        varying = _multiplier(*self._problem(z)) * np.where(above, z, 1 - z)
        results = []
        for m in (np.broadcast_to(constant, z.shape), varying):
            price = np.where(above, m / z, m / (1 - z))
            gain = terms[..., 1] - terms[..., 0] - price[..., None] * sizes
            height = terms[..., 0].sum(axis=-1) + price * (1 - z) + np.maximum(gain, 0).sum(-1)
            step = 2 * (m[:, 1] - m[:, 0]) / (high - low)
            bend = np.where(above[:, 0], step - m.min(axis=1), step + m.max(axis=1))
            width = high - low
            slack = np.maximum(bend, 0) * np.exp(width) * width**2 / 8
            results.append((height + slack[:, None], np.abs(gain), gain <= 0))
        first_is_lower = results[0][0].max(axis=1) <= results[1][0].max(axis=1)
        return tuple(
            np.where(first_is_lower.reshape((-1,) + (1,) * (one.ndim - 1)), one, two)
            for one, two in zip(*results, strict=True)
        )

    def _problem(self, z):
        """Return the continuous knapsack (3.9a)."""
        terms = _terms(self.economy, z, self.country)
        return terms[..., 1] - terms[..., 0], _sizes(self.economy, z), 1 - z

    def _slack(self, low, high, z):
        """Return by how much the terms of (3.L) can exceed their chords between the ends."""
        production = self.economy.production
        labor = self._sole_labor(z)
        terms = _terms(self.economy, z, self.country)
        rise = np.abs(terms[:, 1] - terms[:, 0])
        if not isinstance(production, PowerProduction | ThresholdProduction):
            return rise
        elasticity = production.elasticity(labor)
        least, most = elasticity.min(axis=1) - 1, elasticity.max(axis=1) - 1
        share = np.exp(_log_consumption_share(self.economy, z, self.country))
        small, large = share.min(axis=1), share.max(axis=1)
        own, other = self.country - 1, 2 - self.country
        spread = np.empty_like(rise)
        spread[..., own] = most[..., own] * (1 - small) - least[..., own] * (1 - large)
        spread[..., other] = most[..., other] * large - least[..., other] * small
        width = (high - low)[:, None, None]
        weight = self.economy.demand[:, self.country - 1, None]
        return np.where(least == most, 0.0, np.minimum(rise, weight * spread * width / 4))

    def _sole_labor(self, z):
        per_income = self.economy.labor / np.stack((z, 1 - z), axis=-1)
        return _sizes(self.economy, z)[..., None] * per_income[..., None, :]

    def _list_equilibria(self, low, high, height, against, usual, cut):
        """Try all equilibria of an interval within reach of the bound; say if these were all."""
        longest = _SHORTEST_LIST * np.sqrt((self.high - self.low) / (high - low))
        longest = int(min(longest, _LONGEST_LIST))
        left, right = _logistic(low), _logistic(high)
        # Moving a good against its sign moves it to Country 2 or back.
        direction = np.where(usual, 1.0, -1.0)
        sizes = direction * _sizes(self.economy, left)
        most = 1 - left - _sizes(self.economy, left)[~usual].sum()
        least = 1 - right - _sizes(self.economy, left)[~usual].sum()
        least -= (right - left) * np.abs(np.diff(self.economy.demand)).sum() / 2
        rounding = (usual.size + 4) * _EPSILON
        margin = height - self.best_value
        free = np.flatnonzero(against <= margin)
        free = free[np.argsort(against[free], kind="stable")]
        # Each half's list is coded in the bits of one integer.
        complete = free.size <= 120
        one, two = free[:120:2], free[1:120:2]
        cost, size, code, whole = _changes(against[one], sizes[one], margin, longest, cut)
        order = np.argsort(size, kind="stable")
        cost, size, code = cost[order], size[order], code[order]
        other_cost, other_size, other_code, other_whole = _changes(
            against[two], sizes[two], margin, longest, cut
        )
        if not cut and not (whole and other_whole):
            return False
        first = np.searchsorted(size, least - other_size - rounding, side="left")
        last = np.searchsorted(size, most - other_size + rounding, side="right")
        count = np.cumsum(last - first)
        complete = complete and whole and other_whole and count[-1] <= _MOST_PAIRS
        use = int(np.searchsorted(count, _MOST_PAIRS, side="right"))
        repeats = (last - first)[:use]
        partner = np.repeat(np.arange(use), repeats)
        start = np.repeat(first[:use] - np.append(0, count[: max(use - 1, 0)])[:use], repeats)
        pair = start + np.arange(partner.size)
        total = cost[pair] + other_cost[partner]
        near = np.flatnonzero(total <= margin)
        if near.size > _MOST_TRIED:
            near = near[np.argsort(total[near], kind="stable")[:_MOST_TRIED]]
            complete = False
        if near.size:
            made_in_1 = np.repeat(usual[None], near.size, axis=0)
            bits = code[pair[near], None] >> np.arange(one.size)
            made_in_1[:, one] ^= (bits & 1).astype(bool)
            bits = other_code[partner[near], None] >> np.arange(two.size)
            made_in_1[:, two] ^= (bits & 1).astype(bool)
            self._try(made_in_1)
        return complete


def _changes(cost, size, margin, longest, cut):
    """
    Return cost, size and members of all sets of goods within a cost, and whether these are all.

    A list that grows too long is cut to its cheapest sets, or given up.
    """
    total, weight, code = np.zeros(1), np.zeros(1), np.zeros(1, dtype=np.int64)
    complete = True
    for good in np.argsort(-cost, kind="stable"):
        more = total + cost[good]
        possible = more <= margin
        total = np.concatenate((total, more[possible]))
        weight = np.concatenate((weight, weight[possible] + size[good]))
        code = np.concatenate((code, code[possible] | (1 << int(good))))
        if total.size > longest:
            if not cut:
                return total, weight, code, False
            cheapest = np.argsort(total, kind="stable")[: longest // 2]
            total, weight, code = total[cheapest], weight[cheapest], code[cheapest]
            complete = False
    return total, weight, code, complete


def _multiplier(gains, sizes, space):
    """Return the value density of the good that fills the space, in many problems at once."""
    density = gains / sizes
    order = np.argsort(-density, axis=-1, kind="stable")
    filled = np.cumsum(np.take_along_axis(sizes, order, axis=-1), axis=-1)
    last = np.minimum((filled < space[..., None]).sum(axis=-1), gains.shape[-1] - 1)
    good = np.take_along_axis(order, last[..., None], axis=-1)
    return np.take_along_axis(density, good, axis=-1)[..., 0]
