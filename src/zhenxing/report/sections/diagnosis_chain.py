"""The chain in the diagnosis chapter: graph, gap table, evidence and the rewards derived from the gaps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from zhenxing.report.blocks import Block, Figure, Heading, Paragraph
from zhenxing.report.diagnosis import link_name, number, source, span, table, tell, truth, word
from zhenxing.report.facts import Facts
from zhenxing.report.tabulation import listed

# Links printed; the workbook has all of them.
MOST_LINKS, TOLD_LINKS = 16, 4
VERDICT_ORDER = ("missing", "weak", "leader_dependent", "fair", "strong", "unknown")


def figure(facts: Facts, figures: Mapping[str, Path], name: str, note: str) -> list[Block]:
    """Return a picture of the chapter with its caption and note of origin; nothing where it was not drawn."""
    return [Figure(figures[name], tell(facts, f"figure_{name}"), note)] if name in figures else []


def chain_rows(facts: Facts) -> pd.DataFrame:
    """Return the links, those with the largest gap first, then by verdict."""
    frame = table(facts, "chain")
    order = frame["verdict"].map({name: place for place, name in enumerate(VERDICT_ORDER)})
    keys = pd.DataFrame({"gap": -number(frame, "gap_wan").fillna(0.0), "order": order}, index=frame.index)
    return frame.loc[keys.sort_values(["gap", "order"], kind="stable").index].reset_index(drop=True)


def chain(facts: Facts, figures: Mapping[str, Path]) -> list[Block]:
    """Return the chain's part of the chapter."""
    if table(facts, "chain").empty:
        return []
    voice, frame = facts.voice, chain_rows(facts)
    blocks: list[Block] = [Heading(tell(facts, "chain_title"), 2), Paragraph(tell(facts, "chain_formula"), "note")]
    origin = source(facts, "chain", "chain", "chain_edges", inputs=("firm_years.output_wan", "link_inputs.share"))
    blocks += figure(facts, figures, "chain_graph", origin)
    cells = [
        (
            link_name(facts, row["link_id"]),
            voice.number(row["makers"]),
            voice.number(row["output_wan"]),
            voice.number(row["demand_wan"]),
            voice.percent(row["local_supply_share"], 0),
            voice.number(row["gap_wan"]),
            span(facts, row["gap_wan_low"], row["gap_wan_high"]),
            voice.number(row["location_quotient"], 2),
            voice.number(row["hhi"], 2),
            word(facts, "verdict", row["verdict"]),
            voice.percent(row["flip_share"], 0),
        )
        for row in frame.head(MOST_LINKS).to_dict("records")
    ]
    names = ("link", "makers", "output", "demand", "share", "gap", "range", "lq", "hhi", "verdict", "flips")
    header = [tell(facts, f"chain_{name}") for name in names]
    widths = (2.0, 0.7, 1.0, 1.0, 0.8, 1.0, 1.7, 0.7, 0.7, 1.1, 0.8)
    caption = tell(facts, "chain_caption", shown=len(cells), all=len(frame))
    blocks.append(listed(caption, header, cells, origin, "lrrrrrrrrlr", widths))
    blocks += figure(facts, figures, "chain_gaps", origin)
    often = int((number(frame, "flip_share") > 0.1).sum())
    draws = int(number(table(facts, "chain_flips"), "draws").max()) if len(table(facts, "chain_flips")) else 0
    assumed = int(truth(frame, "assumed").sum())
    blocks.append(Paragraph(tell(facts, "chain_flip_told", draws=draws, often=often, all=len(frame), assumed=assumed)))
    return [*blocks, *_evidence(facts, frame), *_rewards(facts)]


def _evidence(facts: Facts, frame: pd.DataFrame) -> list[Block]:
    column = "evidence_en" if facts.voice.language == "en" else "evidence"
    gaps = frame[number(frame, "gap_wan") > 0].head(TOLD_LINKS)
    lines = [Paragraph(str(text), "bullet") for text in gaps[column]]
    # who leads a link is a name; outside readers do not get it
    return [] if facts.is_outward else [Paragraph(tell(facts, "chain_evidence_lead")), *lines] if lines else []


def _rewards(facts: Facts) -> list[Block]:
    frame = table(facts, "chain_rewards")
    if frame.empty:
        return [Paragraph(tell(facts, "rewards_none"))]
    voice = facts.voice
    used = facts.filled("chain_rewards")
    merged = frame.merge(used, on=["link_id", "segment"], how="left", suffixes=("", "_used"))
    same = (number(merged, "output_wan") - number(merged, "output_wan_used")).abs() <= 1e-6 * number(
        merged, "output_wan"
    ).clip(lower=1)
    taken = set(merged.loc[same, "link_id"])
    rows = []
    for link, own in frame.groupby("link_id", sort=False):
        parts = " / ".join(voice.number(value) for value in own["output_wan"])
        worth = " / ".join(f"{float(value):.4f}" for value in own["reward_per_output"])
        rows.append((link_name(facts, link), parts, worth, tell(facts, "taken" if link in taken else "not_taken")))
    header = [tell(facts, f"rewards_{name}") for name in ("link", "parts", "worth", "taken")]
    caption = tell(facts, "rewards_caption")
    return [listed(caption, header, rows, source(facts, "chain", "chain_rewards"), "lrrl", (1.6, 2.2, 2.2, 1.2))]
