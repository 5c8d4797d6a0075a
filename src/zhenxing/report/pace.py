"""How fast the plan clears land, when the gross scope would be finished at that pace, and what would halve the time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from zhenxing.planning.checker import Evaluation
    from zhenxing.town import Town


@dataclass(frozen=True)
class Limit:
    """One yearly limit against what half the time would need of it; land in mu, money in 万元, per year.

    Parameters
    ----------
    name : {"clear", "title", "money"}
        Clearing capacity, title capacity, money spent on renewal.
    per_mu : float
        Use of the limit per mu cleared, in this plan.
    mean_use, mean_limit, needed : float
        Yearly means over the plan years; ``needed`` at twice the pace.
    full_years : int
        Plan years in which at least 99 % of the limit is used.
    """

    name: str
    per_mu: float
    mean_use: float
    mean_limit: float
    needed: float
    full_years: int

    @property
    def must_rise(self) -> bool:
        """Whether the limit as given does not carry twice the pace."""
        return self.needed > self.mean_limit * (1 + 1e-9)


@dataclass(frozen=True)
class Pace:
    """The question of the day in numbers; land in mu.

    Parameters
    ----------
    gross_mu : float
        The gross scope.
    is_given : bool
        Whether the town states its gross scope; otherwise it is the sum of the sites.
    registered_mu : float
        Area of the sites in the register.
    done_mu : float
        Cleared before the plan.
    yearly : DataFrame
        year, started_mu, cleared_mu and released_mu (both cumulative, with what was done before).
    per_year : float
        Mean area cleared per plan year.
    years_left : float
        Years from the base year to finish the rest of the scope at that pace; infinite when nothing is cleared.
    finish_year : int or None
        Calendar year in which the scope would be finished.
    limits : tuple of Limit
        Clearing, title, money.
    """

    gross_mu: float
    is_given: bool
    registered_mu: float
    done_mu: float
    yearly: pd.DataFrame
    per_year: float
    years_left: float
    finish_year: int | None
    limits: tuple[Limit, ...]

    @property
    def cleared_mu(self) -> float:
        """Cleared by the last plan year."""
        return float(self.yearly["cleared_mu"].iloc[-1])

    @property
    def released_mu(self) -> float:
        """Released by the last plan year."""
        return float(self.yearly["released_mu"].iloc[-1])


def renewal_pace(town: Town, plan: Mapping[str, pd.DataFrame], evaluation: Evaluation) -> Pace:
    """Return the pace of a plan against the town's gross scope.

    Parameters
    ----------
    town : Town
        ``[town] gross_scope_mu`` of its settings states the scope; without it the sites are the scope.
    plan : mapping of DataFrame
        The plan tables.
    evaluation : Evaluation
        Yearly clearing, titles, land and money of the plan.
    """
    sites = town.filled("sites")
    registered = float(sites["area_mu"].astype(float).sum())
    given = scope_given(town)
    gross = given if given is not None else registered
    done = done_clearing_mu(town)
    capacities = evaluation.capacities
    started = capacities["cleared_mu"].astype(float)
    released = evaluation.land.groupby("year")["released_mu"].sum().reindex(capacities["year"]).fillna(0.0)
    yearly = pd.DataFrame(
        {
            "year": capacities["year"].to_numpy(),
            "started_mu": started.to_numpy(),
            "cleared_mu": done + started.cumsum().to_numpy(),
            "released_mu": released.to_numpy(dtype=float),
        }
    )
    per_year = float(started.mean()) if len(started) else 0.0
    left = max(0.0, gross - done)
    years = left / per_year if per_year > 0 else math.inf
    base = int(capacities["year"].min()) - 1 if len(capacities) else 0
    finish = base + math.ceil(years - 1e-9) if math.isfinite(years) else None
    limits = _limits(evaluation, per_year)
    return Pace(gross, given is not None, registered, done, yearly, per_year, years, finish, limits)


def scope_given(town: Town) -> float | None:
    """Return the gross scope that the town states in mu, or None."""
    extra = town.settings.town.model_extra or {}
    value = extra.get("gross_scope_mu")
    return float(value) if value is not None else None


def done_clearing_mu(town: Town) -> float:
    """Return the area of the sites that were cleared before the plan (locks with rule ``done``), in mu."""
    locks = town.filled("locks")
    done = locks[(locks["rule"] == "done") & (locks["subject"] == "site")]
    if done.empty:
        return 0.0
    modes = town.filled("site_modes")[["site_id", "mode", "clears"]]
    merged = done.merge(modes, left_on=["id", "option"], right_on=["site_id", "mode"])
    clearing = merged[merged["clears"].astype(bool)]
    area = town.filled("sites").set_index("site_id")["area_mu"].astype(float)
    return float(area.reindex(clearing["id"]).sum())


def _limits(evaluation: Evaluation, per_year: float) -> tuple[Limit, ...]:
    if per_year <= 0:
        return ()
    capacities, money = evaluation.capacities, evaluation.money
    years = len(capacities)
    spent = money[["site_cost_wan", "exit_compensation_wan", "moving_wan"]].astype(float).sum(axis=1)
    free = _money_at_hand(money)
    title, cleared = capacities["title_mu"].astype(float), capacities["cleared_mu"].astype(float)
    pairs = (
        ("clear", cleared, capacities["clear_capacity_mu"].astype(float)),
        ("title", title, capacities["title_capacity_mu"].astype(float)),
        ("money", spent, free),
    )
    total = per_year * years
    return tuple(
        Limit(
            name=name,
            per_mu=float(use.sum()) / total,
            mean_use=float(use.mean()),
            mean_limit=float(limit.mean()),
            needed=2 * per_year * float(use.sum()) / total,
            full_years=int((use >= 0.99 * limit - 1e-9).sum())
            if name != "money"
            else int((money["cash_wan"] <= 0.01 * spent).sum()),
        )
        for name, use, limit in pairs
    )


def _money_at_hand(money: pd.DataFrame) -> pd.Series:
    """Money that could go into renewal in a year: what it took, and what each year could add with cash ≥ 0."""
    taken = money[["site_cost_wan", "exit_compensation_wan", "moving_wan"]].astype(float).sum(axis=1)
    elapsed = pd.Series(range(1, len(money) + 1), index=money.index, dtype=float)
    return taken + max(0.0, float((money["cash_wan"].astype(float) / elapsed).min()))
