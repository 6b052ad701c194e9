"""Every page works by itself, for every reader: no error, no request, no barrier."""

import gzip

import pytest
from axe_playwright_python.sync_playwright import Axe

from .conftest import HTML

pytestmark = pytest.mark.browser

TYPESET = """() => [...document.querySelectorAll('.math')].every(
    one => one.querySelector('mjx-container'))"""


def test_no_error_and_no_request_leaves_the_page(visit, path):
    page = visit(path)
    page.wait_for_timeout(300)
    assert page.trouble == []
    assert [url for url in page.requests if not url.startswith(("file:", "data:", "blob:"))] == []


def test_all_math_is_typeset(visit, path):
    page = visit(path)
    page.wait_for_function(TYPESET)
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0


@pytest.mark.parametrize("width", [390, 320])
def test_nothing_scrolls_sideways_on_a_phone(visit, path, width):
    page = visit(path, width=width)
    page.wait_for_function(TYPESET)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_axe_finds_no_violation(visit, path, width, theme):
    page = visit(path, width=width, theme=theme)
    page.wait_for_function(TYPESET)
    violations = Axe().run(page).response["violations"]
    assert {v["id"]: [n["html"][:200] for n in v["nodes"]] for v in violations} == {}


def test_every_image_has_words(visit, path):
    page = visit(path)
    for image in page.locator("article img").all():
        assert image.get_attribute("alt").strip()
    for figure in page.locator("article .explorer-figure[role=img]").all():
        assert len(figure.get_attribute("aria-label")) > 20


def test_figures_stand_in_the_page_before_any_script(visit, path):
    page = visit(path, java_script_enabled=False)
    for figure in page.locator("figure.explorer").all():
        assert figure.locator("svg").count() == 1
        assert figure.locator("[aria-live]").inner_text().strip()
        assert not figure.locator("form").is_visible()


def test_a_page_is_below_two_megabytes_compressed(path, chromium):
    assert len(gzip.compress((HTML / path).read_bytes())) < 2_000_000
