"""Every public function has a worked example, and every example in a docstring is right."""

import doctest
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import lib

MODULES = [module.name for module in pkgutil.walk_packages(lib.__path__, "lib.")]
EXAMPLES = {
    example.name: example
    for name in MODULES
    for example in doctest.DocTestFinder().find(importlib.import_module(name), name)
    if example.examples
}


def public_functions():
    for name in MODULES:
        if name.startswith(("lib.krugman.", "lib.gomory.", "lib.domain", "lib.nest")):
            module = importlib.import_module(name)
            for thing in vars(module).values():
                own = getattr(thing, "__module__", None) == name
                if inspect.isfunction(thing) and own and not thing.__name__.startswith("_"):
                    yield f"{name}.{thing.__name__}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_prints_what_it_says(name):
    failures, tried = doctest.DocTestRunner().run(EXAMPLES[name], out=print)
    assert tried
    assert not failures


def test_the_examples_on_the_library_page_print_what_it_says():
    page = Path(__file__).parents[1] / "book" / "reference" / "library.md"
    text = page.read_text(encoding="utf-8").replace("```", "")
    examples = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    failures, tried = doctest.DocTestRunner().run(examples, out=print)
    assert tried
    assert not failures


@pytest.mark.parametrize("name", list(public_functions()))
def test_every_public_function_has_an_example(name):
    assert name in EXAMPLES
