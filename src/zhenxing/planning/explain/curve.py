"""The curve of a limit: a part of the plan solved to proof with the limit as it is and with every step of it.

All steps share one part and one solve without a step. Which whole numbers the part decides anew: those of the limit's
year (of its park) first, then those next to it, the ones whose price in the relaxation is nearest to nothing before
the others; as many as can be solved to proof in the time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from zhenxing.errors import Text
from zhenxing.i18n import say
from zhenxing.milp import Compiled
from zhenxing.milp.duality import dual_bound
from zhenxing.milp.highs import Answer, Effort, Relaxation, solve_mip
from zhenxing.planning.explain.ground import Ground
from zhenxing.planning.explain.part import WHOLE, Part, part_of, parts_around, whole_part
from zhenxing.planning.explain.resources import EVERY_YEAR, ResourceLimit, moved, relaxation_price
from zhenxing.planning.explain.worth import LEAST_SECONDS, PROOF_GAP, changed_model

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# Relative gap at which a part that is not everything counts as solved to proof: a fraction of a 万元 in 100,000.
PART_GAP = 1e-7
# Whole numbers of the first parts tried; more while the time allows, half while it does not prove.
FIRST_SIZE, GROWTH, SMALLEST_SIZE = 100, 1.6, 8
# Share of the room left in a part that goes to each ring around a limit: its own users, the years (parks) next to it;
# the last ring takes the rest. Tried one after another; the part in which the limit matters most is kept.
OWN_SHARES = (1.0, 0.6, 0.3)
# Shares of the time left: proving everything, proving a part without a step; a part grows only if the last one took
# less than this share of that.
WHOLE_SHARE, PART_SHARE, QUICK = 0.4, 0.1, 0.2
# Gains below this (万元) do not tell parts apart.
NOTHING = 0.05
# A solution may break a changed limit by this much, relative: rounding.
ALLOWED = 1e-7


@dataclass(frozen=True, eq=False)
class Point:
    """One step of a curve.

    Attributes
    ----------
    step : float
        Change of the limit in its own unit; nan for what is known without a re-solve.
    value_wan : float or None
        Figure (a), proved; None where it was not proved or nothing is allowed.
    conditional : bool
        Whether figure (a) holds within this plan only.
    low_wan, high_wan : float or None
        Figure (b): between which the change of the town's best plan lies; None without an end.
    possible : bool or None
        Whether the part allows a plan with the step; None when the time did not tell.
    at_least_wan : float or None
        What was found, where it was not proved.
    solution : array or None
        The part's best solution with the step.
    """

    step: float
    value_wan: float | None
    conditional: bool
    low_wan: float | None
    high_wan: float | None
    possible: bool | None = True
    at_least_wan: float | None = None
    solution: Floats | None = None


@dataclass(frozen=True, eq=False)
class Curve:
    """All steps of one limit, the part they were solved in and its solution without a step."""

    limit: ResourceLimit
    points: list[Point]
    part: Part | None
    base: Floats
    gained_wan: float = 0.0


Tell = Callable[[Text], None]


def curve(
    ground: Ground,
    limit: ResourceLimit,
    steps: Sequence[float],
    relaxed: Relaxation,
    seconds: float,
    *,
    seed: int = 0,
    tell: Tell = lambda _: None,
) -> Curve:
    """Return what the steps of a limit are worth.

    Parameters
    ----------
    steps : sequence of float
        In the limit's own unit, signed.
    relaxed : Relaxation
        Optimum of the relaxation of the formulation's own model (its bounds not tightened).
    seconds : float
        Wall seconds for all of it.
    tell : callable
        Told what is being solved.
    """
    if limit.unlimited:
        nothing = [Point(step, 0.0, False, 0.0, 0.0, solution=ground.solution) for step in steps]
        return Curve(limit, nothing, None, ground.solution)
    trial = _Trial(ground, limit, relaxed, time.perf_counter() + seconds, seed, tell)
    trial.choose_part(steps)
    trial.prove_ends(steps)
    # going up, each solution is a start for the next step; cuts follow, the deepest first, for the same reason
    ordered = [*sorted(step for step in steps if step > 0), *sorted(step for step in steps if step < 0)]
    for place, step in enumerate(ordered):
        if step not in trial.answers:
            trial.solve(step, len(ordered) - place)
    return trial.curve(sorted(steps))


def quick_point(ground: Ground, limit: ResourceLimit, step: float, relaxed: Relaxation) -> Point:
    """Return what is known of a step without a re-solve: the sign, and the bound that the relaxation's price gives."""
    if limit.unlimited:
        return Point(step, 0.0, False, 0.0, 0.0)
    high = relaxed.value + relaxation_price(limit, relaxed) * step - ground.value
    return Point(step, None, True, 0.0, max(high, 0.0), possible=None)


class _Trial:
    """The state of one curve while its time lasts."""

    def __init__(
        self, ground: Ground, limit: ResourceLimit, relaxed: Relaxation, deadline: float, seed: int, tell: Tell
    ) -> None:
        self.ground, self.limit, self.relaxed = ground, limit, relaxed
        self.deadline, self.seed, self.tell = deadline, seed, tell
        self.part: Part | None = None
        self.base: Answer | None = None
        self.smaller: list[tuple[Part, Answer]] = []
        self.answers: dict[float, Answer] = {}
        self.upper: dict[float, float] = {}
        # what is allowed from which step on: the plan with no step
        self.known: list[tuple[float, float, Floats]] = [(0.0, ground.value, ground.solution)]

    def left(self) -> float:
        return self.deadline - time.perf_counter()

    def choose_part(self, steps: Sequence[float]) -> None:
        """Find a part in which the limit matters and that can be solved to proof in a share of the time."""
        if int(self.ground.free.sum()) <= WHOLE and self._try(whole_part(self.ground), WHOLE_SHARE):
            return
        share, took = self._best_composition(max(steps))
        size = FIRST_SIZE
        if self.part is None:
            while self.part is None and size // 2 >= SMALLEST_SIZE and self.left() > LEAST_SECONDS:
                size //= 2
                self._try(part_of(self.ground, self.chosen(size, share)), PART_SHARE)
            return
        while not self.part.whole and took < QUICK * PART_SHARE * self.left() / np.sqrt(len(steps)):
            size = int(size * GROWTH)
            part = part_of(self.ground, self.chosen(size, share))
            began, before = time.perf_counter(), (self.part, self.base)
            if not np.any(part.free & ~self.part.free) or not self._try(part, PART_SHARE):
                return
            if before[1] is not None:
                self.smaller.append((before[0], before[1]))
            took = time.perf_counter() - began

    def prove_ends(self, steps: Sequence[float]) -> None:
        """Solve the outermost steps first; go back to a smaller part where that is not proved: cuts are hardest."""
        ends = [step for step in (max(steps), min(steps)) if step]
        place = 0
        while place < len(ends) and self.part is not None and self.left() > LEAST_SECONDS:
            self.solve(ends[place], 2 * len(steps))
            answer = self.answers.get(ends[place])
            if answer is None or answer.status in {"optimal", "infeasible"}:
                place += 1
            elif self.smaller:
                self.part, self.base = self.smaller.pop()
                self.answers, place = {}, 0
            else:
                del self.answers[ends[place]]
                return

    def _best_composition(self, step: float) -> tuple[float, float]:
        """Return the share of a limit's own users with which it matters most in a small part, and that part's time."""
        change = moved(self.ground, self.limit, step, say("prices.step_label", step=step))
        model = changed_model(self.ground, change)
        best: tuple[float, float, Part, Answer, float] | None = None
        for share in OWN_SHARES:
            if self.left() < LEAST_SECONDS:
                break
            part = part_of(self.ground, self.chosen(FIRST_SIZE, share))
            began = time.perf_counter()
            if not self._try(part, PART_SHARE) or self.base is None:
                continue
            took = time.perf_counter() - began
            answer = self._solve(model, part, PART_SHARE * self.left(), [step])
            gain = answer.value - self.base.value if answer.status == "optimal" else 0.0
            if best is None or gain > best[0] + NOTHING:
                best = (gain, share, part, self.base, took)
        if best is None:
            return OWN_SHARES[0], np.inf
        _, share, self.part, self.base, took = best
        return share, took

    def chosen(self, size: int, share: float) -> Flags:
        """Return the whole numbers of a part of about a size, with a share of the room to each ring but the last."""
        ground, columns = self.ground, self.ground.columns
        users = self._users()
        if self.limit.park_id:
            park = ground.formulation.problem.parks.ids.index(self.limit.park_id)
            own = users | (columns.park == park)
            tiers = [own, *(part.free for part in parts_around(ground, np.flatnonzero(own & columns.is_start)))]
        elif self.limit.year == EVERY_YEAR:
            tiers = [users, np.ones_like(users)]
        else:
            far = np.abs(columns.year - (self.limit.year - ground.formulation.problem.horizon.base_year))
            tiers = [users, users | (far <= 1), users | (far <= 2)]
        free = np.zeros(len(columns.year), dtype=bool)
        for place, tier in enumerate(tiers):
            room = size - int(free.sum())
            some = share if place + 1 < len(tiers) else 1.0
            free |= self._nearest(tier & ~free, int(room * some))
        return free

    def _users(self) -> Flags:
        """Return the columns that use or add to the limit; borrowing is used by whatever money pays for."""
        model, base_year = self.ground.model, self.ground.formulation.problem.horizon.base_year
        rows = self.limit.rows
        if not len(rows):
            money = model.rows["money"].all
            rows = money if self.limit.year == EVERY_YEAR else money[[self.limit.year - base_year - 1]]
        users = np.zeros(len(model.cost), dtype=bool)
        users[np.unique(model.matrix.tocsr()[rows, :].indices)] = True
        return users

    def _nearest(self, among: Flags, count: int) -> Flags:
        """Return the open whole numbers whose choice the relaxation nearly leaves open."""
        differs = np.abs(self.relaxed.solution - self.ground.solution) > 0.05
        dear = np.where(differs, 0.0, np.abs(self.relaxed.reduced_cost))
        at = np.flatnonzero(among & self.ground.free)
        flags = np.zeros(len(dear), dtype=bool)
        flags[at[np.argsort(dear[at], kind="stable")][:count]] = True
        return flags

    def _try(self, part: Part, share: float) -> bool:
        """Solve a part without a step; keep it when that is proved."""
        size = int((part.free & self.ground.free).sum())
        answer = self._solve(self.ground.model, part, share * self.left(), [0.0])
        if answer.status != "optimal" or answer.solution is None:
            return False
        self.tell(say("prices.part_proved", count=size, seconds=f"{answer.seconds:.1f}"))
        self.part, self.base = part, answer
        self.known.append((0.0, answer.value, answer.solution))
        return True

    def _solve(self, model: Compiled, part: Part, seconds: float, starts: Sequence[float]) -> Answer:
        lower, upper = part.bounds(model, self.ground.solution)
        fitting = [
            (value, solution)
            for step, value, solution in self.known
            if step <= max(starts) and np.all(solution >= lower - 1e-6) and np.all(solution <= upper + 1e-6)
        ]
        start = max(fitting, key=lambda one: one[0])[1] if fitting else None
        if start is not None and model.violation(start) > 1e-6:
            start = None
        gap = PROOF_GAP if part.whole else PART_GAP
        effort = Effort(seconds=max(seconds, LEAST_SECONDS), gap=gap, seed=self.seed)
        answer = solve_mip(model, effort, lower=lower, upper=upper, start=start)
        if answer.solution is None:
            return answer
        exact = np.where(model.integer, np.rint(answer.solution), answer.solution)
        if start is not None and model.value(start) > model.value(exact):
            exact = start
        return replace(answer, solution=exact, value=model.value(exact))

    def solve(self, step: float, remaining: int) -> None:
        """Solve the part with one step."""
        if self.left() < LEAST_SECONDS:
            # the relaxation is concave in its limits, so its price bounds what any step adds to it
            rise = max(relaxation_price(self.limit, self.relaxed) * step, 0.0)
            self.upper[step] = self.relaxed.value + rise if step > 0 else self._upper_now()
            return
        change = moved(self.ground, self.limit, step, say("prices.step_label", step=step))
        model = changed_model(self.ground, change)
        proven = dual_bound(model, self.relaxed.row_price)
        self.upper[step] = proven if step > 0 else min(proven, self._upper_now())
        if self.part is None or self.base is None:
            return
        base = self.base.solution
        if step < 0 and base is not None and model.violation(base) <= ALLOWED:
            answer = replace(self.base, seconds=0.0)
        else:
            answer = self._solve(model, self.part, self.left() / remaining, [step])
        self.answers[step] = answer
        if answer.solution is not None:
            self.known.append((step, answer.value, answer.solution))
        if self.part.whole and np.isfinite(answer.bound):
            self.upper[step] = min(self.upper[step], answer.bound)
        self.tell(say("prices.step_solved", step=f"{step:+,.6g}", seconds=f"{answer.seconds:.1f}"))

    def _upper_now(self) -> float:
        bound = self.ground.bound
        return min(bound, self.base.bound) if self.base is not None and self.part and self.part.whole else bound

    def _lower(self, step: float) -> float:
        """Return the best value known that a step allows (a solution under a smaller limit is one under a larger)."""
        return max((value for at, value, _ in self.known if at <= step + 1e-12), default=-np.inf)

    def curve(self, steps: Sequence[float]) -> Curve:
        """Return the curve from what is known."""
        now = self._lower(0.0)
        base = self.base.solution if self.base is not None and self.base.solution is not None else self.ground.solution
        return Curve(
            self.limit,
            [self._point(step, now) for step in steps],
            self.part,
            base,
            max(float(now - self.ground.value), 0.0),
        )

    def _point(self, step: float, now: float) -> Point:
        answer, whole = self.answers.get(step), self.part is not None and self.part.whole
        # a larger limit allows all that a smaller one does, so bounds and values of other steps count too
        over = min([bound for at, bound in self.upper.items() if at >= step], default=np.inf)
        low, high = self._lower(step) - self._upper_now(), over - now
        low, high = (max(low, 0.0), max(high, 0.0)) if step > 0 else (min(low, 0.0), min(high, 0.0))
        if answer is None or self.base is None:
            return Point(step, None, True, _end(low), _end(high), None)
        if answer.status == "infeasible":
            return Point(step, None, not whole, None, None if whole else _end(high), False)
        if answer.solution is None:
            return Point(step, None, True, _end(low), _end(high), None)
        difference = self._signed(answer.value - self.base.value, step)
        if answer.status != "optimal":
            return Point(step, None, True, _end(low), _end(high), None, difference, answer.solution)
        if whole:
            low, high = min(low, difference), max(high, difference)
        return Point(step, difference, not whole, _end(low), _end(high), True, None, answer.solution)

    def _signed(self, difference: float, step: float) -> float:
        """Return a difference without what is only the tolerance of the proofs, and of the right sign."""
        assert self.base is not None
        noise = 2.0 * (PROOF_GAP if self.part is not None and self.part.whole else PART_GAP)
        if abs(difference) <= noise * max(1.0, abs(self.base.value)):
            return 0.0
        return max(difference, 0.0) if step > 0 else min(difference, 0.0)


def _end(value: float) -> float | None:
    return value if np.isfinite(value) else None
