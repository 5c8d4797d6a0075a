"""Thresholds of the statistical register of larger units (规上, 限上), by sector and date.

The thresholds are data (``data/ladder/above_scale.csv``): one row per sector with the first digits of its
GB/T 4754-2017 codes, the amount in wan yuan a year, the column that is compared, the dates, the source and its tag.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import pandas as pd

from zhenxing.errors import InputError, Text
from zhenxing.i18n import say
from zhenxing.rules.files import records
from zhenxing.rules.industry import industry_names

Kind = Literal["above_scale", "above_limit", "qualification"]
KINDS: tuple[Kind, ...] = ("above_scale", "above_limit", "qualification")

# Why a firm has no threshold; empty when it has one.
CODE_STATES = ("", "no_code", "no_edition", "other_edition", "unknown_code", "several_sectors", "outside", "no_rule")


@dataclass(frozen=True)
class Threshold:
    """One sector's line into the register.

    ``revenue_wan`` (wan yuan a year) is NaN where a qualification or an activity decides; ``column`` is then
    ``fact:`` and the name of the fact. ``assumed`` tells that the amount, or its validity on the day asked for,
    rests on memory instead of a source seen.
    """

    id: str
    sector: str
    kind: Kind
    revenue_wan: float
    column: str
    source: str
    provenance: str
    assumed: bool
    name: Text


@cache
def _rules() -> tuple[dict[str, str], ...]:
    return tuple(records("ladder/above_scale.csv"))


def in_force(rule: dict[str, str], on: dt.date) -> bool:
    """Say whether a dated rule row holds on a day; ``valid_to`` is the first day on which it no longer does.

    Examples
    --------
    >>> in_force({"valid_from": "2022-06-01", "valid_to": "2026-04-01"}, dt.date(2026, 4, 1))
    False
    """
    start, end = rule["valid_from"], rule["valid_to"]
    return (not start or dt.date.fromisoformat(start) <= on) and (not end or on < dt.date.fromisoformat(end))


def _threshold(rule: dict[str, str], on: dt.date) -> Threshold:
    kind: Kind = next(kind for kind in KINDS if kind == rule["kind"])
    before_source = bool(rule["seen"]) and on < dt.date.fromisoformat(rule["seen"]) and rule["dates_provenance"] == "M"
    return Threshold(
        rule["id"],
        rule["sector"],
        kind,
        float(rule["value"]) if rule["value"] else float("nan"),
        rule["column"],
        rule["source_url"],
        rule["provenance"],
        rule["provenance"] in ("M", "X") or before_source,
        Text(rule["zh"], rule["en"]),
    )


@cache
def sectors(on: dt.date) -> dict[str, Threshold]:
    """Return the lines of all sectors that are in force on a day, by sector.

    Examples
    --------
    >>> sectors(dt.date(2025, 12, 31))["retail"].revenue_wan
    500.0
    """
    return {rule["sector"]: _threshold(rule, on) for rule in _rules() if in_force(rule, on)}


@cache
def newest_source() -> dt.date:
    """Return the day of the newest source behind the lines.

    Examples
    --------
    >>> newest_source().isoformat()
    '2023-09-05'
    """
    return max(dt.date.fromisoformat(rule["seen"]) for rule in _rules() if rule["seen"])


def _plain(value: object) -> str:
    return "" if pd.isna(value) else unicodedata.normalize("NFKC", str(value)).strip().upper()  # type: ignore[call-overload]  # scalars only


def read_code(code: object, edition: object) -> tuple[str, str]:
    """Return (code of digits or section letter, state) of an industry code as written.

    State is empty for a code of the 2017 edition, else ``no_code``, ``no_edition``, ``other_edition`` (2011 and 2002
    digits mean other classes: they are never read as 2017) or ``unknown_code``.

    Examples
    --------
    >>> read_code("C3872", "2017")
    ('3872', '')
    >>> read_code("3972", "2002")
    ('', 'other_edition')
    """
    digits, year = _plain(code), _plain(edition)
    if not digits:
        return "", "no_code"
    if not year:
        return "", "no_edition"
    names = industry_names(year) if year == "2017" else None
    if names is None:
        return "", "other_edition"
    if len(digits) > 1 and digits[0].isalpha():
        letter, digits = digits[0], digits[1:]
        if digits in names and _section(digits) != letter:
            return "", "unknown_code"
    return (digits, "") if digits in names else ("", "unknown_code")


@cache
def _sections() -> dict[str, str]:
    return {row["code"]: row["section"] for row in records("industry_2017.csv")}


def _section(code: str) -> str:
    return _sections()[code]


@cache
def _plausible(code: str, on: dt.date) -> tuple[tuple[str, ...], str]:
    """Return the sectors that a 2017 code can stand for, and why there is not exactly one."""
    if code.isalpha():
        leaves = [leaf for leaf, section in _sections().items() if section == code and len(leaf) == 4]
    else:
        leaves = [leaf for leaf in _sections() if len(leaf) == 4 and leaf.startswith(code)]
    found: dict[str, None] = {}
    covered = ever = 0
    for leaf in leaves:
        hits = [rule for rule in _rules() if any(leaf.startswith(prefix) for prefix in rule["codes"].split(";"))]
        ever += bool(hits)
        now = [rule["sector"] for rule in hits if in_force(rule, on)]
        covered += bool(now)
        found.update(dict.fromkeys(now))
    if not found:
        return (), "no_rule" if ever else "outside"
    return tuple(found), "" if len(found) == 1 and covered == len(leaves) else "several_sectors"


def sectors_of(code: object, edition: object, on: dt.date) -> tuple[tuple[str, ...], str]:
    """Return the plausible sectors of an industry code and a state (one of ``CODE_STATES``).

    A class (four digits) has one sector; a letter or division may cover several.

    Examples
    --------
    >>> sectors_of("F", "2017", dt.date(2025, 12, 31))
    (('wholesale', 'retail'), 'several_sectors')
    """
    digits, state = read_code(code, edition)
    return ((), state) if state else _plausible(digits, on)


def threshold_of(industry_code: object, edition: object, on: dt.date) -> Threshold | None:
    """Return the line of a firm's sector on a day, or ``None`` when the code does not decide it.

    Parameters
    ----------
    industry_code, edition : str
        Code of GB/T 4754 as written (``3872``, ``C3872``, ``38``) and the year of its edition (``2017``).
    on : date
        Day of judgement.

    Notes
    -----
    Amounts: wan yuan of the column named, a year. Sources stand in each row of ``data/ladder/above_scale.csv``.

    Examples
    --------
    >>> line = threshold_of("3872", "2017", dt.date(2025, 12, 31))
    >>> (line.sector, line.kind, line.revenue_wan, line.column)
    ('industry', 'above_scale', 2000.0, 'main_revenue_wan')
    >>> threshold_of("3872", "2011", dt.date(2025, 12, 31)) is None
    True
    """
    plausible, state = sectors_of(industry_code, edition, on)
    return None if state else sectors(on)[plausible[0]]


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
    pairs = firms[["industry_code", "industry_edition"]].astype(object)
    number, distinct = pd.factorize(pd.MultiIndex.from_frame(pairs), use_na_sentinel=False)
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
    """Return one row per firm: the line with the least shortfall, among equals the higher; without revenue the first.

    Examples
    --------
    >>> lines = pd.DataFrame({"firm_id": ["a", "a"], "threshold_wan": [2000.0, 500.0], "short_by_wan": [1600.0, 100.0]})
    >>> nearest(lines)["threshold_wan"].tolist()
    [500.0]
    """
    known = lines["short_by_wan"].notna()
    some = known.groupby(lines["firm_id"]).transform("any")
    order = pd.DataFrame(
        {
            "firm": pd.factorize(lines["firm_id"])[0],
            "short": lines["short_by_wan"].where(known, np.inf).where(some, 0.0),
            "height": (-lines["threshold_wan"]).where(some, 0.0).fillna(0.0),
        }
    )
    ranked = lines.iloc[order.sort_values(["firm", "short", "height"], kind="stable").index]
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

    Nearest is the sector with the least shortfall of revenue, among equals the higher line; without revenue (or without
    ``firm_years``) it is the sector of the code. A firm of several sectors by its code alone and without revenue has
    the first of them, with ``code_state`` ``several_sectors``.

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
    every["short_by_wan"] = np.nan
    if firm_years is not None and len(firm_years):
        latest = firm_years[(firm_years["year"] <= on.year).fillna(False)].sort_values("year", kind="stable")
        latest = latest.drop_duplicates("firm_id", keep="last").set_index("firm_id")
        revenue = revenue_of(latest.reindex(every["firm_id"]).reset_index(drop=True), every["column"])["revenue_wan"]
        every["short_by_wan"] = (every["threshold_wan"] - revenue).clip(lower=0)
    one = nearest(every).drop(columns="short_by_wan").set_index("firm_id")
    one["sectors"] = every.dropna(subset="sector").groupby("firm_id")["sector"].agg(";".join)
    return one.reindex(firms["firm_id"]).rename_axis("firm_id").reset_index()
