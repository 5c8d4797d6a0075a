"""Which coordinate system a layer is in: declared, said by the user, or unknown — never guessed in silence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from zhenxing.errors import CrsSuspicionError, SourceError
from zhenxing.i18n import say

STORAGE = "EPSG:4490"
GCJ02 = "gcj02"
_NAMES = {"cgcs2000": STORAGE, "国家2000": STORAGE, "wgs84": "EPSG:4326", "wgs-84": "EPSG:4326"}
# properties of the outlines that DataV and AMap publish
_MAP_SERVICE_FIELDS = frozenset({"adcode", "acroutes", "childrennum", "subfeatureindex", "centroid", "citycode"})
_MAP_SERVICE_NAMES = re.compile(r"datav|amap|gaode|高德|腾讯|gcj", re.IGNORECASE)
_CHINA = (73.0, 3.0, 136.0, 54.0)

Bounds = tuple[float, float, float, float]


def wanted_crs(given: str, file: str) -> str:
    """Return what ``--crs`` says for a file: one system for all, or ``FILE=SYSTEM`` pairs separated by commas.

    Raises
    ------
    SourceError
        When the system is not known.

    Examples
    --------
    >>> wanted_crs("outline.geojson=gcj02,4547", "maps/outline.geojson"), wanted_crs("4547", "a.shp")
    ('gcj02', 'EPSG:4547')
    """
    default = ""
    for part in filter(None, (piece.strip() for piece in given.split(","))):
        name, sign, system = part.rpartition("=")
        if not sign:
            default = system
        elif file == name or file.rsplit("/", 1)[-1] == name:
            return normal_crs(system)
    return normal_crs(default)


def normal_crs(text: str) -> str:
    """Return a system as ``EPSG:n`` or ``gcj02``; ``""`` for none.

    Examples
    --------
    >>> normal_crs("4547"), normal_crs("GCJ-02"), normal_crs("CGCS2000")
    ('EPSG:4547', 'gcj02', 'EPSG:4490')
    """
    plain = text.strip().lower().replace("_", "").replace(" ", "")
    if not plain:
        return ""
    if plain in ("gcj02", "gcj-02", "火星坐标"):
        return GCJ02
    if plain in _NAMES:
        return _NAMES[plain]
    import pyproj

    number = plain.removeprefix("epsg:")
    try:
        return pyproj.CRS.from_user_input(f"EPSG:{number}" if number.isdigit() else text).to_string()
    except pyproj.exceptions.CRSError:
        raise SourceError(say("importers.crs_unreadable", crs=text)) from None


def candidates(bounds: Bounds) -> tuple[str, ...]:
    """Return the systems that coordinates of this magnitude may be in, the likeliest first.

    Examples
    --------
    >>> candidates((113.1, 22.5, 113.2, 22.7))
    ('EPSG:4490', 'EPSG:4326', 'gcj02')
    >>> candidates((38_415_000, 2_502_000, 38_420_000, 2_507_000))
    ('EPSG:4526',)
    >>> candidates((415_000, 2_502_000, 420_000, 2_507_000))[0]
    'EPSG:4547'
    """
    left, bottom, right, top = bounds
    if -180 <= left <= right <= 180 and -90 <= bottom <= top <= 90:
        return (STORAGE, "EPSG:4326", GCJ02)
    zone = int(left // 1_000_000)
    if 25 <= zone <= 45 and 0 < bottom < 6_500_000:
        return (f"EPSG:{4513 + zone - 25}",)
    if 13 <= zone <= 23 and 0 < bottom < 6_500_000:
        return (f"EPSG:{4491 + zone - 13}",)
    if 100_000 < left < 900_000 and 300_000 < bottom < 6_500_000:
        # without a zone number the meridian cannot be told; 114 is that of the Pearl River's west bank
        return ("EPSG:4547", "EPSG:4546", "EPSG:4548", "EPSG:32649")
    if 8_000_000 < left < 15_100_000:
        return ("EPSG:3857",)
    return ()


def check_magnitude(sheet: str, crs: str, geographic: bool, bounds: Bounds) -> None:
    """Raise when coordinates cannot be in the declared system (degrees in a projected one, a zone number too many)."""
    possible = candidates(bounds)
    degrees = STORAGE in possible
    prefixed = bounds[0] > 13_000_000 and not degrees
    wrong = degrees != geographic
    if not wrong and prefixed and crs.startswith("EPSG:") and possible and possible != ("EPSG:3857",):
        wrong = crs in {f"EPSG:{code}" for code in range(4534, 4555)}
    if wrong:
        shown = "、".join(possible) or "?"
        raise CrsSuspicionError(
            say("importers.crs_contradicts", sheet=sheet, crs=crs, x=f"{bounds[0]:,.6g}", candidates=shown)
        )


def refuse_unknown(sheet: str, bounds: Bounds) -> None:
    """Raise for a layer without any system, naming those that its magnitude allows."""
    possible = candidates(bounds) or (STORAGE,)
    raise CrsSuspicionError(say("importers.crs_unknown", sheet=sheet, candidates="、".join(possible), best=possible[0]))


def refuse_map_service(sheet: str, path: Path, fields: Iterable[str], bounds: Bounds) -> None:
    """Raise when fields or file name are those of AMap or DataV outlines: their coordinates are GCJ-02."""
    signs = sorted({field for field in fields if field.lower() in _MAP_SERVICE_FIELDS})
    named = _MAP_SERVICE_NAMES.search(path.name)
    inside = _CHINA[0] <= bounds[0] <= _CHINA[2] and _CHINA[1] <= bounds[1] <= _CHINA[3]
    if inside and (len(signs) >= 2 or (named and signs) or named):
        shown = "、".join([*signs, *([named.group()] if named else [])])
        reason = say("importers.gcj02_map_service", fields=shown)
        raise CrsSuspicionError(say("importers.gcj02_suspected", sheet=sheet, reason=reason))


def local_plane(longitude: float) -> str:
    """Return the 3-degree CGCS2000 plane (without zone number) in which areas near a longitude are measured.

    Examples
    --------
    >>> local_plane(113.2)
    'EPSG:4547'
    """
    meridian = min(max(round(longitude / 3) * 3, 75), 135)
    return f"EPSG:{4534 + (meridian - 75) // 3}"
