"""What a change of the problem is worth: exactly within a part of the plan, and between bounds for the whole town.

Figure (a): the part is solved to proof with and without the change, the rest as planned. Figure (b): the interval
``[LB − UB_with, UB − LB_with]`` of ``V(without) − V(with)`` from the best plans known and the proven bounds, cut by
what is known of the sign: a restriction cannot gain, a relaxation cannot lose.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from zhenxing.errors import Text
from zhenxing.milp import Block, Compiled
from zhenxing.milp.duality import dual_bound
from zhenxing.milp.highs import Answer, Effort, solve_mip, solve_relaxation
from zhenxing.milp.propagation import propagate
from zhenxing.planning.explain.ground import Ground
from zhenxing.planning.explain.part import Part, parts_around

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Relative gap at which a part counts as solved to proof.
PROOF_GAP = 1e-8
# Less time than this is not worth starting a solve for, seconds.
LEAST_SECONDS = 0.05
# A part takes several times as long as the one within it; with less than that left the next is not begun.
GROWTH = 3.0
# Restarts of HiGHS cost small parts more than they win.
WITHOUT_RESTART = {"mip_allow_restart": False}
# Shares of the time left: the relaxation with the change, the first of the two solves of a part.
RELAXATION_SHARE, FIRST_SHARE = 0.5, 0.5


@dataclass(frozen=True, eq=False)
class Row:
    """A further row of the problem: ``lower <= values @ x[columns] <= upper``."""

    columns: Ints
    values: Floats
    lower: float
    upper: float


@dataclass(frozen=True, eq=False)
class Change:
    """A change of the problem that leaves its decisions as they are.

    Attributes
    ----------
    label : Text
        What it is, in words.
    kind : {"restriction", "relaxation"}
        A restriction allows no plan that was not allowed; a relaxation forbids none that was allowed.
    columns : mapping of int to (lower, upper)
        New bounds of columns.
    rows : mapping of int to (lower, upper)
        New limits of rows.
    added : sequence of Row
        Further rows.
    model : Compiled, optional
        A model with the same columns to apply the change to, instead of the ground's (a limit that other rows too
        depend on).
    focus : array of int
        Columns it speaks about: the part is chosen around them.
    """

    label: Text
    kind: Literal["restriction", "relaxation"]
    columns: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    rows: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    added: Sequence[Row] = ()
    model: Compiled | None = None
    focus: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class Worth:
    """What a change costs: ``V(without) − V(with)``, positive for a loss; 万元.

    Attributes
    ----------
    possible : bool or None
        Whether any plan allows the change; None when the time did not tell.
    cost_wan : float or None
        Figure (a); None when no plan with the change is known.
    cost_low_wan, cost_high_wan : float or None
        Between which figure (a) lies: equal (to the tolerance of the proof) when ``proved``.
    proved : bool
        Both solves of the part ended with a proof.
    conditional : bool
        The figure holds within this plan only; False when the part was the whole problem, solved to proof.
    low_wan, high_wan : float or None
        Figure (b), the interval for the whole town; None where there is no limit.
    part : Part or None
        What was decided anew for figure (a).
    without, with_change : array or None
        The best solutions known without and with the change.
    before, after : array or None
        The part's solutions behind figure (a).
    gained_wan : float
        How much better than the given plan the best plan found in passing is, without the change.
    """

    possible: bool | None
    cost_wan: float | None
    cost_low_wan: float | None
    cost_high_wan: float | None
    proved: bool
    conditional: bool
    low_wan: float | None
    high_wan: float | None
    part: Part | None
    without: Floats
    with_change: Floats | None
    before: Floats | None
    after: Floats | None
    gained_wan: float

    @property
    def tie(self) -> bool:
        """Whether the interval for the whole town holds 0: the change may be worth nothing."""
        low = -np.inf if self.low_wan is None else self.low_wan
        high = np.inf if self.high_wan is None else self.high_wan
        return bool(low <= 0.0 <= high)


def changed_model(ground: Ground, change: Change) -> Compiled:
    """Return the model with a change applied and its bounds propagated."""
    # bounds that were tightened under the old limits do not hold under looser ones
    start = ground.model if change.kind == "restriction" else ground.formulation.model
    model = start if change.model is None else change.model
    lower, upper = model.lower.copy(), model.upper.copy()
    row_lower, row_upper = model.row_lower.copy(), model.row_upper.copy()
    for at, (low, high) in change.columns.items():
        lower[at], upper[at] = low, high
    for at, (low, high) in change.rows.items():
        row_lower[at], row_upper[at] = low, high
    model = replace(model, lower=lower, upper=upper, row_lower=row_lower, row_upper=row_upper)
    return propagate(with_rows(model, change.added))


def with_rows(model: Compiled, added: Sequence[Row], name: str = "wish") -> Compiled:
    """Return a model with further rows at its end."""
    if not added:
        return model
    count, width = len(added), model.matrix.shape[1]
    at = np.repeat(np.arange(count), [len(row.columns) for row in added])
    columns = np.concatenate([row.columns for row in added]).astype(np.int64)
    values = np.concatenate([row.values for row in added])
    more = sparse.coo_array((values, (at, columns)), shape=(count, width))
    block = Block(name, model.matrix.shape[0], (count,), {"row": list(range(count))})
    return replace(
        model,
        matrix=sparse.csc_array(sparse.vstack([model.matrix, more], format="csc")),
        row_lower=np.concatenate([model.row_lower, [row.lower for row in added]]),
        row_upper=np.concatenate([model.row_upper, [row.upper for row in added]]),
        rows={**model.rows, name: block},
    )


def worth(
    ground: Ground,
    change: Change,
    seconds: float,
    *,
    parts: Sequence[Part] | None = None,
    start: Floats | None = None,
    seed: int = 0,
) -> Worth:
    """Return what a change of the problem is worth, within this plan and for the whole town.

    Parameters
    ----------
    change : Change
        A restriction (a wish) or a relaxation (more of a limit).
    seconds : float
        Wall seconds; the figure is that of the largest part solved to proof in them.
    parts : sequence of Part, optional
        Growing parts to solve instead of those around the change's focus.
    start : array, optional
        A solution that satisfies the change, to begin with.
    seed : int
        HiGHS seed.
    """
    trial = _Trial(ground, change, time.perf_counter() + seconds, seed)
    trial.take_start(start)
    near = list(parts) if parts is not None else parts_around(ground, change.focus)
    # what little the nearest part takes may be all the time there is; the relaxation then says where else to look
    if trial.solve_part(near[0]) is False or not trial.relax():
        return trial.result(possible=False)
    if parts is None and trial.figure is None and trial.hint is not None:
        near = [near[0], *parts_around(ground, change.focus, trial.hint)]
    for part in near[1:]:
        if not trial.worth_trying():
            break
        if not trial.solve_part(part):
            return trial.result(possible=False)
    return trial.result(possible=True if trial.with_change is not None else None)


@dataclass(frozen=True, eq=False)
class _Figure:
    """Both solves of one part: values and bounds without and with the change."""

    part: Part
    before: Floats
    after: Floats
    without: tuple[float, float]
    within: tuple[float, float]
    proved: bool


class _Trial:
    """The state of one question while its time lasts."""

    def __init__(self, ground: Ground, change: Change, deadline: float, seed: int) -> None:
        self.ground, self.change, self.deadline, self.seed = ground, change, deadline, seed
        self.model = changed_model(ground, change)
        self.restricts = change.kind == "restriction"
        self.best = ground.solution
        self.with_change: Floats | None = None
        self.upper = ground.bound
        self.upper_with = ground.bound if self.restricts else np.inf
        self.hint: Floats | None = None
        self.figure: _Figure | None = None
        self.slowest = 0.0

    def left(self) -> float:
        return self.deadline - time.perf_counter()

    def worth_trying(self) -> bool:
        """Whether a larger part may still be solved to proof; while nothing is known yet, anything is worth it."""
        if self.left() < LEAST_SECONDS:
            return False
        return self.figure is None or self.left() > GROWTH * self.slowest

    def take_start(self, start: Floats | None) -> None:
        """Begin with a solution known to satisfy the change: the plan itself, where it does."""
        for solution in (self.ground.solution, start):
            if solution is not None and self.model.violation(solution) <= 1e-6:
                self._offer_with(solution)

    def relax(self) -> bool:
        """Bound the best plan with the change by its relaxation; False when the change is impossible."""
        if not self.restricts and "relaxation" in self.ground.__dict__ and not self.change.added:
            self.upper_with = min(self.upper_with, dual_bound(self.model, self.ground.relaxation.row_price))
        if self.left() < LEAST_SECONDS:
            return True
        relaxed = solve_relaxation(self.model, seconds=RELAXATION_SHARE * self.left())
        if relaxed.status == "infeasible":
            return self.with_change is not None
        if relaxed.status == "optimal":
            self.hint = relaxed.solution
            proven = dual_bound(self.model, relaxed.row_price)
            proven = proven if np.isfinite(proven) else relaxed.value
            self.upper_with = min(self.upper_with, max(proven, self._value(self.with_change)))
        return True

    def solve_part(self, part: Part) -> bool:
        """Solve a part with and without the change; False when everything was free and there is no plan."""
        began = time.perf_counter()
        if self.restricts:
            within = self._solve(part, with_change=True, share=FIRST_SHARE)
            if within.status == "infeasible":
                return not part.whole
            without = self._solve(part, with_change=False, share=1.0)
        else:
            without = self._solve(part, with_change=False, share=FIRST_SHARE)
            within = self._solve(part, with_change=True, share=1.0)
        if within.solution is None or without.solution is None:
            return True
        self.slowest = max(self.slowest, time.perf_counter() - began)
        proved = within.status == "optimal" and without.status == "optimal"
        if self.figure is None or proved or not self.figure.proved:
            self.figure = _Figure(
                part,
                without.solution,
                within.solution,
                (without.value, without.bound),
                (within.value, within.bound),
                proved,
            )
        return True

    def _solve(self, part: Part, *, with_change: bool, share: float) -> Answer:
        model = self.model if with_change else self.ground.model
        lower, upper = part.bounds(model, self.ground.solution)
        start = self._start(part, with_change=with_change)
        seconds = share * self.left()
        if seconds < LEAST_SECONDS:
            value = self._value(start)
            return Answer("feasible" if start is not None else "no_solution", start, value, np.inf, 0.0)
        effort = Effort(seconds=seconds, gap=PROOF_GAP, seed=self.seed)
        answer = solve_mip(model, effort, lower=lower, upper=upper, start=start, options=WITHOUT_RESTART)
        if answer.solution is not None:
            exact = np.where(model.integer, np.rint(answer.solution), answer.solution)
            answer = replace(answer, solution=exact)
            (self._offer_with if with_change else self._offer)(exact)
        if part.whole and np.isfinite(answer.bound):
            if with_change:
                self.upper_with = min(self.upper_with, answer.bound)
            else:
                self.upper = min(self.upper, answer.bound)
        return answer

    def _start(self, part: Part, *, with_change: bool) -> Floats | None:
        """Return the best solution known that keeps to the plan outside the part."""
        known = [self.with_change, None if with_change and self.restricts else self.best, self.ground.solution]
        if with_change and self.restricts:
            known = [self.with_change]
        elif not with_change and not self.restricts:
            known = known[1:]
        model = self.model if with_change else self.ground.model
        lower, upper = part.bounds(model, self.ground.solution)
        fitting = [
            one for one in known if one is not None and np.all(one >= lower - 1e-6) and np.all(one <= upper + 1e-6)
        ]
        return max(fitting, key=model.value) if fitting else None

    def _offer(self, solution: Floats) -> None:
        if self._value(solution) > self._value(self.best):
            self.best = solution
        if not self.restricts:
            self._offer_with(solution)

    def _offer_with(self, solution: Floats) -> None:
        if self._value(solution) > self._value(self.with_change):
            self.with_change = solution
        if self.restricts and self._value(solution) > self._value(self.best):
            self.best = solution

    def _value(self, solution: Floats | None) -> float:
        return -np.inf if solution is None else self.ground.model.value(solution)

    def result(self, *, possible: bool | None) -> Worth:
        """Return both figures from what is known."""
        low = high = None
        if possible is not False:
            low, high = self._signed(
                self._value(self.best) - self.upper_with, self.upper - self._value(self.with_change)
            )
        cost: float | None = None
        between: tuple[float | None, float | None] = (None, None)
        proved = False
        figure = self.figure if possible else None
        if figure is not None:
            proved = figure.proved
            cost = self._clip(figure.without[0] - figure.within[0])
            between = self._signed(figure.without[0] - figure.within[1], figure.without[1] - figure.within[0])
        elif possible and self.with_change is not None:
            cost = self._clip(self.ground.value - self._value(self.with_change))
            between = self._signed(-np.inf, np.inf)
        return Worth(
            possible=possible,
            cost_wan=cost,
            cost_low_wan=between[0],
            cost_high_wan=between[1],
            proved=proved,
            conditional=not (figure is not None and figure.proved and figure.part.whole),
            low_wan=low,
            high_wan=high,
            part=None if figure is None else figure.part,
            without=self.best,
            with_change=self.with_change,
            before=None if figure is None else figure.before,
            after=None if figure is None else figure.after,
            gained_wan=float(max(self._value(self.best) - self.ground.value, 0.0)),
        )

    def _clip(self, amount: float) -> float:
        return float(max(amount, 0.0) if self.restricts else min(amount, 0.0))

    def _signed(self, low: float, high: float) -> tuple[float | None, float | None]:
        """Return an interval cut by the sign that is known; None where it has no end."""
        low, high = self._clip(low), self._clip(high)
        return (low if np.isfinite(low) else None), (high if np.isfinite(high) else None)
