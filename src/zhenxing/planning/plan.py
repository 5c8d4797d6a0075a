"""Make a plan: check the inputs, formulate, search, and return tables with a proven bound."""

from __future__ import annotations

import platform
import time
from importlib.metadata import version
from typing import Any

from zhenxing import schema
from zhenxing.errors import InfeasibleError, TownError
from zhenxing.i18n import say
from zhenxing.planning import baselines
from zhenxing.planning.consistency import check_inputs
from zhenxing.planning.explain import impossible
from zhenxing.planning.extract import plan_tables, value_parts
from zhenxing.planning.formulation import Formulation, formulate
from zhenxing.planning.interrupt import stop_on_interrupt
from zhenxing.planning.options import PlanOptions
from zhenxing.planning.problem import Problem, read_problem
from zhenxing.planning.result import PlanResult
from zhenxing.planning.solve.incumbent import Incumbent, relative_gap
from zhenxing.planning.solve.search import Budget, search
from zhenxing.store import inputs_sha256
from zhenxing.town import Town


def plan(town: Town, options: PlanOptions | None = None) -> PlanResult:
    """Return the best joint renewal plan of a town that the time allows, with a proven bound.

    Parameters
    ----------
    town : Town
        Settings with a ``[plan]`` section and the input tables of plan_model.md section 1.
    options : PlanOptions, optional
        Time or work, gap, threads, seed, method.

    Returns
    -------
    PlanResult
        Money in 万元, land in mu, floor in m2, calendar years.

    Raises
    ------
    TownError
        The inputs contradict each other.
    InfeasibleError
        Nothing satisfies the locks and the data; the message names what stands in the way.

    Notes
    -----
    When the time runs out without a plan the result has no tables, and its summary says ``time_limit_without_plan``.
    """
    options = options or PlanOptions()
    began = time.perf_counter()
    problem = ready_problem(town)
    formulation = formulate(problem)
    with stop_on_interrupt() as stopped:
        incumbent = Incumbent(
            formulation.model,
            float("inf") if options.work is not None else began + options.seconds,
            options.gap,
            options.listener,
            stopped,
        )
        outcome = _run(formulation, incumbent, options)
    if outcome == "infeasible":
        raise InfeasibleError(*impossible(formulation))
    seconds = None if options.work is not None else time.perf_counter() - began
    summary = _summary(formulation, incumbent, options, seconds, inputs_sha256(town))
    if incumbent.solution is None:
        return PlanResult({name: schema.empty(name) for name in schema.PLAN_RESULT_TABLES}, summary)
    return PlanResult(plan_tables(formulation, incumbent.solution), summary)


def ready_problem(town: Town) -> Problem:
    """Return a town's problem, or say what is wrong with its inputs."""
    if town.settings.plan is None:
        raise TownError(say("plan.no_settings"))
    faults = [issue for issue in check_inputs(town) if issue.level == "error"]
    if faults:
        raise TownError(say("plan.bad_inputs", count=len(faults), first=faults[0].text), faults)
    return read_problem(town)


def _run(formulation: Formulation, incumbent: Incumbent, options: PlanOptions) -> str:
    budget = Budget(options.work, options.threads, options.seed)
    if options.method == "greedy":
        return baselines.greedy(formulation, incumbent, budget)
    if options.method == "staged":
        return baselines.staged(formulation, incumbent, budget)
    return search(formulation, incumbent, budget)


def _summary(
    formulation: Formulation, incumbent: Incumbent, options: PlanOptions, seconds: float | None, inputs: str
) -> dict[str, Any]:
    found = incumbent.solution is not None
    gap = relative_gap(incumbent.value, incumbent.bound) if found else None
    proven = gap is not None and gap <= max(1e-6, options.gap)
    status = "time_limit_without_plan" if not found else "optimal" if proven else "feasible"
    return {
        "value_wan": float(incumbent.value) if found else None,
        "bound_wan": float(incumbent.bound) if found else None,
        "gap": None if gap is None else float(gap),
        "status": status,
        "seconds": None if seconds is None else round(seconds, 2),
        "work": options.work,
        "method": options.method if options.method != "joint" else f"joint:{incumbent.method}",
        "versions": {
            "zhenxing": version("zhenxing"),
            "highspy": version("highspy"),
            "python": platform.python_version(),
        },
        "inputs_sha256": inputs,
        "parts": value_parts(formulation, incumbent.solution) if incumbent.solution is not None else None,
    }
