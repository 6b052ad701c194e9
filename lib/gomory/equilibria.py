"""
Every equilibrium of Gomory (1994), Sections 2, 3 and 5: specialised ones and all the others.

Every integer assignment is an equilibrium (Section 3). An equilibrium in which some goods are made
in both countries must also give both producers of each shared good the same unit cost, (3.P). Who
makes what is a pattern (Theorem 2.1); each has one unknown left, s = ln(Z_1 / Z_2), and one
equation, A(s) = s (see `all_equilibria`). All its roots are isolated by exclusion and bisection, as
in interval analysis (Moore, Kearfott and Cloud [1]_, Chapter 8), in all patterns together:

1. At a given s every good has one interior share with equal unit costs, whatever the others do.
   Newton's method finds it, inside a bracket.
2. All equilibria lie between two limits of s.
3. Between these a grid of s is laid, on which no share moves much between neighbours.
4. In each cell of the grid the slopes dx_i/ds have bounds, from bounds of the elasticities of
   output.
5. What a pattern exports and imports, and the bounds of their slopes, are sums over goods: those of
   its first goods plus those of the rest, so that two tables serve all patterns (as in Horowitz and
   Sahni [2]_).
6. By these a cell holds no equilibrium of a pattern, or exactly one, or is undecided.
7. Undecided cells are halved, and go back to step 4, until each half is decided. Neighbouring
   intervals on which A(s) - s is zero within rounding are one equilibrium.
8. Newton's method ends where one equilibrium is bracketed.
9. Utility, stability and the residuals of all conditions follow. A residual above its tolerance
   raises.

References
----------
.. [1] Moore, R. E., Kearfott, R. B. and Cloud, M. J. (2009). Introduction to Interval Analysis.
   SIAM.
.. [2] Horowitz, E. and Sahni, S. (1974). Computing partitions with applications to the knapsack
   problem. Journal of the ACM 21, 277-292.
"""

from dataclasses import dataclass

import numpy as np

from lib import domain
from lib.gomory.economy import PowerProduction, ThresholdProduction, _goods_up_to, _odds_range
from lib.rows import Rows

# Margin of comparisons of A(s) with s, and how many times it counts as zero.
_SLACK, _MOST_SLACK, _FLAT = 1e-12, 1e-6, 10
_ODDS_THAT_MATTER = 8
_LOG_LIMIT = 700.0
_TOLERANCE = 1e-9
_BATCH = 60_000
_MOST_UNDECIDED = 8_000


@dataclass(frozen=True, eq=False)
class Equilibria(Rows):
    """
    Equilibria, specialised and not, one a row: `found[found.stable]` has the stable ones.

    Attributes
    ----------
    pattern : ndarray of int8, shape (m, n)
        Who makes the good: 1 or 2, the sole producer, or 0 where both make it.
    x : ndarray of shape (m, n)
        Share of world expenditure on the good that goes to Country 1's producers, x_i1.
    log_odds : ndarray of shape (m, n)
        The same share as ln(x_i1 / x_i2), which keeps shares too close to 0 or 1 for `x`; inf for
        Country 1's sole goods, -inf for Country 2's.
    income : ndarray of shape (m,)
        Country 1's share of world income, Z_1.
    log_utility : ndarray of shape (m, 2)
        Log of each country's utility.
    stable : ndarray of bool, shape (m,)
        Whether the equilibrium is stable when labour follows profit (see `all_equilibria`).
    residual : ndarray of shape (m, 3)
        What is left of the equilibrium conditions: the largest of the two countries' excess labour
        over its labour force (3.4); the largest difference of log unit costs between the producers
        of a shared good (3.P); the balance of trade over world income. All are at most 1e-9, except
        that next to a threshold, where the rounding of labour moves unit cost by more, the second
        may be larger.
    """

    pattern: np.ndarray
    x: np.ndarray
    log_odds: np.ndarray
    income: np.ndarray
    log_utility: np.ndarray
    stable: np.ndarray
    residual: np.ndarray

    def __post_init__(self):
        domain.freeze(self)


@dataclass(frozen=True, eq=False)
class _Cells(Rows):
    """Intervals of s, each for any pattern."""

    low: np.ndarray
    high: np.ndarray
    odds_at_low: np.ndarray
    """Interior log odds of each good at the lower end, of shape (m, n)."""
    odds_at_high: np.ndarray
    slack: np.ndarray
    """The margin that rounding asks for when A(s) - s is compared with zero."""


@dataclass(frozen=True, eq=False)
class _Undecided(Rows):
    """Cells of which the number of equilibria of a pattern is not known."""

    pattern: np.ndarray
    """The pattern's number, see `_patterns`."""
    cell: np.ndarray
    """The cell's place among the cells."""
    excess_at_low: np.ndarray
    """A(s) - s at the cell's lower end."""
    excess_at_high: np.ndarray


@dataclass(frozen=True, eq=False)
class _Flat(Rows):
    """Intervals on which A(s) - s is zero within rounding."""

    pattern: np.ndarray
    low: np.ndarray
    high: np.ndarray
    excess_at_low: np.ndarray
    excess_at_high: np.ndarray
    odds: np.ndarray


@dataclass(frozen=True, eq=False)
class _Brackets(Rows):
    """Intervals that hold exactly one equilibrium of a pattern."""

    pattern: np.ndarray
    low: np.ndarray
    high: np.ndarray
    positive: np.ndarray
    """Whether A(s) - s is positive, or zero, at the lower end."""
    odds: np.ndarray
    """Interior log odds of each good, near those at the equilibrium, of shape (m, n)."""


def _log_sizes(economy, s):
    """Log labour of a sole producer, ln E_ij, last axis j, at s = ln(Z_1/Z_2) of (m, 1 or n)."""
    d1, d2 = economy.demand.T
    size = np.stack([d1 + d2 * np.exp(-s), d1 * np.exp(s) + d2], axis=-1)
    return np.log(size * economy.labor)


def _shares(log_odds):
    """Both countries' shares and their logarithms, last axis the country."""
    small = np.exp(-np.abs(log_odds))
    log1p = np.log1p(small)
    logs = np.stack([np.minimum(log_odds, 0), -np.maximum(log_odds, 0)], axis=-1) - log1p[..., None]
    less, more = small / (1 + small), 1 / (1 + small)
    first = np.where(log_odds > 0, more, less)
    second = np.where(log_odds > 0, less, more)
    return np.stack([first, second], axis=-1), logs


def _labor(log_labor):
    """Labour that is neither zero nor infinite in doubles."""
    return np.exp(np.clip(log_labor, -_LOG_LIMIT, _LOG_LIMIT))


def _log_output(economy, log_labor):
    production = economy.production
    if isinstance(production, PowerProduction):
        return np.log(production.productivity) + production.scale * log_labor
    return production.log_output(_labor(log_labor))


def _per_share(economy, log_sizes, log_shares):
    """
    Step 1: log output per share, ln(q_ij / x_ij), and its slope in the log share, e_ij - 1.

    Also what adds up to it, all terms positive: their rounding is that of the result.
    """
    production, log_labor = economy.production, log_sizes + log_shares
    if not isinstance(production, PowerProduction | ThresholdProduction):
        labor = _labor(log_labor)
        output, elasticity = production.log_output(labor), production.elasticity(labor)
        terms = np.abs(output) - log_shares + elasticity * (1 + np.abs(log_labor))
        return output - log_shares, elasticity - 1, terms
    # Exponents near 1 need this order: ln e + a ln E + (a - 1) ln x.
    log_e, scale = np.log(production.productivity), production.scale
    own, rest = scale * log_sizes, (scale - 1) * log_shares
    per_share, excess = log_e + own + rest, np.broadcast_to(scale - 1, log_shares.shape)
    terms = np.abs(log_e) + np.abs(own) - rest
    if isinstance(production, ThresholdProduction):
        idle = np.minimum(np.log(production.threshold) - log_labor, 0.0)
        # The part of labour above the threshold, 1 - t / l.
        used = -np.expm1(idle)
        per_share = per_share + scale * np.log(used)
        excess = (scale - 1 + np.exp(idle)) / used
        terms = terms + scale * (1 - used) / used * (1 + np.abs(log_labor))
    return per_share, excess, terms


def _price_gap(economy, log_sizes, log_odds):
    """
    Step 1: log unit cost in Country 2 over that in Country 1.

    Returns also its slope in the log odds, and a bound on its rounding error.
    """
    shares, log_shares = _shares(log_odds)
    # (3.P) with (3.2): the unit costs are equal when q_i1 / x_i1 = q_i2 / x_i2.
    with np.errstate(all="ignore"):
        per_share, excess, terms = _per_share(economy, log_sizes, log_shares)
        slope = excess[..., 0] * shares[..., 1] + excess[..., 1] * shares[..., 0]
        rounding = 2 * np.finfo(float).eps * (terms[..., 0] + terms[..., 1])
        return per_share[..., 0] - per_share[..., 1], slope, rounding


def _interior_log_odds(economy, s, guess=None):
    """
    Step 1: the one interior share with equal unit costs, as log odds of shape (m, n).

    The gap of log unit costs increases in the log odds by A1. Newton's method inside a bracket that
    every step narrows; where that is slow, bisection.
    """
    sizes = _log_sizes(economy, s[:, None])
    result = np.zeros(sizes.shape[:2]) if guess is None else guess.copy()
    known = isinstance(economy.production, PowerProduction | ThresholdProduction)
    limit = 1e9 if known else _LOG_LIMIT
    low, high = np.full(result.shape, -limit), np.full(result.shape, limit)
    done = np.zeros(result.shape, bool)
    active = np.arange(len(s))
    y, step = result, 0
    while len(active):
        gap, slope, rounding = _price_gap(economy, sizes, y)
        with np.errstate(all="ignore"):
            new = y - gap / slope
        low = np.where(gap < 0, y, low)
        high = np.where(gap > 0, y, high)
        inside = (new >= low) & (new <= high) & (step < 100)
        new = np.where(done, y, np.where(inside, new, (low + high) / 2))
        done |= np.abs(new - y) <= 2e-15 * (1 + np.abs(y))
        done |= (np.abs(gap) <= rounding) | (high - low <= 4e-16 * np.abs(y))
        result[active] = new
        rest = ~done.all(axis=1)
        active, sizes, y, low, high, done = (
            part[rest] for part in (active, sizes, new, low, high, done)
        )
        step += 1
    return result


def _slope_bounds(economy, cells):
    """
    Step 4: bounds on dx_i/ds in each cell, each of shape (m, n).

    dx/ds = N / ((e_1 - 1) / x_1 + (e_2 - 1) / x_2) with N = e_1 (1 - w) + e_2 w, where e_j is the
    elasticity of output and w = d_i1 Z_1 / (d_i1 Z_1 + d_i2 Z_2); x_1 and w increase in s, and so
    each part has its bounds at the ends.
    """
    (x_p, log_p), (x_q, log_q) = _shares(cells.odds_at_low), _shares(cells.odds_at_high)
    size_p, size_q = (_log_sizes(economy, s[:, None]) for s in (cells.low, cells.high))
    low = np.stack([log_p[..., 0] + size_q[..., 0], log_q[..., 1] + size_p[..., 1]], axis=-1)
    high = np.stack([log_q[..., 0] + size_p[..., 0], log_p[..., 1] + size_q[..., 1]], axis=-1)
    # In the narrowest cells rounding may put the lower level above the upper one.
    levels = _labor(np.minimum(low, high)), _labor(np.maximum(low, high))
    e_low, e_high = economy.production.elasticity_bounds(*levels)
    d1, d2 = economy.demand.T
    weights = [d1 / (d1 + d2 * np.exp(-s[:, None])) for s in (cells.low, cells.high)]
    with np.errstate(all="ignore"):
        n_low = np.minimum(*(e_low[..., 0] * (1 - w) + e_low[..., 1] * w for w in weights))
        n_high = np.maximum(*(e_high[..., 0] * (1 - w) + e_high[..., 1] * w for w in weights))
        least = n_low / ((e_high[..., 0] - 1) / x_p[..., 0] + (e_high[..., 1] - 1) / x_q[..., 1])
        most = n_high / ((e_low[..., 0] - 1) / x_q[..., 0] + (e_low[..., 1] - 1) / x_p[..., 1])
    return np.nan_to_num(least, nan=0.0), np.nan_to_num(most, nan=np.inf)


def _classify(width, f_p, f_q, least, most, slack):
    """
    Step 6: decide on intervals with f = A(s) - s at their ends and bounds on A'.

    Returns where there is exactly one root, and where it cannot be decided. Zero counts as
    positive, so that a root at an end belongs to one of the two intervals that meet there.
    """
    crossing = (f_p >= 0) != (f_q >= 0)
    monotone = (most < 1 - 1e-10) | (least > 1 + 1e-10)
    down = np.where(f_p >= 0, least - 1, 1 - most)
    up = np.where(f_p >= 0, most - 1, 1 - least)
    with np.errstate(all="ignore"):
        # Both ends on one side: |f| is above the lines from the ends, of the extreme slopes.
        lowest = (up * np.abs(f_p) - down * np.abs(f_q) + down * up * width) / (up - down)
    # A(p) - q <= A(s) - s <= A(q) - p.
    beyond = (f_p - width > slack) | (f_q + width < -slack)
    empty = ~crossing & (monotone | beyond | (lowest > slack))
    return crossing & monotone, ~(empty | (crossing & monotone))


def _trade(economy, pattern, log_odds, row=slice(None)):
    """Step 5: X and Y; `row` of the log odds gives each pattern's shares of what both make."""
    shares, _ = _shares(log_odds)
    d1, d2 = economy.demand.T
    x = np.where(pattern == 0, shares[..., 0][row], pattern == 1)
    y = np.where(pattern == 0, shares[..., 1][row], pattern == 2)
    return x @ d2, y @ d1


def _income_limits(economy, every_pattern):
    """Step 2: the ends of an interval of s = ln(Z_1/Z_2) that holds every equilibrium."""
    low, high = _odds_range(economy)
    low, high = low - 1e-6, high + 1e-6
    if not every_pattern:
        return low, high
    ends = [low, high]
    for j in (0, 1):
        while np.exp(_most_labor(economy, ends[j], j)).sum() >= economy.labor[j] * (1 - 1e-9):
            ends[j] += 2 * j - 1
            if abs(ends[j]) > 300:
                raise ArithmeticError(
                    f"no bound on incomes found: in Country {j + 1} the industries that "
                    "share their goods seem to need all of its labour at any wage"
                )
    return ends


def _most_labor(economy, s, j):
    """Step 2: a bound on log labour in Country j's industries that share goods, at s and beyond."""
    sizes = _log_sizes(economy, np.full((1, 1), s))[0]
    average = _log_output(economy, sizes) - sizes
    # Equal unit costs: average productivity is at most the other's as a sole producer, times wages.
    wages = (s + np.log(economy.labor[1] / economy.labor[0])) * (1 - 2 * j)
    target = average[:, 1 - j] + wages
    low, high = np.minimum(sizes, -_LOG_LIMIT), sizes.copy()
    for _ in range(80):
        middle = (low + high) / 2
        with np.errstate(all="ignore"):
            above = _log_output(economy, middle) - middle > target[:, None]
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.where(average > target[:, None], high, np.inf)[:, j]


def _nodes(economy, low, high):
    """Step 3: a grid of s on which no share that matters moves much between neighbours."""
    levels = np.linspace(-_ODDS_THAT_MATTER, _ODDS_THAT_MATTER, 2 * _ODDS_THAT_MATTER * 3 + 1)
    crossed = _where_odds_are(economy, levels, low, high)
    ends = np.unique(np.append(crossed, [low, high]))
    width, middle = np.diff(ends), (ends[1:] + ends[:-1]) / 2
    density = np.full(len(middle), 5.0)
    for own in crossed.T:
        place = np.searchsorted(own, middle)
        within = (place > 0) & (place < len(own))
        place = place[within]
        density[within] = np.maximum(density[within], 1 / (own[place] - own[place - 1]))
    total = np.append(0, np.cumsum(density * width))
    return np.unique(np.interp(np.linspace(0, total[-1], int(total[-1]) + 2), total, ends))


def _where_odds_are(economy, levels, low, high):
    """Step 3: the s in [low, high] at which interior log odds are at each level, (levels, n)."""
    odds = np.repeat(levels[:, None], economy.goods, axis=1)
    low, high = np.full(odds.shape, low), np.full(odds.shape, high)
    for _ in range(60):
        middle = (low + high) / 2
        gap, *_ = _price_gap(economy, _log_sizes(economy, middle), odds)
        # Log odds increase in s: below a level the gap at the level is positive.
        below = gap > 0
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return low


def _slack(economy, s, log_odds):
    """Step 6: a bound on the rounding error of A at each s, from that of the interior shares."""
    _, slope, rounding = _price_gap(economy, _log_sizes(economy, s[:, None]), log_odds)
    with np.errstate(all="ignore"):
        # dA = (sum d_i2 x_1 x_2 / X + sum d_i1 x_1 x_2 / Y) dy <= 2 max dy, y the log odds.
        error = np.nan_to_num(rounding / slope, posinf=0.0).max(axis=1)
    return _SLACK + 2 * error


def _ternary(n):
    """All 3^n patterns of n goods, the first good's digit changing fastest."""
    return (np.arange(3**n)[:, None] // 3 ** np.arange(n) % 3).astype(np.int8)


def _sums(economy, goods, states, log_odds, least, most):
    """Step 5: sums over some goods for all their patterns: X, Y, bounds on dX/ds and dY/ds."""
    shares, _ = _shares(log_odds[:, goods])
    shared = (states == 0).astype(float)
    result = []
    for own, other in ((0, 1), (1, 0)):
        demand = economy.demand[goods, other]
        result.append((states == own + 1) @ demand[:, None] + shared * demand @ shares[..., own].T)
    for other in (1, 0):
        weighted = shared * economy.demand[goods, other]
        result += [weighted @ least[:, goods].T, weighted @ most[:, goods].T]
    return result


def _brackets(economy, every_pattern, batch):
    """
    Yield for every pattern the intervals with exactly one equilibrium, by steps 2 to 7.

    They come as `_Brackets`, a batch of patterns at a time.
    """
    n = economy.goods
    s = _nodes(economy, *_income_limits(economy, every_pattern))
    odds = _interior_log_odds(economy, s)
    slack = _slack(economy, s, odds)
    if slack.max() > _MOST_SLACK:
        raise ArithmeticError(
            "economies of scale are too weak for doubles: elasticities of output so near 1 leave "
            f"interior shares uncertain by {slack.max():.0e}"
        )
    cells = _Cells(s[:-1], s[1:], odds[:-1], odds[1:], np.maximum(slack[:-1], slack[1:]))
    least, most = _slope_bounds(economy, cells)
    # A good that moves from 0 to 1 within a cell has no useful bound there.
    most = np.minimum(most, 1e200)
    k = (n + 1) // 2
    first_states, other_states = _ternary(k), _ternary(n - k)
    first = _sums(economy, slice(0, k), first_states, odds, least, most)
    others = _sums(economy, slice(k, n), other_states, odds, least, most)
    wage = np.exp(s)
    width = np.diff(s)
    found, undecided, waiting = [], [], 0

    for h, state in enumerate(other_states):
        x, y, x_least, x_most, y_least, y_most = (
            one + other[h] for one, other in zip(first, others, strict=True)
        )
        valid = np.ones(len(first_states), bool)
        for j in (1, 2):
            if every_pattern:
                valid &= (first_states != j).any(axis=1) | bool((state != j).any())
            else:
                valid &= (first_states == j).any(axis=1) | bool((state == j).any())
        # A(q) < p or A(p) > q on [p, q]: no fixed point of the non-decreasing A.
        keep = x[:, 1:] * (1 + cells.slack) >= wage[:-1] * y[:, 1:]
        keep &= x[:, :-1] <= wage[1:] * y[:, :-1] * (1 + cells.slack)
        keep &= valid[:, None]
        r, c = np.nonzero(keep)
        with np.errstate(divide="ignore"):
            at_low = np.log(x[r, c] / y[r, c]) - s[c]
            at_high = np.log(x[r, c + 1] / y[r, c + 1]) - s[c + 1]
        with np.errstate(all="ignore"):
            # X is least at the lower end, Y at the upper one.
            slope_least = x_least[r, c] / x[r, c + 1] + y_least[r, c] / y[r, c]
            slope_most = x_most[r, c] / x[r, c] + y_most[r, c] / y[r, c + 1]
        one, unknown = _classify(width[c], at_low, at_high, slope_least, slope_most, cells.slack[c])
        number = h * len(first_states) + r
        found.append(
            _Brackets(number[one], s[c[one]], s[c[one] + 1], at_low[one] >= 0, odds[c[one]])
        )
        undecided.append(_Undecided(number, c, at_low, at_high)[unknown])
        waiting += int(valid.sum())
        if waiting >= batch or h == len(other_states) - 1:
            found.append(_subdivide(economy, cells, _Undecided.join(undecided)))
            yield _Brackets.join(found)
            found, undecided, waiting = [], [], 0


def _patterns(n, number):
    """Decode patterns: a good's digit in base 3, the first good's lowest, tells who makes it."""
    return (number[:, None] // 3 ** np.arange(n) % 3).astype(np.int8)


def _subdivide(economy, cells, undecided):
    """
    Step 7: halve the undecided cells until each half has one equilibrium or none.

    The patterns share the cells, so shares are solved for once a cell and not once a pattern.
    """
    found, flat = [], []
    most = max(_MOST_UNDECIDED, 8 * len(undecided.pattern))
    while True:
        cells, undecided = _halve(economy, cells, undecided, most)
        at = undecided.cell
        width, slack = (cells.high - cells.low)[at], cells.slack[at]
        slope_least, slope_most = _pattern_slope_bounds(economy, cells, undecided)
        at_low, at_high = undecided.excess_at_low, undecided.excess_at_high
        one, unknown = _classify(width, at_low, at_high, slope_least, slope_most, slack)
        with np.errstate(all="ignore"):
            far = np.maximum(np.abs(slope_least - 1), np.abs(slope_most - 1)) * width
        level = unknown & (np.maximum(np.abs(at_low), np.abs(at_high)) + far < _FLAT * slack)
        low, high, odds = cells.low[at], cells.high[at], cells.odds_at_low[at]
        flat.append(_Flat(undecided.pattern, low, high, at_low, at_high, odds)[level])
        found.append(_Brackets(undecided.pattern, low, high, at_low >= 0, odds)[one])
        undecided = undecided[unknown & ~level]
        if not len(undecided.pattern):
            return _Brackets.join([*found, _tangencies(_Flat.join(flat))])


def _halve(economy, cells, undecided, most):
    """Step 7: halve the cells that are undecided for some pattern, if these are not too many."""
    used, place = np.unique(undecided.cell, return_inverse=True)
    cells = cells[used]
    middle = (cells.low + cells.high) / 2
    apart = (cells.low < middle) & (middle < cells.high)
    if len(undecided.pattern) > most or not apart.all():
        pattern = _patterns(economy.goods, undecided.pattern[:1])[0].tolist()
        raise ArithmeticError(
            f"equilibria of the pattern {pattern} (1 or 2 the sole producer, 0 both) cannot be "
            "told apart in doubles where ln(Z_1 / Z_2) is near "
            f"{float(middle[place[0]])!r}"
        )
    odds = _interior_log_odds(economy, middle, (cells.odds_at_low + cells.odds_at_high) / 2)
    exports, imports = _trade(economy, _patterns(economy.goods, undecided.pattern), odds, place)
    with np.errstate(divide="ignore"):
        excess = np.log(exports / imports) - middle[place]
    lower = _Undecided(undecided.pattern, place, undecided.excess_at_low, excess)
    upper = _Undecided(undecided.pattern, place + len(used), excess, undecided.excess_at_high)
    slack = np.maximum(cells.slack, _slack(economy, middle, odds))
    halves = (
        _Cells(cells.low, middle, cells.odds_at_low, odds, slack),
        _Cells(middle, cells.high, odds, cells.odds_at_high, slack),
    )
    return _Cells.join(halves), _Undecided.join([lower, upper])


def _pattern_slope_bounds(economy, cells, undecided):
    """Bound A' for single patterns and cells, by steps 4 and 5."""
    d1, d2 = economy.demand.T
    pattern = _patterns(economy.goods, undecided.pattern)
    x_low, y_low = _trade(economy, pattern, cells.odds_at_low, undecided.cell)
    x_high, y_high = _trade(economy, pattern, cells.odds_at_high, undecided.cell)
    least, most = (
        np.where(pattern == 0, bound[undecided.cell], 0) for bound in _slope_bounds(economy, cells)
    )
    with np.errstate(all="ignore"):
        return least @ d2 / x_high + least @ d1 / y_low, most @ d2 / x_low + most @ d1 / y_high


def _tangencies(flat):
    """Step 7: join neighbouring intervals on which A(s) - s is zero, to one root each."""
    flat = flat[np.lexsort((flat.low, flat.pattern))]
    new = np.ones(len(flat.low) + 1, bool)
    new[1:-1] = (np.diff(flat.pattern) != 0) | (flat.low[1:] != flat.high[:-1])
    first, last = np.flatnonzero(new[:-1]), np.flatnonzero(new[1:])
    low, high = flat.low[first], flat.high[last]
    positive = flat.excess_at_low[first] >= 0
    for k in np.flatnonzero(positive == (flat.excess_at_high[last] >= 0)):
        row = flat[first[k] : last[k] + 1]
        ends = np.concatenate([row.low, row.high])
        gaps = np.concatenate([row.excess_at_low, row.excess_at_high])
        low[k] = high[k] = ends[np.abs(gaps).argmin()]
    return _Brackets(flat.pattern[first], low, high, positive, flat.odds[first])


def _balance_slope(economy, pattern, s, log_odds, x, y):
    """Step 8: A' at s, and the slopes of the interior log odds."""
    shares, _ = _shares(log_odds)
    sizes = _log_sizes(economy, s[:, None])
    _, slope, _ = _price_gap(economy, sizes, log_odds)
    d1, d2 = economy.demand.T
    weight = d1 / (d1 + d2 * np.exp(-s[:, None]))
    log_labor = sizes + _shares(log_odds)[1]
    e = economy.production.elasticity(_labor(log_labor))
    rise = e[..., 0] * (1 - weight) + e[..., 1] * weight
    with np.errstate(all="ignore"):
        steep = rise / slope
        dx = np.where(pattern == 0, shares[..., 0] * shares[..., 1] * steep, 0.0)
        return dx @ d2 / x + dx @ d1 / y, steep


def _refine(economy, brackets):
    """Step 8: Newton's method in s inside the brackets; returns s and the log odds there."""
    pattern = _patterns(economy.goods, brackets.pattern)
    low, high = brackets.low.copy(), brackets.high.copy()
    s = (low + high) / 2
    odds = brackets.odds.copy()
    active, step = np.arange(len(s)), 0
    while len(active):
        now, some = s[active], pattern[active]
        y = _interior_log_odds(economy, now, odds[active])
        exports, imports = _trade(economy, some, y)
        f = np.log(exports / imports) - now
        slope, steep = _balance_slope(economy, some, now, y, exports, imports)
        slope -= 1
        below = (f >= 0) == brackets.positive[active]
        low[active] = np.where(below, now, low[active])
        high[active] = np.where(below, high[active], now)
        left, right = low[active], high[active]
        with np.errstate(all="ignore"):
            new = now - f / slope
        # Where A is so steep that rounding misleads Newton's method, bisection ends it.
        inside = (new >= left) & (new <= right) & (step < 30)
        new = np.where(inside, new, (left + right) / 2)
        size = 1 + np.abs(now)
        done = (np.abs(new - now) <= 1e-14 * size) | (right - left <= 4e-16 * size)
        done |= np.abs(f) <= 2e-16 * size
        # What is missing of s may be less than its last digit, and still move steep shares.
        with np.errstate(all="ignore"):
            missing = np.where(done & (slope > 1), -f / slope, 0.0)[:, None] * steep
        odds[active] = y + np.where((some == 0) & np.isfinite(missing), missing, 0.0)
        s[active] = np.where(done, now, new)
        active = active[~done]
        step += 1
    return s, odds


def _equilibria(economy, number, s, log_odds, tolerance=_TOLERANCE):
    """Step 9: utility, stability and residuals."""
    order = np.lexsort((s, number))
    number, s, log_odds = number[order], s[order], log_odds[order]
    pattern = _patterns(economy.goods, number)
    shared = pattern == 0
    exports, imports = _trade(economy, pattern, log_odds)
    balance_slope, _ = _balance_slope(economy, pattern, s, log_odds, exports, imports)
    shared_goods = shared.sum(axis=1)
    stable = (shared_goods == 0) | ((shared_goods == 1) & (balance_slope > 1))

    sizes = _log_sizes(economy, s[:, None])
    with np.errstate(invalid="ignore"):
        gap, steepness, _ = (np.where(shared, v, 0.0) for v in _price_gap(economy, sizes, log_odds))
        gap = np.abs(gap)
    log_odds = np.where(shared, log_odds, np.where(pattern == 1, np.inf, -np.inf))
    shares, _ = _shares(log_odds)
    excess = (shares * np.exp(sizes) / economy.labor).sum(axis=1) - 1
    z = np.stack([1 / (1 + np.exp(-s)), 1 / (1 + np.exp(s))], axis=1)
    trade = np.abs(exports * z[:, 1] - imports * z[:, 0])
    residual = np.stack([np.abs(excess).max(axis=1), gap.max(axis=1), trade], axis=1)
    # Next to a threshold unit cost is so steep that rounding labour leaves more.
    allowed = tolerance * np.ones_like(residual)
    allowed[:, 1] += 1e-13 * steepness.max(axis=1)
    if not np.all(residual <= allowed):
        raise ArithmeticError(f"equilibrium conditions hold only within {np.max(residual)}")
    with np.errstate(divide="ignore"):
        output = _log_output(economy, sizes + np.log(shares))
    # (3.5) with F_ij = d_ij L_j / E_ij, which keeps the income of a country that has next to none.
    bought = np.log(economy.demand * economy.labor) - sizes
    bought += np.logaddexp(output[..., 0], output[..., 1])[..., None]
    utility = (economy.demand * bought).sum(axis=1)
    return Equilibria(pattern, shares[..., 0], log_odds, z[:, 0], utility, stable, residual)


def stream_equilibria(economy, every_pattern=False):
    """
    Every equilibrium of every pattern, in batches, so that memory does not grow with their number.

    Parameters
    ----------
    economy : Economy
        An economy of 2 to 16 goods; each good more triples the time.
    every_pattern : bool
        Whether to include the patterns in which a country is sole producer of nothing.

    Returns
    -------
    iterator of Equilibria
        Equilibria of a batch of patterns at a time; the batches together are those of
        `all_equilibria`, in the same order.

    Raises
    ------
    ValueError
        If the economy has more than 16 goods, or production functions without the method
        `elasticity_bounds`.
    ArithmeticError
        If an equilibrium cannot be found or excluded within the tolerance.

    See Also
    --------
    all_equilibria : The method, and what is guaranteed.

    Examples
    --------
    >>> from lib.gomory import random_economy
    >>> economy = random_economy(3, seed=1)
    >>> sum(len(batch.income) for batch in stream_equilibria(economy))
    12
    """
    _goods_up_to(economy, 16)
    if not callable(getattr(economy.production, "elasticity_bounds", None)):
        raise ValueError(
            "economy must have a production with the method elasticity_bounds(low, high), which "
            "returns what the elasticity neither falls below nor exceeds between two levels of "
            "labour: without it equilibria could be missed (see "
            f"PowerProduction.elasticity_bounds), got {domain.shown(economy.production)}"
        )
    if not isinstance(every_pattern, bool | np.bool_):
        raise ValueError(f"every_pattern must be True or False, got {every_pattern!r}")
    return _batches(economy, every_pattern)


def _batches(economy, every_pattern):
    for brackets in _brackets(economy, every_pattern, _BATCH):
        yield _equilibria(economy, brackets.pattern, *_refine(economy, brackets))


def all_equilibria(economy, every_pattern=False):
    """
    Every equilibrium of every pattern of Theorem 2.1: all solutions of each pattern, or a refusal.

    A pattern says of each good whether Country 1, Country 2 or both make it. There are
    3^n - 2^(n+1) + 1 patterns in which each country is sole producer of something.

    Parameters
    ----------
    economy : Economy
        An economy of 2 to 13 goods (`stream_equilibria` takes more).
    every_pattern : bool
        Whether to include the patterns in which a country is sole producer of nothing, which the
        theorem leaves out and which may have equilibria or none.

    Returns
    -------
    Equilibria
        Fields `pattern`, `x`, `log_odds`, `income`, `log_utility`, `stable` and `residual`, ordered
        by pattern (the first good changing fastest: both, 1, 2) and then by income.

    Raises
    ------
    ValueError
        If the economy has more than 13 goods, or production functions without the method
        `elasticity_bounds`.
    ArithmeticError
        If an equilibrium cannot be found or excluded within the tolerance.

    Notes
    -----
    **Reduction to one unknown.** Let s = ln(Z_1 / Z_2). By (3.2), l_i1 = x_i1 E_i1 with
    E_i1 = L_1 (d_i1 + d_i2 e^-s), and l_i2 = x_i2 E_i2 with E_i2 = L_2 (d_i1 e^s + d_i2). Where
    both make a good, (3.P) is f_i1(l_i1) / x_i1 = f_i2(l_i2) / x_i2. By A1 the left side increases
    in x_i1 and falls in s, the right side falls in x_i1 and increases in s; by A2 and A3 the two
    cross inside. So each s has one interior share x_i(s), and it increases in s, whatever the
    others do. What is left is (3.4), balanced trade:

        A(s) = ln X(s) - ln Y(s) = s,  X = sum_i d_i2 x_i1(s),  Y = sum_i d_i1 x_i2(s),

    and A does not decrease in s.

    **Exclusion.** For s in [p, q], A(p) - q <= A(s) - s <= A(q) - p. So [p, q] holds no equilibrium
    if A(q) < p or A(p) > q. With bounds m <= A' <= M on [p, q] it holds none if A(s) - s has one
    sign at both ends and either M < 1, or m > 1, or the lines of slopes m - 1 and M - 1 through its
    values at the ends meet on the same side of zero; and exactly one if the signs differ and M < 1
    or m > 1. Any other interval is halved. In a pattern of the theorem X and Y are bounded away
    from 0, and all s = A(s) lie in [min_i ln(d_i2 / (1 - d_i1)), max_i ln((1 - d_i2) / d_i1)].
    Otherwise, where Country 1 is sole producer of nothing, its average productivity in each good it
    makes is at most Country 2's as a sole producer times w_1 / w_2, which falls with s, and
    so bounds l_i1 from above for all lower s; once these bounds add up to less than L_1 there is no
    equilibrium below (and the same for Country 2 above).

    **What is guaranteed.** In exact arithmetic no equilibrium is missed: the value bound needs A1
    to A3 alone, the slope bound the bounds of elasticity that the production functions state. In
    floating point, comparisons leave a margin of 1e-12 or, where that is more, twice the rounding
    error of the interior log odds, some 1e-14 / (a - 1) at an exponent a near 1. Equilibria of a
    pattern between which |A(s) - s| stays below ten times the margin (a tangency, with s within
    about 1e-5) may be reported as one, and a tangency missed by less than that as an equilibrium.
    Equilibria that doubles cannot tell apart raise, and so do exponents nearer to 1 than some 1e-8.

    **Stability.** Let labour follow profit. Given employment, industries sell their output at the
    prices that clear markets, so x_i1 = f_i1 / (f_i1 + f_i2) and balanced trade sets s = A. A
    country distributes what its industries earn over its labour, w_j = Y_j / L_j, and an industry
    that earns more than its wage bill grows by the difference:

        dl_ij/dt = (p_i f_ij - w_j l_ij) / w_j.

    Employment stays full. Linearise in r_i = e_i1 dln l_i1 - e_i2 dln l_i2 with the elasticities e:
    for the shared goods

        dr_i/dt = H_i r_i - N_i sum_k c_k r_k,  H_i = (e_i1 - 1) x_i2 + (e_i2 - 1) x_i1 > 0,

    N_i > 0, c_k > 0 and sum_i c_i N_i / H_i = A'(s); all other directions die out at the rate -1
    (an industry that does not exist has no output per worker, A3). The matrix is similar to a
    symmetric one, a positive diagonal less a matrix of rank one, so that all its eigenvalues but
    one are above the smallest H_i, and its determinant has the sign of 1 - A'(s). Therefore an
    equilibrium is stable if it is specialised, or if one good is shared and A'(s) > 1, and never
    with two or more.

    References
    ----------
    Gomory (1994), Theorem 2.1, equations (3.2) to (3.4), (3.P) and Section 5.

    Examples
    --------
    >>> from lib.gomory import random_economy
    >>> economy = random_economy(3, seed=1)
    >>> found = all_equilibria(economy)
    >>> len(found.income), int(found.stable.sum())
    (12, 6)
    """
    _goods_up_to(economy, 13)
    return Equilibria.join(list(stream_equilibria(economy, every_pattern)))
