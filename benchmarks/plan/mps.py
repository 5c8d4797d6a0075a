"""Instances as MPS files for any solver, and solver solutions read back into plan tables.

The file minimises minus the value, since not every reader knows ``OBJSENSE``; a constant of the value stands, by the
usual convention, with the opposite sign as the right side of the objective.
"""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import numpy as np


def write_mps(formulation: Any, path: Path, name: str) -> None:
    """Write a formulation as a gzipped free-format MPS file with names that map back to decisions.

    Rows that limit nothing in this town (a capacity without a limit) are left out.
    """
    from benchmarks.plan.naming import column_names, row_names

    model = formulation.model
    columns, rows = column_names(formulation), row_names(formulation)
    if len(set(columns)) != len(columns) or len(set(rows)) != len(rows):
        raise ValueError("names of columns and rows must be unique")
    text = io.StringIO()
    text.write(
        f"* maximise the plan's value: this file minimises minus it, in 10,000 yuan\nNAME {name}\nROWS\n N value\n"
    )
    kinds = _row_kinds(model)
    text.writelines(f" {kind} {row}\n" for kind, row in zip(kinds, rows, strict=True) if kind != "N")
    _write_columns(text, model, columns, rows, kinds)
    _write_sides(text, model, rows, kinds)
    _write_bounds(text, model, columns)
    text.write("ENDATA\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file, gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        packed.write(text.getvalue().encode("ascii"))


def _row_kinds(model: Any) -> list[str]:
    kinds = []
    for low, high in zip(model.row_lower.tolist(), model.row_upper.tolist(), strict=True):
        kinds.append("E" if low == high else "L" if np.isfinite(high) else "G" if np.isfinite(low) else "N")
    return kinds


def _write_columns(text: io.StringIO, model: Any, columns: list[str], rows: list[str], kinds: list[str]) -> None:
    text.write("COLUMNS\n")
    matrix = model.matrix
    inside = False
    for at, name in enumerate(columns):
        if bool(model.integer[at]) != inside:
            inside = not inside
            text.write(f" MARKER{at} 'MARKER' '{'INTORG' if inside else 'INTEND'}'\n")
        if model.cost[at] or matrix.indptr[at] == matrix.indptr[at + 1]:
            text.write(f" {name} value {-float(model.cost[at])!r}\n")
        for k in range(matrix.indptr[at], matrix.indptr[at + 1]):
            if kinds[matrix.indices[k]] != "N":
                text.write(f" {name} {rows[matrix.indices[k]]} {float(matrix.data[k])!r}\n")
    if inside:
        text.write(" MARKER 'MARKER' 'INTEND'\n")


def _write_sides(text: io.StringIO, model: Any, rows: list[str], kinds: list[str]) -> None:
    text.write("RHS\n")
    if model.offset:
        text.write(f" RHS value {float(model.offset)!r}\n")
    ranges = []
    for at, (row, kind) in enumerate(zip(rows, kinds, strict=True)):
        side = float(model.row_lower[at] if kind == "G" else model.row_upper[at])
        if side and kind != "N":
            text.write(f" RHS {row} {side!r}\n")
        if kind == "L" and np.isfinite(model.row_lower[at]):
            ranges.append(f" RANGE {row} {float(model.row_upper[at] - model.row_lower[at])!r}\n")
    if ranges:
        text.write("RANGES\n")
        text.writelines(ranges)


def _write_bounds(text: io.StringIO, model: Any, columns: list[str]) -> None:
    text.write("BOUNDS\n")
    for at, name in enumerate(columns):
        low, high = float(model.lower[at]), float(model.upper[at])
        if low == high:
            text.write(f" FX BOUND {name} {low!r}\n")
            continue
        if not np.isfinite(low):
            text.write(f" {'FR' if not np.isfinite(high) else 'MI'} BOUND {name}\n")
        elif low:
            text.write(f" LO BOUND {name} {low!r}\n")
        if np.isfinite(high):
            text.write(f" UP BOUND {name} {high!r}\n")


def read_solution(formulation: Any, path: Path) -> Any:
    """Return the model's vector of a solution file: one ``name value`` a line; other lines are passed over.

    Names that are not given are 0. Extra fields before the name (a number) and after the value are allowed, so that the
    solution files of the usual solvers can be read as they are.
    """
    from benchmarks.plan.naming import column_names

    position = {name: at for at, name in enumerate(column_names(formulation))}
    whole, known = np.zeros(len(position)), 0
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for line in file:
            fields = line.split()
            at = next((i for i, field in enumerate(fields[:2]) if field in position), None)
            if at is None or at + 1 >= len(fields):
                continue
            whole[position[fields[at]]] = float(fields[at + 1])
            known += 1
    if not known:
        raise SystemExit(f"{path}：没有一个已知的变量名 / {path}: not one known name of a column")
    return whole


def exact(formulation: Any, solution: Any) -> Any | None:
    """Return a solver's vector with its whole numbers made exact and money and floor solved again for them.

    Where rounding the solver's own plan leaves nothing allowed: None.
    """
    from zhenxing.milp.highs import solve_relaxation

    model = formulation.model
    whole = np.rint(solution)
    lower = np.where(model.integer, whole, model.lower)
    upper = np.where(model.integer, whole, model.upper)
    answer = solve_relaxation(model, lower=lower, upper=upper)
    return np.where(model.integer, whole, answer.solution) if answer.status == "optimal" else None
