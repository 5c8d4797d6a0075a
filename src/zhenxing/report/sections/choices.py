"""Part ten: plans almost as good side by side, and the decisions that all of them share."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from zhenxing.report.blocks import Block, Figure, Heading, Paragraph
from zhenxing.report.facts import Facts
from zhenxing.report.sections.studies import decision, made_where, missing, with_park_names
from zhenxing.report.tabulation import listed
from zhenxing.report.voice import as_float

CLEARED = "cleared_mu_"
# Parks shown one by one in the printed table; the workbook has all of them.
MOST_PARKS, MOST_NAMES, MOST_PLANS = 6, 10, 20
VERDICTS = ("proven", "not_refuted", "refuted")
# Decisions told by name: whether a thing is begun at all, and in the plan's first year.
BEGUN = ("started", "built")


def choices(facts: Facts, figures: Mapping[str, Path]) -> list[Block]:
    """Return part ten."""
    voice, study = facts.voice, facts.explained.alternatives
    blocks: list[Block] = [Heading(voice("choices_title"))]
    if not study.is_shown:
        return [*blocks, *missing(facts, "alternatives")]
    frame, same = distinct(facts)
    others = frame[frame["name"] != "given"]
    if others.empty:
        return [*blocks, Paragraph(voice("choices_none")), *_no_regret(facts)]
    blocks += [Paragraph(_lead(facts, others)), _table(facts, frame), Paragraph(voice("choices_note"), "note")]
    if same:
        blocks.append(Paragraph(voice("choices_same", count=same), "note"))
    better = others[others["loss_share"] < -1e-6].sort_values("loss_wan")
    if len(better):
        gain = voice.money(-float(better["loss_wan"].iloc[0]))
        blocks.append(
            Paragraph(voice("choices_better", name=aim(facts, better.iloc[0].to_dict()), gain=gain), "warning")
        )
    if "alternatives" in figures:
        blocks.append(
            Figure(figures["alternatives"], voice("choices_figure_caption"), made_where(facts, "alternatives"))
        )
    return [*blocks, *_no_regret(facts)]


def distinct(facts: Facts) -> tuple[pd.DataFrame, int]:
    """Return the plan and the alternatives that differ from it, and how many others there are.

    A search that ends before it finds anything leaves the plan itself: no alternative to show.
    """
    frame = facts.explained.alternatives.table("alternatives")
    given = frame["name"] == "given"
    differs = (frame["sites_changed"] > 0) | (frame["landings_changed"] > 0)
    return frame[given | differs], int((~given & ~differs).sum())


def park_columns(facts: Facts, frame: pd.DataFrame) -> dict[str, str]:
    """Return the columns of land cleared by park with the parks' names, parks with nothing to clear left out."""
    known = [str(park) for park in facts.town["parks"].get("park_id", ())]
    columns = [f"{CLEARED}{park}" for park in known if f"{CLEARED}{park}" in frame]
    return {
        name: facts.names.of("parks", name.removeprefix(CLEARED))
        for name in columns
        if frame[name].fillna(0.0).abs().max() > 0
    }


def aim(facts: Facts, row: Mapping[Hashable, Any]) -> str:
    """Return what an alternative was made for, in words."""
    text = str(row["aim_en" if facts.voice.language == "en" else "aim_zh"])
    return facts.voice("method_plan") if row["name"] == "given" else with_park_names(facts, text)


def _lead(facts: Facts, others: pd.DataFrame) -> str:
    voice = facts.voice
    within = as_float(facts.explained.alternatives.summary.get("within"))
    most = max(float(others["loss_share"].max()), 0.0)
    key = "choices_lead" if within == within else "choices_lead_open"
    return voice(key, count=len(others), within=voice.percent(within), most=voice.percent(most, 2))


def _table(facts: Facts, frame: pd.DataFrame) -> Block:
    voice = facts.voice
    parks = park_columns(facts, frame)
    shown = parks if len(parks) <= MOST_PARKS else {}
    starts = frame.loc[frame["name"] == "given", "first_year_starts"].iloc[0]
    rows = [
        (
            aim(facts, row),
            voice.number(row["value_wan"]),
            voice.percent(row["loss_share"], 2),
            *(voice.number(row[name]) for name in shown),
            voice("of_all", part=voice.number(row["first_year_starts_same"]), all=voice.number(starts)),
            voice.number(row["sites_changed"]),
            voice.number(row["landings_changed"]),
        )
        for row in frame.head(MOST_PLANS).to_dict("records")
    ]
    header = [voice("choices_plan"), voice("choices_value"), voice("choices_loss")]
    header += [voice("choices_cleared", park=name) for name in shown.values()]
    header += [voice(key) for key in ("choices_first_year", "choices_sites", "choices_landings")]
    align = "l" + "r" * (len(header) - 1)
    widths = (2.6, 1.1, 0.9, *([0.9] * len(shown)), 1.0, 1.0, 1.0)
    return listed(voice("choices_caption"), header, rows, made_where(facts, "alternatives"), align, widths)


def verdict_counts(facts: Facts) -> dict[str, int]:
    """Return how many decisions of the plan are proven never to change, not refuted, and refuted."""
    counts = facts.explained.alternatives.table("no_regret")["verdict"].value_counts()
    return {name: int(counts.get(name, 0)) for name in VERDICTS}


def _no_regret(facts: Facts) -> list[Block]:
    voice, table = facts.voice, facts.explained.alternatives.table("no_regret")
    blocks: list[Block] = [Heading(voice("regret_title"), 2)]
    if table.empty:
        return [*blocks, Paragraph(voice("regret_none"))]
    counts = verdict_counts(facts)
    told = {name: voice.number(count) for name, count in counts.items()}
    blocks.append(Paragraph(voice("regret_body", all=voice.number(len(table)), **told)))
    year = facts.years[0]
    for verdict in VERDICTS:
        own = table[table["verdict"] == verdict]
        begun = [_thing(facts, row) for row in own[own["decision"].isin(BEGUN)].to_dict("records")]
        dated = own[own["decision"].isin(("start_year", "built_year")) & (own["year"] == year)]
        now = [_thing(facts, row) for row in dated.to_dict("records")]
        if begun:
            names = voice.listed(begun, MOST_NAMES)
            blocks.append(Paragraph(voice(f"regret_begun_{verdict}", count=len(begun), names=names), "bullet"))
        if now:
            names = voice.listed(now, MOST_NAMES)
            blocks.append(Paragraph(voice(f"regret_now_{verdict}", year=year, count=len(now), names=names), "bullet"))
    return blocks


def _thing(facts: Facts, row: Mapping[Hashable, Any]) -> str:
    subject, identifier, option = str(row["subject"]), str(row["id"]), str(row.get("option") or "")
    if subject == "site":
        return facts.names.of("sites", identifier)
    return decision(facts, subject, identifier, option)
