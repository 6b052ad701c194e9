"""Which edition is built: the whole book, the students' without solutions, or a few pages."""

import os

from sphinx_exercise.nodes import solution_node


def configure(app, config):
    """Have figures drawn for the page; prepare the edition that EDITION names."""
    os.environ["EXPLORE"] = "html"
    edition = config.edition = os.environ.get("EDITION", "")
    if edition == "student":
        app.connect("doctree-resolved", without_solutions)
    if edition == "excerpt":
        # What the pages refer to stands in pages that are not built.
        config.suppress_warnings += ["myst.xref_missing", "ref"]


def without_solutions(app, doctree, name):
    """Leave the solutions out; sphinx-exercise itself cannot where they hold cells of code."""
    for solution in list(doctree.findall(solution_node)):
        solution.parent.remove(solution)


def setup(app):
    """Connect the above to Sphinx's events."""
    # Pages are written again when the edition changes.
    app.add_config_value("edition", "", "html")
    app.connect("config-inited", configure, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
