"""Demand of the Guzhen example: leaders, intents from Shenzhen, local expansions, firms rising above the threshold."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from zhenxing.samples.guzhen.authored import BASE_YEAR, YEARS, authored, each, fact, numbers

TAX_PER_OUTPUT: Final = 0.032
VALUE_ADDED_PER_OUTPUT: Final = 0.22
ABOVE_SCALE_THRESHOLD_WAN: Final = 2000.0
SHENZHEN_LINKS: Final = ("CHIP", "CHIP", "PKG", "PKG", "CTRL", "CTRL", "DRV", "DRV", "OPT", "DESIGN", "SUB", "TEST")
UNIQUE_LINKS: Final = ("PKG", "PMAT", "PCB", "DRV", "CTRL", "SURF", "OPT", "MOD", "LAMP", "POLE", "EQUIP", "MOULD")
UNIQUE: Final = 22
FIRMS_PER_COHORT: Final = 20
# A cohort is looked after by the offices of two parks together; every second one needs upstairs floor.
COHORT_PARKS: Final = (("P1", "P2"), ("P3", "P4"), ("P5", "P6"))
LINK_PARKS: Final = {
    "CHIP": ("P1", "P2"),
    "PKG": ("P1", "P6"),
    "PMAT": ("P1", "P6"),
    "SUB": ("P1",),
    "PCB": ("P1", "P2"),
    "CTRL": ("P2", "P5"),
    "DRV": ("P2", "P6"),
    "SURF": ("P3", "P6"),
    "OPT": ("P1", "P4"),
    "MOD": ("P1", "P4"),
    "LAMP": ("P4", "P6"),
    "POLE": ("P4", "P6"),
    "EQUIP": ("P6", "P2"),
    "MOULD": ("P5", "P6"),
    "DESIGN": ("P5", "P4"),
    "TEST": ("P5", "P2"),
}


def demand_rows() -> pd.DataFrame:
    """Return one row per candidate with its parks, floor and power beside the columns of the table."""
    parts = [_authored_rows(), _shenzhen_rows(), _unique_rows(), _cohort_rows()]
    rows = pd.concat(parts, ignore_index=True)
    output = rows["output_wan"]
    rows["annual_tax_wan"] = (output * TAX_PER_OUTPUT).round(1)
    rows["annual_value_added_wan"] = (output * VALUE_ADDED_PER_OUTPUT).round(1)
    space = rows["land_mu"] + rows["floor_m2"] / 1400.0
    rows["investment_wan"] = (
        (space * fact("city_investment_wan_per_mu")).round(-1).where(rows["kind"] != "upgrade", 300)
    )
    rows["jobs"] = (space * 11.0).round(0).where(rows["kind"] != "upgrade", 12)
    above = (output >= ABOVE_SCALE_THRESHOLD_WAN) & (rows["kind"] == "incoming") | (rows["kind"] == "upgrade")
    rows["becomes_above_scale"] = above
    rows.insert(0, "candidate_id", [f"C{n + 1:03d}" for n in range(len(rows))])
    return rows


def _authored_rows() -> pd.DataFrame:
    groups = authored("demand").fillna({"facility_id": ""})
    rows = groups.loc[groups.index.repeat(groups["rows"])].drop(columns="rows").reset_index(drop=True)
    number = rows.groupby("name").cumcount() + 1
    several = rows.groupby("name")["name"].transform("size") > 1
    plain = rows["name"].str.removesuffix("（合成）")
    rows["name"] = rows["name"].where(~several, plain + " " + number.astype(str).str.zfill(2) + "（合成）")
    return rows


def _drawn(
    rng: np.random.Generator, link: str, name: str, chance: tuple[float, float], median_mu: float
) -> dict[str, object]:
    land = round(float(rng.lognormal(np.log(median_mu), 0.4)), 1)
    first = int(rng.integers(YEARS[0], YEARS[-1]))
    return {
        "count": 1,
        "name": name,
        "kind": "incoming",
        "link_id": link,
        "land_mu": land,
        "floor_m2": 0,
        "output_wan": round(land * float(rng.lognormal(np.log(1150.0), 0.25)), -1),
        "probability": round(float(rng.uniform(*chance)), 2),
        "effort_months": round(float(rng.uniform(3.0, 6.0)), 1),
        "first_year": first,
        "last_year": min(first + int(rng.integers(2, 5)), YEARS[-1]),
        "parks": ";".join(LINK_PARKS[link]),
        "facility_id": "coating_centre" if link == "SURF" else "",
        "is_leader": False,
        "follows_leader": False,
        "min_contiguous_mu": 0,
        "power_mva": round(land * float(rng.uniform(0.06, 0.15)), 1),
        "subsidy_wan": 0,
    }


def _shenzhen_rows() -> pd.DataFrame:
    rng = numbers("shenzhen")
    rows = [
        {**_drawn(rng, link, f"深圳意向企业 {n + 1:02d}（合成）", (0.12, 0.35), 20.0), "group": "shenzhen"}
        for n, link in enumerate(SHENZHEN_LINKS)
    ]
    return pd.DataFrame(rows)


def _unique_rows() -> pd.DataFrame:
    rng = numbers("unique")
    rows = [
        {
            **_drawn(rng, UNIQUE_LINKS[n % len(UNIQUE_LINKS)], f"意向企业 {n + 1:03d}（合成）", (0.3, 0.85), 16.0),
            "group": "unique",
        }
        for n in range(UNIQUE)
    ]
    return pd.DataFrame(rows)


def _cohort_rows() -> pd.DataFrame:
    """Firms rising above the threshold, twenty to a row: half stay where they are, half need upstairs floor."""
    rng = numbers("cohorts")
    rows = []
    for n, (year, parks) in enumerate((year, parks) for year in YEARS for parks in COHORT_PARKS):
        upstairs = n % 2 == 1
        base = _drawn(rng, "LAMP", "", (0.55, 0.8), 10.0)
        rows.append(
            {
                **base,
                "group": "cohort",
                "count": FIRMS_PER_COHORT,
                "name": f"小升规培育批次 {year}-{n % len(COHORT_PARKS) + 1}（合成）",
                "kind": "upgrade",
                "land_mu": 0.0,
                "floor_m2": 1600 if upstairs else 0,
                "output_wan": 1300.0 if upstairs else 800.0,
                "effort_months": 0.6 if upstairs else 0.4,
                "first_year": year,
                "last_year": min(year + 1, YEARS[-1]),
                "parks": ";".join(parks),
                "facility_id": "",
                "power_mva": 0.1 if upstairs else 0.0,
                "subsidy_wan": 10,
            }
        )
    return pd.DataFrame(rows)


def candidate_tables(rows: pd.DataFrame, firms: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return candidates, placements and uses; expansions and upgrades name the firm that is here already."""
    candidates = rows[
        ["candidate_id", "name", "link_id", "kind", "count", "land_mu", "annual_tax_wan", "annual_value_added_wan"]
    ].copy()
    candidates.insert(2, "firm_id", _local_firms(rows, firms))
    candidates["annual_output_wan"] = rows["output_wan"]
    for name in ("investment_wan", "jobs", "probability", "effort_months", "subsidy_wan"):
        candidates[name] = rows[name]
    done = rows["group"] == "done"
    candidates["first_year"] = rows["first_year"].where(~done, YEARS[0])
    candidates["last_year"] = rows["last_year"].where(~done, YEARS[-1])
    for name in ("is_leader", "follows_leader", "min_contiguous_mu", "facility_id", "becomes_above_scale"):
        candidates[name] = rows[name]
    candidates["pays_land"] = rows["kind"] != "upgrade"
    rng = numbers("fit")
    placements = [
        (row.candidate_id, park, round(float(row.land_mu) * float(rng.choice([0.0, 0.5, 1.0])), 1) if alone else fit)
        for row, alone in zip(each(rows), rows["group"].isin(["shenzhen", "unique"]), strict=True)
        for fit, park in zip((round(float(row.land_mu) * 0.8, 1), 0.0), str(row.parks).split(";"), strict=False)
    ]
    uses = [
        (row.candidate_id, resource, amount)
        for row in each(rows)
        for resource, amount in (("power_mva", row.power_mva), ("factory_floor_m2", row.floor_m2))
        if amount
    ]
    return {
        "candidates": candidates,
        "placements": pd.DataFrame(placements, columns=["candidate_id", "park_id", "fit_wan"]),
        "candidate_uses": pd.DataFrame(uses, columns=["candidate_id", "resource", "amount"]),
    }


def _local_firms(rows: pd.DataFrame, firms: pd.DataFrame) -> list[str]:
    ids = iter(firms.loc[~firms["above_scale"].astype(bool), "firm_id"])
    return [next(ids) if kind == "expansion" else "" for kind in rows["kind"]]


def lock_table(rows: pd.DataFrame, done_sites: dict[str, tuple[str, int]]) -> pd.DataFrame:
    """Return the year-0 state: sites cleared in 2022 and leaders that are here already."""
    sites = [("site", site, mode, "done", year, 1) for site, (mode, year) in done_sites.items()]
    here = rows[rows["group"] == "done"]
    firms = [
        ("candidate", row.candidate_id, str(row.parks), "done", min(int(row.first_year), BASE_YEAR), 1)
        for row in each(here)
    ]
    return pd.DataFrame(sites + firms, columns=["subject", "id", "option", "rule", "year", "count"])
