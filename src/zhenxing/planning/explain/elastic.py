"""The limits a person can change, as columns that let the rows of a model give way, each with the size of its unit.

Limits of different units are compared by their relative size: an amount counts as its share of the limit (of the mean
of the limit's positive years where the year's own is 0); lifting a lock or adding a placement counts as much as
doubling a limit; a year of a window counts as its share of the horizon.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhenxing.milp import Compiled
from zhenxing.planning.explain.wishes import Wish
from zhenxing.planning.formulation import Formulation

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Rows that only strengthen the model; they follow from others under the limits as they are, not under looser ones.
STRENGTHENING = ("step_needed_", "growth_ring_")
# Rule, rows of the model and column of the table budget of what an office can do in a year.
CAPACITIES = (
    ("title", "title_mu", "title_capacity_mu"),
    ("clearing", "cleared_mu", "clear_capacity_mu"),
    ("effort", "effort_months", "effort_months"),
)
# Counting as much as doubling a limit; conditions of a firm count more, a target that cannot be met most.
LIFTED, CONDITION, LAST_RESORT = 1.0, 5.0, 1000.0
# Cash and land carry over: of equal repairs the one in the later year is named.
LATER = 1e-4


@dataclass(frozen=True, eq=False)
class Limit:
    """One limit that may give way.

    Attributes
    ----------
    rule, table, row_id, column : str
        What it is and where the user finds it.
    rows, values : arrays
        What one unit more of it adds to the rows of the model.
    price : float
        What one unit of it counts.
    whole : bool
        Given way to as a whole or not at all.
    """

    rule: str
    table: str
    row_id: str
    column: str
    rows: Ints
    values: Floats
    price: float
    whole: bool = False


def limits_of(formulation: Formulation, wish: Wish, model: Compiled, *, conditions: bool = False) -> list[Limit]:
    """Return every limit that may give way for a wish.

    Parameters
    ----------
    model : Compiled
        The formulation's model with the wish's rows.
    conditions : bool
        Conditions of other sites, works and firms may give way too (what waits for the wish's subject).
    """
    found = [*_capacities(formulation), *_money(formulation), *_stocks(formulation), *_locks(formulation)]
    problem = formulation.problem
    if conditions:
        found += [limit for name in problem.sites.ids for limit in _of_site(formulation, name)]
        found += [limit for name in problem.works.ids for limit in _of_work(formulation, name)]
        for k, members in enumerate(problem.candidates.members):
            found += _conditions(formulation, k, members[0][0])
    elif wish.subject == "site":
        found += _of_site(formulation, wish.id)
    elif wish.subject == "work":
        found += _of_work(formulation, wish.id)
    elif wish.subject == "candidate":
        found += _conditions(formulation, problem.candidates.class_of(wish.id), wish.id)
    if wish.subject == "candidate":
        found.append(_count(formulation, problem.candidates.class_of(wish.id), wish.id, LIFTED))
    elif wish.subject == "target":
        found += [_count(formulation, k, members[0][0], 2.0) for k, members in enumerate(problem.candidates.members)]
    return [*found, *_last_resort(wish, model)]


def _scale(limit: Floats) -> Floats:
    """Return the amount that counts as one, for every year of a limit."""
    usable = limit[np.isfinite(limit) & (limit > 0)]
    mean = float(usable.mean()) if len(usable) else 1.0
    return np.where(np.isfinite(limit) & (limit > 0), limit, mean)


def _capacities(formulation: Formulation) -> Iterator[Limit]:
    budget, years = formulation.problem.budget, formulation.problem.horizon.calendar
    limits = (budget.title_mu, budget.clear_mu, budget.effort)
    for (rule, name, column), limit in zip(CAPACITIES, limits, strict=True):
        block, scale = formulation.model.rows[name], _scale(limit)
        for t, year in enumerate(years):
            if np.isfinite(limit[t]):
                yield Limit(
                    rule, "budget", str(year), column, np.array([block.start + t]), np.array([-1.0]), 1 / scale[t]
                )


def _money(formulation: Formulation) -> Iterator[Limit]:
    problem = formulation.problem
    budget, years, block = problem.budget, problem.horizon.calendar, formulation.model.rows["money"]
    own = float(_scale(budget.own_funds).mean())
    for t, year in enumerate(years):
        earlier = 1.0 + LATER * (len(years) - t)
        at = np.array([block.start + t])
        yield Limit("money", "budget", str(year), "own_funds_wan", at, np.array([-1.0]), earlier / own)
        owed = np.array([block.start + t, block.start + t + 1]) if t + 1 < len(years) else at
        back = np.array([-1.0, 1.0 + problem.settings.interest_rate])[: len(owed)]
        size = max(float(budget.debt_limit[t]), own)
        yield Limit("debt", "budget", str(year), "debt_limit_wan", owed, back, 1.001 * earlier / size)


def _stocks(formulation: Formulation) -> Iterator[Limit]:
    problem, model = formulation.problem, formulation.model
    parks, modes, supplies = problem.parks, problem.modes, problem.supplies
    released = np.bincount(modes.park, modes.released_mu, len(parks.ids)) if len(modes.park) else 0.0
    land, scale = model.rows["land"], _scale(parks.vacant_mu + released)
    length = problem.horizon.length
    for p, park in enumerate(parks.ids):
        at = np.array([land.start + p * length])
        yield Limit("land", "parks", park, "vacant_mu", at, np.array([-1.0]), 1 / scale[p])
    block = model.rows["supply"]
    steps = np.bincount(supplies.step_supply, supplies.step_adds, len(supplies.park)) if len(supplies.park) else 0.0
    scale = _scale(supplies.amount + steps)
    for i, (park_at, resource) in enumerate(zip(supplies.park.tolist(), supplies.resource, strict=True)):
        name = f"{parks.ids[park_at]}/{resource}"
        at = np.array([block.start + i * length])
        yield Limit("supply", "park_supply", name, "amount", at, np.array([-1.0]), 1 / scale[i])


def _locks(formulation: Formulation) -> Iterator[Limit]:
    model = formulation.model
    for name, sign in (("lock_must", 1.0), ("lock_must_not", -1.0)):
        block = model.rows[name]
        for i, row in enumerate(block.labels["row"]):
            at = block.start + i
            most = 1.0 if sign > 0 else float(np.maximum(_of_row(model, at)[1], 0.0).sum()) + 1.0
            number = str(int(str(row)) + 1)
            yield Limit("lock", "locks", number, "rule", np.array([at]), np.array([sign * most]), LIFTED, whole=True)


def _of_row(model: Compiled, at: int) -> tuple[Ints, Floats]:
    """Return the columns of one row and the most each can add to it."""
    line = model.matrix[[at], :].tocoo()
    columns = np.asarray(line.coords[1], dtype=np.int64)
    return columns, np.asarray(line.data * model.upper[columns])


def _of_site(formulation: Formulation, site_id: str) -> Iterator[Limit]:
    yield from _after(formulation, "growth_ring_1", "site_id", site_id, ("growth", "sites", "is_seed"))


def _of_work(formulation: Formulation, work_id: str) -> Iterator[Limit]:
    yield from _after(formulation, "work_after", "work_id", work_id, ("order", "works", "requires_work_id"))


def _after(
    formulation: Formulation, name: str, label: str, identifier: str, told: tuple[str, str, str]
) -> Iterator[Limit]:
    """Return the limit that lets something start before what it waits for, in all years at once."""
    if name not in formulation.model.rows:
        return
    block = formulation.model.rows[name]
    ids = list(block.labels[label])
    if identifier in ids:
        length = block.shape[1]
        at = block.start + ids.index(identifier) * length + np.arange(length)
        rule, table, column = told
        yield Limit(rule, table, identifier, column, at, np.full(length, -1.0), CONDITION, whole=True)


def _count(formulation: Formulation, owner: int, candidate_id: str, price: float) -> Limit:
    at = np.array([formulation.model.rows["candidate_count"].start + owner])
    count = max(float(formulation.problem.candidates.count[owner]), 1.0)
    return Limit("count", "candidates", candidate_id, "count", at, np.array([-1.0]), price / count, whole=True)


def _conditions(formulation: Formulation, owner: int, candidate_id: str) -> Iterator[Limit]:
    """Return what a candidate's landings wait for: a leader, a platform, a facility."""
    candidates, model = formulation.problem.candidates, formulation.model
    room = max(float(candidates.room[owner]), 1.0) + 1.0
    placements = np.flatnonzero(candidates.placement_class == owner)
    for rule, name, column, groups in (
        ("leader", "leader_needed", "follows_leader", np.array([owner])),
        ("platform", "platform_needed", "min_contiguous_mu", placements),
        ("facility", "facility_needed", "facility_id", placements),
    ):
        if name in model.rows:
            block = model.rows[name]
            rows = block.start + np.flatnonzero(np.isin(np.asarray(block.labels["group"], dtype=np.int64), groups))
            if len(rows):
                values = np.full(len(rows), -room)
                yield Limit(rule, "candidates", candidate_id, column, rows, values, CONDITION, whole=True)


def _last_resort(wish: Wish, model: Compiled) -> Iterator[Limit]:
    if wish.subject == "target" and "wish" in model.rows:
        name = "/".join(filter(None, (wish.id, str(wish.year), wish.option)))
        price = LAST_RESORT / max(abs(wish.value), 1.0)
        yield Limit("target", "targets", name, "target", model.rows["wish"].all, np.array([1.0]), price)
