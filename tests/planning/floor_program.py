"""The linear program of floor and money that is left when the integer decisions of a plan are given."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import lil_matrix

M2 = 2000 / 3


class Floor:
    """The linear program of floor and money for a given combination; only its right side changes."""

    def __init__(self, town: Any) -> None:
        self.town = town
        s, T, P = town.s, town.T, len(town.parks)
        self.shape = [(P, P, T), (P, T), (T,), (T,)]
        sizes = [int(np.prod(shape)) for shape in self.shape]
        ends = np.cumsum(sizes)
        R, E, D, K = (
            np.arange(end - size, end).reshape(shape) for end, size, shape in zip(ends, sizes, self.shape, strict=True)
        )
        far = [row["resettlement_far"] * M2 for row in town.parks.values()]
        rows: list[dict[int, float]] = []
        cost = np.zeros(ends[-1])

        def add(terms: list[tuple[int, float]]) -> None:
            row: dict[int, float] = {}
            for column, value in terms:
                row[column] = row.get(column, 0.0) + value
            rows.append(row)

        for t in range(T):
            for q in range(P):  # land
                add([(R[p, q, t], 1 / far[q]) for p in range(P)])
            for p in range(P):  # displaced floor
                add([(R[p, q, t], -1.0) for q in range(P)] + [(E[p, t], -1.0)])
            spent = []
            for block, price in ((R, s.moving_cost_wan_per_m2), (E, s.exit_compensation_wan_per_m2)):
                for column, earlier in zip(
                    block[..., t].ravel(), block[..., t - 1].ravel() if t else [None] * block[..., t].size, strict=True
                ):
                    spent.append((column, price))
                    if earlier is not None:
                        spent.append((earlier, -price))
            add(
                [(K[t], 1.0), (D[t], -1.0), *spent] + ([(K[t - 1], -1.0), (D[t - 1], 1 + s.interest_rate)] if t else [])
            )
            for block in (R, E):  # never decreasing
                if t:
                    for column, earlier in zip(block[..., t].ravel(), block[..., t - 1].ravel(), strict=True):
                        add([(earlier, 1.0), (column, -1.0)])
            step = town.d[t + 1] - (town.d[t + 2] if t + 1 < T else 0.0)  # what is there by t is added in t, not later
            cost[R[..., t].ravel()] += step * s.moving_cost_wan_per_m2
            cost[E[..., t].ravel()] += step * (s.exit_compensation_wan_per_m2 + s.exit_loss_wan_per_m2)
            if t + 1 < T:
                cost[D[t]] += town.d[t + 2] * s.interest_rate
        for q in range(P):
            cost[R[:, q, T - 1]] += town.d[T] * s.land_reserve_value_wan_per_mu / far[q]
        self.matrix = lil_matrix((len(rows), ends[-1]))
        for number, row in enumerate(rows):
            for column, value in row.items():
                self.matrix[number, column] = value
        self.matrix = self.matrix.tocsr()
        self.cost, self.ends = cost, ends
        self.bounds = [(0, None)] * int(ends[1]) + [(0, town.limit(t)) for t in town.t] + [(0, None)] * T

    def solve(self, row: np.ndarray) -> tuple[float | None, dict[str, np.ndarray]]:
        town, s, right = self.town, self.town.s, []
        P = len(town.parks)
        for t in town.t:
            right += [row[town.a.place["land", park, t]] for park in town.parks]
            right += [-row[town.a.place["floor", park, t]] for park in town.parks]
            own = town.budget[t]["own_funds_wan"] if t in town.budget else 0.0
            money = own + row[town.a.place["cash_land", t]] - row[town.a.place["out", t]]
            if t > 1:
                money += s.tax_retained_share * row[town.a.place["cash_tax", t - 1]]
            else:
                money += s.initial_cash_wan - (1 + s.interest_rate) * s.initial_debt_wan
            right.append(money)
            right += [0.0] * ((P * P + P) if t > 1 else 0)
        found = linprog(self.cost, A_ub=self.matrix, b_ub=np.maximum(right, -1e15), bounds=self.bounds, method="highs")
        if found.status == 2:
            return None, {}
        assert found.status == 0, found.message
        parts = np.split(found.x, self.ends[:-1])
        solution = {name: part.reshape(shape) for name, part, shape in zip("REDK", parts, self.shape, strict=True)}
        return row[0] - found.fun - town.d[1] * s.interest_rate * s.initial_debt_wan, solution
