"""A town in which every rule of the plan model has something to hold, and an allowed plan for it."""

from __future__ import annotations

import pandas as pd
from tiny_towns import make_plan, make_town

from zhenxing.planning.checker import evaluate


def site(id, park, area, floor=0, seed=False):
    return {"site_id": id, "park_id": park, "area_mu": area, "floor_m2": floor, "is_seed": seed}


def mode(site, name="rebuild", **more):
    row = {
        "site_id": site,
        "mode": name,
        "lead_years": 1,
        "released_share": 0.8,
        "displaced_share": 0.5,
        "title_mu": 5,
        "public_cost_wan": 20,
    }
    return row | more


def candidate(id, land, effort, **more):
    return {"candidate_id": id, "land_mu": land, "effort_months": effort, "annual_tax_wan": 10, **more}


def lock(subject, id, rule, **more):
    return {"subject": subject, "id": id, "rule": rule, **more}


TOWN = make_town(
    {"horizon_years": 3, "contiguity": "growth"},
    {
        "parks": [
            {"park_id": "p", "vacant_mu": 2, "land_price_wan_per_mu": 5, "resettlement_far": 1},
            {"park_id": "q", "vacant_mu": 10},
        ],
        "sites": [
            site("a", "p", 10, 1000, True),
            site("b", "p", 8, 0, True),
            site("c", "p", 6),
            site("d", "q", 5, 3000),
        ],
        "site_neighbours": [{"site_id": "a", "neighbour_id": "b"}, {"site_id": "c", "neighbour_id": "b"}],
        "site_modes": [
            mode("a"),
            mode("a", "repair", clears=False, lead_years=0, displaced_share=0, title_mu=0),
            mode("b"),
            mode("c", title_mu=1, earliest_year=2027, latest_year=2027),
            mode("d"),
        ],
        "site_supplies": [{"site_id": "a", "mode": "rebuild", "resource": "power", "amount": 3}],
        "platforms": [{"platform_id": "k", "park_id": "p", "area_mu": 18}],
        "platform_sites": [{"platform_id": "k", "site_id": "a"}, {"platform_id": "k", "site_id": "b"}],
        "candidates": [
            candidate("L", 1, 2, link_id="l", is_leader=True),
            candidate("F", 1, 0.5, link_id="l", follows_leader=True, count=2),
            candidate("B", 3, 0.4, min_contiguous_mu=15),
            candidate("G", 1, 4, facility_id="plating"),
            candidate("H", 1, 1, count=2, first_year=2027),
        ],
        "placements": [
            {"candidate_id": id, "park_id": park} for id, park in ("Lp", "Lq", "Fp", "Bp", "Gp", "Gq", "Hq")
        ],
        "candidate_uses": [{"candidate_id": "F", "resource": "power", "amount": 4}],
        "park_supply": [{"park_id": "p", "resource": "power", "amount": 1}],
        "utility_steps": [
            {"park_id": "p", "resource": "power", "step": step, "adds": 2, "cost_wan": 3} for step in (1, 2)
        ],
        "facilities": [{"park_id": "p", "facility_id": "plating", "cost_wan": 5}],
        "works": [
            {"work_id": "w", "cost_wan": 4, "latest_year": 2027},
            {"work_id": "v", "cost_wan": 4, "requires_work_id": "w"},
            {"work_id": "u", "cost_wan": 4},
            {"work_id": "x", "cost_wan": 4},
        ],
        "work_supplies": [{"work_id": "w", "park_id": "p", "resource": "power", "amount": 1}],
        "budget": [
            {
                "year": year,
                "own_funds_wan": 100,
                "debt_limit_wan": 20,
                "title_capacity_mu": 6,
                "clear_capacity_mu": 15,
                "effort_months": 6,
            }
            for year in (2026, 2027, 2028)
        ],
        "locks": [
            lock("site", "d", "done", option="rebuild", year=2024),
            lock("work", "u", "done", year=2025),
            lock("candidate", "H", "done", option="q", year=2020),
            lock("candidate", "H", "must"),
            lock("candidate", "L", "must", option="q"),
            lock("work", "x", "must_not"),
            lock("candidate", "G", "start_by", option="p", year=2027),
            lock("work", "v", "not_before", year=2028),
        ],
    },
)


def allowed_plan():
    return {
        "plan_sites": [
            {"site_id": "a", "mode": "rebuild", "start_year": 2026, "delivery_year": 2027},
            {"site_id": "b", "mode": "rebuild", "start_year": 2027, "delivery_year": 2028},
        ],
        "plan_landings": [
            {"candidate_id": id, "park_id": park, "year": year, "count": 1}
            for id, park, year in (
                ("L", "q", 2026),
                ("F", "p", 2027),
                ("B", "p", 2028),
                ("G", "p", 2027),
                ("H", "q", 2027),
            )
        ],
        "plan_facilities": [{"park_id": "p", "facility_id": "plating", "year": 2026}],
        "plan_works": [
            {"work_id": "w", "start_year": 2026, "opening_year": 2027},
            {"work_id": "v", "start_year": 2028, "opening_year": 2029},
        ],
        "plan_utilities": [
            {"park_id": "p", "resource": "power", "step": 1, "year": 2026},
            {"park_id": "p", "resource": "power", "step": 2, "year": 2027},
        ],
        "plan_resettlement": [{"from_park_id": "p", "to_park_id": "q", "year": 2026, "floor_m2": 500}],
        "plan_exits": [],
    }


def balance(rows, debt=(0, 0, 0)):
    """Return the plan with the finance table that its decisions lead to."""
    plan = make_plan(rows)
    money = evaluate(TOWN, plan).money
    finance, cash, owed = [], 0.0, 0.0
    for row, borrowed in zip(money.itertuples(), debt, strict=True):
        interest = 0.045 * owed
        cash += (
            row.own_funds_wan + row.land_income_wan + row.retained_tax_wan - row.outlay_wan + borrowed - owed - interest
        )
        columns = ("year", "own_funds_wan", "land_income_wan", "retained_tax_wan", "outlay_wan")
        finance.append(
            {name: getattr(row, name) for name in columns}
            | {"interest_wan": interest, "debt_wan": borrowed, "cash_wan": cash}
        )
        owed = borrowed
    return plan | {"plan_finance": pd.DataFrame(finance)}
