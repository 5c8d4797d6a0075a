"""Where every cell came from, without a row per cell: one row per table row, one per mapped column; their crossing
is the cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from zhenxing import schema
from zhenxing.importers.extract import Extract

COLUMNS = ("table", "row_id", "column", "source_file", "sheet", "cell", "factor", "as_of", "note")


def provenance_rows(extracts: Iterable[Extract], kept: Mapping[str, set[str]]) -> pd.DataFrame:
    """Return the provenance of what was imported.

    Parameters
    ----------
    extracts : iterable of Extract
        The sheets' tables, the ones that count first before the others.
    kept : mapping of str to set of str
        Row ids of each table that are in the town.
    """
    parts: list[pd.DataFrame] = []
    for extract in extracts:
        ids = extract.frame["_id"]
        inside = ids.isin(kept.get(extract.table, set()))
        ids = ids[inside]
        if not len(ids):
            continue
        common = {
            "table": extract.table,
            "source_file": extract.sheet.file,
            "sheet": extract.sheet.name or None,
            "as_of": extract.as_of or None,
        }
        lines = [str(extract.sheet.line(int(row))) for row in ids.index]
        parts.append(pd.DataFrame({**common, "row_id": ids.to_numpy(), "cell": lines}))
        columns = [column for column in extract.frame.columns if column in extract.origins]
        origins = [extract.origins[column] for column in columns]
        parts.append(
            pd.DataFrame(
                {
                    **common,
                    "column": columns,
                    "cell": [origin.letter for origin in origins],
                    "factor": [float(origin.factor) for origin in origins],
                    "note": [" ".join(origin.header.split()) for origin in origins],
                }
            )
        )
    if not parts:
        return schema.empty("provenance")
    joined = pd.concat(parts, ignore_index=True).reindex(columns=list(COLUMNS))
    return typed(joined)


def filled_cells(fills: Iterable[tuple[str, str, Extract]]) -> pd.DataFrame:
    """Return a row of its own for each cell that a file filled although another file gave its row and column first."""
    records = []
    for row_id, column, extract in fills:
        origin = extract.origins.get(column)
        line = next(iter(extract.frame.index[extract.frame["_id"] == row_id]), None)
        if origin is None or line is None:
            continue
        records.append(
            {
                "table": extract.table,
                "row_id": row_id,
                "column": column,
                "source_file": extract.sheet.file,
                "sheet": extract.sheet.name or None,
                "cell": f"{origin.letter}{extract.sheet.line(int(line))}",
                "factor": float(origin.factor),
                "as_of": extract.as_of or None,
                "note": " ".join(origin.header.split()),
            }
        )
    return typed(pd.DataFrame(records, columns=list(COLUMNS)))


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return provenance rows in the types of the schema."""
    text = {column: "str" for column in COLUMNS if column != "factor"}
    return frame.reindex(columns=list(COLUMNS)).astype({**text, "factor": "float64"})


class Owners:
    """Which source file gave a cell of the town, from the town's provenance."""

    def __init__(self, provenance: pd.DataFrame) -> None:
        self._rows: dict[tuple[str, str], list[str]] = {}
        self._columns: dict[tuple[str, str], list[str]] = {}
        self._sheets: dict[tuple[str, str], list[tuple[str, str]]] = {}
        frame = provenance.reindex(columns=list(COLUMNS))
        fields = ("table", "row_id", "column", "source_file", "sheet")
        filled = {name: frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in fields}
        for table, row_id, column, file, sheet in zip(*(filled[name] for name in fields), strict=True):
            if row_id and column:
                self._rows.setdefault((table, f"{row_id}\0{column}"), []).append(file or "")
            elif row_id:
                self._rows.setdefault((table, row_id), []).append(file or "")
                self._sheets.setdefault((table, row_id), []).append((file or "", sheet or ""))
            elif column:
                self._columns.setdefault((table, column), []).append(file or "")

    def of_cell(self, table: str, row_id: str, column: str) -> str:
        """Return the file that gave a cell; ``""`` when a person or a stage did, or nobody knows."""
        own = self._rows.get((table, f"{row_id}\0{column}"))
        if own:
            return own[-1]
        columns = self._columns.get((table, column), [])
        return next((file for file in self._rows.get((table, row_id), []) if file in columns), "")

    def of_row(self, table: str, row_id: str) -> tuple[tuple[str, str], ...]:
        """Return the (file, sheet) pairs that a row came from."""
        return tuple(dict.fromkeys(self._sheets.get((table, row_id), [])))


def updated(old: pd.DataFrame, fresh: pd.DataFrame, kept: Mapping[str, set[str]]) -> pd.DataFrame:
    """Return the town's provenance after an import: the sheets read now are replaced, rows that went lose theirs."""
    if not len(old):
        return fresh
    old = typed(old)
    read = set(zip(fresh["table"], fresh["source_file"], fresh["sheet"].fillna(""), strict=True))
    own = (old["row_id"].notna() & old["column"].notna()).to_numpy()
    place = zip(old["table"], old["source_file"], old["sheet"].fillna(""), strict=True)
    again = pd.Series([one in read for one in place], index=old.index)
    gone = pd.Series(
        [
            isinstance(row_id, str) and table in kept and row_id not in kept[table]
            for table, row_id in zip(old["table"], old["row_id"], strict=True)
        ],
        index=old.index,
    )
    return typed(pd.concat([old[(own | ~again) & ~gone], fresh], ignore_index=True))
