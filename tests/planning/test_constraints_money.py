"""Rule 8: cash and debt, payments in two parts, and whose money counts."""

from __future__ import annotations

import pytest
from compiled import PLAIN, assert_rows, at_most, best, decided, equal, formulated
from tiny_towns import make_town


def floor(year):
    """Return what each m2 costs that leaves or moves, at the defaults."""
    return {f"exit__p_{year}": 0.05, f"resettlement__p_p_{year}": 0.015}


def borrowed():
    return make_town(
        {
            **PLAIN,
            "horizon_years": 2,
            "initial_cash_wan": 10,
            "initial_debt_wan": 4,
            "interest_rate": 0.1,
            "first_year_cost_share": 0.6,
            "tax_retained_share": 0.5,
        },
        {
            "parks": [{"park_id": "p"}],
            "sites": [{"site_id": "s", "park_id": "p", "area_mu": 1}],
            "site_modes": [
                {"site_id": "s", "mode": "m", "lead_years": 1, "released_share": 0, "public_cost_wan": 20, "annual_tax_gain_wan": 100}
            ],
            "budget": [
                {"year": 2026, "own_funds_wan": 6, "debt_limit_wan": 20, "committed_outlay_wan": 1},
                {"year": 2027, "own_funds_wan": 12},
            ],
        },
    )  # fmt: skip


def test_rows():
    formulation = formulated(borrowed())
    # 10 + 6 - 1 - 4 * 1.1 = 10.6; a start in 2026 pays 12 then and 8 in 2027, one in 2027 all 20 at once
    assert_rows(
        formulation,
        "money",
        {
            "2026": at_most(10.6, cash__2026=1, debt__2026=-1, site_start__s_m_2026=12, **floor(2026)),
            "2027": at_most(
                12,
                cash__2027=1,
                cash__2026=-1,
                debt__2027=-1,
                debt__2026=1.1,
                cash_tax__2026=-0.5,
                site_start__s_m_2026=8,
                site_start__s_m_2027=20,
                **floor(2027),
            ),
        },
    )
    assert_rows(
        formulation,
        "cash_tax_level",
        {
            "2026": equal(0, cash_tax__2026=1),
            "2027": equal(0, cash_tax__2027=1, cash_tax__2026=-1, site_start__s_m_2026=-100),
        },
    )
    assert formulation.model.upper[formulation.model.columns["debt"].span].tolist() == [20, 0]


def test_what_is_missing_is_borrowed():
    # 1.4 borrowed for a year: 100 - 20 - 1 - 0.1 * 4 - 0.1 * 1.4
    result = best(borrowed())
    assert result.summary["value_wan"] == pytest.approx(78.46)
    year, own, land, tax, outlay, interest, debt, cash = decided(result, "plan_finance")[0]
    assert (year, own, land, tax) == (2026, 6, 0, 0)
    assert (outlay, interest, debt, cash) == pytest.approx((13, 0.4, 1.4, 0))
    year, own, land, tax, outlay, interest, debt, cash = decided(result, "plan_finance")[1]
    # 12 - 8 - 1.4 * 1.1 = 2.46
    assert (outlay, interest, debt, cash) == pytest.approx((8, 0.14, 0, 2.46))


def unsigned(least):
    return make_town(
        {**PLAIN, "horizon_years": 2, "cash_probability_floor": least},
        {
            "parks": [{"park_id": "p", "vacant_mu": 2, "land_price_wan_per_mu": 3}],
            "candidates": [
                {"candidate_id": "c", "land_mu": 2, "probability": 0.5, "subsidy_wan": 4, "annual_tax_wan": 10}
            ],
            "placements": [{"candidate_id": "c", "park_id": "p"}],
            "budget": [{"year": 2026, "own_funds_wan": 1}, {"year": 2027, "own_funds_wan": 1}],
        },
    )


def test_unsigned_firms_pay_no_bills():
    # subsidy 0.5 * 4 = 2, land money 0.5 * 2 * 3 = 3, tax 0.5 * 10 = 5 a year
    formulation = formulated(unsigned(0.6))
    assert_rows(
        formulation,
        "money",
        {
            "2026": at_most(1, cash__2026=1, debt__2026=-1, landing__0_p_2026=2, **floor(2026)),
            "2027": at_most(
                1,
                cash__2027=1,
                cash__2026=-1,
                debt__2027=-1,
                debt__2026=1.045,
                cash_tax__2026=-0.25,
                landing__0_p_2027=2,
                **floor(2027),
            ),
        },
    )
    # the 2 are together in 2027 only: 5 + 3 - 2
    result = best(unsigned(0.6))
    assert result.summary["value_wan"] == pytest.approx(6)
    assert [row[2] for row in decided(result, "plan_finance")] == [0, 0]


def test_signed_firms_pay_for_themselves():
    # its own land money pays the subsidy in 2026: 2 * 5 + 3 - 2
    result = best(unsigned(0.5))
    assert result.summary["value_wan"] == pytest.approx(11)
    assert [row[2] for row in decided(result, "plan_finance")] == [3, 0]


def test_money_that_lasts_and_money_that_is_paid_once():
    # delta 0.8; w = 0.8 and 0.64 * (1 + 0.8 + 0.64) = 1.5616: tax 10 a year from 2026 is worth 23.616
    town = make_town(
        {"horizon_years": 2, "discount_rate": 0.25, "tail_years": 2},
        {
            "parks": [{"park_id": "p"}],
            "candidates": [{"candidate_id": "c", "annual_tax_wan": 10, "annual_value_added_wan": 20, "subsidy_wan": 5}],
            "placements": [{"candidate_id": "c", "park_id": "p"}],
            "budget": [{"year": 2026, "own_funds_wan": 5, "committed_outlay_wan": 0}],
        },
    )
    parts = best(town).summary["parts"]
    shown = (parts["tax"], parts["value_added"], parts["subsidy"])
    assert shown == pytest.approx((23.616, 0.1 * 2 * 23.616, -5 * 0.8))
