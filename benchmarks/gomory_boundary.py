"""
What the boundaries of Gomory's model cost, by number of goods and against scipy's milp.

Run `python -m benchmarks.gomory_boundary`; it takes about two minutes. Ratios are of times measured
in this one run, medians over the same problems.
"""

from math import fsum

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from benchmarks.gomory_equilibria import timed
from lib.gomory.best import best_equilibrium
from lib.gomory.boundaries import boundary, near_boundary_equilibria
from lib.gomory.economy import (
    Economy,
    PowerProduction,
    linearized_log_utility,
    random_economy,
    sole_producer_log_output,
)


def problem(economy, z):
    """Return (3.9): value and size of each good made in Country 1, and the tight direction."""
    none, every = np.zeros(economy.goods), np.eye(economy.goods)
    base = linearized_log_utility(economy, none, z, 1)
    gain = linearized_log_utility(economy, every, z, 1) - base
    sizes = economy.demand @ [z, 1 - z]
    cheaper = np.subtract(*sole_producer_log_output(economy, z).T) > 0
    return base, gain, sizes, sizes[cheaper].sum() > z


def by_milp(economy, z):
    _, gain, sizes, at_most = problem(economy, z)
    return (
        milp(
            -gain,
            integrality=np.ones(economy.goods),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(sizes[None], **({"ub": z} if at_most else {"lb": z})),
            options={"mip_rel_gap": 0},
        ).x
        > 0.5
    )


def against_milp(n, economies=5, incomes=(0.15, 0.35, 0.55, 0.75)):
    """Compare B_I at single incomes: time, and who is right."""
    ours, theirs, short, overfilled, lower = [], [], [], 0, 0
    for seed in range(economies):
        economy = random_economy(n, seed, g=0.2)
        for z in incomes:
            exact, seconds = timed(lambda e=economy, z=z: boundary(e, z, integer=True))
            ours.append(seconds)
            chosen, seconds = timed(lambda e=economy, z=z: by_milp(e, z))
            theirs.append(seconds)
            base, gain, sizes, at_most = problem(economy, z)
            excess = fsum([*sizes[chosen], -z]) * (1 if at_most else -1)
            difference = exact.log_utility - (base + fsum(gain[chosen]))
            if excess > 1e-13:
                overfilled += 1
            else:
                short.append(difference)
                lower += difference < -1e-12
    ratio = np.median(theirs) / np.median(ours)
    print(
        f"{n:5d} {1e3 * np.median(ours):10.2f} {1e3 * np.median(theirs):10.1f} {ratio:7.0f}"
        f" {max(short, default=np.nan):12.1e} {overfilled:8d} of {len(ours)} {lower:8d}"
    )


def cost(n, seeds=4):
    """Time a curve of 200 incomes and the best equilibrium."""
    grid = np.linspace(0.0025, 0.9975, 200)
    times = {"B": [], "B_I": [], "near": [], "best": []}
    gap = found = 0
    for seed in range(seeds):
        economy = random_economy(n, seed, g=0.2)
        times["B"].append(timed(lambda e=economy: boundary(e, grid))[1])
        times["B_I"].append(timed(lambda e=economy: boundary(e, grid, integer=True))[1])
        near, seconds = timed(lambda e=economy: near_boundary_equilibria(e, grid))
        times["near"].append(seconds)
        found += near.income.size / seeds
        best, seconds = timed(lambda e=economy, c=1 + seed % 2: best_equilibrium(e, c))
        times["best"].append(seconds)
        gap = max(gap, best.upper_bound - best.log_utility)
    worst = {name: max(values) for name, values in times.items()}
    print(
        f"{n:5d} {worst['B']:9.4f} {worst['B_I']:9.3f} {worst['near']:9.3f} {found:7.0f}"
        f" {worst['best']:11.3f} {gap:9.1e}"
    )


def identical(n):
    demand = np.random.default_rng(0).uniform(0.5, 1.5, n)
    demand = np.stack([demand, demand], axis=1) / demand.sum()
    return Economy(demand, [1.0, 1.0], PowerProduction(1.0, 1.5))


def twins(kinds, n):
    """Goods of a few kinds, all goods of a kind alike, in countries that differ."""
    rng = np.random.default_rng(0)
    kind = np.arange(n) % kinds
    demand = rng.uniform(0.5, 1.5, (kinds, 2))[kind]
    productivity = np.exp(rng.uniform(-0.3, 0.3, (kinds, 2)))[kind]
    production = PowerProduction(productivity, rng.uniform(1.2, 1.8, (kinds, 2))[kind])
    return Economy(demand / demand.sum(axis=0), [1.0, 1.0], production)


if __name__ == "__main__":
    print("B_I at one income, against scipy.optimize.milp (mip_rel_gap = 0)")
    print("goods    ours, ms   milp, ms   ratio   milp below  milp overfills  ours below")
    for n in (27, 100, 300):
        against_milp(n)
    print("\nSeconds for 200 incomes (the slowest of 4 economies), and for the best equilibrium")
    print("goods         B       B_I  B_I + eq.  found        best       gap")
    for n in (9, 17, 27, 40, 60, 100, 200, 300):
        cost(n)
    print("\nThe best equilibrium of identical countries: every equilibrium is on the boundary")
    for n in (17, 27, 40):
        best, seconds = timed(lambda n=n: best_equilibrium(identical(n), 1))
        print(f"{n:5d} {seconds:9.2f} s, gap {best.upper_bound - best.log_utility:.1e}")
    print("\nSeconds for goods of a few kinds: B_I at one income, and the best equilibrium")
    for kinds, n in ((1, 100), (3, 40), (3, 100)):
        economy = twins(kinds, n)
        _, whole = timed(lambda e=economy: boundary(e, 0.4, integer=True))
        best, seconds = timed(lambda e=economy: best_equilibrium(e, 1))
        gap = best.upper_bound - best.log_utility
        print(f"{n:5d} of {kinds} kinds {whole:9.3f} s {seconds:9.3f} s, gap {gap:.1e}")
