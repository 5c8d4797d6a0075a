"""Money, targets, chain and value of the naive form (rules 8 to 10 and section 4 of plan_model.md)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from benchmarks.plan.naive_rules import Expression, Rules


class RulesAndValue(Rules):
    """All rules and the value: what :class:`Rules` writes, then money, targets, chain and value."""

    def write(self) -> None:
        """Write variables, rules 1 to 10 and the value."""
        super().write()
        self._money()
        self._targets()
        self._chain()
        self._value()

    def _money(self) -> None:
        """Rule 8."""
        plan = self.plan
        for t in self.years:
            left = dict(self.outlay(t))
            for j, value in self.land_income(t, cash=True).items():
                left[j] = left.get(j, 0.0) - value
            for j, value in self.tax(t - 1, cash=True).items():
                left[j] = left.get(j, 0.0) - plan.tax_retained_share * value
            limits = self.budget.get(t, {})
            right = float(limits.get("own_funds_wan", 0.0)) - float(limits.get("committed_outlay_wan", 0.0))
            left[self.build.at["k", t]] = 1.0
            left[self.build.at["d", t]] = -1.0
            if t > 1:
                left[self.build.at["k", t - 1]] = -1.0
                left[self.build.at["d", t - 1]] = 1.0 + plan.interest_rate
            else:
                right += plan.initial_cash_wan - (1.0 + plan.interest_rate) * plan.initial_debt_wan
            self.build.most(left, right)

    def outlay(self, t: int) -> Expression:
        """Return the outlay of a year without what is committed."""
        plan = self.plan
        found = self._landings(t, lambda _spot, who: who["probability"] * who["subsidy_wan"])
        phi = plan.first_year_cost_share
        now, later = (1.0, 0.0) if t == self.length else (phi, 0.0)
        for year, share in ((t, now + later), (t - 1, 1.0 - phi)):
            for j, cost in self._starting(year, lambda row: row["public_cost_wan"]).items():
                found[j] = found.get(j, 0.0) + share * cost
            for row in self.records["works"]:
                for j in self._by(year, "g", row["work_id"])[-1:]:
                    if ("g", row["work_id"], year) in self.build.at:
                        found[j] = found.get(j, 0.0) + share * float(row["cost_wan"])
        for row in self.records["facilities"]:
            found[self.build.at["w", row["park_id"], row["facility_id"], t]] = float(row["cost_wan"])
        for row in self.records["utility_steps"]:
            found[self.build.at["u", row["park_id"], row["resource"], int(row["step"]), t]] = float(row["cost_wan"])
        for park in self.park:
            found[self.build.at["e", park, t]] = plan.exit_compensation_wan_per_m2
            for other in self.park:
                found[self.build.at["r", park, other, t]] = plan.moving_cost_wan_per_m2
        return found

    def land_income(self, t: int, *, cash: bool = False) -> Expression:
        """Return the expected land income of a year."""
        floor = self.plan.cash_probability_floor if cash else 0.0

        def amount(spot: dict[str, Any], who: dict[str, Any]) -> float:
            if not who["pays_land"] or who["probability"] < floor:
                return 0.0
            price = self.park[spot["park_id"]]["land_price_wan_per_mu"]
            return float(who["probability"] * price * spot["land_mu"])

        return self._landings(t, amount)

    def tax(self, t: int, *, cash: bool = False) -> Expression:
        """Return the tax of a year (0 in year 0)."""
        floor = self.plan.cash_probability_floor if cash else 0.0
        return self.yearly(
            t,
            lambda who: who["probability"] * who["annual_tax_wan"] if who["probability"] >= floor else 0.0,
            lambda row: row["annual_tax_gain_wan"],
        )

    def yearly(self, t: int, firm: Any, gain: Any) -> Expression:
        """Return what firms landed by t and sites and works delivered by t bring in year t."""
        found: Expression = {}
        for row in self.records["placements"]:
            each = firm(self.candidate[row["candidate_id"]])
            found |= dict.fromkeys(self._by(t, "y", row["candidate_id"], row["park_id"]), float(each))
        for row in self.records["site_modes"]:
            ready = self._by(t - int(row["lead_years"]), "x", row["site_id"], row["mode"])
            found |= dict.fromkeys(ready, float(gain(row)))
        for row in self.records["works"]:
            found |= dict.fromkeys(self._by(t - int(row["lead_years"]), "g", row["work_id"]), float(gain(row)))
        return found

    def _targets(self) -> None:
        """Rule 9."""
        for number, row in enumerate(self.records["targets"]):
            t = int(row["year"]) - self.base
            if t not in self.years or not row["penalty_wan_per_unit"]:
                continue
            short = self.build.variable("s", number)
            left = {j: -value for j, value in self._indicator(row["indicator"], t, row["park_id"]).items()}
            left[short] = -1.0
            self.build.most(left, -float(row["target"] - row["baseline"]))
            self.build.cost[short] = -float(row["penalty_wan_per_unit"]) * self.delta[t]

    def _indicator(self, name: str, t: int, park: str) -> Expression:
        found: Expression = {}
        inside = [row for row in self.records["site_modes"] if not park or self.site[row["site_id"]]["park_id"] == park]
        if name in ("cleared_mu", "released_mu"):
            for row in inside:
                lag, share = (
                    (0, row["clears"]) if name == "cleared_mu" else (int(row["lead_years"]), row["released_share"])
                )
                started = self._by(t - lag, "x", row["site_id"], row["mode"])
                found |= dict.fromkeys(started, float(share) * self._area(row))
            return found
        if name == "annual_tax_wan":
            if park:
                raise NotImplementedError("the tax of one park as a target")
            return self.tax(t)
        amount = {
            "landed_projects": lambda _spot, _who: 1.0,
            "landed_investment_wan": lambda _spot, who: who["probability"] * who["investment_wan"],
        }.get(name, lambda _spot, who: who["probability"] * who["becomes_above_scale"])
        found = self._landings(t, lambda spot, who: amount(spot, who) if park in ("", spot["park_id"]) else 0.0)
        if name == "above_scale_net":
            ids = {(row["site_id"], row["mode"]) for row in inside}
            lost = self._starting(t, lambda r: r["above_scale_loss"] if (r["site_id"], r["mode"]) in ids else 0.0)
            found |= {j: -value for j, value in lost.items()}
        return found

    def _chain(self) -> None:
        """Rule 10."""
        links: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.records["chain_rewards"]:
            links[row["link_id"]].append(row)
        for link, segments in links.items():
            names = [name for name, who in self.candidate.items() if link and who["link_id"] == link]
            for t in self.years:
                left: Expression = {}
                for name in names:
                    who = self.candidate[name]
                    for spot in self.spots[name]:
                        output = -float(who["probability"] * who["annual_output_wan"])
                        left |= dict.fromkeys(self._by(t, "y", name, spot["park_id"]), output)
                for row in segments:
                    filled = self.build.variable("f", link, int(row["segment"]), t, upper=float(row["output_wan"]))
                    left[filled] = 1.0
                    self.build.cost[filled] = float(row["reward_per_output"]) * self.weight[t]
                self.build.most(left, 0.0)

    def _value(self) -> None:
        """Add section 4: what is shared each year, and the money, fit and losses of each year."""
        plan, cost = self.plan, self.build.cost

        def worth(who: dict[str, Any]) -> float:
            shared = plan.tax_weight * who["annual_tax_wan"] + plan.value_added_weight * who["annual_value_added_wan"]
            return float(who["probability"] * shared)

        def gain(row: dict[str, Any]) -> float:
            shared = plan.tax_weight * row["annual_tax_gain_wan"]
            shared += plan.value_added_weight * row["annual_value_added_gain_wan"]
            return float(shared + row.get("annual_benefit_wan", 0.0))

        for t in self.years:
            for j, value in self.yearly(t, worth, gain).items():
                cost[j] += self.weight[t] * value
            for part, sign in ((self.land_income(t), 1.0), (self.outlay(t), -1.0)):
                for j, value in part.items():
                    cost[j] += sign * self.delta[t] * value
            fit = self._landings(t, lambda spot, who: who["probability"] * spot["fit_wan"])
            for j, value in fit.items():
                cost[j] += self.delta[t] * value
            for park in self.park:
                cost[self.build.at["e", park, t]] -= self.delta[t] * plan.exit_loss_wan_per_m2
            if t > 1:
                cost[self.build.at["d", t - 1]] -= self.delta[t] * plan.interest_rate
            self.build.offset -= self.delta[t] * float(self.budget.get(t, {}).get("committed_outlay_wan", 0.0))
        self.build.offset -= self.delta[1] * plan.interest_rate * plan.initial_debt_wan
        if plan.land_reserve_value_wan_per_mu:
            for park in self.park:
                cost[self.build.at["l", park, self.length]] += self.delta[-1] * plan.land_reserve_value_wan_per_mu
