"""From mentions to labels (see ``labels``) for a batch of rows, for machine code."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from zhenxing.diagnosis.classification.automaton import Tables
from zhenxing.diagnosis.classification.clause_loops import MAKES_OR_SELLS, SELLS_BIT, Desk
from zhenxing.diagnosis.classification.jitting import part
from zhenxing.diagnosis.classification.scope_loops import CLAUSE, COUNT, FROM, IS_MAKING, MADE, OF_LINK, ROLES, TO, walk
from zhenxing.diagnosis.classification.store_loops import FULL, Row, Store, split

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

DONE, STORE_FULL, NAMES_FULL, LABELS_FULL, MENTIONS_FULL = range(5)
LABELS_USED, BYTES_USED = 0, 1
MAKES_BIT, WORKS_BIT = 1, 8
IS_MAKING_WORD, IS_ONLY_MADE = 1, 2
SEMICOLON = 59


class Texts(NamedTuple):
    """The rows of a batch: UTF-8 bytes and where each text begins; the place of each row's code."""

    name: Bytes
    name_start: Longs
    scope: Bytes
    scope_start: Longs
    code: Ints


class Codes(NamedTuple):
    """The distinct codes of a batch: the links that list each, and the words ``code:3872``."""

    link_start: Ints
    link: Ints
    text_start: Ints
    text: Bytes


class Bench(NamedTuple):
    """Room to work out one row."""

    mentions: Ints
    frames: Ints
    state: Ints
    scores: Floats
    bits: Ints
    held: Ints
    touched: Ints
    group: Ints
    words: Ints
    counts: Ints


class Labels(NamedTuple):
    """The labels of a batch."""

    row: Ints
    link: Ints
    role: Ints
    weight: Floats
    evidence_start: Longs
    evidence: Bytes
    used: Longs


@part
def strongest(bits: int) -> int:
    """Return the role that a link's roles come to: makes before sells before serves."""
    return bits & -bits


@part
def factor(bits: int) -> float:
    """Return what a mention of these roles counts."""
    return 0.5 if strongest(bits) == SELLS_BIT else 1.0


@part
def touch(bench: Bench, link: int) -> None:
    """Note that a row has a link, in order of the links."""
    count = bench.counts[0]
    for one in range(count):
        if bench.touched[one] == link:
            return
    place = count
    while place > 0 and bench.touched[place - 1] > link:
        bench.touched[place] = bench.touched[place - 1]
        place -= 1
    bench.touched[place] = link
    bench.counts[0] = count + 1
    bench.scores[link] = 0.0
    bench.bits[link] = 0
    bench.held[link] = 0


@part
def same_bytes(one: Bytes, first: int, other: Bytes, second: int, size: int) -> bool:
    """Say whether two stretches of bytes are equal."""
    for offset in range(size):  # noqa: SIM110 - numba has no generators
        if one[first + offset] != other[second + offset]:
            return False
    return True


@part
def note(bench: Bench, texts: Texts, row: int, link: int, source: int, first: int, last: int) -> None:
    """Keep a word as evidence of a link once; ``source`` 0 is the scope and 1 the name."""
    data = texts.scope if source == 0 else texts.name
    begin = texts.scope_start[row] if source == 0 else texts.name_start[row]
    for word in range(min(bench.counts[1], len(bench.words))):
        if bench.words[word, 0] != link or bench.words[word, 3] - bench.words[word, 2] != last - first:
            continue
        is_name = bench.words[word, 1] == 1
        its = texts.name if is_name else texts.scope
        at = texts.name_start[row] if is_name else texts.scope_start[row]
        if same_bytes(its, at + bench.words[word, 2], data, begin + first, last - first):
            return
    word = bench.counts[1]
    if word < len(bench.words):
        bench.words[word, 0], bench.words[word, 1] = link, source
        bench.words[word, 2], bench.words[word, 3] = first, last
    bench.counts[1] = word + 1


@part
def held_of(bench: Bench, link: int) -> int:
    """Return the roles that the scope gave a link."""
    for one in range(bench.counts[0]):
        if bench.touched[one] == link:
            return int(bench.held[link])
    return 0


@part
def role_of(tables: Tables, link: int, given: int, making: int, default: int) -> int:
    """Return the roles of one mention: the link's only one, a making word's, a verb's, else the row's; 0: none."""
    if tables.fixed[link]:
        return int(tables.fixed[link])
    if not given & MAKES_OR_SELLS and making & IS_MAKING_WORD:
        return MAKES_BIT
    bits = given & ~WORKS_BIT if given else default
    return 0 if strongest(bits) == SELLS_BIT and making & IS_ONLY_MADE else bits


@part
def count_scope(tables: Tables, bench: Bench, texts: Texts, row: int, default: int, source: int) -> None:
    """Add the mentions clause by clause; the whole name counts as one clause of two units."""
    total = bench.state[COUNT]
    first = 0
    while first < total:
        last = first
        size = 0
        while last < total and (source == 1 or bench.mentions[last, CLAUSE] == bench.mentions[first, CLAUSE]):
            mention = bench.mentions[last]
            link = mention[OF_LINK]
            given = mention[ROLES]
            if source == 1:
                given = held_of(bench, link)
            bits = role_of(tables, link, given, mention[IS_MAKING], default)
            last += 1
            if bits == 0:
                continue
            touch(bench, link)
            known = False
            for one in range(size):
                if bench.group[one, 0] == link:
                    bench.group[one, 1] |= bits
                    known = True
            if not known:
                bench.group[size, 0], bench.group[size, 1] = link, bits
                size += 1
            note(bench, texts, row, link, source, mention[FROM], mention[TO])
        for one in range(size):
            link, bits = bench.group[one, 0], bench.group[one, 1]
            bench.scores[link] += (2.0 if source == 1 else 1.0) * factor(bits) / size
            bench.bits[link] |= bits
        first = last


@part
def trade(tables: Tables, bench: Bench, texts: Texts, row: int) -> None:
    """Who only sells the goods of a link is also in the link that trades in them."""
    if len(tables.trade_link) == 0:
        return
    for link in range(len(tables.fixed)):
        for at in range(tables.trade_start[link], tables.trade_start[link + 1]):
            other = tables.trade_link[at]
            sold = False
            for one in range(bench.counts[0]):
                if bench.touched[one] == other:
                    sold = strongest(bench.bits[other]) == SELLS_BIT
            if sold:
                touch(bench, link)
                bench.scores[link] += bench.scores[other]
                bench.bits[link] |= tables.fixed[link] if tables.fixed[link] else SELLS_BIT
                for word in range(min(bench.counts[1], len(bench.words))):
                    if bench.words[word, 0] == other:
                        source, first, last = bench.words[word, 1], bench.words[word, 2], bench.words[word, 3]
                        note(bench, texts, row, link, source, first, last)


@part
def prior(bench: Bench, codes: Codes, code: int) -> None:
    """Let the code confirm links that words gave; where it confirms none, it gives its links alone."""
    bench.counts[2] = -1
    if code < 0:
        return
    first, last = codes.link_start[code], codes.link_start[code + 1]
    found = 0
    before = bench.counts[0]
    for at in range(first, last):
        for one in range(before):
            if bench.touched[one] == codes.link[at]:
                bench.scores[codes.link[at]] += 1.0
                bench.held[codes.link[at]] = -1
                found += 1
    if found == 0:
        for at in range(first, last):
            touch(bench, codes.link[at])
            bench.scores[codes.link[at]] += 0.5 / (last - first)
            bench.held[codes.link[at]] = -1
    bench.counts[2] = code


@part
def write(bench: Bench, texts: Texts, codes: Codes, row: int, labels: Labels) -> bool:
    """Write the labels of a row; False when there is no room."""
    links = bench.counts[0]
    code = bench.counts[2]
    size = 0
    for word in range(bench.counts[1]):
        size += bench.words[word, 3] - bench.words[word, 2] + 1
    if code >= 0:
        size += links * (codes.text_start[code + 1] - codes.text_start[code] + 1)
    if labels.used[LABELS_USED] + links + 1 >= len(labels.row) or labels.used[BYTES_USED] + size > len(labels.evidence):
        return False
    total = 0.0
    for one in range(links):
        total += bench.scores[bench.touched[one]]
    for one in range(links):
        link = bench.touched[one]
        place = labels.used[LABELS_USED]
        labels.row[place], labels.link[place] = row, link
        labels.role[place] = strongest(bench.bits[link])
        labels.weight[place] = bench.scores[link] / total
        put_evidence(bench, texts, codes, row, labels, link)
        labels.used[LABELS_USED] = place + 1
        labels.evidence_start[place + 1] = labels.used[BYTES_USED]
    return True


@part
def put_evidence(bench: Bench, texts: Texts, codes: Codes, row: int, labels: Labels, link: int) -> None:
    """Write the words of a link and its code, joined by semicolons."""
    at = labels.used[BYTES_USED]
    begin = at
    for word in range(bench.counts[1]):
        if bench.words[word, 0] != link:
            continue
        if at > begin:
            labels.evidence[at] = SEMICOLON
            at += 1
        is_name = bench.words[word, 1] == 1
        data = texts.name if is_name else texts.scope
        origin = texts.name_start[row] if is_name else texts.scope_start[row]
        for offset in range(bench.words[word, 2], bench.words[word, 3]):
            labels.evidence[at] = data[origin + offset]
            at += 1
    code = bench.counts[2]
    if code >= 0 and bench.held[link] == -1:
        if at > begin:
            labels.evidence[at] = SEMICOLON
            at += 1
        for offset in range(codes.text_start[code], codes.text_start[code + 1]):
            labels.evidence[at] = codes.text[offset]
            at += 1
    labels.used[BYTES_USED] = at


@part
def has_maker_name(tables: Tables, points: Ints, count: int, makers: Ints, maker_start: Ints) -> bool:
    """Say whether a name holds one of the words of makers (as symbols)."""
    for word in range(len(maker_start) - 1):
        size = maker_start[word + 1] - maker_start[word]
        for place in range(count - size + 1):
            same = True
            for offset in range(size):
                point = points[place + offset]
                if (tables.symbol[point] if point < 65536 else 0) != makers[maker_start[word] + offset]:
                    same = False
                    break
            if same:
                return True
    return False


def label_rows(
    tables: Tables,
    stores: tuple[Store, Store],
    desk: Desk,
    spare: Row,
    texts: Texts,
    codes: Codes,
    makers: tuple[Ints, Ints],
    bench: Bench,
    labels: Labels,
    begin: int,
) -> tuple[int, int]:
    """Label rows from ``begin`` on; return where it stopped and why (DONE, or what has no room)."""
    known, names = stores
    for row in range(begin, len(texts.code)):
        bench.counts[:] = 0
        clauses = split(tables, names, desk, spare, texts.name, texts.name_start[row], texts.name_start[row + 1])
        if clauses == FULL:
            return row, NAMES_FULL
        length = 0
        while spare.at[length] < texts.name_start[row + 1] - texts.name_start[row]:
            length += 1
        maker = has_maker_name(tables, spare.points, length, makers[0], makers[1])
        named = clauses
        for clause in range(named):
            for column in range(3):
                spare.clauses[len(spare.clauses) - 1 - clause, column] = spare.clauses[clause, column]
        clauses = split(tables, known, desk, spare, texts.scope, texts.scope_start[row], texts.scope_start[row + 1])
        if clauses == FULL:
            return row, STORE_FULL
        if not walk(known, spare, clauses, bench.mentions, bench.frames, bench.state):
            return row, MENTIONS_FULL
        default = MAKES_BIT if bench.state[MADE] or maker else SELLS_BIT
        count_scope(tables, bench, texts, row, default, 0)
        for one in range(bench.counts[0]):
            bench.held[bench.touched[one]] = bench.bits[bench.touched[one]]
        for clause in range(named):
            for column in range(3):
                spare.clauses[clause, column] = spare.clauses[len(spare.clauses) - 1 - clause, column]
        if not walk(names, spare, named, bench.mentions, bench.frames, bench.state):
            return row, MENTIONS_FULL
        count_scope(tables, bench, texts, row, default, 1)
        trade(tables, bench, texts, row)
        prior(bench, codes, texts.code[row])
        if bench.counts[1] > len(bench.words):
            return row, MENTIONS_FULL
        if not write(bench, texts, codes, row, labels):
            return row, LABELS_FULL
    return len(texts.code), DONE
