"""What binds and what a little more of it is worth: the relaxation's price beside a curve of re-solves.

For a limit ``b`` and a step ``d`` in its own unit, figure (a) is ``V_part(b + d) − V_part(b)``, both solved to proof
with everything outside the part as planned; figure (b) is the interval ``[LB(b + d) − UB(b), UB(b + d) − LB(b)]`` of
the town's best plans, where ``UB(b + d)`` follows from the relaxation's multipliers by weak duality.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from zhenxing.errors import Text
from zhenxing.i18n import say
from zhenxing.milp.highs import Relaxation, solve_relaxation
from zhenxing.planning.explain.curve import Curve, Point, curve, quick_point
from zhenxing.planning.explain.ground import Ground, ground
from zhenxing.planning.explain.reasons import described, limit_label
from zhenxing.planning.explain.resources import EVERY_YEAR, ResourceLimit, find_limits, left_over, relaxation_price
from zhenxing.planning.explain.steps import Steps
from zhenxing.planning.explain.words import collect_names
from zhenxing.planning.result import PlanResult
from zhenxing.town import Town

COLUMNS = (
    "resource", "park_id", "year", "step", "value_change_wan", "conditional", "low_wan", "high_wan", "relaxation_price",
)  # fmt: skip
REASONS = (
    "resource", "park_id", "year", "step", "practical", "limit", "left_over", "relaxation_value_wan",
    "at_least_wan", "verdict", "disagree", "zh", "en",
)  # fmt: skip
# Seconds of one curve at the most when all limits are asked for, and at the least to begin another.
LONGEST_CURVE, SHORTEST_CURVE = 25.0, 2.0

Listener = Callable[[Text], None]


@dataclass(frozen=True, eq=False)
class Prices:
    """What limits are worth.

    Attributes
    ----------
    table : DataFrame
        ``prices.csv``: resource, park_id, year (0: every year), step (change of the limit in its own unit),
        value_change_wan, conditional, low_wan, high_wan, relaxation_price (万元 per unit).
    reasons : DataFrame
        ``reasons.csv``: the same rows in words, with whether the step is one practical unit, the limit, what the plan
        leaves of it, the verdict, and whether relaxation and re-solve disagree.
    summary : dict
        Value and bound of the plan, how much better a plan was found in passing, seconds.
    """

    table: pd.DataFrame
    reasons: pd.DataFrame
    summary: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Priced:
    """A limit with its price in the relaxation, what the plan leaves of it, and one practical unit."""

    limit: ResourceLimit
    price: float
    left: float
    unit: float

    @property
    def binds(self) -> bool:
        """Whether it may bind: used up in the plan, or priced in the relaxation."""
        return not self.limit.unlimited and (self.left <= 0.0 or self.price > 0.0)


def prices(
    town: Town,
    plan: PlanResult,
    *,
    resource: str | None = None,
    year: int | None = None,
    park: str | None = None,
    seconds: float = 120.0,
    steps: Steps | None = None,
    seed: int = 0,
    inputs: str | None = None,
    listener: Listener | None = None,
) -> Prices:
    """Return what more or less of a town's limits is worth to a plan, by two figures and a curve.

    Parameters
    ----------
    plan : PlanResult
        A plan of the town, as ``plan`` or ``read_plan`` returns it.
    resource : str, optional
        ``money`` (own funds of the year, 万元), ``debt`` (debt limit, 万元), ``title_mu``, ``cleared_mu`` (mu),
        ``effort_months`` (person-months), ``land`` (vacant mu of a park) or a resource of park_supply by its name; by
        default all of them, the dearest first.
    year : int, optional
        Calendar year; 0 for every year moved together. For land and park supplies: from that year on.
    park : str, optional
        Park of a land or supply limit; by default every park that has it.
    seconds : float
        Wall seconds for everything. Limits whose curve finds no time keep the relaxation's price and bounds.
    steps : Steps, optional
        By how much limits are moved.
    seed : int
        HiGHS seed.
    inputs : str, optional
        Fingerprint of the town's files where they lie on disk.
    listener : callable, optional
        Told what is being solved.

    Raises
    ------
    InputError
        No such resource, year or park, or the park has no such supply.
    SourceError
        The plan holds no plan of this town.

    Examples
    --------
    >>> import zhenxing
    >>> town = zhenxing.random_town("XS", "money-tight", seed=0)
    >>> found = zhenxing.prices(town, zhenxing.plan(town), resource="money", year=2027)
    >>> bool((found.table["value_change_wan"] * found.table["step"] >= 0).all())
    True
    """
    began = time.perf_counter()
    steps = steps or Steps()
    tell = listener or (lambda _: None)
    base = ground(town, plan, inputs=inputs)
    limits = find_limits(base, resource, year, park)
    relaxed = solve_relaxation(base.formulation.model, interior=True)
    priced = ranked(base, limits, relaxed, steps)
    every = resource is None
    curves = _curves(base, priced, relaxed, began + seconds, steps, seed, tell, every=every)
    names = collect_names(town)
    rows, reasons = [], []
    for one, found in curves:
        rows += [_row(one, point) for point in found.points]
        reasons += described(base, found, one.price, one.left, one.unit, binds=one.binds, names=names)
    gained = max((found.gained_wan for _, found in curves), default=0.0)
    summary = {
        "value_wan": float(base.value),
        "bound_wan": float(base.bound),
        "relaxation_wan": relaxed.value,
        "better_plan_found_wan": gained,
        "same_inputs": base.same_inputs,
        "curves": sum(one.part is not None for _, one in curves),
        "limits": len(priced),
        "seconds": round(time.perf_counter() - began, 2),
    }
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return Prices(_typed(table), pd.DataFrame(reasons, columns=list(REASONS)), summary)


def ranked(base: Ground, limits: Sequence[ResourceLimit], relaxed: Relaxation, steps: Steps) -> list[Priced]:
    """Return limits with their prices: the dearest of each resource first, then the second of each, and so on.

    Prices of different resources are compared by what one practical unit is worth.
    """
    problem = base.formulation.problem
    found = [
        Priced(
            limit,
            relaxation_price(limit, relaxed),
            left_over(base, limit, base.solution),
            steps.unit(problem, limit.resource),
        )
        for limit in limits
    ]
    by_resource: dict[str, list[Priced]] = {}
    for one in sorted(found, key=lambda one: (-one.binds, -one.price * one.unit)):
        by_resource.setdefault(one.limit.resource, []).append(one)
    places = [(place, -one.price * one.unit, one) for own in by_resource.values() for place, one in enumerate(own)]
    return [one for _, _, one in sorted(places, key=lambda found: (not found[2].binds, found[0], found[1]))]


def _curves(
    base: Ground,
    priced: Sequence[Priced],
    relaxed: Relaxation,
    deadline: float,
    steps: Steps,
    seed: int,
    tell: Listener,
    *,
    every: bool,
) -> list[tuple[Priced, Curve]]:
    """Return the curve of every limit that binds, as far as the time goes; the others as the relaxation knows them."""
    problem, names = base.formulation.problem, collect_names(base.town)
    done: list[tuple[Priced, Curve]] = []
    waiting = sum(one.binds for one in priced)
    for one in priced:
        left = deadline - time.perf_counter()
        label = limit_label(one.limit, names)
        if one.limit.unlimited or (every and not one.binds) or (every and done and left < SHORTEST_CURVE):
            point = quick_point(base, one.limit, one.unit, relaxed)
            done.append((one, Curve(one.limit, [point], None, base.solution)))
            continue
        tell(say("prices.solving", limit=label))
        share = min(max(left / max(waiting, 1), LONGEST_CURVE), left) if every else left / max(waiting, 1)
        wanted = steps.of(problem, one.limit)
        found = curve(base, one.limit, wanted, relaxed, max(share, 0.1), seed=seed, tell=_telling(tell, label))
        done.append((one, found))
        waiting -= one.binds
    return done


def _telling(tell: Listener, label: Text) -> Callable[[Text], None]:
    return lambda text: tell(Text(f"{label.zh}：{text.zh}", f"{label.en}: {text.en}"))


def _row(one: Priced, point: Point) -> dict[str, object]:
    return {
        "resource": one.limit.resource,
        "park_id": one.limit.park_id,
        "year": one.limit.year,
        "step": point.step,
        "value_change_wan": point.value_wan,
        "conditional": point.conditional,
        "low_wan": point.low_wan,
        "high_wan": point.high_wan,
        "relaxation_price": one.price,
    }


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    numbers = ["step", "value_change_wan", "low_wan", "high_wan", "relaxation_price"]
    return table.astype({**dict.fromkeys(numbers, "float64"), "year": "int64", "conditional": "boolean"})


def price_curve_data(found: Prices, resource: str, year: int = EVERY_YEAR, park: str = "") -> pd.DataFrame:
    """Return the curve of one limit for a figure.

    Returns
    -------
    DataFrame
        step, value_change_wan (figure (a)), low_wan, high_wan, relaxation_value_wan (price × step), in order of step,
        with the point of no step.
    """
    table = found.table
    own = table[(table["resource"] == resource) & (table["year"] == year) & (table["park_id"] == park)]
    columns = ["step", "value_change_wan", "low_wan", "high_wan"]
    price = float(own["relaxation_price"].iloc[0]) if len(own) else np.nan
    points = pd.concat([own[columns], pd.DataFrame([dict.fromkeys(columns, 0.0)])], ignore_index=True)
    points = points.sort_values("step", kind="stable").reset_index(drop=True)
    return points.assign(relaxation_value_wan=price * points["step"])
