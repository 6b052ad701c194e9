"""Many countries, against the raw equations, brute force, two countries and high precision."""

import sys
from itertools import combinations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize, root

from lib.krugman import (
    Industry,
    closed_economy,
    constant_returns_beta,
    costly_trade,
    free_trade,
    many_countries,
    many_home_markets,
)

run = settings(max_examples=100, deadline=None, derandomize=True)


def random_world(seed, countries=None, dispersion=2.0, hardest=1.0):
    """Draw labour forces and a matrix of transport costs that need not be symmetric."""
    dice = np.random.default_rng(seed)
    countries = countries or dice.integers(2, 8)
    labor = np.exp(dispersion * dice.normal(size=countries))
    g = 10.0 ** dice.uniform(-hardest, 0, (countries, countries))
    np.fill_diagonal(g, 1)
    return Industry(dice.uniform(0.1, 0.95), *np.exp(dice.normal(size=2))), labor, g


def demand(industry, labor, g, wages):
    """Spending of the column's country on the row's, from prices (7) and firms (13)."""
    θ, α, β = industry.theta, industry.alpha, industry.beta
    firms = labor * (1 - θ) / α
    delivered = (wages * β / θ)[:, None] / g
    spent = firms[:, None] * delivered ** (-θ / (1 - θ))
    return spent / spent.sum(axis=0) * (wages * labor)


seeds = st.integers(0, 2**32 - 1)


@run
@given(seeds)
def test_every_country_sells_what_it_earns_and_spends_what_it_earns(seed):
    industry, labor, g = random_world(seed)
    world = many_countries(industry, labor, g)
    income = world.relative_wages * labor
    np.testing.assert_allclose(world.flows.sum(axis=1), income, rtol=1e-10)
    np.testing.assert_allclose(world.flows.sum(axis=0), income, rtol=1e-12)
    expected = demand(industry, labor, g, world.relative_wages)
    np.testing.assert_allclose(world.flows, expected, rtol=1e-9)
    assert world.relative_wages[-1] == 1
    assert world.residual <= 1e-11


@run
@given(seeds)
def test_welfare_is_that_of_the_basket_that_is_bought(seed):
    industry, labor, g = random_world(seed)
    world = many_countries(industry, labor, g)
    θ, β = industry.theta, industry.beta
    price = (world.relative_wages * β / θ)[:, None] / g
    eaten = world.flows / (world.varieties[:, None] * price * labor)
    np.testing.assert_allclose(world.varieties @ eaten**θ, world.utility, rtol=1e-11)
    alone = [closed_economy(industry, size).utility for size in labor]
    np.testing.assert_allclose(world.utility, alone * world.gains, rtol=1e-11)
    assert (world.gains >= 1).all()
    np.testing.assert_allclose(world.gains, world.real_income_gains**θ, rtol=1e-11)
    own = 1 - world.import_share
    np.testing.assert_allclose(own * labor * world.relative_wages, np.diag(world.flows), rtol=1e-6)


@pytest.mark.parametrize("seed", range(20))
def test_a_general_solver_on_the_market_clearing_conditions_finds_the_same_wages(seed):
    industry, labor, g = random_world(seed, dispersion=1.0, hardest=0.3)

    def excess(log_wages):
        wages = np.exp(np.append(log_wages, 0.0))
        sold = demand(industry, labor, g, wages).sum(axis=1)
        return (np.log(sold) - np.log(wages * labor))[:-1]

    found = root(excess, np.zeros(len(labor) - 1), tol=1e-13)
    assert np.abs(found.fun).max() < 1e-10
    world = many_countries(industry, labor, g)
    np.testing.assert_allclose(np.log(world.relative_wages[:-1]), found.x, atol=1e-8)


@run
@given(seeds)
def test_two_countries_are_section_ii(seed):
    industry, labor, g = random_world(seed, countries=2)
    g[1, 0] = g[0, 1]
    world, section = many_countries(industry, labor, g), costly_trade(industry, labor, g[0, 1])
    np.testing.assert_allclose(world.relative_wages, [section.relative_wage, 1], rtol=1e-11)
    np.testing.assert_allclose(world.import_share, section.import_share, rtol=1e-10)
    np.testing.assert_allclose(world.utility, section.utility, rtol=1e-11)
    np.testing.assert_allclose(world.real_income_gains, section.real_income_gains, rtol=1e-10)


@run
@given(seeds)
def test_without_transport_costs_wages_are_equal_and_the_world_is_one_economy(seed):
    industry, labor, g = random_world(seed)
    world = many_countries(industry, labor, np.ones_like(g))
    np.testing.assert_allclose(world.relative_wages, 1, rtol=1e-12)
    for size, utility in zip(labor, world.utility, strict=True):
        pair = free_trade(industry, (size, max(labor.sum() - size, size * 1e-9)))
        assert np.isclose(pair.utility[0], utility, rtol=1e-7)


@run
@given(seeds)
def test_a_country_cut_in_two_parts_with_a_free_border_is_one_country(seed):
    industry, labor, g = random_world(seed)
    whole = many_countries(industry, labor, g)
    parts = np.append([0.3 * labor[0], 0.7 * labor[0]], labor[1:])
    rows = [0, *range(len(labor))]
    cut = many_countries(industry, parts, g[np.ix_(rows, rows)])
    np.testing.assert_allclose(cut.relative_wages[1:], whole.relative_wages, rtol=1e-9)
    np.testing.assert_allclose(cut.relative_wages[0], whole.relative_wages[0], rtol=1e-9)


@run
@given(seeds, st.floats(0.05, 0.95))
def test_wages_follow_size_where_all_borders_cost_the_same(seed, g):
    industry, labor, _ = random_world(seed)
    same = np.full((len(labor), len(labor)), g)
    np.fill_diagonal(same, 1)
    world = many_countries(industry, labor, same)
    order = np.argsort(labor)
    wages, sizes = world.relative_wages[order], labor[order]
    apart = np.diff(np.log(sizes)) > 1e-6
    assert (np.diff(wages)[apart] > 0).all()
    # The reason: with one constant c and one T, (1-G) L_j w_j^-e + G T = c w_j^(1/(1-θ)).
    θ = industry.theta
    G = g ** (θ / (1 - θ))
    supply = labor * world.relative_wages ** (-θ / (1 - θ))
    ratio = ((1 - G) * supply + G * supply.sum()) / world.relative_wages ** (1 / (1 - θ))
    assert ratio.min() > 0


def test_wages_have_thirty_digits_more_than_they_need():
    industry, labor, g = random_world(5, countries=3)
    world = many_countries(industry, labor, g)
    with mpmath.workdps(40):
        θ = mpmath.mpf(industry.theta)
        e = θ / (1 - θ)

        def excess(*log_wages):
            w = [mpmath.exp(v) for v in log_wages] + [mpmath.mpf(1)]
            L = [mpmath.mpf(x) for x in labor]
            weight = [
                [L[i] * (w[i] / mpmath.mpf(g[i, j])) ** -e for j in range(3)] for i in range(3)
            ]
            total = [sum(weight[i][j] for i in range(3)) for j in range(3)]
            return [
                sum(weight[i][j] / total[j] * w[j] * L[j] for j in range(3)) - w[i] * L[i]
                for i in range(2)
            ]

        exact = mpmath.findroot(excess, [mpmath.log(float(w)) for w in world.relative_wages[:-1]])
        for found, precise in zip(world.relative_wages, exact, strict=False):
            assert abs(mpmath.mpf(float(found)) / mpmath.exp(precise) - 1) < 1e-14


def test_the_hardest_corners_are_solved_or_refused():
    refused = 0
    for seed in range(300):
        dice = np.random.default_rng(seed)
        countries = dice.integers(2, 9)
        labor = 10.0 ** dice.uniform(-6, 6, countries)
        g = 10.0 ** dice.uniform(-4, 0, (countries, countries))
        np.fill_diagonal(g, 1)
        try:
            assert many_countries(Industry(dice.uniform(0.02, 0.99)), labor, g).residual <= 1e-11
        except ArithmeticError:
            refused += 1
    assert refused <= 20


# Home markets


def symmetric_world(seed, countries=None):
    dice = np.random.default_rng(seed)
    countries = countries or dice.integers(2, 6)
    spending = 10.0 ** dice.uniform(-1, 1, countries)
    places = dice.uniform(0, 1, (countries, 2))
    distance = np.linalg.norm(places[:, None] - places, axis=2)
    return Industry(dice.uniform(0.2, 0.95)), spending, np.exp(-dice.uniform(0.1, 2) * distance)


def brute_force(industry, spending, g):
    """Try every set of countries that might have firms; return those that are equilibria."""
    φ = g ** (industry.theta / (1 - industry.theta))
    needed = industry.alpha / (1 - industry.theta)
    for size in range(1, len(spending) + 1):
        for chosen in combinations(range(len(spending)), size):
            near = φ[list(chosen)]

            def loss(log_firms, near=near):
                return (
                    spending @ -np.log(np.exp(log_firms) @ near) + needed * np.exp(log_firms).sum()
                )

            start = np.full(size, np.log(spending.sum() / needed / size))
            found = minimize(loss, start, tol=1e-14)
            firms = np.zeros(len(spending))
            firms[list(chosen)] = np.exp(found.x)
            sales = φ @ (spending / (firms @ φ)) / needed
            if sales.max() < 1 + 1e-5 and np.abs(sales[list(chosen)] - 1).max() < 1e-5:
                yield firms


@pytest.mark.parametrize("seed", range(40))
def test_firms_settle_where_brute_force_over_all_sets_of_countries_puts_them(seed):
    industry, spending, g = symmetric_world(seed, 2 + seed % 3)
    world = many_home_markets(industry, spending, g)
    scale = world.varieties.sum()
    found = list(brute_force(industry, spending, g))
    assert found
    for firms in found:
        np.testing.assert_allclose(firms, world.varieties, atol=2e-3 * scale)


@run
@given(seeds)
def test_firms_cover_their_labour_and_no_newcomer_gains(seed):
    industry, spending, g = symmetric_world(seed)
    world = many_home_markets(industry, spending, g)
    φ = g ** (industry.theta / (1 - industry.theta))
    needed = industry.alpha / (1 - industry.theta)
    sales = φ @ (spending / (world.varieties @ φ))
    active = world.varieties > 0
    np.testing.assert_allclose(sales[active], needed, rtol=1e-10)
    assert (sales <= needed * (1 + 1e-10)).all()
    np.testing.assert_allclose(world.varieties.sum() * needed, spending.sum(), rtol=1e-10)
    np.testing.assert_allclose(world.net_exports, needed * world.varieties - spending, atol=1e-12)
    np.testing.assert_allclose(world.entrant_sales, sales / needed, rtol=1e-10)


@run
@given(seeds)
def test_two_home_markets_are_section_iii_c(seed):
    dice = np.random.default_rng(seed)
    industry, g = Industry(dice.uniform(0.2, 0.9)), dice.uniform(0.2, 0.95)
    alpha = 10.0 ** dice.uniform(-1, 1, 2)
    section = constant_returns_beta(industry, alpha, 100 * alpha, g)
    world = many_home_markets(industry, alpha, [[1, g], [g, 1]])
    np.testing.assert_allclose(world.varieties, section.varieties, rtol=1e-9, atol=1e-12)
    assert np.isclose(world.net_exports[0], section.net_exports, rtol=1e-8, atol=1e-11)


def test_the_largest_country_can_be_left_without_a_firm():
    g = [[1, 0.9, 0.9], [0.9, 1, 0.5], [0.9, 0.5, 1]]
    world = many_home_markets(Industry(theta=0.75), [100, 150, 140], g)
    assert list(world.varieties > 0) == [True, False, False]
    assert world.entrant_sales[1] < 1


def test_places_that_cannot_be_told_apart_are_refused():
    with pytest.raises(ValueError, match=r"^g must leave the matrix"):
        many_home_markets(Industry(0.5), [1, 2, 3], [[1, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 1]])


@pytest.mark.parametrize("solve", [many_countries, many_home_markets])
@pytest.mark.parametrize(
    ("sizes", "g", "message"),
    [
        ([1], [[1]], "at least two countries"),
        ([1, -1], [[1, 0.5], [0.5, 1]], r"\[1\] = -1"),
        ([1, 1], [[1, 0.5]], r"^g must be an array of shape \(2, 2\)"),
        ([1, 1], [[1, 0.0], [0.5, 1]], r"g\[0, 1\] = 0"),
        ([1, 1], [[0.9, 0.5], [0.5, 1]], "1 on its diagonal"),
    ],
)
def test_bad_parameters_are_named(solve, sizes, g, message):
    with pytest.raises(ValueError, match=message):
        solve(Industry(0.5), sizes, g)


def test_blocks_of_countries_with_next_to_no_trade_between_them_are_refused():
    g = np.full((4, 4), 1e-300)
    g[:2, :2] = g[2:, 2:] = 0.5
    np.fill_diagonal(g, 1.0)
    with pytest.raises(ArithmeticError, match="too scarce for doubles"):
        many_countries(Industry(0.98), [1, 2, 3, 4], g)


def test_firms_settle_among_sixty_countries_to_the_last_digits():
    places = np.random.default_rng(0).uniform(0, 1, (60, 2))
    g = np.exp(-np.linalg.norm(places[:, None] - places, axis=2))
    spending = np.linspace(1, 2, 60)
    world = many_home_markets(Industry(0.75), spending, g)
    assert world.residual < 1e-13
    assert world.entrant_sales.max() <= 1 + 1e-13
    assert world.net_exports.sum() == pytest.approx(0, abs=1e-11)


def test_a_search_for_firms_that_stops_early_raises(monkeypatch):
    module = sys.modules[many_home_markets.__module__]
    monkeypatch.setattr(module, "_STEPS", 1)
    monkeypatch.setattr(module, "_polish", lambda reach, market, varieties: varieties)
    g = [[1, 0.9, 0.9], [0.9, 1, 0.5], [0.9, 0.5, 1]]
    with pytest.raises(ArithmeticError, match="firms miss their sales"):
        many_home_markets(Industry(theta=0.75), [100, 150, 140], g)


@pytest.mark.parametrize("away", [1e-2, 1e-4, 1e-6, 1e-8])
def test_next_to_the_edge_it_is_known_who_has_firms(away):
    # At theta = 1/2 and g = 1/2 foreign has firms if its market is more than half of home's.
    for sign in (-1, 1):
        spending = [1.0, 0.5 * (1 + sign * away)]
        world = many_home_markets(Industry(0.5), spending, [[1, 0.5], [0.5, 1]])
        expected = (spending[1] - 0.5) if sign > 0 else 0.0
        assert world.varieties[1] == pytest.approx(expected, rel=1e-6, abs=0)
