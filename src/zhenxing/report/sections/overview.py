"""Part one and two: what the plan holds year by year, what its value is made of, and the targets."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from zhenxing.report.blocks import Block, Heading, Paragraph
from zhenxing.report.facts import Facts
from zhenxing.report.sections.dilemmas import dilemmas
from zhenxing.report.tabulation import Line, across_years, listed


def overview(facts: Facts) -> list[Block]:
    """Return part one: the town, the plan by year, the parts of its value, the dilemmas."""
    voice, town = facts.voice, facts.town
    candidates = town["candidates"]
    blocks: list[Block] = [
        Heading(voice("overview_title")),
        Paragraph(
            voice(
                "overview_body",
                town=town_name(facts),
                first=facts.years[0],
                last=facts.years[-1],
                sites=len(town["sites"]),
                area=voice.number(facts.pace.registered_mu),
                parks=len(town["parks"]),
                candidates=len(candidates),
                started=len(facts.plan["plan_sites"]),
                landed=voice.number(facts.plan["plan_landings"]["count"].astype(float).sum()),
                works=len(facts.plan["plan_works"]),
            )
        ),
        _by_year(facts),
        _parks(facts),
        *_parts(facts),
        *dilemmas(facts),
    ]
    return blocks


def town_name(facts: Facts) -> str:
    """Return the town's name in the report's language."""
    info = facts.town.settings.town
    english = info.name_en or info.name
    return (english if facts.voice.language == "en" else info.name) or facts.voice("this_town")


def _by_year(facts: Facts) -> Block:
    voice, plan, years = facts.voice, facts.plan, facts.years
    capacities, money = facts.evaluation.capacities, facts.evaluation.money
    released = facts.pace.yearly["released_mu"]
    starts = plan["plan_sites"].groupby("start_year").size().reindex(years, fill_value=0)
    landings = plan["plan_landings"].groupby("year")["count"].sum().reindex(years, fill_value=0)
    works = plan["plan_works"].groupby("start_year").size().reindex(years, fill_value=0)
    lines = [
        Line(voice("line_site_starts"), starts.tolist()),
        Line(voice("line_started"), capacities["cleared_mu"].tolist(), 1),
        Line(voice("line_titles"), capacities["title_mu"].tolist(), 1),
        Line(voice("line_released"), released.tolist(), 1, total=False),
        Line(voice("line_landings"), landings.tolist()),
        Line(voice("line_works"), works.tolist()),
        Line(voice("line_outlay"), money["outlay_wan"].tolist()),
        Line(voice("line_tax"), money["tax_wan"].tolist(), total=False),
    ]
    source = facts.source("plan_sites.start_year", "plan_landings.count", "plan_works.start_year", rule="3.4, 3.7, 3.8")
    return across_years(voice, voice("by_year_caption"), years, lines, source)


def _parks(facts: Facts) -> Block:
    voice = facts.voice
    sites, parks, land = facts.filled("sites"), facts.filled("parks"), facts.evaluation.land
    started = sites[sites["site_id"].isin(facts.plan["plan_sites"]["site_id"])].groupby("park_id")["area_mu"].sum()
    landed = facts.plan["plan_landings"].groupby("park_id")["count"].sum()
    last = land[land["year"] == facts.years[-1]].set_index("park_id")
    total = sites.groupby("park_id")["area_mu"].sum()
    rows, sums = [], [0.0] * 6
    for park, vacant in zip(parks["park_id"], parks["vacant_mu"], strict=True):
        figures = [
            float((sites["park_id"] == park).sum()),
            *(float(series.get(park, 0.0)) for series in (total, started)),
            float(vacant),
            float(last["released_mu"].get(park, 0.0)),
            float(landed.get(park, 0.0)),
        ]
        sums = [a + b for a, b in zip(sums, figures, strict=True)]
        rows.append((facts.names.of("parks", park), *_park_cells(facts, figures)))
    rows.append((voice("total"), *_park_cells(facts, sums)))
    header = [
        voice(key)
        for key in ("park", "col_sites", "col_area", "col_started_area", "col_vacant", "col_released", "col_landed")
    ]
    source = facts.source(
        "parks.vacant_mu", "sites.area_mu,park_id", "plan_sites.site_id", "plan_landings.count", rule="3.4"
    )
    return listed(
        voice("parks_caption"), header, rows, source, "lrrrrrr", (2.4, 1, 1.2, 1.2, 1.2, 1.2, 1.2), last_bold=True
    )


def _park_cells(facts: Facts, figures: list[float]) -> list[str]:
    return [facts.voice.number(value, decimals) for value, decimals in zip(figures, (0, 1, 1, 1, 1, 0), strict=True)]


def value_parts(facts: Facts, given: Mapping[str, float] | None = None) -> list[tuple[str, float]]:
    """Return the parts of a value by label; outward, what is paid and lost for exits is shown with moving.

    Parameters
    ----------
    facts : Facts
        The plan, evaluated.
    given : mapping of float, optional
        Parts of another plan's value; the plan's own when absent.
    """
    parts = dict(facts.evaluation.parts if given is None else given)
    if facts.is_outward:
        parts["moving_and_exits"] = (
            parts.pop("moving", 0.0) + parts.pop("exit_compensation", 0.0) + parts.pop("exit_loss", 0.0)
        )
    return [(facts.names.word("part", name), amount) for name, amount in parts.items()]


def _parts(facts: Facts) -> list[Block]:
    voice = facts.voice
    rows = [(label, voice.number(amount, 1)) for label, amount in value_parts(facts) if abs(amount) > 1e-9]
    rows.append((voice("value"), voice.number(facts.evaluation.value_wan, 1)))
    source = facts.source("summary.json", rule="4")
    table = listed(
        voice("parts_caption"), (voice("item"), voice("wan_present")), rows, source, "lr", (3, 1.4), last_bold=True
    )
    return [table, Paragraph(voice("parts_note"), "note")]


def targets(facts: Facts) -> list[Block]:
    """Return part two: every target with the plan's value, the shortfall and its penalty."""
    voice = facts.voice
    frame = facts.evaluation.targets
    blocks: list[Block] = [Heading(voice("targets_title"))]
    if frame.empty:
        return [*blocks, Paragraph(voice("targets_none"))]
    missed = frame[frame["shortfall"] > 1e-6]
    blocks.append(
        Paragraph(
            voice(
                "targets_body",
                count=len(frame),
                met=len(frame) - len(missed),
                missed=len(missed),
                penalty=voice.money(frame["penalty_wan"].sum()),
            )
        )
    )
    worst = missed.sort_values("penalty_wan", ascending=False).head(5)
    for row in worst.to_dict("records"):
        name = facts.names.word("indicator", row["indicator"])
        blocks.append(
            Paragraph(
                voice(
                    "targets_missed",
                    name=name,
                    year=int(row["year"]),
                    target=voice.number(float(row["target"]) - float(row["baseline"]), 1),
                    value=voice.number(row["value"], 1),
                    short=voice.number(row["shortfall"], 1),
                ),
                "bullet",
            )
        )
    return [*blocks, _targets_table(facts, frame)]


def _targets_table(facts: Facts, frame: pd.DataFrame) -> Block:
    """Return indicator × year; where one indicator has several targets in a year, each has lines of its own."""
    voice = facts.voice
    parks = frame["park_id"].fillna("").astype(str)
    repeat = frame.groupby([frame["indicator"], parks, frame["year"]]).cumcount()
    indent = "\u2002\u2002" if voice.language == "en" else "\u3000\u3000"
    lines = []
    for (indicator, park, _), own in frame.groupby([frame["indicator"], parks, repeat], sort=False):
        by_year = own.set_index("year").reindex(facts.years)
        where = voice("target_where", park=facts.names.of("parks", park)) if park else ""
        for what, values in (
            ("target", by_year["target"] - by_year["baseline"]),
            ("plan_value", by_year["value"]),
            ("shortfall", -by_year["shortfall"]),
            ("penalty", by_year["penalty_wan"]),
        ):
            name = facts.names.word("indicator", indicator)
            label = (
                voice("target_line", name=name, where=where, what=voice(what))
                if what == "target"
                else f"{indent}{voice(what)}"
            )
            lines.append(Line(label, values.tolist(), 1, bold=what == "target", total=False))
    source = facts.source("targets.target,baseline,penalty_wan_per_unit", "plan_sites", "plan_landings", rule="3.9")
    return across_years(voice, voice("targets_caption"), facts.years, lines, source, with_total=False)
