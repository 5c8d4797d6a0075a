"""Forecasts of the above-scale line against a year that the model never saw, on synthetic panels.

No public panel of firms exists, so the panels come from ``zhenxing.samples.firm_panel`` (synthetic: bunching at the
line, jumps, exits, missing years). The watch learns from all years but the last, chooses its model by its own
back-test, and is asked about the last year; the baselines learn from the same years.

Run ``python -m benchmarks.diagnosis.watch [--firms N] [--years T] [--seeds S]``.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pandas as pd

from zhenxing.diagnosis.watch import WatchSettings, scoring
from zhenxing.diagnosis.watch.backtest import SIDES, _training, choose_forecast, of_side
from zhenxing.diagnosis.watch.models import candidate_models
from zhenxing.diagnosis.watch.panel import Panel, read_panel
from zhenxing.diagnosis.watch.snapshots import snapshots_at

NAMES = {
    "watch": "watch (chosen by its back-test)",
    "distance": "logistic on log distance",
    "state": "last year's state",
}


def thresholds_of(firms: pd.DataFrame, on: int) -> pd.DataFrame:
    """Return the lines of the firms by their industry codes."""
    import datetime as dt

    from zhenxing.rules.above_scale import plausible

    return plausible(firms, dt.date(on, 12, 31))


def forecast(past: Panel, whole: Panel, side: str, settings: WatchSettings) -> tuple[np.ndarray, dict, str]:
    """Return what happened in the last year, each method's forecasts of it, and the name of the chosen model."""
    last = len(whole.years) - 1
    asked = snapshots_at(whole, last - 1, last, settings.most_stale_years, settings.band)
    asked = asked.take(of_side(asked, side) & ~np.isnan(asked.label))
    chosen = choose_forecast(past, side, settings)
    train = _training(past, side, last - 1, settings)
    models = candidate_models(settings)
    up = {"watch": chosen.chance(asked), **{name: models[name](train).predict(asked) for name in ("distance", "state")}}
    sign = (lambda p: p) if side == "cross" else (lambda p: 1 - p)
    return sign(asked.label), {name: sign(values) for name, values in up.items()}, chosen.name


def run(firms: int, years: int, seeds: int) -> None:
    """Print the table of scores and the calibration curve of the watch."""
    from zhenxing.samples import firm_panel

    settings = WatchSettings()
    happened: dict[str, list[np.ndarray]] = {side: [] for side in SIDES}
    said: dict[tuple[str, str], list[np.ndarray]] = {}
    chosen: dict[str, list[str]] = {side: [] for side in SIDES}
    seconds = 0.0
    for seed in range(1, seeds + 1):
        roll, panel = firm_panel(seed=seed, firms=firms, years=years)
        last = int(panel["year"].max())
        lines = thresholds_of(roll, last)
        began = time.process_time()
        # the register's status is of today: it would tell the future of a year already past
        past = read_panel(roll.drop(columns=["status"]), panel, lines, last - 1)
        whole = read_panel(roll, panel, lines, None)
        for side in SIDES:
            outcome, forecasts, name = forecast(_on(past, whole), whole, side, settings)
            happened[side].append(outcome)
            chosen[side].append(name)
            for method, values in forecasts.items():
                said.setdefault((side, method), []).append(values)
        seconds += time.process_time() - began
    print(f"\nSynthetic panels: {seeds} seeds x {firms} firms x {years} years; CPU {seconds / seeds:.1f} s a panel.\n")
    print("| side | method | forecasts | events | mean forecast | observed | Brier | skill | log score |")
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|")
    for side in SIDES:
        y = np.concatenate(happened[side])
        base = scoring.brier_score(np.concatenate(said[side, "state"]), y)
        for method, words in NAMES.items():
            p = np.concatenate(said[side, method])
            brier = scoring.brier_score(p, y)
            print(
                f"| {side} | {words} | {len(y)} | {int(y.sum())} | {p.mean():.4f} | {y.mean():.4f} | {brier:.5f} "
                f"| {1 - brier / base:.3f} | {scoring.log_score(p, y):.5f} |"
            )
        print(f"|  | models chosen: {', '.join(sorted(set(chosen[side])))} | | | | | | | |")
    _curves(happened, said)
    _differences(happened, said)


def _on(past: Panel, whole: Panel) -> Panel:
    """Return the past panel on the lines of the whole one: the line nearest to the last revenue may differ."""
    from dataclasses import replace

    place = pd.Index(whole.firm_ids).get_indexer(past.firm_ids)
    return replace(past, threshold=whole.threshold[place])


def _curves(happened: dict, said: dict) -> None:
    print("\nCalibration curve of the watch (bins of equal size):\n")
    print("| side | forecasts | mean forecast | observed | 95 % interval |\n|---|--:|--:|--:|---|")
    for side in SIDES:
        y, p = np.concatenate(happened[side]), np.concatenate(said[side, "watch"])
        bins = scoring.curve_bins(p)
        for place in np.unique(bins):
            inside = bins == place
            low, high = scoring.wilson_interval(y[inside].sum(), inside.sum())
            means = f"{p[inside].mean():.4f} | {y[inside].mean():.4f}"
            print(f"| {side} | {inside.sum()} | {means} | {low:.4f} – {high:.4f} |")


def _differences(happened: dict, said: dict) -> None:
    print("\nDifferences to the watch (positive: the watch is better), mean ± 2 standard errors over panels:\n")
    print("| side | against | Brier | panels won | log score | panels won |\n|---|---|---|--:|---|--:|")
    for side in SIDES:
        for method in ("distance", "state"):
            cells = []
            for score in (scoring.brier_score, scoring.log_score):
                panels = zip(happened[side], said[side, method], said[side, "watch"], strict=True)
                apart = np.array([score(theirs, y) - score(ours, y) for y, theirs, ours in panels])
                error = apart.std(ddof=1) / np.sqrt(len(apart)) if len(apart) > 1 else np.nan
                cells += [f"{apart.mean():+.5f} ± {2 * error:.5f}", f"{(apart > 0).sum()} of {len(apart)}"]
            print(f"| {side} | {NAMES[method]} | {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, default=4000)
    parser.add_argument("--years", type=int, default=8)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    run(options.firms, options.years, options.seeds)


if __name__ == "__main__":
    main()
