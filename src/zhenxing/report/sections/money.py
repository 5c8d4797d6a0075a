"""Part four: three balances of the same decisions, and where unsigned income pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from zhenxing.report.balances import CASES, INCOME, OUTLAY, unsigned_reliance
from zhenxing.report.blocks import Block, Figure, Heading, Paragraph, Table
from zhenxing.report.facts import Facts
from zhenxing.report.tabulation import Line, across_years

OUTWARD_OUTLAY = (*OUTLAY[:6], "moving_and_exits_wan")


def money(facts: Facts, figures: Mapping[str, Path]) -> list[Block]:
    """Return part four."""
    voice = facts.voice
    expected = facts.money["expected"]
    blocks: list[Block] = [
        Heading(voice("money_title")),
        Paragraph(
            voice(
                "money_body",
                income=voice.money(expected["income_wan"].sum()),
                own=voice.money(expected["own_funds_wan"].sum()),
                land=voice.money(expected["land_income_wan"].sum()),
                tax=voice.money(expected["retained_tax_wan"].sum()),
                outlay=voice.money(expected["outlay_wan"].sum()),
                cash=voice.money(expected["cash_wan"].iloc[-1]),
                debt=voice.money(expected["debt_wan"].iloc[-1]),
            )
        ),
        *_reliance(facts),
    ]
    if "money" in figures:
        blocks.append(Figure(figures["money"], voice("money_figure_caption"), money_source(facts)))
    blocks.append(_side_by_side(facts))
    blocks.append(
        Paragraph(voice("money_cases_note", threshold=voice.percent(facts.options.signed_probability, 0)), "note")
    )
    return [*blocks, *(_balance(facts, case) for case in CASES)]


def money_source(facts: Facts) -> str:
    """Return the note of origin of the money numbers."""
    return facts.source(
        "plan_finance.debt_wan",
        "plan_sites",
        "plan_landings",
        "budget.own_funds_wan,committed_outlay_wan",
        "candidates.probability,annual_tax_wan",
        "parks.land_price_wan_per_mu",
        rule="3.8",
    )


def outlay_columns(facts: Facts) -> Sequence[str]:
    """Return the outlays that an edition shows; outward, what exits cost is one line with moving."""
    return OUTWARD_OUTLAY if facts.is_outward else OUTLAY


def shown_balance(facts: Facts, case: str) -> pd.DataFrame:
    """Return one balance with the columns that the edition shows."""
    frame = facts.money[case]
    return (
        frame.assign(moving_and_exits_wan=frame["exit_compensation_wan"] + frame["moving_wan"])
        if facts.is_outward
        else frame
    )


def _reliance(facts: Facts) -> list[Block]:
    voice, gaps = facts.voice, unsigned_reliance(facts.money)
    if gaps.empty:
        return [Paragraph(voice("reliance_none", threshold=voice.percent(facts.options.signed_probability, 0)))]
    worst = gaps.sort_values("gap_wan").iloc[-1]
    years = voice.listed([str(int(year)) for year in gaps["year"]], 20)
    found = [
        Paragraph(
            voice(
                "reliance",
                threshold=voice.percent(facts.options.signed_probability, 0),
                years=years,
                year=int(worst["year"]),
                gap=voice.money(worst["gap_wan"]),
            ),
            "warning",
        )
    ]
    owed = gaps[gaps["committed_wan"] > 0.5]
    if len(owed):
        shown = voice.listed(
            [
                voice("year_amount", year=int(row["year"]), amount=voice.money(row["committed_wan"]))
                for row in owed.to_dict("records")
            ],
            20,
        )
        found.append(Paragraph(voice("reliance_committed", years=shown), "warning"))
    return list(found)


def _side_by_side(facts: Facts) -> Table:
    voice = facts.voice
    lines = []
    for case in CASES:
        frame = facts.money[case]
        name = voice(f"case_{case}")
        lines += [
            Line(voice("case_income", case=name), frame["income_wan"].tolist()),
            Line(voice("case_outlay", case=name), frame["outlay_wan"].tolist()),
            Line(voice("case_cash", case=name), frame["cash_wan"].tolist(), bold=True, total=False),
        ]
    lines.append(Line(voice("balance_debt_wan"), facts.money["expected"]["debt_wan"].tolist(), total=False))
    return across_years(voice, voice("money_side_caption"), facts.years, lines, money_source(facts))


def balance_lines(facts: Facts, case: str) -> list[Line]:
    """Return one balance line by line: opening cash, incomes, outlays, borrowing, interest, closing cash, debt."""
    voice, frame = facts.voice, shown_balance(facts, case)

    def line(name: str, *, bold: bool = False, total: bool = True) -> Line:
        return Line(voice(f"balance_{name}"), frame[name].tolist(), bold=bold, total=total)

    return [
        line("opening_wan", total=False),
        *(line(name) for name in INCOME),
        line("income_wan", bold=True),
        *(line(name) for name in outlay_columns(facts)),
        line("outlay_wan", bold=True),
        line("borrowed_wan"),
        line("interest_wan"),
        line("cash_wan", bold=True, total=False),
        line("debt_wan", total=False),
    ]


def _balance(facts: Facts, case: str) -> Table:
    caption = facts.voice("balance_caption", case=facts.voice(f"case_{case}"))
    return across_years(facts.voice, caption, facts.years, balance_lines(facts, case), money_source(facts))
