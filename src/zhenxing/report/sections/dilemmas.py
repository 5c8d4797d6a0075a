"""The office's dilemmas, each with its indicator and what the plan does about it."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from zhenxing.report.blocks import Block, Heading
from zhenxing.report.chain import chain_coverage
from zhenxing.report.facts import Facts
from zhenxing.report.tabulation import listed
from zhenxing.report.voice import ABSENT

CAPACITIES = {
    "title_capacity_mu": ("title", "title_mu", "title_capacity_mu"),
    "clear_capacity_mu": ("clear", "cleared_mu", "clear_capacity_mu"),
    "effort_months": ("effort", "effort_months", "effort_capacity_months"),
}


def dilemmas(facts: Facts) -> list[Block]:
    """Return the table of dilemmas; nothing where the town lists none.

    ``dilemmas.plan_row`` names the row of the plan that answers: a table, or ``table.id`` or ``table.column``.
    """
    voice, frame = facts.voice, facts.town["dilemmas"]
    if frame.empty:
        return []
    words = frame.astype("object")
    rows = []
    for row in words.to_dict("records"):
        answer = [plan_answer(facts, _text(row.get("plan_row"))), _indicator(facts, _text(row.get("indicator")))]
        comma = "; " if voice.language == "en" else "；"
        rows.append(
            (
                _text(row.get("name")) or ABSENT,
                _text(row.get("measure")) or ABSENT,
                comma.join(part for part in answer if part) or ABSENT,
                _text(row.get("owner")) or ABSENT,
                _text(row.get("deadline")) or ABSENT,
            )
        )
    header = [facts.label("dilemmas", name) for name in ("name", "measure")]
    header += [voice("dilemma_answer"), facts.label("dilemmas", "owner"), facts.label("dilemmas", "deadline")]
    table = listed(
        voice("dilemmas_caption"), header, rows, facts.source("dilemmas"), "lllll", (2.2, 1.8, 3.4, 1.3, 1.1)
    )
    return [Heading(voice("dilemmas_title"), 2), table]


def plan_answer(facts: Facts, plan_row: str) -> str:
    """Return what the plan does in the table, or its row, that a dilemma points to; empty where nothing can be said."""
    table, _, what = plan_row.partition(".")
    answers: dict[str, Callable[[Facts, str], str]] = {
        "chain_rewards": _chain,
        "works": _works,
        "facilities": _facilities,
        "candidates": _candidates,
        "platforms": _platforms,
        "budget": _budget,
        "sites": _sites,
    }
    return answers[table](facts, what) if table in answers else ""


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]  # one cell, not an array


def _indicator(facts: Facts, indicator: str) -> str:
    """Compare plan and target of the whole town in the last year that has a target."""
    frame = facts.evaluation.targets
    own = frame[(frame["indicator"] == indicator) & (frame["park_id"].fillna("") == "")]
    if own.empty:
        return ""
    last = own.sort_values("year").iloc[-1]
    return facts.voice(
        "dilemma_indicator",
        name=facts.names.word("indicator", indicator),
        year=int(last["year"]),
        value=facts.voice.number(last["value"], 1),
        target=facts.voice.number(float(last["target"]) - float(last["baseline"]), 1),
    )


def _chain(facts: Facts, link: str) -> str:
    frame = chain_coverage(facts.town, facts.evaluation)
    own = frame[frame["link_id"] == link]
    if own.empty:
        return ""
    before, after = (facts.voice.percent(own[name].iloc[0], 0) for name in ("before_share", "after_share"))
    return facts.voice("dilemma_chain", link=facts.names.of("links", link), before=before, after=after)


def _works(facts: Facts, work: str) -> str:
    plan = facts.plan["plan_works"]
    if not work:
        return facts.voice("dilemma_works", started=len(plan), total=len(facts.town["works"]))
    own = plan[plan["work_id"] == work]
    name = facts.names.of("works", work)
    if own.empty:
        return facts.voice("dilemma_not_built", name=name)
    return facts.voice("dilemma_built", name=name, year=int(own["start_year"].iloc[0]))


def _facilities(facts: Facts, facility: str) -> str:
    plan = facts.plan["plan_facilities"]
    own = plan[plan["facility_id"] == facility] if facility else plan
    name = facts.names.word("facility", facility)
    if own.empty:
        return facts.voice("dilemma_not_built", name=name)
    return facts.voice("dilemma_built", name=name, year=int(own["year"].min()))


def _candidates(facts: Facts, kind: str) -> str:
    candidates = facts.filled("candidates")
    wanted = candidates[candidates["kind"] == kind] if kind else candidates
    landed = facts.plan["plan_landings"].merge(wanted[["candidate_id", "probability"]], on="candidate_id")
    count = landed["count"].astype(float)
    expected = float((count * landed["probability"].astype(float)).sum())
    return facts.voice(
        "dilemma_landed", count=facts.voice.number(count.sum()), expected=facts.voice.number(expected, 1)
    )


def _platforms(facts: Facts, _: str) -> str:
    """Count the platforms whose sites are all started in clearing modes, by the plan or before it."""
    modes = facts.filled("site_modes")
    clears = set(
        zip(modes["site_id"][modes["clears"].astype(bool)], modes["mode"][modes["clears"].astype(bool)], strict=True)
    )
    plan, locks = facts.plan["plan_sites"], facts.filled("locks")
    done = locks[(locks["rule"] == "done") & (locks["subject"] == "site")]
    pairs = [*zip(plan["site_id"], plan["mode"], strict=True), *zip(done["id"], done["option"], strict=True)]
    cleared = {site for site, mode in pairs if (site, mode) in clears}
    members = facts.town["platform_sites"].groupby("platform_id")["site_id"].agg(set)
    whole = sum(1 for sites in members if sites <= cleared)
    return facts.voice("dilemma_platforms", whole=whole, total=len(facts.town["platforms"]))


def _budget(facts: Facts, column: str) -> str:
    voice = facts.voice
    if column in CAPACITIES:
        name, used, limit = CAPACITIES[column]
        frame = facts.evaluation.capacities
        full = int((frame[used].astype(float) >= 0.99 * frame[limit].astype(float)).sum())
        return voice("dilemma_capacity", what=voice(f"capacity_{name}_limit"), full=full, years=len(facts.years))
    money = facts.money["expected"]
    return voice(
        "dilemma_money", least=voice.money(money["cash_wan"].min()), debt=voice.money(money["debt_wan"].iloc[-1])
    )


def _sites(facts: Facts, _: str) -> str:
    return facts.voice(
        "dilemma_sites", count=len(facts.plan["plan_sites"]), mu=facts.voice.number(facts.pace.cleared_mu, 1)
    )
