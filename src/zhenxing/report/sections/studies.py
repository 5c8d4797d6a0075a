"""What the parts on results beside the plan have in common: where there is none, and what things are called."""

from __future__ import annotations

import re
from pathlib import Path

from zhenxing.i18n import say, speak
from zhenxing.report.blocks import Block, Paragraph
from zhenxing.report.facts import Facts
from zhenxing.report.studies import Kind, trouble

# Ends nearer than this (万元) are one figure.
SAME_END = 0.05


def missing(facts: Facts, kind: Kind) -> list[Block]:
    """Return the one sentence that stands for a result that is not there: which command makes it, or what is wrong."""
    study = facts.explained.of(kind)
    if study.state == "absent":
        return [Paragraph(facts.voice("study_absent", kind=facts.voice(f"study_name_{kind}"), command=kind))]
    return [Paragraph(speak(trouble(kind, study), facts.voice.language), "warning")]


def made_where(facts: Facts, kind: Kind) -> str:
    """Return the note of origin of a result: the command that made it and the folder it lies in."""
    place = Path(facts.explained.of(kind).place).name
    key = "made_in_folder" if place else "made_with_report"
    return facts.voice("source", parts=facts.voice(key, command=kind, place=place))


def joined_changes(facts: Facts, text: str) -> str:
    """Return a sentence about decisions as the edition may show it, an alias not told twice.

    An answer writes ``id (name)``; where both are hidden behind one alias the second says nothing.
    """
    return re.sub(r"([^\s、，：；,:;]+(?: [A-Z]+)?) ?[（(]\1[）)]", r"\1", facts.names.hide(text))


def with_park_names(facts: Facts, text: str) -> str:
    """Return a sentence with the ids of parks replaced by their names."""
    known = facts.names.known.get("parks", {})
    if not known:
        return text
    words = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
    # in Chinese a name needs neither the word park before it nor the spaces that set an id apart
    chinese = rf"(?:园区 )(?P<zh>{words})(?![A-Za-z0-9_]) ?"
    text = re.sub(chinese, lambda found: known[found.group("zh")], text)
    return re.sub(rf"(?<![A-Za-z0-9_])(?:{words})(?![A-Za-z0-9_])", lambda found: known[found.group(0)], text)


def interval(facts: Facts, low: float, high: float) -> str:
    """Return the limits of a change for the whole town as a cell; an open end is said to be unknown."""
    voice = facts.voice
    ends = [voice("end_unknown") if end != end else quantity(end) for end in (low, high)]
    if high - low <= SAME_END:
        return quantity(low)
    return voice("end_unknown") if low != low and high != high else voice("between", low=ends[0], high=ends[1])


def quantity(amount: float) -> str:
    """Return an amount as the answers write it: no decimals from 100 on, one below; missing is a dash.

    Examples
    --------
    >>> quantity(1234.56), quantity(12.345), quantity(float("nan"))
    ('1,235', '12.3', '—')
    """
    from zhenxing.planning.explain.reasons import quantity as written

    return "—" if amount != amount else written(amount)


def decision(facts: Facts, kind: str, identifier: str, option: str) -> str:
    """Return a decision of a plan in words: a site in a mode, a work, a facility or a step of a supply in a park."""
    voice, names = facts.voice, facts.names
    if kind == "site":
        return voice("decision_site", name=names.of("sites", identifier), mode=names.word("mode", option))
    if kind == "work":
        return voice("decision_work", name=names.of("works", identifier))
    park = names.of("parks", option)
    if kind == "facility":
        return voice("decision_facility", name=names.word("facility", identifier), park=park)
    resource, _, step = identifier.partition("/")
    return voice("decision_utility", name=names.word("resource", resource), step=step, park=park)


def factor_label(facts: Facts, factor: str) -> str:
    """Return what a source of luck is called."""
    return speak(say(f"scenarios.factor_{factor}"), facts.voice.language)
