"""Parquet files: columns and types as they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
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
    columns = {
        place: column.to_numpy(zero_copy_only=False)
        if pa.types.is_string(column.type)
        else _objects(column.to_pylist())
        for place, column in enumerate(table.columns)
    }
    cells = pd.DataFrame({place: pd.Series(values, dtype=object) for place, values in columns.items()})
    # line 1 would be the header of the same table in a sheet
    return [Sheet(path, file, "", cells, names=tuple(table.column_names), first_line=2)]


def _objects(values: list[object]) -> np.ndarray:
    held = np.empty(len(values), dtype=object)
    held[:] = values
    return held
