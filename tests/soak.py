"""
A long walk through random economies, each against an independent oracle: `make soak`.

Krugman's models are held against the conditions that define them, evaluated for all economies at
once and, for one in a hundred, in 40 digits. Gomory's are held against the definitions: every
specialised assignment one by one, the linear programs of the boundaries and the conditions of all
equilibria. It prints the seed, counts and the worst residuals.
"""

import argparse
import random

import mpmath
import numpy as np

from lib.gomory import all_equilibria, best_equilibrium, boundary, log_utility, random_economy
from lib.gomory import income as income_of
from lib.krugman import (
    Industry,
    closed_economy,
    constant_returns_beta,
    costly_trade,
    free_trade,
    mirror_image,
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


KRUGMAN = [soak_basic, soak_growing, soak_costly, soak_mirror, soak_two]
GOMORY = [soak_specialized, soak_equilibria]


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
            for _ in range(count):
                model(rng, worst)
            print(f"{model.__name__} done", flush=True)
    worst.report()


if __name__ == "__main__":
    main()
