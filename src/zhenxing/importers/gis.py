"""GIS layers (.geojson, .gpkg, .shp) as sheets with shapes in EPSG:4490."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyogrio.errors
import shapely

from zhenxing.errors import SourceError
from zhenxing.i18n import say
from zhenxing.importers.crs import (
    GCJ02,
    STORAGE,
    check_magnitude,
    refuse_map_service,
    refuse_unknown,
    wanted_crs,
)
from zhenxing.importers.dbf import read_dbf_names, sniff_dbf_encoding
from zhenxing.importers.gcj02 import from_gcj02
from zhenxing.importers.recognition import complete_name
from zhenxing.importers.sheets import MAX_ROWS, Sheet

_CRS_MEMBER = re.compile(rb'"crs"\s*:\s*\{')
_EPSG_EQUAL = {"EPSG:4326", "EPSG:4490", "OGC:CRS84"}
Notes = list[tuple[str, dict[str, object]]]


@dataclass(frozen=True)
class GisOptions:
    """The user's word on layers: coordinate system, encoding of attribute tables, limit of rows."""

    crs: str = ""
    encoding: str = ""
    max_rows: int = MAX_ROWS


def read_layers(path: Path, file: str, options: GisOptions) -> list[Sheet]:
    """Read all layers of a file; shapes come back in the storage system EPSG:4490.

    Raises
    ------
    SourceError
        When the file is damaged.
    CrsSuspicionError
        When the system is unknown, contradicts the coordinates, or looks like GCJ-02; nothing is converted then.
    """
    sheets = []
    notes: Notes = []
    try:
        with tempfile.TemporaryDirectory() as place:
            readable = _with_index(path, Path(place), notes)
            layers = pyogrio.list_layers(readable)
            for name, kind in layers:
                own: Notes = [*notes]
                frame = _frame(readable, str(name), options, own)
                if len(frame) > options.max_rows:
                    raise SourceError(say("importers.too_long", file=file, rows=len(frame), limit=options.max_rows))
                shown = str(name) if len(layers) > 1 else ""
                sheets.append(_sheet(frame, path, file, shown, kind is not None, options, own))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, OSError, UnicodeError) as fault:
        raise SourceError(say("importers.corrupt", file=file, fault=str(fault)[:200])) from fault
    return sheets


def _with_index(path: Path, place: Path, notes: Notes) -> Path:
    """Return a shapefile with its .shx; a missing one is rebuilt on a copy, the sender's folder stays as it is."""
    if path.suffix.lower() != ".shp" or any(path.with_suffix(end).exists() for end in (".shx", ".SHX")):
        return path
    for part in path.parent.glob(f"{path.stem}.*"):
        shutil.copy(part, place / part.name)
    pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": True})
    try:
        pyogrio.read_info(place / path.name, encoding="ISO-8859-1")
    finally:
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": None})
    notes.append(("shx_rebuilt", {}))
    return place / path.name


def _frame(path: Path, layer: str, options: GisOptions, notes: Notes) -> Any:
    if path.suffix.lower() != ".shp":
        return pyogrio.read_dataframe(path, layer=layer)
    table = path.with_suffix(".dbf")
    if not table.exists():
        return pyogrio.read_dataframe(path)
    encoding = options.encoding or _code_page(path) or sniff_dbf_encoding(table)
    notes.append(("field_encoding", {"encoding": encoding.upper()}))
    # GDAL stops at a name that is cut within a character: read raw bytes and decode here
    frame = pyogrio.read_dataframe(path, encoding="ISO-8859-1")
    names, cut = read_dbf_names(table, encoding)
    whole = [complete_name(name) if name in cut else name for name in names]
    if whole != names:
        pairs = [f"{short} → {full}" for short, full in zip(names, whole, strict=True) if short != full]
        notes.append(("name_cut", {"names": "、".join(pairs)}))
    names = whole
    attributes = [column for column in frame.columns if column != "geometry"]
    if len(names) == len(attributes):
        frame = frame.rename(columns=dict(zip(attributes, names, strict=True)))
    for column in frame.columns:
        if column != "geometry" and (frame[column].dtype == object or frame[column].dtype == "str"):
            frame[column] = [_decoded(value, encoding) for value in frame[column]]
    return frame


def _code_page(path: Path) -> str:
    page = path.with_suffix(".cpg")
    if not page.exists():
        return ""
    text = page.read_text(encoding="ascii", errors="ignore").strip()
    return {"936": "gb18030", "gbk": "gb18030", "65001": "utf-8"}.get(text.lower(), text)


def _decoded(value: object, encoding: str) -> object:
    return value.encode("latin-1").decode(encoding, errors="ignore") if isinstance(value, str) else value


def _sheet(frame: Any, path: Path, file: str, name: str, spatial: bool, options: GisOptions, notes: Notes) -> Sheet:
    spatial = spatial and isinstance(frame, gpd.GeoDataFrame) and bool(frame.geometry.notna().any())
    attributes = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    if _is_feature_number(attributes):
        attributes = attributes.drop(columns="id")
    cells = attributes.astype(object).where(attributes.notna(), None)
    names = tuple(map(str, cells.columns))
    cells.columns = pd.RangeIndex(len(names))
    sheet = Sheet(path, file, name, cells.reset_index(drop=True), names=names, notes=tuple(notes))
    if spatial:
        shapes = frame.geometry.reset_index(drop=True)
        sheet.geometry, said, sheet.crs_assumed = _in_storage(shapes, sheet, path, options)
        sheet.notes = (*sheet.notes, *said)
    return sheet


def _is_feature_number(attributes: pd.DataFrame) -> bool:
    """GDAL hands on a GeoJSON feature's own number as a column ``id``: 0, 1, 2 … says nothing about the place."""
    if "id" not in attributes:
        return False
    numbers = attributes["id"].astype(str).tolist()
    return numbers in ([str(n) for n in range(len(numbers))], [str(n + 1) for n in range(len(numbers))])


def _in_storage(
    shapes: gpd.GeoSeries, sheet: Sheet, path: Path, options: GisOptions
) -> tuple[gpd.GeoSeries, Notes, bool]:
    """Bring shapes to EPSG:4490 by the declared system; an unknown or suspicious one raises."""
    coordinates = shapely.get_coordinates(shapes.to_numpy())
    finite = coordinates[np.isfinite(coordinates).all(axis=1)]
    if not len(finite):
        return shapes.set_crs(STORAGE, allow_override=True), [], False
    bounds = (*map(float, finite.min(axis=0)), *map(float, finite.max(axis=0)))
    assert len(bounds) == 4
    bare_geojson = path.suffix.lower() in (".geojson", ".json") and not _has_crs_member(path)
    declared = "" if shapes.crs is None or bare_geojson else shapes.crs.to_string()
    wanted = wanted_crs(options.crs, sheet.file)
    if wanted == GCJ02 and (not declared or declared in _EPSG_EQUAL):
        check_magnitude(sheet.title, wanted, True, bounds)
        moved = shapely.transform(shapes.to_numpy(), from_gcj02)
        shift = _metres(finite, from_gcj02(finite))
        values: dict[str, object] = {"count": int(shapes.notna().sum()), "shift": f"{shift:.0f}"}
        return gpd.GeoSeries(moved, crs=STORAGE), [("crs_converted_gcj02", values)], False
    if not wanted:
        refuse_map_service(sheet.title, path, sheet.names, bounds)
    crs = declared or wanted
    if not crs and bare_geojson and abs(bounds[0]) <= 180 and abs(bounds[2]) <= 180:
        return shapes.set_crs(STORAGE, allow_override=True), [("crs_geojson", {})], True
    if not crs:
        refuse_unknown(sheet.title, bounds)
    named = shapes.set_crs(crs, allow_override=True)
    check_magnitude(sheet.title, crs, bool(named.crs.is_geographic), bounds)
    count = int(shapes.notna().sum())
    # PROJ's step from WGS 84 to CGCS2000 is a null operation: the coordinates are taken as equal
    stored = named.set_crs(STORAGE, allow_override=True) if crs in _EPSG_EQUAL else named.to_crs(STORAGE)
    return stored, [("crs_declared", {"crs": crs, "count": count})], False


def _has_crs_member(path: Path) -> bool:
    with path.open("rb") as opened:
        tail = b""
        while chunk := opened.read(1 << 20):
            if _CRS_MEMBER.search(tail + chunk):
                return True
            tail = chunk[-64:]
    return False


def _metres(one: np.ndarray, other: np.ndarray) -> float:
    """Middle distance of two sets of longitude and latitude in metres (on a sphere of 6371 km)."""
    step = (other - one) * np.pi / 180 * 6_371_000
    return float(np.median(np.hypot(step[:, 0] * np.cos(np.radians(one[:, 1])), step[:, 1])))
