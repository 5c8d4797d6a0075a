"""The town beside other towns: which are built like it, how far it is behind, where it ranks."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from zhenxing.diagnosis.peers.gaps import gap_table, years_to_catch_up
from zhenxing.diagnosis.peers.ranks import growth_needed, places_won, rank_table, ranks_of, tier_of
from zhenxing.diagnosis.peers.reading import read_figures, text
from zhenxing.diagnosis.peers.settings import PeerSettings
from zhenxing.diagnosis.peers.similarity import cosine_similarity, krugman_index, structural_similarity
from zhenxing.errors import Issue
from zhenxing.i18n import say

__all__ = [
    "PeerDiagnosis",
    "PeerSettings",
    "compare",
    "cosine_similarity",
    "growth_needed",
    "krugman_index",
    "places_won",
    "ranks_of",
    "structural_similarity",
    "tier_of",
    "years_to_catch_up",
]


@dataclass(frozen=True)
class PeerDiagnosis:
    """What the comparison found.

    Parameters
    ----------
    peer_gaps : DataFrame
        The town beside every peer, the best and the median, by indicator and basis.
    ranks : DataFrame
        Table ``peer_ranks``: places, tiers and what they take, by indicator, basis, year and town.
    similarity : DataFrame
        Table ``peer_similarity``: every region that can be compared, nearest first, with the reason.
    peers : DataFrame
        Rows for the input table ``peers``: the chosen similar regions that the town does not list yet.
    issues : tuple of Issue
    """

    peer_gaps: pd.DataFrame
    ranks: pd.DataFrame
    similarity: pd.DataFrame
    peers: pd.DataFrame
    issues: tuple[Issue, ...]


def compare(
    *,
    peers: pd.DataFrame,
    peer_values: pd.DataFrame,
    indicators: pd.DataFrame,
    region_industries: pd.DataFrame,
    settings: PeerSettings,
) -> PeerDiagnosis:
    """Compare the town with its peers: choose the similar ones, measure the gaps, follow the ranks.

    Parameters
    ----------
    peers, peer_values, indicators : DataFrame
        The town's tables of these names; the town itself stands among the peers. ``peer_values`` may carry ``unit``
        (else the indicator's) and ``definition`` (what the figure counts).
    region_industries : DataFrame
        Industry figures of the regions, the town among them; may be empty, then nothing is chosen and all peers are
        compared.
    settings : PeerSettings

    Returns
    -------
    PeerDiagnosis

    Raises
    ------
    InputError
        When a column is absent, a cell that must be a number is none, a value of region_industries is negative, or a
        key stands twice.

    Examples
    --------
    >>> peers = pd.DataFrame({"peer_id": ["a", "b", "c"], "name": ["A", "B", "C"], "kind": "town"})
    >>> values = pd.DataFrame({"peer_id": ["a", "b", "c"], "indicator": "gdp", "value": [176.0, 586.0, 150.0]})
    >>> indicators = pd.DataFrame({"indicator": ["gdp"], "unit": ["亿元"], "direction": ["up"], "kind": ["level"]})
    >>> nothing = pd.DataFrame({"region_id": [], "year": []})
    >>> tables = {"peers": peers, "peer_values": values.assign(year=2024), "indicators": indicators}
    >>> found = compare(**tables, region_industries=nothing, settings=PeerSettings("a"))
    >>> found.peer_gaps.set_index("peer_id").loc["best", "gap"].item()
    410.0
    """
    figures = read_figures(peers, peer_values, indicators, settings)
    similarity, issues = structural_similarity(region_industries, settings)
    chosen = similarity.loc[similarity["chosen"].astype(bool), "region_id"].tolist()
    found = list(figures.issues) + list(issues)
    if not len(figures.values):
        found.append(Issue("warning", "no_figures", say("diagnosis_peers.no_figures"), "peer_values"))
    elif figures.town_id not in set(figures.values["peer_id"]):
        absent = say("diagnosis_peers.town_absent", town=settings.town_id)
        found.append(Issue("warning", "town_absent", absent, "peer_values", "peer_id", (settings.town_id,)))
    return PeerDiagnosis(
        gap_table(figures, chosen, settings),
        rank_table(figures, settings),
        similarity,
        _new_peers(similarity, peers),
        tuple(found),
    )


def _new_peers(similarity: pd.DataFrame, peers: pd.DataFrame) -> pd.DataFrame:
    chosen = similarity[similarity["chosen"].astype(bool) & ~similarity["region_id"].isin(text(peers, "peer_id"))]
    names = chosen["region_name"].where(chosen["region_name"] != "", chosen["region_id"])
    rows = pd.DataFrame({"peer_id": chosen["region_id"], "name": names, "kind": "", "code": ""})
    return rows.reset_index(drop=True)
