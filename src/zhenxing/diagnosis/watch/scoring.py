"""Scores of probabilities, the calibration curve, and calibrators."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import expit, logit

from zhenxing.diagnosis.watch.logistic import fit_logistic
from zhenxing.diagnosis.watch.panel import Floats

LEAST_TO_CALIBRATE = 100
Calibrator = Callable[[Floats], Floats]


def brier_score(probability: Floats, happened: Floats) -> float:
    """Return the mean squared difference of forecast and outcome (0 best, 0.25 for always saying one half).

    Source: Brier 1950.

    Examples
    --------
    >>> import numpy as np
    >>> round(brier_score(np.array([0.8, 0.4]), np.array([1.0, 0.0])), 9)
    0.1
    """
    return float(squared_losses(probability, happened).mean())


def log_score(probability: Floats, happened: Floats) -> float:
    """Return the mean negative log likelihood of outcomes (smaller is better).

    Examples
    --------
    >>> import numpy as np
    >>> round(log_score(np.array([0.5]), np.array([1.0])), 6)
    0.693147
    """
    return float(log_losses(probability, happened).mean())


def squared_losses(probability: Floats, happened: Floats) -> Floats:
    """Return the squared difference of each forecast."""
    return np.asarray((probability - happened) ** 2)


def log_losses(probability: Floats, happened: Floats) -> Floats:
    """Return the negative log likelihood of each outcome."""
    sure = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.asarray(-(happened * np.log(sure) + (1 - happened) * np.log(1 - sure)))


def wilson_interval(events: float, trials: float, z: float = 1.959964) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927); NaN for no trials.

    Examples
    --------
    >>> [round(bound, 3) for bound in wilson_interval(5, 10)]
    [0.237, 0.763]
    """
    if trials <= 0:
        return float("nan"), float("nan")
    share = events / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z * np.sqrt(share * (1 - share) / trials + z * z / (4 * trials**2)) / (1 + z * z / trials)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def curve_bins(probability: Floats, bins: int = 10) -> np.ndarray:
    """Return the bin of each forecast, bins of equal numbers of firms; equal forecasts share the lower bin."""
    order = np.unique(np.quantile(probability, np.linspace(0, 1, bins + 1)[1:-1]))
    return np.searchsorted(order, probability, side="left")


def isotonic(probability: Floats, happened: Floats) -> Calibrator:
    """Return the rising step function nearest to the outcomes (pool adjacent violators), joined by straight lines.

    Examples
    --------
    >>> import numpy as np
    >>> f = isotonic(np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.0, 1.0, 0.0, 1.0]))
    >>> f(np.array([0.25])).tolist()
    [0.5]
    """
    places, index = np.unique(probability, return_inverse=True)
    weights = np.bincount(index).astype(float)
    sums = np.bincount(index, weights=happened)
    blocks: list[list[float]] = []  # sum of outcomes, weight, sum of forecasts
    for place, weight, total in zip(places, weights, sums, strict=True):
        blocks.append([total, weight, place * weight])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    centre = np.array([block[2] / block[1] for block in blocks])
    level = np.array([block[0] / block[1] for block in blocks])
    return lambda other: np.interp(other, centre, level)


def platt(probability: Floats, happened: Floats) -> Calibrator:
    """Return ``expit(a + b logit p)`` fitted to outcomes, b not negative (Platt 1999)."""
    fitted = fit_logistic(_odds(probability)[:, None], happened, 1e-3, (0,))
    return lambda other: fitted.predict(_odds(other)[:, None])


def shifted(probability: Floats, happened: Floats) -> Calibrator:
    """Return ``expit(a + logit p)``: only the level of the forecasts is set right."""
    odds, step = _odds(probability), 0.0
    for _ in range(50):
        p = expit(odds + step)
        change = (happened.sum() - p.sum()) / max(float((p * (1 - p)).sum()), 1e-9)
        step += float(np.clip(change, -1, 1))
        if abs(change) < 1e-12:
            break
    return lambda other: np.asarray(expit(_odds(other) + step))


def _odds(probability: Floats) -> Floats:
    return np.asarray(logit(np.clip(probability, 1e-6, 1 - 1e-6)))


CALIBRATORS: dict[str, Callable[[Floats, Floats], Calibrator]] = {
    "none": lambda _probability, _happened: lambda other: other,
    "shifted": shifted,
    "platt": platt,
    "isotonic": isotonic,
}
