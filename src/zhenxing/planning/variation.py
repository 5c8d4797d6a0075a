"""The plan's model with rows added and another aim: what alternatives, trade-offs and re-planning are made of.

Columns never change, so a solution of a varied model is a solution of the plan's own model, and every neighbourhood of
the search works on it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from zhenxing.milp import Block, Compiled
from zhenxing.milp.highs import Effort, solve_mip, solve_relaxation
from zhenxing.planning.formulation import Formulation
from zhenxing.planning.solve.budget import Budget
from zhenxing.planning.solve.incumbent import Incumbent
from zhenxing.planning.solve.lns import improve
from zhenxing.planning.solve.search import SMALL, search

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


# Seconds for choosing what of a plan can stay, however little time is left: everything else builds on it.
LEAST_CHOICE = 1.0


@dataclass(frozen=True)
class Linear:
    """A linear measure of a plan: ``values @ x[columns] + constant``."""

    columns: Ints
    values: Floats
    constant: float = 0.0

    def of(self, solution: Floats) -> float:
        """Return the measure of a solution."""
        return float(self.values @ solution[self.columns]) + self.constant

    def times(self, factor: float) -> Linear:
        """Return the measure multiplied by a factor."""
        return Linear(self.columns, factor * self.values, factor * self.constant)


def worth(model: Compiled) -> Linear:
    """Return a model's own objective as a measure."""
    columns = np.flatnonzero(model.cost)
    return Linear(columns, model.cost[columns], model.offset)


def with_rows(
    model: Compiled, name: str, measures: Sequence[Linear], *, lower: float = -np.inf, upper: float = np.inf
) -> Compiled:
    """Return the model with rows ``lower <= measure <= upper`` added at its end.

    Examples
    --------
    >>> from zhenxing.milp import Model
    >>> building = Model()
    >>> buy = building.columns("buy", {"thing": ["a", "b"]}, upper=1.0, integer=True)
    >>> model = with_rows(building.compile(), "few", [Linear(buy.all, np.ones(2), constant=1.0)], upper=2.0)
    >>> model.matrix.toarray().tolist(), model.row_upper.tolist()
    ([[1.0, 1.0]], [1.0])
    """
    count, (old, width) = len(measures), model.matrix.shape
    at = np.concatenate([np.full(len(one.columns), i) for i, one in enumerate(measures)] or [np.empty(0)])
    columns = np.concatenate([one.columns.astype(np.float64) for one in measures] or [np.empty(0)])
    values = np.concatenate([one.values for one in measures] or [np.empty(0)])
    added = sparse.coo_array((values, (at.astype(np.int64), columns.astype(np.int64))), shape=(count, width))
    constants = np.array([one.constant for one in measures])
    block = Block(name, old, (count,), {"row": list(range(count))})
    return replace(
        model,
        matrix=sparse.csc_array(sparse.vstack([model.matrix, added], format="csc")),
        row_lower=np.concatenate([model.row_lower, lower - constants]),
        row_upper=np.concatenate([model.row_upper, upper - constants]),
        rows={**model.rows, name: block},
    )


def with_aim(model: Compiled, aim: Linear) -> Compiled:
    """Return the model with another objective to maximise."""
    cost = np.zeros(len(model.cost))
    np.add.at(cost, aim.columns, aim.values)
    return replace(
        model,
        cost=cost,
        offset=aim.constant,
        terms={"aim": (aim.columns, aim.values)},
        constants={"aim": aim.constant},
    )


def held(model: Compiled, columns: npt.NDArray[np.bool_], solution: Floats) -> Compiled:
    """Return the model with some of its columns held at a solution's values."""
    return replace(
        model, lower=np.where(columns, solution, model.lower), upper=np.where(columns, solution, model.upper)
    )


def best_money(model: Compiled, solution: Floats) -> Floats | None:
    """Return a solution with the same whole numbers and the best money and resettlement a model allows for them."""
    whole = np.where(model.integer, np.rint(solution), solution)
    fixed = held(model, model.integer, whole)
    answer = solve_relaxation(fixed)
    return np.where(model.integer, whole, answer.solution) if answer.status == "optimal" else None


def pursue(
    formulation: Formulation,
    model: Compiled,
    start: Floats,
    seconds: float,
    *,
    relaxed: Floats | None = None,
    seed: int = 0,
    stopped: Callable[[], bool] = lambda: False,
) -> Incumbent:
    """Look for the best of a varied model from a solution of it, and return what is known.

    A small model is solved by the joint plan's own search. On a larger one a proof would take all the time: the
    relaxation gives the bound (unless a solution of a relaxation is given to steer by) and neighbourhoods improve.
    """
    deadline = time.perf_counter() + max(seconds, 0.2)
    incumbent = Incumbent(model, deadline, 1e-6, None, stopped)
    incumbent.offer(start, "start")
    if int((model.integer & (model.upper > model.lower)).sum()) <= SMALL:
        search(formulation, incumbent, Budget(seed=seed), given=model)
        return incumbent
    if relaxed is None:
        answer = solve_relaxation(model, interior=True, seconds=max(incumbent.left() / 2, 0.1))
        if answer.status == "optimal":
            incumbent.prove(answer.value, "relaxation")
            relaxed = answer.solution
    slice_seconds = max(min(4.0, incumbent.left() / 3), 0.3)
    steer = start if relaxed is None else relaxed
    improve(formulation, model, incumbent, steer, until=0.0, seed=seed, slice_seconds=slice_seconds)
    incumbent.polish()
    return incumbent


def least_value(value: float, within: float) -> float:
    """Return the least value of a plan that counts as within a share of another's.

    Examples
    --------
    >>> least_value(200.0, 0.01), least_value(-200.0, 0.01)
    (198.0, -202.0)
    """
    return value - within * abs(value)


def part_kept(
    model: Compiled, solution: Floats, seconds: float, stopped: Callable[[], bool] = lambda: False
) -> Floats | None:
    """Return a good solution of a model that starts nothing a given one does not: what of it can stay.

    The relaxation says of most steps whether they stay; only the others are chosen, and all of them where that fails.

    Parameters
    ----------
    seconds : float
        Time to choose what is left out; the best choice by then counts.
    """
    began = time.perf_counter()
    upper = np.where(model.integer, np.clip(np.rint(solution), model.lower, model.upper), model.upper)
    relaxed = solve_relaxation(model, upper=upper)
    if relaxed.status == "infeasible":
        return None
    if relaxed.status != "optimal":
        return None
    near = np.rint(relaxed.solution)
    whole = model.integer & (np.abs(relaxed.solution - near) < 1e-6)
    # what the relaxation divides is left out first: often a plan already, and one to begin with
    without = np.where(whole, near, np.maximum(np.floor(relaxed.solution), model.lower))
    start = best_money(model, np.where(model.integer, without, relaxed.solution))
    kept = np.where(whole, np.maximum(near, model.lower), model.lower)
    for least in (kept, model.lower):
        left = max(seconds - (time.perf_counter() - began), LEAST_CHOICE)
        effort = Effort(seconds=left, gap=1e-3)
        answer = solve_mip(model, effort, lower=least, upper=upper, start=start, watch=lambda _value, _bound: stopped())
        if answer.solution is not None or start is not None or stopped():
            found = [one for one in (answer.solution, start) if one is not None]
            return max(found, key=model.value, default=None)
    return None
