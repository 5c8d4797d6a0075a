"""A town's settings are checked, and its tables are filled with the defaults of the plan model."""

import math

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from zhenxing import schema
from zhenxing.errors import TownError
from zhenxing.town import Settings, Town

PLAN = {"base_year": 2025, "horizon_years": 3}


def town(**tables):
    typed = {name: schema.conform(name, pd.DataFrame(columns))[0] for name, columns in tables.items()}
    return Town(Settings.parse({"plan": PLAN}), typed)


def refused(plan):
    with pytest.raises(TownError) as caught:
        Settings.parse({"plan": plan})
    for issue in caught.value.issues:
        assert issue.text.zh
        assert issue.text.en
    return caught.value


def test_settings_take_the_defaults_of_the_plan_model():
    plan = Settings.parse({"plan": PLAN}).plan
    assert plan.model_dump() == {
        "base_year": 2025,
        "horizon_years": 3,
        "discount_rate": 0.06,
        "tail_years": 10,
        "tax_weight": 1.0,
        "value_added_weight": 0.1,
        "tax_retained_share": 0.25,
        "interest_rate": 0.045,
        "initial_cash_wan": 0,
        "initial_debt_wan": 0,
        "first_year_cost_share": 0.5,
        "exit_compensation_wan_per_m2": 0.05,
        "exit_loss_wan_per_m2": 0.05,
        "moving_cost_wan_per_m2": 0.015,
        "land_reserve_value_wan_per_mu": 0,
        "cash_probability_floor": 0,
        "contiguity": "none",
    }


def test_plan_years_follow_the_base_year():
    assert list(town().years) == [2026, 2027, 2028]


def test_an_unknown_setting_names_the_nearest_known_one():
    fault = refused({**PLAN, "discont_rate": 0.05})
    (issue,) = fault.issues
    assert issue.code == "unknown_setting"
    assert "plan.discont_rate" in issue.text.zh
    assert "discount_rate" in issue.text.en
    assert fault.exit_code == 2


def test_a_missing_setting_is_named():
    (issue,) = refused({"base_year": 2025}).issues
    assert "plan.horizon_years" in issue.text.en


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("horizon_years", 0, "1 or more"),
        ("horizon_years", 2.5, "whole number"),
        ("base_year", "2025", "whole number"),
        ("discount_rate", -0.1, "0 or more"),
        ("discount_rate", "5%", "a number"),
        ("discount_rate", math.nan, "finite"),
        ("initial_cash_wan", math.inf, "finite"),
        ("first_year_cost_share", 50, "1 or less"),
        ("tail_years", -1, "0 or more"),
        ("contiguity", "same_year", "growth"),
        ("tax_weight", True, "a number"),
    ],
)
def test_a_wrong_setting_says_what_it_must_be(key, value, said):
    (issue,) = refused({**PLAN, key: value}).issues
    assert f"plan.{key}" in issue.text.zh
    assert said in issue.text.en


def test_all_wrong_settings_are_named_at_once():
    assert len(refused({"base_year": "x", "tail_years": -1, "colour": 1}).issues) == 4


def test_plan_may_be_absent_until_it_is_needed():
    empty = Town(Settings.parse({"town": {"name": "古镇"}}))
    with pytest.raises(TownError) as caught:
        _ = empty.years
    assert "[plan]" in caught.value.text.zh
    assert "base_year" in caught.value.text.en


def test_a_plan_that_is_no_section_is_refused():
    with pytest.raises(TownError) as caught:
        Settings.parse({"plan": 5})
    assert "[plan]" in caught.value.issues[0].text.en


def test_other_sections_and_keys_of_town_are_kept():
    content = {"town": {"name": "古镇", "mayor": "x"}, "plan": PLAN, "importers": {"crs": "gcj02"}}
    assert Settings.parse(content).content() == content


def test_sites_and_modes_by_hand():
    held = town(
        sites={"site_id": ["s"], "park_id": ["p"], "area_mu": [40.0]},
        site_modes={"site_id": ["s"], "mode": ["self"], "released_share": [0.6]},
    )
    assert held.filled("sites").to_dict("records") == [
        {"site_id": "s", "park_id": "p", "name": "", "area_mu": 40.0, "floor_m2": 0.0, "is_seed": False}
    ]
    assert held.filled("site_modes").to_dict("records") == [
        {
            "site_id": "s", "mode": "self", "clears": True, "lead_years": 2, "released_share": 0.6, "displaced_share": 1.0,
            "title_mu": 0.0, "public_cost_wan": 0.0, "annual_tax_gain_wan": 0.0, "annual_value_added_gain_wan": 0.0,
            "above_scale_loss": 0.0, "earliest_year": 2026, "latest_year": 2028,
        }
    ]  # fmt: skip


def test_candidates_by_hand():
    (row,) = town(candidates={"candidate_id": ["c"]}).filled("candidates").to_dict("records")
    assert row == {
        "candidate_id": "c", "name": "", "firm_id": "", "link_id": "", "kind": "incoming", "count": 1, "land_mu": 0.0,
        "annual_tax_wan": 0.0, "annual_value_added_wan": 0.0, "annual_output_wan": 0.0, "investment_wan": 0.0,
        "jobs": 0.0, "probability": 1.0, "effort_months": 0.0, "subsidy_wan": 0.0, "first_year": 2026,
        "last_year": 2028, "is_leader": False, "follows_leader": False, "min_contiguous_mu": 0.0, "facility_id": "",
        "becomes_above_scale": False, "pays_land": True, "shared_id": "",
    }  # fmt: skip


def test_a_placement_without_land_takes_its_candidates():
    held = town(
        candidates={"candidate_id": ["c", "d"], "land_mu": [7.0, None]},
        placements={"candidate_id": ["c", "c", "d"], "park_id": ["p", "q", "p"], "land_mu": [None, 9.0, None]},
    )
    assert held.filled("placements")["land_mu"].tolist() == [7.0, 9.0, 0.0]
    assert held.filled("placements")["fit_wan"].tolist() == [0.0, 0.0, 0.0]


def test_a_placement_of_an_unknown_candidate_stays_without_land():
    held = town(placements={"candidate_id": ["x"], "park_id": ["p"]})
    assert held.filled("placements")["land_mu"].isna().tolist() == [True]


def test_budget_is_unlimited_where_it_is_empty():
    held = town(budget={"year": [2026], "own_funds_wan": [5.0], "title_capacity_mu": [None]})
    (row,) = held.filled("budget").to_dict("records")
    assert row == {
        "year": 2026, "own_funds_wan": 5.0, "debt_limit_wan": 0.0, "title_capacity_mu": math.inf,
        "clear_capacity_mu": math.inf, "effort_months": math.inf, "committed_outlay_wan": 0.0,
    }  # fmt: skip


def test_parks_works_targets_and_locks():
    held = town(
        parks={"park_id": ["p"]},
        works={"work_id": ["w"], "cost_wan": [1.0]},
        targets={"indicator": ["cleared_mu"], "year": [2027], "target": [500.0]},
        locks={"subject": ["site"], "id": ["s"], "rule": ["must"]},
        utility_steps={"park_id": ["p"], "resource": ["power"], "step": [1], "adds": [1.0], "cost_wan": [1.0]},
    )
    park = held.filled("parks").iloc[0]
    assert park["resettlement_far"] == 2.0
    assert park["vacant_mu"] == 0.0
    assert math.isnan(park["gate_tax_wan_per_mu"])
    work = held.filled("works").iloc[0]
    assert (work["lead_years"], work["requires_work_id"], work["latest_year"]) == (1, "", 2028)
    target = held.filled("targets").iloc[0]
    assert (target["park_id"], target["baseline"], target["penalty_wan_per_unit"]) == ("", 0.0, 0.0)
    lock = held.filled("locks").iloc[0]
    assert (lock["option"], lock["count"]) == ("", 1)
    assert lock["year"] is pd.NA
    assert held.filled("utility_steps")["lead_years"].tolist() == [1]


@pytest.mark.parametrize("name", list(schema.tables()))
def test_an_absent_table_is_empty_and_typed(name):
    held = town()
    assert len(held[name]) == 0
    pd.testing.assert_frame_equal(held.filled(name), schema.empty(name))


def test_given_values_are_never_overwritten():
    held = town(
        site_modes={"site_id": ["s"], "mode": ["m"], "released_share": [0.0], "lead_years": [0], "clears": [False]}
    )
    row = held.filled("site_modes").iloc[0]
    assert (row["lead_years"], row["clears"], row["released_share"]) == (0, False, 0.0)


def test_filled_keeps_unknown_columns_and_shapes():
    frame = gpd.GeoDataFrame(
        {"site_id": ["s"], "park_id": ["p"], "area_mu": [1.0], "colour": ["red"]},
        geometry=[shapely.box(113, 22, 114, 23)],
        crs="EPSG:4490",
    )
    filled = Town(Settings.parse({"plan": PLAN}), {"sites": frame}).filled("sites")
    assert isinstance(filled, gpd.GeoDataFrame)
    assert filled["colour"].tolist() == ["red"]
    assert filled.geometry.iloc[0].equals(frame.geometry.iloc[0])


def test_replace_leaves_the_old_town_as_it_was():
    held = town(parks={"park_id": ["p"]})
    other = held.replace(parks=schema.empty("parks"), settings=Settings())
    assert len(held["parks"]) == 1
    assert len(other["parks"]) == 0
    assert other.settings.plan is None
    assert "parks" in other
    assert list(other) == ["parks"]
