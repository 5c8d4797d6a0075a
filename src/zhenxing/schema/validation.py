"""Check a table against its declaration: convert every cell, then run the declared checks, and collect all faults."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from zhenxing.errors import Issue, Level, Text
from zhenxing.i18n import name_rows, say
from zhenxing.schema.conversion import DTYPES, CellFault, convert
from zhenxing.schema.declaration import Column, TableSchema, header, table

GEOMETRY = "geometry"
# The first line of a file is its header, so the first row of data stands in line 2.
FIRST_DATA_LINE = 2
WARNINGS = ("share_above_one", "other_shape", "invalid_shape")
SHAPE_KINDS = {
    "point": ("Point", "MultiPoint"),
    "line": ("LineString", "MultiLineString"),
    "polygon": ("Polygon", "MultiPolygon"),
}


def row_names(name: str, frame: pd.DataFrame, positions: np.ndarray | None = None) -> tuple[str, ...]:
    """Return what to call rows in a message: their key, or ``#n`` (line n of the file) where the key is incomplete.

    Parameters
    ----------
    name : str
        Name of the table.
    frame : DataFrame
        The table.
    positions : array of int, optional
        Which rows; all of them by default.

    Examples
    --------
    >>> row_names("placements", pd.DataFrame({"candidate_id": ["c1", None], "park_id": ["p1", "p2"]}))
    ('c1/p1', '#3')
    """
    places = np.arange(len(frame)) if positions is None else positions
    key = [column for column in table(name).key if column in frame.columns]
    needed = [column for column in key if table(name).columns[column].required]
    if not key or len(needed) < sum(column.key and column.required for column in table(name).columns.values()):
        return tuple(f"#{place + FIRST_DATA_LINE}" for place in places)
    part = frame.iloc[places]
    whole = part[needed].notna().all(axis=1).tolist()
    cells = [part[column].tolist() for column in key]
    return tuple(
        "/".join(str(value) for value in parts if not pd.isna(value)) if complete else f"#{place + FIRST_DATA_LINE}"
        for place, complete, *parts in zip(places, whole, *cells, strict=True)
    )


def rows_text(rows: tuple[str, ...]) -> Text:
    """Return the first rows of a finding as text, explaining ``#n`` where it is used.

    Examples
    --------
    >>> rows_text(("#3",)).en
    '#3 (#n = line n of the file)'
    """
    text = name_rows(rows)
    if any(row.startswith("#") for row in rows[:5]):
        return Text(f"{text.zh}（#n 指文件第 n 行）", f"{text.en} (#n = line n of the file)")
    return text


def _issue(declared: TableSchema, code: str, column: str, rows: tuple[str, ...], **values: object) -> Issue:
    level: Level = "warning" if code in WARNINGS else "info" if code == "unknown_column" else "error"
    title = Text(
        *(f"{column} {header(declared.name, column, language)}" for language in ("zh", "en"))
        if column in declared.columns
        else (column, column)
    )
    text = say(f"schema.{code}", table=declared.name, column=title, rows=rows_text(rows), **values)
    return Issue(level, code, text, declared.name, column, rows)


def _shown(values: tuple[str, ...]) -> Text:
    return name_rows(list(dict.fromkeys(values)), 3)._replace() if len(set(values)) <= 3 else _some(values)


def _some(values: tuple[str, ...]) -> Text:
    kinds = list(dict.fromkeys(values))
    shown = ", ".join(kinds[:3])
    return Text(f"{'、'.join(kinds[:3])} 等 {len(kinds)} 种", f"{shown} and {len(kinds) - 3} more")


def _cell_issues(
    declared: TableSchema, column: Column, frame: pd.DataFrame, faults: list[CellFault]
) -> Iterator[Issue]:
    for fault in faults:
        rows = row_names(declared.name, frame, fault.positions)
        first = fault.values[0]
        values: dict[str, object] = {"values": _shown(fault.values)}
        if fault.code == "thousands":
            values["repair"] = first.replace(",", "").replace("，", "")
        if fault.code == "percent":
            values |= {"first": first, "repair": _from_percent(first)}
        yield _issue(declared, fault.code, column.name, rows, **values)


def _from_percent(cell: str) -> str:
    try:
        return f"{float(cell.strip().rstrip('%％')) / 100:.6g}"
    except ValueError:
        return "0.35"


@cache
def _pandera(name: str) -> Any:
    """The declaration as a pandera schema; imported here because pandera takes a second to import."""
    import pandera.pandas as pa

    def checks(column: Column) -> list[Any]:
        found = []
        if column.minimum is not None:
            found.append(pa.Check.ge(column.minimum, error="below_minimum"))
        if column.maximum is not None:
            found.append(pa.Check.le(column.maximum, error="above_maximum"))
        if column.choices:
            found.append(pa.Check.isin(column.choices, error="not_a_choice"))
        return found

    # columns without a check are left out: pandera takes about a millisecond for each
    columns = {
        column.name: pa.Column(None, checks(column), nullable=not column.required, required=False)
        for column in table(name).columns.values()
        if column.required or checks(column)
    }
    return pa.DataFrameSchema(columns, strict=False)


def _failures(name: str, frame: pd.DataFrame) -> dict[tuple[str, str], np.ndarray]:
    """Positions of the rows that break a declared check, by column and check."""
    import pandera.errors

    try:
        _pandera(name).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as found:
        cases = found.failure_cases
        return {
            (str(column), str(check)): np.sort(part["index"].to_numpy(dtype="int64"))
            for (column, check), part in cases.groupby(["column", "check"], sort=False)
        }
    return {}


def _check_issues(declared: TableSchema, frame: pd.DataFrame, unread: dict[str, set[int]]) -> Iterator[Issue]:
    for (name, check), positions in _failures(declared.name, frame).items():
        column = declared.columns[name]
        code = "empty_cell" if check == "not_nullable" else check
        # a cell that could not be read has been reported already; it is not empty
        places = np.array([place for place in positions if place not in unread.get(name, ())], dtype="int64")
        if not len(places):
            continue
        rows = row_names(declared.name, frame, places)
        cells = frame[name].iloc[places]
        shown = _shown(
            tuple(
                "" if pd.isna(value) else f"{value:.10g}" if isinstance(value, float) else str(value) for value in cells
            )
        )
        values: dict[str, object] = {"values": shown, "minimum": column.minimum, "maximum": column.maximum}
        if code == "not_a_choice":
            values["choices"] = _choices(column)
        if code == "above_maximum" and column.unit == "share" and bool((cells <= 100).all()):
            code, values["first"], values["repair"] = "percent", f"{cells.iloc[0]:.6g}", f"{cells.iloc[0] / 100:.6g}"
        if code in ("below_minimum", "above_maximum"):
            values |= {"minimum": f"{column.minimum or 0:g}", "maximum": f"{column.maximum or 0:g}"}
        yield _issue(declared, code, name, rows, **values)


def _choices(column: Column) -> Text:
    labels = column.choices_zh or column.choices
    zh = "、".join(f"{choice}（{text}）" for choice, text in zip(column.choices, labels, strict=True))
    return Text(zh, ", ".join(column.choices))


def _share_warnings(declared: TableSchema, frame: pd.DataFrame) -> Iterator[Issue]:
    """A share without an upper bound in the plan model may exceed 1, but hardly ever does."""
    for column in declared.columns.values():
        if column.unit == "share" and column.maximum is None and column.name in frame.columns:
            high = np.flatnonzero((frame[column.name] > 1).to_numpy())
            if len(high):
                first = frame[column.name].iloc[high[0]]
                rows = row_names(declared.name, frame, high)
                yield _issue(
                    declared, "share_above_one", column.name, rows, first=f"{first:.6g}", repair=f"{first / 100:.6g}"
                )


def _key_issues(declared: TableSchema, frame: pd.DataFrame) -> Iterator[Issue]:
    key = [column for column in declared.key if column in frame.columns]
    if not key or len(key) < len([c for c in declared.columns.values() if c.key and c.required]):
        return
    doubled = frame.duplicated(key, keep=False)
    if not doubled.any():
        return
    whole = frame[[column for column in key if declared.columns[column].required]].notna().all(axis=1)
    repeated = np.flatnonzero((doubled & whole).to_numpy())
    if len(repeated):
        rows = tuple(dict.fromkeys(row_names(declared.name, frame, repeated)))
        yield _issue(declared, "repeated_key", "", rows, key=" + ".join(declared.key), lines=_lines(repeated))


def _geometry_issues(declared: TableSchema, raw: pd.DataFrame, frame: pd.DataFrame) -> Iterator[Issue]:
    """Shapes of another kind than declared, and polygons that cross themselves; no plan depends on either."""
    kinds = SHAPE_KINDS.get(declared.geometry.removeprefix("optional "))
    if kinds is None or not hasattr(raw, "geom_type") or GEOMETRY not in raw.columns:
        return
    given = raw[GEOMETRY].notna()
    other = np.flatnonzero((given & ~raw[GEOMETRY].geom_type.isin(kinds)).to_numpy())
    if len(other):
        found = ", ".join(sorted(set(raw[GEOMETRY].iloc[other].geom_type)))
        rows = row_names(declared.name, frame, other)
        yield _issue(declared, "other_shape", GEOMETRY, rows, wanted=" / ".join(kinds), values=found)
    broken = np.flatnonzero((given & ~raw[GEOMETRY].is_valid).to_numpy())
    if len(broken):
        yield _issue(declared, "invalid_shape", GEOMETRY, row_names(declared.name, frame, broken))


def _lines(positions: np.ndarray) -> Text:
    return name_rows([str(place + FIRST_DATA_LINE) for place in positions])


def conform(name: str, raw: pd.DataFrame) -> tuple[pd.DataFrame, list[Issue]]:
    """Return a table with the declared types and every fault found in it.

    Known columns come first in their declared order, unknown ones stay behind them as they are. Empty cells stay empty:
    defaults are filled by ``Town.filled``. A cell that cannot be read becomes missing and is reported.

    Parameters
    ----------
    name : str
        Name of a declared table.
    raw : DataFrame
        Cells as text or typed.

    Returns
    -------
    DataFrame
        text, list, date as ``str``; number as ``float64``; integer, year as ``Int64``; boolean as ``boolean``.
    list of Issue
        Errors, warnings and infos, each with the ids of its rows.

    Examples
    --------
    >>> raw = pd.DataFrame({"site_id": ["0011"], "park_id": ["p"], "area_mu": ["-3"]}, dtype="str")
    >>> frame, issues = conform("sites", raw)
    >>> frame["area_mu"].tolist(), [issue.code for issue in issues]
    ([-3.0], ['below_minimum'])
    """
    declared = table(name)
    raw = raw.reset_index(drop=True)
    issues = list(_column_issues(declared, raw))
    columns: dict[str, pd.Series] = {}
    faults: dict[str, list[CellFault]] = {}
    for column in declared.columns.values():
        if column.name in raw.columns:
            columns[column.name], faults[column.name] = convert(raw[column.name], column)
    frame = pd.DataFrame(columns, index=raw.index)
    unread: dict[str, set[int]] = {}
    for column_name, found in faults.items():
        issues.extend(_cell_issues(declared, declared.columns[column_name], frame, found))
        unread[column_name] = {int(place) for fault in found for place in fault.positions}
    if len(frame):
        issues.extend(_check_issues(declared, frame, unread))
        issues.extend(_share_warnings(declared, frame))
        issues.extend(_key_issues(declared, frame))
        issues.extend(_geometry_issues(declared, raw, frame))
    return _with_others(frame, raw), issues


def _column_issues(declared: TableSchema, raw: pd.DataFrame) -> Iterator[Issue]:
    missing = [c.name for c in declared.columns.values() if c.required and c.name not in raw.columns]
    # a table without rows says nothing wrong, whatever its header
    if missing and len(raw):
        titles = Text(*("、".join(f"{m} {header(declared.name, m, lang)}" for m in missing) for lang in ("zh", "en")))
        text = say("schema.missing_column", table=declared.name, columns=titles, known=", ".join(map(str, raw.columns)))
        yield Issue("error", "missing_column", text, declared.name, missing[0], ())
    unknown = [str(c) for c in raw.columns if c not in declared.columns and c != GEOMETRY]
    if unknown:
        text = say("schema.unknown_column", table=declared.name, columns=name_rows(unknown, 8))
        yield Issue("info", "unknown_column", text, declared.name, unknown[0], ())


def _with_others(frame: pd.DataFrame, raw: pd.DataFrame) -> pd.DataFrame:
    others = [column for column in raw.columns if column not in frame.columns]
    if not others:
        return frame
    joined = pd.concat([frame, raw[others]], axis=1)
    geometry = getattr(raw, "geometry", None) if GEOMETRY in others else None
    if geometry is None:
        return joined
    import geopandas as gpd

    layer: pd.DataFrame = gpd.GeoDataFrame(joined, geometry=GEOMETRY, crs=geometry.crs)
    return layer


def empty(name: str) -> pd.DataFrame:
    """Return a table without rows, with every declared column in its type.

    Examples
    --------
    >>> empty("budget")["year"].dtype
    Int64Dtype()
    """
    return pd.DataFrame({c.name: pd.Series([], dtype=DTYPES[c.type]) for c in table(name).columns.values()})
