"""Whole tables in a GeoPackage: written and read in bulk through Arrow, dropped through SQL."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely

from zhenxing.schema.conversion import as_text
from zhenxing.store.connection import quoted
from zhenxing.store.geojson import CRS, lonlat
from zhenxing.store.text_tables import GEOMETRY

FID = "fid"
FID_COLUMN = f"{FID} INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"
SHAPE = "geom"
ROW_VERSION = "row_version"
# Names a stored column may not take, whatever its case: SQLite does not tell cases apart.
RESERVED_COLUMNS = (FID, SHAPE, ROW_VERSION, "")
SQL_TYPES = {"float64": "REAL", "Int64": "INTEGER", "boolean": "BOOLEAN"}
# Up to so many rows SQLite itself is quicker than opening the file once more through GDAL.
MODEST_ROWS = 2000
_TYPES = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}


def free_names(names: list[str], reserved: tuple[str, ...]) -> dict[str, str]:
    """Return under which name each name is stored, so that none differ by case alone or take a reserved one.

    Examples
    --------
    >>> free_names(["Name", "name", "fid"], ("fid",))
    {'Name': 'Name', 'name': 'name_2', 'fid': 'fid_2'}
    """
    taken = {name.lower() for name in reserved}
    stored: dict[str, str] = {}
    for name in names:
        candidate, number = name, 2
        while candidate.lower() in taken:
            candidate, number = f"{name}_{number}", number + 1
        taken.add(candidate.lower())
        stored[name] = candidate
    return stored


def storable(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with only the column types a GeoPackage knows: text, 64-bit integer, real, boolean, geometry."""
    columns: dict[str, pd.Series] = {}
    for name in frame.columns:
        cells = frame[name]
        if name == GEOMETRY and isinstance(frame, gpd.GeoDataFrame):
            continue
        if pd.api.types.is_bool_dtype(cells.dtype):
            columns[str(name)] = cells.astype("boolean")
        elif pd.api.types.is_integer_dtype(cells.dtype):
            columns[str(name)] = cells.astype("Int64")
        elif pd.api.types.is_float_dtype(cells.dtype):
            columns[str(name)] = cells.astype("float64")
        else:
            columns[str(name)] = as_text(cells)
    plain = pd.DataFrame(columns, index=frame.index).reset_index(drop=True)
    if isinstance(frame, gpd.GeoDataFrame) and GEOMETRY in frame.columns:
        shapes = lonlat(frame).geometry.to_numpy()
        layer: pd.DataFrame = gpd.GeoDataFrame(plain, geometry=gpd.GeoSeries(shapes, index=plain.index, crs=CRS))
        return layer
    return plain


def write_layer(path: Path, stored: str, frame: pd.DataFrame) -> None:
    """Write a new layer or attribute table into a GeoPackage, making the file when there is none."""
    options: dict[str, object] = {"driver": "GPKG", "layer": stored, "use_arrow": True}
    if isinstance(frame, gpd.GeoDataFrame):
        kinds = set(frame.geometry.dropna().geom_type)
        kind = kinds.pop() if len(kinds) == 1 and not frame.geometry.has_z.any() else "Unknown"
        options |= {"geometry_type": kind, "promote_to_multi": False, "GEOMETRY_NAME": SHAPE}
    pyogrio.write_dataframe(frame, path, FID=FID, **options)


def read_layer(path: Path, stored: str) -> pd.DataFrame:
    """Read a whole layer or attribute table in the order of its rows, in the types of ``storable``."""
    head, table = pyogrio.read_arrow(path, layer=stored)
    shape = head["geometry_name"] or "wkb_geometry"
    plain = table.drop_columns([shape]) if shape in table.column_names else table
    frame: pd.DataFrame = plain.to_pandas(types_mapper=_TYPES.get)
    for name in frame.columns:
        if frame[name].dtype == object or pd.api.types.is_datetime64_any_dtype(frame[name].dtype):
            frame[name] = as_text(frame[name])
    if shape not in table.column_names or head["geometry_type"] is None:
        return frame
    shapes = np.asarray(shapely.from_wkb(table.column(shape).to_numpy(zero_copy_only=False)), dtype=object)
    layer = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=frame.index, crs=head["crs"] or CRS))
    placed: pd.DataFrame = lonlat(layer)
    return placed


def write_attributes(connection: sqlite3.Connection, stored: str, frame: pd.DataFrame) -> None:
    """Add rows to an attribute table, making it or its columns when they are lacking; for tables of modest size."""
    present = [row[1] for row in connection.execute(f"PRAGMA table_info({quoted(stored)})")]
    kinds = {str(column): SQL_TYPES.get(str(frame[column].dtype), "TEXT") for column in frame.columns}
    if not present:
        columns = [f"{quoted(column)} {kind}" for column, kind in kinds.items()]
        connection.execute(f"CREATE TABLE {quoted(stored)} ({', '.join([FID_COLUMN, *columns])})")
        connection.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES (?, 'attributes', ?, 0)",
            (stored, stored),
        )
    for column, kind in kinds.items():
        if present and column not in present:
            connection.execute(f"ALTER TABLE {quoted(stored)} ADD COLUMN {quoted(column)} {kind}")
    if not len(frame) or not kinds:
        return
    cells = [_objects(frame[column]) for column in frame.columns]
    names = ", ".join(quoted(column) for column in kinds)
    places = ", ".join("?" * len(kinds))
    connection.executemany(f"INSERT INTO {quoted(stored)} ({names}) VALUES ({places})", zip(*cells, strict=True))


def _objects(cells: pd.Series) -> list[object]:
    """Return a column as what SQLite takes: Python's own objects, None for missing."""
    objects: list[object] = cells.astype("object").where(cells.notna(), None).tolist()
    return objects


def read_attributes(connection: sqlite3.Connection, stored: str) -> pd.DataFrame:
    """Read an attribute table in the order of its rows, in the types of ``storable``; for tables of modest size."""
    declared = {row[1]: str(row[2]).upper() for row in connection.execute(f"PRAGMA table_info({quoted(stored)})")}
    keys = {row[1] for row in connection.execute(f"PRAGMA table_info({quoted(stored)})") if row[5]}
    names = [name for name in declared if name not in keys]
    columns = ", ".join(quoted(name) for name in names) or "NULL"
    rows = connection.execute(f"SELECT {columns} FROM {quoted(stored)} ORDER BY rowid").fetchall()
    frame = pd.DataFrame({name: _typed([row[at] for row in rows], declared[name]) for at, name in enumerate(names)})
    return frame if names else pd.DataFrame(index=range(len(rows)))


def _typed(cells: list[object], kind: str) -> pd.Series:
    """Return a column in the type its table declares; as text when a cell is of another kind than declared."""
    dtype = next((dtype for dtype, sql in SQL_TYPES.items() if sql == kind), "str")
    wanted = (int, float) if dtype == "float64" else (int,)
    if dtype == "str" or not all(cell is None or isinstance(cell, wanted) for cell in cells):
        return as_text(pd.Series(cells, dtype="object"))
    if dtype == "boolean":
        cells = [None if cell is None else bool(cell) for cell in cells]
    return pd.Series(np.array(cells, dtype="object"), dtype=dtype)


def drop_layer(connection: sqlite3.Connection, stored: str) -> None:
    """Remove a layer or attribute table with its spatial index and its entries in the GeoPackage's own tables."""
    shapes = connection.execute(
        "SELECT column_name FROM gpkg_geometry_columns WHERE lower(table_name) = lower(?)", (stored,)
    )
    for (column,) in shapes.fetchall():
        connection.execute(f"DROP TABLE IF EXISTS {quoted(f'rtree_{stored}_{column}')}")
    connection.execute(f"DROP TABLE IF EXISTS {quoted(stored)}")
    present = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    own = ("gpkg_extensions", "gpkg_ogr_contents", "gpkg_geometry_columns", "gpkg_contents")
    for table in (table for table in own if table in present):
        connection.execute(f"DELETE FROM {table} WHERE lower(table_name) = lower(?)", (stored,))
