"""A compiled model as a person reads it, and the best plan of a small town, checked a second time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest
from scipy import sparse

from zhenxing.milp import Block
from zhenxing.planning.checker import evaluate
from zhenxing.planning.formulation import Formulation, formulate
from zhenxing.planning.options import PlanOptions
from zhenxing.planning.plan import plan
from zhenxing.planning.problem import read_problem
from zhenxing.planning.result import PlanResult
from zhenxing.town import Town

# Years count at full weight and the last one no more than the others, so that values can be added up by hand.
PLAIN = {"discount_rate": 0.0, "tail_years": 0, "value_added_weight": 0.0}


@dataclass(frozen=True)
class Row:
    """One row: coefficients by column name, with its limits."""

    terms: dict[str, float]
    lower: float
    upper: float


def at_most(upper: float, **terms: float) -> Row:
    return Row(terms, -np.inf, upper)


def at_least(lower: float, **terms: float) -> Row:
    return Row(terms, lower, np.inf)


def equal(right: float, **terms: float) -> Row:
    return Row(terms, right, right)


def formulated(town: Town, **options: bool) -> Formulation:
    return formulate(read_problem(town), **options)


def rows(formulation: Formulation, block: str) -> dict[str, Row]:
    """Return the rows of a block by their labels joined with ``/``; columns are ``block__label_label``."""
    model = formulation.model
    columns = [name for one in sorted(model.columns.values(), key=lambda one: one.start) for name in _column_names(one)]
    matrix = sparse.csr_array(model.matrix)
    found = {}
    for label, at in zip(_labels(model.rows[block]), model.rows[block].all.tolist(), strict=True):
        span = slice(matrix.indptr[at], matrix.indptr[at + 1])
        terms = {columns[j]: float(v) for j, v in zip(matrix.indices[span], matrix.data[span], strict=True)}
        found["/".join(label)] = Row(terms, float(model.row_lower[at]), float(model.row_upper[at]))
    return found


def assert_rows(formulation: Formulation, block: str, expected: dict[str, Row]) -> None:
    """Compare all rows of a block, coefficient by coefficient."""
    found = rows(formulation, block)
    assert list(found) == list(expected)
    for label, row in expected.items():
        assert found[label].terms == pytest.approx(row.terms), label
        assert (found[label].lower, found[label].upper) == pytest.approx((row.lower, row.upper)), label


def column_names(formulation: Formulation, block: str) -> list[str]:
    return _column_names(formulation.model.columns[block])


def best(town: Town) -> PlanResult:
    """Return the proved best plan, allowed and valued alike by the second implementation."""
    result = plan(town, PlanOptions(seconds=300))
    assert result.summary["status"] == "optimal"
    assert sum(result.summary["parts"].values()) == pytest.approx(result.summary["value_wan"], abs=1e-6)
    found = evaluate(town, result.tables)
    assert found.violations["en"].tolist() == []
    assert found.value_wan == pytest.approx(result.summary["value_wan"], rel=1e-6, abs=1e-6)
    assert found.parts == pytest.approx(result.summary["parts"], rel=1e-6, abs=1e-6)
    return result


def decided(result: PlanResult, table: str) -> list[tuple[object, ...]]:
    """Return the rows of a plan table as tuples."""
    return [tuple(row) for row in result.tables[table].itertuples(index=False)]


def _labels(block: Block) -> list[tuple[str, ...]]:
    lists = [list(label) for label in block.labels.values()]
    combined = product(*lists) if len(block.shape) > 1 else zip(*lists, strict=True)
    return [tuple(str(part) for part in label) for label in combined]


def _column_names(block: Block) -> list[str]:
    return [f"{block.name}__{'_'.join(label)}" for label in _labels(block)]
