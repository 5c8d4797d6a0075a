"""Similar towns, gaps and ranks, against numbers made by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from zhenxing import schema
from zhenxing.diagnosis.peers import (
    PeerSettings,
    compare,
    cosine_similarity,
    growth_needed,
    krugman_index,
    structural_similarity,
    tier_of,
    years_to_catch_up,
)
from zhenxing.errors import InputError

NO_REGIONS = pd.DataFrame({"region_id": [], "year": []})
INDICATORS = pd.DataFrame(
    [
        ("gdp", "亿元", "up", "level"),
        ("energy", "吨标煤/万元", "down", "level"),
        ("growth", "%", "up", "growth"),
        ("population", "万人", "up", "level"),
        ("area_km2", "平方公里", "up", "level"),
    ],
    columns=["indicator", "unit", "direction", "kind"],
).assign(name_zh="", name_en="")


def peers(*names: str, kind: str = "town") -> pd.DataFrame:
    return pd.DataFrame({"peer_id": list(names), "name": [name.upper() for name in names], "kind": kind})


def values(*rows: tuple[object, ...], **more: object) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["peer_id", "indicator", "year", "value"]).assign(**more)


def regions(*rows: tuple[object, ...], **more: object) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["region_id", "link_id", "employees"]).assign(**{"year": 2025, **more})


def found(figures: pd.DataFrame, listed: pd.DataFrame, industries: pd.DataFrame = NO_REGIONS, **settings: object):
    chosen = PeerSettings("a", **settings)
    return compare(
        peers=listed, peer_values=figures, indicators=INDICATORS, region_industries=industries, settings=chosen
    )


def gap(result, peer: str, indicator: str = "gdp", basis: str = "as_given") -> pd.Series:
    return result.peer_gaps.set_index(["indicator", "peer_id", "basis"]).loc[(indicator, peer, basis)]


# ---- similar regions


def test_krugman_and_cosine_by_hand():
    own, others = np.array([0.6, 0.4, 0.0]), np.array([[0.5, 0.3, 0.2], [0.0, 0.0, 1.0]])
    assert krugman_index(own, others).tolist() == pytest.approx([0.4, 2.0])
    assert cosine_similarity(own, others)[0] == pytest.approx(0.42 / (math.sqrt(0.52) * math.sqrt(0.38)))
    assert cosine_similarity(own, others)[1] == 0


def test_distance_weighs_structure_and_size_by_hand():
    industries = regions(("a", "LAMP", 60.0), ("a", "METAL", 40.0), ("b", "LAMP", 500.0), ("b", "METAL", 500.0))
    similar, issues = structural_similarity(industries, PeerSettings("a", size_weight=0.5))
    row = similar.iloc[0]
    # half of half the Krugman index 0.2, and half of full difference in size: ten times as large
    assert row["distance"] == pytest.approx(0.5 * 0.1 + 0.5 * 1.0)
    assert row["size_ratio"] == pytest.approx(10)
    assert row["shared"] == "LAMP;METAL"
    assert row["different"] == "LAMP -10%;METAL +10%"
    assert "0.20" in row["note"]
    assert issues == ()


def test_nearest_are_chosen_and_become_peers_with_the_reason():
    industries = regions(
        ("a", "LAMP", 60.0), ("a", "METAL", 40.0), ("b", "LAMP", 55.0), ("b", "METAL", 45.0), ("c", "FOOD", 100.0),
        region_name="x", level="town",
    )  # fmt: skip
    result = found(values(("a", "gdp", 2024, 1.0)), peers("a"), industries, nearest=1)
    assert result.similarity["region_id"].tolist() == ["b", "c"]
    assert result.similarity["chosen"].tolist() == [True, False]
    assert result.peers["peer_id"].tolist() == ["b"]
    assert "nothing_shared" in result.similarity.set_index("region_id").loc["c", "warnings"]


def test_scaling_a_region_leaves_its_structure_alone():
    industries = regions(("a", "LAMP", 60.0), ("a", "METAL", 40.0), ("b", "LAMP", 20.0), ("b", "METAL", 80.0))
    larger = industries.assign(employees=industries["employees"] * [1, 1, 7, 7])
    first, second = (structural_similarity(one, PeerSettings("a", size_weight=0))[0] for one in (industries, larger))
    assert first["distance"].tolist() == pytest.approx(second["distance"].tolist())
    assert second["size_ratio"].iloc[0] == pytest.approx(7 * first["size_ratio"].iloc[0])


def test_codes_of_two_editions_are_never_mixed():
    rows = [("a", "3972", "2002", 10.0), ("a", "3872", "2017", 10.0), ("a", "3389", "2017", 10.0)]
    rows += [("b", "3972", "2017", 30.0), ("b", "3872", "2017", 10.0)]
    industries = pd.DataFrame(rows, columns=["region_id", "industry_code", "industry_edition", "employees"])
    similar, _ = structural_similarity(industries.assign(year=2025), PeerSettings("a"))
    assert similar["classification"].tolist() == ["code 2017/4"]
    assert "照明灯具制造（3872）" in similar["note"].iloc[0]
    assert "3872 (2017)" in similar["note_en"].iloc[0]
    # shares a: 3872 1/2, 3389 1/2; b: 3972 3/4, 3872 1/4
    assert similar["krugman"].tolist() == pytest.approx([0.25 + 0.5 + 0.75])


def test_other_levels_and_far_years_are_left_out_and_named():
    industries = regions(("a", "LAMP", 1.0), ("b", "LAMP", 1.0), ("c", "LAMP", 1.0), level="town")
    industries.loc[1, "level"] = "nation"
    industries.loc[2, "year"] = 2010
    similar, issues = structural_similarity(industries, PeerSettings("a"))
    assert similar.empty
    assert [issue.code for issue in issues] == ["no_structure"]


def test_a_near_year_is_used_with_a_warning_and_missing_cells_are_said():
    industries = regions(("a", "LAMP", 1.0), ("b", "LAMP", 1.0), ("b", "METAL", None))
    industries.loc[industries["region_id"] == "b", "year"] = 2024
    similar, issues = structural_similarity(industries, PeerSettings("a"))
    assert similar["warnings"].tolist() == ["different_year;missing_cells"]
    assert [issue.code for issue in issues] == ["missing_cells"]


def test_a_twelve_digit_code_finds_the_town():
    industries = regions(("442000105", "LAMP", 1.0), ("b", "LAMP", 1.0))
    similar, _ = structural_similarity(industries, PeerSettings("442000105000"))
    assert similar["region_id"].tolist() == ["b"]


# ---- gaps


def test_gap_ratio_and_catching_up_by_hand():
    figures = values(
        ("a", "gdp", 2023, 100.0), ("a", "gdp", 2024, 110.0), ("b", "gdp", 2023, 200.0), ("b", "gdp", 2024, 206.0),
    )  # fmt: skip
    row = gap(found(figures, peers("a", "b")), "b")
    assert row["gap"] == pytest.approx(96)
    assert row["ratio"] == pytest.approx(110 / 206)
    assert (row["growth"], row["peer_growth"]) == (pytest.approx(0.1), pytest.approx(0.03))
    assert row["years_to_catch_up"] == pytest.approx(math.log(206 / 110) / math.log(1.1 / 1.03))


def test_less_is_better_turns_the_gap():
    result = found(values(("a", "energy", 2024, 3.0), ("b", "energy", 2024, 2.0)), peers("a", "b"))
    assert gap(result, "b", "energy")["gap"] == pytest.approx(1.0)
    assert gap(result, "best", "energy")["holder_id"] == "b"
    assert gap(result, "b", "energy")["like_for_like"]


def test_best_and_median_by_hand():
    figures = values(
        *((name, "gdp", 2024, number) for name, number in zip("abcd", (100.0, 90.0, 300.0, 150.0), strict=True))
    )
    result = found(figures, peers(*"abcd"))
    assert gap(result, "best")["gap"] == 200
    assert gap(result, "median")["peer_value"] == 150
    assert gap(result, "best")["peer_group"] == "all"


def test_best_is_of_the_similar_when_they_have_figures():
    figures = values(*((name, "gdp", 2024, number) for name, number in zip("abc", (100.0, 90.0, 300.0), strict=True)))
    industries = regions(("a", "LAMP", 1.0), ("b", "LAMP", 1.0), ("c", "FOOD", 1.0))
    result = found(figures, peers(*"abc"), industries, nearest=1)
    assert gap(result, "best")["holder_id"] == "b"
    assert gap(result, "best")["peer_group"] == "similar"


def test_per_population_and_area_by_hand():
    figures = values(
        ("a", "gdp", 2024, 100.0), ("b", "gdp", 2024, 300.0), ("a", "population", 2023, 20.0),
        ("b", "population", 2024, 100.0), ("a", "area_km2", 2024, 50.0), ("b", "area_km2", 2024, 100.0),
    )  # fmt: skip
    result = found(figures, peers("a", "b"))
    assert "not_normalised" in gap(result, "b")["warnings"]
    assert gap(result, "b", basis="per_population")["gap"] == pytest.approx(3 - 5)
    assert gap(result, "b", basis="per_area")["gap"] == pytest.approx(3 - 2)
    assert gap(result, "b", basis="per_population")["like_for_like"]


def test_population_and_area_divide_and_are_not_compared():
    figures = values(("a", "area_km2", 2024, 47.8), ("b", "area_km2", 2024, 100.0), ("a", "gdp", 2024, 1.0))
    result = found(figures, peers("a", "b"))
    assert set(result.peer_gaps["indicator"]) == {"gdp"}
    assert set(result.ranks["indicator"]) == {"gdp"}


def test_a_rate_of_growth_is_not_divided_by_the_population():
    figures = values(("a", "growth", 2024, 6.9), ("b", "growth", 2024, 5.0), ("a", "population", 2024, 20.0))
    result = found(figures, peers("a", "b"))
    assert set(result.peer_gaps.loc[result.peer_gaps["indicator"] == "growth", "basis"]) == {"as_given"}
    assert gap(result, "b", "growth")["gap"] == pytest.approx(-1.9)


def test_different_years_units_and_definitions_are_said():
    figures = values(
        ("a", "gdp", 2024, 100.0), ("b", "gdp", 2023, 300.0), ("c", "gdp", 2024, 5_000_000.0), ("d", "gdp", 2024, 7.0),
        ("e", "gdp", 2015, 9.0), unit="", definition="",
    )  # fmt: skip
    figures.loc[2, "unit"], figures.loc[3, "unit"], figures.loc[[0, 1], "definition"] = (
        "万元",
        "亩",
        ["all", "above scale"],
    )
    result = found(figures, peers(*"abcde"))
    assert gap(result, "b")["warnings"] == "different_year;different_definition;not_normalised"
    assert not gap(result, "b")["like_for_like"]
    assert gap(result, "c")["gap"] == pytest.approx(400)
    assert gap(result, "d")["warnings"].startswith("different_unit")
    assert math.isnan(gap(result, "d")["gap"])
    assert gap(result, "e")["warnings"].startswith("years_apart")
    assert math.isnan(gap(result, "e")["gap"])


def test_missing_figures_leave_the_gap_empty():
    result = found(values(("b", "gdp", 2024, 3.0)), peers("a", "b", "c"))
    assert math.isnan(gap(result, "b")["gap"])
    assert "missing_town" in gap(result, "b")["warnings"]
    assert "missing_peer" in gap(result, "c")["warnings"]
    assert "town_absent" in {issue.code for issue in result.issues}


def test_a_city_is_shown_but_not_the_best():
    listed = pd.concat([peers("a", "b"), peers("z", kind="city")])
    figures = values(("a", "gdp", 2024, 1.0), ("b", "gdp", 2024, 2.0), ("z", "gdp", 2024, 4143.0))
    result = found(figures, listed)
    assert gap(result, "best")["holder_id"] == "b"
    assert "different_kind" in gap(result, "z")["warnings"]


def test_an_undeclared_indicator_is_compared_but_not_ranked():
    result = found(values(("a", "odd", 2024, 1.0), ("b", "odd", 2024, 2.0)), peers("a", "b"))
    assert "no_direction" in gap(result, "b", "odd")["warnings"]
    assert result.ranks.empty
    assert "undeclared" in {issue.code for issue in result.issues}


@pytest.mark.parametrize(
    ("ratio", "growth", "other", "direction", "years"),
    [(1.2, 0.0, 0.1, "up", 0.0), (0.5, 0.03, 0.03, "up", math.nan), (2.0, -0.1, 0.0, "down", 6.5788), (0.0, 1.0, 0.0, "up", math.nan)],
)  # fmt: skip
def test_years_to_catch_up(ratio, growth, other, direction, years):
    assert years_to_catch_up(ratio, growth, other, direction) == pytest.approx(years, nan_ok=True, abs=1e-3)


# ---- ranks


def test_ranks_tiers_and_the_way_up_by_hand():
    rows = [
        (name, "gdp", 2024, number) for name, number in zip("abcdefgh", (40.0, 80, 70, 60, 50, 30, 20, 10), strict=True)
    ]
    ranks = found(values(*rows), peers(*"abcdefgh"), tiers=4).ranks.set_index("peer_id")
    own = ranks.loc["a"]
    assert (own["rank"], own["of"], own["tier"]) == (5, 8, 3)
    # tier 2 ends at place 4 (50), tier 1 at place 2 (70)
    assert (own["next_tier_value"], own["next_tier_lacking"]) == (50, 10)
    assert (own["first_tier_value"], own["first_tier_lacking"]) == (70, 30)
    assert own["first_tier_growth"] == pytest.approx((70 / 40) ** (1 / 3) - 1)


def test_reaching_the_value_reaches_the_tier():
    for own in (50.0, 70.0):
        rows = [
            (name, "gdp", 2024, number)
            for name, number in zip("abcdefgh", (own, 80, 70, 60, 50, 30, 20, 10), strict=True)
        ]
        ranks = found(values(*rows), peers(*"abcdefgh"), tiers=4).ranks.set_index("peer_id")
        assert ranks.loc["a", "tier"] == {50.0: 2, 70.0: 1}[own]


def test_places_won_ignore_towns_that_come_and_go():
    figures = values(
        ("a", "gdp", 2023, 1.0), ("b", "gdp", 2023, 2.0), ("c", "gdp", 2023, 9.0),
        ("a", "gdp", 2024, 3.0), ("b", "gdp", 2024, 2.0), ("d", "gdp", 2024, 8.0),
    )  # fmt: skip
    ranks = found(figures, peers(*"abcd")).ranks.set_index(["year", "peer_id"])
    assert ranks.loc[(2024, "a"), "places_won"] == 1
    assert ranks.loc[(2024, "a"), "rank"] == 2
    assert math.isnan(ranks.loc[(2024, "d"), "places_won"])


def test_the_best_is_always_in_the_first_tier():
    assert [tier_of(rank, 2, 4) for rank in (1, 2)] == [1, 3]
    assert tier_of(1, 1, 4) == 1


def test_growth_needed_counts_the_growth_of_the_other():
    assert growth_needed(100, 100, 0.05, 3) == pytest.approx(0.05)
    assert math.isnan(growth_needed(0, 100, 0.05, 3))


# ---- bad input


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda t: t.update(peer_values=t["peer_values"].drop(columns="value")), "value"),
        (lambda t: t.update(peer_values=pd.concat([t["peer_values"]] * 2)), "two rows"),
        (lambda t: t.update(peer_values=t["peer_values"].assign(value="many")), "no number"),
        (lambda t: t.update(region_industries=regions(("a", "LAMP", -1.0))), "negative"),
        (lambda t: t.update(region_industries=regions(("a", "LAMP", 1.0), ("a", "LAMP", 2.0))), "two rows"),
        (lambda t: t.update(peers=pd.DataFrame({"name": ["x"]})), "peer_id"),
    ],
)
def test_bad_tables_are_answered(change, word):
    tables = {
        "peers": peers("a", "b"),
        "peer_values": values(("a", "gdp", 2024, 1.0), ("b", "gdp", 2024, 2.0)),
        "indicators": INDICATORS,
        "region_industries": NO_REGIONS,
    }
    change(tables)
    with pytest.raises(InputError) as error:
        compare(**tables, settings=PeerSettings("a"))
    assert word in error.value.text.en


@pytest.mark.parametrize("wrong", [{"nearest": 0}, {"size_weight": 2}, {"measure": "x"}, {"tiers": 0}, {"value": "x"}])
def test_bad_settings_are_answered(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        PeerSettings("a", **wrong)


@pytest.mark.parametrize("nothing", [NO_REGIONS, pd.DataFrame()])
def test_nothing_at_all_is_said(nothing):
    result = found(values(), peers() if len(nothing.columns) else pd.DataFrame(), nothing)
    assert result.peer_gaps.empty
    assert {issue.code for issue in result.issues} == {"no_structure", "no_figures"}


def test_the_order_of_rows_and_the_names_of_industries_change_nothing():
    rng = np.random.default_rng(3)
    industries = regions(
        *(
            (region, link, float(rng.integers(1, 90)))
            for region in "abcdef"
            for link in ("LAMP", "METAL", "PLAS", "PACK")
        ),
        region_name="x",
    )
    rows = [(peer, "gdp", year, float(rng.integers(1, 90))) for peer in "abcdef" for year in (2022, 2023, 2024)]
    first = found(values(*rows), peers(*"abcdef"), industries)
    order = rng.permutation(len(industries))
    second = found(values(*rows[::-1]), peers(*"fedcba"), industries.iloc[order])
    pd.testing.assert_frame_equal(first.similarity, second.similarity)
    for name, key in (("peer_gaps", ["peer_id", "basis"]), ("ranks", ["peer_id", "year"])):
        frames = [getattr(one, name).sort_values(key, ignore_index=True) for one in (first, second)]
        pd.testing.assert_frame_equal(*frames)
    renamed = industries.replace({"link_id": {"LAMP": "Z", "METAL": "Y", "PLAS": "X", "PACK": "W"}})
    other = found(values(*rows), peers(*"abcdef"), renamed).similarity
    assert other["region_id"].tolist() == first.similarity["region_id"].tolist()
    assert other["krugman"].tolist() == pytest.approx(first.similarity["krugman"].tolist())


def test_tables_are_as_declared():
    figures = values(("a", "gdp", 2024, 1.0), ("b", "gdp", 2024, 2.0), ("a", "gdp", 2023, 1.0), ("b", "gdp", 2023, 2.0))
    industries = regions(("a", "LAMP", 1.0), ("b", "LAMP", 1.0), region_name="x")
    result = found(figures, peers("a", "b"), industries)
    for name, frame in (
        ("peer_gaps", result.peer_gaps), ("peer_ranks", result.ranks), ("peer_similarity", result.similarity),
    ):  # fmt: skip
        assert list(frame.columns) == list(schema.table(name).columns)
        assert schema.conform(name, frame)[1] == []
