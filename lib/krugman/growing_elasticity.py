"""
Footnote 3 of Krugman (1980): demand that grows more elastic with variety, as in his 1979 model.

Utility is the sum of (c + s)**theta - s**theta over the varieties, s >= 0. The elasticity of demand
for a variety, (1 + s/c)/(1-theta), rises as each is consumed less. With s = 0 this is Section I,
with constant elasticity; as theta falls to 0, utility (over theta) becomes the sum of log(1 + c/s).
Everything is in wage units.
"""

import math
from dataclasses import dataclass

import numpy as np

from lib.domain import finite, normal, number, numbers, pair, plain, within_doubles
from lib.krugman.basic import _parameters


@dataclass(frozen=True)
class ClosedEconomy:
    """
    The equilibrium of a closed economy.

    Attributes
    ----------
    price : float
        Price of a variety in wage units.
    output : float
        Output of a variety.
    varieties : float
        The number of varieties.
    consumption : float
        A worker's consumption of each variety.
    elasticity : float
        The elasticity of demand that each firm faces.
    choke_price : float
        The price in wage units at which nobody would buy a variety; inf for s = 0.
    utility : float
        A worker's utility.
    """

    price: float
    output: float
    varieties: float
    consumption: float
    elasticity: float
    choke_price: float
    utility: float


@dataclass(frozen=True)
class FreeTrade:
    """
    The equilibrium of two countries that trade at no cost; pairs are (home, foreign).

    Attributes
    ----------
    price : float
        Price of every variety in wage units; wages are equal.
    output : float
        Output of every variety.
    varieties : tuple of float
        The number of varieties made in each country.
    consumption : float
        A worker's consumption of each of the world's varieties.
    elasticity : float
        The elasticity of demand that each firm faces.
    choke_price : float
        The price in wage units at which nobody would buy a variety; inf for s = 0.
    import_share : tuple of float
        The share of income that is spent on the other country's varieties.
    utility : float
        A worker's utility, the same in both countries.
    gains : tuple of float
        Utility over its level in each country's closed economy.
    real_income_gains : tuple of float
        The factor on autarky income that is worth as much as trade; unlike `gains` it does not
        change with the units that utility is measured in. inf beyond the range of doubles.
    scale : tuple of float
        Output of a firm over its level in each country's closed economy.
    variety : tuple of float
        Number of varieties to choose from, over that in each country's closed economy.
    exit : tuple of float
        Share of each country's firms that close when trade opens.
    """

    price: float
    output: float
    varieties: tuple[float, float]
    consumption: float
    elasticity: float
    choke_price: float
    import_share: tuple[float, float]
    utility: float
    gains: tuple[float, float]
    real_income_gains: tuple[float, float]
    scale: tuple[float, float]
    variety: tuple[float, float]
    exit: tuple[float, float]


def markup_price(industry, shift, consumption):
    """
    Compute the price that maximises a firm's profit when it sells this much to each worker.

    This is beta (c + s)/(theta c + s), marginal cost times e/(e-1) with the elasticity
    e = (1 + s/c)/(1-theta): the curve PP of Krugman (1979). It rises with c from beta to
    beta/theta, and is the only maximum, since profit is concave in c.

    Parameters
    ----------
    industry : Industry
        Tastes (theta) and technology.
    shift : float
        The shift s of utility, nonnegative.
    consumption : float or array_like
        A worker's consumption c of the variety, positive.

    Returns
    -------
    float or ndarray
        Price in wage units, in the shape of `consumption`.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.

    Examples
    --------
    >>> from lib.krugman import Industry
    >>> markup_price(Industry(theta=0.5), shift=1, consumption=[1, 4]).round(4)
    array([1.3333, 1.6667])
    """
    θ, _, β = _parameters(industry)
    s = _shift(shift)
    c = numbers("consumption", consumption, 0)
    with within_doubles(shift=s, consumption=c, theta=θ, beta=β):
        return plain(β * (c + s) / (θ * c + s))


def break_even_price(industry, labor, consumption):
    """
    Compute the price at which a firm that sells this much to each worker makes no profit.

    This is average cost, beta + alpha/(L c): the curve ZZ of Krugman (1979). It falls with c.

    Parameters
    ----------
    industry : Industry
        Tastes and technology (alpha, beta).
    labor : float
        The number of workers L who can buy, positive.
    consumption : float or array_like
        A worker's consumption c of the variety, positive.

    Returns
    -------
    float or ndarray
        Price in wage units, in the shape of `consumption`.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.

    Examples
    --------
    >>> from lib.krugman import Industry
    >>> break_even_price(Industry(theta=0.5), labor=3, consumption=[1, 4]).round(4)
    array([1.3333, 1.0833])
    """
    _, α, β = _parameters(industry)
    labor, c = number("labor", labor, 0), numbers("consumption", consumption, 0)
    with within_doubles(labor=labor, consumption=c, alpha=α, beta=β):
        return plain(β + α / (labor * c))


def closed_economy(industry, labor, shift):
    """
    Solve the closed economy.

    The markup price (PP) rises with consumption from beta, the break-even price (ZZ) falls from
    infinity to beta, so that they meet once; they do so at the positive root of

        beta (1-theta) L c**2 = alpha (theta c + s).

    Output is L c, full employment gives n = L/(alpha + beta x). There is an equilibrium for every
    labour force and every s >= 0. Demand stops at the choke price p (1 + c/s)**(1-theta), but that
    exceeds p and so marginal cost.

    Parameters
    ----------
    industry : Industry
        Tastes (theta) and technology.
    labor : float
        The labour force L, positive.
    shift : float
        The shift s of utility, nonnegative; 0 gives Section I.

    Returns
    -------
    ClosedEconomy
        Prices in wage units, quantities and utility.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.

    Examples
    --------
    >>> from lib.krugman import Industry
    >>> economy = closed_economy(Industry(theta=0.5), labor=3, shift=1)
    >>> economy.output, economy.varieties, economy.elasticity
    (3.0, 0.75, 4.0)
    """
    θ, α, β = _parameters(industry)
    s = _shift(shift)
    labor = number("labor", labor, 0)
    with within_doubles(labor=labor, shift=s, theta=θ, alpha=α, beta=β):
        output = (α * θ / (β * (1 - θ)) + _root(industry, labor, s)) / 2
        varieties, c = labor / (α + β * output), output / labor
        normal(output, varieties, c)
        price = markup_price(industry, s, c)
        elasticity = (1 + s / c) / (1 - θ)
        choke_price = price * math.exp((1 - θ) * _log_ratio(c, s)) if s else math.inf
        utility = varieties * _felicity(c, θ, s)
        normal(price, elasticity, utility)
    return ClosedEconomy(price, output, varieties, c, elasticity, choke_price, utility)


def _root(industry, labor, s):
    """Return the root of the discriminant of the quadratic equation for output, L times c."""
    θ, α, β = _parameters(industry)
    odds = α / (β * (1 - θ))
    result = math.hypot(odds * θ, 2 * math.sqrt(odds * labor * s))
    normal(result)
    return result


def free_trade(industry, labor, shift):
    """
    Let two such countries trade at no cost.

    Wages are equal: wherever a variety is made it faces the same demand, so that if labour were
    cheaper in one country, a firm there would make more at the other's best price than the other's
    nothing. The world is then one closed economy with both labour forces, and each country's
    number of firms follows from full employment.

    Firms are larger than in either closed economy and face more elastic demand, prices are lower
    in wage units, and there is more to choose from, though fewer firms in each country. With
    s = 0, Section I, firms keep their size and number.

    Parameters
    ----------
    industry : Industry
        Tastes (theta) and technology, the same in both countries.
    labor : array_like of shape (2,)
        The labour forces (L, L*), positive.
    shift : float
        The shift s of utility, nonnegative; 0 gives Section I.

    Returns
    -------
    FreeTrade
        Prices in wage units, quantities, utility and gains.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.

    Examples
    --------
    >>> from lib.krugman import Industry
    >>> trade = free_trade(Industry(theta=0.5), labor=(3, 7), shift=1)
    >>> round(trade.output, 12), round(trade.price, 12)
    (5.0, 1.2)
    """
    θ, s = _parameters(industry)[0], _shift(shift)
    home, foreign = labor = pair("labor", labor, 0)
    total = home + foreign
    alone = [closed_economy(industry, size, s) for size in labor]
    with within_doubles(labor=labor, shift=s, theta=θ):
        finite(total)
        world = closed_economy(industry, total, s)
        # Output is half of a constant plus the root: the difference of two without cancellation.
        fixed = 2 * industry.alpha / industry.beta * s / (1 - θ)
        growth = [
            fixed * (other / (_root(industry, total, s) + _root(industry, size, s)))
            for size, other in ((home, foreign), (foreign, home))
        ]
        finite(*growth)
        varieties = tuple(size / total * world.varieties for size in labor)
        import_share = foreign / total, home / total
        gains = tuple(world.utility / economy.utility for economy in alone)
        scale = tuple(world.output / economy.output for economy in alone)
        variety = tuple(world.varieties / economy.varieties for economy in alone)
        normal(*varieties, *import_share, *gains, *scale, *variety)
        closing = tuple(
            industry.beta * more / (industry.alpha + industry.beta * world.output)
            for more in growth
        )
    return FreeTrade(
        price=world.price,
        output=world.output,
        varieties=varieties,
        consumption=world.consumption,
        elasticity=world.elasticity,
        choke_price=world.choke_price,
        import_share=import_share,
        utility=world.utility,
        gains=gains,
        real_income_gains=tuple(
            _real_income(size, other, more, industry, s, economy)
            for size, other, more, economy in zip(labor, labor[::-1], growth, alone, strict=True)
        ),
        scale=scale,
        variety=variety,
        exit=closing,
    )


def _shift(value):
    return number("shift", value, 0, closed="left")


def _log_ratio(c, s):
    """Return log(1 + c/s), where c/s may be beyond doubles."""
    return math.log1p(c / s) if c < 1e290 * s else math.log(c) - math.log(s)


def _felicity(c, θ, s):
    """Return (c + s)**theta - s**theta without cancellation where both are close."""
    growth = θ * _log_ratio(c, s) if s else math.inf
    return (c + s) ** θ - s**θ if growth > 1 else s**θ * math.expm1(growth)


def _real_income(size, other, growth, industry, s, alone):
    """
    Return the factor k on consumption alone that is worth as much as trade.

    With consumption c of n varieties in trade, felicity(k c_alone) = (n/n_alone) felicity(c).
    Ratios of trade to autarky are taken in logs that are exact where the two are close, since a
    small theta magnifies their errors.
    """
    θ, α, β = _parameters(industry)
    log_size = math.log1p(other / size)
    log_variety = log_size - math.log1p(β * growth / (α + β * alone.output))
    log_consumption = math.log1p(growth / alone.output) - log_size
    if s:
        # felicity(c)/s**theta, from its logarithm where it is large.
        rise = θ * _log_ratio(alone.consumption * math.exp(log_consumption), s)
        log_felicity = rise + math.log(-math.expm1(-rise)) + log_variety
        log_ratio = np.logaddexp(0, log_felicity) / θ
        if log_ratio < 40:
            log_ratio = math.log1p(math.exp(log_felicity)) / θ
            return math.expm1(log_ratio) * s / alone.consumption
        log_gain = log_ratio + math.log(s) - math.log(alone.consumption)
    else:
        log_gain = log_variety / θ + log_consumption
    with np.errstate(over="ignore"):
        return float(np.exp(log_gain))
