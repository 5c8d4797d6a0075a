"""Points of each indicator: value over base, capped, and what happens where there is no value."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.diagnosis.output_per_mu.scheme import INDICATORS, Weighted

Numbers = npt.NDArray[np.float64]

# why an indicator has the points it has; empty when value over base says it all
REASONS = ("", "missing", "not_positive", "zero_denominator", "no_land", "peer_mean", "no_base")


def values_of(figures: pd.DataFrame) -> pd.DataFrame:
    """Return every indicator of each row, NaN where it cannot be computed, and why in ``<indicator>:reason``.

    Main revenue falls back on revenue where it is blank.

    Examples
    --------
    >>> year = pd.DataFrame({"tax_wan": [30.0, -2.0], "land_mu": [10.0, 4.0], "electricity_mwh": [0.0, 50.0]})
    >>> values_of(year)[["tax_per_mu", "tax_per_electricity"]].values.tolist()
    [[3.0, nan], [-0.5, -0.4]]
    """
    frame = figures.copy()
    if "main_revenue_wan" not in frame.columns:
        frame["main_revenue_wan"] = math.nan
    if "revenue_wan" in frame.columns:
        frame["main_revenue_wan"] = frame["main_revenue_wan"].fillna(frame["revenue_wan"])
    columns: dict[str, npt.NDArray[np.generic]] = {}
    for name, ratio in INDICATORS.items():
        over, under = column_of(frame, ratio.over), column_of(frame, ratio.under)
        value = np.full(len(frame), math.nan)
        np.divide(over * ratio.factor, under, out=value, where=under > 0)
        absent = "no_land" if ratio.under == "land_mu" else "missing"
        reason = np.where(np.isnan(over), "missing", np.where(np.isnan(under), absent, ""))
        reason = np.where((reason == "") & ~(under > 0), absent if absent == "no_land" else "zero_denominator", reason)
        columns[name] = value
        columns[f"{name}:reason"] = np.where((reason == "") & (value <= 0), "not_positive", reason).astype(object)
    return pd.DataFrame(columns, index=figures.index)


def column_of(frame: pd.DataFrame, name: str) -> Numbers:
    """Return a column as numbers, NaN where it is blank or missing."""
    if name not in frame.columns:
        return np.full(len(frame), math.nan)
    values: Numbers = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64, na_value=math.nan)
    return values


def unit_points(
    figures: pd.DataFrame, values: pd.DataFrame, weighted: Weighted, peers: pd.Series
) -> tuple[pd.DataFrame, float]:
    """Return each firm's points per point of weight, and the base value.

    ``u = min(cap, max(0, value / base))``. The base of a NaN base is the list's own mean, all numerators over all
    denominators. A value that cannot be computed counts 0, or the mean u of the firm's peers (of the list, where it has
    none) when the scheme says ``peer_mean``.

    Parameters
    ----------
    figures, values : DataFrame
        The firms of one list and their indicators.
    weighted : Weighted
        The indicator with base, cap and rule for missing values.
    peers : Series
        Peer group of each firm, such as its industry division.

    Returns
    -------
    tuple
        A frame ``value``, ``unit``, ``capped``, ``reason``, and the base.
    """
    name = weighted.indicator
    value = values[name].to_numpy(dtype=np.float64)
    reason = values[f"{name}:reason"].to_numpy(dtype=object).copy()
    base = weighted.base if not math.isnan(weighted.base) else _mean(figures, name, value)
    if not base > 0:
        reason[:] = "no_base"
        nothing = np.zeros(len(value))
        return _points_frame(figures, value, nothing, np.zeros(len(value), bool), reason), math.nan
    share = np.clip(value / base, 0.0, None)
    capped = share > weighted.cap
    unit = np.minimum(share, weighted.cap)
    blank = np.isnan(unit)
    if weighted.missing == "peer_mean" and (~blank).any():
        known = pd.Series(unit, index=figures.index)
        mean = known.groupby(peers).transform("mean").fillna(float(known.mean()))
        unit = np.where(blank, mean.to_numpy(dtype=np.float64), unit)
        reason[blank] = "peer_mean"
    return _points_frame(figures, value, np.nan_to_num(unit, nan=0.0), capped & ~blank, reason), base


def _mean(figures: pd.DataFrame, name: str, value: Numbers) -> float:
    ratio = INDICATORS[name]
    known = ~np.isnan(value)
    under = column_of(figures, ratio.under)
    # value times denominator is the numerator, whatever column it fell back on
    total = float(under[known].sum())
    return float((value[known] * under[known]).sum()) / total if total > 0 else math.nan


def _points_frame(
    figures: pd.DataFrame,
    value: Numbers,
    unit: Numbers,
    capped: npt.NDArray[np.bool_],
    reason: npt.NDArray[np.object_],
) -> pd.DataFrame:
    return pd.DataFrame({"value": value, "unit": unit, "capped": capped, "reason": reason}, index=figures.index)
