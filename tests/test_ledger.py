"""The ledger tells the truth: every place stands in the book, every check in the test suite."""

import ast
import importlib
import json
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
ROWS = yaml.safe_load((ROOT / "book/reference/claims.yml").read_text(encoding="utf-8"))
VERDICTS = ("assumed", "derived", "verified", "qualified", "corrected", "reading", "false")
# What the papers assume, demand as a condition or define, and so do not claim.
ASSUMPTIONS = [
    *("K1", "K2", "K3", "K4", "K8", "K15", "K16", "K17", "K18", "K20", "K21"),
    *("GU", "G2.1", "GA1", "GA2", "GA3"),
]
LABEL = re.compile(r"^\(([\w'-]+)\)=|\$\$ *\(([\w-]+)\)|^:(?:name|label): *([\w-]+)", re.MULTILINE)


def chapters():
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    yield contents["root"]
    for part in contents["parts"]:
        yield from (chapter["file"] for chapter in part["chapters"])


def labels():
    found = {}
    for chapter in chapters():
        path = ROOT / f"{chapter}.ipynb"
        if path.exists():
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            text = "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
        else:
            text = (ROOT / f"{chapter}.md").read_text(encoding="utf-8")
        examples = re.compile("^````md$.*?^````$", re.MULTILINE | re.DOTALL)
        for groups in LABEL.findall(examples.sub("", text)):
            found.setdefault(next(filter(None, groups)), []).append(chapter)
    return found


@pytest.fixture(scope="module")
def book_labels():
    return labels()


def test_every_statement_has_one_row():
    ids = [row["id"] for row in ROWS]
    assert len(set(ids)) == len(ids)
    assert len(ids) >= 108  # the statements listed when the book was begun


def test_labels_are_unique_in_the_book(book_labels):
    assert {label: where for label, where in book_labels.items() if len(where) > 1} == {}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_row_is_well_formed(row):
    assert row["paper"] in ("krugman", "gomory")
    assert row["verdict"] in VERDICTS
    needed = {"id", "paper", "section", "statement", "verdict", "place", "check", "finding"}
    if row["verdict"] == "corrected":
        needed |= {"slip", "rank"}
        assert row["slip"] in ("mistake", "misprint")
    assert set(row) == needed
    assert all(row.values())
    assert all(isinstance(row[key], str) for key in needed - {"check", "rank"})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_an_assumption_is_assumed_and_nothing_else_is(row):
    assert (row["verdict"] == "assumed") == (row["id"] in ASSUMPTIONS)


def test_slips_are_ordered_by_consequence_without_gaps():
    for paper in ("krugman", "gomory"):
        for slip in ("mistake", "misprint"):
            ranks = [r["rank"] for r in ROWS if r["paper"] == paper and r.get("slip") == slip]
            assert sorted(ranks) == list(range(1, len(ranks) + 1))


def test_slips_that_are_no_statement_are_counted_once(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "book/_extensions"))
    ledger = importlib.import_module("ledger")
    apart = [row for row in ROWS if ledger.is_slip(row)]
    said = ledger.further_slips(ROWS)
    assert said == ledger.further_slips(apart)
    # Every slip is in one of the numbers, and "all corrected" is true.
    assert sum(map(int, re.findall(r"\d+", said))) == len(apart)
    assert {row["verdict"] for row in apart if "slip" in row} == {"corrected"}
    kinds = Counter(row.get("slip", row["verdict"]) for row in apart)
    assert f"{kinds['mistake']} mistakes that matter and {kinds['misprint']} harmless" in said
    assert f"{kinds['qualified']} sentence" in said
    assert f"{kinds['reading']} oddities" in said
    assert "2 sentences that need" in ledger.further_slips(
        [{"id": f"GE-{number}", "verdict": "qualified"} for number in range(2)]
    )


def test_a_matter_has_one_row():
    findings = [row["finding"] for row in ROWS]
    assert len(set(findings)) == len(findings)
    # A slip that is a statement's own fault stands in the statement's row.
    places = [row["place"] for row in ROWS if row["id"].startswith(("KE-", "GE-"))]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_place_stands_in_a_chapter(row, book_labels):
    assert row["place"] in book_labels


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_checks_exist(row):
    for check in row["check"]:
        file, _, name = check.partition("::")
        path = ROOT / file
        assert path.exists(), check
        if path.suffix == ".ipynb":
            assert file.removesuffix(".ipynb") in chapters()
        else:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            tests = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
            assert name.split("::")[-1] in tests, check
            assert name.split("::")[-1].startswith("test_"), check


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_derived_statement_is_executed_in_a_chapter(row):
    if row["verdict"] == "derived":
        assert any(check.endswith(".ipynb") for check in row["check"])


def test_every_equation_of_the_papers_that_the_book_shows_has_a_row(book_labels):
    places = {row.get("place") for row in ROWS}
    ids = {row["id"].lower() for row in ROWS}
    for label in book_labels:
        paper = re.fullmatch(r"krugman-(\d+)(-prime)?", label)
        if paper:
            assert label in places or f"k{paper[1]}{chr(39) if paper[2] else ''}" in ids
