"""Rule 10: the output of a link fills its reward segments in order.

Formula: ``O[l,t] = sum over candidates of l of probability * annual_output_wan * Y[c,p,t]``; the reward is a concave
piecewise-linear function of it, so free filling of the segments is the best filling.

Strengthening: a firm comes whole or not at all, so the first k segments, of joint size S_k, hold at most
``sum of min(output of one firm, S_k) * Y``. Each prefix of segments gets its own such output, which leaves every whole
plan's reward as it is and keeps the relaxation from filling a segment with a quarter of a leader.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zhenxing.milp import Model
from zhenxing.planning.problem import Problem
from zhenxing.planning.variables import Decisions

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def add(model: Model, problem: Problem, decisions: Decisions) -> None:
    """Add the rows of rule 10 and its reward."""
    chain, length = problem.chain, problem.horizon.length
    years = problem.horizon.calendar
    labels = [f"{chain.links[link]}/{k}" for link, k in zip(chain.link, _places(chain.link), strict=True)]
    filled = model.columns(
        "segment_filled",
        {"segment": labels, "year": years},
        grid=True,
        upper=np.repeat(chain.size[:, None], length, axis=1),
    )
    output = _prefix_output(model, problem, decisions, labels)
    rows = model.rows("segment_output", {"segment": labels, "year": years}, grid=True, upper=0.0)
    prefix, member = _prefixes(chain.link)
    for year in range(length):
        at = np.full(len(prefix), year)
        model.put(rows.at(prefix, at), filled.at(member, at), 1.0)
    model.put(rows.all, output, -1.0)
    model.reward("chain", filled.all, (chain.reward[:, None] * problem.horizon.yearly[None, 1:]).ravel())


def _places(link: Ints) -> Ints:
    """Return the place of each segment within its link (segments stand in order)."""
    first = np.searchsorted(link, link, side="left") if len(link) else link
    return np.arange(len(link)) - first


def _prefixes(link: Ints) -> tuple[Ints, Ints]:
    """Return (segment, each segment of its link up to and with it)."""
    places = _places(link)
    prefix = np.repeat(np.arange(len(link)), places + 1)
    start = np.repeat(np.arange(len(link)) - places, places + 1)
    offset = np.arange(len(prefix)) - np.repeat(np.cumsum(places + 1) - (places + 1), places + 1)
    return prefix, start + offset


def _prefix_output(model: Model, problem: Problem, decisions: Decisions, labels: list[str]) -> Ints:
    """Add, for each segment and year, the output that can count in the segments up to it; return its columns."""
    chain, candidates, length = problem.chain, problem.candidates, problem.horizon.length
    expected = candidates.probability * candidates.output
    position = {name: i for i, name in enumerate(chain.links) if name != ""}
    of_class = np.array([position.get(name, -1) for name in candidates.link], dtype=np.int64)
    size = np.array(
        [
            chain.size[(chain.link == link)][: place + 1].sum()
            for link, place in zip(chain.link, _places(chain.link), strict=True)
        ]
    )
    right = np.zeros((len(chain.link), length))
    for k, count in zip(candidates.present_class.tolist(), candidates.present_count.tolist(), strict=True):
        of_link = np.flatnonzero(chain.link == of_class[k]) if of_class[k] >= 0 else np.empty(0, dtype=np.int64)
        right[of_link, 0] += np.minimum(expected[k], size[of_link]) * count
    output = model.columns("segment_reach", {"segment": labels, "year": problem.horizon.calendar}, grid=True)
    level = model.rows(
        "segment_reach_level",
        {"segment": labels, "year": problem.horizon.calendar},
        grid=True,
        lower=right,
        upper=right,
    )
    model.put(level.all, output.all, 1.0)
    entry, year = np.meshgrid(np.arange(len(labels)), np.arange(1, length), indexing="ij")
    model.put(level.at(entry, year), output.at(entry, year - 1), -1.0)
    for segment in range(len(labels)):
        at = (
            np.flatnonzero(of_class[decisions.land_class] == chain.link[segment])
            if len(decisions.land_class)
            else np.empty(0, dtype=np.int64)
        )
        amount = np.minimum(expected[decisions.land_class[at]], size[segment])
        model.put(level.at(np.full(len(at), segment), decisions.land_year[at] - 1), decisions.land.at(at), -amount)
    return output.all
