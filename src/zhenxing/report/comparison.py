"""The plan beside other ways to plan, and how its decisions change with the weights."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from zhenxing.errors import Text, ZhenxingError
from zhenxing.i18n import say

if TYPE_CHECKING:
    from zhenxing.planning.checker import Evaluation
    from zhenxing.planning.options import PlanOptions
    from zhenxing.report.facts import PlanLike
    from zhenxing.town import Town


@dataclass(frozen=True)
class Baseline:
    """Another plan of the same town, or why there is none.

    Parameters
    ----------
    name : {"greedy", "staged", "own_list"}
        How it was made.
    evaluation : Evaluation or None
        Its worth by the same count as the plan's.
    landed : float
        Firms that land.
    failure : Text or None
        Why it could not be made.
    seconds : float
        Time it was given.
    """

    name: str
    evaluation: Evaluation | None
    landed: float
    failure: Text | None = None
    seconds: float = 0.0


# shares of the time given; what one leaves over goes to those after it
SHARES = {"greedy": 0.2, "staged": 0.35, "own_list": 0.25, "sensitivity": 0.45}


def compare(
    town: Town, plan: PlanLike, own_list: pd.DataFrame | None, seconds: float
) -> tuple[tuple[Baseline, ...], pd.DataFrame | None]:
    """Return the baselines (year-by-year greedy, staged, the user's own list) and the sensitivity of the plan.

    Parameters
    ----------
    town : Town
        The town.
    plan : PlanLike
        Its plan.
    own_list : DataFrame or None
        A ``locks`` table. Its sites start as it says and no others do; firms are placed as well as that allows.
    seconds : float
        Time for all of them together; 0 leaves them out.

    Returns
    -------
    tuple of Baseline, DataFrame or None
        The DataFrame is that of ``zhenxing.planning.sensitivity.sensitivity``.
    """
    if seconds <= 0:
        return (), None
    from zhenxing.planning.baselines import own_list as follow_list
    from zhenxing.planning.options import PlanOptions

    deadline = time.perf_counter() + seconds
    waiting = (
        dict(SHARES) if own_list is not None else {name: part for name, part in SHARES.items() if name != "own_list"}
    )

    def share(name: str) -> float:
        part = waiting[name] / sum(waiting.values())
        del waiting[name]
        return max(0.5, (deadline - time.perf_counter()) * part)

    made = [
        _baseline(town, "greedy", town, PlanOptions(seconds=share("greedy"), method="greedy")),
        _baseline(town, "staged", town, PlanOptions(seconds=share("staged"), method="staged")),
    ]
    if own_list is not None:
        made.append(_baseline(town, "own_list", follow_list(town, own_list), PlanOptions(seconds=share("own_list"))))
    return tuple(made), _sensitivity(town, plan, share("sensitivity"))


def _sensitivity(town: Town, plan: PlanLike, seconds: float) -> pd.DataFrame | None:
    """Return how the plan changes with tax weight, value-added weight and tail years, within the time given."""
    from zhenxing.planning.sensitivity import sensitivity

    try:
        return sensitivity(town, plan, seconds)
    except ZhenxingError:
        # a plan that the town does not allow is reported as such; there is nothing to vary
        return None


def _baseline(town: Town, name: str, planned: Town, options: PlanOptions) -> Baseline:
    from zhenxing.planning.checker import evaluate
    from zhenxing.planning.plan import plan

    try:
        made = plan(planned, options)
    except ZhenxingError as error:
        return Baseline(name, None, 0.0, error.text, options.seconds)
    if not made.has_plan:
        return Baseline(name, None, 0.0, say("report.no_plan_in_time"), options.seconds)
    # counted on the town itself, so that a list's own locks do not change what the plan is worth
    landed = float(made.tables["plan_landings"]["count"].astype(float).sum())
    return Baseline(name, evaluate(town, made.tables), landed, None, options.seconds)
