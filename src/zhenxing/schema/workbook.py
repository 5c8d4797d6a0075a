"""Excel templates made from the declarations: headers with units, hints, drop-downs, and a page that explains them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zhenxing.errors import SourceError
from zhenxing.i18n import Language, say
from zhenxing.schema.declaration import PLAN_INPUT_TABLES, Column, TableSchema, header, table, tables, unit_label

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

# The least a town needs to begin with, then everything a plan can use.
DEFAULT_TABLES = ("firms", "sites", "budget", *(n for n in PLAN_INPUT_TABLES if n not in ("sites", "budget")))
# Every cell of the second line stands between these marks, so that an import can tell it from data.
HINT_MARKS = ("〔", "〕")
FIRST_ROW = 2
LAST_ROW = 2001
# Excel refuses a list of choices longer than this.
LONGEST_LIST = 255
YES_NO: dict[Language, tuple[str, str]] = {"zh": ("是", "否"), "en": ("true", "false")}
INK = "#1F3B57"
REQUIRED_FILL = "#F8CBAD"
OPTIONAL_FILL = "#DDEBF7"


def sheet_name(name: str, language: Language = "zh") -> str:
    """Return what a table's sheet is called: its Chinese title, or in English its name.

    Examples
    --------
    >>> sheet_name("sites")
    '改造地块表'
    """
    return name if language == "en" else table(name).zh


def is_hint_row(cells: Sequence[object]) -> bool:
    """Say whether a sheet's row is the template's line of hints rather than data.

    Examples
    --------
    >>> is_hint_row(["〔必填·文字〕", "〔选填·亩〕"]), is_hint_row(["s1", 20])
    (True, False)
    """
    texts = [str(cell).strip() for cell in cells if cell is not None and str(cell).strip()]
    return bool(texts) and all(text.startswith(HINT_MARKS[0]) and text.endswith(HINT_MARKS[1]) for text in texts)


def hint(column: Column, language: Language = "zh") -> str:
    """Return a column's hint: required or not, unit or kind, default.

    Examples
    --------
    >>> hint(table("sites").columns["area_mu"], "en")
    '〔required · number, mu〕'
    """
    spoken = 1 if language == "en" else 0
    parts = [say("schema.hint_required" if column.required else "schema.hint_optional")[spoken]]
    kind = say(f"schema.kind_{column.type}")[spoken]
    unit = unit_label(column.unit, language)
    parts.append(f"{kind}{', ' if spoken else '，'}{unit}" if unit else kind)
    if column.default:
        parts.append(say("schema.hint_default", default=_default(column, spoken))[spoken])
    return HINT_MARKS[0] + " · ".join(parts) + HINT_MARKS[1]


def _default(column: Column, spoken: int) -> str:
    if column.type == "boolean":
        return YES_NO["en" if spoken else "zh"][column.default != "true"]
    if column.default in column.choices and not spoken:
        return column.choices_zh[column.choices.index(column.default)]
    if column.default in ("first_plan_year", "last_plan_year", "unlimited"):
        return say(f"schema.default_{column.default}")[spoken]
    if column.default.startswith("of:"):
        source, name = column.default.removeprefix("of:").split(".")
        return say("schema.default_of", table=table(source).zh if not spoken else source,
                   column=header(source, name, "en" if spoken else "zh"))[spoken]  # fmt: skip
    return column.default


def write_template(path: str | Path, names: Sequence[str] = (), language: Language = "zh") -> tuple[str, ...]:
    """Write an Excel workbook to be filled in, one sheet per table; return the tables' names.

    Parameters
    ----------
    path : path
        The workbook to write, ending in ``.xlsx``.
    names : sequence of str
        Tables; by default the firms and every table that a plan reads.
    language : {"zh", "en"}
        Language of headers, hints and choices.

    Raises
    ------
    SourceError
        When a table is not declared, or the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     write_template(place + "/t.xlsx", ["sites", "budget"])
    ('sites', 'budget')
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    wanted = tuple(dict.fromkeys(names)) or DEFAULT_TABLES
    unknown = [name for name in wanted if name not in tables()]
    if unknown:
        raise SourceError(say("schema.no_such_table", tables=", ".join(unknown), known=", ".join(tables())))
    book = xlsxwriter.Workbook(str(path))
    styles = _styles(book)
    _guide(book, wanted, language, styles)
    if "budget" in wanted:
        _parameters(book, language, styles)
    for name in wanted:
        _sheet(book, table(name), wanted, language, styles)
    try:
        book.close()
    except (FileCreateError, OSError) as fault:
        raise SourceError(say("schema.template_not_written", path=path, reason=fault)) from None
    return wanted


def _styles(book: Workbook) -> dict[str, Format]:
    head = {"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter", "align": "center", "font_color": INK}
    note = {"font_color": "#7F7F7F", "italic": True, "font_size": 9, "text_wrap": True, "valign": "top", "border": 1}
    return {
        "title": book.add_format({"bold": True, "font_size": 14, "font_color": INK}),
        "plain": book.add_format({"text_wrap": True, "valign": "top"}),
        "required": book.add_format({**head, "bg_color": REQUIRED_FILL}),
        "optional": book.add_format({**head, "bg_color": OPTIONAL_FILL}),
        "hint": book.add_format(note),
        # ids keep their leading zeros, and long codes do not turn into 9.14E+17
        "text": book.add_format({"num_format": "@"}),
        "number": book.add_format({"num_format": "#,##0.######"}),
        "integer": book.add_format({"num_format": "0"}),
    }


def _guide(book: Workbook, names: Sequence[str], language: Language, styles: dict[str, Format]) -> None:
    spoken = 1 if language == "en" else 0
    sheet = book.add_worksheet(say("schema.guide_sheet")[spoken])
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 100)
    sheet.write(0, 0, say("schema.guide_title")[spoken], styles["title"])
    lines = [say(f"schema.guide_{step}")[spoken] for step in ("fill", "hints", "colours", "units", "import")]
    for at, line in enumerate(lines, start=1):
        sheet.merge_range(at, 0, at, 1, line, styles["plain"])
    for at, name in enumerate(names, start=len(lines) + 2):
        declared = table(name)
        sheet.write_url(at, 0, f"internal:'{sheet_name(name, language)}'!A1", string=sheet_name(name, language))
        sheet.write(at, 1, declared.meaning_en if spoken else declared.meaning_zh, styles["plain"])


def _parameters(book: Workbook, language: Language, styles: dict[str, Format]) -> None:
    """Add the sheet of settings: a plan needs the base year and the number of years at least."""
    spoken = 1 if language == "en" else 0
    sheet = book.add_worksheet(say("schema.parameters_sheet")[spoken])
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 20)
    sheet.set_column(2, 2, 70)
    for at, title in enumerate(("parameters_name", "parameters_value", "parameters_note")):
        sheet.write(0, at, say(f"schema.{title}")[spoken], styles["optional"])
    for at, row in enumerate(_setting_rows(), start=1):
        needed = row["section"] == "plan" and not row["default"]
        sheet.write(at, 0, row["key"] if spoken else row["zh"], styles["required" if needed else "optional"])
        note = "parameters_needed" if needed else "parameters_default" if row["default"] else "parameters_optional"
        said = say(f"schema.{note}", key=row["key"], default=row["default"], unit=_setting_unit(row["type"], language))
        sheet.write(at, 2, said[spoken].strip(), styles["plain"])


def _setting_unit(kind: str, language: Language) -> str:
    return unit_label(kind, language) if kind.startswith("wan") else ""


def _setting_rows() -> list[dict[str, str]]:
    source = files("zhenxing.schema") / "parameters.csv"
    return list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))


def _sheet(
    book: Workbook, declared: TableSchema, names: Sequence[str], language: Language, styles: dict[str, Format]
) -> None:
    sheet = book.add_worksheet(sheet_name(declared.name, language))
    sheet.set_row(0, 34)
    sheet.set_row(1, 40)
    keys = sum(column.key for column in list(declared.columns.values())[:2])
    sheet.freeze_panes(FIRST_ROW, keys)
    for at, column in enumerate(declared.columns.values()):
        title = header(declared.name, column.name, language)
        sheet.write(0, at, title, styles["required" if column.required else "optional"])
        meaning = column.meaning_en if language == "en" else column.meaning_zh
        sheet.write_comment(0, at, f"{meaning}\n({column.name})", {"x_scale": 2})
        sheet.write(1, at, hint(column, language), styles["hint"])
        kind = {"number": "number", "integer": "integer", "year": "integer"}.get(column.type, "text")
        sheet.set_column(at, at, min(34, max(12, 2 + 2 * len(title) if language == "zh" else len(title))), styles[kind])
        rule = _rule(column, names, language)
        if rule:
            sheet.data_validation(
                FIRST_ROW, at, LAST_ROW, at, {"ignore_blank": True, **_input(column, language), **rule}
            )


def _input(column: Column, language: Language) -> dict[str, str]:
    """What Excel shows beside the cell; its titles end at 32 and its texts at 255 characters."""
    title = column.en if language == "en" else column.zh
    meaning = column.meaning_en if language == "en" else column.meaning_zh
    spoken = 1 if language == "en" else 0
    return {
        "input_title": title[:32],
        "input_message": meaning[:255],
        "error_title": title[:32],
        "error_message": say("schema.cell_refused", hint=hint(column, language))[spoken][:255],
    }


def _rule(column: Column, names: Sequence[str], language: Language) -> dict[str, Any]:
    """The check Excel makes when a cell is typed; empty when any text will do."""
    if column.choices:
        source = list(column.choices if language == "en" else column.choices_zh)
        return {"validate": "list", "source": source} if len(",".join(source)) <= LONGEST_LIST else {}
    if column.type == "boolean":
        return {"validate": "list", "source": list(YES_NO[language])}
    if column.reference:
        name, target = column.reference.split(".")
        if name not in names:
            return {}
        letter = _letter(list(table(name).columns).index(target))
        span = f"='{sheet_name(name, language)}'!${letter}${FIRST_ROW + 1}:${letter}${LAST_ROW + 1}"
        return {"validate": "list", "source": span, "error_type": "warning"}
    if column.type in ("number", "integer", "year"):
        return _bounds(column)
    return {}


def _bounds(column: Column) -> dict[str, Any]:
    if column.type == "year":
        return {"validate": "integer", "criteria": "between", "minimum": 1900, "maximum": 2200, "error_type": "warning"}
    low = -1e15 if column.minimum is None else column.minimum
    high = 1e15 if column.maximum is None else column.maximum
    kind = "integer" if column.type == "integer" else "decimal"
    return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}


def _letter(place: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(place))


__all__ = ["DEFAULT_TABLES", "HINT_MARKS", "hint", "is_hint_row", "sheet_name", "write_template"]
