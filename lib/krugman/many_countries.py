"""
Beyond Krugman (1980): his Section II and III.C for any number of countries.

`many_countries` solves the one industry of Section II for any matrix of transport costs:

1. Country i's varieties, n_i of them at the price (7), take the share of j's spending

       s_ij = n_i (w_i/g_ij)**-e / sum_k n_k (w_k/g_kj)**-e,   e = theta/(1-theta).

2. Wages balance trade: E_i = M_i for every country, exports sum_j s_ij w_j L_j and imports
   w_i L_i (1 - s_ii), both without the sales at home, so that no digits cancel where trade is
   scarce.
3. Let F_i = log(E_i/M_i) and v = log w. All dF_i/dv_k with k other than i are positive, and a
   common factor on wages changes nothing: -dF/dv is a singular M-matrix whose null vector is
   constant. Equilibrium is unique up to the unit of account: between two of them, let i be the
   country whose wage rises by the largest factor; then F_i would have fallen. Since the world's
   exports are its imports, F is zero where all its entries are equal. Newton's method makes them
   so: a step solves dF/dv dv + F = a constant, which shrinks the range of F, and is halved
   where it does not. (F. Alvarez and R. Lucas, "General Equilibrium Analysis of the
   Eaton-Kortum Model of International Trade", Journal of Monetary Economics 54 (2007), on
   existence and uniqueness.)

`many_home_markets` has an outside good that is traded freely, so that wages are equal:

1. With phi_ij = g_ij**e, a firm in i sells sum_j phi_ij Y_j/P_j, P_j = sum_k phi_kj n_k. It pays
   for its labour where this is alpha/(1-theta) = f; it sells less where no firm is.
2. These are the conditions for the greatest sum_j Y_j log P_j - f sum_i n_i over n >= 0, a
   concave problem (E. Eisenberg and D. Gale, "Consensus of Subjective Probabilities", Annals of
   Mathematical Statistics 30 (1959)). An interior-point method finds who has firms.
3. With those countries only, Newton's method meets the conditions to the last digits: it goes on
   as long as the largest error gets smaller.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from lib.domain import array, finite, freeze, within_doubles
from lib.krugman.basic import _parameters

_TOLERANCE = 1e-11
_STEPS = 200


@dataclass(frozen=True, eq=False)
class ManyCountries:
    """
    The equilibrium of Section II among K countries; values in wage units of the last one.

    Attributes
    ----------
    relative_wages : ndarray of shape (K,)
        Wages over that of the last country.
    varieties : ndarray of shape (K,)
        The number of varieties made in each country (13).
    flows : ndarray of shape (K, K)
        The value of what the row's country sells to the column's, the diagonal its sales at home.
    import_share : ndarray of shape (K,)
        The share of income spent on the other countries' varieties.
    utility : ndarray of shape (K,)
        A worker's utility (1).
    gains : ndarray of shape (K,)
        Utility (1) over its level in the closed economy, (1-m)**-(1-theta) with m the import share.
    real_income_gains : ndarray of shape (K,)
        The factor on autarky income that is worth as much as trade, gains**(1/theta); inf where it
        is beyond doubles.
    residual : float
        The largest |log| of exports over imports of any country.
    """

    relative_wages: np.ndarray
    varieties: np.ndarray
    flows: np.ndarray
    import_share: np.ndarray
    utility: np.ndarray
    gains: np.ndarray
    real_income_gains: np.ndarray
    residual: float

    def __post_init__(self):
        freeze(self)


@dataclass(frozen=True, eq=False)
class ManyHomeMarkets:
    """
    Where the firms of one industry settle among K countries with equal wages.

    Attributes
    ----------
    varieties : ndarray of shape (K,)
        The number of firms in each country; 0 where none survives.
    net_exports : ndarray of shape (K,)
        Exports less imports of the industry, in wage units.
    entrant_sales : ndarray of shape (K,)
        Sales of a firm in each country over the sales that pay for its labour: 1 where firms are,
        at most 1 where none is.
    residual : float
        How far the sales of existing firms are from what pays for their labour, relative to it.
    """

    varieties: np.ndarray
    net_exports: np.ndarray
    entrant_sales: np.ndarray
    residual: float

    def __post_init__(self):
        freeze(self)


def many_countries(industry, labor, g):
    """
    Find the wages that balance the trade of any number of countries.

    Parameters
    ----------
    industry : Industry
        Tastes and technology, the same in all countries.
    labor : array_like of shape (K,)
        The labour forces, positive; at least two countries.
    g : array_like of shape (K, K)
        What arrives in the column's country of a unit shipped from the row's, in (0, 1]; 1 on the
        diagonal.

    Returns
    -------
    ManyCountries
        Wages, varieties, flows, utility and gains.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.
    ArithmeticError
        If exports and imports differ by more than 1e-11 of them, or trade is so scarce that
        doubles do not tell the wages.

    Notes
    -----
    The method stands at the head of the module.

    Examples
    --------
    >>> import numpy as np
    >>> from lib.krugman import Industry
    >>> world = many_countries(Industry(theta=0.75), [2, 1], [[1, 0.8], [0.8, 1]])
    >>> np.round(world.relative_wages, 4)
    array([1.0452, 1.    ])
    """
    θ, α, β = _parameters(industry)
    labor, g = _world("labor", labor, g)
    elasticity = θ / (1 - θ)
    size = np.log(labor)
    # Without wages: log n_i + e log g_ij, up to a constant that no share contains.
    reach = size[:, None] + elasticity * np.log(g)
    log_wage, residual = _balance(reach, size, elasticity)
    wage = np.exp(log_wage)
    share = np.exp(_log_shares(reach, log_wage, elasticity))
    own = np.diag(share)
    # The shares of the others add up without cancellation.
    imported = share.sum(axis=0, where=~np.eye(len(labor), dtype=bool))
    with np.errstate(divide="ignore", over="ignore"):
        gains = own ** -(1 - θ)
        real_income_gains = own ** (-1 / elasticity)
    with within_doubles(labor=labor, theta=θ, alpha=α, beta=β):
        varieties, flows = labor * (1 - θ) / α, share * (wage * labor)
        utility = varieties ** (1 - θ) * (θ / β) ** θ * gains
        finite(varieties, flows, utility)
    return ManyCountries(
        relative_wages=wage,
        varieties=varieties,
        flows=flows,
        import_share=imported,
        utility=utility,
        gains=gains,
        real_income_gains=real_income_gains,
        residual=residual,
    )


def many_home_markets(industry, spending, g):
    """
    Find where the firms of an industry settle when wages are equal everywhere.

    An outside good is made everywhere with one unit of labour and traded freely, which keeps wages
    at 1; the industry takes given amounts of spending. With two countries this is Section III.C's
    industry with increasing returns.

    Parameters
    ----------
    industry : Industry
        Tastes and technology of the industry.
    spending : array_like of shape (K,)
        What each country spends on the industry, in wage units, positive; at least two countries.
    g : array_like of shape (K, K)
        What arrives in the column's country of a unit shipped from the row's, in (0, 1]; 1 on the
        diagonal.

    Returns
    -------
    ManyHomeMarkets
        The number of firms in each country and net exports.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain, or the firms' places are not determined because the
        matrix of g**(theta/(1-theta)) is singular: as where two countries are the same place, one
        of them reaching every market as well as the other.
    ArithmeticError
        If the sales of firms miss what pays for their labour by more than 1e-11 of it, or more
        than that is left to gain for a newcomer.

    Notes
    -----
    The method stands at the head of the module. It is assumed that each country has the labour for
    its firms, the proviso of Section III.C.

    Examples
    --------
    The smallest country lies between two larger ones, and has every firm:

    >>> import numpy as np
    >>> from lib.krugman import Industry
    >>> g = [[1, 0.9, 0.9], [0.9, 1, 0.5], [0.9, 0.5, 1]]
    >>> world = many_home_markets(Industry(theta=0.75), [100, 150, 140], g)
    >>> world.varieties.round(6)
    array([97.5,  0. ,  0. ])
    """
    θ, α, _ = _parameters(industry)
    spending, g = _world("spending", spending, g)
    reach = np.exp(θ / (1 - θ) * np.log(g))
    if np.linalg.cond(reach) > 1e12:
        raise ValueError(
            "g must leave the matrix of g**(theta/(1-theta)) regular, or where firms settle is not "
            f"determined (as where two countries are one place), got {g.tolist()}"
        )
    needed = α / (1 - θ)
    with within_doubles(spending=spending, alpha=α, theta=θ):
        # In units of what one firm must sell; the world's firms then number the world's spending.
        market = spending / needed
        varieties = _polish(reach, market, _settled(reach, market))
        # Next to the edge the search cannot tell a country in which no firm would live. It ends:
        # each step takes at least one of them out.
        while (varieties < 0).any():
            varieties = _polish(reach, market, np.maximum(varieties, 0))
        sales = reach @ (market / (varieties @ reach))
        finite(varieties, sales)
    active = varieties > 0
    residual = float(np.abs(sales - 1)[active].max())
    tempted = float((sales - 1).max())
    if not max(residual, tempted) <= _TOLERANCE:
        raise ArithmeticError(
            f"firms miss their sales by {residual:.1e} of them, newcomers gain {tempted:.1e}"
        )
    return ManyHomeMarkets(
        varieties=varieties,
        net_exports=needed * varieties - spending,
        entrant_sales=sales,
        residual=residual,
    )


def _world(name, sizes, g):
    """Check sizes and transport costs; there are at least two countries."""
    sizes = array(name, sizes, ("K",), 0)
    if len(sizes) < 2:
        raise ValueError(f"{name} must be of at least two countries, got {sizes.tolist()}")
    g = array("g", g, ("K", "K"), 0, 1, closed="right")
    if g.shape != 2 * sizes.shape:
        raise ValueError(
            f"g must be an array of shape {2 * sizes.shape}, a row and a column for each entry of "
            f"{name}, got shape {g.shape}"
        )
    if (np.diag(g) != 1).any():
        raise ValueError(f"g must be 1 on its diagonal, got {np.diag(g).tolist()}")
    return sizes, g


def _log_shares(reach, log_wage, elasticity):
    """Compute the log shares of spending, step 1, [origin, destination]."""
    worth = reach - elasticity * log_wage[:, None]
    return worth - logsumexp(worth, axis=0)


def _balance(reach, size, elasticity):
    """Find the log wages at which every country's exports pay for its imports, steps 2 and 3."""
    log_wage = np.zeros(len(size))
    gap, slope = _gap(reach, log_wage, size, elasticity)
    for _ in range(_STEPS):
        if np.abs(gap).max() <= 1e-14:
            break
        # The last wage stays; its column is the constant.
        slope[:, -1] = 1.0
        try:
            step = np.linalg.solve(slope, -gap)
        except np.linalg.LinAlgError:
            raise ArithmeticError("trade is too scarce for doubles to tell the wages") from None
        step[-1] = 0.0
        # Far from balance a step may point beyond any wage that costs allow.
        step *= min(1.0, 10 / np.abs(step).max())
        for halving in range(30):
            tried = log_wage + step / 2**halving
            new_gap, new_slope = _gap(reach, tried, size, elasticity)
            if np.ptp(new_gap) < np.ptp(gap):
                break
        else:
            break
        log_wage, gap, slope = tried, new_gap, new_slope
    residual = float(np.abs(gap).max())
    if not residual <= _TOLERANCE:
        raise ArithmeticError(f"exports and imports differ by {residual:.1e} of them")
    return log_wage - log_wage[-1], residual


def _gap(reach, log_wage, size, elasticity):
    """Compute log exports less log imports, and the slopes of the difference in log wages."""
    # In logs, since countries with little trade have a wage all the same.
    log_share = _log_shares(reach, log_wage, elasticity)
    share, flows = np.exp(log_share), log_share + log_wage + size
    np.fill_diagonal(flows, -np.inf)
    exports, imports = logsumexp(flows, axis=1), logsumexp(flows, axis=0)
    gap = exports - imports
    sold, bought = np.exp(flows - exports[:, None]), np.exp(flows - imports)
    # d log X_ij = dv_j - e (dv_i - sum_k s_kj dv_k).
    slope = sold + elasticity * (sold @ share.T + (bought - share).T)
    own = np.arange(len(size))
    slope[own, own] = 0.0
    # Rows add up to zero: a common factor on wages changes nothing.
    slope[own, own] = -slope.sum(axis=1)
    return gap, slope


def _settled(reach, market):
    """Solve the concave problem of step 2 by following its central path."""
    varieties = np.full(len(market), market.mean())
    slack = np.ones(len(market))
    for _ in range(_STEPS):
        reached = varieties @ reach
        rest = reach @ (market / reached) - 1 + slack
        path = 0.1 * (varieties @ slack) / len(market)
        if np.abs(rest).max() < 1e-13 and (varieties * slack).max() < 1e-15 * market.mean():
            break
        bend = (reach * (market / reached**2)) @ reach.T
        # bend dn - ds = rest and slack dn + varieties ds = path - varieties slack.
        target = rest + path / varieties - slack
        change = np.linalg.solve(bend + np.diag(slack / varieties), target)
        moved = (path - slack * change) / varieties - slack
        room = min(_room(varieties, change), _room(slack, moved))
        varieties, slack = varieties + room * change, slack + room * moved
    return np.where(varieties > slack * market.mean(), varieties, 0.0)


def _room(values, change):
    """How far a step may go before a value turns negative, at most one."""
    falling = change < 0
    return min(1.0, 0.995 * np.min(-values[falling] / change[falling], initial=np.inf))


def _polish(reach, market, varieties):
    """Meet the conditions of the countries that have firms, step 3."""
    active = varieties > 0
    result = np.zeros(len(market))
    near, firms, error = reach[active], varieties[active], np.inf
    while True:
        reached = firms @ near
        rest = near @ (market / reached) - 1
        largest = np.abs(rest).max()
        if not largest < error:
            return result
        result[active], error = firms, largest
        firms = firms + np.linalg.solve((near * (market / reached**2)) @ near.T, rest)
