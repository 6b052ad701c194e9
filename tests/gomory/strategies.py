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
