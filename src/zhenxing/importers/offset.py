"""A layer that lies a few hundred metres off the town's other layers as a whole: GCJ-02 is suspected."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely

from zhenxing.errors import CrsSuspicionError
from zhenxing.i18n import say
from zhenxing.importers.extract import Extract
from zhenxing.importers.gcj02 import from_gcj02

NEAR, FAR = 300.0, 1000.0
# a shift that the inverse formula takes back to less than this is GCJ-02 and no survey's error
_AGREES = 30.0
_INSIDE, _GAIN = 0.8, 0.15
_GEOMETRY = "geometry"


def refuse_offset(extracts: Mapping[str, list[Extract]], town: Mapping[str, pd.DataFrame]) -> None:
    """Raise when a layer without a declared system lies 300 to 1,000 m off what the town holds.

    Rows that the town has already are compared one by one; a layer of new rows is compared with the town's outlines.
    """
    declared = {
        table: part.frame
        for table, parts in extracts.items()
        for part in parts
        if _GEOMETRY in part.frame and not part.sheet.crs_assumed
    }
    outlines = _outlines({**declared, **town})
    for table, parts in extracts.items():
        for extract in parts:
            if not extract.sheet.crs_assumed or _GEOMETRY not in extract.frame:
                continue
            distance = _by_rows(extract, town.get(table))
            if distance is None and outlines is not None:
                distance = _by_outlines(extract, outlines)
            if distance is not None:
                reason = say("importers.gcj02_offset", distance=f"{distance:.0f}")
                raise CrsSuspicionError(say("importers.gcj02_suspected", sheet=extract.sheet.title, reason=reason))


def _centres(shapes: pd.Series) -> np.ndarray:
    centres: np.ndarray = shapely.get_coordinates(shapely.centroid(np.array(shapes, dtype=object)))
    return centres


def _by_rows(extract: Extract, held: pd.DataFrame | None) -> float | None:
    """Middle shift of the rows that both have, when GCJ-02 explains it."""
    if held is None or _GEOMETRY not in held or "_id" not in extract.frame:
        return None
    from zhenxing.importers.keys import row_ids

    old = pd.Series(np.array(held[_GEOMETRY], dtype=object), index=row_ids(extract.table, pd.DataFrame(held)))
    new = pd.Series(np.array(extract.frame[_GEOMETRY], dtype=object), index=extract.frame["_id"])
    old, new = old[old.notna()], new[new.notna()]
    common = [row for row in new.index if row in set(old.index)]
    if len(common) < 3:
        return None
    there, here = _centres(old.loc[common]), _centres(new.loc[common])
    distance = _middle(there, here)
    explained = _middle(there, from_gcj02(here))
    return distance if NEAR <= distance <= FAR and explained < _AGREES else None


def _outlines(town: Mapping[str, pd.DataFrame]) -> shapely.Geometry | None:
    for table in ("villages", "parks", "sites", "parcels"):
        frame = town.get(table)
        if frame is not None and _GEOMETRY in frame:
            shapes = [shape for shape in frame[_GEOMETRY] if isinstance(shape, shapely.Geometry)]
            if shapes:
                return shapely.union_all(shapely.make_valid(np.array(shapes, dtype=object)))
    return None


def _by_outlines(extract: Extract, outlines: shapely.Geometry) -> float | None:
    """The shift by the inverse formula, when it brings markedly more of a layer into the town's outlines."""
    shapes = extract.frame[_GEOMETRY]
    centres = _centres(shapes[shapes.notna()])
    if len(centres) < 5:
        return None
    moved = from_gcj02(centres)
    before = shapely.contains_xy(outlines, centres).mean()
    after = shapely.contains_xy(outlines, moved).mean()
    distance = _middle(centres, moved)
    return distance if before < _INSIDE and after - before > _GAIN and NEAR <= distance <= FAR else None


def _middle(one: np.ndarray, other: np.ndarray) -> float:
    """Length in metres of the middle shift between two sets of longitude and latitude."""
    step = np.radians(other - one) * 6_371_000.0
    east = float(np.median(step[:, 0] * np.cos(np.radians(one[:, 1]))))
    return float(np.hypot(east, np.median(step[:, 1])))
