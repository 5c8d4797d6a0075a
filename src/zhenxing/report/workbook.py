"""A plan as an Excel workbook: its tables, a Gantt chart, balances with formulas, targets, chain, comparison."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import xlsxwriter

from zhenxing import schema
from zhenxing.report.balance_sheets import gantt_sheet, money_sheet
from zhenxing.report.chain import chain_coverage
from zhenxing.report.diagnosis_sheets import diagnosis_sheets
from zhenxing.report.facts import PLAN_TABLES, Facts
from zhenxing.report.sections.attraction import landing_rows
from zhenxing.report.sections.closing import version_rows
from zhenxing.report.sections.comparing import comparison_rows
from zhenxing.report.sections.conclusion import alerts
from zhenxing.report.sections.land import site_rows
from zhenxing.report.sections.overview import town_name, value_parts
from zhenxing.report.sheets import HEADER_ROW, Book, SheetColumn, formula, write_table
from zhenxing.report.study_sheets import study_sheets

ID_KINDS = {
    "site_id": "sites",
    "park_id": "parks",
    "from_park_id": "parks",
    "to_park_id": "parks",
    "candidate_id": "candidates",
    "work_id": "works",
}
WORD_GROUPS = {"mode": "mode", "resource": "resource", "facility_id": "facility"}
NUMBER_KINDS = {"mu": "one", "wan": "whole", "m2": "whole"}


def write_workbook(facts: Facts, path: Path) -> None:
    """Write the plan as ``path`` (.xlsx).

    Parameters
    ----------
    facts : Facts
        The plan, evaluated.
    path : Path
        File to write.
    """
    with xlsxwriter.Workbook(str(path), {"nan_inf_to_errors": False}) as file:
        file.set_properties(
            {
                "title": facts.voice("title", town=town_name(facts), first=facts.years[0], last=facts.years[-1]),
                "author": "zhenxing",
            }
        )
        book = Book(file, facts)
        _notes(book)
        _parts(book)
        for name in PLAN_TABLES:
            if not (facts.is_outward and name == "plan_exits"):
                _plan_table(book, name)
        gantt_sheet(book)
        money_sheet(book)
        _land(book)
        _capacities(book)
        _targets(book)
        _chain(book)
        _comparison(book)
        study_sheets(book)
        diagnosis_sheets(book)
        _sources(book)


def _notes(book: Book) -> None:
    facts, voice = book.facts, book.facts.voice
    title = voice("title", town=town_name(facts), first=facts.years[0], last=facts.years[-1])
    sheet = book.sheet(
        "notes",
        title,
        voice("subtitle", edition=voice(f"edition_{facts.options.edition}"), date=facts.options.date.isoformat()),
    )
    row = HEADER_ROW + 1
    for alert in alerts(facts):
        sheet.write_string(row, 0, book.text(getattr(alert, "text", "")), book.style(bold=True, font_color="#C00000"))
        row += 1
    if facts.is_outward:
        threshold = voice.percent(facts.options.signed_probability, 0)
        sheet.write_string(
            row,
            0,
            voice("outward_note", threshold=threshold, count=len(facts.names.aliases)),
            book.style(font_color="#B45F06"),
        )
        row += 1
    rows = version_rows(facts)
    columns = [
        SheetColumn(voice("item"), [label for label, _ in rows]),
        SheetColumn(voice("content"), [text for _, text in rows]),
    ]
    write_table(book, sheet, columns, row + 1, is_main=False)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 75)


def _parts(book: Book) -> None:
    facts, voice = book.facts, book.facts.voice
    parts = value_parts(facts)
    sheet = book.sheet("parts", voice("parts_caption"), facts.source("summary.json", rule="4"))
    columns = [
        SheetColumn(voice("item"), [label for label, _ in parts]),
        SheetColumn(voice("wan_present"), [amount for _, amount in parts], "two", total=True),
    ]
    write_table(book, sheet, columns)
    sheet.set_column(0, 1, 30)


def _plan_table(book: Book, name: str) -> None:
    facts = book.facts
    sheet = book.sheet(name, facts.table_name(name), facts.source(name))
    write_table(book, sheet, _table_columns(facts, name))


def _table_columns(facts: Facts, name: str) -> list[SheetColumn]:
    """Return a plan table's columns by schema label, each id followed by its name, and what an analyst adds to it."""
    frame, voice, names = facts.plan[name], facts.voice, facts.names
    columns = []
    for column, declared in schema.table(name).columns.items():
        values = frame[column].tolist() if column in frame else []
        label = facts.label(name, column)
        if column in ID_KINDS:
            kind = ID_KINDS[column]
            columns.append(SheetColumn(label, [names.shown_id(kind, value) for value in values]))
            columns.append(SheetColumn(voice("name_of", label=label), [names.of(kind, value) for value in values]))
        elif column in WORD_GROUPS:
            columns.append(SheetColumn(label, [names.word(WORD_GROUPS[column], value) for value in values]))
        elif declared.type == "year":
            columns.append(SheetColumn(label, values, "year"))
        else:
            kind = NUMBER_KINDS.get(declared.unit, "whole" if declared.type in ("integer", "number") else "text")
            columns.append(
                SheetColumn(
                    label,
                    values,
                    kind,
                    total=declared.type in ("integer", "number") and column not in ("step", "debt_wan", "cash_wan"),
                )
            )
    return columns + _added_columns(facts, name)


def _added_columns(facts: Facts, name: str) -> list[SheetColumn]:
    voice = facts.voice
    if name == "plan_sites" and len(facts.plan[name]):
        own = site_rows(facts).set_index("site_id").reindex(facts.plan[name]["site_id"])
        wanted = (
            ("park", "park", "text"),
            ("villages", "village", "text"),
            ("area_mu", "col_area_mu", "one"),
            ("released_mu", "col_released_mu", "one"),
            ("title_mu", "line_titles", "one"),
            ("public_cost_wan", "col_cost", "whole"),
        )
        return [
            SheetColumn(voice(key), own[column].tolist(), kind, total=kind != "text")
            for column, key, kind in wanted
            if column != "villages" or own[column].astype(bool).any()
        ]
    if name == "plan_landings" and len(facts.plan[name]):
        order = ["year", "park_id", "candidate_id"]
        own = (
            landing_rows(facts)
            .set_index(facts.plan[name].sort_values(order, kind="stable").index)
            .reindex(facts.plan[name].index)
        )
        added = (
            ("link", "link", "text"),
            ("land_mu", "col_land", "one"),
            ("annual_tax_wan", "col_tax", "whole"),
            ("annual_output_wan", "col_output", "whole"),
            ("probability", "col_probability", "share"),
        )
        return [
            SheetColumn(voice(key), own[column].tolist(), kind, total=kind in ("one", "whole"))
            for column, key, kind in added
        ]
    return []


def _land(book: Book) -> None:
    facts, voice = book.facts, book.facts.voice
    frame = facts.evaluation.land
    sheet = book.sheet(
        "land",
        voice("sheet_land_title"),
        facts.source("plan_sites", "plan_landings", "plan_resettlement", "parks.vacant_mu", rule="3.4"),
    )
    amounts = ("vacant_mu", "released_mu", "firms_mu", "resettlement_mu", "unused_mu")
    columns = [
        SheetColumn(voice("park"), [facts.names.of("parks", park) for park in frame["park_id"]]),
        SheetColumn(voice("year"), frame["year"].tolist(), "year"),
    ]
    columns += [SheetColumn(voice(f"land_{name}"), frame[name].tolist(), "one") for name in amounts]
    write_table(book, sheet, columns)
    # the unused land is a formula so that a changed number shows its effect
    for row, record in enumerate(frame.to_dict("records"), start=HEADER_ROW + 1):
        formula(
            sheet,
            row,
            6,
            f"=ROUND(C{row + 1}+D{row + 1}-E{row + 1}-F{row + 1},6)",
            round(float(record["unused_mu"]), 6) + 0.0,
            book.cell("one"),
        )


def _capacities(book: Book) -> None:
    facts, voice, frame = book.facts, book.facts.voice, book.facts.evaluation.capacities
    sheet = book.sheet(
        "capacities", voice("capacity_caption"), facts.source("plan_sites", "plan_landings", "budget", rule="3.7")
    )
    keys = {
        "title_mu": "capacity_title_use",
        "title_capacity_mu": "capacity_title_limit",
        "cleared_mu": "capacity_clear_use",
        "clear_capacity_mu": "capacity_clear_limit",
        "effort_months": "capacity_effort_use",
        "effort_capacity_months": "capacity_effort_limit",
    }
    columns = [SheetColumn(voice("year"), frame["year"].tolist(), "year")]
    columns += [
        SheetColumn(voice(key), frame[name].tolist(), "one", total="capacity" not in name) for name, key in keys.items()
    ]
    write_table(book, sheet, columns)


def _targets(book: Book) -> None:
    facts, voice = book.facts, book.facts.voice
    frame = facts.evaluation.targets
    sheet = book.sheet(
        "targets", voice("targets_caption"), facts.source("targets", "plan_sites", "plan_landings", rule="3.9")
    )
    where = [
        voice("whole_town") if pd.isna(park) or park == "" else facts.names.of("parks", park)
        for park in frame["park_id"]
    ]
    columns = [
        SheetColumn(voice("indicator"), [facts.names.word("indicator", name) for name in frame["indicator"]]),
        SheetColumn(voice("where"), where),
        SheetColumn(voice("year"), frame["year"].tolist(), "year"),
    ]
    keys = {
        "target": "target",
        "baseline": "baseline",
        "value": "plan_value",
        "shortfall": "shortfall",
        "penalty_wan": "penalty",
    }
    columns += [
        SheetColumn(voice(key), frame[name].tolist(), "one", total=name == "penalty_wan") for name, key in keys.items()
    ]
    write_table(book, sheet, columns)


def _chain(book: Book) -> None:
    facts, voice = book.facts, book.facts.voice
    frame = chain_coverage(facts.town, facts.evaluation)
    sheet = book.sheet(
        "chain", voice("chain_caption"), facts.source("plan_landings", "chain_rewards", "candidates", rule="3.10, 3.12")
    )
    keys = (
        ("wanted_wan", "chain_wanted", "whole"),
        ("before_wan", "chain_before", "whole"),
        ("before_share", "chain_share", "share"),
        ("after_wan", "chain_after", "whole"),
        ("after_share", "chain_share", "share"),
        ("reward_wan", "chain_reward", "one"),
    )
    columns = [SheetColumn(voice("link"), [facts.names.of("links", link) for link in frame["link_id"]])]
    columns += [SheetColumn(voice(key), frame[name].tolist(), kind, total=kind != "share") for name, key, kind in keys]
    write_table(book, sheet, columns)


def _comparison(book: Book) -> None:
    facts, voice = book.facts, book.facts.voice
    sheet = book.sheet("comparison", voice("compare_caption"), facts.source("plan_sites", "plan_landings", rule="4"))
    if facts.options.seconds <= 0:
        sheet.write_string(HEADER_ROW, 0, voice("comparing_left_out"))
        return
    frame = comparison_rows(facts)
    columns = [SheetColumn(voice("compare_method"), frame["method"].tolist())]
    columns += [
        SheetColumn(voice(f"compare_{name}"), frame[name].tolist(), "share" if name == "below_plan" else "whole")
        for name in frame.columns[1:]
    ]
    row = write_table(book, sheet, columns) + 1
    others = {voice("method_plan"): facts.evaluation.parts}
    others |= {
        voice(f"method_{other.name}"): other.evaluation.parts
        for other in facts.baselines
        if other.evaluation is not None
    }
    columns = [SheetColumn(voice("item"), [label for label, _ in value_parts(facts)])]
    columns += [
        SheetColumn(method, [amount for _, amount in value_parts(facts, parts)], "whole", total=True)
        for method, parts in others.items()
    ]
    sheet.write_string(row, 0, voice("compare_parts_caption"), book.style(bold=True))
    row = write_table(book, sheet, columns, row + 1, is_main=False) + 1
    if facts.sensitivity is None or facts.sensitivity.empty:
        sheet.write_string(row, 0, voice("sensitivity_none"))
        return
    sheet.write_string(row, 0, voice("sensitivity_caption"), book.style(bold=True))
    text = "changes_en" if voice.language == "en" else "changes_zh"
    counts = ("value_wan", "sites_same", "sites_changed", "landings_changed", "first_year_starts_changed")
    own = facts.sensitivity
    columns = [
        SheetColumn(voice("sensitivity_parameter"), [facts.names.word("setting", name) for name in own["parameter"]]),
        SheetColumn(voice("sensitivity_setting"), own["setting"].tolist(), "two"),
        *(SheetColumn(voice(f"sensitivity_{name}"), own[name].tolist(), "whole") for name in counts),
        SheetColumn(voice("sensitivity_changes"), [facts.names.spell(str(words)) for words in own[text]]),
    ]
    write_table(book, sheet, columns, row + 1, is_main=False)


def _sources(book: Book) -> None:
    facts, voice, frame = book.facts, book.facts.voice, book.facts.ages
    sheet = book.sheet(
        "sources",
        voice("inputs_caption", date=facts.options.date.isoformat()),
        voice("source", parts="provenance(source_file, sheet, as_of)"),
    )
    columns = [
        SheetColumn(voice("input_table"), [facts.table_name(name) for name in frame["table"]]),
        SheetColumn(voice("col_id"), frame["table"].tolist()),
        SheetColumn(voice("col_rows"), frame["rows"].tolist(), "whole"),
        SheetColumn(voice("files"), [text or voice("origin_typed") for text in frame["files"]]),
        SheetColumn(voice("as_of_oldest"), [text or voice("unknown") for text in frame["oldest"]]),
        SheetColumn(voice("as_of_newest"), [text or voice("unknown") for text in frame["newest"]]),
        SheetColumn(voice("age_days"), frame["days"].tolist(), "whole"),
        SheetColumn(voice("age_state"), [voice(f"age_{state}") for state in frame["state"]]),
    ]
    write_table(book, sheet, columns)
