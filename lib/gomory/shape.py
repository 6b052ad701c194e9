"""
How densely equilibria fill the region, and the region's shape: Gomory (1994), Sections 4 and 6.

The bounds of Theorem 4.1, the nearest equilibrium and the one that its proof constructs, the closed
form for identical countries, a report on the four characteristics that Section 6 describes, and the
slope and the peak of the boundary that decide them.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from lib import domain
from lib.gomory.boundaries import boundary, classical_level
from lib.gomory.economy import (
    Economy,
    _income,
    autarky_log_utility,
    sole_producer_log_output,
)
from lib.gomory.economy import income as balanced_income
from lib.gomory.economy import log_utility as assignment_log_utility

_ENUMERATED = 16
_WHOLE = 1e-9
_ROUNDING = 1e-14


@dataclass(frozen=True, eq=False)
class FillInBound:
    """
    The bounds of Theorem 4.1 at one income.

    Attributes
    ----------
    delta : float
        The largest of all demand shares d_ij.
    g : float
        Dissimilarity of demands, (1/2) sum_i abs(d_i1 - d_i2).
    R : float
        The largest abs(ln(q_i2(1, Z') / q_i1(1, Z'))).
    M : float
        The paper's bound (2 + alpha / Z_m) / Z_m on abs(du / dZ_1) at Z'.
    slope : float
        The exact supremum of abs(du / dZ_1) at Z' over all specialised assignments: what M bounds.
    income_distance : float
        Value of delta / (1 - g): no point between the boundaries is farther from an equilibrium in
        Z_1.
    utility_distance : float
        Value of delta (2 R + M) / (1 - g): the same for log utility.
    """

    delta: float
    g: float
    R: float
    M: float
    slope: float
    income_distance: float
    utility_distance: float


@dataclass(frozen=True, eq=False)
class BoundarySlope:
    """
    The slope of a boundary in the country's own share of world income, and its parts.

    Attributes
    ----------
    slope : float or ndarray of shape (...)
        B'(Z_j), the sum of `slice`, `scale` and minus `price` times `room`. At a kink, where no
        good is divided, it is the slope towards a larger share.
    slice : float or ndarray of shape (...)
        What the larger part of every good is worth: 1 / Z_j if demands are identical.
    scale : float or ndarray of shape (...)
        What it is worth that labour per good shrinks in Country j and grows in the other:
        ``elasticity[..., 1] - elasticity[..., 0]`` if demands are identical.
    price : float or ndarray of shape (...)
        Lambda, the price of the other country's labour in log utility: how much dearer the good
        that is being moved is made in Country j, per unit of spending on it.
    room : float or ndarray of shape (...)
        How much of the other country's labour must be set free for the larger share: 1 if demands
        are identical.
    elasticity : ndarray of shape (..., 2)
        Mean elasticity of output of the goods made in Country j, and of those made in the other,
        each weighted as it counts in `scale`: by demand if demands are identical.
    """

    slope: float | np.ndarray
    slice: float | np.ndarray
    scale: float | np.ndarray
    price: float | np.ndarray
    room: float | np.ndarray
    elasticity: np.ndarray

    def __post_init__(self):
        domain.freeze(self)


@dataclass(frozen=True)
class Peak:
    """
    The top of the hill: the highest point of a country's upper boundary.

    Attributes
    ----------
    income : float
        Country 1's share of world income there.
    log_utility : float
        The country's log utility on the boundary there.
    wage_ratio : float
        The country's wage over its partner's there.
    """

    income: float
    log_utility: float
    wage_ratio: float


@dataclass(frozen=True, eq=False)
class NearestEquilibrium:
    """
    A specialised equilibrium near a point of the region.

    Attributes
    ----------
    made_in_1 : ndarray of bool, shape (n,)
        Which goods are made in Country 1.
    income : float
        Country 1's share of world income.
    log_utility : float
        The country's log utility.
    income_distance : float
        Distance in Z_1 from the point.
    utility_distance : float
        Distance in log utility from the point.
    """

    made_in_1: np.ndarray
    income: float
    log_utility: float
    income_distance: float
    utility_distance: float

    def __post_init__(self):
        domain.freeze(self)


@dataclass(frozen=True)
class Characteristic:
    """
    One of the four characteristics of the region's shape.

    Attributes
    ----------
    holds : bool
        Whether it holds on the grid.
    margin : float
        By how much, in log utility: negative where it fails.
    income : float
        Country 1's share of world income where the margin is smallest.
    """

    holds: bool
    margin: float
    income: float


@dataclass(frozen=True)
class ShapeReport:
    """
    Which characteristics of Section 6 hold.

    Attributes
    ----------
    classical_level : float
        Income Z_C of Country 1.
    peak : float
        Country 1's share of world income at the highest point of B.
    GS1 : Characteristic
        Both boundaries rise until the classical level. Margin: the smallest rise from one point of
        the grid to the next.
    GS2 : Characteristic
        Beyond the classical level B is above autarky. Margin: the smallest distance.
    GS3 : Characteristic
        The highest point lies beyond the classical level or at it, and from there B falls to the
        autarky level. Margin: the smallest fall from one point to the next, or what B is lower at
        the classical level's right than at a peak on its left.
    GS4 : Characteristic
        The boundaries meet at both ends. Margin: by how much the gap at an income of 1e-9 of the
        world's is below a hundredth of the widest gap.
    upper_rise, lower_rise : Characteristic
        GS1 for B and BL by itself.
    """

    classical_level: float
    peak: float
    GS1: Characteristic
    GS2: Characteristic
    GS3: Characteristic
    GS4: Characteristic
    upper_rise: Characteristic
    lower_rise: Characteristic


def identical_countries_utility(income, scale):
    """
    Compute utility as a multiple of autarky when the countries are identical.

    With the same demands, the same production functions e_i l^alpha and the same labour in both
    countries every specialised equilibrium of income Z_1 gives
    U_1 / U_1^A = Z_1 (Z_1^-Z_1 (1 - Z_1)^-(1 - Z_1))^alpha.

    Parameters
    ----------
    income : array_like of shape (...)
        Country 1's share of world income Z_1, in [0, 1].
    scale : float
        The exponent alpha, at least 1.

    Returns
    -------
    float or ndarray of shape (...)
        Country 1's utility as a multiple of autarky; Country 2's is the same function of 1 - Z_1.
        inf beyond the range of doubles.

    Raises
    ------
    ValueError
        If a parameter is outside its domain.

    Notes
    -----
    A sole producer of good i in Country 1 employs d_i L / Z_1, in Country 2 d_i L / (1 - Z_1). So
    u_1 - u_1^A = ln Z_1 + alpha (sum of d_i ln(1/Z_1) over goods made in 1, and of
    d_i ln(1/(1 - Z_1)) over those made in 2); the goods made in 1 have shares that add up to Z_1.
    The formula needs L_1 = L_2, which the paper does not say.

    References
    ----------
    Gomory (1994), Section 6, "The Regional Shape for Identical Countries".

    Examples
    --------
    >>> round(identical_countries_utility(0.5, scale=1.5), 4)
    1.4142
    """
    z = domain.numbers("income", income, 0, 1, closed="both")
    scale = domain.number("scale", scale, 1.0, closed="left")
    inner = np.where((z > 0) & (z < 1), z, 0.5)
    entropy = -inner * np.log(inner) - (1 - inner) * np.log1p(-inner)
    with np.errstate(over="ignore"):
        ratio = z * np.exp(scale * np.where((z > 0) & (z < 1), entropy, 0.0))
    return domain.plain(ratio)


def fill_in_bound(economy, income, country=1):
    """
    Bound how far a point between the boundaries can be from a specialised equilibrium.

    Parameters
    ----------
    economy : Economy
        The economy.
    income : float
        Country 1's share of world income Z', in (0, 1).
    country : {1, 2}
        The country whose utility is meant.

    Returns
    -------
    FillInBound
        The parameters of Theorem 4.1 and its two bounds.

    Raises
    ------
    ValueError
        If a parameter is outside its domain.

    Notes
    -----
    g has the factor 1/2 of Lemma 4 and Section 7, which the statement of the theorem omits. R is
    taken at Z': it bounds what rounding two goods does to Lu(x, Z'). M is taken at Z' as well,
    while Lemma 4.2 has it at an income between Z' and the equilibrium's: that M at Z' is enough
    under `PowerProduction` is shown in the book's Appendix 1.

    For a specialised assignment du / ds, s = ln(Z_1 / Z_2), is a sum over goods: with F_i the
    country's share in the consumption of good i and alpha_ij the elasticity of its producer's
    output it is -d_i (alpha_ij - 1)(1 - F_i) for a good of its own and
    d_i (1 + (alpha_ij - 1) F_i) for an
    import (times -1 for Country 2). So abs(du / dZ_1) is largest where the country makes nothing or
    everything: that is `slope`.

    References
    ----------
    Gomory (1994), Theorem 4.1 and Appendix 1.

    Examples
    --------
    >>> from lib.gomory import random_economy
    >>> economy = random_economy(5, seed=1)
    >>> bound = fill_in_bound(economy, income=0.5)
    >>> round(bound.delta, 4), round(bound.g, 4)
    (0.2991, 0.1)
    """
    domain.instance("economy", economy, Economy)
    z = float(_income(domain.number("income", income, 0, 1)))
    country = domain.choice("country", country, (1, 2))
    demand = economy.demand
    sizes = demand @ [z, 1 - z]
    output = sole_producer_log_output(economy, z)
    labor = sizes[:, None] * economy.labor / [z, 1 - z]
    elasticity = economy.production.elasticity(labor)
    own, other = country - 1, 2 - country
    share = demand[:, own] * (z, 1 - z)[own] / sizes
    lost = demand[:, own] @ ((elasticity[:, own] - 1) * (1 - share))
    gained = demand[:, own] @ (1 + (elasticity[:, other] - 1) * share)
    smaller = min(z, 1 - z)
    delta, g = float(demand.max()), float(np.abs(demand[:, 0] - demand[:, 1]).sum() / 2)
    largest_ratio = float(np.abs(output[:, 1] - output[:, 0]).max())
    with domain.within_doubles(income=z):
        bound = float((2 + elasticity.max() / smaller) / smaller)
        slope = float(max(lost, gained) / (z * (1 - z)))
        domain.finite(bound, slope)
    return FillInBound(
        delta,
        g,
        largest_ratio,
        bound,
        slope,
        delta / (1 - g),
        delta * (2 * largest_ratio + bound) / (1 - g),
    )


def nearest_equilibrium(economy, income, log_utility, country=1, method="nearest"):
    """
    Find a specialised equilibrium near a point of the region.

    Parameters
    ----------
    economy : Economy
        The economy.
    income : float
        Country 1's share of world income Z', in (0, 1).
    log_utility : float
        A value v of the country's log utility between BL(Z') and B(Z').
    country : {1, 2}
        The country whose utility is meant.
    method : {"nearest", "proof"}
        With "nearest" the nearest equilibrium that is found, with "proof" the one point at which
        the proof of Theorem 4.1 arrives, near or not.

    Returns
    -------
    NearestEquilibrium
        The equilibrium and its distances from (Z', v). "nearest" means nearest in the larger of the
        two distances over the bounds of Theorem 4.1: of all equilibria up to 16 goods; with more
        goods, of the four roundings of step 2 and those that differ from one of them in one good,
        up to 4 (n + 1).

    Raises
    ------
    ValueError
        If a parameter is outside its domain.
    ArithmeticError
        If no equilibrium within the bounds of Theorem 4.1 is found.

    Notes
    -----
    1. Solve (3.4b) and Lu(x, Z') = v for x in [0, 1]^n. A basic solution has at most two divided
       goods (Lemma 4.3).
    2. Give these two to either country, in all four ways. One of the four is near equality (n.e.):
       it fits, and the next good would not. "proof" starts with both in Country 1 and moves to
       Country 2 what fits.
    3. If neither fits, Country 2 may be left without any good, which is no equilibrium: the proof
       of the theorem passes over that, and "proof" then moves one of the two that does not fit.
       "nearest" also looks at those that differ from the four in one good; it so finds points much
       nearer than the proof's.

    References
    ----------
    Gomory (1994), Theorem 4.1, Lemma 4.3 and Appendix 1.

    Examples
    --------
    >>> from lib.gomory import random_economy
    >>> economy = random_economy(5, seed=1)
    >>> from lib.gomory import boundary
    >>> top = boundary(economy, 0.5).log_utility
    >>> near = nearest_equilibrium(economy, 0.5, top)
    >>> round(near.income, 4)
    0.4671
    """
    bounds = fill_in_bound(economy, income, country)
    income = float(income)
    country = domain.choice("country", country, (1, 2))
    value = domain.number("log_utility", log_utility)
    method = domain.choice("method", method, ("nearest", "proof"))
    n = economy.goods
    if method == "proof":
        candidates = _proof_point(economy, income, value, country)[None]
    elif n <= _ENUMERATED:
        candidates = (np.arange(1, 2**n - 1)[:, None] >> np.arange(n)) & 1 > 0
        lowest, highest = (
            boundary(economy, income, country, side).log_utility for side in ("lower", "upper")
        )
        _check_value(value, lowest, highest, income, country)
    else:
        candidates = _proof_candidates(economy, income, value, country)
    z = balanced_income(economy, candidates)
    utility = assignment_log_utility(economy, candidates, country)
    apart = np.abs(z - income), np.abs(utility - value)
    ratio = np.maximum(apart[0] / bounds.income_distance, apart[1] / bounds.utility_distance)
    best = int(np.argmin(ratio))
    if ratio[best] > 1:
        raise ArithmeticError(
            f"no equilibrium found within the bounds of Theorem 4.1, the nearest is "
            f"{float(ratio[best]):g} times as far"
        )
    return NearestEquilibrium(
        candidates[best],
        float(z[best]),
        float(utility[best]),
        float(apart[0][best]),
        float(apart[1][best]),
    )


def boundary_slope(economy, income, country=1, side="upper"):
    """
    Compute the slope of a boundary, and what it is made of.

    With identical demands d_i and any production functions
    B'(Z_j) = 1 / Z_j - lambda - (a_j - a_k): the larger slice, less what it costs to make one more
    good in Country j, less the difference of the mean elasticities of output of the goods made in
    Country j and in the other, k.

    Parameters
    ----------
    economy : Economy
        The economy.
    income : array_like of shape (...)
        Country 1's share of world income Z_1, in (0, 1).
    country : {1, 2}
        The country j whose boundary it is; the slope is in its own share Z_j.
    side : {"upper", "lower"}
        The boundary B or BL.

    Returns
    -------
    BoundarySlope
        The slope and its parts.

    Raises
    ------
    ValueError
        If a parameter is outside its domain.

    Notes
    -----
    B is the largest sum of d_ij ln(F_ij q_i) subject to sum_i a_i x_ik = Z_k. By the envelope
    theorem its derivative is that of the Lagrangian with x and lambda held fixed. F_ij changes by
    F_ij (1 - F_ij) / (Z_j Z_k). A sole producer's labour a_i L_j / Z_j changes by
    -(1 - F_ij) / (Z_j Z_k) of itself, in the other country by F_ij / (Z_j Z_k), and output by
    the elasticity times that. The constraint adds lambda (1 + sum_i (d_ij - d_ik) x_ik). With
    identical demands F_ij = Z_j, and sum_i d_i x_ij = Z_j.

    References
    ----------
    Gomory (1994), Section 6, argues for this shape in words; see also Gomory and Baumol (2000).

    Examples
    --------
    >>> from lib.gomory import random_economy
    >>> economy = random_economy(5, seed=1, g=0, scale_spread=0)
    >>> at = boundary_slope(economy, 0.6)
    >>> round(at.slope, 4), round(at.slice - at.price, 4)
    (0.8942, 0.8942)
    """
    domain.instance("economy", economy, Economy)
    country = domain.choice("country", country, (1, 2))
    curve = boundary(economy, income, country, side)
    z = np.asarray(curve.income)[..., None]
    own, other = country - 1, 2 - country
    incomes = np.concatenate((z, 1 - z), axis=-1)
    at_home, abroad = (curve.x, 1 - curve.x) if country == 1 else (1 - curve.x, curve.x)
    weight = economy.demand[:, own]
    sizes = incomes @ economy.demand.T
    share = weight * incomes[..., own, None] / sizes
    output = sole_producer_log_output(economy, z[..., 0])
    labor = sizes[..., None] * economy.labor / incomes[..., None, :]
    elasticity = economy.production.elasticity(labor)
    density = weight * (output[..., other] - output[..., own]) / sizes
    sign = 1 if side == "upper" else -1
    # The good of the least density among those made abroad is the one that comes home next.
    order = np.where(abroad * sizes > _ROUNDING, sign * density, np.inf)
    moved = order.argmin(axis=-1)[..., None]
    price = np.take_along_axis(density, moved, axis=-1)[..., 0]
    per = 1 / incomes.prod(axis=-1)
    losing, gaining = weight * (1 - share) * at_home, weight * share * abroad
    means, effects = [], []
    for part, k in ((losing, own), (gaining, other)):
        of_moved = np.take_along_axis(elasticity[..., k], moved, axis=-1)[..., 0]
        total = part.sum(axis=-1)
        effects.append((part * elasticity[..., k]).sum(axis=-1))
        # A share too small for doubles makes one good only, the one that is being moved.
        some = total > 0
        means.append(np.where(some, effects[-1] / np.where(some, total, 1), of_moved))
    larger_slice = per * (weight * (1 - share)).sum(axis=-1)
    scale = per * (effects[1] - effects[0])
    room = 1 + (abroad * (weight - economy.demand[:, other])).sum(axis=-1)
    slope = larger_slice + scale - price * room
    parts = (domain.plain(one) for one in (slope, larger_slice, scale, price, room))
    return BoundarySlope(*parts, np.stack(means, axis=-1))


def boundary_peak(economy, country=1):
    """
    Find the highest point of a country's upper boundary.

    Parameters
    ----------
    economy : Economy
        The economy.
    country : {1, 2}
        The country.

    Returns
    -------
    Peak
        The place and the height of the peak, to about nine digits of ln(Z_1 / Z_2).

    Raises
    ------
    ValueError
        If a parameter is outside its domain.

    Notes
    -----
    The largest of 800 values on a grid of ln(Z_1 / Z_2), then of ever finer grids around it. Two
    peaks that are closer to each other than the first grid are taken for one.

    References
    ----------
    Gomory (1994), Section 6, "The General Shape of the Region".

    Examples
    --------
    >>> from lib.gomory import random_economy
    >>> peak = boundary_peak(random_economy(5, seed=1))
    >>> round(peak.income, 3), round(peak.wage_ratio, 2)
    (0.725, 2.64)
    """
    domain.instance("economy", economy, Economy)
    country = domain.choice("country", country, (1, 2))
    odds = _odds_grid(classical_level(economy), 800)
    while True:
        z = 1 / (1 + np.exp(-odds))
        height = boundary(economy, z, country).log_utility
        top = int(np.argmax(height))
        left, right = odds[max(top - 1, 0)], odds[min(top + 1, odds.size - 1)]
        if right - left < 1e-9 * max(1.0, abs(odds[top])):
            break
        odds = np.linspace(left, right, 33)
    own, other = country - 1, 2 - country
    incomes = z[top], 1 - z[top]
    ratio = incomes[own] / incomes[other] * (economy.labor[other] / economy.labor[own])
    return Peak(float(z[top]), float(height[top]), float(ratio))


def shape_report(economy, country=1, points=400):
    """
    Check the four characteristics of the region's shape on a grid of incomes.

    Parameters
    ----------
    economy : Economy
        The economy.
    country : {1, 2}
        The country whose boundaries are looked at. For Country 2 left and right change places.
    points : int
        Number of incomes, from 50 to 100,000, equally spaced in ln(Z_1 / Z_2).

    Returns
    -------
    ShapeReport
        For each of GS1 to GS4 whether it holds on the grid, and with what margin.

    Raises
    ------
    ValueError
        If a parameter is outside its domain.

    Notes
    -----
    The boundaries are B and BL, the continuous ones. Log utility tends to minus infinity with the
    country's income, at the same rate on both boundaries.

    References
    ----------
    Gomory (1994), Section 6, "The General Shape of the Region".

    Examples
    --------
    >>> from lib.gomory import random_economy
    >>> economy = random_economy(5, seed=1)
    >>> report = shape_report(economy)
    >>> report.GS1.holds, report.GS4.holds
    (True, True)
    """
    domain.instance("economy", economy, Economy)
    country = domain.choice("country", country, (1, 2))
    points = domain.integer("points", points, 50, 100_000)
    middle = classical_level(economy)
    center = np.log(middle / (1 - middle))
    odds = _odds_grid(middle, points)
    if country == 2:
        odds = odds[::-1]
    z = 1 / (1 + np.exp(-odds))
    upper = boundary(economy, z, country).log_utility
    lower = boundary(economy, z, country, side="lower").log_utility
    center = int(np.argmin(np.abs(odds - center)))
    rounding = 1e-12 * max(1.0, float(np.abs(upper).max()))
    peak = int(np.argmax(upper))

    rising = [
        _smallest(np.diff(curve)[:center], z[1 : center + 1], rounding) for curve in (upper, lower)
    ]
    gs1 = min(rising, key=lambda one: one.margin)
    above = upper[center + 1 :] - autarky_log_utility(economy, country)
    gs2 = _smallest(above, z[center + 1 :], rounding)
    falls = -np.diff(upper)[peak:]
    gs3 = _smallest(falls, z[peak + 1 :], rounding)
    if peak < center:
        gap = float(upper[center] - upper[peak])
        gs3 = Characteristic(gap >= -rounding, gap, float(z[peak]))
    ends = np.array([1e-9, 1 - 1e-9])
    top, bottom = (boundary(economy, ends, country, side) for side in ("upper", "lower"))
    gaps = top.log_utility - bottom.log_utility
    gs4 = _smallest((upper - lower).max() / 100 - gaps, ends, rounding)
    return ShapeReport(middle, float(z[peak]), gs1, gs2, gs3, gs4, *rising)


def _odds_grid(classical, points):
    """Space ln(Z_1 / Z_2) equally, with the classical level among the points."""
    edge = np.log(1e9)
    center = np.log(classical / (1 - classical))
    # Beyond 36 doubles cannot tell Z_1 from 1.
    odds = np.linspace(min(center, 0) - edge, min(max(center, 0) + edge, 36), points)
    return np.unique(np.append(odds, center))


def _smallest(margins, incomes, rounding):
    """Return the smallest margin; equality within rounding counts as holding."""
    if margins.size == 0:
        return Characteristic(True, 0.0, float("nan"))
    worst = int(np.argmin(margins))
    return Characteristic(
        bool(margins[worst] >= -rounding), float(margins[worst]), float(incomes[worst])
    )


def _proof_candidates(economy, income, value, country):
    """Return the roundings of a basic solution of Lemma 4.3, and what differs in one good."""
    x = _basic_solution(economy, income, value, country)
    divided = np.argsort(np.abs(x - 0.5))[:2]
    rounded = np.repeat((x > 0.5)[None], 4, axis=0)
    rounded[:, divided] = [[False, False], [False, True], [True, False], [True, True]]
    flips = rounded[:, None] ^ np.eye(economy.goods, dtype=bool)
    candidates = np.concatenate((rounded, flips.reshape(-1, economy.goods)))
    count = candidates.sum(axis=1)
    return candidates[(count > 0) & (count < economy.goods)]


def _proof_point(economy, income, value, country):
    """Return the rounding near equality, or its partner if that leaves Country 2 without a good."""
    x = _basic_solution(economy, income, value, country)
    made_in_1 = x > _WHOLE
    sizes = economy.demand @ [income, 1 - income]
    too_large = None
    # Largest part abroad first, then goods that are wholly at home, for want of a divided one.
    for good in np.argsort(x, kind="stable"):
        if too_large is not None and x[good] > 1 - _WHOLE:
            break
        moved = made_in_1.copy()
        moved[good] = False
        if sizes[~moved].sum() <= 1 - income + _WHOLE:
            made_in_1 = moved
        else:
            too_large = good
    if made_in_1.all():
        made_in_1[too_large] = False
    return made_in_1


def _basic_solution(economy, income, value, country):
    """Solve step 1: x of Lemma 4.3, at most two goods of it divided."""
    weight = economy.demand[:, country - 1]
    sizes = economy.demand @ [income, 1 - income]
    own = (income, 1 - income)[country - 1]
    output = sole_producer_log_output(economy, income)
    base = weight @ (np.log(weight * own / sizes) + output[:, 1])
    gain = weight * (output[:, 0] - output[:, 1])
    lowest, highest = (boundary(economy, income, country, side) for side in ("lower", "upper"))
    _check_value(value, lowest.log_utility, highest.log_utility, income, country)
    solution = linprog(
        np.zeros(economy.goods),
        A_eq=np.stack([sizes, gain]),
        b_eq=[income, value - base],
        bounds=(0, 1),
        method="highs-ds",
    )
    if solution.status == 0:
        x = solution.x
    else:
        spread = highest.log_utility - lowest.log_utility
        part = (value - lowest.log_utility) / spread if spread > 0 else 0.0
        x = highest.x if part > 0.5 else lowest.x
    return x


def _check_value(value, lowest, highest, income, country):
    slack = 1e-9 * max(1.0, abs(lowest), abs(highest))
    if not lowest - slack <= value <= highest + slack:
        raise ValueError(
            f"log_utility must be in [{lowest:g}, {highest:g}], between the boundaries for income "
            f"{float(income):g} and country {country}, got {value!r}"
        )
