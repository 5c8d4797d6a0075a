"""Random tiny towns that allow a plan, with their best plan: for tests that need one to ask about.

That the program finds nothing where nothing is allowed is the business of ``test_brute_force``.
"""

from __future__ import annotations

from functools import cache

from tiny_towns import random_town

from zhenxing.errors import InfeasibleError
from zhenxing.planning.plan import plan
from zhenxing.planning.result import PlanResult
from zhenxing.town import Town

# A seed's own series of towns, of which the first that allows a plan is taken.
SERIES, LENGTH = 10_000, 30


@cache
def planned_town(seed: int) -> tuple[Town, PlanResult]:
    """Return the first town of a seed's series that allows a plan, and its best plan."""
    for place in range(LENGTH):
        town = random_town(seed + SERIES * place)
        try:
            return town, plan(town)
        except InfeasibleError:
            continue
    raise AssertionError(f"none of {LENGTH} towns of the series {seed} allows a plan")
