"""One sheet of one file, before anything is known about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

# the widest and longest sheet that is read into memory; --max-rows moves it
MAX_ROWS = 300_000
# sheets that zhenxing itself writes into a workbook of issues
RESERVED = "zhenxing"
SOURCE_SHEET = f"{RESERVED}_source"


@dataclass
class Sheet:
    """A sheet's cells as they stand in the file.

    Parameters
    ----------
    path : Path
        The file.
    file : str
        Its name relative to the source, as it is shown and kept as provenance.
    name : str
        The sheet's or layer's name; empty for one-sheet files.
    cells : DataFrame
        Columns 0 .. n-1 of dtype object; empty cells are ``None``.
    names : tuple of str
        Column names that the format itself knows (Parquet, GIS); empty when the header is among the cells.
    first_line : int
        Line (row number as people count) of the first row of ``cells``.
    merged : tuple
        Merged ranges (top, left, bottom, right), counted from 0 in ``cells``.
    broken : dict
        (row, column) -> fault code of cells that have no value: ``formula`` (no cached value), ``error`` (#N/A …).
    notes : tuple of (code, values)
        What was found while reading, for example the encoding.
    geometry : GeoSeries, optional
        Shapes of a GIS layer in the storage system.
    header_line : int
        Line in which the header was found, set once it is.
    crs_assumed : bool
        Whether the shapes' system was taken from the format's standard, not from a declaration.
    """

    path: Path
    file: str
    name: str
    cells: pd.DataFrame
    names: tuple[str, ...] = ()
    first_line: int = 1
    merged: tuple[tuple[int, int, int, int], ...] = ()
    broken: dict[tuple[int, int], str] = field(default_factory=dict)
    notes: tuple[tuple[str, dict[str, object]], ...] = ()
    geometry: pd.Series | None = None
    header_line: int = 1
    crs_assumed: bool = False

    @property
    def title(self) -> str:
        """File and sheet as people name them."""
        return f"{self.file}#{self.name}" if self.name else self.file

    def line(self, row: int) -> int:
        """Return the line in the file of a row of ``cells``."""
        return self.first_line + row


def letter(column: int) -> str:
    """Return the letter of a column counted from 0.

    Examples
    --------
    >>> letter(0), letter(27)
    ('A', 'AB')
    """
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def frame_of(rows: list[list[object]]) -> pd.DataFrame:
    """Return rows of unequal length as a frame of objects with ``None`` for empty cells."""
    width = max(map(len, rows), default=0)
    padded = [[*(None if value == "" else value for value in row), *[None] * (width - len(row))] for row in rows]
    return pd.DataFrame(padded, columns=range(width), dtype=object)
