"""The words that decide: verbs, negation, boilerplate (shipped data) and the keywords of the links (the user's)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from zhenxing.diagnosis.classification.characters import CLOSING, COLON, COMMA, LIMIT, LIST, OPENING, SENTENCE, normal
from zhenxing.errors import InputError
from zhenxing.i18n import name_rows, say
from zhenxing.rules.files import records

if TYPE_CHECKING:
    import pandas as pd

MAKES, SELLS, SERVES, WORKS = 1, 2, 4, 8
ROLES = {"makes": MAKES, "sells": SELLS, "serves": SERVES}
VERBS = {**ROLES, "works": WORKS}
BREAKS = frozenset(SENTENCE + COMMA + LIST + COLON + OPENING + CLOSING)


@dataclass(frozen=True)
class Words:
    """The shipped words that give keywords their role or take them away (``rules/data/chains/words.csv``)."""

    verbs: dict[str, int]
    fillers: tuple[str, ...]
    compounds: tuple[str, ...]
    forward: tuple[str, ...]
    backward: tuple[str, ...]
    excepts: tuple[str, ...]
    no_exceptions: tuple[str, ...]
    clauses: tuple[str, ...]
    spans: tuple[str, ...]
    maker_names: tuple[str, ...]


@cache
def words() -> Words:
    """Return the shipped words.

    Examples
    --------
    >>> words().verbs["批发"] == ROLES["sells"]
    True
    """
    rows = [(normal(row["word"]), row["kind"], row["value"]) for row in records("chains/words.csv")]

    def of(kind: str, value: str = "") -> tuple[str, ...]:
        return tuple(word for word, its_kind, its_value in rows if its_kind == kind and value in ("", its_value))

    return Words(
        verbs={word: VERBS[value] for word, kind, value in rows if kind == "verb"},
        fillers=of("filler"),
        compounds=of("compound"),
        forward=of("negation", "forward"),
        backward=of("negation", "backward"),
        excepts=of("negation", "except"),
        no_exceptions=of("no_exception"),
        clauses=of("boilerplate", "clause"),
        spans=of("boilerplate", "span"),
        maker_names=of("maker_name"),
    )


@dataclass(frozen=True)
class Link:
    """One link as the classification needs it; ``trades_in`` holds places in the table."""

    link_id: str
    keywords: tuple[str, ...]
    making: tuple[str, ...]
    excluded: tuple[str, ...]
    only_made: tuple[str, ...]
    codes: tuple[str, ...]
    edition: str
    role: int
    trades_in: tuple[int, ...]


@dataclass(frozen=True)
class Lexicon:
    """The links and their keywords; ``owners`` gives the places of the links that a keyword points to."""

    links: tuple[Link, ...]
    keywords: tuple[str, ...]
    owners: tuple[tuple[int, ...], ...]
    longest: bool = True


def lexicon(links: pd.DataFrame, *, longest: bool = True) -> Lexicon:
    """Return the keywords of a table of links, checked.

    Parameters
    ----------
    links : DataFrame
        link_id and keywords (joined by ``;``); where present codes, codes_edition (2017 when empty), making_words,
        excluded_words, only_made_words (keywords that say nothing where they are only sold), role (the only role that
        the link can have) and trades_in (links whose sale is this link).
    longest : bool
        Whether a keyword inside a longer keyword of the same clause does not count.

    Raises
    ------
    InputError
        Columns are missing, there is no link, ids are repeated or empty, or no link has a keyword or a code.

    Examples
    --------
    >>> import pandas as pd
    >>> lexicon(pd.DataFrame({"link_id": ["LAMP"], "keywords": ["灯具;灯饰"]})).keywords
    ('灯具', '灯饰')
    """
    missing = [column for column in ("link_id", "keywords") if column not in links.columns]
    if missing:
        raise InputError(say("diagnosis_classification.links_columns", missing="、".join(missing)))
    if links.empty:
        raise InputError(say("diagnosis_classification.links_empty"))
    ids = [_text(value) for value in links["link_id"]]
    if "" in ids:
        lines = [str(place + 2) for place, one in enumerate(ids) if not one]
        raise InputError(say("diagnosis_classification.link_without_id", rows=name_rows(lines)))
    repeated = sorted({one for one in ids if ids.count(one) > 1})
    if repeated:
        raise InputError(say("diagnosis_classification.links_repeated", rows=name_rows(repeated)))
    made = tuple(_link(row, ids) for row in links.to_dict("records"))
    bad = sorted({word for link in made for word in link.keywords if BREAKS & set(word) or max(word) >= chr(LIMIT)})
    if bad:
        raise InputError(say("diagnosis_classification.keyword_with_break", rows=name_rows(bad)))
    owners: dict[str, list[int]] = {}
    for place, link in enumerate(made):
        for word in link.keywords:
            owners.setdefault(word, []).append(place)
    if not owners:
        raise InputError(say("diagnosis_classification.no_keywords"))
    return Lexicon(made, tuple(owners), tuple(tuple(places) for places in owners.values()), longest)


def _link(row: Mapping[Hashable, object], ids: list[str]) -> Link:
    link_id = _text(row["link_id"])
    role = _text(row.get("role"))
    if role and role not in ROLES:
        raise InputError(say("diagnosis_classification.unknown_role", link=link_id, role=role))
    trades = _list(row.get("trades_in"))
    unknown = [one for one in trades if one not in ids]
    if unknown:
        raise InputError(say("diagnosis_classification.unknown_trades_in", link=link_id, rows=name_rows(unknown)))
    return Link(
        link_id,
        keywords=_words(row.get("keywords")),
        making=_words(row.get("making_words")),
        excluded=_words(row.get("excluded_words")),
        only_made=_words(row.get("only_made_words")),
        codes=tuple(plain_code(code) for code in _list(row.get("codes"))),
        edition=plain_edition(row.get("codes_edition")) or "2017",
        role=ROLES.get(role, 0),
        trades_in=tuple(ids.index(one) for one in trades),
    )


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value).strip()


def _list(value: object) -> list[str]:
    if isinstance(value, list | tuple):
        return [_text(one) for one in value if _text(one)]
    return list(dict.fromkeys(part.strip() for part in _text(value).replace("；", ";").split(";") if part.strip()))


def _words(value: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(normal(word) for word in _list(value)))


def plain_code(value: object) -> str:
    """Return an industry code as its digits alone.

    Examples
    --------
    >>> plain_code("C3872"), plain_code(3872.0)
    ('3872', '3872')
    """
    text = _text(value)
    text = text[:-2] if text.endswith(".0") else text
    return "".join(one for one in normal(text) if one.isdigit())


def plain_edition(value: object) -> str:
    """Return an edition of GB/T 4754 as its year, ``""`` when none is given.

    Examples
    --------
    >>> plain_edition("GB/T 4754-2017"), plain_edition(2011.0)
    ('2017', '2011')
    """
    digits = "".join(one for one in _text(value).removesuffix(".0") if one.isdigit())
    return digits[-4:] if len(digits) >= 4 else ""
