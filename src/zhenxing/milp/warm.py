"""A relaxation solved again and again under changing bounds, each time from where the last one ended."""

from __future__ import annotations

import time

import highspy
import numpy as np
import numpy.typing as npt

from zhenxing.milp.highs import Effort, Relaxation, configure, load, read_relaxation
from zhenxing.milp.model import Compiled

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class WarmRelaxation:
    """The linear relaxation of a model, kept in the solver with its basis.

    Parameters
    ----------
    model : Compiled
        The model; its bounds are the first ones.
    interior : bool
        Solve the first time by the interior-point method with crossover.

    Examples
    --------
    >>> from zhenxing.milp import Model
    >>> model = Model()
    >>> buy = model.columns("buy", {"thing": ["a", "b"]}, upper=1.0, integer=True)
    >>> model.reward("profit", buy.all, np.array([5.0, 4.0]))
    >>> budget = model.rows("budget", {"year": [1]}, upper=4.0)
    >>> model.put(budget.all, buy.all, np.array([3.0, 2.0]))
    >>> warm = WarmRelaxation(model.compile())
    >>> round(warm.first.value, 6)
    7.333333
    >>> warm.bound(np.array([0]), 1.0, 1.0)
    >>> round(float(warm.solve()[1]), 6)
    0.5
    """

    def __init__(self, model: Compiled, *, interior: bool = False, seconds: float = np.inf, threads: int = 1) -> None:
        began = time.perf_counter()
        self.model = model
        self._highs = load(model, None, None, integer=False)
        configure(self._highs, Effort(seconds=seconds, threads=threads), {"solver": "ipm"} if interior else None)
        self._highs.run()
        self.first: Relaxation = read_relaxation(self._highs, began)
        # a basis to start from is worth more than a smaller problem
        self._highs.setOptionValue("solver", "simplex")
        self._highs.setOptionValue("presolve", "off")
        self._highs.setOptionValue("time_limit", np.inf)
        self.lower, self.upper = model.lower.copy(), model.upper.copy()

    def bound(self, columns: Ints, lower: Floats | float, upper: Floats | float) -> None:
        """Set the bounds of some columns."""
        self.lower[columns], self.upper[columns] = lower, upper
        at = np.asarray(columns, dtype=np.int32)
        self._highs.changeColsBounds(len(at), at, self.lower[columns], self.upper[columns])

    def solve(self) -> Floats | None:
        """Return the optimum under the present bounds, or None where they allow nothing."""
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return np.array(self._highs.getSolution().col_value)
