"""
Families of economies on which the book's general sentences are run.

One of the settings of `random_economy` is varied at a time, and then those together that the
chapters speak of. `python -m tests.gomory.families 60` prints how often each claim holds where, in
60 economies of each family; `test_families` holds the sentences to it.
"""

import sys
from functools import cache

import numpy as np

from lib.gomory import (
    all_equilibria,
    autarky_log_utility,
    boundary,
    boundary_peak,
    classical_level,
    fill_in_bound,
    industry_chain,
    nearest_equilibrium,
    random_economy,
    shape_report,
    sole_producer_log_output,
    specialized_equilibria,
)

USUAL = {"n": 9}
_GRID = 1 / (1 + np.exp(-np.linspace(-5, 5, 401)))
FAMILIES = {
    "as drawn": {},
    "3 goods": {"n": 3},
    "6 goods": {"n": 6},
    "11 goods": {"n": 11},
    "size 0.1": {"size_ratio": 0.1},
    "size 0.25": {"size_ratio": 0.25},
    "size 4": {"size_ratio": 4},
    "size 8": {"size_ratio": 8},
    "size 32": {"size_ratio": 32},
    "exponent 1.1": {"scale": 1.1},
    "exponent 1.2": {"scale": 1.2},
    "exponent 1.9": {"scale": 1.9},
    "exponent 3": {"scale": 3.0},
    "spread 0": {"productivity_spread": 0},
    "spread 1": {"productivity_spread": 1},
    "spread 2": {"productivity_spread": 2},
    "spread 4": {"productivity_spread": 4},
    "demands alike": {"g": 0},
    "g 0.5": {"g": 0.5},
    "g 0.9": {"g": 0.9},
    "threshold 0.5": {"threshold": 0.5},
    "threshold 0.9": {"threshold": 0.9},
    "threshold 0.9, size 4": {"threshold": 0.9, "size_ratio": 4},
    "threshold 0.9, size 8": {"threshold": 0.9, "size_ratio": 8},
    "exponent 1.1, spread 2": {"scale": 1.1, "productivity_spread": 2},
    "exponent 1.9, size 8": {"scale": 1.9, "size_ratio": 8},
    "spread 2, size 4": {"productivity_spread": 2, "size_ratio": 4},
    "g 0, one exponent": {"g": 0, "scale_spread": 0},
}


def draw(family, seed):
    """Draw the economy of a family that belongs to a seed."""
    return random_economy(seed=seed, **(USUAL | FAMILIES[family]))


def cheaper_abroad(economy, made_in_1, z):
    """Of what Country 1 makes, the share that Country 2 would make cheaper in its place."""
    output = sole_producer_log_output(economy, z)
    return float((output[made_in_1, 1] > output[made_in_1, 0]).mean())


def findings(economy):
    """Try every claim on one economy, for Country 1; nan where there is nothing to try it on."""
    every = specialized_equilibria(economy)
    alone = np.array([autarky_log_utility(economy, j) for j in (1, 2)])
    gain = every.log_utility - alone
    level = classical_level(economy)
    one, two = (boundary_peak(economy, j) for j in (1, 2))
    best = int(every.log_utility[:, 0].argmax())
    kept = np.exp(every.log_utility[best, 1] - every.log_utility[:, 1].max())
    chain = industry_chain(economy)
    top = int(chain.log_utility[:, 0].argmax())
    past, first = np.diff(chain.log_utility[top:], axis=0), np.diff(chain.log_utility[:2], axis=0)
    wages = every.income / (1 - every.income) * economy.labor[1] / economy.labor[0]
    similar = (wages > 0.8) & (wages < 1.25)
    report = shape_report(economy, points=100)
    subregions = (
        (gain > 0).any(axis=0).all(),
        (gain < 0).any(axis=0).all(),
        (gain > 0).all(axis=1).any(),
        (every.income > one.income).any(),
        (every.income < two.income).any(),
    )
    cake = boundary(economy, _GRID).log_utility - np.log(_GRID)
    distance = float(_GRID[cake.argmax()] - level)
    between = np.linspace(two.income, one.income, 40)
    opposed = two.income < level < one.income
    if opposed:
        rise, fall = (np.diff(boundary(economy, between, j).log_utility) for j in (1, 2))
        opposed = bool((rise > 0).all() and (fall < 0).all())
    return {
        "at my best the partner has less than 60% of its best": kept < 0.6,
        "at my best the partner is below autarky": bool(gain[best, 1] < 0),
        "at my best the partner would make most of my goods cheaper": cheaper_abroad(
            economy, every.made_in_1[best], every.income[best]
        )
        > 0.5,
        "at the hump my wage is the higher": one.wage_ratio > 1,
        "wage ratio at the hump": one.wage_ratio,
        "B rises to the classical level": report.upper_rise.holds,
        "BL rises to the classical level": report.lower_rise.holds,
        "B is above autarky beyond it": report.GS2.holds,
        "B peaks at or beyond it, then falls": report.GS3.holds,
        "B and BL meet at both ends": report.GS4.holds,
        "the cake is largest within 0.1 of it": abs(distance) < 0.1,
        "median distance of the largest cake from it": distance,
        "interests are opposed from hump to hump": opposed,
        "my second industry helps both": bool((first > 0).all()) if first.size else np.nan,
        "past my best every industry hurts both": bool((past < 0).all()) if past.size else np.nan,
        "some equilibria are good for both": bool((gain > 0).all(axis=1).any()),
        "some equilibria are bad for somebody": bool((gain < 0).any()),
        "some equilibria are bad for both": bool((gain < 0).all(axis=1).any()),
        "all five subregions have an equilibrium": bool(all(subregions)),
        "share of equilibria at which I gain": float((gain[:, 0] > 0).mean()),
        "the same at wages within a quarter": (
            float((gain[similar, 0] > 0).mean()) if similar.any() else np.nan
        ),
    }


@cache
def fill_in_parts(family, method, seeds):
    """How much of both bounds of Theorem 4.1 is used at twelve targets, (targets, 2)."""
    parts = []
    for seed in range(seeds):
        economy = draw(family, seed)
        for z in (0.2, 0.4, 0.6, 0.8):
            bounds = fill_in_bound(economy, z)
            low, high = (boundary(economy, z, side=s).log_utility for s in ("lower", "upper"))
            for part in (0.1, 0.5, 0.9):
                value = low + part * (high - low)
                point = nearest_equilibrium(economy, z, value, method=method)
                parts.append(
                    (
                        point.income_distance / bounds.income_distance,
                        point.utility_distance / bounds.utility_distance,
                    )
                )
    return np.array(parts)


@cache
def sharing(family, seeds):
    """Count equilibria with shared goods, at most five goods, and what becomes of them."""
    options = USUAL | FAMILIES[family]
    options["n"] = min(options["n"], 5)
    total = dict.fromkeys(("all", "above B", "below BL", "stable", "two stable"), 0)
    for seed in range(seeds):
        economy = random_economy(seed=seed, **options)
        every = all_equilibria(economy)
        shared = (every.pattern == 0).sum(axis=1)
        low, high = (
            boundary(economy, every.income, side=s).log_utility for s in ("lower", "upper")
        )
        utility = every.log_utility[:, 0]
        for name, flag in {
            "all": shared > 0,
            "above B": utility > high + 1e-9,
            "below BL": (shared > 0) & (utility < low - 1e-9),
            "stable": (shared > 0) & every.stable,
            "two stable": (shared > 1) & every.stable,
        }.items():
            total[name] += int(flag.sum())
    return total


@cache
def held(family, seeds):
    """Average every finding over a family: how often a claim holds, or the median of a number."""
    rows = [findings(draw(family, seed)) for seed in range(seeds)]
    found = {}
    for claim in rows[0]:
        values = np.array([row[claim] for row in rows], float)
        values = values[~np.isnan(values)]
        middle = np.median if claim.startswith(("wage", "median")) else np.mean
        found[claim] = float(middle(values)) if values.size else np.nan
    return found


def main(seeds):
    """Print the table, a claim a line, a family a column of numbers below each other."""
    table = {family: held(family, seeds) for family in FAMILIES}
    for claim in next(iter(table.values())):
        print(f"\n{claim}")
        for family, found in table.items():
            print(f"  {family:24}{found[claim]:7.2f}")
    print("\nequilibria with shared goods")
    for family in FAMILIES:
        print(f"  {family:24}", sharing(family, seeds))
    print("\nparts of Theorem 4.1's two bounds: the proof's point, median and most; the nearest")
    for family in FAMILIES:
        made, near = (fill_in_parts(family, method, seeds) for method in ("proof", "nearest"))
        columns = np.concatenate([np.median(made, axis=0), made.max(axis=0), near.max(axis=0)])
        print(f"  {family:24}" + "".join(f"{column:7.3f}" for column in columns))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
