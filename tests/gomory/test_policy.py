"""What industries are worth, who gains, who makes what: Gomory (1994), Sections 3 and 6 to 8."""

import numpy as np
import pytest
from hypothesis import given, settings

from lib.gomory import (
    Economy,
    PowerProduction,
    autarky_log_utility,
    boundary,
    boundary_shortfall,
    common_goods,
    gain_shares,
    income,
    industry_chain,
    industry_worth,
    log_utility,
    near_boundary_equilibria,
    random_economy,
    specialized_equilibria,
)
from tests.gomory.strategies import assignments, economies

PROPERTY = settings(deadline=None, derandomize=True, max_examples=60)


@PROPERTY
@given(economies())
def test_a_chain_adds_one_good_at_a_time_and_its_incomes_rise(economy):
    chain = industry_chain(economy)
    count = np.arange(1, economy.goods)
    assert np.array_equal(chain.made_in_1.sum(axis=1), count)
    assert (np.diff(chain.made_in_1.astype(int), axis=0) >= 0).all()
    assert (np.diff(chain.income) > 0).all()
    assert np.allclose(chain.income, income(economy, chain.made_in_1), rtol=1e-12)
    for j in (1, 2):
        expected = log_utility(economy, chain.made_in_1, j)
        assert np.allclose(chain.log_utility[:, j - 1], expected, rtol=1e-12)


def test_with_identical_demands_and_one_exponent_the_chain_is_on_the_boundary():
    for seed in range(8):
        economy = random_economy(9, seed, g=0, scale_spread=0, size_ratio=1 + seed)
        chain = industry_chain(economy)
        height = boundary(economy, chain.income).log_utility
        assert np.allclose(chain.log_utility[:, 0], height, atol=1e-11)
        # In the order of Country 1's comparative advantage, the greatest first.
        advantage = np.divide(*economy.production.productivity.T)
        order = np.argmax(np.diff(np.pad(chain.made_in_1, ((1, 1), (0, 0)))[:-1] * 1, axis=0), 1)
        assert (np.diff(advantage[order]) < 0).all()


@PROPERTY
@given(economies(least=3, most=6))
def test_the_worth_of_an_industry_is_what_both_have_without_it(economy):
    made = np.arange(economy.goods) < 2
    worth = industry_worth(economy, made)
    for row, good in enumerate((0, 1)):
        without = made.copy()
        without[good] = False
        for j in (1, 2):
            now, then = (np.exp(log_utility(economy, x, j)) for x in (made, without))
            assert worth[row, j - 1] == pytest.approx(then / now - 1, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("made_in_1", [[1, 0, 0], [1, 1, 1], [0.5, 1, 0], [[1, 1, 0]]])
def test_the_worth_of_industries_needs_one_assignment_that_can_lose_any(made_in_1):
    with pytest.raises(ValueError, match="made_in_1 must have shape"):
        industry_worth(random_economy(3, 0), made_in_1)


@PROPERTY
@given(economies(most=6))
def test_who_gains_is_counted_once_for_each_assignment(economy):
    every = assignments(economy.goods)
    kinds = [0, 0, 0, 0]
    alone = [autarky_log_utility(economy, j) for j in (1, 2)]
    for x in every:
        one, two = (log_utility(economy, x, j) > alone[j - 1] for j in (1, 2))
        kinds[0 if one and two else 1 if one else 2 if two else 3] += 1
    shares = gain_shares(economy)
    found = (shares.both, shares.only_1, shares.only_2, shares.none)
    assert found == pytest.approx(np.array(kinds) / len(every))


def test_who_gains_at_comparable_wages_counts_those_only():
    economy = random_economy(6, 3, size_ratio=4)
    every = assignments(6)
    z = income(economy, every)
    wages = z / (1 - z) / 4
    some = every[(wages >= 0.8) & (wages <= 1.25)]
    gains = log_utility(economy, some, 1) > autarky_log_utility(economy, 1)
    shares = gain_shares(economy, wage_ratio=(0.8, 1.25))
    assert shares.both + shares.only_1 == pytest.approx(gains.mean())
    assert np.isnan(gain_shares(economy, wage_ratio=(1e-9, 2e-9)).both)
    with pytest.raises(ValueError, match="wage_ratio"):
        gain_shares(economy, wage_ratio=(0.0, 1.0))
    with pytest.raises(ValueError, match="the smaller first"):
        gain_shares(economy, wage_ratio=(1.25, 0.8))


@PROPERTY
@given(economies(most=6))
def test_nobody_has_more_than_the_boundary(economy):
    every = assignments(economy.goods)
    missing = boundary_shortfall(economy, every)
    assert missing.shape == (len(every), 2)
    assert (missing > -1e-9).all()
    assert (missing <= 1).all()


def test_with_identical_demands_who_is_on_one_boundary_is_on_both():
    economy = random_economy(9, 1, g=0)
    near = near_boundary_equilibria(economy, np.linspace(0.1, 0.9, 30), method="rounding")
    missing = boundary_shortfall(economy, near.made_in_1)
    assert np.allclose(missing[:, 0], missing[:, 1], atol=1e-10)
    with pytest.raises(ValueError, match="not all made in Country 1"):
        boundary_shortfall(economy, np.ones(9))


def test_goods_are_always_never_or_sometimes_made_in_country_1():
    goods = common_goods([[1, 1, 0], [1, 0, 0], [1, 1, 0], [1, 1, 0]])
    assert goods.always.tolist() == [True, False, False]
    assert goods.never.tolist() == [False, False, True]
    assert goods.contested.tolist() == [False, True, False]
    assert goods.often.tolist() == [1, 0.75, 0]


@pytest.mark.parametrize(
    "made_in_1",
    [[1, 0], [[1, 0], [1]], [np.ones((2, 3)), np.ones((2, 4))], [[]], np.ones((0, 3)), [[0.5, 1]]],
)
def test_goods_are_sorted_over_equilibria_of_the_same_goods_only(made_in_1):
    with pytest.raises(ValueError, match="made_in_1 must be an array of shape"):
        common_goods(made_in_1)


def test_one_wage_ratio_is_an_interval_too():
    economy = random_economy(5, 1)
    found = specialized_equilibria(economy)
    z = found.income[7]
    ratio = z / (1 - z) * (economy.labor[1] / economy.labor[0])
    shares = gain_shares(economy, wage_ratio=(ratio, ratio))
    assert sum((shares.both, shares.only_1, shares.only_2, shares.none)) == 1


@pytest.mark.parametrize("n", [100, 300])
def test_the_chain_of_many_goods_lies_on_the_boundary_with_one_exponent(n):
    """Goods that are acquired between two incomes of the grid keep their order."""
    rng = np.random.default_rng(n)
    demand = np.tile(rng.dirichlet(np.ones(n)), (2, 1)).T
    productivity = np.exp(rng.normal(0, 0.5, (n, 2)))
    economy = Economy(demand, [1, 1], PowerProduction(productivity, 1.5))
    chain = industry_chain(economy)
    on_it = boundary(economy, chain.income, 1).log_utility
    np.testing.assert_allclose(chain.log_utility[:, 0], on_it, atol=1e-9)
