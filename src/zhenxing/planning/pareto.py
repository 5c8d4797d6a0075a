"""Trade-offs: the most valuable plan for every level of a second measure, with a proven limit on each.

The measure is bounded (epsilon constraint) and the value maximised, from the tightest level to the loosest, each search
beginning with the best plan known that keeps its level. A bound proven at a level holds at every tighter one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, cast, get_args

import numpy as np
import pandas as pd
from scipy import sparse

from zhenxing.errors import InputError
from zhenxing.i18n import say
from zhenxing.milp import Compiled
from zhenxing.milp.highs import Effort, solve_mip, solve_relaxation
from zhenxing.planning import measures
from zhenxing.planning.formulation import Formulation
from zhenxing.planning.given import GivenPlan, given_plan, plan_result
from zhenxing.planning.interrupt import stop_on_interrupt
from zhenxing.planning.result import PlanResult
from zhenxing.planning.solve.budget import Budget
from zhenxing.planning.solve.incumbent import Incumbent, relative_gap
from zhenxing.planning.solve.search import search
from zhenxing.planning.variation import Floats, best_money, held, part_kept, pursue, with_aim, with_rows
from zhenxing.store import inputs_sha256
from zhenxing.town import Town

Against = Literal["disruption", "debt", "chain"]
UNITS: Mapping[str, str] = {"disruption": "m2", "debt": "wan", "chain": "share"}

# Two levels nearer than this share of the measure's range are the same level.
SAME_LEVEL = 1e-6
# With less time than this for a level (seconds) neighbourhoods alone improve; the joint plan's search needs more.
WHOLE_SEARCH = 15.0
# Share of a level's time for keeping what can stay of the most valuable plan.
KEPT_SHARE = 0.2


@dataclass(frozen=True)
class Front:
    """A Pareto front of value against another measure.

    Attributes
    ----------
    plans : mapping of str to PlanResult
        The plans of the front by name.
    table : DataFrame
        measure, unit, level (of the plan), limit (asked for), value_wan, bound_wan (no plan with a level at least as
        good is worth more), gap, plan; from the most valuable plan to the best level.
    envelope : DataFrame
        limit, bound_wan: every limit that was searched, with what no plan that keeps it can exceed.
    """

    plans: Mapping[str, PlanResult]
    table: pd.DataFrame
    envelope: pd.DataFrame


@dataclass(frozen=True)
class Measure:
    """A second measure: ``sign`` 1 where more is better, −1 where less is."""

    name: Against
    formulation: Formulation
    sign: float

    def of(self, solution: Floats) -> float:
        """Return the level of a plan."""
        decisions = self.formulation.decisions
        if self.name == "debt":
            return float(np.max(solution[decisions.debt.span], initial=0.0))
        if self.name == "disruption":
            return measures.floor_disturbed(self.formulation).of(solution)
        # rewards of 0 leave segments unfilled: the output itself counts
        return _completeness(self.formulation, solution)

    def keep(self, model: Compiled, level: float) -> Compiled:
        """Return the model with only the plans that are at least as good as a level."""
        if self.name == "debt":
            upper = model.upper.copy()
            span = self.formulation.decisions.debt.span
            upper[span] = np.minimum(upper[span], max(level, 0.0))
            return replace(model, upper=upper)
        if self.name == "disruption":
            return with_rows(model, "level", [measures.floor_disturbed(self.formulation)], upper=level)
        return with_rows(model, "level", [measures.chain_completeness(self.formulation)], lower=level)


@dataclass
class Point:
    """A level asked for, the best plan found that keeps it and the bound of all that do."""

    limit: float
    bound: float
    solution: Floats
    value: float
    level: float


def pareto(
    town: Town,
    plan: PlanResult,
    against: str,
    *,
    points: int = 7,
    seconds: float = 120.0,
    seed: int = 0,
    inputs: str | None = None,
) -> Front:
    """Return the trade-off of a town's plans between value and another measure.

    Parameters
    ----------
    plan : PlanResult
        A plan of the town to begin with.
    against : {"disruption", "debt", "chain"}
        Floor whose users must leave or be moved (m2); the highest debt of any year (万元); how full the first reward
        segment of each link is in the last year, mean over the links (0..1).
    points : int
        How many levels are searched, at least 2.
    seconds : float
        Wall seconds for everything, shared fairly among the levels.
    inputs : str, optional
        Fingerprint of the town's files on disk.

    Raises
    ------
    InputError
        Unknown measure, or fewer than two points.
    TownError
        The plan is not allowed in this town.

    Examples
    --------
    >>> import zhenxing
    >>> town = zhenxing.random_town("XS", "balanced", 0)
    >>> best = zhenxing.plan(town, zhenxing.PlanOptions(seconds=20))
    >>> front = pareto(town, best, "disruption", points=3, seconds=8)
    >>> bool(front.table["value_wan"].is_monotonic_decreasing)
    True
    """
    if against not in get_args(Against):
        raise InputError(say("alternatives.unknown_measure", measure=against, known=", ".join(get_args(Against))))
    if points < 2:
        raise InputError(say("alternatives.too_few_points", points=points))
    began = time.perf_counter()
    given = given_plan(town, plan, inputs)
    measure = Measure(cast(Against, against), given.formulation, 1.0 if against == "chain" else -1.0)
    with stop_on_interrupt() as stopped:
        run = _Run(given, measure, points, began + seconds, seed, stopped)
        found = run.points()
    return _front(given, measure, found, inputs or inputs_sha256(town), time.perf_counter() - began)


class _Run:
    """One search for a front: what is known at any time."""

    def __init__(
        self, given: GivenPlan, measure: Measure, count: int, deadline: float, seed: int, stopped: Callable[[], bool]
    ) -> None:
        self.given, self.measure, self.count = given, measure, count
        self.deadline, self.seed, self.stopped = deadline, seed, stopped
        self.model = given.tight
        self.known: list[Floats] = [given.solution]
        self.found: list[Point] = []
        self.to_do = count + 1

    def left(self) -> float:
        return self.deadline - time.perf_counter()

    def share(self) -> float:
        return max(self.left() / max(self.to_do, 1), 0.3)

    def points(self) -> list[Point]:
        """Search the levels from the best to the one of the most valuable plan, then between them while time lasts."""
        end = self._best_level()
        self.to_do -= 1
        self.solve(end)
        self.solve(self.measure.sign * -np.inf)
        top = max(self.found, key=lambda one: one.value).level
        for level in np.linspace(end, top, self.count)[1:-1].tolist():
            if abs(top - end) > SAME_LEVEL * max(1.0, abs(top), abs(end)):
                self.solve(level)
        self._refine(end, top)
        return self.found

    def solve(self, limit: float) -> None:
        """Find the most valuable plan that keeps a limit."""
        measure, free = self.measure, not np.isfinite(limit)
        model = self.model if free else measure.keep(self.model, limit)
        start = self._best_start(limit)
        if self.stopped() or (self.left() < 0.1 and start is None):
            return
        share = self.share()
        self.to_do -= 1
        if not free and self.found:
            # what can stay of a more valuable plan that does not keep the limit
            looser = max(self.found, key=lambda one: one.value).solution
            kept = part_kept(model, looser, KEPT_SHARE * share, self.stopped)
            start = max([one for one in (start, kept) if one is not None], key=model.value, default=None)
            share *= 1.0 - KEPT_SHARE
        if start is not None and share < WHOLE_SEARCH:
            incumbent = pursue(self.given.formulation, model, start, share, seed=self.seed, stopped=self.stopped)
        else:
            incumbent = Incumbent(model, time.perf_counter() + share, 1e-7, None, self.stopped)
            incumbent.offer(start, "start")
            if free:
                incumbent.prove(self.given.bound, "given")
            search(self.given.formulation, incumbent, Budget(seed=self.seed), given=model)
        if incumbent.solution is None:
            return
        self.known.append(incumbent.solution)
        bound = min(incumbent.bound, self.given.bound) if np.isfinite(incumbent.bound) else self.given.bound
        self.found.append(Point(limit, bound, incumbent.solution, incumbent.value, measure.of(incumbent.solution)))

    def _best_start(self, limit: float) -> Floats | None:
        """Return the most valuable plan known that keeps a limit, its money made best for it."""
        sign = self.measure.sign
        tolerance = SAME_LEVEL * max(1.0, abs(limit)) if np.isfinite(limit) else 0.0
        keeping = [one for one in self.known if sign * self.measure.of(one) >= sign * limit - 0.01 * tolerance]
        if self.measure.name == "debt" and np.isfinite(limit):
            # the same decisions may need less debt than was taken
            capped = self.measure.keep(self.model, limit)
            keeping += [other for one in self.known if (other := best_money(capped, one)) is not None]
        return max(keeping, key=self.model.value, default=None)

    def _best_level(self) -> float:
        """Return the best level any plan is known to reach; the plan that reaches it becomes known."""
        still = solve_relaxation(self.model, upper=np.where(self.model.integer, self.model.lower, self.model.upper))
        if still.status == "optimal":
            self.known.append(np.where(self.model.integer, np.rint(still.solution), still.solution))
        if self.measure.name == "debt":
            return self._least_peak()
        linear = {
            "disruption": measures.floor_disturbed,
            "chain": measures.chain_completeness,
        }[self.measure.name](self.given.formulation).times(self.measure.sign)
        start = max(self.known, key=lambda one: self.measure.sign * self.measure.of(one))
        aimed = with_aim(self.model, linear)
        if relative_gap(0.0, -linear.of(start)) > 1e-9 or self.measure.name == "chain":
            reached = pursue(
                self.given.formulation, aimed, start, self.share(), seed=self.seed, stopped=self.stopped
            ).solution
            start = start if reached is None else reached
        self.known.append(start)
        return self.measure.of(start)

    def _least_peak(self) -> float:
        """Return the least highest debt: the model with one more column for it, solved as it is."""
        debt = self.given.formulation.decisions.debt
        model, count = self.model, debt.size
        rows = np.arange(count)
        below = sparse.coo_array((np.ones(count), (rows, debt.all)), shape=(count, len(model.cost)))
        peak = sparse.coo_array(
            (-np.ones(count), (model.matrix.shape[0] + rows, np.zeros(count, dtype=np.int64))),
            shape=(model.matrix.shape[0] + count, 1),
        )
        wider = replace(
            model,
            matrix=sparse.csc_array(sparse.hstack([sparse.vstack([model.matrix, below]), peak], format="csc")),
            cost=np.concatenate([np.zeros(len(model.cost)), [-1.0]]),
            offset=0.0,
            lower=np.append(model.lower, 0.0),
            upper=np.append(model.upper, np.inf),
            integer=np.append(model.integer, False),
            row_lower=np.concatenate([model.row_lower, np.full(count, -np.inf)]),
            row_upper=np.concatenate([model.row_upper, np.zeros(count)]),
        )
        best = -np.inf
        for known in self.known:
            fixed = held(wider, wider.integer, np.append(known, 0.0))
            answer = solve_relaxation(fixed)
            if answer.status == "optimal" and answer.value > best:
                best = answer.value
                self.known.append(np.where(model.integer, known, answer.solution[:-1]))
        if best < -1e-9:
            answer_mip = solve_mip(
                wider, Effort(seconds=self.share(), gap=1e-9), watch=lambda value, _bound: value > -1e-9
            )
            if answer_mip.solution is not None and answer_mip.value > best:
                best = answer_mip.value
                self.known.append(answer_mip.solution[:-1])
        return max(-best, 0.0) if np.isfinite(best) else self.measure.of(self.given.solution)

    def _refine(self, end: float, top: float) -> None:
        """Search just beside known points, the widest gap first, until every gap is known to be empty."""
        sign = self.measure.sign
        step = SAME_LEVEL * max(1.0, abs(end), abs(top))
        closed: set[float] = set()
        while self.left() > 0.2 and not self.stopped() and len(_best_only(self.found, sign)) < self.count:
            front = sorted(_best_only(self.found, sign), key=lambda one: -sign * one.level)
            gaps = [
                (abs(one.level - other.level), other.level)
                for one, other in pairwise(front)
                if abs(one.level - other.level) > 2 * step and round(other.level / step) not in closed
            ]
            if not gaps:
                return
            _, level = max(gaps)
            closed.add(round(level / step))
            self.to_do = max(self.count - len(front), 1)
            self.solve(level + sign * step)


def _best_only(found: list[Point], sign: float) -> list[Point]:
    """Return the points that no other beats in both value and level (of equal ones the first)."""
    kept: list[Point] = []
    for one in sorted(found, key=lambda point: (-point.value, -sign * point.level)):
        slack = 1e-7 * max(1.0, abs(one.value))
        if all(sign * one.level > sign * other.level + 1e-7 * max(1.0, abs(one.level)) for other in kept):
            while kept and kept[-1].value <= one.value + slack:
                kept.pop()
            kept.append(one)
    return kept


def _completeness(formulation: Formulation, solution: Floats) -> float:
    chain, length = formulation.problem.chain, formulation.problem.horizon.length
    first = np.flatnonzero(np.diff(chain.link, prepend=-1) != 0) if len(chain.link) else np.empty(0, dtype=np.int64)
    first = first[chain.size[first] > 0]
    if len(first) == 0:
        return 0.0
    reach = solution[formulation.model.columns["segment_reach"].at(first, np.full(len(first), length - 1))]
    return float(np.mean(np.minimum(reach / chain.size[first], 1.0)))


def _front(given: GivenPlan, measure: Measure, found: list[Point], inputs: str, seconds: float) -> Front:
    sign = measure.sign
    # what no plan may exceed at a limit, it may not exceed at a tighter one
    bounds = {one.limit: min(other.bound for other in found if sign * other.limit <= sign * one.limit) for one in found}
    plans, rows = {}, []
    for number, point in enumerate(_best_only(found, sign), start=1):
        slack = 1e-9 * max(1.0, abs(point.level))
        bound = min(bounds[one.limit] for one in found if sign * one.limit <= sign * point.level + slack)
        bound = max(bound, point.value)
        name = f"{measure.name}-{number}"
        plans[name] = plan_result(
            given.formulation, point.solution, given.bound, f"pareto:{measure.name}", seconds / len(found), inputs
        )
        rows.append(
            {
                "measure": measure.name,
                "unit": UNITS[measure.name],
                "level": point.level,
                "limit": point.limit if np.isfinite(point.limit) else None,
                "value_wan": point.value,
                "bound_wan": bound,
                "gap": relative_gap(point.value, bound),
                "plan": name,
            }
        )
    limits = sorted(bounds, key=lambda limit: sign * limit)
    envelope = pd.DataFrame(
        {
            "limit": [limit if np.isfinite(limit) else None for limit in limits],
            "bound_wan": [bounds[limit] for limit in limits],
        }
    )
    return Front(plans, pd.DataFrame(rows), envelope)
