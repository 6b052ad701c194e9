"""Gomory's model (Sections 2 and 3) against its primitives: labour, output, prices and budgets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from lib.gomory import (
    best_equilibrium,
    boundary,
    fill_in_bound,
    near_boundary_equilibria,
    nearest_equilibrium,
    shape_report,
    specialized_density,
)
from lib.gomory.economy import (
    FIVE_GOODS,
    Economy,
    PowerProduction,
    ThresholdProduction,
    autarky_log_utility,
    five_goods,
    income,
    linearized_log_utility,
    log_utility,
    random_economy,
    sole_producer_log_output,
)
from tests.gomory.strategies import economies

PROPERTY = settings(deadline=None, derandomize=True, max_examples=150)

HALF = [[0.5, 0.5], [0.5, 0.5]]
POWER = PowerProduction(1.0, 1.5)
WITH_THRESHOLD = ThresholdProduction(2.0, [1.0, 2.5], [0.3, 0.0])


def assignments(economy, seed, count=1):
    x = np.random.default_rng(seed).random((count, economy.goods)) < 0.5
    x[:, 0], x[:, -1] = True, False
    return x


def outcome(economy, made_in_1):
    """Solve one specialised equilibrium from (2.1) alone: wages by balanced trade, then markets."""
    d, (l1, l2) = economy.demand, economy.labor
    made = np.where(made_in_1, 0, 1)
    # Country 1's wage bill w L_1, with w_2 = 1, is what the world spends on its goods.
    spent_at_home = d[made == 0, 0].sum()
    spent_abroad = d[made == 0, 1].sum() * l2
    wage = spent_abroad / (l1 * (1 - spent_at_home))
    incomes = np.array([wage * l1, l2])
    spending = d * incomes
    wages = np.array([wage, 1.0])
    labor = spending.sum(axis=1) / wages[made]
    table = np.zeros_like(d)
    table[np.arange(len(d)), made] = labor
    output = np.exp(economy.production.log_output(table)).sum(axis=1)
    prices = spending.sum(axis=1) / output
    return table, wages, incomes, prices, spending / prices[:, None]


@PROPERTY
@given(economies(most=12), st.integers(0, 10**6))
def test_utility_is_a_slice_of_what_the_whole_of_world_income_would_be_worth(economy, seed):
    x = assignments(economy, seed)[0]
    _, _, incomes, prices, _ = outcome(economy, x)
    world = incomes.sum()
    for j in (0, 1):
        d = economy.demand[:, j]
        slice_and_cake = np.log(incomes[j] / world), d * np.log(d * world / prices)
        size = 1 + np.abs(slice_and_cake[1]).sum()
        assert abs(log_utility(economy, x, j + 1) - np.hstack(slice_and_cake).sum()) <= 1e-12 * size


@PROPERTY
@given(economies(most=12), st.integers(0, 10**6))
def test_gomory_3_6_utility_is_that_of_the_quantities_each_country_buys(economy, seed):
    x = assignments(economy, seed)[0]
    table, _, incomes, prices, bought = outcome(economy, x)
    np.testing.assert_allclose(table.sum(axis=0), economy.labor, rtol=1e-11)
    np.testing.assert_allclose(prices @ bought, incomes, rtol=1e-11)
    z = income(economy, x)
    assert z == pytest.approx(incomes[0] / incomes.sum(), rel=1e-11)
    for country in (1, 2):
        expected = (economy.demand * np.log(bought)).sum(axis=0)[country - 1]
        size = 1 + np.abs(economy.demand * np.log(bought)).sum()
        assert abs(log_utility(economy, x, country) - expected) <= 1e-12 * size


@PROPERTY
@given(economies(most=12), st.integers(0, 10**6))
def test_gomory_3_4_the_two_labour_conditions_are_one_and_give_income(economy, seed):
    x = np.random.default_rng(seed).random((3, economy.goods))
    z = income(economy, x)
    size = economy.demand[:, 0] * z[:, None] + economy.demand[:, 1] * (1 - z[:, None])
    np.testing.assert_allclose((size * x).sum(axis=1), z, rtol=1e-11)
    np.testing.assert_allclose((size * (1 - x)).sum(axis=1), 1 - z, rtol=1e-11)
    other = np.random.default_rng(seed + 1).random(3)
    size = economy.demand[:, 0] * other[:, None] + economy.demand[:, 1] * (1 - other[:, None])
    walras = (size * x).sum(axis=1) - other + (size * (1 - x)).sum(axis=1) - (1 - other)
    np.testing.assert_allclose(walras, 0, atol=1e-14)


@PROPERTY
@given(economies(most=12), st.integers(0, 10**6))
def test_gomory_3_l_linearised_utility_is_utility_for_integer_assignments(economy, seed):
    x = assignments(economy, seed, 4)
    z = np.random.default_rng(seed).uniform(0.05, 0.95, 4)
    for country in (1, 2):
        utility = log_utility(economy, x, country, z)
        linear = linearized_log_utility(economy, x, z, country)
        np.testing.assert_allclose(linear, utility, rtol=0, atol=1e-11 * (1 + abs(utility).max()))
        own = linearized_log_utility(economy, x, income(economy, x), country)
        np.testing.assert_allclose(own, log_utility(economy, x, country), rtol=1e-11, atol=1e-11)


@PROPERTY
@given(economies(most=12), st.integers(0, 10**6), st.floats(0.01, 0.99))
def test_gomory_3_l_is_linear_in_the_assignment(economy, seed, share):
    rng = np.random.default_rng(seed)
    x, y = rng.random((2, economy.goods))
    z = rng.uniform(0.05, 0.95)
    first, second, mixed = (
        linearized_log_utility(economy, point, z, 1)
        for point in (x, y, share * x + (1 - share) * y)
    )
    assert mixed == pytest.approx(share * first + (1 - share) * second, abs=1e-10, rel=1e-11)


def test_gomory_3_l_differs_from_utility_for_a_shared_good():
    economy = random_economy(4, 1)
    x = [1, 0.5, 0, 1]
    z = income(economy, x)
    assert abs(linearized_log_utility(economy, x, z, 1) - log_utility(economy, x, 1)) > 0.01


@PROPERTY
@given(economies(most=12), st.integers(0, 10**6))
def test_gomory_3_2_sole_producer_output_is_what_a_country_makes_alone(economy, seed):
    x = assignments(economy, seed)[0]
    table, *_ = outcome(economy, x)
    output = economy.production.log_output(table)
    alone = sole_producer_log_output(economy, income(economy, x))
    made = np.where(x, 0, 1)
    rows = np.arange(economy.goods)
    expected = output[rows, made]
    np.testing.assert_allclose(alone[rows, made], expected, atol=1e-10, rtol=1e-11)


@PROPERTY
@given(economies(most=5), st.sampled_from([1, 2]))
def test_gomory_autarky_is_a_country_trading_with_nobody(economy, country):
    alone = np.full(economy.goods, country == 1)
    own = autarky_log_utility(economy, country)
    assert log_utility(economy, alone, country) == pytest.approx(own, rel=1e-12, abs=1e-12)
    assert log_utility(economy, alone, 3 - country) == -np.inf
    output = economy.production.log_output(economy.demand * economy.labor)[:, country - 1]
    assert own == pytest.approx(economy.demand[:, country - 1] @ output, rel=1e-12, abs=1e-12)


def test_gomory_autarky_labour_maximises_utility_under_a_common_exponent():
    economy = random_economy(3, 5, scale_spread=0.0, size_ratio=2.0)

    def utility(free):
        labor = np.array([*free, 2.0 - sum(free)])
        output = economy.production.log_output(np.stack([labor, labor], axis=1))[:, 0]
        return -economy.demand[:, 0] @ output

    best = minimize(
        utility, [0.7, 0.6], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-14}
    )
    assert -best.fun == pytest.approx(autarky_log_utility(economy, 1), abs=1e-12)


def relabelled(economy, goods=None, swap=False):
    goods = np.arange(economy.goods) if goods is None else goods
    countries = [1, 0] if swap else [0, 1]
    production = type(economy.production)(
        *(
            np.broadcast_to(value, economy.demand.shape)[goods][:, countries]
            for value in vars(economy.production).values()
        )
    )
    return Economy(economy.demand[goods][:, countries], economy.labor[countries], production)


@PROPERTY
@given(economies(most=12), st.integers(0, 10**6))
def test_names_of_goods_and_countries_do_not_matter(economy, seed):
    x = np.random.default_rng(seed).random(economy.goods)
    order = np.random.default_rng(seed).permutation(economy.goods)
    shuffled, mirrored = relabelled(economy, goods=order), relabelled(economy, swap=True)
    z = income(economy, x)
    assert income(shuffled, x[order]) == pytest.approx(z, rel=1e-12)
    assert income(mirrored, 1 - x) == pytest.approx(1 - z, rel=1e-12)
    for country in (1, 2):
        utility = log_utility(economy, x, country)
        close = pytest.approx(utility, rel=1e-11, abs=1e-11)
        assert log_utility(shuffled, x[order], country) == close
        assert log_utility(mirrored, 1 - x, 3 - country) == close


@PROPERTY
@given(economies(most=12), st.integers(0, 10**6))
def test_gomory_section_7_identical_demands_leave_conflict_over_income_alone(economy, seed):
    demand = np.repeat(economy.demand[:, :1], 2, axis=1)
    economy = Economy(demand, economy.labor, PowerProduction(1.0, 1.4))
    x = np.random.default_rng(seed).random(economy.goods)
    z = income(economy, x)
    ratio = log_utility(economy, x, 1) - log_utility(economy, x, 2)
    assert ratio == pytest.approx(np.log(z / (1 - z)), abs=1e-11)


def test_a_batch_is_its_assignments_one_by_one():
    economy = random_economy(5, 3)
    x = np.random.default_rng(0).random((2, 3, 5))
    z = income(economy, x)
    assert z.shape == (2, 3)
    for country in (1, 2):
        utility = log_utility(economy, x, country)
        linear = linearized_log_utility(economy, x, z, country)
        for place in np.ndindex(2, 3):
            assert z[place] == pytest.approx(income(economy, x[place]), rel=1e-14)
            assert utility[place] == pytest.approx(
                log_utility(economy, x[place], country), rel=1e-13
            )
            one = linearized_log_utility(economy, x[place], z[place], country)
            assert linear[place] == pytest.approx(one, rel=1e-13)
    assert sole_producer_log_output(economy, z).shape == (2, 3, 5, 2)
    assert log_utility(economy, x[0, 0], 1, np.linspace(0.1, 0.9, 7)).shape == (7,)


@pytest.mark.parametrize(
    "production",
    [
        PowerProduction(2.0, 1.01),
        PowerProduction([1.0, 3.0], [[1.2, 3.0], [1.5, 1.5]]),
        ThresholdProduction(2.0, 1.0, 0.1),
        ThresholdProduction(2.0, [[1.0, 1.7]], [[0.1, 0.0]]),
    ],
)
def test_gomory_a1_a3_average_productivity_rises_from_zero(production):
    labor = np.geomspace(1e-6, 1e3, 400)[:, None, None] * np.ones((2, 2))
    average = production.log_output(labor) - np.log(labor)
    made = np.isfinite(average)
    assert (made[1:] >= made[:-1]).all()
    assert (average[1:][made[1:]] > average[:-1][made[1:]]).all()
    none = production.log_output(np.full((2, 2), 1e-300)) - np.log(1e-300)
    assert (none < average[-1] - 6).all()
    step = 1e-6
    ahead, behind = (production.log_output(labor * np.exp(h)) for h in (step, -step))
    smooth = np.isfinite(behind) & (labor > 0.11)
    slope = (ahead[smooth] - behind[smooth]) / (2 * step)
    np.testing.assert_allclose(slope, production.elasticity(labor)[smooth], rtol=1e-7)
    assert (production.elasticity(labor) > 1).all()


def test_gomory_a3_constant_returns_count_only_after_an_interval_of_no_output():
    with pytest.raises(ValueError, match="scale"):
        PowerProduction(1.0, 1.0)
    with pytest.raises(ValueError, match="scale"):
        ThresholdProduction(1.0, 1.0, 0.0)
    production = ThresholdProduction(1.0, 1.0, 0.01)
    labor = np.full((2, 2), 0.01)
    assert (production.log_output(labor) == -np.inf).all()
    assert (production.elasticity(labor) == np.inf).all()
    Economy([[0.5, 0.5], [0.5, 0.5]], [1, 1], production)


def test_extreme_but_legal_economies_have_finite_utility():
    demand = np.array([[1e-6, 0.5], [0.5, 1e-6], [0.499999, 0.499999]])
    for scale in (1.01, 3.0):
        economy = Economy(demand, [1000.0, 1.0], PowerProduction(1.0, scale))
        for number in range(1, 7):
            x = [bool(number >> i & 1) for i in range(3)]
            for country in (1, 2):
                assert np.isfinite(log_utility(economy, x, country))


@pytest.mark.parametrize("spread", [0.0, 0.5, 3.0])
def test_productivities_are_drawn_as_far_apart_as_asked(spread):
    log_e = np.log(random_economy(2000, 1, productivity_spread=spread).production.productivity)
    assert np.abs(log_e).max() == pytest.approx(spread, rel=0.01)
    assert log_e.std() == pytest.approx(spread / np.sqrt(3), rel=0.05)


@given(st.floats(0, 0.6, exclude_max=True))
def test_five_goods_differ_in_demand_by_the_measure_that_was_asked_for(g):
    demand = five_goods(g).demand
    assert np.abs(demand[:, 0] - demand[:, 1]).sum() / 2 == pytest.approx(g, abs=1e-12)
    np.testing.assert_allclose(demand.mean(axis=1), [0.3, 0.25, 0.2, 0.15, 0.1], atol=1e-12)


def test_each_country_of_the_five_goods_likes_what_it_is_good_at():
    economy = five_goods(0.3)
    ratio = economy.production.productivity[:, 0] / economy.production.productivity[:, 1]
    likes = economy.demand[:, 0] > economy.demand[:, 1]
    assert [good for good, better in zip(FIVE_GOODS, likes, strict=True) if better] == [
        "cars",
        "machines",
    ]
    assert ratio[likes].min() > 1 >= ratio[~likes].max()
    assert (economy.labor == 1).all()


def test_five_goods_take_the_exponent_that_was_asked_for():
    assert (five_goods(scale=1.2).production.elasticity(np.ones((5, 2))) == 1.2).all()


@pytest.mark.parametrize(("name", "value"), [("g", 0.6), ("g", -0.1), ("scale", 1.0)])
def test_five_goods_name_a_parameter_outside_its_domain(name, value):
    with pytest.raises(ValueError, match=f"^{name} must"):
        five_goods(**{name: value})


@pytest.mark.parametrize("production", [POWER, WITH_THRESHOLD])
def test_elasticity_stays_in_the_bounds_that_production_functions_state(production):
    low, high = np.sort(np.random.default_rng(0).uniform(0, 2, (2, 500, 3, 2)), axis=0)
    least, most = production.elasticity_bounds(low, high)
    for part in np.linspace(0, 1, 9):
        between = production.elasticity(np.clip(low + part * (high - low), low, high))
        assert (least <= between * (1 + 1e-14)).all()
        assert (between <= most * (1 + 1e-14)).all()
    # Exact: the bounds are attained at the ends.
    ends = np.sort([production.elasticity(low), production.elasticity(high)], axis=0)
    np.testing.assert_allclose([least, most], ends, rtol=1e-14)


@pytest.mark.parametrize("country", [1.0, np.float64(1), np.int8(1), 1])
def test_a_country_is_one_or_two_however_it_is_written(country):
    economy = random_economy(3, 0)
    assert autarky_log_utility(economy, country) == autarky_log_utility(economy, 1)
    for call in (
        lambda c: log_utility(economy, [1, 0, 1], c),
        lambda c: linearized_log_utility(economy, [1, 0, 1], 0.4, c),
        lambda c: boundary(economy, 0.4, c).log_utility,
        lambda c: boundary(economy, 0.4, c, integer=True).log_utility,
        lambda c: best_equilibrium(economy, c).log_utility,
        lambda c: fill_in_bound(economy, 0.4, c).slope,
        lambda c: near_boundary_equilibria(economy, 0.4, c).income[0],
        lambda c: nearest_equilibrium(economy, 0.4, boundary(economy, 0.4).log_utility, c).income,
        lambda c: shape_report(economy, c, points=50).peak,
        lambda c: specialized_density(economy, 3, c).counts.tolist(),
    ):
        assert call(country) == call(1)


@pytest.mark.parametrize("g", [0.0, 0.187, 0.5, 0.99])
@pytest.mark.parametrize("n", [2, 3, 37])
def test_random_economies_have_the_similarity_and_size_that_was_asked_for(n, g):
    economy = random_economy(n, 7, size_ratio=3.0, g=g, scale=1.6, scale_spread=0.1)
    measured = 0.5 * np.abs(economy.demand[:, 0] - economy.demand[:, 1]).sum()
    assert measured == pytest.approx(g, abs=1e-14)
    assert economy.labor[0] / economy.labor[1] == pytest.approx(3.0)
    assert np.abs(economy.production.scale - 1.6).max() <= 0.1
    assert economy.goods == n
    again = random_economy(n, 7, size_ratio=3.0, g=g, scale=1.6, scale_spread=0.1)
    np.testing.assert_array_equal(economy.demand, again.demand)
    assert not np.array_equal(economy.demand, random_economy(n, 8, g=g).demand)


def test_an_economy_prints_as_the_table_it_is():
    economy = random_economy(3, 1, threshold=0.2)
    lines = str(economy).splitlines()
    assert len(lines) == 5
    assert "3 goods" in lines[0]
    row = [float(cell) for cell in lines[3].split()]
    assert row[0] == 2
    np.testing.assert_allclose(row[1:3], economy.demand[1], atol=5e-5)
    np.testing.assert_allclose(row[3:5], economy.production.productivity[1], atol=5e-5)
    np.testing.assert_allclose(row[5:7], economy.production.scale[1], atol=5e-5)
    np.testing.assert_allclose(row[7:9], economy.production.threshold[1], atol=5e-5)


class Mixed:
    """Somebody's own production functions: l^2 / (1 + l)."""

    def log_output(self, labor):
        with np.errstate(divide="ignore"):
            return 2 * np.log(labor) - np.log1p(labor)

    def elasticity(self, labor):
        return 2 - labor / (1 + labor)


def test_anyones_own_production_functions_work():
    economy = Economy([[0.3, 0.5], [0.7, 0.5]], [2, 1], Mixed())
    z = income(economy, [1, 0])
    assert z == pytest.approx(0.5 / 1.2)
    labor = 2.0
    assert sole_producer_log_output(economy, z)[0, 0] == pytest.approx(
        np.log(labor**2 / (1 + labor))
    )
    assert "Mixed" in str(economy)


class Bad(Mixed):
    def __init__(self, **methods):
        for name, method in methods.items():
            setattr(self, name, method)


@pytest.mark.parametrize(
    ("build", "named"),
    [
        (lambda: Economy([[0.5, 0.5], [0.5, 0.6]], [1, 1], POWER), "demand"),
        (lambda: Economy([[0.0, 0.5], [1.0, 0.5]], [1, 1], POWER), r"demand\[0, 0\]"),
        (lambda: Economy([[1.0, 1.0]], [1, 1], POWER), "demand"),
        (lambda: Economy([0.5, 0.5], [1, 1], POWER), r"demand must .* of shape \(n, 2\) of"),
        (lambda: Economy([[0.5, 0.5], [0.5]], [1, 1], POWER), "demand"),
        (lambda: Economy(HALF, [1, 0], POWER), r"labor\[1\]"),
        (lambda: Economy(HALF, [1, np.inf], POWER), "labor"),
        (lambda: Economy(HALF, 1.0, POWER), "labor"),
        (lambda: Economy(HALF, [1, 1], None), "production"),
        (lambda: Economy(HALF, [1, 1], PowerProduction(np.ones((3, 2)), 1.5)), "production"),
        (lambda: Economy(HALF, [1, 1], ThresholdProduction(1.0, 1.5, 0.5)), r"production.*A2"),
        (
            lambda: Economy(HALF, [1, 1], Bad(log_output=np.log)),
            r"production.*A1",
        ),
        (
            lambda: Economy(HALF, [1, 1], Bad(log_output=lambda labor: np.zeros(2))),
            r"production.log_out",
        ),
        (
            lambda: Economy(HALF, [1, 1], Bad(elasticity=lambda labor: 2.0)),
            r"production.elasticity",
        ),
        (lambda: PowerProduction(0.0, 1.5), "productivity"),
        (lambda: PowerProduction([[1.0, 2.0], [1.0]], 1.5), "productivity"),
        (lambda: PowerProduction(1.0, [1.5, 0.9]), r"scale\[1\]"),
        (lambda: PowerProduction(np.ones((4, 2)), np.full((3, 2), 2.0)), "productivity and scale"),
        (lambda: PowerProduction(np.ones((4, 3)), 2.0), "productivity and scale"),
        (lambda: ThresholdProduction(1.0, 0.9, 0.1), "scale"),
        (lambda: ThresholdProduction(1.0, 1.5, -0.1), "threshold"),
        (lambda: ThresholdProduction("a", 1.5, 0.1), "productivity"),
        (lambda: random_economy(1, 0), "n must"),
        (lambda: random_economy(3, -1), "seed"),
        (lambda: random_economy(3, 0, size_ratio=0.0), "size_ratio"),
        (lambda: random_economy(3, 0, g=1.0), "g must"),
        (lambda: random_economy(3, 0, scale=1.0), "scale must"),
        (lambda: random_economy(3, 0, scale=1.2, scale_spread=0.2), "scale_spread"),
        (lambda: random_economy(3, 0, productivity_spread=-1.0), "productivity_spread"),
        (lambda: random_economy(3, 0, threshold=1.0), "threshold"),
        (lambda: income(random_economy(3, 0), [1, 0]), "made_in_1"),
        (lambda: income(random_economy(3, 0), [1, 0, 1.5]), "made_in_1"),
        (lambda: income(random_economy(3, 0), [1, 0, np.nan]), "made_in_1"),
        (lambda: income(random_economy(3, 0), ["1", "0", "1"]), "made_in_1"),
        (lambda: log_utility(random_economy(3, 0), [1, 0, -1], 1), "x must"),
        (lambda: log_utility(random_economy(3, 0), [1, 0, 1], 3), "country"),
        (lambda: log_utility(random_economy(3, 0), [1, 0, 1], 1, 1.0), "income"),
        (lambda: linearized_log_utility(random_economy(3, 0), [1, 0, 1], 0.0, 1), "income"),
        (lambda: linearized_log_utility(random_economy(3, 0), [1, 0, 1], 0.5, 0), "country"),
        (lambda: sole_producer_log_output(random_economy(3, 0), [0.5, np.nan]), "income"),
        (lambda: autarky_log_utility(random_economy(3, 0), True), "country"),
        (lambda: autarky_log_utility(random_economy(3, 0), np.True_), "country"),
        (lambda: PowerProduction(1.0, 1), "scale must be a number in"),
        (lambda: PowerProduction([1.0, 2.0, 3.0], 1.5), r"must broadcast to shape \(n, 2\)"),
        (lambda: PowerProduction(np.ones((2, 2, 2)), 1.5), "productivity must have the shape"),
        (lambda: POWER.elasticity(None), "labor"),
        (lambda: POWER.elasticity_bounds([1.0, 3.0], [2.0, 2.0]), "low must .* got 3 where high"),
        (lambda: WITH_THRESHOLD.elasticity_bounds([[2.0, 2.0]], 1.0), "low must be at most high"),
        (lambda: POWER.elasticity_bounds(np.ones((5, 1, 2)), np.ones((4, 1, 2))), "low and high"),
        (lambda: POWER.log_output([[1.0], [1.0, 2.0]]), "labor"),
        (lambda: POWER.log_output(np.ma.masked_equal([[1.0, 2.0]], 2.0)), "labor"),
        (lambda: POWER.log_output([[1.0, np.nan]]), "labor"),
        (lambda: POWER.log_output(np.array([[1.0, np.nan]])), r"labor\[0, 1\]"),
        (lambda: POWER.log_output(np.array([[1.0, -0.1]])), r"labor\[0, 1\]"),
        (lambda: PowerProduction(np.ones((3, 2)), 1.5).log_output(np.ones((4, 2))), "labor must"),
        (lambda: Economy(HALF, [1, 1], PowerProduction(np.ones((3, 2)), 1.5)), r"shape \(2, 2\)"),
        (lambda: Economy(HALF, [1, 1], Bad(elasticity_bounds=lambda *_: (1, 2))), "bounds must re"),
        (lambda: Economy(HALF, [1, 1], Bad(log_output=lambda v: v + np.ones(3))), "take labor"),
        (lambda: log_utility(random_economy(3, 0), [[1, 0, 1], [1, 0]], 1), "x must"),
        (lambda: log_utility(random_economy(3, 0), [np.ones((2, 3)), np.ones((2, 2))], 1), "x mus"),
        (lambda: log_utility(random_economy(3, 0), np.ma.masked_equal([1, 0, 1], 0), 1), "x must"),
        (lambda: log_utility(random_economy(3, 0), np.ones((5, 3)), 1, [0.1, 0.2]), "income must"),
        (
            lambda: linearized_log_utility(random_economy(3, 0), np.ones((5, 3)), [0.1, 0.2], 1),
            "income must",
        ),
    ],
)
def test_every_invalid_parameter_is_named(build, named):
    with pytest.raises(ValueError, match=named):
        build()


@pytest.mark.parametrize("shift", [(-0.1, -0.05), (0.05, 0.1)], ids=["below", "above"])
def test_bounds_of_elasticity_that_hold_on_one_side_only_are_refused(shift):
    def shifted(low, high):
        return tuple(b + d for b, d in zip(POWER.elasticity_bounds(low, high), shift, strict=True))

    with pytest.raises(ValueError, match="elasticity_bounds must hold every value"):
        Economy(HALF, [1, 1], Bad(elasticity_bounds=shifted))


def test_economies_cannot_be_changed_after_the_check():
    economy = random_economy(3, 0)
    with pytest.raises(ValueError, match="read-only"):
        economy.demand[0, 0] = 2.0
    with pytest.raises(AttributeError):
        economy.labor = [1, 1]


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [("scale", 999_999.0, 1e6), ("threshold", 0.0, 1.0), ("g", 0.0, 1.0)],
)
def test_the_ends_of_what_may_be_drawn(name, inside, outside):
    random_economy(3, 1, **{name: inside})
    with pytest.raises(ValueError, match=f"^{name} must"):
        random_economy(3, 1, **{name: outside})
