"""The rest of a half-executed plan as a town of its own: base year moved, what has happened as ``done`` locks.

A plan of the later town is worth, in money of its own base year, what the same decisions add to the years that are left
(plan model, rule 12). What is under way is owed or already paid: second halves of costs stand in the committed outlay,
utility steps and facilities paid for but not yet open are steps that cost nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import pandas as pd

from zhenxing import schema
from zhenxing.errors import Issue, TownError
from zhenxing.i18n import say
from zhenxing.planning.embed import embed_plan
from zhenxing.planning.formulation import formulate
from zhenxing.planning.problem import read_problem
from zhenxing.planning.result import PlanResult
from zhenxing.planning.steps import Step, steps_of
from zhenxing.town import Town
from zhenxing.units import M2_PER_MU

Tables = Mapping[str, pd.DataFrame]
# Less floor (m2) than this is rounding.
SMALL_FLOOR = 1e-3


def later_town(town: Town, plan: PlanResult, as_of: int) -> tuple[Town, list[Issue]]:
    """Return the town as it stands at the end of a year of a plan, and what a town cannot hold.

    Parameters
    ----------
    plan : PlanResult
        A plan of the town; its years up to ``as_of`` have happened.
    as_of : int
        The new base year.

    Returns
    -------
    Town, list of Issue
        The horizon ends in the same year as before.
    """
    settings = town.plan
    steps = [step for step in steps_of(plan.tables) if step.year <= as_of]
    issues: list[Issue] = []
    kept = settings.model_copy(
        update={
            "base_year": as_of,
            "horizon_years": settings.base_year + settings.horizon_years - as_of,
            **_money(town, plan, as_of),
        }
    )
    changes: dict[str, pd.DataFrame] = {
        "locks": _locks(town, steps),
        "budget": _budget(town, steps, as_of),
        "facilities": _facilities(town, steps, as_of),
        **_utilities(town, steps, as_of),
    }
    changes |= _land(town, {**town.tables, **changes}, plan.tables, as_of, issues)
    typed = {name: schema.conform(name, frame)[0] for name, frame in changes.items()}
    return town.replace(settings=town.settings.model_copy(update={"plan": kept}), **typed), issues


def _money(town: Town, plan: PlanResult, as_of: int) -> dict[str, float]:
    """Return cash and debt at the end of the year; the year's share of tax, which comes a year later, is cash."""
    if as_of == town.plan.base_year:
        return {}
    finance = plan.tables["plan_finance"]
    row = finance[finance["year"].astype(int) == as_of].to_dict("records")[0]
    formulation = formulate(read_problem(town))
    solution = embed_plan(formulation, plan.tables)
    if solution is None:
        raise TownError(say("alternatives.not_this_town"))
    tax = solution[formulation.model.columns["cash_tax"].span]
    owed = town.plan.tax_retained_share * float(tax[as_of - town.plan.base_year - 1])
    return {
        "initial_cash_wan": float(row["cash_wan"]) + max(owed, 0.0),
        "initial_debt_wan": max(float(row["debt_wan"]), 0.0),
    }


def _locks(town: Town, steps: list[Step]) -> pd.DataFrame:
    done = [
        {"subject": step.subject, "id": step.id, "option": step.option, "rule": "done", "year": step.year}
        | ({"count": step.count} if step.subject == "candidate" else {})
        for step in steps
        if step.subject in ("site", "candidate", "work")
    ]
    return pd.concat([town["locks"], pd.DataFrame(done)], ignore_index=True) if done else town["locks"]


def _budget(town: Town, steps: list[Step], as_of: int) -> pd.DataFrame:
    """Return the later years' budget, the second halves of what started last owed in the first of them."""
    budget = town["budget"]
    kept = budget[budget["year"].astype(int) > as_of].reset_index(drop=True)
    modes = town.filled("site_modes").set_index(["site_id", "mode"])["public_cost_wan"]
    works = town.filled("works").set_index("work_id")["cost_wan"]
    last = [step for step in steps if step.year == as_of]
    owed = sum(float(modes[step.id, step.option]) for step in last if step.subject == "site")
    owed += sum(float(works[step.id]) for step in last if step.subject == "work")
    owed *= 1.0 - town.plan.first_year_cost_share
    if owed <= 0.0:
        return kept
    if not (kept["year"].astype(int) == as_of + 1).any():
        # a year without a row has no funds of its own
        empty = {"year": as_of + 1, "own_funds_wan": 0.0}
        kept = pd.concat([kept, pd.DataFrame([empty])], ignore_index=True)
    if "committed_outlay_wan" not in kept:
        kept["committed_outlay_wan"] = 0.0
    first = kept["year"].astype(int) == as_of + 1
    kept["committed_outlay_wan"] = kept["committed_outlay_wan"].astype(float).fillna(0.0) + np.where(first, owed, 0.0)
    return kept


def _facilities(town: Town, steps: list[Step], as_of: int) -> pd.DataFrame:
    """Return the facilities; one paid for costs nothing more and opens when it would have."""
    frame = town.filled("facilities").copy()
    paid = {(step.option, step.id): step.year for step in steps if step.subject == "facility"}
    for at, row in zip(frame.index, frame.to_dict("records"), strict=True):
        year = paid.get((str(row["park_id"]), str(row["facility_id"])))
        if year is not None:
            frame.loc[at, "cost_wan"] = 0.0
            frame.loc[at, "lead_years"] = max(year + int(row["lead_years"]) - (as_of + 1), 0)
    return frame


def _utilities(town: Town, steps: list[Step], as_of: int) -> dict[str, pd.DataFrame]:
    """Return supplies with the open steps in them, and steps that are paid for but not yet open at no cost."""
    frame, supply = town.filled("utility_steps").copy(), town.filled("park_supply").copy()
    paid = {(step.option, step.id): step.year for step in steps if step.subject == "utility"}
    gone = []
    for at, row in zip(frame.index, frame.to_dict("records"), strict=True):
        year = paid.get((str(row["park_id"]), f"{row['resource']}/{row['step']}"))
        if year is None:
            continue
        opening = year + int(row["lead_years"])
        if opening <= as_of + 1:
            mine = (supply["park_id"] == row["park_id"]) & (supply["resource"] == row["resource"])
            supply.loc[mine, "amount"] += float(row["adds"])
            gone.append(at)
        else:
            frame.loc[at, "cost_wan"] = 0.0
            frame.loc[at, "lead_years"] = opening - (as_of + 1)
    return {"utility_steps": frame.drop(index=gone).reset_index(drop=True), "park_supply": supply}


def _land(town: Town, tables: Tables, plan: Tables, as_of: int, issues: list[Issue]) -> dict[str, pd.DataFrame]:
    """Return the parks less the land of floor resettled there; where that is more than is vacant, as a candidate."""
    parks = town.filled("parks").copy()
    used: dict[str, float] = defaultdict(float)
    far = parks.set_index("park_id")["resettlement_far"].astype(float)
    for row in plan["plan_resettlement"].to_dict("records"):
        if int(row["year"]) <= as_of:
            used[str(row["to_park_id"])] += float(row["floor_m2"]) / (far[row["to_park_id"]] * M2_PER_MU)
    _ahead(town, plan, as_of, issues)
    more: dict[str, list[dict[str, object]]] = {"candidates": [], "placements": [], "locks": []}
    for at, row in zip(parks.index, parks.to_dict("records"), strict=True):
        park, vacant = str(row["park_id"]), float(row["vacant_mu"])
        taken = min(used[park], vacant)
        parks.loc[at, "vacant_mu"] = vacant - taken
        rest = used[park] - taken
        if rest > 1e-9:
            name = f"resettled:{park}"
            more["candidates"].append({"candidate_id": name, "name": "已安置厂房", "land_mu": rest, "pays_land": False})
            more["placements"].append({"candidate_id": name, "park_id": park})
            more["locks"].append(
                {"subject": "candidate", "id": name, "option": park, "rule": "done", "year": as_of, "count": 1}
            )
            text = say("alternatives.later_vacant", park=park, amount=f"{rest:,.2f}", id=name)
            issues.append(Issue("info", "resettled_as_candidate", text, "candidates", "", (name,)))
    found = {"parks": parks}
    for name, rows in more.items():
        if rows:
            base = tables.get(name, schema.empty(name))
            found[name] = pd.concat([base, pd.DataFrame(rows)], ignore_index=True)
    return found


def _ahead(town: Town, plan: Tables, as_of: int, issues: list[Issue]) -> None:
    """Note floor that was dealt with before it was displaced: a year-0 state has no place for it."""
    problem = read_problem(town)
    dealt: dict[str, float] = defaultdict(float)
    for table, column in (("plan_resettlement", "from_park_id"), ("plan_exits", "park_id")):
        for row in plan[table].to_dict("records"):
            if int(row["year"]) <= as_of:
                dealt[str(row[column])] += float(row["floor_m2"])
    modes = problem.modes
    displaced = {
        (problem.sites.ids[site], mode): (problem.parks.ids[park], float(floor))
        for site, mode, park, floor in zip(
            modes.site.tolist(), modes.mode, modes.park.tolist(), modes.displaced_m2.tolist(), strict=True
        )
    }
    for step in steps_of(plan):
        if step.subject == "site" and step.year <= as_of:
            park, floor = displaced[step.id, step.option]
            dealt[park] -= floor
    for park, floor in dealt.items():
        if floor > SMALL_FLOOR:
            text = say("alternatives.later_ahead", park=park, amount=f"{floor:,.1f}")
            issues.append(Issue("warning", "floor_ahead", text, "sites", "", (park,)))
