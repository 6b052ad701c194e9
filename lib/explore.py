"""Figures that a reader moves: one drawing function, drawn for Jupyter, the web and print."""

import base64
import functools
import gzip
import html
import io
import itertools
import json
import os
import re
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.textpath import text_to_path
from matplotlib.ticker import NullLocator

from lib import domain

# Each colour has one meaning in the whole book. The style sheet has a second set for dark pages.
HOME = "#0066a6"
FOREIGN = "#b84a00"
WORLD = "#5b5f66"
EQUILIBRIUM = "#7b2d8b"
INK = "#1a1a1b"
PAPER = "#fefefd"

_STYLE = {
    "axes.edgecolor": INK,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.unicode_minus": True,
    "figure.facecolor": "none",
    "font.family": "DejaVu Sans",
    "font.size": 10.2,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


@dataclass(frozen=True)
class Grid:
    """
    A number that the reader moves with a slider.

    Attributes
    ----------
    values : tuple of float
        The settings that the published page offers, in increasing order.
    start : int
        The index of the setting shown first.
    label : str
        What the number is, in words; empty for the parameter's name.
    unit : str
        What follows the number.
    whole : bool
        Whether the number only takes the settings themselves, in Jupyter too.
    log : bool
        Whether equal steps of the slider multiply the number.
    """

    values: tuple
    start: int
    label: str = ""
    unit: str = ""
    whole: bool = False
    log: bool = False

    @property
    def keys(self):
        """
        Write each setting as an address names it: in as few digits as keep them apart.

        Returns
        -------
        list of str
            The settings' names in their order.
        """
        digits = _digits_apart(self.values, 6)
        return [f"{value:.{digits}g}" for value in self.values]

    def text(self, value):
        """
        Write a setting as the page shows it.

        Parameters
        ----------
        value : float
            The setting.

        Returns
        -------
        str
            The number in just enough digits to tell the grid's settings apart, with its unit.
        """
        write = _significant if self.log else _shortest
        return f"{write(value, self.values)}{self.unit}"


@dataclass(frozen=True)
class Choice:
    """
    Named alternatives between which the reader switches.

    Attributes
    ----------
    values : tuple of str
        The alternatives.
    start : int
        The index of the alternative shown first.
    label : str
        What is chosen, in words; empty for the parameter's name.
    """

    values: tuple
    start: int
    label: str = ""

    @property
    def keys(self):
        """
        Write each alternative as an address names it: by itself.

        Returns
        -------
        list of str
            The settings' names in their order.
        """
        return list(self.values)

    def text(self, value):
        """
        Write an alternative as the page shows it.

        Parameters
        ----------
        value : str
            The alternative.

        Returns
        -------
        str
            The alternative itself.
        """
        return value


_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def _typeset(number):
    mantissa, _, power = number.replace("-", "\N{MINUS SIGN}").partition("e")
    if not power:
        return mantissa
    raised = str(int(power.replace("\N{MINUS SIGN}", "-"))).translate(_RAISED)
    return f"{mantissa} × 10{raised}"


def _digits_apart(values, least, rtol=1):
    # Ten digits tell any settings of a grid apart.
    for digits in range(least, 10):
        rounded = [float(f"{v:.{digits}g}") for v in values]
        if len(set(rounded)) == len(values) and np.allclose(rounded, values, rtol=rtol):
            return digits
    return 10


def _shortest(value, values):
    for digits in range(9):
        texts = {f"{v:.{digits}f}" for v in values}
        close = all(np.isclose(float(f"{v:.{digits}f}"), v, rtol=5e-3, atol=1e-12) for v in values)
        if len(texts) == len(values) and close:
            return _typeset(f"{value:.{digits}f}")
    return _typeset(f"{value:.{_digits_apart(values, 3)}g}")


def _significant(value, values):
    digits = _digits_apart(values, 1, rtol=5e-3)
    return np.format_float_positional(float(f"{value:.{digits}g}"), trim="-")


def _words(**texts):
    for name, text in texts.items():
        if not isinstance(text, str):
            raise ValueError(f"{name} must be a text, got {text!r}")


def grid(low, high, count, start=None, label="", unit="", log=False):
    """
    Offer a number on an even grid.

    Parameters
    ----------
    low, high : float
        The first and the last setting, low < high.
    count : int
        How many settings there are, from 2 to 101.
    start : float, optional
        The setting shown first, one of the grid; the first one if not given.
    label : str
        What the number is, in words; the parameter's name if not given.
    unit : str
        What follows the number, such as " workers" or "%".
    log : bool
        Whether the settings are evenly spaced in logarithms (then low > 0).

    Returns
    -------
    Grid
        The declared control. If every setting is a whole number it stays whole in Jupyter too.

    Raises
    ------
    ValueError
        If an argument is outside its domain, or start is not on the grid, or the settings are so
        close that ten digits do not tell them apart.
    """
    _words(label=label, unit=unit)
    low = domain.number("low", low, 0 if log else -np.inf)
    high = domain.number("high", high, low)
    count = domain.integer("count", count, 2, 101)
    space = np.geomspace if log else np.linspace
    values = tuple(float(f"{v:.10g}") for v in space(low, high, count))
    if len(set(values)) < count:
        raise ValueError(f"high must lie further from low = {low!r}, got {high!r}")
    start = values[0] if start is None else domain.number("start", start, low, high, "both")
    index = int(np.argmin(np.abs(np.subtract(values, start))))
    if not np.isclose(values[index], start, rtol=1e-6, atol=1e-12):
        raise ValueError(f"start must be one of the grid's settings {values}, got {start!r}")
    whole = all(v == round(v) for v in values)
    return Grid(values, index, label, unit, whole, log)


def choice(*names, start=None, label=""):
    """
    Offer named alternatives.

    Parameters
    ----------
    *names : str
        The alternatives, at least two, all different.
    start : str, optional
        The alternative shown first; the first one if not given.
    label : str
        What is chosen, in words; the parameter's name if not given.

    Returns
    -------
    Choice
        The declared control.

    Raises
    ------
    ValueError
        If there are not two different names, or start is none of them.
    """
    _words(label=label)
    texts = [name for name in names if isinstance(name, str) and name.strip()]
    if len(names) < 2 or len(set(texts)) < len(names):
        raise ValueError(f"names must be at least two different texts, got {names!r}")
    start = names[0] if start is None else domain.choice("start", start, names)
    return Choice(names, names.index(start), label)


def canvas(columns=1, rows=1, width=4.6, height=3.2, **margins):
    """
    Make an empty figure in the book's style.

    Parameters
    ----------
    columns, rows : int
        How many axes stand side by side and one above the other.
    width, height : float
        The size in inches; text is drawn for a phone's width at the default.
    **margins : float
        Any of left, right, bottom, top, wspace, hspace, as in Figure.subplots_adjust.

    Returns
    -------
    figure : matplotlib.figure.Figure
        The figure, in no global registry.
    axes : matplotlib.axes.Axes or ndarray of them
        One axes, or an array of them as in Figure.subplots.
    """
    with rc_context(_STYLE):
        figure = Figure(figsize=(width, height))
        axes = figure.subplots(rows, columns, subplot_kw={"axes_class": _QuickAxes})
    # Fixed margins: a figure whose frame jumps while it is moved is hard to read.
    room = {"left": 0.14, "right": 0.96, "bottom": 0.17, "top": 0.95, "wspace": 0.35}
    figure.subplots_adjust(**{**room, **margins})
    return figure, axes


_ROLES = {
    HOME: "home",
    FOREIGN: "foreign",
    WORLD: "world",
    EQUILIBRIUM: "equilibrium",
    INK: "ink",
    PAPER: "paper",
}


_SVG_ROOT = (
    'xmlns:xlink="http://www.w3.org/1999/xlink" font-family="DejaVu Sans, sans-serif" '
    'stroke-linejoin="round" stroke-linecap="butt"'
)


# In Jupyter a figure takes ink and paper from the theme, and lighter hues in a dark one.
_LIVE_STYLE = """<style>
.explorer-live { --ink: var(--jp-content-font-color1, #1a1a1b); max-width: 36em;
  --paper: var(--jp-layout-color0, #fefefd); background: var(--paper); }
[data-jp-theme-light="false"] .explorer-live { --home: #62b5f0; --foreign: #f59a4d;
  --world: #a9adb5; --equilibrium: #d59be3; }
</style>"""


@contextmanager
def _unmade(axis):
    # Matplotlib makes marks only to tell them what they are told when they are made, too.
    absent = {}
    for kind in ("major", "minor"):
        if f"{kind}Ticks" not in vars(axis):
            absent |= {f"{kind}Ticks": [], f"get_{kind}_ticks": lambda count=None: []}
    vars(axis).update(absent)
    try:
        yield
    finally:
        for name in absent:
            vars(axis).pop(name, None)


class _Quick:
    # Matplotlib makes five artists for each mark of a scale, lays them out three times and throws
    # them away: most of the time of a frame. One mark, moved along the scale, draws the same; and
    # a scale that looks as it did in an earlier frame is written again.
    def reset_ticks(self):
        for marks in ("majorTicks", "minorTicks"):
            vars(self).pop(marks, None)

    def set_clip_path(self, path, transform=None):
        with _unmade(self):
            super().set_clip_path(path, transform)

    def set_tick_params(self, *args, **kwargs):
        with _unmade(self):
            super().set_tick_params(*args, **kwargs)

    def set_ticks(self, ticks, labels=None, *, minor=False, **looks):
        with nullcontext() if looks else _unmade(self):
            return super().set_ticks(ticks, labels, minor=minor, **looks)

    def set_ticklabels(self, labels, *, minor=False, **looks):
        with nullcontext() if looks else _unmade(self):
            return super().set_ticklabels(labels, minor=minor, **looks)

    def _get_tick(self, major):
        tick = super()._get_tick(major)
        tick.set_clip_path(self.axes.patch)
        return tick

    def _update_ticks(self):
        return []

    def _get_tick_boxes_siblings(self, renderer):
        return self._boxes

    def _draw_marks(self, renderer, tick, places, texts):
        boxes = [], []
        for place, text in zip(places, texts, strict=True):
            tick.update_position(place)
            for label, around in zip((tick.label1, tick.label2), boxes, strict=True):
                label.set_text(text)
                if text and label.get_visible():
                    around.append(label.get_window_extent(renderer))
            tick.draw(renderer)
        return boxes

    def _marks(self, kind, sides, renderer):
        ticker, kept = getattr(self, kind), getattr(self, f"_{kind}_tick_kw")
        nothing = isinstance(ticker.locator, NullLocator)
        places = np.asarray([] if nothing else getattr(self, f"get_{kind}ticklocs")())
        if not len(places):
            return [], []
        ends = sorted(self.get_transform().transform(self.get_view_interval()))
        room = 1e-10 * (ends[1] - ends[0])
        shown = self.get_transform().transform(places)
        inside = (ends[0] - room <= shown) & (shown <= ends[1] + room)
        texts = tuple(itertools.compress(ticker.formatter.format_ticks(places), inside))
        places = places[inside]

        def draw():
            return self._draw_marks(renderer, getattr(self, f"{kind}Ticks")[0], places, texts)

        changed = f"{kind}Ticks" in vars(self)  # by whoever asked for them
        # Matplotlib's own renderers draw the figure when a reader saves it.
        if changed or renderer._rasterizing or not hasattr(renderer, "once"):
            return draw()
        points = np.array([[places, np.zeros_like(places)], [places, np.ones_like(places)]])
        if self.axis_name == "y":
            points = points[:, ::-1]
        points = [side.transform(p.T).tobytes() for side, p in zip(sides, points, strict=True)]
        frame = *self.axes.bbox.bounds, renderer.height
        return renderer.once((type(self), kind, repr(kept), texts, *points, *frame), draw)

    def draw(self, renderer):
        # Asked for its transform, a spine finds its place, even if the scale is hidden.
        transform = getattr(self.axes, f"get_{self.axis_name}axis_transform")
        sides = transform("tick1"), transform("tick2")
        if not self.get_visible():
            return
        renderer.open_group("axis")
        major, minor = (self._marks(kind, sides, renderer) for kind in ("major", "minor"))
        self._boxes = major[0] + minor[0], major[1] + minor[1]
        with _unmade(self):
            self._update_label_position(renderer)
        self.label.draw(renderer)
        self._update_offset_text_position(*self._boxes)
        self.offsetText.set_text(self.major.formatter.get_offset())
        self.offsetText.draw(renderer)
        renderer.close_group("axis")


class _QuickX(_Quick, XAxis):
    pass


class _QuickY(_Quick, YAxis):
    pass


class _QuickAxes(Axes):
    def _init_axis(self):
        super()._init_axis()
        self.xaxis.__class__, self.yaxis.__class__ = _QuickX, _QuickY


def _two_decimals(number):
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _attributes(style):
    # A page may forbid inline style (its content security policy); attributes it cannot.
    rules = dict(rule.split(": ", 1) for rule in style[1].rstrip("; ").split("; "))
    rules.pop("font-family", None)  # the root's
    return "".join(f' {name}="{value}"' for name, value in rules.items())


@functools.lru_cache(4096)
def _tag(tag):
    tag = re.sub(r' style="([^"]*)"', _attributes, tag)
    # Two decimals are enough for a coordinate.
    tag = re.sub(r"-?\d+\.\d{3,}", _two_decimals, tag)
    for colour, role in _ROLES.items():
        tag = tag.replace(colour, f"var(--{role},{colour})")
    return tag


@functools.lru_cache(4096)
def _measured(text, font, mathematics):
    return text_to_path.get_text_width_height_descent(text, font, mathematics)


class _Renderer(RendererSVG):
    def __init__(self, size, file, dpi, known):
        self.file, self.known = file, known
        nothing = {"Date": None, "Creator": None}
        super().__init__(*size, file, image_dpi=dpi, metadata=nothing)

    def once(self, key, draw):
        # What the key determines is drawn in one frame only; the others have it written again.
        defined = self._markers, self._clipd
        key = key, *map(tuple, defined)
        self.writer.comment("")  # ends the tag before
        if key not in self.known:
            start = self.file.tell()
            result = draw()
            self.writer.comment("")
            self.known[key] = self.file.getvalue()[start:], result, [dict(d) for d in defined]
        else:
            text, result, then = self.known[key]
            self.file.write(text)
            for now, later in zip(defined, then, strict=True):
                now.update(later)
        return result

    # The same words stand in hundreds of frames: they are measured once.
    def get_text_width_height_descent(self, s, prop, ismath):
        return _measured(s, prop.copy(), ismath)


def _drawn(figure, known):
    # What figure.savefig does, with the two shortcuts above, also for twins and insets.
    for axes in figure.axes:
        axes.xaxis.__class__, axes.yaxis.__class__ = _QuickX, _QuickY
    size, dpi = figure.get_size_inches(), figure.dpi
    figure.set_dpi(72)  # a point is a unit of the drawing
    with io.StringIO() as buffer:
        svg = _Renderer(72 * size, buffer, dpi, known)
        both = MixedModeRenderer(figure, *size, dpi, svg)
        figure.draw(both)
        both.finalize()
        return buffer.getvalue()


def _tidy(text):
    text = text[text.index("<svg") :]
    # Many figures share one page: no rule may reach outside, no name may stand twice.
    for pattern, plain in (
        (r"<metadata>.*?</metadata>", ""),
        (r"<!--.*?-->", ""),
        (r"<style.*?</style>", ""),
        (r'<g id="[^"]*"', "<g"),
        (r' transform="rotate\(-0 [^"]*"', ""),
        (r'<svg [^>]*?(viewBox="[^"]*")[^>]*>', rf"<svg \1 {_SVG_ROOT}>"),
    ):
        text = re.sub(pattern, plain, text, flags=re.DOTALL)
    # What stands between tags is for the reader.
    text = re.sub(r"<[^>]*>", lambda found: _tag(found[0]), text)
    return re.sub(r"\s*\n\s*", "\n", text).strip()


class Explorer:
    """
    A figure with its controls; displaying it draws it.

    Parameters
    ----------
    draw : callable
        The drawing function; see `explore`.
    controls : dict of str to (Grid or Choice)
        The controls by the names of the function's parameters.

    Attributes
    ----------
    name : str
        The figure's name in the page and in its address.
    title : str
        What the figure shows, from the first line of the function's docstring.
    """

    def __init__(self, draw, controls):
        self.draw = draw
        self.controls = controls
        name = getattr(draw, "__name__", "")
        # Names stand in identifiers and addresses of the page.
        for what, word in [("draw", name), *(("the name of a control", one) for one in controls)]:
            if not word.isidentifier():
                raise ValueError(f"{what} must be a function's or a parameter's name, got {word!r}")
        self.name = name.replace("_", "-")
        self.title = (draw.__doc__ or "").strip().split("\n")[0].rstrip(".")
        if not self.title:
            raise ValueError(f"{name} must have a docstring that says what it draws")
        for parameter, control in controls.items():
            if not isinstance(control, Grid | Choice):
                raise ValueError(f"{parameter} must be made by grid or choice, got {control!r}")

    def frame(self, **setting):
        """
        Draw one setting.

        Parameters
        ----------
        **setting : float or str
            The controls' values.

        Returns
        -------
        svg : str
            The figure.
        sentence : str
            What the figure shows.

        Raises
        ------
        ValueError
            If the function returns no figure with a sentence, or the figure has a title inside.
        """
        return self._frame(setting, {})

    def _frame(self, setting, known):
        with rc_context({**_STYLE, "svg.hashsalt": self.name}):
            figure, sentence = self.draw(**setting)
            self._demand_words(figure, sentence)
            return _tidy(_drawn(figure, known)), sentence

    def _demand_words(self, figure, sentence):
        if not isinstance(sentence, str) or not sentence.strip():
            raise ValueError(f"{self.name} must return a figure and a sentence, got {sentence!r}")
        titles = [axes.get_title(at) for axes in figure.axes for at in ("left", "center", "right")]
        if any(titles) or figure.get_suptitle():
            raise ValueError(f"{self.name} must not write a title into the figure")

    def start(self):
        """
        Give the setting shown first.

        Returns
        -------
        dict
            The controls' values by name.
        """
        return {name: c.values[c.start] for name, c in self.controls.items()}

    def html(self):
        """
        Draw every setting of the grid into one piece of a page that needs no kernel.

        Returns
        -------
        str
            The HTML, with the first frame visible before any script has run.

        Raises
        ------
        ValueError
            If a control changes nothing in the figure or in the sentence.
        """
        sizes = [len(c.values) for c in self.controls.values()]
        settings = itertools.product(*(c.values for c in self.controls.values()))
        known = {}
        frames = [self._frame(dict(zip(self.controls, s, strict=True)), known) for s in settings]
        self._demand_change(frames, sizes)
        index = 0
        for size, control in zip(sizes, self.controls.values(), strict=True):
            index = index * size + control.start
        svg, sentence = frames[index]
        controls = "".join(self._control(n, c) for n, c in self.controls.items())
        data = _pack(frames) if self.controls else ""
        title, said = html.escape(self.title), html.escape(sentence)
        names = f'aria-labelledby="explorer-{self.name}-title"'
        form = (
            f'<form class="explorer-controls" {names} autocomplete="off" hidden>{controls}'
            '<p class="explorer-buttons"><button type="reset">Reset</button> '
            '<button type="button" class="explorer-copy">Copy this setting</button> '
            '<span role="status"></span></p></form>'
            f'<script type="application/octet-stream">{data}</script>'
        )
        return (
            f'<figure class="explorer" id="explorer-{self.name}" data-name="{self.name}" {names}>'
            f'<div class="explorer-figure" role="img" aria-label="{title}. {said}"'
            f' data-title="{title}">{svg}</div>{form if self.controls else ""}'
            f'<figcaption><strong id="explorer-{self.name}-title">{title}.</strong>'
            f' <span class="explorer-sentence">{said}</span>'
            # Without a space, which could leave the sign alone on a line.
            f'<a class="explorer-link" href="#explorer-{self.name}"'
            ' aria-label="Link to this figure">#</a></figcaption></figure>'
        )

    def _demand_change(self, frames, sizes):
        order = np.arange(len(frames)).reshape(sizes)
        for axis, parameter in enumerate(self.controls):
            lines = np.moveaxis(order, axis, -1).reshape(-1, sizes[axis])
            for part, what in enumerate(("the figure", "the sentence")):
                if all(len({frames[i][part] for i in line}) == 1 for line in lines):
                    raise ValueError(f"{parameter} changes nothing in {what} of {self.name}")

    def _control(self, parameter, control):
        name = f"{self.name}.{parameter}"
        label = html.escape(control.label or parameter.replace("_", " "))
        keys = html.escape(json.dumps(control.keys))
        texts = [html.escape(control.text(v)) for v in control.values]
        if isinstance(control, Choice):
            buttons = "".join(
                f'<label><input type="radio" name="{name}" value="{i}"'
                f"{' checked' if i == control.start else ''}> {text}</label>"
                for i, text in enumerate(texts)
            )
            return (
                f'<fieldset data-control="{name}" data-keys="{keys}">'
                f"<legend>{label}</legend>{buttons}</fieldset>"
            )
        shown = html.escape(json.dumps([control.text(v) for v in control.values]))
        return (
            f'<div class="explorer-slider" data-control="{name}" data-keys="{keys}"'
            f' data-texts="{shown}"><label for="{name}">{label}</label>'
            f'<output for="{name}" aria-live="off">{texts[control.start]}</output>'
            f'<input type="range" id="{name}" min="0" max="{len(texts) - 1}" step="1"'
            f' value="{control.start}" aria-valuetext="{texts[control.start]}"></div>'
        )

    def widget(self):
        """
        Build the figure for a running kernel, where sliders move continuously.

        Returns
        -------
        ipywidgets.VBox
            Figure, sentence and controls.
        """
        import ipywidgets

        inputs = {name: self._input(name, c) for name, c in self.controls.items()}
        figure, said = ipywidgets.HTML(), ipywidgets.HTML()

        def _update(_=None):
            svg, sentence = self.frame(**{name: i.value for name, i in inputs.items()})
            figure.value = f'{_LIVE_STYLE}<div class="explorer-live">{svg}</div>'
            said.value = f"<p><b>{html.escape(self.title)}.</b> {html.escape(sentence)}</p>"

        for i in inputs.values():
            i.observe(_update, names="value")
        _update()
        return ipywidgets.VBox([figure, said, *inputs.values()])

    def _input(self, parameter, control):
        import ipywidgets

        label = control.label or parameter.replace("_", " ")
        first = control.values[control.start]
        common = {
            "description": label,
            "style": {"description_width": "14em"},
            "layout": {"width": "40em"},
        }
        if isinstance(control, Choice):
            return ipywidgets.RadioButtons(options=control.values, value=first, **common)
        if control.whole:
            options = [(control.text(v), v) for v in control.values]
            return ipywidgets.SelectionSlider(options=options, value=first, **common)
        if control.log:
            low, high = np.log10(control.values[0]), np.log10(control.values[-1])
            step = (high - low) / 200
            return ipywidgets.FloatLogSlider(value=first, min=low, max=high, step=step, **common)
        low, high = control.values[0], control.values[-1]
        step = (high - low) / (len(control.values) - 1) / 10
        return ipywidgets.FloatSlider(
            value=first, min=low, max=high, step=step, readout_format=".3f", **common
        )

    def __repr__(self):
        """Say what the figure shows at its first setting."""
        return self.frame(**self.start())[1]

    def _repr_mimebundle_(self, **kwargs):
        """Render for where the figure is displayed: the book's build, or a running kernel."""
        plain = {"text/plain": repr(self)}
        if os.environ.get("EXPLORE") == "html":
            return plain | {"text/html": self.html()}
        return self.widget()._repr_mimebundle_(**kwargs) | plain


def _pack(frames):
    # Frames share most of their lines, but lie further apart than gzip looks back: list each once.
    table, known = [], {}
    drawings = []
    for svg, _ in frames:
        rows = []
        for line in svg.split("\n"):
            if line not in known:
                known[line] = len(table)
                table.append(line)
            rows.append(known[line])
        drawings.append(rows)
    content = {"lines": table, "frames": drawings, "sentences": [said for _, said in frames]}
    raw = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(gzip.compress(raw, mtime=0)).decode()


def explore(draw, /, **controls):
    """
    Make a figure that the reader moves.

    Parameters
    ----------
    draw : callable
        A function of the controls' values that returns a figure (see `canvas`) and one sentence in
        plain text that says what the figure shows. The first line of its docstring names the
        figure, and the function's name stands in the page's address: it is unique in its chapter.
    **controls : Grid or Choice
        One control for each of the function's parameters, made by `grid` or `choice`. Without any,
        the figure stands still.

    Returns
    -------
    Explorer
        Displayed in Jupyter it has continuous sliders over the real solver; in the book's build
        (environment variable EXPLORE=html) every setting is drawn and packed into the page; its
        text is the sentence at the first setting.

    Examples
    --------
    >>> def square(side):
    ...     '''A square's area.'''
    ...     figure, axes = canvas()
    ...     axes.plot([0, side], [side, side])
    ...     return figure, f"A side of {side:g} gives an area of {side**2:g}."
    >>> explore(square, side=grid(1, 3, 5, start=2))
    A side of 2 gives an area of 4.
    """
    return Explorer(draw, controls)
