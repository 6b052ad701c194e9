"""The models beyond the papers beside scipy's general solvers, and beside a damped iteration.

Prints, for 200 countries on a plane, how long each takes and how far it is from wages at which
trade balances; and how many of the equilibria of the model of both papers a search from many
starts finds. Run `python -m benchmarks.beyond`.
"""

from functools import partial

import numpy as np
from scipy.optimize import minimize_scalar, root

from benchmarks.gomory_equilibria import timed
from lib.krugman import Industry, many_countries, optimal_tariff, tariff_equilibrium
from lib.nest import NestedEconomy, all_equilibria


def world(countries, seed=0):
    """Draw sizes, and transport costs that grow with distances on a plane."""
    rng = np.random.default_rng(seed)
    place = rng.uniform(0, 1, (countries, 2))
    distance = np.hypot(*(place[:, None] - place).transpose(2, 0, 1))
    return np.exp(rng.normal(0, 1.5, countries)), np.exp(-0.1 - distance) ** (distance > 0)


def reach(theta, g):
    """Give the trade elasticity, and what the distance leaves of demand."""
    e = theta / (1 - theta)
    return e, g**e


def sales(log_wage, labor, e, near):
    """Give what each country's workers earn by selling, at given wages."""
    wage = np.exp(log_wage)
    offer = (labor * wage**-e)[:, None] * near
    return (offer / offer.sum(axis=0)) @ (wage * labor)


def by_root(labor, g, theta=0.75):
    """Solve for log wages with scipy's general solver of equations."""
    e, near = reach(theta, g)

    def unbalanced(others):
        log_wage = np.append(others, 0.0)
        return (np.log(sales(log_wage, labor, e, near) / labor) - log_wage)[:-1]

    found = root(unbalanced, np.zeros(len(labor) - 1), tol=1e-12)
    return np.exp(np.append(found.x, 0.0))


def by_iteration(labor, g, theta=0.75, steps=40, damping=0.3):
    """Raise wages where more is sold than earned, a number of times."""
    e, near = reach(theta, g)
    log_wage = np.zeros(len(labor))
    for _ in range(steps):
        log_wage = log_wage + damping * (np.log(sales(log_wage, labor, e, near) / labor) - log_wage)
    return np.exp(log_wage - log_wage[-1])


def by_search(industry, labor, g):
    """Look for the tariff of the largest utility with scipy's search on a line."""
    return minimize_scalar(
        lambda t: -tariff_equilibrium(industry, labor, g, (t, 0.0)).utility[0],
        bounds=(0, 3),
        method="bounded",
        options={"xatol": 1e-10},
    ).x


def split(goods, seed=0):
    """Draw an economy of both papers' model that has several equilibria."""
    rng = np.random.default_rng(seed)
    return NestedEconomy(
        demand=np.full((goods, 2), 1 / goods),
        labor=[1, 1.2],
        productivity=np.exp(rng.normal(0, 0.2, (goods, 2))),
        scale=1.3,
        elasticity=8.0,
        g=0.95,
    )


def by_starts(economy, starts, seed=0):
    """Solve for each industry's labour from random starts with scipy; count what was found."""
    rng = np.random.default_rng(seed)
    n, e = economy.goods, (economy.elasticity - 1)[:, None]

    def unpaid(unknown):
        # Unknown: the log of each industry's labour in both countries, and the log odds of income.
        log_labor = np.empty((n, 2))
        s = unknown[-1]
        income = np.array([1 / (1 + np.exp(-s)), 1 / (1 + np.exp(s))])
        wage = income / economy.labor
        log_labor[:, 0], log_labor[:, 1] = unknown[:n], unknown[n:-1]
        log_cost = np.log(wage) - np.log(economy.productivity)
        log_cost -= (economy.scale - 1)[:, None] * log_labor
        sold = np.zeros((n, 2))
        for j in (0, 1):
            price = log_cost - np.log(economy.g)[:, None] * (np.arange(2) != j)
            part = np.exp(-e * (price - price.min(axis=1, keepdims=True)))
            part /= part.sum(axis=1, keepdims=True)
            sold += part * (economy.demand[:, j] * income[j])[:, None]
        gap = np.log(sold / wage) - log_labor
        hired = np.exp(log_labor[:, 0]).sum() / economy.labor[0] - 1
        return np.append(gap.T.ravel(), hired)

    found = set()
    for _ in range(starts):
        s = rng.normal()
        first = np.append(np.log(rng.uniform(1e-3, 1, 2 * n) / n), s)
        with np.errstate(all="ignore"):
            solved = root(unpaid, first, tol=1e-12)
        if solved.success and np.abs(solved.fun).max() < 1e-8:
            found.add(tuple(np.round(np.exp(solved.x[: 2 * n]), 4)))
    return len(found)


def main():
    """Print the comparisons."""
    labor, g = world(200)
    # Steps of this size converge fast for an elasticity of 4, and not at all for one of 10.
    for theta in (0.75, 0.9):
        exact, seconds = timed(partial(many_countries, Industry(theta), labor, g))
        print(f"200 countries, theta {theta}: many_countries {seconds:.3f} s")
        for name, method in (("scipy's root", by_root), ("40 damped steps", by_iteration)):
            with np.errstate(all="ignore"):  # steps that are too long run away
                wages, took = timed(partial(method, labor, g, theta))
            off = np.abs(wages / exact.relative_wages - 1).max()
            print(f"  {name}: {took:.3f} s ({took / seconds:.1f} times), off by up to {off:.1e}")

    case = Industry(0.75), (200, 100), 0.8
    tariff, seconds = timed(partial(optimal_tariff, *case))
    searched, took = timed(partial(by_search, *case))
    print(
        f"best tariff: {seconds:.4f} s; by search {took:.4f} s, off by {abs(searched - tariff):.1e}"
    )

    for goods in (2, 3, 4):
        economy = split(goods)
        every, seconds = timed(partial(all_equilibria, economy))
        inner = ((every.share > 1e-9) & (every.share < 1 - 1e-9)).all(axis=(1, 2)).sum()
        count, took = timed(partial(by_starts, economy, 200))
        print(
            f"{goods} goods: {every.income.size} equilibria in {seconds:.2f} s, {inner} with both "
            f"countries in every industry; 200 starts find {count} of those in {took:.2f} s"
        )


if __name__ == "__main__":
    main()
