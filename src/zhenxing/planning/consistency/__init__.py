"""The town's own tables against each other: what stops a plan, and what looks wrong.

One small function per rule. An error is what the plan model calls an input error: no plan is made until it is mended.
A warning names rows that are allowed but probably not what was meant, and the repair.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from zhenxing.errors import Issue
from zhenxing.i18n import say
from zhenxing.planning.consistency import horizon, locks, reach, references, scales
from zhenxing.planning.consistency.inputs import Inputs

if TYPE_CHECKING:
    from zhenxing.town import Town

Rule = Callable[[Inputs], list[Issue]]

#: Rules that need no horizon.
TABLE_RULES: Final[tuple[Rule, ...]] = (*references.RULES, *scales.RULES)
#: Rules about years; they need ``[plan]`` with base_year and horizon_years.
HORIZON_RULES: Final[tuple[Rule, ...]] = (*locks.RULES, *horizon.RULES, *reach.RULES)

__all__ = ["check_inputs"]


def check_inputs(town: Town) -> list[Issue]:
    """Check the plan's input tables against each other: errors first, then warnings.

    Errors are the input errors of the plan model (unknown ids, repeated keys, rewards that rise, wrong ``done`` rows);
    a plan stops at them. Warnings are allowed inputs that look wrong, each with its rows and a repair.

    Parameters
    ----------
    town : Town
        The town; absent tables are empty.

    Returns
    -------
    list of Issue
        Empty when nothing was found.

    Examples
    --------
    >>> from zhenxing import schema
    >>> from zhenxing.town import Settings, Town
    >>> import pandas as pd
    >>> sites, _ = schema.conform("sites", pd.DataFrame({"site_id": ["s"], "park_id": ["x"], "area_mu": [4]}))
    >>> town = Town(Settings.parse({"plan": {"base_year": 2025, "horizon_years": 3}}), {"sites": sites})
    >>> [issue.code for issue in check_inputs(town) if issue.level == "error"]
    ['unknown_park']
    """
    inputs = Inputs(town)
    issues = [issue for rule in TABLE_RULES for issue in rule(inputs)]
    if town.settings.plan is None:
        issues.append(Issue("warning", "no_plan_settings", say("check.no_plan_settings"), "town.toml", "plan"))
    else:
        issues += [issue for rule in HORIZON_RULES for issue in rule(inputs)]
    order = {"error": 0, "warning": 1, "info": 2}
    return sorted(issues, key=lambda issue: order[issue.level])
