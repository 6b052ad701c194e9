"""
A long walk through random economies, each against an independent oracle: `make soak`.

Krugman's models are held against the conditions that define them, evaluated for all economies at
once and, for one in a hundred, in 40 digits; what lies beyond his paper from prices and budgets up.
Gomory's are held against the definitions: every specialised assignment one by one, the linear
programs of the boundaries and the conditions of all equilibria. So is the nest, and for one economy
in twenty searches from random starts must find no other equilibrium. It prints the seed, counts and
the worst residuals.
"""

import argparse
import random
import time

import mpmath
import numpy as np
from scipy.optimize import fsolve
from scipy.special import expit

from lib import nest
from lib.gomory import all_equilibria, best_equilibrium, boundary, log_utility, random_economy
from lib.gomory import income as income_of
from lib.krugman import (
    Industry,
    alike_people,
    closed_economy,
    constant_returns_beta,
    costly_trade,
    firm_delocation,
    free_trade,
    many_countries,
    many_industries,
    mirror_image,
    optimal_tariff,
    tariff_equilibrium,
    tariff_war,
    two_industries,
)
from lib.krugman import growing_elasticity as growing


class Worst:
    """The worst residual of each model, and the economy that it was met in."""

    def __init__(self):
        self.seen = {}

    def __call__(self, model, residual, limit, economy):
        count, worst, where = self.seen.get(model, (0, -1.0, None))
        if not residual <= limit:
            raise AssertionError(f"{model}: residual {residual} above {limit} at {economy}")
        if residual > worst:
            worst, where = residual, economy
        self.seen[model] = count + 1, worst, where

    def report(self):
        for model, (count, worst, where) in self.seen.items():
            print(f"{model}: {count} economies, worst residual {worst:.1e} at {where}", flush=True)


def relative(*pairs):
    return max(abs(one - other) / abs(other) for one, other in pairs)


def draw_krugman(rng):
    θ = rng.choice([rng.uniform(0.02, 0.98), 10 ** rng.uniform(-6, -1)])
    industry = Industry(θ, 10 ** rng.uniform(-3, 3), 10 ** rng.uniform(-3, 3))
    labor = tuple(float(size) for size in 10 ** rng.uniform(-4, 4, 2))
    return industry, labor, float(rng.choice([rng.uniform(0.05, 0.999), 10 ** rng.uniform(-3, -1)]))


def soak_basic(rng, worst):
    """Zero profit, full employment and budgets, Section I."""
    industry, labor, _ = draw_krugman(rng)
    θ, α, β = industry.theta, industry.alpha, industry.beta
    here = closed_economy(industry, labor[0])
    n, x, p, c = here.varieties, here.output, here.price, here.consumption
    pairs = (p * x, α + β * x), (n * (α + β * x), labor[0]), (n * p * c, 1.0), (labor[0] * c, x)
    worst("closed economy", relative(*pairs, (here.utility, n * c**θ)), 1e-12, (industry, labor[0]))
    world, both = free_trade(industry, labor), closed_economy(industry, sum(labor))
    pairs = [(utility, both.utility) for utility in world.utility]
    pairs += [(sum(world.varieties), both.varieties)]
    pairs += [(m, labor[1 - j] / sum(labor)) for j, m in enumerate(world.import_share)]
    worst("free trade", relative(*pairs), 1e-12, (industry, labor))


def soak_growing(rng, worst):
    """The two curves, full employment and the definition of utility, footnote 3."""
    industry, labor, _ = draw_krugman(rng)
    θ, α, β = industry.theta, industry.alpha, industry.beta
    shift = float(rng.choice([0.0, 10 ** rng.uniform(-6, 6)]))
    here = growing.closed_economy(industry, labor[0], shift)
    c, x = here.consumption, here.output
    pairs = [(here.price * x, α + β * x), (here.varieties * (α + β * x), labor[0])]
    pairs += [(here.price, β * (c + shift) / (θ * c + shift)), (here.price * c * here.varieties, 1)]
    worst("growing elasticity, alone", relative(*pairs), 1e-12, (industry, labor[0], shift))
    trade = growing.free_trade(industry, labor, shift)
    with mpmath.workdps(60):
        s, t = mpmath.mpf(shift), mpmath.mpf(θ)
        log_alone = mpmath.log(here.varieties)
        felicity = (mpmath.mpf(trade.consumption) + s) ** t - s**t
        equal = felicity * mpmath.exp(mpmath.log(sum(trade.varieties)) - log_alone)
        k = ((equal + s**t) ** (1 / t) - s) / mpmath.mpf(c)
        error = abs(mpmath.log(k) - mpmath.log(mpmath.mpf(trade.real_income_gains[0]))) * θ
    if np.isfinite(trade.real_income_gains[0]):
        worst("growing elasticity, gains", float(error), 1e-12, (industry, labor, shift))


def soak_costly(rng, worst):
    """Exports pay for imports at the relative wage, in 40 digits for one economy in a hundred."""
    industry, labor, g = draw_krugman(rng)
    trade = costly_trade(industry, labor, g)
    worst("costly trade", abs(trade.residual), 1e-12, (industry, labor, g))
    if rng.random() < 0.01:
        with mpmath.workdps(40):
            θ, ω = mpmath.mpf(industry.theta), mpmath.mpf(trade.relative_wage)
            L, L_star = map(mpmath.mpf, labor)
            G = mpmath.mpf(g) ** (θ / (1 - θ))
            σ, σ_star = ω ** (1 / (1 - θ)) * G, ω ** (-1 / (1 - θ)) * G
            imports = σ * L_star / (ω * L + σ * L_star) * ω * L
            exports = ω * σ_star * L / (ω * σ_star * L + L_star) * L_star
            error = float(abs(exports / imports - 1) * (1 - θ))
        worst("costly trade, 40 digits", error, 1e-14, (industry, labor, g))


def soak_mirror(rng, worst):
    """Firms of both countries just pay for their labour, Section III.B."""
    industry, labor, g = draw_krugman(rng)
    share = float(rng.uniform())
    world = mirror_image(industry, labor[0], g, share)
    where = industry, labor[0], g, share
    for sales, n in zip(world.entrant_sales, world.varieties, strict=True):
        off = abs(sales - 1) if n > 0 else max(sales - 1, 0.0)
        worst("mirror image", off, 1e-11, where)
    total = sum(world.varieties) * industry.alpha / (1 - industry.theta)
    worst("mirror image, labour", abs(total / labor[0] - 1), 1e-12, where)


def soak_two(rng, worst):
    """Entrants, budgets and full employment, Section III.C, either way of making beta."""
    industry, alpha, g = draw_krugman(rng)
    beta = tuple(float(size) for size in 10 ** rng.uniform(-4, 4, 2))
    where = industry, alpha, beta, g
    world = two_industries(industry, alpha, beta, g)
    off = np.where(world.varieties > 0, abs(world.entrant_sales - 1), world.entrant_sales - 1)
    worst("two industries", max(float(off.max()), 0.0), 1e-11, where)
    labor = world.varieties.sum(axis=0) * industry.alpha / (1 - industry.theta)
    people = np.add(alpha, beta)
    worst("two industries, labour", float(abs(labor / people - 1).max()), 1e-11, where)
    simple = constant_returns_beta(industry, alpha, beta, g)
    labor = np.array(simple.varieties) * industry.alpha / (1 - industry.theta)
    labor += np.array(simple.beta_labor)
    worst("constant returns beta", float(abs(labor / people - 1).max()), 1e-11, where)


def draw_beyond(rng):
    """Draw a milder world: its conditions are evaluated in plain numbers, where digits cancel."""
    industry = Industry(rng.uniform(0.1, 0.9), *10 ** rng.uniform(-1, 1, 2))
    return industry, 10 ** rng.uniform(-1.5, 1.5, 2), float(rng.uniform(0.1, 0.98))


def matrix(home, abroad):
    """Return what goes with the maker's (row) and the buyer's (column) country."""
    return np.where(np.eye(2) > 0, home, np.broadcast_to(abroad, 2))


def bought(industry, firms, spent, arriving, wages, levied=0.0):
    """Return the units of a variety [maker, buyer] and what its buyers pay for one, from prices."""
    price = industry.beta / industry.theta * wages[:, None] / arriving * (1 + levied)
    weight = price ** (-1 / (1 - industry.theta))
    return weight / (firms @ (weight * price)) * spent, price


def missed(industry, firms, spent, arriving, wages, levied=0.0):
    """Return by how much sales miss what pays for a firm's labour, or an entrant's exceed it."""
    units, price = bought(industry, firms, spent, arriving, wages, levied)
    sales = (units * price / (1 + levied)).sum(axis=1) / wages
    off = sales * (1 - industry.theta) / industry.alpha - 1
    return float(np.where(firms > 0, abs(off), off).max())


def soak_policy(rng, worst):
    """Budgets with tariffs, best tariffs against others, the war's end, and firms that move."""
    industry, labor, g = draw_beyond(rng)
    rates = rng.uniform(0, 2, 2) * rng.integers(0, 2, 2)
    where, freight, levied = (industry, labor, g, rates), matrix(1, g), matrix(0, rates)
    here = tariff_equilibrium(industry, labor, g, rates)
    wages, firms = (
        np.array([here.relative_wage, 1.0]),
        labor * (1 - industry.theta) / industry.alpha,
    )
    spent = wages * labor / (1 - np.array(here.import_share) * rates / (1 + rates))
    worst("tariffs", missed(industry, firms, spent, freight, wages, levied), 1e-9, where)
    units, _ = bought(industry, firms, spent / labor, freight, wages, levied)
    utility = firms @ units**industry.theta
    worst("tariffs, utility", float(abs(utility / here.utility - 1).max()), 1e-9, where)
    best = optimal_tariff(industry, labor, g, rates[1])
    top, *rivals = (
        tariff_equilibrium(industry, labor, g, (t, rates[1])).utility[0]
        for t in (best, 0.99 * best, 1.01 * best, float(rng.uniform(0, 3)))
    )
    worst("best tariff", max(max(rivals) / top - 1, 0.0), 1e-13, where)
    end = tariff_war(industry, labor, g)
    home = optimal_tariff(industry, labor, g, end[1])
    foreign = optimal_tariff(industry, labor[::-1], g, end[0])
    worst("tariff war", relative((home, end[0]), (foreign, end[1])), 1e-9, where)
    world = firm_delocation(industry, labor, [3 * labor.sum()] * 2, g, rates)
    firms = np.array(world.varieties)
    off = missed(industry, firms, labor, freight, np.ones(2), levied)
    worst("firm delocation", off, 1e-10, where)


def soak_industries(rng, worst):
    """Firms of each of many industries, and of footnote 4's two, just pay for their labour."""
    drawn = [draw_beyond(rng) for _ in range(rng.integers(1, 6))]
    kinds, (labor, *_), g = map(list, zip(*drawn, strict=True))
    shares = rng.dirichlet(np.ones(len(kinds)))
    where = kinds, shares, labor, g
    world = many_industries(kinds, shares, labor, g)
    wages = np.array([world.relative_wage, 1.0])
    off = max(
        missed(kind, firms, share * labor * wages, matrix(1, arrives), wages)
        for kind, firms, share, arrives in zip(kinds, world.varieties, shares, g, strict=True)
    )
    worst("many industries", off, 1e-11, where)
    used = sum(n * k.alpha / (1 - k.theta) for n, k in zip(world.varieties, kinds, strict=True))
    # A last digit of the wage moves trade, of which a small country's labour is a small part.
    idle = float(abs(used - labor).max() / labor.max())
    worst("many industries, labour", idle, 1e-11, where)
    alike = np.array([rng.uniform(0, 1, 2)])
    alike = np.concatenate([alike, 1 - alike])
    where = kinds[0], labor, alike, g[0]
    two = alike_people(kinds[0], labor, alike[0], g[0])
    wages = np.array([two.relative_wage, 1.0])
    off = max(
        missed(kinds[0], firms, part * labor * wages, matrix(1, g[0]), wages)
        for firms, part in zip(two.varieties, alike, strict=True)
    )
    worst("alike people", off, 1e-9, where)
    used = two.varieties.sum(axis=0) * kinds[0].alpha / (1 - kinds[0].theta)
    worst("alike people, labour", float(abs(used / labor - 1).max()), 1e-11, where)


def soak_countries(rng, worst):
    """Firms of many countries just pay for their labour, and a worker's basket has its utility."""
    industry, _, _ = draw_beyond(rng)
    count = int(rng.integers(2, 9))
    labor, g = 10 ** rng.uniform(-1.5, 1.5, count), rng.uniform(0.1, 1, (count, count))
    np.fill_diagonal(g, 1)
    world, where = many_countries(industry, labor, g), (industry, labor, g)
    wages, firms = world.relative_wages, labor * (1 - industry.theta) / industry.alpha
    worst("many countries", missed(industry, firms, wages * labor, g, wages), 1e-9, where)
    utility = firms @ bought(industry, firms, wages, g, wages)[0] ** industry.theta
    worst("many countries, utility", float(abs(utility / world.utility - 1).max()), 1e-10, where)


def draw_gomory(rng, most):
    return random_economy(
        int(rng.integers(2, most + 1)),
        int(rng.integers(2**31)),
        size_ratio=float(10 ** rng.uniform(-1.5, 1.5)),
        g=float(rng.uniform(0, 0.9)),
        scale=float(rng.uniform(1.1, 2.5)),
        productivity_spread=float(rng.uniform(0, 2)),
        threshold=float(rng.choice([0.0, rng.uniform(0, 0.8)])),
    )


def soak_specialized(rng, worst):
    """The best equilibrium and the boundary against every assignment, one by one."""
    economy = draw_gomory(rng, 7)
    n = economy.goods
    every = (np.arange(1, 2**n - 1)[:, None] >> np.arange(n)) & 1 > 0
    z = income_of(economy, every)
    j = int(rng.integers(1, 3))
    utility = log_utility(economy, every, j)
    best = best_equilibrium(economy, j)
    worst("best equilibrium", abs(best.log_utility - utility.max()), 2e-12, economy)
    row = int(rng.integers(len(z)))
    for side, sign in (("upper", 1), ("lower", -1)):
        for integer in (False, True):
            edge = boundary(economy, z[row], j, side, integer).log_utility
            beyond = max(sign * (utility[row] - edge), 0.0)
            worst("boundaries", float(beyond), 1e-10, economy)


def soak_equilibria(rng, worst):
    """Balanced trade, full employment and equal unit costs at every equilibrium."""
    economy = draw_gomory(rng, 4)
    found = all_equilibria(economy)
    z = np.stack([found.income, 1 - found.income], axis=-1)
    x = np.stack([found.x, 1 - found.x], axis=-1)
    spent = z @ economy.demand.T
    labor = x * spent[..., None] * economy.labor / z[:, None, :]
    used = labor.sum(axis=1) / economy.labor
    worst("all equilibria, labour", float(abs(used - 1).max()), 1e-8, economy)
    specialised = int((found.pattern != 0).all(axis=1).sum())
    missing = abs(specialised - (2**economy.goods - 2))
    worst("all equilibria, specialised", float(missing), 0.0, economy)


def soak_nest(rng, worst):
    """Revenue, labour and buyers' choices at every equilibrium; no search finds another."""
    n = int(rng.integers(1, 5))
    economy = nest.NestedEconomy(
        demand=rng.dirichlet(np.full(n, 3.0), 2).T,
        labor=10 ** rng.uniform(-1, 1, 2),
        productivity=np.exp(rng.normal(0, 0.3, (n, 2))),
        scale=1 + 10 ** rng.uniform(-2, 0, n),
        elasticity=1 + 10 ** rng.uniform(-0.5, rng.choice([1.5, 2.4]), n),
        g=rng.uniform(0.3, 0.99, n),
    )
    found = nest.all_equilibria(economy)
    worst("nest, trade", float(found.residual.max()), 1e-9, economy)
    z = np.stack([found.income, 1 - found.income], axis=-1)
    wages = (z / economy.labor)[:, None, :]
    share = np.stack([found.share, 1 - found.share], axis=-1)
    revenue = ((economy.demand * z[:, None, :])[..., None] * share).sum(axis=2)
    worst("nest, revenue", float(abs(revenue - wages * found.labor).max()), 1e-10, economy)
    used = found.labor.sum(axis=1) / economy.labor
    worst("nest, labour", float(abs(used - 1).max()), 1e-9, economy)
    both = (found.labor > 1e-9).all(axis=2)
    labor = np.where(both[..., None], found.labor, 1.0)
    price = wages * labor ** (1 - economy.scale[:, None]) / economy.productivity
    ratio = (
        np.log(price[..., 1] / price[..., 0])[..., None] - np.outer([1, -1], np.log(economy.g)).T
    )
    chosen = expit((economy.elasticity - 1)[:, None] * ratio)
    off = abs(chosen - found.share) / economy.elasticity[:, None] * both[..., None]
    worst("nest, choices", float(off.max()), 1e-9, economy)
    if rng.random() < 0.05:
        other = searched(economy, rng)
        far = abs(found.share - other[:, None]).max(axis=(2, 3)).min(axis=1)
        worst("nest, searches", float(far.max(initial=0.0)), 1e-6, economy)


def searched(economy, rng, starts=20):
    """Find equilibria in which both countries make all, from random starts, as shares."""
    trade, melt = economy.elasticity - 1, np.log(economy.g)
    skill = np.log(economy.productivity[:, 0] / economy.productivity[:, 1])

    def state(unknown):
        y, z = unknown[:-1], expit(unknown[-1] * np.array([1, -1]))
        wage = unknown[-1] - np.log(economy.labor[0] / economy.labor[1])
        ratio = skill - wage + (economy.scale - 1) * y
        odds = trade[:, None] * (ratio[:, None] - np.outer(melt, [1, -1]))
        return y, z, wage, odds

    def conditions(unknown):
        y, z, wage, odds = state(unknown)
        spent = economy.demand * z
        sold, rivals = (spent * expit(odds)).sum(axis=1), (spent * expit(-odds)).sum(axis=1)
        balance = spent[:, 1] @ expit(odds[:, 1]) - spent[:, 0] @ expit(-odds[:, 0])
        return [*(np.log(sold / rivals) - wage - y), balance / np.sqrt(z.prod())]

    shares = []
    for _ in range(starts):
        start = rng.normal(0, 2, economy.goods + 1)
        with np.errstate(all="ignore"):
            root, _, status, _ = fsolve(conditions, start, full_output=True, xtol=1e-13)
            near = np.abs(conditions(root)).max()
        if status == 1 and near < 1e-11 and np.abs(root).max() < 15:
            shares.append(expit(state(root)[-1]))
    return np.array(shares).reshape(-1, economy.goods, 2)


KRUGMAN = [
    soak_basic,
    soak_growing,
    soak_costly,
    soak_mirror,
    soak_two,
    soak_policy,
    soak_industries,
    soak_countries,
]
GOMORY = [soak_specialized, soak_equilibria, soak_nest]


def main():
    """Draw economies until the counts are reached, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--krugman", type=int, default=100_000)
    parser.add_argument("--gomory", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    worst = Worst()
    for models, count in ((KRUGMAN, options.krugman), (GOMORY, options.gomory)):
        for k, model in enumerate(models):
            rng = np.random.default_rng([options.seed, k, count])
            began = time.perf_counter()
            for _ in range(count):
                model(rng, worst)
            print(f"{model.__name__} done in {time.perf_counter() - began:.0f} s", flush=True)
    worst.report()


if __name__ == "__main__":
    main()
