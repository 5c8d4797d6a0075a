"""Sheets of the workbook: a table each, with title, origin, frozen header, filter, formats, totals and print setup."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from zhenxing.report.facts import Facts
from zhenxing.report.voice import as_float

FORMATS = {"text": "@", "whole": "#,##0", "one": "#,##0.0", "two": "#,##0.00", "year": "0", "share": "0.0%"}
HEADER_ROW = 3
A3 = 8


@dataclass(frozen=True)
class SheetColumn:
    """One column of a sheet.

    Parameters
    ----------
    label : str
        Header.
    values : sequence
        Cells.
    kind : {"text", "whole", "one", "two", "year", "share"}
        Number format.
    total : bool
        Whether a total formula stands under the column.
    """

    label: str
    values: Sequence[object]
    kind: str = "text"
    total: bool = False


@dataclass
class Book:
    """An open workbook with its formats and the facts it shows."""

    file: Any
    facts: Facts
    _formats: dict[tuple[tuple[str, object], ...], Any] = field(default_factory=dict)

    def style(self, **properties: object) -> Any:
        """Return the format with these properties, made once."""
        base: dict[str, object] = {"font_size": 10, "valign": "vcenter", **properties}
        key = tuple(sorted(base.items()))
        if key not in self._formats:
            self._formats[key] = self.file.add_format(base)
        return self._formats[key]

    def cell(self, kind: str, **properties: object) -> Any:
        """Return the format of a table cell; negative numbers are red where money or land is shown."""
        number = FORMATS[kind]
        shown = f"{number};[Red]-{number}" if kind in ("whole", "one", "two") else number
        align = "left" if kind == "text" else "center" if kind == "year" else "right"
        return self.style(num_format=shown, border=1, border_color="#BFBFBF", align=align, **properties)

    def header(self) -> Any:
        """Return the format of header cells."""
        return self.style(
            bold=True, bg_color="#DCE6F1", border=1, border_color="#BFBFBF", text_wrap=True, align="center"
        )

    def text(self, value: object) -> str:
        """Return a cell's text as the edition may show it."""
        return (
            ""
            if value is None or (isinstance(value, float) and math.isnan(value))
            else self.facts.names.hide(str(value))
        )

    def sheet(self, key: str, title: str, source: str = "") -> Any:
        """Return a new sheet with its first rows (title, note about the data, origin) and its print setup."""
        facts = self.facts
        sheet = self.file.add_worksheet(facts.voice(f"sheet_{key}"))
        sheet.write_string(0, 0, self.text(title), self.style(bold=True, font_size=14))
        note = " · ".join(part for part in (facts.voice(f"edition_{facts.options.edition}"), facts.note) if part)
        sheet.write_string(1, 0, self.text(note), self.style(font_color="#B45F06"))
        sheet.write_string(2, 0, self.text(source), self.style(font_color="#595959", font_size=9))
        sheet.set_landscape()
        sheet.set_paper(A3)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        # '&' starts a code in footers; Excel takes at most 255 characters
        foot = self.text(note).replace("&", "&&")[:180]
        sheet.set_footer(f"&L&8{foot}&R&8&P / &N")
        return sheet


def write_table(
    book: Book, sheet: Any, columns: Sequence[SheetColumn], row: int = HEADER_ROW, *, is_main: bool = True
) -> int:
    """Write a table and return the row below it; the main table of a sheet gets the frozen header and the filter."""
    count = max((len(column.values) for column in columns), default=0)
    for place, column in enumerate(columns):
        sheet.write_string(row, place, book.text(column.label), book.header())
        style = book.cell(column.kind)
        for number, value in enumerate(column.values, start=row + 1):
            _write_cell(book, sheet, number, place, value, column.kind, style)
        if is_main:
            sheet.set_column(place, place, _width(book, column))
    end = row + count
    if is_main:
        sheet.freeze_panes(row + 1, 1 if len(columns) < 4 else 2)
        sheet.repeat_rows(row)
        sheet.set_row(row, 30)
        if count:
            sheet.autofilter(row, 0, end, len(columns) - 1)
    if count and any(column.total for column in columns):
        end += 1
        _write_totals(book, sheet, columns, row + 1, end)
    return end + 1


def _write_cell(book: Book, sheet: Any, row: int, column: int, value: object, kind: str, style: Any) -> None:
    if kind == "text":
        sheet.write_string(row, column, book.text(value if value is not pd.NA else ""), style)
        return
    number = as_float(value)
    if math.isnan(number):
        sheet.write_blank(row, column, None, style)
    elif math.isinf(number):
        sheet.write_string(row, column, book.facts.voice("unlimited"), style)
    else:
        # solvers leave residues such as -1e-9, which would print as a red -0.0
        sheet.write_number(row, column, round(number, 6) + 0.0, style)


def _write_totals(book: Book, sheet: Any, columns: Sequence[SheetColumn], first: int, row: int) -> None:
    for place, column in enumerate(columns):
        style = book.cell(column.kind, bold=True, top=2)
        if column.total:
            letter = xl_col_to_name(place)
            total = math.fsum(number for number in map(as_float, column.values) if math.isfinite(number))
            # SUBTOTAL counts only the rows that a filter leaves
            sheet.write_formula(row, place, f"=SUBTOTAL(109,{letter}{first + 1}:{letter}{row})", style, total)
        elif place == 0:
            sheet.write_string(row, place, book.facts.voice("total"), style)
        else:
            sheet.write_blank(row, place, None, style)


def _width(book: Book, column: SheetColumn) -> float:
    """Column width in characters; a Chinese character takes two."""
    if column.kind == "text":
        longest = max((_length(book.text(value)) for value in column.values), default=0)
    else:
        longest = max(
            (len(f"{as_float(value):,.1f}") for value in column.values if math.isfinite(as_float(value))), default=0
        )
        longest = max(longest, 11 if column.total else 0)
    return float(min(60, max(longest, min(_length(column.label), 14)) + 3))


def _length(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def wrap_columns(book: Book, sheet: Any, frame: pd.DataFrame, widths: Mapping[str, int]) -> None:
    """Let the cells of some columns of a written table break lines, with rows high enough for them.

    Row heights are set because viewers do not all fit them to wrapped text on their own.
    """
    style = book.style(num_format="@", border=1, border_color="#BFBFBF", align="left", text_wrap=True)
    lines = [1] * len(frame)
    for column, name in enumerate(frame.columns):
        if name not in widths:
            continue
        sheet.set_column(column, column, widths[name])
        for number, value in enumerate(frame[name]):
            text = book.text(value)
            lines[number] = max(lines[number], math.ceil(1.08 * _length(text) / widths[name]))
            sheet.write_string(HEADER_ROW + 1 + number, column, text, style)
    for number, count in enumerate(lines):
        sheet.set_row(HEADER_ROW + 1 + number, 14.0 * count + 1)


def formula(sheet: Any, row: int, column: int, text: str, value: float, style: Any) -> None:
    """Write a formula with its value, so that viewers that do not calculate show the number."""
    sheet.write_formula(row, column, text, style, value)


def place(row: int, column: int) -> str:
    """Return a cell's name, such as B3.

    Examples
    --------
    >>> place(2, 1)
    'B3'
    """
    return str(xl_rowcol_to_cell(row, column))
