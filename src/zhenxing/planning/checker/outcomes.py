"""What a plan achieves: the indicators behind the targets (rule 9) and the output of chain links (rule 10)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from zhenxing.planning.checker.decisions import Decisions
from zhenxing.planning.checker.facts import Facts
from zhenxing.planning.checker.progress import Progress, group_sum
from zhenxing.planning.checker.violations import FloatArray
from zhenxing.planning.consistency.inputs import each_row

INDICATORS = (
    "cleared_mu",
    "released_mu",
    "landed_projects",
    "above_scale_firms",
    "above_scale_net",
    "landed_investment_wan",
    "annual_tax_wan",
)


def indicator(facts: Facts, decisions: Decisions, progress: Progress, name: str, park: str) -> FloatArray:
    """Return an indicator by t, over all parks ('' as park) or over the sites and landings of one park."""
    options, placements = facts.options, facts.placements
    of_site = (options["park_id"] == park).to_numpy(dtype=float) if park else np.ones(len(options))
    of_firm = (placements["park_id"] == park).to_numpy(dtype=float) if park else np.ones(len(placements))
    expected = of_firm * placements["probability"].to_numpy()
    if name == "cleared_mu":
        return np.asarray((of_site * options["area_mu"] * options["clears"]).to_numpy(dtype=float) @ progress.started)
    if name == "released_mu":
        return np.asarray((of_site * options["released_share"] * options["area_mu"]).to_numpy() @ progress.delivered)
    if name == "landed_projects":
        return np.asarray(of_firm @ decisions.landings)
    if name == "landed_investment_wan":
        return np.asarray((expected * placements["investment_wan"].to_numpy()) @ decisions.landings)
    if name in ("above_scale_firms", "above_scale_net"):
        gained = (expected * placements["becomes_above_scale"].to_numpy(dtype=float)) @ decisions.landings
        lost = (of_site * options["above_scale_loss"].to_numpy()) @ decisions.starts
        return np.asarray(gained - lost if name == "above_scale_net" else gained)
    if name == "annual_tax_wan":
        tax = (expected * placements["annual_tax_wan"].to_numpy()) @ progress.landed
        tax = tax + (of_site * options["annual_tax_gain_wan"].to_numpy()) @ progress.delivered
        if not park:
            tax = tax + facts.works["annual_tax_gain_wan"].to_numpy() @ progress.works_open
        return np.asarray(tax)
    raise KeyError(name)


def target_table(facts: Facts, decisions: Decisions, progress: Progress) -> pd.DataFrame:
    """Return value, shortfall and undiscounted penalty of every target inside the horizon."""
    records = []
    for row in each_row(facts.targets):
        t = facts.time(row.year) if np.isfinite(row.year) else 0
        if not 1 <= t <= facts.horizon or row.indicator not in INDICATORS:
            continue
        value = float(indicator(facts, decisions, progress, row.indicator, row.park_id)[t])
        shortfall = max(0.0, row.target - row.baseline - value)
        penalty = shortfall * row.penalty_wan_per_unit
        records.append((row.indicator, int(row.year), row.park_id, row.target, row.baseline, value, shortfall, penalty))
    columns = ["indicator", "year", "park_id", "target", "baseline", "value", "shortfall", "penalty_wan"]
    return pd.DataFrame(records, columns=columns)


def chain_table(facts: Facts, progress: Progress) -> pd.DataFrame:
    """Return expected output and yearly reward of every link that is rewarded or has candidates."""
    placements = facts.placements
    links = pd.Series(sorted({*facts.chain_rewards["link_id"], *facts.candidates["link_id"]} - {""}), dtype=object)
    each = (placements["probability"] * placements["annual_output_wan"]).to_numpy()[:, None]
    output = group_sum(placements["link_id"], each * progress.landed, links)[:, 1:]
    reward = np.zeros_like(output)
    segments = dict(list(facts.chain_rewards.groupby("link_id")))
    for number, link in enumerate(links):
        if link in segments:
            rows = segments[link]
            sizes, rewards = rows["output_wan"].to_numpy(), rows["reward_per_output"].to_numpy()
            reward[number] = [best_filling(amount, sizes, rewards) for amount in output[number]]
    return pd.DataFrame(
        {
            "link_id": np.repeat(links.to_numpy(), facts.horizon),
            "year": np.tile(np.array(facts.plan_years), len(links)),
            "output_wan": output.ravel(),
            "reward_wan": reward.ravel(),
        }
    )


def best_filling(output: float, sizes: FloatArray, rewards: FloatArray) -> float:
    """Return the reward of an output that fills segments in order; output beyond the last earns nothing.

    Examples
    --------
    >>> best_filling(150.0, np.array([100.0, 100.0]), np.array([0.5, 0.2]))
    60.0
    """
    before = np.concatenate([[0.0], np.cumsum(sizes)[:-1]])
    return float(np.clip(output - before, 0.0, sizes) @ rewards)
