"""One allowed plan in which every rule has something to hold, and one planted fault per rule."""

from __future__ import annotations

import pandas as pd
import pytest
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


def broken(plan):
    found = evaluate(TOWN, plan).violations
    assert list(found.columns) == ["rule", "table", "id", "year", "left", "right", "zh", "en"]
    return {rule.split(" ")[0] for rule in found["rule"]}, " ".join(
        found["table"] + " " + found["id"] + " " + found["en"]
    )


def drop(table, **cells):
    return lambda plan: plan.update(
        {table: [row for row in plan[table] if not all(row[name] == cell for name, cell in cells.items())]}
    )


def add(table, *rows):
    return lambda plan: plan[table].extend(rows)


def change(table, which, **cells):
    return lambda plan: plan[table][which].update(cells)


def both(*changes):
    return lambda plan: [one(plan) for one in changes]


def start(site, year, name="rebuild", lead=1):
    return add("plan_sites", {"site_id": site, "mode": name, "start_year": year, "delivery_year": year + lead})


def work(id, year):
    return add("plan_works", {"work_id": id, "start_year": year, "opening_year": year + 1})


FAULTS = {
    # name: the fault, the rules that must be reported and no others, a word of the report
    "start outside its window": (start("c", 2028), {"1"}, "only 2027–2027"),
    "two modes": (start("a", 2026, "repair", 0), {"1"}, "Site a is started 2 times"),
    "work outside its window": (change("plan_works", 0, start_year=2028, opening_year=2029), {"1"}, "plan_works w"),
    "required work missing": (drop("plan_works", work_id="w"), {"1"}, "the work w that it requires"),
    "no neighbour cleared before": (start("c", 2027), {"2"}, "plan_sites c"),
    "more firms than there are": (change("plan_landings", 2, count=2), {"3"}, "Candidate B lands 2 times"),
    "landing outside its window": (change("plan_landings", 4, year=2026), {"3"}, "H / q"),
    "placement not listed": (change("plan_landings", 2, park_id="q"), {"3"}, "not listed in placements"),
    "platform not assembled": (change("plan_landings", 2, year=2027), {"3"}, "contiguous platforms"),
    "leader after its follower": (change("plan_landings", 0, year=2028), {"3"}, "no leader of its link"),
    "facility not paid for": (drop("plan_facilities"), {"3"}, "shared facility"),
    "facility not yet there": (change("plan_facilities", 0, year=2027), {"3"}, "shared facility"),
    "facility in another park": (
        add("plan_landings", {"candidate_id": "G", "park_id": "q", "year": 2028, "count": 1}),
        {"3"},
        "G / q",
    ),
    "park overfilled": (
        add("plan_resettlement", {"from_park_id": "p", "to_park_id": "p", "year": 2028, "floor_m2": 8000}),
        {"4"},
        "Park p",
    ),
    "floor not taken care of": (change("plan_resettlement", 0, floor_m2=400), {"5"}, "100 m2 lacking"),
    "floor taken care of too late": (change("plan_resettlement", 0, year=2027), {"5"}, "in"),
    "power above supply": (change("plan_landings", 1, count=2), {"6"}, "use 8 in 2027 exceeds supply 7"),
    "steps out of order": (drop("plan_utilities", step=1), {"6"}, "p / power / 2"),
    "titles above capacity": (
        change("plan_sites", 1, start_year=2026, delivery_year=2027),
        {"7"},
        "Title cases of 10 mu",
    ),
    "clearing above capacity": (
        change("plan_sites", 1, start_year=2026, delivery_year=2027),
        {"7"},
        "Clearing of 18 mu",
    ),
    "effort above capacity": (change("plan_landings", 0, year=2027), {"7"}, "effort of 7.5"),
    "must not met": (change("plan_landings", 0, park_id="p"), {"11"}, "L / q must happen"),
    "must_not not obeyed": (work("x", 2026), {"11"}, "x must not happen"),
    "start_by not met": (change("plan_landings", 3, year=2028), {"11"}, "G / p starts by 2027"),
    "not_before not obeyed": (change("plan_works", 1, start_year=2027, opening_year=2028), {"11"}, "before 2028"),
    "a work that is done": (work("u", 2026), {"12"}, "u was done"),
    "a site that is done": (start("d", 2028), {"1", "5", "12"}, "d / rebuild was done"),
    "unknown site": (start("z", 2026), {"0"}, "z / rebuild does not exist"),
    "unknown mode": (start("b", 2026, "magic"), {"0"}, "b / magic does not exist"),
    "year outside the plan": (change("plan_works", 1, start_year=2040, opening_year=2041), {"0"}, "2040"),
    "facility bought twice": (
        add("plan_facilities", {"park_id": "p", "facility_id": "plating", "year": 2027}),
        {"0"},
        "more than once",
    ),
    "delivery year": (change("plan_sites", 1, delivery_year=2030), {"0"}, "2030"),
    "opening year": (change("plan_works", 1, opening_year=2028), {"0"}, "start year plus lead years is 2029"),
    "part of a firm": (change("plan_landings", 4, count=0.5), {"0"}, "whole number"),
    "negative exit": (add("plan_exits", {"park_id": "q", "year": 2026, "floor_m2": -5}), {"0", "5"}, "negative"),
    "no number": (change("plan_landings", 4, count="many"), {"0"}, "not a number"),
    "unknown park": (add("plan_exits", {"park_id": "z", "year": 2026, "floor_m2": 5}), {"0"}, "z does not exist"),
}


def test_the_plan_is_allowed():
    rows = allowed_plan()
    found = evaluate(TOWN, balance(rows))
    assert found.violations["en"].tolist() == []
    assert found.allowed
    # a plan may add rows up, keep more floor than needed, borrow within the limit, and report less cash than it has
    rows["plan_resettlement"] = [{"from_park_id": "p", "to_park_id": "q", "year": 2026, "floor_m2": 250}] * 3
    plan = balance(rows, debt=(20, 20, 5))
    plan["plan_finance"]["cash_wan"] -= [3, 5, 6]
    assert evaluate(TOWN, plan).violations["en"].tolist() == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_reported(name):
    fault, rules, words = FAULTS[name]
    rows = allowed_plan()
    fault(rows)
    found, text = broken(balance(rows))
    assert found == rules
    assert words in text


@pytest.mark.parametrize(
    ("column", "year", "wrong", "word"),
    [
        ("cash_wan", 2027, lambda cash: cash + 1, "1 wan lacking"),
        ("cash_wan", 2028, lambda cash: -1, "negative by 1 wan"),
        ("outlay_wan", 2027, lambda outlay: outlay - 1, "outlay_wan"),
        ("own_funds_wan", 2026, lambda own: 110, "110"),
        ("land_income_wan", 2027, lambda land: 0, "land_income_wan"),
        ("retained_tax_wan", 2028, lambda tax: tax + 1, "retained_tax_wan"),
        ("interest_wan", 2027, lambda interest: 1, "interest_wan"),
    ],
)
def test_tampered_finance_is_reported(column, year, wrong, word):
    plan = balance(allowed_plan())
    at = plan["plan_finance"]["year"] == year
    plan["plan_finance"].loc[at, column] = wrong(plan["plan_finance"].loc[at, column])
    found, text = broken(plan)
    assert found == {"8"}
    assert word in text


def test_debt_beyond_its_limit_is_reported():
    found, text = broken(balance(allowed_plan(), debt=(25, 0, 0)))
    assert found == {"8"}
    assert "Debt of 25 wan" in text


def test_every_year_needs_one_finance_row():
    plan = balance(allowed_plan())
    finance = plan["plan_finance"]
    found, text = broken(plan | {"plan_finance": finance[finance["year"] < 2028]})
    assert found == {"0"}
    assert "one row for 2028" in text
    assert broken(plan | {"plan_finance": pd.concat([finance, finance.tail(1)])})[0] == {"0"}


def test_a_table_without_its_columns_counts_as_empty():
    plan = balance(allowed_plan())
    found, text = broken(plan | {"plan_utilities": plan["plan_utilities"].drop(columns="step")})
    assert "0" in found
    assert "lacks the columns step" in text


def test_start_by_before_the_plan_is_met_only_by_what_is_done():
    rows = [*TOWN["locks"].dropna(axis=1, how="all").to_dict("records")]
    for year, good in ((2019, False), (2020, True), (2025, True)):
        locks = pd.DataFrame([*rows, lock("candidate", "H", "start_by", year=year)]).astype({"year": "Int64"})
        found = evaluate(TOWN.replace(locks=locks), balance(allowed_plan())).violations
        assert found.empty is good
