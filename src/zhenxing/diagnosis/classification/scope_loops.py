"""The reading of a whole scope (see ``scopes``) over clauses already read, for machine code."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zhenxing.diagnosis.classification.clause_loops import (
    AFTER,
    BARE,
    BEFORE,
    END,
    ENDS_EXCEPTION,
    IS_BACKWARD,
    IS_EXCEPTING,
    IS_FORWARD,
    LINK,
    MAKES_OR_SELLS,
    MAKING,
    SKIPPED,
    START,
)
from zhenxing.diagnosis.classification.jitting import part
from zhenxing.diagnosis.classification.scopes import (
    CLOSE,
    DEEPEST,
    END_AT_COLON,
    END_AT_COMMA,
    END_OF_SENTENCE,
    OPEN,
)
from zhenxing.diagnosis.classification.store_loops import (
    ENTRIES,
    FIRST_ENTRY,
    FLAGS,
    LEAD,
    TRAIL,
    VERBS,
    Row,
    Store,
)

Ints = npt.NDArray[np.int32]

# columns of a mention
CLAUSE, FROM, TO, OF_LINK, ROLES, WAITS, ATTACHED, IS_MAKING = range(8)
MENTION = 8
# columns of a frame
HEAD, RUN, WAS_BARE, NEGATED, HEAD_BEFORE, NEGATED_BEFORE, EXCEPTING, SINCE = range(8)
FRAME = 8
# places of the state of a scope
COUNT, MADE, CARRIED, COLON_HEAD, HAS_VERBS, LAST_TRAIL, DEPTH, SETTLED = range(8)
STATE = 8


@part
def walk(store: Store, row: Row, clauses: int, mentions: Ints, frames: Ints, state: Ints) -> bool:
    """Read the clauses of a row into mentions; False when there is no room for them."""
    state[:] = 0
    frames[0, :] = 0
    for number in range(clauses):
        held, begin, kind = row.clauses[number, 0], row.clauses[number, 1], row.clauses[number, 2]
        if held >= 0:
            if state[COUNT] + store.facts[held, ENTRIES] > len(mentions):
                return False
            take(store, held, number, begin, mentions, frames, state)
        pass_break(kind, mentions, frames, state)
    return True


@part
def take(store: Store, held: int, number: int, begin: int, mentions: Ints, frames: Ints, state: Ints) -> None:
    """Take in one clause."""
    depth = state[DEPTH]
    flags, lead, trail = store.facts[held, FLAGS], store.facts[held, LEAD], store.facts[held, TRAIL]
    if flags & SKIPPED:
        return
    if frames[depth, NEGATED]:
        if frames[depth, EXCEPTING] and flags & ENDS_EXCEPTION:
            frames[depth, NEGATED] = 0
            frames[depth, EXCEPTING] = 0
        return
    if flags & IS_BACKWARD:
        state[COUNT] = min(state[COUNT], frames[depth, SINCE])
        return
    if flags & IS_EXCEPTING:
        frames[depth, NEGATED] = 0 if flags & ENDS_EXCEPTION else 1
        frames[depth, EXCEPTING] = frames[depth, NEGATED]
        return
    state[MADE] |= store.facts[held, VERBS] & 1
    if store.facts[held, VERBS]:
        state[HAS_VERBS] = 1
    if flags & BARE:
        if lead:
            frames[depth, RUN] = frames[depth, RUN] | lead if frames[depth, WAS_BARE] else lead
            frames[depth, HEAD] = frames[depth, RUN]
            frames[depth, WAS_BARE] = 1
            resolve(mentions, state, depth, lead, True)
    else:
        if lead:
            frames[depth, HEAD] = (frames[depth, RUN] if frames[depth, WAS_BARE] else 0) | lead
        release(mentions, state, depth)
        frames[depth, WAS_BARE] = 0
        frames[depth, RUN] = 0
    add(store, held, number, begin, mentions, frames[depth, HEAD], state)
    if not flags & BARE:
        state[LAST_TRAIL] = trail
        if trail & MAKES_OR_SELLS:
            resolve(mentions, state, depth, trail, False)
    if flags & IS_FORWARD:
        frames[depth, NEGATED] = 1


@part
def resolve(mentions: Ints, state: Ints, depth: int, roles: int, to_attached: bool) -> None:
    """Give roles to the mentions that wait and, from a clause of verbs alone, to those attached."""
    for one in range(state[SETTLED], state[COUNT]):
        if mentions[one, WAITS]:
            mentions[one, ROLES] |= roles
            mentions[one, WAITS] = 0
            mentions[one, ATTACHED] = depth + 1
        elif to_attached and mentions[one, ATTACHED] == depth + 1:
            mentions[one, ROLES] |= roles


@part
def release(mentions: Ints, state: Ints, depth: int) -> None:
    """Detach the mentions of a frame."""
    for one in range(state[SETTLED], state[COUNT]):
        if mentions[one, ATTACHED] == depth + 1:
            mentions[one, ATTACHED] = 0


@part
def add(store: Store, held: int, number: int, begin: int, mentions: Ints, head: int, state: Ints) -> None:
    """Add the nouns of a clause as mentions."""
    first = store.facts[held, FIRST_ENTRY]
    for at in range(first, first + store.facts[held, ENTRIES]):
        after = store.entries[at, AFTER]
        roles = after
        if roles == 0:
            roles = store.entries[at, BEFORE]
        if roles == 0:
            roles = head
        one = state[COUNT]
        mentions[one, CLAUSE] = number
        mentions[one, FROM], mentions[one, TO] = begin + store.entries[at, START], begin + store.entries[at, END]
        mentions[one, OF_LINK], mentions[one, IS_MAKING] = store.entries[at, LINK], store.entries[at, MAKING]
        mentions[one, ROLES] = roles
        mentions[one, WAITS] = 1 if roles == 0 else 0
        mentions[one, ATTACHED] = state[DEPTH] + 1 if after else 0
        state[COUNT] = one + 1


@part
def pass_break(kind: int, mentions: Ints, frames: Ints, state: Ints) -> None:
    """Take in the break behind a clause."""
    depth = state[DEPTH]
    if kind == OPEN and depth + 1 < DEEPEST:
        head = frames[depth, HEAD] if frames[depth, HEAD] else state[LAST_TRAIL]
        for column in range(FRAME):
            frames[depth + 1, column] = 0
        frames[depth + 1, HEAD] = frames[depth + 1, HEAD_BEFORE] = head
        frames[depth + 1, NEGATED] = frames[depth + 1, NEGATED_BEFORE] = frames[depth, NEGATED]
        frames[depth + 1, SINCE] = state[COUNT]
        state[DEPTH] = depth + 1
    elif kind == CLOSE and depth > 0:
        release(mentions, state, depth)
        state[DEPTH] = depth - 1
    elif kind in (END_AT_COMMA, END_AT_COLON):
        frames[depth, SINCE] = state[COUNT]
        if kind == END_AT_COLON and frames[depth, WAS_BARE]:
            state[COLON_HEAD] = frames[depth, HEAD]
    elif kind == END_OF_SENTENCE:
        if depth == 0:
            end_sentence(mentions, state)
        frames[depth, HEAD] = frames[depth, HEAD_BEFORE]
        frames[depth, RUN] = 0
        frames[depth, WAS_BARE] = 0
        frames[depth, NEGATED] = frames[depth, NEGATED_BEFORE]
        frames[depth, EXCEPTING] = 0
        frames[depth, SINCE] = state[COUNT]
        release(mentions, state, depth)
        state[LAST_TRAIL] = 0
        if depth == 0:
            # nothing before the end of a sentence outside brackets is looked at again
            state[SETTLED] = state[COUNT]


@part
def end_sentence(mentions: Ints, state: Ints) -> None:
    """Settle what still waits: a sentence without any verb takes those of the list before it."""
    for one in range(state[SETTLED], state[COUNT]):
        if mentions[one, WAITS]:
            mentions[one, WAITS] = 0
            if not state[HAS_VERBS]:
                mentions[one, ROLES] = state[CARRIED]
    if state[HAS_VERBS]:
        state[CARRIED] = state[COLON_HEAD]
    state[HAS_VERBS] = 0
    state[COLON_HEAD] = 0
