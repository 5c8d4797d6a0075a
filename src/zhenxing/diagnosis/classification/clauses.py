"""One clause read on its own: which keywords stand in it, which verbs, where negation begins."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from zhenxing.diagnosis.classification.lexicon import MAKES, SELLS, Lexicon, words

Span = tuple[int, int]


class Noun(NamedTuple):
    """A keyword that counts: its span in the clause, its place in the lexicon, its links and its own roles."""

    start: int
    end: int
    keyword: int
    links: tuple[int, ...]
    after: int
    before: int


class Clause(NamedTuple):
    """What a clause says by itself; roles are bits (makes 1, sells 2, serves 4)."""

    skipped: bool = False
    bare: bool = False
    lead: int = 0
    trail: int = 0
    verbs: int = 0
    forward: bool = False
    backward: bool = False
    excepting: bool = False
    ends_exception: bool = False
    nouns: tuple[Noun, ...] = ()


def occurrences(text: str, patterns: tuple[str, ...]) -> list[tuple[int, int, int]]:
    """Return (start, end, place) of every occurrence of every pattern, overlapping ones too.

    Examples
    --------
    >>> occurrences("灯罩灯", ("灯", "灯罩"))
    [(0, 1, 0), (2, 3, 0), (0, 2, 1)]
    """
    found = []
    for place, pattern in enumerate(patterns):
        start = text.find(pattern)
        while start >= 0:
            found.append((start, start + len(pattern), place))
            start = text.find(pattern, start + 1)
    return found


def read_clause(text: str, lexicon: Lexicon) -> Clause:
    """Read one clause in normal characters.

    Examples
    --------
    >>> import pandas as pd
    >>> from zhenxing.diagnosis.classification.lexicon import lexicon
    >>> lamps = lexicon(pd.DataFrame({"link_id": ["LAMP"], "keywords": ["灯具"]}))
    >>> read_clause("灯具制造", lamps).nouns[0].after
    1
    """
    known = words()
    if any(word in text for word in known.clauses):
        return Clause(skipped=True)
    ends_exception = text.endswith("外")
    if any(word in text for word in known.backward):
        return Clause(backward=True, ends_exception=ends_exception)
    excepting = text.startswith(known.excepts) and not text.startswith(known.no_exceptions)
    if excepting:
        return Clause(excepting=True, ends_exception=ends_exception)
    cuts = [text.find(word) for word in known.forward if word in text]
    if cuts:
        text = text[: min(cuts)]
    hidden = [(start, end) for start, end, _ in occurrences(text, known.spans)]
    nouns = _nouns(text, lexicon, hidden)
    verbs = _verbs(text, hidden)
    run = _leading(text, verbs)
    bare = run == len(text) and bool(verbs)
    if bare:
        nouns = [noun for noun in nouns if verbs.get(noun[:2]) != SELLS]
    # a service named by a keyword is a thing of its own: its verb says nothing about its neighbours
    inner = _inside(verbs, nouns)
    reach = {span: role for span, role in verbs.items() if span not in inner or role & (MAKES | SELLS)}
    return Clause(
        bare=bare,
        lead=_join(role for span, role in reach.items() if span[1] <= run),
        trail=_trailing(text, reach, run),
        verbs=_join(verbs.values()),
        forward=bool(cuts),
        ends_exception=ends_exception,
        nouns=tuple(
            Noun(
                start,
                end,
                place,
                links,
                _join(role for span, role in verbs.items() if start <= span[0] and span[1] <= end)
                | _join(role for span, role in reach.items() if span[0] >= end),
                _join(role for span, role in reach.items() if run <= span[0] and span[1] <= start),
            )
            for start, end, place, links in nouns
        ),
    )


def _join(roles: Iterable[int]) -> int:
    bits = 0
    for role in roles:
        bits |= role
    return bits


def _within(span: Span, others: list[Span]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in others)


def _nouns(text: str, lexicon: Lexicon, hidden: list[Span]) -> list[tuple[int, int, int, tuple[int, ...]]]:
    """Return the keywords that count, in order of their place in the clause, each with the links it counts for."""
    hits = [
        hit
        for hit in occurrences(text, lexicon.keywords)
        if not _within(hit[:2], hidden) and _whole_word(text, hit[0], hit[1])
    ]
    barred = {place for place, link in enumerate(lexicon.links) if any(word in text for word in link.excluded)}
    nouns = []
    for start, end, place in sorted(hits):
        owners = tuple(
            owner
            for owner in lexicon.owners[place]
            if owner not in barred and not (lexicon.longest and _covered(start, end, owner, hits, lexicon, barred))
        )
        if owners:
            nouns.append((start, end, place, owners))
    return nouns


def _covered(
    start: int, end: int, owner: int, hits: list[tuple[int, int, int]], lexicon: Lexicon, barred: set[int]
) -> bool:
    """Say whether a longer keyword that counts covers this one; who trades in a link does not cover its words."""
    return any(
        first <= start
        and end <= last
        and last - first > end - start
        and any(other not in barred and owner not in lexicon.links[other].trades_in for other in lexicon.owners[place])
        for first, last, place in hits
    )


def _whole_word(text: str, start: int, end: int) -> bool:
    """Say whether no Latin letter touches a Latin end of the word: ``PC`` does not stand in ``PCB``."""
    before = start == 0 or not (_latin(text[start]) and _latin(text[start - 1]))
    return before and (end == len(text) or not (_latin(text[end - 1]) and _latin(text[end])))


def _latin(character: str) -> bool:
    return "a" <= character <= "z"


def _verbs(text: str, hidden: list[Span]) -> dict[Span, int]:
    """Return the spans of the verbs that count: not inside boilerplate, a compound noun or a longer verb."""
    known = words()
    names = tuple(known.verbs)
    found = occurrences(text, names)
    if not found:
        return {}
    covers = hidden + [(start, end) for start, end, _ in occurrences(text, known.compounds)]
    longer = [(start, end) for start, end, _ in found]
    return {
        (start, end): known.verbs[names[place]]
        for start, end, place in sorted(found)
        if not _within((start, end), covers)
        and not any(first <= start and end <= last and last - first > end - start for first, last in longer)
    }


def _inside(verbs: dict[Span, int], nouns: list[tuple[int, int, int, tuple[int, ...]]]) -> set[Span]:
    return {span for span in verbs if _within(span, [(start, end) for start, end, _, _ in nouns])}


@cache
def _fillers() -> tuple[str, ...]:
    return tuple(sorted(words().fillers, key=len, reverse=True))


def _leading(text: str, verbs: dict[Span, int]) -> int:
    """Return the end of the run of verbs and filling words that a clause begins with (of its last verb)."""
    at = end = 0
    while True:
        verb = next((span for span in verbs if span[0] == at), None)
        if verb:
            at = end = verb[1]
            continue
        filler = next((word for word in _fillers() if text.startswith(word, at)), "")
        if not filler:
            return at if at == len(text) else end
        at += len(filler)


def _trailing(text: str, verbs: dict[Span, int], run: int) -> int:
    """Return the roles of the run of verbs and filling words that a clause ends with."""
    at, roles = len(text), 0
    while at > run:
        verb = next(((span, role) for span, role in verbs.items() if span[1] == at and span[0] >= run), None)
        if verb:
            at, roles = verb[0][0], roles | verb[1]
            continue
        filler = next((word for word in _fillers() if text.endswith(word, run, at)), "")
        if not filler:
            break
        at -= len(filler)
    return roles
