"""First plans of a large town: along the relaxation in two ways and annealed from nothing, each made good by moves.

Which of them leads to the best plan differs from town to town, and what is found later rarely leaves the beginning's
neighbourhood: so each gets a share of the time, and the search goes on from the best.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zhenxing.milp import Compiled
from zhenxing.milp.highs import Effort
from zhenxing.milp.warm import WarmRelaxation
from zhenxing.planning.formulation import Formulation
from zhenxing.planning.solve.budget import Budget
from zhenxing.planning.solve.dive import first_plan
from zhenxing.planning.solve.incumbent import Incumbent
from zhenxing.planning.solve.lns import LOCAL_FROM, LOCAL_MOVES, relaxation_start, small_moves
from zhenxing.planning.solve.local import HOT, WARM, LocalSearch

Floats = npt.NDArray[np.float64]

# Shares of the time left for one dive with its small problem, and for the moves after it; the least seconds of a dive
# of its own (below, the better of both is gone on with).
DIVE_SHARE, MOVES_SHARE = 0.12, 0.1
# Plans annealed from nothing, and the share of the time left for each.
ANNEALED, ANNEALED_SHARE = 2, 0.07
# Share of the time left for a start along the relaxation alone, where dives take too long.
RELAXATION_SHARE = 0.3
# Seconds of one beginning at the most, however much time there is: the neighbourhoods do better with the rest.
LONGEST = 10.0


def first_plans(
    formulation: Formulation,
    model: Compiled,
    incumbent: Incumbent,
    warm: WarmRelaxation,
    budget: Budget,
    *,
    huge: bool,
) -> LocalSearch | None:
    """Offer the incumbent plans of several beginnings; return the small moves, if they were used.

    Parameters
    ----------
    huge : bool
        Only a small problem along the relaxation: solving it again and again takes too long.
    """
    if huge:
        relaxation_start(model, incumbent, warm.first.solution, _effort(incumbent, budget, RELAXATION_SHARE))
        return None
    enough = budget.work is not None or incumbent.left() > LOCAL_FROM
    local = small_moves(formulation, model) if enough else None
    if local is None:
        effort = _effort(incumbent, budget, DIVE_SHARE)
        if not first_plan(formulation, model, incumbent, warm, effort):
            relaxation_start(model, incumbent, warm.first.solution, effort)
        return None
    nothing = incumbent.solution
    _dive(formulation, model, incumbent, warm, budget, local, leaders_first=False)
    for place in range(ANNEALED if nothing is not None else 0):
        _move(local, nothing, incumbent, budget, ANNEALED_SHARE, HOT, place)
    _dive(formulation, model, incumbent, warm, budget, local, leaders_first=True)
    if incumbent.solution is None:
        relaxation_start(model, incumbent, warm.first.solution, _effort(incumbent, budget, DIVE_SHARE))
    return local


def _dive(
    formulation: Formulation,
    model: Compiled,
    incumbent: Incumbent,
    warm: WarmRelaxation,
    budget: Budget,
    local: LocalSearch,
    *,
    leaders_first: bool,
) -> None:
    """Offer the plan of one dive and what small moves make of it."""
    own = incumbent.part(np.inf)
    if first_plan(formulation, model, own, warm, _effort(incumbent, budget, DIVE_SHARE), orders=(leaders_first,)):
        incumbent.offer(own.solution, "dive")
        _move(local, own.solution, incumbent, budget, MOVES_SHARE, WARM, ANNEALED + leaders_first)


def _move(
    local: LocalSearch,
    plan: Floats | None,
    incumbent: Incumbent,
    budget: Budget,
    share: float,
    heat: float,
    place: int,
) -> None:
    if plan is None or incumbent.stopped():
        return
    counted = budget.work is not None
    seconds = None if counted else max(min(share * incumbent.left(), LONGEST), 0.1)
    moves = LOCAL_MOVES if counted else None
    better = local.improve(plan, seconds=seconds, moves=moves, seed=budget.seed + place, heat=heat)
    incumbent.offer(better, f"begun:{place}")


def _effort(incumbent: Incumbent, budget: Budget, share: float) -> Effort:
    if budget.work is not None:
        return Effort(gap=1e-3, nodes=10 * budget.work, threads=budget.threads, seed=budget.seed)
    seconds = max(min(share * incumbent.left(), LONGEST), 0.1)
    return Effort(seconds=seconds, gap=1e-3, threads=budget.threads, seed=budget.seed)
