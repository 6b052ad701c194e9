"""Footnote 3 of Krugman (1980): demand that grows more elastic with variety."""

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar, root

from lib.krugman import basic
from lib.krugman.basic import Industry
from lib.krugman.growing_elasticity import (
    break_even_price,
    closed_economy,
    free_trade,
    markup_price,
)

THETAS = st.floats(0.05, 0.95)
SIZES = st.floats(-3, 3).map(lambda x: 10.0**x)
SHIFTS = st.one_of(st.just(0.0), st.floats(-6, 6).map(lambda x: 10.0**x))
INDUSTRIES = st.builds(Industry, THETAS, SIZES, SIZES)


def property_test(function):
    return settings(max_examples=200, deadline=None, derandomize=True)(function)


@property_test
@given(INDUSTRIES, SIZES, SHIFTS)
def test_kn3_equilibrium_meets_the_price_entry_and_labour_conditions(industry, labor, shift):
    θ, α, β = industry.theta, industry.alpha, industry.beta
    here = closed_economy(industry, labor, shift)
    c = here.consumption
    assert here.output == pytest.approx(labor * c, rel=1e-13)  # (3)
    assert here.varieties * (α + β * here.output) == pytest.approx(labor, rel=1e-13)  # (4)
    assert here.price * (1 - 1 / here.elasticity) == pytest.approx(β, rel=1e-11)
    assert here.price == pytest.approx(markup_price(industry, shift, c), rel=1e-13)  # PP
    assert here.price == pytest.approx(break_even_price(industry, labor, c), rel=1e-12)  # ZZ
    assert here.varieties * here.price * c == pytest.approx(1, rel=1e-12)  # budget
    assert here.elasticity == pytest.approx((c + shift) / ((1 - θ) * c), rel=1e-13)
    assert β < here.price < here.choke_price


def test_kn3_elasticity_and_choke_price_follow_from_the_utility():
    c, s, θ, λ = sympy.symbols("c s theta lambda", positive=True)
    price = sympy.diff((c + s) ** θ - s**θ, c) / λ
    elasticity = sympy.simplify(-price / (c * sympy.diff(price, c)))
    assert sympy.simplify(elasticity - (1 + s / c) / (1 - θ)) == 0
    choke = price.subs(c, 0) / price
    assert sympy.simplify(sympy.log(choke / (1 + c / s) ** (1 - θ)).expand(force=True)) == 0
    revenue = price * c * λ / θ
    second = sympy.diff(revenue, c, 2) * (c + s) ** (3 - θ)
    # Marginal revenue falls everywhere, so the first-order condition gives the only maximum.
    assert sympy.simplify(second + (1 - θ) * (θ * c + 2 * s)) == 0


@property_test
@given(INDUSTRIES, SIZES, st.floats(-2, 2).map(lambda x: 10.0**x))
def test_kn3_no_firm_gains_by_another_price(industry, labor, ratio):
    """Brute force over all sales, with the marginal utility of income given."""
    θ, α, β = industry.theta, industry.alpha, industry.beta
    s = ratio * α / (β * labor)
    here = closed_economy(industry, labor, s)
    λ = θ * (here.consumption + s) ** (θ - 1) / here.price

    def profit(log_c):
        c = np.exp(log_c)
        return (θ * (c + s) ** (θ - 1) / λ - β) * labor * c - α

    grid = np.log(here.consumption) + np.linspace(-12, 6, 3001)
    best = grid[np.argmax(profit(grid))]
    found = minimize_scalar(lambda x: -profit(x) / α, bounds=(best - 0.01, best + 0.01))
    assert np.exp(found.x) == pytest.approx(here.consumption, rel=1e-3)
    assert profit(found.x) == pytest.approx(0, abs=1e-9 * α * (1 + here.price / β))


@pytest.mark.parametrize("shift", [0.0, 0.01, 0.3, 5.0])
@pytest.mark.parametrize("start", [(1.0, 1.0), (0.6, 2.0), (1.6, 0.5)])
def test_kn3_two_countries_in_full_have_equal_wages_and_our_equilibrium(shift, start):
    """Unknown: wages, prices, sales of each country's firms in each market, numbers of firms."""
    industry, labor = Industry(0.4, 1.3, 0.7), (3.0, 1.5)
    θ, α, β = industry.theta, industry.alpha, industry.beta

    def residuals(z):
        w, p, p_star, n, n_star, λ, λ_star, *c = np.exp(z)
        c = np.reshape(c, (2, 2))  # [origin, destination]
        wages, prices = (w, 1.0), (p, p_star)
        out = []
        for o in (0, 1):
            output = c[o] @ labor
            # World demand for a variety: sum of L c, each with its own slope in price.
            slope = (np.array(labor) * (c[o] + shift)).sum() / (1 - θ) / output
            out.append(prices[o] * (1 - 1 / slope) / (β * wages[o]) - 1)
            out.append(prices[o] * output / ((α + β * output) * wages[o]) - 1)
            for d in (0, 1):
                marginal = θ * (c[o, d] + shift) ** (θ - 1)
                out.append(np.log(marginal / ((λ, λ_star)[d] * prices[o])))
        out.extend((n * p * c[0] + n_star * p_star * c[1]) / wages - 1)
        out.append(n * (α + β * (c[0] @ labor)) / labor[0] - 1)
        return out

    first = np.log([start[0], 1, 1, start[1], 1, 1, 1, 0.5, 0.5, 0.5, 0.5])
    found = root(residuals, first, method="lm", options={"xtol": 1e-14, "ftol": 1e-14})
    assert np.abs(residuals(found.x)).max() < 1e-8
    w, p, p_star, n, n_star, _, _, *c = np.exp(found.x)
    here = free_trade(industry, labor, shift)
    assert w == pytest.approx(1, rel=1e-7)
    assert (p, p_star) == pytest.approx((here.price, here.price), rel=1e-7)
    assert (n, n_star) == pytest.approx(here.varieties, rel=1e-7)
    assert c == pytest.approx([here.consumption] * 4, rel=1e-7)
    utility = (n + n_star) * ((c[0] + shift) ** θ - shift**θ)
    assert utility == pytest.approx(here.utility, rel=1e-7)
    assert here.import_share[0] == pytest.approx(n_star * p_star * c[2], rel=1e-7)


@property_test
@given(INDUSTRIES, SIZES, SIZES)
def test_kn3_section_1_is_the_case_of_no_shift(industry, home, foreign):
    ours, theirs = closed_economy(industry, home, 0), basic.closed_economy(industry, home)
    for name in ("price", "output", "varieties", "consumption", "utility"):
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name), rel=1e-12)
    assert ours.elasticity == pytest.approx(1 / (1 - industry.theta))
    ours, theirs = (
        free_trade(industry, (home, foreign), 0),
        basic.free_trade(industry, (home, foreign)),
    )
    for name in ("price", "output", "varieties", "import_share", "gains", "real_income_gains"):
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name), rel=1e-10)
    assert (ours.utility, ours.utility) == pytest.approx(theirs.utility, rel=1e-12)
    assert ours.scale == (1, 1)
    assert ours.exit == (0, 0)


def test_kn3_section_1_is_the_limit_of_small_shifts():
    industry = Industry(0.6, 2.0, 3.0)
    limit = basic.free_trade(industry, (5, 2))
    gaps = []
    for shift in (1e-3, 1e-5, 1e-7):
        near = free_trade(industry, (5, 2), shift)
        gaps.append(abs(near.gains[0] / limit.gains[0] - 1))
        assert near.output == pytest.approx(limit.output, rel=100 * shift)
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 1e-3


@property_test
@given(SIZES, SIZES, SIZES, st.floats(-2, 2).map(lambda x: 10.0**x))
def test_kn3_logarithmic_utility_is_the_limit_of_small_theta(alpha, beta, labor, shift):
    """Utility sum of log(1 + c/s): x = sqrt(alpha s L/beta), n = L/(alpha + beta x)."""
    θ = 1e-9
    here = closed_economy(Industry(θ, alpha, beta), labor, shift)
    output = np.sqrt(alpha * shift * labor / beta)
    n = labor / (alpha + beta * output)
    near = 1e-8 * (1 + np.sqrt(alpha / (beta * shift * labor)))
    assert here.output == pytest.approx(output, rel=near)
    assert here.varieties == pytest.approx(n, rel=near)
    utility = n * np.log1p(output / labor / shift)
    assert here.utility / θ == pytest.approx(utility, rel=10 * near + 1e-6)


@property_test
@given(THETAS, SIZES, SIZES, SIZES, SIZES, st.floats(-2, 2).map(lambda x: 10.0**x))
def test_kn3_trade_raises_scale_variety_elasticity_and_real_wages(
    theta, alpha, beta, home, foreign, ratio
):
    shift = ratio * alpha / (beta * (home + foreign))
    industry = Industry(theta, alpha, beta)
    trade = free_trade(industry, (home, foreign), shift)
    for c, size in enumerate((home, foreign)):
        alone = closed_economy(industry, size, shift)
        assert trade.output > alone.output
        assert trade.elasticity > alone.elasticity
        assert trade.price < alone.price
        assert trade.consumption < alone.consumption
        assert sum(trade.varieties) > alone.varieties > trade.varieties[c]
        assert trade.gains[c] > 1
        assert trade.real_income_gains[c] > 1
        assert trade.scale[c] == pytest.approx(trade.output / alone.output)
        assert trade.variety[c] == pytest.approx(sum(trade.varieties) / alone.varieties)
        assert trade.exit[c] == pytest.approx(1 - trade.varieties[c] / alone.varieties, abs=1e-9)
        assert trade.variety[c] < (home + foreign) / size  # less than in Section I
    assert trade.varieties[0] / trade.varieties[1] == pytest.approx(home / foreign)


@pytest.mark.parametrize("theta", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("shift", [1e-9, 1e-3, 1.0, 1e6])
def test_kn3_solver_meets_fifty_digits(theta, shift):
    labor = (1e3, 1e-3)
    with mpmath.workdps(60):
        θ, s = mpmath.mpf(theta), mpmath.mpf(shift)

        def solve(size):
            size = mpmath.mpf(size)
            root = mpmath.sqrt(θ**2 + 4 * (1 - θ) * size * s)
            c = (θ + root) / (2 * (1 - θ) * size)
            return c, size / (1 + size * c)

        c, n = solve(mpmath.mpf(labor[0]) + mpmath.mpf(labor[1]))
        utility = n * ((c + s) ** θ - s**θ)
        trade = free_trade(Industry(theta), labor, shift)
        assert abs(trade.consumption / c - 1) < 1e-14
        assert abs(trade.utility / utility - 1) < 1e-13
        for k in (0, 1):
            alone_c, alone_n = solve(labor[k])
            alone = alone_n * ((alone_c + s) ** θ - s**θ)
            assert abs(trade.gains[k] / (utility / alone) - 1) < 1e-13
            worth = ((utility / alone_n + s**θ) ** (1 / θ) - s) / alone_c
            assert abs(trade.real_income_gains[k] / worth - 1) < 1e-11


def test_kn3_income_gain_buys_the_utility_of_trade_at_autarkys_prices():
    industry, shift = Industry(0.5), 0.125
    trade, alone = free_trade(industry, (16, 16), shift), closed_economy(industry, 16, shift)
    income = trade.real_income_gains[0]
    c = income / (alone.varieties * alone.price)
    worth = alone.varieties * ((c + shift) ** 0.5 - shift**0.5)
    assert worth == pytest.approx(trade.utility)


def test_kn3_a_round_example_by_hand():
    """theta = 1/2, alpha = beta = 1: x**2 = x + 2 s L."""
    industry = Industry(theta=0.5)
    alone, trade = closed_economy(industry, 3, 1), free_trade(industry, (3, 7), 1)
    assert (alone.output, alone.varieties, alone.price) == pytest.approx((3, 3 / 4, 4 / 3))
    assert (trade.output, trade.price) == pytest.approx((5, 6 / 5))
    assert trade.varieties == pytest.approx((1 / 2, 7 / 6))
    assert (alone.elasticity, trade.elasticity) == pytest.approx((4, 6))
    assert trade.exit[0] == pytest.approx(1 / 3)


@property_test
@given(st.floats(0.05, 0.95), st.floats(1.0, 1e4), st.floats(-6.0, 2.0))
def test_kn3_a_planner_would_have_larger_firms(θ, labor, log_shift):
    shift = 10**log_shift
    market = closed_economy(Industry(θ), labor, shift)

    def worth(log_c):
        c = np.exp(log_c)
        return shift**θ * np.expm1(θ * np.log1p(c / shift)) / (1 + labor * c)

    # The slope at the market's consumption is that of planner less firm, in closed form.
    z, at = market.consumption / shift, np.log(market.consumption)
    gap = (1 + θ * z - (1 + z) ** θ) / (np.expm1(θ * np.log1p(z)) * (1 + z))
    slope = (worth(at + 1e-4) - worth(at - 1e-4)) / 2e-4 / worth(at)
    assert slope == pytest.approx(gap, rel=1e-4, abs=1e-7)
    best = minimize_scalar(
        lambda y: -worth(y), bounds=(at - 5, at + 25), method="bounded", options={"xatol": 1e-9}
    )
    assert best.x > at
    assert -best.fun >= worth(at)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("industry", lambda: closed_economy(0.5, 1, 1)),
        ("labor", lambda: closed_economy(Industry(0.5), 0, 1)),
        ("shift", lambda: closed_economy(Industry(0.5), 1, -1)),
        ("shift", lambda: free_trade(Industry(0.5), (1, 1), np.nan)),
        ("labor", lambda: free_trade(Industry(0.5), (1, 0), 1)),
        ("consumption", lambda: markup_price(Industry(0.5), 1, [1, 0])),
        ("labor", lambda: break_even_price(Industry(0.5), -1, 1)),
        ("consumption", lambda: break_even_price(Industry(0.5), 1, "a")),
    ],
)
def test_parameters_outside_their_domain_raise_and_say_which(name, call):
    with pytest.raises(ValueError, match=name):
        call()


def test_price_curves_are_vectorised():
    c = np.array([0.5, 1.0, 2.0])
    np.testing.assert_allclose(markup_price(Industry(0.5), 1, c), (c + 1) / (c / 2 + 1))
    np.testing.assert_allclose(break_even_price(Industry(0.5), 2, c), 1 + 0.5 / c)


def precise_gains(industry, labor, shift):
    """Gains of both countries in 400 digits, since next to nothing differs at a shift of 1e-300."""
    θ, α, β, s = map(mpmath.mpf, (industry.theta, industry.alpha, industry.beta, shift))

    def solve(size):
        size = mpmath.mpf(size)
        linear = α * θ / (β * (1 - θ))
        output = (linear + mpmath.sqrt(linear**2 + 4 * α * size * s / (β * (1 - θ)))) / 2
        c, n = output / size, size / (α + β * output)
        return output, c, n, n * ((c + s) ** θ - s**θ)

    output, _, n, utility = solve(mpmath.mpf(labor[0]) + mpmath.mpf(labor[1]))
    for size in labor:
        alone, c, variety, before = solve(size)
        equal = ((utility / variety) + s**θ) ** (1 / θ) - s
        closing = β * (output - alone) / (α + β * output)
        yield utility, utility / before, equal / c, n / variety, closing


@pytest.mark.parametrize("theta", [1e-12, 1e-8, 1e-4, 0.05, 0.5, 0.95, 1 - 1e-9])
@pytest.mark.parametrize("shift", [0.0, 1e-300, 1e-6, 1.0, 1e6])
@pytest.mark.parametrize("labor", [(3, 7), (1, 1e-9), (1e6, 2e6)])
def test_kn3_gains_are_right_to_the_last_digits_however_small_theta_is(theta, shift, labor):
    industry = Industry(theta, 2.0, 0.5)
    trade = free_trade(industry, labor, shift)
    with mpmath.workdps(400):
        for country, expected in enumerate(precise_gains(industry, labor, shift)):
            found = (
                trade.utility,
                trade.gains[country],
                trade.real_income_gains[country],
                trade.variety[country],
                trade.exit[country],
            )
            for one, exact in zip(found, expected, strict=True):
                if exact > np.finfo(float).max:
                    assert one == np.inf
                else:
                    assert abs(one - exact) <= 1e-12 * abs(exact) + 5e-324


def test_a_small_country_beside_a_huge_one_gains_without_overflow():
    """The growth of output was the quotient of numbers of which one may be beyond doubles."""
    industry = Industry(0.99, 1e24, 2e24)
    world = free_trade(industry, (1, 1e292), 4.7)
    assert world.exit[0] == pytest.approx(1, rel=1e-12)
    assert 1 < world.real_income_gains[0] < 2
