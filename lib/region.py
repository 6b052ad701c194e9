"""The region of Gomory's equilibria as a drawing: its boundaries, the same in every chapter."""

from dataclasses import dataclass

import numpy as np

from lib import domain
from lib.explore import FOREIGN, HOME, INK, WORLD
from lib.gomory import Economy, autarky_log_utility, boundary, classical_level
from lib.gomory import income as balanced_income

_STYLES = {"upper": "-", "lower": "--", "upper_integer": ":", "lower_integer": "-."}
# With all of world income a country is alone; next to there the curves are as good as there.
_INCOME = np.concatenate(([1e-6], np.linspace(0.0025, 0.9975, 399), [1 - 1e-6]))


@dataclass(frozen=True, eq=False)
class Region:
    """
    The boundaries of the region, as the book draws them: utility, with the country alone at 1.

    Attributes
    ----------
    country : {1, 2}
        The country whose utility it is.
    classical : float
        The classical level Z_C.
    income : ndarray of shape (401,)
        Country 1's share of world income.
    upper, lower : ndarray of shape (401,)
        The boundaries B and BL over autarky.
    upper_integer, lower_integer : ndarray of shape (401,), or None
        If they were asked for, B_I and BL_I over autarky; nan at incomes lower or higher than at
        any specialised equilibrium, where they bound nothing.
    """

    country: int
    classical: float
    income: np.ndarray
    upper: np.ndarray
    lower: np.ndarray
    upper_integer: np.ndarray | None = None
    lower_integer: np.ndarray | None = None

    def __post_init__(self):
        domain.freeze(self)


def region(economy, country=1, integer=False):
    """
    Compute the boundaries of the region of equilibria, over autarky.

    Parameters
    ----------
    economy : Economy
        The economy.
    country : {1, 2}
        The country whose utility it is.
    integer : bool
        Whether to compute the boundaries for whole goods, B_I and BL_I, as well.

    Returns
    -------
    Region
        The boundaries on a grid of incomes.

    Raises
    ------
    ValueError
        If a parameter is outside its domain.

    Examples
    --------
    >>> from lib.gomory import five_goods
    >>> curves = region(five_goods())
    >>> round(float(curves.upper.max()), 2), round(curves.classical, 2)
    (1.87, 0.53)
    """
    domain.instance("economy", economy, Economy)
    alone = autarky_log_utility(economy, country)
    if not isinstance(integer, bool):
        raise ValueError(f"integer must be True or False, got {domain.shown(integer)}")
    curves = [
        np.exp(boundary(economy, _INCOME, country, side, whole).log_utility - alone)
        for whole in (False, True)[: 1 + integer]
        for side in ("upper", "lower")
    ]
    one_good = np.eye(economy.goods)
    least = balanced_income(economy, one_good).min()
    most = balanced_income(economy, 1 - one_good).max()
    for curve in curves[2:]:
        curve[(least > _INCOME) | (most < _INCOME)] = np.nan
    return Region(country, classical_level(economy), _INCOME, *curves)


def draw_region(axes, *regions):
    """
    Draw the boundaries of one country's region, or of both countries'.

    The upper boundary is solid, the lower dashed; those for whole goods are dotted and dash-dotted.
    A thin line at 1 is autarky, a vertical one the classical level. One country's lines have the
    colour of ink, two countries' lines their own. The caller may set the height of the axes anew.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to draw.
    *regions : Region
        What `region` returns, for one country or for both of the same economy.

    Examples
    --------
    >>> from lib.explore import canvas
    >>> from lib.gomory import five_goods
    >>> figure, axes = canvas()
    >>> draw_region(axes, region(five_goods()))
    >>> axes.get_ylabel()
    "Country 1's utility, alone = 1"
    """
    for one in regions:
        side = "left" if one.country == 1 else "right"  # where the country's curves are low
        colour, whose = INK, ""
        if len(regions) > 1:
            colour, whose = (HOME, FOREIGN)[one.country - 1], f" for {one.country}"
        for name, style in _STYLES.items():
            height = getattr(one, name)
            if height is not None:
                axes.plot(one.income, height, color=colour, ls=style, lw=1.8)
        text = {"textcoords": "offset points", "color": colour}
        top, half = one.upper.argmax(), np.flatnonzero(one.lower > one.lower.max() / 2)
        at = one.income[top], one.upper[top]
        # Two countries' names stand apart, even where the tops do not.
        axes.annotate(f"B{whose}", at, (0, 4), ha=side if whose else "center", **text)
        low = half[0 if side == "left" else -1]
        at, aside = (one.income[low], one.lower[low]), 5 if side == "left" else -5
        axes.annotate("BL", at, (aside, -2), ha=side, va="top", **text)
        if one.upper_integer is not None:
            corner = 0.02 if side == "left" else 0.98
            key = "dotted: $B_I$\ndash-dot: $BL_I$"
            axes.text(corner, 0.98, key, transform=axes.transAxes, color=colour, ha=side, va="top")
    level = regions[0].classical
    axes.axhline(1, color=WORLD, lw=0.8)
    axes.axvline(level, color=WORLD, lw=0.8, ls=":")
    # Beside the point at which a country that has all of world income is alone.
    corner, side = (0.01, "left") if regions[0].country == 2 else (0.99, "right")
    away, room = (4, "left") if level < 0.65 else (-4, "right")
    for words, at, shift, align, rise in (
        ("alone", (corner, 1), (0, -2), side, "top"),
        ("classical level", (level, 0), (away, 4), room, "bottom"),
    ):
        axes.annotate(words, at, shift, textcoords="offset points", ha=align, va=rise, color=WORLD)
    highest = max(one.upper.max() for one in regions)
    axes.set(xlim=(0, 1), ylim=(0, 1.15 * highest))
    axes.set_xlabel("Country 1's share of world income Z₁")
    whose = "utility" if len(regions) > 1 else f"Country {regions[0].country}'s utility"
    axes.set_ylabel(f"{whose}, alone = 1")
