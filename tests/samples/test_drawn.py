"""Random towns: ranges, families, labels, the same bytes for the same seed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from zhenxing.samples import random_tables, random_town
from zhenxing.samples.families import BASE_YEAR, FAMILIES, SIZES
from zhenxing.units import M2_PER_MU


@pytest.fixture(scope="module")
def small() -> dict[str, pd.DataFrame]:
    return random_tables("S", "balanced", 0)[1]


@pytest.mark.parametrize("size", ["XS", "S", "M"])
def test_counts_of_a_size(size: str) -> None:
    settings, tables = random_tables(size, "balanced", 1)
    counts = SIZES[size]
    assert len(tables["parks"]) == counts.parks
    assert len(tables["sites"]) == counts.sites
    assert len(tables["candidates"]) == counts.candidates
    assert len(tables["budget"]) == counts.years == settings["plan"]["horizon_years"]
    assert tables["candidates"]["link_id"].nunique() <= counts.links
    assert 2 <= len(tables["works"]) <= 4


def test_sites_stay_in_their_ranges(small: dict[str, pd.DataFrame]) -> None:
    sites = small["sites"]
    assert sites["area_mu"].between(12, 320).all()
    assert 40 < sites["area_mu"].median() < 95
    density = sites["floor_m2"] / (sites["area_mu"] * M2_PER_MU)
    assert density.between(0.799, 1.501).all()
    assert small["parks"]["vacant_mu"].between(10, 40).all()
    assert small["parks"]["land_price_wan_per_mu"].between(60, 110).all()
    assert (small["parks"]["resettlement_far"] == 2.6).all()


@pytest.mark.parametrize(
    ("mode", "lead", "released", "displaced", "cost"),
    [
        ("gov_reserve", 2, 0.78, 1.0, (75, 150)),
        ("self", 2, 0.35, 0.35, (5, 12)),
        ("coop", 3, 0.58, 0.7, (25, 55)),
        ("partial", 1, 0.08, 0.05, (1.5, 4)),
    ],
)
def test_ways_of_renewal(
    small: dict[str, pd.DataFrame], mode: str, lead: int, released: float, displaced: float, cost: tuple[float, float]
) -> None:
    rows = small["site_modes"].query("mode == @mode").merge(small["sites"], on="site_id")
    assert (rows["lead_years"] == lead).all()
    assert rows["released_share"].between(released * 0.919, released * 1.051).all()
    assert (rows["displaced_share"] == displaced).all()
    assert (rows["public_cost_wan"] / rows["area_mu"]).between(cost[0] - 0.1, cost[1] + 0.1).all()
    assert (rows["clears"] == (mode != "partial")).all()
    if mode == "self":
        assert (rows["title_mu"] < 0.6 * rows["area_mu"] + 0.01).all()


def test_every_site_has_a_mode_and_can_be_reached(small: dict[str, pd.DataFrame]) -> None:
    sites = set(small["sites"]["site_id"])
    assert set(small["site_modes"]["site_id"]) == sites
    pairs = small["site_neighbours"].to_numpy()
    reached = set(small["sites"].query("is_seed")["site_id"])
    for _ in range(len(sites)):
        reached |= {b for a, b in pairs if a in reached} | {a for a, b in pairs if b in reached}
    assert reached == sites


def test_platforms_are_connected_and_large_enough(small: dict[str, pd.DataFrame]) -> None:
    pairs = {frozenset(pair) for pair in small["site_neighbours"].to_numpy()}
    area = small["sites"].set_index("site_id")["area_mu"]
    assert (small["platforms"]["area_mu"] >= 220).all()
    for _, members in small["platform_sites"].groupby("platform_id")["site_id"]:
        inside = list(members)
        assert len(inside) <= 6
        assert area[inside].sum() >= 220
        joined, rest = {inside[0]}, set(inside[1:])
        while grown := {s for s in rest if any(frozenset((s, j)) in pairs for j in joined)}:
            joined, rest = joined | grown, rest - grown
        assert not rest


def test_candidates_stay_in_their_ranges(small: dict[str, pd.DataFrame]) -> None:
    candidates = small["candidates"]
    others = candidates[~candidates["is_leader"]]
    assert candidates["probability"].between(0.2, 0.9).all()
    assert others["effort_months"].between(1, 6).all()
    assert candidates[candidates["is_leader"]]["effort_months"].between(10, 20).all()
    assert (candidates["last_year"] - candidates["first_year"]).between(0, 4).all()
    assert candidates["first_year"].min() > BASE_YEAR
    assert candidates["last_year"].max() <= BASE_YEAR + 8
    ratio = others["annual_tax_wan"] / others["annual_output_wan"]
    assert np.allclose(ratio, 0.045, atol=2e-4)
    assert np.allclose(others["annual_value_added_wan"] / others["annual_output_wan"], 0.22, atol=2e-4)
    per_park = small["placements"].groupby("candidate_id").size()
    assert per_park.between(1, 4).all()
    power = (
        small["candidate_uses"].set_index("candidate_id")["amount"] / candidates.set_index("candidate_id")["land_mu"]
    )
    assert power.between(0.079, 0.351).all()


def test_several_candidates_share_an_archetype(small: dict[str, pd.DataFrame]) -> None:
    told_apart = small["candidates"].drop(columns=["candidate_id", "name"]).drop_duplicates()
    assert len(told_apart) < 0.7 * len(small["candidates"])


@pytest.mark.parametrize("family", list(FAMILIES))
def test_followers_have_a_leader_to_follow(family: str) -> None:
    candidates = random_tables("S", family, 2)[1]["candidates"]
    led = set(candidates[candidates["is_leader"]]["link_id"])
    assert set(candidates[candidates["follows_leader"]]["link_id"]) <= led


def test_money_tight_is_balanced_with_a_quarter_of_the_money(small: dict[str, pd.DataFrame]) -> None:
    tight = random_tables("S", "money-tight", 0)[1]
    for name in ("own_funds_wan", "debt_limit_wan"):
        assert np.allclose(tight["budget"][name], small["budget"][name] / 4, atol=0.06)
    pd.testing.assert_frame_equal(tight["sites"], small["sites"])
    pd.testing.assert_frame_equal(tight["candidates"], small["candidates"])


def test_land_tight_has_no_vacant_land_and_half_the_titles(small: dict[str, pd.DataFrame]) -> None:
    tight = random_tables("S", "land-tight", 0)[1]
    assert (tight["parks"]["vacant_mu"] == 0).all()
    assert np.allclose(tight["budget"]["title_capacity_mu"], small["budget"]["title_capacity_mu"] / 2, atol=0.006)


def test_demand_tight_has_half_the_candidates(small: dict[str, pd.DataFrame]) -> None:
    assert len(random_tables("S", "demand-tight", 0)[1]["candidates"]) == len(small["candidates"]) // 2


def test_leader_driven_has_more_leaders_and_followers() -> None:
    candidates = random_tables("S", "leader-driven", 0)[1]["candidates"]
    assert candidates["is_leader"].sum() == 120 // 12
    share = candidates[~candidates["is_leader"]]["follows_leader"].mean()
    assert 0.5 < share < 0.9


def test_deep_park_starts_from_one_seed() -> None:
    settings, tables = random_tables("S", "deep-park", 0)
    assert tables["sites"]["is_seed"].sum() == 1
    assert settings["plan"]["contiguity"] == "growth"


def test_same_seed_same_town_and_other_seed_another() -> None:
    first, again, other = (random_tables("S", "balanced", seed)[1] for seed in (5, 5, 6))
    for name, frame in first.items():
        pd.testing.assert_frame_equal(frame, again[name])
    assert not first["sites"].equals(other["sites"])


def test_a_random_town_says_that_it_is_synthetic() -> None:
    town = random_town("XS", "balanced", 0)
    assert "合成" in town.settings.town.name
    assert "Synthetic" in town.settings.town.note
    assert town["candidates"]["name"].str.contains("合成").all()
    assert set(town["provenance"]["table"]) >= {"sites", "candidates", "budget"}


def test_money_and_areas_are_rounded(small: dict[str, pd.DataFrame]) -> None:
    for table, column, digits in (
        ("sites", "area_mu", 2),
        ("site_modes", "public_cost_wan", 1),
        ("candidates", "land_mu", 2),
    ):
        values = small[table][column]
        assert np.allclose(values, values.round(digits), atol=1e-12)
