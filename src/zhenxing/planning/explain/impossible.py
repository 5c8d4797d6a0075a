"""Say why nothing is possible: the cheapest set of broken promises, named as the user named them.

The irreducible-conflict call of HiGHS returns an empty set with status OK at its default strategy, so the message comes
from our own elastic model: every promise may be broken at a price, and what is broken in the cheapest way is named.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from zhenxing.errors import Issue, Text
from zhenxing.i18n import say
from zhenxing.milp import Compiled
from zhenxing.milp.highs import Effort, solve_mip
from zhenxing.planning.formulation import Formulation

# Rows that a promise of the user stands behind, and the price of breaking one unit of them; locks are cheapest
# because they are what a person can take back.
ELASTIC = {"lock_must": 1.0, "lock_must_not": 1.0, "money": 1.0, "land": 10.0, "supply": 10.0}
SECONDS = 20.0


def impossible(formulation: Formulation) -> tuple[Text, list[Issue]]:
    """Return the message and the findings for a problem without any plan."""
    broken = _cheapest_breaks(formulation.model)
    findings = [_finding(formulation, name, at, amount) for name, at, amount in broken]
    reasons = [issue.text for issue in findings]
    joined = Text("".join(text.zh for text in reasons), " ".join(text.en for text in reasons))
    return say("plan.impossible", reasons=joined), findings


def _cheapest_breaks(model: Compiled) -> list[tuple[str, int, float]]:
    """Return (rule, row of its block, amount) of the cheapest set of broken promises."""
    rows, prices, owners = [], [], []
    for name, price in ELASTIC.items():
        if name in model.rows:
            block = model.rows[name]
            rows.append(block.all)
            # cash carries over, so a lack could be named in any year before it shows: the later year is cheaper
            prices.append(
                price * (1.0 - 1e-4 * np.arange(block.size) / max(block.size, 1))
                if name == "money"
                else np.full(block.size, price)
            )
            owners += [(name, i) for i in range(block.size)]
    at, cost = np.concatenate(rows), np.concatenate(prices)
    count, width = len(at), model.matrix.shape[1]
    over = sparse.coo_array((-np.ones(count), (at, np.arange(count))), shape=(model.matrix.shape[0], count))
    both = sparse.hstack([model.matrix, over, -over], format="csc")
    elastic = Compiled(
        matrix=sparse.csc_array(both),
        cost=np.concatenate([np.zeros(width), -cost, -cost]),
        offset=0.0,
        lower=np.concatenate([model.lower, np.zeros(2 * count)]),
        upper=np.concatenate([model.upper, np.full(2 * count, np.inf)]),
        integer=np.concatenate([model.integer, np.zeros(2 * count, dtype=bool)]),
        row_lower=model.row_lower,
        row_upper=model.row_upper,
        columns=model.columns,
        rows=model.rows,
        terms={},
        constants={},
    )
    answer = solve_mip(elastic, Effort(seconds=SECONDS, gap=1e-4))
    if answer.solution is None:
        return []
    broken = answer.solution[width : width + count] + answer.solution[width + count :]
    return [(*owners[i], float(broken[i])) for i in np.flatnonzero(broken > 1e-6).tolist()]


def _finding(formulation: Formulation, name: str, at: int, amount: float) -> Issue:
    problem, block = formulation.problem, formulation.model.rows[name]
    years = problem.horizon.calendar
    shown = f"{amount:.6g}"
    if name.startswith("lock_"):
        row = next(lock for lock in problem.locks.rows if lock.row == block.labels["row"][at])
        empty = name == "lock_must" and not _has_columns(formulation, name, at)
        text = say(
            f"plan.impossible_{'window' if empty else 'lock'}",
            row=row.row + 1,
            subject=row.subject,
            id=row.id,
            rule=row.rule,
        )
        return Issue("error", "lock_impossible", text, "locks", "", (str(row.row + 1),))
    if name == "money":
        text = say("plan.impossible_money", year=years[at], amount=shown)
        return Issue("error", "money_impossible", text, "budget", "", (str(years[at]),))
    entry, year = divmod(at, len(years))
    if name == "land":
        park = problem.parks.ids[entry]
        text = say("plan.impossible_land", year=years[year], park=park, amount=shown)
        return Issue("error", "land_impossible", text, "parks", "vacant_mu", (park,))
    supply = f"{problem.parks.ids[problem.supplies.park[entry]]}/{problem.supplies.resource[entry]}"
    text = say("plan.impossible_supply", year=years[year], supply=supply, amount=shown)
    return Issue("error", "supply_impossible", text, "park_supply", "amount", (supply,))


def _has_columns(formulation: Formulation, name: str, at: int) -> bool:
    row = formulation.model.rows[name].start + at
    return bool(formulation.model.matrix.tocsr()[[row], :].nnz)
