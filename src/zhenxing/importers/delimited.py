"""Text files with separators: encoding and separator sniffed, both said."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from pathlib import Path

from zhenxing.errors import SourceError
from zhenxing.i18n import say
from zhenxing.importers.sheets import MAX_ROWS, Sheet, frame_of

SEPARATORS = ",\t;|"
_SAMPLE = 262_144
# what offices write: letters, digits, Chinese, brackets, units, circled numbers, ticks
_USUAL = re.compile(
    r"[\t\r\n -~\u00b0-\u00b7×√\u2010-\u2044\u2460-\u249b\u25a0-\u25cf"
    r"\u3000-\u303f\u3300-\u33ff\u4e00-\u9fff\uff00-\uffef]"
)
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def read_delimited(path: Path, file: str, *, encoding: str = "", max_rows: int = MAX_ROWS) -> list[Sheet]:
    """Read a ``.csv``, ``.txt``, ``.tsv`` file, plain or gzipped, as one sheet.

    Raises
    ------
    SourceError
        When the file cannot be unpacked or decoded, or has more lines than the limit.
    """
    content = _content(path, file)
    used = encoding or sniff_encoding(content)
    if not used:
        raise SourceError(say("importers.encoding_unknown", file=file))
    try:
        text = content.decode(used)
    except (UnicodeDecodeError, LookupError) as fault:
        raise SourceError(say("importers.encoding_wrong", file=file, encoding=used, fault=str(fault))) from fault
    lines = text.count("\n")
    if lines > max_rows + 1:
        raise SourceError(say("importers.too_long", file=file, rows=lines, limit=max_rows))
    separator = sniff_separator(text[:_SAMPLE])
    csv.field_size_limit(10_000_000)
    try:
        rows: list[list[object]] = [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)]
    except csv.Error as fault:
        raise SourceError(say("importers.corrupt", file=file, fault=str(fault))) from fault
    shown = {"\t": "TAB"}.get(separator, separator)
    said: dict[str, object] = {"encoding": used.upper().replace("-SIG", ""), "separator": shown}
    return [Sheet(path, file, "", frame_of(rows), notes=(("encoding", said),))]


def _content(path: Path, file: str) -> bytes:
    content = path.read_bytes()
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as fault:
        raise SourceError(say("importers.corrupt", file=file, fault=str(fault))) from fault


def sniff_encoding(content: bytes) -> str:
    """Return the encoding of a text: UTF-8, UTF-16 or GB18030 (which includes GBK and GB2312); ``""`` if none fits.

    Examples
    --------
    >>> sniff_encoding("企业名称".encode("gbk"))
    'gb18030'
    >>> sniff_encoding("企业名称".encode("utf-8"))
    'utf-8'
    >>> sniff_encoding(bytes([0x80, 0xFF, 0xFE, 0x00, 0x81]))
    ''
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    if b"\x00" in content[:_SAMPLE]:
        half = content[: _SAMPLE // 2 * 2]
        little = half[1::2].count(0) >= half[::2].count(0)
        return _fits(content, "utf-16-le" if little else "utf-16-be")
    return _fits(content, "utf-8") or _fits(content, "gb18030")


def _fits(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return ""
    # UTF-8 is its own proof; random bytes often decode as the others, but not into what an office writes
    sample = text[:20_000]
    usual = len(_USUAL.findall(sample))
    return encoding if encoding == "utf-8" or usual >= 0.9 * len(sample) else ""


def sniff_separator(sample: str) -> str:
    """Return the separator that splits the lines most evenly: comma, tab, semicolon or bar.

    Examples
    --------
    >>> sniff_separator("a;b;c\\n1,5;2;3\\n2,5;3;4")
    ';'
    """
    best, most = ",", 0.0
    lines = sample.splitlines()[:50]
    for separator in SEPARATORS:
        widths = [len(row) - 1 for row in csv.reader(lines, delimiter=separator) if row]
        if not widths:
            continue
        common = max(set(widths), key=widths.count)
        score = common * (widths.count(common) / len(widths)) ** 2
        if common and score > most:
            best, most = separator, score
    return best
