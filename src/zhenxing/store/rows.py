"""Change single rows of a GeoPackage town in place; each change names the version it read and goes into the history."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from zhenxing import schema
from zhenxing.errors import Issue, SchemaError, SourceError
from zhenxing.i18n import name_rows, say
from zhenxing.store.changes import Author, old_row, row_ids
from zhenxing.store.connection import connect, encode_geometry, quoted, sqlite_faults, transaction
from zhenxing.store.geopackage import STATE, StoredState, append_history, read_state, read_stored
from zhenxing.store.layers import FID, RESERVED_COLUMNS, ROW_VERSION, SHAPE, SQL_TYPES, free_names, storable
from zhenxing.store.text_tables import GEOMETRY


def read_rows(path: str | Path, name: str) -> pd.DataFrame:
    """Return a table of a GeoPackage town with ``row_version`` as its last column.

    Raises
    ------
    SourceError
        When the file holds no town or the town no such table.
    """
    place = Path(path)
    connection = connect(place)
    try:
        with sqlite_faults(place):
            state = read_state(connection, place)
            stored = read_stored(connection, place, state, name, _stored_name(state, name, place))
    finally:
        connection.close()
    frame = schema.conform(name, stored.rows)[0] if name in schema.tables() else stored.rows
    return frame.assign(**{ROW_VERSION: stored.versions.to_numpy()})


def edit_rows(path: str | Path, name: str, rows: pd.DataFrame, *, who: str = "", why: str = "") -> pd.Series:
    """Change and add rows of a keyed table, all of them or none.

    Parameters
    ----------
    path : path
        A GeoPackage town.
    name : str
        Name of a table with a key.
    rows : DataFrame
        The key, the columns to change (others stay as they are) and ``row_version`` as read; missing for a new row.
    who, why : str
        Kept in the history.

    Returns
    -------
    Series
        The new version of each row, by row id.

    Raises
    ------
    SchemaError
        When a changed row breaks the table's declaration.
    SourceError
        When a row was changed, added or deleted by somebody else since it was read.
    """
    place, author = Path(path), Author.now(who, why)
    with transaction(place) as connection:
        table = _Table(connection, place, name)
        ids, old = table.ids(rows), table.current(rows)
        _refuse_conflicts(place, name, rows, ids, old)
        merged = _merged(name, rows, old, ids)
        table.add_columns(merged)
        versions = [table.put(row, merged.iloc[at], old[row], author) for at, row in enumerate(ids)]
        table.finish(GEOMETRY in rows.columns)
    return pd.Series(versions, index=pd.Index(ids, dtype="str"), dtype="int64")


def delete_rows(path: str | Path, name: str, rows: pd.DataFrame, *, who: str = "", why: str = "") -> None:
    """Delete rows of a keyed table, given by their key and the ``row_version`` that was read; all of them or none.

    Raises
    ------
    SourceError
        When a row was changed or deleted by somebody else since it was read.
    """
    place, author = Path(path), Author.now(who, why)
    with transaction(place) as connection:
        table = _Table(connection, place, name)
        ids, old = table.ids(rows), table.current(rows)
        _refuse_conflicts(place, name, rows, ids, old)
        for row in ids:
            table.remove(row, old[row], author)
        table.finish(True)


def _stored_name(state: StoredState, name: str, path: Path) -> str:
    if name not in state.tables:
        raise SourceError(say("store.no_such_table", source=path, table=name, known=", ".join(state.tables)))
    return state.tables[name]


def _given_versions(rows: pd.DataFrame) -> list[int]:
    if ROW_VERSION not in rows.columns:
        return [0] * len(rows)
    return [int(version) for version in rows[ROW_VERSION].fillna(0)]


def _refuse_conflicts(path: Path, name: str, rows: pd.DataFrame, ids: list[str], old: dict[str, Any]) -> None:
    stale = tuple(
        row
        for row, version in zip(ids, _given_versions(rows), strict=True)
        if version != (0 if old[row] is None else int(old[row][ROW_VERSION] or 1))
    )
    if stale:
        text = say("store.changed_meanwhile", source=path, table=name, rows=name_rows(stale))
        raise SourceError(text, [Issue("error", "changed_meanwhile", text, name, "", stale)])


def _merged(name: str, rows: pd.DataFrame, old: dict[str, Any], ids: list[str]) -> pd.DataFrame:
    """The rows as they will stand, checked against the table's declaration."""
    whole = []
    columns = [column for column in rows.columns if column != ROW_VERSION]
    for at, row in enumerate(ids):
        before = {c: v for c, v in (old[row] or {}).items() if c not in (ROW_VERSION, FID, GEOMETRY)}
        whole.append({**before, **{column: rows[column].iloc[at] for column in columns if column != GEOMETRY}})
    raw = pd.DataFrame(whole, columns=list(dict.fromkeys(column for record in whole for column in record)))
    frame, issues = schema.conform(name, raw)
    errors = [issue for issue in issues if issue.level == "error"]
    if errors:
        raise SchemaError(say("store.faulty_rows", table=name, count=len(errors)), errors)
    if GEOMETRY in columns:
        shapes = gpd.GeoSeries(rows[GEOMETRY].to_numpy(), crs=getattr(rows, "crs", None))
        frame = gpd.GeoDataFrame(frame, geometry=shapes, crs=shapes.crs)
    return storable(frame)


class _Table:
    """One keyed table of an open GeoPackage."""

    def __init__(self, connection: sqlite3.Connection, path: Path, name: str) -> None:
        self.connection, self.name = connection, name
        self.state = read_state(connection, path)
        self.stored = _stored_name(self.state, name, path)
        self.key = schema.table(name).key if name in schema.tables() else ()
        if not self.key:
            raise SourceError(say("store.no_key", table=name))
        present = connection.execute(f"PRAGMA table_info({quoted(self.stored)})").fetchall()
        kept = {stored: column for column, stored in self.state.columns.get(name, {}).items()}
        # stored name -> the column's own name
        self.columns = {row[1]: kept.get(row[1], row[1]) for row in present}
        self.shape = SHAPE if SHAPE in self.columns and SHAPE not in kept else None
        if self.shape:
            self.columns[SHAPE] = GEOMETRY

    def ids(self, rows: pd.DataFrame) -> list[str]:
        """Return the ids of the rows given; each must have a whole key of its own."""
        ids = row_ids(self.name, rows).tolist()
        if any(row.startswith("#") for row in ids) or not set(self.key) <= set(rows.columns):
            raise SourceError(say("store.rows_without_key", table=self.name, key=" + ".join(self.key)))
        return ids

    def current(self, rows: pd.DataFrame) -> dict[str, dict[str, Any] | None]:
        """Return what is stored of each row, by row id; None for a new one."""
        back = {column: stored for stored, column in self.columns.items()}
        where = " AND ".join(f"{quoted(back[column])} IS ?" for column in self.key)
        question = f"SELECT * FROM {quoted(self.stored)} WHERE {where}"
        found: dict[str, dict[str, Any] | None] = {}
        keys = storable(rows[list(self.key)]).astype("object").where(rows[list(self.key)].notna().to_numpy(), None)
        for row, key in zip(self.ids(rows), keys.itertuples(index=False, name=None), strict=True):
            record = self.connection.execute(question, key).fetchone()
            found[row] = None if record is None else dict(zip(self.columns.values(), record, strict=True))
        return found

    def add_columns(self, frame: pd.DataFrame) -> None:
        """Give the stored table the columns that it lacks."""
        lacking = [str(c) for c in frame.columns if c not in self.columns.values() and c != GEOMETRY]
        for column, stored in free_names(lacking, (*RESERVED_COLUMNS, *self.columns)).items():
            kind = SQL_TYPES.get(str(frame[column].dtype), "TEXT")
            self.connection.execute(f"ALTER TABLE {quoted(self.stored)} ADD COLUMN {quoted(stored)} {kind}")
            self.columns[stored] = column
            if stored != column:
                self.state.columns.setdefault(self.name, {})[column] = stored

    def put(self, row: str, new: pd.Series, old: dict[str, Any] | None, author: Author) -> int:
        """Insert or update one row; return its version."""
        cells = {stored: _plain(new[column]) for stored, column in self.columns.items() if column in new.index}
        if old is not None:
            version = int(old[ROW_VERSION] or 1) + 1
            self._remember(row, old, author)
            places = ", ".join(f"{quoted(stored)} = ?" for stored in (*cells, ROW_VERSION))
            question = f"UPDATE {quoted(self.stored)} SET {places} WHERE {FID} = ?"
            self.connection.execute(question, (*cells.values(), version, old[FID]))
            return version
        latest = self.connection.execute(
            'SELECT max(version) FROM history WHERE "table" = ? AND row_id = ?', (self.name, row)
        ).fetchone()[0]
        version = (latest or 0) + 1
        names = ", ".join(quoted(stored) for stored in (*cells, ROW_VERSION))
        places = ", ".join("?" * (len(cells) + 1))
        self.connection.execute(
            f"INSERT INTO {quoted(self.stored)} ({names}) VALUES ({places})", (*cells.values(), version)
        )
        return version

    def remove(self, row: str, old: dict[str, Any] | None, author: Author) -> None:
        """Delete one row."""
        if old is not None:
            self._remember(row, old, author)
            self.connection.execute(f"DELETE FROM {quoted(self.stored)} WHERE {FID} = ?", (old[FID],))

    def _remember(self, row: str, old: dict[str, Any], author: Author) -> None:
        kept = {column: value for column, value in old.items() if column not in (FID, ROW_VERSION)}
        content = old_row(pd.Series(kept, dtype="object"))
        record = (self.name, row, int(old[ROW_VERSION] or 1), author.at, author.who, author.why, content)
        append_history(self.connection, [record])

    def finish(self, moved: bool) -> None:
        """Note the time of the change, the layer's new extent, and new names of columns."""
        now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
        self.connection.execute(
            f"UPDATE gpkg_contents SET last_change = {now} WHERE lower(table_name) = lower(?)", (self.stored,)
        )
        if moved and self.shape:
            index = quoted(f"rtree_{self.stored}_{SHAPE}")
            self.connection.execute(
                f"UPDATE gpkg_contents SET (min_x, min_y, max_x, max_y) = "
                f"(SELECT min(minx), min(miny), max(maxx), max(maxy) FROM {index}) WHERE lower(table_name) = lower(?)",
                (self.stored,),
            )
        content = dict(self.state.frame().itertuples(index=False, name=None))["columns"]
        self.connection.execute(f"UPDATE {STATE} SET value = ? WHERE key = 'columns'", (content,))


def _plain(value: Any) -> Any:
    if hasattr(value, "geom_type"):
        return encode_geometry(value)
    if value is None or pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value
