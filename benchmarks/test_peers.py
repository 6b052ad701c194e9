"""Each routine beside its named peer: pytest-benchmark's tables give the ratios of one run."""

import numpy as np
import pytest

from benchmarks.beyond import by_root, by_search, world
from benchmarks.gomory_boundary import by_milp, identical
from benchmarks.gomory_equilibria import one_by_one
from lib.gomory.best import best_equilibrium
from lib.gomory.boundaries import boundary, near_boundary_equilibria
from lib.gomory.economy import random_economy
from lib.gomory.equilibria import all_equilibria
from lib.gomory.specialized import specialized_equilibria
from lib.krugman import Industry, many_countries, optimal_tariff


@pytest.mark.parametrize("goods", [27, 100, 300])
@pytest.mark.parametrize("method", ["lib", "milp"])
def test_boundary_in_whole_goods_at_one_income(benchmark, goods, method):
    benchmark.group = f"B_I at one income, {goods} goods"
    economy = random_economy(goods, 0, g=0.2)
    if method == "lib":
        benchmark(boundary, economy, 0.55, integer=True)
    else:
        benchmark.pedantic(by_milp, (economy, 0.55), rounds=3)


def test_curve_of_200_incomes_with_its_equilibria(benchmark):
    benchmark.group = "27 goods, 200 incomes: B_I and its equilibria"
    near = benchmark(
        near_boundary_equilibria, random_economy(27, 0, g=0.2), np.linspace(0.0025, 0.9975, 200)
    )
    assert near.income.size > 50


@pytest.mark.parametrize("method", ["lib", "one by one"])
def test_specialised_equilibria_in_memory(benchmark, method):
    benchmark.group = "all specialised equilibria of 12 goods"
    economy = random_economy(12, 1, g=0.2)
    if method == "lib":
        benchmark(specialized_equilibria, economy)
    else:
        benchmark.pedantic(one_by_one, (economy, 2**12 - 2), rounds=2)


@pytest.mark.parametrize("goods", [5, 7, 9])
def test_every_equilibrium_of_every_pattern(benchmark, goods):
    benchmark.group = "every equilibrium of every pattern, by number of goods"
    benchmark.pedantic(all_equilibria, (random_economy(goods, 1),), rounds=3)


@pytest.mark.parametrize(
    "economy",
    [random_economy(40, 0, g=0.2), identical(27)],
    ids=["40 goods", "27 goods, identical countries"],
)
def test_best_equilibrium(benchmark, economy):
    benchmark.group = "the best equilibrium, proved"
    best = benchmark.pedantic(best_equilibrium, (economy, 1), rounds=2)
    assert best.upper_bound - best.log_utility < 1e-9


@pytest.mark.parametrize("method", ["lib", "scipy's root"])
def test_wages_of_200_countries(benchmark, method):
    benchmark.group = "wages of 200 countries"
    labor, g = world(200)
    if method == "lib":
        benchmark(many_countries, Industry(0.75), labor, g)
    else:
        benchmark.pedantic(by_root, (labor, g), rounds=3)


@pytest.mark.parametrize("method", [optimal_tariff, by_search])
def test_the_best_tariff(benchmark, method):
    benchmark.group = "the best tariff"
    assert 0 < benchmark(method, Industry(0.75), (200, 100), 0.8) < 1
