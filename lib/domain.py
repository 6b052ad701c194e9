"""Checks of parameters: every value outside its domain gives one form of message."""

from numbers import Integral, Real

import numpy as np


def _interval(low, high, closed):
    left = "[" if closed in ("left", "both") and np.isfinite(low) else "("
    right = "]" if closed in ("right", "both") and np.isfinite(high) else ")"
    return f"{left}{low:g}, {high:g}{right}"


def _inside(value, low, high, closed):
    above = value >= low if closed in ("left", "both") else value > low
    below = value <= high if closed in ("right", "both") else value < high
    return above & below & np.isfinite(value)


def number(name, value, low=-np.inf, high=np.inf, closed="neither"):
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

    Returns
    -------
    float
        The value.

    Raises
    ------
    ValueError
        If the value is not a finite real number inside the interval.
    """
    real = isinstance(value, Real | np.ndarray) and not isinstance(value, bool | np.bool_)
    if real and np.ndim(value) == 0 and np.asarray(value).dtype.kind in "iuf":
        result = float(value)
        if _inside(result, low, high, closed):
            return result
    raise ValueError(f"{name} must be a number in {_interval(low, high, closed)}, got {value!r}")


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
    """
    if isinstance(value, Integral) and not isinstance(value, bool) and low <= value <= high:
        return int(value)
    raise ValueError(f"{name} must be a whole number from {low} to {high}, got {value!r}")


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
        The value.

    Raises
    ------
    ValueError
        If the value is none of the options.
    """
    try:
        if not isinstance(value, bool) and value in options:
            return value
    except (TypeError, ValueError):
        pass
    allowed = " or ".join(map(repr, options))
    raise ValueError(f"{name} must be {allowed}, got {value!r}")


def array(name, value, shape, low=-np.inf, high=np.inf, closed="neither"):
    """
    Check an array parameter and return a read-only copy.

    Parameters
    ----------
    name : str
        The parameter's name, for the message.
    value : array_like
        The values that were given.
    shape : tuple of (int or None)
        The shape that is asked for; None allows any length.
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
    """
    sides = ", ".join("any" if side is None else str(side) for side in shape)
    wanted = f"({sides},)" if len(shape) == 1 else f"({sides})"
    allowed = f"an array of shape {wanted} of numbers in {_interval(low, high, closed)}"
    try:
        raw = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must be {allowed}, got {value!r}") from None
    fits = raw.ndim == len(shape) and all(
        side is None or side == length for side, length in zip(shape, raw.shape, strict=True)
    )
    # NumPy would turn the truth values of a mixed list into numbers.
    truths = isinstance(value, list | tuple) and any(
        isinstance(entry, bool | np.bool_) for entry in np.array(value, dtype=object).flat
    )
    if not fits or truths or raw.dtype.kind not in "iuf":
        raise ValueError(f"{name} must be {allowed}, got {value!r}")
    result = raw.astype(float)
    bad = ~_inside(result, low, high, closed)
    if bad.any():
        place = tuple(int(i) for i in np.argwhere(bad)[0])
        index = ", ".join(map(str, place))
        raise ValueError(
            f"{name} must be {allowed}, got {name}[{index}] = {float(result[place])!r}"
        )
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
    """
    try:
        shape = np.shape(value)
    except ValueError:
        shape = (None,)
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
        The number, or the array as it is.
    """
    return float(values) if np.ndim(values) == 0 else values


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
    """
    if not isinstance(value, kind):
        raise ValueError(f"{name} must be of type {kind.__name__}, got {value!r}")
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
    """
    first, second = array(name, value, (2,), low, high, closed)
    return float(first), float(second)
