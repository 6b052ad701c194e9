"""Specialised equilibria of Gomory's model against enumeration and histograms."""

from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.gomory import best_equilibrium, specialized
from lib.gomory.economy import Economy, PowerProduction, income, log_utility, random_economy
from lib.gomory.specialized import specialized_density, specialized_equilibria
from tests.gomory.strategies import Own, economies, property_test


@property_test(40)
@given(economies(most=7))
def test_gomory_3_p_all_integer_assignments_are_the_specialised_equilibria(economy):
    n = economy.goods
    result = specialized_equilibria(economy)
    expected = {x for x in product([False, True], repeat=n) if any(x) and not all(x)}
    assert {tuple(x) for x in result.made_in_1.tolist()} == expected
    assert len(result.income) == 2**n - 2
    np.testing.assert_array_equal(result.income, income(economy, result.made_in_1))
    for country in (1, 2):
        expected = [log_utility(economy, x, country) for x in result.made_in_1]
        np.testing.assert_allclose(
            result.log_utility[:, country - 1], expected, rtol=1e-12, atol=1e-12
        )


@property_test(25)
@given(economies(most=11), st.sampled_from([1, 2]), st.sampled_from([(7, 5), (64, 64), (1, 300)]))
def test_the_density_counts_every_specialised_equilibrium_where_it_is(economy, country, bins):
    density = specialized_density(economy, bins, country, threads=2)
    every = specialized_equilibria(economy)
    utility = np.exp(every.log_utility[:, country - 1])
    edges = [density.income_edges, density.utility_edges]
    assert density.counts.shape == bins
    assert density.counts.sum() == 2**economy.goods - 2
    assert density.utility_edges[-1] >= utility.max()
    if (away_from(every.income, edges[0]) & away_from(utility, edges[1])).all():
        np.testing.assert_array_equal(
            density.counts, np.histogram2d(every.income, utility, edges)[0]
        )


@pytest.mark.parametrize("country", [1, 2])
@pytest.mark.parametrize("above", [1e-9, -1e-9])
def test_where_the_series_is_not_exact_enough_an_equilibrium_is_counted_by_its_utility(
    country, above, monkeypatch
):
    economy = random_economy(8, seed=3)
    every = specialized_equilibria(economy)
    utility = every.log_utility[:, country - 1]
    for middle in utility:
        # This one lies nearer to the edge between two rows than the sum of a series can tell.
        top = middle + np.log(2) + above
        monkeypatch.setattr(specialized, "_utility_bound", lambda *_, top=top: top)
        heights = np.exp(utility - top) * 2
        expected = [(heights < 1).sum(), (heights >= 1).sum()]
        counts = specialized_density(economy, (1, 2), country, threads=1).counts
        assert counts.sum(axis=0).tolist() == expected


def away_from(values, edges):
    """Where no edge is so near that rounding decides."""
    gap = np.abs(values[:, None] - edges).min(axis=1)
    return gap > 1e-13 * edges[-1]


@pytest.mark.parametrize("country", [1, 2])
def test_the_density_of_sixteen_goods_is_the_histogram_of_all_of_them(country):
    economy = random_economy(16, 4, g=0.3, size_ratio=2.0)
    density = specialized_density(economy, (90, 70), country)
    every = specialized_equilibria(economy)
    utility = np.exp(every.log_utility[:, country - 1])
    edges = [density.income_edges, density.utility_edges]
    np.testing.assert_array_equal(density.counts, np.histogram2d(every.income, utility, edges)[0])
    assert density.utility_edges[-1] < 1.02 * utility.max()


def test_the_density_is_the_same_for_production_functions_it_does_not_know():
    economy = random_economy(15, 2, g=0.2)
    own = Economy(economy.demand, economy.labor, Own(economy.production))
    first, second = (specialized_density(e, 40, 1, threads=1) for e in (economy, own))
    np.testing.assert_array_equal(first.counts, second.counts)


@pytest.mark.parametrize("apart", [1e-4, 1e-9, 1e-14])
def test_the_density_is_found_however_little_a_country_spends_on_a_good(apart):
    """The series in income then has no end in sight: assignments are looked at one by one."""
    economy = random_economy(5, 0, g=1 - apart)
    density = specialized_density(economy, 20, 1)
    every = specialized_equilibria(economy)
    edges = [density.income_edges, density.utility_edges]
    expected, *_ = np.histogram2d(every.income, np.exp(every.log_utility[:, 0]), bins=edges)
    np.testing.assert_array_equal(density.counts, expected)


@pytest.mark.parametrize(
    "solve", [lambda one: specialized_density(one, 10, 1), lambda one: best_equilibrium(one, 1)]
)
def test_an_income_that_doubles_round_to_1_is_refused(solve):
    with pytest.raises(ValueError, match=r"^economy must have demand shares that keep ln"):
        solve(random_economy(4, 0, g=1 - 1e-16))


def test_the_density_of_identical_countries_counts_ties_once():
    demand = np.full((10, 2), 0.1)
    economy = Economy(demand, [1, 1], PowerProduction(1.0, 1.5))
    density = specialized_density(economy, (7, 50), 1)
    expected = np.zeros(7, int)
    for goods_of_1 in range(1, 10):
        expected[7 * goods_of_1 // 10] += comb(10, goods_of_1)
    np.testing.assert_array_equal(density.counts.sum(axis=1), expected)
    # All equilibria of one income have one utility (Section 6).
    assert np.count_nonzero(density.counts) <= 9


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: specialized_equilibria(random_economy(23, 0)), "economy"),
        (lambda: specialized_equilibria("economy"), "economy"),
        (lambda: specialized_density(random_economy(35, 0), 10, 1), "economy"),
        (lambda: specialized_density(random_economy(3, 0), 0, 1), "bins"),
        (lambda: specialized_density(random_economy(3, 0), (4, 2.5), 1), "bins"),
        (lambda: specialized_density(random_economy(3, 0), (4, 4097), 1), "bins"),
        (lambda: specialized_density(random_economy(3, 0), (4, 4, 4), 1), "bins"),
        (lambda: specialized_density(random_economy(3, 0), 4, 3), "country"),
        (lambda: specialized_density(random_economy(3, 0), 4, 1, threads=0), "threads"),
    ],
)
def test_every_invalid_parameter_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()


@pytest.mark.parametrize("goods", [2, 5])
def test_few_goods_of_any_production_are_all_counted(goods):
    economy = random_economy(goods, 3)
    own = Economy(economy.demand, economy.labor, Own(economy.production))
    for one in (economy, own):
        assert specialized_density(one, 10, 1).counts.sum() == 2**goods - 2
