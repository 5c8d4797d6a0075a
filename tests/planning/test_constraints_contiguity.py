"""Rule 2: clearing grows from a seed by one ring a year."""

from __future__ import annotations

import pytest
from compiled import PLAIN, assert_rows, at_most, best, column_names, decided, formulated
from tiny_towns import make_town


def town(contiguity="growth", **locks):
    """Return a row of sites a (seed), b, c where clearing brings 10 a year and costs 8."""
    mode = {"mode": "m", "lead_years": 0, "released_share": 0, "public_cost_wan": 8, "annual_tax_gain_wan": 10}
    return make_town(
        {**PLAIN, "horizon_years": 3, "contiguity": contiguity},
        {
            "parks": [{"park_id": "p"}],
            "sites": [{"site_id": s, "park_id": "p", "area_mu": 1, "is_seed": s == "a"} for s in "abc"],
            "site_neighbours": [{"site_id": "b", "neighbour_id": "a"}, {"site_id": "b", "neighbour_id": "c"}],
            "site_modes": [{"site_id": s, **mode} for s in "abc"],
            "budget": [{"year": 2026, "own_funds_wan": 100}],
            **locks,
        },
    )


def test_growth_opens_one_ring_a_year():
    starts = [name.removeprefix("site_start__") for name in column_names(formulated(town()), "site_start")]
    assert starts == ["a_m_2026", "a_m_2027", "a_m_2028", "b_m_2027", "b_m_2028", "c_m_2028"]


def test_rows():
    formulation = formulated(town())
    assert_rows(
        formulation,
        "growth_ring_1",
        {
            "b/2026": at_most(0, cleared__b_2026=1),
            "b/2027": at_most(0, cleared__b_2027=1, cleared__a_2026=-1, cleared__c_2026=-1),
            "b/2028": at_most(0, cleared__b_2028=1, cleared__a_2027=-1, cleared__c_2027=-1),
            "c/2026": at_most(0, cleared__c_2026=1),
            "c/2027": at_most(0, cleared__c_2027=1, cleared__b_2026=-1),
            "c/2028": at_most(0, cleared__c_2028=1, cleared__b_2027=-1),
        },
    )
    # two rings away from c stands only the seed a; b has a seed beside it and no second ring
    assert_rows(
        formulation,
        "growth_ring_2",
        {
            "c/2026": at_most(0, cleared__c_2026=1),
            "c/2027": at_most(0, cleared__c_2027=1),
            "c/2028": at_most(0, cleared__c_2028=1, cleared__a_2026=-1),
        },
    )


def test_rings_can_be_left_out():
    assert "growth_ring_2" not in formulated(town(), rings=False).model.rows


def test_best_plan():
    # a from 2026: 30 - 8; b from 2027: 20 - 8; c in 2028: 10 - 8
    result = best(town())
    assert result.summary["value_wan"] == pytest.approx(22 + 12 + 2)
    assert [row[2] for row in decided(result, "plan_sites")] == [2026, 2027, 2028]


def test_without_growth_everything_starts_at_once():
    assert best(town("none")).summary["value_wan"] == pytest.approx(3 * 22)


def test_a_site_done_opens_its_neighbours_at_once():
    # b stands cleared: a (a seed) and c start in 2026; b itself brings its 30 and costs nothing
    locks = [{"subject": "site", "id": "b", "option": "m", "rule": "done", "year": 2025}]
    result = best(town(locks=locks))
    assert result.summary["value_wan"] == pytest.approx(22 + 22 + 30)
    assert sorted(row[0] for row in decided(result, "plan_sites")) == ["a", "c"]


def test_a_mode_that_does_not_clear_is_free():
    given = town()
    modes = given["site_modes"]
    c = modes["site_id"] == "c"
    given = given.replace(site_modes=modes.assign(clears=~c).astype({"clears": "boolean"}))
    assert best(given).summary["value_wan"] == pytest.approx(22 + 12 + 22)
