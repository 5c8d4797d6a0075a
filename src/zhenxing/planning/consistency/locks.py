"""Locks: what ``done`` rows must say (errors), and locks that contradict each other or the windows (warnings)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zhenxing.errors import Issue
from zhenxing.planning.consistency.inputs import Inputs, each_row, issue, row_ids

TABLES: Final = {"site": "site_modes", "candidate": "placements", "work": "works"}


def lock_without_year(inputs: Inputs) -> list[Issue]:
    """start_by, not_before and done mean nothing without a year."""
    locks = inputs.table("locks")
    lacking = locks[locks["rule"].isin(["start_by", "not_before", "done"]) & locks["year"].isna()]
    return issue("error", "lock_without_year", "locks", "year", row_ids(lacking, ["id", "rule"]))


def done_later(inputs: Inputs) -> list[Issue]:
    """What is done was done by the base year."""
    locks = inputs.table("locks")
    later = locks[(locks["rule"] == "done") & (locks["year"] > inputs.settings.base_year)]
    rows = row_ids(later, ["id", "year"])
    return issue("error", "done_later", "locks", "year", rows, base_year=inputs.settings.base_year)


def done_without_option(inputs: Inputs) -> list[Issue]:
    """A site that is done says in which mode, a candidate in which park."""
    done = pd.concat([inputs.done("site"), inputs.done("candidate")])
    return issue("error", "done_without_option", "locks", "option", done.loc[done["option"] == "", "id"])


def done_twice(inputs: Inputs) -> list[Issue]:
    """A site or a work is done once."""
    issues = []
    for subject in ("site", "work"):
        done = inputs.done(subject)
        issues += issue("error", "done_twice", "locks", "id", done.loc[done.duplicated("id"), "id"])
    return issues


def done_too_many(inputs: Inputs) -> list[Issue]:
    """No more firms of a candidate are here than the candidate counts."""
    here = inputs.done("candidate").groupby("id")["count"].sum()
    counts = inputs.table("candidates").drop_duplicates("candidate_id").set_index("candidate_id")["count"]
    limit = counts.reindex(here.index)
    return issue("error", "done_too_many", "locks", "count", here[here > limit].index)


def done_without_placement(inputs: Inputs) -> list[Issue]:
    """A done landing needs its placements row like any other."""
    placements = inputs.table("placements")
    listed = set(zip(placements["candidate_id"], placements["park_id"], strict=True))
    known = inputs.ids("candidates", "candidate_id"), inputs.ids("parks", "park_id")
    done = inputs.done("candidate")
    done = done[done["id"].isin(known[0]) & done["option"].isin(known[1])]
    held = np.array([pair in listed for pair in zip(done["id"], done["option"], strict=True)], dtype=bool)
    return issue("error", "done_without_placement", "locks", "option", row_ids(done[~held], ["id", "option"]))


def contradicting_locks(inputs: Inputs) -> list[Issue]:
    """must (or start_by) and must_not, or start_by before not_before, about the same thing."""
    both, crossed = [], []
    for _, rows in inputs.table("locks").groupby(["subject", "id"]):
        wanted = rows[rows["rule"].isin(["must", "start_by"]) & ~(rows["year"] > inputs.last_year)]
        for lock in each_row(wanted):
            against = rows[(rows["option"] == "") | (rows["option"] == lock.option)]
            if _met_by_done(inputs, lock):
                continue
            if (against["rule"] == "must_not").any():
                both.append(lock.id)
            later = against[(against["rule"] == "not_before") & (against["year"] > lock.year)]
            if lock.rule == "start_by" and len(later):
                crossed.append(lock.id)
    return issue("warning", "must_and_must_not", "locks", "rule", both) + issue(
        "warning", "start_by_before_not_before", "locks", "year", crossed
    )


def impossible_locks(inputs: Inputs) -> list[Issue]:
    """must or start_by on something that no row allows by then."""
    impossible = []
    for lock in each_row(inputs.table("locks")):
        if lock.rule not in ("must", "start_by") or _met_by_done(inputs, lock):
            continue
        by = inputs.last_year if lock.rule == "must" else lock.year
        if by > inputs.last_year:
            continue
        opens = _openings(inputs, lock)
        if not (opens <= by).any():
            impossible.append(lock.id)
    return issue("warning", "impossible_lock", "locks", "id", impossible)


def two_modes_locked(inputs: Inputs) -> list[Issue]:
    """A site can be started in one mode only."""
    locks = inputs.table("locks")
    wanted = locks[(locks["subject"] == "site") & locks["rule"].isin(["must", "start_by", "done"])]
    wanted = wanted[(wanted["option"] != "") & ~((wanted["rule"] == "start_by") & (wanted["year"] > inputs.last_year))]
    modes = wanted.groupby("id")["option"].nunique()
    return issue("warning", "two_modes_locked", "locks", "option", modes[modes > 1].index)


def _met_by_done(inputs: Inputs, lock: Any) -> bool:
    done = inputs.done(lock.subject)
    done = done[done["id"] == lock.id]
    if lock.option and lock.subject != "work":
        done = done[done["option"] == lock.option]
    if lock.rule == "start_by":
        done = done[done["year"] <= lock.year]
    return len(done) > 0


def _openings(inputs: Inputs, lock: Any) -> NDArray[np.float64]:
    """Return the first allowed years of the rows that a lock is about, inside the horizon."""
    first, last = "earliest_year", "latest_year"
    if lock.subject == "candidate":
        first, last = "first_year", "last_year"
        rows = inputs.table("candidates")
        rows = rows[rows["candidate_id"] == lock.id]
        places = inputs.table("placements")
        places = places[places["candidate_id"] == lock.id]
        if lock.option:
            places = places[places["park_id"] == lock.option]
        rows = rows if len(places) else rows.iloc[:0]
        rows = rows[rows["count"] >= 1]
    else:
        rows = inputs.table("site_modes" if lock.subject == "site" else "works")
        rows = rows[rows[f"{lock.subject}_id"] == lock.id]
        if lock.option and lock.subject == "site":
            rows = rows[rows["mode"] == lock.option]
    opens = rows[first].clip(lower=inputs.first_year)
    return np.asarray(opens[opens <= rows[last].clip(upper=inputs.last_year)], dtype=float)


RULES: Final = (
    lock_without_year,
    done_later,
    done_without_option,
    done_twice,
    done_too_many,
    done_without_placement,
    contradicting_locks,
    impossible_locks,
    two_modes_locked,
)
