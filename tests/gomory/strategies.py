"""Economies that Hypothesis draws."""

from hypothesis import strategies as st

from lib.gomory.economy import random_economy


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
