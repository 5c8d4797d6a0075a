"""The parts of a report, each a function of the facts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from zhenxing.report.blocks import Document, PageBreak
from zhenxing.report.facts import Facts
from zhenxing.report.sections.attraction import attraction, public_works
from zhenxing.report.sections.binding import binding
from zhenxing.report.sections.choices import choices
from zhenxing.report.sections.closing import closing
from zhenxing.report.sections.comparing import comparing
from zhenxing.report.sections.conclusion import conclusion
from zhenxing.report.sections.diagnosis import diagnosis
from zhenxing.report.sections.earlier import earlier
from zhenxing.report.sections.land import land
from zhenxing.report.sections.luck import luck
from zhenxing.report.sections.money import money
from zhenxing.report.sections.overview import overview, targets, town_name
from zhenxing.report.studies import KINDS


def document(facts: Facts, figures: Mapping[str, Path]) -> Document:
    """Return the whole report, from the first page to the last.

    Parameters
    ----------
    facts : Facts
        The plan, evaluated.
    figures : mapping of Path
        Pictures by name (``zhenxing.report.FIGURES``); what is missing is left out.
    """
    voice = facts.voice
    title = voice("title", town=town_name(facts), first=facts.years[0], last=facts.years[-1])
    subtitle = voice("subtitle", edition=voice(f"edition_{facts.options.edition}"), date=facts.options.date.isoformat())
    blocks = (
        *conclusion(facts),
        *overview(facts),
        *targets(facts),
        *diagnosis(facts, figures),
        *land(facts, figures),
        *money(facts, figures),
        *attraction(facts, figures),
        *public_works(facts),
        *comparing(facts),
        *((PageBreak(),) if any(facts.explained.of(kind).is_shown for kind in KINDS) else ()),
        *binding(facts, figures),
        *luck(facts, figures),
        *choices(facts, figures),
        *earlier(facts),
        *closing(facts),
    )
    return Document(title, subtitle, footer(facts), voice.language, tuple(blocks))


def footer(facts: Facts) -> str:
    """Return the line at the foot of every page: the edition and the town's note about its data."""
    voice = facts.voice
    parts = [
        town_name(facts),
        voice(f"edition_{facts.options.edition}"),
        facts.options.date.isoformat(),
        facts.note,
    ]
    return " · ".join(part for part in parts if part)
