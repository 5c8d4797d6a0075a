"""Design, brand and launches: what the firms bring out, by link and year, beside the peers, and the loop between."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from zhenxing.diagnosis.launches.intervals import Interval, poisson_interval, rate_ratio, wilson_interval
from zhenxing.diagnosis.launches.loop import loop_table
from zhenxing.diagnosis.launches.rates import (
    LaunchSettings,
    comparison_table,
    own_firms,
    peer_events,
    rate_table,
    read_events,
)
from zhenxing.errors import Issue
from zhenxing.i18n import say

__all__ = [
    "Interval",
    "LaunchDiagnosis",
    "LaunchSettings",
    "launches",
    "peer_events",
    "poisson_interval",
    "rate_ratio",
    "wilson_interval",
]


@dataclass(frozen=True)
class LaunchDiagnosis:
    """What the firms brought out.

    Parameters
    ----------
    rates : DataFrame
        Table ``launch_rates``.
    comparison : DataFrame
        Table ``launch_comparison``.
    loop : DataFrame
        Table ``design_loop``.
    issues : tuple of Issue
    """

    rates: pd.DataFrame
    comparison: pd.DataFrame
    loop: pd.DataFrame
    issues: tuple[Issue, ...]


def launches(
    *,
    firms: pd.DataFrame,
    firm_years: pd.DataFrame,
    firm_links: pd.DataFrame,
    firm_facts: pd.DataFrame | None = None,
    peer_values: pd.DataFrame | None = None,
    peer_launches: pd.DataFrame | None = None,
    town_id: str = "",
    settings: LaunchSettings | None = None,
) -> LaunchDiagnosis:
    """Return design patents, trademarks, awards and launches per 100 firms by link and year, beside the peers.

    Parameters
    ----------
    firms : DataFrame
        firm_id: the roll.
    firm_years : DataFrame
        firm_id, year, and any of design_patents, trademarks, product_launches (items of the year; empty is unknown).
    firm_links : DataFrame
        firm_id, link_id, role.
    firm_facts : DataFrame, optional
        firm_id, fact, year, value: awards and exhibitions (names in the settings).
    peer_values : DataFrame, optional
        Indicators named like the measures, and ``firms``, of the peers: whole towns.
    peer_launches : DataFrame, optional
        peer_id, link_id, year, measure, events, firms: peers' counts by link, beside those of ``peer_values``.
    town_id : str
        The town's own id among the peers, left out of the comparison.
    settings : LaunchSettings, optional

    Returns
    -------
    LaunchDiagnosis

    Raises
    ------
    InputError
        When a needed column is absent or a firm and year stand twice.

    Examples
    --------
    >>> firms = pd.DataFrame({"firm_id": list("abcd")})
    >>> firm_years = pd.DataFrame({"firm_id": list("abcd"), "year": 2025, "design_patents": [3.0, 0.0, 1.0, None]})
    >>> firm_links = pd.DataFrame({"firm_id": list("abcd"), "link_id": "LAMP", "role": "makes"})
    >>> found = launches(firms=firms, firm_years=firm_years, firm_links=firm_links).rates
    >>> found[["link_id", "known", "events", "rate"]].round(1).values.tolist()
    [['', 3, 4.0, 133.3], ['LAMP', 3, 4.0, 133.3]]
    """
    chosen = settings or LaunchSettings()
    events = read_events(firms, firm_years, firm_links, firm_facts, chosen)
    rates = rate_table(events, chosen)
    columns = ["peer_id", "link_id", "year", "measure", "events", "firms"]
    parts = [peer_events(peer_values, chosen)] if peer_values is not None else []
    parts += [peer_launches[columns]] if peer_launches is not None else []
    parts = [part for part in parts if len(part)]
    others = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    comparison = comparison_table(rates, others, chosen, town_id, own_firms(peer_values, town_id, chosen))
    issues = list(events.issues)
    if comparison.empty and len(rates):
        issues.append(Issue("info", "no_peers", say("diagnosis_launches.no_peers"), "peer_values"))
    return LaunchDiagnosis(rates, comparison, loop_table(events, chosen), tuple(issues))
