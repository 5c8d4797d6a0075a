"""Output of each chain link before and after the plan, against what the reward segments ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from zhenxing.planning.checker import Evaluation
    from zhenxing.town import Town


def chain_coverage(town: Town, evaluation: Evaluation) -> pd.DataFrame:
    """Return one row per link that has reward segments or output.

    Parameters
    ----------
    town : Town
        The town; what is done already (year-0 state) counts before the plan.
    evaluation : Evaluation
        Output and reward per link and year.

    Returns
    -------
    DataFrame
        link_id, wanted_wan (all segments of the link), before_wan, after_wan (annual output at the end of the plan),
        reward_wan (per year at the end), before_share, after_share (capped at 1; missing where nothing is wanted).
    """
    rewards = town.filled("chain_rewards")
    wanted = rewards.groupby("link_id")["output_wan"].sum().astype(float)
    chain = evaluation.chain
    last = chain[chain["year"] == chain["year"].max()].set_index("link_id")
    before = _output_before(town)
    links = sorted({*wanted.index, *last.index, *before.index} - {""})
    frame = pd.DataFrame({"link_id": links})
    for name, series in (
        ("wanted_wan", wanted),
        ("before_wan", before),
        ("after_wan", last["output_wan"] if len(last) else wanted * 0),
        ("reward_wan", last["reward_wan"] if len(last) else wanted * 0),
    ):
        frame[name] = series.reindex(links).fillna(0.0).to_numpy(dtype=float)
    for moment in ("before", "after"):
        share = (frame[f"{moment}_wan"] / frame["wanted_wan"].where(frame["wanted_wan"] > 0)).clip(upper=1.0)
        frame[f"{moment}_share"] = share
    return frame


def _output_before(town: Town) -> pd.Series[float]:
    locks = town.filled("locks")
    done = locks[(locks["rule"] == "done") & (locks["subject"] == "candidate")]
    candidates = town.filled("candidates")
    merged = done[["id", "count"]].merge(candidates, left_on="id", right_on="candidate_id", suffixes=("", "_all"))
    output = (
        merged["count"].astype(float) * merged["probability"].astype(float) * merged["annual_output_wan"].astype(float)
    )
    return output.groupby(merged["link_id"].astype(str)).sum()
