"""Tests that share something dear run in one worker, whatever the versions of pytest and xdist."""

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SMALL = """
import os
import time
from pathlib import Path

import pytest

PAGES = pytest.mark.parametrize("path", ["one.html", "two.html", "three.html"], scope="session")


def note(path):
    time.sleep(0.05)  # so that each worker has something to do
    with Path(f"{path}.workers").open("a") as workers:
        print(os.environ["PYTEST_XDIST_WORKER"], file=workers)


@PAGES
def test_first(path):
    note(path)


@PAGES
def test_second(path):
    note(path)
"""


def test_all_tests_of_a_page_run_in_one_worker(tmp_path):
    small = tmp_path / "tests/browser/test_small.py"
    small.parent.mkdir(parents=True)
    small.write_text(SMALL)
    shutil.copy(HERE / "conftest.py", tmp_path / "tests")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--rootdir", ".", "tests"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    workers = {
        page: (tmp_path / f"{page}.html.workers").read_text().split()
        for page in ("one", "two", "three")
    }
    assert [len(all_of) for all_of in workers.values()] == [2, 2, 2]
    assert [len(set(all_of)) for all_of in workers.values()] == [1, 1, 1]
    assert len({*workers["one"], *workers["two"], *workers["three"]}) == 2
