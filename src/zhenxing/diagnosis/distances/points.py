"""Reading of point tables: coordinates in metres, types and weights, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.errors import CrsSuspicionError, InputError, Issue
from zhenxing.i18n import name_rows, say

Numbers = npt.NDArray[np.float64]
METRES = "metres"


@dataclass(frozen=True)
class Points:
    """Points of a table: metres, type of each, weight of each (1 when none was asked for)."""

    x: Numbers
    y: Numbers
    type: npt.NDArray[np.object_]
    weight: Numbers
    weighted: bool

    def of(self, name: object) -> npt.NDArray[np.bool_]:
        """Return which points are of a type; every point when the type is None.

        Raises
        ------
        InputError
            When no point is of that type; the message names the types there are.
        """
        if name is None:
            return np.ones(len(self.x), bool)
        found: npt.NDArray[np.bool_] = np.asarray(self.type == name, dtype=bool)
        if not found.any():
            known = sorted({str(each) for each in self.type})
            raise InputError(say("diagnosis_distances.no_such_type", name=name, known=name_rows(known)))
        return found


def read_points(
    points: pd.DataFrame,
    *,
    weights: str | None,
    type_: str | None,
    x: str,
    y: str,
    crs: object = None,
) -> Points:
    """Return the points of a table with columns of coordinates, type and weight; a GeoDataFrame gives its own."""
    if hasattr(points, "geom_type"):
        geometry: Any = points.geometry
        if not (geometry.geom_type.isna() | (geometry.geom_type == "Point")).all():
            raise InputError(say("diagnosis_distances.not_points"))
        crs = crs if crs is not None else getattr(points, "crs", None)
        points = points.assign(**{x: geometry.x, y: geometry.y})
    lacking = [column for column in (x, y, weights, type_) if column is not None and column not in points.columns]
    if lacking:
        raise InputError(say("diagnosis_distances.no_column", columns=", ".join(lacking)))
    east, north = _numbers(points, x), _numbers(points, y)
    _refuse(points, x if not np.isfinite(east).all() else y, ~(np.isfinite(east) & np.isfinite(north)), "bad_place")
    _refuse_degrees(east, north, crs)
    weight = np.ones(len(points)) if weights is None else _numbers(points, weights)
    if weights is not None:
        _refuse(points, weights, ~(np.isfinite(weight) & (weight >= 0)), "bad_weight")
    kinds = np.full(len(points), None, object) if type_ is None else points[type_].to_numpy(dtype=object)
    if type_ is not None:
        _refuse(points, type_, points[type_].isna().to_numpy(), "no_type")
    return Points(east, north, kinds, weight, weights is not None)


def told(issues: Iterable[Issue]) -> list[dict[str, object]]:
    """Return issues as plain records: what a table carries in ``attrs`` must be writable to files."""
    return [issue.record() for issue in issues]


def _numbers(points: pd.DataFrame, column: str) -> Numbers:
    return pd.to_numeric(points[column], errors="coerce").to_numpy(dtype=np.float64, na_value=math.nan)


def _refuse(points: pd.DataFrame, column: str, wrong: npt.NDArray[Any], entry: str) -> None:
    if wrong.any():
        rows = tuple(str(row) for row in points.index[wrong])
        text = say(f"diagnosis_distances.{entry}", column=column, rows=name_rows(rows))
        raise InputError(text, [Issue("error", entry, text, column=column, rows=rows)])


def _refuse_degrees(x: Numbers, y: Numbers, crs: object) -> None:
    if isinstance(crs, str) and crs.lower() in {METRES, "meters", "m", "local"}:
        return
    if crs is not None:
        unit = _unit(crs)
        if unit != "metre":
            raise CrsSuspicionError(say("diagnosis_distances.geographic", crs=crs))
    # whatever was declared: towns have no coordinates that small in a projected system
    if len(x) and np.abs(x).max() <= 180 and np.abs(y).max() <= 180 and min(np.abs(x).max(), np.abs(y).max()) <= 90:
        text = say(
            "diagnosis_distances.like_degrees",
            x=f"{x.min():g}–{x.max():g}",
            y=f"{y.min():g}–{y.max():g}",
        )
        raise CrsSuspicionError(text)


def _unit(crs: object) -> str:
    """Return the unit of a coordinate system's axes; degrees for anything that cannot be read as a projected one."""
    try:
        from pyproj import CRS
        from pyproj.exceptions import CRSError
    except ImportError:
        raise InputError(say("diagnosis_distances.no_pyproj", crs=crs)) from None
    try:
        known = CRS.from_user_input(crs)
    except CRSError:
        raise InputError(say("diagnosis_distances.unknown_crs", crs=crs)) from None
    return str(known.axis_info[0].unit_name) if known.axis_info else "unknown"


def read_distances(distances: Iterable[float] | None, points: Points) -> Numbers:
    """Return the distances asked for, in metres; by default 101 from 0 to a third of the diagonal of all points."""
    if distances is None:
        diagonal = math.hypot(np.ptp(points.x), np.ptp(points.y)) if len(points.x) else 0.0
        if diagonal == 0:
            raise InputError(say("diagnosis_distances.one_place"))
        return np.linspace(0.0, diagonal / 3.0, 101)
    try:
        given = np.asarray(list(distances), dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(say("diagnosis_distances.bad_distances")) from None
    if not len(given) or not np.isfinite(given).all() or given[0] < 0 or (np.diff(given) <= 0).any() or given[-1] <= 0:
        raise InputError(say("diagnosis_distances.bad_distances"))
    return given
