"""What one decision of a plan adds to value, tax, land, floor and targets, written from the plan model alone."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

NEVER = 99


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


class Decisions:
    """The accounts of a town and what each decision adds to them."""

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
