"""The two-stage plan: what to begin and whom to court before luck is known, judged by all draws at once."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.errors import SourceError
from zhenxing.i18n import say
from zhenxing.milp.highs import Effort, solve_mip
from zhenxing.planning.embed import embed_plan
from zhenxing.planning.extract import plan_tables, value_parts
from zhenxing.planning.problem import Problem
from zhenxing.planning.solve.incumbent import relative_gap
from zhenxing.planning.uncertainty.extensive import Extensive, extensive_form
from zhenxing.planning.uncertainty.neighbourhoods import Improvement, improve_first_stage
from zhenxing.planning.uncertainty.pool import Workers
from zhenxing.planning.uncertainty.recourse import Play, RecourseTask, WaitTask, recourse, wait_and_see
from zhenxing.planning.uncertainty.risk import objective
from zhenxing.planning.uncertainty.sampling import Draw
from zhenxing.planning.uncertainty.second_stage import Courting, Piece, courting_of, rule_book, under_draw

Floats = npt.NDArray[np.float64]

# Up to this many free whole numbers HiGHS solves the extensive form itself.
SMALL = 4000
# Shares of the seconds: the plan under every draw, each draw for itself, and the two-stage plan has the rest.
RECOURSE_SHARE, WAIT_SHARE = 0.15, 0.4
RULE_BOOK_SHARE, RULE_BOOK_GAP = 0.05, 1e-4


@dataclass(frozen=True)
class TwoStageOptions:
    """How the two-stage plan is made.

    Parameters
    ----------
    omega, alpha : float
        Weight of the conditional value at risk, and its level.
    first_years : int, optional
        Years whose decisions are made before luck is known; all of them when None.
    seconds, work : float, int
        Wall seconds, or units of repeatable work instead.
    """

    omega: float = 0.5
    alpha: float = 0.9
    first_years: int | None = None
    arrears_rate: float = 0.3
    seconds: float = 60.0
    work: int | None = None
    seed: int = 0


@dataclass(frozen=True)
class TwoStagePlan:
    """A first stage, what it is worth under every draw, and what it is compared with (万元).

    Attributes
    ----------
    values, deterministic_values : array
        Value of each draw with this first stage, and with the first stage of the plan that was given.
    worth, bound, gap : float
        Objective, its proven upper bound and the relative gap.
    waiting : list of Play
        Each draw for itself, luck known beforehand: value and bound.
    tables, parts, plan_value : plan tables that the rule book allows, and their value
    courting : DataFrame
        candidate_id, year, count: who is courted when; it may be more firms than the plan places.
    """

    values: Floats
    deterministic_values: Floats
    weights: Floats
    worth: float
    deterministic_worth: float
    bound: float
    gap: float
    method: str
    waiting: list[Play]
    waiting_tables: list[dict[str, pd.DataFrame]]
    tables: dict[str, pd.DataFrame]
    parts: dict[str, float]
    plan_value: float
    courting: pd.DataFrame
    first_stage: Floats
    given_first_stage: Floats
    omega: float
    alpha: float

    def worth_of(self, values: Floats) -> float:
        """Return the objective of values of the draws."""
        return objective(values, self.weights, self.omega, self.alpha)

    def waiting_values(self) -> tuple[Floats, Floats]:
        """Return the values and the bounds of the draws when luck is known beforehand."""
        return np.array([one.value for one in self.waiting]), np.array([one.bound for one in self.waiting])


def two_stage_plan(
    problem: Problem,
    tables: Mapping[str, pd.DataFrame],
    draws: Sequence[Draw],
    options: TwoStageOptions,
    workers: Workers | None = None,
) -> TwoStagePlan:
    """Return the best first stage found for the draws, starting from a plan.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The deterministic plan.

    Raises
    ------
    SourceError
        The plan is not allowed in this town.
    """
    began, workers = time.perf_counter(), workers or Workers()
    pieces, courting = open_pieces(problem, draws, options)
    weights = np.array([draw.weight for draw in draws]) / sum(draw.weight for draw in draws)
    known = _given_plan(pieces[0], tables)
    first_stage = known[pieces[0].shared]
    allowed = options.seconds * RECOURSE_SHARE * workers.count / max(len(draws), 1)
    seconds = np.inf if options.work is not None else max(allowed, 0.5)
    tasks = [RecourseTask(piece, first_stage, seconds, options.work) for piece in pieces[1:]]
    played = workers.spread(recourse, tasks)
    waiting = _waiting(pieces, played, options, workers)
    whole = extensive_form(pieces, weights, options.omega, options.alpha)
    start = whole.assemble([known, *(play.solution for play in played)])
    left = options.seconds - (time.perf_counter() - began)
    found = _solve(whole, start, max(left, 0.1), options)
    found = replace(found, solution=_best_landings(whole, found.solution, options))
    return _result(whole, found, played, waiting, courting, first_stage)


def open_pieces(problem: Problem, draws: Sequence[Draw], options: TwoStageOptions) -> tuple[list[Piece], Courting]:
    """Return the rule book's piece and the piece of every draw."""
    courting = courting_of(problem)
    first_years = options.first_years or problem.horizon.length
    pieces = [rule_book(problem, courting, first_years)]
    pieces += [under_draw(problem, draw, courting, first_years, options.arrears_rate) for draw in draws]
    return pieces, courting


def _given_plan(piece: Piece, tables: Mapping[str, pd.DataFrame]) -> Floats:
    """Return the rule book's piece solved by a plan: it courts the firms that it lands, in the year they land."""
    solution = embed_plan(piece.formulation, tables)
    if solution is None:
        raise SourceError(say("scenarios.strange_plan"))
    whole = np.zeros(len(piece.model.cost))
    whole[: len(solution)] = solution
    decisions, courting = piece.formulation.decisions, piece.courting
    column = {(int(u), int(t)): int(c) for u, t, c in zip(courting.unit, courting.year, piece.court, strict=True)}
    units: dict[int, list[int]] = {}
    for unit, k in enumerate(courting.unit_class.tolist()):
        units.setdefault(k, []).append(unit)
    counts = np.rint(solution[decisions.land.span]).astype(int)
    for at in np.lexsort((decisions.land_park, decisions.land_year)).tolist():
        for _ in range(int(counts[at])):
            unit = units[int(decisions.land_class[at])].pop(0)
            whole[column[unit, int(decisions.land_year[at])]] = 1.0
    return whole


def _waiting(pieces: list[Piece], played: list[Play], options: TwoStageOptions, workers: Workers) -> list[Play]:
    seconds = options.seconds * WAIT_SHARE * workers.count / max(len(played), 1)
    tasks = [
        WaitTask(piece, play.solution, max(seconds, 0.3), options.work, options.seed)
        for piece, play in zip(pieces[1:], played, strict=True)
    ]
    return workers.spread(wait_and_see, tasks)


def _solve(whole: Extensive, start: Floats, seconds: float, options: TwoStageOptions) -> Improvement:
    free = int((whole.model.integer & (whole.model.upper > whole.model.lower)).sum())
    if free > SMALL:
        return improve_first_stage(whole, start, seconds=seconds, rounds=options.work, seed=options.seed)
    effort = Effort(
        seconds=np.inf if options.work is not None else seconds, gap=1e-6, nodes=options.work, seed=options.seed
    )
    answer = solve_mip(whole.model, effort, start=start)
    if answer.solution is None:
        return Improvement(start, "plan", np.inf)
    exact = np.where(whole.model.integer, np.rint(answer.solution), answer.solution)
    better = whole.worth(whole.values(exact)) > whole.worth(whole.values(start)) + 1e-9
    return Improvement(exact if better else start, "highs" if better else "plan", answer.bound)


def _best_landings(whole: Extensive, solution: Floats, options: TwoStageOptions) -> Floats:
    """Return the solution with the rule book's own plan at its best for the first stage: the draws do not see it."""
    piece, own = whole.pieces[0], solution[whole.places[0]]
    seconds = np.inf if options.work is not None else max(RULE_BOOK_SHARE * options.seconds, 1.0)
    play = recourse(RecourseTask(piece, own[piece.shared], seconds, options.work, RULE_BOOK_GAP, own))
    better = solution.copy()
    if play.value > piece.model.value(own):
        better[whole.places[0]] = play.solution
    return better


def _result(
    whole: Extensive,
    found: Improvement,
    played: list[Play],
    waiting: list[Play],
    courting: Courting,
    given: Floats,
) -> TwoStagePlan:
    solution = found.solution
    values = whole.values(solution)
    deterministic = np.array([play.value for play in played])
    worth = whole.worth(values)
    bound = min(found.bound, whole.worth(np.array([play.bound for play in waiting])))
    base = whole.pieces[0]
    own = solution[whole.places[0]]
    formulation = base.formulation
    width = formulation.model.matrix.shape[1]
    return TwoStagePlan(
        values=values,
        deterministic_values=deterministic,
        weights=whole.weights,
        worth=worth,
        deterministic_worth=whole.worth(deterministic),
        bound=max(bound, worth),
        gap=relative_gap(worth, max(bound, worth)),
        method=found.method,
        waiting=waiting,
        waiting_tables=[
            plan_tables(piece.formulation, play.solution[: piece.formulation.model.matrix.shape[1]])
            for piece, play in zip(whole.pieces[1:], waiting, strict=True)
        ],
        tables=plan_tables(formulation, own[:width]),
        parts=value_parts(formulation, own[:width]),
        plan_value=float(formulation.model.value(own[:width])),
        courting=courting_table(courting, own[base.court], base.formulation.problem.horizon.base_year),
        first_stage=np.rint(own[base.shared]),
        given_first_stage=np.rint(given),
        omega=whole.omega,
        alpha=whole.alpha,
    )


def courting_table(courting: Courting, chosen: Floats, base_year: int) -> pd.DataFrame:
    """Return who is courted when: candidate_id, year, count."""
    at = np.flatnonzero(chosen > 0.5)
    frame = pd.DataFrame(
        {
            "candidate_id": [courting.unit_candidate[u] for u in courting.unit[at]],
            "year": courting.year[at] + base_year,
            "count": np.ones(len(at), dtype=int),
        }
    )
    counted = frame.groupby(["year", "candidate_id"])["count"].sum().reset_index()
    return counted[["candidate_id", "year", "count"]]
