"""Rule 9: targets; a missed target costs its penalty and never forbids a plan.

Formula: ``shortfall >= target - baseline - value``, with the value of each indicator as plan_model.md defines it; with
a park only the sites and landings of that park count.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zhenxing.milp import Block, Model
from zhenxing.planning.constraints.money import tax_before
from zhenxing.planning.problem import Problem
from zhenxing.planning.variables import Decisions

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Terms = list[tuple[Ints, Floats]]


def add(model: Model, problem: Problem, decisions: Decisions) -> Block:
    """Add the rows of rule 9 and return the shortfalls, one per target row inside the horizon with a penalty."""
    table = problem.targets[problem.targets["penalty_wan_per_unit"] > 0].reset_index(drop=True)
    labels = {
        "indicator": table["indicator"].tolist(),
        "year": table["year"].tolist(),
        "park_id": table["park_id"].tolist(),
    }
    short = model.columns("shortfall", labels)
    constants, found = [], []
    for row in table.to_dict("records"):
        constant, terms = indicator_terms(problem, decisions, str(row["indicator"]), int(row["t"]), int(row["park"]))
        constants.append(constant)
        found.append(terms)
    lower = (table["target"] - table["baseline"]).to_numpy(dtype=float) - np.array(constants, dtype=float)
    rows = model.rows("target", labels, lower=lower)
    model.put(rows.all, short.all, 1.0)
    for at, terms in enumerate(found):
        for columns, values in terms:
            model.put(rows.at(np.full(len(columns), at)), columns, values)
    delta = problem.horizon.discount
    model.reward(
        "penalties",
        short.all,
        -table["penalty_wan_per_unit"].to_numpy(dtype=float) * delta[table["t"].to_numpy(dtype=np.int64)],
    )
    return short


def indicator_terms(problem: Problem, decisions: Decisions, indicator: str, t: int, park: int) -> tuple[float, Terms]:
    """Return an indicator of rule 9 in plan year t as a constant (year-0 state) and terms over the decisions.

    ``park`` is a position, −1 for the whole town.
    """
    modes, candidates = problem.modes, problem.candidates
    pair, start_year = decisions.start_pair, decisions.start_year
    here = (modes.park[pair] == park) if park >= 0 else np.ones(len(pair), dtype=bool)
    landed = (decisions.land_park == park) if park >= 0 else np.ones(len(decisions.land_park), dtype=bool)
    done = ~np.isnan(modes.done_at) & ((modes.park == park) | (park < 0))

    def starts(mask: npt.NDArray[np.bool_], amount: Floats) -> tuple[Ints, Floats]:
        at = np.flatnonzero(here & mask)
        return decisions.start.at(at), amount[pair[at]]

    def landings(mask: npt.NDArray[np.bool_], amount: Floats) -> tuple[Ints, Floats]:
        at = np.flatnonzero(landed & mask)
        return decisions.land.at(at), amount[decisions.land_class[at]]

    this_year = decisions.land_year == t
    if indicator == "cleared_mu":
        return float(modes.area_mu[done & modes.clears].sum()), [
            starts(modes.clears[pair] & (start_year <= t), modes.area_mu)
        ]
    if indicator == "released_mu":
        ready = done & (modes.done_at + modes.lead <= t)
        return float(modes.released_mu[ready].sum()), [starts(start_year + modes.lead[pair] <= t, modes.released_mu)]
    if indicator == "landed_projects":
        return 0.0, [landings(this_year, np.ones(len(candidates.link)))]
    if indicator == "landed_investment_wan":
        return 0.0, [landings(this_year, candidates.probability * candidates.investment)]
    if indicator in {"above_scale_firms", "above_scale_net"}:
        terms = [landings(this_year, candidates.probability * candidates.above_scale)]
        if indicator == "above_scale_net":
            terms.append(starts(start_year == t, -modes.above_scale_loss))
        return 0.0, terms
    return _tax(
        problem,
        decisions,
        t,
        park,
        starts(start_year + modes.lead[pair] <= t, modes.tax_gain),
        landings(decisions.land_year <= t, candidates.probability * candidates.tax),
    )


def _tax(
    problem: Problem, decisions: Decisions, t: int, park: int, sites: tuple[Ints, Floats], firms: tuple[Ints, Floats]
) -> tuple[float, Terms]:
    """Return annual_tax_wan: the full tax of the year (the cash floor does not apply to targets)."""
    works, candidates, modes = problem.works, problem.candidates, problem.modes
    if park < 0:
        work, year = np.meshgrid(np.arange(len(works.ids)), np.arange(1, problem.horizon.length + 1), indexing="ij")
        ok = year + works.lead[:, None] <= t
        all_classes = np.ones(len(candidates.link), dtype=bool)
        return float(tax_before(problem, all_classes)[t - 1]), [
            sites,
            firms,
            (decisions.work.at(work[ok], year[ok] - 1), works.tax_gain[work[ok]]),
        ]
    present = candidates.present_park == park
    k = candidates.present_class[present]
    constant = float(np.sum(candidates.probability[k] * candidates.tax[k] * candidates.present_count[present]))
    ready = ~np.isnan(modes.done_at) & (modes.park == park) & (modes.done_at + modes.lead <= t)
    return constant + float(modes.tax_gain[ready].sum()), [sites, firms]
