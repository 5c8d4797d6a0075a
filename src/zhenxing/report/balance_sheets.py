"""Two sheets of their own kind: the Gantt chart of the sites and the money balances with formulas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zhenxing.report.balances import CASES, INCOME
from zhenxing.report.sections.land import site_rows
from zhenxing.report.sections.money import money_source, outlay_columns, shown_balance
from zhenxing.report.sheets import HEADER_ROW, Book, SheetColumn, formula, place, write_table

GANTT_COLOURS = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#D55E00", "#0072B2", "#999999")


def gantt_sheet(book: Book) -> None:
    """Add the sheet of sites by years, coloured by mode from start to delivery."""
    facts, voice = book.facts, book.facts.voice
    frame = site_rows(facts)
    sheet = book.sheet("gantt", voice("gantt_title"), facts.source("plan_sites.mode,start_year,delivery_year"))
    lead = [
        SheetColumn(voice("no"), list(range(1, len(frame) + 1)), "year"),
        SheetColumn(voice("site"), frame["name"].tolist()),
        SheetColumn(voice("park"), frame["park"].tolist()),
        SheetColumn(voice("col_area_mu"), frame["area_mu"].tolist(), "one", total=True),
        SheetColumn(voice("mode"), [facts.names.word("mode", mode) for mode in frame["mode"]]),
    ]
    below = write_table(book, sheet, lead)
    last = max([facts.years[-1], *(int(year) for year in frame["delivery_year"])])
    years = range(facts.years[0], last + 1)
    modes = list(dict.fromkeys(frame["mode"]))
    colours = {mode: GANTT_COLOURS[number % len(GANTT_COLOURS)] for number, mode in enumerate(modes)}
    for column, year in enumerate(years, start=len(lead)):
        sheet.write_number(HEADER_ROW, column, year, book.header())
        for row, site in enumerate(frame.to_dict("records"), start=HEADER_ROW + 1):
            start, delivery = int(site["start_year"]), int(site["delivery_year"])
            text = voice("gantt_start") if year == start else voice("gantt_delivery") if year == delivery else ""
            fill = {"bg_color": colours[site["mode"]]} if start <= year <= delivery else {}
            sheet.write_string(row, column, text, book.style(border=1, border_color="#D9D9D9", align="center", **fill))
    sheet.set_column(len(lead), len(lead) + len(years) - 1, 7)
    for number, mode in enumerate(modes):
        sheet.write_string(
            below + 1 + number, 1, facts.names.word("mode", mode), book.style(bg_color=colours[mode], border=1)
        )
    sheet.write_string(
        below + 1 + len(modes), 1, voice("gantt_note", year=facts.years[-1]), book.style(font_color="#595959")
    )


def money_sheet(book: Book) -> None:
    """Add the sheet of the three money balances, sums and closing cash as formulas."""
    facts, voice = book.facts, book.facts.voice
    sheet = book.sheet("money", voice("money_side_caption"), money_source(facts))
    row = HEADER_ROW
    for case in CASES:
        row = _money_block(book, sheet, case, row) + 2
    sheet.write_string(
        row,
        0,
        voice("money_cases_note", threshold=voice.percent(facts.options.signed_probability, 0)),
        book.style(font_color="#595959"),
    )
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, len(facts.years) + 1, 13)
    sheet.freeze_panes(HEADER_ROW, 1)
    sheet.fit_to_pages(1, 1)
    sheet.print_area(0, 0, row, len(facts.years) + 1)


def _money_block(book: Book, sheet: Any, case: str, row: int) -> int:
    """Write one balance with its sums as formulas; return the row below."""
    facts, voice, years = book.facts, book.facts.voice, book.facts.years
    frame = shown_balance(facts, case)
    names = [
        "opening_wan",
        *INCOME,
        "income_wan",
        *outlay_columns(facts),
        "outlay_wan",
        "borrowed_wan",
        "interest_wan",
        "cash_wan",
        "debt_wan",
    ]
    at = {name: row + 1 + number for number, name in enumerate(names)}
    sheet.write_string(row, 0, voice("balance_caption", case=voice(f"case_{case}")), book.header())
    for column, label in enumerate([*map(str, years), voice("total")], start=1):
        sheet.write_string(row, column, label, book.header())
    for name in names:
        is_sum = name in ("income_wan", "outlay_wan", "cash_wan")
        style = book.cell("whole", bold=is_sum)
        sheet.write_string(at[name], 0, voice(f"balance_{name}"), book.cell("text", bold=is_sum))
        for column in range(1, len(years) + 1):
            value = float(frame[name].iloc[column - 1])
            text = _balance_formula(name, at, column, outlay_columns(facts))
            if text:
                formula(sheet, at[name], column, text, value, style)
            else:
                sheet.write_number(at[name], column, value, style)
        if name not in ("opening_wan", "cash_wan", "debt_wan"):
            text = f"=SUM({place(at[name], 1)}:{place(at[name], len(years))})"
            formula(sheet, at[name], len(years) + 1, text, float(frame[name].sum()), style)
    return row + 1 + len(names)


def _balance_formula(name: str, at: dict[str, int], column: int, outlays: Sequence[str]) -> str:
    if name == "opening_wan" and column > 1:
        return f"={place(at['cash_wan'], column - 1)}"
    if name == "income_wan":
        return f"=SUM({place(at[INCOME[0]], column)}:{place(at[INCOME[-1]], column)})"
    if name == "outlay_wan":
        return f"=SUM({place(at[outlays[0]], column)}:{place(at[outlays[-1]], column)})"
    if name == "cash_wan":
        signs = (
            ("opening_wan", ""),
            ("income_wan", "+"),
            ("outlay_wan", "-"),
            ("borrowed_wan", "+"),
            ("interest_wan", "-"),
        )
        return "=" + "".join(sign + place(at[item], column) for item, sign in signs)
    return ""
