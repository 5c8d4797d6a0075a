"""What was found while importing: where it stands in the sender's file, what was done, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zhenxing import schema
from zhenxing.errors import Issue, Level, Text
from zhenxing.i18n import say
from zhenxing.importers.sheets import Sheet

WHOLE_ROW = -1
# cells whose content could not be kept are errors, cells that were kept but look odd are warnings
_LEVELS: dict[str, Level] = {
    "about": "info",
    "month_lost": "warning",
    "future_date": "warning",
    "nan": "warning",
    "leading_zeros": "warning",
    "credit_code_check": "warning",
    "credit_code_shape": "warning",
    "industry_unknown": "warning",
    "industry_no_edition": "warning",
    "address_ambiguous": "warning",
    "address_no_town": "info",
    "looks_like_m2": "warning",
    "looks_like_yuan": "warning",
    "reference_unknown": "warning",
    "duplicate_row": "info",
    "merged_number": "warning",
    "note_row": "info",
    "totals_dropped": "info",
    "names_to_ids": "info",
    "geometry_repaired": "warning",
    "geometry_empty": "warning",
    "contradiction": "warning",
}


@dataclass(frozen=True)
class Finding:
    """One finding about cells of one sheet; ``cells`` are (row, column) counted from 0, column -1 for a whole row."""

    level: Level
    code: str
    text: Text
    sheet: Sheet
    table: str = ""
    column: str = ""
    cells: tuple[tuple[int, int], ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """Line numbers of the file, in order, each once."""
        return tuple(str(self.sheet.line(row)) for row in dict.fromkeys(row for row, _ in self.cells))

    def issue(self) -> Issue:
        """Return the finding as an issue whose rows are the file's line numbers."""
        return Issue(self.level, self.code, self.text, self.table, self.column, self.lines)


def cell_finding(
    code: str, sheet: Sheet, table: str, column: str, rows: Sequence[int], place: int, **values: object
) -> Finding:
    """Return a finding about cells of one column."""
    cells = tuple((int(row), place) for row in rows)
    return _finding(code, sheet, table, column, cells, header_text(table, column), values)


def row_finding(code: str, sheet: Sheet, table: str, rows: Iterable[int], **values: object) -> Finding:
    """Return a finding about whole rows."""
    return _finding(code, sheet, table, "", tuple((int(row), WHOLE_ROW) for row in rows), Text("", ""), values)


def sheet_finding(
    level: Level, code: str, sheet: Sheet, table: str = "", column: str = "", **values: object
) -> Finding:
    """Return a finding about a sheet or a column as a whole."""
    shown = header_text(table, column) if column else Text("", "")
    text = say(f"importers.{code}", sheet=sheet.title, column=shown, table=table_text(table), **values)
    return Finding(level, code, text, sheet, table, column)


def _finding(
    code: str,
    sheet: Sheet,
    table: str,
    column: str,
    cells: tuple[tuple[int, int], ...],
    shown: Text,
    values: dict[str, object],
) -> Finding:
    lines = [str(sheet.line(row)) for row in dict.fromkeys(row for row, _ in cells)]
    found = {"examples": Text("", ""), **values}
    text = say(
        f"importers.{code}", sheet=sheet.title, table=table_text(table), column=shown, rows=name_lines(lines), **found
    )
    return Finding(_LEVELS.get(code, "error"), code, text, sheet, table, column, cells)


def header_text(table: str, column: str) -> Text:
    """Return what people call a column, with the unit it is kept in."""
    if not column or table not in schema.tables():
        return Text(column, column)
    return Text(schema.header(table, column, "zh"), schema.header(table, column, "en"))


def table_text(table: str) -> Text:
    """Return what people call a table."""
    declared = schema.tables().get(table)
    return Text(f"{declared.zh}（{table}）", f"{declared.en} ({table})") if declared else Text(table, table)


def examples(sheet: Sheet, rows: Sequence[int], place: int, most: int = 3) -> Text:
    """Return what stands in the first different cells of a finding."""
    shown = list(dict.fromkeys(str(sheet.cells.iat[row, place]) for row in rows[:200]))[:most]
    return Text("、".join(f"“{value}”" for value in shown), ", ".join(f'"{value}"' for value in shown))


def name_lines(lines: Sequence[str], most: int = 5) -> Text:
    """Return the first line numbers of a finding, to be followed by 行 in Chinese.

    Examples
    --------
    >>> name_lines(["3", "4", "5", "6", "7", "8"]).zh
    '3、4、5、6、7 等 6'
    """
    shown, more = lines[:most], len(lines) > most
    zh = "、".join(shown) + (f" 等 {len(lines)}" if more else "")
    return Text(zh, ", ".join(shown) + (f" and {len(lines) - most} more" if more else ""))
