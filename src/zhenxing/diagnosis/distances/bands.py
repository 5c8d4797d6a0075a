"""Bands of simulated curves: distance by distance, and for the whole curve as Duranton and Overman make them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhenxing.errors import InputError, Text
from zhenxing.i18n import say

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bands:
    """Bands at every distance and the chances that chance alone gives as much."""

    mean: Numbers
    local_low: Numbers
    local_high: Numbers
    global_low: Numbers
    global_high: Numbers
    p_local: Numbers
    p_localised: float
    p_dispersed: float


def check_permutations(permutations: int, level: float) -> None:
    """Refuse a level outside 0..1 and fewer simulations than the level can be read from."""
    if not 0 < level < 1:
        allowed = Text("0 与 1 之间（不含两端）", "between 0 and 1")
        raise InputError(say("diagnosis_distances.bad_setting", name="level", value=level, allowed=allowed))
    least = int(np.ceil(2 / level)) - 1
    if permutations < least:
        raise InputError(
            say("diagnosis_distances.too_few_permutations", permutations=permutations, level=level, least=least)
        )


def bands(observed: Numbers, simulated: Numbers, level: float) -> Bands:
    """Return the bands of simulated curves (one a row).

    The local band leaves out ``level/2`` of the simulated values on either side at each distance. The global upper
    band is the deepest rank, the same at every distance, such that at most ``level`` of the simulated curves rise above
    it anywhere, and the lower band likewise: each side is a test of its own, as in Duranton and Overman (2005). The
    chances ``p_localised`` and ``p_dispersed`` compare the observed curve's ranks, the most extreme first, with those
    of the simulated curves: the share of curves, itself included, that are at least as extreme.

    Examples
    --------
    >>> import numpy as np
    >>> curves = np.arange(99.0)[:, None] + np.zeros((99, 3))
    >>> band = bands(np.array([50.0, 120.0, 50.0]), curves, 0.1)
    >>> band.global_high.tolist(), band.local_high.tolist(), band.p_localised
    ([89.0, 89.0, 89.0], [94.0, 94.0, 94.0], 0.02)
    """
    number = len(simulated)
    rising = np.sort(simulated, axis=0)
    side = int(np.floor(level / 2 * (number + 1)))
    above = _ranks(simulated, rising)
    below = _ranks(-simulated, -rising[::-1])
    high, low = _depth(above.min(axis=1), level), _depth(below.min(axis=1), level)
    at_least = (simulated >= observed).sum(axis=0)
    at_most = (simulated <= observed).sum(axis=0)
    everything = np.vstack([observed, simulated])
    return Bands(
        simulated.mean(axis=0),
        rising[max(side - 1, 0)],
        rising[number - max(side, 1)],
        rising[low - 1],
        rising[number - high],
        np.minimum(1.0, 2 * (1 + np.minimum(at_least, at_most)) / (number + 1)),
        _chance(everything),
        _chance(-everything),
    )


def _ranks(values: Numbers, rising: Numbers) -> npt.NDArray[np.int64]:
    """Return, for each value, how many values at its distance are at least as large, itself among them."""
    number = len(values)
    ranks = np.empty(values.shape, np.int64)
    for column in range(values.shape[1]):
        ranks[:, column] = number - np.searchsorted(rising[:, column], values[:, column], side="left")
    return ranks


def _chance(curves: Numbers) -> float:
    """Return the share of curves whose ranks, best first, are at least as extreme as those of the first curve."""
    ranks = np.sort(_ranks(curves, np.sort(curves, axis=0)), axis=1)
    different = ranks != ranks[0]
    place = different.argmax(axis=1)
    rows = np.arange(len(ranks))
    less = different.any(axis=1) & (ranks[rows, place] > ranks[0, place])
    return float((~less).sum() / len(less))


def _depth(best: npt.NDArray[np.int64], level: float) -> int:
    """Return the deepest rank k such that at most ``level`` of the curves pass the k-th value anywhere."""
    number = len(best)
    passing = np.cumsum(np.bincount(best, minlength=number + 2))
    # a curve passes the k-th value where its best rank is below k
    allowed = np.flatnonzero(passing[: number + 1] <= np.floor(level * number + 1e-9))
    return int(min(max(allowed[-1] + 1 if len(allowed) else 1, 1), number))
