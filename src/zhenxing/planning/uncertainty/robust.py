"""Which decisions do not depend on luck: how often each appears in the plans made for single draws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

Decision = tuple[str, str, str, int]
COLUMNS = ["decision", "id", "option", "year", "share", "in_plan", "in_two_stage", "verdict"]


def decisions(tables: Mapping[str, pd.DataFrame]) -> set[Decision]:
    """Return what a plan decides before luck is known: (kind, id, option, calendar year)."""
    found: set[Decision] = set()
    for row in tables["plan_sites"].to_dict("records"):
        found.add(("site", str(row["site_id"]), str(row["mode"]), int(row["start_year"])))
    for row in tables["plan_works"].to_dict("records"):
        found.add(("work", str(row["work_id"]), "", int(row["start_year"])))
    for row in tables["plan_facilities"].to_dict("records"):
        found.add(("facility", str(row["facility_id"]), str(row["park_id"]), int(row["year"])))
    for row in tables["plan_utilities"].to_dict("records"):
        step = f"{row['resource']}/{row['step']}"
        found.add(("utility", step, str(row["park_id"]), int(row["year"])))
    return found


def robust_table(
    plan: Mapping[str, pd.DataFrame],
    two_stage: Mapping[str, pd.DataFrame],
    single: Sequence[Mapping[str, pd.DataFrame]],
    enough: float,
) -> pd.DataFrame:
    """Return every decision that appears in any of the plans, and whether luck changes it.

    Parameters
    ----------
    single : sequence of plan tables
        The plans made for one draw each.
    enough : float
        Share of those plans from which on a decision counts as robust, if the two-stage plan takes it too.

    Returns
    -------
    DataFrame
        decision, id, option, year, share, in_plan, in_two_stage, verdict (robust, depends, rare); by year, the most
        shared first.
    """
    counted = Counter(decision for tables in single for decision in decisions(tables))
    own, common = decisions(plan), decisions(two_stage)
    rows = []
    for decision in set(counted) | own | common:
        share = counted[decision] / max(len(single), 1)
        verdict = "robust" if share >= enough and decision in common else "rare" if share <= 1.0 - enough else "depends"
        rows.append((*decision, share, decision in own, decision in common, verdict))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.sort_values(
        ["year", "share", "decision", "id", "option"], ascending=[True, False, True, True, True], ignore_index=True
    )


def first_change(table: pd.DataFrame) -> dict[str, object] | None:
    """Return the earliest decision of the plan that luck changes (the least shared of its year); None: nothing."""
    changing = table[table["in_plan"] & (table["verdict"] != "robust")]
    if not len(changing):
        return None
    first = changing[changing["year"] == changing["year"].min()].sort_values(["share", "decision", "id"]).iloc[0]
    return {name: first[name].item() if hasattr(first[name], "item") else first[name] for name in COLUMNS[:5]}
