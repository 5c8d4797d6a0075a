"""Solving a compiled model: as it is, in part, with a start, as a relaxation with prices, with cuts."""

from __future__ import annotations

import numpy as np
import pytest

from zhenxing.milp import Model
from zhenxing.milp.highs import Effort, solve_mip, solve_relaxation


def knapsack(weights, profits, room, *, copies=1.0):
    model = Model()
    take = model.columns("take", {"thing": list(range(len(weights)))}, upper=copies, integer=True)
    limit = model.rows("room", {"bag": ["only"]}, upper=room)
    model.put(np.repeat(limit.all, len(weights)), take.all, np.array(weights))
    model.reward("profit", take.all, np.array(profits))
    return model.compile()


SMALL = ([3.0, 2.0, 4.0], [5.0, 4.0, 3.0], 6.0)


def random_knapsack(seed, size=30):
    rng = np.random.default_rng(seed)
    weights = rng.integers(10, 60, size).astype(float)
    return knapsack(weights, weights + rng.integers(1, 12, size), float(weights.sum() // 2))


def test_optimum():
    # 3 + 2 fit into 6 and earn 9; 2 + 4 earn 7
    answer = solve_mip(knapsack(*SMALL), Effort())
    assert answer.status == "optimal"
    assert answer.solution.tolist() == [1, 1, 0]
    assert (answer.value, answer.bound) == (9, 9)


def test_part_of_a_model():
    # without the first thing: 4 + 3
    answer = solve_mip(knapsack(*SMALL), Effort(), upper=np.array([0.0, 1.0, 1.0]))
    assert answer.value == 7


def test_nothing_possible():
    answer = solve_mip(knapsack(*SMALL), Effort(), lower=np.ones(3))
    assert answer.status == "infeasible"
    assert answer.solution is None
    assert answer.value == -np.inf


def test_unbounded_is_not_called_infeasible():
    answer = solve_mip(knapsack([0.0], [1.0], 1.0, copies=np.inf), Effort())
    assert answer.status != "optimal"
    assert answer.solution is None


def test_a_start_is_kept_when_there_is_no_time_for_more():
    model = random_knapsack(1)
    start = np.zeros(model.matrix.shape[1])
    start[0] = 1.0
    answer = solve_mip(model, Effort(nodes=0, seconds=5), start=start)
    assert answer.value >= model.value(start)
    assert answer.bound >= answer.value


def test_the_watcher_sees_bounds_and_can_stop():
    seen = []

    def watch(value, bound):
        seen.append((value, bound))
        return True

    answer = solve_mip(random_knapsack(2, 200), Effort(), watch=watch)
    assert seen
    assert answer.status in {"feasible", "no_solution", "optimal"}
    assert answer.bound >= answer.value


def test_equal_work_gives_equal_answers():
    model = random_knapsack(3)
    one, other = (solve_mip(model, Effort(nodes=20, seed=5)) for _ in range(2))
    assert one.value == other.value
    assert one.bound == other.bound
    assert one.solution.tolist() == other.solution.tolist()


@pytest.mark.parametrize("interior", [False, True])
def test_relaxation_and_its_prices(interior):
    # all of 2 (profit 2 a unit), all of 3 (1.67), a quarter of 4 (0.75): one more unit of room is worth 0.75
    found = solve_relaxation(knapsack(*SMALL), interior=interior)
    assert found.status == "optimal"
    assert found.value == pytest.approx(9.75)
    assert found.solution == pytest.approx([1, 1, 0.25])
    assert found.row_price == pytest.approx([0.75])


def test_the_bound_follows_from_the_prices():
    # weak duality outside the solver: price * room + what the bounds add is the relaxation's value
    for seed in range(5):
        model = random_knapsack(seed)
        found = solve_relaxation(model)
        reduced = model.cost - model.matrix.T @ found.row_price
        bound = float(found.row_price @ model.row_upper + np.maximum(reduced, 0.0) @ model.upper)
        assert bound == pytest.approx(found.value)
        assert found.reduced_cost == pytest.approx(reduced, abs=1e-7)
        assert bound >= solve_mip(model, Effort()).value - 1e-6


def test_solving_prints_nothing(capfd):
    solve_mip(random_knapsack(0), Effort())
    solve_relaxation(random_knapsack(0))
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == ""
