"""What is there at a moment of a simulated plan, and the bookkeeping of what a year brings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from zhenxing.planning.uncertainty.playbook import Delivery, Firm, Item, Playbook, Supply, Target
from zhenxing.planning.uncertainty.sampling import Draw
from zhenxing.units import M2_PER_MU

NEVER = 10**6


@dataclass
class Year:
    """What happens in one year; money in 万元, undiscounted."""

    land_income: float = 0.0
    counted_land_income: float = 0.0
    subsidy: float = 0.0
    fit: float = 0.0
    moved_m2: float = 0.0
    left_m2: float = 0.0
    paid: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    landed: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    above_scale: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    investment: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    lost: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    title_mu: float = 0.0
    clear_mu: float = 0.0


@dataclass
class State:
    """Land, floor, supplies, what has begun and what is earned; copied to try a year out."""

    land: dict[str, float]
    spare: dict[Supply, float]
    floor_ahead: dict[str, float]
    started: dict[str, int] = field(default_factory=dict)
    cleared_at: dict[str, int] = field(default_factory=dict)
    ready_at: dict[str, int] = field(default_factory=dict)
    coming: dict[int, list[Delivery]] = field(default_factory=dict)
    leaders: dict[str, int] = field(default_factory=dict)
    tax: dict[str, float] = field(default_factory=dict)
    counted_tax: float = 0.0
    value_added: float = 0.0
    benefit: float = 0.0
    output: dict[str, float] = field(default_factory=dict)
    cleared_mu: dict[str, float] = field(default_factory=dict)
    released_mu: dict[str, float] = field(default_factory=dict)

    def copy(self) -> State:
        """Return a state that can be changed without touching this one."""
        return State(
            dict(self.land), dict(self.spare), dict(self.floor_ahead), dict(self.started), dict(self.cleared_at),
            dict(self.ready_at), {t: list(parts) for t, parts in self.coming.items()}, dict(self.leaders),
            dict(self.tax), self.counted_tax, self.value_added, self.benefit, dict(self.output),
            dict(self.cleared_mu), dict(self.released_mu),
        )  # fmt: skip

    def receive(self, delivery: Delivery) -> None:
        """Take over what is finished."""
        if delivery.park:
            self.land[delivery.park] += delivery.released_mu
            _add(self.released_mu, delivery.park, delivery.released_mu)
        for key, amount in delivery.supplies:
            if key in self.spare:
                self.spare[key] += amount
        _add(self.tax, delivery.park, delivery.tax)
        self.counted_tax += delivery.tax
        self.value_added += delivery.value_added
        self.benefit += delivery.benefit

    def deliver(self, delivery: Delivery, year: int, now: int) -> None:
        """Take over at once what is finished by now, and note the rest for its year."""
        if year <= now:
            self.receive(delivery)
        else:
            self.coming.setdefault(year, []).append(delivery)


def _add(table: dict[str, float], key: str, amount: float) -> None:
    table[key] = table.get(key, 0.0) + amount


def slip_of(draw: Draw, item: Item) -> int:
    """Return the years by which a site's delivery slips: only modes with titles to be cleared slip."""
    return draw.slip.get(item.name, 0) if item.kind == "site" and item.title_mu > 0 else 0


def year_zero(book: Playbook) -> State:
    """Return the state before the plan: vacant land, supplies, and what rule 12 says is done."""
    state = State(
        land={park: row["vacant_mu"] for park, row in book.parks.items()},
        spare=dict(book.supply),
        floor_ahead=dict.fromkeys(book.parks, 0.0),
    )
    for item, start in book.done_items:
        state.started[f"{item.kind}:{item.name}"] = start
        # what is under way keeps its date: the year-0 state is known
        state.deliver(item.delivery, start + item.lead, 0)
        if item.kind == "site" and item.clears:
            state.cleared_at[item.name] = start
            state.ready_at[item.name] = start + item.lead
            _add(state.cleared_mu, item.park, item.area_mu)
    for (candidate, park), count in book.done_firms.items():
        row = book.candidates[candidate]
        for _ in range(count):
            settle(book, state, candidate, park, row["probability"])
        if row["is_leader"] and row["link_id"]:
            state.leaders[row["link_id"]] = state.leaders.get(row["link_id"], 0) + count
    return state


def settle(book: Playbook, state: State, candidate: str, park: str, weight: float) -> None:
    """Give a firm its land and supplies and count what it earns, by its weight."""
    row = book.candidates[candidate]
    state.land[park] -= book.land[candidate, park]
    for key, amount in book.uses[candidate, park]:
        state.spare[key] -= amount
    _add(state.tax, park, weight * row["annual_tax_wan"])
    if weight >= book.settings.cash_probability_floor:
        state.counted_tax += weight * row["annual_tax_wan"]
    state.value_added += weight * row["annual_value_added_wan"]
    if row["link_id"]:
        _add(state.output, row["link_id"], weight * row["annual_output_wan"])


def land_firm(book: Playbook, state: State, year: Year, firm: Firm, park: str, weight: float, draw: Draw) -> None:
    """Let one firm land."""
    row = book.candidates[firm.candidate]
    settle(book, state, firm.candidate, park, weight)
    if row["is_leader"] and row["link_id"]:
        state.leaders[row["link_id"]] = state.leaders.get(row["link_id"], 0) + 1
    if row["pays_land"]:
        price = book.parks[park]["land_price_wan_per_mu"] * draw.land_price
        income = weight * price * book.land[firm.candidate, park]
        year.land_income += income
        if weight >= book.settings.cash_probability_floor:
            year.counted_land_income += income
    year.subsidy += weight * row["subsidy_wan"]
    year.fit += weight * book.fit[firm.candidate, park]
    year.landed[park] += 1.0
    year.above_scale[park] += weight * bool(row["becomes_above_scale"])
    year.investment[park] += weight * row["investment_wan"]


def has_room(book: Playbook, state: State, firm: Firm, park: str, t: int, tolerance: Mapping[object, float]) -> bool:
    """Whether a firm can land in a park now: land, supplies, platform, leader, facility."""
    row = book.candidates[firm.candidate]
    if book.land[firm.candidate, park] > state.land[park] + tolerance[park]:
        return False
    if any(amount > state.spare[key] + tolerance[key] for key, amount in book.uses[firm.candidate, park]):
        return False
    if row["min_contiguous_mu"] > 0 and not any(
        area >= row["min_contiguous_mu"] and all(state.ready_at.get(site, NEVER) <= t for site in sites)
        for area, sites in book.platforms.get(park, ())
    ):
        return False
    # a leader that follows counts itself
    if row["follows_leader"] and not (row["is_leader"] and row["link_id"]) and not state.leaders.get(row["link_id"], 0):
        return False
    if row["facility_id"]:
        key = (park, row["facility_id"])
        paid = state.started.get(f"facility:{park}/{row['facility_id']}", NEVER)
        return key in book.facility_lead and paid + int(book.facility_lead[key]) <= t
    return True


def begin(book: Playbook, state: State, year: Year, item: Item, t: int, draw: Draw) -> None:
    """Begin a site, work, facility or utility step."""
    name = f"{item.park}/{item.name}" if item.kind == "facility" else item.name
    state.started[f"{item.kind}:{name}"] = t
    ready = t + item.lead + slip_of(draw, item)
    state.deliver(item.delivery, ready, t)
    if item.kind == "site":
        state.floor_ahead[item.park] -= item.displaced_m2
        year.title_mu += item.title_mu
        year.lost[item.park] += item.above_scale_loss
        if item.clears:
            state.cleared_at[item.name] = t
            state.ready_at[item.name] = ready
            _add(state.cleared_mu, item.park, item.area_mu)
            year.clear_mu += item.area_mu


def move_floor(book: Playbook, state: State, year: Year, item: Item, left: float, tolerance: float) -> float:
    """Resettle or let go what is left of a planned row, as far as there is land; return what was done, m2."""
    done = left
    if item.kind == "resettlement":
        ratio = book.parks[item.to_park]["resettlement_far"] * M2_PER_MU
        room = max(state.land[item.to_park], 0.0)
        done = left if left / ratio <= room + tolerance else room * ratio
        state.land[item.to_park] -= done / ratio
        year.moved_m2 += done
    else:
        year.left_m2 += done
    state.floor_ahead[item.park] += done
    return done


def indicator(state: State, year: Year, target: Target) -> float:
    """Return the value of a target's indicator this year (plan model, rule 9)."""
    tables = {
        "cleared_mu": state.cleared_mu,
        "released_mu": state.released_mu,
        "landed_projects": year.landed,
        "above_scale_firms": year.above_scale,
        "above_scale_net": year.above_scale,
        "landed_investment_wan": year.investment,
        "annual_tax_wan": state.tax,
    }
    found = _total(tables[target.indicator], target.park)
    return found - _total(year.lost, target.park) if target.indicator == "above_scale_net" else found


def _total(table: Mapping[str, float], park: str) -> float:
    return table.get(park, 0.0) if park else sum(table.values())
