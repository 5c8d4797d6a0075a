"""Dates and years as offices write them: 2020.3, 2020年3月, 20200301, Excel's day numbers."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from zhenxing.importers.cells import BLANK_WORDS, Read, Reading, is_blank, plain, read_each
from zhenxing.importers.text import fold
from zhenxing.schema import Column

_EXCEL_EPOCH = dt.date(1899, 12, 30)
_YEAR = re.compile(r"^(\d{4})(?:年度?)?$")
_DATE_FORMS = (
    re.compile(r"^(\d{4})[.\-/年](\d{1,2})[.\-/月](\d{1,2})日?(?:[t ]?\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?)?$"),
    re.compile(r"^(\d{4})(\d{2})(\d{2})$"),
    re.compile(r"^(\d{4})[.\-/年](\d{1,2})月?(?:份)?$"),
    re.compile(r"^(\d{4})(\d{2})$"),
    re.compile(r"^(\d{4})(?:年度?)?$"),
)
_SERIALS = (20_000.0, 75_000.0)


def read_year(value: object) -> Read:
    """Return the calendar year of a cell: 2026, 2026年, 2026年度 or a date.

    Examples
    --------
    >>> read_year("2026年度")
    (2026.0, '')
    """
    if is_blank(value) or (isinstance(value, str) and fold(value) in BLANK_WORDS):
        return None, ""
    if isinstance(value, dt.date):
        return float(value.year), ""
    text = fold(plain(value))
    match = _YEAR.match(text)
    if match:
        return float(match.group(1)), ""
    iso, fault = _date(value)
    # 2003.5 is May 2003; a day number of Excel is no year
    if isinstance(iso, str) and (not isinstance(value, int | float) or text.startswith(iso[:4])):
        return float(iso[:4]), ""
    return None, fault or "not_a_year"


def read_dates(cells: Iterable[object], column: Column, today: dt.date) -> Reading:
    """Return ISO dates as precise as the cells are; those after ``today`` are noted, deadlines apart.

    Examples
    --------
    >>> from zhenxing import schema
    >>> read_dates(["2020.3", 43891], schema.table("firms").columns["founded"], dt.date(2026, 1, 1)).values
    ['2020-03', '2020-03-01']
    """
    found = read_each(cells, _date)
    if column.name == "deadline":
        return found
    last = today.isoformat()
    late = {value for value in set(found.values) if isinstance(value, str) and value > last[: len(value)]}
    if late:
        found.faults["future_date"] = [row for row, value in enumerate(found.values) if value in late]
    return found


def _date(value: object) -> Read:
    """Return ISO text as precise as the cell is: day, month or year."""
    if is_blank(value):
        return None, ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat(), ""
    if isinstance(value, dt.date):
        return value.isoformat(), ""
    if isinstance(value, float) and not value.is_integer():
        return _decimal_date(value)
    if isinstance(value, int | float) and _SERIALS[0] <= value <= _SERIALS[1]:
        return (_EXCEL_EPOCH + dt.timedelta(days=int(value))).isoformat(), ""
    if isinstance(value, dt.time | dt.timedelta | bool):
        return None, "not_a_date"
    text = unicodedata.normalize("NFKC", plain(value)).strip().lower()
    if fold(text) in BLANK_WORDS:
        return None, ""
    if text.isdigit() and len(text) == 5 and _SERIALS[0] <= int(text) <= _SERIALS[1]:
        return (_EXCEL_EPOCH + dt.timedelta(days=int(text))).isoformat(), ""
    return _written_date(text.rstrip("止前起"))


def _decimal_date(value: float) -> Read:
    """2020.3 typed into Excel is March; 2020.1 may have been 2020.10, so that only the year is certain."""
    if _SERIALS[0] <= value <= _SERIALS[1]:
        return (_EXCEL_EPOCH + dt.timedelta(days=int(value))).isoformat(), ""
    year, digits = f"{value:.4f}".rstrip("0").split(".")
    if not 1900 <= int(year) <= 2100 or len(digits) > 2 or not 1 <= int(digits) <= 12:
        return None, "not_a_date"
    if digits == "1":
        return year, "month_lost"
    return f"{year}-{int(digits):02d}", ""


@lru_cache(maxsize=65_536)
def _written_date(text: str) -> Read:
    for form in _DATE_FORMS:
        match = form.match(text) or form.match(text.replace(" ", ""))
        if match is None:
            continue
        parts = [int(part) for part in match.groups()]
        try:
            day = dt.date(*[*parts, 1, 1][:3])
        except ValueError:
            continue
        if 1800 <= day.year <= 2200:
            return day.isoformat()[: (4, 7, 10)[len(parts) - 1]], ""
    return None, "not_a_date"
