"""Cells as offices write them, turned into the values of a declared column; every cell that is not plain is named."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from zhenxing.importers.choices import choice_of
from zhenxing.importers.codes import clean_code
from zhenxing.importers.text import clean, fold
from zhenxing.importers.units import factor as unit_factor
from zhenxing.schema import Column

# a sign that means "nothing" in a number column; in a text column words such as 无 are kept, they are an answer
BLANK_SIGNS = frozenset({"", "/", "\\", "-", "--", "—", "——", "–", "―", "／", "。", ".", "*"})
BLANK_WORDS = BLANK_SIGNS | {
    "无",
    "暂无",
    "没有",
    "未填",
    "空",
    "不详",
    "未知",
    "待定",
    "n/a",
    "na",
    "nan",
    "none",
    "null",
}
BLANK_WORDS |= {"#n/a", "#div/0!", "#ref!", "#value!", "#name?", "#num!", "#null!"}
EXCEL_ERRORS = frozenset({"#n/a", "#div/0!", "#ref!", "#value!", "#name?", "#num!", "#null!"})
TRUE = frozenset(
    {"是", "有", "√", "✓", "✔", "■", "☑", "对", "y", "yes", "true", "t", "1", "已", "是的", "属于", "完善"}
)
FALSE = frozenset(
    {"否", "无", "×", "✗", "✘", "x", "□", "☐", "错", "n", "no", "false", "f", "0", "未", "不是", "不属于"}
)
_NUMBER = re.compile(r"^(?P<about>约|近|≈|~|大约)?(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?P<unit>[^\d]*)$")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_SCIENTIFIC = re.compile(r"^\d(?:\.\d+)?e\+?\d{2}$", re.IGNORECASE)
_EXCEL_EPOCH = dt.date(1899, 12, 30)
LIST_SEPARATORS = re.compile(r"[;；、，,|\n]+")


@dataclass
class Reading:
    """One column's values with the faults found: code -> rows, and remarks about the column as a whole."""

    values: list[object]
    faults: dict[str, list[int]] = field(default_factory=dict)
    remarks: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def fault(self, code: str, row: int) -> None:
        """Note a fault of one cell."""
        self.faults.setdefault(code, []).append(row)


def is_blank(value: object) -> bool:
    """Tell whether a cell is empty, also when it holds only a dash, a slash or NaN.

    Examples
    --------
    >>> is_blank("／"), is_blank("—"), is_blank(float("nan")), is_blank("无")
    (True, True, True, False)
    """
    if isinstance(value, str):
        return len(value) <= 4 and value.strip() in BLANK_SIGNS
    return value is None or (isinstance(value, float) and math.isnan(value))


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
        return _shares(cells, column, factor, stated) if column.unit == "share" else _numbers(cells, column, factor)
    if column.type == "year":
        return _each(cells, _year)
    if column.type == "date":
        return _dates(cells, column, today)
    if column.type == "boolean":
        return _each(cells, _boolean)
    if column.type == "list":
        return _each(cells, _list)
    if column.choices:
        return _each(cells, lambda value: _choice(value, column))
    return _codes(cells) if is_identifier(column) else read_texts(cells)


def is_identifier(column: Column) -> bool:
    """Tell whether a text column holds codes or ids, which Excel likes to turn into numbers."""
    return (
        column.key or bool(column.reference) or column.name.endswith(("_id", "_code")) or column.name in ("code", "id")
    )


_Read = tuple[object, str]


def _each(cells: Iterable[object], read: Callable[[object], _Read]) -> Reading:
    found = Reading([])
    seen: dict[tuple[type, object], _Read] = {}
    for row, value in enumerate(cells):
        if value is None:
            found.values.append(None)
            continue
        key = (type(value), value)
        result = seen.get(key)
        if result is None:
            result = seen[key] = read(value)
        found.values.append(result[0])
        if result[1]:
            found.fault(result[1], row)
    return found


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


def _plain_text(value: object) -> _Read:
    if is_blank(value):
        return None, ""
    text = clean(plain(value))
    return (None, "error_cell") if text.lower() in EXCEL_ERRORS else (text, "")


def plain(value: object) -> str:
    """Return a cell as text; whole numbers without ``.0``, dates as ISO.

    Examples
    --------
    >>> plain(11.0), plain(12.5)
    ('11', '12.5')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return str(value)


def _codes(cells: Sequence[object]) -> Reading:
    found = _each(cells, _code)
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


def _code(value: object) -> _Read:
    if is_blank(value):
        return None, ""
    # a double holds 15 decimal digits: a longer code stored as a number has lost its last ones
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= 1e15:
        return None, "broken_code"
    text = value if isinstance(value, str) and len(value) == 18 and value.isalnum() else clean(plain(value)).lstrip("'")
    if _SCIENTIFIC.match(text):
        return None, "broken_code"
    return (None, "error_cell") if text.lower() in EXCEL_ERRORS else (text, "")


def _list(value: object) -> _Read:
    if is_blank(value) or plain(value).strip() in ("无", "暂无"):
        return None, ""
    parts = [part.strip() for part in LIST_SEPARATORS.split(plain(value))]
    return ";".join(part for part in parts if part) or None, ""


def _boolean(value: object) -> _Read:
    if isinstance(value, bool):
        return value, ""
    text = fold(plain(value))
    if text in TRUE:
        return True, ""
    if text in FALSE:
        return False, ""
    return (None, "") if text in BLANK_WORDS else (None, "not_yes_no")


def _choice(value: object, column: Column) -> _Read:
    if is_blank(value):
        return None, ""
    found = choice_of(column, plain(value))
    return (found, "") if found else (None, "not_a_choice")


def _numbers(cells: Iterable[object], column: Column, factor: Fraction) -> Reading:
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


def _shares(cells: Sequence[object], column: Column, factor: Fraction, stated: bool) -> Reading:
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


_YEAR = re.compile(r"^(\d{4})(?:年度?)?$")
_DATE_FORMS = (
    re.compile(r"^(\d{4})[.\-/年](\d{1,2})[.\-/月](\d{1,2})日?(?:[t ]?\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?)?$"),
    re.compile(r"^(\d{4})(\d{2})(\d{2})$"),
    re.compile(r"^(\d{4})[.\-/年](\d{1,2})月?(?:份)?$"),
    re.compile(r"^(\d{4})(\d{2})$"),
    re.compile(r"^(\d{4})(?:年度?)?$"),
)
_SERIALS = (20_000.0, 75_000.0)


def _year(value: object) -> _Read:
    if is_blank(value) or (isinstance(value, str) and fold(value) in BLANK_WORDS):
        return None, ""
    if isinstance(value, dt.date):
        return float(value.year), ""
    text = fold(plain(value))
    match = _YEAR.match(text)
    if match:
        return float(match.group(1)), ""
    iso, fault = _date(value)
    if isinstance(iso, str) and not isinstance(value, int | float):
        return float(iso[:4]), ""
    return None, fault or "not_a_year"


def _dates(cells: Iterable[object], column: Column, today: dt.date) -> Reading:
    found = _each(cells, _date)
    if column.name == "deadline":
        return found
    last = today.isoformat()
    late = {value for value in set(found.values) if isinstance(value, str) and value > last[: len(value)]}
    if late:
        found.faults["future_date"] = [row for row, value in enumerate(found.values) if value in late]
    return found


def _date(value: object) -> _Read:
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


def _decimal_date(value: float) -> _Read:
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
def _written_date(text: str) -> _Read:
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


def plain_id(value: str) -> str:
    """Return an id as it is compared: half-width, no blanks, capitals.

    Examples
    --------
    >>> plain_id(" ｇ-31 ")
    'G31'
    """
    return clean_code(value)
