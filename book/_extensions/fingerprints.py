"""What a chapter depends on besides its own cells: modules of `lib`, and files it names."""

import ast
import hashlib
import importlib.util
import json
import re
from functools import lru_cache
from pathlib import Path


def code(path):
    """Join a notebook's cells of code, without the lines that are not Python."""
    # What cannot be read depends on nothing; running it will say what is wrong.
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (ValueError, KeyError):
        return ""
    lines = [
        line
        for cell in cells
        if cell["cell_type"] == "code" and _is_python(cell)
        for line in _python(cell)
    ]
    return "\n".join(lines)


def _python(cell):
    lines = "".join(cell["source"]).splitlines()
    return [line for line in lines if not line.lstrip().startswith(("%", "!"))]


def _is_python(cell):
    try:
        return ast.parse("\n".join(_python(cell)))
    except SyntaxError:
        return False


def _file(module, lib):
    """Find a module's file below the folder of lib; None for a name that is no module."""
    place = lib.joinpath(*module.split(".")[1:])
    found = [place.with_suffix(".py"), place / "__init__.py"]
    return next(filter(Path.is_file, found), None)


@lru_cache(256)  # each chapter reaches the same modules
def _imported(text):
    """List what Python code imports from lib: module, name in it or None, and name here."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [(one.name, None, one.asname) for one in node.names]
        if isinstance(node, ast.ImportFrom):
            names = [(one.name, one.asname or one.name) for one in node.names]
            found += [(node.module or "", *name) for name in names]
    return tuple(one for one in found if one[0].split(".")[0] == "lib")


def _imports(text, lib):
    """List the modules of lib that Python code imports, each name by the module that defines it."""
    for module, name, _ in _imported(text):
        yield _definer(module, name, lib) if name else module


def _definer(module, name, lib):
    """Follow a name through the packages that hand it on."""
    if _file(f"{module}.{name}", lib):
        return f"{module}.{name}"
    path = _file(module, lib)
    if path and path.name == "__init__.py":
        for origin, there, here in _imported(path.read_text(encoding="utf-8")):
            if there and here == name:
                return _definer(origin, there, lib)
    return module


def sources(text, folder, lib=None):
    """
    Collect the files that code depends on: modules of lib, to any depth, and files it names.

    Parameters
    ----------
    text : str
        Python code.
    folder : Path
        Where the code runs.
    lib : Path, optional
        The folder of lib; the one that Python imports if not given.

    Returns
    -------
    list of Path
        The files, sorted.
    """
    lib = lib or Path(importlib.util.find_spec("lib").origin).parent
    named = re.findall(r"[\w./-]+\.(?:yml|json|csv|py)\b", text)
    found = {path for name in named if (path := (folder / name).resolve()).is_file()}
    waiting = set(_imports(text, lib))
    seen = set()
    while waiting:
        module = waiting.pop()
        seen.add(module)
        path = _file(module, lib)
        if path:
            found.add(path)
            waiting |= set(_imports(path.read_text(encoding="utf-8"), lib)) - seen
    return sorted(found)


def digest(path, lib=None):
    """
    Fingerprint what a notebook's results depend on besides its own cells.

    Parameters
    ----------
    path : Path
        The notebook.
    lib : Path, optional
        The folder of lib; the one that Python imports if not given.

    Returns
    -------
    str
        A text that changes when one of the files changes.
    """
    total = hashlib.sha256()
    for source in sources(code(path), path.parent, lib):
        total.update(source.read_bytes())
    return total.hexdigest()
