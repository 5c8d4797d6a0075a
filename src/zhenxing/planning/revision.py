"""What a new plan does otherwise than the old one, and why: computed, not guessed.

For each change: whether the data still allow the old choice, what keeping it would cost within the new plan (the part
around it solved to proof with and without it), and which rows of the inputs changed that touch it.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from zhenxing import schema
from zhenxing.errors import Text
from zhenxing.i18n import say
from zhenxing.milp.propagation import propagate
from zhenxing.planning.explain.ground import Ground
from zhenxing.planning.explain.worth import Change, Worth, worth
from zhenxing.planning.formulation import Formulation
from zhenxing.planning.history import History, why_not
from zhenxing.planning.result import PlanResult
from zhenxing.planning.solve.neighbourhoods import describe_columns
from zhenxing.planning.steps import Places, Step, names_of, steps_of
from zhenxing.planning.variation import Floats, Ints
from zhenxing.town import Town

COLUMNS = [
    "subject", "id", "name", "change", "old", "new", "old_possible", "cost_of_old_wan", "low_wan", "high_wan", "tie",
    "inputs_changed", "reason_zh", "reason_en",
]  # fmt: skip
# A difference of less than this share of the value is none.
NOTHING = 1e-7
# The least time for one question (s), and how many changed rows a reason names.
LEAST_SECONDS, MOST_ROWS = 0.3, 4
# Tables whose rows touch everybody in a park; rows of other firms and sites do not.
OF_A_PARK = ("parks", "park_supply", "utility_steps", "facilities")


@dataclass(frozen=True)
class Difference:
    """A cell of the inputs that differs between two states of a town."""

    table: str
    keys: tuple[str, ...]
    text: str


@dataclass
class Changed:
    """One thing that the new plan does otherwise."""

    unit: tuple[str, str, str]
    old: list[Step]
    new: list[Step]
    weight: float = 0.0
    worth: Worth | None = None


def changes_table(
    town: Town,
    formulation: Formulation,
    old: Mapping[str, pd.DataFrame],
    made: PlanResult,
    solution: Floats,
    history: History,
    before: Town | None,
    deadline: float,
    seed: int,
    stopped: Callable[[], bool],
) -> pd.DataFrame:
    """Return what is different from the old plan, with reasons; money in 万元.

    Parameters
    ----------
    formulation : Formulation
        With the past held.
    solution : array
        The new plan in it.
    before : Town, optional
        The town as it was when the old plan was made.
    """
    found = _changed(steps_of(old), steps_of(made.tables))
    places = Places(formulation, solution)
    _weigh(formulation, places, found)
    base = Ground(
        town, made, formulation, propagate(formulation.model), solution, formulation.model.value(solution), True
    )
    _ask(base, places, found, history.as_of, deadline, seed, stopped)
    differences = [] if before is None else differences_of(before, town)
    names = names_of(town) | (
        {} if before is None else {k: v for k, v in names_of(before).items() if k not in names_of(town)}
    )
    rows = [_row(town, formulation, one, history, names, differences, base.value, before is not None) for one in found]
    return pd.DataFrame(rows, columns=COLUMNS)


def _changed(old: list[Step], new: list[Step]) -> list[Changed]:
    groups: dict[tuple[str, str, str], tuple[list[Step], list[Step]]] = defaultdict(lambda: ([], []))
    for which, steps in enumerate((old, new)):
        for step in steps:
            groups[step.unit][which].append(step)
    return [Changed(unit, one, other) for unit, (one, other) in sorted(groups.items()) if one != other]


def _weigh(formulation: Formulation, places: Places, found: list[Changed]) -> None:
    """Order the changes by how much of the value stands in their columns."""
    cost = np.abs(formulation.model.cost)
    for one in found:
        columns = [at for step in [*one.old, *one.new] if (at := places.column(step)) is not None]
        one.weight = float(cost[columns].sum()) if columns else 0.0
    found.sort(key=lambda one: -one.weight)


def _ask(
    base: Ground,
    places: Places,
    found: list[Changed],
    as_of: int,
    deadline: float,
    seed: int,
    stopped: Callable[[], bool],
) -> None:
    """Ask, for the greatest changes in the time there is, what keeping the old choice would cost."""
    known: dict[tuple[int, ...], Worth] = {}
    for number, one in enumerate(found):
        left = deadline - time.perf_counter()
        if left < LEAST_SECONDS or stopped():
            return
        if _kind(one, as_of) == "happened":
            continue
        columns, targets = _as_before(places, one, as_of)
        if len(columns) == 0 or targets is None:
            continue
        key = (*columns.tolist(), *targets.astype(int).tolist())
        if key not in known:
            bounds = {int(at): (float(n), float(n)) for at, n in zip(columns, targets, strict=True)}
            change = Change(say("alternatives.as_before"), "restriction", columns=bounds, focus=columns)
            share = max(left / (len(found) - number), LEAST_SECONDS)
            known[key] = worth(base, change, min(share, left), seed=seed)
        one.worth = known[key]


def _as_before(places: Places, one: Changed, as_of: int) -> tuple[Ints, Floats | None]:
    """Return the later columns of what changed, with the amounts of the old plan; None where one has no column."""
    sample = (one.old or one.new)[0]
    columns = places.of_unit(sample)
    years = describe_columns(places.formulation).year
    columns = columns[years[columns] > as_of - places.formulation.problem.horizon.base_year]
    later = [step for step in one.old if step.year > as_of]
    if any(places.column(step) is None for step in later):
        return columns, None
    if sample.subject == "candidate":
        members = (
            places.formulation.problem.candidates.members[places.class_of[sample.id]]
            if sample.id in places.class_of
            else []
        )
        if len(members) > 1:
            # identical candidates are decided together: their columns as they are, but for this one's own landings
            return _of_class(places, one, columns, as_of)
    return columns, places.amounts(later)[columns]


def _of_class(places: Places, one: Changed, columns: Ints, as_of: int) -> tuple[Ints, Floats | None]:
    """Return the columns that one of several identical candidates left or took, with the others' landings unchanged."""
    changed = places.amounts(step for step in one.old if step.year > as_of)
    changed -= places.amounts(step for step in one.new if step.year > as_of)
    own = columns[np.abs(changed[columns]) > 0.5]
    now = places.now if places.now is not None else np.zeros(len(changed))
    return own, np.maximum(now[own] + changed[own], 0.0)


# ---- which inputs changed


def differences_of(before: Town, after: Town) -> list[Difference]:
    """Return every cell of the plan's inputs that differs between two states of a town."""
    old, new = before.plan.model_dump(), after.plan.model_dump()
    found = [
        Difference("town.toml", (name,), f"town.toml [plan] {name} {old.get(name)} → {new.get(name)}")
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]
    for table in schema.PLAN_INPUT_TABLES:
        key = list(schema.table(table).key)
        found += (
            _keyed(table, key, before, after)
            if key and table not in ("targets", "locks")
            else _loose(table, before, after)
        )
    return found


def _plain(value: object) -> str:
    if value is None or (not isinstance(value, str) and pd.isna(value)):  # type: ignore[call-overload]  # any cell
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _keyed(table: str, key: list[str], before: Town, after: Town) -> list[Difference]:
    rows: list[dict[tuple[str, ...], dict[str, str]]] = []
    for town in (before, after):
        frame = town.filled(table)
        columns = [name for name in schema.table(table).columns if name in frame.columns]
        rows.append(
            {
                tuple(_plain(row[name]) for name in key): {name: _plain(row[name]) for name in columns}
                for row in frame[columns].to_dict("records")
            }
        )
    found = []
    for at in sorted({*rows[0], *rows[1]}):
        one, other = rows[0].get(at), rows[1].get(at)
        label = f"{table} {' '.join(at)}"
        if one is None or other is None:
            found.append(Difference(table, at, f"{'+' if one is None else '−'} {label}"))
            continue
        for name, value in one.items():
            if value != other.get(name, value):
                found.append(Difference(table, at, f"{label} {name} {value or '—'} → {other[name] or '—'}"))
    return found


def _loose(table: str, before: Town, after: Town) -> list[Difference]:
    sets = []
    for town in (before, after):
        frame = town.filled(table)
        sets.append([tuple(_plain(value) for value in row) for row in frame.itertuples(index=False)])
    return [
        Difference(table, row, f"{sign} {table} {' '.join(part for part in row if part)}")
        for sign, one, other in (("−", sets[0], sets[1]), ("+", sets[1], sets[0]))
        for row in one
        if row not in other
    ]


def _touching(town: Town, one: Changed, differences: list[Difference]) -> list[str]:
    """Return the changed inputs that touch a subject: its own rows first, then its park's, then everybody's."""
    subject, name, _ = one.unit
    parks = {step.option for step in [*one.old, *one.new] if subject != "site"}
    if subject == "site":
        sites = town.filled("sites")
        parks = set(sites.loc[sites["site_id"] == name, "park_id"].astype(str))
    parks.discard("")
    own, near, general = [], [], []
    for difference in differences:
        if name.rpartition("/")[0] in difference.keys if subject == "utility" else name in difference.keys:
            own.append(difference.text)
        elif difference.table in OF_A_PARK and parks & set(difference.keys):
            near.append(difference.text)
        elif difference.table in ("budget", "town.toml", "chain_rewards", "targets"):
            general.append(difference.text)
    return own + near + general


# ---- the rows


def _row(
    town: Town,
    formulation: Formulation,
    one: Changed,
    history: History,
    names: Mapping[tuple[str, str], str],
    differences: list[Difference],
    value: float,
    compared: bool,
) -> dict[str, object]:
    subject, name, _ = one.unit
    as_of = history.as_of
    barred = [
        reason for step in one.old if step.year > as_of and (reason := why_not(town, formulation, step)) is not None
    ]
    possible = _possible(one, barred)
    asked = one.worth is not None and not barred and _kind(one, as_of) != "happened"
    cost = one.worth.cost_wan if one.worth is not None and asked else None
    small = NOTHING * max(1.0, abs(value))
    tie = one.worth is not None and cost is not None and (cost <= small or one.worth.tie)
    touching = _touching(town, one, differences)
    reasons = _reasons(
        one, history, barred, cost, small, tie, touching, compared, sure=one.worth is not None and one.worth.proved
    )
    low, high = (None, None) if one.worth is None else (one.worth.low_wan, one.worth.high_wan)
    return {
        "subject": subject,
        "id": name,
        "name": names.get((subject, name), ""),
        "change": _kind(one, as_of),
        "old": _steps_text(one.old),
        "new": _steps_text(one.new),
        "old_possible": possible,
        "cost_of_old_wan": cost,
        "low_wan": low if cost is not None else None,
        "high_wan": high if cost is not None else None,
        "tie": tie if cost is not None else None,
        "inputs_changed": "; ".join(touching[:MOST_ROWS]),
        "reason_zh": "".join(reason.zh for reason in reasons),
        "reason_en": " ".join(reason.en for reason in reasons),
    }


def _possible(one: Changed, barred: list[Text]) -> str:
    if barred or (one.worth is not None and one.worth.possible is False):
        return "no"
    return "yes" if one.worth is not None and one.worth.possible else "unknown"


def _kind(one: Changed, as_of: int) -> str:
    if [step for step in one.old if step.year > as_of] == [step for step in one.new if step.year > as_of]:
        return "happened"
    if not one.old:
        return "added"
    return "moved" if one.new else "dropped"


def _steps_text(steps: list[Step]) -> str:
    return "; ".join(
        " ".join(part for part in (str(step.year), step.option, f"×{step.count}" if step.count > 1 else "") if part)
        for step in steps
    )


def _reasons(
    one: Changed,
    history: History,
    barred: list[Text],
    cost: float | None,
    small: float,
    tie: bool,
    touching: list[str],
    compared: bool,
    *,
    sure: bool,
) -> list[Text]:
    as_of = history.as_of
    found = [
        say("alternatives.why_slipped", planned=step.year, year=as_of)
        for step in one.old
        if step.year <= as_of and step not in history.steps
    ]
    if _kind(one, as_of) == "happened":
        return found or [say("alternatives.why_happened", year=as_of)]
    found += [say("alternatives.why_barred", reason=reason) for reason in barred]
    if not barred and one.worth is not None and one.worth.possible is False:
        found.append(say("alternatives.why_no_room"))
    if cost is not None:
        shown = f"{max(cost, 0.0):,.1f}"
        if cost <= small:
            found.append(say("alternatives.why_nothing"))
        elif tie:
            found.append(say("alternatives.why_tie", cost=shown))
        else:
            found.append(say("alternatives.why_costs" if sure else "alternatives.why_costs_about", cost=shown))
    elif not barred and (one.worth is None or one.worth.possible is not False):
        found.append(say("alternatives.why_unknown"))
    if touching:
        found.append(say("alternatives.why_inputs", rows="; ".join(touching[:MOST_ROWS])))
    elif compared:
        found.append(say("alternatives.why_no_inputs"))
    return found
