"""Instances as folders that others can solve: the town, its MPS file, what the names mean, and the best known plan."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

from benchmarks.plan.best_known import read_table, solution_path
from benchmarks.plan.instances import Instance, fingerprint
from benchmarks.plan.mps import exact, read_solution, write_mps
from benchmarks.plan.naming import classes, column_names


def formulation_of(town: Any) -> Any:
    """Return our formulation of a town: the one that is exported."""
    from zhenxing.planning.formulation import formulate
    from zhenxing.planning.problem import read_problem

    return formulate(read_problem(town))


def export(instance: Instance, folder: Path) -> Path:
    """Write one instance into a folder of its name; return that folder.

    It holds ``town/`` (the town folder), ``model.mps.gz``, ``classes.csv`` (candidates behind each class name) and,
    where one is known, ``best_known.csv``, ``best_plan/`` (plan tables) and ``best.sol.gz`` (``name value`` a line).
    """
    from zhenxing.store import write_town

    place = folder / str(instance)
    place.mkdir(parents=True, exist_ok=True)
    town = instance.town()
    formulation = formulation_of(town)
    write_town(town, place / "town")
    write_mps(formulation, place / "model.mps.gz", str(instance))
    with (place / "classes.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["class", "candidate_id", "count"])
        writer.writerows(classes(formulation))
    row = read_table().get(str(instance))
    if row is not None and row.inputs_sha256 == fingerprint(town) and solution_path(str(instance)).exists():
        _export_best(instance, formulation, place, row)
    return place


def _export_best(instance: Instance, formulation: Any, place: Path, row: Any) -> None:
    import gzip

    from benchmarks.plan.archive import read_archive
    from benchmarks.plan.best_known import write_table
    from zhenxing.planning.embed import embed_plan
    from zhenxing.store import write_tables

    write_table({row.instance: row}, place / "best_known.csv")
    tables = read_archive(solution_path(str(instance)))
    shutil.rmtree(place / "best_plan", ignore_errors=True)
    (place / "best_plan").mkdir()
    write_tables(place / "best_plan", tables)
    vector = embed_plan(formulation, tables)
    if vector is None:
        return
    with gzip.GzipFile(place / "best.sol.gz", "wb", mtime=0) as packed:
        for name, value in zip(column_names(formulation), vector.tolist(), strict=True):
            if value:
                packed.write(f"{name} {value:.12g}\n".encode("ascii"))


def checked_solution(instance: Instance, path: Path) -> tuple[dict[str, Any], Any]:
    """Return the plan tables of a solution file (or plan archive, or plan folder) and their evaluation."""
    from benchmarks.plan.archive import read_archive
    from zhenxing.planning.checker import evaluate
    from zhenxing.planning.extract import plan_tables
    from zhenxing.planning.result import read_plan

    town = instance.town()
    if path.is_dir():
        tables = dict(read_plan(path).tables)
    elif path.suffix == ".zip":
        tables = read_archive(path)
    else:
        formulation = formulation_of(town)
        vector = exact(formulation, read_solution(formulation, path))
        if vector is None:
            raise SystemExit(f"{path}：取整后没有可行的规划 / no plan is left once whole numbers are made exact")
        tables = plan_tables(formulation, vector)
    return tables, evaluate(town, tables)
