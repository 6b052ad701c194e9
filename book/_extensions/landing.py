"""Figures of the chapters on the landing page, drawn once, where they belong."""

import os
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective


class borrowed(nodes.General, nodes.Element):
    """The place of a figure that another page draws."""


class Borrow(SphinxDirective):
    """Show a figure of another page: ```{borrow} figure-name``` with its page as :from:."""

    required_arguments = 1
    option_spec: ClassVar = {"from": directives.unchanged_required}

    def run(self):
        """Leave a place, which is filled when all pages have been read."""
        self.env.metadata[self.env.docname]["borrows"] = "yes"
        return [borrowed("", figure=self.arguments[0], page=self.options["from"])]


def fill(app, doctree, docname):
    """Copy the figures in."""
    for place in list(doctree.findall(borrowed)):
        if place["page"] not in app.env.found_docs and os.environ.get("EDITION") == "excerpt":
            place.parent.remove(place)
            continue
        mark = f'<figure class="explorer" id="explorer-{place["figure"]}"'
        found = [
            raw
            for raw in app.env.get_doctree(place["page"]).findall(nodes.raw)
            if mark in raw.astext()
        ]
        if not found:
            raise ExtensionError(f"{docname}: {place['page']} has no figure {place['figure']}")
        place.replace_self(found[0].deepcopy())  # copy.deepcopy takes its whole page along


def again(app, env):
    """Write pages that borrow again: what they borrow may have changed."""
    return [name for name, known in env.metadata.items() if "borrows" in known]


def setup(app):
    """Register the directive and connect the above to Sphinx's events."""
    app.add_node(borrowed)
    app.add_directive("borrow", Borrow)
    # Before the frames of figures leave the page.
    app.connect("doctree-resolved", fill, priority=550)
    app.connect("env-updated", again)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
