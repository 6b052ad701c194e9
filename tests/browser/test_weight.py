"""A page is light, describes itself, and asks for nothing that a reader does not need."""

import io
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import expect

from .conftest import HTML, SLOW

pytestmark = pytest.mark.browser

LIMITS = {"book/preface.html": 330, "index.html": 330}  # kilobytes; a chapter's is 700


def test_a_first_visit_prints_nothing_under_a_strict_policy(visited):
    assert visited.trouble == []


def test_a_first_visit_is_light(visited, path):
    assert 5 < visited.loaded < LIMITS.get(path, 700)


MOVED = """globalThis.moved = 0;
new PerformanceObserver((list) => {
    for (const one of list.getEntries()) moved += one.value;
}).observe({ type: "layout-shift", buffered: true });"""


@pytest.mark.sample
def test_nothing_moves_while_a_page_arrives(chromium, server, path):
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(MOVED)
    # As slow as it takes for a page to be seen before its end has come.
    context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 20, "downloadThroughput": 100e3, "uploadThroughput": 100e3},
    )
    page.goto(server + path, timeout=SLOW)
    page.wait_for_timeout(300)
    assert page.evaluate("moved") <= 0.02
    context.close()


def test_no_script_stands_before_the_text(visited):
    scripts = visited.evaluate(
        """[...document.scripts].filter((one) => !one.type || one.type.includes("javascript"))
            .map((one) => [one.getAttribute("src"), one.async || one.defer])"""
    )
    assert scripts
    assert [one for one in scripts if not one[0] or not one[1]] == []


def test_the_search_loads_where_one_searches(visited, path):
    asked = " ".join(visited.asked)
    assert not re.search(r"fontawesome|bootstrap|webfonts|pydata|thebe", asked)
    if path != "search.html":
        assert not re.search(r"searchindex|searchtools|search-data|minisearch", asked)


def test_a_page_describes_itself(visited, path):
    assert visited.locator("h1").count() == 1
    assert visited.locator("link[rel=icon]").count() == 1
    assert visited.evaluate("document.title").strip()
    assert visited.locator("footer [rel=license]").count() == 1
    if path in ("search.html", "genindex.html"):
        assert visited.locator("meta[name=robots][content=noindex]").count() == 1
        return

    def said(kind, name):
        return visited.locator(f'meta[{kind}="{name}"]').get_attribute("content").strip()

    assert 40 <= len(said("name", "description")) <= 220
    assert not re.search(r"[$\\]|\s\s", said("name", "description"))
    assert said("property", "og:description") == said("name", "description")
    assert said("property", "og:title") in visited.locator("h1").inner_text()
    for name in ("citation_title", "citation_author", "citation_publication_date"):
        assert said("name", name)
    picture = urlsplit(said("property", "og:image")).path
    width, height = visited.evaluate(
        """async (address) => {
            const picture = new Image();
            picture.src = address;
            await picture.decode();
            return [picture.naturalWidth, picture.naturalHeight];
        }""",
        picture,
    )
    declared = [int(said("property", f"og:image:{one}")) for one in ("width", "height")]
    assert [width, height] == declared


def test_pages_differ_in_their_descriptions():
    texts = [page.read_text(encoding="utf-8") for page in HTML.glob("book/**/*.html")]
    found = [re.search(r'<meta name="description" content="([^"]*)"', text)[1] for text in texts]
    assert len(set(found)) == len(found)


def test_dark_readers_see_dark_before_any_script(bare):
    # Without scripts nothing can be asked of the page: look at its corner.
    picture = bare.screenshot(clip={"x": 2, "y": 700, "width": 1, "height": 1})
    assert max(Image.open(io.BytesIO(picture)).convert("RGB").getpixel((0, 0))) < 64


def test_the_theme_is_a_choice_that_is_kept(chromium, server):
    context = chromium.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(server + "book/preface.html")
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(paper)
    page.locator("#theme-switch").select_option("dark")
    dark = page.evaluate(paper)
    assert dark != light
    page.goto(server + "search.html")
    # The policy forbids what page.wait_for_function does.
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    assert page.evaluate(paper) == dark
    page.locator("#theme-switch").select_option("auto")
    assert page.evaluate(paper) == light
    page.emulate_media(color_scheme="dark")
    page.bring_to_front()  # a page that is not drawn hears of no change
    expect(root).to_have_attribute("data-theme", "dark")
    context.close()


def test_all_solutions_open_and_close_at_once(visited):
    solutions = visited.locator("details.solution")
    count = solutions.count()
    button = visited.locator("[data-solutions]")
    assert button.count() == min(count, 1)
    if not count:
        return
    opened = "document.querySelectorAll('details.solution[open]').length"
    assert visited.evaluate(opened) == 0
    button.click()
    assert visited.evaluate(opened) == count
    expect(button).to_have_text("Close all solutions")
    button.click()
    assert visited.evaluate(opened) == 0


@pytest.mark.sample
def test_the_drawers_open_and_close_on_a_phone(visited):
    desk = visited.viewport_size
    visited.set_viewport_size({"width": 390, "height": 844})
    nav = visited.locator("#book-nav")
    assert not nav.is_visible()
    visited.locator(".to-nav").click()
    assert nav.is_visible()
    visited.keyboard.press("Escape")
    assert not nav.is_visible()
    toc = visited.locator("#page-toc")
    if toc.count():
        visited.locator(".to-toc").click()
        toc.locator("a").last.click()
        assert not toc.is_visible()
    visited.set_viewport_size(desk)
    assert nav.is_visible()


def test_every_download_of_a_page_is_there(visited, path):
    links = visited.locator("#downloads a[download]")
    for link in links.all():
        address = urlsplit(link.evaluate("one => one.href")).path
        assert (HTML / unquote(address).lstrip("/")).stat().st_size > 1000
    source = Path(__file__).parents[2] / Path(path).with_suffix(".ipynb")
    assert links.count() == int(source.exists())


def test_the_entry_shows_a_live_figure_of_each_paper_in_its_first_screen(chromium, server):
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(server)
    boxes = [one.bounding_box() for one in page.locator(".explorer-figure").all()]
    assert len(boxes) == 2
    assert all(box["y"] + box["height"] < 900 for box in boxes)
    slider = page.locator(".explorer input[type=range]").first
    figure = page.locator(".explorer-figure").first
    sentence = page.locator(".explorer-sentence").first
    before, said = figure.inner_html(), sentence.inner_text()
    slider.focus()
    page.keyboard.press("Home")
    expect(sentence).not_to_have_text(said, use_inner_text=True)
    assert figure.inner_html() != before
    context.close()


def test_the_entry_leads_to_the_same_places_as_the_preface(chromium, server):
    context = chromium.new_context()
    page = context.new_page()
    found = {}
    for name in ("", "book/preface.html"):
        page.goto(server + name)
        links = page.evaluate("[...document.querySelectorAll('a[href]')].map((one) => one.href)")
        own = {server, server + "book/preface.html"}
        found[name] = [link for link in links if link.split("#")[0] not in own]
    context.close()
    assert len(found[""]) > 20
    assert found[""] == found["book/preface.html"]


def test_a_lost_reader_finds_the_chapters(chromium, server):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(server + "404.html")
    assert page.locator("#book-nav a").count() > 20
    assert page.locator("h1").inner_text() == "There is no such page"
    context.close()
