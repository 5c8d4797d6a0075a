"""Two plans side by side: what a practice is worth in land, money and years."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

COLUMNS = ["measure", "year", "unit", "before", "after", "difference", "certain"]
NAN: Final = float("nan")
UNITS: Final = {
    "sites_started": "firms", "cleared_mu": "mu", "released_mu": "mu", "mean_delivery_year": "year",
    "year_of_common_mu": "year",
    "landed_projects": "firms", "landed_investment_wan": "wan", "annual_tax_wan": "wan/year", "outlay_wan": "wan",
    "land_income_wan": "wan",
    "retained_tax_wan": "wan", "interest_wan": "wan", "highest_debt_wan": "wan", "final_cash_wan": "wan", "value_wan":
    "wan",
}  # fmt: skip
Tables = Mapping[str, pd.DataFrame]


def compare_plans(
    *,
    inputs_before: Tables,
    plan_before: Tables,
    inputs_after: Tables,
    plan_after: Tables,
    summary_before: Mapping[str, Any] | None = None,
    summary_after: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Return what differs between two plans: land in mu, money in 万元, and the years in which land is delivered.

    Each plan is measured with its own input (a practice may change areas, prices and lead times). Totals have no year;
    the rows of ``released_mu``, ``cleared_mu`` and ``debt_wan`` with a year are the state at its end.
    ``year_of_common_mu`` is the year by which a plan has released as much land as the lesser of the two releases
    within the horizon: negative differences are years gained. Firms are weighted with their probability. ``value_wan``
    is that of each plan under its own rules; ``certain`` says whether the bounds prove which best plan is worth more:
    a difference smaller than the gaps of the plans proves nothing.

    Parameters
    ----------
    inputs_before, inputs_after : mapping of str to DataFrame
        ``sites``, ``site_modes``, ``candidates``, ``budget``; absent tables are empty.
    plan_before, plan_after : mapping of str to DataFrame
        ``plan_sites``, ``plan_landings``, ``plan_finance`` of each plan.
    summary_before, summary_after : mapping, optional
        The plans' summaries, for ``value_wan`` and ``bound_wan``.

    Returns
    -------
    DataFrame
        Table ``practice_effects`` without its practice: measure, year (missing for totals), unit, before, after,
        difference, certain (of ``value_wan``).

    Examples
    --------
    >>> inputs = {"sites": pd.DataFrame({"site_id": ["s"], "area_mu": [50.0]}),
    ...           "site_modes": pd.DataFrame({"site_id": ["s"], "mode": ["m"], "released_share": [0.8]})}
    >>> def plan(year):
    ...     site = {"site_id": ["s"], "mode": ["m"], "start_year": [2027], "delivery_year": [year]}
    ...     return {"plan_sites": pd.DataFrame(site), "plan_finance": pd.DataFrame({"year": [2027, 2028, 2029]})}
    >>> found = compare_plans(inputs_before=inputs, plan_before=plan(2029), inputs_after=inputs, plan_after=plan(2028))
    >>> found[found["measure"] == "year_of_common_mu"][["before", "after", "difference"]].values.tolist()
    [[2029.0, 2028.0, -1.0]]
    """
    years = sorted(_years(plan_before) | _years(plan_after))
    last = max(years, default=None)
    sides = [
        _measures(inputs_before, plan_before, summary_before, years, last),
        _measures(inputs_after, plan_after, summary_after, years, last),
    ]
    common = min(side[("released_mu", None)] for side in sides)
    for side, plan, inputs in zip(sides, (plan_before, plan_after), (inputs_before, inputs_after), strict=True):
        side[("year_of_common_mu", None)] = _year_of(_sites(inputs, plan), common)
    rows = []
    for measure, year in sides[0]:
        before, after = sides[0][measure, year], sides[1][measure, year]
        unit = UNITS.get(measure, "wan")
        certain = _certain(summary_before, summary_after) if measure == "value_wan" else None
        rows.append((measure, year, unit, before, after, after - before, certain))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.assign(
        year=pd.array(frame["year"].tolist(), dtype="Int64"),
        certain=pd.array(frame["certain"].tolist(), dtype="boolean"),
    )


def _certain(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> bool | None:
    """Whether the bounds prove which of two best plans is worth more; None where a bound or value is missing."""
    ends = [(_number(one, "value_wan"), _number(one, "bound_wan")) for one in (before, after)]
    if any(math.isnan(end) for pair in ends for end in pair):
        return None
    (value, bound), (new_value, new_bound) = ends
    return new_value > bound or new_bound < value


def _years(plan: Tables) -> set[int]:
    finance = plan.get("plan_finance", pd.DataFrame())
    return set(finance["year"].astype(int)) if "year" in finance.columns else set()


def _numbers(frame: pd.DataFrame, column: str, default: float) -> pd.Series:
    if column not in frame.columns:
        return pd.Series(default, index=frame.index, dtype=float)
    return pd.to_numeric(frame[column].astype(object), errors="coerce").astype(float).fillna(default)


def _flags(frame: pd.DataFrame, column: str, default: bool) -> pd.Series:
    if column not in frame.columns:
        return pd.Series(default, index=frame.index)
    return frame[column].astype(object).map(lambda cell: default if pd.isna(cell) else bool(cell)).astype(bool)


def _sites(inputs: Tables, plan: Tables) -> pd.DataFrame:
    """Started sites with area, released mu, whether cleared, and delivery year."""
    started = plan.get("plan_sites", pd.DataFrame())
    if started.empty:
        return pd.DataFrame({"cleared": [], "released": [], "start_year": [], "delivery_year": []}, dtype=float)
    modes = inputs.get("site_modes", pd.DataFrame())
    modes = pd.DataFrame(
        {
            "site_id": modes["site_id"].astype(str),
            "mode": modes["mode"].astype(str),
            "share": _numbers(modes, "released_share", 0.0),
            "clears": _flags(modes, "clears", True),
        }
    )
    sites = inputs.get("sites", pd.DataFrame())
    areas = pd.DataFrame({"site_id": sites["site_id"].astype(str), "area": _numbers(sites, "area_mu", 0.0)})
    joined = started.assign(site_id=started["site_id"].astype(str), mode=started["mode"].astype(str))
    joined = joined.merge(areas, on="site_id", how="left").merge(modes, on=["site_id", "mode"], how="left")
    area = joined["area"].fillna(0.0)
    return pd.DataFrame(
        {
            "cleared": area.where(joined["clears"].eq(True), 0.0),
            "released": area * joined["share"].fillna(0.0),
            "start_year": joined["start_year"].astype(float),
            "delivery_year": joined["delivery_year"].astype(float),
        }
    )


def _measures(
    inputs: Tables, plan: Tables, summary: Mapping[str, Any] | None, years: list[int], last: int | None
) -> dict[tuple[str, int | None], float]:
    sites = _sites(inputs, plan)
    end = math.inf if last is None else last
    within = sites[sites["delivery_year"] <= end]
    released = float(within["released"].sum())
    weighted = float((within["released"] * within["delivery_year"]).sum())
    found: dict[tuple[str, int | None], float] = {
        ("sites_started", None): float(len(sites)),
        ("cleared_mu", None): float(sites["cleared"].sum()),
        ("released_mu", None): released,
        ("mean_delivery_year", None): weighted / released if released > 0 else NAN,
        ("year_of_common_mu", None): NAN,
        **_landed(inputs, plan),
        **_money(plan),
        ("value_wan", None): _number(summary, "value_wan"),
    }
    finance = plan.get("plan_finance", pd.DataFrame())
    debt = (
        dict(zip(finance["year"].astype(int), _numbers(finance, "debt_wan", 0.0), strict=True)) if len(finance) else {}
    )
    for year in years:
        found["cleared_mu", year] = float(sites.loc[sites["start_year"] <= year, "cleared"].sum())
        found["released_mu", year] = float(sites.loc[sites["delivery_year"] <= year, "released"].sum())
        found["debt_wan", year] = float(debt.get(year, NAN))
    return found


def _number(summary: Mapping[str, Any] | None, name: str) -> float:
    value = (summary or {}).get(name)
    return NAN if value is None else float(value)


def _landed(inputs: Tables, plan: Tables) -> dict[tuple[str, int | None], float]:
    landed = plan.get("plan_landings", pd.DataFrame())
    if landed.empty:
        return {(name, None): 0.0 for name in ("landed_projects", "landed_investment_wan", "annual_tax_wan")}
    known = inputs.get("candidates", pd.DataFrame())
    known = pd.DataFrame(
        {
            "candidate_id": known["candidate_id"].astype(str),
            "probability": _numbers(known, "probability", 1.0),
            "investment": _numbers(known, "investment_wan", 0.0),
            "tax": _numbers(known, "annual_tax_wan", 0.0),
        }
    )
    joined = landed.assign(candidate_id=landed["candidate_id"].astype(str)).merge(known, on="candidate_id", how="left")
    count = _numbers(joined, "count", 1.0)
    likely = count * joined["probability"].fillna(1.0)
    return {
        ("landed_projects", None): float(count.sum()),
        ("landed_investment_wan", None): float((likely * joined["investment"].fillna(0.0)).sum()),
        ("annual_tax_wan", None): float((likely * joined["tax"].fillna(0.0)).sum()),
    }


def _money(plan: Tables) -> dict[tuple[str, int | None], float]:
    finance = plan.get("plan_finance", pd.DataFrame())
    sums: dict[tuple[str, int | None], float] = {
        (name, None): float(_numbers(finance, name, 0.0).sum()) if len(finance) else NAN
        for name in ("outlay_wan", "land_income_wan", "retained_tax_wan", "interest_wan")
    }
    debt, cash = _numbers(finance, "debt_wan", 0.0), _numbers(finance, "cash_wan", 0.0)
    final = int(finance["year"].astype(int).to_numpy().argmax()) if len(finance) else None
    return {
        **sums,
        ("highest_debt_wan", None): float(debt.max()) if len(finance) else NAN,
        ("final_cash_wan", None): NAN if final is None else float(cash.iloc[final]),
    }


def _year_of(sites: pd.DataFrame, wanted: float) -> float:
    if wanted <= 0:
        return NAN
    by_year = sites.groupby("delivery_year")["released"].sum().sort_index().cumsum()
    reached = by_year[by_year >= wanted * (1 - 1e-9)]
    return float(reached.index[0]) if len(reached) else NAN
