"""One sheet from cells to the rows of one table or two, with an account of every row."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from zhenxing import schema
from zhenxing.errors import Level, SourceError, Text
from zhenxing.i18n import say
from zhenxing.importers.extract import Extract, extract_table, firm_keyed, keep_unknown
from zhenxing.importers.findings import Finding, row_finding, sheet_finding, table_text
from zhenxing.importers.firms import FirmOptions, complete_firm_rows, complete_firms
from zhenxing.importers.headers import HeaderBlock, read_header
from zhenxing.importers.parameters import Parameters, read_parameters
from zhenxing.importers.recognition import (
    COMPANIONS,
    IGNORED,
    YEAR_COLUMNS,
    Match,
    Recognition,
    aliases,
    importable,
    match_table,
    recognise,
)
from zhenxing.importers.rows import RowKinds, classify_rows
from zhenxing.importers.sheets import Sheet
from zhenxing.importers.text import fold

_AS_OF = re.compile(
    r"(?:截[至止]|填报日期|填报时间|统计时间|数据日期|时点)[:为]?(\d{4})[年.\-/](\d{1,2})(?:[月.\-/](\d{1,2})?)?"
)
_YEAR = re.compile(r"(20\d\d)年?度?")


@dataclass(frozen=True)
class SheetOptions:
    """What the user says about all sheets."""

    tables: Mapping[str, str] = field(default_factory=dict)
    as_of: dt.date | None = None
    crs: str = ""
    firm: FirmOptions = field(default_factory=FirmOptions)
    today: dt.date = dt.date.max


@dataclass
class Account:
    """What became of every row of a sheet; the counts add up to ``rows``."""

    file: str
    sheet: str
    table: str = ""
    rows: int = 0
    title: int = 0
    header: int = 0
    blank: int = 0
    totals: int = 0
    remarks: int = 0
    repeated: int = 0
    listed: int = 0
    imported: int = 0
    reason: str = ""


@dataclass
class SheetResult:
    """What one sheet gave."""

    account: Account
    extracts: list[Extract] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    parameters: Parameters | None = None


def wanted_table(sheet: Sheet, tables: Mapping[str, str]) -> str:
    """Return the table that ``--table`` names for a sheet: ``file.xlsx=sites`` or ``file.xlsx#sheet=sites``.

    Raises
    ------
    SourceError
        When there is no such table.
    """
    short = sheet.file.rsplit("/", 1)[-1]
    for name in (sheet.title, f"{short}#{sheet.name}", sheet.name, sheet.file, short):
        table = tables.get(name, "") if name else ""
        if table and table not in importable():
            raise SourceError(say("importers.no_such_table", table=table, known=", ".join(importable())))
        if table:
            return table
    return ""


def import_sheet(sheet: Sheet, options: SheetOptions) -> SheetResult:
    """Recognise a sheet, read its rows and account for each of them."""
    account = Account(sheet.file, sheet.name, rows=len(sheet.cells))
    result = SheetResult(account)
    result.findings += [_note(sheet, code, values) for code, values in sheet.notes]
    wanted = wanted_table(sheet, options.tables)
    if not wanted and sheet.name in say("schema.guide_sheet"):
        return _guide(result, sheet)
    parameters = None if wanted or sheet.names else read_parameters(sheet)
    if parameters is not None:
        return _parameters(result, sheet, parameters)
    known = recognise(sheet, wanted)
    if known.match is None or known.block is None:
        return _not_imported(result, sheet, known)
    block = known.block
    sheet.header_line = sheet.line(max(block.row, 0))
    kinds = classify_rows(sheet, block)
    account.table = known.match.table
    account.title, account.header = len(kinds.title), len(kinds.header)
    account.blank, account.totals, account.remarks = len(kinds.blank), len(kinds.totals), len(kinds.remarks)
    if kinds.totals:
        result.findings.append(
            row_finding("totals_dropped", sheet, account.table, kinds.totals, count=len(kinds.totals))
        )
    if kinds.remarks:
        result.findings.append(row_finding("note_row", sheet, account.table, kinds.remarks))
    if not len(kinds.data):
        account.reason = "no_rows"
        result.findings.append(sheet_finding("warning", "no_rows", sheet, account.table))
        return result
    result.extracts = _extracts(sheet, known.match, block, kinds, options)
    result.findings.append(_recognised(sheet, known, block))
    return result


def _note(sheet: Sheet, code: str, values: dict[str, object]) -> Finding:
    return Finding("info", code, say(f"importers.{code}", sheet=sheet.title, **values), sheet)


def _recognised(sheet: Sheet, known: Recognition, block: HeaderBlock) -> Finding:
    assert known.match is not None
    columns = [
        f"{' '.join(header.text.split())} → {schema.label(known.match.table, column)}"
        for header, column in zip(block.headers, known.match.columns, strict=True)
        if column and column != IGNORED
    ]
    line = sheet.line(block.row) if block.row >= 0 else 0
    return sheet_finding("info", "recognised", sheet, known.match.table, line=line, columns="；".join(columns))


def _parameters(result: SheetResult, sheet: Sheet, read: tuple[Parameters, list[Finding], int]) -> SheetResult:
    settings, findings, count = read
    account = result.account
    filled = sheet.cells.notna().any(axis=1)
    listed = {row for finding in findings for row, _ in finding.cells}
    account.table, account.imported, account.listed = "town.toml", count, len(listed)
    account.blank = int((~filled).sum())
    account.header = 1
    account.title = account.rows - account.blank - account.imported - account.listed - account.header
    result.findings += findings
    result.parameters = settings
    return result


def _guide(result: SheetResult, sheet: Sheet) -> SheetResult:
    """Account for the page of a template that says how to fill it in."""
    filled = [int(row) for row in np.flatnonzero(sheet.cells.notna().any(axis=1).to_numpy())]
    result.account.remarks, result.account.blank = len(filled), len(sheet.cells) - len(filled)
    result.findings.append(row_finding("note_row", sheet, "", filled))
    return result


def _not_imported(result: SheetResult, sheet: Sheet, known: Recognition) -> SheetResult:
    """List a whole sheet: it is empty, has no header that is known, or fits several tables equally well."""
    account = result.account
    filled = (
        [int(row) for row in np.flatnonzero(sheet.cells.notna().any(axis=1).to_numpy())] if len(sheet.cells) else []
    )
    account.listed, account.blank, account.reason = len(filled), account.rows - len(filled), known.reason
    level: Level = "warning" if known.reason == "empty" else "error"
    code = "sheet_transposed" if _is_transposed(sheet) else f"sheet_{known.reason}"
    guesses = [table_text(match.table) for match in known.guesses]
    shown_zh = "、".join(text.zh for text in guesses) or "无"
    shown_en = ", ".join(text.en for text in guesses) or "none"
    first = next((" | ".join(str(v) for v in sheet.cells.iloc[row] if v is not None)[:120] for row in filled), "")
    finding = sheet_finding(
        level,
        code,
        sheet,
        guesses=Text(shown_zh, shown_en),
        first=first,
        file=sheet.file.rsplit("/", 1)[-1],
        best=known.guesses[0].table if known.guesses else "firms",
        count=len(filled),
    )
    cells = tuple((row, -1) for row in filled)
    result.findings.append(Finding(level, finding.code, finding.text, sheet, cells=cells if level == "error" else ()))
    return result


_FEWEST_YEARS = 2


def _is_transposed(sheet: Sheet) -> bool:
    """Years side by side and items down the first column: a budget as finance offices write it."""
    if sheet.names or sheet.cells.shape[1] <= _FEWEST_YEARS:
        return False
    for row in range(min(10, len(sheet.cells))):
        headers = [read_header(str(value)) for value in sheet.cells.iloc[row] if value is not None]
        if sum(not header.base and header.year is not None for header in headers) >= _FEWEST_YEARS:
            items = [read_header(str(value)).base for value in sheet.cells[0].iloc[row + 1 :] if value is not None]
            return sum(item in aliases("budget") for item in items) >= _FEWEST_YEARS
    return False


def _extracts(sheet: Sheet, match: Match, block: HeaderBlock, kinds: RowKinds, options: SheetOptions) -> list[Extract]:
    """Read a sheet as its table and, where columns are left, as the table that usually stands beside it."""
    as_of = _as_of(block, options)
    matches = [match, *_companions(match, block)]
    extracts: list[Extract] = []
    used: set[int] = set()
    for number, one in enumerate(matches):
        # a key column serves both tables
        keys = (*schema.table(one.table).key, *(_IDENTIFYING if one.table == "firms" else ()))
        taken = frozenset(place for place in used if one.columns[place] not in keys)
        years = _years(one, block, taken) if "year" in schema.table(one.table).columns else [None]
        for only in years:
            extract = extract_table(sheet, one, block, kinds, today=options.today, only_year=only, taken=taken)
            extract.primary = number == 0
            extract.as_of = as_of
            _attach(extract, block, options)
            if one.table == "firms":
                complete_firms(extract, block, kinds, options.firm)
            else:
                complete_firm_rows(extract)
            if _give_year(extract, only, sheet, block, options):
                extracts.append(extract)
        used |= {place for place, column in enumerate(one.columns) if column}
    ignored = {
        "".join(header.text.split())
        for header, column in zip(block.headers, match.columns, strict=True)
        if column == IGNORED
    }
    if extracts:
        used |= _name_places(block, match)
        keep_unknown(extracts[0], block, kinds, used, set(extracts[0].frame.columns) | ignored)
    return extracts


def _attach(extract: Extract, block: HeaderBlock, options: SheetOptions) -> None:
    """Give rows their shapes: those of a layer, or points from columns of coordinates."""
    if not schema.table(extract.table).geometry and extract.sheet.geometry is None:
        return
    # geopandas takes most of a second to import
    from zhenxing.importers.crs import wanted_crs
    from zhenxing.importers.shapes import attach_shapes, points_from_columns

    attach_shapes(extract)
    points_from_columns(extract, block.headers, wanted_crs(options.crs, extract.sheet.file))


def _name_places(block: HeaderBlock, match: Match) -> set[int]:
    """Columns of firm code and name that were used to identify the firm of a row."""
    if not firm_keyed(match.table):
        return set()
    known = aliases("firms")
    return {place for place, header in enumerate(block.headers) if known.get(header.base) in ("credit_code", "name")}


def _companions(match: Match, block: HeaderBlock) -> list[Match]:
    found = []
    left = [header for header, column in zip(block.headers, match.columns, strict=True) if not column and header.base]
    for table in COMPANIONS.get(match.table, ()):
        fit = match_table(table, block.headers)
        # what identifies the row serves both tables; other columns belong to the first that knows them
        both = {*schema.table(table).key, *(_IDENTIFYING if table == "firms" else ())}
        pairs = tuple(zip(fit.columns, match.columns, strict=True))
        fresh = [column for column, own in pairs if column and column != IGNORED and not own and column not in both]
        known = table == "firms" and "name" in fit.columns
        needed = [c.name for c in schema.table(table).columns.values() if c.required and c.name not in fit.columns]
        if ((fresh and left) or known) and all(name in ("firm_id", "year") for name in needed):
            columns = tuple(column if column in both or not own else "" for column, own in pairs)
            found.append(Match(table, fit.score, columns, fit.units))
    return found


_IDENTIFYING = ("name", "credit_code")


def _years(match: Match, block: HeaderBlock, taken: frozenset[int]) -> list[tuple[int | None, int | None] | None]:
    """Return the years that headers bear; ``[None]`` where none does."""
    found = {
        (header.year, header.relative_year)
        for place, (header, column) in enumerate(zip(block.headers, match.columns, strict=True))
        if column and column != IGNORED and place not in taken and (header.year or header.relative_year is not None)
    }
    key = schema.table(match.table).key
    plain = match.table not in YEAR_COLUMNS and any(
        column and column != IGNORED and column not in key and header.year is None and header.relative_year is None
        for place, (header, column) in enumerate(zip(block.headers, match.columns, strict=True))
        if place not in taken
    )
    years: list[tuple[int | None, int | None] | None] = [*sorted(found, key=str)]
    return [None, *years] if plain or not years else years


def _give_year(
    extract: Extract,
    only: tuple[int | None, int | None] | None,
    sheet: Sheet,
    block: HeaderBlock,
    options: SheetOptions,
) -> bool:
    """Fill in the year of yearly figures from the header, the title or the date of the data."""
    declared = schema.table(extract.table).columns
    if "year" not in declared or not declared["year"].required:
        return True
    if "year" in extract.frame and only is None:
        return True
    base = _sheet_year(sheet, block, options)
    year = (only[0] if only and only[0] else base + (only[1] or 0) if only and base else base) if only else base
    if not year:
        extract.findings.append(sheet_finding("error", "year_unknown", sheet, extract.table))
        extract.frame = extract.frame.iloc[:0]
        return extract.primary
    extract.frame["year"] = pd.Series(float(year), index=extract.frame.index)
    extract.findings.append(sheet_finding("info", "year_taken", sheet, extract.table, year=year))
    return True


def _sheet_year(sheet: Sheet, block: HeaderBlock, options: SheetOptions) -> int:
    for text in (*block.above, sheet.name, sheet.file.rsplit("/", 1)[-1]):
        match = _YEAR.search(fold(text))
        if match:
            return int(match.group(1))
    return options.as_of.year if options.as_of else 0


def _as_of(block: HeaderBlock, options: SheetOptions) -> str:
    if options.as_of:
        return options.as_of.isoformat()
    for text in block.above:
        match = _AS_OF.search(fold(text))
        if match:
            parts = [part for part in match.groups() if part]
            return "-".join([parts[0], *(f"{int(part):02d}" for part in parts[1:])])
    return ""
