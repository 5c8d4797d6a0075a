"""Rule 11: what people decided beforehand.

``must`` = at least one start or landing by T, ``start_by`` = by a year, ``must_not`` = never, ``not_before`` = not
earlier than a year. ``must`` and ``start_by`` are met by what the year-0 state holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from zhenxing.milp import Model
from zhenxing.planning.locks import Lock
from zhenxing.planning.problem import Problem
from zhenxing.planning.variables import Decisions

Ints = npt.NDArray[np.int64]


def add(model: Model, problem: Problem, decisions: Decisions) -> None:
    """Add the rows of rule 11: what must happen, and what must not."""
    needed, wanted, banned, forbidden = [], [], [], []
    for lock in problem.locks.rows:
        columns, year = columns_of(problem, decisions, lock)
        if lock.rule in {"must", "start_by"}:
            by = problem.horizon.length if lock.rule == "must" else lock.year
            if by > problem.horizon.length or met_before(problem, lock, by):
                continue
            needed.append(lock)
            wanted.append(columns[year <= by])
        else:
            banned.append(lock)
            forbidden.append(columns if lock.rule == "must_not" else columns[year < lock.year])
    _rows(model, "lock_must", needed, wanted, lower=1.0, upper=np.inf)
    _rows(model, "lock_must_not", banned, forbidden, lower=-np.inf, upper=0.0)


def _rows(model: Model, name: str, locks: list[Lock], columns: list[Ints], *, lower: float, upper: float) -> None:
    labels: dict[str, Sequence[object]] = {
        "row": [lock.row for lock in locks],
        "subject": [lock.subject for lock in locks],
        "id": [lock.id for lock in locks],
    }
    rows = model.rows(name, labels, lower=lower, upper=upper)
    for at, chosen in enumerate(columns):
        model.put(rows.at(np.full(len(chosen), at)), chosen, 1.0)


def columns_of(problem: Problem, decisions: Decisions, lock: Lock) -> tuple[Ints, Ints]:
    """Return the columns that start the subject of a lock, and their years."""
    finders: dict[str, Callable[[Problem, Decisions, Lock], tuple[Ints, Ints]]] = {
        "site": _site,
        "candidate": _candidate,
        "work": _work,
    }
    return finders[lock.subject](problem, decisions, lock)


def _site(problem: Problem, decisions: Decisions, lock: Lock) -> tuple[Ints, Ints]:
    site = problem.sites.ids.index(lock.id)
    at = np.flatnonzero(problem.modes.site[decisions.start_pair] == site)
    if lock.option:
        at = at[np.asarray(problem.modes.mode, dtype=object)[decisions.start_pair[at]] == lock.option]
    return decisions.start.at(at), decisions.start_year[at]


def _candidate(problem: Problem, decisions: Decisions, lock: Lock) -> tuple[Ints, Ints]:
    at = np.flatnonzero(decisions.land_class == problem.candidates.class_of(lock.id))
    if lock.option:
        at = at[decisions.land_park[at] == problem.parks.ids.index(lock.option)]
    return decisions.land.at(at), decisions.land_year[at]


def _work(problem: Problem, decisions: Decisions, lock: Lock) -> tuple[Ints, Ints]:
    year = np.arange(1, problem.horizon.length + 1)
    return decisions.work.at(problem.works.ids.index(lock.id), year - 1), year


def met_before(problem: Problem, lock: Lock, by: int) -> bool:
    """Whether the year-0 state meets a must or start_by (the year of a done start counts for start_by)."""
    done = problem.done
    if lock.subject == "work":
        return done.works.get(lock.id, by + 1) <= by
    held = done.sites if lock.subject == "site" else done.landing_years
    return any(name == lock.id and lock.option in ("", option) and year <= by for (name, option), year in held.items())
