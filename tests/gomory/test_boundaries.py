"""The boundaries of Gomory (1994), Section 3, against enumeration, linprog and milp."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.special import expit

from lib.gomory.boundaries import (
    boundary,
    classical_level,
    near_boundary_equilibria,
)
from lib.gomory.economy import (
    Economy,
    PowerProduction,
    income,
    linearized_log_utility,
    log_utility,
    random_economy,
    sole_producer_log_output,
)
from lib.gomory.equilibria import all_equilibria
from tests.gomory.strategies import (
    assignments,
    counted_assignments,
    economies,
    identical,
    twins,
)

PROPERTY = settings(deadline=None, derandomize=True, max_examples=60)
SIGN = {"upper": 1, "lower": -1}

incomes = st.floats(0.001, 0.999)
countries = st.sampled_from([1, 2])
sides = st.sampled_from(["upper", "lower"])


def swapped(economy):
    """The same economy with the countries' names exchanged."""

    def mirror(function):
        return lambda labor: function(np.asarray(labor)[..., ::-1])[..., ::-1]

    production = SimpleNamespace(
        log_output=mirror(economy.production.log_output),
        elasticity=mirror(economy.production.elasticity),
    )
    return Economy(economy.demand[:, ::-1], economy.labor[::-1], production)


def excess_labor_demand(economy, z):
    output = sole_producer_log_output(economy, z)
    return (economy.demand @ [z, 1 - z])[output[:, 0] > output[:, 1]].sum() - z


@PROPERTY
@given(economies())
def test_labor_is_short_in_country_1_below_the_classical_level_and_not_above(economy):
    level = classical_level(economy)
    odds = np.log(level / (1 - level))
    for step in (1e-9, 1e-3, 0.1, 1, 5):
        assert excess_labor_demand(economy, 1 / (1 + np.exp(step - odds))) > 0
        assert excess_labor_demand(economy, 1 / (1 + np.exp(-step - odds))) < 0
    assert classical_level(swapped(economy)) == pytest.approx(1 - level, rel=1e-9)


@PROPERTY
@given(economies())
def test_the_classical_level_is_ricardos_equilibrium_with_output_per_worker_frozen_there(economy):
    incomes = np.array([classical_level(economy), 0])
    incomes[1] = 1 - incomes[0]
    spending = economy.demand @ incomes
    workers = spending[:, None] * economy.labor / incomes  # of either country as sole maker
    per_worker = np.exp(economy.production.log_output(workers)) / workers
    cost = incomes / economy.labor / per_worker
    dearer_in_2 = cost[:, 1] / cost[:, 0] - 1
    # Country 1 makes what is cheaper there and, of what costs the same, as much as it has labour.
    assert spending[dearer_in_2 > 1e-7].sum() <= incomes[0] + 1e-12
    assert spending[dearer_in_2 > -1e-7].sum() >= incomes[0] - 1e-12


def test_identical_countries_split_the_world_at_the_classical_level():
    assert classical_level(identical(9)) == pytest.approx(0.5, abs=1e-15)
    assert classical_level(random_economy(5, 0, productivity_spread=0, g=0)) < 1


@PROPERTY
@given(economies(), incomes, countries, sides)
def test_3_9a_the_continuous_boundary_agrees_with_linprog(economy, z, country, side):
    result = boundary(economy, z, country, side)
    unit = np.eye(economy.goods)
    nothing = linearized_log_utility(economy, np.zeros(economy.goods), z, country)
    gain = linearized_log_utility(economy, unit, z, country) - nothing
    sizes = economy.demand @ [z, 1 - z]
    oracle = linprog(-SIGN[side] * gain, A_eq=sizes[None], b_eq=[z], bounds=(0, 1), method="highs")
    # linprog meets the constraint within 1e-7 (highs), at the value density of a good.
    tolerance = 1e-7 * np.abs(gain / sizes).max() + 1e-10
    assert result.log_utility == pytest.approx(nothing - SIGN[side] * oracle.fun, abs=tolerance)
    assert result.x @ sizes == pytest.approx(z, abs=1e-12)
    assert result.log_utility == pytest.approx(
        linearized_log_utility(economy, np.clip(result.x, 0, 1), z, country), abs=1e-10
    )
    assert np.isclose(result.x, np.round(result.x), atol=1e-9).sum() >= economy.goods - 1


@PROPERTY
@given(economies(), incomes, countries, sides)
def test_3_7_the_integer_boundary_is_the_best_of_all_assignments(economy, z, country, side):
    result = boundary(economy, z, country, side, integer=True)
    every = assignments(economy.goods, every=True)
    utility = SIGN[side] * linearized_log_utility(economy, every, z, country)
    sizes = economy.demand @ [z, 1 - z]
    room = 1 - z - ~every @ sizes
    best = utility.max()
    # The direction without the unconstrained optimum is the tight one.
    tight = room >= -1e-13 if room[utility > best - 1e-13].max() < 0 else room <= 1e-13
    assert SIGN[side] * result.log_utility == pytest.approx(utility[tight].max(), abs=1e-11)
    assert result.x.dtype == bool
    continuous = boundary(economy, z, country, side).log_utility
    assert SIGN[side] * (continuous - result.log_utility) >= -1e-11


@PROPERTY
@given(economies(), countries)
def test_3_7_the_inequality_turns_at_the_classical_level(economy, country):
    """Above Z_C Country 2's labour is the scarce one, below Country 1's."""
    level = classical_level(economy)
    odds = np.log(level / (1 - level))
    for step in (-3, -0.3, 0.3, 3):
        z = 1 / (1 + np.exp(-odds - step))
        x = boundary(economy, z, country, integer=True).x
        used = ~x @ (economy.demand @ [z, 1 - z])
        assert used <= 1 - z + 2e-13 if step > 0 else used >= 1 - z - 2e-13


@PROPERTY
@given(economies(), countries)
def test_every_specialised_equilibrium_lies_between_all_four_boundaries(economy, country):
    x = assignments(economy.goods)
    x = x[:: max(1, len(x) // 40)]
    z, utility = income(economy, x), log_utility(economy, x, country)
    for side, sign in SIGN.items():
        integer = boundary(economy, z, country, side, integer=True).log_utility
        continuous = boundary(economy, z, country, side).log_utility
        assert (sign * (integer - utility) >= -1e-10).all()
        assert (sign * (continuous - integer) >= -1e-10).all()


def test_an_equilibrium_is_feasible_at_its_own_income_despite_rounding():
    """The income of an equilibrium that is found by root search is off by some 1e-14."""
    for seed in range(5):
        economy = random_economy(6, seed, g=0.3)
        x = assignments(6)
        utility = log_utility(economy, x, 1)
        for error in (-2e-14, 2e-14):
            bound = boundary(economy, income(economy, x) + error, integer=True).log_utility
            assert (utility <= bound + 1e-12).all()


def test_the_other_direction_bounds_nothing_that_b_and_bl_would_not_bound_better():
    """Minimising with the upper problem's inequality falls below BL itself."""
    looser = 0
    for seed in range(40):
        economy = random_economy(8, seed, g=0.3, productivity_spread=1.0)
        level = classical_level(economy)
        z = level + 0.5 * (1 - level)
        every = assignments(8, every=True)
        utility = linearized_log_utility(economy, every, z, 1)
        fits = ~every @ (economy.demand @ [z, 1 - z]) <= 1 - z
        as_upper = utility[fits].min()
        tight = boundary(economy, z, side="lower", integer=True).log_utility
        continuous = boundary(economy, z, side="lower").log_utility
        assert continuous <= tight + 1e-12
        assert as_upper <= tight + 1e-12
        looser += as_upper < continuous - 1e-6
        wrong = utility[~fits].max()
        assert wrong >= boundary(economy, z).log_utility - 1e-12
    assert looser > 0


@settings(PROPERTY, max_examples=20)
@given(economies(most=5), countries)
@example(random_economy(3, 1, scale=1.0015, productivity_spread=3.0), 1)
def test_theorem_5_1_every_equilibrium_lies_under_b_i(economy, country):
    """Also the non-specialised ones; and Lemma 5.1 good by good."""
    found = all_equilibria(economy)
    inside = (found.income > 1e-12) & (found.income < 1 - 1e-12)
    z, utility = found.income[inside], found.log_utility[inside, country - 1]
    bound = boundary(economy, z, country, integer=True).log_utility
    assert (utility <= bound + 1e-8).all()
    alone = sole_producer_log_output(economy, z)
    odds = found.log_odds[inside]
    sizes = economy.demand[:, 0] * z[:, None] + economy.demand[:, 1] * (1 - z[:, None])
    # Exponents near 1 make odds that exp does not hold.
    employed = expit(np.stack([odds, -odds], axis=-1)) * sizes[..., None]
    employed *= economy.labor / np.stack([z, 1 - z], axis=-1)[:, None, :]
    together = np.logaddexp(*np.moveaxis(economy.production.log_output(employed), -1, 0))
    shared = found.pattern[inside] == 0
    assert (together[shared] <= alone.min(axis=-1)[shared] + 1e-8).all()


@PROPERTY
@given(economies(), incomes, sides, st.booleans(), st.integers(0, 99))
def test_names_of_goods_and_countries_do_not_matter(economy, z, side, integer, seed):
    order = np.random.default_rng(seed).permutation(economy.goods)
    fields = {
        name: np.broadcast_to(value, economy.demand.shape)[order]
        for name, value in vars(economy.production).items()
    }
    renamed = Economy(economy.demand[order], economy.labor, type(economy.production)(**fields))
    one = boundary(economy, z, 1, side, integer).log_utility
    assert boundary(renamed, z, 1, side, integer).log_utility == pytest.approx(one, abs=1e-10)
    other = boundary(swapped(economy), 1 - z, 2, side, integer).log_utility
    assert other == pytest.approx(one, abs=1e-10)


def test_a_grid_of_incomes_equals_one_income_at_a_time():
    economy = random_economy(12, 4)
    grid = np.linspace(0.01, 0.99, 12).reshape(3, 4)
    for integer in (False, True):
        together = boundary(economy, grid, 2, "lower", integer)
        assert together.x.shape == (3, 4, 12)
        for place in np.ndindex(grid.shape):
            one = boundary(economy, float(grid[place]), 2, "lower", integer)
            assert isinstance(one.log_utility, float)
            assert one.log_utility == pytest.approx(together.log_utility[place], abs=1e-14)
            assert (one.x == together.x[place]).all()


@pytest.mark.parametrize("n", [27, 60])
def test_b_i_agrees_with_milp_within_its_tolerance_and_is_never_below(n):
    economy = random_economy(n, n, g=0.2)
    for z in (0.1, 0.4, 0.7):
        result = boundary(economy, z, integer=True)
        nothing = linearized_log_utility(economy, np.zeros(n), z, 1)
        gain = linearized_log_utility(economy, np.eye(n), z, 1) - nothing
        sizes = economy.demand @ [z, 1 - z]
        above = z > classical_level(economy)
        limit = {"lb": z} if above else {"ub": z}
        oracle = milp(
            -gain,
            integrality=np.ones(n),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(sizes[None], **limit),
            options={"mip_rel_gap": 0},
        )
        chosen = oracle.x > 0.5
        value = nothing + gain[chosen].sum()
        if (chosen @ sizes >= z) if above else (chosen @ sizes <= z):
            assert result.log_utility >= value - 1e-13
        # milp may overfill by 1e-6 of world income, at a value density of about 1.
        assert result.log_utility == pytest.approx(value, abs=5e-6)


def test_b_i_is_exact_where_milp_overfills():
    """Just beyond an equilibrium's income milp still takes the equilibrium, and reports success."""
    overfilled = 0
    every = assignments(10, every=True)
    for seed in range(10):
        economy = random_economy(10, seed)
        level = classical_level(economy)
        near = near_boundary_equilibria(economy, np.linspace(level, 0.99, 20)[1:])
        z = float(near.income[near.income > level + 1e-3][0]) + 1e-8
        sizes = economy.demand @ [z, 1 - z]
        utility = linearized_log_utility(economy, every, z, 1)
        best = utility[every @ sizes >= z].max()
        assert boundary(economy, z, integer=True).log_utility == pytest.approx(best, abs=1e-13)
        nothing = linearized_log_utility(economy, np.zeros(10), z, 1)
        oracle = milp(
            nothing - linearized_log_utility(economy, np.eye(10), z, 1),
            integrality=np.ones(10),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(sizes[None], lb=z),
            options={"mip_rel_gap": 0},
        )
        assert oracle.success
        overfilled += nothing - oracle.fun > best + 1e-6 and (oracle.x > 0.5) @ sizes < z - 1e-9
    assert overfilled > 0


def test_near_boundary_equilibria_are_distinct_equilibria_under_the_boundary():
    economy = random_economy(17, 3)
    grid = np.linspace(0.02, 0.98, 60)
    for country in (1, 2):
        for method in ("integer", "rounding"):
            found = near_boundary_equilibria(economy, grid, country, method)
            assert len(np.unique(found.made_in_1, axis=0)) == len(found.income) > 20
            assert (np.diff(found.income) >= 0).all()
            assert found.income == pytest.approx(income(economy, found.made_in_1), abs=1e-14)
            bound = boundary(economy, found.income, country).log_utility
            utility = found.log_utility[:, country - 1]
            assert (utility <= bound + 1e-12).all()
            # "Extremely close to the boundary even for very moderate sized problems."
            assert np.median(bound - utility) < 0.01
            assert utility == pytest.approx(log_utility(economy, found.made_in_1, country))


def test_integers_find_more_equilibria_near_the_hump_than_rounding():
    """Figure 4: 119 against 11 on a fine grid of incomes."""
    economy = random_economy(27, 1)
    grid = np.linspace(0.55, 0.75, 200)
    by_integers = near_boundary_equilibria(economy, grid).income.size
    assert by_integers > 3 * near_boundary_equilibria(economy, grid, method="rounding").income.size


def test_all_goods_in_one_country_is_left_out():
    economy = random_economy(4, 0)
    found = near_boundary_equilibria(economy, [1e-6, 1 - 1e-6], method="rounding")
    count = found.made_in_1.sum(axis=1)
    assert ((count > 0) & (count < 4)).all()


@PROPERTY
@given(
    st.integers(2, 12),
    st.integers(0, 10**6),
    st.sampled_from([1.01, 1.5, 3.0]),
    st.sampled_from([0.1, 1.0, 10.0]),
)
def test_with_identical_demands_and_one_exponent_b_is_strictly_concave(n, seed, scale, ratio):
    """B' = 1 / Z_1 - lambda, with lambda the value density of the divided good at the margin."""
    economy = random_economy(
        n, seed, g=0, scale=scale, scale_spread=0, size_ratio=ratio, productivity_spread=1
    )
    grid = np.linspace(0.02, 0.98, 97)
    height = boundary(economy, grid).log_utility
    assert (np.diff(height, 2) < 0).all()
    step = 1e-6
    demand = economy.demand[:, 0]
    for z in (0.23, 0.61):
        curve = boundary(economy, [z - step, z, z + step])
        x = curve.x[1]
        divided = int(np.argmax(np.abs(x - np.round(x))))
        if not 1e-4 < x[divided] * demand[divided] < demand[divided] - 1e-4:
            continue
        output = sole_producer_log_output(economy, z)[divided]
        slope = 1 / z - (output[1] - output[0])
        # Outputs add alpha sum_i d_i (x_i2 / Z_2 - x_i1 / Z_1), which is zero by (3.4).
        numeric = (curve.log_utility[2] - curve.log_utility[0]) / (2 * step)
        assert slope == pytest.approx(numeric, abs=1e-4 * (1 + abs(numeric)))


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda e: boundary(None, 0.5), "economy"),
        (lambda e: boundary(e, 1.0), "income"),
        (lambda e: boundary(e, [0.5, np.nan]), "income"),
        (lambda e: boundary(e, "0.5"), "income"),
        (lambda e: boundary(e, 0.5, 3), "country"),
        (lambda e: boundary(e, 0.5, 1, "top"), "side"),
        (lambda e: boundary(e, 0.5, 1, "upper", 1), "integer"),
        (lambda e: near_boundary_equilibria(e, 0.0), "income"),
        (lambda e: near_boundary_equilibria(e, 0.5, 0), "country"),
        (lambda e: near_boundary_equilibria(e, 0.5, 1, "guess"), "method"),
        (lambda e: near_boundary_equilibria(e, 0.5, 1, "integer", "left"), "side"),
        (lambda e: classical_level(e.demand), "economy"),
    ],
)
def test_bad_parameters_are_named(call, name):
    with pytest.raises(ValueError, match=name):
        call(random_economy(4, 0))


@pytest.mark.parametrize("n", [45, 100])
def test_identical_countries_of_many_goods_have_an_exact_integer_boundary(n):
    economy = random_economy(n, 1994, g=0, productivity_spread=0.0, scale_spread=0.0)
    z = np.array([0.3, 0.5, 0.8])
    divided, whole = boundary(economy, z), boundary(economy, z, integer=True)
    # All goods have one value density, below 3, so that only what stays unfilled is lost; 1e-13 of
    # space may be overfilled.
    lost = divided.log_utility - whole.log_utility
    assert ((lost >= -3e-13) & (lost <= 1e-9)).all()


@pytest.mark.parametrize("alike", [False, True])
@pytest.mark.parametrize("count", [(100,), (14, 13, 13), (3, 30)])
@pytest.mark.parametrize("side", ["upper", "lower"])
def test_the_integer_boundary_of_twins_is_the_best_of_all_numbers_of_each_kind(count, alike, side):
    kind, economy = twins(count, 5, alike)
    every = counted_assignments(kind)
    for z in (0.2, 0.47, 0.81):
        utility = SIGN[side] * linearized_log_utility(economy, every, z, 2)
        room = 1 - z - ~every @ (economy.demand @ [z, 1 - z])
        best = utility.max()
        tight = room >= -1e-13 if room[utility > best - 1e-12].max() < 0 else room <= 1e-13
        result = boundary(economy, z, 2, side, integer=True)
        assert SIGN[side] * result.log_utility == pytest.approx(utility[tight].max(), abs=1e-11)


def test_a_classical_level_that_doubles_do_not_tell_from_one_raises():
    production = PowerProduction([[1e300, 1e-300], [1e300, 1e-300]], 1.5)
    economy = Economy([[0.5, 0.5], [0.5, 0.5]], [1.0, 1.0], production)
    with pytest.raises(ArithmeticError, match="closer to 0 or 1 than doubles"):
        classical_level(economy)
