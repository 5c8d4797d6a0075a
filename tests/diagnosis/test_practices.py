"""Practice cards: their facts, their edits cell by cell, and two plans beside each other."""

from __future__ import annotations

import datetime as dt
import math
import tomllib

import pandas as pd
import pytest

from zhenxing import schema
from zhenxing.diagnosis.practices import apply_practice, compare_plans, operate, parse_practice, practice, practices
from zhenxing.errors import InputError
from zhenxing.planning.consistency import check_inputs
from zhenxing.samples import random_town
from zhenxing.town import PlanSettings

CARD = """
id = "t"
name_zh = "试"
name_en = "trial"
where_zh = "某镇"
where_en = "a town"
jurisdiction = ""
valid_from = "2021-04"
valid_to = "2024"
provenance = "M"
source = "invented"
note_zh = "试"
note_en = "trial"

[parameters.a]
value = 2.0
low = 1.0
high = 3.0
unit = "years"
provenance = "M"
source = "invented"
zh = "甲"
en = "a"

[[changes]]
table = "site_modes"
column = "lead_years"
where = { clears = ["true"] }
operation = "add"
uses = ["a"]
zh = "改"
en = "change"
"""


def card(**changes: str):
    text = CARD
    for old, new in changes.items():
        text = text.replace(old.replace("__", " = "), new)
    return parse_practice(tomllib.loads(text), "t.toml")


def modes() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "site_id": ["s1", "s2", "s3"],
            "mode": ["gov_reserve", "coop", "partial"],
            "clears": pd.array([True, None, False], dtype="boolean"),
            "lead_years": pd.array([1, None, 2], dtype="Int64"),
            "public_cost_wan": [960.0, 100.0, 50.0],
        }
    )


# ---- the shipped cards


@pytest.mark.parametrize("name", list(practices()))
def test_every_card_has_its_facts_and_its_tags(name):
    one = practice(name)
    assert one.id == name
    assert one.provenance in {"A", "B", "D"}
    assert one.source
    assert all(parameter.provenance in set("ABDMX") for parameter in one.parameters.values())
    assert all(parameter.source for parameter in one.parameters.values())
    for parameter in one.parameters.values():
        assert (parameter.value is None) == (parameter.provenance == "X")
        ends = {parameter.low, parameter.value, parameter.high} - {None}
        assert not ends or min(ends) <= (parameter.value or 0) <= max(ends)
    for change in one.changes:
        columns = PlanSettings.model_fields if change.table == "settings" else schema.table(change.table).columns
        assert change.column in columns
        assert change.table == "settings" or change.table in schema.PLAN_INPUT_TABLES


def test_the_village_takes_sixty_per_cent_by_hand():
    parks = pd.DataFrame({"park_id": ["p", "q"], "land_price_wan_per_mu": [27.0, 0.0]})
    applied = apply_practice({"parks": parks}, practice("guangzhou-2009-village-share"))
    # the town keeps 40 of 100 where it kept 45
    assert applied.tables["parks"]["land_price_wan_per_mu"].tolist() == pytest.approx([24.0, 0.0])
    assert applied.changes["row_id"].tolist() == ["p"]
    assert applied.changes["assumed"].tolist() == [True]
    assert parks["land_price_wan_per_mu"].tolist() == [27.0, 0.0]


def test_the_town_s_own_share_goes_before_the_card_s():
    share = pd.DataFrame(
        {"mode": ["gov_reserve"], "parameter": ["village_share"], "low": [0.4], "base": [0.5], "high": [0.6]}
    )
    parks = pd.DataFrame({"park_id": ["p"], "land_price_wan_per_mu": [25.0]})
    tables = {"parks": parks, "modes": share}
    card_of = practice("guangzhou-2009-village-share")
    assert apply_practice(tables, card_of).tables["parks"]["land_price_wan_per_mu"].tolist() == pytest.approx([20.0])
    mine = apply_practice(tables, card_of, parameters={"present_village_share": 0.2})
    assert mine.tables["parks"]["land_price_wan_per_mu"].tolist() == pytest.approx([12.5])
    assert mine.changes["provenance"].tolist() == ["B;user"]
    low = apply_practice(tables, card_of, level="low")
    assert low.tables["parks"]["land_price_wan_per_mu"].tolist() == pytest.approx([25.0 * 0.4 / 0.6])


def test_reserve_on_account_leaves_the_demolition_by_hand():
    applied = apply_practice({"site_modes": modes()}, practice("guangdong-2021-reserve-on-account"))
    # 960 for 90 + 6 a mu; 6 of 96 are left
    assert applied.tables["site_modes"]["public_cost_wan"].tolist() == pytest.approx([60.0, 100.0, 50.0])
    assert {issue.code for issue in applied.issues} == {"assumed", "empty_table"}


def test_pace_lifts_limits_and_never_lowers_them():
    budget = pd.DataFrame(
        {
            "year": [2027, 2028, 2029],
            "clear_capacity_mu": [500.0, 2000.0, None],
            "title_capacity_mu": [220.0, 220.0, 220.0],
        }
    )
    after = apply_practice({"budget": budget}, practice("huangpu-2023-pace")).tables["budget"]
    assert after["clear_capacity_mu"].tolist()[:2] == [1200.0, 2000.0]
    # an empty cell is no limit, and stays none
    assert math.isnan(after["clear_capacity_mu"].iloc[2])


def test_a_number_that_was_not_found_must_be_given():
    with pytest.raises(InputError, match="subsidy_wan_per_m2"):
        apply_practice(
            {}, practice("zhongshan-2022-relocation-subsidy"), settings=PlanSettings(base_year=2026, horizon_years=8)
        )
    settings = PlanSettings(base_year=2026, horizon_years=8)
    applied = apply_practice(
        {}, practice("zhongshan-2022-relocation-subsidy"), settings=settings, parameters={"subsidy_wan_per_m2": 0.01}
    )
    assert applied.settings is not None
    assert applied.settings.moving_cost_wan_per_m2 == pytest.approx(0.025)
    assert settings.moving_cost_wan_per_m2 == 0.015


def test_a_second_time_changes_nothing_more():
    floor = practice("zhongshan-2023-floor-ratio")
    once = apply_practice({"parks": pd.DataFrame({"park_id": ["p"], "resettlement_far": [2.2]})}, floor)
    twice = apply_practice(once.tables, floor)
    assert twice.changes.empty
    assert [issue.code for issue in twice.issues] == ["nothing_changed"]


# ---- operations and rows


@pytest.mark.parametrize(
    ("operation", "used", "after"),
    [
        ("set", [3.0], 3.0), ("add", [-4.0], 6.0), ("multiply", [0.5], 5.0), ("at_least", [12.0], 12.0), ("at_least", [2.0], 10.0),
        ("at_most", [2.0], 2.0), ("share_kept", [0.5, 0.75], 5.0), ("without_part", [3.0, 1.0], 2.5),
    ],
)  # fmt: skip
def test_operations(operation, used, after):
    assert operate(operation, 10.0, used) == pytest.approx(after)


@pytest.mark.parametrize(
    ("operation", "used"), [("share_kept", [1.0, 0.5]), ("share_kept", [0.5, 1.2]), ("without_part", [0.0, 0.0])]
)
def test_shares_that_leave_nothing_are_answered(operation, used):
    with pytest.raises(InputError):
        operate(operation, 10.0, used)


def test_only_the_rows_named_change_and_empty_cells_count_at_their_default():
    applied = apply_practice({"site_modes": modes()}, card())
    # the second row's `clears` is empty, so it is not among the rows named "true"
    assert applied.tables["site_modes"]["lead_years"].tolist()[0] == 3
    assert applied.changes[["row_id", "before", "after"]].values.tolist() == [["s1/gov_reserve", 1.0, 3.0]]
    everything = apply_practice({"site_modes": modes()}, card(**{'where = { clears = ["true"] }\n': ""}))
    assert everything.tables["site_modes"]["lead_years"].tolist() == [3, 4, 4]


def test_results_stay_within_the_declared_bounds():
    frame = modes()
    applied = apply_practice(
        {"site_modes": frame}, card(**{"value__2.0": "value = -9.0", "low__1.0\n": "low = -9.0\n"})
    )
    minimum = schema.table("site_modes").columns["lead_years"].minimum
    assert applied.tables["site_modes"]["lead_years"].tolist()[0] == minimum


def test_changes_are_as_declared():
    applied = apply_practice({"site_modes": modes()}, card())
    assert list(applied.changes.columns) == list(schema.table("practice_changes").columns)
    assert schema.conform("practice_changes", applied.changes)[1] == []


# ---- cards that are wrong


def test_dates_by_month_and_year():
    one = card()
    days = [dt.date(2021, 3, 31), dt.date(2021, 4, 1), dt.date(2024, 12, 31), dt.date(2025, 1, 1)]
    assert [one.in_force(day) for day in days] == [False, True, True, False]


def test_a_practice_out_of_force_is_applied_and_said():
    within, beyond = (
        {issue.code for issue in apply_practice({"site_modes": modes()}, card(), on=day).issues}
        for day in (dt.date(2022, 1, 1), dt.date(2026, 1, 1))
    )
    assert beyond - within == {"not_in_force"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('id = "t"', ""),
        ('valid_from = "2021-04"', 'valid_from = "soon"'),
        ('operation = "add"', 'operation = "double"'),
        ('uses = ["a"]', 'uses = ["b"]'),
        ('uses = ["a"]', "uses = []"),
        ("value = 2.0", 'value = "two"'),
        ('zh = "改"', 'colour = "red"'),
        ('name_zh = "试"', 'name_zh = "试"\nname_fr = "x"'),
    ],
)
def test_wrong_cards_are_answered(old, new):
    with pytest.raises(InputError, match=r"t\.toml"):
        parse_practice(tomllib.loads(CARD.replace(old, new)), "t.toml")


def test_a_column_that_is_not_declared_is_answered():
    with pytest.raises(InputError, match="lead_decades"):
        apply_practice({"site_modes": modes()}, card(**{'column = "lead_years"': 'column = "lead_decades"'}))


def test_unknown_cards_files_and_parameters_are_answered(tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        practice("nowhere")
    broken = tmp_path / "broken.toml"
    broken.write_text("id = [", encoding="utf-8")
    with pytest.raises(InputError, match="TOML"):
        practice(str(broken))
    mine = tmp_path / "mine.toml"
    mine.write_text(CARD, encoding="utf-8")
    with pytest.raises(InputError, match="colour"):
        apply_practice({}, practice(str(mine)), parameters={"colour": 1.0})


# ---- two plans


def inputs(share: float = 0.5) -> dict[str, pd.DataFrame]:
    return {
        "sites": pd.DataFrame({"site_id": ["s1", "s2"], "area_mu": [100.0, 60.0]}),
        "site_modes": pd.DataFrame(
            {
                "site_id": ["s1", "s2", "s2"],
                "mode": ["gov_reserve", "gov_reserve", "partial"],
                "released_share": [share, share, 0.1],
                "clears": pd.array([None, True, False], dtype="boolean"),
            }
        ),
        "candidates": pd.DataFrame(
            {"candidate_id": ["c"], "probability": [0.5], "investment_wan": [1000.0], "annual_tax_wan": [80.0]}
        ),
    }


def plan(first: int, second: int | None, debt: float) -> dict[str, pd.DataFrame]:
    sites = [("s1", "gov_reserve", first, first + 2)]
    sites += [("s2", "gov_reserve", second, second + 2)] if second else []
    return {
        "plan_sites": pd.DataFrame(sites, columns=["site_id", "mode", "start_year", "delivery_year"]),
        "plan_landings": pd.DataFrame({"candidate_id": ["c"], "park_id": ["p"], "year": [2029], "count": [2]}),
        "plan_finance": pd.DataFrame(
            {"year": [2027, 2028, 2029, 2030], "outlay_wan": 10.0, "land_income_wan": 1.0, "retained_tax_wan": 2.0,
             "interest_wan": 0.5, "debt_wan": [0.0, debt, 5.0, 0.0], "cash_wan": [1.0, 2.0, 3.0, 4.0]}
        ),
    }  # fmt: skip


def test_two_plans_by_hand():
    effects = compare_plans(
        inputs_before=inputs(), plan_before=plan(2028, None, 20.0), inputs_after=inputs(), plan_after=plan(2027, 2027, 50.0),
        summary_before={"value_wan": 100.0}, summary_after={"value_wan": 130.0},
    )  # fmt: skip
    totals = effects[effects["year"].isna()].set_index("measure")
    wanted = {
        "sites_started": (1, 2), "cleared_mu": (100, 160), "released_mu": (50, 80), "mean_delivery_year": (2030, 2029),
        "year_of_common_mu": (2030, 2029), "landed_projects": (2, 2), "landed_investment_wan": (1000, 1000),
        "annual_tax_wan": (80, 80), "outlay_wan": (40, 40), "highest_debt_wan": (20, 50), "final_cash_wan": (4, 4),
        "value_wan": (100, 130),
    }  # fmt: skip
    for measure, (before, after) in wanted.items():
        assert totals.loc[measure, ["before", "after", "difference"]].tolist() == [before, after, after - before]
    by_year = effects.set_index(["measure", "year"])
    assert by_year.loc[("released_mu", 2029), "difference"] == 80
    assert by_year.loc[("released_mu", 2030), "difference"] == 30
    assert by_year.loc[("debt_wan", 2028), "difference"] == 30


def test_each_plan_is_measured_with_its_own_input():
    effects = compare_plans(
        inputs_before=inputs(0.5),
        plan_before=plan(2027, None, 0),
        inputs_after=inputs(0.36),
        plan_after=plan(2027, None, 0),
    )
    totals = effects[effects["year"].isna()].set_index("measure")
    assert totals.loc["released_mu", "difference"] == pytest.approx(-14)
    assert totals.loc["year_of_common_mu", "difference"] == 0


@pytest.mark.parametrize(
    ("after", "certain"),
    [((130.0, 140.0), True), ((104.0, 140.0), False), ((80.0, 99.0), True), ((80.0, 101.0), False)],
)
def test_a_difference_within_the_gaps_proves_nothing(after, certain):
    sides = {"inputs_before": inputs(), "plan_before": plan(2027, None, 0), "inputs_after": inputs()}
    effects = compare_plans(
        **sides, plan_after=plan(2027, None, 0), summary_before={"value_wan": 100.0, "bound_wan": 105.0},
        summary_after=dict(zip(("value_wan", "bound_wan"), after, strict=True)),
    )  # fmt: skip
    assert effects.set_index("measure").loc["value_wan", "certain"] == certain
    assert effects.loc[effects["measure"] == "outlay_wan", "certain"].isna().all()


@pytest.mark.parametrize("level", ["low", "base", "high"])
def test_a_town_under_any_card_is_still_one_that_can_be_planned(level):
    town = random_town("XS", "balanced", 0)
    before = {(issue.code, issue.rows) for issue in check_inputs(town) if issue.level == "error"}
    for one in practices().values():
        own = {name: 0.01 for name, parameter in one.parameters.items() if parameter.provenance == "X"}
        applied = apply_practice(town.tables, one, settings=town.settings.plan, parameters=own, level=level)
        changed = town.replace(
            **{name: applied.tables[name] for name in town.tables},
            settings=town.settings.model_copy(update={"plan": applied.settings}),
        )
        after = {(issue.code, issue.rows) for issue in check_inputs(changed) if issue.level == "error"}
        assert after <= before, one.id


def test_land_delivered_beyond_the_horizon_does_not_count():
    effects = compare_plans(
        inputs_before=inputs(), plan_before=plan(2029, None, 0), inputs_after=inputs(), plan_after=plan(2028, None, 0)
    )
    totals = effects[effects["year"].isna()].set_index("measure")
    assert totals.loc["released_mu", ["before", "after"]].tolist() == [0, 50]
    assert math.isnan(totals.loc["year_of_common_mu", "difference"])


def test_empty_plans_are_compared_too():
    effects = compare_plans(inputs_before={}, plan_before={}, inputs_after={}, plan_after={})
    totals = effects.set_index("measure")
    assert totals.loc["released_mu", ["before", "after"]].tolist() == [0, 0]
    assert math.isnan(totals.loc["value_wan", "before"])
    declared = effects.assign(practice_id="t")[list(schema.table("practice_effects").columns)]
    assert schema.conform("practice_effects", declared)[1] == []
