"""Pages made from the ledger, reference/claims.yml: what the papers state, and what came of it."""

import re
from collections import Counter
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.util.docutils import SphinxDirective

FILE = Path(__file__).parents[1] / "reference" / "claims.yml"
PAPERS = {"krugman": "Krugman (1980)", "gomory": "Gomory (1994)"}
VERDICTS = {
    "derived": "proved in executed symbolic steps",
    "verified": "confirmed by numbers, over the range that is stated",
    "corrected": "the text has a slip; the right version is shown",
    "false": "refuted by a counterexample",
    "open": "not yet executed in this book",
}


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
        head = nodes.paragraph("", "", nodes.strong("", row["id"]))
        head += nodes.Text(", ")
        head += (
            self.link(row) if row["verdict"] != "open" else nodes.Text(f"Section {row['section']}")
        )
        head += nodes.Text(" ")
        head += nodes.inline(row["verdict"], row["verdict"], classes=["verdict", row["verdict"]])
        item = nodes.list_item("", head, nodes.paragraph("", row["statement"]))
        if row["verdict"] != "open":
            item += nodes.paragraph(
                "", "", nodes.emphasis("", "Finding. "), nodes.Text(row["finding"])
            )
            checks = nodes.paragraph("", "", nodes.emphasis("", "Checked by "))
            for number, check in enumerate(row["check"]):
                checks += nodes.Text(", " if number else "")
                # The names of files and tests are long: let a narrow page break them.
                checks += nodes.literal("", check.replace("/", "/\u200b").replace("_", "_\u200b"))
            item += checks
        return item


class Claims(Ledger):
    """List every statement of a paper."""

    def run(self):
        """Make the list."""
        return [nodes.bullet_list("", *map(self.entry, self.rows()), classes=["ledger"])]


class Errata(Ledger):
    """List what the text of a paper gets wrong, section by section."""

    def run(self):
        """Make the list."""
        rows = self.rows()
        sections = [row["section"].split(",")[0] for row in rows]
        wrong = [
            (sections.index(section), row)
            for section, row in zip(sections, rows, strict=True)
            if row["verdict"] in ("corrected", "false")
        ]
        if not wrong:
            return [nodes.paragraph("", "None so far.")]
        in_order = [row for _, row in sorted(wrong, key=lambda pair: pair[0])]
        return [nodes.bullet_list("", *map(self.entry, in_order), classes=["ledger"])]


class Verdicts(Ledger):
    """Count the verdicts."""

    def run(self):
        """Make the list, in words that fit a phone."""
        rows = self.rows()
        counts = Counter((row["verdict"], row["paper"]) for row in rows)
        items = []
        for verdict, meaning in VERDICTS.items():
            by_paper = [f"{counts[verdict, p]} of {name}" for p, name in PAPERS.items()]
            if total := sum(counts[verdict, p] for p in PAPERS):
                words = f" {meaning}: {total} ({', '.join(by_paper)})."
                mark = nodes.inline(verdict, verdict, classes=["verdict", verdict])
                items.append(nodes.list_item("", nodes.paragraph("", "", mark, nodes.Text(words))))
        said = f"{len(rows)} statements are in the ledger."
        return [nodes.bullet_list("", *items), nodes.paragraph("", said)]


def setup(app):
    """Register the directives."""
    app.add_directive("claims", Claims)
    app.add_directive("errata", Errata)
    app.add_directive("verdicts", Verdicts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
