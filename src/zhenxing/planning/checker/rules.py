"""Rules 1 to 8 of the plan model, one function each, checked from the town's and the plan's tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from zhenxing.planning.checker.decisions import Decisions
from zhenxing.planning.checker.facts import Facts
from zhenxing.planning.checker.money import Flows, money_table
from zhenxing.planning.checker.progress import Progress, group_sum
from zhenxing.planning.checker.violations import Findings, FloatArray, differs, exceeds
from zhenxing.planning.consistency.inputs import each_row


def sites_and_works(facts: Facts, decisions: Decisions, progress: Progress, found: Findings) -> None:
    """Rule 1: a site starts once, in its window; a work starts in its window and not before what it requires."""
    sites = facts.sites["site_id"]
    total = group_sum(facts.options["site_id"], progress.started, sites)[:, -1:]
    _compare(found, 1, "plan_sites", sites, None, total, np.ones_like(total), "site_twice")
    names = _pair(facts.options["site_id"], facts.options["mode"])
    _window(facts, found, "plan_sites", names, facts.options, decisions.starts)
    works = facts.works
    _window(facts, found, "plan_works", works["work_id"], works, decisions.works)
    row = {work: number for number, work in enumerate(works["work_id"])}
    for number, required in enumerate(works["requires_work_id"]):
        if required and required in row and np.isnan(facts.done_works[number]):
            left, right = progress.works_started[[number], 1:], progress.works_started[[row[required]], 1:]
            ids = works["work_id"].iloc[[number]]
            _compare(found, 1, "plan_works", ids, facts.plan_years, left, right, "requires_work", required=required)


def contiguity(facts: Facts, progress: Progress, found: Findings) -> None:
    """Rule 2 (``growth``): a site that is no seed clears only after a neighbour did, by the year before."""
    if facts.settings.contiguity != "growth":
        return
    sites = facts.sites["site_id"]
    clearing = facts.options["clears"].to_numpy(dtype=bool)
    cleared = group_sum(facts.options["site_id"][clearing], progress.started[clearing], sites)
    row = {site: number for number, site in enumerate(sites)}
    near = np.zeros_like(cleared)
    pairs = {(row[pair.site_id], row[pair.neighbour_id]) for pair in each_row(facts.neighbours)}
    for one, other in pairs | {(other, one) for one, other in pairs}:
        near[one] += cleared[other]
    done = set(facts.options["site_id"][np.isfinite(facts.done_starts)])
    bound = ~(facts.sites["is_seed"].to_numpy(dtype=bool) | sites.isin(done).to_numpy())
    left, right = cleared[bound, 1:], near[bound, :-1]
    _compare(found, 2, "plan_sites", sites[bound], facts.plan_years, left, right, "contiguity")


def landing_counts(facts: Facts, decisions: Decisions, progress: Progress, found: Findings) -> None:
    """Rule 3, first part: no more firms than there are, and only in the candidate's window."""
    candidates, placements = facts.candidates, facts.placements
    landed = group_sum(placements["candidate_id"], progress.landed, candidates["candidate_id"])[:, -1:]
    limit = candidates["count"].to_numpy()[:, None]
    _compare(found, 3, "plan_landings", candidates["candidate_id"], None, landed, limit, "landed_too_many")
    window = placements.rename(columns={"first_year": "earliest_year", "last_year": "latest_year"})
    _window(facts, found, "plan_landings", _placement_names(facts), window, decisions.landings)


def platforms(facts: Facts, progress: Progress, found: Findings) -> None:
    """Rule 3, contiguous land: a firm that needs it lands only in a park with a large enough assembled platform."""
    placements = facts.placements
    needing = placements["min_contiguous_mu"].to_numpy() > 0
    park, area = facts.platforms["park_id"].to_numpy(), facts.platforms["area_mu"].to_numpy()
    ready = np.zeros_like(progress.landed)
    for number in np.flatnonzero(needing):
        place = placements.iloc[number]
        fitting = (park == place["park_id"]) & (area >= place["min_contiguous_mu"])
        ready[number] = place["count"] * progress.assembled[fitting].sum(axis=0)
    _bind_landing(facts, progress, found, needing, ready, "platform")


def leaders(facts: Facts, progress: Progress, found: Findings) -> None:
    """Rule 3, followers: a follower lands only when a leader of its link has landed somewhere."""
    candidates, placements = facts.candidates, facts.placements
    landed = group_sum(placements["candidate_id"], progress.landed, candidates["candidate_id"])
    here = group_sum(placements["candidate_id"], facts.done_landings[:, None], candidates["candidate_id"])
    leading = (candidates["is_leader"] & (candidates["link_id"] != "")).to_numpy(dtype=bool)
    # a leader that also follows counts itself and is never held back
    following = (candidates["follows_leader"] & ~candidates["is_leader"]).to_numpy(dtype=bool)
    links = pd.Series(candidates["link_id"].unique(), dtype=object)
    by_link = group_sum(candidates["link_id"][leading], landed[leading], links)
    led = by_link[pd.Index(links).get_indexer(pd.Index(candidates["link_id"]))]
    limit = candidates["count"].to_numpy()[:, None] * led
    left, right = (landed - here)[following, 1:], limit[following, 1:]
    ids = candidates["candidate_id"][following]
    _compare(found, 3, "plan_landings", ids, facts.plan_years, left, right, "leader")


def facility_needs(facts: Facts, progress: Progress, found: Findings) -> None:
    """Rule 3, facilities: a firm that needs one lands only where it stands by then."""
    placements = facts.placements
    needing = (placements["facility_id"] != "").to_numpy(dtype=bool)
    known = zip(facts.facilities["park_id"], facts.facilities["facility_id"], strict=True)
    position = {key: row for row, key in enumerate(known)}
    limit = np.zeros_like(progress.landed)
    for number in np.flatnonzero(needing):
        place = placements.iloc[number]
        row = position.get((place["park_id"], place["facility_id"]))
        if row is not None:
            limit[number] = place["count"] * progress.facilities_open[row]
    _bind_landing(facts, progress, found, needing, limit, "facility")


def land(balance: pd.DataFrame, found: Findings) -> None:
    """Rule 4: firms and resettled floor fit on vacant and released land."""
    left = balance["firms_mu"] + balance["resettlement_mu"]
    _balance(
        found,
        4,
        "plan_landings",
        balance,
        balance["park_id"],
        left,
        balance["vacant_mu"] + balance["released_mu"],
        "land",
    )


def resettlement(balance: pd.DataFrame, found: Findings) -> None:
    """Rule 5: all displaced floor is resettled or has left with compensation."""
    right = balance["resettled_m2"] + balance["exited_m2"]
    _balance(found, 5, "plan_resettlement", balance, balance["park_id"], balance["displaced_m2"], right, "resettlement")


def utilities(facts: Facts, progress: Progress, balance: pd.DataFrame, found: Findings) -> None:
    """Rule 6: use stays within supply, and utility steps are taken in the order of their numbers."""
    ids = _pair(balance["park_id"], balance["resource"])
    _balance(found, 6, "plan_landings", balance, ids, balance["use"], balance["supply"], "resource")
    steps = facts.utility_steps
    if len(steps) < 2:
        return
    same = (steps["park_id"].eq(steps["park_id"].shift()) & steps["resource"].eq(steps["resource"].shift())).to_numpy()
    later, earlier = progress.steps_paid[same, 1:], progress.steps_paid[:-1][same[1:], 1:]
    names = steps["park_id"] + " / " + steps["resource"] + " / " + steps["step"].map("{:g}".format)
    _compare(found, 6, "plan_utilities", names[same], facts.plan_years, later, earlier, "step_order")


def capacities(balance: pd.DataFrame, found: Findings) -> None:
    """Rule 7: titles, clearing and recruiting effort of a year stay within that year's capacity."""
    for table, left, right in (
        ("plan_sites", "title_mu", "title_capacity_mu"),
        ("plan_sites", "cleared_mu", "clear_capacity_mu"),
        ("plan_landings", "effort_months", "effort_capacity_months"),
    ):
        ids = pd.Series([left] * len(balance))
        _balance(found, 7, table, balance, ids, balance[left], balance[right], f"capacity_{left}")


def money(facts: Facts, decisions: Decisions, recomputed: Flows, found: Findings) -> None:
    """Rule 8: cash follows from income, outlay and debt; debt keeps to its limit; reported columns are right.

    The cash inequality is compared with all that is paid on the left and all that comes in on the right, so that the
    tolerance is relative to the money that moves and not to a difference near zero.
    """
    table = money_table(facts, decisions, recomputed)
    debt, cash = decisions.debt, decisions.cash
    paid = cash[1:] + table["outlay_wan"] + debt[:-1] + table["interest_wan"]
    income = table["own_funds_wan"] + table["land_income_wan"] + table["retained_tax_wan"]
    years = pd.Series([""] * len(table))
    _balance(found, 8, "plan_finance", table, years, paid, income + cash[:-1] + debt[1:], "cash")
    zero = pd.Series(np.zeros(len(table)))
    _balance(found, 8, "plan_finance", table, years, -table["cash_wan"], zero, "cash_negative")
    _balance(found, 8, "plan_finance", table, years, -table["debt_wan"], zero, "debt_negative")
    limit = pd.Series(recomputed.debt_limit[1:])
    _balance(found, 8, "plan_finance", table, years, table["debt_wan"], limit, "debt_limit")
    for column in ("own_funds_wan", "land_income_wan", "retained_tax_wan", "outlay_wan", "interest_wan"):
        for t, reported in decisions.reported[column].items():
            expected = float(table[column].iloc[int(str(t)) - 1])
            if differs(float(reported), expected):
                found.add(
                    8, "plan_finance", column, facts.base_year + int(str(t)), (reported, expected), "finance_column"
                )


def _window(
    facts: Facts, found: Findings, table: str, names: pd.Series[str], window: pd.DataFrame, added: FloatArray
) -> None:
    for number, t in np.argwhere(added > 0):
        year = facts.base_year + int(t)
        first, last = window["earliest_year"].iloc[number], window["latest_year"].iloc[number]
        if not first <= year <= last:
            sides = (year, first) if year < first else (year, last)
            rule = 3 if table == "plan_landings" else 1
            found.add(rule, table, names.iloc[number], year, sides, "window", first=f"{first:g}", last=f"{last:g}")


def _bind_landing(
    facts: Facts, progress: Progress, found: Findings, rows: np.ndarray, limit: FloatArray, key: str
) -> None:
    """Compare what lands in the plan (not what is done) with a limit per placement."""
    left = (progress.landed - facts.done_landings[:, None])[rows, 1:]
    names = _placement_names(facts)[rows]
    _compare(found, 3, "plan_landings", names, facts.plan_years, left, limit[rows, 1:], key)


def _compare(
    found: Findings,
    rule: int,
    table: str,
    ids: pd.Series[str],
    years: Sequence[int] | None,
    left: FloatArray,
    right: FloatArray,
    key: str,
    **values: object,
) -> None:
    """Report where left exceeds right; rows are ids, columns are years (or one column for the whole plan)."""
    for number, t in np.argwhere(exceeds(left, right)):
        year = None if years is None else years[t]
        found.add(rule, table, ids.iloc[number], year, (left[number, t], right[number, t]), key, **values)


def _balance(
    found: Findings,
    rule: int,
    table: str,
    balance: pd.DataFrame,
    ids: pd.Series[str],
    left: pd.Series[float],
    right: pd.Series[float],
    key: str,
) -> None:
    """Report where the left column exceeds the right one in a table with a year column."""
    sides: FloatArray = np.column_stack([left.to_numpy(dtype=float), right.to_numpy(dtype=float)])
    for number in np.flatnonzero(exceeds(sides[:, 0], sides[:, 1])):
        year = int(balance["year"].iloc[number])
        found.add(rule, table, str(ids.iloc[number]), year, (sides[number, 0], sides[number, 1]), key)


def _pair(one: pd.Series[str], other: pd.Series[str]) -> pd.Series[str]:
    return one + " / " + other


def _placement_names(facts: Facts) -> pd.Series[str]:
    return _pair(facts.placements["candidate_id"], facts.placements["park_id"])
