"""
What industries are worth, who gains from trade, and who makes what near the best: Gomory (1994).

The measurements behind the Introduction and Sections 3 and 6 to 8.
"""

from dataclasses import dataclass

import numpy as np

from lib import domain
from lib.gomory.boundaries import NearBoundary, boundary
from lib.gomory.economy import (
    Economy,
    _assignment,
    _goods_up_to,
    autarky_log_utility,
    log_utility,
    sole_producer_log_output,
)
from lib.gomory.economy import income as balanced_income
from lib.gomory.specialized import specialized_equilibria

_MOST_GOODS = 20
_GRID = 1 / (1 + np.exp(-np.linspace(-12, 12, 1201)))


@dataclass(frozen=True)
class GainShares:
    """
    Shares of an economy's specialised equilibria by who gains on autarky; they add up to 1.

    Attributes
    ----------
    both : float
        Both countries gain; nan, as the others, if no equilibrium was counted.
    only_1 : float
        Country 1 gains and Country 2 does not; or nan.
    only_2 : float
        Country 2 gains and Country 1 does not; or nan.
    none : float
        Neither gains; or nan.
    """

    both: float
    only_1: float
    only_2: float
    none: float


@dataclass(frozen=True, eq=False)
class CommonGoods:
    """
    Who makes which good in a set of equilibria.

    Attributes
    ----------
    always : ndarray of bool, shape (n,)
        Country 1 makes it in all of them.
    never : ndarray of bool, shape (n,)
        Country 2 makes it in all of them.
    contested : ndarray of bool, shape (n,)
        Country 1 makes it in some and Country 2 in others.
    often : ndarray of shape (n,)
        The share of the equilibria in which Country 1 makes it.
    """

    always: np.ndarray
    never: np.ndarray
    contested: np.ndarray
    often: np.ndarray

    def __post_init__(self):
        domain.freeze(self)


def industry_chain(economy):
    """
    Let Country 1 acquire the goods one by one, in the order in which its upper boundary does.

    Parameters
    ----------
    economy : Economy
        The economy.

    Returns
    -------
    NearBoundary
        The n - 1 specialised equilibria in which Country 1 makes 1, 2, ..., n - 1 goods, each with
        one good more than the one before.

    Raises
    ------
    ValueError
        If `economy` is not an Economy.

    Notes
    -----
    A good counts as acquired at the last income at which at most half of it is Country 1's on B,
    on a grid of 1,201 incomes. With identical demands and one exponent these are the equilibria on
    B; otherwise the order in which B takes goods may turn back, and the chain is one way to follow
    it.

    References
    ----------
    Gomory (1994), Introduction, statement 4c, and Section 6.

    Examples
    --------
    >>> from lib.gomory import random_economy
    >>> industry_chain(random_economy(4, seed=1)).made_in_1.astype(int)
    array([[1, 0, 0, 0],
           [1, 0, 1, 0],
           [1, 0, 1, 1]])
    """
    domain.instance("economy", economy, Economy)
    abroad = boundary(economy, _GRID).x <= 0.5
    last = np.where(abroad, np.arange(_GRID.size)[:, None], -1).max(axis=0)
    # Of goods acquired between two incomes of the grid, first what Country 1 makes best.
    output = sole_producer_log_output(economy, _GRID[np.maximum(last, 0)])
    lead = np.einsum("iij->ij", output) @ [1, -1]
    order = np.lexsort((-lead, last))
    made_in_1 = np.empty((economy.goods - 1, economy.goods), bool)
    made_in_1[:, order] = np.tril(np.ones(made_in_1.shape, bool))
    utility = [log_utility(economy, made_in_1, j) for j in (1, 2)]
    return NearBoundary(made_in_1, balanced_income(economy, made_in_1), np.stack(utility, axis=-1))


def industry_worth(economy, made_in_1):
    """
    Compute what each industry of Country 1 is worth: what its loss does to both countries.

    Parameters
    ----------
    economy : Economy
        The economy.
    made_in_1 : array_like of shape (n,)
        Which goods Country 1 makes, as booleans or 0 and 1; at least two, and not all.

    Returns
    -------
    ndarray of shape (k, 2)
        For each of its k goods, in their order, the relative change of both countries' utility when
        Country 2 takes the good over: -0.2 is a loss of 20 per cent.

    Raises
    ------
    ValueError
        If a parameter is outside its domain.

    References
    ----------
    Gomory (1994), Section 8; Gomory and Baumol (2000) on retainable industries.

    Examples
    --------
    >>> from lib.gomory import random_economy
    >>> industry_worth(random_economy(5, seed=1), [1, 1, 1, 0, 0]).round(2)
    array([[-0.38,  0.31],
           [-0.53,  0.49],
           [-0.21,  0.32]])
    """
    domain.instance("economy", economy, Economy)
    x = _assignment("made_in_1", made_in_1, economy.goods)
    whole = x.ndim == 1 and bool(np.isin(x, (0, 1)).all())
    if not whole or not 2 <= x.sum() < economy.goods:
        raise ValueError(
            f"made_in_1 must have shape ({economy.goods},), of 0 and 1, with at least two goods "
            f"and not all made in Country 1, got {domain.shown(made_in_1)}"
        )
    after = np.repeat(x[None] > 0, int(x.sum()), axis=0)
    after[np.arange(len(after)), np.flatnonzero(x)] = False
    change = [log_utility(economy, after, j) - log_utility(economy, x, j) for j in (1, 2)]
    return domain.plain(np.expm1(np.stack(change, axis=-1)))


def gain_shares(economy, wage_ratio=None):
    """
    Count the specialised equilibria by who gains on autarky.

    Each of the 2^n - 2 assignments counts once, whatever its income.

    Parameters
    ----------
    economy : Economy
        The economy, of at most 20 goods.
    wage_ratio : pair of float, optional
        The least and the greatest w_1 / w_2 of the equilibria that are counted, above 0. By default
        all count. Where one country is R times as large as the other, most assignments give it a
        wage near 1 / R of the other's, so that a count over all compares poor large countries with
        rich small ones.

    Returns
    -------
    GainShares
        The four shares; all nan if no equilibrium has such wages.

    Raises
    ------
    ValueError
        If a parameter is outside its domain.

    References
    ----------
    Gomory (1994), Section 7, on the smaller partner, and Section 8.

    Examples
    --------
    >>> from lib.gomory import random_economy
    >>> shares = gain_shares(random_economy(9, seed=1994))
    >>> round(shares.both, 3), round(shares.none, 3)
    (0.437, 0.0)
    """
    _goods_up_to(economy, _MOST_GOODS)
    found = specialized_equilibria(economy)
    gains = found.log_utility > [autarky_log_utility(economy, j) for j in (1, 2)]
    if wage_ratio is not None:
        low, high = domain.pair("wage_ratio", wage_ratio, 0)
        if low > high:
            raise ValueError(
                "wage_ratio must be two numbers in (0, inf), the smaller first, got "
                f"{domain.shown(wage_ratio)}"
            )
        ratio = found.income / (1 - found.income) * (economy.labor[1] / economy.labor[0])
        gains = gains[(low <= ratio) & (ratio <= high)]
        if not len(gains):
            return GainShares(*[float("nan")] * 4)
    one, two = gains.T
    return GainShares(
        *(float(np.mean(who)) for who in (one & two, one & ~two, ~one & two, ~one & ~two))
    )


def boundary_shortfall(economy, made_in_1):
    """
    Compute what both countries miss of their upper boundaries at some equilibria.

    Parameters
    ----------
    economy : Economy
        The economy.
    made_in_1 : array_like of shape (..., n)
        Which goods Country 1 makes, as booleans or 0 and 1; some, and not all.

    Returns
    -------
    ndarray of shape (..., 2)
        For each country 1 - U_j / exp(B_j) at the equilibrium's own income, from 0 to 1: the share
        of what it could have with that income that it does not have. The rounding of the income may
        take it below 0, by some 1e-15 over the smallest demand share.

    Raises
    ------
    ValueError
        If a parameter is outside its domain.

    References
    ----------
    Gomory (1994), Section 7, Figure 7.

    Examples
    --------
    >>> from lib.gomory import random_economy
    >>> economy = random_economy(5, seed=1, g=0.3)
    >>> boundary_shortfall(economy, [0, 1, 0, 1, 0]).round(3)
    array([0.258, 0.188])
    """
    domain.instance("economy", economy, Economy)
    x = _assignment("made_in_1", made_in_1, economy.goods)
    count = x.sum(axis=-1)
    if not np.isin(x, (0, 1)).all() or (count == 0).any() or (count == economy.goods).any():
        raise ValueError(
            "made_in_1 must be of 0 and 1, with some goods and not all made in Country 1, got "
            f"{domain.shown(made_in_1)}"
        )
    z = balanced_income(economy, x)
    missing = [log_utility(economy, x, j) - boundary(economy, z, j).log_utility for j in (1, 2)]
    return domain.plain(-np.expm1(np.stack(missing, axis=-1)))


def common_goods(made_in_1):
    """
    Sort goods by who makes them in a set of specialised equilibria.

    Parameters
    ----------
    made_in_1 : array_like of shape (m, n)
        Which goods Country 1 makes in each of m equilibria, as booleans or 0 and 1.

    Returns
    -------
    CommonGoods
        The goods that are always Country 1's, never, or contested.

    Raises
    ------
    ValueError
        If `made_in_1` is outside its domain.

    References
    ----------
    Gomory (1994), Section 3: the equilibria near the hump "can be isolated and examined for their
    common characteristics".

    Examples
    --------
    >>> common_goods([[1, 1, 0], [1, 0, 0]]).contested
    array([False,  True, False])
    """
    try:
        shape = np.asarray(made_in_1, object).shape
    except ValueError:
        shape = ()
    given = len(shape) == 2 and 0 not in shape
    x = _assignment("made_in_1", made_in_1, shape[-1]) if given else None
    if x is None or not np.isin(x, (0, 1)).all():
        raise ValueError(
            "made_in_1 must be an array of shape (m, n) of 0 and 1 with some rows and columns, got "
            f"{domain.shown(made_in_1)}"
        )
    often = x.mean(axis=0)
    return CommonGoods(often == 1, often == 0, (often > 0) & (often < 1), often)
