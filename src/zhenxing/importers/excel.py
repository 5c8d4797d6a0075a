"""Workbooks (.xlsx, .xlsm, .xls) through calamine; what calamine cannot see is read from the package itself."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from zhenxing.errors import SourceError
from zhenxing.i18n import say
from zhenxing.importers.sheets import MAX_ROWS, RESERVED, SOURCE_SHEET, Sheet, frame_of

_CHUNK = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_ROW = re.compile(rb"<(?:\w+:)?row[ >/]")
_VALUE_ROW = re.compile(rb"<(?:\w+:)?v>")
# a formula whose value was never cached: no <v>, or an empty one
_UNCACHED = re.compile(
    rb"<(?:\w+:)?c r=\"([A-Z]+)(\d+)\"(?:[^>]*)>\s*<(?:\w+:)?f[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_ERROR = re.compile(rb"<(?:\w+:)?c r=\"([A-Z]+)(\d+)\"[^>]*\bt=\"e\"")
_OVERLAP = 8192


def read_workbook(path: Path, file: str, *, max_rows: int = MAX_ROWS) -> list[Sheet]:
    """Read all sheets of a workbook, hidden ones too.

    Raises
    ------
    SourceError
        For a password, a damaged file, a sheet with more rows than the limit.
    """
    import python_calamine as calamine

    refuse_encrypted(path, file)
    refuse_web_page(path, file)
    parts = _sheet_parts(path, file)
    broken = {name: _scan(path, part, file, name, max_rows) for name, part in parts.items()}
    try:
        with calamine.load_workbook(str(path)) as book:
            sheets = [
                _sheet(book.get_sheet_by_name(meta.name), path, file, broken.get(meta.name, {}), max_rows)
                for meta in book.sheets_metadata
                if meta.typ == calamine.SheetTypeEnum.WorkSheet and not meta.name.startswith(RESERVED)
            ]
            return _as_sent(sheets, book) if SOURCE_SHEET in book.sheet_names else sheets
    except calamine.PasswordError as fault:
        raise SourceError(say("importers.password", file=file)) from fault
    except (calamine.CalamineError, OSError, zipfile.BadZipFile, zlib.error, ValueError) as fault:
        raise SourceError(say("importers.corrupt", file=file, fault=str(fault))) from fault


def _as_sent(sheets: list[Sheet], book: Any) -> list[Sheet]:
    """Give the pages of a mended workbook of issues the file and sheet that they came from."""
    rows = book.get_sheet_by_name(SOURCE_SHEET).to_python()
    sent = {str(row[0]): (str(row[1]), str(row[2])) for row in rows[1:]}
    # pages without an entry had nothing to mend: they stand in a copy of the whole file and keep its name
    file = next(iter(sent.values()), ("", ""))[0]
    for sheet in sheets:
        sheet.file, sheet.name = sent.get(sheet.name, (file or sheet.file, sheet.name))
    return sheets


def refuse_encrypted(path: Path, file: str) -> None:
    """Raise when a workbook is protected by a password to open."""
    with path.open("rb") as opened:
        head = opened.read(8)
        if head != _OLE:
            return
        # the directory of an OLE file lies anywhere in it; workbooks protected by a password carry this stream's name
        tail = b""
        while chunk := opened.read(_CHUNK):
            if _ENCRYPTED_STREAM in tail + chunk:
                raise SourceError(say("importers.password", file=file))
            tail = chunk[-64:]


def refuse_web_page(path: Path, file: str) -> None:
    """Raise for a web page or XML that a reporting system has named .xls."""
    with path.open("rb") as opened:
        head = opened.read(512).lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").lower()
    if head.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml", b"<meta", b"<style")):
        raise SourceError(say("importers.web_page", file=file))


def is_plain_text(path: Path) -> bool:
    """Tell whether a file named as a workbook is text with separators: neither a package nor an OLE file."""
    with path.open("rb") as opened:
        head = opened.read(4096)
    return head[:8] != _OLE and head[:2] != b"PK" and b"\x00" not in head and (b"\t" in head or b"," in head)


def _sheet(sheet: Any, path: Path, file: str, broken: dict[tuple[int, int], str], max_rows: int) -> Sheet:
    height = sheet.height
    name = str(sheet.name)
    if height > max_rows:
        raise SourceError(say("importers.too_long", file=f"{file}#{name}", rows=height, limit=max_rows))
    rows = sheet.to_python(skip_empty_area=False) if height else []
    merged = sheet.merged_cell_ranges or []
    ranges = tuple(sorted((top, left, bottom, right) for (top, left), (bottom, right) in merged))
    return Sheet(path, file, name, frame_of(rows), merged=ranges, broken=broken)


def _sheet_parts(path: Path, file: str) -> dict[str, str]:
    """Sheet name -> path of its part in an .xlsx package; empty for .xls."""
    if not zipfile.is_zipfile(path):
        return {}
    try:
        with zipfile.ZipFile(path) as package:
            book = ElementTree.fromstring(package.read("xl/workbook.xml"))
            relations = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError, zipfile.BadZipFile, zlib.error) as fault:
        raise SourceError(say("importers.corrupt", file=file, fault=str(fault))) from fault
    targets = {relation.get("Id"): str(relation.get("Target")) for relation in relations}
    found: dict[str, str] = {}
    for element in book.iter():
        if element.tag.endswith("}sheet"):
            identity = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
            target = targets.get(identity, "")
            found[str(element.get("name"))] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return found


def _scan(path: Path, part: str, file: str, name: str, max_rows: int) -> dict[tuple[int, int], str]:
    """Stream a sheet's part: refuse one that is too long before it is loaded, find cells that have no value."""
    found: dict[tuple[int, int], str] = {}
    filled = 0
    try:
        for window, fresh in _windows(path, part):
            rows = len(_ROW.findall(fresh))
            # rows that carry only a format cost nothing later; rows with values count
            filled += min(rows, len(_VALUE_ROW.findall(fresh)) + fresh.count(b"<is>"))
            if filled > max_rows:
                raise SourceError(
                    say("importers.too_long", file=f"{file}#{name}", rows=f"> {max_rows}", limit=max_rows)
                )
            for pattern, code in ((_UNCACHED, "formula"), (_ERROR, "error")):
                for match in pattern.finditer(window):
                    found[int(match.group(2)) - 1, _place(match.group(1).decode())] = code
    except KeyError:
        return {}
    except (zipfile.BadZipFile, zlib.error, EOFError) as fault:
        raise SourceError(say("importers.corrupt", file=file, fault=str(fault))) from fault
    return found


def _windows(path: Path, part: str) -> Iterator[tuple[bytes, bytes]]:
    """Yield a part piece by piece: each piece with the end of the one before, and the piece alone."""
    with zipfile.ZipFile(path) as package, package.open(part) as stream:
        tail = b""
        while chunk := stream.read(_CHUNK):
            yield tail + chunk, chunk
            tail = chunk[-_OVERLAP:]


def _place(letters: str) -> int:
    column = 0
    for sign in letters:
        column = column * 26 + ord(sign) - 64
    return column - 1
