"""Back-scheduled months of a site: from its delivery back to the vote, with durations that the office edits."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pandas as pd

from zhenxing.errors import SourceError
from zhenxing.i18n import say

COLUMNS = ("step", "months", "needs")
NEEDS = ("always", "survey", "title", "clearing")


@dataclass(frozen=True)
class Step:
    """One step of a site's renewal, in order of time.

    Parameters
    ----------
    name : str
        vote, survey, title, moving, clearing, supply.
    months : int
        Duration.
    needs : {"always", "survey", "title", "clearing"}
        When a site needs the step.
    zh, en : str
        Labels.
    tag : str
        ``M``: a default from memory, to be replaced by the office's own.
    note_zh, note_en : str
        What the step is and where its duration comes from.
    """

    name: str
    months: int
    needs: str
    zh: str
    en: str
    tag: str = ""
    note_zh: str = ""
    note_en: str = ""


def read_steps(path: Path | None = None) -> tuple[Step, ...]:
    """Return the steps with their durations, the package's own or those of a file of the same columns.

    Raises
    ------
    SourceError
        When the file cannot be read, lacks a column or holds a duration that is no whole number of months.

    Examples
    --------
    >>> [step.months for step in read_steps()]
    [2, 2, 12, 4, 2, 2]
    """
    source = files("zhenxing.report") / "backschedule.csv" if path is None else path
    try:
        frame = pd.read_csv(str(source), dtype=str, keep_default_na=False, encoding="utf-8-sig")
        rows = frame.reindex(columns=["zh", "en", "tag", "note_zh", "note_en", *COLUMNS], fill_value="").to_dict(
            "records"
        )
        steps = tuple(
            Step(
                str(row["step"]),
                int(row["months"]),
                str(row["needs"]),
                str(row["zh"] or row["step"]),
                str(row["en"] or row["step"]),
                str(row["tag"]),
                str(row["note_zh"]),
                str(row["note_en"]),
            )
            for row in rows
        )
    except (OSError, ValueError) as fault:
        raise SourceError(say("report.unreadable_schedule", path=source)) from fault
    if not steps or any(step.months < 0 or step.needs not in NEEDS for step in steps):
        raise SourceError(say("report.unreadable_schedule", path=source))
    return steps


def back_schedule(steps: tuple[Step, ...], delivery_year: int, needed: set[str]) -> tuple[dict[str, str], str]:
    """Return the month by which each step must be finished, and the month in which the first must begin.

    Parameters
    ----------
    steps : tuple of Step
        In order of time.
    delivery_year : int
        The land is handed over by December of that year.
    needed : set of str
        Which of ``survey``, ``title``, ``clearing`` the site needs; ``always`` is always needed.

    Returns
    -------
    dict of str, str
        Step name to ``YYYY-MM`` for the steps needed; and the first month.

    Examples
    --------
    >>> steps = (Step("vote", 2, "always", "", ""), Step("supply", 3, "always", "", ""))
    >>> back_schedule(steps, 2028, set())
    ({'supply': '2028-12', 'vote': '2028-09'}, '2028-08')
    """
    month = delivery_year * 12 + 11
    nodes = {}
    for step in reversed(steps):
        if step.needs == "always" or step.needs in needed:
            nodes[step.name] = month_name(month)
            month -= step.months
    return nodes, month_name(month + 1)


def month_name(month: int) -> str:
    """Return ``YYYY-MM`` of a month counted from year 0."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"
