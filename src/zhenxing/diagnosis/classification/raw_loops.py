"""Keywords in clauses before any rule, for machine code."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zhenxing.diagnosis.classification.automaton import Tables
from zhenxing.diagnosis.classification.jitting import part
from zhenxing.diagnosis.classification.scopes import LONGEST_CLAUSE
from zhenxing.diagnosis.classification.store_loops import (
    CLAUSES_USED,
    ENTRIES,
    ENTRIES_USED,
    FIRST_ENTRY,
    FULL,
    SEEN,
    TEXT_USED,
    Row,
    Store,
    decode,
    look,
)

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

MOST_HITS = 1 << 14


@part
def add_raw(
    tables: Tables, store: Store, points: Ints, data: Bytes, begin: int, size: int, span: tuple[int, int], slot: int
) -> int:
    """Find the links of a new clause and return its place; FULL when the store has no room."""
    place = int(store.used[CLAUSES_USED])
    if (
        place + 1 >= len(store.facts)
        or 2 * place >= len(store.slots)
        or store.used[TEXT_USED] + size > len(store.text)
        or store.used[ENTRIES_USED] + MOST_HITS > len(store.entries)
    ):
        return FULL
    first = store.used[ENTRIES_USED]
    last = first
    state = np.int32(0)
    for at in range(span[0], span[1]):
        point = points[at]
        state = tables.go[state, tables.symbol[point] if point < 65536 else 0]
        for out in range(tables.out_start[state], tables.out_start[state + 1]):
            keyword = tables.keyword[tables.out_pattern[out]]
            if keyword < 0:
                continue
            for owner in range(tables.owner_start[keyword], tables.owner_start[keyword + 1]):
                link = tables.owner_link[owner]
                new = last - first < MOST_HITS
                for one in range(first, last):
                    if store.entries[one, 0] == link:
                        new = False
                if new:
                    store.entries[last, 0] = link
                    last += 1
    for offset in range(size):
        store.text[store.used[TEXT_USED] + offset] = data[begin + offset]
    store.facts[place, FIRST_ENTRY] = first
    store.facts[place, ENTRIES] = last - first
    store.slots[slot] = place
    store.used[CLAUSES_USED] = place + 1
    store.used[TEXT_USED] += size
    store.used[ENTRIES_USED] = last
    store.text_start[place + 1] = store.used[TEXT_USED]
    return place


@part
def raw_clause(
    tables: Tables, store: Store, row: Row, data: Bytes, origin: int, span: tuple[int, int], mark: np.uint64
) -> int:
    """Return the place of a clause, new or known; FULL when the store has no room."""
    begin = origin + row.at[span[0]]
    size = row.at[span[1]] - row.at[span[0]]
    held = look(store, data, begin, size, mark)
    if held < 0:
        held = add_raw(tables, store, row.points, data, begin, size, span, -1 - held)
        if held != FULL:
            store.hashes[held] = mark
    return held


def raw_rows(
    tables: Tables,
    store: Store,
    row: Row,
    data: Bytes,
    start: Longs,
    stamps: Ints,
    found: tuple[Ints, Ints],
    begin: int,
) -> tuple[int, int, bool]:
    """List (row, link) from row ``begin`` on; return where it stopped, how many, and whether the store was full."""
    rows, links = found
    count = 0
    for place in range(begin, len(start) - 1):
        if count + len(stamps) > len(rows):
            return place, count, False
        before = count
        origin = start[place]
        size = decode(data, origin, start[place + 1], row)
        first = 0
        mark = np.uint64(14695981039346656037)
        for at in range(size + 1):
            kind, step = 1, 1
            if at < size:
                point = row.points[at]
                kind = tables.breaks[point] if point < 65536 else 0
                if kind == 0 and at - first == LONGEST_CLAUSE:
                    kind, step = 1, 0
                if kind == 0:
                    mark = (mark ^ np.uint64(point)) * np.uint64(1099511628211)
                    continue
            if at > first:
                mark ^= mark >> np.uint64(29)
                held = raw_clause(tables, store, row, data, origin, (first, at), mark)
                if held == FULL:
                    return place, before, True
                store.used[SEEN] += 1
                for one in range(
                    store.facts[held, FIRST_ENTRY], store.facts[held, FIRST_ENTRY] + store.facts[held, ENTRIES]
                ):
                    link = store.entries[one, 0]
                    if stamps[link] != place + 1:
                        stamps[link] = place + 1
                        rows[count], links[count] = place, link
                        count += 1
            first = at + step
            mark = np.uint64(14695981039346656037)
            if step == 0:
                mark = (mark ^ np.uint64(row.points[at])) * np.uint64(1099511628211)
        if place + 2 == len(start):
            return place + 1, count, False
    return len(start) - 1, count, False
