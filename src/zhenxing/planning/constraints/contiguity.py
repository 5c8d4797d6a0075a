"""Rule 2: clearing grows from seeds to neighbours, at most one ring a year.

Formula: ``A[s,t] <= sum over neighbours n of A[n,t-1]`` for a site that is no seed, where ``A[s,t]`` says that s has
started in a clearing mode by t. Valid strengthening (ring cuts): every growth path into s crosses each distance ring
around s, so ``A[s,t] <= sum over sites n at distance d of s of A[n,t-d]`` for every d up to the nearest seed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zhenxing.milp import Block, Model
from zhenxing.planning.problem import Problem
from zhenxing.planning.variables import Decisions, cumulate

Ints = npt.NDArray[np.int64]

# Rings farther than this add many long rows and no bound worth their time.
FARTHEST_RING = 6


def cleared_before(problem: Problem) -> npt.NDArray[np.bool_]:
    """Return which sites the year-0 state holds as started in a clearing mode."""
    flags = np.zeros(len(problem.sites.ids), dtype=bool)
    modes = problem.modes
    flags[modes.site[modes.clears & ~np.isnan(modes.done_at)]] = True
    return flags


def earliest_clearing(problem: Problem) -> Ints:
    """Return the first plan year in which growth can reach each site (T+1 where it never can)."""
    modes, sites, never = problem.modes, problem.sites, problem.horizon.length + 1
    opens = np.full(len(sites.ids), never, dtype=np.int64)
    usable = modes.clears & (modes.first <= modes.last)
    np.minimum.at(opens, modes.site[usable], modes.first[usable])
    done = cleared_before(problem)
    reached = np.where(done, 0, never).astype(np.int64)
    reached[sites.is_seed & ~done] = opens[sites.is_seed & ~done]
    frontier = [int(s) for s in np.flatnonzero(reached < never)]
    while frontier:
        following: set[int] = set()
        for site in frontier:
            for near in sites.neighbours[site].tolist():
                year = max(int(reached[site]) + 1, int(opens[near]))
                if not done[near] and opens[near] < never and year < reached[near]:
                    reached[near] = year
                    following.add(near)
        frontier = sorted(following)
    return reached


def first_starts(problem: Problem) -> Ints:
    """Return the earliest start of every site and mode that windows and growth leave."""
    if not problem.growth or len(problem.modes.site) == 0:
        return problem.modes.first
    reached = earliest_clearing(problem)
    return np.where(
        problem.modes.clears, np.maximum(problem.modes.first, reached[problem.modes.site]), problem.modes.first
    )


def add(model: Model, problem: Problem, decisions: Decisions, *, rings: bool = True) -> Block | None:
    """Add the rows of rule 2 and return the level ``A[s,t]``; nothing without growth."""
    if not problem.growth:
        return None
    sites, length = problem.sites, problem.horizon.length
    done = cleared_before(problem)
    level, rows = cumulate(model, "cleared", sites.ids, problem, done.astype(float))
    clearing = problem.modes.clears[decisions.start_pair]
    model.put(
        rows.at(problem.modes.site[decisions.start_pair[clearing]], decisions.start_year[clearing] - 1),
        decisions.start.all[clearing],
        -1.0,
    )
    bound = np.flatnonzero(~sites.is_seed & ~done)
    for distance in range(1, FARTHEST_RING + 1 if rings else 2):
        _ring(model, problem, level, bound, distance, done, length)
    return level


def _ring(
    model: Model, problem: Problem, level: Block, bound: Ints, distance: int, done: npt.NDArray[np.bool_], length: int
) -> None:
    """Add ``A[s,t] <= sum of A[n,t-distance]`` over the ring at that distance, for sites whose seeds lie no nearer."""
    at: list[int] = []
    ring: list[Ints] = []
    for site in bound.tolist():
        near, crossed = _sphere(problem, site, distance, done)
        if crossed:
            at.append(site)
            ring.append(near)
    if not at:
        return
    years = problem.horizon.calendar
    right = np.zeros((len(at), length))
    for i, near in enumerate(ring):
        # a site that is there already counts before the first plan year too
        right[i, : min(distance, length)] = done[near].sum()
    rows = model.rows(
        f"growth_ring_{distance}",
        {"site_id": [problem.sites.ids[s] for s in at], "year": years},
        grid=True,
        upper=right,
    )
    entry, year = np.meshgrid(np.arange(len(at)), np.arange(length), indexing="ij")
    model.put(rows.at(entry, year), level.at(np.array(at)[entry], year), 1.0)
    size = np.array([len(near) for near in ring])
    owner, members = np.repeat(np.arange(len(at)), size), np.concatenate(ring)
    for later in range(distance, length):
        model.put(
            rows.at(owner, np.full(len(owner), later)), level.at(members, np.full(len(members), later - distance)), -1.0
        )


def _sphere(problem: Problem, site: int, distance: int, done: npt.NDArray[np.bool_]) -> tuple[Ints, bool]:
    """Return the sites at a graph distance, and whether every growth path into the site must cross them."""
    seen, ring = {site}, {site}
    sources = problem.sites.is_seed | done
    for step in range(distance):
        if step and any(sources[near] for near in ring):
            return np.empty(0, dtype=np.int64), False
        ring = {near for inner in ring for near in problem.sites.neighbours[inner].tolist()} - seen
        seen |= ring
    return np.array(sorted(ring), dtype=np.int64), distance == 1 or bool(ring)
