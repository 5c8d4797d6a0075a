"""Keep a town on disk: a folder of CSV and GeoJSON files, or one GeoPackage file.

Examples
--------
>>> import tempfile
>>> from zhenxing.store import read_town, write_town
>>> from zhenxing.town import Settings, Town
>>> with tempfile.TemporaryDirectory() as place:
...     _ = write_town(Town(Settings.parse({"town": {"name": "古镇"}})), place + "/town")
...     read_town(place + "/town").settings.town.name
'古镇'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zhenxing.store.connection import connect
    from zhenxing.store.derived import apply_derived
    from zhenxing.store.dispatch import inputs_sha256, read_town, write_town
    from zhenxing.store.fingerprint import tables_sha256
    from zhenxing.store.geopackage import read_history
    from zhenxing.store.rows import delete_rows, edit_rows, read_rows
    from zhenxing.store.runs import Run, list_runs, read_run, save_run
    from zhenxing.store.text_tables import write_tables

# Loaded on first use: who writes a CSV file or takes a fingerprint needs neither GIS nor SQLite.
_HOMES = {
    "Run": "zhenxing.store.runs",
    "apply_derived": "zhenxing.store.derived",
    "connect": "zhenxing.store.connection",
    "delete_rows": "zhenxing.store.rows",
    "edit_rows": "zhenxing.store.rows",
    "inputs_sha256": "zhenxing.store.dispatch",
    "list_runs": "zhenxing.store.runs",
    "read_history": "zhenxing.store.geopackage",
    "read_rows": "zhenxing.store.rows",
    "read_run": "zhenxing.store.runs",
    "read_town": "zhenxing.store.dispatch",
    "save_run": "zhenxing.store.runs",
    "tables_sha256": "zhenxing.store.fingerprint",
    "write_tables": "zhenxing.store.text_tables",
    "write_town": "zhenxing.store.dispatch",
}

__all__ = [
    "Run",
    "apply_derived",
    "connect",
    "delete_rows",
    "edit_rows",
    "inputs_sha256",
    "list_runs",
    "read_history",
    "read_rows",
    "read_run",
    "read_town",
    "save_run",
    "tables_sha256",
    "write_tables",
    "write_town",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its home on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'zhenxing.store' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
