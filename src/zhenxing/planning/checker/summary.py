"""What ``summary.json`` claims, compared with what was recomputed: value, parts, bound, gap and status."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from zhenxing.errors import Text
from zhenxing.i18n import say
from zhenxing.planning.checker.evaluation import Evaluation
from zhenxing.planning.checker.violations import TOLERANCE, amount, differs, exceeds
from zhenxing.planning.checker.worth import PARTS

WITH_PLAN: Final = ("optimal", "feasible")
WITHOUT_PLAN: Final = ("infeasible", "time_limit_without_plan")


@dataclass(frozen=True)
class Finding:
    """One contradiction or doubt about a summary, with the number reported and the number recomputed."""

    code: str
    text: Text
    reported: float | None = None
    expected: float | None = None

    def record(self) -> dict[str, object]:
        """Return the finding as plain data."""
        return {
            "code": self.code,
            "reported": _finite(self.reported),
            "expected": _finite(self.expected),
            "zh": self.text.zh,
            "en": self.text.en,
        }


def compare_summary(
    summary: Mapping[str, Any], evaluation: Evaluation | None, listed: bool
) -> tuple[list[Finding], list[Finding]]:
    """Return contradictions and doubts of a summary.

    Parameters
    ----------
    summary : mapping
        Content of ``summary.json``.
    evaluation : Evaluation or None
        The plan recomputed; None when the status says that there is no plan.
    listed : bool
        Whether the folder's plan tables hold any row.
    """
    status = summary.get("status")
    if evaluation is None:
        return _without_plan(summary, listed)
    mismatches, warnings = [], []
    if status not in WITH_PLAN:
        mismatches.append(Finding("status_unknown", say("check_plan.status_unknown", status=status)))
    value = _number(summary, "value_wan", mismatches)
    if value is not None:
        mismatches += _differing("value_wan", value, evaluation.value_wan)
    worse, unsure = _parts(summary, evaluation)
    mismatches += worse
    warnings += unsure
    worse, unsure = _bound(summary, evaluation.value_wan, str(status))
    return mismatches + worse, warnings + unsure


def _without_plan(summary: Mapping[str, Any], listed: bool) -> tuple[list[Finding], list[Finding]]:
    status = summary.get("status")
    text = say("check_plan.no_plan", status=status)
    mismatches = []
    if listed or any(summary.get(name) is not None for name in ("value_wan", "bound_wan", "gap")):
        mismatches.append(Finding("status_without_plan", say("check_plan.status_without_plan", status=status)))
    return mismatches, [Finding("no_plan", text)]


def _parts(summary: Mapping[str, Any], evaluation: Evaluation) -> tuple[list[Finding], list[Finding]]:
    reported = summary.get("parts")
    given: Mapping[str, Any] = reported if isinstance(reported, dict) else {}
    mismatches: list[Finding] = []
    warnings: list[Finding] = []
    missing = [name for name in PARTS if name not in given]
    if missing:
        names = ", ".join(missing)
        warnings.append(Finding("parts_missing", say("check_plan.parts_missing", names=names)))
    unknown = sorted(set(given) - set(PARTS))
    if unknown:
        warnings.append(Finding("unknown_parts", say("check_plan.unknown_parts", names=", ".join(unknown))))
    for name in PARTS:
        if name in given:
            part = _number(given, name, mismatches)
            if part is not None:
                mismatches += _differing(f"parts.{name}", part, evaluation.parts[name])
    return mismatches, warnings


def _bound(summary: Mapping[str, Any], value: float, status: str) -> tuple[list[Finding], list[Finding]]:
    """Compare bound, gap and status with the value recomputed."""
    mismatches: list[Finding] = []
    if summary.get("bound_wan") is None:
        if status == "optimal":
            return [Finding("status_optimal_unproven", say("check_plan.status_optimal_unproven"))], []
        return [], [Finding("bound_missing", say("check_plan.bound_missing"))]
    bound = _number(summary, "bound_wan", mismatches)
    if bound is None:
        return mismatches, []
    if exceeds(value, bound):
        text = say("check_plan.bound_below", bound=amount(bound), value=amount(value))
        mismatches.append(Finding("bound_below", text, bound, value))
    gap = (bound - value) / max(1.0, abs(value))
    if summary.get("gap") is not None:
        reported = _number(summary, "gap", mismatches)
        if reported is not None and differs(reported, gap):
            text = say("check_plan.gap_differs", reported=f"{reported:.8g}", expected=f"{gap:.8g}")
            mismatches.append(Finding("gap_differs", text, reported, gap))
    # what gap was asked for is not in the summary: a wider gap is a doubt, not a contradiction
    if status == "optimal" and gap > 2 * TOLERANCE:
        text = say("check_plan.status_optimal_gap", gap=f"{gap:.6g}")
        return mismatches, [Finding("status_optimal_gap", text, gap, TOLERANCE)]
    return mismatches, []


def _differing(name: str, reported: float, expected: float) -> list[Finding]:
    if not differs(reported, expected):
        return []
    text = say("check_plan.value_differs", name=name, reported=amount(reported), expected=amount(expected))
    return [Finding("value_differs", text, reported, expected)]


def _number(content: Mapping[str, Any], name: str, mismatches: list[Finding]) -> float | None:
    value = content.get(name)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300:
        return float(value)
    text = say("check_plan.value_not_number", name=name, value=json_text(value))
    mismatches.append(Finding("value_not_number", text))
    return None


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def json_text(value: object) -> str:
    """Return a JSON value as it reads in the file, shortened.

    Examples
    --------
    >>> json_text(None), json_text("a")
    ('null', '"a"')
    """
    return json.dumps(value, ensure_ascii=False)[:60]
