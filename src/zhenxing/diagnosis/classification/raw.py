"""Which links' keywords stand in which texts, before negation, verbs, boilerplate and longest match."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from zhenxing.diagnosis.classification.automaton import Trees, flat, grow, read_characters
from zhenxing.diagnosis.classification.characters import LIMIT
from zhenxing.diagnosis.classification.engine import buffers
from zhenxing.diagnosis.classification.jitting import whole
from zhenxing.diagnosis.classification.lexicon import Lexicon
from zhenxing.diagnosis.classification.raw_loops import Trie, raw_rows
from zhenxing.errors import InputError
from zhenxing.i18n import say

if TYPE_CHECKING:
    import pyarrow as pa

Ints = npt.NDArray[np.int32]
MOST_TRIES = 50


@cache
def raw_loop() -> Any:
    """Return the compiled loop."""
    loop = whole(raw_rows)
    if loop is None:
        raise InputError(say("diagnosis_classification.needs_numba"))
    return loop


class RawHits:
    """Keyword hits batch by batch: one pass over the bytes of the texts.

    Parameters
    ----------
    lexicon : Lexicon
        The links and their keywords.

    Examples
    --------
    >>> import pandas as pd, pyarrow as pa
    >>> from zhenxing.diagnosis.classification.lexicon import lexicon
    >>> lamps = lexicon(pd.DataFrame({"link_id": ["LAMP", "GLASS"], "keywords": ["灯", "灯罩"]}))
    >>> rows, links = RawHits(lamps).hits(pa.array(["不含灯罩；灯罩", None]))
    >>> rows.tolist(), sorted(links.tolist())
    ([0, 0], [0, 1])
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._links = len(lexicon.links)
        self._trie = _trie(lexicon)

    def hits(self, texts: pa.Array) -> tuple[Ints, Ints]:
        """Return rows and places of links, each pair once, rows in order."""
        data, start = buffers(texts, len(texts))
        stamps = np.zeros(self._links, np.int32)
        room = 6 * len(texts) + 2 * self._links
        parts: list[tuple[Ints, Ints]] = []
        at = 0
        while at < len(texts):
            rows, links = np.empty(room, np.int32), np.empty(room, np.int32)
            at, count = raw_loop()(self._trie, data, start, stamps, rows, links, at)
            parts.append((rows[:count], links[:count]))
        if len(parts) == 1:
            return parts[0]
        parts.append((np.zeros(0, np.int32), np.zeros(0, np.int32)))
        return np.concatenate([rows for rows, _ in parts]), np.concatenate([links for _, links in parts])


def _trie(lexicon: Lexicon) -> Trie:
    """Return the keywords' automaton in a small space."""
    trees = grow(list(lexicon.keywords))
    symbol, breaks, _ = read_characters(trees.symbols)
    ends = [list(dict.fromkeys(link for keyword in one for link in lexicon.owners[keyword])) for one in trees.ends]
    root = np.zeros(len(trees.symbols) + 1, np.int32)
    for one, child in trees.children[0].items():
        root[one] = child
    base, step = _packed(trees, len(root))
    return Trie(
        symbol,
        breaks,
        root.astype(np.uint16 if len(base) < LIMIT else np.int32)[symbol],
        base,
        np.array(trees.fallback, np.int32),
        step,
        *flat(ends),
    )


def _packed(trees: Trees, width: int) -> tuple[Ints, Ints]:
    """Return where each state's steps begin, and for each place the state it belongs to and the state it leads to."""
    base = np.zeros(len(trees.children), np.int32)
    taken: dict[int, tuple[int, int]] = {}
    free = floor = width
    for state in sorted(range(1, len(base)), key=lambda one: -len(trees.children[one])):
        symbols = list(trees.children[state])
        if not symbols:
            continue
        while free in taken:
            free += 1
        # a single step fits every gap; several are looked for from where the last ones were found
        begin = free - symbols[0] if len(symbols) == 1 else floor
        tries = 0
        while any(begin + symbol in taken for symbol in symbols):
            begin += 1
            tries += 1
        if tries > MOST_TRIES:
            floor = begin
        base[state] = begin
        for symbol in symbols:
            taken[begin + symbol] = (state, trees.children[state][symbol])
    step = np.zeros(2 * (max(base.tolist(), default=0) + width + max(taken, default=0) + 1), np.int32)
    for place, (state, child) in taken.items():
        step[2 * place], step[2 * place + 1] = state, child
    return base, step
