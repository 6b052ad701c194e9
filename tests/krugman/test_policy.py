"""Tariffs, against the model's own budgets, direct maximisation and high precision."""

import math
import sys

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar

from lib.krugman import (
    Industry,
    costly_trade,
    optimal_tariff,
    tariff_equilibrium,
    tariff_war,
)
from lib.krugman.policy import _world

run = settings(max_examples=100, deadline=None, derandomize=True)
worlds = st.tuples(
    st.floats(0.1, 0.95),
    st.floats(-2, 2).map(lambda e: 10.0**e),
    st.floats(0.1, 1.0),
)
tariffs = st.tuples(st.floats(0, 3), st.floats(0, 3))


def economy(world):
    θ, ratio, g = world
    return Industry(θ, 1.3, 0.7), (100 * ratio, 100.0), g


def household(industry, firms, delivered, wage, tariff, abroad):
    """Spend income and revenue on goods; return utility and imports at the border."""
    θ = industry.theta
    price = np.where(abroad, (1 + tariff) * delivered, delivered)
    weight = firms * price ** (-θ / (1 - θ))
    share = weight / weight.sum()
    # Revenue is tariff times imports at the border, which take part of spending: iterate.
    spending = wage / (1 - (share * abroad).sum() * tariff / (1 + tariff))
    eaten = share * spending / (firms * price)
    imports = (firms * eaten * delivered * abroad).sum()
    assert math.isclose(spending, wage + tariff * imports, rel_tol=1e-12)
    return (firms * eaten**θ).sum(), imports, spending


def primitive(industry, labor, g, levied, omega):
    """Build the whole model at a relative wage: prices, firms, budgets."""
    θ, α, β = industry.theta, industry.alpha, industry.beta
    firms = np.array(labor) * (1 - θ) / α
    factory = np.array([omega, 1.0]) * β / θ
    home = household(industry, firms, factory / [1, g], omega, levied[0], np.array([False, True]))
    foreign = household(industry, firms, factory / [g, 1], 1.0, levied[1], np.array([True, False]))
    return home, foreign, foreign[1] * labor[1] - home[1] * labor[0]


@run
@given(worlds, tariffs)
def test_trade_balances_in_the_whole_model(world, levied):
    industry, labor, g = economy(world)
    found = tariff_equilibrium(industry, labor, g, levied)
    omega = found.relative_wage
    home, foreign, balance = primitive(industry, labor, g, levied, omega)
    assert abs(balance) <= 1e-9 * (home[1] * labor[0] + 1e-300)
    np.testing.assert_allclose(found.utility, (home[0], foreign[0]), rtol=1e-10)
    revenue = levied[0] * home[1] / omega, levied[1] * foreign[1]
    np.testing.assert_allclose(found.revenue, revenue, rtol=1e-9, atol=1e-300)
    share = (1 + levied[0]) * home[1] / home[2], (1 + levied[1]) * foreign[1] / foreign[2]
    np.testing.assert_allclose(found.import_share, share, rtol=1e-9)
    free = tariff_equilibrium(industry, labor, g)
    for country in (0, 1):
        assert math.isclose(found.gains[country], found.utility[country] / free.utility[country])


@run
@given(worlds, tariffs)
def test_the_balance_has_one_root(world, levied):
    industry, labor, g = economy(world)
    grid = np.exp(np.linspace(-6, 6, 61))
    balances = [primitive(industry, labor, g, levied, omega)[2] for omega in grid]
    signs = np.sign(balances)
    assert (np.diff(signs) <= 0).all()


@run
@given(worlds)
def test_without_tariffs_it_is_section_ii(world):
    industry, labor, g = economy(world)
    found, section = tariff_equilibrium(industry, labor, g), costly_trade(industry, labor, g)
    assert math.isclose(found.relative_wage, section.relative_wage, rel_tol=1e-13)
    np.testing.assert_allclose(found.utility, section.utility, rtol=1e-13)
    np.testing.assert_allclose(found.import_share, section.import_share, rtol=1e-12)
    assert found.gains == (1, 1)


@run
@given(worlds, tariffs)
def test_a_tariff_raises_its_own_wage_and_hurts_the_other_country(world, levied):
    industry, labor, g = economy(world)
    before = tariff_equilibrium(industry, labor, g, levied)
    after = tariff_equilibrium(industry, labor, g, (levied[0] + 0.1, levied[1]))
    assert after.relative_wage > before.relative_wage
    assert after.import_share[1] < before.import_share[1]
    # Where foreign imports less than the last bit of its spending, so is the loss.
    assert after.utility[1] <= before.utility[1] * (1 + 4e-16)


@pytest.mark.parametrize("seed", range(60))
def test_the_best_tariff_is_the_one_that_a_search_over_utility_finds(seed):
    dice = np.random.default_rng(seed)
    industry = Industry(dice.uniform(0.2, 0.95))
    labor, g, other = 10.0 ** dice.uniform(-1, 1, 2), dice.uniform(0.2, 1), dice.uniform(0, 1)
    best = optimal_tariff(industry, labor, g, other)

    def loss(tariff):
        return -math.log(tariff_equilibrium(industry, labor, g, (tariff, other)).utility[0])

    found = minimize_scalar(
        loss, bounds=(0, 4 * best + 1), method="bounded", options={"xatol": 1e-10}
    )
    assert loss(best) <= found.fun + 1e-13
    assert math.isclose(found.x, best, rel_tol=1e-4)


@pytest.mark.parametrize(
    ("θ", "size", "g", "other"), [(0.75, 2, 0.8, 0.3), (0.5, 0.1, 1, 0), (0.9, 5, 0.5, 2)]
)
def test_the_best_tariff_has_ten_digits_in_forty_digit_arithmetic(θ, size, g, other):
    with mpmath.workdps(50):
        e = mpmath.mpf(θ) / (1 - mpmath.mpf(θ))
        size, G, other = mpmath.mpf(size), mpmath.mpf(g), mpmath.mpf(other)

        def log_utility(tariff):
            def odds(v):
                home = (mpmath.exp(v) * G / (1 + tariff)) ** e / size
                return home, (G * mpmath.exp(-v) / (1 + other)) ** e * size

            def balance(v):
                o, o_star = odds(v)
                out = o_star / (1 + other + o_star)
                return mpmath.log(out) - mpmath.log(o / (1 + tariff + o)) - mpmath.log(size) - v

            v = mpmath.findroot(balance, mpmath.mpf(0))
            o, _ = odds(v)
            share = o / (1 + o)
            income = (1 + tariff) / (1 + tariff - tariff * share)
            return θ * mpmath.log(income) - (1 - mpmath.mpf(θ)) * mpmath.log(1 - share)

        found = optimal_tariff(Industry(θ), (float(size), 1), g, float(other))
        step = mpmath.mpf(10) ** -12

        def slope(tariff):
            return (log_utility(tariff + step) - log_utility(tariff - step)) / (2 * step)

        exact = mpmath.findroot(slope, (found, found * 1.001), tol=1e-30)
        assert abs(found / exact - 1) < 1e-10


@run
@given(worlds)
def test_without_transport_costs_and_retaliation_it_is_the_formula_of_gros(world):
    industry, labor, _ = economy(world)
    best = optimal_tariff(industry, labor, 1.0)
    at_best = tariff_equilibrium(industry, labor, 1.0, (best, 0.0))
    elasticity = 1 / (1 - industry.theta)
    own_abroad = 1 - at_best.import_share[1]
    assert math.isclose(best, 1 / ((elasticity - 1) * own_abroad), rel_tol=1e-9)


@run
@given(worlds)
def test_at_the_end_of_the_war_each_tariff_is_the_best_reply(world):
    industry, labor, g = economy(world)
    home, foreign = tariff_war(industry, labor, g)
    assert math.isclose(optimal_tariff(industry, labor, g, foreign), home, rel_tol=1e-10)
    mirrored = optimal_tariff(industry, labor[::-1], g, home)
    assert math.isclose(mirrored, foreign, rel_tol=1e-10)


@run
@given(worlds)
def test_the_war_has_one_end(world):
    industry, labor, g = economy(world)
    inner = _world(industry, labor, g)
    wages = np.linspace(-8, 8, 161)
    signs = np.sign([inner.balance(v, inner.replies(v)) for v in wages])
    assert (np.diff(signs) <= 0).all()


@run
@given(worlds, st.floats(-3, 3))
def test_replies_have_one_solution_at_a_given_wage(world, log_wage):
    industry, labor, g = economy(world)
    inner = _world(industry, labor, g)
    log_odds, log_odds_star = inner.odds(log_wage)

    def gap(u):
        foreign = inner.best_reply(log_odds, math.exp(u))
        return math.log(inner.best_reply(log_odds_star, foreign)) - u

    grid = np.linspace(-20, 40, 241)
    signs = np.sign([gap(u) for u in grid])
    assert (np.diff(signs) <= 0).all()
    root = brentq(gap, -20, 60, xtol=1e-13)
    tariff, _ = inner.replies(log_wage)
    assert math.isclose(math.log(tariff), root, rel_tol=1e-9, abs_tol=1e-9)


def test_equal_countries_lose_from_a_war_and_a_large_one_can_win_it():
    even = tariff_equilibrium(Industry(0.75), (1, 1), 1.0, tariff_war(Industry(0.75), (1, 1), 1.0))
    assert max(even.gains) < 1
    lopsided = (20, 1)
    uneven = tariff_equilibrium(
        Industry(0.75), lopsided, 1.0, tariff_war(Industry(0.75), lopsided, 1.0)
    )
    assert uneven.gains[0] > 1 > uneven.gains[1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tariff_equilibrium(Industry(0.5), (1, 1), 0.5, (-0.1, 0)), r"^tariffs must"),
        (lambda: tariff_equilibrium(Industry(0.5), (1, 1), 2, (0, 0)), "^g must"),
        (lambda: optimal_tariff(Industry(0.5), (0, 1), 0.5), "^labor must"),
        (lambda: optimal_tariff(Industry(0.5), (1, 1), 0.5, -1), "^foreign_tariff must"),
        (lambda: tariff_war(0.5, (1, 1), 0.5), "^industry must"),
    ],
)
def test_bad_parameters_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda industry: tariff_equilibrium(industry, (2, 1), 0.8, (0.1, 0.2)),
        lambda industry: tariff_war(industry, (2, 1), 0.8),
        lambda industry: optimal_tariff(industry, (2, 1), 0.8),
    ],
)
def test_trade_that_misses_balance_raises(call, monkeypatch):
    monkeypatch.setattr(sys.modules[tariff_war.__module__], "_TOLERANCE", -1.0)
    with pytest.raises(ArithmeticError, match="exports and imports differ by"):
        call(Industry(0.75))


@pytest.mark.parametrize("θ", [0.01, 0.3, 0.75, 0.98, 0.999])
@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_replies_to_replies_fall_from_the_answer_to_free_trade_to_the_end_of_the_war(θ, size):
    inner = _world(Industry(θ), (size, 1), 0.7)
    for log_wage in np.linspace(-30, 30, 25):
        log_odds, log_odds_star = inner.odds(log_wage)
        answer = inner.best_reply(log_odds_star, 0.0)
        tariff, foreign = inner.replies(log_wage)
        assert tariff <= answer
        assert inner.best_reply(log_odds_star, foreign) == tariff
        assert math.isclose(inner.best_reply(log_odds, tariff), foreign, rel_tol=1e-12)
