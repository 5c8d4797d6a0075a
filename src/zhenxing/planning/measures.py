"""What people compare plans by, as linear measures of a solution: mu, starts, floor disturbed, chain completeness."""

from __future__ import annotations

import numpy as np

from zhenxing.planning.constraints.contiguity import cleared_before
from zhenxing.planning.formulation import Formulation
from zhenxing.planning.variation import Floats, Linear


def cleared_mu(formulation: Formulation, park: int) -> Linear:
    """Return the land of a park cleared by the end of the horizon: area of its sites started in a clearing mode, mu."""
    problem, decisions = formulation.problem, formulation.decisions
    pair = decisions.start_pair
    at = np.flatnonzero(problem.modes.clears[pair] & (problem.modes.park[pair] == park))
    there = cleared_before(problem) & (problem.sites.park == park)
    return Linear(decisions.start.at(at), problem.modes.area_mu[pair[at]], float(problem.sites.area_mu[there].sum()))


def firm_mu(formulation: Formulation, park: int) -> Linear:
    """Return the land of a park that firms hold at the end of the horizon, mu."""
    candidates, decisions = formulation.problem.candidates, formulation.decisions
    at = np.flatnonzero(decisions.land_park == park)
    here = candidates.present_park == park
    return Linear(
        decisions.land.at(at),
        candidates.placement_land[decisions.land_placement[at]],
        float(candidates.present_land[here] @ candidates.present_count[here]),
    )


def started_years(formulation: Formulation) -> Linear:
    """Return the sum over started sites of the years from their start to the end of the horizon, its own year too."""
    decisions, length = formulation.decisions, formulation.problem.horizon.length
    return Linear(decisions.start.all, (length + 1.0 - decisions.start_year).astype(float))


def starts(formulation: Formulation) -> Linear:
    """Return the number of sites started."""
    block = formulation.decisions.start
    return Linear(block.all, np.ones(block.size))


def sites_changed(formulation: Formulation, plan: Floats) -> Linear:
    """Return the number of sites whose start differs from a plan's in mode, in year or in happening at all."""
    decisions = formulation.decisions
    site = formulation.problem.modes.site[decisions.start_pair]
    as_planned = plan[decisions.start.span] > 0.5
    started = np.isin(site, site[as_planned])
    values = np.where(as_planned, -1.0, np.where(started, 0.0, 1.0))
    return Linear(decisions.start.all, values, float(as_planned.sum()))


def landings_changed(formulation: Formulation, plan: Floats) -> Linear:
    """Return the number of landings changed against a plan, each prospect once.

    For candidates that are several alike only the landings in a park and year where the plan has none of them count.
    """
    decisions, candidates = formulation.decisions, formulation.problem.candidates
    k = decisions.land_class
    as_planned = plan[decisions.land.span] > 0.5
    landed = np.isin(k, k[as_planned])
    single = candidates.room[k] <= 1
    values = np.where(single, np.where(as_planned, -1.0, np.where(landed, 0.0, 1.0)), np.where(as_planned, 0.0, 1.0))
    return Linear(decisions.land.all, values, float((as_planned & single).sum()))


def floor_disturbed(formulation: Formulation) -> Linear:
    """Return the floor whose users must leave or be moved: displaced share times floor of every start, m2."""
    decisions = formulation.decisions
    return Linear(decisions.start.all, formulation.problem.modes.displaced_m2[decisions.start_pair])


def chain_completeness(formulation: Formulation) -> Linear:
    """Return the mean, over the links with a reward, of how full their first segment is in the last year, 0..1."""
    chain, length = formulation.problem.chain, formulation.problem.horizon.length
    first = np.flatnonzero(np.diff(chain.link, prepend=-1) != 0) if len(chain.link) else np.empty(0, dtype=np.int64)
    first = first[chain.size[first] > 0]
    if len(first) == 0:
        return Linear(np.empty(0, dtype=np.int64), np.empty(0))
    filled = formulation.model.columns["segment_filled"]
    return Linear(filled.at(first, np.full(len(first), length - 1)), 1.0 / (chain.size[first] * len(first)))
