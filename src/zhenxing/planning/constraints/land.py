"""Rules 4 and 5: a park's land carries its firms and the floor resettled there; displaced floor goes somewhere.

Formula 4: ``land used by firms by t + resettled floor / (far * 2000/3) <= vacant + land released by t``, written with
the unused land ``L[p,t] >= 0`` that one year hands to the next. Formula 5: ``resettled + left >= displaced by t``,
written with the floor dealt with ahead of need, ``F[p,t] >= 0``.
"""

from __future__ import annotations

import numpy as np

from zhenxing.milp import Block, Model
from zhenxing.planning.problem import Problem
from zhenxing.planning.variables import Decisions
from zhenxing.units import M2_PER_MU


def add(model: Model, problem: Problem, decisions: Decisions) -> Block:
    """Add the rows of rules 4 and 5 and return the unused land ``L[p,t]`` in mu."""
    unused = _balance(model, problem, decisions)
    _resettlement(model, problem, decisions)
    return unused


def _balance(model: Model, problem: Problem, decisions: Decisions) -> Block:
    parks, modes, candidates, length = problem.parks, problem.modes, problem.candidates, problem.horizon.length
    years = problem.horizon.calendar
    right = np.zeros((len(parks.ids), length))
    right[:, 0] = parks.vacant_mu
    np.add.at(right[:, 0], candidates.present_park, -candidates.present_land * candidates.present_count)
    for done in np.flatnonzero(~np.isnan(modes.done_at)).tolist():
        ready = max(int(modes.done_at[done] + modes.lead[done]), 1)
        if ready <= length:
            right[modes.park[done], ready - 1] += modes.released_mu[done]
    unused = model.columns("unused_land", {"park_id": parks.ids, "year": years}, grid=True)
    rows = model.rows("land", {"park_id": parks.ids, "year": years}, grid=True, lower=right, upper=right)
    _carry(model, rows, unused, len(parks.ids), length)
    delivered = decisions.start_year + modes.lead[decisions.start_pair]
    inside = np.flatnonzero(delivered <= length)
    pair = decisions.start_pair[inside]
    model.put(rows.at(modes.park[pair], delivered[inside] - 1), decisions.start.at(inside), -modes.released_mu[pair])
    model.put(
        rows.at(decisions.land_park, decisions.land_year - 1),
        decisions.land.all,
        candidates.placement_land[decisions.land_placement],
    )
    one, other, year = np.meshgrid(
        np.arange(len(parks.ids)), np.arange(len(parks.ids)), np.arange(length), indexing="ij"
    )
    model.put(
        rows.at(other, year), decisions.resettle.at(one, other, year), 1.0 / (parks.resettlement_far[other] * M2_PER_MU)
    )
    return unused


def _resettlement(model: Model, problem: Problem, decisions: Decisions) -> None:
    parks, modes, length = problem.parks, problem.modes, problem.horizon.length
    years = problem.horizon.calendar
    ahead = model.columns("floor_ahead", {"park_id": parks.ids, "year": years}, grid=True)
    rows = model.rows("resettlement", {"park_id": parks.ids, "year": years}, grid=True, lower=0.0, upper=0.0)
    _carry(model, rows, ahead, len(parks.ids), length)
    model.put(
        rows.at(modes.park[decisions.start_pair], decisions.start_year - 1),
        decisions.start.all,
        modes.displaced_m2[decisions.start_pair],
    )
    one, other, year = np.meshgrid(
        np.arange(len(parks.ids)), np.arange(len(parks.ids)), np.arange(length), indexing="ij"
    )
    model.put(rows.at(one, year), decisions.resettle.at(one, other, year), -1.0)
    park, when = np.meshgrid(np.arange(len(parks.ids)), np.arange(length), indexing="ij")
    model.put(rows.at(park, when), decisions.leave.at(park, when), -1.0)


def _carry(model: Model, rows: Block, stock: Block, count: int, length: int) -> None:
    """Write ``stock[i,t] − stock[i,t−1]`` into the rows."""
    model.put(rows.all, stock.all, 1.0)
    entry, year = np.meshgrid(np.arange(count), np.arange(1, length), indexing="ij")
    model.put(rows.at(entry, year), stock.at(entry, year - 1), -1.0)
