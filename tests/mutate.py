"""
Change the solvers in one place each and see whether the tests notice: `make mutants`.

A mutant is one changed operator, comparison, number, condition or returned value, drawn at random
from the syntax trees of the modules below. Each runs against the tests of its module in a copy of
the project: the fastest first, with a tenth of the examples of property tests, since most need no
more; then how odd values fare; then all examples. The same tests must pass without a mutant.
Survivors are listed in tests/mutants.md with their reasons.
"""

import argparse
import ast
import os
import random
import re
import shutil
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import hypothesis.strategies  # noqa: F401
import pytest
import scipy.integrate
import scipy.optimize  # noqa: F401

ROOT = Path(__file__).resolve().parents[1]
TESTS = {
    "lib/domain.py": ["tests/test_domain.py"],
    "lib/derive.py": ["tests/test_derive.py"],
    "lib/krugman/basic.py": ["tests/krugman/test_basic.py", "tests/krugman/test_transport.py"],
    "lib/krugman/growing_elasticity.py": ["tests/krugman/test_growing_elasticity.py"],
    "lib/krugman/transport.py": ["tests/krugman/test_transport.py"],
    "lib/krugman/home_market.py": ["tests/krugman/test_home_market.py"],
    "lib/krugman/many_countries.py": ["tests/krugman/test_many_countries.py"],
    "lib/krugman/industries.py": ["tests/krugman/test_industries.py"],
    "lib/krugman/policy.py": ["tests/krugman/test_policy.py"],
    "lib/gomory/economy.py": ["tests/gomory/test_economy.py"],
    "lib/gomory/knapsack.py": ["tests/gomory/test_knapsack.py"],
    "lib/gomory/boundaries.py": ["tests/gomory/test_boundaries.py"],
    "lib/gomory/best.py": ["tests/gomory/test_best.py"],
    "lib/gomory/shape.py": ["tests/gomory/test_shape.py"],
    "lib/gomory/entry.py": ["tests/gomory/test_entry.py"],
    "lib/gomory/policy.py": ["tests/gomory/test_policy.py"],
    "lib/gomory/specialized.py": ["tests/gomory/test_specialized.py"],
    "lib/gomory/equilibria.py": ["tests/gomory/test_equilibria.py"],
}
COMMON = ["tests/test_docstrings.py", "tests/test_signatures.py"]
FORK = get_context("fork")
FEW = ["--draws", "0.1"]
# What is loaded before the fork is not rewritten, and need not be.
QUIET = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.MatMult: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.And: ast.Or, ast.Or: ast.And, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip


def mutations(tree):
    """List what may be changed: each a sentence and a function that changes the tree in place."""
    found = []
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)

        def offer(what, change, line=line):
            found.append((f"line {line}: {what}", change))

        if isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign) and type(node.op) in OPERATORS:
            new = OPERATORS[type(node.op)]
            offer(
                f"{type(node.op).__name__} to {new.__name__} in `{ast.unparse(node)}`",
                lambda node=node, new=new: setattr(node, "op", new()),
            )
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in OPERATORS:
            new = OPERATORS[type(node.ops[0])]
            offer(
                f"{type(node.ops[0]).__name__} to {new.__name__} in `{ast.unparse(node)}`",
                lambda node=node, new=new: node.ops.__setitem__(0, new()),
            )
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float, bool):
            new = not node.value if isinstance(node.value, bool) else node.value + 1
            offer(
                f"{node.value} to {new}",
                lambda node=node, new=new: setattr(node, "value", new),
            )
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not | ast.Invert):
            new = ast.UAdd() if isinstance(node.op, ast.USub) else None
            if new:
                offer(
                    f"minus dropped in `{ast.unparse(node)}`",
                    lambda node=node, new=new: setattr(node, "op", new),
                )
        elif isinstance(node, ast.If | ast.IfExp):
            offer(
                f"condition `{ast.unparse(node.test)}` turned round",
                lambda node=node: setattr(node, "test", ast.UnaryOp(ast.Not(), node.test)),
            )
    return found


def draw(count, seed):
    """Draw mutants: path, sentence and the changed text."""
    places = []
    for path in TESTS:
        text = (ROOT / path).read_text()
        places += [(path, k) for k in range(len(mutations(ast.parse(text))))]
    rng = random.Random(seed)
    for path, k in rng.sample(places, min(count, len(places))):
        tree = ast.parse((ROOT / path).read_text())
        what, change = mutations(tree)[k]
        change()
        yield path, what, ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def run(copy, tests, limit=None):
    """Run tests in a copy of the project; returns pytest's exit status and what it printed."""
    # A fork has the libraries loaded already, which takes longer than most tests.
    child = FORK.Process(target=run_here, args=(copy, tests))
    child.start()
    child.join(limit)
    if child.is_alive():
        child.kill()
        child.join()
        return None, ""
    return child.exitcode, (copy / "output").read_text()


def run_here(copy, tests):
    os.chdir(copy)
    sys.path.insert(0, str(copy))
    sys.dont_write_bytecode = True
    with Path("output").open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *QUIET]
        status = pytest.main([*options, *tests])
        sys.stdout.flush()
        os._exit(status)


def fastest_first(copy, path):
    """List the tests of a module by the time that they take; they must pass."""
    status, output = run(copy, [*TESTS[path], *FEW, "-vv", "--durations=0"])
    if status:
        raise SystemExit(f"the tests of {path} fail without a mutant:\n{output}")
    times = re.findall(r"^([\d.]+)s (?:call|setup) +(tests/.*?) *$", output, re.MULTILINE)
    total = {}
    for seconds, test in times:
        total[test] = total.get(test, 0.0) + float(seconds)
    return sorted(total, key=total.get)


def caught(copy, path, text, tests, limit, quick):
    """Say whether a test fails, or takes too long, with one mutant in a copy of the project."""
    target = copy / path
    original = target.read_text()
    target.write_text(text)
    # What a module exports and how odd values fare is looked at for this module alone.
    module = path.removeprefix("lib/").removesuffix(".py").replace("/", ".")
    runs = [[*FEW, *tests], [*COMMON, "-k", module]] + [TESTS[path]] * (not quick)
    try:
        # 5: no test by that name.
        return any(run(copy, some, limit)[0] not in (0, 5) for some in runs)
    finally:
        target.write_text(original)


def work(copy, mutants, limit, quick):
    """Test some mutants in one copy of the project; returns how many survived."""
    for part in ("lib", "tests"):
        skipped = shutil.ignore_patterns("__pycache__", "browser")
        shutil.copytree(ROOT / part, copy / part, ignore=skipped)
    shutil.copy(ROOT / "pyproject.toml", copy)
    survived, tests = 0, {}
    for path, what, text in mutants:
        if path not in tests:
            tests[path] = fastest_first(copy, path)
        found = caught(copy, path, text, tests[path], limit, quick)
        survived += not found
        print(f"{'caught' if found else 'survived'}: {path} {what}", flush=True)
    return survived


def main():
    """Draw mutants, test them, print every survivor and the score."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--limit", type=float, default=900.0, help="seconds for one test run")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="modules whose path contains this")
    parser.add_argument("--skip", type=int, default=0, help="leave out so many of the drawn")
    parser.add_argument("--quick", action="store_true", help="a tenth of the examples only")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    mutants = [one for one in draw(options.count, options.seed) if options.only in one[0]]
    mutants = mutants[options.skip :]
    parts = [mutants[k :: options.jobs] for k in range(options.jobs)]
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(options.jobs, mp_context=FORK) as pool,
    ):
        copies = [Path(folder, str(k)) for k in range(options.jobs)]
        same = [options.limit] * options.jobs, [options.quick] * options.jobs
        survived = sum(pool.map(work, copies, parts, *same))
    print(f"caught {len(mutants) - survived} of {len(mutants)}")


if __name__ == "__main__":
    main()
