"""The best plan of a tiny town by brute force, written from the plan model alone.

Integer decisions are enumerated unit by unit (each site, work, facility, utility step and candidate in turn). Every
choice of a unit adds a vector of *accounts* (value, tax, land, floor, ... by year), so all combinations are one array
that is pruned as soon as a rule cannot hold any more. For what is left, floor (R, E) and money (D, K) are the only open
decisions: a linear program per combination, solved in the order of an upper bound until the bound falls below the best.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import pandas as pd
from decision_accounts import NEVER, Decisions
from floor_program import Floor

EPS = 1e-7


@dataclass
class Best:
    """The best value, the plan that earns it, and how many combinations were left after pruning; no value: infeasible."""

    value: float | None
    plan: dict[str, pd.DataFrame] = field(default_factory=dict)
    combinations: int = 0
    programs: int = 0


class Enumeration(Decisions):
    """All combinations of a town's decisions that no rule forbids, and the best of them."""

    def __init__(self, town: Any) -> None:
        super().__init__(town)
        self.rows = np.zeros((1, len(self.a.place)))
        self.picked: dict[Any, np.ndarray] = {}  # unit -> number of the choice of each combination
        self.choices: dict[Any, list[dict[str, Any]]] = {}
        self.year_zero()

    def year_zero(self) -> None:
        """Put what is there before the plan into the first row."""
        v = self.rows[0]
        for t in self.t:
            committed = self.budget[t]["committed_outlay_wan"] if t in self.budget else 0.0
            v[0] -= self.d[t] * committed
            v[self.a.place["out", t]] += committed
            for park, row in self.parks.items():
                v[self.a.place["land", park, t]] += row["vacant_mu"]
            for key, amount in self.supply.items():
                v[self.a.place["resource", key, t]] += amount
        self.here: dict[str, int] = {}
        self.led_here: set[str] = set()
        for lock in self.done:
            if lock["subject"] == "candidate":
                c = next(row for row in self.read("candidates") if row["candidate_id"] == lock["id"])
                place = next(
                    row
                    for row in self.read("placements")
                    if (row["candidate_id"], row["park_id"]) == (lock["id"], lock["option"])
                )
                self.landing(v, c, place, int(lock["count"]), 0, done=True)
                self.here[lock["id"]] = self.here.get(lock["id"], 0) + int(lock["count"])
                if c["is_leader"]:
                    self.led_here.add(c["link_id"])

    def done_row(self, subject: str, id: str) -> dict[str, Any] | None:
        return next((row for row in self.done if row["subject"] == subject and row["id"] == id), None)

    def multiply(self, unit: Any, choices: list[dict[str, Any]]) -> None:
        size, more, width = len(self.rows), len(choices), len(self.a.place)
        vectors = np.array([choice["v"] for choice in choices]).reshape(more, width)
        self.rows = (self.rows[:, None, :] + vectors[None, :, :]).reshape(size * more, width)
        self.picked = {name: np.repeat(numbers, more) for name, numbers in self.picked.items()}
        self.picked[unit] = np.tile(np.arange(more), size)
        self.choices[unit] = choices

    def keep(self, good: np.ndarray) -> None:
        if not good.all():
            self.rows = self.rows[good]
            self.picked = {name: numbers[good] for name, numbers in self.picked.items()}

    def of(self, unit: Any, name: str) -> np.ndarray:
        values = np.array([choice.get(name, NEVER) for choice in self.choices[unit]], dtype=int)
        return values[self.picked[unit]]

    def nothing(self, table: str) -> dict[str, Any]:
        return {"v": np.zeros(len(self.a.place)), "table": table, "rows": []}

    def within_capacities(self) -> None:
        for kind, column in (
            ("title", "title_capacity_mu"),
            ("clear", "clear_capacity_mu"),
            ("effort", "effort_months"),
        ):
            for t, row in self.budget.items():
                if t in self.t and np.isfinite(row[column]):
                    self.keep(self.rows[:, self.a.place[kind, t]] <= row[column] + EPS)

    def locked(self, subject: str, id: str, events: list[tuple[str, int]]) -> bool:
        """Return whether a choice (option, t of every start or landing) obeys its locks."""
        for lock in self.locks:
            if (lock["subject"], lock["id"]) != (subject, id):
                continue
            with_option = subject != "work" and lock["option"] != ""
            own = [t for option, t in events if not with_option or option == lock["option"]]
            here = [
                row
                for row in self.done
                if (row["subject"], row["id"]) == (subject, id) and (not with_option or row["option"] == lock["option"])
            ]
            year = (lock["year"] or 0) - self.base
            good = {
                "must": bool(own or here),
                "must_not": not own,
                "start_by": year > self.T
                or any(t <= year for t in own if year >= 1)
                or any(row["year"] <= lock["year"] for row in here)
                if lock["year"]
                else True,
                "not_before": all(t >= year for t in own),
            }
            if not good[lock["rule"]]:
                return False
        return True

    def add_sites(self) -> None:
        modes = self.read("site_modes")
        for site in self.sites:
            done = self.done_row("site", site)
            choices = []
            if done is None:
                choices += [self.nothing("plan_sites")] if self.locked("site", site, []) else []
                for mode in modes:
                    for t in self.t if mode["site_id"] == site else ():
                        if mode["earliest_year"] <= self.base + t <= mode["latest_year"] and self.locked(
                            "site", site, [(mode["mode"], t)]
                        ):
                            choices.append(self.site_choice(mode, t, t + int(mode["lead_years"])))
            elif self.locked("site", site, []):
                mode = next(row for row in modes if (row["site_id"], row["mode"]) == (site, done["option"]))
                start = int(done["year"]) - self.base
                choices.append(self.site_choice(mode, min(start, 0), start + int(mode["lead_years"]), done=True))
            self.multiply(("site", site), choices)
            self.within_capacities()
        if self.s.contiguity == "growth":
            self.keep_connected()

    def keep_connected(self) -> None:
        near: dict[str, set[str]] = {site: set() for site in self.sites}
        for row in self.read("site_neighbours"):
            near[row["site_id"]].add(row["neighbour_id"])
            near[row["neighbour_id"]].add(row["site_id"])
        good = np.ones(len(self.rows), dtype=bool)
        for site, row in self.sites.items():
            if not row["is_seed"] and self.done_row("site", site) is None:
                own = self.of(("site", site), "cleared")
                led = np.full(len(self.rows), NEVER)
                for other in near[site]:
                    led = np.minimum(led, self.of(("site", other), "cleared"))
                good &= (own == NEVER) | (led <= own - 1)
        self.keep(good)

    def add_works(self) -> None:
        works = self.read("works")
        for work in works:
            id, lead = work["work_id"], int(work["lead_years"])
            done = self.done_row("work", id)
            choices = [] if not self.locked("work", id, []) else [self.nothing("plan_works")]
            if done is not None and choices:
                start = int(done["year"]) - self.base
                choices = [self.work_choice(work, min(start, 0), start + lead, done=True)]
            elif done is None:
                for t in self.t:
                    if work["earliest_year"] <= self.base + t <= work["latest_year"] and self.locked(
                        "work", id, [("", t)]
                    ):
                        choices.append(self.work_choice(work, t, t + lead))
            self.multiply(("work", id), choices)
        for work in works:
            if work["requires_work_id"] and self.done_row("work", work["work_id"]) is None:
                self.keep(
                    self.of(("work", work["requires_work_id"]), "start") <= self.of(("work", work["work_id"]), "start")
                )

    def add_facilities(self) -> None:
        for row in self.read("facilities"):
            choices = [self.nothing("plan_facilities")]
            for t in self.t:
                choice = self.nothing("plan_facilities")
                self.pay(choice["v"], row["cost_wan"], t)
                paid = {"park_id": row["park_id"], "facility_id": row["facility_id"], "year": self.base + t}
                choices.append({**choice, "open": t + int(row["lead_years"]), "rows": [paid]})
            self.multiply(("facility", row["park_id"], row["facility_id"]), choices)

    def add_steps(self) -> None:
        before: dict[Any, Any] = {}
        for row in sorted(self.read("utility_steps"), key=lambda row: (row["park_id"], row["resource"], row["step"])):
            key = (row["park_id"], row["resource"])
            choices = [self.nothing("plan_utilities")]
            for t in self.t:
                choice = self.nothing("plan_utilities")
                self.pay(choice["v"], row["cost_wan"], t)
                self.to_resource(choice["v"], key, row["adds"], t + int(row["lead_years"]))
                paid = {
                    "park_id": row["park_id"],
                    "resource": row["resource"],
                    "step": row["step"],
                    "year": self.base + t,
                }
                choices.append({**choice, "paid": t, "rows": [paid]})
            unit = ("step", *key, row["step"])
            self.multiply(unit, choices)
            if key in before:
                self.keep(self.of(before[key], "paid") <= self.of(unit, "paid"))
            before[key] = unit

    def add_candidates(self) -> None:
        candidates = sorted(self.read("candidates"), key=lambda row: not row["is_leader"])
        for c in candidates:
            self.multiply(("candidate", c["candidate_id"]), self.landing_choices(c))
            self.within_capacities()
            self.keep((self.rows[:, self.a.at("land")] >= -EPS).all(axis=1))
            self.keep((self.rows[:, self.a.at("resource")] >= -EPS).all(axis=1))
            self.keep_landable(c, candidates)

    def landing_choices(self, c: dict[str, Any]) -> list[dict[str, Any]]:
        id = c["candidate_id"]
        places = [row for row in self.read("placements") if row["candidate_id"] == id]
        events = [
            (number, t)
            for number in range(len(places))
            for t in self.t
            if c["first_year"] <= self.base + t <= c["last_year"]
        ]
        choices = []
        for size in range(int(c["count"]) - self.here.get(id, 0) + 1):
            for chosen in combinations_with_replacement(events, size):
                if not self.locked("candidate", id, [(places[number]["park_id"], t) for number, t in chosen]):
                    continue
                choice = self.nothing("plan_landings")
                counts = {event: chosen.count(event) for event in chosen}
                for (number, t), n in counts.items():
                    self.landing(choice["v"], c, places[number], n, t)
                    choice["rows"].append(
                        {"candidate_id": id, "park_id": places[number]["park_id"], "year": self.base + t, "count": n}
                    )
                first = {
                    park: min([t for number, t in chosen if places[number]["park_id"] == park], default=NEVER)
                    for park in self.parks
                }
                choices.append(
                    {**choice, "first": min(first.values()), **{f"first {park}": t for park, t in first.items()}}
                )
        return choices

    def keep_landable(self, c: dict[str, Any], candidates: list[dict[str, Any]]) -> None:
        unit = ("candidate", c["candidate_id"])
        if c["follows_leader"] and not c["is_leader"]:
            led = np.full(len(self.rows), 0 if c["link_id"] and c["link_id"] in self.led_here else NEVER)
            for other in candidates:
                if other["is_leader"] and other["link_id"] and other["link_id"] == c["link_id"]:
                    led = np.minimum(led, self.of(("candidate", other["candidate_id"]), "first"))
            own = self.of(unit, "first")
            self.keep((own == NEVER) | (led <= own))
        for park in self.parks:
            if c["min_contiguous_mu"] > 0:
                own = self.of(unit, f"first {park}")
                self.keep((own == NEVER) | (self.assembled(park, c["min_contiguous_mu"]) <= own))
            if c["facility_id"]:
                own = self.of(unit, f"first {park}")
                facility = ("facility", park, c["facility_id"])
                opened = self.of(facility, "open") if facility in self.choices else np.full(len(self.rows), NEVER)
                self.keep((own == NEVER) | (opened <= own))

    def assembled(self, park: str, need: float) -> np.ndarray:
        """Return the first t in which a platform of the park with at least that area is assembled."""
        first = np.full(len(self.rows), NEVER)
        members = self.read("platform_sites")
        for platform in self.read("platforms"):
            if platform["park_id"] == park and platform["area_mu"] >= need:
                ready = np.ones(len(self.rows), dtype=int)
                for row in members:
                    if row["platform_id"] == platform["platform_id"]:
                        ready = np.maximum(ready, self.of(("site", row["site_id"]), "ready"))
                first = np.minimum(first, ready)
        return first

    def add_curves(self) -> None:
        """Add what is not linear in the decisions, chain and penalties, and the reserve of all unused land."""
        for link, segments in self.links.items():
            for t in self.t:
                left = self.rows[:, self.a.place["output", link, t]].copy()
                for size, reward in segments:
                    filled = np.minimum(left, size)
                    self.rows[:, 0] += self.w[t] * reward * filled
                    left -= filled
        for number, row in enumerate(self.targets):
            short = np.maximum(0.0, row["target"] - row["baseline"] - self.rows[:, self.a.place["target", number]])
            self.rows[:, 0] -= self.d[int(row["year"]) - self.base] * row["penalty_wan_per_unit"] * short
        reserve = self.d[self.T] * self.s.land_reserve_value_wan_per_mu
        for park in self.parks:
            self.rows[:, 0] += reserve * self.rows[:, self.a.place["land", park, self.T]]

    def funds(self) -> np.ndarray:
        """Return cash and income less outlay, added up by t, before debt, interest, moving and exits."""
        total = np.full(len(self.rows), self.s.initial_cash_wan - self.s.initial_debt_wan)
        sums = np.zeros((len(self.rows), self.T + 1))
        for t in self.t:
            own = self.budget[t]["own_funds_wan"] if t in self.budget else 0.0
            retained = self.s.tax_retained_share * self.rows[:, self.a.place["cash_tax", t - 1]] if t > 1 else 0.0
            total = (
                total
                + own
                + self.rows[:, self.a.place["cash_land", t]]
                + retained
                - self.rows[:, self.a.place["out", t]]
            )
            sums[:, t] = total
        return sums

    def limit(self, t: int) -> float:
        return self.budget[t]["debt_limit_wan"] if t in self.budget else 0.0

    def solve(self) -> Best:
        for add in (
            self.add_sites,
            self.add_works,
            self.add_facilities,
            self.add_steps,
            self.add_candidates,
            self.add_curves,
        ):
            add()
        # debt can cover no more than its limit, and interest, moving and exits only make it worse
        funds = self.funds()
        self.keep((funds[:, 1:] >= [-self.limit(t) - EPS for t in self.t]).all(axis=1))
        left, funds = len(self.rows), self.funds()
        s = self.s
        cheapest = min(s.moving_cost_wan_per_m2, s.exit_compensation_wan_per_m2 + s.exit_loss_wan_per_m2)
        floor = np.array(
            [self.rows[:, [self.a.place["floor", park, t] for park in self.parks]].sum(axis=1) for t in self.t]
        ).T
        steps = np.diff(floor, axis=1, prepend=0.0)
        bound = (
            self.rows[:, 0]
            - steps @ (cheapest * np.array(self.d[1:]))
            - self.d[1] * s.interest_rate * s.initial_debt_wan
        )
        # with nothing displaced and cash without debt there is nothing left to decide
        free = (floor[:, -1] <= 0) & (funds[:, 1:] >= 0).all(axis=1) & (s.initial_debt_wan == 0)
        best, program, programs = Best(None, combinations=left), None, 0
        for number in np.argsort(-bound, kind="stable"):
            if best.value is not None and bound[number] <= best.value + 1e-9:
                break
            if free[number]:
                value, solution = bound[number], None
            else:
                program = program or Floor(self)
                programs += 1
                value, solution = program.solve(self.rows[number])
            if value is not None and (best.value is None or value > best.value):
                best = Best(float(value), self.tables(number, solution), left)
        best.programs = programs
        return best

    def tables(self, number: int, solution: dict[str, np.ndarray] | None) -> dict[str, pd.DataFrame]:
        """Return the plan tables of a combination and its floor and money."""
        plan: dict[str, list[dict[str, Any]]] = {}
        for unit, picked in self.picked.items():
            choice = self.choices[unit][picked[number]]
            plan.setdefault(choice["table"], []).extend(choice["rows"])
        row, s, T = self.rows[number], self.s, self.T
        P = len(self.parks)
        if solution is None:
            solution = {
                "R": np.zeros((P, P, T)),
                "E": np.zeros((P, T)),
                "D": np.zeros(T),
                "K": self.funds()[number, 1:],
            }
        moved, left = np.diff(solution["R"], axis=2, prepend=0.0), np.diff(solution["E"], axis=1, prepend=0.0)
        names = list(self.parks)
        for p, q, t in np.argwhere(moved > 0):
            plan.setdefault("plan_resettlement", []).append(
                {
                    "from_park_id": names[p],
                    "to_park_id": names[q],
                    "year": self.base + t + 1,
                    "floor_m2": moved[p, q, t],
                }
            )
        for p, t in np.argwhere(left > 0):
            plan.setdefault("plan_exits", []).append(
                {"park_id": names[p], "year": self.base + t + 1, "floor_m2": left[p, t]}
            )
        for t in self.t:
            outlay = (
                row[self.a.place["out", t]]
                + s.moving_cost_wan_per_m2 * moved[:, :, t - 1].sum()
                + s.exit_compensation_wan_per_m2 * left[:, t - 1].sum()
            )
            plan.setdefault("plan_finance", []).append(
                {
                    "year": self.base + t,
                    "own_funds_wan": self.budget[t]["own_funds_wan"] if t in self.budget else 0.0,
                    "land_income_wan": row[self.a.place["cash_land", t]],
                    "retained_tax_wan": s.tax_retained_share * row[self.a.place["cash_tax", t - 1]] if t > 1 else 0.0,
                    "outlay_wan": outlay,
                    "interest_wan": s.interest_rate * (solution["D"][t - 2] if t > 1 else s.initial_debt_wan),
                    "debt_wan": solution["D"][t - 1],
                    "cash_wan": solution["K"][t - 1],
                }
            )
        return {name: pd.DataFrame(rows) for name, rows in plan.items()}


def best_plan(town: Any) -> Best:
    """Return the best plan of a tiny town by enumeration."""
    return Enumeration(town).solve()
