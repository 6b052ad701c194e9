"""Records of arrays that share their first axis: the cells and brackets of a search for roots."""

from dataclasses import fields

import numpy as np


class Rows:
    """
    Base of a dataclass whose fields are arrays that have their first axis in common.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True, eq=False)
    ... class Intervals(Rows):
    ...     low: np.ndarray
    ...     high: np.ndarray
    >>> some = Intervals(np.array([0, 1, 2]), np.array([1, 2, 3]))
    >>> some[some.low > 0].high.tolist()
    [2, 3]
    >>> Intervals.join([some, some[:1]]).low.tolist()
    [0, 1, 2, 0]
    """

    def __getitem__(self, rows):
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))

    @classmethod
    def join(cls, parts):
        """
        Put the rows of several records one after the other.

        Parameters
        ----------
        parts : sequence of records
            Records of this class, at least one.

        Returns
        -------
        record
            One of this class with all their rows.
        """
        names = [field.name for field in fields(cls)]
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
