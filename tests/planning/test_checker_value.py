"""Values worked out by hand, term by term, as the comments show; base year 2025, so t = 1 is 2026."""

from __future__ import annotations

import pytest
from tiny_towns import finance, make_plan, make_town

from zhenxing.planning.checker import evaluate
from zhenxing.planning.checker.worth import PARTS


def assert_value(town, plan, expected):
    found = evaluate(town, plan)
    assert found.violations["en"].tolist() == []
    assert list(found.parts) == list(PARTS)
    assert {name: part for name, part in found.parts.items() if part} == pytest.approx(expected)
    assert found.value_wan == pytest.approx(sum(expected.values()))
    return found


def test_a_site_paid_by_debt():
    # delta = 0.8, w1 = 0.8, w2 = 0.64 * (1 + 0.8) = 1.152
    settings = {
        "horizon_years": 2,
        "discount_rate": 0.25,
        "tail_years": 1,
        "first_year_cost_share": 0.6,
        "interest_rate": 0.1,
        "tax_retained_share": 0.5,
        "initial_cash_wan": 10,
    }
    town = make_town(
        settings,
        {
            "parks": [{"park_id": "p"}],
            "sites": [{"site_id": "s", "park_id": "p", "area_mu": 10}],
            "site_modes": [
                {
                    "site_id": "s",
                    "mode": "m",
                    "lead_years": 1,
                    "released_share": 1,
                    "public_cost_wan": 100,
                    "annual_tax_gain_wan": 40,
                }
            ],
            "budget": [{"year": year, "own_funds_wan": 20, "debt_limit_wan": 60} for year in (2026, 2027)],
        },
    )
    # 2026: 10 + 20 - 60 + D = 0, so D = 30. 2027: 20 + 0.5 * 0 - 40 + D - 1.1 * 30 = 0, so D = 53.
    plan = make_plan(
        {
            "plan_sites": [{"site_id": "s", "mode": "m", "start_year": 2026, "delivery_year": 2027}],
            "plan_finance": [finance(2026, 20, 0, 0, 60, 0, 30, 0), finance(2027, 20, 0, 0, 40, 3, 53, 0)],
        }
    )
    # tax 1.152 * 40; cost 0.8 * 60 + 0.64 * 40; interest 0.64 * 0.1 * 30
    assert_value(town, plan, {"tax": 46.08, "site_cost": -73.6, "interest": -1.92})


def test_firms_land_income_chain_segments_and_land_reserve():
    settings = {"horizon_years": 2, "discount_rate": 0.25, "tail_years": 0, "land_reserve_value_wan_per_mu": 3}
    town = make_town(
        settings,
        {
            "parks": [{"park_id": "p", "vacant_mu": 12, "land_price_wan_per_mu": 2}],
            "candidates": [
                {
                    "candidate_id": "c",
                    "link_id": "l",
                    "count": 2,
                    "land_mu": 5,
                    "annual_tax_wan": 30,
                    "annual_output_wan": 80,
                    "probability": 0.5,
                    "subsidy_wan": 10,
                }
            ],
            "placements": [{"candidate_id": "c", "park_id": "p", "fit_wan": 4}],
            "chain_rewards": [
                {"link_id": "l", "segment": 1, "output_wan": 50, "reward_per_output": 0.2},
                {"link_id": "l", "segment": 2, "output_wan": 20, "reward_per_output": 0.1},
            ],
        },
    )
    plan = make_plan(
        {
            "plan_landings": [
                {"candidate_id": "c", "park_id": "p", "year": 2026, "count": 1},
                {"candidate_id": "c", "park_id": "p", "year": 2027, "count": 1},
            ],
            # tax of 2026 is 15, a quarter of it is the town's in 2027; land brings 0.5 * 2 * 5 = 5 a year, subsidy takes 5
            "plan_finance": [finance(2026, 0, 5, 0, 5, 0, 0, 0), finance(2027, 0, 5, 3.75, 5, 0, 0, 3.75)],
        }
    )
    found = assert_value(
        town,
        plan,
        {
            "tax": 0.8 * 15 + 0.64 * 30,  # 31.2
            # output 40 fills 40 of the first segment: 8; output 80 fills both: 10 + 2
            "chain": 0.8 * 8 + 0.64 * 12,  # 14.08
            "land_income": 5 * 1.44,
            "subsidy": -5 * 1.44,
            "fit": 2 * 1.44,
            "land_reserve": 0.64 * 3 * 2,  # 12 - 10 = 2 mu unused
        },
    )
    assert found.value_wan == pytest.approx(52.0)
    assert found.chain["output_wan"].tolist() == [40, 80]
    assert found.land["unused_mu"].tolist() == [7, 2]


def test_year_zero_state_and_targets():
    town = make_town(
        {"horizon_years": 2, "discount_rate": 0.25, "tail_years": 1},
        {
            "parks": [{"park_id": "p", "vacant_mu": 3}],
            "sites": [{"site_id": "s", "park_id": "p", "area_mu": 10, "floor_m2": 900}],
            "site_modes": [
                {
                    "site_id": "s",
                    "mode": "m",
                    "lead_years": 2,
                    "released_share": 0.8,
                    "public_cost_wan": 100,
                    "annual_tax_gain_wan": 25,
                }
            ],
            "candidates": [{"candidate_id": "c", "land_mu": 3, "annual_tax_wan": 10}],
            "placements": [{"candidate_id": "c", "park_id": "p", "fit_wan": 9}],
            "locks": [
                {"subject": "site", "id": "s", "option": "m", "rule": "done", "year": 2025},
                {"subject": "candidate", "id": "c", "option": "p", "rule": "done", "year": 2020},
            ],
            "targets": [
                {"indicator": "cleared_mu", "year": 2026, "target": 15, "baseline": 2, "penalty_wan_per_unit": 3},
                {"indicator": "landed_projects", "year": 2026, "target": 1, "penalty_wan_per_unit": 2},
                {"indicator": "released_mu", "year": 2027, "park_id": "p", "target": 8, "penalty_wan_per_unit": 7},
                {"indicator": "released_mu", "year": 2040, "target": 99, "penalty_wan_per_unit": 7},
            ],
        },
    )
    # the site is delivered in 2025 + 2 = 2027; tax 10 in 2026 and 35 in 2027; no cost, no displaced floor, no fit
    plan = make_plan({"plan_finance": [finance(2026, 0, 0, 0, 0, 0, 0, 0), finance(2027, 0, 0, 2.5, 0, 0, 0, 2.5)]})
    # cleared: 15 - 2 - 10 = 3 short, 9 wan; landed: what is here does not count, 1 short, 2 wan; both in 2026
    found = assert_value(town, plan, {"tax": 0.8 * 10 + 1.152 * 35, "penalties": -0.8 * 11})
    assert found.value_wan == pytest.approx(39.52)
    assert found.targets["shortfall"].tolist() == [3, 1, 0]
    assert found.land["unused_mu"].tolist() == [0, 8]


def test_displaced_floor_resettled_or_paid_out():
    # 2000 m2 displaced: 4000/3 m2 rehoused at plot ratio 2 fill 1 mu; 2000/3 m2 leave with compensation
    town = make_town(
        {"horizon_years": 1, "discount_rate": 0.25, "tail_years": 0, "initial_cash_wan": 60},
        {
            "parks": [{"park_id": "p"}, {"park_id": "q", "vacant_mu": 1}],
            "sites": [{"site_id": "s", "park_id": "p", "area_mu": 10, "floor_m2": 4000}],
            "site_modes": [{"site_id": "s", "mode": "m", "released_share": 1, "displaced_share": 0.5}],
            "works": [
                {
                    "work_id": "w",
                    "cost_wan": 5,
                    "lead_years": 0,
                    "annual_benefit_wan": 30,
                    "annual_value_added_gain_wan": 20,
                }
            ],
        },
    )
    moved, left = 4000 / 3, 2000 / 3
    outlay = 0.015 * moved + 0.05 * left + 5
    plan = make_plan(
        {
            "plan_sites": [{"site_id": "s", "mode": "m", "start_year": 2026, "delivery_year": 2028}],
            "plan_works": [{"work_id": "w", "start_year": 2026, "opening_year": 2026}],
            "plan_resettlement": [{"from_park_id": "p", "to_park_id": "q", "year": 2026, "floor_m2": moved}],
            "plan_exits": [{"park_id": "p", "year": 2026, "floor_m2": left}],
            "plan_finance": [finance(2026, 0, 0, 0, outlay, 0, 0, 60 - outlay)],
        }
    )
    assert_value(
        town,
        plan,
        {
            "moving": -0.8 * 20,
            "exit_compensation": -0.8 * 100 / 3,
            "exit_loss": -0.8 * 100 / 3,
            "benefit": 0.8 * 30,
            "value_added": 0.8 * 0.1 * 20,
            "work_cost": -0.8 * 5,  # one year: both parts fall due
        },
    )


def test_cash_floor_binds_cash_but_not_value():
    town = make_town(
        {"horizon_years": 2, "discount_rate": 0.25, "tail_years": 0, "cash_probability_floor": 0.6},
        {
            "parks": [{"park_id": "p", "vacant_mu": 12, "land_price_wan_per_mu": 2}],
            "candidates": [{"candidate_id": "c", "land_mu": 5, "annual_tax_wan": 30, "probability": 0.5}],
            "placements": [{"candidate_id": "c", "park_id": "p"}],
        },
    )
    landing = [{"candidate_id": "c", "park_id": "p", "year": 2026, "count": 1}]
    zero = [finance(year, 0, 0, 0, 0, 0, 0, 0) for year in (2026, 2027)]
    found = assert_value(
        town, make_plan({"plan_landings": landing, "plan_finance": zero}), {"tax": 15 * 1.44, "land_income": 4}
    )
    assert found.money["tax_wan"].tolist() == [15, 15]
    spent = [finance(2026, 0, 5, 0, 0, 0, 0, 5), finance(2027, 0, 0, 3.75, 0, 0, 0, 8.75)]
    broken = evaluate(town, make_plan({"plan_landings": landing, "plan_finance": spent})).violations
    assert set(broken["rule"]) == {"8 money"}
    assert set(broken["id"]) == {"", "land_income_wan", "retained_tax_wan"}
