"""
Every equilibrium of Gomory (1994), Sections 2, 3 and 5: specialised ones and all the others.

Every integer assignment is an equilibrium (Section 3). An equilibrium in which some goods are made
in both countries must also give both producers of each shared good the same unit cost, (3.P).
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lib.domain import choice, instance, integer
from lib.gomory.economy import Economy, PowerProduction, log_utility, sole_producer_log_output
from lib.gomory.economy import income as trade_balance_income

_SLACK = 1e-12
_FLAT = 1e-11
_LOG_ODDS_LIMIT = 700.0
_TOLERANCE = 1e-9
_BATCH = 60_000
_SERIES_TOLERANCE = 1e-7
_BLOCK_GOODS = 14
_PASS = 64


@dataclass(frozen=True, eq=False)
class SpecializedEquilibria:
    """
    Equilibria in which one country makes all of each good.

    Attributes
    ----------
    made_in_1 : ndarray of bool, shape (m, n)
        Whether Country 1 makes the good.
    income : ndarray of shape (m,)
        Country 1's share of world income, Z_1.
    log_utility : ndarray of shape (m, 2)
        Log of each country's utility.
    """

    made_in_1: np.ndarray
    income: np.ndarray
    log_utility: np.ndarray


@dataclass(frozen=True, eq=False)
class SpecializedDensity:
    """
    How many specialised equilibria lie in each cell of a grid of incomes and utilities.

    Attributes
    ----------
    counts : ndarray of int, shape (k, l)
        Number of equilibria by cell of Country 1's income share and of utility; they sum to
        2^n - 2.
    income_edges : ndarray of shape (k + 1,)
        Edges of the cells in Z_1, from 0 to 1.
    utility_edges : ndarray of shape (l + 1,)
        Edges of the cells in the country's utility (not its logarithm), from 0 to a bound which no
        specialised equilibrium exceeds.
    """

    counts: np.ndarray
    income_edges: np.ndarray
    utility_edges: np.ndarray


@dataclass(frozen=True, eq=False)
class Equilibria:
    """
    Equilibria, specialised and not, one a row.

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


def _goods(economy, high):
    n = instance("economy", economy, Economy).goods
    if n > high:
        raise ValueError(f"economy must have from 2 to {high} goods here, got {n}")
    return n


def _bits(numbers, n):
    """Decode assignments: good i is made in Country 1 where bit i of the number is set."""
    return (np.asarray(numbers)[:, None] >> np.arange(n) & 1).astype(bool)


def specialized_equilibria(economy):
    """
    All 2^n - 2 specialised equilibria in which both countries make something.

    Parameters
    ----------
    economy : Economy
        An economy of 2 to 22 goods.

    Returns
    -------
    SpecializedEquilibria
        Fields `made_in_1`, `income` and `log_utility`. Row r is the assignment of which number
        r + 1 has the binary digits, lowest first.

    Raises
    ------
    ValueError
        If the economy has more than 22 goods (`specialized_density` counts them up to 30).

    References
    ----------
    Gomory (1994), Section 3, "Equilibrium Conditions and Integer x".
    """
    n = _goods(economy, 22)
    count = 2**n - 2
    made_in_1 = np.empty((count, n), bool)
    incomes = np.empty(count)
    utilities = np.empty((count, 2))
    for start in range(0, count, 2**14):
        rows = slice(start, min(start + 2**14, count))
        x = _bits(np.arange(rows.start + 1, rows.stop + 1), n)
        made_in_1[rows] = x
        incomes[rows] = trade_balance_income(economy, x)
        for j in (0, 1):
            utilities[rows, j] = log_utility(economy, x, j + 1)
    return SpecializedEquilibria(made_in_1, incomes, utilities)


def _utility_bound(economy, country):
    """
    Log utility that no specialised equilibrium exceeds, by weak duality on cells of income.

    On a cell, bound each coefficient of the linearised utility by its larger end (shares and
    outputs are monotone in Z_1). For every price of labour, the Lagrangian of (3.4b) bounds the
    maximum; it is convex in Z_1, so its larger end bounds it on the cell. The best price is one at
    which a good changes hands.
    """
    d1, d2 = economy.demand.T
    low = np.log(d2 / (1 - d1)).min()
    high = np.log((1 - d2) / d1).max()
    s = np.linspace(low - 1e-9, high + 1e-9, 2001)
    z = 1 / (1 + np.exp(-s))
    own = z if country == 1 else 1 - z
    size = d1 * z[:, None] + d2 * (1 - z[:, None])
    delta = economy.demand[:, country - 1]
    share = np.log(delta * own[:, None] / size)
    output = sole_producer_log_output(economy, z)
    most = np.maximum(share[:-1], share[1:])[..., None] + np.maximum(output[:-1], output[1:])
    c1, c2 = np.moveaxis(delta[:, None] * most, -1, 0)
    price = 2 * (c2 - c1) / (size[:-1] + size[1:])
    bound = np.full(price.shape, -np.inf)
    for ends in (slice(None, -1), slice(1, None)):
        gain = (c2 - c1)[:, None, :] - price[:, :, None] * size[ends][:, None, :]
        dual = c1.sum(axis=1)[:, None] + np.maximum(gain, 0).sum(axis=2)
        bound = np.maximum(bound, dual + price * (1 - z[ends])[:, None])
    return float(bound.min(axis=1).max())


def _subset_sums(by_producer):
    """Sum over goods for all assignments, numbered by their bits, of a (goods, 2) table."""
    sums = np.zeros(1)
    for first, second in by_producer:
        sums = np.concatenate([sums + second, sums + first])
    return sums


def _power_coefficients(economy, country):
    """
    Log utility at specialised equilibria under e l^a as a few sums over goods.

    With t = 2 Z_1 - 1 and q_i = (r_1 - r_2) / (r_1 + r_2), r_j = sqrt(d_ij), expenditure has the
    Chebyshev series ln(d_i1 Z_1 + d_i2 Z_2) = 2 ln((r_1 + r_2) / 2) - 2 sum_k (-q_i)^k T_k(t) / k.

    Returns the coefficients of T_0(t) to T_K(t), -ln Z_1 and -ln Z_2, of shape (K + 3, n, 2) by the
    good's producer, and a bound on what the terms beyond K add up to.
    """
    delta = economy.demand[:, country - 1, None]
    e = np.broadcast_to(economy.production.productivity, economy.demand.shape)
    a = np.broadcast_to(economy.production.scale, economy.demand.shape)
    roots = np.sqrt(economy.demand)
    q = ((roots[:, 0] - roots[:, 1]) / roots.sum(axis=1))[:, None]
    size = 2 * np.log(roots.sum(axis=1) / 2)[:, None]
    weight = delta * (a - 1)
    terms = [delta * (np.log(delta) + np.log(e) + a * np.log(economy.labor)) + weight * size]
    for k in range(1, 1000):
        tail = float((weight * 2 * np.abs(q) ** k / (k * (1 - np.abs(q)))).max(axis=1).sum())
        if tail < _SERIES_TOLERANCE:
            break
        terms.append(weight * (-2 * (-q) ** k / k))
    on_log_income = [delta * (a * [j == 1, j == 2] - (j == country)) for j in (1, 2)]
    return np.stack([*terms, *on_log_income]), tail


def _power_blocks(economy, country):
    """
    Evaluate log utility under e l^a for blocks of assignments by sums over two halves of the goods.

    Returns the number of blocks, a function from a block's number to its incomes and log utilities,
    and a bound on the error of the latter.
    """
    n = economy.goods
    coefficients, tail = _power_coefficients(economy, country)
    degree = len(coefficients) - 3
    none = np.zeros(n)
    exports = np.stack([economy.demand[:, 1], none], axis=1)
    imports = np.stack([none, economy.demand[:, 0]], axis=1)
    table = [*coefficients, exports, imports]
    k = min(n, _BLOCK_GOODS)
    low = [_subset_sums(c[:k]) for c in table]
    high = [_subset_sums(c[k:]) for c in table]

    def block(h):
        x, y = (low[c] + high[c][h] for c in (-2, -1))
        z = x / (x + y)
        twice = 4 * z - 2
        u, older = np.zeros_like(z), np.zeros_like(z)
        for c in range(degree, 0, -1):
            # Clenshaw's recurrence for the sum of Chebyshev polynomials.
            np.subtract(low[c] + high[c][h], older, out=older)
            older += twice * u
            u, older = older, u
        u *= twice / 2
        u -= older
        u += low[0] + high[0][h]
        with np.errstate(divide="ignore", invalid="ignore"):
            u -= np.log(z) * (low[-4] + high[-4][h])
            u -= np.log(1 - z) * (low[-3] + high[-3][h])
        return z, u

    return 2 ** (n - k), block, tail + 1e-12


def _direct_blocks(economy, country):
    """Evaluate log utility assignment by assignment: as `_power_blocks`, for any production."""
    n = economy.goods
    k = min(n, _BLOCK_GOODS)

    def block(h):
        x = _bits(np.arange(h << k, (h + 1) << k), n)
        return trade_balance_income(economy, x), log_utility(economy, x, country)

    return 2 ** (n - k), block, 0.0


def specialized_density(economy, bins, country, threads=None):
    """
    Count all 2^n - 2 specialised equilibria on a grid of income and utility.

    Memory does not grow with their number. Under `PowerProduction` log utility is a power series in
    Z_1 of which the coefficients are sums over the goods, so that two tables of sums, each over
    some of the goods, serve all assignments; where the series stops short of deciding on which side
    of an edge an equilibrium lies, its utility is computed in full. Other production functions are
    evaluated one assignment at a time (about ten times slower). Every equilibrium is counted once,
    in the cell of its income and utility in double precision.

    Parameters
    ----------
    economy : Economy
        An economy of 2 to 34 goods; each good more doubles the time.
    bins : int or (int, int)
        Number of cells in Z_1 and in utility, from 1 to 4096 each.
    country : {1, 2}
        The country of which the utility is meant.
    threads : int, optional
        Number of threads, from 1 to 256. By default one for each processor.

    Returns
    -------
    SpecializedDensity
        Fields `counts`, `income_edges` and `utility_edges`.

    Raises
    ------
    ValueError
        If a parameter is outside its domain.

    References
    ----------
    Gomory (1994), Section 4, Figure 5: filling in.
    """
    n = _goods(economy, 34)
    pair = bins if isinstance(bins, tuple | list) else (bins, bins)
    if len(pair) != 2:
        raise ValueError(f"bins must be one whole number or two, got {bins!r}")
    columns, rows = (integer("bins", side, 1, 4096) for side in pair)
    country = choice("country", country, (1, 2))
    threads = integer("threads", (os.cpu_count() or 1) if threads is None else threads, 1, 256)

    is_power = isinstance(economy.production, PowerProduction)
    blocks, block, error = (_power_blocks if is_power else _direct_blocks)(economy, country)
    top = _utility_bound(economy, country)
    margin = rows * 2 * error
    k = min(n, _BLOCK_GOODS)

    def _height(u):
        return np.exp(u - top) * rows

    def _count(numbers):
        counts = np.zeros(columns * rows, np.int64)
        for start in range(numbers.start, numbers.stop, _PASS):
            some = range(start, min(start + _PASS, numbers.stop))
            cells = np.empty((len(some), 2**k), np.intp)
            for h, cell in zip(some, cells, strict=True):
                z, u = block(h)
                v = _height(u)
                near = np.flatnonzero(np.abs(v - np.rint(v)) < margin)
                if len(near):
                    v[near] = _height(log_utility(economy, _bits((h << k) + near, n), country))
                if h == 0:
                    z[0] = v[0] = 0
                if h == blocks - 1:
                    z[-1] = v[-1] = 0
                np.multiply(z, columns, out=cell, casting="unsafe")
                np.minimum(cell, columns - 1, out=cell)
                cell *= rows
                cell += np.minimum(v, rows - 1).astype(np.intp)
            counts += np.bincount(cells.ravel(), minlength=len(counts))
        return counts

    ends = np.linspace(0, blocks, min(threads, blocks) + 1).astype(int)
    ranges = [range(a, b) for a, b in pairwise(ends)]
    with ThreadPoolExecutor(len(ranges)) as pool:
        counts = sum(pool.map(_count, ranges))
    # Everything in one country is no equilibrium: both were put into the first cell.
    counts[0] -= 2
    return SpecializedDensity(
        counts.reshape(columns, rows),
        np.linspace(0, 1, columns + 1),
        np.exp(top) * np.linspace(0, 1, rows + 1),
    )


def _log_sizes(economy, s):
    """Log labour of a sole producer, ln E_ij, of shape (m, n, 2), at s = ln(Z_1/Z_2)."""
    d1, d2 = economy.demand.T
    s = s[:, None]
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


def _log_output(economy, log_labor):
    if isinstance(economy.production, PowerProduction):
        return np.log(economy.production.productivity) + economy.production.scale * log_labor
    return economy.production.log_output(np.exp(log_labor))


def _price_gap(economy, log_sizes, log_odds):
    """Log unit cost in Country 2 over that in Country 1, and its slope in the log odds."""
    shares, log_shares = _shares(log_odds)
    log_labor = log_sizes + log_shares
    # (3.P) with (3.2): the unit costs are equal when q_i1 / x_i1 = q_i2 / x_i2.
    per_share = _log_output(economy, log_labor) - log_shares
    excess = economy.production.elasticity(np.exp(log_labor)) - 1
    slope = excess[..., 0] * shares[..., 1] + excess[..., 1] * shares[..., 0]
    return per_share[..., 0] - per_share[..., 1], slope


def _interior_log_odds(economy, s, guess=None):
    """
    Solve for the one interior share with equal unit costs, as log odds of shape (m, n).

    The gap of log unit costs increases in the log odds by A1. Newton's method inside a bracket that
    every step narrows.
    """
    sizes = _log_sizes(economy, s)
    result = np.zeros(sizes.shape[:2]) if guess is None else guess.copy()
    limit = 1e9 if isinstance(economy.production, PowerProduction) else _LOG_ODDS_LIMIT
    low, high = np.full(result.shape, -limit), np.full(result.shape, limit)
    active = np.arange(len(s))
    y = result
    for _ in range(200):
        with np.errstate(all="ignore"):
            gap, slope = _price_gap(economy, sizes, y)
            new = y - gap / slope
        low = np.where(gap < 0, y, low)
        high = np.where(gap > 0, y, high)
        new = np.where((new >= low) & (new <= high), new, (low + high) / 2)
        done = (np.abs(new - y) <= 1e-12 * (1 + np.abs(y))) | (high - low <= 4e-16 * np.abs(y))
        result[active] = new
        rest = ~done.all(axis=1)
        if not rest.any():
            return result
        active, sizes, y, low, high = (part[rest] for part in (active, sizes, new, low, high))
    raise ArithmeticError("interior shares did not converge in 200 steps")


def _slope_bounds(economy, p, q, y_p, y_q):
    """
    Bounds on dx_i/ds for s in [p, q], each of shape (m, n).

    dx/ds = N / ((e_1 - 1) / x_1 + (e_2 - 1) / x_2) with N = e_1 (1 - w) + e_2 w, where e_j is the
    elasticity of output and w = d_i1 Z_1 / (d_i1 Z_1 + d_i2 Z_2); x_1 and w increase in s, and so
    each part has its bounds at the ends. Elasticities must be monotone in labour in between.
    """
    (x_p, log_p), (x_q, log_q) = _shares(y_p), _shares(y_q)
    size_p, size_q = _log_sizes(economy, p), _log_sizes(economy, q)
    low = np.stack([log_p[..., 0] + size_q[..., 0], log_q[..., 1] + size_p[..., 1]], axis=-1)
    high = np.stack([log_q[..., 0] + size_p[..., 0], log_p[..., 1] + size_q[..., 1]], axis=-1)
    with np.errstate(over="ignore"):
        e = np.stack([economy.production.elasticity(np.exp(end)) for end in (low, high)])
    e_low, e_high = e.min(axis=0), e.max(axis=0)
    d1, d2 = economy.demand.T
    weights = [d1 / (d1 + d2 * np.exp(-s[:, None])) for s in (p, q)]
    with np.errstate(all="ignore"):
        n_low = np.minimum(*(e_low[..., 0] * (1 - w) + e_low[..., 1] * w for w in weights))
        n_high = np.maximum(*(e_high[..., 0] * (1 - w) + e_high[..., 1] * w for w in weights))
        least = n_low / ((e_high[..., 0] - 1) / x_p[..., 0] + (e_high[..., 1] - 1) / x_q[..., 1])
        most = n_high / ((e_low[..., 0] - 1) / x_q[..., 0] + (e_low[..., 1] - 1) / x_p[..., 1])
    return np.nan_to_num(least, nan=0.0), np.nan_to_num(most, nan=np.inf)


def _classify(width, f_p, f_q, least, most):
    """
    Decide on intervals with f = A(s) - s at their ends and bounds on A'.

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
    beyond = (f_p - width > _SLACK) | (f_q + width < -_SLACK)
    empty = ~crossing & (monotone | beyond | (lowest > _SLACK))
    return crossing & monotone, ~(empty | (crossing & monotone))


def _trade(economy, pattern, log_odds, row=slice(None)):
    """Return X and Y; `row` of the log odds gives each pattern's shares of what both make."""
    shares, _ = _shares(log_odds)
    d1, d2 = economy.demand.T
    x = np.where(pattern == 0, shares[..., 0][row], pattern == 1)
    y = np.where(pattern == 0, shares[..., 1][row], pattern == 2)
    return x @ d2, y @ d1


def _income_limits(economy, every_pattern):
    """Find an interval of s = ln(Z_1/Z_2) that holds every equilibrium."""
    d1, d2 = economy.demand.T
    low = np.log(d2 / (1 - d1)).min() - 1e-6
    high = np.log((1 - d2) / d1).max() + 1e-6
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
    """Bound the log labour of Country j's industries that share their goods, at s and beyond."""
    sizes = _log_sizes(economy, np.array([s]))[0]
    average = _log_output(economy, sizes) - sizes
    # Equal unit costs: average productivity is at most the other's as a sole producer, times wages.
    wages = (s + np.log(economy.labor[1] / economy.labor[0])) * (1 - 2 * j)
    target = average[:, 1 - j] + wages
    low, high = sizes - 2000.0, sizes.copy()
    for _ in range(80):
        middle = (low + high) / 2
        with np.errstate(all="ignore"):
            above = _log_output(economy, middle) - middle > target[:, None]
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.where(average > target[:, None], high, np.inf)[:, j]


def _nodes(economy, low, high):
    """Grid of s on which no share that matters moves much between neighbours."""
    scan = np.linspace(low, high, 4001)
    log_odds = _interior_log_odds(economy, scan)
    steep = np.gradient(log_odds, scan, axis=0)
    density = np.maximum(np.where(np.abs(log_odds) < 8, steep, 0).max(axis=1) / 0.3, 5.0)
    total = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(scan))])
    return np.interp(np.linspace(0, total[-1], int(total[-1]) + 2), total, scan)


def _ternary(n):
    """All 3^n patterns of n goods, the first good's digit changing fastest."""
    return (np.arange(3**n)[:, None] // 3 ** np.arange(n) % 3).astype(np.int8)


def _sums(economy, goods, states, log_odds, least, most):
    """Sum over some goods for all their patterns: X, Y, and bounds on dX/ds and dY/ds."""
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
    Find for every pattern the intervals with exactly one equilibrium.

    Yields batches of pattern, ends, whether A(s) - s is positive at the lower end, log odds there.
    """
    n = economy.goods
    s = _nodes(economy, *_income_limits(economy, every_pattern))
    odds = _interior_log_odds(economy, s)
    least, most = _slope_bounds(economy, s[:-1], s[1:], odds[:-1], odds[1:])
    # A good that moves from 0 to 1 within a cell has no useful bound there.
    most = np.minimum(most, 1e200)
    k = (n + 1) // 2
    low_states, high_states = _ternary(k), _ternary(n - k)
    low = _sums(economy, slice(0, k), low_states, odds, least, most)
    high = _sums(economy, slice(k, n), high_states, odds, least, most)
    wage = np.exp(s)
    width = np.diff(s)
    found, open_, count = [], [], 0

    for h, state in enumerate(high_states):
        x, y = low[0] + high[0][h], low[1] + high[1][h]
        if every_pattern:
            valid = np.ones(len(low_states), bool)
            for j in (1, 2):
                valid &= (low_states != j).any(axis=1) | bool((state != j).any())
        else:
            valid = np.ones(len(low_states), bool)
            for j in (1, 2):
                valid &= (low_states == j).any(axis=1) | bool((state == j).any())
        # A(q) < p or A(p) > q on [p, q]: no fixed point of the non-decreasing A.
        keep = x[:, 1:] * (1 + _SLACK) >= wage[:-1] * y[:, 1:]
        keep &= x[:, :-1] <= wage[1:] * y[:, :-1] * (1 + _SLACK)
        keep &= valid[:, None]
        r, c = np.nonzero(keep)
        with np.errstate(divide="ignore"):
            f_p = np.log(x[r, c] / y[r, c]) - s[c]
            f_q = np.log(x[r, c + 1] / y[r, c + 1]) - s[c + 1]
        with np.errstate(all="ignore"):
            # X is least at the lower end, Y at the upper one.
            lo = (low[2][r, c] + high[2][h, c]) / x[r, c + 1]
            lo += (low[4][r, c] + high[4][h, c]) / y[r, c]
            hi = (low[3][r, c] + high[3][h, c]) / x[r, c]
            hi += (low[5][r, c] + high[5][h, c]) / y[r, c + 1]
        one, undecided = _classify(width[c], f_p, f_q, lo, hi)
        number = h * len(low_states) + r
        found.append((number[one], s[c[one]], s[c[one] + 1], f_p[one] >= 0, odds[c[one]]))
        u = undecided
        open_.append((number[u], c[u], f_p[u], f_q[u]))
        count += int(valid.sum())
        if count >= batch or h == len(high_states) - 1:
            parts = (np.concatenate(part) for part in zip(*open_, strict=True))
            found.append(_subdivide(economy, *parts, s, odds))
            yield tuple(np.concatenate(part) for part in zip(*found, strict=True))
            found, open_, count = [], [], 0


def _patterns(n, number):
    return (number[:, None] // 3 ** np.arange(n) % 3).astype(np.int8)


def _subdivide(economy, number, cell, f_p, f_q, s, odds):
    """
    Halve the intervals that are not decided, until each has one equilibrium or none.

    The patterns share the cells of s, so shares are solved for once a cell and not once a pattern.
    """
    ends = s[:-1], s[1:], odds[:-1], odds[1:]
    d1, d2 = economy.demand.T
    found, touching = [], []
    for _ in range(60):
        used, cell = np.unique(cell, return_inverse=True)
        p, q, y_p, y_q = (part[used] for part in ends)
        middle = (p + q) / 2
        y_m = _interior_log_odds(economy, middle, (y_p + y_q) / 2)
        pattern = _patterns(economy.goods, number)
        x, y = _trade(economy, pattern, y_m, cell)
        with np.errstate(divide="ignore"):
            f_m = np.log(x / y) - middle[cell]
        ends = tuple(map(np.concatenate, ((p, middle), (middle, q), (y_p, y_m), (y_m, y_q))))
        halves = (number, cell, f_p, f_m), (number, cell + len(used), f_m, f_q)
        number, cell, f_p, f_q = map(np.concatenate, zip(*halves, strict=True))
        pattern = np.concatenate([pattern, pattern])
        p, q, y_p, y_q = ends
        x_p, y_at_p = _trade(economy, pattern, y_p, cell)
        x_q, y_at_q = _trade(economy, pattern, y_q, cell)
        shared = pattern == 0
        least, most = (np.where(shared, one[cell], 0) for one in _slope_bounds(economy, *ends))
        with np.errstate(all="ignore"):
            least = least @ d2 / x_q + least @ d1 / y_at_p
            most = most @ d2 / x_p + most @ d1 / y_at_q
        width = (q - p)[cell]
        one, undecided = _classify(width, f_p, f_q, least, most)
        with np.errstate(all="ignore"):
            far = np.maximum(np.abs(least - 1), np.abs(most - 1)) * width
        flat = undecided & (np.maximum(np.abs(f_p), np.abs(f_q)) + far < _FLAT)
        c = cell[flat]
        touching.append((number[flat], p[c], q[c], f_p[flat], f_q[flat], y_p[c]))
        c = cell[one]
        found.append((number[one], p[c], q[c], f_p[one] >= 0, y_p[c]))
        undecided &= ~flat
        number, cell, f_p, f_q = (part[undecided] for part in (number, cell, f_p, f_q))
        if not len(number):
            break
    else:
        raise ArithmeticError("intervals of income left undecided after 60 halvings")
    found.append(_tangencies(*(np.concatenate(part) for part in zip(*touching, strict=True))))
    return tuple(np.concatenate(part) for part in zip(*found, strict=True))


def _tangencies(number, p, q, f_p, f_q, y_p):
    """Join neighbouring intervals on which A(s) - s is zero within rounding, to one root each."""
    order = np.lexsort((p, number))
    number, p, q, f_p, f_q, y_p = (part[order] for part in (number, p, q, f_p, f_q, y_p))
    new = np.ones(len(p) + 1, bool)
    new[1:-1] = (np.diff(number) != 0) | (p[1:] != q[:-1])
    first, last = np.flatnonzero(new[:-1]), np.flatnonzero(new[1:])
    low, high = p[first].copy(), q[last].copy()
    for k in np.flatnonzero((f_p[first] >= 0) == (f_q[last] >= 0)):
        row = slice(first[k], last[k] + 1)
        ends, gaps = np.concatenate([p[row], q[row]]), np.concatenate([f_p[row], f_q[row]])
        low[k] = high[k] = ends[np.abs(gaps).argmin()]
    return number[first], low, high, f_p[first] >= 0, y_p[first]


def _balance_slope(economy, pattern, s, log_odds, x, y):
    """Differentiate A at s."""
    shares, _ = _shares(log_odds)
    sizes = _log_sizes(economy, s)
    _, slope = _price_gap(economy, sizes, log_odds)
    d1, d2 = economy.demand.T
    weight = d1 / (d1 + d2 * np.exp(-s[:, None]))
    log_labor = sizes + _shares(log_odds)[1]
    e = economy.production.elasticity(np.exp(log_labor))
    rise = e[..., 0] * (1 - weight) + e[..., 1] * weight
    with np.errstate(all="ignore"):
        dx = np.where(pattern == 0, shares[..., 0] * shares[..., 1] * rise / slope, 0.0)
    return dx @ d2 / x + dx @ d1 / y


def _refine(economy, pattern, p, q, positive, log_odds):
    """Newton's method in s inside the brackets; returns s and the log odds there."""
    s = (p + q) / 2
    odds = log_odds.copy()
    active = np.arange(len(s))
    for step in range(100):
        if not len(active):
            return s, odds
        now, some = s[active], pattern[active]
        y = _interior_log_odds(economy, now, odds[active])
        exports, imports = _trade(economy, some, y)
        f = np.log(exports / imports) - now
        slope = _balance_slope(economy, some, now, y, exports, imports) - 1
        below = (f >= 0) == positive[active]
        p[active], q[active] = np.where(below, now, p[active]), np.where(below, q[active], now)
        low, high = p[active], q[active]
        with np.errstate(all="ignore"):
            new = now - f / slope
        # Where A is so steep that rounding misleads Newton's method, bisection ends it.
        inside = (new >= low) & (new <= high) & (step < 30)
        new = np.where(inside, new, (low + high) / 2)
        size = 1 + np.abs(now)
        done = (np.abs(new - now) <= 1e-14 * size) | (high - low <= 4e-16 * size)
        done |= np.abs(f) <= 2e-16 * size
        odds[active] = y
        s[active] = np.where(done, now, new)
        active = active[~done]
    raise ArithmeticError("equilibrium incomes did not converge in 100 steps")


def _equilibria(economy, number, s, log_odds, tolerance=_TOLERANCE):
    """Put equilibria and the residuals of their conditions together."""
    order = np.lexsort((s, number))
    number, s, log_odds = number[order], s[order], log_odds[order]
    pattern = _patterns(economy.goods, number)
    shared = pattern == 0
    exports, imports = _trade(economy, pattern, log_odds)
    balance_slope = _balance_slope(economy, pattern, s, log_odds, exports, imports)
    shared_goods = shared.sum(axis=1)
    stable = (shared_goods == 0) | ((shared_goods == 1) & (balance_slope > 1))

    sizes = _log_sizes(economy, s)
    with np.errstate(invalid="ignore"):
        gap, steepness = (np.where(shared, v, 0.0) for v in _price_gap(economy, sizes, log_odds))
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
        If the economy has more than 16 goods.
    ArithmeticError
        If an equilibrium cannot be found or excluded within the tolerance.

    See Also
    --------
    all_equilibria : The method, and what is guaranteed.
    """
    n = _goods(economy, 16)
    if not isinstance(every_pattern, bool | np.bool_):
        raise ValueError(f"every_pattern must be True or False, got {every_pattern!r}")
    return _batches(economy, n, every_pattern)


def _batches(economy, n, every_pattern):
    for number, p, q, positive, log_odds in _brackets(economy, every_pattern, _BATCH):
        s, log_odds = _refine(economy, _patterns(n, number), p, q, positive, log_odds)
        yield _equilibria(economy, number, s, log_odds)


def all_equilibria(economy, every_pattern=False):
    """
    Every equilibrium of every pattern of Theorem 2.1: all solutions of each pattern, not one.

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
        If the economy has more than 13 goods.
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
    to A3 alone, the slope bound also that the elasticity of output is monotone in labour between
    the ends of an interval, as under `PowerProduction` and `ThresholdProduction`. In floating
    point, comparisons leave a margin of 1e-12. Equilibria of a pattern between which |A(s) - s|
    stays below 1e-11 (a tangency, with s within about 1e-5) may be reported as one, and a tangency
    missed by less than that as an equilibrium.

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
    """
    _goods(economy, 13)
    parts = list(stream_equilibria(economy, every_pattern))
    fields = Equilibria.__dataclass_fields__
    return Equilibria(*(np.concatenate([getattr(part, f) for part in parts]) for f in fields))
