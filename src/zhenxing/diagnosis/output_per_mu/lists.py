"""On which list a firm stands, and which firms are not graded."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.diagnosis.output_per_mu.scheme import Scheme

Numbers = npt.NDArray[np.float64]

# why a firm is not graded; empty when it is
NOT_GRADED = ("", "no_year", "not_industry", "excluded_industry", "outside_scheme", "start_up", "no_land", "host")


def above_scale(firms: pd.DataFrame, figures: pd.DataFrame) -> pd.Series:
    """Return by firm whether it is in the above-scale register: the year's state, else the firm's mark; NA unknown.

    Examples
    --------
    >>> firms = pd.DataFrame({"firm_id": ["a", "b", "c"], "above_scale": [True, False, None]})
    >>> year = pd.DataFrame({"firm_id": ["b"], "register_state": ["in_register"]})
    >>> above_scale(firms, year).tolist()
    [True, True, <NA>]
    """
    ids = pd.Index(firms["firm_id"])
    mark = firms["above_scale"] if "above_scale" in firms.columns else pd.Series(pd.NA, index=firms.index)
    known = pd.Series(mark.to_numpy(dtype=object), index=ids).astype("boolean")
    if "register_state" in figures.columns:
        state = figures.set_index("firm_id")["register_state"].reindex(ids)
        said = (state == "in_register").astype("boolean")
        known = known.mask(state.notna().to_numpy(), said)
    return known


def lists_of(land: pd.DataFrame, rented: pd.Series, above: pd.Series, scheme: Scheme) -> pd.Series:
    """Return the list of each firm: above_scale; below_scale (enough land); small; tenant (no land of its own).

    Examples
    --------
    >>> land = pd.DataFrame({"owned_mu": [1.0, 5.0, 2.0, math.nan], "land_mu": [1.0, 5.0, 2.0, 4.0]})
    >>> above = pd.Series([True, False, False, False], dtype="boolean")
    >>> from zhenxing.diagnosis.output_per_mu import read_scheme
    >>> lists_of(land, pd.Series([0.0, 0.0, 0.0, 900.0]), above, read_scheme("huangyan")).tolist()
    ['above_scale', 'below_scale', 'small', 'tenant']
    """
    tenant = land["owned_mu"].isna() & (rented.fillna(0.0).to_numpy() > 0)
    enough = land["land_mu"].to_numpy(dtype=float) >= scheme.below_scale_land_mu - 1e-9
    is_above = above.fillna(False).to_numpy(dtype=bool)
    chosen = np.select([is_above, tenant.to_numpy(), enough], ["above_scale", "tenant", "below_scale"], "small")
    return pd.Series(chosen, index=land.index, dtype=object)


def not_graded(
    firms: pd.DataFrame,
    has_year: pd.Series,
    land: pd.DataFrame,
    firm_list: pd.Series,
    rented: pd.Series,
    scheme: Scheme,
    graded_lists: tuple[str, ...],
    year: int,
    tenure: pd.Series,
) -> pd.Series:
    """Return why each firm is not graded, empty when it is; the first reason that holds of those of ``NOT_GRADED``."""
    division = _divisions(firms)
    whole = firm_list.to_numpy(dtype=object)
    outside = ~np.isin(whole.astype(str), graded_lists)
    outside |= (whole == "tenant") & (rented.fillna(0.0).to_numpy() < scheme.tenant_floor_m2)
    if scheme.tenure:
        outside |= tenure.notna().to_numpy() & (tenure != scheme.tenure).to_numpy()
    age = year - _founded(firms)
    young = (age < scheme.start_up_years) & np.isin(whole.astype(str), scheme.start_up_lists)
    number = pd.to_numeric(division, errors="coerce").to_numpy(dtype=float, na_value=math.nan)
    industry = np.isnan(number) | ((number >= 6) & (number <= 46))
    hosted = (whole == "tenant") & (scheme.tenant_rule == "host")
    reasons = np.select(
        [
            ~has_year.to_numpy(dtype=bool),
            ~industry,
            np.isin(division.to_numpy(dtype=str), scheme.excluded_divisions),
            outside,
            young,
            hosted,
            land["land_mu"].isna().to_numpy(),
        ],
        ["no_year", "not_industry", "excluded_industry", "outside_scheme", "start_up", "host", "no_land"],
        "",
    )
    return pd.Series(reasons, index=land.index, dtype=object)


def tenures(firms: pd.DataFrame, parcels: pd.DataFrame | None) -> pd.Series:
    """Return by firm the tenure of the parcel it stands on, missing where that is not known."""
    known = pd.Series(None, index=pd.Index(firms["firm_id"]), dtype=object)
    if parcels is None or "tenure" not in parcels.columns or "parcel_id" not in firms.columns:
        return known
    tenure = dict(zip(parcels["parcel_id"], parcels["tenure"], strict=True))
    return pd.Series(firms["parcel_id"].map(tenure).to_numpy(dtype=object), index=known.index, dtype=object)


def _divisions(firms: pd.DataFrame) -> pd.Series:
    """Return the two digits of the industry division, the same in every edition for industry; empty when unknown."""
    if "industry_code" not in firms.columns:
        return pd.Series("", index=firms.index, dtype=object)
    digits = firms["industry_code"].astype("string").str.extract(r"^\s*[A-Ta-t]?\s*(\d{2})", expand=False)
    return digits.fillna("").astype(object)


def divisions(firms: pd.DataFrame) -> pd.Series:
    """Return by firm the industry division, the peers of a firm whose value is missing."""
    return pd.Series(_divisions(firms).to_numpy(), index=pd.Index(firms["firm_id"]))


def _founded(firms: pd.DataFrame) -> Numbers:
    if "founded" not in firms.columns:
        return np.full(len(firms), math.nan)
    first = pd.to_numeric(firms["founded"].astype("string").str[:4], errors="coerce")
    years: Numbers = first.to_numpy(dtype=np.float64, na_value=math.nan)
    return years
