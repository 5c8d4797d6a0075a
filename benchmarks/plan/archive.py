"""Plans as small archives: a zip of the plan tables as CSV, the same bytes for the same plan."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

LONG_AGO = (1980, 1, 1, 0, 0, 0)


def write_archive(tables: dict[str, Any], path: Path) -> None:
    """Write the plan tables that are not empty into an archive."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, frame in sorted(tables.items()):
            if len(frame):
                text = frame.to_csv(index=False, float_format="%.12g", lineterminator="\n")
                entry = zipfile.ZipInfo(f"{name}.csv", LONG_AGO)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, text)
    part.replace(path)


def read_archive(path: Path) -> dict[str, Any]:
    """Return the plan tables of an archive, empty ones included."""
    import pandas as pd

    from zhenxing import schema

    tables = {name: schema.empty(name) for name in schema.PLAN_RESULT_TABLES}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            name = entry.removesuffix(".csv")
            with archive.open(entry) as file:
                raw = pd.read_csv(file, dtype=str, keep_default_na=False, na_values=[""])
            tables[name] = schema.conform(name, raw)[0]
    return tables
