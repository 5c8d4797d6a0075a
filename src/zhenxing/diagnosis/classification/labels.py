"""From the words found in a firm's row to its links: roles, scores, weights and evidence."""

from __future__ import annotations

from dataclasses import dataclass

from zhenxing.diagnosis.classification.characters import normal
from zhenxing.diagnosis.classification.clauses import Clause, read_clause
from zhenxing.diagnosis.classification.lexicon import MAKES, SELLS, SERVES, WORKS, Lexicon, words
from zhenxing.diagnosis.classification.scopes import Mention, read_scope

ROLE_NAMES = {0: "", MAKES: "makes", SELLS: "sells", SERVES: "serves"}
FACTORS = {MAKES: 1.0, SELLS: 0.5, SERVES: 1.0}
NAME_SCORE = 2.0
CODE_SCORE = 1.0
CODE_ALONE = 0.5


@dataclass(frozen=True)
class Label:
    """One link of a firm."""

    link_id: str
    role: str
    weight: float
    evidence: str


class Classifier:
    """The classification of single rows as the documentation defines it: the measure of the faster one."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._clauses: dict[str, Clause] = {}
        self._making = {
            (place, owner)
            for place, keyword in enumerate(lexicon.keywords)
            for owner in lexicon.owners[place]
            if any(word in keyword for word in lexicon.links[owner].making)
        }

    def _read(self, text: str) -> Clause:
        clause = self._clauses.get(text)
        if clause is None:
            clause = self._clauses[text] = read_clause(text, self.lexicon)
        return clause

    def labels(self, name: str = "", scope: str = "", code: str = "", edition: str = "") -> list[Label]:
        """Return the labels of one firm, in the order of the table of links.

        Examples
        --------
        >>> import pandas as pd
        >>> from zhenxing.diagnosis.classification.lexicon import lexicon
        >>> lamps = lexicon(pd.DataFrame({"link_id": ["LAMP"], "keywords": ["灯饰"], "codes": ["3872"]}))
        >>> Classifier(lamps).labels("甲灯饰厂", "加工、销售：灯饰")[0]
        Label(link_id='LAMP', role='makes', weight=1.0, evidence='灯饰')
        """
        scores = [0.0] * len(self.lexicon.links)
        roles = [0] * len(self.lexicon.links)
        evidence: list[list[str]] = [[] for _ in self.lexicon.links]
        read = read_scope(scope, self._read)
        default = MAKES if read.made or any(word in normal(name) for word in words().maker_names) else SELLS
        self._count(read.mentions, scope, default, 1.0, (scores, roles, evidence))
        named = read_scope(name, self._read)
        held = list(roles)
        for mention in named.mentions:
            mention.roles = 0
        self._count(named.mentions, name, default, NAME_SCORE, (scores, roles, evidence), held)
        self._trade(scores, roles, evidence)
        self._prior(code, edition, scores, roles, evidence)
        total = 0.0
        for score in scores:
            total += score
        return [
            Label(link.link_id, ROLE_NAMES[_strongest(role)], score / total, ";".join(found))
            for link, score, role, found in zip(self.lexicon.links, scores, roles, evidence, strict=True)
            if score > 0
        ]

    def _count(
        self,
        mentions: list[Mention],
        text: str,
        default: int,
        unit: float,
        sums: tuple[list[float], list[int], list[list[str]]],
        held: list[int] | None = None,
    ) -> None:
        """Add the mentions clause by clause: a clause counts one unit, shared by the links that it points to."""
        scores, roles, evidence = sums
        by_clause: dict[int, dict[int, int]] = {}
        for mention in mentions:
            group = by_clause.setdefault(0 if held is not None else mention.clause, {})
            for owner in mention.links:
                bits = self._role(
                    owner, mention.keyword, mention.roles or (held[owner] if held is not None else 0), default
                )
                if not bits:
                    continue
                group[owner] = group.get(owner, 0) | bits
                word = text[mention.start : mention.end]
                if word not in evidence[owner]:
                    evidence[owner].append(word)
        for group in by_clause.values():
            for owner, bits in group.items():
                scores[owner] += unit * FACTORS[_strongest(bits)] / len(group)
                roles[owner] |= bits

    def _role(self, owner: int, keyword: int, given: int, default: int) -> int:
        """Return the role of one mention: the link's only one, a making word's, a verb's, else the row's; 0: none."""
        link = self.lexicon.links[owner]
        if link.role:
            return link.role
        if not given & (MAKES | SELLS) and (keyword, owner) in self._making:
            return MAKES
        bits = given & ~WORKS if given else default
        return 0 if _strongest(bits) == SELLS and self.lexicon.keywords[keyword] in link.only_made else bits

    def _trade(self, scores: list[float], roles: list[int], evidence: list[list[str]]) -> None:
        """Who only sells the goods of a link is also in the link that trades in them, by the same words."""
        for place, link in enumerate(self.lexicon.links):
            sold = [other for other in link.trades_in if _strongest(roles[other]) == SELLS]
            for other in sold:
                scores[place] += scores[other]
                roles[place] |= link.role or SELLS
                evidence[place].extend(word for word in evidence[other] if word not in evidence[place])

    def _prior(self, code: str, edition: str, scores: list[float], roles: list[int], evidence: list[list[str]]) -> None:
        """Let the industry code confirm links that words gave; where it confirms none, it gives its links alone."""
        if len(code) < 3:
            return
        listed = [
            place
            for place, link in enumerate(self.lexicon.links)
            if link.edition == edition and any(one == code or one.startswith(code) for one in link.codes)
        ]
        found = [place for place in listed if scores[place] > 0]
        for place in found or listed:
            scores[place] += CODE_SCORE if found else CODE_ALONE / len(listed)
            evidence[place].append(f"code:{code}")


def _strongest(bits: int) -> int:
    return bits & -bits
