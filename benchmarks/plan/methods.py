"""The joint plan and its peers, each as one call: a town and a budget in, a plan with its value and bound out.

The budget covers everything from the town in memory to the finished plan, the building of the model included. Bounds
count as proofs for the methods in ``PROVING`` only.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np


class Record(Protocol):
    """Told whatever is found, when it is found or later with the process's CPU seconds at which it was."""

    def __call__(self, value: float | None, bound: float | None, when: float | None = None) -> None:
        """Take a value and a bound, either of them None."""


@dataclass(frozen=True)
class Outcome:
    """What a method ended with: plan tables (none without a plan), the value it claims, the bound it claims."""

    tables: dict[str, Any] | None
    value: float | None
    bound: float | None


Method = Callable[[Any, float, int, Record], Outcome]


def _planned(method: str) -> Method:
    def run(town: Any, seconds: float, seed: int, record: Record) -> Outcome:
        from zhenxing.planning.options import PlanOptions
        from zhenxing.planning.plan import plan

        def listen(line: Any) -> None:
            record(line.value, line.bound)

        result = plan(town, PlanOptions(seconds=seconds, seed=seed, method=method, listener=listen))  # type: ignore[arg-type]  # one of its literals
        summary = result.summary
        tables = dict(result.tables) if result.has_plan else None
        return Outcome(tables, summary["value_wan"], summary["bound_wan"])

    return run


def _highs(**options: Any) -> Method:
    """Return plain HiGHS on our own formulation, as it is: the strongest simple baseline."""

    def run(town: Any, seconds: float, seed: int, record: Record) -> Outcome:
        from zhenxing.milp.highs import Effort, solve_mip
        from zhenxing.planning.extract import plan_tables
        from zhenxing.planning.formulation import formulate
        from zhenxing.planning.problem import read_problem

        began = time.perf_counter()
        formulation = formulate(read_problem(town))

        def watch(value: float, bound: float) -> bool:
            record(value, bound)
            return False

        left = seconds - (time.perf_counter() - began)
        answer = solve_mip(formulation.model, Effort(seconds=left, seed=seed), watch=watch, options=options)
        if answer.solution is None:
            return Outcome(None, None, answer.bound)
        from benchmarks.plan.mps import exact

        whole = exact(formulation, answer.solution)
        if whole is None:
            return Outcome(None, None, answer.bound)
        return Outcome(plan_tables(formulation, whole), formulation.model.value(whole), answer.bound)

    return run


def _naive(town: Any, seconds: float, seed: int, record: Record) -> Outcome:
    """Return HiGHS on the model written down from the rules as they stand."""
    from benchmarks.plan.naive import naive_model, naive_tables
    from zhenxing.milp.highs import Effort, solve_mip

    began = time.perf_counter()
    naive = naive_model(town)

    def watch(value: float, bound: float) -> bool:
        record(value, bound)
        return False

    left = seconds - (time.perf_counter() - began)
    answer = solve_mip(naive.compiled, Effort(seconds=left, seed=seed), watch=watch)
    if answer.solution is None:
        return Outcome(None, None, answer.bound)
    return Outcome(naive_tables(naive, answer.solution), answer.value, answer.bound)


def _cp_sat(workers: int) -> Method:
    def run(town: Any, seconds: float, seed: int, record: Record) -> Outcome:
        from benchmarks.plan.cp_sat import solve

        return solve(town, seconds, seed, record, workers)

    return run


def _staged(order: str) -> Method:
    """Return the staged plan that gives one order all the time."""

    def run(town: Any, seconds: float, seed: int, record: Record) -> Outcome:
        from zhenxing.planning import baselines
        from zhenxing.planning.extract import plan_tables
        from zhenxing.planning.formulation import formulate
        from zhenxing.planning.problem import read_problem
        from zhenxing.planning.solve.budget import Budget
        from zhenxing.planning.solve.incumbent import Incumbent

        until = time.perf_counter() + seconds
        formulation = formulate(read_problem(town))
        found = Incumbent(formulation.model, until, 1e-6, lambda line: record(line.value, line.bound))
        baselines.staged(formulation, found, Budget(seed=seed), (getattr(baselines, order),))
        if found.solution is None:
            return Outcome(None, None, found.bound)
        return Outcome(plan_tables(formulation, found.solution), found.value, found.bound)

    return run


def _without(coupling: str) -> Method:
    def run(town: Any, seconds: float, seed: int, record: Record) -> Outcome:
        from benchmarks.plan.couplings import without

        outcome: Outcome = without(coupling)(town, seconds, seed, record)
        return outcome

    return run


METHODS: dict[str, Method] = {
    "joint": _planned("joint"),
    "highs": _highs(),
    "highs-no-restart": _highs(mip_allow_restart=False),
    "naive": _naive,
    "cp-sat": _cp_sat(1),
    "cp-sat-8": _cp_sat(8),
    "greedy": _planned("greedy"),
    "staged": _planned("staged"),
    "staged-land-first": _staged("land_first"),
    "staged-firms-first": _staged("firms_first"),
    **{f"without-{coupling}": _without(coupling) for coupling in ("land", "money", "chain", "title")},
}
# Methods whose bound is a proof: a solver's bound on the whole model. CP-SAT rounds the data, the others bound nothing.
PROVING = ("joint", "highs", "highs-no-restart", "naive")
# Ways to plan in stages; the joint plan is held against the best of them on each town.
STAGED = ("staged", "staged-land-first", "staged-firms-first")
# Methods that run in the benchmark environment.
FOREIGN = ("cp-sat", "cp-sat-8")


def finite(value: float | None) -> float | None:
    """Return a number, or None where there is none yet (a solver says infinity or 1e30)."""
    return None if value is None or not np.isfinite(value) or abs(value) >= 1e19 else float(value)
