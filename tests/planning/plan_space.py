"""All plans of a tiny town that are almost as good as the best, by enumeration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from enumeration import Enumeration
from floor_program import Floor

Tables = dict[str, pd.DataFrame]
COLUMNS = {
    "plan_sites": ["site_id", "mode", "start_year"],
    "plan_landings": ["candidate_id", "park_id", "year", "count"],
    "plan_works": ["work_id", "start_year"],
    "plan_facilities": ["park_id", "facility_id", "year"],
    "plan_utilities": ["park_id", "resource", "step", "year"],
}


@dataclass
class Plan:
    """The whole-number decisions of a plan, and the best value they allow."""

    value: float
    tables: Tables

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.tables[table].itertuples(index=False)]


YEARS = {"plan_sites": "start_year", "plan_works": "start_year"}


def choice_past(choice: dict[str, Any], as_of: int) -> set[tuple[Any, ...]]:
    """Return what a choice does up to a year, as rows of its plan table."""
    table = choice["table"]
    year = YEARS.get(table, "year")
    return {tuple(row[name] for name in COLUMNS[table]) for row in choice["rows"] if row[year] <= as_of}


def unit_past(unit: Any, past: Tables, as_of: int) -> set[tuple[Any, ...]]:
    """Return what a past says of a site, work, facility, utility step or candidate."""
    kind, *name = unit
    table, keys = {
        "site": ("plan_sites", ["site_id"]),
        "work": ("plan_works", ["work_id"]),
        "facility": ("plan_facilities", ["park_id", "facility_id"]),
        "step": ("plan_utilities", ["park_id", "resource", "step"]),
        "candidate": ("plan_landings", ["candidate_id"]),
    }[kind]
    frame = past[table]
    year = YEARS.get(table, "year")
    rows = [row for row in frame.to_dict("records") if row[year] <= as_of]
    own = [row for row in rows if [str(row[key]) for key in keys] == [str(part) for part in name]]
    return {tuple(row[column] for column in COLUMNS[table]) for row in own}


class PlanSpace(Enumeration):
    """Every allowed plan of a town above a value."""

    def prepare(self) -> tuple[np.ndarray, np.ndarray]:
        """Enumerate; return a bound on the value of each combination and whether it is exact."""
        for add in (
            self.add_sites,
            self.add_works,
            self.add_facilities,
            self.add_steps,
            self.add_candidates,
            self.add_curves,
        ):
            add()
        s = self.s
        floor = np.array(
            [self.rows[:, [self.a.place["floor", park, t] for park in self.parks]].sum(axis=1) for t in self.t]
        ).T
        cheapest = min(s.moving_cost_wan_per_m2, s.exit_compensation_wan_per_m2 + s.exit_loss_wan_per_m2)
        bound = (
            self.rows[:, 0]
            - np.diff(floor, axis=1, prepend=0.0) @ (cheapest * np.array(self.d[1:]))
            - self.d[1] * s.interest_rate * s.initial_debt_wan
        )
        exact = (floor[:, -1] <= 0) & (self.funds()[:, 1:] >= 0).all(axis=1) & (s.initial_debt_wan == 0)
        return bound, exact

    def above(self, least: float, bound: np.ndarray, exact: np.ndarray) -> list[Plan]:
        """Return every plan worth at least so much."""
        program, found = Floor(self), []
        for number in np.flatnonzero(bound >= least - 1e-9).tolist():
            value = float(bound[number]) if exact[number] else program.solve(self.rows[number])[0]
            if value is not None and value >= least - 1e-9:
                found.append(Plan(float(value), self.decided(number)))
        return found

    def best_after(self, past: Tables, as_of: int, bound: np.ndarray, exact: np.ndarray) -> float | None:
        """Return the best value of the plans that did by a year exactly what a past holds."""
        good = np.ones(len(self.rows), dtype=bool)
        for unit, picked in self.picked.items():
            same = [choice_past(choice, as_of) == unit_past(unit, past, as_of) for choice in self.choices[unit]]
            good &= np.array(same, dtype=bool)[picked]
        program, best = Floor(self), None
        at = np.flatnonzero(good)
        for number in at[np.argsort(-bound[at], kind="stable")].tolist():
            if best is not None and bound[number] <= best + 1e-9:
                break
            value = float(bound[number]) if exact[number] else program.solve(self.rows[number])[0]
            if value is not None and (best is None or value > best):
                best = float(value)
        return best

    def levels(self, measure: str) -> np.ndarray:
        """Return the floor disturbed (m2) or the completeness of the chain of each combination."""
        if measure == "disruption":
            return self.rows[:, [self.a.place["floor", park, self.T] for park in self.parks]].sum(axis=1)
        first = {link: segments[0][0] for link, segments in self.links.items() if segments[0][0] > 0}
        shares = [
            np.minimum(self.rows[:, self.a.place["output", link, self.T]] / size, 1.0) for link, size in first.items()
        ]
        return np.mean(shares, axis=0) if shares else np.zeros(len(self.rows))

    def front(self, measure: str, bound: np.ndarray, exact: np.ndarray) -> list[tuple[float, float]]:
        """Return (level, value) of the plans that no other beats in both, the best level first."""
        levels = self.levels(measure).round(9)
        sign = 1.0 if measure == "chain" else -1.0
        program, kept, best = Floor(self), [], -np.inf
        for level in sorted(set(levels.tolist()), key=lambda one: -sign * one):
            at = np.flatnonzero(levels == level)
            before = best
            for number in at[np.argsort(-bound[at], kind="stable")].tolist():
                if bound[number] <= best + 1e-7 * max(1.0, abs(best)):
                    break
                value = float(bound[number]) if exact[number] else program.solve(self.rows[number])[0]
                best = max(best, float(value)) if value is not None else best
            if best > before + 1e-6 * max(1.0, abs(best)):
                kept.append((level, best))
        return kept

    def decided(self, number: int) -> Tables:
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in COLUMNS}
        for unit, picked in self.picked.items():
            choice = self.choices[unit][picked[number]]
            rows[choice["table"]].extend(choice["rows"])
        return {name: pd.DataFrame(rows[name], columns=columns) for name, columns in COLUMNS.items()}


def plans_above(town: Any, least: float) -> list[Plan]:
    """Return every allowed plan of a tiny town that is worth at least so much (万元)."""
    space = PlanSpace(town)
    return space.above(least, *space.prepare())


def front_of(town: Any, measure: str) -> list[tuple[float, float]]:
    """Return the whole Pareto front of a tiny town: (level, value), the best level first."""
    space = PlanSpace(town)
    bound, exact = space.prepare()
    return space.front(measure, bound, exact)


def best_after(town: Any, past: Tables, as_of: int) -> float | None:
    """Return the best value of a tiny town's plans that did by a year exactly what a past holds."""
    space = PlanSpace(town)
    bound, exact = space.prepare()
    return space.best_after(past, as_of, bound, exact)
