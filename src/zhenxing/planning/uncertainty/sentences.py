"""What could go wrong, in sentences for people."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from zhenxing.errors import Text
from zhenxing.i18n import name_rows, say

# Targets named at the most, and the chance from which on a miss is worth a sentence.
NAMED_TARGETS, WORTH_SAYING = 5, 0.02


def sentences(summary: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> list[Text]:
    """Return the findings of a study, the most important first."""
    found = [_expectation(summary, tables), *_money(tables), *_targets(tables), *_factor(tables)]
    return [*found, *_robust(summary, tables), _two_stage(summary, tables), _information(summary)]


def _row(tables: Mapping[str, pd.DataFrame], plan: str, judged_by: str) -> Mapping[str, Any]:
    table = tables["comparison"]
    row = table[(table["plan"] == plan) & (table["judged_by"] == judged_by)].iloc[0]
    return {str(name): value for name, value in row.items()}


def _wan(value: float) -> str:
    if not math.isfinite(value):
        return "—"
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:,.2f}"


def _expectation(summary: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> Text:
    row = _row(tables, "deterministic", "simulator")
    return say(
        "scenarios.expectation",
        draws=row["draws"],
        planned=_wan(float(summary["plan_value_wan"])),
        mean=_wan(row["expected_wan"]),
        share=f"{1.0 - summary['alpha']:.0%}",
        tail=_wan(row["cvar_wan"]),
        worst=_wan(row["worst_wan"]),
    )


def _money(tables: Mapping[str, pd.DataFrame]) -> list[Text]:
    own = tables["outcomes"][tables["outcomes"]["plan"] == "deterministic"]
    short = int((own["peak_arrears_wan"] > 0).sum())
    waits = int((own["starts_postponed"] > 0).sum())
    found = []
    if short:
        found.append(
            say("scenarios.arrears", count=short, draws=len(own), most=_wan(float(own["peak_arrears_wan"].max())))
        )
    if waits:
        found.append(say("scenarios.postponed", count=waits, draws=len(own)))
    delayed, lost = float(own["delayed"].mean()), float(own["lost"].mean())
    firms = say(
        "scenarios.firms",
        landed=f"{own['landed'].mean():.1f}",
        refused=f"{own['refused'].mean():.1f}",
        delayed=f"{delayed:.1f}",
        lost=f"{lost:.1f}",
    )
    return [*found, firms]


def _targets(tables: Mapping[str, pd.DataFrame]) -> list[Text]:
    table = tables["targets_at_risk"]
    own = table[(table["plan"] == "deterministic") & (table["missed_as_planned"].eq(False))]
    risky = own[own["chance_missed"] >= WORTH_SAYING].sort_values("chance_missed", ascending=False, kind="stable")
    draws = int((tables["outcomes"]["plan"] == "deterministic").sum())
    found = []
    for row in risky.head(NAMED_TARGETS).to_dict("records"):
        where = say("scenarios.in_park", park=row["park_id"]) if row["park_id"] else Text("", "")
        found.append(
            say(
                "scenarios.target_missed",
                count=round(float(row["chance_missed"]) * draws),
                draws=draws,
                year=row["year"],
                where=where,
                indicator=say(f"scenarios.indicator_{row['indicator']}"),
                cause=_cause(row),
            )
        )
    if len(risky) > NAMED_TARGETS:
        found.append(say("scenarios.more_targets", count=len(risky) - NAMED_TARGETS))
    planned = int(table["missed_as_planned"].eq(True).sum())
    if planned:
        found.append(say("scenarios.missed_anyway", count=planned))
    return found


def _cause(row: Mapping[Any, Any]) -> Text:
    factor = str(row["main_cause"])
    if not factor:
        return Text("", "")
    if factor == "several":
        return say("scenarios.cause_several")
    text = say("scenarios.cause", factor=say(f"scenarios.factor_{factor}"), share=f"{float(row['cause_share']):.0%}")
    if not row["named"]:
        return text
    named = say(f"scenarios.named_{factor}", id=row["named"])
    return Text(text.zh + named.zh, text.en + named.en)


def _factor(tables: Mapping[str, pd.DataFrame]) -> list[Text]:
    table = tables["factors"]
    first = table.iloc[0]
    if float(first["cvar_gain_wan"]) <= 0:
        return []
    rest = [f"{row['factor']}" for row in table.iloc[1:].to_dict("records") if float(row["cvar_gain_wan"]) > 0]
    parts = [say(f"scenarios.factor_{name}") for name in rest]
    others = Text("、".join(part.zh for part in parts) or "—", ", ".join(part.en for part in parts) or "—")
    return [
        say(
            "scenarios.matters_most",
            factor=say(f"scenarios.factor_{first['factor']}"),
            gain=_wan(float(first["cvar_gain_wan"])),
            others=others,
        )
    ]


def _robust(summary: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> list[Text]:
    table = tables["robust"]
    if not len(table):
        return []
    first_year = table[table["year"] == table["year"].min()]
    robust = first_year[first_year["verdict"] == "robust"]
    depends = first_year[(first_year["verdict"] == "depends") & (first_year["in_plan"] | first_year["in_two_stage"])]
    year = int(first_year["year"].iloc[0])
    found = [
        say(
            "scenarios.robust",
            year=year,
            count=len(robust),
            ids=name_rows(robust["id"].tolist()),
            all=summary["first_year_decisions"],
        )
    ]
    if len(depends):
        found.append(say("scenarios.depends", year=year, count=len(depends), ids=name_rows(depends["id"].tolist())))
    change = summary["first_change"]
    if change:
        kind = say(f"scenarios.kind_{change['decision']}")
        found.append(
            say(
                "scenarios.first_change",
                year=change["year"],
                kind=kind,
                id=change["id"],
                share=f"{change['share']:.0%}",
            )
        )
    return found


def _two_stage(summary: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> Text:
    own, other = _row(tables, "deterministic", "simulator"), _row(tables, "two_stage", "simulator")
    gap = float(summary["two_stage"]["gap"])
    fresh, fresh_two = _row(tables, "deterministic", "model_fresh"), _row(tables, "two_stage", "model_fresh")
    return say(
        "scenarios.two_stage",
        gain=_wan(summary["value_of_stochastic_solution_wan"]["found"]),
        solved=summary["solve_count"],
        fresh=_wan(fresh_two["expected_wan"] - fresh["expected_wan"]),
        mean=_wan(other["expected_wan"] - own["expected_wan"]),
        tail=_wan(other["cvar_wan"] - own["cvar_wan"]),
        gap=f"{gap:.1%}" if math.isfinite(gap) else "—",
    )


def _information(summary: Mapping[str, Any]) -> Text:
    worth = summary["value_of_perfect_information_wan"]
    return say("scenarios.information", low=_wan(worth["at_least"]), high=_wan(worth["at_most"]))
