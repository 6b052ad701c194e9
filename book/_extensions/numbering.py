"""Equations carry the numbers of their papers."""

import re
import string

from sphinx.domains.math import MathDomain


def letters(index):
    """Name the equation with this index, from 0: a to z, then aa, ab and so on."""
    name = ""
    while index >= 0:
        index, last = index // 26 - 1, index % 26
        name = string.ascii_lowercase[last] + name
    return name


class PaperMath(MathDomain):
    """Number an equation as its paper does, from its label; others by letters, page by page."""

    def note_equation(self, docname, labelid, location=None):
        """Register an equation: krugman-14 is (14), gomory-3-1a is (3.1a), the rest a, b, ..."""
        super().note_equation(docname, labelid, location)
        paper = re.fullmatch(r"(?:krugman|gomory)-(\d+(?:-\d+)?[a-z]?|\d-[A-Z])(-prime)?", labelid)
        if paper:
            number = paper[1].replace("-", ".") + ("\N{PRIME}" if paper[2] else "")
        else:
            own = [at for at, eqno in self.equations.values() if str(eqno).isalpha()]
            number = letters(own.count(docname))
        self.equations[labelid] = (docname, number)


def setup(app):
    """Replace Sphinx's way of numbering."""
    app.add_domain(PaperMath, override=True)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
