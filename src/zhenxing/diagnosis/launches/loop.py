"""The loop from design to making to exhibition and back, as shares of firms that take each step."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from zhenxing.diagnosis.launches.intervals import Interval, poisson_interval, wilson_interval
from zhenxing.diagnosis.launches.rates import PER, Events, LaunchSettings

COLUMNS = ["year", "step", "indicator", "value", "value_low", "value_high", "part", "whole", "method"]


def loop_table(events: Events, settings: LaunchSettings) -> pd.DataFrame:
    """Return table ``design_loop``: how far designs become products, products are shown, and shows bring new designs.

    ======================  ==========================  =============================================================
    step                    indicator                   of the firms with both figures
    ======================  ==========================  =============================================================
    design                  designing_share             share with a design patent in the year
    design                  designers_per_100_makers    firms of the design links per 100 other firms of a link
    making                  launching_share             share that launched a product in the year
    design_to_making        designs_launched            of those with a design patent last year, launched this year
    design_to_making        launches_per_patent         launches this year over design patents last year
    making_to_brand         launches_branded            of those that launched this year, registered a trademark
    exhibition              exhibiting_share            share that took part in an exhibition in the year
    making_to_exhibition    launches_shown              of those that launched this year, took part in an exhibition
    exhibition_to_design    shows_designed              of those that exhibited last year, a design patent this year
    ======================  ==========================  =============================================================

    Shares come with Wilson's interval, ratios of counts with Garwood's for the numerator. A step nobody has figures
    for has no row: unknown is not zero.

    Parameters
    ----------
    events : Events
    settings : LaunchSettings
    """
    wide = {
        str(measure): part.set_index(["firm_id", "year"])["events"]
        for measure, part in events.counts.groupby("measure")
    }
    years = sorted(set(events.counts["year"]))
    rows = [row for year in years for row in _of_year(wide, int(year), settings)]
    rows += list(_designers(events, years, settings))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.sort_values(["year", "step", "indicator"], ignore_index=True)


def _of_year(wide: dict[str, pd.Series], year: int, settings: LaunchSettings) -> Iterator[dict[str, object]]:
    design, launch = _at(wide, "design_patents", year), _at(wide, "product_launches", year)
    brand, show = _at(wide, "trademarks", year), _at(wide, "exhibitions", year)
    before, shown = _at(wide, "design_patents", year - 1), _at(wide, "exhibitions", year - 1)
    for step, indicator, cause, effect in (
        ("design", "designing_share", None, design),
        ("making", "launching_share", None, launch),
        ("exhibition", "exhibiting_share", None, show),
        ("design_to_making", "designs_launched", before, launch),
        ("making_to_brand", "launches_branded", launch, brand),
        ("making_to_exhibition", "launches_shown", launch, show),
        ("exhibition_to_design", "shows_designed", shown, design),
    ):
        if effect.empty or (cause is not None and cause.empty):
            continue
        among = effect if cause is None else effect[effect.index.isin(cause[cause > 0].index)]
        part, whole = float((among > 0).sum()), float(len(among))
        yield _row(year, step, indicator, wilson_interval(part, whole, level=settings.level), part, whole, "wilson")
    both = before.index.intersection(launch.index)
    if len(both):
        part, whole = float(launch[both].sum()), float(before[both].sum())
        interval = poisson_interval(part, whole, level=settings.level)
        yield _row(year, "design_to_making", "launches_per_patent", interval, part, whole, "garwood")


def _at(wide: dict[str, pd.Series], measure: str, year: int) -> pd.Series:
    series = wide.get(measure)
    if series is None:
        return pd.Series(dtype=float)
    here = series[series.index.get_level_values("year") == year]
    return here.droplevel("year")


def _designers(events: Events, years: list[int], settings: LaunchSettings) -> Iterator[dict[str, object]]:
    linked = events.members[events.members["link_id"] != ""]
    design = set(linked.loc[linked["link_id"].isin(settings.design_links), "firm_id"])
    shows = set(linked.loc[linked["link_id"].isin(settings.exhibition_links), "firm_id"])
    others = set(linked["firm_id"]) - design - shows
    if not years or not others:
        return
    for step, indicator, who in (
        ("design", "designers_per_100_makers", design),
        ("exhibition", "exhibitors_per_100_makers", shows),
    ):
        rate = poisson_interval(len(who), len(others), level=settings.level)
        scaled = Interval(*(PER * end for end in rate))
        yield _row(int(years[-1]), step, indicator, scaled, float(len(who)), float(len(others)), "garwood")


def _row(
    year: int, step: str, indicator: str, interval: Interval, part: float, whole: float, method: str
) -> dict[str, object]:
    return {
        "year": year, "step": step, "indicator": indicator, "value": interval.value, "value_low": interval.low,
        "value_high": interval.high, "part": part, "whole": whole, "method": method,
    }  # fmt: skip
