"""Pages made from the ledger, reference/claims.yml: what the papers state, and what came of it."""

import re
from collections import Counter
from html import escape
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.util.docutils import SphinxDirective

from folding import written

FILE = Path(__file__).parents[1] / "reference" / "claims.yml"
PAPERS = {"krugman": "Krugman (1980)", "gomory": "Gomory (1994)"}
VERDICTS = {
    "assumed": "an assumption, a condition or a definition; what it implies is executed",
    "derived": "proved in the book, and the algebra of the proof is executed",
    "verified": "holds in numbers, over the range that its entry states",
    "qualified": "true with a condition that the text leaves out, or calls experience itself",
    "corrected": "the text is wrong, and the right version is shown",
    "false": "refuted by a counterexample",
    "reading": "to be compared with the printed page: our copies may be at fault; counted nowhere",
}


def is_slip(row):
    """Tell whether a row is about a slip of the text only, and no statement of the paper."""
    return row["id"].startswith(("KE-", "GE-"))


class Ledger(SphinxDirective):
    """A directive that reads the ledger; its argument selects a paper."""

    required_arguments = 0
    optional_arguments = 1

    def rows(self):
        """Read the entries, and have the page made again whenever the file changes."""
        self.env.note_dependency(str(FILE))
        rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))
        return [r for r in rows if not self.arguments or r["paper"] == self.arguments[0]]

    def link(self, row):
        """Link to the place in the book where a statement is executed."""
        place = row["place"]
        numbered = re.match(r"I+\b|\d", row["section"])
        words = f"Section {row['section']}" if numbered else row["section"]
        link = pending_xref(
            "",
            nodes.inline(words, words),
            refdomain="",
            reftype="any",
            reftarget=place,
            refexplicit=True,
            refwarn=True,
            refdoc=self.env.docname,
        )
        link.source, link.line = self.get_source_info()
        return link

    def entry(self, row):
        """Write one statement with its verdict."""
        head = nodes.paragraph("", "", nodes.strong("", row["id"]), nodes.Text(", "))
        head += [self.link(row), nodes.Text(" "), mark(row["verdict"])]
        finding = nodes.paragraph("", "", nodes.emphasis("", "Finding. "))
        finding += typeset(row["finding"])
        checks = nodes.paragraph("", "", nodes.emphasis("", "Checked by "))
        for number, check in enumerate(row["check"]):
            checks += nodes.Text(", " if number else "")
            # The names of files and tests are long: let a narrow page break them.
            checks += nodes.literal("", check.replace("/", "/\u200b").replace("_", "_\u200b"))
        statement = nodes.paragraph("", "", typeset(row["statement"]))
        return nodes.list_item("", head, statement, finding, checks)

    def entries(self, rows):
        """Write a list of statements."""
        return nodes.bullet_list("", *map(self.entry, rows), classes=["ledger"])


def further_slips(rows):
    """Say how many slips of the texts are no statement's own, by what came of them."""
    found = Counter(row.get("slip", row["verdict"]) for row in rows if is_slip(row))
    condition = found["qualified"]
    sentences = "sentence that needs" if condition == 1 else "sentences that need"
    return (
        f"{found['mistake']} mistakes that matter and {found['misprint']} harmless misprints, all "
        f"corrected, {condition} {sentences} a condition, and {found['reading']} oddities that may "
        "come from our copies, which are marked as readings"
    )


def typeset(words):
    """Write a row's formulas as formulas."""
    return nodes.raw("", written(escape(words, quote=False)), format="html")


def mark(verdict):
    """Write a verdict so that it is seen as one."""
    return nodes.inline(verdict, verdict, classes=["verdict", verdict])


class Claims(Ledger):
    """List every statement of a paper."""

    def run(self):
        """Make the list."""
        return [self.entries(self.rows())]


class Errata(Ledger):
    """List what the text of a paper gets wrong, by consequence; what is uncertain comes last."""

    def run(self):
        """Make a list of each kind that occurs."""
        kinds = {
            "Mistakes, by what hangs on them": ("slip", "mistake"),
            "Misprints": ("slip", "misprint"),
            "Refuted": ("verdict", "false"),
            "True with a condition": ("verdict", "qualified"),
            "To be compared with the printed page": ("verdict", "reading"),
        }
        result = []
        for words, (key, value) in kinds.items():
            rows = [row for row in self.rows() if row.get(key) == value]
            if rows:
                result.append(nodes.rubric(words, words, **{"heading-level": 3}))
                result.append(self.entries(sorted(rows, key=lambda row: row.get("rank", 0))))
        return result


class Verdicts(Ledger):
    """Count the papers' statements by verdict, and the slips that are no statement's apart."""

    def run(self):
        """Make the list, in words that fit a phone."""
        rows = self.rows()
        statements = [row for row in rows if not is_slip(row)]
        items = []
        for verdict, meaning in VERDICTS.items():
            found = Counter(row["paper"] for row in statements if row["verdict"] == verdict)
            if found:
                by_paper = ", ".join(f"{found[p]} of {name}" for p, name in PAPERS.items())
                words = f" {meaning}: {found.total()} ({by_paper})."
                paragraph = nodes.paragraph("", "", mark(verdict), nodes.Text(words))
                items.append(nodes.list_item("", paragraph))
        said = (
            f"{len(statements)} statements of the two papers are in the ledger. Not counted above "
            f"are further slips of their texts: {further_slips(rows)}."
        )
        return [nodes.bullet_list("", *items), nodes.paragraph("", said)]


def setup(app):
    """Register the directives."""
    app.add_directive("claims", Claims)
    app.add_directive("errata", Errata)
    app.add_directive("verdicts", Verdicts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
