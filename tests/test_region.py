"""The drawing of the region shows the boundaries, one style and one scale for each."""

import numpy as np
import pytest

from lib.explore import FOREIGN, HOME, INK, canvas
from lib.gomory import (
    PowerProduction,
    autarky_log_utility,
    boundary,
    classical_level,
    five_goods,
    random_economy,
    specialized_equilibria,
)
from lib.region import draw_region, region

ECONOMIES = [five_goods(), random_economy(8, 3, size_ratio=0.2)]


def drawn(*regions):
    _, axes = canvas()
    draw_region(axes, *regions)
    return axes


def curves(axes):
    return [line for line in axes.lines if len(line.get_xdata()) > 2]


@pytest.mark.parametrize("economy", ECONOMIES)
@pytest.mark.parametrize("country", [1, 2])
def test_every_equilibrium_lies_between_the_boundaries_that_are_drawn(economy, country):
    shape = region(economy, country, integer=True)
    every = specialized_equilibria(economy)
    u = np.exp(every.log_utility[:, country - 1] - autarky_log_utility(economy, country))
    low, high = (np.interp(every.income, shape.income, c) for c in (shape.lower, shape.upper))
    # Between two points of the grid a curve bends away from the line by little.
    assert (u < high * (1 + 1e-3)).all()
    assert (u > low * (1 - 1e-3)).all()
    assert shape.classical == classical_level(economy)


def test_whole_goods_are_bounded_where_there_are_equilibria_and_nowhere_else():
    economy = five_goods()
    shape = region(economy, integer=True)
    every = specialized_equilibria(economy).income
    inside = (every.min() <= shape.income) & (shape.income <= every.max())
    np.testing.assert_array_equal(np.isfinite(shape.upper_integer), inside)
    np.testing.assert_array_equal(np.isfinite(shape.lower_integer), inside)
    alone = autarky_log_utility(economy, 1)
    for side, curve in (("upper", shape.upper_integer), ("lower", shape.lower_integer)):
        exact = boundary(economy, shape.income[inside], 1, side, integer=True).log_utility
        np.testing.assert_allclose(np.log(curve[inside]), exact - alone, rtol=0, atol=1e-12)


@pytest.mark.parametrize("country", [1, 2])
def test_a_country_with_all_income_is_alone(country):
    shape = region(five_goods(), country)
    end = -1 if country == 1 else 0
    assert shape.upper[end] == pytest.approx(1, abs=1e-3)
    assert shape.lower[end] == pytest.approx(1, abs=1e-3)


def test_each_boundary_has_its_line():
    shape = region(five_goods(), integer=True)
    lines = curves(drawn(shape))
    assert [line.get_linestyle() for line in lines] == ["-", "--", ":", "-."]
    assert {line.get_color() for line in lines} == {INK}
    for line, name in zip(lines, ("upper", "lower", "upper_integer", "lower_integer"), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), getattr(shape, name))


def test_two_countries_have_their_colours_and_names():
    economy = five_goods()
    axes = drawn(region(economy), region(economy, 2))
    assert [line.get_color() for line in curves(axes)] == [HOME, HOME, FOREIGN, FOREIGN]
    words = [text.get_text() for text in axes.texts]
    assert {"B for 1", "B for 2", "alone", "classical level"} <= set(words)
    assert axes.get_ylabel() == "utility, alone = 1"


@pytest.mark.parametrize("country", [1, 2])
def test_one_country_is_named_at_the_axis(country):
    axes = drawn(region(five_goods(), country))
    assert axes.get_ylabel() == f"Country {country}'s utility, alone = 1"
    assert axes.get_xlim() == (0, 1)


@pytest.mark.parametrize(
    ("name", "value"), [("economy", PowerProduction(1, 2)), ("country", 3), ("integer", 1)]
)
def test_bad_parameters_are_named(name, value):
    with pytest.raises(ValueError, match=f"^{name} must"):
        region(**{"economy": five_goods(), name: value})
