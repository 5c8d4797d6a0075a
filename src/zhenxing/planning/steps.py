"""A plan as a list of steps, each with its column of the model: what starts, lands or is paid for, where and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing import schema
from zhenxing.milp import Block
from zhenxing.planning.formulation import Formulation
from zhenxing.planning.variation import Ints
from zhenxing.town import Town

SUBJECTS = ("site", "candidate", "work", "facility", "utility")


@dataclass(frozen=True, order=True)
class Step:
    """One step of a plan in a calendar year.

    ``option`` is the mode of a site and the park of a candidate, facility or utility step; the id of a utility step is
    ``resource/number``.
    """

    subject: str
    id: str
    option: str
    year: int
    count: int = 1

    @property
    def unit(self) -> tuple[str, str, str]:
        """What the step is about: facilities and utility steps of two parks are two things."""
        return (self.subject, self.id, self.option if self.subject in ("facility", "utility") else "")


def steps_of(tables: Mapping[str, pd.DataFrame]) -> list[Step]:
    """Return the steps of plan tables, years in calendar years."""
    return merged(_listed(tables))


def _listed(tables: Mapping[str, pd.DataFrame]) -> Iterator[Step]:
    for row in tables["plan_sites"].to_dict("records"):
        yield Step("site", str(row["site_id"]), str(row["mode"]), int(row["start_year"]))
    for row in tables["plan_landings"].to_dict("records"):
        yield Step("candidate", str(row["candidate_id"]), str(row["park_id"]), int(row["year"]), int(row["count"]))
    for row in tables["plan_works"].to_dict("records"):
        yield Step("work", str(row["work_id"]), "", int(row["start_year"]))
    for row in tables["plan_facilities"].to_dict("records"):
        yield Step("facility", str(row["facility_id"]), str(row["park_id"]), int(row["year"]))
    for row in tables["plan_utilities"].to_dict("records"):
        yield Step("utility", f"{row['resource']}/{row['step']}", str(row["park_id"]), int(row["year"]))


def merged(steps: Iterable[Step]) -> list[Step]:
    """Return the steps with those that differ in their count only added up."""
    counts: dict[tuple[str, str, str, int], int] = defaultdict(int)
    for step in steps:
        counts[step.subject, step.id, step.option, step.year] += step.count
    return [Step(*key, count) for key, count in sorted(counts.items()) if count > 0]


def yearly_blocks(formulation: Formulation) -> Iterator[tuple[str, Block, list[tuple[str, str]]]]:
    """Yield what is built once in some year: its subject, its columns (entry, year), id and option of each entry."""
    problem, decisions = formulation.problem, formulation.decisions
    facilities, supplies, parks = problem.facilities, problem.supplies, problem.parks.ids
    yield "work", decisions.work, [(name, "") for name in problem.works.ids]
    owners = zip(facilities.park.tolist(), facilities.facility, strict=True)
    yield "facility", decisions.facility, [(name, parks[park]) for park, name in owners]
    steps = zip(supplies.step_supply.tolist(), supplies.step_number.tolist(), strict=True)
    names = [(f"{supplies.resource[supply]}/{number}", parks[supplies.park[supply]]) for supply, number in steps]
    yield "utility", decisions.step, names


class Places:
    """Where each step stands in a town's model; ``now`` is a plan as its solution, where one is talked about."""

    def __init__(self, formulation: Formulation, now: npt.NDArray[np.float64] | None = None) -> None:
        self.now = now
        problem, decisions = formulation.problem, formulation.decisions
        self.formulation = formulation
        self.class_of = {name: k for k, members in enumerate(problem.candidates.members) for name, _ in members}
        self.columns: dict[tuple[str, str, str, int], int] = {}
        base, parks = problem.horizon.base_year, problem.parks.ids
        start, land = decisions.start, decisions.land
        for i, (site, mode, year) in enumerate(
            zip(start.labels["site_id"], start.labels["mode"], start.labels["year"], strict=True)
        ):
            self.columns["site", str(site), str(mode), int(str(year))] = start.start + i
        for i in range(land.size):
            key = ("candidate", str(decisions.land_class[i]), parks[decisions.land_park[i]])
            self.columns[(*key, int(decisions.land_year[i]) + base)] = land.start + i
        for subject, block, names in yearly_blocks(formulation):
            for i, (name, option) in enumerate(names):
                for t in range(problem.horizon.length):
                    self.columns[subject, name, option, base + 1 + t] = int(block.at(i, t))

    def key(self, step: Step) -> tuple[str, str, str, int]:
        """Return a step's key: candidates go by their class."""
        if step.subject == "candidate":
            return ("candidate", str(self.class_of.get(step.id, -1)), step.option, step.year)
        return (step.subject, step.id, step.option, step.year)

    def column(self, step: Step) -> int | None:
        """Return the column of a step; None where the town does not allow it."""
        at = self.columns.get(self.key(step))
        return at if at is not None and self.formulation.model.upper[at] > 0.5 else None

    def without_effect(self, step: Step) -> bool:
        """Whether a step is a utility step of a resource that the park has no limit of: it has no column."""
        if step.subject != "utility":
            return False
        supplies, parks = self.formulation.problem.supplies, self.formulation.problem.parks.ids
        limited = {(parks[park], name) for park, name in zip(supplies.park.tolist(), supplies.resource, strict=True)}
        return (step.option, step.id.rpartition("/")[0]) not in limited

    def of_unit(self, step: Step) -> Ints:
        """Return all columns of what a step is about (all of its class for a candidate)."""
        wanted = (step.subject, self.key(step)[1])
        parks = step.subject in ("facility", "utility")
        return np.array(
            [
                at
                for (subject, name, option, _), at in self.columns.items()
                if (subject, name) == wanted and (not parks or option == step.option)
            ],
            dtype=np.int64,
        )

    def amounts(self, steps: Iterable[Step]) -> npt.NDArray[np.float64]:
        """Return a vector with the steps that have a column; others are left out."""
        whole = np.zeros(len(self.formulation.model.cost))
        for step in steps:
            at = self.column(step)
            if at is not None:
                whole[at] += step.count
        return whole


def relabelled(
    formulation: Formulation, tables: Mapping[str, pd.DataFrame], known: Iterable[Step]
) -> dict[str, pd.DataFrame]:
    """Return plan tables in which identical candidates keep the landings they are known by.

    Parameters
    ----------
    known : iterable of Step
        Landings that happened or were planned, the more binding first.
    """
    places = Places(formulation)
    room = {name: count for members in formulation.problem.candidates.members for name, count in members}
    cells: dict[tuple[int, str, int], int] = defaultdict(int)
    for row in tables["plan_landings"].to_dict("records"):
        k = places.class_of[str(row["candidate_id"])]
        cells[k, str(row["park_id"]), int(row["year"])] += int(row["count"])
    rows: dict[tuple[str, str, int], int] = defaultdict(int)
    named = []
    for step in known:
        k = places.class_of.get(step.id, -1) if step.subject == "candidate" else -1
        taken = min(step.count, cells.get((k, step.option, step.year), 0), room.get(step.id, 0))
        named.append(step.id)
        if taken > 0:
            cells[k, step.option, step.year] -= taken
            room[step.id] -= taken
            rows[step.id, step.option, step.year] += taken
    was_known = set(named)
    for (k, park, year), count in sorted(cells.items(), key=lambda cell: (cell[0][2], cell[0][1], cell[0][0])):
        # a candidate that was to land elsewhere moves before one that was to stay away comes
        members = sorted(formulation.problem.candidates.members[k], key=lambda member: member[0] not in was_known)
        for name, _ in members:
            taken = min(count, room[name])
            if taken > 0:
                rows[name, park, year] += taken
                room[name] -= taken
                count -= taken
    frame = pd.DataFrame(
        [(name, park, year, count) for (name, park, year), count in rows.items()],
        columns=["candidate_id", "park_id", "year", "count"],
    ).sort_values(["year", "candidate_id", "park_id"], kind="stable")
    return {**tables, "plan_landings": schema.conform("plan_landings", frame.reset_index(drop=True))[0]}


def names_of(town: Town) -> dict[tuple[str, str], str]:
    """Return the names that people gave to sites, candidates and works, by subject and id."""
    found: dict[tuple[str, str], str] = {}
    homes = (("site", "sites", "site_id"), ("candidate", "candidates", "candidate_id"), ("work", "works", "work_id"))
    for subject, table, key in homes:
        frame = town.filled(table)
        found |= {(subject, str(i)): str(name) for i, name in zip(frame[key], frame["name"], strict=True)}
    return found
