"""A plan folder checked as a whole: its tables by the rules, its summary against the value recomputed.

The folder may come from any program that follows the plan model: ``summary.json`` and one CSV per plan table; a table
that is not there is empty.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from zhenxing.errors import SourceError, Text, TownError
from zhenxing.i18n import say
from zhenxing.planning.checker.decisions import NUMBERS
from zhenxing.planning.checker.evaluation import Evaluation, evaluate
from zhenxing.planning.checker.summary import WITHOUT_PLAN, Finding, compare_summary
from zhenxing.planning.checker.violations import amount
from zhenxing.planning.consistency import check_inputs

if TYPE_CHECKING:
    from zhenxing.town import Town


@dataclass(frozen=True)
class PlanCheck:
    """The result of checking a plan folder.

    ``evaluation`` is None when the summary says that there is no plan; ``mismatches`` are contradictions between the
    summary and what was recomputed, ``warnings`` what cannot be proved or does not decide.
    """

    summary: dict[str, Any]
    evaluation: Evaluation | None
    mismatches: tuple[Finding, ...]
    warnings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether there is a plan that breaks no rule and whose reported value is right."""
        return self.evaluation is not None and self.evaluation.allowed and not self.mismatches

    @property
    def verdict(self) -> Text:
        """One sentence: allowed and worth what it says, or not."""
        if self.evaluation is None:
            return say("check_plan.verdict_none", status=self.summary.get("status"))
        value = amount(round(self.evaluation.value_wan, 4))
        if self.passed:
            return say("check_plan.verdict_good", value=value)
        broken = len(self.evaluation.violations)
        return say("check_plan.verdict_bad", violations=broken, mismatches=len(self.mismatches), value=value)

    def record(self) -> dict[str, Any]:
        """Return the check as plain data for JSON: finite numbers, strings and null."""
        found = self.evaluation
        return {
            "passed": self.passed,
            "verdict": {"zh": self.verdict.zh, "en": self.verdict.en},
            "status": self.summary.get("status"),
            "value_wan": None if found is None else _finite(found.value_wan),
            "reported_value_wan": _finite(self.summary.get("value_wan")),
            "parts": None if found is None else {name: _finite(part) for name, part in found.parts.items()},
            "violations": [] if found is None else _records(found.violations),
            "mismatches": [finding.record() for finding in self.mismatches],
            "warnings": [finding.record() for finding in self.warnings],
        }


def check_plan(town: Town, directory: str | Path, *, source: str | Path | None = None) -> PlanCheck:
    """Check a plan folder: every rule, the value and its parts, the bound, the status, the inputs it was made from.

    Parameters
    ----------
    town : Town
        The town that the plan is for.
    directory : path
        Folder with ``summary.json`` and the plan tables as CSV.
    source : path, optional
        Where the town was read from; a folder town's own files are then also tried for ``inputs_sha256``.

    Returns
    -------
    PlanCheck

    Raises
    ------
    TownError
        When the town has input errors or no ``[plan]`` section.
    SourceError
        When the folder or one of its files cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from zhenxing.town import Settings, Town
    >>> town = Town(Settings.parse({"plan": {"base_year": 2025, "horizon_years": 1}}))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "summary.json").write_text('{"status": "feasible", "value_wan": 0, "bound_wan": null}')
    ...     check = check_plan(town, folder)
    >>> check.passed, len(check.evaluation.violations)
    (False, 1)
    """
    require_plannable(town)
    folder = Path(directory)
    summary, plan = read_summary(folder), read_plan_tables(folder)
    evaluation = None
    if summary.get("status") not in WITHOUT_PLAN:
        evaluation = evaluate(town, plan)
    listed = any(len(frame) for frame in plan.values())
    mismatches, warnings = compare_summary(summary, evaluation, listed)
    warnings += _compare_inputs(summary, town, source)
    return PlanCheck(summary, evaluation, tuple(mismatches), tuple(warnings))


def require_plannable(town: Town) -> None:
    """Raise when no plan can be made for a town: no settings, or input errors."""
    if town.settings.plan is None:
        raise TownError(say("check_plan.no_settings"))
    errors = [issue for issue in check_inputs(town) if issue.level == "error"]
    if errors:
        raise TownError(say("check_plan.town_errors", count=len(errors)), errors)


def read_summary(folder: Path) -> dict[str, Any]:
    """Return the content of ``summary.json``."""
    if not folder.is_dir():
        raise SourceError(say("check_plan.no_directory", path=folder))
    path = folder / "summary.json"
    if not path.is_file():
        raise SourceError(say("check_plan.no_summary", path=folder))
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_refuse)
    except (OSError, ValueError, RecursionError) as failure:
        raise SourceError(say("check_plan.unreadable_summary", path=path, reason=failure)) from failure
    if not isinstance(content, dict):
        raise SourceError(say("check_plan.unreadable_summary", path=path, reason=type(content).__name__))
    return content


def read_plan_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the plan tables of a folder as text; what a cell means is decided when the plan is evaluated."""
    tables = {}
    for name in NUMBERS:
        path = folder / f"{name}.csv"
        if not path.is_file():
            continue
        try:
            tables[name] = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        except pd.errors.EmptyDataError:
            continue
        except (OSError, ValueError) as failure:
            raise SourceError(say("check_plan.unreadable_table", path=path, reason=failure)) from failure
    return tables


def _refuse(constant: str) -> float:
    raise ValueError(constant)


def _compare_inputs(summary: Mapping[str, Any], town: Town, source: str | Path | None) -> list[Finding]:
    # reading files is the store's; a plan in memory is valued without it
    from zhenxing.store import inputs_sha256

    reported = summary.get("inputs_sha256")
    if not reported:
        return [Finding("inputs_unnamed", say("check_plan.inputs_unnamed"))]
    known = [inputs_sha256(town)]
    if source is not None and reported not in known:
        known.append(inputs_sha256(source))
    return [] if reported in known else [Finding("inputs_changed", say("check_plan.inputs_changed"))]


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): _finite(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _finite(value: Any) -> Any:
    """Return a value that JSON can hold: NaN and infinity become null."""
    if value is None or value is pd.NA or (isinstance(value, (float, np.floating)) and not np.isfinite(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value
