"""Rule 3: how often, where and after what a firm may land."""

from __future__ import annotations

import pytest
from compiled import PLAIN, assert_rows, at_most, best, decided, equal, formulated
from tiny_towns import make_town

TWO_YEARS = {**PLAIN, "horizon_years": 2}
FUNDS = [{"year": 2026, "own_funds_wan": 100}]


def counted():
    return make_town(
        TWO_YEARS,
        {
            "parks": [{"park_id": "p"}, {"park_id": "q"}],
            "candidates": [{"candidate_id": "c", "count": 2, "annual_tax_wan": 3, "first_year": 2027}],
            "placements": [
                {"candidate_id": "c", "park_id": "p"},
                {"candidate_id": "c", "park_id": "q", "fit_wan": 1},
            ],
        },
    )


def test_count():
    expected = at_most(2, landing__0_p_2027=1, landing__0_q_2027=1)
    assert_rows(formulated(counted()), "candidate_count", {"c": expected})
    # two firms in 2027, both where they fit better: 2 * (3 + 1)
    result = best(counted())
    assert result.summary["value_wan"] == pytest.approx(8)
    assert decided(result, "plan_landings") == [("c", "q", 2027, 2)]


def led():
    return make_town(
        TWO_YEARS,
        {
            "parks": [{"park_id": "p"}],
            "candidates": [
                {"candidate_id": "lead", "link_id": "x", "is_leader": True, "annual_tax_wan": 1, "subsidy_wan": 0.5, "first_year": 2027},
                {"candidate_id": "f", "link_id": "x", "follows_leader": True, "count": 2, "annual_tax_wan": 5},
            ],
            "placements": [{"candidate_id": "lead", "park_id": "p"}, {"candidate_id": "f", "park_id": "p"}],
            "budget": FUNDS,
        },
    )  # fmt: skip


def test_leader():
    formulation = formulated(led())
    assert_rows(
        formulation,
        "leader_needed",
        {
            "1/2026": at_most(0, landing__1_p_2026=1, leader_landed__x_2026=-2),
            "1/2027": at_most(0, landing__1_p_2026=1, landing__1_p_2027=1, leader_landed__x_2027=-2),
        },
    )
    assert_rows(
        formulation,
        "leader_landed_level",
        {
            "x/2026": equal(0, leader_landed__x_2026=1),
            "x/2027": equal(0, leader_landed__x_2027=1, leader_landed__x_2026=-1, landing__0_p_2027=-1),
        },
    )
    # the leader comes in 2027 (1 - 0.5), the followers with it (2 * 5)
    result = best(led())
    assert result.summary["value_wan"] == pytest.approx(10.5)
    assert decided(result, "plan_landings") == [("f", "p", 2027, 2), ("lead", "p", 2027, 1)]


def platform():
    mode = {"mode": "m", "released_share": 0, "public_cost_wan": 3}
    return make_town(
        TWO_YEARS,
        {
            "parks": [{"park_id": "p"}],
            "sites": [{"site_id": s, "park_id": "p", "area_mu": 10} for s in "ab"],
            "site_modes": [{"site_id": "a", "lead_years": 0, **mode}, {"site_id": "b", "lead_years": 1, **mode}],
            "platforms": [{"platform_id": "k", "park_id": "p", "area_mu": 20}, {"platform_id": "small", "park_id": "p", "area_mu": 10}],
            "platform_sites": [{"platform_id": "k", "site_id": "a"}, {"platform_id": "k", "site_id": "b"}],
            "candidates": [{"candidate_id": "c", "annual_tax_wan": 10, "min_contiguous_mu": 15}],
            "placements": [{"candidate_id": "c", "park_id": "p"}],
            "budget": FUNDS,
        },
    )  # fmt: skip


def test_platform():
    formulation = formulated(platform())
    assert_rows(
        formulation,
        "platform_needed",
        {
            "0/2026": at_most(0, landing__0_p_2026=1, platform_assembled__k_2026=-1),
            "0/2027": at_most(0, landing__0_p_2026=1, landing__0_p_2027=1, platform_assembled__k_2027=-1),
        },
    )
    ready = "platform_assembled__k_2026"
    later = {"platform_assembled__k_2027": 1.0}
    assert_rows(
        formulation,
        "platform_site",
        {
            "a/2026": at_most(0, **{ready: 1, "site_start__a_m_2026": -1}),
            "a/2027": at_most(0, **later, site_start__a_m_2026=-1, site_start__a_m_2027=-1),
            "b/2026": at_most(0, **{ready: 1}),
            "b/2027": at_most(0, **later, site_start__b_m_2026=-1),
        },
    )
    chosen = {f"platform_assembled__k_{year}": 1.0 for year in (2026, 2027)}
    assert_rows(formulation, "platform_one", {f"p/{year}": at_most(1, **{name: 1}) for year, name in zip((2026, 2027), chosen, strict=True)})  # fmt: skip
    # both sites cost 3, b is ready in 2027 and the firm pays 10 that year
    result = best(platform())
    assert result.summary["value_wan"] == pytest.approx(10 - 6)
    assert decided(result, "plan_landings") == [("c", "p", 2027, 1)]


def facility():
    return make_town(
        TWO_YEARS,
        {
            "parks": [{"park_id": "p"}, {"park_id": "q"}],
            "facilities": [{"park_id": "p", "facility_id": "plating", "cost_wan": 4, "lead_years": 1}],
            "candidates": [{"candidate_id": "c", "annual_tax_wan": 7, "facility_id": "plating"}],
            "placements": [{"candidate_id": "c", "park_id": "p"}, {"candidate_id": "c", "park_id": "q", "fit_wan": 50}],
            "budget": FUNDS,
        },
    )


def test_facility():
    formulation = formulated(facility())
    paid = "facility_payment__p/plating_2026"
    assert_rows(
        formulation,
        "facility_needed",
        {
            "0/2026": at_most(0, landing__0_p_2026=1),
            "0/2027": at_most(0, landing__0_p_2026=1, landing__0_p_2027=1, **{paid: -1}),
            # q has no such facility, so that nobody who needs one lands there
            "1/2026": at_most(0, landing__0_q_2026=1),
            "1/2027": at_most(0, landing__0_q_2026=1, landing__0_q_2027=1),
        },
    )
    result = best(facility())
    assert result.summary["value_wan"] == pytest.approx(7 - 4)
    assert decided(result, "plan_facilities") == [("p", "plating", 2026)]
