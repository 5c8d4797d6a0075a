"""A bound by parks: what the whole plan can be worth when every park is planned exactly at given prices.

At the relaxation's prices lambda of all rows that tie parks together (money, quotas, a candidate's one landing,
leaders, chain), park p alone can earn at most ``z_p = max (c_p - A_p' lambda) x_p`` over its own rows, integers kept.
So ``(c_p - A_p' lambda) x_p <= z_p`` holds for every plan: one row per park. With these rows the relaxation is worth at
most the Lagrangian bound at lambda; its new prices give the next rows (Kelley's method on the Lagrangian dual).
"""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt
from scipy import sparse

from zhenxing.milp import Block, Compiled
from zhenxing.milp.highs import Effort, solve_mip, solve_relaxation
from zhenxing.planning.formulation import Formulation
from zhenxing.planning.solve.incumbent import Incumbent

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Nodes of one park's problem when work is counted instead of time.
WORK_NODES = 200
# A round that lowers the bound by less than this share is the last.
SMALLEST_GAIN = 2e-4
# Relative slack of a park's row, so that rounding never cuts off a plan.
ROUNDING = 1e-7


def park_of_columns(formulation: Formulation) -> Ints:
    """Return the park that each column belongs to, −1 for what is common to all."""
    problem, decisions, columns = formulation.problem, formulation.decisions, formulation.model.columns
    length, count = problem.horizon.length, len(problem.parks.ids)
    owner = np.full(len(formulation.model.cost), -1, dtype=np.int64)
    owner[decisions.start.span] = problem.modes.park[decisions.start_pair]
    owner[decisions.land.span] = decisions.land_park

    def spread(block: Block, parks: Ints) -> None:
        owner[block.span] = np.repeat(parks, length)

    spread(decisions.facility, problem.facilities.park)
    of_step = problem.supplies.park[problem.supplies.step_supply]
    spread(decisions.step, of_step)
    spread(columns["step_paid"], of_step)
    spread(columns["spare_supply"], problem.supplies.park)
    for block in (columns["unused_land"], columns["floor_ahead"], decisions.leave):
        spread(block, np.arange(count))
    # resettled floor uses the land of the park it goes to
    one, other, year = np.meshgrid(np.arange(count), np.arange(count), np.arange(length), indexing="ij")
    owner[decisions.resettle.at(one, other, year)] = other
    if "cleared" in columns:
        spread(columns["cleared"], problem.sites.park)
    if "platform_assembled" in columns:
        block = columns["platform_assembled"]
        of_platform = dict(zip(problem.platforms.ids, problem.platforms.park.tolist(), strict=True))
        spread(block, np.array([of_platform[str(name)] for name in block.labels["platform_id"]], dtype=np.int64))
    return owner


def tighten_by_parks(
    formulation: Formulation,
    model: Compiled,
    incumbent: Incumbent,
    *,
    until: float,
    rounds: int | None,
    threads: int = 1,
) -> Compiled:
    """Lower the incumbent's bound park by park; return the model with the rows found.

    Parameters
    ----------
    until : float
        Seconds left of the incumbent's time at which to stop.
    rounds : int, optional
        Number of rounds instead of time.
    """
    owner = park_of_columns(formulation)
    count = len(formulation.problem.parks.ids)
    done = 0
    relaxed = solve_relaxation(model, interior=True, threads=threads)
    while relaxed.status == "optimal" and not incumbent.finished():
        before = relaxed.value
        if (rounds is not None and done >= rounds) or (rounds is None and incumbent.left() - until < 1.0):
            break
        done += 1
        share = np.inf if rounds is not None else 0.6 * (incumbent.left() - until)
        model = _round(model, relaxed.row_price, owner, count, share, incumbent, counted=rounds is not None)
        relaxed = solve_relaxation(model, interior=True, threads=threads)
        if relaxed.status == "optimal":
            incumbent.prove(relaxed.value, "parks")
            if before - relaxed.value < SMALLEST_GAIN * max(1.0, abs(before)):
                break
    return model


def _round(
    model: Compiled, price: Floats, owner: Ints, count: int, seconds: float, incumbent: Incumbent, *, counted: bool
) -> Compiled:
    """Solve every park at the prices given and add its row to the model."""
    by_row = sparse.csr_array(model.matrix)
    local = _local_rows(by_row, owner)
    worth = model.cost - model.matrix.T @ np.where(local >= 0, 0.0, price)
    deadline = time.perf_counter() + seconds
    found: list[tuple[Ints, Floats, float]] = []
    for park in range(count):
        columns, rows = np.flatnonzero(owner == park), np.flatnonzero(local == park)
        part = _part(model, by_row, columns, rows, worth)
        if counted:
            effort = Effort(gap=1e-3, nodes=WORK_NODES)
        else:
            effort = Effort(seconds=max((deadline - time.perf_counter()) / (count - park), 0.2), gap=5e-4)
        answer = solve_mip(part, effort, watch=lambda _v, _b: incumbent.stopped())
        if np.isfinite(answer.bound):
            found.append((columns, worth[columns], answer.bound + ROUNDING * max(1.0, abs(answer.bound))))
    if not found:
        return model
    values = np.concatenate([value for _, value, _ in found])
    at = np.concatenate([columns for columns, _, _ in found])
    row = np.repeat(np.arange(len(found)), [len(columns) for columns, _, _ in found])
    rows_added = sparse.csr_array((values, (row, at)), shape=(len(found), len(model.cost)))
    return model.with_rows(f"park_worth_{len(model.rows)}", rows_added, np.array([limit for _, _, limit in found]))


def _local_rows(by_row: sparse.csr_array, owner: Ints) -> Ints:
    """Return the park of each row that touches one park's columns only, −1 for rows that tie parks together."""
    row = np.repeat(np.arange(by_row.shape[0]), np.diff(by_row.indptr))
    least = np.full(by_row.shape[0], np.iinfo(np.int64).max)
    most = np.full(by_row.shape[0], -1, dtype=np.int64)
    np.minimum.at(least, row, owner[by_row.indices])
    np.maximum.at(most, row, owner[by_row.indices])
    return np.where(least == most, most, -1)


def _part(model: Compiled, by_row: sparse.csr_array, columns: Ints, rows: Ints, worth: Floats) -> Compiled:
    return Compiled(
        matrix=sparse.csc_array(by_row[rows][:, columns]),
        cost=worth[columns],
        offset=0.0,
        lower=model.lower[columns],
        upper=model.upper[columns],
        integer=model.integer[columns],
        row_lower=model.row_lower[rows],
        row_upper=model.row_upper[rows],
        columns={},
        rows={},
        terms={},
        constants={},
    )
