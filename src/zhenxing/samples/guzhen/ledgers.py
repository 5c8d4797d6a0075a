"""Ledgers as departments keep them: titles, unit lines, merged cells, totals, blanks written as a slash or a dash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pandas as pd
import xlsxwriter

from zhenxing import schema
from zhenxing.i18n import say

# A workbook states when it was made; a fixed moment keeps the bytes the same from run to run.
MADE: Final = datetime(2026, 11, 2, 9, 0, 0)
FULL_WIDTH: Final = str.maketrans("0123456789.", "０１２３４５６７８９．")
SYNTHETIC: Final = "（合成示例数据）"


@dataclass(frozen=True)
class Ledger:
    """One sheet of a department's workbook.

    Parameters
    ----------
    sheet, table : str
        Name of the sheet, and the table whose rows it holds.
    title : str
        Text of the merged first row; empty for a sheet that starts with its header.
    unit_line : str
        Line under the title, for example ``单位：亩、万元``.
    headers : mapping of str to str
        Headers that differ from the label of the schema, by column.
    divisors : mapping of str to Fraction
        What a column is divided by to stand in the sheet's unit (亿元: 10000).
    groups : sequence of (str, sequence of str)
        Upper header row: text and the columns under it; empty for a header of one row.
    merged : str
        Column whose equal neighbours are merged into one tall cell.
    totals : sequence of str
        Columns added up in a last row 合计.
    words : mapping of str to mapping
        Everyday words for the codes of a column.
    blank : str
        What an empty cell holds.
    full_width : sequence of str
        Columns of which every seventh row is typed in full-width digits.
    numbered : bool
        Whether the sheet starts with a column 序号.
    """

    sheet: str
    table: str
    title: str = ""
    unit_line: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    divisors: Mapping[str, Fraction] = field(default_factory=dict)
    groups: Sequence[tuple[str, Sequence[str]]] = ()
    merged: str = ""
    totals: Sequence[str] = ()
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    blank: str = ""
    full_width: Sequence[str] = ()
    numbered: bool = False


def write_workbook(path: Path, ledgers: Sequence[tuple[Ledger, pd.DataFrame]]) -> None:
    """Write ledgers as the sheets of one workbook, the same bytes every time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": MADE, "title": path.stem, "comments": str(say("samples.label"))})
        looks = {
            "title": book.add_format({"bold": True, "align": "center", "font_size": 16}),
            "head": book.add_format(
                {"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1}
            ),
            "tall": book.add_format({"align": "center", "valign": "vcenter"}),
        }
        for ledger, frame in ledgers:
            _write_sheet(book.add_worksheet(ledger.sheet), looks, ledger, frame)


def _write_sheet(sheet: Any, looks: Mapping[str, Any], ledger: Ledger, frame: pd.DataFrame) -> None:
    columns = [str(name) for name in frame.columns if name != "geometry"]
    offset = 1 if ledger.numbered else 0
    width = len(columns) + offset
    row = 0
    if ledger.title:
        sheet.merge_range(0, 0, 0, width - 1, ledger.title + SYNTHETIC, looks["title"])
        row = 1
    if ledger.unit_line:
        sheet.write_string(row, 0, ledger.unit_line)
        row += 1
    row = _write_header(sheet, looks["head"], ledger, columns, row)
    first = row
    for number, record in enumerate(frame[columns].to_dict("records")):
        if ledger.numbered:
            sheet.write_number(row, 0, number + 1)
        for place, name in enumerate(columns, start=offset):
            _write_cell(sheet, row, place, cell(ledger, name, record[name], number))
        row += 1
    if ledger.merged:
        _merge_equal(sheet, looks["tall"], ledger, frame, first, columns.index(ledger.merged) + offset)
    if ledger.totals:
        sheet.write_string(row, 0, "合计")
        for name in ledger.totals:
            total = float(frame[name].sum()) / float(ledger.divisors.get(name, Fraction(1)))
            sheet.write_number(row, columns.index(name) + offset, round(total, 2))
    sheet.set_column(0, width - 1, 14)


def _write_header(sheet: Any, look: Any, ledger: Ledger, columns: Sequence[str], row: int) -> int:
    offset = 1 if ledger.numbered else 0
    texts = [ledger.headers.get(name, schema.header(ledger.table, name, "zh")) for name in columns]
    deep = 2 if ledger.groups else 1
    grouped = {name for _, names in ledger.groups for name in names}
    if ledger.numbered:
        _head(sheet, look, row, row + deep - 1, 0, 0, "序号")
    for upper, names in ledger.groups:
        places = [columns.index(name) + offset for name in names]
        _head(sheet, look, row, row, min(places), max(places), upper)
    for place, (name, text) in enumerate(zip(columns, texts, strict=True), start=offset):
        top = row + deep - 1 if name in grouped else row
        _head(sheet, look, top, row + deep - 1, place, place, text)
    return row + deep


def _head(sheet: Any, look: Any, top: int, bottom: int, left: int, right: int, text: str) -> None:
    if (top, left) == (bottom, right):
        sheet.write_string(top, left, text, look)
    else:
        sheet.merge_range(top, left, bottom, right, text, look)


def cell(ledger: Ledger, column: str, value: Any, number: int) -> Any:
    """Return a value as the ledger writes it: in its unit, in everyday words, blank where nothing is known.

    Examples
    --------
    >>> ledger = Ledger("项目库", "candidates", divisors={"investment_wan": Fraction(10000)})
    >>> cell(ledger, "investment_wan", 39650.0, 0), cell(ledger, "is_leader", True, 0)
    (3.965, '是')
    """
    declared = schema.table(ledger.table).columns[column]
    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)) or value == "":
        return ledger.blank
    if declared.type == "boolean":
        return "是" if value else "否"
    if column in ledger.words:
        return ledger.words[column].get(str(value), str(value))
    if declared.choices:
        return dict(zip(declared.choices, declared.choices_zh, strict=True))[str(value)]
    if declared.type in ("integer", "year"):
        return int(value)
    if declared.type == "number":
        amount = float(Fraction(repr(float(value))) / ledger.divisors.get(column, Fraction(1)))
        if column in ledger.full_width and number % 7 == 3:
            return f"{amount:g}".translate(FULL_WIDTH) if float(f"{amount:g}") == amount else amount
        return amount
    return str(value)


def _write_cell(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, str):
        if value:
            sheet.write_string(row, column, value)
    else:
        sheet.write_number(row, column, value)


def _merge_equal(sheet: Any, look: Any, ledger: Ledger, frame: pd.DataFrame, first: int, place: int) -> None:
    values = [cell(ledger, ledger.merged, value, 0) for value in frame[ledger.merged]]
    start = 0
    for n in range(1, len(values) + 1):
        if n == len(values) or values[n] != values[start]:
            if n - start > 1:
                sheet.merge_range(first + start, place, first + n - 1, place, values[start], look)
            start = n
