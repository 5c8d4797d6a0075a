"""GCJ-02, the shifted system of Chinese web maps: the public formula and its inverse by fixed-point rounds.

The official algorithm is not public; this is the formula that all open converters share. Near Guzhen it moves a point
by about 630 m, and its inverse by five rounds is exact to less than a millimetre against that formula.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

ROUNDS: Final = 5
_A: Final = 6_378_245.0  # semi-axis and squared eccentricity of Krassovsky's ellipsoid, as the formula uses them
_EE: Final = 0.00669342162296594323
CHINA: Final = (72.004, 0.8293, 137.8347, 55.8271)

Coordinates = npt.NDArray[np.float64]


def to_gcj02(points: Coordinates) -> Coordinates:
    """Move longitude and latitude (WGS 84 or CGCS2000) to GCJ-02; points outside China stay.

    Examples
    --------
    >>> to_gcj02(np.array([[113.179, 22.616]])).round(4).tolist()
    [[113.1844, 22.6132]]
    """
    return points + _shift(points)


def from_gcj02(points: Coordinates, rounds: int = ROUNDS) -> Coordinates:
    """Move GCJ-02 longitude and latitude back to CGCS2000 (EPSG:4490).

    Examples
    --------
    >>> there = to_gcj02(np.array([[113.179, 22.616]]))
    >>> bool(np.abs(from_gcj02(there) - [[113.179, 22.616]]).max() < 1e-9)
    True
    """
    found = points.copy()
    for _ in range(rounds):
        found = points - _shift(found)
    return found


def _shift(points: Coordinates) -> Coordinates:
    lon, lat = points[:, 0], points[:, 1]
    inside = (lon >= CHINA[0]) & (lon <= CHINA[2]) & (lat >= CHINA[1]) & (lat <= CHINA[3])
    x, y = lon - 105.0, lat - 35.0
    waves = 20.0 * np.sin(6.0 * x * math.pi) + 20.0 * np.sin(2.0 * x * math.pi)
    root = np.sqrt(np.abs(x))
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves * 2.0 / 3.0
    d_lat += (20.0 * np.sin(y * math.pi) + 40.0 * np.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    d_lat += (160.0 * np.sin(y / 12.0 * math.pi) + 320.0 * np.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves * 2.0 / 3.0
    d_lon += (20.0 * np.sin(x * math.pi) + 40.0 * np.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    d_lon += (150.0 * np.sin(x / 12.0 * math.pi) + 300.0 * np.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    radians = np.radians(lat)
    magic = 1.0 - _EE * np.sin(radians) ** 2
    d_lat = d_lat * 180.0 / (_A * (1.0 - _EE) / (magic * np.sqrt(magic)) * math.pi)
    d_lon = d_lon * 180.0 / (_A / np.sqrt(magic) * np.cos(radians) * math.pi)
    shift = np.column_stack([d_lon, d_lat])
    return np.where(inside[:, None] & np.isfinite(shift), shift, 0.0)
