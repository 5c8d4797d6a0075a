"""HiGHS behind two calls: solve a compiled model as a MIP, or its relaxation with prices.

Every call takes its own bounds, so that a neighbourhood is the same model with some columns fixed. All values are in
the model's own sense (maximise).
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import highspy
import numpy as np
import numpy.typing as npt

from zhenxing.milp.model import Compiled

Floats = npt.NDArray[np.float64]
Status = Literal["optimal", "feasible", "infeasible", "no_solution", "unbounded"]
INTEGRALITY = 1e-6


@dataclass(frozen=True)
class Answer:
    """What a MIP solve found: a solution (or none), its value and the proven upper bound."""

    status: Status
    solution: Floats | None
    value: float
    bound: float
    seconds: float


@dataclass(frozen=True)
class Relaxation:
    """An LP optimum with its prices: ``row_price`` is the value of one more unit of a row's limit."""

    status: Status
    solution: Floats
    value: float
    row_price: Floats
    reduced_cost: Floats
    seconds: float


@dataclass(frozen=True)
class Effort:
    """How long a solve may run and how.

    Parameters
    ----------
    seconds : float
        Wall seconds.
    gap : float
        Relative gap at which to stop.
    nodes : int, optional
        Branch-and-bound nodes instead of time, for repeatable work.
    threads, seed : int
        HiGHS options.
    """

    seconds: float = np.inf
    gap: float = 1e-6
    nodes: int | None = None
    threads: int = 1
    seed: int = 0


Watcher = Callable[[float, float], bool]


def solve_mip(
    model: Compiled,
    effort: Effort,
    *,
    lower: Floats | None = None,
    upper: Floats | None = None,
    start: Floats | None = None,
    watch: Watcher | None = None,
    options: Mapping[str, bool | float | str] | None = None,
) -> Answer:
    """Solve a model, or a part of it given by its own column bounds.

    Parameters
    ----------
    lower, upper : arrays, optional
        Column bounds instead of the model's.
    start : array, optional
        A feasible solution to begin with.
    watch : callable, optional
        Called with (value, bound) while it runs; returning True stops the solve.
    """
    began = time.perf_counter()
    highs = load(model, lower, upper, integer=True)
    configure(highs, effort, options)
    if start is not None:
        highs.setSolution(len(start), np.arange(len(start), dtype=np.int32), start)
    if watch is not None:
        _subscribe(highs, watch)
    highs.run()
    answer = _answer(highs, model, time.perf_counter() - began)
    if start is None or answer.status != "optimal" or _closed(answer, effort.gap):
        return answer
    # HiGHS 1.16 now and then ends with the plan it was given and calls it optimal below its own bound
    left = replace(effort, seconds=max(effort.seconds - answer.seconds, 0.01))
    again = solve_mip(model, left, lower=lower, upper=upper, watch=watch, options=options)
    if again.solution is not None and again.value >= answer.value:
        return replace(again, seconds=time.perf_counter() - began)
    return replace(answer, status="feasible", bound=min(answer.bound, again.bound))


def _closed(answer: Answer, gap: float) -> bool:
    """Whether an answer's own bound proves it to the gap asked for."""
    return answer.bound - answer.value <= 2.0 * max(gap, 1e-6) * max(1.0, abs(answer.value))


def solve_relaxation(
    model: Compiled,
    *,
    lower: Floats | None = None,
    upper: Floats | None = None,
    seconds: float = np.inf,
    interior: bool = False,
    threads: int = 1,
) -> Relaxation:
    """Solve the linear relaxation; ``interior=True`` uses the interior-point method with crossover."""
    began = time.perf_counter()
    highs = load(model, lower, upper, integer=False)
    configure(highs, Effort(seconds=seconds, threads=threads), {"solver": "ipm"} if interior else None)
    highs.run()
    return read_relaxation(highs, began)


def read_relaxation(highs: highspy.Highs, began: float) -> Relaxation:
    """Return what a finished solver knows of a relaxation; ``began`` is when its work did."""
    if highs.getModelStatus() == highspy.HighsModelStatus.kUnboundedOrInfeasible:
        highs.setOptionValue("presolve", "off")
        highs.run()
    status = _status(
        highs.getModelStatus(), highs.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    )
    solution = highs.getSolution()
    return Relaxation(
        status,
        np.array(solution.col_value),
        float(highs.getInfo().objective_function_value),
        np.array(solution.row_dual),
        np.array(solution.col_dual),
        time.perf_counter() - began,
    )


def load(model: Compiled, lower: Floats | None, upper: Floats | None, *, integer: bool) -> highspy.Highs:
    """Return a silent solver holding a model, or its relaxation."""
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = model.matrix.shape[1], model.matrix.shape[0]
    lp.col_cost_, lp.offset_ = model.cost, model.offset
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_lower_ = model.lower if lower is None else lower
    lp.col_upper_ = model.upper if upper is None else upper
    lp.row_lower_, lp.row_upper_ = model.row_lower, model.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = (
        model.matrix.indptr,
        model.matrix.indices,
        model.matrix.data,
    )
    if integer:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[whole] for whole in model.integer.tolist()]
    highs = _silent_solver()
    highs.passModel(lp)
    return highs


def _silent_solver() -> highspy.Highs:
    """Return a solver that prints nothing; its banner goes to the process's own output before any option can be set."""
    sys.stdout.flush()
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        highs: highspy.Highs = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy leaves its constructor untyped
        highs.setOptionValue("output_flag", False)
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
    return highs


def configure(highs: highspy.Highs, effort: Effort, options: Mapping[str, bool | float | str] | None) -> None:
    """Set a solver's effort and further options."""
    # HiGHS keeps one pool of threads a process, of the first solve's size, and refuses another size until it is reset
    highs.resetGlobalScheduler(True)
    highs.setOptionValue("threads", effort.threads)
    highs.setOptionValue("random_seed", effort.seed)
    highs.setOptionValue("mip_rel_gap", effort.gap)
    highs.setOptionValue("mip_feasibility_tolerance", INTEGRALITY)
    if np.isfinite(effort.seconds):
        highs.setOptionValue("time_limit", max(effort.seconds, 0.01))
    if effort.nodes is not None:
        highs.setOptionValue("mip_max_nodes", effort.nodes)
    for name, value in (options or {}).items():
        highs.setOptionValue(name, value)


def _subscribe(highs: highspy.Highs, watch: Watcher) -> None:
    def on_event(event: highspy.HighsCallbackEvent) -> None:
        if watch(float(event.data_out.mip_primal_bound), float(event.data_out.mip_dual_bound)):
            event.interrupt()

    def on_simplex(event: highspy.HighsCallbackEvent) -> None:
        if watch(-np.inf, np.inf):
            event.interrupt()

    highs.cbMipInterrupt.subscribe(on_event)
    highs.cbSimplexInterrupt.subscribe(on_simplex)


def _status(status: highspy.HighsModelStatus, found: bool) -> Status:
    if status == highspy.HighsModelStatus.kOptimal:
        return "optimal"
    if status in {highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible} and not found:
        return "infeasible"
    if status == highspy.HighsModelStatus.kUnbounded:
        return "unbounded"
    return "feasible" if found else "no_solution"


def _answer(highs: highspy.Highs, model: Compiled, seconds: float) -> Answer:
    info = highs.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    status = _status(highs.getModelStatus(), found)
    solution = np.array(highs.getSolution().col_value) if found else None
    value = model.value(solution) if solution is not None else -np.inf
    bound = float(info.mip_dual_bound) if model.integer.any() else value
    if status == "optimal" and not np.isfinite(bound):
        bound = value
    return Answer(status, solution, value, max(bound, value) if found else bound, seconds)
