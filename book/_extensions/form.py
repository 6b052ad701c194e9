"""Measure the chapters' form, as the chapter "For contributors" describes it."""

import re
import sys
from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).parents[2]
CLOSED = {"hide-input", "hide-cell", "remove-input", "remove-cell", "check"}
FIGURE = "article :is(.explorer, figure, img)"


def chapters():
    """List the chapters that are notebooks, in the book's order."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    for part in contents["parts"]:
        for chapter in part["chapters"]:
            path = ROOT / f"{chapter['file']}.ipynb"
            if path.exists():
                yield path


def sections(notebook):
    """Split a chapter at its headings of the second level: (heading, cells), the first is ""."""
    found = [("", [])]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            found[-1][1].append(cell)
            continue
        for part in re.split(r"^(?=## )", cell.source, flags=re.MULTILINE):
            heading = re.match(r"## (.*)", part)
            if heading:
                found.append((heading[1].strip(), []))
            found[-1][1].append(nbformat.v4.new_markdown_cell(part))
    return found


def section(notebook, heading):
    """Join the text of one section; empty if there is none."""
    for name, cells in sections(notebook):
        if name == heading:
            return "\n\n".join(c.source for c in cells if c.cell_type == "markdown")
    return ""


def in_new_form(notebook):
    """Tell whether a chapter claims the form that the tests then demand of it."""
    return bool(section(notebook, "Check yourself"))


def main_path(notebook):
    """Keep what every reader reads: no exercises, nothing beyond the paper, no reading list."""
    return [
        cell
        for name, cells in sections(notebook)
        if name not in ("Exercises", "Further reading") and not name.startswith("Beyond the paper")
        for cell in cells
    ]


def words(markdown):
    """Count words as they are read: a formula in a line is one, a displayed one none."""
    text = re.sub(r"\$\$.*?\$\$(?: *\([\w-]+\))?", " ", markdown, flags=re.DOTALL)
    text = re.sub(r"^(?:`{3,}|:{3,}|:[\w-]+:|\([\w-]+\)=).*$", " ", text, flags=re.MULTILINE)
    text = re.sub(r"\$[^$]+\$", "formula", text)
    text = re.sub(r"\{[\w:]+\}`[^`]*`", "reference", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return len(re.findall(r"[^\W_][\w'’.,-]*", text))


def reasons(cell):
    """Count the words of a derivation's reasons and of a question, which are read as text."""
    if not re.search(r"^(?:derivation|choose|compute)\(", cell.source, re.MULTILINE):
        return 0
    strings = re.findall(r'"((?:[^"\\]|\\.)*)"', cell.source)
    return sum(words(one) for one in strings)


def questions(notebook):
    """Keep the cells that ask a check-yourself question."""
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code"
        and re.search(r"^(?:choose|compute)\(", cell.source, re.MULTILINE)
    ]


def open_cells(cells):
    """Keep the cells whose code a reader sees at first."""
    return [
        cell
        for cell in cells
        if cell.cell_type == "code" and not CLOSED & set(cell.metadata.get("tags", []))
    ]


def measure(notebook):
    """Measure a chapter from its source."""
    read = main_path(notebook)
    shown = open_cells(
        cell for name, cells in sections(notebook) if name != "Exercises" for cell in cells
    )
    return {
        "words": sum(words(c.source) if c.cell_type == "markdown" else reasons(c) for c in read),
        "open": len(shown),
        "silent": sum(not cell.outputs for cell in shown),
        "checks": sum("check" in cell.metadata.get("tags", []) for cell in notebook.cells),
        "questions": len(questions(notebook)),
    }


def screens(page):
    """Measure how many screens lie above the first figure of an open page."""
    figure = page.locator(FIGURE).first
    if not figure.count():
        return float("inf")
    top = figure.evaluate("one => one.getBoundingClientRect().top + scrollY")
    return top / page.viewport_size["height"]


def seen_code(page):
    """List the code that an open page shows in its first screen."""
    return page.evaluate(
        """() => [...document.querySelectorAll("article .cell_input pre")]
            .filter((one) => one.checkVisibility()
                && one.getBoundingClientRect().top + scrollY < innerHeight)
            .map((one) => one.textContent.slice(0, 60))"""
    )


def table():
    """Write one line a chapter."""
    lines = [f"{'':<44}{'words':>7}{'open':>6}{'silent':>8}{'checks':>8}{'questions':>11}  form"]
    for path in chapters():
        notebook = nbformat.read(path, as_version=4)
        found = measure(notebook)
        lines.append(
            f"{path.relative_to(ROOT / 'book').with_suffix('')!s:<44}{found['words']:>7}"
            f"{found['open']:>6}{found['silent']:>8}{found['checks']:>8}{found['questions']:>11}"
            f"  {'new' if in_new_form(notebook) else 'old'}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
