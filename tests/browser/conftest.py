"""Chromium over the built book, from file:// with the network off."""

import importlib.util
import os
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import chromium as program
import pytest
from playwright.sync_api import expect, sync_playwright

HTML = Path(__file__).parents[2] / "_build/html"
SLOW = 60_000  # milliseconds: slow machines are no fault of the book
DESK = {"width": 1280, "height": 900}
expect.set_options(timeout=SLOW)
# What the guide for contributors tells a host to send.
POLICY = "default-src 'self'; img-src 'self' data:"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


# A test of what a script does, which is the same on every page, visits these: the entry, the pages
# whose speed is promised and one of the third part. They have every kind of control.
SAMPLE = [
    "index.html",
    "book/krugman/transport_equilibrium.html",
    "book/gomory/basic_graph.html",
    "book/gomory/filling_in.html",
    "book/bridge/one_model.html",
    "book/reference/claims.html",
]


@cache  # pytest shares a page between tests whose parameter is the same object
def pages():
    found = [HTML / "index.html", HTML / "search.html", *sorted(HTML.glob("book/**/*.html"))]
    return [page.relative_to(HTML).as_posix() for page in found if page.exists()]


def pytest_generate_tests(metafunc):
    if "path" in metafunc.fixturenames:
        sample = metafunc.definition.get_closest_marker("sample")
        names = [name for name in pages() if not sample or name in SAMPLE]
        # One worker takes all tests of a page, which share it: tests/conftest.py sees to that.
        metafunc.parametrize("path", names or ["no built book"], scope="session")


def pytest_collection_modifyitems(items):
    """Try a browser test again: two at a time share a machine, and a page may have had to wait."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=2, reruns_delay=2))


def skip(lacking):
    """Skip, but not in continuous integration, where nothing may be lacking."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(lacking)


@pytest.fixture(scope="session")
def browser():
    found = program.find()
    if not found:
        skip("no Chromium or Chrome on this machine: install it, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def chromium(browser):
    if not pages():
        skip("no built book: run make book first")
    return browser


@pytest.fixture(scope="session")
def visit(chromium):
    """Open a page of the book; the page remembers in .trouble what went wrong."""

    def open_page(path, fragment="", **options):
        context = chromium.new_context(viewport=DESK, offline=True, **options)
        page = context.new_page()
        page.set_default_timeout(SLOW)
        page.trouble = []
        page.requests = []
        page.on("pageerror", lambda error: page.trouble.append(f"error: {error}"))
        page.on("requestfailed", lambda request: page.trouble.append(f"failed: {request.url}"))
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("console", lambda message: page.trouble.append(f"it prints {message.text}"))
        page.goto((HTML / path).as_uri() + fragment)
        if options.get("java_script_enabled", True):
            still(page)
        return page

    return open_page


def still(page):
    page.add_style_tag(content="* { transition: none !important }")


@pytest.fixture(scope="session")
def page(visit, path):
    """Give the page as a reader at a desk sees it; each test leaves it as it was."""
    page = visit(path)
    yield page
    page.context.close()


@pytest.fixture(scope="session")
def chapter(visit, path):
    """Give a page with questions, which tests answer."""
    if 'class="question"' not in (HTML / path).read_text(encoding="utf-8"):
        pytest.skip("no questions")
    page = visit(path)
    yield page
    page.context.close()


@pytest.fixture(scope="session")
def bare(visit, path):
    """Give the page in the dark as it is where no script runs."""
    page = visit(path, java_script_enabled=False, color_scheme="dark")
    yield page
    page.context.close()


@pytest.fixture(scope="session")
def bench():
    path = Path(__file__).parents[2] / "benchmarks/pages.py"
    spec = importlib.util.spec_from_file_location("pages", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def server(chromium, bench):
    with bench.served(HTML, POLICY) as address:
        yield address


REFUSED = """globalThis.refused = [];
addEventListener("securitypolicyviolation", (event) => refused.push(event.blockedURI));"""


@pytest.fixture(scope="session")
def visited(chromium, server, path):
    """Visit a page for the first time, from an empty storage, as a host serves it."""
    context = chromium.new_context(viewport=DESK)
    page = context.new_page()
    page.set_default_timeout(SLOW)
    page.trouble, page.weight, page.asked = [], 0, []
    session = context.new_cdp_session(page)
    session.send("Network.enable")

    def finished(event):
        page.weight += event["encodedDataLength"] / 1000

    session.on("Network.loadingFinished", finished)
    page.on("request", lambda request: page.asked.append(urlsplit(request.url).path))
    page.on("pageerror", lambda error: page.trouble.append(str(error)))
    page.on("console", lambda message: page.trouble.append(message.text))
    page.add_init_script(REFUSED)
    page.goto(server + path, wait_until="load")
    page.loaded = page.weight
    page.wait_for_timeout(500)
    yield page
    context.close()


@pytest.fixture(autouse=True)
def awake(request):
    """Bring a shared page to the front, where it draws; it starts afresh after a failure."""
    for name in {"page", "chapter", "bare", "visited"}.intersection(request.fixturenames):
        page = request.getfixturevalue(name)
        page.bring_to_front()
        address, _, moved = page.url.partition("#")
        again = getattr(request.node, "execution_count", 1) > 1
        if name in ("page", "chapter") and (again or moved):
            page.set_viewport_size(DESK)
            page.evaluate("localStorage.clear()")
            page.goto("about:blank")  # or an address less its settings would load nothing
            del page.requests[:], page.trouble[:]
            page.goto(address)
            still(page)
