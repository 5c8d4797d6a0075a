"""Synthetic firms of the Guzhen example: who sits on which parcel, so that a plan can name whom it displaces."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from zhenxing.samples.guzhen.authored import authored, fact, numbers, origin

FIRMS: Final = 420
FIRM_YEARS: Final = (2023, 2024, 2025)
# Share of the firms in each link: most put lamps together, few make what goes into them.
LINK_SHARES: Final = {
    "LAMP": 0.40,
    "METAL": 0.12,
    "GLASS": 0.06,
    "CRYS": 0.05,
    "PLAS": 0.07,
    "CAST": 0.05,
    "SURF": 0.05,
    "DRV": 0.05,
    "MOD": 0.04,
    "WIRE": 0.04,
    "PACK": 0.03,
    "PCB": 0.02,
    "MOULD": 0.02,
}
CODE_SYMBOLS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
INNER_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
INNER_SYMBOLS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def credit_code(number: int) -> str:
    """Return a well-formed unified social credit code from a block that no registry issues (GB 32100-2015).

    The organisation part starts with ``YY00``; both check digits are right, so that the importers' test passes.

    Examples
    --------
    >>> credit_code(1)
    '91442000YY000001X5'
    """
    body = f"YY00{number:04d}"
    rest = 11 - sum(w * INNER_SYMBOLS.index(c) for w, c in zip(INNER_WEIGHTS, body, strict=True)) % 11
    code = "91442000" + body + {10: "X", 11: "0"}.get(rest, str(rest))
    total = sum(w * CODE_SYMBOLS.index(c) for w, c in zip(CODE_WEIGHTS, code, strict=True))
    return code + CODE_SYMBOLS[(31 - total % 31) % 31]


def firm_tables(parcels: pd.DataFrame, villages: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return firms, their yearly figures, and whom each site of the pool displaces (万元, m2).

    Parameters
    ----------
    parcels : DataFrame
        Parcels with the ``site_id`` they belong to (empty outside the renewal pool).
    villages : DataFrame
        Villages, for the addresses.
    """
    rng = numbers("firms")
    links = authored("links").set_index("link_id")
    spelled = villages.set_index("village_id")["name"]
    weight = parcels["floor_m2"].to_numpy(dtype=float) * np.where(parcels["in_renewal_database"], 1.0, 0.35)
    seats = np.sort(rng.choice(len(parcels), FIRMS, replace=False, p=weight / weight.sum()))
    kinds = rng.choice(list(LINK_SHARES), FIRMS, p=np.array(list(LINK_SHARES.values())) / sum(LINK_SHARES.values()))
    rows, years, floors = [], [], []
    for n, (seat, link) in enumerate(zip(seats, kinds, strict=True)):
        parcel, firm = parcels.iloc[int(seat)], credit_code(n + 1)
        keyword = str(links.at[link, "keywords"]).split(";")[0]
        floor = round(float(parcel["floor_m2"]) * float(rng.uniform(0.3, 0.9)))
        revenue = round(float(rng.lognormal(np.log(720.0), 0.75)), 1)
        rows.append(
            {
                "firm_id": firm,
                "name": f"古镇合成{keyword}厂{n + 1:04d}（示例）",
                "credit_code": firm,
                "address": f"中山市古镇镇{spelled[parcel['village_id']]}合成路{n + 1}号",
                "village_id": parcel["village_id"],
                "parcel_id": parcel["parcel_id"],
                "industry_code": str(links.at[link, "codes"]).split(";")[0],
                "industry_edition": "2017",
                "scope": f"生产、加工、销售：{str(links.at[link, 'keywords']).replace(';', '、')}（合成）",
                "founded": _date(rng),
                "capital_wan": float(rng.choice([10.0, 30.0, 50.0, 100.0, 200.0, 500.0])),
                "capital_currency": "CNY",
                "town_code": "442000105",
                "status": "在营",
                "legal_form": "有限责任公司",
                "above_scale": revenue >= 2000.0,
            }
        )
        years += [_figures(rng, firm, year, revenue, floor) for year in FIRM_YEARS]
        floors.append((str(parcel["site_id"]), firm, float(floor)))
    site_firms = pd.DataFrame(floors, columns=["site_id", "firm_id", "floor_m2"])
    return {
        "firms": pd.DataFrame(rows),
        "firm_years": pd.DataFrame(years),
        "site_firms": site_firms[site_firms["site_id"] != ""].sort_values(["site_id", "firm_id"], ignore_index=True),
    }


def _date(rng: np.random.Generator) -> str:
    return f"{int(rng.integers(1998, 2023))}-{int(rng.integers(1, 13)):02d}-{int(rng.integers(1, 28)):02d}"


def _figures(rng: np.random.Generator, firm: str, year: int, revenue: float, floor: int) -> dict[str, object]:
    now = round(revenue * (1.0 + 0.06 * (year - FIRM_YEARS[-1])) * float(rng.uniform(0.97, 1.03)), 1)
    now = max(now, 2000.0) if revenue >= 2000.0 else min(now, 1999.0)
    above = revenue >= 2000.0
    return {
        "firm_id": firm,
        "year": year,
        "revenue_wan": now,
        "main_revenue_wan": round(now * 0.95, 1) if not above else now,
        "register_state": "in_register" if above else "none",
        "output_wan": round(now * 1.02, 1),
        "value_added_wan": round(now * 0.22, 1),
        "tax_wan": round(now * 0.032, 1),
        "employees": max(4, round(now / 45.0)),
        "rd_wan": round(now * (0.025 if above else 0.006), 1),
        "electricity_mwh": round(now * 0.12, 1),
        "floor_m2": floor,
        "rented_floor_m2": round(floor * 0.6),
    }


def above_scale_by_site(firms: dict[str, pd.DataFrame], sites: Iterable[str]) -> dict[str, float]:
    """Count the above-scale firms on each site."""
    joined = firms["site_firms"].merge(firms["firms"][["firm_id", "above_scale"]], on="firm_id")
    held = joined.loc[joined["above_scale"], "site_id"].value_counts()
    return {site: float(held.get(site, 0)) for site in sites}


def region_table() -> pd.DataFrame:
    """Return the published counts of the lighting industry; definitions differ, so rows are never added up."""
    rows = [("lighting_makers", "LAMP", 2018), ("lighting_sellers", "TRADE", 2018), ("parts_makers", "METAL", 2004)]
    return pd.DataFrame(
        [
            {
                "region_id": "442000105",
                "region_name": "古镇镇",
                "level": "town",
                "link_id": link,
                "year": year,
                "firms": int(fact(name)),
                "source": origin(name),
            }
            for name, link, year in rows
        ]
    )
