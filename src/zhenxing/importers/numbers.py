"""Numbers as offices write them: thousands, full width, 约, units in the cell, percent."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache

from zhenxing.importers.cells import BLANK_WORDS, EXCEL_ERRORS, Reading
from zhenxing.importers.text import fold
from zhenxing.importers.units import factor as unit_factor
from zhenxing.schema import Column

_NUMBER = re.compile(r"^(?P<about>约|近|≈|~|大约)?(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?P<unit>[^\d]*)$")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")


def read_numbers(cells: Iterable[object], column: Column, factor: Fraction) -> Reading:
    """Return numbers in the column's unit; a unit written in a cell counts before the column's.

    Examples
    --------
    >>> from zhenxing import schema
    >>> read_numbers(["1,200", "2公顷", "—"], schema.table("sites").columns["area_mu"], Fraction(1)).values
    [1200.0, 30.0, None]
    """
    found = Reading([])
    inside: dict[str, int] = {}
    about: list[int] = []
    whole = column.type == "integer"
    scale = float(factor) if factor.denominator != 1 else factor.numerator
    for row, cell in enumerate(cells):
        value, unit, rough, fault = _number(cell)
        if fault:
            found.fault(fault, row)
        if rough:
            about.append(row)
        if value is None:
            found.values.append(None)
            continue
        if unit:
            own = unit_factor(unit, column.unit)
            if own is None:
                found.fault("unit_in_cell", row)
                found.values.append(None)
                continue
            inside[unit] = inside.get(unit, 0) + 1
            result = _scaled(value, own)
        else:
            result = value if scale == 1 else _scaled(value, factor)
        if whole and result != int(result):
            found.fault("not_whole", row)
            found.values.append(None)
            continue
        found.values.append(_bounded(found, result, column, row))
    found.remarks += [("cell_unit", {"unit": unit, "count": count}) for unit, count in inside.items()]
    if about:
        found.faults["about"] = about
    return found


def _scaled(value: float, factor: Fraction) -> float:
    # decimal arithmetic to 12 digits: 1.1 亿元 are 11000 万元, not 11000.000000000002, and 27306.67 m2 stay 40.96 mu
    return float(f"{float(Fraction(repr(value)) * factor):.12g}")


def _bounded(found: Reading, value: float, column: Column, row: int) -> float | None:
    if column.minimum is not None and value < column.minimum:
        found.fault("below_minimum", row)
        return None
    if column.maximum is not None and value > column.maximum:
        found.fault("above_maximum", row)
        return None
    return value


def _number(cell: object) -> tuple[float | None, str, bool, str]:
    """Return value, unit written in the cell, whether it is rough, fault."""
    if cell is None:
        return None, "", False, ""
    if isinstance(cell, bool):
        return None, "", False, "not_a_number"
    if isinstance(cell, int | float):
        number = float(cell)
        if math.isnan(number):
            return None, "", False, "nan"
        return (None, "", False, "not_a_number") if math.isinf(number) else (number, "", False, "")
    if not isinstance(cell, str):
        return None, "", False, "date_not_number" if isinstance(cell, dt.date) else "not_a_number"
    return _written_number(cell)


@lru_cache(maxsize=65_536)
def _written_number(cell: str) -> tuple[float | None, str, bool, str]:
    text = fold(cell).replace("−", "-").replace("，", ",")
    if text in BLANK_WORDS:
        return None, "", False, "nan" if text in ("nan", "#n/a") else "error_cell" if text in EXCEL_ERRORS else ""
    text = _THOUSANDS.sub("", text)
    match = _NUMBER.match(text)
    if match is None:
        return None, "", False, "not_a_number"
    unit = match["unit"].strip("()左右")
    return float(match["number"]), unit, bool(match["about"]) or "左右" in match["unit"], ""


def read_shares(cells: Sequence[object], column: Column, factor: Fraction, stated: bool) -> Reading:
    """Read a share column: 35 %, 35 and 0.35 — which of the two bare forms is decided for the column as a whole."""
    found = Reading([])
    bare: dict[int, float] = {}
    for row, cell in enumerate(cells):
        value, unit, _, fault = _number(cell)
        if fault:
            found.fault(fault, row)
        if value is not None and unit in ("%", "％"):
            found.values.append(_bounded(found, float(Fraction(repr(value)) / 100), column, row))
        elif value is not None and unit:
            found.fault("unit_in_cell", row)
            found.values.append(None)
        else:
            found.values.append(value)
            if value is not None:
                bare[row] = value
    scale = factor if stated else _share_scale(bare, found)
    for row, value in bare.items():
        if row not in found.faults.get("mixed_percent", ()):
            found.values[row] = _bounded(found, _scaled(value, scale) if scale != 1 else value, column, row)
        else:
            found.values[row] = None
    return found


# shares slightly above one (a park that releases more than it had) are not percent
_LARGEST_SHARE = 1.5


def _share_scale(bare: dict[int, float], found: Reading) -> Fraction:
    percent = [row for row, value in bare.items() if abs(value) > _LARGEST_SHARE]
    shares = [row for row, value in bare.items() if 0 < abs(value) <= _LARGEST_SHARE and value != 1]
    if not percent:
        return Fraction(1)
    if shares:
        # neither reading fits all: the fewer are listed for a person, all of them when they are as many
        odd = percent if len(percent) < len(shares) else shares if len(shares) < len(percent) else percent + shares
        found.faults["mixed_percent"] = sorted(odd)
        if len(percent) <= len(shares):
            return Fraction(1)
    found.remarks.append(("read_as_percent", {"count": len(bare)}))
    return Fraction(1, 100)
