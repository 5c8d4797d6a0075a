"""Sheets of the workbook for results beside the plan: limits, luck, alternatives, why not earlier."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from zhenxing.i18n import speak
from zhenxing.report.facts import Facts
from zhenxing.report.sections.binding import binding_rows, verdict_of
from zhenxing.report.sections.choices import aim, distinct, park_columns
from zhenxing.report.sections.earlier import answer_cells
from zhenxing.report.sections.luck import cause, risk_rows, tail_share
from zhenxing.report.sections.studies import (
    decision,
    factor_label,
    joined_changes,
    made_where,
    missing,
    with_park_names,
)
from zhenxing.report.sheets import HEADER_ROW, Book, SheetColumn, wrap_columns, write_table
from zhenxing.report.studies import Kind

# The column of causes is this wide.
SENTENCE_WIDTH = 60
KINDS = {"site": "sites", "candidate": "candidates", "work": "works"}


def study_sheets(book: Book) -> None:
    """Add the sheets of the results beside the plan; one without a result says which command makes it."""
    sheets: tuple[tuple[str, Kind, Callable[[Book, Any], None]], ...] = (
        ("binding", "prices", _limits),
        ("luck", "scenarios", _luck),
        ("choices", "alternatives", _choices),
        ("regret", "alternatives", _regret),
    )
    for key, kind, write in sheets:
        is_shown = book.facts.explained.of(kind).is_shown
        sheet = book.sheet(
            key, book.facts.voice(f"sheet_title_{key}"), made_where(book.facts, kind) if is_shown else ""
        )
        if is_shown:
            write(book, sheet)
        else:
            (text,) = missing(book.facts, kind)
            sheet.write_string(HEADER_ROW, 0, book.text(getattr(text, "text", "")))
    _earlier(book)


def _limits(book: Book, sheet: Any) -> None:
    facts, voice, frame = book.facts, book.facts.voice, binding_rows(book.facts)
    columns = [
        SheetColumn(voice("binding_limit"), frame["label"].tolist()),
        SheetColumn(voice("binding_resource"), frame["resource"].tolist()),
        SheetColumn(voice("park"), [facts.names.of("parks", park) if park else "" for park in frame["park_id"]]),
        SheetColumn(voice("year"), [voice("every_year") if year == 0 else str(int(year)) for year in frame["year"]]),
        SheetColumn(voice("binding_step"), frame["step"].tolist(), "one"),
        SheetColumn(voice("unit"), frame["unit"].tolist()),
        SheetColumn(voice("binding_practical"), [voice("yes") if own else "" for own in frame["practical"]]),
        SheetColumn(voice("binding_value"), frame["value_wan"].tolist(), "one"),
        SheetColumn(voice("binding_low"), frame["low_wan"].tolist(), "one"),
        SheetColumn(voice("binding_high"), frame["high_wan"].tolist(), "one"),
        SheetColumn(voice("binding_relaxed"), frame["relaxation_wan"].tolist(), "one"),
        SheetColumn(voice("binding_left"), frame["left_over"].tolist(), "one"),
        SheetColumn(
            voice("binding_verdict"),
            [
                verdict_of(facts, str(verdict), disagree=bool(odd))
                for verdict, odd in zip(frame["verdict"], frame["disagree"], strict=True)
            ],
        ),
        SheetColumn(voice("more_changes"), frame["because"].tolist()),
        SheetColumn(voice("binding_sentence"), frame["sentence"].tolist()),
    ]
    _with_sentences(book, sheet, columns, {voice("more_changes"): 50, voice("binding_sentence"): 90})


def _luck(book: Book, sheet: Any) -> None:
    facts, voice, study = book.facts, book.facts.voice, book.facts.explained.scenarios
    frame = risk_rows(facts)
    keys = ("expected_wan", "cvar_wan", "worst_wan", "best_wan")
    columns = [
        SheetColumn(voice("luck_plan"), [voice(f"luck_plan_{name}") for name in frame["plan"]]),
        SheetColumn(voice("luck_draws"), frame["draws"].tolist(), "whole"),
        *(SheetColumn(voice(f"luck_{name}"), frame[name].tolist(), "whole") for name in keys),
    ]
    row = _block(book, sheet, voice("luck_plans_caption", share=tail_share(facts)), columns, HEADER_ROW)
    frame = study.table("targets_at_risk")
    frame = frame[frame["plan"] == "deterministic"]
    records = frame.to_dict("records")
    columns = [
        SheetColumn(voice("indicator"), [facts.names.word("indicator", name) for name in frame["indicator"]]),
        SheetColumn(voice("year"), frame["year"].tolist(), "year"),
        SheetColumn(
            voice("where"),
            [facts.names.of("parks", park) if park else voice("whole_town") for park in frame["park_id"]],
        ),
        SheetColumn(voice("luck_chance"), frame["chance_missed"].tolist(), "share"),
        SheetColumn(voice("luck_shortfall"), frame["mean_shortfall"].tolist(), "one"),
        SheetColumn(voice("luck_as_planned"), [voice("yes") if own else "" for own in frame["missed_as_planned"]]),
        SheetColumn(voice("luck_cause"), [cause(facts, record) for record in records]),
    ]
    row = _block(book, sheet, voice("luck_targets_caption"), columns, row)
    frame = study.table("factors")
    columns = [
        SheetColumn(voice("luck_factor_name"), [factor_label(facts, str(name)) for name in frame["factor"]]),
        SheetColumn(voice("luck_gain_tail"), frame["cvar_gain_wan"].tolist(), "whole"),
        SheetColumn(voice("luck_gain_mean"), frame["expected_gain_wan"].tolist(), "whole"),
    ]
    row = _block(book, sheet, voice("luck_factors_caption"), columns, row)
    frame = study.table("robust")
    columns = [
        SheetColumn(
            voice("robust_decision"),
            [
                decision(facts, str(one["decision"]), str(one["id"]), str(one["option"]))
                for one in frame.to_dict("records")
            ],
        ),
        SheetColumn(voice("year"), frame["year"].tolist(), "year"),
        SheetColumn(voice("robust_share"), frame["share"].tolist(), "share"),
        SheetColumn(voice("robust_in_plan"), [voice("yes") if own else "" for own in frame["in_plan"]]),
        SheetColumn(voice("robust_in_two_stage"), [voice("yes") if own else "" for own in frame["in_two_stage"]]),
        SheetColumn(voice("binding_verdict"), [voice(f"robust_verdict_{name}") for name in frame["verdict"]]),
    ]
    _block(book, sheet, voice("robust_caption"), columns, row)
    sheet.set_column(0, 0, 38)
    sheet.set_column(1, 5, 15)
    sheet.set_column(6, 6, SENTENCE_WIDTH)


def _block(book: Book, sheet: Any, title: str, columns: list[SheetColumn], row: int) -> int:
    """Write one of several tables of a sheet under its title; return the row to go on from."""
    sheet.write_string(row, 0, book.text(title), book.style(bold=True))
    return write_table(book, sheet, columns, row + 1, is_main=False) + 1


def _choices(book: Book, sheet: Any) -> None:
    facts, voice = book.facts, book.facts.voice
    frame, _ = distinct(facts)
    parks = park_columns(facts, frame)
    wanted = (
        ("choices_first_year", "first_year_starts_same", "whole"),
        ("choices_starts", "sites_started", "whole"),
        ("choices_sites", "sites_changed", "whole"),
        ("choices_landings", "landings_changed", "whole"),
        ("choices_debt", "peak_debt_wan", "whole"),
    )
    columns = [
        SheetColumn(voice("choices_plan"), [aim(facts, row) for row in frame.to_dict("records")]),
        SheetColumn(voice("choices_folder"), frame["name"].tolist()),
        SheetColumn(voice("choices_value"), frame["value_wan"].tolist(), "whole"),
        SheetColumn(voice("choices_loss"), frame["loss_share"].tolist(), "share"),
        *(
            SheetColumn(voice("choices_cleared", park=park), frame[name].tolist(), "one")
            for name, park in parks.items()
        ),
        *(SheetColumn(voice(key), frame[name].tolist(), kind) for key, name, kind in wanted),
    ]
    write_table(book, sheet, columns)


def _regret(book: Book, sheet: Any) -> None:
    facts, voice = book.facts, book.facts.voice
    frame = facts.explained.alternatives.table("no_regret")
    language = voice.language
    columns = [
        SheetColumn(
            voice("robust_decision"),
            [_in_words(facts, row, str(row[language])) for row in frame.to_dict("records")],
        ),
        SheetColumn(voice("col_id"), [_shown(facts, row) for row in frame.to_dict("records")]),
        SheetColumn(voice("year"), frame["year"].tolist(), "year"),
        SheetColumn(voice("binding_verdict"), [voice(f"regret_{name}") for name in frame["verdict"]]),
        SheetColumn(voice("regret_same"), frame["alternatives_same"].tolist(), "whole"),
        SheetColumn(voice("regret_all"), frame["alternatives"].tolist(), "whole"),
    ]
    write_table(book, sheet, columns)


def _in_words(facts: Facts, row: dict[Any, Any], text: str) -> str:
    """Return a decision with names for ids; of firms that stand for each other the first three."""
    kind = KINDS.get(str(row["subject"]), "")
    names = facts.voice.listed([facts.names.of(kind, part) for part in str(row["id"]).split(";")], 3)
    return with_park_names(facts, text.replace(str(row["id"]), names, 1) if kind else text)


def _shown(facts: Facts, row: dict[Any, Any]) -> str:
    kind = KINDS.get(str(row["subject"]), "")
    return "; ".join(facts.names.shown_id(kind, part) for part in str(row["id"]).split(";"))


def _earlier(book: Book) -> None:
    facts, voice = book.facts, book.facts.voice
    sheet = book.sheet("earlier", voice("sheet_title_earlier"))
    answers = facts.explained.answers
    if not answers:
        key = "earlier_absent" if facts.options.explain_seconds <= 0 else "earlier_none"
        sheet.write_string(HEADER_ROW, 0, voice(key))
        return
    cells = pd.DataFrame([answer_cells(facts, answer) for answer in answers])
    names = ("site", "planned", "asked", "cost", "interval", "verdict")
    columns = [SheetColumn(voice(f"earlier_{name}"), cells[place].tolist()) for place, name in enumerate(names)]
    space = " " if voice.language == "en" else ""
    told = [space.join(joined_changes(facts, speak(text, voice.language)) for text in one.sentences) for one in answers]
    columns.append(SheetColumn(voice("binding_sentence"), told))
    _with_sentences(book, sheet, columns, {voice("binding_sentence"): 110})


def _with_sentences(book: Book, sheet: Any, columns: list[SheetColumn], widths: dict[str, int]) -> None:
    """Write a table whose sentences break lines: unbroken they would shrink the printed page to nothing."""
    write_table(book, sheet, columns)
    frame = pd.DataFrame({column.label: list(column.values) for column in columns})
    wrap_columns(book, sheet, frame, widths)
