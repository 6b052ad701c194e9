"""Options of the property tests: other draws than the fixed ones, and more or fewer of them."""

from hypothesis import settings


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
