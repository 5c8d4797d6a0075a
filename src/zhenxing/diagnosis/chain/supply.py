"""What the town's firms make, serve and sell in each link in a year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from zhenxing.diagnosis.chain.inputs import Floats, Links, Places, finding, need, numbers, texts
from zhenxing.diagnosis.chain.settings import ChainSettings
from zhenxing.errors import Issue

Counts = np.ndarray[Any, np.dtype[np.int64]]

# what a maker makes is industrial output; what a trader or server earns is revenue
MADE: Final = ("output_wan", "main_revenue_wan", "revenue_wan")
EARNED: Final = ("revenue_wan", "main_revenue_wan", "output_wan")
# the latest year counts as reported when at least this share of the best year's makers have a figure
REPORTED_SHARE: Final = 0.5


@dataclass(frozen=True)
class Supply:
    """Supply by link (positions of ``Links``).

    Attributes
    ----------
    year : int or None
        Year of the figures; None when no firm has any.
    output : ndarray
        Output of the makers in 万元; NaN where there are makers and none has a figure.
    makers, sellers, by_code, unknown : ndarray of int
        Firms that supply; firms that only sell; makers by code alone; makers without a figure.
    imputed, committed, sold : ndarray
        Imputed and committed parts of the output; sales of those who only sell, in 万元.
    firms : DataFrame
        firm_id, link, output_wan (NaN when unknown), weight, employees: one row for each maker of a link.
    """

    year: int | None
    output: Floats
    makers: Counts
    sellers: Counts
    by_code: Counts
    unknown: Counts
    imputed: Floats
    committed: Floats
    sold: Floats
    firms: pd.DataFrame

    @property
    def sources(self) -> Counts:
        """Makers of each link, and one more where output is committed."""
        return self.makers + (self.committed > 0)


def supply_by_link(
    roles: pd.DataFrame, firm_years: pd.DataFrame, links: Links, year: int | None, settings: ChainSettings
) -> tuple[Supply, list[Issue]]:
    """Return what each link supplies: Σ over makers of weight × output of the year, and what is committed.

    Parameters
    ----------
    roles : DataFrame
        As ``read_roles`` returns them.
    firm_years : DataFrame
        firm_id, year and any of output_wan, main_revenue_wan, revenue_wan, employees.
    year : int, optional
        The year; by default the latest for which at least half as many makers have a figure as in the best year.
    """
    figures, issues = _read_years(firm_years)
    year, found = _choose_year(figures, roles, year)
    issues += found
    this = (
        figures[figures["year"] == year].set_index("firm_id") if year is not None else figures.set_index("firm_id")[:0]
    )
    made = _first(this, MADE).reindex(roles["firm_id"]).to_numpy(dtype=float)
    earned = _first(this, EARNED).reindex(roles["firm_id"]).to_numpy(dtype=float)
    money = np.where(roles["role"].isin(["makes", ""]), made, earned)
    rows = roles.assign(output_wan=money * roles["weight"], by_code=roles["role"] == "")
    rows["employees"] = this["employees"].reindex(rows["firm_id"]).to_numpy(dtype=float) * rows["weight"]
    supplying = rows[rows["supplies"]]
    by_firm = supplying.groupby(["link", "firm_id"])
    firms = by_firm[["output_wan", "employees"]].sum(min_count=1)
    firms = firms.assign(weight=by_firm["weight"].sum(), by_code=by_firm["by_code"].all()).reset_index()
    imputed = _imputed(firms, roles, figures, year, settings)
    if (imputed > 0).any():
        named = [*firms.loc[imputed > 0, "firm_id"].unique()]
        issues.append(finding("warning", "imputed", "firm_years", named, rule=settings.impute))
    counted = firms.assign(
        imputed=imputed, output_wan=firms["output_wan"].fillna(pd.Series(imputed).where(imputed > 0))
    )
    committed = np.array([settings.committed_output_wan.get(str(link), 0.0) for link in links.ids])
    return _sum_up(counted, rows, committed, year), issues


def _sum_up(firms: pd.DataFrame, rows: pd.DataFrame, committed: Floats, year: int | None) -> Supply:
    size = len(committed)
    place = firms["link"].to_numpy(dtype=np.intp)
    unknown = firms["output_wan"].isna().to_numpy()
    made = _added(place, firms["output_wan"].fillna(0.0).to_numpy(), size)
    makers = np.bincount(place, minlength=size)
    lacking = np.bincount(place[unknown], minlength=size)
    keys = pd.MultiIndex.from_frame(firms[["firm_id", "link"]])
    only = rows[~rows["supplies"]]
    only = only[~pd.MultiIndex.from_frame(only[["firm_id", "link"]]).isin(keys)].drop_duplicates(["firm_id", "link"])
    sales = rows[~rows["supplies"]]
    sold = _added(sales["link"].to_numpy(dtype=np.intp), sales["output_wan"].fillna(0.0).to_numpy(), size)
    return Supply(
        year=year,
        output=np.where((makers > 0) & (lacking == makers) & (committed == 0), np.nan, made + committed),
        makers=makers,
        sellers=np.bincount(only["link"].to_numpy(dtype=np.intp), minlength=size),
        by_code=np.bincount(place[firms["by_code"].to_numpy(dtype=bool)], minlength=size),
        unknown=lacking,
        imputed=_added(place, firms["imputed"].to_numpy(), size),
        committed=committed,
        sold=sold,
        firms=firms.drop(columns=["by_code", "imputed"]),
    )


def _added(place: Places, amounts: Floats, size: int) -> Floats:
    # without any row bincount would count in integers
    return np.bincount(place, weights=amounts.astype("float64"), minlength=size).astype("float64")


def _read_years(firm_years: pd.DataFrame) -> tuple[pd.DataFrame, list[Issue]]:
    need(firm_years, "firm_years", ["firm_id", "year"])
    figures = pd.DataFrame(
        {"firm_id": texts(firm_years, "firm_id").to_numpy(), "year": numbers(firm_years, "year")}
        | {column: numbers(firm_years, column) for column in (*MADE, "employees")}
    )
    issues = []
    for column in MADE:
        negative = (figures[column] < 0) | np.isinf(figures[column])
        if negative.any():
            rows = [*figures.loc[negative, "firm_id"].unique()]
            issues.append(finding("warning", "negative_output", "firm_years", rows, column))
            figures[column] = figures[column].mask(negative)
    repeated = figures.duplicated(["firm_id", "year"])
    if repeated.any():
        rows = [*figures.loc[repeated, "firm_id"].unique()]
        issues.append(finding("warning", "repeated_years", "firm_years", rows))
    return figures[~repeated], issues


def _first(figures: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series:
    """Return the first figure that is known of the columns, by firm."""
    values = figures[columns[0]]
    for column in columns[1:]:
        values = values.fillna(figures[column])
    return values


def _choose_year(figures: pd.DataFrame, roles: pd.DataFrame, year: int | None) -> tuple[int | None, list[Issue]]:
    if year is not None:
        held = (figures["year"] == year).any()
        return year, [] if held else [finding("warning", "no_year", "firm_years", year=year)]
    known = figures[_first(figures, MADE).notna() & figures["firm_id"].isin(roles.loc[roles["supplies"], "firm_id"])]
    counts = known.groupby("year")["firm_id"].nunique()
    if counts.empty:
        return None, [finding("warning", "no_figures", "firm_years")]
    chosen = int(counts.index[counts >= REPORTED_SHARE * counts.max()].max())
    later = counts[counts.index > chosen]
    if later.empty:
        return chosen, []
    latest, few = int(later.index.max()), int(later.iloc[-1])
    thin = finding("info", "thin_year", "firm_years", year=chosen, latest=latest, few=few, most=int(counts.max()))
    return chosen, [thin]


def _imputed(
    firms: pd.DataFrame, roles: pd.DataFrame, figures: pd.DataFrame, year: int | None, settings: ChainSettings
) -> Floats:
    """Return the output put in place of what is not known, 0 where nothing is put."""
    none = np.zeros(len(firms))
    lacking = firms["output_wan"].isna().to_numpy()
    if settings.impute == "none" or not lacking.any():
        return none
    if settings.impute == "median":
        put = firms.groupby("link")["output_wan"].transform("median")
        return np.where(lacking, put.fillna(0.0).to_numpy(), 0.0)
    earlier = figures[figures["year"] < (np.inf if year is None else year)].sort_values("year", kind="stable")
    by_role = {}
    for columns in (MADE, EARNED):
        values = _first(earlier, columns)
        by_role[columns] = values.groupby(earlier["firm_id"]).last()
    rows = roles[roles["supplies"]]
    made = by_role[MADE].reindex(rows["firm_id"]).to_numpy(dtype=float)
    earned = by_role[EARNED].reindex(rows["firm_id"]).to_numpy(dtype=float)
    last = np.where(rows["role"].isin(["makes", ""]), made, earned) * rows["weight"]
    put = last.groupby([rows["firm_id"], rows["link"]]).sum(min_count=1)
    values = put.reindex(pd.MultiIndex.from_frame(firms[["firm_id", "link"]])).fillna(0.0).to_numpy()
    return np.where(lacking, values, 0.0)
