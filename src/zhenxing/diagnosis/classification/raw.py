"""Which links' keywords stand in which texts, before negation, verbs, boilerplate and longest match."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from zhenxing.diagnosis.classification.automaton import tables
from zhenxing.diagnosis.classification.engine import FIRST_CLAUSES, MOST_CLAUSES, buffers, emptied, enlarged, new_store
from zhenxing.diagnosis.classification.jitting import whole
from zhenxing.diagnosis.classification.lexicon import Lexicon
from zhenxing.diagnosis.classification.raw_loops import raw_rows
from zhenxing.diagnosis.classification.store_loops import CLAUSES_USED, SEEN, Row

if TYPE_CHECKING:
    import pyarrow as pa

Ints = npt.NDArray[np.int32]


@cache
def raw_loop() -> Any:
    """Return the compiled loop, or the plain one without numba."""
    return whole(raw_rows) or raw_rows


class RawHits:
    """Keyword hits batch by batch; distinct clauses are searched once.

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
        self.tables = tables(lexicon)
        self.clauses = 0
        self.distinct = 0
        self._links = len(lexicon.links)
        self._store = new_store(FIRST_CLAUSES)

    def hits(self, texts: pa.Array) -> tuple[Ints, Ints]:
        """Return rows and places of links, each pair once, rows in order."""
        data, start = buffers(texts, len(texts))
        longest = int(np.diff(start).max(initial=0)) + 2
        spare = Row(np.zeros(longest, np.int32), np.zeros(longest, np.int32), np.zeros((1, 3), np.int32))
        stamps = np.zeros(self._links, np.int32)
        room = max(8 * len(texts), 2 * self._links)
        parts: list[tuple[Ints, Ints]] = []
        at, before = 0, int(self._store.used[CLAUSES_USED])
        while at < len(texts):
            found = (np.zeros(room, np.int32), np.zeros(room, np.int32))
            at, count, full = raw_loop()(self.tables, self._store, spare, data, start, stamps, found, at)
            parts.append((found[0][:count], found[1][:count]))
            if full:
                # the row that found no room is read again from its beginning
                stamps[:] = 0
                if len(self._store.facts) >= MOST_CLAUSES:
                    self.distinct += int(self._store.used[CLAUSES_USED]) - before
                    self._store, before = emptied(self._store), 0
                else:
                    self._store = enlarged(self._store)
        self.distinct += int(self._store.used[CLAUSES_USED]) - before
        self.clauses += int(self._store.used[SEEN])
        self._store.used[SEEN] = 0
        none = np.zeros(0, np.int32)
        return (
            np.concatenate([none, *(rows for rows, _ in parts)]),
            np.concatenate([none, *(links for _, links in parts)]),
        )
