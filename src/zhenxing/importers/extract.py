"""From one recognised sheet to rows of one table, with the origin of every column and all that was found."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pandas as pd

from zhenxing import schema
from zhenxing.errors import Text
from zhenxing.importers.cells import Reading, is_blank
from zhenxing.importers.choices import everyday_code
from zhenxing.importers.findings import Finding, cell_finding, examples, row_finding, sheet_finding
from zhenxing.importers.headers import Header, HeaderBlock
from zhenxing.importers.recognition import IGNORED, YEAR_COLUMNS, Match, aliases
from zhenxing.importers.rows import RowKinds, fill_merged, merged_rows
from zhenxing.importers.sheets import Sheet, letter
from zhenxing.importers.units import label_factor
from zhenxing.importers.values import read_cells, read_texts
from zhenxing.schema import Column

# cells that the firm rules read themselves: free-text capital, codes with a check digit, town names
RAW_COLUMNS = {"capital_wan", "capital_text"}
_LARGE_MU = 3000.0
_LARGE_WAN = 5_000_000.0


@dataclass(frozen=True)
class Origin:
    """Where a column of a table comes from: column of the sheet, header, unit as stated, factor, whether assumed."""

    place: int
    header: str
    unit: str
    factor: Fraction
    assumed: bool

    @property
    def letter(self) -> str:
        """The column's letter in the sheet."""
        return letter(self.place)


@dataclass
class Extract:
    """Rows of one table read from one sheet; the index of ``frame`` is the row of ``sheet.cells``."""

    sheet: Sheet
    table: str
    frame: pd.DataFrame
    origins: dict[str, Origin]
    findings: list[Finding] = field(default_factory=list)
    primary: bool = True
    # columns that name the firm of a row in a table of something else
    firm_code: list[object] | None = None
    firm_name: list[object] | None = None
    as_of: str = ""


def extract_table(
    sheet: Sheet,
    match: Match,
    block: HeaderBlock,
    kinds: RowKinds,
    *,
    today: dt.date,
    only_year: tuple[int | None, int | None] | None = None,
    taken: frozenset[int] = frozenset(),
) -> Extract:
    """Read the data rows of a sheet as one table.

    Parameters
    ----------
    sheet, match, block, kinds
        The sheet and what is known about it.
    today : date
        Dates after it are flagged.
    only_year : tuple, optional
        Take only the columns whose header bears this (year, relative year), and those without any.
    taken : frozenset of int
        Columns of the sheet that another table has used.
    """
    declared = schema.table(match.table).columns
    extract = Extract(sheet, match.table, pd.DataFrame(index=kinds.data), {})
    columns: dict[str, object] = {}
    for place, (name, header) in enumerate(zip(match.columns, block.headers, strict=True)):
        if (
            not name
            or name == IGNORED
            or place in taken
            or name in columns
            or not _of_year(header, only_year, name, match.table)
        ):
            continue
        column = declared[name]
        origin = _origin(place, header, match.units[place], column, block)
        extract.origins[name] = origin
        cells = _cells(extract, column, place, kinds)
        if name in RAW_COLUMNS:
            columns[name] = np.array([None if is_blank(value) else value for value in cells], dtype=object)
            continue
        reading = read_cells(
            cells, column, factor=origin.factor, stated=bool(origin.unit) or origin.factor != 1, today=today
        )
        if name in ("mode", "option"):
            reading.values = [everyday_code("mode", v) if isinstance(v, str) else v for v in reading.values]
        extract.findings += _cell_findings(extract, column, place, reading, kinds)
        extract.findings += _unit_findings(extract, column, origin, reading)
        columns[name] = reading.values
    _name_firms(extract, match, block, kinds)
    extract.frame = pd.DataFrame(
        {name: _series(values, declared[name], kinds) for name, values in columns.items()}, index=kinds.data
    )
    return extract


def _series(values: object, column: Column, kinds: RowKinds) -> pd.Series:
    if column.type in ("number", "integer", "year") and column.name not in RAW_COLUMNS:
        return pd.Series(np.array(values, dtype="float64"), index=kinds.data)
    if column.type == "boolean":
        return pd.Series(values, index=kinds.data, dtype="boolean")
    return pd.Series(values, index=kinds.data, dtype=object if column.name in RAW_COLUMNS else "str")


def _of_year(header: Header, only: tuple[int | None, int | None] | None, column: str, table: str) -> bool:
    """Tell whether a column belongs to the figures of one year.

    Columns without a year in their header go with every year when they say what a row is about (its key, or all but
    the value of a sheet with one column for each year), and stand for the sheet's own year otherwise.
    """
    bears = (header.year, header.relative_year)
    if only is None or bears != (None, None):
        return bears == (only or (None, None))
    if table in YEAR_COLUMNS:
        return column != YEAR_COLUMNS[table]
    return column in schema.table(table).key


def _origin(place: int, header: Header, unit: str, column: Column, block: HeaderBlock) -> Origin:
    """Find a column's unit: its header, else the unit line of its dimension, else the schema's own (assumed)."""
    # the project's own column names say their unit themselves: capital_wan, area_mu
    if not column.unit or header.text.strip() == column.name:
        return Origin(place, header.text, unit, Fraction(1), False)
    factor = label_factor(unit, column.unit) if unit else None
    if factor is not None:
        return Origin(place, header.text, unit, factor, False)
    stated = _of_unit_line(column, block)
    if stated is not None:
        return Origin(place, header.text, stated[0], stated[1], False)
    return Origin(place, header.text, "", Fraction(1), True)


# a unit line speaks of money and land; a bare year or person in it would be chance
_LAND_UNITS = ("亩", "公顷", "ha")
_LINE_UNITS = ("wan", "wan/year", "mu", "m2", "wan/mu", "wan/m2")


def _of_unit_line(column: Column, block: HeaderBlock) -> tuple[str, Fraction] | None:
    """Return the unit that the lines above a table state for a column: its own when several would fit.

    亩 in such a line speaks of land and never of floor.
    """
    if column.unit not in _LINE_UNITS:
        return None
    fitting = [(unit, label_factor(unit, column.unit)) for unit in block.units]
    found = [
        (unit, factor)
        for unit, factor in fitting
        if factor is not None and not (column.unit == "m2" and unit in _LAND_UNITS)
    ]
    return min(found, key=lambda pair: pair[1] != 1) if found else None


def _cells(extract: Extract, column: Column, place: int, kinds: RowKinds) -> list[object]:
    sheet = extract.sheet
    values: Sequence[object] = sheet.cells[place].tolist()
    tops = merged_rows(sheet, place) if sheet.merged else []
    if tops and column.type in ("text", "year", "date", "list", "boolean"):
        values = fill_merged(sheet, place, values)
    elif tops:
        inside = sorted(set(tops) & set(map(int, kinds.data)))
        if inside:
            extract.findings.append(cell_finding("merged_number", sheet, extract.table, column.name, inside, place))
    return [values[row] for row in kinds.data] if len(kinds.data) != len(values) else list(values)


def _cell_findings(extract: Extract, column: Column, place: int, reading: Reading, kinds: RowKinds) -> list[Finding]:
    found = []
    sheet = extract.sheet
    data = kinds.data
    for code, positions in reading.faults.items():
        rows = [int(data[position]) for position in positions]
        values: dict[str, object] = {"examples": examples(sheet, rows, place)}
        if code == "not_a_choice":
            values["choices"] = _choices(column)
        if code in ("below_minimum", "above_maximum"):
            bound = column.minimum if code == "below_minimum" else column.maximum
            values["bound"] = f"{bound:g}"
        found.append(cell_finding(code, sheet, extract.table, column.name, rows, place, **values))
    if sheet.broken:
        inside = set(map(int, data))
        for code in ("formula", "error"):
            rows = [row for (row, at), kind in sheet.broken.items() if at == place and kind == code and row in inside]
            if rows:
                found.append(cell_finding(f"{code}_cell", sheet, extract.table, column.name, sorted(rows), place))
    return found


def _choices(column: Column) -> object:
    labels = column.choices_zh or column.choices
    return Text("、".join(labels), ", ".join(column.choices))


def _unit_findings(extract: Extract, column: Column, origin: Origin, reading: Reading) -> list[Finding]:
    found = []
    sheet, table = extract.sheet, extract.table
    for code, values in reading.remarks:
        found.append(sheet_finding("info", code, sheet, table, column.name, header=origin.header, **values))
    if not column.unit or column.unit == "share" or column.type != "number":
        return found
    if origin.assumed:
        unit = Text(schema.unit_label(column.unit, "zh"), schema.unit_label(column.unit, "en"))
        found.append(sheet_finding("info", "unit_assumed", sheet, table, column.name, header=origin.header, unit=unit))
        found += _odd_scale(extract, column, origin, reading)
    elif origin.factor != 1:
        found.append(
            sheet_finding(
                "info",
                "unit_converted",
                sheet,
                table,
                column.name,
                header=origin.header,
                unit=origin.unit,
                factor=f"{float(origin.factor):.10g}",
            )
        )
    return found


def _odd_scale(extract: Extract, column: Column, origin: Origin, reading: Reading) -> list[Finding]:
    """A column without a stated unit whose middle value is far out of range is probably in another unit."""
    numbers = [value for value in reading.values if isinstance(value, float | int) and value > 0]
    if len(numbers) < 2:
        return []
    middle = float(np.median(numbers))
    code = ""
    if column.unit == "mu" and middle > _LARGE_MU:
        code = "looks_like_m2"
    elif column.unit in ("wan", "wan/year") and middle > _LARGE_WAN:
        code = "looks_like_yuan"
    if not code:
        return []
    return [
        sheet_finding(
            "warning", code, extract.sheet, extract.table, column.name, header=origin.header, middle=f"{middle:,.10g}"
        )
    ]


def firm_keyed(table: str) -> bool:
    """Tell whether rows of a table are about a firm without being firms: its years, its facts, its floor."""
    return "firm_id" in schema.table(table).key and table != "firms"


def _name_firms(extract: Extract, match: Match, block: HeaderBlock, kinds: RowKinds) -> None:
    """Keep code and name of the firm where a table is about something else of the firm (its years, its floor)."""
    if not firm_keyed(match.table):
        return
    known = aliases("firms")
    for place, header in enumerate(block.headers):
        column = known.get(header.base, "")
        if column not in ("credit_code", "name"):
            continue
        cells = fill_merged(extract.sheet, place, extract.sheet.cells[place].tolist())
        values = [cells[row] for row in kinds.data]
        if column == "credit_code" and extract.firm_code is None:
            extract.firm_code = values
        elif column == "name" and extract.firm_name is None:
            extract.firm_name = values
            if extract.origins.get("firm_id", Origin(-1, "", "", Fraction(1), False)).place != place:
                extract.origins.setdefault("firm_id", Origin(place, header.text, "", Fraction(1), False))


def keep_unknown(extract: Extract, block: HeaderBlock, kinds: RowKinds, used: set[int], reserved: set[str]) -> None:
    """Keep the columns that no table knows under their own header, and say which."""
    kept: dict[str, pd.Series] = {}
    for place, header in enumerate(block.headers):
        name = re.sub(r"\s+", "", header.text)
        if place in used or not name or name in reserved or name in kept:
            continue
        cells = fill_merged(extract.sheet, place, extract.sheet.cells[place].tolist())
        values = read_texts([cells[row] for row in kinds.data]).values
        if any(value is not None for value in values):
            kept[name] = pd.Series(values, index=kinds.data, dtype="str")
            extract.origins[name] = Origin(place, header.text, "", Fraction(1), False)
    if kept:
        extract.frame = pd.concat([extract.frame, pd.DataFrame(kept)], axis=1)
        names = "、".join(kept)
        extract.findings.append(
            sheet_finding("info", "unknown_columns", extract.sheet, extract.table, columns=names, count=len(kept))
        )


def drop_rows(extract: Extract, rows: Sequence[int], code: str, **values: object) -> None:
    """Take rows out of an extract and list them with the reason."""
    if len(rows):
        extract.frame = extract.frame.drop(index=list(rows))
        extract.findings.append(row_finding(code, extract.sheet, extract.table, rows, **values))
