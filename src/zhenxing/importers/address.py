"""From a written address to the town (9-digit code) and, where it is known, the village.

A town counts when its full name stands in the address or its short name stands where the town belongs: right after
the city (and county). A short name in the middle of an address, a road that bears a town's name, and an address that
begins with another city are not taken for the town.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from zhenxing.rules.divisions import Division, division_aliases, divisions
from zhenxing.rules.villages import villages

_SPACE = re.compile(r"\s+")
# a short name that continues so is a road, a bridge or a building named after the town
_ROAD = re.compile(
    r"^(?:[东南西北中]|[一二三四五六七八九十])?(?:环?路|大?街(?!道)|大?道(?!口)|巷|里弄|桥|大桥|大厦|大楼|广场|花园|酒店|市场|酒家)"
)
_TOWN_TAIL = ("街道办事处", "街道", "办事处", "镇", "乡", "区")


class Place(NamedTuple):
    """Where an address lies: town code (or empty), village code or name (or empty), and how it was found."""

    town_code: str
    village: str
    village_code: str
    how: str  # full, short, alias, ambiguous, other_city, none
    tag: str = ""


class _Names:
    """Names found by their first two signs: thousands of addresses are compared with hundreds of names."""

    def __init__(self, codes: Mapping[str, tuple[str, ...]]) -> None:
        self.codes = codes
        self._by_head: dict[str, list[str]] = {}
        for name in sorted(codes, key=len, reverse=True):
            self._by_head.setdefault(name[:2], []).append(name)

    def at(self, text: str, start: int) -> list[str]:
        """Return the names that stand at a position, the longest first."""
        names = self._by_head.get(text[start : start + 2])
        return [name for name in names if text.startswith(name, start)] if names else []

    def first(self, text: str) -> tuple[int, str] | None:
        """Return the first name anywhere in the text and where it stands."""
        for start in range(len(text) - 1):
            found = self.at(text, start)
            if found:
                return start, found[0]
        return None


@dataclass(frozen=True)
class _City:
    """What one city's addresses are compared with."""

    code: str
    province: str
    heads: _Names  # spellings of province, city and counties that may stand in front
    counties: tuple[Division, ...]
    full: _Names
    short: _Names
    tags: dict[str, str]  # alias -> provenance tag


@cache
def _city(code: str) -> _City:
    known = divisions()
    city = known.by_code[code]
    province = known.by_code[city.parent]
    counties = tuple(county for county in known.children(code) if county.name != city.name)
    heads = {
        name: (part.code,)
        for part in (province, city, *counties)
        for name in (part.name, part.short_name)
        if len(name) >= 2
    }
    full: dict[str, tuple[str, ...]] = {}
    short: dict[str, tuple[str, ...]] = {}
    for town in known.towns(code):
        full[town.name] = (*full.get(town.name, ()), town.code)
        if len(town.short_name) >= 2:
            short[town.short_name] = (*short.get(town.short_name, ()), town.code)
    aliases = division_aliases(code)
    for alias, (town_code, _) in aliases.items():
        (full if alias.endswith(("镇", "街道")) else short)[alias] = (town_code,)
    tags = {alias: tag for alias, (_, tag) in aliases.items()}
    return _City(code, province.name, _Names(heads), counties, _Names(full), _Names(short), tags)


@lru_cache(maxsize=131_072)
def locate(address: str, city_code: str, county_code: str = "") -> Place:
    """Find the town and the village of an address in a known city.

    Parameters
    ----------
    address : str
        As registers write it, with or without province and city.
    city_code : str
        4-digit code of the city that the register belongs to.
    county_code : str
        6-digit code where the register names the county.

    Examples
    --------
    >>> locate("中山市古镇曹二工业区", "4420")[:2]
    ('442000105', '曹二村')
    >>> locate("广东省中山市横栏镇茂辉工业区", "4420").town_code
    '442000110'
    >>> locate("中山市东区古镇路5号", "4420").town_code
    '442000002'
    >>> locate("中山市古镇路5号", "4420").town_code
    ''
    """
    text = _SPACE.sub("", unicodedata.normalize("NFKC", address))
    if not text:
        return Place("", "", "", "none")
    city = _city(city_code)
    if _begins_elsewhere(text, city):
        return Place("", "", "", "other_city")
    place, rest = _town(text, city, county_code)
    if not place.town_code:
        return place
    village, village_code = _village(rest, place.town_code)
    return place._replace(village=village, village_code=village_code)


@cache
def _elsewhere() -> tuple[_Names, _Names]:
    known = divisions()
    provinces = {province.name: (province.code,) for province in known.children("0")}
    cities = {name: (code,) for name, code in known.city_names.items() if len(name) >= 3}
    return _Names(provinces), _Names(cities)


def leading_city(address: str) -> str:
    """Return the 4-digit code of the city that an address begins with, or ``""``.

    Examples
    --------
    >>> leading_city("广东省中山市古镇镇"), leading_city("海洲工业区")
    ('4420', '')
    """
    text = _SPACE.sub("", unicodedata.normalize("NFKC", address))
    provinces, cities = _elsewhere()
    province = next(iter(provinces.at(text, 0)), "")
    named = next(iter(cities.at(text, len(province))), "")
    return cities.codes[named][0] if named else ""


def _begins_elsewhere(text: str, city: _City) -> bool:
    provinces, cities = _elsewhere()
    province = next(iter(provinces.at(text, 0)), "")
    named = next(iter(cities.at(text, len(province))), "")
    if named and cities.codes[named] != (city.code,):
        return True
    return bool(province) and province != city.province


def _after_heads(text: str, city: _City) -> list[int]:
    """Return the positions where the town may begin: the very start and after each reading of what stands above it."""
    starts = {0}
    frontier = [0]
    while frontier:
        at = frontier.pop()
        for head in city.heads.at(text, at):
            if at + len(head) not in starts:
                starts.add(at + len(head))
                frontier.append(at + len(head))
    return sorted(starts, reverse=True)


def _town(text: str, city: _City, county_code: str) -> tuple[Place, str]:
    """Return the town and what follows it: the first name, a full one before a short one at the same place."""
    county = county_code or _county(text, city)
    full = city.full.first(text)
    short = _short(text, city)
    if full is not None and (short is None or full[0] <= short[0] + len(short[1])):
        at, name = full
        return _one(city.full.codes[name], county, "full", city.tags.get(name)), text[at + len(name) :]
    if short is None:
        return Place("", "", "", "none"), ""
    at, name = short
    rest = text[at + len(name) :]
    tail = next((tail for tail in _TOWN_TAIL if rest.startswith(tail)), "")
    return _one(city.short.codes[name], county, "short", city.tags.get(name)), rest[len(tail) :]


def _short(text: str, city: _City) -> tuple[int, str] | None:
    for start in _after_heads(text, city):
        for name in city.short.at(text, start):
            # 东区花园新村 lies in 东区: only names without their own 区 can be mistaken for a road's or a building's
            if name.endswith("区") or not _ROAD.match(text[start + len(name) :]):
                return start, name
    return None


def _county(text: str, city: _City) -> str:
    return next((county.code for county in city.counties if county.name in text), "")


def _one(codes: tuple[str, ...], county: str, how: str, tag: str | None) -> Place:
    if len(codes) > 1 and county:
        codes = tuple(code for code in codes if code.startswith(county)) or codes
    if len(codes) > 1:
        return Place("", "", "", "ambiguous")
    return Place(codes[0], "", "", how if tag is None else "alias", tag or "")


def _village(rest: str, town_code: str) -> tuple[str, str]:
    """Return name and code of the village named first after the town; nothing where two stand at one place."""
    best: tuple[int, int, str, str] | None = None
    for village in villages(town_code):
        for name in (village.name, *village.aliases):
            at = rest.find(name)
            if at < 0 or _ROAD.match(rest[at + len(name) :]):
                continue
            found = (at, -len(name), village.name, village.code)
            best = found if best is None or found < best else best
    return (best[2], best[3]) if best else ("", "")
