"""Land of the Guzhen example: parks, sites, neighbours, ways of renewal, returned floor and contiguous platforms."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from zhenxing.samples.guzhen.authored import BASE_YEAR, YEARS, authored, each, fact, numbers
from zhenxing.samples.guzhen.layout import with_polygons
from zhenxing.samples.guzhen.parcels import ParkBlock, SiteBlock
from zhenxing.units import M2_PER_MU

# mode: clears, lead years, released share, displaced share, tax gain (万元/mu a year), share of new floor returned
MODES: Final = {
    "gov_reserve": (True, 2, 0.78, 1.0, 0.0, 0.0),
    "self": (True, 2, 0.35, 0.35, 3.5, 0.10),
    "coop": (True, 3, 0.58, 0.7, 2.0, 0.18),
    "partial": (False, 1, 0.08, 0.05, 0.7, 0.02),
}
UNTITLED_STAGES: Final = ("none", "surveyed", "voted", "penalised", "approved")
SELF_UNTITLED_BELOW: Final = 0.6
# Owners renew a site by themselves only where one of them holds it.
SINGLE_OWNER_SHARE: Final = 0.7
# Where buildings are sound enough to be improved without clearing.
IMPROVED_SHARE: Final = 0.2
SLOW_TITLES: Final = (0.4, 0.7)
# Smaller sites are not worth a government purchase of their own.
RESERVED_FROM_MU: Final = 50.0
PARTNER_SHARE: Final = 0.7
# The programme of improving buildings without clearing ends with the first half of the plan.
IMPROVED_UNTIL: Final = 2030
VALUE_ADDED_PER_TAX: Final = 0.22 / 0.032
PLATFORM_MU: Final = (150.0, 200.0)
PLATFORM_SITES: Final = 5
PLATFORMS_PER_PARK: Final = 3
ABOVE_SCALE_LOST_SHARE: Final = 0.3


def park_table(parks: list[ParkBlock], done_land: dict[str, float]) -> gpd.GeoDataFrame:
    """Return the six parks; vacant land is before the use of the firms that are here already."""
    frame = authored("parks")
    vacant = [
        round(free + done_land.get(park, 0.0), 2) for park, free in zip(frame["park_id"], frame["free_mu"], strict=True)
    ]
    kept = fact("land_price_wan_per_mu") * (1.0 - fact("village_share"))
    table = pd.DataFrame(
        {
            "park_id": frame["park_id"],
            "name": frame["name"],
            "theme": frame["theme"],
            "vacant_mu": vacant,
            "land_price_wan_per_mu": (kept * frame["price_factor"]).round(1),
            "resettlement_far": 2.2,
            "gate_tax_wan_per_mu": fact("gate_tax_wan_per_mu"),
            "gate_output_wan_per_mu": fact("gate_output_wan_per_mu"),
            "gate_investment_wan_per_mu": fact("gate_investment_wan_per_mu"),
        }
    )
    return with_polygons(table, [park.box for park in parks])


def site_table(parks: list[ParkBlock], parcels: pd.DataFrame, villages: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the sites with their old floor; ``parcels`` carries the ``site_id`` of each parcel."""
    blocks = [site for park in parks for site in park.sites]
    floor = parcels.groupby("site_id")["floor_m2"].sum()
    seeds = _seeds(parks)
    table = pd.DataFrame(
        {
            "site_id": [block.site_id for block in blocks],
            "park_id": [block.park_id for block in blocks],
            "name": _site_names(blocks, parcels, villages),
            "area_mu": [block.area_mu for block in blocks],
            "floor_m2": [float(floor[block.site_id]) for block in blocks],
            "is_seed": [block.site_id in seeds for block in blocks],
        }
    )
    return with_polygons(table, [block.box for block in blocks])


def _site_names(blocks: list[SiteBlock], parcels: pd.DataFrame, villages: pd.DataFrame) -> list[str]:
    by_area = parcels.groupby(["site_id", "village_id"])["area_registered_mu"].sum().reset_index()
    largest = by_area.sort_values(["area_registered_mu", "village_id"]).groupby("site_id")["village_id"].last()
    spelled = villages.set_index("village_id")["name"]
    count: dict[str, int] = {}
    names = []
    for block in blocks:
        village = str(spelled[largest[block.site_id]]).removesuffix("村")
        count[village] = count.get(village, 0) + 1
        published = {"first_site_mu": "冈南31号地块", "joint_site_mu": "曹二曹三连片地块"}.get(block.fact)
        names.append(published or f"{village}{count[village]}号地块（合成）")
    return names


def _seeds(parks: list[ParkBlock]) -> set[str]:
    """Start-up sites lie at the edge of a park, where roads and pipes already reach."""
    rng = numbers("seeds")
    wanted = authored("parks").set_index("park_id")["seeds"]
    chosen: set[str] = set()
    for park in parks:
        # The first row of sites lies along the strip in use, which is served already.
        edge = [site.site_id for site in park.sites[:3]] + [site.site_id for site in park.sites[-3:] if not site.fact]
        chosen |= set(rng.choice(edge, int(wanted[park.park_id]), replace=False).tolist())
    return chosen


def neighbour_table(parks: list[ParkBlock]) -> pd.DataFrame:
    """Return the pairs of sites that share a border of at least twenty metres."""
    blocks = [site for park in parks for site in park.sites]
    pairs = [
        (a.site_id, b.site_id)
        for n, a in enumerate(blocks)
        for b in blocks[n + 1 :]
        if a.park_id == b.park_id and a.box.touches(b.box)
    ]
    return pd.DataFrame(pairs, columns=["site_id", "neighbour_id"])


def mode_tables(sites: pd.DataFrame, parcels: pd.DataFrame, above_scale: dict[str, float]) -> dict[str, pd.DataFrame]:
    """Return the ways each site can be renewed and the floor that comes back to its park.

    Parameters
    ----------
    sites : DataFrame
        The sites.
    parcels : DataFrame
        Parcels with the ``site_id`` they belong to: cost and missing titles are added up from them.
    above_scale : dict of str to float
        Above-scale firms on each site.
    """
    rng = numbers("modes")
    untitled = parcels["title_stage"].isin(UNTITLED_STAGES)
    title_mu = parcels["area_registered_mu"].where(untitled, 0.0).groupby(parcels["site_id"]).sum()
    assembly = (parcels["assembly_cost_wan"] + parcels["demolition_cost_wan"]).groupby(parcels["site_id"]).sum()
    rows: list[dict[str, object]] = []
    supplies: list[tuple[str, str, str, float]] = []
    for site in each(sites):
        share = float(title_mu[site.site_id]) / float(site.area_mu)
        draw = rng.uniform(size=(len(MODES), 3))
        reserved = site.area_mu >= RESERVED_FROM_MU
        alone = share < SELF_UNTITLED_BELOW and draw[1, 2] < SINGLE_OWNER_SHARE
        joined = draw[2, 2] < PARTNER_SHARE or not (reserved or alone)
        chosen = {"gov_reserve": reserved, "self": alone, "coop": joined, "partial": draw[3, 2] < IMPROVED_SHARE}
        cost = {
            "gov_reserve": float(assembly[site.site_id]),
            "self": site.area_mu * (5.0 + 7.0 * draw[1, 1]),
            "coop": site.area_mu * (25.0 + 30.0 * draw[2, 1]),
            "partial": site.area_mu * (4.0 + 4.0 * draw[3, 1]),
        }
        for n, (mode, (clears, lead, released, displaced, tax, floor)) in enumerate(MODES.items()):
            if not chosen[mode]:
                continue
            gain = round(site.area_mu * tax * (0.5 + float(draw[n, 2])), 1)
            rows.append(
                {
                    "site_id": site.site_id,
                    "mode": mode,
                    "clears": clears,
                    "lead_years": lead,
                    "released_share": round(released * (0.92 + 0.13 * float(draw[n, 0])), 4),
                    "displaced_share": displaced,
                    "title_mu": round(float(title_mu[site.site_id]), 2) if clears else 0.0,
                    "public_cost_wan": round(float(cost[mode]), 1),
                    "annual_tax_gain_wan": gain,
                    "annual_value_added_gain_wan": round(gain * VALUE_ADDED_PER_TAX, 1),
                    "above_scale_loss": round(ABOVE_SCALE_LOST_SHARE * displaced * float(above_scale[site.site_id]), 2)
                    if clears
                    else 0.0,
                    # Missing titles take a year or two before anything can start.
                    "earliest_year": BASE_YEAR + 1 + (sum(share > least for least in SLOW_TITLES) if clears else 0),
                    "latest_year": YEARS[-1] if clears else IMPROVED_UNTIL,
                }
            )
            if floor:
                amount = round(site.area_mu * M2_PER_MU * fact("new_far") * floor, -1)
                supplies.append((str(site.site_id), mode, "factory_floor_m2", amount))
    columns = ["site_id", "mode", "resource", "amount"]
    return {"site_modes": pd.DataFrame(rows), "site_supplies": pd.DataFrame(supplies, columns=columns)}


def platform_tables(sites: pd.DataFrame, pairs: pd.DataFrame, done: list[str]) -> dict[str, pd.DataFrame]:
    """Return contiguous platforms grown from random sites; a joint site that is cleared already is one by itself."""
    rng = numbers("platforms")
    area = sites.set_index("site_id")["area_mu"]
    beside: dict[str, list[str]] = {site: [] for site in area.index}
    for a, b in each(pairs):
        beside[a].append(b)
        beside[b].append(a)
    rows: list[tuple[str, str, float]] = []
    members: list[tuple[str, str]] = []
    for park, group in sites.groupby("park_id", sort=True):
        own: list[frozenset[str]] = [frozenset([s]) for s in done if s in set(group["site_id"]) and area[s] >= 200.0]
        starts = [s for s in group["site_id"] if s not in done]
        while len(own) < PLATFORMS_PER_PARK:
            least = PLATFORM_MU[len(own) % 2]
            cluster = _cluster(rng, str(rng.choice(starts)), beside, area, least, set(done))
            if cluster and cluster not in own:
                own.append(cluster)
        for cluster in own:
            platform = f"K{len(rows) + 1:02d}"
            rows.append((platform, str(park), round(float(area[sorted(cluster)].sum()), 2)))
            members += [(platform, site) for site in sorted(cluster)]
    return {
        "platforms": pd.DataFrame(rows, columns=["platform_id", "park_id", "area_mu"]),
        "platform_sites": pd.DataFrame(members, columns=["platform_id", "site_id"]),
    }


def _cluster(
    rng: np.random.Generator, start: str, beside: dict[str, list[str]], area: pd.Series, least: float, done: set[str]
) -> frozenset[str] | None:
    chosen = {start}
    while float(area[sorted(chosen)].sum()) < least:
        rim = sorted({n for s in chosen for n in beside[s] if n not in chosen and n not in done})
        if not rim or len(chosen) == PLATFORM_SITES:
            return None
        chosen.add(str(rng.choice(rim)))
    return frozenset(chosen)
