"""The diagnosis chapter: chain, ladder, threshold watch, output per mu, peers, launches."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from zhenxing.i18n import speak
from zhenxing.report.blocks import Block, Heading, PageBreak, Paragraph
from zhenxing.report.diagnosis import (
    firm_names,
    in_language,
    number,
    source,
    span,
    table,
    tell,
    trouble,
    truth,
    word,
)
from zhenxing.report.facts import Facts
from zhenxing.report.sections.diagnosis_chain import chain, figure
from zhenxing.report.tabulation import listed

# Rows printed; the workbook has all of them.
MOST_PUSHES, MOST_REASONS = 12, 3
# What other indicators are divided by, and no achievement of its own.
MEASURES_OF_SIZE = ("area_km2", "population")


def diagnosis(facts: Facts, figures: Mapping[str, Path]) -> list[Block]:
    """Return the diagnosis chapter; nothing when no diagnosis was given."""
    study = facts.diagnosis
    if study.state == "absent":
        return []
    blocks: list[Block] = [PageBreak(), Heading(tell(facts, "title"))]
    if not study.is_shown:
        return [*blocks, Paragraph(speak(trouble(study), facts.voice.language), "warning")]
    return [
        *blocks,
        *_overview(facts),
        *chain(facts, figures),
        *_ladder(facts, figures),
        *_watch(facts, figures),
        *_output_per_mu(facts, figures),
        *_peers(facts, figures),
        *_launches(facts),
        PageBreak(),
    ]


def _overview(facts: Facts) -> list[Block]:
    from zhenxing.diagnosis.headlines import headline

    study = facts.diagnosis
    counts = study.summary["issues"]
    blocks: list[Block] = [
        Paragraph(tell(facts, "lead", warnings=counts["warning"], notes=counts["info"], errors=counts["error"]))
    ]
    for one in study.summary["parts"]:
        part = tell(facts, f"part_{one['part']}")
        if one["state"] == "made":
            told = speak(headline(one["part"], study.tables), facts.voice.language)
            blocks.append(Paragraph(tell(facts, "line", part=part, told=told), "bullet"))
        else:
            reason = one["en" if facts.voice.language == "en" else "zh"]
            blocks.append(Paragraph(tell(facts, f"part_{one['state']}", part=part, reason=reason), "warning"))
    return blocks


# ---- ladder


def ladder_counts(facts: Facts) -> pd.DataFrame:
    """Return firms by rung and status (held, met, missed, unknown), rungs in their order."""
    frame = table(facts, "ladder")
    if frame.empty:
        return pd.DataFrame()
    order = list(dict.fromkeys(frame["rung"]))
    counts = frame.groupby(["rung", "status"]).size().unstack(fill_value=0)
    return counts.reindex(index=order, columns=["held", "met", "missed", "unknown"], fill_value=0)


def _ladder(facts: Facts, figures: Mapping[str, Path]) -> list[Block]:
    counts = ladder_counts(facts)
    if counts.empty:
        return []
    voice = facts.voice
    blocks: list[Block] = [Heading(tell(facts, "ladder_title"), 2), Paragraph(tell(facts, "ladder_note"), "note")]
    origin = source(facts, "ladder", "ladder", "ladder_criteria", inputs=("firm_years.revenue_wan", "firm_facts.value"))
    blocks += figure(facts, figures, "ladder", origin)
    rows = [
        (word(facts, "rung", rung), *(voice.number(value) for value in values))
        for rung, values in zip(counts.index, counts.to_numpy().tolist(), strict=True)
    ]
    header = [tell(facts, "ladder_rung"), *(word(facts, "status", name) for name in counts.columns)]
    blocks.append(listed(tell(facts, "ladder_caption"), header, rows, origin, "lrrrr", (2.2, 1, 1, 1, 1)))
    flows = table(facts, "register_flows")
    whole = flows[(flows["sector"] == "all") & (flows["basis"] == "recorded")] if len(flows) else flows
    if len(whole):
        names = ("opening", "entries", "exits", "net", "closing")
        rows = [
            (str(int(float(str(row["year"])))), *(voice.number(row[name]) for name in names))
            for row in whole.to_dict("records")
        ]
        header = [voice("year"), *(tell(facts, f"flows_{name}") for name in names)]
        note = source(facts, "ladder", "register_flows", inputs=("firm_years.register_state",))
        blocks.append(listed(tell(facts, "flows_caption"), header, rows, note, "lrrrrr"))
    return blocks


# ---- watch


def push_rows(facts: Facts) -> pd.DataFrame:
    """Return the firms to push in the first year with their distance to the line, best first."""
    pushes, watch = table(facts, "watch_pushes"), table(facts, "threshold_watch")
    if pushes.empty or watch.empty:
        return pd.DataFrame()
    first = pushes[number(pushes, "year") == number(pushes, "year").min()].sort_values("rank")
    wanted = ["firm_id", "revenue_wan", "threshold_wan", "short_by_wan", "short_months", "reach_by"]
    return first.merge(watch[wanted], on="firm_id", how="left").reset_index(drop=True)


def _watch(facts: Facts, figures: Mapping[str, Path]) -> list[Block]:
    outlook = table(facts, "watch_outlook")
    if outlook.empty:
        return []
    voice, row = facts.voice, outlook.iloc[0].to_dict()
    origin = source(facts, "watch", "threshold_watch", "watch_pushes", inputs=("firm_years.revenue_wan",))
    told = {str(name): voice.number(value, _decimals(str(name))) for name, value in row.items() if name != "year"}
    blocks: list[Block] = [
        Heading(tell(facts, "watch_title"), 2),
        Paragraph(tell(facts, "watch_outlook", year=int(float(str(row["year"]))), **told)),
        *(Paragraph(text) for text in _calibration(facts)),
    ]
    if not facts.is_outward:
        blocks += [*figure(facts, figures, "watch", origin), *_pushes(facts, origin)]
    return [*blocks, *_care(facts)]


def _decimals(name: str) -> int:
    return 0 if name.startswith("firms_") else 1


def _calibration(facts: Facts) -> list[str]:
    frame = table(facts, "watch_calibration")
    if frame.empty:
        return []
    chosen = frame[truth(frame, "chosen") & (number(frame, "bin") == 0)]
    voice = facts.voice
    return [
        tell(
            facts,
            "watch_calibration",
            side=tell(facts, f"side_{row['side']}"),
            model=str(row["model"]),
            forecasts=voice.number(row["forecasts"]),
            brier=voice.number(row["brier"], 4),
            skill=voice.percent(row["brier_skill"], 0),
            expected=voice.percent(row["mean_forecast"], 1),
            seen=voice.percent(row["observed_share"], 1),
        )
        for row in chosen.to_dict("records")
    ]


def _pushes(facts: Facts, origin: str) -> list[Block]:
    frame, voice, names = push_rows(facts), facts.voice, firm_names(facts)
    if frame.empty:
        return [Paragraph(tell(facts, "pushes_none"))]
    rows = [
        (
            names.get(str(row["firm_id"]), str(row["firm_id"])),
            voice.number(row["revenue_wan"]),
            voice.number(row["threshold_wan"]),
            voice.number(row["short_by_wan"]),
            str(row["reach_by"] or "—"),
            voice.percent(row["probability_cross"], 0),
            voice.percent(row["probability_pushed"], 0),
            voice.number(row["visits"]),
        )
        for row in frame.head(MOST_PUSHES).to_dict("records")
    ]
    keys = ("firm", "revenue", "line", "short", "by", "chance", "pushed", "visits")
    header = [tell(facts, f"pushes_{name}") for name in keys]
    caption = tell(facts, "pushes_caption", shown=len(rows), all=len(frame))
    note = Paragraph(tell(facts, "pushes_note"), "note")
    return [listed(caption, header, rows, origin, "lrrrlrrr", (3.2, 1, 1, 1, 1.1, 0.9, 0.9, 0.7)), note]


def _care(facts: Facts) -> list[Block]:
    frame = table(facts, "care_list")
    if frame.empty:
        return []
    voice = facts.voice
    every, high = frame["reason"].value_counts(), frame.loc[frame["level"] == "high", "reason"].value_counts()
    rows = [
        (word(facts, "care", reason), voice.number(count), voice.number(int(high.get(reason, 0))))
        for reason, count in every.items()
    ]
    header = [tell(facts, f"care_{name}") for name in ("reason", "firms", "high")]
    return [listed(tell(facts, "care_caption"), header, rows, source(facts, "watch", "care_list"), "lrr", (3, 1, 1))]


# ---- output per mu


def _output_per_mu(facts: Facts, figures: Mapping[str, Path]) -> list[Block]:
    frame = table(facts, "output_per_mu")
    if frame.empty:
        return []
    voice = facts.voice
    scheme = _scheme_name(facts, str(frame["scheme"].iloc[0]))
    blocks: list[Block] = [
        Heading(tell(facts, "mu_title"), 2),
        Paragraph(tell(facts, "mu_note", scheme=scheme), "note"),
    ]
    inputs = ("firm_years.tax_wan", "firm_years.land_mu")
    origin = source(facts, "output_per_mu", "output_per_mu", "output_per_mu_parts", inputs=inputs)
    blocks += figure(facts, figures, "output_per_mu", origin)
    rows = []
    for name in list(dict.fromkeys(frame["list"].dropna())):
        own = frame[frame["list"] == name]
        counts = own["grade"].value_counts()
        land = number(own, "land_mu")
        tax = (number(own, "tax_per_mu") * land).sum() / land[number(own, "tax_per_mu").notna()].sum()
        grades = [voice.number(int(counts.get(grade, 0))) for grade in "ABCD"]
        left = int(own["grade"].isna().sum() + (own["grade"] == "").sum())
        rows.append((word(facts, "list", name), *grades, voice.number(left), voice.number(tax, 1)))
    header = [tell(facts, "mu_list"), "A", "B", "C", "D", tell(facts, "mu_left"), tell(facts, "mu_tax")]
    blocks.append(listed(tell(facts, "mu_caption"), header, rows, origin, "lrrrrrr", (2.6, 0.7, 0.7, 0.7, 0.7, 1, 1.3)))
    sensitive = table(facts, "output_per_mu_sensitivity")
    if len(sensitive):
        share = number(sensitive, "change_share")
        often, all_ = int((share > 0.1).sum()), len(sensitive)
        blocks.append(Paragraph(tell(facts, "mu_sensitivity", often=often, all=all_)))
    return blocks


def _scheme_name(facts: Facts, scheme: str) -> str:
    """Return the name of a scheme that ships; one of the office's own is known by its id."""
    from zhenxing.diagnosis.output_per_mu.scheme import read_scheme
    from zhenxing.errors import InputError

    try:
        return speak(read_scheme(scheme).name, facts.voice.language)
    except InputError:
        return scheme


# ---- peers and launches


def peer_rows(facts: Facts) -> pd.DataFrame:
    """Return the town against the median and the best of its peers, one row per indicator, like for like first."""
    frame = table(facts, "peer_gaps")
    if frame.empty:
        return pd.DataFrame()
    known = frame[frame["peer_id"].isin(["median", "best"]) & number(frame, "value").notna()]
    known = known[~known["indicator"].isin(MEASURES_OF_SIZE)]
    rows: list[dict[str, Any]] = []
    for indicator, own in known.groupby("indicator", sort=False):
        bases = list(dict.fromkeys(own["basis"]))
        fair = [one for one in bases if truth(own[own["basis"] == one], "like_for_like").all()]
        basis = (fair or bases)[0]
        chosen = own[own["basis"] == basis].set_index("peer_id")
        if not {"median", "best"} <= set(chosen.index):
            continue
        rows.append(
            {
                "indicator": indicator,
                "basis": basis,
                "unit": chosen.loc["median", "unit"],
                "value": float(chosen.loc["median", "value"]),
                "median": float(chosen.loc["median", "peer_value"]),
                "best": float(chosen.loc["best", "peer_value"]),
                "like_for_like": bool(fair),
            }
        )
    return pd.DataFrame(rows)


def indicator_name(facts: Facts, row: Mapping[str, Any]) -> str:
    """Return what an indicator is called, with its basis where it is not as given."""
    known = facts.town["indicators"]
    column = "name_en" if facts.voice.language == "en" else "name_zh"
    told = known.dropna(subset=[column]) if column in known else known.iloc[:0]
    names = dict(zip(told["indicator"].astype(str), told[column].astype(str), strict=True)) if len(told) else {}
    name = names.get(str(row["indicator"]), str(row["indicator"]))
    return name if row["basis"] == "as_given" else tell(facts, f"basis_{row['basis']}", name=name)


def _peers(facts: Facts, figures: Mapping[str, Path]) -> list[Block]:
    similar, rows = table(facts, "peer_similarity"), peer_rows(facts)
    if similar.empty and rows.empty:
        return []
    voice = facts.voice
    blocks: list[Block] = [Heading(tell(facts, "peers_title"), 2)]
    if len(similar):
        chosen = similar[truth(similar, "chosen")]
        notes = in_language(chosen, voice.language, "note", "note_en")
        blocks += [Paragraph(text, "bullet") for text in notes[:MOST_REASONS]]
    if rows.empty:
        return blocks
    origin = source(facts, "peers", "peer_gaps", "peer_similarity", inputs=("peer_values.value",))
    blocks += figure(facts, figures, "peers", origin)
    cells = [
        (
            indicator_name(facts, row),
            str(row["unit"]),
            voice.number(row["value"], 1),
            voice.number(row["median"], 1),
            voice.number(row["best"], 1),
            tell(facts, "fair" if row["like_for_like"] else "not_fair"),
        )
        for row in ({str(k): v for k, v in one.items()} for one in rows.to_dict("records"))
    ]
    header = [tell(facts, f"peers_{name}") for name in ("indicator", "unit", "own", "median", "best", "fair")]
    widths = (2.4, 1.2, 1, 1, 1, 1.4)
    return [*blocks, listed(tell(facts, "peers_caption"), header, cells, origin, "llrrrl", widths)]


def _launches(facts: Facts) -> list[Block]:
    rates, beside = table(facts, "launch_rates"), table(facts, "launch_comparison")
    if rates.empty:
        return []
    voice = facts.voice
    whole = rates[rates["link_id"].fillna("") == ""]
    year = number(whole, "year").max()
    rows = []
    for row in whole[number(whole, "year") == year].to_dict("records"):
        peers = pd.DataFrame()
        if len(beside):
            peers = beside[(beside["measure"] == row["measure"]) & (beside["link_id"].fillna("") == "")]
        ahead = int((peers["standing"] == "ahead").sum()) if len(peers) else 0
        median = number(peers, "peer_rate").median() if len(peers) else float("nan")
        rows.append(
            (
                word(facts, "measure", row["measure"]),
                voice.number(row["rate"], 1),
                span(facts, row["rate_low"], row["rate_high"], 1),
                voice.number(median, 1),
                voice("of_all", part=ahead, all=len(peers)) if len(peers) else "—",
            )
        )
    header = [tell(facts, f"launches_{name}") for name in ("measure", "rate", "range", "median", "ahead")]
    origin = source(facts, "launches", "launch_rates", "launch_comparison", inputs=("firm_years.design_patents",))
    caption = tell(facts, "launches_caption", year=int(year))
    blocks: list[Block] = [Heading(tell(facts, "launches_title"), 2)]
    blocks.append(listed(caption, header, rows, origin, "lrrrr", (2, 1, 1.4, 1.2, 1.2)))
    return blocks
