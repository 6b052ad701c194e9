"""
The boundaries of the region of equilibria: Gomory (1994), Section 3.

For a given income Z_1, the linearised utility (3.L) of a country is linear in the assignment. Its
largest and smallest values over assignments that use the labour of both countries, (3.4b), are the
boundaries B and BL, when goods may be divided, and B_I and BL_I, when they may not and (3.4b) is
relaxed to an inequality. In the paper's terms a good made in Country 2 instead of 1 takes the space
a_i = d_i1 Z_1 + d_i2 Z_2 of the space Z_2, and is worth c_i2 = d_ij ln(q_i2 / q_i1) to Country j.

1. The values c_i2 and the spaces a_i follow from the income; the lower boundary takes -c_i2.
2. B and BL are continuous knapsacks (3.9a), B_I and BL_I 0-1 knapsacks (3.9) with the inequality in
   its tight direction: both are solved in `lib.gomory.knapsack`.
3. Equilibria near a boundary are the assignments that attain B_I, or those that attain B with their
   one divided good given to either country ("The Two Methods"), at their own incomes.
"""

from dataclasses import dataclass

import numpy as np

from lib import domain
from lib.gomory.economy import Economy, _income, log_utility, sole_producer_log_output
from lib.gomory.economy import income as balanced_income
from lib.gomory.knapsack import continuous_knapsack, knapsack

_WIDEST = 36.0
_SLACK = 1e-13


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

    def __post_init__(self):
        domain.freeze(self)


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

    def __post_init__(self):
        domain.freeze(self)


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

    Examples
    --------
    >>> from lib.gomory import random_economy
    >>> economy = random_economy(5, seed=1)
    >>> round(classical_level(economy), 4)
    0.5263
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
    equilibrium: it obeys the inequality in both directions. In doubles the last digit of Z_1 moves
    a boundary by some 1e-15 over the smallest demand share.

    An assignment counts as feasible for B_I and BL_I if it misses the space by 1e-13 of world
    income or less, so that an equilibrium is feasible at its own income, whose rounding error may
    reach some 1e-14.

    References
    ----------
    Gomory (1994), Section 3, equations (3.7) to (3.9a), and "Lower Boundaries".

    Examples
    --------
    >>> from lib.gomory import random_economy
    >>> economy = random_economy(5, seed=1)
    >>> boundary(economy, [0.3, 0.6], country=1).log_utility.round(4)
    array([-2.4771, -1.6657])
    """
    domain.instance("economy", economy, Economy)
    z = _income(income)
    country = domain.choice("country", country, (1, 2))
    side = domain.choice("side", side, ("upper", "lower"))
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

    Examples
    --------
    >>> from lib.gomory import random_economy
    >>> economy = random_economy(5, seed=1)
    >>> near_boundary_equilibria(economy, [0.4, 0.6], country=1).income.round(4)
    array([0.3967, 0.6071])
    """
    method = domain.choice("method", method, ("integer", "rounding"))
    x = boundary(economy, income, country, side, integer=method == "integer").x
    x = x.reshape(-1, economy.goods)
    made_in_1 = _distinct_equilibria(np.concatenate((np.floor(x), np.ceil(x))) > 0)
    z = np.atleast_1d(balanced_income(economy, made_in_1))
    order = np.argsort(z, kind="stable")
    made_in_1, z = made_in_1[order], z[order]
    utility = [log_utility(economy, made_in_1, j) for j in (1, 2)]
    return NearBoundary(made_in_1, z, np.stack(utility, axis=-1))


def _short_of_labor(economy, odds):
    """Say whether the classical assignment needs more labour than Country 1 has."""
    z = _logistic(odds)
    output = sole_producer_log_output(economy, z)
    return _sizes(economy, z)[output[:, 0] > output[:, 1]].sum() > z


def _logistic(odds):
    return 1 / (1 + np.exp(-odds))


def _sizes(economy, z):
    """Step 1: a_i, world expenditure on each good, in units of world income."""
    z = np.asarray(z)[..., None]
    return economy.demand[:, 0] * z + economy.demand[:, 1] * (1 - z)


def _log_consumption_share(economy, z, country):
    """Step 1: ln F_ij."""
    own = z if country == 1 else 1 - z
    return np.log(economy.demand[:, country - 1] * own[..., None] / _sizes(economy, z))


def _terms(economy, z, country):
    """Step 1: the terms d_ij ln(F_ij q_ik) of (3.L), last axis the producer k."""
    share = _log_consumption_share(economy, z, country)[..., None]
    weight = economy.demand[:, country - 1, None]
    return weight * (share + sole_producer_log_output(economy, z))


def _most_valuable(gains, sizes, space):
    """Step 2: (3.9) at each income, with the inequality in its tight direction."""
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
    """Step 3: each assignment once, and none that leaves a country without any good."""
    made_in_1 = np.unique(made_in_1, axis=0)
    count = made_in_1.sum(axis=1)
    return made_in_1[(count > 0) & (count < made_in_1.shape[1])]
