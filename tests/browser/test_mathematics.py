"""Formulas fit every width, are copied as TeX, and stop the Tab key only where they scroll."""

import pytest

pytestmark = pytest.mark.browser

PAGE = "book/krugman/transport_full_model.html"
BALANCE = "#equation-krugman-14 .m-scroll"  # (14), one of the widest formulas
SALES = "#equation-krugman-iib-many-sales .m-scroll"  # wider than any phone
SHAPE = """(box) => {
    const middles = [...box.querySelectorAll("math")].map((one) => {
        const { top, bottom } = one.getBoundingClientRect();
        return (top + bottom) / 2;
    }).sort((a, b) => a - b);
    return {
        lines: middles.filter((y, i) => i === 0 || y > middles[i - 1] + 15).length,
        scrolls: box.scrollWidth > box.clientWidth,
    };
}"""
COPY = """([first, last]) => {
    let copied;
    addEventListener("copy", (event) => { copied = event.clipboardData.getData("text/plain"); });
    const range = document.createRange();
    range.setStart(document.querySelector(first), 0);
    range.setEnd(document.querySelector(last), 1);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    document.execCommand("copy");
    return copied;
}"""


@pytest.fixture
def chapter(visit):
    page = visit(PAGE)
    yield page
    page.context.close()


def test_wide_formulas_stand_on_one_line_at_a_desk_and_break_on_a_phone(chapter):
    boxes = [chapter.locator(one) for one in (BALANCE, SALES)]
    for box in boxes:
        assert box.evaluate(SHAPE) == {"lines": 1, "scrolls": False}
    chapter.set_viewport_size({"width": 320, "height": 800})
    balance, sales = (box.evaluate(SHAPE) for box in boxes)
    assert not balance["scrolls"]  # it fits or breaks: that is a matter of a pixel
    assert sales["lines"] > 1
    assert not sales["scrolls"]


def test_what_no_break_makes_fit_scrolls_in_its_box_and_by_keyboard(chapter):
    box = chapter.locator(BALANCE)
    box.evaluate("box => box.style.maxWidth = '4rem'")
    chapter.wait_for_function("box => box.tabIndex === 0", arg=box.element_handle())
    assert box.get_attribute("role") == "group"
    assert box.get_attribute("aria-label")
    assert chapter.evaluate("document.documentElement.scrollWidth") <= 1280
    box.evaluate("box => box.style.maxWidth = ''")
    chapter.wait_for_function("box => box.tabIndex === -1", arg=box.element_handle())
    assert box.get_attribute("role") is None


def test_a_formula_is_copied_as_its_tex_whole_and_once(chapter):
    text = chapter.evaluate(COPY, [f"{BALANCE} mi", f"{BALANCE} mi"])
    assert text.startswith("$$\nB = ")
    assert text.endswith("\n$$")
    assert text.count("B =") == 1


def test_text_is_copied_with_its_formulas_as_tex(chapter):
    paragraph = "p:has(> math)"
    source = chapter.locator(f"{paragraph} annotation").first.text_content()
    text = chapter.evaluate(COPY, [paragraph, f"{paragraph} mi"])
    assert f"${source}$" in text
    assert "\N{PILCROW SIGN}" not in text
