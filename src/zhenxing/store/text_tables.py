"""Tables as CSV text: UTF-8, comma, header, an empty cell for a missing value, numbers that read back bit for bit."""

from __future__ import annotations

import csv
import io
import os
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from zhenxing.errors import Issue, SourceError
from zhenxing.i18n import say
from zhenxing.schema.conversion import as_text

GEOMETRY = "geometry"


def cells(column: pd.Series, digits: int | None = None) -> pd.Series:
    """Return a column as the text of its cells; missing stays missing.

    Parameters
    ----------
    column : Series
        Cells of any type.
    digits : int, optional
        Significant digits of floats; by default as many as read back bit for bit.

    Examples
    --------
    >>> cells(pd.Series([1.0, 0.1, None])).tolist()[:2]
    ['1', '0.1']
    >>> cells(pd.Series([2 / 3]), digits=12).tolist()
    ['0.666666666667']
    """
    if pd.api.types.is_float_dtype(column.dtype):
        numbers = column.to_numpy(dtype="float64", na_value=np.nan)
        if digits is not None:
            written = [None if np.isnan(number) else f"{number:.{digits}g}" for number in numbers]
            return pd.Series(written, index=column.index, dtype="str")
        shortest = pc.cast(pa.array(numbers, from_pandas=True), pa.string())
        return pd.Series(shortest.to_pandas(), index=column.index, dtype="str")
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.astype("boolean").map({True: "true", False: "false"}, na_action="ignore").astype("str")
    if pd.api.types.is_integer_dtype(column.dtype):
        return column.astype("Int64").astype("string").astype("str")
    return as_text(column)


def csv_bytes(frame: pd.DataFrame, digits: int | None = None) -> bytes:
    r"""Return a table as the bytes of its CSV file, without geometry.

    Examples
    --------
    >>> csv_bytes(pd.DataFrame({"site_id": ["0011"], "area_mu": [12.0]}))
    b'site_id,area_mu\n0011,12\n'
    """
    plain = {str(name): cells(frame[name], digits) for name in frame.columns if name != GEOMETRY}
    # a lone carriage return ends a line for a reader, but the writer of pandas does not quote it
    returns = any("\r" in name or text.str.contains("\r", regex=False).any() for name, text in plain.items())
    quoting: Literal[0, 1] = csv.QUOTE_ALL if returns else csv.QUOTE_MINIMAL
    text = pd.DataFrame(plain, index=frame.index).to_csv(index=False, lineterminator="\n", quoting=quoting)
    return text.encode("utf-8") if plain else b""


def read_csv(path: Path) -> tuple[pd.DataFrame, list[Issue]]:
    """Read a CSV file as text; an empty cell is missing, and no other text is.

    Raises
    ------
    SourceError
        When the file is not UTF-8, not a table, or repeats a column name.
    """
    source = path.name
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceError(say("store.not_utf8", source=source)) from None
    except OSError as fault:
        raise SourceError(say("store.cannot_read", source=source, reason=fault.strerror)) from None
    if not text.strip():
        return pd.DataFrame(), [Issue("info", "empty_file", say("store.empty_file", source=source), path.stem)]
    try:
        with warnings.catch_warnings():
            # pandas only warns when lines are longer than the header, and drops their last cells
            warnings.simplefilter("error", pd.errors.ParserWarning)
            raw = pd.read_csv(
                io.StringIO(text), header=None, dtype="str", keep_default_na=False, na_values=[""], index_col=False
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning) as fault:
        raise SourceError(say("store.bad_csv", source=source, reason=str(fault).strip())) from None
    names = [str(name).strip() if isinstance(name, str) else "" for name in raw.iloc[0]]
    frame = raw.iloc[1:].reset_index(drop=True).set_axis(names, axis=1)
    return _without_blanks(frame, source), []


def _without_blanks(frame: pd.DataFrame, source: str) -> pd.DataFrame:
    """Drop the nameless empty columns and empty last lines that spreadsheets leave; refuse repeated names."""
    nameless = [place for place, name in enumerate(frame.columns) if name == "" and frame.iloc[:, place].isna().all()]
    if nameless:
        frame = frame.iloc[:, [place for place in range(frame.shape[1]) if place not in nameless]]
    repeated = sorted(set(frame.columns[frame.columns.duplicated()]))
    if repeated:
        raise SourceError(say("store.repeated_header", source=source, columns=", ".join(repeated)))
    filled = np.flatnonzero(frame.notna().any(axis=1).to_numpy())
    last = int(filled[-1]) + 1 if len(filled) else 0
    return frame.iloc[:last].astype("str")


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file under a temporary name beside its place, then move it: a reader sees the old or the new one."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_tables(directory: str | Path, tables: Mapping[str, pd.DataFrame], digits: int = 12) -> list[Path]:
    """Write tables as CSV files into a folder, each whole or not at all; numbers carry 12 significant digits.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     [path.read_text() for path in write_tables(place, {"t": pd.DataFrame({"x": [1 / 3]})})]
    ['x\\n0.333333333333\\n']
    """
    place = Path(directory)
    try:
        place.mkdir(parents=True, exist_ok=True)
        paths = []
        for name, frame in tables.items():
            path = place / f"{name}.csv"
            write_bytes(path, csv_bytes(frame, digits))
            paths.append(path)
    except OSError as fault:
        raise SourceError(say("store.cannot_write", source=place, reason=fault.strerror)) from None
    return paths
