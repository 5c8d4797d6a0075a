"""The town's tables as the checker reads them: defaults filled, plain types, each row beside what it refers to.

Everything that happens is counted on three tables: ``options`` (a site in a mode), ``placements`` (a candidate in a
park) and ``works``. Arrays of the checker have one row per row of such a table and one column per year t = 0..T.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zhenxing.planning.checker.violations import FloatArray
from zhenxing.planning.consistency.inputs import each_row, plain

if TYPE_CHECKING:
    from zhenxing.town import PlanSettings, Town


@dataclass(frozen=True)
class Facts:
    """A town ready to be checked: joined tables and its year-0 state (``done`` locks)."""

    settings: PlanSettings
    base_year: int
    horizon: int
    parks: pd.DataFrame
    sites: pd.DataFrame
    neighbours: pd.DataFrame
    options: pd.DataFrame
    site_supplies: pd.DataFrame
    platforms: pd.DataFrame
    platform_sites: pd.DataFrame
    candidates: pd.DataFrame
    placements: pd.DataFrame
    uses: pd.DataFrame
    park_supply: pd.DataFrame
    utility_steps: pd.DataFrame
    facilities: pd.DataFrame
    works: pd.DataFrame
    work_supplies: pd.DataFrame
    chain_rewards: pd.DataFrame
    budget: pd.DataFrame
    targets: pd.DataFrame
    locks: pd.DataFrame
    done_starts: FloatArray
    done_landings: FloatArray
    done_works: FloatArray

    @property
    def years(self) -> range:
        """The calendar years t = 0..T; the first is the base year."""
        return range(self.base_year, self.base_year + self.horizon + 1)

    @property
    def plan_years(self) -> range:
        """The calendar years t = 1..T."""
        return range(self.base_year + 1, self.base_year + self.horizon + 1)

    def time(self, year: float) -> int:
        """Return t of a calendar year."""
        return int(year) - self.base_year


def read_facts(town: Town) -> Facts:
    """Join the plan's input tables of a town that has no input errors."""
    settings = town.plan
    tables = {name: plain(town, name) for name in _READ}
    sites, candidates = tables["sites"], tables["candidates"]
    options = _beside(tables["site_modes"], sites, "site_id", ["park_id", "area_mu", "floor_m2"])
    wanted = [name for name in candidates.columns if name not in ("candidate_id", "land_mu", "name")]
    placements = _beside(tables["placements"], candidates, "candidate_id", wanted)
    placements = _beside(placements, tables["parks"], "park_id", ["land_price_wan_per_mu"])
    locks, works = tables["locks"], tables["works"]
    return Facts(
        settings=settings,
        base_year=int(settings.base_year),
        horizon=int(settings.horizon_years),
        parks=tables["parks"],
        sites=sites,
        neighbours=tables["site_neighbours"],
        options=options,
        site_supplies=tables["site_supplies"],
        platforms=tables["platforms"],
        platform_sites=tables["platform_sites"],
        candidates=candidates,
        placements=placements,
        uses=tables["candidate_uses"],
        park_supply=tables["park_supply"],
        utility_steps=tables["utility_steps"].sort_values(["park_id", "resource", "step"], ignore_index=True),
        facilities=tables["facilities"],
        works=works,
        work_supplies=tables["work_supplies"],
        chain_rewards=tables["chain_rewards"].sort_values(["link_id", "segment"], ignore_index=True),
        budget=tables["budget"],
        targets=tables["targets"],
        locks=locks,
        done_starts=_done_years(locks, "site", list(zip(options["site_id"], options["mode"], strict=True))),
        done_landings=_done_counts(locks, placements),
        done_works=_done_years(locks, "work", list(works["work_id"])),
    )


_READ = (
    "parks",
    "sites",
    "site_neighbours",
    "site_modes",
    "site_supplies",
    "platforms",
    "platform_sites",
    "candidates",
    "placements",
    "candidate_uses",
    "park_supply",
    "utility_steps",
    "facilities",
    "works",
    "work_supplies",
    "chain_rewards",
    "budget",
    "targets",
    "locks",
)


def _beside(frame: pd.DataFrame, other: pd.DataFrame, key: str, columns: list[str]) -> pd.DataFrame:
    """Return the rows with columns of the table they refer to."""
    found = other.drop_duplicates(key).set_index(key)[columns].reindex(frame[key].to_numpy())
    joined = pd.concat([frame, found.reset_index(drop=True)], axis=1)
    # a reference that is not there leaves gaps, which would turn booleans into objects
    for column in columns:
        if other[column].dtype == bool:
            joined[column] = joined[column].eq(True)
    return joined


def _done_years(locks: pd.DataFrame, subject: str, keys: Sequence[object]) -> FloatArray:
    """Return the calendar year in which each row was started before the plan; NaN where it was not."""
    done = locks[(locks["rule"] == "done") & (locks["subject"] == subject)]
    position = {key: row for row, key in enumerate(keys)}
    years = np.full(len(keys), np.nan)
    for lock in each_row(done):
        row = position.get((lock.id, lock.option) if subject == "site" else lock.id)
        if row is not None:
            years[row] = lock.year
    return years


def _done_counts(locks: pd.DataFrame, placements: pd.DataFrame) -> FloatArray:
    """Return how many firms of each placement are here already."""
    position = {key: row for row, key in enumerate(zip(placements["candidate_id"], placements["park_id"], strict=True))}
    counts = np.zeros(len(placements))
    for lock in each_row(locks[(locks["rule"] == "done") & (locks["subject"] == "candidate")]):
        row = position.get((lock.id, lock.option))
        if row is not None:
            counts[row] += lock.count
    return counts
