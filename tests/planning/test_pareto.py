"""Pareto fronts against enumeration on tiny towns."""

from __future__ import annotations

import pytest
from enumeration import best_plan
from plan_space import front_of
from planned_towns import planned_town

from zhenxing.errors import InputError
from zhenxing.planning.checker import evaluate
from zhenxing.planning.options import PlanOptions
from zhenxing.planning.pareto import Front, pareto
from zhenxing.planning.plan import plan
from zhenxing.samples import random_town as sample_town
from zhenxing.town import Town

ENOUGH = 60
towns = pytest.mark.parametrize(
    "seed", [*range(401, 403), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(403, 416))]
)


def front(seed: int, against: str, points: int) -> tuple[Town, Front]:
    town, best = planned_town(seed)
    return town, pareto(town, best, against, points=points, seconds=300)


def close(value: float):
    return pytest.approx(value, rel=2e-6, abs=1e-5)


@towns
@pytest.mark.parametrize("against", ["disruption", "chain"])
def test_the_front_is_that_of_enumeration(seed, against):
    town, found = front(seed, against, ENOUGH)
    expected = front_of(town, against)
    got = found.table.sort_values("value_wan")[["level", "value_wan"]].to_numpy().tolist()
    assert [value for _, value in got] == close([value for _, value in expected])
    assert [level for level, _ in got] == pytest.approx([level for level, _ in expected], rel=1e-5, abs=1e-5)
    assert found.table["gap"].max() < 1e-5


def with_debt_limit(town: Town, level: float) -> Town:
    budget = town.filled("budget").copy()
    budget["debt_limit_wan"] = budget["debt_limit_wan"].clip(upper=level)
    return town.replace(budget=budget)


@towns
def test_debt_levels_are_worth_what_enumeration_says(seed):
    town, found = front(seed, "debt", 4)
    for row in found.table.to_dict("records"):
        best = best_plan(with_debt_limit(town, row["level"] + 1e-7))
        assert row["value_wan"] == pytest.approx(best.value, rel=1e-5, abs=1e-4)
    tighter = found.table["level"].min() - 0.01
    if tighter > 0:
        assert best_plan(with_debt_limit(town, tighter)).value is None


@towns
@pytest.mark.parametrize("against", ["disruption", "debt", "chain"])
def test_points_are_plans_and_bounds_hold(seed, against):
    town, found = front(seed, against, 4)
    table = found.table
    assert (table["bound_wan"] >= table["value_wan"] - 1e-6).all()
    assert table["value_wan"].is_monotonic_decreasing
    assert table["level"].is_monotonic_increasing if against == "chain" else table["level"].is_monotonic_decreasing
    assert found.envelope["bound_wan"].is_monotonic_decreasing
    for row in table.to_dict("records"):
        checked = evaluate(town, found.plans[row["plan"]].tables)
        assert checked.violations["en"].tolist() == []
        assert checked.value_wan == close(row["value_wan"])
        if against == "debt":
            assert checked.money["debt_wan"].max() <= row["level"] + 1e-5
        if against == "disruption":
            assert checked.floor.groupby("park_id")["displaced_m2"].max().sum() == close(row["level"])


def test_unknown_measures_and_too_few_points_are_refused():
    town = sample_town("XS", "balanced", 1)
    made_plan = plan(town, PlanOptions(seconds=60, gap=0.05))
    with pytest.raises(InputError, match="beauty"):
        pareto(town, made_plan, "beauty")
    with pytest.raises(InputError):
        pareto(town, made_plan, "debt", points=1)
