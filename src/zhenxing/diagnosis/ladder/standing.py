"""Each firm in each year: sector and line into the register, size class, step of the scale, growth."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from zhenxing.diagnosis.ladder.settings import LadderSettings
from zhenxing.rules.above_scale import nearest, plausible, revenue_of
from zhenxing.rules.ladder.judgement import CLOSE
from zhenxing.rules.ladder.panel import Panel
from zhenxing.rules.size_classes import classify, size_sector

STEPS = ("micro", "below_scale", "quasi_above_scale", "above_scale", "qualification", "outside", "unknown")


def reaches(revenue: pd.Series, line: pd.Series) -> pd.Series:
    """Say whether revenue reaches a line; equal to it is enough.

    Examples
    --------
    >>> reaches(pd.Series([2000.0, 1999.99]), pd.Series([2000.0, 2000.0])).tolist()
    [True, False]
    """
    return revenue >= line * (1 - CLOSE)


def lines_of_year(
    firms: pd.DataFrame, rows: pd.DataFrame, on: dt.date, firm_links: pd.DataFrame | None, settings: LadderSettings
) -> pd.DataFrame:
    """Return every plausible sector of firms with the revenue compared; ``rows`` are the firm years of one year.

    Returns
    -------
    DataFrame
        the columns of ``rules.above_scale.plausible`` and revenue_wan, stand_in, short_by_wan.
    """
    every = plausible(firms, on, firm_links=firm_links, least_share=settings.least_role_share)
    figures = rows.set_index("firm_id").reindex(every["firm_id"]).reset_index(drop=True)
    every[["revenue_wan", "stand_in"]] = revenue_of(figures, every["column"])
    every["short_by_wan"] = (every["threshold_wan"] - every["revenue_wan"]).clip(lower=0)
    return every


def _step(frame: pd.DataFrame, settings: LadderSettings) -> pd.Series:
    share = frame["share_of_line"]
    step = pd.Series("unknown", index=frame.index, dtype="str")
    step = step.mask(share.notna(), "below_scale")
    step = step.mask(share.notna() & (frame["size_class"] == "micro"), "micro")
    step = step.mask(share >= settings.quasi_share * (1 - CLOSE), "quasi_above_scale")
    step = step.mask(share >= 1 - CLOSE, "above_scale")
    step = step.mask(frame["kind"] == "qualification", "qualification")
    return step.mask((frame["code_state"] == "outside") & frame["sector"].isna(), "outside")


def _year(
    firms: pd.DataFrame,
    firm_years: pd.DataFrame,
    year: int,
    firm_links: pd.DataFrame | None,
    settings: LadderSettings,
) -> pd.DataFrame:
    on = dt.date(year, 12, 31)
    rows = firm_years[firm_years["year"] == year]
    firms = firms[firms["firm_id"].isin(rows["firm_id"])]
    lines = nearest(lines_of_year(firms, rows, on, firm_links, settings))
    here = firms.set_index("firm_id").loc[lines["firm_id"]].reset_index()
    lines["share_of_line"] = lines["revenue_wan"] / lines["threshold_wan"]
    panel = Panel(here, firm_years, None, year)
    pairs = zip(here["industry_code"].astype(object), here["industry_edition"].astype(object), strict=True)
    figures = pd.DataFrame(
        {
            "sector": [size_sector(code, edition, on) for code, edition in pairs],
            **{name: panel.column(name, year) for name in ("employees", "revenue_wan", "assets_wan")},
        }
    )
    lines[["size_class", "size_settled", "size_assumed"]] = classify(figures, on)
    lines["revenue_growth"] = panel.measure({"growth": {"column": "revenue_wan"}})
    lines["revenue_cagr_3y"] = panel.measure({"cagr": {"column": "revenue_wan"}, "years": 3})
    state = rows.set_index("firm_id").reindex(lines["firm_id"]).get("register_state")
    lines["register_state"] = pd.NA if state is None else state.to_numpy()
    lines["step"] = _step(lines, settings)
    return lines.assign(year=year)


COLUMNS = (
    "firm_id",
    "year",
    "sector",
    "kind",
    "threshold_wan",
    "revenue_wan",
    "stand_in",
    "share_of_line",
    "short_by_wan",
    "step",
    "register_state",
    "size_class",
    "size_settled",
    "revenue_growth",
    "revenue_cagr_3y",
    "code_state",
    "assumed",
    "source",
)


def standings(
    firms: pd.DataFrame,
    firm_years: pd.DataFrame,
    *,
    firm_links: pd.DataFrame | None = None,
    settings: LadderSettings | None = None,
) -> pd.DataFrame:
    """Return where each firm stands in each of its years.

    Parameters
    ----------
    firms : DataFrame
        firm_id, industry_code, industry_edition.
    firm_years : DataFrame
        firm_id, year, revenue_wan, main_revenue_wan, employees, assets_wan (wan yuan, people), register_state.
    firm_links : DataFrame, optional
        firm_id, role, weight: what a firm makes and sells; the nearest line over its plausible sectors is taken.
    settings : LadderSettings, optional
        Roles and the share from which a firm is quasi-above-scale.

    Returns
    -------
    DataFrame
        firm_id, year, sector, kind, threshold_wan, revenue_wan (the revenue compared), stand_in, share_of_line,
        short_by_wan, step (micro, below_scale, quasi_above_scale, above_scale, qualification, outside, unknown),
        register_state (as recorded), size_class, size_settled, revenue_growth and revenue_cagr_3y (shares; missing
        without a positive base, never 0), code_state, assumed, source.

    Examples
    --------
    >>> firms = pd.DataFrame({"firm_id": ["a"], "industry_code": ["3872"], "industry_edition": ["2017"]})
    >>> years = pd.DataFrame({"firm_id": ["a"], "year": [2025], "main_revenue_wan": [1500.0]})
    >>> standings(firms, years)[["short_by_wan", "step"]].values.tolist()
    [[500.0, 'quasi_above_scale']]
    """
    settings = settings or LadderSettings()
    known = firm_years[firm_years["year"].notna() & firm_years["firm_id"].isin(firms["firm_id"])]
    years = sorted(int(year) for year in known["year"].unique())
    parts = [_year(firms, known, year, firm_links, settings) for year in years]
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    table = pd.concat(parts, ignore_index=True)
    table["assumed"] = (
        table["assumed"].astype(bool) | table["stand_in"].astype(bool) | table["size_assumed"].astype(bool)
    )
    return table.loc[:, list(COLUMNS)]
