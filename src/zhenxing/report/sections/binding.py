"""Part eight: what binds, and what would be done with more of it.

Two figures stand side by side: what a little more is worth within this plan (the part it touches solved to proof, the
rest as planned), which leads, and between which limits the whole town's best plan changes. Where the second holds
nothing, that is called a tie.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from zhenxing.i18n import say, speak
from zhenxing.planning.explain.reasons import resource_label, unit_label
from zhenxing.report.blocks import Block, Figure, Heading, Paragraph
from zhenxing.report.facts import Facts
from zhenxing.report.sections.studies import interval, joined_changes, made_where, missing, quantity
from zhenxing.report.tabulation import listed
from zhenxing.report.voice import ABSENT

KEYS = ["resource", "park_id", "year", "step"]
QUIET = ("does_not_bind", "not_limited")
# Rows of the table, and limits whose changes are told.
MOST_LIMITS, MOST_CHANGES = 14, 6
# Money below this (万元) is nothing to speak of.
NOTHING = 0.05


def binding(facts: Facts, figures: Mapping[str, Path]) -> list[Block]:
    """Return part eight."""
    voice, study = facts.voice, facts.explained.prices
    blocks: list[Block] = [Heading(voice("binding_title"))]
    if not study.is_shown:
        return [*blocks, *missing(facts, "prices")]
    rows = binding_rows(facts)
    units = rows[rows["practical"] & ~rows["verdict"].isin(QUIET)]
    if units.empty:
        return [*blocks, Paragraph(voice("binding_none")), *_quiet(facts, rows)]
    blocks += [*_headline(facts, units), _table(facts, units), Paragraph(voice("binding_note"), "note")]
    if len(units) > MOST_LIMITS:
        blocks.append(Paragraph(voice("binding_more", count=len(units) - MOST_LIMITS), "note"))
    if "prices" in figures:
        blocks.append(Figure(figures["prices"], voice("prices_figure_caption"), made_where(facts, "prices")))
    blocks += _quiet(facts, rows)
    better = float(study.summary.get("better_plan_found_wan") or 0.0)
    if better > 1.0:
        blocks.append(Paragraph(voice("binding_better", gain=voice.money(better)), "warning"))
    return [*blocks, *_with_more(facts, units)]


def binding_rows(facts: Facts) -> pd.DataFrame:
    """Return every step of every limit in words and numbers, the dearest practical unit first.

    Returns
    -------
    DataFrame
        label, resource, park_id, year, step, unit, practical, value_wan (within this plan), conditional, low_wan,
        high_wan, relaxation_wan, left_over, verdict, disagree, because, sentence.
    """
    study, english = facts.explained.prices, facts.voice.language == "en"
    told = study.table("prices").merge(study.table("reasons"), on=KEYS, how="inner", validate="one_to_one")
    rows = []
    for row in told.to_dict("records"):
        resource, sentence = str(row["resource"]), str(row["en" if english else "zh"])
        rows.append(
            {
                "label": limit_name(facts, resource, str(row["park_id"]), int(row["year"])),
                **{name: row[name] for name in (*KEYS, "practical", "conditional", "low_wan", "high_wan")},
                "unit": speak(unit_label(resource), facts.voice.language),
                "value_wan": row["value_change_wan"],
                "relaxation_wan": row["relaxation_value_wan"],
                "left_over": row["left_over"],
                "verdict": row["verdict"],
                "disagree": row["disagree"],
                "because": joined_changes(facts, _because(sentence, facts.voice.language)),
                "sentence": joined_changes(facts, sentence),
            }
        )
    columns = [
        "label", *KEYS, "unit", "practical", "value_wan", "conditional", "low_wan", "high_wan", "relaxation_wan",
        "left_over", "verdict", "disagree", "because", "sentence",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    frame["practical"] = frame["practical"].astype(bool)
    return frame.sort_values(
        ["value_wan", "relaxation_wan"], ascending=False, na_position="last", kind="stable", ignore_index=True
    )


def limit_name(facts: Facts, resource: str, park: str, year: int) -> str:
    """Return what a limit is called: year and resource, or park and resource."""
    voice = facts.voice
    label = speak(resource_label(resource), voice.language)
    if park:
        key = "limit_of_park" if year == 0 else "limit_of_park_from"
        return voice(key, park=facts.names.of("parks", park), resource=label, year=year)
    return voice("limit_every_year" if year == 0 else "limit_of_year", resource=label, year=year)


def _because(sentence: str, language: str) -> str:
    """Return the decisions that a sentence names as the reason of a figure; empty where it names none."""
    mark = "\0"
    before, after = speak(say("prices.because", changes=mark), language).split(mark)
    same = speak(say("prices.same_decisions"), language)
    if same in sentence:
        return same.partition("：" if language == "zh" else ": ")[2].rstrip("。.")
    nexts = [
        speak(say("prices.interval_tie", low=mark, high=mark), language),
        speak(say("prices.interval_clear", low=mark, high=mark), language),
        speak(say("prices.no_interval"), language),
        speak(say("prices.relaxed", value=mark, price=mark, unit=mark), language),
    ]
    following = "|".join(re.escape(text.partition(mark)[0]) for text in nexts)
    found = re.search(rf"{re.escape(before)}(.*?){re.escape(after)}\s*(?:{following}|$)", sentence, re.DOTALL)
    return found.group(1) if found else ""


def _headline(facts: Facts, units: pd.DataFrame) -> list[Block]:
    """Return the sentence people quote: one more unit of money next year, else the dearest limit with a figure."""
    known = units[units["value_wan"].notna()]
    if known.empty:
        return [Paragraph(facts.voice("binding_unproved"), "warning")]
    money = known[(known["resource"] == "money") & (known["year"] > 0)].sort_values("year")
    row = (money if len(money) else known).iloc[0].to_dict()
    return [Paragraph(headline(facts, row), "lead")]


def headline(facts: Facts, row: Mapping[Hashable, Any]) -> str:
    """Return both figures of one practical unit of a limit and what it would change, in one sentence."""
    voice = facts.voice
    value = float(row["value_wan"])
    low, high = float(row["low_wan"]), float(row["high_wan"])
    key = "headline_nothing" if abs(value) <= NOTHING else "headline_gain" if row["because"] else "headline_plain"
    where = voice("within_plan") if row["conditional"] else voice("for_whole_town")
    text = voice(
        key, limit=row["label"], step=quantity(float(row["step"])), unit=row["unit"], where=where,
        value=quantity(value), because=row["because"],
    )  # fmt: skip
    if not row["conditional"]:
        return text
    space = " " if voice.language == "en" else ""
    if math.isnan(low) or math.isnan(high):
        return text + space + voice("headline_open")
    tie = "headline_tie" if low <= 0.0 <= high else "headline_clear"
    return text + space + voice(tie, low=quantity(low), high=quantity(high))


def verdict_of(facts: Facts, verdict: str, *, disagree: bool) -> str:
    """Return the judgement of a figure as a cell; a tie is called a tie."""
    text = say(f"prices.verdict_{verdict}")
    if not disagree:
        return speak(text, facts.voice.language)
    # without a re-solve there is nothing to disagree with: the price then stands beside a limit that is not used up
    key = "report.binding_unused" if verdict == "not_proved" else "prices.and_disagrees"
    return speak(say(key, verdict=text), facts.voice.language)


def _table(facts: Facts, units: pd.DataFrame) -> Block:
    voice = facts.voice
    rows = [
        (
            str(row["label"]),
            f"+{quantity(row['step'])} {row['unit']}",
            quantity(row["value_wan"]),
            interval(facts, row["low_wan"], row["high_wan"]),
            quantity(row["relaxation_wan"]),
            ABSENT if pd.isna(row["left_over"]) else f"{quantity(row['left_over'])} {row['unit']}",
            verdict_of(facts, str(row["verdict"]), disagree=bool(row["disagree"])),
        )
        for row in units.head(MOST_LIMITS).to_dict("records")
    ]
    header = [voice(f"binding_{name}") for name in ("limit", "step", "value", "interval", "relaxed", "left", "verdict")]
    widths = (2.0, 1.2, 1.15, 1.5, 1.3, 1.1, 1.8)
    return listed(voice("binding_caption"), header, rows, made_where(facts, "prices"), "lrrcrrl", widths)


def _quiet(facts: Facts, rows: pd.DataFrame) -> list[Block]:
    """Name the limits that do not bind and those that are not set, the years or parks of one resource together."""
    voice, blocks = facts.voice, list[Block]()
    for verdict in QUIET:
        own = rows[rows["verdict"] == verdict].sort_values(["resource", "park_id", "year"])
        if own.empty:
            continue
        phrases = []
        for resource, group in own.groupby("resource", sort=False):
            places = [
                facts.names.of("parks", park) if park else (str(int(year)) if year else voice("every_year"))
                for park, year in zip(group["park_id"], group["year"], strict=True)
            ]
            label = speak(resource_label(str(resource)), voice.language)
            phrases.append(voice("grouped", name=label, members=voice.listed(list(dict.fromkeys(places)))))
        key = "binding_quiet" if verdict == "does_not_bind" else "binding_unlimited"
        comma = "; " if voice.language == "en" else "；"
        blocks.append(Paragraph(voice(key, limits=comma.join(phrases)), "note"))
    return blocks


def _with_more(facts: Facts, units: pd.DataFrame) -> list[Block]:
    """Return what the plan would do with one more unit of each limit."""
    voice = facts.voice
    blocks: list[Block] = [Heading(voice("more_title"), 2)]
    known = units[units["value_wan"].notna()]
    useful = known[known["value_wan"] > NOTHING]
    if known.empty:
        return [*blocks, Paragraph(voice("more_unproved"))]
    if len(useful):
        rows = [
            (
                voice("more_of", limit=row["label"], step=quantity(row["step"]), unit=row["unit"]),
                quantity(row["value_wan"]),
                str(row["because"]) or voice("more_unnamed"),
            )
            for row in useful.head(MOST_CHANGES).to_dict("records")
        ]
        header = (voice("more_what"), voice("binding_value"), voice("more_changes"))
        blocks.append(listed(voice("more_caption"), header, rows, made_where(facts, "prices"), "lrl", (2.0, 0.9, 5.0)))
    idle = known[known["value_wan"] <= NOTHING]
    if len(idle):
        names = [
            voice("more_of", limit=row["label"], step=quantity(row["step"]), unit=row["unit"])
            for row in idle.to_dict("records")
        ]
        blocks.append(Paragraph(voice("more_idle", limits=voice.listed(names, 6)), "bullet"))
    return blocks
