"""What of a plan has happened: held in the model, and what stands against it named with the row to mend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from zhenxing.errors import Issue, SourceError, Text
from zhenxing.i18n import name_rows, say
from zhenxing.milp import Compiled
from zhenxing.milp.highs import solve_relaxation
from zhenxing.planning.constraints.contiguity import first_starts
from zhenxing.planning.formulation import Formulation
from zhenxing.planning.result import read_plan
from zhenxing.planning.solve.neighbourhoods import describe_columns
from zhenxing.planning.steps import SUBJECTS, Places, Step, merged, steps_of
from zhenxing.planning.variation import Floats, Ints
from zhenxing.town import Town

Tables = Mapping[str, pd.DataFrame]
# How exactly floor and debt of the past are held, relative: plan tables carry 12 digits, the solver knows 1e-7.
EXACT = 1e-6


@dataclass(frozen=True)
class History:
    """What has happened by a year.

    Attributes
    ----------
    steps : list of Step
        What started, landed or was paid for.
    tables : mapping of str to DataFrame, optional
        Plan tables with the floor moved and the debt of those years, where they are known.
    """

    as_of: int
    steps: list[Step]
    tables: Tables | None


def as_planned(tables: Tables, as_of: int) -> History:
    """Return a plan's own past: everything in it up to a year has happened as planned."""
    return History(as_of, [step for step in steps_of(tables) if step.year <= as_of], tables)


def as_started(path: Path, as_of: int) -> History:
    """Return what really happened, from a plan folder or a CSV file.

    The file has the columns subject (site, candidate, work, facility, utility), id, option (mode of a site, park of
    the others), year and count [1]; the id of a utility step is ``resource/number``.

    Raises
    ------
    SourceError
        The file cannot be read, lacks a column, or names a year after ``as_of``.
    """
    if path.is_dir():
        tables = read_plan(path).tables
        return History(as_of, [step for step in steps_of(tables) if step.year <= as_of], tables)
    try:
        raw = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as fault:
        raise SourceError(say("alternatives.started_unreadable", path=path)) from fault
    lacking = [name for name in ("subject", "id", "year") if name not in raw.columns]
    if lacking:
        raise SourceError(say("alternatives.started_columns", path=path, columns=", ".join(lacking)))
    steps, wrong = [], []
    for number, row in enumerate(raw.to_dict("records"), start=2):
        subject, year, count = str(row["subject"]).strip(), str(row["year"]).strip(), str(row.get("count", "")).strip()
        if subject not in SUBJECTS or not year.isdigit() or int(year) > as_of or not (count or "1").isdigit():
            wrong.append(str(number))
            continue
        option = str(row.get("option", "")).strip()
        steps.append(Step(subject, str(row["id"]).strip(), option, int(year), int(count or 1)))
    if wrong:
        raise SourceError(say("alternatives.started_rows", path=path, rows=name_rows(wrong), year=as_of))
    return History(as_of, merged(steps), None)


# ---- holding the past


def hold(formulation: Formulation, history: History, *, floor: bool, debt: bool) -> Compiled:
    """Return the model with every whole number up to the year held at what happened, and floor and debt if wanted."""
    model, problem = formulation.model, formulation.problem
    known = history.as_of - problem.horizon.base_year
    years = describe_columns(formulation).year
    past = model.integer & (years >= 1) & (years <= known)
    done = Places(formulation).amounts(history.steps)
    lower, upper = np.where(past, done, model.lower), np.where(past, done, model.upper)
    if history.tables is not None and known >= 1:
        decisions = formulation.decisions
        amounts: list[tuple[Ints, Floats]] = []
        if floor:
            amounts += _floor(formulation, history.tables, known)
        if debt:
            finance = history.tables["plan_finance"].set_index("year")["debt_wan"].astype(float)
            calendar = [year for year in problem.horizon.calendar[:known] if year in finance.index]
            at = np.array([year - problem.horizon.base_year - 1 for year in calendar], dtype=np.int64)
            amounts.append((decisions.debt.at(at), np.array([finance[year] for year in calendar], dtype=float)))
        for columns, values in amounts:
            margin = EXACT * np.maximum(1.0, np.abs(values))
            lower[columns] = np.maximum(values - margin, model.lower[columns])
            upper[columns] = np.minimum(values + margin, model.upper[columns])
    return replace(model, lower=lower, upper=np.maximum(upper, lower))


def _floor(formulation: Formulation, tables: Tables, known: int) -> list[tuple[Ints, Floats]]:
    """Return columns and amounts (m2) of floor moved and left in the plan years up to ``known``."""
    problem, decisions = formulation.problem, formulation.decisions
    position = {park: i for i, park in enumerate(problem.parks.ids)}
    base, count = problem.horizon.base_year, len(problem.parks.ids)
    moved, left = np.zeros((count, count, known)), np.zeros((count, known))
    for row in tables["plan_resettlement"].to_dict("records"):
        t = int(row["year"]) - base
        if t <= known:
            moved[position[str(row["from_park_id"])], position[str(row["to_park_id"])], t - 1] += float(row["floor_m2"])
    for row in tables["plan_exits"].to_dict("records"):
        t = int(row["year"]) - base
        if t <= known:
            left[position[str(row["park_id"])], t - 1] += float(row["floor_m2"])
    one, other, year = np.meshgrid(np.arange(count), np.arange(count), np.arange(known), indexing="ij")
    park, when = np.meshgrid(np.arange(count), np.arange(known), indexing="ij")
    return [
        (decisions.resettle.at(one, other, year).ravel(), moved.ravel()),
        (decisions.leave.at(park, when).ravel(), left.ravel()),
    ]


# ---- what stands against a step


def why_not(town: Town, formulation: Formulation, step: Step) -> Text | None:
    """Return why the town's data do not allow a step by itself; None where nothing speaks against it."""
    finders = {"site": _site, "candidate": _candidate, "work": _work, "facility": _facility, "utility": _utility}
    found = finders[step.subject](town, formulation, step)
    return found if found is not None else _locked(town, step)


def _window(step: Step, table: str, first: int, last: int) -> Text | None:
    if first <= step.year <= last:
        return None
    return say("alternatives.outside_window", id=step.id, year=step.year, table=table, first=first, last=last)


def _unknown(step: Step, table: str) -> Text:
    return say("alternatives.not_listed", id=f"{step.id} {step.option}".strip(), table=table)


def _row(town: Town, table: str, **keys: str) -> dict[str, object] | None:
    frame = town.filled(table)
    for name, value in keys.items():
        frame = frame[frame[name].astype(str) == value]
    return None if frame.empty else {str(name): value for name, value in frame.iloc[0].items()}


def _site(town: Town, formulation: Formulation, step: Step) -> Text | None:
    row = _row(town, "site_modes", site_id=step.id, mode=step.option)
    if row is None:
        return _unknown(step, "site_modes")
    outside = _window(step, "site_modes", int(str(row["earliest_year"])), int(str(row["latest_year"])))
    if outside is not None:
        return outside
    problem = formulation.problem
    if any(site == step.id for site, _ in problem.done.sites):
        return say("alternatives.done_already", id=step.id)
    pairs = zip(problem.modes.site.tolist(), problem.modes.mode, strict=True)
    pair = [i for i, (site, mode) in enumerate(pairs) if (problem.sites.ids[site], mode) == (step.id, step.option)]
    earliest = int(first_starts(problem)[pair[0]]) + problem.horizon.base_year
    if step.year < earliest:
        return say("alternatives.grows_later", id=step.id, year=earliest)
    return None


def _candidate(town: Town, formulation: Formulation, step: Step) -> Text | None:
    row = _row(town, "candidates", candidate_id=step.id)
    if row is None:
        return _unknown(replace(step, option=""), "candidates")
    if _row(town, "placements", candidate_id=step.id, park_id=step.option) is None:
        return _unknown(step, "placements")
    if step.count > int(str(row["count"])):
        return say("alternatives.fewer_left", id=step.id, count=int(str(row["count"])), wanted=step.count)
    return _window(step, "candidates", int(str(row["first_year"])), int(str(row["last_year"])))


def _work(town: Town, formulation: Formulation, step: Step) -> Text | None:
    row = _row(town, "works", work_id=step.id)
    if row is None:
        return _unknown(step, "works")
    if step.id in formulation.problem.done.works:
        return say("alternatives.done_already", id=step.id)
    return _window(step, "works", int(str(row["earliest_year"])), int(str(row["latest_year"])))


def _facility(town: Town, formulation: Formulation, step: Step) -> Text | None:
    there = _row(town, "facilities", facility_id=step.id, park_id=step.option)
    return _unknown(step, "facilities") if there is None else None


def _utility(town: Town, formulation: Formulation, step: Step) -> Text | None:
    resource, _, number = step.id.rpartition("/")
    there = _row(town, "utility_steps", resource=resource, step=number, park_id=step.option)
    return _unknown(step, "utility_steps") if there is None else None


def _locked(town: Town, step: Step) -> Text | None:
    locks = town.filled("locks").reset_index(drop=True)
    for number, row in enumerate(locks.to_dict("records"), start=1):
        if (row["subject"], str(row["id"])) != (step.subject, step.id):
            continue
        if row["option"] not in ("", step.option) and step.subject != "work":
            continue
        late = row["rule"] == "not_before" and not pd.isna(row["year"]) and step.year < int(row["year"])
        if row["rule"] == "must_not" or late:
            return say("alternatives.locked", row=number, id=step.id, rule=row["rule"])
    return None


def clashes(town: Town, formulation: Formulation, history: History) -> list[Issue]:
    """Return the steps that have happened but that the town's data do not allow."""
    places = Places(formulation)
    found = []
    for step in history.steps:
        reason = why_not(town, formulation, step)
        if reason is None and places.column(step) is None and not places.without_effect(step):
            reason = _unknown(step, "town")
        if reason is not None:
            text = say("alternatives.happened_but", subject=step.subject, year=step.year, reason=reason)
            found.append(Issue("error", "past_not_allowed", text, "locks", "", (step.id,)))
    return found


# ---- why a past that is held allows nothing

# Rows that are limits in people's terms; the others (levels, cuts) follow from them and may not be broken.
BREAKABLE = {
    "money": 1.0,
    "land": 1.0,
    "supply": 1.0,
    "title_mu": 1.0,
    "cleared_mu": 1.0,
    "effort_months": 1.0,
    "lock_must": 1.0,
    "lock_must_not": 1.0,
    "candidate_count": 1.0,
    "growth_ring_1": 1.0,
    "leader_needed": 1.0,
    "platform_needed": 1.0,
    "facility_needed": 1.0,
    "work_after": 1.0,
    "site_once": 1.0,
}


def broken_limits(formulation: Formulation, model: Compiled) -> list[Issue]:
    """Return the limits that a held past breaks at the least, each with its place and amount."""
    blocks = [model.rows[name] for name in BREAKABLE if name in model.rows and model.rows[name].size]
    at = np.concatenate([block.all for block in blocks])
    count, (height, width) = len(at), model.matrix.shape
    scale = np.concatenate(
        [
            np.full(block.size, 1e-3 if block.name == "money" else 1.0)
            * (1.0 - 1e-4 * np.arange(block.size) / block.size)
            for block in blocks
        ]
    )
    over = sparse.coo_array((-np.ones(count), (at, np.arange(count))), shape=(height, count))
    under = sparse.coo_array((np.ones(count), (at, np.arange(count))), shape=(height, count))
    far = [
        block.all for name, block in model.rows.items() if name.startswith("growth_ring_") and name != "growth_ring_1"
    ]
    row_upper = model.row_upper.copy()
    for rows in far:
        row_upper[rows] = np.inf
    elastic = replace(
        model,
        matrix=sparse.csc_array(sparse.hstack([model.matrix, over, under], format="csc")),
        cost=np.concatenate([np.zeros(width), -scale, -scale]),
        offset=0.0,
        lower=np.concatenate([model.lower, np.zeros(2 * count)]),
        upper=np.concatenate([model.upper, np.full(2 * count, np.inf)]),
        integer=np.zeros(width + 2 * count, dtype=bool),
        row_upper=row_upper,
    )
    answer = solve_relaxation(elastic)
    if answer.status != "optimal":
        return []
    broken = answer.solution[width : width + count] + answer.solution[width + count :]
    found, first = [], 0
    for block in blocks:
        for i in np.flatnonzero(broken[first : first + block.size] > 1e-6).tolist():
            labels = " ".join(_label(block.labels, block.shape, i))
            text = say(
                "alternatives.broken_limit",
                limit=say(f"alternatives.limit_{block.name}"),
                where=labels,
                amount=f"{broken[first + i]:,.6g}",
            )
            found.append(Issue("error", f"past_breaks_{block.name}", text, "", "", (labels,)))
        first += block.size
    return found


def _label(labels: Mapping[str, object], shape: tuple[int, ...], at: int) -> list[str]:
    if len(shape) == 1:
        return [str(list(column)[at]) for column in labels.values()]  # type: ignore[call-overload]  # label columns
    position = np.unravel_index(at, shape)
    return [str(list(column)[int(i)]) for column, i in zip(labels.values(), position, strict=True)]  # type: ignore[call-overload]  # label lists
