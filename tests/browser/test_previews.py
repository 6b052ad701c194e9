"""Pointing at a link within the book, or being on it, shows where it leads."""

import json

import pytest

from .conftest import HTML

pytestmark = pytest.mark.browser


def excerpts(path):
    page = "book/preface" if path == "index.html" else path.removesuffix(".html")
    text = (HTML / f"_static/previews/{page}.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix("window.bookPreviews=").removesuffix(";\n"))


def links(page):
    # A link that sets a figure shows it at its place: nothing is to be previewed.
    return page.locator('article a.internal[href*="#"]:not([href*="="]):visible')


def test_every_link_has_something_to_show(page, path):
    if path == "search.html":
        return  # what it finds is no part of the built page
    found = excerpts(path)
    wanted = page.evaluate(
        """[...document.querySelectorAll('article a.internal[href*="#"]:not([href*="="])')]
            .map((link) => link.getAttribute("href").startsWith("#") ? link.hash : link.href)"""
    )
    root = f"{HTML.as_uri()}/"
    wanted = [address.removeprefix(root) for address in wanted]
    assert sorted(set(wanted) - set(found)) == []
    assert [href for href, text in found.items() if not text.strip()] == []


@pytest.mark.sample
def test_a_link_shows_where_it_leads_and_escape_closes_it(page):
    if not links(page).count():
        return
    link = links(page).first
    box = page.locator("#preview")
    page.keyboard.press("Tab")
    link.focus()
    page.wait_for_selector("#preview:popover-open")
    assert box.inner_text().strip()
    assert link.get_attribute("aria-describedby") == "preview"
    page.keyboard.press("Escape")
    assert not box.is_visible()
    assert link.get_attribute("aria-describedby") is None
    link.evaluate("one => one.blur()")
    page.mouse.move(1, 1)  # other tests may have left it on the link
    link.hover()
    page.wait_for_selector("#preview:popover-open")
    box.hover()
    page.wait_for_timeout(300)
    assert box.is_visible()  # the pointer may rest on it
    page.mouse.move(1, 1)
    page.wait_for_selector("#preview:popover-open", state="hidden")
