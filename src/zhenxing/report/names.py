"""What ids are called in a report, and what an outward edition calls firms that have not signed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from string import ascii_uppercase
from typing import TYPE_CHECKING

from zhenxing.i18n import say, speak
from zhenxing.report.voice import Voice

if TYPE_CHECKING:
    from zhenxing.town import Town

NAMED = {
    "parks": "park_id",
    "sites": "site_id",
    "works": "work_id",
    "candidates": "candidate_id",
    "villages": "village_id",
}


@dataclass(frozen=True)
class Names:
    """Names by kind and id; ids stand for themselves where there is no name.

    Parameters
    ----------
    voice : Voice
        The report's language.
    known : mapping of str to mapping
        Kind (table) to id to name.
    aliases : mapping of str
        Candidate id to the alias shown instead; empty in the internal edition.
    """

    voice: Voice
    known: Mapping[str, Mapping[str, str]]
    aliases: Mapping[str, str]

    def of(self, kind: str, identifier: object) -> str:
        """Return the name of one id."""
        if kind == "candidates" and str(identifier) in self.aliases:
            return self.aliases[str(identifier)]
        return self.known.get(kind, {}).get(str(identifier)) or str(identifier)

    def shown_id(self, kind: str, identifier: object) -> str:
        """Return the id itself, or the alias where the id must not be shown."""
        return self.aliases.get(str(identifier), str(identifier)) if kind == "candidates" else str(identifier)

    def word(self, group: str, identifier: object) -> str:
        """Return the label of a mode, a resource, an indicator or a part of the value; the id where it is not known."""
        try:
            return speak(say(f"report.{group}_{identifier}"), self.voice.language)
        except KeyError:
            return str(identifier)

    def hide(self, text: str) -> str:
        """Return the text with every unsigned firm's name and id replaced by its alias."""
        if not self._pattern:
            return text
        return self._pattern.sub(lambda found: self._replacements[found.group(0)], text)

    def spell(self, text: str) -> str:
        """Return the text with the ids of sites replaced by their names."""
        named = {key: name for key, name in self.known.get("sites", {}).items() if not re.fullmatch(r"[\d.,\-]+", key)}
        if not named:
            return text
        words = "|".join(map(re.escape, sorted(named, key=len, reverse=True)))
        return re.sub(rf"(?<![A-Za-z0-9_])(?:{words})(?![A-Za-z0-9_])", lambda found: named[found.group(0)], text)

    @cached_property
    def _replacements(self) -> dict[str, str]:
        others = {value for kind in self.known if kind != "candidates" for value in _both(self.known[kind])}
        wanted: dict[str, str] = {}
        for identifier, alias in self.aliases.items():
            name = self.known["candidates"].get(identifier, "")
            for word in (name, identifier):
                # a bare number or a word that also names a park or a link would damage other text
                if len(word) > 1 and word not in others and not re.fullmatch(r"[\d.,\-]+", word):
                    wanted.setdefault(word, alias)
        return wanted

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        if not self._replacements:
            return None
        words = sorted(self._replacements, key=len, reverse=True)
        return re.compile(rf"(?<![A-Za-z0-9_])(?:{'|'.join(map(re.escape, words))})(?![A-Za-z0-9_])")


def collect_names(town: Town, voice: Voice, masked: set[str]) -> Names:
    """Return the names of a town's parks, sites, works, candidates, villages and links.

    Parameters
    ----------
    town : Town
        The town.
    voice : Voice
        The report's language.
    masked : set of str
        Candidates to be shown by alias.
    """
    known: dict[str, dict[str, str]] = {}
    for table, key in NAMED.items():
        frame = town[table]
        if key in frame and "name" in frame:
            filled = frame.dropna(subset=["name"])
            known[table] = dict(zip(filled[key].astype(str), filled["name"].astype(str), strict=True))
    known.setdefault("candidates", {})
    known["links"] = _link_names(town, voice)
    order = [str(value) for value in town["candidates"].get("candidate_id", ()) if str(value) in masked]
    aliases = {identifier: voice("alias", letter=letters(place)) for place, identifier in enumerate(order)}
    return Names(voice, known, aliases)


def letters(place: int) -> str:
    """Return A, B, …, Z, AA, AB, … for 0, 1, ….

    Examples
    --------
    >>> letters(0), letters(27)
    ('A', 'AB')
    """
    word = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        word = ascii_uppercase[rest] + word
    return word


def _link_names(town: Town, voice: Voice) -> dict[str, str]:
    frame = town["links"]
    column = "name_en" if voice.language == "en" else "name_zh"
    if "link_id" not in frame or column not in frame:
        return {}
    filled = frame.dropna(subset=[column])
    return dict(zip(filled["link_id"].astype(str), filled[column].astype(str), strict=True))


def _both(names: Mapping[str, str]) -> list[str]:
    return [*names.keys(), *names.values()]
