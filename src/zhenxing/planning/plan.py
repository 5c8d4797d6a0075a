"""Make a plan: check the inputs, formulate, search, and return tables with a proven bound."""

from __future__ import annotations

import platform
import time
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt

from zhenxing import schema
from zhenxing.errors import InfeasibleError, InputError, TownError
from zhenxing.i18n import say
from zhenxing.planning import baselines
from zhenxing.planning.consistency import check_inputs
from zhenxing.planning.embed import embed_plan
from zhenxing.planning.explain.impossible import impossible
from zhenxing.planning.extract import plan_tables, value_parts
from zhenxing.planning.formulation import Formulation, formulate
from zhenxing.planning.interrupt import stop_on_interrupt
from zhenxing.planning.options import PlanOptions
from zhenxing.planning.problem import Problem, read_problem
from zhenxing.planning.result import PlanResult
from zhenxing.planning.solve.budget import Budget
from zhenxing.planning.solve.incumbent import Incumbent, relative_gap
from zhenxing.planning.solve.search import search
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
        The inputs contradict each other, or the plan to begin with is not allowed in this town.
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
        _begin(formulation, incumbent, options)
        outcome = _run(formulation, incumbent, options)
    if outcome == "infeasible":
        raise InfeasibleError(*impossible(formulation))
    seconds = time.perf_counter() - began
    if incumbent.solution is None:
        return without_plan(town, "time_limit_without_plan", options, seconds)
    return PlanResult(
        plan_tables(formulation, incumbent.solution),
        _summary(formulation, incumbent, incumbent.solution, options, seconds, inputs_sha256(town)),
    )


def without_plan(town: Town, status: str, options: PlanOptions, seconds: float) -> PlanResult:
    """Return the result of a planning that ended without a plan: no tables, a summary that says why."""
    summary: dict[str, Any] = {
        **dict.fromkeys(("value_wan", "bound_wan", "gap")),
        "status": status,
        "seconds": None if options.work is not None else round(seconds, 2),
        "work": options.work,
        "method": options.method,
        "versions": _versions(),
        "inputs_sha256": inputs_sha256(town),
        "parts": None,
    }
    return PlanResult({name: schema.empty(name) for name in schema.PLAN_RESULT_TABLES}, summary)


def ready_problem(town: Town) -> Problem:
    """Return a town's problem, or say what is wrong with its inputs."""
    if town.settings.plan is None:
        raise TownError(say("plan.no_settings"))
    faults = [issue for issue in check_inputs(town) if issue.level == "error"]
    if faults:
        raise TownError(say("plan.bad_inputs", count=len(faults), first=faults[0].text), faults)
    return read_problem(town)


def _begin(formulation: Formulation, incumbent: Incumbent, options: PlanOptions) -> None:
    """Offer the plan to begin with."""
    if options.start is None:
        return
    if options.method != "joint":
        raise InputError(say("plan.start_needs_joint", method=options.method))
    start = embed_plan(formulation, options.start)
    if start is None:
        raise TownError(say("plan.start_not_allowed"))
    incumbent.offer(start, "start")


def _run(formulation: Formulation, incumbent: Incumbent, options: PlanOptions) -> str:
    budget = Budget(options.work, options.threads, options.seed)
    if options.method == "greedy":
        return baselines.greedy(formulation, incumbent, budget)
    if options.method == "staged":
        return baselines.staged(formulation, incumbent, budget)
    return search(formulation, incumbent, budget)


def _summary(
    formulation: Formulation,
    incumbent: Incumbent,
    solution: npt.NDArray[np.float64],
    options: PlanOptions,
    seconds: float,
    inputs: str,
) -> dict[str, Any]:
    gap = relative_gap(incumbent.value, incumbent.bound)
    return {
        "value_wan": float(incumbent.value),
        "bound_wan": float(incumbent.bound),
        "gap": float(gap),
        "status": "optimal" if gap <= max(1e-6, options.gap) else "feasible",
        # counted work must give the same bytes on every run
        "seconds": None if options.work is not None else round(seconds, 2),
        "work": options.work,
        "method": options.method if options.method != "joint" else f"joint:{incumbent.method}",
        "versions": _versions(),
        "inputs_sha256": inputs,
        "parts": value_parts(formulation, solution),
    }


def _versions() -> dict[str, str]:
    return {"zhenxing": version("zhenxing"), "highspy": version("highspy"), "python": platform.python_version()}
