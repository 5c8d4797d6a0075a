"""Relaxation-enforced start and adaptive large-neighbourhood search around the best plan."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhenxing.milp import Compiled
from zhenxing.milp.highs import Effort, solve_mip
from zhenxing.planning.formulation import Formulation
from zhenxing.planning.solve.incumbent import Incumbent
from zhenxing.planning.solve.leading import Leading
from zhenxing.planning.solve.local import HOT, WARM, LocalSearch
from zhenxing.planning.solve.neighbourhoods import neighbourhoods

Floats = npt.NDArray[np.float64]

# Nodes of one sub-problem when work is counted instead of time.
WORK_NODES = 100


def relaxation_start(model: Compiled, incumbent: Incumbent, relaxed: Floats, effort: Effort) -> bool:
    """RENS: fix every integer that is integral in the relaxation, solve the rest; return whether a plan was found."""
    whole = model.integer & (np.abs(relaxed - np.rint(relaxed)) < 1e-6)
    lower = np.where(whole, np.rint(relaxed), model.lower)
    upper = np.where(whole, np.rint(relaxed), model.upper)
    answer = solve_mip(model, effort, lower=lower, upper=upper, watch=lambda _v, _b: incumbent.over())
    return incumbent.offer(answer.solution, "rens")


@dataclass
class Arm:
    """What a neighbourhood has yielded lately, and how much of the plan it frees."""

    share: float
    yield_rate: float = 1.0


# Where the sizes of the neighbourhoods begin on a model of REFERENCE_SIZE free integers; each adapts to what its
# sub-problems can bear.
FIRST_SHARES = {
    "crossing": 0.1,
    "firms": 0.3,
    "years": 0.3,
    "agreement": 0.05,
    "parks": 0.3,
    "land": 0.25,
    "mixed": 0.25,
    "window": 0.5,
}
SMALLEST_SHARE = 0.03
# Local search: time of one run beside a sub-problem's, moves of one run when work is counted, and the least seconds
# left for which loading (on a fresh machine: compiling) its kernel pays.
LOCAL_SHARE, LOCAL_MOVES, LOCAL_FROM = 1.6, 100_000, 15.0
# What arms are expected to yield at first that have made most of the gains on towns of 60 sites; the others expect 1.
EAGER = 4.0
# Seconds of a leader's forced landing, and of the small moves after it.
LEADING_SECONDS, LEADING_MOVES_SECONDS = 2.0, 1.5
# After so many rounds without gain the sub-problems get more time each, up to the longest slice (seconds).
PATIENCE = 10
SLICE_SECONDS, LONGEST_SLICE = 2.5, 12.0
REFERENCE_SIZE = 2000


def improve(
    formulation: Formulation,
    model: Compiled,
    incumbent: Incumbent,
    relaxed: Floats,
    *,
    until: float,
    rounds: int | None = None,
    seed: int = 0,
    slice_seconds: float = SLICE_SECONDS,
    local: LocalSearch | None = None,
) -> None:
    """Improve the incumbent by deciding parts of it anew.

    Parameters
    ----------
    model : Compiled
        The formulation's model, possibly with tighter bounds and further rows.
    relaxed : array
        Optimum of the relaxation.
    until : float
        Seconds left of the incumbent's time at which to stop.
    rounds : int, optional
        Number of rounds instead of time; each sub-problem then has a fixed number of nodes.
    slice_seconds : float
        Time of one sub-problem.
    local : LocalSearch, optional
        Small moves on this model, where they are laid out already.
    """
    rng = np.random.default_rng(seed)
    kinds = neighbourhoods(formulation, relaxed, lambda: _present(incumbent), lambda: incumbent.pool)
    if local is None and (rounds is not None or incumbent.left() - until > LOCAL_FROM):
        local = small_moves(formulation, model)
    leading = Leading(formulation, model) if local is not None else None
    scale = min(1.0, REFERENCE_SIZE / max(int((model.integer & (model.upper > model.lower)).sum()), 1))
    arms = {name: Arm(max(FIRST_SHARES[name] * scale, 0.05)) for name in kinds}
    if local is not None:
        arms["local"] = Arm(1.0, EAGER)
    if leading:
        arms["leading"] = Arm(1.0, EAGER)
    done, idle = 0, 0
    while incumbent.solution is not None and not incumbent.finished():
        if (rounds is not None and done >= rounds) or (rounds is None and incumbent.left() <= until):
            return
        done += 1
        name = "local" if local is not None and done == 1 else _choose(arms, rng)
        if local is not None and name == "local":
            seconds = max(min(LOCAL_SHARE * slice_seconds, incumbent.left() - until), 0.1)
            moves = None if rounds is None else LOCAL_MOVES
            heat = HOT if incumbent.method == "nothing" else WARM * 3.0 ** rng.uniform(-1.0, 1.0)
            _many_small_moves(local, incumbent, arms[name], seconds, moves, heat, seed + done)
            continue
        if local is not None and leading and name == "leading":
            counted = rounds is not None
            _have_a_leader_land(leading, local, model, incumbent, arms[name], rng, counted, seed + done, until)
            continue
        free = kinds[name](rng, arms[name].share) & model.integer
        if not free.any():
            continue
        held = model.integer & ~free
        lower = np.where(held, incumbent.solution, model.lower)
        upper = np.where(held, incumbent.solution, model.upper)
        seconds = np.inf if rounds is not None else max(min(slice_seconds, incumbent.left() - until), 0.1)
        effort = Effort(seconds=seconds, gap=2e-4, nodes=WORK_NODES if rounds is not None else None, seed=seed)
        before = incumbent.value
        answer = solve_mip(
            model, effort, lower=lower, upper=upper, start=incumbent.solution, watch=lambda _v, _b: incumbent.over()
        )
        incumbent.offer(answer.solution, f"lns:{name}")
        gain = max(incumbent.value - before, 0.0) / max(1.0, abs(incumbent.value))
        idle = 0 if gain > 0 else idle + 1
        if idle >= PATIENCE and slice_seconds < LONGEST_SLICE:
            slice_seconds, idle = slice_seconds * 1.6, 0
        taken = 0.5 if rounds is not None else answer.seconds / slice_seconds
        _learn(arms[name], gain, solved=answer.status == "optimal", effort=taken)


def small_moves(formulation: Formulation, model: Compiled) -> LocalSearch | None:
    """Return the small moves on a model; None where it has rows besides the formulation's own, unknown to the moves."""
    return LocalSearch(formulation, model) if model.matrix is formulation.model.matrix else None


def _have_a_leader_land(
    leading: Leading,
    local: LocalSearch,
    model: Compiled,
    incumbent: Incumbent,
    arm: Arm,
    rng: np.random.Generator,
    counted: bool,
    seed: int,
    until: float,
) -> None:
    """Force one landing of a leader, make the plan good by small moves; its arm learns what it yields."""
    before, began = incumbent.value, time.perf_counter()
    proposal = leading.propose(_present(incumbent), rng)
    if proposal is None:
        arm.yield_rate = 0.0
        return
    place, lower, upper = proposal
    seconds = np.inf if counted else max(min(LEADING_SECONDS, incumbent.left() - until), 0.1)
    effort = Effort(seconds=seconds, gap=5e-3, nodes=WORK_NODES if counted else None)
    answer = solve_mip(model, effort, lower=lower, upper=upper, watch=lambda _v, _b: incumbent.over())
    if answer.solution is not None:
        plan = np.where(model.integer, np.rint(answer.solution), answer.solution)
        seconds = max(min(LEADING_MOVES_SECONDS, incumbent.left() - until), 0.1)
        moves = LOCAL_MOVES if counted else None
        incumbent.offer(local.improve(plan, moves=moves, seconds=seconds, seed=seed, heat=WARM), "lns:leading")
    gain = max(incumbent.value - before, 0.0) / max(1.0, abs(incumbent.value))
    if gain <= 0.0:
        leading.refuse(place)
    taken = 1.0 if counted else (time.perf_counter() - began) / SLICE_SECONDS
    # a landing that is impossible at once costs next to nothing, so it says nothing about the arm
    if answer.solution is not None:
        arm.yield_rate = 0.7 * arm.yield_rate + 0.3 * 1000.0 * gain / max(taken, 0.05)


def _many_small_moves(
    local: LocalSearch, incumbent: Incumbent, arm: Arm, seconds: float, moves: int | None, heat: float, seed: int
) -> None:
    """Run the local search from the best plan; its arm learns what it yields."""
    before, began = incumbent.value, time.perf_counter()
    better = local.improve(_present(incumbent), moves=moves, seconds=seconds, seed=seed, heat=heat)
    incumbent.offer(better, "lns:local")
    gain = max(incumbent.value - before, 0.0) / max(1.0, abs(incumbent.value))
    taken = 1.0 if moves is not None else (time.perf_counter() - began) / SLICE_SECONDS
    arm.yield_rate = 0.7 * arm.yield_rate + 0.3 * 1000.0 * gain / max(taken, 0.05)


def _present(incumbent: Incumbent) -> Floats:
    if incumbent.solution is None:
        raise RuntimeError("a neighbourhood needs a plan to start from")
    return incumbent.solution


def _choose(arms: dict[str, Arm], rng: np.random.Generator) -> str:
    """Choose a neighbourhood, half by its recent yield and half by chance."""
    names = list(arms)
    yields = np.array([arms[name].yield_rate for name in names])
    weights = (
        0.5 / len(names) + 0.5 * yields / yields.sum() if yields.sum() > 0 else np.full(len(names), 1.0 / len(names))
    )
    return str(rng.choice(names, p=weights / weights.sum()))


def _learn(arm: Arm, gain: float, *, solved: bool, effort: float) -> None:
    """Size a neighbourhood so that its sub-problems are just solved; ``effort`` is the share of its slice it took."""
    arm.yield_rate = 0.7 * arm.yield_rate + 0.3 * 1000.0 * gain / max(effort, 0.05)
    if not solved:
        arm.share = max(arm.share * 0.8, SMALLEST_SHARE)
    elif gain <= 0:
        arm.share = min(arm.share * (1.5 if effort < 0.2 else 1.15), 1.0)
