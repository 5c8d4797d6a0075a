"""Rule 1: a site starts once in one mode, a work once and after the work it requires."""

from __future__ import annotations

import pytest
from compiled import PLAIN, assert_rows, at_most, best, column_names, decided, equal, formulated
from tiny_towns import make_town


def town():
    return make_town(
        {**PLAIN, "horizon_years": 2},
        {
            "parks": [{"park_id": "p"}],
            "sites": [{"site_id": "s", "park_id": "p", "area_mu": 1}],
            "site_modes": [
                {"site_id": "s", "mode": "a", "lead_years": 0, "released_share": 0, "public_cost_wan": 6, "annual_tax_gain_wan": 5},
                {"site_id": "s", "mode": "b", "lead_years": 0, "released_share": 0, "public_cost_wan": 6, "annual_tax_gain_wan": 20, "earliest_year": 2027},
            ],
            "works": [
                {"work_id": "w", "cost_wan": 5, "lead_years": 1, "annual_benefit_wan": 8, "requires_work_id": "v"},
                {"work_id": "v", "cost_wan": 2, "latest_year": 2026},
            ],
            "budget": [{"year": 2026, "own_funds_wan": 100}],
        },
    )  # fmt: skip


def test_windows_leave_out_columns():
    assert column_names(formulated(town()), "site_start") == [
        "site_start__s_a_2026",
        "site_start__s_a_2027",
        "site_start__s_b_2027",
    ]
    model = formulated(town()).model
    assert model.upper[model.columns["work_start"].span].tolist() == [1, 1, 1, 0]


def test_rows():
    formulation = formulated(town())
    expected = at_most(1, site_start__s_a_2026=1, site_start__s_a_2027=1, site_start__s_b_2027=1)
    assert_rows(formulation, "site_once", {"s": expected})
    assert_rows(
        formulation,
        "work_after",
        {
            "w/2026": at_most(0, work_started__w_2026=1, work_started__v_2026=-1),
            "w/2027": at_most(0, work_started__w_2027=1, work_started__v_2027=-1),
        },
    )
    assert_rows(
        formulation,
        "work_started_level",
        {
            "w/2026": equal(0, work_started__w_2026=1, work_start__w_2026=-1),
            "w/2027": equal(0, work_started__w_2027=1, work_started__w_2026=-1, work_start__w_2027=-1),
            "v/2026": equal(0, work_started__v_2026=1, work_start__v_2026=-1),
            "v/2027": equal(0, work_started__v_2027=1, work_started__v_2026=-1, work_start__v_2027=-1),
        },
    )


def test_best_plan():
    # mode a from 2026: 2 * 5 - 6 = 4; mode b from 2027: 20 - 6 = 14
    # w started 2026 opens 2027: 8 - 5 = 3, and needs v: 2 less
    result = best(town())
    assert result.summary["value_wan"] == pytest.approx(14 + 3 - 2)
    assert decided(result, "plan_sites") == [("s", "b", 2027, 2027)]
    assert decided(result, "plan_works") == [("v", 2026, 2027), ("w", 2026, 2027)]
