"""The build runs what is stale and nothing else, and stops on what must not be published."""

import asyncio
import importlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import nbformat
import psutil
import pytest
import yaml
from docutils import nodes
from docutils.utils import new_document
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).parents[1]
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
COUNT = 'with open("{0}.runs", "a") as runs:\n    runs.write("x")'


@pytest.fixture
def extension(monkeypatch):
    """Load a module of the build by its name."""
    monkeypatch.syspath_prepend(str(ROOT / "book/_extensions"))
    return importlib.import_module


@pytest.fixture
def fingerprints(extension):
    return extension("fingerprints")


@pytest.fixture
def small_book(tmp_path):
    shutil.copy(ROOT / "_config.yml", tmp_path)
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: book/preface\nchapters:\n- file: book/one\n- file: book/two\n"
    )
    for name in ("_extensions", "_assets", "_templates"):
        shutil.copytree(ROOT / "book" / name, tmp_path / "book" / name)
    shutil.copy(ROOT / "book/references.bib", tmp_path / "book")
    (tmp_path / "book/reference").mkdir()
    shutil.copy(ROOT / "book/reference/bibliography.md", tmp_path / "book/reference")
    (tmp_path / "book/preface.md").write_text("# Preface\n", encoding="utf-8")
    (tmp_path / "book/data.csv").write_text("1", encoding="utf-8")
    write(tmp_path, "one", COUNT.format("one"))
    write(tmp_path, "two", COUNT.format("two"), 'float(open("data.csv").read())')
    return tmp_path


def write(folder, name, *cells):
    heading = new_markdown_cell(f"# Chapter {name}")
    notebook = new_notebook(cells=[heading, *map(new_code_cell, cells)], metadata=KERNEL)
    nbformat.write(notebook, folder / f"book/{name}.ipynb")


def run(command, folder, **environment):
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def build(folder, **environment):
    program = Path(sys.executable).parent / "jupyter-book"
    return run([program, "build", ".", "-W", "--keep-going"], folder, **environment)


def runs(folder):
    return [
        len((folder / f"book/{name}.runs").read_text(encoding="utf-8")) for name in ("one", "two")
    ]


def test_only_what_changed_is_executed_again(small_book):
    first = build(small_book)
    assert first.returncode == 0, first.stderr
    assert runs(small_book) == [1, 1]
    assert build(small_book).returncode == 0
    assert runs(small_book) == [1, 1]
    write(small_book, "one", COUNT.format("one"), "1 + 1")
    assert build(small_book).returncode == 0
    assert runs(small_book) == [2, 1]
    (small_book / "book/data.csv").write_text("2", encoding="utf-8")
    assert build(small_book).returncode == 0
    assert runs(small_book) == [2, 2]
    assert "2.0" in (small_book / "_build/html/book/two.html").read_text(encoding="utf-8")


def test_an_equation_may_move_to_an_earlier_page(small_book):
    pages = small_book / "book/one.md", small_book / "book/two.md"
    for page in pages:
        page.with_suffix(".ipynb").unlink()
    for holder in reversed(pages):
        for page in pages:
            page.write_text(f"# {page.stem}\n", encoding="utf-8")
        with holder.open("a", encoding="utf-8") as text:
            text.write("\n$$x = y$$ (krugman-1)\n\nAs {eq}`krugman-1` says.\n")
        result = build(small_book)
        assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("cell", "complaint"),
    [
        ("assert 1 == 2", "AssertionError"),
        (
            'from IPython.display import HTML\nHTML(\'<img src="x.png" alt="">\')',
            "without a text alternative",
        ),
        (
            "from IPython.display import Math\nMath(r'x = \\nonsense')",
            "book/two, line",
        ),
    ],
    ids=["failing cell", "image without words", "formula that cannot be read"],
)
def test_the_build_stops(small_book, cell, complaint):
    write(small_book, "two", cell)
    result = build(small_book)
    assert result.returncode != 0
    assert complaint in result.stdout + result.stderr


@pytest.fixture
def execution(extension):
    return extension("execution")


def tiny(folder, name, source):
    path = folder / f"{name}.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(source)], metadata=KERNEL), path)
    return path


class Instant:
    """Stands in for a client of a kernel, so that records come as fast as they can."""

    def __init__(self, notebook, **options):
        self.notebook = notebook

    async def async_execute(self):
        await asyncio.sleep(0)


def test_two_threads_over_sixty_notebooks_each_leave_120_records(execution, tmp_path, monkeypatch):
    monkeypatch.setattr(execution, "NotebookClient", Instant)
    folder = tmp_path / "cache"
    with closing(execution.Cache(folder)) as cache:
        cache.list_cache_records()
    notebooks = [tiny(tmp_path, f"n{i}", str(i)) for i in range(120)]

    def build_half(paths):
        with closing(execution.Cache(folder)) as cache:
            return execution.run(paths, 60, lambda path, done: cache.keep(path, done, path.stem))

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(build_half, (notebooks[:60], notebooks[60:]))) == [{}, {}]
    with closing(execution.Cache(folder)) as cache:
        assert len(cache.list_cache_records()) == 120
        assert all(cache.holds(path, path.stem) for path in notebooks)
        assert not cache.holds(notebooks[0], "other sources")


def test_a_chapter_that_fails_without_a_traceback_says_why(execution, tmp_path):
    fails = {
        "died": "import os\nos._exit(1)",
        "slow": "import time\ntime.sleep(60)",
        "wrong": "1 / 0",
    }
    paths = {name: tiny(tmp_path, name, source) for name, source in fails.items()}
    paths["torn"] = tmp_path / "torn.ipynb"
    paths["torn"].write_text("{", encoding="utf-8")
    why = execution.run(paths.values(), 15, lambda path, notebook: None)
    assert "Kernel died" in why[paths["died"]]
    assert "Timeout" in why[paths["slow"]]
    assert "ZeroDivisionError" in why[paths["wrong"]]
    assert "JSON" in why[paths["torn"]]


def test_a_line_that_is_printed_in_pieces_stays_one_line(execution, tmp_path):
    pieces = "import time\nfor word in 'in', ' pieces\\n', '  over':\n"
    pieces += "    print(word, end='', flush=True)\n    time.sleep(0.3)"
    done = []
    path = tiny(tmp_path, "pieces", pieces)
    assert not execution.run([path], 60, lambda path, notebook: done.append(notebook))
    assert [out.text for out in done[0].cells[0].outputs] == ["in pieces\n  over"]


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot send Ctrl-C to one process")
def test_ctrl_c_stops_a_build_and_the_next_goes_on_where_it_stopped(small_book):
    write(small_book, "one", COUNT.format("one"), "# the longest is run first" + 200 * " .")
    write(small_book, "two", COUNT.format("two"), "import time\ntime.sleep(600)")
    cache = small_book / "_build/.cells/executed"
    program = Path(sys.executable).parent / "jupyter-book"
    with subprocess.Popen(
        [program, "build", "."],
        cwd=small_book,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # What runs in a shell's background ignores Ctrl-C, and what it starts does so too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as building:
        try:
            until(
                lambda: list(cache.glob("*/base.ipynb")) and (small_book / "book/two.runs").exists()
            )
            kernels = psutil.Process(building.pid).children(recursive=True)
            assert kernels
            building.send_signal(signal.SIGINT)
            assert building.wait(5) != 0
        finally:
            building.kill()
    assert not psutil.wait_procs(kernels, timeout=5)[1]
    write(small_book, "two", COUNT.format("two"))
    assert build(small_book).returncode == 0
    assert runs(small_book) == [1, 2]


def until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_the_student_edition_has_the_exercises_and_nowhere_a_solution(small_book):
    notebook = nbformat.read(small_book / "book/one.ipynb", as_version=4)
    notebook.cells += [
        new_markdown_cell("```{exercise} One\n:nonumber:\n:label: x-1\nHow much is it?\n```"),
        new_markdown_cell("```{solution-start} x-1\n:label: x-1-solution\n```"),
        new_markdown_cell("Not for students."),
        new_code_cell("answer = 6 * 7"),
        new_markdown_cell("```{solution-end}\n```"),
    ]
    nbformat.write(notebook, small_book / "book/one.ipynb")
    result = build(small_book, EDITION="student")
    assert result.returncode == 0, result.stderr
    html = small_book / "_build/html"
    assert "How much is it?" in (html / "book/one.html").read_text(encoding="utf-8")
    files = [*html.rglob("*.html"), *html.rglob("*.ipynb"), html / "searchindex.js"]
    texts = [path.read_text(encoding="utf-8") for path in files]
    zips = [*html.rglob("*.zip")]
    assert zips
    for path in zips:
        with zipfile.ZipFile(path) as opened:
            texts += [
                opened.read(name).decode() for name in opened.namelist() if "lib/" not in name
            ]
    assert not any("Not for students" in text or "answer = 6" in text for text in texts)
    assert build(small_book).returncode == 0
    assert "Not for students" in (html / "book/one.html").read_text(encoding="utf-8")


def test_a_page_is_built_alone(small_book):
    notebook = nbformat.read(small_book / "book/two.ipynb", as_version=4)
    notebook.cells.append(
        new_markdown_cell("See [](#elsewhere), {ref}`there`, {eq}`krugman-14-prime`.")
    )
    nbformat.write(notebook, small_book / "book/two.ipynb")
    program = small_book / "book/_extensions/excerpt.py"
    result = run([sys.executable, program, "book/two.ipynb"], small_book)
    assert result.returncode == 0, result.stderr
    page = small_book / "_build/page/_build/html/book/two.html"
    assert page.as_posix() in result.stdout.replace("\\", "/")
    assert "(14\N{PRIME})" in page.read_text(encoding="utf-8")
    assert not (small_book / "book/one.runs").exists()


def test_the_book_says_where_it_lives_once_that_is_known(small_book, extension):
    (small_book / "book/preface.md").write_text("# Preface\n\n```{address}\n```\n")

    def built(name):
        result = build(small_book)
        assert result.returncode == 0, result.stderr
        return (small_book / f"_build/html/book/{name}.html").read_text(encoding="utf-8")

    unset = built("preface") + built("one")
    assert "lives at" not in unset
    assert "canonical" not in unset
    html = small_book / "_build/html"
    assert not (html / "sitemap.xml").exists()
    assert not (html / "robots.txt").exists()
    assert "binder" not in unset
    text = (small_book / "_config.yml").read_text(encoding="utf-8")
    text = text.replace('baseurl: ""', "baseurl: https://pages.example/trade/")
    text = text.replace('url: ""', "url: https://github.com/someone/trade")
    (small_book / "_config.yml").write_text(text, encoding="utf-8")
    preface = built("preface")
    assert 'lives at <a class="reference external" href="https://pages.example/trade/"' in preface
    assert 'href="https://github.com/someone/trade"' in preface
    chapter = built("one")
    assert '<link rel="canonical" href="https://pages.example/trade/book/one.html"' in chapter
    assert "mybinder.org/v2/gh/someone/trade/main?urlpath=lab/tree/book/one.ipynb" in chapter
    assert 'property="og:url" content="https://pages.example/trade/book/one.html"' in chapter
    assert "https://pages.example/trade/_static/preview.png" in chapter
    sitemap = ElementTree.parse(html / "sitemap.xml")
    listed = {one.text for one in sitemap.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    names = ("preface", "one", "two")
    assert listed == {f"https://pages.example/trade/book/{name}.html" for name in names}
    robots = (html / "robots.txt").read_text(encoding="utf-8")
    assert "Sitemap: https://pages.example/trade/sitemap.xml" in robots
    lost = (html / "404.html").read_text(encoding="utf-8")
    assert '<base href="https://pages.example/trade/">' in lost
    addresses = extension("address").configured(small_book)
    assert addresses == ("https://pages.example/trade/", "https://github.com/someone/trade")


def test_the_citation_has_the_addresses_that_are_configured(extension):
    address = extension("address")
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert address.cited(text, *address.configured()) == text
    entry = yaml.safe_load(address.cited(text, "https://pages.example/", "https://source.example"))
    assert entry["url"] == "https://pages.example/"
    assert entry["repository-code"] == "https://source.example"
    assert not {"url", "repository-code"} & set(yaml.safe_load(address.cited(text, "", "")))


def names(paths, root=ROOT):
    return {path.relative_to(root).as_posix() for path in paths}


def test_checks_questions_and_exercises_reach_the_page(small_book):
    notebook = nbformat.read(small_book / "book/one.ipynb", as_version=4)
    check = new_code_cell("# Two and two make four.\nassert 2 + 2 == 4")
    check.metadata["tags"] = ["check"]
    asked = new_code_cell(
        "from lib.ask import choose\n"
        "choose('How much?', ('four', 2 + 2 == 4, 'By adding.'), ('six', 2 + 2 == 6, 'Too much.'))"
    )
    asked.metadata["tags"] = ["remove-input"]
    exercise = new_markdown_cell(
        "```{exercise} E.1 Add $x$\n:nonumber:\n:label: x-1\n:level: 2\n:minutes: 10\n"
        ":kind: argue; find the error\n\nHow much is it?\n```"
    )
    notebook.cells += [check, asked, exercise]
    nbformat.write(notebook, small_book / "book/one.ipynb")
    lists = "# All exercises\n\n```{exercise-list}\n```\n"
    (small_book / "book/preface.md").write_text(lists, encoding="utf-8")
    result = build(small_book, PYTHONPATH=str(ROOT))
    assert result.returncode == 0, result.stderr
    html = small_book / "_build/html/book"
    page = (html / "one.html").read_text(encoding="utf-8")
    assert re.search(r'<details class="folded check">\s*<summary>.*Two and two make four', page)
    answers = re.findall(r'<details class="answer (\w+)" [^>]*>\s*<summary>(.*?)</summary>', page)
    assert answers == [("right", "(a) four"), ("wrong", "(b) six")]
    assert re.search(r'class="answers-on-paper.*\(a\) </strong>By adding', page, re.DOTALL)
    assert "Level 2 \N{BLACK CIRCLE}\N{BLACK CIRCLE}\N{WHITE CIRCLE} · 10 minutes" in page
    listed = (html / "preface.html").read_text(encoding="utf-8")
    assert 'data-kind="argue;find the error" data-level="2" data-minutes="10"' in listed
    assert 'href="one.html#x-1"' in listed


@pytest.mark.parametrize(
    ("source", "complaint"),
    [("assert 2 + 2 == 4", "begin with a comment"), ("# It prints.\n2 + 2", "only asserts")],
    ids=["no sentence", "output"],
)
def test_a_check_without_its_sentence_or_with_output_stops_the_build(small_book, source, complaint):
    notebook = nbformat.read(small_book / "book/two.ipynb", as_version=4)
    cell = new_code_cell(source)
    cell.metadata["tags"] = ["check"]
    notebook.cells.append(cell)
    nbformat.write(notebook, small_book / "book/two.ipynb")
    result = build(small_book)
    assert result.returncode != 0
    assert complaint in result.stdout + result.stderr


def test_a_chapter_depends_on_all_of_lib_that_it_reaches(fingerprints):
    code = "from lib.krugman.transport import costly_trade"
    found = names(fingerprints.sources(code, ROOT, ROOT / "lib"))
    assert {"lib/krugman/transport.py", "lib/krugman/basic.py", "lib/domain.py"} <= found
    assert "lib/explore.py" not in found


def test_a_name_from_a_package_leads_to_the_module_that_defines_it(fingerprints):
    code = "from lib.krugman import Industry as I, closed_economy"
    found = names(fingerprints.sources(code, ROOT, ROOT / "lib"))
    assert found == {"lib/krugman/basic.py", "lib/domain.py"}
    everything = names(fingerprints.sources("import lib.gomory", ROOT, ROOT / "lib"))
    assert set(names((ROOT / "lib/gomory").glob("*.py"))) <= everything


def test_only_chapters_that_reach_a_changed_module_are_stale(fingerprints, tmp_path):
    lib = tmp_path / "lib"
    texts = {
        "__init__.py": "",
        "deep.py": "VALUE = 1",
        "pack/__init__.py": "from lib.pack.near import VALUE\nfrom lib.pack.far import OTHER",
        "pack/near.py": "from lib.deep import VALUE",
        "pack/far.py": "OTHER = 1",
    }
    (lib / "pack").mkdir(parents=True)
    for name, text in texts.items():
        (lib / name).write_text(text, encoding="utf-8")
    for name in ("VALUE", "OTHER"):
        cells = [new_code_cell(f"from lib.pack import {name}"), new_code_cell("not Python!")]
        nbformat.write(new_notebook(cells=cells, metadata=KERNEL), tmp_path / f"{name}.ipynb")

    def digests():
        paths = tmp_path / "VALUE.ipynb", tmp_path / "OTHER.ipynb"
        return [fingerprints.digest(path, lib) for path in paths]

    before = digests()
    assert digests() == before
    (lib / "deep.py").write_text("VALUE = 2", encoding="utf-8")
    assert digests()[0] != before[0]
    assert digests()[1] == before[1]


def test_equations_have_letters_without_end(extension):
    letters = extension("numbering").letters
    assert [letters(i) for i in (0, 25, 26, 27, 701, 702)] == ["a", "z", "aa", "ab", "zz", "aaa"]
    assert len({letters(i) for i in range(1000)}) == 1000


@pytest.fixture
def sources(tmp_path):
    """Make a repository with one chapter that reads a module of lib."""
    shutil.copytree(ROOT / "book/_extensions", tmp_path / "book/_extensions")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "lib/deep.py").write_text("VALUE = 'first'", encoding="utf-8")
    tiny(tmp_path / "book", "chapter", "from lib.deep import VALUE\n\nVALUE")
    (tmp_path / ".gitignore").write_text("_build/\n__pycache__/\n.ipynb_checkpoints/\n")
    for command in ("init -q", "config user.name x", "config user.email x@x.example"):
        run(["git", *command.split()], tmp_path)
    return tmp_path


def test_make_notebooks_runs_what_is_new_changed_or_stale(sources):
    chapter = sources / "book/chapter.ipynb"

    def ran():
        program = sources / "book/_extensions/notebooks.py"
        result = run([sys.executable, program], sources, PYTHONPATH=str(sources))
        assert result.returncode == 0, result.stderr
        return result.stdout.split()

    def commit():
        run(["git", "add", "-A"], sources)
        run(["git", "commit", "-q", "-m", "x"], sources)

    assert ran() == ["book/chapter.ipynb"]
    assert ran() == []
    (sources / "lib/deep.py").write_text("VALUE = 'second'", encoding="utf-8")
    commit()
    assert ran() == ["book/chapter.ipynb"]
    assert "'second'" in chapter.read_text(encoding="utf-8")
    # Nothing is remembered in a fresh copy, where git knows what differs from the last commit.
    commit()
    shutil.rmtree(sources / "_build")
    (sources / "book/.ipynb_checkpoints").mkdir()
    tiny(sources / "book/.ipynb_checkpoints", "chapter-checkpoint", "1 / 0")
    assert ran() == []
    (sources / "lib/deep.py").write_text("VALUE = 'third'", encoding="utf-8")
    assert ran() == ["book/chapter.ipynb"]
    assert ran() == []


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({"PROGRAMFILES": "programs"}, "programs/Google/Chrome/Application/chrome.exe"),
        ({"LOCALAPPDATA": "data"}, "data/Google/Chrome/Application/chrome.exe"),
        ({}, "home/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
        ({"CHROMIUM": "mine"}, "mine"),
    ],
    ids=["Windows", "Windows, one user's", "macOS", "named"],
)
def test_chrome_is_found_where_the_system_keeps_it(
    extension, tmp_path, monkeypatch, variables, place
):
    chromium = extension("chromium")
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_text("", encoding="utf-8")
    environment = {name: str(tmp_path / value) for name, value in variables.items()}
    monkeypatch.setattr(chromium.os, "environ", environment)
    monkeypatch.setattr(chromium.shutil, "which", lambda name: None)
    monkeypatch.setattr(chromium.Path, "home", lambda: tmp_path / "home")
    assert Path(chromium.find()) == tmp_path / place


def test_what_lib_needs_has_the_same_bounds_for_pip_and_for_the_book():
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    lines = {line.split("#")[0].strip() for line in text.splitlines()}
    needed = project["dependencies"] + project["optional-dependencies"]["figures"]
    assert {name.split(">")[0] for name in needed} == {"numpy", "scipy", "ipywidgets", "matplotlib"}
    assert set(needed) <= lines


def test_a_borrowed_figure_comes_without_the_page_that_draws_it(extension):
    landing = extension("landing")
    page, preface = new_document("page"), new_document("preface")
    page += nodes.raw("", '<figure class="explorer" id="explorer-a">', format="html")
    preface += landing.borrowed("", figure="a", page="page")
    env = SimpleNamespace(found_docs={"page"}, get_doctree={"page": page}.get)
    landing.fill(SimpleNamespace(env=env), preface, "preface")
    (figure,) = preface.children
    assert figure.astext() == page.astext() != ""
    assert figure["format"] == "html"
    assert figure.document is preface
    assert page[0].document is page
