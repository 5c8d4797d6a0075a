"""One town without faults, and one planted fault per rule: the finding names its rows."""

from __future__ import annotations

import pytest
from tiny_towns import make_town

from zhenxing.planning.consistency import check_inputs

PLAN = {"horizon_years": 3, "contiguity": "growth"}


def clean():
    return {
        "parks": [{"park_id": "p", "vacant_mu": 5, "land_price_wan_per_mu": 30}, {"park_id": "q", "vacant_mu": 5}],
        "sites": [
            {"site_id": "a", "park_id": "p", "area_mu": 10, "floor_m2": 4000, "is_seed": True},
            {"site_id": "b", "park_id": "p", "area_mu": 10},
        ],
        "site_neighbours": [{"site_id": "b", "neighbour_id": "a"}],
        "site_modes": [{"site_id": id, "mode": "rebuild", "released_share": 0.8, "lead_years": 1} for id in "ab"],
        "site_supplies": [{"site_id": "a", "mode": "rebuild", "resource": "power", "amount": 1}],
        "platforms": [{"platform_id": "k", "park_id": "p", "area_mu": 10}],
        "platform_sites": [{"platform_id": "k", "site_id": "a"}],
        "candidates": [
            {
                "candidate_id": "c",
                "link_id": "l",
                "land_mu": 3,
                "is_leader": True,
                "probability": 0.5,
                "min_contiguous_mu": 8,
            },
            {"candidate_id": "d", "link_id": "l", "land_mu": 3, "follows_leader": True, "facility_id": "f", "count": 2},
        ],
        "placements": [{"candidate_id": id, "park_id": "p"} for id in "cd"],
        "candidate_uses": [{"candidate_id": "c", "resource": "power", "amount": 1}],
        "park_supply": [{"park_id": "p", "resource": "power", "amount": 1}],
        "utility_steps": [{"park_id": "p", "resource": "power", "step": 1, "adds": 1, "cost_wan": 1}],
        "facilities": [{"park_id": "p", "facility_id": "f", "cost_wan": 1}],
        "works": [{"work_id": "w", "cost_wan": 1}, {"work_id": "v", "cost_wan": 1, "requires_work_id": "w"}],
        "work_supplies": [{"work_id": "w", "park_id": "p", "resource": "power", "amount": 1}],
        "chain_rewards": [
            {"link_id": "l", "segment": number, "output_wan": 1, "reward_per_output": 1 / number} for number in (1, 2)
        ],
        "budget": [{"year": year, "own_funds_wan": 100} for year in (2026, 2027, 2028)],
        "targets": [{"indicator": "cleared_mu", "year": 2027, "target": 5}],
        "locks": [{"subject": "work", "id": "w", "rule": "must"}],
    }


def check(tables, **plan):
    return check_inputs(make_town(PLAN | plan, tables))


def add(table, **row):
    return lambda tables: tables[table].append(row)


def change(table, which, **cells):
    return lambda tables: tables[table][which].update(cells)


def clear(table):
    return lambda tables: tables.update({table: []})


def lock(rule, subject="site", id="a", **more):
    return {"subject": subject, "id": id, "rule": rule, **more}


def locked(*locks):
    return lambda tables: tables["locks"].extend(locks)


ERRORS = {
    # the fault, the code and table of the finding, its rows
    "park of a site": (change("sites", 0, park_id="z"), "unknown_park", "sites", ("z",)),
    "park of a target": (change("targets", 0, park_id="z"), "unknown_park", "targets", ("z",)),
    "park of a use": (change("candidate_uses", 0, park_id="z"), "unknown_park", "candidate_uses", ("z",)),
    "park of a placement": (add("placements", candidate_id="c", park_id="z"), "unknown_park", "placements", ("z",)),
    "park of a facility": (
        add("facilities", park_id="z", facility_id="f", cost_wan=1),
        "unknown_park",
        "facilities",
        ("z",),
    ),
    "park of a supply": (
        add("park_supply", park_id="z", resource="r", amount=1),
        "unknown_park",
        "park_supply",
        ("z",),
    ),
    "park of a platform": (
        add("platforms", platform_id="m", park_id="z", area_mu=1),
        "unknown_park",
        "platforms",
        ("z",),
    ),
    "neighbour": (add("site_neighbours", site_id="a", neighbour_id="z"), "unknown_site", "site_neighbours", ("z",)),
    "site of a mode": (
        add("site_modes", site_id="z", mode="m", released_share=1),
        "unknown_site",
        "site_modes",
        ("z",),
    ),
    "site of a platform": (
        add("platform_sites", platform_id="k", site_id="z"),
        "unknown_site",
        "platform_sites",
        ("z",),
    ),
    "platform": (add("platform_sites", platform_id="z", site_id="a"), "unknown_platform", "platform_sites", ("z",)),
    "candidate": (add("placements", candidate_id="z", park_id="p"), "unknown_candidate", "placements", ("z",)),
    "required work": (change("works", 1, requires_work_id="z"), "unknown_work", "works", ("z",)),
    "work of a supply": (change("work_supplies", 0, work_id="z"), "unknown_work", "work_supplies", ("z",)),
    "mode of a supply": (change("site_supplies", 0, mode="z"), "unknown_mode", "site_supplies", ("a / z",)),
    "lock of a site": (locked(lock("must", id="z")), "unknown_site", "locks", ("z",)),
    "lock of a candidate": (locked(lock("must", "candidate", "z")), "unknown_candidate", "locks", ("z",)),
    "lock of a work": (locked(lock("must", "work", "z")), "unknown_work", "locks", ("z",)),
    "mode of a lock": (locked(lock("must_not", option="z")), "unknown_mode", "locks", ("a / z",)),
    "park of a lock": (locked(lock("must_not", "candidate", "c", option="z")), "unknown_park", "locks", ("z",)),
    "reward that rises": (
        change("chain_rewards", 1, reward_per_output=2),
        "rising_reward",
        "chain_rewards",
        ("l / 2",),
    ),
    "lock without a year": (locked(lock("start_by")), "lock_without_year", "locks", ("a / start_by",)),
    "done without a year": (locked(lock("done", option="rebuild")), "lock_without_year", "locks", ("a / done",)),
    "done later": (locked(lock("done", option="rebuild", year=2026)), "done_later", "locks", ("a / 2026",)),
    "site done in no mode": (locked(lock("done", year=2025)), "done_without_option", "locks", ("a",)),
    "candidate done nowhere": (
        locked(lock("done", "candidate", "c", year=2025)),
        "done_without_option",
        "locks",
        ("c",),
    ),
    "work done twice": (
        locked(*[lock("done", "work", "w", year=year) for year in (2020, 2021)]),
        "done_twice",
        "locks",
        ("w",),
    ),
    "more done than there are": (
        locked(*[lock("done", "candidate", "d", option="p", year=2020 + n, count=n) for n in (1, 2)]),
        "done_too_many",
        "locks",
        ("d",),
    ),
    "done where it may not be": (
        locked(lock("done", "candidate", "c", option="q", year=2020)),
        "done_without_placement",
        "locks",
        ("c / q",),
    ),
}

WARNINGS = {
    "circular works": (change("works", 0, requires_work_id="v"), "circular_works", ("w", "v")),
    "site without modes": (add("sites", site_id="z", park_id="p", area_mu=1), "site_without_modes", ("z",)),
    "site out of reach": (clear("site_neighbours"), "unreachable_site", ("b",)),
    "site reached too late": (change("site_modes", 1, latest_year=2026), "unreachable_site", ("b",)),
    "followers without a leader": (change("candidates", 0, is_leader=False), "followers_without_leader", ("d",)),
    "leader without a place": (
        lambda tables: tables["placements"].pop(0),
        "leader_cannot_land",
        ("d",),
    ),
    "circular followers": (change("candidates", 0, follows_leader=True), "circular_followers", ("l",)),
    "target outside": (change("targets", 0, year=2040), "target_outside", ("cleared_mu / 2040",)),
    "budget outside": (add("budget", year=2031, own_funds_wan=50), "budget_outside", ("2031",)),
    "budget lacks a year": (lambda tables: tables["budget"].pop(), "budget_missing", ("2028",)),
    "candidate without placements": (
        add("candidates", candidate_id="z", land_mu=1),
        "candidate_without_placements",
        ("z",),
    ),
    "too large for its park": (change("candidates", 0, land_mu=22), "land_fits_nowhere", ("c",)),
    "no platform": (change("candidates", 0, min_contiguous_mu=11), "platform_nowhere", ("c",)),
    "no facility": (clear("facilities"), "facility_nowhere", ("d",)),
    "window before the plan": (change("site_modes", 0, latest_year=2020), "window_outside", ("a / rebuild",)),
    "window after the plan": (change("candidates", 0, first_year=2031), "window_outside", ("c",)),
    "window that ends first": (change("works", 1, earliest_year=2028, latest_year=2027), "window_outside", ("v",)),
    "delivery after the plan": (change("site_modes", 1, lead_years=3), "delivered_too_late", ("b / rebuild",)),
    "step of an unlimited resource": (
        change("utility_steps", 0, resource="z"),
        "supply_without_effect",
        ("p / z / 1",),
    ),
    "area in m2": (change("sites", 0, area_mu=6667), "area_like_m2", ("a",)),
    "floor above all ratios": (change("sites", 1, floor_m2=50_000), "floor_ratio", ("b",)),
    "price in yuan": (change("parks", 0, land_price_wan_per_mu=300_000), "land_price", ("p",)),
    "plot ratio in percent": (change("parks", 1, resettlement_far=200), "plot_ratio", ("q",)),
    "cost in yuan": (change("site_modes", 0, public_cost_wan=5_000_000), "cost_like_yuan", ("a / rebuild",)),
    "funds in yuan": (change("budget", 0, own_funds_wan=30_000_000), "funds_like_yuan", ("2026",)),
    "must and must not": (locked(lock("must_not", "work", "w")), "must_and_must_not", ("w",)),
    "start by before not before": (
        locked(lock("start_by", year=2026), lock("not_before", year=2027)),
        "start_by_before_not_before",
        ("a",),
    ),
    "must in a closed window": (
        lambda tables: (tables["locks"].append(lock("must")), tables["site_modes"][0].update(latest_year=2020)),
        "impossible_lock",
        ("a",),
    ),
    "start by before the plan": (locked(lock("start_by", year=2024)), "impossible_lock", ("a",)),
    "two modes locked": (
        lambda tables: (
            tables["site_modes"].append({"site_id": "a", "mode": "repair", "released_share": 0}),
            tables["locks"].extend([lock("must", option="repair"), lock("must", option="rebuild")]),
        ),
        "two_modes_locked",
        ("a",),
    ),
}


def test_a_clean_town_has_no_findings():
    assert [(issue.code, issue.rows) for issue in check(clean())] == []
    assert check({}) != []  # no budget: every year is named
    assert [issue.code for issue in check({})] == ["budget_missing"]


@pytest.mark.parametrize("name", ERRORS)
def test_an_input_error_names_its_rows(name):
    fault, code, table, rows = ERRORS[name]
    tables = clean()
    fault(tables)
    errors = [issue for issue in check(tables) if issue.level == "error"]
    assert [(issue.code, issue.table, issue.rows) for issue in errors] == [(code, table, rows)]
    assert rows[0] in errors[0].text.zh
    assert rows[0] in errors[0].text.en


@pytest.mark.parametrize("name", WARNINGS)
def test_a_warning_names_its_rows(name):
    fault, code, rows = WARNINGS[name]
    tables = clean()
    fault(tables)
    issues = check(tables)
    assert [issue for issue in issues if issue.level == "error"] == []
    found = {issue.code: issue for issue in issues}
    assert code in found
    assert found[code].rows == rows


def test_what_the_plan_model_allows_is_no_error():
    tables = clean()
    tables["targets"].append({"indicator": "cleared_mu", "year": 2099, "target": 5})
    tables["candidates"].append({"candidate_id": "e", "link_id": "nowhere", "facility_id": "nothing", "land_mu": 1})
    tables["candidate_uses"].append({"candidate_id": "c", "resource": "unheard of", "amount": 1})
    tables["works"][0]["requires_work_id"] = "v"
    tables["locks"].append(lock("done", option="rebuild", year=2025))
    assert [issue.code for issue in check(tables) if issue.level == "error"] == []


def test_a_done_neighbour_makes_a_site_reachable():
    tables = clean()
    tables["sites"][0]["is_seed"] = False
    assert "unreachable_site" in {issue.code for issue in check(tables)}
    tables["locks"].append(lock("done", option="rebuild", year=2025))
    assert "unreachable_site" not in {issue.code for issue in check(tables)}
    assert "unreachable_site" not in {
        issue.code for issue in check(clean() | {"site_neighbours": []}, contiguity="none")
    }


def test_probabilities_that_are_no_estimates():
    tables = clean()
    tables["candidates"] += [{"candidate_id": f"e{n}", "land_mu": 1, "probability": n % 2} for n in range(5)]
    tables["placements"] += [{"candidate_id": f"e{n}", "park_id": "p"} for n in range(5)]
    assert [issue.code for issue in check(tables)] == []
    tables["candidates"][0]["probability"] = 1
    assert [issue.code for issue in check(tables)] == ["probability_certain"]


def test_settings_that_look_wrong():
    assert [issue.code for issue in check(clean(), discount_rate=6.0)] == ["discount_rate"]
    tables = clean()
    for row in tables["budget"]:
        row["own_funds_wan"] = 1.5
    assert [issue.code for issue in check(tables)] == ["funds_like_yi"]


def test_a_town_without_plan_settings():
    town = make_town(PLAN, clean())
    bare = town.replace(settings=type(town.settings)(town=town.settings.town))
    assert [(issue.level, issue.code) for issue in check_inputs(bare)] == [("warning", "no_plan_settings")]


def test_the_first_five_rows_are_named_and_all_are_kept():
    tables = clean()
    tables["sites"] += [{"site_id": f"z{n}", "park_id": "p", "area_mu": 1} for n in range(8)]
    (issue,) = [issue for issue in check(tables) if issue.code == "site_without_modes"]
    assert len(issue.rows) == 8
    assert "z4" in issue.text.en
    assert "z5" not in issue.text.en
    assert "3 more" in issue.text.en
