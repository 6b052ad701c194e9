"""The nest against Krugman's, Gomory's and Armington's models, primitives and scans."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, fsolve
from scipy.special import expit

from lib import gomory, nest
from lib.krugman import Industry, costly_trade, two_industries
from lib.nest import NestedEconomy, all_equilibria
from tests.gomory.strategies import property_test


def random_nest(n, seed, scale=1.4, elasticity=6.0, g=0.8, spread=0.3, ratio=1.5):
    rng = np.random.default_rng(seed)
    demand = rng.dirichlet(np.full(n, 3.0), 2).T
    productivity = np.exp(rng.normal(0, spread, (n, 2)))
    return NestedEconomy(demand, [ratio, 1.0], productivity, scale, elasticity, g)


def primitive_residuals(economy, found):
    """All conditions, written as in the statement of the model, in plain numbers."""
    worst = 0.0
    for share, labor, z in zip(found.share, found.labor, found.income, strict=True):
        incomes = np.array([z, 1 - z])
        wages = incomes / economy.labor
        worst = max(worst, np.abs(labor.sum(axis=0) / economy.labor - 1).max())
        spent = economy.demand * incomes
        revenue = np.stack([(spent * share).sum(axis=1), (spent * (1 - share)).sum(axis=1)], 1)
        worst = max(worst, np.abs(revenue - wages * labor).max())
        for i in range(economy.goods):
            if (labor[i] < 1e-6).any() or (1 - share[i]).max() < 1e-6:
                continue  # shares that plain numbers have lost
            output = economy.productivity[i] * labor[i] ** economy.scale[i]
            price = wages * labor[i] / output
            for j in range(2):
                delivered = price * np.where(np.arange(2) == j, 1.0, 1 / economy.g[i])
                weight = (delivered / delivered.min()) ** (1 - economy.elasticity[i])
                expected = weight / weight.sum()
                # A price that is off by one digit moves a share by the elasticity times that.
                error = abs(expected[0] - share[i, j]) / economy.elasticity[i]
                worst = max(worst, error)
            # Labour demanded abroad includes what melts on the way: quantities add up.
            sold = [spent[i] * s / price[k] for k, s in enumerate((share[i], 1 - share[i]))]
            worst = max(worst, np.abs(np.sum(sold, axis=1) / output - 1).max())
    return worst


def utility_from_prices(economy, labor, z):
    """Log utility of each country, from the prices that its wages and labour make."""
    incomes = np.array([z, 1 - z])
    log_price = np.log(incomes / economy.labor / economy.productivity)
    log_labor = np.log(np.where(labor > 0, labor, 1.0))
    log_price += np.where(labor > 0, (1 - economy.scale[:, None]) * log_labor, np.inf)
    utility = np.zeros(2)
    for j in range(2):
        delivered = log_price - np.where(np.arange(2) == j, 0.0, np.log(economy.g)[:, None])
        power = 1 - economy.elasticity
        index = np.logaddexp(*(power[:, None] * delivered).T) / power
        utility[j] = economy.demand[:, j] @ (np.log(economy.demand[:, j] * incomes[j]) - index)
    return utility


def profitable_entry(economy, found, i, log_size=-1e6):
    """Whether a tiny industry that is missing would cover its costs, for each equilibrium."""
    log = np.log
    answer = []
    for share, z in zip(found.share, found.income, strict=True):
        incomes = np.array([z, 1 - z])
        wages, spent = incomes / economy.labor, economy.demand[i] * incomes
        absent = 0 if share[i].max() < 0.5 else 1
        other = 1 - absent
        big = spent.sum() / wages[other]
        a, trade = economy.scale[i], economy.elasticity[i] - 1
        e = economy.productivity[i]
        price = [0.0, 0.0]
        price[absent] = log(wages[absent] / e[absent]) + (1 - a) * log_size
        price[other] = log(wages[other] / e[other]) + (1 - a) * log(big)
        melt = -log(economy.g[i])
        revenue = -np.inf
        for j in range(2):
            own = price[absent] + (melt if j != absent else 0.0)
            rival = price[other] + (melt if j != other else 0.0)
            revenue = np.logaddexp(revenue, log(spent[j]) + trade * (rival - own))
        answer.append(revenue > log(wages[absent]) + log_size)
    return np.array(answer)


def gaps(economy, i, y, s):
    """Log revenue over wage bill, Country 1 less Country 2, at y = ln(l_1/l_2): from primitives."""
    z = np.array([expit(s), expit(-s)])
    wages, spent = z / economy.labor, economy.demand[i] * z
    a, trade = economy.scale[i], economy.elasticity[i] - 1
    relative = np.log(wages[0] / wages[1]) + (1 - a) * y
    relative -= np.log(economy.productivity[i, 0] / economy.productivity[i, 1])
    melt = -np.log(economy.g[i])
    x = np.stack([expit(-trade * (relative - melt)), expit(-trade * (relative + melt))])
    other = np.stack([expit(trade * (relative - melt)), expit(trade * (relative + melt))])
    first, second = spent @ x, spent @ other
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        return np.log(first) - np.log(second) - np.log(wages[0] / wages[1]) - y, x


def scan(economy, points=1500, reach=6.0):
    """Dense scan over s: all states of each good at each s, followed from one s to the next."""
    n = economy.goods
    grid = np.linspace(-reach, reach, points)
    y_grid = np.sinh(np.linspace(-6, 6, 4001))
    found, blind = [], []

    def states(s):
        result = []
        for i in range(n):
            value = np.clip(gaps(economy, i, y_grid, s)[0], -1e9, 1e9)
            turns = np.flatnonzero(
                np.isfinite(value[:-1] * value[1:]) & (value[:-1] * value[1:] < 0)
            )
            roots = [
                brentq(
                    lambda y, i=i: float(gaps(economy, i, y, s)[0]),
                    y_grid[k],
                    y_grid[k + 1],
                    xtol=1e-13,
                )
                for k in turns
            ]
            shares = [gaps(economy, i, y, s)[1] for y in roots]
            if (economy.scale[i] - 1) * (economy.elasticity[i] - 1) > 1:
                shares += [np.zeros(2), np.ones(2)]
            result.append(np.array(shares).reshape(-1, 2))
        return result

    def balances(state, s):
        d1, d2 = economy.demand.T
        total = np.zeros(1)
        for i, x in enumerate(state):
            part = np.exp(-s / 2) * d2[i] * x[:, 1] - np.exp(s / 2) * d1[i] * (1 - x[:, 0])
            total = (total[:, None] + part).ravel()
        return total

    before = None
    for s in grid:
        state = states(s)
        now = [len(x) for x in state], balances(state, s)
        if before and before[0] == now[0]:
            # A change of sign between neighbours is a root; they are at most one step apart.
            found += [s] * int(np.sum(before[1] * now[1] < 0))
        elif before:
            blind.append(s)  # branches meet here, and the scan cannot tell which is which
        before = now
    return np.array(found), np.array(blind), grid[1] - grid[0]


# Krugman


@pytest.mark.parametrize("theta", [0.3, 0.5, 0.75, 0.9])
@pytest.mark.parametrize("g", [0.2, 0.8, 0.99])
@pytest.mark.parametrize("labor", [(200.0, 100.0), (1.0, 1.0), (1.0, 32.0)])
def test_at_product_1_one_good_is_krugmans_section_ii(theta, g, labor):
    expected = costly_trade(Industry(theta), labor, g)
    economy = NestedEconomy([[1, 1]], labor, [[1, 1]], 1 / theta, 1 / (1 - theta), g)
    found = all_equilibria(economy)
    assert found.income.shape == (1,)
    wage = found.income[0] / (1 - found.income[0]) * labor[1] / labor[0]
    assert wage == pytest.approx(expected.relative_wage, rel=1e-12)
    assert 1 - found.share[0, 0, 0] == pytest.approx(expected.import_share[0], rel=1e-11)
    assert found.share[0, 0, 1] == pytest.approx(expected.import_share[1], rel=1e-11)
    assert found.stable.all()


@pytest.mark.parametrize("theta", [0.5, 0.75])
@pytest.mark.parametrize("g", [0.5, 0.9])
@pytest.mark.parametrize(
    ("alike", "total"),
    [((0.6, 0.4), (1.0, 1.0)), ((0.55, 0.5), (3.0, 1.0)), ((0.9, 0.2), (1.0, 1.0))],
)
def test_at_product_1_two_goods_are_krugmans_two_industries(theta, g, alike, total):
    # Each class of people buys its own good only: its labour is its good's part of demand.
    share, total = np.array(alike), np.array(total)
    expected = two_industries(Industry(theta), share * total, (1 - share) * total, g)
    economy = NestedEconomy(
        [share, 1 - share], total, np.ones((2, 2)), 1 / theta, 1 / (1 - theta), g
    )
    found = all_equilibria(economy)
    assert found.income.shape == (1,)
    z = np.array([found.income[0], 1 - found.income[0]])
    wages = z / total
    assert wages[0] / wages[1] == pytest.approx(expected.relative_wage, rel=1e-10)
    x, spent = found.share[0], economy.demand * z
    net = (spent[:, 1] * x[:, 1] - spent[:, 0] * (1 - x[:, 0])) / wages[1]
    np.testing.assert_allclose(net, expected.net_exports, atol=1e-10)
    # Varieties are labour over what a firm needs.
    made = expected.varieties / np.sum(expected.varieties, axis=0) * total
    np.testing.assert_allclose(found.labor[0], made, atol=1e-9)


# Gomory


def as_gomory(economy):
    power = gomory.PowerProduction(economy.productivity, economy.scale[:, None])
    return gomory.Economy(economy.demand, economy.labor, power)


@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_at_large_elasticity_without_trade_costs_all_are_gomorys(n, seed):
    errors = []
    for elasticity in (1e4, 1e6):
        economy = random_nest(n, seed, elasticity=elasticity, g=1.0)
        found = all_equilibria(economy)
        theirs = gomory.all_equilibria(as_gomory(economy), every_pattern=True)
        assert len(found.income) == len(theirs.income)
        near = np.abs(found.share[:, None, :, 0] - theirs.x).max(axis=2)
        match = near.argmin(axis=1)
        assert len(set(match)) == len(match)
        errors.append(near.min(axis=1).max())
        np.testing.assert_array_equal(found.stable, theirs.stable[match])
        utility = np.abs(found.log_utility - theirs.log_utility[match]).max()
        assert utility < 50 / elasticity
        assert np.abs(found.income - theirs.income[match]).max() < 50 / elasticity
        np.testing.assert_array_equal(found.share[..., 0], found.share[..., 1])
    # To the order 1/elasticity.
    assert errors[0] < 50 / 1e4
    assert errors[1] < errors[0] / 50 + 1e-10


# Armington and uniqueness


def test_at_scale_1_the_wage_is_armingtons():
    for seed in range(10):
        economy = random_nest(3, seed, scale=1.0, elasticity=3.0, g=0.7)

        def balance(log_wage, economy=economy):
            w, e = np.exp([log_wage, 0.0]), economy.productivity
            income = w * economy.labor
            total = 0.0
            for i in range(3):
                for j, sign in ((1, 1), (0, -1)):
                    melt = np.where(np.arange(2) == j, 1.0, economy.g[i])
                    weight = (w / e[i] / melt) ** (1 - economy.elasticity[i])
                    part = weight[1 - j] / weight.sum()
                    total += sign * economy.demand[i, j] * income[j] * part
            return total

        wage = np.exp(brentq(balance, -5, 5, xtol=1e-14))
        found = all_equilibria(economy)
        (z,) = found.income
        assert z / (1 - z) / economy.labor[0] * economy.labor[1] == pytest.approx(wage, rel=1e-11)
        assert found.stable.all()


@pytest.mark.parametrize("scale", [1.0, 1.05, 1.2, 1.3, 4 / 3])
def test_up_to_product_1_there_is_one_equilibrium_and_it_is_stable(scale):
    for seed in range(8):
        economy = random_nest(4, seed, scale=scale, elasticity=4.0, g=0.9, spread=0.1)
        found = all_equilibria(economy)
        assert found.income.shape == (1,)
        assert found.stable.all()


def income_in_logs(economy):
    """Country 1's income where one good has a product up to 1: two nested roots, all in logs."""
    (a,), (h,), (g,) = economy.scale, economy.elasticity, economy.g
    (e_1, e_2), (labor_1, labor_2) = np.log(economy.productivity[0]), np.log(economy.labor)
    melts = -(h - 1) * np.log(g)

    def log_share(x):
        return -np.logaddexp(0, -x)

    def log_price_gap(xi, s):
        spent = np.array([s, 0.0])  # in units of Country 2's spending
        odds = np.array([xi + melts, xi - melts])
        revenue_1, revenue_2 = (
            np.logaddexp.reduce(spent + log_share(sign * odds)) for sign in (1, -1)
        )
        log_labor = revenue_1 - revenue_2 - (s - labor_1 + labor_2)
        wage = s - labor_1 + labor_2
        return xi / (h - 1) - (e_1 - e_2 - wage + (a - 1) * log_labor)

    def balance(s):
        xi = brentq(log_price_gap, -1e6, 1e6, args=(s,), xtol=1e-13)
        return log_share(xi - melts) - (s + log_share(-xi - melts))

    return expit(brentq(balance, -50, 50, xtol=1e-13))


@pytest.mark.parametrize("seed", range(40))
def test_up_to_product_1_there_is_one_equilibrium_however_little_is_traded(seed):
    rng = np.random.default_rng(seed)
    elasticity, melts = rng.uniform(20, 400), rng.uniform(20, 600)
    product = rng.choice([0.0, 0.4, 0.9])
    economy = NestedEconomy(
        demand=[[1, 1]],
        labor=[np.exp(rng.normal()), 1],
        productivity=[np.exp(rng.normal(0, 0.3, 2))],
        scale=1 + product / (elasticity - 1),
        elasticity=elasticity,
        g=np.exp(-melts / (elasticity - 1)),
    )
    found = all_equilibria(economy)
    assert found.income == pytest.approx([income_in_logs(economy)], rel=1e-9)
    assert found.stable.all()


def test_at_product_1_a_good_that_hardly_trades_is_not_lost():
    small = NestedEconomy([[1, 1]], [2, 1], [[1, 1]], 1 + 1 / 128, 129, 0.1)
    world = costly_trade(Industry(128 / 129), (2.0, 1.0), 0.1)
    ratio = 2 * world.relative_wage
    assert all_equilibria(small).income == pytest.approx([ratio / (1 + ratio)], rel=1e-9)
    for elasticity in (129, 257):
        economy = NestedEconomy(
            demand=[[0.5, 0.5]] * 2,
            labor=[2, 1],
            productivity=np.ones((2, 2)),
            scale=[1 + 1 / (elasticity - 1), 1.25],
            elasticity=[elasticity, 5],
            g=[0.05, 0.8],
        )
        found = all_equilibria(economy)
        assert len(found.income) == 1
        assert found.residual[0] < 1e-12


def test_above_product_1_without_trade_costs_one_equilibrium_has_become_many():
    counts = [
        len(all_equilibria(random_nest(3, 0, elasticity=eta, g=1.0, spread=0.05)).income)
        for eta in (2.0, 3.0, 3.4, 3.6, 20.0)
    ]
    assert counts[:3] == [1, 1, 1]
    assert counts[-1] > 10


# Every equilibrium


@pytest.mark.parametrize("seed", range(12))
def test_a_dense_scan_over_relative_income_finds_the_same_equilibria(seed):
    rng = np.random.default_rng(seed)
    n = 2 if seed % 3 else 3
    economy = random_nest(
        n,
        seed,
        scale=rng.uniform(1.05, 1.8, n),
        elasticity=rng.uniform(2.5, 12, n),
        g=rng.uniform(0.5, 1, n),
        ratio=rng.uniform(0.5, 2),
    )
    found = all_equilibria(economy)
    s = np.log(found.income) - np.log1p(-found.income)
    scanned, blind, step = scan(economy)
    assert len(blind) <= 4 * n
    seen = (np.abs(s) < 6) & ~((s[:, None] <= blind) & (s[:, None] > blind - step)).any(axis=1)
    ours = s[seen]
    assert len(ours) >= len(s) - 2
    assert len(scanned) == len(ours)
    assert np.all(np.abs(np.sort(ours) - np.sort(scanned)) <= step)


@pytest.mark.parametrize("seed", range(6))
def test_searches_from_random_starts_find_no_other_equilibrium(seed):
    economy = random_nest(3, seed, scale=1.5, elasticity=5.0, g=0.6, spread=0.1)
    found = all_equilibria(economy)
    rng = np.random.default_rng(seed)
    hits = 0

    def conditions(unknown):
        *y, s = unknown
        pairs = [gaps(economy, i, y[i], s) for i in range(3)]
        x = np.array([share for _, share in pairs])
        d1, d2 = economy.demand.T
        balance = np.exp(-s / 2) * d2 @ x[:, 1] - np.exp(s / 2) * d1 @ (1 - x[:, 0])
        return [*(gap for gap, _ in pairs), balance]

    for _ in range(60):
        start = np.append(rng.normal(0, 3, 3), rng.normal(0, 1))
        root, _, status, _ = fsolve(conditions, start, full_output=True, xtol=1e-13)
        if status != 1 or np.abs(conditions(root)).max() > 1e-10 or np.abs(root).max() > 30:
            continue
        x = np.array([gaps(economy, i, root[i], root[3])[1] for i in range(3)])
        hits += 1
        assert np.abs(found.share - x).max(axis=(1, 2)).min() < 1e-7
    assert hits > 5


def test_one_good_splits_where_the_share_of_its_own_market_says():
    # Two alike countries, one good among two mirror images: s = 0 has closed-form branches.
    economy = NestedEconomy([[0.5, 0.5], [0.5, 0.5]], [1, 1], np.ones((2, 2)), 1.5, 5.0, 0.9)
    found = all_equilibria(economy)
    even = np.abs(found.share[:, :, 0] + found.share[:, :, 1] - 1).max(axis=1) < 1e-9
    assert even.any()
    mirrored = np.abs(found.income[:, None] + found.income - 1).min(axis=1)
    assert mirrored.max() < 1e-10


economies = st.builds(
    lambda n, seed, scale, trade, g, spread, ratio: random_nest(
        n,
        seed,
        scale=1 + np.resize(scale, n),
        elasticity=1 + np.resize(trade, n),
        g=np.resize(g, n),
        spread=spread,
        ratio=ratio,
    ),
    st.integers(1, 4),
    st.integers(0, 10**6),
    st.lists(st.sampled_from([0.0, 0.01, 0.11, 0.5, 0.9, 2.0]), min_size=1, max_size=3),
    st.lists(st.sampled_from([0.3, 1.7, 2.5, 7.0, 40.0, 999.0]), min_size=1, max_size=3),
    st.lists(st.sampled_from([0.1, 0.5, 0.8, 0.97, 1.0]), min_size=1, max_size=3),
    st.sampled_from([0.0, 0.1, 1.0]),
    st.sampled_from([0.03, 0.5, 1.0, 3.0, 32.0]),
).filter(lambda economy: np.max((1 - economy.elasticity) * np.log(economy.g)) < 300)


@property_test(60)
@given(economies)
def test_all_conditions_hold_from_primitives(economy):
    found = all_equilibria(economy)
    assert len(found.income) >= 1
    assert found.residual.max() < 1e-9
    assert primitive_residuals(economy, found) < 1e-9
    assert np.all(np.diff(found.income) >= 0)
    for labor, z, utility in zip(found.labor, found.income, found.log_utility, strict=True):
        expected = utility_from_prices(economy, labor, z)
        np.testing.assert_allclose(utility, expected, rtol=1e-9, atol=1e-8)


@property_test(40)
@given(economies)
def test_the_names_of_countries_and_goods_do_not_matter(economy):
    found = all_equilibria(economy)
    swapped = NestedEconomy(
        economy.demand[::-1, ::-1],
        economy.labor[::-1],
        economy.productivity[::-1, ::-1],
        economy.scale[::-1],
        economy.elasticity[::-1],
        economy.g[::-1],
    )
    other = all_equilibria(swapped)
    assert len(found.income) == len(other.income)
    np.testing.assert_allclose(np.sort(1 - found.income), other.income, atol=1e-9)
    there = (1 - other.share)[:, ::-1, ::-1]
    distance = np.abs(there[:, None] - found.share).max(axis=(2, 3))
    assert distance.min(axis=1).max() < 1e-7
    match = distance.argmin(axis=1)
    np.testing.assert_allclose(other.log_utility[:, ::-1], found.log_utility[match], atol=1e-7)


@property_test(40)
@given(economies)
def test_a_missing_industry_is_one_that_would_lose_on_entry(economy):
    found = all_equilibria(economy)
    for i in range(economy.goods):
        absent = (found.labor[:, i] == 0).any(axis=1)
        product_ = (economy.scale[i] - 1) * (economy.elasticity[i] - 1)
        if abs(product_ - 1) > 0.01 and absent.any():
            # Where the goods are nearly one, doubles lose small shares of any product.
            assert product_ > 1 or economy.elasticity[i] > 100
            if product_ > 1:
                assert not profitable_entry(economy, found, i)[absent].any()


def test_stable_is_where_labour_that_follows_profit_ends():
    for seed in range(4):
        economy = random_nest(2, seed, scale=1.5, elasticity=4.0, g=0.6, spread=0.1)
        found = all_equilibria(economy)
        for k in range(len(found.income)):
            if (found.labor[k] < 1e-9).any():
                continue
            drift = returns(economy, found.labor[k])
            assert drift == found.stable[k]


def returns(economy, labor, time=1e-5):
    """Whether the dynamics of labour, from primitives, pull small displacements back."""
    n = economy.goods

    def shares(log_labor, s):
        z = np.array([expit(s), expit(-s)])
        spent = economy.demand * z
        x = np.zeros((n, 2))
        revenue = np.zeros((n, 2))
        for i in range(n):
            trade, melt = economy.elasticity[i] - 1, -np.log(economy.g[i])
            supply = np.log(economy.productivity[i]) + economy.scale[i] * log_labor[i]

            def excess(price, i=i, trade=trade, melt=melt, supply=supply):
                odds = -trade * (price + np.array([-melt, melt]))
                revenue = np.log(spent[i] @ expit(odds)) - np.log(spent[i] @ expit(-odds))
                return revenue - price - supply[0] + supply[1]

            price = brentq(excess, -20, 20, xtol=1e-14)
            x[i] = expit(-trade * (price + np.array([-melt, melt])))
            revenue[i] = spent[i] @ x[i], spent[i] @ (1 - x[i])
        return x, revenue, z

    def motion(flat):
        log_labor = flat.reshape(n, 2)

        def balance(s):
            x, _, z = shares(log_labor, s)
            return economy.demand[:, 1] * z[1] @ x[:, 1] - economy.demand[:, 0] * z[0] @ (
                1 - x[:, 0]
            )

        s = brentq(balance, -20, 20, xtol=1e-14)
        _, revenue, z = shares(log_labor, s)
        return (revenue / (z / economy.labor) / np.exp(log_labor) - 1).ravel()

    at = np.log(labor).ravel()
    jacobian = np.zeros((2 * n, 2 * n))
    for k in range(2 * n):
        change = np.zeros(2 * n)
        change[k] = time
        jacobian[:, k] = (motion(at + change) - motion(at - change)) / (2 * time)
    # Full employment stays: only displacements that keep each country's labour count.
    keep = np.zeros((2, 2 * n))
    keep[0, ::2], keep[1, 1::2] = labor[:, 0], labor[:, 1]
    basis = np.linalg.svd(keep)[2][2:].T
    return np.linalg.eigvals(basis.T @ jacobian @ basis).real.max() < 0


# Domain


def test_eight_goods_are_solved_and_nine_refused():
    found = all_equilibria(random_nest(8, 0, elasticity=8.0, g=0.7))
    assert len(found.income) > 1000
    with pytest.raises(ValueError, match="economy must have from 1 to 8 goods here, got 9"):
        all_equilibria(random_nest(9, 0))


def test_where_trade_is_beyond_doubles_equilibria_are_not_guessed():
    demand = [[0.6, 0.75], [0.4, 0.25]]
    economy = NestedEconomy(demand, [3, 1], np.ones((2, 2)), 3.0, 1000.0, 0.1)
    with pytest.raises(ArithmeticError, match="cannot be decided in doubles"):
        all_equilibria(economy)
    for elasticity, message in ((311, "below 1e-300"), (330, "cannot be decided in doubles")):
        with pytest.raises(ArithmeticError, match=message):
            all_equilibria(NestedEconomy([[1, 1]], [2, 1], [[1.3, 1]], 1.0, elasticity, 0.1))


def test_incomes_beyond_doubles_are_refused():
    economy = NestedEconomy([[0.5, 0.5]] * 2, [1, 1], [[1e300, 1e-300]] * 2, 1.0, 3.0, 0.5)
    with pytest.raises(ArithmeticError, match=r"ln\(Z_1 / Z_2\) is beyond 600"):
        all_equilibria(economy)


@pytest.mark.parametrize("wrong", ["s", "xi"])
def test_what_misses_the_conditions_is_refused(wrong, monkeypatch):
    refine = nest._refine

    def astray(*arguments):
        s, xi = refine(*arguments)
        return (s + 1e-6, xi) if wrong == "s" else (s, xi + 1e-6)

    monkeypatch.setattr(nest, "_refine", astray)
    with pytest.raises(ArithmeticError, match="equilibrium conditions hold only within"):
        all_equilibria(random_nest(2, 0))


def test_product_1_without_trade_costs_is_refused_and_says_why():
    economy = random_nest(2, 0, scale=1.5, elasticity=3.0, g=1.0)
    with pytest.raises(ValueError, match="nothing determines where the good is made"):
        all_equilibria(economy)
    near = random_nest(2, 0, scale=1.5, elasticity=3 + 1e-8, g=0.9)
    with pytest.raises(ValueError, match=r"at least 1e-6 away from 1.*elasticity\[0\]"):
        all_equilibria(near)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("demand", [[0.5, 0.5], [0.5, 0.4]]),
        ("labor", [1.0, 0.0]),
        ("productivity", np.ones((3, 2))),
        ("scale", 0.9),
        ("elasticity", [2.0, 1.0]),
        ("g", 1.1),
    ],
)
def test_a_field_outside_its_domain_is_named(name, value):
    fields = {
        "demand": [[0.5, 0.5], [0.5, 0.5]],
        "labor": [1.0, 1.0],
        "productivity": np.ones((2, 2)),
        "scale": 1.5,
        "elasticity": 5.0,
        "g": 0.9,
    }
    NestedEconomy(**fields)
    with pytest.raises(ValueError, match=rf"^{name} must"):
        NestedEconomy(**fields | {name: value})


@pytest.mark.parametrize("seed", range(8))
def test_bisection_alone_ends_where_newtons_method_does(seed):
    rng = np.random.default_rng(seed)
    economy = random_nest(
        3, seed, scale=rng.uniform(1.05, 1.8, 3), elasticity=rng.uniform(2.5, 12, 3), ratio=4.0
    )
    goods = nest._Goods.of(economy)
    with np.errstate(all="ignore"):
        folds = nest._Folds.of(goods)
        brackets = nest._brackets(goods, folds)
        s, xi = nest._bisect(goods, folds, brackets)
        near, near_xi = nest._refine(goods, folds, brackets)
    assert np.all((brackets.low <= s) & (s <= brackets.high))
    np.testing.assert_allclose(s, near, atol=1e-11)
    odds, near_odds = (expit(one / 10) for one in (xi, near_xi))  # finite where xi is not
    np.testing.assert_allclose(odds, near_odds, atol=1e-9)


@property_test(60)
@given(st.integers(0, 10**6), st.floats(0.05, 3.0))
@np.errstate(all="ignore")  # as the search has it
def test_the_bounds_of_a_cell_hold_what_a_good_adds_to_the_balance_in_it(seed, width):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 5))
    goods = nest._Goods.of(
        NestedEconomy(
            rng.dirichlet(np.full(n, 1.0), 2).T,
            np.exp(rng.normal(0, 1, 2)),
            np.exp(rng.normal(0, 0.5, (n, 2))),
            rng.uniform(1.05, 2.0, n),
            rng.uniform(2.0, 9.0, n),
            rng.uniform(0.3, 0.99, n),
        )
    )
    folds = nest._Folds.of(goods)
    low = rng.uniform(-3, 3)
    inside = np.linspace(low, low + width, 9)
    at = np.concatenate([folds.enter, folds.leave, folds.low, folds.high])
    if ((at > low) & (at < inside[-1])).any():
        return  # the search cuts its cells there
    cells = nest._Cells.between(goods, folds, inside[:1], inside[-1:])
    bounds = nest._Bounds.of(goods, cells)
    middle = np.full(9, inside[4])
    xi, s = nest._branches(goods, folds, inside, middle), inside[:, None, None]
    goods = goods.column()
    exports, imports = goods.trade(xi, s)
    slope = -goods.rise(xi, s) / goods.gap(xi, s)[1] * goods.response(xi, s)
    slope -= (exports + imports) / 2
    there = np.isfinite(xi) & np.isfinite(slope)
    for value, least, most in (
        (exports - imports, bounds.least, bounds.most),
        (slope, bounds.slope_least, bounds.slope_most),
    ):
        slack = 1e-7 * (1 + np.abs(value))
        assert (value >= least - slack)[there].all()
        assert (value <= most + slack)[there].all()
