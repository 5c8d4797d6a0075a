"""What a write changes: the ids of rows, their versions, and the old content that goes into the history."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely

from zhenxing import schema
from zhenxing.store.connection import decode_geometry
from zhenxing.store.text_tables import GEOMETRY, cells

HISTORY_COLUMNS = ("table", "row_id", "version", "at", "who", "why", "old")


@dataclass(frozen=True)
class Author:
    """Who changes rows, why, and when: what the history says of a change."""

    who: str
    why: str
    at: str

    @classmethod
    def now(cls, who: str, why: str) -> Author:
        """Return the author of a change made now (UTC)."""
        return cls(who, why, datetime.now(UTC).isoformat(timespec="milliseconds"))


def row_ids(name: str, frame: pd.DataFrame) -> pd.Series:
    """Return the id of every row: its key joined by ``/``, or ``#n`` (its place) where that does not tell rows apart.

    Examples
    --------
    >>> row_ids("site_neighbours", pd.DataFrame({"site_id": ["a"], "neighbour_id": ["b"]})).tolist()
    ['a/b']
    """
    places = "#" + pd.Series(np.arange(1, len(frame) + 1), index=frame.index).astype("str")
    declared = schema.tables().get(name)
    key = [column for column in (declared.key if declared else ()) if column in frame.columns]
    if not key or len(key) < len(declared.key if declared else ()) - _optional_keys(name):
        return places
    ids = cells(frame[key[0]]).fillna("")
    for column in key[1:]:
        ids = ids + "/" + cells(frame[column]).fillna("")
    lone = ~ids.duplicated(keep=False)
    return ids.where(lone, places)


def _optional_keys(name: str) -> int:
    return sum(column.key and not column.required for column in schema.table(name).columns.values())


def signatures(frame: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Return one number per row that differs when any cell or shape of the columns differs; an absent one is empty."""
    text: dict[str, pd.Series] = {"": pd.Series("", index=frame.index, dtype="str")}
    for name in columns:
        if name not in frame.columns:
            text[name] = pd.Series("\0", index=frame.index, dtype="str")
        elif name == GEOMETRY:
            text[name] = pd.Series(shapely.to_wkb(frame[name].to_numpy(), hex=True), index=frame.index).fillna("\0")
        else:
            text[name] = cells(frame[name]).fillna("\0")
    return pd.util.hash_pandas_object(pd.DataFrame(text), index=False).to_numpy()


def old_row(row: pd.Series) -> str:
    """Return a row's content as the JSON that the history keeps; a shape is kept as hexadecimal WKB.

    Examples
    --------
    >>> old_row(pd.Series({"site_id": "a", "area_mu": 2.5, "name": None}))
    '{"site_id": "a", "area_mu": 2.5}'
    """
    kept: dict[str, object] = {}
    for name, value in row.items():
        if value is None or (not isinstance(value, shapely.Geometry) and pd.isna(value)):
            continue
        if isinstance(value, shapely.Geometry):
            kept[str(name)] = shapely.to_wkb(value, hex=True)
        elif isinstance(value, bytes):
            kept[str(name)] = shapely.to_wkb(decode_geometry(value), hex=True)
        else:
            kept[str(name)] = value.item() if isinstance(value, np.generic) else value
    return json.dumps(kept, ensure_ascii=False, default=str)


class StoredTable(NamedTuple):
    """A table as it is stored, and the version of each row by row id."""

    rows: pd.DataFrame
    versions: pd.Series


@dataclass(frozen=True)
class TableChange:
    """The outcome of comparing a table with what is stored: versions of the new rows, and what the history gains."""

    changed: bool
    versions: pd.Series
    history: pd.DataFrame


def compare(name: str, stored: StoredTable, new: pd.DataFrame, latest: dict[str, int], author: Author) -> TableChange:
    """Compare a stored table with the one to be written.

    Parameters
    ----------
    name : str
        Name of the table.
    stored : StoredTable
        Rows as stored.
    new : DataFrame
        Rows to be written.
    latest : dict
        Highest version the history knows of each row id of this table; a row that returns goes on from there.
    author : Author
        What the history says of the change.
    """
    old = stored.rows
    columns = sorted({*_forms(old), *_forms(new)})
    versions = stored.versions.to_numpy(dtype="int64")
    was = pd.DataFrame({"row": signatures(old, columns), "version": versions}, index=_index(name, old))
    ids = _index(name, new)
    found = was.reindex(ids)
    known = found["version"].notna().to_numpy()
    same = known & (was["row"].reindex(ids, fill_value=0).to_numpy() == signatures(new, columns))
    begin = np.array([latest.get(row, 0) for row in ids], dtype="int64") if latest else np.zeros(len(ids), "int64")
    before = np.where(known, found["version"].fillna(0).to_numpy(dtype="int64"), begin)
    replaced = np.flatnonzero(~was.index.isin(ids[same]))
    row_names = was.index.tolist()
    records = [
        (name, row_names[at], int(versions[at]), author.at, author.who, author.why, old_row(old.iloc[at]))
        for at in replaced
    ]
    changed = not same.all() or list(was.index) != list(ids) or _forms(old) != _forms(new)
    history = pd.DataFrame(records, columns=list(HISTORY_COLUMNS))
    return TableChange(changed, pd.Series(before + ~same, dtype="int64"), history)


def _index(name: str, frame: pd.DataFrame) -> pd.Index:
    ids: pd.Index = pd.Index(row_ids(name, frame), dtype="str")
    return ids


def _forms(frame: pd.DataFrame) -> dict[str, str]:
    return {str(column): str(frame[column].dtype) for column in frame.columns}
