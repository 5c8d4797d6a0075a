"""Rules 4 and 5: land carries firms and resettled floor; displaced floor is resettled or leaves."""

from __future__ import annotations

import pytest
from compiled import PLAIN, assert_rows, best, decided, equal, formulated
from tiny_towns import make_town


def town(**settings):
    # 2000 m2 of resettled floor take 2000 / (3 * 2000/3) = 1 mu
    return make_town(
        {**PLAIN, "horizon_years": 2, "moving_cost_wan_per_m2": 0.001, "exit_compensation_wan_per_m2": 0.002, "exit_loss_wan_per_m2": 0.003, **settings},
        {
            "parks": [{"park_id": "p", "vacant_mu": 1, "resettlement_far": 3}],
            "sites": [{"site_id": "s", "park_id": "p", "area_mu": 10, "floor_m2": 2000}],
            "site_modes": [{"site_id": "s", "mode": "m", "lead_years": 1, "released_share": 0.6, "displaced_share": 0.5, "public_cost_wan": 2}],
            "candidates": [{"candidate_id": "c", "count": 2, "land_mu": 6, "annual_tax_wan": 10}],
            "placements": [{"candidate_id": "c", "park_id": "p"}],
            "budget": [{"year": 2026, "own_funds_wan": 100}],
        },
    )  # fmt: skip


def test_rows():
    formulation = formulated(town())
    assert_rows(
        formulation,
        "land",
        {
            "p/2026": equal(1, unused_land__p_2026=1, landing__0_p_2026=6, resettlement__p_p_2026=1 / 2000),
            "p/2027": equal(
                0,
                unused_land__p_2027=1,
                unused_land__p_2026=-1,
                landing__0_p_2027=6,
                resettlement__p_p_2027=1 / 2000,
                site_start__s_m_2026=-6,
            ),
        },
    )
    assert_rows(
        formulation,
        "resettlement",
        {
            "p/2026": equal(
                0, floor_ahead__p_2026=1, site_start__s_m_2026=1000, resettlement__p_p_2026=-1, exit__p_2026=-1
            ),
            "p/2027": equal(
                0,
                floor_ahead__p_2027=1,
                floor_ahead__p_2026=-1,
                site_start__s_m_2027=1000,
                resettlement__p_p_2027=-1,
                exit__p_2027=-1,
            ),
        },
    )


def test_floor_is_resettled_where_land_is_left():
    # the site (2) and moving 1000 m2 (1) give 1 - 0.5 + 6 = 6.5 mu in 2027: one firm (10)
    result = best(town())
    assert result.summary["value_wan"] == pytest.approx(10 - 2 - 1)
    assert decided(result, "plan_resettlement") == [("p", "p", 2026, pytest.approx(1000))]
    assert decided(result, "plan_exits") == []
    assert decided(result, "plan_landings") == [("c", "p", 2027, 1)]


def test_floor_leaves_where_moving_is_dear():
    # leaving costs 1000 * (0.002 + 0.003) = 5
    result = best(town(moving_cost_wan_per_m2=0.1))
    assert result.summary["value_wan"] == pytest.approx(10 - 2 - 5)
    assert decided(result, "plan_exits") == [("p", 2026, pytest.approx(1000))]


def test_unused_land_is_worth_its_reserve():
    # 0.5 mu is left beside the firm: 0.5 * 4; without the site 1 mu would be
    result = best(town(land_reserve_value_wan_per_mu=4.0))
    # the site without a firm: 6.5 * 4 - 3 = 23; with the firm: 0.5 * 4 + 7 = 9; nothing: 4
    assert result.summary["value_wan"] == pytest.approx(23)
    assert result.summary["parts"]["land_reserve"] == pytest.approx(26)
