"""Results computed beside a plan (prices, alternatives, scenarios), read from the folders that their commands write.

A result is shown only where it belongs to the plan and the inputs of the report; otherwise its state says why not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from zhenxing.errors import Text
from zhenxing.i18n import say
from zhenxing.report.voice import as_float

Kind = Literal["prices", "alternatives", "scenarios"]
State = Literal["shown", "absent", "other_plan", "other_inputs", "unreadable", "failed"]
KINDS: tuple[Kind, ...] = ("prices", "alternatives", "scenarios")

# Which tables a result has, and what the report needs of each: numbers, truths, and the rest as text.
NUMBERS: Mapping[Kind, Mapping[str, tuple[str, ...]]] = {
    "prices": {
        "prices": ("year", "step", "value_change_wan", "low_wan", "high_wan", "relaxation_price"),
        "reasons": ("year", "step", "limit", "left_over", "relaxation_value_wan"),
    },
    "alternatives": {
        "alternatives": (
            "value_wan", "loss_wan", "loss_share", "sites_started", "sites_changed", "landings_changed",
            "peak_debt_wan", "first_year_starts", "first_year_starts_same",
        ),
        "no_regret": ("year", "alternatives_same", "alternatives"),
    },
    "scenarios": {
        "comparison": ("draws", "expected_wan", "cvar_wan", "worst_wan", "best_wan"),
        "outcomes": ("value_wan", "peak_arrears_wan", "starts_postponed", "landed", "refused", "delayed"),
        "targets_at_risk": ("year", "chance_missed", "mean_shortfall", "cause_share"),
        "factors": ("expected_gain_wan", "cvar_gain_wan"),
        "robust": ("year", "share"),
    },
}  # fmt: skip
SUMMARIES: Mapping[Kind, str] = {
    "prices": "prices.json",
    "alternatives": "alternatives.json",
    "scenarios": "summary.json",
}
TRUTHS = ("conditional", "practical", "disagree", "in_all", "missed_as_planned", "in_plan", "in_two_stage")
TEXTS: Mapping[str, tuple[str, ...]] = {
    "prices": ("resource", "park_id", "conditional"),
    "reasons": ("resource", "park_id", "practical", "verdict", "disagree", "zh", "en"),
    "alternatives": ("name", "aim_zh", "aim_en"),
    "no_regret": ("subject", "id", "decision", "verdict", "zh", "en"),
    "comparison": ("plan", "judged_by"),
    "outcomes": ("plan",),
    "targets_at_risk": ("plan", "indicator", "park_id", "missed_as_planned", "main_cause", "named"),
    "factors": ("factor",),
    "robust": ("decision", "id", "option", "in_plan", "in_two_stage", "verdict"),
}
# Numbers of a park each, one column per park.
PARK_COLUMNS = ("cleared_mu_", "firm_mu_")
# Values nearer than this, relative, are the same plan's: money is settled anew when a plan is looked into.
SAME_VALUE = 1e-5


@dataclass(frozen=True)
class Study:
    """A result beside the plan, or why there is none to show.

    Parameters
    ----------
    state : str
        ``shown``; ``absent`` when neither folder nor time was given; ``other_plan`` and ``other_inputs`` when the
        folder belongs to something else; ``unreadable``; ``failed`` when it could not be computed.
    tables : mapping of str to DataFrame
        Its tables by name.
    summary : mapping
        Its summary, where it has one.
    place : str
        The folder it was read from; empty when it was computed with the report.
    reason : Text or None
        Why it failed or cannot be read.
    """

    state: State = "absent"
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    summary: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""
    reason: Text | None = None

    @property
    def is_shown(self) -> bool:
        """Whether there is a result of this plan to show."""
        return self.state == "shown"

    def table(self, name: str) -> pd.DataFrame:
        """Return one of its tables."""
        return self.tables[name]


@dataclass(frozen=True)
class Answer:
    """The answer to "why is this site not earlier": planned when, asked for when, and what that costs.

    Parameters
    ----------
    site_id : str
        The site.
    planned, asked : int or None
        Year in which the plan starts it (None: not at all) and the year asked for (None: at any time).
    verdict : {"cost", "tie", "impossible"} or None
        None when the time did not tell.
    cost_wan, cost_low_wan, cost_high_wan, low_wan, high_wan : float or None
        Figure (a) with what it is known to lie between, and the limits of figure (b), 万元.
    conditional : bool
        Whether figure (a) holds within this plan only.
    sentences : tuple of Text
        The answer in words.
    """

    site_id: str
    planned: int | None
    asked: int | None
    verdict: str | None
    cost_wan: float | None
    cost_low_wan: float | None
    cost_high_wan: float | None
    conditional: bool
    low_wan: float | None
    high_wan: float | None
    sentences: tuple[Text, ...]


@dataclass(frozen=True)
class Explained:
    """What was found out about a plan beside the plan itself."""

    prices: Study = field(default_factory=Study)
    alternatives: Study = field(default_factory=Study)
    scenarios: Study = field(default_factory=Study)
    answers: tuple[Answer, ...] = ()

    def of(self, kind: Kind) -> Study:
        """Return one result."""
        return {"prices": self.prices, "alternatives": self.alternatives, "scenarios": self.scenarios}[kind]

    @property
    def warnings(self) -> tuple[Text, ...]:
        """What the user must be told about folders that were given and are not shown."""
        return tuple(trouble(kind, self.of(kind)) for kind in KINDS if self.of(kind).state not in ("shown", "absent"))


def trouble(kind: Kind, study: Study) -> Text:
    """Return why a result is not shown and what to do about it."""
    reason = study.reason or Text("", "")
    return say(
        f"report.study_{study.state}", place=study.place or "—", kind=say(f"report.study_name_{kind}"), command=kind,
        reason=reason,
    )  # fmt: skip


def read_study(
    kind: Kind, folder: Path, plan_tables: Mapping[str, pd.DataFrame], values: tuple[float, ...], inputs: str
) -> Study:
    """Return a result from the folder of its command, if it is about this plan and these inputs.

    Parameters
    ----------
    plan_tables : mapping of str to DataFrame
        The tables of the report's plan.
    values : tuple of float
        What that plan is worth, as it says and as its tables count, 万元.
    inputs : str
        Fingerprint of the town's files.
    """
    place = str(folder)
    try:
        tables = {name: _read_table(folder / f"{name}.csv", kind, name) for name in NUMBERS[kind]}
        summary, made_from = _read_summaries(kind, folder)
    except (OSError, ValueError, KeyError) as fault:
        return Study("unreadable", place=place, reason=Text(str(fault), str(fault)))
    study = Study("shown", tables, summary, place)
    if made_from and made_from != inputs:
        return Study("other_inputs", place=place)
    if not _is_of_plan(kind, study, plan_tables, values):
        return Study("other_plan", place=place)
    return study


def _read_table(path: Path, kind: Kind, name: str) -> pd.DataFrame:
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    return typed(kind, name, frame)


def typed(kind: Kind, name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table of a result with numbers as numbers, truths as truths and everything else as text.

    Raises
    ------
    KeyError
        A column that the report needs is missing.
    ValueError
        A number is not one.
    """
    wanted = (*NUMBERS[kind][name], *TEXTS[name])
    if len(frame) == 0:
        return pd.DataFrame(columns=list(dict.fromkeys([*frame.columns, *wanted])))
    lacking = [column for column in wanted if column not in frame]
    if lacking:
        raise KeyError(f"{name}.csv: {', '.join(lacking)}")
    made: dict[str, pd.Series[Any]] = {}
    for column in frame.columns:
        if column in NUMBERS[kind][name] or column.startswith(PARK_COLUMNS):
            made[column] = pd.to_numeric(frame[column].replace("", None)).astype("float64")
        elif column in TRUTHS:
            made[column] = frame[column].astype(str).str.lower().isin(["true", "1"])
        else:
            made[column] = frame[column].astype("object").where(frame[column].notna(), "").astype(str)
    return pd.DataFrame(made, index=frame.index)


def _read_summaries(kind: Kind, folder: Path) -> tuple[Mapping[str, Any], str]:
    """Return a result's summary and the fingerprint of the inputs it was made from, where it says so."""
    own = folder / SUMMARIES[kind]
    # alternatives have none of their own: their first row is the plan
    summary = json.loads(own.read_text(encoding="utf-8")) if own.exists() or kind != "alternatives" else {}
    made_from = str(summary.get("inputs_sha256") or "")
    if not made_from:
        # alternatives and scenarios hold plans, which say what they were made from
        for inner in sorted(folder.glob("*/summary.json")):
            made_from = made_from or str(json.loads(inner.read_text(encoding="utf-8")).get("inputs_sha256") or "")
    return summary, made_from


def _is_of_plan(kind: Kind, study: Study, plan_tables: Mapping[str, pd.DataFrame], values: tuple[float, ...]) -> bool:
    sites = plan_tables["plan_sites"]
    starts = {(str(site), int(year)) for site, year in zip(sites["site_id"], sites["start_year"], strict=True)}
    if kind == "prices":
        return _same_value(study.summary.get("value_wan"), values)
    if kind == "scenarios":
        robust = study.table("robust")
        own = robust[(robust["decision"] == "site") & robust["in_plan"].astype(bool)]
        found = {(str(site), int(year)) for site, year in zip(own["id"], own["year"], strict=True)}
        return found == starts and _same_value(study.summary.get("plan_value_wan"), values)
    table, decisions = study.table("alternatives"), study.table("no_regret")
    own = decisions[(decisions["subject"] == "site") & (decisions["decision"] == "start_year")]
    found = {(str(site), int(year)) for site, year in zip(own["id"], own["year"], strict=True)}
    given = table[table["name"] == "given"]
    # sites that a lock or a window fixes are no decision, so fewer than the plan's starts may be listed
    return found <= starts and len(given) == 1 and _same_value(given["value_wan"].iloc[0], values)


def _same_value(claimed: object, values: tuple[float, ...]) -> bool:
    said = as_float(claimed)
    return any(abs(said - value) <= SAME_VALUE * max(1.0, abs(value)) for value in values)
