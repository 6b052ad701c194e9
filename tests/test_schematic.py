"""The drawing of the world says what the numbers say."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from lib.explore import FOREIGN, HOME, canvas
from lib.schematic import draw_world


def drawn(**changes):
    _, axes = canvas()
    world = {"labor": (200, 100), "varieties": (50, 25), "imports": (60, 60)}
    draw_world(axes, **{**world, **changes})
    return axes


def arrows(axes):
    return axes.patches[2:]


def test_there_is_a_dot_for_each_good_inside_its_country():
    axes = drawn()
    for line, box, count in zip(axes.lines, axes.patches[:2], (50, 25), strict=True):
        x, y = line.get_data()
        assert len(x) == count
        left, bottom = box.get_x(), box.get_y()
        assert ((x > left) & (x < left + box.get_width())).all()
        assert ((y > bottom) & (y < bottom + box.get_height())).all()


def test_areas_are_shares_of_the_worlds_workers():
    home, foreign = drawn().patches[:2]
    area = [box.get_width() * box.get_height() for box in (home, foreign)]
    assert np.isclose(area[0] / area[1], 2)


def test_colours_and_marks_tell_the_countries():
    axes = drawn()
    assert [line.get_color() for line in axes.lines] == [HOME, FOREIGN]
    assert [line.get_marker() for line in axes.lines] == ["o", "s"]
    assert to_hex(arrows(axes)[0].get_edgecolor()) == HOME


def test_what_melts_is_hollow():
    outline, filled, *_ = arrows(drawn(arriving=0.5))
    heights = [np.ptp(arrow.get_xy()[:, 1]) - 0.12 for arrow in (outline, filled)]
    assert np.isclose(heights[1] / heights[0], 0.5)
    assert to_hex(filled.get_facecolor()) == HOME != to_hex(outline.get_facecolor())
    whole = arrows(drawn())
    assert len(whole) == 2
    assert to_hex(whole[0].get_facecolor()) == HOME


def test_an_arrow_is_as_thick_as_the_trade_that_it_carries():
    heights = [
        np.ptp(arrows(drawn(imports=(value, value)))[0].get_xy()[:, 1]) - 0.12 for value in (30, 60)
    ]
    assert np.isclose(heights[1] / heights[0], 2)


def test_a_world_without_trade_has_no_arrows():
    assert len(arrows(drawn(imports=(0, 0)))) == 0


def test_what_a_firm_sells_is_written_only_if_given():
    def written(**changes):
        axes = drawn(**changes)
        low, _ = axes.get_ylim()
        return {text.get_text() for text in axes.texts if text.get_position()[1] > low}

    assert written(sales=(1.049, 0.902)) - written() == {
        "a firm sells 104.9%",
        "a firm sells 90.2%",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("labor", (0, 1)),
        ("varieties", (300, 1)),
        ("imports", (-1, 1)),
        ("wages", (1, 0)),
        ("arriving", 1.1),
        ("sales", (1, -0.1)),
    ],
)
def test_bad_parameters_are_named(name, value):
    with pytest.raises(ValueError, match=f"^{name} must"):
        drawn(**{name: value})
