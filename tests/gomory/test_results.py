"""Results of lib.gomory cannot be changed."""

from dataclasses import FrozenInstanceError, fields, is_dataclass

import numpy as np
import pytest

import lib.gomory
from lib.gomory import (
    all_equilibria,
    best_equilibrium,
    boundary,
    boundary_peak,
    boundary_slope,
    common_goods,
    fill_in_bound,
    gain_shares,
    income,
    knapsack,
    log_utility,
    near_boundary_equilibria,
    nearest_equilibrium,
    random_economy,
    shape_report,
    specialized_density,
    specialized_equilibria,
)
from lib.nest import NestedEconomy
from lib.nest import all_equilibria as all_nested_equilibria

PARAMETERS = {"Economy", "PowerProduction", "ThresholdProduction"}


def results():
    economy = random_economy(4, 0, threshold=0.1)
    yield economy
    yield economy.production
    yield random_economy(4, 0).production
    yield all_equilibria(economy)
    yield best_equilibrium(economy, 1)
    yield boundary(economy, [0.3, 0.6])
    yield boundary_peak(economy)
    yield boundary_slope(economy, [0.3, 0.6])
    yield common_goods([[1, 0, 0, 1], [0, 1, 0, 1]])
    yield fill_in_bound(economy, 0.4)
    yield gain_shares(economy)
    yield knapsack([1.0, 2.0], [1.0, 1.0], 1.0)
    yield near_boundary_equilibria(economy, [0.3, 0.6])
    middle = boundary(economy, 0.4).log_utility + boundary(economy, 0.4, side="lower").log_utility
    yield nearest_equilibrium(economy, 0.4, middle / 2)
    report = shape_report(economy, points=50)
    yield report
    yield report.GS1
    yield specialized_density(economy, 4, 1)
    yield specialized_equilibria(economy)


RESULTS = {type(result).__name__: result for result in results()}


def test_every_class_of_the_package_is_looked_at():
    public = (getattr(lib.gomory, name) for name in lib.gomory.__all__)
    classes = {one.__name__ for one in public if isinstance(one, type)}
    assert set(RESULTS) == classes
    assert classes >= PARAMETERS


@pytest.mark.parametrize("name", RESULTS)
def test_no_field_and_no_array_of_a_result_can_be_changed(name):
    result = RESULTS[name]
    assert is_dataclass(result)
    for field in fields(result):
        value = getattr(result, field.name)
        with pytest.raises(FrozenInstanceError):
            setattr(result, field.name, value)
        if isinstance(value, np.ndarray):
            with pytest.raises(ValueError, match="read-only"):
                value[...] = value


def test_some_of_the_equilibria_are_a_result_of_the_same_kind():
    nested = NestedEconomy(np.full((2, 2), 0.5), [1, 1], np.ones((2, 2)), 1.5, 6, 0.8)
    for found in (RESULTS["Equilibria"], all_nested_equilibria(nested)):
        assert 0 < found.stable.sum() < len(found.stable)
        some, others = found[found.stable], found[~found.stable]
        assert np.array_equal(some.income, found.income[found.stable])
        assert np.array_equal(
            np.sort(type(found).join([some, others]).income), np.sort(found.income)
        )
        with pytest.raises(ValueError, match="read-only"):
            some.income[0] = 0.5


def test_arrays_that_functions_return_cannot_be_changed_either():
    economy = random_economy(3, 0)
    x = np.array([[True, False, False], [True, True, False]])
    for values in (income(economy, x), log_utility(economy, x, 1)):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 0.0
