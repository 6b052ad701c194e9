"""
What all tests share: options of the property tests, and which tests a worker takes together.

The draws of property tests are fixed; the options ask for others, and for more or fewer of them.
"""

import re

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

# Tests of one page share it open; those of these modules share what is dear to make.
TOGETHER = re.compile(
    r"tests/browser/.*\[(?P<page>.*\.html)]$"
    r"|(?P<module>tests/(browser/test_(search|jupyterlab)|gomory/test_families)\.py)"
)


def share(nodeid):
    """Name what a test shares with others, else the test."""
    found = TOGETHER.match(nodeid)
    return (found["page"] or found["module"]) if found else nodeid


class Shares(LoadScopeScheduling):
    """Give one worker all tests that share something: xdist's own marks fail under pytest 9.2."""

    def _split_scope(self, nodeid):
        return share(nodeid)


@pytest.hookimpl(optionalhook=True)  # tests/mutate.py does without xdist
def pytest_xdist_make_scheduler(config, log):
    return Shares(config, log)


def pytest_addoption(parser):
    group = parser.getgroup("properties")
    group.addoption("--draws", type=float, default=1.0, help="times as many examples")
    group.addoption("--draws-seed", type=int, help="draw other examples, from this seed")


def pytest_collection_modifyitems(config, items):
    times, seed = config.getoption("draws"), config.getoption("draws_seed")
    for function in {getattr(item, "obj", None) for item in items}:
        usual = getattr(function, "_hypothesis_internal_use_settings", None)
        if usual is None or (times == 1.0 and seed is None):
            continue
        examples = max(1, round(times * usual.max_examples))
        function._hypothesis_internal_use_settings = settings(
            usual, max_examples=examples, derandomize=seed is None, database=None
        )
        if seed is not None:
            function._hypothesis_internal_use_seed = seed
