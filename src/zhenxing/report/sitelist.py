"""Next year's list of sites as an office writes it, its reserve list, and why the others are not this year."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from zhenxing.errors import SourceError
from zhenxing.i18n import say
from zhenxing.report.balances import INCOME
from zhenxing.report.facts import Facts
from zhenxing.report.reasons import reasons_against, reasons_for
from zhenxing.report.schedule import Step, back_schedule
from zhenxing.report.sections.land import site_villages

SURVEYED = ("surveyed", "voted", "penalised", "approved", "registered")


@dataclass(frozen=True)
class SiteList:
    """The list of one year.

    Parameters
    ----------
    year : int
        Calendar year.
    started : DataFrame
        no, site_id, site, village, park, area_mu, tenure, title_gap, mode, firms, cost_wan, funding, supply, one column
        per step, first_month, reason.
    reserve : DataFrame
        no, site_id, site, village, park, area_mu, mode, planned (year or empty), released_mu, cost_wan, density (mu per
        100 万元), reason.
    limits : DataFrame
        limit, used, capacity of that year.
    funding : DataFrame
        source, amount_wan, share of that year.
    steps : tuple of Step
        The durations used.
    """

    year: int
    started: pd.DataFrame
    reserve: pd.DataFrame
    limits: pd.DataFrame
    funding: pd.DataFrame
    steps: tuple[Step, ...]


def site_list(facts: Facts, year: int, steps: tuple[Step, ...]) -> SiteList:
    """Return the list of sites of one plan year.

    Raises
    ------
    SourceError
        When the year lies outside the plan.
    """
    if year not in facts.years:
        raise SourceError(say("report.year_outside", year=year, first=facts.years[0], last=facts.years[-1]))
    funding = _funding(facts, year)
    return SiteList(
        year, _started(facts, year, steps, funding), _reserve(facts, year), _limits(facts, year), funding, steps
    )


def _started(facts: Facts, year: int, steps: tuple[Step, ...], funding: pd.DataFrame) -> pd.DataFrame:
    voice, names = facts.voice, facts.names
    plan = facts.plan["plan_sites"]
    sites = facts.filled("sites")[["site_id", "park_id", "area_mu"]]
    frame = plan[plan["start_year"] == year].merge(sites, on="site_id", how="left")
    frame = frame.merge(facts.filled("site_modes").drop(columns="lead_years"), on=["site_id", "mode"], how="left")
    frame = frame.sort_values(["park_id", "site_id"], kind="stable").reset_index(drop=True)
    villages, tenures, gaps, firms = site_villages(facts), _tenures(facts), _stages(facts), _firms(facts)
    missing, rows = voice("not_given"), []
    for number, site in enumerate(frame.to_dict("records"), start=1):
        key = str(site["site_id"])
        needed = _needs(site, gaps.get(key))
        nodes, first = back_schedule(steps, int(site["delivery_year"]), needed)
        early = first < f"{year:04d}-01"
        rows.append(
            {
                "no": number,
                "site_id": key,
                "site": names.of("sites", key),
                "village": villages.get(key) or missing,
                "park": names.of("parks", site["park_id"]),
                "area_mu": float(site["area_mu"]),
                "tenure": tenures.get(key) or missing,
                "title_gap": _gap_text(facts, float(site["title_mu"]), gaps.get(key)),
                "mode": names.word("mode", site["mode"]),
                "firms": firms.get(key) or missing,
                "cost_wan": float(site["public_cost_wan"]),
                "funding": _funding_text(facts, float(site["public_cost_wan"]), year, funding),
                "supply": nodes.get("supply", str(int(site["delivery_year"]))),
                **{step.name: nodes.get(step.name, voice("not_needed")) for step in steps},
                "first_month": voice("begin_early", month=first) if early else first,
                "reason": reasons_for(facts, key, str(site["mode"]), int(site["delivery_year"])),
            }
        )
    columns = [
        "no",
        "site_id",
        "site",
        "village",
        "park",
        "area_mu",
        "tenure",
        "title_gap",
        "mode",
        "firms",
        "cost_wan",
        "funding",
    ]
    columns += [step.name for step in steps if step.name != "supply"] + ["supply", "first_month", "reason"]
    return pd.DataFrame(rows, columns=columns)


def _needs(site: dict[Hashable, Any], stages: pd.DataFrame | None) -> set[str]:
    needed = {"survey"}
    if stages is not None and stages["title_stage"].isin(SURVEYED).all():
        needed.discard("survey")
    if float(site["title_mu"]) > 0:
        needed.add("title")
    if bool(site["clears"]):
        needed.add("clearing")
    return needed


def _site_parcels(facts: Facts, column: str) -> pd.DataFrame:
    links, parcels = facts.town["site_parcels"], facts.town["parcels"]
    if links.empty or parcels.empty or column not in parcels or parcels[column].isna().all():
        return pd.DataFrame(columns=["site_id", column, "area"])
    merged = links[["site_id", "parcel_id"]].merge(parcels, on="parcel_id").dropna(subset=[column])
    area = (
        merged["area_registered_mu"] if "area_registered_mu" in merged else pd.Series(float("nan"), index=merged.index)
    )
    return merged.assign(area=area.astype(float))[["site_id", column, "area"]]


def _shares(facts: Facts, own: pd.DataFrame, column: str) -> str:
    voice = facts.voice
    comma = ", " if voice.language == "en" else "、"
    parts = own.groupby(column, sort=False)["area"].sum(min_count=1)
    return comma.join(
        voice("share_area", what=facts.names.word(column, key), mu=voice.number(area, 1)) for key, area in parts.items()
    )


def _tenures(facts: Facts) -> dict[str, str]:
    frame = _site_parcels(facts, "tenure")
    return {str(site): _shares(facts, own, "tenure") for site, own in frame.groupby("site_id")}


def _stages(facts: Facts) -> dict[str, pd.DataFrame]:
    return {str(site): own for site, own in _site_parcels(facts, "title_stage").groupby("site_id")}


def _gap_text(facts: Facts, title_mu: float, stages: pd.DataFrame | None) -> str:
    voice = facts.voice
    text = voice("gap_planned", mu=voice.number(title_mu, 1)) if title_mu > 0 else voice("gap_none")
    if stages is None:
        return text
    open_stages = stages[stages["title_stage"] != "registered"]
    if open_stages.empty:
        return text
    return voice("gap_stages", planned=text, stages=_shares(facts, open_stages, "title_stage"))


def _firms(facts: Facts) -> dict[str, str]:
    links, firms = facts.town["site_firms"], facts.town["firms"]
    if links.empty:
        return {}
    above = (
        firms.set_index("firm_id")["above_scale"]
        if "above_scale" in firms and len(firms)
        else pd.Series(dtype="boolean")
    )
    found = {}
    for site, own in links.groupby("site_id"):
        large = int(above.reindex(own["firm_id"]).astype("boolean").fillna(False).sum())
        found[str(site)] = facts.voice("firms_counted", count=own["firm_id"].nunique(), above=large)
    return found


def _funding(facts: Facts, year: int) -> pd.DataFrame:
    frame = facts.money["expected"]
    row = frame[frame["year"] == year].iloc[0]
    amounts = {name: float(row[name]) for name in INCOME}
    amounts["borrowed_wan"] = max(0.0, float(row["borrowed_wan"]))
    amounts["opening_wan"] = max(0.0, float(row["opening_wan"]))
    total = sum(amounts.values())
    held = [(name, amount, amount / total) for name, amount in amounts.items() if amount > 0 and total > 0]
    return pd.DataFrame(held, columns=["source", "amount_wan", "share"])


def _funding_text(facts: Facts, cost: float, year: int, funding: pd.DataFrame) -> str:
    voice = facts.voice
    if cost <= 0:
        return voice("funding_none")
    share = float(facts.town.plan.first_year_cost_share)
    pool = voice.listed(
        [
            f"{voice(f'balance_{name}')} {voice.percent(part, 0)}"
            for name, part in zip(funding["source"], funding["share"], strict=True)
        ]
    )
    # the plan pays the second part of the last year's starts in that year too
    now = cost if year == facts.years[-1] else share * cost
    return voice("funding_text", now=voice.number(now), later=voice.number(cost - now), pool=pool)


def _limits(facts: Facts, year: int) -> pd.DataFrame:
    frame = facts.evaluation.capacities
    row = frame[frame["year"] == year].iloc[0]
    pairs: Sequence[tuple[str, str, str]] = (
        ("clear", "cleared_mu", "clear_capacity_mu"),
        ("title", "title_mu", "title_capacity_mu"),
        ("effort", "effort_months", "effort_capacity_months"),
    )
    return pd.DataFrame(
        [(name, float(row[used]), float(row[limit])) for name, used, limit in pairs],
        columns=["limit", "used", "capacity"],
    )


def _reserve(facts: Facts, year: int) -> pd.DataFrame:
    """Order: sites that the plan starts later by start year, then the others by land released per cost, most first."""
    names, villages = facts.names, site_villages(facts)
    frame = _waiting(facts, year).sort_values(["planned", "density"], ascending=[True, False], kind="stable")
    rows = []
    for number, site in enumerate(frame.to_dict("records"), start=1):
        key = str(site["site_id"])
        planned = None if pd.isna(site["planned"]) else int(site["planned"])
        rows.append(
            {
                "no": number,
                "site_id": key,
                "site": names.of("sites", key),
                "village": villages.get(key) or facts.voice("not_given"),
                "park": names.of("parks", site["park_id"]),
                "area_mu": float(site["area_mu"]),
                "mode": names.word("mode", site["mode"]),
                "planned": planned,
                "released_mu": float(site["released_mu"]),
                "cost_wan": float(site["cost_wan"]),
                "density": float(site["density"]),
                "reason": reasons_against(facts, key, str(site["mode"]), year, planned),
            }
        )
    columns = [
        "no",
        "site_id",
        "site",
        "village",
        "park",
        "area_mu",
        "mode",
        "planned",
        "released_mu",
        "cost_wan",
        "density",
        "reason",
    ]
    return pd.DataFrame(rows, columns=columns)


def _waiting(facts: Facts, year: int) -> pd.DataFrame:
    """Return the sites neither done nor started by ``year``, in the plan's mode or the one that releases most per cost.

    A mode without public cost has no density (missing) and comes after those that have one.
    """
    locks = facts.filled("locks")
    done = locks.loc[(locks["rule"] == "done") & (locks["subject"] == "site"), "id"]
    plan = facts.plan["plan_sites"][["site_id", "mode", "start_year"]].rename(
        columns={"mode": "chosen", "start_year": "planned"}
    )
    frame = facts.filled("sites")[["site_id", "park_id", "area_mu"]].merge(plan, on="site_id", how="left")
    frame = frame[~frame["site_id"].isin(done) & ~(frame["planned"] <= year).fillna(False).astype(bool)]
    modes = facts.filled("site_modes")[["site_id", "mode", "released_share", "public_cost_wan"]]
    frame = frame.merge(modes, on="site_id")
    frame = frame[frame["chosen"].isna() | (frame["chosen"] == frame["mode"])]
    frame["cost_wan"] = frame["public_cost_wan"].astype(float)
    frame["released_mu"] = frame["released_share"].astype(float).fillna(0.0) * frame["area_mu"].astype(float)
    frame["density"] = 100 * frame["released_mu"] / frame["cost_wan"].where(frame["cost_wan"] > 0)
    best = frame.sort_values("density", ascending=False, kind="stable").drop_duplicates("site_id")
    return best.sort_values("site_id", kind="stable")
