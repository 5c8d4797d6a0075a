"""Who to look after (稳企安商): firms short of room, ready for an upgrade, or likely to leave, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from zhenxing.diagnosis.watch.settings import WatchSettings
from zhenxing.errors import Issue, Text
from zhenxing.i18n import say

CARE_COLUMNS = (
    "firm_id", "reason", "kind", "level", "value", "limit", "text_zh", "text_en", "assumed",
)  # fmt: skip
# Points of readiness for an upgrade, of six; from four on a firm is on the list (assumed).
READY_POINTS = 4
LEVELS = ("high", "medium", "low")
OWN_SIGNS = ("declining", "may_fall", "below_in_register")


def care_rows(facts: pd.DataFrame, settings: WatchSettings) -> tuple[pd.DataFrame, list[Issue]]:
    """Return the care list: one row per firm and reason, the most pressing and then the largest first.

    ``kind`` says what is to be done: ``room`` (find floor or land), ``upgrade``, ``stay`` (keep from leaving).
    ``level`` of a firm that may leave: high with a sign of its own (declining, may fall, below the line though in the
    register) and another one, low where only its site may be renewed and it is no tenant, medium in between.
    """
    rows = [*_crowded(facts, settings), *_ready(facts, settings), *_leaving(facts, settings)]
    frame = pd.DataFrame(rows, columns=list(CARE_COLUMNS)).astype({"value": float, "limit": float})
    place = frame["level"].map({level: number for number, level in enumerate(LEVELS)})
    revenue = frame["firm_id"].map(facts["revenue_wan"]).fillna(0.0).astype(float)
    frame = frame.assign(place=place, revenue=-revenue)
    frame = frame.sort_values(["place", "revenue", "firm_id", "reason"], kind="stable", ignore_index=True)
    issues = []
    if len(facts) and facts["used_floor_m2"].isna().all():
        issues.append(Issue("info", "no_floor", say("diagnosis_watch.no_floor"), "firm_years", "floor_m2"))
    return frame[list(CARE_COLUMNS)], issues


def _row(
    firm: str, reason: str, kind: str, level: str, value: float, limit: float, assumed: str, text: Text
) -> tuple[object, ...]:
    return firm, reason, kind, level, value, limit, text.zh, text.en, assumed


def _crowded(facts: pd.DataFrame, settings: WatchSettings) -> list[tuple[object, ...]]:
    """Revenue or people per m2 among the link's highest, and growing."""
    quantile, growing = settings.assume("crowded_quantile"), settings.assume("crowded_growth")
    rank = facts[["revenue_per_m2_rank", "people_per_m2_rank"]].max(axis=1)
    found = facts.assign(rank=rank)[(rank >= quantile.base) & (facts["growth"] >= growing.base)]
    assumed = f"crowded_quantile:{quantile.tag};crowded_growth:{growing.tag};" + ";".join(
        f"{name}:{settings.assume(name).tag}" for name in ("expansion_probability", "expansion_effort", "own_plot_mu")
    )
    rows = []
    for firm, fact in found.to_dict("index").items():
        text = say(
            "diagnosis_watch.outgrows_floor", rank=f"{100 * fact['rank']:.0f}", growth=f"{100 * fact['growth']:.0f}",
            floor=f"{fact['used_floor_m2']:.0f}", need=f"{extra_floor(fact):.0f}",
        )  # fmt: skip
        rows.append(
            _row(str(firm), "outgrows_floor", "room", "medium", float(fact["rank"]), quantile.base, assumed, text)
        )
    return rows


def extra_floor(fact: Mapping[Hashable, Any]) -> float:
    """Return the floor (m2) that would bring a firm to its peers' median density, at most as much as it has."""
    needs = [
        fact[figure] / fact[f"{density}_peers"]
        for figure, density in (("revenue_wan", "revenue_per_m2"), ("employees", "people_per_m2"))
        if fact[f"{density}_peers"] > 0 and fact[figure] > 0
    ]
    return float(min(max(max(needs, default=0.0) - fact["used_floor_m2"], 0.0), fact["used_floor_m2"]))


def _ready(facts: pd.DataFrame, settings: WatchSettings) -> list[tuple[object, ...]]:
    """Six yes-or-no points of readiness for intelligent manufacturing; what is unknown gives no point."""
    people, research = settings.assume("upgrade_employees"), settings.assume("upgrade_rd_share")
    productivity = facts["revenue_wan"] / facts["employees"].where(facts["employees"] > 0)
    peers = productivity.groupby(facts["link_id"]).transform("median")
    points = pd.DataFrame(
        {
            "size": facts["employees"] >= people.base,
            "growth": facts["growth"] >= 0,
            "profit": facts["profit_wan"] > 0,
            "research": facts["rd_wan"] / facts["revenue_wan"].where(facts["revenue_wan"] > 0) >= research.base,
            "scale": facts["revenue_wan"] >= facts["threshold_wan"],
            "gain": productivity < peers,
        }
    ).fillna(False)
    total = points.sum(axis=1)
    assumed = f"upgrade_employees:{people.tag};upgrade_rd_share:{research.tag};ready_points:M;" + ";".join(
        f"{name}:{settings.assume(name).tag}"
        for name in ("upgrade_gain", "upgrade_investment", "upgrade_probability", "upgrade_effort")
    )
    rows = []
    for firm in facts.index[(total >= READY_POINTS) & points["size"]]:
        met = [say(f"diagnosis_watch.point_{name}") for name in points.columns[points.loc[firm]]]
        text = say(
            "diagnosis_watch.upgrade_ready", points=int(total[firm]),
            met=Text("、".join(point.zh for point in met), ", ".join(point.en for point in met)),
        )  # fmt: skip
        rows.append(_row(firm, "upgrade_ready", "upgrade", "low", float(total[firm]), READY_POINTS, assumed, text))
    return rows


def _leaving(facts: pd.DataFrame, settings: WatchSettings) -> list[tuple[object, ...]]:
    """Signs that a firm may leave; rented floor alone is none, it only adds to another."""
    decline, rented = settings.assume("risk_decline"), settings.assume("risk_rented_share")
    fall = settings.assume("risk_fall")
    inside = (facts["register_state"] == "in_register") & (facts["short_by_wan"] > 0)
    signs: dict[str, tuple[pd.Series, pd.Series, float, str]] = {
        "site_renewed": (facts["site_id"] != "", facts["used_floor_m2"], np.nan, ""),
        "declining": (facts["growth"] <= -decline.base, facts["growth"], -decline.base, f"risk_decline:{decline.tag}"),
        "may_fall": (
            facts["probability_fall"] >= fall.base, facts["probability_fall"], fall.base, f"risk_fall:{fall.tag}",
        ),
        "below_in_register": (inside, facts["short_by_wan"], 0.0, ""),
    }  # fmt: skip
    found = pd.DataFrame({name: sign[0].fillna(False).astype(bool) for name, sign in signs.items()})
    tenant = (facts["rented_share"] >= rented.base) & found.any(axis=1)
    signs["rented"] = (tenant, facts["rented_share"], rented.base, f"risk_rented_share:{rented.tag}")
    found = found.assign(rented=tenant)
    count, own = found.sum(axis=1), found[list(OWN_SIGNS)].any(axis=1)
    level = np.where(own, np.where(count > 1, "high", "medium"), np.where(count > 1, "medium", "low"))
    levels = dict(zip(facts.index, level, strict=True))
    rows = []
    for name, (_, values, limit, assumed) in signs.items():
        listed = facts[found[name]].to_dict("index")
        for (firm, fact), value in zip(listed.items(), values[found[name]], strict=True):
            text = say(f"diagnosis_watch.{name}", **_WORDS[name](fact))
            rows.append(_row(str(firm), name, "stay", levels[firm], float(value), limit, assumed, text))
    return rows


_WORDS: dict[str, Callable[[Mapping[Hashable, Any]], dict[str, object]]] = {
    "site_renewed": lambda fact: {"site": fact["site_id"]},
    "declining": lambda fact: {"fall": f"{-100 * fact['growth']:.0f}"},
    "may_fall": lambda fact: {"chance": f"{100 * fact['probability_fall']:.0f}"},
    "below_in_register": lambda fact: {"short": f"{fact['short_by_wan']:.0f}"},
    "rented": lambda fact: {"share": f"{100 * fact['rented_share']:.0f}"},
}
