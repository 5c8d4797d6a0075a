"""Attribute tables of shapefiles: encoding and field names, which GDAL takes as Latin-1 where nothing is declared."""

from __future__ import annotations

from pathlib import Path

_SAMPLE = 1 << 20


def sniff_dbf_encoding(path: Path) -> str:
    """Return the encoding of a .dbf without a code page: UTF-8 when it decodes as such, else GB18030.

    A name that is cut within a character at ten bytes does not count against UTF-8.
    """
    with path.open("rb") as opened:
        content = opened.read(_SAMPLE)
    start = int.from_bytes(content[8:10], "little")
    length = int.from_bytes(content[10:12], "little")
    if length == 0:
        return "gb18030"
    records = [content[at : at + length] for at in range(start, len(content) - length + 1, length)]
    text = b" ".join(field.strip() for record in records[:2000] for field in record.split(b"  ") if field.strip())
    for name in _names(content):
        text += b" " + name[: len(name) - 3] if len(name) == 10 else b" " + name
    for encoding in ("utf-8", "gb18030"):
        decoded = text.decode(encoding, errors="replace")
        if decoded.count("\ufffd") <= len(decoded) // 200:
            return encoding
    return "gb18030"


def read_dbf_names(path: Path, encoding: str) -> tuple[list[str], list[str]]:
    """Return the field names of a .dbf and those that fill its ten bytes and may have been cut there."""
    with path.open("rb") as opened:
        content = opened.read(_SAMPLE)
    names, cut = [], []
    for raw in _names(content):
        name = raw.decode(encoding, errors="ignore")
        names.append(name)
        if len(raw) >= 9:
            cut.append(name)
    return names, cut


def _names(content: bytes) -> list[bytes]:
    """The field descriptors of 32 bytes follow the header of 32 bytes, up to the sign 0x0D."""
    found = []
    at = 32
    while at + 32 <= len(content) and content[at] != 0x0D:
        found.append(content[at : at + 11].split(b"\x00")[0])
        at += 32
    return found
