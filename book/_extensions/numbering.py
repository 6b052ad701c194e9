"""Equations carry the numbers of their papers."""

import os
import re
import string

from docutils import nodes
from sphinx.domains.math import MathDomain


def letters(index):
    """Name the equation with this index, from 0: a to z, then aa, ab and so on."""
    name = ""
    while index >= 0:
        index, last = index // 26 - 1, index % 26
        name = string.ascii_lowercase[last] + name
    return name


def paper_number(label):
    """Read the number that an equation has in its paper from its label; None where it has none."""
    found = re.fullmatch(r"(?:krugman|gomory)-(\d+(?:-\d+)?[a-z]?|\d-[A-Z])(-prime)?", label)
    return found and found[1].replace("-", ".") + ("\N{PRIME}" if found[2] else "")


class PaperMath(MathDomain):
    """Number an equation as its paper does, from its label; others by letters, page by page."""

    def note_equation(self, docname, labelid, location=None):
        """Register an equation: krugman-14 is (14), gomory-3-1a is (3.1a), the rest a, b, ..."""
        super().note_equation(docname, labelid, location)
        number = paper_number(labelid)
        if not number:
            own = [at for at, eqno in self.equations.values() if str(eqno).isalpha()]
            number = letters(own.count(docname))
        self.equations[labelid] = (docname, number)

    def resolve_xref(self, env, fromdocname, builder, typ, target, node, contnode):
        """Link to an equation; where a few pages are built alone, name those of the others."""
        if os.environ.get("EDITION") == "excerpt" and target not in self.equations:
            number = f"({paper_number(target) or '?'})"
            return nodes.inline(number, number)
        return super().resolve_xref(env, fromdocname, builder, typ, target, node, contnode)

    def resolve_any_xref(self, env, fromdocname, builder, target, node, contnode):
        """Link to an equation where a reference does not say that it means one."""
        if target not in self.equations:
            return []
        return super().resolve_any_xref(env, fromdocname, builder, target, node, contnode)


def forget(app, env, names):
    """Forget every page that is read again before the first is: a label may move between them."""
    for name in names:
        app.emit("env-purge-doc", env, name)
        env.clear_doc(name)


def setup(app):
    """Replace Sphinx's way of numbering."""
    app.add_domain(PaperMath, override=True)
    app.connect("env-before-read-docs", forget)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
