"""The plan as a problem of whole numbers only: what the continuous columns of the model are, given the whole ones.

Companions (a site cleared by t, a leader landed by t, tax by t) are sums of what starts, so they are put in where they
stand. Stocks that must not fall below zero (unused land, spare supply) become limits of sums. What is left, resettled
floor and the town's debt, follows from the whole numbers by two exact rules (``moves.recourse``), and chain rewards and
missed targets are concave functions of single rows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from zhenxing.milp import Block, Compiled
from zhenxing.planning.formulation import Formulation
from zhenxing.units import M2_PER_MU

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Kinds of rows: a limit; a concave reward; a sum that other rules read; sites of a platform delivered; a landing that
# needs a platform.
LIMIT, REWARD, SUM, ASSEMBLY, NEEDY = range(5)

# Companions and the equalities that define them.
COMPANIONS = ("cleared", "leader_landed", "step_paid", "work_started", "cash_tax")
# Limits that hold row by row; the growth rings beyond the first, the needed steps and the ways up to a chain's segments
# only tighten the relaxation.
LIMITS = (
    "site_once", "work_after", "growth_ring_1", "candidate_count", "leader_needed", "facility_once", "facility_needed",
    "step_order", "title_mu", "cleared_mu", "effort_months", "lock_must", "lock_must_not",
)  # fmt: skip


class Reduced(NamedTuple):
    """A plan's rows over whole numbers, flat, in the order limits, land, rewards, platforms, money, displaced floor.

    Attributes
    ----------
    column_at, row_index, column_value : arrays
        Rows of each column (compressed columns).
    row_at, column_index, row_value : arrays
        Columns of each row.
    kind, floor, ceiling, base : arrays
        Kind, limits and constant of each row; an assembly's floor is the number of its sites.
    piece_at, piece_weight, piece_cap : arrays
        A reward row is worth the sum of weight * min(activity, cap) over its pieces.
    needy_at, needy_row, room : arrays
        Rows that need each assembly, and how many firms one assembled platform lets in.
    helper_at, helper_row : arrays
        Assemblies that each row which needs one could use.
    cost, lower, upper : arrays
        Objective (万元) and bounds of each whole number.
    group_at, group_column, group : arrays
        Columns that stand for the same thing at another time or place.
    places : array
        First land row, parks, years, first money row, first row of displaced floor.
    floor_per_mu : array
        Floor (m2) that a mu of a park holds.
    money : array (4, years)
        Debt limit, value of a unit of debt, of a m2 moved, of a m2 that leaves.
    cash : array
        Cash for a m2 moved, for a m2 that leaves, interest rate.
    """

    column_at: Ints
    row_index: Ints
    column_value: Floats
    row_at: Ints
    column_index: Ints
    row_value: Floats
    kind: Ints
    floor: Floats
    ceiling: Floats
    base: Floats
    piece_at: Ints
    piece_weight: Floats
    piece_cap: Floats
    needy_at: Ints
    needy_row: Ints
    helper_at: Ints
    helper_row: Ints
    room: Floats
    cost: Floats
    lower: Ints
    upper: Ints
    group_at: Ints
    group_column: Ints
    group: Ints
    places: Ints
    floor_per_mu: Floats
    money: Floats
    cash: Floats


class _Rows(NamedTuple):
    """Some rows over the whole numbers with their constants, limits and kind."""

    matrix: sparse.csr_array
    base: Floats
    floor: Floats
    ceiling: Floats
    kind: int


class _Companions(NamedTuple):
    """Companion columns as sums of the whole ones: ``value = matrix @ whole + base``."""

    columns: Ints
    matrix: sparse.csr_array
    base: Floats


def reduce_model(formulation: Formulation, model: Compiled) -> tuple[Reduced, Ints]:
    """Return a plan's problem over whole numbers and the model's columns that they are."""
    whole = np.flatnonzero(model.integer)
    by_row = sparse.csr_array(model.matrix)
    companions = _companions(model, by_row, whole)
    limits = _limits(model, by_row, whole, companions)
    land, supply = (_stock(model, by_row, whole, name) for name in ("land", "supply"))
    assembly, needy, needs = _platforms(model, by_row, whole, companions)
    rewards, pieces = _rewards(formulation, model, by_row, whole, companions)
    money, displaced = _money(model, by_row, whole, companions), _displaced(model, by_row, whole)
    parts = [limits, supply, land, rewards, assembly, needy, money, displaced]
    starts = np.concatenate([[0], np.cumsum([part.matrix.shape[0] for part in parts])])
    matrix = sparse.csr_array(sparse.vstack([part.matrix for part in parts]))
    matrix.eliminate_zeros()
    by_column = sparse.csc_array(matrix)
    count = matrix.shape[0]
    room = np.zeros(count)
    room[starts[5] + needs.row] = -needs.data
    needy_at, needy_row = _related(starts[4] + needs.col, starts[5] + needs.row, count)
    helper_at, helper_row = _related(starts[5] + needs.row, starts[4] + needs.col, count)
    piece_at, weight, cap = _pieces(pieces, int(starts[3]), matrix.shape[0])
    group = _groups(formulation, model, whole)
    order = np.argsort(group, kind="stable")
    parks, years = len(formulation.problem.parks.ids), formulation.problem.horizon.length
    money_rules, cash = _floor_and_debt(formulation, model)
    reduced = Reduced(
        column_at=by_column.indptr.astype(np.int64),
        row_index=by_column.indices.astype(np.int64),
        column_value=by_column.data,
        row_at=matrix.indptr.astype(np.int64),
        column_index=matrix.indices.astype(np.int64),
        row_value=matrix.data,
        kind=np.concatenate([np.full(part.matrix.shape[0], part.kind) for part in parts]).astype(np.int64),
        floor=np.concatenate([part.floor for part in parts]),
        ceiling=np.concatenate([part.ceiling for part in parts]),
        base=np.concatenate([part.base for part in parts]),
        piece_at=piece_at,
        piece_weight=weight,
        piece_cap=cap,
        needy_at=needy_at,
        needy_row=needy_row,
        helper_at=helper_at,
        helper_row=helper_row,
        room=room,
        cost=_cost(model, whole, companions, land),
        lower=np.rint(model.lower[whole]).astype(np.int64),
        upper=np.rint(model.upper[whole]).astype(np.int64),
        group_at=np.concatenate([[0], np.cumsum(np.bincount(group))]).astype(np.int64),
        group_column=order.astype(np.int64),
        group=group,
        places=np.array([starts[2], parks, years, starts[6], starts[7]], dtype=np.int64),
        floor_per_mu=_floor_per_mu(formulation),
        money=money_rules,
        cash=cash,
    )
    return reduced, whole


def _sums(count: int, length: int) -> sparse.csr_array:
    """Return the matrix that adds up yearly changes of ``count`` entries to levels."""
    return sparse.csr_array(sparse.kron(sparse.eye_array(count), np.tril(np.ones((length, length)))))


def _companions(model: Compiled, by_row: sparse.csr_array, whole: Ints) -> _Companions:
    columns, matrices, bases = [np.empty(0, dtype=np.int64)], [sparse.csr_array((0, len(whole)))], [np.empty(0)]
    for name in COMPANIONS:
        if name in model.columns and model.columns[name].size:
            rows = model.rows[f"{name}_level"]
            adding = _sums(rows.size // rows.shape[-1], rows.shape[-1])
            columns.append(model.columns[name].all)
            matrices.append(adding @ -by_row[rows.all][:, whole])
            bases.append(adding @ model.row_lower[rows.all])
    return _Companions(np.concatenate(columns), sparse.csr_array(sparse.vstack(matrices)), np.concatenate(bases))


def _put_in(
    by_row: sparse.csr_array, rows: Ints, whole: Ints, companions: _Companions
) -> tuple[sparse.csr_array, Floats]:
    """Return some rows of the model over the whole numbers alone, and what their companions' constants add."""
    chosen = by_row[rows]
    through = chosen[:, companions.columns]
    return sparse.csr_array(chosen[:, whole] + through @ companions.matrix), through @ companions.base


def _limits(model: Compiled, by_row: sparse.csr_array, whole: Ints, companions: _Companions) -> _Rows:
    rows = np.concatenate([model.rows[name].all for name in LIMITS if name in model.rows])
    rows = rows[np.isfinite(model.row_lower[rows]) | np.isfinite(model.row_upper[rows])]
    matrix, base = _put_in(by_row, rows, whole, companions)
    once = _once(model, companions)
    return _Rows(
        sparse.csr_array(sparse.vstack([matrix, companions.matrix[once]])),
        np.concatenate([base, companions.base[once]]),
        np.concatenate([model.row_lower[rows], np.full(len(once), -np.inf)]),
        np.concatenate([model.row_upper[rows], model.upper[companions.columns[once]]]),
        LIMIT,
    )


def _once(model: Compiled, companions: _Companions) -> Ints:
    """Return the companions that keep works and steps from being paid twice: those of the last year."""
    columns: list[Ints] = [np.empty(0, dtype=np.int64)]
    for name in ("work_started", "step_paid"):
        block = model.columns[name]
        entry = np.arange(block.shape[0])
        columns.append(block.at(entry, np.full(len(entry), block.shape[1] - 1)))
    return np.flatnonzero(np.isin(companions.columns, np.concatenate(columns)))


def _stock(model: Compiled, by_row: sparse.csr_array, whole: Ints, name: str) -> _Rows:
    """Return a stock that must not fall below zero, before anything is resettled on it."""
    rows = model.rows[name]
    adding = _sums(rows.size // max(rows.shape[-1], 1), rows.shape[-1])
    size = rows.size
    return _Rows(
        sparse.csr_array(adding @ -by_row[rows.all][:, whole]),
        adding @ model.row_lower[rows.all],
        np.zeros(size),
        np.full(size, np.inf),
        LIMIT,
    )


def _platforms(
    model: Compiled, by_row: sparse.csr_array, whole: Ints, companions: _Companions
) -> tuple[_Rows, _Rows, sparse.coo_array]:
    """Return the sites delivered of each platform by year, the landings that need a platform, and which fit them."""
    if "platform_assembled" not in model.columns:
        nothing = _Rows(sparse.csr_array((0, len(whole))), np.empty(0), np.empty(0), np.empty(0), ASSEMBLY)
        return nothing, nothing._replace(kind=NEEDY), sparse.coo_array((0, 0))
    level, needed = model.columns["platform_assembled"], model.rows["platform_needed"]
    if "platform_site" in model.rows:
        rows = model.rows["platform_site"].all
        owner = sparse.csr_array(by_row[rows][:, level.all] > 0).T.astype(float)
        matrix, base, sites = owner @ -by_row[rows][:, whole], owner @ model.row_upper[rows], owner.sum(axis=1)
    else:
        matrix, base, sites = sparse.csr_array((level.size, len(whole))), np.zeros(level.size), np.zeros(level.size)
    assembly = _Rows(
        sparse.csr_array(matrix), base, np.asarray(sites, dtype=float), np.full(level.size, np.inf), ASSEMBLY
    )
    landed, offset = _put_in(by_row, needed.all, whole, companions)
    needy = _Rows(landed, offset, np.full(needed.size, -np.inf), np.zeros(needed.size), NEEDY)
    return assembly, needy, sparse.coo_array(by_row[needed.all][:, level.all])


def _related(rows: Ints, others: Ints, count: int) -> tuple[Ints, Ints]:
    """Return, for each of ``count`` rows, where its list of other rows begins, and the lists one after the other."""
    at = np.zeros(count + 1, dtype=np.int64)
    np.add.at(at, rows + 1, 1)
    return np.cumsum(at), others[np.argsort(rows, kind="stable")].astype(np.int64)


def _rewards(
    formulation: Formulation, model: Compiled, by_row: sparse.csr_array, whole: Ints, companions: _Companions
) -> tuple[_Rows, list[tuple[Floats, Floats]]]:
    """Return the outputs of links by year and the targets' indicators, each with its (weight, cap) pieces."""
    output, output_base, pieces = _outputs(formulation, model, by_row, whole)
    targets = model.rows["target"]
    matrix, base = _put_in(by_row, targets.all, whole, companions)
    for row, column in zip(targets.all.tolist(), model.columns["shortfall"].all.tolist(), strict=True):
        pieces.append((np.array([-model.cost[column]]), np.array([model.row_lower[row]])))
    free = np.full(len(pieces), np.inf)
    both = sparse.csr_array(sparse.vstack([output, matrix]))
    return _Rows(both, np.concatenate([output_base, base]), -free, free, REWARD), pieces


def _outputs(
    formulation: Formulation, model: Compiled, by_row: sparse.csr_array, whole: Ints
) -> tuple[sparse.csr_array, Floats, list[tuple[Floats, Floats]]]:
    """Return the output of each link and year that can fill its segments, in order, and what filling them is worth."""
    link, length = formulation.problem.chain.link, formulation.problem.horizon.length
    filled, reach = model.columns["segment_filled"], model.rows["segment_reach_level"]
    last = np.flatnonzero(np.diff(link, append=-1) != 0)
    pieces: list[tuple[Floats, Floats]] = []
    for segment in last.tolist():
        own = np.flatnonzero(link == link[segment])
        size = np.cumsum(model.upper[filled.at(own, np.zeros(len(own), dtype=np.int64))])
        for year in range(length):
            worth: Floats = model.cost[filled.at(own, np.full(len(own), year))]
            pieces.append((-np.diff(worth, append=0.0), size))
    at = reach.at(last[:, None], np.arange(length)[None, :]).ravel() if len(last) else np.empty(0, dtype=np.int64)
    adding = _sums(len(last), length)
    return sparse.csr_array(adding @ -by_row[at][:, whole]), adding @ model.row_lower[at], pieces


def _pieces(pieces: list[tuple[Floats, Floats]], first: int, count: int) -> tuple[Ints, Floats, Floats]:
    length = np.zeros(count, dtype=np.int64)
    length[first : first + len(pieces)] = [len(weight) for weight, _ in pieces]
    nothing = [np.empty(0)]
    return (
        np.concatenate([[0], np.cumsum(length)]).astype(np.int64),
        np.concatenate([weight for weight, _ in pieces] or nothing),
        np.concatenate([cap for _, cap in pieces] or nothing),
    )


def _money(model: Compiled, by_row: sparse.csr_array, whole: Ints, companions: _Companions) -> _Rows:
    """Return what is left of each year's money before borrowing and before displaced floor is dealt with."""
    rows = model.rows["money"]
    matrix, base = _put_in(by_row, rows.all, whole, companions)
    free = np.full(rows.size, np.inf)
    return _Rows(sparse.csr_array(-matrix), model.row_upper[rows.all] - base, -free, free, SUM)


def _displaced(model: Compiled, by_row: sparse.csr_array, whole: Ints) -> _Rows:
    """Return the floor displaced in each year in all parks."""
    rows = model.rows["resettlement"]
    length = rows.shape[-1]
    adding = sparse.csr_array(sparse.kron(np.ones((1, rows.size // max(length, 1))), sparse.eye_array(length)))
    free = np.full(length, np.inf)
    return _Rows(sparse.csr_array(adding @ by_row[rows.all][:, whole]), np.zeros(length), -free, free, SUM)


def _cost(model: Compiled, whole: Ints, companions: _Companions, land: _Rows) -> Floats:
    """Return the objective of the whole numbers with what they do to companions and unused land."""
    through = model.cost[companions.columns] @ companions.matrix
    unused = model.cost[model.columns["unused_land"].all] @ land.matrix
    return np.asarray(model.cost[whole] + through + unused, dtype=float)


def _groups(formulation: Formulation, model: Compiled, whole: Ints) -> Ints:
    """Return what each whole number is about: a site, a class of candidates, a work, a facility or a step."""
    decisions, problem = formulation.decisions, formulation.problem
    owner = np.zeros(model.matrix.shape[1], dtype=np.int64)
    owner[decisions.start.span] = problem.modes.site[decisions.start_pair]
    count = len(problem.sites.ids)
    owner[decisions.land.span] = count + decisions.land_class
    count += len(problem.candidates.members)
    for block in (decisions.work, decisions.facility, decisions.step):
        owner[block.span] = count + np.repeat(np.arange(block.shape[0]), block.shape[1])
        count += block.shape[0]
    return np.unique(owner[whole], return_inverse=True)[1].astype(np.int64)


def _floor_per_mu(formulation: Formulation) -> Floats:
    return np.asarray(formulation.problem.parks.resettlement_far * M2_PER_MU, dtype=float)


def _floor_and_debt(formulation: Formulation, model: Compiled) -> tuple[Floats, Floats]:
    """Return what borrowing, moving and leaving are worth by year, and what they cost in cash."""
    decisions, settings = formulation.decisions, formulation.problem.settings
    years = formulation.problem.horizon.length
    when = np.arange(years)
    reserve = model.cost[_last_unused(model, years)] / _floor_per_mu(formulation)
    dearest = float(np.max(reserve, initial=0.0))
    rules = np.stack(
        [
            model.upper[decisions.debt.all],
            model.cost[decisions.debt.all],
            model.cost[decisions.resettle.at(0, 0, when)] - dearest,
            model.cost[decisions.leave.at(0, when)],
        ]
    )
    cash = np.array([settings.moving_cost_wan_per_m2, settings.exit_compensation_wan_per_m2, settings.interest_rate])
    return rules, cash


def _last_unused(model: Compiled, years: int) -> Ints:
    block: Block = model.columns["unused_land"]
    park = np.arange(block.shape[0])
    return block.at(park, np.full(len(park), years - 1))
