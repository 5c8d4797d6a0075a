"""Words that offices use for the choices of a column."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from zhenxing.importers.text import fold
from zhenxing.schema import Column


@cache
def _aliases() -> dict[str, dict[str, str]]:
    source = files("zhenxing.importers") / "choices.csv"
    found: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(source.read_text(encoding="utf-8").splitlines()):
        found.setdefault(row["column"], {})[fold(row["alias"])] = row["choice"]
    return found


@cache
def _known(column: Column) -> dict[str, str]:
    aliases = {alias: choice for alias, choice in _aliases().get(column.name, {}).items() if choice in column.choices}
    labels = {fold(label): choice for choice, label in zip(column.choices, column.choices_zh, strict=False)}
    return aliases | labels | {fold(choice): choice for choice in column.choices}


def choice_of(column: Column, text: str) -> str:
    """Return the choice that a word stands for, or ``""``.

    Examples
    --------
    >>> from zhenxing import schema
    >>> choice_of(schema.table("locks").columns["rule"], "不早于")
    'not_before'
    """
    known = _known(column)
    folded = fold(text)
    return known.get(folded) or known.get(folded.split("(")[0], "")


def everyday_code(column_name: str, text: str) -> str:
    """Return the code of an everyday word in a column without declared choices, or the text itself.

    Examples
    --------
    >>> everyday_code("mode", "政府收储")
    'gov_reserve'
    >>> everyday_code("mode", "某某模式")
    '某某模式'
    """
    return _aliases().get(column_name, {}).get(fold(text), text)
