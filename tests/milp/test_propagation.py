"""Bounds that follow from the rows: worked out by hand, then never cutting off a solution."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenxing.milp import Model
from zhenxing.milp.highs import Effort, solve_mip
from zhenxing.milp.propagation import propagate


def rows(upper, matrix, right, *, lower=0.0, integer=True, equal=False):
    """Return the model ``matrix x <= right`` (or = right) over columns between bounds, all worth 1."""
    model = Model()
    columns = model.columns("x", {"i": list(range(len(matrix[0])))}, lower=lower, upper=upper, integer=integer)
    right = np.array(right, dtype=float)
    block = model.rows("row", {"i": list(range(len(matrix)))}, lower=right if equal else -np.inf, upper=right)
    for i, row in enumerate(matrix):
        model.put(np.full(len(row), block.start + i), columns.all, np.array(row, dtype=float))
    model.reward("value", columns.all, 1.0)
    return model.compile()


def test_an_upper_bound_from_one_row():
    # 2 x + 3 y <= 7: x <= 3 and y <= 2 in whole numbers
    assert propagate(rows(10.0, [[2, 3]], [7])).upper.tolist() == [3, 2]


def test_a_lower_bound_from_one_row():
    # -x - y <= -3 with x, y <= 2: each is at least 1
    assert propagate(rows(2.0, [[-1, -1]], [-3])).lower.tolist() == [1, 1]


def test_bounds_run_through_several_rows():
    # x <= 1 gives y <= x = 1, then z <= y = 1
    model = rows(9.0, [[1, 0, 0], [-1, 1, 0], [0, -1, 1]], [1, 0, 0])
    assert propagate(model).upper.tolist() == [1, 1, 1]


def test_a_stock_bounds_the_whole_numbers_that_fill_it():
    # a - 2 x = 0.5 with a stock a of 5 at most: x <= 2 in whole numbers; the stock itself is left as it is
    model = Model()
    stock = model.columns("stock", {"i": [0]}, upper=5.0)
    units = model.columns("units", {"i": [0]}, upper=9.0, integer=True)
    row = model.rows("row", {"i": [0]}, lower=0.5, upper=0.5)
    model.put(row.all, stock.all, 1.0)
    model.put(row.all, units.all, -2.0)
    tighter = propagate(model.compile())
    assert tighter.upper.tolist() == [5, 2]
    assert tighter.lower.tolist() == [0, 0]


def test_unbounded_columns_stay_unbounded():
    tighter = propagate(rows(np.inf, [[1, -1]], [4], integer=False))
    assert tighter.upper.tolist() == [np.inf, np.inf]


def test_an_impossible_model_stays_impossible():
    for integer in (False, True):
        model = rows(9.0, [[1]], [-4], integer=integer)
        assert propagate(model) is model
        assert solve_mip(model, Effort()).status == "infeasible"


def test_the_model_itself_is_left_as_it_is():
    model = rows(10.0, [[2, 3]], [7])
    propagate(model)
    assert model.upper.tolist() == [10, 10]


matrices = st.integers(2, 4).flatmap(
    lambda width: st.lists(
        st.tuples(st.lists(st.integers(-5, 5), min_size=width, max_size=width), st.integers(-4, 12)),
        min_size=1,
        max_size=4,
    )
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(found=matrices, equal=st.booleans())
def test_no_whole_solution_is_cut_off(found, equal):
    matrix, right = [row for row, _ in found], [value for _, value in found]
    model = rows(3.0, matrix, right, equal=equal)
    tighter = propagate(model)
    grid = np.stack(np.meshgrid(*[np.arange(4)] * len(matrix[0]), indexing="ij"), axis=-1).reshape(-1, len(matrix[0]))
    activity = grid @ np.array(matrix).T
    allowed = grid[((activity == right) if equal else (activity <= right)).all(axis=1)]
    assert ((allowed >= tighter.lower - 1e-9) & (allowed <= tighter.upper + 1e-9)).all()
