"""The diagnosis that a report shows: read from its folder, if it is about this very town."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

from zhenxing import schema
from zhenxing.errors import Text, ZhenxingError
from zhenxing.i18n import say, speak
from zhenxing.report.studies import Study
from zhenxing.report.voice import as_float

if TYPE_CHECKING:
    from zhenxing.i18n import Language
    from zhenxing.report.facts import Facts
    from zhenxing.town import Town

Topic = Literal["chain", "ladder", "watch", "output_per_mu", "peers", "launches", "classification"]
# The page of the documentation that has a topic's formulas.
PAGES: dict[str, str] = {
    "chain": "chain",
    "ladder": "ladder",
    "watch": "threshold_watch",
    "output_per_mu": "output_per_mu",
    "peers": "peers",
    "launches": "peers",
    "classification": "classification",
}
# Words that the schema has: group of words to table and column.
CHOICES: dict[str, tuple[str, str]] = {
    "verdict": ("chain", "verdict"),
    "care": ("care_list", "reason"),
    "list": ("output_per_mu", "list"),
    "status": ("ladder", "status"),
}


def read_study(folder: Path | None, town: Town) -> Study:
    """Return the diagnosis of a folder, or why it is not shown.

    Parameters
    ----------
    folder : Path or None
        What ``zhenxing diagnose`` wrote; None: nothing was given.
    town : Town
        The report's town: a diagnosis made from other figures is left out.
    """
    if folder is None:
        return Study()
    from zhenxing.diagnosis.diagnosing import inputs_fingerprint
    from zhenxing.diagnosis.files import read_diagnosis

    place = str(folder)
    try:
        stored = read_diagnosis(folder)
    except ZhenxingError as fault:
        return Study("unreadable", place=place, reason=fault.text)
    if stored.summary.get("inputs_sha256") != inputs_fingerprint(town, str(stored.summary["options"]["chain"])):
        return Study("other_inputs", place=place)
    return Study("shown", stored.tables, stored.summary, place)


def trouble(study: Study) -> Text:
    """Return why a diagnosis that was given is not shown."""
    return say(f"report_diagnosis.{study.state}", place=study.place, reason=study.reason or Text("", ""))


def tell(facts: Facts, key: str, /, **values: object) -> str:
    """Return a sentence of the diagnosis chapter in the report's language."""
    return speak(say(f"report_diagnosis.{key}", **values), facts.voice.language)


def word(facts: Facts, group: str, name: object) -> str:
    """Return what a verdict, a rung, a status or a reason is called; the name itself where it has no word."""
    if group in CHOICES:
        return choice(facts, *CHOICES[group], name)
    try:
        return tell(facts, f"rung_{name}" if group == "rung" else f"measure_{name}")
    except KeyError:
        return str(name)


def choice(facts: Facts, of_table: str, column: str, name: object) -> str:
    """Return a declared choice of a column in the report's language; in English the choice itself says it."""
    declared = schema.table(of_table).columns[column]
    spelled = dict(zip(declared.choices, declared.choices_zh, strict=True))
    return str(name).replace("_", " ") if facts.voice.language == "en" else spelled.get(str(name), str(name))


def in_language(frame: pd.DataFrame, language: Language, zh: str = "text_zh", en: str = "text_en") -> list[str]:
    """Return the sentences of a table in a language, the Chinese where there is no English."""
    column = en if language == "en" and en in frame else zh
    return frame[column].fillna("").astype(str).tolist()


def table(facts: Facts, name: str) -> pd.DataFrame:
    """Return a table of the diagnosis; an empty frame when that part was not made."""
    return facts.diagnosis.tables.get(name, pd.DataFrame())


def number(frame: pd.DataFrame, column: str) -> pd.Series[float]:
    """Return a column as numbers whatever the table's file said; a column that is absent is missing."""
    if column not in frame:
        return pd.Series(float("nan"), index=frame.index)
    return pd.to_numeric(frame[column], errors="coerce").astype("float64")


def truth(frame: pd.DataFrame, column: str) -> pd.Series[bool]:
    """Return a column as truths."""
    return frame[column].astype(str).str.lower().isin(["true", "1"])


def source(facts: Facts, topic: Topic, *tables: str, inputs: tuple[str, ...] = ()) -> str:
    """Return the note of origin of a figure or table: tables of the diagnosis, page of the formulas, input and age."""
    page = f"docs/{facts.voice.language}/concepts/{PAGES[topic]}.md"
    made = tell(facts, "source", place=Path(facts.diagnosis.place).name, tables=", ".join(tables), page=page)
    return made if not inputs else f"{made} {facts.source(*inputs)}"


def link_name(facts: Facts, link: object) -> str:
    """Return what a link is called; names of the shipped chain where the town has no links."""
    known = facts.names.known.get("links", {})
    if not known:
        from zhenxing.diagnosis.chains import load_chain

        links, _ = load_chain(str(facts.diagnosis.summary["options"]["chain"]))
        column = "name_en" if facts.voice.language == "en" else "name_zh"
        known = dict(zip(links["link_id"], links[column], strict=True))
    return known.get(str(link), str(link)).split("(")[0].split("（")[0]


def firm_names(facts: Facts) -> dict[str, str]:
    """Return the names of the town's firms by id."""
    firms = facts.town["firms"]
    return dict(zip(firms["firm_id"].astype(str), firms["name"].astype(str), strict=True)) if len(firms) else {}


def span(facts: Facts, low: object, high: object, decimals: int = 0) -> str:
    """Return an interval as a cell; a dash where it is not known."""
    ends = [as_float(low), as_float(high)]
    if any(end != end for end in ends):
        return "—"
    return "–".join(facts.voice.number(end, decimals) for end in ends)
