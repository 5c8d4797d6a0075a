"""What can never happen: sites nobody can reach, candidates that fit nowhere, followers without a leader."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from zhenxing.errors import Issue
from zhenxing.planning.consistency.inputs import Inputs, each_row, issue, row_ids


def site_without_modes(inputs: Inputs) -> list[Issue]:
    """A site without a mode is never started."""
    sites = inputs.table("sites")["site_id"]
    return issue(
        "warning", "site_without_modes", "sites", "site_id", sites[~sites.isin(inputs.ids("site_modes", "site_id"))]
    )


def unreachable_site(inputs: Inputs) -> list[Issue]:
    """Under growth a site is cleared one year after a neighbour at the earliest; some are never reached in time."""
    if inputs.settings.contiguity != "growth":
        return []
    modes = inputs.table("site_modes")
    clearing = modes[modes["clears"] & (modes["earliest_year"].clip(lower=inputs.first_year) <= modes["latest_year"])]
    reached = _earliest_clearing(inputs, clearing)
    done = set(inputs.done("site")["id"])
    lacking = [site for site in dict.fromkeys(clearing["site_id"]) if site not in reached and site not in done]
    return issue("warning", "unreachable_site", "sites", "site_id", lacking)


def _earliest_clearing(inputs: Inputs, clearing: pd.DataFrame) -> dict[str, float]:
    """Return the earliest year in which each site can be cleared, year by year outward from seeds and done sites."""
    windows: dict[str, list[tuple[float, float]]] = {}
    for row in each_row(clearing):
        windows.setdefault(row.site_id, []).append((row.earliest_year, row.latest_year))
    near: dict[str, set[str]] = {}
    for row in each_row(inputs.table("site_neighbours")):
        near.setdefault(row.site_id, set()).add(row.neighbour_id)
        near.setdefault(row.neighbour_id, set()).add(row.site_id)
    sites = inputs.table("sites")
    seeds = set(sites.loc[sites["is_seed"], "site_id"])
    modes = inputs.table("site_modes")
    clears = set(zip(modes.loc[modes["clears"], "site_id"], modes.loc[modes["clears"], "mode"], strict=True))
    done = inputs.done("site")
    reached = {
        str(site): float(inputs.settings.base_year)
        for site, mode in zip(done["id"], done["option"], strict=True)
        if (site, mode) in clears
    }
    for year in range(inputs.first_year, inputs.last_year + 1):
        for site, allowed in windows.items():
            open_now = site not in reached and any(first <= year <= last for first, last in allowed)
            led = site in seeds or any(reached.get(other, year) < year for other in near.get(site, ()))
            if open_now and led:
                reached[site] = year
    return reached


def followers_without_leader(inputs: Inputs) -> list[Issue]:
    """A follower whose link has no leader that could land can never land itself."""
    candidates = inputs.table("candidates")
    followers = candidates[candidates["follows_leader"] & ~candidates["is_leader"]]
    placed = inputs.ids("placements", "candidate_id")
    leaders = candidates[candidates["is_leader"] & (candidates["link_id"] != "")]
    links = set(leaders["link_id"])
    landable = set(leaders.loc[leaders["candidate_id"].isin(placed) & (leaders["count"] > 0), "link_id"])
    without = followers.loc[~followers["link_id"].isin(links), "candidate_id"]
    stranded = followers.loc[followers["link_id"].isin(links - landable), "candidate_id"]
    return issue("warning", "followers_without_leader", "candidates", "follows_leader", without) + issue(
        "warning", "leader_cannot_land", "candidates", "follows_leader", stranded
    )


def circular_followers(inputs: Inputs) -> list[Issue]:
    """Where every leader of a link is also marked as a follower, nobody leads: the mark on the leader is ignored."""
    candidates = inputs.table("candidates")
    leaders = candidates[candidates["is_leader"] & (candidates["link_id"] != "")]
    all_follow = leaders.groupby("link_id")["follows_leader"].all()
    links = all_follow[all_follow].index
    return issue("warning", "circular_followers", "candidates", "follows_leader", links)


def candidate_without_placements(inputs: Inputs) -> list[Issue]:
    """Only listed pairs of candidate and park are allowed."""
    candidates = inputs.table("candidates")["candidate_id"]
    lacking = candidates[~candidates.isin(inputs.ids("placements", "candidate_id"))]
    return issue("warning", "candidate_without_placements", "candidates", "candidate_id", lacking)


def candidate_fits_nowhere(inputs: Inputs) -> list[Issue]:
    """Land need above all a park can ever have, no platform large enough, or the facility in none of its parks."""
    candidates = inputs.table("candidates").drop_duplicates("candidate_id").set_index("candidate_id")
    places = inputs.table("placements")
    places = places[places["candidate_id"].isin(candidates.index)].reset_index(drop=True)
    needs = candidates.reindex(places["candidate_id"])[["min_contiguous_mu", "facility_id"]].reset_index(drop=True)
    most = _most_land(inputs).reindex(places["park_id"]).fillna(0.0).to_numpy()
    largest = inputs.table("platforms").groupby("park_id")["area_mu"].max().reindex(places["park_id"]).fillna(0.0)
    facilities = inputs.table("facilities")
    built = set(zip(facilities["park_id"], facilities["facility_id"], strict=True))
    standing = np.array(
        [pair in built for pair in zip(places["park_id"], needs["facility_id"], strict=True)], dtype=bool
    )
    reasons = {
        "land_fits_nowhere": places["land_mu"].to_numpy() > most + 1e-9,
        "platform_nowhere": needs["min_contiguous_mu"].to_numpy() > largest.to_numpy(),
        "facility_nowhere": (needs["facility_id"] != "").to_numpy() & ~standing,
    }
    issues = []
    for code, lacking in reasons.items():
        everywhere = pd.Series(lacking, index=places["candidate_id"]).groupby(level=0).all()
        issues += issue("warning", code, "placements", "candidate_id", everywhere[everywhere].index)
    return issues


def _most_land(inputs: Inputs) -> pd.Series[float]:
    """Return the land a park could have at most: vacant land and every site in the mode that releases most."""
    sites, modes = inputs.table("sites").drop_duplicates("site_id").set_index("site_id"), inputs.table("site_modes")
    share = modes.groupby("site_id")["released_share"].max()
    released = (share * sites["area_mu"]).groupby(sites["park_id"]).sum()
    parks = inputs.table("parks").drop_duplicates("park_id").set_index("park_id")["vacant_mu"]
    return parks.add(released, fill_value=0.0)


def supply_without_effect(inputs: Inputs) -> list[Issue]:
    """A resource without a park_supply row is unlimited there: adding to it has no effect."""
    supply = inputs.table("park_supply")
    known = set(zip(supply["park_id"], supply["resource"], strict=True))
    park = inputs.table("sites").drop_duplicates("site_id").set_index("site_id")["park_id"]
    issues = []
    for table, key in (
        ("utility_steps", ["park_id", "resource", "step"]),
        ("work_supplies", ["work_id", "park_id", "resource"]),
        ("site_supplies", ["site_id", "mode", "resource"]),
    ):
        rows = inputs.table(table)
        parks = park.reindex(rows["site_id"]).to_numpy() if table == "site_supplies" else rows["park_id"]
        held = np.array([pair in known for pair in zip(parks, rows["resource"], strict=True)], dtype=bool)
        issues += issue("warning", "supply_without_effect", table, "resource", row_ids(rows[~held], key))
    return issues


RULES: Final = (
    site_without_modes,
    unreachable_site,
    followers_without_leader,
    circular_followers,
    candidate_without_placements,
    candidate_fits_nowhere,
    supply_without_effect,
)
