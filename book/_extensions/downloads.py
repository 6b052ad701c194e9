"""A chapter to take away: its notebook, with all that it needs to run."""

import ast
import importlib.util
import os
import re
import zipfile
from pathlib import Path

import nbformat
from sphinx.errors import ExtensionError

import fingerprints

LIB = Path(importlib.util.find_spec("lib").origin).parent
START = """\
{title}

1. Install Python 3.11 or newer. In this folder, type: python -m pip install -r requirements.txt
2. Then type: python -m jupyterlab {notebook}
3. In the menu Run, choose Run All Cells; then change what you like, and run it again.
"""
# What begins and ends a solution, and a solution in one piece, as the chapters write them.
GATE = re.compile(r"^(`{3,}|:{3,})\{solution-(start|end)\}.*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
WHOLE = re.compile(r"^(`{3,}|:{3,})\{solution\}.*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)


def without_solutions(notebook):
    """Leave out of a notebook, in place, all between the beginning and the end of a solution."""
    kept, inside = [], False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text, place, parts = WHOLE.sub("", cell.source), 0, []
            for gate in GATE.finditer(text):
                if not inside:
                    parts.append(text[place : gate.start()])
                inside, place = gate[2] == "start", gate.end()
            if not inside:
                parts.append(text[place:])
            cell.source = "".join(parts).strip()
            if cell.source:
                kept.append(cell)
        elif not inside:
            kept.append(cell)
    notebook.cells = kept


def _requirements(texts):
    """List what code imports, with the versions that the book is known to work with."""
    imported = {"jupyterlab"}
    for text in texts:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                imported |= {one.name.split(".")[0] for one in node.names}
            if isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])
    lines = (LIB.parent / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [
        line.split("#")[0].strip()
        for line in lines
        if re.split(r"[^\w.-]", line)[0].lower() in imported
    ]


def contents(path, student=False):
    """
    Collect a chapter's files.

    Parameters
    ----------
    path : pathlib.Path
        The notebook.
    student : bool
        Whether to leave its solutions out.

    Returns
    -------
    dict
        The bytes of each file, by its name in the folder.
    """
    notebook = nbformat.read(path, as_version=4)
    if student:
        without_solutions(notebook)
    title = re.search(r"^# (.*)", "\n".join(cell.source for cell in notebook.cells), re.MULTILINE)
    start = START.format(title=title[1] if title else path.stem, notebook=path.name)
    modules = sorted(file for file in LIB.rglob("*") if file.suffix not in ("", ".pyc"))
    code = [file.read_text(encoding="utf-8") for file in modules if file.suffix == ".py"]
    needed = _requirements([*code, fingerprints.code(path)])
    files = {
        path.name: nbformat.writes(notebook).encode(),
        # Old programs on Windows know these line ends only.
        "README.txt": start.replace("\n", "\r\n").encode(),
        "requirements.txt": "\r\n".join([*needed, ""]).encode(),
    }
    for file in modules:
        files[f"lib/{file.relative_to(LIB).as_posix()}"] = file.read_bytes()
    for file in fingerprints.sources(fingerprints.code(path), path.parent):
        if not file.is_relative_to(LIB):
            if not file.is_relative_to(path.parent):
                raise ExtensionError(f"{path} reads {file}, which cannot stand beside it")
            files[file.relative_to(path.parent).as_posix()] = file.read_bytes()
    return files


def write(archive, folder, files):
    """Write files into a folder of a zip; the same files give the same bytes."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in files.items():
            entry = zipfile.ZipInfo(f"{folder}/{name}")
            entry.external_attr = 0o644 << 16
            opened.writestr(entry, data, zipfile.ZIP_DEFLATED)


def page(app, name, template, context, doctree):
    """Offer the download in the page's header."""
    if name in app.env.all_docs and str(app.env.doc2path(name)).endswith(".ipynb"):
        address = context["pathto"](f"_downloads/{name.removeprefix('book/')}.zip", 1)
        context["downloads"] = [(address, "This chapter to run: notebook and solvers, zip")]


def finish(app, failure):
    """Write the zips of all chapters."""
    if failure or app.builder.format != "html":
        return
    for name in app.env.all_docs:
        path = Path(app.env.doc2path(name))
        if path.suffix == ".ipynb":
            archive = Path(app.outdir) / f"_downloads/{name.removeprefix('book/')}.zip"
            write(archive, path.stem, contents(path, app.config.edition == "student"))


def setup(app):
    """Connect the above to Sphinx's events."""
    app.connect("html-page-context", page)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def whole(html):
    """Put the built book into one zip beside it, for a USB stick."""
    name = "trade-with-increasing-returns"
    archive = html.parent / f"{name}.zip"
    files = {
        file.relative_to(html).as_posix(): file.read_bytes()
        for file in sorted(html.rglob("*"))
        if file.is_file() and not file.name.startswith(".")
    }
    write(archive, name, files)
    return archive


if __name__ == "__main__":
    made = whole(LIB.parent / "_build/html")
    print(f"{os.path.relpath(made)}: {made.stat().st_size / 1e6:.0f} MB")
