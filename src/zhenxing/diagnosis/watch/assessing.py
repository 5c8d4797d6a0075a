"""The threshold watch from tables to tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from zhenxing import schema
from zhenxing.diagnosis.watch.backtest import SIDES, SideForecast, choose_forecast, of_side
from zhenxing.diagnosis.watch.batching import BATCH_COLUMNS, batch_rows, inclusion_batches
from zhenxing.diagnosis.watch.caring import care_rows
from zhenxing.diagnosis.watch.facts import latest_facts
from zhenxing.diagnosis.watch.landing import candidate_rows
from zhenxing.diagnosis.watch.paging import page_rows
from zhenxing.diagnosis.watch.panel import NO_YEAR, Floats, Panel, read_panel
from zhenxing.diagnosis.watch.result import WatchDiagnosis
from zhenxing.diagnosis.watch.settings import WatchSettings
from zhenxing.diagnosis.watch.snapshots import Snapshots, snapshots_at
from zhenxing.diagnosis.watch.visiting import push_firms
from zhenxing.errors import Issue
from zhenxing.i18n import say

WATCH_COLUMNS = (
    "firm_id", "year", "sector", "threshold_wan", "revenue_wan", "revenue_year", "years_seen", "above",
    "register_state", "state_given", "probability_cross", "probability_fall", "short_by_wan", "spare_wan",
    "short_months", "reach_by", "reach_by_last", "model", "basis", "remark",
)  # fmt: skip
SPREAD_95 = 1.959964


def watch_firms(
    *,
    firms: pd.DataFrame,
    firm_years: pd.DataFrame,
    thresholds: pd.DataFrame,
    firm_links: pd.DataFrame | None = None,
    year: int | None = None,
    capacity_visits: int = 0,
    parks: pd.DataFrame | None = None,
    parcels: pd.DataFrame | None = None,
    site_firms: pd.DataFrame | None = None,
    settings: WatchSettings | None = None,
) -> WatchDiagnosis:
    """Say who will cross or fall below the above-scale line next year, whom to visit and whom to look after.

    The chance is that of next year's revenue (main revenue where the firm has it throughout) to stand at or above the
    line; a firm that leaves counts as fallen. The model is the one with the best score in a rolling-origin back-test
    against last year's state and a logistic on log distance; with too short a history stated priors speak instead.

    Parameters
    ----------
    firms : DataFrame
        ``firm_id``; used where given: ``name``, ``founded``, ``status``, ``above_scale``, ``parcel_id``.
    firm_years : DataFrame
        ``firm_id, year, revenue_wan`` (万元); used where given: ``main_revenue_wan, register_state, employees, tax_wan,
        value_added_wan, output_wan, profit_wan, rd_wan, floor_m2, rented_floor_m2, land_mu``.
    thresholds : DataFrame
        ``firm_id, threshold_wan`` (万元), where given ``sector`` and ``column`` (revenue_wan or main_revenue_wan).
    firm_links : DataFrame, optional
        ``firm_id, link_id, weight``: peers of a firm are those of its heaviest link.
    year : int, optional
        The last year to use; the forecast is for the year after. Default: the last year of ``firm_years``.
    capacity_visits : int
        Visits that can be made in a year.
    parks, parcels, site_firms : DataFrame, optional
        ``park_id``; ``parcel_id, park_id``; ``site_id, firm_id``: where candidates may land, who loses the site.
    settings : WatchSettings, optional

    Returns
    -------
    WatchDiagnosis

    Raises
    ------
    InputError
        A column is lacking, the years span more than a century, a setting is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> found = watch_firms(
    ...     firms=pd.DataFrame({"firm_id": ["a"]}),
    ...     firm_years=pd.DataFrame({"firm_id": ["a"], "year": [2026], "revenue_wan": [1500.0]}),
    ...     thresholds=pd.DataFrame({"firm_id": ["a"], "threshold_wan": [2000.0]}),
    ... )
    >>> found.threshold_watch[["short_by_wan", "short_months"]].iloc[0].tolist()
    [500.0, 4.0]
    """
    settings = settings or WatchSettings()
    panel = read_panel(firms, firm_years, thresholds, year)
    issues = list(panel.issues)
    forecasts = {side: choose_forecast(panel, side, settings) for side in SIDES}
    issues += [issue for forecast in forecasts.values() for issue in _said(forecast, settings)]
    now = _now(panel, settings)
    watch = _threshold_watch(panel, now, forecasts, firms, settings)
    issues += _left_out(watch)
    below = now.take(of_side(now, "cross"))
    pushes = push_firms(panel, below, forecasts["cross"], capacity_visits, settings)
    batches = _batches(watch, settings)
    if len(batches) and (batches["provenance"] == "M").any():
        text = say("diagnosis_watch.calendar_stretched", jurisdiction=settings.jurisdiction)
        issues.append(Issue("info", "calendar_stretched", text, "firm_years", "year"))
    facts, link_issues = latest_facts(firms, firm_years, firm_links, watch, parcels, site_firms, settings)
    care, care_issues = care_rows(facts, settings)
    candidates, placements, uses, landing_issues = candidate_rows(facts, pushes, care, parks, settings)
    pages = page_rows(facts, watch, batches, pushes, care, candidates)
    return WatchDiagnosis(
        threshold_watch=watch,
        batches=batches,
        pushes=pushes,
        candidates=candidates,
        placements=placements,
        candidate_uses=uses,
        care_list=care,
        firm_pages=pages,
        calibration=pd.concat([forecasts[side].record for side in SIDES], ignore_index=True),
        outlook=_outlook(watch, pushes),
        issues=(*issues, *link_issues, *care_issues, *landing_issues, *_assumed(pushes, care, settings)),
    )


def _now(panel: Panel, settings: WatchSettings) -> Snapshots:
    last = len(panel.years) - 1
    rows = snapshots_at(panel, last, last, settings.most_stale_years, settings.band)
    return rows.take(~panel.closed[rows.firm])


def _said(forecast: SideForecast, settings: WatchSettings) -> list[Issue]:
    """Tell which model speaks, loudly when it is a prior or was not tested across years."""
    side = say(f"diagnosis_watch.side_{forecast.side}")
    if forecast.basis == "prior":
        text = say(
            "diagnosis_watch.short_history", side=side, transitions=forecast.transitions, events=forecast.events,
            least=settings.least_transitions, least_events=settings.least_events,
        )  # fmt: skip
        return [Issue("warning", "short_history", text, "firm_years", "year")]
    score = forecast.record[forecast.record["chosen"].fillna(False) & (forecast.record["bin"] == 0)].iloc[0]
    entry = "model_chosen" if forecast.basis == "back_test" else "one_year_tested"
    text = say(
        f"diagnosis_watch.{entry}", side=side, model=forecast.name, forecasts=score["forecasts"],
        brier=f"{score['brier']:.4f}", skill=f"{100 * score['brier_skill']:.0f}",
    )  # fmt: skip
    return [Issue("info" if forecast.basis == "back_test" else "warning", entry, text, "firm_years", "revenue_wan")]


def _assumed(pushes: pd.DataFrame, care: pd.DataFrame, settings: WatchSettings) -> list[Issue]:
    """Name every number behind the lists that nobody measured."""
    lists = pd.concat([pushes["assumed"], care["assumed"]]).astype(str)
    used = {part.partition(":")[0] for cell in lists.unique() for part in cell.split(";") if part}
    used |= {"visits_near", "visits_middle", "visits_far", "months_per_visit", "least_uplift"} if len(pushes) else set()
    values = [(name, settings.assume(name)) for name in sorted(used - {"ready_points"})]
    if not values:
        return []
    shown = "; ".join(f"{name} {v.low:g}/{v.base:g}/{v.high:g} ({v.tag})" for name, v in values)
    return [Issue("info", "assumed", say("diagnosis_watch.assumed", values=shown), "watch_pushes", "assumed")]


def _threshold_watch(
    panel: Panel, now: Snapshots, forecasts: dict[str, SideForecast], firms: pd.DataFrame, settings: WatchSettings
) -> pd.DataFrame:
    revenue, seen_year, seen = _last_seen(panel)
    line = panel.threshold
    above = revenue >= line
    cross, fall = np.full(len(line), np.nan), np.full(len(line), np.nan)
    for side, target in (("cross", cross), ("fall", fall)):
        rows = now.take(of_side(now, side))
        up = forecasts[side].chance(rows)
        target[rows.firm] = up if side == "cross" else 1 - up
    known = ~np.isnan(revenue)
    counted = np.zeros(len(line), dtype=bool)
    counted[now.firm] = True
    remark = np.where(~known, "no_revenue", np.where(panel.closed, "closed", np.where(counted, "", "stale")))
    with np.errstate(divide="ignore", invalid="ignore"):
        months = np.where(revenue > 0, np.maximum(line - revenue, 0) / (revenue / 12), np.nan)
    state, given = _register_state(panel, above & known, firms)
    side_of = np.where(above, "fall", "cross")
    year = int(panel.years[-1])
    calendar = ["", ""] if year == NO_YEAR else inclusion_batches(year + 1, settings)["revenue_through"].tolist()
    frame = pd.DataFrame(
        {
            "firm_id": panel.firm_ids.astype(str),
            "year": pd.NA if year == NO_YEAR else year,
            "sector": panel.sector.astype(str),
            "threshold_wan": line,
            "revenue_wan": revenue,
            "revenue_year": seen_year,
            "years_seen": seen,
            "above": pd.array(np.where(known, above, False), dtype="boolean"),
            "register_state": state,
            "state_given": given,
            "probability_cross": cross,
            "probability_fall": fall,
            "short_by_wan": np.where(known, np.maximum(line - revenue, 0), np.nan),
            "spare_wan": np.where(known, np.maximum(revenue - line, 0), np.nan),
            "short_months": months,
            "reach_by": np.where(known & ~above, calendar[0], ""),
            "reach_by_last": np.where(known & ~above, calendar[-1], ""),
            "model": [forecasts[side].name if there else "" for side, there in zip(side_of, counted, strict=True)],
            "basis": [forecasts[side].basis if there else "" for side, there in zip(side_of, counted, strict=True)],
            "remark": remark,
        }
    )
    frame.loc[~known, "above"] = pd.NA
    whole = {"year": "Int64", "revenue_year": "Int64", "years_seen": "Int64", "state_given": "boolean"}
    return frame[list(WATCH_COLUMNS)].astype({**whole, **dict.fromkeys(("reach_by", "remark", "basis"), "str")})


def _last_seen(panel: Panel) -> tuple[Floats, pd.api.extensions.ExtensionArray, np.ndarray]:
    seen = ~np.isnan(panel.revenue)
    count = seen.sum(axis=1)
    last = seen.shape[1] - 1 - seen[:, ::-1].argmax(axis=1)
    value = np.where(count > 0, panel.revenue[np.arange(len(count)), last], np.nan)
    year = pd.array(panel.years[last], dtype="Int64")
    year[count == 0] = pd.NA
    return value, year, count


def _register_state(panel: Panel, above: np.ndarray, firms: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the state of the last year: as given in firm_years, else by firms.above_scale, else by revenue alone."""
    given = panel.state[:, -1]
    state = np.where(above, "eligible", "none").astype(object)
    if "above_scale" in firms:
        flags = firms.drop_duplicates("firm_id").assign(firm_id=lambda t: t["firm_id"].astype(str))
        held = flags.set_index("firm_id")["above_scale"].reindex(panel.firm_ids)
        inside = held.map(lambda flag: pd.notna(flag) and bool(flag)).to_numpy(bool)
        state = np.where(inside, "in_register", state)
    return np.where(given != "", given, state).astype(str), given != ""


def _left_out(watch: pd.DataFrame) -> list[Issue]:
    issues = []
    for code in ("closed", "stale"):
        ids = tuple(watch.loc[watch["remark"] == code, "firm_id"])
        if ids:
            text = say(f"diagnosis_watch.{code}", count=len(ids))
            issues.append(Issue("info", code, text, "firms", "firm_id", ids))
    return issues


def _batches(watch: pd.DataFrame, settings: WatchSettings) -> pd.DataFrame:
    rows = watch[watch["probability_cross"].notna()]
    if not len(rows):
        return pd.DataFrame(columns=list(BATCH_COLUMNS))
    year = int(watch["year"].max()) + 1
    revenue, line = (rows[name].to_numpy(float) for name in ("revenue_wan", "threshold_wan"))
    return batch_rows(rows["firm_id"].to_numpy(), revenue, line, year, settings)


def _outlook(watch: pd.DataFrame, pushes: pd.DataFrame) -> pd.DataFrame:
    """Return the expected numbers of next year with 95 % intervals (firms taken as independent of each other)."""
    if not len(watch) or watch["year"].isna().all():
        return schema.empty("watch_outlook")
    cross, fall = watch["probability_cross"].dropna(), watch["probability_fall"].dropna()
    year = int(watch["year"].max()) + 1
    row: dict[str, object] = {"year": year, "firms_below": len(cross), "firms_above": len(fall)}
    row["firms_unknown"] = len(watch) - len(cross) - len(fall)
    for name, chances in (("crossings", cross), ("falls", fall)):
        mean, spread = chances.sum(), SPREAD_95 * float(np.sqrt((chances * (1 - chances)).sum()))
        row |= {f"expected_{name}": mean, f"{name}_low": max(0.0, mean - spread), f"{name}_high": mean + spread}
    row["expected_net"] = cross.sum() - fall.sum()
    first = pushes[pushes["year"] == pushes["year"].min()]
    for name in ("uplift_low", "uplift", "uplift_high"):
        row[f"pushed_{name}"] = float(first[name].sum())
    whole = dict.fromkeys(("year", "firms_below", "firms_above", "firms_unknown"), "Int64")
    return pd.DataFrame([row]).astype(whole)
