"""Numbers that look like another unit: m2 for mu, yuan or 亿元 for 万元, percent for a share.

The limits are wide rules of thumb for a Chinese industrial town, meant to catch a wrong unit and nothing finer.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from zhenxing.errors import Issue
from zhenxing.planning.consistency.inputs import Inputs, issue, row_ids
from zhenxing.units import M2_PER_MU

LARGEST_SITE_MU: Final = 2_000.0
LARGEST_VACANT_MU: Final = 30_000.0
LARGEST_NEED_MU: Final = 3_000.0
LARGEST_FLOOR_RATIO: Final = 6.0
PRICE_WAN_PER_MU: Final = (5.0, 500.0)
PLOT_RATIO: Final = (0.3, 6.0)
LARGEST_DISCOUNT_RATE: Final = 0.5
LARGEST_COST_WAN_PER_MU: Final = 2_000.0
LARGEST_FIRM_TAX_WAN: Final = 500_000.0
LARGEST_WORK_WAN: Final = 1_000_000.0
LARGEST_OWN_FUNDS_WAN: Final = 1_000_000.0
SMALLEST_OWN_FUNDS_WAN: Final = 10.0


def area_like_m2(inputs: Inputs) -> list[Issue]:
    """Land in mu that is as large as if it were m2."""
    issues = []
    for table, key, column, most in (
        ("sites", "site_id", "area_mu", LARGEST_SITE_MU),
        ("parks", "park_id", "vacant_mu", LARGEST_VACANT_MU),
        ("candidates", "candidate_id", "land_mu", LARGEST_NEED_MU),
        ("platforms", "platform_id", "area_mu", LARGEST_VACANT_MU),
    ):
        rows = inputs.table(table)
        large = rows.loc[rows[column] > most, key]
        issues += issue("warning", "area_like_m2", table, column, large, most=f"{most:g}")
    return issues


def floor_ratio(inputs: Inputs) -> list[Issue]:
    """More floor than any factory area has on its land."""
    sites = inputs.table("sites")
    ratio = sites["floor_m2"] / (sites["area_mu"] * M2_PER_MU).where(sites["area_mu"] > 0)
    dense = sites.loc[ratio > LARGEST_FLOOR_RATIO, "site_id"]
    return issue("warning", "floor_ratio", "sites", "floor_m2", dense, most=f"{LARGEST_FLOOR_RATIO:g}")


def land_price(inputs: Inputs) -> list[Issue]:
    """Land prices (what the town keeps) outside the usual range."""
    parks = inputs.table("parks")
    price, (least, most) = parks["land_price_wan_per_mu"], PRICE_WAN_PER_MU
    odd = parks.loc[(price > 0) & ((price < least) | (price > most)), "park_id"]
    return issue("warning", "land_price", "parks", "land_price_wan_per_mu", odd, least=f"{least:g}", most=f"{most:g}")


def plot_ratio(inputs: Inputs) -> list[Issue]:
    """Plot ratios of resettlement buildings outside the usual range."""
    parks = inputs.table("parks")
    ratio, (least, most) = parks["resettlement_far"], PLOT_RATIO
    odd = parks.loc[(ratio < least) | (ratio > most), "park_id"]
    return issue("warning", "plot_ratio", "parks", "resettlement_far", odd, least=f"{least:g}", most=f"{most:g}")


def cost_like_yuan(inputs: Inputs) -> list[Issue]:
    """Costs and taxes as large as if they were in yuan."""
    modes, sites = inputs.table("site_modes"), inputs.table("sites").drop_duplicates("site_id").set_index("site_id")
    area = sites["area_mu"].reindex(modes["site_id"]).to_numpy()
    dear = modes[modes["public_cost_wan"] > LARGEST_COST_WAN_PER_MU * pd.Series(area).clip(lower=1.0)]
    issues = issue("warning", "cost_like_yuan", "site_modes", "public_cost_wan", row_ids(dear, ["site_id", "mode"]))
    candidates, works = inputs.table("candidates"), inputs.table("works")
    rich = candidates.loc[candidates["annual_tax_wan"] > LARGEST_FIRM_TAX_WAN, "candidate_id"]
    issues += issue("warning", "cost_like_yuan", "candidates", "annual_tax_wan", rich)
    large = works.loc[works["cost_wan"] > LARGEST_WORK_WAN, "work_id"]
    return issues + issue("warning", "cost_like_yuan", "works", "cost_wan", large)


def funds_scale(inputs: Inputs) -> list[Issue]:
    """Own funds as large as if in yuan, or as small as if in 亿元."""
    budget = inputs.table("budget")
    years, funds = budget["year"].map("{:g}".format), budget["own_funds_wan"]
    issues = issue("warning", "funds_like_yuan", "budget", "own_funds_wan", years[funds > LARGEST_OWN_FUNDS_WAN])
    given = funds[funds > 0]
    if len(given) and (given < SMALLEST_OWN_FUNDS_WAN).all():
        issues += issue("warning", "funds_like_yi", "budget", "own_funds_wan", years[funds > 0])
    return issues


def probability_certain(inputs: Inputs) -> list[Issue]:
    """Probabilities that are all 0 or 1 are seldom an estimate."""
    given = inputs.town["candidates"]
    if "probability" not in given.columns:
        return []
    stated = given["probability"].dropna()
    if len(stated) < 5 or not stated.isin([0.0, 1.0]).all():
        return []
    rows = given.loc[stated.index, "candidate_id"]
    return issue("warning", "probability_certain", "candidates", "probability", rows)


def discount_rate(inputs: Inputs) -> list[Issue]:
    """A discount rate above one half is a percentage typed as it is read."""
    rate = inputs.settings.discount_rate
    rows = ["discount_rate"] if rate > LARGEST_DISCOUNT_RATE else []
    return issue("warning", "discount_rate", "town.toml", "plan", rows, rate=f"{rate:g}")


RULES: Final = (
    area_like_m2,
    floor_ratio,
    land_price,
    plot_ratio,
    cost_like_yuan,
    funds_scale,
    probability_certain,
    discount_rate,
)
