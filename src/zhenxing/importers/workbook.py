"""The workbook of issues: the sender's own sheet with the cells marked and a column that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from zhenxing.i18n import say
from zhenxing.importers.findings import WHOLE_ROW, Finding
from zhenxing.importers.sheets import RESERVED, SOURCE_SHEET, Sheet, letter

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from zhenxing.importers.importing import ImportResult

FILLS = {"error": "FFFFC7CE", "warning": "FFFFEB9C"}
_MOST_COMMENTS = 5000
_ILLEGAL = {ord(sign): None for sign in map(chr, [*range(9), 11, 12, *range(14, 32)])}


def write_issues(result: ImportResult, path: Path) -> list[Path]:
    """Write the workbooks of issues; one for each file that has any.

    With a single such file the workbook lies at ``path``; with several each department gets its own under the folder
    named like ``path``, and ``path`` holds the account, all issues and all changes.

    Returns
    -------
    list of Path
        What was written, the first one first.
    """
    by_file: dict[str, list[Finding]] = {}
    for finding in result.findings:
        if finding.level != "info" and finding.cells:
            by_file.setdefault(finding.sheet.file, []).append(finding)
    path.parent.mkdir(parents=True, exist_ok=True)
    if len(by_file) == 1:
        (findings,) = by_file.values()
        _save(_marked(findings, result), path)
        return [path]
    written = [path]
    _save(_summary(result), path)
    for file, findings in by_file.items():
        place = path.with_suffix("") / Path(file).with_suffix(".xlsx")
        if Path(file).suffix != ".xlsx":
            place = path.with_suffix("") / f"{file}.xlsx"
        place.parent.mkdir(parents=True, exist_ok=True)
        _save(_marked(findings, None), place)
        written.append(place)
    return written


def _save(book: Any, path: Path) -> None:
    book.save(path)


def _marked(findings: list[Finding], result: ImportResult | None) -> Any:
    """Return the sender's workbook with the cells of the findings marked."""
    import openpyxl

    sheets = {id(finding.sheet): finding.sheet for finding in findings}
    first = next(iter(sheets.values()))
    copied = first.path.suffix.lower() in (".xlsx", ".xlsm") and not first.names
    book = openpyxl.load_workbook(first.path) if copied else openpyxl.Workbook()
    names: dict[str, Sheet] = {}
    for sheet in sheets.values():
        name = sheet.name if copied else _fresh_name(book, sheet)
        page = book[name] if copied else _rebuilt(book, name, sheet)
        names[name] = sheet
        _mark(page, sheet, [finding for finding in findings if finding.sheet is sheet])
    if not copied:
        del book[book.sheetnames[0]]
    if result is not None:
        _pages(book, result)
    _remember(book, names)
    return book


def _fresh_name(book: Any, sheet: Sheet) -> str:
    base = (sheet.name or Path(sheet.file).name.split(".")[0])[:28].translate(str.maketrans("[]:*?/\\", "_______"))
    name, number = base or "表", 2
    while name in book.sheetnames:
        name, number = f"{base}{number}", number + 1
    return name


def _rebuilt(book: Any, name: str, sheet: Sheet) -> Worksheet:
    """Write a text file's or layer's cells as a sheet; codes stay text."""
    page: Worksheet = book.create_sheet(name)
    shift = 1 if sheet.names else 0
    if sheet.names:
        page.append([*sheet.names])
    for row in sheet.cells.itertuples(index=False, name=None):
        page.append([_plain(value) for value in row])
    for top, left, bottom, right in sheet.merged:
        page.merge_cells(
            start_row=top + 1 + shift, start_column=left + 1, end_row=bottom + 1 + shift, end_column=right + 1
        )
    return page


def _plain(value: object) -> Any:
    if value is None or isinstance(value, int | float | bool):
        return value
    if isinstance(value, str):
        return value.translate(_ILLEGAL)[:32_767]
    return value if type(value).__module__ == "datetime" else str(value)


def _mark(page: Worksheet, sheet: Sheet, findings: list[Finding]) -> None:
    """Fill the cells concerned, comment them, and say in a last column what to do in each row."""
    from openpyxl.cell.cell import MergedCell
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, PatternFill

    fills = {level: PatternFill("solid", start_color=colour) for level, colour in FILLS.items()}
    shift = sheet.first_line if not sheet.names else 2
    advice: dict[int, list[str]] = {}
    last = page.max_column + 1
    commented = 0
    for finding in findings:
        for row, column in finding.cells:
            line = row + shift
            advice.setdefault(line, []).append(finding.text.zh)
            places = range(1, last) if column == WHOLE_ROW else (column + 1,)
            for place in places:
                cell = page.cell(line, place)
                if isinstance(cell, MergedCell):
                    continue
                cell.fill = fills[finding.level]
                if column != WHOLE_ROW and commented < _MOST_COMMENTS:
                    cell.comment = Comment(str(finding.text), "zhenxing", width=360, height=140)
                    commented += 1
    head = 1 if sheet.names else sheet.header_line
    page.cell(head, last, f"{say('importers.what_to_do').zh}/{say('importers.what_to_do').en}")
    for line, texts in advice.items():
        page.cell(line, last, "\n".join(dict.fromkeys(texts))).alignment = Alignment(wrap_text=True, vertical="top")
    page.column_dimensions[letter(last - 1)].width = 60


def _summary(result: ImportResult) -> Any:
    import openpyxl

    book = openpyxl.Workbook()
    del book[book.sheetnames[0]]
    _pages(book, result)
    return book


def _pages(book: Any, result: ImportResult) -> None:
    """Add account, issues and changes as sheets that are not read when the workbook is imported again."""
    issues = pd.DataFrame(
        [
            {
                "level": issue.level,
                "code": issue.code,
                "table": issue.table,
                "column": issue.column,
                "rows": ", ".join(issue.rows[:50]),
                "说明": issue.text.zh,
                "text": issue.text.en,
            }
            for issue in result.issues
        ]
    )
    pages: Mapping[str, pd.DataFrame] = {"accounts": result.accounts, "issues": issues, "changes": result.changes}
    for name, frame in pages.items():
        page = book.create_sheet(f"{RESERVED}_{name}")
        page.append([str(column) for column in frame.columns])
        for row in frame.head(100_000).itertuples(index=False, name=None):
            page.append([_plain(value) for value in row])
        page.freeze_panes = "A2"


def _remember(book: Any, names: Mapping[str, Sheet]) -> None:
    """Keep which file and sheet each page came from, so that the mended workbook counts as the same source."""
    page = book.create_sheet(SOURCE_SHEET)
    page.append(["page", "file", "sheet"])
    for name, sheet in names.items():
        page.append([name, sheet.file, sheet.name])
    page.sheet_state = "hidden"
