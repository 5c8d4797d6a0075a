"""Plans that are almost as good and differ as much as possible, and the decisions that all of them share.

Every alternative maximises another aim over all plans worth at least ``value − within * |value|`` of the plan given:
most and least land cleared in each park, sites and landings as different as possible, fewer and later starts. Among
the plans that reach the aim the most valuable one is then looked for.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from zhenxing.i18n import say
from zhenxing.planning import measures
from zhenxing.planning.given import GivenPlan, given_plan, plan_result
from zhenxing.planning.interrupt import stop_on_interrupt
from zhenxing.planning.no_regret import no_regret
from zhenxing.planning.result import PlanResult
from zhenxing.planning.variation import (
    Floats,
    Linear,
    best_money,
    least_value,
    pursue,
    with_aim,
    with_rows,
    worth,
)
from zhenxing.store import inputs_sha256
from zhenxing.town import Town

# How many plans differ as much as possible from all before them.
ROUNDS = 3
# Share of the time for the decisions that never change, and of each alternative for its value once the aim is reached.
PROOF_SHARE, VALUE_SHARE = 0.3, 0.3
# An aim may be missed by this much of its own size when the value is improved, for the solver's tolerance.
SLACK = 1e-7


@dataclass(frozen=True)
class Alternatives:
    """Near-optimal plans that differ.

    Attributes
    ----------
    plans : mapping of str to PlanResult
        Each alternative by its name.
    table : DataFrame
        One row per alternative, the plan given first (``given``): value, loss, land by park, what changed.
    no_regret : DataFrame
        One row per decision of the plan given: whether it is the same in all alternatives, and whether it was proven
        to be in every plan within the loss allowed.
    """

    plans: Mapping[str, PlanResult]
    table: pd.DataFrame
    no_regret: pd.DataFrame


@dataclass(frozen=True)
class Found:
    """An alternative: its solution, the aim it reached and the most that any plan could reach."""

    name: str
    aim: str
    park: str
    solution: Floats
    reached: float
    limit: float
    seconds: float


@dataclass(frozen=True)
class Aim:
    """What an alternative is to maximise; ``sign`` −1 where less is wanted."""

    name: str
    kind: str
    park: str
    measure: Callable[[list[Floats]], Linear]
    sign: float = 1.0


def alternatives(
    town: Town,
    plan: PlanResult,
    *,
    within: float = 0.01,
    seconds: float = 60.0,
    seed: int = 0,
    inputs: str | None = None,
) -> Alternatives:
    """Return plans that lose at most a share of a plan's value and differ as much as possible.

    Parameters
    ----------
    plan : PlanResult
        A plan of the town, for example from ``plan`` or ``read_plan``.
    within : float
        Loss allowed, as a share of the plan's value.
    seconds : float
        Wall seconds for everything, shared fairly among the alternatives.
    inputs : str, optional
        Fingerprint of the town's files on disk.

    Returns
    -------
    Alternatives
        Money in 万元, land in mu (land of a park cleared by the end, and land its firms hold).

    Raises
    ------
    TownError
        The plan is not allowed in this town.

    Examples
    --------
    >>> import zhenxing
    >>> town = zhenxing.random_town("XS", "balanced", 0)
    >>> best = zhenxing.plan(town, zhenxing.PlanOptions(seconds=20))
    >>> others = alternatives(town, best, within=0.05, seconds=8)
    >>> bool((others.table["loss_share"] <= 0.05 + 1e-6).all())
    True
    """
    began = time.perf_counter()
    given = given_plan(town, plan, inputs)
    deadline = began + seconds
    with stop_on_interrupt() as stopped:
        found = _search(given, within, deadline - PROOF_SHARE * seconds, seed, stopped)
        table = no_regret(given, within, {one.name: one.solution for one in found}, deadline, stopped)
    own = inputs or inputs_sha256(town)
    plans = {
        one.name: plan_result(
            given.formulation, one.solution, given.bound, f"alternative:{one.name}", one.seconds, own, aim=one.aim
        )
        for one in found
    }
    return Alternatives(plans, _table(given, plans, found), table)


def _search(given: GivenPlan, within: float, deadline: float, seed: int, stopped: Callable[[], bool]) -> list[Found]:
    formulation = given.formulation
    near = with_rows(given.tight, "value_kept", [worth(formulation.model)], lower=least_value(given.value, within))
    aims = _aims(given)
    found: list[Found] = []
    plans = [given.solution]
    for position, aim in enumerate(aims):
        share = (deadline - time.perf_counter()) / (len(aims) - position)
        if stopped():
            break
        began = time.perf_counter()
        measure = aim.measure(plans)
        wanted = measure.times(aim.sign)
        start = max(plans, key=wanted.of)
        first = pursue(
            formulation, with_aim(near, wanted), start, (1.0 - VALUE_SHARE) * share, seed=seed, stopped=stopped
        )
        if first.solution is None:
            continue
        solution = _most_valuable(given, wanted, first.solution, began + share, seed, stopped)
        plans.append(solution)
        taken = time.perf_counter() - began
        found.append(Found(aim.name, aim.kind, aim.park, solution, measure.of(solution), aim.sign * first.bound, taken))
    return found


def _most_valuable(
    given: GivenPlan,
    wanted: Linear,
    solution: Floats,
    deadline: float,
    seed: int,
    stopped: Callable[[], bool],
) -> Floats:
    """Return the best plan found among those that reach an aim as well as a solution does."""
    model = given.tight
    reached = wanted.of(solution)
    kept = with_rows(model, "aim_kept", [wanted], lower=reached - SLACK * max(1.0, abs(reached)))
    start = best_money(model, solution)
    left = deadline - time.perf_counter()
    if start is not None and left > 0.2 and not stopped():
        better = pursue(given.formulation, kept, start, left, relaxed=given.relaxed, seed=seed, stopped=stopped)
        start = better.solution
    return solution if start is None else start


def _aims(given: GivenPlan) -> list[Aim]:
    formulation = given.formulation
    aims = []
    for park, (park_id, label) in enumerate(_park_labels(given).items()):
        land = measures.cleared_mu(formulation, park)
        if len(land.columns):
            fixed = partial(_same, land)
            aims.append(Aim(f"most-mu-{label}", "most_mu", park_id, fixed))
            aims.append(Aim(f"least-mu-{label}", "least_mu", park_id, fixed, -1.0))
    if formulation.decisions.start.size:
        different = partial(_sum_of, lambda plan: measures.sites_changed(formulation, plan))
        aims += [Aim(f"different-sites-{number + 1}", "different_sites", "", different) for number in range(ROUNDS)]
        aims.append(Aim("fewest-starts", "fewest_starts", "", partial(_same, measures.starts(formulation)), -1.0))
        aims.append(
            Aim("latest-starts", "latest_starts", "", partial(_same, measures.started_years(formulation)), -1.0)
        )
    if formulation.decisions.land.size:
        moved = measures.landings_changed(formulation, given.solution)
        aims.append(Aim("other-landings", "other_landings", "", partial(_same, moved)))
    return aims


def _same(measure: Linear, plans: list[Floats]) -> Linear:
    return measure


def _sum_of(measure: Callable[[Floats], Linear], plans: list[Floats]) -> Linear:
    """Return the sum of a difference over all earlier plans of its kind and the plan given."""
    parts = [measure(plan) for plan in plans]
    return Linear(parts[0].columns, np.sum([part.values for part in parts], axis=0), sum(p.constant for p in parts))


def _park_labels(given: GivenPlan) -> dict[str, str]:
    """Return a name for each park that a folder can bear."""
    labels: dict[str, str] = {}
    for number, park in enumerate(given.formulation.problem.parks.ids):
        plain = re.sub(r"[^\w-]", "_", park) or str(number)
        labels[park] = plain if plain not in labels.values() else f"{plain}_{number}"
    return labels


# ---- the table


def compare(given: GivenPlan, solution: Floats) -> dict[str, object]:
    """Return what a plan does and how it differs from the plan given."""
    formulation, parks = given.formulation, given.formulation.problem.parks.ids
    decisions = formulation.decisions
    value = formulation.model.value(solution)
    first = np.flatnonzero((decisions.start_year == 1) & (given.solution[decisions.start.span] > 0.5))
    row: dict[str, object] = {
        "value_wan": value,
        "loss_wan": given.value - value,
        "loss_share": (given.value - value) / max(1.0, abs(given.value)),
    }
    for kind, measure in (("cleared_mu", measures.cleared_mu), ("firm_mu", measures.firm_mu)):
        for park, name in enumerate(parks):
            row[f"{kind}_{name}"] = measure(formulation, park).of(solution)
    return row | {
        "sites_started": round(measures.starts(formulation).of(solution)),
        "sites_changed": round(measures.sites_changed(formulation, given.solution).of(solution)),
        "landings_changed": _landings_changed(given, solution),
        "peak_debt_wan": float(np.max(solution[decisions.debt.span], initial=0.0)),
        "first_year_starts": int((solution[decisions.start.span][decisions.start_year == 1] > 0.5).sum()),
        "first_year_starts_same": int((solution[decisions.start.span][first] > 0.5).sum()),
    }


def _landings_changed(given: GivenPlan, solution: Floats) -> int:
    """Return how many landings differ: of each class the greater of those gained and those lost."""
    decisions = given.formulation.decisions
    change = np.rint(solution[decisions.land.span] - given.solution[decisions.land.span])
    count = len(given.formulation.problem.candidates.link)
    gained = np.bincount(decisions.land_class, np.maximum(change, 0.0), count)
    lost = np.bincount(decisions.land_class, np.maximum(-change, 0.0), count)
    return int(np.maximum(gained, lost).sum())


def _table(given: GivenPlan, plans: Mapping[str, PlanResult], found: list[Found]) -> pd.DataFrame:
    rows: list[dict[str, object]] = [_described("given", "given", "") | compare(given, given.solution)]
    for one in found:
        known = abs(one.limit - one.reached) <= 1e-5 * max(1.0, abs(one.reached))
        rows.append(
            _described(one.name, one.aim, one.park)
            | {
                "aim_reached": one.reached,
                "aim_limit": one.limit if np.isfinite(one.limit) else None,
                "aim_proven": known,
            }
            | compare(given, one.solution)
            | {"bound_wan": plans[one.name].summary["bound_wan"], "gap": plans[one.name].summary["gap"]}
        )
    frame = pd.DataFrame(rows)
    first = [
        "name",
        "aim_zh",
        "aim_en",
        "value_wan",
        "loss_wan",
        "loss_share",
        "aim_reached",
        "aim_limit",
        "aim_proven",
    ]
    first = [name for name in first if name in frame.columns]
    return frame[[*first, *(name for name in frame.columns if name not in first)]]


def _described(name: str, aim: str, park: str) -> dict[str, object]:
    text = say(f"alternatives.aim_{aim}", park=park) if park else say(f"alternatives.aim_{aim}")
    return {"name": name, "aim_zh": text.zh, "aim_en": text.en}
