"""Parquet files: columns and types as they are."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from zhenxing.errors import SourceError
from zhenxing.i18n import say
from zhenxing.importers.sheets import MAX_ROWS, Sheet


def read_parquet(path: Path, file: str, *, max_rows: int = MAX_ROWS) -> list[Sheet]:
    """Read a ``.parquet`` file as one sheet whose header is known.

    Raises
    ------
    SourceError
        When the file is damaged or has more rows than the limit.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as opened:
            rows = opened.metadata.num_rows
            if rows > max_rows:
                raise SourceError(say("importers.too_long", file=file, rows=rows, limit=max_rows))
            table = opened.read()
    except (pa.ArrowException, OSError) as fault:
        raise SourceError(say("importers.corrupt", file=file, fault=str(fault))) from fault
    columns = {place: pd.Series(column.to_pylist(), dtype=object) for place, column in enumerate(table.columns)}
    cells = pd.DataFrame(columns, dtype=object)
    # line 1 would be the header of the same table in a sheet
    return [Sheet(path, file, "", cells, names=tuple(table.column_names), first_line=2)]
