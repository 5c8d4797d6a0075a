"""Rule 6: limited resources, the steps that add to them in order, and what sites and works supply."""

from __future__ import annotations

import pytest
from compiled import PLAIN, assert_rows, at_most, best, decided, equal, formulated, rows
from tiny_towns import make_town

TWO_YEARS = {**PLAIN, "horizon_years": 2}


def stepped(**more):
    return make_town(
        TWO_YEARS,
        {
            "parks": [{"park_id": "p"}],
            "park_supply": [{"park_id": "p", "resource": "power", "amount": 1}],
            "utility_steps": [
                {"park_id": "p", "resource": "power", "step": 3, "adds": 5, "cost_wan": 1, "lead_years": 0},
                {"park_id": "p", "resource": "power", "step": 1, "adds": 2, "cost_wan": 3, "lead_years": 1},
                {"park_id": "p", "resource": "water", "step": 1, "adds": 9, "cost_wan": 9},
            ],
            "candidates": [{"candidate_id": "c", "annual_tax_wan": 10}],
            "placements": [{"candidate_id": "c", "park_id": "p"}],
            "candidate_uses": [
                {"candidate_id": "c", "resource": "power", "amount": 99},
                {"candidate_id": "c", "resource": "power", "amount": 4, "park_id": "p"},
                {"candidate_id": "c", "resource": "water", "amount": 7},
            ],
            "budget": [{"year": 2026, "own_funds_wan": 100}],
            **more,
        },
    )


def test_steps_in_order():
    formulation = formulated(stepped())
    spare, step = "spare_supply__p/power_", "utility_payment__"
    # step 0 of the model is step 1 of the table, whose 2 arrive a year later; step 3 brings its 5 at once
    assert_rows(
        formulation,
        "supply",
        {
            "p/power/2026": equal(1, **{f"{spare}2026": 1, "landing__0_p_2026": 4, f"{step}1_2026": -5}),
            "p/power/2027": equal(
                0,
                **{
                    f"{spare}2027": 1,
                    f"{spare}2026": -1,
                    "landing__0_p_2027": 4,
                    f"{step}1_2027": -5,
                    f"{step}0_2026": -2,
                },
            ),
        },
    )
    assert_rows(
        formulation,
        "step_order",
        {
            "1/2026": at_most(0, step_paid__1_2026=1, step_paid__0_2026=-1),
            "1/2027": at_most(0, step_paid__1_2027=1, step_paid__0_2027=-1),
        },
    )
    # one firm needs 4 of the 1 + 2 that are there without step 3
    needed = next(name for name in formulation.model.rows if name.startswith("step_needed"))
    assert rows(formulation, needed)["0/2026"] == at_most(0, landing__0_p_2026=1, step_paid__1_2026=-1)


def test_the_step_before_is_paid_for_too():
    # both steps (3 + 1) and two years of tax (2 * 10)
    result = best(stepped())
    assert result.summary["value_wan"] == pytest.approx(20 - 4)
    assert decided(result, "plan_utilities") == [("p", "power", 1, 2026), ("p", "power", 3, 2026)]


def test_sites_and_works_supply():
    supplied = stepped(
        sites=[{"site_id": "s", "park_id": "p", "area_mu": 1}],
        site_modes=[{"site_id": "s", "mode": "m", "lead_years": 1, "released_share": 0, "public_cost_wan": 0.5}],
        site_supplies=[
            {"site_id": "s", "mode": "m", "resource": "power", "amount": 2},
            {"site_id": "s", "mode": "m", "resource": "gas", "amount": 2},
        ],
        works=[{"work_id": "w", "cost_wan": 1, "lead_years": 0}],
        work_supplies=[{"work_id": "w", "park_id": "p", "resource": "power", "amount": 1}],
    )
    row = rows(formulated(supplied), "supply")["p/power/2027"]
    assert row.terms["site_start__s_m_2026"] == -2
    assert row.terms["work_start__w_2027"] == -1
    assert "site_start__s_m_2027" not in row.terms
    # the site and the work (1.5) give 1 + 2 + 1 in 2027: 10 - 1.5 = 8.5; the steps (4) give two years: 16
    assert best(supplied).summary["value_wan"] == pytest.approx(16)
    cheap = supplied.replace(utility_steps=supplied["utility_steps"].assign(cost_wan=30.0))
    result = best(cheap)
    assert result.summary["value_wan"] == pytest.approx(10 - 1.5)
    assert decided(result, "plan_landings") == [("c", "p", 2027, 1)]


def test_an_unlimited_resource_has_no_row():
    assert list(rows(formulated(stepped()), "supply")) == ["p/power/2026", "p/power/2027"]
