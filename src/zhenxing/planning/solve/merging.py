"""Several plans from different beginnings, and what they are worth together.

Each plan is found along a relaxation whose objective is a little disturbed and improved by neighbourhoods for a while.
Where two of them agree they are mostly right; a small problem decides the rest anew and often finds a plan well above
both (path relinking by an exact sub-problem).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from zhenxing.milp import Compiled
from zhenxing.milp.highs import Effort, solve_mip
from zhenxing.milp.warm import WarmRelaxation
from zhenxing.planning.formulation import Formulation
from zhenxing.planning.solve.dive import first_plan
from zhenxing.planning.solve.incumbent import Incumbent
from zhenxing.planning.solve.lns import improve, relaxation_start

Floats = npt.NDArray[np.float64]

# How many plans are kept, and how much the objective of a beginning is disturbed (standard deviation).
KEPT, DISTURBANCE = 5, 0.15
# Share of a beginning's time for its first plan.
FIRST_SHARE = 0.4
# Seconds of a sub-problem: improving a beginning, merging two plans.
SLICE_SECONDS, MERGE_SECONDS = 0.8, 4.0
# Nodes of a merging and rounds of a beginning when work is counted instead of time.
WORK_NODES = 200


@dataclass
class Family:
    """Plans worth keeping, best first, each with its number, and which pairs have been merged."""

    model: Compiled
    plans: list[tuple[int, Floats]] = field(default_factory=list)
    merged: set[tuple[int, int]] = field(default_factory=set)
    met: int = 0

    def add(self, plan: Floats | None) -> None:
        """Keep a plan if it is new and among the best."""
        if plan is None:
            return
        whole = self.model.integer
        if any(not np.any(np.abs(plan - known)[whole] > 0.5) for _, known in self.plans):
            return
        self.met += 1
        ranked = sorted([*self.plans, (self.met, plan)], key=lambda entry: -self.model.value(entry[1]))
        self.plans = ranked[: KEPT + 1]

    def pair(self) -> tuple[Floats, Floats] | None:
        """Return the best pair not merged yet, the better plan first."""
        for total in range(1, 2 * len(self.plans)):
            for place in range((total + 1) // 2):
                if total - place >= len(self.plans):
                    continue
                (one, better), (two, other) = self.plans[place], self.plans[total - place]
                if (one, two) not in self.merged:
                    self.merged |= {(one, two), (two, one)}
                    return better, other
        return None


def begin(
    formulation: Formulation,
    model: Compiled,
    incumbent: Incumbent,
    warm: WarmRelaxation,
    *,
    seconds: float,
    rounds: int | None = None,
    seed: int = 0,
) -> Family:
    """Return plans found from several beginnings within so many seconds together.

    Parameters
    ----------
    rounds : int, optional
        Rounds of improvement of each beginning instead of time.
    """
    rng = np.random.default_rng(seed)
    family = Family(model)
    each = seconds / KEPT
    for place in range(KEPT):
        if incumbent.stopped() or (rounds is None and incumbent.left() < each):
            break
        plan = _begin(formulation, model, incumbent, warm, rng if place else None, each, rounds, seed + place)
        family.add(plan)
        incumbent.offer(plan, f"begun:{place}")
    return family


def merge_all(family: Family, incumbent: Incumbent, *, until: float, rounds: int | None = None) -> None:
    """Merge pairs, best ones first, until none is left or the incumbent has ``until`` seconds left."""
    done = 0
    while not incumbent.finished() and (rounds is None or done < rounds):
        parents = family.pair()
        if parents is None or (rounds is None and incumbent.left() - until < 0.2):
            return
        done += 1
        seconds = np.inf if rounds is not None else max(min(MERGE_SECONDS, incumbent.left() - until), 0.1)
        effort = Effort(seconds, 2e-4, WORK_NODES if rounds is not None else None)
        child = merge(family.model, *parents, incumbent, effort)
        family.add(child)
        incumbent.offer(child, "merge")


def merge(model: Compiled, better: Floats, other: Floats, incumbent: Incumbent, effort: Effort) -> Floats | None:
    """Return the best plan found that agrees with both where they agree."""
    open_ = model.integer & (np.abs(better - other) > 0.5)
    lower = np.where(model.integer & ~open_, better, model.lower)
    upper = np.where(model.integer & ~open_, better, model.upper)
    answer = solve_mip(model, effort, lower=lower, upper=upper, start=better, watch=lambda _v, _b: incumbent.over())
    return None if answer.solution is None else np.where(model.integer, np.rint(answer.solution), answer.solution)


def _begin(
    formulation: Formulation,
    model: Compiled,
    incumbent: Incumbent,
    warm: WarmRelaxation,
    rng: np.random.Generator | None,
    seconds: float,
    rounds: int | None,
    seed: int,
) -> Floats | None:
    """Return a plan found along the relaxation, the objective disturbed where a generator is given."""
    own = incumbent.part(seconds)
    if rng is not None:
        noise = 1.0 + DISTURBANCE * rng.standard_normal(len(model.cost))
        warm = WarmRelaxation(replace(model, cost=model.cost * noise))
        if warm.first.status != "optimal":
            return None
    effort = Effort(gap=1e-3, nodes=10 * rounds) if rounds is not None else Effort(FIRST_SHARE * seconds, 1e-3)
    if not first_plan(formulation, model, own, warm, effort):
        relaxation_start(model, own, warm.first.solution, effort)
    improve(
        formulation, model, own, warm.first.solution, until=0.0, rounds=rounds, seed=seed, slice_seconds=SLICE_SECONDS
    )
    return own.solution
