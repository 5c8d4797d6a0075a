"""Cells as files hold them: what is blank, what is text, and how a column of them is read."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

# a sign that means "nothing" in a number column; in a text column words such as 无 are kept, they are an answer
BLANK_SIGNS = frozenset({"", "/", "\\", "-", "--", "—", "——", "–", "―", "／", "。", ".", "*"})
EXCEL_ERRORS = frozenset({"#n/a", "#div/0!", "#ref!", "#value!", "#name?", "#num!", "#null!"})
_WORDS = ("无", "暂无", "没有", "未填", "空", "不详", "未知", "待定", "n/a", "na", "nan", "none", "null")
BLANK_WORDS = BLANK_SIGNS | EXCEL_ERRORS | frozenset(_WORDS)


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


# a value and the code of its fault, empty when there is none
Read = tuple[object, str]


def read_each(cells: Iterable[object], read: Callable[[object], Read]) -> Reading:
    """Read a column cell by cell, each different cell once."""
    found = Reading([])
    seen: dict[tuple[type, object], Read] = {}
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
