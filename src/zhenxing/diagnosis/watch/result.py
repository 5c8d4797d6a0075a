"""What the watch hands back."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from zhenxing.errors import Issue


@dataclass(frozen=True)
class WatchDiagnosis:
    """Tables of the watch; their columns are declared in ``schema/columns/diagnosis.csv``.

    Attributes
    ----------
    threshold_watch : DataFrame
        One row per firm with a line: probabilities, distance, state.
    batches : DataFrame
        Table ``watch_batches``: per firm below the line and inclusion batch, by which month what revenue is needed.
    pushes : DataFrame
        Table ``watch_pushes``: the firms to push in each year with visits and uplift.
    candidates, placements, candidate_uses : DataFrame
        Rows for the plan's tables of these names.
    care_list : DataFrame
        Firms to look after (稳企安商), one row per firm and reason.
    firm_pages : DataFrame
        One page per firm (一企一策) in long form.
    calibration : DataFrame
        Table ``watch_calibration``: back-test scores of every model and the calibration curve of the chosen one.
    outlook : DataFrame
        Table ``watch_outlook``: expected crossings and falls of next year, the baseline of the plan's targets.
    issues : tuple of Issue
        What was met in the data and what was assumed.
    """

    threshold_watch: pd.DataFrame
    batches: pd.DataFrame
    pushes: pd.DataFrame
    candidates: pd.DataFrame
    placements: pd.DataFrame
    candidate_uses: pd.DataFrame
    care_list: pd.DataFrame
    firm_pages: pd.DataFrame
    calibration: pd.DataFrame
    outlook: pd.DataFrame
    issues: tuple[Issue, ...]
