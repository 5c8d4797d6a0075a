"""How much a grade hangs on the weights: seeded draws of weights, and the smallest shift of one that flips it."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.diagnosis.output_per_mu.ranking import SAME, grade_numbers, ranks
from zhenxing.diagnosis.output_per_mu.scheme import GRADES

Numbers = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

# lists up to this length get the exact smallest shift, longer ones the shift to the next half point
LONGEST_EXACT = 1500
_STEP = 0.5
_BLOCK = 256


def sensitivity(
    units: Numbers,
    weights: Numbers,
    extra: Numbers,
    cuts: tuple[float, float, float],
    names: list[str],
    *,
    draws: int,
    spread: float,
    seed: int,
) -> pd.DataFrame:
    """Return how each firm's grade in a list answers to other weights.

    Drawn weights are each weight times a uniform number of ``[1 − spread, 1 + spread]``, brought back to a sum of 100.
    A shift of one weight by t points takes t from the others in proportion to their weights.

    Parameters
    ----------
    units : array
        Points per point of weight, firms by indicators.
    weights : array
        Weights, adding up to 100.
    extra : array
        Points of each firm that do not depend on the weights.
    cuts : tuple
        Rank shares of the grades.
    names : list of str
        Names of the indicators.
    draws, spread, seed : int, float, int
        Number of draws, their spread, their seed.

    Returns
    -------
    DataFrame
        ``change_share`` (of draws with another grade), ``better_share``, ``worse_share``, ``flip_indicator``,
        ``flip_points`` (smallest shift of that weight, signed; 0 in a tie that any shift breaks; NaN where none flips
        the grade), ``flip_grade``, ``flip_exact``.

    Examples
    --------
    Two firms, one better in each of two indicators of 60 and 40 points: 10 points from the first tie them.

    >>> found = sensitivity(
    ...     np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([60.0, 40.0]), np.zeros(2), (0.5, 0.7, 0.9), ["tax", "rd"],
    ...     draws=100, spread=0.1, seed=1,
    ... )
    >>> found[["change_share", "flip_indicator", "flip_points", "flip_grade"]].values.tolist()[1]
    [0.0, 'tax', -10.0, 'A']
    """
    now = grade_numbers(ranks(units @ weights + extra), len(units), cuts)
    better, worse = _drawn(units, weights, extra, cuts, now, draws, spread, seed)
    shift = np.full(len(units), math.inf)
    which = np.full(len(units), -1)
    to = now.copy()
    exact = len(units) <= LONGEST_EXACT
    for k in range(len(weights) if len(weights) > 1 else 0):
        others = (100.0 - weights[k]) > SAME
        if not others:
            continue
        rest = weights.copy()
        rest[k] = 0.0
        slope = units[:, k] - units @ rest / (100.0 - weights[k])
        start = units @ weights + extra
        for sign, room in ((1.0, 100.0 - weights[k]), (-1.0, weights[k])):
            find = _first_flips if exact else _first_flips_on_grid
            t, grade = find(start, slope * sign, cuts, now, room)
            nearer = t < np.abs(shift) - SAME
            shift = np.where(nearer, t * sign, shift)
            which = np.where(nearer, k, which)
            to = np.where(nearer, grade, to)
    flips = which >= 0
    return pd.DataFrame(
        {
            "change_share": better + worse,
            "better_share": better,
            "worse_share": worse,
            "flip_indicator": np.where(flips, np.array([*names, ""], dtype=object)[which], ""),
            "flip_points": np.where(flips, shift, math.nan),
            "flip_grade": np.where(flips, np.array(GRADES, dtype=object)[to], ""),
            "flip_exact": np.full(len(units), exact),
        }
    )


def _drawn(
    units: Numbers,
    weights: Numbers,
    extra: Numbers,
    cuts: tuple[float, float, float],
    now: Whole,
    draws: int,
    spread: float,
    seed: int,
) -> tuple[Numbers, Numbers]:
    random = np.random.default_rng(seed)
    better, worse = np.zeros(len(units)), np.zeros(len(units))
    for _ in range(draws):
        drawn = weights * random.uniform(1 - spread, 1 + spread, len(weights))
        grade = grade_numbers(ranks(units @ (drawn * 100.0 / drawn.sum()) + extra), len(units), cuts)
        better += grade < now
        worse += grade > now
    return better / max(draws, 1), worse / max(draws, 1)


def _first_flips(
    start: Numbers, slope: Numbers, cuts: tuple[float, float, float], now: Whole, room: float
) -> tuple[Numbers, Whole]:
    """Return the smallest shift up to ``room`` at which each firm's grade changes, infinite where none does.

    Scores move along straight lines; a firm's rank changes only where its line meets another's. A firm that falls back
    to a tie no longer stands before it, and one that catches up does so only beyond the tie.
    """
    number = len(start)
    shift, grade = np.full(number, math.inf), now.copy()
    for begin in range(0, number, _BLOCK):
        rows = slice(begin, min(begin + _BLOCK, number))
        apart = start - start[rows, None]
        steeper = slope - slope[rows, None]
        apart[np.abs(apart) < SAME] = 0.0
        meets = np.full(apart.shape, math.inf)
        with np.errstate(divide="ignore", invalid="ignore"):
            np.divide(-apart, steeper, out=meets, where=np.abs(steeper) > SAME)
        falls = (apart > 0) & (steeper < 0)
        rises = (apart <= 0) & (steeper > 0)
        # beyond the tie at the end of the room there is nothing left to pass
        meets[~(falls & (meets <= room + SAME) | rises & (meets < room - SAME))] = math.inf
        change = np.where(falls, -1, 1) * np.isfinite(meets)
        # at the same place those that fall to a tie come before those that pass it
        place = np.round(meets / SAME)
        order = np.lexsort((change, place), axis=1)
        at, place, change = (np.take_along_axis(each, order, axis=1) for each in (meets, place, change))
        # lines that meet in one place change the rank together
        together = np.zeros(place.shape, bool)
        together[:, :-1] = (place[:, 1:] == place[:, :-1]) & (change[:, 1:] == change[:, :-1])
        before = (apart > 0).sum(axis=1)
        classes = grade_numbers(1 + before[:, None] + np.cumsum(change, axis=1), number, cuts)
        flips = (classes != now[rows, None]) & np.isfinite(at) & ~together
        first = flips.argmax(axis=1)
        some = flips.any(axis=1)
        line = np.arange(len(first))
        shift[rows] = np.where(some, at[line, first], math.inf)
        grade[rows] = np.where(some, classes[line, first], now[rows])
    return shift, grade


def _first_flips_on_grid(
    start: Numbers, slope: Numbers, cuts: tuple[float, float, float], now: Whole, room: float
) -> tuple[Numbers, Whole]:
    shift, grade = np.full(len(start), math.inf), now.copy()
    for t in np.append(np.arange(_STEP, room, _STEP), room):
        there = grade_numbers(ranks(start + slope * t), len(start), cuts)
        new = (there != now) & ~np.isfinite(shift)
        shift[new] = t
        grade[new] = there[new]
    return shift, grade
