"""A plan that somebody already has, as a solution of its town's model with a bound that holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from zhenxing import schema
from zhenxing.errors import Issue, TownError
from zhenxing.i18n import name_rows, say
from zhenxing.milp import Compiled
from zhenxing.milp.highs import solve_relaxation
from zhenxing.milp.propagation import propagate
from zhenxing.planning.embed import embed_plan
from zhenxing.planning.extract import plan_tables, value_parts
from zhenxing.planning.formulation import Formulation, formulate
from zhenxing.planning.plan import ready_problem
from zhenxing.planning.result import PlanResult
from zhenxing.planning.solve.incumbent import relative_gap
from zhenxing.planning.variation import Floats
from zhenxing.store import inputs_sha256
from zhenxing.town import Town

OPTIMAL = 1e-6


@dataclass(frozen=True)
class GivenPlan:
    """A plan of a town: the model, the plan as its solution, value (万元) and a bound on every plan's value.

    Attributes
    ----------
    tight : Compiled
        The model with its whole numbers' bounds tightened; the same plans are allowed.
    relaxed, price : array
        An optimum of the relaxation, and the prices of its rows, for bounds by weak duality.
    fresh : bool
        Whether the plan was made from the town's inputs as they are now.
    """

    town: Town
    formulation: Formulation
    tables: Mapping[str, pd.DataFrame]
    solution: Floats
    value: float
    bound: float
    tight: Compiled
    relaxed: Floats
    price: Floats
    fresh: bool


def given_plan(town: Town, plan: PlanResult, inputs: str | None = None) -> GivenPlan:
    """Return a plan as a solution of its town's model.

    Parameters
    ----------
    inputs : str, optional
        Fingerprint of the town's files as they lie on disk; by default that of the town as it would be written.

    Raises
    ------
    TownError
        The plan is not allowed in this town.
    """
    formulation = formulate(ready_problem(town))
    solution = embed_plan(formulation, plan.tables) if plan.has_plan else None
    if solution is None:
        raise TownError(say("alternatives.not_this_town"), unknown_parts(town, plan.tables))
    value = formulation.model.value(solution)
    tight = propagate(formulation.model)
    relaxed = solve_relaxation(tight, interior=True)
    bound = relaxed.value if relaxed.status == "optimal" else np.inf
    fresh = plan.summary.get("inputs_sha256") == (inputs or inputs_sha256(town))
    said = plan.summary.get("bound_wan")
    if fresh and isinstance(said, (int, float)) and said >= value - OPTIMAL * max(1.0, abs(value)):
        bound = min(bound, float(said))
    return GivenPlan(
        town,
        formulation,
        plan.tables,
        solution,
        value,
        max(bound, value),
        tight,
        relaxed.solution,
        relaxed.row_price,
        fresh,
    )


def plan_result(
    formulation: Formulation, solution: Floats, bound: float, method: str, seconds: float, inputs: str, **more: object
) -> PlanResult:
    """Return a solution as a plan with an honest summary: its own value, and a bound on every plan's value."""
    from importlib.metadata import version

    value = formulation.model.value(solution)
    bound = max(bound, value)
    gap = relative_gap(value, bound)
    summary: dict[str, Any] = {
        "value_wan": float(value),
        "bound_wan": float(bound),
        "gap": float(gap),
        "status": "optimal" if gap <= OPTIMAL else "feasible",
        "seconds": round(seconds, 2),
        "work": None,
        "method": method,
        "versions": {name: version(name) for name in ("zhenxing", "highspy")},
        "inputs_sha256": inputs,
        "parts": value_parts(formulation, solution),
        **more,
    }
    return PlanResult(plan_tables(formulation, solution), summary)


# What a plan names, and the table that must know it.
NAMED = (
    ("plan_sites", "site_id", "sites", "site_id"),
    ("plan_landings", "candidate_id", "candidates", "candidate_id"),
    ("plan_landings", "park_id", "parks", "park_id"),
    ("plan_works", "work_id", "works", "work_id"),
)


def unknown_parts(town: Town, tables: Mapping[str, pd.DataFrame]) -> list[Issue]:
    """Return what a plan names that its town does not know: a sign of another town's plan."""
    found = []
    for table, column, home, key in NAMED:
        frame = tables.get(table, schema.empty(table))
        unknown = sorted({str(name) for name in frame[column]} - {str(name) for name in town[home][key]})
        if unknown:
            text = say("alternatives.unknown_ids", table=table, column=column, ids=name_rows(unknown), home=home)
            found.append(Issue("error", "unknown_in_plan", text, table, column, tuple(unknown)))
    return found
