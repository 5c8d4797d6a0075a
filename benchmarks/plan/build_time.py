"""Building the model: ours from the town's tables to HiGHS, beside linopy on the very same rows.

Ours counts everything from the town in memory: ``read_problem``, ``formulate``, handing over to HiGHS. linopy is given
more than it would have: index arrays and coefficients of all rows stand ready, merged to one grouped sum for each pair
of a row block and a variable block, and only its own calls are counted (variables, expressions, constraints, objective,
handing over to HiGHS), imports not. Both end with the same matrix; nonzeros and the relaxation's value are compared.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.plan.clock import BENCH_PYTHON, environment
from benchmarks.plan.instances import Instance

BUILDERS = ("zhenxing", "linopy", "linopy-frozen")


def ours(town: Any) -> tuple[Any, dict[str, float]]:
    """Build our model into HiGHS; return it and the CPU seconds of each step."""
    from zhenxing.milp.highs import load
    from zhenxing.planning.formulation import formulate
    from zhenxing.planning.problem import read_problem

    marks = [time.process_time()]
    problem = read_problem(town)
    marks.append(time.process_time())
    formulation = formulate(problem)
    marks.append(time.process_time())
    highs = load(formulation.model, None, None, integer=True)
    marks.append(time.process_time())
    steps = dict(zip(("read_problem", "formulate", "to_highs"), np.diff(marks).tolist(), strict=True))
    return highs, steps


def linopy_model(model: Any, *, frozen: bool) -> tuple[Any, dict[str, float]]:
    """Build the rows of a compiled model by linopy into HiGHS; return it and the CPU seconds of each step."""
    import linopy
    import pandas as pd
    import xarray as xr

    prepared = _terms(model)
    marks = [time.process_time()]
    built = linopy.Model(freeze_constraints=frozen)
    variables = {}
    for name, block in model.columns.items():
        if block.size:
            index = [pd.RangeIndex(block.size, name="entry")]
            low, high = (xr.DataArray(side[block.span], dims="entry") for side in (model.lower, model.upper))
            whole = bool(model.integer[block.start])
            variables[name] = built.add_variables(low, high, coords=index, name=name, integer=whole)
    marks.append(time.process_time())
    for name, (terms, rows, sign, right) in prepared.items():
        left = None
        for column, entries, groups, values in terms:
            picked = variables[column].isel(entry=xr.DataArray(entries, dims="term"))
            grouped = (picked * xr.DataArray(values, dims="term")).groupby(
                xr.DataArray(groups, dims="term", name="row")
            )
            part = grouped.sum().reindex(row=rows)
            left = part if left is None else left + part
        where = {"row": rows}
        signs, sides = (xr.DataArray(part, dims="row", coords=where) for part in (sign, right))
        built.add_constraints(left, signs, sides, name=name)
    marks.append(time.process_time())
    built.add_objective(_objective(model, variables, xr), sense="max")
    highs = built.to_highspy()
    marks.append(time.process_time())
    steps = dict(zip(("variables", "constraints", "objective_to_highs"), np.diff(marks).tolist(), strict=True))
    return highs, steps


def _objective(model: Any, variables: dict[str, Any], xr: Any) -> Any:
    total = None
    for name, variable in variables.items():
        cost = model.cost[model.columns[name].span]
        if cost.any():
            part = (variable * xr.DataArray(cost, dims="entry")).sum()
            total = part if total is None else total + part
    return total


def _terms(model: Any) -> dict[str, Any]:
    """Return, per row block, its grouped sums by variable block, signs and right sides (free rows are left out)."""
    matrix = model.matrix.tocoo()
    rows = np.asarray(matrix.row)
    limited = np.isfinite(model.row_lower) | np.isfinite(model.row_upper)
    found: dict[str, Any] = {}
    columns = [block for block in model.columns.values() if block.size]
    starts = np.array([block.start for block in columns])
    owner = np.searchsorted(starts, matrix.col, side="right") - 1
    for name, block in model.rows.items():
        inside = (rows >= block.start) & (rows < block.start + block.size) & limited[rows]
        if not inside.any():
            continue
        terms = []
        for k in np.unique(owner[inside]).tolist():
            here = np.flatnonzero(inside & (owner == k))
            terms.append((columns[k].name, matrix.col[here] - starts[k], rows[here] - block.start, matrix.data[here]))
        used = np.unique(rows[inside])
        low, high = model.row_lower[used], model.row_upper[used]
        sign = np.where(low == high, "=", np.where(np.isfinite(high), "<=", ">="))
        found[name] = (terms, used - block.start, sign, np.where(sign == ">=", low, high))
    return found


def build_here(name: str, builder: str) -> dict[str, Any]:
    """Build one model in this process; return CPU seconds, memory, nonzeros and the relaxation's value."""
    town = Instance.of(name).town()
    small = Instance.of("XS-balanced-0").town()
    work: Callable[[], tuple[Any, dict[str, float]]]
    if builder == "zhenxing":
        ours(small)  # libraries are imported and warm before the clock starts
        work = lambda: ours(town)  # noqa: E731  a call to be timed
    else:
        from benchmarks.plan.export import formulation_of

        linopy_model(formulation_of(small).model, frozen=builder == "linopy-frozen")
        model = formulation_of(town).model
        work = lambda: linopy_model(model, frozen=builder == "linopy-frozen")  # noqa: E731  a call to be timed
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    highs, steps = work()
    cpu = sum(steps.values())
    wall = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "instance": name, "builder": builder, "cpu_s": cpu, "wall_s": wall, "steps": steps,
        "peak_mb": peak / 1024, "added_mb": (peak - before) / 1024, **_relaxed(highs, name),
    }  # fmt: skip


def _relaxed(highs: Any, name: str) -> dict[str, Any]:
    """Return the nonzeros of a loaded model and, for small ones, the value of its relaxation."""
    lp = highs.getLp()
    matrix = lp.a_matrix_
    by_row = matrix.format_ != type(matrix.format_).kColwise
    rows = np.repeat(np.arange(len(matrix.start_) - 1), np.diff(matrix.start_)) if by_row else np.asarray(matrix.index_)
    limited = (np.asarray(lp.row_lower_) > -1e29) | (np.asarray(lp.row_upper_) < 1e29)
    nonzeros = int((limited[rows] & (np.asarray(matrix.value_) != 0)).sum())
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("solve_relaxation", True)
    highs.setOptionValue("time_limit", 60.0)
    if Instance.of(name).size not in ("XS", "S", "M"):
        return {"nonzeros": nonzeros, "relaxation": None}
    highs.setOptionValue("solver", "ipm")
    highs.run()
    return {"nonzeros": nonzeros, "relaxation": float(highs.getInfo().objective_function_value)}


def compare(sizes: list[str], repeat: int) -> int:
    """Print, per size, the CPU seconds and memory of both builders and their ratio, each the best of some repeats."""
    if not BENCH_PYTHON.exists():
        print("先运行 make bench-setup / run make bench-setup first")
        return 1
    heads = ["town", "builder", "CPU s", "wall s", "peak MB", "added MB", "nonzeros", "relaxation"]
    print("| " + " | ".join([*heads, "× ours from the tables", "× ours, rows only"]) + " |\n" + "|---" * 10 + "|")
    for size in sizes:
        name = f"{size}-balanced-0"
        best: dict[str, dict[str, Any]] = {}
        for _ in range(repeat):
            for builder in BUILDERS:
                one = _child(name, builder)
                if builder not in best or one["cpu_s"] < best[builder]["cpu_s"]:
                    best[builder] = one
        mine = best["zhenxing"]
        for builder, one in best.items():
            same = one["nonzeros"] == mine["nonzeros"] and (
                one["relaxation"] is None
                or abs(abs(one["relaxation"]) - abs(mine["relaxation"])) <= 1e-6 * abs(mine["relaxation"])
            )
            bare = mine["cpu_s"] - mine["steps"]["read_problem"]
            ratio = "| " if builder == "zhenxing" else f"{one['cpu_s'] / mine['cpu_s']:.1f} | {one['cpu_s'] / bare:.1f}"
            relaxation = "—" if one["relaxation"] is None else f"{abs(one['relaxation']):,.1f}"
            print(
                f"| {name} | {builder} | {one['cpu_s']:.3f} | {one['wall_s']:.3f} | {one['peak_mb']:.0f} "
                f"| {one['added_mb']:.0f} | {one['nonzeros']:,}{'' if same else ' DIFFERENT'} | {relaxation} "
                f"| {ratio} |"
            )
        steps = ", ".join(f"{step} {seconds:.3f}" for step, seconds in mine["steps"].items())
        theirs = ", ".join(f"{step} {seconds:.3f}" for step, seconds in best["linopy"]["steps"].items())
        print(f"\n{name}: zhenxing {steps}; linopy {theirs} CPU s\n")
    return 0


def _child(name: str, builder: str) -> dict[str, Any]:
    command = [str(BENCH_PYTHON), "-m", "benchmarks.plan.build_time", name, builder]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(cpu_clock=False), check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{name} {builder}: {done.stderr[-2000:]}")
    record: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return record


def main() -> None:
    """Build one model in this process and print its record as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("instance")
    parser.add_argument("builder", choices=BUILDERS)
    given = parser.parse_args()
    print(json.dumps(build_here(given.instance, given.builder)))


if __name__ == "__main__":
    sys.exit(main())
