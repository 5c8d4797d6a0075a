"""Rule 8: the town's cash and debt.

Formula: ``K[t] <= K[t-1] + own_funds + land_income + tax_retained_share * tax[t-1] - outlay + D[t] - (1+r) D[t-1]``,
``K >= 0``, ``0 <= D <= debt_limit``. In this inequality land income and tax leave out candidates whose probability is
below ``cash_probability_floor``. A payment of a start falls phi in its year and the rest in the next; in the last year
both parts are paid at once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zhenxing.milp import Block, Model
from zhenxing.planning.problem import Problem
from zhenxing.planning.variables import Decisions

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def payments(problem: Problem, year: Ints, cost: Floats) -> list[tuple[Ints, Ints, Floats]]:
    """Return (entry, year, amount) of what starts cost: phi at once, the rest a year later, all by year T."""
    phi, length = problem.settings.first_year_cost_share, problem.horizon.length
    entry = np.arange(len(year))
    return [(entry, year, phi * cost), (entry, np.minimum(year + 1, length), (1.0 - phi) * cost)]


def counted_in_cash(problem: Problem) -> npt.NDArray[np.bool_]:
    """Return which candidate classes' money counts in the cash inequality."""
    return problem.candidates.probability >= problem.settings.cash_probability_floor


def land_income(problem: Problem, decisions: Decisions) -> Floats:
    """Return the expected land money of one landing of each landing entry, 万元."""
    candidates = problem.candidates
    k = decisions.land_class
    pays = candidates.pays_land[k] * candidates.probability[k]
    return np.asarray(
        pays * problem.parks.land_price[decisions.land_park] * candidates.placement_land[decisions.land_placement]
    )


def tax_before(problem: Problem, counted: npt.NDArray[np.bool_]) -> Floats:
    """Return the tax a year of what the year-0 state holds, for t = 1..T (万元); tax[0] is 0 by definition."""
    candidates, modes, works, length = problem.candidates, problem.modes, problem.works, problem.horizon.length
    yearly = np.zeros(length)
    k = candidates.present_class
    yearly += float(np.sum(candidates.probability[k] * candidates.tax[k] * candidates.present_count * counted[k]))
    for done_at, lead, gain in (
        (modes.done_at, modes.lead, modes.tax_gain),
        (works.done_at, works.lead, works.tax_gain),
    ):
        for at in np.flatnonzero(~np.isnan(done_at)):
            yearly[max(int(done_at[at] + lead[at]), 1) - 1 :] += gain[at]
    return yearly


def add(model: Model, problem: Problem, decisions: Decisions) -> Block:
    """Add the rows of rule 8 and return the level of the tax that counts in cash, by year."""
    settings, budget, length = problem.settings, problem.budget, problem.horizon.length
    years = problem.horizon.calendar
    counted = counted_in_cash(problem)
    tax = _tax(model, problem, decisions, counted)
    right = budget.own_funds - budget.committed
    right[0] += settings.initial_cash_wan - (1.0 + settings.interest_rate) * settings.initial_debt_wan
    rows = model.rows("money", {"year": years}, upper=right)
    now, later = np.arange(length), np.arange(1, length)
    model.put(rows.at(now), decisions.cash.at(now), 1.0)
    model.put(rows.at(later), decisions.cash.at(later - 1), -1.0)
    model.put(rows.at(now), decisions.debt.at(now), -1.0)
    model.put(rows.at(later), decisions.debt.at(later - 1), 1.0 + settings.interest_rate)
    model.put(rows.at(later), tax.at(later - 1), -settings.tax_retained_share)
    _outlay(model, problem, decisions, rows)
    k = decisions.land_class
    income = np.where(counted[k], land_income(problem, decisions), 0.0) if len(k) else np.zeros(0)
    subsidy = problem.candidates.probability[k] * problem.candidates.subsidy[k]
    model.put(rows.at(decisions.land_year - 1), decisions.land.all, subsidy - income)
    return tax


def _tax(model: Model, problem: Problem, decisions: Decisions, counted: npt.NDArray[np.bool_]) -> Block:
    """Add the yearly tax as a level that this year's deliveries and landings raise."""
    candidates, modes, works, length = problem.candidates, problem.modes, problem.works, problem.horizon.length
    years = problem.horizon.calendar
    before = tax_before(problem, counted)
    right = np.diff(before, prepend=0.0)
    tax = model.columns("cash_tax", {"year": years}, lower=-np.inf)
    rows = model.rows("cash_tax_level", {"year": years}, lower=right, upper=right)
    later = np.arange(1, length)
    model.put(rows.all, tax.all, 1.0)
    model.put(rows.at(later), tax.at(later - 1), -1.0)
    k = decisions.land_class
    model.put(
        rows.at(decisions.land_year - 1), decisions.land.all, -(candidates.probability * candidates.tax * counted)[k]
    )
    delivered = decisions.start_year + modes.lead[decisions.start_pair]
    inside = np.flatnonzero(delivered <= length)
    model.put(rows.at(delivered[inside] - 1), decisions.start.at(inside), -modes.tax_gain[decisions.start_pair[inside]])
    work, year = np.meshgrid(np.arange(len(works.ids)), np.arange(1, length + 1), indexing="ij")
    ready = year + works.lead[:, None]
    ok = ready <= length
    model.put(rows.at(ready[ok] - 1), decisions.work.at(work[ok], year[ok] - 1), -works.tax_gain[work[ok]])
    return tax


def _outlay(model: Model, problem: Problem, decisions: Decisions, rows: Block) -> None:
    settings, works, length = problem.settings, problem.works, problem.horizon.length
    cost = problem.modes.cost[decisions.start_pair]
    for entry, year, amount in payments(problem, decisions.start_year, cost):
        model.put(rows.at(year - 1), decisions.start.at(entry), amount)
    work, start = (
        grid.ravel() for grid in np.meshgrid(np.arange(len(works.ids)), np.arange(1, length + 1), indexing="ij")
    )
    for entry, year, amount in payments(problem, start, works.cost[work]):
        model.put(rows.at(year - 1), decisions.work.at(work[entry], start[entry] - 1), amount)
    for block, cost_each in (
        (decisions.facility, problem.facilities.cost),
        (decisions.step, problem.supplies.step_cost),
    ):
        entry, year = np.meshgrid(np.arange(len(cost_each)), np.arange(length), indexing="ij")
        model.put(rows.at(year), block.at(entry, year), cost_each[:, None])
    count = len(problem.parks.ids)
    park, year = np.meshgrid(np.arange(count), np.arange(length), indexing="ij")
    model.put(rows.at(year), decisions.leave.at(park, year), settings.exit_compensation_wan_per_m2)
    one, other, year = np.meshgrid(np.arange(count), np.arange(count), np.arange(length), indexing="ij")
    model.put(rows.at(year), decisions.resettle.at(one, other, year), settings.moving_cost_wan_per_m2)
