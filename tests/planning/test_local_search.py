"""Local search: exact values, the same moves with and without machine code, never a worse plan."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from enumeration import best_plan
from tiny_towns import random_town

from zhenxing.milp.highs import solve_relaxation
from zhenxing.planning.checker import evaluate
from zhenxing.planning.extract import plan_tables
from zhenxing.planning.formulation import Formulation, formulate
from zhenxing.planning.problem import read_problem
from zhenxing.planning.solve.local import HOT, LocalSearch, improve, moves
from zhenxing.planning.solve.local.board import lay_out
from zhenxing.planning.solve.local.kernel import compiled
from zhenxing.planning.solve.local.reduced import COMPANIONS, LIMITS, reduce_model
from zhenxing.samples import random_town as sampled_town

SEEDS = range(24)


@cache
def small() -> Formulation:
    """Return the model of a town of thirty sites."""
    return formulate(read_problem(sampled_town("S", "money-tight", 1)))


@cache
def tiny(seed: int) -> tuple[Formulation, np.ndarray | None]:
    """Return a tiny town's model and the plan that does nothing, where that is allowed."""
    formulation = formulate(read_problem(random_town(seed)))
    return formulation, nothing(formulation)


def nothing(formulation: Formulation) -> np.ndarray | None:
    model = formulation.model
    answer = solve_relaxation(model, upper=np.where(model.integer, model.lower, model.upper))
    return answer.solution if answer.status == "optimal" else None


def same_worth_of_land(formulation: Formulation) -> bool:
    """Whether resettled floor costs the same land reserve in all parks, so that the moves' rule is exact."""
    far = formulation.problem.parks.resettlement_far
    return not formulation.problem.settings.land_reserve_value_wan_per_mu or bool(np.all(far == far[0]))


def test_every_block_of_the_model_is_read():
    # a rule with new blocks must be taught to the moves, or its plans would be found wanting only when settled
    model = small().model
    taken = {*LIMITS, *(f"{name}_level" for name in COMPANIONS)}
    taken |= {"land", "supply", "resettlement", "money", "target", "segment_reach_level", "segment_output"}
    taken |= {"platform_site", "platform_needed"}
    only_tightening = {name for name in model.rows if name.startswith(("growth_ring_", "step_needed_", "platform_one"))}
    assert set(model.rows) <= taken | only_tightening


def test_moves_value_plans_as_the_model_does():
    compared = 0
    for seed in SEEDS:
        formulation, still = tiny(seed)
        if still is None or not same_worth_of_land(formulation):
            continue
        search = LocalSearch(formulation, formulation.model)
        value = formulation.model.value
        for plan_seed in range(3):
            found = search.improve(still, moves=40, seed=plan_seed, heat=HOT)
            gain = search.value(found) - search.value(still)
            assert gain == pytest.approx(value(found) - value(still), rel=1e-9, abs=1e-6), seed
            compared += bool(np.any(found != still))
    assert compared >= 10


def test_machine_code_takes_the_same_moves():
    for formulation, count in ((tiny(0)[0], 400), (tiny(3)[0], 400), (small(), 60)):
        reduced, _ = reduce_model(formulation, formulation.model)
        wanted = np.flatnonzero(reduced.upper > reduced.lower)
        ends = []
        for run in (moves.run, compiled()):
            board, best = lay_out(reduced, reduced.lower, 5), reduced.lower.copy()
            top = run(board, wanted, best, count, 5000.0, 0.99)
            ends.append((top, best, board))
        (top, best, board), (other_top, other_best, other_board) = ends
        assert top == other_top
        assert np.array_equal(best, other_best)
        for part, other in zip(board, other_board, strict=True):
            assert np.array_equal(part, other)


def test_running_sums_stay_true():
    formulation = small()
    reduced, _ = reduce_model(formulation, formulation.model)
    board, best = lay_out(reduced, reduced.lower, 1), reduced.lower.copy()
    compiled()(board, np.flatnonzero(reduced.upper > reduced.lower), best, 20_000, 5000.0, 0.97)
    fresh = lay_out(reduced, board.columns["whole"].copy(), 1)
    assert board.rows["activity"] == pytest.approx(fresh.rows["activity"], rel=1e-9, abs=1e-5)
    assert np.array_equal(board.rows["assembled"], fresh.rows["assembled"])
    assert board.tally[0]["broken"] == fresh.tally[0]["broken"] == 0
    assert set(board.columns["chosen"][: board.tally[0]["chosen"]]) == set(np.flatnonzero(board.columns["place"] >= 0))
    assert moves.worth(board) == pytest.approx(moves.worth(fresh), rel=1e-9)


def test_from_nothing_to_the_best_plan_of_tiny_towns():
    tried = 0
    for seed in SEEDS:
        formulation, still = tiny(seed)
        if still is None:
            continue
        best = best_plan(random_town(seed))
        found = improve(formulation, still, moves=1500, seed=1)
        assert formulation.model.violation(found) < 1e-6, seed
        start = formulation.model.value(still)
        assert formulation.model.value(found) - start >= 0.95 * (best.value - start) - 1e-6, seed
        tried += 1
    assert tried >= 10


def test_plans_pass_the_checker():
    town, formulation = sampled_town("S", "money-tight", 1), small()
    still = nothing(formulation)
    assert still is not None
    search = LocalSearch(formulation, formulation.model)
    first = search.improve(still, moves=20_000, seed=3, heat=HOT)
    checked = evaluate(town, plan_tables(formulation, first))
    assert checked.violations["en"].tolist() == []
    assert checked.value_wan == pytest.approx(formulation.model.value(first), rel=1e-6)
    assert formulation.model.value(first) > formulation.model.value(still) + 100_000
    assert np.array_equal(search.improve(still, moves=20_000, seed=3, heat=HOT), first)
    for heat in (0.0, 20.0):
        again = search.improve(first, moves=2_000, seed=4, heat=heat)
        assert formulation.model.value(again) >= formulation.model.value(first)
    timed = search.improve(first, seconds=0.2, seed=5)
    assert formulation.model.value(timed) >= formulation.model.value(first)


def test_a_plan_that_breaks_a_rule_comes_back_as_it_was():
    formulation, still = next(found for found in map(tiny, SEEDS) if found[1] is not None)
    assert still is not None
    twice = still.copy()
    twice[formulation.decisions.start.span] = 1.0
    assert np.array_equal(improve(formulation, twice, moves=50), twice)
