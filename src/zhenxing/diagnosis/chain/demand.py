"""Demand that local output implies for each link, and the part of it that is not met locally."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhenxing.diagnosis.chain.inputs import Floats, Inputs, Links
from zhenxing.diagnosis.chain.settings import ChainSettings
from zhenxing.diagnosis.chain.supply import Supply


@dataclass(frozen=True)
class Demand:
    """Demand by link in 万元 a year.

    Attributes
    ----------
    demand : ndarray
        Σ over downstream links of share × output, plus final demand that is given; a final link without one: its own
        output, sold to whoever buys it now.
    share : ndarray
        Part of the demand that local output can meet; NaN without demand, without known output, or where the demand
        is the link's own output.
    gap : ndarray
        Demand less what is on offer locally, at least 0; NaN where the output is unknown.
    kind : tuple of str
        inputs, stated, both, own_output or none.
    """

    demand: Floats
    share: Floats
    gap: Floats
    kind: tuple[str, ...]


def demand_by_link(supply: Supply, inputs: Inputs, links: Links, settings: ChainSettings) -> Demand:
    """Return demand, local supply share and gap of every link at the base input shares."""
    size = len(links)
    stated = stated_demand(links, settings)
    shares = inputs.matrix(inputs.base, size)
    implied = shares @ np.nan_to_num(supply.output)
    buys = np.bincount(inputs.upstream, minlength=size) > 0
    own = ~buys & (stated == 0) & (np.nan_to_num(supply.output) > 0)
    kind = tuple(_kind(bool(implied[place] > 0), bool(stated[place] > 0), bool(own[place])) for place in range(size))
    demand = np.where(own, np.nan_to_num(supply.output), implied + stated)
    share, gap = balance(supply.output, implied + stated, settings.sold_locally)
    return Demand(demand, share, gap, kind)


def stated_demand(links: Links, settings: ChainSettings) -> Floats:
    """Return the final demand that the settings give, by link."""
    return np.array([settings.final_demand_wan.get(str(link), 0.0) for link in links.ids])


def _kind(implied: bool, stated: bool, own: bool) -> str:
    if own:
        return "own_output"
    if implied:
        return "both" if stated else "inputs"
    return "stated" if stated else "none"


def balance(output: Floats, demand: Floats, sold_locally: float = 1.0) -> tuple[Floats, Floats]:
    """Return the local supply share and the gap: min(1, offer / demand) and max(0, demand − offer).

    Parameters
    ----------
    output, demand : ndarray
        Local output and demand in 万元; both may have leading dimensions (draws).
    sold_locally : float
        Share of the output on offer to local buyers.

    Examples
    --------
    >>> share, gap = balance(np.array([30.0, np.nan]), np.array([40.0, 5.0]))
    >>> share.tolist(), gap.tolist()
    ([0.75, nan], [10.0, nan])
    """
    offer = sold_locally * output
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(demand > 0, np.minimum(1.0, offer / demand), np.nan)
    # without demand there is no gap, whatever is known of the output
    return share, np.where(demand > 0, np.maximum(0.0, demand - offer), 0.0)
