"""A plan half carried out, made anew: what has started stays, the later years are decided again with new data.

The past is held in the town's own model (same base year, same horizon), so the new plan is an ordinary plan of the town
and its value is that of the whole horizon. ``later_town`` writes the same problem as a town that begins in the year.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from zhenxing.errors import InfeasibleError, InputError, Issue, NoPlanInTimeError, Text, TownError
from zhenxing.i18n import say
from zhenxing.milp import Compiled
from zhenxing.milp.highs import solve_relaxation
from zhenxing.milp.propagation import propagate
from zhenxing.planning.formulation import Formulation, formulate
from zhenxing.planning.given import plan_result
from zhenxing.planning.history import History, as_planned, as_started, broken_limits, clashes, hold
from zhenxing.planning.interrupt import stop_on_interrupt
from zhenxing.planning.plan import ready_problem
from zhenxing.planning.result import PlanResult
from zhenxing.planning.revision import changes_table
from zhenxing.planning.solve.budget import Budget
from zhenxing.planning.solve.incumbent import Incumbent, Listener
from zhenxing.planning.solve.neighbourhoods import describe_columns
from zhenxing.planning.solve.search import search
from zhenxing.planning.steps import Places, Step, relabelled, steps_of
from zhenxing.planning.variation import Floats, Linear, best_money, held, part_kept, with_aim, worth
from zhenxing.store import inputs_sha256
from zhenxing.town import Town

# Share of the time for finding the new plan; the rest is for what the changes are worth.
SEARCH_SHARE, START_SHARE = 0.7, 0.3


@dataclass(frozen=True)
class Replanned:
    """A new plan for the years after a year.

    Attributes
    ----------
    result : PlanResult
        The whole plan, what has happened included; its bound is over all plans with the same past.
    changes : DataFrame
        What is different from the old plan after the year, and why.
    start_value_wan : float or None
        Value of what of the old plan could stay, the beginning of the search.
    notes : list of Issue
        What had to be read otherwise than told, for example borrowing of the past.
    """

    result: PlanResult
    changes: pd.DataFrame
    start_value_wan: float | None
    notes: list[Issue]


def replan(
    town: Town,
    plan: PlanResult,
    as_of: int,
    *,
    started: Path | None = None,
    before: Town | None = None,
    keep_wan: float = 0.0,
    seconds: float = 60.0,
    seed: int = 0,
    inputs: str | None = None,
    listener: Listener | None = None,
) -> Replanned:
    """Return a plan with the same past and the later years decided anew with the town's present data.

    Parameters
    ----------
    town : Town
        The town with its base year as of the plan and with the new data.
    plan : PlanResult
        The old plan.
    as_of : int
        Calendar year up to which (it included) everything is done.
    started : Path, optional
        What really started: a CSV file or a plan folder; by default the old plan's own years up to ``as_of``.
    before : Town, optional
        The town with the old data, to name the rows that changed.
    keep_wan : float
        What a change of one later decision must be worth at least, 万元: plans do not jump for less.
    inputs : str, optional
        Fingerprint of the town's files on disk.

    Raises
    ------
    InputError
        The year lies outside the horizon, or there is no plan.
    TownError
        What has happened is not allowed by the data; every finding names what to mend.
    InfeasibleError
        No later years fit the past.

    Examples
    --------
    >>> import zhenxing
    >>> town = zhenxing.random_town("XS", "balanced", 0)
    >>> old = zhenxing.plan(town, zhenxing.PlanOptions(seconds=20))
    >>> new = replan(town, old, town.years[0], seconds=20)
    >>> abs(new.result.summary["value_wan"] - old.summary["value_wan"]) < 0.1, len(new.changes)
    (True, 0)
    """
    began = time.perf_counter()
    formulation = formulate(ready_problem(town))
    _check(town, plan, as_of, keep_wan)
    history = as_planned(plan.tables, as_of) if started is None else as_started(started, as_of)
    faults = clashes(town, formulation, history)
    if faults:
        raise TownError(say("alternatives.past_not_allowed", count=len(faults), year=as_of), faults)
    model, notes = _past(formulation, history)
    later = [step for step in steps_of(plan.tables) if step.year > as_of]
    with stop_on_interrupt() as stopped:
        run = Incumbent(model, began + SEARCH_SHARE * seconds, 1e-6, listener, stopped)
        start, bound = _search(formulation, model, run, later, as_of, keep_wan, seed)
        if run.solution is None:
            raise NoPlanInTimeError(say("plan.no_plan_in_time", seconds=seconds))
        own = inputs or inputs_sha256(town)
        solution = run.solution
        made = plan_result(
            formulation, solution, bound, f"replan:{run.method}", time.perf_counter() - began, own, as_of=as_of
        )
        made = replace(made, tables=relabelled(formulation, made.tables, [*history.steps, *later]))
        held_model = replace(formulation, model=model)
        changes = changes_table(
            town, held_model, plan.tables, made, solution, history, before, began + seconds, seed, stopped
        )
    return Replanned(made, changes, start, notes)


def _check(town: Town, plan: PlanResult, as_of: int, keep_wan: float) -> None:
    settings = town.plan
    first, last = settings.base_year, settings.base_year + settings.horizon_years - 1
    if not first <= as_of <= last:
        raise InputError(say("alternatives.as_of_outside", year=as_of, first=first, last=last))
    if not plan.has_plan:
        raise InputError(say("alternatives.no_old_plan"))
    if keep_wan < 0.0:
        raise InputError(say("alternatives.bad_keep", keep=keep_wan))
    years = [step.year for step in steps_of(plan.tables)]
    finance = plan.tables["plan_finance"]["year"].astype(int).tolist()
    if any(year not in town.years for year in [*years, *finance]) or (finance and min(finance) != town.years[0]):
        raise InputError(say("alternatives.other_horizon", first=town.years[0], last=town.years[-1]))


def _past(formulation: Formulation, history: History) -> tuple[Compiled, list[Issue]]:
    """Return the model with the past held as exactly as the data allow."""
    notes: list[Issue] = []
    for floor, debt in ((True, True), (True, False), (False, False)):
        model = hold(formulation, history, floor=floor, debt=debt)
        if solve_relaxation(model).status in ("optimal", "no_solution", "feasible"):
            if history.tables is not None and not debt:
                text = say("alternatives.past_debt_free" if floor else "alternatives.past_floor_free")
                notes.append(Issue("info", "past_recomputed", text))
            return model, notes
    faults = broken_limits(formulation, hold(formulation, history, floor=False, debt=False))
    zh = "".join(issue.text.zh for issue in faults[:5])
    en = " ".join(issue.text.en for issue in faults[:5])
    raise InfeasibleError(say("alternatives.past_impossible", year=history.as_of, reasons=Text(zh, en)), faults)


def _search(
    formulation: Formulation,
    model: Compiled,
    run: Incumbent,
    later: list[Step],
    as_of: int,
    keep_wan: float,
    seed: int,
) -> tuple[float | None, float]:
    """Search the later years from what of the old plan can stay; return that start's value and a bound."""
    kept = kept_measure(formulation, later, as_of)
    steered = model
    if keep_wan > 0.0:
        steered = _with_penalty(model, kept, keep_wan)
        run.model = steered
    tight = propagate(steered)
    relaxed = solve_relaxation(propagate(model) if keep_wan > 0.0 else tight, interior=True)
    limit = relaxed.value if relaxed.status == "optimal" else np.inf
    start = surviving(formulation, tight, later, as_of, START_SHARE * max(run.left(), 0.1), run.stopped)
    start_value = None if start is None else model.value(start)
    run.offer(start, "old plan")
    if search(formulation, run, Budget(seed=seed), given=tight) == "infeasible":
        faults = broken_limits(formulation, model)
        zh = "".join(issue.text.zh for issue in faults[:5])
        en = " ".join(issue.text.en for issue in faults[:5])
        raise InfeasibleError(say("alternatives.past_impossible", year=as_of, reasons=Text(zh, en)), faults)
    if keep_wan > 0.0 and run.solution is not None:
        # the bound of the penalised value says nothing of the value itself
        run.solution = best_money(model, run.solution)
        return start_value, limit
    return start_value, min(run.bound, limit)


def kept_measure(formulation: Formulation, later: list[Step], as_of: int) -> Linear:
    """Return how many later decisions differ from the old plan's, each site, prospect, work and step once.

    Of candidates that are several alike, those landings count for which the old plan has none in that park and year.
    """
    places = Places(formulation)
    model, problem = formulation.model, formulation.problem
    wanted = places.amounts(later)
    years = describe_columns(formulation).year
    open_later = model.integer & (years > as_of - problem.horizon.base_year) & (model.upper > 0.5)
    values = np.zeros(len(model.cost))
    constant = 0.0
    units: dict[tuple[str, str, str], list[int]] = {}
    for (subject, name, option, _), at in places.columns.items():
        if open_later[at]:
            units.setdefault((subject, name, option if subject in ("facility", "utility") else ""), []).append(at)
    for (subject, name, _), members in units.items():
        columns = np.array(members, dtype=np.int64)
        planned = wanted[columns] > 0.5
        if subject == "candidate" and problem.candidates.room[int(name)] > 1:
            values[columns[~planned]] = 1.0
        elif planned.any():
            values[columns[planned]] = -1.0
            constant += 1.0
        else:
            values[columns] = 1.0
    columns = np.flatnonzero(values)
    return Linear(columns, values[columns], constant)


def _with_penalty(model: Compiled, kept: Linear, keep_wan: float) -> Compiled:
    whole = worth(model)
    columns = np.concatenate([whole.columns, kept.columns])
    values = np.concatenate([whole.values, -keep_wan * kept.values])
    return with_aim(model, Linear(columns, values, whole.constant - keep_wan * kept.constant))


def surviving(
    formulation: Formulation,
    model: Compiled,
    later: list[Step],
    as_of: int,
    seconds: float,
    stopped: Callable[[], bool],
) -> Floats | None:
    """Return what of the old plan's later years can stay under the new data, as a solution; None if nothing fits."""
    wanted = Places(formulation).amounts(later)
    years = describe_columns(formulation).year
    past = years <= as_of - formulation.problem.horizon.base_year
    whole = np.clip(np.where(past, model.lower, wanted), model.lower, model.upper)
    whole = np.where(model.integer, whole, 0.0)
    answer = solve_relaxation(held(model, model.integer, whole))
    if answer.status == "optimal":
        return np.where(model.integer, whole, answer.solution)
    return part_kept(model, whole, seconds, stopped)
