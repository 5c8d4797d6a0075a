"""The plan's data as arrays: what the tables of a town mean, before any variable or row exists.

Positions replace ids, plan years are ``1..T``, windows are clipped to the horizon, defaults are filled, the year-0
state is set apart and identical candidates are merged into classes (they stay separate in the plan's tables).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.planning.candidates import Candidates, read_candidates
from zhenxing.planning.horizon import Horizon
from zhenxing.planning.locks import DoneState, Locks, read_done, read_locks
from zhenxing.town import PlanSettings, Town

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def positions(ids: Sequence[str], wanted: pd.Series) -> Ints:
    """Return the position of every wanted id in a list of ids (−1 where it is not in the list)."""
    return pd.Index(ids).get_indexer(pd.Index(wanted)).astype(np.int64)


def numbers(frame: pd.DataFrame, column: str) -> Floats:
    """Return a column as floats."""
    return frame[column].to_numpy(dtype=float)


@dataclass(frozen=True)
class Parks:
    """Parks: vacant land (mu), land price kept by the town (万元/mu), resettlement plot ratio."""

    ids: list[str]
    vacant_mu: Floats
    land_price: Floats
    resettlement_far: Floats


@dataclass(frozen=True)
class Sites:
    """Sites and who touches whom."""

    ids: list[str]
    park: Ints
    area_mu: Floats
    floor_m2: Floats
    is_seed: Flags
    neighbours: list[Ints]


@dataclass(frozen=True)
class SiteModes:
    """One entry per site and mode; starts in plan years ``first``..``last`` (none where last < first)."""

    site: Ints
    mode: list[str]
    park: Ints
    clears: Flags
    lead: Ints
    released_mu: Floats
    displaced_m2: Floats
    area_mu: Floats
    title_mu: Floats
    cost: Floats
    tax_gain: Floats
    value_added_gain: Floats
    above_scale_loss: Floats
    first: Ints
    last: Ints
    done_at: Floats  # plan year (<= 0) of the start that the year-0 state holds; nan where there is none


@dataclass(frozen=True)
class Works:
    """Public works of the reserve."""

    ids: list[str]
    cost: Floats
    lead: Ints
    tax_gain: Floats
    value_added_gain: Floats
    benefit: Floats
    requires: Ints
    first: Ints
    last: Ints
    done_at: Floats


@dataclass(frozen=True)
class Platforms:
    """Connected areas that a firm needing contiguous land can use."""

    ids: list[str]
    park: Ints
    area_mu: Floats
    sites: list[Ints]


@dataclass(frozen=True)
class Facilities:
    """Shared facilities that can be paid for, one entry per park and facility."""

    park: Ints
    facility: list[str]
    cost: Floats
    lead: Ints


@dataclass(frozen=True)
class Supplies:
    """Resources with a limit: one entry per park and resource, and what adds to it."""

    park: Ints
    resource: list[str]
    amount: Floats
    step_supply: Ints
    step_number: Ints
    step_adds: Floats
    step_cost: Floats
    step_lead: Ints
    site_mode: Ints
    site_mode_supply: Ints
    site_mode_amount: Floats
    work: Ints
    work_supply: Ints
    work_amount: Floats

    def find(self, park: Ints, resource: Sequence[str]) -> Ints:
        """Return the supply entry of each park and resource, −1 where the resource is unlimited."""
        key = pd.MultiIndex.from_arrays([self.park, np.asarray(self.resource, dtype=object)])
        if len(key) == 0:
            return np.full(len(park), -1, dtype=np.int64)
        return key.get_indexer(pd.MultiIndex.from_arrays([park, np.asarray(resource, dtype=object)])).astype(np.int64)


@dataclass(frozen=True)
class Budget:
    """The yearly limits, one entry per plan year."""

    own_funds: Floats
    debt_limit: Floats
    title_mu: Floats
    clear_mu: Floats
    effort: Floats
    committed: Floats


@dataclass(frozen=True)
class Chain:
    """Reward segments of the links, in order."""

    links: list[str]
    link: Ints
    size: Floats
    reward: Floats


@dataclass(frozen=True)
class Problem:
    """Everything a plan depends on, as arrays."""

    settings: PlanSettings
    horizon: Horizon
    parks: Parks
    sites: Sites
    modes: SiteModes
    works: Works
    platforms: Platforms
    candidates: Candidates
    facilities: Facilities
    supplies: Supplies
    budget: Budget
    chain: Chain
    targets: pd.DataFrame
    locks: Locks
    done: DoneState

    @cached_property
    def growth(self) -> bool:
        """Whether clearing must grow from seeds."""
        return self.settings.contiguity == "growth"


def read_problem(town: Town) -> Problem:
    """Return a town's plan data as arrays; the town must have passed ``check_inputs``."""
    settings = town.settings.plan
    if settings is None:
        raise TypeError("a plan needs [plan] settings")
    horizon = Horizon(settings)
    parks = _parks(town)
    sites = _sites(town, parks)
    done = read_done(town, horizon)
    modes = _site_modes(town, sites, horizon, done)
    works = _works(town, horizon, done)
    return Problem(
        settings=settings,
        horizon=horizon,
        parks=parks,
        sites=sites,
        modes=modes,
        works=works,
        platforms=_platforms(town, parks, sites),
        candidates=read_candidates(town, parks.ids, horizon, done),
        facilities=_facilities(town, parks),
        supplies=_supplies(town, parks, sites, modes, works),
        budget=_budget(town, horizon),
        chain=_chain(town),
        targets=_targets(town, parks, horizon),
        locks=read_locks(town, horizon),
        done=done,
    )


def _parks(town: Town) -> Parks:
    table = town.filled("parks")
    return Parks(
        list(table["park_id"]),
        numbers(table, "vacant_mu"),
        numbers(table, "land_price_wan_per_mu"),
        numbers(table, "resettlement_far"),
    )


def _sites(town: Town, parks: Parks) -> Sites:
    table = town.filled("sites")
    ids = list(table["site_id"])
    pairs = town.filled("site_neighbours")
    one, other = positions(ids, pairs["site_id"]), positions(ids, pairs["neighbour_id"])
    sets: list[set[int]] = [set() for _ in ids]
    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        if a != b:
            sets[a].add(b)
            sets[b].add(a)
    neighbours = [np.array(sorted(near), dtype=np.int64) for near in sets]
    seeds = table["is_seed"].to_numpy(dtype=bool)
    return Sites(
        ids,
        positions(parks.ids, table["park_id"]),
        numbers(table, "area_mu"),
        numbers(table, "floor_m2"),
        seeds,
        neighbours,
    )


def _site_modes(town: Town, sites: Sites, horizon: Horizon, done: DoneState) -> SiteModes:
    table = town.filled("site_modes")
    site = positions(sites.ids, table["site_id"])
    mode = list(table["mode"])
    done_at = np.array(
        [done.sites.get((sites.ids[s], m), np.nan) for s, m in zip(site, mode, strict=True)], dtype=float
    )
    finished = {name for name, _ in done.sites}
    open_site = (
        ~np.isin(np.asarray(sites.ids, dtype=object)[site], list(finished)) if len(site) else np.zeros(0, dtype=bool)
    )
    first, last = horizon.window(table["earliest_year"], table["latest_year"])
    return SiteModes(
        site=site,
        mode=mode,
        park=sites.park[site],
        clears=table["clears"].to_numpy(dtype=bool),
        lead=table["lead_years"].to_numpy(dtype=np.int64),
        released_mu=numbers(table, "released_share") * sites.area_mu[site],
        displaced_m2=numbers(table, "displaced_share") * sites.floor_m2[site],
        area_mu=sites.area_mu[site],
        title_mu=numbers(table, "title_mu"),
        cost=numbers(table, "public_cost_wan"),
        tax_gain=numbers(table, "annual_tax_gain_wan"),
        value_added_gain=numbers(table, "annual_value_added_gain_wan"),
        above_scale_loss=numbers(table, "above_scale_loss"),
        first=first,
        last=np.where(open_site, last, 0),
        done_at=done_at,
    )


def _works(town: Town, horizon: Horizon, done: DoneState) -> Works:
    table = town.filled("works")
    ids = list(table["work_id"])
    first, last = horizon.window(table["earliest_year"], table["latest_year"])
    done_at = np.array([done.works.get(name, np.nan) for name in ids], dtype=float)
    return Works(
        ids,
        numbers(table, "cost_wan"),
        table["lead_years"].to_numpy(dtype=np.int64),
        numbers(table, "annual_tax_gain_wan"),
        numbers(table, "annual_value_added_gain_wan"),
        numbers(table, "annual_benefit_wan"),
        positions(ids, table["requires_work_id"]),
        first,
        np.where(np.isnan(done_at), last, 0),
        done_at,
    )


def _platforms(town: Town, parks: Parks, sites: Sites) -> Platforms:
    table = town.filled("platforms")
    ids = list(table["platform_id"])
    members = town.filled("platform_sites")
    platform, site = positions(ids, members["platform_id"]), positions(sites.ids, members["site_id"])
    grouped = [np.unique(site[platform == k]) for k in range(len(ids))]
    return Platforms(ids, positions(parks.ids, table["park_id"]), numbers(table, "area_mu"), grouped)


def _facilities(town: Town, parks: Parks) -> Facilities:
    table = town.filled("facilities")
    return Facilities(
        positions(parks.ids, table["park_id"]),
        list(table["facility_id"]),
        numbers(table, "cost_wan"),
        table["lead_years"].to_numpy(dtype=np.int64),
    )


def _supplies(town: Town, parks: Parks, sites: Sites, modes: SiteModes, works: Works) -> Supplies:
    base = town.filled("park_supply")
    empty = np.empty(0, dtype=np.int64)
    bare = Supplies(
        positions(parks.ids, base["park_id"]), list(base["resource"]), numbers(base, "amount"),
        empty, empty, np.empty(0), np.empty(0), empty, empty, empty, np.empty(0), empty, empty, np.empty(0),
    )  # fmt: skip
    steps = town.filled("utility_steps").copy()
    steps["supply"] = bare.find(positions(parks.ids, steps["park_id"]), list(steps["resource"]))
    steps = steps.sort_values(["supply", "step"], kind="stable")
    useful = steps[steps["supply"] >= 0]  # steps of a resource without a supply row have no effect
    from_sites = town.filled("site_supplies")
    pair = _find_mode(sites, modes, from_sites["site_id"], from_sites["mode"])
    site_park = modes.park[pair] if len(pair) else empty
    site_supply = bare.find(site_park, list(from_sites["resource"]))
    from_works = town.filled("work_supplies")
    work = positions(works.ids, from_works["work_id"])
    work_supply = bare.find(positions(parks.ids, from_works["park_id"]), list(from_works["resource"]))
    by_site, by_work = site_supply >= 0, work_supply >= 0
    return Supplies(
        park=bare.park,
        resource=bare.resource,
        amount=bare.amount,
        step_supply=useful["supply"].to_numpy(dtype=np.int64),
        step_number=useful["step"].to_numpy(dtype=np.int64),
        step_adds=numbers(useful, "adds"),
        step_cost=numbers(useful, "cost_wan"),
        step_lead=useful["lead_years"].to_numpy(dtype=np.int64),
        site_mode=pair[by_site],
        site_mode_supply=site_supply[by_site],
        site_mode_amount=numbers(from_sites, "amount")[by_site],
        work=work[by_work],
        work_supply=work_supply[by_work],
        work_amount=numbers(from_works, "amount")[by_work],
    )


def _find_mode(sites: Sites, modes: SiteModes, site_id: pd.Series, mode: pd.Series) -> Ints:
    if len(site_id) == 0:
        return np.empty(0, dtype=np.int64)
    key = pd.MultiIndex.from_arrays([modes.site, np.asarray(modes.mode, dtype=object)])
    return key.get_indexer(
        pd.MultiIndex.from_arrays([positions(sites.ids, site_id), mode.to_numpy(dtype=object)])
    ).astype(np.int64)


def _budget(town: Town, horizon: Horizon) -> Budget:
    table = town.filled("budget").set_index("year")
    table.index = table.index.astype(int)
    missing = {
        "own_funds_wan": 0.0, "debt_limit_wan": 0.0, "title_capacity_mu": np.inf, "clear_capacity_mu": np.inf,
        "effort_months": np.inf, "committed_outlay_wan": 0.0,
    }  # fmt: skip
    by_year = table.reindex(horizon.calendar)
    rows = [
        np.asarray(by_year[column].astype(float).fillna(value), dtype=np.float64) for column, value in missing.items()
    ]
    return Budget(*rows)


def _chain(town: Town) -> Chain:
    table = town.filled("chain_rewards").sort_values(["link_id", "segment"], kind="stable")
    links = list(dict.fromkeys(table["link_id"]))
    return Chain(
        links, positions(links, table["link_id"]), numbers(table, "output_wan"), numbers(table, "reward_per_output")
    )


def _targets(town: Town, parks: Parks, horizon: Horizon) -> pd.DataFrame:
    table = town.filled("targets").copy()
    table["t"] = table["year"].astype(int) - horizon.base_year
    table["park"] = np.where(table["park_id"] == "", -1, positions(parks.ids, table["park_id"]))
    return table[(table["t"] >= 1) & (table["t"] <= horizon.length)].reset_index(drop=True)
