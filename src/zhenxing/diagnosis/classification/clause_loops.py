"""The reading of a clause (see ``clauses``) over arrays, for machine code."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from zhenxing.diagnosis.classification.automaton import (
    BACKWARD,
    COMPOUND,
    EXCEPT,
    EXCLUDED,
    FILLER,
    FORWARD,
    NO_EXCEPTION,
    ONLY_SPAN,
    WHOLE_CLAUSE,
    Tables,
)
from zhenxing.diagnosis.classification.jitting import part

Ints = npt.NDArray[np.int32]

SKIPPED, BARE, IS_FORWARD, IS_BACKWARD, IS_EXCEPTING, ENDS_EXCEPTION = 1, 2, 4, 8, 16, 32
START, END, KEYWORD, LINK, AFTER, BEFORE, MAKING = range(7)
ENTRY = 7
MAKES_OR_SELLS, SELLS_BIT = 3, 2


class Desk(NamedTuple):
    """Room to read one clause: occurrences (start, end, pattern), verbs (start, end, role, reach), nouns (entries)."""

    events: Ints
    verbs: Ints
    nouns: Ints
    stamps: Ints
    mark: Ints


@part
def find(tables: Tables, points: Ints, first: int, last: int, desk: Desk) -> tuple[int, int, int, int]:
    """List every pattern in the characters first..last; return how many, the kinds seen and where negation begins."""
    state, found, seen, cut, head = 0, 0, 0, last - first, 0
    for place in range(first, last):
        point = points[place]
        state = tables.go[state, tables.symbol[point] if point < 65536 else 0]
        for out in range(tables.out_start[state], tables.out_start[state + 1]):
            pattern = tables.out_pattern[out]
            end = place - first + 1
            start = end - tables.length[pattern]
            kind = tables.kind[pattern]
            seen |= kind & (WHOLE_CLAUSE | BACKWARD | EXCLUDED)
            if start == 0:
                head |= kind & (EXCEPT | NO_EXCEPTION)
            if kind & FORWARD and start < cut:
                cut = start
            desk.events[found, 0], desk.events[found, 1], desk.events[found, 2] = start, end, pattern
            found += 1
    return found, seen, cut, head


@part
def covered(desk: Desk, found: int, tables: Tables, start: int, end: int, kinds: int) -> bool:
    """Say whether a pattern of these kinds contains the span."""
    for other in range(found):
        if (
            tables.kind[desk.events[other, 2]] & kinds
            and desk.events[other, 0] <= start
            and end <= desk.events[other, 1]
        ):
            return True
    return False


@part
def list_verbs(tables: Tables, desk: Desk, found: int) -> int:
    """List the verbs that count: not inside boilerplate, a compound or a longer verb."""
    verbs = 0
    for event in range(found):
        role = tables.verb[desk.events[event, 2]]
        if role == 0:
            continue
        start, end = desk.events[event, 0], desk.events[event, 1]
        free = not covered(desk, found, tables, start, end, ONLY_SPAN | COMPOUND)
        for other in range(found):
            if (
                tables.verb[desk.events[other, 2]]
                and desk.events[other, 0] <= start
                and end <= desk.events[other, 1]
                and desk.events[other, 1] - desk.events[other, 0] > end - start
            ):
                free = False
        if free:
            desk.verbs[verbs, 0], desk.verbs[verbs, 1], desk.verbs[verbs, 2], desk.verbs[verbs, 3] = (
                start,
                end,
                role,
                role,
            )
            verbs += 1
    return verbs


@part
def counts(tables: Tables, desk: Desk, points: Ints, first: int, length: int, event: int, found: int) -> bool:
    """Say whether a keyword stands outside boilerplate and between no Latin letters of its own word."""
    start, end = desk.events[event, 0], desk.events[event, 1]
    if covered(desk, found, tables, start, end, ONLY_SPAN):
        return False
    if start > 0 and is_latin(tables, points[first + start]) and is_latin(tables, points[first + start - 1]):
        return False
    return not (end < length and is_latin(tables, points[first + end - 1]) and is_latin(tables, points[first + end]))


@part
def is_latin(tables: Tables, point: int) -> bool:
    """Say whether a character is read as one of a to z."""
    return point < 65536 and tables.latin[point] == 1


@part
def list_nouns(tables: Tables, desk: Desk, points: Ints, first: int, length: int, found: int, seen: int) -> int:
    """List keyword and link of what counts, in order of start, end and keyword."""
    stamp = desk.mark[0] + 1
    desk.mark[0] = stamp
    if seen & EXCLUDED:
        for event in range(found):
            pattern = desk.events[event, 2]
            for at in range(tables.excluded_start[pattern], tables.excluded_start[pattern + 1]):
                desk.stamps[tables.excluded_link[at]] = stamp
    hits = 0
    for event in range(found):
        if tables.keyword[desk.events[event, 2]] >= 0 and counts(tables, desk, points, first, length, event, found):
            # the events are in order of their end: keep what counts in front, then in order of the start
            start, end, pattern = desk.events[event, 0], desk.events[event, 1], desk.events[event, 2]
            place = hits
            while place > 0 and later(tables, desk, place - 1, start, end, pattern):
                for column in range(3):
                    desk.verbs[place, 4 + column] = desk.verbs[place - 1, 4 + column]
                place -= 1
            desk.verbs[place, 4], desk.verbs[place, 5], desk.verbs[place, 6] = start, end, pattern
            hits += 1
    nouns = 0
    for hit in range(hits):
        start, end, keyword = desk.verbs[hit, 4], desk.verbs[hit, 5], tables.keyword[desk.verbs[hit, 6]]
        for at in range(tables.owner_start[keyword], tables.owner_start[keyword + 1]):
            link = tables.owner_link[at]
            if desk.stamps[link] == stamp or (tables.longest and inside(tables, desk, hits, start, end, link, stamp)):
                continue
            desk.nouns[nouns, START], desk.nouns[nouns, END] = start, end
            desk.nouns[nouns, KEYWORD], desk.nouns[nouns, LINK] = keyword, link
            desk.nouns[nouns, MAKING] = tables.owner_making[at]
            nouns += 1
    return nouns


@part
def later(tables: Tables, desk: Desk, hit: int, start: int, end: int, pattern: int) -> bool:
    """Say whether a listed hit stands behind (start, end, keyword)."""
    if desk.verbs[hit, 4] != start:
        return bool(desk.verbs[hit, 4] > start)
    if desk.verbs[hit, 5] != end:
        return bool(desk.verbs[hit, 5] > end)
    return bool(tables.keyword[desk.verbs[hit, 6]] > tables.keyword[pattern])


@part
def inside(tables: Tables, desk: Desk, hits: int, start: int, end: int, link: int, stamp: int) -> bool:
    """Say whether a longer keyword of a link that is not barred and does not trade in this one contains the span."""
    for other in range(hits):
        first, last = desk.verbs[other, 4], desk.verbs[other, 5]
        if first <= start and end <= last and last - first > end - start:
            keyword = tables.keyword[desk.verbs[other, 6]]
            for at in range(tables.owner_start[keyword], tables.owner_start[keyword + 1]):
                owner = tables.owner_link[at]
                if desk.stamps[owner] != stamp and not trades(tables, owner, link):
                    return True
    return False


@part
def trades(tables: Tables, owner: int, link: int) -> bool:
    """Say whether the sale of a link is another one."""
    for at in range(tables.trade_start[owner], tables.trade_start[owner + 1]):  # noqa: SIM110 - numba has no generators
        if tables.trade_link[at] == link:
            return True
    return False


@part
def run_from(tables: Tables, desk: Desk, found: int, verbs: int, length: int) -> int:
    """Return the end of the run of verbs and filling words that a clause begins with (of its last verb)."""
    at, end = 0, 0
    while True:
        step = 0
        for verb in range(verbs):
            if desk.verbs[verb, 0] == at:
                step = desk.verbs[verb, 1] - at
        if step:
            at += step
            end = at
            continue
        for event in range(found):
            if tables.kind[desk.events[event, 2]] & FILLER and desk.events[event, 0] == at:
                step = max(step, desk.events[event, 1] - at)
        if step == 0:
            return at if at == length else end
        at += step


@part
def run_to(tables: Tables, desk: Desk, found: int, verbs: int, length: int, run: int) -> int:
    """Return the roles of the run of verbs and filling words that a clause ends with, not before ``run``."""
    at, roles = length, 0
    while at > run:
        step = 0
        for verb in range(verbs):
            if desk.verbs[verb, 3] and desk.verbs[verb, 1] == at and desk.verbs[verb, 0] >= run:
                step = at - desk.verbs[verb, 0]
                roles |= desk.verbs[verb, 3]
        if step == 0:
            for event in range(found):
                start = desk.events[event, 0]
                if tables.kind[desk.events[event, 2]] & FILLER and desk.events[event, 1] == at and start >= run:
                    step = max(step, at - start)
        if step == 0:
            break
        at -= step
    return roles


@part
def drop_sales(desk: Desk, nouns: int, verbs: int) -> int:
    """Leave out the keywords that are a verb of sale in a clause of verbs alone."""
    kept = 0
    for noun in range(nouns):
        is_verb = False
        for verb in range(verbs):
            if (
                desk.verbs[verb, 2] == SELLS_BIT
                and desk.verbs[verb, 0] == desk.nouns[noun, START]
                and desk.verbs[verb, 1] == desk.nouns[noun, END]
            ):
                is_verb = True
        if not is_verb:
            for column in range(ENTRY):
                desk.nouns[kept, column] = desk.nouns[noun, column]
            kept += 1
    return kept


@part
def give_roles(desk: Desk, nouns: int, verbs: int, run: int) -> int:
    """Give each noun the roles of its own clause; return the roles of all verbs."""
    every = 0
    for verb in range(verbs):
        every |= desk.verbs[verb, 2]
    for noun in range(nouns):
        start, end, after, before = desk.nouns[noun, START], desk.nouns[noun, END], 0, 0
        for verb in range(verbs):
            first, last = desk.verbs[verb, 0], desk.verbs[verb, 1]
            if start <= first and last <= end:
                after |= desk.verbs[verb, 2]
            elif first >= end:
                after |= desk.verbs[verb, 3]
            elif run <= first and last <= start:
                before |= desk.verbs[verb, 3]
        desk.nouns[noun, AFTER], desk.nouns[noun, BEFORE] = after, before
    return every


@part
def hold_services(desk: Desk, nouns: int, verbs: int) -> None:
    """A service verb inside a keyword does not reach beyond it."""
    for verb in range(verbs):
        for noun in range(nouns):
            if desk.nouns[noun, START] <= desk.verbs[verb, 0] and desk.verbs[verb, 1] <= desk.nouns[noun, END]:
                desk.verbs[verb, 3] = desk.verbs[verb, 2] & MAKES_OR_SELLS


@part
def read(tables: Tables, points: Ints, first: int, last: int, desk: Desk) -> tuple[int, int, int, int, int]:
    """Read a clause onto the desk; return flags, lead, trail and all roles, and how many nouns it has."""
    found, seen, cut, head = find(tables, points, first, last, desk)
    point = points[last - 1]
    flags = ENDS_EXCEPTION if point < 65536 and tables.symbol[point] == tables.outside else 0
    if seen & WHOLE_CLAUSE:
        return SKIPPED, 0, 0, 0, 0
    if seen & BACKWARD:
        return flags | IS_BACKWARD, 0, 0, 0, 0
    if head & EXCEPT and not head & NO_EXCEPTION:
        return flags | IS_EXCEPTING, 0, 0, 0, 0
    if cut < last - first:
        flags |= IS_FORWARD
        kept = 0
        for event in range(found):
            if desk.events[event, 1] <= cut:
                for column in range(3):
                    desk.events[kept, column] = desk.events[event, column]
                kept += 1
        found = kept
    nouns = list_nouns(tables, desk, points, first, cut, found, seen)
    verbs = list_verbs(tables, desk, found)
    if nouns == 0 and verbs == 0:
        return flags, 0, 0, 0, 0
    run = run_from(tables, desk, found, verbs, cut)
    if run == cut and verbs > 0:
        flags |= BARE
        nouns = drop_sales(desk, nouns, verbs)
    hold_services(desk, nouns, verbs)
    lead = 0
    for verb in range(verbs):
        if desk.verbs[verb, 1] <= run:
            lead |= desk.verbs[verb, 3]
    trail = run_to(tables, desk, found, verbs, cut, run)
    return flags, lead, trail, give_roles(desk, nouns, verbs, run), nouns
