"""The best plan so far, the best bound so far, and who found them: what every method reads and improves."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from zhenxing.milp import Compiled
from zhenxing.milp.highs import solve_relaxation

Floats = npt.NDArray[np.float64]


# Plans remembered for crossing them with the best one.
POOL_SIZE = 8


@dataclass(frozen=True)
class Progress:
    """One line of the search's story: seconds since its start, value, bound, gap and method."""

    seconds: float
    value: float
    bound: float
    gap: float
    method: str


Listener = Callable[[Progress], None]


def relative_gap(value: float, bound: float) -> float:
    """Return the gap of plan_model.md section 4: (bound − value) / max(1, |value|).

    Examples
    --------
    >>> relative_gap(200.0, 210.0)
    0.05
    """
    return (bound - value) / max(1.0, abs(value))


@dataclass
class Incumbent:
    """The state of a search.

    Parameters
    ----------
    model : Compiled
        The model being solved.
    deadline : float
        ``time.perf_counter()`` at which to stop; infinite when work is counted instead of time.
    gap : float
        Relative gap at which to stop.
    listener : callable, optional
        Told about every better value or bound.
    """

    model: Compiled
    deadline: float
    gap: float
    listener: Listener | None = None
    stopped: Callable[[], bool] = lambda: False
    solution: Floats | None = None
    value: float = -np.inf
    bound: float = np.inf
    method: str = ""
    story: list[Progress] = field(default_factory=list)
    pool: list[Floats] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)

    def left(self) -> float:
        """Seconds left."""
        return self.deadline - time.perf_counter()

    def over(self) -> bool:
        """Whether someone asked to stop or the time is over: solvers ask this more often than they look at a clock."""
        return self.stopped() or self.left() <= 0.0

    def finished(self) -> bool:
        """Whether time is over, the gap is closed or someone asked to stop."""
        closed = self.solution is not None and relative_gap(self.value, self.bound) <= self.gap
        return closed or self.left() <= 0.05 or self.stopped()

    def part(self, seconds: float) -> Incumbent:
        """Return a search of its own within this one's time, stopped when this one is."""
        deadline = min(self.deadline, time.perf_counter() + seconds) if np.isfinite(self.deadline) else self.deadline
        return Incumbent(self.model, deadline, self.gap, stopped=self.stopped)

    def offer(self, solution: Floats | None, method: str) -> bool:
        """Take a solution if it is better; its integers are made exact first."""
        if solution is None:
            return False
        exact = np.where(self.model.integer, np.rint(solution), solution)
        value = self.model.value(exact)
        self.pool = [*self.pool[-POOL_SIZE + 1 :], exact]
        if value <= self.value + 1e-9 * max(1.0, abs(self.value)):
            return False
        self.solution, self.value, self.method = exact, value, method
        self._tell(method)
        return True

    def prove(self, bound: float, method: str) -> None:
        """Take an upper bound if it is lower."""
        if bound < self.bound - 1e-9 * max(1.0, abs(bound)):
            self.bound = max(bound, self.value) if self.solution is not None else bound
            self._tell(method)

    def polish(self) -> None:
        """Re-solve the continuous part with the integers fixed, so that the plan is exact to the solver's tolerance."""
        if self.solution is None:
            return
        fixed = np.where(self.model.integer, np.rint(self.solution), self.model.lower)
        ceiling = np.where(self.model.integer, np.rint(self.solution), self.model.upper)
        answer = solve_relaxation(self.model, lower=fixed, upper=ceiling)
        if answer.status == "optimal":
            self.solution = np.where(self.model.integer, np.rint(self.solution), answer.solution)
            self.value = self.model.value(self.solution)
            self.bound = max(self.bound, self.value)

    def _tell(self, method: str) -> None:
        line = Progress(
            time.perf_counter() - self.began, self.value, self.bound, relative_gap(self.value, self.bound), method
        )
        self.story.append(line)
        if self.listener is not None:
            self.listener(line)
