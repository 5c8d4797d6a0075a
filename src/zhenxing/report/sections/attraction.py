"""Parts five and six: firms and the chain; facilities, utilities and public works."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from zhenxing.report.blocks import Block, Figure, Heading, Paragraph
from zhenxing.report.chain import chain_coverage
from zhenxing.report.facts import Facts
from zhenxing.report.tabulation import Line, across_years, listed

CLOSED = 0.999
OPEN = 0.001
MOST_LANDINGS = 40


def attraction(facts: Facts, figures: Mapping[str, Path]) -> list[Block]:
    """Return part five."""
    voice = facts.voice
    blocks: list[Block] = [Heading(voice("attraction_title"))]
    frame = landing_rows(facts)
    if frame.empty:
        blocks.append(Paragraph(voice("landings_none")))
    else:
        blocks += [Paragraph(_landing_sentence(facts, frame)), _landings_by_year(facts, frame)]
        blocks.append(
            landings_table(facts, frame)
            if len(frame) <= MOST_LANDINGS
            else Paragraph(voice("landings_annexed"), "note")
        )
    return [*blocks, *_chain(facts, figures)]


def landing_rows(facts: Facts) -> pd.DataFrame:
    """Return what lands: one row per candidate, park and year, with its land, tax, output, probability and link.

    Returns
    -------
    DataFrame
        candidate_id (or the alias), candidate, park_id, park, year, count, land_mu, annual_tax_wan, annual_output_wan,
        probability, signed, link.
    """
    names = facts.names
    columns = ["candidate_id", "link_id", "annual_tax_wan", "annual_output_wan", "probability"]
    frame = facts.plan["plan_landings"].merge(facts.filled("candidates")[columns], on="candidate_id", how="left")
    placements = facts.filled("placements")[["candidate_id", "park_id", "land_mu"]]
    frame = frame.merge(placements, on=["candidate_id", "park_id"], how="left")
    frame = frame.sort_values(["year", "park_id", "candidate_id"], kind="stable").reset_index(drop=True)
    count = frame["count"].astype(float)
    for name in ("land_mu", "annual_tax_wan", "annual_output_wan"):
        frame[name] = frame[name].astype(float) * count
    frame["signed"] = frame["probability"].astype(float) >= facts.options.signed_probability
    frame["candidate"] = [names.of("candidates", value) for value in frame["candidate_id"]]
    frame["candidate_id"] = [names.shown_id("candidates", value) for value in frame["candidate_id"]]
    frame["park"] = [names.of("parks", value) for value in frame["park_id"]]
    frame["link"] = [names.of("links", value) if value else "" for value in frame["link_id"].fillna("")]
    order = [
        "candidate_id",
        "candidate",
        "park_id",
        "park",
        "year",
        "count",
        "land_mu",
        "annual_tax_wan",
        "annual_output_wan",
        "probability",
    ]
    return frame[[*order, "signed", "link"]]


def _landing_sentence(facts: Facts, frame: pd.DataFrame) -> str:
    voice, count = facts.voice, frame["count"].astype(float)
    signed = float(count[frame["signed"]].sum())
    expected = float((count * frame["probability"].astype(float)).sum())
    return voice(
        "landings_body",
        total=voice.number(count.sum()),
        signed=voice.number(signed),
        unsigned=voice.number(count.sum() - signed),
        threshold=voice.percent(facts.options.signed_probability, 0),
        expected=voice.number(expected, 1),
        land=voice.number(frame["land_mu"].sum(), 1),
    )


def _landings_by_year(facts: Facts, frame: pd.DataFrame) -> Block:
    voice = facts.voice
    count = frame["count"].astype(float)
    yearly = pd.DataFrame(
        {
            "year": frame["year"],
            "count": count,
            "signed": count.where(frame["signed"], 0.0),
            "expected": count * frame["probability"].astype(float),
            "land": frame["land_mu"],
            "tax": frame["annual_tax_wan"] * frame["probability"].astype(float),
        }
    )
    sums = yearly.groupby("year").sum().reindex(facts.years, fill_value=0.0)
    digits = {"count": 0, "signed": 0, "expected": 1, "land": 1, "tax": 0}
    lines = [Line(voice(f"landed_{name}"), sums[name].tolist(), decimals) for name, decimals in digits.items()]
    source = facts.source("plan_landings.year,count", "candidates.annual_tax_wan,probability", "placements.land_mu")
    return across_years(voice, voice("landings_year_caption"), facts.years, lines, source)


def landings_table(facts: Facts, frame: pd.DataFrame) -> Block:
    """Return every landing as a row with its land, tax, output and probability."""
    voice = facts.voice
    rows: list[tuple[str, ...]] = [
        (
            str(int(row["year"])),
            row["candidate"],
            row["park"],
            row["link"],
            voice.number(row["count"]),
            voice.number(row["land_mu"], 1),
            voice.number(row["annual_tax_wan"]),
            voice.number(row["annual_output_wan"]),
            voice.percent(row["probability"], 0),
        )
        for row in frame.to_dict("records")
    ]
    sums = [
        voice.number(frame[name].astype(float).sum(), digits)
        for name, digits in (("count", 0), ("land_mu", 1), ("annual_tax_wan", 0), ("annual_output_wan", 0))
    ]
    rows.append(("", voice("total"), "", "", *sums, ""))
    header = [
        voice(key)
        for key in (
            "year",
            "candidate",
            "park",
            "link",
            "col_count",
            "col_land",
            "col_tax",
            "col_output",
            "col_probability",
        )
    ]
    source = facts.source(
        "plan_landings.candidate_id,park_id,year,count",
        "candidates.annual_tax_wan,annual_output_wan,probability",
        "placements.land_mu",
    )
    widths = (0.8, 2.4, 1.6, 1.5, 0.7, 0.9, 1, 1.1, 0.9)
    return listed(voice("landings_caption"), header, rows, source, "clllrrrrr", widths, last_bold=True)


def _chain(facts: Facts, figures: Mapping[str, Path]) -> list[Block]:
    voice = facts.voice
    frame = chain_coverage(facts.town, facts.evaluation)
    blocks: list[Block] = [Heading(voice("chain_title"), 2)]
    if frame.empty:
        return [*blocks, Paragraph(voice("chain_none"))]
    closed = frame[frame["after_share"] >= CLOSED]
    missing = frame[(frame["after_share"] <= OPEN) & (frame["wanted_wan"] > 0)]
    partly = frame[(frame["after_share"] > OPEN) & (frame["after_share"] < CLOSED)]
    for key, group in (("chain_closed", closed), ("chain_partly", partly), ("chain_missing", missing)):
        if len(group):
            shown = voice.listed([facts.names.of("links", link) for link in group["link_id"]], 12)
            blocks.append(Paragraph(voice(key, count=len(group), names=shown), "bullet"))
    source = facts.source(
        "plan_landings",
        "chain_rewards.output_wan,reward_per_output",
        "candidates.annual_output_wan,probability",
        "locks.rule",
        rule="3.10, 3.12",
    )
    if "chain" in figures:
        blocks.append(Figure(figures["chain"], voice("chain_figure_caption"), source))
    rows = [
        (
            facts.names.of("links", row["link_id"]),
            voice.number(row["wanted_wan"]),
            voice.number(row["before_wan"]),
            voice.percent(row["before_share"], 0),
            voice.number(row["after_wan"]),
            voice.percent(row["after_share"], 0),
            voice.number(row["reward_wan"], 1),
        )
        for row in frame.to_dict("records")
    ]
    header = [
        voice(key)
        for key in ("link", "chain_wanted", "chain_before", "chain_share", "chain_after", "chain_share", "chain_reward")
    ]
    table = listed(voice("chain_caption"), header, rows, source, "lrrrrrr", (2, 1.2, 1.2, 0.9, 1.2, 0.9, 1.2))
    return [*blocks, table, Paragraph(voice("chain_note"), "note")]


def public_works(facts: Facts) -> list[Block]:
    """Return part six: works, facilities and utility steps by year."""
    voice, plan, town, names = facts.voice, facts.plan, facts.town, facts.names
    blocks: list[Block] = [Heading(voice("public_title"))]
    works = plan["plan_works"].merge(facts.filled("works").drop(columns=["name"]), on="work_id", how="left")
    if len(works):
        rows = [
            (
                names.of("works", row["work_id"]),
                str(int(row["start_year"])),
                str(int(row["opening_year"])),
                voice.number(row["cost_wan"]),
                voice.number(row["annual_benefit_wan"]),
            )
            for row in works.sort_values(["start_year", "work_id"]).to_dict("records")
        ]
        header = [voice(key) for key in ("work", "start", "opening", "col_cost", "col_benefit")]
        source = facts.source("plan_works.start_year,opening_year", "works.cost_wan,annual_benefit_wan", rule="3.8, 4")
        blocks.append(listed(voice("works_caption"), header, rows, source, "lccrr", (3, 1, 1, 1.2, 1.4)))
    rest = (
        town["works"][~town["works"]["work_id"].isin([*plan["plan_works"]["work_id"], *_done_works(facts)])]
        if len(town["works"])
        else town["works"]
    )
    if len(rest):
        blocks.append(
            Paragraph(voice("works_left", names=voice.listed([names.of("works", work) for work in rest["work_id"]])))
        )
    blocks += [*_facilities(facts), *_utilities(facts)]
    return blocks if len(blocks) > 1 else [*blocks, Paragraph(voice("public_none"))]


def _done_works(facts: Facts) -> list[str]:
    locks = facts.filled("locks")
    return list(locks.loc[(locks["rule"] == "done") & (locks["subject"] == "work"), "id"])


def _facilities(facts: Facts) -> list[Block]:
    voice, frame = facts.voice, facts.plan["plan_facilities"]
    if frame.empty:
        return []
    merged = frame.merge(facts.filled("facilities"), on=["park_id", "facility_id"], how="left")
    rows = [
        (
            str(int(row["year"])),
            facts.names.of("parks", row["park_id"]),
            facts.names.word("facility", row["facility_id"]),
            voice.number(row["cost_wan"]),
            str(int(row["year"] + row["lead_years"])),
        )
        for row in merged.sort_values(["year", "park_id"]).to_dict("records")
    ]
    header = [voice(key) for key in ("year", "park", "facility", "col_cost", "usable")]
    source = facts.source("plan_facilities.year", "facilities.cost_wan,lead_years", rule="3.3")
    return [listed(voice("facilities_caption"), header, rows, source, "cllrc", (0.8, 2, 2, 1.2, 1))]


def _utilities(facts: Facts) -> list[Block]:
    voice, frame = facts.voice, facts.plan["plan_utilities"]
    if frame.empty:
        return []
    merged = frame.merge(facts.filled("utility_steps"), on=["park_id", "resource", "step"], how="left")
    rows = [
        (
            str(int(row["year"])),
            facts.names.of("parks", row["park_id"]),
            facts.names.word("resource", row["resource"]),
            str(row["step"]),
            voice.number(row["adds"]),
            voice.number(row["cost_wan"]),
            str(int(row["year"] + row["lead_years"])),
        )
        for row in merged.sort_values(["year", "park_id", "resource", "step"]).to_dict("records")
    ]
    header = [voice(key) for key in ("year", "park", "resource", "step", "adds", "col_cost", "usable")]
    source = facts.source("plan_utilities.year", "utility_steps.adds,cost_wan,lead_years", rule="3.6")
    return [listed(voice("utilities_caption"), header, rows, source, "cllcrrc", (0.8, 2, 1.6, 0.7, 1.2, 1.2, 1))]
