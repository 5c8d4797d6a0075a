"""Candidates as arrays, with identical ones merged into classes.

Two candidates are identical when nothing a v1 plan looks at tells them apart; merging them removes symmetry and changes
neither what is allowed nor what it is worth. Candidates that a lock or the year-0 state names stay alone.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.planning.horizon import Horizon
from zhenxing.planning.locks import DoneState
from zhenxing.town import Town

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Columns that tell candidates apart in a v1 plan; name, firm_id, kind, jobs and shared_id have no effect on it.
DECISIVE = [
    "link_id", "annual_tax_wan", "annual_value_added_wan", "annual_output_wan", "investment_wan", "probability",
    "effort_months", "subsidy_wan", "first_year", "last_year", "is_leader", "follows_leader", "min_contiguous_mu",
    "facility_id", "becomes_above_scale", "pays_land",
]  # fmt: skip


@dataclass(frozen=True)
class Candidates:
    """Classes of identical candidates, where each may land, and what it uses there.

    Attributes
    ----------
    members : list of list of (candidate_id, count)
        The candidates of each class with the count that the plan may still land.
    room : array of int
        How many of a class the plan may land in all; ``count`` includes those that are there already.
    first, last : arrays of int
        Window of landings in plan years.
    placement_class, placement_park, placement_land, placement_fit : arrays
        One entry per class and park where it may land.
    use_class, use_park, use_resource, use_amount : arrays
        What one firm of a class uses in a park, the park's own row winning over the general one.
    present_class, present_park, present_count, present_land : arrays
        Firms landed before the plan (rule 12).
    """

    members: list[list[tuple[str, int]]]
    link: list[str]
    room: Ints
    count: Ints
    tax: Floats
    value_added: Floats
    output: Floats
    investment: Floats
    probability: Floats
    effort: Floats
    subsidy: Floats
    first: Ints
    last: Ints
    is_leader: Flags
    follows_leader: Flags
    min_contiguous_mu: Floats
    facility: list[str]
    above_scale: Flags
    pays_land: Flags
    placement_class: Ints
    placement_park: Ints
    placement_land: Floats
    placement_fit: Floats
    use_class: Ints
    use_park: Ints
    use_resource: list[str]
    use_amount: Floats
    present_class: Ints
    present_park: Ints
    present_count: Ints
    present_land: Floats

    def class_of(self, candidate_id: str) -> int:
        """Return the class of a candidate that a lock names (such a candidate is alone in its class)."""
        return next(k for k, members in enumerate(self.members) if any(name == candidate_id for name, _ in members))


def read_candidates(town: Town, park_ids: list[str], horizon: Horizon, done: DoneState) -> Candidates:
    """Return a town's candidates as classes."""
    table = town.filled("candidates").reset_index(drop=True)
    placements = _by_candidate(town.filled("placements"), ["park_id", "land_mu", "fit_wan"])
    uses = _by_candidate(town.filled("candidate_uses"), ["resource", "park_id", "amount"])
    locks = town["locks"]
    named = set(locks.loc[locks["subject"] == "candidate", "id"]) if len(locks) else set()

    classes: dict[object, list[int]] = defaultdict(list)
    attributes = list(zip(*(table[column].tolist() for column in DECISIVE), strict=True)) if len(table) else []
    ids = table["candidate_id"].tolist()
    for row, name in enumerate(ids):
        key: object = name if name in named else (attributes[row], placements.get(name, ()), uses.get(name, ()))
        classes[key].append(row)
    groups = list(classes.values())

    there: dict[str, int] = defaultdict(int)
    for (name, _), count in done.landings.items():
        there[name] += count
    counts = table["count"].astype(int).tolist()
    members = [[(ids[row], counts[row] - there.get(ids[row], 0)) for row in group] for group in groups]
    lead = table.iloc[[group[0] for group in groups]]
    first, last = horizon.window(lead["first_year"], lead["last_year"])
    park_position = {park: i for i, park in enumerate(park_ids)}
    spots: list[tuple[int, int, float, float]] = [
        (k, park_position[str(park)], float(str(land)), float(str(fit)))
        for k, group in enumerate(groups)
        for park, land, fit in placements.get(ids[group[0]], ())
    ]
    used = _uses(groups, ids, uses, spots, park_ids)
    class_of = {ids[row]: k for k, group in enumerate(groups) for row in group}
    land_of = {(k, park): land for k, park, land, _ in spots}
    present = [
        (class_of[name], park_position[park], count, land_of[class_of[name], park_position[park]])
        for (name, park), count in done.landings.items()
    ]
    return Candidates(
        members=members,
        link=lead["link_id"].tolist(),
        room=np.array([sum(count for _, count in group) for group in members], dtype=np.int64),
        count=np.array([sum(counts[row] for row in group) for group in groups], dtype=np.int64),
        tax=_floats(lead, "annual_tax_wan"),
        value_added=_floats(lead, "annual_value_added_wan"),
        output=_floats(lead, "annual_output_wan"),
        investment=_floats(lead, "investment_wan"),
        probability=_floats(lead, "probability"),
        effort=_floats(lead, "effort_months"),
        subsidy=_floats(lead, "subsidy_wan"),
        first=first,
        last=last,
        is_leader=lead["is_leader"].to_numpy(dtype=bool),
        follows_leader=lead["follows_leader"].to_numpy(dtype=bool),
        min_contiguous_mu=_floats(lead, "min_contiguous_mu"),
        facility=lead["facility_id"].tolist(),
        above_scale=lead["becomes_above_scale"].to_numpy(dtype=bool),
        pays_land=lead["pays_land"].to_numpy(dtype=bool),
        placement_class=np.array([spot[0] for spot in spots], dtype=np.int64),
        placement_park=np.array([spot[1] for spot in spots], dtype=np.int64),
        placement_land=np.array([spot[2] for spot in spots], dtype=float),
        placement_fit=np.array([spot[3] for spot in spots], dtype=float),
        use_class=np.array([use[0] for use in used], dtype=np.int64),
        use_park=np.array([use[1] for use in used], dtype=np.int64),
        use_resource=[use[2] for use in used],
        use_amount=np.array([use[3] for use in used], dtype=float),
        present_class=np.array([row[0] for row in present], dtype=np.int64),
        present_park=np.array([row[1] for row in present], dtype=np.int64),
        present_count=np.array([row[2] for row in present], dtype=np.int64),
        present_land=np.array([row[3] for row in present], dtype=float),
    )


def _floats(frame: pd.DataFrame, column: str) -> Floats:
    return frame[column].to_numpy(dtype=float)


def _by_candidate(frame: pd.DataFrame, columns: list[str]) -> dict[str, tuple[tuple[object, ...], ...]]:
    found: dict[str, list[tuple[object, ...]]] = defaultdict(list)
    for name, *rest in zip(frame["candidate_id"], *(frame[column] for column in columns), strict=True):
        found[name].append(tuple(rest))
    return {name: tuple(sorted(rows, key=repr)) for name, rows in found.items()}


def _uses(
    groups: list[list[int]],
    ids: list[str],
    uses: dict[str, tuple[tuple[object, ...], ...]],
    spots: list[tuple[int, int, float, float]],
    park_ids: list[str],
) -> list[tuple[int, int, str, float]]:
    parks_of: dict[int, list[int]] = defaultdict(list)
    for k, park, _, _ in spots:
        parks_of[k].append(park)
    result = []
    for k, group in enumerate(groups):
        rows = uses.get(ids[group[0]], ())
        general = {resource: amount for resource, park, amount in rows if park == ""}
        own = {(resource, park): amount for resource, park, amount in rows if park != ""}
        resources = dict.fromkeys(resource for resource, _, _ in rows)
        for park in parks_of[k]:
            for resource in resources:
                amount = own.get((resource, park_ids[park]), general.get(resource))
                if amount is not None:
                    result.append((k, park, str(resource), float(str(amount))))
    return result
