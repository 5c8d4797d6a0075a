"""How the plan's decisions change when its weights change."""

from __future__ import annotations

import time
from typing import Any, Protocol

import numpy as np
import pandas as pd

from zhenxing.i18n import name_rows, say
from zhenxing.milp.highs import solve_relaxation
from zhenxing.milp.propagation import propagate
from zhenxing.planning.embed import embed_plan
from zhenxing.planning.extract import plan_tables
from zhenxing.planning.formulation import formulate
from zhenxing.planning.problem import read_problem
from zhenxing.planning.solve.incumbent import Incumbent
from zhenxing.planning.solve.lns import improve
from zhenxing.town import PlanSettings, Town

# Factor on each weight; a weight of 0 is raised to the default of the plan model instead of being multiplied.
SETTINGS: tuple[tuple[str, float], ...] = (
    ("unchanged", 1.0),
    ("tax_weight", 0.5),
    ("tax_weight", 2.0),
    ("value_added_weight", 0.0),
    ("value_added_weight", 2.0),
    ("tail_years", 0.0),
    ("tail_years", 2.0),
)
DEFAULTS = {"tax_weight": 1.0, "value_added_weight": 0.1, "tail_years": 10.0}


class HasTables(Protocol):
    """Anything with plan tables."""

    @property
    def tables(self) -> Any:
        """Plan tables by name."""


def sensitivity(town: Town, plan: HasTables, seconds: float, *, seed: int = 0) -> pd.DataFrame:
    """Return how a plan changes when tax weight, value-added weight or tail years change.

    Each row starts from the plan given and improves it under the changed weight for the same time; the row
    ``unchanged`` does the same with the weights as they are, so that what more search alone would change can be told
    apart from what the weight changes.

    Parameters
    ----------
    seconds : float
        Time for all rows together.

    Returns
    -------
    DataFrame
        parameter, setting, value_wan, sites_same, sites_changed, landings_changed, first_year_starts_changed,
        changes_zh, changes_en.
    """
    settings = town.settings.plan
    if settings is None:
        return pd.DataFrame()
    rows = []
    deadline = time.perf_counter() + seconds
    for position, (name, factor) in enumerate(SETTINGS):
        share = max((deadline - time.perf_counter()) / (len(SETTINGS) - position), 0.2)
        changed = settings if name == "unchanged" else _changed(settings, name, factor)
        tables, value = _improved(
            town.replace(settings=town.settings.model_copy(update={"plan": changed})), plan, share, seed
        )
        if tables is not None:
            shown = 1.0 if name == "unchanged" else float(getattr(changed, name))
            rows.append(
                {
                    "parameter": name,
                    "setting": shown,
                    "value_wan": value,
                    **_compare(plan.tables, tables, settings.base_year + 1),
                }
            )
    return pd.DataFrame(rows)


def _changed(settings: PlanSettings, name: str, factor: float) -> PlanSettings:
    own = float(getattr(settings, name))
    value = own * factor if own > 0 else DEFAULTS[name]
    return settings.model_copy(update={name: round(value) if name == "tail_years" else value})


def _improved(town: Town, plan: HasTables, seconds: float, seed: int) -> tuple[dict[str, pd.DataFrame] | None, float]:
    began = time.perf_counter()
    formulation = formulate(read_problem(town))
    incumbent = Incumbent(formulation.model, began + seconds, 1e-4)
    start = embed_plan(formulation, plan.tables)
    if start is None:
        return None, float("nan")
    incumbent.offer(start, "plan")
    model = propagate(formulation.model)
    relaxed = solve_relaxation(model, interior=True)
    if relaxed.status == "optimal":
        improve(
            formulation, model, incumbent, relaxed.solution, until=0.1, seed=seed, slice_seconds=min(1.5, seconds / 3)
        )
    incumbent.polish()
    if incumbent.solution is None:
        return None, float("nan")
    return plan_tables(formulation, incumbent.solution), float(incumbent.value)


def _compare(before: Any, after: dict[str, pd.DataFrame], first_year: int) -> dict[str, object]:
    keys = ["site_id", "mode", "start_year"]
    old, new = (
        set(map(tuple, tables["plan_sites"][keys].to_numpy(dtype=object).tolist())) for tables in (before, after)
    )
    landed = ["candidate_id", "park_id", "year"]
    both = pd.concat(
        [
            tables["plan_landings"].assign(signed=sign * tables["plan_landings"]["count"].astype(float))
            for tables, sign in ((before, 1.0), (after, -1.0))
        ]
    )
    moved = float(np.abs(both.groupby(landed)["signed"].sum().to_numpy(dtype=float)).sum()) / 2
    sites = sorted({str(key[0]) for key in old ^ new})
    first = {key for key in old ^ new if int(key[2]) == first_year}
    text = say("plan.no_change") if not sites else say("plan.sites_changed", sites=name_rows(sites))
    return {
        "sites_same": len(old & new),
        "sites_changed": len(sites),
        "landings_changed": float(np.ceil(moved)),
        "first_year_starts_changed": len({str(key[0]) for key in first}),
        "changes_zh": text.zh,
        "changes_en": text.en,
    }
