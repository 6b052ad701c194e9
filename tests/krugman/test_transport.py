"""Krugman (1980), Section II, against the full model, a gravity system and high precision."""

import doctest
from fractions import Fraction
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from mpmath import mp
from scipy.optimize import brentq, root

from lib.krugman import transport
from lib.krugman.basic import Industry, closed_economy, free_trade
from lib.krugman.transport import (
    costly_trade,
    indirect_utility,
    relative_demand,
    size_ratio,
    trade_balance,
    trade_balance_as_printed,
    wage_bounds,
)

EPS = np.finfo(float).eps

thetas = st.floats(0.01, 0.99)
arrivals = st.one_of(
    st.floats(-6, 0).map(lambda e: 10.0**e), st.floats(-12, -1).map(lambda e: 1 - 10.0**e)
)
ratios = st.one_of(
    st.floats(-6, 6).map(lambda e: 10.0**e), st.floats(-12, -1).map(lambda e: 1 + 10.0**e)
)
run = settings(max_examples=200, deadline=None, derandomize=True)

# Economies in which nothing underflows and every inequality is wider than rounding.
moderate = {
    "θ": st.floats(0.05, 0.9),
    "g": st.floats(0.05, 0.98),
    "ratio": st.one_of(st.floats(1.05, 200), st.floats(1.05, 200).map(lambda r: 1 / r)),
}


def close(first, second, tolerance=1e-13):
    return abs(first - second) <= tolerance * max(abs(first), abs(second))


def log_trade_ratio(log_omega, labor, theta, g):
    """Log of home's exports over imports, from the budget, in mpmath's precision."""
    θ, g, home, foreign = (mpmath.mpf(v) for v in (theta, g, *labor))
    ω = mpmath.exp(log_omega)
    σ = mpmath.exp((log_omega + θ * mpmath.log(g)) / (1 - θ))
    σ_star = mpmath.exp((-log_omega + θ * mpmath.log(g)) / (1 - θ))
    # A worker spends (n p + σ n* p*) d = w with n/n* = L/L* and p/p* = ω (13).
    imports = ω * home * (σ * foreign / (ω * home + σ * foreign))
    exports = foreign * (σ_star * ω * home / (foreign + σ_star * ω * home))
    return mpmath.log(exports / imports)


def precise_log_omega(labor, theta, g):
    """Find the root by plain bisection between the bounds that transport costs set."""
    high = -mpmath.mpf(theta) * mpmath.log(mpmath.mpf(g))
    low = -high
    for _ in range(mp.prec + 20):
        middle = (low + high) / 2
        if log_trade_ratio(middle, labor, theta, g) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@pytest.fixture
def fifty_digits():
    with mp.workdps(50):
        yield


def test_examples_in_the_docstrings():
    results = doctest.testmod(transport)
    assert results.attempted > 0
    assert results.failed == 0


# The full model -----------------------------------------------------------------------------------


def primitives(logs, industry, labor, g):
    """All conditions of Sections I.A and II.A; logs of 13 unknowns, foreign wage 1."""
    θ, α, β = industry.theta, industry.alpha, industry.beta
    c, c_imported, c_star, c_star_imported, λ, λ_star, p, p_star, x, x_star, n, n_star, w = np.exp(
        logs
    )

    def demand(price, multiplier):
        return (multiplier * price / θ) ** (-1 / (1 - θ))

    def first_order(price, wage, near, λ_near, far, λ_far):
        # A firm's demand at home and, transit loss included, abroad; complex step for its slope.
        step = price + 1e-30j * price
        total = near * demand(step, λ_near) + far * demand(step / g, λ_far) / g
        return 1 + (price - wage * β) * (total.imag / (1e-30 * price)) / total.real

    home, foreign = labor
    return {
        "home's choice of domestic goods": np.log(θ * c ** (θ - 1) / (λ * p)),
        "home's choice of imports": np.log(θ * c_imported ** (θ - 1) / (λ * p_star / g)),
        "foreign choice of domestic goods": np.log(θ * c_star ** (θ - 1) / (λ_star * p_star)),
        "foreign choice of imports": np.log(θ * c_star_imported ** (θ - 1) / (λ_star * p / g)),
        "home's budget": np.log((n * p * c + n_star * p_star / g * c_imported) / w),
        "foreign budget": np.log(n_star * p_star * c_star + n * p / g * c_star_imported),
        "home firms' price": first_order(p, w, home, λ, foreign, λ_star),
        "foreign firms' price": first_order(p_star, 1.0, foreign, λ_star, home, λ),
        "home's zero profit": np.log(p * x / ((α + β * x) * w)),
        "foreign zero profit": np.log(p_star * x_star / (α + β * x_star)),
        "market of home's goods": np.log((home * c + foreign * c_star_imported / g) / x),
        "market of foreign goods": np.log((foreign * c_star + home * c_imported / g) / x_star),
        "home's labour market": np.log(n * (α + β * x) / home),
        "foreign labour market": np.log(n_star * (α + β * x_star) / foreign),
    }


def random_economies():
    random = np.random.default_rng(1980)
    for _ in range(6):
        θ, g = random.uniform(0.3, 0.85), random.uniform(0.3, 0.95)
        α, β = np.exp(random.uniform(-1, 1, 2))
        yield Industry(θ, α, β), tuple(np.exp(random.uniform(0, 3, 2))), g


@pytest.mark.parametrize(
    "economy", list(random_economies()), ids=lambda e: f"theta={e[0].theta:.2f}"
)
@pytest.mark.parametrize(
    "left_out",
    ["home's labour market", "foreign labour market", "foreign budget", "market of home's goods"],
)
def test_krugman_ii_costly_trade_equals_the_full_model_solved_without_reduced_forms(
    economy, left_out
):
    industry, labor, g = economy
    θ, α, β = industry.theta, industry.alpha, industry.beta
    # Start: equal wages, a third of income spent abroad, prices and firms off their formulas.
    n, n_star = 0.7 * np.array(labor) * (1 - θ) / α
    p = 1.2 * β / θ
    c, c_star = 0.6 / (n * p), 0.6 / (n_star * p)
    c_imported, c_star_imported = g * 0.4 / (n_star * p), g * 0.4 / (n * p)
    x = 1.3 * α * θ / (β * (1 - θ))
    λ, λ_star = θ * c ** (θ - 1) / p, θ * c_star ** (θ - 1) / p
    start = np.log([c, c_imported, c_star, c_star_imported, λ, λ_star, p, p, x, x, n, n_star, 1.0])

    def system(logs):
        conditions = primitives(logs, industry, labor, g)
        del conditions[left_out]
        return list(conditions.values())

    solution = root(system, start, method="lm", options={"xtol": 1e-15, "ftol": 1e-15})
    # Walras' law: the condition left out holds too (KC11: any one of them will do).
    assert max(map(abs, primitives(solution.x, industry, labor, g).values())) < 1e-11
    c, c_imported, c_star, c_star_imported, _, _, p, p_star, x, x_star, n, n_star, w = np.exp(
        solution.x
    )
    trade = costly_trade(industry, labor, g)
    assert close(trade.relative_wage, w, 1e-10)
    for found, formula in zip((p / w, p_star), (β / θ, β / θ), strict=True):  # (13), KC10
        assert close(found, formula, 1e-10)
    for found in (x, x_star):
        assert close(found, closed_economy(industry, 1.0).output, 1e-10)
    np.testing.assert_allclose((n, n_star), trade.varieties, rtol=1e-10)
    np.testing.assert_allclose(  # (12): what is shipped is 1/g of what is consumed
        (c_imported / g / c, c_star_imported / g / c_star), trade.demand_ratio, rtol=1e-9
    )
    np.testing.assert_allclose(
        (n_star * p_star / g * c_imported / w, n * p / g * c_star_imported),
        trade.import_share,
        rtol=1e-9,
    )
    np.testing.assert_allclose(
        (n * c**θ + n_star * c_imported**θ, n_star * c_star**θ + n * c_star_imported**θ),
        trade.utility,
        rtol=1e-9,
    )


@run
@given(**moderate, omega=st.floats(0.2, 5))
def test_krugman_14_corrected_balance_equals_the_goods_crossing_the_border(θ, g, ratio, omega):
    # Off equilibrium too: each worker's best basket on his budget, in quantities and prices.
    labor = np.array([ratio, 1.0])
    wage = np.array([omega, 1.0])
    n = labor * (1 - θ)
    consumer_price = wage[:, None] / θ * np.array([[1, 1 / g], [1 / g, 1]])  # maker by buyer
    weight = consumer_price ** (-1 / (1 - θ))
    scale = wage / np.sum(n[:, None] * consumer_price * weight, axis=0)
    value = n[:, None] * consumer_price * weight * scale * labor
    assert close(value[:, 0].sum(), omega * ratio)
    exports, imports = value[0, 1], value[1, 0]
    balance = trade_balance(omega, labor, θ, g)
    assert abs(balance - (exports - imports)) <= 1e-12 * (exports + imports)


@run
@given(**moderate, omega=st.floats(0.2, 5))
def test_krugman_kc11_three_market_clearing_conditions_are_equivalent(θ, g, ratio, omega):
    # Spending on home's goods less home's income is the balance of payments, at any wage.
    home_income, foreign_income = omega * ratio, 1.0
    σ, σ_star = relative_demand(omega, θ, g)
    m = σ / (omega * ratio + σ)
    m_star = omega * σ_star * ratio / (omega * σ_star * ratio + 1)
    balance = trade_balance(omega, (ratio, 1.0), θ, g)
    tolerance = 1e-12 * (home_income + foreign_income)
    home_sales = (1 - m) * home_income + m_star * foreign_income
    foreign_sales = m * home_income + (1 - m_star) * foreign_income
    assert abs(home_sales - home_income - balance) <= tolerance
    assert abs(foreign_income - foreign_sales - balance) <= tolerance


def gravity_relative_wage(labor, theta, g):
    """
    Anderson and van Wincoop's structural gravity, with n proportional to labour and p to the wage.

    X_ij = Y_i Y_j / Y (t_ij / (outward_i inward_j))**(1-s); what a country sells adds up to its
    income, so that its varieties' price obeys n_i p_i**(1-s) proportional to Y_i outward_i**(s-1).
    """
    s = 1 / (1 - theta)
    t = np.array([[1, 1 / g], [1 / g, 1]]) ** (1 - s)

    def excess(log_wage):
        share = np.array([np.exp(log_wage) * labor[0], labor[1]])
        share /= share.sum()
        outward = np.ones(2)  # both to the power 1-s
        for _ in range(100_000):
            inward = t.T @ (share / outward)
            update = t @ (share / inward)
            if np.all(np.abs(update / outward - 1) < 1e-15):
                break
            outward = update
        supply = np.array([labor[0] * np.exp((1 - s) * log_wage), labor[1]])
        return np.log(supply[0] / supply[1] * outward[0] / outward[1] * share[1] / share[0])

    return np.exp(brentq(excess, -10, 10, xtol=1e-14))


@pytest.mark.parametrize("theta", [0.25, 0.5, 0.8])
@pytest.mark.parametrize("g", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("labor", [(2, 1), (1, 15)])
def test_krugman_ii_relative_wage_equals_structural_gravity(theta, g, labor):
    expected = gravity_relative_wage(labor, theta, g)
    assert close(costly_trade(Industry(theta), labor, g).relative_wage, expected, 1e-11)


# Precision ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("theta", [0.01, 0.3, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("g", [1e-6, 0.01, 0.5, 0.9, 0.999, 1 - 1e-6, 1 - 1e-12, 1 - EPS / 2, 1.0])
def test_krugman_14_relative_wage_is_right_to_the_last_bits_over_the_domain(theta, g, fifty_digits):
    for labor in ((1, 1), (1 + 1e-9, 1), (1.5, 1), (300, 0.3), (1e6, 1), (1, 1e6), (1e-6, 1)):
        trade = costly_trade(Industry(theta), labor, g)
        log_omega = precise_log_omega(labor, theta, g)
        ω = mpmath.exp(log_omega)
        assert abs(mpmath.mpf(trade.relative_wage) / ω - 1) <= 4 * EPS
        at_double = log_trade_ratio(mpmath.log(mpmath.mpf(trade.relative_wage)), labor, theta, g)
        assert abs(at_double) <= 1e-13  # the claim is 1e-12
        assert abs(mpmath.mpf(trade.residual) - at_double) <= 5e-15
        θ, g_precise = mpmath.mpf(theta), mpmath.mpf(g)
        for sign, country in ((1, 0), (-1, 1)):
            log_σ = (sign * log_omega + θ * mpmath.log(g_precise)) / (1 - θ)
            if log_σ < -745:
                assert trade.demand_ratio[country] == 0.0
            elif log_σ > -700:
                # The exponent itself is a double.
                assert abs(trade.demand_ratio[country] / mpmath.exp(log_σ) - 1) < 1e-12
            odds = mpmath.exp(log_σ - sign * log_omega)
            odds *= mpmath.mpf(labor[1 - country]) / mpmath.mpf(labor[country])
            share = odds / (1 + odds)
            if odds > 1e-300:
                assert abs(trade.import_share[country] / share - 1) < 1e-12
            gain = (1 + odds) ** (1 - θ)
            assert abs(trade.gains[country] / gain - 1) < 1e-14
        balance = trade_balance(trade.relative_wage, labor, theta, g)
        exports = labor[1] * trade.import_share[1]
        assert abs(balance) <= 1e-12 * exports


@pytest.mark.parametrize("home_larger", [True, False])
def test_costly_trade_reports_the_residual_of_the_wage_that_it_returns(home_larger, fifty_digits):
    # At theta = 0.99 the last bit of omega moves exports over imports by up to 2.2e-14.
    largest = 0.0
    for ratio in np.linspace(1.1, 30, 25):
        labor = (ratio, 1.0) if home_larger else (1.0, ratio)
        trade = costly_trade(Industry(0.99), labor, 0.5)
        log_omega = mpmath.log(mpmath.mpf(trade.relative_wage))
        at_double = log_trade_ratio(log_omega, labor, 0.99, 0.5)
        assert abs(trade.residual - at_double) <= 5e-15
        largest = max(largest, abs(at_double))
    assert 8e-15 < largest < 2.3e-14


@run
@given(thetas, arrivals, ratios, st.floats(1e-3, 1e3))
@example(0.99, 1e-6, 1e6, 1.0)
@example(0.01, 1e-6, 1e-6, 1.0)
@example(0.99, 1 - EPS / 2, 1 + EPS, 1.0)
def test_krugman_14_trade_balances_over_the_whole_domain(θ, g, ratio, scale):
    labor = (ratio * scale, scale)
    trade = costly_trade(Industry(θ), labor, g)
    assert abs(trade.residual) <= 1e-12
    exports = trade.import_share[1] * labor[1]
    imports = trade.relative_wage * trade.import_share[0] * labor[0]
    if min(trade.import_share) > 1e-290:
        assert close(exports, imports, 1e-12)
        assert abs(trade_balance(trade.relative_wage, labor, θ, g)) <= 1e-12 * exports


@pytest.mark.parametrize("theta", [1e-300, 1e-9, 0.999999, 1 - 1e-12, 1 - EPS])
@pytest.mark.parametrize("g", [5e-324, 1e-200, 0.5, 1 - EPS, 1.0])
@pytest.mark.parametrize("labor", [(1, 1), (1, 3), (1e300, 1e-300), (5e-324, 1.7e308)])
def test_costly_trade_neither_overflows_nor_leaves_its_bounds_far_outside_the_usual(
    theta, g, labor
):
    trade = costly_trade(Industry(theta), labor, g)
    low, high = wage_bounds(labor, theta, g)
    assert low <= trade.relative_wage * (1 + 2 * EPS)
    assert trade.relative_wage <= high * (1 + 2 * EPS)
    assert abs(trade.residual) <= max(1e-12, 2 * EPS * (1 + theta) / (1 - theta))


def test_costly_trade_raises_where_the_balance_is_not_met(monkeypatch):
    monkeypatch.setattr(transport, "brentq", lambda f, low, high, **_: (low + high) / 2)
    with pytest.raises(RuntimeError, match="the balance of payments is met to"):
        costly_trade(Industry(0.75), (2, 1), 0.8)


# What the paper says ------------------------------------------------------------------------------


def test_krugman_14_as_printed_has_another_root():
    labor, θ, g = (2, 1), 0.75, 0.8
    printed = brentq(trade_balance_as_printed, 0.9, 1.2, args=(labor, θ, g), xtol=1e-14)
    ours = costly_trade(Industry(θ), labor, g).relative_wage
    assert round(printed, 4) == 1.0425
    assert round(ours, 4) == 1.0452
    # At the printed root home is not on its budget: it exports more than it imports.
    assert trade_balance(printed, labor, θ, g) > 1e-3


@run
@given(thetas, arrivals, ratios)
def test_krugman_14_prime_is_both_balances_at_equal_wages(θ, g, ratio):
    labor = (3 * ratio, 3.0)
    σ, σ_star = relative_demand(1.0, θ, g)
    assert σ == σ_star
    home, foreign = labor
    exports, imports = (
        home * foreign * σ / (σ * home + foreign),
        home * foreign * σ / (home + σ * foreign),
    )
    for version in (trade_balance, trade_balance_as_printed):
        balance = version(1.0, labor, θ, g)
        # Numbers below 2.3e-308 have fewer digits.
        assert abs(balance - (exports - imports)) <= 1e-12 * (exports + imports) + 2.3e-308


@run
@given(thetas, arrivals, ratios, st.floats(-5, 5), st.floats(0.01, 5))
def test_krugman_kc12_balance_falls_in_the_relative_wage_and_crosses_zero_once(
    θ, g, ratio, log_omega, step
):
    labor = (ratio, 1.0)
    low, high = trade_balance(np.exp([log_omega, log_omega + step]), labor, θ, g)
    assert low > high or low == high == 0.0 or close(low, high, 1e-14)
    ω = costly_trade(Industry(θ), labor, g).relative_wage
    above, below = trade_balance(np.array([1.02 * ω, ω / 1.02]), labor, θ, g)
    if min(relative_demand(ω, θ, g)) > 1e-280:
        assert above < 0 < below


@run
@given(thetas, arrivals, ratios, st.floats(-3, 3), st.floats(1e-3, 1))
def test_krugman_kc12_log_of_exports_over_imports_has_a_slope_between_two_constants(
    θ, g, ratio, log_omega, step
):
    # With lam = log(omega)/(1-theta) the slope lies in [-(1+theta), -1]: the root is unique.
    with mp.workdps(40):
        low, high = (
            log_trade_ratio(mpmath.mpf(log_omega) + (1 - θ) * mpmath.mpf(move), (ratio, 1), θ, g)
            for move in (0, step)
        )
        slope = (high - low) / step
    assert -(1 + θ) - 1e-12 <= slope <= -1 + 1e-12


@run
@given(thetas, arrivals, ratios)
def test_krugman_14_prime_brackets_the_relative_wage(θ, g, ratio):
    # From that slope: log(exports/imports) at omega = 1, over 1+theta and over 1, bounds lam.
    assume(ratio >= 1)
    G = relative_demand(1.0, θ, g)[0]
    gap = np.log1p((ratio - 1) * (1 - G) / (1 + G * ratio))
    log_omega = np.log(costly_trade(Industry(θ), (ratio, 1.0), g).relative_wage)
    assert (1 - θ) / (1 + θ) * gap <= log_omega + 1e-14
    assert log_omega <= (1 - θ) * gap + 1e-14


def test_the_corrected_balance_has_no_hump_the_printed_one_does():
    ω = np.exp(np.linspace(-8, 3, 400))
    assert np.all(np.diff(trade_balance(ω, (2, 1), 0.75, 0.8)) < 0)
    assert np.any(np.diff(trade_balance_as_printed(ω, (2, 1), 0.75, 0.8)) > 0)


@run
@given(thetas, arrivals, ratios, st.floats(1e-3, 1e3))
def test_costly_trade_is_symmetric_under_relabelling_and_free_of_scale(θ, g, ratio, scale):
    industry = Industry(θ)
    trade = costly_trade(industry, (ratio, 1.0), g)
    mirrored = costly_trade(industry, (1.0, ratio), g)
    assert abs(trade.relative_wage * mirrored.relative_wage - 1) <= 4 * EPS
    for name in ("demand_ratio", "varieties", "import_share", "utility", "gains"):
        assert getattr(trade, name) == getattr(mirrored, name)[::-1]
    scaled = costly_trade(industry, (ratio * scale, scale), g)
    assert close(scaled.relative_wage, trade.relative_wage, 8 * EPS)


@run
@given(thetas, arrivals, ratios)
def test_krugman_kc13_the_larger_country_has_the_higher_wage_within_bounds(θ, g, ratio):
    labor = (ratio, 1.0)
    ω = costly_trade(Industry(θ), labor, g).relative_wage
    low, high = wage_bounds(labor, θ, g)
    assert low <= ω * (1 + EPS)
    assert ω <= high * (1 + EPS)
    assert 1.0 in (low, high)
    assert (ω > 1) <= (ratio > 1)
    assert (ω < 1) <= (ratio < 1)
    tight = max(g**-θ, g**θ), max(ratio, 1 / ratio) ** ((1 - θ) / (1 + θ))
    assert close(max(high, 1 / low), min(tight), 1e-12)


@run
@given(**moderate)
def test_krugman_kc13_bounds_are_never_reached(θ, g, ratio):
    low, high = wage_bounds((ratio, 1.0), θ, g)
    margin = 1e-14
    # So far below any transport cost that matters, the size bound is met to the last bit.
    assume(relative_demand(1.0, θ, g)[0] > 1e-9)
    assert low * (1 + margin) < costly_trade(Industry(θ), (ratio, 1.0), g).relative_wage
    assert costly_trade(Industry(θ), (ratio, 1.0), g).relative_wage * (1 + margin) < high


def test_krugman_kc13_bounds_are_approached():
    θ = 0.6
    for g in (0.5, 0.9):
        gap = [
            1 - g**θ * costly_trade(Industry(θ), (10.0**k, 1), g).relative_wage
            for k in (2, 4, 6, 8)
        ]
        assert all(later < 0.05 * sooner for sooner, later in pairwise(gap))
    prohibitive = costly_trade(Industry(θ), (5, 1), 1e-12).relative_wage
    assert close(prohibitive, 5 ** (0.4 / 1.6), 1e-14)


@run
@given(**moderate, step=st.floats(1.05, 2))
def test_krugman_kc13_wage_rises_with_size_and_with_transport_cost(θ, g, ratio, step):
    industry = Industry(θ)
    ω = costly_trade(industry, (ratio, 1.0), g).relative_wage
    assume(relative_demand(1.0, θ, g)[0] > 1e-9)
    assert costly_trade(industry, (ratio * step, 1.0), g).relative_wage > ω
    dearer = costly_trade(industry, (ratio, 1.0), g / step).relative_wage
    assert abs(np.log(dearer)) > abs(np.log(ω))


@run
@given(**moderate)
def test_krugman_kc14_the_larger_country_is_better_off_twice(θ, g, ratio):
    industry, labor = Industry(θ), (ratio, 1.0)
    assume(relative_demand(1.0, θ, g)[0] > 1e-6)
    larger, smaller = (0, 1) if ratio > 1 else (1, 0)
    trade = costly_trade(industry, labor, g)
    at_equal_wages = indirect_utility(industry, labor, g, 1.0)
    assert at_equal_wages[larger] > at_equal_wages[smaller]  # local variety
    assert trade.utility[larger] > at_equal_wages[larger]  # terms of trade
    assert trade.utility[smaller] < at_equal_wages[smaller]
    np.testing.assert_allclose(
        indirect_utility(industry, labor, g, trade.relative_wage), trade.utility, rtol=1e-12
    )
    assert trade.gains[larger] < trade.gains[smaller]


@run
@given(**moderate)
def test_krugman_kc14_costly_trade_lies_between_autarky_and_free_trade(θ, g, ratio):
    industry, labor = Industry(θ, 0.7, 1.3), (ratio, 1.0)
    assume(relative_demand(1.0, θ, g)[0] > 1e-6)
    trade, free = costly_trade(industry, labor, g), free_trade(industry, labor)
    for country in (0, 1):
        alone = closed_economy(industry, labor[country]).utility
        assert alone < trade.utility[country] < free.utility[country]
        share = trade.import_share[country]
        assert close(trade.gains[country], (1 - share) ** -(1 - θ), 1e-12)
        assert close(trade.gains[country], trade.utility[country] / alone, 1e-12)
        assert close(trade.real_income_gains[country], trade.gains[country] ** (1 / θ), 1e-10)


@run
@given(thetas, ratios)
def test_krugman_i_c_at_no_transport_cost_wages_are_equal_and_trade_is_free(θ, ratio):
    industry, labor = Industry(θ, 0.7, 1.3), (2 * ratio, 2.0)
    trade, free = costly_trade(industry, labor, 1), free_trade(industry, labor)
    assert trade.relative_wage == 1.0
    assert trade.demand_ratio == (1.0, 1.0)
    assert trade.varieties == free.varieties
    for name in ("import_share", "utility", "gains"):
        np.testing.assert_allclose(getattr(trade, name), getattr(free, name), rtol=1e-13)
    np.testing.assert_allclose(trade.real_income_gains, free.real_income_gains, rtol=1e-11)
    # And nothing else balances trade, whatever the sizes (the paper argues from symmetry).
    above, below = trade_balance(np.array([1.01, 1 / 1.01]), labor, θ, 1.0)
    assert above < 0 < below


@run
@given(thetas, ratios, st.floats(-15, -3))
def test_costly_trade_is_continuous_where_transport_cost_vanishes(θ, ratio, exponent):
    loss = 10.0**exponent
    industry, labor = Industry(θ), (ratio, 1.0)
    trade, free = costly_trade(industry, labor, 1 - loss), free_trade(industry, labor)
    assert abs(np.log(trade.relative_wage)) <= -θ * np.log1p(-loss) * 1.1 + 2 * EPS
    for country in (0, 1):
        # Utility has slope theta or less in the log of g.
        assert close(trade.utility[country], free.utility[country], 2 * loss + 1e-13)


@run
@given(thetas, arrivals, st.floats(1e-6, 1e6))
def test_krugman_ii_equal_countries_have_equal_wages_exactly(θ, g, size):
    trade = costly_trade(Industry(θ), (size, size), g)
    assert trade.relative_wage == 1.0
    assert trade.residual == 0.0
    for name in ("demand_ratio", "varieties", "import_share", "utility", "gains"):
        home, foreign = getattr(trade, name)
        assert home == foreign


def test_krugman_ii_where_shares_are_too_small_for_a_double_trade_balances_in_relative_terms():
    trade = costly_trade(Industry(0.99), (1e6, 1), 1e-6)
    assert trade.demand_ratio == trade.import_share == (0.0, 0.0)
    assert trade.gains == (1.0, 1.0)
    assert abs(trade.residual) <= 1e-12
    assert close(trade.relative_wage, 1e6 ** (0.01 / 1.99), 4 * EPS)


# Demand, inverse, rational examples ---------------------------------------------------------------


@run
@given(st.floats(0.05, 0.9), st.floats(0.1, 1), st.floats(0.3, 3))
def test_krugman_12_counts_what_is_lost_in_transit(θ, g, omega):
    # KC8: (p/(p*/g))**(1/(1-theta)) units are consumed, 1/g times as many are shipped.
    consumed = (omega * g) ** (1 / (1 - θ))
    consumed_abroad = (g / omega) ** (1 / (1 - θ))
    σ, σ_star = relative_demand(omega, θ, g)
    assert close(σ, consumed / g, 1e-12)
    assert close(σ_star, consumed_abroad / g, 1e-12)
    assert close(σ, omega ** (1 / (1 - θ)) * g ** (θ / (1 - θ)), 1e-12)
    assert close(σ * σ_star, g ** (2 * θ / (1 - θ)), 1e-12)


@pytest.mark.parametrize(
    ("omega", "g"),
    [("6/5", "1/2"), ("11/10", "4/5"), ("3/2", "1/3"), ("5/6", "1/2"), ("1", "2/3")],
)
def test_rational_examples_at_theta_one_half(omega, g):
    # theta = 1/2 makes u = omega**2 and G = g: L/L* = omega (omega**2 - g)/(1 - g omega**2).
    ω, g = Fraction(omega), Fraction(g)
    ratio = ω * (ω**2 - g) / (1 - g * ω**2)
    σ, σ_star = ω**2 * g, g / ω**2
    exports = ω * σ_star * ratio / (ω * σ_star * ratio + 1)
    imports = ω * ratio * σ / (ω * ratio + σ)
    assert exports == imports
    trade = costly_trade(Industry(0.5), (float(ratio), 1.0), float(g))
    assert close(trade.relative_wage, float(ω), 4 * EPS)
    assert close(size_ratio(float(ω), 0.5, float(g)), float(ratio), 1e-14)
    np.testing.assert_allclose(trade.demand_ratio, (float(σ), float(σ_star)), rtol=1e-14)
    np.testing.assert_allclose(trade.import_share[1], float(exports), rtol=1e-14)


@run
@given(thetas, st.floats(1e-6, 0.99), st.floats(-0.999, 0.999))
def test_size_ratio_is_the_inverse_of_the_relative_wage(θ, g, place):
    ω = float(np.exp(-place * θ * np.log(g)))
    ratio = size_ratio(ω, θ, g)
    assume(1e-100 < ratio < 1e100)
    trade = costly_trade(Industry(θ), (ratio, 1.0), g)
    # The ratio carries a relative error that grows with the exponents in it.
    assert close(trade.relative_wage, ω, 1e-13)
    assert close(size_ratio(1 / ω, θ, g) * ratio, 1.0, 1e-9)


def test_size_ratio_equals_its_formula_in_high_precision(fifty_digits):
    for θ in (0.01, 0.5, 0.9):
        for g in (0.01, 0.5, 0.999):
            bound = g**-θ
            ω = np.linspace(1 / bound, bound, 9)[1:-1]
            ratios = size_ratio(ω, θ, g)
            for omega, ratio in zip(ω, ratios, strict=True):
                t, arrives = mpmath.mpf(θ), mpmath.mpf(g)
                u = mpmath.mpf(omega) ** (1 / (1 - t))
                G = arrives ** (t / (1 - t))
                expected = u**t * (u - G) / (1 - G * u)
                assert abs(ratio / expected - 1) < 1e-12
            assert np.all(np.diff(ratios) > 0)


@pytest.mark.parametrize("omega", [0.7071, 1.4143, 0.1, 10.0])
def test_size_ratio_refuses_a_wage_that_no_size_gives(omega):
    with pytest.raises(ValueError, match=r"relative_wage must be in \(g\*\*theta, g\*\*-theta\)"):
        size_ratio(omega, 0.5, 0.5)
    with pytest.raises(ValueError, match=f"got {omega}"):
        size_ratio([1.0, omega], 0.5, 0.5)


def test_size_ratio_beyond_doubles_is_inf_or_zero():
    assert size_ratio(1e5, 0.99, 1e-6) == np.inf
    assert size_ratio(1e-5, 0.99, 1e-6) == 0.0
    assert size_ratio(1.0, 0.99, 1e-6) == 1.0


@pytest.mark.parametrize("function", [trade_balance, trade_balance_as_printed])
@pytest.mark.parametrize("theta", [0.01, 0.5, 0.99])
@pytest.mark.parametrize("g", [1e-6, 0.5, 1.0])
def test_balances_are_vectorised_and_never_overflow_or_become_nan(function, theta, g):
    ω = np.array([[5e-324, 1e-300, 1e-9], [1.0, 1e9, 1e300]])
    for labor in ((1, 1), (1e6, 1), (1, 1e6)):
        values = function(ω, labor, theta, g)
        assert values.shape == ω.shape
        assert np.all(np.isfinite(values))
        for index in np.ndindex(ω.shape):
            one = function(float(ω[index]), labor, theta, g)
            assert type(one) is float
            assert one == pytest.approx(values[index], rel=1e-14, abs=0)
    for pair in (relative_demand(ω, theta, g), indirect_utility(Industry(theta), (2, 1), g, ω)):
        for values in pair:
            assert values.shape == ω.shape
            assert not np.any(np.isnan(values))


BAD = [0, 0.0, -1, np.nan, np.inf, "a", None, (1, 2, 3)]
INDUSTRY = Industry(0.75)


@pytest.mark.parametrize("value", [*BAD, 1.5], ids=repr)
def test_g_and_theta_outside_their_domain_are_refused(value):
    for call in (
        lambda g: relative_demand(1.0, 0.5, g),
        lambda g: trade_balance(1.0, (1, 1), 0.5, g),
        lambda g: trade_balance_as_printed(1.0, (1, 1), 0.5, g),
        lambda g: indirect_utility(INDUSTRY, (1, 1), g, 1.0),
        lambda g: wage_bounds((1, 1), 0.5, g),
        lambda g: costly_trade(INDUSTRY, (1, 1), g),
    ):
        with pytest.raises(ValueError, match=r"^g must be a number in \(0, 1\], got "):
            call(value)
    with pytest.raises(ValueError, match=r"^g must be a number in \(0, 1\), got "):
        size_ratio(1.0, 0.5, value)
    for call in (
        lambda theta: relative_demand(1.0, theta, 0.5),
        lambda theta: trade_balance(1.0, (1, 1), theta, 0.5),
        lambda theta: trade_balance_as_printed(1.0, (1, 1), theta, 0.5),
        lambda theta: wage_bounds((1, 1), theta, 0.5),
        lambda theta: size_ratio(1.0, theta, 0.5),
    ):
        with pytest.raises(ValueError, match=r"^theta must be a number in \(0, 1\), got "):
            call(value)


@pytest.mark.parametrize("value", BAD, ids=repr)
def test_labor_omega_and_industry_outside_their_domain_are_refused(value):
    for labor in (value, (1, value), (1,), (1, 2, 3), [[1, 2]], "ab"):
        for call in (
            lambda labor: trade_balance(1.0, labor, 0.5, 0.5),
            lambda labor: trade_balance_as_printed(1.0, labor, 0.5, 0.5),
            lambda labor: indirect_utility(INDUSTRY, labor, 0.5, 1.0),
            lambda labor: wage_bounds(labor, 0.5, 0.5),
            lambda labor: costly_trade(INDUSTRY, labor, 0.5),
        ):
            with pytest.raises(ValueError, match=r"^labor must be an array of shape \(2,\)"):
                call(labor)
    for call in (costly_trade, lambda *args: indirect_utility(*args, 1.0)):
        with pytest.raises(ValueError, match=r"^industry must be of type Industry, got"):
            call(value, (1, 1), 0.5)
    if value == (1, 2, 3):
        return
    for omega in (value, [1.0, value]):
        for call in (
            lambda omega: relative_demand(omega, 0.5, 0.5),
            lambda omega: trade_balance(omega, (1, 1), 0.5, 0.5),
            lambda omega: trade_balance_as_printed(omega, (1, 1), 0.5, 0.5),
            lambda omega: indirect_utility(INDUSTRY, (1, 1), 0.5, omega),
        ):
            with pytest.raises(ValueError, match=r"^omega must be .* in \(0, inf\), got "):
                call(omega)
    with pytest.raises(ValueError, match=r"^relative_wage must be .* got "):
        size_ratio([1.0, value], 0.5, 0.5)


@pytest.mark.parametrize("solve", [costly_trade, lambda *a: indirect_utility(*a, 1.0)])
def test_an_iceberg_factor_for_g_is_recognised(solve):
    with pytest.raises(ValueError, match=r"got 1.25: is this the iceberg factor tau\? g = 1/tau"):
        solve(Industry(0.75), (2, 1), 1.25)


def test_utility_is_finite_where_gains_are_beyond_doubles():
    trade = costly_trade(Industry(1e-9), (5e-324, 1.7e308), 1.0)
    assert trade.gains[0] == np.inf
    n = 1.7e308  # the small country's people consume all varieties, as the large one's do
    assert trade.utility == pytest.approx((n, n), rel=1e-6)


def test_labor_that_takes_varieties_beyond_doubles_is_named():
    with pytest.raises(ValueError, match=r"labor must keep all results .* got \(1.0, 1e\+300\)"):
        costly_trade(Industry(0.5, alpha=1e-100), (1, 1e300), 0.5)


def test_a_relative_wage_beyond_its_bounds_is_told_them_even_if_they_leave_doubles():
    with pytest.raises(ValueError, match=r"relative_wage must be in \(g\*\*theta, g\*\*-theta\)"):
        size_ratio(5e-324, 1 - EPS, 1e-200)
