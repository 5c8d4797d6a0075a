"""Sizes and families of the random towns: how many of everything, and which limit is made to bind."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

BASE_YEAR: Final = 2026


@dataclass(frozen=True)
class Size:
    """How many parks, sites, candidates, plan years and chain links a random town has."""

    parks: int
    sites: int
    candidates: int
    years: int
    links: int


@dataclass(frozen=True)
class Family:
    """What a family changes of the balanced town.

    Parameters
    ----------
    money_factor : float
        Multiplies own funds and debt limit.
    title_factor : float
        Multiplies the yearly capacity of completing titles.
    vacant_land : bool
        Whether the parks start with vacant land.
    candidate_share : float
        Share of the size's candidates that exist.
    leader_share : float
        Leaders per candidate.
    follower_share : float
        Share of the other candidates that come only after a leader of their link.
    single_seed : bool
        One start-up site in the whole town instead of one per twelve sites.
    """

    money_factor: float = 1.0
    title_factor: float = 1.0
    vacant_land: bool = True
    candidate_share: float = 1.0
    leader_share: float = 1 / 30
    follower_share: float = 0.3
    single_seed: bool = False


SIZES: Final = MappingProxyType(
    {
        "XS": Size(2, 6, 12, 5, 6),
        "S": Size(3, 30, 120, 8, 12),
        "M": Size(6, 90, 500, 10, 25),
        "L": Size(6, 240, 1500, 10, 25),
        "XL": Size(6, 300, 3000, 15, 25),
    }
)
FAMILIES: Final = MappingProxyType(
    {
        "balanced": Family(),
        "money-tight": Family(money_factor=0.25),
        "land-tight": Family(vacant_land=False, title_factor=0.5),
        "demand-tight": Family(candidate_share=0.5),
        "leader-driven": Family(leader_share=1 / 12, follower_share=0.7),
        "deep-park": Family(single_seed=True),
    }
)


def stream(part: str, size: str, seed: int) -> np.random.Generator:
    """Return the random numbers of one part of a town, the same on every machine.

    Each part draws from its own stream, so that a family changes only what it names: the money-tight town of a seed has
    the very sites and candidates of the balanced one.

    Examples
    --------
    >>> round(float(stream("sites", "S", 0).uniform()), 6) == round(float(stream("sites", "S", 0).uniform()), 6)
    True
    """
    key = [seed, list(SIZES).index(size), *part.encode()]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(key)))
