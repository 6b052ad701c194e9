"""
Change the solvers in one place each and see whether the tests notice: `make mutants`.

A mutant is one changed operator, comparison, number, condition or returned value, drawn at random
from the syntax trees of the modules below. Each runs against a few fast test files that cover its
module, in a copy of the project. Survivors are listed in tests/mutants.md with their reasons.
"""

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = {
    "lib/domain.py": ["tests/test_domain.py"],
    "lib/krugman/basic.py": ["tests/krugman/test_basic.py", "tests/krugman/test_transport.py"],
    "lib/krugman/growing_elasticity.py": ["tests/krugman/test_growing_elasticity.py"],
    "lib/krugman/transport.py": ["tests/krugman/test_transport.py"],
    "lib/krugman/home_market.py": ["tests/krugman/test_home_market.py"],
    "lib/krugman/many_countries.py": ["tests/krugman/test_many_countries.py"],
    "lib/gomory/economy.py": ["tests/gomory/test_economy.py"],
    "lib/gomory/knapsack.py": ["tests/gomory/test_knapsack.py"],
    "lib/gomory/boundaries.py": ["tests/gomory/test_boundaries.py"],
    "lib/gomory/best.py": ["tests/gomory/test_best.py"],
    "lib/gomory/shape.py": ["tests/gomory/test_shape.py"],
    "lib/gomory/policy.py": ["tests/gomory/test_policy.py"],
    "lib/gomory/specialized.py": ["tests/gomory/test_specialized.py"],
    "lib/gomory/equilibria.py": ["tests/gomory/test_equilibria.py"],
}
COMMON = ["tests/test_docstrings.py", "tests/test_signatures.py"]
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


def caught(copy, path, text, limit):
    """Run the tests of one mutant in a copy of the project; None if they take too long."""
    target = copy / path
    original = target.read_text()
    target.write_text(text)
    # What a module exports and how odd values fare is looked at for this module alone.
    module = path.removeprefix("lib/").removesuffix(".py").replace("/", ".")
    own = [name for name in TESTS[path] if not name.startswith("tests/test_")]
    runs = [[*COMMON, "-k", module], own or TESTS[path]]
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    try:
        for tests in runs:
            command = [sys.executable, "-m", "pytest", *options, *tests]
            done = subprocess.run(
                command, cwd=copy, env=environment, capture_output=True, timeout=limit, check=False
            )
            if done.returncode not in (0, 5):
                return True
    except subprocess.TimeoutExpired:
        return True  # a solver that no longer ends is noticed
    finally:
        target.write_text(original)
    return False


def main():
    """Draw mutants, test them, print every survivor and the score."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--limit", type=float, default=900.0, help="seconds for one test run")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="modules whose path contains this")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    mutants = [one for one in draw(options.count, options.seed) if options.only in one[0]]
    with tempfile.TemporaryDirectory() as folder:
        copies = []
        for k in range(options.jobs):
            copies.append(Path(folder, str(k)))
            for part in ("lib", "tests"):
                skipped = shutil.ignore_patterns("__pycache__", "browser")
                shutil.copytree(ROOT / part, copies[k] / part, ignore=skipped)
            shutil.copy(ROOT / "pyproject.toml", copies[k])

        def work(k):
            survived = 0
            for path, what, text in mutants[k :: options.jobs]:
                if not caught(copies[k], path, text, options.limit):
                    survived += 1
                    print(f"survived: {path} {what}", flush=True)
                else:
                    print(f"caught: {path} {what}", flush=True)
            return survived

        with ThreadPoolExecutor(options.jobs) as pool:
            survived = sum(pool.map(work, range(options.jobs)))
    print(f"caught {len(mutants) - survived} of {len(mutants)}")


if __name__ == "__main__":
    main()
