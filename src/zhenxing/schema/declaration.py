"""Read the declarations of tables and columns from their data files."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from zhenxing.i18n import Language

ColumnType = Literal["text", "integer", "number", "boolean", "date", "list", "year"]

# Defaults that no constant can say: they follow the horizon, another table, or mean "no limit".
RELATIVE_DEFAULTS = ("first_plan_year", "last_plan_year", "unlimited")


@dataclass(frozen=True)
class Column:
    """One declared column: type, unit, bounds and what people call it.

    ``default`` is the text of plan_model's bracket: a constant, ``first_plan_year``, ``last_plan_year``, ``unlimited``,
    ``of:table.column`` or empty for none. ``choices_zh`` stands beside ``choices``, item by item.
    """

    name: str
    type: ColumnType
    unit: str
    required: bool
    default: str
    key: bool
    choices: tuple[str, ...]
    choices_zh: tuple[str, ...]
    reference: str
    minimum: float | None
    maximum: float | None
    zh: str
    en: str
    meaning_zh: str
    meaning_en: str


@dataclass(frozen=True)
class TableSchema:
    """One declared table with its columns in their order."""

    name: str
    group: str
    geometry: str
    zh: str
    en: str
    meaning_zh: str
    meaning_en: str
    columns: dict[str, Column] = field(repr=False)

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the key columns; empty when rows have no key."""
        return tuple(column.name for column in self.columns.values() if column.key)


def _records(*path: str) -> list[dict[str, str]]:
    source = files("zhenxing.schema").joinpath(*path)
    return list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))


def _column(record: dict[str, str]) -> Column:
    def several(name: str) -> tuple[str, ...]:
        return tuple(record[name].split(";")) if record[name] else ()

    def bound(name: str) -> float | None:
        return float(record[name]) if record[name] else None

    return Column(
        name=record["name"],
        type=cast(ColumnType, record["type"]),
        unit=record["unit"],
        required=record["required"] == "1",
        default=record["default"],
        key=record["key"] == "1",
        choices=several("choices"),
        choices_zh=several("choices_zh"),
        reference=record["reference"],
        minimum=bound("minimum"),
        maximum=bound("maximum"),
        zh=record["zh"],
        en=record["en"],
        meaning_zh=record["meaning_zh"],
        meaning_en=record["meaning_en"],
    )


@cache
def tables() -> dict[str, TableSchema]:
    """Return every declared table by name, plan tables first.

    Examples
    --------
    >>> next(iter(tables()))
    'parks'
    """
    heads = _records("tables.csv")
    columns: dict[str, dict[str, Column]] = {head["table"]: {} for head in heads}
    for group in dict.fromkeys(head["group"] for head in heads):
        for record in _records("columns", f"{group}.csv"):
            columns[record["table"]][record["name"]] = _column(record)
    return {
        head["table"]: TableSchema(
            head["table"],
            head["group"],
            head["geometry"],
            head["zh"],
            head["en"],
            head["meaning_zh"],
            head["meaning_en"],
            columns[head["table"]],
        )
        for head in heads
    }


def table(name: str) -> TableSchema:
    """Return the declaration of one table.

    Raises
    ------
    KeyError
        When no table of that name is declared.

    Examples
    --------
    >>> table("budget").columns["title_capacity_mu"].default
    'unlimited'
    """
    return tables()[name]


@cache
def _units() -> dict[str, tuple[str, str]]:
    return {record["unit"]: (record["zh"], record["en"]) for record in _records("units.csv")}


def unit_label(unit: str, language: Language = "zh") -> str:
    """Return a unit as people write it; empty for a column without one.

    Examples
    --------
    >>> unit_label("mu", "zh")
    '亩'
    """
    return _units()[unit][language == "en"] if unit else ""


def label(name: str, column: str, language: Language = "zh") -> str:
    """Return what people call a column; a column that is not declared is called by its name.

    Examples
    --------
    >>> label("sites", "area_mu", "zh")
    '用地面积'
    """
    declared = table(name).columns.get(column) if name in tables() else None
    if declared is None:
        return column
    return declared.en if language == "en" else declared.zh


def header(name: str, column: str, language: Language = "zh") -> str:
    """Return a column's label with its unit in brackets, as it heads a sheet.

    Examples
    --------
    >>> header("sites", "area_mu", "zh")
    '用地面积（亩）'
    """
    text = label(name, column, language)
    declared = table(name).columns.get(column) if name in tables() else None
    if declared is None or not declared.unit:
        return text
    unit = unit_label(declared.unit, language)
    return f"{text} ({unit})" if language == "en" else f"{text}（{unit}）"


PLAN_INPUT_TABLES = tuple(name for name, declared in tables().items() if declared.group == "plan_inputs")
PLAN_RESULT_TABLES = tuple(name for name, declared in tables().items() if declared.group == "plan_results")
