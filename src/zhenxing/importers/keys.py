"""The id under which a row of a table is known in provenance and differences."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from zhenxing import schema

# tables without a key: what tells one row from another when the same file comes again
_IDENTITY = {
    "targets": ("indicator", "year", "park_id"),
    "locks": ("subject", "id", "option", "rule", "year"),
}


def identity(table: str) -> tuple[str, ...]:
    """Return the columns that identify a row of a table."""
    return schema.table(table).key or _IDENTITY.get(table, tuple(schema.table(table).columns))


def may_repeat(table: str) -> bool:
    """Tell whether several rows of one identity all count (targets, locks)."""
    return not schema.table(table).key


def row_ids(table: str, frame: pd.DataFrame) -> pd.Series:
    """Return the id of each row: its key values joined by ``/``; repeated rows of tables without a key get ``#2`` …

    Examples
    --------
    >>> frame = pd.DataFrame({"indicator": ["cleared_mu"] * 2, "year": [2026, 2026]})
    >>> row_ids("targets", frame).tolist()
    ['cleared_mu/2026', 'cleared_mu/2026#2']
    """
    columns = [column for column in identity(table) if column in frame.columns]
    if not columns:
        return pd.Series("", index=frame.index, dtype=object)
    ids = _texts(frame[columns[0]])
    for column in columns[1:]:
        more = _texts(frame[column])
        ids = [f"{left}/{right}" if left and right else left or right for left, right in zip(ids, more, strict=True)]
    if may_repeat(table):
        ids = _numbered(ids)
    return pd.Series(ids, index=frame.index, dtype=object)


def _texts(column: pd.Series) -> list[str]:
    if pd.api.types.is_numeric_dtype(column.dtype):
        return ["" if pd.isna(value) else f"{value:.12g}" for value in column]
    return ["" if value is None or value is pd.NA or value != value else str(value) for value in column.tolist()]


def _numbered(ids: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    numbered = []
    for one in ids:
        seen[one] = seen.get(one, 0) + 1
        numbered.append(one if seen[one] == 1 else f"{one}#{seen[one]}")
    return numbered
