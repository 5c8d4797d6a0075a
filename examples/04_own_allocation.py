"""A generalised assignment problem as a town: agents are parks, their capacity a resource, jobs are candidates.

Three jobs, two agents, one job per placement; the cost of a pair is a negative ``fit_wan``. Every job must be placed.
"""

import pandas as pd

from zhenxing import PlanOptions, plan, schema
from zhenxing.town import Settings, Town

COST = {("j1", "a1"): 4, ("j1", "a2"): 7, ("j2", "a1"): 3, ("j2", "a2"): 5, ("j3", "a1"): 7, ("j3", "a2"): 2}
USE = {("j1", "a1"): 2, ("j1", "a2"): 3, ("j2", "a1"): 2, ("j2", "a2"): 2, ("j3", "a1"): 1, ("j3", "a2"): 2}
CAPACITY = {"a1": 3, "a2": 5}


def table(name: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    return schema.conform(name, pd.DataFrame(rows))[0]


jobs = sorted({job for job, _ in COST})
uses = [
    {"candidate_id": job, "park_id": agent, "resource": "hours", "amount": use} for (job, agent), use in USE.items()
]
supply = [{"park_id": agent, "resource": "hours", "amount": amount} for agent, amount in CAPACITY.items()]
pairs = [{"candidate_id": job, "park_id": agent, "fit_wan": -cost} for (job, agent), cost in COST.items()]
settings = Settings.parse({"plan": {"base_year": 2026, "horizon_years": 1, "discount_rate": 0.0, "tail_years": 0}})
town = Town(
    settings,
    {
        "parks": table("parks", [{"park_id": agent} for agent in CAPACITY]),
        "park_supply": table("park_supply", supply),
        "candidates": table("candidates", [{"candidate_id": job} for job in jobs]),
        "placements": table("placements", pairs),
        "candidate_uses": table("candidate_uses", uses),
        "locks": table("locks", [{"subject": "candidate", "id": job, "rule": "must"} for job in jobs]),
    },
)
result = plan(town, PlanOptions(work=50))
print(f"least cost {-result.summary['value_wan']:g}, {result.summary['status']}")
print(result.tables["plan_landings"][["candidate_id", "park_id"]].to_string(index=False))
