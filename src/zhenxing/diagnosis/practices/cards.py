"""Practice cards: what a neighbour does, since when and by which source, as edits of the plan's input."""

from __future__ import annotations

import calendar
import datetime as dt
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

from zhenxing.errors import InputError, Text
from zhenxing.i18n import say

Level = Literal["low", "base", "high"]
# how many parameters each operation takes, named in the order in which it takes them
OPERATIONS: Final = {
    "set": 1,
    "add": 1,
    "multiply": 1,
    "at_least": 1,
    "at_most": 1,
    "share_kept": 2,
    "without_part": 2,
}
# tags of numbers that nobody published: assumed (M), not found (X)
ASSUMED: Final = frozenset({"M", "X"})
CARD_KEYS: Final = (
    "id", "name_zh", "name_en", "where_zh", "where_en", "jurisdiction", "valid_from", "valid_to", "provenance",
    "source", "note_zh",
    "note_en",
)  # fmt: skip


@dataclass(frozen=True)
class Parameter:
    """One number of a practice with its range, unit, source and tag.

    Tags: A official, B secondary, D derived, M assumed, X not found.

    ``lookup`` names the cell of the town's own tables that holds the number, where there is one; it goes before the
    card's.
    """

    name: str
    text: Text
    unit: str
    provenance: str
    source: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    lookup: Mapping[str, Any] | None = None

    def at(self, level: Level) -> float | None:
        """Return the low, base or high value; the base value where the card gives no range."""
        chosen = {"low": self.low, "base": self.value, "high": self.high}[level]
        return self.value if chosen is None else chosen


@dataclass(frozen=True)
class Change:
    """One edit: a column of an input table (or ``settings``), which rows, the operation and the parameters it takes."""

    table: str
    column: str
    operation: str
    uses: tuple[str, ...]
    where: Mapping[str, tuple[str, ...]]
    text: Text


@dataclass(frozen=True)
class Practice:
    """A neighbour's practice: its facts, its numbers and what it changes in the plan's input.

    Parameters
    ----------
    id, jurisdiction : str
        Stable name; division code of where it holds.
    name, where, note : Text
        What it is called, where it was seen, what it says and what is assumed.
    valid_from, valid_to : str
        ISO day, month or year; empty is unknown or open.
    provenance, source : str
        Tag and place of the facts.
    parameters : mapping of str to Parameter
    changes : tuple of Change
    """

    id: str
    name: Text
    where: Text
    note: Text
    jurisdiction: str
    valid_from: str
    valid_to: str
    provenance: str
    source: str
    parameters: Mapping[str, Parameter]
    changes: tuple[Change, ...]

    def in_force(self, on: dt.date) -> bool:
        """Return whether the practice holds on a day; one dated by the year holds from its first to its last day.

        Examples
        --------
        >>> card = practice("guangzhou-2009-village-share")
        >>> card.in_force(dt.date(2014, 12, 31)), card.in_force(dt.date(2015, 1, 1))
        (True, False)
        """
        begun = not self.valid_from or first_day(self.valid_from) <= on
        return begun and (not self.valid_to or on <= last_day(self.valid_to))


def first_day(text: str) -> dt.date:
    """Return the first day of an ISO day, month or year.

    Examples
    --------
    >>> first_day("2021-04")
    datetime.date(2021, 4, 1)
    """
    parts = [int(part) for part in text.split("-")]
    year, month, day = [*parts, 1, 1][:3]
    return dt.date(year, month, day)


def last_day(text: str) -> dt.date:
    """Return the last day of an ISO day, month or year.

    Examples
    --------
    >>> last_day("2024-02")
    datetime.date(2024, 2, 29)
    """
    parts = [int(part) for part in text.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    return dt.date(year, month, parts[2] if len(parts) > 2 else calendar.monthrange(year, month)[1])


@cache
def practices() -> dict[str, Practice]:
    """Return the practice cards that ship with the package, by id.

    Examples
    --------
    >>> practices()["huangpu-2023-pace"].parameters["cleared_mu"].value
    1200.0
    """
    folder = files("zhenxing.rules") / "data" / "practices"
    found = [
        parse_practice(tomllib.loads(file.read_text(encoding="utf-8")), file.name)
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    ]
    return {card.id: card for card in sorted(found, key=lambda card: card.id)}


def practice(name: str) -> Practice:
    """Return a shipped card by its id, or the card in a TOML file of that path.

    Raises
    ------
    InputError
        When there is no such card or the file is not a card.

    Examples
    --------
    >>> practice("huangpu-2023-pace").where.en
    'Huangpu, Zhongshan'
    """
    if name in practices():
        return practices()[name]
    path = Path(name)
    if path.suffix != ".toml" or not path.is_file():
        raise InputError(say("diagnosis_practices.unknown_card", name=name, known=", ".join(practices())))
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(say("diagnosis_practices.not_toml", file=name, reason=str(error))) from error
    return parse_practice(content, name)


def parse_practice(content: Mapping[str, Any], file: str) -> Practice:
    """Return the card that a parsed TOML file holds.

    Parameters
    ----------
    content : mapping
        The keys of the card, ``parameters`` by name and the list ``changes``.
    file : str
        What to call it in messages.

    Raises
    ------
    InputError
        When a key is missing or unknown, a date is none, an operation is unknown or takes other parameters.

    Examples
    --------
    >>> parse_practice({"id": "x"}, "x.toml")
    Traceback (most recent call last):
    ...
    zhenxing.errors.InputError: ...
    """
    absent = [key for key in CARD_KEYS if not isinstance(content.get(key), str)]
    strange = sorted(set(content) - {*CARD_KEYS, "parameters", "changes"})
    if absent or strange or not content.get("changes"):
        wrong = ", ".join([*absent, *strange] or ["changes"])
        raise InputError(say("diagnosis_practices.bad_card", file=file, wrong=wrong))
    for key in ("valid_from", "valid_to"):
        try:
            _ = first_day(content[key]) if content[key] else None
        except (ValueError, TypeError) as error:
            raise InputError(say("diagnosis_practices.bad_card", file=file, wrong=f"{key} = {content[key]}")) from error
    parameters = {name: _parameter(name, given, file) for name, given in content.get("parameters", {}).items()}
    changes = tuple(_change(given, parameters, file) for given in content["changes"])
    plain = {key: content[key] for key in ("id", "jurisdiction", "valid_from", "valid_to", "provenance", "source")}
    name, where, note = (Text(content[f"{key}_zh"], content[f"{key}_en"]) for key in ("name", "where", "note"))
    return Practice(name=name, where=where, note=note, parameters=parameters, changes=changes, **plain)


def _parameter(name: str, given: Any, file: str) -> Parameter:
    known = {"zh", "en", "unit", "provenance", "source", "value", "low", "high", "lookup"}
    if (
        not isinstance(given, dict)
        or set(given) - known
        or not {"zh", "en", "unit", "provenance", "source"} <= set(given)
    ):
        raise InputError(say("diagnosis_practices.bad_card", file=file, wrong=f"parameters.{name}"))
    values = {key: given.get(key) for key in ("value", "low", "high")}
    if any(value is not None and not _is_number(value) for value in values.values()):
        raise InputError(say("diagnosis_practices.bad_card", file=file, wrong=f"parameters.{name}"))
    return Parameter(
        name, Text(given["zh"], given["en"]), given["unit"], given["provenance"], given["source"],
        **values, lookup=given.get("lookup"),
    )  # fmt: skip


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _change(given: Any, parameters: Mapping[str, Parameter], file: str) -> Change:
    needed = {"table", "column", "operation", "uses", "zh", "en"}
    if not isinstance(given, dict) or not needed <= set(given) or set(given) - needed - {"where"}:
        raise InputError(say("diagnosis_practices.bad_card", file=file, wrong="changes"))
    uses = tuple(given["uses"])
    if OPERATIONS.get(given["operation"]) != len(uses) or any(name not in parameters for name in uses):
        wrong = f"changes: {given['operation']}({', '.join(uses)})"
        raise InputError(say("diagnosis_practices.bad_card", file=file, wrong=wrong))
    where = {column: tuple(map(str, values)) for column, values in given.get("where", {}).items()}
    return Change(given["table"], given["column"], given["operation"], uses, where, Text(given["zh"], given["en"]))
