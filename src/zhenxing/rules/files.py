"""Reading of the rule files that ship with the package."""

from __future__ import annotations

import csv
import gzip
import io
from importlib.resources import files


def rows(name: str) -> list[list[str]]:
    """Return the rows of a rule file (``.csv`` or ``.csv.gz``) without its header.

    Examples
    --------
    >>> rows("currencies.csv")[0]
    ['人民币', 'CNY']
    """
    return _lines(name)[1:]


def records(name: str) -> list[dict[str, str]]:
    """Return the rows of a rule file with the header's names.

    Examples
    --------
    >>> records("villages.csv")[1]["name"]
    '古四村'
    """
    header, *body = _lines(name)
    return [dict(zip(header, row, strict=True)) for row in body]


def _lines(name: str) -> list[list[str]]:
    content = (files("zhenxing.rules") / "data" / name).read_bytes()
    if name.endswith(".gz"):
        content = gzip.decompress(content)
    return list(csv.reader(io.StringIO(content.decode("utf-8"))))
