"""A simulated plan as plan tables: what really began, landed and moved, and when."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from zhenxing.planning.uncertainty.playbook import Playbook
from zhenxing.planning.uncertainty.sampling import Draw
from zhenxing.planning.uncertainty.simulator import Outcome


def realised_tables(book: Playbook, outcome: Outcome, draw: Draw) -> dict[str, pd.DataFrame]:
    """Return what happened as plan tables, in calendar years: the plan as it turned out."""
    base = book.settings.base_year
    rows: dict[str, list[dict[str, object]]] = defaultdict(list)
    for item, t in outcome.starts:
        ready = base + t + item.lead
        if item.kind == "site":
            late = draw.slip.get(item.name, 0) if item.title_mu > 0 else 0
            rows["plan_sites"].append(
                {"site_id": item.name, "mode": item.option, "start_year": base + t, "delivery_year": ready + late}
            )
        elif item.kind == "work":
            rows["plan_works"].append({"work_id": item.name, "start_year": base + t, "opening_year": ready})
        elif item.kind == "facility":
            rows["plan_facilities"].append({"park_id": item.park, "facility_id": item.name, "year": base + t})
        else:
            resource, _, step = item.name.removeprefix(f"{item.park}/").rpartition("/")
            rows["plan_utilities"].append(
                {"park_id": item.park, "resource": resource, "step": int(step), "year": base + t}
            )
    for firm, park, t in outcome.landings:
        rows["plan_landings"].append({"candidate_id": firm.candidate, "park_id": park, "year": base + t, "count": 1})
    for item, t, floor in outcome.moves:
        if item.kind == "resettlement":
            rows["plan_resettlement"].append(
                {"from_park_id": item.park, "to_park_id": item.to_park, "year": base + t, "floor_m2": floor}
            )
        else:
            rows["plan_exits"].append({"park_id": item.park, "year": base + t, "floor_m2": floor})
    rows["plan_finance"] = [dict(row) for row in outcome.finance]
    return {name: pd.DataFrame(records) for name, records in rows.items()}
