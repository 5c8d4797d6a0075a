"""Keywords in clauses before any rule, for machine code."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from zhenxing.diagnosis.classification.scopes import LONGEST_CLAUSE

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


class Trie(NamedTuple):
    """Aho–Corasick in a small space: a state's step stands at ``base + symbol`` where ``check`` names the state.

    ``first`` is the state that a character leads to from the root, by code point; ``link_start`` and ``link`` say which
    links' keywords end in a state.
    """

    symbol: npt.NDArray[np.uint16]
    breaks: Bytes
    first: npt.NDArray[Any]
    base: Ints
    fallback: Ints
    step: Ints
    link_start: Ints
    link: Ints


def raw_rows(
    trie: Trie, data: Bytes, start: Longs, stamps: Ints, rows: Ints, links: Ints, begin: int
) -> tuple[int, int]:
    """List (row, link) from row ``begin`` on, each pair once; return where it stopped and how many."""
    symbols, breaks, begins, base, fallback = trie.symbol, trie.breaks, trie.first, trie.base, trie.fallback
    step, link_start, listed = trie.step, trie.link_start, trie.link
    count = 0
    for row in range(begin, len(start) - 1):
        if count + len(stamps) > len(rows):
            return row, count
        # unsigned places spare numba the question whether an index counts from the end
        place, last = np.uint64(start[row]), np.uint64(start[row + 1])
        # only a row longer than a clause may be has to be counted
        counted = last - place > LONGEST_CLAUSE
        state = np.int32(0)
        length = 0
        while place < last:
            byte = np.int32(data[place])
            if byte >= 0xE0 and byte < 0xF0 and place + np.uint64(2) < last:
                middle, low = np.int32(data[place + np.uint64(1)] & 0x3F), np.int32(data[place + np.uint64(2)] & 0x3F)
                point = np.uint32(((byte & 0x0F) << 12) | (middle << 6) | low)
                place += np.uint64(3)
            elif byte < 0x80:
                point = np.uint32(byte)
                place += np.uint64(1)
            elif byte < 0xE0 and place + np.uint64(1) < last:
                point = np.uint32(((byte & 0x1F) << 6) | np.int32(data[place + np.uint64(1)] & 0x3F))
                place += np.uint64(2)
            else:
                point = np.uint32(0)
                place += np.uint64(4)
            if counted:
                if length == LONGEST_CLAUSE:
                    state = np.int32(0)
                    length = 0
                length = 0 if breaks[point] else length + 1
            if state != 0:
                symbol = np.int32(symbols[point])
                while state != 0:
                    at = 2 * (base[state] + symbol)
                    if symbol != 0 and step[at] == state:
                        break
                    state = fallback[state]
                state = np.int32(begins[point]) if state == 0 else step[2 * (base[state] + symbol) + 1]
            else:
                state = np.int32(begins[point])
            if state == 0:
                continue
            first, end = link_start[state], link_start[state + 1]
            for one in range(first, end):
                link = listed[one]
                if stamps[link] != row + 1:
                    stamps[link] = row + 1
                    rows[count] = row
                    links[count] = link
                    count += 1
    return len(start) - 1, count
