"""Industries that differ, and a beta good that costs something to ship, from primitives."""

import math
import sys

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.krugman import (
    Industry,
    alike_people,
    constant_returns_beta,
    costly_trade,
    many_industries,
    size_ratio,
)

run = settings(max_examples=100, deadline=None, derandomize=True)
thetas, arrivals = st.floats(0.1, 0.9), st.floats(0.1, 0.98)
sizes = st.floats(-1.5, 1.5).map(lambda e: 10.0**e)
all_sizes = st.floats(-6, 6).map(lambda e: 10.0**e)
kinds = st.lists(st.tuples(thetas, arrivals, st.floats(0.1, 1)), min_size=1, max_size=5)


def draw(parts):
    shares = np.array([part[2] for part in parts])
    industries = [Industry(part[0], 1.3, 0.7) for part in parts]
    return industries, shares / shares.sum(), np.array([part[1] for part in parts])


def sales(industry, firms, spending, g, omega):
    """Sales of one firm in each country over what pays for its labour, from CES demand."""
    θ = industry.theta
    price = np.array([omega, 1.0]) * industry.beta / θ
    freight = np.array([[1, g], [g, 1]])
    weight = (price[:, None] / freight) ** (-θ / (1 - θ))
    sold = (weight * spending / (firms @ weight)).sum(axis=1)
    return sold / (np.array([omega, 1.0]) * industry.alpha / (1 - θ))


@run
@given(kinds, sizes)
def test_firms_cover_their_labour_and_all_labour_works(parts, ratio):
    industries, shares, g = draw(parts)
    labor = np.array([100 * ratio, 100.0])
    world = many_industries(industries, shares, labor, g)
    omega = world.relative_wage
    employed = 0
    for kind, share, arrives, firms, where in zip(
        industries, shares, g, world.varieties, world.regime, strict=True
    ):
        covered = sales(kind, firms, share * labor * [omega, 1], arrives, omega)
        made = firms > 0
        np.testing.assert_allclose(covered[made], 1, rtol=1e-7)
        assert (covered <= 1 + 1e-7).all()
        assert where == {(1, 1): "both", (1, 0): "home", (0, 1): "foreign"}[tuple(made * 1)]
        employed = employed + firms * kind.alpha / (1 - kind.theta)
    np.testing.assert_allclose(employed, labor, rtol=1e-10)
    if abs(world.residual) > 1e-11:  # the wage is as near as a double can be
        v, digits = math.log(omega), math.ulp(omega) / omega
        below, above = (
            net_exports_in_50_digits(industries, shares, labor, g, at)
            for at in (v - digits, v + digits)
        )
        assert below >= 0 >= above


@run
@given(kinds, all_sizes)
def test_all_labour_works_however_small_a_country_is(parts, ratio):
    industries, shares, g = draw(parts)
    world = many_industries(industries, shares, (ratio, 1), g)
    theta = np.array([kind.theta for kind in industries])
    employed = (1.3 / (1 - theta)) @ world.varieties
    # The smaller country's trade is the difference of terms as large as the larger one.
    rtol = 1e-10 + 1e-13 * max(ratio, 1 / ratio)
    np.testing.assert_allclose(employed, (ratio, 1), rtol=rtol)


def net_exports_in_50_digits(industries, shares, labor, g, log_wage):
    """Sum home's net exports over all industries, from the firms that break even at a wage."""
    with mpmath.workdps(50):
        wage = [mpmath.exp(log_wage), mpmath.mpf(1)]
        total = mpmath.mpf(0)
        for kind, share, arrives in zip(industries, shares, g, strict=True):
            θ = mpmath.mpf(kind.theta)
            spending = [
                mpmath.mpf(share) * mpmath.mpf(n) * w for n, w in zip(labor, wage, strict=True)
            ]
            cheap = [w ** (-θ / (1 - θ)) for w in wage]
            far = mpmath.mpf(arrives) ** (θ / (1 - θ))
            weight = mpmath.matrix([[cheap[0], far * cheap[0]], [far * cheap[1], cheap[1]]])
            # Sales of one firm are (weight @ spending/supply), and pay for its workers.
            demand = mpmath.lu_solve(weight, mpmath.matrix(wage))
            supply = mpmath.matrix([s / d for s, d in zip(spending, demand, strict=True)])
            workers = mpmath.lu_solve(weight.T, supply)
            if min(demand) <= 0 or workers[0] >= 0 >= workers[1]:
                total += -spending[0] if wage[0] > 1 else spending[1]
            elif workers[0] < 0:
                total -= spending[0]
            elif workers[1] < 0:
                total += spending[1]
            else:
                total += workers[0] * wage[0] - spending[0]
        return total


@run
@given(kinds, sizes)
def test_hanson_and_xiang_net_exports_have_the_sign_of_the_size_ratio_less_r(parts, ratio):
    industries, shares, g = draw(parts)
    world = many_industries(industries, shares, (ratio, 1), g)
    for kind, arrives, exports in zip(industries, g, world.net_exports, strict=True):
        θ, omega = kind.theta, world.relative_wage
        if omega <= arrives**θ:
            assert exports > 0
        elif omega >= arrives**-θ:
            assert exports < 0
        else:
            r = size_ratio(omega, θ, arrives)
            if abs(math.log(ratio / r)) > 1e-9:
                assert np.sign(exports) == np.sign(ratio - r)


@run
@given(thetas, arrivals, sizes, st.floats(0.05, 0.95))
def test_industries_that_do_not_differ_are_footnote_4(theta, g, ratio, share):
    industry = Industry(theta)
    world = many_industries([industry, industry], [share, 1 - share], (ratio, 1), [g, g])
    alike = alike_people(industry, (ratio, 1), (share, share), g)
    section = costly_trade(industry, (ratio, 1), g)
    assert math.isclose(world.relative_wage, section.relative_wage, rel_tol=1e-12)
    np.testing.assert_allclose(world.varieties, alike.varieties, rtol=1e-9)
    np.testing.assert_allclose(world.real_income_gains, section.real_income_gains, rtol=1e-9)


@run
@given(kinds, all_sizes)
def test_nothing_hangs_on_the_names_of_countries_and_the_order_of_industries(parts, ratio):
    industries, shares, g = draw(parts)
    world = many_industries(industries, shares, (ratio, 1), g)
    turned = many_industries(industries[::-1], shares[::-1], (1, ratio), g[::-1])
    assert math.isclose(turned.relative_wage, 1 / world.relative_wage, rel_tol=1e-11)
    scale = np.abs(world.net_exports).sum() + 1
    np.testing.assert_allclose(
        -turned.net_exports[::-1] * world.relative_wage, world.net_exports, atol=1e-10 * scale
    )
    np.testing.assert_allclose(turned.real_income_gains[::-1], world.real_income_gains, rtol=1e-10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3, [1], (1, 1), [0.5]), "^industries must be a sequence"),
        (([], [], (1, 1), []), "^industries must be a sequence"),
        (([3], [1], (1, 1), [0.5]), r"^industries\[0\] must be of type Industry"),
        (([Industry(0.5)], [0.9], (1, 1), [0.5]), "^alike_shares must add up to 1"),
        (([Industry(0.5)], [0.5, 0.5], (1, 1), [0.5]), "^alike_shares must be an array"),
        (([Industry(0.5)], [1], (1, 0), [0.5]), "^labor must"),
        (([Industry(0.5)], [1], (1, 1), [1]), "^g must"),
    ],
)
def test_bad_parameters_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        many_industries(*arguments)


def test_a_wage_at_which_trade_does_not_balance_is_refused(monkeypatch):
    module = sys.modules[many_industries.__module__]
    search = module.brentq
    monkeypatch.setattr(module, "brentq", lambda *at, **how: search(*at, **how) + 1e-9)
    with pytest.raises(ArithmeticError, match="net exports add up to"):
        many_industries([Industry(0.75), Industry(0.5)], [0.5, 0.5], (2, 1), [0.8, 0.6])


@pytest.mark.parametrize("small", [1e-6, 1e-5, 1e-3])
def test_it_does_not_matter_which_country_is_small(small):
    """A sign that was wrong for a negative log wage refused one world in three."""
    industries, shares, g = [Industry(0.5), Industry(0.25)], [0.5, 0.5], [0.9, 0.9]
    world = many_industries(industries, shares, (small, 1), g)
    turned = many_industries(industries, shares, (1, small), g)
    assert world.relative_wage * turned.relative_wage == pytest.approx(1, rel=1e-14)
    assert abs(world.residual) < 1e-14 / small


@pytest.mark.parametrize("theta", [0.125, 0.9])
@pytest.mark.parametrize("g", [0.96875, 0.999])
def test_the_search_next_to_the_limit_leaves_no_world_unsolved(theta, g):
    """Imports there are beyond doubles before they are held down to what home's people spend."""
    world = many_industries([Industry(theta)], [1], (1000, 100), [g])
    section = costly_trade(Industry(theta), (1000, 100), g)
    assert world.relative_wage == pytest.approx(section.relative_wage, rel=1e-12)


def test_a_country_too_small_for_the_digits_of_the_other_is_refused():
    with pytest.raises(ArithmeticError, match="net exports add up to"):
        many_industries([Industry(0.5), Industry(0.25)], [0.5, 0.5], (1e12, 1), [0.9, 0.9])


# Davis: the beta good costs something to ship


@pytest.mark.parametrize(("theta", "g"), [(0.99, 0.0005), (0.999, 0.18), (0.5, 0.5)])
def test_davis_without_beta_consumers_at_home_alpha_trade_balances_by_itself(theta, g):
    """Home's net exports at equal wages are positive, but below the smallest double."""
    alpha = (7000, 0.004)
    world = constant_returns_beta(Industry(theta), alpha, (0, 0.1), g)
    section = costly_trade(Industry(theta), alpha, g)
    assert world.relative_wage == pytest.approx(section.relative_wage, rel=1e-12)
    assert world.relative_wage > 1.005


@run
@given(thetas, arrivals, sizes, sizes, sizes, sizes, st.floats(0.3, 1))
def test_davis_every_condition_of_the_equilibrium_holds(theta, g, a, a_star, b, b_star, beta_g):
    industry, alpha, beta = Industry(theta, 1.3, 0.7), (a, a_star), np.array([b, b_star])
    world = constant_returns_beta(industry, alpha, beta, g, beta_g=beta_g)
    omega = world.relative_wage
    wages, firms = np.array([omega, 1.0]), np.array(world.varieties)
    covered = sales(industry, firms, alpha * wages, g, omega)
    np.testing.assert_allclose(covered[firms > 0], 1, rtol=1e-8)
    assert (covered <= 1 + 1e-8).all()
    # Nobody can gain by shipping the beta good, and who makes it does so at the price.
    price = np.minimum(wages, wages[::-1] / beta_g)
    made = np.array(world.beta_labor)
    consumed = beta * wages / price
    shipped = np.maximum(consumed - made, 0)
    for importer, exporter in ((0, 1), (1, 0)):
        if shipped[importer] > 1e-9 * consumed[importer]:
            assert math.isclose(price[importer], wages[exporter] / beta_g, rel_tol=1e-12)
            assert math.isclose(
                made[exporter], consumed[exporter] + shipped[importer] / beta_g, rel_tol=1e-9
            )
    # Where a country makes the beta good, it costs what it costs there.
    for country in (0, 1):
        if made[country] > 1e-9 * consumed[country]:
            assert math.isclose(price[country], wages[country], rel_tol=1e-12)
    employed = firms * industry.alpha / (1 - theta) + made
    np.testing.assert_allclose(employed, np.add(alpha, beta), rtol=1e-10)


@run
@given(thetas, arrivals, sizes, sizes, sizes)
def test_davis_net_trade_ends_where_the_wage_gap_alone_offsets_the_market(theta, g, a, b, b_star):
    industry = Industry(theta)
    edge = costly_trade(industry, (a, 1), g).relative_wage
    edge = min(edge, 1 / edge)
    closed = constant_returns_beta(industry, (a, 1), (b, b_star), g, beta_g=edge * (1 - 1e-9))
    assert closed.net_exports == 0
    assert math.isclose(min(closed.relative_wage, 1 / closed.relative_wage), edge, rel_tol=1e-12)
    if edge < 1 - 1e-6:
        opened = constant_returns_beta(industry, (a, 1), (b, b_star), g, beta_g=edge + 1e-6)
        assert np.sign(opened.net_exports) == np.sign(a - 1)


@run
@given(thetas, arrivals, sizes, sizes, sizes)
def test_davis_net_exports_grow_as_the_beta_good_gets_cheaper_to_ship(theta, g, a, b, b_star):
    industry = Industry(theta)
    trades = [
        abs(constant_returns_beta(industry, (a, 1), (b, b_star), g, beta_g=beta_g).net_exports)
        for beta_g in (0.5, 0.8, 0.9, 0.95, 0.98, 1)
    ]
    # In units of the importer's wage the flow falls in the wage that it raises.
    assert trades[0] <= trades[-1] * (1 + 1e-9) or b < 1e-3


@pytest.mark.parametrize("beta_g", [0, 1.1, -1])
def test_beta_g_is_checked(beta_g):
    with pytest.raises(ValueError, match=r"^beta_g must be a number in \(0, 1\]"):
        constant_returns_beta(Industry(0.5), (1, 2), (1, 1), 0.5, beta_g=beta_g)


def test_without_trade_the_wage_is_not_determined():
    with pytest.raises(ValueError, match="relative wage is not determined"):
        constant_returns_beta(Industry(0.5), (3, 0), (1, 2), 0.5, beta_g=0.9)
