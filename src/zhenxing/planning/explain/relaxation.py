"""Prices of the relaxation: what one more unit of each limit would be worth if plans could be divided at will.

They are smooth marginal values, not promises: a whole plan gains by steps, so an answer about one practical unit needs
a re-solve beside them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from zhenxing.milp.highs import solve_relaxation
from zhenxing.planning.formulation import Formulation, formulate
from zhenxing.planning.problem import read_problem
from zhenxing.town import Town

# Rows of the model -> the limit a person knows; growth rings, leaders and counts are limits too.
LIMITS = {
    "money": "money",
    "title_mu": "title_mu",
    "cleared_mu": "cleared_mu",
    "effort_months": "effort",
    "land": "land",
    "candidate_count": "demand",
    "leader_needed": "leader",
    "platform_needed": "platform",
    "facility_needed": "facility",
}


def relaxation_prices(town: Town) -> pd.DataFrame:
    """Return the relaxation's price of every limit.

    Returns
    -------
    DataFrame
        resource, park_id, year (0 where the limit has no year), price in 万元 per unit of the limit (per mu, per 万元,
        per person-month, per firm); limits of a park's resources carry the resource's own name.
    """
    formulation = formulate(read_problem(town))
    relaxed = solve_relaxation(formulation.model, interior=True)
    frames = []
    for name, block in formulation.model.rows.items():
        resource = LIMITS.get(name) or (
            "contiguity" if name.startswith("growth_ring") else "supply" if name == "supply" else ""
        )
        if resource and block.size:
            frame = block.table(np.abs(relaxed.row_price) if name != "money" else relaxed.row_price, "price")
            frames.append(_named(formulation, frame, resource))
    columns = ["resource", "park_id", "year", "price"]
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def _named(formulation: Formulation, frame: pd.DataFrame, resource: str) -> pd.DataFrame:
    frame = frame.copy()
    frame["resource"] = resource
    if resource == "supply":
        parts = frame["supply"].str.split("/", n=1)
        frame["park_id"], frame["resource"] = parts.str[0], parts.str[1]
    for column, nothing in (("park_id", ""), ("year", 0)):
        if column not in frame:
            frame[column] = nothing
    return frame
