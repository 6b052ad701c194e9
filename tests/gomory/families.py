"""
Families of economies on which the book's general sentences are run.

One of the settings of `random_economy` is varied at a time, and then those together that the
chapters speak of. `python -m tests.gomory.families` writes how often each claim holds where to the
book's page of them; `test_families` holds the sentences and the page to it.
"""

import re
from functools import cache
from itertools import groupby
from pathlib import Path

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
    report = shape_report(economy, points=400)
    on_the_right = one.income > level - 1e-6  # the grid of the report can miss a top next to it
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
        "B rises to the classical level": report.upper_rise.holds and on_the_right,
        "BL rises to the classical level": report.lower_rise.holds,
        "B is above autarky beyond the classical level": report.GS2.holds,
        "B peaks at or beyond the classical level, then falls": report.GS3.holds and on_the_right,
        "B and BL meet at both ends": report.GS4.holds,
        "the cake is largest within 0.1 of the classical level": abs(distance) < 0.1,
        "distance of the largest cake from the classical level": distance,
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
        middle = np.median if claim.startswith(("wage", "distance")) else np.mean
        found[claim] = float(middle(values)) if values.size else np.nan
    return found


# Where the book speaks of them, and the claims, in the order of the page.
PLACES = {
    ("The shape of the region", "gomory-6-shape"): (
        "B rises to the classical level",
        "BL rises to the classical level",
        "B is above autarky beyond the classical level",
        "B peaks at or beyond the classical level, then falls",
        "B and BL meet at both ends",
        "the cake is largest within 0.1 of the classical level",
    ),
    ("Further industries", "gomory-6-4b"): (
        "interests are opposed from hump to hump",
        "my second industry helps both",
        "past my best every industry hurts both",
    ),
    ("My best and my partner", "gomory-7-opposed"): (
        "at my best the partner has less than 60% of its best",
        "at my best the partner is below autarky",
        "at my best the partner would make most of my goods cheaper",
        "at the hump my wage is the higher",
    ),
    ("Gains from trade", "gomory-8-not-automatic"): (
        "some equilibria are good for both",
        "some equilibria are bad for somebody",
        "some equilibria are bad for both",
        "all five subregions have an equilibrium",
    ),
}
PAGE = Path(__file__).parents[2] / "book/reference/families.md"
HEAD = """\
(reference-families)=
# How often the general sentences hold

Where this book says *usually* or *in every family tried* of Gomory's model, without a proof, it has
drawn economies and counted. Here are the counts, in {seeds} economies of each of {count}
families. "I" am Country 1, and the other is the partner.

The family *as drawn* has nine goods and countries of one size. Demands differ little ($g = 0.1$),
exponents lie within 0.2 of 1.4, and log productivities within 0.5 of zero. The name of another
family says what is different in it:

- *size*: Country 1's labour over Country 2's;
- *exponent*: the middle of the exponents. They lie within half of its excess over one: around 1.1
  from 1.05 to 1.15. (*One exponent*: all are 1.4.)
- *spread*: how far log productivities may be from zero;
- *g*: how far demands are apart (*demands alike*: 0);
- *threshold*: up to which part of its autarky labour an industry makes nothing.
"""
TABLES = """\
## Numbers

In each family the median of the wage ratio $w_1/w_2$ at Country 1's [hump](#gomory-8-partner), and
of the income at which the [cake](#gomory-6-slice-and-cake) is largest, less $Z_C$. Then the part of
all specialised equilibria at which Country 1 [gains](#gomory-7-size), and of those with wages
within a quarter of each other.

| family | wage ratio | cake | gains | similar wages |
|---|--:|--:|--:|--:|
{numbers}

## Filling in

The parts of the bound on income in [Theorem 4.1](#gomory-theorem-4-1) that the proof's own point
uses, at the median and at most, and the nearest equilibrium, at most. Twelve targets in each of
{few} economies.

| family | median | most | nearest |
|---|--:|--:|--:|
{bounds}

## Shared goods

Of all equilibria with [shared goods](#gomory-5) in {some} economies with five goods (or three), the
parts that lie below $BL$ and that are stable.

| family | below | stable |
|---|--:|--:|
{shares}
"""
SEEDS, FEW, SOME = 30, 4, 6


def spread_out(shares):
    """Name the families at each share, from the largest share down; the biggest group in short."""
    known = {family: share for family, share in shares.items() if not np.isnan(share)}
    ranked = sorted(known, key=lambda family: -known[family])
    groups = [(s, list(names)) for s, names in groupby(ranked, lambda f: f"{known[f]:.0%}")]
    most = max(groups, key=lambda group: len(group[1]))
    if len(groups) == 1:
        told = [f"**{most[0]}** in every family"]
    else:
        told = [
            f"**{share}**: "
            + (f"the {len(names)} others" if names is most[1] else "; ".join(names))
            for share, names in groups
        ]
    if missing := [family for family in shares if family not in known]:
        told.append("Nothing to try it on: " + "; ".join(missing))
    return ". ".join(told) + "."


def page():
    """Write the book's page of the families."""
    found = {family: held(family, SEEDS) for family in FAMILIES}
    parts = [HEAD.format(seeds=SEEDS, count=len(FAMILIES))]
    for (title, label), claims in PLACES.items():
        section = label.split("-")[1]
        parts.append(f"## {title}\n\nFrom [Section {section}](#{label}).\n")
        for claim in claims:
            held_in = {family: found[family][claim] for family in FAMILIES}
            sentence = re.sub(r"\bBL?\b", r"$\g<0>$", claim[0].upper() + claim[1:])
            parts.append(f"- {sentence}. {spread_out(held_in)}")
        parts.append("")
    numbers, bounds, shares = [], [], []
    for family, row in found.items():
        far = f"{row['distance of the largest cake from the classical level']:.2f}"
        alike = row["the same at wages within a quarter"]
        cells = (
            f"{row['wage ratio at the hump']:.1f}",
            far.replace("-0.00", "0.00").replace("-", "\N{MINUS SIGN}"),
            f"{row['share of equilibria at which I gain']:.0%}",
            "none" if np.isnan(alike) else f"{alike:.0%}",
        )
        numbers.append(f"| {family} | {' | '.join(cells)} |")
        made, near = (fill_in_parts(family, way, FEW)[:, 0] for way in ("proof", "nearest"))
        shared = sharing(family, SOME)
        low, stable = (shared[name] / shared["all"] for name in ("below BL", "stable"))
        cells = [f"{x:.0%}" for x in (np.median(made), made.max(), near.max())]
        bounds.append(f"| {family} | {' | '.join(cells)} |")
        shares.append(f"| {family} | {low:.0%} | {stable:.1%} |")
    rows = {"numbers": numbers, "bounds": bounds, "shares": shares}
    tables = {name: "\n".join(lines) for name, lines in rows.items()}
    parts.append(TABLES.format(few=FEW, some=SOME, **tables).rstrip())
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
