"""Synthetic firms of the Guzhen example: who sits on which parcel, so that a plan can name whom it displaces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd

from zhenxing.diagnosis.chains import load_chain
from zhenxing.samples.guzhen.authored import numbers
from zhenxing.samples.guzhen.figures import yearly_tables
from zhenxing.samples.guzhen.scopes import compose, phrases
from zhenxing.samples.guzhen.standing import titles

FIRMS: Final = 420
# Share of the firms on parcels in each link: most put lamps together, few make what goes into them.
LINK_SHARES: Final = {
    "LAMP": 0.40,
    "METAL": 0.14,
    "GLASS": 0.07,
    "CRYS": 0.05,
    "PLAS": 0.07,
    "CAST": 0.05,
    "SURF": 0.02,
    "DRV": 0.05,
    "MOD": 0.04,
    "WIRE": 0.04,
    "PACK": 0.03,
    "PCB": 0.02,
    "MOULD": 0.02,
}
# Firms without a parcel of their own: shops of the lighting malls, services, a few makers upstairs, others.
OFF_PARCEL: Final = {
    "TRADE": 64,
    "ECOM": 26,
    "DESIGN": 12,
    "LOG": 12,
    "EXPO": 7,
    "TEST": 4,
    "IPS": 6,
    "CTRL": 7,
    "ELEC": 8,
    "OPT": 5,
    "EQUIP": 4,
    "CERA": 5,
    "PKG": 4,
    "PMAT": 1,
    "POLE": 3,
    "RECY": 4,
    "NONE": 18,
}
SERVICES: Final = ("TRADE", "ECOM", "DESIGN", "LOG", "EXPO", "TEST", "IPS", "NONE")
# The line of the above-scale register for a drawn firm (万元 a year): by what its first code says it is.
LINES: Final = {"52": 500.0, "62": 200.0, "72": 1000.0, "74": 1000.0, "75": 1000.0}
MAKER_LINE: Final = 2000.0
# Many makers of parts are registered as makers of luminaires.
REGISTERED_AS_LAMPS: Final = 0.35
OTHER_CODES: Final = ("5211", "5221", "6210", "7020", "5283")
FORMS: Final = ("有限公司", "厂", "有限公司", "经营部")
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


@cache
def link_codes() -> dict[str, list[str]]:
    """Return the industry codes of each link of the lighting chain, its own first.

    Examples
    --------
    >>> link_codes()["SURF"]
    ['3360', '2641']
    """
    links, _ = load_chain("lighting")
    return {link: codes.split(";") for link, codes in zip(links["link_id"], links["codes"], strict=True)}


def firm_tables(parcels: pd.DataFrame, villages: pd.DataFrame) -> tuple[dict[str, pd.DataFrame], pd.Series]:
    """Return firms, their yearly figures and facts, whom each site displaces, and the main link drawn for each firm.

    Parameters
    ----------
    parcels : DataFrame
        Parcels with the ``site_id`` they belong to (empty outside the renewal pool).
    villages : DataFrame
        Villages, for the addresses.
    """
    drawn = _on_parcels(parcels) + _off_parcels(villages)
    spelled = villages.set_index("village_id")["name"]
    rng, codes = numbers("register"), link_codes()
    firms = pd.DataFrame([_registered(rng, codes, spelled, n, one) for n, one in enumerate(drawn)])
    traits = pd.DataFrame(drawn)
    firms["titles"] = titles(firms, traits)
    figures = yearly_tables(firms, traits)
    floors = pd.DataFrame(
        [(one["site_id"], firm, float(one["floor_m2"])) for one, firm in zip(drawn, firms["firm_id"], strict=True)],
        columns=["site_id", "firm_id", "floor_m2"],
    )
    tables = {
        "firms": firms,
        **figures,
        "site_firms": floors[floors["site_id"] != ""].sort_values(["site_id", "firm_id"], ignore_index=True),
    }
    return tables, traits["link_id"]


def _on_parcels(parcels: pd.DataFrame) -> list[dict[str, Any]]:
    """Seat firms on parcels, more of them where the floor is and in the renewal pool."""
    rng = numbers("firms")
    weight = parcels["floor_m2"].to_numpy(dtype=float) * np.where(parcels["in_renewal_database"], 1.0, 0.35)
    seats = np.sort(rng.choice(len(parcels), FIRMS, replace=False, p=weight / weight.sum()))
    kinds = rng.choice(list(LINK_SHARES), FIRMS, p=np.array(list(LINK_SHARES.values())) / sum(LINK_SHARES.values()))
    drawn = []
    for seat, link in zip(seats, kinds, strict=True):
        parcel = parcels.iloc[int(seat)]
        floor = round(float(parcel["floor_m2"]) * float(rng.uniform(0.3, 0.9)))
        revenue = round(float(rng.lognormal(np.log(720.0), 0.75)), 1)
        founded = _date(rng)
        capital = float(rng.choice([10.0, 30.0, 50.0, 100.0, 200.0, 500.0]))
        # These three numbers once were yearly figures; taking them keeps the floors that plans were compared on.
        rng.uniform(0.97, 1.03, 3)
        drawn.append(
            {
                "link_id": str(link),
                "village_id": parcel["village_id"],
                "parcel_id": parcel["parcel_id"],
                "site_id": str(parcel["site_id"]),
                "floor_m2": floor,
                "plot_mu": round(float(parcel["area_registered_mu"]) * floor / float(parcel["floor_m2"]), 2),
                "revenue_wan": revenue,
                "founded": founded,
                "capital_wan": capital,
                "line_wan": MAKER_LINE,
            }
        )
    return drawn


def _off_parcels(villages: pd.DataFrame) -> list[dict[str, Any]]:
    """Draw the firms that rent rooms: they displace nobody and stand on no parcel of the ledger."""
    rng = numbers("shops")
    codes = link_codes()
    places = villages["village_id"].astype(str).tolist()
    drawn = []
    for link, count in OFF_PARCEL.items():
        for _ in range(count):
            code = str(rng.choice(codes.get(link, list(OTHER_CODES))))
            line = LINES.get(code[:2], MAKER_LINE)
            median = 0.30 * line if link in SERVICES else 620.0
            drawn.append(
                {
                    "link_id": link,
                    "village_id": places[int(rng.integers(len(places)))],
                    "parcel_id": "",
                    "site_id": "",
                    "floor_m2": round(float(rng.uniform(80, 900))),
                    "plot_mu": 0.0,
                    "revenue_wan": round(float(rng.lognormal(np.log(median), 0.85)), 1),
                    "founded": _date(rng),
                    "capital_wan": float(rng.choice([3.0, 10.0, 30.0, 50.0, 100.0])),
                    "line_wan": line,
                    "code": code,
                }
            )
    return drawn


def _registered(
    rng: np.random.Generator, codes: Mapping[str, list[str]], spelled: pd.Series, number: int, drawn: dict[str, Any]
) -> dict[str, Any]:
    link, firm, year = drawn["link_id"], credit_code(number + 1), int(drawn["founded"][:4])
    code = str(drawn.get("code") or codes[link][0])
    if "code" not in drawn and link != "LAMP" and rng.random() < REGISTERED_AS_LAMPS:
        code = "3872"
    edition = "2017"
    if code == "3872" and year < 2012 and rng.random() < 0.12:
        # In the edition of 2002 luminaires were 3972, which today is something else.
        code, edition = "3972", "2002"
    if rng.random() < 0.02:
        code, edition = "", ""
    sign = phrases()[link]["sign"][0]
    form = FORMS[int(rng.integers(3 if link not in SERVICES else 4))]
    return {
        "firm_id": firm,
        "name": f"古镇合成{sign}{form}{number + 1:04d}（示例）",
        "credit_code": firm,
        "address": f"中山市古镇镇{spelled[drawn['village_id']]}合成路{number + 1}号",
        "village_id": drawn["village_id"],
        "parcel_id": drawn["parcel_id"],
        "industry_code": code,
        "industry_edition": edition,
        "scope": compose(rng, link, year),
        "founded": drawn["founded"],
        "capital_wan": drawn["capital_wan"],
        "capital_currency": "CNY",
        "town_code": "442000105",
        "status": "在营" if drawn["parcel_id"] or rng.random() > 0.05 else "注销",
        "legal_form": "个人独资企业" if form == "经营部" else "有限责任公司",
        "above_scale": bool(drawn["revenue_wan"] >= drawn["line_wan"]),
    }


def _date(rng: np.random.Generator) -> str:
    return f"{int(rng.integers(1998, 2023))}-{int(rng.integers(1, 13)):02d}-{int(rng.integers(1, 28)):02d}"


def above_scale_by_site(firms: dict[str, pd.DataFrame], sites: Iterable[str]) -> dict[str, float]:
    """Count the above-scale firms on each site."""
    joined = firms["site_firms"].merge(firms["firms"][["firm_id", "above_scale"]], on="firm_id")
    held = joined.loc[joined["above_scale"], "site_id"].value_counts()
    return {site: float(held.get(site, 0)) for site in sites}
