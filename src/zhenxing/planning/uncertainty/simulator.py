"""Plays a plan forward, year by year, under one draw of luck; written from the plan model alone.

Policies, in the order in which a year goes (docs/en/concepts/uncertainty.md states them for people):

1. What is finished is taken over; a site whose title slips is finished that much later.
2. The plan's payments that are due (of this year, or waiting from earlier ones) are gone through in the plan's order:
   planned year, then resettlement, exits, sites, facilities, utility steps, works, then id. One begins when its
   conditions hold (a neighbour cleared the year before, floor dealt with, the work it requires begun, lower steps
   paid, this year's title and clearing capacity); otherwise it waits. Past its last year it is given up.
3. Firms that come and are due land where the plan wants them, in the order of planned year, leaders first, then id, as
   soon as land, supplies, platform, leader and facility are there; past their last year they are lost.
4. When the year's payments exceed what cash and debt up to its limit can bear, the last payment in the plan's order
   waits, then the one before, until the rest can be paid.
5. Debt is the least that is needed. What cannot be paid with nothing left to put off (second parts of what began
   earlier, what is owed, interest) is in arrears until the next year, at a price; cash is never negative.

The value is plan_model.md section 4 with what really happened in place of probabilities.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from zhenxing.planning.uncertainty.playbook import Firm, Item, Playbook, open_playbook
from zhenxing.planning.uncertainty.sampling import Draw, expected_draw
from zhenxing.planning.uncertainty.state import (
    State,
    Year,
    begin,
    has_room,
    indicator,
    land_firm,
    move_floor,
    year_zero,
)
from zhenxing.town import Town

# A limit holds within this share of its size (plan_model.md section 3).
TOLERANCE = 1e-6


@dataclass
class Outcome:
    """What became of a plan under one draw: money in 万元, years as plan years."""

    value_wan: float = 0.0
    parts: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    cash: list[float] = field(default_factory=list)
    debt: list[float] = field(default_factory=list)
    arrears: list[float] = field(default_factory=list)
    starts: list[tuple[Item, int]] = field(default_factory=list)
    landings: list[tuple[Firm, str, int]] = field(default_factory=list)
    moves: list[tuple[Item, int, float]] = field(default_factory=list)
    given_up: list[Item] = field(default_factory=list)
    lost_firms: list[Firm] = field(default_factory=list)
    refused: list[Firm] = field(default_factory=list)
    shortfalls: dict[int, float] = field(default_factory=dict)
    released_mu: float = 0.0
    finance: list[dict[str, float]] = field(default_factory=list)


def simulate(
    town: Town,
    tables: Mapping[str, pd.DataFrame],
    draw: Draw | None = None,
    *,
    courting: pd.DataFrame | None = None,
    arrears_rate: float = 0.3,
) -> Outcome:
    """Return what becomes of a plan under a draw; without a draw, everything goes as the plan assumes.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The plan's tables; the plan must be allowed (``check-plan``).
    courting : DataFrame, optional
        candidate_id, year, count of firms courted beyond those that the plan places.

    Examples
    --------
    >>> import zhenxing
    >>> town = zhenxing.random_town("XS", "balanced", seed=0)
    >>> made = zhenxing.plan(town, zhenxing.PlanOptions(seconds=20))
    >>> abs(simulate(town, made.tables).value_wan / made.summary["value_wan"] - 1) < 1e-6
    True
    """
    return play(open_playbook(town, tables, courting), draw or expected_draw(), arrears_rate=arrears_rate)


def play(book: Playbook, draw: Draw, *, arrears_rate: float = 0.3) -> Outcome:
    """Return what becomes of an opened playbook under a draw."""
    return _Play(book, draw, arrears_rate).run()


class _Play:
    """One run: the state, what waits, the money."""

    def __init__(self, book: Playbook, draw: Draw, arrears_rate: float) -> None:
        self.book, self.draw, self.arrears_rate = book, draw, arrears_rate
        self.settings = book.settings
        self.length = book.settings.horizon_years
        self.delta = 1.0 / (1.0 + book.settings.discount_rate)
        self.waiting = list(book.items)
        self.left = {id(item): item.floor_m2 for item in book.items}
        self.firms: list[Firm] = []
        self.outcome = Outcome()
        for firm in sorted(book.firms, key=self._firm_order):
            self._invite(firm)
        self.state = year_zero(book)
        self.second_parts: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        self.cash, self.debt, self.arrears = self.settings.initial_cash_wan, self.settings.initial_debt_wan, 0.0
        self.tax_before = 0.0
        self.tolerance = self._tolerances()

    def _firm_order(self, firm: Firm) -> tuple[object, ...]:
        leads = self.book.candidates[firm.candidate]["is_leader"]
        return (firm.planned, not leads, firm.park == "", firm.candidate, firm.park, firm.rank)

    def _invite(self, firm: Firm) -> None:
        """Keep the firms that come; with expected luck those that the plan places."""
        if self.draw.comes is None:
            if firm.park:
                self.firms.append(firm)
            return
        flags = self.draw.comes.get(firm.candidate, ())
        come = firm.rank < len(flags) and flags[firm.rank] == 1
        (self.firms if come else self.outcome.refused).append(firm)

    def _tolerances(self) -> dict[object, float]:
        found: dict[object, float] = {}
        brought: dict[object, float] = defaultdict(float)
        floor: dict[object, float] = defaultdict(float)
        for item in [*self.book.items, *(item for item, _ in self.book.done_items)]:
            brought[item.delivery.park] += item.delivery.released_mu
            for key, amount in item.delivery.supplies:
                brought[key] += amount
            floor["floor", item.park] += item.displaced_m2
        for park, row in self.book.parks.items():
            found[park] = TOLERANCE * max(1.0, row["vacant_mu"] + brought[park])
            found["floor", park] = TOLERANCE * max(1.0, floor["floor", park])
        for key, amount in self.book.supply.items():
            found[key] = TOLERANCE * max(1.0, amount + brought[key])
        return found

    def run(self) -> Outcome:
        for t in range(1, self.length + 1):
            self._play_year(t)
        outcome, reserve = self.outcome, self.settings.land_reserve_value_wan_per_mu
        outcome.parts["land_reserve"] = self.delta**self.length * reserve * sum(self.state.land.values())
        outcome.parts["arrears"] -= self.delta**self.length * self.arrears_rate * self.arrears
        outcome.lost_firms = list(self.firms)
        outcome.given_up += self.waiting
        outcome.released_mu = sum(self.state.released_mu.values())
        outcome.value_wan = sum(outcome.parts.values())
        return outcome

    # ---- one year

    def _play_year(self, t: int) -> None:
        for delivery in self.state.coming.pop(t, []):
            self.state.receive(delivery)
        self.outcome.given_up += [item for item in self.waiting if item.planned <= t and item.last < t]
        self.waiting = [item for item in self.waiting if not (item.planned <= t and item.last < t)]
        due = [item for item in self.waiting if item.planned <= t]
        while True:
            state, year = self.state.copy(), Year()
            begun = self._begin_due(state, year, due, t)
            landed = self._land_due(state, year, t)
            lacking = -self._after_debt(state, year, t)
            costly = [item for item in due if id(item) in begun and self._payment(item, begun[id(item)], t) > 0]
            if lacking <= TOLERANCE * max(1.0, self._size(year, t)) or not costly:
                break
            due = [item for item in due if item is not costly[-1]]
        self._commit(state, year, begun, landed, t)

    def _begin_due(self, state: State, year: Year, due: list[Item], t: int) -> dict[int, float]:
        """Begin what can begin, in the plan's order; return how much of each (floor in m2, else 1)."""
        begun: dict[int, float] = {}
        again = True
        while again:  # what begins may let an earlier one in the order begin in the same year
            again = False
            for item in due:
                if id(item) in begun:
                    continue
                if item.kind in ("resettlement", "exit"):
                    moved = move_floor(
                        self.book, state, year, item, self.left[id(item)], self.tolerance.get(item.to_park, 0.0)
                    )
                    if moved > 0:
                        begun[id(item)], again = moved, True
                elif self._may_begin(state, year, item, t):
                    begin(self.book, state, year, item, t, self.draw)
                    begun[id(item)], again = 1.0, True
        for item in due:
            if id(item) in begun:
                self._count_payment(year, item, begun[id(item)], t)
        return begun

    def _may_begin(self, state: State, year: Year, item: Item, t: int) -> bool:
        if item.kind == "utility":
            return all(f"utility:{name}" in state.started for name in item.steps_before)
        if item.kind == "work":
            return not item.after or state.started.get(f"work:{item.after}", t + 1) <= t
        if item.kind == "facility":
            return True
        limits = self.book.budget.get(t, {})
        for used, more, name in (
            (year.title_mu, item.title_mu, "title_capacity_mu"),
            (year.clear_mu, item.area_mu if item.clears else 0.0, "clear_capacity_mu"),
        ):
            limit = limits.get(name, float("inf"))
            if more > 0 and used + more > limit + TOLERANCE * max(1.0, limit if limit < 1e300 else 1.0):
                return False
        if item.displaced_m2 > state.floor_ahead[item.park] + self.tolerance["floor", item.park]:
            return False
        if self.settings.contiguity == "growth" and item.clears and not item.seed:
            return any(state.cleared_at.get(near, t) < t for near in self.book.near.get(item.name, ()))
        return True

    def _land_due(self, state: State, year: Year, t: int) -> list[tuple[Firm, str]]:
        landed: list[tuple[Firm, str]] = []
        left = [firm for firm in self.firms if firm.planned <= t and self._in_window(firm, t)]
        again = True
        while again:  # a leader that lands lets a follower land in the same year
            again, stay = False, []
            for firm in left:
                parks = [firm.park] if firm.park else self.book.parks_of.get(firm.candidate, [])
                park = next((p for p in parks if has_room(self.book, state, firm, p, t, self.tolerance)), None)
                if park is None:
                    stay.append(firm)
                    continue
                probability = self.book.candidates[firm.candidate]["probability"]
                weight = probability if self.draw.comes is None else 1.0
                land_firm(self.book, state, year, firm, park, weight, self.draw)
                landed.append((firm, park))
                again = True
            left = stay
        return landed

    def _in_window(self, firm: Firm, t: int) -> bool:
        row, base = self.book.candidates[firm.candidate], self.settings.base_year
        return int(row["first_year"]) - base <= t <= int(row["last_year"]) - base

    # ---- money

    def _count_payment(self, year: Year, item: Item, amount: float, t: int) -> None:
        name = {"site": "site_cost", "work": "work_cost", "facility": "facility_cost", "utility": "utility_cost"}
        if item.kind in name:
            year.paid[name[item.kind]] += self._payment(item, amount, t)

    def _payment(self, item: Item, amount: float, t: int) -> float:
        """Return what an item costs in the year in which it begins."""
        if item.kind == "resettlement":
            return self.settings.moving_cost_wan_per_m2 * amount
        if item.kind == "exit":
            return self.settings.exit_compensation_wan_per_m2 * amount
        cost = self.draw.public_cost * item.cost
        return cost if not item.in_two_parts or t == self.length else self.settings.first_year_cost_share * cost

    def _flows(self, year: Year, t: int) -> tuple[float, float]:
        """Return what comes in and what goes out this year, without debt and arrears."""
        limits = self.book.budget.get(t, {})
        income = self.draw.own_funds * limits.get("own_funds_wan", 0.0) + year.counted_land_income
        income += self.settings.tax_retained_share * self.tax_before
        outlay = limits.get("committed_outlay_wan", 0.0) + year.subsidy + sum(year.paid.values())
        outlay += sum(self.second_parts[t].values())
        outlay += self.settings.moving_cost_wan_per_m2 * year.moved_m2
        return income, outlay + self.settings.exit_compensation_wan_per_m2 * year.left_m2

    def _balance(self, year: Year, t: int) -> float:
        """Return the cash of the year before borrowing anew."""
        income, outlay = self._flows(year, t)
        owed = (1.0 + self.settings.interest_rate) * self.debt + (1.0 + self.arrears_rate) * self.arrears
        return self.cash + income - outlay - owed

    def _after_debt(self, state: State, year: Year, t: int) -> float:
        return self._balance(year, t) + self.book.budget.get(t, {}).get("debt_limit_wan", 0.0)

    def _size(self, year: Year, t: int) -> float:
        return max(abs(self.cash), *map(abs, self._flows(year, t)))

    # ---- what a year leaves behind

    def _commit(
        self, state: State, year: Year, begun: dict[int, float], landed: list[tuple[Firm, str]], t: int
    ) -> None:
        self.state = state
        rest = []
        for item in self.waiting:
            amount = begun.get(id(item))
            if amount is None:
                rest.append(item)
            elif item.floor_m2 > 0:
                self.outcome.moves.append((item, t, amount))
                self.left[id(item)] -= amount
                if self.left[id(item)] > TOLERANCE * item.floor_m2:
                    rest.append(item)
            else:
                self.outcome.starts.append((item, t))
                if item.in_two_parts and t < self.length:
                    later = (1.0 - self.settings.first_year_cost_share) * self.draw.public_cost * item.cost
                    self.second_parts[t + 1][f"{item.kind}_cost"] += later
        self.waiting = rest
        self.outcome.landings += [(firm, park, t) for firm, park in landed]
        gone = {id(firm) for firm, _ in landed}
        self.firms = [firm for firm in self.firms if id(firm) not in gone]
        self._value_year(year, t)
        self._settle_money(year, t)

    def _value_year(self, year: Year, t: int) -> None:
        """Add the year to the value's parts (plan model, section 4)."""
        settings, parts, once = self.settings, self.outcome.parts, self.delta**t
        lasting = once
        if t == self.length:
            lasting *= 1.0 + sum(self.delta**k for k in range(1, settings.tail_years + 1))
        tax = sum(self.state.tax.values())
        parts["tax"] += lasting * settings.tax_weight * tax
        parts["value_added"] += lasting * settings.value_added_weight * self.state.value_added
        parts["benefit"] += lasting * self.state.benefit
        parts["chain"] += lasting * self._chain_reward()
        parts["land_income"] += once * year.land_income
        parts["committed"] -= once * self.book.budget.get(t, {}).get("committed_outlay_wan", 0.0)
        for name in ("site_cost", "work_cost", "facility_cost", "utility_cost"):
            parts[name] -= once * (year.paid[name] + self.second_parts[t][name])
        parts["subsidy"] -= once * year.subsidy
        parts["exit_compensation"] -= once * settings.exit_compensation_wan_per_m2 * year.left_m2
        parts["moving"] -= once * settings.moving_cost_wan_per_m2 * year.moved_m2
        parts["interest"] -= once * settings.interest_rate * self.debt
        parts["arrears"] -= once * self.arrears_rate * self.arrears
        parts["fit"] += once * year.fit
        parts["exit_loss"] -= once * settings.exit_loss_wan_per_m2 * year.left_m2
        for target in self.book.targets:
            if target.year == t:
                short = max(0.0, target.wanted - indicator(self.state, year, target))
                self.outcome.shortfalls[target.row] = short
                parts["penalties"] -= once * target.penalty * short

    def _chain_reward(self) -> float:
        total = 0.0
        for link, segments in self.book.chain.items():
            rest = self.state.output.get(link, 0.0)
            for size, reward in segments:
                filled = min(rest, size)
                total += reward * filled
                rest -= filled
        return total

    def _settle_money(self, year: Year, t: int) -> None:
        balance = self._balance(year, t)
        limit = self.book.budget.get(t, {}).get("debt_limit_wan", 0.0)
        income, outlay = self._flows(year, t)
        interest = self.settings.interest_rate * self.debt
        debt = min(max(-balance, 0.0), limit)
        short = max(-balance - limit, 0.0)
        # within the tolerance of the money rule nothing is in arrears
        arrears = short if short > TOLERANCE * max(1.0, self._size(year, t)) else 0.0
        self.outcome.finance.append(
            {
                "year": self.settings.base_year + t,
                "own_funds_wan": self.draw.own_funds * self.book.budget.get(t, {}).get("own_funds_wan", 0.0),
                "land_income_wan": year.counted_land_income,
                "retained_tax_wan": self.settings.tax_retained_share * self.tax_before,
                "outlay_wan": outlay,
                "interest_wan": interest,
                "debt_wan": debt,
                "cash_wan": max(balance + debt, 0.0),
            }
        )
        self.cash, self.debt, self.arrears = max(balance + debt, 0.0), debt, arrears
        self.tax_before = self.state.counted_tax
        for path, now in ((self.outcome.cash, self.cash), (self.outcome.debt, debt), (self.outcome.arrears, arrears)):
            path.append(now)
