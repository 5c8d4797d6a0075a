"""Demand of a random town: candidates, where they may sit, what they use, and what the chain gains by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from zhenxing.samples.drawn_land import PLATFORM_MU
from zhenxing.samples.families import BASE_YEAR, Family, Size, stream

TAX_PER_OUTPUT: Final = 0.045
VALUE_ADDED_PER_OUTPUT: Final = 0.22
ABOVE_SCALE_THRESHOLD_WAN: Final = 2000.0
LEADER_CHAIN_EFFECT: Final = 4.0
CANDIDATES_PER_ARCHETYPE: Final = 14
FACILITY_SHARE: Final = 0.35
FACILITIES: Final = 1
# Chain reward: share of a link's expected output in each segment, and how far the reward falls from segment to segment.
CHAIN_SEGMENTS: Final = ((0.25, 1.0), (0.35, 0.5), (0.4, 0.2))


@dataclass
class _Kind:
    """One drawn candidate, or one archetype that several candidates share."""

    link: int
    land: float
    output: float
    probability: float
    effort: float
    investment: float
    jobs: int
    first: int
    last: int
    parks: tuple[int, ...]
    fit: tuple[float, ...]
    power: float
    facility: int
    leader: bool
    follower: bool


def demand_tables(
    size_name: str, size: Size, family: Family, seed: int, platform_parks: list[int]
) -> dict[str, pd.DataFrame]:
    """Draw candidates with their placements, uses and chain rewards (mu, 万元, person-months).

    Parameters
    ----------
    platform_parks : list of int
        Parks (from 0) that hold a contiguous platform: the only ones a leader looks at.
    """
    rng = stream("candidates", size_name, seed)
    number = round(size.candidates * family.candidate_share)
    leaders = max(1, round(number * family.leader_share))
    leader_links = sorted(int(n) for n in rng.choice(size.links, min(leaders, size.links), replace=False))
    kinds = [_leader(rng, size, leader_links[n % len(leader_links)], platform_parks) for n in range(leaders)]
    unique = (number - leaders) // 2
    kinds += [_other(rng, size, family, leader_links, 18.0) for _ in range(unique)]
    archetypes = [
        _other(rng, size, family, leader_links, 9.0)
        for _ in range(max(1, round(size.candidates / CANDIDATES_PER_ARCHETYPE)))
    ]
    kinds += [archetypes[int(n)] for n in np.sort(rng.integers(len(archetypes), size=number - leaders - unique))]
    ids = [f"C{n + 1:04d}" for n in range(number)]
    return {
        "candidates": _candidates(ids, kinds),
        "placements": _placements(ids, kinds),
        "candidate_uses": pd.DataFrame({"candidate_id": ids, "resource": "power", "amount": [k.power for k in kinds]}),
        "chain_rewards": _chain_rewards(stream("chain", size_name, seed), size, kinds),
    }


def _kind(rng: np.random.Generator, size: Size, link: int, median_mu: float, parks: list[int]) -> _Kind:
    land = round(float(rng.lognormal(np.log(median_mu), 0.4)), 2)
    output = round(land * float(rng.lognormal(np.log(650.0), 0.4)), 1)
    first = int(rng.integers(1, size.years))
    last = min(first + int(rng.integers(2, 6)) - 1, size.years)
    number = min(int(rng.integers(1, 5)), len(parks))
    chosen = tuple(sorted(int(p) for p in rng.choice(parks, number, replace=False)))
    needs_facility = bool(rng.uniform() < FACILITY_SHARE)
    facility = int(rng.integers(FACILITIES))
    return _Kind(
        link=link,
        land=land,
        output=output,
        probability=round(float(rng.uniform(0.2, 0.9)), 2),
        effort=round(float(rng.uniform(1.0, 6.0)), 1),
        investment=round(land * float(rng.uniform(350.0, 930.0)), 1),
        jobs=round(land * float(rng.uniform(8.0, 15.0))),
        first=first,
        last=last,
        parks=chosen,
        fit=tuple(round(land * float(f), 1) for f in rng.uniform(0.0, 2.0, number)),
        power=round(land * float(rng.uniform(0.08, 0.35)), 2),
        facility=facility if needs_facility else -1,
        leader=False,
        follower=False,
    )


def _leader(rng: np.random.Generator, size: Size, link: int, platform_parks: list[int]) -> _Kind:
    kind = _kind(rng, size, link, 70.0, platform_parks or list(range(size.parks)))
    kind.leader = True
    kind.effort = round(float(rng.uniform(10.0, 20.0)), 1)
    return kind


def _other(rng: np.random.Generator, size: Size, family: Family, leader_links: list[int], median_mu: float) -> _Kind:
    # Both draws are always made: a family that changes the share of followers leaves every other number as it is.
    follows = bool(rng.uniform() < family.follower_share)
    any_link, led_link = int(rng.integers(size.links)), int(rng.integers(len(leader_links)))
    kind = _kind(rng, size, leader_links[led_link] if follows else any_link, median_mu, list(range(size.parks)))
    kind.follower = follows
    return kind


def _candidates(ids: list[str], kinds: list[_Kind]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "candidate_id": ids,
            "name": [f"意向企业 {n + 1:04d}（合成）" for n in range(len(ids))],
            "link_id": [f"L{k.link + 1:02d}" for k in kinds],
            "kind": "incoming",
            "count": 1,
            "land_mu": [k.land for k in kinds],
            "annual_tax_wan": [round(k.output * TAX_PER_OUTPUT, 1) for k in kinds],
            "annual_value_added_wan": [round(k.output * VALUE_ADDED_PER_OUTPUT, 1) for k in kinds],
            # A leader's output counts with the orders it places along the chain; its tax and value added are its own.
            "annual_output_wan": [round(k.output * (LEADER_CHAIN_EFFECT if k.leader else 1.0), 1) for k in kinds],
            "investment_wan": [k.investment for k in kinds],
            "jobs": [k.jobs for k in kinds],
            "probability": [k.probability for k in kinds],
            "effort_months": [k.effort for k in kinds],
            "first_year": [BASE_YEAR + k.first for k in kinds],
            "last_year": [BASE_YEAR + k.last for k in kinds],
            "is_leader": [k.leader for k in kinds],
            "follows_leader": [k.follower for k in kinds],
            "min_contiguous_mu": [PLATFORM_MU if k.leader else 0.0 for k in kinds],
            "facility_id": [f"F{k.facility + 1}" if k.facility >= 0 else "" for k in kinds],
            "becomes_above_scale": [k.output >= ABOVE_SCALE_THRESHOLD_WAN for k in kinds],
        }
    )


def _placements(ids: list[str], kinds: list[_Kind]) -> pd.DataFrame:
    rows = [
        (candidate, f"P{park + 1}", fit)
        for candidate, kind in zip(ids, kinds, strict=True)
        for park, fit in zip(kind.parks, kind.fit, strict=True)
    ]
    return pd.DataFrame(rows, columns=["candidate_id", "park_id", "fit_wan"])


def _chain_rewards(rng: np.random.Generator, size: Size, kinds: list[_Kind]) -> pd.DataFrame:
    expected = np.zeros(size.links)
    for kind in kinds:
        expected[kind.link] += kind.probability * kind.output * (LEADER_CHAIN_EFFECT if kind.leader else 1.0)
    first_reward = rng.uniform(0.005, 0.02, size.links)
    rows = [
        (
            f"L{link + 1:02d}",
            segment,
            round(float(expected[link] * share), 1),
            round(float(first_reward[link] * fall), 5),
        )
        for link in range(size.links)
        for segment, (share, fall) in enumerate(CHAIN_SEGMENTS, start=1)
        if expected[link] > 0
    ]
    return pd.DataFrame(rows, columns=["link_id", "segment", "output_wan", "reward_per_output"])
