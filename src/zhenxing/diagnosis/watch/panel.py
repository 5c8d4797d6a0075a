"""From long tables of firms and years to matrices firm by year, with everything odd named.

A firm has one line: of several rows in ``thresholds`` the one nearest to its last revenue counts. Rows without a
revenue test (construction, real estate) have no line and are left out. Revenue is the column the row names, else the
main revenue where it stands for every year of the firm that has a revenue, else the revenue.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zhenxing.errors import InputError, Issue, Level
from zhenxing.i18n import name_rows, say

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

CLOSED_WORDS = (
    "注销",
    "吊销",
    "撤销",
    "清算",
    "停业",
    "歇业",
    "迁出",
    "合并",
    "deregistered",
    "revoked",
    "closed",
    "moved",
)
# Revenue of zero or less has no logarithm: it stands at this share of the line.
LOWEST_SHARE = 0.01
# A year that is this many times the years around it was typed in another unit (yuan for 万元).
UNIT_FACTOR = 2000.0
# A change by more than this factor within a year is a jump: a merger, a split or moved bookings.
JUMP_FACTOR = 3.0
LONGEST_PANEL = 100
# Stands for the only year of a panel without any figures.
NO_YEAR = 0
REGISTER_STATES = ("none", "eligible", "filed", "in_register")


@dataclass(frozen=True)
class Panel:
    """Firms (sorted by id) by years (without holes); ``revenue`` is NaN where a year is missing."""

    firm_ids: NDArray[np.object_]
    years: NDArray[np.int64]
    revenue: Floats
    threshold: Floats
    sector: NDArray[np.object_]
    employees: Floats
    founded: Floats
    closed: Flags
    state: NDArray[np.object_]
    issues: tuple[Issue, ...] = field(default=())

    @property
    def distance(self) -> Floats:
        """Log of revenue over the line, revenue held at 1 % of the line from below."""
        line = self.threshold[:, None]
        return np.log(np.maximum(self.revenue, LOWEST_SHARE * line) / line)


def read_panel(firms: pd.DataFrame, firm_years: pd.DataFrame, thresholds: pd.DataFrame, year: int | None) -> Panel:
    """Return the panel up to a year, with all that was met on the way as issues."""
    _need(firms, "firms", ("firm_id",))
    _need(firm_years, "firm_years", ("firm_id", "year", "revenue_wan"))
    _need(thresholds, "thresholds", ("firm_id", "threshold_wan"))
    issues: list[Issue] = []
    known = firms.drop_duplicates("firm_id").assign(firm_id=lambda t: t["firm_id"].astype(str)).set_index("firm_id")
    rows = _rows(firm_years, known.index, year, issues)
    years = _years(rows, year)
    lines = _lines(thresholds, rows, known.index, issues)
    ids = np.array(sorted(lines.index), dtype=object)
    lines = lines.reindex(ids)
    rows = rows[rows["firm_id"].isin(set(ids))]
    revenue = _wide(_revenue(rows, lines), ids, years)
    revenue = _without_unit_slips(revenue, ids, issues)
    threshold = lines["threshold_wan"].to_numpy(float)
    _tell(revenue, threshold, ids, years, issues)
    about = known.reindex(ids)
    return Panel(
        ids,
        years,
        revenue,
        threshold,
        lines["sector"].to_numpy(object),
        _wide(rows.assign(value=_numbers(rows, "employees")), ids, years),
        _founded(about),
        _closed(about),
        _states(rows, ids, years),
        tuple(issues),
    )


def _need(frame: pd.DataFrame, table: str, columns: tuple[str, ...]) -> None:
    lacking = [column for column in columns if column not in frame.columns]
    if lacking:
        raise InputError(say("diagnosis_watch.columns_lacking", table=table, columns=", ".join(lacking)))


def _numbers(rows: pd.DataFrame, column: str) -> pd.Series:
    if column not in rows:
        return pd.Series(np.nan, index=rows.index)
    return pd.to_numeric(rows[column], errors="coerce").astype(float).replace([np.inf, -np.inf], np.nan)


def _rows(firm_years: pd.DataFrame, known: pd.Index, year: int | None, issues: list[Issue]) -> pd.DataFrame:
    rows = firm_years.assign(
        firm_id=firm_years["firm_id"].astype(str), year=pd.to_numeric(firm_years["year"], errors="coerce")
    ).dropna(subset=["year"])
    rows = rows.assign(year=rows["year"].astype(int))
    if year is not None:
        rows = rows[rows["year"] <= year]
    strangers = sorted(set(rows["firm_id"]) - set(known))
    if strangers:
        text = say("diagnosis_watch.strangers", count=len(strangers), rows=name_rows(strangers))
        issues.append(Issue("warning", "unknown_firm", text, "firm_years", "firm_id", tuple(strangers)))
        rows = rows[rows["firm_id"].isin(set(known))]
    rows = rows.sort_values(["firm_id", "year", "revenue_wan"], kind="stable")
    twice = rows.duplicated(["firm_id", "year"], keep=False)
    if twice.any():
        names = sorted({f"{a} {b}" for a, b in rows.loc[twice, ["firm_id", "year"]].itertuples(index=False)})
        text = say("diagnosis_watch.twice", count=len(names), rows=name_rows(names))
        issues.append(Issue("warning", "repeated_year", text, "firm_years", "year", tuple(names)))
    return rows.drop_duplicates(["firm_id", "year"], keep="last")


def _years(rows: pd.DataFrame, year: int | None) -> NDArray[np.int64]:
    if rows.empty:
        return np.array([NO_YEAR if year is None else year], dtype=np.int64)
    first, last = int(rows["year"].min()), int(rows["year"].max()) if year is None else year
    if last - first >= LONGEST_PANEL:
        raise InputError(say("diagnosis_watch.years", first=first, last=last))
    return np.arange(first, last + 1, dtype=np.int64)


def _lines(thresholds: pd.DataFrame, rows: pd.DataFrame, known: pd.Index, issues: list[Issue]) -> pd.DataFrame:
    frame = thresholds.assign(
        firm_id=thresholds["firm_id"].astype(str), threshold_wan=_numbers(thresholds, "threshold_wan")
    )
    for column in ("sector", "column"):
        frame[column] = frame[column].astype(object).where(frame[column].notna(), "") if column in frame else ""
    frame = frame[frame["firm_id"].isin(set(known))]
    usable = frame[frame["threshold_wan"] > 0]
    without = sorted(set(known) - set(usable["firm_id"]))
    if without:
        text = say("diagnosis_watch.no_line", count=len(without), rows=name_rows(without))
        issues.append(Issue("info", "no_threshold", text, "firms", "firm_id", tuple(without)))
    last = _revenue(rows, usable.drop_duplicates("firm_id").set_index("firm_id")).groupby("firm_id")["value"].last()
    revenue = usable["firm_id"].map(last).to_numpy(float)
    line = usable["threshold_wan"].to_numpy(float)
    away = np.abs(np.log(np.maximum(revenue, LOWEST_SHARE * line) / line))
    usable = usable.assign(away=np.where(np.isnan(away), np.inf, away))
    usable = usable.sort_values(["firm_id", "away", "threshold_wan", "sector"], kind="stable")
    return usable.drop_duplicates("firm_id").set_index("firm_id")[["sector", "threshold_wan", "column"]]


def _revenue(rows: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with ``value``: the revenue that the firm's line is about."""
    revenue, main = _numbers(rows, "revenue_wan"), _numbers(rows, "main_revenue_wan")
    named = rows["firm_id"].map(lines["column"]).fillna("") if len(lines) else pd.Series("", index=rows.index)
    whole = (main.notna() | revenue.isna()).groupby(rows["firm_id"]).transform("all")
    main = main.where(main.notna() | ~whole, revenue)
    use_main = whole & main.groupby(rows["firm_id"]).transform("count").gt(0) & (named != "revenue_wan")
    value = revenue.where(~use_main, main)
    return rows.assign(value=value.where(value.notna(), main))


def _wide(rows: pd.DataFrame, ids: NDArray[np.object_], years: NDArray[np.int64]) -> Floats:
    wide = np.full((len(ids), len(years)), np.nan)
    if len(rows) and len(ids):
        place = pd.Index(ids).get_indexer(pd.Index(rows["firm_id"]))
        inside = place >= 0
        wide[place[inside], rows["year"].to_numpy(int)[inside] - years[0]] = rows["value"].to_numpy(float)[inside]
    return wide


def _without_unit_slips(revenue: Floats, ids: NDArray[np.object_], issues: list[Issue]) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        level = np.log(np.where(revenue > 0, revenue, np.nan))
    counted = (~np.isnan(level)).sum(axis=1)
    slips = np.zeros_like(revenue, dtype=bool)
    several = counted >= 3
    if several.any():
        middle = np.nanmedian(level[several], axis=1)
        with np.errstate(invalid="ignore"):
            slips[several] = np.abs(level[several] - middle[:, None]) > np.log(UNIT_FACTOR)
    if slips.any():
        names = [str(name) for name in ids[slips.any(axis=1)]]
        text = say("diagnosis_watch.unit_slip", count=len(names), rows=name_rows(names), factor=int(UNIT_FACTOR))
        issues.append(Issue("warning", "unit_slip", text, "firm_years", "revenue_wan", tuple(names)))
    return np.where(slips, np.nan, revenue)


def _tell(
    revenue: Floats, line: Floats, ids: NDArray[np.object_], years: NDArray[np.int64], issues: list[Issue]
) -> None:
    """Name the firms without figures, with one year, with holes, with zero or negative revenue, and the jumps."""
    seen = ~np.isnan(revenue)
    count = seen.sum(axis=1)
    first = np.where(count > 0, seen.argmax(axis=1), 0)
    last = np.where(count > 0, seen.shape[1] - 1 - seen[:, ::-1].argmax(axis=1), -1)
    held = np.log(np.maximum(revenue, LOWEST_SHARE * line[:, None]))
    with np.errstate(invalid="ignore"):
        jumped = (np.abs(np.diff(held, axis=1)) > np.log(JUMP_FACTOR)).any(axis=1)
        low = (revenue <= 0).any(axis=1)
    findings: tuple[tuple[Level, str, Any], ...] = (
        ("warning", "no_revenue", count == 0),
        ("info", "one_year", count == 1),
        ("info", "missing_years", (count > 1) & (last - first + 1 > count)),
        ("warning", "no_positive_revenue", low),
        ("info", "jump", jumped),
    )
    for level, code, chosen in findings:
        names = [str(name) for name in ids[chosen]]
        if names:
            text = say(f"diagnosis_watch.{code}", count=len(names), rows=name_rows(names))
            issues.append(Issue(level, code, text, "firm_years", "revenue_wan", tuple(names)))


def _founded(about: pd.DataFrame) -> Floats:
    if "founded" not in about:
        return np.full(len(about), np.nan)
    text = about["founded"].astype(object).where(about["founded"].notna(), "").astype(str).str.slice(0, 4)
    return pd.to_numeric(text, errors="coerce").to_numpy(float)


def _closed(about: pd.DataFrame) -> Flags:
    if "status" not in about:
        return np.zeros(len(about), dtype=bool)
    text = about["status"].astype(object).where(about["status"].notna(), "").astype(str).str.lower()
    return text.map(lambda status: any(word in status for word in CLOSED_WORDS)).to_numpy(bool)


def _states(rows: pd.DataFrame, ids: NDArray[np.object_], years: NDArray[np.int64]) -> NDArray[np.object_]:
    wide = np.full((len(ids), len(years)), "", dtype=object)
    if "register_state" in rows and len(rows) and len(ids):
        given = rows[rows["register_state"].isin(REGISTER_STATES)]
        place = pd.Index(ids).get_indexer(pd.Index(given["firm_id"]))
        wide[place, given["year"].to_numpy(int) - years[0]] = given["register_state"].to_numpy(object)
    return wide
