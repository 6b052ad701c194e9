"""The fill-in theorem and the region's shape, Gomory (1994), Sections 4 and 6 and Appendix 1."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from lib.gomory.boundaries import boundary, classical_level
from lib.gomory.economy import (
    Economy,
    PowerProduction,
    autarky_log_utility,
    five_goods,
    income,
    linearized_log_utility,
    log_utility,
    random_economy,
    sole_producer_log_output,
)
from lib.gomory.shape import (
    FillInBound,
    _basic_solution,
    boundary_peak,
    boundary_slope,
    fill_in_bound,
    identical_countries_utility,
    nearest_equilibrium,
    shape_report,
)
from tests.gomory.strategies import assignments, economies

PROPERTY = settings(deadline=None, derandomize=True, max_examples=80)

incomes = st.floats(0.01, 0.99)
countries = st.sampled_from([1, 2])


def two_goods(demand, labor, productivity, scale):
    return Economy(demand, labor, PowerProduction(productivity, scale))


@PROPERTY
@given(economies(), incomes, countries)
def test_m_bounds_the_slope_of_utility_and_the_supremum_is_exact(economy, z, country):
    """Lemma 4.2: abs(du/dZ_1) <= M, over all specialised assignments, by finite differences."""
    bounds = fill_in_bound(economy, z, country)
    every = assignments(economy.goods, every=True)
    step = 1e-6 * min(z, 1 - z)
    up, down = (
        linearized_log_utility(economy, every, near, country) for near in (z + step, z - step)
    )
    steepest = np.abs(up - down).max() / (2 * step)
    assert steepest == pytest.approx(bounds.slope, rel=1e-6)
    assert bounds.slope <= bounds.M


@PROPERTY
@given(economies(), incomes)
def test_the_parameters_of_theorem_4_1(economy, z):
    bounds = fill_in_bound(economy, z)
    output = sole_producer_log_output(economy, z)
    difference = economy.demand[:, 0] - economy.demand[:, 1]
    assert bounds.delta == economy.demand.max()
    # Lemma 4 and Section 7: the sum of the positive differences, half of the sum of all.
    assert bounds.g == pytest.approx(difference[difference > 0].sum(), abs=1e-12)
    assert np.abs(output[:, 0] - output[:, 1]).max() == pytest.approx(bounds.R)
    assert bounds.income_distance == pytest.approx(bounds.delta / (1 - bounds.g))
    assert bounds.utility_distance == pytest.approx(
        bounds.delta * (2 * bounds.R + bounds.M) / (1 - bounds.g)
    )


@PROPERTY
@given(economies(), st.floats(0.0, 1.0), st.sampled_from([1, 2]))
def test_m_at_the_points_own_income_is_enough(economy, part, country):
    """Appendix 1: up to Z(x) the slope of a specialised assignment stays below alpha / Z**2."""
    every = assignments(economy.goods)
    own = income(economy, every) if country == 1 else 1 - income(economy, every)
    here = own * (0.02 + 0.98 * part)
    z = here if country == 1 else 1 - here
    step = 1e-6 * np.minimum(z, 1 - z)
    up, down = (log_utility(economy, every, country, income=z + s) for s in (step, -step))
    incomes = np.stack([z, 1 - z], axis=1)
    labor = (incomes @ economy.demand.T)[..., None] * (economy.labor / incomes)[:, None]
    elasticity = economy.production.elasticity(labor).max(axis=(1, 2))
    finite = np.isfinite(up) & np.isfinite(down)
    slope = np.abs(up - down)[finite] / (2 * step[finite])
    assert (slope <= (1 + 1e-6) * (elasticity / here**2)[finite]).all()


@PROPERTY
@given(economies(), incomes)
def test_lemma_4_a_near_equality_assignment_has_an_income_near_z(economy, z):
    """And at or above it: in the proof the sign of Z'_1 - Z_1(x) slips."""
    every = assignments(economy.goods, every=True)
    sizes = economy.demand @ [z, 1 - z]
    room = 1 - z - ~every @ sizes
    near = (room >= 0) & ((every & (sizes < room[:, None] - 1e-15)).sum(axis=1) < every.sum(axis=1))
    bounds = fill_in_bound(economy, z)
    distance = income(economy, every[near]) - z
    assert (distance >= -1e-12).all()
    assert (np.abs(distance) <= bounds.income_distance + 1e-12).all()


@PROPERTY
@given(economies(), incomes, countries)
def test_lemma_4_2_utility_at_z_is_near_utility_at_the_own_income(economy, z, country):
    x = assignments(economy.goods)
    own = income(economy, x)
    change = np.abs(log_utility(economy, x, country) - log_utility(economy, x, country, income=z))
    for place in np.linspace(0, len(x) - 1, 5).astype(int):
        between = np.linspace(own[place], z, 40)
        steepest = max(fill_in_bound(economy, float(near), country).M for near in between)
        assert change[place] <= abs(own[place] - z) * steepest + 1e-10


@PROPERTY
@given(economies(), incomes, countries, st.floats(0, 1))
def test_lemma_4_3_and_rounding_two_goods_costs_at_most_2_delta_r(economy, z, country, part):
    """R belongs at Z': it is Lu(x, Z') that rounding changes."""
    bounds = fill_in_bound(economy, z, country)
    low, high = (boundary(economy, z, country, side) for side in ("lower", "upper"))
    value = low.log_utility + part * (high.log_utility - low.log_utility)
    mixed = low.x + part * (high.x - low.x)
    assert linearized_log_utility(economy, np.clip(mixed, 0, 1), z, country) == pytest.approx(
        value, abs=1e-10
    )
    for good in range(economy.goods):
        given_up, taken = np.tile(mixed.clip(0, 1), (2, 1))
        given_up[good], taken[good] = 0, 1
        pair = linearized_log_utility(economy, np.stack([given_up, taken]), z, country)
        assert abs(pair[1] - pair[0]) <= bounds.delta * bounds.R + 1e-12


@PROPERTY
@given(economies(), incomes, countries, st.floats(0.02, 0.98), st.integers(0, 10**6))
def test_lemma_4_3_every_value_between_is_reached_with_two_fractional_goods(
    economy, z, country, part, seed
):
    low, high = (boundary(economy, z, country, side).log_utility for side in ("lower", "upper"))
    value = low + part * (high - low)
    none, every = np.zeros(economy.goods), np.eye(economy.goods)
    base = linearized_log_utility(economy, none, z, country)
    gains = linearized_log_utility(economy, every, z, country) - base
    sizes = economy.demand @ [z, 1 - z]
    # The simplex method ends at a vertex: two conditions leave at most two goods between 0 and 1.
    corner = linprog(
        np.random.default_rng(seed).normal(size=economy.goods),
        A_eq=np.stack([sizes, gains]),
        b_eq=[z, value - base],
        bounds=(0, 1),
        method="highs-ds",
    )
    assert corner.success or high - low < 1e-6
    if corner.success:
        assert np.sum((corner.x > 1e-9) & (corner.x < 1 - 1e-9)) <= 2
        assert np.isclose(sizes @ corner.x, z, rtol=0, atol=1e-6)
        reached = linearized_log_utility(economy, corner.x, z, country)
        assert np.isclose(reached, value, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("side", "beyond"), [("upper", 1e-6), ("lower", -1e-6)])
def test_a_point_next_to_the_region_is_refused(side, beyond):
    economy = random_economy(5, seed=1)
    edge = boundary(economy, 0.4, 1, side).log_utility
    assert nearest_equilibrium(economy, 0.4, edge).utility_distance >= 0
    with pytest.raises(ValueError, match=r"log_utility must be in \["):
        nearest_equilibrium(economy, 0.4, edge + beyond)


@PROPERTY
@given(economies(), incomes, countries, st.floats(0, 1))
def test_theorem_4_1_an_equilibrium_is_near_every_point_of_the_region(economy, z, country, part):
    """With few goods: the nearest of all equilibria is within the bounds."""
    bounds = fill_in_bound(economy, z, country)
    low, high = (boundary(economy, z, country, s).log_utility for s in ("lower", "upper"))
    value = low + part * (high - low)
    nearest = nearest_equilibrium(economy, z, value, country)
    assert nearest.income_distance <= bounds.income_distance
    assert nearest.utility_distance <= bounds.utility_distance
    assert nearest.income == pytest.approx(income(economy, nearest.made_in_1))
    assert nearest.log_utility == pytest.approx(log_utility(economy, nearest.made_in_1, country))
    assert nearest.utility_distance == pytest.approx(abs(nearest.log_utility - value))


@PROPERTY
@given(economies(least=17, most=60), incomes, countries, st.floats(0, 1))
def test_theorem_4_1_by_the_roundings_and_their_neighbours(economy, z, country, part):
    bounds = fill_in_bound(economy, z, country)
    low, high = (boundary(economy, z, country, s).log_utility for s in ("lower", "upper"))
    nearest = nearest_equilibrium(economy, z, low + part * (high - low), country)
    assert nearest.income_distance <= bounds.income_distance
    assert nearest.utility_distance <= bounds.utility_distance
    assert 0 < nearest.made_in_1.sum() < economy.goods


@PROPERTY
@given(economies(most=40), incomes, countries, st.floats(0, 1))
def test_theorem_4_1_by_the_one_point_that_its_proof_constructs(economy, z, country, part):
    """It is near equality: it fits into Country 2, and with some good more it would not."""
    bounds = fill_in_bound(economy, z, country)
    low, high = (boundary(economy, z, country, s).log_utility for s in ("lower", "upper"))
    point = nearest_equilibrium(economy, z, low + part * (high - low), country, method="proof")
    assert point.income_distance <= bounds.income_distance
    assert point.utility_distance <= bounds.utility_distance
    sizes = economy.demand @ [z, 1 - z]
    used = sizes[~point.made_in_1].sum()
    # One good that does not fit is the proof's partner of everything in Country 1.
    assert used <= 1 - z + 1e-8 or (~point.made_in_1).sum() == 1
    assert used + sizes[point.made_in_1].max() > 1 - z - 1e-8


def test_where_no_good_fits_into_country_2_the_point_of_the_proof_gives_it_one():
    economy = five_goods()
    for part in (0.1, 0.5, 0.9):
        low, high = (boundary(economy, 0.995, side=s).log_utility for s in ("lower", "upper"))
        point = nearest_equilibrium(economy, 0.995, low + part * (high - low), method="proof")
        assert (~point.made_in_1).sum() == 1
        assert point.income < 0.995


def test_the_point_of_the_proof_has_no_less_income_than_the_target_if_a_divided_good_fits():
    """That is near equality; at 0.8 cars do not fit into Country 2, but the other good does."""
    economy = five_goods()
    for z, parts in ((0.3, (0, 0.5, 1)), (0.7, (0, 0.5, 1)), (0.8, (0.2, 0.5, 0.8))):
        low, high = (boundary(economy, z, side=s).log_utility for s in ("lower", "upper"))
        for part in parts:
            value = low + part * (high - low)
            point = nearest_equilibrium(economy, z, value, method="proof")
            assert point.income >= z - 1e-9


def test_the_point_of_the_proof_is_much_farther_than_the_nearest():
    """Over the bound on income, with many goods: a few per cent at least, not a thousandth."""
    parts = {"proof": [], "nearest": []}
    for seed in range(12):
        economy = random_economy(30, seed)
        bound = fill_in_bound(economy, 0.4).income_distance
        low, high = (boundary(economy, 0.4, side=s).log_utility for s in ("lower", "upper"))
        for part in (0.2, 0.5, 0.8):
            value = low + part * (high - low)
            for method, found in parts.items():
                point = nearest_equilibrium(economy, 0.4, value, method=method)
                found.append(point.income_distance / bound)
    assert np.median(parts["nearest"]) < 0.05 < np.median(parts["proof"]) < 0.6


@PROPERTY
@given(economies(most=12), incomes, countries, st.sampled_from(["upper", "lower"]))
def test_the_slope_of_a_boundary_is_its_derivative(economy, z, country, side):
    """Away from kinks, for any demands and production functions."""
    step = 1e-6 * min(z, 1 - z)
    left, middle, right = (
        boundary(economy, near, country, side).log_utility for near in (z - step, z, z + step)
    )
    smooth = abs((right - middle) - (middle - left)) < 1e-3 * step * max(
        1.0, abs(right - left) / step
    )
    if smooth:
        at = boundary_slope(economy, z, country, side)
        derivative = (right - left) / (2 * step) * (1 if country == 1 else -1)
        assert at.slope == pytest.approx(derivative, rel=1e-3, abs=1e-3)
        assert at.slope == pytest.approx(at.slice + at.scale - at.price * at.room)


@pytest.mark.parametrize("threshold", [0, 0.6])
def test_with_identical_demands_the_slope_is_slice_less_price_less_elasticities(threshold):
    for seed in range(10):
        economy = random_economy(7, seed, g=0, threshold=threshold, size_ratio=1 + seed)
        for country in (1, 2):
            z = np.linspace(0.07, 0.93, 20)
            at = boundary_slope(economy, z, country)
            own = z if country == 1 else 1 - z
            assert np.allclose(at.slice, 1 / own)
            assert np.allclose(at.room, 1)
            assert np.allclose(at.scale, at.elasticity[:, 1] - at.elasticity[:, 0])
            x = boundary(economy, z, country).x
            weights = economy.demand[:, 0] * (x if country == 1 else 1 - x)
            sizes = economy.demand[:, 0] * economy.labor[country - 1] / own[:, None]
            labor = np.stack([sizes, sizes], axis=-1)
            elasticity = economy.production.elasticity(labor)[..., country - 1]
            mean = (weights * elasticity).sum(axis=1) / weights.sum(axis=1)
            assert np.allclose(at.elasticity[:, 0], mean)


@PROPERTY
@given(economies(most=8), countries)
def test_no_income_of_a_fine_grid_is_higher_than_the_peak(economy, country):
    peak = boundary_peak(economy, country)
    odds = np.linspace(-14, 14, 4001)
    z = 1 / (1 + np.exp(-odds))
    assert boundary(economy, z, country).log_utility.max() <= peak.log_utility + 1e-6
    assert boundary(economy, peak.income, country).log_utility == pytest.approx(peak.log_utility)
    wages = np.array([peak.income, 1 - peak.income]) / economy.labor
    assert peak.wage_ratio == pytest.approx(wages[country - 1] / wages[2 - country])


def test_the_near_equality_point_of_the_proof_can_be_no_equilibrium():
    """Everything in one country is near equality when no single good fits the other one."""
    economy = random_economy(5, 0)
    z = 0.99
    sizes = economy.demand @ [z, 1 - z]
    assert (sizes > 1 - z).all()
    nearest = nearest_equilibrium(economy, z, boundary(economy, z).log_utility)
    assert nearest.made_in_1.sum() == 4


def test_the_region_fills_in_as_goods_become_many():
    """The distance to a given inner point shrinks like the largest demand share."""
    distances = []
    for n in (20, 80, 320):
        economy = random_economy(n, 1)
        low, high = (boundary(economy, 0.4, side=s).log_utility for s in ("lower", "upper"))
        nearest = nearest_equilibrium(economy, 0.4, (low + high) / 2)
        bounds = fill_in_bound(economy, 0.4)
        distances.append(max(nearest.income_distance, nearest.utility_distance))
        assert nearest.income_distance < bounds.income_distance
    assert distances[2] < distances[1] < distances[0]
    assert distances[2] < 0.01


@pytest.mark.parametrize("scale", [1.01, 1.5, 3.0])
def test_section_6_all_equilibria_of_identical_countries_lie_on_one_curve(scale):
    demand = np.random.default_rng(2).uniform(0.5, 1.5, 8)
    demand = np.stack([demand, demand], axis=1) / demand.sum()
    economy = Economy(demand, [2.0, 2.0], PowerProduction(np.full((8, 2), 0.7), scale))
    x = assignments(8)
    z = income(economy, x)
    for country, own in ((1, z), (2, 1 - z)):
        ratio = np.exp(log_utility(economy, x, country) - autarky_log_utility(economy, country))
        assert ratio == pytest.approx(identical_countries_utility(own, scale), rel=1e-12)
    grid = np.linspace(0.01, 0.99, 30)
    for side in ("upper", "lower"):
        height = boundary(economy, grid, side=side).log_utility - autarky_log_utility(economy, 1)
        assert np.exp(height) == pytest.approx(identical_countries_utility(grid, scale), rel=1e-12)


def test_section_6_the_curve_needs_equal_labor():
    demand = np.full((6, 2), 1 / 6)
    economy = Economy(demand, [2.0, 1.0], PowerProduction(1.0, 1.5))
    x = assignments(6)[10]
    ratio = np.exp(log_utility(economy, x, 1) - autarky_log_utility(economy, 1))
    curve = identical_countries_utility(income(economy, x), 1.5)
    assert abs(ratio / curve - 1) > 0.1
    # Goods made in Country 2 are made by half the labour.
    assert ratio == pytest.approx(curve * 0.5 ** (1.5 * (1 - income(economy, x))))


@pytest.mark.parametrize("scale", [1.2, 1.5, 3.0])
def test_section_6_the_maximum_solves_a_log_equation(scale):
    grid = np.linspace(0, 1, 100_001)
    curve = identical_countries_utility(grid, scale)
    top = grid[np.argmax(curve)]
    assert 1 / top == pytest.approx(scale * np.log(top / (1 - top)), rel=1e-3)
    assert curve[0] == 0
    assert curve[-1] == 1
    assert top > 0.5


@PROPERTY
@given(
    st.integers(2, 9),
    st.integers(0, 10**6),
    st.sampled_from([1.01, 1.5, 3.0]),
    st.sampled_from([0.001, 0.3, 1.0, 1000.0]),
    countries,
)
def test_with_identical_demands_and_one_exponent_b_has_the_shape(n, seed, scale, ratio, country):
    """B rises to Z_C, exceeds autarky beyond, peaks there and falls, for B is concave."""
    economy = random_economy(
        n, seed, g=0, scale=scale, scale_spread=0, size_ratio=ratio, productivity_spread=1
    )
    report = shape_report(economy, country, points=120)
    assert report.upper_rise.holds
    assert report.GS2.holds
    assert report.GS3.holds
    assert report.GS4.holds
    level = classical_level(economy)
    assert report.classical_level == level
    assert report.peak >= level - 1e-12 if country == 1 else report.peak <= level + 1e-12


@PROPERTY
@given(economies(), countries)
def test_gs2_and_gs4_hold_with_power_and_threshold_production(economy, country):
    report = shape_report(economy, country, points=120)
    assert report.GS2.holds
    assert report.GS4.holds


def test_gs1_fails_for_the_lower_boundary_with_strong_comparative_advantage():
    economy = two_goods(np.full((2, 2), 0.5), [0.25, 1.0], [[100.0, 1.0], [1.0, 100.0]], 2.0)
    report = shape_report(economy)
    assert not report.GS1.holds
    assert not report.lower_rise.holds
    assert report.upper_rise.holds
    assert report.lower_rise.margin < -0.1
    low = boundary(economy, [0.3, 0.49], side="lower").log_utility
    assert low[1] < low[0] - 0.1
    assert report.classical_level == pytest.approx(0.5)


def test_gs1_and_gs3_fail_for_the_upper_boundary_where_countries_differ_in_exponents():
    """The highest point lies to the left of the classical level."""
    economy = two_goods(
        np.full((2, 2), 0.5), [4.0, 1.0], [[10.0, 1.0], [1.0, 1.0]], [[3.0, 1.5], [3.0, 1.5]]
    )
    report = shape_report(economy, points=2000)
    assert not report.upper_rise.holds
    assert not report.GS3.holds
    assert report.peak < report.classical_level - 0.005
    height = boundary(economy, [report.peak, report.classical_level]).log_utility
    assert height[0] > height[1] + 1e-3


def test_gs3_the_peaks_of_both_countries_can_lie_at_the_classical_level():
    """Identical demands, one exponent, each country eight times as good at one of two goods."""
    economy = two_goods([[0.5, 0.5], [0.5, 0.5]], [1, 1], [[8, 1], [1, 8]], 1.5)
    reports = [shape_report(economy, country, points=2001) for country in (1, 2)]
    for report in reports:
        assert report.classical_level == pytest.approx(0.5, abs=1e-12)
        assert report.peak == pytest.approx(0.5, abs=1e-12)
        assert report.GS3.holds


def test_gs3_fails_where_goods_differ_in_exponents():
    """Beyond the peak B falls and rises again."""
    economy = two_goods(
        np.full((2, 2), 0.5), [0.25, 1.0], [[10.0, 1.0], [1.0, 1.0]], [[3.0, 3.0], [1.5, 1.5]]
    )
    report = shape_report(economy, points=2000)
    assert not report.GS3.holds
    assert report.peak > report.classical_level
    grid = np.linspace(report.peak, 0.9, 500)
    height = boundary(economy, grid).log_utility
    lowest_so_far = np.minimum.accumulate(height)
    assert (height - lowest_so_far).max() > 0.005


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda e: identical_countries_utility(1.1, 1.5), "income"),
        (lambda e: identical_countries_utility("a", 1.5), "income"),
        (lambda e: identical_countries_utility(0.5, 0.9), "scale"),
        (lambda e: fill_in_bound(None, 0.5), "economy"),
        (lambda e: fill_in_bound(e, 0.0), "income"),
        (lambda e: fill_in_bound(e, [0.5]), "income"),
        (lambda e: fill_in_bound(e, 0.5, 3), "country"),
        (lambda e: nearest_equilibrium(e, 1.0, 0.0), "income"),
        (lambda e: nearest_equilibrium(e, 0.5, np.nan), "log_utility"),
        (lambda e: nearest_equilibrium(e, 0.5, 99.0), "log_utility"),
        (lambda e: nearest_equilibrium(e, 0.5, 0.0, 0), "country"),
        (lambda e: shape_report(e.demand), "economy"),
        (lambda e: shape_report(e, 3), "country"),
        (lambda e: shape_report(e, 1, 10), "points"),
    ],
)
def test_bad_parameters_are_named(call, name):
    with pytest.raises(ValueError, match=name):
        call(random_economy(4, 0))


def test_a_value_off_the_region_is_refused_with_many_goods_too():
    with pytest.raises(ValueError, match="log_utility"):
        nearest_equilibrium(random_economy(30, 0), 0.5, 99.0)


@pytest.mark.parametrize("ratio", [1e-12, 1e-7, 1e7, 1e12])
@pytest.mark.parametrize("country", [1, 2])
def test_countries_of_very_different_size_have_a_report(ratio, country):
    report = shape_report(random_economy(3, 0, size_ratio=ratio), country, points=50)
    assert 0 < report.classical_level < 1
    assert report.GS2.holds
    assert report.GS4.holds


def test_right_of_the_last_income_of_the_grid_nothing_can_contradict_gs2():
    """Next to 1 the classical level is that income: doubles hold only one more below 1."""
    report = shape_report(random_economy(3, 0, size_ratio=6e15), points=50)
    assert report.classical_level == 1 - np.finfo(float).eps
    assert report.GS2.holds
    assert report.GS2.margin == 0
    assert np.isnan(report.GS2.income)


def test_a_point_that_nothing_is_near_raises(monkeypatch):
    economy = random_economy(5, 1)
    top = boundary(economy, 0.37).log_utility
    bounds = fill_in_bound(economy, 0.37)
    close = FillInBound(**{**vars(bounds), "income_distance": 1e-9, "utility_distance": 1e-9})
    monkeypatch.setattr("lib.gomory.shape.fill_in_bound", lambda *_: close)
    with pytest.raises(ArithmeticError, match="no equilibrium found within the bounds"):
        nearest_equilibrium(economy, 0.37, top)


@pytest.mark.parametrize("side", ["upper", "lower"])
def test_the_ends_of_the_region_need_no_linear_program(side, monkeypatch):
    """On a boundary rounding may make it infeasible; the solution of the boundary itself serves."""
    economy = random_economy(20, 3)
    value = boundary(economy, 0.4, side=side).log_utility
    failed = SimpleNamespace(status=2)
    monkeypatch.setattr("lib.gomory.shape.linprog", lambda *_, **__: failed)
    near, bounds = nearest_equilibrium(economy, 0.4, value), fill_in_bound(economy, 0.4)
    assert near.income_distance <= bounds.income_distance
    assert near.utility_distance <= bounds.utility_distance


@pytest.mark.parametrize("side", ["upper", "lower"])
def test_a_point_of_the_boundary_that_linprog_calls_infeasible_has_an_equilibrium_near(
    side, monkeypatch
):
    monkeypatch.setattr("lib.gomory.shape.linprog", lambda *_, **__: SimpleNamespace(status=2))
    sign = {"upper": 1, "lower": -1}[side]
    for seed in range(5):
        economy = random_economy(18, seed)
        bounds = fill_in_bound(economy, 0.6)
        value = boundary(economy, 0.6, side=side).log_utility + sign * 1e-10
        nearest = nearest_equilibrium(economy, 0.6, value)
        assert nearest.income_distance <= bounds.income_distance
        assert nearest.utility_distance <= bounds.utility_distance


@pytest.mark.parametrize("country", [1, 2])
@pytest.mark.parametrize("part", [0.2, 0.5, 0.8])
def test_the_basic_solution_has_the_income_and_the_linearised_utility_asked_for(country, part):
    economy = random_economy(9, 4, g=0.3)
    for z in (0.3, 0.6):
        low, high = (boundary(economy, z, country, s).log_utility for s in ("lower", "upper"))
        value = low + part * (high - low)
        x = _basic_solution(economy, z, value, country)
        assert (economy.demand @ [z, 1 - z]) @ x == pytest.approx(z, abs=1e-9)
        found = linearized_log_utility(economy, x, income=z, country=country)
        assert found == pytest.approx(value, abs=1e-7)
        assert ((x > 1e-9) & (x < 1 - 1e-9)).sum() <= 2
