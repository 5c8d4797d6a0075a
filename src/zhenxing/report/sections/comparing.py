"""Part seven: the plan beside the baselines, and how its decisions change with the weights."""

from __future__ import annotations

import pandas as pd

from zhenxing.i18n import speak
from zhenxing.report.blocks import Block, Heading, Paragraph
from zhenxing.report.facts import Facts
from zhenxing.report.tabulation import listed
from zhenxing.report.voice import ABSENT, as_float


def comparing(facts: Facts) -> list[Block]:
    """Return part seven."""
    voice = facts.voice
    blocks: list[Block] = [Heading(voice("comparing_title"))]
    if facts.options.seconds <= 0:
        return [*blocks, Paragraph(voice("comparing_left_out"))]
    return [*blocks, *_baselines(facts), *_sensitivity(facts)]


def comparison_rows(facts: Facts) -> pd.DataFrame:
    """Return value, main parts, area cleared, firms and broken rules of the plan and every baseline.

    Returns
    -------
    DataFrame
        method, value_wan, below_plan (share of the plan's value), tax_wan, value_added_wan, chain_wan, land_income_wan,
        outlay_wan, cleared_mu, landed, violations.
    """
    made = [("plan", facts.evaluation, float(facts.plan["plan_landings"]["count"].astype(float).sum()))]
    made += [
        (baseline.name, baseline.evaluation, baseline.landed)
        for baseline in facts.baselines
        if baseline.evaluation is not None
    ]
    own = facts.evaluation.value_wan
    rows = []
    for name, evaluation, landed in made:
        parts = evaluation.parts
        rows.append(
            {
                "method": facts.voice(f"method_{name}"),
                "value_wan": evaluation.value_wan,
                "below_plan": (own - evaluation.value_wan) / abs(own) if own else float("nan"),
                "tax_wan": parts["tax"],
                "value_added_wan": parts["value_added"],
                "chain_wan": parts["chain"],
                "land_income_wan": parts["land_income"],
                "outlay_wan": sum(parts[name] for name in SPENDING),
                "cleared_mu": float(evaluation.capacities["cleared_mu"].astype(float).sum()),
                "landed": landed,
                "violations": float(len(evaluation.violations)),
            }
        )
    return pd.DataFrame(rows)


SPENDING = (
    "committed",
    "site_cost",
    "work_cost",
    "facility_cost",
    "utility_cost",
    "subsidy",
    "exit_compensation",
    "moving",
    "interest",
)


def _baselines(facts: Facts) -> list[Block]:
    voice, frame = facts.voice, comparison_rows(facts)
    digits = {"below_plan": -1}
    columns = list(frame.columns)
    rows = [
        [
            str(row["method"]),
            *(voice.percent(row[name]) if name in digits else voice.number(row[name]) for name in columns[1:]),
        ]
        for row in frame.to_dict("records")
    ]
    header = [voice(f"compare_{name}") for name in columns]
    source = facts.source("plan_sites", "plan_landings", rule="4")
    table = listed(
        voice("compare_caption"),
        header,
        rows,
        source,
        "l" + "r" * (len(columns) - 1),
        (1.8, *([1.0] * (len(columns) - 1))),
    )
    best = frame["value_wan"].iloc[1:].max() if len(frame) > 1 else float("nan")
    blocks: list[Block] = [Heading(voice("baselines_title"), 2)]
    if len(frame) > 1:
        gain = facts.evaluation.value_wan - best
        key = "compare_body" if gain >= 0 else "compare_worse"
        blocks.append(Paragraph(voice(key, gain=voice.money(abs(gain))), "body" if gain >= 0 else "warning"))
    blocks += [table, Paragraph(voice("compare_note"), "note"), *_times(facts)]
    for baseline in facts.baselines:
        if baseline.failure is not None:
            reason = speak(baseline.failure, voice.language)
            blocks.append(
                Paragraph(voice("compare_failed", method=voice(f"method_{baseline.name}"), reason=reason), "warning")
            )
    return blocks


def _times(facts: Facts) -> list[Block]:
    """Say how long each way was given: with unequal time a difference is not the method's alone."""
    voice = facts.voice
    given = [
        voice("compare_seconds", method=voice(f"method_{baseline.name}"), seconds=voice.number(baseline.seconds))
        for baseline in facts.baselines
        if baseline.seconds > 0
    ]
    if not given:
        return []
    shown = voice.number(as_float(facts.summary.get("seconds")))
    return [Paragraph(voice("compare_times", given=voice.listed(given, len(given)), own=shown), "warning")]


def _sensitivity(facts: Facts) -> list[Block]:
    voice, frame = facts.voice, facts.sensitivity
    blocks: list[Block] = [Heading(voice("sensitivity_title"), 2)]
    if frame is None or frame.empty:
        return [*blocks, Paragraph(voice("sensitivity_none"))]
    text = "changes_en" if voice.language == "en" else "changes_zh"
    counts = ["sites_same", "sites_changed", "landings_changed", "first_year_starts_changed"]
    rows = [
        [
            facts.names.word("setting", row["parameter"]),
            ABSENT if row["parameter"] == "unchanged" else voice.number(row["setting"], 2),
            voice.number(row["value_wan"]),
            *(voice.number(row[name]) for name in counts),
            facts.names.spell(str(row[text])) if pd.notna(row[text]) else ABSENT,
        ]
        for row in frame.to_dict("records")
    ]
    header = [voice(f"sensitivity_{name}") for name in ("parameter", "setting", "value_wan", *counts, "changes")]
    tried = frame[frame["parameter"] != "unchanged"]
    steady = tried[tried["first_year_starts_changed"] == 0]
    blocks.append(Paragraph(voice("sensitivity_body", count=len(tried), steady=len(steady))))
    source = facts.source("summary.json", rule="4")
    widths = (1.5, 0.8, 1.1, 0.8, 0.8, 0.8, 0.9, 3.2)
    table = listed(voice("sensitivity_caption"), header, rows, source, "lrrrrrrl", widths)
    return [*blocks, table, Paragraph(voice("sensitivity_note"), "note")]
