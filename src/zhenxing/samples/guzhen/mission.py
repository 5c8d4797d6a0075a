"""What the office holds beside the plan: links, indicators, dilemmas, prospects, reserve of projects, peers, roads."""

from __future__ import annotations

from typing import Final

import pandas as pd

from zhenxing import schema
from zhenxing.diagnosis.chains import load_chain
from zhenxing.samples.guzhen.authored import BASE_YEAR, YEARS, authored, fact, numbers, origin
from zhenxing.samples.guzhen.layout import with_lines, with_points

ROADS: Final = (
    ("R01", "西环高速（示意）", "expressway", 100, 2028, ((300.0, 0.0), (300.0, 7966.0))),
    ("R02", "古镇快线（示意）", "arterial", 60, 2027, ((0.0, 4900.0), (6000.0, 4900.0))),
    ("R03", "古神公路（示意）", "arterial", 60, None, ((3000.0, 0.0), (3000.0, 7966.0))),
    ("R04", "中兴大道南（示意）", "collector", 50, None, ((0.0, 2900.0), (6000.0, 2900.0))),
    ("R05", "曹安路（示意）", "collector", 40, None, ((3100.0, 6700.0), (6000.0, 6700.0))),
)
PLACES: Final = (
    ("B01", "西环高速出口（示意）", "ramp", (300.0, 4900.0)),
    ("B02", "古镇客运站（示意）", "station", (2900.0, 3000.0)),
    ("B03", "灯饰展览馆选址（示意）", "firm", (2300.0, 6600.0)),
)


def link_tables() -> dict[str, pd.DataFrame]:
    """Return the lighting chain that ships with the package, as far as the town's tables declare its columns."""
    links, inputs = load_chain("lighting")
    return {
        name: frame[[column for column in schema.table(name).columns if column in frame]]
        for name, frame in (("links", links), ("link_inputs", inputs))
    }


def indicator_tables() -> dict[str, pd.DataFrame]:
    """Return the indicators with base, yearly target and stretch (mu, firms, 万元, 亿元)."""
    clear, stretch = fact("clear_capacity_mu"), fact("clear_stretch_mu")
    rows: list[tuple[str, int, float | None, float | None, float | None]] = []
    for year in YEARS:
        t = year - BASE_YEAR
        rows.append(("cleared_mu", year, 0.0, clear * t, stretch * t))
        rows.append(("above_scale_net", year, 0.0, fact("above_scale_per_year"), None))
    rows.append(("industrial_land_mu", 2022, fact("industrial_land_mu"), None, None))
    rows.append(("gross_scope_mu", BASE_YEAR, None, fact("gross_scope_mu"), None))
    rows.append(("lighting_makers", 2018, fact("lighting_makers"), None, None))
    rows.append(("gdp_yi", 2024, fact("gdp_yi"), None, None))
    targets = pd.DataFrame(rows, columns=["indicator", "year", "base", "target", "stretch"])
    actuals = pd.DataFrame(
        [("cleared_mu", "2022-07", fact("cleared_half_year_mu"), "2022-07-31", origin("cleared_half_year_mu"))],
        columns=["indicator", "period", "value", "as_of", "source"],
    )
    return {
        "indicators": authored("indicators"),
        "indicator_targets": targets,
        "indicator_actuals": actuals,
        "dilemmas": authored("dilemmas"),
    }


def prospect_tables(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the intents from Shenzhen and the leaders talked to, as prospects and as the reserve of projects."""
    rng = numbers("prospects")
    known = rows[rows["group"].isin(["shenzhen", "leader"])].reset_index(drop=True)
    shenzhen = known["group"] == "shenzhen"
    ids = [f"Q{n + 1:02d}" for n in range(len(known))]
    prospects = pd.DataFrame(
        {
            "prospect_id": ids,
            "name": known["name"],
            "origin": shenzhen.map({True: "深圳", False: "待填（合成）"}),
            "channel": shenzhen.map({True: "trip", False: "chain_leader"}),
            "link_id": known["link_id"],
            "planned_investment_wan": known["investment_wan"],
            "land_need_mu": known["land_mu"],
            "annual_output_wan": known["output_wan"],
            "annual_tax_wan": known["annual_tax_wan"],
            "annual_value_added_wan": known["annual_value_added_wan"],
            "jobs": known["jobs"],
            "is_leader": known["is_leader"].astype(bool),
            "stage": shenzhen.map({True: "intent", False: "talks"}),
            "contact_owner": "招商办（合成）",
            "first_seen": [f"2026-{int(m):02d}-10" for m in rng.integers(2, 10, len(known))],
        }
    )
    projects = pd.DataFrame(
        {
            "project_id": [f"J{n + 1:02d}" for n in range(len(known))],
            "name": known["name"],
            "prospect_id": ids,
            "link_id": known["link_id"],
            "park_id": known["parks"].str.split(";").str[0],
            "investment_wan": known["investment_wan"],
            "land_mu": known["land_mu"],
            "agreed_output_wan": known["output_wan"],
            "agreed_tax_wan": known["annual_tax_wan"],
            "readiness": shenzhen.map({True: "idea", False: "studied"}),
            "owner": "招商办（合成）",
        }
    )
    events = pd.DataFrame(
        {
            "project_id": projects["project_id"],
            "date": prospects["first_seen"],
            "stage": prospects["stage"],
            "amount_wan": projects["investment_wan"],
            "note": "合成 / synthetic",
            "source": shenzhen.map(
                {True: "founding story: 12 intents from Shenzhen; details synthetic", False: "synthetic"}
            ),
        }
    )
    return {"prospects": prospects, "projects": projects, "project_events": events}


def network_tables() -> dict[str, pd.DataFrame]:
    """Return the roads of the published "transport year" as sketched lines, and a few places."""
    roads = pd.DataFrame(
        [(i, name, kind, speed, False, opens) for i, name, kind, speed, opens, _ in ROADS],
        columns=["road_id", "name", "class", "speed_kmh", "oneway", "opens_year"],
    )
    places = pd.DataFrame(
        [(i, name, kind, 1.0) for i, name, kind, _ in PLACES], columns=["place_id", "name", "kind", "weight"]
    )
    return {
        "roads": with_lines(roads, [line for *_, line in ROADS]),
        "places": with_points(places, [point for *_, point in PLACES]),
    }
