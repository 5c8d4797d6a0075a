"""The declarations are whole, and agree with the plan model."""

import pytest

from zhenxing import schema
from zhenxing.schema.declaration import RELATIVE_DEFAULTS

ALL_COLUMNS = [(t.name, c) for t in schema.tables().values() for c in t.columns.values()]


def test_plan_tables_are_those_of_the_plan_model():
    assert schema.PLAN_INPUT_TABLES == (
        "parks", "sites", "site_neighbours", "site_modes", "site_supplies", "platforms", "platform_sites",
        "candidates", "placements", "candidate_uses", "park_supply", "utility_steps", "facilities", "works",
        "work_supplies", "chain_rewards", "budget", "targets", "locks",
    )  # fmt: skip
    assert schema.PLAN_RESULT_TABLES == (
        "plan_sites", "plan_landings", "plan_facilities", "plan_works", "plan_utilities", "plan_resettlement",
        "plan_exits", "plan_finance",
    )  # fmt: skip


def test_columns_of_sites_stand_in_the_order_of_the_plan_model():
    assert list(schema.table("sites").columns) == ["site_id", "park_id", "name", "area_mu", "floor_m2", "is_seed"]


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("sites", ("site_id",)),
        ("site_modes", ("site_id", "mode")),
        ("site_supplies", ("site_id", "mode", "resource")),
        ("candidate_uses", ("candidate_id", "resource", "park_id")),
        ("utility_steps", ("park_id", "resource", "step")),
        ("chain_rewards", ("link_id", "segment")),
        ("budget", ("year",)),
        ("targets", ()),
        ("locks", ()),
        ("parcel_neighbours", ("parcel_id", "neighbour_id")),
    ],
)
def test_keys(table, key):
    assert schema.table(table).key == key


@pytest.mark.parametrize(
    ("table", "column", "default"),
    [
        ("parks", "resettlement_far", "2.0"),
        ("site_modes", "clears", "true"),
        ("site_modes", "lead_years", "2"),
        ("works", "lead_years", "1"),
        ("facilities", "lead_years", "1"),
        ("utility_steps", "lead_years", "1"),
        ("site_modes", "displaced_share", "1"),
        ("site_modes", "released_share", ""),
        ("site_modes", "earliest_year", "first_plan_year"),
        ("candidates", "last_year", "last_plan_year"),
        ("candidates", "kind", "incoming"),
        ("candidates", "pays_land", "true"),
        ("placements", "land_mu", "of:candidates.land_mu"),
        ("budget", "title_capacity_mu", "unlimited"),
        ("budget", "debt_limit_wan", "0"),
        ("firms", "capital_currency", "CNY"),
        ("places", "weight", "1"),
    ],
)
def test_defaults(table, column, default):
    assert schema.table(table).columns[column].default == default


def test_only_the_named_columns_of_the_plan_may_be_negative():
    free = {
        c.name
        for name in schema.PLAN_INPUT_TABLES
        for c in schema.table(name).columns.values()
        if c.type in ("number", "integer") and c.minimum is None
    }
    assert free == {
        "fit_wan", "annual_tax_gain_wan", "annual_value_added_gain_wan", "annual_benefit_wan", "target", "baseline",
    }  # fmt: skip


def test_every_declaration_is_whole_in_both_languages():
    for declared in schema.tables().values():
        assert declared.columns, declared.name
        assert all((declared.zh, declared.en, declared.meaning_zh, declared.meaning_en)), declared.name
    for name, column in ALL_COLUMNS:
        where = f"{name}.{column.name}"
        assert column.zh, where
        assert column.en, where
        assert column.meaning_zh.endswith("。"), where
        assert column.meaning_en.endswith("."), where
        assert len(column.choices) == len(column.choices_zh), where
        assert column.type in ("text", "integer", "number", "boolean", "date", "list", "year"), where
        assert column.name == column.name.lower(), where


@pytest.mark.parametrize("language", ["zh", "en"])
def test_headers_are_unique_within_a_table(language):
    for declared in schema.tables().values():
        headers = [schema.header(declared.name, column, language) for column in declared.columns]
        assert len(set(headers)) == len(headers), declared.name


def test_header_carries_the_unit():
    assert schema.header("sites", "area_mu", "zh") == "用地面积（亩）"
    assert schema.header("sites", "area_mu", "en") == "Site area (mu)"
    assert schema.header("sites", "site_id", "zh") == "地块编号"
    assert schema.header("sites", "colour", "zh") == "colour"


def test_references_and_relative_defaults_point_at_something():
    for name, column in ALL_COLUMNS:
        if column.reference:
            table, target = column.reference.split(".")
            assert target in schema.table(table).columns, f"{name}.{column.name}"
        if column.default and column.type in ("number", "integer", "year") and not column.default.startswith("of:"):
            assert column.default in RELATIVE_DEFAULTS or float(column.default) >= 0
        if column.default and column.choices:
            assert column.default in column.choices


def test_an_unknown_table_is_a_key_error():
    with pytest.raises(KeyError):
        schema.table("nosuch")
