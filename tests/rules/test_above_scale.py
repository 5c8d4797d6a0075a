"""Lines into the statistical register: by hand from the published table, by code, by role, by date."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd
import pytest

from zhenxing.errors import InputError
from zhenxing.rules.above_scale import (
    plausible,
    read_code,
    revenue_of,
    sectors,
    sectors_of,
    threshold_of,
    thresholds,
)
from zhenxing.rules.files import records
from zhenxing.rules.industry import industry_names

ON = dt.date(2025, 12, 31)


def firms(*codes: str | None, edition: str | None = "2017") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "firm_id": pd.array([f"f{place}" for place in range(len(codes))], dtype="str"),
            "industry_code": pd.array(codes, dtype="str"),
            "industry_edition": pd.array([edition] * len(codes), dtype="str"),
        }
    )


@pytest.mark.parametrize(
    ("code", "sector", "wan"),
    [
        ("0610", "industry", 2000),
        ("3872", "industry", 2000),
        ("C3872", "industry", 2000),
        ("３８７２", "industry", 2000),
        ("46", "industry", 2000),
        ("5174", "wholesale", 2000),
        ("5282", "retail", 500),
        ("6110", "hotels", 200),
        ("6210", "catering", 200),
        ("5910", "transport", 2000),
        ("6513", "information", 2000),
        ("7723", "environment", 2000),
        ("8411", "health", 2000),
        ("7281", "business_services", 1000),
        ("7491", "technical_services", 1000),
        ("8391", "education", 1000),
        ("7020", "property_services", 1000),
        ("8010", "resident_services", 500),
        ("8810", "culture", 500),
        ("8512", "social_work", 500),
    ],
)
def test_the_published_table(code: str, sector: str, wan: float) -> None:
    line = threshold_of(code, "2017", ON)
    assert line is not None
    assert (line.sector, line.revenue_wan) == (sector, wan)
    assert line.source.startswith("http")


@pytest.mark.parametrize(("code", "sector"), [("4710", "construction"), ("7010", "real_estate_development")])
def test_a_qualification_has_no_amount(code: str, sector: str) -> None:
    line = threshold_of(code, "2017", ON)
    assert line is not None
    assert (line.sector, line.kind, math.isnan(line.revenue_wan)) == (sector, "qualification", True)
    assert line.column.startswith("fact:")


@pytest.mark.parametrize(
    ("code", "edition", "state"),
    [
        (None, "2017", "no_code"),
        ("3872", None, "no_edition"),
        ("3972", "2002", "other_edition"),
        ("3872", "2011", "other_edition"),
        ("3878", "2017", "unknown_code"),
        ("F3872", "2017", "unknown_code"),
        ("0111", "2017", "outside"),
        ("6620", "2017", "unknown_code"),
        ("66", "2017", "outside"),
        ("F", "2017", "several_sectors"),
        ("70", "2017", "several_sectors"),
        ("C", "2017", ""),
    ],
)
def test_what_a_code_cannot_say_has_a_name(code: str | None, edition: str | None, state: str) -> None:
    assert sectors_of(code, edition, ON)[1] == state
    assert (threshold_of(code, edition, ON) is None) == bool(state)


def test_every_class_of_2017_has_at_most_one_sector() -> None:
    names = industry_names("2017")
    assert names is not None
    found = {code: sectors_of(code, "2017", ON) for code in names if len(code) == 4}
    assert all(len(plausible) == 1 or state == "outside" for plausible, state in found.values())
    outside = {code[:2] for code, (_, state) in found.items() if state == "outside"}
    assert outside == {"01", "02", "03", "04", "05", "66", "67", "68", "69", *map(str, range(91, 98))}


def test_a_date_before_the_rules_gives_none_and_before_the_source_is_marked() -> None:
    assert sectors_of("7281", "2017", dt.date(2015, 12, 31)) == ((), "no_rule")
    assert sectors(dt.date(2022, 12, 31))["industry"].assumed
    assert not sectors(ON)["industry"].assumed


def test_rule_rows_are_whole() -> None:
    rows = records("ladder/above_scale.csv")
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert row["provenance"] in "ABDMX"
        assert row["source_url"].startswith("http")
        assert (row["value"] == "") == (row["kind"] == "qualification")


def test_one_row_per_firm_in_the_order_given() -> None:
    table = firms("3872", None, "0111", "F")
    found = thresholds(table.iloc[::-1], ON)
    assert found["firm_id"].tolist() == ["f3", "f2", "f1", "f0"]
    assert found["code_state"].tolist() == ["several_sectors", "outside", "no_code", ""]
    assert found["sectors"].isna().tolist() == [False, True, True, False]


def test_the_nearest_line_of_a_maker_who_sells() -> None:
    links = pd.DataFrame(
        {"firm_id": ["f0", "f0", "f1"], "role": ["makes", "sells", "sells"], "weight": [0.6, 0.4, 1.0]}
    )
    years = pd.DataFrame({"firm_id": ["f0", "f1"], "year": [2025, 2025], "revenue_wan": [400.0, 400.0]})
    table = firms("3872", "5174")
    both = plausible(table, ON, firm_links=links)
    assert both.groupby("firm_id")["sector"].agg(list).to_dict() == {
        "f0": ["industry", "retail", "wholesale"],
        "f1": ["wholesale"],  # a wholesaler who sells stays a wholesaler
    }
    assert thresholds(table, ON, firm_links=links, firm_years=years)["threshold_wan"].tolist() == [500.0, 2000.0]
    assert thresholds(table, ON, firm_links=links)["threshold_wan"].tolist() == [2000.0, 2000.0]
    middling = years.assign(revenue_wan=1400.0)  # 600 below industry, 900 above retail
    assert thresholds(table, ON, firm_links=links, firm_years=middling)["sector"].tolist() == ["industry", "wholesale"]
    rich = years.assign(revenue_wan=2500.0)
    assert thresholds(table, ON, firm_links=links, firm_years=rich)["sector"].tolist() == ["industry", "wholesale"]
    assert thresholds(table, ON, firm_links=links, firm_years=years)["assumed"].tolist() == [True, False]


def test_a_role_can_stand_in_for_a_missing_code_and_small_roles_do_not_count() -> None:
    links = pd.DataFrame({"firm_id": ["f0", "f0"], "role": ["makes", "sells"], "weight": [0.8, 0.2]})
    found = thresholds(firms(None), ON, firm_links=links)
    assert found[["sector", "basis", "code_state"]].iloc[0].tolist() == ["industry", "role", "no_code"]


def test_main_revenue_counts_and_total_stands_in() -> None:
    years = pd.DataFrame({"main_revenue_wan": [1.0, None, None], "revenue_wan": [2.0, 2.0, None]})
    found = revenue_of(years, pd.Series(["main_revenue_wan"] * 3))
    assert found["revenue_wan"].fillna(-1).tolist() == [1.0, 2.0, -1.0]
    assert found["stand_in"].tolist() == [False, True, False]
    assert revenue_of(years, pd.Series(["fact:x"] * 3))["revenue_wan"].isna().all()


def test_a_table_without_codes_is_answered_in_both_languages() -> None:
    with pytest.raises(InputError, match=r"industry_code[\s\S]*lacks the columns"):
        thresholds(pd.DataFrame({"firm_id": ["a"]}), ON)


def test_no_firms_no_rows() -> None:
    assert len(thresholds(firms(), ON)) == 0


def test_read_code_keeps_the_section_letter() -> None:
    assert read_code("c", "2017") == ("C", "")
