"""Part eleven: why the sites people ask about first are not started earlier, or not at all."""

from __future__ import annotations

from zhenxing.i18n import say, speak
from zhenxing.report.blocks import Block, Heading, Paragraph
from zhenxing.report.facts import Facts
from zhenxing.report.sections.studies import interval, joined_changes, quantity
from zhenxing.report.studies import Answer
from zhenxing.report.tabulation import listed

# Sentences of an answer that the printed report leaves out; the workbook has all of them.
IN_THE_TABLE = ("why.interval_tie", "why.interval_cost", "why.interval_open", "why.value_parts")


def earlier(facts: Facts) -> list[Block]:
    """Return part eleven."""
    voice, explained = facts.voice, facts.explained
    blocks: list[Block] = [Heading(voice("earlier_title"))]
    if facts.options.explain_seconds <= 0:
        return [*blocks, Paragraph(voice("earlier_absent"))]
    if not explained.answers:
        return [*blocks, Paragraph(voice("earlier_none"))]
    rows = [answer_cells(facts, answer) for answer in explained.answers]
    header = [voice(f"earlier_{name}") for name in ("site", "planned", "asked", "cost", "interval", "verdict")]
    source = voice("source", parts=voice("made_with_report", command="why", place=""))
    table = listed(voice("earlier_caption"), header, rows, source, "lccrcl", (2, 1.1, 1.3, 1.5, 1.6, 1.5))
    told = [
        Paragraph("".join(joined_changes(facts, text) for text in _spoken(facts, answer)), "bullet")
        for answer in explained.answers
    ]
    return [*blocks, Paragraph(voice("earlier_body")), table, *told, Paragraph(voice("earlier_note"), "note")]


def answer_cells(facts: Facts, answer: Answer) -> tuple[str, ...]:
    """Return one answer as a row: site, planned, asked, cost within this plan, limits for the town, verdict."""
    voice = facts.voice
    nothing = float("nan")
    low = nothing if answer.low_wan is None else answer.low_wan
    high = nothing if answer.high_wan is None else answer.high_wan
    return (
        facts.names.of("sites", answer.site_id),
        voice("earlier_not_planned") if answer.planned is None else str(answer.planned),
        voice("earlier_any_time") if answer.asked is None else voice("earlier_by", year=answer.asked),
        _cost(facts, answer),
        "—" if answer.verdict == "impossible" else interval(facts, low, high),
        voice(f"earlier_verdict_{answer.verdict or 'open'}"),
    )


def _cost(facts: Facts, answer: Answer) -> str:
    """Return figure (a); where it is not proven, between what it lies."""
    if answer.verdict == "impossible" or answer.cost_wan is None:
        return "—"
    low, high = answer.cost_low_wan, answer.cost_high_wan
    if low is not None and high is not None and high - low <= 0.05:
        return quantity(answer.cost_wan)
    if high is None:
        return facts.voice("at_least", value=quantity(low or 0.0))
    return facts.voice("between", low=quantity(low or 0.0), high=quantity(high))


def _spoken(facts: Facts, answer: Answer) -> list[str]:
    """Return an answer's sentences without those whose figures stand in the table or tell parts of the value."""
    language, mark = facts.voice.language, "\0"
    left_out = tuple(
        speak(say(key, low=mark, high=mark, parts=mark), language).partition(mark)[0] for key in IN_THE_TABLE
    )
    spoken = [speak(text, language) for text in answer.sentences]
    space = " " if language == "en" else ""
    return [f"{text}{space}" for text in spoken if not text.startswith(left_out)]
