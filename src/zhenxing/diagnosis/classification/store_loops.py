"""Distinct clauses, each read once: a table by the hash of the characters, checked byte by byte, for machine code."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from zhenxing.diagnosis.classification.automaton import Tables
from zhenxing.diagnosis.classification.clause_loops import ENTRY, Desk, read
from zhenxing.diagnosis.classification.jitting import part
from zhenxing.diagnosis.classification.scopes import END_IN_LIST, END_OF_SENTENCE, LONGEST_CLAUSE

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

FLAGS, LEAD, TRAIL, VERBS, FIRST_ENTRY, ENTRIES = range(6)
CLAUSES_USED, TEXT_USED, ENTRIES_USED, SEEN = range(4)
FULL = -1


class Store(NamedTuple):
    """The distinct clauses: slots by hash, texts, what each says and its entries (spans in bytes)."""

    slots: Ints
    hashes: npt.NDArray[np.uint64]
    text_start: Longs
    text: Bytes
    facts: Ints
    entries: Ints
    used: Longs


class Row(NamedTuple):
    """Room for one text: its characters, where each begins, and its clauses (place in the store, byte, break)."""

    points: Ints
    at: Ints
    clauses: Ints


@part
def decode(data: Bytes, first: int, last: int, row: Row) -> int:
    """Write the characters of UTF-8 bytes and their places (counted from ``first``); return how many."""
    count, place = 0, first
    while place < last:
        row.at[count] = place - first
        byte = np.int32(data[place])
        if byte < 0x80:
            row.points[count] = byte
            place += 1
        elif byte < 0xE0 and place + 1 < last:
            row.points[count] = ((byte & 0x1F) << 6) | (data[place + 1] & 0x3F)
            place += 2
        elif byte < 0xF0 and place + 2 < last:
            row.points[count] = ((byte & 0x0F) << 12) | ((data[place + 1] & 0x3F) << 6) | (data[place + 2] & 0x3F)
            place += 3
        else:
            row.points[count] = 0x10FFFF
            place += 4
        count += 1
    row.at[count] = last - first
    return count


@part
def look(store: Store, data: Bytes, begin: int, size: int, mark: np.uint64) -> int:
    """Return the place of a clause in the store, or minus its free slot and one."""
    mask = np.int64(len(store.slots) - 1)
    slot = np.int64(mark & np.uint64(mask))
    while store.slots[slot] >= 0:
        held = store.slots[slot]
        if store.hashes[held] == mark and store.text_start[held + 1] - store.text_start[held] == size:
            at = store.text_start[held]
            same = True
            for offset in range(size):
                if store.text[at + offset] != data[begin + offset]:
                    same = False
                    break
            if same:
                return int(held)
        slot = (slot + 1) & mask
    return int(-1 - slot)


@part
def add_clause(
    tables: Tables,
    store: Store,
    desk: Desk,
    row: Row,
    data: Bytes,
    origin: int,
    span: tuple[int, int],
    slot: int,
    mark: np.uint64,
) -> int:
    """Read a new clause into the store and return its place; FULL when the store has no room."""
    first, last = span
    begin = row.at[first]
    size = row.at[last] - begin
    place = int(store.used[CLAUSES_USED])
    if (
        place + 1 >= len(store.facts)
        or 2 * place >= len(store.slots)
        or store.used[TEXT_USED] + size > len(store.text)
        or store.used[ENTRIES_USED] + len(desk.nouns) > len(store.entries)
    ):
        return FULL
    flags, lead, trail, verbs, nouns = read(tables, row.points, first, last, desk)
    facts = store.facts[place]
    facts[FLAGS], facts[LEAD], facts[TRAIL], facts[VERBS] = flags, lead, trail, verbs
    facts[FIRST_ENTRY], facts[ENTRIES] = store.used[ENTRIES_USED], nouns
    for noun in range(nouns):
        entry = store.entries[store.used[ENTRIES_USED] + noun]
        for column in range(2, ENTRY):
            entry[column] = desk.nouns[noun, column]
        entry[0] = row.at[first + desk.nouns[noun, 0]] - begin
        entry[1] = row.at[first + desk.nouns[noun, 1]] - begin
    for offset in range(size):
        store.text[store.used[TEXT_USED] + offset] = data[origin + begin + offset]
    store.slots[slot] = place
    store.hashes[place] = mark
    store.used[CLAUSES_USED] = place + 1
    store.used[TEXT_USED] += size
    store.used[ENTRIES_USED] += nouns
    store.text_start[place + 1] = store.used[TEXT_USED]
    return place


@part
def split(tables: Tables, store: Store, desk: Desk, row: Row, data: Bytes, origin: int, stop: int) -> int:
    """Split a text into clauses known to the store; return how many, FULL when the store has no room."""
    count = decode(data, origin, stop, row)
    clauses, start = 0, 0
    mark = np.uint64(14695981039346656037)
    for place in range(count + 1):
        kind = END_OF_SENTENCE
        step = 1
        if place < count:
            point = row.points[place]
            kind = tables.breaks[point] if point < 65536 else 0
            if kind == 0 and place - start == LONGEST_CLAUSE:
                kind, step = END_IN_LIST, 0
            if kind == 0:
                mark = (mark ^ np.uint64(point)) * np.uint64(1099511628211)
                continue
        held = -1
        if place > start:
            mark ^= mark >> np.uint64(29)
            held = look(store, data, origin + row.at[start], row.at[place] - row.at[start], mark)
            if held < 0:
                held = add_clause(tables, store, desk, row, data, origin, (start, place), -1 - held, mark)
            if held == FULL:
                return FULL
            store.used[SEEN] += 1
        row.clauses[clauses, 0], row.clauses[clauses, 1], row.clauses[clauses, 2] = held, row.at[start], kind
        clauses += 1
        start = place + step
        mark = np.uint64(14695981039346656037)
        if step == 0:
            mark = (mark ^ np.uint64(row.points[place])) * np.uint64(1099511628211)
    return clauses
