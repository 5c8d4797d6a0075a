"""Every line a firm may be held to, by its code and by what it makes and sells, and the nearest of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np
import pandas as pd

from zhenxing.errors import InputError
from zhenxing.i18n import say
from zhenxing.rules.above_scale.codes import in_force, sectors, sectors_of
from zhenxing.rules.files import records


def _need(frame: pd.DataFrame, table: str, columns: Iterable[str]) -> None:
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise InputError(say("diagnosis_ladder.columns_missing", table=table, columns=", ".join(missing)))


def code_sectors(firms: pd.DataFrame, on: dt.date) -> pd.DataFrame:
    """Return the sectors that each firm's industry code can stand for.

    Returns
    -------
    DataFrame
        firm_id, sector (NaN when none), code_state; one row per firm and plausible sector.

    Examples
    --------
    >>> firms = pd.DataFrame({"firm_id": ["a"], "industry_code": ["52"], "industry_edition": ["2017"]})
    >>> code_sectors(firms, dt.date(2025, 12, 31))["sector"].tolist()
    ['retail']
    """
    _need(firms, "firms", ("firm_id", "industry_code", "industry_edition"))
    number, distinct = _pairs(firms)
    answers = [sectors_of(code, edition, on) for code, edition in distinct]
    each = np.array([max(len(found), 1) for found, _ in answers], dtype=int)
    start = np.concatenate([[0], np.cumsum(each)])
    flat = np.array([name for found, _ in answers for name in (found or (np.nan,))], dtype=object)
    times = each[number]
    place = np.repeat(start[number], times) + _within(times)
    return pd.DataFrame(
        {
            "firm_id": np.repeat(firms["firm_id"].to_numpy(), times),
            "sector": pd.array(flat[place], dtype="str"),
            "code_state": np.repeat(np.array([state for _, state in answers], dtype=object)[number], times),
        }
    )


def _pairs(firms: pd.DataFrame) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], list[tuple[object, object]]]:
    """Return the number of each row's pair of code and edition, and the distinct pairs."""
    code, codes = pd.factorize(firms["industry_code"].astype(object))
    edition, editions = pd.factorize(firms["industry_edition"].astype(object))
    several = len(editions) + 1
    number, joint = pd.factorize((code + 1) * several + edition + 1)
    known = [*codes, None], [*editions, None]  # a missing one is numbered -1
    return number, [(known[0][one // several - 1], known[1][one % several - 1]) for one in joint.tolist()]


def _within(times: np.ndarray[tuple[int], np.dtype[np.int64]]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.arange(int(times.sum())) - np.repeat(np.cumsum(times) - times, times)


def role_sectors(firm_links: pd.DataFrame, on: dt.date, least_share: float = 0.25) -> pd.DataFrame:
    """Return the sectors that a firm's roles in the chain make plausible: makers industry, sellers retail or wholesale.

    Parameters
    ----------
    firm_links : DataFrame
        firm_id, role, weight (``makes``, ``sells``, ``serves`` or empty; a firm's weights sum to 1).
    on : date
        Day of judgement.
    least_share : float
        Share of a firm's weight that a role needs to count. Assumed (tag M).

    Returns
    -------
    DataFrame
        firm_id, role, sector, share.

    Examples
    --------
    >>> links = pd.DataFrame({"firm_id": ["a", "a"], "role": ["makes", "sells"], "weight": [0.7, 0.3]})
    >>> role_sectors(links, dt.date(2025, 12, 31))["sector"].tolist()
    ['industry', 'retail', 'wholesale']
    """
    _need(firm_links, "firm_links", ("firm_id", "role", "weight"))
    share = firm_links.groupby(["firm_id", "role"], as_index=False)["weight"].sum()
    share = share[share["weight"] >= least_share - 1e-9].rename(columns={"weight": "share"})
    rules = [row for row in records("ladder/role_sectors.csv") if in_force(row, on)]
    pairs = [(row["role"], row["value"]) for row in rules]
    leads = pd.DataFrame(pairs, columns=["role", "sector"], dtype="str")
    joined: pd.DataFrame = share.merge(leads, on="role").reindex(columns=["firm_id", "role", "sector", "share"])
    return joined


def plausible(
    firms: pd.DataFrame, on: dt.date, *, firm_links: pd.DataFrame | None = None, least_share: float = 0.25
) -> pd.DataFrame:
    """Return every sector a firm may be counted in, by its code and by what it makes and sells.

    A role adds its sectors only when the code's own sector is none of them: a wholesaler by code who sells stays one.

    Returns
    -------
    DataFrame
        firm_id, sector, kind, threshold_wan (wan yuan a year; NaN without a revenue test), column, source, provenance,
        assumed, basis (``code`` or ``role``), code_state. Firms without a plausible sector have one row without one.

    Examples
    --------
    >>> firms = pd.DataFrame({"firm_id": ["a"], "industry_code": ["3872"], "industry_edition": ["2017"]})
    >>> links = pd.DataFrame({"firm_id": ["a", "a"], "role": ["makes", "sells"], "weight": [0.5, 0.5]})
    >>> plausible(firms, dt.date(2025, 12, 31), firm_links=links)["threshold_wan"].tolist()
    [2000.0, 500.0, 2000.0]
    """
    found = code_sectors(firms, on).assign(basis="code")
    if firm_links is not None and len(firm_links):
        found = _with_roles(found, role_sectors(firm_links, on, least_share))
    lines = sectors(on)
    table = pd.DataFrame(
        [
            (line.sector, line.kind, line.revenue_wan, line.column, line.source, line.provenance, line.assumed)
            for line in lines.values()
        ],
        columns=["sector", "kind", "threshold_wan", "column", "source", "provenance", "assumed"],
    ).astype({"sector": "str"})
    merged = found.merge(table, on="sector", how="left")
    merged["assumed"] = merged["assumed"].astype("boolean").fillna(False).astype(bool) | (merged["basis"] == "role")
    order = ["firm_id", "sector", "kind", "threshold_wan", "column", "source", "provenance", "assumed", "basis"]
    return merged[[*order, "code_state"]]


def _with_roles(found: pd.DataFrame, by_role: pd.DataFrame) -> pd.DataFrame:
    state = found.drop_duplicates("firm_id").set_index("firm_id")["code_state"]
    by_role = by_role[by_role["firm_id"].isin(state.index)]
    own = by_role.merge(found[["firm_id", "sector"]], on=["firm_id", "sector"])[["firm_id", "role"]].drop_duplicates()
    met = by_role.merge(own.assign(met=True), on=["firm_id", "role"], how="left")["met"].notna().to_numpy()
    extra = by_role[~met][["firm_id", "sector"]].drop_duplicates().assign(basis="role")
    extra["code_state"] = extra["firm_id"].map(state)
    blank = found["sector"].isna() & found["firm_id"].isin(extra["firm_id"])
    joined = pd.concat([found[~blank], extra], ignore_index=True)
    place = pd.Series(np.arange(len(state)), index=state.index)
    return joined.iloc[np.argsort(joined["firm_id"].map(place).to_numpy(), kind="stable")].reset_index(drop=True)


def _finite(frame: pd.DataFrame, name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    values = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def revenue_of(frame: pd.DataFrame, column: pd.Series) -> pd.DataFrame:
    """Return the revenue that a line compares, row by row: main-business revenue or else total revenue.

    Returns
    -------
    DataFrame
        revenue_wan and stand_in (total revenue stood in for a missing main-business revenue: it can only be as large
        or larger, so a firm below the line is below for certain).

    Examples
    --------
    >>> years = pd.DataFrame({"main_revenue_wan": [1900.0, None], "revenue_wan": [2100.0, 2100.0]})
    >>> revenue_of(years, pd.Series(["main_revenue_wan"] * 2))["revenue_wan"].tolist()
    [1900.0, 2100.0]
    """
    total, main = (_finite(frame, name) for name in ("revenue_wan", "main_revenue_wan"))
    wants_main = (column == "main_revenue_wan").to_numpy(dtype=bool)
    wants_total = (column == "revenue_wan").to_numpy(dtype=bool)
    value = np.where(wants_main, np.where(np.isnan(main), total, main), np.where(wants_total, total, np.nan))
    stand_in = wants_main & np.isnan(main) & ~np.isnan(total)
    return pd.DataFrame({"revenue_wan": value, "stand_in": stand_in}, index=frame.index)


def nearest(lines: pd.DataFrame) -> pd.DataFrame:
    """Return one row per firm: the line nearest to its revenue, above or below, of equals the higher.

    Without revenue it is the first: the sector of the code.

    Examples
    --------
    >>> lines = pd.DataFrame({"firm_id": ["a"] * 2, "threshold_wan": [2000.0, 500.0], "revenue_wan": [1400.0] * 2})
    >>> nearest(lines)["threshold_wan"].tolist()
    [2000.0]
    """
    distance = (lines["threshold_wan"] - lines["revenue_wan"]).abs()
    some = distance.notna().groupby(lines["firm_id"]).transform("any")
    order = pd.DataFrame(
        {
            "firm": pd.factorize(lines["firm_id"])[0],
            "distance": distance.fillna(np.inf).where(some, 0.0),
            "height": (-lines["threshold_wan"]).where(some, 0.0).fillna(0.0),
        }
    )
    ranked = lines.iloc[order.sort_values(["firm", "distance", "height"], kind="stable").index]
    return ranked.drop_duplicates("firm_id").reset_index(drop=True)


def thresholds(
    firms: pd.DataFrame,
    on: dt.date,
    *,
    firm_links: pd.DataFrame | None = None,
    firm_years: pd.DataFrame | None = None,
    least_share: float = 0.25,
) -> pd.DataFrame:
    """Return one line into the register per firm: the nearest over its plausible sectors.

    Nearest to its last revenue, above or below, of equals the higher line; without revenue (or without ``firm_years``)
    the sector of the code. A firm of several sectors by its code alone and without revenue has the first of them, with
    ``code_state`` ``several_sectors``.

    Parameters
    ----------
    firms : DataFrame
        firm_id, industry_code, industry_edition.
    on : date
        Day of judgement; figures of the latest year up to it are compared.
    firm_links : DataFrame, optional
        firm_id, role, weight: what a firm makes and sells.
    firm_years : DataFrame, optional
        firm_id, year, revenue_wan, main_revenue_wan (wan yuan).
    least_share : float
        Share of a firm's weight that a role needs (assumed).

    Returns
    -------
    DataFrame
        firm_id, sector, kind, threshold_wan, column, source, provenance, assumed, basis, code_state (why there is no
        line from the code), sectors (all plausible, ``;``); one row per firm in the order given.

    Examples
    --------
    >>> firms = pd.DataFrame({"firm_id": ["a", "b"], "industry_code": ["3872", "52"], "industry_edition": ["2017"] * 2})
    >>> thresholds(firms, dt.date(2025, 12, 31))["threshold_wan"].tolist()
    [2000.0, 500.0]
    """
    every = plausible(firms, on, firm_links=firm_links, least_share=least_share)
    every["revenue_wan"] = np.nan
    if firm_years is not None and len(firm_years):
        latest = firm_years[(firm_years["year"] <= on.year).fillna(False)].sort_values("year", kind="stable")
        latest = latest.drop_duplicates("firm_id", keep="last").set_index("firm_id")
        figures = latest.reindex(every["firm_id"]).reset_index(drop=True)
        every["revenue_wan"] = revenue_of(figures, every["column"])["revenue_wan"]
    one = nearest(every).drop(columns="revenue_wan").set_index("firm_id")
    one["sectors"] = one["sector"]
    several = every[every.duplicated("firm_id", keep=False)].dropna(subset="sector")
    if len(several):
        joined = several.groupby("firm_id")["sector"].agg(";".join)
        one.loc[joined.index, "sectors"] = joined
    return one.reindex(firms["firm_id"]).rename_axis("firm_id").reset_index()
