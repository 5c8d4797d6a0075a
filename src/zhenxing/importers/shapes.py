"""Shapes of a layer made fit for a table: flat, of one kind, valid — or listed, never repaired in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zhenxing import schema
from zhenxing.importers.crs import GCJ02, STORAGE, check_magnitude, local_plane
from zhenxing.importers.extract import Extract
from zhenxing.importers.findings import Finding, row_finding, sheet_finding
from zhenxing.importers.gcj02 import from_gcj02
from zhenxing.importers.headers import Header

GEOMETRY = "geometry"
LARGEST_CHANGE = 0.01
_KINDS: Mapping[str, tuple[int, ...]] = {"polygon": (3, 6), "line": (1, 5), "point": (0, 4)}
_KIND_NAMES = {0: "Point", 1: "LineString", 2: "LinearRing", 3: "Polygon", 4: "MultiPoint", 5: "MultiLineString"}
_KIND_NAMES |= {6: "MultiPolygon", 7: "GeometryCollection"}


def table_kind(table: str) -> str:
    """Return the kind of shape that a table keeps: polygon, line, point or ``""``.

    Examples
    --------
    >>> table_kind("sites"), table_kind("budget")
    ('polygon', '')
    """
    return schema.table(table).geometry.removeprefix("optional ").strip()


def layer_kind(shapes: pd.Series) -> str:
    """Return the kind that most shapes of a layer are of."""
    types = shapely.get_type_id(shapes.dropna().to_numpy())
    counts = {kind: int(np.isin(types, ids).sum()) for kind, ids in _KINDS.items()}
    return max(counts, key=lambda kind: counts[kind]) if any(counts.values()) else ""


def attach_shapes(extract: Extract) -> None:
    """Add a layer's shapes to its rows; what cannot be kept is listed and its row stays without a shape."""
    sheet = extract.sheet
    if sheet.geometry is None:
        return
    kind = table_kind(extract.table)
    if not kind:
        extract.findings.append(sheet_finding("warning", "geometry_no_table", sheet, extract.table))
        return
    rows = extract.frame.index.to_numpy()
    shapes = sheet.geometry.to_numpy()[rows].copy()
    shapes = _flat(extract, shapes)
    shapes = _finite(extract, shapes, rows)
    shapes = _of_kind(extract, shapes, rows, kind)
    if kind == "polygon":
        shapes = _valid(extract, shapes, rows)
    shapes = _promoted(shapes)
    series = gpd.GeoSeries(shapes, index=extract.frame.index, crs=STORAGE)
    extract.frame = gpd.GeoDataFrame(extract.frame, geometry=series, crs=STORAGE)


def _flat(extract: Extract, shapes: np.ndarray) -> np.ndarray:
    high = shapely.has_z(shapes)
    if high.any():
        extract.findings.append(
            sheet_finding("info", "geometry_flattened", extract.sheet, extract.table, count=int(high.sum()))
        )
    flat: np.ndarray = shapely.force_2d(shapes)
    return flat


def _finite(extract: Extract, shapes: np.ndarray, rows: np.ndarray) -> np.ndarray:
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    bad = np.unique(owner[~np.isfinite(coordinates).all(axis=1)])
    if len(bad):
        extract.findings.append(_listed(extract, "geometry_not_finite", rows[bad]))
        shapes[bad] = None
    empty = np.flatnonzero([shape is None or shape.is_empty for shape in shapes])
    empty = np.setdiff1d(empty, bad)
    if len(empty):
        extract.findings.append(_listed(extract, "geometry_empty", rows[empty]))
        shapes[empty] = None
    return shapes


def _of_kind(extract: Extract, shapes: np.ndarray, rows: np.ndarray, kind: str) -> np.ndarray:
    types = shapely.get_type_id(shapes)
    wrong = np.flatnonzero((types >= 0) & ~np.isin(types, _KINDS[kind]))
    if len(wrong):
        kinds = "、".join(sorted({_KIND_NAMES[int(types[at])] for at in wrong}))
        extract.findings.append(_listed(extract, "geometry_kind", rows[wrong], kinds=kinds, wanted=kind))
        shapes[wrong] = None
    return shapes


def _valid(extract: Extract, shapes: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Repair a ring that crosses itself when that leaves its area; else keep no shape and list it.

    Two methods of repair are compared: where they disagree about the area, only a person can say what was meant.
    """
    present = np.array([shape is not None for shape in shapes])
    broken = np.flatnonzero(present & ~shapely.is_valid(shapes))
    for at in broken:
        before = _area(shapes[at])
        repaired = shapely.make_valid(shapes[at], method="structure", keep_collapsed=False)
        other = _area(shapely.make_valid(shapes[at], method="linework"))
        after = _area(repaired)
        same = abs(after - before) <= LARGEST_CHANGE * max(before, after)
        agreed = abs(after - other) <= LARGEST_CHANGE * max(after, other)
        code = "geometry_repaired" if same and agreed and after > 0 else "geometry_quarantined"
        extract.findings.append(_listed(extract, code, rows[[at]], before=f"{before:,.1f}", after=f"{after:,.1f}"))
        shapes[at] = _polygons(repaired) if code == "geometry_repaired" else None
    return shapes


def _polygons(shape: shapely.Geometry) -> shapely.Geometry:
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    return shapely.multipolygons([part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"])


def _area(shape: shapely.Geometry) -> float:
    """Area in m2 in the local plane; of a ring that crosses itself the signed sum, as drawn."""
    longitude = float(shapely.get_coordinates(shape)[:, 0].mean())
    return float(gpd.GeoSeries([shape], crs=STORAGE).to_crs(local_plane(longitude)).area.iloc[0])


def _promoted(shapes: np.ndarray) -> np.ndarray:
    """A GIS layer holds one kind of shape: single ones become multiples where both occur."""
    types = set(shapely.get_type_id(shapes)) - {-1}
    for single, many, make in (
        (0, 4, shapely.multipoints),
        (1, 5, shapely.multilinestrings),
        (3, 6, shapely.multipolygons),
    ):
        if {single, many} <= types:
            return np.array(
                [
                    make([shape]) if shape is not None and shape.geom_type == _KIND_NAMES[single] else shape
                    for shape in shapes
                ],
                dtype=object,
            )
    return shapes


def _listed(extract: Extract, code: str, rows: np.ndarray, **values: object) -> Finding:
    return row_finding(code, extract.sheet, extract.table, [int(row) for row in rows], **values)


_LONGITUDES = frozenset({"经度", "lon", "lng", "long", "longitude", "x", "x坐标", "坐标x", "东经"})
_LATITUDES = frozenset({"纬度", "lat", "latitude", "y", "y坐标", "坐标y", "北纬"})


def points_from_columns(extract: Extract, headers: Sequence[Header], crs: str) -> None:
    """Make points of a table that keeps points from its columns of coordinates, in the system that the user names.

    Without a system nothing is made: the coordinates of web maps lie half a kilometre off.
    """
    if table_kind(extract.table) != "point" or extract.sheet.geometry is not None:
        return
    bases = [header.base for header in headers]
    x = next((place for place, base in enumerate(bases) if base in _LONGITUDES), None)
    y = next((place for place, base in enumerate(bases) if base in _LATITUDES), None)
    if x is None or y is None:
        return
    named = f"{headers[x].text}、{headers[y].text}"
    if not crs:
        extract.findings.append(
            sheet_finding("warning", "points_without_crs", extract.sheet, extract.table, columns=named)
        )
        return
    rows = extract.frame.index.to_numpy()
    columns = [pd.to_numeric(extract.sheet.cells[place].iloc[rows], errors="coerce") for place in (x, y)]
    points = np.column_stack([column.to_numpy(dtype="float64") for column in columns])
    known = np.isfinite(points).all(axis=1)
    if not known.any():
        return
    bounds = (*map(float, points[known].min(axis=0)), *map(float, points[known].max(axis=0)))
    assert len(bounds) == 4
    if crs == GCJ02:
        check_magnitude(extract.sheet.title, crs, True, bounds)
        points, system = from_gcj02(points), STORAGE
    else:
        system = crs
    shapes = np.array([shapely.Point(point) if good else None for point, good in zip(points, known, strict=True)])
    series = gpd.GeoSeries(shapes, index=extract.frame.index, crs=system)
    check_magnitude(extract.sheet.title, system, bool(series.crs.is_geographic), bounds)
    extract.frame = gpd.GeoDataFrame(extract.frame, geometry=series.to_crs(STORAGE))
    extract.findings.append(
        sheet_finding(
            "info", "points_made", extract.sheet, extract.table, columns=named, crs=crs, count=int(known.sum())
        )
    )
