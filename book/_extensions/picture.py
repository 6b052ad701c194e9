"""Take the README's picture: one live figure, as the built book shows it."""

from pathlib import Path

from playwright.sync_api import sync_playwright

import chromium

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "_build/html/book/krugman/transport_equilibrium.html"
FIGURE = "figure.explorer:has(form)"

if __name__ == "__main__":
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=flags)
        page = browser.new_page(viewport={"width": 1100, "height": 900}, color_scheme="light")
        page.goto(PAGE.as_uri())
        page.locator(FIGURE).first.screenshot(path=ROOT / "book/_assets/live-figure.png")
        browser.close()
