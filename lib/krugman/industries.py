"""
Beyond Krugman (1980): his Section III.C with any number of industries, each with its own numbers.

1. Industry k has its own elasticity, costs and transport cost, and receives the share mu_k of all
   spending in both countries (footnote 4's alike people).
2. At a relative wage omega, home's net exports of industry k are those of Section III.C, with
   mu_k L and mu_k L* consumers: positive exactly if L/L* > r_k(omega), where
   r = u**theta (u - G)/(1 - G u), G = g**(theta/(1-theta)), u = omega**(1/(1-theta)). They fall as
   omega rises (see `home_market`).
3. Their sum falls through zero at one omega, which is at least 1 if home is the larger country, as
   it may be called; Brent's method finds it. At omega = g**-theta home gives an industry up. In the
   upper half of the way to such a wage the distance to it is looked for, which keeps the digits
   that the wage would lose.
4. So a large country exports, net, the industries with a small r_k at that wage, and imports the
   others (G. Hanson and C. Xiang, "The Home-Market Effect and Bilateral Trade Patterns", American
   Economic Review 94 (2004)).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from lib.domain import array, freeze, instance, pair, within_doubles
from lib.krugman.basic import Industry
from lib.krugman.home_market import _friction, _held_balance, _location

_TOLERANCE, _MOST = 1e-11, 1e-6


@dataclass(frozen=True, eq=False)
class ManyIndustries:
    """
    Trade in many industries that differ; pairs are (home, foreign).

    Attributes
    ----------
    relative_wage : float
        Home's wage over foreign's, omega.
    varieties : ndarray of shape (K, 2)
        The number of varieties by industry and country; 0 where none is made.
    net_exports : ndarray of shape (K,)
        Home's exports less imports, in foreign wage units.
    regime : tuple of str
        Who makes the goods of each industry: "both", "home" or "foreign".
    real_income_gains : tuple of float
        The factor on autarky income that is worth as much as trade; inf where it is beyond doubles.
    residual : float
        What net exports add up to, over the sum of their absolute values and the income of the
        country with less labour.
    """

    relative_wage: float
    varieties: np.ndarray
    net_exports: np.ndarray
    regime: tuple[str, ...]
    real_income_gains: tuple[float, float]
    residual: float

    def __post_init__(self):
        freeze(self)


def many_industries(industries, alike_shares, labor, g):
    """
    Solve two countries of alike people with industries that differ.

    Parameters
    ----------
    industries : sequence of Industry
        Tastes and technology of each of the K industries, the same in both countries.
    alike_shares : array_like of shape (K,)
        The shares of spending on each industry, positive, adding up to 1.
    labor : array_like of shape (2,)
        The labour forces (L, L*), positive.
    g : array_like of shape (K,)
        The share of a shipment that arrives, by industry, in (0, 1).

    Returns
    -------
    ManyIndustries
        Wages, varieties, trade and gains.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.
    ArithmeticError
        If net exports add up to more than 1e-11 of trade and income, and do not change their sign
        within eight units in the last place of the log wage; or to more than 1e-6, as may happen
        where one country is more than 1e6 times as large as the other.

    Notes
    -----
    The method stands at the head of the module.

    Examples
    --------
    The larger country is the net exporter of the goods that cost more to ship:

    >>> alike = [Industry(theta=0.75), Industry(theta=0.75)]
    >>> world = many_industries(alike, [0.5, 0.5], labor=(200, 100), g=[0.8, 0.9])
    >>> world.net_exports.round(2)
    array([ 21.08, -21.08])
    """
    kinds = [
        instance(f"industries[{k}]", one, Industry) for k, one in enumerate(_listed(industries))
    ]
    shares = array("alike_shares", alike_shares, (len(kinds),), 0)
    if not np.isclose(shares.sum(), 1, rtol=1e-9):
        raise ValueError(f"alike_shares must add up to 1, got {shares.tolist()}")
    labor = np.array(pair("labor", labor, 0))
    g = array("g", g, (len(kinds),), 0, 1)
    θ, α = np.array([[kind.theta, kind.alpha] for kind in kinds]).T
    with within_doubles(labor=labor, alike_shares=shares, g=g, **{"theta of industries": θ}):
        turned = labor[0] < labor[1]
        consumers = shares[:, None] * (labor[::-1] if turned else labor)
        log_wage, exports, residual = _balanced(
            consumers, *np.transpose([_friction(*one) for one in zip(kinds, g, strict=True)])
        )
        if turned:
            consumers, log_wage = consumers[:, ::-1], -log_wage
            exports = 0.0 - exports * np.exp(log_wage)
        omega = float(np.exp(log_wage))
        # An industry's labour is what its country's people spend on it, plus its net exports.
        made = np.maximum(consumers + np.outer(exports, [1 / omega, -1]), 0.0)
        made[made < 1e-13 * consumers] = 0.0
        return ManyIndustries(
            relative_wage=omega,
            varieties=made * ((1 - θ) / α)[:, None],
            net_exports=exports,
            regime=tuple(_location(row) for row in made),
            real_income_gains=_real_income_gains(made, consumers, θ, g, log_wage, shares),
            residual=residual,
        )


def _balanced(consumers, θ, γ):
    """Step 3, with home the larger country: the log wage, net exports and what they add up to."""
    limits = (1 - θ) * γ

    def trade(log_wage, room):
        return np.array(
            [
                float(_held_balance(log_wage, *group, a, b, left / (1 - a)))
                for group, a, b, left in zip(consumers, θ, γ, room, strict=True)
            ]
        )

    def plainly(v):
        return trade(v, limits - v)

    def from_limit(log_distance):
        distance = np.exp(log_distance)
        return trade(limit - distance, limits - limit + distance)

    def root(exports, low, high):
        # Down to zero itself, in halves.
        how = {"xtol": 1e-300, "rtol": 4 * np.finfo(float).eps, "maxiter": 2000}
        return brentq(lambda v: exports(v).sum(), low, high, **how)

    limit = min(v for v in limits if plainly(v).sum() <= 0)
    exports, found = plainly, root(plainly, 0.0, limit)
    log_wage = found
    nearest = np.log(limit) - 700
    if found > limit / 2 and from_limit(nearest).sum() < 0:
        exports, found = from_limit, root(from_limit, nearest, np.log(limit))
        log_wage = limit - np.exp(found)
    traded, income = exports(found), consumers[:, 1].sum()  # of the smaller country
    residual = float(traded.sum() / (np.abs(traded).sum() + income))
    # Where one country makes nearly all, the last digits of what was found move trade by more.
    digits = 8 * np.spacing(abs(found))
    ends = [exports(v).sum() for v in (found - digits, found + digits)]
    fits = abs(residual) <= _MOST and min(ends) <= 0 <= max(ends)
    if not (fits or abs(residual) <= _TOLERANCE):
        raise ArithmeticError(f"net exports add up to {residual:.1e} of trade and income")
    return float(log_wage), traded, residual


def _listed(industries):
    try:
        kinds = list(industries)
    except TypeError:
        kinds = []
    if not kinds:
        raise ValueError(
            f"industries must be a sequence of at least one Industry, got {industries!r}"
        )
    return kinds


def _real_income_gains(made, consumers, theta, g, log_wage, shares):
    """Weigh each industry's gain, from the labour that serves a group in equivalents of its own."""
    elasticity = theta / (1 - theta)
    abroad = np.exp(elasticity[:, None] * (np.log(g)[:, None] + log_wage * np.array([1.0, -1.0])))
    served = made + abroad * made[:, ::-1]
    gains = (shares / elasticity) @ np.log(served / consumers)
    with np.errstate(over="ignore"):
        return float(np.exp(gains[0])), float(np.exp(gains[1]))
