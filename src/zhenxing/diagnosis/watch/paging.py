"""One page per firm (一企一策): who it is, where it stands, what it takes, what is done for it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

import pandas as pd

from zhenxing.errors import Text
from zhenxing.i18n import say

PAGE_COLUMNS = ("firm_id", "section", "item", "value", "unit", "text_zh", "text_en")
Line = tuple[str, str, float, str, Text]
Record = dict[Hashable, Any]


def page_rows(
    facts: pd.DataFrame,
    watch: pd.DataFrame,
    batches: pd.DataFrame,
    pushes: pd.DataFrame,
    care: pd.DataFrame,
    candidates: pd.DataFrame,
) -> pd.DataFrame:
    """Return the pages of all firms that are to be pushed or looked after, in long form.

    Sections in their order: ``firm``, ``line`` (the above-scale line), ``batches``, ``visits``, ``care``, ``plan``.
    """
    wanted = sorted({*pushes["firm_id"], *care["firm_id"]} & set(facts.index))
    about = facts.loc[wanted].to_dict("index")
    standing = watch[watch["firm_id"].isin(set(wanted))].set_index("firm_id").to_dict("index")
    own = {"batches": batches, "pushes": pushes, "care": care, "plan": candidates}
    lists = {name: _by_firm(frame, set(wanted)) for name, frame in own.items()}
    rows = [
        (firm, section, item, value, unit, text.zh, text.en)
        for firm in wanted
        for section, item, value, unit, text in _page(
            about[firm], standing.get(firm), {name: found.get(firm, []) for name, found in lists.items()}
        )
    ]
    return pd.DataFrame(rows, columns=list(PAGE_COLUMNS)).astype({"value": float})


def _by_firm(frame: pd.DataFrame, wanted: set[str]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for row in frame[frame["firm_id"].isin(wanted)].to_dict("records"):
        found.setdefault(str(row["firm_id"]), []).append(row)
    return found


def _page(fact: Record, standing: Record | None, own: dict[str, list[Record]]) -> Iterator[Line]:
    yield from _firm(fact)
    if standing is not None:
        yield from _line(standing)
    for batch in own["batches"]:
        text = say(
            "diagnosis_watch.page_batch", closes=batch["closes"], month=batch["revenue_through"],
            needed=f"{batch['needed_wan']:.0f}", short=f"{batch['short_by_wan']:.0f}", since=batch["counted_from"],
        )  # fmt: skip
        yield "batches", str(batch["batch_id"]), float(batch["short_by_wan"]), "wan", text
    for push in own["pushes"]:
        low, base, high = (f"{100 * push[name]:.1f}" for name in ("uplift_low", "uplift", "uplift_high"))
        text = say(
            "diagnosis_watch.page_push", year=push["year"], rank=push["rank"], visits=push["visits"],
            low=low, base=base, high=high,
        )  # fmt: skip
        yield "visits", str(push["year"]), float(push["uplift"]), "share", text
    for reason in own["care"]:
        yield "care", str(reason["reason"]), float(reason["value"]), "", Text(reason["text_zh"], reason["text_en"])
    for row in own["plan"]:
        text = say(
            "diagnosis_watch.page_candidate", id=row["candidate_id"], output=f"{row['annual_output_wan']:.0f}",
            tax=f"{row['annual_tax_wan']:.1f}", chance=f"{100 * row['probability']:.0f}",
        )  # fmt: skip
        yield "plan", str(row["candidate_id"]), float(row["annual_output_wan"]), "wan", text


def _firm(fact: Record) -> Iterator[Line]:
    yield "firm", "name", float("nan"), "", Text(str(fact["name"]), str(fact["name"]))
    if fact["link_id"]:
        yield "firm", "link", float("nan"), "", Text(str(fact["link_id"]), str(fact["link_id"]))
    for item, unit, shown in (
        ("revenue_wan", "wan", ".0f"),
        ("growth", "share", ".1%"),
        ("employees", "people", ".0f"),
        ("used_floor_m2", "m2", ".0f"),
        ("tax_wan", "wan", ".1f"),
    ):
        if pd.notna(fact[item]):
            text = say(f"diagnosis_watch.page_{item}", value=format(fact[item], shown), year=int(fact["year"]))
            yield "firm", item, float(fact[item]), unit, text


def _line(standing: Record) -> Iterator[Line]:
    words = {
        "line": f"{standing['threshold_wan']:.0f}",
        "state": say(f"diagnosis_watch.state_{standing['register_state']}"),
    }
    yield "line", "state", float("nan"), "", say("diagnosis_watch.page_state", **words)
    next_year = int(standing["year"]) + 1
    if pd.notna(standing["probability_cross"]):
        months = standing["short_months"]
        text = say(
            "diagnosis_watch.page_short", short=f"{standing['short_by_wan']:.0f}",
            months=f"{months:.1f}" if pd.notna(months) else "—",
        )  # fmt: skip
        yield "line", "short_by_wan", float(standing["short_by_wan"]), "wan", text
        chance = float(standing["probability_cross"])
        yield "line", "probability_cross", chance, "share", _chance("cross", chance, next_year, standing)
    if pd.notna(standing["probability_fall"]):
        chance = float(standing["probability_fall"])
        yield "line", "probability_fall", chance, "share", _chance("fall", chance, next_year, standing)


def _chance(side: str, chance: float, year: int, standing: Record) -> Text:
    basis = say(f"diagnosis_watch.basis_{standing['basis']}")
    return say(f"diagnosis_watch.page_{side}", chance=f"{100 * chance:.0f}", year=year, basis=basis)
