"""Geometry as GeoJSON text: EPSG:4490 longitude and latitude, coordinates exact."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zhenxing.errors import Issue, SourceError
from zhenxing.i18n import name_rows, say
from zhenxing.store.text_tables import cells

CRS = "EPSG:4490"
_CRS_MEMBER = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
# Names under which longitude and latitude arrive; all of them agree with EPSG:4490 to well under a metre.
_LONGITUDE_LATITUDE = ("4490", "4326", "CRS84")


def lonlat(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer in EPSG:4490; one without a declared system is taken to be in it already."""
    if frame.crs is None:
        return frame.set_crs(CRS)
    return frame if frame.crs.to_epsg() == 4490 else frame.to_crs(CRS)


def geojson_bytes(frame: gpd.GeoDataFrame, properties: list[str]) -> bytes:
    """Return a layer's shapes with some of its columns as the bytes of a GeoJSON file.

    Examples
    --------
    >>> layer = gpd.GeoDataFrame({"place_id": ["a"]}, geometry=[shapely.Point(113.2, 22.6)], crs=CRS)
    >>> b'"coordinates":[113.2,22.6]' in geojson_bytes(layer, ["place_id"])
    True
    """
    layer = lonlat(frame)
    shapes = shapely.to_geojson(layer.geometry.to_numpy())
    rows = layer[properties].astype("object").where(layer[properties].notna(), None).to_dict("records")
    texts = [json.dumps(row, ensure_ascii=False, default=str) for row in rows]
    features = [
        f'{{"type":"Feature","properties":{text},"geometry":{shape or "null"}}}'
        for text, shape in zip(texts, shapes, strict=True)
    ]
    head = f'{{"type":"FeatureCollection","crs":{json.dumps(_CRS_MEMBER)},"features":[\n'
    return (head + ",\n".join(features) + "\n]}\n").encode("utf-8")


def read_geojson(path: Path) -> gpd.GeoDataFrame:
    """Read a GeoJSON file: its properties as they are, its shapes in EPSG:4490.

    Raises
    ------
    SourceError
        When the file is no GeoJSON, or its coordinates are not longitude and latitude.
    """
    source = path.name
    try:
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
        features = content["features"]
        shapes = shapely.from_geojson(
            [None if f.get("geometry") is None else json.dumps(f["geometry"]) for f in features]
        )
        records = [f.get("properties") or {} for f in features]
    except UnicodeDecodeError:
        raise SourceError(say("store.not_utf8", source=source)) from None
    except (ValueError, KeyError, TypeError, AttributeError, shapely.errors.GEOSException) as fault:
        raise SourceError(say("store.bad_geometry", source=source, reason=str(fault)[:200])) from None
    except OSError as fault:
        raise SourceError(say("store.cannot_read", source=source, reason=fault.strerror)) from None
    shapes = np.asarray(shapes, dtype=object).reshape(len(features))
    _require_lonlat(content, shapes, source)
    columns = list(dict.fromkeys(name for record in records for name in record))
    table = pd.DataFrame(
        {name: [record.get(name) for record in records] for name in columns}, index=range(len(records))
    )
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, index=table.index, crs=CRS))


def _require_lonlat(content: dict[str, Any], shapes: np.ndarray, source: str) -> None:
    member = content.get("crs")
    declared = str(member.get("properties", {}).get("name", "")) if isinstance(member, dict) else ""
    bounds = shapely.total_bounds(shapes) if len(shapes) else np.full(4, np.nan)
    inside = bool(np.isnan(bounds).any()) or (
        -180 <= bounds[0] <= bounds[2] <= 180 and -90 <= bounds[1] <= bounds[3] <= 90
    )
    if (declared and not declared.endswith(_LONGITUDE_LATITUDE)) or not inside:
        found = declared or "x " + " … ".join(f"{bounds[place]:.0f}" for place in (0, 2))
        raise SourceError(say("store.not_lonlat", source=source, found=found))


def join_geometry(
    name: str, key: tuple[str, ...], rows: pd.DataFrame, layer: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, list[Issue]]:
    """Return a table with the shapes of its GeoJSON file, matched by the table's key.

    Returns
    -------
    GeoDataFrame
        The table's rows in their order; rows without a shape have none.
    list of Issue
        Shapes without a row (warning); shapes that cannot be matched or are repeated (error).
    """
    source, issues = f"{name}.geojson", []
    lacking = [column for column in key if column not in layer.columns]
    shapes = np.full(len(rows), None, dtype=object)
    if (lacking or not key) and len(layer):
        text = say("store.geometry_without_id", source=source, column=", ".join(lacking), table=name)
        issues.append(Issue("error", "geometry_without_id", text, name))
    elif len(layer) and set(key) <= set(rows.columns):
        wanted = _joined(rows, key)
        given = _joined(layer, key)
        repeated = tuple(dict.fromkeys(given[given.duplicated()]))
        if repeated:
            text = say("store.repeated_geometry", source=source, rows=name_rows(repeated))
            issues.append(Issue("error", "repeated_geometry", text, name, "geometry", repeated))
        unused = tuple(given[~given.isin(wanted)])
        if unused:
            text = say("store.geometry_without_row", source=source, table=name, rows=name_rows(unused))
            issues.append(Issue("warning", "geometry_without_row", text, name, "geometry", unused))
        places = pd.Series(np.arange(len(layer)), index=pd.Index(given)).groupby(level=0).first()
        found = wanted.map(places)
        hit = found.notna().to_numpy()
        shapes[hit] = layer.geometry.to_numpy()[found[hit].astype("int64").to_numpy()]
    others = tuple(column for column in layer.columns if column not in key and column != "geometry")
    if others:
        text = say("store.unused_properties", source=source, columns=name_rows(others, 8), table=name)
        issues.append(Issue("warning", "unused_properties", text, name, others[0]))
    joined = gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(shapes, index=rows.index, crs=CRS))
    return joined, issues


def _joined(frame: pd.DataFrame, key: tuple[str, ...]) -> pd.Series:
    parts = [cells(frame[column]).fillna("") for column in key]
    text = parts[0]
    for part in parts[1:]:
        text = text + "/" + part
    return text
