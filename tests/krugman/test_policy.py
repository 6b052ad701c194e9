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
    constant_returns_beta,
    costly_trade,
    firm_delocation,
    optimal_tariff,
    tariff_equilibrium,
    tariff_war,
    two_industries,
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


# Section III.C: firms that move

MARKET = st.tuples(st.floats(-2, 2), st.floats(-2, 2)).map(lambda e: (10.0 ** e[0], 10.0 ** e[1]))
freights = st.floats(0.05, 0.999)


def bought(industry, firms, spent, g, levied):
    """Units that each country's alpha consumers buy of a variety, [buyer, maker], from prices."""
    θ = industry.theta
    price = industry.beta / θ * np.array([[1, (1 + levied[0]) / g], [(1 + levied[1]) / g, 1]])
    weight = price ** (-1 / (1 - θ))
    return np.array(spent)[:, None] * weight / ((weight * price) @ firms)[:, None], price


@run
@given(st.floats(0.05, 0.95), MARKET, freights, tariffs)
def test_firms_break_even_and_entrants_lose_from_prices_up(θ, market, g, levied):
    industry = Industry(θ, 1.3, 0.7)
    people = (3 * sum(market),) * 2
    world = firm_delocation(industry, market, people, g, levied)
    assert world.residual < 1e-12
    firms = np.array(world.varieties)
    units, price = bought(industry, firms, market, g, levied)
    melt = np.array([[1, 1 / g], [1 / g, 1]])
    made = (units * melt).sum(axis=0)
    profit = (industry.beta / θ - industry.beta) * made - industry.alpha
    assert np.all(np.abs(profit[firms > 0]) < 1e-11 * industry.alpha)
    assert np.all(profit < 1e-11 * industry.alpha)
    assert (
        world.regime == {(1, 1): "both", (1, 0): "home", (0, 1): "foreign"}[tuple(1 * (firms > 0))]
    )
    # Labour, budgets and payments: what a country lacks of one good it buys with the other.
    spent = units * price * firms
    abroad = spent[[0, 1], [1, 0]]
    np.testing.assert_allclose(world.import_share, abroad / market, rtol=1e-10, atol=1e-15)
    rates = np.array(levied)
    revenue = abroad * rates / (1 + rates)
    np.testing.assert_allclose(world.revenue, revenue, rtol=1e-10, atol=1e-15 * sum(market))
    border = abroad - revenue
    beta_imports = np.add(people, revenue) - world.beta_labor
    payments = border[0] - border[1] + beta_imports[0]
    assert abs(payments) < 1e-10 * sum(market)
    assert abs(beta_imports.sum()) < 1e-10 * sum(market)


def sales_of(L, L_star, e, g, t, t_star):
    """Home's and foreign's sales over what a firm needs, with labour that makes alpha goods."""

    def sales(n, n_star):
        own, other = (g / (1 + t)) ** e, (g / (1 + t_star)) ** e
        W, W_star = n + own * n_star, other * n + n_star
        home = L / W + other / (1 + t_star) * L_star / W_star
        return home, own / (1 + t) * L / W + L_star / W_star

    return sales


@pytest.mark.parametrize("seed", range(60))
def test_a_nested_search_for_entry_finds_the_same_firms(seed):
    dice = np.random.default_rng(seed)
    θ, g = dice.uniform(0.2, 0.8), dice.uniform(0.3, 0.95)
    market = 100 * np.exp(dice.uniform(-0.4, 0.4, 2))
    levied = dice.uniform(0, 0.6, 2) * dice.integers(0, 2, 2)
    world = firm_delocation(Industry(θ), market, (500, 500), g, levied)
    sales = sales_of(*market, θ / (1 - θ), g, *levied)
    most = 10 * market.sum()

    def answer(n):
        if sales(n, 1e-9)[1] <= 1:
            return 0.0
        return brentq(lambda n_star: sales(n, n_star)[1] - 1, 1e-9, most, xtol=1e-12)

    home = 0.0
    if sales(1e-9, answer(1e-9))[0] > 1:
        home = brentq(lambda n: sales(n, answer(n))[0] - 1, 1e-9, most, xtol=1e-12)
    np.testing.assert_allclose(
        np.array(world.varieties) / (1 - θ), [home, answer(home)], rtol=1e-7, atol=1e-6
    )


@run
@given(st.floats(0.05, 0.95), MARKET, freights)
def test_without_tariffs_firms_are_those_of_section_iii_c(θ, market, g):
    people = (3 * sum(market),) * 2
    world = firm_delocation(Industry(θ, 1.3), market, people, g)
    section = constant_returns_beta(Industry(θ, 1.3), market, people, g)
    assert section.relative_wage == 1
    scale = sum(section.varieties)
    np.testing.assert_allclose(world.varieties, section.varieties, rtol=1e-9, atol=1e-11 * scale)
    np.testing.assert_allclose(world.beta_labor, section.beta_labor, rtol=1e-9)
    assert world.gains == world.real_income_gains == (1, 1)
    assert world.revenue == (0, 0)


@run
@given(st.floats(0.05, 0.95), MARKET, freights, tariffs)
def test_countries_that_change_places_change_all_numbers(θ, market, g, levied):
    people = (3 * sum(market),) * 2
    one = firm_delocation(Industry(θ), market, people, g, levied)
    other = firm_delocation(Industry(θ), market[::-1], people, g, levied[::-1])
    scale = sum(one.varieties)
    np.testing.assert_allclose(one.varieties, other.varieties[::-1], rtol=1e-9, atol=1e-12 * scale)
    np.testing.assert_allclose(one.gains, other.gains[::-1], rtol=1e-11)


@run
@given(st.floats(0.1, 0.9), st.floats(0.2, 0.95), st.floats(0, 0.5), st.floats(0, 0.5))
def test_a_tariff_helps_its_alpha_buyers_while_firms_are_left_abroad(θ, g, t, t_star):
    before, after = (
        firm_delocation(Industry(θ), (1, 1), (5, 5), g, rates)
        for rates in ((t, t_star), (t + 0.01, t_star))
    )
    if before.regime == after.regime == "both":
        # Home gains in proportion to what both import, which may be less than a digit.
        e = θ / (1 - θ)
        imports = g ** (2 * e) * ((1 + t) * (1 + t_star)) ** (-1 - e)
        assert after.equivalents[0] > before.equivalents[0] or imports < 1e-12
        assert after.equivalents[0] >= before.equivalents[0] * (1 - 1e-15)
        assert after.equivalents[1] < before.equivalents[1]
        assert after.varieties[0] > before.varieties[0]
    # Where both levy the same both lose: W = (L/c) (1 + T), and firms close on both sides.
    same = firm_delocation(Industry(θ), (1, 1), (5, 5), g, (t, t))
    kept = g ** (θ / (1 - θ)) * (1 + t) ** (-1 / (1 - θ))
    np.testing.assert_allclose(same.equivalents, (1 - θ) * (1 + kept), rtol=1e-12)
    assert max(same.gains) <= 1
    assert max(same.varieties) <= (1 - θ) * (1 + 1e-12)


def test_gains_are_those_of_a_buyers_utility_and_of_the_income_that_gives_it():
    industry, market = Industry(0.6, 2.0, 0.5), (30.0, 50.0)
    utility = []
    for levied in ((0.0, 0.0), (0.2, 0.05)):
        world = firm_delocation(industry, market, (200, 200), 0.7, levied)
        units, _ = bought(industry, np.array(world.varieties), (1, 1), 0.7, levied)
        utility.append((units**0.6) @ world.varieties)
    np.testing.assert_allclose(world.gains, utility[1] / utility[0], rtol=1e-12)
    np.testing.assert_allclose(world.real_income_gains, (utility[1] / utility[0]) ** (1 / 0.6))


@pytest.mark.parametrize("away", [1e-3, 1e-8, 1e-14])
@pytest.mark.parametrize("levied", [(0.0, 0.0), (1e-15, 2e-15)])
def test_next_to_free_shipping_firms_still_stand_where_forty_digits_say(away, levied):
    θ, market = 0.75, (1.0, 1.0 + 1e-15)
    world = firm_delocation(Industry(θ), market, (5, 5), 1 - away, levied)
    with mpmath.workdps(60):
        e, g = mpmath.mpf(3), mpmath.mpf(1 - away)
        phi = [(g / (1 + mpmath.mpf(t))) ** e for t in levied]
        T = [p / (1 + mpmath.mpf(t)) for p, t in zip(phi, levied, strict=True)]
        L = [mpmath.mpf(size) for size in market]
        W = [L[j] * (1 - T[0] * T[1]) / (1 - T[1 - j]) for j in (0, 1)]
        exact = [(W[j] - phi[j] * W[1 - j]) / (1 - phi[0] * phi[1]) for j in (0, 1)]
    if min(exact) > 0:
        np.testing.assert_allclose(
            np.array(world.varieties) / (1 - θ), [float(one) for one in exact], rtol=1e-9
        )
    else:
        assert world.regime == ("home" if exact[0] > 0 else "foreign")


def test_a_country_that_would_make_no_beta_good_is_refused():
    with pytest.raises(ValueError, match=r"^beta_labor must leave each country workers"):
        firm_delocation(Industry(0.75), (100, 100), (10, 200), 0.8, (0.3, 0))
    firm_delocation(Industry(0.75), (100, 100), (10, 200), 0.8, (0.01, 0))
    # Without tariffs the smaller market would have no alpha firms.
    with pytest.raises(ValueError, match=r"^beta_labor must leave each country workers"):
        firm_delocation(Industry(0.75), (100, 40), (30, 200), 0.8, (0.0, 0.3))


def test_firms_that_miss_their_sales_raise(monkeypatch):
    monkeypatch.setattr(sys.modules[tariff_war.__module__], "_TOLERANCE", -1.0)
    with pytest.raises(ArithmeticError, match="firms miss their sales by"):
        firm_delocation(Industry(0.75), (100, 100), (200, 200), 0.8)


@pytest.mark.parametrize(
    ("solve", "arguments"),
    [
        (two_industries, (Industry(0.5), (2e7, 1), (5.9e-250, 1), 0.5)),
        (costly_trade, (Industry(8.6e-212), (22048.2557, 22048.8324), 0.99951)),
    ],
)
def test_a_root_next_to_zero_takes_more_halvings_than_scipys_default(solve, arguments):
    assert np.abs(solve(*arguments).residual).max() < 1e-11


@pytest.mark.parametrize(
    ("solve", "arguments"),
    [
        (tariff_war, (Industry(1 - 7.4e-8), (1 + 1.3e-11, 1), 0.773)),
        (optimal_tariff, (Industry(1 - 2.3e-12), (1 + 2.04e-9, 1), 0.979)),
    ],
)
def test_a_wage_that_doubles_cannot_give_is_refused_by_the_balance(solve, arguments):
    with pytest.raises(ArithmeticError, match="exports and imports differ"):
        solve(*arguments)
