"""Improvement of the first stage on town-sized models: parts of it decided anew under all draws at once."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhenxing.milp.highs import Effort, solve_mip, solve_relaxation
from zhenxing.planning.solve.neighbourhoods import describe_columns
from zhenxing.planning.uncertainty.extensive import Extensive

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# Nodes of one sub-problem when work is counted instead of time; shares of the plan that a neighbourhood frees.
WORK_NODES = 50
FIRST_SHARE, SMALLEST_SHARE = 0.1, 0.02
SLICE_SECONDS = 6.0
KINDS = ("courting", "parks", "years", "payments")


@dataclass(frozen=True)
class Improvement:
    """A solution of the extensive form, the method that found it, and a proven bound (infinite: none)."""

    solution: Floats
    method: str
    bound: float


@dataclass(frozen=True)
class _Marks:
    """For each column of the extensive form: year, park, candidate class (-1 = none), and what it is."""

    year: npt.NDArray[np.int64]
    park: npt.NDArray[np.int64]
    owner: npt.NDArray[np.int64]
    lands: Flags
    first_stage: Flags


def improve_first_stage(
    whole: Extensive, start: Floats, *, seconds: float, rounds: int | None = None, seed: int = 0
) -> Improvement:
    """Improve a solution of the extensive form by deciding parts of it anew (large-neighbourhood search).

    Every sub-problem keeps the rest of the first stage and the landings of all draws, and frees all money and floor.
    """
    began = time.perf_counter()
    marks, rng, model = _marks(whole), np.random.default_rng(seed), whole.model
    shares = dict.fromkeys(KINDS, FIRST_SHARE)
    solution, method, done = start, "plan", 0
    best = whole.worth(whole.values(start))
    while (rounds is not None and done < rounds) or (rounds is None and time.perf_counter() - began < seconds - 0.5):
        kind = KINDS[done % len(KINDS)]
        done += 1
        free = _freed(marks, kind, shares[kind], rng) & model.integer
        if not free.any():
            continue
        held = model.integer & ~free
        lower = np.where(held, solution, model.lower)
        upper = np.where(held, solution, model.upper)
        slice_seconds = min(SLICE_SECONDS, seconds - (time.perf_counter() - began))
        effort = Effort(
            seconds=np.inf if rounds is not None else max(slice_seconds, 0.2),
            gap=1e-4,
            nodes=WORK_NODES if rounds is not None else None,
            seed=seed,
        )
        answer = solve_mip(model, effort, lower=lower, upper=upper, start=solution)
        grow = answer.status == "optimal"
        shares[kind] = min(shares[kind] * 1.4, 1.0) if grow else max(shares[kind] * 0.7, SMALLEST_SHARE)
        if answer.solution is None:
            continue
        exact = np.where(model.integer, np.rint(answer.solution), answer.solution)
        worth = whole.worth(whole.values(exact))
        if worth > best + 1e-9 * max(1.0, abs(best)):
            solution, best, method = exact, worth, f"lns:{kind}"
    return Improvement(_polished(whole, solution), method, np.inf)


def _polished(whole: Extensive, solution: Floats) -> Floats:
    model = whole.model
    answer = solve_relaxation(
        model,
        lower=np.where(model.integer, solution, model.lower),
        upper=np.where(model.integer, solution, model.upper),
    )
    return np.where(model.integer, solution, answer.solution) if answer.status == "optimal" else solution


def _marks(whole: Extensive) -> _Marks:
    size = len(whole.model.cost)
    year, park, owner = (np.full(size, -1, dtype=np.int64) for _ in range(3))
    lands = np.zeros(size, dtype=bool)
    for piece, place in zip(whole.pieces, whole.places, strict=True):
        columns = describe_columns(piece.formulation)
        width = len(columns.year)
        year[place[:width]], park[place[:width]] = columns.year, columns.park
        decisions = piece.formulation.decisions
        owner[place[decisions.land.span]] = decisions.land_class
        lands[place[decisions.land.span]] = True
        courting = piece.courting
        owner[place[piece.court]] = courting.unit_class[courting.unit]
        year[place[piece.court]] = courting.year
        lands[place[piece.court]] = True
    first_stage = np.zeros(size, dtype=bool)
    first_stage[whole.shared] = True
    return _Marks(year, park, owner, lands, first_stage)


def _freed(marks: _Marks, kind: str, share: float, rng: np.random.Generator) -> Flags:
    """Return which columns a neighbourhood frees; ``share`` says how much of the plan."""
    classes = np.unique(marks.owner[marks.owner >= 0])
    some = np.isin(marks.owner, classes[rng.random(len(classes)) < share]) & marks.lands
    if kind == "courting":
        return np.asarray(np.isin(marks.owner, classes[rng.random(len(classes)) < 2.0 * share]) & marks.lands)
    if kind == "payments":
        return np.asarray(some | (marks.first_stage & ~marks.lands & (rng.random(len(marks.year)) < share)))
    if kind == "years":
        last = int(marks.year.max())
        width = max(1, round(share * last))
        begin = int(rng.integers(1, max(last - width + 1, 1) + 1))
        inside = (marks.year >= begin) & (marks.year < begin + width)
        return np.asarray((inside & ~marks.lands) | some)
    parks = np.unique(marks.park[(marks.park >= 0) & ~marks.lands])
    count = max(1, round(share * len(parks)))
    chosen = rng.choice(parks, size=min(count, len(parks)), replace=False) if len(parks) else parks
    return np.asarray((np.isin(marks.park, chosen) & ~marks.lands & (rng.random(len(marks.year)) < 0.5)) | some)
