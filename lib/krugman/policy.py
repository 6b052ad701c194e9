"""
Beyond Krugman (1980): tariffs in the model of his Section II.

Home levies t on the border price of imports and hands the revenue back to its workers, foreign t*.
Write e = theta/(1-theta) and s = 1/(1-theta).

1. A firm's demand keeps its elasticity s, and profits are zero: prices (7), output (9) and the
   numbers of firms (13) stay. Only the relative wage omega moves.
2. Imports take the share m of home's spending, with odds o = O (1+t)**-e, O = (omega g)**e L*/L.
   Spending is w L plus revenue, and revenue is t/(1+t) of what imports cost, so the fraction
   m/(1 + t - t m) = o/(1 + t + o) of w L leaves the country. Abroad O* = (g/omega)**e L/L*.
3. Trade balances where F, the log of exports over imports, is zero. F falls as omega rises, at
   least as fast as -log(omega): exactly one root.
4. A tariff improves the terms of trade and distorts spending. Foreign's imports at the border have
   the elasticity e l* in omega, with l* = 1/(1 + O* (1+t*)**-s) the share of its own varieties in
   foreign's spending at border prices. Home gains most at t = 1/(e l*) (derived in the book).
   Put into F, this t falls as omega rises and F rises with t: again one root. Without a foreign
   tariff and transport costs this is the formula of D. Gros, "A Note on the Optimal
   Tariff, Retaliation and the Welfare Loss from Tariff Wars in a Framework with Intra-Industry
   Trade", Journal of International Economics 23 (1987).
5. In a tariff war each tariff is the best reply to the other. At a given omega the two conditions
   t = (1 + O* (1+t*)**-s)/e and t* = (1 + O (1+t)**-s)/e have one solution: the product of
   their slopes is below theta**(2 s) < 1. A higher tariff is answered by a lower one, so from the
   reply to no tariff on, home's replies to replies fall to it; then F gives omega.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from lib.domain import number, pair, within_doubles
from lib.krugman.basic import _arrival, _log_size, _parameters, closed_economy

_TOLERANCE = 1e-11


@dataclass(frozen=True)
class TariffEquilibrium:
    """
    The equilibrium of Section II with tariffs; pairs are (home, foreign).

    Attributes
    ----------
    relative_wage : float
        The relative wage omega = w/w*.
    import_share : tuple of float
        The share of spending, at the prices that buyers pay, on the other country's varieties.
    revenue : tuple of float
        Tariff revenue as a share of wage income.
    utility : tuple of float
        A worker's utility (1).
    gains : tuple of float
        Utility (1) over its level with the same transport cost and no tariffs.
    real_income_gains : tuple of float
        The factor on income, in that world without tariffs, that is worth as much;
        gains**(1/theta).
    residual : float
        The log of home's exports over its imports at this relative wage.
    """

    relative_wage: float
    import_share: tuple[float, float]
    revenue: tuple[float, float]
    utility: tuple[float, float]
    gains: tuple[float, float]
    real_income_gains: tuple[float, float]
    residual: float


@dataclass(frozen=True)
class _World:
    """What tariffs do not change: theta, the log of L/L* and the log of g."""

    theta: float
    size: float
    log_g: float

    def odds(self, log_wage):
        """Return log O and log O* of step 2."""
        e = self.theta / (1 - self.theta)
        return e * (self.log_g + log_wage) - self.size, e * (self.log_g - log_wage) + self.size

    def shares(self, log_wage, tariffs):
        """Return the odds of imports in spending at the prices that buyers pay, in logs."""
        e = self.theta / (1 - self.theta)
        return tuple(
            o - e * math.log1p(t) for o, t in zip(self.odds(log_wage), tariffs, strict=True)
        )

    def balance(self, log_wage, tariffs):
        """Return F of step 3, the log of home's exports over its imports."""
        imports, exports = (
            o - np.logaddexp(math.log1p(t), o)
            for o, t in zip(self.shares(log_wage, tariffs), tariffs, strict=True)
        )
        return float(exports - imports - self.size - log_wage)

    def best_reply(self, log_odds, other):
        """Return 1/(e l*) of step 4, from the other country's log odds and tariff."""
        e, s = self.theta / (1 - self.theta), 1 / (1 - self.theta)
        log_tariff = np.logaddexp(0.0, log_odds - s * math.log1p(other)) - math.log(e)
        # Beyond this the other country buys nothing at home, to the last bit.
        return math.exp(min(float(log_tariff), 700.0))

    def replies(self, log_wage):
        """Return the tariffs of step 5 at a relative wage."""
        log_odds, log_odds_star = self.odds(log_wage)
        before, tariff = math.inf, self.best_reply(log_odds_star, 0.0)
        while tariff < before:
            foreign = self.best_reply(log_odds, tariff)
            before, tariff = tariff, self.best_reply(log_odds_star, foreign)
        return tariff, foreign

    def clear(self, tariffs_at):
        """Find the log wage at which trade balances, for tariffs that may depend on it."""

        def excess(log_wage):
            return self.balance(log_wage, tariffs_at(log_wage))

        low, high = -1.0, 1.0
        while excess(low) < 0:
            low *= 2
        while excess(high) > 0:
            high *= 2
        return brentq(excess, low, high, xtol=1e-300, rtol=4 * np.finfo(float).eps)


def tariff_equilibrium(industry, labor, g, tariffs=(0.0, 0.0)):
    """
    Find the relative wage and welfare under given tariffs.

    Parameters
    ----------
    industry : Industry
        Tastes and technology, the same in both countries.
    labor : array_like of shape (2,)
        The labour forces (L, L*), positive.
    g : float
        The share of a shipment that arrives, in (0, 1].
    tariffs : array_like of shape (2,)
        The tariffs (t, t*) on the border price of imports, in [0, 1e6]; 0.1 is ten per
        cent.

    Returns
    -------
    TariffEquilibrium
        The relative wage, import shares, revenue, utility and gains.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.
    ArithmeticError
        If exports and imports differ by more than 1e-11 of them, as where theta is so close to 1
        that the last bit of the wage matters more.

    Notes
    -----
    The method stands at the head of the module.

    Examples
    --------
    >>> from lib.krugman import Industry
    >>> world = tariff_equilibrium(Industry(theta=0.75), (1, 1), g=0.8, tariffs=(0.1, 0))
    >>> [round(gain, 4) for gain in world.gains]
    [1.0108, 0.9877]
    """
    world = _world(industry, labor, g)
    tariffs = pair("tariffs", tariffs, 0, 1e6, closed="both")
    labor = pair("labor", labor)
    with within_doubles(labor=labor, g=g, tariffs=tariffs):
        log_wage = world.clear(lambda _: tariffs)
        residual = world.balance(log_wage, tariffs)
        if not abs(residual) <= _TOLERANCE:
            raise ArithmeticError(f"exports and imports differ by {residual:.1e} of them")
        free = world.clear(lambda _: (0.0, 0.0))
        odds = world.shares(log_wage, tariffs)
        gains = tuple(
            math.exp(_log_gain(o, t, world.theta) - _log_gain(f, 0.0, world.theta))
            for o, f, t in zip(odds, world.shares(free, (0.0, 0.0)), tariffs, strict=True)
        )
        alone = [closed_economy(industry, size).utility for size in labor]
        return TariffEquilibrium(
            relative_wage=math.exp(log_wage),
            import_share=tuple(1 / (1 + math.exp(-o)) for o in odds),
            revenue=tuple(
                t * math.exp(o - np.logaddexp(math.log1p(t), o))
                for o, t in zip(odds, tariffs, strict=True)
            ),
            utility=tuple(
                u * math.exp(_log_gain(o, t, world.theta))
                for u, o, t in zip(alone, odds, tariffs, strict=True)
            ),
            gains=gains,
            real_income_gains=tuple(gain ** (1 / world.theta) for gain in gains),
            residual=residual,
        )


def optimal_tariff(industry, labor, g, foreign_tariff=0.0):
    """
    Find the tariff that is best for home, given foreign's.

    Parameters
    ----------
    industry : Industry
        Tastes and technology, the same in both countries.
    labor : array_like of shape (2,)
        The labour forces (L, L*), positive.
    g : float
        The share of a shipment that arrives, in (0, 1].
    foreign_tariff : float
        Foreign's tariff t*, in [0, 1e6].

    Returns
    -------
    float
        Home's best tariff t; 0.1 is ten per cent.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.
    ArithmeticError
        If the tariff misses its condition by more than 1e-11 of it.

    Notes
    -----
    The condition t = 1/(e l*) and why it has one root stand at the head of the module. A very
    large home country faces a foreign country that buys nearly everything from it, and its best
    tariff is very high.

    Examples
    --------
    >>> from lib.krugman import Industry
    >>> round(optimal_tariff(Industry(theta=0.75), (1, 1), g=1), 4)
    0.5056
    """
    world = _world(industry, labor, g)
    other = number("foreign_tariff", foreign_tariff, 0, 1e6, closed="both")

    def _tariffs(log_wage):
        return world.best_reply(world.odds(log_wage)[1], other), other

    log_wage = world.clear(_tariffs)
    tariff, _ = _tariffs(log_wage)
    _demand(world, log_wage, (tariff, other))
    return tariff


def tariff_war(industry, labor, g):
    """
    Find the tariffs that neither country wants to change, given the other's.

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
    tuple of float
        The tariffs (t, t*): each is the best reply to the other.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.
    ArithmeticError
        If a tariff misses its condition by more than 1e-11 of it.

    Notes
    -----
    The two conditions and their solution at a given relative wage stand at the head of the module.

    Examples
    --------
    >>> from lib.krugman import Industry
    >>> t, t_star = tariff_war(Industry(theta=0.75), (1, 1), g=1)
    >>> round(t, 4), t == t_star
    (0.4162, True)
    """
    world = _world(industry, labor, g)
    log_wage = world.clear(world.replies)
    tariffs = world.replies(log_wage)
    _demand(world, log_wage, tariffs)
    return tariffs


def _world(industry, labor, g):
    θ, _, _ = _parameters(industry)
    size = _log_size(pair("labor", labor, 0))
    return _World(θ, size, math.log(_arrival(g)))


def _demand(world, log_wage, tariffs):
    """Certify that trade balances at tariffs that meet their conditions."""
    residual = world.balance(log_wage, tariffs)
    if not (abs(residual) <= _TOLERANCE and max(tariffs) < math.exp(700)):
        raise ArithmeticError(f"exports and imports differ by {residual:.1e} of them")


def _log_gain(log_odds, tariff, theta):
    """Return the log of utility over autarky's: theta log(Y/wL) - (1-theta) log(1-m)."""
    opened = np.logaddexp(0.0, log_odds)
    revenue = math.log1p(tariff) + opened - np.logaddexp(math.log1p(tariff), log_odds)
    return float(theta * revenue + (1 - theta) * opened)
