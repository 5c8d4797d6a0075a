"""The smallest repair: by how much which limits must give way so that a wish becomes possible.

An elastic model lets every limit a person can change give way at the price of its relative size (``limits``). Held to
the plan outside the wish, it says what stands in the way as the plan stands; with everything free, what would have to
change for any plan to allow the wish.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from zhenxing import schema
from zhenxing.milp import Compiled
from zhenxing.milp.highs import Effort, solve_mip
from zhenxing.planning.explain.elastic import LIFTED, STRENGTHENING, Limit, limits_of
from zhenxing.planning.explain.wishes import Wish, pose
from zhenxing.planning.explain.words import Names
from zhenxing.planning.explain.worth import with_rows
from zhenxing.planning.formulation import Formulation, formulate
from zhenxing.planning.problem import read_problem
from zhenxing.town import Town

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# Amounts are told to this many decimals, rounded up: a repair must be enough.
DECIMALS = 6
SMALLEST = 1e-6


@dataclass(frozen=True)
class Blocker:
    """A limit that takes the space of a wish, and by how much it would have to give way.

    Attributes
    ----------
    rule, table, row_id : str
        The rule, the table and the row of it (several key parts joined by ``/``; locks by their row number).
    amount : float
        In the limit's own unit: mu, 万元, person-months, years of a window, pieces; 1 for what is lifted as a whole.
    column : str
        The column to change.
    """

    rule: str
    table: str
    row_id: str
    amount: float
    column: str

    def record(self) -> dict[str, object]:
        """Return rule, table, row_id and amount, ready for JSON."""
        return {"rule": self.rule, "table": self.table, "row_id": self.row_id, "amount": self.amount}


@dataclass(frozen=True, eq=False)
class Repair:
    """What must give way, and whether nothing smaller would do."""

    blockers: tuple[Blocker, ...]
    smallest: bool
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, eq=False)
class Loose:
    """A town in which the windows and placements of a wish's subject are open, and what using them counts."""

    town: Town
    formulation: Formulation
    prices: tuple[tuple[int, Blocker, float], ...]


def loosen(town: Town, wish: Wish, names: Names) -> Loose:
    """Return the town with the windows of a wish's subject opened to the whole horizon."""
    open_town = _opened(town, wish)
    formulation = formulate(read_problem(open_town), rings=False, reach=False)
    used = []
    if wish.rule in ("must", "start_by") and wish.subject in ("site", "candidate", "work"):
        used = list(_outside(town, formulation, wish))
    return Loose(open_town, formulation, tuple(used))


def smallest_repair(
    formulation: Formulation,
    wish: Wish,
    names: Names,
    seconds: float,
    *,
    solution: Floats | None,
    fixed: bool,
    prices: Sequence[tuple[int, Blocker, float]] = (),
    seed: int = 0,
) -> Repair:
    """Return the smallest repair that makes a wish possible.

    Parameters
    ----------
    formulation : Formulation
        The town's, or a loosened one with its ``prices``.
    solution : array or None
        The plan as a solution of the formulation.
    fixed : bool
        Hold everything but the wish's subject at the plan: what stands in the way as the plan stands.
    """
    posed = pose(formulation, wish, names)
    model = with_rows(formulation.model, posed.change.added)
    limits = limits_of(formulation, wish, model, conditions=fixed)
    elastic = _elastic(model, limits, prices)
    width, deadline = len(formulation.model.cost), time.perf_counter() + seconds
    start = None
    if solution is not None:
        held = np.zeros(len(elastic.cost), dtype=bool)
        held[:width] = formulation.model.integer
        held[posed.change.focus] = False
        if wish.subject == "target":
            held[:] = False
        whole = np.concatenate([solution, np.zeros(len(limits))])
        lower, upper = np.where(held, whole, elastic.lower), np.where(held, whole, elastic.upper)
        answer = solve_mip(
            elastic, Effort(seconds=max(seconds / 2, 0.1), gap=1e-6, seed=seed), lower=lower, upper=upper
        )
        start = answer.solution
        if fixed:
            if answer.solution is None:
                return Repair((), False)
            return Repair(*_told(answer.solution, answer.status == "optimal", limits, prices, width))
    left = max(deadline - time.perf_counter(), 0.1)
    answer = solve_mip(elastic, Effort(seconds=left, gap=1e-6, seed=seed), start=start)
    if answer.solution is None:
        return Repair((), answer.status == "infeasible")
    return Repair(*_told(answer.solution, answer.status == "optimal", limits, prices, width))


def _elastic(model: Compiled, limits: Sequence[Limit], prices: Sequence[tuple[int, Blocker, float]]) -> Compiled:
    """Return the model whose only aim is that limits give way as little as possible."""
    height, width = model.matrix.shape
    at = np.concatenate([limit.rows for limit in limits]) if limits else np.empty(0, dtype=np.int64)
    owner = np.repeat(np.arange(len(limits)), [len(limit.rows) for limit in limits])
    values = np.concatenate([limit.values for limit in limits]) if limits else np.empty(0)
    give = sparse.coo_array((values, (at, owner)), shape=(height, len(limits)))
    cost = np.concatenate([np.zeros(width), [-limit.price for limit in limits]])
    for column, _, price in prices:
        cost[column] -= price
    upper = model.upper.copy()
    for limit in limits:
        if limit.rule == "count":
            line = model.matrix[[int(limit.rows[0])], :].tocoo()
            upper[np.asarray(line.coords[1])] += 1000.0
    row_upper = model.row_upper.copy()
    for name, block in model.rows.items():
        if name.startswith(STRENGTHENING) and name != "growth_ring_1":
            row_upper[block.span] = np.inf
    return replace(
        model,
        matrix=sparse.csc_array(sparse.hstack([model.matrix, give], format="csc")),
        cost=cost,
        offset=0.0,
        lower=np.concatenate([model.lower, np.zeros(len(limits))]),
        upper=np.concatenate([upper, np.full(len(limits), np.inf)]),
        integer=np.concatenate([model.integer, [limit.whole for limit in limits]]).astype(bool),
        row_upper=row_upper,
    )


def _told(
    solution: Floats, proved: bool, limits: Sequence[Limit], prices: Sequence[tuple[int, Blocker, float]], width: int
) -> tuple[tuple[Blocker, ...], bool, tuple[Limit, ...]]:
    used = [(limit, float(amount)) for limit, amount in zip(limits, solution[width:], strict=True) if amount > SMALLEST]
    found = [
        Blocker(limit.rule, limit.table, limit.row_id, 1.0 if _lifted(limit) else _up(amount), limit.column)
        for limit, amount in used
    ]
    outside = dict.fromkeys(blocker for column, blocker, _ in prices if solution[column] > 0.5)
    return (*outside, *found), proved, tuple(limit for limit, _ in used)


def _lifted(limit: Limit) -> bool:
    return limit.whole and limit.rule != "count"


def _up(amount: float) -> float:
    return float(math.ceil(amount * 10**DECIMALS - 1e-3) / 10**DECIMALS)


# ---- windows and placements


WINDOWS = {
    "site": ("site_modes", "site_id", "earliest_year", "latest_year"),
    "candidate": ("candidates", "candidate_id", "first_year", "last_year"),
    "work": ("works", "work_id", "earliest_year", "latest_year"),
}


def _opened(town: Town, wish: Wish) -> Town:
    if wish.rule not in ("must", "start_by") or wish.subject == "target":
        return town
    table, key, first, last = WINDOWS[wish.subject]
    frame = town.filled(table).copy()
    chosen = (frame[key] == wish.id).to_numpy(dtype=bool)
    if wish.subject == "site" and wish.option:
        chosen = chosen & (frame["mode"] == wish.option).to_numpy(dtype=bool)
    frame.loc[chosen, first] = town.years[0]
    frame.loc[chosen, last] = town.years[-1]
    opened = town.replace(**{table: frame})
    if wish.subject == "candidate" and not _placed(town, wish):
        opened = opened.replace(placements=_with_placement(town, wish))
    return opened


def _placed(town: Town, wish: Wish) -> bool:
    places = town.filled("placements")
    own = places.loc[places["candidate_id"] == wish.id, "park_id"].astype(str).tolist()
    return wish.option in own if wish.option else bool(own)


def _with_placement(town: Town, wish: Wish) -> pd.DataFrame:
    parks = [wish.option] if wish.option else town.filled("parks")["park_id"].astype(str).tolist()
    more = pd.DataFrame({"candidate_id": [wish.id] * len(parks), "park_id": parks})
    return schema.conform("placements", pd.concat([town["placements"].astype(object), more], ignore_index=True))[0]


def _outside(town: Town, formulation: Formulation, wish: Wish) -> list[tuple[int, Blocker, float]]:
    """Return (column, what using it breaks, what that counts) of the decisions that only the opened town has."""
    problem = formulation.problem
    length = problem.horizon.length
    table, key, first, last = WINDOWS[wish.subject]
    frame = town.filled(table)
    rows = frame[frame[key] == wish.id]
    windows = {
        str(row["mode"]) if wish.subject == "site" else "": (int(row[first]), int(row[last]))
        for row in rows.to_dict("records")
    }
    found: list[tuple[int, Blocker, float]] = []
    for column, option, year in _columns(formulation, wish):
        low, high = windows[option if wish.subject == "site" else ""]
        row_id = f"{wish.id}/{option}" if wish.subject == "site" else wish.id
        # the window of a town without years reaches over the horizon
        for amount, name in ((low - year, first), (year - high, last)):
            if amount > 0:
                found.append((column, Blocker("window", table, row_id, float(amount), name), amount / length))
        if wish.subject == "candidate" and option not in _own_parks(town, wish.id):
            blocker = Blocker("placement", "placements", f"{wish.id}/{option}", 1.0, "park_id")
            found.append((column, blocker, LIFTED))
    return found


def _own_parks(town: Town, candidate_id: str) -> set[str]:
    places = town.filled("placements")
    return set(places.loc[places["candidate_id"] == candidate_id, "park_id"].astype(str))


def _columns(formulation: Formulation, wish: Wish) -> list[tuple[int, str, int]]:
    """Return (column, mode or park, calendar year) of the decisions of a wish's subject."""
    problem, decisions = formulation.problem, formulation.decisions
    base = problem.horizon.base_year
    if wish.subject == "site":
        site = problem.sites.ids.index(wish.id)
        at = np.flatnonzero(problem.modes.site[decisions.start_pair] == site).tolist()
        return [
            (
                decisions.start.start + i,
                problem.modes.mode[decisions.start_pair[i]],
                int(decisions.start_year[i]) + base,
            )
            for i in at
        ]
    if wish.subject == "candidate":
        owner = problem.candidates.class_of(wish.id)
        at = np.flatnonzero(decisions.land_class == owner).tolist()
        return [
            (decisions.land.start + i, problem.parks.ids[decisions.land_park[i]], int(decisions.land_year[i]) + base)
            for i in at
        ]
    work = problem.works.ids.index(wish.id)
    return [(int(decisions.work.at(work, t)), "", base + 1 + t) for t in range(problem.horizon.length)]


# ---- applying a repair

# What a condition that is lifted as a whole becomes.
FREED: dict[str, object] = {
    "is_seed": True,
    "follows_leader": False,
    "min_contiguous_mu": 0.0,
    "facility_id": "",
    "requires_work_id": "",
}


def repaired(town: Town, blockers: Sequence[Blocker]) -> Town:
    """Return the town with the limits of a repair changed by their amounts.

    A target that cannot be met is no row of the town: such a blocker leaves the town as it is (ask for less instead).
    """
    for blocker in blockers:
        if blocker.rule != "target":
            town = _apply(town, blocker)
    return town


def _apply(town: Town, blocker: Blocker) -> Town:
    table = blocker.table
    if blocker.rule == "lock":
        locks = town.filled("locks").reset_index(drop=True)
        # the row stays as a lock that asks nothing, so that the numbers of the others keep
        lifted = np.arange(len(locks)) == int(blocker.row_id) - 1
        locks["rule"] = locks["rule"].mask(lifted, "not_before")
        locks["year"] = locks["year"].mask(lifted, town.years[0])
        return town.replace(locks=locks)
    if blocker.rule == "placement":
        candidate, park = blocker.row_id.rsplit("/", 1)
        wish = Wish("candidate", candidate, park, "must")
        return town.replace(placements=_with_placement(town, wish))
    frame = town.filled(table).reset_index(drop=True)
    if table == "budget" and int(blocker.row_id) not in frame["year"].astype(int).tolist():
        bare = pd.concat([town["budget"].astype(object), pd.DataFrame({"year": [int(blocker.row_id)]})])
        frame = town.replace(budget=schema.conform("budget", bare)[0]).filled("budget").reset_index(drop=True)
    keys = [name for name in schema.table(table).key if name in frame]
    parts = blocker.row_id.split("/", len(keys) - 1)
    chosen = np.ones(len(frame), dtype=bool)
    for key, part in zip(keys, parts, strict=True):
        chosen = chosen & (frame[key].astype(str) == part).to_numpy(dtype=bool)
    if blocker.column in FREED:
        frame[blocker.column] = frame[blocker.column].mask(chosen, FREED[blocker.column])
    else:
        sign = -1 if blocker.column in ("earliest_year", "first_year") else 1
        whole = blocker.rule in ("window", "count")
        amount = round(blocker.amount) if whole else blocker.amount * (1 + 1e-9) + 1e-6
        frame[blocker.column] = frame[blocker.column].mask(chosen, frame[blocker.column] + sign * amount)
    return town.replace(**{table: frame})
