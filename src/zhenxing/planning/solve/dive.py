"""A first plan: make the site schedule whole along the relaxation, then decide the rest near where it wants to be.

Whole site starts cost the relaxation little when they are fixed a few at a time and the rest may move; firms and
steps fixed the same way cost much, so a small mixed-integer problem decides them: every firm in the parks and years
that the relaxation with whole sites wants, every step, facility and work within a year of it.
"""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

from zhenxing.milp import Compiled
from zhenxing.milp.highs import Effort, solve_mip
from zhenxing.milp.warm import WarmRelaxation
from zhenxing.planning.formulation import Formulation
from zhenxing.planning.solve.incumbent import Incumbent

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Of the numbers still divided, one in so many is fixed before the relaxation is solved again: leaders, then sites
# after them, and sites at once.
LEADERS_ROUND, AFTER_LEADERS_ROUND, SITES_ROUND = 10, 10, 10
TOLERANCE = 1e-6
# The dive may take longer than the small problem after it, for which the time of the first plan is meant.
DIVE_SHARE = 1.5
# Of the time of the first plan, what the sites as they are get before they may be cancelled.
SHARE_AS_THEY_ARE = 0.6


def make_whole(warm: WarmRelaxation, columns: Ints, start: Floats, per_round: int, until: float) -> Floats | None:
    """Fix the largest divided numbers up, round by round, until all are whole; None where that leads nowhere in time.

    Parameters
    ----------
    start : array
        Solution of the relaxation to begin with.
    until : float
        ``time.perf_counter()`` at which to give up.
    """
    solution = start
    while time.perf_counter() < until:
        rest = solution[columns] - np.floor(solution[columns] + TOLERANCE)
        divided = columns[rest > TOLERANCE]
        if len(divided) == 0:
            return solution
        order = np.argsort(-(solution[divided] - np.floor(solution[divided])), kind="stable")
        picked = divided[order[: max(1, len(divided) // per_round)]]
        kept = warm.lower[picked].copy()
        warm.bound(picked, np.ceil(solution[picked] - TOLERANCE), warm.upper[picked])
        found = warm.solve()
        if found is None:
            warm.bound(picked, kept, warm.upper[picked])
            warm.bound(picked[:1], kept[:1], np.floor(solution[picked[:1]]))
            found = warm.solve()
            if found is None:
                return None
        solution = found
    return None


def whole_sites(
    formulation: Formulation, model: Compiled, warm: WarmRelaxation, until: float, *, leaders_first: bool
) -> Floats | None:
    """Return the relaxation with whole site starts, the leaders' landings made whole before them if wanted.

    Parameters
    ----------
    until : float
        ``time.perf_counter()`` at which to give up.
    """
    decisions = formulation.decisions
    whole: Floats | None = warm.first.solution
    if leaders_first:
        leads = formulation.problem.candidates.is_leader[decisions.land_class]
        leading = decisions.land.start + np.flatnonzero(leads)
        whole = make_whole(warm, leading, warm.first.solution, LEADERS_ROUND, until)
    if whole is not None:
        per_round = AFTER_LEADERS_ROUND if leaders_first else SITES_ROUND
        whole = make_whole(warm, decisions.start.all, whole, per_round, until)
    warm.bound(np.arange(len(model.cost)), model.lower, model.upper)
    return whole


def first_plan(
    formulation: Formulation,
    model: Compiled,
    incumbent: Incumbent,
    warm: WarmRelaxation,
    effort: Effort,
    *,
    orders: tuple[bool, ...] = (True, False),
) -> bool:
    """Offer the incumbent a first plan found along the relaxation; return whether there was one.

    Parameters
    ----------
    orders : tuple of bool
        The dives to make, leaders first or not; the better one is gone on with. Each loses much on some towns.
    """
    starts = formulation.decisions.start.all
    until = time.perf_counter() + DIVE_SHARE * effort.seconds
    dives = [whole_sites(formulation, model, warm, until, leaders_first=first) for first in orders]
    whole = max((found for found in dives if found is not None), key=model.value, default=None)
    if whole is None:
        return False
    upper = _near(formulation, model, whole)
    upper[starts] = np.minimum(upper[starts], np.rint(whole[starts]))
    lower = np.minimum(model.lower, upper)
    as_they_are = lower.copy()
    as_they_are[starts] = upper[starts]
    for floor, share in ((as_they_are, SHARE_AS_THEY_ARE), (lower, 1.0)):
        part = Effort(share * effort.seconds, effort.gap, effort.nodes, effort.threads, effort.seed)
        answer = solve_mip(model, part, lower=floor, upper=upper, watch=lambda _v, _b: incumbent.stopped())
        if incumbent.offer(answer.solution, "dive"):
            return True
    return False


def _near(formulation: Formulation, model: Compiled, whole: Floats) -> Floats:
    """Return upper bounds that close what the relaxation with whole sites does not want."""
    decisions = formulation.decisions
    upper = model.upper.copy()
    land = decisions.land.span
    upper[land] = np.where(whole[land] > TOLERANCE, upper[land], model.lower[land])
    for block in (decisions.step, decisions.facility, decisions.work):
        if block.size:
            wanted = whole[block.span].reshape(block.shape) > TOLERANCE
            near = wanted.copy()
            near[:, 1:] |= wanted[:, :-1]
            near[:, :-1] |= wanted[:, 1:]
            upper[block.span] = np.where(near.ravel(), upper[block.span], model.lower[block.span])
    return upper
