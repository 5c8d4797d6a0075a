"""One draw alone: the best that can be made of a given first stage, and the best with luck known beforehand."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from zhenxing.errors import InfeasibleError
from zhenxing.i18n import say
from zhenxing.milp.highs import Effort, solve_mip, solve_relaxation
from zhenxing.planning.solve.budget import Budget
from zhenxing.planning.solve.incumbent import Incumbent
from zhenxing.planning.solve.search import search
from zhenxing.planning.uncertainty.second_stage import Piece

Floats = npt.NDArray[np.float64]

# Relative gap at which the second stage of one draw counts as solved.
SMALL_GAP = 1e-6
# Seconds for the relaxation of a draw whose time ended without any bound.
LONGEST_RELAXATION = 60.0


@dataclass(frozen=True)
class Play:
    """What a draw is worth: value, proven bound, solution of its piece."""

    value: float
    bound: float
    solution: Floats


@dataclass(frozen=True)
class RecourseTask:
    """A piece with its first stage given, the seconds or nodes to spend, and a solution to begin with."""

    piece: Piece
    first_stage: Floats
    seconds: float
    nodes: int | None = None
    gap: float = SMALL_GAP
    start: Floats | None = None


def recourse(task: RecourseTask) -> Play:
    """Return the best second stage that was found for a first stage.

    Raises
    ------
    InfeasibleError
        The first stage cannot be carried on under this draw.
    """
    model, shared = task.piece.model, task.piece.shared
    lower, upper = model.lower.copy(), model.upper.copy()
    lower[shared] = upper[shared] = np.rint(task.first_stage)
    effort = Effort(seconds=task.seconds, gap=task.gap, nodes=task.nodes)
    answer = solve_mip(model, effort, lower=lower, upper=upper, start=task.start)
    solution = answer.solution if answer.solution is not None else task.start
    if solution is None:
        # nobody lands: always allowed, so that a short time never ends without an answer
        upper[task.piece.formulation.decisions.land.span] = 0.0
        solution = solve_relaxation(model, lower=lower, upper=upper).solution
        if len(solution) != len(model.cost):
            raise InfeasibleError(say("scenarios.no_second_stage"))
    exact = np.where(model.integer, np.rint(solution), solution)
    polished = solve_relaxation(
        model, lower=np.where(model.integer, exact, model.lower), upper=np.where(model.integer, exact, model.upper)
    )
    if polished.status != "optimal":
        raise InfeasibleError(say("scenarios.no_second_stage"))
    exact = np.where(model.integer, exact, polished.solution)
    value = model.value(exact)
    return Play(value, max(answer.bound, value) if np.isfinite(answer.bound) else np.inf, exact)


@dataclass(frozen=True)
class WaitTask:
    """A draw's piece, a solution known for it, and the seconds or units of work to spend."""

    piece: Piece
    known: Floats
    seconds: float
    work: int | None = None
    seed: int = 0


def wait_and_see(task: WaitTask) -> Play:
    """Return the best plan for one draw alone, as if its luck were known beforehand, with a proven bound."""
    formulation = replace(task.piece.formulation, model=task.piece.model)
    deadline = np.inf if task.work is not None else time.perf_counter() + task.seconds
    incumbent = Incumbent(task.piece.model, deadline, SMALL_GAP)
    incumbent.offer(task.known, "plan")
    search(formulation, incumbent, Budget(work=task.work, seed=task.seed))
    if incumbent.solution is None:
        raise InfeasibleError(say("scenarios.no_second_stage"))
    if not np.isfinite(incumbent.bound):
        relaxed = solve_relaxation(task.piece.model, interior=True, seconds=LONGEST_RELAXATION)
        if relaxed.status == "optimal":
            incumbent.prove(relaxed.value, "relaxation")
    return Play(float(incumbent.value), float(incumbent.bound), incumbent.solution)
