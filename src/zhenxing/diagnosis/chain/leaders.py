"""Who dominates each link, and what the largest makers buy in the town."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from zhenxing.diagnosis.chain.inputs import Floats, Inputs, Links
from zhenxing.diagnosis.chain.settings import ChainSettings
from zhenxing.diagnosis.chain.supply import Supply
from zhenxing.diagnosis.concentration import herfindahl


@dataclass(frozen=True)
class Concentration:
    """Concentration of the makers of each link: NaN (leader ``""``) where no output is known.

    Attributes
    ----------
    hhi : ndarray
        Sum of squared shares in the known output of the makers (Herfindahl–Hirschman), 1/n to 1.
    share : ndarray
        Share of the largest maker in the known output, committed output included.
    leader : tuple of str
        Its firm_id; of equal makers the first by id.
    pull : ndarray
        Its local purchases in 万元: Σ_u share(u, link) · r(u) · its output.
    table : DataFrame
        Table ``chain_leaders``.
    """

    hhi: Floats
    share: Floats
    leader: tuple[str, ...]
    pull: Floats
    table: pd.DataFrame


def leaders_of(
    supply: Supply, inputs: Inputs, local_share: Floats, links: Links, settings: ChainSettings
) -> Concentration:
    """Return the concentration of each link and its largest makers with their pull.

    Parameters
    ----------
    local_share : ndarray
        Local supply share r of each link, 0 where unknown.
    """
    size = len(links)
    makers = supply.firms[supply.firms["output_wan"] > 0]
    place = makers["link"].to_numpy(dtype=np.intp)
    output = makers["output_wan"].to_numpy(dtype=float)
    # what is committed is nobody's in the register, but the leader's share is of all there is
    total = np.bincount(place, weights=output, minlength=size) + supply.committed
    share = output / total[place]
    hhi = np.full(size, np.nan)
    if len(makers):
        concentrated = herfindahl(makers, by="link", of=None, value="output_wan").set_index("link")["herfindahl"]
        hhi = concentrated.reindex(range(size)).to_numpy(dtype=float)
    shares = inputs.matrix(inputs.base, size)
    bought, met = shares.sum(axis=0), local_share @ shares
    ranked = pd.DataFrame(
        {
            "link": place,
            "firm_id": makers["firm_id"].to_numpy(),
            "output_wan": output,
            "share": share,
            "purchases_wan": output * bought[place],
            "pull_wan": output * met[place],
        }
    ).sort_values(["link", "output_wan", "firm_id"], ascending=[True, False, True], ignore_index=True)
    ranked["rank"] = ranked.groupby("link").cumcount() + 1
    first = ranked[ranked["rank"] == 1].set_index("link").reindex(range(size))
    table = ranked[ranked["rank"] <= settings.leaders]
    table = table.assign(link_id=links.ids[table["link"].to_numpy(dtype=np.intp)].astype("str"))
    columns = ["link_id", "firm_id", "rank", "output_wan", "share", "purchases_wan", "pull_wan"]
    return Concentration(
        hhi,
        first["share"].to_numpy(dtype=float),
        tuple("" if pd.isna(firm) else str(firm) for firm in first["firm_id"]),
        first["pull_wan"].to_numpy(dtype=float),
        table[columns].astype({"firm_id": "str", "rank": "Int64"}).reset_index(drop=True),
    )
