"""One allowed plan in which every rule has something to hold, and one planted fault per rule."""

from __future__ import annotations

import math
from random import Random

import pandas as pd
import pytest
from whole_town import TOWN, allowed_plan, balance, lock

from zhenxing.planning.checker import evaluate
from zhenxing.planning.checker.decisions import NUMBERS, TEXTS


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


def test_no_plan_is_too_bad_to_be_evaluated():
    draw = Random(1)
    pool = [
        None,
        "",
        "a",
        "p",
        "q",
        "L",
        "k",
        "rebuild",
        "power",
        -1,
        1,
        2.5,
        1e300,
        math.nan,
        math.inf,
        True,
        2026,
        2027.0,
        pd.NA,
        "2028",
        10**30,
    ]
    for _ in range(25):
        plan = {
            name: pd.DataFrame(
                {column: [draw.choice(pool) for _ in range(3)] for column in (*TEXTS[name], *NUMBERS[name])},
                dtype=object,
            )
            for name in TEXTS
            if draw.random() < 0.8
        }
        found = evaluate(TOWN, plan)
        assert len(found.violations) > 0
        assert found.violations["zh"].str.len().min() > 0


def test_land_without_a_plot_ratio_takes_no_resettlement():
    parks = TOWN["parks"].assign(resettlement_far=0.0)
    found = evaluate(TOWN.replace(parks=parks), balance(allowed_plan())).violations
    assert set(found["rule"]) == {"4 land"}
