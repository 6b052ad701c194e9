"""The barriers that axe finds: all rules of A and AA, best practices, and those on trial.

axe.min.js is axe-core 4.14.1 as published on npm (MPL 2.0). The Python packages that carry axe lag
behind; a new version is copied here in its place.
"""

from functools import cache
from pathlib import Path

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
# On trial, and right: what a control is called is what it shows.
RULES = {"label-content-name-mismatch": {"enabled": True}}


@cache
def script():
    return Path(__file__).with_name("axe.min.js").read_text(encoding="utf-8")


def barriers(page, context=None, only=None, but=None):
    """List what axe finds in a page, or in a part of it, by rule."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(script())
    # Without preload axe reads the style sheets that the page has, and asks for none again.
    options = {"preload": False, "resultTypes": ["violations"]}
    rules = RULES | ({but: {"enabled": False}} if but else {})
    options |= {"runOnly": only} if only else {"runOnly": TAGS, "rules": rules}
    found = page.evaluate(
        "([context, options]) => axe.run(context ?? document, options)", [context, options]
    )
    return {v["id"]: [node["html"][:200] for node in v["nodes"]] for v in found["violations"]}
