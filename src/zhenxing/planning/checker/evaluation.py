"""One plan checked and valued: every rule in turn, the balances behind them, and the value with its parts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from zhenxing.planning.checker import balances, locks, rules
from zhenxing.planning.checker.decisions import read_decisions
from zhenxing.planning.checker.facts import read_facts
from zhenxing.planning.checker.money import flows, money_table
from zhenxing.planning.checker.outcomes import chain_table, target_table
from zhenxing.planning.checker.progress import follow
from zhenxing.planning.checker.violations import Findings
from zhenxing.planning.checker.worth import value_parts

if TYPE_CHECKING:
    from zhenxing.town import Town


@dataclass(frozen=True)
class Evaluation:
    """What a plan is worth (万元), what it breaks, and the balances that show it.

    ``money`` counts land income and retained tax as the cash rule does (``cash_probability_floor``); ``floor`` is
    cumulative and leaves out what was done before the plan; ``targets.penalty_wan`` is not discounted.
    """

    value_wan: float
    parts: dict[str, float]
    violations: pd.DataFrame
    money: pd.DataFrame
    land: pd.DataFrame
    floor: pd.DataFrame
    resources: pd.DataFrame
    capacities: pd.DataFrame
    targets: pd.DataFrame
    chain: pd.DataFrame

    @property
    def allowed(self) -> bool:
        """Whether the plan breaks no rule."""
        return self.violations.empty


def evaluate(town: Town, plan: Mapping[str, pd.DataFrame]) -> Evaluation:
    """Check a plan against every rule and compute its value, from the tables only.

    A bad plan never raises: whatever is wrong with it is a row of ``violations``, also rows that cannot be read,
    which then count as absent. The town must be free of input errors
    (:func:`zhenxing.planning.consistency.check_inputs`).

    Parameters
    ----------
    town : Town
        The town with its ``[plan]`` settings.
    plan : mapping of str to DataFrame
        The plan tables by name; an absent table is empty.

    Returns
    -------
    Evaluation
        Value in 万元, its parts, violations and balances.

    Notes
    -----
    Rules and value are those of the plan model; a rule holds when its left side exceeds its right side by at most
    ``1e-6 * max(1, |left|, |right|)``.

    Examples
    --------
    >>> from zhenxing.town import PlanSettings, Settings, Town, TownInfo
    >>> settings = PlanSettings(base_year=2025, horizon_years=1, discount_rate=0.0, initial_cash_wan=5)
    >>> town = Town(settings=Settings(town=TownInfo(), plan=settings), tables={})
    >>> evaluate(town, {}).violations["table"].tolist()
    ['plan_finance']
    """
    facts, found = read_facts(town), Findings()
    decisions = read_decisions(facts, plan, found)
    progress = follow(facts, decisions)
    recomputed = flows(facts, decisions, progress)
    land = balances.land_table(facts, progress)
    floor = balances.floor_table(facts, decisions, progress)
    resources = balances.resource_table(facts, progress)
    capacity = balances.capacity_table(facts, decisions)
    rules.sites_and_works(facts, decisions, progress, found)
    rules.contiguity(facts, progress, found)
    rules.landing_counts(facts, decisions, progress, found)
    rules.platforms(facts, progress, found)
    rules.leaders(facts, progress, found)
    rules.facility_needs(facts, progress, found)
    rules.land(land, found)
    rules.resettlement(floor, found)
    rules.utilities(facts, progress, resources, found)
    rules.capacities(capacity, found)
    rules.money(facts, decisions, recomputed, found)
    locks.locks(facts, decisions, found)
    locks.year_zero(facts, decisions, found)
    targets, chain = target_table(facts, decisions, progress), chain_table(facts, progress)
    parts = value_parts(facts, decisions, progress, recomputed, land, targets, chain)
    return Evaluation(
        value_wan=math.fsum(parts.values()),
        parts=parts,
        violations=found.frame(),
        money=money_table(facts, decisions, recomputed),
        land=land,
        floor=floor,
        resources=resources,
        capacities=capacity,
        targets=targets,
        chain=chain,
    )
