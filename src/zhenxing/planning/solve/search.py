"""One budget, several methods: relaxation, a first plan, improvement, proof.

Small models go to HiGHS directly. Larger ones: the relaxation gives a bound and a start (RENS), large-neighbourhood
search improves it, HiGHS on the whole model with that plan as its start proves a bound and may improve it further.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhenxing.milp.highs import Effort, solve_mip, solve_relaxation
from zhenxing.planning.formulation import Formulation
from zhenxing.planning.solve.incumbent import Incumbent
from zhenxing.planning.solve.lns import improve, relaxation_start

# Up to this many integer columns HiGHS alone is at least as good as the portfolio.
SMALL = 600


@dataclass(frozen=True)
class Budget:
    """How the effort of a search is given.

    Parameters
    ----------
    work : int, optional
        Units of repeatable work (rounds of improvement, nodes of the proof) instead of time.
    threads, seed : int
        HiGHS threads; seed of the search's own choices and of HiGHS.
    """

    work: int | None = None
    threads: int = 1
    seed: int = 0


def search(formulation: Formulation, incumbent: Incumbent, budget: Budget) -> str:
    """Search for the best plan; return ``solved``, ``infeasible`` or ``nothing`` (no plan in the time)."""
    small = int(formulation.model.integer.sum()) <= SMALL
    relaxed = solve_relaxation(
        formulation.model, seconds=max(incumbent.left(), 0.05), interior=not small, threads=budget.threads
    )
    if relaxed.status == "infeasible":
        return "infeasible"
    if relaxed.status == "optimal":
        incumbent.prove(relaxed.value, "relaxation")
        if not small:
            _first_plan(formulation, incumbent, relaxed.solution, budget)
            reserve = 0.0 if budget.work is not None else _time_for_proof(incumbent)
            improve(formulation, incumbent, relaxed.solution, until=reserve, rounds=budget.work, seed=budget.seed)
    outcome = "solved" if incumbent.finished() and incumbent.solution is not None else _prove(formulation, incumbent, budget)
    incumbent.polish()
    return outcome


def _time_for_proof(incumbent: Incumbent) -> float:
    return 0.45 * max(incumbent.left(), 0.0)


def _first_plan(formulation: Formulation, incumbent: Incumbent, relaxed: np.ndarray, budget: Budget) -> None:
    if budget.work is not None:
        effort = Effort(gap=1e-3, nodes=10 * budget.work, threads=budget.threads, seed=budget.seed)
    else:
        effort = Effort(seconds=0.2 * max(incumbent.left(), 0.0), gap=1e-3, threads=budget.threads, seed=budget.seed)
    relaxation_start(formulation, incumbent, relaxed, effort)


def _prove(formulation: Formulation, incumbent: Incumbent, budget: Budget) -> str:
    """Give the whole model to HiGHS, with the plan found so far as its start."""
    effort = Effort(
        seconds=max(incumbent.left(), 0.1) if budget.work is None else np.inf,
        gap=incumbent.gap,
        nodes=budget.work,
        threads=budget.threads,
        seed=budget.seed,
    )

    def watch(_value: float, bound: float) -> bool:
        if np.isfinite(bound):
            incumbent.prove(bound, "highs")
        return incumbent.stopped()

    answer = solve_mip(formulation.model, effort, start=incumbent.solution, watch=watch)
    if answer.status == "infeasible":
        return "infeasible"
    incumbent.offer(answer.solution, "highs")
    if np.isfinite(answer.bound):
        incumbent.prove(answer.bound, "highs")
    return "solved" if incumbent.solution is not None else "nothing"
