"""Names where ids belong: a park, a village, a firm or a project that a sheet calls by its name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pandas as pd

from zhenxing import schema
from zhenxing.importers.extract import Extract
from zhenxing.importers.findings import cell_finding, examples, sheet_finding
from zhenxing.importers.text import normalise_name
from zhenxing.importers.values import plain_id
from zhenxing.rules.villages import villages

# columns that point to a table although a plan does not need that table to exist
_LOOSE = {"link_id": "links", "indicator": "indicators"}
_LOCK_TABLES = {"site": "sites", "candidate": "candidates", "work": "works"}
_NAMES = ("name", "name_zh")


@cache
def references(table: str) -> dict[str, str]:
    """Return column -> table that it points to.

    Examples
    --------
    >>> references("placements")
    {'candidate_id': 'candidates', 'park_id': 'parks'}
    """
    declared = schema.table(table)
    found = {}
    for column in declared.columns.values():
        target = column.reference.split(".")[0] or _LOOSE.get(column.name, "")
        if target and target != table and not column.choices:
            found[column.name] = target
    return found


class Names:
    """Ids and names of the tables that others point to: those of this import and those of the town."""

    def __init__(self, frames: Mapping[str, list[pd.DataFrame]]) -> None:
        self._frames = frames
        self._ids: dict[str, set[str]] = {}
        self._names: dict[str, dict[str, str]] = {}

    def known(self, table: str) -> bool:
        """Tell whether the table has any row."""
        return any(len(frame) for frame in self._frames.get(table, []))

    def ids(self, table: str) -> set[str]:
        """Return the ids of a table."""
        if table not in self._ids:
            key = schema.table(table).key[0]
            found = (frame[key].dropna() for frame in self._frames.get(table, []) if key in frame)
            self._ids[table] = {str(value) for ids in found for value in ids}
        return self._ids[table]

    def names(self, table: str) -> dict[str, str]:
        """Return compared name -> id; names that two rows bear are left out."""
        if table not in self._names:
            found: dict[str, set[str]] = {}
            key = schema.table(table).key[0]
            for frame in self._frames.get(table, []):
                for column in (*_NAMES, "code"):
                    if column not in frame or key not in frame:
                        continue
                    for name, identity in zip(frame[column], frame[key], strict=True):
                        if isinstance(name, str) and isinstance(identity, str):
                            for spelling in _spellings(table, name):
                                found.setdefault(spelling, set()).add(identity)
                for identity in frame[key].dropna() if key in frame else ():
                    found.setdefault(plain_id(str(identity)), set()).add(str(identity))
            self._names[table] = {name: next(iter(ids)) for name, ids in found.items() if len(ids) == 1}
        return self._names[table]


def _spellings(table: str, name: str) -> tuple[str, ...]:
    normal = normalise_name(name)
    if table != "villages":
        return (normal,)
    short = normal.removesuffix("村").removesuffix("社区").removesuffix("居委会")
    return tuple(dict.fromkeys((normal, short, f"{short}村", f"{short}社区", f"{short}村委会")))


def resolve(extracts: Mapping[str, list[Extract]], town: Mapping[str, pd.DataFrame]) -> None:
    """Replace names by ids in every column that points to another table; say how many, list those unknown."""
    frames = {
        table: [*(extract.frame for extract in extracts.get(table, [])), *([town[table]] if table in town else [])]
        for table in {*extracts, *town}
    }
    names = Names(frames)
    # tables that others point to come first, so that their own keys are final
    for table in sorted(extracts, key=lambda one: len(references(one))):
        for extract in extracts[table]:
            for column, target in references(table).items():
                if column in extract.frame:
                    _resolve_column(extract, column, target, names)
            if table == "locks":
                _resolve_locks(extract, names)


def _resolve_column(extract: Extract, column: str, target: str, names: Names) -> None:
    if not names.known(target) or extract.frame[column].isna().all():
        return
    values = extract.frame[column]
    ids, by_name = names.ids(target), names.names(target)
    replaced: dict[str, str] = {}
    unknown: list[int] = []
    result: list[object] = []
    for row, value in zip(extract.frame.index, values, strict=True):
        if not isinstance(value, str) or value in ids:
            result.append(value)
            continue
        spelled = value.removeprefix("name:")
        found = (
            by_name.get(normalise_name(spelled))
            or by_name.get(plain_id(spelled))
            or _village_id(target, value, by_name)
        )
        result.append(found or value)
        if found:
            replaced[value] = found
        else:
            unknown.append(int(row))
    if not replaced and not unknown:
        return
    extract.frame[column] = pd.Series(result, index=extract.frame.index, dtype="str")
    if replaced:
        extract.findings.append(
            sheet_finding(
                "info",
                "names_to_ids",
                extract.sheet,
                extract.table,
                column,
                count=len(replaced),
                example="、".join(f"{name} → {identity}" for name, identity in list(replaced.items())[:3]),
            )
        )
    if unknown and target not in _LOOSE.values():
        place = extract.origins[column].place if column in extract.origins else 0
        extract.findings.append(
            cell_finding(
                "reference_unknown",
                extract.sheet,
                extract.table,
                column,
                unknown,
                place,
                target=schema.table(target).zh,
                examples=examples(extract.sheet, unknown, place),
            )
        )


def _village_id(target: str, value: str, by_name: Mapping[str, str]) -> str:
    """A 12-digit code or an everyday name of a village that the rules know, found by its full name."""
    if target != "villages":
        return ""
    for village in villages("442000105"):
        if value in (village.code, village.name, *village.aliases):
            return by_name.get(normalise_name(village.name), "")
    return ""


def _resolve_locks(extract: Extract, names: Names) -> None:
    frame = extract.frame
    if "subject" not in frame or "id" not in frame:
        return
    ids = []
    for subject, value in zip(frame["subject"], frame["id"], strict=True):
        target = _LOCK_TABLES.get(str(subject), "")
        if not target or not isinstance(value, str) or value in names.ids(target):
            ids.append(value)
        else:
            ids.append(
                names.names(target).get(normalise_name(value)) or names.names(target).get(plain_id(value)) or value
            )
    frame["id"] = pd.Series(ids, index=frame.index, dtype="str")
    if "option" in frame and names.known("parks"):
        parks = names.names("parks")
        frame["option"] = pd.Series(
            [
                parks.get(normalise_name(value), value) if subject == "candidate" and isinstance(value, str) else value
                for subject, value in zip(frame["subject"], frame["option"], strict=True)
            ],
            index=frame.index,
            dtype="str",
        )
