"""Find out in which form a town is kept, and read or write it so."""

from __future__ import annotations

import hashlib
from pathlib import Path

from zhenxing.errors import SourceError
from zhenxing.i18n import say
from zhenxing.schema import PLAN_INPUT_TABLES
from zhenxing.store.folder import SETTINGS_FILE, folder_content, read_folder, write_folder
from zhenxing.store.geopackage import read_geopackage, write_geopackage
from zhenxing.town import Town

# Endings of files that hold something else than a town; a folder may have any other dot in its name.
OTHER_FORMS = (
    ".xlsx",
    ".xls",
    ".csv",
    ".json",
    ".geojson",
    ".toml",
    ".shp",
    ".zip",
    ".parquet",
    ".db",
    ".sqlite",
    ".txt",
)


def read_town(path: str | Path) -> Town:
    """Read a town from a folder or a GeoPackage file.

    Raises
    ------
    InputError
        When something is wrong; ``issues`` holds every finding of every table.
    """
    place = Path(path)
    if "://" in str(path):
        raise SourceError(say("store.unsupported_store", source=path))
    if place.is_dir():
        return read_folder(place)
    if not place.exists():
        raise SourceError(say("store.missing_town", source=path))
    if place.suffix.lower() == ".gpkg":
        return read_geopackage(place)
    raise SourceError(say("store.unsupported_store", source=path))


def write_town(town: Town, path: str | Path, *, who: str = "", why: str = "") -> Town:
    """Write a whole town to a folder or a GeoPackage file; return it as it is kept there.

    Parameters
    ----------
    town : Town
        Settings and tables.
    path : path
        A folder, or a file that ends in ``.gpkg``.
    who, why : str
        Kept in the history of a GeoPackage.

    Returns
    -------
    Town
        The town with the versions its rows now have in the store, so that it can be changed and written again.
    """
    place = Path(path)
    if place.suffix.lower() == ".gpkg" and not place.is_dir():
        return write_geopackage(town, place, who, why)
    if place.is_file() or place.suffix.lower() in OTHER_FORMS or "://" in str(path):
        raise SourceError(say("store.unsupported_store", source=path))
    write_folder(town, place)
    return town


def inputs_sha256(town: str | Path | Town) -> str:
    """Return the fingerprint of what a plan is made from: town.toml and the plan's input tables.

    Over the sorted file names of a folder town: each name, a NUL byte, the file's bytes. A folder is taken as it
    lies on disk, any other town as the folder it would be written to.

    Examples
    --------
    >>> from zhenxing.town import Settings
    >>> inputs_sha256(Town(Settings()))[:12]
    '3130196d8d40'
    """
    wanted = {SETTINGS_FILE, *(f"{name}.csv" for name in PLAN_INPUT_TABLES)}
    if isinstance(town, Town) or not Path(town).is_dir():
        held = town if isinstance(town, Town) else read_town(town)
        tables = {name: held[name] for name in PLAN_INPUT_TABLES if name in held}
        content = {n: data for n, data in folder_content(held.settings, tables).items() if n in wanted}
    else:
        content = {file.name: file.read_bytes() for file in Path(town).iterdir() if file.name in wanted}
    digest = hashlib.sha256()
    for name in sorted(content):
        digest.update(name.encode("utf-8") + b"\0" + content[name])
    return digest.hexdigest()
