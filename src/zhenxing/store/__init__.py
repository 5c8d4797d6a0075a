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

from zhenxing.store.connection import connect
from zhenxing.store.derived import apply_derived
from zhenxing.store.dispatch import inputs_sha256, read_town, write_town
from zhenxing.store.fingerprint import tables_sha256
from zhenxing.store.geopackage import read_history
from zhenxing.store.rows import delete_rows, edit_rows, read_rows
from zhenxing.store.runs import Run, list_runs, read_run, save_run
from zhenxing.store.text_tables import write_tables

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
