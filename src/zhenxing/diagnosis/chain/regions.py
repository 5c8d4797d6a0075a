"""The town against its reference regions: location quotient and relatedness of each link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from zhenxing.diagnosis.chain.inputs import Floats, Inputs, Links, finding, need, numbers, texts
from zhenxing.diagnosis.chain.settings import ChainSettings
from zhenxing.diagnosis.chain.supply import Supply
from zhenxing.diagnosis.complexity import relatedness_density
from zhenxing.diagnosis.concentration import location_quotient
from zhenxing.errors import Issue

LEVELS: Final = ("nation", "province", "city", "town", "")
MEASURES: Final = ("employees", "output_wan", "firms")
# labels that no region_id has
HOME: Final = "\0home"
REFERENCE: Final = "\0reference"


@dataclass(frozen=True)
class Quotients:
    """Location quotient of each link with its interval, NaN where there is none, and the measure it was taken from."""

    quotient: Floats
    low: Floats
    high: Floats
    measure: str = ""


def read_regions(region_industries: pd.DataFrame, links: Links, year: int | None) -> tuple[pd.DataFrame, list[Issue]]:
    """Return the reference regions by link: region, level, link (position), employees, output_wan, firms.

    A row with an industry code is shared evenly among the links that list the code (2017 edition or none stated). Of
    the years, the latest not after ``year`` in which most regions stand is taken: regions are compared in one year.
    """
    if region_industries.empty:
        return _no_regions(), []
    need(region_industries, "region_industries", ["region_id", "year"])
    rows = pd.DataFrame(
        {
            "region": texts(region_industries, "region_id").to_numpy(),
            "level": texts(region_industries, "level").to_numpy(),
            "link_id": texts(region_industries, "link_id").to_numpy(),
            "code": texts(region_industries, "industry_code").to_numpy(),
            "edition": texts(region_industries, "industry_edition").to_numpy(),
            "year": numbers(region_industries, "year"),
        }
        | {measure: numbers(region_industries, measure) for measure in MEASURES}
    )
    issues = []
    older = (rows["link_id"] == "") & ~rows["edition"].isin(["", "2017"])
    if older.any():
        issues.append(finding("warning", "other_edition", "region_industries", [*rows.loc[older, "code"].unique()]))
    rows = rows[~older]
    if year is not None and (rows["year"] <= year).any():
        rows = rows[rows["year"] <= year]
    counts = rows.groupby("year")["region"].nunique()
    if counts.empty:
        return _no_regions(), issues
    rows = rows[rows["year"] == counts.index[counts == counts.max()].max()]
    shared = _by_link(rows, links)
    negative = (shared[list(MEASURES)] < 0).any(axis=1)
    if negative.any():
        issues.append(finding("warning", "negative_region", "region_industries", [*shared.loc[negative, "region"]]))
    return shared[~negative].groupby(["region", "level", "link"], as_index=False).sum(min_count=1), issues


def _no_regions() -> pd.DataFrame:
    return pd.DataFrame({"region": [], "level": [], "link": [], **{measure: [] for measure in MEASURES}})


def _by_link(rows: pd.DataFrame, links: Links) -> pd.DataFrame:
    """Return rows with a link as they are, and rows with a code once for each link that lists it."""
    direct = rows[rows["link_id"] != ""]
    direct = direct.assign(link=links.ids.get_indexer(pd.Index(direct["link_id"])))
    listed = pd.DataFrame(
        [(code, place) for place, codes in enumerate(links.codes) for code in codes], columns=["code", "link"]
    )
    coded = rows[(rows["link_id"] == "") & (rows["code"] != "")].merge(listed, on="code")
    for measure in MEASURES:
        coded[measure] = coded[measure] / coded.groupby(["region", "code"])["link"].transform("size")
    together = pd.concat([direct[direct["link"] >= 0], coded], ignore_index=True)
    return together[["region", "level", "link", *MEASURES]]


def home_rows(regions: pd.DataFrame, supply: Supply, links: Links, settings: ChainSettings) -> pd.DataFrame:
    """Return the town's own figures by link: its rows in the reference table where it has some, else the register."""
    own = regions[regions["region"] == settings.home] if settings.home else regions[:0]
    if len(own):
        return own.assign(region=HOME)[["region", "link", *MEASURES]]
    people = supply.firms.groupby("link")["employees"].sum(min_count=1).reindex(range(len(links)))
    weight = supply.firms.groupby("link")["weight"].sum().reindex(range(len(links)), fill_value=0.0)
    return pd.DataFrame(
        {
            "region": HOME,
            "link": range(len(links)),
            "employees": people.to_numpy(dtype=float),
            "output_wan": supply.output,
            "firms": weight.to_numpy(dtype=float),
        }
    )


def quotients(
    regions: pd.DataFrame, supply: Supply, links: Links, settings: ChainSettings
) -> tuple[Quotients, list[Issue]]:
    """Return the location quotient of each link against the widest reference there is.

    The widest level (nation, province, city, town) is the reference, its regions added up. Shares are shares of the
    links that the reference has rows for; both sides count the same links. The interval is the delta method on the
    number of firms, where both sides know it.
    """
    size = len(links)
    nothing = np.full(size, np.nan)
    none = Quotients(nothing, nothing, nothing)
    widest = next((level for level in LEVELS if (regions["level"] == level).any()), None)
    if widest is None:
        return none, [finding("info", "no_regions", "region_industries")]
    wide = regions[regions["level"] == widest].groupby("link", as_index=False)[list(MEASURES)].sum(min_count=1)
    home = home_rows(regions, supply, links, settings)
    home = home[home["link"].isin(wide["link"])]
    measure = next((name for name in settings.quotient_values if home[name].sum() > 0 and wide[name].sum() > 0), "")
    if not measure:
        return none, [finding("info", "no_measure", "region_industries")]
    both = pd.concat([home, wide.assign(region=REFERENCE)], ignore_index=True)
    counted = both.groupby("region")["firms"].sum().gt(0).all()
    both["value"], both["count"] = both[measure].fillna(0.0), both["firms"].fillna(0.0)
    table = location_quotient(
        both,
        "region",
        "link",
        "value",
        reference=REFERENCE,
        interval="delta" if counted else None,
        count="count" if counted else None,
    )
    found = table[table["region"] == HOME].set_index("link").reindex(range(size))
    quotient, low, high = (found[name].to_numpy(dtype=float) for name in ("location_quotient", "lq_low", "lq_high"))
    return Quotients(quotient, low, high, measure), []


def relatedness(
    regions: pd.DataFrame,
    supply: Supply,
    inputs: Inputs,
    local_share: Floats,
    links: Links,
    settings: ChainSettings,
) -> tuple[Floats, str]:
    """Return how near each link is to what the town does, 0 to 1, and from what it was taken.

    With at least ``regions_needed`` regions of one level: relatedness density Σ_j M_j φ_ij / Σ_j φ_ij of the town, φ
    the proximity of links by co-location, without the diagonal (Hidalgo et al. 2007). Otherwise the mean presence of
    the links it trades with, weighted by input shares in both directions: Σ_j w_ij p_j / Σ_j w_ij with w_ij =
    share(i,j) + share(j,i), where p_j is the local supply share, or 1 with and 0 without makers where that is unknown.
    """
    size = len(links)
    many = regions.groupby("level")["region"].nunique()
    enough = [level for level in reversed(LEVELS) if many.get(level, 0) >= settings.regions_needed]
    if enough:
        peers = regions[(regions["level"] == enough[0]) & (regions["region"] != settings.home)]
        both = pd.concat([home_rows(regions, supply, links, settings), peers], ignore_index=True)
        measure = next(
            (name for name in settings.quotient_values if both.groupby("region")[name].sum().gt(0).all()), ""
        )
        if measure:
            both["value"] = both[measure].fillna(0.0)
            density = relatedness_density(both, "region", "link", "value", diagonal=False)
            own = density[density["region"] == HOME].set_index("link")["density"].reindex(range(size))
            return own.to_numpy(dtype=float), "regions"
    shares = inputs.matrix(inputs.base, size)
    weights = shares + shares.T
    np.fill_diagonal(weights, 0.0)
    presence = np.where(np.isnan(local_share), supply.makers > 0, local_share)
    with np.errstate(invalid="ignore"):
        return weights @ presence / weights.sum(axis=1), "inputs"
