"""One budget, several methods: relaxation, a first plan, improvement, proof.

Bounds are tightened first; doing nothing is the first plan where it is allowed. Small models then go to HiGHS directly.
On larger ones the relaxation gives a start (RENS) and large-neighbourhood search improves it. On middling ones
HiGHS then searches alone: from a plan given to it, it finds less than by itself; the plans are crossed.
On large ones HiGHS hardly leaves the root, and only proves a bound with the time kept for it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zhenxing.milp import Compiled
from zhenxing.milp.highs import Effort, solve_mip, solve_relaxation
from zhenxing.milp.propagation import propagate
from zhenxing.milp.warm import WarmRelaxation
from zhenxing.planning.formulation import Formulation
from zhenxing.planning.solve.beginnings import first_plans
from zhenxing.planning.solve.budget import Budget
from zhenxing.planning.solve.incumbent import Incumbent
from zhenxing.planning.solve.lns import improve
from zhenxing.planning.solve.merging import begin, merge_all

# Up to this many free integer columns HiGHS alone is at least as good as the portfolio; up to the second number it
# comes first.
SMALL, MIDDLING = 600, 1800
# Above so many, solving the relaxation again and again takes longer than a small problem along it.
HUGE = 20_000
# Shares of the time left: HiGHS on a middling model, HiGHS for the bound of a large one.
PROOF_SHARE = 0.14
BEGINNINGS, MERGING, ALONE = 0.35, 0.45, 0.38
# However much time there is, HiGHS gets its turn after so many seconds: it proves many middling towns quickly.
LONGEST_BEGINNINGS, LONGEST_MERGING = 21.0, 27.0
# HiGHS lowers the bound only where it has several times longer than the relaxation took: its root is slow to begin.
WORTH_PROVING = 6.0
# Time kept for the end: a share of the time left, and of the time of the relaxation; the lesser counts.
AFTER_SHARE, AFTER_RELAXATION = 0.06, 0.4
# Restarts of HiGHS separate the root again and again; measured on towns of 30 sites they cost more bound than they win.
WITHOUT_RESTART: dict[str, bool | float | str] = {"mip_allow_restart": False}
# From a plan of the neighbourhoods HiGHS's own heuristics find nothing, and they overrun the time.
BOUND_ONLY: dict[str, bool | float | str] = {**WITHOUT_RESTART, "mip_heuristic_effort": 0.0}

Floats = npt.NDArray[np.float64]


def search(formulation: Formulation, incumbent: Incumbent, budget: Budget, given: Compiled | None = None) -> str:
    """Search for the best plan; return ``solved``, ``infeasible`` or ``nothing`` (no plan in the time).

    Parameters
    ----------
    given : Compiled, optional
        The formulation's model with other bounds or objective, for a part of a plan; the incumbent must hold it too.
    """
    model = propagate(formulation.model if given is None else given)
    size = int((model.integer & (model.upper > model.lower)).sum())
    warm = WarmRelaxation(model, seconds=max(incumbent.left(), 0.05), interior=size > SMALL, threads=budget.threads)
    relaxed = warm.first
    if np.isfinite(incumbent.deadline):
        # settling the plan and ending a sub-problem take time too, the more the larger the model
        incumbent.deadline -= min(AFTER_SHARE * max(incumbent.left(), 0.0), AFTER_RELAXATION * relaxed.seconds)
    if relaxed.status == "infeasible":
        return "infeasible"
    if relaxed.status == "optimal":
        incumbent.prove(relaxed.value, "relaxation")
    if size > SMALL:
        _do_nothing(model, incumbent)
    if relaxed.status != "optimal" or size <= SMALL:
        outcome = _prove(model, incumbent, budget, seconds=incumbent.left())
    elif size <= MIDDLING:
        counted, left = budget.work is not None, max(incumbent.left(), 0.0)
        seconds = min(BEGINNINGS * left, LONGEST_BEGINNINGS)
        family = begin(formulation, model, incumbent, warm, seconds=seconds, rounds=budget.work, seed=budget.seed)
        until = 0.0 if counted else left - min(MERGING * left, LONGEST_MERGING)
        merge_all(family, incumbent, until=until, rounds=budget.work)
        # where any plan is hard to find, nothing else is worth doing before there is one
        seconds = ALONE * left if incumbent.solution is not None else incumbent.left()
        outcome = _prove(model, incumbent, budget, seconds=seconds, alone=True)
        family.add(incumbent.pool[-1] if incumbent.pool else None)
        merge_all(family, incumbent, until=0.0, rounds=budget.work)
        improve(formulation, model, incumbent, relaxed.solution, until=0.0, rounds=budget.work, seed=budget.seed)
    else:
        kept = PROOF_SHARE * max(incumbent.left(), 0.0)
        local = first_plans(formulation, model, incumbent, warm, budget, huge=size > HUGE)
        proving = budget.work is not None or kept > WORTH_PROVING * relaxed.seconds
        until = kept if proving and budget.work is None else 0.0
        improve(
            formulation,
            model,
            incumbent,
            relaxed.solution,
            until=until,
            rounds=budget.work,
            seed=budget.seed,
            local=local,
        )
        outcome = (
            "solved"
            if incumbent.solution is not None and (incumbent.finished() or not proving)
            else _prove(model, incumbent, budget, seconds=incumbent.left())
        )
    incumbent.polish()
    return "solved" if incumbent.solution is not None else outcome


def _do_nothing(model: Compiled, incumbent: Incumbent) -> None:
    """Offer the plan that starts nothing it need not, where that is allowed: a search never ends with less."""
    still = np.where(model.integer, model.lower, model.upper)
    answer = solve_relaxation(model, upper=still)
    if answer.status == "optimal":
        incumbent.offer(answer.solution, "nothing")


def _prove(model: Compiled, incumbent: Incumbent, budget: Budget, *, seconds: float, alone: bool = False) -> str:
    """Give the whole model to HiGHS for so many seconds, ``alone`` or from the plan found so far."""
    effort = Effort(
        seconds=max(min(seconds, incumbent.left()), 0.1) if budget.work is None else np.inf,
        gap=incumbent.gap,
        nodes=budget.work,
        threads=budget.threads,
        seed=budget.seed,
    )

    def watch(_value: float, bound: float) -> bool:
        if np.isfinite(bound):
            incumbent.prove(bound, "highs")
        return incumbent.over()

    start = None if alone or incumbent.method == "nothing" else incumbent.solution
    options = WITHOUT_RESTART if alone else BOUND_ONLY if start is not None else None
    answer = solve_mip(model, effort, start=start, watch=watch, options=options)
    if answer.status == "infeasible":
        return "infeasible"
    incumbent.offer(answer.solution, "highs")
    if np.isfinite(answer.bound):
        incumbent.prove(answer.bound, "highs")
    return "solved" if incumbent.solution is not None else "nothing"
