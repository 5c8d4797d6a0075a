"""One page per firm (一企一策): who it is, where it stands, what it takes, what is done for it."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from zhenxing.errors import Text
from zhenxing.i18n import say

PAGE_COLUMNS = ("firm_id", "section", "item", "value", "unit", "text_zh", "text_en")
Line = tuple[str, str, float, str, Text]


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
    standing = watch.set_index("firm_id")
    of = {
        "batches": dict(tuple(batches.groupby("firm_id"))),
        "pushes": dict(tuple(pushes.groupby("firm_id"))),
        "care": dict(tuple(care.groupby("firm_id"))),
        "plan": dict(tuple(candidates.groupby("firm_id"))),
    }
    rows = [
        (firm, section, item, value, unit, text.zh, text.en)
        for firm in wanted
        for section, item, value, unit, text in _page(
            facts.loc[firm],
            standing.loc[firm] if firm in standing.index else None,
            {name: tables.get(firm) for name, tables in of.items()},
        )
    ]
    return pd.DataFrame(rows, columns=list(PAGE_COLUMNS)).astype({"value": float})


def _page(fact: pd.Series, standing: pd.Series | None, own: dict[str, pd.DataFrame | None]) -> Iterator[Line]:
    yield from _firm(fact)
    if standing is not None:
        yield from _line(standing)
    if own["batches"] is not None:
        for batch in own["batches"].to_dict("records"):
            text = say(
                "diagnosis_watch.page_batch", closes=batch['closes'], month=batch['revenue_through'],
                needed=f"{batch['needed_wan']:.0f}", short=f"{batch['short_by_wan']:.0f}", since=batch['counted_from'],
            )  # fmt: skip
            yield "batches", str(batch["batch_id"]), float(batch["short_by_wan"]), "wan", text
    if own["pushes"] is not None:
        for push in own["pushes"].to_dict("records"):
            text = say(
                "diagnosis_watch.page_push", year=push['year'], rank=push['rank'], visits=push['visits'],
                low=f"{100 * push['uplift_low']:.1f}", base=f"{100 * push['uplift']:.1f}",
                high=f"{100 * push['uplift_high']:.1f}",
            )  # fmt: skip
            yield "visits", str(push["year"]), float(push["uplift"]), "share", text
    if own["care"] is not None:
        for reason in own["care"].to_dict("records"):
            yield "care", str(reason["reason"]), float(reason["value"]), "", Text(reason["text_zh"], reason["text_en"])
    if own["plan"] is not None:
        for row in own["plan"].to_dict("records"):
            text = say(
                "diagnosis_watch.page_candidate", id=row['candidate_id'], output=f"{row['annual_output_wan']:.0f}",
                tax=f"{row['annual_tax_wan']:.1f}", chance=f"{100 * row['probability']:.0f}",
            )  # fmt: skip
            yield "plan", str(row["candidate_id"]), float(row["annual_output_wan"]), "wan", text


def _firm(fact: pd.Series) -> Iterator[Line]:
    yield "firm", "name", float("nan"), "", Text(str(fact["name"]), str(fact["name"]))
    if fact["link_id"]:
        yield "firm", "link", float("nan"), "", Text(str(fact["link_id"]), str(fact["link_id"]))
    for item, unit, shown in (
        ("revenue_wan", "wan", ".0f"),
        ("growth", "share", ".3f"),
        ("employees", "people", ".0f"),
        ("used_floor_m2", "m2", ".0f"),
        ("tax_wan", "wan", ".1f"),
    ):
        if pd.notna(fact[item]):
            text = say(f"diagnosis_watch.page_{item}", value=format(fact[item], shown), year=int(fact["year"]))
            yield "firm", item, float(fact[item]), unit, text


def _line(standing: pd.Series) -> Iterator[Line]:
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


def _chance(side: str, chance: float, year: int, standing: pd.Series) -> Text:
    basis = say(f"diagnosis_watch.basis_{standing['basis']}")
    return say(f"diagnosis_watch.page_{side}", chance=f"{100 * chance:.0f}", year=year, basis=basis)
