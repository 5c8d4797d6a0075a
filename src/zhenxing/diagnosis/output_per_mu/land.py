"""The land a firm answers for: its own, plus what it rents, less what it lets, by the plot ratio of the parcel."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pandas as pd

from zhenxing.units import M2_PER_MU


def land_of(
    firms: pd.DataFrame,
    figures: pd.DataFrame,
    parcels: pd.DataFrame | None,
    default_far: float,
    recorded: Literal["owned", "used"] = "owned",
) -> pd.DataFrame:
    """Return the land of each firm in mu.

    ``land_mu = owned + rented in − let``. Owned is the column ``land_mu`` of the year. Rented floor becomes land by the
    plot ratio of the parcel where the firm stands, ``floor / (plot ratio · 2000/3)``; the same land is taken off the
    firms that own land on that parcel, in proportion to what they own. Columns ``rented_in_mu`` and ``let_mu`` in
    ``figures`` go before this conversion.

    Parameters
    ----------
    firms : DataFrame
        ``firm_id`` and, where known, ``parcel_id``.
    figures : DataFrame
        One row a firm: ``firm_id``, ``land_mu``, ``rented_floor_m2``.
    parcels : DataFrame, optional
        ``parcel_id``, ``area_registered_mu``, ``floor_m2``: their plot ratio.
    default_far : float
        Plot ratio where the parcel gives none.
    recorded : {"owned", "used"}
        What the column ``land_mu`` holds: the land a firm owns, or already the land it uses, to which nothing is added
        and from which nothing is taken.

    Returns
    -------
    DataFrame
        By ``firm_id``: ``owned_mu``, ``rented_in_mu``, ``let_mu``, ``land_mu`` (NaN when nothing is known, or nothing
        is left), ``far``, ``far_assumed`` (True where the default was used),
        ``host_id`` (owner of the parcel of a firm without land).

    Examples
    --------
    A tenant with 1,400 m2 on a parcel of plot ratio 0.7 answers for 3 mu, which its host with 10 mu no longer does.

    >>> firms = pd.DataFrame({"firm_id": ["host", "tenant"], "parcel_id": ["G1", "G1"]})
    >>> year = pd.DataFrame({"firm_id": ["host", "tenant"], "land_mu": [10, None], "rented_floor_m2": [None, 1400]})
    >>> land_of(firms, year, None, 0.7)["land_mu"].round(6).tolist()
    [7.0, 3.0]
    """
    frame = firms[["firm_id"]].drop_duplicates().set_index("firm_id")
    place = firms.set_index("firm_id")["parcel_id"] if "parcel_id" in firms.columns else None
    frame["parcel_id"] = None if place is None else place
    year = figures.set_index("firm_id").reindex(frame.index)
    frame["owned_mu"] = _positive(year, "land_mu")
    frame["floor"] = _positive(year, "rented_floor_m2")
    ratio = _plot_ratios(parcels)
    frame["far"] = frame["parcel_id"].map(ratio).astype(float)
    frame["far_assumed"] = frame["far"].isna() & (frame["floor"] > 0)
    frame["far"] = frame["far"].fillna(default_far)
    given_in, given_out = _at_least_zero(year, "rented_in_mu"), _at_least_zero(year, "let_mu")
    frame["rented_in_mu"] = given_in.where(given_in.notna(), frame["floor"] / (frame["far"] * M2_PER_MU)).fillna(0.0)
    frame["let_mu"] = given_out.where(given_out.notna(), _let(frame)).fillna(0.0)
    if recorded == "used":
        used = frame["owned_mu"].notna()
        frame["rented_in_mu"] = frame["rented_in_mu"].where(~used, 0.0)
        frame["let_mu"] = 0.0
    land = frame["owned_mu"].fillna(0.0) + frame["rented_in_mu"] - frame["let_mu"]
    frame["land_mu"] = land.where(land > 1e-9, math.nan)
    frame["host_id"] = _hosts(frame)
    return frame[["owned_mu", "rented_in_mu", "let_mu", "land_mu", "far", "far_assumed", "host_id"]]


def _at_least_zero(year: pd.DataFrame, column: str) -> pd.Series:
    if column not in year.columns:
        return pd.Series(math.nan, index=year.index, dtype=float)
    values = pd.to_numeric(year[column], errors="coerce").astype(float)
    return values.where(values >= 0)


def _positive(year: pd.DataFrame, column: str) -> pd.Series:
    values = _at_least_zero(year, column)
    return values.where(values > 0)


def _plot_ratios(parcels: pd.DataFrame | None) -> dict[object, float]:
    if parcels is None or not {"parcel_id", "area_registered_mu", "floor_m2"} <= set(parcels.columns):
        return {}
    area = pd.to_numeric(parcels["area_registered_mu"], errors="coerce").to_numpy(dtype=float, na_value=math.nan)
    floor = pd.to_numeric(parcels["floor_m2"], errors="coerce").to_numpy(dtype=float, na_value=math.nan)
    known = (area > 0) & (floor > 0)
    ids = parcels["parcel_id"].to_numpy(dtype=object)[known]
    return dict(zip(ids, floor[known] / (area[known] * M2_PER_MU), strict=True))


def _let(frame: pd.DataFrame) -> pd.Series:
    """Return the land that tenants on the same parcel use, shared among its owners by their land."""
    tenant = frame["owned_mu"].isna() & frame["parcel_id"].notna()
    used = frame.loc[tenant].groupby("parcel_id")["rented_in_mu"].sum()
    owned = frame.groupby("parcel_id")["owned_mu"].sum()
    share = frame["owned_mu"] / frame["parcel_id"].map(owned).astype(float)
    let = frame["parcel_id"].map(used).astype(float) * share
    return let.replace([np.inf, -np.inf], math.nan)


def _hosts(frame: pd.DataFrame) -> pd.Series:
    """Return the largest owner on the parcel of each firm without land of its own."""
    owners = frame[frame["owned_mu"].notna() & frame["parcel_id"].notna()]
    order = owners.sort_values("owned_mu", ascending=False, kind="stable")
    largest = dict(zip(order["parcel_id"][::-1], order.index[::-1], strict=True))
    hosts = frame["parcel_id"].map(largest).astype(object)
    return hosts.where(frame["owned_mu"].isna() & hosts.notna(), None)
