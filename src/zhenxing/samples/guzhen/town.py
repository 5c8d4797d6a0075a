"""The Guzhen example as one checked town: cited public facts, everything else synthetic and labelled so."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import pandas as pd

from zhenxing.samples.assembly import assemble
from zhenxing.samples.guzhen import demand, firms, land, means, mission, parcels, peers, regions
from zhenxing.samples.guzhen.authored import BASE_YEAR, YEARS, authored, each, fact
from zhenxing.town import Town

NOTE: Final = (
    "合成示例数据：公开事实见 provenance 表并注明出处，其余数字、企业、地块和边界均为编写，不代表古镇镇实际情况。 / "
    "Synthetic sample: public facts stand in the table provenance with their source; all other numbers, firms, sites "
    "and outlines are made up and do not describe the real town."
)
DONE_YEAR: Final = 2022
DONE_MODES: Final = {"first_site_mu": "coop", "joint_site_mu": "gov_reserve"}
BOND_DEBT_LIMIT_WAN: Final = 20000
# Which cited fact stands behind which column; "settings" means town.toml.
FACT_COLUMNS: Final = (
    ("settings", "industrial_land_mu", "industrial_land_mu"),
    ("settings", "gross_scope_mu", "gross_scope_mu"),
    ("settings", "code", "town_code"),
    ("settings", "moving_cost_wan_per_m2", "moving_yuan_per_m2"),
    ("villages", "name", "villages"),
    ("villages", "name", "villages_unverified"),
    ("villages", "geometry", "town_area_km2"),
    ("parks", "gate_tax_wan_per_mu", "gate_tax_wan_per_mu"),
    ("parks", "gate_output_wan_per_mu", "gate_output_wan_per_mu"),
    ("parks", "gate_investment_wan_per_mu", "gate_investment_wan_per_mu"),
    ("parks", "land_price_wan_per_mu", "land_price_wan_per_mu"),
    ("parks", "land_price_wan_per_mu", "village_share"),
    ("parks", "park_id", "parks_started"),
    ("sites", "floor_m2", "old_far"),
    ("site_modes", "public_cost_wan", "assembly_wan_per_mu"),
    ("site_modes", "public_cost_wan", "demolition_wan_per_mu"),
    ("site_supplies", "amount", "new_far"),
    ("parcels", "area_registered_mu", "small_plots_share"),
    ("candidates", "name", "shenzhen_intents"),
    ("candidates", "investment_wan", "city_investment_wan_per_mu"),
    ("links", "is_key", "weak_links"),
    ("budget", "clear_capacity_mu", "clear_capacity_mu"),
    ("targets", "target", "above_scale_per_year"),
    ("targets", "target", "clear_capacity_mu"),
    ("indicator_targets", "stretch", "clear_stretch_mu"),
    ("works", "name", "transport_year"),
    ("region_industries", "firms", "lighting_makers"),
    ("region_industries", "firms", "lighting_sellers"),
    ("region_industries", "firms", "parts_makers"),
    ("indicator_actuals", "value", "cleared_half_year_mu"),
    ("locks", "id", "first_site_mu"),
    ("locks", "id", "joint_site_mu"),
    ("peer_values", "value", "gdp_yi"),
    ("peer_values", "value", "lighting_output_yi"),
    ("peer_values", "value", "above_scale_lighting_yi"),
    ("peer_values", "value", "high_tech_firms"),
    ("peer_values", "value", "specialised_firms"),
    ("peer_values", "value", "xiaolan_gdp_yi"),
    ("peer_values", "value", "xiaolan_above_scale"),
    ("peer_values", "value", "town_rank"),
    ("peer_values", "value", "xiaolan_rank"),
    ("peer_values", "value", "henglan_rank"),
)


def guzhen_settings() -> dict[str, dict[str, Any]]:
    """Return town.toml of the example as nested sections."""
    return {
        "town": {
            "name": "古镇镇（合成示例）",
            "name_en": "Guzhen (synthetic sample)",
            "code": "442000105",
            "crs": "EPSG:4490",
            "note": NOTE,
            "gross_scope_mu": int(fact("gross_scope_mu")),
            "industrial_land_mu": int(fact("industrial_land_mu")),
            "bond_option_debt_limit_wan": BOND_DEBT_LIMIT_WAN,
        },
        "plan": {
            "base_year": BASE_YEAR,
            "horizon_years": len(YEARS),
            "initial_cash_wan": 3000.0,
            "moving_cost_wan_per_m2": fact("moving_yuan_per_m2") / 10000,
            "exit_loss_wan_per_m2": 0.08,
            "land_reserve_value_wan_per_mu": 30.0,
            "cash_probability_floor": 0.5,
            "contiguity": "growth",
        },
    }


@cache
def guzhen_frames() -> dict[str, pd.DataFrame]:
    """Return every table of the example as drawn, before typing; do not change the frames returned."""
    blocks = parcels.park_blocks()
    villages = parcels.village_table()
    plots = parcels.parcel_tables(blocks)
    owned = plots["parcels"].merge(plots["site_parcels"], on="parcel_id", how="left").fillna({"site_id": ""})
    rows = demand.demand_rows()
    here = rows[rows["group"] == "done"]
    sites = land.site_table(blocks, owned, villages)
    local, main_links = firms.firm_tables(owned, villages)
    done = {s.site_id: (DONE_MODES[s.fact], DONE_YEAR) for block in blocks for s in block.sites if s.fact}
    pairs = land.neighbour_table(blocks)
    in_pool = owned[owned["site_id"] != ""]
    modes = land.mode_tables(sites, in_pool, firms.above_scale_by_site(local, sites["site_id"]))
    done_modes = _with_done_modes(modes, done)
    tables: dict[str, pd.DataFrame] = {
        "villages": villages,
        "parks": land.park_table(blocks, _by_park(here, "land_mu")),
        "sites": sites,
        "site_neighbours": pairs,
        **done_modes,
        **land.platform_tables(sites, pairs, list(done)),
        **demand.candidate_tables(rows, local["firms"]),
        **means.supply_tables(_by_park(here, "power_mva")),
        "budget": means.budget_table(),
        "targets": _targets(sites, done_modes["site_modes"], done),
        "locks": demand.lock_table(rows, done),
        **plots,
        **local,
        "region_industries": regions.region_table(local["firms"], local["firm_years"], main_links),
        **mission.link_tables(),
        **mission.indicator_tables(),
        **mission.prospect_tables(rows),
        **peers.peer_tables(),
        **mission.network_tables(),
        "modes": authored("parameters"),
    }
    tables["provenance"] = _provenance(tables)
    return tables


def guzhen_town() -> Town:
    """Return the bundled Guzhen example.

    Examples
    --------
    >>> town = guzhen_town()
    >>> len(town["sites"]), len(town["parks"]), town.plan.horizon_years
    (72, 6, 8)
    """
    return assemble(guzhen_settings(), guzhen_frames())


def _by_park(here: pd.DataFrame, column: str) -> dict[str, float]:
    return {str(row.parks): float(getattr(row, column)) for row in each(here)}


def _with_done_modes(tables: dict[str, pd.DataFrame], done: dict[str, tuple[str, int]]) -> dict[str, pd.DataFrame]:
    """Keep for a site that is done only the way in which it was done: nothing is left to choose."""
    return {
        name: frame[[row.site_id not in done or row.mode == done[row.site_id][0] for row in each(frame)]].reset_index(
            drop=True
        )
        for name, frame in tables.items()
    }


def _targets(sites: pd.DataFrame, modes: pd.DataFrame, done: dict[str, tuple[str, int]]) -> pd.DataFrame:
    cleared_by_park: dict[str, float] = {}
    released_by_park: dict[str, float] = {}
    joined = modes.merge(pd.DataFrame(sites[["site_id", "park_id", "area_mu"]]), on="site_id")
    for row in each(joined[joined["site_id"].isin(done)]):
        cleared_by_park[row.park_id] = cleared_by_park.get(row.park_id, 0.0) + row.area_mu
        released = row.area_mu * row.released_share
        released_by_park[row.park_id] = released_by_park.get(row.park_id, 0.0) + released
    return means.target_table(sum(cleared_by_park.values()), cleared_by_park, released_by_park)


def _provenance(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    facts = authored("facts").set_index("fact")
    rows = [{"table": name, "note": "synthetic / 合成", "as_of": f"{BASE_YEAR}-01-01"} for name in tables]
    rows += [
        {
            "table": name,
            "column": "geometry",
            "note": "authored, not surveyed / 编绘示意，非测绘",
            "as_of": f"{BASE_YEAR}-01-01",
        }
        for name, frame in tables.items()
        if "geometry" in frame.columns
    ]
    rows += [
        {
            "table": table,
            "column": column,
            "source_file": str(facts.at[name, "source"]),
            "note": f"fact {name} = {facts.at[name, 'value']!s} [{facts.at[name, 'tag']!s}]",
            "as_of": f"{BASE_YEAR}-01-01",
        }
        for table, column, name in FACT_COLUMNS
    ]
    return pd.DataFrame(rows)
