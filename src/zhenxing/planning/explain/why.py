"""Why not otherwise: what a wish about a plan costs, what would move for it, and what stands in its way."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.errors import Text
from zhenxing.planning.embed import embed_plan
from zhenxing.planning.explain.answers import sentences_of
from zhenxing.planning.explain.changes import swap_twins
from zhenxing.planning.explain.elastic import CAPACITIES
from zhenxing.planning.explain.ground import Ground
from zhenxing.planning.explain.ground import ground as stand_on
from zhenxing.planning.explain.repair import Blocker, Repair, loosen, smallest_repair
from zhenxing.planning.explain.wishes import Posed, Wish, pose, read_wish
from zhenxing.planning.explain.words import Names, collect_names
from zhenxing.planning.explain.worth import Worth, worth
from zhenxing.planning.extract import plan_tables
from zhenxing.planning.result import PlanResult
from zhenxing.town import Town

Floats = npt.NDArray[np.float64]
Verdict = Literal["cost", "tie", "impossible"]

# Share of the time kept for saying what stands in the way, and its least and most, seconds.
BLOCKERS_SHARE, BLOCKERS_LEAST, BLOCKERS_MOST = 0.2, 0.2, 3.0


@dataclass(frozen=True, eq=False)
class Why:
    """The answer to a wish.

    Attributes
    ----------
    wish : Wish
        What was asked.
    possible : bool or None
        Whether any plan allows it; None when the time did not tell.
    cost_wan : float or None
        Figure (a): what it costs within this plan, 万元; None when impossible or not known.
    cost_low_wan, cost_high_wan : float or None
        Between which figure (a) lies: equal when it is proven.
    conditional : bool
        The cost holds within this plan only; False when it is proven for the whole problem.
    low_wan, high_wan : float or None
        Figure (b): what it costs the whole town lies between these.
    verdict : {"cost", "tie", "impossible"} or None
        ``tie`` when the interval holds 0; None when it is not decided whether the wish is possible.
    blocked_by : tuple of Blocker
        For the impossible the smallest repair, else the limits that lack space as the plan stands.
    smallest : bool
        Whether the blockers are proven to be the smallest.
    already : bool
        The plan meets the wish as it is.
    sentences : tuple of Text
        The answer in words, Chinese and English.
    plan : mapping of str to DataFrame, optional
        Plan tables of the best plan found with the wish.
    """

    wish: Wish
    possible: bool | None
    cost_wan: float | None
    cost_low_wan: float | None
    cost_high_wan: float | None
    conditional: bool
    low_wan: float | None
    high_wan: float | None
    verdict: Verdict | None
    blocked_by: tuple[Blocker, ...]
    smallest: bool
    already: bool
    sentences: tuple[Text, ...]
    plan: Mapping[str, pd.DataFrame] | None

    def record(self) -> dict[str, object]:
        """Return the answer ready for JSON."""
        return {
            "possible": self.possible,
            "cost_wan": self.cost_wan,
            "conditional": self.conditional,
            "low_wan": self.low_wan,
            "high_wan": self.high_wan,
            "verdict": self.verdict,
            "blocked_by": [blocker.record() for blocker in self.blocked_by],
            "cost_low_wan": self.cost_low_wan,
            "cost_high_wan": self.cost_high_wan,
            "sentences": {
                "zh": [text.zh for text in self.sentences],
                "en": [text.en for text in self.sentences],
            },
        }


def why(
    town: Town,
    plan: PlanResult,
    *,
    site: str | None = None,
    start_by: int | None = None,
    not_before: int | None = None,
    mode: str | None = None,
    never: bool = False,
    candidate: str | None = None,
    park: str | None = None,
    year: int | None = None,
    work: str | None = None,
    target: str | tuple[str, int, float] | None = None,
    seconds: float = 5.0,
    seed: int = 0,
) -> Why:
    """Return what a wish about a plan costs, or what makes it impossible.

    Parameters
    ----------
    town, plan : Town, PlanResult
        The town and a plan of it (``read_plan``).
    site, candidate, work : str, optional
        The wish's subject: it starts (lands) at some time unless the options say more.
    start_by, not_before : int, optional
        Calendar year by which a site or work has started, or before which it (or a candidate) has not.
    mode : str, optional
        Mode of the site.
    never : bool
        The subject does not start or land at all (in this mode or park, where one is given).
    park, year : str, int, optional
        Where a candidate lands, and by which calendar year.
    target : str or (indicator, year, value), optional
        An indicator of the plan model's rule 9 that reaches a value, in one park where ``park`` is given.
    seconds : float
        Wall seconds for the answer, once the town is read.
    seed : int
        HiGHS seed.

    Returns
    -------
    Why
        Costs in 万元. ``cost_wan`` holds within this plan (the part around the wish decided anew, the rest as
        planned) unless ``conditional`` is False; ``low_wan`` to ``high_wan`` holds for the whole town.

    Raises
    ------
    InputError
        An unknown id, mode or indicator, a year outside the horizon, options that contradict each other.
    SourceError
        The plan is not allowed in this town.

    Examples
    --------
    >>> import zhenxing
    >>> town = zhenxing.random_town("XS", "balanced", seed=0)
    >>> result = zhenxing.plan(town, zhenxing.PlanOptions(seconds=20))
    >>> site = result.tables["plan_sites"]["site_id"][0]
    >>> answer = zhenxing.why(town, result, site=site, never=True, seconds=60)
    >>> answer.possible, answer.cost_wan >= 0.0
    (True, True)
    """
    wish = read_wish(
        town,
        site=site,
        start_by=start_by,
        not_before=not_before,
        mode=mode,
        never=never,
        candidate=candidate,
        park=park,
        year=year,
        work=work,
        target=target,
    )
    return answer(stand_on(town, plan), wish, seconds, seed=seed)


def answer(ground: Ground, wish: Wish, seconds: float, *, seed: int = 0) -> Why:
    """Return the answer to a wish on ground that stands already."""
    deadline = time.perf_counter() + seconds
    names = collect_names(ground.town)
    posed = pose(ground.formulation, wish, names)
    if posed.met_by(ground.solution):
        return _already(ground, wish, posed, names)
    kept = min(max(BLOCKERS_SHARE * seconds, BLOCKERS_LEAST), BLOCKERS_MOST)
    found = worth(ground, posed.change, max(seconds - kept, 0.0), seed=seed) if posed.open else None
    possible = found.possible if found is not None else False
    left = max(deadline - time.perf_counter(), BLOCKERS_LEAST)
    if wish.subject == "target" and possible is not False:
        repair = Repair(_used_up(ground, found), True)
    else:
        repair = _repair(ground, wish, names, left, seed=seed, possible=possible)
    verdict: Verdict | None = None
    if possible is False:
        verdict = "impossible"
    elif possible and found is not None:
        verdict = "tie" if found.tie else "cost"
    return _told(ground, wish, names, found, repair, possible, verdict)


def _told(
    ground: Ground,
    wish: Wish,
    names: Names,
    found: Worth | None,
    repair: Repair,
    possible: bool | None,
    verdict: Verdict | None,
) -> Why:
    shown = found if possible is not False else None
    solution = None if shown is None else shown.with_change
    tables = None
    if solution is not None:
        tables = swap_twins(ground, plan_tables(ground.formulation, solution), wish)
    return Why(
        wish=wish,
        possible=possible,
        cost_wan=None if shown is None else shown.cost_wan,
        cost_low_wan=None if shown is None else shown.cost_low_wan,
        cost_high_wan=None if shown is None else shown.cost_high_wan,
        conditional=True if shown is None else shown.conditional,
        low_wan=None if shown is None else shown.low_wan,
        high_wan=None if shown is None else shown.high_wan,
        verdict=verdict,
        blocked_by=repair.blockers,
        smallest=repair.smallest,
        already=False,
        sentences=sentences_of(ground, wish, names, found, repair, verdict),
        plan=tables,
    )


def _already(ground: Ground, wish: Wish, posed: Posed, names: Names) -> Why:
    """Return the answer to a wish that the plan meets: nothing to pay within it."""
    high = max(ground.bound - ground.value, 0.0)
    known = high <= 1e-6 * max(1.0, abs(ground.value))
    tables = swap_twins(ground, plan_tables(ground.formulation, ground.solution), wish)
    return Why(
        wish=wish,
        possible=True,
        cost_wan=0.0,
        cost_low_wan=0.0,
        cost_high_wan=0.0,
        conditional=not known,
        low_wan=0.0,
        high_wan=high,
        verdict="tie",
        blocked_by=(),
        smallest=True,
        already=True,
        sentences=sentences_of(ground, wish, names, None, Repair((), True), "tie", before=posed.before),
        plan=tables,
    )


def _repair(ground: Ground, wish: Wish, names: Names, seconds: float, *, seed: int, possible: bool | None) -> Repair:
    """Return what stands in the way: of any plan where the wish is impossible, else of this plan as it stands."""
    if possible is not False:
        return smallest_repair(
            ground.formulation, wish, names, seconds, solution=ground.solution, fixed=True, seed=seed
        )
    done = _done_rows(ground, wish)
    if done:
        return Repair(done, True)
    began = time.perf_counter()
    loose = loosen(ground.town, wish, names)
    solution = embed_plan(loose.formulation, ground.plan.tables)
    left = max(seconds - (time.perf_counter() - began), 0.5)
    return smallest_repair(
        loose.formulation, wish, names, left, solution=solution, fixed=False, prices=loose.prices, seed=seed
    )


def _used_up(ground: Ground, found: Worth | None) -> tuple[Blocker, ...]:
    """Return the yearly capacities that a target uses up, with how much more of them than without it."""
    if found is None or found.before is None or found.after is None:
        return ()
    problem, model = ground.formulation.problem, ground.formulation.model
    blockers = []
    for rule, name, column in CAPACITIES:
        block = model.rows[name]
        less, more = (model.matrix[block.all, :] @ solution for solution in (found.before, found.after))
        limit = model.row_upper[block.span]
        known = np.where(np.isfinite(limit), limit, np.finfo(float).max)
        full = (more > less + 1e-6) & (more >= known * (1.0 - 1e-6) - 1e-6)
        blockers += [
            Blocker(rule, "budget", str(problem.horizon.calendar[t]), float(np.round(more[t] - less[t], 6)), column)
            for t in np.flatnonzero(full).tolist()
        ]
    return tuple(blockers)


def _done_rows(ground: Ground, wish: Wish) -> tuple[Blocker, ...]:
    """Return the done rows that decide a site or a work already, otherwise than the wish has it."""
    if wish.subject not in ("site", "work"):
        return ()
    locks = ground.town.filled("locks").reset_index(drop=True)
    rows = np.flatnonzero((locks["rule"] == "done") & (locks["subject"] == wish.subject) & (locks["id"] == wish.id))
    return tuple(Blocker("done", "locks", str(at + 1), 1.0, "rule") for at in rows.tolist())
