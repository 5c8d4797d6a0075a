"""Upper bounds from multipliers hold for any multipliers, and are tight at those of the relaxation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from zhenxing.milp import Model
from zhenxing.milp.duality import dual_bound
from zhenxing.milp.highs import solve_relaxation


def knapsack():
    """5 a + 4 b with 3 a + 2 b <= 4 and both at most 1: the relaxation takes b and two thirds of a, 22/3."""
    model = Model()
    buy = model.columns("buy", {"thing": ["a", "b"]}, upper=1.0, integer=True)
    model.reward("profit", buy.all, np.array([5.0, 4.0]))
    budget = model.rows("budget", {"year": [1]}, upper=4.0)
    model.put(budget.all, buy.all, np.array([3.0, 2.0]))
    return model.compile()


def test_by_hand():
    model = knapsack()
    assert dual_bound(model, np.array([0.0])) == pytest.approx(9)
    assert dual_bound(model, np.array([1.0])) == pytest.approx(4 + 2 + 2)
    assert dual_bound(model, np.array([5 / 3])) == pytest.approx(22 / 3)
    # a price against a limit that is not there counts for nothing
    assert dual_bound(model, np.array([-1.0])) == pytest.approx(9)


def test_prices_of_the_old_limit_bound_the_new_one():
    model = knapsack()
    price = solve_relaxation(model).row_price
    more = replace(model, row_upper=model.row_upper + 1)
    assert dual_bound(more, price) >= solve_relaxation(more).value - 1e-9
    assert dual_bound(more, price) == pytest.approx(22 / 3 + 5 / 3)


def test_a_column_without_a_bound_takes_the_one_of_its_rows():
    model = Model()
    free = model.columns("free", {"thing": ["a"]})
    model.reward("profit", free.all, np.array([1.0]))
    row = model.rows("limit", {"year": [1]}, upper=6.0)
    model.put(row.all, free.all, np.array([2.0]))
    assert dual_bound(model.compile(), np.array([0.0])) == pytest.approx(3, rel=1e-5)


@pytest.mark.parametrize("seed", range(20))
def test_random_models_are_bounded_by_any_prices_and_tightly_by_the_best(seed):
    rng = np.random.default_rng(seed)
    model = Model()
    columns = model.columns("x", {"i": list(range(8))}, upper=rng.integers(1, 5, 8).astype(float))
    model.reward("profit", columns.all, rng.normal(size=8))
    rows = model.rows(
        "r",
        {"j": list(range(5))},
        lower=-rng.integers(0, 9, 5).astype(float),
        upper=rng.integers(1, 9, 5).astype(float),
    )
    for j in range(5):
        model.put(np.full(8, rows.start + j), columns.all, rng.integers(-3, 4, 8).astype(float))
    compiled = model.compile()
    best = solve_relaxation(compiled)
    assert best.status == "optimal"
    assert dual_bound(compiled, rng.normal(size=5)) >= best.value - 1e-9
    assert dual_bound(compiled, best.row_price) == pytest.approx(best.value, abs=1e-7)
