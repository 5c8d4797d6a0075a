"""A plan laid out flat for the kernel: one record a row, a column, an entry, so that few arrays hold all."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from zhenxing.planning.solve.local.reduced import ASSEMBLY, LIMIT, NEEDY, REWARD, Reduced

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Records = npt.NDArray[Any]

# The longest move, in changes of single numbers.
LONGEST_TRAIL = 64

_INTEGER, _NUMBER = np.int64, np.float64
ENTRY = np.dtype([("at", _INTEGER), ("value", _NUMBER)])
ROW = np.dtype(
    [
        *((name, _INTEGER) for name in ("kind", "first", "last", "more", "most", "assembled", "place", "broken")),
        *((name, _NUMBER) for name in ("floor", "ceiling", "activity", "room")),
    ]
)
COLUMN = np.dtype(
    [
        *((name, _INTEGER) for name in ("first", "last", "kin", "kin_end", "kin_list", "lower", "upper", "whole")),
        *((name, _INTEGER) for name in ("place", "chosen", "stamp")),
        ("cost", _NUMBER),
    ]
)
PIECE = np.dtype([("weight", _NUMBER), ("cap", _NUMBER)])
YEAR = np.dtype([(name, _NUMBER) for name in ("limit", "borrowed", "moved", "left", "room")])
STEP = np.dtype([("column", _INTEGER), ("step", _INTEGER)])
TALLY = np.dtype(
    [
        *((name, _INTEGER) for name in ("broken", "trail", "chosen", "seed", "round", "bad_year")),
        *((name, _INTEGER) for name in ("land", "parks", "years", "money", "floor")),
        *((name, _NUMBER) for name in ("linear", "rewarded", "moving", "leaving", "interest")),
    ]
)


class Board(NamedTuple):
    """A plan under change and its rules.

    Attributes
    ----------
    by_column, by_row : records
        Entries of the matrix; ``at`` is the row, or the column.
    rows : records
        ``first``..``last`` its entries; ``more``..``most`` its pieces (a reward), the rows that need it (an
        assembly) or the assemblies it could use (a row that needs one); ``place`` its place among the broken rows or
        −1; ``broken`` the list of broken rows.
    columns : records
        ``kin``..``kin_end`` the columns of the same group in ``kin_list``; ``place`` its place among the chosen or −1;
        ``chosen`` the list of those above their lower bound; ``stamp`` the move that last changed it.
    pieces, needy, helpers, years, parks, trail, tally
        Reward pieces, rows that need an assembly, assemblies that such a row could use, rules of a year, floor a mu of
        each park holds, changes of the present move, counters.
    """

    by_column: Records
    by_row: Records
    rows: Records
    columns: Records
    pieces: Records
    needy: Ints
    helpers: Ints
    years: Records
    parks: Floats
    trail: Records
    tally: Records


def lay_out(reduced: Reduced, whole: Ints, seed: int) -> Board:
    """Return the board of a plan."""
    count = len(reduced.kind)
    owner = np.repeat(np.arange(len(whole)), np.diff(reduced.column_at))
    activity = reduced.base + np.bincount(reduced.row_index, reduced.column_value * whole[owner], count)
    rows = np.zeros(count, dtype=ROW)
    rows["kind"], rows["first"], rows["last"] = reduced.kind, reduced.row_at[:-1], reduced.row_at[1:]
    rows["floor"], rows["ceiling"], rows["room"] = reduced.floor, reduced.ceiling, reduced.room
    rows["activity"] = activity
    for kind, at in ((REWARD, reduced.piece_at), (ASSEMBLY, reduced.needy_at), (NEEDY, reduced.helper_at)):
        chosen = reduced.kind == kind
        rows["more"][chosen], rows["most"][chosen] = at[:-1][chosen], at[1:][chosen]
    for row in np.flatnonzero((reduced.kind == ASSEMBLY) & (activity > reduced.floor - 0.5)).tolist():
        rows["assembled"][reduced.needy_row[reduced.needy_at[row] : reduced.needy_at[row + 1]]] += 1
    slack = 1e-6 * np.maximum(1.0, np.abs(activity))
    over = (activity < reduced.floor - slack) | (activity > reduced.ceiling + slack)
    lacking = activity > reduced.room * rows["assembled"] + slack
    _list(rows, "broken", ((reduced.kind == LIMIT) & over) | ((reduced.kind == NEEDY) & lacking))

    columns = np.zeros(len(whole), dtype=COLUMN)
    columns["first"], columns["last"] = reduced.column_at[:-1], reduced.column_at[1:]
    columns["kin"], columns["kin_end"] = reduced.group_at[reduced.group], reduced.group_at[reduced.group + 1]
    columns["kin_list"], columns["lower"], columns["upper"] = reduced.group_column, reduced.lower, reduced.upper
    columns["whole"], columns["cost"], columns["stamp"] = whole, reduced.cost, -1
    _list(columns, "chosen", whole > reduced.lower)

    pieces = np.zeros(len(reduced.piece_weight), dtype=PIECE)
    pieces["weight"], pieces["cap"] = reduced.piece_weight, reduced.piece_cap
    length = np.diff(reduced.piece_at)
    rewarded = float(reduced.piece_weight @ np.minimum(np.repeat(activity, length), reduced.piece_cap))
    return Board(
        _entries(reduced.row_index, reduced.column_value),
        _entries(reduced.column_index, reduced.row_value),
        rows,
        columns,
        pieces,
        reduced.needy_row,
        reduced.helper_row,
        _years(reduced),
        reduced.floor_per_mu,
        np.zeros(LONGEST_TRAIL, dtype=STEP),
        _tally(reduced, rows, columns, float(reduced.cost @ whole), rewarded, seed),
    )


def _list(records: Records, name: str, flags: npt.NDArray[np.bool_]) -> None:
    """Note the records with a flag as a list and each one's place in it."""
    chosen = np.flatnonzero(flags)
    records["place"] = -1
    records["place"][chosen] = np.arange(len(chosen))
    records[name][: len(chosen)] = chosen


def _entries(at: Ints, value: Floats) -> Records:
    entries = np.zeros(len(at), dtype=ENTRY)
    entries["at"], entries["value"] = at, value
    return entries


def _years(reduced: Reduced) -> Records:
    years = np.zeros(reduced.money.shape[1], dtype=YEAR)
    for name, values in zip(("limit", "borrowed", "moved", "left"), reduced.money, strict=True):
        years[name] = values
    return years


def _tally(reduced: Reduced, rows: Records, columns: Records, linear: float, rewarded: float, seed: int) -> Records:
    tally = np.zeros(1, dtype=TALLY)
    tally["broken"], tally["chosen"] = (rows["place"] >= 0).sum(), (columns["place"] >= 0).sum()
    # the generator of the kernel needs a seed between 1 and 2^31 - 2
    tally["seed"] = (seed * 7919 + 12345) % 2147483646 + 1
    for name, value in zip(("land", "parks", "years", "money", "floor"), reduced.places.tolist(), strict=True):
        tally[name] = value
    for name, value in zip(("moving", "leaving", "interest"), reduced.cash.tolist(), strict=True):
        tally[name] = value
    tally["linear"], tally["rewarded"] = linear, rewarded
    return tally
