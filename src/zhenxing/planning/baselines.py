"""What towns do today, as plans to compare with: year by year, land first and firms later, and the user's own list.

All of them are plans of the same model, so that value, rules and bound mean the same.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing import schema
from zhenxing.milp import Compiled
from zhenxing.milp.highs import Effort, solve_mip, solve_relaxation
from zhenxing.planning.formulation import Formulation
from zhenxing.planning.problem import Problem
from zhenxing.planning.solve.incumbent import Incumbent
from zhenxing.planning.solve.neighbourhoods import describe_columns
from zhenxing.planning.solve.search import Budget, search
from zhenxing.town import Town

Floats = npt.NDArray[np.float64]

# Nodes of one step when work is counted instead of time.
WORK_NODES = 200


def greedy(formulation: Formulation, incumbent: Incumbent, budget: Budget) -> str:
    """Decide year after year: each year the best starts and landings of that year alone, as if nothing came after."""
    model = formulation.model
    if not _bound(model, incumbent):
        return "infeasible"
    year = describe_columns(formulation).year
    decided = np.zeros(len(model.cost))
    solution: Floats | None = None
    length = formulation.problem.horizon.length
    for t in range(1, length + 1):
        fixed = model.integer & (year != t)
        lower, upper = np.where(fixed, decided, model.lower), np.where(fixed, decided, model.upper)
        step = replace(model, row_lower=_locks_due(model, year, t))
        answer = solve_mip(step, _share(incumbent, budget, length - t + 1), lower=lower, upper=upper)
        if answer.solution is None:
            return "nothing"
        solution = answer.solution
        decided = np.where(model.integer, np.rint(solution), decided)
    incumbent.offer(solution, "greedy")
    incumbent.polish()
    return "solved"


def staged(formulation: Formulation, incumbent: Incumbent, budget: Budget) -> str:
    """Plan the land first, firms later.

    Phase 1 maximises the value without firms, released land valued at the mean value per mu of the candidates eligible
    there; phase 2 places firms with the sites fixed.
    """
    model, decisions = formulation.model, formulation.decisions
    if not _bound(model, incumbent):
        return "infeasible"
    upper = model.upper.copy()
    upper[decisions.land.span] = 0.0
    valued = model.cost.copy()
    valued[decisions.start.span] += _land_worth(formulation)
    landless = replace(model, cost=valued, row_lower=_without_firm_locks(model))
    first = _phase(formulation, replace(landless, upper=upper), incumbent, budget, share=0.5)
    if first is None:
        return "nothing"
    lower, upper = model.lower.copy(), model.upper.copy()
    sites = np.rint(first[decisions.start.span])
    lower[decisions.start.span], upper[decisions.start.span] = sites, sites
    incumbent.offer(
        _phase(formulation, replace(model, lower=lower, upper=upper), incumbent, budget, share=1.0), "staged"
    )
    incumbent.polish()
    return "solved" if incumbent.solution is not None else "nothing"


def _phase(
    formulation: Formulation, part: Compiled, incumbent: Incumbent, budget: Budget, *, share: float
) -> Floats | None:
    """Solve one phase with the joint plan's own search, so that only the staging differs."""
    deadline = np.inf if budget.work is not None else time.perf_counter() + share * max(incumbent.left(), 0.2)
    phase = Incumbent(part, deadline, 1e-4, None, incumbent.stopped)
    search(formulation, phase, budget, part)
    return phase.solution


def own_list(town: Town, locks: pd.DataFrame) -> Town:
    """Return a town in which only the user's own list happens: its locks, and no site start beside them.

    Parameters
    ----------
    locks : DataFrame
        The list in the form of the ``locks`` table. Sites that it does not name are not started; firms, works,
        facilities and utilities are placed as well as the list allows.
    """
    named = set(locks.loc[locks["subject"] == "site", "id"])
    done = town["locks"][town["locks"]["rule"] == "done"]
    named |= set(done.loc[done["subject"] == "site", "id"])
    others = [site for site in town.filled("sites")["site_id"] if site not in named]
    banned = pd.DataFrame({"subject": "site", "id": others, "rule": "must_not"})
    merged = pd.concat([part for part in (done, locks, banned) if len(part)], ignore_index=True)
    return town.replace(locks=schema.conform("locks", merged)[0])


def _bound(model: Compiled, incumbent: Incumbent) -> bool:
    """Take the relaxation's bound; False when the model allows nothing."""
    relaxed = solve_relaxation(model, interior=True)
    if relaxed.status == "optimal":
        incumbent.prove(relaxed.value, "relaxation")
    return relaxed.status != "infeasible"


def _share(incumbent: Incumbent, budget: Budget, parts: int) -> Effort:
    if budget.work is not None:
        return Effort(gap=1e-3, nodes=WORK_NODES, threads=budget.threads, seed=budget.seed)
    return Effort(seconds=max(incumbent.left() / parts, 0.2), gap=1e-4, threads=budget.threads, seed=budget.seed)


def _locks_due(model: Compiled, year: npt.NDArray[np.int64], t: int) -> Floats:
    """Return the rows' lower limits with the promises left open that a later year can still keep."""
    lower = model.row_lower.copy()
    block = model.rows["lock_must"]
    by_row = model.matrix.tocsr()
    for at in block.all.tolist():
        columns = by_row.indices[by_row.indptr[at] : by_row.indptr[at + 1]]
        if len(columns) and int(year[columns].max()) > t:
            lower[at] = -np.inf
    return lower


def _without_firm_locks(model: Compiled) -> Floats:
    lower = model.row_lower.copy()
    block = model.rows["lock_must"]
    firms = np.array([subject == "candidate" for subject in block.labels["subject"]], dtype=bool)
    lower[block.all[firms]] = -np.inf
    return lower


def _land_worth(formulation: Formulation) -> Floats:
    """Return what each start's released land is worth at the mean value per mu of the candidates eligible there."""
    problem, decisions = formulation.problem, formulation.decisions
    yearly, once = mean_value_per_mu(problem)
    pair = decisions.start_pair
    delivered = decisions.start_year + problem.modes.lead[pair]
    length = problem.horizon.length
    park, released = problem.modes.park[pair], problem.modes.released_mu[pair]
    discount = np.where(delivered <= length, problem.horizon.discount[np.minimum(delivered, length)], 0.0)
    return np.asarray(released * (yearly[park] * problem.horizon.lasting_from(delivered) + once[park] * discount))


def mean_value_per_mu(problem: Problem) -> tuple[Floats, Floats]:
    """Return, per park, the mean value per mu of the candidates eligible there: a year, and once on landing (万元)."""
    candidates, settings = problem.candidates, problem.settings
    k, park, land = candidates.placement_class, candidates.placement_park, candidates.placement_land
    yearly = candidates.probability[k] * (
        settings.tax_weight * candidates.tax[k] + settings.value_added_weight * candidates.value_added[k]
    )
    paid = candidates.pays_land[k] * problem.parks.land_price[park] * land
    once = candidates.probability[k] * (paid + candidates.placement_fit - candidates.subsidy[k])
    members = np.array([len(group) for group in candidates.members], dtype=float)[k]
    counts, by_year, by_once = (np.zeros(len(problem.parks.ids)) for _ in range(3))
    usable = land > 0
    np.add.at(counts, park[usable], members[usable])
    np.add.at(by_year, park[usable], (members * yearly)[usable] / land[usable])
    np.add.at(by_once, park[usable], (members * once)[usable] / land[usable])
    some = np.maximum(counts, 1.0)
    return by_year / some, by_once / some
