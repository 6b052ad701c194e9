"""How hard it is to enter an industry: Gomory (1994), Section 7."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings

from lib.gomory import (
    Economy,
    PowerProduction,
    all_equilibria,
    break_even_shares,
    entry_costs,
    income,
    random_economy,
    specialized_equilibria,
)
from tests.gomory.strategies import economies

PROPERTY = settings(deadline=None, derandomize=True, max_examples=60)


def unit_costs(economy, x, good):
    """Both countries' unit costs of one good at shares x (n,), from the equations (3.2)."""
    z = income(economy, x)
    spending = economy.demand @ [z, 1 - z]
    labor = np.outer(spending, economy.labor / [z, 1 - z]) * np.stack([x, 1 - x], axis=1)
    wages = np.array([z, 1 - z]) / economy.labor
    with np.errstate(divide="ignore"):
        return wages * labor[good] / np.exp(economy.production.log_output(labor)[good])


@PROPERTY
@given(economies(least=3, most=6))
def test_entry_costs_are_wages_over_average_productivity(economy):
    made = np.arange(economy.goods) < 2
    for share in (0.02, 0.4, 0.9):
        found = np.exp(entry_costs(economy, made, share))
        for good in range(economy.goods):
            x = made.astype(float)
            x[good] = abs(x[good] - share)
            expected = unit_costs(economy, x, good)
            expected = expected[::-1] if made[good] else expected
            assert np.allclose(found[good], expected, rtol=1e-9)


def test_break_even_is_an_unstable_equilibrium_with_the_good_shared():
    """The price condition (3.P) holds there, so the solver of all equilibria must know it."""
    economy = random_economy(6, 1994)
    made = np.arange(6) % 2 == 0
    every = all_equilibria(economy)
    for good, share in enumerate(break_even_shares(economy, made)):
        pattern = np.where(made, 1, 2)
        pattern[good] = 0
        rows = np.flatnonzero((every.pattern == pattern).all(axis=1))
        newcomer = 1 - every.x[rows, good] if made[good] else every.x[rows, good]
        at = rows[np.isclose(newcomer, share, rtol=1e-7, atol=0)]
        assert len(at) == 1
        assert share == pytest.approx(newcomer.min(), rel=1e-7)
        assert not every.stable[at[0]]


@PROPERTY
@given(economies(least=3, most=6))
def test_below_the_break_even_share_a_newcomer_is_dearer_and_above_it_is_cheaper(economy):
    made = np.arange(economy.goods) < 2
    shares = break_even_shares(economy, made)
    for good, share in enumerate(shares):
        for part in (0.01, 0.5, 0.99):
            if 1e-300 < share * part < 1:
                new, old = entry_costs(economy, made, share * part)[good]
                assert new >= old
        if 1e-290 < share < 0.999:
            new, old = entry_costs(economy, made, share + 1e-6 * share * (1 - share))[good]
            assert new < old


@pytest.mark.parametrize("scale", [1.05, 1.4, 3.0])
@pytest.mark.parametrize("advantage", [0.5, 0.9, 1.0, 1.2, 2.0])
def test_a_good_too_small_to_move_incomes_follows_the_closed_form(scale, advantage):
    tiny = 1e-9
    demand = np.repeat([[tiny], [0.5 - tiny / 2], [0.5 - tiny / 2]], 2, axis=1)
    production = PowerProduction([[advantage, 1], [1, 1], [1, 1]], scale)
    share = break_even_shares(Economy(demand, [1, 1], production), [0, 1, 0])[0]
    odds = mpmath.mpf(1 / advantage) ** (1 / mpmath.mpf(scale - 1))  # q_old / q_new
    assert share == pytest.approx(float(odds / (1 + odds)), rel=1e-7)


def test_many_assignments_at_once_equal_one_by_one():
    economy = random_economy(10, 3, threshold=0.5)
    every = specialized_equilibria(economy).made_in_1
    together = break_even_shares(economy, every)
    for row in range(0, len(every), 97):
        assert np.array_equal(together[row], break_even_shares(economy, every[row]))


def test_an_industry_that_nobody_can_enter_has_the_share_one():
    # With two thirds of autarky labour needed for any output, a country many times as dear
    # is dearer at every share at which it makes anything at all.
    economy = Economy(
        np.full((3, 2), 1 / 3), [1, 1], PowerProduction([[1e9, 1], [1, 1], [1, 1]], 1.001)
    )
    assert break_even_shares(economy, [1, 1, 0])[0] == 1


@pytest.mark.parametrize("made", [[0, 0, 0], [1, 1, 1], [0.5, 0, 1], [1, 0], np.ones((0, 3))])
def test_entry_needs_assignments_of_whole_goods(made):
    economy = random_economy(3, 0)
    with pytest.raises(ValueError, match="made_in_1"):
        break_even_shares(economy, made)
    with pytest.raises(ValueError, match="made_in_1"):
        entry_costs(economy, made, 0.5)


@pytest.mark.parametrize("share", [0, 1, -0.1, np.nan, [0.1, 0.2]])
def test_a_share_of_the_market_lies_between_nothing_and_all(share):
    with pytest.raises(ValueError, match="share"):
        entry_costs(random_economy(3, 0), [1, 0, 0], share)
