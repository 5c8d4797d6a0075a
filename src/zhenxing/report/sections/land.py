"""Part three: which sites start when and how, what the yearly limits carry, and each park's land."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from zhenxing.report.blocks import Block, Figure, Heading, Paragraph
from zhenxing.report.facts import Facts
from zhenxing.report.tabulation import Line, across_years, listed

FULL = 0.99


def land(facts: Facts, figures: Mapping[str, Path]) -> list[Block]:
    """Return part three."""
    voice = facts.voice
    blocks: list[Block] = [Heading(voice("land_title")), *_capacities(facts)]
    if "map" in figures:
        caption = voice("map_caption") if has_outlines(facts) else voice("map_tiles_caption")
        blocks.append(Figure(figures["map"], caption, facts.source("sites", "plan_sites.start_year")))
    blocks.append(_starts(facts))
    blocks.append(Heading(voice("land_balance_title"), 2))
    if "land" in figures:
        blocks.append(Figure(figures["land"], voice("land_figure_caption", year=facts.years[-1]), _land_source(facts)))
    blocks.append(_land_balance(facts))
    return [*blocks, *_resettlement(facts), *_exits(facts)]


def has_outlines(facts: Facts) -> bool:
    """Whether the sites are drawn from their own outlines."""
    sites = facts.town["sites"]
    return "geometry" in sites and bool(sites["geometry"].notna().any())


def _land_source(facts: Facts) -> str:
    return facts.source(
        "plan_sites.delivery_year", "plan_landings.count", "plan_resettlement.floor_m2", "parks.vacant_mu", rule="3.4"
    )


def _capacities(facts: Facts) -> list[Block]:
    voice, frame = facts.voice, facts.evaluation.capacities
    pairs = (
        ("clear", "cleared_mu", "clear_capacity_mu"),
        ("title", "title_mu", "title_capacity_mu"),
        ("effort", "effort_months", "effort_capacity_months"),
    )
    lines, sentences = [], []
    for name, used, limit in pairs:
        use, capacity = frame[used].astype(float), frame[limit].astype(float)
        lines += [
            Line(voice(f"capacity_{name}_use"), use.tolist(), 1),
            Line(voice(f"capacity_{name}_limit"), capacity.tolist(), 1, total=not capacity.map(math.isinf).any()),
        ]
        full = [
            str(year)
            for year, a, b in zip(frame["year"], use, capacity, strict=True)
            if not math.isinf(b) and a >= FULL * b
        ]
        if full:
            sentences.append(Paragraph(voice(f"capacity_{name}_full", years=voice.listed(full, 20)), "bullet"))
    if not sentences:
        sentences.append(Paragraph(voice("capacity_none_full"), "bullet"))
    source = facts.source(
        "plan_sites", "plan_landings", "budget.title_capacity_mu,clear_capacity_mu,effort_months", rule="3.7"
    )
    return [*sentences, across_years(voice, voice("capacity_caption"), facts.years, lines, source)]


def site_rows(facts: Facts) -> pd.DataFrame:
    """Return the started sites with what the plan does to them, by start year and park.

    Returns
    -------
    DataFrame
        site_id, name, park_id, park, villages, area_mu, mode, start_year, delivery_year, released_mu, title_mu,
        public_cost_wan.
    """
    sites = facts.filled("sites")[["site_id", "park_id", "area_mu"]]
    columns = ["site_id", "mode", "released_share", "title_mu", "public_cost_wan"]
    frame = facts.plan["plan_sites"].merge(sites, on="site_id", how="left")
    frame = frame.merge(facts.filled("site_modes")[columns], on=["site_id", "mode"], how="left")
    villages = site_villages(facts)
    frame["released_mu"] = frame["released_share"].astype(float) * frame["area_mu"].astype(float)
    frame["name"] = [facts.names.of("sites", site) for site in frame["site_id"]]
    frame["park"] = [facts.names.of("parks", park) for park in frame["park_id"]]
    frame["villages"] = [villages.get(str(site), "") for site in frame["site_id"]]
    return frame.sort_values(["start_year", "park_id", "site_id"], kind="stable").reset_index(drop=True)


def site_villages(facts: Facts) -> dict[str, str]:
    """Return the villages of each site by name, largest share of its parcels first."""
    town = facts.town
    links, parcels = town["site_parcels"], town["parcels"]
    if links.empty or parcels.empty or "village_id" not in parcels:
        return {}
    merged = links.merge(parcels, on="parcel_id").dropna(subset=["village_id"])
    merged["weight"] = merged["area_registered_mu"].astype(float).fillna(0.0) if "area_registered_mu" in merged else 1.0
    shares = (
        merged.groupby(["site_id", "village_id"])["weight"]
        .sum()
        .reset_index()
        .sort_values("weight", ascending=False, kind="stable")
    )
    comma = ", " if facts.voice.language == "en" else "、"
    return {
        str(site): comma.join(facts.names.of("villages", village) for village in own["village_id"])
        for site, own in shares.groupby("site_id", sort=False)
    }


def _starts(facts: Facts) -> Block:
    voice, frame = facts.voice, site_rows(facts)
    with_villages = bool(frame["villages"].astype(bool).any()) if len(frame) else False
    keys = [
        "no",
        "site",
        "park",
        *(["village"] if with_villages else []),
        "col_area_mu",
        "mode",
        "start",
        "delivery",
        "col_released_mu",
        "col_cost",
    ]
    rows = []
    for place, row in enumerate(frame.to_dict("records"), start=1):
        late = int(row["delivery_year"]) > facts.years[-1]
        rows.append(
            [
                str(place),
                row["name"],
                row["park"],
                *([row["villages"]] if with_villages else []),
                voice.number(row["area_mu"], 1),
                facts.names.word("mode", row["mode"]),
                str(int(row["start_year"])),
                f"{int(row['delivery_year'])}{'*' if late else ''}",
                voice.number(row["released_mu"], 1),
                voice.number(row["public_cost_wan"]),
            ]
        )
    lead = ["", voice("total"), "", *([""] if with_villages else [])]
    sums = [
        voice.number(frame[name].astype(float).sum(), digits)
        for name, digits in (("area_mu", 1), ("released_mu", 1), ("public_cost_wan", 0))
    ]
    rows.append([*lead, sums[0], "", "", "", sums[1], sums[2]])
    align = "clll" if with_villages else "cll"
    widths = (0.6, 2.2, 1.6, *([1.4] if with_villages else []), 1, 1.5, 0.8, 0.8, 1, 1.1)
    source = facts.source(
        "plan_sites.site_id,mode,start_year,delivery_year", "sites.area_mu", "site_modes.released_share,public_cost_wan"
    )
    return listed(
        voice("starts_caption"), [voice(key) for key in keys], rows, source, f"{align}rlccrr", widths, last_bold=True
    )


def land_rows(facts: Facts) -> pd.DataFrame:
    """Return each park's land at the end of the plan with a total row (park_id empty)."""
    frame = facts.evaluation.land
    last = frame[frame["year"] == facts.years[-1]].drop(columns="year").reset_index(drop=True)
    total = last.drop(columns="park_id").astype(float).sum().to_frame().T.assign(park_id="")
    return pd.concat([last, total[last.columns]], ignore_index=True)


def _land_balance(facts: Facts) -> Block:
    voice = facts.voice
    names = ["vacant_mu", "released_mu", "firms_mu", "resettlement_mu", "unused_mu"]
    rows = [
        [
            facts.names.of("parks", row["park_id"]) if row["park_id"] else voice("total"),
            *(voice.number(row[name], 1) for name in names),
        ]
        for row in land_rows(facts).to_dict("records")
    ]
    header = [voice(key) for key in ("park", *(f"land_{name}" for name in names))]
    caption = voice("land_balance_caption", year=facts.years[-1])
    return listed(caption, header, rows, _land_source(facts), "lrrrrr", (2.2, 1, 1, 1, 1, 1), last_bold=True)


def _resettlement(facts: Facts) -> list[Block]:
    voice, frame = facts.voice, facts.plan["plan_resettlement"]
    if frame.empty:
        return []
    pairs = frame.groupby(["from_park_id", "to_park_id", "year"], as_index=False)["floor_m2"].sum()
    wide = pairs.pivot_table(
        index=["from_park_id", "to_park_id"], columns="year", values="floor_m2", aggfunc="sum"
    ).reindex(columns=facts.years)
    arrow = " → "
    lines = [
        Line(facts.names.of("parks", start) + arrow + facts.names.of("parks", end), values.fillna(0.0).tolist())
        for (start, end), values in wide.iterrows()
    ]
    total = frame["floor_m2"].astype(float).sum()
    body = Paragraph(
        voice(
            "resettlement_body", floor=voice.number(total), cost=voice.money(facts.evaluation.money["moving_wan"].sum())
        )
    )
    if facts.is_outward:
        body = Paragraph(voice("resettlement_body_outward", floor=voice.number(total)))
    source = facts.source("plan_resettlement.floor_m2", "site_modes.displaced_share", "sites.floor_m2", rule="3.5")
    return [
        body,
        across_years(voice, voice("resettlement_caption"), facts.years, lines, source, first=voice("from_to")),
    ]


def _exits(facts: Facts) -> list[Block]:
    voice, frame = facts.voice, facts.plan["plan_exits"]
    if facts.is_outward or frame.empty:
        return []
    wide = frame.pivot_table(index="park_id", columns="year", values="floor_m2", aggfunc="sum").reindex(
        columns=facts.years
    )
    lines = [Line(facts.names.of("parks", park), values.fillna(0.0).tolist()) for park, values in wide.iterrows()]
    cost = voice.money(facts.evaluation.money["exit_compensation_wan"].sum())
    source = facts.source("plan_exits.floor_m2", rule="3.5, 3.8")
    return [
        Paragraph(voice("exits_body", floor=voice.number(frame["floor_m2"].astype(float).sum()), cost=cost)),
        across_years(voice, voice("exits_caption"), facts.years, lines, source, first=voice("park")),
    ]
