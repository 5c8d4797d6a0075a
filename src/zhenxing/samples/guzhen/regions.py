"""Reference regions of the Guzhen example: published counts with their source, all else drawn and labelled so."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from zhenxing.samples.guzhen.authored import fact, numbers, origin
from zhenxing.samples.guzhen.firms import link_codes

HOME: Final = "442000105"
SYNTHETIC: Final = "合成 / synthetic"
YEARS: Final = (2020, 2025)
TOWNS: Final = 18
# Links that tend to live together; a town's make-up is drawn by group, so that links are related to each other.
GROUPS: Final = {
    "electronics": ("SUB", "CHIP", "PMAT", "PKG", "PCB", "ELEC", "DRV", "CTRL"),
    "metal": ("CAST", "METAL", "MOULD", "SURF", "EQUIP"),
    "lighting": ("MOD", "LAMP", "POLE", "WIRE", "OPT"),
    "decoration": ("PLAS", "GLASS", "CRYS", "CERA", "PACK"),
    "services": ("DESIGN", "TEST", "IPS", "EXPO", "TRADE", "ECOM", "LOG", "RECY"),
}
# What the towns drawn are like: strength of each group above the country's mean (logarithm), towns of that kind.
KINDS: Final = (
    ((1.6, 0.4, 0.3, -0.8, 0.0), 4),
    ((-0.3, 1.5, 0.2, 0.0, -0.4), 4),
    ((0.0, 0.5, 1.8, 0.9, 0.4), 4),
    ((-0.9, 0.0, 0.3, 1.6, 0.0), 3),
    ((0.0, -0.7, -0.3, -0.2, 1.3), 3),
)
# Larger regions: id, name, level, people employed in the whole chain, group strengths.
LARGER: Final = (
    ("442000", "中山市（合成数值）", "city", 260_000, (0.1, 0.5, 0.9, 0.3, 0.0)),
    ("440000", "广东省（合成数值）", "province", 4_200_000, (0.4, 0.2, 0.3, 0.1, 0.0)),
    ("000000", "全国（合成数值）", "nation", 21_000_000, (0.0, 0.0, 0.0, 0.0, 0.0)),
)
# Weight of a link in the country's chain, where it is not 1; output per head in 万元.
WEIGHTS: Final = {
    "METAL": 4.0,
    "PLAS": 3.0,
    "TRADE": 5.0,
    "LOG": 4.0,
    "ELEC": 3.0,
    "LAMP": 1.6,
    "PACK": 1.5,
    "PCB": 1.5,
}
OUTPUT_PER_HEAD: Final = {"electronics": 88.0, "metal": 62.0, "lighting": 55.0, "decoration": 46.0, "services": 70.0}
PEOPLE_PER_FIRM: Final = {"electronics": 60.0, "metal": 24.0, "lighting": 28.0, "decoration": 20.0, "services": 9.0}
FEWEST: Final = 12.0
MAIN_CODE_SHARE: Final = 0.7
COLUMNS: Final = ["region_id", "region_name", "level", "link_id", "year", "employees", "output_wan", "firms"]


def comparable_towns() -> list[tuple[str, str]]:
    """Return id and name of the made-up towns.

    Examples
    --------
    >>> comparable_towns()[0]
    ('T01', '对照镇01（合成）')
    """
    return [(f"T{n + 1:02d}", f"对照镇{n + 1:02d}（合成）") for n in range(TOWNS)]


def region_table(firms: pd.DataFrame, firm_years: pd.DataFrame, links: pd.Series) -> pd.DataFrame:
    """Return industry figures of the town, of made-up towns, and of the city, province and country.

    Parameters
    ----------
    firms, firm_years : DataFrame
        Firms of the sample and their years: the town's own rows are their sums.
    links : Series
        Main link of each firm, row by row with ``firms``.
    """
    rng = numbers("regions")
    parts = [_home(firms, firm_years, links)]
    strengths = [(strength, n) for strength, n in KINDS for _ in range(n)]
    for (region, name), (strength, _) in zip(comparable_towns(), strengths, strict=True):
        size = float(rng.lognormal(np.log(14_000.0), 0.5))
        parts.append(_drawn(rng, region, name, "town", size, strength, 0.55))
    parts += [_drawn(rng, *region, 0.05) for region in LARGER]
    by_link = pd.concat(parts, ignore_index=True)
    by_link["source"] = SYNTHETIC
    return pd.concat([_published(), by_link, _by_code(by_link)], ignore_index=True)


def _published() -> pd.DataFrame:
    """Return the published counts of the lighting industry; definitions differ, so rows are never added up."""
    rows = [("lighting_makers", "LAMP", 2018), ("lighting_sellers", "TRADE", 2018), ("parts_makers", "METAL", 2004)]
    return pd.DataFrame(
        [(HOME, "古镇镇", "town", link, year, int(fact(name)), origin(name)) for name, link, year in rows],
        columns=["region_id", "region_name", "level", "link_id", "year", "firms", "source"],
    )


def _home(firms: pd.DataFrame, firm_years: pd.DataFrame, links: pd.Series) -> pd.DataFrame:
    main = pd.DataFrame({"firm_id": firms["firm_id"], "link_id": links.to_numpy()})
    held = firm_years[firm_years["year"].isin(YEARS)].merge(main[main["link_id"] != "NONE"], on="firm_id")
    sums = held.groupby(["link_id", "year"], as_index=False).agg(
        employees=("employees", "sum"), output_wan=("output_wan", "sum"), firms=("firm_id", "nunique")
    )
    sums = sums.assign(region_id=HOME, region_name="古镇镇（合成示例）", level="town")
    return sums[COLUMNS].round({"employees": 0, "output_wan": 0})


def _drawn(
    rng: np.random.Generator,
    region: str,
    name: str,
    level: str,
    size: float,
    strength: tuple[float, ...],
    spread: float,
) -> pd.DataFrame:
    """Draw the people, output and firms of every link of a region that has any."""
    group_of = {link: place for place, group in enumerate(GROUPS.values()) for link in group}
    words = list(GROUPS)
    ids = list(group_of)
    weight = np.array([WEIGHTS.get(link, 1.0) * np.exp(strength[group_of[link]]) for link in ids])
    weight = weight * np.exp(spread * rng.standard_normal(len(ids)))
    people = size * weight / weight.sum()
    rows = []
    for link, count in zip(ids, people, strict=True):
        group = words[group_of[link]]
        if count < FEWEST:
            continue
        output = count * OUTPUT_PER_HEAD[group] * float(np.exp(0.15 * rng.standard_normal()))
        for year in YEARS if level != "town" else YEARS[-1:]:
            growth = 1.0 if year == YEARS[-1] else float(rng.uniform(0.75, 0.95))
            firms = max(1.0, round(count * growth / PEOPLE_PER_FIRM[group]))
            rows.append((region, name, level, link, year, round(count * growth), round(output * growth), firms))
    return pd.DataFrame(rows, columns=COLUMNS)


def _by_code(by_link: pd.DataFrame) -> pd.DataFrame:
    """Return the same figures by industry code: a link's first code takes most, the second the rest."""
    codes = {link: own[:2] for link, own in link_codes().items()}
    parts = []
    for place in range(2):
        share = MAIN_CODE_SHARE if place == 0 else 1.0 - MAIN_CODE_SHARE
        part = by_link[by_link["year"] == YEARS[-1]].copy()
        part["industry_code"] = part["link_id"].map({k: v[place] for k, v in codes.items() if len(v) > place})
        part[["employees", "output_wan", "firms"]] = part[["employees", "output_wan", "firms"]] * share
        parts.append(part.dropna(subset=["industry_code"]))
    keys = ["region_id", "region_name", "level", "industry_code", "year", "source"]
    table = pd.concat(parts).groupby(keys, as_index=False)[["employees", "output_wan", "firms"]].sum().round(0)
    return table[table["employees"] >= 1].assign(industry_edition="2017")
