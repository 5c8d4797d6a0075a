"""A town as one GeoPackage file: each table a layer or an attribute table, with row versions and a history.

Beside the town's tables the file holds ``town_settings`` (town.toml, one row per key), ``history`` (what changed rows
were before) and ``store_state`` (which tables are the town's, and names that SQLite could not take as they are). A
whole town is written to a copy that then takes the file's place, so a reader sees the old town or the new one.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import sqlite3
import time
import tomllib
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

import pandas as pd
import tomli_w

from zhenxing import schema
from zhenxing.errors import Issue, SourceError
from zhenxing.i18n import name_rows, say
from zhenxing.store.changes import HISTORY_COLUMNS, Author, StoredTable, compare, row_ids
from zhenxing.store.connection import connect, quoted, sqlite_faults
from zhenxing.store.folder import SCHEMA_VERSION, raise_errors
from zhenxing.store.layers import (
    MODEST_ROWS,
    RESERVED_COLUMNS,
    ROW_VERSION,
    drop_layer,
    free_names,
    read_attributes,
    read_layer,
    storable,
    write_attributes,
    write_layer,
)
from zhenxing.town import Settings, StoreState, Town

SETTINGS = "town_settings"
STATE = "store_state"
HISTORY = "history"
RUNS = "runs"
OWN_TABLES = (SETTINGS, STATE, HISTORY, RUNS, "layer_styles")
FOREIGN_PREFIXES = ("gpkg_", "rtree_", "sqlite_")
# A part file older than this was left by a writer that was killed.
STALE_SECONDS = 3600


class RunTable(TypedDict):
    """Where a kept result table lies in the file."""

    stored: str
    columns: dict[str, str]


@dataclass
class StoredState:
    """Content of ``store_state``: what the file's tables are and under which names the town's columns are stored."""

    store_id: str
    schema_version: int = SCHEMA_VERSION
    tables: dict[str, str] = field(default_factory=dict)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    # run id -> table -> where its rows are: the stored table, and the stored name of each column
    runs: dict[str, dict[str, RunTable]] = field(default_factory=dict)

    def run_tables(self) -> set[str]:
        """Stored names of all tables that hold rows of runs."""
        return {place["stored"] for tables in self.runs.values() for place in tables.values()}

    def frame(self) -> pd.DataFrame:
        """Return the state as the rows of its table."""
        records = [(name, json.dumps(value, ensure_ascii=False)) for name, value in vars(self).items()]
        return pd.DataFrame(records, columns=["key", "value"], dtype="str")


def settings_frame(settings: Settings) -> pd.DataFrame:
    """Return settings as rows of section, key and value; a value is written as TOML.

    Examples
    --------
    >>> settings_frame(Settings.parse({"plan": {"base_year": 2025, "horizon_years": 3}})).values.tolist()[0]
    ['plan', 'base_year', '2025']
    """
    records = []
    for section, content in settings.content().items():
        if not isinstance(content, dict):
            records.append(("", section, _toml(content)))
        elif not content:
            records.append((section, "", ""))
        else:
            records.extend((section, key, _toml(value)) for key, value in content.items())
    return pd.DataFrame(records, columns=["section", "key", "value"], dtype="str")


def _toml(value: Any) -> str:
    return tomli_w.dumps({"value": value}).removeprefix("value = ").rstrip("\n")


def _settings(rows: list[tuple[str | None, str | None, str | None]], source: str) -> Settings:
    content: dict[str, Any] = {}
    for section, key, value in rows:
        try:
            text = value or ""
            parsed = tomllib.loads(text if text.startswith(("[value", "[[value")) else f"value = {text}") if key else {}
        except tomllib.TOMLDecodeError as fault:
            raise SourceError(say("store.bad_toml", source=f"{source} {section}.{key}", reason=fault)) from None
        if not section:
            content[key or ""] = parsed["value"]
        else:
            part = content.setdefault(section, {})
            if key:
                part[key] = parsed.get("value", {})
    return Settings.parse(content, f"{source} {SETTINGS}")


def read_state(connection: sqlite3.Connection, path: Path) -> StoredState:
    """Return what ``store_state`` says.

    Raises
    ------
    SourceError
        When the file holds no town, or a newer version wrote it.
    """
    present = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if SETTINGS not in present:
        raise SourceError(say("store.no_town_in_file", source=path))
    if STATE not in present:
        return StoredState("")
    rows = connection.execute(f"SELECT key, value FROM {STATE}").fetchall()
    state = StoredState(**{key: json.loads(value) for key, value in rows if key in StoredState.__dataclass_fields__})
    if state.schema_version > SCHEMA_VERSION:
        raise SourceError(say("store.newer_schema", source=path, found=state.schema_version, known=SCHEMA_VERSION))
    return state


def _town_layers(connection: sqlite3.Connection, state: StoredState) -> dict[str, str]:
    """Stored name of each table of the town, other people's layers included, in the order of the file."""
    rows = connection.execute("SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes')")
    present = [name for (name,) in rows]
    ours = {name: stored for name, stored in state.tables.items() if stored in present}
    known = {*ours.values(), *state.run_tables(), *OWN_TABLES}
    return {**ours, **{name: name for name in present if name not in known and not name.startswith(FOREIGN_PREFIXES)}}


def read_stored(connection: sqlite3.Connection, path: Path, state: StoredState, name: str, stored: str) -> StoredTable:
    """Read one table of the town as it is stored, its columns under their own names, with the versions of its rows."""
    (kind,) = connection.execute("SELECT data_type FROM gpkg_contents WHERE table_name = ?", (stored,)).fetchone()
    (count,) = connection.execute(f"SELECT count(*) FROM {quoted(stored)}").fetchone()
    modest = kind == "attributes" and count <= MODEST_ROWS
    frame = read_attributes(connection, stored) if modest else read_layer(path, stored)
    names = {kept: column for column, kept in state.columns.get(name, {}).items()}
    versions = frame.pop(ROW_VERSION) if ROW_VERSION in frame.columns else pd.Series(1, index=frame.index)
    frame = frame.rename(columns=names)
    return StoredTable(frame, pd.Series(versions.fillna(1).to_numpy(dtype="int64"), index=row_ids(name, frame)))


def read_geopackage(path: Path) -> Town:
    """Read a town from a GeoPackage file."""
    connection = connect(path)
    try:
        with sqlite_faults(path):
            state = read_state(connection, path)
            rows = connection.execute(f"SELECT section, key, value FROM {SETTINGS} ORDER BY rowid").fetchall()
            layers = _town_layers(connection, state)
            stored = {name: read_stored(connection, path, state, name, layer) for name, layer in layers.items()}
    finally:
        connection.close()
    settings = _settings(rows, str(path))
    tables: dict[str, pd.DataFrame] = {}
    versions: dict[str, pd.Series] = {}
    issues: list[Issue] = []
    for name, (raw, found_versions) in stored.items():
        versions[name] = found_versions
        if name in schema.tables():
            tables[name], found = schema.conform(name, raw)
            issues.extend(found)
        else:
            tables[name] = raw
            issues.append(Issue("info", "unknown_table", say("store.unknown_table", source=f"{path} {name}"), name))
    raise_errors(str(path), issues)
    return Town(settings, tables, tuple(issues), StoreState(state.store_id, versions))


def write_geopackage(town: Town, path: Path, who: str = "", why: str = "") -> Town:
    """Write a whole town into a GeoPackage file, atomically; changed rows go up one version and into the history.

    Returns
    -------
    Town
        The same town with the versions that its rows now have, so that it can be changed and written again.

    Raises
    ------
    SourceError
        When rows were changed by somebody else since the town was read, or the file cannot be written.
    """
    path = path.resolve()
    part = path.with_name(f".{path.name}.{os.getpid()}.part.gpkg")
    author = Author.now(who, why)
    try:
        with sqlite_faults(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            _clear_stale(path)
            if path.exists():
                state = _rewrite(town, path, part, author)
            else:
                state = _fill_new(town, part)
                _sync(part)
                os.replace(part, path)
            return dataclasses.replace(town, state=state)
    finally:
        part.unlink(missing_ok=True)
        part.with_name(part.name + "-journal").unlink(missing_ok=True)


def _clear_stale(path: Path) -> None:
    for left in path.parent.glob(f".{path.name}.*.part.gpkg*"):
        if time.time() - left.stat().st_mtime > STALE_SECONDS:
            left.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _fill_new(town: Town, part: Path) -> StoreState:
    state = StoredState(uuid.uuid4().hex)
    versions = {name: pd.Series(1, index=row_ids(name, rows), dtype="int64") for name, rows in town.tables.items()}
    content = {SETTINGS: settings_frame(town.settings), HISTORY: schema.empty(HISTORY)}
    for name, frame in town.tables.items():
        content |= _named(state, name, storable(frame), versions[name])
    _write_content(part, {**content, STATE: state.frame()})
    return StoreState(state.store_id, versions)


def _write_content(part: Path, content: dict[str, pd.DataFrame]) -> None:
    """Write tables into a GeoPackage: layers and long tables through GDAL, the others in one transaction of SQLite."""
    bulk = {name for name, frame in content.items() if hasattr(frame, "geom_type") or len(frame) > MODEST_ROWS}
    if not bulk and not part.exists():
        # GDAL makes the file with all that a GeoPackage needs
        bulk = {SETTINGS}
    for name in bulk:
        write_layer(part, name, content[name])
    connection = connect(part, write=True)
    try:
        connection.execute("BEGIN")
        for name, frame in content.items():
            if name not in bulk:
                write_attributes(connection, name, frame)
        connection.commit()
    finally:
        connection.close()


def _named(state: StoredState, name: str, frame: pd.DataFrame, versions: pd.Series) -> dict[str, pd.DataFrame]:
    """Return a table with its versions under the names it is stored by, and note these in the state."""
    if name not in state.tables:
        taken = (*OWN_TABLES, *state.run_tables(), *state.tables.values(), "")
        wanted = f"table_{name}" if name.lower().startswith(FOREIGN_PREFIXES) else name
        state.tables[name] = free_names([wanted], taken)[wanted]
    names = free_names([str(column) for column in frame.columns if column != "geometry"], RESERVED_COLUMNS)
    state.columns[name] = {column: kept for column, kept in names.items() if column != kept}
    if not state.columns[name]:
        del state.columns[name]
    kept = frame.rename(columns=names)
    kept[ROW_VERSION] = versions.astype("Int64").array
    return {state.tables[name]: kept}


def _rewrite(town: Town, path: Path, part: Path, author: Author) -> StoreState:
    """Copy the file, replace in the copy what differs, and let the copy take the file's place."""
    held = connect(path, write=True)
    try:
        state = read_state(held, path)
        # QGIS turns write-ahead logging on while it has the file open; a log left beside a replaced file would spoil it
        held.execute("PRAGMA journal_mode = DELETE").fetchone()
        # nobody may change the file between the copy and the replacement
        held.execute("BEGIN IMMEDIATE")
        layers = _town_layers(held, state)
        old = {name: read_stored(held, path, state, name, stored) for name, stored in layers.items()}
        _refuse_conflicts(town, state, old, path)
        shutil.copy(path, part)
        state.tables = dict(layers)
        versions = _apply(town, part, state, old, author)
        _sync(part)
        os.replace(part, path)
        held.rollback()
        return StoreState(state.store_id, versions)
    finally:
        held.close()


def _refuse_conflicts(town: Town, state: StoredState, old: dict[str, StoredTable], path: Path) -> None:
    """Refuse to overwrite rows that somebody changed since this town was read from this very file."""
    if town.state is None or town.state.store_id != state.store_id:
        return
    issues = []
    for name in {**old, **town.state.versions}:
        is_now = old[name].versions.to_dict() if name in old else {}
        read = town.state.versions[name].to_dict() if name in town.state.versions else {}
        rows = tuple(str(row) for row in {**is_now, **read} if is_now.get(row) != read.get(row))
        if rows:
            text = say("store.changed_meanwhile", source=path, table=name, rows=name_rows(rows))
            issues.append(Issue("error", "changed_meanwhile", text, name, "", rows))
    if issues:
        raise SourceError(say("store.conflict", source=path, tables=", ".join(i.table for i in issues)), issues)


def _apply(
    town: Town, part: Path, state: StoredState, old: dict[str, StoredTable], author: Author
) -> dict[str, pd.Series]:
    """Bring the copy up to the town; return the version of each row by table and row id."""
    connection = connect(part, write=True)
    try:
        latest = _latest_versions(connection)
        history: list[pd.DataFrame] = []
        new = {name: storable(frame) for name, frame in town.tables.items()}
        drop: list[str] = [SETTINGS, STATE]
        put: list[str] = []
        versions: dict[str, pd.Series] = {}
        for name in {**old, **new}:
            before = old.get(name, StoredTable(pd.DataFrame(), pd.Series(dtype="int64")))
            change = compare(name, before, new.get(name, pd.DataFrame()), latest.get(name, {}), author)
            history.append(change.history)
            if name in new:
                versions[name] = change.versions.set_axis(row_ids(name, new[name]))
            if name in new and (change.changed or name not in old):
                put.append(name)
            if name in old and (name in put or name not in new):
                drop.append(state.tables[name])
            if name not in new:
                state.tables.pop(name)
                state.columns.pop(name, None)
        connection.execute("BEGIN")
        for stored in drop:
            drop_layer(connection, stored)
        for lines in history:
            append_history(connection, list(lines.itertuples(index=False, name=None)))
        connection.commit()
    finally:
        connection.close()
    content = {SETTINGS: settings_frame(town.settings)}
    for name in put:
        content |= _named(state, name, new[name], versions[name])
    _write_content(part, {**content, STATE: state.frame()})
    return versions


def _latest_versions(connection: sqlite3.Connection) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    rows = connection.execute(f'SELECT "table", row_id, max(version) FROM {HISTORY} GROUP BY 1, 2')
    for table, row, version in rows:
        found.setdefault(table, {})[row] = version
    return found


def read_history(path: str | Path) -> pd.DataFrame:
    """Return the history of a GeoPackage town: what changed rows were before, by whom and why, oldest first.

    Raises
    ------
    SourceError
        When the file holds no town.
    """
    place = Path(path)
    connection = connect(place)
    try:
        with sqlite_faults(place):
            read_state(connection, place)
            return schema.conform(HISTORY, read_attributes(connection, HISTORY))[0]
    finally:
        connection.close()


def append_history(connection: sqlite3.Connection, records: list[tuple[Any, ...]]) -> None:
    """Add records of table, row id, version, time, author, reason and old content to the history."""
    columns = ", ".join(quoted(column) for column in HISTORY_COLUMNS)
    places = ", ".join("?" * len(HISTORY_COLUMNS))
    connection.executemany(f"INSERT INTO {HISTORY} ({columns}) VALUES ({places})", records)
