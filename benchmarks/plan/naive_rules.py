"""The rules of plan_model.md one by one, for the naive form: variables by key, rows as sums spelled out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import sparse

from zhenxing.milp import Compiled
from zhenxing.units import M2_PER_MU

Key = tuple[Any, ...]
Expression = dict[int, float]


@dataclass
class Builder:
    """Variables and rows by key, in the order in which they are written down."""

    cost: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)
    at: dict[Key, int] = field(default_factory=dict)
    rows: list[tuple[Expression, float, float]] = field(default_factory=list)
    offset: float = 0.0

    def variable(self, *key: Any, upper: float = np.inf, integer: bool = False) -> int:
        """Add a variable from 0 to ``upper``."""
        self.at[key] = len(self.cost)
        self.cost.append(0.0)
        self.lower.append(0.0)
        self.upper.append(upper)
        self.integer.append(integer)
        return self.at[key]

    def most(self, left: Expression, right: float) -> None:
        """Add ``left <= right``."""
        self.rows.append((left, -np.inf, right))

    def compiled(self) -> Compiled:
        """Return the model as arrays."""
        row = [i for i, (left, _, _) in enumerate(self.rows) for _ in left]
        column = [j for left, _, _ in self.rows for j in left]
        value = [v for left, _, _ in self.rows for v in left.values()]
        matrix = sparse.coo_array((value, (row, column)), shape=(len(self.rows), len(self.cost))).tocsc()
        lower, upper = (np.array([entry[side] for entry in self.rows]) for side in (1, 2))
        return Compiled(
            matrix, np.array(self.cost), self.offset, np.array(self.lower), np.array(self.upper),
            np.array(self.integer), lower, upper, {}, {}, {}, {},
        )  # fmt: skip


class Rules:
    """Writes a town's rules into a builder; ``x``, ``y``, ``w``, ``u``, ``g`` are impulses by key and plan year."""

    def __init__(self, town: Any, build: Builder) -> None:
        self.town, self.build = town, build
        self.plan = town.settings.plan
        self.base, self.length = self.plan.base_year, self.plan.horizon_years
        self.years = range(1, self.length + 1)
        self.records = {
            name: town.filled(name).to_dict("records")
            for name in (
                "parks", "sites", "site_neighbours", "site_modes", "site_supplies", "platforms", "platform_sites",
                "candidates", "placements", "candidate_uses", "park_supply", "utility_steps", "facilities", "works",
                "work_supplies", "chain_rewards", "budget", "targets",
            )
        }  # fmt: skip
        self.site = {row["site_id"]: row for row in self.records["sites"]}
        self.candidate = {row["candidate_id"]: row for row in self.records["candidates"]}
        self.park = {row["park_id"]: row for row in self.records["parks"]}
        self.budget = {int(row["year"]) - self.base: row for row in self.records["budget"]}
        delta = 1.0 / (1.0 + self.plan.discount_rate)
        self.delta = [delta**t for t in range(self.length + 1)]
        tail = 1.0 + sum(delta**k for k in range(1, self.plan.tail_years + 1))
        self.weight = [*self.delta[:-1], self.delta[-1] * tail]
        self.modes_of: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.records["site_modes"]:
            self.modes_of[row["site_id"]].append(row)
        self.spots: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.records["placements"]:
            self.spots[row["candidate_id"]].append(row)
        self.use = self._uses()

    def write(self) -> None:
        """Write variables and rules 1 to 7."""
        self._variables()
        self._starts()
        self._landing()
        self._land()
        self._utilities()
        self._capacities()

    def _window(self, first: Any, last: Any) -> range:
        return range(max(int(first) - self.base, 1), min(int(last) - self.base, self.length) + 1)

    def _uses(self) -> dict[tuple[str, str], dict[str, float]]:
        found: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
        for own in (False, True):
            for row in self.records["candidate_uses"]:
                if (row["park_id"] != "") == own:
                    for spot in self.spots[row["candidate_id"]]:
                        if not own or spot["park_id"] == row["park_id"]:
                            found[row["candidate_id"], spot["park_id"]][row["resource"]] = row["amount"]
        return found

    def _variables(self) -> None:
        build = self.build
        for row in self.records["site_modes"]:
            for t in self._window(row["earliest_year"], row["latest_year"]):
                build.variable("x", row["site_id"], row["mode"], t, upper=1.0, integer=True)
        for row in self.records["placements"]:
            who = self.candidate[row["candidate_id"]]
            for t in self._window(who["first_year"], who["last_year"]):
                build.variable("y", row["candidate_id"], row["park_id"], t, upper=float(who["count"]), integer=True)
        for t in self.years:
            for row in self.records["works"]:
                if t in self._window(row["earliest_year"], row["latest_year"]):
                    build.variable("g", row["work_id"], t, upper=1.0, integer=True)
            for row in self.records["facilities"]:
                build.variable("w", row["park_id"], row["facility_id"], t, upper=1.0, integer=True)
            for row in self.records["utility_steps"]:
                build.variable("u", row["park_id"], row["resource"], int(row["step"]), t, upper=1.0, integer=True)
            for park in self.park:
                build.variable("e", park, t)
                for other in self.park:
                    build.variable("r", park, other, t)
            build.variable("d", t, upper=float(self.budget.get(t, {}).get("debt_limit_wan", 0.0)))
            build.variable("k", t)

    def _by(self, t: int, *key: Any) -> list[int]:
        """Return the variables of a key in the years 1..t."""
        return [self.build.at[(*key, s)] for s in range(1, t + 1) if (*key, s) in self.build.at]

    def _cleared(self, site: str, t: int) -> list[int]:
        return [j for row in self.modes_of[site] if row["clears"] for j in self._by(t, "x", site, row["mode"])]

    def _starts(self) -> None:
        """Rules 1 and 2."""
        near: dict[str, set[str]] = defaultdict(set)
        for row in self.records["site_neighbours"]:
            near[row["site_id"]].add(row["neighbour_id"])
            near[row["neighbour_id"]].add(row["site_id"])
        for site, row in self.site.items():
            every = [j for mode in self.modes_of[site] for j in self._by(self.length, "x", site, mode["mode"])]
            self.build.most(dict.fromkeys(every, 1.0), 1.0)
            if self.plan.contiguity != "growth" or row["is_seed"]:
                continue
            for t in self.years:
                left = dict.fromkeys(self._cleared(site, t), 1.0)
                for other in near[site] - {site}:
                    left |= dict.fromkeys(self._cleared(other, t - 1), -1.0)
                self.build.most(left, 0.0)
        for row in self.records["works"]:
            self.build.most(dict.fromkeys(self._by(self.length, "g", row["work_id"]), 1.0), 1.0)
            if row["requires_work_id"]:
                for t in self.years:
                    left = dict.fromkeys(self._by(t, "g", row["work_id"]), 1.0)
                    self.build.most(left | dict.fromkeys(self._by(t, "g", row["requires_work_id"]), -1.0), 0.0)

    def _landing(self) -> None:
        """Rule 3: one aggregated big-M row for each link, facility and park with platforms, and year."""
        for name, who in self.candidate.items():
            every = [j for spot in self.spots[name] for j in self._by(self.length, "y", name, spot["park_id"])]
            self.build.most(dict.fromkeys(every, 1.0), float(who["count"]))
        self._leaders()
        self._facilities()
        self._platforms()

    def _leaders(self) -> None:
        groups: dict[str, list[str]] = defaultdict(list)
        for name, who in self.candidate.items():
            if who["follows_leader"] and not who["is_leader"]:
                groups[who["link_id"]].append(name)
        for link, followers in groups.items():
            most = float(sum(self.candidate[name]["count"] for name in followers))
            leaders = [n for n, who in self.candidate.items() if who["is_leader"] and link and who["link_id"] == link]
            for t in self.years:
                left = {
                    j: 1.0 for name in followers for s in self.spots[name] for j in self._by(t, "y", name, s["park_id"])
                }
                left |= {
                    j: -most for name in leaders for s in self.spots[name] for j in self._by(t, "y", name, s["park_id"])
                }
                self.build.most(left, 0.0)

    def _facilities(self) -> None:
        lead = {(row["park_id"], row["facility_id"]): int(row["lead_years"]) for row in self.records["facilities"]}
        groups: dict[tuple[str, str], list[str]] = defaultdict(list)
        for row in self.records["placements"]:
            facility = self.candidate[row["candidate_id"]]["facility_id"]
            if facility:
                groups[row["park_id"], facility].append(row["candidate_id"])
        for (park, facility), names in groups.items():
            most = float(sum(self.candidate[name]["count"] for name in names))
            for t in self.years:
                left = {j: 1.0 for name in names for j in self._by(t, "y", name, park)}
                if (park, facility) in lead:
                    paid = self._by(t - lead[park, facility], "w", park, facility)
                    left |= dict.fromkeys(paid, -most)
                self.build.most(left, 0.0)
        for park, facility in lead:
            self.build.most(dict.fromkeys(self._by(self.length, "w", park, facility), 1.0), 1.0)

    def _platforms(self) -> None:
        members: dict[str, list[str]] = defaultdict(list)
        for row in self.records["platform_sites"]:
            members[row["platform_id"]].append(row["site_id"])
        for row in self.records["platforms"]:
            sites = sorted(set(members[row["platform_id"]]))
            for t in self.years:
                z = self.build.variable("z", row["platform_id"], t, upper=1.0, integer=True)
                left = {z: float(len(sites))}
                for site in sites:
                    for mode in self.modes_of[site]:
                        if mode["clears"]:
                            ready = self._by(t - int(mode["lead_years"]), "x", site, mode["mode"])
                            left |= dict.fromkeys(ready, -1.0)
                self.build.most(left, 0.0)
        groups: dict[tuple[str, float], list[str]] = defaultdict(list)
        for row in self.records["placements"]:
            need = float(self.candidate[row["candidate_id"]]["min_contiguous_mu"])
            if need > 0:
                groups[row["park_id"], need].append(row["candidate_id"])
        for (park, need), names in groups.items():
            most = float(sum(self.candidate[name]["count"] for name in names))
            fits = [
                r["platform_id"] for r in self.records["platforms"] if r["park_id"] == park and r["area_mu"] >= need
            ]
            for t in self.years:
                left = {j: 1.0 for name in names for j in self._by(t, "y", name, park)}
                left |= {self.build.at["z", platform, t]: -most for platform in fits}
                self.build.most(left, 0.0)

    def _land(self) -> None:
        """Rules 4 and 5."""
        for park, row in self.park.items():
            sites = [name for name, site in self.site.items() if site["park_id"] == park]
            for t in self.years:
                left: Expression = {}
                floor: Expression = {}
                for spot in self.records["placements"]:
                    if spot["park_id"] == park:
                        left |= dict.fromkeys(self._by(t, "y", spot["candidate_id"], park), float(spot["land_mu"]))
                far = 1.0 / (row["resettlement_far"] * M2_PER_MU)
                for other in self.park:
                    left |= dict.fromkeys(self._by(t, "r", other, park), far)
                    floor |= dict.fromkeys(self._by(t, "r", park, other), -1.0)
                floor |= dict.fromkeys(self._by(t, "e", park), -1.0)
                for site in sites:
                    area, standing = self.site[site]["area_mu"], self.site[site]["floor_m2"]
                    for mode in self.modes_of[site]:
                        ready = self._by(t - int(mode["lead_years"]), "x", site, mode["mode"])
                        left |= dict.fromkeys(ready, -float(mode["released_share"] * area))
                        started = self._by(t, "x", site, mode["mode"])
                        floor |= dict.fromkeys(started, float(mode["displaced_share"] * standing))
                if self.plan.land_reserve_value_wan_per_mu:
                    left[self.build.variable("l", park, t)] = 1.0
                self.build.most(left, float(row["vacant_mu"]))
                self.build.most(floor, 0.0)

    def _utilities(self) -> None:
        """Rule 6."""
        steps: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for row in sorted(self.records["utility_steps"], key=lambda r: r["step"]):
            steps[row["park_id"], row["resource"]].append(row)
        for row in self.records["park_supply"]:
            park, resource = row["park_id"], row["resource"]
            for t in self.years:
                left: Expression = {}
                for (name, where), use in self.use.items():
                    if where == park and use.get(resource):
                        left |= dict.fromkeys(self._by(t, "y", name, park), float(use[resource]))
                for step in steps[park, resource]:
                    paid = self._by(t - int(step["lead_years"]), "u", park, resource, int(step["step"]))
                    left |= dict.fromkeys(paid, -float(step["adds"]))
                self._supplied(left, park, resource, t)
                self.build.most(left, float(row["amount"]))
        for (park, resource), ordered in steps.items():
            numbers = [int(step["step"]) for step in ordered]
            for number in numbers:
                self.build.most(dict.fromkeys(self._by(self.length, "u", park, resource, number), 1.0), 1.0)
            for before, after in pairwise(numbers):
                for t in self.years:
                    left = dict.fromkeys(self._by(t, "u", park, resource, after), 1.0)
                    self.build.most(left | dict.fromkeys(self._by(t, "u", park, resource, before), -1.0), 0.0)

    def _supplied(self, left: Expression, park: str, resource: str, t: int) -> None:
        for given in self.records["work_supplies"]:
            if given["park_id"] == park and given["resource"] == resource:
                lead = next(int(w["lead_years"]) for w in self.records["works"] if w["work_id"] == given["work_id"])
                left |= dict.fromkeys(self._by(t - lead, "g", given["work_id"]), -float(given["amount"]))
        for given in self.records["site_supplies"]:
            if self.site[given["site_id"]]["park_id"] == park and given["resource"] == resource:
                lead = next(int(m["lead_years"]) for m in self.modes_of[given["site_id"]] if m["mode"] == given["mode"])
                ready = self._by(t - lead, "x", given["site_id"], given["mode"])
                left |= dict.fromkeys(ready, -float(given["amount"]))

    def _starting(self, t: int, amount: Any) -> Expression:
        """Return the sum over starts in t of an amount of (site, mode)."""
        found: Expression = {}
        for row in self.records["site_modes"]:
            key = ("x", row["site_id"], row["mode"], t)
            if key in self.build.at and amount(row):
                found[self.build.at[key]] = float(amount(row))
        return found

    def _landings(self, t: int, amount: Any) -> Expression:
        """Return the sum over landings in t of an amount of (placement, candidate)."""
        found: Expression = {}
        for row in self.records["placements"]:
            key = ("y", row["candidate_id"], row["park_id"], t)
            if key in self.build.at and amount(row, self.candidate[row["candidate_id"]]):
                found[self.build.at[key]] = float(amount(row, self.candidate[row["candidate_id"]]))
        return found

    def _capacities(self) -> None:
        """Rule 7."""
        for t in self.years:
            limits = self.budget.get(t, {})
            for column, left in (
                ("title_capacity_mu", self._starting(t, lambda row: row["title_mu"])),
                ("clear_capacity_mu", self._starting(t, lambda row: row["clears"] * self._area(row))),
                ("effort_months", self._landings(t, lambda _spot, who: who["effort_months"])),
            ):
                right = float(limits.get(column, np.inf))
                if np.isfinite(right):
                    self.build.most(left, right)

    def _area(self, row: dict[str, Any]) -> float:
        return float(self.site[row["site_id"]]["area_mu"])
