"""Pointing at a link within the book, or being on it, shows where it leads."""

import json

import pytest

from .conftest import HTML

pytestmark = pytest.mark.browser


def excerpts(path):
    page = path.removesuffix(".html")
    text = (HTML / f"_static/previews/{page}.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix("window.bookPreviews=").removesuffix(";\n"))


def links(page):
    # A link that sets a figure shows it at its place: nothing is to be previewed.
    return page.locator('article a.internal[href*="#"]:not([href*="="]):visible')


def test_every_link_has_something_to_show(page, path):
    if not path.startswith("book/"):
        return
    found = excerpts(path)
    wanted = page.evaluate(
        """[...document.querySelectorAll('article a.internal[href*="#"]')]
            .map((link) => link.getAttribute("href")).filter((href) => !href.includes("="))"""
    )
    assert sorted(set(wanted) - set(found)) == []
    assert [href for href, text in found.items() if not text.strip()] == []


def test_a_link_shows_where_it_leads_and_escape_closes_it(page, path):
    if not path.startswith("book/") or not links(page).count():
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
    link.hover()
    page.wait_for_selector("#preview:popover-open")
    box.hover()
    page.wait_for_timeout(300)
    assert box.is_visible()  # the pointer may rest on it
    page.mouse.move(1, 1)
    page.wait_for_selector("#preview:popover-open", state="hidden")
