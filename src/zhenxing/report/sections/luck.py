"""Part nine: what could go wrong with the plan, from draws of luck played by an independent simulator."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from zhenxing.report.blocks import Block, Figure, Heading, Paragraph
from zhenxing.report.facts import Facts
from zhenxing.report.sections.studies import decision, factor_label, made_where, missing
from zhenxing.report.tabulation import listed
from zhenxing.report.voice import ABSENT, as_float

MOST_TARGETS, MOST_DECISIONS = 8, 8
# Chance from which on a missed target is worth a row.
WORTH_SAYING = 0.02
# Fewer plans than this to compare are pointed out as few.
FEW_PLANS = 8


def luck(facts: Facts, figures: Mapping[str, Path]) -> list[Block]:
    """Return part nine."""
    voice, study = facts.voice, facts.explained.scenarios
    blocks: list[Block] = [Heading(voice("luck_title"))]
    if not study.is_shown:
        return [*blocks, *missing(facts, "scenarios")]
    blocks += [Paragraph(_lead(facts), "lead"), *_money(facts)]
    if "draws" in figures:
        blocks.append(
            Figure(
                figures["draws"],
                voice("draws_figure_caption", draws=len(simulated(facts))),
                made_where(facts, "scenarios"),
            )
        )
    blocks.append(_plans(facts))
    if not two_stage_differs(facts):
        blocks.append(Paragraph(voice("luck_same"), "note"))
    blocks += [*_targets(facts), *_factors(facts), *_robust(facts)]
    return [*blocks, Paragraph(_origin(facts), "note")]


def simulated(facts: Facts, plan: str = "deterministic") -> pd.DataFrame:
    """Return the draws of one plan as the simulator played them."""
    frame = facts.explained.scenarios.table("outcomes")
    return frame[frame["plan"] == plan]


def two_stage_differs(facts: Facts) -> bool:
    """Whether the two-stage plan comes out otherwise than the plan in any draw."""
    own, two = (simulated(facts, plan)["value_wan"].tolist() for plan in ("deterministic", "two_stage"))
    return bool(two) and own != two


def risk_rows(facts: Facts) -> pd.DataFrame:
    """Return expectation, worst cases and best of both plans over the simulated draws."""
    frame = facts.explained.scenarios.table("comparison")
    return frame[frame["judged_by"] == "simulator"]


def own_risk(facts: Facts) -> Mapping[Hashable, Any]:
    """Return the row of the report's own plan."""
    frame = risk_rows(facts)
    return frame[frame["plan"] == "deterministic"].iloc[0].to_dict()


def tail_share(facts: Facts) -> str:
    """Return the share of the draws that counts as the worst cases, as a percentage."""
    alpha = as_float(facts.explained.scenarios.summary.get("alpha"))
    return facts.voice.percent(1.0 - alpha, 0)


def plan_value(facts: Facts) -> float:
    """Return what the plan itself says it is worth, 万元."""
    return as_float(facts.explained.scenarios.summary.get("plan_value_wan"))


def _lead(facts: Facts) -> str:
    voice = facts.voice
    row = own_risk(facts)
    planned, mean = plan_value(facts), as_float(row["expected_wan"])
    below = (planned - mean) / abs(planned) if planned else float("nan")
    return voice(
        "luck_lead" if below >= 0 else "luck_lead_above",
        draws=voice.number(row["draws"]),
        mean=voice.money(mean),
        planned=voice.money(planned),
        below=voice.percent(abs(below)),
        share=tail_share(facts),
        tail=voice.money(row["cvar_wan"]),
        worst=voice.money(row["worst_wan"]),
    )


def _money(facts: Facts) -> list[Block]:
    voice, own = facts.voice, simulated(facts)
    short, waits = int((own["peak_arrears_wan"] > 0).sum()), int((own["starts_postponed"] > 0).sum())
    sentences = [
        voice("luck_arrears", count=short, draws=len(own), most=voice.money(own["peak_arrears_wan"].max()))
        if short
        else voice("luck_no_arrears", draws=len(own))
    ]
    if waits:
        sentences.append(voice("luck_postponed", count=waits, draws=len(own)))
    means = {name: voice.number(own[name].mean(), 1) for name in ("landed", "refused", "delayed")}
    sentences.append(voice("luck_firms", **means))
    return [Paragraph(sentence, "bullet") for sentence in sentences]


def _plans(facts: Facts) -> Block:
    voice = facts.voice
    columns = ("expected_wan", "cvar_wan", "worst_wan", "best_wan")
    same = not two_stage_differs(facts)
    rows = [
        (
            voice(f"luck_plan_{row['plan']}"),
            voice.number(row["draws"]),
            *(voice.number(row[name]) for name in columns),
        )
        for row in risk_rows(facts).to_dict("records")
        if not (same and row["plan"] == "two_stage")
    ]
    header = [voice("luck_plan"), voice("luck_draws"), *(voice(f"luck_{name}") for name in columns)]
    source = made_where(facts, "scenarios")
    caption = voice("luck_plans_caption", share=tail_share(facts))
    return listed(caption, header, rows, source, "lrrrrr", (2.4, 0.8, 1.2, 1.2, 1.2, 1.2))


def risky_targets(facts: Facts) -> tuple[pd.DataFrame, int]:
    """Return the targets that luck may spoil, the likeliest first, and how many the plan misses without bad luck."""
    frame = facts.explained.scenarios.table("targets_at_risk")
    own = frame[frame["plan"] == "deterministic"]
    missed = own["missed_as_planned"].astype(bool)
    risky = own[~missed & (own["chance_missed"].astype(float) >= WORTH_SAYING)]
    return risky.sort_values("chance_missed", ascending=False, kind="stable"), int(missed.sum())


def _targets(facts: Facts) -> list[Block]:
    voice = facts.voice
    risky, missed = risky_targets(facts)
    blocks = list[Block]()
    if len(risky):
        rows = [
            (
                facts.names.word("indicator", row["indicator"]),
                str(int(row["year"])),
                facts.names.of("parks", row["park_id"]) if row["park_id"] else voice("whole_town"),
                voice.percent(row["chance_missed"], 0),
                voice.number(row["mean_shortfall"], 1 if row["mean_shortfall"] >= 1 else 2),
                cause(facts, row),
            )
            for row in risky.head(MOST_TARGETS).to_dict("records")
        ]
        header = [voice(key) for key in ("indicator", "year", "where", "luck_chance", "luck_shortfall", "luck_cause")]
        source = made_where(facts, "scenarios")
        blocks.append(listed(voice("luck_targets_caption"), header, rows, source, "lclrrl", (2.2, 0.7, 1, 1, 1, 3)))
        if len(risky) > MOST_TARGETS:
            blocks.append(Paragraph(voice("luck_more_targets", count=len(risky) - MOST_TARGETS), "note"))
    else:
        blocks.append(Paragraph(voice("luck_no_targets"), "bullet"))
    if missed:
        blocks.append(Paragraph(voice("luck_missed_anyway", count=missed), "bullet"))
    return blocks


def cause(facts: Facts, row: Mapping[Hashable, Any]) -> str:
    """Return the luck that makes a target be missed, and the site or firm that stands out."""
    voice, factor, named = facts.voice, str(row["main_cause"] or ""), str(row["named"] or "")
    if not factor:
        return ABSENT
    if factor == "several":
        return voice("luck_cause_several")
    text = voice("luck_cause_of", factor=factor_label(facts, factor), share=voice.percent(row["cause_share"], 0))
    if not named:
        return text
    name = facts.names.of("sites" if factor == "title" else "candidates", named)
    return voice("luck_cause_named", cause=text, name=name)


def _factors(facts: Facts) -> list[Block]:
    voice = facts.voice
    frame = facts.explained.scenarios.table("factors").sort_values("cvar_gain_wan", ascending=False, kind="stable")
    useful = frame[frame["cvar_gain_wan"] > 0]
    if useful.empty:
        return []
    phrases = [
        voice("luck_factor", name=factor_label(facts, str(row["factor"])), gain=voice.money(row["cvar_gain_wan"]))
        for row in useful.to_dict("records")
    ]
    return [Paragraph(voice("luck_factors", factors=voice.listed(phrases)), "bullet")]


def _robust(facts: Facts) -> list[Block]:
    """Return which decisions of the first year are right under nearly every draw, and which depend on luck."""
    voice, study = facts.voice, facts.explained.scenarios
    table = study.table("robust")
    blocks: list[Block] = [Heading(voice("robust_title"), 2)]
    if table.empty:
        return [*blocks, Paragraph(voice("robust_none"))]
    first = table[table["year"] == table["year"].min()]
    year, solved = int(first["year"].iloc[0]), voice.number(study.summary.get("solve_count"))
    robust = first[first["verdict"] == "robust"]
    depends = first[(first["verdict"] != "robust") & first["in_plan"]]
    blocks.append(Paragraph(voice("robust_body", year=year, solved=solved)))
    if as_float(study.summary.get("solve_count")) < FEW_PLANS:
        blocks.append(Paragraph(voice("robust_few", solved=solved), "note"))
    for key, own in (("robust_sure", robust), ("robust_depends", depends)):
        names = [
            voice(
                "robust_one",
                name=decision(facts, row["decision"], row["id"], row["option"]),
                share=voice.percent(row["share"], 0),
            )
            for row in own.to_dict("records")
        ]
        text = (
            voice(key, count=len(names), names=voice.listed(names, MOST_DECISIONS)) if names else voice(f"{key}_none")
        )
        blocks.append(Paragraph(text, "bullet"))
    return blocks


def _origin(facts: Facts) -> str:
    """Say how many draws were made and where their probabilities come from."""
    voice, study = facts.voice, facts.explained.scenarios
    summary = study.summary
    return voice(
        "luck_origin",
        draws=voice.number(summary.get("count")),
        solved=voice.number(summary.get("solve_count")),
        seed=voice.number(summary.get("seed")),
    )
