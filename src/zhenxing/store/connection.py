"""The one way in which a GeoPackage is opened for reading and changing rows.

The spatial index of a layer is kept by triggers that GDAL wrote; they call SQL functions that plain SQLite does not
have. The connections made here register them, so that rows with geometry can be inserted, changed and deleted.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import shapely

from zhenxing.errors import SourceError
from zhenxing.i18n import say

BUSY_SECONDS = 5.0
SRS_ID = 4490
# GeoPackage 1.3, clause 2.1.3: flag bits of a geometry's header, and bytes of its envelope by envelope code.
_EMPTY_FLAG = 0x10
_ENVELOPE_BYTES = (0, 32, 48, 48, 64)


def encode_geometry(shape: shapely.Geometry | None) -> bytes | None:
    """Return a shape as the bytes that a GeoPackage stores.

    Examples
    --------
    >>> decode_geometry(encode_geometry(shapely.Point(113.2, 22.6))).x
    113.2
    """
    if shape is None:
        return None
    flags = 0x01 | (_EMPTY_FLAG if shape.is_empty else 0x02)
    west, south, east, north = shape.bounds if not shape.is_empty else (0.0, 0.0, 0.0, 0.0)
    envelope = b"" if shape.is_empty else struct.pack("<4d", west, east, south, north)
    body: bytes = shapely.to_wkb(shape, flavor="iso")
    return b"GP" + struct.pack("<BBi", 0, flags, SRS_ID) + envelope + body


def decode_geometry(stored: bytes | None) -> shapely.Geometry | None:
    """Return the shape of the bytes that a GeoPackage stores."""
    return None if stored is None else shapely.from_wkb(stored[_header_bytes(stored) :])


def _header_bytes(stored: bytes) -> int:
    return 8 + _ENVELOPE_BYTES[(stored[3] >> 1) & 0x07]


def _is_empty(stored: bytes | None) -> int | None:
    return None if stored is None else int(bool(stored[3] & _EMPTY_FLAG))


def _bound(place: int) -> Callable[[bytes | None], float | None]:
    def bound(stored: bytes | None) -> float | None:
        if stored is None or stored[3] & _EMPTY_FLAG:
            return None
        if _header_bytes(stored) > 8:
            order = "<" if stored[3] & 0x01 else ">"
            west, east, south, north = struct.unpack_from(f"{order}4d", stored, 8)
        else:
            west, south, east, north = shapely.from_wkb(stored[8:]).bounds
        return float((west, east, south, north)[place])

    return bound


SPATIAL_FUNCTIONS: dict[str, Callable[[bytes | None], float | int | None]] = {
    "ST_IsEmpty": _is_empty,
    "ST_MinX": _bound(0),
    "ST_MaxX": _bound(1),
    "ST_MinY": _bound(2),
    "ST_MaxY": _bound(3),
}


@contextmanager
def sqlite_faults(path: Path) -> Iterator[None]:
    """Turn what SQLite and GDAL raise about a file into a message that says what to do."""
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError

    try:
        yield
    except (sqlite3.Error, DataSourceError, DataLayerError, FeatureError, FieldError, OSError) as fault:
        reason = str(fault)
        if "locked" in reason or "busy" in reason:
            raise SourceError(say("store.busy", source=path)) from None
        if "readonly" in reason or "read-only" in reason or isinstance(fault, PermissionError):
            raise SourceError(say("store.read_only", source=path)) from None
        if "not a database" in reason or "malformed" in reason or "file is encrypted" in reason:
            raise SourceError(say("store.not_geopackage", source=path)) from None
        raise SourceError(say("store.geopackage_fault", source=path, reason=reason)) from None


def connect(path: str | Path, *, write: bool = False) -> sqlite3.Connection:
    """Open a GeoPackage with the SQL functions that its layers' triggers call.

    Parameters
    ----------
    path : path
        An existing GeoPackage.
    write : bool
        Open for changes; by default the file cannot be changed through the connection.

    Raises
    ------
    SourceError
        When there is no such file, or it is no GeoPackage.
    """
    place = Path(path)
    if not place.is_file():
        raise SourceError(say("store.missing_town", source=path))
    with sqlite_faults(place):
        mode = "rw" if write else "ro"
        address = f"{place.resolve().as_uri()}?mode={mode}"
        connection = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            for name, function in SPATIAL_FUNCTIONS.items():
                connection.create_function(name, 1, function, deterministic=True)
            found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'gpkg_contents'").fetchone()
        except BaseException:
            connection.close()
            raise
    if found is None:
        connection.close()
        raise SourceError(say("store.not_geopackage", source=path))
    return connection


@contextmanager
def transaction(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a GeoPackage for changes that happen together or not at all."""
    connection = connect(path, write=True)
    try:
        with sqlite_faults(path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()
    finally:
        connection.close()


def quoted(name: str) -> str:
    """Return a name as SQL writes it.

    Examples
    --------
    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'
