"""The naive form of a plan: the rules of plan_model.md written down one by one, as one would on a first day.

Starts and landings are impulses ("starts in t"), every "by t" is spelled out as a sum over the years before, every
candidate is an integer variable of its own, links to leaders, facilities and platforms are one aggregated big-M row
each, and nothing is tightened. Its optimum is that of our formulation (a test compares them); only the work to find it
differs. Year-0 states and locks do not occur in the towns of the suite and are refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks.plan.naive_rules import Builder, Expression
from benchmarks.plan.naive_value import RulesAndValue
from zhenxing.milp import Compiled


@dataclass(frozen=True)
class Naive:
    """The naive model of a town with what it takes to read plans out of it."""

    town: Any
    builder: Builder
    compiled: Compiled


def naive_model(town: Any) -> Naive:
    """Return the naive model of a town of the suite."""
    if len(town.filled("locks")):
        raise NotImplementedError("the naive form knows no locks and no year-0 state")
    build = Builder()
    RulesAndValue(town, build).write()
    return Naive(town, build, build.compiled())


def naive_tables(naive: Naive, solution: Any) -> dict[str, Any]:
    """Return the plan tables of a solution of the naive model."""
    import pandas as pd

    from zhenxing import schema

    base = naive.town.settings.plan.base_year
    lead = {(r["site_id"], r["mode"]): int(r["lead_years"]) for r in naive.town.filled("site_modes").to_dict("records")}
    opening = {r["work_id"]: int(r["lead_years"]) for r in naive.town.filled("works").to_dict("records")}
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in schema.PLAN_RESULT_TABLES}
    for key, at in naive.builder.at.items():
        kind, *rest, t = key
        value = float(solution[at])
        whole = round(value)
        if kind == "x" and whole:
            rows["plan_sites"].append((*rest, base + t, base + t + lead[rest[0], rest[1]]))
        elif kind == "y" and whole:
            rows["plan_landings"].append((*rest, base + t, whole))
        elif kind == "w" and whole:
            rows["plan_facilities"].append((*rest, base + t))
        elif kind == "u" and whole:
            rows["plan_utilities"].append((*rest, base + t))
        elif kind == "g" and whole:
            rows["plan_works"].append((*rest, base + t, base + t + opening[rest[0]]))
        elif kind in ("r", "e") and value > 1e-7:
            rows["plan_resettlement" if kind == "r" else "plan_exits"].append((*rest, base + t, value))
    rows["plan_finance"] = _finance(naive, solution)
    return {
        name: schema.conform(name, pd.DataFrame(found, columns=list(schema.table(name).columns)))[0]
        for name, found in rows.items()
    }


def _finance(naive: Naive, solution: Any) -> list[tuple[Any, ...]]:
    writer = RulesAndValue(naive.town, naive.builder)
    plan, rows = writer.plan, []

    def total(part: Expression) -> float:
        return float(sum(value * solution[j] for j, value in part.items()))

    debt, cash = plan.initial_debt_wan, plan.initial_cash_wan
    for t in writer.years:
        limits = writer.budget.get(t, {})
        own, committed = (float(limits.get(name, 0.0)) for name in ("own_funds_wan", "committed_outlay_wan"))
        income, tax = total(writer.land_income(t, cash=True)), total(writer.tax(t - 1, cash=True))
        outlay, interest = total(writer.outlay(t)) + committed, plan.interest_rate * debt
        now = float(solution[naive.builder.at["d", t]])
        cash += own + income + plan.tax_retained_share * tax - outlay + now - debt - interest
        debt = now
        retained = plan.tax_retained_share * tax
        rows.append((writer.base + t, own, income, retained, outlay, interest, debt, max(cash, 0.0)))
    return rows
