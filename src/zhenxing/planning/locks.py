"""What people decided already: the year-0 state (rule 12) and the locks on the plan's own choices (rule 11)."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from zhenxing.planning.horizon import Horizon
from zhenxing.town import Town


@dataclass(frozen=True)
class DoneState:
    """Year-0 state: plan year (<= 0) of each done site and mode and work; firms landed per candidate and park."""

    sites: dict[tuple[str, str], int]
    works: dict[str, int]
    landings: dict[tuple[str, str], int]
    landing_years: dict[tuple[str, str], int]


@dataclass(frozen=True)
class Lock:
    """One lock: ``option`` empty = any mode or park; ``year`` a plan year."""

    row: int
    subject: str
    id: str
    option: str
    rule: str
    year: int


@dataclass(frozen=True)
class Locks:
    """All locks but the year-0 state."""

    rows: tuple[Lock, ...]

    def of(self, subject: str) -> list[Lock]:
        """Return the locks on sites, candidates or works."""
        return [lock for lock in self.rows if lock.subject == subject]

    @property
    def candidates(self) -> set[str]:
        """Candidates named by a lock; they are never merged with others."""
        return {lock.id for lock in self.rows if lock.subject == "candidate"}


def read_done(town: Town, horizon: Horizon) -> DoneState:
    """Return the year-0 state of a town."""
    table = town.filled("locks")
    sites: dict[tuple[str, str], int] = {}
    works: dict[str, int] = {}
    landings: dict[tuple[str, str], int] = {}
    years: dict[tuple[str, str], int] = {}
    for row in table[table["rule"] == "done"].to_dict("records"):
        at = int(row["year"]) - horizon.base_year
        name, option = str(row["id"]), str(row["option"])
        if row["subject"] == "site":
            sites[name, option] = at
        elif row["subject"] == "work":
            works[name] = at
        else:
            landings[name, option] = landings.get((name, option), 0) + int(row["count"])
            years[name, option] = min(at, years.get((name, option), at))
    return DoneState(sites, works, landings, years)


def read_locks(town: Town, horizon: Horizon) -> Locks:
    """Return the locks of a town that bind the plan's own choices."""
    table = town.filled("locks").reset_index(drop=True)
    rows = [
        Lock(
            position,
            str(row["subject"]),
            str(row["id"]),
            str(row["option"]),
            str(row["rule"]),
            0 if pd.isna(row["year"]) else int(row["year"]) - horizon.base_year,
        )
        for position, row in enumerate(table.to_dict("records"))
        if row["rule"] != "done"
    ]
    return Locks(tuple(rows))
