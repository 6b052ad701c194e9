"""
Krugman (1980), Section III: home market effects on the pattern of trade.

Two industries, alpha and beta, serve two groups in each country. Everything follows from home's
net exports of one industry at a given relative wage omega. Write G = g**(theta/(1-theta)),
u = omega**(1/(1-theta)), and y = (u-G)/(1-G u): as omega rises from g**theta to g**-theta, y rises
from 0 to infinity. An industry's consumers number l at home and l* abroad; the labour that makes
its goods, N and N*, is the number of its firms times alpha/(1-theta), by (9). At the price (7), a
firm's sales pay for its labour at home and abroad exactly if

    l/W + (G/u) l*/W* = 1,  u G l/W + l*/W* = 1,

with W = N + G omega**(theta/(1-theta)) N* and W* = N* + G omega**(-theta/(1-theta)) N the labour
that makes a group's varieties, in equivalents of domestic ones. Solved for N and N*, home's net
exports of the industry, in foreign wage units, are

    I = omega G (1 + G y) / ((1 - G**2) y) * (l - r l*),  r = omega**(theta/(1-theta)) y,

if both countries produce; -omega l if home does not, and l* if foreign does not. So net exports are
I, held between -omega l and l*. I falls as omega rises, because r rises and the factor falls.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.optimize import brentq

from lib.domain import finite, normal, number, numbers, pair, plain, within_doubles
from lib.krugman.basic import Industry, _arrival, _parameters, _theta


@dataclass(frozen=True)
class MirrorImage:
    """
    Trade between two countries that mirror each other, Section III.B; pairs are (home, foreign).

    Attributes
    ----------
    demand_ratio : float
        Ratio (22) of a resident's total demand for an imported product to that for a domestic one.
    varieties : tuple of float
        The numbers n and n* of alpha goods; those of beta goods are the same the other way round.
    relative_varieties : float
        Their ratio (25); 0 where only foreign makes alpha goods, inf where only home does.
    regime : str
        Who makes alpha goods: "both", "home" or "foreign".
    trade_balance : float
        Home's exports less imports of alpha goods (26), in wage units.
    intra_industry : float
        Grubel-Lloyd index of alpha goods: the share of their trade that is matched by trade the
        other way; 0 where one country makes them all.
    entrant_sales : tuple of float
        Sales of a firm that makes an alpha good, over the sales that pay for its labour: 1 where
        such firms are, at most 1 where there are none.
    gains : tuple of (tuple of float)
        Utility over autarky utility, [industry][country] of the group; nan where it has no members,
        inf beyond the range of doubles.
    real_income_gains : tuple of (tuple of float)
        The factor on autarky income that is worth as much, gains**(1/theta); nan and inf likewise.
    """

    demand_ratio: float
    varieties: tuple[float, float]
    relative_varieties: float
    regime: str
    trade_balance: float
    intra_industry: float
    entrant_sales: tuple[float, float]
    gains: tuple[tuple[float, float], tuple[float, float]]
    real_income_gains: tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, eq=False)
class TwoIndustries:
    """
    Trade of two industries between any two countries; arrays are [industry, country].

    Attributes
    ----------
    relative_wage : float
        Home's wage over foreign's, omega.
    varieties : ndarray of shape (2, 2)
        The number of goods of each industry (alpha, beta) made in each country (home, foreign).
    net_exports : tuple of float
        Home's exports less imports of each industry, in foreign wage units; they sum to zero.
    regime : tuple of str
        Who makes alpha goods and who makes beta goods: "both", "home" or "foreign"; "none" if
        nobody consumes them.
    entrant_sales : ndarray of shape (2, 2)
        Sales of a firm over the sales that pay for its labour: 1 where such firms are, at most 1
        where there are none.
    gains : ndarray of shape (2, 2)
        Utility of each industry's consumers over their autarky utility; nan for a group that has
        no members, inf beyond the range of doubles.
    real_income_gains : ndarray of shape (2, 2)
        The factor on autarky income that is worth as much, gains**(1/theta); nan and inf likewise.
    residual : float
        The largest distance of entrant_sales from 1 where firms produce.
    """

    relative_wage: float
    varieties: np.ndarray
    net_exports: tuple[float, float]
    regime: tuple[str, str]
    entrant_sales: np.ndarray
    gains: np.ndarray
    real_income_gains: np.ndarray
    residual: float


@dataclass(frozen=True, eq=False)
class AlikePeople:
    """
    Footnote 4's world: all people of a country spend alike; arrays are [industry, country].

    Attributes
    ----------
    relative_wage : float
        Home's wage over foreign's, omega.
    varieties : ndarray of shape (2, 2)
        The number of goods of each industry (alpha, beta) made in each country (home, foreign).
    net_exports : tuple of float
        Home's exports less imports of each industry, in foreign wage units.
    regime : tuple of str
        Who makes alpha goods and who makes beta goods.
    gains : tuple of float
        Utility over autarky utility of a resident of each country; inf beyond the range of doubles.
    real_income_gains : tuple of float
        The factor on autarky income that is worth as much, gains**(1/theta); inf likewise.
    """

    relative_wage: float
    varieties: np.ndarray
    net_exports: tuple[float, float]
    regime: tuple[str, str]
    gains: tuple[float, float]
    real_income_gains: tuple[float, float]


@dataclass(frozen=True)
class ConstantReturnsBeta:
    """
    Trade where only alpha goods have increasing returns, Section III.C; pairs are (home, foreign).

    Attributes
    ----------
    relative_wage : float
        Home's wage over foreign's, omega.
    varieties : tuple of float
        The numbers n and n* of alpha goods.
    beta_labor : tuple of float
        Labour that makes the beta good; its output as well.
    net_exports : float
        Home's exports less imports of alpha goods, in foreign wage units.
    regime : tuple of str
        Who makes alpha goods and who makes the beta good: "both", "home" or "foreign"; "none" if
        nobody does.
    entrant_sales : tuple of float
        Sales of a firm that makes an alpha good, over the sales that pay for its labour.
    gains : tuple of float
        Utility over autarky utility of each country's alpha group; nan where it has no members,
        inf beyond the range of doubles.
    real_income_gains : tuple of (tuple of float)
        The factor on autarky income that is worth as much as trade, [industry][country]; nan and
        inf likewise.
    residual : float
        The largest distance of entrant_sales from 1 where firms produce.
    """

    relative_wage: float
    varieties: tuple[float, float]
    beta_labor: tuple[float, float]
    net_exports: float
    regime: tuple[str, str]
    entrant_sales: tuple[float, float]
    gains: tuple[float, float]
    real_income_gains: tuple[tuple[float, float], tuple[float, float]]
    residual: float


def mirror_image(industry, labor, g, share):
    """
    Solve Section III.B: foreign has home's two groups the other way round.

    Wages are equal by symmetry, and home's net exports of alpha goods are, by (26),
    L G (2 f - 1)/(1 - G) in wage units as long as both countries make them, L being a country's
    labour and f the share. They peak at f = 1/(1 + G), where specialisation (24) is complete, and
    are L (1 - f) from there on: all that foreign spends on alpha goods. Countries with f = 0 or
    f = 1 do not trade; equal wages are then a choice, not a result.

    Parameters
    ----------
    industry : Industry
        Tastes and technology of both industries.
    labor : float
        Each country's labour force, positive.
    g : float
        The share of a shipment that arrives, in (0, 1).
    share : float
        The share f of home's people who consume alpha goods, in [0, 1]; of foreign's, 1 - f do.

    Returns
    -------
    MirrorImage
        Varieties, trade and gains.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.

    Examples
    --------
    >>> two_thirds = mirror_image(Industry(theta=0.5), labor=3, g=0.25, share=2 / 3)
    >>> round(two_thirds.relative_varieties, 12), round(two_thirds.trade_balance, 12)
    (3.5, 0.333333333333)
    """
    θ, γ = _friction(industry, g)
    labor = number("labor", labor, 0)
    share = number("share", share, 0, 1, closed="both")
    with within_doubles(labor=labor, share=share, alpha=industry.alpha, theta=θ):
        demand = labor * np.array([share, 1 - share])
        _keep_people(demand, np.array([share, 1 - share]))
        ratio = np.exp(-γ)
        two_way = ratio * labor * abs(2 * share - 1) / -np.expm1(-γ)
        larger, smaller = demand.max(), demand.min()
        # Where one country makes all alpha goods, the other's group imports all that it buys.
        balance = min(two_way, smaller)
        made = np.array([larger + balance, smaller - balance])
        if share < 0.5:
            made, balance = made[::-1], 0.0 - balance
        equivalents = _equivalents(np.array([made, made[::-1]]), θ, γ, 0.0)
        gains, real_income = _gains(equivalents, np.array([demand, demand[::-1]]), θ)
        varieties = made * (1 - θ) / industry.alpha
        relative_varieties = float(made[0] / made[1]) if made[1] else np.inf
        finite(varieties)
    return MirrorImage(
        demand_ratio=float(ratio),
        varieties=_floats(varieties),
        relative_varieties=relative_varieties,
        regime=_location(made),
        trade_balance=float(balance),
        intra_industry=float(2 * made.min() / made.sum()),
        entrant_sales=_floats(_sales(demand, equivalents[0], γ, 0.0)),
        gains=(_floats(gains[0]), _floats(gains[1])),
        real_income_gains=(_floats(real_income[0]), _floats(real_income[1])),
    )


def two_industries(industry, alpha_labor, beta_labor, g):
    """
    Solve Section III.C's first extension: any populations, wages as trade makes them.

    Home's net exports of the two industries, each I held between -omega l and l* (see the module),
    must sum to zero. Their sum falls with omega; it is positive near (and below) omega = g**theta,
    negative near (and above) g**-theta, and can stay at zero over an interval only if home has no
    consumers of the one industry and foreign none of the other: each is then its own closed
    economy and the relative wage is not determined. Otherwise the equilibrium is unique. Since I is
    positive exactly if l/l* > r, and r is the same for both industries, home is the net exporter of
    the industry for which l/l* is larger, and r lies between the two ratios. That industry's
    exports are zero all the same if a group has no members.

    Let alpha be that industry, T home's net exports of it. Then T = min(l*, I) for alpha, falling
    in omega (or constant), meets T = min(omega l, -I) for beta, rising. Four combinations, each
    with one root of its own:

    1. l* = omega l: home makes all alpha, foreign all beta goods. A closed form.
    2. l* = -I: home makes all alpha goods, both make beta goods.
    3. I = omega l: both make alpha goods, foreign makes all beta goods. The mirror of 2.
    4. I = -I: both make both; l/l* of the whole populations equals r, as in Section II.

    The equilibrium is the smallest over alpha's two choices of the largest over beta's, so ties at
    the borders of regimes need no care. Exchanging the industries gives the seven regimes; 4 is its
    own mirror. Roots are found in log y. Where a group has no members, its good is not traded
    (T = 0), and omega is Section II's wage for the industry that both countries consume.

    Parameters
    ----------
    industry : Industry
        Tastes and technology of both industries.
    alpha_labor, beta_labor : array_like of shape (2,)
        The consumers of alpha and of beta goods at home and abroad, nonnegative; each country is
        inhabited.
    g : float
        The share of a shipment that arrives, in (0, 1).

    Returns
    -------
    TwoIndustries
        Wages, varieties, trade and gains. Against 60 digits, relative errors stay below 1e-12;
        those of numbers of firms are relative to all firms of the country.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain, or the relative wage is not determined.
    ArithmeticError
        If firms miss their sales by more than 1e-11 of them.

    References
    ----------
    P. Krugman, "Scale Economies, Product Differentiation, and the Pattern of Trade", American
    Economic Review 70 (1980), Section III.C.

    Examples
    --------
    Home is larger in both markets and a net importer of alpha goods:

    >>> world = two_industries(Industry(theta=0.5), alpha_labor=(5, 4), beta_labor=(34, 6), g=0.5)
    >>> world.relative_wage, world.regime
    (1.2, ('foreign', 'home'))
    """
    θ, γ = _friction(industry, g)
    demand = _populations(alpha_labor, beta_labor)
    alpha, beta = demand
    with within_doubles(alpha_labor=alpha, beta_labor=beta, alpha=industry.alpha, theta=θ):
        return _trade_of_two(industry, demand, θ, γ)


def _trade_of_two(industry, demand, θ, γ):
    """Solve the world of two industries with given consumers, [industry, country]."""
    normal(demand[demand > 0])
    order = _advantage(demand)
    # The first row is the industry for which home's market is the larger one.
    ranked = demand if order >= 0 else demand[::-1]
    log_u, exports, made = _clear(ranked, θ, γ)
    if order < 0:
        exports, made = 0.0 - exports, made[::-1]
    omega = np.exp((1 - θ) * log_u)
    equivalents = _equivalents(made, θ, γ, log_u)
    sales = np.array([_sales(demand[i], equivalents[i], γ, log_u) for i in (0, 1)])
    residual = _checked(np.abs(sales - 1)[made > 0].max())
    gains, real_income = _gains(equivalents, demand, θ)
    varieties = made * (1 - θ) / industry.alpha
    finite(varieties, exports)
    return TwoIndustries(
        relative_wage=float(omega),
        varieties=_fixed(varieties),
        net_exports=(float(exports), float(0.0 - exports)),
        regime=(_location(made[0]), _location(made[1])),
        entrant_sales=_fixed(sales),
        gains=_fixed(gains),
        real_income_gains=_fixed(real_income),
        residual=residual,
    )


def industry_balance(omega, consumers, theta, g):
    """
    Compute home's net exports of one industry at a given relative wage.

    They are I, held between -omega l and l*, as derived at the top of this module. The sum over
    industries falls through zero at the equilibrium of `two_industries`.

    Parameters
    ----------
    omega : float or array_like
        Relative wages, positive. At g**theta and below, home makes all that foreign consumes; at
        g**-theta and above, foreign makes all that home consumes.
    consumers : array_like of shape (2,)
        The industry's consumers at home and abroad, nonnegative.
    theta : float
        Exponent of utility, in (0, 1).
    g : float
        The share of a shipment that arrives, in (0, 1).

    Returns
    -------
    float or ndarray
        Net exports in foreign wage units, in the shape of `omega`.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.

    Examples
    --------
    At equal wages the country with more consumers of an industry's goods exports them:

    >>> industry_balance([1.0, 1.1], consumers=(3, 2), theta=0.5, g=0.5).round(4)
    array([ 1.    , -0.7393])
    """
    θ, γ = _friction(Industry(_theta(theta)), g)
    own, other = pair("consumers", consumers, 0, closed="left")
    ω = numbers("omega", omega, 0)
    with within_doubles(omega=ω, consumers=(own, other), theta=θ, g=g):
        return plain(_held_balance(np.log(ω), own, other, θ, γ))


def _held_balance(log_wage, own, other, θ, γ, room=None):
    """
    Return I, held between -omega l and l*, from the log of omega.

    Next to gamma the difference to log u has few digits; `room` gives it with all.
    """
    log_u, ω = log_wage / (1 - θ), np.exp(log_wage)
    room = γ - log_u if room is None else room
    inside = (log_u > -γ) & (room > 0)
    t = np.where(inside, log_u, 0.0)
    η = _log_y_inside(t, γ, np.where(inside, room, γ))
    factor = np.logaddexp(0.0, η - γ) - γ
    with np.errstate(over="ignore"):  # the clip below
        sold, bought = np.exp(factor - η) * own, np.exp(factor + θ * t) * other
        two_way = ω * (sold - bought) / -np.expm1(-2 * γ)
    outside = np.where(room <= 0, -ω * own, other)
    return np.where(inside, np.clip(two_way, -ω * own, other), outside)


def alike_people(industry, labor, alpha_share, g):
    """
    Solve footnote 4's world: all people alike, a fixed share of spending for each industry.

    Utility is (sum c**theta)**mu times (sum c~**theta)**(1-mu), and the share mu of a country's
    spending goes to alpha goods, as if mu of its people bought nothing else. So the world is that
    of `two_industries`; net trade needs shares that differ between the countries.

    Parameters
    ----------
    industry : Industry
        Tastes and technology of both industries.
    labor : array_like of shape (2,)
        The labour forces of home and foreign, positive.
    alpha_share : array_like of shape (2,)
        The shares mu of spending on alpha goods at home and abroad, in [0, 1].
    g : float
        The share of a shipment that arrives, in (0, 1).

    Returns
    -------
    AlikePeople
        Wages, varieties, trade and gains.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain, or the relative wage is not determined.
    ArithmeticError
        If firms miss their sales by more than 1e-11 of them.

    Examples
    --------
    Equal labour, mirrored tastes: equal wages, and each exports what its people like more.

    >>> world = alike_people(Industry(theta=0.5), labor=(2, 2), alpha_share=(0.6, 0.4), g=0.5)
    >>> world.relative_wage, tuple(round(net, 12) for net in world.net_exports)
    (1.0, (0.4, -0.4))
    """
    labor = np.array(pair("labor", labor, 0))
    share = np.array(pair("alpha_share", alpha_share, 0, 1, closed="both"))
    if not (share.all() or (share < 1).all()):
        raise ValueError(
            "alpha_share must give one industry consumers in both countries, got "
            f"{tuple(map(float, share))}: then there is no trade, and the relative wage is not "
            "determined"
        )
    θ, γ = _friction(industry, g)
    weights = np.array([share, 1 - share])
    with within_doubles(labor=labor, alpha_share=share, alpha=industry.alpha, theta=θ):
        demand = weights * labor
        _keep_people(demand, weights)
        world = _trade_of_two(industry, demand, θ, γ)
    return AlikePeople(
        relative_wage=world.relative_wage,
        varieties=world.varieties,
        net_exports=world.net_exports,
        regime=world.regime,
        gains=_geometric_mean(world.gains, weights),
        real_income_gains=_geometric_mean(world.real_income_gains, weights),
    )


def constant_returns_beta(industry, alpha_labor, beta_labor, g, beta_g=1.0):
    """
    Solve Section III.C's second extension: beta under constant returns, traded at no cost or some.

    One unit of labour makes one unit of the beta good, so that wages are equal where both countries
    make it. Home's net exports of alpha goods at equal wages, I held between -l and l*, must then
    leave each country the labour for them: wages are equal exactly if they are at most home's beta
    consumers, and home's net imports of alpha at most foreign's. Otherwise the country with the
    larger alpha market makes no beta good. Let it be home: its net exports of alpha goods,
    T = min(l*, I), falling in omega, meet its imports of the beta good, omega times its beta
    consumers, at an omega above 1, unique as in `two_industries`. In both cases home is the net
    exporter of alpha goods if its alpha market is the larger one (and both countries have alpha
    consumers, and home has beta consumers to import for).

    Beyond the paper, `beta_g` of each shipment of the beta good arrives (Davis 1998). Let home be
    the country with the larger alpha market. Nobody ships the beta good to home below omega =
    1/beta_g, where foreign's costs there what home's does. If Section II's wage for the alpha
    consumers, at which net exports of alpha goods are zero, is no higher, it is the equilibrium: no
    beta trade, and no net trade in alpha. Otherwise omega is 1/beta_g as long as home's beta
    consumers import enough, and above it as before.

    Parameters
    ----------
    industry : Industry
        Tastes and technology of the alpha industry.
    alpha_labor, beta_labor : array_like of shape (2,)
        The consumers of alpha goods and of the beta good at home and abroad, nonnegative; each
        country is inhabited.
    g : float
        The share of a shipment of alpha goods that arrives, in (0, 1).
    beta_g : float
        The share of a shipment of the beta good that arrives, in (0, 1].

    Returns
    -------
    ConstantReturnsBeta
        Wages, varieties, trade and gains.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain, or the relative wage is not determined.
    ArithmeticError
        If firms miss their sales by more than 1e-11 of them.

    References
    ----------
    D. Davis, "The Home Market, Trade, and Industrial Structure", American Economic Review 88
    (1998).

    Examples
    --------
    >>> same = constant_returns_beta(Industry(theta=0.5), (2, 1), (2, 1), g=0.25)
    >>> same.relative_wage, round(same.net_exports, 12)
    (1.0, 0.333333333333)
    """
    θ, γ = _friction(industry, g)
    demand = _populations(alpha_labor, beta_labor)
    beta_g = number("beta_g", beta_g, 0, 1, closed="right")
    if beta_g < 1 and not demand[0].all():
        raise ValueError(
            f"alpha_labor must be positive in both countries if beta_g is {beta_g}: without trade "
            f"the relative wage is not determined, got {tuple(demand[0].tolist())}"
        )
    turned = demand[0, 0] < demand[0, 1]
    alpha, beta = demand
    with within_doubles(alpha_labor=alpha, beta_labor=beta, alpha=industry.alpha, beta_g=beta_g):
        normal(demand[demand > 0])
        market = demand[:, ::-1] if turned else demand
        log_u, exports, made = _clear_freely(market, θ, γ, beta_g)
        if turned:
            log_u, made = -log_u, made[:, ::-1]
            exports = 0.0 - exports * np.exp((1 - θ) * log_u)
        omega = np.exp((1 - θ) * log_u)
        equivalents = _equivalents(made, θ, γ, log_u)[0]
        sales = _sales(demand[0], equivalents, γ, log_u)
        residual = _checked(np.abs(sales - 1)[made[0] > 0].max(initial=0))
        gains, real_income = _gains(equivalents, demand[0], θ)
        beta_price = np.minimum([omega, 1.0], np.array([1.0, omega]) / beta_g)
        beta_gains = np.where(demand[1] > 0, np.array([omega, 1.0]) / beta_price, np.nan)
        varieties = made[0] * (1 - θ) / industry.alpha
        finite(varieties, exports)
    return ConstantReturnsBeta(
        relative_wage=float(omega),
        varieties=_floats(varieties),
        beta_labor=_floats(made[1]),
        net_exports=float(exports),
        regime=(_location(made[0]), _location(made[1])),
        entrant_sales=_floats(sales),
        gains=_floats(gains),
        real_income_gains=(_floats(real_income), _floats(beta_gains)),
        residual=residual,
    )


def _friction(industry, g):
    """Return theta and -log G."""
    θ, _, _ = _parameters(industry)
    return θ, -np.log(_arrival(g, closed="neither")) * θ / (1 - θ)


def _populations(alpha_labor, beta_labor):
    alpha = pair("alpha_labor", alpha_labor, 0, closed="left")
    beta = pair("beta_labor", beta_labor, 0, closed="left")
    demand = np.array([alpha, beta])
    if not demand.sum(axis=0).all():
        raise ValueError(
            f"alpha_labor and beta_labor must leave people in each country, got {alpha} and {beta}"
        )
    if not (demand > 0).all(axis=1).any():
        raise ValueError(
            "alpha_labor and beta_labor must give one industry consumers in both countries: with "
            f"{alpha} and {beta} there is no trade, and the relative wage is not determined"
        )
    return demand


def _keep_people(demand, shares):
    """Refuse groups of people so small that doubles lose them."""
    if ((demand == 0) & (shares > 0)).any():
        raise FloatingPointError("a group is too small for a double")


def _advantage(demand):
    """
    Return l/l* of the first industry less that of the second, times both l*.

    Its sign decides who exports what; in floats, nearly equal ratios would lose it.
    """
    (a, a_star), (b, b_star) = [[Fraction(value) for value in row] for row in demand]
    return float(a * b_star - b * a_star)


def _clear(demand, θ, γ):
    """Solve the world whose first industry has the larger home market, relative to foreign's."""
    (a, a_star), (b, b_star) = demand
    total, total_star = demand.sum(axis=0)
    if not demand.all():
        shared = demand[(demand > 0).all(axis=1)][0]
        η = _two_way(*shared, 0.0, θ, γ)
        return _log_u(η, γ), 0.0, demand.copy()
    one_way = _log_y(np.log(a_star / b) / (1 - θ), γ)
    alpha_at_home = max(one_way, _two_way(b, b_star, a_star, θ, γ))
    beta_abroad = -_two_way(a_star, a, b, θ, γ)
    everywhere = _two_way(total, total_star, 0.0, θ, γ)
    alpha_everywhere = max(beta_abroad, everywhere)
    η = min(alpha_at_home, alpha_everywhere)
    log_u = _log_u(η, γ)
    if alpha_at_home <= alpha_everywhere:
        if one_way == alpha_at_home:
            return (
                np.log(a_star / b) / (1 - θ),
                a_star,
                np.array([[total, 0.0], [0.0, total_star]]),
            )
        sold = a_star * np.exp((θ - 1) * log_u)
        return log_u, a_star, np.array([[a + sold, 0.0], [max(b - sold, 0.0), total_star]])
    omega = np.exp((1 - θ) * log_u)
    if beta_abroad == alpha_everywhere:
        bought = omega * b
        return log_u, bought, np.array([[total, max(a_star - bought, 0.0)], [0, b_star + bought]])
    # I with r = total/total_star: a - r a* is the exact determinant over total_star.
    exports = omega * _slope(η, γ) * (_advantage(demand) / total_star)
    made = demand + np.array([[exports / omega, -exports], [-exports / omega, exports]])
    return log_u, exports, np.maximum(made, 0.0)


def _clear_freely(demand, θ, γ, beta_g):
    """Solve the world with a beta good of constant returns whose alpha market is larger at home."""
    (a, a_star), (b, b_star) = demand
    exports, omega, η = 0.0, 1 / beta_g, _log_y(-np.log(beta_g) / (1 - θ), γ)
    if a_star:
        balanced = _two_way(a, a_star, 0.0, θ, γ)
        if balanced <= η and beta_g < 1:
            return _log_u(balanced, γ), 0.0, demand.copy()
        wanted = omega * _slope(η, γ) * (a - np.exp(η - θ / (1 - θ) * np.log(beta_g)) * a_star)
        exports = min(a_star, wanted)
    # Without beta consumers home cannot pay by importing beta goods, be its exports beyond doubles.
    if not a_star or (exports <= omega * b if b else balanced <= η):
        made = np.array(
            [[a + exports / omega, a_star - exports], [b - exports / omega, b_star + exports]]
        )
        return -np.log(beta_g) / (1 - θ), exports, made
    both = -_two_way(a_star, a, b, θ, γ)
    one_way = _log_y(np.log(a_star / b) / (1 - θ), γ) if b else np.inf
    if one_way <= both:
        made = np.array([[a + b, 0.0], [0.0, a_star + b_star]])
        return np.log(a_star / b) / (1 - θ), a_star, made
    log_u = _log_u(both, γ)
    exports = b * np.exp((1 - θ) * log_u)
    made = np.array([[a + b, max(a_star - exports, 0.0)], [0.0, b_star + exports]])
    return log_u, exports, made


def _two_way(own, other, imports, θ, γ):
    """
    Find log y at which an industry made in both countries has given net imports into home.

    I = -imports, with own and other its consumers at home and abroad, reads
    other = own/(u**theta y) + imports (1 - G**2)/(G (y + G)), whose right side falls from infinity
    to 0. With imports = 0 it is Section II's balance of payments.
    """
    ratio = np.log(own / other)
    relative = np.log(imports / other) + np.log(-np.expm1(-2 * γ)) + γ if imports else -np.inf

    def excess(η):
        domestic = ratio - η - θ * _log_u(η, γ)
        return np.logaddexp(domestic, relative - np.logaddexp(η, -γ))

    # log(u**theta y) has the sign of log y and is at least as large, hence both ends.
    low = min(ratio, 0.0) - 1
    high = max(ratio, relative, 0.0) + 1
    return brentq(excess, low, high, xtol=1e-300, rtol=4 * np.finfo(float).eps, maxiter=2000)


def _log_u(η, γ):
    """Invert y = (u - G)/(1 - G u), in logs."""
    return float(np.logaddexp(η, -γ) - np.logaddexp(0.0, η - γ))


def _log_y(log_u, γ):
    """Return log y, infinite where u lies outside (G, 1/G)."""
    inside = np.abs(log_u) < γ
    t = np.where(inside, log_u, 0.0)
    return np.where(inside, _log_y_inside(t, γ, γ - t), np.copysign(np.inf, log_u))


def _log_y_inside(log_u, γ, room):
    """Return log y for u in (G, 1/G); `room` is gamma less log u."""
    return log_u + np.log(-np.expm1(-γ - log_u)) - np.log(-np.expm1(-room))


def _slope(η, γ):
    """Return G (1 + G y)/((1 - G**2) y)."""
    return np.exp(-γ + np.logaddexp(0.0, η - γ) - η) / -np.expm1(-2 * γ)


def _equivalents(made, θ, γ, log_u):
    """Return W and W*, [industry, country], from the labour that makes each industry's goods."""
    abroad = np.exp(-γ + θ * log_u), np.exp(-γ - θ * log_u)
    return made + abroad * made[:, ::-1]


def _sales(demand, equivalents, γ, log_u):
    """Return what a firm of one industry sells in each country over what it must sell."""
    density = np.where(demand > 0, demand / _or_nan(equivalents), 0.0)
    return density + np.exp([-γ - log_u, -γ + log_u]) * density[::-1]


def _gains(equivalents, demand, θ):
    """Return utility and real income over their autarky levels, W being the number of consumers."""
    with np.errstate(over="ignore"):
        ratio = equivalents / _or_nan(demand)
        return ratio ** (1 - θ), ratio ** ((1 - θ) / θ)


def _geometric_mean(values, weights):
    return _floats(np.exp((weights * np.log(np.where(weights > 0, values, 1.0))).sum(axis=0)))


def _checked(residual):
    if not residual <= 1e-11:
        raise ArithmeticError(f"firms miss their sales by {residual:.1e} of them, above 1e-11")
    return float(residual)


def _or_nan(values):
    return np.where(values > 0, values, np.nan)


def _location(made):
    return ("none", "foreign", "home", "both")[2 * bool(made[0] > 0) + bool(made[1] > 0)]


def _floats(values):
    return tuple(float(value) for value in values)


def _fixed(values):
    result = np.array(values, dtype=float)
    result.flags.writeable = False
    return result
