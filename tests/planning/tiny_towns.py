"""Towns small enough to think through: built from rows, and drawn at random with every rule of the plan model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import comb
from typing import Any

import pandas as pd
from tiny_draws import PARTS, Draw, draw_settings

from zhenxing import schema
from zhenxing.town import Settings, Town

Rows = Sequence[Mapping[str, Any]]


def make_town(plan: Mapping[str, Any], tables: Mapping[str, Rows]) -> Town:
    """Return a town from rows of plain values; every cell left out takes its default."""
    frames = {}
    for name, rows in tables.items():
        if rows:
            frames[name], issues = schema.conform(name, pd.DataFrame(list(rows)))
            assert not [issue for issue in issues if issue.level == "error"], issues
    return Town(Settings.parse({"town": {"name": "tiny"}, "plan": {"base_year": 2025, **plan}}), frames)


def make_plan(tables: Mapping[str, Rows]) -> dict[str, pd.DataFrame]:
    """Return plan tables from rows; absent ones are empty."""
    return {name: pd.DataFrame(list(rows)) for name, rows in tables.items() if rows}


def finance(
    year: int, own: float, land: float, tax: float, outlay: float, interest: float, debt: float, cash: float
) -> dict[str, float]:
    """Return one row of plan_finance."""
    return {
        "year": year,
        "own_funds_wan": own,
        "land_income_wan": land,
        "retained_tax_wan": tax,
        "outlay_wan": outlay,
        "interest_wan": interest,
        "debt_wan": debt,
        "cash_wan": cash,
    }


CAP = 30_000  # combinations of decisions, before any rule is looked at


def random_town(seed: int) -> Town:
    """Return a random town of a few sites and candidates that can be enumerated; the same one for the same seed."""
    draw = Draw(seed)
    settings = draw_settings(draw)
    for part in (*PARTS, _narrow_windows):
        part(draw)
    return make_town(settings, draw.tables)


def _narrow_windows(draw: Draw) -> None:
    """Fix the year of a site, a candidate or a work at random until the decisions can be enumerated."""
    for _ in range(60):
        if combinations(draw.tables, draw.years) <= CAP:
            return
        table = draw.pick("site_modes", "candidates", "candidates", "works" if draw.rows("works") else "candidates")
        row = draw.pick(*draw.rows(table))
        first, last = ("first_year", "last_year") if table == "candidates" else ("earliest_year", "latest_year")
        row[first] = row[last] = draw.pick(*draw.years)


def combinations(tables: Mapping[str, Rows], years: Sequence[int]) -> int:
    """Return how many combinations of integer decisions a town has, before any rule is looked at."""

    def open_years(row: Mapping[str, Any], first: str, last: str) -> int:
        return sum(row.get(first, 0) <= year <= row.get(last, 9999) for year in years)

    total = 1
    for site in tables["sites"]:
        modes = [row for row in tables["site_modes"] if row["site_id"] == site["site_id"]]
        total *= 1 + sum(open_years(row, "earliest_year", "latest_year") for row in modes)
    for row in tables["candidates"]:
        parks = sum(place["candidate_id"] == row["candidate_id"] for place in tables["placements"])
        total *= comb(parks * open_years(row, "first_year", "last_year") + row["count"], row["count"])
    for row in tables.get("works", ()):
        total *= 1 + open_years(row, "earliest_year", "latest_year")
    return total * (1 + len(years)) ** (len(tables.get("facilities", ())) + len(tables.get("utility_steps", ())))


def features(town: Town) -> set[str]:
    """Return which parts of the plan model a town exercises."""
    plan, modes, candidates, locks = (
        town.plan,
        town.filled("site_modes"),
        town.filled("candidates"),
        town.filled("locks"),
    )
    budget, targets, supply = town.filled("budget"), town.filled("targets"), town.filled("park_supply")
    done = locks[locks["rule"] == "done"]
    inside = targets[targets["year"].isin(list(town.years))]
    present = {
        "growth": plan.contiguity == "growth",
        "platforms": len(town["platforms"]) > 0,
        "platform without sites": not set(town.filled("platforms")["platform_id"])
        <= set(town.filled("platform_sites")["platform_id"]),
        "leaders": (candidates["follows_leader"] & ~candidates["is_leader"]).any(),
        "leader that follows": (candidates["follows_leader"] & candidates["is_leader"]).any(),
        "facilities": (candidates["facility_id"] != "").any(),
        "displaced floor": (
            modes["site_id"].map(town.filled("sites").set_index("site_id")["floor_m2"]) * modes["displaced_share"] > 0
        ).any(),
        "utility steps in order": len(town["utility_steps"]) > 1,
        "supplies from sites": len(town["site_supplies"]) > 0,
        "supplies from works": len(town["work_supplies"]) > 0,
        "unlimited resource": "water" in set(town.filled("candidate_uses")["resource"]),
        "use replaced for a park": (town.filled("candidate_uses")["park_id"] != "").any(),
        "limited resource": len(supply) > 0,
        "title capacity": (budget["title_capacity_mu"] < 1e9).any(),
        "clearing capacity": (budget["clear_capacity_mu"] < 1e9).any(),
        "effort": (budget["effort_months"] < 1e9).any(),
        "budget year missing": len(budget) < plan.horizon_years,
        "debt": (budget["debt_limit_wan"] > 0).any(),
        "committed outlay": (budget["committed_outlay_wan"] > 0).any(),
        "initial debt": plan.initial_debt_wan > 0,
        "initial cash": plan.initial_cash_wan > 0,
        "cash floor": plan.cash_probability_floor > 0,
        "probability below one": (candidates["probability"] < 1).any(),
        "target of a park": (inside["park_id"] != "").any(),
        "target outside": len(inside) < len(targets),
        "chain segments": len(town["chain_rewards"]) > 0,
        "works": len(town["works"]) > 0,
        "requires_work": (town.filled("works")["requires_work_id"] != "").any(),
        "window of a site": (modes["earliest_year"] > town.years[0]).any(),
        "window of a candidate": (candidates["first_year"] > town.years[0]).any(),
        "count above one": (candidates["count"] > 1).any(),
        "pays no land": (~candidates["pays_land"]).any(),
        "tail": plan.tail_years > 0,
        "land reserve": plan.land_reserve_value_wan_per_mu > 0,
        "mode that does not clear": (~modes["clears"]).any(),
        "lead of no year": (modes["lead_years"] == 0).any(),
        "lead beyond the horizon": (modes["lead_years"] > plan.horizon_years).any(),
        "land of a placement": bool(
            len(town["placements"]) and "land_mu" in town["placements"] and town["placements"]["land_mu"].notna().any()
        ),
    }
    found = {name for name, there in present.items() if there}
    found |= {f"target {name}" for name in inside["indicator"]}
    found |= {f"lock {rule}" for rule in locks["rule"] if rule != "done"}
    return found | {f"done {subject}" for subject in done["subject"]}
