"""Rule 7: title cases, clearing and recruiting effort of one year."""

from __future__ import annotations

import pytest
from compiled import PLAIN, assert_rows, at_most, best, decided, formulated
from tiny_towns import make_town


def town():
    mode = {"lead_years": 0, "released_share": 0, "public_cost_wan": 1}
    return make_town(
        {**PLAIN, "horizon_years": 2},
        {
            "parks": [{"park_id": "p"}],
            "sites": [{"site_id": "a", "park_id": "p", "area_mu": 10}, {"site_id": "b", "park_id": "p", "area_mu": 7}],
            "site_modes": [
                {"site_id": "a", "mode": "m", "title_mu": 4, "annual_tax_gain_wan": 6, **mode},
                {"site_id": "b", "mode": "n", "title_mu": 3, "annual_tax_gain_wan": 5, "clears": False, **mode},
            ],
            "candidates": [{"candidate_id": "c", "count": 2, "annual_tax_wan": 3, "effort_months": 2}],
            "placements": [{"candidate_id": "c", "park_id": "p"}],
            "budget": [
                {"year": 2026, "own_funds_wan": 100, "title_capacity_mu": 5, "clear_capacity_mu": 12, "effort_months": 3},
                {"year": 2027, "own_funds_wan": 0, "title_capacity_mu": 5, "effort_months": 2},
            ],
        },
    )  # fmt: skip


def test_rows():
    formulation = formulated(town())
    assert_rows(
        formulation,
        "title_mu",
        {
            "2026": at_most(5, site_start__a_m_2026=4, site_start__b_n_2026=3),
            "2027": at_most(5, site_start__a_m_2027=4, site_start__b_n_2027=3),
        },
    )
    unlimited = float("inf")
    assert_rows(
        formulation,
        "cleared_mu",
        {"2026": at_most(12, site_start__a_m_2026=10), "2027": at_most(unlimited, site_start__a_m_2027=10)},
    )
    assert_rows(
        formulation,
        "effort_months",
        {"2026": at_most(3, landing__0_p_2026=2), "2027": at_most(2, landing__0_p_2027=2)},
    )


def test_best_plan():
    # one title case a year: a first (2 * 6 - 1), then b (5 - 1); one firm a year: 6 + 3
    result = best(town())
    assert result.summary["value_wan"] == pytest.approx(11 + 4 + 9)
    assert [row[:3] for row in decided(result, "plan_sites")] == [("a", "m", 2026), ("b", "n", 2027)]
    assert decided(result, "plan_landings") == [("c", "p", 2026, 1), ("c", "p", 2027, 1)]
