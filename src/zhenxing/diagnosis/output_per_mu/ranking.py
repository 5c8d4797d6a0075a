"""Grades by rank share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zhenxing.diagnosis.output_per_mu.scheme import GRADES

Numbers = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

# scores closer than this are tied: sums of points differ in the last digits by the order of adding
SAME = 1e-9


def ranks(scores: Numbers) -> Whole:
    """Return 1 for the best; tied firms all have the best rank among them.

    Examples
    --------
    >>> ranks(np.array([50.0, 80.0, 50.0, 10.0])).tolist()
    [2, 1, 2, 4]
    """
    rounded = np.round(scores / SAME) * SAME
    rising = np.sort(rounded)
    found: Whole = len(scores) - np.searchsorted(rising, rounded, side="right") + 1
    return found


def grade_numbers(rank: Whole, number: int, cuts: tuple[float, float, float]) -> Whole:
    """Return 0, 1, 2, 3 for A, B, C, D: the first grade whose share of the list holds the rank.

    A firm is A when ``rank / number ≤ cuts[0]``, and so on: below a last cut of 1 the last firm of a list is always D.

    Examples
    --------
    >>> grade_numbers(np.array([1, 5, 6, 14, 19, 20]), 20, (0.25, 0.70, 0.95)).tolist()
    [0, 0, 1, 1, 2, 3]
    """
    bounds = np.floor(np.array(cuts) * number + 1e-9)
    found: Whole = np.searchsorted(bounds, rank, side="left").astype(np.int64)
    return found


def grades(scores: Numbers, cuts: tuple[float, float, float]) -> list[str]:
    """Return the grade of each score within its list; ties share the better grade.

    Examples
    --------
    >>> grades(np.array([9.0, 7.0, 7.0, 1.0]), (0.5, 0.75, 0.9))
    ['A', 'A', 'A', 'D']
    """
    return [GRADES[k] for k in grade_numbers(ranks(scores), len(scores), cuts)]
