"""Rule 1: a site starts once in one mode, a work once; a work may require another.

Formula: ``sum over m of X[s,m,T] <= 1``; ``G[w,t] <= G[v,t]`` where w requires v.
"""

from __future__ import annotations

import numpy as np

from zhenxing.milp import Block, Model
from zhenxing.planning.problem import Problem
from zhenxing.planning.variables import Decisions, cumulate


def add(model: Model, problem: Problem, decisions: Decisions) -> Block:
    """Add the rows of rule 1 and return the level ``G[w,t]`` of the works."""
    sites, works = problem.sites, problem.works
    once = model.rows("site_once", {"site_id": sites.ids}, upper=1.0)
    model.put(once.at(problem.modes.site[decisions.start_pair]), decisions.start.all, 1.0)

    started = ~np.isnan(works.done_at)
    level, rows = cumulate(model, "work_started", works.ids, problem, started.astype(float))
    model.put(rows.all, decisions.work.all, -1.0)
    needy = np.flatnonzero((works.requires >= 0) & ~started)
    length = problem.horizon.length
    after = model.rows(
        "work_after",
        {"work_id": [works.ids[w] for w in needy], "year": problem.horizon.calendar},
        grid=True,
        upper=0.0,
    )
    entry, year = np.meshgrid(np.arange(len(needy)), np.arange(length), indexing="ij")
    model.put(after.at(entry, year), level.at(needy[entry], year), 1.0)
    model.put(after.at(entry, year), level.at(works.requires[needy][entry], year), -1.0)
    return level
