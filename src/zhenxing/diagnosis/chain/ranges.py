"""How the gaps move with the input shares, and how often a verdict flips over their ranges."""

from __future__ import annotations

import numpy as np
import pandas as pd

from zhenxing.diagnosis.chain.demand import balance, stated_demand
from zhenxing.diagnosis.chain.inputs import Floats, Inputs, Links
from zhenxing.diagnosis.chain.settings import VERDICTS, ChainSettings
from zhenxing.diagnosis.chain.supply import Supply
from zhenxing.diagnosis.chain.verdicts import Words, verdicts


def gap_range(supply: Supply, inputs: Inputs, links: Links, settings: ChainSettings) -> tuple[Floats, Floats]:
    """Return the gaps with every input share at its low and at its high value.

    A gap never falls when a share rises, so that these are the exact bounds over the ranges.
    """
    stated = stated_demand(links, settings)
    low, high = (
        balance(
            supply.output,
            inputs.matrix(shares, len(links)) @ np.nan_to_num(supply.output) + stated,
            settings.sold_locally,
        )[1]
        for shares in (inputs.low, inputs.high)
    )
    return low, high


def draw_shares(inputs: Inputs, draws: int, seed: int) -> Floats:
    """Return draws of all input shares, each from a triangle over low, base and high, independent of each other.

    The inverse of the triangle's distribution function of one uniform number for each draw and edge, so that the same
    seed gives the same draws on every machine.
    """
    uniform = np.random.default_rng(seed).random((draws, len(inputs.base)))
    width = inputs.high - inputs.low
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = np.where(width > 0, (inputs.base - inputs.low) / width, 0.0)
    rising = inputs.low + np.sqrt(uniform * width * (inputs.base - inputs.low))
    falling = inputs.high - np.sqrt((1 - uniform) * width * (inputs.high - inputs.base))
    drawn: Floats = np.where(uniform < turn, rising, falling)
    return drawn


def flips(
    supply: Supply,
    inputs: Inputs,
    links: Links,
    base: Words,
    quotient: tuple[Floats, Floats],
    leader_share: Floats,
    settings: ChainSettings,
) -> tuple[pd.DataFrame, Floats]:
    """Return how often each verdict comes up over the draws, and how often it differs from the base verdict.

    Quotients and leaders do not depend on input shares and stay as they are.

    Returns
    -------
    DataFrame
        link_id, verdict, share (of the draws), is_base, draws: a row for each verdict met, and for the base verdict.
    ndarray
        Share of the draws with another verdict than the base one, by link.
    """
    drawn = draw_shares(inputs, settings.draws, settings.seed)
    flows = drawn * np.nan_to_num(supply.output)[inputs.downstream]
    demand = np.tile(stated_demand(links, settings), (settings.draws, 1))
    for edge, upstream in enumerate(inputs.upstream.tolist()):
        demand[:, upstream] += np.nan_to_num(flows[:, edge])
    share = balance(supply.output, demand, settings.sold_locally)[0]
    words = verdicts(supply.sources, share, *quotient, leader_share, settings)
    counts = np.stack([(words == verdict).sum(axis=0) for verdict in VERDICTS], axis=1)
    rows = [
        (str(links.ids[place]), verdict, counts[place, column] / settings.draws, base[place] == verdict, settings.draws)
        for place in range(len(links))
        for column, verdict in enumerate(VERDICTS)
        if counts[place, column] or base[place] == verdict
    ]
    table = pd.DataFrame(rows, columns=["link_id", "verdict", "share", "is_base", "draws"])
    kinds = {"link_id": "str", "verdict": "str", "share": "float64", "is_base": "boolean", "draws": "Int64"}
    return table.astype(kinds), (words != base).mean(axis=0)
