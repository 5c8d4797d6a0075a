"""Wishes about a plan, as rows of its model: a site earlier, in another mode or never, a firm elsewhere, a target met.

A wish about a site, a candidate or a work means what a lock of the same rule means (plan model, rule 11); a target is
an indicator of rule 9 that must reach a value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing import schema
from zhenxing.errors import InputError, Text
from zhenxing.i18n import name_rows, say
from zhenxing.planning.constraints.locks import columns_of, met_before
from zhenxing.planning.constraints.targets import indicator_terms
from zhenxing.planning.explain.words import Names
from zhenxing.planning.explain.worth import Change, Row
from zhenxing.planning.formulation import Formulation
from zhenxing.planning.locks import Lock
from zhenxing.town import Town

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Subject = Literal["site", "candidate", "work", "target"]
Rule = Literal["must", "start_by", "must_not", "not_before", "reach"]

# How a wish's shortfall is told from rounding.
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Wish:
    """A wish about a plan.

    Attributes
    ----------
    subject, id : str
        What it is about: the id of a site, candidate or work, or the indicator of a target.
    option : str
        Mode of a site, park of a candidate or of a target; empty = any.
    rule : {"must", "start_by", "must_not", "not_before", "reach"}
        As in the table of locks; ``reach`` for a target.
    year : int
        Calendar year of ``start_by``, ``not_before`` and ``reach``; 0 for the others.
    value : float
        What the indicator is to reach.
    """

    subject: Subject
    id: str
    option: str
    rule: Rule
    year: int = 0
    value: float = 0.0

    def label(self, names: Names) -> Text:
        """Return the wish as a sentence."""
        if self.subject == "target":
            where = names.of("park", self.option) if self.option else say("why.whole_town")
            return say(
                "why.wish_target", name=names.indicator(self.id), year=self.year, value=f"{self.value:,g}", where=where
            )
        given = {"name": names.of(self.subject, self.id), "year": self.year}
        if self.subject == "site":
            option = say("why.in_mode", mode=names.mode(self.option)) if self.option else Text("", "")
        else:
            option = say("why.in_park", park=names.of("park", self.option)) if self.option else Text("", "")
        verb = "land" if self.subject == "candidate" else "start"
        return say(f"why.wish_{verb}_{self.rule}", option=option, **given)


@dataclass(frozen=True, eq=False)
class Posed:
    """A wish on a formulation.

    Attributes
    ----------
    change : Change
        The wish as rows.
    before : bool
        The year-0 state meets it.
    open : bool
        The formulation has a decision that could meet it.
    """

    change: Change
    before: bool
    open: bool

    def met_by(self, solution: Floats) -> bool:
        """Whether a solution meets the wish."""
        return self.before or all(_holds(row, solution) for row in self.change.added)


def _holds(row: Row, solution: Floats) -> bool:
    amount = float(row.values @ solution[row.columns])
    slack = TOLERANCE * max(1.0, abs(amount))
    return row.lower - slack <= amount <= row.upper + slack


def pose(formulation: Formulation, wish: Wish, names: Names) -> Posed:
    """Return a wish as rows of a formulation."""
    label = wish.label(names)
    if wish.subject == "target":
        return _target(formulation, wish, label)
    problem, decisions = formulation.problem, formulation.decisions
    base = problem.horizon.base_year
    lock = Lock(-1, wish.subject, wish.id, wish.option, wish.rule, wish.year - base if wish.year else 0)
    columns, year = columns_of(problem, decisions, lock)
    everything, _ = columns_of(problem, decisions, Lock(-1, wish.subject, wish.id, "", wish.rule, 0))
    if wish.rule in ("must", "start_by"):
        by = problem.horizon.length if wish.rule == "must" else lock.year
        wanted = columns[year <= by]
        row = Row(wanted, np.ones(len(wanted)), 1.0, np.inf)
        before = met_before(problem, lock, by)
        # what the plan does with it now has to move as well
        change = Change(label, "restriction", added=() if before else (row,), focus=everything)
        return Posed(change, before, bool(before or np.any(formulation.model.upper[wanted] > 0.5)))
    forbidden = columns if wish.rule == "must_not" else columns[year < lock.year]
    spare = 0.0 if wish.subject != "candidate" else _spare(formulation, wish.id)
    row = Row(forbidden, np.ones(len(forbidden)), -np.inf, spare)
    return Posed(Change(label, "restriction", added=(row,), focus=everything), False, True)


def _spare(formulation: Formulation, candidate_id: str) -> float:
    """Return how many of a candidate's class may land without it (identical candidates stand for each other)."""
    candidates = formulation.problem.candidates
    owner = candidates.class_of(candidate_id)
    own = next(count for name, count in candidates.members[owner] if name == candidate_id)
    return float(candidates.room[owner] - own)


def _target(formulation: Formulation, wish: Wish, label: Text) -> Posed:
    problem = formulation.problem
    park = problem.parks.ids.index(wish.option) if wish.option else -1
    t = wish.year - problem.horizon.base_year
    constant, terms = indicator_terms(problem, formulation.decisions, wish.id, t, park)
    columns = np.concatenate([at for at, _ in terms]).astype(np.int64)
    values = np.concatenate([amount for _, amount in terms])
    told = values != 0.0
    row = Row(columns[told], values[told], wish.value - constant, np.inf)
    return Posed(Change(label, "restriction", added=(row,), focus=columns[told]), False, True)


# ---- from what a person asks


def read_wish(
    town: Town,
    *,
    site: str | None = None,
    start_by: int | None = None,
    not_before: int | None = None,
    mode: str | None = None,
    never: bool = False,
    candidate: str | None = None,
    park: str | None = None,
    year: int | None = None,
    work: str | None = None,
    target: str | tuple[str, int, float] | None = None,
) -> Wish:
    """Return the wish that a question's options state.

    Raises
    ------
    InputError
        Not exactly one subject, options that do not belong to it, an unknown id, a year outside the horizon.
    """
    subjects = [name for name, given in (("site", site), ("candidate", candidate), ("work", work)) if given is not None]
    subjects += ["target"] if target is not None else []
    if len(subjects) != 1:
        raise InputError(say("why.one_subject"))
    subject = subjects[0]
    allowed = {
        "site": {"start_by", "not_before", "mode", "never"},
        "work": {"start_by", "not_before", "never"},
        "candidate": {"park", "year", "not_before", "never"},
        "target": {"park"},
    }[subject]
    options = {
        "start_by": start_by,
        "not_before": not_before,
        "mode": mode,
        "never": never or None,
        "park": park,
        "year": year,
    }
    stray = [name for name, given in options.items() if given is not None and name not in allowed]
    if stray:
        shown = ["--" + name.replace("_", "-") for name in stray]
        raise InputError(say("why.stray_option", options=name_rows(shown), subject=f"--{subject}"))
    if park is not None:
        _known(town, "parks", "park_id", park)
    if target is not None:
        return _read_target(town, target, park)
    if sum(given is not None for given in (start_by or year, not_before, never or None)) > 1:
        raise InputError(say("why.one_rule"))
    by = year if subject == "candidate" else start_by
    rule, when = _rule(town, by, not_before, never)
    if subject == "site":
        assert site is not None
        _known(town, "sites", "site_id", site)
        _known_mode(town, site, mode)
        return Wish("site", site, mode or "", rule, when)
    if subject == "candidate":
        assert candidate is not None
        _known(town, "candidates", "candidate_id", candidate)
        return Wish("candidate", candidate, park or "", rule, when)
    assert work is not None
    _known(town, "works", "work_id", work)
    return Wish("work", work, "", rule, when)


def _rule(town: Town, by: int | None, not_before: int | None, never: bool) -> tuple[Rule, int]:
    if never:
        return "must_not", 0
    for asked in (by, not_before):
        if asked is not None and asked not in town.years:
            raise InputError(say("why.year_outside", year=asked, first=town.years[0], last=town.years[-1]))
    if by is not None:
        return "start_by", by
    return ("not_before", not_before) if not_before is not None else ("must", 0)


def _known(town: Town, table: str, key: str, wanted: str) -> None:
    ids = town.filled(table)[key].astype(str).tolist()
    if wanted not in ids:
        from difflib import get_close_matches

        near = get_close_matches(wanted, ids, n=3, cutoff=0.0) or ids[:3]
        raise InputError(say("why.unknown_id", table=table, id=wanted, near=name_rows(near) if near else "-"))


def _known_mode(town: Town, site: str, mode: str | None) -> None:
    modes = town.filled("site_modes")
    own = modes.loc[modes["site_id"] == site, "mode"].astype(str).tolist()
    if not own:
        raise InputError(say("why.no_modes", site=site))
    if mode is not None and mode not in own:
        raise InputError(say("why.unknown_mode", site=site, mode=mode, modes=name_rows(own)))


def _read_target(town: Town, target: str | tuple[str, int, float], park: str | None) -> Wish:
    parts = [part.strip() for part in target.split(",")] if isinstance(target, str) else list(map(str, target))
    choices = list(schema.table("targets").columns["indicator"].choices)
    try:
        name, year, value = parts[0], int(parts[1]), float(parts[2])
        complete = len(parts) == 3 and bool(np.isfinite(value))
    except (IndexError, ValueError):
        complete = False
    if not complete:
        raise InputError(say("why.bad_target", given=",".join(parts)))
    if name not in choices:
        raise InputError(say("why.unknown_indicator", given=name, known=name_rows(choices, most=len(choices))))
    if year not in town.years:
        raise InputError(say("why.year_outside", year=year, first=town.years[0], last=town.years[-1]))
    return Wish("target", name, park or "", "reach", year, value)


def as_lock(wish: Wish) -> pd.DataFrame:
    """Return a wish about a site, a candidate or a work as a row of the table of locks: how to make it binding."""
    row = {
        "subject": wish.subject,
        "id": wish.id,
        "option": wish.option,
        "rule": wish.rule,
        "year": wish.year or None,
    }
    return schema.conform("locks", pd.DataFrame([row]).dropna(axis=1))[0]
