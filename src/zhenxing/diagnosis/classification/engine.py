"""The compiled classification: Arrow texts in, labels out, distinct clauses read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from zhenxing.diagnosis.classification.automaton import tables
from zhenxing.diagnosis.classification.characters import normal
from zhenxing.diagnosis.classification.clause_loops import ENTRY, Desk
from zhenxing.diagnosis.classification.jitting import whole
from zhenxing.diagnosis.classification.label_loops import (
    BYTES_USED,
    DONE,
    LABELS_FULL,
    LABELS_USED,
    NAMES_FULL,
    STORE_FULL,
    Bench,
    Codes,
    Labels,
    Texts,
    label_rows,
)
from zhenxing.diagnosis.classification.labels import ROLE_NAMES
from zhenxing.diagnosis.classification.lexicon import Lexicon, plain_code, plain_edition, words
from zhenxing.diagnosis.classification.scope_loops import FRAME, MENTION, STATE
from zhenxing.diagnosis.classification.scopes import DEEPEST, LONGEST_CLAUSE
from zhenxing.diagnosis.classification.store_loops import CLAUSES_USED, SEEN, Row, Store
from zhenxing.errors import InputError
from zhenxing.i18n import say

if TYPE_CHECKING:
    import pyarrow as pa

# beyond this many distinct clauses the store is emptied, so that memory does not grow with the register
MOST_CLAUSES = 1 << 22
FIRST_CLAUSES = 1 << 15
ROLE_BITS = (0, 1, 2, 4)


@cache
def loops() -> Any:
    """Return the compiled loop over rows, or None without numba."""
    return whole(label_rows)


@dataclass
class Tally:
    """How many rows and clauses were read and how many clauses were distinct (read at all)."""

    rows: int = 0
    clauses: int = 0
    distinct: int = 0


class Engine:
    """A lexicon in machine form; feed it batches of Arrow texts one after the other."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._loop = loops()
        if self._loop is None:
            raise InputError(say("diagnosis_classification.needs_numba"))
        self.lexicon = lexicon
        self.tables = tables(lexicon)
        self.tally = Tally()
        self._store = new_store(FIRST_CLAUSES)
        self._names = new_store(FIRST_CLAUSES)
        deepest = int(np.diff(self.tables.out_start).max(initial=1))
        room = LONGEST_CLAUSE * deepest + 1
        self._desk = Desk(
            np.zeros((room, 3), np.int32),
            np.zeros((room, 7), np.int32),
            np.zeros((room * max((len(one) for one in lexicon.owners), default=1), ENTRY), np.int32),
            np.zeros(len(lexicon.links), np.int32),
            np.zeros(1, np.int32),
        )
        self._bench = _bench(len(lexicon.links), 256)
        self._makers = self._maker_words()
        self._codes: dict[tuple[str, str], int] = {}

    def _maker_words(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        found = [self.tables.symbol[[ord(one) for one in normal(word)]] for word in words().maker_names]
        start = np.cumsum([0, *(len(one) for one in found)]).astype(np.int32)
        return np.concatenate(found).astype(np.int32), start

    def label(
        self, name: pa.Array | None, scope: pa.Array | None, code: pa.Array | None, edition: pa.Array | str, rows: int
    ) -> pa.Table:
        """Return the labels of a batch: row, link_id, role, weight, evidence."""
        import pyarrow as pa

        name_bytes, name_start = buffers(name, rows)
        scope_bytes, scope_start = buffers(scope, rows)
        code_places, codes = self._code_tables(code, edition, rows)
        texts = Texts(name_bytes, name_start, scope_bytes, scope_start, code_places)
        longest = int(max(np.diff(name_start).max(initial=0) + np.diff(scope_start).max(initial=0), 1))
        spare = Row(
            np.zeros(longest + 2, np.int32), np.zeros(longest + 2, np.int32), np.zeros((longest + 4, 3), np.int32)
        )
        labels = _labels(max(4 * rows, 1024), max(len(scope_bytes) // 2 + len(name_bytes) // 2, 1 << 16))
        self._names = emptied(self._names)
        at, parts = 0, []
        while True:
            stores = (self._store, self._names)
            at, why = self._loop(
                self.tables, stores, self._desk, spare, texts, codes, self._makers, self._bench, labels, at
            )
            if why == DONE:
                break
            if why == STORE_FULL:
                self._store = self._grown(self._store)
            elif why == NAMES_FULL:
                self._names = self._grown(self._names)
            elif why == LABELS_FULL:
                parts.append(self._table(labels))
                labels = _labels(2 * len(labels.row), 2 * len(labels.evidence))
            else:
                self._bench = _bench(len(self.lexicon.links), 2 * len(self._bench.mentions))
        self.tally.rows += rows
        self.tally.clauses += int(self._store.used[SEEN])
        self.tally.distinct += int(self._store.used[CLAUSES_USED]) - self._counted()
        self._store.used[SEEN] = 0
        return pa.concat_tables([*parts, self._table(labels)])

    _before = 0

    def _counted(self) -> int:
        before, self._before = self._before, int(self._store.used[CLAUSES_USED])
        return before

    def _grown(self, store: Store) -> Store:
        if len(store.facts) >= MOST_CLAUSES:
            self._before -= int(store.used[CLAUSES_USED]) if store is self._store else 0
            return emptied(store)
        return enlarged(store)

    def _table(self, labels: Labels) -> pa.Table:
        import pyarrow as pa

        count, size = int(labels.used[LABELS_USED]), int(labels.used[BYTES_USED])
        ids = pa.array([link.link_id for link in self.lexicon.links], pa.string())
        roles = pa.array([ROLE_NAMES[bit] for bit in ROLE_BITS], pa.string())
        places = np.searchsorted(ROLE_BITS, labels.role[:count]).astype(np.int32)
        evidence = pa.LargeStringArray.from_buffers(
            count, pa.py_buffer(labels.evidence_start[: count + 1].copy()), pa.py_buffer(labels.evidence[:size].copy())
        )
        return pa.table(
            {
                "row": pa.array(labels.row[:count].copy()),
                "link_id": pa.DictionaryArray.from_arrays(pa.array(labels.link[:count].copy()), ids),
                "role": pa.DictionaryArray.from_arrays(pa.array(places), roles),
                "weight": pa.array(labels.weight[:count].copy()),
                "evidence": evidence,
            }
        )

    def _code_tables(
        self, code: pa.Array | None, edition: pa.Array | str, rows: int
    ) -> tuple[npt.NDArray[np.int32], Codes]:
        """Return each row's place among the distinct codes that some link lists, and what those codes say."""
        places = np.full(rows, -1, np.int32)
        pairs: dict[tuple[str, str], int] = {}
        listed: list[list[int]] = []
        text: list[bytes] = []
        if code is not None:
            digits = _each_once(code, plain_code)
            years = [plain_edition(edition)] * rows if isinstance(edition, str) else _each_once(edition, plain_edition)
            for row, pair in enumerate(zip(digits, years, strict=True)):
                if len(pair[0]) < 3:
                    continue
                if pair not in pairs:
                    found = self._links_of(*pair)
                    pairs[pair] = len(listed) if found else -1
                    if found:
                        listed.append(found)
                        text.append(f"code:{pair[0]}".encode())
                places[row] = pairs[pair]
        return places, Codes(
            np.cumsum([0, *map(len, listed)]).astype(np.int32),
            np.array([link for one in listed for link in one], np.int32),
            np.cumsum([0, *map(len, text)]).astype(np.int32),
            np.frombuffer(b"".join(text) or b"\0", np.uint8),
        )

    def _links_of(self, code: str, edition: str) -> list[int]:
        return [
            place
            for place, link in enumerate(self.lexicon.links)
            if link.edition == edition and any(one.startswith(code) for one in link.codes)
        ]


def _each_once(values: pa.Array, read: Any) -> list[str]:
    """Read every distinct value once."""
    encoded = values.dictionary_encode()
    known = [read(value) for value in encoded.dictionary.to_pylist()]
    return ["" if place is None else known[place] for place in encoded.indices.to_pylist()]


def buffers(values: pa.Array | None, rows: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return the bytes and the beginnings of texts; a missing one is empty."""
    import pyarrow as pa

    if values is None:
        return np.zeros(1, np.uint8), np.zeros(rows + 1, np.int64)
    texts = values.cast(pa.large_string())
    if texts.null_count:
        texts = texts.fill_null("")
    _, starts, data = texts.buffers()
    begin = np.frombuffer(starts, np.int64, rows + 1, texts.offset * 8) if rows else np.zeros(1, np.int64)
    content = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
    return content, begin


def new_store(clauses: int) -> Store:
    """Return an empty store with room for so many clauses."""
    return Store(
        np.full(4 * clauses, -1, np.int32),
        np.zeros(clauses, np.uint64),
        np.zeros(clauses + 1, np.int64),
        np.zeros(32 * clauses, np.uint8),
        np.zeros((clauses, 6), np.int32),
        np.zeros((2 * clauses + (1 << 15), ENTRY), np.int32),
        np.zeros(4, np.int64),
    )


def emptied(store: Store) -> Store:
    """Return a store with no clause in it, in the same room."""
    store.slots[:] = -1
    seen = store.used[SEEN]
    store.used[:] = 0
    store.used[SEEN] = seen
    return store


def enlarged(store: Store) -> Store:
    """Return a store of twice the room with the same clauses in the same places."""
    clauses = int(store.used[CLAUSES_USED])
    larger = new_store(2 * len(store.facts))
    larger.hashes[:clauses] = store.hashes[:clauses]
    larger.text_start[: clauses + 1] = store.text_start[: clauses + 1]
    text = larger.text if len(larger.text) > len(store.text) else np.zeros(2 * len(store.text), np.uint8)
    text[: len(store.text)] = store.text
    larger.facts[:clauses] = store.facts[:clauses]
    larger.entries[: len(store.entries)] = store.entries
    larger.used[:] = store.used
    place_slots(larger.slots, larger.hashes[:clauses])
    return larger._replace(text=text)


def place_slots(slots: npt.NDArray[np.int32], hashes: npt.NDArray[np.uint64]) -> None:
    """Put clauses into slots, those that meet the same slot one step further each round."""
    mask = np.uint64(len(slots) - 1)
    waiting = np.arange(len(hashes), dtype=np.int32)
    at = (hashes & mask).astype(np.int64)
    while len(waiting):
        free = slots[at] < 0
        slots[at[free]] = waiting[free]
        placed = slots[at] == waiting
        waiting, at = waiting[~placed], (at[~placed] + 1) & int(mask)


def _bench(links: int, room: int) -> Bench:
    return Bench(
        np.zeros((room, MENTION), np.int32),
        np.zeros((DEEPEST, FRAME), np.int32),
        np.zeros(STATE, np.int32),
        np.zeros(links, np.float64),
        np.zeros(links, np.int32),
        np.zeros(links, np.int32),
        np.zeros(links + 1, np.int32),
        np.zeros((links + 1, 2), np.int32),
        np.zeros((4 * room, 4), np.int32),
        np.zeros(3, np.int32),
    )


def _labels(count: int, size: int) -> Labels:
    return Labels(
        np.zeros(count, np.int32),
        np.zeros(count, np.int32),
        np.zeros(count, np.int32),
        np.zeros(count, np.float64),
        np.zeros(count + 1, np.int64),
        np.zeros(size, np.uint8),
        np.zeros(2, np.int64),
    )
