"""Figures that a reader moves: one drawing, the same in every rendering, and no dead control."""

import ast
import base64
import functools
import gzip
import html as markup
import io
import itertools
import json
import math
import re
import xml.dom.minidom
from pathlib import Path

import pytest
from matplotlib import rc_context
from matplotlib.axes import Axes

from lib.explore import _STYLE as STYLE
from lib.explore import HOME, Choice, Grid, _drawn, _tidy, canvas, choice, explore, grid


def line(slope, through="home"):
    """A line through the origin."""
    figure, axes = canvas()
    axes.plot([0, 1], [0, slope], color=HOME, linestyle="-" if through == "home" else "--")
    axes.set_ylim(0, 5)
    return figure, f"The slope is {slope:g}, seen from {through}."


def unpack(page):
    data = re.search(r'octet-stream">([^<]*)<', page)[1]
    return json.loads(gzip.decompress(base64.b64decode(data)))


@pytest.fixture(scope="module")
def explorer():
    eyes = choice("home", "foreign", start="foreign", label="eyes")
    return explore(line, slope=grid(1, 3, 5, start=2), through=eyes)


@pytest.fixture(scope="module")
def page(explorer):
    return explorer.html()


def test_every_setting_is_packed_into_the_page_in_the_controls_order(explorer, page):
    packed = unpack(page)
    settings = list(itertools.product((1, 1.5, 2, 2.5, 3), ("home", "foreign")))
    assert len(packed["frames"]) == len(settings) == 10
    for setting, frame, said in zip(settings, packed["frames"], packed["sentences"], strict=True):
        svg, sentence = explorer.frame(slope=setting[0], through=setting[1])
        assert "\n".join(packed["lines"][i] for i in frame) == svg
        assert said == sentence


def test_the_first_frame_and_its_sentence_stand_in_the_page_before_any_script(explorer, page):
    svg, sentence = explorer.frame(**explorer.start())
    before_script = page[: page.index("<script")]
    assert svg in before_script
    assert f'class="explorer-sentence">{markup.escape(sentence)}<' in page
    assert f'aria-label="A line through the origin. {markup.escape(sentence)}"' in before_script
    assert "hidden" in re.search(r"<form[^>]*>", before_script)[0]


def test_text_is_the_sentence_at_the_first_setting(explorer):
    assert repr(explorer) == "The slope is 2, seen from foreign."


def test_jupyter_draws_the_same_figure_with_sliders_that_move_it(explorer):
    figure, said, slope, through = explorer.widget().children
    assert explorer.frame(slope=2, through="foreign")[0] in figure.value
    slope.value = 2.71
    through.value = "home"
    assert explorer.frame(slope=2.71, through="home")[0] in figure.value
    assert "The slope is 2.71, seen from home." in said.value


def test_the_book_build_chooses_the_page_and_jupyter_the_widget(explorer, monkeypatch):
    monkeypatch.setenv("EXPLORE", "html")
    assert set(explorer._repr_mimebundle_()) == {"text/plain", "text/html"}
    monkeypatch.delenv("EXPLORE")
    bundle = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == repr(explorer)
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_a_drawing_is_wellformed_and_keeps_its_names_to_itself(explorer):
    svg, _ = explorer.frame(slope=1, through="home")
    xml.dom.minidom.parseString(svg)
    names = re.findall(r' id="([^"]+)"', svg)
    assert len(set(names)) == len(names)
    assert set(re.findall(r'(?:url\(#|href="#)([\w-]+)', svg)) <= set(names)
    assert "<style" not in svg

    def other(slope):
        """Another line."""
        return line(slope)

    elsewhere = explore(other, slope=grid(1, 3, 3)).frame(slope=1)[0]
    assert not set(names) & set(re.findall(r' id="([^"]+)"', elsewhere))


def test_colours_follow_the_theme(explorer):
    svg, _ = explorer.frame(slope=1, through="home")
    assert f"var(--home,{HOME})" in svg
    assert not re.findall(rf"(?<!,){HOME}", svg)


def test_numbers_and_colours_in_words_are_left_alone():
    def written(size):
        """A label."""
        figure, axes = canvas()
        axes.text(0.5, 0.5, f"ω = {size:.4f} in {HOME}", style="italic", weight="bold")
        return figure, f"ω = {size:.4f}"

    svg, _ = explore(written, size=grid(1, 2, 2)).frame(size=1.23456)
    assert f">ω = 1.2346 in {HOME}<" in svg
    assert 'font-style="italic" font-weight="700"' in svg


def test_a_page_that_forbids_inline_style_shows_the_figure_all_the_same(page):
    assert " style=" not in page
    assert "<style" not in page
    svg = page[page.index("<svg") : page.index("</svg>")]
    assert re.search(r'<path [^>]*stroke-dasharray="[^"]+"', svg)
    assert 'stroke-linecap="butt"' in svg
    assert f'stroke="var(--home,{HOME})"' in svg


def scales(kind):
    figure, axes = canvas(columns=1)
    with rc_context(STYLE):
        if kind == "marks":
            axes.set_xticks([0, 0.5, 1, 7], ["a", "b\nc", "", "out"])
            axes.set_yticks([0.25], minor=True)
            axes.tick_params(axis="x", colors=HOME, length=0, direction="in")
        if kind == "grid":
            axes.grid(True, color=HOME)
            axes.spines["left"].set_position("zero")
            axes.set_xticks([0, 1], ["none", "all"], rotation=30)
        if kind in ("log", "inverted"):
            axes.set(xscale="log", xlim=(0.02, 30) if kind == "log" else (30, 0.02))
            axes.set_yscale("log")
        if kind == "twin":
            twin = axes.twinx()
            twin.plot([0, 1], [0, 1e6])
            twin.set_ylabel("right")
            axes.secondary_xaxis("top", functions=(lambda x: 2 * x, lambda x: x / 2))
        if kind == "top":
            axes.xaxis.tick_top()
            axes.xaxis.set_label_position("top")
            axes.yaxis.set_visible(False)
        if kind == "bare":
            axes.set(xticks=[], yticks=[])
        if kind == "large":
            axes.set(xlim=(1e7, 1e7 + 1), ylim=(-1e-5, 1e-5))
        if kind == "pixels":
            axes.set_rasterized(True)
        if kind == "cloud":
            axes.scatter([1, 2], [3, 4], rasterized=True)
        axes.plot([0.1, 1], [0.1, 20], "o-")
        axes.set(xlabel="across", ylabel="up")
    return figure


KINDS = [
    "plain",
    "marks",
    "log",
    "inverted",
    "twin",
    "top",
    "bare",
    "cloud",
    "large",
    "grid",
    "pixels",
]


@pytest.fixture(scope="module")
def slow():
    """What matplotlib draws of each kind by itself."""
    drawn = {}
    with pytest.MonkeyPatch.context() as patch, rc_context({**STYLE, "svg.hashsalt": "a"}):
        patch.setattr("lib.explore._QuickAxes", Axes)
        for kind in KINDS:
            with io.StringIO() as buffer:
                nothing = {"Date": None, "Creator": None}
                scales(kind).savefig(buffer, format="svg", metadata=nothing)
                drawn[kind] = _tidy(buffer.getvalue())
    return drawn


@pytest.mark.parametrize("kind", KINDS)
def test_the_quick_way_draws_what_matplotlib_draws(kind, slow):
    with rc_context({**STYLE, "svg.hashsalt": "a"}):
        assert _tidy(_drawn(scales(kind), {})) == slow[kind]


def test_a_scale_written_again_is_the_scale_of_its_frame(slow):
    known = {}
    with rc_context({**STYLE, "svg.hashsalt": "a"}):
        for kind in [*KINDS, *KINDS[::-1]]:
            assert _tidy(_drawn(scales(kind), known)) == slow[kind]
    assert len(known) > len(KINDS)


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_a_reader_saves_a_figure_as_any_of_matplotlibs(kind):
    saved = io.BytesIO()
    line(2)[0].savefig(saved, format=kind)
    assert saved.tell() > 1000


def test_a_refused_wish_leaves_a_scale_whole():
    _, axes = canvas()
    with pytest.raises(ValueError, match="number of FixedLocator locations"):
        axes.set_xticks([0, 1], ["one"])
    axes.set_xticks([0.25, 0.75])
    assert len(axes.xaxis.get_major_ticks()) == 2


def test_the_same_drawing_is_the_same_text():
    again = explore(line, slope=grid(1, 3, 5))
    assert again.frame(slope=1)[0] == again.frame(slope=1)[0]


def still_figure(size):
    """A figure."""
    figure, axes = canvas()
    axes.plot([0, 1], [0, 1])
    return figure, f"The size is {size}."


def still_sentence(size):
    """A figure."""
    figure, axes = canvas()
    axes.plot([0, size], [0, 1])
    return figure, "The size is what it is."


def failing(size):
    """A figure."""
    figure, axes = canvas()
    axes.plot([0, 1], [0, 1 / (size - 2)])
    return figure, f"The size is {size}."


@pytest.mark.parametrize(
    ("draw", "error", "complaint"),
    [
        (still_figure, ValueError, "size changes nothing in the figure"),
        (still_sentence, ValueError, "size changes nothing in the sentence"),
        (failing, ZeroDivisionError, "division"),
    ],
)
def test_a_dead_or_failing_control_stops_the_build(draw, error, complaint):
    with pytest.raises(error, match=complaint):
        explore(draw, size=grid(1, 3, 3)).html()


def test_a_figure_needs_a_name_a_sentence_and_no_title():
    def nameless(size):
        return canvas()[0], "Said."

    def silent(size):
        """A figure."""
        return canvas()[0], " "

    def titled(where):
        """A figure."""
        figure, axes = canvas()
        if where == "above":
            figure.suptitle("Title")
        else:
            axes.set_title("Title", loc=where)
        return figure, "Said."

    with pytest.raises(ValueError, match="nameless must have a docstring"):
        explore(nameless, size=grid(1, 2, 2))
    with pytest.raises(ValueError, match="silent must return a figure and a sentence"):
        explore(silent, size=grid(1, 2, 2)).frame(size=1)
    for place in ("left", "center", "right", "above"):
        with pytest.raises(ValueError, match="titled must not write a title"):
            explore(titled, where=choice("left", "center", "right", "above")).frame(where=place)
    with pytest.raises(ValueError, match="size must be made by grid or choice"):
        explore(line, size=3)


def test_names_that_cannot_stand_in_an_address_are_refused():
    def plain(size):
        """A figure."""

    plain.__name__ = '"><script>'
    with pytest.raises(ValueError, match="draw must be a function's or a parameter's name"):
        explore(plain, size=grid(1, 2, 2))
    with pytest.raises(ValueError, match=r"draw must be a function's .* got ''"):
        explore(functools.partial(line, slope=1), through=choice("home", "foreign"))
    with pytest.raises(ValueError, match="the name of a control must be"):
        explore(line, **{'a"b': grid(1, 2, 2)})


def test_figure_and_form_have_the_figures_title_as_their_name(page):
    title = 'id="explorer-line-title">A line through the origin.<'
    assert title in page
    for tag in ("figure", "form"):
        opening = re.search(rf"<{tag} [^>]*>", page)[0]
        assert 'aria-labelledby="explorer-line-title"' in opening
    assert page.count('aria-live="off"') == 1
    assert page.count('role="status"') == 1


def test_a_figure_without_controls_stands_still():
    def alone():
        """Nothing to move."""
        return line(1)[0], "It stands."

    page = explore(alone).html()
    assert "It stands." in page
    assert "<form" not in page
    assert "<script" not in page


def test_jupyter_offers_each_kind_of_control():
    def drawn(count, ratio):
        """A line."""
        return line(count * ratio)[0], f"{count} times {ratio:g}."

    explorer = explore(drawn, count=grid(1, 3, 3), ratio=grid(0.25, 4, 5, start=1, log=True))
    _, said, count, ratio = explorer.widget().children
    assert [value for _, value in count.options] == [1, 2, 3]
    assert (ratio.value, ratio.min, ratio.max) == pytest.approx(
        (1, math.log10(0.25), math.log10(4))
    )
    ratio.value = 3.7
    assert "1.0 times 3.7." in said.value


def test_grids_hold_their_ends_and_start():
    control = grid(0.5, 0.95, 10, start=0.8, unit=" kg")
    assert control.values[0] == 0.5
    assert control.values[-1] == 0.95
    assert control.values[control.start] == 0.8
    assert control.text(0.8) == "0.80 kg"
    assert not control.whole
    assert grid(1, 5, 5).whole
    assert grid(1, 100, 3, log=True).values == (1, 10, 100)
    assert grid(-1, 1, 3).text(-1.0) == "\N{MINUS SIGN}1"
    assert grid(-1e-9, 1e-9, 3).text(-1e-9) == "\N{MINUS SIGN}1 × 10⁻⁹"


@pytest.mark.parametrize(
    "control",
    [
        grid(0.25, 4, 9, log=True),
        grid(1234567, 1234571, 5),
        grid(1, 1 + 1e-8, 3),
        grid(1, 1 + 1e-8, 3, log=True),
        choice("a", "b"),
    ],
)
def test_every_setting_has_an_address_and_a_text_of_its_own(control):
    assert len(set(control.keys)) == len(control.values)
    assert len(set(map(control.text, control.values))) == len(control.values)


def test_addresses_are_as_short_as_six_digits_allow():
    assert grid(0.5, 0.95, 10).keys[:3] == ["0.5", "0.55", "0.6"]
    assert grid(1, 2, 3, log=True).keys[1] == "1.41421"


def test_settings_on_a_logarithmic_grid_show_no_needless_digits():
    control = grid(0.25, 4, 9, log=True)
    assert control.text(0.25) == "0.25"
    assert control.text(4) == "4"
    assert len({control.text(value) for value in control.values}) == 9
    assert [float(control.text(v)) for v in control.values] == pytest.approx(
        control.values, rel=5e-3
    )
    assert grid(0.001, 1e6, 10, log=True).text(1e6) == "1000000"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"low": 1, "high": 1, "count": 3}, "high must be a number in"),
        ({"low": 0, "high": 1, "count": 3, "log": True}, "low must be a number in"),
        ({"low": 0, "high": 1, "count": 1}, "count must be a whole number from 2 to 101"),
        ({"low": 0, "high": 1, "count": 3, "start": 0.4}, "start must be one of the grid"),
        ({"low": 0, "high": 1, "count": 3, "start": 2}, "start must be a number in"),
        ({"low": 1, "high": 1 + 1e-10, "count": 3}, "high must lie further from low"),
        ({"low": 0, "high": 1, "count": 3, "unit": None}, "unit must be a text, got None"),
        ({"low": 0, "high": 1, "count": 3, "label": 1}, "label must be a text, got 1"),
    ],
)
def test_a_wrong_grid_is_refused(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        grid(**arguments)


def test_a_choice_needs_two_different_names():
    assert choice("a", "b", start="b") == Choice(("a", "b"), 1)
    assert isinstance(grid(0, 1, 2), Grid)
    for names in (("a",), ("a", "a"), (None, "a"), ("a", " "), ("a", 1)):
        with pytest.raises(ValueError, match="names must be at least two"):
            choice(*names)
    with pytest.raises(ValueError, match="start must be 'a' or 'b'"):
        choice("a", "b", start="c")


NOTEBOOKS = sorted((Path(__file__).parents[1] / "book").glob("*/*.ipynb"))


def sliders(path):
    """Give the grids of each explorer of a notebook, by the explorer's name."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        code = "".join(cell["source"]) if cell["cell_type"] == "code" else ""
        for call in ast.walk(ast.parse(re.sub(r"(?m)^\s*%.*$", "", code))):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "explore":
                made = [one.value for one in call.keywords if isinstance(one.value, ast.Call)]
                grids = [one for one in made if ast.unparse(one.func) == "grid"]
                yield (
                    ast.unparse(call.args[0]),
                    # From 1 to some number in as many steps it counts, whatever that number is.
                    [
                        grid(1, 30, 30) if counts(one) else eval(ast.unparse(one), {"grid": grid})
                        for one in grids
                    ],
                )


def counts(call):
    low, high, steps = map(ast.unparse, call.args)
    return low == "1" and high == steps


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_slider_that_counts_nothing_moves_in_small_steps(path):
    coarse = [
        (name, one.label, len(one.values))
        for name, grids in sliders(path)
        for one in grids
        if len(grids) <= 2 and not one.whole and len(one.values) < 21
    ]
    assert coarse == []
