"""A fingerprint of any tables of a town, the same for every form in which the town is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pandas as pd

from zhenxing.store.text_tables import csv_bytes


def tables_sha256(tables: Mapping[str, pd.DataFrame]) -> str:
    """Return the SHA-256 of tables: over the sorted names, each name, a NUL byte and the bytes of its CSV file.

    Empty tables count as absent, geometry is left out.

    Examples
    --------
    >>> tables_sha256({"firms": pd.DataFrame({"firm_id": ["F1"]})})[:12]
    '172d7aaf409c'
    >>> tables_sha256({}) == tables_sha256({"firms": pd.DataFrame({"firm_id": []})})
    True
    """
    digest = hashlib.sha256()
    for name in sorted(tables):
        if len(tables[name]):
            digest.update(name.encode("utf-8") + b"\0" + csv_bytes(tables[name]))
    return digest.hexdigest()
