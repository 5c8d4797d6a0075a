"""Where the town stands among its peers year by year, and what the next and the first tier take."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from zhenxing.diagnosis.peers.gaps import NAN, Series, bases_of, compared, same_kind
from zhenxing.diagnosis.peers.reading import Figures
from zhenxing.diagnosis.peers.settings import PeerSettings

Floats = np.ndarray[Any, np.dtype[np.floating[Any]]]
COLUMNS = [
    "indicator", "basis", "year", "peer_id", "is_town", "value", "rank", "of", "tier", "places_won", "next_tier_value",
    "next_tier_lacking",
    "first_tier_value", "first_tier_lacking", "first_tier_growth", "warnings",
]  # fmt: skip


def ranks_of(values: Floats, direction: str = "up") -> Floats:
    """Return places from 1 (best); equal values share the better place (1, 2, 2, 4).

    Parameters
    ----------
    values : array of float
    direction : {"up", "down"}
        Whether more or less is better.

    Examples
    --------
    >>> ranks_of(np.array([5.0, 9.0, 5.0, 1.0])).tolist()
    [2.0, 1.0, 2.0, 4.0]
    """
    keys = -values if direction == "up" else values
    order = np.sort(keys)
    return np.searchsorted(order, keys, side="left").astype(float) + 1


def tier_of(rank: float, of: int, tiers: int) -> int:
    """Return the tier of a place: ``floor((rank - 1) * tiers / of) + 1``, so that the best is always in tier 1.

    Examples
    --------
    >>> [tier_of(rank, 8, 4) for rank in range(1, 9)]
    [1, 1, 2, 2, 3, 3, 4, 4]
    """
    return int((rank - 1) * tiers // of) + 1


def last_place(tier: int, of: int, tiers: int) -> int:
    """Return the last place that still belongs to a tier: ``ceil(tier * of / tiers)``.

    Examples
    --------
    >>> last_place(1, 10, 4)
    3
    """
    return min(of, max(1, math.ceil(tier * of / tiers)))


def rank_table(figures: Figures, settings: PeerSettings) -> pd.DataFrame:
    """Return table ``peer_ranks``: the place of every town of the same kind, by indicator, basis and year.

    ``places_won`` counts only the towns with a figure in both years, so that a town that enters or leaves the
    statistics moves nobody. For the town itself: what the next and the first tier take is the value of the last town
    in them, reached when equalled, the others standing still; ``first_tier_growth`` is the yearly growth that reaches
    the first tier in ``horizon_years`` if the town at its edge goes on growing as it did.

    Parameters
    ----------
    figures : Figures
    settings : PeerSettings
    """
    rows: list[dict[str, object]] = []
    for indicator in compared(figures, settings):
        direction = str(figures.indicators["direction"][indicator])
        if direction not in ("up", "down"):
            continue
        for basis, series, _ in bases_of(figures, indicator, settings):
            ranked = _indicator_ranks(figures, series, direction, settings)
            rows += [{"indicator": indicator, "basis": basis, **row} for row in ranked]
    return pd.DataFrame(rows, columns=COLUMNS)


def _indicator_ranks(
    figures: Figures, series: Series, direction: str, settings: PeerSettings
) -> Iterator[dict[str, object]]:
    members = [figures.town_id, *same_kind(figures)]
    years = sorted({year for member in members for year in series.years(member)})
    before: dict[str, float] = {}
    for year in years:
        readings = [series.at(member, year) for member in members]
        readings = [one for one in readings if one.year is not None and not one.unit_differs]
        now = {one.peer_id: one.value for one in readings}
        if not now:
            continue
        names, values = list(now), np.array(list(now.values()))
        ranks = ranks_of(values, direction)
        won = places_won(before, now, direction)
        definitions = {one.definition for one in readings if one.definition}
        warnings = ["different_definition"] if len(definitions) > 1 else []
        warnings += ["few_peers"] if len(now) < settings.tiers else []
        for name, value, rank in zip(names, values, ranks, strict=True):
            row: dict[str, object] = {
                "year": year, "peer_id": name, "is_town": name == figures.town_id, "value": float(value), "rank":
                int(rank),
                "of": len(now), "tier": tier_of(rank, len(now), settings.tiers), "places_won": won.get(name, NAN),
                "warnings": ";".join(warnings),
            }  # fmt: skip
            if name == figures.town_id:
                row |= _ways_up(series, now, name, year, int(rank), direction, settings)
            yield row
        before = now


def places_won(before: dict[str, float], now: dict[str, float], direction: str) -> dict[str, float]:
    """Return how many places each town won (lost: negative) among the towns that have a figure both times.

    Examples
    --------
    >>> places_won({"a": 1.0, "b": 2.0, "c": 9.0}, {"a": 3.0, "b": 2.0, "d": 8.0}, "up")
    {'a': 1.0, 'b': -1.0}
    """
    both = [name for name in now if name in before]
    if not both:
        return {}
    old = ranks_of(np.array([before[name] for name in both]), direction)
    new = ranks_of(np.array([now[name] for name in both]), direction)
    return dict(zip(both, (old - new).tolist(), strict=True))


def _ways_up(
    series: Series, now: dict[str, float], town: str, year: int, rank: int, direction: str, settings: PeerSettings
) -> dict[str, object]:
    order = sorted(now, key=lambda name: (now[name] if direction == "down" else -now[name], name))
    tier = tier_of(rank, len(now), settings.tiers)
    first = order[last_place(1, len(now), settings.tiers) - 1]
    found: dict[str, object] = {
        "first_tier_value": now[first],
        "first_tier_lacking": _lacking(now[town], now[first], direction),
    }
    if tier > 1:
        edge = order[last_place(tier - 1, len(now), settings.tiers) - 1]
        found |= {"next_tier_value": now[edge], "next_tier_lacking": _lacking(now[town], now[edge], direction)}
        found["first_tier_growth"] = growth_needed(
            now[town], now[first], series.growth(first, year), settings.horizon_years
        )
    return found


def _lacking(own: float, wanted: float, direction: str) -> float:
    return max(0.0, wanted - own if direction == "up" else own - wanted)


def growth_needed(own: float, wanted: float, wanted_growth: float, years: int) -> float:
    """Return the yearly growth that makes ``own`` equal to ``wanted`` in some years while that goes on growing.

    .. math:: g = (1 + g_w) (w / x)^{1 / n} - 1

    NaN when one of the values is not positive; an unknown growth of the other counts as standing still.

    Examples
    --------
    >>> round(growth_needed(100.0, 133.1, 0.0, 3), 4)
    0.1
    """
    if own <= 0 or wanted <= 0:
        return NAN
    going = 0.0 if math.isnan(wanted_growth) else wanted_growth
    return float((1 + going) * (wanted / own) ** (1 / years) - 1)
