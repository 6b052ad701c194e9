"""The search: an index of sections, boxes and named places, which works from file:// as well.

Sphinx's own search ranks whole pages and reads them over HTTP to show a line of context. Here the
text comes with the index, as a script that only the search page loads, and MiniSearch ranks it.
"""

import builtins
import json
import keyword
import re
from pathlib import Path

from sphinx.util.fileutil import copy_asset_file

import harvest
import terms

ASSETS = Path(__file__).parents[1] / "_assets"
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6", "summary")


def _is_part(node):
    """Tell whether an element is a result of its own: section, exercise, solution or term."""
    kind = (
        node.tag == "section"
        or harvest.has_class(node, "exercise", "solution")
        or (node.tag == "dt" and node.getparent().tag == "dl")
    )
    return kind and bool(node.get("id"))


def _is_code(node):
    return harvest.has_class(node, "cell_input")


def _heading(part):
    for node in part.iter(*HEADINGS, "p"):
        if node.tag in HEADINGS or harvest.has_class(node, "admonition-title"):
            return node
    return part


def definition(term):
    """Give the words that explain a term."""
    return next(node for node in term.itersiblings() if node.tag == "dd")


def parts(article):
    """Give each part of a page: its id, heading, text, and the names in its code."""
    for part in article.iter("section", "div", "details", "dt"):
        if not _is_part(part):
            continue
        if part.tag == "dt":
            yield part.get("id"), harvest.words(part), harvest.words(definition(part)), ""
            continue
        heading = _heading(part)

        def apart(node, own=heading):
            return node is own or _is_part(node) or _is_code(node) or _is_glossary(node)

        code = "\n".join(
            "".join(cell.itertext())
            for cell in part.iter("div")
            if _is_code(cell) and next(filter(_is_part, cell.iterancestors())) is part
        )
        text = harvest.words(part, apart)
        # Of code the names are enough that are its own.
        names = dict.fromkeys(re.findall(r"[^\W\d]\w{2,}", code))
        known = {*keyword.kwlist, *dir(builtins), *re.findall(r"\w+", text)}
        own = " ".join(name for name in names if name not in known)
        yield part.get("id"), harvest.words(heading), text, own


def _is_glossary(node):
    return node.tag == "dl" and harvest.has_class(node, "glossary")


def _named(app):
    """Give places with names: the papers' numbers, terms where they come from, definitions."""
    for name, paper, page, place in terms.entries(app.env):
        if paper:
            yield name, page, place
    if terms.GLOSSARY not in harvest.articles(app):
        return
    for term in harvest.articles(app)[terms.GLOSSARY].iter("dt"):
        home = definition(term).xpath(".//a[contains(@class, 'internal')]/@href")[-1]
        address, _, place = home.partition("#")
        yield harvest.words(term), harvest.led_to(app, terms.GLOSSARY, address), place
        yield harvest.words(term), terms.GLOSSARY, term.get("id")


def index(app):
    """Collect what the search page looks through."""
    articles = harvest.articles(app)
    pages = list(articles)
    found = [(page, *part) for page, article in articles.items() for part in parts(article)]
    number = {(page, place): at for at, (page, place, *_) in enumerate(found)}
    named = []
    for name, page, place in _named(app):
        # In an excerpt of the book some chapters are not there.
        node = harvest.by_id(app, page).get(place) if page else None
        if node is None:
            continue
        part = next(one for one in (node, *node.iterancestors()) if _is_part(one))
        named.append((name, pages.index(page), place, number[page, part.get("id")]))
    return {
        "pages": [(app.builder.get_target_uri(p), app.env.titles[p].astext()) for p in pages],
        "parts": [(pages.index(page), *rest) for page, *rest in found],
        "named": named,
    }


def finish(app, failure):
    """Write the index and what the search page loads."""
    if failure or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    data = json.dumps(index(app), ensure_ascii=False, separators=(",", ":"))
    (static / "search-data.js").write_text(f"window.bookSearch={data};\n", encoding="utf-8")
    for name in ("search/minisearch.js", "search/search.js"):
        copy_asset_file(ASSETS / name, static / Path(name).name)


def setup(app):
    """Connect the above to Sphinx's events."""
    app.add_css_file("search.css")
    app.add_js_file("find.js", loading_method="defer")
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
