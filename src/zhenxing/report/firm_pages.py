"""One page per firm: where it stands, what it lacks, by when, who visits it, what the plan holds for it."""

from __future__ import annotations

import pandas as pd

from zhenxing.report.blocks import Block, Document, Heading, PageBreak, Paragraph
from zhenxing.report.diagnosis import firm_names, in_language, link_name, source, table, tell
from zhenxing.report.facts import Facts
from zhenxing.report.sections import footer
from zhenxing.report.sections.overview import town_name

# Firms that get a page: those to be visited first, then those with the most reasons for care; the table
# ``firm_pages`` of the diagnosis has all.
MOST_PAGES = 80
# Headings of a page by section of the table.
SECTIONS = {
    "firm": "pages_firm",
    "line": "pages_line",
    "batches": "pages_batches",
    "care": "pages_care",
    "visits": "pages_visits",
    "plan": "pages_plan",
}
# Items that the heading and the line below it tell already.
TOLD_ABOVE = ("name", "link")


def firms_shown(facts: Facts) -> list[str]:
    """Return the firms that get a page, the most urgent first.

    Parameters
    ----------
    facts : Facts
        The report's facts, with a diagnosis.
    """
    pages, pushes, care = table(facts, "firm_pages"), table(facts, "watch_pushes"), table(facts, "care_list")
    if pages.empty:
        return []
    first = pushes[pushes["year"] == pushes["year"].min()]["firm_id"].astype(str).tolist() if len(pushes) else []
    cared = care["firm_id"].astype(str).value_counts().sort_index().sort_values(ascending=False, kind="stable")
    known = set(pages["firm_id"].astype(str))
    ranked = dict.fromkeys([*first, *(cared.index.tolist() if len(care) else [])])
    return [firm for firm in ranked if firm in known][:MOST_PAGES]


def firm_pages(facts: Facts) -> Document | None:
    """Return the booklet of firms; None without a diagnosis, without pages, and for readers outside the office."""
    if facts.is_outward or not facts.diagnosis.is_shown:
        return None
    chosen = firms_shown(facts)
    if not chosen:
        return None
    pages = table(facts, "firm_pages")
    pages = pages.assign(firm_id=pages["firm_id"].astype(str))
    names = firm_names(facts)
    left_out = pages["firm_id"].nunique() - len(chosen)
    origin = source(facts, "watch", "firm_pages")
    blocks: list[Block] = [Paragraph(tell(facts, "pages_lead", shown=len(chosen), more=left_out), "lead")]
    for firm in chosen:
        blocks += [*_page(facts, pages[pages["firm_id"] == firm], names.get(firm, firm)), Paragraph(origin, "note")]
        blocks.append(PageBreak())
    subtitle = tell(facts, "pages_subtitle", date=facts.options.date.isoformat())
    title = tell(facts, "pages_title", town=town_name(facts))
    return Document(title, subtitle, footer(facts), facts.voice.language, tuple(blocks[:-1]))


def _page(facts: Facts, lines: pd.DataFrame, name: str) -> list[Block]:
    links = [link_name(facts, link) for link in lines.loc[lines["item"] == "link", "text_zh"].astype(str)]
    blocks: list[Block] = [Heading(name)]
    if links:
        between = ", " if facts.voice.language == "en" else "、"
        blocks.append(Paragraph(tell(facts, "pages_links", links=between.join(links))))
    told = lines[~((lines["section"] == "firm") & lines["item"].isin(TOLD_ABOVE))]
    for section in dict.fromkeys(told["section"].astype(str)):
        own = told[told["section"].astype(str) == section]
        blocks.append(Heading(tell(facts, SECTIONS[section]), 2))
        blocks += [Paragraph(text, "bullet") for text in in_language(own, facts.voice.language) if text]
    return blocks
