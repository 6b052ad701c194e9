"""Take the README's picture, and the one that previews of links show, from the built book."""

from pathlib import Path

from playwright.sync_api import sync_playwright

import chromium

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "_build/html/book/krugman/transport_equilibrium.html"
FIGURE = "figure.explorer:has(form)"
CARD = """
    .page-header, #book-nav, #page-toc, .explorer :is(form, figcaption) { display: none !important }
    body { display: block !important }
    .bd-article { max-width: 66rem; font-size: 1.375rem }
    .bd-article h1 { font-size: 2.75rem; margin: 0.75rem 0 0.5rem }
"""

if __name__ == "__main__":
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=flags)
        page = browser.new_page(viewport={"width": 1100, "height": 900}, color_scheme="light")
        page.goto(PAGE.as_uri())
        page.locator(FIGURE).first.screenshot(path=ROOT / "book/_assets/live-figure.png")
        # The size that previews want. What only a reader at the page can use is left out.
        card = browser.new_page(viewport={"width": 1200, "height": 630}, color_scheme="light")
        card.goto((ROOT / "_build/html/index.html").as_uri())
        card.add_style_tag(content=CARD)
        card.screenshot(path=ROOT / "book/_assets/preview.png")
        browser.close()
