"""Rule 6: power, water, factory floor and other limited resources, and the steps that add to them.

Formula: ``use by t <= amount + adds of the steps paid by t-lead + supplies of sites and works delivered by t``; steps
are taken in order. Valid strengthening: a firm that needs more than a park has without step j needs step j.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zhenxing.milp import Block, Model
from zhenxing.planning.constraints.landing import landed_by
from zhenxing.planning.problem import Problem
from zhenxing.planning.variables import Decisions, cumulate

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def add(model: Model, problem: Problem, decisions: Decisions) -> None:
    """Add the rows of rule 6."""
    supplies, length = problem.supplies, problem.horizon.length
    years = problem.horizon.calendar
    labels = [f"{problem.parks.ids[park]}/{name}" for park, name in zip(supplies.park, supplies.resource, strict=True)]
    spare = model.columns("spare_supply", {"supply": labels, "year": years}, grid=True)
    right = _given(problem)
    rows = model.rows("supply", {"supply": labels, "year": years}, grid=True, lower=right, upper=right)
    model.put(rows.all, spare.all, 1.0)
    entry, year = np.meshgrid(np.arange(len(labels)), np.arange(1, length), indexing="ij")
    model.put(rows.at(entry, year), spare.at(entry, year - 1), -1.0)
    uses = _uses(problem, decisions)
    at, used, chosen = _flatten(*uses)
    model.put(rows.at(at, decisions.land_year[chosen] - 1), decisions.land.at(chosen), used)
    _deliveries(model, problem, decisions, rows)
    paid = _steps(model, problem, decisions, rows)
    _needed_steps(model, problem, decisions, paid, uses)


def _given(problem: Problem) -> Floats:
    """Return what each year adds to a supply by itself: the amount, less the use of firms here, plus what is done."""
    supplies, candidates, modes, works = problem.supplies, problem.candidates, problem.modes, problem.works
    length = problem.horizon.length
    right = np.zeros((len(supplies.park), length))
    right[:, 0] = supplies.amount
    use: dict[tuple[int, int], list[int]] = {}
    for i, key in enumerate(zip(candidates.use_class.tolist(), candidates.use_park.tolist(), strict=True)):
        use.setdefault(key, []).append(i)
    found = supplies.find(candidates.use_park, candidates.use_resource)
    for k, park, count in zip(
        candidates.present_class.tolist(),
        candidates.present_park.tolist(),
        candidates.present_count.tolist(),
        strict=True,
    ):
        for i in use.get((k, park), []):
            if found[i] >= 0:
                right[found[i], 0] -= candidates.use_amount[i] * count
    done_modes = modes.done_at[supplies.site_mode] + modes.lead[supplies.site_mode]
    done_works = works.done_at[supplies.work] + works.lead[supplies.work]
    for ready, target, amount in (
        (done_modes, supplies.site_mode_supply, supplies.site_mode_amount),
        (done_works, supplies.work_supply, supplies.work_amount),
    ):
        for at in np.flatnonzero(~np.isnan(ready)):
            year = max(int(ready[at]), 1)
            if year <= length:
                right[target[at], year - 1] += amount[at]
    return right


def _uses(problem: Problem, decisions: Decisions) -> tuple[list[Ints], list[tuple[int, float]]]:
    """Return landing entries per (supply, amount of one firm)."""
    supplies, candidates = problem.supplies, problem.candidates
    found = supplies.find(candidates.use_park, candidates.use_resource)
    entries_of: dict[tuple[int, int], Ints] = {}
    if len(decisions.land_class):
        order = np.lexsort((decisions.land_park, decisions.land_class))
        keys = np.stack([decisions.land_class[order], decisions.land_park[order]], axis=1)
        cuts = np.flatnonzero(np.any(np.diff(keys, axis=0) != 0, axis=1)) + 1
        for part in np.split(order, cuts):
            entries_of[int(decisions.land_class[part[0]]), int(decisions.land_park[part[0]])] = part
    entries: list[Ints] = []
    use: list[tuple[int, float]] = []
    for at, k, park, amount in zip(
        found.tolist(),
        candidates.use_class.tolist(),
        candidates.use_park.tolist(),
        candidates.use_amount.tolist(),
        strict=True,
    ):
        if at >= 0 and (k, park) in entries_of:
            entries.append(entries_of[k, park])
            use.append((at, amount))
    return entries, use


def _flatten(entries: list[Ints], use: list[tuple[int, float]]) -> tuple[Ints, Floats, Ints]:
    """Return (supply, amount of one firm, landing entry), one of each for every landing entry that uses a supply."""
    size = [len(part) for part in entries]
    supply = np.repeat(np.array([at for at, _ in use], dtype=np.int64), size)
    amount = np.repeat(np.array([each for _, each in use], dtype=float), size)
    return supply, amount, np.concatenate([*entries, np.empty(0, dtype=np.int64)])


def _deliveries(model: Model, problem: Problem, decisions: Decisions, rows: Block) -> None:
    """Add what sites and works of the plan bring when they are delivered."""
    supplies, length = problem.supplies, problem.horizon.length
    for pair, target, amount in zip(
        supplies.site_mode.tolist(), supplies.site_mode_supply.tolist(), supplies.site_mode_amount.tolist(), strict=True
    ):
        entries = np.flatnonzero(decisions.start_pair == pair)
        year = decisions.start_year[entries] + problem.modes.lead[pair]
        entries, year = entries[year <= length], year[year <= length]
        model.put(rows.at(np.full(len(year), target), year - 1), decisions.start.at(entries), -amount)
    for work, target, amount in zip(
        supplies.work.tolist(), supplies.work_supply.tolist(), supplies.work_amount.tolist(), strict=True
    ):
        start = np.arange(1, length + 1 - int(problem.works.lead[work]))
        ready = start + int(problem.works.lead[work])
        model.put(
            rows.at(np.full(len(start), target), ready - 1),
            decisions.work.at(np.full(len(start), work), start - 1),
            -amount,
        )


def _steps(model: Model, problem: Problem, decisions: Decisions, rows: Block) -> Block:
    """Add the steps: what they bring, and their order; return ``U[step, t]``."""
    supplies, length = problem.supplies, problem.horizon.length
    count = len(supplies.step_supply)
    paid, level_rows = cumulate(model, "step_paid", [str(i) for i in range(count)], problem)
    model.put(level_rows.all, decisions.step.all, -1.0)
    for j in range(count):
        year = np.arange(1, length + 1 - int(supplies.step_lead[j]))
        ready = year + int(supplies.step_lead[j])
        model.put(
            rows.at(np.full(len(year), supplies.step_supply[j]), ready - 1),
            decisions.step.at(np.full(len(year), j), year - 1),
            -supplies.step_adds[j],
        )
    later = np.array(
        [j for j in range(1, count) if supplies.step_supply[j] == supplies.step_supply[j - 1]], dtype=np.int64
    )
    order = model.rows("step_order", {"step": later.tolist(), "year": problem.horizon.calendar}, grid=True, upper=0.0)
    entry, when = np.meshgrid(np.arange(len(later)), np.arange(length), indexing="ij")
    model.put(order.at(entry, when), paid.at(later[entry], when), 1.0)
    model.put(order.at(entry, when), paid.at(later[entry] - 1, when), -1.0)
    return paid


def _needed_steps(
    model: Model,
    problem: Problem,
    decisions: Decisions,
    paid: Block,
    uses: tuple[list[Ints], list[tuple[int, float]]],
) -> None:
    """Add ``Y[c,p,t] <= n * U[j,t-lead]`` where one firm alone needs the first j steps.

    The lead is the shortest of the supply's steps: what is delivered by t is among the steps paid by then.
    """
    supplies, candidates = problem.supplies, problem.candidates
    open_ended = set(supplies.site_mode_supply.tolist()) | set(supplies.work_supply.tolist())
    steps_of: dict[int, list[int]] = {}
    for j, supply in enumerate(supplies.step_supply.tolist()):
        steps_of.setdefault(supply, []).append(j)
    for chosen, (supply, amount) in zip(*uses, strict=True):
        have = float(supplies.amount[supply])
        if supply in open_ended or amount <= have + 1e-9 or supply not in steps_of:
            continue
        needed = -1
        for j in steps_of[supply]:
            if amount <= have + 1e-9:
                break
            needed, have = j, have + float(supplies.step_adds[j])
        name = f"step_needed_{supply}_{int(decisions.land_class[chosen[0]])}"
        rows, group, year, _ = landed_by(model, name, problem, decisions, chosen, decisions.land_placement[chosen])
        ready = year - int(min(supplies.step_lead[j] for j in steps_of[supply]))
        can = np.flatnonzero(ready >= 1)
        room = -candidates.room[decisions.land_class[chosen[0]]].astype(float)
        model.put(rows.at(can), paid.at(np.full(len(can), needed), ready[can] - 1), room)
