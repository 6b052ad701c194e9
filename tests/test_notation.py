"""The notation page names what the library has, and places that exist."""

import pkgutil
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "book/reference/notation.md"
TEXT = PAGE.read_text(encoding="utf-8")
NAMES = sorted(set(re.findall(r"`((?:krugman|gomory|nest)\.[\w.]+)`", TEXT)))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_the_library_on_the_notation_page_exists(name):
    owner, _, last = name.rpartition(".")
    fields = getattr(pkgutil.resolve_name(f"lib.{owner}"), "__dataclass_fields__", {})
    # A field without a default is no attribute of its class.
    if last not in fields:
        pkgutil.resolve_name(f"lib.{name}")


def test_every_row_of_the_notation_page_is_complete():
    tables = re.findall(r"(?:^\|.*\n)+", TEXT, re.MULTILINE)
    assert len(tables) == 4
    for table in tables:
        rows = [re.split(r"(?<!\\)\|", row)[1:-1] for row in table.splitlines()]
        assert {len(row) for row in rows} == {len(rows[0])}
        assert all(row[0].strip() and row[1].strip() for row in rows)
