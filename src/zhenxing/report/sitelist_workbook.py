"""The yearly site list as an Excel workbook: the list, the reserve, and how both were made."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

from zhenxing.report.facts import Facts
from zhenxing.report.sections.overview import town_name
from zhenxing.report.sheets import Book, SheetColumn, wrap_columns, write_table
from zhenxing.report.sitelist import SiteList

WRAPPED = {
    "site": 16,
    "village": 14,
    "tenure": 16,
    "title_gap": 24,
    "funding": 30,
    "firms": 14,
    "first_month": 14,
    "reason": 46,
}


def write_site_list(facts: Facts, made: SiteList, path: Path) -> None:
    """Write the list as ``path`` (.xlsx).

    Parameters
    ----------
    facts : Facts
        The plan, evaluated.
    made : SiteList
        The list of one year.
    path : Path
        File to write.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as file:
        book = Book(file, facts)
        _started(book, made)
        _reserve(book, made)
        _notes(book, made)


def step_labels(facts: Facts, made: SiteList) -> dict[str, str]:
    """Return the labels of the steps in the report's language."""
    return {step.name: step.en if facts.voice.language == "en" else step.zh for step in made.steps}


def _started(book: Book, made: SiteList) -> None:
    facts, voice, frame = book.facts, book.facts.voice, made.started
    title = voice("list_title", town=town_name(facts), year=made.year)
    sheet = book.sheet(
        "list",
        title,
        facts.source(
            "plan_sites",
            "sites.area_mu",
            "site_modes.title_mu,public_cost_wan",
            "parcels.tenure,title_stage",
            "site_firms",
        ),
    )
    labels = step_labels(facts, made)
    kinds = {"no": "year", "area_mu": "one", "cost_wan": "whole"}
    columns = [
        SheetColumn(
            voice("by_month", step=labels[name]) if name in labels and name != "supply" else voice(f"list_{name}"),
            frame[name].tolist(),
            kinds.get(name, "text"),
            total=name in ("area_mu", "cost_wan"),
        )
        for name in frame.columns
    ]
    write_table(book, sheet, columns)
    wrap_columns(book, sheet, frame, WRAPPED)


def _reserve(book: Book, made: SiteList) -> None:
    voice, frame = book.facts.voice, made.reserve
    sheet = book.sheet("reserve", voice("reserve_title", year=made.year), voice("reserve_rule"))
    kinds = {
        "no": "year",
        "planned": "year",
        "area_mu": "one",
        "released_mu": "one",
        "cost_wan": "whole",
        "density": "two",
    }
    columns = [
        SheetColumn(
            voice(f"list_{name}"),
            frame[name].tolist(),
            kinds.get(name, "text"),
            total=name in ("area_mu", "released_mu", "cost_wan"),
        )
        for name in frame.columns
    ]
    columns[-1] = SheetColumn(voice("list_not_reason", year=made.year), frame["reason"].tolist())
    write_table(book, sheet, columns)
    wrap_columns(book, sheet, frame, {"reason": 80, "site": 18})


def _notes(book: Book, made: SiteList) -> None:
    facts, voice = book.facts, book.facts.voice
    sheet = book.sheet("list_notes", voice("list_notes_title"), facts.source("budget", "plan_finance", rule="3.7, 3.8"))
    limits = [
        SheetColumn(voice("limit"), [voice(f"capacity_{name}_use") for name in made.limits["limit"]]),
        SheetColumn(voice("used"), made.limits["used"].tolist(), "one"),
        SheetColumn(voice("capacity"), made.limits["capacity"].tolist(), "one"),
    ]
    row = write_table(book, sheet, limits, is_main=False) + 1
    funding = [
        SheetColumn(voice("funding"), [voice(f"balance_{name}") for name in made.funding["source"]]),
        SheetColumn(voice("unit_wan"), made.funding["amount_wan"].tolist(), "whole", total=True),
        SheetColumn(voice("share"), made.funding["share"].tolist(), "share"),
    ]
    row = write_table(book, sheet, funding, row, is_main=False) + 1
    labels = step_labels(facts, made)
    english = voice.language == "en"
    steps = [
        SheetColumn(voice("list_step"), [labels[step.name] for step in made.steps]),
        SheetColumn(voice("months"), [step.months for step in made.steps], "whole"),
        SheetColumn(voice("tag"), [step.tag for step in made.steps]),
        SheetColumn(voice("remark"), [step.note_en if english else step.note_zh for step in made.steps]),
    ]
    row = write_table(book, sheet, steps, row, is_main=False) + 1
    sheet.write_string(row, 0, voice("schedule_note"), book.style(font_color="#595959"))
    sheet.set_column(0, 2, 22)
    sheet.set_column(3, 3, 60)
