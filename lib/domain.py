"""Checks of parameters: every value outside its domain gives one form of message."""

from contextlib import contextmanager
from dataclasses import fields
from numbers import Integral, Real

import numpy as np

_SHOWN = 200
_TINY, _HUGE = np.finfo(float).tiny, np.finfo(float).max


def _interval(low, high, closed):
    left = "[" if closed in ("left", "both") and np.isfinite(low) else "("
    right = "]" if closed in ("right", "both") and np.isfinite(high) else ")"
    return f"{left}{low:g}, {high:g}{right}"


def _inside(value, low, high, closed):
    above = value >= low if closed in ("left", "both") else value > low
    below = value <= high if closed in ("right", "both") else value < high
    return above & below & np.isfinite(value)


def shown(value):
    """
    Show a value in a message, cut where it is long.

    Parameters
    ----------
    value : object
        The value that was given.

    Returns
    -------
    str
        Its representation, in 200 characters at most.

    Examples
    --------
    >>> shown(0.5)
    '0.5'
    """
    try:
        words = repr(value)
    except ValueError:  # a whole number of thousands of digits
        words = f"a {type(value).__name__} too long to print"
    return words if len(words) <= _SHOWN else f"{words[: _SHOWN - 3]}..."


def _is_real(value):
    """Say whether this is one real number: no truth value, no span of time, nothing masked."""
    return (
        isinstance(value, Real)
        and not isinstance(value, bool | np.timedelta64)
        and value is not np.ma.masked
    )


def _float(value):
    """Convert a real number; what is beyond doubles becomes infinite, and so is refused."""
    try:
        with np.errstate(over="ignore"):
            return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def _floats(value):
    """Return numbers as given and as floats, both arrays; None where they are no real numbers."""
    sequence = isinstance(value, list | tuple)
    if np.ma.is_masked(value) or (sequence and any(map(np.ma.is_masked, value))):
        return None
    try:
        # NumPy by itself would turn the truth values of a mixed list into numbers.
        given = np.asarray(value, dtype=object if sequence else None)
    except (TypeError, ValueError):
        return None
    if given.dtype.kind in "iuf":
        with np.errstate(over="ignore"):
            return given, given.astype(float)
    if given.dtype.kind == "O" and all(map(_is_real, given.flat)):
        floats = np.array([_float(entry) for entry in given.flat], dtype=float)
        return given, floats.reshape(given.shape)
    return None


def number(name, value, low=-np.inf, high=np.inf, closed="neither", above=""):
    """
    Check one real parameter.

    Parameters
    ----------
    name : str
        The parameter's name, for the message.
    value : float
        The value that was given.
    low, high : float
        The ends of the allowed interval.
    closed : {"neither", "left", "right", "both"}
        Which ends belong to the interval.
    above : str
        What a number above the interval may have been meant to be.

    Returns
    -------
    float
        The value.

    Raises
    ------
    ValueError
        If the value is not a finite real number inside the interval.

    Examples
    --------
    >>> number("theta", 0.75, 0, 1)
    0.75
    >>> number("theta", 4, 0, 1)
    Traceback (most recent call last):
    ValueError: theta must be a number in (0, 1), got 4
    """
    real, hint = _is_real(value), ""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        real = value.dtype.kind in "iuf" and not np.ma.is_masked(value)
    if real:
        result = _float(value)
        if _inside(result, low, high, closed):
            return result
        if above and high <= result < np.inf:
            hint = f": {above}"
    raise ValueError(
        f"{name} must be a number in {_interval(low, high, closed)}, got {shown(value)}{hint}"
    )


def integer(name, value, low, high):
    """
    Check one whole parameter.

    Parameters
    ----------
    name : str
        The parameter's name, for the message.
    value : int
        The value that was given.
    low, high : int
        The smallest and the largest allowed value.

    Returns
    -------
    int
        The value.

    Raises
    ------
    ValueError
        If the value is not a whole number from low to high.

    Examples
    --------
    >>> integer("periods", 12, 1, 100)
    12
    """
    if isinstance(value, Integral) and _is_real(value) and low <= value <= high:
        return int(value)
    raise ValueError(f"{name} must be a whole number from {low} to {high}, got {shown(value)}")


def choice(name, value, options):
    """
    Check a parameter that takes one of a few values.

    Parameters
    ----------
    name : str
        The parameter's name, for the message.
    value : object
        The value that was given.
    options : tuple
        The allowed values.

    Returns
    -------
    object
        The option that the value equals, as it stands among the options.

    Raises
    ------
    ValueError
        If the value is none of the options.

    Examples
    --------
    >>> choice("country", 1.0, (1, 2))
    1
    """
    if isinstance(value, str) or _is_real(value):
        for option in options:
            if value == option:
                return option
    allowed = " or ".join(map(repr, options))
    raise ValueError(f"{name} must be {allowed}, got {shown(value)}")


def array(name, value, shape, low=-np.inf, high=np.inf, closed="neither"):
    """
    Check an array parameter and return a read-only copy.

    Parameters
    ----------
    name : str
        The parameter's name, for the message.
    value : array_like
        The values that were given.
    shape : tuple of (int or str)
        The shape that is asked for; a word, which the message shows, allows any length.
    low, high : float
        The ends of the interval allowed for every entry.
    closed : {"neither", "left", "right", "both"}
        Which ends belong to the interval.

    Returns
    -------
    ndarray of float
        A read-only copy of the values.

    Raises
    ------
    ValueError
        If the shape differs, or an entry is not a finite real number inside the interval.

    Examples
    --------
    >>> array("labor", [1, -2], (2,), low=0)
    Traceback (most recent call last):
    ValueError: labor must be an array of shape (2,) of numbers in (0, inf), got labor[1] = -2
    """
    sides = ", ".join(map(str, shape))
    wanted = f"({sides},)" if len(shape) == 1 else f"({sides})"
    kind = f"an array of shape {wanted} of numbers" if shape else "a number"
    allowed = f"{name} must be {kind} in {_interval(low, high, closed)}, got "
    both = _floats(value)
    if both is None:
        raise ValueError(allowed + shown(value))
    given, result = both
    fits = result.ndim == len(shape) and all(
        side == length or not isinstance(side, int)
        for side, length in zip(shape, result.shape, strict=True)
    )
    if not fits:
        raise ValueError(f"{allowed}shape {result.shape}: {shown(value)}")
    bad = ~_inside(result, low, high, closed)
    if bad.any():
        place = tuple(int(i) for i in np.argwhere(bad)[0])
        entry = given[place].item() if isinstance(given[place], np.generic) else given[place]
        index = f"{name}[{', '.join(map(str, place))}] = " if place else ""
        raise ValueError(f"{allowed}{index}{shown(entry)}")
    result.flags.writeable = False
    return result


def numbers(name, value, low=-np.inf, high=np.inf, closed="neither"):
    """
    Check a parameter that comes as one real number or as an array of them.

    Parameters
    ----------
    name : str
        The parameter's name, for the message.
    value : float or array_like
        The number or numbers that were given.
    low, high : float
        The ends of the interval allowed for every entry.
    closed : {"neither", "left", "right", "both"}
        Which ends belong to the interval.

    Returns
    -------
    ndarray of float
        The values in their own shape, which is () for one number.

    Raises
    ------
    ValueError
        If an entry is not a finite real number inside the interval.

    Examples
    --------
    >>> numbers("omega", [0.5, 2], low=0)
    array([0.5, 2. ])
    """
    both = _floats(value)
    if both is not None:
        shape = both[1].shape
    elif isinstance(value, np.ndarray):
        shape = value.shape
    else:
        shape = ("any",) if isinstance(value, list | tuple) else ()
    if shape == ():
        return np.array(number(name, value, low, high, closed))
    return array(name, value, shape, low, high, closed)


def plain(values):
    """
    Give a result the form of its parameter: a float where that was one number.

    Parameters
    ----------
    values : ndarray
        A result, of shape () if it is one number.

    Returns
    -------
    float or ndarray
        The number, or a read-only array.

    Examples
    --------
    >>> plain(np.array(2.0))
    2.0
    """
    if np.ndim(values) == 0:
        return float(values)
    values.flags.writeable = False
    return values


def freeze(result):
    """
    Make the arrays of a result read-only.

    Parameters
    ----------
    result : dataclass instance
        The result.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Prices:
    ...     values: np.ndarray
    >>> prices = Prices(np.array([1.0, 2.0]))
    >>> freeze(prices)
    >>> prices.values.flags.writeable
    False
    """
    for field in fields(result):
        value = getattr(result, field.name)
        if isinstance(value, np.ndarray):
            value.flags.writeable = False


def instance(name, value, kind):
    """
    Check a parameter that must be of a type of ours.

    Parameters
    ----------
    name : str
        The parameter's name, for the message.
    value : object
        The value that was given.
    kind : type
        The type.

    Returns
    -------
    object
        The value.

    Raises
    ------
    ValueError
        If the value is of another type.

    Examples
    --------
    >>> instance("industry", 0.75, dict)
    Traceback (most recent call last):
    ValueError: industry must be of type dict, got 0.75
    """
    if not isinstance(value, kind):
        raise ValueError(f"{name} must be of type {kind.__name__}, got {shown(value)}")
    return value


def pair(name, value, low=-np.inf, high=np.inf, closed="neither"):
    """
    Check a pair of real parameters, one for each country.

    Parameters
    ----------
    name : str
        The parameter's name, for the message.
    value : array_like of shape (2,)
        The values that were given: home or Country 1 first.
    low, high : float
        The ends of the interval allowed for both entries.
    closed : {"neither", "left", "right", "both"}
        Which ends belong to the interval.

    Returns
    -------
    tuple of float
        The two values.

    Raises
    ------
    ValueError
        If there are not two finite real numbers inside the interval.

    Examples
    --------
    >>> pair("labor", [2, 1], low=0)
    (2.0, 1.0)
    """
    first, second = array(name, value, (2,), low, high, closed)
    return float(first), float(second)


def normal(*values):
    """
    Insist that results are neither infinite nor undefined nor too small for full precision.

    Parameters
    ----------
    *values : float or ndarray
        Positive results.

    Raises
    ------
    FloatingPointError
        If one is not; `within_doubles` turns that into a message on a parameter.

    Examples
    --------
    >>> normal(1.0, 1e300)
    """
    for value in values:
        if not np.all((value >= _TINY) & (value <= _HUGE)):
            raise FloatingPointError("a result is beyond the range of doubles")


def finite(*values):
    """
    Insist that results are neither infinite nor undefined, however small.

    Parameters
    ----------
    *values : float or ndarray
        Results.

    Raises
    ------
    FloatingPointError
        If one is not; `within_doubles` turns that into a message on a parameter.

    Examples
    --------
    >>> finite(0.0, 1e300)
    """
    for value in values:
        if not np.all(np.isfinite(value)):
            raise FloatingPointError("a result is beyond the range of doubles")


@contextmanager
def within_doubles(**parameters):
    """
    Name a parameter where a computation leaves the range of doubles.

    Parameters
    ----------
    **parameters : float or array_like
        Positive numbers that it depends on, by name. The one farthest from 1 is named.

    Yields
    ------
    None
        The block runs with NumPy's floating-point errors raised.

    Raises
    ------
    ValueError
        If the block overflows, divides by zero, or finds a result not `normal`.

    Examples
    --------
    >>> with within_doubles(labor=1e-200):
    ...     normal(1e-200 * 1e-200)
    Traceback (most recent call last):
    ValueError: labor must keep all results between 2.2e-308 and 1.8e+308, got 1e-200
    """
    try:
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            yield
    except (FloatingPointError, OverflowError, ZeroDivisionError):
        name, value = max(parameters.items(), key=lambda item: _distance(item[1]))
        raise ValueError(
            f"{name} must keep all results between {_TINY:.2g} and {_HUGE:.2g}, got {shown(value)}"
        ) from None


def _distance(value):
    """Return the largest distance of positive numbers from 1, in logs; 0 counts for nothing."""
    values = np.asarray(value, dtype=float)
    return np.abs(np.log(values[values > 0])).max(initial=0.0)
