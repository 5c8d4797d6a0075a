"""CP-SAT (ortools) on our formulation, with its scaling trap avoided.

CP-SAT knows whole numbers only. Given a mixed-integer model it multiplies every continuous variable by
``mip_var_scaling``, 1 by default, and rounds: equalities between continuous stocks then have next to no solution, the
bound falls below plans that exist, and nothing says so. Here

1. every continuous balance is an inequality, which leaves the optimum as it is: a stock may always be thought smaller;
2. the scaling is 100 (1/100 mu, 100 yuan);
3. the plan is solved again with its whole numbers fixed and valued by ``evaluate``;
4. the bound is never used as a proof.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.plan.methods import Outcome, Record

SCALING = 100
# Balances of continuous stocks: written as "stock <= what came in - what went out" they allow no better plan.
BALANCES = ("land", "resettlement", "supply", "cash_tax_level", "segment_reach_level")
BEST = re.compile(r"^#\d+\s+([\d.]+)s\s+best:(\S+)")


def loosened(model: Any) -> tuple[Any, Any]:
    """Return the row limits with the balances of continuous stocks as inequalities."""
    lower = model.row_lower.copy()
    for name in BALANCES:
        if name in model.rows:
            lower[model.rows[name].span] = -np.inf
    return lower, model.row_upper


@contextmanager
def _printed() -> Iterator[Path]:
    """Send what the solver prints to a file: its Python interface has no callback for what it finds."""
    sys.stdout.flush()
    kept = os.dup(1)
    handle, name = tempfile.mkstemp()
    try:
        os.dup2(handle, 1)
        yield Path(name)
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(handle)


def solve(town: Any, seconds: float, seed: int, record: Record, workers: int) -> Outcome:
    """Plan a town by CP-SAT within a budget of seconds."""
    from ortools.linear_solver.python import model_builder_helper

    from benchmarks.plan.mps import exact
    from zhenxing.planning.extract import plan_tables
    from zhenxing.planning.formulation import formulate
    from zhenxing.planning.problem import read_problem

    began = time.perf_counter()
    formulation = formulate(read_problem(town))
    model = formulation.model
    helper = model_builder_helper.ModelBuilderHelper()
    lower, upper = loosened(model)
    helper.fill_model_from_sparse_data(
        model.lower, model.upper, model.cost, lower, upper, sparse.csr_matrix(model.matrix)
    )
    for at in np.flatnonzero(model.integer).tolist():
        helper.set_var_integrality(at, True)
    helper.set_maximize(True)
    helper.set_objective_offset(model.offset)
    solver = model_builder_helper.ModelSolverHelper("cp_sat")
    solver.set_time_limit_in_seconds(max(seconds - (time.perf_counter() - began), 0.1))
    solver.set_solver_specific_parameters(
        f"mip_var_scaling:{SCALING} num_workers:{workers} random_seed:{seed} log_search_progress:true mip_max_bound:1e8"
    )
    solver.enable_output(True)
    before = time.process_time()
    with _printed() as printed:
        solver.solve(helper)
    for line in printed.read_text(encoding="utf-8").splitlines():
        found = BEST.match(line)
        if found and found[2] not in ("-inf", "inf"):
            record(float(found[2]), None, before + float(found[1]))
    printed.unlink()
    if not solver.has_solution():
        return Outcome(None, None, None)
    whole = exact(formulation, np.asarray(solver.variable_values(), dtype=float))
    if whole is None:
        return Outcome(None, None, None)
    return Outcome(plan_tables(formulation, whole), model.value(whole), None)
