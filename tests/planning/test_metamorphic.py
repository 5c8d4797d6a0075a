"""What must not change the best plan's value, what may only raise it, and what scales it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from tiny_towns import make_town, random_town
from transformations import (
    MEANS,
    in_another_unit,
    named_by_a_lock,
    renumbered,
    split_one_by_one,
    with_more,
    without_candidate,
)

from zhenxing.errors import InfeasibleError
from zhenxing.milp.highs import Effort, solve_mip
from zhenxing.milp.propagation import propagate
from zhenxing.planning.checker import evaluate
from zhenxing.planning.formulation import formulate
from zhenxing.planning.options import PlanOptions
from zhenxing.planning.plan import plan, ready_problem
from zhenxing.planning.problem import read_problem
from zhenxing.samples import random_town as sample_town

EXACT = Effort(gap=1e-10)
NEVER = -np.inf
ALL = range(1000, 1008)
more_towns = pytest.mark.parametrize(
    "seed", [*ALL, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2000, 2100))]
)


def optimum(town, **options):
    """Return the best value of a town, minus infinity where nothing is allowed."""
    answer = solve_mip(formulate(read_problem(town), **options).model, EXACT)
    assert answer.status in {"optimal", "infeasible"}
    return answer.value


@cache
def drawn(seed):
    """Return a random tiny town and its best value."""
    town = random_town(seed)
    return town, optimum(town)


def close(value):
    return pytest.approx(value, rel=1e-6, abs=1e-6)


def no_less(after, before):
    return after >= before - 1e-6 * max(1.0, abs(before)) or before == NEVER


@more_towns
def test_more_means_never_lower_the_optimum(seed):
    town, before = drawn(seed)
    means, amount = MEANS[seed % len(MEANS)], 3.0 + seed % 7
    assert no_less(optimum(with_more(town, means, amount)), before)


@more_towns
def test_a_candidate_less_never_raises_the_optimum(seed):
    town, before = drawn(seed)
    locks = town.filled("locks")
    binding = set(locks.loc[locks["rule"].isin(["must", "start_by", "done"]), "id"])
    for candidate in town["candidates"]["candidate_id"]:
        if candidate not in binding:
            assert no_less(before, optimum(without_candidate(town, candidate)))


@more_towns
def test_renumbering_and_reordering_change_nothing(seed):
    town, before = drawn(seed)
    assert optimum(renumbered(town, seed)) == close(before)


@more_towns
def test_money_in_another_unit_scales_the_value(seed):
    town, before = drawn(seed)
    assert optimum(in_another_unit(town, 4.0)) == close(4.0 * before)


@more_towns
def test_ring_cuts_change_nothing(seed):
    town, before = drawn(seed)
    assert optimum(town, rings=False) == close(before)


@more_towns
def test_identical_candidates_merged_or_apart_are_worth_the_same(seed):
    town, before = drawn(seed)
    split = split_one_by_one(town)
    assert optimum(split) == close(before)
    assert optimum(named_by_a_lock(split)) == close(before)


def test_identical_candidates_are_merged_and_named_ones_kept_apart():
    town = make_town(
        {"horizon_years": 1},
        {
            "parks": [{"park_id": "p"}],
            "candidates": [{"candidate_id": "a", "count": 2}, {"candidate_id": "b"}, {"candidate_id": "c", "count": 3}],
            "placements": [{"candidate_id": name, "park_id": "p"} for name in "abc"],
        },
    )
    assert read_problem(town).candidates.members == [[("a", 2), ("b", 1), ("c", 3)]]
    assert [len(group) for group in read_problem(named_by_a_lock(town)).candidates.members] == [1, 1, 1]


# ---- tightening


def known_plans(model, seed):
    """Return allowed plans of a model: the best one, and the best ones for other prices."""
    rng = np.random.default_rng(seed)
    prices = [model.cost, *(rng.normal(size=len(model.cost)) * np.maximum(np.abs(model.cost), 1.0) for _ in range(3))]
    bounded = np.isfinite(model.upper)
    found = []
    for cost in prices:
        other = model.__class__(**{**model.__dict__, "cost": np.where(bounded | (cost < 0), cost, 0.0)})
        answer = solve_mip(other, EXACT)
        if answer.solution is not None:
            exact = np.where(model.integer, np.rint(answer.solution), answer.solution)
            if model.violation(exact) <= 1e-6:
                found.append(exact)
    return found


@more_towns
def test_propagation_cuts_off_no_plan(seed):
    model = formulate(read_problem(random_town(seed))).model
    tighter = propagate(model)
    best = drawn(seed)[1]
    assert solve_mip(tighter, EXACT).value == close(best)
    if best == NEVER:
        return
    assert (tighter.lower >= model.lower - 1e-9).all()
    assert (tighter.upper <= model.upper + 1e-9).all()
    for known in known_plans(model, seed):
        assert tighter.violation(known) <= 2e-6


# ---- methods

few_towns = pytest.mark.parametrize(
    "seed", [*range(1000, 1003), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3000, 3060))]
)


@few_towns
def test_every_method_makes_an_allowed_plan_and_the_joint_one_is_best(seed):
    town, best = drawn(seed)
    if best == NEVER:
        with pytest.raises(InfeasibleError):
            plan(town, PlanOptions(seconds=60))
        return
    for method in ("joint", "greedy", "staged"):
        result = plan(town, PlanOptions(seconds=60, method=method))
        if not result.has_plan:
            assert method != "joint"
            continue
        found = evaluate(town, result.tables)
        assert found.violations["en"].tolist() == [], method
        assert found.value_wan == close(result.summary["value_wan"])
        assert found.parts == pytest.approx(result.summary["parts"], rel=1e-6, abs=1e-6)
        assert no_less(best, found.value_wan)
        assert no_less(result.summary["bound_wan"], best)
        if method == "joint":
            assert result.summary["status"] == "optimal"
            assert found.value_wan == close(best)


def test_ready_problem_reads_the_same_town_twice_alike():
    town = random_town(1000)
    one, other = formulate(ready_problem(town)).model, formulate(ready_problem(town)).model
    assert (one.matrix != other.matrix).nnz == 0
    assert one.cost.tolist() == other.cost.tolist()


@pytest.mark.parametrize(
    "family", ["balanced", "money-tight", "land-tight", "demand-tight", "leader-driven", "deep-park"]
)
def test_sample_towns(family):
    town = sample_town("XS", family, seed=7)
    result = plan(town, PlanOptions(seconds=300))
    assert result.summary["status"] == "optimal"
    found = evaluate(town, result.tables)
    assert found.violations["en"].tolist() == []
    assert found.value_wan == close(result.summary["value_wan"])
    # HiGHS alone on the town under other names and in another unit
    other = in_another_unit(renumbered(town, 5), 4.0)
    assert optimum(other) == pytest.approx(4.0 * result.summary["value_wan"], rel=2e-6)
