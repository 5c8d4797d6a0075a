"""Indicators of the town and its peers side by side, with every doubt about whether they can be compared."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from zhenxing.diagnosis.peers.reading import Figures
from zhenxing.diagnosis.peers.settings import PeerSettings
from zhenxing.errors import Text
from zhenxing.i18n import say

COLUMNS = [
    "indicator", "peer_id", "basis", "peer_group", "holder_id", "year", "peer_year", "value", "peer_value", "gap",
    "ratio", "growth",
    "peer_growth", "years_to_catch_up", "unit", "like_for_like", "warnings", "note", "note_en",
]  # fmt: skip
BASES: Final = ("as_given", "per_population", "per_area")
# other sources alone do not forbid a comparison: two towns are hardly ever published in one place
SOFT: Final = frozenset({"different_source", "no_direction"})
NAN: Final = float("nan")


@dataclass(frozen=True)
class Reading:
    """One figure of one town: its year, value and where it comes from; NaN where there is none."""

    peer_id: str
    year: int | None = None
    value: float = NAN
    source: str = ""
    definition: str = ""
    unit_differs: bool = False
    growth: float = NAN


class Series:
    """The figures of one indicator on one basis, by town and year."""

    def __init__(self, rows: pd.DataFrame, growth_years: int) -> None:
        self.rows: dict[str, dict[int, Any]] = {}
        for peer, year, row in zip(rows["peer_id"], rows["year"], rows.itertuples(), strict=True):
            self.rows.setdefault(str(peer), {})[int(year)] = row
        self.growth_years = growth_years

    def years(self, peer: str) -> set[int]:
        """Return the years in which a town has a figure."""
        return set(self.rows.get(peer, {}))

    def at(self, peer: str, year: int | None) -> Reading:
        """Return the figure of a town in a year."""
        row = self.rows.get(peer, {}).get(year) if year is not None else None
        if row is None or year is None:
            return Reading(peer)
        return Reading(
            peer, year, float(row.value), row.source, row.definition, bool(row.unit_differs), self.growth(peer, year)
        )

    def growth(self, peer: str, year: int) -> float:
        """Return the yearly compound growth over at most ``growth_years``; NaN unless both ends are positive."""
        rows = self.rows.get(peer, {})
        before = [one for one in rows if year - self.growth_years <= one < year]
        if not before:
            return NAN
        first = min(before)
        start, end = float(rows[first].value), float(rows[year].value)
        return (end / start) ** (1 / (year - first)) - 1 if start > 0 and end > 0 else NAN


def bases_of(figures: Figures, indicator: str, settings: PeerSettings) -> Iterator[tuple[str, Series, str]]:
    """Yield an indicator as given and, when it grows with the town's size, per population and per area.

    The divisor is the town's own figure of the same year, else of the nearest year within ``most_year_gap``.
    """
    own = figures.values[figures.values["indicator"] == indicator]
    about = figures.indicators.loc[indicator]
    yield "as_given", Series(own, settings.growth_years), str(about["unit"])
    if not about["grows"]:
        return
    for basis, divisor in (("per_population", settings.population), ("per_area", settings.area)):
        below = figures.values[figures.values["indicator"] == divisor]
        if below.empty:
            continue
        sizes: dict[str, dict[int, float]] = {}
        for peer, year, size in zip(below["peer_id"], below["year"], below["value"], strict=True):
            sizes.setdefault(str(peer), {})[int(year)] = float(size)
        divided = own.assign(
            value=[
                value / _nearest(sizes.get(str(peer), {}), int(year), settings.most_year_gap)
                for peer, year, value in zip(own["peer_id"], own["year"], own["value"], strict=True)
            ]
        ).dropna(subset=["value"])
        unit = str(figures.indicators["unit"].get(divisor, ""))
        yield basis, Series(divided, settings.growth_years), f"{about['unit']}/{unit or divisor}"


def _nearest(sizes: dict[int, float], year: int, most: int) -> float:
    near = sorted((abs(one - year), -one) for one, size in sizes.items() if size > 0 and abs(one - year) <= most)
    return sizes[-near[0][1]] if near else NAN


def gap_table(figures: Figures, chosen: list[str], settings: PeerSettings) -> pd.DataFrame:
    """Return table ``peer_gaps``: the town beside every peer, the best and the median of the reference group.

    The gap is how far the town is behind (positive) or ahead (negative) in the indicator's own direction: ``peer_value
    - value`` where more is better, ``value - peer_value`` where less is. Best and median are taken over the chosen
    similar towns, or over all peers of the town's kind when none of the chosen has figures.

    Parameters
    ----------
    figures : Figures
    chosen : list of str
        Ids of the structurally similar towns.
    settings : PeerSettings
    """
    rows = []
    for indicator in compared(figures, settings):
        for basis, series, unit in bases_of(figures, indicator, settings):
            rows += list(_indicator_rows(figures, indicator, basis, series, unit, chosen, settings))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"year": "Int64", "peer_year": "Int64"})


def compared(figures: Figures, settings: PeerSettings) -> list[str]:
    """Return the indicators that are compared: all but population and area, which are no achievement."""
    sizes = (settings.population, settings.area)
    return [one for one in dict.fromkeys(figures.values["indicator"]) if one not in sizes]


def same_kind(figures: Figures) -> list[str]:
    """Return the ids of the peers of the town's kind; one whose kind nobody wrote down counts."""
    own = figures.peers["kind"].get(figures.town_id, "")
    return [
        str(peer)
        for peer, kind in figures.peers["kind"].items()
        if peer != figures.town_id and (not own or not kind or kind == own)
    ]


def _indicator_rows(
    figures: Figures, indicator: str, basis: str, series: Series, unit: str, chosen: list[str], settings: PeerSettings
) -> Iterator[dict[str, object]]:
    about = figures.indicators.loc[indicator]
    direction = str(about["direction"])
    alike = same_kind(figures)
    similar = [peer for peer in alike if peer in chosen and series.years(peer)]
    group, members = ("similar", similar) if similar else ("all", [peer for peer in alike if series.years(peer)])
    loose = basis == "as_given" and bool(about["grows"])
    level = str(about["kind"]) != "growth"

    def row(mine: Reading, theirs: Reading, peer: str, holder: str, extra: list[str]) -> dict[str, object]:
        warnings = [*_doubts(mine, theirs, direction, settings), *extra, *(["not_normalised"] if loose else [])]
        return _row(figures, indicator, basis, unit, group, mine, theirs, peer, holder, direction, warnings, level)

    for peer in figures.peers.index:
        if peer == figures.town_id:
            continue
        mine, theirs = _pair(series, figures.town_id, str(peer))
        yield row(mine, theirs, str(peer), str(peer), [] if peer in alike else ["different_kind"])
    if members:
        year = reference_year(series, figures.town_id, members)
        own = series.at(figures.town_id, year if year in series.years(figures.town_id) else None)
        readings = [series.at(member, year) for member in members]
        readings = [reading for reading in readings if reading.year is not None and not reading.unit_differs]
        if readings and direction in ("up", "down"):
            best = (max if direction == "up" else min)(readings, key=lambda one: (one.value, one.peer_id))
            yield row(own, best, "best", best.peer_id, [])
        if readings:
            middle = Reading("median", year, float(np.median([one.value for one in readings])))
            growths = [one.growth for one in readings if not math.isnan(one.growth)]
            middle = replace(middle, growth=float(np.median(growths)) if growths else NAN)
            doubts = {doubt for one in readings for doubt in _doubts(own, one, direction, settings)}
            few = ["few_peers"] if len(readings) < 3 else []
            carried = sorted(doubts & {"different_definition", "different_source"})
            yield row(own, middle, "median", "", [*carried, *few])


def reference_year(series: Series, town: str, members: list[str]) -> int | None:
    """Return the latest year in which the town and at least half of the members that ever have a figure have one.

    Where no year has the town and half of them, the latest with the town and any of them; else the latest year of any
    member.
    """
    counts: dict[int, int] = {}
    for member in members:
        for year in series.years(member):
            counts[year] = counts.get(year, 0) + 1
    if not counts:
        return None
    half = len([member for member in members if series.years(member)]) / 2
    shared = {year: count for year, count in counts.items() if year in series.years(town)}
    full = [year for year, count in shared.items() if count >= half]
    return max(full or shared or counts)


def _pair(series: Series, town: str, peer: str) -> tuple[Reading, Reading]:
    """The latest year both have, else the latest of each."""
    mine, theirs = series.years(town), series.years(peer)
    if mine & theirs:
        year = max(mine & theirs)
        return series.at(town, year), series.at(peer, year)
    return series.at(town, max(mine, default=None)), series.at(peer, max(theirs, default=None))


def _doubts(mine: Reading, theirs: Reading, direction: str, settings: PeerSettings) -> list[str]:
    doubts = []
    if mine.year is None:
        doubts.append("missing_town")
    if theirs.year is None:
        doubts.append("missing_peer")
    if mine.year is not None and theirs.year is not None and mine.year != theirs.year:
        doubts.append("different_year" if abs(mine.year - theirs.year) <= settings.most_year_gap else "years_apart")
    if mine.unit_differs or theirs.unit_differs:
        doubts.append("different_unit")
    if mine.definition and theirs.definition and mine.definition != theirs.definition:
        doubts.append("different_definition")
    elif mine.source and theirs.source and mine.source != theirs.source and not (mine.definition and theirs.definition):
        doubts.append("different_source")
    if direction not in ("up", "down"):
        doubts.append("no_direction")
    return doubts


def _row(
    figures: Figures, indicator: str, basis: str, unit: str, group: str, mine: Reading, theirs: Reading, peer: str,
    holder: str, direction: str, warnings: list[str], level: bool,
) -> dict[str, object]:  # fmt: skip
    # figures that cannot stand in one subtraction get no gap at all
    apart = {"different_unit", "years_apart", "missing_town", "missing_peer"} & set(warnings)
    ahead = theirs.value - mine.value
    gap = NAN if apart else -ahead if direction == "down" else ahead
    ratio = mine.value / theirs.value if not apart and theirs.value > 0 else NAN
    growth, peer_growth = (mine.growth, theirs.growth) if level else (NAN, NAN)
    row: dict[str, object] = {
        "indicator": indicator, "peer_id": peer, "basis": basis, "peer_group": group, "holder_id": holder, "year":
        mine.year,
        "peer_year": theirs.year, "value": mine.value, "peer_value": theirs.value, "gap": gap, "ratio": ratio,
        "growth": growth,
        "peer_growth": peer_growth, "years_to_catch_up": years_to_catch_up(ratio, growth, peer_growth, direction),
        "unit": unit,
        "like_for_like": not set(warnings) - SOFT, "warnings": ";".join(dict.fromkeys(warnings)),
    }  # fmt: skip
    note = _note(figures, row, mine, theirs)
    return row | {"note": note.zh, "note_en": note.en}


def years_to_catch_up(ratio: float, growth: float, peer_growth: float, direction: str = "up") -> float:
    """Return after how many years the town is level with the peer if both go on growing as they did.

    .. math:: T = \\frac{-\\ln (x / y)}{\\ln (1 + g_x) - \\ln (1 + g_y)}

    0 when the town is level or ahead; NaN when it does not close the gap at these rates, or when one of the numbers is
    missing. An extrapolation of past growth, not a forecast.

    Parameters
    ----------
    ratio : float
        The town's figure over the peer's.
    growth, peer_growth : float
        Yearly growth of the town and of the peer (0.05 is 5 %).
    direction : {"up", "down"}
        Whether more or less is better.

    Examples
    --------
    >>> round(years_to_catch_up(0.5, 0.10, 0.03), 1)
    10.5
    """
    if math.isnan(ratio) or ratio <= 0 or direction not in ("up", "down"):
        return NAN
    behind = -math.log(ratio) if direction == "up" else math.log(ratio)
    if behind <= 0:
        return 0.0
    if math.isnan(growth) or math.isnan(peer_growth) or min(growth, peer_growth) <= -1:
        return NAN
    closing = math.log1p(growth) - math.log1p(peer_growth)
    closing = closing if direction == "up" else -closing
    return behind / closing if closing > 0 else NAN


def _note(figures: Figures, row: dict[str, object], mine: Reading, theirs: Reading) -> Text:
    about = figures.indicators.loc[str(row["indicator"])]
    label = Text(str(about["name_zh"]) or str(row["indicator"]), str(about["name_en"]) or str(row["indicator"]))
    who = figures.name(str(row["holder_id"])) if row["holder_id"] else ""
    peer = {"best": say("diagnosis_peers.best", who=who), "median": say("diagnosis_peers.median")}.get(
        str(row["peer_id"]), Text(who, who)
    )
    sentence = say(
        "diagnosis_peers.gap_note", indicator=label, basis=say(f"diagnosis_peers.basis_{row['basis']}"),
        unit=row["unit"] or "-",
        town=figures.name(figures.town_id), value=_figure(mine), peer=peer, peer_value=_figure(theirs),
    )  # fmt: skip
    doubts = [say(f"diagnosis_peers.doubt_{one}") for one in str(row["warnings"]).split(";") if one]
    if not doubts:
        return sentence
    tail = Text("；".join(one.zh for one in doubts), "; ".join(one.en for one in doubts))
    return Text(f"{sentence.zh}注意：{tail.zh}。", f"{sentence.en} Mind: {tail.en}.")


def _figure(reading: Reading) -> Text:
    if reading.year is None:
        return say("diagnosis_peers.no_figure")
    shown = f"{reading.value:.4g}" if abs(reading.value) < 1000 else f"{reading.value:.0f}"
    return Text(f"{shown}（{reading.year}）", f"{shown} ({reading.year})")
