"""Krugman (1980), Section I, against its own assumptions solved and perturbed by hand."""

import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize, minimize_scalar

from lib.krugman import basic
from lib.krugman.basic import (
    Industry,
    closed_economy,
    entry_path,
    finite_entry,
    finite_markup,
    free_trade,
)

EPS = np.finfo(float).eps

thetas = st.floats(0.01, 0.99)
sizes = st.floats(1e-3, 1e6)
industries = st.builds(Industry, thetas, st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
run = settings(max_examples=100, deadline=None, derandomize=True)


def close(first, second, tolerance=1e-13):
    return abs(first - second) <= tolerance * max(abs(first), abs(second))


def test_examples_in_the_docstrings():
    results = doctest.testmod(basic)
    assert results.attempted > 0
    assert results.failed == 0


@run
@given(industries, sizes)
def test_krugman_1_to_10_closed_economy_meets_every_assumption(industry, labor):
    θ, α, β = industry.theta, industry.alpha, industry.beta
    economy = closed_economy(industry, labor)
    n, p, x, c = economy.varieties, economy.price, economy.output, economy.consumption
    assert close(x, labor * c)  # (3)
    assert close(labor, n * (α + β * x))  # (2), (4)
    assert close(n * p * c, 1.0)  # budget of a worker, wage 1
    assert abs(p * x - (α + β * x)) <= 1e-13 * p * x  # (8) = 0
    assert close(economy.utility, n * c**θ)  # (1)
    assert close(p, β / θ)  # (7)
    assert close(x, α * θ / (β * (1 - θ)))  # (9)
    assert close(n, labor * (1 - θ) / α)  # (10)


@run
@given(st.floats(0.05, 0.95), sizes, st.floats(0.02, 2.0))
def test_krugman_7_no_other_price_earns_more(θ, labor, change):
    economy = closed_economy(Industry(θ, 2.0, 3.0), labor)
    multiplier = θ * economy.consumption ** (θ - 1) / economy.price  # (5)

    def operating_profit(price):
        return (price - 3.0) * labor * (multiplier * price / θ) ** (-1 / (1 - θ))  # (6)

    best = operating_profit(economy.price)
    assert close(best, 2.0, 1e-11)
    for price in (economy.price * (1 + change), max(3.0, economy.price / (1 + change))):
        assert operating_profit(price) < best


def test_krugman_5_equal_consumption_maximises_utility_on_the_budget():
    n, θ = 4, 0.6
    economy = closed_economy(Industry(θ), n / (1 - θ))
    assert close(economy.varieties, n)
    start = np.random.default_rng(1).dirichlet(np.ones(n)) / economy.price
    best = minimize(
        lambda c: -np.sum(c**θ),
        start,
        bounds=[(1e-9, None)] * n,
        constraints={"type": "eq", "fun": lambda c: economy.price * c.sum() - 1},
        options={"ftol": 1e-15},
    )
    np.testing.assert_allclose(best.x, economy.consumption, rtol=1e-5)
    assert close(-best.fun, economy.utility, 1e-9)


def test_krugman_i_b_closed_economy_equals_the_primitives_solved_without_reduced_forms():
    # Nested search: for a number of firms, the best reply to a common price; entry by zero profit.
    θ, α, β, labor = 0.7, 1.5, 0.8, 20.0

    def best_price(price, n):
        multiplier = θ * (1 / (n * price)) ** (θ - 1) / price
        # Complex step: the slope of demand without knowing its elasticity.
        slope = (multiplier * (price + 1e-30j) / θ) ** (-1 / (1 - θ))
        return slope.real + (price - β) * slope.imag / 1e-30

    price = brentq(best_price, 1.01 * β, 10 * β, args=(5.0,), xtol=1e-14)
    n = brentq(
        lambda n: price * (labor / n - α) / β - labor / n, 0.01, 0.99 * labor / α, xtol=1e-13
    )
    economy = closed_economy(Industry(θ, α, β), labor)
    assert close(price, economy.price, 1e-12)
    assert close(n, economy.varieties, 1e-12)
    assert close((labor / n - α) / β, economy.output, 1e-12)


@run
@given(industries)
def test_krugman_kc1_making_an_existing_product_loses_money(industry):
    # Two firms share one of very many goods, each taking the other's output as given, which is
    # softer than a price war.
    θ, α, β = industry.theta, industry.alpha, industry.beta
    economy = closed_economy(industry, 1.0)
    price = β / (1 - (1 - θ) / 2)
    together = economy.output * (price / economy.price) ** (-1 / (1 - θ))
    assert (price - β) * together / 2 - α < 0


@run
@given(st.floats(0.05, 0.95), st.floats(2.0, 1e4), st.floats(0.0, 6.0))
def test_krugman_kc1_with_any_number_of_goods_one_good_never_pays_two_fixed_costs(
    θ, labor, log_price
):
    # Rivals keep their prices; the two makers of one good end up at any price above its cost.
    few = finite_entry(Industry(θ), labor, "price")
    n, q, power = few.varieties, few.price, θ / (1 - θ)
    price = np.exp(log_price)
    share = 1 / (1 + (n - 1) * (price / q) ** power)
    earned = labor * share * (1 - 1 / price)
    assert earned <= 1 + 1e-9 * n
    # If their losses lower everybody's spending, all of it wages and profits, they earn no more.
    margin = share * (1 - 1 / price) + (1 - share) * (1 - 1 / q)
    spending = (labor - (n + 1)) / (1 - margin)
    assert spending <= labor * (1 + 1e-9)
    assert spending * share * (1 - 1 / price) <= 1 + 1e-9 * n
    # A new good at the others' price loses less than half a fixed cost.
    assert close(labor / (n + 1) * (1 - 1 / q) - 1, -1 / (n + 1), 1e-9 * n)


@pytest.mark.parametrize("θ", [0.05, 0.3, 0.5, 0.75, 0.95])
@pytest.mark.parametrize("n", [2, 3, 10, 100])
def test_krugman_kc1_finite_markup_is_each_firms_best_reply(θ, n):
    price = finite_markup(θ, n, "price")
    s = 1 / (1 - θ)

    def profit_of_price(log_own):
        own = np.exp(log_own)
        return (own - 1) * own**-s / (own ** (1 - s) + (n - 1) * price ** (1 - s))

    quantity = 1 / (n * finite_markup(θ, n, "quantity"))  # spending 1, marginal cost 1

    def profit_of_quantity(log_own):
        own = np.exp(log_own)
        price_of_own = own ** (θ - 1) / (own**θ + (n - 1) * quantity**θ)
        return (price_of_own - 1) * own

    for profit, at in ((profit_of_price, price), (profit_of_quantity, quantity)):
        best = minimize_scalar(
            lambda z, profit=profit: -profit(z),
            bounds=(np.log(at) - 2, np.log(at) + 2),
            method="bounded",
            options={"xatol": 1e-10},
        )
        assert close(np.exp(best.x), at, 1e-5)
        # The first-order condition itself, by central differences.
        slope = (profit(np.log(at) + 1e-5) - profit(np.log(at) - 1e-5)) / 2e-5
        assert abs(slope) <= 1e-8


@run
@given(thetas, st.floats(1.001, 1e9))
def test_krugman_7_is_the_limit_of_many_firms_and_its_error_is_known(θ, n):
    price, quantity = finite_markup(θ, n, "price"), finite_markup(θ, n, "quantity")
    assert close(price, (n - θ) / (θ * (n - 1)), 1e-12)
    assert close(quantity, n / (θ * (n - 1)), 1e-12)
    assert 1 / θ <= price <= quantity
    assert close(θ * price - 1, (1 - θ) / (n - 1), 1e-12 + 4 * EPS * n / (1 - θ))
    assert close(θ * quantity - 1, 1 / (n - 1), 1e-12 + 4 * EPS * n)


def test_finite_markup_works_on_arrays():
    many = finite_markup(0.75, [[2, 3], [4, 5]])
    assert many.shape == (2, 2)
    assert many[1, 0] == finite_markup(0.75, 4)
    assert type(finite_markup(0.75, 4)) is float


@run
@given(industries, st.floats(1.001, 1e5), st.sampled_from(["price", "quantity"]))
def test_krugman_kc1_finite_entry_has_zero_profit_and_full_employment(industry, relative, conduct):
    θ, α, β = industry.theta, industry.alpha, industry.beta
    labor = relative * α
    entry = finite_entry(industry, labor, conduct)
    n, p, x = entry.varieties, entry.price, entry.output
    # Near n = 1 the markup amplifies the last bit of n.
    tolerance = 1e-13 + 16 * EPS * n / (n - 1)
    assert close(entry.markup, finite_markup(θ, n, conduct))
    assert close(p, entry.markup * β)
    assert close(n * (α + β * x), labor, tolerance)
    assert abs((p - β) * x - α) <= tolerance * α
    assert close(n * p * x, labor, tolerance)
    assert close(entry.utility, n * (x / labor) ** θ)
    large_n = closed_economy(industry, labor).varieties
    if conduct == "price":
        assert close(n, large_n + θ)
    else:
        assert close(n * n, large_n * n + θ * relative, 1e-12)
    assert n > large_n


def test_krugman_kc1_no_second_firm_in_an_economy_smaller_than_its_fixed_cost():
    with pytest.raises(ValueError, match=r"labor must be a number in \(2, inf\), got 2.0"):
        finite_entry(Industry(0.5, 2.0), 2.0)


@run
@given(industries, sizes, st.floats(0.001, 0.999), st.floats(0.01, 1.0))
def test_krugman_kc2_entry_and_exit_drive_profit_to_zero(industry, labor, start, speed):
    θ, α = industry.theta, industry.alpha
    path = entry_path(industry, labor, start * labor / α, speed * θ, 5000)
    large_n = closed_economy(industry, labor).varieties
    assert path.varieties.shape == path.profit.shape == path.marginal_utility.shape == (5001,)
    assert close(path.varieties[-1], large_n, 1e-12)
    assert abs(path.profit[-1]) <= 1e-11 * α / θ
    gap = path.varieties - large_n
    noise = 1e-12 * large_n
    assert np.all(np.abs(gap[1:]) <= np.abs(gap[:-1]) + noise)
    assert np.all(gap * gap[0] >= -noise * abs(gap[0]))
    above_noise = np.abs(gap) > noise
    assert np.all((path.profit > 0)[above_noise] == (gap < 0)[above_noise])
    # Entry raises the marginal utility of income as it lowers profit; exit does the reverse.
    direction = -np.sign(gap[0])
    moves = above_noise[1:] & (np.abs(np.diff(path.varieties)) > noise)
    assert np.all(direction * np.diff(path.marginal_utility)[moves] > 0)
    assert np.all(direction * np.diff(path.profit)[moves] < 0)


@run
@given(industries, sizes, st.floats(0.01, 0.99))
def test_krugman_kc2_with_any_number_of_firms_all_income_is_spent(industry, labor, start):
    θ, α, β = industry.theta, industry.alpha, industry.beta
    path = entry_path(industry, labor, start * labor / α, θ, 1)
    n, profit = path.varieties[0], path.profit[0]
    output = (labor / n - α) / β
    price = β / θ
    spending = n * price * output
    assert abs(labor + n * profit - spending) <= 1e-12 * (labor + spending)
    assert close(path.marginal_utility[0], θ * (output / labor) ** (θ - 1) / price, 1e-10)
    # At this speed the profits of one period pay the fixed cost of all firms still missing.
    assert close(path.varieties[1], closed_economy(industry, labor).varieties, 1e-12)


def test_krugman_kc2_an_entry_path_cannot_be_written():
    path = entry_path(Industry(0.75), 8, 0.5, 0.3, 3)
    with pytest.raises(ValueError, match="read-only"):
        path.varieties[0] = 1.0


@run
@given(industries, st.tuples(sizes, sizes))
def test_krugman_i_c_free_trade_is_the_closed_world_economy(industry, labor):
    θ = industry.theta
    trade = free_trade(industry, labor)
    world = closed_economy(industry, sum(labor))
    alone = [closed_economy(industry, size) for size in labor]
    assert (trade.price, trade.output) == (alone[0].price, alone[0].output)  # KC7
    assert (trade.price, trade.output) == (world.price, world.output)
    assert trade.varieties == (alone[0].varieties, alone[1].varieties)  # (11)
    assert close(sum(trade.varieties), world.varieties)
    for country in (0, 1):
        other = labor[1 - country]
        assert close(trade.utility[country], world.utility)
        assert close(trade.import_share[country], other / sum(labor))
        assert close(trade.imports[country], labor[0] * labor[1] / sum(labor))  # KC5
        assert close(trade.imports[country], trade.import_share[country] * labor[country])
        assert close(trade.gains[country], world.utility / alone[country].utility, 1e-12)
        assert trade.gains[country] > 1 or other < 1e-8 * labor[country]
        domestic = labor[country] / sum(labor)
        assert close(trade.gains[country], domestic ** -(1 - θ), 1e-12)  # KC4
    assert trade.imports[0] == trade.imports[1]
    if labor[0] != labor[1]:
        assert (trade.gains[0] <= trade.gains[1]) == (labor[0] > labor[1])


@run
@given(industries, st.tuples(sizes, sizes))
def test_krugman_kc4_real_income_gains_buy_trades_utility_at_home(industry, labor):
    # Utility (1) has degree theta in income: the ratio of utilities is not that of real incomes.
    trade = free_trade(industry, labor)
    for country in (0, 1):
        if np.isinf(trade.real_income_gains[country]):
            assert np.log(trade.gains[country]) / industry.theta > np.log(np.finfo(float).max)
            continue
        alone = closed_economy(industry, labor[country])
        richer = alone.consumption * trade.real_income_gains[country]
        assert close(alone.varieties * richer**industry.theta, trade.utility[country], 1e-11)


@pytest.mark.parametrize("seed", range(5))
def test_krugman_kc6_who_makes_which_good_does_not_matter(seed):
    θ = 0.6
    industry = Industry(θ)
    trade = free_trade(industry, (10.0, 15.0))
    n, n_star = map(round, trade.varieties)
    assert (n, n_star) == (4, 6)
    home_made = np.random.default_rng(seed).permutation(np.arange(10) < n)
    world = closed_economy(industry, 25.0)
    for country, made in ((0, home_made), (1, ~home_made)):
        labor = (10.0, 15.0)[country]
        assert close(made.sum() * (1 + world.output), labor)  # full employment
        consumption = np.full(10, world.consumption)
        assert close(np.sum(consumption**θ), trade.utility[country])
        imports = labor * np.sum(consumption[~made] * trade.price)
        assert close(imports, trade.imports[country])


BAD = [0, 0.0, -1, np.nan, np.inf, "a", None, (1, 2, 3)]


@pytest.mark.parametrize("value", [*BAD, 1, 1.5], ids=repr)
def test_theta_outside_0_to_1_is_refused(value):
    with pytest.raises(ValueError, match=r"theta must be a number in \(0, 1\), got"):
        Industry(value)
    with pytest.raises(ValueError, match=r"theta must be a number in \(0, 1\), got"):
        finite_markup(value, 5)


@pytest.mark.parametrize("value", BAD, ids=repr)
def test_other_parameters_outside_their_domain_are_refused(value):
    industry = Industry(0.75)
    with pytest.raises(ValueError, match=r"alpha must be a number in \(0, inf\), got"):
        Industry(0.5, alpha=value)
    with pytest.raises(ValueError, match=r"beta must be a number in \(0, inf\), got"):
        Industry(0.5, beta=value)
    with pytest.raises(ValueError, match=r"labor must be a number in \(0, inf\), got"):
        closed_economy(industry, value)
    with pytest.raises(ValueError, match=r"labor must be an array of shape \(2,\)"):
        free_trade(industry, (1, value))
    with pytest.raises(ValueError, match=r"labor must be an array of shape \(2,\)"):
        free_trade(industry, value)
    with pytest.raises(ValueError, match=r"labor must be a number in \(1, inf\), got"):
        finite_entry(industry, value)
    with pytest.raises(ValueError, match=r"labor must be a number in \(0, inf\), got"):
        entry_path(industry, value, 1, 0.5, 5)
    with pytest.raises(ValueError, match=r"varieties must be a number in \(0, 8\), got"):
        entry_path(industry, 8, value, 0.5, 5)
    with pytest.raises(ValueError, match=r"speed must be a number in \(0, 0.75\], got"):
        entry_path(industry, 8, 1, value, 5)
    with pytest.raises(ValueError, match=r"periods must be a whole number from 1 to 1000000, got"):
        entry_path(industry, 8, 1, 0.5, value)
    for solve, labor in ((closed_economy, 5), (free_trade, (1, 2)), (finite_entry, 5)):
        with pytest.raises(ValueError, match="industry must be of type Industry, got"):
            solve(value, labor)
    with pytest.raises(ValueError, match="industry must be of type Industry, got"):
        entry_path(value, 8, 1, 0.5, 5)


@pytest.mark.parametrize("value", [1, 0, -2, np.nan, "a", [2, 1], [2, [3, 4]], ["2"]], ids=repr)
def test_a_finite_markup_needs_two_firms_or_more(value):
    with pytest.raises(ValueError, match=r"varieties must be .* in \(1, inf\), got"):
        finite_markup(0.5, value)


def test_conduct_is_price_or_quantity():
    with pytest.raises(ValueError, match="conduct must be 'price' or 'quantity', got 'bertrand'"):
        finite_markup(0.5, 3, "bertrand")
    with pytest.raises(ValueError, match="conduct must be 'price' or 'quantity', got 'cournot'"):
        finite_entry(Industry(0.5), 3, "cournot")


def test_an_industry_cannot_be_changed():
    with pytest.raises(AttributeError):
        Industry(0.5).theta = 0.6


def test_an_elasticity_for_theta_is_recognised():
    with pytest.raises(ValueError, match=r"in \(0, 1\), got 4: is this the elasticity sigma\?"):
        Industry(theta=4)
    assert Industry((4 - 1) / 4).theta == 0.75


def test_more_firms_than_labour_can_pay_for_are_told_why():
    with pytest.raises(ValueError, match=r"\(0, 8\), got 9: the fixed labour of more firms"):
        entry_path(Industry(0.75), 8, 9, 0.5, 5)


@pytest.mark.parametrize("labor", [1e-320, 1e-308])
def test_a_labour_force_that_takes_consumption_beyond_doubles_is_named(labor):
    with pytest.raises(ValueError, match=f"labor must keep all results .* got {labor}"):
        closed_economy(Industry(0.75), labor)


def test_free_trade_keeps_results_within_doubles_or_names_labor():
    with pytest.raises(ValueError, match="labor must keep all results"):
        free_trade(Industry(0.5, 1e-200), (1e200, 1e200))
    assert free_trade(Industry(0.5), (1e200, 1e200)).gains == pytest.approx((2**0.5,) * 2)


def test_labor_a_digit_above_the_fixed_cost_of_one_firm_raises():
    with pytest.raises(ArithmeticError, match=r"labor = .* is too close to alpha = 3\.0"):
        finite_entry(Industry(0.5, 3.0), np.nextafter(3, 4), "price")
