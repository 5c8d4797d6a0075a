"""One budget, several methods: relaxation, a first plan, improvement, proof.

Small models go to HiGHS directly. Larger ones: the relaxation gives a bound and a start (RENS), large-neighbourhood
search improves it, HiGHS on the whole model with that plan as its start proves a bound and may improve it further.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhenxing.milp import Compiled
from zhenxing.milp.highs import Effort, root_cuts, solve_mip, solve_relaxation
from zhenxing.milp.propagation import propagate
from zhenxing.planning.formulation import Formulation
from zhenxing.planning.solve.incumbent import Incumbent
from zhenxing.planning.solve.lns import improve, relaxation_start
from zhenxing.planning.solve.parks import tighten_by_parks

# Up to this many integer columns HiGHS alone is at least as good as the portfolio.
SMALL = 600
# Shares of the time left: cutting planes at the root, a first plan, and the proof at the end.
CUT_SHARE = 0.12
START_SHARE = 0.12
PROOF_SHARE = 0.1
# Rounds of the bound by parks when work is counted instead of time.
PARK_ROUNDS = 2

Floats = npt.NDArray[np.float64]


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
    model = propagate(formulation.model)
    small = int((model.integer & (model.upper > model.lower)).sum()) <= SMALL
    relaxed = solve_relaxation(model, seconds=max(incumbent.left(), 0.05), interior=not small, threads=budget.threads)
    if relaxed.status == "infeasible":
        return "infeasible"
    if relaxed.status == "optimal":
        incumbent.prove(relaxed.value, "relaxation")
    if relaxed.status == "optimal" and not small:
        _first_plan(model, incumbent, relaxed.solution, budget)
        start = relaxed.solution
        reserve = 0.0 if budget.work is not None else PROOF_SHARE * max(incumbent.left(), 0.0)
        improve(formulation, model, incumbent, start, until=reserve, rounds=budget.work, seed=budget.seed)
        rounds = 0 if budget.work is None else PARK_ROUNDS
        model = tighten_by_parks(formulation, model, incumbent, until=0.0, rounds=rounds, threads=budget.threads)
    outcome = "solved" if incumbent.finished() and incumbent.solution is not None else _prove(model, incumbent, budget)
    incumbent.polish()
    return outcome


def _strengthen(model: Compiled, relaxed: Floats, incumbent: Incumbent, budget: Budget) -> tuple[Compiled, Floats]:
    """Add the cutting planes of the root to the model; return it with its relaxation's optimum."""
    if incumbent.finished():
        return model, relaxed
    seconds = CUT_SHARE * incumbent.left() if budget.work is None else np.inf
    bound, stronger = root_cuts(model, Effort(seconds=seconds, seed=budget.seed), watch=lambda _v, _b: incumbent.stopped())
    if np.isfinite(bound):
        incumbent.prove(bound, "cuts")
    again = solve_relaxation(stronger, interior=True, threads=budget.threads)
    if again.status != "optimal":
        return model, relaxed
    incumbent.prove(again.value, "cuts")
    return stronger, again.solution


def _first_plan(model: Compiled, incumbent: Incumbent, relaxed: Floats, budget: Budget) -> None:
    if budget.work is not None:
        effort = Effort(gap=1e-3, nodes=10 * budget.work, threads=budget.threads, seed=budget.seed)
    else:
        effort = Effort(seconds=START_SHARE * max(incumbent.left(), 0.0), gap=1e-3, threads=budget.threads, seed=budget.seed)
    relaxation_start(model, incumbent, relaxed, effort)


def _prove(model: Compiled, incumbent: Incumbent, budget: Budget) -> str:
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

    answer = solve_mip(model, effort, start=incumbent.solution, watch=watch)
    if answer.status == "infeasible":
        return "infeasible"
    incumbent.offer(answer.solution, "highs")
    if np.isfinite(answer.bound):
        incumbent.prove(answer.bound, "highs")
    return "solved" if incumbent.solution is not None else "nothing"
