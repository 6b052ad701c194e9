"""Frames lie beside their page, none is left over, and links set what is there."""

import base64
import gzip
import importlib.util
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.utils import new_document
from sphinx.errors import ExtensionError

from lib.explore import canvas, choice, explore, grid

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def frames():
    spec = importlib.util.spec_from_file_location("frames", ROOT / "book/_extensions/frames.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def app(tmp_path):
    return SimpleNamespace(
        outdir=tmp_path,
        builder=SimpleNamespace(format="html"),
        env=SimpleNamespace(found_docs={"book/one", "two"}),
    )


def slope(steepness, kind="a"):
    """A line."""
    figure, axes = canvas()
    axes.plot([0, 1], [0, steepness], "-" if kind == "a" else "--")
    return figure, f"The slope is {steepness:g}, of kind {kind}."


def flat():
    """A flat line."""
    return canvas()[0], "It is flat."


def chapter(*figures, links=()):
    page = new_document("page", get_default_settings())
    page += [nodes.raw("", one.html(), format="html") for one in figures]
    for target in links:
        page += nodes.reference("", "set", refuri=target, id_link=True)
    return page


def marked(frames, page):
    frames.Settings(page).apply()
    return page


@pytest.fixture(scope="module")
def moving():
    return explore(slope, steepness=grid(1, 2, 3), kind=choice("a", "two words"))


def test_frames_leave_the_page_and_keep_what_they_say(frames, app, moving):
    page = chapter(explore(flat), moving)
    data = re.search(r'octet-stream">([^<]*)<', moving.html())[1]
    frames.move_out(app, page, "book/one")
    text = page.astext()
    assert "octet-stream" not in text
    source = re.search(r'data-frames="([^"]+)"', text)[1]
    file = (app.outdir / "book" / source).resolve()
    written = re.fullmatch(r'document\.currentScript\.frames="([^"]*)"', file.read_text())[1]
    assert written == data
    assert len(json.loads(gzip.decompress(base64.b64decode(written)))["frames"]) == 6
    assert text.count("data-frames=") == 1
    assert "It is flat." in text


def test_a_page_at_the_root_finds_its_frames_too(frames, app, moving):
    page = chapter(moving)
    frames.move_out(app, page, "two")
    source = re.search(r'data-frames="([^"]+)"', page.astext())[1]
    assert (app.outdir / source).is_file()


def test_frames_of_an_older_figure_or_page_are_not_left(frames, app, moving):
    frames.move_out(app, chapter(moving), "book/one")
    old = set(app.outdir.rglob("*.js"))
    other = explore(slope, steepness=grid(1, 3, 3), kind=choice("a", "two words"))
    frames.move_out(app, chapter(other), "book/one")
    assert len(old) == 1
    assert old.isdisjoint(app.outdir.rglob("*.js"))
    for gone in ("gone", "book/gone"):
        frames.move_out(app, chapter(moving), gone)
    frames.finish(app, None)
    folder = app.outdir / "_static/frames"
    assert {file.parent for file in folder.rglob("*.js")} == {folder / "book/one"}


def test_a_failed_build_or_another_format_is_left_alone(frames, app, moving):
    frames.move_out(app, chapter(moving), "gone")
    frames.finish(app, RuntimeError())
    assert list(app.outdir.rglob("*.js"))
    app.builder.format = "latex"
    page = chapter(moving)
    frames.move_out(app, page, "book/one")
    assert "octet-stream" in page.astext()
    frames.finish(app, None)
    assert list(app.outdir.rglob("*.js"))


@pytest.mark.parametrize(
    "target", ["#slope.steepness=1.5", "#slope.steepness=2&slope.kind=two+words"]
)
def test_a_link_to_a_setting_is_marked(frames, app, moving, target):
    page = marked(frames, chapter(moving, links=[target]))
    frames.move_out(app, page, "book/one")
    (link,) = page.findall(nodes.reference)
    assert link["classes"] == ["explorer-set"]
    assert "id_link" not in link


@pytest.mark.parametrize(
    "target",
    ["#slope.steepness=1.4", "#slope.size=1", "#other.steepness=1", "#slope.kind=b"],
)
def test_a_link_to_no_setting_stops_the_build(frames, app, moving, target):
    page = marked(frames, chapter(moving, links=[target]))
    with pytest.raises(ExtensionError, match=re.escape(target)):
        frames.move_out(app, page, "book/one")


def test_other_links_within_a_page_are_left_to_myst(frames, moving):
    page = marked(frames, chapter(moving, links=["#a-heading"]))
    (link,) = page.findall(nodes.reference)
    assert link["id_link"]
    assert not link["classes"]


def test_two_figures_of_one_name_stop_the_build(frames, app, moving):
    with pytest.raises(ExtensionError, match="two figures of one name"):
        frames.move_out(app, chapter(moving, moving), "book/one")


def test_what_the_student_edition_leaves_out_leaves_no_frames(frames):
    order = {}
    app = SimpleNamespace(
        add_css_file=print,
        add_js_file=print,
        add_transform=print,
        connect=lambda event, handler, priority=500: order.update({handler.__name__: priority}),
    )
    frames.setup(app)
    spec = importlib.util.spec_from_file_location("edition", ROOT / "book/_extensions/edition.py")
    edition = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(edition)
    app.config = SimpleNamespace(html_theme_options={})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EDITION", "student")
        edition.configure(app, app.config)
    assert order["without_solutions"] < order["move_out"]
