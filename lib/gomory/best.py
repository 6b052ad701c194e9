"""
The specialised equilibrium that is best for a country: Gomory (1994), Section 3.

Branch and bound (Land and Doig [1]_) over intervals of s = ln(Z_1 / Z_2), with Lagrangian bounds
(Fisher [2]_) and lists of assignments that meet in the middle (Horowitz and Sahni [3]_):

1. Equilibria found by rounding the continuous solution and by integers give a value to beat.
2. Each interval of s gets a bound, a sum over goods, which no equilibrium in it exceeds. The
   multiplier of (3.4b) comes from the continuous knapsack in its middle, or from those at both its
   ends, whichever bounds better.
3. Intervals that cannot beat the value are dropped.
4. In the others all equilibria within reach of the bound are listed. A good that is assigned
   against its sign costs a known amount; the sets of such goods in one half of all goods are
   paired with those in the other half so that income comes to lie in the interval. Of goods that
   are alike in demand and production only the number counts. If a list grows too long the interval
   is halved, and goes back to step 2.

References
----------
.. [1] Land, A. H. and Doig, A. G. (1960). An automatic method of solving discrete programming
   problems. Econometrica 28, 497-520.
.. [2] Fisher, M. L. (1981). The Lagrangian relaxation method for solving integer programming
   problems. Management Science 27, 1-18.
.. [3] Horowitz, E. and Sahni, S. (1974). Computing partitions with applications to the knapsack
   problem. Journal of the ACM 21, 277-292.
"""

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from lib import domain
from lib.gomory.boundaries import (
    _distinct_equilibria,
    _log_consumption_share,
    _logistic,
    _sizes,
    _terms,
    boundary,
)
from lib.gomory.economy import (
    Economy,
    PowerProduction,
    ThresholdProduction,
    _odds_in_doubles,
    log_utility,
)
from lib.gomory.economy import income as balanced_income

_EPSILON = np.finfo(float).eps
_TOLERANCE = 1e-12
_SHORTEST_LIST, _LONGEST_LIST = 2**8, 2**21
_MOST_PAIRS, _MOST_TRIED = 2**16, 2**12
_MOST_INTERVALS = 20_000


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

    def __post_init__(self):
        domain.freeze(self)


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

    The head of `lib.gomory.best` tells the search step by step.

    Where elasticity varies with labour within bounds that the production functions state, each
    term exceeds its chord by at most a quarter of the width times the range of its slope, and the
    bound contains that; where they state none, by no more than it rises over the interval.

    References
    ----------
    Gomory (1994), Section 3, for the boundary; the search is ours.

    Examples
    --------
    >>> from lib.gomory import random_economy
    >>> economy = random_economy(5, seed=1)
    >>> best = best_equilibrium(economy, country=1)
    >>> round(best.income, 4), best.made_in_1.tolist()
    (0.7251, [True, True, True, False, True])
    """
    domain.instance("economy", economy, Economy)
    country = domain.choice("country", country, (1, 2))
    return _Search(economy, country).run()


class _Bounds(NamedTuple):
    """Bounds of m intervals, at both ends of each."""

    height: np.ndarray
    """Log utility that no equilibrium in the interval exceeds, of shape (m, 2)."""
    against: np.ndarray
    """What a good costs that is assigned against its sign, of shape (m, 2, n)."""
    in_1: np.ndarray
    """Whether the sign says Country 1, of shape (m, 2, n)."""


class _Search:
    """Steps 1 to 4 for one country."""

    def __init__(self, economy, country):
        self.economy, self.country = economy, country
        low, high = _odds_in_doubles(economy)
        self.low, self.high = low - 1e-9, high + 1e-9
        self.best, self.best_value = None, -np.inf
        self.kinds = _kinds(economy)

    def run(self):
        """Drop, list or halve intervals until none is left (steps 3 and 4)."""
        self._first_equilibria()
        edges = np.linspace(self.low, self.high, 65)
        low, high = edges[:-1], edges[1:]
        upper_bound, seen = self.best_value, 0
        while low.size:
            seen += low.size
            bounds = self._bound(low, high)
            bound = bounds.height.max(axis=1)
            order = np.argsort(-bound, kind="stable")
            split = []
            for cell in order:
                if bound[cell] > self.best_value + _TOLERANCE:
                    complete = [
                        self._list_equilibria(
                            low[cell],
                            high[cell],
                            _Bounds(*(part[cell, end] for part in bounds)),
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
        """Step 1."""
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
        """Step 2."""
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
            results.append(_Bounds(height + slack[:, None], np.abs(gain), gain <= 0))
        lower = results[0].height.max(axis=1) <= results[1].height.max(axis=1)
        return _Bounds(
            *(
                np.where(lower.reshape((-1,) + (1,) * (one.ndim - 1)), one, two)
                for one, two in zip(*results, strict=True)
            )
        )

    def _problem(self, z):
        """Step 2: the continuous knapsack (3.9a)."""
        terms = _terms(self.economy, z, self.country)
        return terms[..., 1] - terms[..., 0], _sizes(self.economy, z), 1 - z

    def _slack(self, low, high, z):
        """Step 2: by how much the terms of (3.L) can exceed their chords between the ends."""
        production = self.economy.production
        labor = self._sole_labor(z)
        terms = _terms(self.economy, z, self.country)
        rise = np.abs(terms[:, 1] - terms[:, 0])
        if not hasattr(production, "elasticity_bounds"):
            return rise
        low_labor, high_labor = labor.min(axis=1), labor.max(axis=1)
        least, most = (bound - 1 for bound in production.elasticity_bounds(low_labor, high_labor))
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

    def _list_equilibria(self, low, high, bounds, cut):
        """
        Step 4: try all equilibria of an interval within reach of the bound at one end.

        Returns whether these were all. With `cut` a list that grows too long is cut, not given up.
        """
        longest = _SHORTEST_LIST * np.sqrt((self.high - self.low) / (high - low))
        longest = int(min(longest, _LONGEST_LIST))
        left, right = _logistic(low), _logistic(high)
        one_each = np.array([members[0] for members in self.kinds])
        in_1 = np.empty(self.economy.goods, bool)
        for members in self.kinds:
            in_1[members] = bounds.in_1[members[0]]
        all_sizes = _sizes(self.economy, left)
        # Moving a good against its sign moves it to Country 2 or back.
        sizes = np.where(in_1, 1.0, -1.0)[one_each] * all_sizes[one_each]
        against = bounds.against[one_each]
        most = 1 - left - all_sizes[~in_1].sum()
        least = 1 - right - all_sizes[~in_1].sum()
        least -= (right - left) * np.abs(np.diff(self.economy.demand)).sum() / 2
        rounding = (in_1.size + 4) * _EPSILON
        margin = bounds.height - self.best_value
        free = np.flatnonzero(against <= margin)
        free = free[np.argsort(against[free], kind="stable")]
        halves, lists, complete = [], [], True
        for half in (free[::2], free[1::2]):
            count = np.array([len(self.kinds[kind]) for kind in half], int)
            # A set of changes is coded in one integer: a digit for each kind of goods.
            fits = int(np.searchsorted(np.cumsum(np.log2(count + 1.0)), 62))
            complete &= fits == half.size
            half, count = half[:fits], count[:fits]
            place = np.cumprod(np.append(1, count + 1), dtype=np.int64)[:-1]
            halves.append((half, count, place))
            lists.append(_changes(against[half], sizes[half], count, place, margin, longest, cut))
        one, two = lists
        if not cut and not (one.complete and two.complete):
            return False
        one = one.by_size()
        first = np.searchsorted(one.size, least - two.size - rounding, side="left")
        last = np.searchsorted(one.size, most - two.size + rounding, side="right")
        count = np.cumsum(last - first)
        complete = complete and one.complete and two.complete and count[-1] <= _MOST_PAIRS
        use = int(np.searchsorted(count, _MOST_PAIRS, side="right"))
        repeats = (last - first)[:use]
        partner = np.repeat(np.arange(use), repeats)
        start = np.repeat(first[:use] - np.append(0, count[: max(use - 1, 0)])[:use], repeats)
        pair = start + np.arange(partner.size)
        total = one.cost[pair] + two.cost[partner]
        near = np.flatnonzero(total <= margin)
        if near.size > _MOST_TRIED:
            near = near[np.argsort(total[near], kind="stable")[:_MOST_TRIED]]
            complete = False
        if near.size:
            made_in_1 = np.repeat(in_1[None], near.size, axis=0)
            codes = one.code[pair[near]], two.code[partner[near]]
            for code, (half, counts, places) in zip(codes, halves, strict=True):
                for kind, most_of_it, place in zip(half, counts, places, strict=True):
                    moved = code // place % (most_of_it + 1)
                    # Of twins it does not matter which move.
                    made_in_1[:, self.kinds[kind]] ^= np.arange(most_of_it) < moved[:, None]
            self._try(made_in_1)
        return complete


class _Changes(NamedTuple):
    """Sets of goods that are assigned against their signs."""

    cost: np.ndarray
    size: np.ndarray
    """By how much they add to the space that Country 2's goods take."""
    code: np.ndarray
    """How many goods of each kind, as the digits of one integer."""
    complete: bool
    """Whether these are all sets within the cost that was allowed."""

    def by_size(self):
        """Order the sets by size."""
        order = np.argsort(self.size, kind="stable")
        return _Changes(self.cost[order], self.size[order], self.code[order], self.complete)


def _kinds(economy):
    """Step 4: goods that are alike in demand and production, as a list of lists of their places."""
    production = economy.production
    if not isinstance(production, PowerProduction | ThresholdProduction):
        return [np.array([good]) for good in range(economy.goods)]
    parameters = (getattr(production, field.name) for field in fields(production))
    table = [economy.demand, *(np.broadcast_to(one, economy.demand.shape) for one in parameters)]
    _, first, kind = np.unique(
        np.concatenate(table, axis=1), axis=0, return_index=True, return_inverse=True
    )
    kind = kind.reshape(-1)
    return [np.flatnonzero(kind == kind[good]) for good in np.sort(first)]


def _changes(cost, size, count, place, margin, longest, cut):
    """
    Step 4: all sets of changes within a cost, up to some number of goods of each kind.

    A list that grows too long is cut to its cheapest sets, or given up.
    """
    total, weight, code = np.zeros(1), np.zeros(1), np.zeros(1, dtype=np.int64)
    complete = True
    for kind in np.argsort(-cost, kind="stable"):
        moved = np.arange(count[kind] + 1)[:, None]
        more = total + moved * cost[kind]
        possible = more <= margin
        weight = (weight + moved * size[kind])[possible]
        code = (code + moved * place[kind])[possible]
        total = more[possible]
        if total.size > longest:
            if not cut:
                return _Changes(total, weight, code, False)
            cheapest = np.argsort(total, kind="stable")[: longest // 2]
            total, weight, code = total[cheapest], weight[cheapest], code[cheapest]
            complete = False
    return _Changes(total, weight, code, complete)


def _multiplier(gains, sizes, space):
    """Step 2: value density of the good that fills the space, in many problems at once."""
    density = gains / sizes
    order = np.argsort(-density, axis=-1, kind="stable")
    filled = np.cumsum(np.take_along_axis(sizes, order, axis=-1), axis=-1)
    last = np.minimum((filled < space[..., None]).sum(axis=-1), gains.shape[-1] - 1)
    good = np.take_along_axis(order, last[..., None], axis=-1)
    return np.take_along_axis(density, good, axis=-1)[..., 0]
