"""Plans made anew half-way, against enumeration with the first years fixed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from plan_space import best_after
from planned_towns import planned_town

from zhenxing.errors import InfeasibleError
from zhenxing.planning.checker import evaluate
from zhenxing.planning.consistency import check_inputs
from zhenxing.planning.later_town import later_town
from zhenxing.planning.plan import plan
from zhenxing.planning.replan import replan
from zhenxing.planning.result import PlanResult
from zhenxing.planning.steps import steps_of
from zhenxing.town import Town

BASE = 2025
towns = pytest.mark.parametrize(
    "seed", [*range(500, 503), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(503, 530))]
)


def with_new_data(town: Town, seed: int) -> Town:
    """Return a town whose later years differ: other funds, firms that pay otherwise, a prospect lost."""
    rng = np.random.default_rng(seed)
    budget, candidates = town.filled("budget").copy(), town.filled("candidates").copy()
    later = (budget["year"] > BASE + 1).to_numpy()
    budget["own_funds_wan"] = budget["own_funds_wan"] * np.where(later, rng.uniform(0.4, 1.8), 1.0)
    candidates["annual_tax_wan"] = candidates["annual_tax_wan"] * rng.uniform(0.5, 1.6, len(candidates))
    return town.replace(budget=budget, candidates=candidates)


def started_file(folder: Path, old: PlanResult, as_of: int) -> Path:
    rows = [vars(step) for step in steps_of(old.tables) if step.year <= as_of]
    path = folder / "started.csv"
    pd.DataFrame(rows, columns=["subject", "id", "option", "year", "count"]).to_csv(path, index=False)
    return path


@towns
def test_later_years_are_the_best_for_the_past(seed, tmp_path):
    town, old = planned_town(seed)
    new = with_new_data(town, seed)
    started = started_file(tmp_path, old, BASE + 1)
    expected = best_after(new, old.tables, BASE + 1)
    if expected is None:
        with pytest.raises(InfeasibleError):
            replan(new, old, BASE + 1, started=started, seconds=300)
        return
    found = replan(new, old, BASE + 1, started=started, before=town, seconds=300)
    assert found.result.summary["value_wan"] == pytest.approx(expected, rel=1e-6, abs=1e-5)
    assert found.result.summary["gap"] <= 1e-5
    checked = evaluate(new, found.result.tables)
    assert checked.violations["en"].tolist() == []
    assert checked.value_wan == pytest.approx(expected, rel=1e-6, abs=1e-5)
    past = [step for step in steps_of(found.result.tables) if step.year <= BASE + 1]
    assert past == [step for step in steps_of(old.tables) if step.year <= BASE + 1]
    later = found.changes[found.changes["cost_of_old_wan"].notna()]
    assert (later["cost_of_old_wan"] >= -1e-5).all()
    assert (found.changes["reason_zh"] != "").all()


@towns
def test_nothing_new_changes_nothing(seed):
    town, old = planned_town(seed)
    for as_of in range(BASE, BASE + town.plan.horizon_years):
        found = replan(town, old, as_of, seconds=300)
        assert found.result.summary["value_wan"] == pytest.approx(old.summary["value_wan"], rel=1e-6, abs=1e-4)
        assert found.start_value_wan == pytest.approx(old.summary["value_wan"], rel=1e-6, abs=1e-4)
        assert found.changes.empty
        assert found.notes == []
        assert evaluate(town, found.result.tables).violations["en"].tolist() == []


def as_later(tables: dict[str, pd.DataFrame], as_of: int) -> dict[str, pd.DataFrame]:
    """Return the later years of a plan."""
    year = {"plan_sites": "start_year", "plan_works": "start_year"}
    return {name: frame[frame[year.get(name, "year")] > as_of] for name, frame in tables.items()}


@towns
def test_the_later_town_is_worth_the_later_years(seed):
    town, old = planned_town(seed)
    as_of = BASE + 1
    later, issues = later_town(town, old, as_of)
    assert [issue.text.en for issue in check_inputs(later) if issue.level == "error"] == []
    ahead = [issue for issue in issues if issue.code == "floor_ahead"]
    best = plan(later)
    if ahead:
        return
    rest = as_later(dict(old.tables), as_of)
    # the share of last year's tax is cash at the beginning
    first = rest["plan_finance"]["year"] == as_of + 1
    rest["plan_finance"] = rest["plan_finance"].assign(
        retained_tax_wan=rest["plan_finance"]["retained_tax_wan"].where(~first, 0.0)
    )
    free = with_free_steps(later, town, old, as_of, rest)
    checked = evaluate(later, free)
    assert checked.violations["en"].tolist() == []
    assert best.summary["value_wan"] == pytest.approx(checked.value_wan, rel=1e-6, abs=1e-4)


def with_free_steps(later: Town, town: Town, old: PlanResult, as_of: int, rest: dict[str, pd.DataFrame]):
    """Add what is paid for but not yet open to the first year, where it costs nothing."""
    facilities = old.tables["plan_facilities"]
    paid = facilities[facilities["year"] <= as_of].assign(year=as_of + 1)
    steps = old.tables["plan_utilities"]
    open_steps = set(
        zip(
            later["utility_steps"]["park_id"],
            later["utility_steps"]["resource"],
            later["utility_steps"]["step"],
            strict=True,
        )
    )
    waiting = steps[steps["year"] <= as_of].assign(year=as_of + 1)
    kept = [key in open_steps for key in zip(waiting["park_id"], waiting["resource"], waiting["step"], strict=True)]
    return {
        **rest,
        "plan_facilities": pd.concat([paid, rest["plan_facilities"]], ignore_index=True),
        "plan_utilities": pd.concat([waiting[kept], rest["plan_utilities"]], ignore_index=True),
    }
