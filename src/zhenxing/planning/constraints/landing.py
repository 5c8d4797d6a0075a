"""Rule 3: how often, where, and after what a firm may land.

Formulas, disaggregated by class of identical candidates (``n`` = how many the plan may still land):
``sum over p, t of y <= n``; with ``min_contiguous_mu``: ``Y[c,p,t] <= n * sum over fitting platforms of Z[k,t]`` where
the largest platform assembled, ``sum over k with s of Z[k,t] <= sum over clearing modes of X[s,m,t-lead]``; with
``follows_leader``: ``sum over p of Y[c,p,t] <= n * leaders of the link landed by t``; with a facility:
``Y[c,p,t] <= n * W[p,f,t-lead]``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zhenxing.milp import Block, Model
from zhenxing.planning.problem import Problem
from zhenxing.planning.variables import Decisions, cumulate, expand_windows

Ints = npt.NDArray[np.int64]


def add(model: Model, problem: Problem, decisions: Decisions) -> None:
    """Add the rows of rule 3."""
    candidates = problem.candidates
    names = [members[0][0] for members in candidates.members]
    once = model.rows("candidate_count", {"candidate_id": names}, upper=candidates.room.astype(float))
    model.put(once.at(decisions.land_class), decisions.land.all, 1.0)
    _platforms(model, problem, decisions)
    _leaders(model, problem, decisions)
    _facilities(model, problem, decisions)


def landed_by(
    model: Model, name: str, problem: Problem, decisions: Decisions, chosen: Ints, group: Ints
) -> tuple[Block, Ints, Ints, Ints]:
    """Add rows ``cumulative landings of a group by t <= …`` for the years in which the group can land.

    ``chosen`` are landing entries, ``group`` their group (candidate class or placement). Returns the rows with the
    group's landing entry, the year and one landing entry of each row.
    """
    years = decisions.land_year[chosen]
    keys, row_of = np.unique(np.stack([group, years], axis=1), axis=0, return_inverse=True)
    row_of = row_of.ravel()
    labels = {"group": keys[:, 0].tolist(), "year": (keys[:, 1] + problem.horizon.base_year).tolist()}
    rows = model.rows(name, labels, upper=0.0)
    sample = np.zeros(len(keys), dtype=np.int64)
    sample[row_of] = chosen
    # a landing counts in the row of its own year and of every later year of its group (rows are sorted by group, year)
    ends = np.searchsorted(keys[:, 0], group, side="right") - 1
    length = ends - row_of + 1
    entry = np.repeat(np.arange(len(chosen)), length)
    offset = np.arange(len(entry)) - np.repeat(np.cumsum(length) - length, length)
    model.put(rows.at(row_of[entry] + offset), decisions.land.at(chosen[entry]), 1.0)
    return rows, keys[:, 0], keys[:, 1], sample


def _platforms(model: Model, problem: Problem, decisions: Decisions) -> None:
    candidates, platforms = problem.candidates, problem.platforms
    chosen = np.flatnonzero(candidates.min_contiguous_mu[decisions.land_class] > 0)
    if len(chosen) == 0:
        return
    need = candidates.min_contiguous_mu[decisions.land_class[chosen]]
    smallest = need.min()
    wanted = np.flatnonzero(platforms.area_mu >= smallest)
    level = _largest(model, problem, decisions, wanted)
    rows, group, year, sample = landed_by(
        model, "platform_needed", problem, decisions, chosen, decisions.land_placement[chosen]
    )
    room = candidates.room[decisions.land_class[sample]].astype(float)
    for i, k in enumerate(wanted.tolist()):
        fits = (platforms.park[k] == candidates.placement_park[group]) & (
            platforms.area_mu[k] >= candidates.min_contiguous_mu[candidates.placement_class[group]]
        )
        at = np.flatnonzero(fits)
        if len(at):
            model.put(rows.at(at), level.at(np.full(len(at), i), year[at] - 1), -room[at])


def _largest(model: Model, problem: Problem, decisions: Decisions, wanted: Ints) -> Block:
    """Add ``Z[k,t]``: by t platform k is assembled and the largest of its park's assembled ones.

    Whoever fits an assembled platform fits the largest one, so a park needs to name only that one; platforms that share
    a site then share its start too: ``sum over k with s of Z[k,t] <= sum over clearing modes of X[s,m,t-lead]``.
    """
    platforms, modes, length = problem.platforms, problem.modes, problem.horizon.length
    years = problem.horizon.calendar
    level = model.columns(
        "platform_assembled", {"platform_id": [platforms.ids[k] for k in wanted], "year": years}, grid=True, upper=1.0
    )
    entry, year = np.meshgrid(np.arange(len(wanted)), np.arange(length), indexing="ij")
    parks, park_of = np.unique(platforms.park[wanted], return_inverse=True)
    names = [problem.parks.ids[p] for p in parks]
    one = model.rows("platform_one", {"park_id": names, "year": years}, grid=True, upper=1.0)
    model.put(one.at(park_of[entry], year), level.at(entry, year), 1.0)
    pairs = [(i, int(site)) for i, k in enumerate(wanted.tolist()) for site in platforms.sites[k]]
    if not pairs:
        return level
    owner, site = np.array(pairs, dtype=np.int64).T
    shared, row_of = np.unique(site, return_inverse=True)
    ready = np.full(len(problem.sites.ids), np.inf)
    done = modes.clears & ~np.isnan(modes.done_at)
    ready[modes.site[done]] = modes.done_at[done] + modes.lead[done]
    right = (ready[shared][:, None] <= np.arange(1, length + 1)[None, :]).astype(float)
    labels = {"site_id": [problem.sites.ids[s] for s in shared], "year": years}
    rows = model.rows("platform_site", labels, grid=True, upper=right)
    entry, year = np.meshgrid(np.arange(len(pairs)), np.arange(length), indexing="ij")
    model.put(rows.at(row_of[entry], year), level.at(owner[entry], year), 1.0)
    start_site = modes.site[decisions.start_pair]
    delivered = decisions.start_year + modes.lead[decisions.start_pair]
    row_of_site = np.full(len(problem.sites.ids), -1, dtype=np.int64)
    row_of_site[shared] = np.arange(len(shared))
    clearing = np.flatnonzero(modes.clears[decisions.start_pair] & (row_of_site[start_site] >= 0))
    start, by = expand_windows(np.maximum(delivered[clearing], 1), np.full(len(clearing), length))
    columns = clearing[start]
    model.put(rows.at(row_of_site[start_site[columns]], by - 1), decisions.start.at(columns), -1.0)
    return level


def _leaders(model: Model, problem: Problem, decisions: Decisions) -> None:
    candidates = problem.candidates
    link = np.asarray(candidates.link, dtype=object)
    # a leader counts itself, so the rule never holds it back
    follows = candidates.follows_leader & ~candidates.is_leader
    if not follows.any():
        return
    links = sorted({str(name) for name in link[follows]} - {""})
    position = {name: i for i, name in enumerate(links)}
    of_class = np.array([position.get(name, -1) for name in candidates.link], dtype=np.int64)
    before = np.zeros(len(links))
    here = candidates.is_leader[candidates.present_class] & (of_class[candidates.present_class] >= 0)
    np.add.at(before, of_class[candidates.present_class[here]], candidates.present_count[here])
    level, level_rows = cumulate(model, "leader_landed", links, problem, before, upper=np.inf)
    leading = np.flatnonzero(candidates.is_leader[decisions.land_class] & (of_class[decisions.land_class] >= 0))
    model.put(
        level_rows.at(of_class[decisions.land_class[leading]], decisions.land_year[leading] - 1),
        decisions.land.at(leading),
        -1.0,
    )
    # with a leader here already the rule never binds
    lacking = np.where(of_class >= 0, before[of_class] if len(before) else 0.0, 0.0) < 1.0
    chosen = np.flatnonzero((follows & lacking)[decisions.land_class])
    if len(chosen) == 0:
        return
    rows, group, year, _ = landed_by(model, "leader_needed", problem, decisions, chosen, decisions.land_class[chosen])
    led = np.flatnonzero(of_class[group] >= 0)
    model.put(rows.at(led), level.at(of_class[group[led]], year[led] - 1), -candidates.room[group[led]].astype(float))


def _facilities(model: Model, problem: Problem, decisions: Decisions) -> None:
    candidates, facilities, length = problem.candidates, problem.facilities, problem.horizon.length
    once = model.rows("facility_once", {"facility": list(range(len(facilities.facility)))}, upper=1.0)
    entry, year = np.meshgrid(np.arange(len(facilities.facility)), np.arange(length), indexing="ij")
    model.put(once.at(entry), decisions.facility.at(entry, year), 1.0)
    needs = np.array([name != "" for name in candidates.facility], dtype=bool)
    chosen = np.flatnonzero(needs[decisions.land_class]) if len(needs) else np.empty(0, dtype=np.int64)
    if len(chosen) == 0:
        return
    number = {
        (int(park), name): i for i, (park, name) in enumerate(zip(facilities.park, facilities.facility, strict=True))
    }
    rows, group, at_year, _ = landed_by(
        model, "facility_needed", problem, decisions, chosen, decisions.land_placement[chosen]
    )
    owner, park = candidates.placement_class[group], candidates.placement_park[group]
    place = np.array(
        [number.get((p, candidates.facility[k]), -1) for p, k in zip(park.tolist(), owner.tolist(), strict=True)],
        dtype=np.int64,
    )
    # whatever was paid by t - lead serves in t
    lead = facilities.lead[place] if len(facilities.lead) else np.zeros(len(place), dtype=np.int64)
    row, paid = expand_windows(np.ones(len(place), dtype=np.int64), np.where(place >= 0, at_year - lead, 0))
    room = candidates.room[owner[row]].astype(float)
    model.put(rows.at(row), decisions.facility.at(place[row], paid - 1), -room)
