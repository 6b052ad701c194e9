"""Pages that load nothing foreign, and whose HTML is right where others' is not."""

import re

from sphinx.errors import ExtensionError


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


def setup(app):
    """Connect the above to Sphinx's events."""
    app.add_css_file("book.css")
    app.connect("html-page-context", page, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
