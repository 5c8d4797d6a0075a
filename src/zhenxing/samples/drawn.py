"""Random towns of a given size and family, labelled synthetic, the same bytes for the same seed."""

from __future__ import annotations

import pandas as pd

from zhenxing.samples.assembly import assemble
from zhenxing.samples.drawn_demand import demand_tables
from zhenxing.samples.drawn_land import land_tables
from zhenxing.samples.drawn_means import means_tables
from zhenxing.samples.families import BASE_YEAR, FAMILIES, SIZES
from zhenxing.town import Town


def random_town(size: str, family: str, seed: int) -> Town:
    """Draw a random town of a size and family, labelled synthetic.

    Parameters
    ----------
    size : {"XS", "S", "M", "L", "XL"}
        How large the town is.
    family : str
        ``balanced`` or the limit that is made to bind (see :data:`zhenxing.samples.families.FAMILIES`).
    seed : int
        Same seed, same town.

    Examples
    --------
    >>> town = random_town("S", "deep-park", 0)
    >>> len(town["sites"]), int(town["sites"]["is_seed"].sum())
    (30, 1)
    """
    return assemble(*random_tables(size, family, seed))


def random_tables(size: str, family: str, seed: int) -> tuple[dict[str, dict[str, object]], dict[str, pd.DataFrame]]:
    """Draw the settings and plan tables of a random town.

    Parameters
    ----------
    size : {"XS", "S", "M", "L", "XL"}
        How large the town is.
    family : str
        ``balanced`` or the limit that is made to bind (see :data:`zhenxing.samples.families.FAMILIES`).
    seed : int
        Same seed, same town.

    Returns
    -------
    settings : dict
        Sections ``town`` and ``plan`` of ``town.toml``.
    tables : dict of DataFrame
        Plan input tables (万元, mu, m2, person-months) and ``provenance``.

    Examples
    --------
    >>> _, tables = random_tables("XS", "balanced", 0)
    >>> len(tables["sites"]), len(tables["candidates"])
    (6, 12)
    """
    counts, changes = SIZES[size], FAMILIES[family]
    tables = land_tables(size, counts, changes, seed)
    platform_parks = sorted({int(park[1:]) - 1 for park in tables["platforms"]["park_id"]})
    tables |= demand_tables(size, counts, changes, seed, platform_parks)
    tables |= means_tables(size, counts, changes, seed, tables)
    tables["provenance"] = pd.DataFrame(
        {"table": list(tables), "note": f"synthetic: random town {size} {family}, seed {seed}"}
    )
    settings: dict[str, dict[str, object]] = {
        "town": {
            "name": f"随机镇 {size}-{family}-{seed}（合成）",
            "name_en": f"Random town {size}-{family}-{seed} (synthetic)",
            "note": f"合成数据，随机种子 {seed}，非真实镇街。 / Synthetic data, random seed {seed}; no real town.",
        },
        "plan": {"base_year": BASE_YEAR, "horizon_years": counts.years, "contiguity": "growth"},
    }
    return settings, tables
