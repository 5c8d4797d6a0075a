"""What the watch puts before the plan: pushes, expansions and upgrades as candidates with their placements."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from zhenxing import schema
from zhenxing.diagnosis.watch.caring import extra_floor
from zhenxing.diagnosis.watch.settings import WatchSettings
from zhenxing.errors import Issue
from zhenxing.i18n import name_rows, say
from zhenxing.units import mu_from_m2

FLOOR = "factory_floor_m2"
Facts = Mapping[Hashable, Mapping[Hashable, Any]]
Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, list[Issue]]


def candidate_rows(
    facts: pd.DataFrame,
    pushes: pd.DataFrame,
    care: pd.DataFrame,
    parks: pd.DataFrame | None,
    settings: WatchSettings,
) -> Tables:
    """Return candidates, placements and candidate_uses with ids ``push:``, ``expand:`` and ``upgrade:`` + firm_id.

    A push brings the revenue that is short; of a firm that also expands it brings the above-scale firm only, so that
    its growth is counted once. A push may be made from the year of its list on, at the uplift judged today.
    """
    about = facts.to_dict("index")
    expanding = care.loc[care["reason"] == "outgrows_floor", "firm_id"].tolist()
    upgrading = care.loc[care["reason"] == "upgrade_ready", "firm_id"].tolist()
    rows = [
        *_pushes(about, pushes, set(expanding), settings),
        *(_expansion(firm, about[firm], settings) for firm in sorted(expanding)),
        *(_upgrade(firm, about[firm], settings) for firm in sorted(upgrading)),
    ]
    uses = [
        {"candidate_id": row["candidate_id"], "resource": FLOOR, "amount": row.pop("floor")}
        for row in rows
        if row.get("floor", 0) > 0
    ]
    for row in rows:
        row.pop("floor", None)
        row["count"] = 1
    candidates = _conformed("candidates", rows)
    ids = sorted(parks["park_id"].astype(str).unique()) if parks is not None and len(parks) else []
    placements, issues = _placements(candidates, facts["park_id"].to_dict(), ids, settings)
    return candidates, placements, _conformed("candidate_uses", uses), issues


def _conformed(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    if not rows:
        return schema.empty(name)
    columns = list(schema.table(name).columns)
    frame, _ = schema.conform(name, pd.DataFrame(rows).reindex(columns=columns))
    return frame


def _named(prefix: str, firm: str, fact: Mapping[Hashable, Any], kind: str) -> dict[str, Any]:
    """Return what names a candidate that a firm of the register brings; its id stays the same from run to run."""
    return {
        "candidate_id": f"{prefix}:{firm}",
        "name": say(f"diagnosis_watch.{prefix}_name", name=fact["name"]).zh,
        "firm_id": firm,
        "link_id": fact["link_id"],
        "kind": kind,
    }


def _gains(fact: Mapping[Hashable, Any], revenue: float) -> dict[str, Any]:
    """Return yearly output, tax and value added that come with more revenue, in the firm's own proportions."""
    base = fact["revenue_wan"]

    def share(figure: float) -> float:
        return float(np.clip(figure / base, 0.0, 1.0)) if base > 0 and figure == figure else 0.0

    return {
        "annual_output_wan": revenue,
        "annual_tax_wan": share(fact["tax_wan"]) * revenue,
        "annual_value_added_wan": share(fact["value_added_wan"]) * revenue,
    }


def _pushes(about: Facts, pushes: pd.DataFrame, expanding: set[str], settings: WatchSettings) -> list[dict[str, Any]]:
    months = settings.assume("months_per_visit").base
    rows = []
    for push in pushes.to_dict("records"):
        fact = about[push["firm_id"]]
        rows.append(
            {
                **_named("push", push["firm_id"], fact, "expansion"),
                "land_mu": 0.0,
                **_gains(fact, 0.0 if push["firm_id"] in expanding else float(fact["short_by_wan"])),
                "probability": push["uplift"],
                "effort_months": push["visits"] * months,
                "subsidy_wan": settings.subsidy_wan,
                "first_year": push["year"],
                "becomes_above_scale": True,
                "pays_land": False,
            }
        )
    return rows


def _expansion(firm: str, fact: Mapping[Hashable, Any], settings: WatchSettings) -> dict[str, Any]:
    floor = extra_floor(fact)
    land = mu_from_m2(floor) / settings.resettlement_far
    own_plot = land >= settings.assume("own_plot_mu").base
    peers = fact["revenue_per_m2_peers"]
    return {
        **_named("expand", firm, fact, "expansion"),
        "land_mu": land if own_plot else 0.0,
        "floor": 0.0 if own_plot else floor,
        **_gains(fact, floor * peers if peers == peers else 0.0),
        "becomes_above_scale": False,
        "probability": settings.assume("expansion_probability").base,
        "effort_months": settings.assume("expansion_effort").base,
        "pays_land": bool(own_plot),
    }


def _upgrade(firm: str, fact: Mapping[Hashable, Any], settings: WatchSettings) -> dict[str, Any]:
    revenue = max(float(fact["revenue_wan"]), 0.0)
    return {
        **_named("upgrade", firm, fact, "upgrade"),
        "land_mu": 0.0,
        **_gains(fact, settings.assume("upgrade_gain").base * revenue),
        "investment_wan": settings.assume("upgrade_investment").base * revenue,
        "becomes_above_scale": False,
        "probability": settings.assume("upgrade_probability").base,
        "effort_months": settings.assume("upgrade_effort").base,
        "pays_land": False,
    }


def _placements(
    candidates: pd.DataFrame, home_of: dict[Hashable, str], parks: list[str], settings: WatchSettings
) -> tuple[pd.DataFrame, list[Issue]]:
    """Pushes and upgrades stay in the firm's park; whoever needs room may go to any park."""
    home = settings.default_park or (parks[0] if parks else "")
    rows: list[dict[str, Any]] = []
    homeless: list[str] = []
    for row in candidates.to_dict("records"):
        own = home_of[row["firm_id"]]
        own = own if not parks or own in parks else ""
        if row["candidate_id"].startswith("expand:") and parks:
            rows += [{"candidate_id": row["candidate_id"], "park_id": park} for park in parks]
            continue
        if not own:
            homeless.append(row["firm_id"])
        if own or home:
            rows.append({"candidate_id": row["candidate_id"], "park_id": own or home})
    issues = []
    if homeless:
        entry = "park_unknown" if home else "park_nowhere"
        names = sorted(set(homeless))
        text = say(f"diagnosis_watch.{entry}", count=len(names), rows=name_rows(names), park=home)
        issues.append(Issue("info" if home else "warning", entry, text, "placements", "park_id", tuple(names)))
    return _conformed("placements", rows), issues
