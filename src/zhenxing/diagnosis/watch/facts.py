"""The latest figures of each firm beside what its link's other firms have."""

from __future__ import annotations

import numpy as np
import pandas as pd

from zhenxing.diagnosis.watch.settings import WatchSettings
from zhenxing.errors import Issue
from zhenxing.i18n import name_rows, say

FIGURES = (
    "revenue_wan", "main_revenue_wan", "output_wan", "value_added_wan", "tax_wan", "profit_wan", "employees", "rd_wan",
    "floor_m2", "rented_floor_m2", "land_mu",
)  # fmt: skip
# A link with fewer firms that give floor than this is compared with all firms.
LEAST_PEERS = 5


def latest_facts(
    firms: pd.DataFrame,
    firm_years: pd.DataFrame,
    firm_links: pd.DataFrame | None,
    watch: pd.DataFrame,
    parcels: pd.DataFrame | None,
    site_firms: pd.DataFrame | None,
    settings: WatchSettings,
) -> tuple[pd.DataFrame, list[Issue]]:
    """Return one row per open firm with figures: the last year's, growth, density of use, link, park, site."""
    known = firms.drop_duplicates("firm_id").assign(firm_id=lambda t: t["firm_id"].astype(str)).set_index("firm_id")
    last = int(watch["year"].max()) if len(watch) and watch["year"].notna().any() else None
    rows = _figures(firm_years, known.index, last, settings)
    facts = rows.groupby("firm_id").last() if len(rows) else rows.set_index("firm_id")
    facts = facts.reindex(sorted(facts.index))
    facts["growth"] = _growth(rows).reindex(facts.index)
    facts["name"] = _text(known, "name").reindex(facts.index).fillna("")
    facts["name"] = facts["name"].where(facts["name"] != "", facts.index)
    facts["link_id"] = _main_link(firm_links).reindex(facts.index).fillna("")
    facts["park_id"] = _park(known, parcels).reindex(facts.index).fillna("")
    facts["site_id"] = _site(site_firms).reindex(facts.index).fillna("")
    about = watch.set_index("firm_id").reindex(facts.index)
    for column in ("threshold_wan", "probability_cross", "probability_fall", "short_by_wan", "above"):
        facts[column] = about[column]
    facts["register_state"] = about["register_state"].where(about["state_given"].fillna(False).astype(bool), "")
    facts["remark"] = about["remark"].fillna("")
    facts = facts[facts["remark"] != "closed"]
    return _densities(facts), _odd_floor(facts)


def _figures(firm_years: pd.DataFrame, known: pd.Index, last: int | None, settings: WatchSettings) -> pd.DataFrame:
    rows = firm_years.assign(
        firm_id=firm_years["firm_id"].astype(str), year=pd.to_numeric(firm_years["year"], errors="coerce")
    ).dropna(subset=["year"])
    rows = rows.assign(
        **{name: pd.to_numeric(rows[name], errors="coerce") if name in rows else np.nan for name in FIGURES}
    )
    rows = rows.sort_values(["firm_id", "year", "revenue_wan"], kind="stable")
    rows = rows.drop_duplicates(["firm_id", "year"], keep="last")[["firm_id", "year", *FIGURES]]
    rows = rows.astype({"year": int, **dict.fromkeys(FIGURES, float)})
    if last is not None:
        rows = rows[rows["year"] <= last]
        recent = rows.groupby("firm_id")["year"].transform("max") >= last - settings.most_stale_years
        rows = rows[recent]
    return rows[rows["firm_id"].isin(set(known))]


def _growth(rows: pd.DataFrame) -> pd.Series:
    """Return yearly growth of revenue (share) over the last two years seen before the latest, or the one there is."""
    paid = rows[rows["revenue_wan"] > 0].groupby("firm_id").tail(3)
    grouped = paid.groupby("firm_id")
    first, last, count = grouped.first(), grouped.last(), grouped.size()
    span = (last["year"] - first["year"]).where(count > 1)
    return (last["revenue_wan"] / first["revenue_wan"]) ** (1 / span) - 1


def _text(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame:
        return pd.Series("", index=frame.index, dtype=object)
    return frame[column].astype(object).where(frame[column].notna(), "").astype(str)


def _main_link(firm_links: pd.DataFrame | None) -> pd.Series:
    if firm_links is None or not len(firm_links):
        return pd.Series(dtype=object)
    weight = pd.to_numeric(firm_links["weight"], errors="coerce").fillna(0.0) if "weight" in firm_links else 1.0
    links = firm_links.assign(firm_id=firm_links["firm_id"].astype(str), weight=weight)
    each = links.groupby(["firm_id", "link_id"])["weight"].sum().reset_index()
    links = each.sort_values(["firm_id", "weight", "link_id"], ascending=[True, False, True], kind="stable")
    return links.drop_duplicates("firm_id").set_index("firm_id")["link_id"]


def _park(known: pd.DataFrame, parcels: pd.DataFrame | None) -> pd.Series:
    if parcels is None or "parcel_id" not in known or "park_id" not in parcels:
        return pd.Series("", index=known.index, dtype=object)
    of = parcels.drop_duplicates("parcel_id").assign(parcel_id=lambda t: t["parcel_id"].astype(str))
    return _text(known, "parcel_id").map(_text(of.set_index("parcel_id"), "park_id")).fillna("")


def _site(site_firms: pd.DataFrame | None) -> pd.Series:
    if site_firms is None or not len(site_firms):
        return pd.Series(dtype=object)
    rows = site_firms.assign(firm_id=site_firms["firm_id"].astype(str), site_id=site_firms["site_id"].astype(str))
    return rows.sort_values(["firm_id", "site_id"]).drop_duplicates("firm_id").set_index("firm_id")["site_id"]


def _densities(facts: pd.DataFrame) -> pd.DataFrame:
    """Add floor used, revenue and people per m2, and the median and share of peers below in the firm's link."""
    floor = facts[["floor_m2", "rented_floor_m2"]].sum(axis=1, min_count=1)
    floor = floor.where(floor > 0)
    facts = facts.assign(
        used_floor_m2=floor,
        rented_share=facts["rented_floor_m2"].fillna(0.0) / floor,
        revenue_per_m2=facts["revenue_wan"].where(facts["revenue_wan"] > 0) / floor,
        people_per_m2=facts["employees"].where(facts["employees"] > 0) / floor,
    )
    for column in ("revenue_per_m2", "people_per_m2"):
        within = facts.groupby("link_id")[column]
        enough = (within.transform("count") >= LEAST_PEERS) & (facts["link_id"] != "")
        whole = facts[column].count() >= LEAST_PEERS
        median = within.transform("median").where(enough, facts[column].median() if whole else np.nan)
        rank = within.rank(pct=True).where(enough, facts[column].rank(pct=True) if whole else np.nan)
        facts = facts.assign(**{f"{column}_peers": median, f"{column}_rank": rank})
    return facts


def _odd_floor(facts: pd.DataFrame) -> list[Issue]:
    zero = facts.index[facts[["floor_m2", "rented_floor_m2"]].sum(axis=1, min_count=1) == 0]
    if not len(zero):
        return []
    names = tuple(str(name) for name in zero)
    text = say("diagnosis_watch.zero_floor", count=len(names), rows=name_rows(names))
    return [Issue("info", "zero_floor", text, "firm_years", "floor_m2", names)]
