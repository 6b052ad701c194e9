"""Knapsacks against brute force, dynamic programming, scipy's linprog and milp."""

import sys
from itertools import product
from math import fsum

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from lib.gomory.knapsack import continuous_knapsack, knapsack

PROPERTY = settings(deadline=None, derandomize=True, max_examples=250)


@st.composite
def problems(draw, most=11):
    """Problems of every kind: ordinary, of (nearly) equal density, with many exact ties."""
    n = draw(st.integers(1, most))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    kind = draw(st.sampled_from(["plain", "tiny", "equal", "nearly equal", "ties"]))
    weights = rng.uniform(0, 1, n) + 1e-9
    values = rng.normal(size=n)
    if kind == "tiny":
        weights *= 10.0 ** rng.integers(-12, 1, n)
    if kind == "equal":
        values = 0.7 * weights
    if kind == "nearly equal":
        values = weights * (1 + 1e-9 * rng.normal(size=n))
    if kind == "ties":
        weights, values = rng.integers(1, 6, n) / 8, rng.integers(-3, 5, n) / 4
    capacity = draw(st.sampled_from([-0.1, 0.0, 0.1, 0.4, 0.9, 1.0, 1.1])) * weights.sum()
    if kind == "ties":
        capacity = np.round(capacity * 8) / 8
    return values, weights, float(capacity), draw(st.sampled_from(["<=", ">="]))


def fits(weights, capacity, sense):
    excess = fsum([*weights, -capacity])
    return excess <= 0 if sense == "<=" else excess >= 0


def best_of_all(values, weights, capacity, sense):
    every = [np.array(x, dtype=bool) for x in product([0, 1], repeat=values.size)]
    return max((fsum(values[x]) for x in every if fits(weights[x], capacity, sense)), default=None)


def by_dynamic_programming(values, weights, capacity):
    """Solve a knapsack with whole weights: an exact oracle for many goods."""
    best = np.zeros(capacity + 1)
    for value, weight in zip(values, weights, strict=True):
        best[weight:] = np.maximum(best[weight:], best[: capacity + 1 - weight] + value)
    return best[-1]


@PROPERTY
@given(problems())
def test_the_packing_is_the_best_of_all_and_never_overflows(problem):
    values, weights, capacity, sense = problem
    best = best_of_all(values, weights, capacity, sense)
    if best is None:
        with pytest.raises(ValueError, match="capacity"):
            knapsack(values, weights, capacity, sense)
        return
    packing = knapsack(values, weights, capacity, sense)
    assert fits(weights[packing.chosen], capacity, sense)
    assert packing.value == pytest.approx(best, rel=1e-14, abs=1e-14 * np.abs(values).sum())
    assert packing.value == fsum(values[packing.chosen])
    assert packing.weight == fsum(weights[packing.chosen])


@pytest.mark.parametrize("n", [27, 100, 300])
@pytest.mark.parametrize("spread", [1.0, 0.05])
def test_hundreds_of_goods_agree_with_dynamic_programming(n, spread):
    rng = np.random.default_rng(n)
    for _ in range(5):
        weights = rng.integers(1, 400, n)
        values = weights * (1 + spread * rng.uniform(-0.5, 0.5, n))
        capacity = int(weights.sum() * rng.uniform(0.1, 0.9))
        best = by_dynamic_programming(values, weights, capacity)
        packing = knapsack(values, weights / 1024, capacity / 1024)
        assert packing.value == pytest.approx(best, rel=1e-13)
        rest = knapsack(-values, weights / 1024, (weights.sum() - capacity) / 1024, ">=")
        assert values.sum() + rest.value == pytest.approx(best, rel=1e-12)


@pytest.mark.parametrize("n", [20, 32, 40, 44, 70])
def test_goods_of_equal_density_meet_in_the_middle(n):
    rng = np.random.default_rng(n)
    weights = rng.integers(1000, 4000, n)
    weights -= weights % 4 - 1
    # All weights are 1 modulo 4, so not every capacity can be filled.
    for capacity in (6003, int(weights.sum()) // 3):
        best = by_dynamic_programming(weights.astype(float), weights, capacity)
        assert knapsack(0.3 * weights, weights, capacity).weight == best


@pytest.mark.parametrize("n", [36, 50, 300])
def test_real_weights_of_equal_density_fill_the_space_or_prove_that_nothing_fills_more(n):
    rng = np.random.default_rng(n)
    weights = rng.uniform(0.5, 1.5, n)
    capacity = 0.37 * weights.sum()
    packing = knapsack(2 * weights, weights, capacity)
    assert 0 <= capacity - packing.weight < 1e-9


@pytest.mark.parametrize("room", range(10))
def test_twenty_goods_of_nearly_equal_density_are_packed_to_the_last_bit(room):
    rng = np.random.default_rng(room)
    weights = rng.uniform(0.5, 1.5, 20)
    values = weights * (1 + 1e-6 * rng.normal(size=20))
    capacity = (room + 0.5) / 10 * weights.sum()
    every = (np.arange(2**20)[:, None] >> np.arange(20)) & 1
    value = np.where(every @ weights <= capacity, every @ values, 0.0).max()
    packing = knapsack(values, weights, capacity)
    assert packing.weight <= capacity
    assert packing.value == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize("n", [10, 16])
def test_equal_densities_that_are_not_filled_raise_with_bounds_around_the_best(n, monkeypatch):
    module = sys.modules[knapsack.__module__]
    monkeypatch.setattr(module, "_LONGEST_SUMS", 3)
    monkeypatch.setattr(module, "_FILLED", (2, 6, 2))
    rng = np.random.default_rng(n)
    weights = rng.uniform(0.5, 1.5, n)
    capacity = 0.43 * weights.sum()
    with pytest.raises(ArithmeticError, match="only to lie between") as raised:
        knapsack(weights, weights, capacity)
    low, high = map(float, str(raised.value).split("between ")[1].split(" and "))
    every = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
    sums = every @ weights
    assert low <= sums[sums <= capacity].max() <= high
    assert high == pytest.approx(capacity, rel=1e-12)


@pytest.mark.parametrize("longest", [1, 4, 16, 64])
def test_however_short_the_lists_the_best_is_found_or_lies_between_the_bounds(longest, monkeypatch):
    monkeypatch.setattr(sys.modules[knapsack.__module__], "_LONGEST", (longest,))
    every = (np.arange(2**10)[:, None] >> np.arange(10)) & 1
    proven = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        weights = rng.uniform(0.5, 1.5, 10)
        values = weights * (1 + 1e-3 * rng.normal(size=10))
        capacity = 0.43 * weights.sum()
        best = np.where(every @ weights <= capacity, every @ values, 0.0).max()
        try:
            packing = knapsack(values, weights, capacity)
        except ArithmeticError as unproven:
            low, high = map(float, str(unproven).split("between ")[1].split(" and "))
            assert low <= best * (1 + 1e-14)
            assert best <= high
        else:
            assert packing.value == pytest.approx(best, rel=1e-14)
            proven += 1
    assert proven == 40 if longest == 64 else proven < 40


@pytest.mark.parametrize("piece", [1, 2, 5])
def test_sums_that_are_matched_piece_by_piece_fill_the_space_best(piece, monkeypatch):
    monkeypatch.setattr(sys.modules[knapsack.__module__], "_CHUNK", piece)
    every = (np.arange(2**10)[:, None] >> np.arange(10)) & 1
    rng = np.random.default_rng(piece)
    for part in (0.1, 0.4, 0.7):
        weights = rng.uniform(0.5, 1.5, 10)
        capacity = part * weights.sum()
        sums = every @ weights
        packing = knapsack(weights, weights, capacity)
        assert packing.weight == pytest.approx(sums[sums <= capacity].max(), rel=1e-14)


def test_optimality_that_cannot_be_proven_raises():
    rng = np.random.default_rng(3)
    weights = rng.uniform(0, 1, 100)
    values = weights * (1 + 1e-10 * rng.normal(size=100))
    with pytest.raises(ArithmeticError, match="only to lie between"):
        knapsack(values, weights, 0.3 * weights.sum())


@pytest.mark.parametrize("n", [27, 100])
def test_milp_is_never_better_and_within_its_own_tolerance(n):
    rng = np.random.default_rng(n)
    for _ in range(5):
        weights = rng.uniform(0.5, 1.5, n)
        values = weights * rng.normal(size=n)
        capacity = 0.3 * weights.sum()
        packing = knapsack(values, weights, capacity)
        result = milp(
            -values,
            integrality=np.ones(n),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(weights[None], ub=capacity),
            options={"mip_rel_gap": 0},
        )
        chosen = result.x > 0.5
        if fits(weights[chosen], capacity, "<="):
            assert packing.value >= fsum(values[chosen]) - 1e-13
        # Tolerance of milp: 1e-6 of capacity, at the density of a good at the break (below 4).
        assert packing.value == pytest.approx(-result.fun, abs=1e-5)


@PROPERTY
@given(problems(most=8), st.sampled_from(["=", "<=", ">="]))
def test_the_continuous_knapsack_agrees_with_linprog(problem, sense):
    values, weights, capacity, _ = problem
    capacity = min(max(capacity, 0.0), 0.9 * weights.sum())
    scale = weights.sum()
    x = continuous_knapsack(values, weights, capacity, sense)
    row, bound = weights[None] / scale, [capacity / scale]
    limits = {
        "=": {"A_eq": row, "b_eq": bound},
        "<=": {"A_ub": row, "b_ub": bound},
        ">=": {"A_ub": -row, "b_ub": [-bound[0]]},
    }[sense]
    result = linprog(-values, bounds=(0, 1), **limits)
    # linprog's own tolerance is 1e-7 of the scaled capacity, at the density of any good.
    assert values @ x >= -result.fun - 2e-7 * (values / weights).max(initial=1) * scale
    assert values @ x <= -result.fun + 2e-7 * np.abs(values / weights).max() * scale
    filled = weights @ x
    tolerance = 1e-12 * scale
    assert sense == ">=" or filled <= capacity + tolerance
    assert sense == "<=" or filled >= capacity - tolerance
    assert np.isclose(x, np.round(x), rtol=0, atol=1e-9).sum() >= x.size - 1
    assert ((x >= 0) & (x <= 1)).all()


def test_many_continuous_knapsacks_at_once_equal_one_by_one():
    rng = np.random.default_rng(0)
    values, weights = rng.normal(size=(3, 4, 9)), rng.uniform(0.1, 1, (4, 9))
    capacity = rng.uniform(0, 0.9, (3, 4))
    together = continuous_knapsack(values, weights, capacity)
    for place in np.ndindex(3, 4):
        one = continuous_knapsack(values[place], weights[place[1]], capacity[place])
        assert (one == together[place]).all()
    grid = continuous_knapsack(values[0, 0], weights[0], np.linspace(0, 0.9, 5))
    assert grid.shape == (5, 9)


@pytest.mark.parametrize("spread", [0.0, 1e-13, 1e-9, 0.5])
@pytest.mark.parametrize("power", [-60, 60])
def test_values_and_weights_in_other_units_are_packed_alike(spread, power):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        weights = rng.uniform(0.5, 1.5, 18)
        values = weights * (1 + spread * rng.normal(size=18))
        capacity = 0.4 * weights.sum()
        chosen = knapsack(values, weights, capacity).chosen
        assert (knapsack(2.0**power * values, weights, capacity).chosen == chosen).all()
        scaled = 2.0**power * weights, 2.0**power * capacity
        assert (knapsack(values, *scaled).chosen == chosen).all()


def test_relaxing_integrality_never_lowers_the_value():
    rng = np.random.default_rng(1)
    for _ in range(50):
        values, weights = rng.normal(size=20), rng.uniform(0.1, 1, 20)
        capacity = rng.uniform(0, weights.sum())
        for sense in ("<=", ">="):
            divided = values @ continuous_knapsack(values, weights, capacity, sense)
            assert knapsack(values, weights, capacity, sense).value <= divided + 1e-13


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (([1.0, np.nan], [1.0, 1.0], 1.0), "values"),
        (([[1.0]], [1.0], 1.0), "values"),
        (([1.0, 1.0], [1.0], 1.0), "weights"),
        (([1.0, 1.0], [1.0, 0.0], 1.0), "weights"),
        (([1.0, 1.0], [1.0, 1.0], np.inf), "capacity"),
        (([1.0, 1.0], [1.0, 1.0], -1.0), "capacity"),
        (([1.0, 1.0], [1.0, 1.0], 2.1, ">="), "capacity"),
        (([1.0, 1.0], [1.0, 1.0], 1.0, "="), "sense"),
    ],
)
def test_bad_knapsacks_are_named(arguments, name):
    with pytest.raises(ValueError, match=name):
        knapsack(*arguments)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (([1.0, np.nan], [1.0, 1.0], 1.0), "values"),
        ((1.0, [1.0], 1.0), "values"),
        (([1.0, 1.0], [1.0, -1.0], 1.0), "weights"),
        (([1.0, 1.0], [1.0, 1.0, 1.0], 1.0), "weights"),
        (([1.0, 1.0], [1.0, 1.0], "1"), "capacity"),
        (([1.0, 1.0], [1.0, 1.0], -1.0), "capacity"),
        (([1.0, 1.0], [1.0, 1.0], 2.1), "capacity"),
        (([1.0, 1.0], [1.0, 1.0], 1.0, "<"), "sense"),
    ],
)
def test_bad_continuous_knapsacks_are_named(arguments, name):
    with pytest.raises(ValueError, match=name):
        continuous_knapsack(*arguments)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (([1e308] * 2, [1, 1], 1.5), "values"),
        (([-1e308] * 3, [1, 1, 1], 2.5), "values"),
        (([1, 1], [1e308] * 2, 1.5), "weights"),
    ],
)
def test_sums_beyond_doubles_are_refused_by_name(arguments, name):
    for solve in (knapsack, continuous_knapsack):
        with pytest.raises(ValueError, match=f"^{name} must add up to less than 1.8e.308"):
            solve(*arguments)
