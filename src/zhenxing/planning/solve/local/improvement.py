"""Improve a plan by many small moves, then settle floor and money exactly."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from zhenxing.milp import Compiled
from zhenxing.milp.highs import solve_relaxation
from zhenxing.planning.formulation import Formulation
from zhenxing.planning.solve.local import moves as plain
from zhenxing.planning.solve.local.board import lay_out
from zhenxing.planning.solve.local.kernel import compiled
from zhenxing.planning.solve.local.reduced import Reduced, reduce_model

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# How much worse a plan may get at the beginning of a run, in worths of a usual decision: from a good plan, and from
# nothing.
WARM, HOT = 0.3, 3.0
# Which share of that is left at the end of a run.
COOLED = 0.1
# Moves by which the speed is found before it is known.
FIRST_MOVES = 20_000


@dataclass
class LocalSearch:
    """A plan's problem laid out once for many runs.

    Parameters
    ----------
    formulation : Formulation
        The plan's rules.
    model : Compiled
        The formulation's model, possibly with tighter bounds of whole numbers or another objective.
    machine_code : bool
        Run the kernel compiled; plain Python takes the same moves about a hundred times slower.
    """

    formulation: Formulation
    model: Compiled
    machine_code: bool = True
    moves_per_second: float = 0.0
    _reduced: Reduced = field(init=False)
    _whole: Ints = field(init=False)

    def __post_init__(self) -> None:
        self._reduced, self._whole = reduce_model(self.formulation, self.model)

    def improve(
        self,
        solution: Floats,
        *,
        moves: int | None = None,
        seconds: float | None = None,
        seed: int = 0,
        heat: float = WARM,
    ) -> Floats:
        """Return a plan at least as good.

        Parameters
        ----------
        solution : array
            A feasible solution of the model.
        moves : int, optional
            How many moves to try: the same plan for the same seed.
        seconds : float, optional
            How long to try, about, instead.
        heat : float
            How much worse a plan may get at the beginning, in worths of a usual decision.

        Returns
        -------
        array
            A solution of the model whose floor and money are settled by the linear programme; the given one where
            nothing better was found.
        """
        start = np.rint(solution[self._whole]).astype(np.int64)
        best = self._timed(start, seconds or 0.0, seed, heat) if moves is None else self._run(start, moves, seed, heat)
        return self._settled(best, solution)

    def value(self, solution: Floats) -> float:
        """Return what the moves think a plan is worth, but for constants that no decision changes."""
        return plain.worth(lay_out(self._reduced, np.rint(solution[self._whole]).astype(np.int64), 0))

    def _timed(self, start: Ints, seconds: float, seed: int, heat: float) -> Ints:
        began = time.perf_counter()
        if self.moves_per_second == 0.0:
            self._run(start, 1, seed, heat)
            compiled_at = time.perf_counter()
            start = self._run(start, FIRST_MOVES, seed, 0.0)
            self.moves_per_second = FIRST_MOVES / max(time.perf_counter() - compiled_at, 1e-3)
        left = seconds - (time.perf_counter() - began)
        moves = int(left * self.moves_per_second)
        if moves <= 0:
            return start
        began = time.perf_counter()
        best = self._run(start, moves, seed, heat)
        self.moves_per_second = moves / max(time.perf_counter() - began, 1e-3)
        return best

    def _run(self, start: Ints, moves: int, seed: int, heat: float) -> Ints:
        board = lay_out(self._reduced, start, seed)
        wanted = np.flatnonzero(self._reduced.upper > self._reduced.lower)
        best = start.copy()
        if board.tally[0]["broken"] or not len(wanted):
            return best
        run = compiled() if self.machine_code else plain.run
        run(board, wanted, best, moves, heat * self._usual_worth(), COOLED ** (1 / 100))
        return best

    def _usual_worth(self) -> float:
        """Return the median worth of the decisions that pay by themselves, 万元."""
        gains = self._reduced.cost[self._reduced.cost > 0.0]
        return float(np.median(gains)) if len(gains) else 1.0

    def _settled(self, best: Ints, given: Floats) -> Floats:
        lower, upper = self.model.lower.copy(), self.model.upper.copy()
        lower[self._whole] = upper[self._whole] = best
        answer = solve_relaxation(self.model, lower=lower, upper=upper)
        if answer.status != "optimal" or answer.value <= self.model.value(given):
            return given
        return np.where(self.model.integer, np.rint(lower), answer.solution)


def improve(
    formulation: Formulation,
    solution: Floats,
    *,
    model: Compiled | None = None,
    moves: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    machine_code: bool = True,
) -> Floats:
    """Return a plan at least as good as the given one; see ``LocalSearch``."""
    search = LocalSearch(formulation, formulation.model if model is None else model, machine_code)
    return search.improve(solution, moves=moves, seconds=seconds, seed=seed)
