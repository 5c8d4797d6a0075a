"""Cells as people write them become typed values, and every fault is named with its rows."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from zhenxing import schema


def sites(**columns):
    whole = {"site_id": ["0011", "12"], "park_id": ["p", "p"], "area_mu": ["20", "30.5"], **columns}
    return pd.DataFrame(whole, dtype="str")


def only(issues, code):
    """The one finding of a kind; its message is whole in both languages."""
    (issue,) = [issue for issue in issues if issue.code == code]
    assert issue.text.zh
    assert issue.text.en
    assert "{" not in issue.text.zh + issue.text.en
    return issue


def test_two_rows_by_hand():
    frame, issues = schema.conform("sites", sites(is_seed=["TRUE", None], floor_m2=["1e3", None]))
    assert issues == []
    assert frame["site_id"].tolist() == ["0011", "12"]
    assert frame["area_mu"].tolist() == [20.0, 30.5]
    assert frame["floor_m2"].tolist()[0] == 1000.0
    assert frame["floor_m2"].isna().tolist() == [False, True]
    assert frame["is_seed"].tolist() == [True, pd.NA]
    assert [str(dtype) for dtype in frame.dtypes] == ["str", "str", "float64", "float64", "boolean"]


def test_columns_take_their_declared_order_and_unknown_ones_stay_behind():
    raw = sites(colour=["red", None])[["colour", "area_mu", "park_id", "site_id"]]
    frame, issues = schema.conform("sites", raw)
    assert list(frame.columns) == ["site_id", "park_id", "area_mu", "colour"]
    assert frame["colour"].tolist()[0] == "red"
    issue = only(issues, "unknown_column")
    assert issue.level == "info"
    assert "colour" in issue.text.zh
    assert "colour" in issue.text.en


def test_conform_is_idempotent():
    first, _ = schema.conform("sites", sites(is_seed=["1", "0"]))
    again, issues = schema.conform("sites", first)
    assert issues == []
    pd.testing.assert_frame_equal(first, again)


def test_none_and_na_are_ordinary_text():
    frame, _ = schema.conform("sites", sites(park_id=["none", "NA"]))
    assert frame["park_id"].tolist() == ["none", "NA"]


@pytest.mark.parametrize(
    ("cell", "code", "said"),
    [
        ("1,200", "thousands", "1200"),
        ("1，200", "thousands", "1200"),
        ("nan", "not_finite", "nan"),
        ("-Inf", "not_finite", "-Inf"),
        ("1e999", "not_finite", "1e999"),
        ("#DIV/0!", "not_finite", "#DIV/0!"),
        ("abc", "not_a_number", "abc"),
        ("20亩", "not_a_number", "20亩"),
        ("１２", "not_a_number", "１２"),
        ("0x10", "not_a_number", "0x10"),
        ("1_000", "not_a_number", "1_000"),
        ("35%", "percent", "0.35"),
        ("-3", "below_minimum", "-3"),
    ],
)
def test_a_number_that_is_not_plain_is_an_error_with_its_repair(cell, code, said):
    frame, issues = schema.conform("sites", sites(area_mu=["20", cell]))
    issue = only(issues, code)
    assert (issue.level, issue.table, issue.column, issue.rows) == ("error", "sites", "area_mu", ("12",))
    for text in issue.text:
        assert said in text
        assert "12" in text
        assert "area_mu" in text
    if code != "below_minimum":
        assert np.isnan(frame["area_mu"][1])
    assert [issue.code for issue in issues] == [code]


def test_infinity_in_a_typed_column_is_an_error_too():
    _, issues = schema.conform("sites", sites().assign(area_mu=[1.0, np.inf]))
    assert only(issues, "not_finite").rows == ("12",)


@pytest.mark.parametrize(("cell", "proposed"), [("35", "0.35"), ("35%", "0.35"), ("100", "1"), ("2.5", "0.025")])
def test_a_percentage_where_a_share_is_wanted_proposes_the_share(cell, proposed):
    raw = pd.DataFrame({"candidate_id": ["c"], "probability": [cell]}, dtype="str")
    issue = only(schema.conform("candidates", raw)[1], "percent")
    assert issue.level == "error"
    assert proposed in issue.text.zh
    assert proposed in issue.text.en


def test_a_share_beyond_any_percentage_is_out_of_range():
    raw = pd.DataFrame({"candidate_id": ["c"], "probability": ["350"]}, dtype="str")
    assert only(schema.conform("candidates", raw)[1], "above_maximum").rows == ("c",)


def test_a_released_share_above_one_is_a_warning_only():
    raw = pd.DataFrame({"site_id": ["s"], "mode": ["self"], "released_share": ["35"]}, dtype="str")
    issue = only(schema.conform("site_modes", raw)[1], "share_above_one")
    assert issue.level == "warning"
    assert issue.rows == ("s/self",)
    assert "0.35" in issue.text.en


@pytest.mark.parametrize(("cell", "value"), [("3.0", 3), ("3", 3), ("+2", 2), (" 4 ", 4), ("1e1", 10)])
def test_whole_numbers(cell, value):
    frame, issues = schema.conform("candidates", pd.DataFrame({"candidate_id": ["c"], "count": [cell]}, dtype="str"))
    assert issues == []
    assert frame["count"].dtype == "Int64"
    assert frame["count"].tolist() == [value]


def test_a_broken_number_of_years_is_an_error():
    raw = pd.DataFrame({"work_id": ["w"], "cost_wan": ["1"], "lead_years": ["1.5"]}, dtype="str")
    issue = only(schema.conform("works", raw)[1], "not_whole")
    assert "1.5" in issue.text.zh
    assert issue.rows == ("w",)


@pytest.mark.parametrize(
    ("cell", "value"), [("true", True), ("FALSE", False), ("1", True), ("0", False), ("1.0", True)]
)
def test_booleans(cell, value):
    frame, issues = schema.conform("sites", sites(is_seed=[cell, None]))
    assert issues == []
    assert frame["is_seed"].tolist() == [value, pd.NA]


def test_other_words_are_no_booleans():
    issue = only(schema.conform("sites", sites(is_seed=["yes", "no"]))[1], "not_a_boolean")
    assert issue.rows == ("0011", "12")
    assert "true/false" in issue.text.zh


@pytest.mark.parametrize("cell", ["2026-02-29", "2026-13-01", "2026/1/3", "20260103", "2020.3"])
def test_what_is_no_date(cell):
    raw = pd.DataFrame({"firm_id": ["f"], "name": ["n"], "founded": [cell]}, dtype="str")
    assert only(schema.conform("firms", raw)[1], "not_a_date").rows == ("f",)


@pytest.mark.parametrize("cell", ["2024-02-29", "2026-03", "2026"])
def test_dates_may_be_known_to_the_month_or_year(cell):
    raw = pd.DataFrame({"firm_id": ["f"], "name": ["n"], "founded": [cell]}, dtype="str")
    frame, issues = schema.conform("firms", raw)
    assert issues == []
    assert frame["founded"].tolist() == [cell]


def test_a_timestamp_becomes_its_day():
    raw = pd.DataFrame({"firm_id": ["f"], "name": ["n"], "founded": pd.to_datetime(["2024-02-29"])})
    assert schema.conform("firms", raw)[0]["founded"].tolist() == ["2024-02-29"]


def test_a_choice_outside_the_list_names_the_list():
    raw = pd.DataFrame({"subject": ["sites"], "id": ["s"], "rule": ["must"]}, dtype="str")
    issue = only(schema.conform("locks", raw)[1], "not_a_choice")
    assert "site（地块）" in issue.text.zh
    assert "candidate" in issue.text.en
    assert issue.rows == ("#2",)
    assert "line" in issue.text.en


def test_a_missing_column_and_an_empty_cell():
    raw = sites(park_id=["p", None]).drop(columns="area_mu")
    _, issues = schema.conform("sites", raw)
    missing, empty = only(issues, "missing_column"), only(issues, "empty_cell")
    assert "area_mu" in missing.text.zh
    assert "用地面积" in missing.text.zh
    assert empty.rows == ("12",)


def test_a_header_alone_is_an_empty_table():
    frame, issues = schema.conform("sites", pd.DataFrame({"name": pd.Series([], dtype="str")}))
    assert issues == []
    assert frame["name"].dtype == "str"


def test_repeated_keys_are_named_with_their_lines():
    issue = only(schema.conform("sites", sites(site_id=["a", "a"]))[1], "repeated_key")
    assert issue.rows == ("a",)
    assert "2、3" in issue.text.zh
    assert "2, 3" in issue.text.en


def test_a_use_with_a_park_is_another_key_than_the_one_without():
    raw = pd.DataFrame(
        {"candidate_id": ["c", "c", "c"], "resource": ["power"] * 3, "amount": [1, 2, 3], "park_id": [None, "p", None]}
    )
    issue = only(schema.conform("candidate_uses", raw)[1], "repeated_key")
    assert issue.rows == ("c/power",)


def test_rows_with_an_empty_key_are_not_called_repeated():
    _, issues = schema.conform("sites", sites(site_id=[None, None]))
    assert [issue.code for issue in issues] == ["empty_cell"]
    assert issues[0].rows == ("#2", "#3")


def test_targets_have_no_key():
    raw = pd.DataFrame({"indicator": ["annual_tax_wan"] * 2, "year": [2026] * 2, "target": [-1.0] * 2})
    assert schema.conform("targets", raw)[1] == []


def test_a_cell_that_cannot_be_read_is_not_called_empty_as_well():
    _, issues = schema.conform("sites", sites(area_mu=["abc", None]))
    assert {issue.code: issue.rows for issue in issues} == {"not_a_number": ("0011",), "empty_cell": ("12",)}


def test_many_faults_name_five_rows_and_count_the_rest():
    raw = pd.DataFrame(
        {"site_id": [f"s{n}" for n in range(9)], "park_id": ["p"] * 9, "area_mu": ["x"] * 9}, dtype="str"
    )
    issue = only(schema.conform("sites", raw)[1], "not_a_number")
    assert len(issue.rows) == 9
    assert "s4" in issue.text.en
    assert "s5" not in issue.text.en
    assert "4 more" in issue.text.en


def test_mixed_cells_as_excel_gives_them():
    raw = pd.DataFrame({"site_id": [11, "0012"], "park_id": [1.0, "p"], "area_mu": ["20", 30]}, dtype="object")
    frame, issues = schema.conform("sites", raw)
    assert issues == []
    assert frame["site_id"].tolist() == ["11", "0012"]
    assert frame["park_id"].tolist() == ["1", "p"]
    assert frame["area_mu"].tolist() == [20.0, 30.0]


def test_written_numbers_read_back_bit_for_bit():
    numbers = [0.1, 1 / 3, 123456.789, 5e-324, 1.7976931348623157e308]
    raw = pd.DataFrame({"site_id": list("abcde"), "park_id": "p", "area_mu": [repr(n) for n in numbers]}, dtype="str")
    assert schema.conform("sites", raw)[0]["area_mu"].tolist() == numbers


def test_shapes_stay_and_other_kinds_are_named():
    shapes = [shapely.Point(113.2, 22.6), shapely.box(113, 22, 113.1, 22.1)]
    layer = gpd.GeoDataFrame(sites(), geometry=shapes, crs="EPSG:4490")
    frame, issues = schema.conform("sites", layer)
    assert isinstance(frame, gpd.GeoDataFrame)
    assert frame.geometry.tolist() == shapes
    issue = only(issues, "other_shape")
    assert issue.level == "warning"
    assert issue.rows == ("0011",)


def test_a_polygon_that_crosses_itself_is_named():
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    layer = gpd.GeoDataFrame(sites(), geometry=[bow, None], crs="EPSG:4490")
    assert only(schema.conform("sites", layer)[1], "invalid_shape").rows == ("0011",)


@pytest.mark.parametrize("name", list(schema.tables()))
def test_every_table_conforms_when_empty(name):
    frame, issues = schema.conform(name, schema.empty(name))
    assert issues == []
    pd.testing.assert_frame_equal(frame, schema.empty(name))


def test_all_messages_of_a_long_table_come_at_once():
    count = 20_000
    raw = pd.DataFrame({"site_id": [f"s{n}" for n in range(count)], "park_id": "p", "area_mu": "-1"}, dtype="str")
    (issue,) = schema.conform("sites", raw)[1]
    assert len(issue.rows) == count
