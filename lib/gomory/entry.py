"""
How hard it is to enter an industry: Gomory (1994), Section 7.

A country that does not make a good seizes a share of the world's spending on it. Wages clear the
labour markets, and unit costs tell whether the newcomer is cheaper than the incumbent.
"""

import numpy as np

from lib import domain
from lib.gomory.economy import Economy, _assignment

# Log odds of the newcomer's share, close together where incomes still react to it.
_ODDS = np.concatenate(
    [-np.geomspace(600, 14.5, 40), np.linspace(-14, 14, 281), np.geomspace(14.5, 600, 40)]
)
_HALVINGS = 60
_ROWS = 512  # assignments whose costs are compared at once


def entry_costs(economy, made_in_1, share):
    """
    Compute what a unit costs a newcomer and the incumbent, at a share of the market.

    The country that does not make a good takes a share of the world's spending on it; all other
    goods stay where they are, and incomes clear both labour markets.

    Parameters
    ----------
    economy : Economy
        The economy.
    made_in_1 : array_like of shape (..., n)
        Which goods Country 1 makes, as booleans or 0 and 1; some, and not all.
    share : array_like
        The newcomer's share of the spending on the good, in [1e-300, 1), of a shape that fits
        `made_in_1`.

    Returns
    -------
    ndarray of shape (..., n, 2)
        For each good, were it alone attacked, the logarithm of the newcomer's and of the
        incumbent's unit cost, in units of world income; inf where output is zero.

    Raises
    ------
    ValueError
        If a parameter is outside its domain.

    References
    ----------
    Gomory (1994), Section 7, on the impediment to entry.

    Examples
    --------
    >>> from lib.gomory import random_economy
    >>> newcomer, incumbent = entry_costs(random_economy(3, seed=0), [1, 0, 0], 0.1)[1]
    >>> bool(newcomer > incumbent)
    True
    """
    x = _sole(economy, made_in_1)
    y = domain.numbers("share", share, 1e-300, 1, closed="left")
    try:
        np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        raise ValueError(
            f"share must have a shape that fits made_in_1, {x.shape}, got shape {y.shape}"
        ) from None
    return domain.plain(_log_costs(economy, x, np.log(y) - np.log1p(-y)))


def break_even_shares(economy, made_in_1):
    """
    Compute the share of the market from which on a newcomer is as cheap as the incumbent.

    Parameters
    ----------
    economy : Economy
        The economy.
    made_in_1 : array_like of shape (..., n)
        Which goods Country 1 makes, as booleans or 0 and 1; some, and not all.

    Returns
    -------
    ndarray of shape (..., n)
        For each good, were it alone attacked, the smallest share of the spending on it at which
        the unit costs are equal; 1 if a newcomer is dearer at every share, 0 if it is cheaper at
        all that are looked at.

    Raises
    ------
    ValueError
        If a parameter is outside its domain.

    Notes
    -----
    At this share the price condition (3.P) holds, so it is an equilibrium with the good made in
    both countries. The costs are compared at 361 shares between odds of e^-600 and e^600, and the
    first crossing is halved 60 times. At given incomes and with one exponent a the odds of the
    share are (q_old / q_new)^(1 / (a - 1)), q the output of either as the sole producer.

    References
    ----------
    Gomory (1994), Section 7; Gomory and Baumol (1992) on retainable industries.

    Examples
    --------
    >>> from lib.gomory import random_economy
    >>> break_even_shares(random_economy(5, seed=1), [1, 1, 1, 0, 0]).round(3)
    array([0.825, 0.915, 0.46 , 1.   , 0.936])
    """
    x = _sole(economy, made_in_1)
    rows = x.reshape(-1, economy.goods)
    found = [_first_crossing(economy, rows[k : k + _ROWS]) for k in range(0, len(rows), _ROWS)]
    return domain.plain(np.concatenate(found).reshape(x.shape))


def _sole(economy, made_in_1):
    domain.instance("economy", economy, Economy)
    x = _assignment("made_in_1", made_in_1, economy.goods)
    count = x.sum(axis=-1)
    if (
        not x.size
        or not np.isin(x, (0, 1)).all()
        or (count == 0).any()
        or (count == economy.goods).any()
    ):
        raise ValueError(
            "made_in_1 must be of 0 and 1, with some goods and not all made in Country 1, got "
            f"{domain.shown(made_in_1)}"
        )
    return x


def _log_costs(economy, x, odds):
    """Log unit costs (..., n, 2) of newcomer and incumbent at the log odds of the newcomer."""
    new, old = np.exp(-np.logaddexp(0, -odds)), np.exp(-np.logaddexp(0, odds))
    mine = x > 0
    part = np.stack([np.where(mine, old, new), np.where(mine, new, old)], axis=-1)
    # What each country sells to the other: all other goods, and its part of this one.
    bought = economy.demand[:, ::-1]
    others = (1 - np.eye(economy.goods)) @ (np.stack([x, 1 - x], axis=-1) * bought)
    sold = others + part * bought
    incomes = sold / sold.sum(axis=-1, keepdims=True)
    spending = part * (incomes * economy.demand).sum(axis=-1, keepdims=True)
    cost = np.log(spending) - economy.production.log_output(spending * economy.labor / incomes)
    return np.where(mine[..., None], cost[..., ::-1], cost)


def _cheaper(economy, x, odds):
    new, old = np.moveaxis(_log_costs(economy, x, odds), -1, 0)
    return new < old


def _first_crossing(economy, x):
    """Break-even shares of a few assignments (m, n)."""
    wins = _cheaper(economy, x[:, None], _ODDS[:, None])
    first = wins.argmax(axis=1)
    high, low = _ODDS[first], _ODDS[np.maximum(first - 1, 0)]
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = ~_cheaper(economy, x, middle)
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    share = np.where(first > 0, np.exp(-np.logaddexp(0, -high)), 0.0)
    return np.where(wins.any(axis=1), share, 1.0)
