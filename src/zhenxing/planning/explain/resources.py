"""The limits of a town by resource, park and year, and which rows and bounds of the model each one is.

Money, title cases, clearing and effort are rows of their year; the debt limit is the upper bound of the year's debt. A
park's land and supplies are handed from year to year, so one more mu in a year's row is there from that year on: the
row of the first plan year is the number that stands in the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from zhenxing.errors import InputError, Text
from zhenxing.i18n import name_rows, say
from zhenxing.milp.highs import Relaxation
from zhenxing.planning.explain.ground import Ground
from zhenxing.planning.explain.worth import Change
from zhenxing.planning.problem import Problem

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Limits of the whole town by the name of their rows; the debt limit is a bound and has no row.
TOWN_LIMITS: Mapping[str, str] = {
    "money": "money",
    "debt": "",
    "title_mu": "title_mu",
    "cleared_mu": "cleared_mu",
    "effort_months": "effort_months",
}
# Stands for every year at once in the year column.
EVERY_YEAR = 0
# Less than this share of a limit left over counts as used up.
USED_UP = 1e-6


@dataclass(frozen=True, eq=False)
class ResourceLimit:
    """One limit of one year (or of every year) and where it stands in the model.

    Attributes
    ----------
    resource, park_id : str
        As in ``prices.csv``; no park for the limits of the whole town.
    year : int
        Calendar year; 0 for every year together, for land and supplies the number in the table.
    amounts : array
        The limit of each year concerned, in its own unit; infinite where there is none.
    rows : array of int
        Rows whose right side moves with it.
    columns : array of int
        Columns whose upper bound moves with it.
    stock : bool
        What is there stays from year to year: the rows are balances, and both their sides move.
    shortcuts : array of int
        Rows that follow from the limit as it is and would be wrong under a larger one.
    """

    resource: str
    park_id: str
    year: int
    amounts: Floats
    rows: Ints
    columns: Ints
    stock: bool = False
    shortcuts: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    @property
    def amount(self) -> float:
        """The limit, the yearly mean where it is that of several years; infinite where it is unlimited."""
        finite = self.amounts[np.isfinite(self.amounts)]
        return float(finite.mean()) if len(finite) else np.inf

    @property
    def unlimited(self) -> bool:
        """Whether there is no limit at all."""
        return not np.isfinite(self.amounts).any()


def find_limits(ground: Ground, resource: str | None, year: int | None, park: str | None) -> list[ResourceLimit]:
    """Return the limits that a question names; what it leaves out means all.

    Parameters
    ----------
    resource : str, optional
        ``money``, ``debt``, ``title_mu``, ``cleared_mu``, ``effort_months``, ``land`` or a resource of park_supply.
    year : int, optional
        Calendar year, 0 for every year together.
    park : str, optional
        For land and the resources of park_supply.

    Raises
    ------
    InputError
        The year, the resource or the park is none of this town's, or the park has no such supply.
    """
    problem = ground.formulation.problem
    _check(problem, resource, year, park)
    supplied = dict.fromkeys(problem.supplies.resource)
    resources = [resource] if resource else [*(TOWN_LIMITS if park is None else ()), "land", *supplied]
    found = []
    for name in resources:
        stock = name not in TOWN_LIMITS
        # what is there from the first year on is the number in the table: one row stands for a stock
        years = [year] if year is not None else [EVERY_YEAR, *(() if stock else problem.horizon.calendar)]
        for place in _parks_with(problem, name, park) if stock else [""]:
            found += [_stock(ground, name, place, one) if stock else _yearly(ground, name, one) for one in years]
    return found


def _yearly(ground: Ground, resource: str, year: int) -> ResourceLimit:
    problem, nothing = ground.formulation.problem, np.empty(0, dtype=np.int64)
    budget, horizon = problem.budget, problem.horizon
    years = np.arange(horizon.length) if year == EVERY_YEAR else np.array([year - horizon.base_year - 1])
    amounts = {
        "money": budget.own_funds,
        "debt": budget.debt_limit,
        "title_mu": budget.title_mu,
        "cleared_mu": budget.clear_mu,
        "effort_months": budget.effort,
    }[resource][years]
    if resource == "debt":
        return ResourceLimit(resource, "", year, amounts, nothing, ground.formulation.decisions.debt.all[years])
    rows = ground.formulation.model.rows[TOWN_LIMITS[resource]].all[years]
    return ResourceLimit(resource, "", year, amounts, rows, nothing)


def _stock(ground: Ground, resource: str, park: str, year: int) -> ResourceLimit:
    problem, blocks = ground.formulation.problem, ground.formulation.model.rows
    first = 0 if year == EVERY_YEAR else year - problem.horizon.base_year - 1
    nothing = np.empty(0, dtype=np.int64)
    at = problem.parks.ids.index(park)
    if resource == "land":
        row = blocks["land"].at(np.array([at]), np.array([first]))
        return ResourceLimit(resource, park, year, problem.parks.vacant_mu[[at]], row, nothing, stock=True)
    entry = int(problem.supplies.find(np.array([at]), [resource])[0])
    row = blocks["supply"].at(np.array([entry]), np.array([first]))
    shortcuts = [block.all for name, block in blocks.items() if name.startswith(f"step_needed_{entry}_")]
    return ResourceLimit(
        resource,
        park,
        year,
        problem.supplies.amount[[entry]],
        row,
        nothing,
        stock=True,
        shortcuts=np.concatenate([nothing, *shortcuts]),
    )


def _parks_with(problem: Problem, resource: str, park: str | None) -> list[str]:
    """Return the parks asked for that limit a resource."""
    if resource == "land":
        own = problem.parks.ids
    else:
        pairs = zip(problem.supplies.park.tolist(), problem.supplies.resource, strict=True)
        own = [problem.parks.ids[at] for at, name in pairs if name == resource]
    return [name for name in own if park in (None, name)]


def _check(problem: Problem, resource: str | None, year: int | None, park: str | None) -> None:
    """Say what is wrong with a question before anything is solved."""
    years = problem.horizon.calendar
    if year is not None and year != EVERY_YEAR and year not in years:
        raise InputError(say("prices.unknown_year", year=year, first=years[0], last=years[-1]))
    known = [*TOWN_LIMITS, "land", *dict.fromkeys(problem.supplies.resource)]
    if resource is not None and resource not in known:
        raise InputError(say("prices.unknown_resource", resource=resource, known=name_rows(known, most=20)))
    if park is None:
        return
    if park not in problem.parks.ids:
        raise InputError(say("prices.unknown_park", park=park, known=name_rows(problem.parks.ids, most=20)))
    if resource in TOWN_LIMITS:
        raise InputError(say("prices.no_park_needed", resource=resource))
    if resource not in (None, "land") and not _parks_with(problem, resource, park):
        with_it = _parks_with(problem, resource, None)
        raise InputError(say("prices.no_such_supply", park=park, resource=resource, known=name_rows(with_it, most=20)))


def relaxation_price(limit: ResourceLimit, relaxed: Relaxation) -> float:
    """Return what one more unit of a limit is worth in the relaxation, 万元 (of every year, the sum over the years)."""
    if limit.unlimited:
        return 0.0
    price = float(relaxed.row_price[limit.rows].sum() + np.maximum(relaxed.reduced_cost[limit.columns], 0.0).sum())
    return max(price, 0.0) if abs(price) > 1e-9 else 0.0


def moved(ground: Ground, limit: ResourceLimit, step: float, label: Text) -> Change:
    """Return the change of a limit by a step in its own unit, in every year that has the limit; none falls below 0."""
    model = ground.formulation.model
    # a balance row also carries what is there already, so its step is measured on the table's own number
    limited = np.isfinite(limit.amounts)
    amounts = np.where(limited, limit.amounts, 0.0)
    steps = np.where(limited, np.maximum(amounts + step, 0.0) - amounts, 0.0)
    rows, columns = {}, {}
    for at, by in zip(limit.rows.tolist(), steps.tolist(), strict=False):
        low = float(model.row_lower[at]) + (by if limit.stock else 0.0)
        rows[at] = (low, float(model.row_upper[at]) + by)
    for at, by in zip(limit.columns.tolist(), steps.tolist(), strict=False):
        columns[at] = (float(model.lower[at]), float(model.upper[at]) + by)
    if step > 0:
        rows.update(dict.fromkeys(limit.shortcuts.tolist(), (-np.inf, np.inf)))
    return Change(label, "relaxation" if step >= 0 else "restriction", columns=columns, rows=rows)


def left_over(ground: Ground, limit: ResourceLimit, solution: Floats) -> float:
    """Return how much of a limit a solution leaves unused to the end, in the limit's unit; infinite without a limit."""
    if limit.unlimited:
        return np.inf
    model = ground.formulation.model
    if limit.resource == "debt":
        years = limit.columns - ground.formulation.decisions.debt.start
        spare = model.upper[limit.columns] - least_borrowing(ground, solution)[1][years]
    elif limit.resource == "money":
        first = int(limit.rows.min()) - model.rows["money"].start
        cash, debt = (path[first:] for path in least_borrowing(ground, solution))
        # money that would save a loan is not left over
        spare = np.where(np.any(debt > USED_UP), 0.0, cash)
    elif limit.stock:
        land = limit.resource == "land"
        block = ground.formulation.unused_land if land else model.columns["spare_supply"]
        entry, first = divmod(int(limit.rows[0]) - model.rows["land" if land else "supply"].start, block.shape[1])
        spare = solution[block.at(np.array(entry), np.arange(first, block.shape[1]))]
    else:
        rows = limit.rows[np.isfinite(limit.amounts)]
        spare = model.row_upper[rows] - model.matrix.tocsr()[rows, :] @ solution
    least = float(spare.min())
    return least if least > USED_UP * max(1.0, limit.amount) else 0.0


def least_borrowing(ground: Ground, solution: Floats) -> tuple[Floats, Floats]:
    """Return cash and debt by year (万元) when a plan borrows only what it lacks; a solution may hold idle loans."""
    model, decisions = ground.formulation.model, ground.formulation.decisions
    rows = model.rows["money"].all
    bare = solution.copy()
    bare[decisions.cash.span] = bare[decisions.debt.span] = 0.0
    net = model.row_upper[rows] - model.matrix.tocsr()[rows, :] @ bare
    interest = ground.formulation.problem.settings.interest_rate
    cash, debt = np.zeros(len(rows)), np.zeros(len(rows))
    left = 0.0
    for year, flow in enumerate(net.tolist()):
        left += flow
        cash[year], debt[year] = max(left, 0.0), max(-left, 0.0)
        left = cash[year] - (1.0 + interest) * debt[year]
    return cash, debt
