"""Every parameter outside its domain gives one form of message: name, value and range."""

import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from lib.domain import (
    array,
    choice,
    instance,
    integer,
    normal,
    number,
    numbers,
    pair,
    plain,
    shown,
    within_doubles,
)

BAD_NUMBERS = [
    np.nan,
    np.inf,
    -np.inf,
    "0.5",
    None,
    True,
    np.True_,
    0.5j,
    [0.5],
    np.array([0.5]),
    np.array("0.5"),
    {},
    10**400,
    -(10**400),
    np.longdouble("1e4000"),
    np.timedelta64(1, "s"),
    Decimal("0.5"),
    np.ma.masked,
    np.ma.array(0.5, mask=True),
]


@pytest.mark.parametrize("value", BAD_NUMBERS, ids=repr)
def test_what_is_not_a_finite_real_number_is_refused_with_name_value_and_range(value):
    message = f"theta must be a number in (0, 1), got {shown(value)}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        number("theta", value, 0, 1)


@pytest.mark.parametrize(
    "value",
    [0.5, np.float64(0.5), np.float32(0.5), np.longdouble(0.5), np.array(0.5), Fraction(1, 2)],
    ids=repr,
)
def test_a_number_comes_back_as_a_plain_float(value):
    result = number("theta", value, 0, 1)
    assert type(result) is float
    assert result == 0.5


@pytest.mark.parametrize(
    ("closed", "low_allowed", "high_allowed", "range_shown"),
    [
        ("neither", False, False, "(0, 2)"),
        ("left", True, False, "[0, 2)"),
        ("right", False, True, "(0, 2]"),
        ("both", True, True, "[0, 2]"),
    ],
)
def test_the_ends_of_the_interval_belong_to_it_as_said(
    closed, low_allowed, high_allowed, range_shown
):
    assert number("g", 1, 0, 2, closed) == 1.0
    for value, allowed in ((0, low_allowed), (2, high_allowed)):
        if allowed:
            assert number("g", value, 0, 2, closed) == value
            assert array("g", [value], (1,), 0, 2, closed)[0] == value
        else:
            with pytest.raises(ValueError, match=re.escape(range_shown)):
                number("g", value, 0, 2, closed)
            with pytest.raises(ValueError, match=re.escape(range_shown)):
                array("g", [value], (1,), 0, 2, closed)
    for value in (-1e-9, 2 + 1e-9):
        with pytest.raises(ValueError, match=re.escape(range_shown)):
            number("g", value, 0, 2, closed)


def test_an_infinite_end_is_shown_open_and_never_reached():
    with pytest.raises(ValueError, match=re.escape("alpha must be a number in [0, inf), got inf")):
        number("alpha", np.inf, 0, closed="both")


@pytest.mark.parametrize(
    "value", [0, 4, 2.0, True, "2", None, np.nan, [2], np.timedelta64(2, "s")], ids=repr
)
def test_what_is_not_a_whole_number_in_the_range_is_refused(value):
    message = f"periods must be a whole number from 1 to 3, got {value!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        integer("periods", value, 1, 3)


@pytest.mark.parametrize("value", [1, 3, np.int64(2)], ids=repr)
def test_a_whole_number_comes_back_as_a_plain_int(value):
    assert type(integer("periods", value, 1, 3)) is int
    assert integer("periods", value, 1, 3) == value


@pytest.mark.parametrize("value", ["Price", 1, None, ["price"], np.array([1, 2]), True], ids=repr)
def test_what_is_no_option_is_refused(value):
    message = f"conduct must be 'price' or 'quantity', got {value!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        choice("conduct", value, ("price", "quantity"))


@pytest.mark.parametrize("value", [1, 1.0, np.float64(1), np.int8(1), Fraction(1)], ids=repr)
def test_what_equals_an_option_comes_back_as_the_option_itself(value):
    assert type(choice("country", value, (1, 2))) is int
    assert choice("country", value, (1, 2)) == 1
    assert choice("side", np.str_("upper"), ("upper", "lower")) == "upper"


@pytest.mark.parametrize(
    "value", [True, np.True_, Decimal(1), np.timedelta64(1, "s"), [1]], ids=repr
)
def test_what_is_no_number_does_not_pass_for_one(value):
    with pytest.raises(ValueError, match=re.escape(f"country must be 1 or 2, got {value!r}")):
        choice("country", value, (1, 2))


@pytest.mark.parametrize(
    "value",
    [1.0, [1.0], [1.0, 2.0, 3.0], [[1.0, 2.0]], "ab", ["1", "2"], [1, [2, 3]], [True, False], None],
    ids=repr,
)
def test_a_pair_of_the_wrong_shape_or_kind_is_refused(value):
    message = "labor must be an array of shape (2,) of numbers in (0, inf), got "
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        pair("labor", value, 0)


@pytest.mark.parametrize("entry", [0.0, -1.0, np.nan, np.inf])
def test_the_entry_that_is_out_of_range_is_named(entry):
    with pytest.raises(ValueError, match=re.escape(f"got labor[1] = {entry!r}")):
        pair("labor", (1.0, entry), 0)
    with pytest.raises(ValueError, match=re.escape(f"got demand[2, 1] = {entry!r}")):
        array("demand", [[1, 1], [1, 1], [1, entry]], ("n", 2), 0)


def test_a_pair_comes_back_as_plain_floats_from_any_sequence():
    for value in ((1, 2), [1.0, 2.0], np.array([1, 2])):
        result = pair("labor", value, 0)
        assert result == (1.0, 2.0)
        assert all(type(entry) is float for entry in result)


def test_an_array_is_copied_and_cannot_be_written():
    given = np.array([[1, 2], [3, 4]])
    result = array("demand", given, ("n", 2))
    assert result.dtype == float
    np.testing.assert_array_equal(result, given)
    given[0, 0] = 9
    assert result[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        result[0, 0] = 9


@pytest.mark.parametrize("value", [-1.7e308, -1.0, 0.0, 1.7e308])
def test_without_bounds_every_finite_number_is_allowed(value):
    assert number("x", value) == value
    assert numbers("x", [value]).tolist() == [value]
    assert array("x", [value], (1,)).tolist() == [value]
    assert pair("x", (value, value)) == (value, value)


def test_an_array_takes_any_length_where_the_shape_leaves_it_open():
    assert array("demand", np.ones((5, 2)), ("n", 2)).shape == (5, 2)
    with pytest.raises(ValueError, match=re.escape("an array of shape (n, 2)")):
        array("demand", np.ones((5, 3)), ("n", 2))


@pytest.mark.parametrize("value", [[0.5, 2.0], (0.5, np.nan), [[0.5], [-1.0]]])
def test_numbers_names_the_first_entry_outside_the_interval(value):
    with pytest.raises(
        ValueError, match=r"^omega must be an array of shape .* in \(0, 1\), got omega\["
    ):
        numbers("omega", value, 0, 1)


@pytest.mark.parametrize("value", [2.0, np.nan, "1", None, True])
def test_numbers_refuses_one_number_outside_the_interval(value):
    with pytest.raises(ValueError, match=r"^omega must be a number in \(0, 1\), got "):
        numbers("omega", value, 0, 1)


def test_numbers_refuses_rows_of_different_length():
    with pytest.raises(ValueError, match=r"^omega must be an array of shape \(any,\)"):
        numbers("omega", [[0.5], [0.5, 0.5]], 0, 1)


def test_a_result_comes_back_as_a_float_exactly_if_one_number_went_in():
    assert type(plain(numbers("omega", 0.5, 0, 1))) is float
    assert plain(numbers("omega", [0.5], 0, 1)).shape == (1,)


def test_instance_names_the_type_that_it_wants():
    assert instance("labor", 1.0, float) == 1.0
    with pytest.raises(ValueError, match=re.escape("labor must be of type float, got '1'")):
        instance("labor", "1", float)


def test_a_message_cuts_what_is_long():
    assert shown((1.0, 2)) == "(1.0, 2)"
    assert len(shown(np.ones((300, 2)))) == 200
    assert shown(10**5000) == "a int too long to print"


def test_a_number_above_the_interval_is_asked_what_it_was_meant_to_be():
    def theta(value):
        return number("theta", value, 0, 1, above="is this sigma?")

    for value in (1, 4, 4.0):
        with pytest.raises(ValueError, match=re.escape(f"(0, 1), got {value!r}: is this sigma?")):
            theta(value)
    for value in (0, -1, np.nan, np.inf, "4"):
        with pytest.raises(ValueError, match=re.escape(f"(0, 1), got {value!r}") + "$"):
            theta(value)


@pytest.mark.parametrize(
    "value",
    [
        [0.5, [0.5, 0.5]],
        [np.ones((2, 1)), np.ones((2, 2))],
        np.ma.array([0.5, 0.5], mask=[False, True]),
        [0.5, np.ma.masked],
        [np.ma.array([0.5, 0.5], mask=[False, True]), [0.5, 0.5]],
        np.array([1, 1], dtype="m8[s]"),
        [0.5, None],
        [0.5, Decimal(1)],
    ],
    ids=repr,
)
def test_an_array_of_what_are_no_real_numbers_is_refused(value):
    with pytest.raises(ValueError, match=r"^labor must be an array of shape \(n,\) of numbers"):
        array("labor", value, ("n",))
    with pytest.raises(ValueError, match=r"^labor must be an array of shape .* of numbers"):
        numbers("labor", value)


def test_an_array_of_numbers_of_any_kind_becomes_doubles():
    for value in (
        [2, np.float32(0.5)],
        np.array([2, Fraction(1, 2)], dtype=object),
        np.array([2, 0.5], dtype=np.longdouble),
        np.ma.array([2, 0.5]),
    ):
        result = array("labor", value, (2,), low=0)
        assert result.dtype == float
        assert result.tolist() == [2.0, 0.5]
    assert array("labor", [2**70, 1], (2,)).tolist() == [2.0**70, 1.0]
    with pytest.raises(ValueError, match=re.escape("labor[1] = ")):
        array("labor", [1, 10**400], (2,))
    with pytest.raises(ValueError, match=re.escape("labor[1] = ")):
        array("labor", np.array([1, np.longdouble("1e4000")]), (2,))


def test_a_wrong_shape_is_told_and_a_letter_stands_for_any_length():
    assert array("demand", np.ones((5, 2)), ("n", 2)).shape == (5, 2)
    with pytest.raises(ValueError, match=re.escape("of shape (n, 2) of numbers in (-inf, inf)")):
        array("demand", np.ones(5), ("n", 2))
    with pytest.raises(ValueError, match=re.escape("got shape (5,): array(")):
        array("demand", np.ones(5), ("n", 2))
    with pytest.raises(ValueError, match=re.escape("scale must be a number in (1, inf), got 1")):
        array("scale", 1, (), low=1)


def test_array_results_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        plain(np.ones(2))[0] = 2.0


@pytest.mark.parametrize("value", [0.0, 5e-324, np.inf, np.nan, -1.0, np.array([1.0, np.nan])])
def test_a_result_beyond_doubles_names_the_parameter_farthest_from_one(value):
    with pytest.raises(ValueError, match=r"^labor must keep all .* got \(1.0, 1e-200\)$"):  # noqa: SIM117
        with within_doubles(alpha=1e100, labor=(1.0, 1e-200), share=0.0):
            normal(1.0, value)


@pytest.mark.parametrize(
    "compute", [lambda: np.exp(np.float64(800)), lambda: 2.0**2000, lambda: 1.0 / 0.0]
)
def test_a_computation_beyond_doubles_names_the_parameter(compute):
    with pytest.raises(ValueError, match=r"^alpha must keep all .* got 3$"):  # noqa: SIM117
        with within_doubles(alpha=3, beta=1):
            compute()
    with within_doubles(alpha=3):
        normal(np.array([1.0, 1e300]))
