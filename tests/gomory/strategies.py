"""Economies for the tests of Gomory's model, drawn by Hypothesis and others."""

import numpy as np
from hypothesis import Phase, settings
from hypothesis import strategies as st

from lib.gomory.economy import Economy, PowerProduction, random_economy


def property_test(examples):
    # No shrinking: these tests solve economies, and a large failing one is told by its parameters.
    phases = (Phase.explicit, Phase.generate)
    return settings(deadline=None, derandomize=True, max_examples=examples, phases=phases)


class Own:
    """Production functions of somebody else: e l^a as an object that the library does not know."""

    def __init__(self, power):
        self.log_output, self.elasticity = power.log_output, power.elasticity
        self.elasticity_bounds = power.elasticity_bounds


def assignments(n, every=False):
    """All assignments of goods to countries, by default without those that leave one out."""
    first = 0 if every else 1
    return (np.arange(first, 2**n - first)[:, None] >> np.arange(n)) & 1 > 0


def identical(n, scale=1.5, seed=0):
    demand = np.random.default_rng(seed).uniform(0.5, 1.5, n)
    demand = np.stack([demand, demand], axis=1) / demand.sum()
    return Economy(demand, [1.0, 1.0], PowerProduction(1.0, scale))


@st.composite
def economies(draw, least=2, most=9, thresholds=True):
    """Economies over the whole domain: labour 1000 to 1, scale 1.01 and 3, strong thresholds."""
    scale = draw(st.sampled_from([1.01, 1.2, 1.5, 2.0, 3.0]))
    return random_economy(
        draw(st.integers(least, most)),
        draw(st.integers(0, 10**6)),
        size_ratio=draw(st.sampled_from([0.001, 0.3, 1.0, 4.0, 1000.0])),
        g=draw(st.sampled_from([0.0, 0.1, 0.5, 0.95])),
        scale=scale,
        scale_spread=draw(st.sampled_from([0.0, 0.9])) * (scale - 1),
        productivity_spread=draw(st.sampled_from([0.0, 0.5, 3.0])),
        threshold=draw(st.sampled_from([0.0, 0.0, 0.3, 0.95])) if thresholds else 0.0,
    )


class Wavy:
    """Elasticity 1.3 + 0.28 sin(w ln l + phase): A1 to A3 hold, and it is not monotone."""

    def __init__(self, frequency, phase):
        self.frequency, self.phase = frequency, phase

    def _angle(self, labor):
        return self.frequency * np.log(np.maximum(labor, 1e-300)) + self.phase

    def log_output(self, labor):
        with np.errstate(divide="ignore"):
            return 1.3 * np.log(labor) - 0.28 / self.frequency * np.cos(self._angle(labor))

    def elasticity(self, labor):
        return 1.3 + 0.28 * np.sin(self._angle(labor))

    def elasticity_bounds(self, low, high):
        first, last = self._angle(low), self._angle(high)

        def passes(angle):
            turn = 2 * np.pi
            return np.floor((last - angle) / turn) > np.floor((first - angle) / turn)

        ends = np.sin(first), np.sin(last)
        most = np.where(passes(np.pi / 2), 1.0, np.maximum(*ends))
        least = np.where(passes(-np.pi / 2), -1.0, np.minimum(*ends))
        return 1.3 + 0.28 * least, 1.3 + 0.28 * most


class MonotoneBetween(Wavy):
    """Bounds that are wrong: the elasticity at the ends of an interval."""

    def elasticity_bounds(self, low, high):
        ends = self.elasticity(low), self.elasticity(high)
        return np.minimum(*ends), np.maximum(*ends)


def wavy_economy(seed, production=Wavy):
    rng = np.random.default_rng(seed)
    base = random_economy(3, seed, g=0.2 + 0.2 * (seed % 3), size_ratio=[1, 3][seed % 2])
    waves = production(rng.uniform(3, 30), rng.uniform(0, 2 * np.pi, (3, 2)))
    return Economy(base.demand, base.labor, waves)


def twins(count, seed, alike=False):
    """Kinds of goods, so many of each, all goods of a kind alike; with `alike` countries too."""
    rng = np.random.default_rng(seed)
    kinds = len(count)
    demand = rng.uniform(0.5, 1.5, (kinds, 2))
    productivity = np.exp(rng.uniform(-0.3, 0.3, (kinds, 2)))
    scale = rng.uniform(1.2, 1.8, (kinds, 2))
    if alike:
        demand[:, 1], productivity[:], scale[:] = demand[:, 0], 1.0, 1.5
    kind = rng.permutation(np.repeat(np.arange(kinds), count))
    demand = demand[kind] / demand[kind].sum(axis=0)
    return kind, Economy(demand, [1.0, 1.0], PowerProduction(productivity[kind], scale[kind]))


def counted_assignments(kind):
    """One assignment for every number of goods of each kind that Country 1 may make."""
    number_within_kind = np.array([(kind[:i] == kind[i]).sum() for i in range(len(kind))])
    made = np.stack(np.meshgrid(*(np.arange(c + 1) for c in np.bincount(kind))), axis=-1)
    return number_within_kind < made.reshape(-1, made.shape[-1])[:, kind]
