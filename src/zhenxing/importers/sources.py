"""The files of a source: which ones, and how each is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from zhenxing.errors import SourceError
from zhenxing.i18n import say
from zhenxing.importers.delimited import read_delimited
from zhenxing.importers.excel import is_plain_text, read_workbook
from zhenxing.importers.parquet import read_parquet
from zhenxing.importers.sheets import MAX_ROWS, Sheet

TEXT = (".csv", ".csv.gz", ".tsv", ".txt", ".txt.gz")
WORKBOOKS = (".xlsx", ".xlsm", ".xls")
LAYERS = (".geojson", ".gpkg", ".shp", ".json")
SETTINGS = "town.toml"
# parts of a shapefile and records of a folder town are no sources of their own
_SIDE_FILES = (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".shp.xml")
_OWN_RECORDS = ("manifest.json", "provenance.csv")


@dataclass(frozen=True)
class ReadOptions:
    """How files are read: encoding, declared coordinate system, limit of rows."""

    encoding: str = ""
    crs: str = ""
    max_rows: int = MAX_ROWS


@dataclass(frozen=True)
class SourceFile:
    """One file of a source with the name under which it is shown."""

    path: Path
    name: str

    @property
    def kind(self) -> str:
        """``text``, ``workbook``, ``layer``, ``parquet``, ``settings`` or ``""``."""
        lower = self.path.name.lower()
        if lower == SETTINGS:
            return "settings"
        for kind, endings in (("text", TEXT), ("workbook", WORKBOOKS), ("layer", LAYERS), ("parquet", (".parquet",))):
            if lower.endswith(endings):
                return kind
        return ""


def find_files(source: Path) -> tuple[list[SourceFile], list[SourceFile]]:
    """Return the files to read, in the order of their names, and those of no known kind.

    Raises
    ------
    SourceError
        When there is no such file or folder, or nothing in it that can be read.
    """
    if not source.exists():
        raise SourceError(say("importers.missing_file", file=source))
    if source.is_file():
        files = [SourceFile(source, source.name)]
    else:
        paths = sorted(path for path in source.rglob("*") if path.is_file() and not _hidden(path, source))
        files = [SourceFile(path, path.relative_to(source).as_posix()) for path in paths]
    known = [file for file in files if file.kind]
    unknown = [file for file in files if not file.kind]
    if not known:
        raise SourceError(say("importers.no_files", file=source))
    return known, unknown


def _hidden(path: Path, source: Path) -> bool:
    parts = path.relative_to(source).parts
    lower = path.name.lower()
    return any(part.startswith((".", "~$")) for part in parts) or lower.endswith(_SIDE_FILES) or lower in _OWN_RECORDS


def read_file(file: SourceFile, options: ReadOptions) -> list[Sheet]:
    """Read the sheets or layers of one file.

    Raises
    ------
    SourceError
        When the file cannot be read; the message says what to do.
    CrsSuspicionError
        When a layer's coordinates look like another system than declared.
    """
    try:
        if file.path.stat().st_size == 0:
            raise SourceError(say("importers.empty_file", file=file.name))
        return _read(file, options)
    except OSError as fault:
        raise SourceError(say("importers.no_access", file=file.name, fault=fault.strerror or str(fault))) from fault


def _read(file: SourceFile, options: ReadOptions) -> list[Sheet]:
    if file.kind == "text" or (file.kind == "workbook" and is_plain_text(file.path)):
        return read_delimited(file.path, file.name, encoding=options.encoding, max_rows=options.max_rows)
    if file.kind == "workbook":
        return read_workbook(file.path, file.name, max_rows=options.max_rows)
    if file.kind == "parquet":
        return read_parquet(file.path, file.name, max_rows=options.max_rows)
    # geopandas takes most of a second to import; a source without layers does without it
    from zhenxing.importers.gis import GisOptions, read_layers

    gis = GisOptions(crs=options.crs, encoding=options.encoding, max_rows=options.max_rows)
    return read_layers(file.path, file.name, gis)
