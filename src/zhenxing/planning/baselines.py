"""What towns do today, as plans to compare with: year by year, in stages, and the user's own list.

All of them are plans of the same model, so that value, rules and bound mean the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing import schema
from zhenxing.milp import Compiled
from zhenxing.milp.highs import Effort, solve_mip, solve_relaxation
from zhenxing.planning.formulation import Formulation
from zhenxing.planning.problem import Problem
from zhenxing.planning.solve.budget import Budget
from zhenxing.planning.solve.incumbent import Incumbent, Progress
from zhenxing.planning.solve.neighbourhoods import describe_columns
from zhenxing.planning.solve.search import search
from zhenxing.town import Town

Floats = npt.NDArray[np.float64]
Order = Callable[[Formulation, Incumbent, Budget, float], Floats | None]

# Nodes of one step when work is counted instead of time.
WORK_NODES = 200
# Share of an order's time for its first stage; measured on towns of 90 sites with little money: 0.5 was 4 % worse, and
# keeping time back for turns 2 %.
FIRST_STAGE = 0.3
# Turns between firms and sites when work is counted instead of time.
WORK_TURNS = 2


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


def staged(
    formulation: Formulation, incumbent: Incumbent, budget: Budget, orders: tuple[Order, ...] | None = None
) -> str:
    """Plan in stages, at its best: land first and firms first, each then decided in turns, and the better of the two.

    The time is shared evenly by the orders. What is left after the two stages of one goes to turns: firms anew on the
    sites as they are, sites anew for the firms as they are, until neither gains. Only the staging differs from the
    joint plan: every stage is searched by the joint plan's own search.

    Parameters
    ----------
    orders : tuple, optional
        ``land_first`` and ``firms_first`` by default; one of them alone has all the time.
    """
    orders = orders or (land_first, firms_first)
    if not _bound(formulation.model, incumbent):
        return "infeasible"
    for place, order in enumerate(orders):
        later = 1.0 - 1.0 / (len(orders) - place)
        until = np.inf if budget.work is not None else incumbent.deadline - later * incumbent.left()
        _in_turns(formulation, order(formulation, incumbent, budget, until), incumbent, budget, until)
    incumbent.polish()
    return "solved" if incumbent.solution is not None else "nothing"


def land_first(formulation: Formulation, incumbent: Incumbent, budget: Budget, until: float) -> Floats | None:
    """Plan the land first, firms later; return the plan, which is also offered to the incumbent.

    Stage 1 maximises the value without firms, released land valued at the mean value per mu of the candidates eligible
    there; stage 2 places firms with the sites fixed.

    Parameters
    ----------
    until : float
        The clock's time (as in ``Incumbent.deadline``) at which to stop.
    """
    model, decisions = formulation.model, formulation.decisions
    upper = model.upper.copy()
    upper[decisions.land.span] = 0.0
    valued = model.cost.copy()
    valued[decisions.start.span] += _land_worth(formulation)
    landless = replace(model, cost=valued, row_lower=_without_locks_on(model, "candidate"), upper=upper)
    first = _stage(formulation, landless, incumbent, budget, _until(incumbent, until, FIRST_STAGE))
    if first is None:
        return None
    return _on_sites(formulation, first, incumbent, budget, until)


def firms_first(formulation: Formulation, incumbent: Incumbent, budget: Budget, until: float) -> Floats | None:
    """Choose the firms first, then the land for them; return the plan, which is also offered to the incumbent.

    Stage 1 chooses firms, parks and years without regard to land and platforms, land charged at what clearing a mu
    costs on average in the park; stage 2 plans sites for what was chosen: nothing else may land, but what finds no land
    falls away.
    """
    model, decisions = formulation.model, formulation.decisions
    upper = model.upper.copy()
    upper[decisions.start.span] = 0.0
    charged = model.cost.copy()
    charged[decisions.land.span] -= _land_charge(formulation)
    lower, ceiling = _without_locks_on(model, "site"), model.row_upper.copy()
    for name in ("land", "platform_needed"):
        if name in model.rows:
            lower[model.rows[name].span], ceiling[model.rows[name].span] = -np.inf, np.inf
    landless = replace(model, cost=charged, upper=upper, row_lower=lower, row_upper=ceiling)
    first = _stage(formulation, landless, incumbent, budget, _until(incumbent, until, FIRST_STAGE))
    if first is None:
        return None
    upper = model.upper.copy()
    upper[decisions.land.span] = np.minimum(upper[decisions.land.span], np.rint(first[decisions.land.span]))
    chosen = replace(model, upper=upper)
    return _stage(formulation, chosen, incumbent, budget, until, method="staged:firms_first")


def _in_turns(
    formulation: Formulation, plan: Floats | None, incumbent: Incumbent, budget: Budget, until: float
) -> None:
    """Decide firms and sites in turns around a plan until neither gains or the time is over."""
    turns = 0
    while plan is not None and not incumbent.finished() and _until(incumbent, until, 1.0) - _now(incumbent) > 0.2:
        before = formulation.model.value(plan)
        for decide in (_on_sites, _for_firms):
            better = decide(formulation, plan, incumbent, budget, _until(incumbent, until, 0.5))
            plan = plan if better is None else better
        turns += 1
        if formulation.model.value(plan) <= before + 1e-6 * abs(before) or (budget.work and turns >= WORK_TURNS):
            return


def _on_sites(
    formulation: Formulation, plan: Floats, incumbent: Incumbent, budget: Budget, until: float
) -> Floats | None:
    """Place firms anew with the sites of a plan."""
    return _held(formulation, plan, formulation.decisions.start.span, incumbent, budget, until, "staged:land_first")


def _for_firms(
    formulation: Formulation, plan: Floats, incumbent: Incumbent, budget: Budget, until: float
) -> Floats | None:
    """Plan sites anew with the firms of a plan."""
    return _held(formulation, plan, formulation.decisions.land.span, incumbent, budget, until, "staged:firms_first")


def _held(
    formulation: Formulation,
    plan: Floats,
    held: slice,
    incumbent: Incumbent,
    budget: Budget,
    until: float,
    method: str,
) -> Floats | None:
    """Search with one part of a plan held; what is found is offered to the incumbent."""
    model = formulation.model
    lower, upper = model.lower.copy(), model.upper.copy()
    lower[held] = upper[held] = np.rint(plan[held])
    part = replace(model, lower=lower, upper=upper)
    return _stage(formulation, part, incumbent, budget, until, start=plan, method=method)


def _stage(
    formulation: Formulation,
    part: Compiled,
    incumbent: Incumbent,
    budget: Budget,
    until: float,
    *,
    start: Floats | None = None,
    method: str = "",
) -> Floats | None:
    """Solve one stage with the joint plan's own search, so that only the staging differs.

    With a method, what the stage finds are plans, and they are offered to the incumbent under that name.
    """

    def offer(_line: Progress) -> None:
        incumbent.offer(stage.solution, method)

    stage = Incumbent(part, until, 1e-4, offer if method else None, incumbent.stopped)
    if start is not None and part.violation(start) <= 1e-6:
        stage.offer(start, "staged")
    search(formulation, stage, budget, part)
    if method:
        incumbent.offer(stage.solution, method)
    return stage.solution


def _now(incumbent: Incumbent) -> float:
    """Return the time on the incumbent's own clock."""
    return incumbent.deadline - incumbent.left() if np.isfinite(incumbent.deadline) else -np.inf


def _until(incumbent: Incumbent, until: float, share: float) -> float:
    """Return the time at which a share of what is left until then is over."""
    if not np.isfinite(until):
        return until
    now = _now(incumbent)
    return now + share * max(until - now, 0.2)


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


def _without_locks_on(model: Compiled, subject: str) -> Floats:
    """Return the rows' lower limits without the promises about sites or about candidates."""
    lower = model.row_lower.copy()
    block = model.rows["lock_must"]
    named = np.array([label == subject for label in block.labels["subject"]], dtype=bool)
    lower[block.all[named]] = -np.inf
    return lower


def _land_charge(formulation: Formulation) -> Floats:
    """Return what the land of each landing costs at the park's mean cost of a cleared mu, paid when it lands (万元)."""
    problem, decisions = formulation.problem, formulation.decisions
    modes, count = problem.modes, len(problem.parks.ids)
    clearing = modes.clears & (modes.released_mu > 0)
    cost, land = (np.bincount(modes.park[clearing], part[clearing], count) for part in (modes.cost, modes.released_mu))
    each = cost / np.maximum(land, 1.0)
    used = problem.candidates.placement_land[decisions.land_placement]
    return np.asarray(each[decisions.land_park] * used * problem.horizon.discount[decisions.land_year])


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
