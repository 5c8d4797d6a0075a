"""A whole scope: which verbs reach which keywords over 、 lists, colons and brackets, and what negation takes away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from zhenxing.diagnosis.classification.characters import CLOSING, COLON, COMMA, LIST, OPENING, SENTENCE, normal
from zhenxing.diagnosis.classification.clauses import Clause
from zhenxing.diagnosis.classification.lexicon import MAKES, SELLS

Reader = Callable[[str], Clause]

END_OF_SENTENCE, END_AT_COMMA, END_IN_LIST, END_AT_COLON, OPEN, CLOSE = 1, 2, 3, 4, 5, 6
BREAK_KINDS = {
    character: kind
    for kind, characters in enumerate((SENTENCE, COMMA, LIST, COLON, OPENING, CLOSING), start=1)
    for character in characters
}
DEEPEST = 8
# a text without punctuation is cut here, or one row could take the time of a register
LONGEST_CLAUSE = 500


def split_clauses(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield (start, end, kind of break behind it) of every clause of a text in normal characters.

    Examples
    --------
    >>> list(split_clauses("生产:灯饰、五金"))
    [(0, 2, 4), (3, 5, 3), (6, 8, 1)]
    """
    start = 0
    for place, character in enumerate(text):
        kind = BREAK_KINDS.get(character)
        if kind:
            yield start, place, kind
            start = place + 1
        elif place - start == LONGEST_CLAUSE:
            yield start, place, END_IN_LIST
            start = place
    yield start, len(text), END_OF_SENTENCE


@dataclass
class Mention:
    """A keyword found in a row: its clause, its span and the roles that reach it (0 as long as none does)."""

    clause: int
    start: int
    end: int
    keyword: int
    links: tuple[int, ...]
    roles: int


@dataclass
class Frame:
    """What holds inside one pair of brackets, or outside all of them."""

    head: int = 0
    run: int = 0
    was_bare: bool = False
    negated: bool = False
    inherited_head: int = 0
    inherited_negation: bool = False
    excepting: bool = False
    since: int = 0
    attached: list[Mention] = field(default_factory=list)


@dataclass
class Scope:
    """The state while a scope is read, and in the end its mentions and whether anything is made at all."""

    mentions: list[Mention] = field(default_factory=list)
    made: bool = False
    pending: list[Mention] = field(default_factory=list)
    carried: int = 0
    colon_head: int = 0
    has_verbs: bool = False
    trail: int = 0
    frames: list[Frame] = field(default_factory=lambda: [Frame()])

    def read(self, clause: Clause, number: int, at: int) -> None:
        """Take in one clause that begins at a place of the row."""
        frame = self.frames[-1]
        if clause.skipped:
            return
        if frame.negated:
            if frame.excepting and clause.ends_exception:
                frame.negated = frame.excepting = False
            return
        if clause.backward:
            self._forget(frame.since)
            return
        if clause.excepting:
            frame.negated = frame.excepting = not clause.ends_exception
            return
        self.made |= bool(clause.verbs & MAKES)
        self.has_verbs |= clause.verbs > 0
        if clause.bare:
            if clause.lead:
                self._bare(frame, clause)
        else:
            frame.head = (frame.run if frame.was_bare else 0) | clause.lead if clause.lead else frame.head
            frame.attached = []
            frame.was_bare = False
            frame.run = 0
        self._nouns(frame, clause, number, at)
        if not clause.bare:
            self.trail = clause.trail
            if clause.trail & (MAKES | SELLS):
                self._resolve(frame, clause.trail)
        if clause.forward:
            frame.negated = True

    def _bare(self, frame: Frame, clause: Clause) -> None:
        """A clause of verbs alone is the head of what follows and reaches back to what still waits for a verb."""
        frame.run = frame.run | clause.lead if frame.was_bare else clause.lead
        frame.head = frame.run
        frame.was_bare = True
        self._resolve(frame, clause.lead)
        for mention in frame.attached:
            mention.roles |= clause.lead

    def _nouns(self, frame: Frame, clause: Clause, number: int, at: int) -> None:
        for noun in clause.nouns:
            roles = noun.after or noun.before or frame.head
            mention = Mention(number, at + noun.start, at + noun.end, noun.keyword, noun.links, roles)
            self.mentions.append(mention)
            if not roles:
                self.pending.append(mention)
            elif noun.after:
                frame.attached.append(mention)

    def _resolve(self, frame: Frame, roles: int) -> None:
        for mention in self.pending:
            mention.roles |= roles
        frame.attached.extend(self.pending)
        self.pending = []

    def _forget(self, since: int) -> None:
        gone = {id(mention) for mention in self.mentions[since:]}
        del self.mentions[since:]
        self.pending = [mention for mention in self.pending if id(mention) not in gone]

    def pass_break(self, kind: int) -> None:
        """Take in the break behind a clause."""
        frame = self.frames[-1]
        if kind == OPEN and len(self.frames) < DEEPEST:
            head = frame.head or self.trail
            self.frames.append(
                Frame(
                    head=head,
                    inherited_head=head,
                    negated=frame.negated,
                    inherited_negation=frame.negated,
                    since=len(self.mentions),
                )
            )
        elif kind == CLOSE and len(self.frames) > 1:
            self.frames.pop()
        elif kind in (END_AT_COMMA, END_AT_COLON):
            frame.since = len(self.mentions)
            if kind == END_AT_COLON and frame.was_bare:
                self.colon_head = frame.head
        elif kind == END_OF_SENTENCE:
            self._end_sentence(frame)

    def _end_sentence(self, frame: Frame) -> None:
        if len(self.frames) == 1:
            if self.has_verbs:
                self.carried = self.colon_head
            else:
                for mention in self.pending:
                    mention.roles = self.carried
            self.pending = []
            self.has_verbs = False
            self.colon_head = 0
        frame.head = frame.inherited_head
        frame.run = 0
        frame.was_bare = False
        frame.negated = frame.inherited_negation
        frame.excepting = False
        frame.since = len(self.mentions)
        frame.attached = []
        self.trail = 0


def read_scope(text: str, read: Reader) -> Scope:
    """Read a scope (any characters) with a reader of clauses; the mentions stand in order of the row.

    Examples
    --------
    >>> import pandas as pd
    >>> from zhenxing.diagnosis.classification.clauses import read_clause
    >>> from zhenxing.diagnosis.classification.lexicon import lexicon
    >>> lamps = lexicon(pd.DataFrame({"link_id": ["LAMP"], "keywords": ["灯饰"]}))
    >>> found = read_scope("加工、销售：五金、灯饰", lambda clause: read_clause(clause, lamps)).mentions
    >>> [(one.start, one.roles) for one in found]
    [(9, 3)]
    """
    plain = normal(text)
    scope = Scope()
    for number, (start, end, kind) in enumerate(split_clauses(plain)):
        if end > start:
            scope.read(read(plain[start:end]), number, start)
        scope.pass_break(kind)
    return scope
