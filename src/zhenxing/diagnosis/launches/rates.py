"""Design patents, trademarks, awards and launches per 100 firms, by link and year, beside those of the peers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, cast

import numpy as np
import pandas as pd

from zhenxing.diagnosis.launches.intervals import poisson_interval, rate_ratio, wilson_interval
from zhenxing.errors import InputError, Issue
from zhenxing.i18n import name_rows, say

RATE_COLUMNS = [
    "link_id", "year", "measure", "members", "known", "events", "rate", "rate_low", "rate_high", "active_share",
    "active_low",
    "active_high", "dispersion", "top_firm_share", "warnings",
]  # fmt: skip
COMPARISON_COLUMNS = [
    "link_id", "year", "measure", "peer_id", "peer_year", "rate", "peer_rate", "peer_low", "peer_high", "peer_events",
    "peer_firms", "ratio",
    "ratio_low", "ratio_high", "standing", "warnings",
]  # fmt: skip
YEARLY: Final = ("design_patents", "trademarks", "product_launches")
PER: Final = 100
NAN: Final = float("nan")


@dataclass(frozen=True)
class LaunchSettings:
    """Settings of the launches; the limits are conventions, not facts.

    Parameters
    ----------
    year : int or None
        Nothing later is read.
    roles : tuple of str
        Which roles make a firm a member of a link.
    awards : tuple of str
        Facts of ``firm_facts`` that count awards.
    exhibitions : tuple of str
        Facts of ``firm_facts`` that count exhibitions taken part in.
    design_links, exhibition_links : tuple of str
        Links of design services and of exhibitions.
    level : float
        Coverage of all intervals.
    most_dispersion : float
        Variance over mean of the events of a link's firms above which the Poisson interval is marked as too narrow.
    least_coverage : float
        Share of a link's firms with a figure below which a rate is marked.
    most_year_gap : int
        Peers' figures of years further away are not compared.
    most_base_gap : float
        How far the roll may be from the town's number of firms in the statistics, as a share of it.
    peer_firms : str
        The indicator that holds a peer's number of firms.
    """

    year: int | None = None
    roles: tuple[str, ...] = ("makes", "serves")
    awards: tuple[str, ...] = ("design_awards", "awards")
    exhibitions: tuple[str, ...] = ("exhibitions",)
    design_links: tuple[str, ...] = ("DESIGN",)
    exhibition_links: tuple[str, ...] = ("EXPO",)
    level: float = 0.95
    most_dispersion: float = 2.0
    least_coverage: float = 0.5
    most_year_gap: int = 1
    most_base_gap: float = 0.1
    peer_firms: str = "firms"

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise InputError(say("diagnosis_launches.level", given=f"{self.level:g}"))


@dataclass(frozen=True)
class Events:
    """What every firm brought out in every year.

    ``counts`` has firm_id, year, measure and events (unknown is absent), ``members`` has firm_id and link_id (empty:
    all firms).
    """

    counts: pd.DataFrame
    members: pd.DataFrame
    issues: list[Issue] = field(default_factory=list)


def read_events(
    firms: pd.DataFrame,
    firm_years: pd.DataFrame,
    firm_links: pd.DataFrame,
    firm_facts: pd.DataFrame | None,
    settings: LaunchSettings,
) -> Events:
    """Return the counts of every firm and year as a long table, and who belongs to which link.

    A negative or broken count is left out with a warning; figures of firms that are not in ``firms`` too.

    Raises
    ------
    InputError
        When a needed column is absent or a firm and year stand twice.
    """
    _need(firms, "firms", ["firm_id"])
    _need(firm_years, "firm_years", ["firm_id", "year"])
    _need(firm_links, "firm_links", ["firm_id", "link_id", "role"])
    keys = firm_years[["firm_id", "year"]].astype({"firm_id": str})
    twice = keys[keys.duplicated()]
    if len(twice):
        rows = [f"{firm}/{year}" for firm, year in zip(twice["firm_id"], twice["year"], strict=True)]
        raise InputError(say("diagnosis_launches.twice", rows=name_rows(rows)))
    parts = [
        pd.DataFrame(
            {"firm_id": keys["firm_id"], "year": keys["year"], "measure": measure, "events": firm_years[measure]}
        )
        for measure in YEARLY
        if measure in firm_years.columns
    ]
    for measure, names in (("design_awards", settings.awards), ("exhibitions", settings.exhibitions)):
        if firm_facts is not None and {"firm_id", "fact", "year", "value"} <= set(firm_facts.columns):
            facts = firm_facts[firm_facts["fact"].isin(names)]
            parts.append(
                pd.DataFrame(
                    {
                        "firm_id": facts["firm_id"].astype(str),
                        "year": facts["year"],
                        "measure": measure,
                        "events": facts["value"],
                    }
                )
            )
    empty = pd.DataFrame({"firm_id": [], "year": [], "measure": [], "events": []})
    counts = pd.concat([part for part in parts if len(part)] or [empty], ignore_index=True)
    counts["events"] = pd.to_numeric(counts["events"].astype(object), errors="coerce").astype(float)
    counts = counts[counts["events"].notna() & counts["year"].notna()].astype({"year": int})
    if settings.year is not None:
        counts = counts[counts["year"] <= settings.year]
    roll = firms["firm_id"].astype(str)
    issues = list(_faults(counts, set(roll)))
    good = (counts["events"] >= 0) & (counts["events"] % 1 == 0) & counts["firm_id"].isin(set(roll))
    counts = counts[good].groupby(["firm_id", "year", "measure"])[["events"]].sum().reset_index()
    linked = firm_links[firm_links["role"].isin(settings.roles) & firm_links["firm_id"].astype(str).isin(set(roll))]
    members = pd.concat(
        [
            pd.DataFrame({"firm_id": roll.unique(), "link_id": ""}),
            pd.DataFrame({"firm_id": linked["firm_id"].astype(str), "link_id": linked["link_id"].astype(str)}),
        ],
        ignore_index=True,
    ).drop_duplicates()
    if counts.empty:
        issues.append(Issue("warning", "no_events", say("diagnosis_launches.no_events"), "firm_years"))
    return Events(counts, members, issues)


def _need(frame: pd.DataFrame, table: str, columns: list[str]) -> None:
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise InputError(say("diagnosis_launches.no_column", table=table, absent=", ".join(absent)))


def _faults(counts: pd.DataFrame, roll: set[str]) -> Iterator[Issue]:
    wrong = counts[(counts["events"] < 0) | (counts["events"] % 1 != 0)]
    strange = counts[~counts["firm_id"].isin(roll)]
    for code, rows in (("broken_count", wrong), ("unknown_firm", strange)):
        if len(rows):
            names = tuple(dict.fromkeys(rows["firm_id"].tolist()))
            sentence = say(f"diagnosis_launches.{code}", rows=name_rows(names))
            yield Issue("warning", code, sentence, "firm_years", "", names)


def rate_table(events: Events, settings: LaunchSettings) -> pd.DataFrame:
    """Return table ``launch_rates``: events per 100 firms and the share of active firms, with intervals.

    Rates come with Garwood's interval, shares with Wilson's. Every member of a link counts fully in it, whatever its
    weights, so that counts stay counts; a firm of two links counts in both and once in the whole town (empty link).
    Firms without a figure are left out of the denominator, never taken as zero.

    Parameters
    ----------
    events : Events
    settings : LaunchSettings
    """
    joined = events.members.merge(events.counts, on="firm_id")
    sizes = events.members.groupby("link_id")["firm_id"].nunique().to_dict()
    rows = []
    for key, part in joined.groupby(["link_id", "year", "measure"]):
        link, year, measure = cast("tuple[str, int, str]", key)
        rows.append(_rate(link, int(year), measure, part["events"].to_numpy(), int(sizes[link]), settings))
    return pd.DataFrame(rows, columns=RATE_COLUMNS)


def _rate(
    link: str, year: int, measure: str, values: np.ndarray[Any, Any], members: int, settings: LaunchSettings
) -> dict[str, object]:
    known, total = len(values), float(values.sum())
    rate = poisson_interval(total, known, level=settings.level)
    active = wilson_interval(float((values > 0).sum()), known, level=settings.level)
    spread = float(values.var(ddof=1) / values.mean()) if known > 1 and total > 0 else NAN
    warnings = []
    if spread > settings.most_dispersion:
        warnings.append("overdispersed")
    if known < settings.least_coverage * members:
        warnings.append("few_known")
    return {
        "link_id": link, "year": year, "measure": measure, "members": members, "known": known, "events": total,
        "rate": PER * rate.value, "rate_low": PER * rate.low, "rate_high": PER * rate.high, "active_share":
        active.value,
        "active_low": active.low, "active_high": active.high, "dispersion": spread,
        "top_firm_share": float(values.max()) / total if total > 0 else NAN, "warnings": ";".join(warnings),
    }  # fmt: skip


def peer_events(peer_values: pd.DataFrame, settings: LaunchSettings) -> pd.DataFrame:
    """Return the peers' counts from ``peer_values``: indicators named like the measures, and the number of firms.

    Parameters
    ----------
    peer_values : DataFrame
        peer_id, indicator, year, value.
    settings : LaunchSettings

    Returns
    -------
    DataFrame
        peer_id, link_id (empty), year, measure, events, firms.

    Examples
    --------
    >>> values = pd.DataFrame({"peer_id": "b", "indicator": ["trademarks", "firms"], "value": [30.0, 200.0]})
    >>> peer_events(values.assign(year=2024), LaunchSettings()).values.tolist()
    [['b', '', 2024, 'trademarks', 30.0, 200.0]]
    """
    columns = ["peer_id", "link_id", "year", "measure", "events", "firms"]
    if not {"peer_id", "indicator", "year", "value"} <= set(peer_values.columns):
        return pd.DataFrame(columns=columns)
    values = peer_values.dropna(subset=["year", "value"]).astype({"peer_id": str, "year": int, "value": float})
    firms = values[values["indicator"] == settings.peer_firms].rename(columns={"value": "firms"})
    counts = values[values["indicator"].isin([*YEARLY, "design_awards", "exhibitions"])]
    counts = counts.rename(columns={"indicator": "measure", "value": "events"}).assign(link_id="")
    joined = counts.merge(firms[["peer_id", "year", "firms"]], on=["peer_id", "year"])
    return joined[columns].reset_index(drop=True)


def own_firms(peer_values: pd.DataFrame | None, town_id: str, settings: LaunchSettings) -> float:
    """Return the town's latest number of firms in the statistics of the peers; NaN when it is not among them."""
    if peer_values is None or not {"peer_id", "indicator", "year", "value"} <= set(peer_values.columns):
        return NAN
    own = peer_values[
        (peer_values["peer_id"].astype(str) == town_id) & (peer_values["indicator"] == settings.peer_firms)
    ]
    own = own.dropna(subset=["year", "value"]).sort_values("year")
    return float(own["value"].iloc[-1]) if len(own) else NAN


def comparison_table(
    rates: pd.DataFrame, others: pd.DataFrame, settings: LaunchSettings, home: str = "", own_firms: float = NAN
) -> pd.DataFrame:
    """Return table ``launch_comparison``: the town's rate beside each peer's, their ratio and the standing.

    ``ahead`` or ``behind`` is said only where the interval of the ratio leaves out 1; else ``unclear``.

    Parameters
    ----------
    rates : DataFrame
        Table ``launch_rates``.
    others : DataFrame
        peer_id, link_id (empty for a whole town), year, measure, events, firms.
    settings : LaunchSettings
    home : str
        The town's own id, left out of the peers.
    own_firms : float
        How many firms the town has by the statistics that the peers' numbers come from; where the roll is more than
        ``most_base_gap`` smaller or larger, every row of the whole town is marked ``different_base``, and
        ``base_unknown`` for NaN.
    """
    rows = []
    theirs = others[(others["peer_id"].astype(str) != home) & (others["firms"].astype(float) > 0)]
    for key, part in theirs.groupby(["peer_id", "link_id", "measure"]):
        peer, link, measure = cast("tuple[str, str, str]", key)
        own = rates[(rates["link_id"] == link) & (rates["measure"] == measure)]
        if own.empty:
            continue
        pairs = [
            (abs(int(year) - int(peer_year)), -int(year), -int(peer_year))
            for year in own["year"]
            for peer_year in part["year"]
        ]
        distance, year, peer_year = min(pairs)
        if distance > settings.most_year_gap:
            continue
        mine = own[own["year"] == -year].iloc[0]
        other = part[part["year"] == -peer_year].iloc[0]
        row = _comparison(mine, other, str(peer), distance, settings)
        if link == "":
            base = _base_doubt(float(mine["members"]), own_firms, settings)
            row["warnings"] = ";".join(filter(None, [str(row["warnings"]), base]))
        rows.append(row)
    return pd.DataFrame(rows, columns=COMPARISON_COLUMNS)


def _base_doubt(members: float, own_firms: float, settings: LaunchSettings) -> str:
    if np.isnan(own_firms):
        return "base_unknown"
    return "different_base" if abs(members - own_firms) > settings.most_base_gap * own_firms else ""


def _comparison(
    mine: pd.Series, other: pd.Series, peer: str, distance: int, settings: LaunchSettings
) -> dict[str, object]:
    # a peer's count may be an estimate; the exact interval needs a whole number
    count = float(np.floor(float(other["events"]) + 0.5))
    theirs = poisson_interval(count, float(other["firms"]), level=settings.level)
    ratio = rate_ratio(float(mine["events"]), float(mine["known"]), count, float(other["firms"]), level=settings.level)
    standing = "ahead" if ratio.low > 1 else "behind" if ratio.high < 1 else "unclear"
    warnings = [one for one in str(mine["warnings"]).split(";") if one]
    warnings += ["different_year"] if distance else []
    warnings += ["rounded_count"] if count != float(other["events"]) else []
    return {
        "link_id": mine["link_id"], "year": int(mine["year"]), "measure": mine["measure"], "peer_id": peer,
        "peer_year": int(other["year"]), "rate": mine["rate"], "peer_rate": PER * theirs.value, "peer_low": PER *
        theirs.low,
        "peer_high": PER * theirs.high, "peer_events": count, "peer_firms": float(other["firms"]), "ratio": ratio.value,
        "ratio_low": ratio.low, "ratio_high": ratio.high, "standing": standing, "warnings": ";".join(warnings),
    }  # fmt: skip
