"""The decisions of a plan as columns of the model, in impulse form: a variable says "starts in year t".

Cumulative quantities that several rules share (a site cleared by t, a work open by t, a leader landed by t) are
continuous companions tied to the impulses by one equality a year, so that every rule stays short.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhenxing.milp import Block, Model
from zhenxing.planning.problem import Problem

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Decisions:
    """The blocks of variables, with the arrays that say what each entry is (years are plan years 1..T).

    Attributes
    ----------
    start, start_pair, start_year : Block and arrays
        Site starts: position in ``Problem.modes`` and year.
    land, land_placement, land_class, land_park, land_year : Block and arrays
        Landings: position in the placements, class, park and year; integer.
    work, facility, step : Block
        Grids (entry, year): starts of works, payments of facilities and of utility steps.
    resettle, leave : Block
        Grids (from park, to park, year) and (park, year): floor resettled and floor that leaves in the year, m2.
    debt, cash : Block
        Grids (year): 万元 at the end of the year.
    """

    start: Block
    start_pair: Ints
    start_year: Ints
    land: Block
    land_placement: Ints
    land_class: Ints
    land_park: Ints
    land_year: Ints
    work: Block
    facility: Block
    step: Block
    resettle: Block
    leave: Block
    debt: Block
    cash: Block


def expand_windows(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Return (entry, year) for every year of every window."""
    length = np.maximum(last - first + 1, 0)
    entry = np.repeat(np.arange(len(first)), length)
    offset = np.arange(len(entry)) - np.repeat(np.cumsum(length) - length, length)
    return entry, first[entry] + offset


def declare(model: Model, problem: Problem, first_start: Ints) -> Decisions:
    """Add the plan's variables to a model; ``first_start`` is the earliest useful start of each site and mode."""
    years = problem.horizon.calendar
    length = problem.horizon.length
    modes, candidates = problem.modes, problem.candidates
    pair, start_year = expand_windows(first_start, modes.last)
    site_ids = np.asarray(problem.sites.ids, dtype=object)
    start = model.columns(
        "site_start",
        {
            "site_id": site_ids[modes.site[pair]].tolist(),
            "mode": np.asarray(modes.mode, dtype=object)[pair].tolist(),
            "year": (start_year + problem.horizon.base_year).tolist(),
        },
        upper=1.0,
        integer=True,
    )
    spot, land_year = expand_windows(
        candidates.first[candidates.placement_class], candidates.last[candidates.placement_class]
    )
    spot_class, spot_park = candidates.placement_class[spot], candidates.placement_park[spot]
    land = model.columns(
        "landing",
        {
            "candidate_class": spot_class.tolist(),
            "park_id": np.asarray(problem.parks.ids, dtype=object)[spot_park].tolist(),
            "year": (land_year + problem.horizon.base_year).tolist(),
        },
        upper=candidates.room[spot_class].astype(float),
        integer=True,
    )
    works, supplies = problem.works, problem.supplies
    in_window = (np.arange(1, length + 1)[None, :] >= works.first[:, None]) & (
        np.arange(1, length + 1)[None, :] <= works.last[:, None]
    )
    grid = {"grid": True, "integer": True}
    return Decisions(
        start=start,
        start_pair=pair,
        start_year=start_year,
        land=land,
        land_placement=spot,
        land_class=spot_class,
        land_park=spot_park,
        land_year=land_year,
        work=model.columns("work_start", {"work_id": works.ids, "year": years}, upper=in_window.astype(float), **grid),
        facility=model.columns("facility_payment", {"facility": _named(problem), "year": years}, upper=1.0, **grid),
        step=model.columns(
            "utility_payment", {"step": list(range(len(supplies.step_supply))), "year": years}, upper=1.0, **grid
        ),
        resettle=model.columns(
            "resettlement",
            {"from_park_id": problem.parks.ids, "to_park_id": problem.parks.ids, "year": years},
            grid=True,
        ),
        leave=model.columns("exit", {"park_id": problem.parks.ids, "year": years}, grid=True),
        debt=model.columns("debt", {"year": years}, upper=problem.budget.debt_limit),
        cash=model.columns("cash", {"year": years}),
    )


def _named(problem: Problem) -> list[str]:
    facilities = problem.facilities
    return [
        f"{problem.parks.ids[park]}/{name}" for park, name in zip(facilities.park, facilities.facility, strict=True)
    ]


def cumulate(
    model: Model, name: str, ids: list[str], problem: Problem, before: Floats | None = None, *, upper: float = 1.0
) -> tuple[Block, Block]:
    """Add a cumulative companion: ``level[i,t] − level[i,t−1] = what starts in t``, from ``before[i]`` on.

    The caller puts −1 × impulse into the returned rows.
    """
    years = problem.horizon.calendar
    base = np.zeros(len(ids)) if before is None else before
    level = model.columns(name, {"id": ids, "year": years}, grid=True, upper=upper)
    right = np.zeros((len(ids), len(years)))
    if len(years):
        right[:, 0] = base
    rows = model.rows(f"{name}_level", {"id": ids, "year": years}, grid=True, lower=right, upper=right)
    model.put(rows.all, level.all, 1.0)
    entry, year = np.meshgrid(np.arange(len(ids)), np.arange(1, len(years)), indexing="ij")
    model.put(rows.at(entry, year), level.at(entry, year - 1), -1.0)
    return level, rows
