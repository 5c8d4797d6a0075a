"""Whatever stands in a sheet: no row is lost, nothing breaks but by a message, and a second import changes nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenxing import schema
from zhenxing.importers import ImportOptions
from zhenxing.importers.importing import import_sheets
from zhenxing.importers.recognition import importable
from zhenxing.importers.sheets import Sheet, frame_of
from zhenxing.town import Settings, Town

from .conftest import TODAY

ODD = [
    "",
    "/",
    "—",
    "合计",
    "小 计",
    "注：",
    "NaN",
    "#N/A",
    "１２",
    "1,200",
    "35%",
    "约3",
    "2020.3",
    "9.14E+17",
    "是",
    "abc",
    "P1",
    "S1",
    "无",
    " ",
]
CELLS = st.one_of(
    st.none(),
    st.sampled_from(ODD),
    st.integers(-5, 3000),
    st.floats(allow_nan=True, allow_infinity=True, width=32),
    st.booleans(),
    st.dates(dt.date(1990, 1, 1), dt.date(2040, 1, 1)),
    st.text(max_size=6),
)


@st.composite
def _sheets(draw: st.DrawFn) -> Sheet:
    table = draw(st.sampled_from(importable()))
    columns = list(schema.table(table).columns)
    titles = draw(st.lists(st.sampled_from(["古镇镇统计表", "单位：万元、亩", "", "2025年"]), max_size=3))
    rows: list[list[object]] = [[title] for title in titles]
    rows.append([schema.header(table, column) for column in columns])
    rows += draw(st.lists(st.lists(CELLS, min_size=0, max_size=len(columns)), max_size=8))
    return Sheet(Path("x.xlsx"), "x.xlsx", draw(st.sampled_from(["Sheet1", schema.table(table).zh])), frame_of(rows))


@settings(max_examples=40, deadline=None)
@given(_sheets())
def test_every_row_is_accounted_for_and_the_second_time_is_silent(sheet: Sheet) -> None:
    options = ImportOptions(today=TODAY)
    result = import_sheets([sheet], Town(Settings()), options)
    account = result.accounts.iloc[0]
    parts = ["title", "header", "blank", "totals", "remarks", "repeated", "listed", "imported"]
    assert account[parts].sum() == account["rows"]
    # every row that was not imported is named by a finding
    named = {row for finding in result.findings for row, column in finding.cells if column == -1}
    assert account[["totals", "remarks", "repeated", "listed"]].sum() <= len(named)
    again = import_sheets([sheet], result.town, options)
    assert again.changes.empty
    for name, frame in result.town.tables.items():
        _, issues = schema.conform(name, frame)
        assert not [issue for issue in issues if issue.level == "error"]


def test_rows_of_unequal_length_are_padded() -> None:
    assert frame_of([["a"], ["b", 1, ""]]).values.tolist() == [["a", None, None], ["b", 1, None]]


@pytest.mark.parametrize("rows", [[], [[]], [[None, None]]])
def test_sheets_of_nothing(rows: list[list[object]]) -> None:
    result = import_sheets([Sheet(Path("x"), "x", "", frame_of(rows))], Town(Settings()), ImportOptions(today=TODAY))
    assert result.accounts["reason"].tolist() == ["empty"]
