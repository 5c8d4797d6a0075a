"""From a plan's tables back to a solution of the model, so that a search can start from a plan people know."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.milp.highs import solve_relaxation
from zhenxing.planning.formulation import Formulation

Floats = npt.NDArray[np.float64]


def embed_plan(formulation: Formulation, tables: Mapping[str, pd.DataFrame]) -> Floats | None:
    """Return the model's solution with a plan's starts and landings and the best money and resettlement for them.

    Returns
    -------
    array or None
        None where the plan is not allowed in this problem (another town, other limits).
    """
    model = formulation.model
    whole = np.zeros(len(model.cost))
    for place in (_sites, _landings, _works, _facilities, _utilities):
        if not place(formulation, tables, whole):
            return None
    lower = np.where(model.integer, whole, model.lower)
    upper = np.where(model.integer, whole, model.upper)
    if np.any(whole[model.integer] > model.upper[model.integer] + 0.5):
        return None
    answer = solve_relaxation(model, lower=lower, upper=upper)
    return np.where(model.integer, whole, answer.solution) if answer.status == "optimal" else None


Key = tuple[object, ...]


def _set(whole: Floats, columns: dict[Key, int], keys: list[Key], amounts: list[float]) -> bool:
    for key, amount in zip(keys, amounts, strict=True):
        if key not in columns:
            return False
        whole[columns[key]] += amount
    return True


def _keys(frame: pd.DataFrame, *names: str) -> list[Key]:
    return list(zip(*(frame[name].tolist() for name in names), strict=True))


def _sites(formulation: Formulation, tables: Mapping[str, pd.DataFrame], whole: Floats) -> bool:
    block = formulation.decisions.start
    labels = block.labels
    columns: dict[Key, int] = {
        key: block.start + i
        for i, key in enumerate(zip(labels["site_id"], labels["mode"], labels["year"], strict=True))
    }
    frame = tables["plan_sites"]
    return _set(whole, columns, _keys(frame, "site_id", "mode", "start_year"), [1.0] * len(frame))


def _landings(formulation: Formulation, tables: Mapping[str, pd.DataFrame], whole: Floats) -> bool:
    problem, block = formulation.problem, formulation.decisions.land
    class_of = {name: k for k, members in enumerate(problem.candidates.members) for name, _ in members}
    labels = block.labels
    columns: dict[Key, int] = {
        key: block.start + i
        for i, key in enumerate(zip(labels["candidate_class"], labels["park_id"], labels["year"], strict=True))
    }
    frame = tables["plan_landings"]
    keys: list[Key] = [
        (class_of.get(str(name), -1), park, year)
        for name, park, year in _keys(frame, "candidate_id", "park_id", "year")
    ]
    return _set(whole, columns, keys, frame["count"].astype(float).tolist())


def _works(formulation: Formulation, tables: Mapping[str, pd.DataFrame], whole: Floats) -> bool:
    problem, block, base = formulation.problem, formulation.decisions.work, formulation.problem.horizon.base_year
    columns: dict[Key, int] = {
        (name, base + 1 + t): int(block.at(w, t))
        for w, name in enumerate(problem.works.ids)
        for t in range(problem.horizon.length)
    }
    frame = tables["plan_works"]
    return _set(whole, columns, _keys(frame, "work_id", "start_year"), [1.0] * len(frame))


def _facilities(formulation: Formulation, tables: Mapping[str, pd.DataFrame], whole: Floats) -> bool:
    problem, block, base = formulation.problem, formulation.decisions.facility, formulation.problem.horizon.base_year
    facilities = problem.facilities
    columns: dict[Key, int] = {
        (problem.parks.ids[park], name, base + 1 + t): int(block.at(i, t))
        for i, (park, name) in enumerate(zip(facilities.park.tolist(), facilities.facility, strict=True))
        for t in range(problem.horizon.length)
    }
    frame = tables["plan_facilities"]
    return _set(whole, columns, _keys(frame, "park_id", "facility_id", "year"), [1.0] * len(frame))


def _utilities(formulation: Formulation, tables: Mapping[str, pd.DataFrame], whole: Floats) -> bool:
    problem, block, base = formulation.problem, formulation.decisions.step, formulation.problem.horizon.base_year
    supplies = problem.supplies
    columns: dict[Key, int] = {}
    for i, (supply, number) in enumerate(
        zip(supplies.step_supply.tolist(), supplies.step_number.tolist(), strict=True)
    ):
        for t in range(problem.horizon.length):
            key = (problem.parks.ids[supplies.park[supply]], supplies.resource[supply], int(number), base + 1 + t)
            columns[key] = int(block.at(i, t))
    frame = tables["plan_utilities"]
    # steps of a resource without a supply row have no effect and no column
    limited = {(park, resource) for park, resource, _, _ in columns}
    kept = (
        frame[[(park, name) in limited for park, name in _keys(frame, "park_id", "resource")]] if len(frame) else frame
    )
    keys = [
        (park, name, int(str(step)), int(str(year)))
        for park, name, step, year in _keys(kept, "park_id", "resource", "step", "year")
    ]
    return _set(whole, columns, list(keys), [1.0] * len(kept))
