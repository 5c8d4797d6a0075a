"""Decisions that hold in every plan within the loss allowed: proven by bounds, refuted by a plan, or neither.

A decision is "at least (or at most) so many of these columns". Its opposite is forced and the best value is bounded,
first by weak duality from the prices of the relaxation, then by the relaxation with the opposite, then by branch and
bound. Proven means that a bound lies below the least value allowed; refuted means that a plan with the opposite and
enough value was found. Everything else is only "not refuted".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from zhenxing.i18n import say
from zhenxing.milp import Compiled
from zhenxing.milp.highs import Effort, solve_mip, solve_relaxation
from zhenxing.milp.propagation import propagate
from zhenxing.planning.given import GivenPlan
from zhenxing.planning.solve.neighbourhoods import Columns, describe_columns
from zhenxing.planning.solve.search import SMALL
from zhenxing.planning.steps import names_of, yearly_blocks
from zhenxing.planning.variation import Floats, Ints, Linear, held, least_value, with_rows

# A bound must lie below the least value by this share of it before it proves anything.
MARGIN = 1e-6
# Seconds of a first, small try to refute a decision with its park alone decided anew.
TRY_SECONDS = 1.5
VERDICTS = ("proven", "not_refuted", "refuted")


@dataclass(frozen=True)
class Decision:
    """A decision of a plan: at least ``count`` of the columns, or at most ``count`` where ``most``."""

    subject: str
    id: str
    kind: str
    option: str
    year: int | None
    columns: Ints
    count: int
    most: bool = False

    def holds(self, solution: Floats) -> bool:
        """Whether a plan has taken the decision."""
        total = round(float(solution[self.columns].sum()))
        return total <= self.count if self.most else total >= self.count

    def opposite(self) -> tuple[float, float]:
        """Return the limits of the columns' sum when the decision is not taken."""
        return (self.count + 1.0, np.inf) if self.most else (-np.inf, self.count - 1.0)


@dataclass
class Verdict:
    """What is known about a decision; ``bound`` is the most that a plan without it can be worth."""

    verdict: str = "not_refuted"
    bound: float = np.inf
    by: str = ""
    value: float = np.nan


def no_regret(
    given: GivenPlan,
    within: float,
    others: Mapping[str, Floats],
    deadline: float,
    stopped: Callable[[], bool] = lambda: False,
) -> pd.DataFrame:
    """Return, for every decision of a plan, whether all plans within the loss allowed take it.

    Returns
    -------
    DataFrame
        subject, id, name, decision, option, year, count, in_all, alternatives_same, verdict (proven, not_refuted,
        refuted), refuted_by, value_without_wan (of the plan that refutes), bound_without_wan, zh, en.
    """
    least = least_value(given.value, within)
    decisions = list(decisions_of(given))
    verdicts = [Verdict(bound=bound) for bound in _dual_bounds(given, decisions)]
    low = least - MARGIN * max(1.0, abs(least))
    for decision, verdict in zip(decisions, verdicts, strict=True):
        if verdict.bound < low:
            verdict.verdict = "proven"
            continue
        by = next((name for name, solution in others.items() if not decision.holds(solution)), "")
        if by:
            verdict.verdict, verdict.by = "refuted", by
            verdict.value = given.formulation.model.value(others[by])
    _settle(given, least, decisions, verdicts, deadline, stopped)
    return _table(given, decisions, verdicts, others)


def _settle(
    given: GivenPlan,
    least: float,
    decisions: list[Decision],
    verdicts: list[Verdict],
    deadline: float,
    stopped: Callable[[], bool],
) -> None:
    """Try to prove or refute what is open, the weightiest first; what refutes one decision may refute others."""
    columns = describe_columns(given.formulation)
    order = sorted(range(len(decisions)), key=lambda i: verdicts[i].bound)
    for whole in (False, True):
        for position, i in enumerate(order):
            left = deadline - time.perf_counter()
            if left <= 0.1 or stopped():
                return
            if verdicts[i].verdict != "not_refuted":
                continue
            open_now = sum(verdicts[j].verdict == "not_refuted" for j in order[position:])
            share = max(left / max(open_now, 1), 0.3) if whole else min(TRY_SECONDS, left)
            counter = _force(given, decisions[i], columns, least, share, verdicts[i], whole=whole)
            if counter is None:
                continue
            value = given.formulation.model.value(counter)
            for decision, verdict in zip(decisions, verdicts, strict=True):
                if verdict.verdict == "not_refuted" and not decision.holds(counter):
                    verdict.verdict, verdict.by, verdict.value = "refuted", "forced", value


def _force(
    given: GivenPlan,
    decision: Decision,
    columns: Columns,
    least: float,
    seconds: float,
    verdict: Verdict,
    *,
    whole: bool,
) -> Floats | None:
    """Force the opposite of a decision; note what its bound proves and return a plan that refutes it."""
    model = given.tight
    small = int((model.integer & (model.upper > model.lower)).sum()) <= SMALL
    if not whole and small:
        return None
    low = least - MARGIN * max(1.0, abs(least))
    lower, upper = decision.opposite()
    row = Linear(decision.columns, np.ones(len(decision.columns)))
    without = with_rows(model, "opposite", [row], lower=lower, upper=upper)
    if whole:
        without = propagate(without)
        relaxed = solve_relaxation(without, interior=not small, seconds=seconds)
        if relaxed.status == "infeasible":
            verdict.verdict, verdict.bound = "proven", -np.inf
            return None
        if relaxed.status == "optimal":
            verdict.bound = min(verdict.bound, relaxed.value)
        if verdict.bound < low:
            verdict.verdict = "proven"
            return None
        seconds = max(seconds - relaxed.seconds, 0.1)
    else:
        without = held(without, model.integer & ~_nearby(columns, decision), given.solution)
    answer = solve_mip(
        without, Effort(seconds=seconds, gap=MARGIN / 10), watch=lambda value, bound: value >= least or bound < low
    )
    if whole:
        bound = -np.inf if answer.status == "infeasible" else answer.bound
        verdict.bound = min(verdict.bound, bound)
        if verdict.bound < low:
            verdict.verdict = "proven"
            return None
    enough = answer.solution is not None and answer.value >= least - 1e-9 * max(1.0, abs(least))
    return answer.solution if enough else None


def _nearby(columns: Columns, decision: Decision) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return the columns of the parks that a decision touches, its own, and all that belong to no site or firm."""
    own = np.zeros(len(columns.year), dtype=bool)
    own[decision.columns] = True
    parks = np.unique(columns.park[decision.columns])
    return own | np.isin(columns.park, parks[parks >= 0]) | (~columns.is_start & ~columns.is_land)


def _dual_bounds(given: GivenPlan, decisions: list[Decision]) -> list[float]:
    """Return, by weak duality, a bound on the value of a plan that takes each decision's opposite.

    For any prices ``y`` of the rows, ``c x = y A x + (c − y A) x`` is at most the sum of the greatest values of both
    parts; only the columns of the decision are looked at anew.
    """
    model: Compiled = given.tight
    price = np.where(np.abs(given.price) > 1e-9, given.price, 0.0)
    reduced = model.cost - model.matrix.T @ price
    limit = np.where(price > 0, model.row_upper, model.row_lower)
    rows = float(np.sum(np.where(price == 0.0, 0.0, price * np.where(price == 0.0, 0.0, limit))))
    # columns without a limit whose price is right up to the solver's tolerance add nothing
    end = np.where(reduced > 0, model.upper, model.lower)
    open_end = ~np.isfinite(end)
    if bool(np.any(open_end & (np.abs(reduced) > 1e-5 * np.maximum(1.0, np.abs(model.cost))))):
        return [np.inf] * len(decisions)
    best = np.where(open_end, 0.0, reduced * np.where(open_end, 0.0, end))
    total = model.offset + rows + float(best.sum())
    return [total - float(best[one.columns].sum()) + _best_sum(model, reduced, one) for one in decisions]


def _best_sum(model: Compiled, reduced: Floats, decision: Decision) -> float:
    """Return the greatest ``reduced @ x`` over a decision's columns when its opposite is taken."""
    lower, upper = model.lower[decision.columns], model.upper[decision.columns]
    least, most = decision.opposite()
    order = np.argsort(-reduced[decision.columns], kind="stable")
    total, value = float(lower.sum()), float(reduced[decision.columns] @ lower)
    if total > most + 1e-9 or float(upper.sum()) < least - 1e-9:
        return -np.inf
    for at in order.tolist():
        worth = float(reduced[decision.columns[at]])
        room = float(upper[at] - lower[at])
        step = min(room, most - total) if worth > 0 else min(room, max(least - total, 0.0))
        total, value = total + step, value + worth * step
    return value


# ---- the decisions of a plan


def decisions_of(given: GivenPlan) -> Iterator[Decision]:
    """Yield what a plan decides: about every site, prospect, work, facility and utility step."""
    yield from _site_decisions(given)
    yield from _landing_decisions(given)
    yield from _other_decisions(given)


def _site_decisions(given: GivenPlan) -> Iterator[Decision]:
    problem, decisions = given.formulation.problem, given.formulation.decisions
    modes = np.asarray(problem.modes.mode, dtype=object)
    site_of = problem.modes.site[decisions.start_pair]
    for site, name in enumerate(problem.sites.ids):
        at = np.flatnonzero(site_of == site)
        if len(at) == 0:
            continue
        columns = decisions.start.at(at)
        taken = np.flatnonzero(given.solution[columns] > 0.5)
        if len(taken) == 0:
            yield Decision("site", name, "not_started", "", None, columns, 0, most=True)
            continue
        mode, year = modes[decisions.start_pair[at]], decisions.start_year[at]
        chosen, when = str(mode[taken[0]]), int(year[taken[0]])
        calendar = problem.horizon.base_year + when
        yield Decision("site", name, "started", "", None, columns, 1)
        yield Decision("site", name, "mode", chosen, None, columns[mode == chosen], 1)
        yield Decision("site", name, "start_year", "", calendar, columns[year == when], 1)


def _landing_decisions(given: GivenPlan) -> Iterator[Decision]:
    problem, decisions = given.formulation.problem, given.formulation.decisions
    for k, members in enumerate(problem.candidates.members):
        at = np.flatnonzero(decisions.land_class == k)
        if len(at) == 0:
            continue
        name = ";".join(member for member, _ in members)
        columns = decisions.land.at(at)
        counts = np.rint(given.solution[columns]).astype(int)
        if counts.sum() == 0:
            yield Decision("candidate", name, "not_landed", "", None, columns, 0, most=True)
            continue
        yield Decision("candidate", name, "landed", "", None, columns, int(counts.sum()))
        park, year = decisions.land_park[at], decisions.land_year[at]
        for where in np.unique(park[counts > 0]).tolist():
            here = park == where
            park_id = problem.parks.ids[where]
            yield Decision("candidate", name, "park", park_id, None, columns[here], int(counts[here].sum()))
        for when in np.unique(year[counts > 0]).tolist():
            now = year == when
            calendar = problem.horizon.base_year + when
            yield Decision("candidate", name, "landing_year", "", calendar, columns[now], int(counts[now].sum()))


def _other_decisions(given: GivenPlan) -> Iterator[Decision]:
    problem = given.formulation.problem
    for subject, block, names in yearly_blocks(given.formulation):
        for i, (name, option) in enumerate(names):
            columns = block.at(np.full(block.shape[1], i), np.arange(block.shape[1]))
            taken = np.flatnonzero(given.solution[columns] > 0.5)
            if len(taken) == 0:
                if given.tight.upper[columns].max(initial=0.0) > 0.5:
                    yield Decision(subject, name, "not_built", option, None, columns, 0, most=True)
                continue
            calendar = problem.horizon.base_year + 1 + int(taken[0])
            yield Decision(subject, name, "built", option, None, columns, 1)
            yield Decision(subject, name, "built_year", option, calendar, columns[taken[:1]], 1)


# ---- the table


def _table(
    given: GivenPlan, decisions: list[Decision], verdicts: list[Verdict], others: Mapping[str, Floats]
) -> pd.DataFrame:
    rows = []
    names = names_of(given.town)
    for decision, verdict in zip(decisions, verdicts, strict=True):
        same = sum(decision.holds(solution) for solution in others.values())
        text = say(
            f"alternatives.decision_{decision.kind}",
            id=decision.id,
            option=decision.option,
            year=decision.year,
            count=decision.count,
        )
        rows.append(
            {
                "subject": decision.subject,
                "id": decision.id,
                "name": names.get((decision.subject, decision.id), ""),
                "decision": decision.kind,
                "option": decision.option,
                "year": decision.year,
                "count": decision.count,
                "in_all": verdict.verdict != "refuted" and same == len(others),
                "alternatives_same": same,
                "alternatives": len(others),
                "verdict": verdict.verdict,
                "refuted_by": verdict.by,
                "value_without_wan": verdict.value,
                "bound_without_wan": verdict.bound if np.isfinite(verdict.bound) else np.nan,
                "zh": text.zh,
                "en": text.en,
            }
        )
    columns = list(rows[0]) if rows else ["subject", "id", "decision", "verdict"]
    frame = pd.DataFrame(rows, columns=columns)
    if len(frame):
        frame["year"] = frame["year"].astype("Int64")
        frame["order"] = frame["verdict"].map({name: place for place, name in enumerate(VERDICTS)})
        frame = frame.sort_values(["order"], kind="stable").drop(columns="order").reset_index(drop=True)
    return frame
