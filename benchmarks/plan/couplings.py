"""What each coupling of the joint plan adds: plan with it ignored, repair, and compare in equal CPU.

A plan *without* a coupling is made in two steps that share one budget:

1. the joint plan's own search on the problem with the coupling's rows free (and its reward 0), for half of the budget
   or until it is proved;
2. repair in the true problem: nothing may start or land that step 1 did not choose, in the same mode and park, in its
   year or later; what does not fit is postponed or dropped. Works, utilities, facilities, money and resettlement are
   decided anew. Again by the joint plan's own search, with all rules and the true value, for the rest of the budget.

What the coupling adds is the joint plan's value over the repaired plan's, both with the same CPU seconds in all. The
couplings:

- ``land``: rule 4 and the platforms of rule 3; without it firms are chosen without regard to land;
- ``money``: rule 8; without it costs still count in the value, but cash and debt bind nothing;
- ``chain``: rule 10 and the leaders of rule 3; without it firms are chosen one by one;
- ``title``: the yearly title capacity of rule 7.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.plan.methods import Outcome, Record

COUPLINGS: dict[str, tuple[str, ...]] = {
    "land": ("land", "platform_needed"),
    "money": ("money",),
    "chain": ("leader_needed",),
    "title": ("title_mu",),
}
FIRST_SHARE = 0.5


def ignoring(model: Any, coupling: str) -> Any:
    """Return the model with a coupling's rows free, and without the chain's reward where the chain is ignored."""
    lower, upper, cost = model.row_lower.copy(), model.row_upper.copy(), model.cost.copy()
    for name in COUPLINGS[coupling]:
        if name in model.rows:
            lower[model.rows[name].span], upper[model.rows[name].span] = -np.inf, np.inf
    if coupling == "chain":
        cost[model.columns["segment_filled"].span] = 0.0
    return replace(model, row_lower=lower, row_upper=upper, cost=cost)


def repairing(formulation: Any, wish: Any) -> Any:
    """Return the true model in which only what a wish chose may happen, in its year or later."""
    model, decisions = formulation.model, formulation.decisions
    upper = model.upper.copy()
    placement, year = decisions.land_placement, decisions.land_year
    for span, group, when in (
        (decisions.start.span, decisions.start_pair, decisions.start_year),
        (decisions.land.span, placement, year),
    ):
        if not len(group):
            continue
        chosen = np.zeros((int(group.max()) + 1, formulation.problem.horizon.length + 1))
        np.add.at(chosen, (group, when), np.rint(wish[span]))
        upper[span] = np.minimum(upper[span], np.cumsum(chosen, axis=1)[group, when])
    return replace(model, upper=upper)


def without(coupling: str) -> Any:
    """Return the method that plans without a coupling and repairs the plan."""

    def run(town: Any, seconds: float, seed: int, record: Record) -> Outcome:
        from zhenxing.planning.extract import plan_tables
        from zhenxing.planning.formulation import formulate
        from zhenxing.planning.problem import read_problem
        from zhenxing.planning.solve.budget import Budget
        from zhenxing.planning.solve.incumbent import Incumbent
        from zhenxing.planning.solve.search import search

        until = time.perf_counter() + seconds
        formulation = formulate(read_problem(town))
        budget = Budget(seed=seed)
        blind = ignoring(formulation.model, coupling)
        now = time.perf_counter()
        wish = Incumbent(blind, now + FIRST_SHARE * (until - now), 1e-4)
        search(formulation, wish, budget, blind)
        if wish.solution is None:
            return Outcome(None, None, None)
        true = repairing(formulation, wish.solution)
        found = Incumbent(true, until, 1e-6, lambda line: record(line.value, None))
        search(formulation, found, budget, true)
        if found.solution is None:
            return Outcome(None, None, None)
        return Outcome(plan_tables(formulation, found.solution), found.value, None)

    return run


def table_of(records: Iterable[dict[str, Any]], size: str, budget: float) -> str:
    """Return, per family, what each coupling adds to the value: median (least … most) over the seeds."""
    from benchmarks.plan.instances import FAMILIES
    from benchmarks.plan.report import Results, spread, table

    results = Results(records, {})
    rows = []
    for family in FAMILIES:
        joint = results.of(size, family, "joint", budget)
        cells = []
        for coupling in COUPLINGS:
            blind = results.of(size, family, f"without-{coupling}", budget)
            more = [
                joint[seed]["value"] / blind[seed]["value"] - 1.0
                for seed in sorted(set(joint) & set(blind))
                if joint[seed]["value"] is not None and (blind[seed]["value"] or 0.0) > 0
            ]
            lost = sum((r["value"] or 0.0) <= 0 for r in blind.values())
            cells.append(spread(more) + (f", {lost} worth nothing" if lost else ""))
        if any(cell != "—" for cell in cells):
            rows.append([family, *cells])
    return table(["family", *COUPLINGS], rows) if rows else ""
