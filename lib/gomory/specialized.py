"""
The specialised equilibria of Gomory (1994), Sections 3 and 4: all of them, or how many where.

Every integer assignment is an equilibrium (Section 3), so there are 2^n - 2 in which both countries
make something. Up to 22 goods they are listed. Up to 34 they are counted on a grid of income and
utility, in memory that does not grow with their number:

1. Log utility is bounded from above by weak duality, which sets the grid's upper end.
2. Under e l^a log utility is a Chebyshev series in Z_1 of which the coefficients are sums over the
   goods. An assignment's sums are those of its first goods plus those of the rest, so that two
   tables of sums serve all assignments (as in Horowitz and Sahni [1]_).
3. Each assignment of the rest makes a block with all assignments of the first goods. The series is
   summed by Clenshaw's recurrence [2]_ and the block is counted.
4. Where the series stops short of deciding on which side of an edge of the grid an equilibrium
   lies, its utility is computed in full.

References
----------
.. [1] Horowitz, E. and Sahni, S. (1974). Computing partitions with applications to the knapsack
   problem. Journal of the ACM 21, 277-292.
.. [2] Clenshaw, C. W. (1955). A note on the summation of Chebyshev series. Mathematics of
   Computation 9, 118-120.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lib import domain
from lib.gomory.economy import (
    PowerProduction,
    _goods_up_to,
    _odds_in_doubles,
    log_utility,
    sole_producer_log_output,
)
from lib.gomory.economy import income as trade_balance_income

_SERIES_TOLERANCE, _MOST_TERMS = 1e-7, 400
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

    def __post_init__(self):
        domain.freeze(self)


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

    def __post_init__(self):
        domain.freeze(self)


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

    Examples
    --------
    >>> from lib.gomory import random_economy
    >>> economy = random_economy(5, seed=1)
    >>> specialized_equilibria(economy).income.shape
    (30,)
    """
    n = _goods_up_to(economy, 22)
    number = 2**n - 2
    made_in_1 = np.empty((number, n), bool)
    incomes = np.empty(number)
    utilities = np.empty((number, 2))
    for start in range(0, number, 2**14):
        rows = slice(start, min(start + 2**14, number))
        x = _bits(np.arange(rows.start + 1, rows.stop + 1), n)
        made_in_1[rows] = x
        incomes[rows] = trade_balance_income(economy, x)
        for j in (0, 1):
            utilities[rows, j] = log_utility(economy, x, j + 1)
    return SpecializedEquilibria(made_in_1, incomes, utilities)


def _utility_bound(economy, country):
    """
    Step 1: log utility that no specialised equilibrium exceeds, on cells of income.

    On a cell, bound each coefficient of the linearised utility by its larger end (shares and
    outputs are monotone in Z_1). For every price of labour, the Lagrangian of (3.4b) bounds the
    maximum; it is convex in Z_1, so its larger end bounds it on the cell. The best price is one at
    which a good changes hands.
    """
    d1, d2 = economy.demand.T
    low, high = _odds_in_doubles(economy)
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
    """Step 2: sums over goods for all assignments, numbered by bits, of a (goods, 2) table."""
    sums = np.zeros(1)
    for first, second in by_producer:
        sums = np.concatenate([sums + second, sums + first])
    return sums


def _power_coefficients(economy, country):
    """
    Step 2: log utility at specialised equilibria under e l^a as a few sums over goods.

    With t = 2 Z_1 - 1 and q_i = (r_1 - r_2) / (r_1 + r_2), r_j = sqrt(d_ij), expenditure has the
    Chebyshev series ln(d_i1 Z_1 + d_i2 Z_2) = 2 ln((r_1 + r_2) / 2) - 2 sum_k (-q_i)^k T_k(t) / k.

    Returns the coefficients of T_0(t) to T_K(t), -ln Z_1 and -ln Z_2, of shape (K + 3, n, 2) by the
    good's producer, and a bound on what the terms beyond K add up to; None if K would be above 400,
    since one country spends next to nothing on a good.
    """
    delta = economy.demand[:, country - 1, None]
    e = np.broadcast_to(economy.production.productivity, economy.demand.shape)
    a = np.broadcast_to(economy.production.scale, economy.demand.shape)
    roots = np.sqrt(economy.demand)
    q = ((roots[:, 0] - roots[:, 1]) / roots.sum(axis=1))[:, None]
    size = 2 * np.log(roots.sum(axis=1) / 2)[:, None]
    weight = delta * (a - 1)
    terms = [delta * (np.log(delta) + np.log(e) + a * np.log(economy.labor)) + weight * size]

    def beyond(k):
        return float((weight * 2 * np.abs(q) ** k / (k * (1 - np.abs(q)))).max(axis=1).sum())

    if beyond(_MOST_TERMS) >= _SERIES_TOLERANCE:
        return None
    k = 1
    while (tail := beyond(k)) >= _SERIES_TOLERANCE:
        terms.append(weight * (-2 * (-q) ** k / k))
        k += 1
    on_log_income = [delta * (a * [j == 1, j == 2] - (j == country)) for j in (1, 2)]
    return np.stack([*terms, *on_log_income]), tail


def _power_blocks(economy, country):
    """
    Step 3: log utility under e l^a for blocks of assignments, by sums over two parts of the goods.

    Returns the number of blocks, a function from a block's number to its incomes and log utilities,
    and a bound on the error of the latter.
    """
    n = economy.goods
    series = _power_coefficients(economy, country)
    if series is None:
        return _direct_blocks(economy, country)
    coefficients, tail = series
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
    """Step 3 for any production: as `_power_blocks`, assignment by assignment."""
    n = economy.goods
    k = min(n, _BLOCK_GOODS)

    def block(h):
        x = _bits(np.arange(h << k, (h + 1) << k), n)
        return trade_balance_income(economy, x).copy(), log_utility(economy, x, country)

    return 2 ** (n - k), block, 0.0


def specialized_density(economy, bins, country, threads=None):
    """
    Count all 2^n - 2 specialised equilibria on a grid of income and utility.

    Memory does not grow with their number. Under `PowerProduction` log utility is a power series in
    Z_1 of which the coefficients are sums over the goods, so that two tables of sums, each over
    some of the goods, serve all assignments; where the series stops short of deciding on which side
    of an edge an equilibrium lies, its utility is computed in full. Other production functions, and
    demand shares that differ by more than some thousand to one between the countries, are evaluated
    one assignment at a time (about ten times slower). Every equilibrium is counted once, in the
    cell of its income and utility in double precision.

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

    Examples
    --------
    >>> from lib.gomory import random_economy
    >>> economy = random_economy(5, seed=1)
    >>> int(specialized_density(economy, bins=10, country=1).counts.sum())
    30
    """
    n = _goods_up_to(economy, 34)
    pair = bins if isinstance(bins, tuple | list) else (bins, bins)
    if len(pair) != 2:
        raise ValueError(f"bins must be one whole number or two, got {bins!r}")
    columns, rows = (domain.integer("bins", side, 1, 4096) for side in pair)
    country = domain.choice("country", country, (1, 2))
    threads = domain.integer(
        "threads", (os.cpu_count() or 1) if threads is None else threads, 1, 256
    )

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
