"""Tighten the bounds of whole numbers by what the rows allow, until nothing moves (activity-based propagation)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from zhenxing.milp.model import Compiled

Floats = npt.NDArray[np.float64]

# Bounds beyond this carry no information; improvements below this are not worth a round.
HUGE = 1e9
WORTHWHILE = 1e-6


def propagate(model: Compiled, *, rounds: int = 20) -> Compiled:
    """Return the model with tighter column bounds; its feasible plans are the same.

    Parameters
    ----------
    rounds : int
        Passes over all rows at the most.
    """
    by_row = sparse.csr_array(model.matrix)
    row = np.repeat(np.arange(by_row.shape[0]), np.diff(by_row.indptr))
    column, coefficient = by_row.indices, by_row.data
    lower, upper = model.lower.copy(), model.upper.copy()
    for _ in range(rounds):
        before = (lower.copy(), upper.copy())
        _pass(model, row, column, coefficient, lower, upper)
        moved = (lower > before[0] + WORTHWHILE) | (upper < before[1] - WORTHWHILE)
        if not moved.any() or (lower > upper + WORTHWHILE).any():
            break
    if (lower > upper + WORTHWHILE).any():
        return model
    # Only whole numbers are returned tighter: bounds of continuous columns follow from the rows, and written out they
    # would only add rounding noise near the solver's tolerance.
    return replace(
        model, lower=np.where(model.integer, lower, model.lower), upper=np.where(model.integer, upper, model.upper)
    )


def implied_bounds(model: Compiled, lower: Floats, upper: Floats, *, rounds: int = 20) -> tuple[Floats, Floats]:
    """Return bounds of all columns, the continuous ones too, that the rows imply: for sums, not for a solver."""
    by_row = sparse.csr_array(model.matrix)
    row = np.repeat(np.arange(by_row.shape[0]), np.diff(by_row.indptr))
    lower, upper = lower.copy(), upper.copy()
    for _ in range(rounds):
        unknown = int(np.isinf(lower).sum() + np.isinf(upper).sum())
        _pass(model, row, by_row.indices, by_row.data, lower, upper)
        if int(np.isinf(lower).sum() + np.isinf(upper).sum()) in (0, unknown):
            break
    return lower, upper


def _pass(
    model: Compiled,
    row: npt.NDArray[np.int64],
    column: npt.NDArray[np.int32],
    coefficient: Floats,
    lower: Floats,
    upper: Floats,
) -> None:
    positive = coefficient > 0
    least = np.where(positive, coefficient * lower[column], coefficient * upper[column])
    most = np.where(positive, coefficient * upper[column], coefficient * lower[column])
    count = model.matrix.shape[0]
    low_rest = _rest(row, least, count)
    high_rest = _rest(row, most, count)
    with np.errstate(invalid="ignore", divide="ignore"):
        # a x_j <= row_upper - least of the others;  a x_j >= row_lower - most of the others
        ceiling = (model.row_upper[row] - low_rest) / coefficient
        floor = (model.row_lower[row] - high_rest) / coefficient
    new_upper = np.where(positive, ceiling, floor)
    new_lower = np.where(positive, floor, ceiling)
    new_upper[~np.isfinite(new_upper) | (np.abs(new_upper) > HUGE)] = np.inf
    new_lower[~np.isfinite(new_lower) | (np.abs(new_lower) > HUGE)] = -np.inf
    whole = model.integer[column]
    new_upper = np.where(whole, np.floor(new_upper + 1e-6), new_upper + 1e-7 * np.maximum(1.0, np.abs(new_upper)))
    new_lower = np.where(whole, np.ceil(new_lower - 1e-6), new_lower - 1e-7 * np.maximum(1.0, np.abs(new_lower)))
    np.minimum.at(upper, column, new_upper)
    np.maximum.at(lower, column, new_lower)


def _rest(row: npt.NDArray[np.int64], part: Floats, count: int) -> Floats:
    """Return, for each entry, its row's sum of the other entries (infinite where another entry is)."""
    infinite = ~np.isfinite(part)
    total = np.bincount(row, np.where(infinite, 0.0, part), count)
    many = np.bincount(row, infinite, count)
    sign = np.where(np.bincount(row, infinite & (part < 0), count) > 0, -np.inf, np.inf)
    others = many[row] - infinite
    return np.where(others > 0, sign[row], total[row] - np.where(infinite, 0.0, part))
