"""A town as a folder: town.toml, one CSV per table, shapes beside it as GeoJSON, manifest.json written last.

Every file is written under a temporary name and then moved, so a reader sees each table old or new, never half. The
manifest first says that a write has begun and with what, and last that it is complete; between the two a reader can
name which tables are still old.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import tomli_w

from zhenxing import schema
from zhenxing.errors import InputError, Issue, SchemaError, SourceError, TownError
from zhenxing.i18n import name_rows, say
from zhenxing.store.geojson import geojson_bytes, join_geometry, read_geojson
from zhenxing.store.text_tables import GEOMETRY, csv_bytes, read_csv, write_bytes
from zhenxing.town import Settings, Town

SETTINGS_FILE = "town.toml"
MANIFEST_FILE = "manifest.json"
# Raised when a change of the files' form makes them unreadable to older versions.
SCHEMA_VERSION = 1


def settings_bytes(settings: Settings) -> bytes:
    """Return the bytes of a town's town.toml."""
    return tomli_w.dumps(settings.content()).encode("utf-8")


def parse_settings(content: bytes, source: str) -> Settings:
    """Return the settings of the bytes of a town.toml.

    Raises
    ------
    SourceError, TownError
        When it is no TOML, or a setting is wrong.
    """
    try:
        return Settings.parse(tomllib.loads(content.decode("utf-8-sig")), source)
    except UnicodeDecodeError:
        raise SourceError(say("store.not_utf8", source=source)) from None
    except tomllib.TOMLDecodeError as fault:
        raise SourceError(say("store.bad_toml", source=source, reason=fault)) from None


def read_folder(path: Path) -> Town:
    """Read a town from a folder; every fault of every file is collected before anything is raised."""
    settings_file = path / SETTINGS_FILE
    if not settings_file.is_file():
        raise SourceError(say("store.missing_settings", source=path))
    issues: list[Issue] = list(_compare_with_manifest(path))
    settings = Settings()
    try:
        settings = parse_settings(settings_file.read_bytes(), SETTINGS_FILE)
    except InputError as fault:
        issues.extend(fault.issues or [Issue("error", "bad_settings", fault.text, SETTINGS_FILE)])
    except OSError as fault:
        raise SourceError(say("store.cannot_read", source=settings_file, reason=fault.strerror)) from None
    tables: dict[str, pd.DataFrame] = {}
    for name in _table_names(path):
        try:
            frame, found = _read_table(path, name)
        except SourceError as fault:
            issues.extend(fault.issues or [Issue("error", "unreadable_file", fault.text, name)])
            continue
        tables[name] = frame
        issues.extend(found)
    raise_errors(str(path), issues)
    return Town(settings, tables, tuple(issues))


def raise_errors(source: str, issues: list[Issue]) -> None:
    """Raise the errors among the findings of a town, all at once, settings and tables together."""
    errors = [issue for issue in issues if issue.level == "error"]
    if not errors:
        return
    places = list(dict.fromkeys(issue.table for issue in errors))
    kind = TownError if places == [SETTINGS_FILE] else SchemaError
    text = say("store.faulty_tables", source=source, count=len(errors), tables=name_rows(places, 8))
    raise kind(text, issues)


def _table_names(path: Path) -> list[str]:
    found = {file.stem for pattern in ("*.csv", "*.geojson") for file in path.glob(pattern) if file.name[0] != "."}
    known = [name for name in schema.tables() if name in found]
    return known + sorted(found - set(known))


def _read_table(path: Path, name: str) -> tuple[pd.DataFrame, list[Issue]]:
    csv_file, geojson_file = path / f"{name}.csv", path / f"{name}.geojson"
    declared = schema.tables().get(name)
    layer = read_geojson(geojson_file) if geojson_file.is_file() else None
    raw, issues = read_csv(csv_file) if csv_file.is_file() else (pd.DataFrame(), [])
    if declared is None:
        file = csv_file if csv_file.is_file() else geojson_file
        issues.append(Issue("info", "unknown_table", say("store.unknown_table", source=file.name), name))
    if layer is not None and not csv_file.is_file():
        raw = layer
    elif layer is not None:
        raw, unmatched = join_geometry(name, declared.key if declared else tuple(raw.columns[:1]), raw, layer)
        issues.extend(unmatched)
    if declared is None:
        return raw, issues
    frame, found = schema.conform(name, raw)
    return frame, issues + found


def _compare_with_manifest(path: Path) -> list[Issue]:
    """Name the files that do not agree with the manifest; a folder made by hand has none, which is fine."""
    file = path / MANIFEST_FILE
    if not file.is_file():
        return []
    try:
        manifest = json.loads(file.read_bytes())
        listed: dict[str, str] = dict(manifest["files"])
        version = int(manifest["schema_version"])
    except (ValueError, KeyError, TypeError) as fault:
        text = say("store.bad_manifest", source=MANIFEST_FILE, reason=repr(fault))
        return [Issue("warning", "bad_manifest", text, MANIFEST_FILE)]
    if version > SCHEMA_VERSION:
        raise SourceError(say("store.newer_schema", source=path, found=version, known=SCHEMA_VERSION))
    present = set(_files(path))
    different = sorted(
        name
        for name in present | set(listed)
        if name not in present or listed.get(name) != hashlib.sha256((path / name).read_bytes()).hexdigest()
    )
    if not different and manifest.get("state") != "writing":
        return []
    if manifest.get("state") == "writing":
        text = say("store.mixed_state", source=path, files=name_rows(different, 20) if different else "-")
        return [Issue("warning", "mixed_state", text, MANIFEST_FILE, "", tuple(different))]
    text = say("store.edited_since", source=path, files=name_rows(different, 20))
    return [Issue("info", "edited_since", text, MANIFEST_FILE, "", tuple(different))]


def _files(path: Path) -> list[str]:
    tables = sorted(f.name for pattern in ("*.csv", "*.geojson") for f in path.glob(pattern) if f.name[0] != ".")
    return [SETTINGS_FILE, *tables] if (path / SETTINGS_FILE).is_file() else tables


def folder_content(settings: Settings, tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """Return the files of a folder town, name by name, as they are written."""
    content = {SETTINGS_FILE: settings_bytes(settings)}
    for name, frame in tables.items():
        declared = schema.tables().get(name)
        key = list(declared.key) if declared else []
        layer = frame if isinstance(frame, gpd.GeoDataFrame) and GEOMETRY in frame.columns else None
        if layer is not None and not (key and set(key) <= set(frame.columns)):
            # no key to match shapes with rows: the GeoJSON file holds the columns too
            content[f"{name}.geojson"] = geojson_bytes(layer, [c for c in frame.columns if c != GEOMETRY])
            continue
        content[f"{name}.csv"] = csv_bytes(frame)
        if layer is not None:
            content[f"{name}.geojson"] = geojson_bytes(layer[layer.geometry.notna()], key)
    return content


def write_folder(town: Town, path: Path) -> None:
    """Write a town into a folder, file by file, the manifest last; tables the town no longer has are removed."""
    content = folder_content(town.settings, town.tables)
    try:
        path.mkdir(parents=True, exist_ok=True)
        content = _keep_comments(path, town.settings, content)
        files = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(content.items())}
        stale = _stale(path, content)
        _write_manifest(path, "writing", files)
        for name, data in content.items():
            write_bytes(path / name, data)
        for name in stale:
            (path / name).unlink(missing_ok=True)
        _write_manifest(path, "complete", files)
    except OSError as fault:
        raise SourceError(say("store.cannot_write", source=path, reason=fault.strerror or fault)) from None


def _keep_comments(path: Path, settings: Settings, content: dict[str, bytes]) -> dict[str, bytes]:
    """Leave a town.toml that says the same as it is: its author's comments and order are worth keeping."""
    file = path / SETTINGS_FILE
    if file.is_file():
        old = file.read_bytes()
        try:
            same = parse_settings(old, SETTINGS_FILE) == settings
        except InputError:
            same = False
        if same:
            return {**content, SETTINGS_FILE: old}
    return content


def _stale(path: Path, content: Mapping[str, bytes]) -> list[str]:
    """Files of tables that the town no longer has: declared ones and those an older write listed; never others."""
    ours = {f"{name}{ending}" for name in schema.tables() for ending in (".csv", ".geojson")}
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        ours |= set(json.loads((path / MANIFEST_FILE).read_bytes())["files"])
    return [name for name in _files(path) if name in ours and name not in content]


def _write_manifest(path: Path, state: str, files: Mapping[str, str]) -> None:
    manifest: dict[str, Any] = {"format": "zhenxing town", "schema_version": SCHEMA_VERSION, "state": state}
    text = json.dumps({**manifest, "files": dict(files)}, ensure_ascii=False, indent=1)
    write_bytes(path / MANIFEST_FILE, text.encode("utf-8"))
