"""Towns to compare with: published figures of real towns with their source, and made-up towns labelled so."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from zhenxing.samples.guzhen.authored import fact, numbers, origin
from zhenxing.samples.guzhen.regions import HOME, SYNTHETIC, comparable_towns

XIAOLAN: Final = "442000118"
HENGLAN: Final = "442000110"
YEARS: Final = tuple(range(2021, 2026))
# indicator: (median of the towns, spread between towns, yearly growth, the sample town's own level)
LEVELS: Final = {
    "industrial_output_yi": (210.0, 0.5, 0.05, 165.0),
    "above_scale_industrial_firms": (190.0, 0.5, 0.06, 118.0),
    "tax_per_mu_wan": (14.0, 0.4, 0.05, 9.5),
    "output_per_mu_wan": (390.0, 0.4, 0.05, 300.0),
    "rd_share_percent": (2.4, 0.35, 0.06, 1.5),
    "high_tech_firms": (120.0, 0.5, 0.07, 0.0),
    "specialised_firms": (30.0, 0.5, 0.12, 0.0),
    "gdp_yi": (190.0, 0.45, 0.05, 0.0),
    "firms": (6800.0, 0.4, 0.02, 0.0),
    "design_patents": (1800.0, 0.5, 0.04, 0.0),
    "trademarks": (1500.0, 0.4, 0.05, 0.0),
    "product_launches": (2300.0, 0.4, 0.03, 0.0),
}
# Things that are counted have no decimals.
COUNTS: Final = (
    "above_scale_industrial_firms", "high_tech_firms", "specialised_firms", "firms", "design_patents", "trademarks",
    "product_launches",
)  # fmt: skip
PUBLISHED: Final = (
    (HOME, "gdp_yi", 2024, "gdp_yi"),
    (XIAOLAN, "gdp_yi", 2024, "xiaolan_gdp_yi"),
    (HOME, "lighting_output_yi", 2016, "lighting_output_yi"),
    (HOME, "above_scale_lighting_output_yi", 2018, "above_scale_lighting_yi"),
    (HOME, "high_tech_firms", 2024, "high_tech_firms"),
    (HOME, "specialised_firms", 2024, "specialised_firms"),
    (XIAOLAN, "above_scale_industrial_firms", 2024, "xiaolan_above_scale"),
    (HOME, "area_km2", 2024, "town_area_km2"),
    (HOME, "town_economy_rank", 2025, "town_rank"),
    (XIAOLAN, "town_economy_rank", 2025, "xiaolan_rank"),
    (HENGLAN, "town_economy_rank", 2025, "henglan_rank"),
)


def peer_tables() -> dict[str, pd.DataFrame]:
    """Return peers and their indicator values; the source of a row says whether it is published or made up."""
    rng = numbers("peers")
    peers = [(HOME, "古镇镇", "town", HOME), (XIAOLAN, "小榄镇", "town", XIAOLAN), (HENGLAN, "横栏镇", "town", HENGLAN)]
    peers += [(region, name, "town", "") for region, name in comparable_towns()]
    rows = [(peer, indicator, year, fact(name), origin(name)) for peer, indicator, year, name in PUBLISHED]
    for region, _ in comparable_towns():
        rank, area = float(rng.integers(60, 400)), round(float(rng.uniform(35.0, 130.0)), 1)
        rows.append((region, "area_km2", 2024, area, SYNTHETIC))
        for indicator, (median, spread, growth, _) in LEVELS.items():
            level = median * float(np.exp(spread * rng.standard_normal()))
            rows += _series(rng, region, indicator, level, growth)
        rows += [(region, "town_economy_rank", year, rank + float(rng.integers(-12, 13)), SYNTHETIC) for year in YEARS]
    for indicator, (_, _, growth, own) in LEVELS.items():
        if own:
            rows += _series(rng, HOME, indicator, own, 0.5 * growth)
    values = pd.DataFrame(rows, columns=["peer_id", "indicator", "year", "value", "source"])
    return {
        "peers": pd.DataFrame(peers, columns=["peer_id", "name", "kind", "code"]),
        "peer_values": values.drop_duplicates(["peer_id", "indicator", "year"]),
    }


def _series(
    rng: np.random.Generator, region: str, indicator: str, level: float, growth: float
) -> list[tuple[str, str, int, float, str]]:
    """Return a level of the last year back through the years, with noise; some years are not known."""
    rows = []
    for year in YEARS:
        value = level * (1 + growth) ** (year - YEARS[-1]) * float(np.exp(0.03 * rng.standard_normal()))
        if rng.random() > 0.04:
            rows.append((region, indicator, year, round(value, 0 if indicator in COUNTS else 1), SYNTHETIC))
    return rows
