"""Authored geometry of the Guzhen example: villages, parks, sites and parcels as rectangles in local metres.

Nothing here is surveyed: a rectangle of the town's published area is cut into villages, parks are laid across village
borders, and each park is cut into strips so that every polygon has exactly the area its row states.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import Transformer
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from zhenxing.samples.guzhen.authored import authored, each, fact
from zhenxing.units import M2_PER_MU

CENTRE_LON_LAT: Final = (113.18, 22.62)
TOWN_WIDTH_M: Final = 6000.0
VILLAGE_ROWS: Final = 4
# Seven decimals of a degree are about a centimetre.
DECIMALS: Final = 7


@dataclass(frozen=True)
class Box:
    """An upright rectangle in local metres, east and north of the town's south-west corner."""

    west: float
    south: float
    east: float
    north: float

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of the rectangle in metres."""
        return (self.west + self.east) / 2, (self.south + self.north) / 2

    def touches(self, other: Box, least_m: float = 20.0) -> bool:
        """Say whether two rectangles share a border of at least ``least_m`` metres."""
        wide = min(self.east, other.east) - max(self.west, other.west)
        high = min(self.north, other.north) - max(self.south, other.south)
        return (abs(high) < 1e-6 and wide >= least_m) or (abs(wide) < 1e-6 and high >= least_m)

    def corners(self) -> list[tuple[float, float]]:
        """Corners anticlockwise, closed."""
        return [
            (self.west, self.south),
            (self.east, self.south),
            (self.east, self.north),
            (self.west, self.north),
            (self.west, self.south),
        ]


def town_height_m() -> float:
    """Return the height of the rectangle whose area is the published area of the town.

    Examples
    --------
    >>> round(town_height_m(), 1)
    7966.7
    """
    return fact("town_area_km2") * 1e6 / TOWN_WIDTH_M


def village_boxes() -> dict[str, Box]:
    """Return the rectangle of every village."""
    villages = authored("villages")
    height = town_height_m() / VILLAGE_ROWS
    boxes = {}
    for village in each(villages):
        number = int((villages["row"] == village.row).sum())
        width = TOWN_WIDTH_M / number
        boxes[str(village.village_id)] = Box(
            village.column * width, village.row * height, (village.column + 1) * width, (village.row + 1) * height
        )
    return boxes


def village_at(boxes: dict[str, Box], point: tuple[float, float]) -> str:
    """Return the village that a point in metres lies in."""
    x, y = point
    return next(v for v, b in boxes.items() if b.west <= x <= b.east and b.south <= y <= b.north)


def strips(west: float, south: float, width: float, rows: Sequence[Sequence[float]]) -> list[Box]:
    """Cut a rectangle from the south upwards into rows of boxes with the given areas in mu.

    Examples
    --------
    >>> strips(0.0, 0.0, 100.0, [[15.0, 15.0]])[1]
    Box(west=50.0, south=0.0, east=100.0, north=200.0)
    """
    boxes = []
    for areas in rows:
        height = sum(areas) * M2_PER_MU / width
        edge = west
        for area in areas:
            step = area * M2_PER_MU / height
            boxes.append(Box(edge, south, edge + step, south + height))
            edge += step
        south += height
    return boxes


def slices(box: Box, shares: Sequence[float]) -> list[Box]:
    """Cut a box from west to east into parts of the given shares."""
    edges = box.west + (box.east - box.west) * np.concatenate([[0.0], np.cumsum(shares) / np.sum(shares)])
    return [Box(float(a), box.south, float(b), box.north) for a, b in pairwise(edges)]


def lon_lat(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Turn local metres into CGCS2000 longitude and latitude (degrees, about a centimetre exact)."""
    there = Transformer.from_crs("EPSG:4490", "EPSG:4547", always_xy=True)
    back = Transformer.from_crs("EPSG:4547", "EPSG:4490", always_xy=True)
    east, north = there.transform(*CENTRE_LON_LAT)
    half = town_height_m() / 2
    x = [east - TOWN_WIDTH_M / 2 + px for px, _ in points]
    y = [north - half + py for _, py in points]
    lon, lat = back.transform(x, y)
    return [(round(a, DECIMALS), round(b, DECIMALS)) for a, b in zip(lon, lat, strict=True)]


def with_polygons(frame: pd.DataFrame, boxes: Sequence[Box]) -> gpd.GeoDataFrame:
    """Return a frame with its boxes as polygons in EPSG:4490."""
    corners = lon_lat([corner for box in boxes for corner in box.corners()])
    shapes: list[BaseGeometry] = [Polygon(corners[5 * n : 5 * n + 5]) for n in range(len(boxes))]
    return gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:4490")


def with_points(frame: pd.DataFrame, points: Sequence[tuple[float, float]]) -> gpd.GeoDataFrame:
    """Return a frame with points given in local metres, in EPSG:4490."""
    return gpd.GeoDataFrame(frame, geometry=[Point(p) for p in lon_lat(points)], crs="EPSG:4490")


def with_lines(frame: pd.DataFrame, lines: Sequence[Sequence[tuple[float, float]]]) -> gpd.GeoDataFrame:
    """Return a frame with lines given in local metres, in EPSG:4490."""
    return gpd.GeoDataFrame(frame, geometry=[LineString(lon_lat(line)) for line in lines], crs="EPSG:4490")
