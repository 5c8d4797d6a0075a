"""A town and a plan as the simulator plays them: what is there in year 0, and what the plan wants to happen when.

Written from the plan model's tables alone; nothing here comes from the model builder or the checker. Plan years are
``1..T``; money in 万元, land in mu, floor in m2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from zhenxing.town import PlanSettings, Town

Supply = tuple[str, str]


@dataclass(frozen=True)
class Delivery:
    """What a finished site, work or utility step brings to a park."""

    park: str = ""
    released_mu: float = 0.0
    supplies: tuple[tuple[Supply, float], ...] = ()
    tax: float = 0.0
    value_added: float = 0.0
    benefit: float = 0.0


@dataclass(frozen=True)
class Item:
    """One thing the plan pays for, in the plan's order; ``last`` is the last year in which it may still begin."""

    kind: str
    name: str
    park: str
    planned: int
    last: int
    lead: int
    cost: float = 0.0
    in_two_parts: bool = False
    delivery: Delivery = Delivery()
    option: str = ""
    clears: bool = False
    seed: bool = True
    area_mu: float = 0.0
    title_mu: float = 0.0
    displaced_m2: float = 0.0
    above_scale_loss: float = 0.0
    after: str = ""
    steps_before: tuple[str, ...] = ()
    floor_m2: float = 0.0
    to_park: str = ""


@dataclass(frozen=True)
class Firm:
    """One firm that the plan courts: the candidate, its rank among the candidate's firms, where and when.

    An empty ``park`` means that the town courts it without a place of its own (see ``courting``).
    """

    candidate: str
    rank: int
    park: str
    planned: int


@dataclass(frozen=True)
class Target:
    """A target row inside the horizon; ``park`` empty = the whole town."""

    row: int
    indicator: str
    year: int
    park: str
    wanted: float
    penalty: float


@dataclass
class Playbook:
    """Everything the simulator needs to know."""

    settings: PlanSettings
    parks: dict[str, dict[str, Any]]
    candidates: dict[str, dict[str, Any]]
    land: dict[tuple[str, str], float]
    fit: dict[tuple[str, str], float]
    parks_of: dict[str, list[str]]
    uses: dict[tuple[str, str], list[tuple[Supply, float]]]
    supply: dict[Supply, float]
    near: dict[str, set[str]]
    platforms: dict[str, list[tuple[float, tuple[str, ...]]]]
    facility_lead: dict[tuple[str, str], int]
    budget: dict[int, dict[str, float]]
    chain: dict[str, list[tuple[float, float]]]
    targets: list[Target]
    items: list[Item]
    firms: list[Firm]
    done_items: list[tuple[Item, int]] = field(default_factory=list)
    done_firms: dict[tuple[str, str], int] = field(default_factory=dict)


# The order of one year's payments: what comes later waits first when money is short.
KINDS = ("resettlement", "exit", "site", "facility", "utility", "work")


def open_playbook(town: Town, tables: Mapping[str, pd.DataFrame], courting: pd.DataFrame | None = None) -> Playbook:
    """Return the playbook of a plan.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The plan's tables (plan_model.md section 2).
    courting : DataFrame, optional
        candidate_id, year, count: firms courted in all; those beyond the plan's landings land where there is room.
    """
    settings = town.plan
    base, length = settings.base_year, settings.horizon_years
    placements = list(_rows(town, "placements"))
    budget = {int(row["year"]) - base: row for row in _rows(town, "budget")}
    book = Playbook(
        settings=settings,
        parks={row["park_id"]: row for row in _rows(town, "parks")},
        candidates={row["candidate_id"]: row for row in _rows(town, "candidates")},
        land={(row["candidate_id"], row["park_id"]): row["land_mu"] for row in placements},
        fit={(row["candidate_id"], row["park_id"]): row["fit_wan"] for row in placements},
        parks_of=_parks_of(placements),
        uses={},
        supply={(row["park_id"], row["resource"]): row["amount"] for row in _rows(town, "park_supply")},
        near=_neighbours(town),
        platforms=_platforms(town),
        facility_lead={(row["park_id"], row["facility_id"]): row["lead_years"] for row in _rows(town, "facilities")},
        budget={t: budget[t] for t in range(1, length + 1) if t in budget},
        chain=_chain(town),
        targets=_targets(town, base, length),
        items=[],
        firms=_firms(tables, courting, base),
    )
    _read_uses(town, book, placements)
    _read_items(town, tables, book)
    return book


def _rows(town: Town, name: str) -> Iterator[dict[str, Any]]:
    for row in town.filled(name).drop(columns="geometry", errors="ignore").to_dict("records"):
        yield {str(key): value for key, value in row.items()}


def _parks_of(placements: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Return the parks where each candidate may land, the best fit first."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in sorted(placements, key=lambda row: (-row["fit_wan"], row["park_id"])):
        found[row["candidate_id"]].append(row["park_id"])
    return dict(found)


def _neighbours(town: Town) -> dict[str, set[str]]:
    near: dict[str, set[str]] = defaultdict(set)
    for row in _rows(town, "site_neighbours"):
        near[row["site_id"]].add(row["neighbour_id"])
        near[row["neighbour_id"]].add(row["site_id"])
    return near


def _platforms(town: Town) -> dict[str, list[tuple[float, tuple[str, ...]]]]:
    members: dict[str, list[str]] = defaultdict(list)
    for row in _rows(town, "platform_sites"):
        members[row["platform_id"]].append(row["site_id"])
    found: dict[str, list[tuple[float, tuple[str, ...]]]] = defaultdict(list)
    for row in _rows(town, "platforms"):
        found[row["park_id"]].append((row["area_mu"], tuple(members[row["platform_id"]])))
    return found


def _chain(town: Town) -> dict[str, list[tuple[float, float]]]:
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in sorted(_rows(town, "chain_rewards"), key=lambda row: (row["link_id"], row["segment"])):
        if row["link_id"]:
            found[row["link_id"]].append((row["output_wan"], row["reward_per_output"]))
    return dict(found)


def _targets(town: Town, base: int, length: int) -> list[Target]:
    return [
        Target(
            number,
            row["indicator"],
            int(row["year"]) - base,
            row["park_id"],
            row["target"] - row["baseline"],
            row["penalty_wan_per_unit"],
        )
        for number, row in enumerate(_rows(town, "targets"))
        if 1 <= int(row["year"]) - base <= length
    ]


def _read_uses(town: Town, book: Playbook, placements: list[dict[str, Any]]) -> None:
    """Note what a firm uses in each park; a row for the park replaces the row without, no limit no use."""
    general: dict[str, dict[str, float]] = defaultdict(dict)
    own: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for row in _rows(town, "candidate_uses"):
        if row["park_id"]:
            own[row["candidate_id"], row["park_id"]][row["resource"]] = row["amount"]
        else:
            general[row["candidate_id"]][row["resource"]] = row["amount"]
    for place in placements:
        key = (place["candidate_id"], place["park_id"])
        wanted = {**general[key[0]], **own[key]}
        book.uses[key] = [
            ((key[1], resource), amount) for resource, amount in wanted.items() if (key[1], resource) in book.supply
        ]


def _firms(tables: Mapping[str, pd.DataFrame], courting: pd.DataFrame | None, base: int) -> list[Firm]:
    landings = tables.get("plan_landings")
    planned: dict[str, list[tuple[int, str]]] = defaultdict(list)
    if landings is not None:
        for row in landings.to_dict("records"):
            planned[str(row["candidate_id"])] += [(int(row["year"]) - base, str(row["park_id"]))] * int(row["count"])
    found = []
    for name, landing in planned.items():
        found += [Firm(name, rank, park, year) for rank, (year, park) in enumerate(sorted(landing))]
    courted: dict[str, list[int]] = defaultdict(list)
    if courting is not None:
        for row in courting.to_dict("records"):
            courted[str(row["candidate_id"])] += [int(row["year"]) - base] * int(row["count"])
    for name, years in courted.items():
        first = len(planned.get(name, ()))
        found += [Firm(name, rank, "", year) for rank, year in enumerate(sorted(years)) if rank >= first]
    return found


# ---- what the plan pays for


def _read_items(town: Town, tables: Mapping[str, pd.DataFrame], book: Playbook) -> None:
    base, length = book.settings.base_year, book.settings.horizon_years
    sites, works = _site_items(town), _work_items(town)
    done = [row for row in _rows(town, "locks") if row["rule"] == "done"]
    for row in done:
        at = (int(row["year"]) - base) if row["subject"] != "candidate" else 0
        if row["subject"] == "site":
            book.done_items.append((sites[row["id"], row["option"]], at))
        elif row["subject"] == "work":
            book.done_items.append((works[row["id"]], at))
        else:
            key = (row["id"], row["option"])
            book.done_firms[key] = book.done_firms.get(key, 0) + int(row["count"])
    items = [
        _at(sites[str(row["site_id"]), str(row["mode"])], int(row["start_year"]) - base)
        for row in _plan_rows(tables, "plan_sites")
    ]
    items += [
        _at(works[str(row["work_id"])], int(row["start_year"]) - base) for row in _plan_rows(tables, "plan_works")
    ]
    facilities = {(row["park_id"], row["facility_id"]): row for row in _rows(town, "facilities")}
    for row in _plan_rows(tables, "plan_facilities"):
        key = (str(row["park_id"]), str(row["facility_id"]))
        lead, cost = int(facilities[key]["lead_years"]), float(facilities[key]["cost_wan"])
        items.append(Item("facility", key[1], key[0], int(row["year"]) - base, length, lead, cost))
    items += _step_items(town, tables, base, length, book)
    for kind, table in (("resettlement", "plan_resettlement"), ("exit", "plan_exits")):
        for row in _plan_rows(tables, table):
            park, other = str(row.get("park_id", row.get("from_park_id"))), str(row.get("to_park_id", ""))
            year, floor = int(row["year"]) - base, float(row["floor_m2"])
            items.append(Item(kind, park, park, year, length, 0, floor_m2=floor, to_park=other))
    book.items = sorted(items, key=lambda item: (item.planned, KINDS.index(item.kind), item.name, item.option))


def _plan_rows(tables: Mapping[str, pd.DataFrame], name: str) -> list[dict[Any, Any]]:
    frame = tables.get(name)
    return [] if frame is None else frame.to_dict("records")


def _at(item: Item, year: int) -> Item:
    return Item(**{**vars(item), "planned": year})


def _site_items(town: Town) -> dict[tuple[str, str], Item]:
    base, length = town.plan.base_year, town.plan.horizon_years
    sites = {row["site_id"]: row for row in _rows(town, "sites")}
    supplies: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for row in _rows(town, "site_supplies"):
        supplies[row["site_id"], row["mode"]].append((row["resource"], row["amount"]))
    found = {}
    for row in _rows(town, "site_modes"):
        site = sites[row["site_id"]]
        park, area = str(site["park_id"]), float(site["area_mu"])
        brought = tuple(((park, resource), amount) for resource, amount in supplies[row["site_id"], row["mode"]])
        found[row["site_id"], row["mode"]] = Item(
            kind="site",
            name=row["site_id"],
            park=park,
            planned=0,
            last=min(int(row["latest_year"]) - base, length),
            lead=int(row["lead_years"]),
            cost=row["public_cost_wan"],
            in_two_parts=True,
            delivery=Delivery(
                park,
                row["released_share"] * area,
                brought,
                row["annual_tax_gain_wan"],
                row["annual_value_added_gain_wan"],
            ),
            option=row["mode"],
            clears=bool(row["clears"]),
            seed=bool(site["is_seed"]),
            area_mu=area,
            title_mu=row["title_mu"],
            displaced_m2=row["displaced_share"] * site["floor_m2"],
            above_scale_loss=row["above_scale_loss"],
        )
    return found


def _work_items(town: Town) -> dict[str, Item]:
    base, length = town.plan.base_year, town.plan.horizon_years
    supplies: dict[str, list[tuple[Supply, float]]] = defaultdict(list)
    for row in _rows(town, "work_supplies"):
        supplies[row["work_id"]].append(((row["park_id"], row["resource"]), row["amount"]))
    return {
        row["work_id"]: Item(
            kind="work",
            name=row["work_id"],
            park="",
            planned=0,
            last=min(int(row["latest_year"]) - base, length),
            lead=int(row["lead_years"]),
            cost=row["cost_wan"],
            in_two_parts=True,
            delivery=Delivery(
                "",
                0.0,
                tuple(supplies[row["work_id"]]),
                row["annual_tax_gain_wan"],
                row["annual_value_added_gain_wan"],
                row["annual_benefit_wan"],
            ),
            after=row["requires_work_id"],
        )
        for row in _rows(town, "works")
    }


def _step_items(town: Town, tables: Mapping[str, pd.DataFrame], base: int, length: int, book: Playbook) -> list[Item]:
    steps: dict[Supply, dict[int, dict[str, Any]]] = defaultdict(dict)
    for row in _rows(town, "utility_steps"):
        steps[row["park_id"], row["resource"]][int(row["step"])] = row
    found = []
    for row in _plan_rows(tables, "plan_utilities"):
        park, resource, number = str(row["park_id"]), str(row["resource"]), int(row["step"])
        own = steps[park, resource]
        brought = (((park, resource), float(own[number]["adds"])),) if (park, resource) in book.supply else ()
        found.append(
            Item(
                "utility",
                f"{park}/{resource}/{number}",
                park,
                int(row["year"]) - base,
                length,
                int(own[number]["lead_years"]),
                float(own[number]["cost_wan"]),
                delivery=Delivery(supplies=brought),
                steps_before=tuple(f"{park}/{resource}/{k}" for k in sorted(own) if k < number),
            )
        )
    return found
