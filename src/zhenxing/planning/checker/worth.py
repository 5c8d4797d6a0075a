"""The value of a plan and its 18 parts (section 4 of the plan model)."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from zhenxing.planning.checker.decisions import Decisions
from zhenxing.planning.checker.facts import Facts
from zhenxing.planning.checker.money import Flows
from zhenxing.planning.checker.progress import Progress
from zhenxing.planning.checker.violations import FloatArray

PARTS: Final = (
    "tax",
    "value_added",
    "benefit",
    "chain",
    "land_income",
    "committed",
    "site_cost",
    "work_cost",
    "facility_cost",
    "utility_cost",
    "subsidy",
    "exit_compensation",
    "moving",
    "interest",
    "fit",
    "exit_loss",
    "penalties",
    "land_reserve",
)


def discount_factors(rate: float, horizon: int, tail_years: int) -> tuple[FloatArray, FloatArray]:
    """Return delta^t and w_t for t = 0..T; w_T also carries the tail years after the horizon.

    Examples
    --------
    >>> discount, weight = discount_factors(0.25, 2, 1)
    >>> discount.round(9).tolist(), weight.round(9).tolist()
    ([1.0, 0.8, 0.64], [1.0, 0.8, 1.152])
    """
    delta = 1.0 / (1.0 + rate)
    discount: FloatArray = np.array([delta**t for t in range(horizon + 1)])
    weight = discount.copy()
    weight[-1] *= 1.0 + sum(delta**k for k in range(1, tail_years + 1))
    return discount, weight


def value_parts(
    facts: Facts,
    decisions: Decisions,
    progress: Progress,
    money: Flows,
    land: pd.DataFrame,
    targets: pd.DataFrame,
    chain: pd.DataFrame,
) -> dict[str, float]:
    """Return the parts of V in 万元, costs negative; they add up to V."""
    settings, placements = facts.settings, facts.placements
    discount, weight = discount_factors(settings.discount_rate, facts.horizon, int(settings.tail_years))
    discount[0] = weight[0] = 0.0
    value_added = (placements["probability"] * placements["annual_value_added_wan"]).to_numpy() @ progress.landed
    value_added = value_added + facts.options["annual_value_added_gain_wan"].to_numpy() @ progress.delivered
    value_added = value_added + facts.works["annual_value_added_gain_wan"].to_numpy() @ progress.works_open
    benefit = facts.works["annual_benefit_wan"].to_numpy() @ progress.works_open
    fit = (placements["probability"] * placements["fit_wan"]).to_numpy() @ decisions.landings
    exit_loss = settings.exit_loss_wan_per_m2 * decisions.exits.sum(axis=0)
    unused = land.loc[land["year"] == facts.base_year + facts.horizon, "unused_mu"].sum()
    reserve = settings.land_reserve_value_wan_per_mu
    parts = {
        "tax": settings.tax_weight * (weight @ money.tax),
        "value_added": settings.value_added_weight * (weight @ value_added),
        "benefit": weight @ benefit,
        "chain": weight @ _by_year(facts, chain, "reward_wan"),
        "land_income": discount @ money.land_income,
        "committed": -discount @ money.committed,
        "site_cost": -discount @ money.site_cost,
        "work_cost": -discount @ money.work_cost,
        "facility_cost": -discount @ money.facility_cost,
        "utility_cost": -discount @ money.utility_cost,
        "subsidy": -discount @ money.subsidy,
        "exit_compensation": -discount @ money.exit_compensation,
        "moving": -discount @ money.moving,
        "interest": -discount @ money.interest,
        "fit": discount @ fit,
        "exit_loss": -discount @ exit_loss,
        "penalties": -discount @ _by_year(facts, targets, "penalty_wan"),
        "land_reserve": discount[-1] * reserve * unused if reserve else 0.0,
    }
    return {name: float(parts[name]) + 0.0 for name in PARTS}


def _by_year(facts: Facts, table: pd.DataFrame, column: str) -> FloatArray:
    """Add up a column of a table by t = 0..T."""
    totals = np.zeros(facts.horizon + 1)
    np.add.at(totals, table["year"].to_numpy(dtype=int) - facts.base_year, table[column].to_numpy(dtype=float))
    return totals
