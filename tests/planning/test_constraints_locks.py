"""Rules 11 and 12: what people decided beforehand, and what is there already."""

from __future__ import annotations

import pytest
from compiled import PLAIN, assert_rows, at_least, at_most, best, column_names, decided, equal, formulated, rows
from tiny_towns import make_town


def town(*locks, **settings):
    """Return a site of two modes that only cost, a firm that pays 10 a year, and a work of benefit 4 for 3."""
    mode = {"lead_years": 1, "released_share": 0.5}
    return make_town(
        {**PLAIN, "horizon_years": 2, **settings},
        {
            "parks": [{"park_id": "p", "vacant_mu": 8}, {"park_id": "q", "vacant_mu": 8}],
            "sites": [{"site_id": "s", "park_id": "p", "area_mu": 10, "floor_m2": 100}],
            "site_modes": [
                {"site_id": "s", "mode": "a", "public_cost_wan": 5, **mode},
                {"site_id": "s", "mode": "b", "public_cost_wan": 6, "clears": False, "displaced_share": 0, **mode},
            ],
            "candidates": [{"candidate_id": "c", "count": 2, "land_mu": 4, "annual_tax_wan": 10, "effort_months": 1}],
            "placements": [{"candidate_id": "c", "park_id": "p"}, {"candidate_id": "c", "park_id": "q", "fit_wan": 1}],
            "works": [{"work_id": "w", "cost_wan": 3, "lead_years": 0, "annual_benefit_wan": 4}],
            "budget": [{"year": 2026, "own_funds_wan": 100}],
            "locks": list(locks),
        },
    )


def lock(subject, id, rule, **more):
    return {"subject": subject, "id": id, "rule": rule, **more}


# nobody decided anything: both firms in q from 2026 (2 * 21) and the work from 2026 (8 - 3)
FREE = 42 + 5


def test_free():
    assert best(town()).summary["value_wan"] == pytest.approx(FREE)


def test_must():
    given = town(lock("site", "s", "must"), moving_cost_wan_per_m2=0.0)
    a, b = "site_start__s_a_", "site_start__s_b_"
    expected = at_least(1, **{f"{a}2026": 1, f"{a}2027": 1, f"{b}2026": 1, f"{b}2027": 1})
    assert_rows(formulated(given), "lock_must", {"0/site/s": expected})
    assert best(given).summary["value_wan"] == pytest.approx(FREE - 5)


def test_must_with_an_option():
    given = town(lock("site", "s", "must", option="b"))
    expected = at_least(1, site_start__s_b_2026=1, site_start__s_b_2027=1)
    assert_rows(formulated(given), "lock_must", {"0/site/s": expected})
    assert best(given).summary["value_wan"] == pytest.approx(FREE - 6)


def test_must_not():
    given = town(lock("candidate", "c", "must_not", option="q"))
    expected = at_most(0, landing__0_q_2026=1, landing__0_q_2027=1)
    assert_rows(formulated(given), "lock_must_not", {"0/candidate/c": expected})
    assert best(given).summary["value_wan"] == pytest.approx(FREE - 2)


def test_not_before():
    given = town(lock("candidate", "c", "not_before", year=2027))
    expected = at_most(0, landing__0_p_2026=1, landing__0_q_2026=1)
    assert_rows(formulated(given), "lock_must_not", {"0/candidate/c": expected})
    assert best(given).summary["value_wan"] == pytest.approx(FREE - 20)


def test_start_by():
    given = town(lock("site", "s", "start_by", year=2026, option="b"))
    assert_rows(formulated(given), "lock_must", {"0/site/s": at_least(1, site_start__s_b_2026=1)})
    assert best(given).summary["value_wan"] == pytest.approx(FREE - 6)


def test_start_by_after_the_horizon_says_nothing():
    given = town(lock("site", "s", "start_by", year=2028))
    assert rows(formulated(given), "lock_must") == {}


def test_work():
    given = town(lock("work", "w", "not_before", year=2027))
    label = "/".join(("0", "work", "w"))
    assert_rows(formulated(given), "lock_must_not", {label: at_most(0, work_start__w_2026=1)})
    assert best(given).summary["value_wan"] == pytest.approx(FREE - 4)


def test_a_site_that_is_done_costs_nothing_and_is_delivered():
    given = town(lock("site", "s", "done", option="a", year=2025))
    formulation = formulated(given)
    assert column_names(formulation, "site_start") == []
    # started in 2025, delivered in 2026: 0.5 * 10 mu beside the 8 of the park; its floor is dealt with
    land = rows(formulation, "land")
    assert land["p/2026"].upper == 8 + 5
    assert rows(formulation, "resettlement")["p/2026"].upper == 0
    result = best(given)
    assert result.summary["value_wan"] == pytest.approx(FREE)
    assert decided(result, "plan_sites") == []


def test_firms_that_are_here_use_land_and_pay_tax():
    given = town(lock("candidate", "c", "done", option="p", year=2024, count=1))
    formulation = formulated(given)
    assert rows(formulation, "land")["p/2026"].upper == 8 - 4
    assert rows(formulation, "candidate_count")["c"].upper == 1
    # one is here and pays 20; the other lands in q for 21; tax of 2025 counts in no cash
    assert best(given).summary["value_wan"] == pytest.approx(20 + 21 + 5)
    assert_rows(
        formulation,
        "cash_tax_level",
        {
            "2026": equal(10, cash_tax__2026=1, landing__0_p_2026=-10, landing__0_q_2026=-10),
            "2027": equal(0, cash_tax__2027=1, cash_tax__2026=-1, landing__0_p_2027=-10, landing__0_q_2027=-10),
        },
    )


def test_a_work_that_is_done_opens_by_itself():
    given = town(lock("work", "w", "done", year=2025))
    result = best(given)
    assert result.summary["value_wan"] == pytest.approx(42 + 8)
    assert decided(result, "plan_works") == []


@pytest.mark.parametrize("rule", [{"rule": "must"}, {"rule": "start_by", "year": 2025}])
def test_what_is_done_meets_a_promise(rule):
    done = lock("site", "s", "done", option="a", year=2025)
    given = town(done, {"subject": "site", "id": "s", **rule})
    assert rows(formulated(given), "lock_must") == {}
    assert best(given).summary["value_wan"] == pytest.approx(FREE)
