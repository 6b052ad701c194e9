"""Krugman (1980), Section III: home market effects."""

import itertools
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar, root

from lib.krugman import home_market
from lib.krugman.basic import Industry, closed_economy
from lib.krugman.home_market import (
    alike_people,
    constant_returns_beta,
    industry_balance,
    mirror_image,
    two_industries,
)
from lib.krugman.transport import costly_trade

HALF = Industry(theta=0.5)
THETAS = st.floats(0.05, 0.99)
ARRIVALS = st.floats(1e-4, 0.999)
POPULATIONS = st.floats(-3, 3).map(lambda x: 10.0**x)
# None or some: with fewer than 1e-290 of all workers numbers leave the doubles, and this is said.
SHARES = st.just(0.0) | st.floats(1e-290, 1)
REGIMES = [
    ("both", "both"),
    ("both", "home"),
    ("both", "foreign"),
    ("home", "both"),
    ("foreign", "both"),
    ("home", "foreign"),
    ("foreign", "home"),
]


def property_test(examples=200):
    def decorate(function):
        return settings(max_examples=examples, deadline=None, derandomize=True)(function)

    return decorate


@st.composite
def worlds(draw):
    """Four populations; some of them in nearly the same proportions."""
    if draw(st.booleans()):
        return np.array([[draw(POPULATIONS) for _ in range(2)] for _ in range(2)])
    spread = 10.0 ** draw(st.floats(-12, 0))
    sizes = draw(POPULATIONS), draw(POPULATIONS)
    nudge = [[1 + spread * draw(st.floats(-0.9, 9)) for _ in range(2)] for _ in range(2)]
    return np.array(sizes) * np.array(nudge) * [[draw(POPULATIONS)], [1.0]]


def home_market_sign(demand):
    """Sign of L_a/L_a* - L_b/L_b*, exactly, for positive populations."""
    (a, a_star), (b, b_star) = [[Fraction(float(v)) for v in row] for row in demand]
    return np.sign(float(a * b_star - b * a_star))


# The full model, without any reduced form


def freight(g):
    """Units to ship for one to arrive, [origin, destination]."""
    return np.array([[1, 1 / g], [1 / g, 1]])


def primitive_equilibrium(industry, demand, g, regime, start=(1.0, 1.0), shares=None):
    """
    Solve consumers, firms and markets for a guess of who makes what.

    Unknown, in logs: home's wage, each active industry's price, output and number of goods, each
    group's marginal utility of income and its consumption of each good. With `shares`, people are
    alike: [industry, country] shares of spending, and Cobb-Douglas utility over the industries.
    Returns None if there is no solution, or if a firm could gain by entering an idle industry.
    """
    θ, α, β = industry.theta, industry.alpha, industry.beta
    alike = shares is not None
    workers = demand.sum(axis=0)
    made = {
        "both": (True, True),
        "home": (True, False),
        "foreign": (False, True),
    }
    active = [(i, c) for i in (0, 1) for c in (0, 1) if made[regime[i]][c]]
    eaters = [
        (i, d) for i in (0, 1) for d in (0, 1) if (shares[i, d] if alike else demand[i, d]) > 0
    ]
    people = {(i, d): workers[d] if alike else demand[i, d] for i, d in eaters}
    meals = [(i, c, d) for i, c in active for e, d in eaters if e == i]
    ship = freight(g)
    sizes = [1, len(active), len(active), len(active), len(eaters), len(meals)]
    ends = np.cumsum(sizes)[:-1]

    def unpack(z):
        w, p, x, n, λ, c = np.split(np.exp(z), ends)
        return (
            (w[0], 1.0),
            dict(zip(active, p, strict=True)),
            dict(zip(active, x, strict=True)),
            dict(zip(active, n, strict=True)),
            dict(zip(eaters, λ, strict=True)),
            dict(zip(meals, c, strict=True)),
        )

    def residuals(z):
        w, p, x, n, λ, c = unpack(z)
        out = []
        for i, o, d in meals:
            # Marginal utility over marginal utility of income and delivered price: (5).
            marginal = θ * c[i, o, d] ** (θ - 1)
            if alike:
                marginal *= shares[i, d] / sum(
                    n[j, k] * c[j, k, e] ** θ for j, k, e in meals if (j, e) == (i, d)
                )
            out.append(np.log(marginal / (λ[i, d] * p[i, o] * ship[o, d])))
        for i, d in eaters:
            # All spend their wage; alike people have one marginal utility of income.
            spent = sum(
                n[j, o] * c[j, o, e] * p[j, o] * ship[o, e]
                for j, o, e in meals
                if e == d and (alike or j == i)
            )
            out.append(np.log(spent / w[d]))
        if alike:
            for i, d in eaters:
                if i == 1 and (0, d) in λ:
                    out[len(meals) + eaters.index((i, d))] = np.log(λ[0, d] / λ[1, d])
        for i, o in active:
            sold = sum(
                people[j, d] * c[j, k, d] * ship[k, d] for j, k, d in meals if (j, k) == (i, o)
            )
            out.append(np.log(x[i, o] / sold))
            # Revenue p x with demand x proportional to p**(-1/(1-theta)): marginal revenue theta p.
            out.append(np.log(θ * p[i, o] / (β * w[o])))
            out.append(np.log(p[i, o] * x[i, o] / ((α + β * x[i, o]) * w[o])))
        out.append(
            np.log(sum(n[i, o] * (α + β * x[i, o]) for i, o in active if o == 0) / workers[0])
        )
        return np.array(out)

    guess_n = []
    for i, c in active:
        siblings = [demand[j].sum() for j, k in active if k == c]
        guess_n.append((1 - θ) / α * workers[c] * demand[i].sum() / sum(siblings))
    wage = start[0], 1.0
    z = np.log(
        np.concatenate(
            [
                [wage[0]],
                [β * wage[c] / θ for _, c in active],
                [α * θ / (β * (1 - θ))] * len(active),
                guess_n,
                [start[1]] * len(eaters),
                [α * θ / (β * (1 - θ)) / (2 * workers[d]) for *_, d in meals],
            ]
        )
    )
    with np.errstate(all="ignore"):
        found = root(residuals, z, method="lm", options={"xtol": 1e-14, "ftol": 1e-14})
        if not np.abs(residuals(found.x)).max() < 1e-10:
            return None
        w, p, x, n, _, c = unpack(found.x)
    abroad = sum(n[i, o] * (α + β * x[i, o]) for i, o in active if o == 1)
    assert abroad == pytest.approx(workers[1], rel=1e-9)  # Walras's law
    for i, o in set(itertools.product((0, 1), (0, 1))) - set(active):
        weight = {}
        for d in (0, 1):
            if (i, d) in eaters:
                # Demand of each destination, calibrated on a good that is consumed there.
                k = next(k for j, k, e in meals if (j, e) == (i, d))
                weight[d] = c[i, k, d] * (p[i, k] * ship[k, d]) ** (1 / (1 - θ)) * people[i, d]

        def loss(log_price, o=o, weight=weight):
            price = np.exp(log_price)
            sold = sum(
                s * (price * ship[o, d]) ** (-1 / (1 - θ)) * ship[o, d] for d, s in weight.items()
            )
            return -((price - β * w[o]) * sold - α * w[o]) / w[o]

        log_cost = np.log(β * w[o])
        best = minimize_scalar(
            loss, bounds=(log_cost, log_cost - 4 * np.log(θ)), options={"xatol": 1e-9}
        )
        if -best.fun > 1e-9 * α:
            return None
    varieties = np.zeros((2, 2))
    for key, number in n.items():
        varieties[key] = number
    exports = [0.0, 0.0]
    for i, o, d in meals:
        if o != d:
            value = n[i, o] * p[i, o] * ship[o, d] * c[i, o, d] * people[i, d]
            exports[i] += value if o == 0 else -value
    log_utility = np.zeros((2, 2))
    for i, d in eaters:
        total = sum(n[j, k] * c[j, k, e] ** θ for j, k, e in meals if (j, e) == (i, d))
        log_utility[i, d] = np.log(total)
    return w[0], varieties, exports, log_utility


def economy_of(regime, rng):
    """Draw economies until one is, by our solver, of the regime."""
    while True:
        industry = Industry(rng.uniform(0.25, 0.75), rng.uniform(0.5, 2), rng.uniform(0.5, 2))
        g = rng.uniform(0.3, 0.9)
        spread = 1.2 if regime == ("both", "both") else 3
        demand = np.exp(rng.uniform(-spread / 2, spread / 2, (2, 2)))
        if two_industries(industry, *demand, g).regime == regime:
            return industry, demand, g


@pytest.mark.parametrize("regime", REGIMES, ids="-".join)
def test_krugman_kc18_the_full_model_has_exactly_one_regime_and_it_is_ours(regime):
    rng = np.random.default_rng(1980)
    for _ in range(2):
        industry, demand, g = economy_of(regime, rng)
        world = two_industries(industry, *demand, g)
        solutions = {}
        for guess in REGIMES:
            for wage in (1.0, 0.8, 1.25):
                full = primitive_equilibrium(industry, demand, g, guess, (wage, 1.0))
                if full is not None:
                    solutions[guess] = full
                    break
        assert list(solutions) == [regime]
        wage, varieties, exports, log_utility = solutions[regime]
        np.testing.assert_allclose(world.relative_wage, wage, rtol=1e-9)
        np.testing.assert_allclose(world.varieties, varieties, rtol=1e-8, atol=1e-9)
        np.testing.assert_allclose(world.net_exports, exports, rtol=1e-8, atol=1e-9)
        alone = [[closed_economy(industry, size).utility for size in row] for row in demand]
        np.testing.assert_allclose(world.gains, np.exp(log_utility) / alone, rtol=1e-9)


# An outside reference in 60 digits and more: labour demand, bisected


def reference(theta, g, demand):
    """Return omega, labour by industry and country, and net alpha exports, to 50 digits."""
    digits = 60 + int(2.2 * theta / (1 - theta) * -np.log10(g))
    with mpmath.workdps(digits):
        θ, g = mpmath.mpf(float(theta)), mpmath.mpf(float(g))
        s = θ / (1 - θ)
        G = g**s
        rows = [[mpmath.mpf(float(v)) for v in row] for row in demand]
        supply = rows[0][0] + rows[1][0]

        def hired(own, other, ω):
            u = ω ** (1 / (1 - θ))
            if own * ω * (1 - G * u) <= G * other * (u - G):
                return mpmath.mpf(0)
            if own * ω * G * (1 - G * u) >= other * (u - G):
                return own + other / ω
            return u * own / (u - G) - G * ω**s * other / (1 - G * u)

        low, high = θ * mpmath.log(g), -θ * mpmath.log(g)
        for _ in range(190):
            middle = (low + high) / 2
            if sum(hired(*row, mpmath.exp(middle)) for row in rows) > supply:
                low = middle
            else:
                high = middle
        ω = mpmath.exp((low + high) / 2)
        home = [hired(*row, ω) for row in rows]
        labor = [[n, ω * own + other - ω * n] for n, (own, other) in zip(home, rows, strict=True)]
        return ω, labor, ω * (home[0] - rows[0][0])


def assert_matches_reference(theta, g, demand):
    world = two_industries(Industry(theta), *demand, g)
    ω, labor, exports = reference(theta, g, demand)
    assert abs(world.relative_wage / ω - 1) < 1e-13
    for i, c in itertools.product((0, 1), (0, 1)):
        firms = labor[i][c] * (1 - mpmath.mpf(theta))
        assert abs(world.varieties[i, c] - firms) < 1e-13 * demand[:, c].sum() * (1 - theta)
    # The reference is good to 50 digits of total trade.
    error = abs(world.net_exports[0] - exports)
    assert error < 1e-10 * abs(exports) + 1e-50 * demand.sum()
    return world


CORNERS = list(itertools.product((0.05, 0.5, 0.99), (1e-4, 0.5, 0.999)))


@pytest.mark.parametrize(("theta", "g"), CORNERS)
def test_krugman_kc18_solver_meets_sixty_digits_at_the_corners_of_its_domain(theta, g):
    extremes = [
        ((1e3, 1e-3), (1e-3, 1e3)),
        ((1e3, 1e-3), (1e-3, 1e-3)),
        ((1e3, 1e3), (1e-3, 1e3)),
        ((1, 1 + 1e-9), (1, 1)),
        ((2, 1), (3, 2.9)),
    ]
    for demand in extremes:
        if (theta, g) == (0.99, 1e-4) and demand[0][0] != 2:
            continue  # 400 orders of magnitude: one economy suffices
        assert_matches_reference(theta, g, np.array(demand, dtype=float))


@property_test(60)
@given(st.floats(0.05, 0.95), st.floats(1e-3, 0.999), worlds())
def test_krugman_kc18_solver_meets_sixty_digits_anywhere(theta, g, demand):
    assert_matches_reference(theta, g, demand)


@pytest.mark.parametrize("nudge", [-1e-9, -1e-13, 0.0, 1e-13, 1e-9])
@pytest.mark.parametrize(("theta", "g"), [(0.05, 0.999), (0.5, 0.5), (0.8, 0.7), (0.3, 0.01)])
def test_krugman_kc18_solver_meets_sixty_digits_at_the_borders_of_regimes(theta, g, nudge):
    G = g ** (theta / (1 - theta))
    for y in (0.9, 1.0, 1.3):
        u = (y + G) / (1 + G * y)
        omega = u ** (1 - theta)
        low, high = G * y / omega, y / omega / G
        # Alpha just leaves foreign while beta is in both, in home only, or just leaving home.
        for home, foreign, beta_ratio in ((high, 1, None), (1, 1 / low, None), (high, 1, low)):
            r = omega ** (theta / (1 - theta)) * y
            alpha_net = foreign if home == high else -omega * home
            if beta_ratio is None:
                # Beta, made in both countries, must just balance alpha's trade at this omega.
                slope = omega * G * (1 + G * y) / ((1 - G**2) * y)
                other = 50.0
                own = r * other - alpha_net / slope
                if own <= 0:
                    continue
            else:
                own = foreign / omega
                other = own / beta_ratio
            demand = np.array([[home * (1 + nudge), foreign], [own, other]])
            world = assert_matches_reference(theta, g, demand)
            assert world.relative_wage == pytest.approx(omega, rel=1e-7)


# Section III.A and the limits


def test_krugman_19_without_trade_industries_share_labour_as_the_groups_do():
    industry = Industry(0.6, 2.0, 3.0)
    world = two_industries(industry, (3, 1), (5, 7), 1e-9)
    np.testing.assert_allclose(world.varieties[0] / world.varieties[1], [3 / 5, 1 / 7], rtol=1e-9)
    np.testing.assert_allclose(
        world.varieties.sum(axis=0),
        [closed_economy(industry, size).varieties for size in (8, 8)],
    )
    np.testing.assert_allclose(world.gains, 1, rtol=1e-9)


@property_test()
@given(THETAS, ARRIVALS, worlds(), st.booleans())
def test_krugman_section_2_is_the_limit_with_one_industry(theta, g, demand, alpha_only):
    labor, nobody = demand[0], (0, 0)
    industry = Industry(theta, 0.7, 1.9)
    groups = (labor, nobody) if alpha_only else (nobody, labor)
    world, one = two_industries(industry, *groups, g), costly_trade(industry, labor, g)
    row = 0 if alpha_only else 1
    assert world.relative_wage == pytest.approx(one.relative_wage, rel=1e-10)
    np.testing.assert_allclose(world.varieties[row], one.varieties, rtol=1e-10)
    np.testing.assert_allclose(world.gains[row], one.gains, rtol=1e-10)
    np.testing.assert_allclose(world.real_income_gains[row], one.real_income_gains, rtol=1e-10)
    assert not world.varieties[1 - row].any()
    assert world.net_exports == (0, 0)
    assert world.regime[1 - row] == "none"


@property_test()
@given(THETAS, ARRIVALS, worlds())
def test_krugman_kc18_two_diversified_industries_pay_section_2s_wage(theta, g, demand):
    world = two_industries(Industry(theta), *demand, g)
    assume(world.regime == ("both", "both"))
    one = costly_trade(Industry(theta), demand.sum(axis=0), g)
    assert world.relative_wage == pytest.approx(one.relative_wage, rel=1e-10)


# Section III.B


def mirror_world(industry, labor, g, share):
    home, foreign = labor * share, labor * (1 - share)
    return two_industries(industry, (home, foreign), (foreign, home), g)


@property_test()
@given(THETAS, ARRIVALS, POPULATIONS, st.floats(1e-6, 1 - 1e-6))
def test_krugman_section_3b_is_a_special_case_of_any_two_countries(theta, g, labor, share):
    industry = Industry(theta, 0.7, 1.9)
    mirror, world = (f(industry, labor, g, share) for f in (mirror_image, mirror_world))
    assert world.relative_wage == pytest.approx(1, abs=1e-13)
    np.testing.assert_allclose(
        mirror.varieties, world.varieties[0], rtol=1e-10, atol=1e-11 * sum(mirror.varieties)
    )
    np.testing.assert_allclose(
        mirror.varieties[::-1], world.varieties[1], rtol=1e-8, atol=1e-11 * sum(mirror.varieties)
    )
    assert mirror.trade_balance == pytest.approx(world.net_exports[0], rel=1e-9, abs=1e-12 * labor)
    np.testing.assert_allclose(mirror.gains, world.gains, rtol=1e-10)
    np.testing.assert_allclose(mirror.real_income_gains, world.real_income_gains, rtol=1e-9)
    np.testing.assert_allclose(mirror.entrant_sales, world.entrant_sales[0], rtol=1e-9)


@property_test()
@given(THETAS, ARRIVALS, POPULATIONS, SHARES)
def test_krugman_22_to_26_hold_as_printed_where_both_make_alpha_goods(theta, g, labor, share):
    mirror = mirror_image(Industry(theta, 0.7, 1.9), labor, g, share)
    (n, n_star), σ = mirror.varieties, mirror.demand_ratio
    assert σ == pytest.approx(g ** (theta / (1 - theta)), rel=1e-9)  # (22)
    assert n + n_star == pytest.approx(labor * (1 - theta) / 0.7)  # (10)
    home, foreign = labor * share, labor * (1 - share)
    if mirror.regime == "both":
        px = 0.7 / (1 - theta)  # (7) times (9)
        own, abroad = n + σ * n_star, σ * n + n_star
        assert px == pytest.approx(home / own + σ * foreign / abroad)  # (23)
        assert px == pytest.approx(σ * home / own + foreign / abroad)  # (23)
        assert home / foreign == pytest.approx(own / abroad, rel=1e-9)  # (24)
        assert mirror.relative_varieties == pytest.approx(n / n_star)
        denominator = foreign - σ * home
        if denominator > 1e-3 * foreign:
            printed = (home / foreign - σ) / (1 - σ * home / foreign)
            assert mirror.relative_varieties == pytest.approx(printed, 1e-11, 1e-12)  # (25)
        printed = σ * foreign / abroad * (n - n_star)  # (26)
        assert mirror.trade_balance == pytest.approx(printed, rel=1e-9, abs=1e-12 * labor)
    exports, imports = (
        (
            size * σ * made / (other + σ * made)
            for size, made, other in ((foreign, n, n_star), (home, n_star, n))
        )
        if σ > 0
        else (0.0, 0.0)
    )
    assert mirror.trade_balance == pytest.approx(exports - imports, rel=1e-9, abs=1e-11 * labor)
    if exports + imports > 0:
        index = 1 - abs(exports - imports) / (exports + imports)
        assert mirror.intra_industry == pytest.approx(index, abs=1e-9)


def test_krugman_26_peaks_where_specialisation_is_complete_and_falls_after():
    for σ in (Fraction(1, 4), Fraction(1, 2)):
        shares = np.linspace(0.5, 1, 2001)
        balance = [mirror_image(HALF, 1, float(σ), f).trade_balance for f in shares]
        peak = 1 / (1 + float(σ))
        assert shares[np.argmax(balance)] == pytest.approx(peak, abs=1 / 2000)
        assert mirror_image(HALF, 1, float(σ), peak).trade_balance == pytest.approx(1 - peak)
        closed = np.minimum(float(σ) * (2 * shares - 1) / (1 - float(σ)), 1 - shares)
        np.testing.assert_allclose(balance, closed, atol=1e-15)


@property_test()
@given(THETAS, ARRIVALS, SHARES)
def test_krugman_kc17_larger_home_market_is_net_exporter_specialised_or_not(theta, g, share):
    mirror = mirror_image(Industry(theta), 1, g, share)
    tiny = abs(2 * share - 1) * mirror.demand_ratio < 1e-300
    if share in (0, 0.5, 1):
        assert mirror.trade_balance == 0
    elif not tiny:
        assert np.sign(mirror.trade_balance) == np.sign(share - 0.5)


@property_test()
@given(THETAS, ARRIVALS, POPULATIONS, SHARES.filter(lambda share: share < 0.5))
def test_krugman_kc15_a_deviating_firm_falls_short_exactly_in_the_papers_ratio(
    theta, g, labor, share
):
    mirror = mirror_image(Industry(theta), labor, g, share)
    home, foreign = labor * share, labor * (1 - share)
    assume(mirror.regime == "foreign" and mirror.demand_ratio > 1e-200)
    σ = mirror.demand_ratio
    ratio = (home / σ + σ * foreign) / (home + foreign)
    assert mirror.entrant_sales[0] == pytest.approx(ratio, rel=1e-10)
    assert mirror.entrant_sales[1] == pytest.approx(1)
    assert ratio < 1 + 1e-12


def test_krugman_kc15_specialisation_begins_exactly_at_the_ends_of_figure_2():
    # theta = 1/2, g = 1/4, so sigma = 1/4: home makes no alpha good for L/L* up to 1/4.
    ends = {0.2: "foreign", 0.21: "both", 0.79: "both", 0.8: "home"}
    for share, regime in ends.items():
        assert mirror_image(HALF, 10, 0.25, share).regime == regime
    assert mirror_image(HALF, 10, 0.25, 0.2).relative_varieties == 0
    assert mirror_image(HALF, 10, 0.25, 0.8).relative_varieties == np.inf


def test_krugman_kc16_two_way_trade_needs_costly_transport_and_weak_scale_economies():
    """theta/(1-theta), which footnote 5 calls an index of scale economies, is an inverse one."""
    θ, g = sympy.symbols("theta g", positive=True)
    σ = g ** (θ / (1 - θ))
    point = {θ: sympy.Rational(1, 2), g: sympy.Rational(1, 3)}
    assert sympy.diff(σ, g).subs(point) > 0
    assert sympy.simplify(sympy.diff(σ, θ) - σ * sympy.log(g) / (1 - θ) ** 2) == 0
    # Both make alpha goods for f strictly between sigma/(1+sigma) and 1/(1+sigma).
    share = 0.75
    assert [mirror_image(HALF, 1, g, share).regime for g in (0.2, 0.3, 0.4)] == [
        "both",
        "both",
        "home",
    ]
    # A higher theta means a lower share of fixed cost, alpha/(alpha + beta x) = 1 - theta.
    regimes = [mirror_image(Industry(t), 1, 0.5, share).regime for t in (0.3, 0.5, 0.7)]
    assert regimes == ["home", "home", "both"]
    for t in (0.3, 0.5, 0.7):
        x = closed_economy(Industry(t, 2.0, 3.0), 1).output
        assert 3 * x / 2 == pytest.approx(t / (1 - t))  # footnote 5
        assert 2 / (2 + 3 * x) == pytest.approx(1 - t)


def test_krugman_magnification_varieties_respond_more_than_in_proportion_to_the_home_market():
    for relative in (1.01, 1.5, 2.5):
        f = relative / (1 + relative)
        assert mirror_image(HALF, 1, 0.25, f).relative_varieties > relative


# Section III.C, any two countries


@property_test(500)
@given(THETAS, ARRIVALS, worlds())
def test_krugman_kc18_net_exporter_where_the_relative_home_market_is_larger(theta, g, demand):
    world = two_industries(Industry(theta), *demand, g)
    sign = home_market_sign(demand)
    exports = world.net_exports[0]
    if abs(exports) > 1e-300 or sign == 0:
        assert np.sign(exports) == sign
    else:
        assert g ** (theta / (1 - theta)) < 1e-200  # too small for a float


def test_krugman_kc18_holds_in_thousands_of_random_economies_of_every_regime():
    rng = np.random.default_rng(1980)
    seen = dict.fromkeys(REGIMES, 0)
    for _ in range(4000):
        demand = 10 ** rng.uniform(-1, 1, (2, 2))
        θ, g = rng.uniform(0.05, 0.9), rng.uniform(0.05, 0.999)
        world = two_industries(Industry(θ), *demand, g)
        seen[world.regime] += 1
        assert np.sign(world.net_exports[0]) == home_market_sign(demand)
    assert min(seen.values()) > 30


def test_krugman_kc18_proof_net_exports_are_one_factor_times_excess_over_one_ratio():
    """I = factor * (l - r l*), with the same r and factor > 0 for both industries."""
    G, ω, u, own, other, N, N_star = sympy.symbols("G omega u l l_star N N_star", positive=True)
    v = u / ω  # omega**(theta/(1-theta))
    density, density_star = sympy.symbols("a a_star")
    solved = sympy.solve(
        [density + G / u * density_star - 1, u * G * density + density_star - 1],
        [density, density_star],
    )
    firms = sympy.solve(
        [
            N + G * v * N_star - own / solved[density],
            N_star + G / v * N - other / solved[density_star],
        ],
        [N, N_star],
    )
    y = (u - G) / (1 - G * u)
    factor = ω * G * (1 + G * y) / ((1 - G**2) * y)
    assert sympy.simplify(ω * (firms[N] - own) - factor * (own - v * y * other)) == 0
    assert sympy.simplify(firms[N_star] - other + factor * (own - v * y * other)) == 0
    # r = u**theta y and the factor are monotone: y rises in u, factor/omega = G/(u - G) * ...
    assert sympy.simplify(factor - ω * G / (u - G)) == 0
    assert sympy.simplify(sympy.diff(y, u) - (1 - G**2) / (1 - G * u) ** 2) == 0


def test_krugman_kc18_absolute_size_does_not_decide():
    """Home is larger in both markets, so it cannot export both goods: checked by hand."""
    G, ω = Fraction(1, 2), Fraction(6, 5)  # theta = 1/2, g = 1/2: G = g, u = omega**2
    (a, a_star), (b, b_star) = (5, 4), (34, 6)
    # Foreign makes all alpha, home all beta goods; each buys the other's: omega a = b*.
    assert ω * a == b_star
    # What a first alpha firm at home, and a first beta firm abroad, would sell of what it needs.
    u = ω**2
    alpha_made, beta_made = a_star + b_star, a + b
    home_alpha = Fraction(a) / (G * ω * alpha_made) + G / u * Fraction(a_star) / alpha_made
    foreign_beta = Fraction(b_star) / (G / ω * beta_made) + G * u * Fraction(b) / beta_made
    assert home_alpha == Fraction(35, 36)
    assert foreign_beta == Fraction(324, 325)
    world = two_industries(HALF, (a, a_star), (b, b_star), 0.5)
    assert world.relative_wage == pytest.approx(1.2, rel=1e-15)
    assert world.regime == ("foreign", "home")
    assert world.net_exports == pytest.approx((-6, 6))
    assert world.entrant_sales[0, 0] == pytest.approx(35 / 36)
    assert world.entrant_sales[1, 1] == pytest.approx(324 / 325)


@pytest.mark.parametrize("missing", range(4))
def test_krugman_kc18_says_nothing_where_a_group_has_no_members(missing):
    """A good without consumers at home is not imported, and not made there either."""
    demand = np.array([[3.0, 4.0], [5.0, 2.0]])
    demand.flat[missing] = 0
    world = two_industries(HALF, *demand, 0.5)
    assert world.net_exports == (0, 0)
    shared = demand[1 - missing // 2]
    assert world.relative_wage == pytest.approx(
        costly_trade(HALF, shared, 0.5).relative_wage, rel=1e-13
    )
    near = demand.copy()
    near.flat[missing] = 1e-9
    limit = two_industries(HALF, *near, 0.5)
    np.testing.assert_allclose(limit.varieties, world.varieties, atol=1e-7)
    assert limit.relative_wage == pytest.approx(world.relative_wage, abs=1e-8)


@property_test(300)
@given(THETAS, ARRIVALS, worlds())
def test_krugman_kc19_smaller_in_both_markets_means_a_lower_wage(theta, g, demand):
    home, foreign = demand.min(axis=1), demand.max(axis=1)
    assume((home < foreign * (1 - 1e-9)).all())
    assert two_industries(Industry(theta), *zip(home, foreign, strict=True), g).relative_wage <= 1
    if g ** (theta / (1 - theta)) > 1e-6 and (home < foreign * 0.99).all():
        world = two_industries(Industry(theta), *zip(home, foreign, strict=True), g)
        assert world.relative_wage < 1


@property_test(300)
@given(THETAS, ARRIVALS, worlds())
def test_krugman_kc19_wage_lies_between_those_of_one_industry_with_either_market(theta, g, demand):
    industry = Industry(theta)
    ends = sorted(costly_trade(industry, row, g).relative_wage for row in demand)
    wage = two_industries(industry, *demand, g).relative_wage
    assert ends[0] * (1 - 1e-12) <= wage <= ends[1] * (1 + 1e-12)
    assert g**theta * (1 - 1e-12) <= wage <= g**-theta * (1 + 1e-12)


def test_krugman_kc19_total_population_does_not_decide_wages():
    """Home has 105 people, foreign 44, and home's wage is lower: checked by hand."""
    G, ω = Fraction(1, 2), Fraction(4, 5)  # theta = 1/2, g = 1/2: G = g, u = omega**2
    (a, a_star), (b, b_star) = (100, 4), (5, 40)
    # Home makes all alpha, foreign all beta goods; each buys the other's: omega b = a*.
    assert ω * b == a_star
    u, alpha_made, beta_made = ω**2, a + b, a_star + b_star
    foreign_alpha = Fraction(a_star) / (G / ω * alpha_made) + G * u * Fraction(a) / alpha_made
    home_beta = Fraction(b) / (G * ω * beta_made) + G / u * Fraction(b_star) / beta_made
    assert foreign_alpha == Fraction(64, 175)
    assert home_beta == Fraction(175, 176)
    world = two_industries(HALF, (a, a_star), (b, b_star), 0.5)
    assert world.relative_wage == pytest.approx(0.8, rel=1e-15)
    assert world.regime == ("home", "foreign")
    assert world.entrant_sales[0, 1] == pytest.approx(64 / 175)
    assert world.entrant_sales[1, 0] == pytest.approx(175 / 176)


# Section III.C, symmetries


@property_test()
@given(THETAS, ARRIVALS, worlds())
def test_names_of_countries_do_not_matter(theta, g, demand):
    industry = Industry(theta)
    world, turned = (two_industries(industry, *d, g) for d in (demand, demand[:, ::-1]))
    workers = demand.sum(axis=0)
    ω = world.relative_wage
    assert turned.relative_wage == pytest.approx(1 / ω, rel=1e-12)
    assert ((np.abs(turned.varieties[:, ::-1] - world.varieties)) <= 1e-11 * workers).all()
    for one, other in zip(turned.net_exports, world.net_exports, strict=True):
        assert one * ω == pytest.approx(-other, rel=1e-11, abs=1e-300)
    np.testing.assert_allclose(turned.gains[:, ::-1], world.gains, rtol=1e-11)


@property_test()
@given(THETAS, ARRIVALS, worlds())
def test_names_of_industries_do_not_matter(theta, g, demand):
    industry = Industry(theta)
    world, turned = (two_industries(industry, *d, g) for d in (demand, demand[::-1]))
    assert turned.relative_wage == pytest.approx(world.relative_wage, rel=1e-12)
    workers = demand.sum(axis=0)
    assert ((np.abs(turned.varieties[::-1] - world.varieties)) <= 1e-11 * workers).all()
    assert turned.net_exports[::-1] == pytest.approx(world.net_exports, rel=1e-11, abs=1e-300)


@property_test()
@given(THETAS, ARRIVALS, worlds(), POPULATIONS)
def test_units_do_not_matter(theta, g, demand, unit):
    world = two_industries(Industry(theta), *demand, g)
    large = two_industries(Industry(theta, unit, 3.0), *(unit * demand), g)
    assert large.relative_wage == pytest.approx(world.relative_wage, rel=1e-11)
    assert (np.abs(large.varieties - world.varieties) <= 1e-10 * demand.sum(axis=0)).all()


# Section III.C, conditions of equilibrium


@property_test(300)
@given(THETAS, ARRIVALS, worlds())
def test_equilibrium_meets_sales_labour_and_trade_conditions(theta, g, demand):
    industry = Industry(theta, 0.7, 1.9)
    world = two_industries(industry, *demand, g)
    labor = world.varieties * 0.7 / (1 - theta)
    np.testing.assert_allclose(labor.sum(axis=0), demand.sum(axis=0), rtol=1e-12)
    assert (world.varieties >= 0).all()
    assert sum(world.net_exports) == 0
    assert (world.entrant_sales <= 1 + 1e-11).all()
    np.testing.assert_allclose(world.entrant_sales[world.varieties > 0], 1, atol=1e-11)
    assert world.residual <= 1e-11
    for i in (0, 1):
        made = world.varieties[i] > 0
        assert (
            world.regime[i]
            == {
                (True, True): "both",
                (True, False): "home",
                (False, True): "foreign",
            }[tuple(made)]
        )
    assert (world.gains > 1 - 1e-13).all()  # every group gains
    np.testing.assert_allclose(world.real_income_gains, world.gains ** (1 / theta), rtol=1e-9)


@property_test(100)
@given(st.floats(0.05, 0.9), st.floats(0.01, 0.999), worlds())
def test_net_exports_at_a_given_wage_sum_to_zero_at_equilibrium_and_fall(theta, g, demand):
    world = two_industries(Industry(theta), *demand, g)
    ω = world.relative_wage
    alpha, beta = (industry_balance(ω, row, theta, g) for row in demand)
    # Over wages from g^θ to g^-θ all of both incomes changes hands: so steep is the balance.
    scale = 1e-8 * (ω * demand[:, 0] + demand[:, 1]).sum() / (1 - g) / theta
    assert alpha == pytest.approx(world.net_exports[0], abs=scale)
    assert alpha + beta == pytest.approx(0, abs=scale)
    grid = np.exp(np.linspace(1.1, -1.1, 301) * theta * np.log(g))
    total = sum(industry_balance(grid, row, theta, g) for row in demand)
    assert (np.diff(total) <= 1e-9 * np.abs(total).max()).all()
    assert total[0] > 0 > total[-1]
    ends = [industry_balance(grid[k], demand[0], theta, g) for k in (0, -1)]
    assert ends == pytest.approx([demand[0, 1], -grid[-1] * demand[0, 0]])


# Footnote 4


def test_krugman_fn4_alike_people_with_fixed_shares_live_in_the_same_world():
    rng = np.random.default_rng(4)
    seen = set()
    for _ in range(400):
        labor = np.exp(rng.uniform(-0.5, 0.5, 2))
        mu = rng.uniform(0.05, 0.95, 2)
        industry, g = Industry(rng.uniform(0.3, 0.7)), rng.uniform(0.3, 0.8)
        shares = np.array([mu, 1 - mu])
        world = alike_people(industry, labor, mu, g)
        if world.regime in seen:
            continue
        seen.add(world.regime)
        full = next(
            found
            for wage in (1.0, 0.8, 1.25)
            if (
                found := primitive_equilibrium(
                    industry, shares * labor, g, world.regime, (wage, 1.0), shares
                )
            )
        )
        np.testing.assert_allclose(world.relative_wage, full[0], rtol=1e-9)
        np.testing.assert_allclose(world.varieties, full[1], rtol=1e-8, atol=1e-9)
        np.testing.assert_allclose(world.net_exports, full[2], rtol=1e-8, atol=1e-9)
        c = [closed_economy(industry, 1).output / size for size in labor]
        alone = np.array(
            [
                [
                    share * size * (1 - industry.theta) * eaten**industry.theta
                    for share, size, eaten in zip(row, labor, c, strict=True)
                ]
                for row in shares
            ]
        )
        gain = np.exp((shares * (full[3] - np.log(alone))).sum(axis=0))
        np.testing.assert_allclose(world.gains, gain, rtol=1e-9)
    assert len(seen) == 7


def test_krugman_fn4_net_trade_needs_shares_that_differ():
    assert alike_people(HALF, (3, 1), (0.4, 0.4), 0.5).net_exports == pytest.approx(
        (0, 0), abs=1e-15
    )
    assert alike_people(HALF, (3, 1), (0.4, 0.3), 0.5).net_exports[0] > 0
    one = alike_people(HALF, (3, 1), (1, 1), 0.5)
    assert one.gains == pytest.approx(costly_trade(HALF, (3, 1), 0.5).gains)


# Constant returns in beta


@property_test(300)
@given(THETAS, ARRIVALS, worlds())
def test_krugman_kc20_wages_are_equal_exactly_if_each_country_covers_its_alpha_labour(
    theta, g, demand
):
    industry = Industry(theta, 0.7, 1.9)
    world = constant_returns_beta(industry, *demand, g)
    labor = np.array(world.varieties) * 0.7 / (1 - theta)
    ω, (a, a_star), (b, b_star) = world.relative_wage, *demand
    np.testing.assert_allclose(labor + world.beta_labor, demand.sum(axis=0), rtol=1e-12)
    balance = industry_balance(1.0, demand[0], theta, g)
    if ω == 1:
        assert -b_star - 1e-9 * a <= balance <= b + 1e-9 * a_star
        assert world.net_exports == pytest.approx(balance, rel=1e-6, abs=1e-9 * min(a, a_star))
    else:
        idle = 0 if ω > 1 else 1
        assert world.beta_labor[idle] == 0
        assert (a > a_star) == (ω > 1)
        assert balance > b * (1 - 1e-9) if ω > 1 else -balance > b_star * (1 - 1e-9)
    assert world.residual < 1e-11
    assert max(world.entrant_sales) <= 1 + 1e-11
    # The beta good's market clears: it pays for net alpha trade.
    bought = (ω * b, b_star)
    beta_price = min(ω, 1)
    assert world.net_exports == pytest.approx(
        bought[0] - beta_price * world.beta_labor[0], rel=1e-9, abs=1e-11 * (ω * (a + b))
    )
    if abs(world.net_exports) > 1e-300:
        assert np.sign(world.net_exports) == np.sign(a - a_star)


@property_test()
@given(THETAS, ARRIVALS, worlds())
def test_krugman_kc20_names_of_countries_do_not_matter(theta, g, demand):
    world, turned = (
        constant_returns_beta(Industry(theta), *d, g) for d in (demand, demand[:, ::-1])
    )
    ω = world.relative_wage
    assert turned.relative_wage == pytest.approx(1 / ω, rel=1e-13)
    assert turned.net_exports * ω == pytest.approx(-world.net_exports, rel=1e-12)
    np.testing.assert_allclose(turned.varieties[::-1], world.varieties, rtol=1e-12)
    np.testing.assert_allclose(turned.gains[::-1], world.gains, rtol=1e-12)


@pytest.mark.parametrize(
    ("alpha", "beta", "regime"),
    [
        ((3, 2), (4, 4), ("both", "both")),
        ((8, 1), (4, 4), ("home", "both")),
        ((1, 8), (4, 4), ("foreign", "both")),
        ((3, 2), (0.1, 4), ("both", "foreign")),
        ((2, 3), (4, 0.1), ("both", "home")),
        ((34, 6), (5, 4), ("home", "foreign")),
        ((6, 34), (4, 5), ("foreign", "home")),
    ],
)
def test_krugman_kc20_the_full_model_confirms_each_regime(alpha, beta, regime):
    """Consumers, firms, and both labour markets from primitives, at theta = 1/2, g = 1/2."""
    θ = 0.5
    world = constant_returns_beta(HALF, alpha, beta, 0.5)
    assert world.regime == regime
    w = np.array([world.relative_wage, 1.0])
    n, price = np.array(world.varieties), w / θ
    delivered = price[:, None] * freight(0.5)
    # A resident of d spends w on alpha goods; with theta = 1/2, demand is p**-2 w / sum(n / p).
    eaten = delivered**-2 * w / (n[:, None] / delivered).sum(axis=0)
    output = (eaten * freight(0.5) * alpha).sum(axis=1)
    profit = price * output - (1 + output) * w
    assert profit == pytest.approx(np.where(n > 0, 0, np.minimum(profit, 0)), abs=1e-12)
    beta_cost = w.min()
    made = np.array(world.beta_labor)
    assert (made >= 0).all()
    assert all(cost == beta_cost for cost, quantity in zip(w, made, strict=True) if quantity > 0)
    assert made.sum() == pytest.approx((w * beta).sum() / beta_cost)
    np.testing.assert_allclose(n * 2 + made, np.add(alpha, beta))


def test_krugman_kc20_equal_wages_fail_by_hand():
    """At equal wages home would make alpha goods for all 40 alpha consumers, with 39 workers."""
    world = constant_returns_beta(HALF, (34, 6), (5, 4), 0.5)
    assert industry_balance(1.0, (34, 6), 0.5, 0.5) == 6  # more than home's 5 beta consumers
    assert world.relative_wage == pytest.approx(6 / 5, rel=1e-15)
    assert world.net_exports == pytest.approx(6)
    assert world.beta_labor == pytest.approx((0, 10))


@property_test()
@given(THETAS, ARRIVALS, POPULATIONS, POPULATIONS, st.floats(1.001, 1e3))
def test_krugman_kc21_with_one_composition_the_larger_country_exports_increasing_returns(
    theta, g, alpha, beta, size
):
    world = constant_returns_beta(Industry(theta), (alpha * size, alpha), (beta * size, beta), g)
    assert world.net_exports > 0 or g ** (theta / (1 - theta)) < 1e-200
    assert world.relative_wage >= 1


def test_krugman_kc20_an_industry_without_consumers_or_a_group_without_members():
    nobody = constant_returns_beta(HALF, (0, 0), (3, 1), 0.5)
    assert (nobody.relative_wage, nobody.net_exports) == (1, 0)
    assert nobody.varieties == (0, 0)
    assert nobody.regime == ("none", "both")
    alpha_only = constant_returns_beta(HALF, (3, 1), (0, 0), 0.5)
    one = costly_trade(HALF, (3, 1), 0.5)
    assert alpha_only.relative_wage == pytest.approx(one.relative_wage, rel=1e-14)
    assert alpha_only.gains == pytest.approx(one.gains)
    assert alpha_only.regime == ("both", "none")
    no_importers = constant_returns_beta(HALF, (3, 1), (0, 5), 0.5)
    assert no_importers.net_exports == 0
    assert no_importers.relative_wage == pytest.approx(one.relative_wage, rel=1e-14)
    local = constant_returns_beta(HALF, (3, 0), (1, 2), 0.5)
    assert (local.relative_wage, local.net_exports, local.regime[0]) == (1, 0, "home")


# Domains


@pytest.mark.parametrize("solve", [two_industries, constant_returns_beta])
def test_no_trade_leaves_the_wage_undetermined_and_raises(solve):
    for alpha, beta in (((3, 0), (0, 2)), ((0, 3), (2, 0))):
        with pytest.raises(ValueError, match="relative wage is not determined"):
            solve(HALF, alpha, beta, 0.5)


@pytest.mark.parametrize("solve", [two_industries, constant_returns_beta])
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("industry", (0.5, (1, 1), (1, 1), 0.5)),
        ("alpha_labor", (HALF, (-1, 1), (1, 1), 0.5)),
        ("alpha_labor", (HALF, (1, 1, 1), (1, 1), 0.5)),
        ("beta_labor", (HALF, (1, 1), (np.nan, 1), 0.5)),
        ("beta_labor", (HALF, (1, 1), "ab", 0.5)),
        ("people in each country", (HALF, (0, 1), (0, 1), 0.5)),
        ("g", (HALF, (1, 1), (1, 1), 1.0)),
        ("g", (HALF, (1, 1), (1, 1), 0.0)),
    ],
)
def test_parameters_outside_their_domain_raise_and_say_which(solve, name, arguments):
    with pytest.raises(ValueError, match=name):
        solve(*arguments)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("labor", (HALF, 0, 0.5, 0.5)),
        ("share", (HALF, 1, 0.5, 1.5)),
        ("g", (HALF, 1, 1, 0.5)),
        ("industry", (None, 1, 0.5, 0.5)),
    ],
)
def test_mirror_image_outside_its_domain_raises_and_says_which(name, arguments):
    with pytest.raises(ValueError, match=name):
        mirror_image(*arguments)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("omega", (0, (1, 1), 0.5, 0.5)),
        ("consumers", (1, (1, -1), 0.5, 0.5)),
        ("theta", (1, (1, 1), 1, 0.5)),
    ],
)
def test_industry_balance_outside_its_domain_raises_and_says_which(name, arguments):
    with pytest.raises(ValueError, match=name):
        industry_balance(*arguments)


@pytest.mark.parametrize(
    ("name", "labor", "share"),
    [("labor", (1, 0), (0.5, 0.5)), ("alpha_share", (1, 1), (0.5, 1.2))],
)
def test_alike_people_outside_their_domain_raise_and_say_which(name, labor, share):
    with pytest.raises(ValueError, match=name):
        alike_people(HALF, labor, share, 0.5)


@pytest.mark.parametrize("share", [(0, 1), (1, 0)])
def test_alike_people_who_share_no_industry_are_told_of_the_share(share):
    with pytest.raises(ValueError, match=r"^alpha_share must give one industry consumers in both"):
        alike_people(HALF, (1, 2), share, 0.5)


def test_people_whom_doubles_lose_are_refused_by_name():
    with pytest.raises(ValueError, match=r"labor must keep all results .* got 5e-324"):
        mirror_image(HALF, 5e-324, 0.5, 0.3)
    with pytest.raises(ValueError, match="alpha_share must keep all results"):
        alike_people(HALF, (0.1, 1.0), (5e-324, 0.5), 0.5)


def test_industry_balance_is_held_between_its_ends_at_any_elasticity():
    # Between g and 1/g goods that are close to alike are not worth their transport.
    balance = industry_balance([0.49, 0.51, 1.0, 1.9, 2.1], (3, 1), 1 - 1e-9, 0.5)
    np.testing.assert_allclose(balance, [1, 0, 0, 0, -2.1 * 3], rtol=1e-14, atol=0)


@pytest.mark.parametrize("residual", [1.1e-11, np.nan])
def test_sales_that_miss_what_pays_for_labor_raise(residual):
    with pytest.raises(ArithmeticError, match=r"firms miss their sales by .* above"):
        home_market._checked(residual)
