"""A town and a plan of it, as commands that begin with a plan are given them; folders of plans, written whole."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    import pandas as pd

    from zhenxing.planning.result import PlanResult
    from zhenxing.town import Town


@dataclass(frozen=True)
class Given:
    """A town, a plan of it, and the fingerprint of the town's files."""

    town: Town
    plan: PlanResult
    inputs: str


def read_given(town: Path, directory: Path, lang: str | None, *, quiet: bool = False) -> Given:
    """Read a town and a plan; warn on the error stream when the plan was made from other data."""
    from zhenxing.errors import SourceError
    from zhenxing.i18n import say, speak
    from zhenxing.planning.result import read_plan
    from zhenxing.store import inputs_sha256, read_town

    read = Given(read_town(town), read_plan(directory), inputs_sha256(town))
    if not read.plan.has_plan:
        raise SourceError(say("plan.unreadable_plan", path=directory))
    if read.plan.summary.get("inputs_sha256") != read.inputs and not quiet:
        typer.echo(speak(say("alternatives.stale"), lang), err=True)
    return read


def write_plans(out: Path, plans: Mapping[str, PlanResult], tables: Mapping[str, pd.DataFrame]) -> None:
    """Write plan folders and tables into a folder through a temporary one; plans of an earlier run are replaced."""
    from zhenxing.planning.result import write_plan
    from zhenxing.store import write_tables

    out.parent.mkdir(parents=True, exist_ok=True)
    waiting = out.parent / f".{out.name}.part"
    if waiting.exists():
        shutil.rmtree(waiting)
    for name, plan in plans.items():
        write_plan(plan, waiting / name)
    write_tables(waiting, tables)
    out.mkdir(exist_ok=True)
    for old in [path for path in out.iterdir() if (path / "summary.json").exists()]:
        shutil.rmtree(old)
    for new in sorted(waiting.iterdir(), key=lambda path: path.is_file()):
        new.replace(out / new.name)
    waiting.rmdir()
