"""The plan's money: tax, income, outlay and interest of each year (rule 8), recomputed from the tables.

Arrays have one entry per year t = 0..T, in 万元; entry 0 is 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from zhenxing.planning.checker.decisions import Decisions
from zhenxing.planning.checker.facts import Facts
from zhenxing.planning.checker.progress import Progress
from zhenxing.planning.checker.violations import FloatArray
from zhenxing.planning.consistency.inputs import each_row


@dataclass(frozen=True)
class Flows:
    """Yearly money of a plan; ``counted_*`` leave out candidates below the cash probability floor."""

    own_funds: FloatArray
    debt_limit: FloatArray
    committed: FloatArray
    tax: FloatArray
    counted_tax: FloatArray
    land_income: FloatArray
    counted_land_income: FloatArray
    site_cost: FloatArray
    work_cost: FloatArray
    facility_cost: FloatArray
    utility_cost: FloatArray
    subsidy: FloatArray
    exit_compensation: FloatArray
    moving: FloatArray
    interest: FloatArray

    @property
    def outlay(self) -> FloatArray:
        """All that is paid in a year, with what was already owed, without interest."""
        costs = self.site_cost + self.work_cost + self.facility_cost + self.utility_cost
        return self.committed + costs + self.subsidy + self.exit_compensation + self.moving


def flows(facts: Facts, decisions: Decisions, progress: Progress) -> Flows:
    """Recompute the yearly money of a plan."""
    settings, phi = facts.settings, float(facts.settings.first_year_cost_share)
    probability = _column(facts.placements, "probability")
    subsidy = probability * _column(facts.placements, "subsidy_wan")
    price = probability * _column(facts.placements, "land_price_wan_per_mu") * _column(facts.placements, "land_mu")
    price = np.where(facts.placements["pays_land"].to_numpy(dtype=bool), price, 0.0)
    counted = probability >= settings.cash_probability_floor
    debt = np.concatenate([[0.0], decisions.debt[:-1]])
    return Flows(
        own_funds=yearly(facts, "own_funds_wan", 0.0),
        debt_limit=yearly(facts, "debt_limit_wan", 0.0),
        committed=yearly(facts, "committed_outlay_wan", 0.0),
        tax=tax(facts, progress, np.ones_like(probability)),
        counted_tax=tax(facts, progress, counted.astype(float)),
        land_income=price @ decisions.landings,
        counted_land_income=(price * counted) @ decisions.landings,
        site_cost=_in_two_parts(_column(facts.options, "public_cost_wan") @ decisions.starts, phi),
        work_cost=_in_two_parts(_column(facts.works, "cost_wan") @ decisions.works, phi),
        facility_cost=_column(facts.facilities, "cost_wan") @ decisions.facilities,
        utility_cost=_column(facts.utility_steps, "cost_wan") @ decisions.utility_steps,
        subsidy=subsidy @ decisions.landings,
        exit_compensation=settings.exit_compensation_wan_per_m2 * decisions.exits.sum(axis=0),
        moving=settings.moving_cost_wan_per_m2 * decisions.resettled.sum(axis=(0, 1)),
        interest=settings.interest_rate * debt,
    )


def tax(facts: Facts, progress: Progress, weight: FloatArray) -> FloatArray:
    """Return tax[t] with a weight per placement; tax[0] = 0 also with a year-0 state."""
    placements = facts.placements
    total = (weight * _column(placements, "probability") * _column(placements, "annual_tax_wan")) @ progress.landed
    total = total + _column(facts.options, "annual_tax_gain_wan") @ progress.delivered
    total = total + _column(facts.works, "annual_tax_gain_wan") @ progress.works_open
    total[0] = 0.0
    return np.asarray(total, dtype=float)


def _in_two_parts(started: FloatArray, phi: float) -> FloatArray:
    """Spread the cost of a year's starts over that year and the next; in year T both parts fall due."""
    paid = phi * started
    paid[1:] += (1.0 - phi) * started[:-1]
    paid[-1] += (1.0 - phi) * started[-1]
    return paid


def yearly(facts: Facts, column: str, without_row: float) -> FloatArray:
    """Return a budget column by t; a year without a budget row has the value given."""
    values = np.full(facts.horizon + 1, without_row)
    for row in each_row(facts.budget):
        t = facts.time(row.year)
        if 1 <= t <= facts.horizon:
            values[t] = getattr(row, column)
    return values


def _column(frame: pd.DataFrame, name: str) -> FloatArray:
    return frame[name].to_numpy(dtype=float)


def money_table(facts: Facts, decisions: Decisions, money: Flows) -> pd.DataFrame:
    """Return the money of each plan year; land income and retained tax as the cash rule counts them."""
    retained = np.concatenate([[0.0], facts.settings.tax_retained_share * money.counted_tax[:-1]])
    columns = {
        "own_funds_wan": money.own_funds,
        "land_income_wan": money.counted_land_income,
        "retained_tax_wan": retained,
        "committed_wan": money.committed,
        "site_cost_wan": money.site_cost,
        "work_cost_wan": money.work_cost,
        "facility_cost_wan": money.facility_cost,
        "utility_cost_wan": money.utility_cost,
        "subsidy_wan": money.subsidy,
        "exit_compensation_wan": money.exit_compensation,
        "moving_wan": money.moving,
        "outlay_wan": money.outlay,
        "interest_wan": money.interest,
        "borrowed_wan": np.concatenate([[0.0], np.diff(decisions.debt)]),
        "debt_wan": decisions.debt,
        "cash_wan": decisions.cash,
        "tax_wan": money.tax,
    }
    table = pd.DataFrame({"year": list(facts.plan_years)})
    return table.assign(**{name: values[1:] for name, values in columns.items()})
