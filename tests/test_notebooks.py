"""What nbval cannot see: a notebook that was not run compares nothing."""

from pathlib import Path

import nbformat
import pytest

BOOK = Path(__file__).parents[1] / "book"
# Jupyter keeps copies of what it opened, which are no chapters.
NOTEBOOKS = sorted(p for p in BOOK.glob("**/*.ipynb") if ".ipynb_checkpoints" not in p.parts)


def code_cells(path):
    cells = nbformat.read(path, as_version=4).cells
    return [c for c in cells if c.cell_type == "code" and c.source.strip()]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.relative_to(BOOK).as_posix())
def notebook(request):
    return request.param


def test_the_book_has_notebooks():
    assert NOTEBOOKS


def test_every_cell_was_run_top_to_bottom(notebook):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_no_stored_output_is_an_image_a_widget_or_an_error(notebook):
    kinds = {
        kind
        for cell in code_cells(notebook)
        for output in cell.outputs
        for kind in (output.get("data") or {output.output_type: None})
    }
    assert not any(k.startswith(("image/", "application/")) or k == "error" for k in kinds)


def test_no_cell_ends_in_a_semicolon(notebook):
    assert not [c.source for c in code_cells(notebook) if c.source.rstrip().endswith(";")]


def test_nothing_of_the_machine_is_stored(notebook):
    metadata = nbformat.read(notebook, as_version=4).metadata
    assert set(metadata) <= {"kernelspec", "language_info"}
    assert metadata.kernelspec.name == "python3"
    assert set(metadata.language_info) == {"name"}


def test_every_notebook_stands_in_the_table_of_contents(notebook):
    contents = (BOOK.parent / "_toc.yml").read_text(encoding="utf-8")
    assert f"book/{notebook.relative_to(BOOK).with_suffix('').as_posix()}\n" in contents
