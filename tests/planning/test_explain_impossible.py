"""Towns in which nothing is allowed: the message names the lock, the year or the park that stands in the way."""

from __future__ import annotations

import pytest
from tiny_towns import make_town

from zhenxing.errors import InfeasibleError, TownError
from zhenxing.planning.options import PlanOptions
from zhenxing.planning.plan import plan
from zhenxing.town import Settings, Town


def town(settings=None, **tables):
    base = {
        "parks": [{"park_id": "p", "vacant_mu": 3}],
        "sites": [{"site_id": "s", "park_id": "p", "area_mu": 10}],
        "site_modes": [{"site_id": "s", "mode": "m", "released_share": 0.5, "public_cost_wan": 20}],
        "candidates": [{"candidate_id": "c", "land_mu": 4}],
        "placements": [{"candidate_id": "c", "park_id": "p"}],
        "budget": [{"year": 2026, "own_funds_wan": 100}],
    }
    return make_town({"horizon_years": 2, **(settings or {})}, {**base, **tables})


def why(given):
    with pytest.raises(InfeasibleError) as caught:
        plan(given, PlanOptions(seconds=60))
    assert caught.value.exit_code == 3
    assert caught.value.issues
    return caught.value


def test_a_firm_that_must_come_and_finds_no_land():
    # vacant 3 mu, and the site's 5 come in 2028, after the horizon
    found = why(town(locks=[{"subject": "candidate", "id": "c", "rule": "must"}]))
    assert "c" in found.text.en
    assert {issue.table for issue in found.issues} <= {"locks", "parks"}
    assert all(issue.text.zh and issue.text.en for issue in found.issues)


def test_a_site_that_must_start_without_money():
    given = town(
        locks=[{"subject": "site", "id": "s", "rule": "start_by", "year": 2026}],
        budget=[{"year": 2026, "own_funds_wan": 4}],
    )
    found = why(given)
    assert {issue.table for issue in found.issues} <= {"locks", "budget"}
    assert "2026" in found.text.en or "s" in found.text.en


def test_debts_that_cannot_be_paid():
    # 50 are owed in 2027, 30 are there: 20 are lacking
    given = town(
        budget=[
            {"year": 2026, "own_funds_wan": 30},
            {"year": 2027, "own_funds_wan": 0, "committed_outlay_wan": 50},
        ]
    )
    found = why(given)
    assert [issue.code for issue in found.issues] == ["money_impossible"]
    # what lacks in 2027 may be found in 2026 as well
    assert found.issues[0].rows in {("2026",), ("2027",)}
    assert "20" in found.text.en
    assert "20" in found.text.zh


def test_firms_that_are_here_on_more_land_than_there_is():
    given = town(locks=[{"subject": "candidate", "id": "c", "option": "p", "rule": "done", "year": 2020}])
    found = why(given)
    assert found.issues[0].rows == ("p",)
    assert found.issues[0].column == "vacant_mu"


def test_firms_that_are_here_with_more_power_than_there_is():
    given = town(
        parks=[{"park_id": "p", "vacant_mu": 9}],
        park_supply=[{"park_id": "p", "resource": "power", "amount": 2}],
        candidate_uses=[{"candidate_id": "c", "resource": "power", "amount": 7}],
        locks=[{"subject": "candidate", "id": "c", "option": "p", "rule": "done", "year": 2020}],
    )
    found = why(given)
    assert [issue.table for issue in found.issues] == ["park_supply"]
    assert "p/power" in found.text.en


def test_two_locks_that_exclude_each_other_through_a_capacity():
    given = town(
        sites=[{"site_id": s, "park_id": "p", "area_mu": 10} for s in "st"],
        site_modes=[{"site_id": s, "mode": "m", "released_share": 0.5, "title_mu": 4} for s in "st"],
        budget=[{"year": 2026, "own_funds_wan": 1, "title_capacity_mu": 5}],
        locks=[{"subject": "site", "id": s, "rule": "start_by", "year": 2026} for s in "st"],
    )
    # one of the two has to be taken back
    found = why(given)
    assert len(found.issues) == 1
    assert found.issues[0].table == "locks"
    assert found.issues[0].rows in {("1",), ("2",)}


def test_no_settings():
    with pytest.raises(TownError):
        plan(Town(Settings.parse({"town": {"name": "x"}}), {}))


def test_inputs_that_contradict_each_other_stop_the_plan():
    with pytest.raises(TownError) as caught:
        plan(town(placements=[{"candidate_id": "c", "park_id": "elsewhere"}]))
    assert caught.value.exit_code == 2
    assert "elsewhere" in caught.value.issues[0].text.en
