"""What is found out about a plan beside the plan: read from folders, or computed within a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from zhenxing.errors import ZhenxingError
from zhenxing.report.options import ReportOptions
from zhenxing.report.studies import KINDS, Answer, Explained, Kind, Study, read_study, typed
from zhenxing.report.voice import as_float

if TYPE_CHECKING:
    from zhenxing.planning.result import PlanResult
    from zhenxing.town import Town

# Shares of the time given; what one leaves over goes to those after it.
SHARES: Mapping[str, float] = {"prices": 0.35, "alternatives": 0.25, "scenarios": 0.2, "answers": 0.2}
# Draws of a study made with the report: fewer than the command's own.
DRAWS, SOLVED_DRAWS = 100, 4
# Share of the time for prices that next year's money has for itself.
FIRST_QUESTION = 0.6
# Questions asked at the most, seconds of one at the most and at the least, and how many of them about sites left out.
QUESTIONS, LONGEST_ANSWER, SHORTEST_ANSWER, LEFT_OUT = 5, 5.0, 1.5, 2


def explain(
    town: Town,
    tables: Mapping[str, pd.DataFrame],
    summary: Mapping[str, object],
    counted: float,
    inputs: str,
    options: ReportOptions,
) -> Explained:
    """Return what the folders given hold about a plan, and what the time given allows to compute of the rest.

    Parameters
    ----------
    tables, summary : mapping
        The plan.
    counted : float
        What its tables are worth, 万元.
    inputs : str
        Fingerprint of the town's files.
    options : ReportOptions
        Folders and seconds.
    """
    folders: dict[Kind, Path | None] = {
        "prices": options.prices,
        "alternatives": options.alternatives,
        "scenarios": options.scenarios,
    }
    values = (counted, as_float(summary.get("value_wan")))
    found = {
        kind: read_study(kind, folder, tables, values, inputs) for kind, folder in folders.items() if folder is not None
    }
    if options.explain_seconds <= 0:
        return _together(found, ())
    from zhenxing.planning.result import PlanResult

    plan = PlanResult(tables, dict(summary))
    deadline = time.perf_counter() + options.explain_seconds
    waiting = {name: part for name, part in SHARES.items() if name not in found}

    def share(name: str) -> float:
        part = waiting[name] / sum(waiting.values())
        del waiting[name]
        return max(0.5, (deadline - time.perf_counter()) * part)

    made: dict[Kind, Callable[[float], Study]] = {
        "prices": lambda seconds: _prices(town, plan, seconds, inputs),
        "alternatives": lambda seconds: _alternatives(town, plan, seconds, inputs),
        "scenarios": lambda seconds: _scenarios(town, plan, seconds, options.workers),
    }
    # the answers come before the scenarios, whose simulations take as long as they take
    answers: tuple[Answer, ...] = ()
    for kind in KINDS:
        if kind == "scenarios":
            answers = _answers(town, plan, share("answers"), inputs)
        if kind not in found:
            found[kind] = _attempt(made[kind], share(kind))
    return _together(found, answers)


def _together(found: Mapping[Kind, Study], answers: tuple[Answer, ...]) -> Explained:
    prices, alternatives, scenarios = (found.get(kind, Study()) for kind in KINDS)
    return Explained(prices, alternatives, scenarios, answers)


def _attempt(make: Callable[[float], Study], seconds: float) -> Study:
    try:
        return make(seconds)
    except ZhenxingError as error:
        # a plan that the town does not allow has no prices; the report says why
        return Study("failed", reason=error.text)


def study_of(kind: Kind, tables: Mapping[str, pd.DataFrame], summary: Mapping[str, Any]) -> Study:
    """Return a result in memory as the report takes it."""
    from zhenxing.report.studies import NUMBERS

    return Study("shown", {name: typed(kind, name, tables[name]) for name in NUMBERS[kind]}, summary)


def _prices(town: Town, plan: PlanResult, seconds: float, inputs: str) -> Study:
    from zhenxing.planning.explain.prices import prices

    # the question everybody asks first has its own time: among all limits it might find none
    began = time.perf_counter()
    year = town.years[0]
    first = prices(town, plan, resource="money", year=year, seconds=FIRST_QUESTION * seconds, inputs=inputs)
    left = max(seconds - (time.perf_counter() - began), 0.5)
    rest = prices(town, plan, seconds=left, inputs=inputs)
    tables = {
        "prices": _with_first(first.table, rest.table, year),
        "reasons": _with_first(first.reasons, rest.reasons, year),
    }
    better = max(float(one.summary["better_plan_found_wan"]) for one in (first, rest))
    return study_of("prices", tables, {**rest.summary, "better_plan_found_wan": better})


def _with_first(first: pd.DataFrame, rest: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the rows of all limits, those of the first question from its own, longer study."""
    asked = (rest["resource"] == "money") & (rest["year"] == year)
    return pd.concat([first, rest[~asked]], ignore_index=True)


def _alternatives(town: Town, plan: PlanResult, seconds: float, inputs: str) -> Study:
    from zhenxing.planning.alternatives import alternatives

    found = alternatives(town, plan, within=0.01, seconds=seconds, inputs=inputs)
    return study_of("alternatives", {"alternatives": found.table, "no_regret": found.no_regret}, {"within": 0.01})


def _scenarios(town: Town, plan: PlanResult, seconds: float, workers: int) -> Study:
    from zhenxing.planning.uncertainty.study import ScenarioOptions, scenarios

    options = ScenarioOptions(count=DRAWS, solve_count=SOLVED_DRAWS, seconds=seconds, workers=workers)
    found = scenarios(town, plan, options)
    return study_of("scenarios", found.tables, found.summary)


# ---- why not earlier


def questions(town: Town, tables: Mapping[str, pd.DataFrame]) -> list[tuple[str, int | None, int | None]]:
    """Return what people would ask first: the largest sites that start late, one year earlier; the largest left out.

    Returns
    -------
    list of (site_id, year planned, year asked for)
        None: not started by the plan; at any time.
    """
    sites = town.filled("sites")
    area = dict(zip(sites["site_id"].astype(str), sites["area_mu"].astype(float), strict=True))
    modes = town.filled("site_modes")
    earliest = modes.groupby("site_id")["earliest_year"].min()
    first = town.years[0]
    plan = tables["plan_sites"]
    starts = {str(site): int(year) for site, year in zip(plan["site_id"], plan["start_year"], strict=True)}
    locks = town.filled("locks")
    fixed = set(locks.loc[(locks["subject"] == "site") & locks["rule"].isin(["done", "must_not"]), "id"].astype(str))
    order = sorted((site for site in area if site in earliest.index and site not in fixed), key=lambda one: -area[one])
    late = [site for site in order if site in starts and starts[site] > max(first, int(earliest[site]))]
    out = [site for site in order if site not in starts]
    shown_out = min(len(out), max(LEFT_OUT, QUESTIONS - len(late)))
    asked: list[tuple[str, int | None, int | None]] = [
        (site, starts[site], starts[site] - 1) for site in late[: QUESTIONS - shown_out]
    ]
    return [*asked, *((site, None, None) for site in out[:shown_out])]


def _answers(town: Town, plan: PlanResult, seconds: float, inputs: str) -> tuple[Answer, ...]:
    """Return the answers to the questions people would ask first, as many as the time allows."""
    from zhenxing.planning.explain.ground import ground
    from zhenxing.planning.explain.why import answer
    from zhenxing.planning.explain.wishes import read_wish

    deadline = time.perf_counter() + seconds
    asked = questions(town, plan.tables)
    try:
        base = ground(town, plan, inputs=inputs)
    except ZhenxingError:
        return ()
    found: list[Answer] = []
    for place, (site, planned, by) in enumerate(asked):
        left = deadline - time.perf_counter()
        if found and left < SHORTEST_ANSWER:
            break
        try:
            told = answer(
                base,
                read_wish(town, site=site, start_by=by),
                max(min(LONGEST_ANSWER, left / (len(asked) - place)), SHORTEST_ANSWER),
            )
        except ZhenxingError:
            continue
        found.append(
            Answer(
                site, planned, by, told.verdict, told.cost_wan, told.cost_low_wan, told.cost_high_wan,
                told.conditional, told.low_wan, told.high_wan, told.sentences,
            )
        )  # fmt: skip
    return tuple(found)
