from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction

import pytest

from zhenxing import schema
from zhenxing.importers.cells import Reading
from zhenxing.importers.choices import everyday_code
from zhenxing.importers.values import read_cells

TODAY = dt.date(2026, 11, 1)


def _read(table: str, column: str, cells: Sequence[object], **options: object) -> Reading:
    return read_cells(cells, schema.table(table).columns[column], today=TODAY, **options)  # type: ignore[arg-type]  # by name


def test_numbers_as_offices_write_them() -> None:
    cells = ["１２.５", "1,200", "—", "/", "无", "约30", 7, None, "3.5亩", "2公顷"]
    assert _read("sites", "area_mu", cells).values == [12.5, 1200, None, None, None, 30, 7, None, 3.5, 30]


def test_numbers_that_are_none_are_named() -> None:
    found = _read("sites", "area_mu", ["十亩", float("nan"), "-3", "#REF!", dt.datetime(2020, 3, 1), "5万元", "10-20"])
    assert found.values == [None] * 7
    assert found.faults == {
        "not_a_number": [0, 6],
        "nan": [1],
        "below_minimum": [2],
        "error_cell": [3],
        "date_not_number": [4],
        "unit_in_cell": [5],
    }


def test_a_factor_does_not_add_binary_dust() -> None:
    assert _read("budget", "own_funds_wan", ["1.1", 0.7], factor=Fraction(10_000)).values == [11_000.0, 7_000.0]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["35%", "7％"], [0.35, 0.07]),
        ([35, 7], [0.35, 0.07]),
        ([0.35, 0.07], [0.35, 0.07]),
        (["35%", 0.5], [0.35, 0.5]),
        ([1, 0, 0.5], [1, 0, 0.5]),
    ],
)
def test_percent_is_decided_for_the_column(cells: list[object], values: list[float]) -> None:
    assert _read("site_modes", "displaced_share", cells).values == values


def test_mixed_percent_is_listed() -> None:
    found = _read("candidates", "probability", [35, 40, 60, 0.35])
    assert found.values == [0.35, 0.4, 0.6, None]
    assert found.faults == {"mixed_percent": [3]}
    found = _read("candidates", "probability", [0.35, 0.4, 60])
    assert found.values == [0.35, 0.4, None]


def test_a_stated_percent_holds_for_every_cell() -> None:
    assert _read("candidates", "probability", [0.5, 40], factor=Fraction(1, 100), stated=True).values == [0.005, 0.4]


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        ("2020.3", "2020-03"),
        (2020.3, "2020-03"),
        ("2020年3月", "2020-03"),
        ("2020年3月5日", "2020-03-05"),
        ("20200301", "2020-03-01"),
        (20200301, "2020-03-01"),
        (43891, "2020-03-01"),
        ("43891", "2020-03-01"),
        (dt.datetime(2020, 3, 1), "2020-03-01"),
        ("2020/3/1", "2020-03-01"),
        ("2020-3-1 00:00:00", "2020-03-01"),
        ("２０２０．３．１", "2020-03-01"),
        (2020, "2020"),
        ("/", None),
    ],
)
def test_dates(cell: object, iso: str | None) -> None:
    assert _read("firms", "founded", [cell]).values == [iso]


def test_dates_that_are_uncertain_or_wrong_are_named() -> None:
    found = _read("firms", "founded", [2020.1, "2020.13", "去年", "2031-01-01"])
    assert found.values == ["2020", None, None, "2031-01-01"]
    assert found.faults == {"month_lost": [0], "not_a_date": [1, 2], "future_date": [3]}


def test_years_yes_no_lists_and_choices() -> None:
    assert _read("budget", "year", ["2026年", 2027.0, "2028年度", dt.datetime(2029, 1, 1), "下年"]).values == [
        2026, 2027, 2028, 2029, None,
    ]  # fmt: skip
    assert _read("sites", "is_seed", ["是", "√", "否", "", 1, "也许"]).values == [True, True, False, None, True, None]
    assert _read("firms", "titles", ["高新技术企业、专精特新，瞪羚", "无"]).values == [
        "高新技术企业;专精特新;瞪羚",
        None,
    ]
    assert _read("locks", "rule", ["不早于", "must", "随便"]).values == ["not_before", "must", None]
    assert everyday_code("mode", "政府收储") == "gov_reserve"


def test_codes_that_excel_has_made_numbers() -> None:
    found = _read("firms", "credit_code", [9.14420001234e17, "9.14E+17", "91350100M000100Y43", 442000123456789.0])
    assert found.values == [None, None, "91350100M000100Y43", "442000123456789"]
    assert found.faults == {"broken_code": [0, 1]}


def test_lost_leading_zeros_are_noted() -> None:
    found = _read("sites", "site_id", ["0011", "0012", "0013", 14.0])
    assert found.values == ["0011", "0012", "0013", "14"]
    assert found.faults == {"leading_zeros": [3]}
