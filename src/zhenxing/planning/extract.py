"""From a solution of the model to the plan's tables, with classes split into their candidates again."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing import schema
from zhenxing.planning.constraints.money import counted_in_cash, land_income
from zhenxing.planning.formulation import Formulation
from zhenxing.planning.value import PARTS

Floats = npt.NDArray[np.float64]

# Less floor than this (m2) is rounding noise of the solver, not a decision.
SMALLEST_FLOOR = 1e-7


def plan_tables(formulation: Formulation, solution: Floats) -> dict[str, pd.DataFrame]:
    """Return the eight plan tables of a solution whose integers are exact."""
    tables = {
        "plan_sites": _sites(formulation, solution),
        "plan_landings": _landings(formulation, solution),
        "plan_facilities": _facilities(formulation, solution),
        "plan_works": _works(formulation, solution),
        "plan_utilities": _utilities(formulation, solution),
        "plan_resettlement": _floor(formulation.decisions.resettle.table(solution, "floor_m2")),
        "plan_exits": _floor(formulation.decisions.leave.table(solution, "floor_m2")),
        "plan_finance": _finance(formulation, solution),
    }
    return {name: _typed(name, frame) for name, frame in tables.items()}


def value_parts(formulation: Formulation, solution: Floats) -> dict[str, float]:
    """Return the value's parts in their fixed order; they add up to the value."""
    found = formulation.model.parts(solution)
    return {name: found[name] + 0.0 for name in PARTS}


def _typed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    return schema.conform(name, frame.reset_index(drop=True))[0]


def _sites(formulation: Formulation, solution: Floats) -> pd.DataFrame:
    decisions, problem = formulation.decisions, formulation.problem
    at = np.flatnonzero(solution[decisions.start.span] > 0.5)
    pair, year = decisions.start_pair[at], decisions.start_year[at] + problem.horizon.base_year
    frame = pd.DataFrame(
        {
            "site_id": [problem.sites.ids[s] for s in problem.modes.site[pair]],
            "mode": [problem.modes.mode[p] for p in pair],
            "start_year": year,
            "delivery_year": year + problem.modes.lead[pair],
        }
    )
    return frame.sort_values(["start_year", "site_id"], kind="stable")


def _landings(formulation: Formulation, solution: Floats) -> pd.DataFrame:
    decisions, problem = formulation.decisions, formulation.problem
    counts = np.rint(solution[decisions.land.span]).astype(int)
    left = [[list(member) for member in members] for members in problem.candidates.members]
    rows = []
    order = np.lexsort((decisions.land_park, decisions.land_year))
    for at in order[counts[order] > 0].tolist():
        wanted = int(counts[at])
        for member in left[decisions.land_class[at]]:
            taken = min(wanted, int(member[1]))
            if taken:
                year = int(decisions.land_year[at]) + problem.horizon.base_year
                rows.append((member[0], problem.parks.ids[decisions.land_park[at]], year, taken))
                member[1] = int(member[1]) - taken
                wanted -= taken
    frame = pd.DataFrame(rows, columns=["candidate_id", "park_id", "year", "count"])
    return frame.sort_values(["year", "candidate_id", "park_id"], kind="stable")


def _facilities(formulation: Formulation, solution: Floats) -> pd.DataFrame:
    problem, block = formulation.problem, formulation.decisions.facility
    entry, year = np.nonzero(solution[block.span].reshape(block.shape) > 0.5)
    return pd.DataFrame(
        {
            "park_id": [problem.parks.ids[problem.facilities.park[i]] for i in entry],
            "facility_id": [problem.facilities.facility[i] for i in entry],
            "year": year + 1 + problem.horizon.base_year,
        }
    ).sort_values(["year", "park_id", "facility_id"], kind="stable")


def _works(formulation: Formulation, solution: Floats) -> pd.DataFrame:
    problem, block = formulation.problem, formulation.decisions.work
    entry, year = np.nonzero(solution[block.span].reshape(block.shape) > 0.5)
    start = year + 1 + problem.horizon.base_year
    return pd.DataFrame(
        {
            "work_id": [problem.works.ids[i] for i in entry],
            "start_year": start,
            "opening_year": start + problem.works.lead[entry],
        }
    ).sort_values(["start_year", "work_id"], kind="stable")


def _utilities(formulation: Formulation, solution: Floats) -> pd.DataFrame:
    problem, block = formulation.problem, formulation.decisions.step
    supplies = problem.supplies
    entry, year = np.nonzero(solution[block.span].reshape(block.shape) > 0.5)
    owner = supplies.step_supply[entry]
    return pd.DataFrame(
        {
            "park_id": [problem.parks.ids[supplies.park[i]] for i in owner],
            "resource": [supplies.resource[i] for i in owner],
            "step": supplies.step_number[entry],
            "year": year + 1 + problem.horizon.base_year,
        }
    ).sort_values(["year", "park_id", "resource", "step"], kind="stable")


def _floor(frame: pd.DataFrame) -> pd.DataFrame:
    kept = frame[frame["floor_m2"] > SMALLEST_FLOOR]
    return kept.sort_values(["year", *[name for name in kept.columns if name.endswith("park_id")]], kind="stable")


def _finance(formulation: Formulation, solution: Floats) -> pd.DataFrame:
    """Return the yearly balance, with the most cash that rule 8 allows at the borrowing of the solution."""
    problem, decisions, model = formulation.problem, formulation.decisions, formulation.model
    settings, budget, length = problem.settings, problem.budget, problem.horizon.length
    money = model.rows["money"]
    debt = np.clip(solution[decisions.debt.span], 0.0, budget.debt_limit)
    before = np.concatenate([[settings.initial_debt_wan], debt[:-1]])
    tax = np.concatenate([[0.0], solution[model.columns["cash_tax"].span][:-1]])
    income = _land_income(formulation, solution)
    # the money row holds everything but the constants: cash, borrowing, tax, outlay less land income
    rest = model.matrix[money.all, :] @ _without_balances(formulation, solution)
    outlay = rest + income + budget.committed
    interest = settings.interest_rate * before
    retained = settings.tax_retained_share * tax
    flow = budget.own_funds + income + retained - outlay + debt - before - interest
    cash = settings.initial_cash_wan + np.cumsum(flow)
    return pd.DataFrame(
        {
            "year": problem.horizon.calendar,
            "own_funds_wan": budget.own_funds,
            "land_income_wan": income,
            "retained_tax_wan": retained,
            "outlay_wan": outlay,
            "interest_wan": interest,
            "debt_wan": debt,
            "cash_wan": np.maximum(cash, 0.0),
        }
    ).iloc[:length]


def _without_balances(formulation: Formulation, solution: Floats) -> Floats:
    decisions, model = formulation.decisions, formulation.model
    bare = solution.copy()
    for block in (decisions.debt, decisions.cash, model.columns["cash_tax"]):
        bare[block.span] = 0.0
    return bare


def _land_income(formulation: Formulation, solution: Floats) -> Floats:
    problem, decisions = formulation.problem, formulation.decisions
    income = np.zeros(problem.horizon.length)
    if decisions.land.size:
        counted = counted_in_cash(problem)[decisions.land_class]
        each = land_income(problem, decisions) * solution[decisions.land.span] * counted
        np.add.at(income, decisions.land_year - 1, each)
    return income
