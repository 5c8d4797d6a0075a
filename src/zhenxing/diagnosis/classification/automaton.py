"""All patterns of a lexicon as one automaton over characters, in the arrays that the compiled loops read."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from zhenxing.diagnosis.classification.characters import LIMIT, normal_forms
from zhenxing.diagnosis.classification.lexicon import Lexicon, words
from zhenxing.diagnosis.classification.scopes import BREAK_KINDS

Ints = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]

FILLER, COMPOUND, FORWARD, BACKWARD, EXCEPT, NO_EXCEPTION, WHOLE_CLAUSE, ONLY_SPAN, EXCLUDED = (
    1 << place for place in range(9)
)


class Tables(NamedTuple):
    """What the loops look up: characters, the automaton, what each pattern is and what each link asks."""

    symbol: npt.NDArray[np.uint16]
    breaks: Bytes
    latin: Bytes
    go: Ints
    out_start: Ints
    out_pattern: Ints
    length: Ints
    keyword: Ints
    verb: Ints
    kind: Ints
    excluded_start: Ints
    excluded_link: Ints
    owner_start: Ints
    owner_link: Ints
    owner_making: Ints
    trade_start: Ints
    trade_link: Ints
    fixed: Ints
    outside: int
    longest: int


class Automaton(NamedTuple):
    """Aho–Corasick with every step written out: next state by state and symbol, patterns that end in a state."""

    symbols: dict[str, int]
    go: Ints
    out_start: Ints
    out_pattern: Ints


def automaton(patterns: list[str]) -> Automaton:
    """Return the automaton of distinct patterns; symbol 0 stands for every other character.

    Examples
    --------
    >>> made = automaton(["灯", "灯具"])
    >>> made.go.shape, made.out_pattern.tolist()
    ((3, 3), [0, 1])
    """
    trees = grow(patterns)
    go = np.zeros((len(trees.children), len(trees.symbols) + 1), np.int32)
    for state in trees.order:
        if state:
            go[state] = go[trees.fallback[state]]
        for symbol, child in trees.children[state].items():
            go[state, symbol] = child
    start, places = flat(trees.ends)
    return Automaton(trees.symbols, go, start, places)


class Trees(NamedTuple):
    """The tree of the patterns: children by symbol, where a state falls back to, the patterns that end in it."""

    symbols: dict[str, int]
    children: list[dict[int, int]]
    fallback: list[int]
    ends: list[list[int]]
    order: list[int]


def grow(patterns: list[str]) -> Trees:
    """Return the tree of distinct patterns; ``order`` goes from the root outwards.

    Examples
    --------
    >>> grow(["灯", "灯具"]).ends
    [[], [0], [1]]
    """
    symbols = {character: place + 1 for place, character in enumerate(sorted(set("".join(patterns))))}
    children: list[dict[int, int]] = [{}]
    ends: list[list[int]] = [[]]
    for place, pattern in enumerate(patterns):
        state = 0
        for character in pattern:
            symbol = symbols[character]
            if symbol not in children[state]:
                children[state][symbol] = len(children)
                children.append({})
                ends.append([])
            state = children[state][symbol]
        ends[state].append(place)
    fallback = [0] * len(children)
    order = [0]
    for state in order:
        for symbol, child in children[state].items():
            order.append(child)
            if state:
                other = fallback[state]
                while other and symbol not in children[other]:
                    other = fallback[other]
                fallback[child] = children[other].get(symbol, 0)
            ends[child] += ends[fallback[child]]
    return Trees(symbols, children, fallback, ends, order)


def flat(lists: list[list[int]]) -> tuple[Ints, Ints]:
    """Return where each list begins in the joined one, and the joined one."""
    start = np.zeros(len(lists) + 1, np.int32)
    start[1:] = np.cumsum([len(one) for one in lists])
    return start, np.array([value for one in lists for value in one], np.int32)


def tables(lexicon: Lexicon) -> Tables:
    """Return the arrays of a lexicon, with the shipped words."""
    known = words()
    kinds: dict[str, int] = {}
    for kind, group in (
        (FILLER, known.fillers),
        (COMPOUND, known.compounds),
        (FORWARD, known.forward),
        (BACKWARD, known.backward),
        (EXCEPT, known.excepts),
        (NO_EXCEPTION, known.no_exceptions),
        (WHOLE_CLAUSE, known.clauses),
        (ONLY_SPAN, known.spans),
        (EXCLUDED, tuple(word for link in lexicon.links for word in link.excluded)),
    ):
        for word in group:
            kinds[word] = kinds.get(word, 0) | kind
    patterns = sorted({*kinds, *known.verbs, *known.maker_names, *lexicon.keywords})
    made = automaton(patterns)
    keyword = {word: place for place, word in enumerate(lexicon.keywords)}
    excluded = flat([[at for at, link in enumerate(lexicon.links) if word in link.excluded] for word in patterns])
    owners = flat([list(one) for one in lexicon.owners])
    trades = flat([list(link.trades_in) for link in lexicon.links])
    symbol, breaks, latin = read_characters(made.symbols)
    return Tables(
        symbol,
        breaks,
        latin,
        made.go,
        made.out_start,
        made.out_pattern,
        np.array([len(word) for word in patterns], np.int32),
        np.array([keyword.get(word, -1) for word in patterns], np.int32),
        np.array([known.verbs.get(word, 0) for word in patterns], np.int32),
        np.array([kinds.get(word, 0) for word in patterns], np.int32),
        *excluded,
        *owners,
        np.array(
            [
                any(word in lexicon.keywords[place] for word in lexicon.links[owner].making)
                | (lexicon.keywords[place] in lexicon.links[owner].only_made) << 1
                for place, one in enumerate(lexicon.owners)
                for owner in one
            ],
            np.int32,
        ),
        *trades,
        np.array([link.role for link in lexicon.links], np.int32),
        made.symbols.get("外", -1),
        int(lexicon.longest),
    )


def read_characters(symbols: dict[str, int]) -> tuple[npt.NDArray[np.uint16], Bytes, Bytes]:
    """Return symbol, kind of break and whether it is a Latin letter, by code point of the character as it stands."""
    points, breaks, latin = _characters()
    by_point = np.zeros(LIMIT, np.uint16)
    for character, symbol in symbols.items():
        by_point[ord(character)] = symbol
    return by_point[points], breaks, latin


@cache
def _characters() -> tuple[npt.NDArray[np.int32], Bytes, Bytes]:
    """Return normal form, kind of break and whether it is a Latin letter, by code point."""
    points = np.arange(LIMIT, dtype=np.int32)
    for point, form in normal_forms().items():
        points[point] = ord(form)
    breaks = np.zeros(LIMIT, np.uint8)
    for character, kind in BREAK_KINDS.items():
        breaks[ord(character)] = kind
    latin = np.zeros(LIMIT, np.uint8)
    latin[ord("a") : ord("z") + 1] = 1
    return points, breaks[points], latin[points]
