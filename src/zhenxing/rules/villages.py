"""Villages and communities known by name, with their 12-digit code where one was published."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from zhenxing.rules.files import records


@dataclass(frozen=True)
class Village:
    """One village or community: its town, name, 12-digit code (or empty), everyday names and provenance tag."""

    town_code: str
    name: str
    code: str
    aliases: tuple[str, ...]
    tag: str


@cache
def villages(town_code: str) -> tuple[Village, ...]:
    """Return the villages of a town (9-digit code); empty for a town whose villages are not known.

    Examples
    --------
    >>> len(villages("442000105"))
    13
    """
    return tuple(
        Village(
            row["town_code"],
            row["name"],
            row["code"],
            tuple(part for part in row["alias"].split(";") if part),
            row["tag"],
        )
        for row in records("villages.csv")
        if row["town_code"] == town_code
    )
