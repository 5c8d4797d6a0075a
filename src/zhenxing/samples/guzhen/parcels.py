"""Parcels of the Guzhen example: parks cut into sites of the renewal pool and land in good use, both into plots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from zhenxing.samples.guzhen.authored import authored, each, fact, numbers
from zhenxing.samples.guzhen.layout import Box, slices, strips, village_at, village_boxes, with_polygons
from zhenxing.units import M2_PER_MU

SITES_PER_ROW: Final = 3
# Sites that public reports name: park, place in the park (row, column), village named, area, year.
NAMED_SITES: Final = {("P5", 3, 0): "first_site_mu", ("P6", 3, 1): "joint_site_mu"}
POOL_PLOT_MU: Final = 9.0
USED_PLOT_MU: Final = 26.0
TITLE_STAGES: Final = ("none", "surveyed", "voted", "penalised", "approved")


@dataclass(frozen=True)
class SiteBlock:
    """A site of the renewal pool: where it lies and how large it is (mu)."""

    site_id: str
    park_id: str
    area_mu: float
    box: Box
    fact: str


@dataclass(frozen=True)
class ParkBlock:
    """A park: its outline, its sites, and the strips of land in good use."""

    park_id: str
    box: Box
    sites: tuple[SiteBlock, ...]
    used: tuple[tuple[float, Box], ...]


def park_blocks() -> list[ParkBlock]:
    """Cut every park into a southern strip in use, four rows of sites, and a northern strip in use."""
    blocks = []
    first = 1
    for park in each(authored("parks")):
        rows = _site_areas(str(park.park_id), int(park.sites), float(park.pool_mu))
        used = round((park.stock_mu - park.pool_mu) / 2, 2)
        height = park.stock_mu * M2_PER_MU / park.width_m
        west, south = park.x_m - park.width_m / 2, park.y_m - height / 2
        boxes = strips(west, south, park.width_m, [[used], *rows, [park.stock_mu - park.pool_mu - used]])
        flat = [area for row in rows for area in row]
        places = [(r, c) for r, row in enumerate(rows) for c in range(len(row))]
        sites = tuple(
            SiteBlock(f"S{first + n:03d}", str(park.park_id), area, box, NAMED_SITES.get((park.park_id, *place), ""))
            for n, (area, box, place) in enumerate(zip(flat, boxes[1:-1], places, strict=True))
        )
        first += len(sites)
        outline = Box(west, south, west + park.width_m, south + height)
        strips_used = ((used, boxes[0]), (round(park.stock_mu - park.pool_mu - used, 2), boxes[-1]))
        blocks.append(ParkBlock(str(park.park_id), outline, sites, strips_used))
    return blocks


def _site_areas(park_id: str, number: int, pool_mu: float) -> list[list[float]]:
    """Draw site areas in rows so that they add up to the pool; named sites keep their published area."""
    rng = numbers(f"areas {park_id}")
    weights = np.clip(rng.lognormal(np.log(62.0), 0.45, number), 24.0, 180.0)
    named = {r * SITES_PER_ROW + c: fact(f) for (park, r, c), f in NAMED_SITES.items() if park == park_id}
    free = [n for n in range(number) if n not in named]
    areas = np.zeros(number)
    areas[list(named)] = list(named.values())
    areas[free] = (weights[free] / weights[free].sum() * (pool_mu - sum(named.values()))).round(2)
    areas[free[0]] += round(pool_mu - float(areas.sum()), 2)
    exact = [round(float(area), 2) for area in areas]
    return [exact[n : n + SITES_PER_ROW] for n in range(0, number, SITES_PER_ROW)]


def parcel_tables(parks: list[ParkBlock]) -> dict[str, pd.DataFrame]:
    """Return parcels with their polygons, and which parcels make up each site (mu, m2, 万元)."""
    villages = village_boxes()
    rng = numbers("parcels")
    rows: list[dict[str, object]] = []
    boxes: list[Box] = []
    members: list[tuple[str, str]] = []
    for park in parks:
        pieces = [(s.area_mu, s.box, s.site_id, bool(s.fact)) for s in park.sites]
        pieces += [(area, box, "", False) for area, box in park.used]
        for area, box, site_id, done in pieces:
            plot_mu = POOL_PLOT_MU if site_id else USED_PLOT_MU
            number = max(1, round(area / plot_mu))
            shares = rng.lognormal(0.0, 0.75, number)
            exact = (shares / shares.sum() * area).round(2)
            exact[int(exact.argmax())] += round(area - float(exact.sum()), 2)
            untitled = float(rng.beta(2.0, 2.0))
            for part, mu in zip(slices(box, list(exact)), exact, strict=True):
                parcel_id = f"{park.park_id}-{len(rows) + 1:04d}"
                village = village_at(villages, part.centre)
                in_pool = bool(site_id) and not done
                rows.append(_parcel(rng, parcel_id, village, park.park_id, float(mu), untitled, in_pool))
                boxes.append(part)
                if site_id:
                    members.append((site_id, parcel_id))
    parcels = with_polygons(pd.DataFrame(rows), boxes)
    return {"parcels": parcels, "site_parcels": pd.DataFrame(members, columns=["site_id", "parcel_id"])}


def _parcel(
    rng: np.random.Generator, parcel_id: str, village: str, park_id: str, mu: float, untitled: float, in_pool: bool
) -> dict[str, object]:
    titled = not in_pool or bool(rng.uniform() >= untitled)
    far = float(rng.uniform(0.6, 0.85)) if in_pool else float(rng.uniform(1.2, 2.2))
    output = mu * float(rng.uniform(80.0, 350.0) if in_pool else rng.uniform(300.0, 700.0))
    stage = "registered" if titled else TITLE_STAGES[int(rng.integers(len(TITLE_STAGES) - 1))]
    return {
        "parcel_id": parcel_id,
        "village_id": village,
        "park_id": park_id,
        "area_registered_mu": round(mu, 2),
        "use_now": "工业",
        "use_planned": "工业",
        "tenure": "collective" if rng.uniform() < 0.75 else ("state" if titled else "unclear"),
        "title_stage": stage,
        "owner_kind": "村集体" if rng.uniform() < 0.6 else "企业",
        "floor_m2": round(mu * M2_PER_MU * far),
        "built_year": int(rng.integers(1992, 2009) if in_pool else rng.integers(2005, 2020)),
        "in_renewal_database": in_pool,
        "output_wan": round(output, 1),
        "tax_wan": round(output * 0.032, 1),
        "assembly_cost_wan": round(mu * float(rng.uniform(60.0, 100.0)), 1),
        "demolition_cost_wan": round(mu * float(rng.uniform(3.0, 10.0)), 1),
        "constraint": "none",
        "plan_conformity": "conforming",
        "land_class": "0601",
    }


def village_table() -> gpd.GeoDataFrame:
    """Return the villages with authored polygons; codes only where a public list gives them."""
    rng = numbers("villages")
    villages = authored("villages")
    members = (rng.uniform(2200.0, 6200.0, len(villages)) / 10).round(0) * 10
    frame = pd.DataFrame(
        {
            "village_id": villages["village_id"],
            "name": villages["name"],
            "code": villages["code"],
            "members": members.astype(int),
            "voters": (members * 0.72).round(0).astype(int),
            "consent_share_needed": 0.667,
            "collective_income_wan": rng.uniform(1800.0, 7600.0, len(villages)).round(0),
            "dividend_wan": rng.uniform(600.0, 3200.0, len(villages)).round(0),
        }
    )
    return with_polygons(frame, list(village_boxes().values()))
