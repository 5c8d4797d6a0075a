"""Upper bounds from multipliers by our own arithmetic: no trust in a solver's claim is needed (weak duality)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zhenxing.milp.model import Compiled
from zhenxing.milp.propagation import implied_bounds

Floats = npt.NDArray[np.float64]

# What rounding in the sums below may hide, relative to the size of what is summed.
ROUNDING = 1e-12


def dual_bound(
    model: Compiled,
    row_price: Floats,
    *,
    lower: Floats | None = None,
    upper: Floats | None = None,
) -> float:
    """Return an upper bound on the value of every solution, for any row prices whatever.

    Notes
    -----
    For every ``x`` within the rows and bounds and every ``y``:
    ``c x = y (A x) + (c − y A) x <= sum of max(y row_lower, y row_upper) + sum of max(d lower, d upper)`` with
    ``d = c − y A``. Prices that point at a limit that is not there are dropped, which keeps the bound valid. A column
    without a bound takes the one that the rows imply.

    Parameters
    ----------
    model : Compiled
        The model, also one whose limits differ from those the prices were found for.
    row_price : array
        One price for each row; the best are those of the relaxation.
    lower, upper : arrays, optional
        Column bounds instead of the model's.

    Examples
    --------
    >>> from zhenxing.milp import Model
    >>> model = Model()
    >>> buy = model.columns("buy", {"thing": ["a", "b"]}, upper=1.0, integer=True)
    >>> model.reward("profit", buy.all, np.array([5.0, 4.0]))
    >>> budget = model.rows("budget", {"year": [1]}, upper=4.0)
    >>> model.put(budget.all, buy.all, np.array([3.0, 2.0]))
    >>> bound = dual_bound(model.compile(), np.array([5.0 / 3.0]))
    >>> round(bound, 4)
    7.3333
    """
    lower = model.lower if lower is None else lower
    upper = model.upper if upper is None else upper
    price = np.where(np.isfinite(row_price), row_price, 0.0)
    price = np.where((price > 0) & np.isinf(model.row_upper), 0.0, price)
    price = np.where((price < 0) & np.isinf(model.row_lower), 0.0, price)
    reduced = model.cost - model.matrix.T @ price
    side = np.where(reduced > 0, upper, lower)
    if np.any(np.isinf(side) & (reduced != 0)):
        least, most = implied_bounds(model, lower, upper)
        side = np.where(reduced > 0, most, least)
    limit = np.where(price > 0, model.row_upper, model.row_lower)
    of_rows = np.where(price != 0, price, 0.0) * np.where(price != 0, limit, 0.0)
    of_columns = np.where(reduced != 0, reduced, 0.0) * np.where(reduced != 0, side, 0.0)
    size = np.abs(of_rows).sum() + np.abs(of_columns).sum() + np.abs(model.offset)
    return float(of_rows.sum() + of_columns.sum() + model.offset + ROUNDING * size)
