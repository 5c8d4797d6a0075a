"""Cells as offices write them, turned into the values of a declared column; every cell that is not plain is named."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from fractions import Fraction

from zhenxing.importers.cells import BLANK_WORDS, EXCEL_ERRORS, Read, Reading, is_blank, plain, read_each
from zhenxing.importers.choices import choice_of
from zhenxing.importers.codes import clean_code
from zhenxing.importers.dates import read_dates, read_year
from zhenxing.importers.numbers import read_numbers, read_shares
from zhenxing.importers.text import clean, fold
from zhenxing.schema import Column

TRUE = frozenset(
    {"是", "有", "√", "✓", "✔", "■", "☑", "对", "y", "yes", "true", "t", "1", "已", "是的", "属于", "完善"}
)
FALSE = frozenset(
    {"否", "无", "×", "✗", "✘", "x", "□", "☐", "错", "n", "no", "false", "f", "0", "未", "不是", "不属于"}
)
_SCIENTIFIC = re.compile(r"^\d(?:\.\d+)?e\+?\d{2}$", re.IGNORECASE)
LIST_SEPARATORS = re.compile(r"[;；、，,|\n]+")


def read_cells(
    cells: Sequence[object], column: Column, *, factor: Fraction = Fraction(1), stated: bool = False, today: dt.date
) -> Reading:
    """Read the cells of one column.

    Parameters
    ----------
    cells : sequence
        Cells as the file holds them.
    column : Column
        The declared column.
    factor : Fraction
        From the sheet's unit to the column's unit.
    stated : bool
        Whether the sheet states the unit (then a share column knows whether it holds percent).
    today : date
        Dates after it are noted as ``future``.

    Examples
    --------
    >>> import datetime
    >>> from zhenxing import schema
    >>> area = schema.table("sites").columns["area_mu"]
    >>> read_cells(["１２.５", "1,200", "—", "约30亩", "abc"], area, today=datetime.date(2026, 1, 1)).values
    [12.5, 1200.0, None, 30.0, None]
    """
    if column.type in ("number", "integer"):
        if column.unit == "share":
            return read_shares(cells, column, factor, stated)
        return read_numbers(cells, column, factor)
    if column.type == "year":
        return read_each(cells, read_year)
    if column.type == "date":
        return read_dates(cells, column, today)
    if column.type == "boolean":
        return read_each(cells, _boolean)
    if column.type == "list":
        return read_each(cells, _list)
    if column.choices:
        return read_each(cells, lambda value: _choice(value, column))
    return _codes(cells) if is_identifier(column) else read_texts(cells)


def is_identifier(column: Column) -> bool:
    """Tell whether a text column holds codes or ids, which Excel likes to turn into numbers."""
    return (
        column.key or bool(column.reference) or column.name.endswith(("_id", "_code")) or column.name in ("code", "id")
    )


def read_texts(cells: Iterable[object]) -> Reading:
    """Read cells as text, whatever they hold; Excel's error values are faults."""
    found = Reading([])
    values = found.values
    for row, value in enumerate(cells):
        if isinstance(value, str) and len(value) > 8:
            values.append(clean(value))
            continue
        text, fault = _plain_text(value)
        values.append(text)
        if fault:
            found.fault(fault, row)
    return found


def _plain_text(value: object) -> Read:
    if is_blank(value):
        return None, ""
    text = clean(plain(value))
    return (None, "error_cell") if text.lower() in EXCEL_ERRORS else (text, "")


def _codes(cells: Sequence[object]) -> Reading:
    found = read_each(cells, _code)
    _note_lost_zeros(cells, found)
    return found


def _note_lost_zeros(cells: Sequence[object], found: Reading) -> None:
    """Ids of digits, some stored as numbers and one digit shorter than the rest, have lost their leading zeros."""
    texts = [value for value in found.values if isinstance(value, str)]
    if not texts or not all(text.isdigit() for text in texts):
        return
    longest = max(map(len, texts))
    common = sum(len(text) == longest for text in texts)
    if longest < 4 or common * 2 < len(texts):
        return
    short = [
        row
        for row, (cell, value) in enumerate(zip(cells, found.values, strict=True))
        if isinstance(cell, int | float) and isinstance(value, str) and len(value) < longest
    ]
    if short:
        found.faults["leading_zeros"] = short


def _code(value: object) -> Read:
    if is_blank(value):
        return None, ""
    # a double holds 15 decimal digits: a longer code stored as a number has lost its last ones
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= 1e15:
        return None, "broken_code"
    text = value if isinstance(value, str) and len(value) == 18 and value.isalnum() else clean(plain(value)).lstrip("'")
    if _SCIENTIFIC.match(text):
        return None, "broken_code"
    return (None, "error_cell") if text.lower() in EXCEL_ERRORS else (text, "")


def _list(value: object) -> Read:
    if is_blank(value) or plain(value).strip() in ("无", "暂无"):
        return None, ""
    parts = [part.strip() for part in LIST_SEPARATORS.split(plain(value))]
    return ";".join(part for part in parts if part) or None, ""


def _boolean(value: object) -> Read:
    if isinstance(value, bool):
        return value, ""
    text = fold(plain(value))
    if text in TRUE:
        return True, ""
    if text in FALSE:
        return False, ""
    return (None, "") if text in BLANK_WORDS else (None, "not_yes_no")


def _choice(value: object, column: Column) -> Read:
    if is_blank(value):
        return None, ""
    found = choice_of(column, plain(value))
    return (found, "") if found else (None, "not_a_choice")


def plain_id(value: str) -> str:
    """Return an id as it is compared: half-width, no blanks, capitals.

    Examples
    --------
    >>> plain_id(" ｇ-31 ")
    'G31'
    """
    return clean_code(value)
