"""The extensive form: all draws in one model, with one copy of what is decided before luck is known.

What must not answer to luck stands in the model once and every draw reads the same columns, so no plan of this model
can anticipate. The objective is ``(1 - omega) E[V] + omega CVaR_alpha(V)`` with the formula of Rockafellar and
Uryasev: ``CVaR = max over theta of theta - E[s] / (1 - alpha)``, ``s_w >= theta - V_w``, ``s_w >= 0``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from zhenxing.milp import Compiled
from zhenxing.planning.uncertainty.risk import objective
from zhenxing.planning.uncertainty.second_stage import Piece

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Extensive:
    """The two-stage model of several draws.

    Attributes
    ----------
    pieces : list of Piece
        The rule book's piece first, then one for each draw.
    places : list of array
        For each piece, where its columns stand in the model.
    weights : array
        Probabilities of the draws.
    """

    pieces: list[Piece]
    places: list[Ints]
    weights: Floats
    omega: float
    alpha: float
    model: Compiled

    @property
    def shared(self) -> Ints:
        """Where the first stage stands in the model."""
        return self.places[0][self.pieces[0].shared]

    def values(self, solution: Floats) -> Floats:
        """Return the value of each draw in a solution, 万元."""
        return np.array(
            [piece.model.value(solution[place]) for piece, place in zip(self.pieces[1:], self.places[1:], strict=True)]
        )

    def worth(self, values: Floats) -> float:
        """Return the objective of the draws' values."""
        return objective(values, self.weights, self.omega, self.alpha)

    def assemble(self, parts: list[Floats]) -> Floats:
        """Return the model's solution made of the pieces' solutions (which agree on the first stage)."""
        whole = np.zeros(len(self.model.cost))
        for part, place in zip(parts, self.places, strict=True):
            whole[place] = part
        if self.omega > 0:
            values = self.values(whole)
            order = np.argsort(values, kind="stable")
            reached = np.cumsum(self.weights[order]) / self.weights.sum()
            theta = values[order][min(int(np.searchsorted(reached, 1.0 - self.alpha - 1e-12)), len(values) - 1)]
            tail = len(values) + 1
            whole[-tail] = theta
            whole[-tail + 1 :] = np.maximum(theta - values, 0.0)
        return whole


def extensive_form(pieces: list[Piece], weights: Floats, omega: float, alpha: float) -> Extensive:
    """Return the two-stage model of a rule-book piece and the pieces of the draws."""
    places, size = _places(pieces)
    rows, columns, values, lower, upper, count = [], [], [], [], [], 0
    for number, (piece, place) in enumerate(zip(pieces, places, strict=True)):
        matrix = sparse.csr_array(piece.model.matrix)
        kept = np.ones(matrix.shape[0], dtype=bool) if number == 0 else ~_all_shared(matrix, piece)
        part = sparse.coo_array(matrix[np.flatnonzero(kept), :])
        rows.append(part.coords[0] + count)
        columns.append(place[part.coords[1]])
        values.append(part.data)
        lower.append(piece.model.row_lower[kept])
        upper.append(piece.model.row_upper[kept])
        count += int(kept.sum())
    cost, offset = np.zeros(size), 0.0
    for piece, place, weight in zip(pieces[1:], places[1:], weights, strict=True):
        cost[place] += (1.0 - omega) * weight * piece.model.cost
        offset += (1.0 - omega) * weight * piece.model.offset
    bounds = [np.zeros(size), np.zeros(size), np.zeros(size, dtype=bool)]
    for piece, place in reversed(list(zip(pieces, places, strict=True))):
        for whole, own in zip(bounds, (piece.model.lower, piece.model.upper, piece.model.integer), strict=True):
            whole[place] = own
    if omega > 0:
        tail = len(weights) + 1
        theta, excess = size, size + 1 + np.arange(len(weights))
        for number, (piece, place) in enumerate(zip(pieces[1:], places[1:], strict=True)):
            used = np.flatnonzero(piece.model.cost)
            rows.append(np.full(len(used) + 2, count + number))
            columns.append(np.concatenate([place[used], [theta, excess[number]]]))
            values.append(np.concatenate([piece.model.cost[used], [-1.0, 1.0]]))
            lower.append(np.array([-piece.model.offset]))
            upper.append(np.array([np.inf]))
        count += len(weights)
        size += tail
        cost = np.concatenate([cost, [omega], -omega * weights / (1.0 - alpha)])
        bounds = [
            np.concatenate([bounds[0], [-np.inf], np.zeros(tail - 1)]),
            np.concatenate([bounds[1], np.full(tail, np.inf)]),
            np.concatenate([bounds[2], np.zeros(tail, dtype=bool)]),
        ]
    matrix = sparse.csc_array(
        sparse.coo_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(count, size))
    )
    model = Compiled(
        matrix, cost, offset, bounds[0], bounds[1], bounds[2].astype(bool), np.concatenate(lower),
        np.concatenate(upper), {}, {}, {}, {},
    )  # fmt: skip
    return Extensive(pieces, places, weights, omega, alpha, model)


def _places(pieces: list[Piece]) -> tuple[list[Ints], int]:
    """Return where each piece's columns stand: the first stage where the first piece has it, the rest behind."""
    size = pieces[0].model.matrix.shape[1]
    places = [np.arange(size, dtype=np.int64)]
    for piece in pieces[1:]:
        place = np.full(piece.model.matrix.shape[1], -1, dtype=np.int64)
        place[piece.shared] = pieces[0].shared
        private = np.flatnonzero(place < 0)
        place[private] = size + np.arange(len(private))
        size += len(private)
        places.append(place)
    return places, size


def _all_shared(matrix: sparse.csr_array, piece: Piece) -> npt.NDArray[np.bool_]:
    """Return which rows speak of the first stage alone: the rule book's piece has them already."""
    shared = np.zeros(matrix.shape[1], dtype=bool)
    shared[piece.shared] = True
    entries = np.diff(matrix.indptr)
    row = np.repeat(np.arange(matrix.shape[0]), entries)
    return np.asarray(np.bincount(row, ~shared[matrix.indices], matrix.shape[0]) == 0)
