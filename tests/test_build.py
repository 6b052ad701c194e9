"""The build runs what is stale and nothing else, and stops on what must not be published."""

import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
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


@pytest.mark.parametrize(
    ("cell", "complaint"),
    [
        ("assert 1 == 2", "AssertionError"),
        (
            'from IPython.display import HTML\nHTML(\'<img src="x.png" alt="">\')',
            "without a text alternative",
        ),
    ],
    ids=["failing cell", "image without words"],
)
def test_the_build_stops(small_book, cell, complaint):
    write(small_book, "two", cell)
    result = build(small_book)
    assert result.returncode != 0
    assert complaint in result.stdout + result.stderr


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
    assert not any("Not for students" in text or "answer" in text for text in texts)
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
