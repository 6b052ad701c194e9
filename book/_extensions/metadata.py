"""What search engines, previews and reference managers read of a page; the entry; the page 404."""

import html
import posixpath
import re
from pathlib import Path

from docutils import nodes
from sphinx.util.fileutil import copy_asset_file

ASSETS = Path(__file__).parents[1] / "_assets"
LENGTH = 200  # what search engines show of a description
GENERAL = (
    "An executable textbook on Krugman (1980) and Gomory (1994): every equation derived, every"
    " number computed, every figure alive."
)


def description(doctree):
    """Take the first sentences of a page that have no formula and no path."""
    said = ""
    for paragraph in doctree.findall(nodes.paragraph) if doctree else ():
        # Not what is in a box, a list or a table.
        if not isinstance(paragraph.parent, nodes.section):
            continue
        copy = paragraph.deepcopy()
        for formula in [*copy.findall(nodes.math), *copy.findall(nodes.raw)]:
            formula.replace_self(nodes.Text("\0"))
        for sentence in re.split(r"(?<=[.?!])\s+", " ".join(copy.astext().split())):
            if "\0" in sentence or "\\" in sentence or not sentence.endswith((".", "?", "!")):
                continue
            if len(said) + len(sentence) > LENGTH:
                return said or f"{sentence[: LENGTH - 1].rsplit(' ', 1)[0]}\N{HORIZONTAL ELLIPSIS}"
            said = f"{said} {sentence}".strip()
    return said or GENERAL


def _tags(app, name, context, said):
    """List a page's descriptions as pairs of kind, name and content."""
    config = app.config
    base = config.html_baseurl
    title = re.sub("<[^>]*>", "", html.unescape(context.get("title") or config.project))
    picture = "_static/preview.png"
    yield "name", "description", said
    yield "property", "og:title", title
    yield "property", "og:type", "book" if name == config.root_doc else "article"
    yield "property", "og:site_name", config.project
    yield "property", "og:description", said
    yield "property", "og:image", f"{base}{picture}" if base else context["pathto"](picture, 1)
    yield "property", "og:image:width", "1200"
    yield "property", "og:image:height", "630"
    yield "property", "og:image:alt", "Two live figures of the book, one of each paper"
    yield "name", "twitter:card", "summary_large_image"
    yield "name", "citation_title", title
    if name != config.root_doc:
        yield "name", "citation_inbook_title", config.project
    yield "name", "citation_author", config.author
    yield "name", "citation_publication_date", config.copyright
    yield "name", "citation_language", "en"
    if base:
        yield "property", "og:url", context["pageurl"]
        yield "name", "citation_fulltext_html_url", context["pageurl"]


def page(app, name, template, context, doctree):
    """Write the tags of a page that has text."""
    static = context["pathto"]("_static/favicon.svg", 1)
    lines = [f'<link rel="icon" type="image/svg+xml" href="{static}">']
    if name in app.env.all_docs:
        for kind, key, content in _tags(app, name, context, description(doctree)):
            lines.append(f'<meta {kind}="{key}" content="{html.escape(content)}">')
    else:
        lines.append('<meta name="robots" content="noindex">')
    context["metatags"] = context.get("metatags", "") + "\n  ".join(lines)


def missing(app):
    """Add the page that a server shows for an address that does not exist."""
    body = (
        "<h1>There is no such page</h1>"
        "<p>The chapters stand in the list of this page; the search finds words and equations.</p>"
    )
    # Such an address may lie at any depth, so links must not depend on it.
    base = (
        f'<base href="{html.escape(app.config.html_baseurl)}">' if app.config.html_baseurl else ""
    )
    yield "404", {"title": "There is no such page", "body": body, "metatags": base}, "layout.html"


def _entry(text, folder):
    """Rewrite the relative links of a page that moves from a folder to the one above."""

    def moved(found):
        target = found[2]
        if re.match(r"#|[a-z]+:|/", target) or not target:
            return found[0]
        path, mark, rest = re.match(r"([^#?]*)([#?]?)(.*)", target, re.DOTALL).groups()
        return f'{found[1]}"{posixpath.normpath(posixpath.join(folder, path))}{mark}{rest}"'

    text = re.sub(r'(\b(?:href|src|action|data-frames|data-source)=)"([^"]*)"', moved, text)
    return text.replace('data-content_root="../"', 'data-content_root="./"', 1)


def finish(app, failure):
    """Make the entry of the book, its icon, and what search engines ask for."""
    if failure or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for name in ("favicon.svg", "preview.png"):
        copy_asset_file(ASSETS / name, out / "_static" / name)
    copy_asset_file(ASSETS / "favicon.ico", out / "favicon.ico")
    root = app.builder.get_target_uri(app.config.root_doc)
    text = (out / root).read_text(encoding="utf-8")
    (out / "index.html").write_text(_entry(text, posixpath.dirname(root)), encoding="utf-8")
    base = app.config.html_baseurl
    pages = sorted(map(app.builder.get_target_uri, app.env.all_docs))
    entries = "".join(f"<url><loc>{html.escape(base + one)}</loc></url>\n" for one in pages)
    texts = {
        "sitemap.xml": '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n',
        "robots.txt": f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n",
    }
    for name, text in texts.items():
        if base:
            (out / name).write_text(text, encoding="utf-8")
        else:
            (out / name).unlink(missing_ok=True)


def setup(app):
    """Connect the above to Sphinx's events."""
    app.connect("html-page-context", page, priority=960)
    app.connect("html-collect-pages", missing)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
