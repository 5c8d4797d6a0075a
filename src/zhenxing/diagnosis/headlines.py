"""One sentence on what each part of the diagnosis found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from zhenxing.errors import Text
from zhenxing.i18n import say

if TYPE_CHECKING:
    import pandas as pd

Frames = Mapping[str, "pd.DataFrame"]
VERDICTS: Final = ("missing", "weak", "leader_dependent", "fair", "strong", "unknown")


def headline(part: str, tables: Frames) -> Text:
    """Return the headline of a part.

    Examples
    --------
    >>> import pandas as pd
    >>> links = pd.DataFrame({"firm_id": ["a", "a", "b"], "role": ["makes", "sells", None]})
    >>> headline("classification", {"firm_links": links}).en
    '2 firms with 3 labels in the chain (1 by industry code alone)'
    """
    return _HEADLINES[part](tables)


def _classification(tables: Frames) -> Text:
    links = tables["firm_links"]
    by_code = int((links["role"].fillna("") == "").sum())
    return say("diagnosis.told_classification", firms=links["firm_id"].nunique(), labels=len(links), by_code=by_code)


def _chain(tables: Frames) -> Text:
    chain = tables["chain"]
    counts = chain["verdict"].value_counts()
    told = {name: int(counts.get(name, 0)) for name in VERDICTS}
    gap = float(chain["gap_wan"].sum())
    return say("diagnosis.told_chain", links=len(chain), gap=f"{gap:,.0f}", **told)


def _ladder(tables: Frames) -> Text:
    ladder = tables["ladder"]
    scale = ladder[ladder["rung"] == "above_scale"]["status"].value_counts()
    others = ladder[ladder["rung"] != "above_scale"]["status"].value_counts()
    return say(
        "diagnosis.told_ladder",
        held=int(scale.get("held", 0)),
        met=int(scale.get("met", 0)),
        titles=int(others.get("held", 0)),
        ready=int(others.get("met", 0)),
    )


def _watch(tables: Frames) -> Text:
    outlook = tables["watch_outlook"]
    if not len(outlook):
        return say("diagnosis.told_watch_none")
    row: Any = outlook.iloc[0]
    pushed = tables["watch_pushes"]
    first = pushed[pushed["year"] == pushed["year"].min()]
    return say(
        "diagnosis.told_watch",
        year=int(row["year"]),
        crossings=f"{float(row['expected_crossings']):.1f}",
        falls=f"{float(row['expected_falls']):.1f}",
        net=f"{float(row['expected_net']):+.1f}",
        pushes=len(first),
        uplift=f"{float(first['uplift'].sum()):.1f}",
    )


def _output_per_mu(tables: Frames) -> Text:
    graded = tables["output_per_mu"]
    counts = graded["grade"].value_counts()
    sensitive = tables["output_per_mu_sensitivity"]
    often = int((sensitive["change_share"] > 0.1).sum())
    grades = {name.lower(): int(counts.get(name, 0)) for name in "ABCD"}
    return say("diagnosis.told_output_per_mu", graded=len(sensitive), often=often, **grades)


def _peers(tables: Frames) -> Text:
    similar = tables["peer_similarity"]
    chosen = similar[similar["chosen"].astype(bool)]["region_name"].astype(str).tolist()
    names = "、".join(chosen[:5]) or "—"
    return say("diagnosis.told_peers", count=len(chosen), names=names, gaps=len(tables["peer_gaps"]))


def _launches(tables: Frames) -> Text:
    rates = tables["launch_rates"]
    whole = rates[rates["link_id"].fillna("") == ""]
    if not len(whole):
        return say("diagnosis.told_launches_none")
    last = whole[whole["year"] == whole["year"].max()].set_index("measure")["rate"]
    told = {
        name: f"{float(last[name]):.1f}" if name in last else "—"
        for name in ("design_patents", "trademarks", "product_launches")
    }
    return say("diagnosis.told_launches", year=int(whole["year"].max()), **told)


_HEADLINES: Final[Mapping[str, Callable[[Frames], Text]]] = {
    "classification": _classification,
    "chain": _chain,
    "ladder": _ladder,
    "watch": _watch,
    "output_per_mu": _output_per_mu,
    "peers": _peers,
    "launches": _launches,
}
