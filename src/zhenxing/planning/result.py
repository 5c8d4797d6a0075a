"""A plan as tables and a summary, read from and written to a folder (plan model, sections 2 and 4)."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from zhenxing import schema
from zhenxing.errors import SourceError
from zhenxing.i18n import say
from zhenxing.store import write_tables


@dataclass(frozen=True)
class PlanResult:
    """A plan: the eight tables of plan_model.md section 2 and the summary of section 4.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        All plan tables, some of them empty; none at all when there is no plan.
    summary : dict
        value_wan, bound_wan, gap, status, seconds, method, versions, inputs_sha256, parts.
    """

    tables: Mapping[str, pd.DataFrame]
    summary: dict[str, Any]

    @property
    def has_plan(self) -> bool:
        """Whether there is a plan at all."""
        return self.summary["value_wan"] is not None


def write_plan(result: PlanResult, directory: Path) -> list[Path]:
    """Write a plan into a folder, replacing what an older plan left there; return the files written."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in schema.PLAN_RESULT_TABLES:
        (directory / f"{name}.csv").unlink(missing_ok=True)
    written = []
    if result.has_plan:
        tables = {name: result.tables[name] for name in schema.PLAN_RESULT_TABLES}
        write_tables(directory, tables)
        written = [directory / f"{name}.csv" for name in tables]
    summary = directory / "summary.json"
    waiting = directory / "summary.json.part"
    waiting.write_text(
        json.dumps(_plain(result.summary), ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8"
    )
    os.replace(waiting, summary)
    return [*written, summary]


def read_plan(directory: Path) -> PlanResult:
    """Read a plan folder; an absent plan table is empty."""
    path = directory / "summary.json"
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise SourceError(say("plan.unreadable_plan", path=directory)) from fault
    tables = {}
    for name in schema.PLAN_RESULT_TABLES:
        file = directory / f"{name}.csv"
        if not file.exists():
            tables[name] = schema.empty(name)
            continue
        raw = pd.read_csv(file, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8-sig")
        tables[name], issues = schema.conform(name, raw)
        faults = [issue for issue in issues if issue.level == "error"]
        if faults:
            raise SourceError(say("plan.unreadable_plan", path=file), faults)
    return PlanResult(tables, summary)


def _plain(value: Any) -> Any:
    """Return a value that JSON can hold: no NaN, no infinity, no numpy types."""
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value
