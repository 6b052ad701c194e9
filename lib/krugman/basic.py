"""
Krugman (1980), Section I: the closed economy, entry, and free trade.

Everything is in wage units. Varieties are a continuum (footnote 2): n is a real number.
"""

import math
from dataclasses import dataclass

import numpy as np

from lib.domain import (
    choice,
    finite,
    instance,
    integer,
    normal,
    number,
    numbers,
    pair,
    plain,
    within_doubles,
)


@dataclass(frozen=True)
class Industry:
    """
    Tastes and technology: the parameters of Krugman's (1) and (2).

    Utility is the sum of c**theta over the varieties, and making x units of one variety takes
    alpha + beta x units of labour.

    Every value is checked: one outside its domain raises ValueError.

    Attributes
    ----------
    theta : float
        Exponent of utility, in (0, 1); the elasticity of substitution is 1/(1-theta).
    alpha : float
        Fixed labour of a variety, positive.
    beta : float
        Labour for one more unit of a variety, positive.

    Examples
    --------
    >>> Industry(theta=0.75)
    Industry(theta=0.75, alpha=1.0, beta=1.0)
    """

    theta: float
    alpha: float = 1.0
    beta: float = 1.0

    def __post_init__(self):
        object.__setattr__(self, "theta", _theta(self.theta))
        object.__setattr__(self, "alpha", number("alpha", self.alpha, 0))
        object.__setattr__(self, "beta", number("beta", self.beta, 0))


@dataclass(frozen=True)
class ClosedEconomy:
    """
    The equilibrium of a closed economy, Krugman's (7), (9) and (10).

    Attributes
    ----------
    price : float
        Price of a variety in wage units.
    output : float
        Output of a variety.
    varieties : float
        The number of varieties n.
    consumption : float
        A worker's consumption of each variety.
    utility : float
        A worker's utility (1), the sum of c**theta over the varieties.
    """

    price: float
    output: float
    varieties: float
    consumption: float
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
        Output of every variety, as in the closed economy.
    varieties : tuple of float
        The number of varieties made in each country (11).
    import_share : tuple of float
        The share of income that is spent on the other country's varieties.
    imports : tuple of float
        Each country's imports in wage units.
    utility : tuple of float
        A worker's utility (1) in each country.
    gains : tuple of float
        Utility (1) over its level in the closed economy, (1-m)**-(1-theta) with m the import share;
        inf beyond the range of doubles.
    real_income_gains : tuple of float
        The factor on autarky income that is worth as much as trade, gains**(1/theta); inf likewise.
    """

    price: float
    output: float
    varieties: tuple[float, float]
    import_share: tuple[float, float]
    imports: tuple[float, float]
    utility: tuple[float, float]
    gains: tuple[float, float]
    real_income_gains: tuple[float, float]


@dataclass(frozen=True)
class FiniteEntry:
    """
    Free entry with firms that know how few they are.

    Attributes
    ----------
    varieties : float
        The number of firms, each with its own variety, at which profit is zero.
    markup : float
        Price over marginal cost.
    price : float
        Price of a variety in wage units.
    output : float
        Output of a variety.
    utility : float
        A worker's utility (1).
    """

    varieties: float
    markup: float
    price: float
    output: float
    utility: float


@dataclass(frozen=True, eq=False)
class EntryPath:
    """
    Entry period by period; arrays have shape (periods + 1,).

    Attributes
    ----------
    varieties : ndarray
        The number of firms.
    profit : ndarray
        Profit of a firm (8), in wage units.
    marginal_utility : ndarray
        The marginal utility of income of (5): utility from one more wage unit of spending.
    """

    varieties: np.ndarray
    profit: np.ndarray
    marginal_utility: np.ndarray


def _theta(value):
    sigma = "is this the elasticity sigma? theta = (sigma - 1)/sigma"
    return number("theta", value, 0, 1, above=sigma)


def _arrival(value, closed="right"):
    tau = "is this the iceberg factor tau? g = 1/tau is the share that arrives"
    return number("g", value, 0, 1, closed, above=tau)


def _parameters(industry):
    instance("industry", industry, Industry)
    return industry.theta, industry.alpha, industry.beta


def _log_size(labor):
    """Log of L/L*, odd in the order of the countries, exact to the last bits near L = L*."""
    larger, smaller = max(labor), min(labor)
    if larger < 2 * smaller:
        ρ = math.log1p((larger - smaller) / smaller)
    else:
        ρ = math.log(larger) - math.log(smaller)
    return ρ if labor[0] >= labor[1] else -ρ


def _gains(theta, import_odds):
    """Gains in utility and in real income; odds: log of spending on imports over domestic goods."""
    log_variety = np.logaddexp(0, import_odds)
    with np.errstate(over="ignore"):
        utility = np.exp((1 - theta) * log_variety)
        real_income = np.exp((1 - theta) / theta * log_variety)
    return tuple(map(float, utility)), tuple(map(float, real_income))


def _utility(industry, labor, import_odds=-math.inf):
    """
    Return utility (1), (n/(1-m))**(1-theta) (theta/beta)**theta, of a country of that many workers.

    A worker's budget is n p c = 1 - m, at the price (7); odds: log of m/(1-m).
    """
    θ, α, β = _parameters(industry)
    log_n = math.log(labor) - math.log(α) + math.log1p(-θ)
    log_variety = log_n + np.logaddexp(0, import_odds)
    return np.exp((1 - θ) * log_variety + θ * (math.log(θ) - math.log(β)))


def closed_economy(industry, labor):
    """
    Solve the closed economy of Section I.B.

    Price is a markup on marginal cost (7), zero profit gives output (9), and full employment the
    number of varieties (10). That number is a real one: varieties are a continuum, as footnote 2
    asks, and utility (1) is their number times c**theta.

    Parameters
    ----------
    industry : Industry
        Tastes and technology.
    labor : float
        The labour force L, positive.

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
    >>> closed_economy(Industry(theta=0.75), labor=8).varieties
    2.0
    """
    θ, α, β = _parameters(industry)
    labor = number("labor", labor, 0)
    with within_doubles(labor=labor, theta=θ, alpha=α, beta=β):
        price, output = β / θ, α / β * (θ / (1 - θ))
        varieties, consumption = labor / α * (1 - θ), output / labor
        utility = float(_utility(industry, labor))
        normal(price, output, varieties, consumption, utility)
    return ClosedEconomy(price, output, varieties, consumption, utility)


def free_trade(industry, labor):
    """
    Let two countries of Section I trade at no cost (Section I.C).

    Wages are equal; the world is one closed economy, in which each variety is made in one country
    only, by (11). A worker spends on each country's varieties in proportion to their number, so
    imports are worth L L*/(L + L*) both ways. Utility (1) is not homogeneous of degree one in
    income but of degree theta: `gains` is the ratio of utilities, `real_income_gains` that of the
    incomes that buy them at autarky's prices and varieties.

    Parameters
    ----------
    industry : Industry
        Tastes and technology, the same in both countries.
    labor : array_like of shape (2,)
        The labour forces (L, L*), positive.

    Returns
    -------
    FreeTrade
        Values in wage units, quantities, utility and gains.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.

    Examples
    --------
    >>> free_trade(Industry(theta=0.75), labor=(3, 1)).import_share
    (0.25, 0.75)
    """
    θ, α, β = _parameters(industry)
    home, foreign = labor = pair("labor", labor, 0)
    with within_doubles(labor=labor, theta=θ, alpha=α, beta=β):
        larger, smaller = max(labor), min(labor)
        imports = smaller / (1 + smaller / larger)
        import_share = imports / home, imports / foreign
        ρ = _log_size(labor)
        gains, real_income_gains = _gains(θ, (-ρ, ρ))
        price, output = β / θ, α / β * (θ / (1 - θ))
        varieties = tuple(size / α * (1 - θ) for size in labor)
        utility = float(_utility(industry, home, -ρ)), float(_utility(industry, foreign, ρ))
        normal(price, output, *varieties, *import_share, *utility)
    return FreeTrade(
        price=price,
        output=output,
        varieties=varieties,
        import_share=import_share,
        imports=(imports, imports),
        utility=utility,
        gains=gains,
        real_income_gains=real_income_gains,
    )


def finite_markup(theta, varieties, conduct="price"):
    """
    Price over marginal cost when each of n firms knows its effect on all demands.

    Spending E is given. A firm that takes its rivals' prices as given faces the demand
    E p**-s / sum(p_j**(1-s)), s = 1/(1-theta), with elasticity s - (s-1)/n where all are alike; one
    that takes their quantities as given faces the price E x**(theta-1) / sum(x_j**theta), with
    1/elasticity = (1-theta) + theta/n. The markup, elasticity/(elasticity-1), is
    (n-theta)/(theta (n-1)) for prices and n/(theta (n-1)) for quantities: Krugman's (7) times
    1 + (1-theta)/(n-1), and times 1 + 1/(n-1).

    Parameters
    ----------
    theta : float
        Exponent of utility, in (0, 1).
    varieties : float or array_like
        The number of firms n, above 1: alone, a firm faces unit elasticity and no price is best.
    conduct : {"price", "quantity"}
        What a firm takes as given of its rivals (Bertrand or Cournot).

    Returns
    -------
    float or ndarray
        The markup, in the shape of `varieties`.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.

    Examples
    --------
    With 5 firms instead of a continuum the markup is 5/3 instead of 4/3:

    >>> finite_markup(0.75, [5, 50], conduct="quantity").round(4)
    array([1.6667, 1.3605])
    """
    θ = _theta(theta)
    n = numbers("varieties", varieties, 1)
    conduct = choice("conduct", conduct, ("price", "quantity"))
    with within_doubles(theta=θ, varieties=n):
        return plain(_markup(θ, n, conduct))


def _markup(θ, n, conduct):
    return (1 + ((1 - θ) if conduct == "price" else 1) / (n - 1)) / θ


def finite_entry(industry, labor, conduct="price"):
    """
    Find the number of firms at which profit is zero under the exact markup.

    With zero profit, fixed costs take the share 1 - 1/markup of all income, so that
    n = (L/alpha) (1 - 1/markup(n)). With N the number of (10), the root is N + theta where firms
    set prices, and that of n**2 = N n + theta L/alpha where they set quantities.

    Parameters
    ----------
    industry : Industry
        Tastes and technology.
    labor : float
        The labour force L, above alpha: with less, no second firm can pay its fixed cost.
    conduct : {"price", "quantity"}
        What a firm takes as given of its rivals (Bertrand or Cournot).

    Returns
    -------
    FiniteEntry
        The symmetric equilibrium; the number of firms is a real number above 1.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.
    ArithmeticError
        If labor is so close to alpha that the number of firms rounds to 1.

    Examples
    --------
    >>> finite_entry(Industry(theta=0.75), labor=8).varieties
    2.75
    """
    θ, α, β = _parameters(industry)
    labor = number("labor", labor, α)
    conduct = choice("conduct", conduct, ("price", "quantity"))
    with within_doubles(labor=labor, theta=θ, alpha=α, beta=β):
        large_n = labor / α * (1 - θ)
        if conduct == "price":
            n = large_n + θ
        else:
            n = large_n / 2 + math.hypot(large_n / 2, math.sqrt(θ * (labor / α)))
        finite(n)
        if not n > 1:
            raise ArithmeticError(
                f"labor = {labor!r} is too close to alpha = {α!r} to tell n from 1"
            )
        markup = _markup(θ, n, conduct)
        # Full employment: labour that is not fixed makes goods; it is L/markup in all.
        output = labor / (markup * n * β)
        price, utility = markup * β, n * (output / labor) ** θ
        normal(n, markup, price, output, utility)
    return FiniteEntry(n, markup, price, output, utility)


def entry_path(industry, labor, varieties, speed, periods):
    """
    Let firms enter where profit is positive and leave where it is negative.

    With n firms, price is (7) and full employment gives output: L = n (alpha + beta x). A firm's
    profit (8) is then (alpha/theta) (N/n - 1), N being the number of (10), and workers own the
    firms: income L + n profit buys all output. From one period to the next the number of firms
    grows at the rate of speed times profit over fixed cost, so that the gap to N shrinks by the
    factor 1 - speed/theta, from either side and without overshooting.

    Parameters
    ----------
    industry : Industry
        Tastes and technology.
    labor : float
        The labour force L, positive.
    varieties : float
        The number of firms at the start, in (0, L/alpha): more could not pay their fixed labour.
    speed : float
        Growth rate of the number of firms for a profit as large as the fixed cost, in (0, theta].
    periods : int
        The number of periods, from 1 to 1,000,000.

    Returns
    -------
    EntryPath
        Firms, profit of each, and the marginal utility of income, at the start and after each
        period.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.

    Examples
    --------
    >>> entry_path(Industry(theta=0.75), labor=8, varieties=4, speed=0.375, periods=3).varieties
    array([4.  , 3.  , 2.5 , 2.25])
    """
    θ, α, β = _parameters(industry)
    labor = number("labor", labor, 0)
    with within_doubles(labor=labor, alpha=α):
        finite(labor / α)
    paid = "the fixed labour of more firms than labor/alpha cannot be paid"
    start = number("varieties", varieties, 0, labor / α, above=paid)
    speed = number("speed", speed, 0, θ, closed="right")
    periods = integer("periods", periods, 1, 1_000_000)
    n = np.empty(periods + 1)
    n[0] = start
    with within_doubles(varieties=start, labor=labor, theta=θ, alpha=α, beta=β):
        for t in range(periods):
            profit = _profit(industry, labor, n[t])
            n[t + 1] = n[t] * (1 + speed * profit / α)
        consumption = (labor / α - n) / n * (α / (labor * β))
        marginal_utility = θ * consumption ** (θ - 1) / (β / θ)
        profit = _profit(industry, labor, n)
        normal(n, marginal_utility)
        finite(profit)
    for path in (n, profit, marginal_utility):
        path.flags.writeable = False
    return EntryPath(n, profit, marginal_utility)


def _profit(industry, labor, n):
    """Profit (8) of each of n firms at the price (7) and full employment, in wage units."""
    output = (labor / n - industry.alpha) / industry.beta
    return (industry.beta / industry.theta - industry.beta) * output - industry.alpha
