"""The best plan of a tiny town by brute force, written from the plan model alone.

Integer decisions are enumerated unit by unit (each site, work, facility, utility step and candidate in turn). Every
choice of a unit adds a vector of *accounts* (value, tax, land, floor, ... by year), so all combinations are one array
that is pruned as soon as a rule cannot hold any more. For what is left, floor (R, E) and money (D, K) are the only open
decisions: a linear program per combination, solved in the order of an upper bound until the bound falls below the best.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import lil_matrix

NEVER = 99
EPS = 1e-7
M2 = 2000 / 3


@dataclass
class Best:
    """The best value, the plan that earns it, and how many combinations were left after pruning; no value: infeasible."""

    value: float | None
    plan: dict[str, pd.DataFrame] = field(default_factory=dict)
    combinations: int = 0
    programs: int = 0


def records(town: Any, table: str) -> list[dict[str, Any]]:
    frame = town.filled(table)
    return [{key: None if value is pd.NA else value for key, value in row.items()} for row in frame.to_dict("records")]


class Accounts:
    """Names of the accounts and their places in a vector."""

    def __init__(self) -> None:
        self.place: dict[Any, int] = {}

    def add(self, *names: Any) -> None:
        for name in names:
            self.place.setdefault(name, len(self.place))

    def at(self, kind: str) -> list[int]:
        return [place for name, place in self.place.items() if isinstance(name, tuple) and name[0] == kind]


class Enumeration:
    def __init__(self, town: Any) -> None:
        self.town, self.s = town, town.settings.plan
        self.read = cache(lambda table: records(town, table))
        self.base, self.T = self.s.base_year, self.s.horizon_years
        self.t = range(1, self.T + 1)
        delta = 1 / (1 + self.s.discount_rate)
        self.d = [delta**t for t in range(self.T + 1)]
        self.w = [*self.d[:-1], self.d[-1] * (1 + sum(delta**k for k in range(1, self.s.tail_years + 1)))]
        self.parks = {row["park_id"]: row for row in self.read("parks")}
        self.sites = {row["site_id"]: row for row in self.read("sites")}
        self.supply = {(row["park_id"], row["resource"]): row["amount"] for row in self.read("park_supply")}
        self.locks = [row for row in self.read("locks") if row["rule"] != "done"]
        self.done = [row for row in self.read("locks") if row["rule"] == "done"]
        self.targets = [row for row in self.read("targets") if self.base < row["year"] <= self.base + self.T]
        self.links: dict[str, list[tuple[float, float]]] = {}
        for row in sorted(self.read("chain_rewards"), key=lambda row: (row["link_id"], row["segment"])):
            self.links.setdefault(row["link_id"], []).append((row["output_wan"], row["reward_per_output"]))
        self.budget = {int(row["year"]) - self.base: row for row in self.read("budget")}
        self.a = Accounts()
        self.a.add("V")
        for t in self.t:
            self.a.add(*((kind, t) for kind in ("tax", "cash_tax", "cash_land", "out", "title", "clear", "effort")))
            for park in self.parks:
                self.a.add(("land", park, t), ("floor", park, t))
            self.a.add(*(("resource", key, t) for key in self.supply), *(("output", link, t) for link in self.links))
        self.a.add(*(("target", number) for number in range(len(self.targets))))
        self.rows = np.zeros((1, len(self.a.place)))
        self.picked: dict[Any, np.ndarray] = {}  # unit -> number of the choice of each combination
        self.choices: dict[Any, list[dict[str, Any]]] = {}
        self.year_zero()

    # ---- what one decision adds

    def gains(self, v: np.ndarray, tax: float, value_added: float, benefit: float, since: int) -> None:
        for t in self.t:
            if t >= since:
                v[0] += self.w[t] * (self.s.tax_weight * tax + self.s.value_added_weight * value_added + benefit)
                v[self.a.place["tax", t]] += tax
                v[self.a.place["cash_tax", t]] += tax

    def pay(self, v: np.ndarray, amount: float, t: int) -> None:
        v[0] -= self.d[t] * amount
        v[self.a.place["out", t]] += amount

    def pay_in_two(self, v: np.ndarray, amount: float, t: int) -> None:
        phi = self.s.first_year_cost_share
        self.pay(v, phi * amount, t)
        self.pay(v, (1 - phi) * amount, min(t + 1, self.T))

    def to_resource(self, v: np.ndarray, key: Any, amount: float, since: int) -> None:
        for t in self.t:
            if t >= since and ("resource", key, t) in self.a.place:
                v[self.a.place["resource", key, t]] += amount

    def to_targets(self, v: np.ndarray, park: str | None, **by_year: Any) -> None:
        """Add to every target its indicator of that year; park None is a work, which parks do not count."""
        for number, row in enumerate(self.targets):
            if (row["park_id"] == "" or row["park_id"] == park) and row["indicator"] in by_year:
                v[self.a.place["target", number]] += by_year[row["indicator"]](int(row["year"]) - self.base)

    def site_choice(self, mode: dict[str, Any], start: int, delivered: int, done: bool = False) -> dict[str, Any]:
        v, site = np.zeros(len(self.a.place)), self.sites[mode["site_id"]]
        park, area = site["park_id"], site["area_mu"]
        self.gains(v, mode["annual_tax_gain_wan"], mode["annual_value_added_gain_wan"], 0.0, delivered)
        for t in self.t:
            if t >= delivered:
                v[self.a.place["land", park, t]] += mode["released_share"] * area
            if t >= start and not done:
                v[self.a.place["floor", park, t]] += mode["displaced_share"] * site["floor_m2"]
        if not done:
            self.pay_in_two(v, mode["public_cost_wan"], start)
            v[self.a.place["title", start]] += mode["title_mu"]
            v[self.a.place["clear", start]] += area * mode["clears"]
        for row in self.read("site_supplies"):
            if (row["site_id"], row["mode"]) == (mode["site_id"], mode["mode"]):
                self.to_resource(v, (park, row["resource"]), row["amount"], delivered)
        self.to_targets(
            v,
            park,
            cleared_mu=lambda t: area * mode["clears"] * (t >= start),
            released_mu=lambda t: mode["released_share"] * area * (t >= delivered),
            above_scale_net=lambda t: -mode["above_scale_loss"] * (t == start and not done),
            annual_tax_wan=lambda t: mode["annual_tax_gain_wan"] * (t >= delivered),
        )
        clears = bool(mode["clears"])
        row = (
            None
            if done
            else {
                "site_id": mode["site_id"],
                "mode": mode["mode"],
                "start_year": self.base + start,
                "delivery_year": self.base + delivered,
            }
        )
        return {
            "v": v,
            "cleared": start if clears else NEVER,
            "ready": delivered if clears else NEVER,
            "table": "plan_sites",
            "rows": [row] if row else [],
        }

    def work_choice(self, work: dict[str, Any], start: int, opened: int, done: bool = False) -> dict[str, Any]:
        v = np.zeros(len(self.a.place))
        self.gains(
            v, work["annual_tax_gain_wan"], work["annual_value_added_gain_wan"], work["annual_benefit_wan"], opened
        )
        if not done:
            self.pay_in_two(v, work["cost_wan"], start)
        for row in self.read("work_supplies"):
            if row["work_id"] == work["work_id"]:
                self.to_resource(v, (row["park_id"], row["resource"]), row["amount"], opened)
        self.to_targets(v, None, annual_tax_wan=lambda t: work["annual_tax_gain_wan"] * (t >= opened))
        row = {"work_id": work["work_id"], "start_year": self.base + start, "opening_year": self.base + opened}
        return {"v": v, "start": start, "table": "plan_works", "rows": [] if done else [row]}

    def landing(
        self, v: np.ndarray, c: dict[str, Any], place: dict[str, Any], n: int, t0: int, done: bool = False
    ) -> None:
        park, chance, land = place["park_id"], c["probability"], place["land_mu"]
        counted = chance >= self.s.cash_probability_floor
        tax, output = n * chance * c["annual_tax_wan"], n * chance * c["annual_output_wan"]
        for t in self.t:
            if t < t0:
                continue
            v[0] += self.w[t] * (
                self.s.tax_weight * tax + self.s.value_added_weight * n * chance * c["annual_value_added_wan"]
            )
            v[self.a.place["tax", t]] += tax
            v[self.a.place["cash_tax", t]] += tax * counted
            v[self.a.place["land", park, t]] -= n * land
            if ("output", c["link_id"], t) in self.a.place:
                v[self.a.place["output", c["link_id"], t]] += output
        for resource, amount in self.uses(c["candidate_id"], park).items():
            self.to_resource(v, (park, resource), -n * amount, t0)
        fresh = 0 if done else n
        if not done:
            income = n * chance * self.parks[park]["land_price_wan_per_mu"] * land * c["pays_land"]
            v[0] += self.d[t0] * (income + n * chance * place["fit_wan"])
            v[self.a.place["cash_land", t0]] += income * counted
            self.pay(v, n * chance * c["subsidy_wan"], t0)
            v[self.a.place["effort", t0]] += n * c["effort_months"]
        above = chance * c["becomes_above_scale"]
        self.to_targets(
            v,
            park,
            landed_projects=lambda t: fresh * (t == t0),
            above_scale_firms=lambda t: fresh * above * (t == t0),
            above_scale_net=lambda t: fresh * above * (t == t0),
            landed_investment_wan=lambda t: fresh * chance * c["investment_wan"] * (t == t0),
            annual_tax_wan=lambda t: tax * (t >= t0),
        )

    def uses(self, candidate: str, park: str) -> dict[str, float]:
        rows = [row for row in self.read("candidate_uses") if row["candidate_id"] == candidate]
        general = {row["resource"]: row["amount"] for row in rows if row["park_id"] == ""}
        return general | {row["resource"]: row["amount"] for row in rows if row["park_id"] == park}

    # ---- units, in turn

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

    # ---- value of what is left

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


class Floor:
    """The linear program of floor and money for a given combination; only its right side changes."""

    def __init__(self, town: Enumeration) -> None:
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


def best_plan(town: Any) -> Best:
    """Return the best plan of a tiny town by enumeration."""
    return Enumeration(town).solve()
