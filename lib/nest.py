"""
The model that holds Krugman (1980) and Gomory (1994), and every equilibrium of it.

n goods, two countries. People spend fixed shares of their incomes on the goods, and within a good
they choose between the two origins with a constant elasticity. An industry's output is e l^a, its
price covers average cost (economies of scale are external to the firm), and of what is shipped
abroad the share g arrives. Kucheryavyy, Lyn and Rodriguez-Clare [1]_ study this model: the product
(scale - 1) (elasticity - 1) of scale elasticity and trade elasticity decides whether an industry
may settle in one way only. Krugman's model sits where the product is 1, Gomory's where the
elasticity is infinite, Armington's at scale 1.

All equilibria are found with one unknown, s = ln(Z_1 / Z_2), as in `lib.gomory.equilibria`:

1. At a given s, an industry that is alive in both countries has one unknown, its log relative price
   weighted with the trade elasticity, and one equation. It has one solution if the product is at
   most 1, and up to three above, on branches on which the solution rises or falls with s.
2. The branches meet at folds, whose places in s are single roots of rising functions.
3. All equilibria lie between two limits of s.
4. These and the folds cut s into cells. In each a branch is monotone, so its values at the ends
   bound what a good adds to the balance of trade, and its slope is bounded by intervals.
5. In each cell, combinations of branches are built good by good. One is dropped when the bounds of
   what is left exclude a balance of zero.
6. A combination on which the balance has no zero is dropped, one on which it is monotone has one or
   none; what is undecided goes on with its cell halved.
7. Newton's method ends where an equilibrium is bracketed, in s alone and then in all unknowns.
8. Labour, utility, stability and the residuals of the conditions, from prices up, follow.

References
----------
.. [1] Kucheryavyy, K., Lyn, G. and Rodriguez-Clare, A. (2023). Grounded by Gravity: A Well-Behaved
   Trade Model with Industry-Level Economies of Scale. American Economic Journal: Macroeconomics 15.
"""

from dataclasses import dataclass, fields

import numpy as np
from scipy.optimize import brentq

from lib import domain
from lib.rows import Rows

_MOST_GOODS = 8
_SAME, _NEAR = 1e-12, 1e-6
_TOLERANCE, _LEAST_TRADE = 1e-9, 1e-300
_EPS = np.finfo(float).eps
_NARROWEST = 1e-10
_STEP = 1 / 16
_BATCH = 100_000
_MOST_UNDECIDED = 20_000
# Places on the axis of branches: nothing made in Country 1, all of it, and the interior ones.
_NONE, _ALL, _LOW, _MID, _HIGH = range(5)


@dataclass(frozen=True, eq=False)
class NestedEconomy:
    """
    Two countries, n goods, an elasticity between origins, economies of scale and trade costs.

    Attributes
    ----------
    demand : array_like of shape (n, 2)
        Share d_ij > 0 of Country j's spending that goes to good i; each column sums to 1 (within
        1e-9, and is divided by its sum).
    labor : array_like of shape (2,)
        Labour L_1 and L_2, positive.
    productivity : array_like of shape (n, 2)
        Output of an industry with one unit of labour, e > 0.
    scale : float or array_like of shape (n,)
        Exponent a >= 1 of labour in output e l^a.
    elasticity : float or array_like of shape (n,)
        Elasticity of substitution between the two origins of a good, above 1.
    g : float or array_like of shape (n,)
        Share of a shipment abroad that arrives, in (0, 1].

    Raises
    ------
    ValueError
        If a field is outside its domain.

    Examples
    --------
    >>> economy = NestedEconomy(
    ...     demand=[[0.6, 0.4], [0.4, 0.6]],
    ...     labor=[2, 1],
    ...     productivity=[[1, 1], [1, 1]],
    ...     scale=1.25,
    ...     elasticity=4,
    ...     g=0.8,
    ... )
    >>> economy.goods
    2
    """

    demand: np.ndarray
    labor: np.ndarray
    productivity: np.ndarray
    scale: np.ndarray
    elasticity: np.ndarray
    g: np.ndarray = 1.0

    def __post_init__(self):
        demand = domain.array("demand", self.demand, ("n", 2), low=0)
        sums = demand.sum(axis=0)
        if not len(demand) or np.any(np.abs(sums - 1) > _TOLERANCE):
            raise ValueError(
                f"demand must have columns that sum to 1, got the sums {sums.tolist()}"
            )
        n = len(demand)
        checked = {
            "demand": demand / sums,
            "labor": domain.array("labor", self.labor, (2,), low=0),
            "productivity": domain.array("productivity", self.productivity, (n, 2), low=0),
            "scale": _per_good("scale", self.scale, n, 1, np.inf, "left"),
            "elasticity": _per_good("elasticity", self.elasticity, n, 1, np.inf, "neither"),
            "g": _per_good("g", self.g, n, 0, 1, "right"),
        }
        for name, value in checked.items():
            value.flags.writeable = False
            object.__setattr__(self, name, value)

    @property
    def goods(self):
        """
        Number of goods.

        Returns
        -------
        int
            The n of the shapes.
        """
        return len(self.demand)


@dataclass(frozen=True, eq=False)
class NestedEquilibria(Rows):
    """
    Equilibria of a nested economy, one a row, ordered by Country 1's income.

    `found[found.stable]` has the stable ones.

    Attributes
    ----------
    share : ndarray of shape (m, n, 2)
        Country 1's part of Country j's spending on good i; 0 or 1 where one country makes it all
        (or, in doubles, next to all: then two rows may differ in `stable` alone, the one without
        the smaller industry and the one with it).
    labor : ndarray of shape (m, n, 2)
        Labour of good i's industry in Country j.
    income : ndarray of shape (m,)
        Country 1's share of world income, Z_1.
    log_utility : ndarray of shape (m, 2)
        Log of each country's utility.
    stable : ndarray of bool, shape (m,)
        Whether the equilibrium is stable when labour follows profit (see `all_equilibria`).
    residual : ndarray of shape (m,)
        The largest of what is left of the conditions, with wages and prices computed from the
        labour: the log of a good's relative price over that at which buyers would choose the
        shares, revenue over the wage bill of an industry less 1, employment over the labour force
        less 1, and exports less imports over their sum.
    """

    share: np.ndarray
    labor: np.ndarray
    income: np.ndarray
    log_utility: np.ndarray
    stable: np.ndarray
    residual: np.ndarray

    def __post_init__(self):
        domain.freeze(self)


def _per_good(name, value, n, low, high, closed):
    """Check a parameter that is one number for all goods or one for each."""
    checked = domain.numbers(name, value, low, high, closed)
    if checked.ndim:
        checked = domain.array(name, value, (n,), low, high, closed)
    return np.array(np.broadcast_to(checked, (n,)))


def _log_sigma(x):
    """Log of the logistic function."""
    return -np.logaddexp(0, -x)


def _sigma(x):
    return np.exp(_log_sigma(x))


@dataclass(frozen=True, eq=False)
class _Goods:
    """What the equation of a good is made of, all of shape (n,) but the demand."""

    demand: np.ndarray
    scale: np.ndarray
    slope: np.ndarray
    """1/(elasticity - 1) - (scale - 1), the slope of F at infinity; exactly 0 at product 1."""
    cost: np.ndarray
    """c(s) is this less scale times s."""
    gamma: np.ndarray
    """(elasticity - 1) times the log of the units shipped for one that arrives."""

    @classmethod
    def of(cls, economy):
        a, trade = economy.scale, economy.elasticity - 1
        product = (a - 1) * trade
        off = np.abs(product - 1)
        near = (off > _SAME) & (off < _NEAR)
        lost = (off <= _SAME) & (economy.g == 1)
        if near.any() or lost.any():
            i = int(np.argmax(near | lost))
            why = "closer, equilibria cannot be told apart in doubles"
            if lost[i]:
                why = "at 1 without trade costs nothing determines where the good is made"
            raise ValueError(
                "economy must have (scale - 1) (elasticity - 1) at least 1e-6 away from 1, or equal"
                f" to 1 and g < 1 ({why}), got {float(product[i])!r} for good {i}: "
                f"scale[{i}] = {float(a[i])!r}, elasticity[{i}] = {float(trade[i] + 1)!r}, "
                f"g[{i}] = {float(economy.g[i])!r}"
            )
        e, labor = np.log(economy.productivity), np.log(economy.labor)
        return cls(
            demand=economy.demand,
            scale=a,
            slope=np.where(off <= _SAME, 0.0, 1 / trade - (a - 1)),
            cost=e[:, 0] - e[:, 1] + a * (labor[0] - labor[1]),
            gamma=-trade * np.log(economy.g),
        )

    def limits(self, s):
        """Return the logs of P/M, S/M and k = PS/M^2 at s, which broadcasts with the goods."""
        market = s + np.log(self.demand[:, 0] / self.demand[:, 1])
        first, second = _log_sigma(market), _log_sigma(-market)
        # k - 1 = 4 z_1 z_2 sinh(gamma)^2, without loss where gamma is small.
        twist = 2 * (self.gamma + np.log(-np.expm1(-2 * self.gamma)))
        return (
            np.logaddexp(first + self.gamma, second - self.gamma),
            np.logaddexp(first - self.gamma, second + self.gamma),
            np.logaddexp(0, first + second + twist),
        )

    def gap(self, xi, s, limits=None):
        """Return F, and its slope in xi."""
        limits = self.limits(s) if limits is None else limits
        log_p, log_s, _ = limits
        bend = np.logaddexp(log_p, xi) - np.logaddexp(0, xi + log_s)
        value = self.slope * xi - (self.cost - self.scale * s) - (self.scale - 1) * bend
        return value, self.slope + (self.scale - 1) * self.dip(xi, limits)

    def dip(self, xi, limits):
        """Return 1 - kappa, what the slope of ln(A/B) in xi lacks to 1."""
        log_p, log_s, log_k = limits
        return np.exp(_log_sigma(xi + log_s) + _log_sigma(log_p - xi)) * -np.expm1(-log_k)

    def blur(self, xi, s):
        """Bound the rounding error of a solution xi: that of F over its slope."""
        terms = np.abs(self.cost) + self.scale * (np.abs(s) + self.gamma)
        error = 4 * _EPS * (1 + np.abs(xi) + terms / np.abs(self.gap(xi, s)[1]))
        return np.fmin(error, 1e-7)

    def column(self):
        """Put goods along the last axis but one, for arrays with branches along the last."""
        return _Goods(*(getattr(self, field.name)[..., None] for field in fields(self)))

    def pull(self, xi, s):
        """Return theta_A and theta_B, Country 1's buyers' parts of both industries' revenue."""
        market = s + np.log(self.demand[:, 0] / self.demand[:, 1])
        shift = np.logaddexp(0, xi - self.gamma) - np.logaddexp(0, xi + self.gamma)
        return _sigma(market + shift + 2 * self.gamma), _sigma(market + shift)

    def trade(self, xi, s):
        """Return exports and imports of each good over the root of Z_1 Z_2."""
        exports = self.demand[:, 1] * np.exp(-s / 2) * _sigma(xi - self.gamma)
        return exports, self.demand[:, 0] * np.exp(s / 2) * _sigma(-xi - self.gamma)

    def response(self, xi, s):
        """Return the slope of exports less imports in xi."""
        exports, imports = self.trade(xi, s)
        return exports * _sigma(self.gamma - xi) + imports * _sigma(xi + self.gamma)

    def rise(self, xi, s):
        """Return the slope of F in s."""
        first, second = self.pull(xi, s)
        return self.scale - (self.scale - 1) * (first - second)

    @property
    def many(self):
        """Whether the product is above 1."""
        return self.slope < 0


def _range(goods):
    """Step 3: limits of s outside which trade is not balanced (see `all_equilibria`)."""
    ends = []
    excess = goods.scale - 1
    inverse = goods.slope + excess
    melts = goods.gamma * inverse
    for sign, (own, other) in ((1, goods.demand.T), (-1, goods.demand.T[::-1])):
        size = np.log(4 * np.maximum(own, other) / own)
        middle = sign * goods.cost - melts - excess * size
        low = (sign * goods.cost - melts + goods.slope * np.log(2)) / (1 + inverse)
        limits = np.log(other / 2), middle, np.where(goods.many, low, 0.0)
        ends.append(float(sign * (np.min(limits) - 1e-3)))
    if max(np.abs(ends)) > 600:
        raise ArithmeticError(
            "equilibria may lie where ln(Z_1 / Z_2) is beyond 600, and so a country's income beyond"
            f" doubles: its limits are {ends}"
        )
    return ends


@dataclass(frozen=True, eq=False)
class _Folds:
    """Step 2: limits of s, of shape (n,), between which the branches of a good exist."""

    enter: np.ndarray
    """Between `enter` and `leave` the slope of F in xi has two zeros."""
    leave: np.ndarray
    low: np.ndarray
    """Where the lower branch ends."""
    high: np.ndarray
    """Where the upper branch begins."""

    @classmethod
    def of(cls, goods):
        n = len(goods.scale)
        product = np.where(goods.many, (goods.scale - 1) / (goods.scale - 1 + goods.slope), 1.0)
        log_sinh = goods.gamma + np.log(-np.expm1(-2 * goods.gamma) / 2)
        log_cosh = log_sinh - np.log(4 * product * (product - 1)) / 2
        half = log_cosh + np.log1p(np.sqrt(-np.expm1(-2 * log_cosh)))
        reach = np.where(goods.many & (log_cosh > 0), 2 * half, -np.inf)
        center = -np.log(goods.demand[:, 0] / goods.demand[:, 1])
        enter, leave = center - reach, center + reach
        low, high = np.full(n, -np.inf), np.full(n, -np.inf)
        folds = cls(enter, leave, low, high)
        for i in np.flatnonzero(reach > 0):
            for side, found in enumerate((low, high)):

                def height(s, i=i, side=side):
                    return goods.gap(folds.turns(goods, s)[side], s)[0][i]

                if height(enter[i]) >= 0:
                    found[i] = enter[i]
                elif height(leave[i]) <= 0:
                    found[i] = leave[i]
                else:
                    found[i] = brentq(
                        height, enter[i], leave[i], xtol=1e-300, rtol=4 * _EPS, maxiter=2000
                    )
        return folds

    def turns(self, goods, s):
        """Return the two zeros of the slope of F in xi; only where it has two."""
        log_p, log_s, log_k = goods.limits(s)
        rho = 1 + goods.slope / (goods.scale - 1)
        # Half of (rho (k + 1) - 2) / ((1 - rho) k^(1/2)), over the root of k.
        cosh = (rho - (2 - rho) * np.exp(-log_k)) / (2 * (1 - rho))
        log_cosh = np.maximum(np.log(cosh) + log_k / 2, 0.0)
        width = log_cosh + np.log1p(np.sqrt(-np.expm1(-2 * log_cosh)))
        center = (log_p - log_s) / 2
        return center - width, center + width


def _solve(goods, s, low, high, rising):
    """Step 1: the zero of F, monotone between low and high; all but the goods of shape (m, n)."""
    limits, sign = goods.limits(s), np.where(rising, 1.0, -1.0)
    xi = (low + high) / 2
    done, step = np.isnan(xi), 0
    # It ends: from the 60th step on the bracket is halved each time.
    while not done.all():
        value, slope = goods.gap(xi, s, limits)
        low = np.where(sign * value < 0, xi, low)
        high = np.where(sign * value > 0, xi, high)
        new = xi - value / slope
        inside = (new >= low) & (new <= high) & (step < 60)
        new = np.where(done, xi, np.where(inside, new, (low + high) / 2))
        far = np.abs(new - xi) > 2 * _EPS * (1 + np.abs(xi))
        done |= ~far | (value == 0)
        xi, step = new, step + 1
    return xi


def _branches(goods, folds, s, inside):
    """
    Step 1: xi of every branch at s, of shape (m, n, 5); nan where there is no such branch.

    The branches are those in the cell in which `inside` lies, so that s may be at its end.
    """
    s, inside = s[:, None], inside[:, None]
    xi = np.full((*np.broadcast_shapes(s.shape, goods.scale.shape), 5), np.nan)
    cost, bend = goods.cost - goods.scale * s, (goods.scale - 1) * goods.gamma
    middle, reach = cost / goods.slope, bend / np.abs(goods.slope)
    reach = reach + 1e-9 * (1 + np.abs(middle) + reach)
    low, high = middle - reach, middle + reach
    none = np.where(goods.slope > 0, 0.0, np.nan)
    xi[..., _MID] = _solve(goods, s, low + none, high + none, rising=True)
    edge = goods.slope == 0
    if edge.any():
        log_p, log_s, _ = goods.limits(s)
        bend = -cost / (goods.scale - 1)
        own, other = log_p - bend, log_s + bend
        # ln(e^own - 1) - ln(e^other - 1) + bend, where e^own may be beyond doubles.
        inner = log_p - other + np.log(np.expm1(-own) / np.expm1(-other))
        inner = np.where(own <= 0, -np.inf, np.where(other <= 0, np.inf, inner))
        xi[..., _MID] = np.where(edge, inner, xi[..., _MID])
    if goods.many.any():
        xi[..., _NONE] = np.where(goods.many, -np.inf, np.nan)
        xi[..., _ALL] = np.where(goods.many, np.inf, np.nan)
        three = (folds.enter < inside) & (inside < folds.leave)
        first, second = folds.turns(goods, s)
        has_low, has_high = inside < folds.low, inside > folds.high
        sole = goods.many & ~three
        brackets = (
            (_LOW, sole | (three & has_low), low, np.where(three, np.minimum(first, high), high)),
            (_MID, three & has_low & has_high, np.maximum(first, low), np.minimum(second, high)),
            (_HIGH, three & has_high, np.maximum(second, low), high),
        )
        for place, there, left, right in brackets:
            there = np.where(there & goods.many, 0.0, np.nan)
            if np.all(np.isnan(there)):
                continue
            left, right = np.minimum(left, right), np.maximum(left, right)
            found = _solve(goods, s, left + there, right + there, rising=place == _MID)
            # At a fold two branches end in one number.
            for turn, end in ((first, folds.low), (second, folds.high)):
                if place == _MID or (place == _LOW) == (turn is first):
                    met = three & (s == end) & (folds.enter < end) & (end < folds.leave)
                    found = np.where(met, turn + there, found)
            xi[..., place] = np.where(goods.many, found, xi[..., place])
    return xi


@dataclass(frozen=True, eq=False)
class _Cells(Rows):
    """Intervals of s, and xi of each good on each branch at their ends, of shape (m, n, 5)."""

    low: np.ndarray
    high: np.ndarray
    xi_low: np.ndarray
    xi_high: np.ndarray

    @classmethod
    def between(cls, goods, folds, low, high):
        middle = (low + high) / 2
        return cls(low, high, *(_branches(goods, folds, s, middle) for s in (low, high)))

    def halves(self, goods, folds):
        """Step 6: halve the cells; those on the left come first."""
        middle = (self.low + self.high) / 2
        xi = _branches(goods, folds, middle, middle)
        left = _Cells(self.low, middle, self.xi_low, xi)
        return _Cells.join([left, _Cells(middle, self.high, xi, self.xi_high)])

    def steps(self, goods):
        """Return how far a good's shares move in each cell, at most."""
        moves = [
            np.abs(_sigma(self.xi_high + sign) - _sigma(self.xi_low + sign))
            for sign in (goods.gamma[:, None], -goods.gamma[:, None])
        ]
        return np.nan_to_num(np.maximum(*moves)).max(axis=(1, 2), initial=0.0)


@dataclass(frozen=True, eq=False)
class _Bounds:
    """Step 4: a good's part in the balance of trade in a cell, of shape (m, n, 5)."""

    at_low: np.ndarray
    at_high: np.ndarray
    least: np.ndarray
    most: np.ndarray
    slope_least: np.ndarray
    slope_most: np.ndarray
    error: np.ndarray
    """What rounding may do to it, anywhere in the cell."""
    error_at_low: np.ndarray
    error_at_high: np.ndarray

    @classmethod
    def of(cls, goods, cells):
        goods = goods.column()
        p, q = cells.low[:, None, None], cells.high[:, None, None]
        near, far = np.fmin(cells.xi_low, cells.xi_high), np.fmax(cells.xi_low, cells.xi_high)
        exports, imports = zip(goods.trade(near, q), goods.trade(far, p), strict=True)
        ends = (cells.xi_low, p), (cells.xi_high, q)
        trade = [goods.trade(xi, s) for xi, s in ends]
        blur = [np.nan_to_num(goods.blur(xi, s) * goods.response(xi, s)) for xi, s in ends]
        steep = _slope_bounds(goods, p, q, near, far)
        weight = [np.zeros_like(near), np.zeros_like(near)]
        for demand, time, market in (
            (goods.demand[:, 1], (-q, -p), -goods.gamma),
            (goods.demand[:, 0], (p, q), goods.gamma),
        ):
            for bound, hump, s in zip(
                weight, _humps(near + market, far + market), time, strict=True
            ):
                bound += demand * np.exp(s / 2) * hump
        falls = steep[1] <= 0
        least = np.where(falls, weight[1], weight[0]) * steep[0]
        most = np.where(falls, weight[0], weight[1]) * steep[1]
        fixed = np.isinf(near) & (near == far)
        least = np.where(fixed, 0.0, np.nan_to_num(least, nan=-np.inf, neginf=-np.inf))
        most = np.where(fixed, 0.0, np.nan_to_num(most, nan=np.inf, posinf=np.inf))
        return cls(
            *(np.subtract(*both) for both in trade),
            least=exports[0] - imports[0],
            most=exports[1] - imports[1],
            slope_least=least - (exports[1] + imports[0]) / 2,
            slope_most=most - (exports[0] + imports[1]) / 2,
            error=16 * _EPS * (exports[1] + imports[0]) + sum(blur),
            # Trade may change by many powers of ten in a cell, and with it what rounding does.
            error_at_low=16 * _EPS * np.add(*trade[0]) + blur[0],
            error_at_high=16 * _EPS * np.add(*trade[1]) + blur[1],
        )


def _humps(low, high):
    """Bound the product of both shares between two log odds."""
    ends = [np.exp(_log_sigma(x) + _log_sigma(-x)) for x in (low, high)]
    return np.fmin(*ends), np.where((low < 0) & (high > 0), 0.25, np.fmax(*ends))


def _slope_bounds(goods, p, q, near, far):
    """Step 4: bounds on dxi/ds = -F_s / F_xi for s from p to q and xi from near to far."""
    low, high = goods.pull(far, p), goods.pull(near, q)
    excess = goods.scale - 1
    rise = (
        goods.scale - excess * np.clip(high[0] - low[1], 0, 1),
        goods.scale - excess * np.clip(low[0] - high[1], 0, 1),
    )
    p_limits, q_limits = goods.limits(p), goods.limits(q)
    log_k = np.minimum(p_limits[2], q_limits[2]), np.maximum(p_limits[2], q_limits[2])
    center = -np.log(goods.demand[:, 0] / goods.demand[:, 1])
    log_k = log_k[0], np.where((p < center) & (center < q), goods.limits(center)[2], log_k[1])
    dip = (
        np.exp(_log_sigma(near + q_limits[1]) + _log_sigma(p_limits[0] - far))
        * -np.expm1(-log_k[0]),
        np.exp(_log_sigma(far + p_limits[1]) + _log_sigma(q_limits[0] - near))
        * -np.expm1(-log_k[1]),
    )
    slope = [goods.slope + excess * bound for bound in dip]
    falls = np.arange(5) == _MID
    slope = [np.where(falls, np.fmax(bound, 0.0), np.fmin(bound, 0.0)) for bound in slope]
    return (
        np.where(falls, -rise[1] / slope[0], np.where(slope[0] < 0, -rise[0] / slope[0], 0.0)),
        np.where(falls, -rise[0] / slope[1], np.where(slope[1] < 0, -rise[1] / slope[1], np.inf)),
    )


@dataclass(frozen=True, eq=False)
class _Undecided(Rows):
    """Combinations of branches in cells in which the number of their equilibria is not known."""

    cell: np.ndarray
    code: np.ndarray
    """The branches' numbers as digits in base 5, the first good's lowest."""


@dataclass(frozen=True, eq=False)
class _Brackets(Rows):
    """Intervals that hold one equilibrium of a combination of branches."""

    code: np.ndarray
    low: np.ndarray
    high: np.ndarray
    rises: np.ndarray
    """Whether the balance of trade rises with s there."""
    sure: np.ndarray
    """Whether its signs at the ends differ beyond rounding."""
    xi_low: np.ndarray
    """xi of each good on its branch at the ends, of shape (m, n)."""
    xi_high: np.ndarray


def _digits(code, n):
    return code[:, None] // 5 ** np.arange(n) % 5


def _cells(goods, folds):
    """
    Step 4: cut the range of s at the folds, and then until shares move little in each cell.

    Few are cut at each width: shares are monotone on a branch, and so move by more than a step in
    less than 1/step of its cells.
    """
    low, high = _range(goods)
    breaks = np.concatenate([getattr(folds, field.name) for field in fields(folds)])
    breaks = breaks[(breaks > low) & (breaks < high)]
    ends = np.unique(np.concatenate([np.linspace(low, high, 17), breaks]))
    cells, done = _Cells.between(goods, folds, ends[:-1], ends[1:]), []
    while len(cells.low):
        width = cells.high - cells.low
        wide = (width > 0.5) | ((cells.steps(goods) > _STEP) & (width > _NARROWEST))
        done.append(cells[~wide])
        cells = cells[wide]
        if len(cells.low):
            cells = cells.halves(goods, folds)
    return _Cells.join(done)


def _combinations(goods, bounds):
    """Step 5: combinations of branches whose balance of trade may be zero, cell by cell."""
    # Large goods first: they decide most.
    order = np.argsort(-goods.demand.sum(axis=1))
    there = ~np.isnan(bounds.at_low)
    least = np.where(there, bounds.least - bounds.error, np.inf)
    most = np.where(there, bounds.most + bounds.error, -np.inf)
    rest_least, rest_most = (
        np.concatenate([np.cumsum(best[:, order[::-1]], axis=1)[:, ::-1], 0 * best[:, :1]], axis=1)
        for best in (least.min(axis=2), most.max(axis=2))
    )
    weight = np.cumsum(np.prod(there.sum(axis=2), axis=1))
    for part in np.split(np.arange(len(weight)), np.flatnonzero(np.diff(weight // _BATCH)) + 1):
        cell, code = part, np.zeros(len(part), int)
        lower, upper = np.zeros(len(part)), np.zeros(len(part))
        for k, i in enumerate(order):
            low = lower[:, None] + least[cell, i]
            high = upper[:, None] + most[cell, i]
            row, branch = np.nonzero(
                there[cell, i]
                & (low + rest_least[cell, k + 1, None] <= 0)
                & (high + rest_most[cell, k + 1, None] >= 0)
            )
            lower, upper = low[row, branch], high[row, branch]
            cell, code = cell[row], code[row] + branch * 5**i
        yield _Undecided(cell, code)


def _decide(cells, bounds, undecided):
    """Step 6: return brackets of equilibria, and what is undecided still."""
    n = bounds.least.shape[1]
    place = undecided.cell[:, None], np.arange(n), _digits(undecided.code, n)
    low, high, least, most, slope_least, slope_most, error, *at_ends = (
        getattr(bounds, field.name)[place].sum(axis=1) for field in fields(bounds)
    )
    p, q = cells.low[undecided.cell], cells.high[undecided.cell]
    width = q - p
    some = (least <= error) & (most >= -error)
    rises, falls = slope_least > 0, slope_most < 0
    one = some & (rises | falls)
    # Where the ends have one sign beyond rounding there is none; the ends themselves count twice.
    sign_low, sign_high = (
        np.where(np.abs(value) > margin, np.sign(value), 0.0)
        for value, margin in zip((low, high), at_ends, strict=True)
    )
    one &= sign_low * sign_high <= 0
    sure = sign_low * sign_high < 0
    some &= ~rises & ~falls
    # The lines through both ends with the extreme slopes bound the balance between.
    spread = slope_most - slope_least
    valley = (slope_most * low - slope_least * high + slope_least * slope_most * width) / spread
    peak = (slope_most * high - slope_least * low - slope_least * slope_most * width) / spread
    finite = np.isfinite(slope_least) & np.isfinite(slope_most)
    some &= ~(finite & (low > error) & (high > error) & (valley > error))
    some &= ~(finite & (low < -error) & (high < -error) & (peak < -error))
    place = place[0][one], place[1], place[2][one]
    ends = cells.xi_low[place], cells.xi_high[place]
    return _Brackets(undecided.code[one], p[one], q[one], rises[one], sure[one], *ends), (
        undecided[some]
    )


def _brackets(goods, folds):
    """Find intervals that hold one equilibrium each (steps 4 to 6)."""
    cells = _cells(goods, folds)
    bounds = _Bounds.of(goods, cells)
    found, left = [], []
    for batch in _combinations(goods, bounds):
        one, some = _decide(cells, bounds, batch)
        found.append(one)
        left.append(some)
    undecided = _Undecided.join(left)
    most = max(_MOST_UNDECIDED, 4 * len(undecided.cell))
    slopes = np.abs(goods.slope[goods.slope != 0])
    narrowest = _NARROWEST * min(1.0, slopes.min(initial=1.0))
    while len(undecided.cell):
        used, place = np.unique(undecided.cell, return_inverse=True)
        cells = cells[used]
        if len(place) > most or (cells.high - cells.low).min() < narrowest:
            at = int(np.argmin(cells.high - cells.low))
            raise ArithmeticError(
                "whether there is an equilibrium, and how many, cannot be decided in doubles where "
                f"ln(Z_1 / Z_2) is near {float(cells.low[at])!r}"
            )
        cells = cells.halves(goods, folds)
        bounds = _Bounds.of(goods, cells)
        left = []
        for start in range(0, len(place), _BATCH):
            rows = slice(start, start + _BATCH)
            for half in (place[rows], place[rows] + len(used)):
                one, some = _decide(cells, bounds, _Undecided(half, undecided.code[rows]))
                found.append(one)
                left.append(some)
        undecided = _Undecided.join(left)
    return _Brackets.join(found)


def _refine(goods, folds, brackets):
    """Step 7: return s and xi, of shape (m, n), where the brackets' equilibria are."""
    s, xi, step = _newton(
        goods, (brackets.low + brackets.high) / 2, (brackets.xi_low + brackets.xi_high) / 2, 12
    )
    # In the bracket, and on its branches, there is one equilibrium: if this is it, it is found.
    size = 1 + np.abs(s)
    found = (np.abs(step) <= 1e-13 * size) & (s >= brackets.low) & (s <= brackets.high)
    ends = brackets.xi_low, brackets.xi_high
    found &= ((np.minimum(*ends) <= xi) & (xi <= np.maximum(*ends))).all(axis=1)
    # At product 1 a good may be lost to one country inside the cell.
    found &= (np.isinf(xi) == (np.isinf(ends[0]) & np.isinf(ends[1]))).all(axis=1)
    rest = np.flatnonzero(~found)
    near = _bisect(goods, folds, brackets[rest])
    s[rest], xi[rest], step = _newton(goods, *near, 4)
    # Newton's method in all unknowns only ends the search here; a long way is another equilibrium.
    away = ~(np.abs(s[rest] - near[0]) <= 1e-6 * (1 + np.abs(near[0])))
    s[rest[away]], xi[rest[away]] = near[0][away], near[1][away]
    return s, xi


def _bisect(goods, folds, brackets):
    """Step 7: Newton's method in s alone, inside the brackets; it cannot leave them."""
    low, high = brackets.low.copy(), brackets.high.copy()
    branch = _digits(brackets.code, len(goods.scale))[..., None]
    inside = (low + high) / 2
    s, xi = inside.copy(), np.zeros(branch.shape[:2])
    active, step = np.arange(len(s)), 0
    # It ends: from the 40th step on the bracket is halved each time.
    while len(active):
        now = s[active]
        y = _branches(goods, folds, now, inside[active])
        xi[active] = y = np.take_along_axis(y, branch[active], axis=2)[..., 0]
        exports, imports = goods.trade(y, now[:, None])
        steep = -goods.rise(y, now[:, None]) / goods.gap(y, now[:, None])[1]
        part = np.where(np.isinf(y), 0.0, goods.response(y, now[:, None]) * steep)
        value = (exports - imports).sum(axis=1)
        slope = (part - (exports + imports) / 2).sum(axis=1)
        new = now - value / slope
        below = (value < 0) == brackets.rises[active]
        low[active] = np.where(below, now, low[active])
        high[active] = np.where(below, high[active], now)
        left, right = low[active], high[active]
        new = np.where((new >= left) & (new <= right) & (step < 40), new, (left + right) / 2)
        s[active] = new
        done = (np.abs(new - now) <= 4 * _EPS * (1 + np.abs(now))) | (value == 0)
        active, step = active[~done], step + 1
    return s, xi


def _newton(goods, s, xi, steps):
    """Step 7: Newton's method in s and all xi, which does not mind a fold; also its last step."""
    n = len(goods.scale)
    alone = np.isinf(xi)
    matrix = np.zeros((len(s), n + 1, n + 1))
    diagonal = np.arange(n)
    for _ in range(steps):
        at = s[:, None]
        value, slope = goods.gap(xi, at)
        exports, imports = goods.trade(xi, at)
        traded = (exports + imports).sum(axis=1, keepdims=True)
        response = goods.response(xi, at) / traded
        # Where neither equation has xi in it, in doubles, it stays.
        matrix[:, diagonal, diagonal] = np.where(alone | (slope == 0) & (response == 0), 1, slope)
        matrix[:, diagonal, n] = np.where(alone, 0.0, goods.rise(xi, at))
        matrix[:, n, :n] = response
        matrix[:, n, n] = -0.5
        balance = (exports - imports).sum(axis=1, keepdims=True) / traded
        right = np.concatenate([np.where(alone, 0.0, value), balance], axis=1)
        # A search that has gone astray stands still.
        good = np.isfinite(matrix).all(axis=(1, 2)) & np.isfinite(right).all(axis=1)
        matrix[~good], right[~good] = np.eye(n + 1), 0.0
        step = -np.linalg.solve(matrix, right[..., None])[..., 0]
        s, xi = s + step[:, n], np.where(alone, xi, xi + step[:, :n])
    return s, xi, np.where(good, step[:, n], np.inf)


def _distinct(goods, brackets, s, xi):
    """Step 7: count an equilibrium at the common end of two cells, within rounding, once."""
    order = np.argsort(s, kind="stable")
    s, xi, sure = s[order], xi[order], brackets.sure[order]
    keep = np.ones(len(s), bool)
    share = np.concatenate([_sigma(xi + goods.gamma), _sigma(xi - goods.gamma)], axis=1)
    for k in np.flatnonzero(~sure):
        reach = 1e-9 * (1 + abs(s[k]))
        first, last = np.searchsorted(s, [s[k] - reach, s[k] + reach])
        near = np.arange(first, last)
        same = (np.abs(share[near] - share[k]).max(axis=1) < 1e-7) & keep[near] & (near != k)
        same &= (np.isinf(xi[near]) == np.isinf(xi[k])).all(axis=1)
        keep[k] = not same.any()
    return s[keep], xi[keep]


def _stable(goods, s, xi):
    """Step 8: whether all eigenvalues of "labour follows profit" are negative."""
    at, alone = s[:, None], np.isinf(xi)
    inverse = goods.slope + goods.scale - 1
    kappa = 1 - goods.dip(xi, goods.limits(at))
    pull = np.subtract(*goods.pull(xi, at))
    weight = goods.response(xi, at) / (kappa + inverse)
    # The other goods' labour moves neither what one country makes alone nor, by it, the wage.
    kappa, pull, weight = (np.where(alone, 0.0, value) for value in (kappa, pull, weight))
    trade = np.add(*goods.trade(xi, at)) / 2
    wage = goods.scale * weight / (trade + weight * pull).sum(axis=1, keepdims=True)
    own = goods.scale * kappa / (kappa + inverse) - 1
    others = np.where(alone, 0.0, pull * inverse / (kappa + inverse) - 1)
    matrix = others[:, :, None] * wage[:, None, :] + own[:, :, None] * np.eye(len(goods.scale))
    return np.linalg.eigvals(matrix).real.max(axis=1, initial=-1.0) < 0


def _equilibria(economy, goods, s, xi):
    """Step 8: labour, utility, stability and residuals."""
    income = np.stack([_sigma(s), _sigma(-s)], axis=1)
    log_income = np.stack([_log_sigma(s), _log_sigma(-s)], axis=1)
    odds = np.stack([xi + goods.gamma, xi - goods.gamma], axis=2)
    log_spent = np.log(economy.demand) + log_income[:, None, :]
    # Axis 2 the origin, axis 3 the market.
    log_share = np.stack([_log_sigma(odds), _log_sigma(-odds)], axis=2)
    log_revenue = np.logaddexp(*np.moveaxis(log_share + log_spent[:, :, None, :], 3, 0))
    log_wage = log_income - np.log(economy.labor)
    log_labor = log_revenue - log_wage[:, None, :]
    labor = np.exp(log_labor)

    scale, trade = economy.scale[:, None], (economy.elasticity - 1)[:, None]
    log_price = log_wage[:, None, :] + (1 - scale) * log_labor - np.log(economy.productivity)
    cost = -np.log(economy.g)[:, None, None] * (1 - np.eye(2))
    delivered = log_price[..., None] + cost
    # The price index from the origin with the larger share, in which nothing cancels.
    larger = np.argmax(log_share, axis=2)[:, :, None, :]
    index = np.take_along_axis(delivered + log_share / trade[..., None], larger, axis=2)[:, :, 0]
    utility = (economy.demand * (log_spent - index)).sum(axis=1)
    gap = np.where(np.isinf(xi), 0.0, np.diff(log_price, axis=2)[..., 0] - xi / trade[:, 0])
    employment = np.abs(labor.sum(axis=1) / economy.labor - 1)
    exports, imports = (part.sum(axis=1) for part in goods.trade(xi, s[:, None]))
    if np.any(exports + imports < _LEAST_TRADE):
        raise ArithmeticError("trade in an equilibrium is below 1e-300 of income, beyond doubles")
    # Where little is traded, employment does not show whether trade is balanced.
    balance = np.abs(exports - imports) / (exports + imports)
    residual = np.stack([np.abs(gap).max(axis=1), employment.max(axis=1), balance]).max(axis=0)
    if not np.all(residual <= _TOLERANCE):
        raise ArithmeticError(f"equilibrium conditions hold only within {np.max(residual)}")
    return NestedEquilibria(
        np.exp(log_share[:, :, 0]), labor, income[:, 0], utility, _stable(goods, s, xi), residual
    )


def all_equilibria(economy):
    """
    Every equilibrium of a nested economy, or a refusal.

    Parameters
    ----------
    economy : NestedEconomy
        An economy of 1 to 8 goods.

    Returns
    -------
    NestedEquilibria
        Fields `share`, `labor`, `income`, `log_utility`, `stable` and `residual`, ordered by
        Country 1's income.

    Raises
    ------
    ValueError
        If the economy has more than 8 goods, or a good whose product (scale - 1) (elasticity - 1)
        is next to 1 (by less than 1e-6), or equal to 1 without trade costs, where nothing
        determines the place of production.
    ArithmeticError
        If an equilibrium cannot be found or excluded within the tolerance.

    Notes
    -----
    **The model.** Industry i of Country j makes e_ij l^a with labour l and sells at average cost,
    p_ij = w_j l^(1-a) / e_ij. Let h be the elasticity, xi = (h - 1) ln(p_i2 / p_i1) and
    gamma = -(h - 1) ln g. Country 1's part of Country 1's spending on the good is
    x_1 = 1 / (1 + e^(-xi-gamma)), of Country 2's x_2 = 1 / (1 + e^(-xi+gamma)). With the spending
    m_j = d_ij Z_j, revenues are A = m_1 x_1 + m_2 x_2 and B = m_1 (1 - x_1) + m_2 (1 - x_2), and
    each is its industry's wage bill. Since w_1 / w_2 = e^s L_2 / L_1, the prices fit when

        F(xi, s) = xi / (h - 1) - c(s) - (a - 1) ln(A / B) = 0,
        c(s) = ln(e_i1 / e_i2) - a ln(w_1 / w_2).

    F rises with s, by a - (a - 1) (t_A - t_B), where t_A = m_1 x_1 / A and
    t_B = m_1 (1 - x_1) / B are between 0 and 1, and t_A >= t_B since x_1 >= x_2: by 1 to a. In
    xi, ln(A / B) rises with the slope kappa = 1 - (k - 1) / (k + 1 + 2 k^(1/2) cosh(xi - xi_0)),
    with k = P S / M^2, P = m_1 e^gamma + m_2 e^-gamma, S = m_1 e^-gamma + m_2 e^gamma,
    M = m_1 + m_2 and xi_0 = ln(P / S) / 2: at most 1, with one dip. So
    F_xi = 1 / (h - 1) - (a - 1) kappa.

    **Product below 1, or 1 with trade costs: one equilibrium.** F_xi > 0. A good has one xi, which
    falls as s rises, or, at product 1, where F keeps one sign, the country that is cheaper even
    for the smallest rival makes it all. Trade is balanced where

        T(s) = sum_i d_i2 e^(-s/2) x_i2 - d_i1 e^(s/2) (1 - x_i1) = 0.

    Both x fall with s, and so T falls, from above 0 to below. If all goods are such, there is one
    equilibrium. Krugman's model is the case of product 1.

    **Product above 1: up to five states of a good.** A small entrant loses money, so either country
    may make it all. Where both do, F falls from infinity to minus infinity, with at most two
    turning points xi_a < xi_b, where cosh(xi - xi_0) = (r (k + 1) - 2) / (2 (1 - r) k^(1/2)) with
    r = 1 / product. F(xi_a(s), s) rises with s, so the lower branch exists up to one s; so does
    F(xi_b(s), s), so the upper branch exists from one s on, and the middle branch between the
    two. On the lower and upper branch xi rises with s, since F_xi < 0; on the middle one it falls.

    **Limits of s.** Let s < 0. For xi from -gamma to gamma, A >= m_1 / 2 and B <= M, so that
    ln(A / B) >= s - b with b = ln(4 max(d_i1, d_i2) / d_i1), and F is at most
    -ln g - c(s) - (a - 1) (s - b), which is negative for low s. Then a good has xi above gamma, or
    is all in Country 1, and x_2 >= 1/2: T > 0 once e^-s d_i2 > 2. Or xi is below -gamma, which
    takes a product above 1; with ln(A / B) >= xi - gamma, F = 0 implies x_2 <= e^(xi - gamma) <=
    e^s / 2 for low s. If all goods are such, or all in Country 2, then T < 0, since Country 2 sells
    at least half of all in Country 1. With the countries exchanged, the same holds for high s.

    **Exclusion.** Between the folds every branch is monotone in s. Over an interval its values at
    the ends bound a good's part of T, and bounds of F_s and F_xi, whose parts are monotone in s
    and xi, bound its slope. A combination of branches has no equilibrium where the bounds of T
    exclude 0, or T has one sign at both ends and is monotone or kept from 0 by the lines with the
    extreme slopes; it has one where T is monotone and changes its sign. All other intervals are
    halved.

    **What is guaranteed.** In exact arithmetic no equilibrium is missed. In floating point the
    bounds of T have a margin for the rounding of xi, some 1e-15 over F_xi. An equilibrium within
    rounding of the end of an interval is looked for from both sides, and two such within 1e-9 of
    each other are reported as one. Where intervals narrower than 1e-10, or very many, stay
    undecided, this raises: at a tangency, at an equilibrium on a fold, and where trade costs and
    elasticities are so high that trade is beyond doubles, below 1e-300 of income.

    **Stability.** As in `lib.gomory.all_equilibria`, output sells at the prices that clear markets,
    a country distributes what its industries earn over its labour, and an industry that earns more
    than its wage bill grows by the difference. Let y_i = ln(l_i1 / l_i2). Up to first order

        dy_i/dt = ln(A_i / B_i) - ln(w_1 / w_2) - y_i,
        ln(A_i / B_i) + xi_i / (h_i - 1) = ln(e_i1 / e_i2) + a_i y_i,

    while s keeps trade balanced. The equilibrium is stable if all eigenvalues of this motion are
    negative. What one country makes alone at a product above 1 stays there. Goods with F_xi > 0
    pull back; two or more with F_xi < 0 are never stable.

    References
    ----------
    Kucheryavyy, K., Lyn, G. and Rodriguez-Clare, A. (2023). Grounded by Gravity: A Well-Behaved
    Trade Model with Industry-Level Economies of Scale. American Economic Journal: Macroeconomics
    15.

    Examples
    --------
    Two alike countries, two alike goods. With an elasticity of 2 between origins there is one
    equilibrium; with 20 there are three, of which the two that specialise are stable:

    >>> alike = dict(demand=[[0.5, 0.5]] * 2, labor=[1, 1], productivity=[[1, 1]] * 2, scale=1.25)
    >>> for elasticity in 2, 20:
    ...     found = all_equilibria(NestedEconomy(**alike, elasticity=elasticity, g=0.9))
    ...     print(len(found.income), int(found.stable.sum()))
    1 1
    3 2
    """
    n = domain.instance("economy", economy, NestedEconomy).goods
    if n > _MOST_GOODS:
        raise ValueError(f"economy must have from 1 to {_MOST_GOODS} goods here, got {n}")
    goods = _Goods.of(economy)
    # What one country makes alone has an infinite xi, and a branch that does not exist is nan.
    with np.errstate(all="ignore"):
        folds = _Folds.of(goods)
        brackets = _brackets(goods, folds)
        s, xi = _distinct(goods, brackets, *_refine(goods, folds, brackets))
        return _equilibria(economy, goods, s, xi)
