"""What ids, modes and indicators are called in an answer: as the user named them, ids first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from zhenxing import schema
from zhenxing.errors import Text
from zhenxing.i18n import say
from zhenxing.town import Town

KINDS = {
    "site": ("sites", "site_id"),
    "candidate": ("candidates", "candidate_id"),
    "work": ("works", "work_id"),
    "park": ("parks", "park_id"),
}


@dataclass(frozen=True)
class Names:
    """Names by kind (site, candidate, work, park) and id."""

    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of(self, kind: str, identifier: object) -> Text:
        """Return an id with its name, where it has one.

        Examples
        --------
        >>> Names({"site": {"S7": "旧砖厂"}}).of("site", "S7").zh
        'S7（旧砖厂）'
        """
        name = self.known.get(kind, {}).get(str(identifier), "")
        if not name or name == str(identifier):
            return Text(str(identifier), str(identifier))
        return Text(f"{identifier}（{name}）", f"{identifier} ({name})")

    def mode(self, mode: str) -> Text:
        """Return a mode's label with the mode itself; the mode alone where it has no label."""
        try:
            label = say(f"report.mode_{mode}")
        except KeyError:
            return Text(mode, mode)
        return Text(f"{label.zh}（{mode}）", f"{label.en} ({mode})")

    def indicator(self, indicator: str) -> Text:
        """Return what an indicator of the targets is called, with its unit."""
        return say(f"report.indicator_{indicator}")

    def resource(self, resource: str) -> Text:
        """Return what a resource of a park is called."""
        try:
            label = say(f"report.resource_{resource}")
        except KeyError:
            return Text(resource, resource)
        return label


def collect_names(town: Town) -> Names:
    """Return the names of a town's sites, candidates, works and parks."""
    known: dict[str, dict[str, str]] = {}
    for kind, (table, key) in KINDS.items():
        frame = town[table]
        if key in frame and "name" in frame:
            named = frame.dropna(subset=[key, "name"])
            known[kind] = dict(zip(named[key].astype(str), named["name"].astype(str), strict=True))
    return Names(known)


def listed(texts: list[Text], most: int = 5) -> Text:
    """Return texts in one phrase, saying how many are not shown."""
    if len(texts) > most:
        more = len(texts) - most
        return Text(
            "、".join(text.zh for text in texts[:most]) + f" 等另 {more} 项",
            ", ".join(text.en for text in texts[:most]) + f" and {more} more",
        )
    return Text("、".join(text.zh for text in texts), ", ".join(text.en for text in texts))


def column_name(table: str, column: str) -> Text:
    """Return a column's label with its identifier, as people find it in the table."""
    label = schema.table(table).columns[column]
    return Text(f"{label.zh}（{column}）", f"{label.en} ({column})")
