"""The best first stage of a tiny town by brute force: every first stage against every second stage of every draw.

The combinations of each draw's town are enumerated unit by unit (enumeration.py). A first stage is a choice of every
site, work, facility and step, and a year of courting (or none) for every firm; a combination of a draw belongs to it
when its first part is the same and no firm lands that was not courted by then and comes.
"""

from __future__ import annotations

from itertools import combinations_with_replacement, product
from typing import Any

import numpy as np
from enumeration import NEVER, Enumeration
from scenario_towns import as_drawn

from zhenxing.planning.uncertainty.risk import objective
from zhenxing.planning.uncertainty.sampling import Draw
from zhenxing.town import Town


class Combinations(Enumeration):
    """All combinations of a town with their values; only for towns without displaced floor and without debt."""

    def __init__(self, town: Town) -> None:
        super().__init__(town)
        for add in (
            self.add_sites, self.add_works, self.add_facilities, self.add_steps, self.add_candidates, self.add_curves,
        ):  # fmt: skip
            add()
        self.keep((self.funds()[:, 1:] >= -1e-7).all(axis=1))
        first = [unit for unit in self.picked if unit[0] != "candidate"]
        self.first = np.stack([self.picked[unit] for unit in first], axis=1) if first else np.zeros((len(self.rows), 0))

    def landed_by(self, candidate: str) -> np.ndarray:
        """Return, for each combination, how many of a candidate have landed by each year."""
        unit = ("candidate", candidate)
        table = np.zeros((len(self.choices[unit]), self.T + 1), dtype=int)
        for number, choice in enumerate(self.choices[unit]):
            for row in choice["rows"]:
                table[number, row["year"] - self.base :] += row["count"]
        return table[self.picked[unit]]


def courting_choices(town: Town, candidate: dict[str, Any]) -> list[tuple[int, ...]]:
    """Return the courting years of a candidate's firms, earlier-listed firms first; NEVER = not courted."""
    base, length = town.plan.base_year, town.plan.horizon_years
    first, last = int(candidate["first_year"]) - base, int(candidate["last_year"]) - base
    years = [t for t in range(1, length + 1) if first <= t <= last]
    return list(combinations_with_replacement([*years, NEVER], int(candidate["count"])))


def best_first_stage(town: Town, draws: list[Draw], omega: float, alpha: float) -> float | None:
    """Return the objective of the best first stage; None when there is none."""
    rule_book, scenarios = (
        Combinations(town),
        [Combinations(as_drawn(town, draw, promised=("site", "work"))) for draw in draws],
    )
    candidates = town.filled("candidates").to_dict("records")
    weights = np.array([draw.weight for draw in draws])
    budget = {int(row["year"]): row["effort_months"] for row in town.filled("budget").to_dict("records")}
    best = None
    for courted in product(*(courting_choices(town, row) for row in candidates)):
        if not _within_effort(town, candidates, courted, budget):
            continue
        allowed = {
            tuple(key) for key in rule_book.first[_belongs(rule_book, candidates, courted, None)].astype(int).tolist()
        }
        values = [_values(one, candidates, courted, draw) for one, draw in zip(scenarios, draws, strict=True)]
        for key in allowed:
            found = [one.get(key) for one in values]
            if all(value is not None for value in found):
                worth = objective(np.array(found, dtype=float), weights, omega, alpha)
                best = worth if best is None else max(best, worth)
    return best


def _within_effort(
    town: Town, candidates: list[dict[Any, Any]], courted: tuple[tuple[int, ...], ...], budget: dict[int, float]
) -> bool:
    spent: dict[int, float] = {}
    for row, years in zip(candidates, courted, strict=True):
        for t in years:
            spent[t] = spent.get(t, 0.0) + row["effort_months"]
    base = town.plan.base_year
    return all(t == NEVER or months <= budget.get(base + t, np.inf) + 1e-9 for t, months in spent.items())


def _belongs(
    one: Combinations, candidates: list[dict[Any, Any]], courted: tuple[tuple[int, ...], ...], draw: Draw | None
) -> np.ndarray:
    good = np.ones(len(one.rows), dtype=bool)
    for row, years in zip(candidates, courted, strict=True):
        flags = (1,) * len(years) if draw is None or draw.comes is None else draw.comes[row["candidate_id"]]
        room = [sum(flag for flag, year in zip(flags, years, strict=True) if year <= t) for t in range(one.T + 1)]
        good &= (one.landed_by(row["candidate_id"]) <= room).all(axis=1)
    return good


def _values(
    one: Combinations, candidates: list[dict[Any, Any]], courted: tuple[tuple[int, ...], ...], draw: Draw
) -> dict[tuple[int, ...], float]:
    good = _belongs(one, candidates, courted, draw)
    best: dict[tuple[int, ...], float] = {}
    for key, value in zip(one.first[good].astype(int).tolist(), one.rows[good, 0].tolist(), strict=True):
        if value > best.get(tuple(key), -np.inf):
            best[tuple(key)] = value
    return best
