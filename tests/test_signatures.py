"""
Every public function of the models, every parameter replaced by bad and odd values.

The list is made from the signatures: a new function or parameter is in it by itself. A call must
return a right finite answer, or raise ValueError or TypeError that names the parameter, its value
and its range. Nothing may warn, and nothing is infinite or nan but where a docstring says so.
"""

import dataclasses
import importlib
import inspect
import itertools
import pkgutil
import re
from decimal import Decimal
from fractions import Fraction
from functools import cache
from numbers import Integral, Real
from types import GeneratorType

import numpy as np
import pytest
from numpydoc.docscrape import NumpyDocString

import lib
from lib.domain import shown
from lib.gomory import Economy, PowerProduction, ThresholdProduction
from lib.krugman import Industry
from lib.nest import NestedEconomy

# The models; what else stands in lib takes names, functions and expressions.
MODELS = ("lib.krugman.", "lib.gomory.", "lib.nest")

POWER = PowerProduction([[1.0, 2.0], [2.0, 1.0], [1.0, 1.0]], 1.5)
THREE_GOODS = Economy([[0.3, 0.2], [0.3, 0.5], [0.4, 0.3]], [2.0, 1.0], POWER)
NESTED = NestedEconomy([[0.3, 0.2], [0.7, 0.8]], (2.0, 1.0), [[1, 2], [2, 1]], 1.5, 5.0, 0.9)

# Values that a parameter of this name may have; a call takes the first combination that works.
VALID = {
    "alike_shares": [(0.5, 0.5)],
    "alpha": [2.0],
    "alpha_labor": [(3.0, 1.0)],
    "alpha_share": [(0.6, 0.3)],
    "beta": [0.5],
    "beta_g": [0.8],
    "beta_labor": [(1.0, 2.0)],
    "bins": [4],
    "capacity": [2.5],
    "conduct": ["price"],
    "consumers": [(3.0, 1.0)],
    "consumption": [[0.5, 2.0]],
    "country": [1],
    "demand": [[[0.3, 0.2], [0.3, 0.5], [0.4, 0.3]]],
    "economy": [THREE_GOODS, NESTED],
    "elasticity": [5.0],
    "every_pattern": [False],
    "foreign_tariff": [0.1],
    "g": [0.5, [[1.0, 0.5], [0.6, 1.0]], (0.5, 0.6)],
    "high": [[[1.0, 1.0], [2.0, 3.0], [0.5, 0.5]]],
    "income": [[0.3, 0.6], 0.4],
    "industries": [[Industry(0.75, 2.0, 0.5), Industry(0.5)]],
    "industry": [Industry(0.75, 2.0, 0.5)],
    "integer": [True],
    "labor": [(5.0, 3.0), 3.0, [[0.5, 0.5], [1.0, 2.0], [0.0, 0.5]]],
    "log_utility": [-1.0, -0.5, 0.0],
    "low": [[[0.5, 0.5], [1.0, 2.0], [0.5, 0.5]]],
    "made_in_1": [[[True, False, False], [True, True, False]], [True, True, False]],
    "method": ["rounding", "proof"],
    "n": [5],
    "omega": [[0.8, 1.1]],
    "periods": [3],
    "points": [60],
    "production": [POWER],
    "productivity": [[[1.0, 2.0], [2.0, 1.0], [1.0, 1.0]]],
    "productivity_spread": [0.5],
    "relative_wage": [[0.9, 1.2]],
    "scale": [1.5, [[1.5, 1.2], [1.5, 1.5], [2.0, 1.1]]],
    "scale_spread": [0.25],
    "seed": [7],
    "sense": ["<="],
    "share": [0.6],
    "shift": [1.0],
    "side": ["lower"],
    "size_ratio": [2.0],
    "speed": [0.5],
    "tariffs": [(0.1, 0.2)],
    "theta": [0.75],
    "spending": [(3.0, 1.0)],
    "threads": [1],
    "threshold": [0.2, [[0.1, 0.0], [0.1, 0.2], [0.0, 0.1]]],
    "values": [[2.0, 1.0, 3.0]],
    "varieties": [2.0, 0.5],
    "wage_ratio": [(0.5, 2.0)],
    "weights": [[1.0, 2.0, 2.0]],
    "x": [[[0.5, 0.0, 1.0], [0.2, 0.3, 0.4]]],
}
OWNERS = {"PowerProduction": [POWER], "ThresholdProduction": [ThresholdProduction(1.0, 1.5, 0.1)]}

SCALARS = [
    None, True, False, np.True_, "0.5", "", b"1", 0, 0.0, -0.0, -1, 1, 1.0, 2, 2.0, 3, 1.5, 0.5, 4,
    np.float64(1), np.float32(0.5), np.int64(2), np.uint8(1), np.longdouble(0.5),
    np.longdouble("1e4000"), np.longdouble("1e-4000"), Fraction(1, 2), Fraction(1), Decimal("0.5"),
    Decimal(1), 0.5j, np.nan, np.inf, -np.inf, 5e-324, 1e-308, 1e-300, 1e-200, 1e-16, 1e16, 1e200,
    1e300, 1.7e308, -1e300, 1 - 2**-53, 1 + 2**-52, 2**63, 10**400, np.timedelta64(1, "s"),
    np.datetime64("2000"), np.ma.masked,
]  # fmt: skip
ARRAYS = [
    [], (), {}, {0.5}, range(2), [0.5], [0.5, 0.5], (2, 1), [1, 2, 3], [[1, 2], [3, 4]],
    [[0.5, 0.5, 0.5]], [1, [2, 3]], np.ones((5, 3)), np.ones((2, 0)), np.full((2, 3, 3), 0.5),
    np.array(0.5), np.array([0.5, 0.5], np.longdouble), np.array([0.5, 0.5], object),
    np.array([0.5, None], object), np.array(["a", "b"]), np.array([1, 1], "m8[s]"),
    np.ma.array([0.5, 0.5], mask=[False, True]), np.ma.array([0.5, 0.5]),
    [np.ma.array([0.5, 0.5], mask=[False, True]), [0.5, 0.5]], [True, False], ["0.5", "0.5"],
    [np.nan, 0.5], [1e300, 1e-300], [5e-324, 1.0], (1, 1e308), (0, 1), (0, 0), [0.5, 0.5j],
    object, len, "upper",
]  # fmt: skip


def modules():
    """List the modules of the models."""
    names = (module.name for module in pkgutil.walk_packages(lib.__path__, "lib."))
    return [importlib.import_module(name) for name in names if name.startswith(MODELS)]


def callables():
    """List functions, classes that check their fields, and methods: name, call and parameters."""
    for module in modules():
        for name, thing in vars(module).items():
            own = getattr(thing, "__module__", None) == module.__name__
            if name.startswith("_") or not own:
                continue
            short = module.__name__.removeprefix("lib.")
            if inspect.isfunction(thing):
                yield f"{short}.{name}", thing, list(inspect.signature(thing).parameters)
            elif inspect.isclass(thing) and "ValueError" in inspect.getdoc(thing):
                yield f"{short}.{name}", thing, list(inspect.signature(thing).parameters)
                for method, function in inspect.getmembers(thing, inspect.isfunction):
                    if not method.startswith("_"):
                        parameters = list(inspect.signature(function).parameters)
                        yield f"{short}.{name}.{method}", function, parameters


CALLABLES = {name: (call, parameters) for name, call, parameters in callables()}
CASES = [(name, one) for name, (_, all_) in CALLABLES.items() for one in all_ if one != "self"]


@cache
def valid(name):
    """Find arguments that a call accepts."""
    call, parameters = CALLABLES[name]
    missing = set(parameters) - set(VALID) - {"self"}
    assert not missing, f"add valid values for {missing} of {name} to VALID"
    choices = [OWNERS[name.split(".")[-2]] if one == "self" else VALID[one] for one in parameters]
    for arguments in itertools.product(*choices):
        try:
            evaluate(call, dict(zip(parameters, arguments, strict=True)))
        except ValueError:
            continue
        return dict(zip(parameters, arguments, strict=True))
    raise AssertionError(f"no combination in VALID suits {name}")


def evaluate(call, arguments):
    result = call(**arguments)
    return list(result) if isinstance(result, GeneratorType) else result


def parts(result, words):
    """List the arrays and numbers in a result, each with the docstring that speaks of it."""
    if isinstance(result, Economy):
        assert str(result)
    elif dataclasses.is_dataclass(result):
        told = NumpyDocString(inspect.getdoc(type(result)))["Attributes"]
        about = {one: " ".join(entry.desc) for entry in told for one in entry.name.split(", ")}
        for field in dataclasses.fields(result):
            yield from parts(getattr(result, field.name), about[field.name])
    elif isinstance(result, list | tuple):
        for one in result:
            yield from parts(one, words)
    elif isinstance(result, float | int | np.ndarray | np.generic):
        yield result, words


def documented(result, call):
    """Check that what is infinite or nan in a result is so by its docstring."""
    for part, words in parts(result, inspect.getdoc(call)):
        if isinstance(part, np.ndarray):
            assert not part.flags.writeable, "a result can be written"
        if np.asarray(part).dtype.kind == "f":
            assert re.search(r"\binf", words) or not np.isinf(part).any(), f"infinite: {part}"
            assert re.search(r"\bnan\b", words) or not np.isnan(part).any(), f"nan: {part}"


def plainly(value):
    """Write a value in plain Python: what an odd form of a number means."""
    if isinstance(value, bool | np.bool_ | str):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    if isinstance(value, np.ndarray):
        return plainly(value.tolist())
    if isinstance(value, list | tuple | range):
        return [plainly(one) for one in value]
    return value


def same(one, other):
    return all(
        np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind == "f")
        for (a, _), (b, _) in zip(parts(one, ""), parts(other, ""), strict=True)
    )


def fault(call, arguments, name):
    """Say what is wrong with a call, or return None."""
    value = arguments[name]
    kept = np.array(value) if isinstance(value, np.ndarray) else None
    try:
        result = evaluate(call, arguments)
    except (ValueError, TypeError) as error:
        message = str(error)
        if re.search(rf"\b{name}\b", message) and " must " in message and ", got " in message:
            return None
        return f"{type(error).__name__}: {message}"
    except Exception as error:
        # A solver may say that it misses its tolerance, if its docstring does.
        kind = type(error).__name__
        told = re.search(rf"^{kind}$", inspect.getdoc(call) or "", re.MULTILINE)
        return None if told else f"{kind}: {error}"
    try:
        documented(result, call)
        assert kept is None or str(kept) == str(np.array(value)), "the argument was changed"
        plain = evaluate(call, arguments | {name: plainly(value)})
        assert same(result, plain), "differs from the answer for plain numbers"
    except Exception as error:
        return f"{type(error).__name__}: {error}, for the result {shown(result)}"
    return None


def odd_values(good):
    """List what stands in for a valid value; in an array, also for its first entry alone."""
    yield from SCALARS
    yield from ARRAYS
    if isinstance(good, list | tuple):
        for entry in SCALARS:
            copy = [list(row) if isinstance(row, list | tuple) else row for row in good]
            (copy[0] if isinstance(copy[0], list) else copy).__setitem__(0, entry)
            yield copy


RECORDS = {
    f"{one.__module__.removeprefix('lib.')}.{one.__name__}": one
    for module in modules()
    for one in filter(dataclasses.is_dataclass, vars(module).values())
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_cannot_be_changed_and_one_of_arrays_is_compared_by_identity(name):
    assert RECORDS[name].__dataclass_params__.frozen
    # An == of all fields would fail on the first array.
    arrays = np.ndarray in (field.type for field in dataclasses.fields(RECORDS[name]))
    assert not (arrays and "__eq__" in vars(RECORDS[name]))


@pytest.mark.parametrize("name", CALLABLES)
def test_a_valid_call_returns_finite_results_that_cannot_be_written(name):
    documented(evaluate(CALLABLES[name][0], valid(name)), CALLABLES[name][0])


@pytest.mark.parametrize(("name", "parameter"), CASES)
def test_odd_values_give_a_right_answer_or_an_error_that_names_the_parameter(name, parameter):
    call, arguments = CALLABLES[name][0], valid(name)
    faults = [
        f"{parameter}={shown(value)} -> {wrong}"
        for value in odd_values(arguments[parameter])
        if (wrong := fault(call, arguments | {parameter: value}, parameter))
    ]
    assert not faults, "\n".join(faults)
