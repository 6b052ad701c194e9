"""A downloaded chapter runs where there is nothing but what it came with."""

import importlib.util
import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).parents[1]
CHAPTERS = sorted(ROOT.glob("book/*/*.ipynb"))
THREE = ["krugman/basic_trade", "krugman/transport_equilibrium", "gomory/existence"]
RUN = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
where = "import lib; print('LIB', lib.__file__)"
notebook.cells.append(nbformat.v4.new_code_cell(where))
NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
print(notebook.cells[-1].outputs[0].text)
"""


@pytest.fixture(scope="module")
def downloads():
    folder = ROOT / "book/_extensions"
    sys.path.insert(0, str(folder))
    try:
        spec = importlib.util.spec_from_file_location("downloads", folder / "downloads.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(folder))
    return module


def unpacked(downloads, path, folder):
    archive = folder / "chapter.zip"
    downloads.write(archive, path.stem, downloads.contents(path))
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    return folder / path.stem


@pytest.mark.parametrize("name", THREE)
def test_a_downloaded_chapter_runs_from_top_to_bottom_by_itself(downloads, name, tmp_path):
    folder = unpacked(downloads, ROOT / f"book/{name}.ipynb", tmp_path)
    alone = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "EXPLORE")}
    notebook = f"{name.split('/')[1]}.ipynb"
    done = subprocess.run(
        [sys.executable, "-c", RUN, notebook],
        cwd=folder,
        env=alone,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = re.search(r"^LIB (.*)$", done.stdout, re.MULTILINE)
    assert Path(found[1]).resolve().is_relative_to(folder.resolve())


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_download_names_what_it_needs_and_how_to_start(downloads, path):
    files = downloads.contents(path)
    assert {path.name, "README.txt", "requirements.txt", "lib/__init__.py"} <= set(files)
    needed = {
        re.match(r"[\w-]+", line)[0]
        for line in files["requirements.txt"].decode().split()
        if line[0].isalpha()
    }
    code = b"\n".join(data for name, data in files.items() if name.endswith((".py", ".ipynb")))
    for package in ("numpy", "scipy", "sympy", "matplotlib", "ipywidgets"):
        if re.search(rf"\b(?:import|from) {package}\b".encode(), code):
            assert package in needed
    start = files["README.txt"].decode()
    assert [line[0] for line in start.splitlines()[2:5]] == ["1", "2", "3"]
    assert path.name in start


def test_windows_can_unpack_every_download(downloads):
    reserved = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
    for path in CHAPTERS:
        files = downloads.contents(path)
        for name in files:
            assert re.fullmatch(r"[\w./-]+", name, re.ASCII), name
            assert not any(reserved.match(part) for part in name.split("/")), name
            assert len(f"{path.stem}/{name}") < 100
        folded = [name.lower() for name in files]
        assert len(set(folded)) == len(folded)
        for name in ("README.txt", "requirements.txt"):
            assert files[name].count(b"\r\n") == files[name].count(b"\n") > 0


def test_a_download_is_the_same_whenever_it_is_made(downloads, tmp_path):
    for name in ("one", "two"):
        downloads.write(tmp_path / name, "chapter", downloads.contents(CHAPTERS[0]))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_student_s_download_has_no_solution(downloads):
    notebook = new_notebook(
        cells=[
            new_markdown_cell("Before.\n\n```{solution-start} x\n```\n\nSecret one."),
            new_markdown_cell("Secret two."),
            new_code_cell("secret = 3"),
            new_markdown_cell("Secret four.\n\n```{solution-end}\n```\n\nAfter."),
            new_markdown_cell(
                "Kept.\n\n````{solution} y\n:class: dropdown\nSecret ```five```.\n````\n\nEnd."
            ),
            new_code_cell("kept = 6"),
        ]
    )
    downloads.without_solutions(notebook)
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "ecret" not in text
    assert all(word in text for word in ("Before.", "After.", "Kept.", "End.", "kept = 6"))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_no_chapter_s_solution_is_in_its_student_download(downloads, path):
    whole = nbformat.read(path, as_version=4)
    student = nbformat.reads(downloads.contents(path, True)[path.name].decode(), as_version=4)
    assert "{solution" not in "\n".join(cell.source for cell in student.cells)
    kept = {cell.id for cell in student.cells}
    inside = False
    for cell in whole.cells:
        starts, ends = "{solution-start}" in cell.source, "{solution-end}" in cell.source
        if inside and not ends:
            assert cell.id not in kept
        inside = (inside or starts) and not (ends and not starts)
    exercises = [c.source.count("{exercise}") for c in whole.cells]
    assert sum(c.source.count("{exercise}") for c in student.cells) == sum(exercises)


def test_the_whole_book_is_one_zip(downloads, tmp_path):
    html = tmp_path / "html"
    (html / "book").mkdir(parents=True)
    (html / "index.html").write_text("entry", encoding="utf-8")
    (html / "book/one.html").write_text("one", encoding="utf-8")
    (html / ".buildinfo").write_text("no reader's", encoding="utf-8")
    with zipfile.ZipFile(io.BytesIO(downloads.whole(html).read_bytes())) as opened:
        names = {name.split("/", 1)[1] for name in opened.namelist()}
    assert names == {"index.html", "book/one.html"}
