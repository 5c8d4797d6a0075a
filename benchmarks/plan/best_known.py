"""The best known value and lowest proven bound of every instance, with the plans that show the values.

A row holds for the town whose inputs have its fingerprint; another generator makes other towns. Values are taken only
from plans that ``evaluate`` accepts, bounds only from methods that prove them, and both only when they are better.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from benchmarks.plan.archive import read_archive, write_archive
from benchmarks.plan.instances import Instance, fingerprint
from benchmarks.plan.methods import PROVING

HERE = Path(__file__).parent
TABLE = HERE / "best_known.csv"
SOLUTIONS = HERE / "solutions"
# A bound may lie below a plan's value by the solver's tolerance and no more.
TOLERANCE = 1e-6


@dataclass
class Row:
    """One instance: money in 万元 (10,000 yuan); empty where nothing is known."""

    instance: str
    value_wan: float | None = None
    value_method: str = ""
    value_cpu_s: float | None = None
    bound_wan: float | None = None
    bound_method: str = ""
    bound_cpu_s: float | None = None
    inputs_sha256: str = ""

    @property
    def gap(self) -> float | None:
        """Relative distance between the two."""
        if self.value_wan is None or self.bound_wan is None:
            return None
        return max(self.bound_wan - self.value_wan, 0.0) / max(1.0, abs(self.value_wan))


NUMBERS = ("value_wan", "value_cpu_s", "bound_wan", "bound_cpu_s")


def read_table(path: Path = TABLE) -> dict[str, Row]:
    """Return the rows by instance."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = [Row(**_typed(entry)) for entry in csv.DictReader(file)]
    return {row.instance: row for row in rows}


def _typed(entry: dict[str, str]) -> dict[str, Any]:
    return {name: (float(text) if text else None) if name in NUMBERS else text for name, text in entry.items()}


def write_table(rows: dict[str, Row], path: Path = TABLE) -> None:
    """Write the rows in the order of sizes, families and seeds, whole or not at all."""
    names = [field.name for field in fields(Row)]
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for row in sorted(rows.values(), key=_order):
            writer.writerow([_text(getattr(row, name)) for name in names])
    os.replace(part, path)


def _order(row: Row) -> tuple[int, int, int]:
    from benchmarks.plan.instances import FAMILIES, SIZES

    instance = Instance.of(row.instance)
    return SIZES.index(instance.size), FAMILIES.index(instance.family), instance.seed


def _text(value: Any) -> str:
    return "" if value is None else f"{value:.10g}" if isinstance(value, float) else str(value)


def solution_path(name: str) -> Path:
    """Return where the plan behind an instance's best value lies."""
    return SOLUTIONS / f"{name}.zip"


def offer_plan(rows: dict[str, Row], name: str, tables: dict[str, Any], method: str, cpu_s: float | None) -> str:
    """Take a plan as the best known if the checker accepts it and finds it better; return what happened, in words."""
    from zhenxing.planning.checker import evaluate

    town = Instance.of(name).town()
    row = _row_for(rows, name, fingerprint(town))
    found = evaluate(town, tables)
    if len(found.violations):
        return f"{name}：规划违反 {len(found.violations)} 条规则，不收 / refused, breaks {len(found.violations)} rules"
    if row.value_wan is not None and found.value_wan <= row.value_wan * (1 + 1e-9):
        return f"{name}：{found.value_wan:,.1f} 不高于已知 {row.value_wan:,.1f} / not above the best known"
    if row.bound_wan is not None and found.value_wan > row.bound_wan + TOLERANCE * abs(row.bound_wan):
        raise SystemExit(
            f"{name}：价值 {found.value_wan} 高于已证上界 {row.bound_wan}（{row.bound_method}）：二者必有一错 / "
            f"value {found.value_wan} above the proven bound {row.bound_wan} ({row.bound_method}): one of them is wrong"
        )
    row.value_wan, row.value_method, row.value_cpu_s = float(found.value_wan), method, cpu_s
    write_archive(tables, solution_path(name))
    return f"{name}：新的最好值 {found.value_wan:,.1f}（{method}） / new best value"


def offer_bound(rows: dict[str, Row], name: str, inputs: str, bound: float, method: str, cpu_s: float) -> str:
    """Take a bound as the lowest if its method proves bounds; return what happened, in words."""
    if method not in PROVING:
        return f"{name}：{method} 的上界不作证明 / bounds of {method} are no proof"
    row = _row_for(rows, name, inputs)
    if row.value_wan is not None and bound < row.value_wan - TOLERANCE * abs(row.value_wan):
        raise SystemExit(
            f"{name}：上界 {bound}（{method}）低于经核对的规划 {row.value_wan}：二者必有一错 / "
            f"bound {bound} ({method}) below the checked plan {row.value_wan}: one of them is wrong"
        )
    if row.bound_wan is not None and bound >= row.bound_wan * (1 - 1e-9):
        return f"{name}：上界不低于已知 / bound not below the known one"
    row.bound_wan, row.bound_method, row.bound_cpu_s = float(bound), method, cpu_s
    return f"{name}：新的最低上界 {bound:,.1f}（{method}） / new lowest bound"


def _row_for(rows: dict[str, Row], name: str, inputs: str) -> Row:
    """Return the row of an instance, a new one where the town has changed."""
    row = rows.get(name)
    if row is None or row.inputs_sha256 != inputs:
        row = rows[name] = Row(name, inputs_sha256=inputs)
    return row


def update(records: Iterable[dict[str, Any]], plans: Path) -> list[str]:
    """Offer the plans and bounds of measured runs to the table; return what happened."""
    rows, said = read_table(), []
    for record in records:
        name = record["instance"]
        archive = plans / record.get("plan", "")
        row = rows.get(name)
        known = -float("inf") if row is None or row.value_wan is None else row.value_wan
        stale = row is not None and row.inputs_sha256 != record["inputs_sha256"]
        if record["value"] is not None and archive.is_file() and (stale or record["value"] > known + 1e-6):
            said.append(offer_plan(rows, name, read_archive(archive), record["method"], record["cpu_s"]))
        if record["bound"] is not None and record["method"] in PROVING:
            said.append(
                offer_bound(rows, name, record["inputs_sha256"], record["bound"], record["method"], record["cpu_s"])
            )
    write_table(rows)
    return said


def changed(rows: dict[str, Row]) -> list[str]:
    """Return the instances whose town is no longer the one the row was made for."""
    return [row.instance for row in rows.values() if fingerprint(Instance.of(row.instance).town()) != row.inputs_sha256]
