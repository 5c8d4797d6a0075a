"""A sheet of parameters (参数 / 数值) as the settings of a town."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from zhenxing.importers.cells import is_blank, plain
from zhenxing.importers.findings import Finding, row_finding, sheet_finding
from zhenxing.importers.headers import compared, read_header
from zhenxing.importers.sheets import Sheet
from zhenxing.importers.text import fold
from zhenxing.importers.units import label_factor

_NAME_HEADERS = frozenset(
    map(fold, ("参数", "参数名称", "参数名", "项目", "设置", "设置项", "parameter", "setting", "key"))
)
_VALUE_HEADERS = frozenset(map(fold, ("数值", "取值", "值", "参数值", "内容", "value")))
_UNIT_HEADERS = frozenset(map(fold, ("单位", "unit")))
_CONTIGUITY = {
    "是": "growth",
    "连片": "growth",
    "连片推进": "growth",
    "growth": "growth",
    "否": "none",
    "无": "none",
    "none": "none",
}
_SEARCHED = 12

Parameters = dict[str, dict[str, object]]


@cache
def _known() -> dict[str, dict[str, str]]:
    source = files("zhenxing.schema") / "parameters.csv"
    found: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(source.read_text(encoding="utf-8").splitlines()):
        for name in (row["key"], row["zh"], *row["alias"].split(";")):
            if name:
                found.setdefault(compared(name), row)
    return found


def parameter_label(key: str) -> str:
    """Return the Chinese label of a setting.

    Examples
    --------
    >>> parameter_label("base_year")
    '基准年'
    """
    return next(row["zh"] for row in _known().values() if row["key"] == key)


def read_parameters(sheet: Sheet) -> tuple[Parameters, list[Finding], int] | None:
    """Read a sheet of parameters; ``None`` when the sheet is something else.

    Returns
    -------
    tuple
        Section -> key -> value, the findings, the number of parameters read.
    """
    place = _header(sheet)
    if place is None:
        return None
    first, name_at, value_at, unit_at = place
    settings: Parameters = {}
    unknown: list[int] = []
    bad: list[int] = []
    for row in range(first, len(sheet.cells)):
        name, value = sheet.cells.iat[row, name_at], sheet.cells.iat[row, value_at]
        if is_blank(name):
            continue
        header = read_header(plain(name))
        known = _known().get(header.base) or _own_key(plain(name))
        if known is None:
            unknown.append(row)
            continue
        if is_blank(value):
            continue
        unit = header.unit or (
            plain(sheet.cells.iat[row, unit_at])
            if unit_at is not None and not is_blank(sheet.cells.iat[row, unit_at])
            else ""
        )
        read = _value(value, known["type"], unit)
        if read is None:
            bad.append(row)
        else:
            settings.setdefault(known["section"], {})[known["key"]] = read
    findings = [sheet_finding("info", "parameters_read", sheet, count=sum(map(len, settings.values())))]
    if unknown:
        shown = "、".join(plain(sheet.cells.iat[row, name_at]) for row in unknown[:5])
        findings.append(row_finding("parameter_unknown", sheet, "", unknown, names=shown))
    if bad:
        shown = "、".join(plain(sheet.cells.iat[row, name_at]) for row in bad[:5])
        findings.append(row_finding("parameter_unreadable", sheet, "", bad, names=shown))
    return settings, findings, sum(map(len, settings.values()))


def _own_key(name: str) -> dict[str, str] | None:
    """A key of the office's own, written as town.toml writes keys, is kept in section ``[town]``."""
    key = name.strip()
    if "_" in key and key.isascii() and key.isidentifier() and key.islower():
        return {"section": "town", "key": key, "type": "own"}
    return None


def _header(sheet: Sheet) -> tuple[int, int, int, int | None] | None:
    for row in range(min(_SEARCHED, len(sheet.cells))):
        texts = [fold(value) if isinstance(value, str) else "" for value in sheet.cells.iloc[row]]
        name = _first(texts, _NAME_HEADERS)
        value = _first(texts, _VALUE_HEADERS)
        if name is not None and value is not None and sum(map(bool, texts)) <= 5:
            return row + 1, name, value, _first(texts, _UNIT_HEADERS)
    return None


def _first(texts: Sequence[str], known: frozenset[str]) -> int | None:
    return next((place for place, text in enumerate(texts) if text in known), None)


def _value(value: object, kind: str, unit: str) -> object | None:
    text = plain(value).strip()
    if kind == "text":
        return text
    if kind == "own":
        whole = isinstance(value, float) and value.is_integer()
        return int(value) if whole and isinstance(value, float) else value if isinstance(value, int | float) else text
    if kind == "choice":
        return _CONTIGUITY.get(fold(text))
    percent = fold(text).endswith("%")
    try:
        number = float(fold(text).rstrip("%年").replace(",", ""))
    except ValueError:
        return None
    if kind == "integer":
        return int(number) if number.is_integer() else None
    if kind == "share":
        # a rate above one in a parameter sheet is written in percent: 6 is 6 %
        return round(number / 100, 12) if percent or unit == "%" or number > 1 else number
    factor = label_factor(unit, kind) if unit else None
    return float(number * factor) if factor is not None else number
