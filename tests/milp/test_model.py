"""Blocks of columns and rows, and the arrays they become."""

from __future__ import annotations

import numpy as np
import pytest

from zhenxing.milp import Model


def knapsack():
    """Return: choose things of weight 3, 2, 4 within 5 for profit 5, 4, 3."""
    model = Model()
    take = model.columns("take", {"thing": ["a", "b", "c"]}, upper=1.0, integer=True)
    room = model.rows("room", {"bag": ["only"]}, upper=5.0)
    model.put(np.repeat(room.all, 3), take.all, np.array([3.0, 2.0, 4.0]))
    model.reward("profit", take.all, np.array([5.0, 4.0, 3.0]))
    model.constant("fee", -1.0)
    return model


def test_grid_positions():
    model = Model()
    model.columns("first", {"i": ["x"]})
    grid = model.columns("grid", {"park": ["p", "q"], "year": [1, 2, 3]}, grid=True)
    assert grid.start == 1
    assert grid.shape == (2, 3)
    assert grid.at(1, 0) == 4
    assert grid.at(np.array([0, 1]), np.array([2, 2])).tolist() == [3, 6]
    assert model.column("grid") is grid


def test_a_position_outside_the_grid_is_refused():
    grid = Model().columns("grid", {"park": ["p", "q"], "year": [1, 2]}, grid=True)
    with pytest.raises(ValueError, match="invalid entry"):
        grid.at(0, 2)


def test_compiled_arrays():
    compiled = knapsack().compile()
    assert compiled.matrix.toarray().tolist() == [[3.0, 2.0, 4.0]]
    assert compiled.cost.tolist() == [5.0, 4.0, 3.0]
    assert compiled.offset == -1.0
    assert compiled.upper.tolist() == [1, 1, 1]
    assert compiled.integer.all()
    assert compiled.row_lower.tolist() == [-np.inf]


def test_entries_and_rewards_at_one_place_add_up():
    model = knapsack()
    take = model.column("take")
    model.put(np.array([0]), take.at(np.array([0])), 1.5)
    model.reward("bonus", take.at(np.array([0, 0])), 2.0)
    compiled = model.compile()
    assert compiled.matrix.toarray().tolist() == [[4.5, 2.0, 4.0]]
    assert compiled.cost.tolist() == [9.0, 4.0, 3.0]
    assert compiled.parts(np.array([1.0, 0.0, 1.0])) == {"profit": 8.0, "bonus": 4.0, "fee": -1.0}
    assert compiled.value(np.array([1.0, 0.0, 1.0])) == 11.0


def test_block_values_as_a_table():
    model = Model()
    grid = model.columns("grid", {"park": ["p", "q"], "year": [1, 2]}, grid=True)
    table = grid.table(np.array([1.0, 2.0, 3.0, 4.0]), "mu")
    assert table.to_dict("list") == {"park": ["p", "p", "q", "q"], "year": [1, 2, 1, 2], "mu": [1.0, 2.0, 3.0, 4.0]}


def test_violation_is_relative_to_the_row_and_sees_bounds():
    compiled = knapsack().compile()
    assert compiled.violation(np.array([1.0, 1.0, 0.0])) == 0.0
    assert compiled.violation(np.array([1.0, 1.0, 1.0])) == pytest.approx(4.0 / 9.0)
    assert compiled.violation(np.array([0.0, -0.25, 0.0])) == pytest.approx(0.25)


def test_an_empty_model_compiles():
    compiled = Model().compile()
    assert compiled.matrix.shape == (0, 0)
    assert compiled.value(np.empty(0)) == 0
