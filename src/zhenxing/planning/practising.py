"""A town planned twice, as it is and under a neighbour's practice: what the practice would be worth here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from zhenxing import schema
from zhenxing.diagnosis.practices import Practice, apply_practice, compare_plans
from zhenxing.errors import InputError, Issue, TownError
from zhenxing.i18n import say
from zhenxing.planning.options import PlanOptions
from zhenxing.planning.plan import plan
from zhenxing.planning.result import PlanResult
from zhenxing.town import Settings, Town


@dataclass(frozen=True, eq=False)
class PracticeStudy:
    """A practice tried out: what it changes in the input, and what differs between the plans.

    Attributes
    ----------
    changes, effects : DataFrame
        Tables ``practice_changes`` and ``practice_effects``.
    before, after : PlanResult
        The plan as things are, and the plan under the practice.
    issues : tuple of Issue
        What could not be changed and which numbers are assumed.
    summary : dict
        Card, value and gap of both plans.
    """

    changes: pd.DataFrame
    effects: pd.DataFrame
    before: PlanResult
    after: PlanResult
    issues: tuple[Issue, ...]
    summary: dict[str, Any] = field(default_factory=dict)


def try_practice(town: Town, card: Practice, seconds: float = 60.0, seed: int = 0) -> PracticeStudy:
    """Plan a town as it is and under a practice, each in the seconds given, and compare the plans.

    The difference is only as sharp as both plans are good: ``summary`` says the gap of each, and a difference in
    value below them says nothing.

    Parameters
    ----------
    town : Town
        The town.
    card : Practice
        The practice card.
    seconds : float
        Wall seconds of each of the two plans.
    seed : int
        Seed of both searches.

    Raises
    ------
    InputError
        When the card changes nothing in this town.
    """
    tables = {name: town[name] for name in (*schema.PLAN_INPUT_TABLES, "modes") if name in town}
    applied = apply_practice(tables, card, settings=town.plan)
    if applied.changes.empty:
        raise InputError(say("diagnosis.practice_idle", card=card.id), applied.issues)
    touched = {name: applied.tables[name] for name in applied.tables if applied.tables[name] is not tables.get(name)}
    changed = town.replace(**{name: schema.conform(name, frame)[0] for name, frame in touched.items()})
    changed = changed.replace(settings=Settings(town=town.settings.town, plan=applied.settings))
    options = PlanOptions(seconds=seconds, seed=seed)
    before = plan(town, options)
    after = _from_there(changed, options, before)
    effects = compare_plans(
        inputs_before=tables,
        plan_before=before.tables,
        inputs_after=applied.tables,
        plan_after=after.tables,
        summary_before=before.summary,
        summary_after=after.summary,
    )
    effects.insert(0, "practice_id", card.id)
    told = {
        when: {key: made.summary[key] for key in ("value_wan", "bound_wan", "gap", "status")}
        for when, made in (("before", before), ("after", after))
    }
    summary = {"card": card.id, "zh": card.name.zh, "en": card.name.en, "seconds": seconds, "seed": seed, **told}
    return PracticeStudy(applied.changes, effects, before, after, applied.issues, summary)


def _from_there(town: Town, options: PlanOptions, before: PlanResult) -> PlanResult:
    """Plan a changed town from the plan of the unchanged one, where that is still allowed.

    A practice that only loosens limits then never looks harmful because the second search was the unluckier one.
    """
    if not before.has_plan:
        return plan(town, options)
    try:
        return plan(town, replace(options, start=before.tables))
    except TownError:
        return plan(town, options)
