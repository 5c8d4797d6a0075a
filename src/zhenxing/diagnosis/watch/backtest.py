"""Choose the model by rolling-origin back-test and say how good it was.

For every origin year the models are fitted on what was known at its end and asked about the year after. Calibrators
are fitted on forecasts of earlier years only. The average of four models speaks unless a pair of model and calibrator
scored better beyond doubt; how that way of choosing would have done on years it had not seen is ``chosen_blind``.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from zhenxing.diagnosis.watch import scoring
from zhenxing.diagnosis.watch.models import AVERAGE, SUREST, Model, averaged, candidate_models, fit_named, prior_model
from zhenxing.diagnosis.watch.panel import Flags, Floats, Panel
from zhenxing.diagnosis.watch.settings import WatchSettings
from zhenxing.diagnosis.watch.snapshots import Snapshots, joined, snapshots_at

FOLDS = 5
ORDINARY = (AVERAGE, "none")
DOUBT = 2.0
SIDES = ("cross", "fall")
COLUMNS = (
    "side", "model", "bin", "chosen", "basis", "first_year", "last_year", "forecasts", "events", "mean_forecast",
    "observed_share", "observed_low", "observed_high", "brier", "brier_skill", "log_score",
)  # fmt: skip


@dataclass(frozen=True)
class SideForecast:
    """The model that speaks for one side of the line, and its record."""

    side: str
    name: str
    basis: str
    transitions: int
    events: int
    model: Model
    calibrate: scoring.Calibrator
    record: pd.DataFrame

    def chance(self, rows: Snapshots) -> Floats:
        """Return the chance of rows to stand at or above the line next year."""
        return np.clip(self.calibrate(self.model.predict(rows)), SUREST, 1 - SUREST)


@dataclass(frozen=True)
class _Forecasts:
    """Forecasts of every model at one origin, of the rows whose outcome is known."""

    origin: int
    happened: Floats
    by_model: dict[str, Floats]


def choose_forecast(panel: Panel, side: str, settings: WatchSettings) -> SideForecast:
    """Return the forecast of a side (``cross`` for firms below the line, ``fall`` for firms above)."""
    last = len(panel.years) - 1
    train = _training(panel, side, last, settings)
    events = int(np.sum(train.label == (side == "cross"))) if len(train) else 0
    if not _enough(train, settings):
        model = prior_model(settings)
        record = _record(side, "prior", "prior", np.array([]), [], settings)
        return SideForecast(side, "prior", "prior", len(train), events, model, lambda p: p, record)
    forecasts = list(_rolling(panel, side, settings))
    basis = "back_test"
    if not forecasts:
        basis = "across_firms"
        forecasts = [_across_firms(panel, train, settings)]
    pairs = _calibrated(forecasts)
    happened = np.concatenate([f.happened for f in forecasts])
    model_name, calibrator = best = _best(pairs, [f.happened for f in forecasts], settings)
    raw = np.concatenate([f.by_model[model_name] for f in forecasts])
    calibrate = _fit_calibrator(calibrator, raw, happened)
    record = _table(side, basis, pairs, forecasts, best, panel, settings)
    name = model_name if calibrator == "none" else f"{model_name}+{calibrator}"
    model = fit_named(model_name, train, settings)
    return SideForecast(side, name, basis, len(train), events, model, calibrate, record)


def of_side(rows: Snapshots, side: str) -> Flags:
    """Say which rows stand on a side."""
    return ~rows.above if side == "cross" else rows.above


def _training(panel: Panel, side: str, known: int, settings: WatchSettings) -> Snapshots:
    parts = [snapshots_at(panel, at, known, settings.most_stale_years, settings.band) for at in range(max(known, 1))]
    rows = joined(parts)
    return rows.take(of_side(rows, side) & ~np.isnan(rows.label))


def _enough(rows: Snapshots, settings: WatchSettings) -> bool:
    up = float(rows.label.sum()) if len(rows) else 0.0
    return len(rows) >= settings.least_transitions and min(up, len(rows) - up) >= settings.least_events


def _rolling(panel: Panel, side: str, settings: WatchSettings) -> Iterator[_Forecasts]:
    last = len(panel.years) - 1
    for origin in range(1, last):
        train = _training(panel, side, origin, settings)
        test = snapshots_at(panel, origin, last, settings.most_stale_years, settings.band)
        test = test.take(of_side(test, side) & ~np.isnan(test.label))
        if _enough(train, settings) and len(test):
            models = _said(train, test, settings)
            yield _Forecasts(origin, test.label, models)


def _said(train: Snapshots, test: Snapshots, settings: WatchSettings) -> dict[str, Floats]:
    """Return what every model, fitted to some rows, says of others."""
    chances = {name: fit(train).predict(test) for name, fit in candidate_models(settings).items()}
    return {**chances, AVERAGE: averaged(chances)}


def _across_firms(panel: Panel, train: Snapshots, settings: WatchSettings) -> _Forecasts:
    """One year of change only: each fifth of the firms is forecast from the other four fifths."""
    fold = np.array([zlib.crc32(str(panel.firm_ids[firm]).encode()) % FOLDS for firm in train.firm])
    models = {name: np.full(len(train), np.nan) for name in (*candidate_models(settings), AVERAGE)}
    for number in range(FOLDS):
        inside = fold == number
        if inside.any() and not inside.all():
            for name, chances in _said(train.take(~inside), train.take(inside), settings).items():
                models[name][inside] = chances
    counted = ~np.isnan(models["state"])
    return _Forecasts(-1, train.label[counted], {name: values[counted] for name, values in models.items()})


Pairs = dict[tuple[str, str], list[Floats]]


def _calibrated(forecasts: list[_Forecasts]) -> Pairs:
    """Return the forecasts of every pair of model and calibrator, calibrators fitted on earlier years only."""
    pairs: Pairs = {}
    for name in forecasts[0].by_model:
        for calibrator in scoring.CALIBRATORS:
            parts: list[Floats] = []
            for number, forecast in enumerate(forecasts):
                raw = np.concatenate([f.by_model[name] for f in forecasts[:number]] or [np.array([])])
                happened = np.concatenate([f.happened for f in forecasts[:number]] or [np.array([])])
                calibrate = _fit_calibrator(calibrator, raw, happened)
                parts.append(np.clip(calibrate(forecast.by_model[name]), SUREST, 1 - SUREST))
            pairs[name, calibrator] = parts
    return pairs


def _fit_calibrator(name: str, raw: Floats, happened: Floats) -> scoring.Calibrator:
    if name == "none" or len(raw) < scoring.LEAST_TO_CALIBRATE or not 0 < happened.sum() < len(happened):
        return lambda p: p
    return scoring.CALIBRATORS[name](raw, happened)


def _best(pairs: Pairs, happened: list[Floats], settings: WatchSettings) -> tuple[str, str]:
    """Return the best pair; the average of the models stands back only for one that is better beyond doubt.

    Beyond doubt is a mean difference of loss above two standard errors of the paired differences, the larger of that
    over forecasts and that over years: a good or bad year moves all firms together.
    """
    loss = scoring.log_losses if settings.score == "log_score" else scoring.squared_losses
    outcome = np.concatenate(happened)
    losses = {pair: loss(np.concatenate(parts[: len(happened)]), outcome) for pair, parts in pairs.items()}
    mean = {pair: round(float(values.mean()), 12) for pair, values in losses.items()}
    best = min(mean, key=lambda pair: mean[pair])
    apart = losses[ORDINARY] - losses[best]
    error = float(apart.std()) / np.sqrt(len(apart))
    years = len(happened)
    if years > 1:
        of_year = np.repeat(np.arange(years), [len(part) for part in happened])
        sums = np.bincount(of_year, weights=apart - apart.mean())
        error = max(error, float(np.sqrt((sums**2).sum() * years / (years - 1))) / len(apart))
    return ORDINARY if float(apart.mean()) <= DOUBT * error else best


def _table(
    side: str,
    basis: str,
    pairs: Pairs,
    forecasts: list[_Forecasts],
    best: tuple[str, str],
    panel: Panel,
    settings: WatchSettings,
) -> pd.DataFrame:
    happened = np.concatenate([f.happened for f in forecasts])
    origins = [f.origin for f in forecasts]
    years = [int(panel.years[o + 1]) if o >= 0 else int(panel.years[-1]) for o in origins]
    base = np.concatenate(pairs["state", "none"])
    shown = [pair for pair in pairs if pair[1] == "none"]
    shown += [best] if best not in shown else []
    parts = []
    for pair in shown:
        name = pair[0] if pair[1] == "none" else f"{pair[0]}+{pair[1]}"
        values = np.concatenate(pairs[pair])
        parts.append(_record(side, name, basis, values, years, settings, happened, base, pair == best))
    if len(forecasts) > 1:
        blind = []
        for number in range(1, len(forecasts)):
            seen = [f.happened for f in forecasts[:number]]
            blind.append(pairs[_best(pairs, seen, settings)][number])
        later = np.concatenate([f.happened for f in forecasts[1:]])
        against = np.concatenate(pairs["state", "none"][1:])
        parts.append(_record(side, "chosen_blind", basis, np.concatenate(blind), years[1:], settings, later, against))
        for name in ("state", "distance"):
            values = np.concatenate(pairs[name, "none"][1:])
            parts.append(_record(side, f"{name}_same_years", basis, values, years[1:], settings, later, against))
    return pd.concat(parts, ignore_index=True)


def _record(
    side: str,
    name: str,
    basis: str,
    up: Floats,
    years: list[int],
    settings: WatchSettings,
    happened: Floats | None = None,
    base: Floats | None = None,
    chosen: bool = False,
) -> pd.DataFrame:
    """Return the score row of a model and, for the chosen one, its calibration curve (bins 1, 2, ...)."""
    where = {
        "side": side,
        "model": name,
        "basis": basis,
        "first_year": min(years, default=pd.NA),
        "last_year": max(years, default=pd.NA),
    }
    if happened is None or base is None:
        nothing = dict.fromkeys(COLUMNS[9:], float("nan"))
        row = {**where, "bin": 0, "chosen": True, "forecasts": 0, "events": 0, **nothing}
        return _typed(pd.DataFrame([row]))
    event, forecast, other = (happened, up, base) if side == "cross" else (1 - happened, 1 - up, 1 - base)
    brier, against = scoring.brier_score(forecast, event), scoring.brier_score(other, event)
    rows = [
        {
            **where,
            **_share(forecast, event),
            "bin": 0,
            "chosen": chosen,
            "brier": brier,
            "brier_skill": 1 - brier / against if against > 0 else float("nan"),
            "log_score": scoring.log_score(forecast, event),
        }
    ]
    if chosen:
        bins = scoring.curve_bins(forecast)
        for number, place in enumerate(np.unique(bins), start=1):
            inside = bins == place
            rows.append({**where, **_share(forecast[inside], event[inside]), "bin": number, "chosen": True})
    return _typed(pd.DataFrame(rows))


def _share(forecast: Floats, event: Floats) -> dict[str, object]:
    low, high = scoring.wilson_interval(float(event.sum()), len(event))
    return {
        "forecasts": len(event),
        "events": int(event.sum()),
        "mean_forecast": float(forecast.mean()),
        "observed_share": float(event.mean()),
        "observed_low": low,
        "observed_high": high,
    }


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.reindex(columns=list(COLUMNS))
    whole = {"bin": "Int64", "first_year": "Int64", "last_year": "Int64", "forecasts": "Int64", "events": "Int64"}
    numbers = dict.fromkeys(COLUMNS[9:], "float64")
    return frame.astype({**whole, **numbers, "chosen": "boolean"})
