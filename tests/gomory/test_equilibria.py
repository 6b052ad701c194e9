"""Equilibria of Gomory's model against primitives, brute force, high precision and simulation."""

import sys
from itertools import product
from types import SimpleNamespace

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import root
from scipy.special import expit

from lib.gomory.economy import (
    Economy,
    PowerProduction,
    ThresholdProduction,
    income,
    random_economy,
)
from lib.gomory.equilibria import (
    _classify,
    _Flat,
    _interior_log_odds,
    _slope_bounds,
    _tangencies,
    all_equilibria,
    stream_equilibria,
)
from lib.gomory.specialized import specialized_equilibria
from tests.gomory.families import FAMILIES, USUAL
from tests.gomory.strategies import (
    MonotoneBetween,
    Own,
    economies,
    property_test,
    wavy_economy,
)


def three_goods(middle):
    """Equal countries, exponent 3/2, two small goods around one of the given demand."""
    demand = np.array([(1 - middle) / 2, middle, (1 - middle) / 2])
    return Economy(np.stack([demand, demand], axis=1), [1, 1], PowerProduction(1.0, 1.5))


def of_pattern(equilibria, pattern):
    return np.flatnonzero((equilibria.pattern == pattern).all(axis=1))


def price_tolerance(economy, labor):
    """
    Error of log unit cost from the rounding of labour: next to a threshold it is large.

    Labour is E x with ln x the share's log, some hundreds at most, so doubles know it within 1e-13
    of itself; output multiplies a relative error by its elasticity a l / (l - t), unboundedly many
    times as l comes down to t. Log utility is an average of log outputs, and so errs by no more.
    """
    # 1e-10 stands for what Newton's method leaves where there is no threshold.
    elasticity = economy.production.elasticity(labor)
    return 1e-10 + 1e-13 * np.where(labor > 0, elasticity, 0).max(axis=(-2, -1))


def assert_residuals(economy, equilibria):
    labor, price, trade = equilibria.residual.T
    assert labor.max() < 1e-11
    assert trade.max() < 1e-12
    # x is Country 1's share of each market.
    np.testing.assert_allclose(equilibria.x, expit(equilibria.log_odds), rtol=1e-12, atol=1e-300)
    for row in range(len(price)):
        employed, *_ = primitives(economy, equilibria, row)
        assert price[row] <= price_tolerance(economy, employed)


def primitives(economy, equilibria, row):
    """Labour, outputs and wages of an equilibrium, from its shares and income."""
    log_odds = equilibria.log_odds[row]
    shares = np.exp(-np.logaddexp(0, np.stack([-log_odds, log_odds], axis=1)))
    # Balanced trade; 1 - Z_1 would lose the digits of a very small Country 2.
    traded = (shares * economy.demand[:, ::-1]).sum(axis=0)
    incomes = traded / traded.sum()
    assert equilibria.income[row] == pytest.approx(incomes[0], rel=1e-9)
    wages = incomes / economy.labor
    labor = shares * (economy.demand @ incomes)[:, None] / wages
    return labor, np.exp(economy.production.log_output(labor)), wages, incomes


@property_test(60)
@given(economies(most=4), st.booleans())
def test_gomory_2_1_every_equilibrium_clears_markets_without_profits(economy, every_pattern):
    equilibria = all_equilibria(economy, every_pattern)
    for row in range(len(equilibria.income)):
        labor, output, wages, incomes = primitives(economy, equilibria, row)
        np.testing.assert_allclose(labor.sum(axis=0), economy.labor, rtol=1e-10)
        if (labor < 1e-290)[equilibria.pattern[row] == 0].any():
            continue
        active = equilibria.pattern[row][:, None] != [2, 1]
        assert (output[active] > 0).all()
        assert (labor[~active] == 0).all()
        spending = economy.demand * incomes
        prices = spending.sum(axis=1) / output.sum(axis=1)
        profit = prices[:, None] * output / (wages * labor + ~active) - 1
        np.testing.assert_allclose(profit[active], 0, atol=price_tolerance(economy, labor))
        log_bought = np.log(spending / prices[:, None])
        utility = (economy.demand * log_bought).sum(axis=0)
        # Output next to a threshold is as uncertain as unit cost.
        near = 1e-9 + price_tolerance(economy, labor)
        np.testing.assert_allclose(equilibria.log_utility[row], utility, rtol=1e-10, atol=near)
    assert_residuals(economy, equilibria)


@property_test(60)
@given(economies(most=6))
def test_gomory_theorem_2_1_every_pattern_has_an_odd_number_of_equilibria(economy):
    n = economy.goods
    equilibria = all_equilibria(economy)
    patterns, counts = np.unique(equilibria.pattern, axis=0, return_counts=True)
    assert len(patterns) == 3**n - 2 ** (n + 1) + 1
    assert (counts % 2 == 1).all()
    assert (patterns == 1).any(axis=1).all()
    assert (patterns == 2).any(axis=1).all()
    shared = equilibria.pattern == 0
    assert np.isfinite(equilibria.log_odds[shared]).all()
    special = ~shared.any(axis=1)
    expected = specialized_equilibria(economy)
    assert special.sum() == len(expected.income)
    np.testing.assert_allclose(
        np.sort(equilibria.income[special]), np.sort(expected.income), rtol=1e-12
    )


@property_test(40)
@given(economies(most=5, thresholds=False), st.floats(1.01, 3.0))
def test_a_common_exponent_allows_at_most_2m_plus_1_equilibria_of_m_shared_goods(economy, scale):
    production = PowerProduction(economy.production.productivity, scale)
    equilibria = all_equilibria(Economy(economy.demand, economy.labor, production))
    patterns, counts = np.unique(equilibria.pattern, axis=0, return_counts=True)
    assert (counts <= 2 * (patterns == 0).sum(axis=1) + 1).all()


def test_three_goods_with_one_shared_have_three_equilibria_and_the_middle_one_is_stable():
    equilibria = all_equilibria(three_goods(0.8))
    rows = of_pattern(equilibria, [1, 0, 2])
    assert len(rows) == 3
    assert equilibria.stable[rows].tolist() == [False, True, False]
    assert equilibria.income[rows[1]] == pytest.approx(0.5, abs=1e-14)
    assert equilibria.income[rows[[0, 2]]].sum() == pytest.approx(1, abs=1e-13)
    # With x the share of the large good, 0.1 + 0.8 x = Z and x / (1 - x) = (Z / (1 - Z))^3.
    z = equilibria.income[rows[0]]
    x = (z - 0.1) / 0.8
    assert x / (1 - x) == pytest.approx((z / (1 - z)) ** 3, rel=1e-11)


@pytest.mark.parametrize(("above", "count"), [(-1e-3, 1), (-1e-6, 1), (0, 1), (1e-6, 3), (1e-3, 3)])
def test_three_equilibria_split_from_one_where_the_slope_passes_one(above, count):
    equilibria = all_equilibria(three_goods(1 / 3 + above))
    rows = of_pattern(equilibria, [1, 0, 2])
    assert len(rows) == count
    if count == 3:
        # From (Z / (1 - Z))^3 = x / (1 - x) to third order in Z - 1/2.
        step = np.diff(equilibria.income[rows])
        assert step == pytest.approx(np.sqrt(9 * above / 32) * np.ones(2), rel=0.02)


def grid_recount(economy, nodes, digits=20):
    """Find sign changes of excess demand for labour on a grid, by pattern, with mpmath."""
    n = economy.goods
    with mp.workdps(digits):
        d = [[mp.mpf(float(v)) for v in row] for row in economy.demand]
        labor = [mp.mpf(float(v)) for v in economy.labor]
        e = np.broadcast_to(economy.production.productivity, (n, 2))
        a = np.broadcast_to(economy.production.scale, (n, 2))

        def shared(i, z):
            """Country 1's labour in a good that both make at equal unit costs, by bisection."""
            wages = [z / labor[0], (1 - z) / labor[1]]
            spent = d[i][0] * z + d[i][1] * (1 - z)

            def gap(odds):
                x = [1 / (1 + mp.exp(-odds)), 1 / (1 + mp.exp(odds))]
                costs = []
                for j in (0, 1):
                    labor_j = x[j] * spent / wages[j]
                    costs.append(
                        mp.log(wages[j] / float(e[i, j])) - (float(a[i, j]) - 1) * mp.log(labor_j)
                    )
                return costs[1] - costs[0]

            low, high = mp.mpf(-60), mp.mpf(60)
            for _ in range(45):
                middle = (low + high) / 2
                low, high = (middle, high) if gap(middle) < 0 else (low, middle)
            return 1 / (1 + mp.exp(-low))

        tables = []
        for s in nodes:
            z = 1 / (1 + mp.exp(-mp.mpf(float(s))))
            spent = [d[i][0] * z + d[i][1] * (1 - z) for i in range(n)]
            inside = [shared(i, z) for i in range(n)]
            tables.append((z, [[spent[i] * x for x in (inside[i], 1, 0)] for i in range(n)]))
        roots = {}
        for pattern in product([0, 1, 2], repeat=n):
            if set(pattern) in ({1}, {2}):
                continue
            excess = [sum(t[i][k] for i, k in enumerate(pattern)) - z for z, t in tables]
            signs = np.array([v > 0 for v in excess])
            roots[pattern] = np.flatnonzero(signs[1:] != signs[:-1])
    return roots


@pytest.mark.parametrize(
    "economy",
    [
        three_goods(0.8),
        random_economy(3, 11, g=0.4, scale=1.3, scale_spread=0.25, size_ratio=2.0),
        random_economy(3, 5, g=0.2, scale=1.08, scale_spread=0.05, productivity_spread=0.1),
        random_economy(3, 3, g=0.6, scale=2.0, scale_spread=0.9),
    ],
    ids=["three", "mixed", "weak scale", "strong scale"],
)
def test_a_grid_in_high_precision_counts_the_same_equilibria(economy):
    # An uneven grid, so that no symmetric equilibrium falls on a node.
    nodes = np.linspace(-6.0123, 6.0317, 160)
    equilibria = all_equilibria(economy, every_pattern=True)
    s = np.log(equilibria.income / (1 - equilibria.income))
    assert (np.abs(s) < 6).all()
    close = 0
    for pattern, cells in grid_recount(economy, nodes).items():
        mine = np.searchsorted(nodes, s[of_pattern(equilibria, pattern)]) - 1
        # Two equilibria inside one cell leave no change of sign.
        odd = [
            cell
            for cell, count in zip(*np.unique(mine, return_counts=True), strict=True)
            if count % 2
        ]
        close += len(mine) - len(odd)
        np.testing.assert_array_equal(odd, cells)
    assert close <= 4


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("threshold", [0.0, 0.4])
def test_no_solution_of_the_primitive_equations_is_missing(seed, threshold):
    economy = random_economy(3, seed, g=0.3, scale=1.3, size_ratio=1.5, threshold=threshold)
    equilibria = all_equilibria(economy, every_pattern=True)
    rng = np.random.default_rng(seed)
    seen = 0
    for pattern in product([0, 1, 2], repeat=3):
        pattern = np.array(pattern)
        if (pattern == 1).all() or (pattern == 2).all():
            continue
        active = pattern[:, None] != [2, 1]
        shared = pattern == 0

        def conditions(unknowns, active=active, shared=shared):
            log_wage, log_labor = unknowns[0], unknowns[1:]
            wages = np.exp([log_wage, 0.0])
            labor = np.zeros((3, 2))
            labor[active] = np.exp(np.clip(log_labor, -60, 20))
            bill = wages * labor
            market = np.log(bill.sum(axis=1) / (economy.demand @ (wages * economy.labor)))
            with np.errstate(invalid="ignore"):
                costs = np.log(bill) - economy.production.log_output(labor)
            unit_cost = (costs[:, 0] - costs[:, 1])[shared]
            full = np.log(labor[:, 0].sum() / economy.labor[0])
            return np.nan_to_num(
                np.concatenate([market, unit_cost, [full]]), posinf=1e3, neginf=-1e3
            )

        mine = of_pattern(equilibria, pattern)
        for _ in range(8):
            start = rng.normal(0, 1, 1 + active.sum())
            with np.errstate(all="ignore"):
                found = root(conditions, start, tol=1e-13)
            if np.abs(found.fun).max() > 1e-9 or found.x[1:].min() < -50:
                continue
            wealth = np.exp(found.x[0]) * economy.labor[0]
            z = wealth / (wealth + economy.labor[1])
            assert np.abs(equilibria.income[mine] - z).min() < 1e-6
            seen += 1
    assert seen > 40


@property_test(25)
@given(economies(most=4), st.integers(0, 10**6))
def test_names_of_goods_and_countries_do_not_matter(economy, seed):
    order = np.random.default_rng(seed).permutation(economy.goods)

    def relabel(goods, countries):
        fields = (
            np.broadcast_to(value, economy.demand.shape)[goods][:, countries]
            for value in vars(economy.production).values()
        )
        production = type(economy.production)(*fields)
        return Economy(economy.demand[goods][:, countries], economy.labor[countries], production)

    plain = all_equilibria(economy, True)
    shuffled = all_equilibria(relabel(order, [0, 1]), True)
    mirrored = all_equilibria(relabel(np.arange(economy.goods), [1, 0]), True)
    rename = np.array([0, 2, 1])

    def table(pattern, z):
        return sorted(zip(map(tuple, pattern.tolist()), z.tolist(), strict=True))

    here = table(plain.pattern, plain.income)
    for there in (
        table(shuffled.pattern[:, np.argsort(order)], shuffled.income),
        table(rename[mirrored.pattern], 1 - mirrored.income),
    ):
        assert [pattern for pattern, _ in here] == [pattern for pattern, _ in there]
        first, second = (np.array([z for _, z in rows]) for rows in (here, there))
        np.testing.assert_allclose(first, second, rtol=0, atol=1e-9)


@pytest.mark.parametrize("scale", [1.01, 1.5, 3.0])
@pytest.mark.parametrize("labor", [[1, 1], [1000, 1]])
def test_extreme_but_legal_economies_have_all_their_equilibria(scale, labor):
    demand = np.array([[1e-6, 0.5], [0.5, 1e-6], [0.25, 0.25], [0.249999, 0.249999]])
    power = PowerProduction(np.linspace(0.1, 10, 8).reshape(4, 2), scale)
    identical = Economy(np.full((4, 2), 0.25), labor, PowerProduction(1.0, scale))
    strong = ThresholdProduction(1.0, scale, 0.99 * demand * labor)
    for economy in (Economy(demand, labor, power), identical, Economy(demand, labor, strong)):
        equilibria = all_equilibria(economy)
        assert len(np.unique(equilibria.pattern, axis=0)) == 3**4 - 2**5 + 1
        assert_residuals(economy, equilibria)
        assert len(all_equilibria(economy, True).income) >= len(equilibria.income)


def test_shares_too_small_for_a_number_are_kept_as_logarithms():
    production = PowerProduction([[1.0, 30.0], [1.0, 1.0], [1.0, 1.0]], 1.003)
    economy = Economy([[0.2, 0.2], [0.4, 0.4], [0.4, 0.4]], [1, 1], production)
    equilibria = all_equilibria(economy)
    odds = equilibria.log_odds[equilibria.pattern == 0]
    assert np.isfinite(odds).all()
    assert np.abs(odds).max() > 800
    assert_residuals(economy, equilibria)


@property_test(15)
@given(economies(most=4, thresholds=False), st.booleans())
def test_production_functions_of_ones_own_give_the_same_equilibria(economy, every_pattern):
    if np.min(economy.production.scale) < 1.1:
        economy = Economy(economy.demand, economy.labor, PowerProduction(1.0, 1.4))
    own = Economy(economy.demand, economy.labor, Own(economy.production))
    first, second = (all_equilibria(e, every_pattern) for e in (economy, own))
    np.testing.assert_array_equal(first.pattern, second.pattern)
    np.testing.assert_allclose(first.income, second.income, atol=1e-9)


def scan(economy, points):
    """Cells of a fine grid of ln(Z_1 / Z_2) in which excess demand changes sign, by pattern."""
    s = np.linspace(-6.01, 6.02, points)
    z = np.stack([1 / (1 + np.exp(-s)), 1 / (1 + np.exp(s))], axis=1)
    spent = z @ economy.demand.T
    low, high = np.full(spent.shape, -80.0), np.full(spent.shape, 80.0)
    for _ in range(65):
        middle = (low + high) / 2
        x = 1 / (1 + np.exp(np.stack([-middle, middle], axis=-1)))
        labor = x * spent[..., None] * (economy.labor / z)[:, None, :]
        output = economy.production.log_output(labor) - np.log(x)
        below = output[..., 0] < output[..., 1]
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    inside = np.stack([1 / (1 + np.exp(-low)), np.ones_like(low), np.zeros_like(low)])
    cells = {}
    for pattern in product([0, 1, 2], repeat=economy.goods):
        if 1 in pattern and 2 in pattern:
            made = np.stack([inside[state, :, good] for good, state in enumerate(pattern)], axis=1)
            excess = (made * spent).sum(axis=1) - z[:, 0]
            cells[pattern] = np.flatnonzero((excess[1:] > 0) != (excess[:-1] > 0))
    return s, cells


@pytest.mark.parametrize("seed", [4, 6, 10, 13, 24, 40])
def test_no_equilibrium_is_missed_where_elasticity_is_not_monotone(seed):
    economy = wavy_economy(seed)
    equilibria = all_equilibria(economy)
    assert_residuals(economy, equilibria)
    found = np.log(equilibria.income / (1 - equilibria.income))
    nodes, cells = scan(economy, 20_001)
    for pattern, expected in cells.items():
        mine = np.searchsorted(nodes, found[of_pattern(equilibria, pattern)]) - 1
        cell, count = np.unique(mine, return_counts=True)
        np.testing.assert_array_equal(cell[count % 2 == 1], expected)


def test_bounds_of_elasticity_that_do_not_hold_miss_equilibria_and_are_refused(monkeypatch):
    with pytest.raises(ValueError, match="elasticity_bounds must hold every value"):
        wavy_economy(4, MonotoneBetween)
    right = all_equilibria(wavy_economy(4))
    monkeypatch.setattr(Economy, "_check_bounds", lambda *_: None)
    assert len(all_equilibria(wavy_economy(4, MonotoneBetween)).income) < len(right.income)


def test_production_without_bounds_of_elasticity_is_refused_with_what_to_add():
    economy = random_economy(3, 0)
    own = Own(economy.production)
    del own.elasticity_bounds
    for solve in (all_equilibria, stream_equilibria):
        with pytest.raises(ValueError, match=r"economy .* method elasticity_bounds\(low, high\)"):
            solve(Economy(economy.demand, economy.labor, own))


@pytest.mark.parametrize("scale", [1 + 1e-3, 1 + 1e-4, 1 + 1e-5, 1 + 1e-6])
@pytest.mark.parametrize("spread", [0.0, 1e-6, 0.5, 3.0])
@pytest.mark.parametrize("every_pattern", [False, True])
def test_exponents_next_to_one_leave_nothing_of_the_conditions(scale, spread, every_pattern):
    for seed in range(4):
        n = 3 + seed % 2
        economy = random_economy(
            n, seed, g=0.3, scale=scale, productivity_spread=spread, size_ratio=1 + seed
        )
        equilibria = all_equilibria(economy, every_pattern)
        assert equilibria.residual.max() < 1e-12
        patterns, counts = np.unique(equilibria.pattern, axis=0, return_counts=True)
        sole = (patterns == 1).any(axis=1) & (patterns == 2).any(axis=1)
        assert sole.sum() == 3**n - 2 ** (n + 1) + 1
        assert (counts[sole] % 2 == 1).all()


@pytest.mark.parametrize("scale", [1 + 1e-10, 1 + 1e-13])
def test_exponents_too_near_one_are_refused_by_name(scale):
    with pytest.raises(ArithmeticError, match="economies of scale are too weak"):
        all_equilibria(random_economy(3, 1, scale=scale))


def test_shares_beyond_the_doubles_of_production_functions_of_ones_own_raise():
    power = PowerProduction([[1.0, 30.0], [1.0, 1.0], [1.0, 1.0]], 1.003)
    economy = Economy([[0.2, 0.2], [0.4, 0.4], [0.4, 0.4]], [1, 1], Own(power))
    with pytest.raises(ArithmeticError, match="equilibrium conditions hold only within"):
        all_equilibria(economy)


def test_thresholds_that_take_all_labour_leave_incomes_without_bound():
    economy = random_economy(3, 0, threshold=1 - 1e-10)
    with pytest.raises(ArithmeticError, match="no bound on incomes found"):
        all_equilibria(economy, every_pattern=True)


def test_as_exponents_fall_to_one_shared_goods_have_ricardo_wages():
    """With constant returns a good is made in both countries at one wage ratio, e_i1 / e_i2."""
    for scale in (1 + 1e-4, 1 + 1e-6):
        economy = random_economy(3, 5, g=0.3, scale=scale, scale_spread=0.0)
        equilibria = all_equilibria(economy)
        one_shared = np.flatnonzero((equilibria.pattern == 0).sum(axis=1) == 1)
        for row in one_shared:
            good = int(np.argmax(equilibria.pattern[row] == 0))
            share = equilibria.x[row, good]
            if not 1e-3 < share < 1 - 1e-3:
                continue
            e = economy.production.productivity[good]
            z = equilibria.income[row]
            wages = z / (1 - z) * economy.labor[1] / economy.labor[0]
            assert np.log(wages) == pytest.approx(np.log(e[0] / e[1]), abs=20 * (scale - 1))


def test_next_to_a_threshold_conditions_hold_as_far_as_labour_has_digits():
    economy = random_economy(
        3, 69, 0.001, 0.95, scale=2.0, scale_spread=0.9, productivity_spread=0.5, threshold=0.95
    )
    equilibria = all_equilibria(economy)
    assert_residuals(economy, equilibria)
    # Labour is above its threshold by 5e-11 of it, so that its last digit moves unit cost by 1e-5.
    assert 1e-9 < equilibria.residual[:, 1].max() < 1e-4


def test_equilibria_that_doubles_cannot_tell_apart_raise_soon():
    demand = np.array([[0.37372498871277654, 1.0], [0.6262750112872235, 8.9e-20]])
    threshold = [[0.320664732, 0.3], [0.537358524, 2.7e-20]]
    productivity = [[1.536, 0.3434], [1.7609, 0.3781]]
    scale = [[1.05016765, 2.29779896], [2.8584561, 1.01787653]]
    production = ThresholdProduction(productivity, scale, threshold)
    economy = Economy(demand, [2.8600775205741096, 1.0], production)
    with pytest.raises(ArithmeticError, match="cannot be told apart in doubles"):
        all_equilibria(economy, every_pattern=True)


def test_batches_together_are_all_equilibria(monkeypatch):
    economy = random_economy(6, 2)
    monkeypatch.setattr("lib.gomory.equilibria._BATCH", 100)
    batches = list(stream_equilibria(economy))
    assert len(batches) > 3
    monkeypatch.undo()
    whole = all_equilibria(economy)
    for name in ("pattern", "income", "log_utility", "stable"):
        parts = np.concatenate([getattr(batch, name) for batch in batches])
        np.testing.assert_allclose(parts, getattr(whole, name), rtol=1e-12, atol=1e-12)


def test_gomory_figure_1_nine_goods_have_more_than_20000_equilibria():
    for seed in range(5):
        found = all_equilibria(random_economy(9, seed, size_ratio=0.5), every_pattern=True)
        both = (found.pattern == 1).any(axis=1) & (found.pattern == 2).any(axis=1)
        assert len(np.unique(found.pattern[both], axis=0)) == 18_660
        assert 18_660 < both.sum() < len(both)  # several in a pattern, and some outside
        assert len(both) > 20_000


# Stability


def adjustment(economy, log_labor):
    """Growth rates of labour when it follows profit, from prices and wages that clear markets."""
    labor = np.exp(log_labor)
    output = np.exp(economy.production.log_output(labor))
    made_in_1 = output[:, 0] / output.sum(axis=1)
    exports = made_in_1 @ economy.demand[:, 1]
    imports = (1 - made_in_1) @ economy.demand[:, 0]
    incomes = np.array([exports, imports]) / (exports + imports)
    prices = economy.demand @ incomes / output.sum(axis=1)
    wages = incomes / economy.labor
    return prices[:, None] * output / (wages * labor) - 1


def growth_of_disturbances(economy, labor, active):
    """Largest growth rate of a small change in labour among the active industries, numerically."""
    log_labor = np.where(active, np.log(np.where(active, labor, 1.0)), -np.inf)
    places = np.argwhere(active)
    jacobian = np.empty((len(places), len(places)))
    step = 1e-6
    for k, place in enumerate(places):
        sides = []
        for sign in (1, -1):
            moved = log_labor.copy()
            moved[tuple(place)] += sign * step
            with np.errstate(invalid="ignore", divide="ignore"):
                sides.append(adjustment(economy, moved)[active])
        jacobian[:, k] = (sides[0] - sides[1]) / (2 * step)
    return np.linalg.eigvals(jacobian).real.max()


@pytest.mark.parametrize(
    "economy",
    [
        three_goods(0.8),
        random_economy(4, 1, g=0.4, scale=1.1, scale_spread=0.05, productivity_spread=0.1),
        random_economy(4, 2, g=0.1, scale=1.5, scale_spread=0.4, size_ratio=3.0),
        random_economy(4, 6, g=0.3, scale=1.2, threshold=0.3),
        random_economy(3, 7, g=0.0, scale=1.06, scale_spread=0.0, productivity_spread=0.05),
    ],
    ids=["three", "weak scale", "strong scale", "threshold", "common"],
)
def test_the_stable_equilibria_are_those_whose_small_disturbances_die_out(economy):
    equilibria = all_equilibria(economy, every_pattern=True)
    checked = 0
    for row in range(len(equilibria.income)):
        pattern, odds = equilibria.pattern[row], equilibria.log_odds[row]
        if np.abs(odds[pattern == 0]).max(initial=0) > 25:
            continue
        labor, *_ = primitives(economy, equilibria, row)
        growth = growth_of_disturbances(economy, labor, pattern[:, None] != [2, 1])
        assert abs(growth) > 1e-5
        assert equilibria.stable[row] == (growth < 0)
        checked += 1
    assert checked > 0.5 * len(equilibria.income)


@pytest.mark.parametrize("family", FAMILIES)
def test_in_every_family_the_stable_equilibria_are_those_whose_small_disturbances_die_out(family):
    economy = random_economy(seed=1, **(USUAL | FAMILIES[family] | {"n": 4}))
    equilibria = all_equilibria(economy)
    checked = 0
    for row in range(len(equilibria.income)):
        pattern, odds = equilibria.pattern[row], equilibria.log_odds[row]
        if np.abs(odds[pattern == 0]).max(initial=0) > 15:
            continue
        labor, *_ = primitives(economy, equilibria, row)
        growth = growth_of_disturbances(economy, labor, pattern[:, None] != [2, 1])
        if abs(growth) > 1e-4:  # finite differences tell the sign
            assert equilibria.stable[row] == (growth < 0)
            checked += 1
    assert checked >= 14  # the specialised ones alone


@property_test(40)
@given(economies(most=5))
def test_gomory_a3_specialised_equilibria_are_stable_and_two_shared_goods_never(economy):
    equilibria = all_equilibria(economy, every_pattern=True)
    shared = (equilibria.pattern == 0).sum(axis=1)
    assert equilibria.stable[shared == 0].all()
    assert not equilibria.stable[shared >= 2].any()
    # Of several equilibria of one pattern with one shared good, every other one is stable.
    patterns, place = np.unique(equilibria.pattern, axis=0, return_inverse=True)
    for k in np.flatnonzero((patterns == 0).sum(axis=1) == 1):
        both = (patterns[k] == 1).any() and (patterns[k] == 2).any()
        rows = np.flatnonzero(place == k)
        if both:
            assert equilibria.stable[rows].tolist() == [bool(i % 2) for i in range(len(rows))]


def simulate(economy, log_labor, time):
    shape = log_labor.shape
    path = solve_ivp(
        lambda _, v: adjustment(economy, v.reshape(shape)).ravel(),
        (0, time),
        log_labor.ravel(),
        method="LSODA",
        rtol=1e-9,
        atol=1e-9,
    )
    assert path.success
    return path.y[:, -1].reshape(shape)


def test_labour_that_follows_profit_returns_to_the_middle_equilibrium_and_leaves_the_others():
    economy = three_goods(0.8)
    equilibria = all_equilibria(economy)
    rows = of_pattern(equilibria, [1, 0, 2])
    incomes = equilibria.income[rows]

    def income_after(row, push, time):
        labor, *_ = primitives(economy, equilibria, row)
        # The industries that do not exist are started with next to nothing.
        log_labor = np.log(np.maximum(labor, 1e-12))
        log_labor[1] += push
        final = simulate(economy, log_labor, time)
        np.testing.assert_allclose(np.exp(final).sum(axis=0), economy.labor, rtol=1e-3)
        assert np.exp(final)[[0, 2], [1, 0]].max() < 1e-12
        output = np.exp(economy.production.log_output(np.exp(final)))
        return income(economy, output[:, 0] / output.sum(axis=1))

    push = np.array([0.01, -0.01])
    for sign in (1, -1):
        assert income_after(rows[1], sign * push, 60) == pytest.approx(incomes[1], abs=1e-6)
    # The lower one gives way to the middle one, or Country 1 loses the shared good.
    assert income_after(rows[0], push, 200) == pytest.approx(incomes[1], abs=1e-6)
    assert income_after(rows[0], -push, 200) == pytest.approx(0.1, abs=1e-6)


@pytest.mark.parametrize("threshold", [0.0, 0.5])
def test_gomory_a3_small_entrants_fail_at_every_specialised_equilibrium(threshold):
    economy = random_economy(3, 2, g=0.2, threshold=threshold)
    every = all_equilibria(economy)
    for row in np.flatnonzero((every.pattern != 0).all(axis=1)):
        labor, *_ = primitives(economy, every, row)
        small = 1e-8 * economy.demand * economy.labor
        entered = np.log(np.where(labor > 0, labor, small))
        with np.errstate(divide="ignore"):
            final = np.exp(simulate(economy, entered, 20))
        np.testing.assert_allclose(final, labor, atol=1e-7)


# Parameters


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: all_equilibria(random_economy(14, 0)), "economy"),
        (lambda: all_equilibria(None), "economy"),
        (lambda: all_equilibria(random_economy(3, 0), every_pattern="no"), "every_pattern"),
        (lambda: stream_equilibria(random_economy(17, 0)), "economy"),
    ],
)
def test_every_invalid_parameter_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()


class ConstantReturns:
    """Violates A3: a producer of next to nothing is as productive as any."""

    def log_output(self, labor):
        with np.errstate(divide="ignore"):
            return np.log(labor) + 0.1 * np.log1p(labor)

    def elasticity(self, labor):
        return 1 + 0.1 * labor / (1 + labor)

    def elasticity_bounds(self, low, high):
        return self.elasticity(low), self.elasticity(high)


def test_production_without_a3_is_refused_where_shared_goods_have_no_equilibrium():
    class Unequal(ConstantReturns):
        def log_output(self, labor):
            return super().log_output(labor) + np.array([0.0, 5.0])

    economy = Economy([[0.3, 0.4], [0.3, 0.3], [0.4, 0.3]], [1, 1], Unequal())
    with pytest.raises(ArithmeticError):
        all_equilibria(economy)


@property_test(200)
@given(st.integers(0, 10**6), st.floats(0.01, 1.0), st.sampled_from([1e-6, 0.1, 0.9]))
def test_a_cell_is_decided_as_the_roots_of_a_parabola_in_it_say(seed, width, size):
    rng = np.random.default_rng(seed)
    one, two = width * rng.uniform(-0.5, 1.5, 2)
    c = size * rng.normal()
    # Some are lifted, so that they may have no root.
    a, b = c * (one * two + width**2 * rng.choice([0.0, 0.3])), -c * (one + two)

    def excess(s):
        return a + b * s + c * s**2

    slopes = 1 + np.sort([b, b + 2 * c * width])
    if slopes[0] < 0:
        return
    at_ends = excess(0.0), excess(width)
    one, unknown = _classify(width, *at_ends, *slopes, 1e-12)
    roots = np.roots([c, b, a])
    roots = roots[np.isreal(roots)].real
    inside = ((roots > 0) & (roots < width)).sum()
    assert inside == 1 or not one
    assert inside == 0 or one or unknown
    # Where it rises or falls throughout, nothing stays open.
    assert not (unknown and (slopes[1] < 1 - 1e-9 or slopes[0] > 1 + 1e-9))


@property_test(100)
@given(st.integers(0, 10**6), st.floats(-4, 4), st.floats(1e-3, 1.0))
def test_the_bounds_of_a_cell_hold_every_slope_of_a_share_in_it(seed, low, width):
    economy = random_economy(4, seed, scale=1.6, scale_spread=0.5)
    inside = np.linspace(low, low + width, 9)
    odds = _interior_log_odds(economy, inside)
    cell = SimpleNamespace(
        low=inside[:1], high=inside[-1:], odds_at_low=odds[:1], odds_at_high=odds[-1:]
    )
    least, most = _slope_bounds(economy, cell)
    step = 1e-5
    ends = (expit(_interior_log_odds(economy, inside + k * step)) for k in (-1, 1))
    slopes = -np.subtract(*ends) / (2 * step)
    assert (slopes >= least * (1 - 1e-6) - 1e-9).all()
    assert (slopes <= most * (1 + 1e-6) + 1e-9).all()


@pytest.mark.parametrize("falls", [True, False])
def test_neighbouring_intervals_where_the_balance_is_zero_are_one_root(falls):
    sign = -1.0 if falls else 1.0
    flat = _Flat(
        pattern=np.array([4, 4, 4, 5]),
        low=np.array([0.2, 0.1, 0.3, 0.4]),
        high=np.array([0.3, 0.2, 0.4, 0.5]),
        excess_at_low=1e-13 * np.array([2, 3, sign, 2]),
        excess_at_high=1e-13 * np.array([sign, 2, 4 * sign, 3]),
        odds=np.zeros((4, 2)),
    )
    roots = _tangencies(flat)
    assert roots.pattern.tolist() == [4, 5]
    assert roots.positive.tolist() == [True, True]
    # A zero that is crossed keeps its bracket; one that is touched is where the balance is nearest.
    touched = [0.3, 0.3]
    assert [roots.low[0], roots.high[0]] == ([0.1, 0.4] if falls else touched)
    assert [roots.low[1], roots.high[1]] == [0.4, 0.4]


def test_what_misses_the_conditions_is_refused(monkeypatch):
    module = sys.modules[all_equilibria.__module__]
    refine = module._refine

    def astray(*arguments):
        s, odds = refine(*arguments)
        return s + 1e-6, odds

    monkeypatch.setattr(module, "_refine", astray)
    with pytest.raises(ArithmeticError, match="equilibrium conditions hold only within"):
        all_equilibria(random_economy(3, 1))


@pytest.mark.parametrize("country", [1, 2])
def test_the_country_whose_labour_thresholds_take_is_named(country):
    base = random_economy(3, 0, threshold=1 - 1e-10)
    threshold = base.production.threshold * [[country == 1, country == 2]]
    production = ThresholdProduction(base.production.productivity, base.production.scale, threshold)
    economy = Economy(base.demand, base.labor, production)
    with pytest.raises(ArithmeticError, match=f"in Country {country} the industries"):
        all_equilibria(economy, every_pattern=True)
