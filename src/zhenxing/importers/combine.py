"""Rows of several sheets put together: repeated ids listed, missing values complemented, contradictions named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import shapely

from zhenxing import schema
from zhenxing.importers.extract import Extract, drop_rows
from zhenxing.importers.findings import Finding, cell_finding
from zhenxing.importers.keys import may_repeat, row_ids

GEOMETRY = "geometry"


@dataclass
class Combined:
    """One table of this import; ``frame`` is indexed by row id."""

    table: str
    frame: pd.DataFrame
    extracts: list[Extract] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    # cells that a later sheet filled although an earlier one has the column: row id, column, sheet
    fills: list[tuple[str, str, Extract]] = field(default_factory=list)

    def sources(self) -> dict[str, list[tuple[Extract, int]]]:
        """Row id -> the sheets and rows that it came from, the one that counts first."""
        found: dict[str, list[tuple[Extract, int]]] = {}
        for extract in self.extracts:
            for row_id, row in zip(extract.frame["_id"], extract.frame.index, strict=True):
                found.setdefault(row_id, []).append((extract, int(row)))
        return found


def derive_key(extract: Extract) -> None:
    """Take a row's name for its id where the sheet has no column of ids."""
    key = schema.table(extract.table).key
    name = next((one for one in ("name", "name_zh") if one in extract.frame), "")
    if len(key) == 1 and key[0] not in extract.frame and name:
        extract.frame[key[0]] = extract.frame[name]
        extract.origins[key[0]] = extract.origins[name]


def give_ids(extract: Extract) -> None:
    """Give every row its id; rows without one and repeated ids are taken out and listed."""
    frame = extract.frame
    declared = schema.table(extract.table)
    key = declared.key
    needed = [column for column in key if declared.columns[column].required]
    present = [column for column in needed if column in frame]
    if len(present) < len(needed):
        missing = "、".join(schema.header(extract.table, column) for column in needed if column not in frame)
        drop_rows(extract, list(frame.index), "key_column_missing", missing=missing)
        extract.frame = extract.frame.assign(_id=pd.Series(dtype=object))
        return
    empty = frame[present].isna().any(axis=1) if present else pd.Series(False, index=frame.index)
    drop_rows(
        extract,
        list(frame.index[empty]),
        "key_missing",
        missing="、".join(schema.header(extract.table, c) for c in present),
    )
    extract.frame = extract.frame.assign(_id=row_ids(extract.table, extract.frame))
    if not may_repeat(extract.table):
        _drop_repeated(extract)


def _drop_repeated(extract: Extract) -> None:
    frame = extract.frame
    repeated = frame["_id"].duplicated(keep="first")
    if not repeated.any():
        return
    columns = [column for column in frame.columns if column != GEOMETRY]
    exact = repeated & pd.DataFrame(frame[columns]).duplicated(keep="first")
    firsts = frame.loc[~repeated].set_index("_id")
    same: list[int] = []
    different: list[int] = []
    for row, identity, equal in zip(frame.index[repeated], frame.loc[repeated, "_id"], exact[repeated], strict=True):
        if equal and GEOMETRY in frame:
            equal = _same(frame.at[row, GEOMETRY], firsts.at[identity, GEOMETRY])
        (same if equal else different).append(int(row))
    drop_rows(extract, same, "duplicate_row")
    if different:
        ids = list(dict.fromkeys(frame.loc[different, "_id"]))
        drop_rows(extract, different, "duplicate_id", ids="、".join(ids[:5]))


def _same(one: object, other: object) -> bool:
    if isinstance(one, shapely.Geometry) and isinstance(other, shapely.Geometry):
        return bool(shapely.equals_exact(one, other, tolerance=1e-9))
    if missing(one) or missing(other):
        return missing(one) and missing(other)
    return bool(one == other)


def missing(value: object) -> bool:
    """Tell whether a cell of a table is empty: ``None``, NaN or ``pd.NA``."""
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def combine(table: str, extracts: Sequence[Extract]) -> Combined:
    """Put the extracts of one table together, the first value of a cell counts and later other ones are listed."""
    result = Combined(table, pd.DataFrame(), list(extracts))
    frame: pd.DataFrame | None = None
    for extract in extracts:
        fresh = plain_frame(extract.frame).set_index("_id")
        if frame is None:
            frame = fresh
            continue
        if may_repeat(table):
            frame = pd.concat([frame, fresh[~fresh.index.isin(frame.index)]])
            continue
        frame = _complemented(result, frame, fresh, extract)
    result.frame = frame if frame is not None else pd.DataFrame()
    return result


def _complemented(result: Combined, frame: pd.DataFrame, fresh: pd.DataFrame, extract: Extract) -> pd.DataFrame:
    common = frame.index.intersection(fresh.index)
    rows = dict(zip(extract.frame["_id"], extract.frame.index, strict=True))
    for column in fresh.columns:
        if column not in frame or not len(common):
            continue
        old, new = frame.loc[common, column], fresh.loc[common, column]
        differ = different(old, new)
        clash = differ & old.notna().to_numpy() & new.notna().to_numpy()
        if clash.any():
            _list_clash(result, extract, str(column), [int(rows[one]) for one in common[clash]], old[clash])
        fill = differ & old.isna().to_numpy()
        if fill.any():
            frame[column] = (
                frame[column].astype(object) if frame[column].dtype != fresh[column].dtype else frame[column]
            )
            frame.loc[common[fill], column] = new[fill]
            result.fills += [(str(row), str(column), extract) for row in common[fill]]
    added = fresh[~fresh.index.isin(frame.index)]
    extra = [column for column in fresh.columns if column not in frame]
    if extra:
        frame = frame.join(fresh[extra])
    return pd.concat([frame, added]) if len(added) else frame


def _list_clash(result: Combined, extract: Extract, column: str, rows: list[int], old: pd.Series) -> None:
    origin = extract.origins.get(column)
    place = origin.place if origin else 0
    kept = "、".join(f"“{value}”" for value in list(dict.fromkeys(map(str, old)))[:3])
    result.findings.append(cell_finding("contradiction", extract.sheet, result.table, column, rows, place, kept=kept))


def plain_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a layer as a plain table whose shapes are ordinary objects, so that rows can be joined and compared."""
    if GEOMETRY not in frame:
        return pd.DataFrame(frame)
    shapes = pd.Series(np.array(frame[GEOMETRY], dtype=object), index=frame.index, dtype=object)
    return pd.DataFrame(frame.drop(columns=GEOMETRY)).assign(**{GEOMETRY: shapes})


def as_layer(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with shapes as a layer in the storage system."""
    if GEOMETRY not in frame:
        return frame
    import geopandas as gpd

    shapes = gpd.GeoSeries(
        [shape if isinstance(shape, shapely.Geometry) else None for shape in frame[GEOMETRY]],
        index=frame.index,
        crs="EPSG:4490",
    )
    layer: pd.DataFrame = gpd.GeoDataFrame(frame.drop(columns=GEOMETRY), geometry=shapes)
    return layer


def different(old: pd.Series, new: pd.Series) -> np.ndarray:
    """Tell which cells of two aligned columns differ; two empty cells do not."""
    pairs = zip(old.tolist(), new.tolist(), strict=True)
    return np.array([not _same(one, other) for one, other in pairs], dtype=bool)
