"""Land of a random town: parks, sites with their neighbours, ways of renewal, contiguous platforms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
from scipy.spatial import Delaunay

from zhenxing.samples.families import Family, Size, stream
from zhenxing.units import M2_PER_MU

PLATFORM_MU: Final = 220.0
PLATFORM_SITES: Final = 6
SITES_PER_SEED: Final = 12
SITES_PER_PLATFORM: Final = 6
# The empty strip between two parks, as a share of a park's width: neighbours across it are few but exist.
PARK_STRIP: Final = 0.12
VALUE_ADDED_PER_TAX: Final = 0.22 / 0.045
# Output of a typical firm above the statistical threshold, and the share of such firms that is lost when displaced.
ABOVE_SCALE_OUTPUT_WAN: Final = 6000.0
ABOVE_SCALE_LOST_SHARE: Final = 0.15

# mode: clears, lead years, released share, displaced share, cost (万元/mu) from, to, tax gain (万元/mu a year), titles
MODES: Final[Mapping[str, tuple[bool, int, float, float, float, float, float, bool]]] = {
    "gov_reserve": (True, 2, 0.78, 1.0, 75.0, 150.0, 0.0, True),
    "self": (True, 2, 0.35, 0.35, 5.0, 12.0, 3.5, True),
    "coop": (True, 3, 0.58, 0.7, 25.0, 55.0, 2.0, True),
    "partial": (False, 1, 0.08, 0.05, 1.5, 4.0, 1.2, False),
}
SELF_UNTITLED_BELOW: Final = 0.6
COOP_PROBABILITY: Final = 0.7


def land_tables(size_name: str, size: Size, family: Family, seed: int) -> dict[str, pd.DataFrame]:
    """Draw parks, sites, neighbours, site modes and platforms (mu, m2, 万元)."""
    rng = stream("sites", size_name, seed)
    park_of_site = np.arange(size.sites) * size.parks // size.sites
    points = _points(rng, park_of_site, size.parks)
    area = np.clip(rng.lognormal(np.log(62.0), 0.6, size.sites), 12.0, 320.0).round(2)
    untitled = rng.beta(2.0, 2.0, size.sites)
    floor = (area * M2_PER_MU * rng.uniform(0.8, 1.5, size.sites)).round(0)
    output_per_mu = rng.uniform(80.0, 350.0, size.sites)
    pairs = _neighbours(points)
    seeds = _seeds(stream("seeds", size_name, seed), park_of_site, size.parks, pairs if family.single_seed else None)
    site_ids = [f"S{n + 1:03d}" for n in range(size.sites)]
    park_ids = [f"P{n + 1}" for n in range(size.parks)]
    sites = pd.DataFrame(
        {
            "site_id": site_ids,
            "park_id": [park_ids[p] for p in park_of_site],
            "name": [f"合成地块 {n + 1:03d}" for n in range(size.sites)],
            "area_mu": area,
            "floor_m2": floor,
            "is_seed": seeds,
        }
    )
    modes = _site_modes(stream("modes", size_name, seed), site_ids, area, untitled, output_per_mu)
    clusters = _clusters(stream("platforms", size_name, seed), park_of_site, area, pairs, size.parks)
    return {
        "parks": _parks(stream("parks", size_name, seed), park_ids, family),
        "sites": sites,
        "site_neighbours": pd.DataFrame(
            [(site_ids[a], site_ids[b]) for a, b in pairs], columns=["site_id", "neighbour_id"]
        ),
        "site_modes": modes,
        **_platforms(clusters, park_ids, site_ids, area),
    }


def _parks(rng: np.random.Generator, park_ids: list[str], family: Family) -> pd.DataFrame:
    vacant = rng.uniform(10.0, 40.0, len(park_ids)).round(2)
    return pd.DataFrame(
        {
            "park_id": park_ids,
            "name": [f"合成园区 {n + 1}" for n in range(len(park_ids))],
            "vacant_mu": vacant if family.vacant_land else np.zeros(len(park_ids)),
            "land_price_wan_per_mu": rng.uniform(60.0, 110.0, len(park_ids)).round(1),
            "resettlement_far": 2.6,
        }
    )


def _points(rng: np.random.Generator, park_of_site: np.ndarray, parks: int) -> np.ndarray:
    columns = int(np.ceil(np.sqrt(parks)))
    step = 1.0 + PARK_STRIP
    corner = np.array([[p % columns * step, p // columns * step] for p in range(parks)])
    return np.asarray(corner[park_of_site] + rng.uniform(0.0, 1.0, (len(park_of_site), 2)))


def _neighbours(points: np.ndarray) -> list[tuple[int, int]]:
    triangles = Delaunay(points).simplices
    edges = {tuple(sorted((int(t[i]), int(t[j])))) for t in triangles for i, j in ((0, 1), (1, 2), (0, 2))}
    return sorted((a, b) for a, b in edges)


def _seeds(
    rng: np.random.Generator, park_of_site: np.ndarray, parks: int, pairs: list[tuple[int, int]] | None
) -> np.ndarray:
    chosen = np.zeros(len(park_of_site), dtype=bool)
    for park in range(parks):
        members = np.flatnonzero(park_of_site == park)
        number = max(1, round(len(members) / SITES_PER_SEED))
        chosen[rng.choice(members, number, replace=False)] = True
    if pairs is not None:
        # The site with the fewest steps to the farthest one, so that a horizon reaches most of the town.
        depth = [_depth(start, pairs, len(park_of_site)) for start in range(len(park_of_site))]
        chosen[:] = False
        chosen[int(np.argmin(depth))] = True
    return chosen


def _depth(start: int, pairs: list[tuple[int, int]], number: int) -> int:
    reached, rim, steps = {start}, {start}, 0
    while len(reached) < number:
        rim = {b for a, b in pairs if a in rim} | {a for a, b in pairs if b in rim}
        rim -= reached
        reached |= rim
        steps += 1
    return steps


def _site_modes(
    rng: np.random.Generator, site_ids: list[str], area: np.ndarray, untitled: np.ndarray, output_per_mu: np.ndarray
) -> pd.DataFrame:
    coop = rng.uniform(size=len(site_ids)) < COOP_PROBABILITY
    allowed = {"self": untitled < SELF_UNTITLED_BELOW, "coop": coop}
    frames = []
    for mode, (clears, lead, released, displaced, low, high, tax, titles) in MODES.items():
        draw = rng.uniform(size=(3, len(site_ids)))
        gain = area * tax * (0.5 + draw[2])
        lost = displaced * area * output_per_mu / ABOVE_SCALE_OUTPUT_WAN * ABOVE_SCALE_LOST_SHARE
        frame = pd.DataFrame(
            {
                "site_id": site_ids,
                "mode": mode,
                "clears": clears,
                "lead_years": lead,
                "released_share": (released * (0.92 + 0.13 * draw[0])).round(4),
                "displaced_share": displaced,
                "title_mu": (untitled * area).round(2) if titles else 0.0,
                "public_cost_wan": (area * (low + (high - low) * draw[1])).round(1),
                "annual_tax_gain_wan": gain.round(1),
                "annual_value_added_gain_wan": (gain * VALUE_ADDED_PER_TAX).round(1),
                "above_scale_loss": lost.round(2) if clears else 0.0,
            }
        )
        frames.append(frame[allowed.get(mode, np.ones(len(site_ids), dtype=bool))])
    return pd.concat(frames).sort_values("site_id", kind="stable").reset_index(drop=True)


def _clusters(
    rng: np.random.Generator, park_of_site: np.ndarray, area: np.ndarray, pairs: list[tuple[int, int]], parks: int
) -> list[tuple[int, frozenset[int]]]:
    beside: dict[int, list[int]] = {site: [] for site in range(len(area))}
    for a, b in pairs:
        beside[a].append(b)
        beside[b].append(a)
    found: list[tuple[int, frozenset[int]]] = []
    for park in range(parks):
        members = np.flatnonzero(park_of_site == park)
        wanted = max(1, round(len(members) / SITES_PER_PLATFORM))
        own: list[frozenset[int]] = []
        for attempt in range(60 * wanted):
            # In a park too small for a platform of its own, the cluster may spill over into the next park.
            inside = attempt < 30 * wanted
            cluster = _cluster(rng, int(rng.choice(members)), beside, area, set(members.tolist()) if inside else None)
            if cluster and cluster not in own:
                own.append(cluster)
            if len(own) == wanted or (own and not inside):
                break
        found += [(park, cluster) for cluster in own]
    return found


def _cluster(
    rng: np.random.Generator, start: int, beside: dict[int, list[int]], area: np.ndarray, inside: set[int] | None
) -> frozenset[int] | None:
    chosen = {start}
    while area[sorted(chosen)].sum() < PLATFORM_MU:
        rim = sorted({n for s in chosen for n in beside[s] if n not in chosen and (inside is None or n in inside)})
        if not rim or len(chosen) == PLATFORM_SITES:
            return None
        chosen.add(int(rng.choice(rim)))
    return frozenset(chosen)


def _platforms(
    clusters: list[tuple[int, frozenset[int]]], park_ids: list[str], site_ids: list[str], area: np.ndarray
) -> dict[str, pd.DataFrame]:
    rows = [
        (f"K{n + 1:02d}", park_ids[park], round(float(area[sorted(cluster)].sum()), 2))
        for n, (park, cluster) in enumerate(clusters)
    ]
    members = [(f"K{n + 1:02d}", site_ids[site]) for n, (_, cluster) in enumerate(clusters) for site in sorted(cluster)]
    return {
        "platforms": pd.DataFrame(rows, columns=["platform_id", "park_id", "area_mu"]),
        "platform_sites": pd.DataFrame(members, columns=["platform_id", "site_id"]),
    }
