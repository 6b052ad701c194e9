"""Cells of code in the page: checks and set-up fold to a line, one switch hides all code."""

import ast
import re

from docutils import nodes
from sphinx.errors import ExtensionError


class folded(nodes.General, nodes.Element):
    """Code behind one line."""


def first_comment(source):
    """
    Read the sentence that a cell begins with.

    Comments on consecutive lines belong together; a comment at the end of a line of code says
    something else.
    """
    lines = []
    for line in source.strip().splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# "))
    return " ".join(lines).strip()


def summary(source):
    """
    Say in a line what a folded cell holds.

    Its first comment says so; without one, what it draws (the name of a figure is the first line
    of its function's docstring), defines or imports.
    """
    if comment := first_comment(source):
        return comment
    functions = [n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]
    titles = [(ast.get_docstring(n) or n.name).split("\n")[0].rstrip(".") for n in functions]
    if re.search(r"^derivation\(", source, re.MULTILINE):
        return "The code that proves these lines"
    if functions and re.search(r"^explore\(", source, re.MULTILINE):
        # Helpers come first, the function that draws last.
        return f"Drawn by this code: {titles[-1]}"
    if functions:
        return "Defined here: " + "; ".join(titles)
    if re.search(r"^(from|import) ", source, re.MULTILINE):
        return "Set-up: what the code of this chapter uses"
    return "Code"


def fold(app, doctree):
    """Put checks, set-up and drawings behind their line."""
    for cell in list(doctree.findall(nodes.container)):
        if cell.get("nb_element") != "cell_code" or not cell.children:
            continue
        tags = cell["cell_metadata"].get("tags", [])
        code = cell[0]
        if code.get("nb_element") != "cell_code_source":
            continue
        if "check" in tags:
            kind, line = "check", first_comment(code.astext())
            if not line:
                raise ExtensionError(
                    f"{app.env.docname}: a check must begin with a comment that says what it"
                    f" checks:\n{code.astext()}"
                )
            if len(cell) > 1:
                raise ExtensionError(
                    f"{app.env.docname}: a check only asserts, but this one prints:\n"
                    f"{code.astext()}"
                )
        elif "hide-input" in tags:
            kind, line = "set-up", summary(code.astext())
        elif "hide-output" in tags and len(cell) > 1:
            code = cell[1]
            kind, line = "output", f"Printed: {code.astext().strip().splitlines()[0]}"
        else:
            continue
        cell["hide_mode"] = None
        box = folded(kind=kind, line=line)
        cell.remove(code)
        box += code
        # What a reader wants comes first: the figure, then the code that drew it.
        cell += box


def written(text):
    """Write a line's symbols as the text around it does."""
    for raw, shown in (
        (r"\b([^\W\d_]{1,3}['*]?)_(\w{1,2})\b", r"\1<sub>\2</sub>"),
        (r"\^\(((?:[^()]|\([^()]*\))*)\)", r"<sup>\1</sup>"),
        (r"\^(-?(?:\d+(?:\.\d+)?|\w))", r"<sup>\1</sup>"),
        (r"\b([^\W\d_])'(?!\w)", "\\1\N{PRIME}"),
        (
            r" - |(?<=[(>])-(?=\w)|(?<=[\d)])-(?=[^\W\d_](?!\w)|\()",
            lambda one: one[0].replace("-", "\N{MINUS SIGN}"),
        ),
        ("&lt;=", "\N{LESS-THAN OR EQUAL TO}"),
        ("&gt;=", "\N{GREATER-THAN OR EQUAL TO}"),
    ):
        text = re.sub(raw, shown, text)
    return text


def visit_folded(self, node):
    """Open the fold with its line."""
    tick = '<span class="tick" role="img" aria-label="Checked:">\N{CHECK MARK}</span> '
    self.body.append(
        f'<details class="folded {node["kind"]}">\n<summary>'
        f"{tick if node['kind'] == 'check' else ''}{written(self.encode(node['line']))}</summary>\n"
    )


def depart_folded(self, node):
    """Close it."""
    self.body.append("</details>\n")


def setup(app):
    """Connect to Sphinx's events."""
    app.add_css_file("folding.css")
    app.add_js_file("folding.js")
    app.add_node(folded, html=(visit_folded, depart_folded))
    app.connect("doctree-read", fold)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
