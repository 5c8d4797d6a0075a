"""What could go wrong with a plan, and what a plan that looks at luck beforehand would begin with."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.errors import InputError, Text
from zhenxing.i18n import say
from zhenxing.planning.plan import ready_problem
from zhenxing.planning.problem import Problem
from zhenxing.planning.result import PlanResult
from zhenxing.planning.uncertainty.comparing import factor_table, risk_row, simulated_row, target_table
from zhenxing.planning.uncertainty.outcomes import Record, outcome_table, record, simulate_all
from zhenxing.planning.uncertainty.playbook import open_playbook
from zhenxing.planning.uncertainty.pool import Workers
from zhenxing.planning.uncertainty.recourse import RecourseTask, recourse
from zhenxing.planning.uncertainty.robust import first_change, robust_table
from zhenxing.planning.uncertainty.sampling import (
    FACTORS,
    Draw,
    draw_scenarios,
    draw_table,
    expected_draw,
    scenario_table,
    without,
)
from zhenxing.planning.uncertainty.sentences import sentences
from zhenxing.planning.uncertainty.settings import Uncertainty, parameter_table
from zhenxing.planning.uncertainty.simulator import play
from zhenxing.planning.uncertainty.two_stage import TwoStageOptions, TwoStagePlan, open_pieces, two_stage_plan
from zhenxing.store import inputs_sha256
from zhenxing.town import Town

Floats = npt.NDArray[np.float64]

# Draws on which each factor is switched off in turn, at the most; share of the seconds for fresh draws.
FACTOR_DRAWS = 100
FRESH_SHARE = 0.1


@dataclass(frozen=True)
class ScenarioOptions:
    """How a study of uncertainty is made.

    Parameters
    ----------
    count, solve_count : int
        Draws to simulate; draws to make the two-stage plan for.
    omega : float
        Weight of the conditional value at risk in the two-stage objective, 0..1.
    alpha : float
        Its level, 0 <= alpha < 1.
    first_years : int, optional
        Years decided before luck is known; all when None.
    seconds : float
        Wall seconds for the solves; simulating comes on top.
    work : int, optional
        A fixed amount of work instead of time.
    workers, seed : int
        Processes; seed of all draws.
    """

    count: int = 200
    solve_count: int = 8
    omega: float = 0.5
    alpha: float = 0.9
    first_years: int | None = None
    seconds: float = 120.0
    work: int | None = None
    workers: int = 1
    seed: int = 0
    uncertainty: Uncertainty = field(default_factory=Uncertainty)


@dataclass(frozen=True)
class ScenarioStudy:
    """The tables of a study by name, its summary, the two-stage plan and plain sentences."""

    tables: Mapping[str, pd.DataFrame]
    summary: dict[str, Any]
    two_stage: PlanResult
    courting: pd.DataFrame
    sentences: Sequence[Text]


def scenarios(town: Town, plan: PlanResult, options: ScenarioOptions | None = None) -> ScenarioStudy:
    """Return what could go wrong with a plan, and a two-stage plan that looks at luck beforehand.

    Parameters
    ----------
    town : Town
        The town the plan was made for.
    plan : PlanResult
        An allowed plan.
    options : ScenarioOptions, optional
        Draws, risk weight, time, processes.

    Returns
    -------
    ScenarioStudy
        Money in 万元, land in mu, calendar years.

    Raises
    ------
    InputError
        There is no plan, an option is out of range, or the plan is not one of this town.

    Examples
    --------
    >>> import zhenxing
    >>> town = zhenxing.random_town("XS", "balanced", seed=0)
    >>> made = zhenxing.plan(town, zhenxing.PlanOptions(seconds=20))
    >>> study = zhenxing.scenarios(town, made, ScenarioOptions(count=20, solve_count=2, seconds=10))
    >>> len(study.tables["outcomes"])
    40
    """
    options = options or ScenarioOptions()
    _check(plan, options)
    began = time.perf_counter()
    problem = ready_problem(town)
    counts = {"solve": options.solve_count, "fresh": options.solve_count, "simulate": options.count}
    drawn = {
        use: draw_scenarios(town, count, [options.seed, place], options.uncertainty)
        for place, (use, count) in enumerate(counts.items())
    }
    played = drawn["simulate"]
    two_options = TwoStageOptions(
        omega=options.omega,
        alpha=options.alpha,
        first_years=options.first_years,
        arrears_rate=options.uncertainty.arrears_rate,
        seconds=options.seconds * (1.0 - FRESH_SHARE),
        work=options.work,
        seed=options.seed,
    )
    with Workers(options.workers) as workers:
        found = two_stage_plan(problem, plan.tables, drawn["solve"], two_options, workers)
        fresh_values = _fresh(problem, found, drawn["fresh"], two_options, workers)
        records, switched_off, as_planned, with_expected = _simulate(town, plan, found, played, options, workers)
    comparison = _comparison(found, fresh_values, records, options)
    factors = factor_table(records["deterministic"][:FACTOR_DRAWS], switched_off, options.alpha)
    book = open_playbook(town, plan.tables)
    targets = target_table(book, played, records, switched_off, as_planned)
    robust = robust_table(plan.tables, found.tables, found.waiting_tables, options.uncertainty.robust_share)
    tables = {
        "scenarios": pd.concat([scenario_table(own, use) for use, own in drawn.items()], ignore_index=True),
        "draws": pd.concat([draw_table(own, use) for use, own in drawn.items()], ignore_index=True),
        "outcomes": pd.concat([outcome_table(own, name) for name, own in records.items()], ignore_index=True),
        "comparison": comparison,
        "targets_at_risk": targets,
        "factors": factors,
        "robust": robust,
        "uncertainty": parameter_table(options.uncertainty),
    }
    summary = _summary(plan, found, as_planned, with_expected, robust, options, time.perf_counter() - began)
    said = sentences(summary, tables)
    summary["sentences"] = [text._asdict() for text in said]
    return ScenarioStudy(tables, summary, _as_plan(town, found, options), found.courting, said)


def _check(plan: PlanResult, options: ScenarioOptions) -> None:
    if not plan.has_plan:
        raise InputError(say("scenarios.no_plan"))
    wrong = {
        "count": options.count < 1,
        "solve_count": options.solve_count < 1,
        "omega": not 0.0 <= options.omega <= 1.0,
        "alpha": not 0.0 <= options.alpha < 1.0,
        "first_years": options.first_years is not None and options.first_years < 1,
        "workers": options.workers < 1,
    }
    for name, bad in wrong.items():
        if bad:
            raise InputError(say("scenarios.bad_option", name=name, value=getattr(options, name)))


def _fresh(
    problem: Problem, found: TwoStagePlan, fresh: Sequence[Draw], options: TwoStageOptions, workers: Workers
) -> dict[str, Floats]:
    """Return what both first stages are worth under draws that neither was made for, by the second stage's model."""
    pieces, _ = open_pieces(problem, fresh, options)
    share = options.seconds * FRESH_SHARE / (1.0 - FRESH_SHARE) * workers.count / (2 * len(fresh))
    seconds = np.inf if options.work is not None else max(share, 0.5)
    values = {}
    for name, first_stage in (("deterministic", found.given_first_stage), ("two_stage", found.first_stage)):
        tasks = [RecourseTask(piece, first_stage, seconds, options.work) for piece in pieces[1:]]
        values[name] = np.array([play.value for play in workers.spread(recourse, tasks)])
    return values


def _simulate(
    town: Town,
    plan: PlanResult,
    found: TwoStagePlan,
    draws: list[Draw],
    options: ScenarioOptions,
    workers: Workers,
) -> tuple[dict[str, list[Record]], dict[str, list[Record]], Record, Record]:
    rate = options.uncertainty.arrears_rate
    given = open_playbook(town, plan.tables)
    two = open_playbook(town, found.tables, found.courting)
    records = {
        "deterministic": simulate_all(given, draws, rate, workers),
        "two_stage": simulate_all(two, draws, rate, workers),
    }
    switched_off = {
        factor: simulate_all(given, [without(draw, factor) for draw in draws[:FACTOR_DRAWS]], rate, workers)
        for factor in FACTORS
    }
    expected = expected_draw()
    return (
        records,
        switched_off,
        record(given, expected, play(given, expected, arrears_rate=rate)),
        record(two, expected, play(two, expected, arrears_rate=rate)),
    )


def _comparison(
    found: TwoStagePlan, fresh: Mapping[str, Floats], records: Mapping[str, list[Record]], options: ScenarioOptions
) -> pd.DataFrame:
    alpha, even = options.alpha, np.full(options.solve_count, 1.0 / options.solve_count)
    single = np.array([one.value for one in found.waiting])
    rows = [
        risk_row("deterministic", "model", found.deterministic_values, found.weights, alpha),
        risk_row("two_stage", "model", found.values, found.weights, alpha),
        risk_row("luck_known", "model", single, found.weights, alpha),
        *(risk_row(name, "model_fresh", own, even, alpha) for name, own in fresh.items()),
        *(simulated_row(name, own, alpha) for name, own in records.items()),
    ]
    return pd.DataFrame(rows)


def _summary(
    plan: PlanResult,
    found: TwoStagePlan,
    as_planned: Record,
    with_expected: Record,
    robust: pd.DataFrame,
    options: ScenarioOptions,
    seconds: float,
) -> dict[str, Any]:
    known, known_bound = (found.worth_of(np.array(values)) for values in found.waiting_values())
    first_year = robust[robust["year"] == robust["year"].min()] if len(robust) else robust
    return {
        "plan_value_wan": plan.summary["value_wan"],
        "simulated_as_planned_wan": as_planned.value_wan,
        "two_stage_plan_value_wan": with_expected.value_wan,
        "omega": options.omega,
        "alpha": options.alpha,
        "first_years": options.first_years,
        "count": options.count,
        "solve_count": options.solve_count,
        "seed": options.seed,
        "two_stage": {
            "objective_wan": found.worth,
            "bound_wan": found.bound,
            "gap": found.gap,
            "method": found.method,
            "status": "optimal" if found.gap <= 1e-6 else "feasible",
        },
        "deterministic_objective_wan": found.deterministic_worth,
        "value_of_stochastic_solution_wan": {
            "found": found.worth - found.deterministic_worth,
            "at_most": found.bound - found.deterministic_worth,
        },
        "value_of_perfect_information_wan": {
            "at_least": max(0.0, known - found.bound),
            "found": known - found.worth,
            "at_most": known_bound - found.worth,
        },
        "robust_first_year": int((first_year["verdict"] == "robust").sum()),
        "first_year_decisions": int((first_year["in_plan"] | first_year["in_two_stage"]).sum()),
        "first_change": first_change(robust),
        "seconds": None if options.work is not None else round(seconds, 2),
        "work": options.work,
        "workers": options.workers,
    }


def _as_plan(town: Town, found: TwoStagePlan, options: ScenarioOptions) -> PlanResult:
    """Return the two-stage plan as a plan of the rule book, with its value by the plan model's own formula."""
    summary = {
        "value_wan": found.plan_value,
        "bound_wan": None,
        "gap": None,
        "status": "feasible",
        "seconds": None if options.work is not None else options.seconds,
        "work": options.work,
        "method": f"two_stage:{found.method}",
        "inputs_sha256": inputs_sha256(town),
        "parts": found.parts,
    }
    return PlanResult(found.tables, summary)
