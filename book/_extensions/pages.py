"""Pages that load nothing foreign, and whose HTML is right where others' is not."""

import importlib.util
import re
from pathlib import Path

from sphinx.errors import ExtensionError
from sphinx.util.fileutil import copy_asset_file


def configure(app, config):
    """Serve MathJax from the book itself."""
    config.mathjax_path = "mathjax/tex-svg.js"


def page(app, name, template, context, doctree):
    """Demand that each image has words, and mend what others write."""
    body = context.get("body", "")
    for image in re.findall(r"<img\b[^>]*>", body):
        alt = re.search(r'\balt="([^"]*)"', image)
        if not alt or not alt[1].strip() or re.search(r"\.(png|svg|jpe?g)$", alt[1]):
            raise ExtensionError(f"{name} has an image without a text alternative: {image[:120]}")
    # docutils still writes roles that ARIA has withdrawn.
    context["body"] = re.sub(r' role="(doc-biblioentry|doc-backlink|list)"', "", body)
    # Each exercise and each solution of a page comes with the same id.
    context["body"] = re.sub(r' id="(?:exercise|solution)-content"', "", context["body"])
    # An empty corner of a table heads nothing.
    context["body"] = re.sub(r'<th class="head">(?:<p></p>)?</th>', "<td></td>", context["body"])
    # A line may not begin with the comma after a formula, nor end with the bracket before it.
    math = r'<span class="math [^"]*">[^<]*</span>'
    context["body"] = re.sub(
        f"[(“‘]?{math}[.,;:!?)’”]+s?|[(“‘]{math}",
        lambda found: f'<span class="unbroken">{found[0]}</span>',
        context["body"],
    )


def finish(app, failure):
    """Copy MathJax."""
    if failure or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    package = Path(importlib.util.find_spec("sphinx-mathjax-offline").origin).parent
    (static / "mathjax").mkdir(parents=True, exist_ok=True)
    copy_asset_file(package / "static/mathjax/tex-svg.js", static / "mathjax/tex-svg.js")


def setup(app):
    """Connect the above to Sphinx's events."""
    app.add_css_file("book.css")
    app.connect("config-inited", configure, priority=900)
    app.connect("html-page-context", page, priority=900)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
