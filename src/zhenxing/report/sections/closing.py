"""Part eight and the annexes: risks, how to read the plan, the age of every input, versions and hash."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version

import pandas as pd

from zhenxing.report.blocks import Block, Heading, PageBreak, Paragraph, Table
from zhenxing.report.facts import Facts
from zhenxing.report.sections.attraction import MOST_LANDINGS, landing_rows, landings_table
from zhenxing.report.sections.land import site_rows
from zhenxing.report.tabulation import listed
from zhenxing.report.voice import ABSENT


def closing(facts: Facts) -> list[Block]:
    """Return part eight and the annexes."""
    return [
        *_risks(facts),
        PageBreak(),
        *_landings(facts),
        *_villages(facts),
        *_inputs(facts),
        *_formulas(facts),
        *_versions(facts),
    ]


def _risks(facts: Facts) -> list[Block]:
    voice = facts.voice
    blocks: list[Block] = [Heading(voice("risks_title"))]
    for state in ("stale", "unknown"):
        own = facts.ages[facts.ages["state"] == state]
        if len(own):
            shown = voice.listed([facts.table_name(name) for name in own["table"]], 12)
            key = "risk_stale" if state == "stale" else "risk_unknown"
            blocks.append(Paragraph(voice(key, count=len(own), tables=shown, days=facts.options.stale_days), "warning"))
    late = facts.plan["plan_sites"]
    late = late[late["delivery_year"] > facts.years[-1]]
    if len(late):
        blocks.append(
            Paragraph(
                voice("risk_beyond", count=len(late), year=facts.years[-1], tail=facts.town.plan.tail_years), "bullet"
            )
        )
    floor = float(facts.town.plan.cash_probability_floor)
    blocks.append(
        Paragraph(voice("risk_floor", floor=voice.percent(floor, 0)) if floor > 0 else voice("risk_no_floor"), "bullet")
    )
    blocks += [Paragraph(voice(key), "bullet") for key in ("risk_titles", "risk_model", "risk_map")]
    if facts.is_outward:
        threshold = voice.percent(facts.options.signed_probability, 0)
        blocks.append(Paragraph(voice("outward_note", threshold=threshold, count=len(facts.names.aliases)), "bullet"))
    if facts.note:
        blocks.append(Paragraph(voice("data_note", note=facts.note), "warning"))
    return blocks


def _landings(facts: Facts) -> list[Block]:
    frame = landing_rows(facts)
    if len(frame) <= MOST_LANDINGS:
        return []
    return [Heading(facts.voice("annex_landings"), 2), landings_table(facts, frame)]


def _villages(facts: Facts) -> list[Block]:
    voice = facts.voice
    frame = site_rows(facts)
    if facts.is_outward:
        return []
    frame = frame[frame["villages"].astype(bool)] if len(frame) else frame
    if frame.empty:
        return []
    first = frame.assign(village=frame["villages"].str.split("、|, ", regex=True).str[0])
    grouped = first.groupby("village").agg(
        sites=("site_id", "size"),
        area=("area_mu", "sum"),
        released=("released_mu", "sum"),
        cost=("public_cost_wan", "sum"),
        start=("start_year", "min"),
    )
    rows = [
        (
            str(village),
            voice.number(row["sites"]),
            voice.number(row["area"], 1),
            voice.number(row["released"], 1),
            voice.number(row["cost"]),
            str(int(row["start"])),
        )
        for village, row in grouped.sort_values("area", ascending=False).iterrows()
    ]
    header = [
        voice(key) for key in ("village", "col_sites", "col_area_mu", "col_released_mu", "col_cost", "first_start")
    ]
    source = facts.source("site_parcels", "parcels.village_id", "plan_sites")
    return [
        Heading(voice("annex_villages"), 2),
        listed(voice("villages_caption"), header, rows, source, "lrrrrc", (2, 1, 1, 1, 1.2, 1)),
    ]


def _inputs(facts: Facts) -> list[Block]:
    voice = facts.voice
    rows, red = [], set()
    for place, row in enumerate(facts.ages.to_dict("records")):
        state = str(row["state"])
        span = row["oldest"] if row["oldest"] == row["newest"] else f"{row['oldest']} – {row['newest']}"
        days = ABSENT if pd.isna(row["days"]) else voice.number(row["days"])
        name = f"{facts.table_name(str(row['table']))} {row['table']}"
        rows.append(
            (
                name,
                voice.number(row["rows"]),
                str(row["files"]) or voice("origin_typed"),
                span or voice("unknown"),
                days,
                voice(f"age_{state}"),
            )
        )
        if state != "fresh":
            red.add((place, 5))
    header = tuple(voice(key) for key in ("input_table", "col_rows", "files", "as_of", "age_days", "age_state"))
    caption = voice("inputs_caption", date=facts.options.date.isoformat())
    source = voice("source", parts="provenance(source_file, sheet, as_of)")
    table = Table(
        caption, header, tuple(rows), source, "lrlccc", (2.4, 0.7, 3, 1.6, 0.8, 0.8), frozenset(), frozenset(red)
    )
    return [Heading(voice("annex_inputs"), 2), table]


def _formulas(facts: Facts) -> list[Block]:
    voice = facts.voice
    rules = ("3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "4")
    rows = [(rule, voice(f"rule_{rule.replace('.', '_')}")) for rule in rules]
    source = voice("formulas_source")
    return [
        Heading(voice("annex_formulas"), 2),
        listed(voice("formulas_caption"), (voice("rule"), voice("meaning")), rows, source, "ll", (0.7, 6)),
    ]


def version_rows(facts: Facts) -> list[tuple[str, str]]:
    """Return how the plan was made: method, status, bound, versions and hash."""
    voice, summary = facts.voice, facts.summary
    versions = summary.get("versions")
    rows = [
        (voice("made_method"), str(summary.get("method", ABSENT))),
        (voice("made_status"), facts.names.word("status", summary.get("status", ABSENT))),
        (voice("made_seconds"), voice.number(summary.get("seconds"), 1)),
        (voice("value_claimed"), voice.number(summary.get("value_wan"), 4)),
        (voice("value_counted"), voice.number(facts.evaluation.value_wan, 4)),
        (voice("bound"), voice.number(summary.get("bound_wan"), 4)),
        ("inputs_sha256", str(summary.get("inputs_sha256") or ABSENT)),
        (voice("inputs_now"), facts.inputs_sha256),
        (voice("report_date"), facts.options.date.isoformat()),
        (
            voice("report_versions"),
            f"zhenxing {version('zhenxing')}, Python {platform.python_version()}, pandas {pd.__version__}",
        ),
    ]
    if isinstance(versions, Mapping):
        rows.insert(3, (voice("plan_versions"), ", ".join(f"{name} {number}" for name, number in versions.items())))
    return rows


def _versions(facts: Facts) -> list[Block]:
    voice = facts.voice
    source = voice("source", parts="summary.json")
    return [
        Heading(voice("annex_versions"), 2),
        listed(
            voice("versions_caption"), (voice("item"), voice("content")), version_rows(facts), source, "ll", (1.6, 5)
        ),
    ]
