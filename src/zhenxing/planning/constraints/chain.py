"""Rule 10: the output of a link fills its reward segments in order.

Formula: ``O[l,t] = sum over candidates of l of probability * annual_output_wan * Y[c,p,t]``; the reward is a concave
piecewise-linear function of it, so free filling of the segments is the best filling.
"""

from __future__ import annotations

import numpy as np

from zhenxing.milp import Model
from zhenxing.planning.problem import Problem
from zhenxing.planning.variables import Decisions


def add(model: Model, problem: Problem, decisions: Decisions) -> None:
    """Add the rows of rule 10 and its reward."""
    chain, candidates, length = problem.chain, problem.candidates, problem.horizon.length
    years = problem.horizon.calendar
    position = {name: i for i, name in enumerate(chain.links) if name != ""}
    of_class = np.array([position.get(name, -1) for name in candidates.link], dtype=np.int64)
    expected = candidates.probability * candidates.output
    right = np.zeros((len(chain.links), length))
    here = of_class[candidates.present_class] >= 0
    k = candidates.present_class[here]
    np.add.at(right, (of_class[k], 0), expected[k] * candidates.present_count[here])

    unfilled = model.columns("link_output", {"link_id": chain.links, "year": years}, grid=True)
    level = model.rows("link_output_level", {"link_id": chain.links, "year": years}, grid=True, lower=right, upper=right)
    model.put(level.all, unfilled.all, 1.0)
    entry, year = np.meshgrid(np.arange(len(chain.links)), np.arange(1, length), indexing="ij")
    model.put(level.at(entry, year), unfilled.at(entry, year - 1), -1.0)
    at = np.flatnonzero(of_class[decisions.land_class] >= 0) if len(decisions.land_class) else np.empty(0, dtype=np.int64)
    k = decisions.land_class[at]
    model.put(level.at(of_class[k], decisions.land_year[at] - 1), decisions.land.at(at), -expected[k])

    segments = [f"{chain.links[link]}/{i}" for i, link in enumerate(chain.link.tolist())]
    filled = model.columns(
        "segment_filled", {"segment": segments, "year": years}, grid=True, upper=np.repeat(chain.size[:, None], length, axis=1)
    )
    rows = model.rows("segment_output", {"link_id": chain.links, "year": years}, grid=True, upper=0.0)
    segment, year = np.meshgrid(np.arange(len(segments)), np.arange(length), indexing="ij")
    model.put(rows.at(chain.link[segment], year), filled.at(segment, year), 1.0)
    model.put(rows.all, unfilled.all, -1.0)
    model.reward("chain", filled.all, (chain.reward[:, None] * problem.horizon.yearly[None, 1:]).ravel())
