"""The world of Krugman's paper as a drawing: two countries, their firms, shipments and wages."""

import numpy as np
from matplotlib.patches import FancyArrow, FancyBboxPatch

from lib.domain import number, pair
from lib.explore import FOREIGN, HOME, INK, PAPER

_BOX = 1.0  # height of a country with all of the world's workers
_THICK = 0.75  # thickness of an arrow that carries half of the world's income


def draw_world(axes, labor, varieties, imports, wages=(1.0, 1.0), arriving=1.0, sales=None):
    """
    Draw two countries and what they send each other.

    A country is a box whose area is its share of the world's workers, with a dot for each of its
    goods. An arrow is as thick as the value that it carries, as a share of world income; the part
    of it that melts on the way is hollow. Values and wages are in any common unit.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to draw.
    labor : array_like of shape (2,)
        The labour forces of home and foreign, positive.
    varieties : array_like of shape (2,)
        The numbers of goods made in each, nonnegative; 200 in all at the most.
    imports : array_like of shape (2,)
        The value of what home and foreign import, nonnegative.
    wages : array_like of shape (2,)
        The wages, positive.
    arriving : float
        The share of a shipment that arrives, in (0, 1].
    sales : array_like of shape (2,), optional
        What one firm of each country sells, over what it needs to break even, nonnegative; written
        below the wages if given.

    Raises
    ------
    ValueError
        If a parameter lies outside its domain.

    Notes
    -----
    Home stands on the left and is drawn with circles, foreign on the right with squares.

    Examples
    --------
    >>> from lib.explore import canvas
    >>> figure, axes = canvas()
    >>> draw_world(axes, labor=(200, 100), varieties=(50, 25), imports=(66.7, 66.7))
    >>> len(axes.patches)  # two countries and two arrows
    4
    """
    labor, wages = pair("labor", labor, 0), pair("wages", wages, 0)
    varieties = pair("varieties", varieties, 0, 201, closed="left")
    imports = pair("imports", imports, 0, closed="left")
    arriving = number("arriving", arriving, 0, 1, closed="right")
    if sales is not None:
        sales = pair("sales", sales, 0, closed="left")
    income = labor[0] * wages[0] + labor[1] * wages[1]
    sides = (
        (-1, "home", HOME, "o", labor[0], varieties[0], wages[0]),
        (1, "foreign", FOREIGN, "s", labor[1], varieties[1], wages[1]),
    )
    for way, name, colour, mark, workers, goods, wage in sides:
        side = _BOX * np.sqrt(workers / sum(labor))
        left = way * 1.05 - side / 2
        axes.add_patch(
            FancyBboxPatch(
                (left, -side / 2),
                side,
                side,
                boxstyle="round,pad=0.02",
                facecolor="none",
                edgecolor=colour,
                linewidth=1.5,
            )
        )
        x, y = _places(round(goods), left, side)
        axes.plot(x, y, mark, color=colour, markersize=2.6, linestyle="none")
        axes.text(way * 1.05, 0.62, f"{name}: {goods:.0f} goods", color=colour, ha="center")
        axes.text(way * 1.05, -0.72, f"wage {wage:.4g}", color=colour, ha="center")
    # Home's imports leave from foreign, below; foreign's leave from home, above.
    for way, height, value, colour in (
        (1, 0.24, imports[1], HOME),
        (-1, -0.24, imports[0], FOREIGN),
    ):
        if value:
            _arrow(axes, way, height, 2 * _THICK * value / income, colour, arriving)
    if sales is not None:
        for way, colour, sold in zip((-1, 1), (HOME, FOREIGN), sales, strict=True):
            axes.text(way * 1.05, -0.92, f"a firm sells {sold:.1%}", color=colour, ha="center")
    axes.text(0, 0.5, f"{imports[1]:.1f}", color=INK, ha="center")
    axes.text(0, -0.6, f"{imports[0]:.1f}", color=INK, ha="center")
    axes.set(xlim=(-1.7, 1.7), ylim=(-0.82 if sales is None else -1.02, 0.78))
    axes.axis("off")


def _places(count, left, side):
    """Spread dots evenly over a box."""
    columns = max(1, int(np.ceil(np.sqrt(count))))
    rows = max(1, int(np.ceil(count / columns)))
    index = np.arange(count)
    return (
        left + side * (index % columns + 0.5) / columns,
        -side / 2 + side * (rows - 0.5 - index // columns) / rows,
    )


def _arrow(axes, way, height, thickness, colour, arriving):
    """Draw what leaves as an outline, and in it what arrives."""
    layers = [(thickness, PAPER), (thickness * arriving, colour)]
    for width, face in layers[arriving == 1 :]:
        axes.add_patch(
            FancyArrow(
                -0.42 * way,
                height,
                0.84 * way,
                0,
                width=width,
                head_width=width + 0.12,
                head_length=0.14,
                length_includes_head=True,
                facecolor=face,
                edgecolor=colour,
                linewidth=0.8,
            )
        )
