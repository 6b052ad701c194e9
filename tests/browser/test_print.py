"""On paper nothing is cut, and a page looks like a textbook's."""

import io

import pytest
from pypdf import PdfReader

from .conftest import HTML

pytestmark = pytest.mark.browser

WIDTHS = {"A4": 642, "Letter": 664}  # pixels between the margins
# What reaches beyond the paper's text, or is hidden in its own box.
CUT = """() => {
    const edge = document.documentElement.clientWidth + 1;
    const kinds = "p, li, pre, table, math, svg, img, summary, .admonition, h1, h2, h3, h4";
    return [...document.querySelectorAll(kinds.split(", ").map((k) => `article ${k}`).join(", "))]
        .filter((one) => one.checkVisibility())
        .filter((one) => one.getBoundingClientRect().right > edge
            || (one.matches("pre, table") && one.scrollWidth > one.clientWidth + 1))
        .map((one) => `${one.tagName}: ${one.textContent.slice(0, 80)}`);
}"""
# What only a screen has a use for.
USELESS = """() => [...document.querySelectorAll(
    "header, nav, button, form, input, .headerlink, #preview, #found-bar")]
    .filter((one) => one.checkVisibility()).map((one) => one.outerHTML.slice(0, 120))"""


def test_nothing_is_cut_on_paper_with_solutions_open_or_closed(page):
    desk = page.viewport_size
    page.emulate_media(media="print")
    cut = {}
    for paper, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 900})
        cut[paper] = page.evaluate(CUT)
    page.evaluate(
        "document.querySelectorAll('details:not([open])').forEach((box) => {"
        " box.open = true; box.dataset.opened = ''; })"
    )
    cut["open"] = page.evaluate(CUT)
    page.evaluate(
        "document.querySelectorAll('[data-opened]').forEach((box) => {"
        " box.open = false; delete box.dataset.opened; })"
    )
    useless = page.evaluate(USELESS)
    page.emulate_media(media="screen")
    page.set_viewport_size(desk)
    assert {paper: found for paper, found in cut.items() if found} == {}
    assert useless == []


def test_paper_is_white_in_the_dark_too(page):
    page.emulate_media(media="print", color_scheme="dark")
    colours = page.evaluate(
        "[...document.querySelectorAll('body, article')].map((one) => "
        "getComputedStyle(one).backgroundColor + getComputedStyle(one).color)"
    )
    page.emulate_media(media="screen", color_scheme="light")
    for colour in colours:
        assert colour.startswith(("rgba(0, 0, 0, 0)", "rgb(255, 255, 255)"))
        assert colour.endswith("rgb(26, 26, 27)")


@pytest.mark.parametrize("paper", WIDTHS)
def test_pages_have_numbers_and_a_running_title(visit, paper):
    name = "book/krugman/transport_equilibrium.html"
    assert (HTML / name).exists()
    page = visit(name)
    title = page.title().split(" \u2014 ")[0]
    printed = PdfReader(io.BytesIO(page.pdf(format=paper))).pages
    closed = page.locator("details.solution:not([open]) > *:not(summary)").first.text_content()
    page.context.close()
    texts = [one.extract_text() for one in printed]
    assert 5 < len(texts) < 40
    for number, text in enumerate(texts, start=1):
        lines = [line.strip() for line in text.splitlines()]
        assert str(number) in lines
        assert any(title in line for line in lines)
    assert " ".join(closed.split())[:40] not in " ".join(" ".join(texts).split())
