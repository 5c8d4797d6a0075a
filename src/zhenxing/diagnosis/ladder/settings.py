"""What the ladder is judged by."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from zhenxing.rules.files import records


@cache
def register_rule(name: str) -> float:
    """Return a number of the register's rules (``data/ladder/register_rules.csv``).

    Examples
    --------
    >>> register_rule("quasi_share")
    0.6
    """
    return next(float(row["value"]) for row in records("ladder/register_rules.csv") if row["id"] == name)


@dataclass(frozen=True)
class LadderSettings:
    """Rule sets and parameters of the ladder.

    Parameters
    ----------
    rule_sets : tuple of str or Path
        Ids of shipped rule sets, or files (``.toml``) of the office. Two sets with the same rung both come out.
    on : date, optional
        Day of judgement; 31 December of the year judged by default.
    least_role_share : float
        Share of a firm's weight in the chain from which a role makes another sector plausible (assumed).
    quasi_share : float
        Share of the line from which a firm is quasi-above-scale (assumed).
    exit_grace_years : int
        Years a unit may stay below the line before it leaves at the annual review (assumed).
    """

    rule_sets: tuple[str | Path, ...] = ("miit-2022", "gazelle-national", "champion-2025", "unicorn")
    on: dt.date | None = None
    least_role_share: float = 0.25
    quasi_share: float = register_rule("quasi_share")
    exit_grace_years: int = int(register_rule("exit_grace_years"))

    def day(self, year: int) -> dt.date:
        """Return the day of judgement of a year."""
        return self.on or dt.date(year, 12, 31)
