"""Rule 10: the output of a link fills its reward segments in order."""

from __future__ import annotations

import pytest
from compiled import PLAIN, assert_rows, at_most, best, equal, formulated
from tiny_towns import make_town


def town(**large):
    return make_town(
        {**PLAIN, "horizon_years": 2},
        {
            "parks": [{"park_id": "p"}],
            "candidates": [
                {"candidate_id": "c", "link_id": "l", "count": 3, "probability": 0.5, "annual_output_wan": 8},
                {"candidate_id": "d", "link_id": "l", "annual_output_wan": 40, "subsidy_wan": 3, **large},
                {"candidate_id": "e", "annual_output_wan": 500},
            ],
            "placements": [{"candidate_id": name, "park_id": "p"} for name in "cde"],
            "chain_rewards": [
                {"link_id": "l", "segment": 1, "output_wan": 10, "reward_per_output": 0.2},
                {"link_id": "l", "segment": 7, "output_wan": 20, "reward_per_output": 0.1},
            ],
            "budget": [{"year": 2026, "own_funds_wan": 100}],
        },
    )


def test_rows():
    formulation = formulated(town())
    first, second, reach = "segment_filled__l/0_2026", "segment_filled__l/1_2026", "segment_reach__l/"
    found = {
        "l/0/2026": at_most(0, **{first: 1, f"{reach}0_2026": -1}),
        "l/0/2027": at_most(0, **{first.replace("2026", "2027"): 1, f"{reach}0_2027": -1}),
        "l/1/2026": at_most(0, **{first: 1, second: 1, f"{reach}1_2026": -1}),
        "l/1/2027": at_most(
            0, **{first.replace("2026", "2027"): 1, second.replace("2026", "2027"): 1, f"{reach}1_2027": -1}
        ),
    }
    assert_rows(formulation, "segment_output", found)
    # a firm of 40 counts 10 in the first segment and 30 in both together
    level = {
        "l/0/2026": equal(0, **{f"{reach}0_2026": 1}, landing__0_p_2026=-4, landing__1_p_2026=-10),
        "l/0/2027": equal(
            0, **{f"{reach}0_2027": 1, f"{reach}0_2026": -1}, landing__0_p_2027=-4, landing__1_p_2027=-10
        ),
        "l/1/2026": equal(0, **{f"{reach}1_2026": 1}, landing__0_p_2026=-4, landing__1_p_2026=-30),
        "l/1/2027": equal(
            0, **{f"{reach}1_2027": 1, f"{reach}1_2026": -1}, landing__0_p_2027=-4, landing__1_p_2027=-30
        ),
    }
    assert_rows(formulation, "segment_reach_level", level)


def test_best_plan():
    # all three of c fill 12: 2 + 0.2 a year; with d all 30 are full: 2 + 2 a year, for a subsidy of 3
    result = best(town())
    assert result.summary["value_wan"] == pytest.approx(8 - 3)
    assert result.summary["parts"]["chain"] == pytest.approx(8)


def test_a_large_firm_that_costs_more_than_it_adds_stays_away():
    # with d the chain earns 2 * 1.8 more
    assert best(town(subsidy_wan=3.7)).summary["parts"]["chain"] == pytest.approx(2 * 2.2)


def test_firms_that_are_here_count():
    here = [{"subject": "candidate", "id": "d", "option": "p", "rule": "done", "year": 2020}]
    given = town()
    locked = make_town({**PLAIN, "horizon_years": 2}, {"locks": here})
    result = best(given.replace(locks=locked["locks"]))
    assert result.summary["value_wan"] == pytest.approx(8)
