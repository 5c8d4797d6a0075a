"""The plan's model under one draw: what is decided before luck is known stays, what follows may answer to it.

Before luck is known (first stage): starts of sites and works, payments of facilities and utility steps, and the
courting of each firm, in the years up to ``first_years``. Afterwards (second stage): which of the courted firms that
come land where and when, resettlement and exits, money. The second stage is the project's own formulation of the plan
model with the draw's data in place of the town's: probability 1 for who comes and no room for who does not, leads,
prices and funds of the draw, no effort (it is spent in courting), promises about firms left to the courting.

Courting: ``q[u,t]`` says that unit u (one firm of a candidate) is courted in t, inside the candidate's window, at most
once, first-listed units of identical firms first, within the effort of the year. With ``f[u]`` = 1 where u comes::

    sum over p of Y[k,p,t] <= sum over units u of class k of f[u] * (q[u,1] + ... + q[u,t])

Arrears ``A[t] >= 0`` are what cannot be paid in time, at ``arrears_rate`` a year, so that every first stage can be
carried on under every draw.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from zhenxing.milp import Compiled
from zhenxing.planning.candidates import Candidates
from zhenxing.planning.formulation import Formulation, formulate
from zhenxing.planning.locks import Locks
from zhenxing.planning.problem import Problem
from zhenxing.planning.uncertainty.sampling import Draw

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Courting:
    """The courting columns: unit (class, candidate, rank within the class) and plan year of each; effort in months."""

    unit_class: Ints
    unit_candidate: list[str]
    unit_rank: Ints
    unit: Ints
    year: Ints
    effort: Floats
    effort_limit: Floats

    @property
    def size(self) -> int:
        """Number of columns."""
        return len(self.unit)


@dataclass(frozen=True)
class Piece:
    """One block of the two-stage model: the rule book's own plan, or the second stage under one draw.

    Attributes
    ----------
    model : Compiled
        Columns of the formulation, then arrears (under a draw), then courting.
    shared : array
        Columns decided before luck is known, in the same order in every piece.
    """

    formulation: Formulation
    model: Compiled
    shared: Ints
    courting: Courting
    court: Ints


def courting_of(problem: Problem) -> Courting:
    """Return the courting columns of a problem."""
    candidates = problem.candidates
    classes, names, ranks = [], [], []
    for k, members in enumerate(candidates.members):
        rank = 0
        for name, count in members:
            for _ in range(count):
                classes.append(k)
                names.append(name)
                ranks.append(rank)
                rank += 1
    unit_class = np.array(classes, dtype=np.int64)
    first, last = candidates.first[unit_class], candidates.last[unit_class]
    length = np.maximum(last - first + 1, 0)
    unit = np.repeat(np.arange(len(classes)), length)
    offset = np.arange(len(unit)) - np.repeat(np.cumsum(length) - length, length)
    return Courting(
        unit_class,
        names,
        np.array(ranks, dtype=np.int64),
        unit,
        first[unit] + offset,
        candidates.effort[unit_class[unit]],
        problem.budget.effort,
    )


def come(courting: Courting, draw: Draw) -> Floats:
    """Return 1 for each unit that comes under a draw; all come when the draw does not say."""
    if draw.comes is None:
        return np.ones(len(courting.unit_candidate))
    seen: dict[str, int] = {}
    flags = []
    for name in courting.unit_candidate:
        at = seen.get(name, 0)
        own = draw.comes.get(name, ())
        flags.append(float(own[at]) if at < len(own) else 0.0)
        seen[name] = at + 1
    return np.array(flags)


def problem_under(problem: Problem, draw: Draw, courting: Courting) -> Problem:
    """Return a problem with a draw's data in place of the town's."""
    modes, supplies, budget = problem.modes, problem.supplies, problem.budget
    slips = np.array([draw.slip.get(problem.sites.ids[s], 0) for s in modes.site], dtype=np.int64)
    open_titles = (modes.title_mu > 0) & np.isnan(modes.done_at)
    kept = tuple(
        lock for lock in problem.locks.rows if lock.subject != "candidate" or lock.rule not in ("must", "start_by")
    )
    return replace(
        problem,
        parks=replace(problem.parks, land_price=problem.parks.land_price * draw.land_price),
        modes=replace(modes, cost=modes.cost * draw.public_cost, lead=modes.lead + np.where(open_titles, slips, 0)),
        works=replace(problem.works, cost=problem.works.cost * draw.public_cost),
        facilities=replace(problem.facilities, cost=problem.facilities.cost * draw.public_cost),
        supplies=replace(supplies, step_cost=supplies.step_cost * draw.public_cost),
        budget=replace(budget, own_funds=budget.own_funds * draw.own_funds, effort=np.full(len(budget.effort), np.inf)),
        candidates=_who_comes(problem.candidates, come(courting, draw), courting),
        locks=Locks(kept),
    )


def _who_comes(candidates: Candidates, flags: Floats, courting: Courting) -> Candidates:
    """Return candidates of whom only those who come have room, at full weight; who is here keeps his own weight."""
    room = np.bincount(courting.unit_class, flags, len(candidates.room)).astype(np.int64)
    present, place = np.unique(candidates.present_class, return_inverse=True)
    first_new = len(candidates.room)
    use_of = [np.flatnonzero(candidates.use_class == k) for k in present.tolist()]
    uses = np.concatenate([np.arange(len(candidates.use_class)), *use_of]).astype(np.int64)
    owner = np.concatenate(
        [candidates.use_class, *(np.full(len(at), first_new + i) for i, at in enumerate(use_of))]
    ).astype(np.int64)
    every = np.concatenate([np.arange(first_new), present]).astype(np.int64)
    extended = {
        name: getattr(candidates, name)[every]
        for name in (
            "count", "tax", "value_added", "output", "investment", "effort", "subsidy", "first", "last", "is_leader",
            "follows_leader", "min_contiguous_mu", "above_scale", "pays_land",
        )
    }  # fmt: skip
    return replace(
        candidates,
        **extended,
        members=[*candidates.members, *([(candidates.members[k][0][0], 0)] for k in present.tolist())],
        link=[candidates.link[k] for k in every.tolist()],
        facility=[candidates.facility[k] for k in every.tolist()],
        probability=np.concatenate([np.ones(first_new), candidates.probability[present]]),
        room=np.concatenate([room, np.zeros(len(present), dtype=np.int64)]),
        use_class=owner,
        use_park=candidates.use_park[uses],
        use_resource=[candidates.use_resource[i] for i in uses.tolist()],
        use_amount=candidates.use_amount[uses],
        present_class=(first_new + place.ravel()).astype(np.int64),
    )


def rule_book(problem: Problem, courting: Courting, first_years: int) -> Piece:
    """Return the piece that keeps the first stage an allowed plan: the town's own model, landings among the courted."""
    return _piece(formulate(problem), courting, np.ones(len(courting.unit_candidate)), first_years, arrears_rate=None)


def under_draw(problem: Problem, draw: Draw, courting: Courting, first_years: int, arrears_rate: float) -> Piece:
    """Return the second stage under a draw."""
    formulation = formulate(problem_under(problem, draw, courting))
    return _piece(formulation, courting, come(courting, draw), first_years, arrears_rate=arrears_rate)


def _piece(
    formulation: Formulation, courting: Courting, flags: Floats, first_years: int, *, arrears_rate: float | None
) -> Piece:
    model, problem = formulation.model, formulation.problem
    length, width = problem.horizon.length, model.matrix.shape[1]
    late = 0 if arrears_rate is None else length
    court = width + late + np.arange(courting.size)
    entries = [_courted_landings(formulation, courting, flags, court), *_courting_rules(courting, court)]
    size = width + late + courting.size
    parts = [_padded(_with_arrears(formulation, arrears_rate), size)]
    lower, upper = [model.row_lower], [model.row_upper]
    for rows, columns, values, limit in entries:
        parts.append(sparse.csr_array((values, (rows, columns)), shape=(len(limit), size)))
        lower.append(np.full(len(limit), -np.inf))
        upper.append(limit)
    once = np.zeros(size)
    once[:width] = model.cost
    if arrears_rate is not None:
        delta = problem.horizon.discount
        once[width : width + late] = -arrears_rate * np.concatenate([delta[2:], delta[-1:]])
    built = replace(
        model,
        matrix=sparse.csc_array(sparse.vstack(parts, format="csc")),
        cost=once,
        lower=np.concatenate([model.lower, np.zeros(late + courting.size)]),
        upper=np.concatenate([model.upper, np.full(late, np.inf), np.ones(courting.size)]),
        integer=np.concatenate([model.integer, np.zeros(late, dtype=bool), np.ones(courting.size, dtype=bool)]),
        row_lower=np.concatenate(lower),
        row_upper=np.concatenate(upper),
    )
    return Piece(formulation, built, _shared(formulation, courting, court, first_years), courting, court)


Entries = tuple[Ints, Ints, Floats, Floats]


def _shared(formulation: Formulation, courting: Courting, court: Ints, first_years: int) -> Ints:
    decisions = formulation.decisions
    chosen = [decisions.start.all[decisions.start_year <= first_years]]
    for block in (decisions.work, decisions.facility, decisions.step):
        entry, year = np.meshgrid(np.arange(block.shape[0]), np.arange(min(first_years, block.shape[1])), indexing="ij")
        chosen.append(block.at(entry.ravel(), year.ravel()) if entry.size else np.empty(0, dtype=np.int64))
    return np.concatenate([*chosen, court[courting.year <= first_years]]).astype(np.int64)


def _with_arrears(formulation: Formulation, arrears_rate: float | None) -> sparse.csr_array:
    model, length = formulation.model, formulation.problem.horizon.length
    if arrears_rate is None:
        return sparse.csr_array(model.matrix)
    money = model.rows["money"].all
    rows = np.concatenate([money, money[1:]])
    columns = np.concatenate([np.arange(length), np.arange(length - 1)])
    values = np.concatenate([np.full(length, -1.0), np.full(length - 1, 1.0 + arrears_rate)])
    late = sparse.csr_array((values, (rows, columns)), shape=(model.matrix.shape[0], length))
    return sparse.csr_array(sparse.hstack([model.matrix, late], format="csr"))


def _padded(matrix: sparse.csr_array, size: int) -> sparse.csr_array:
    return sparse.csr_array((matrix.data, matrix.indices, matrix.indptr), shape=(matrix.shape[0], size))


def _courted_landings(formulation: Formulation, courting: Courting, flags: Floats, court: Ints) -> Entries:
    """Return the rows ``landings of a class by t <= those courted by t who come``."""
    decisions, candidates = formulation.decisions, formulation.problem.candidates
    classes = np.flatnonzero(np.bincount(decisions.land_class, minlength=len(candidates.room)) > 0)
    rows, columns, values, count = [], [], [], 0
    unit_class = courting.unit_class[courting.unit]
    for k in classes.tolist():
        own, asked = np.flatnonzero(decisions.land_class == k), np.flatnonzero(unit_class == k)
        for t in range(int(candidates.first[k]), int(candidates.last[k]) + 1):
            landed = own[decisions.land_year[own] <= t]
            by_then = asked[courting.year[asked] <= t]
            rows.append(np.full(len(landed) + len(by_then), count))
            columns.append(np.concatenate([decisions.land.at(landed), court[by_then]]))
            values.append(np.concatenate([np.ones(len(landed)), -flags[courting.unit[by_then]]]))
            count += 1
    return (*_joined(rows, columns, values), np.zeros(count))


def _courting_rules(courting: Courting, court: Ints) -> list[Entries]:
    """Return: a unit is courted once; identical firms in their order; the effort of each year."""
    units = len(courting.unit_candidate)
    once: Entries = (courting.unit, court, np.ones(courting.size), np.ones(units))
    rows, columns, values, count = [], [], [], 0
    of_unit = [np.flatnonzero(courting.unit == u) for u in range(units)]
    for u in range(1, units):
        if courting.unit_class[u] != courting.unit_class[u - 1]:
            continue
        for position in range(len(of_unit[u])):
            later, earlier = of_unit[u][: position + 1], of_unit[u - 1][: position + 1]
            rows.append(np.full(2 * (position + 1), count))
            columns.append(court[np.concatenate([later, earlier])])
            values.append(np.repeat([1.0, -1.0], position + 1))
            count += 1
    order: Entries = (*_joined(rows, columns, values), np.zeros(count))
    return [once, order, (courting.year - 1, court, courting.effort, courting.effort_limit)]


def _joined(rows: list[Ints], columns: list[Ints], values: list[Floats]) -> tuple[Ints, Ints, Floats]:
    nothing = np.empty(0)
    return (
        np.concatenate([*rows, nothing]).astype(np.int64),
        np.concatenate([*columns, nothing]).astype(np.int64),
        np.concatenate([*values, nothing]),
    )
