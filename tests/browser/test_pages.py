"""Every page works by itself, for every reader: no error, no request, no barrier."""

import gzip

import pytest
from axe_playwright_python.sync_playwright import Axe

from .conftest import HTML

pytestmark = pytest.mark.browser


# Drawings have their words beside them: axe would look at each stroke of each letter. Of code it
# sees each kind of token once.
SIMPLIFY = """() => {
    const drawings = document.querySelectorAll(".explorer-figure > svg");
    const code = document.querySelectorAll("article pre");
    window.whole = [...drawings, ...code].map((one) => [one, [...one.childNodes]]);
    for (const drawing of drawings) drawing.replaceChildren();
    const seen = new Set();
    for (const one of code) {
        const copy = one.cloneNode(true);
        for (const token of copy.querySelectorAll("span:not(:has(span))")) {
            if (seen.has(token.className)) token.replaceWith(token.textContent);
            seen.add(token.className);
        }
        one.replaceChildren(...copy.childNodes);
    }
}"""
RESTORE = "() => window.whole.forEach(([one, parts]) => one.replaceChildren(...parts))"
# The page notices a new width after a moment.
SCROLLS_BY_KEYBOARD = """() => [...document.querySelectorAll("article pre, .table-box")]
    .every((box) => box.scrollWidth <= box.clientWidth || box.tabIndex === 0)"""


def barriers(page, **options):
    page.evaluate(SIMPLIFY)
    # Without preload axe reads the style sheets that the page has, and asks for none again.
    result = Axe().run(page, options={"preload": False, "resultTypes": ["violations"], **options})
    page.evaluate(RESTORE)
    violations = result.response["violations"]
    return {v["id"]: [node["html"][:200] for node in v["nodes"]] for v in violations}


def test_no_error_and_no_request_leaves_the_page(page):
    page.wait_for_timeout(300)
    assert page.trouble == []
    assert [url for url in page.requests if not url.startswith(("file:", "data:", "blob:"))] == []


# What a reader would see of formulas that were not typeset, or not in their font.
UNTYPESET = r"""async () => {
    await document.fonts.ready;
    const formulas = [...document.querySelectorAll("article math")];
    if (!formulas.length) return [];
    const found = formulas.filter((one) => one.checkVisibility()).filter((one) => {
        const { width, height } = one.getBoundingClientRect();
        return width < 3 || height < 4 || height > 400;
    }).map((one) => one.textContent);
    const fonts = [...document.fonts].filter((one) => one.family.includes("Book Mathematics"));
    if (!fonts.some((one) => one.status === "loaded")) found.push("the font did not load");
    const texts = document.createTreeWalker(document.querySelector("article"), 4);
    while (texts.nextNode()) {
        const within = texts.currentNode.parentElement;
        if (within.closest("pre, code, annotation, script, svg")) continue;
        if (/\\[a-zA-Z(\[]|\$/.test(texts.currentNode.data)) found.push(texts.currentNode.data);
    }
    return found;
}"""


def test_all_formulas_are_typeset(page):
    assert page.evaluate(UNTYPESET) == []


def test_formulas_are_no_stops_for_the_tab_key_unless_they_scroll(page):
    stops = """() => [...document.querySelectorAll("div.math, div.math *, math, math *")]
        .filter((one) => one.tabIndex >= 0 && !one.matches(".headerlink"))
        .filter((one) => one.scrollWidth <= one.clientWidth).map((one) => one.outerHTML)"""
    assert page.evaluate(stops) == []


def test_axe_finds_no_barrier_at_a_desk(page):
    assert barriers(page) == {}


def test_axe_finds_enough_contrast_in_the_dark(page):
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    found = barriers(page, runOnly=["color-contrast"])
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    assert found == {}


def test_a_phone_shows_all_without_scrolling_sideways_and_without_barrier(page):
    desk = page.viewport_size
    widths = {}
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 800})
        widths[width] = page.evaluate("document.documentElement.scrollWidth")
    page.wait_for_function(SCROLLS_BY_KEYBOARD)
    found = barriers(page)
    page.set_viewport_size(desk)
    assert [width for width, needed in widths.items() if needed > width] == []
    assert found == {}


# With solutions unfolded, the formulas that reach beyond a box that does not scroll.
CUT_FORMULAS = """(slack) => {
    const folded = [...document.querySelectorAll("article details:not([open])")];
    for (const one of folded) one.open = true;
    const cut = [...document.querySelectorAll("article math")].filter((formula) => {
        let box = formula.parentElement;
        while (box.tagName !== "ARTICLE" && getComputedStyle(box).overflowX === "visible")
            box = box.parentElement;
        const edge = box.getBoundingClientRect().right;
        const scrolls = ["auto", "scroll"].includes(getComputedStyle(box).overflowX);
        return !scrolls && formula.getBoundingClientRect().right > edge + slack;
    });
    for (const one of folded) one.open = false;
    return cut.map((formula) => formula.textContent);
}"""


def test_no_formula_is_cut_on_a_phone(page):
    desk = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 800})
    found = page.evaluate(CUT_FORMULAS, 20)  # pixels: another machine's letters may be wider
    page.set_viewport_size(desk)
    assert found == []


def test_no_name_stands_twice_in_a_page(page):
    names = page.evaluate("[...document.querySelectorAll('article [id]')].map(one => one.id)")
    assert sorted(set(names)) == sorted(names)


def test_every_image_has_words(page):
    for image in page.locator("article img").all():
        assert image.get_attribute("alt").strip()
    for figure in page.locator("article .explorer-figure").all():
        assert figure.get_attribute("role") == "img"
        assert len(figure.get_attribute("aria-label")) > 20


def test_figures_stand_in_the_page_before_any_script(visit, path):
    page = visit(path, java_script_enabled=False)
    for figure in page.locator("figure.explorer").all():
        assert figure.locator("svg").count() == 1
        assert figure.locator(".explorer-sentence").inner_text().strip()
        assert figure.locator("form:visible").count() == 0
    page.context.close()


def test_a_page_is_below_two_megabytes_compressed(path, chromium):
    assert len(gzip.compress((HTML / path).read_bytes())) < 2_000_000
