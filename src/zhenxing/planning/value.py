"""The value of a plan (plan model, section 4) as named objective terms: they are the ``parts`` of the summary."""

from __future__ import annotations

import numpy as np

from zhenxing.milp import Block, Model
from zhenxing.planning.constraints.money import land_income, payments
from zhenxing.planning.problem import Problem
from zhenxing.planning.variables import Decisions

PARTS = (
    "tax", "value_added", "benefit", "chain", "land_income", "committed", "site_cost", "work_cost", "facility_cost",
    "utility_cost", "subsidy", "exit_compensation", "moving", "interest", "fit", "exit_loss", "penalties",
    "land_reserve",
)  # fmt: skip


def add(model: Model, problem: Problem, decisions: Decisions, unused_land: Block) -> None:
    """Add all parts but the chain's reward and the penalties, which their own rules add."""
    for name in PARTS:
        model.constant(name, 0.0)
    _firms(model, problem, decisions)
    _sites_and_works(model, problem, decisions)
    _payments(model, problem, decisions)
    _year_zero(model, problem)
    settings, horizon = problem.settings, problem.horizon
    if settings.land_reserve_value_wan_per_mu:
        park = np.arange(len(problem.parks.ids))
        last = unused_land.at(park, np.full(len(park), horizon.length - 1))
        model.reward("land_reserve", last, horizon.discount[-1] * settings.land_reserve_value_wan_per_mu)


def _firms(model: Model, problem: Problem, decisions: Decisions) -> None:
    settings, candidates, horizon = problem.settings, problem.candidates, problem.horizon
    k, t = decisions.land_class, decisions.land_year
    expected = candidates.probability[k]
    lasting, once = horizon.lasting_from(t), horizon.discount[t]
    columns = decisions.land.all
    model.reward("tax", columns, settings.tax_weight * expected * candidates.tax[k] * lasting)
    model.reward("value_added", columns, settings.value_added_weight * expected * candidates.value_added[k] * lasting)
    model.reward("land_income", columns, land_income(problem, decisions) * once)
    model.reward("subsidy", columns, -expected * candidates.subsidy[k] * once)
    model.reward("fit", columns, expected * candidates.placement_fit[decisions.land_placement] * once)


def _sites_and_works(model: Model, problem: Problem, decisions: Decisions) -> None:
    settings, modes, works, horizon = problem.settings, problem.modes, problem.works, problem.horizon
    pair = decisions.start_pair
    lasting = horizon.lasting_from(decisions.start_year + modes.lead[pair])
    model.reward("tax", decisions.start.all, settings.tax_weight * modes.tax_gain[pair] * lasting)
    model.reward(
        "value_added", decisions.start.all, settings.value_added_weight * modes.value_added_gain[pair] * lasting
    )
    for entry, year, amount in payments(problem, decisions.start_year, modes.cost[pair]):
        model.reward("site_cost", decisions.start.at(entry), -amount * horizon.discount[year])
    work, start = (
        grid.ravel() for grid in np.meshgrid(np.arange(len(works.ids)), np.arange(1, horizon.length + 1), indexing="ij")
    )
    columns = decisions.work.at(work, start - 1)
    lasting = horizon.lasting_from(start + works.lead[work])
    model.reward("tax", columns, settings.tax_weight * works.tax_gain[work] * lasting)
    model.reward("value_added", columns, settings.value_added_weight * works.value_added_gain[work] * lasting)
    model.reward("benefit", columns, works.benefit[work] * lasting)
    for entry, year, amount in payments(problem, start, works.cost[work]):
        model.reward("work_cost", columns[entry], -amount * horizon.discount[year])


def _payments(model: Model, problem: Problem, decisions: Decisions) -> None:
    settings, horizon = problem.settings, problem.horizon
    once = horizon.discount[1:]
    years = np.arange(horizon.length)
    for name, block, cost in (
        ("facility_cost", decisions.facility, problem.facilities.cost),
        ("utility_cost", decisions.step, problem.supplies.step_cost),
    ):
        model.reward(name, block.all, -(cost[:, None] * once[None, :]).ravel())
    count = len(problem.parks.ids)
    model.reward(
        "exit_compensation", decisions.leave.all, np.tile(-settings.exit_compensation_wan_per_m2 * once, count)
    )
    model.reward("exit_loss", decisions.leave.all, np.tile(-settings.exit_loss_wan_per_m2 * once, count))
    model.reward("moving", decisions.resettle.all, np.tile(-settings.moving_cost_wan_per_m2 * once, count * count))
    # interest of year t is paid on the debt at the end of t-1
    model.reward("interest", decisions.debt.at(years[:-1]), -settings.interest_rate * once[1:])
    model.constant("interest", -settings.interest_rate * once[0] * settings.initial_debt_wan)
    model.constant("committed", -float(problem.budget.committed @ once))


def _year_zero(model: Model, problem: Problem) -> None:
    """Add what the year-0 state earns inside the horizon (rule 12); the chain's part is in rule 10."""
    settings, candidates, modes, works, horizon = (
        problem.settings,
        problem.candidates,
        problem.modes,
        problem.works,
        problem.horizon,
    )
    k = candidates.present_class
    firms = candidates.probability[k] * candidates.present_count * horizon.lasting[1]
    model.constant("tax", settings.tax_weight * float(firms @ candidates.tax[k]))
    model.constant("value_added", settings.value_added_weight * float(firms @ candidates.value_added[k]))
    for at in np.flatnonzero(~np.isnan(modes.done_at)):
        lasting = float(horizon.lasting_from(np.array(int(modes.done_at[at] + modes.lead[at]))))
        model.constant("tax", settings.tax_weight * modes.tax_gain[at] * lasting)
        model.constant("value_added", settings.value_added_weight * modes.value_added_gain[at] * lasting)
    for at in np.flatnonzero(~np.isnan(works.done_at)):
        lasting = float(horizon.lasting_from(np.array(int(works.done_at[at] + works.lead[at]))))
        model.constant("tax", settings.tax_weight * works.tax_gain[at] * lasting)
        model.constant("value_added", settings.value_added_weight * works.value_added_gain[at] * lasting)
        model.constant("benefit", works.benefit[at] * lasting)
