"""The first page: what is wrong, what the plan comes to, how fast the scope is cleared and what to decide this year."""

from __future__ import annotations

import math

from zhenxing.report.blocks import Block, Heading, PageBreak, Paragraph
from zhenxing.report.facts import Facts
from zhenxing.report.pace import Limit
from zhenxing.report.tabulation import Line, across_years, listed
from zhenxing.report.voice import as_float

MOST_VIOLATIONS = 10


def conclusion(facts: Facts) -> list[Block]:
    """Return the first page."""
    voice = facts.voice
    return [
        *alerts(facts),
        Heading(voice("conclusion_title")),
        *_key_numbers(facts),
        Heading(voice("scope_title", gross=voice.number(facts.pace.gross_mu)), 2),
        *_scope(facts),
        Heading(voice("halve_title"), 2),
        *_halving(facts),
        Heading(voice("decide_title", year=facts.years[0]), 2),
        *_decisions(facts),
        Heading(voice("quality_title"), 2),
        *_quality(facts),
        Paragraph(_origin(facts), "note"),
        PageBreak(),
    ]


def _origin(facts: Facts) -> str:
    note = facts.source(
        "plan_sites",
        "plan_landings",
        "plan_works",
        "plan_finance",
        "summary.json",
        "budget.clear_capacity_mu,title_capacity_mu",
        rule="3.7, 3.8, 4",
    )
    return facts.voice("page_origin", source=note)


def alerts(facts: Facts) -> list[Block]:
    """Return what must be read before anything else: broken rules, another value, other inputs."""
    voice, found = facts.voice, list[Block]()
    violations = facts.evaluation.violations
    if not violations.empty:
        found.append(Paragraph(voice("alert_violations", count=len(violations)), "alert"))
        column = "en" if voice.language == "en" else "zh"
        found += [Paragraph(str(text), "alert") for text in violations[column].head(MOST_VIOLATIONS)]
    if facts.value_differs:
        claimed = voice.number(facts.summary.get("value_wan"), 2)
        found.append(
            Paragraph(
                voice("alert_value", claimed=claimed, counted=voice.number(facts.evaluation.value_wan, 2)), "alert"
            )
        )
    if facts.inputs_changed:
        found.append(Paragraph(voice("alert_inputs"), "warning"))
    return found


def _key_numbers(facts: Facts) -> list[Block]:
    voice, pace, money = facts.voice, facts.pace, facts.money["expected"]
    tax = facts.evaluation.money["tax_wan"]
    landed = facts.plan["plan_landings"]["count"].astype(float).sum()
    last = facts.years[-1]
    starts = len(facts.plan["plan_sites"])
    rows = [
        (
            voice("key_starts"),
            voice.number(starts),
            voice("unit_sites"),
            voice("key_starts_note", years=voice("span", first=facts.years[0], last=last)),
        ),
        (
            voice("key_cleared"),
            voice.number(pace.cleared_mu, 1),
            voice("unit_mu"),
            voice("key_cleared_note", done=voice.number(pace.done_mu, 1)),
        ),
        (
            voice("key_released"),
            voice.number(pace.released_mu, 1),
            voice("unit_mu"),
            voice("key_released_note", year=last),
        ),
        (voice("key_landed"), voice.number(landed), voice("unit_firms"), voice("key_landed_note")),
        (voice("key_tax"), voice.number(tax.iloc[-1]), voice("unit_wan"), voice("key_tax_note", year=last)),
        (voice("key_outlay"), voice.number(money["outlay_wan"].sum()), voice("unit_wan"), voice("key_outlay_note")),
        (
            voice("key_debt"),
            voice.number(money["debt_wan"].iloc[-1]),
            voice("unit_wan"),
            voice("key_debt_note", peak=voice.number(money["debt_wan"].max())),
        ),
        (voice("key_value"), voice.number(facts.evaluation.value_wan), voice("unit_wan"), voice("key_value_note")),
    ]
    source = facts.source(
        "plan_sites.start_year", "plan_landings.count", "plan_finance.debt_wan", "sites.area_mu", rule="3.4–3.9, 4"
    )
    return [
        listed(
            voice("key_caption"),
            (voice("item"), voice("number"), voice("unit"), voice("remark")),
            rows,
            source,
            "lrll",
            (2.2, 1.4, 0.8, 4.2),
        )
    ]


def _scope(facts: Facts) -> list[Block]:
    voice, pace = facts.voice, facts.pace
    scope = pace.gross_mu or math.nan
    last = facts.years[-1]
    origin = voice("scope_given") if pace.is_given else voice("scope_sites")
    blocks: list[Block] = [
        Paragraph(
            voice(
                "scope_answer",
                gross=voice.number(pace.gross_mu),
                origin=origin,
                year=last,
                cleared=voice.number(pace.cleared_mu, 1),
                cleared_share=voice.percent(pace.cleared_mu / scope),
                released=voice.number(pace.released_mu, 1),
                released_share=voice.percent(pace.released_mu / scope),
            ),
            "lead",
        )
    ]
    if pace.finish_year is None:
        blocks.append(Paragraph(voice("pace_none"), "bullet"))
    else:
        left = max(0.0, pace.gross_mu - pace.done_mu)
        arithmetic = voice(
            "pace_answer",
            total=voice.number(pace.cleared_mu - pace.done_mu, 1),
            years=len(facts.years),
            pace=voice.number(pace.per_year, 1),
            left=voice.number(left, 1),
            needed=voice.number(pace.years_left, 1),
            finish=pace.finish_year,
        )
        blocks.append(Paragraph(arithmetic, "bullet"))
    if pace.gross_mu > pace.registered_mu * (1 + 1e-9):
        lacking = voice.number(pace.gross_mu - pace.registered_mu)
        blocks.append(
            Paragraph(
                voice("scope_unregistered", registered=voice.number(pace.registered_mu), lacking=lacking), "bullet"
            )
        )
    return [*blocks, _progress(facts, scope)]


def _progress(facts: Facts, scope: float) -> Block:
    voice, yearly = facts.voice, facts.pace.yearly
    lines = [
        Line(voice("line_started"), yearly["started_mu"].tolist(), 0),
        Line(voice("line_cleared"), yearly["cleared_mu"].tolist(), 0, total=False),
        Line(voice("line_cleared_share"), (yearly["cleared_mu"] / scope * 100).tolist(), 1, total=False),
        Line(voice("line_released"), yearly["released_mu"].tolist(), 0, total=False),
        Line(voice("line_released_share"), (yearly["released_mu"] / scope * 100).tolist(), 1, total=False),
    ]
    source = facts.source(
        "plan_sites.start_year,delivery_year", "sites.area_mu", "site_modes.released_share", rule="3.4, 3.7"
    )
    return across_years(voice, voice("scope_caption"), facts.years, lines, source)


def _halving(facts: Facts) -> list[Block]:
    voice, pace = facts.voice, facts.pace
    if pace.finish_year is None:
        return [Paragraph(voice("halve_none"), "bullet")]
    blocks: list[Block] = [
        Paragraph(
            voice(
                "halve_answer",
                years=voice.number(pace.years_left, 1),
                half=voice.number(pace.years_left / 2, 1),
                pace=voice.number(pace.per_year, 1),
                double=voice.number(2 * pace.per_year, 1),
                finish=facts.years[0] - 1 + math.ceil(pace.years_left / 2 - 1e-9),
            )
        )
    ]
    blocks += [Paragraph(_limit_sentence(facts, limit), "bullet") for limit in pace.limits]
    slack = [limit for limit in pace.limits if limit.name == "clear" and limit.full_years < len(facts.years)]
    if slack and not math.isinf(slack[0].mean_limit):
        blocks.append(Paragraph(voice("halve_slack", full=slack[0].full_years, years=len(facts.years)), "bullet"))
    return blocks


def _limit_sentence(facts: Facts, limit: Limit) -> str:
    voice = facts.voice
    verdict = voice("limit_ok")
    if math.isinf(limit.mean_limit):
        verdict = voice("limit_unlimited")
    elif limit.must_rise:
        ratio = limit.needed / limit.mean_limit if limit.mean_limit > 0 else math.inf
        times = voice("limit_times", ratio=voice.number(ratio, 2)) if math.isfinite(ratio) else ""
        verdict = voice("limit_rise", rise=voice.number(limit.needed - limit.mean_limit), times=times)
    return voice(
        f"limit_{limit.name}",
        per_mu=voice.number(limit.per_mu, 2),
        double=voice.number(2 * facts.pace.per_year, 1),
        needed=voice.number(limit.needed),
        limit=voice.number(limit.mean_limit),
        full=limit.full_years,
        years=len(facts.years),
        verdict=verdict,
    )


def _decisions(facts: Facts) -> list[Block]:
    voice, names, year = facts.voice, facts.names, facts.years[0]
    plan, sentences = facts.plan, list[str]()
    started = plan["plan_sites"][plan["plan_sites"]["start_year"] == year]
    money = facts.money["expected"].iloc[0]
    if len(started):
        area = facts.filled("sites").set_index("site_id")["area_mu"].astype(float)
        total = float(area.reindex(started["site_id"]).sum())
        shown = voice.listed([names.of("sites", site) for site in started["site_id"]], 6)
        sentences.append(
            voice(
                "decide_sites",
                count=len(started),
                names=shown,
                mu=voice.number(total, 1),
                cost=voice.money(money["site_cost_wan"]),
            )
        )
    landed = plan["plan_landings"][plan["plan_landings"]["year"] == year]
    if len(landed):
        shown = voice.listed(
            [names.of("candidates", candidate) for candidate in dict.fromkeys(landed["candidate_id"])], 5
        )
        sentences.append(voice("decide_landings", count=voice.number(landed["count"].sum()), names=shown))
    opened = plan["plan_works"][plan["plan_works"]["start_year"] == year]
    if len(opened):
        shown = voice.listed([names.of("works", work) for work in opened["work_id"]])
        sentences.append(voice("decide_works", names=shown, cost=voice.money(money["work_cost_wan"])))
    bought = len(plan["plan_facilities"][plan["plan_facilities"]["year"] == year]) + len(
        plan["plan_utilities"][plan["plan_utilities"]["year"] == year]
    )
    if bought:
        cost = voice.money(money["facility_cost_wan"] + money["utility_cost_wan"])
        sentences.append(voice("decide_supplies", count=bought, cost=cost))
    if money["borrowed_wan"] > 0.5:
        sentences.append(voice("decide_borrow", amount=voice.money(money["borrowed_wan"])))
    if not sentences:
        sentences.append(voice("decide_nothing", year=year))
    return [Paragraph(sentence, "bullet") for sentence in sentences]


def _quality(facts: Facts) -> list[Block]:
    voice, summary = facts.voice, facts.summary
    value, bound, gap = (as_float(summary.get(name)) for name in ("value_wan", "bound_wan", "gap"))
    if math.isnan(bound) or math.isnan(gap):
        return [Paragraph(voice("quality_unknown", value=voice.money(facts.evaluation.value_wan)))]
    # the gap is printed rounded up: "at most" must stay true after rounding
    shown = f"{math.ceil(gap * 1000 - 1e-9) / 10:.1f}%"
    key = "quality_optimal" if gap <= 1e-6 else "quality_gap"
    return [Paragraph(voice(key, value=voice.money(value), bound=voice.money(bound), gap=shown))]
