"""What an import changes in a town that exists: rows added and removed, cells changed, filled or in conflict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from zhenxing import schema
from zhenxing.importers.combine import GEOMETRY, Combined, different, missing, plain_frame
from zhenxing.importers.keys import row_ids
from zhenxing.importers.provenance import Owners

CHANGES = ("table", "row_id", "change", "column", "old", "new", "source_file")


@dataclass
class Merged:
    """A table after the import, indexed by row id, and what changed in it."""

    frame: pd.DataFrame
    changes: list[tuple[str, ...]]
    # cells of a row that this import filled although another file has the column: row id, column
    fills: list[tuple[str, str]] = field(default_factory=list)


def merge_table(table: str, old: pd.DataFrame | None, fresh: Combined, owners: Owners) -> Merged:
    """Merge the rows of an import into a table of the town.

    A cell that the same source file gave before takes the new value; a cell that something else gave is kept and the
    contradiction listed. A row that its only source file no longer holds is removed. Everything is listed.

    Parameters
    ----------
    table : str
        Name of the table.
    old : DataFrame or None
        The town's table, typed.
    fresh : Combined
        The rows of this import, typed.
    owners : Owners
        Which file gave which cell of the town.
    """
    new = fresh.frame
    files = {row: one[0].sheet.file for row, sources in fresh.sources().items() for one in sources[:1]}
    if old is None or old.empty:
        return Merged(new, [(table, row, "added", "", "", "", files.get(row, "")) for row in new.index])
    before = plain_frame(old).set_axis(pd.Index(row_ids(table, old), dtype=object), axis=0)
    changes: list[tuple[str, ...]] = []
    fills: list[tuple[str, str]] = []
    common = before.index.intersection(new.index)
    merged = before.copy()
    for column in new.columns:
        if column not in merged:
            merged[column] = _blank(new[column], merged.index)
        left, right = merged.loc[common, column], new.loc[common, column]
        take = np.zeros(len(common), dtype=bool)
        for at in map(int, np.flatnonzero(different(left, right))):
            row = str(common[at])
            kind = _decide(table, row, column, left.iloc[at], right.iloc[at], files[row], owners)
            if kind == "keep":
                continue
            take[at] = kind != "conflict"
            if kind == "filled" and owners.of_cell(table, row, column) not in ("", files[row]):
                fills.append((row, column))
            changes.append((table, row, kind, column, _shown(left.iloc[at]), _shown(right.iloc[at]), files[row]))
        if take.any():
            merged.loc[common[take], column] = right[take]
    gone = _gone(table, before, fresh, owners)
    changes += [(table, row, "removed", "", "", "", owners.of_row(table, row)[0][0]) for row in gone]
    merged = merged.drop(index=gone)
    added = new[~new.index.isin(before.index)]
    changes += [(table, row, "added", "", "", "", files.get(row, "")) for row in added.index]
    if len(added):
        merged = pd.concat([merged, added])
    return Merged(_ordered(table, merged), changes, fills)


def _decide(table: str, row: str, column: str, old: object, new: object, file: str, owners: Owners) -> str:
    if missing(old):
        return "filled"
    owner = owners.of_cell(table, row, column)
    if missing(new):
        # another file that knows less says nothing about this cell; a required one is never emptied
        declared = schema.table(table).columns.get(column)
        return "changed" if owner == file and not (declared and declared.required) else "keep"
    return "changed" if owner == file else "conflict"


def _shown(value: object) -> str:
    if missing(value):
        return ""
    if isinstance(value, float):
        return f"{value:.12g}"
    text = str(value)
    return text if len(text) <= 200 else f"{text[:200]}…"


def _gone(table: str, before: pd.DataFrame, fresh: Combined, owners: Owners) -> list[str]:
    """Rows whose only source is a sheet that was read again and no longer holds them."""
    read = {(extract.sheet.file, extract.sheet.name) for extract in fresh.extracts}
    found = []
    for row in before.index:
        sheets = owners.of_row(table, row)
        if len(sheets) == 1 and sheets[0] in read and row not in fresh.frame.index:
            found.append(str(row))
    return found


def _blank(like: pd.Series, index: pd.Index) -> pd.Series:
    if like.name == GEOMETRY or like.dtype == object:
        return pd.Series([None] * len(index), index=index, dtype=object)
    return pd.Series(False, index=index) if like.dtype == bool else like.iloc[:0].reindex(index)


def _ordered(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    known = [column for column in schema.table(table).columns if column in frame]
    return frame[[*known, *(column for column in frame.columns if column not in known)]]


def change_table(changes: list[tuple[str, ...]]) -> pd.DataFrame:
    """Return the changes as a table."""
    return pd.DataFrame(changes, columns=list(CHANGES), dtype="str")


def change_counts(changes: pd.DataFrame) -> Mapping[str, Mapping[str, int]]:
    """Return table -> kind of change -> how many.

    Examples
    --------
    >>> change_counts(change_table([("sites", "S1", "added", "", "", "", "a.xlsx")]))
    {'sites': {'added': 1}}
    """
    counts: dict[str, dict[str, int]] = {}
    for table, kind in zip(changes["table"], changes["change"], strict=True):
        kinds = counts.setdefault(table, {})
        kinds[kind] = kinds.get(kind, 0) + 1
    return counts
