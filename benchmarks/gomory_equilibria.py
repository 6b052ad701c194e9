"""
What the equilibria of Gomory's model cost, by number of goods and against plain ways to them.

Run `python -m benchmarks.gomory_equilibria [most goods]`, 13 by default; each good more triples
the time of the last table. Ratios are of times measured in this one run.
"""

import resource
import sys
from itertools import product
from time import perf_counter

import numpy as np
from scipy.optimize import brentq

from lib.gomory.economy import income, log_utility, random_economy
from lib.gomory.equilibria import stream_equilibria
from lib.gomory.specialized import specialized_density, specialized_equilibria


def timed(call):
    start = perf_counter()
    result = call()
    return result, perf_counter() - start


def memory():
    """Most memory that this process has used so far, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def one_by_one(economy, count):
    """Enumerate the first specialised equilibria with a loop over assignments."""
    for number in range(1, count + 1):
        x = [bool(number >> i & 1) for i in range(economy.goods)]
        income(economy, x), log_utility(economy, x, 1)


def root_per_pattern(economy, patterns):
    """Solve patterns with scipy: brentq on incomes around brentq on shares, one root each."""
    d, e, a = economy.demand, economy.production.productivity, economy.production.scale
    for pattern in patterns:

        def trade(s, pattern=pattern):
            z = np.array([1, np.exp(-s)]) / (1 + np.exp(-s))
            size = economy.labor * (d @ z)[:, None] / z
            x = []
            for i, state in enumerate(pattern):
                if state:
                    x.append(float(state == 1))
                    continue
                constant = np.log(e[i] * size[i] ** a[i])

                def gap(y, constant=constant, i=i):
                    logs = -np.logaddexp(0, [-y, y])
                    return np.subtract(*(constant + (a[i] - 1) * logs))

                x.append(1 / (1 + np.exp(-brentq(gap, -400, 400))))
            x = np.array(x)
            return np.log(x @ d[:, 1]) - np.log((1 - x) @ d[:, 0]) - s

        brentq(trade, -6, 6)


def specialised():
    print("Specialised equilibria binned on a grid of 400 x 400 (specialized_density)")
    print("goods    equilibria   seconds   ns each   GB   times faster than one by one")
    for n in (15, 18, 21, 24, 27):
        economy = random_economy(n, 1, g=0.2)
        density, seconds = timed(lambda e=economy: specialized_density(e, 400, 1))
        assert density.counts.sum() == 2**n - 2
        _, peer = timed(lambda e=economy: one_by_one(e, 2000))
        each = seconds / (2**n - 2)
        print(
            f"{n:5d}  {2**n - 2:12,d}  {seconds:8.2f}  {each * 1e9:8.1f}  {memory():4.2f}  "
            f"{peer / 2000 / each:10,.0f}",
            flush=True,
        )
    economy = random_economy(18, 1, g=0.2)
    _, seconds = timed(lambda: specialized_equilibria(economy))
    print(
        f"Both utilities of all of 18 goods in memory (specialized_equilibria): {seconds:.2f} s\n"
    )


def every(most):
    print("Every equilibrium of every pattern of Theorem 2.1 (stream_equilibria)")
    print("goods    patterns   equilibria  stable   seconds   us each   GB   largest residual")
    for n in range(5, most + 1):
        economy = random_economy(n, 1)

        def run(economy=economy):
            count = stable = 0
            residual = 0.0
            for batch in stream_equilibria(economy):
                count += len(batch.income)
                stable += int(batch.stable.sum())
                residual = max(residual, batch.residual.max())
            return count, stable, residual

        (count, stable, residual), seconds = timed(run)
        patterns = 3**n - 2 ** (n + 1) + 1
        print(
            f"{n:5d}  {patterns:10,d}  {count:11,d}  {stable:6,d}  {seconds:8.2f}  "
            f"{seconds / count * 1e6:8.1f}  {memory():4.2f}  {residual:.1e}",
            flush=True,
        )
    economy = random_economy(9, 1)
    patterns = [p for p in product([0, 1, 2], repeat=9) if 1 in p and 2 in p]
    some = [patterns[k] for k in np.random.default_rng(0).integers(len(patterns), size=20)]
    _, peer = timed(lambda: root_per_pattern(economy, some))
    _, seconds = timed(lambda: list(stream_equilibria(economy)))
    ratio = peer / len(some) / (seconds / len(patterns))
    print(f"Nine goods, a pattern: {ratio:,.0f} times faster than one root of it by scipy's brentq")


if __name__ == "__main__":
    specialised()
    every(int(sys.argv[1]) if len(sys.argv) > 1 else 13)
