"""
Change the solvers in one place each and see whether the tests notice: `make mutants`.

A mutant is one changed operator, comparison, number, condition or returned value, drawn at random
from the syntax trees of the modules below. Each runs in a copy of the project against those tests
that execute the changed statement: of its module's own tests, and of those that look at examples
and odd values in this module. The one that caught the last mutant comes first, then the fastest; a
tenth of the examples of property tests is enough for most, and what survives meets all of them.
Without a mutant the same tests must pass. Survivors are listed in tests/mutants.md.
"""

import argparse
import ast
import gc
import hashlib
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import coverage
import hypothesis.strategies  # noqa: F401
import mpmath  # noqa: F401
import numpydoc.docscrape  # noqa: F401
import pytest
import scipy.integrate
import scipy.optimize  # noqa: F401
import sympy  # noqa: F401

ROOT = Path(__file__).resolve().parents[1]
TESTS = {
    "lib/ask.py": ["tests/test_ask.py"],
    "lib/nest.py": ["tests/test_nest.py"],
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
BASELINE = ROOT / "_build" / "mutants.json"
# What pytest would load or collect besides takes longer than most tests.
PLAIN = ["-x", "-q", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:unraisableexception"]
MEMORY = 6 << 30
FORK = get_context("fork")
# Of a worker: its copy of the project, and the test that caught the last mutant of a module.
COPY, LAST = None, {}
OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.MatMult: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.And: ast.Or, ast.Or: ast.And, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip


def mutations(tree):
    """List what may be changed: node, a sentence and a function that changes the tree in place."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign) and type(node.op) in OPERATORS:
            new = OPERATORS[type(node.op)]
            yield (
                node,
                f"{type(node.op).__name__} to {new.__name__} in",
                partial(setattr, node, "op", new()),
            )
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in OPERATORS:
            new = OPERATORS[type(node.ops[0])]
            yield (
                node,
                f"{type(node.ops[0]).__name__} to {new.__name__} in",
                partial(node.ops.__setitem__, 0, new()),
            )
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float, bool):
            new = not node.value if isinstance(node.value, bool) else node.value + 1
            yield node, f"{node.value} to {new} in", partial(setattr, node, "value", new)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            yield node, "minus dropped in", partial(setattr, node, "op", ast.UAdd())
        elif isinstance(node, ast.If | ast.IfExp):
            yield (
                node.test,
                "condition turned round:",
                partial(setattr, node, "test", ast.UnaryOp(ast.Not(), node.test)),
            )


def statement(tree, node):
    """Return the innermost statement that holds a node, and the first and last line of its head."""
    parent = {id(part): one for one in ast.walk(tree) for part in ast.iter_child_nodes(one)}
    while not isinstance(node, ast.stmt):
        node = parent[id(node)]
    body = getattr(node, "body", None)
    last = body[0].lineno - 1 if body else node.end_lineno
    return node, (node.lineno, max(last, node.lineno))


def draw(count, seed, only=""):
    """Draw mutants: path, lines of the statement, sentence and the changed text."""
    texts = {path: (ROOT / path).read_text() for path in TESTS}
    places = [
        (path, k)
        for path, text in texts.items()
        for k in range(sum(1 for _ in mutations(ast.parse(text))))
    ]
    rng = random.Random(seed)
    for path, k in rng.sample(places, min(count, len(places))):
        if only in path:
            tree = ast.parse(texts[path])
            node, what, change = list(mutations(tree))[k]
            around, lines = statement(tree, node)
            whole = ast.unparse(around).splitlines()[0]
            words = f"{lines[0]}: {what} `{whole if len(whole) < 90 else whole[:90] + '...'}`"
            change()
            yield path, lines, words, ast.unparse(ast.fix_missing_locations(tree)) + "\n"


class Watch:
    """Note the time that tests take and the lines of one module that they run."""

    def __init__(self, path):
        self.cover = coverage.Coverage(data_file=None, include=[path], config_file=False)
        self.cover.start()
        self.seconds, self.property = {}, set()

    def pytest_collection_modifyitems(self, items):
        self.property = {one.nodeid for one in items if hasattr(one.obj, "hypothesis")}

    def pytest_runtest_logstart(self, nodeid):
        self.cover.switch_context(nodeid)
        self.seconds[nodeid] = -time.process_time()

    def pytest_runtest_logfinish(self, nodeid):
        self.seconds[nodeid] += time.process_time()

    def result(self):
        """Return each test's seconds and lines, and the lines that run on import."""
        self.cover.stop()
        data = self.cover.get_data()
        at = {one: [] for one in ("", *self.seconds)}
        for file in data.measured_files():
            for line, contexts in data.contexts_by_lineno(file).items():
                for one in contexts:
                    at[one].append(line)
        tests = {one: (self.seconds[one], one in self.property, at[one]) for one in self.seconds}
        return {"import": at[""], "tests": tests}


class Choose:
    """Run some tests, in an order, and note the first that fails."""

    def __init__(self, tests):
        self.place, self.failed = {one: k for k, one in enumerate(tests)}, None

    def pytest_collection_modifyitems(self, items):
        items[:] = [one for one in items if one.nodeid in self.place]
        items.sort(key=lambda one: self.place[one.nodeid])

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.failed = self.failed or report.nodeid


def in_fork(copy, seconds, work):
    """Do some work in a copy of the project, in so many seconds; None if it does not end well."""
    # A fork has the libraries loaded already, which takes longer than most tests.
    (copy / "result").unlink(missing_ok=True)
    child = FORK.Process(target=here, args=(copy, seconds, work))
    child.start()
    child.join()
    result = copy / "result"
    return json.loads(result.read_text()) if result.exists() else None


def here(copy, seconds, work):
    os.chdir(copy)
    sys.path.insert(0, str(copy))
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    # Of the processor, so that a busy machine does not matter.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with Path("output").open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        result = work()
        sys.stdout.flush()
        Path("result").write_text(json.dumps(result))
        os._exit(0)


def run(plugin, draws, *tests):
    """Run tests; returns pytest's exit status."""
    return int(pytest.main([*PLAIN, "--draws", str(draws), *tests], plugins=[plugin]))


def measure(copy, path):
    """Run the tests of a module without a mutant, a tenth of the examples."""
    # What a module exports and how odd values fare is looked at for this module alone.
    name = path.removeprefix("lib/").removesuffix(".py").replace("/", ".")
    chosen = f"{name} or not test_docstrings and not test_signatures"

    def work():
        watch = Watch(path)
        status = run(watch, 0.1, "-k", chosen, *TESTS[path], *COMMON)
        return None if status else watch.result()

    found = in_fork(copy, 3600, work)
    if not found:
        output = (copy / "output").read_text()
        raise SystemExit(f"the tests of {path} fail without a mutant:\n{output}")
    for cached in (copy / path).parent.glob(f"__pycache__/{Path(path).stem}.*"):
        cached.unlink()
    return found


def catch(copy, path, lines, text, known, first, quick):
    """Say which test catches a mutant in a copy of the project, or None."""
    touched, tests = set(range(lines[0], lines[1] + 1)), known["tests"]
    always = not touched.isdisjoint(known["import"])
    some = [one for one in tests if always or not touched.isdisjoint(tests[one][2])]
    some.sort(key=lambda one: (one != first, tests[one][0]))
    own = [one for one in some if not one.startswith(tuple(COMMON))]
    rounds = [(own, 0.1), ([one for one in some if one not in own], 0.1)]
    if not quick:
        rounds.append(([one for one in some if tests[one][1]], 1.0))
    target = copy / path
    original = target.read_text()
    target.write_text(text)
    try:
        for chosen, draws in rounds:
            if not chosen:
                continue

            def work(chosen=chosen, draws=draws):
                sys.dont_write_bytecode = True
                choose = Choose(chosen)
                status = run(choose, draws, *sorted({one.split("::")[0] for one in chosen}))
                return status, choose.failed

            usual = sum(tests[one][0] for one in chosen) * draws / 0.1
            result = in_fork(copy, 20 + int(3 * usual), work)
            if result is None:
                return "its time or memory"
            if result[0]:
                return result[1] or "its import"
    finally:
        target.write_text(original)
    return None


def start(folder, queue):
    """Give a worker its own copy of the project."""
    global COPY
    COPY = Path(folder, str(queue.get()))
    for part in ("lib", "tests", "book/reference"):
        skipped = shutil.ignore_patterns("__pycache__", "browser")
        shutil.copytree(ROOT / part, COPY / part, ignore=skipped)
    shutil.copy(ROOT / "pyproject.toml", COPY)


def work_on(mutant, known, quick):
    path, lines, what, text = mutant
    found = catch(COPY, path, lines, text, known, LAST.get(path), quick)
    if found and "::" in found:
        LAST[path] = found
    words = f"caught by {found}" if found else "survived"
    return bool(found), f"{path}:{what}: {words}"


def known_tests(pool, paths):
    """Measure the tests of some modules, or read what was measured of the same files before."""
    files = sorted([*ROOT.glob("lib/**/*.py"), *ROOT.glob("tests/**/*.py")])
    text = b"".join(file.read_bytes() for file in files if file != Path(__file__))
    stamp = hashlib.sha256(text).hexdigest()
    store = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    known = store.get(stamp, {})
    missing = [path for path in paths if path not in known]
    for path, found in zip(missing, pool.map(measured, missing), strict=True):
        known[path] = found
        print(f"{path}: {len(found['tests'])} tests pass without a mutant", flush=True)
        BASELINE.parent.mkdir(exist_ok=True)
        BASELINE.write_text(json.dumps({stamp: known}))
    return known


def measured(path):
    return measure(COPY, path)


def main():
    """Draw mutants, test them, print every survivor and the score."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="modules whose path contains this")
    parser.add_argument("--skip", type=int, default=0, help="leave out so many of the drawn")
    parser.add_argument("--quick", action="store_true", help="a tenth of the examples only")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    gc.freeze()  # forks need not look at what they share
    mutants = list(draw(options.count, options.seed, options.only))[options.skip :]
    places = FORK.Queue()
    for k in range(options.jobs):
        places.put(k)
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(options.jobs, FORK, start, (folder, places)) as pool,
    ):
        known = known_tests(pool, list(dict.fromkeys(one[0] for one in mutants)))
        tests = [known[one[0]] for one in mutants]
        score = 0
        for found, words in pool.map(work_on, mutants, tests, [options.quick] * len(mutants)):
            score += found
            print(words, flush=True)
    print(f"caught {score} of {len(mutants)}")


if __name__ == "__main__":
    main()
