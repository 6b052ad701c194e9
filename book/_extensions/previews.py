"""What a link within the book leads to, to be shown in place.

Each page gets a script of its own with what its links point at; the page loads it when a reader
first points at one of them. Kept libraries for this load Popper and Tippy from a foreign host.
"""

import copy
import json
import posixpath
import re
from pathlib import Path

from lxml import html

import harvest
import search

LARGEST = 30_000  # letters; a drawing of thousands of points is seen at its place
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
STRIPPED = ("aria-live", "data-name", "href", "id", "name", "tabindex")


def _first(node, path):
    found = node.xpath(path)
    return found[0] if found else None


def _paragraph(node):
    return _first(node, "./p[not(contains(@class, 'admonition-title'))] | ./section/p | ./div/p")


def _chosen(node):
    """Choose what stands for a target: an equation whole, of a section how it begins."""
    if harvest.has_class(node, "math", "citation") or node.tag == "figure":
        return [node]
    if node.tag == "dt":
        return [node, search.definition(node)]
    if harvest.has_class(node, "admonition"):
        return [_first(node, "./*[contains(@class, 'admonition-title')]"), _paragraph(node)]
    if node.tag == "section":
        heading = next(one for one in node if one.tag in HEADINGS)
        drawing = None
        if re.match(r"\s*Figure \d", heading.text_content()):
            drawing = _first(node, ".//div[contains(@class, 'explorer-figure')]")
        return [heading, _paragraph(node) if drawing is None else drawing]
    return [node]


def _target(by_id, name):
    """Find what a label stands for: an empty one belongs to what follows or surrounds it."""
    node = by_id.get(name)
    if node is not None and node.tag == "span" and not node.text_content().strip():
        parent = node.getparent()
        if parent.tag == "section" and not any(
            one.tag in HEADINGS for one in node.itersiblings(preceding=True)
        ):
            return parent
        return next(node.itersiblings(), parent)
    return node


def excerpt(node):
    """Write a target without what would act, speak or be found twice."""
    pieces = []
    for one in filter(lambda one: one is not None, _chosen(node)):
        piece = copy.deepcopy(one)
        piece.tail = None
        for other in list(piece.iter()):
            if not isinstance(other.tag, str):
                continue
            silent = other.tag in {"script", "form", "button", "details"}
            if other is not piece and (silent or harvest.has_class(other, "headerlink")):
                other.drop_tree()
                continue
            inside_drawing = any(up.tag == "svg" for up in other.iterancestors())
            for name in () if inside_drawing else STRIPPED:
                other.attrib.pop(name, None)
            if other.tag == "a" and not inside_drawing:
                other.tag = "span"
        if piece.tag in (*HEADINGS, "dt", "dd", "summary"):
            piece.tag = "p"
            if one.tag != "dd":
                piece.set("class", "preview-title")
        pieces.append(html.tostring(piece, encoding="unicode"))
    text = "".join(pieces)
    return text if len(text) <= LARGEST else pieces[0] if len(pieces) > 1 else ""


def of_page(app, page):
    """
    Collect the excerpts for a page's links by where they lead, as seen from the book's root.

    The entry of the book is a copy of a page that lies deeper.
    """
    articles = harvest.articles(app)
    found = {}
    folder = posixpath.dirname(app.builder.get_target_uri(page))
    for link in articles[page].xpath(".//a[contains(@class, 'internal')]"):
        address, _, name = link.get("href", "").partition("#")
        key = posixpath.normpath(posixpath.join(folder, address)) if address else ""
        key = f"{key}#{name}"
        if not name or key in found:
            continue
        there = harvest.led_to(app, page, address)
        target = _target(harvest.by_id(app, there), name) if there else None
        if target is not None and (text := excerpt(target)):
            found[key] = text
    return found


def page(app, name, template, context, doctree):
    """Give a page with links an empty box for previews, which names its script."""
    if doctree is not None and 'class="' in context.get("body", ""):
        source = context["pathto"](f"_static/previews/{name}.js", 1)
        context["body"] += (
            f'<div id="preview" role="tooltip" popover="manual" data-source="{source}"></div>'
        )


def finish(app, failure):
    """Write each page's script."""
    if failure or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    for name in harvest.articles(app):
        path = static / f"previews/{name}.js"
        path.parent.mkdir(parents=True, exist_ok=True)
        data = json.dumps(of_page(app, name), ensure_ascii=False, separators=(",", ":"))
        path.write_text(f"window.bookPreviews={data};\n", encoding="utf-8")


def setup(app):
    """Connect the above to Sphinx's events."""
    app.add_css_file("previews.css")
    app.add_js_file("previews.js", loading_method="defer")
    app.connect("html-page-context", page, priority=960)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
