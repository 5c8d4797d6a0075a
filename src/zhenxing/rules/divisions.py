"""Provinces, cities, counties and towns with their codes (GB/T 2260 and the statistical town codes)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from zhenxing.rules.files import records, rows


class Division(NamedTuple):
    """One division: ``code`` of 2, 4, 6 or 9 digits, the parent's code, full and short name."""

    code: str
    parent: str
    name: str
    short_name: str


@dataclass(frozen=True)
class Divisions:
    """All divisions by code, with look-ups from names."""

    by_code: dict[str, Division]
    _cities: dict[str, str] = field(default_factory=dict)
    _children: dict[str, list[str]] = field(default_factory=dict)

    def city_code(self, name: str) -> str:
        """Return the 4-digit code of a city named with or without 市, or ``""``.

        Examples
        --------
        >>> divisions().city_code("中山")
        '4420'
        """
        return self._cities.get(name.strip(), "")

    def children(self, code: str) -> list[Division]:
        """Return the divisions one level below."""
        return [self.by_code[child] for child in self._children.get(code, [])]

    def towns(self, city_code: str) -> list[Division]:
        """Return all towns of a city, those under its counties and those of a city without counties.

        Examples
        --------
        >>> len(divisions().towns("4420"))
        23
        """
        return [town for county in self.children(city_code) for town in self.children(county.code)]

    def ancestors(self, code: str) -> list[Division]:
        """Return the divisions above one, the nearest first."""
        chain: list[Division] = []
        parent = self.by_code[code].parent
        while parent in self.by_code:
            chain.append(self.by_code[parent])
            parent = self.by_code[parent].parent
        return chain

    @property
    def city_names(self) -> dict[str, str]:
        """Full city name -> code."""
        return {name: code for name, code in self._cities.items() if name.endswith(("市", "州", "盟", "地区"))}


@cache
def divisions() -> Divisions:
    """Return the divisions of 2025 as shipped (see ``data/SOURCES.md``)."""
    by_code: dict[str, Division] = {}
    cities: dict[str, str] = {}
    children: dict[str, list[str]] = {}
    for code, parent, short_name, name in rows("divisions_2025.csv.gz"):
        division = Division(code, parent, name, short_name)
        by_code[division.code] = division
        children.setdefault(division.parent, []).append(division.code)
        if len(division.code) == 4:
            cities[division.name] = division.code
            cities.setdefault(division.short_name, division.code)
    return Divisions(by_code, cities, children)


@cache
def division_aliases(city_code: str) -> dict[str, tuple[str, str]]:
    """Return older and everyday names of a city's towns: alias -> (town code, provenance tag).

    Examples
    --------
    >>> division_aliases("4420")["东升镇"]
    ('442000118', 'M')
    """
    return {
        row["alias"]: (row["code"], row["tag"])
        for row in records("division_aliases.csv")
        if row["code"].startswith(city_code)
    }
