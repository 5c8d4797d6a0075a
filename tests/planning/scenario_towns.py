"""A town as a draw makes it, written from the tables alone: the checker can then judge what a simulation did."""

from __future__ import annotations

import numpy as np
import pandas as pd

from zhenxing import schema
from zhenxing.planning.uncertainty.sampling import Draw
from zhenxing.town import Town


def as_drawn(town: Town, draw: Draw, *, promised: tuple[str, ...] = ()) -> Town:
    """Return the town in which the draw's luck is plain data: everybody in the tables comes, effort is spent.

    ``promised`` are the subjects whose must and start_by locks stay.
    """
    modes, candidates, parks = town.filled("site_modes"), town.filled("candidates"), town.filled("parks")
    locks, budget = town.filled("locks"), town.filled("budget")
    done = set(locks.loc[(locks["subject"] == "site") & (locks["rule"] == "done"), "id"])
    slips = [
        draw.slip.get(site, 0) if title > 0 and site not in done else 0
        for site, title in zip(modes["site_id"], modes["title_mu"], strict=True)
    ]
    modes["lead_years"] += np.array(slips, dtype=int)
    modes["public_cost_wan"] *= draw.public_cost
    candidates["probability"] = 1.0
    parks["land_price_wan_per_mu"] *= draw.land_price
    budget["own_funds_wan"] *= draw.own_funds
    budget["effort_months"] = np.inf
    changed = {"site_modes": modes, "candidates": candidates, "parks": parks, "budget": budget}
    for name in ("works", "facilities", "utility_steps"):
        if len(town[name]):
            changed[name] = town.filled(name)
            changed[name]["cost_wan"] *= draw.public_cost
    changed["locks"] = locks[~locks["rule"].isin(["must", "start_by"]) | locks["subject"].isin(promised)]
    kept = {name: _conform(name, frame) for name, frame in changed.items() if len(frame) or name == "locks"}
    return town.replace(**kept)


def _conform(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    if "effort_months" in frame and name == "budget":
        frame = frame.drop(columns="effort_months")
    finite = frame.replace({np.inf: np.nan})
    return schema.conform(name, finite.reset_index(drop=True))[0]
