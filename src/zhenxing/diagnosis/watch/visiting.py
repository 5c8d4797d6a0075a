"""Whom to visit: the uplift of a course of visits, and the best firms under the visiting capacity, exactly."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from zhenxing.diagnosis.watch.backtest import SideForecast
from zhenxing.diagnosis.watch.panel import Floats, Panel
from zhenxing.diagnosis.watch.settings import WatchSettings
from zhenxing.diagnosis.watch.snapshots import Snapshots
from zhenxing.errors import InputError
from zhenxing.i18n import say

NEAR, MIDDLE = 0.10, 0.25
LEAST_UPLIFT = 1e-9


def choose_visits(
    uplift: ArrayLike, visits: ArrayLike, capacity: int, most_firms: int | None = None
) -> NDArray[np.int64]:
    r"""Return the places of the firms whose visits bring most, under a capacity: an exact 0/1 knapsack.

    Maximises :math:`\sum_i u_i x_i` subject to :math:`\sum_i v_i x_i \le C`, :math:`\sum_i x_i \le N`, x binary.
    Firms that need the same number of visits are interchangeable but for their uplift, so of each such class an
    optimum takes the best k; dynamic programming over classes, visits used and firms taken is then exact.

    Parameters
    ----------
    uplift : array of float
        What visiting a firm brings (gain in probability); firms with nothing to gain are never chosen.
    visits : array of int
        Visits that a firm takes, at least 1.
    capacity : int
        Visits that can be made.
    most_firms : int, optional
        At most so many firms.

    Returns
    -------
    array of int
        Places in the arrays, rising. Of equal uplifts the earlier place is taken.

    Raises
    ------
    InputError
        When a number of visits is below 1 or no whole number, an uplift is missing, or the capacity is negative.

    Examples
    --------
    >>> choose_visits([0.30, 0.20, 0.15], [3, 2, 2], capacity=4).tolist()
    [1, 2]
    """
    gain = np.asarray(uplift, dtype=float)
    need = np.asarray(visits, dtype=float)
    if gain.shape != need.shape or gain.ndim != 1 or np.isnan(gain).any() or capacity < 0:
        raise InputError(say("diagnosis_watch.knapsack"))
    if len(need) and (np.isnan(need).any() or need.min() < 1 or (need != np.floor(need)).any()):
        raise InputError(say("diagnosis_watch.knapsack"))
    useful = np.flatnonzero((gain > LEAST_UPLIFT) & (need <= capacity))
    capacity = int(min(capacity, need[useful].sum()))
    most = len(useful) if most_firms is None else min(most_firms, len(useful))
    classes = [
        useful[need[useful] == size][np.argsort(-gain[useful[need[useful] == size]], kind="stable")]
        for size in np.unique(need[useful])
    ]
    sizes = [int(need[members[0]]) for members in classes]
    if most_firms is None or most >= capacity // min(sizes, default=1):
        taken = _by_visits([gain[members] for members in classes], sizes, capacity)
    else:
        taken = _by_visits_and_firms([gain[members] for members in classes], sizes, capacity, most)
    chosen = [members[:count] for members, count in zip(classes, taken, strict=True)]
    return np.sort(np.concatenate(chosen)).astype(np.int64) if chosen else np.array([], dtype=np.int64)


def _by_visits(gains: list[Floats], sizes: list[int], capacity: int) -> list[int]:
    best = np.zeros(capacity + 1)
    picks: list[NDArray[np.int64]] = []
    for gain, size in zip(gains, sizes, strict=True):
        total = np.concatenate([[0.0], np.cumsum(gain)])
        new, pick = best.copy(), np.zeros(capacity + 1, dtype=np.int64)
        for count in range(1, min(len(gain), capacity // size) + 1):
            tried = best[: capacity + 1 - count * size] + total[count]
            better = tried > new[count * size :]
            new[count * size :][better] = tried[better]
            pick[count * size :][better] = count
        best = new
        picks.append(pick)
    left, taken = capacity, []
    for pick, size in zip(reversed(picks), reversed(sizes), strict=True):
        taken.append(int(pick[left]))
        left -= taken[-1] * size
    return taken[::-1]


def _by_visits_and_firms(gains: list[Floats], sizes: list[int], capacity: int, most: int) -> list[int]:
    best = np.zeros((capacity + 1, most + 1))
    picks: list[NDArray[np.int64]] = []
    for gain, size in zip(gains, sizes, strict=True):
        total = np.concatenate([[0.0], np.cumsum(gain)])
        new, pick = best.copy(), np.zeros((capacity + 1, most + 1), dtype=np.int64)
        for count in range(1, min(len(gain), capacity // size, most) + 1):
            tried = best[: capacity + 1 - count * size, : most + 1 - count] + total[count]
            target = new[count * size :, count:]
            better = tried > target
            target[better] = tried[better]
            pick[count * size :, count:][better] = count
        best = new
        picks.append(pick)
    left, firms, taken = capacity, most, []
    for pick, size in zip(reversed(picks), reversed(sizes), strict=True):
        taken.append(int(pick[left, firms]))
        left, firms = left - taken[-1] * size, firms - taken[-1]
    return taken[::-1]


def push_firms(
    panel: Panel, below: Snapshots, forecast: SideForecast, capacity: int, settings: WatchSettings
) -> pd.DataFrame:
    """Return the push lists of the coming years: firm, year, rank, visits, uplift low, base and high.

    A course of visits is assumed (tag M) to raise next year's counted revenue by ``visit_effect``; the uplift is the
    chance to cross with it minus the chance without. Firms that gain less than ``least_uplift`` (assumed) are left
    alone. The list of a later year takes the best of the firms left, judged by what is known today.
    """
    effect = settings.assume("visit_effect")
    now = forecast.chance(below)
    uplift = {
        name: np.maximum(forecast.chance(below.moved(float(np.log1p(value)))) - now, 0.0)
        for name, value in (("low", effect.low), ("base", effect.base), ("high", effect.high))
    }
    visits = visits_needed(below.distance, settings)
    first = settings.first_push_year or int(panel.years[-1]) + 1
    left = uplift["base"] >= settings.assume("least_uplift").base
    parts = []
    for year in range(first, first + settings.push_years):
        places = np.flatnonzero(left)
        picked = {
            name: places[choose_visits(values[places], visits[places], capacity, settings.most_pushes)]
            for name, values in uplift.items()
        }
        chosen = picked["base"]
        order = chosen[np.lexsort((below.firm[chosen], -uplift["base"][chosen]))]
        parts.append(
            pd.DataFrame(
                {
                    "firm_id": panel.firm_ids[below.firm[order]].astype(str),
                    "year": year,
                    "rank": np.arange(1, len(order) + 1),
                    "visits": visits[order].astype(int),
                    "probability_cross": now[order],
                    "probability_pushed": now[order] + uplift["base"][order],
                    "uplift_low": uplift["low"][order],
                    "uplift": uplift["base"][order],
                    "uplift_high": uplift["high"][order],
                    "chosen_low": np.isin(order, picked["low"]),
                    "chosen_high": np.isin(order, picked["high"]),
                    "assumed": f"visit_effect:{effect.tag}",
                }
            )
        )
        left[chosen] = False
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(PUSH_COLUMNS))
    return frame.astype({"year": "Int64", "rank": "Int64", "visits": "Int64"})


PUSH_COLUMNS = (
    "firm_id", "year", "rank", "visits", "probability_cross", "probability_pushed", "uplift_low", "uplift",
    "uplift_high", "chosen_low", "chosen_high", "assumed",
)  # fmt: skip


def visits_needed(distance: Floats, settings: WatchSettings) -> NDArray[np.int64]:
    """Return the visits of a course by how far the firm is short of the line (assumed)."""
    short = 1 - np.exp(distance)
    near, middle, far = (settings.assume(name).base for name in ("visits_near", "visits_middle", "visits_far"))
    return np.where(short <= NEAR, near, np.where(short <= MIDDLE, middle, far)).astype(np.int64)
