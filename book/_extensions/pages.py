"""Pages that load nothing foreign, and whose HTML is right where others' is not."""

import importlib.util
import re
from pathlib import Path

from sphinx.errors import ExtensionError
from sphinx.util.fileutil import copy_asset_file

ASSETS = Path(__file__).parents[1] / "_assets"


def configure(app, config):
    """Serve every script from the book itself."""
    config.mathjax_path = "mathjax/tex-svg.js"
    # Jupyter Book always loads Thebe, whose script comes from a foreign host and is declared twice.
    for event in app.events.listeners.values():
        event[:] = [one for one in event if not one.handler.__module__.startswith("sphinx_thebe")]


def page(app, name, template, context, doctree):
    """Leave out what the theme adds in vain, and demand that each image has words."""
    body = context.get("body", "")
    # The sidebar has the search field; a second one would make an otherwise empty bar.
    context["theme_navbar_persistent"] = []
    context["css_files"] = [f for f in context["css_files"] if "thebe" not in str(f.filename)]
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
    """Copy what the pages load: style sheets and scripts of the book, and MathJax."""
    if failure or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    package = Path(importlib.util.find_spec("sphinx-mathjax-offline").origin).parent
    (static / "mathjax").mkdir(parents=True, exist_ok=True)
    copy_asset_file(package / "static/mathjax/tex-svg.js", static / "mathjax/tex-svg.js")
    for path in [*ASSETS.glob("*.css"), *ASSETS.glob("*.js")]:
        copy_asset_file(path, static / path.name)


def setup(app):
    """Connect the above to Sphinx's events."""
    app.add_css_file("book.css")
    app.connect("config-inited", configure, priority=900)
    app.connect("html-page-context", page, priority=900)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
