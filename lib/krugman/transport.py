"""
Krugman (1980), Section II: trade between two countries with iceberg transport costs.

Pairs are (home, foreign). Inside, everything is a sum of logarithms: G = g**(theta/(1-theta))
underflows long before the relative wage does anything extreme.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from lib.domain import finite, numbers, pair, plain, within_doubles
from lib.krugman.basic import (
    _arrival,
    _gains,
    _log_size,
    _parameters,
    _theta,
    _utility,
)


@dataclass(frozen=True)
class CostlyTrade:
    """
    The equilibrium of Section II; pairs are (home, foreign).

    Attributes
    ----------
    relative_wage : float
        The relative wage omega = w/w*.
    demand_ratio : tuple of float
        The ratios (sigma, sigma*) of (12): demand for each imported variety, transit loss included,
        over demand for each domestic one. 0.0 where they are too small for a double.
    varieties : tuple of float
        The number of varieties made in each country (13).
    import_share : tuple of float
        The share of income that is spent on the other country's varieties. 0.0 where it is too
        small for a double: trade balances all the same, as `residual` says.
    utility : tuple of float
        A worker's utility (1).
    gains : tuple of float
        Utility (1) over its level in the closed economy, (1-m)**-(1-theta) with m the import share;
        inf beyond the range of doubles.
    real_income_gains : tuple of float
        The factor on autarky income that is worth as much as trade, gains**(1/theta); inf likewise.
    residual : float
        Home's exports over its imports, less 1, at this relative wage.
    """

    relative_wage: float
    demand_ratio: tuple[float, float]
    varieties: tuple[float, float]
    import_share: tuple[float, float]
    utility: tuple[float, float]
    gains: tuple[float, float]
    real_income_gains: tuple[float, float]
    residual: float


def _import_odds(log_wage, labor, theta, log_g):
    """Log of spending on imports over spending on domestic goods, in both countries."""
    elasticity, ρ = theta / (1 - theta), _log_size(labor)
    return elasticity * (log_wage + log_g) - ρ, elasticity * (log_g - log_wage) + ρ


def _checked(omega, theta, g):
    ω = numbers("omega", omega, 0)
    return ω, np.log(ω), _theta(theta), math.log(_arrival(g))


def relative_demand(omega, theta, g):
    """
    Divide demand for each imported variety by that for each domestic one, Krugman's (12).

    Quantities include what is lost in transit. Prices are proportional to wages (13), so that
    sigma = omega**(1/(1-theta)) G and sigma* = omega**(-1/(1-theta)) G with
    G = g**(theta/(1-theta)).

    Parameters
    ----------
    omega : float or array_like
        Relative wage w/w*, positive.
    theta : float
        Exponent of utility, in (0, 1).
    g : float
        The share of a shipment that arrives, in (0, 1].

    Returns
    -------
    tuple of (float or ndarray)
        The ratios (sigma, sigma*), each in the shape of `omega`; 0.0 or inf beyond the range of
        doubles.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.

    Examples
    --------
    Equal wages, half of each shipment lost:

    >>> relative_demand(omega=1.0, theta=0.5, g=0.5)
    (0.5, 0.5)
    """
    _, log_wage, θ, log_g = _checked(omega, theta, g)
    with np.errstate(over="ignore"):
        σ = np.exp((log_wage + θ * log_g) / (1 - θ))
        σ_star = np.exp((θ * log_g - log_wage) / (1 - θ))
    return plain(σ), plain(σ_star)


def trade_balance(omega, labor, theta, g):
    """
    Compute home's balance of payments at a relative wage from the budget of Section II.A.

    A home worker spends (n p + sigma n* p*) d = w. With (13), imports take the share
    m = sigma L*/(omega L + sigma L*) of home income omega L, and m* = omega sigma* L/(omega sigma*
    L + L*) of foreign income L*, both incomes in foreign wage units; the balance is
    m* L* - m omega L, that is

        B = omega L L* [ sigma*/(omega sigma* L + L*) - sigma/(omega L + sigma L*) ].

    Equation (14) as printed leaves out the two inner omegas, see `trade_balance_as_printed`. Since
    m* falls and m rises with omega, B falls from L* without bound and crosses zero once.

    Parameters
    ----------
    omega : float or array_like
        Relative wage w/w*, positive.
    labor : array_like of shape (2,)
        The labour forces (L, L*), positive.
    theta : float
        Exponent of utility, in (0, 1).
    g : float
        The share of a shipment that arrives, in (0, 1].

    Returns
    -------
    float or ndarray
        Exports less imports of home in foreign wage units, in the shape of `omega`; -inf where home
        income omega L itself is beyond the range of doubles.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.

    Examples
    --------
    At equal wages the larger country exports more than it imports:

    >>> balance = trade_balance([1.0, 1.1], labor=(2, 1), theta=0.75, g=0.8)
    >>> balance.round(4)
    array([ 0.0983, -0.1243])
    """
    ω, log_wage, θ, log_g = _checked(omega, theta, g)
    labor = pair("labor", labor, 0)
    home, foreign = _import_odds(log_wage, labor, θ, log_g)
    with np.errstate(over="ignore", under="ignore"):
        return plain(labor[1] * expit(foreign) - ω * (labor[0] * expit(home)))


def trade_balance_as_printed(omega, labor, theta, g):
    """
    Compute Krugman's (14) as printed, which is the balance of payments only at omega = 1.

    It is B = omega L L* [ sigma*/(sigma* L + L*) - sigma/(L + sigma L*) ]: the ratios of quantities
    stand where those of values, sigma/omega and omega sigma*, belong.

    Parameters
    ----------
    omega : float or array_like
        Relative wage w/w*, positive.
    labor : array_like of shape (2,)
        The labour forces (L, L*), positive.
    theta : float
        Exponent of utility, in (0, 1).
    g : float
        The share of a shipment that arrives, in (0, 1].

    Returns
    -------
    float or ndarray
        The printed expression, in the shape of `omega`; -inf where it is beyond the range of
        doubles.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.

    Examples
    --------
    Right at omega = 1 and only there:

    >>> printed = trade_balance_as_printed([1.0, 1.1], labor=(2, 1), theta=0.75, g=0.8)
    >>> printed.round(4)
    array([ 0.0983, -0.1471])
    """
    ω, log_wage, θ, log_g = _checked(omega, theta, g)
    labor = pair("labor", labor, 0)
    ρ = _log_size(labor)
    foreign = expit((θ * log_g - log_wage) / (1 - θ) + ρ)
    home = expit((θ * log_g + log_wage) / (1 - θ) - ρ)
    with np.errstate(over="ignore", under="ignore"):
        return plain(ω * (labor[1] * foreign - labor[0] * home))


def indirect_utility(industry, labor, g, omega):
    """
    Compute a worker's utility in each country at any relative wage, in equilibrium or not.

    A worker's budget at the prices (13) gives n**(1-theta) (theta/beta)**theta (1-m)**-(1-theta),
    with n the country's own varieties and m its import share. At omega = 1 countries differ by
    local variety alone; a higher relative wage adds better terms of trade.

    Parameters
    ----------
    industry : Industry
        Tastes and technology, the same in both countries.
    labor : array_like of shape (2,)
        The labour forces (L, L*), positive.
    g : float
        The share of a shipment that arrives, in (0, 1].
    omega : float or array_like
        Relative wage w/w*, positive.

    Returns
    -------
    tuple of (float or ndarray)
        Utility (1) at home and abroad, each in the shape of `omega`; inf beyond the range of
        doubles.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.

    Examples
    --------
    >>> from lib.krugman import Industry
    >>> home, foreign = indirect_utility(Industry(theta=0.5), labor=(2, 1), g=0.5, omega=1.0)
    >>> round(home, 4), round(foreign, 4)
    (0.7906, 0.7071)
    """
    θ, _, _ = _parameters(industry)
    labor = pair("labor", labor, 0)
    _, log_wage, _, log_g = _checked(omega, θ, g)
    odds = _import_odds(log_wage, labor, θ, log_g)
    with np.errstate(over="ignore"):
        home, foreign = (plain(_utility(industry, *one)) for one in zip(labor, odds, strict=True))
    return home, foreign


def size_ratio(relative_wage, theta, g):
    """
    Find the relative size L/L* at which a relative wage clears the balance of payments.

    The root of B has an explicit inverse: with u = omega**(1/(1-theta)) and
    G = g**(theta/(1-theta)), it is L/L* = u**theta (u - G)/(1 - G u), increasing from 0 to infinity
    between the two bounds of omega.

    Parameters
    ----------
    relative_wage : float or array_like
        The relative wage w/w*, in (g**theta, g**-theta).
    theta : float
        Exponent of utility, in (0, 1).
    g : float
        The share of a shipment that arrives, in (0, 1): at g = 1 every size has omega = 1.

    Returns
    -------
    float or ndarray
        The ratio L/L*, in the shape of `relative_wage`; 0.0 or inf beyond the range of doubles.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.

    Examples
    --------
    >>> float(round(size_ratio(1.0452, theta=0.75, g=0.8), 3))
    2.0
    """
    θ, g = _theta(theta), _arrival(g, closed="neither")
    ω = numbers("relative_wage", relative_wage, 0)
    λ = np.log(ω) / (1 - θ)
    distance = -θ / (1 - θ) * math.log(g) - np.abs(λ)
    if not np.all(distance > 0):
        bad, low = float(ω[distance <= 0].flat[0]), g**θ
        raise ValueError(
            f"relative_wage must be in (g**theta, g**-theta) = ({low:g}, {1 / low:g}), got {bad!r}"
        )
    # (1 - G/u)/(1 - G u) = 1 + (1 - u**-2)/(1/(G u) - 1), here without a difference of near equals.
    excess = np.exp(-distance) * np.expm1(-2 * np.abs(λ)) / np.expm1(-distance)
    with np.errstate(over="ignore", under="ignore"):
        return plain(np.exp(np.copysign((1 + θ) * np.abs(λ) + np.log1p(excess), λ)))


def wage_bounds(labor, theta, g):
    """
    Bound the relative wage without solving for it.

    For L > L* and g < 1 they are 1 < omega < min(g**-theta, (L/L*)**((1-theta)/(1+theta))), the
    first approached as L/L* grows, the second as g falls; see `costly_trade` for the proof. For
    L < L* they are the reciprocals. At L = L* or g = 1 both bounds are 1.

    Parameters
    ----------
    labor : array_like of shape (2,)
        The labour forces (L, L*), positive.
    theta : float
        Exponent of utility, in (0, 1).
    g : float
        The share of a shipment that arrives, in (0, 1].

    Returns
    -------
    tuple of float
        The lower and the upper bound of omega.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.

    Examples
    --------
    >>> low, high = wage_bounds(labor=(2, 1), theta=0.75, g=0.8)
    >>> low, round(high, 4)
    (1.0, 1.1041)
    """
    ρ = _log_size(pair("labor", labor, 0))
    θ, log_g = _theta(theta), math.log(_arrival(g))
    furthest = math.exp((1 - θ) * _furthest(-θ / (1 - θ) * log_g, abs(ρ), θ))
    return (1.0, furthest) if ρ >= 0 else (1 / furthest, 1.0)


def _furthest(a, ρ, θ):
    return min(a, ρ / (1 + θ))


def _log_exports_over_imports(λ, a, ρ, θ):
    """Log of the larger country's exports over imports, λ = log(omega)/(1-theta), ρ = log(L/L*)."""
    c = θ * λ - ρ
    # Two forms of one expression: each is the first term less a small one where it is used.
    if a + c <= 0:
        excess = -math.exp(a + c) * math.expm1(-2 * a) / (1 + math.exp(c - a))
        return (a - λ) - math.log1p(excess)
    excess = -math.exp(-(a + c)) * math.expm1(2 * c) / (1 + math.exp(c - a))
    return (ρ - (1 + θ) * λ) - math.log1p(excess)


def costly_trade(industry, labor, g):
    """
    Find the relative wage that balances trade, and all that follows from it.

    Let home be the larger country, rho = log(L/L*), lam = log(omega)/(1-theta), a = -log(G) =
    -theta/(1-theta) log(g) and c = theta lam - rho. From the two import shares, home's exports over
    its imports have the logarithm

        F(lam) = rho - (1+theta) lam - log(1 + exp(-a-c)) + log(1 + exp(c-a))
               =       a - lam       - log(1 + exp(a+c))  + log(1 + exp(c-a)).

    Its slope is -(1+theta) + theta (s + s*), with s = m and s* = m* the import shares, logistic
    functions of arguments that add up to -2 a <= 0: hence s + s* <= 1 and -(1+theta) <= F' <= -1.
    There is exactly one root. F(0) = log((R+G)/(1+R G)) >= 0 with R = L/L*: the larger country has
    the higher wage. At lam = rho/(1+theta), c = -lam and the first form gives F <= 0; at lam = a
    the second does. So 0 <= lam <= min(a, rho/(1+theta)), strictly where L > L* and g < 1, which is
    1 < omega < min(g**-theta, (L/L*)**((1-theta)/(1+theta))). Brent's method finds lam, that is
    log(omega), to the last bits in this bracket; omega = 1 exactly at L = L* and at g = 1. In
    doubles omega can round to one of its bounds.

    Rounding omega to a double moves F by up to (1+theta)/(1-theta) times 1.1e-16. The residual is
    at most 1e-12, or twice that last bit's worth where theta is so close to 1 that this is more.

    Parameters
    ----------
    industry : Industry
        Tastes and technology, the same in both countries.
    labor : array_like of shape (2,)
        The labour forces (L, L*), positive.
    g : float
        The share of a shipment that arrives, in (0, 1].

    Returns
    -------
    CostlyTrade
        The relative wage, demand ratios (12), varieties (13), import shares, utility and gains.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.
    RuntimeError
        If the residual is above the tolerance.

    Examples
    --------
    >>> from lib.krugman import Industry
    >>> f"{costly_trade(Industry(theta=0.75), labor=(2, 1), g=0.8).relative_wage:.4f}"
    '1.0452'
    """
    θ, α, β = _parameters(industry)
    labor = pair("labor", labor, 0)
    a = -θ / (1 - θ) * math.log(_arrival(g))
    signed = _log_size(labor)
    ρ, larger_first = abs(signed), signed >= 0

    def _balance(λ):
        return _log_exports_over_imports(λ, a, ρ, θ)

    λ, high = 0.0, _furthest(a, ρ, θ)
    if _balance(0.0) > 0:  # else the root is 0, or 0 to the last bit
        tiny, eps = np.finfo(float).tiny, np.finfo(float).eps
        λ = high
        if _balance(high) < 0:
            λ = brentq(_balance, 0.0, high, xtol=tiny, rtol=4 * eps, maxiter=2000)
    ω = math.exp((1 - θ) * λ if larger_first else -(1 - θ) * λ)

    residual = math.expm1(_balance(abs(math.log(ω)) / (1 - θ)))
    tolerance = max(1e-12, 2 * np.finfo(float).eps * (1 + θ) / (1 - θ))
    if not abs(residual) <= tolerance:
        raise RuntimeError(f"the balance of payments is met to {residual:.1e} only, at omega = {ω}")

    def _by_country(larger, smaller):
        return (larger, smaller) if larger_first else (smaller, larger)

    odds = _by_country(θ * λ - a - ρ, ρ - θ * λ - a)
    gains, real_income_gains = _gains(θ, odds)
    with within_doubles(labor=labor, theta=θ, alpha=α, beta=β):
        varieties = tuple(size / α * (1 - θ) for size in labor)
        utility = tuple(float(_utility(industry, *one)) for one in zip(labor, odds, strict=True))
        finite(varieties, utility)
    return CostlyTrade(
        relative_wage=ω,
        demand_ratio=_by_country(math.exp(λ - a), math.exp(-λ - a)),
        varieties=varieties,
        import_share=tuple(float(expit(o)) for o in odds),
        utility=utility,
        gains=gains,
        real_income_gains=real_income_gains,
        residual=residual if larger_first else -residual / (1 + residual),
    )
