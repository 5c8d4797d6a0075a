"""Long tables of regions and industries as numbered cells: labels become codes, rows of one cell are added up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from zhenxing.errors import InputError, Issue
from zhenxing.i18n import name_rows, say

# Rows of text written at once: a column of millions repeats few texts, and pieces of it can share their memory.
CHUNK = 65_536

Floats = np.ndarray[Any, np.dtype[np.floating[Any]]]
Codes = np.ndarray[Any, np.dtype[np.integer[Any]]]


@dataclass(frozen=True)
class Labels:
    """The distinct labels of one column, in order, with the code of every row.

    Parameters
    ----------
    name : str
        The column.
    codes : ndarray of int
        Position of each row's label in ``values``.
    values : Index
        Distinct labels, sorted (categories keep their own order); their type is that of the column.
    """

    name: str
    codes: Codes
    values: pd.Index

    def __len__(self) -> int:
        return len(self.values)

    def at(self, codes: Codes) -> Any:
        """Return the labels of codes as a column of the type that was given."""
        taken = self.values.take(np.asarray(codes, dtype=np.intp))
        # a table built from bare objects would turn them into text
        return pd.Series(taken, dtype=object) if taken.dtype == object else taken.array

    def named(self, chosen: Any) -> list[str]:
        """Return the labels at some places, or where a mask says so, as text."""
        return [str(label) for label in self.values[np.asarray(chosen)]]

    def table(self, columns: dict[str, Any]) -> pd.DataFrame:
        """Return measures of the labels as a table, one row each."""
        refuse_names([self.name], columns)
        return pd.DataFrame({self.name: self.at(np.arange(len(self))), **columns})

    def each(self, times: int) -> Any:
        """Return every label so many times in a row."""
        texts = self._texts()
        if texts is None:
            return self.at(np.repeat(np.arange(len(self), dtype=np.int32), times))
        together = max(1, CHUNK // times)
        known: dict[tuple[int, ...], Any] = {}
        chunks = []
        for start in range(0, len(texts), together):
            part = texts[start : start + together]
            lengths = tuple(len(text) for text in part)
            if lengths not in known:
                known[lengths] = _bounds(np.repeat(lengths, times))
            chunks.append(_chunk(known[lengths], b"".join(text * times for text in part)))
        return self._column(chunks)

    def over(self, times: int) -> Any:
        """Return all labels in order, again and again."""
        texts = self._texts()
        if texts is None:
            return self.at(np.tile(np.arange(len(self), dtype=np.int32), times))
        together = min(times, max(1, CHUNK // len(texts)))
        lengths = np.tile([len(text) for text in texts], together)
        one = _chunk(_bounds(lengths), b"".join(texts) * together)
        rest = times % together
        return self._column([one] * (times // together) + [one.slice(0, rest * len(texts))] * (rest > 0))

    def _texts(self) -> list[bytes] | None:
        """Return the labels as bytes if they are text held by Arrow, else nothing."""
        kind = self.values.dtype
        if not isinstance(kind, pd.StringDtype) or kind.storage != "pyarrow":
            return None
        return [str(label).encode() for label in self.values]

    def _column(self, chunks: list[Any]) -> Any:
        """Return a text column of chunks, which may be the same memory several times: texts cannot be changed."""
        kind: Any = self.values.dtype
        return kind.__from_arrow__(pa.chunked_array(chunks))


def _bounds(lengths: Any) -> Any:
    """Return where texts of these lengths begin and end, one after the other."""
    bounds = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=bounds[1:])
    return pa.py_buffer(bounds)


def _chunk(bounds: Any, letters: bytes) -> Any:
    return pa.LargeStringArray.from_buffers(bounds.size // 8 - 1, bounds, pa.py_buffer(letters))


@dataclass(frozen=True)
class Cells:
    """Rows of a table as (region, industry, value): the labels coded, the values plain numbers of at least 0."""

    regions: Labels
    industries: Labels
    values: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """Number of regions and of industries."""
        return len(self.regions), len(self.industries)

    def matrix(self) -> Floats:
        """Return the values added up by region (rows) and industry (columns)."""
        rows, columns = self.shape
        place = self.regions.codes.astype(np.intp) * columns + self.industries.codes
        flat: Any = np.bincount(place, weights=self.values, minlength=rows * columns)
        return np.asarray(flat.reshape(rows, columns))


def read_cells(frame: pd.DataFrame, region: str, industry: str, value: str) -> Cells:
    """Return a long table as numbered cells.

    Parameters
    ----------
    frame : DataFrame
        One row for each region and industry, or several (firms), which are added up.
    region, industry, value : str
        Names of its columns. Labels may be text, categories or integers.

    Raises
    ------
    InputError
        For a column that is not there, an empty table, missing labels, and values that are missing, infinite,
        negative or not numbers.
    """
    require_columns(frame, region, industry, value)
    return Cells(read_labels(frame, region), read_labels(frame, industry), read_values(frame, value))


def as_table(frame: Any) -> pd.DataFrame:
    """Return a table of pandas, also from one of Arrow or polars; anything else is an InputError."""
    if isinstance(frame, pd.DataFrame):
        return frame
    if not hasattr(frame, "to_pandas"):
        raise InputError(say("diagnosis_concentration.no_table", kind=type(frame).__name__))
    table = frame.to_pandas()
    return table if isinstance(table, pd.DataFrame) else table.to_frame()


def require_columns(frame: pd.DataFrame, *names: str) -> None:
    """Raise an InputError unless a table has these columns once each, no two the same, and at least one row."""
    if len(set(names)) < len(names):
        raise InputError(say("diagnosis_concentration.same_column", names=", ".join(names)))
    absent = [name for name in names if name not in frame.columns]
    if absent:
        given = ", ".join(map(str, frame.columns))
        raise InputError(say("diagnosis_concentration.no_column", absent=", ".join(absent), given=given))
    twice = [name for name in names if list(frame.columns).count(name) > 1]
    if twice:
        raise InputError(say("diagnosis_concentration.column_twice", names=", ".join(twice)))
    if frame.empty:
        raise InputError(say("diagnosis_concentration.no_rows"))


def read_labels(frame: pd.DataFrame, name: str) -> Labels:
    """Return the labels of a column as codes in the order of the sorted labels."""
    column = frame[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        used = column.cat.remove_unused_categories()
        _refuse_rows(frame, name, np.asarray(used.cat.codes) < 0, "missing_label")
        # a label per category: the index keeps the categories and their order
        categories = pd.CategoricalIndex(used.cat.categories, dtype=used.dtype)
        return Labels(name, np.asarray(used.cat.codes), categories)
    if isinstance(column.dtype, pd.StringDtype):
        return _text_labels(frame, name)
    codes, values = pd.factorize(column, sort=True)
    _refuse_rows(frame, name, codes < 0, "missing_label")
    return Labels(name, codes, pd.Index(values, dtype=column.dtype))


def _text_labels(frame: pd.DataFrame, name: str) -> Labels:
    """Return the labels of a text column; Arrow numbers the distinct texts without making Python strings of them."""
    column = pa.array(frame[name])
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    _refuse_rows(frame, name, column, "missing_label")
    coded = column.dictionary_encode()
    values = pd.Index(coded.dictionary.to_pandas(), dtype=frame[name].dtype)
    order = np.argsort(np.asarray(values, dtype=object), kind="stable")
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return Labels(name, place[coded.indices.to_numpy()], values.take(order))


def read_values(frame: pd.DataFrame, name: str) -> Floats:
    """Return a column of numbers of at least 0; anything else is an InputError that names the rows."""
    column = frame[name]
    if not pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_complex_dtype(column.dtype):
        raise InputError(say("diagnosis_concentration.not_numbers", column=name, dtype=str(column.dtype)))
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    # one pass decides: NaN and infinities show in the sum, negatives in the minimum
    if np.isfinite(values.sum()) and values.min() >= 0:
        return values
    _refuse_rows(frame, name, ~np.isfinite(values), "missing_value")
    _refuse_rows(frame, name, values < 0, "negative_value")
    return values


def _refuse_rows(frame: pd.DataFrame, name: str, bad: Any, entry: str) -> None:
    if isinstance(bad, pa.Array):
        if bad.null_count == 0:
            return
        bad = bad.is_null().to_numpy(zero_copy_only=False)
    if not np.any(bad):
        return
    rows = tuple(map(str, frame.index[np.flatnonzero(bad)]))
    text = say(f"diagnosis_concentration.{entry}", column=name, rows=name_rows(rows))
    raise InputError(text, [Issue("error", entry, text, column=name, rows=rows)])


def refuse_names(given: list[str], made: Any) -> None:
    """Raise an InputError when a label column has the name of a column that is computed."""
    taken = [name for name in given if name in made]
    if taken:
        raise InputError(say("diagnosis_concentration.name_taken", names=", ".join(taken)))


def by_year(frame: Any, year: str | None) -> Iterator[tuple[Any, pd.DataFrame]]:
    """Return the table year by year, in order; without a year column the whole table once, its year None."""
    frame = as_table(frame)
    if year is None:
        yield None, frame
        return
    labels = years_of(frame, year)
    for label in labels:
        yield label, frame if len(labels) == 1 else frame[frame[year] == label]


def years_of(frame: pd.DataFrame, year: str) -> list[Any]:
    """Return the years of a table in order; missing ones are an InputError that names the rows."""
    require_columns(frame, year)
    _refuse_rows(frame, year, frame[year].isna().to_numpy(), "missing_label")
    return sorted(frame[year].unique())


def join_years(parts: list[tuple[Any, pd.DataFrame]], year: str | None) -> pd.DataFrame:
    """Return the results of the years as one table, the year in its first column, the issues gathered in ``attrs``."""
    issues = tuple(issue for _, part in parts for issue in part.attrs.get("issues", ()))
    if year is not None:
        refuse_names([year], parts[0][1].columns)
        for label, part in parts:
            part.insert(0, year, label)
            part.attrs = {}
    whole = parts[0][1] if len(parts) == 1 else pd.concat([part for _, part in parts], ignore_index=True)
    whole.attrs["issues"] = issues
    return whole


def issues_of(frame: pd.DataFrame) -> tuple[Issue, ...]:
    """Return the warnings that a function of this part left with its result.

    Examples
    --------
    >>> issues_of(pd.DataFrame({"region": ["a"]}))
    ()
    """
    return tuple(frame.attrs.get("issues", ()))


def warning(entry: str, rows: list[str] | tuple[str, ...] = (), *, column: str = "", **values: object) -> Issue:
    """Return a warning of this part's catalogue; its ids are named in the sentence as ``{rows}``."""
    text = say(f"diagnosis_concentration.{entry}", rows=name_rows(list(rows)), **values)
    return Issue("warning", entry, text, column=column, rows=tuple(map(str, rows)))
