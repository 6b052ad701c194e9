"""What the book's build adds to Jupyter Book: nothing stale, nothing fetched, nothing left out."""

import ast
import hashlib
import importlib.util
import json
import os
import re
import string
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor
from sphinx.domains.math import MathDomain
from sphinx.errors import ExtensionError
from sphinx.util.fileutil import copy_asset_file
from sphinx_exercise.nodes import solution_node

ASSETS = Path(__file__).parents[1] / "_assets"


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
            number = string.ascii_lowercase[own.count(docname)]
        self.equations[labelid] = (docname, number)


def configure(app, config):
    """Choose the edition, and serve every script from the book itself."""
    os.environ["EXPLORE"] = "html"
    if os.environ.get("EDITION") == "student":
        app.connect("doctree-resolved", without_solutions)
        # The notebooks that a reader can download have the solutions in them.
        config.html_copy_source = False
        config.html_theme_options["use_download_button"] = False
    config.mathjax_path = "mathjax/tex-svg.js"
    # Jupyter Book always loads Thebe, whose script comes from a foreign host and is declared twice.
    for event in app.events.listeners.values():
        event[:] = [one for one in event if not one.handler.__module__.startswith("sphinx_thebe")]


def without_solutions(app, doctree, name):
    """Leave the solutions out; sphinx-exercise itself cannot where they hold cells of code."""
    for solution in list(doctree.findall(solution_node)):
        solution.parent.remove(solution)


def _modules(code):
    """List the modules of lib that Python code imports."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.split(".")[0] == "lib")
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "lib":
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def _sources(code, folder):
    """Collect the files that code depends on: modules of lib, to any depth, and files it names."""
    named = re.findall(r"[\w./-]+\.(?:yml|json|csv|py)\b", code)
    found = {path for name in named if (path := (folder / name).resolve()).is_file()}
    waiting = set(_modules(code))
    seen = set()
    while waiting:
        module = waiting.pop()
        seen.add(module)
        try:
            spec = importlib.util.find_spec(module)
        except ModuleNotFoundError:
            continue
        if spec and spec.origin:
            path = Path(spec.origin)
            found.add(path)
            waiting |= set(_modules(path.read_text(encoding="utf-8"))) - seen
    return sorted(found)


def _digest(path):
    """Fingerprint what a notebook's results depend on besides its own cells."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    lines = [
        line
        for cell in cells
        if cell["cell_type"] == "code"
        for line in "".join(cell["source"]).splitlines()
        if not line.lstrip().startswith(("%", "!"))
    ]
    total = hashlib.sha256()
    for source in _sources("\n".join(lines), path.parent):
        total.update(source.read_bytes())
    return total.hexdigest()


def _notebooks(env):
    paths = {name: Path(env.doc2path(name)) for name in env.found_docs}
    return {name: path for name, path in paths.items() if path.suffix == ".ipynb"}


def outdated(app, env, added, changed, removed):
    """Have a chapter read again when something in lib that it uses has changed."""
    app.digests = {name: _digest(path) for name, path in _notebooks(env).items()}
    known = getattr(env, "edition_digests", {})
    return [name for name, digest in app.digests.items() if known.get(name) != digest]


def execute(app, env, names):
    """Run the chapters that are new or stale, as many at once as there are cores."""
    paths = {name: path for name, path in _notebooks(env).items() if name in names}
    folder = Path(app.config.nb_execution_cache_path)
    cache = get_cache(folder)
    ledger = folder / "sources.json"
    known = json.loads(ledger.read_text(encoding="utf-8")) if ledger.is_file() else {}
    records = {}
    for name, path in paths.items():
        records[name] = cache.add_nb_to_project(str(path))
        if known.get(name) != app.digests[name]:
            try:
                cache.remove_cache(cache.match_cache_file(str(path)).pk)
            except KeyError:
                continue

    def run(record):
        return load_executor("local-serial", get_cache(folder)).run_and_cache(
            filter_pks=[record.pk], timeout=app.config.nb_execution_timeout
        )

    # The longest first, so that the cores finish together.
    longest_first = sorted(records.values(), key=lambda one: -Path(one.uri).stat().st_size)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for result in pool.map(run, longest_first):
            for uri in result.excepted + result.errored:
                trace = cache.get_project_record(uri).traceback
                raise ExtensionError(f"{uri} failed:\n{trace}")
    env.edition_digests = app.digests
    known |= {name: app.digests[name] for name in paths}
    ledger.parent.mkdir(parents=True, exist_ok=True)
    ledger.write_text(json.dumps(known, indent=1), encoding="utf-8")


def page(app, name, template, context, doctree):
    """Give a page the one script that its figures need, and demand that each image has words."""
    body = context.get("body", "")
    # The sidebar has the search field; a second one would make an otherwise empty bar.
    context["theme_navbar_persistent"] = []
    context["css_files"] = [f for f in context["css_files"] if "thebe" not in str(f.filename)]
    for image in re.findall(r"<img\b[^>]*>", body):
        alt = re.search(r'\balt="([^"]*)"', image)
        if not alt or not alt[1].strip() or re.search(r"\.(png|svg|jpe?g)$", alt[1]):
            raise ExtensionError(f"{name} has an image without a text alternative: {image[:120]}")
    # docutils still writes roles that ARIA has withdrawn.
    context["body"] = re.sub(r' role="(doc-biblioentry|doc-backlink|list)"', "", body)
    # Each exercise and each solution of a page comes with the same id.
    context["body"] = re.sub(r' id="(?:exercise|solution)-content"', "", context["body"])
    # An empty corner of a table heads nothing.
    context["body"] = re.sub(r'<th class="head">(?:<p></p>)?</th>', "<td></td>", context["body"])
    # A line may not begin with the comma after a formula, nor end with the bracket before it.
    math = r'<span class="math [^"]*">[^<]*</span>'
    context["body"] = re.sub(
        f"[(“‘]?{math}[.,;:!?)’”]+s?|[(“‘]{math}",
        lambda found: f'<span class="unbroken">{found[0]}</span>',
        context["body"],
    )
    if 'class="explorer"' in body:
        app.add_js_file("explore.js", loading_method="defer")


def finish(app, failure):
    """Copy what the pages load."""
    if failure or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    package = Path(importlib.util.find_spec("sphinx-mathjax-offline").origin).parent
    (static / "mathjax").mkdir(parents=True, exist_ok=True)
    copy_asset_file(package / "static/mathjax/tex-svg.js", static / "mathjax/tex-svg.js")
    for name in ("explore.js", "book.css"):
        copy_asset_file(ASSETS / name, static / name)


def setup(app):
    """Connect the above to Sphinx's events."""
    app.add_css_file("book.css")
    app.add_domain(PaperMath, override=True)
    app.connect("config-inited", configure, priority=900)
    app.connect("env-get-outdated", outdated)
    app.connect("env-before-read-docs", execute)
    app.connect("html-page-context", page, priority=900)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
