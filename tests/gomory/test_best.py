"""The best specialised equilibrium of Gomory (1994), Section 3, against enumeration."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.gomory.best import _Search, best_equilibrium
from lib.gomory.boundaries import _terms, boundary, near_boundary_equilibria
from lib.gomory.economy import Economy, PowerProduction, income, log_utility, random_economy
from tests.gomory.strategies import (
    Own,
    assignments,
    counted_assignments,
    economies,
    identical,
    twins,
    wavy_economy,
)


@settings(deadline=None, derandomize=True, max_examples=80)
@given(economies(most=11), st.sampled_from([1, 2]))
def test_the_best_equilibrium_is_the_best_of_all(economy, country):
    best = best_equilibrium(economy, country)
    every = assignments(economy.goods)
    assert best.log_utility == pytest.approx(
        log_utility(economy, every, country).max(), rel=0, abs=1e-12
    )
    assert log_utility(economy, best.made_in_1, country) == pytest.approx(best.log_utility)
    assert income(economy, best.made_in_1) == pytest.approx(best.income)
    assert 0 <= best.upper_bound - best.log_utility <= 1.01e-12


@settings(deadline=None, derandomize=True, max_examples=60)
@given(economies(most=9), st.sampled_from([1, 2]), st.integers(1, 12))
def test_the_bound_of_an_interval_of_incomes_holds_all_its_equilibria(economy, country, intervals):
    search = _Search(economy, country)
    edges = np.linspace(search.low, search.high, intervals + 1)
    heights = search._bound(edges[:-1], edges[1:]).height.max(axis=1)
    every = assignments(economy.goods)
    z = income(economy, every)
    place = np.searchsorted(edges, np.log(z / (1 - z))) - 1
    assert (log_utility(economy, every, country) <= heights[place] + 1e-12).all()


def hidden(production):
    """Production functions of which nothing is known but the two methods."""
    return SimpleNamespace(log_output=production.log_output, elasticity=production.elasticity)


def extreme_economies():
    rng = np.random.default_rng(8)
    productivity = np.exp(rng.uniform(-0.5, 0.5, (16, 2)))
    rare = rng.uniform(0.5, 1.5, (16, 2))
    rare[0] = 1e-6 * rare[1:].sum(axis=0)
    rare /= rare.sum(axis=0)
    apart = np.full((16, 2), 1e-6)
    apart[:8, 0] = apart[8:, 1] = 1.0
    apart /= apart.sum(axis=0)
    mild = random_economy(14, 3)
    yield "identical", identical(16)
    yield (
        "identical, equal demands",
        Economy(np.full((14, 2), 1 / 14), [1.0, 1.0], PowerProduction(1.0, 2.0)),
    )
    for scale in (1.01, 3.0):
        for labor in ([1000.0, 1.0], [1.0, 1000.0]):
            yield "lopsided", Economy(rare, labor, PowerProduction(productivity, scale))
    yield "orthogonal", Economy(apart, [1.0, 1.0], PowerProduction(productivity, 1.4))
    yield "thresholds", random_economy(16, 2, threshold=0.99)
    yield "unknown", Economy(mild.demand, mild.labor, hidden(mild.production))


@pytest.mark.parametrize(
    "economy",
    [pytest.param(e, id=f"{i} {name}") for i, (name, e) in enumerate(extreme_economies())],
)
@pytest.mark.parametrize("country", [1, 2])
def test_the_best_equilibrium_of_extreme_economies_is_the_best_of_all(economy, country):
    best = best_equilibrium(economy, country)
    every = log_utility(economy, assignments(economy.goods), country)
    assert best.log_utility == pytest.approx(every.max(), rel=0, abs=2e-12)
    assert 0 <= best.upper_bound - best.log_utility <= 1.01e-12


@pytest.mark.parametrize("country", [1, 2])
def test_the_best_of_forty_goods_beats_every_equilibrium_near_the_boundary(country):
    economy = random_economy(40, 5, g=0.2)
    best = best_equilibrium(economy, country)
    odds = np.linspace(-6, 6, 400)
    near = near_boundary_equilibria(economy, 1 / (1 + np.exp(-odds)), country)
    assert near.log_utility[:, country - 1].max() <= best.log_utility + 1e-12
    top = boundary(economy, 1 / (1 + np.exp(-odds)), country).log_utility.max()
    assert best.log_utility <= top
    # "Within 1/6 of 1% of the highest point of B" with 27 goods.
    assert best.log_utility == pytest.approx(top, abs=1 / 600)
    assert best.upper_bound - best.log_utility <= 1.01e-12


@pytest.mark.parametrize("alike", [False, True])
@pytest.mark.parametrize("count", [(5,), (4, 3), (3, 1, 4), (1, 2, 6)])
@pytest.mark.parametrize("country", [1, 2])
def test_the_best_equilibrium_of_few_twins_is_the_best_of_all(count, alike, country):
    for seed in range(5):
        _, economy = twins(count, seed, alike)
        best = best_equilibrium(economy, country)
        every = log_utility(economy, assignments(economy.goods), country)
        assert best.log_utility == pytest.approx(every.max(), rel=0, abs=2e-12)
        assert 0 <= best.upper_bound - best.log_utility <= 1.01e-12


@pytest.mark.parametrize("alike", [False, True])
@pytest.mark.parametrize("count", [(100,), (14, 13, 13), (1, 60, 2)])
@pytest.mark.parametrize("country", [1, 2])
def test_the_best_equilibrium_of_many_twins_is_the_best_of_all_numbers_of_each_kind(
    count, alike, country
):
    kind, economy = twins(count, 3, alike)
    best = best_equilibrium(economy, country)
    every = counted_assignments(kind)
    every = every[every.any(axis=1) & ~every.all(axis=1)]
    assert len(every) == np.prod(np.array(count) + 1) - 2
    utility = log_utility(economy, every, country)
    assert best.log_utility == pytest.approx(utility.max(), rel=0, abs=2e-12)
    assert 0 <= best.upper_bound - best.log_utility <= 1.01e-12


def test_twins_of_unknown_production_functions_are_no_twins():
    _, economy = twins((4, 4), 0)
    own = Economy(economy.demand, economy.labor, Own(economy.production))
    known, unknown = best_equilibrium(economy, 1), best_equilibrium(own, 1)
    assert known.log_utility == pytest.approx(unknown.log_utility, rel=0, abs=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_the_best_equilibrium_where_elasticity_varies_is_the_best_of_all(seed):
    economy = wavy_economy(seed)
    best = best_equilibrium(economy, 1)
    every = log_utility(economy, assignments(3), 1)
    assert best.log_utility == pytest.approx(every.max(), rel=0, abs=2e-12)


@pytest.mark.parametrize(
    "limits",
    [
        {"_SHORTEST_LIST": 2, "_LONGEST_LIST": 16},
        {"_MOST_PAIRS": 3},
        {"_MOST_TRIED": 1},
    ],
)
def test_lists_that_are_cut_short_find_the_same_equilibrium(limits, monkeypatch):
    # Identical countries have many equilibria nearly as good, and so long lists.
    economies_to_try = [random_economy(12, 5, g=0.3), random_economy(10, 8, g=0.8), identical(7)]
    expected = [best_equilibrium(economy, 1).log_utility for economy in economies_to_try]
    for name, value in limits.items():
        monkeypatch.setattr(f"lib.gomory.best.{name}", value)
    for economy, value in zip(economies_to_try, expected, strict=True):
        best = best_equilibrium(economy, 1)
        assert best.log_utility == pytest.approx(value, rel=0, abs=1e-12)
        assert best.upper_bound - best.log_utility <= 1.01e-12


def test_a_search_that_grows_too_long_raises_with_both_bounds(monkeypatch):
    monkeypatch.setattr("lib.gomory.best._MOST_INTERVALS", 0)
    monkeypatch.setattr("lib.gomory.best._MOST_TRIED", 0)
    with pytest.raises(ArithmeticError, match=r"best equilibrium found .* but the bound is"):
        best_equilibrium(random_economy(12, 5, g=0.3), 1)


def test_the_search_does_without_an_equilibrium_found_by_integers(monkeypatch):
    economy = random_economy(12, 5, g=0.3)
    expected = best_equilibrium(economy, 2)

    def divided_only(economy, income, country, integer=False):
        if integer:
            raise ArithmeticError("goods of nearly equal density")
        return boundary(economy, income, country)

    monkeypatch.setattr("lib.gomory.best.boundary", divided_only)
    assert best_equilibrium(economy, 2).log_utility == expected.log_utility


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda e: best_equilibrium(e.demand, 1), "economy"),
        (lambda e: best_equilibrium(e, "1"), "country"),
    ],
)
def test_bad_parameters_are_named(call, name):
    with pytest.raises(ValueError, match=name):
        call(random_economy(4, 0))


class WithoutBounds:
    """Production functions of somebody else that state no bounds of their elasticity."""

    def __init__(self, power):
        self.log_output, self.elasticity = power.log_output, power.elasticity


@pytest.mark.parametrize("country", [1, 2])
@pytest.mark.parametrize("width", [1e-3, 0.3])
def test_the_slack_of_an_interval_covers_its_chords_and_falls_with_its_width(country, width):
    for seed in range(5):
        base = random_economy(6, seed, g=0.4, threshold=0.4)
        bare = WithoutBounds(base.production)
        for economy in (base, Economy(base.demand, base.labor, bare)):
            search = _Search(economy, country)
            low = np.linspace(search.low / 2, search.high / 2 - width, 9)
            ends = np.stack((low, low + width), axis=1)
            part = np.linspace(0, 1, 17)
            inner = low[:, None] + width * part
            terms = _terms(economy, 1 / (1 + np.exp(-inner)), country)
            first, last = terms[:, :1], terms[:, -1:]
            weight = part[:, None, None]
            excess = (terms - (1 - weight) * first - weight * last).max(axis=1)
            slack = search._slack(*ends.T, 1 / (1 + np.exp(-ends)))
            assert np.all(slack >= excess - 1e-12)
            assert np.all(slack <= np.abs(last - first)[:, 0] + 1e-12)
