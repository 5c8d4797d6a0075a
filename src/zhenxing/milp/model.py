"""A thin builder of mixed-integer linear models: named blocks of columns and rows over numpy arrays.

A block is a rectangular grid (park × year) or a list (one entry per allowed start); ``Block.at`` turns grid positions
into global positions of the model, so that a rule writes its coefficients for all its rows at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Number = float | Floats


@dataclass(frozen=True)
class Block:
    """A named run of columns or rows, with labels that tell a person what each one is.

    Parameters
    ----------
    name : str
        What the block stands for, for example ``"site_start"``.
    start : int
        Global position of the first entry.
    shape : tuple of int
        Grid lengths; a plain list has one axis.
    labels : mapping of str to sequence
        Grid: one label list per axis. List: several label columns, each as long as the list.
    """

    name: str
    start: int
    shape: tuple[int, ...]
    labels: Mapping[str, Sequence[object]]

    @property
    def size(self) -> int:
        """Number of entries."""
        return int(np.prod(self.shape)) if self.shape else 0

    @property
    def span(self) -> slice:
        """Where the block stands in the model's vectors."""
        return slice(self.start, self.start + self.size)

    def at(self, *axes: Ints | int) -> Ints:
        """Return the global positions of grid positions (axes broadcast against each other)."""
        positions = np.ravel_multi_index(np.broadcast_arrays(*axes), self.shape)
        return np.asarray(positions, dtype=np.int64) + self.start

    @property
    def all(self) -> Ints:
        """All global positions, in order."""
        return np.arange(self.start, self.start + self.size, dtype=np.int64)

    def table(self, values: Floats, column: str = "value") -> pd.DataFrame:
        """Return the block's part of a model vector as a table with its labels."""
        if len(self.shape) == 1:
            frame = pd.DataFrame({name: list(label) for name, label in self.labels.items()})
        else:
            index = pd.MultiIndex.from_product([list(label) for label in self.labels.values()], names=list(self.labels))
            frame = index.to_frame(index=False)
        frame[column] = values[self.span]
        return frame


@dataclass(frozen=True)
class Compiled:
    """A model as arrays: maximise ``cost @ x + offset`` with ``row_lower <= A x <= row_upper`` and column bounds."""

    matrix: sparse.csc_array
    cost: Floats
    offset: float
    lower: Floats
    upper: Floats
    integer: npt.NDArray[np.bool_]
    row_lower: Floats
    row_upper: Floats
    columns: Mapping[str, Block]
    rows: Mapping[str, Block]
    terms: Mapping[str, tuple[Ints, Floats]]
    constants: Mapping[str, float]

    def parts(self, solution: Floats) -> dict[str, float]:
        """Return the objective of a solution by the names its terms were given."""
        names = dict.fromkeys([*self.terms, *self.constants])
        nothing = (np.empty(0, dtype=np.int64), np.empty(0))
        return {
            name: float(self.terms.get(name, nothing)[1] @ solution[self.terms.get(name, nothing)[0]])
            + self.constants.get(name, 0.0)
            for name in names
        }

    def value(self, solution: Floats) -> float:
        """Return the objective of a solution."""
        return float(self.cost @ solution) + self.offset

    def violation(self, solution: Floats) -> float:
        """Return the largest violation of a row or a bound, relative to the row's own size."""
        activity = self.matrix @ solution
        scale = np.maximum(1.0, np.abs(activity))
        over = np.maximum(self.row_lower - activity, activity - self.row_upper) / scale
        bounds = np.maximum(self.lower - solution, solution - self.upper)
        return float(max(over.max(initial=0.0), bounds.max(initial=0.0), 0.0))


@dataclass
class Model:
    """A model under construction.

    Examples
    --------
    >>> model = Model()
    >>> buy = model.columns("buy", {"thing": ["a", "b"]}, upper=1.0, integer=True)
    >>> model.reward("profit", buy.all, np.array([5.0, 4.0]))
    >>> budget = model.rows("budget", {"year": [1]}, upper=4.0)
    >>> model.put(budget.all, buy.all, np.array([3.0, 2.0]))
    >>> compiled = model.compile()
    >>> compiled.matrix.toarray().tolist()
    [[3.0, 2.0]]
    """

    _columns: dict[str, Block] = field(default_factory=dict)
    _rows: dict[str, Block] = field(default_factory=dict)
    _column_parts: list[tuple[Floats, Floats, npt.NDArray[np.bool_]]] = field(default_factory=list)
    _row_parts: list[tuple[Floats, Floats]] = field(default_factory=list)
    _entries: list[tuple[Ints, Ints, Floats]] = field(default_factory=list)
    _terms: dict[str, list[tuple[Ints, Floats]]] = field(default_factory=dict)
    _constants: dict[str, float] = field(default_factory=dict)
    _column_count: int = 0
    _row_count: int = 0

    def columns(
        self,
        name: str,
        labels: Mapping[str, Sequence[object]],
        *,
        grid: bool = False,
        lower: Number = 0.0,
        upper: Number = np.inf,
        integer: bool = False,
    ) -> Block:
        """Add a block of variables; ``grid=True`` takes the product of the label lists."""
        block = Block(name, self._column_count, _shape(labels, grid), labels)
        self._column_count += block.size
        self._columns[name] = block
        spread = [
            np.broadcast_to(np.asarray(part, dtype=float).ravel() if np.ndim(part) else part, (block.size,))
            for part in (lower, upper)
        ]
        self._column_parts.append((spread[0], spread[1], np.full(block.size, integer)))
        return block

    def rows(
        self,
        name: str,
        labels: Mapping[str, Sequence[object]],
        *,
        grid: bool = False,
        lower: Number = -np.inf,
        upper: Number = np.inf,
    ) -> Block:
        """Add a block of rows ``lower <= … <= upper``; coefficients follow by ``put``."""
        block = Block(name, self._row_count, _shape(labels, grid), labels)
        self._row_count += block.size
        self._rows[name] = block
        spread = [
            np.broadcast_to(np.asarray(part, dtype=float).ravel() if np.ndim(part) else part, (block.size,))
            for part in (lower, upper)
        ]
        self._row_parts.append((spread[0], spread[1]))
        return block

    def put(self, rows: Ints, columns: Ints, values: Number) -> None:
        """Add coefficients; entries at the same place add up."""
        rows, columns, spread = np.broadcast_arrays(rows, columns, np.asarray(values, dtype=float))
        self._entries.append((rows.ravel(), columns.ravel(), spread.ravel()))

    def reward(self, name: str, columns: Ints, values: Number) -> None:
        """Add objective terms under a name; terms of one column add up."""
        columns, spread = np.broadcast_arrays(columns, np.asarray(values, dtype=float))
        self._terms.setdefault(name, []).append((columns.ravel(), spread.ravel()))

    def constant(self, name: str, value: float) -> None:
        """Add a constant to the objective under a name."""
        self._constants[name] = self._constants.get(name, 0.0) + value

    def column(self, name: str) -> Block:
        """Return a block of variables by name."""
        return self._columns[name]

    def compile(self) -> Compiled:
        """Return the model as arrays."""
        rows, columns, values = (
            np.concatenate([entry[part] for entry in self._entries] or [np.empty(0)]) for part in range(3)
        )
        matrix = sparse.coo_array(
            (values, (rows.astype(np.int64), columns.astype(np.int64))), shape=(self._row_count, self._column_count)
        ).tocsc()
        matrix.eliminate_zeros()
        lower, upper, integer = (
            np.concatenate([part[i] for part in self._column_parts] or [np.empty(0)]) for i in range(3)
        )
        terms = {
            name: (np.concatenate([at for at, _ in found]), np.concatenate([value for _, value in found]))
            for name, found in self._terms.items()
        }
        cost = np.zeros(self._column_count)
        for at, value in terms.values():
            np.add.at(cost, at, value)
        row_lower, row_upper = (
            np.concatenate([part[i] for part in self._row_parts] or [np.empty(0)]) for i in range(2)
        )
        return Compiled(
            matrix,
            cost,
            sum(self._constants.values()),
            lower,
            upper,
            integer.astype(bool),
            row_lower,
            row_upper,
            dict(self._columns),
            dict(self._rows),
            terms,
            dict(self._constants),
        )


def _shape(labels: Mapping[str, Sequence[object]], grid: bool) -> tuple[int, ...]:
    lengths = tuple(len(label) for label in labels.values())
    return lengths if grid else lengths[:1]
