"""The search leads to the text, from a file as well as from a server, and marks what it found."""

import functools
import http.server
import json
import threading
from urllib.parse import quote

import pytest
from lxml import html

from .conftest import HTML

pytestmark = pytest.mark.browser

FIRST = {
    "home market effect": "krugman/home_market_simple.html",
    "Home Market Effects": "krugman/home_market_simple.html",
    "Theorem 4.1": "gomory/filling_in.html#gomory-theorem-4-1",
    "(14)": "krugman/transport_full_model.html#equation-krugman-14",
    "eq. 14": "krugman/transport_full_model.html#equation-krugman-14",
    "iceberg": "krugman/transport_behaviour.html",
    "effective variety": "krugman/transport_equilibrium.html",
    "costly_trade": "",
    "comparitive advantage": "",  # misspelt
}


@functools.cache
def data():
    text = (HTML / "_static/search-data.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix("window.bookSearch=").removesuffix(";\n"))


@functools.cache
def tree(page):
    return html.document_fromstring((HTML / page).read_text(encoding="utf-8"))


@pytest.fixture
def opened(visit):
    pages = []

    def go(path, fragment):
        pages.append(visit(path, fragment=fragment))
        return pages[-1]

    yield go
    for page in pages:
        assert page.trouble == []
        page.context.close()


def first(page):
    return page.locator("#search-results > li").first


@pytest.mark.parametrize("words", FIRST)
def test_the_place_that_is_sought_comes_first_and_in_context(opened, words):
    page = opened("search.html", f"?q={quote(words)}")
    address = first(page).locator("a").get_attribute("href")
    path, _, rest = address.partition("?")
    where = path.removeprefix("./book/") + ("#" + rest.partition("#")[2] if "#" in rest else "")
    assert where.startswith(FIRST[words])
    context = first(page).locator("p").inner_text()
    assert len(context) > 20
    assert "\\" not in context  # no formula's source
    every = page.locator("#search-results > li").count()
    assert page.locator("#search-results > li > p", has_text=" ").count() == every


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def test_the_same_is_found_over_http(chromium, opened):
    handler = functools.partial(Quiet, directory=HTML)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = chromium.new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/search.html?q=home+market+effect")
    assert FIRST["home market effect"] in first(page).locator("a").get_attribute("href")
    served = page.locator("#search-results").inner_html()
    from_disk = opened("search.html", "?q=home+market+effect")
    first(from_disk).wait_for()
    assert from_disk.locator("#search-results").inner_html() == served
    assert served.count("<mark>home market effect</mark>") >= 2
    page.close()
    server.shutdown()
    server.server_close()


def in_closed_solution():
    """Choose a part of a page that is a solution, and words that stand there only."""
    for page, place, _, text, _ in data()["parts"]:
        words = text.split()
        for at in range(20, len(words) - 3):
            phrase = " ".join(words[at : at + 3])
            if place.endswith("-solution") and phrase.replace(" ", "").isalpha():
                return data()["pages"][page][0], place, phrase
    raise AssertionError("no solution in the book")


def test_words_in_a_closed_solution_are_marked_where_one_lands(opened):
    _, place, phrase = in_closed_solution()
    page = opened("search.html", f"?q={quote(phrase)}")
    page.locator(f"#search-results a[href$='#{place}']").click()
    page.wait_for_function("CSS.highlights.has('found')")
    inside = page.evaluate(
        """(place) => {
            const box = document.getElementById(place);
            const ranges = [...CSS.highlights.get("found")];
            const range = ranges.find((one) => box.contains(one.startContainer));
            const { top, bottom, height } = range.getBoundingClientRect();
            return box.open && height > 0 && top >= 0 && bottom <= innerHeight && `${range}`;
        }""",
        place,
    )
    assert inside.lower().split() == phrase.lower().split()
    assert "place" in page.locator("#found-bar[role=status]").inner_text()
    page.keyboard.press("Escape")
    assert not page.evaluate("CSS.highlights.has('found')")


def test_a_link_to_a_solution_opens_it(opened):
    path, place, _ = in_closed_solution()
    page = opened(path, f"#{place}")
    box = page.locator(f"#{place}")
    assert box.get_attribute("open") is not None
    assert box.evaluate("one => Math.abs(one.getBoundingClientRect().top) < innerHeight")
    page.evaluate("location.hash = ''")
    box.evaluate("one => one.open = false")
    page.evaluate("(place) => location.hash = place", place)
    page.wait_for_function("(place) => document.getElementById(place).open", arg=place)


def test_boxes_open_without_a_script_and_to_the_browsers_own_search():
    for page, _ in data()["pages"]:
        for box in tree(page).xpath("//*[contains(@class, 'solution')][@id]"):
            assert box.tag == "details"
            assert box.xpath("./summary")[0].text_content().strip()


def test_every_part_that_the_search_knows_is_on_its_page():
    pages = data()["pages"]
    for page, place, heading, _, _ in data()["parts"]:
        assert heading
        assert tree(pages[page][0]).get_element_by_id(place) is not None
    for name, page, place, _ in data()["named"]:
        assert name
        assert tree(pages[page][0]).get_element_by_id(place) is not None


def test_the_index_leads_to_places_that_use_the_term():
    index = tree("genindex.html")
    terms = {
        node.text.strip().lower(): node.get("id")
        for node in tree("book/reference/glossary.html").xpath("//dt[@id]")
    }
    assert len(terms) > 30
    entries = {}
    for entry in index.xpath("//ul[contains(@class, 'index-entries')]/li"):
        name = entry.text.strip().removesuffix(":").lower()
        entries[name] = entry.xpath("./a/@href")
    for name, links in entries.items():
        for link in links:
            page, _, place = link.partition("#")
            assert tree(page).get_element_by_id(place) is not None, name
    assert {"theorem 4.1, gomory", "equation 14, krugman"} <= set(entries)
    # A term that no chapter uses any more has no place in the glossary.
    assert [term for term in terms if len(entries.get(term, [])) < 2] == []


def test_a_small_index():
    assert (HTML / "_static/search-data.js").stat().st_size < 1_500_000
