"""What has happened by each year: starts and landings added up over time, delays, and the year-0 state.

All arrays have one row per row of the town's table and one column per year t = 0..T.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zhenxing.planning.checker.decisions import Decisions
from zhenxing.planning.checker.facts import Facts
from zhenxing.planning.checker.violations import FloatArray


@dataclass(frozen=True)
class Progress:
    """The quantities "by t" of the plan model; ``*_done`` hold also what was there in year 0.

    ``started`` is X[s,m,t], ``delivered`` X[s,m,t-lead], ``landed`` Y[c,p,t], ``works_started`` G[w,t],
    ``works_open`` G[w,t-lead], ``facilities_open`` W[p,f,t-lead], ``steps_paid`` U[p,r,j,t], ``steps_open``
    U[p,r,j,t-lead], ``resettled`` R[p,q,t], ``exited`` E[p,t], ``assembled`` whether platform k is assembled by t.
    """

    started: FloatArray
    delivered: FloatArray
    landed: FloatArray
    works_started: FloatArray
    works_open: FloatArray
    facilities_open: FloatArray
    steps_paid: FloatArray
    steps_open: FloatArray
    resettled: FloatArray
    exited: FloatArray
    assembled: NDArray[np.bool_]


def follow(facts: Facts, decisions: Decisions) -> Progress:
    """Add the plan's increments up over time, beside the year-0 state."""
    options, works = facts.options, facts.works
    delivered = _delayed(decisions.starts, options["lead_years"]) + _under_way(
        facts, facts.done_starts, options["lead_years"]
    )
    return Progress(
        started=decisions.starts.cumsum(axis=1) + np.isfinite(facts.done_starts)[:, None],
        delivered=delivered,
        landed=decisions.landings.cumsum(axis=1) + facts.done_landings[:, None],
        works_started=decisions.works.cumsum(axis=1) + np.isfinite(facts.done_works)[:, None],
        works_open=_delayed(decisions.works, works["lead_years"])
        + _under_way(facts, facts.done_works, works["lead_years"]),
        facilities_open=_delayed(decisions.facilities, facts.facilities["lead_years"]),
        steps_paid=decisions.utility_steps.cumsum(axis=1),
        steps_open=_delayed(decisions.utility_steps, facts.utility_steps["lead_years"]),
        resettled=decisions.resettled.cumsum(axis=2),
        exited=decisions.exits.cumsum(axis=1),
        assembled=_assembled(facts, delivered),
    )


def _delayed(added: FloatArray, lead: pd.Series[float]) -> FloatArray:
    """Return what was added up to t - lead; nothing where t - lead < 1."""
    total = added.cumsum(axis=1)
    earlier = np.arange(added.shape[1])[None, :] - lead.to_numpy(dtype=float)[:, None]
    picked = np.take_along_axis(total, np.clip(earlier, 0, None).astype(int), axis=1)
    return np.where(earlier >= 1, picked, 0.0)


def _under_way(facts: Facts, done_year: FloatArray, lead: pd.Series[float]) -> FloatArray:
    """Return 1 from calendar year ``done year + lead`` on for what was started before the plan."""
    due = done_year + lead.to_numpy(dtype=float)
    return np.asarray(np.array(facts.years)[None, :] >= due[:, None], dtype=float)


def _assembled(facts: Facts, delivered: FloatArray) -> NDArray[np.bool_]:
    """Return whether every site of a platform was started, in a clearing mode, by t - lead."""
    clearing = facts.options["clears"].to_numpy(dtype=bool)
    ready = group_sum(facts.options["site_id"][clearing], delivered[clearing], facts.sites["site_id"]) > 0
    row = {site: number for number, site in enumerate(facts.sites["site_id"])}
    members = facts.platform_sites.groupby("platform_id")["site_id"].agg(list).to_dict()
    assembled = np.ones((len(facts.platforms), facts.horizon + 1), dtype=bool)
    for number, platform in enumerate(facts.platforms["platform_id"]):
        for site in members.get(platform, []):
            assembled[number] &= ready[row[site]]
    # a platform without sites is assembled from year 1
    assembled[:, 0] = False
    return assembled


def group_sum(labels: pd.Series[str], amounts: FloatArray, groups: pd.Series[str]) -> FloatArray:
    """Add up rows of amounts by label, in the order of the groups.

    Examples
    --------
    >>> group_sum(pd.Series(["b", "a", "b"]), np.array([[1.0], [2.0], [3.0]]), pd.Series(["a", "b"])).tolist()
    [[2.0], [4.0]]
    """
    totals = np.zeros((len(groups), amounts.shape[1]))
    place = pd.Index(groups).get_indexer(pd.Index(labels))
    known = place >= 0
    np.add.at(totals, place[known], amounts[known])
    return totals
