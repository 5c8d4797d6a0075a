"""Files of departments into a town: every row imported or listed, every change of an existing town shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

import pandas as pd

from zhenxing import schema
from zhenxing.errors import CrsSuspicionError, Issue, SourceError
from zhenxing.i18n import say
from zhenxing.importers.combine import GEOMETRY, Combined, as_layer, combine, derive_key, give_ids
from zhenxing.importers.difference import Merged, change_table, merge_table
from zhenxing.importers.extract import Extract
from zhenxing.importers.findings import WHOLE_ROW, Finding, row_finding
from zhenxing.importers.firms import FirmOptions, unify_firms
from zhenxing.importers.parameters import Parameters
from zhenxing.importers.provenance import Owners, filled_cells, provenance_rows, updated
from zhenxing.importers.references import resolve
from zhenxing.importers.sheet_import import Account, SheetOptions, SheetResult, import_sheet
from zhenxing.importers.sheets import MAX_ROWS, Sheet
from zhenxing.importers.sources import ReadOptions, SourceFile, find_files, read_file
from zhenxing.town import Settings, Town

_DUPLICATES = ("duplicate_row",)


@dataclass(frozen=True)
class ImportOptions:
    """What the user says about the files.

    Parameters
    ----------
    crs : str
        Coordinate system of the layers: ``EPSG:4547``, ``4526``, ``gcj02`` …; empty to take what the file says.
    tables : mapping of str to str
        File, sheet or ``file#sheet`` -> table, where a sheet cannot be recognised.
    as_of : date
        Date of the data; empty to take it from the titles.
    edition : str
        Edition of the industry codes: ``2017``, ``2011``, ``2002``.
    encoding : str
        Encoding of text files; empty to sniff it.
    city : str
        Name or code of the city that addresses lie in; empty to take it from the town.
    max_rows : int
        Longest sheet that is read.
    today : date
        Dates after it are flagged.
    """

    crs: str = ""
    tables: Mapping[str, str] = field(default_factory=dict)
    as_of: dt.date | None = None
    edition: str = ""
    encoding: str = ""
    city: str = ""
    max_rows: int = MAX_ROWS
    today: dt.date | None = None


@dataclass(frozen=True)
class ImportResult:
    """The town after the import and everything that there is to say about it.

    Parameters
    ----------
    town : Town
        All tables, provenance included; nothing is written yet.
    findings : tuple of Finding
        What was found, with the cells of the sender's sheets.
    issues : tuple of Issue
        The same as issues, with those about whole files.
    accounts : DataFrame
        One row per sheet: rows read, imported, titles, headers, blanks, totals, remarks, repeated, listed.
    changes : DataFrame
        Rows added and removed, cells changed, filled or in conflict with what the town held.
    unreadable : tuple of str
        Files that could not be read at all.
    changed : bool
        Whether the town differs from what it was.
    """

    town: Town
    findings: tuple[Finding, ...]
    issues: tuple[Issue, ...]
    accounts: pd.DataFrame
    changes: pd.DataFrame
    unreadable: tuple[str, ...] = ()
    changed: bool = True

    @property
    def to_mend(self) -> bool:
        """Whether any cell or row waits for a person."""
        return any(finding.level != "info" and finding.cells for finding in self.findings)

    @property
    def nothing(self) -> bool:
        """Whether no row of any sheet and no parameter came in."""
        return not self.changed and int(self.accounts["imported"].sum()) == 0

    @property
    def provenance(self) -> pd.DataFrame:
        """The town's provenance."""
        return self.town["provenance"]


def import_files(
    source: str | Path, town: str | Path | Town | None = None, options: ImportOptions | None = None
) -> ImportResult:
    """Read a file or a folder of a department and merge it into a town; nothing is written.

    Parameters
    ----------
    source : path
        A file, or a folder with all its subfolders.
    town : path or Town, optional
        The town to merge into; a path where nothing is yet means a new town.
    options : ImportOptions, optional
        What the user says about the files.

    Raises
    ------
    SourceError
        When the source is missing, holds nothing readable, or is one file that cannot be read.
    CrsSuspicionError
        When a layer's coordinate system is unknown or suspicious.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     file = Path(place, "地块表.csv")
    ...     _ = file.write_text("地块编号,所属园区编号,用地面积（亩）\\nS1,P1,12.5\\n合计,,12.5\\n", encoding="utf-8")
    ...     result = import_files(file)
    >>> result.town["sites"]["area_mu"].tolist(), result.accounts[["imported", "totals"]].values.tolist()
    ([12.5], [[1, 1]])
    """
    options = options or ImportOptions()
    before = _existing(town)
    files, unknown = find_files(Path(source))
    issues = [Issue("info", "file_skipped", say("importers.file_skipped", file=file.name)) for file in unknown]
    sheets, unread, settings = _read(files, options)
    result = import_sheets(sheets, before, options, settings)
    names = tuple(issue.rows[0] for issue in unread)
    return replace(result, issues=(*issues, *unread, *result.issues), unreadable=names)


def import_sheets(
    sheets: Sequence[Sheet], before: Town, options: ImportOptions, settings: Parameters | None = None
) -> ImportResult:
    """Merge sheets that have been read into a town.

    Parameters
    ----------
    sheets : sequence of Sheet
        As the readers return them.
    before : Town
        The town to merge into.
    options : ImportOptions
        What the user says about the files.
    settings : dict, optional
        Sections of a town.toml that lay beside the files.
    """
    parameters: Parameters = {section: dict(values) for section, values in (settings or {}).items()}
    results = _import_sheets(sheets, options, before, parameters)
    for result in results:
        for section, values in (result.parameters or {}).items():
            parameters.setdefault(section, {}).update(values)
    merged, found, changes, fills = _merge(results, before)
    after = _town(before, parameters, merged, results, fills)
    findings = [*(one for result in results for one in result.findings), *found]
    _count(results, findings)
    columns = [one.name for one in fields(Account)]
    accounts = pd.DataFrame([asdict(result.account) for result in results], columns=columns)
    changed = bool(changes) or after.settings != before.settings
    issues = tuple(finding.issue() for finding in findings)
    return ImportResult(after, tuple(findings), issues, accounts, change_table(changes), changed=changed)


def _existing(town: str | Path | Town | None) -> Town:
    if isinstance(town, Town):
        return town
    if town is None or not Path(town).exists() or (Path(town).is_dir() and not any(Path(town).iterdir())):
        return Town(Settings())
    from zhenxing.store import read_town

    return read_town(town)


def _read(files: list[SourceFile], options: ImportOptions) -> tuple[list[Sheet], list[Issue], Parameters]:
    """Read all files; one that cannot be read is listed and does not stop the others — unless it is the only one."""
    sheets: list[Sheet] = []
    issues: list[Issue] = []
    settings: Parameters = {}
    reading = ReadOptions(options.encoding, options.crs, options.max_rows)
    for file in files:
        try:
            if file.kind == "settings":
                settings = _settings(file)
            else:
                sheets += read_file(file, reading)
        except CrsSuspicionError:
            raise
        except SourceError as fault:
            if len(files) == 1:
                raise
            issues.append(Issue("error", "unreadable", fault.text, rows=(file.name,)))
    return sheets, issues, settings


def _settings(file: SourceFile) -> Parameters:
    from zhenxing.store.folder import parse_settings

    content = parse_settings(file.path.read_bytes(), file.name).content()
    return {section: dict(values) for section, values in content.items() if isinstance(values, dict)}


def _import_sheets(
    sheets: Sequence[Sheet], options: ImportOptions, before: Town, settings: Parameters
) -> list[SheetResult]:
    """Import the sheets, those with parameters first: they say in which city addresses lie."""
    today = options.today or dt.date.today()
    city = options.city or str(settings.get("town", {}).get("code", "")) or before.settings.town.code
    plain = SheetOptions(options.tables, options.as_of, options.crs, FirmOptions(options.edition, city[:4]), today)
    results: dict[int, SheetResult] = {}
    order = sorted(range(len(sheets)), key=lambda at: not _may_hold_parameters(sheets[at]))
    for at in order:
        results[at] = import_sheet(sheets[at], plain)
        code = str((results[at].parameters or {}).get("town", {}).get("code", ""))
        if code and not city:
            city = code
            plain = SheetOptions(
                options.tables, options.as_of, options.crs, FirmOptions(options.edition, city[:4]), today
            )
    return [results[at] for at in sorted(results)]


def _may_hold_parameters(sheet: Sheet) -> bool:
    return "参数" in sheet.title or len(sheet.cells) <= 40


def _merge(
    results: list[SheetResult], before: Town
) -> tuple[dict[str, Merged], list[Finding], list[tuple[str, ...]], list[tuple[str, str, Extract]]]:
    by_table: dict[str, list[Extract]] = {}
    for result in results:
        for extract in result.extracts:
            derive_key(extract)
            by_table.setdefault(extract.table, []).append(extract)
    unify_firms(by_table, before["firms"])
    resolve(by_table, before.tables)
    owners = Owners(before["provenance"])
    merged: dict[str, Merged] = {}
    findings: list[Finding] = []
    changes: list[tuple[str, ...]] = []
    fills: list[tuple[str, str, Extract]] = []
    for extracts in by_table.values():
        for extract in extracts:
            give_ids(extract)
    _refuse_offset(by_table, before)
    for table, extracts in by_table.items():
        combined = combine(table, extracts)
        _conform(combined)
        one = merge_table(table, before.tables.get(table), combined, owners)
        _drop_incomplete(table, one, combined)
        changes += one.changes
        sources = combined.sources() if one.fills else {}
        fills += [*combined.fills, *((row, column, sources[row][0][0]) for row, column in one.fills)]
        merged[table] = one
        findings += [*(found for extract in extracts for found in extract.findings), *combined.findings]
    return merged, findings, changes, fills


def _refuse_offset(by_table: dict[str, list[Extract]], before: Town) -> None:
    if any(extract.sheet.crs_assumed for extracts in by_table.values() for extract in extracts):
        from zhenxing.importers.offset import refuse_offset

        refuse_offset(by_table, before.tables)


def _conform(combined: Combined) -> None:
    """Give the combined rows the types of the schema; what its checks still find is listed."""
    ids = combined.frame.index
    shapes = combined.frame.pop(GEOMETRY) if GEOMETRY in combined.frame else None
    frame, issues = schema.conform(combined.table, combined.frame)
    frame.index = ids
    combined.frame = frame if shapes is None else frame.assign(**{GEOMETRY: shapes})
    handled = {"missing_column", "empty_cell", "unknown_column", "repeated_key"}
    for issue in issues:
        if issue.code not in handled and combined.extracts:
            combined.findings.append(
                Finding(issue.level, issue.code, issue.text, combined.extracts[0].sheet, combined.table, issue.column)
            )


def _drop_incomplete(table: str, merged: Merged, combined: Combined) -> None:
    """Take out rows that lack a required cell and list them: a town with such a row could not be read again."""
    required = [column.name for column in schema.table(table).columns.values() if column.required]
    frame = merged.frame
    lacking: dict[str, list[str]] = {}
    for column in required:
        empty = frame[column].isna() if column in frame else pd.Series(True, index=frame.index)
        for row in frame.index[empty]:
            lacking.setdefault(str(row), []).append(column)
    if not lacking:
        return
    sources = combined.sources()
    merged.frame = frame.drop(index=list(lacking))
    merged.changes[:] = [change for change in merged.changes if change[1] not in lacking]
    grouped: dict[tuple[int, str], tuple[Extract, list[int]]] = {}
    for row, columns in lacking.items():
        for extract, line in sources.get(row, []):
            names = "、".join(schema.header(table, column) for column in columns)
            grouped.setdefault((id(extract), names), (extract, []))[1].append(line)
    for (_, names), (extract, lines) in grouped.items():
        extract.frame = extract.frame.drop(index=lines)
        extract.findings.append(row_finding("required_missing", extract.sheet, table, lines, missing=names))


def _town(
    before: Town,
    parameters: Parameters,
    merged: Mapping[str, Merged],
    results: list[SheetResult],
    fills: list[tuple[str, str, Extract]],
) -> Town:
    content = before.settings.content()
    for section, values in parameters.items():
        content[section] = {**content.get(section, {}), **values}
    tables = dict(before.tables)
    kept: dict[str, set[str]] = {}
    for table, one in merged.items():
        kept[table] = set(map(str, one.frame.index))
        if len(one.frame) or table in tables:
            tables[table] = as_layer(one.frame.reset_index(drop=True))
    extracts = [extract for result in results for extract in result.extracts]
    fresh = pd.concat([provenance_rows(extracts, kept), filled_cells(fills)], ignore_index=True)
    tables["provenance"] = updated(before["provenance"], fresh, kept)
    return Town(Settings.parse(content, "参数"), tables, before.issues)


def _count(results: list[SheetResult], findings: list[Finding]) -> None:
    """Count what became of the data rows of each sheet; a row stands in exactly one column of the account."""
    for result in results:
        primary = [extract for extract in result.extracts if extract.primary]
        if not primary:
            continue
        account = result.account
        imported = {int(row) for extract in primary for row in extract.frame.index}
        repeated = {
            row
            for finding in findings
            if finding.code in _DUPLICATES and finding.sheet is primary[0].sheet
            for row, _ in finding.cells
        } - imported
        listed = {
            row
            for finding in findings
            if finding.sheet is primary[0].sheet and finding.level == "error"
            for row, column in finding.cells
            if column == WHOLE_ROW
        }
        account.imported, account.repeated = len(imported), len(repeated)
        account.listed = len(listed - imported - repeated)
