"""The plan beside other ways to plan, and how its decisions change with the weights."""

from __future__ import annotations

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
    """

    name: str
    evaluation: Evaluation | None
    landed: float
    failure: Text | None = None


def baselines(town: Town, own_list: pd.DataFrame | None, seconds: float) -> tuple[Baseline, ...]:
    """Return the baselines: year-by-year greedy, staged, and the user's own list where given.

    Parameters
    ----------
    town : Town
        The town.
    own_list : DataFrame or None
        A ``locks`` table. Its sites start as it says and no others do; firms are placed as well as that allows.
    seconds : float
        Time for all of them together.
    """
    from zhenxing.planning.baselines import own_list as follow_list
    from zhenxing.planning.options import PlanOptions

    share = seconds / (2 if own_list is None else 3)
    made = [
        _baseline(town, "greedy", town, PlanOptions(seconds=share, method="greedy")),
        _baseline(town, "staged", town, PlanOptions(seconds=share, method="staged")),
    ]
    if own_list is not None:
        made.append(_baseline(town, "own_list", follow_list(town, own_list), PlanOptions(seconds=share)))
    return tuple(made)


def sensitivity_table(town: Town, plan: PlanLike, seconds: float) -> pd.DataFrame | None:
    """Return how the plan changes with tax weight, value-added weight and tail years, within the time given."""
    from zhenxing.planning.scenarios import sensitivity

    return sensitivity(town, plan, seconds)


def _baseline(town: Town, name: str, planned: Town, options: PlanOptions) -> Baseline:
    from zhenxing.planning.checker import evaluate
    from zhenxing.planning.plan import plan

    try:
        made = plan(planned, options)
    except ZhenxingError as error:
        return Baseline(name, None, 0.0, error.text)
    if not made.has_plan:
        return Baseline(name, None, 0.0, say("report.no_plan_in_time"))
    # counted on the town itself, so that a list's own locks do not change what the plan is worth
    return Baseline(name, evaluate(town, made.tables), float(made.tables["plan_landings"]["count"].astype(float).sum()))
