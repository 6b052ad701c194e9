"""Every page works by itself, for every reader: no error, no request, no barrier."""

import gzip
from contextlib import contextmanager

import pytest

from . import axe
from .conftest import HTML

pytestmark = pytest.mark.browser


# Drawings have their words beside them: axe would look at each stroke of each letter. Of code it
# sees each kind of token once, of a formula in one colour a letter.
SIMPLIFY = """() => {
    const drawings = document.querySelectorAll(".explorer-figure > svg");
    const code = document.querySelectorAll("article pre");
    const formulas = [...document.querySelectorAll("math")].filter((one) => {
        const box = one.closest(".m-scroll");
        const scrolls = box && box.scrollWidth > box.clientWidth;
        return !scrolls && !one.querySelector("[class*=color], [style*=color], [mathcolor]");
    });
    window.whole = [...drawings, ...code, ...formulas].map((one) => [one, [...one.childNodes]]);
    for (const drawing of drawings) drawing.replaceChildren();
    for (const formula of formulas) {
        const letter = document.createElementNS("http://www.w3.org/1998/Math/MathML", "mi");
        letter.textContent = "x";
        formula.replaceChildren(letter);
    }
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
RESTORE = """() => {
    window.whole.forEach(([one, parts]) => one.replaceChildren(...parts));
    document.querySelectorAll("[data-look]").forEach((one) => { delete one.dataset.look; });
}"""
# Text in one colour, size and weight on one ground has one contrast: mark the first of each look.
LOOKS = """() => {
    const around = (one) => {
        let dim = 1;
        for (; one; one = one.parentElement) {
            const { backgroundColor, backgroundImage, opacity } = getComputedStyle(one);
            dim *= opacity;
            if (!backgroundColor.endsWith(", 0)") || backgroundImage !== "none")
                return [dim, backgroundColor, backgroundImage].join();
        }
        return dim;
    };
    const seen = new Set();
    for (const one of document.querySelectorAll("body *")) {
        const text = [...one.childNodes].some((part) => part.nodeType === 3 && part.data.trim());
        if (!text || !one.checkVisibility({ visibilityProperty: true })) continue;
        const { color, fontSize, fontWeight, textShadow } = getComputedStyle(one);
        const look = [one.tagName, color, fontSize, fontWeight, textShadow, around(one)].join();
        if (!seen.has(look)) one.dataset.look = "";
        seen.add(look);
    }
}"""
# The page notices a new width after a moment.
SCROLLS_BY_KEYBOARD = """() => [...document.querySelectorAll("article pre, .table-box")]
    .every((box) => box.scrollWidth <= box.clientWidth || box.tabIndex === 0)"""


@contextmanager
def simplified(page):
    page.evaluate(SIMPLIFY)
    page.evaluate(LOOKS)
    yield
    page.evaluate(RESTORE)


def looks(page):
    return axe.barriers(page, context="[data-look]", only=["color-contrast"])


def barriers(page):
    with simplified(page):
        return axe.barriers(page, but="color-contrast") | looks(page)


# All boxes, the answers of a question too, of which a reader has one open at a time.
OPEN = """() => document.querySelectorAll("details:not([open])").forEach((box) => {
    box.dataset.opened = box.name;
    box.name = "";
    box.open = true;
})"""
TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
CLOSE = """() => document.querySelectorAll("[data-opened]").forEach((box) => {
    box.open = false;
    box.name = box.dataset.opened;
    delete box.dataset.opened;
})"""


def test_nothing_is_printed_and_no_request_leaves_the_page(page):
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


def test_axe_finds_no_barrier_at_a_desk_with_all_boxes_open(page):
    page.evaluate(OPEN)
    page.evaluate(TWO_FRAMES)  # what opens is measured when it is drawn
    found = barriers(page)
    page.evaluate(CLOSE)
    assert found == {}


@pytest.mark.sample
def test_axe_finds_no_barrier_as_the_page_opens(page):
    assert barriers(page) == {}


def test_axe_finds_enough_contrast_in_the_dark(page):
    page.emulate_media(color_scheme="dark")
    page.evaluate(OPEN)
    theme = page.evaluate("getComputedStyle(document.body).backgroundColor")
    with simplified(page):
        found = looks(page)
    page.evaluate(CLOSE)
    page.emulate_media(color_scheme="light")
    assert theme != "rgb(255, 255, 255)"
    assert found == {}


def test_a_phone_shows_all_without_scrolling_sideways_and_without_barrier(page):
    desk = page.viewport_size
    page.evaluate(OPEN)
    widths = {}
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 800})
        widths[width] = page.evaluate("document.documentElement.scrollWidth")
    page.wait_for_function(SCROLLS_BY_KEYBOARD)
    found = barriers(page)
    page.evaluate(CLOSE)
    page.set_viewport_size(desk)
    assert [width for width, needed in widths.items() if needed > width] == []
    assert found == {}


# Of each kind of thing that the keyboard reaches, one that does not show that it is reached.
UNSEEN = """() => {
    const kinds = new Map();
    const reached = "a[href], button, input, select, summary, [tabindex='0']";
    for (const one of document.querySelectorAll(reached)) {
        const where = one.closest("header, nav, article, footer, main")?.tagName;
        if (one.checkVisibility({ visibilityProperty: true }))
            kinds.set([where, one.tagName, one.type, one.className].join(), one);
    }
    const unseen = [...kinds.values()].filter((one) => {
        one.focus({ preventScroll: true });
        const style = getComputedStyle(one);
        const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
        return !one.matches(":focus-visible") || !(ring || style.boxShadow !== "none");
    });
    document.activeElement.blur();
    return unseen.map((one) => one.outerHTML.slice(0, 120));
}"""


def test_the_keyboard_shows_where_it_is(page):
    page.keyboard.press("Tab")
    assert page.evaluate(UNSEEN) == []


def test_each_folded_box_says_what_it_holds(page):
    lines = page.evaluate(
        "[...document.querySelectorAll('summary')].map((one) => [one.textContent.trim(),"
        " one.getAttribute('aria-label')])"
    )
    for text, label in lines:
        assert len(text) > 3
        assert text not in ("Show code cell source", "Click to show")
        assert label is None


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


def test_figures_stand_in_the_page_before_any_script(bare):
    for figure in bare.locator("figure.explorer").all():
        assert figure.locator("svg").count() == 1
        assert figure.locator(".explorer-sentence").inner_text().strip()
        assert figure.locator("form:visible").count() == 0


def test_a_page_is_below_two_megabytes_compressed(path, chromium):
    assert len(gzip.compress((HTML / path).read_bytes())) < 2_000_000
