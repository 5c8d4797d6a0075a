"""Years that fall outside the plan: windows, targets, budget rows, deliveries that come too late."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from zhenxing.errors import Issue
from zhenxing.planning.consistency.inputs import Inputs, issue, row_ids

WINDOWS: Final = (
    ("site_modes", ["site_id", "mode"], "earliest_year", "latest_year"),
    ("candidates", ["candidate_id"], "first_year", "last_year"),
    ("works", ["work_id"], "earliest_year", "latest_year"),
)


def target_outside(inputs: Inputs) -> list[Issue]:
    """A target of a year outside the plan is ignored."""
    targets = inputs.table("targets")
    outside = targets[_outside(inputs, targets["year"])]
    return issue(
        "warning", "target_outside", "targets", "year", row_ids(outside, ["indicator", "year"]), **_span(inputs)
    )


def budget_outside(inputs: Inputs) -> list[Issue]:
    """A budget row of a year outside the plan is ignored."""
    years = inputs.table("budget")["year"]
    outside = years[_outside(inputs, years)].map("{:g}".format)
    return issue("warning", "budget_outside", "budget", "year", outside, **_span(inputs))


def budget_missing(inputs: Inputs) -> list[Issue]:
    """A plan year without a budget row has no own funds, no debt and no limit on capacities."""
    known = set(inputs.table("budget")["year"].dropna().astype(int))
    lacking = [year for year in range(inputs.first_year, inputs.last_year + 1) if year not in known]
    return issue("warning", "budget_missing", "budget", "year", lacking)


def window_outside(inputs: Inputs) -> list[Issue]:
    """A row whose window never meets the plan years, or ends before it begins, can never be chosen."""
    issues = []
    for table, key, first, last in WINDOWS:
        rows = inputs.table(table)
        closed = rows[_opens(inputs, rows, first) > rows[last].clip(upper=inputs.last_year)]
        issues += issue("warning", "window_outside", table, f"{first}, {last}", row_ids(closed, key), **_span(inputs))
    return issues


def delivered_too_late(inputs: Inputs) -> list[Issue]:
    """A site or work that starts as early as it may and still delivers after the last plan year brings cost only."""
    issues = []
    for table, key, first, last in WINDOWS:
        if table == "candidates":
            continue
        rows = inputs.table(table)
        opens = _opens(inputs, rows, first)
        late = (opens <= rows[last]) & (opens <= inputs.last_year) & (opens + rows["lead_years"] > inputs.last_year)
        if table == "site_modes":
            done = inputs.done("site")
            pairs = set(zip(done["id"], done["option"], strict=True))
            late &= np.array(
                [pair not in pairs for pair in zip(rows["site_id"], rows["mode"], strict=True)], dtype=bool
            )
        issues += issue("warning", "delivered_too_late", table, "lead_years", row_ids(rows[late], key), **_span(inputs))
    return issues


def _opens(inputs: Inputs, rows: pd.DataFrame, first: str) -> pd.Series[float]:
    return rows[first].clip(lower=inputs.first_year)


def _outside(inputs: Inputs, years: pd.Series[float]) -> pd.Series[bool]:
    return (years < inputs.first_year) | (years > inputs.last_year)


def _span(inputs: Inputs) -> dict[str, object]:
    return {"first": inputs.first_year, "last": inputs.last_year}


RULES: Final = (target_outside, budget_outside, budget_missing, window_outside, delivered_too_late)
