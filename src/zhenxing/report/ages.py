"""How old the inputs of a report are and which files they came from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from zhenxing.town import Town

COLUMNS = ["table", "rows", "files", "oldest", "newest", "days", "state"]


def input_ages(town: Town, date: dt.date, stale_days: int) -> pd.DataFrame:
    """Return one row per table that the town holds, with its files and the dates its rows speak of.

    Returns
    -------
    DataFrame
        table, rows, files (``file / sheet`` joined by ``;``), oldest and newest as-of date (ISO), days (age of the
        oldest at the report's date, NaN when unknown), state (``fresh``, ``stale``, ``unknown``).
    """
    provenance = town["provenance"]
    rows = []
    for name, frame in town.tables.items():
        if name == "provenance" or frame.empty:
            continue
        own = provenance[provenance["table"] == name] if "table" in provenance else provenance.iloc[:0]
        rows.append({"table": name, "rows": len(frame), **_age(own, date, stale_days)})
    return pd.DataFrame(rows, columns=COLUMNS)


def _age(own: pd.DataFrame, date: dt.date, stale_days: int) -> Mapping[str, object]:
    files = _files(own)
    dates = (
        pd.to_datetime(own["as_of"], errors="coerce").dropna() if "as_of" in own else pd.Series(dtype="datetime64[ns]")
    )
    if dates.empty:
        return {"files": files, "oldest": "", "newest": "", "days": float("nan"), "state": "unknown"}
    days = (pd.Timestamp(date) - dates.min()).days
    return {
        "files": files,
        "oldest": dates.min().date().isoformat(),
        "newest": dates.max().date().isoformat(),
        "days": float(days),
        "state": "stale" if days > stale_days else "fresh",
    }


def _files(own: pd.DataFrame) -> str:
    if own.empty or "source_file" not in own:
        return ""
    pairs = own.reindex(columns=["source_file", "sheet"]).drop_duplicates().astype("object")
    shown = []
    for file, sheet in pairs.itertuples(index=False):
        if pd.notna(file) and str(file):
            shown.append(f"{file} / {sheet}" if pd.notna(sheet) and str(sheet) else str(file))
    return "; ".join(dict.fromkeys(shown))
