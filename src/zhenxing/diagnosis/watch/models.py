"""The candidate models of next year's state; which one speaks is decided by the back-test, never here.

Every model is fitted on one side of the line (below: chance to cross; above: chance to stay) and returns the chance
to stand at or above the line next year.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
from scipy.special import expit, logit, ndtr

from zhenxing.diagnosis.watch.logistic import fit_logistic
from zhenxing.diagnosis.watch.panel import Floats
from zhenxing.diagnosis.watch.settings import WatchSettings
from zhenxing.diagnosis.watch.snapshots import Snapshots

# No forecast is surer than this either way; one firm in two thousand surprises everybody.
SUREST = 0.0005
# Beyond four log units (a fiftieth or fifty times the line) the distance says no more.
FARTHEST = 4.0
QUANTILES = 101
KERNEL = 0.15
AVERAGE = "average"
AVERAGED = ("distance", "growth", "bunching_30", "stacked_30")


class Model(Protocol):
    """A fitted model."""

    def predict(self, rows: Snapshots) -> Floats:
        """Return the chance of each row to stand at or above the line next year."""


@dataclass(frozen=True)
class Fitted:
    """A model as a function of snapshots."""

    chance: Callable[[Snapshots], Floats]

    def predict(self, rows: Snapshots) -> Floats:
        """Return the chances, never surer than ``SUREST``."""
        return np.clip(self.chance(rows), SUREST, 1 - SUREST)


Fit = Callable[[Snapshots], Model]


def candidate_models(settings: WatchSettings) -> dict[str, Fit]:
    """Return the single candidates by name, the simplest first; their average comes beside them.

    Examples
    --------
    >>> list(candidate_models(WatchSettings()))[:3]
    ['state', 'distance', 'prior']
    """
    return {
        "state": _state,
        "distance": partial(_logistic, columns=_distance_columns, ridge=1e-3, rising=(0,)),
        "prior": lambda _: prior_model(settings),
        "growth": _growth_model,
        "full_3": partial(_logistic, columns=_full_columns, ridge=3.0, rising=(0, 1)),
        "bunching_3": partial(_logistic, columns=_bunching_columns, ridge=3.0, rising=(0, 1, 2)),
        "bunching_30": partial(_logistic, columns=_bunching_columns, ridge=30.0, rising=(0, 1, 2)),
        "stacked_30": partial(_stacked, ridge=30.0),
    }


def fit_named(name: str, rows: Snapshots, settings: WatchSettings) -> Model:
    """Return a candidate, or the average of several, fitted to rows."""
    models = candidate_models(settings)
    if name != AVERAGE:
        return models[name](rows)
    fitted = {part: models[part](rows) for part in AVERAGED}
    return Fitted(lambda other: averaged({part: model.predict(other) for part, model in fitted.items()}))


def averaged(chances: dict[str, Floats]) -> Floats:
    """Return the mean log odds of the models in ``AVERAGED``: seldom the best of them, never the worst.

    Examples
    --------
    >>> import numpy as np
    >>> float(averaged({name: np.array([0.5]) for name in AVERAGED})[0])
    0.5
    """
    return np.asarray(expit(np.mean([logit(chances[name]) for name in AVERAGED], axis=0)))


def prior_model(settings: WatchSettings) -> Model:
    r"""Return the model that needs no history: normal growth with assumed mean and spread, and assumed exits.

    .. math:: p = (1 - e)\,\Phi\left(\frac{d + \mu}{\sigma}\right)

    with d the log distance, the rest from ``rules/data/watch/assumptions.csv`` (assumed, tag M).
    """
    mean, spread = settings.assume("growth_mean").base, settings.assume("growth_sd").base
    leaving = settings.assume("exit_share").base
    return Fitted(lambda rows: (1 - leaving) * ndtr((rows.distance + mean) / spread))


def _state(rows: Snapshots) -> Model:
    share = (rows.label.sum() + 0.5) / (len(rows) + 1.0)
    return Fitted(lambda other: np.full(len(other), share))


def _held(rows: Snapshots) -> Floats:
    return np.clip(rows.distance, -FARTHEST, FARTHEST)


def _distance_columns(rows: Snapshots) -> Floats:
    return _held(rows)[:, None]


def _full_columns(rows: Snapshots) -> Floats:
    distance = _held(rows)
    sure = np.clip((distance + rows.trend) / rows.volatility, -8.0, 8.0)
    return np.column_stack(
        [
            distance,
            sure,
            rows.growth,
            rows.trend,
            np.log(rows.volatility),
            rows.stale,
            rows.crossed_before,
            rows.registered,
            rows.jumped,
            rows.has_growth,
            _filled(rows.age),
            _filled(rows.size),
        ]
    )


def _bunching_columns(rows: Snapshots) -> Floats:
    """Distance bends near the line: two rising ramps, and what firms standing in the band do differently."""
    distance = _held(rows)
    near = np.clip(distance, -0.35, 0.35)
    full = _full_columns(rows)
    return np.column_stack([distance, full[:, 1], near, rows.band, rows.band * rows.years_in_band, full[:, 2:]])


def _filled(values: Floats) -> Floats:
    """Fill what is unknown with a fixed ordinary value, so that a row never depends on the rows around it."""
    return np.where(np.isnan(values), 2.5, values)


def _logistic(rows: Snapshots, columns: Callable[[Snapshots], Floats], ridge: float, rising: tuple[int, ...]) -> Model:
    fitted = fit_logistic(columns(rows), rows.label, ridge, rising)
    return Fitted(lambda other: fitted.predict(columns(other)))


def _growth_model(rows: Snapshots) -> Model:
    r"""Chance that growth bridges the distance, with the growth that firms really had.

    The change of log distance is regressed on last growth, trend and age of the figures; the residuals, each over its
    firm's own volatility, are kept as quantiles e_1..e_K, smoothed by a normal kernel:
    p = (1 - exits) mean_k Phi((d + m + s e_k) / (h s)).
    """
    known = ~np.isnan(rows.change) & (np.abs(rows.distance) < FARTHEST)
    leaving = (np.nansum(rows.gone) + 0.5) / (np.sum(~np.isnan(rows.gone)) + 10.0)
    if known.sum() < 20:
        return _state(rows)
    used = rows.take(known)
    design = _change_columns(used)
    change = np.clip(used.change, -2.0, 2.0)
    ridge = np.diag([1e-9, 5.0, 5.0, 5.0])
    beta = np.linalg.solve(design.T @ design + ridge, design.T @ change)
    spread = _spread(used)
    residual = np.sort((used.change - design @ beta) / spread)
    points = np.quantile(residual, (np.arange(QUANTILES) + 0.5) / QUANTILES)

    def chance(other: Snapshots) -> Floats:
        mean, wide = _change_columns(other) @ beta, _spread(other)
        least = (other.distance + mean) / wide
        return np.asarray((1 - leaving) * ndtr((least[:, None] + points[None, :]) / KERNEL).mean(axis=1))

    return Fitted(chance)


def _change_columns(rows: Snapshots) -> Floats:
    return np.column_stack([np.ones(len(rows)), rows.growth, rows.trend, rows.stale])


def _spread(rows: Snapshots) -> Floats:
    return rows.volatility * np.sqrt(1.0 + rows.stale)


def _stacked(rows: Snapshots, ridge: float) -> Model:
    """The growth model's log odds, corrected by what the band and the firm's history add."""
    growth = _growth_model(rows)

    def columns(other: Snapshots) -> Floats:
        odds = logit(growth.predict(other))
        return np.column_stack([odds, _held(other), other.band, other.band * other.years_in_band,
                                _full_columns(other)[:, 2:]])  # fmt: skip

    fitted = fit_logistic(columns(rows), rows.label, ridge, (0, 1))
    return Fitted(lambda other: fitted.predict(columns(other)))
