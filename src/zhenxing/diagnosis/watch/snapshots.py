"""What was known of each firm at the end of a year, and what came of it the year after.

A snapshot at an origin year uses nothing later than that year, so that a back-test cannot look ahead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from zhenxing.diagnosis.watch.panel import JUMP_FACTOR, Flags, Floats, Panel

# Growth enters the models held between minus and plus this (log): a merger must not drive a slope.
GROWTH_HELD = 1.0
# Spread of growth taken for a firm of which nothing is known, and its weight in years.
POOLED_WEIGHT = 2.0
# Firms unseen for this many panel years and to the end are taken to have left.
GONE_AFTER = 2


@dataclass(frozen=True)
class Snapshots:
    """One row per firm and origin year; ``label`` is 1 above the line next year, 0 below or gone, NaN unknown."""

    firm: NDArray[np.int64]
    origin: NDArray[np.int64]
    distance: Floats
    growth: Floats
    has_growth: Floats
    trend: Floats
    volatility: Floats
    age: Floats
    size: Floats
    stale: Floats
    crossed_before: Floats
    registered: Floats
    jumped: Floats
    band: Floats
    years_in_band: Floats
    label: Floats
    change: Floats
    gone: Floats

    def __len__(self) -> int:
        return len(self.firm)

    @property
    def above(self) -> Flags:
        """Whether the firm stood at or above the line when last seen."""
        return np.asarray(self.distance >= 0)

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Snapshots:
        """Return some rows."""
        return Snapshots(**{name: value[chosen] for name, value in vars(self).items()})

    def moved(self, by: float) -> Snapshots:
        """Return the same firms with their revenue raised by a log step; what they did before stays."""
        return replace(self, distance=self.distance + by)


def joined(parts: list[Snapshots]) -> Snapshots:
    """Return several sets of snapshots as one."""
    return Snapshots(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in vars(parts[0])})


def snapshots_at(panel: Panel, at: int, known: int, most_stale: int, band: float) -> Snapshots:
    """Return the snapshots at year index ``at``, labelled from the years up to index ``known``."""
    distance = panel.distance
    seen = ~np.isnan(distance[:, : at + 1])
    count = seen.sum(axis=1)
    last = np.where(count > 0, at - seen[:, ::-1].argmax(axis=1), -1)
    gone = _gone(panel, at, at)
    chosen = np.flatnonzero((count > 0) & (at - last <= most_stale) & ~gone)
    rows, end = chosen, last[chosen]
    now = distance[rows, end]
    growths, spans = _growths(distance[rows, : at + 1])
    latest = growths[np.arange(len(rows)), end] if len(rows) else np.array([])
    has = ~np.isnan(latest)
    held = np.clip(growths, -GROWTH_HELD, GROWTH_HELD)
    counted = (~np.isnan(held)).sum(axis=1)
    pooled = float(np.nanvar(held)) if counted.sum() > 1 else 0.09
    ordinary = float(np.nanmean(held)) if counted.sum() else 0.0
    # around the mean of all firms and not the firm's own: one growth alone then says something too
    around = np.nansum((held - ordinary) ** 2, axis=1)
    volatility = np.sqrt((around + POOLED_WEIGHT * max(pooled, 1e-4)) / (counted + POOLED_WEIGHT))
    side = distance[rows, : at + 1] >= 0
    within = np.abs(distance[rows, : at + 1]) <= band
    label, change, left = _after(panel, rows, at, known)
    return Snapshots(
        firm=rows.astype(np.int64),
        origin=np.full(len(rows), panel.years[at], dtype=np.int64),
        distance=now,
        growth=np.where(has, np.clip(np.nan_to_num(latest), -GROWTH_HELD, GROWTH_HELD), 0.0),
        has_growth=has.astype(float),
        trend=np.nansum(held, axis=1) / (counted + 1.0),
        volatility=volatility,
        age=np.log1p(np.clip(panel.years[at] - panel.founded[rows], 0, 200)),
        size=_size(panel, rows, end),
        stale=(at - end).astype(float),
        crossed_before=((side & seen[rows]).any(axis=1) & (now < 0)).astype(float)
        - ((~side & seen[rows]).any(axis=1) & (now >= 0)).astype(float),
        registered=(panel.state[rows, end] == "in_register").astype(float),
        jumped=np.where(has, np.abs(np.nan_to_num(latest)) > np.log(JUMP_FACTOR), False).astype(float),
        band=(np.abs(now) <= band).astype(float),
        years_in_band=np.minimum((within & seen[rows]).sum(axis=1), 3).astype(float),
        label=label,
        change=change,
        gone=left,
    )


def _growths(distance: Floats) -> tuple[Floats, Floats]:
    """Return log growth per year since the last year seen before, and the number of years between."""
    growth, span = np.full_like(distance, np.nan), np.full_like(distance, np.nan)
    before, when = np.full(len(distance), np.nan), np.full(len(distance), np.nan)
    for column in range(distance.shape[1]):
        value = distance[:, column]
        span[:, column] = column - when
        growth[:, column] = (value - before) / np.maximum(span[:, column], 1)
        present = ~np.isnan(value)
        before, when = np.where(present, value, before), np.where(present, column, when)
    return growth, span


def _gone(panel: Panel, at: int, known: int) -> Flags:
    """Say which firms have left by year index ``at``, judged from the years up to ``known``."""
    unseen = np.isnan(panel.revenue[:, : known + 1])
    trailing = np.where(unseen.all(axis=1), known + 1, unseen[:, ::-1].argmin(axis=1) if known >= 0 else 0)
    ended = known - trailing
    left = (trailing >= GONE_AFTER) & (ended < at)
    if known == len(panel.years) - 1:
        left |= panel.closed & (trailing >= 1) & (ended < at)
    return np.asarray(left)


def _after(panel: Panel, rows: NDArray[np.int64], at: int, known: int) -> tuple[Floats, Floats, Floats]:
    """Return label, change of log distance and whether the firm left, for the year after the origin."""
    nothing = np.full(len(rows), np.nan)
    if at + 1 > known:
        return nothing, nothing.copy(), nothing.copy()
    following = panel.distance[rows, at + 1]
    left = _gone(panel, at + 1, known)[rows] & np.isnan(following)
    label = np.where(np.isnan(following), np.where(left, 0.0, np.nan), (following >= 0).astype(float))
    distance = panel.distance[rows, : at + 1]
    last = distance.shape[1] - 1 - (~np.isnan(distance))[:, ::-1].argmax(axis=1) if len(rows) else rows
    change = following - distance[np.arange(len(rows)), last]
    return label, change, np.where(np.isnan(label), np.nan, left.astype(float))


def _size(panel: Panel, rows: NDArray[np.int64], end: NDArray[np.int64]) -> Floats:
    people = panel.employees[rows, end]
    return np.where(people > 0, np.log(np.maximum(people, 1.0)), np.nan)
