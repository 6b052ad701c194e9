"""
Beyond Krugman (1980): tariffs in the models of his Sections II and III.C.

**Section II.** Home levies t on the border price of imports and hands the revenue back to its
workers, foreign t*. Write e = theta/(1-theta) and s = 1/(1-theta).

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

**Section III.C**, with a beta good of constant returns that is free to ship, so that wages are 1
where both countries make it. Tariffs are on alpha goods, of which L and L* people are consumers,
and the revenue goes to those who want the beta good.

6. To a buyer at home an import is worth phi = g**e (1+t)**-e domestic varieties, and of what is
   spent on it the firm gets 1/(1+t). In W = n + phi n* equivalents, home's firms sell for
   L/W + T* L*/W*, foreign's for T L/W + L*/W*, where T = phi/(1+t), and have to sell for
   c = alpha/(1-theta).
7. Both sell for c where W = (L/c) (1 - T T*)/(1 - T*) and W* likewise; then n is positive exactly
   if L (1 - T) > phi L* (1 - T*), and n* if L* (1 - T*) > phi* L (1 - T). Since phi phi* < 1, one
   of them holds. If only one does, that country makes all alpha goods, and the failing condition
   says that no firm could live in the other: exactly one equilibrium. A. Venables, "Trade and Trade
   Policy with Differentiated Products: A Chamberlinian-Ricardian Model", Economic Journal 97
   (1987).
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from lib.domain import normal, number, pair, within_doubles
from lib.krugman.basic import _arrival, _log_size, _parameters, closed_economy
from lib.krugman.home_market import _floats, _location

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
class FirmDelocation:
    """
    The equilibrium of Section III.C with tariffs on alpha goods; pairs are (home, foreign).

    Attributes
    ----------
    varieties : tuple of float
        The number of alpha varieties made in each country; 0 where none is made.
    equivalents : tuple of float
        How many domestic varieties would be worth as much to a buyer as all that there are.
    beta_labor : tuple of float
        The workers who make the beta good.
    import_share : tuple of float
        The share of spending on alpha goods, tariff included, that goes to imports.
    revenue : tuple of float
        Tariff revenue in wage units.
    regime : str
        Who makes alpha goods: "both", "home" or "foreign".
    gains : tuple of float
        Utility of those who want alpha goods, over its level with the same transport cost and no
        tariffs.
    real_income_gains : tuple of float
        The factor on their income, in that world without tariffs, that is worth as much;
        gains**(1/theta), inf beyond the range of doubles.
    residual : float
        By how much a firm's sales differ from what it needs, or an entrant's exceed it, over that.
    """

    varieties: tuple[float, float]
    equivalents: tuple[float, float]
    beta_labor: tuple[float, float]
    import_share: tuple[float, float]
    revenue: tuple[float, float]
    regime: str
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
        return brentq(excess, low, high, xtol=1e-300, rtol=4 * np.finfo(float).eps, maxiter=2000)


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


def firm_delocation(industry, alpha_labor, beta_labor, g, tariffs=(0.0, 0.0)):
    """
    Find where alpha firms settle under tariffs, in Section III.C with a freely traded beta good.

    Parameters
    ----------
    industry : Industry
        Tastes and technology of the alpha industry, the same in both countries.
    alpha_labor, beta_labor : array_like of shape (2,)
        The consumers of alpha goods and of the beta good at home and abroad, positive, and of the
        latter enough that both countries make the beta good, with the tariffs and without.
    g : float
        The share of a shipment of alpha goods that arrives, in (0, 1).
    tariffs : array_like of shape (2,)
        The tariffs (t, t*) on the border price of alpha goods, in [0, 1e6]; 0.1 is ten per cent.

    Returns
    -------
    FirmDelocation
        Firms, imports, revenue and gains.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.
    ArithmeticError
        If firms miss their sales by more than 1e-11 of them.

    Notes
    -----
    The two conditions and why one equilibrium meets them stand at the head of the module.

    Examples
    --------
    A tariff of ten per cent makes alpha goods cheaper at home, tariff included:

    >>> from lib.krugman import Industry
    >>> world = firm_delocation(Industry(0.75), (100, 100), (200, 200), g=0.8, tariffs=(0.1, 0))
    >>> [round(n, 1) for n in world.varieties], [round(x, 3) for x in world.real_income_gains]
    ([37.3, 12.5], [1.036, 0.942])
    """
    θ, α, _ = _parameters(industry)
    log_g = math.log(_arrival(g, closed="neither"))
    consumers = np.array(pair("alpha_labor", alpha_labor, 0))
    others = np.array(pair("beta_labor", beta_labor, 0))
    rates = np.array(pair("tariffs", tariffs, 0, 1e6, closed="both"))
    with within_doubles(alpha_labor=consumers, beta_labor=others, alpha=α, g=g):
        (free, served_free, _), (made, served, residual) = (
            _makers(consumers, log_g, θ, levied) for levied in (0 * rates, rates)
        )
        for alpha, levied in (free, 0 * rates), (made, rates):
            if not np.all(consumers + others > alpha):
                raise ValueError(
                    "beta_labor must leave each country workers for the beta good, where with "
                    f"alpha_labor {_floats(consumers)}, g {g!r} and tariffs {_floats(levied)} "
                    f"alpha goods take {_floats(alpha)}, got {_floats(others)}"
                )
        phi = np.exp(θ / (1 - θ) * (log_g - np.log1p(rates)))
        import_share = phi * made[::-1] / served
        equivalents = served * ((1 - θ) / α)
        normal(equivalents, served_free)
    log_gains = np.log(served / served_free)
    with np.errstate(over="ignore"):
        real_income_gains = np.exp((1 - θ) / θ * log_gains)
    return FirmDelocation(
        varieties=_floats(made * ((1 - θ) / α)),
        equivalents=_floats(equivalents),
        beta_labor=_floats(consumers + others - made),
        import_share=_floats(import_share),
        revenue=_floats(consumers * import_share * rates / (1 + rates)),
        regime=_location(made),
        gains=_floats(np.exp((1 - θ) * log_gains)),
        real_income_gains=_floats(real_income_gains),
        residual=residual,
    )


def _makers(consumers, log_g, θ, tariffs):
    """Return the labour in alpha goods, equivalents in labour (step 7) and the residual."""
    e, s = θ / (1 - θ), 1 / (1 - θ)
    log_phi = e * (log_g - np.log1p(tariffs))
    log_t = log_phi - np.log1p(tariffs)
    kept = -np.expm1(log_t)
    both = -np.expm1(log_t.sum())
    # T* - T, and with it what decides who makes alpha goods, where nothing cancels in vain.
    apart = s * math.log1p((tariffs[0] - tariffs[1]) / (1 + tariffs[1]))
    lead = -math.copysign(math.exp(log_t.max()), apart) * math.expm1(-abs(apart))
    size = consumers[::-1]
    room = (
        (consumers - size) * kept
        + size * np.array([lead, -lead])
        - np.expm1(log_phi) * size * kept[::-1]
    )
    phi, small = np.exp(log_phi), int(np.argmin(room))
    large = 1 - small
    made = np.zeros(2)
    if room[small] > 0:
        served = consumers[large] * both / kept[small]
        made[small] = room[small] * both / (kept.prod() * -np.expm1(log_phi.sum()))
        made[large] = served - phi[large] * made[small]
    else:
        made[large] = consumers[large] + consumers[small] / (1 + tariffs[small])
    served = made + phi * made[::-1]
    spent = consumers / served
    sales = spent + (np.exp(log_t) * spent)[::-1]
    residual = float(np.where(made > 0, np.abs(sales - 1), sales - 1).max())
    if not residual <= _TOLERANCE:
        raise ArithmeticError(f"firms miss their sales by {residual:.1e} of them")
    return made, served, residual


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
