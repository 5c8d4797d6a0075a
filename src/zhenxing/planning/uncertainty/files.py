"""A study of uncertainty as a folder, written whole or not at all."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zhenxing.planning.result import write_plan
from zhenxing.store import write_tables

if TYPE_CHECKING:
    from zhenxing.planning.uncertainty.study import ScenarioStudy

SENTENCES = "what_could_go_wrong.md"


def finite(value: Any) -> Any:
    """Return a value that JSON can hold: what has no bound becomes null."""
    if isinstance(value, dict):
        return {key: finite(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [finite(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_study(study: ScenarioStudy, directory: Path) -> list[Path]:
    """Write a study into a folder, replacing what an older one left there; return the files written.

    The tables become CSV files, the sentences ``what_could_go_wrong.md``, the two-stage plan the plan folder
    ``two_stage`` with ``courting.csv`` beside its tables.
    """
    directory.mkdir(parents=True, exist_ok=True)
    waiting = Path(tempfile.mkdtemp(prefix=".part-", dir=directory))
    try:
        write_tables(waiting, dict(study.tables))
        write_plan(study.two_stage, waiting / "two_stage")
        write_tables(waiting / "two_stage", {"courting": study.courting})
        lines = ["# 可能出什么问题 / What could go wrong", ""]
        lines += [f"- {text.zh}" for text in study.sentences] + [""] + [f"- {text.en}" for text in study.sentences]
        (waiting / SENTENCES).write_text("\n".join(lines) + "\n", encoding="utf-8")
        (waiting / "summary.json").write_text(
            json.dumps(finite(study.summary), ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8"
        )
        written = []
        for part in sorted(waiting.iterdir()):
            place = directory / part.name
            if part.is_dir():
                shutil.rmtree(place, ignore_errors=True)
            part.replace(place)
            written.append(place)
    finally:
        shutil.rmtree(waiting, ignore_errors=True)
    return written
