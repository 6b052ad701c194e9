"""Chromium over the built book, from file:// with the network off."""

import os
from functools import cache
from pathlib import Path

import chromium as program
import pytest
from playwright.sync_api import expect, sync_playwright

HTML = Path(__file__).parents[2] / "_build/html"
SLOW = 60_000  # milliseconds: slow machines are no fault of the book
expect.set_options(timeout=SLOW)
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
        # One worker takes all tests of a page, which then share it.
        groups = [
            pytest.param(name, marks=pytest.mark.xdist_group(name))
            for name in names or ["no built book"]
        ]
        metafunc.parametrize("path", groups, scope="session")


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
        context = chromium.new_context(
            viewport={"width": 1280, "height": 900}, offline=True, **options
        )
        page = context.new_page()
        page.set_default_timeout(SLOW)
        page.trouble = []
        page.requests = []
        page.on("pageerror", lambda error: page.trouble.append(f"error: {error}"))
        page.on("requestfailed", lambda request: page.trouble.append(f"failed: {request.url}"))
        page.on("request", lambda request: page.requests.append(request.url))
        page.on(
            "console",
            lambda message: (
                message.type in ("error", "warning")
                and page.trouble.append(f"{message.type}: {message.text}")
            ),
        )
        page.goto((HTML / path).as_uri() + fragment)
        if options.get("java_script_enabled", True):
            still(page)
        return page

    return open_page


def still(page):
    page.add_style_tag(content="* { transition: none !important }")


@pytest.fixture(scope="session")
def page(visit, path):
    """Give the page as a reader at a desk sees it."""
    page = visit(path)
    yield page
    page.context.close()


@pytest.fixture(autouse=True)
def awake(request):
    """Bring a shared page to the front, where it draws; one that is tried again starts afresh."""
    if "page" in request.fixturenames:
        page = request.getfixturevalue("page")
        page.bring_to_front()
        if getattr(request.node, "execution_count", 1) > 1:
            page.reload()
            still(page)
