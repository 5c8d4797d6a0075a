"""Units in headers, in unit lines and in cells, and the factor to the unit in which a column is kept."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from functools import cache

from zhenxing import units
from zhenxing.importers.text import fold

_PREFIX = re.compile(r"^(?:计量|金额|面积)?单位[::]?")
_PER_YEAR = re.compile(r"(?:/|每)年$|/a$")
_COUNTS = ("个", "家", "户", "件", "项", "宗", "块", "次", "名", "台", "套")
PERCENT = Fraction(1, 100)


@cache
def _dimensions() -> dict[str, dict[str, Fraction]]:
    """Unit of a schema column -> folded unit spelling -> factor."""
    money = _folded(units.MONEY_TO_WAN)
    area = _folded(units.AREA_TO_MU)
    floor = _folded(units.FLOOR_TO_M2)
    people = dict(units.PEOPLE_TO_ONE)
    shares = {"%": PERCENT, "百分比": PERCENT, "百分点": PERCENT, "0-1": Fraction(1), "小数": Fraction(1)}
    counts = dict.fromkeys(_COUNTS, Fraction(1))
    return {
        "wan": money,
        "wan/year": money,
        "mu": area,
        "m2": floor,
        "wan/mu": _quotient(money, area),
        "wan/m2": _quotient(money, floor),
        "share": shares,
        "years": dict(units.TIME_TO_YEARS),
        "person-months": dict(units.EFFORT_TO_MONTHS),
        "kW": dict(units.POWER_TO_KW),
        "MWh": dict(units.ELECTRICITY_TO_MWH),
        "tce": dict(units.ENERGY_TO_TCE),
        "people": {**people, **counts},
        "firms": counts,
        "items": counts,
    }


def _folded(table: dict[str, Fraction]) -> dict[str, Fraction]:
    return {fold(spelling): factor for spelling, factor in table.items()}


def _quotient(over: dict[str, Fraction], under: dict[str, Fraction]) -> dict[str, Fraction]:
    return {
        f"{top}{sign}{bottom}": one / other
        for top, one in over.items()
        for bottom, other in under.items()
        for sign in ("/", "每")
    }


def plain_unit(text: str) -> str:
    """Return a unit in its compared spelling, without 单位, 人民币, ≥ or a year.

    Examples
    --------
    >>> plain_unit("单位：万元/年")
    '万元'
    """
    unit = _PREFIX.sub("", fold(text)).lstrip("≥≤><约").removeprefix("人民币").replace("人民币", "")
    return _PER_YEAR.sub("", unit).replace("平米", "平方米").replace("㎡", "m2")


@cache
def factor(unit: str, column_unit: str) -> Fraction | None:
    """Return what a number in one unit is multiplied by to stand in a column's unit; ``None`` where they do not fit.

    Parameters
    ----------
    unit : str
        As it stands in a header: ``亿元``, ``㎡``, ``元/㎡``, ``%``.
    column_unit : str
        Unit of the schema: ``wan``, ``mu``, ``m2``, ``wan/mu``, ``share`` …

    Examples
    --------
    >>> factor("亿元", "wan")
    Fraction(10000, 1)
    >>> factor("公顷", "mu")
    Fraction(15, 1)
    >>> factor("元/㎡", "wan/m2")
    Fraction(1, 10000)
    >>> factor("亩", "wan") is None
    True
    """
    known = _dimensions().get(column_unit)
    if known is None:
        return None
    return known.get(plain_unit(unit))


@cache
def _all_units() -> frozenset[str]:
    spellings = {spelling for table in _dimensions().values() for spelling in table}
    return frozenset(spellings | {"米", "m", "公里", "公里/小时", "km/h", "平方公里", "吨", "比值", "ratio"})


def is_unit(text: str) -> bool:
    """Tell whether a text is a unit and nothing else.

    Examples
    --------
    >>> is_unit("万元/亩"), is_unit("盖章")
    (True, False)
    """
    plain = plain_unit(text)
    return plain in _all_units() or fold(text) in _all_units() or text in _schema_labels()


@cache
def _schema_labels() -> frozenset[str]:
    """The unit labels that the project's own templates put in brackets."""
    from zhenxing import schema

    found = set()
    for table in schema.tables().values():
        for column in table.columns.values():
            if column.unit:
                found |= {fold(schema.unit_label(column.unit, "zh")), fold(schema.unit_label(column.unit, "en"))}
    return frozenset(found)


def label_factor(unit: str, column_unit: str) -> Fraction | None:
    """Return the factor of a unit, knowing also the labels of the project's own templates (factor 1).

    Examples
    --------
    >>> label_factor("wan yuan per mu", "wan/mu")
    Fraction(1, 1)
    """
    from zhenxing import schema

    labels = {fold(schema.unit_label(column_unit, language)) for language in ("zh", "en")} if column_unit else set()
    if fold(unit) in labels:
        return Fraction(1)
    return factor(unit, column_unit)


_UNIT_LINE = re.compile(r"单位[::]\s*([^)\]】。;\s]+)")


def units_of_line(text: str) -> tuple[str, ...]:
    """Return the units that a line above a table states: ``单位：万元、亩``.

    Examples
    --------
    >>> units_of_line("（单位：万元、亩）")
    ('万元', '亩')
    >>> units_of_line("填报单位：古镇镇经发局")
    ()
    """
    found: list[str] = []
    for match in _UNIT_LINE.finditer(unicodedata.normalize("NFKC", text).lower()):
        found.extend(part for part in re.split(r"[、,，;/和]|及", match.group(1)) if is_unit(part))
        if is_unit(match.group(1)) and match.group(1) not in found:
            found = [match.group(1)]
    return tuple(found)
