"""Sheets of the workbook for the diagnosis: every row of its main tables, under the labels of the schema."""

from __future__ import annotations

from typing import Final

import pandas as pd

from zhenxing import schema
from zhenxing.report.diagnosis import Topic, choice, firm_names, link_name, source, table, truth, word
from zhenxing.report.sheets import Book, SheetColumn, write_table

# Sheet, table, page of the formulas, whether it names firms (left out of the outward edition).
SHEETS: Final[tuple[tuple[str, Topic, bool], ...]] = (
    ("chain", "chain", False),
    ("chain_edges", "chain", False),
    ("chain_rewards", "chain", False),
    ("ladder", "ladder", True),
    ("register_flows", "ladder", False),
    ("threshold_watch", "watch", True),
    ("watch_pushes", "watch", True),
    ("care_list", "watch", True),
    ("output_per_mu", "output_per_mu", True),
    ("peer_gaps", "peers", False),
    ("launch_rates", "launches", False),
)
KINDS: Final = {"year": "year", "share": "share", "wan": "one", "mu": "two"}
# Rungs that nearly all firms miss would fill a sheet: only what is held or met is listed.
HELD: Final = ("held", "met")
# Columns whose words stand in the catalogue and not in the schema.
WORDS: Final = ("rung", "measure")


def diagnosis_sheets(book: Book) -> None:
    """Add the sheets of the diagnosis that the report was given."""
    facts = book.facts
    if not facts.diagnosis.is_shown:
        return
    for name, topic, is_of_firms in SHEETS:
        frame = table(facts, name)
        if frame.empty or (is_of_firms and facts.is_outward):
            continue
        if name == "ladder":
            frame = frame[frame["status"].isin(HELD)]
        sheet = book.sheet(f"diagnosis_{name}", facts.table_name(name), source(facts, topic, name))
        write_table(book, sheet, _columns(book, name, frame))


def _columns(book: Book, name: str, frame: pd.DataFrame) -> list[SheetColumn]:
    facts, columns = book.facts, []
    declared = schema.tables().get(name)
    firms = firm_names(facts) if "firm_id" in frame else {}
    for column in frame.columns:
        known = declared.columns.get(str(column)) if declared else None
        label = facts.label(name, str(column)) if known else str(column)
        values = frame[column].tolist()
        if column in ("link_id", "upstream_id", "downstream_id"):
            columns.append(SheetColumn(label, [link_name(facts, one) if pd.notna(one) else "" for one in values]))
        elif column == "firm_id":
            columns.append(SheetColumn(label, values))
            columns.append(
                SheetColumn(facts.voice("name_of", label=label), [firms.get(str(one), "") for one in values])
            )
        elif known is not None and known.type == "boolean":
            columns.append(SheetColumn(label, [facts.voice("yes") if one else "" for one in truth(frame, str(column))]))
        elif known is not None and known.type in ("number", "integer", "year"):
            whole = "whole" if known.type == "integer" else "two"
            kind = "year" if known.type == "year" else KINDS.get(known.unit or "", whole)
            columns.append(SheetColumn(label, pd.to_numeric(frame[column], errors="coerce").tolist(), kind))
        elif known is not None and known.choices:
            told = [choice(facts, name, str(column), one) if pd.notna(one) else "" for one in values]
            columns.append(SheetColumn(label, told))
        elif str(column) in WORDS:
            columns.append(SheetColumn(label, [word(facts, str(column), one) for one in values]))
        else:
            columns.append(SheetColumn(label, ["" if pd.isna(one) else str(one) for one in values]))
    return columns
