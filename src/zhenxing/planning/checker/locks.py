"""Rules 11 and 12: locks are obeyed, and what is done is not listed in the plan again."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhenxing.planning.checker.decisions import Decisions
from zhenxing.planning.checker.facts import Facts
from zhenxing.planning.checker.violations import Findings, FloatArray
from zhenxing.planning.consistency.inputs import each_row

TABLES = {"site": "plan_sites", "candidate": "plan_landings", "work": "plan_works"}


def locks(facts: Facts, decisions: Decisions, found: Findings) -> None:
    """Rule 11: must, must_not, start_by and not_before of sites, candidates and works."""
    for lock in each_row(facts.locks):
        if lock.rule == "done" or lock.subject not in TABLES:
            continue
        added = _added(facts, decisions, lock)
        done_by = _done(facts, lock)
        {"must": _must, "must_not": _must_not, "start_by": _start_by, "not_before": _not_before}[str(lock.rule)](
            facts, lock, added, done_by, found
        )


def _rows(facts: Facts, lock: Any) -> NDArray[np.bool_]:
    """Return the rows of options, placements or works that a lock is about."""
    if lock.subject == "work":
        return np.asarray(facts.works["work_id"] == lock.id, dtype=bool)
    frame, key, option = (
        (facts.options, "site_id", "mode") if lock.subject == "site" else (facts.placements, "candidate_id", "park_id")
    )
    rows = frame[key] == lock.id
    if lock.option:
        rows &= frame[option] == lock.option
    return np.asarray(rows, dtype=bool)


def _added(facts: Facts, decisions: Decisions, lock: Any) -> FloatArray:
    """Return how many the plan itself has started or landed by t."""
    amounts = {"site": decisions.starts, "candidate": decisions.landings, "work": decisions.works}[lock.subject]
    return np.asarray(amounts[_rows(facts, lock)].sum(axis=0).cumsum(), dtype=float)


def _done(facts: Facts, lock: Any, by_year: float = np.inf) -> float:
    """Return how many were there before the plan, by a calendar year."""
    done = facts.locks[(facts.locks["rule"] == "done") & (facts.locks["subject"] == lock.subject)]
    done = done[(done["id"] == lock.id) & (done["year"] <= by_year)]
    if lock.option and lock.subject != "work":
        done = done[done["option"] == lock.option]
    return float(done["count"].sum()) if lock.subject == "candidate" else float(len(done))


def _must(facts: Facts, lock: Any, added: FloatArray, done: float, found: Findings) -> None:
    if added[-1] + done < 1:
        found.add(11, TABLES[lock.subject], _label(lock), None, (1.0, added[-1] + done), "lock_must")


def _must_not(facts: Facts, lock: Any, added: FloatArray, done: float, found: Findings) -> None:
    if added[-1] > 0:
        found.add(11, TABLES[lock.subject], _label(lock), None, (added[-1], 0.0), "lock_must_not")


def _start_by(facts: Facts, lock: Any, added: FloatArray, done: float, found: Findings) -> None:
    t = facts.time(lock.year)
    if t > facts.horizon:
        return
    # before the first plan year only what is done by then can meet the lock
    have = _done(facts, lock, lock.year) if t < 1 else added[t] + done
    if have < 1:
        found.add(11, TABLES[lock.subject], _label(lock), int(lock.year), (1.0, have), "lock_start_by")


def _not_before(facts: Facts, lock: Any, added: FloatArray, done: float, found: Findings) -> None:
    last = min(facts.time(lock.year) - 1, facts.horizon)
    if last >= 1 and added[last] > 0:
        found.add(11, TABLES[lock.subject], _label(lock), int(lock.year), (added[last], 0.0), "lock_not_before")


def year_zero(facts: Facts, decisions: Decisions, found: Findings) -> None:
    """Rule 12: sites and works that are done are no longer a choice of the plan."""
    done_sites = set(facts.options["site_id"][np.isfinite(facts.done_starts)])
    for number in np.flatnonzero(decisions.starts.sum(axis=1) > 0):
        site = facts.options["site_id"].iloc[number]
        if site in done_sites:
            found.add(
                12, "plan_sites", f"{site} / {facts.options['mode'].iloc[number]}", None, (1.0, 0.0), "done_again"
            )
    for number in np.flatnonzero((decisions.works.sum(axis=1) > 0) & np.isfinite(facts.done_works)):
        found.add(12, "plan_works", str(facts.works["work_id"].iloc[number]), None, (1.0, 0.0), "done_again")


def _label(lock: Any) -> str:
    return f"{lock.id} / {lock.option}" if lock.option else str(lock.id)
