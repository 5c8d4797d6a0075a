"""Output per mu: the published formula by hand, land, lists, grades, sensitivity, bad data."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenxing import schema
from zhenxing.diagnosis.output_per_mu import INDICATORS, LISTS, PRESETS, GradeSettings, Weighted, grade, read_scheme
from zhenxing.diagnosis.output_per_mu.land import land_of
from zhenxing.diagnosis.output_per_mu.ranking import grades, ranks
from zhenxing.diagnosis.output_per_mu.sensitivity import sensitivity
from zhenxing.errors import InputError
from zhenxing.rules.files import records

FEW = GradeSettings(draws=20)

FIGURES = (
    "tax_wan", "value_added_wan", "revenue_wan", "main_revenue_wan", "output_wan", "employees", "rd_wan", "energy_tce",
    "electricity_mwh", "emission_eq", "land_mu", "rented_floor_m2",
)  # fmt: skip


def town(n: int = 40, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return drawn firms and one year of figures: some above scale, some without land, some renting."""
    random = np.random.default_rng(seed)
    firms = pd.DataFrame(
        {
            "firm_id": [f"F{k:03d}" for k in range(n)],
            "above_scale": random.random(n) < 0.4,
            "parcel_id": random.integers(0, max(n // 3, 1), n).astype(str),
            "industry_code": random.choice(["3872", "3360", "C2929"], n),
            "founded": "2012-05-01",
        }
    )
    year = pd.DataFrame({"firm_id": firms["firm_id"], "year": 2022})
    for column in FIGURES:
        year[column] = random.lognormal(3, 1, n)
    year.loc[random.random(n) < 0.3, "land_mu"] = math.nan
    year.loc[random.random(n) < 0.5, "rented_floor_m2"] = math.nan
    year.loc[random.random(n) < 0.3, "emission_eq"] = math.nan
    return firms, year


# ---- by hand


def test_the_published_formula_by_hand():
    firms = pd.DataFrame({"firm_id": ["big", "small"], "above_scale": [True, False]})
    year = pd.DataFrame(
        {
            "firm_id": ["big", "small"], "year": 2022, "land_mu": [20.0, 5.0], "tax_wan": [600.0, 40.0],
            "value_added_wan": [2000.0, 300.0], "energy_tce": [500.0, 50.0], "emission_eq": [0.5, math.nan],
            "employees": [100.0, 20.0], "rd_wan": [300.0, 0.0], "main_revenue_wan": [8000.0, 900.0],
            "electricity_mwh": [900.0, 200.0],
        }
    )  # fmt: skip
    found = grade(firms=firms, firm_years=year, scheme="huangyan", settings=FEW)
    big = (
        30 * (600 / 20) / 24.097
        + 20 * (2000 / 20) / 136.16
        + 20 * (2000 / 500) / 2.694
        + 10 * (2000 / 0.5) / 4929.81
        + 10 * (2000 / 100) / 18.14
        + 10 * (300 / 8000) / 0.0302
    )
    # 40 wan over 200 MWh are 400,000 yuan over 200,000 kWh
    small = 50 * (40 / 5) / 11.5932 + 50 * (400_000 / 200_000) / 0.2352
    table = found.output_per_mu.set_index("firm_id")
    assert table["score"].tolist() == pytest.approx([big, small], rel=1e-12)
    assert table["list"].tolist() == ["above_scale", "below_scale"]
    assert table.loc["big", ["tax_per_mu", "value_added_per_mu"]].tolist() == [30.0, 100.0]
    parts = found.parts.set_index(["firm_id", "indicator"])
    assert parts.loc[("big", "tax_per_mu"), "points"] == pytest.approx(30 * 30 / 24.097)
    assert parts.loc[("big", "rd_share"), "value"] == 0.0375


def test_caps_floors_and_blanks_of_p1_by_hand():
    firms = pd.DataFrame({"firm_id": ["a"], "above_scale": [True]})
    year = pd.DataFrame(
        {
            "firm_id": ["a"], "year": [2022], "land_mu": [10.0], "tax_wan": [5000.0], "value_added_wan": [-50.0],
            "energy_tce": [40.0], "employees": [10.0], "rd_wan": [math.nan], "main_revenue_wan": [8000.0],
        }
    )  # fmt: skip
    found = grade(firms=firms, firm_years=year, scheme="p1", settings=FEW)
    parts = found.parts.set_index("indicator")
    # tax 500 wan/mu against 20 is capped at 1.5 times 35 points
    assert parts["points"].to_dict() == {
        "tax_per_mu": 52.5, "value_added_per_mu": 0, "value_added_per_energy": 0, "value_added_per_emission": 0,
        "rd_share": 0, "productivity": 0,
    }  # fmt: skip
    assert parts["capped"].tolist() == [True] + [False] * 5
    assert parts["reason"].to_dict() == {
        "tax_per_mu": "", "value_added_per_mu": "not_positive", "value_added_per_energy": "not_positive",
        "value_added_per_emission": "no_base", "rd_share": "missing", "productivity": "not_positive",
    }  # fmt: skip
    assert "negative_value_added" in {issue.code for issue in found.issues}
    assert found.output_per_mu["value_added_per_mu"].tolist() == [-5.0]


def test_the_mean_of_a_list_is_all_over_all():
    firms = pd.DataFrame({"firm_id": ["a", "b"], "above_scale": [False, False]})
    year = pd.DataFrame({"firm_id": ["a", "b"], "year": 2022, "land_mu": [10.0, 30.0], "tax_wan": [100.0, 60.0]})
    found = grade(firms=firms, firm_years=year, scheme="p2", settings=FEW)
    # base 160/40 = 4 wan/mu; 10/4 is capped at 1.5, 2/4 is half the points
    assert found.parts["base"].tolist() == [4.0, 4.0]
    assert found.parts["points"].tolist() == [150.0, 50.0]


def test_missing_emissions_take_the_mean_points_of_the_division():
    firms = pd.DataFrame(
        {"firm_id": list("abcd"), "above_scale": True, "industry_code": ["3872", "3872", "3872", "3360"]}
    )
    year = pd.DataFrame(
        {
            "firm_id": list("abcd"), "year": 2022, "land_mu": 10.0, "tax_wan": 1.0,
            "value_added_wan": [4929.81, 2 * 4929.81, 10.0, 0.3 * 4929.81], "emission_eq": [1.0, 1.0, math.nan, math.nan],
        }
    )  # fmt: skip
    parts = grade(firms=firms, firm_years=year, settings=FEW).parts
    emission = parts[parts["indicator"] == "value_added_per_emission"].set_index("firm_id")
    assert emission["points"].to_dict() == pytest.approx({"a": 10, "b": 20, "c": 15, "d": 15})
    assert emission["reason"].to_dict() == {"a": "", "b": "", "c": "peer_mean", "d": "peer_mean"}


# ---- land


def test_rented_land_moves_from_the_host_to_the_tenant_by_the_parcels_plot_ratio():
    firms = pd.DataFrame({"firm_id": ["h1", "h2", "t1", "t2", "far"], "parcel_id": ["G", "G", "G", "G", None]})
    year = pd.DataFrame(
        {
            "firm_id": ["h1", "h2", "t1", "t2", "far"], "land_mu": [30.0, 10.0, None, None, None],
            "rented_floor_m2": [None, None, 2000.0, 6000.0, 1400.0],
        }
    )  # fmt: skip
    parcels = pd.DataFrame({"parcel_id": ["G"], "area_registered_mu": [40.0], "floor_m2": [53_333.33333333333]})
    land = land_of(firms, year, parcels, 0.7)
    # plot ratio 2: 2,000 m2 are 1.5 mu, 6,000 m2 4.5 mu; the hosts share 6 mu as 30 : 10
    assert land["land_mu"].tolist() == pytest.approx([25.5, 8.5, 1.5, 4.5, 3.0])
    assert land["land_mu"].iloc[:4].sum() == pytest.approx(40.0)
    assert land["host_id"].fillna("").tolist() == ["", "", "h1", "h1", ""]
    assert land["far_assumed"].tolist() == [False, False, False, False, True]


def test_land_given_as_rented_and_let_goes_before_the_conversion():
    firms = pd.DataFrame({"firm_id": ["a"], "parcel_id": ["G"]})
    year = pd.DataFrame(
        {"firm_id": ["a"], "land_mu": [10.0], "rented_floor_m2": [9000.0], "rented_in_mu": [2.0], "let_mu": [4.0]}
    )
    assert land_of(firms, year, None, 0.7)["land_mu"].tolist() == [8.0]


def test_land_recorded_as_used_is_taken_as_it_is():
    firms = pd.DataFrame({"firm_id": ["h", "t", "u"], "parcel_id": "G"})
    year = pd.DataFrame(
        {"firm_id": ["h", "t", "u"], "land_mu": [10.0, None, 2.0], "rented_floor_m2": [700.0, 1400.0, None]}
    )
    assert land_of(firms, year, None, 0.7, "used")["land_mu"].tolist() == pytest.approx([10.0, 3.0, 2.0])
    assert land_of(firms, year, None, 0.7)["land_mu"].tolist() == pytest.approx([9.0, 3.0, 1.5])
    # a zero that was typed in stands
    typed = year.assign(rented_in_mu=[0.0, None, None], let_mu=[0.0, None, 0.0])
    assert land_of(firms, typed, None, 0.7)["land_mu"].tolist() == pytest.approx([10.0, 3.0, 2.0])


@pytest.mark.parametrize("land", [0.0, math.nan, -3.0])
def test_no_land_is_flagged_and_not_divided_by(land):
    firms = pd.DataFrame({"firm_id": ["a", "b"], "above_scale": True})
    year = pd.DataFrame({"firm_id": ["a", "b"], "year": 2022, "land_mu": [land, 5.0], "tax_wan": [9.0, 9.0]})
    found = grade(firms=firms, firm_years=year, settings=FEW)
    row = found.output_per_mu.iloc[0]
    assert row["not_graded"] == "no_land"
    assert row["grade"] == ""
    assert math.isnan(row["score"])
    assert math.isnan(row["tax_per_mu"])
    issue = next(issue for issue in found.issues if issue.code == "no_land")
    assert issue.rows == ("a",)
    assert issue.text.zh
    assert not np.isinf(found.output_per_mu.select_dtypes("number").to_numpy(dtype=float, na_value=0)).any()


def test_land_that_is_all_let_is_no_land():
    firms = pd.DataFrame({"firm_id": ["h", "t"], "parcel_id": "G", "above_scale": False})
    year = pd.DataFrame(
        {"firm_id": ["h", "t"], "year": 2022, "land_mu": [3.0, None], "rented_floor_m2": [None, 1400.0]}
    )
    found = grade(firms=firms, firm_years=year, settings=FEW).output_per_mu
    assert found["not_graded"].tolist() == ["no_land", ""]


# ---- lists and who is not graded


def test_the_four_lists():
    firms = pd.DataFrame({"firm_id": list("abcde"), "above_scale": [True, False, False, False, None]})
    year = pd.DataFrame(
        {
            "firm_id": list("abcde"), "year": 2022, "tax_wan": 5.0, "land_mu": [1.0, 3.0, 2.9, None, 8.0],
            "rented_floor_m2": [None, None, None, 800.0, None],
        }
    )  # fmt: skip
    found = grade(firms=firms, firm_years=year, settings=FEW)
    assert found.output_per_mu["list"].tolist() == ["above_scale", "below_scale", "small", "tenant", "below_scale"]
    assert next(issue.rows for issue in found.issues if issue.code == "above_scale_unknown") == ("e",)
    assert found.output_per_mu["grade"].ne("").all()


def test_the_register_state_of_the_year_goes_before_the_firms_mark():
    firms = pd.DataFrame({"firm_id": ["a", "b"], "above_scale": [True, False]})
    year = pd.DataFrame(
        {"firm_id": ["a", "b"], "year": 2022, "land_mu": 9.0, "tax_wan": 1.0, "register_state": ["none", "in_register"]}
    )
    found = grade(firms=firms, firm_years=year, settings=FEW).output_per_mu
    assert found["list"].tolist() == ["below_scale", "above_scale"]


def test_firms_without_the_year_stay_in_the_table():
    firms, year = town(12)
    found = grade(firms=firms, firm_years=year[year["firm_id"] != "F003"], settings=FEW)
    row = found.output_per_mu.set_index("firm_id").loc["F003"]
    assert (row["not_graded"], row["grade"]) == ("no_year", "")
    assert len(found.output_per_mu) == 12
    assert "F003" not in set(found.parts["firm_id"])


def test_the_latest_year_is_taken_unless_another_is_named():
    firms, year = town(10)
    both = pd.concat([year, year.assign(year=2021, tax_wan=year["tax_wan"] * 2)], ignore_index=True)
    late = grade(firms=firms, firm_years=both, settings=FEW).output_per_mu
    early = grade(firms=firms, firm_years=both, settings=GradeSettings(year=2021, draws=5)).output_per_mu
    assert set(late["year"]) == {2022}
    np.testing.assert_allclose(early["tax_per_mu"], late["tax_per_mu"] * 2)


def test_p1_leaves_utilities_out_and_small_plots():
    firms = pd.DataFrame(
        {"firm_id": list("abc"), "above_scale": [True, True, False], "industry_code": ["D4411", "3872", "3872"]}
    )
    year = pd.DataFrame({"firm_id": list("abc"), "year": 2022, "land_mu": [50.0, 9.0, 2.0], "tax_wan": 9.0})
    found = grade(firms=firms, firm_years=year, scheme="p1", settings=FEW).output_per_mu
    assert found["not_graded"].tolist() == ["excluded_industry", "", "outside_scheme"]
    every = grade(firms=firms, firm_years=year, scheme="p1", settings=GradeSettings(lists=LISTS, draws=5)).output_per_mu
    assert every["not_graded"].tolist() == ["excluded_industry", "", ""]


def test_traders_are_not_industry():
    firms = pd.DataFrame({"firm_id": ["a", "b"], "above_scale": False, "industry_code": ["F5282", None]})
    year = pd.DataFrame({"firm_id": ["a", "b"], "year": 2022, "land_mu": 9.0, "tax_wan": 9.0})
    assert grade(firms=firms, firm_years=year, settings=FEW).output_per_mu["not_graded"].tolist() == [
        "not_industry",
        "",
    ]


def test_p2_treats_young_firms_as_b_without_grading_them():
    firms = pd.DataFrame({"firm_id": ["old", "new"], "above_scale": False, "founded": ["2010-01-01", "2020-06-01"]})
    year = pd.DataFrame({"firm_id": ["old", "new"], "year": 2022, "land_mu": 9.0, "tax_wan": 9.0})
    found = grade(firms=firms, firm_years=year, scheme="p2", settings=FEW).output_per_mu
    assert found["not_graded"].tolist() == ["", "start_up"]
    assert found["treated_as"].tolist() == ["", "B"]


def test_p3_gives_tenants_the_grade_of_their_host():
    firms = pd.DataFrame(
        {"firm_id": ["h", "t", "lone"], "above_scale": [True, False, False], "parcel_id": ["G", "G", "K"]}
    )
    year = pd.DataFrame(
        {
            "firm_id": ["h", "t", "lone"], "year": 2023, "tax_wan": 9.0, "revenue_wan": 90.0,
            "land_mu": [20.0, None, None], "rented_floor_m2": [None, 700.0, 700.0],
        }
    )  # fmt: skip
    found = grade(firms=firms, firm_years=year, scheme="p3", settings=FEW).output_per_mu
    assert found["host_id"].fillna("").tolist() == ["", "h", ""]
    assert found["grade"].tolist()[0] == found["grade"].tolist()[1] != ""
    assert found["grade"].tolist()[2] == ""


def test_p3_grades_state_land_only_and_firms_whose_land_is_not_known():
    firms = pd.DataFrame({"firm_id": list("abc"), "above_scale": True, "parcel_id": ["G", "K", None]})
    year = pd.DataFrame({"firm_id": list("abc"), "year": 2023, "land_mu": 9.0, "tax_wan": 9.0})
    parcels = pd.DataFrame({"parcel_id": ["G", "K"], "tenure": ["state", "collective"]})
    found = grade(firms=firms, firm_years=year, parcels=parcels, scheme="p3", settings=FEW).output_per_mu
    assert found["not_graded"].tolist() == ["", "outside_scheme", ""]
    anywhere = replace(read_scheme("p3"), tenure="")
    found = grade(firms=firms, firm_years=year, parcels=parcels, scheme=anywhere, settings=FEW).output_per_mu
    assert found["not_graded"].tolist() == ["", "", ""]


# ---- grades


def test_twenty_firms_are_five_a_nine_b_five_c_and_one_d():
    assert "".join(grades(np.arange(20.0)[::-1], (0.25, 0.70, 0.95))) == "A" * 5 + "B" * 9 + "C" * 5 + "D"


def test_ties_share_the_better_grade():
    scores = np.array([90.0, 80, 80, 80, 10, 5, 4, 3])
    assert grades(scores, (0.25, 0.70, 0.95))[1:4] == ["A", "A", "A"]
    assert ranks(np.array([0.1 + 0.2, 0.3])).tolist() == [1, 1]


def test_bonus_and_penalty_are_parts_of_the_score():
    firms, year = town(15)
    extra = pd.DataFrame({"firm_id": ["F001", "F001", "F002"], "points": [3.0, 2.0, -4.0]})
    plain = grade(firms=firms, firm_years=year, settings=FEW)
    moved = grade(firms=firms, firm_years=year, adjustments=extra, settings=FEW)
    change = moved.output_per_mu.set_index("firm_id")["score"] - plain.output_per_mu.set_index("firm_id")["score"]
    assert change.dropna().round(9).to_dict() | {"F001": 5.0, "F002": -4.0} == change.dropna().round(9).to_dict()
    total = moved.parts.groupby("firm_id")["points"].sum()
    scored = moved.output_per_mu.set_index("firm_id")["score"].dropna()
    np.testing.assert_allclose(total.reindex(scored.index), scored)


@pytest.mark.parametrize("scheme", PRESETS)
def test_parts_add_up_and_points_stay_below_their_caps(scheme):
    firms, year = town(60)
    found = grade(firms=firms, firm_years=year, scheme=scheme, settings=FEW)
    scored = found.output_per_mu.set_index("firm_id")["score"].dropna()
    np.testing.assert_allclose(found.parts.groupby("firm_id")["points"].sum().reindex(scored.index), scored)
    assert (found.parts["points"] >= 0).all()
    caps = {each.indicator: each.cap for part in read_scheme(scheme).indicators.values() for each in part}
    assert (found.parts["points"] <= found.parts["weight"] * found.parts["indicator"].map(caps) + 1e-9).all()
    assert set(found.sensitivity["firm_id"]) == set(scored.index)
    assert any(issue.code == "assumed" for issue in found.issues)


# ---- invariance


@given(st.integers(0, 500), st.sampled_from(PRESETS))
@settings(max_examples=20, deadline=None)
def test_the_order_of_rows_does_not_matter(seed, scheme):
    firms, year = town(30, seed % 5)
    here = grade(firms=firms, firm_years=year, scheme=scheme, settings=FEW)
    there = grade(
        firms=firms.sample(frac=1, random_state=seed),
        firm_years=year.sample(frac=1, random_state=seed + 1),
        scheme=scheme,
        settings=FEW,
    )
    for name in ("output_per_mu", "sensitivity"):
        one, two = (getattr(each, name).set_index("firm_id").sort_index() for each in (here, there))
        pd.testing.assert_frame_equal(one, two, check_exact=False, rtol=1e-9)


@given(st.floats(0.01, 1000), st.floats(0.01, 1000))
@settings(max_examples=15, deadline=None)
def test_units_do_not_matter_where_bases_are_means(money, land):
    firms, year = town(30, 2)
    other = year.assign(land_mu=year["land_mu"] * land, rented_floor_m2=math.nan)
    for column in ("tax_wan", "value_added_wan", "revenue_wan", "main_revenue_wan", "rd_wan"):
        other[column] = year[column] * money
    scheme = replace(read_scheme("p2"), below_scale_land_mu=1e-9, lists=LISTS)
    here = grade(firms=firms, firm_years=year.assign(rented_floor_m2=math.nan), scheme=scheme, settings=FEW)
    there = grade(firms=firms, firm_years=other, scheme=scheme, settings=FEW)
    np.testing.assert_allclose(here.output_per_mu["score"], there.output_per_mu["score"], rtol=1e-8)
    assert here.output_per_mu["grade"].tolist() == there.output_per_mu["grade"].tolist()


@given(st.integers(0, 100), st.floats(1.01, 5))
@settings(max_examples=15, deadline=None)
def test_paying_more_tax_never_lowers_a_rank(seed, factor):
    firms, year = town(25, seed % 4)
    who = seed % 25
    more = year.copy()
    more.loc[who, "tax_wan"] *= factor
    here, there = (grade(firms=firms, firm_years=each, settings=FEW).output_per_mu for each in (year, more))
    if not pd.isna(here.loc[who, "rank"]):
        assert there.loc[who, "rank"] <= here.loc[who, "rank"]


# ---- sensitivity


def flipped(units, weights, cuts, k, t):
    """Return the grades with weight k moved by t and the others brought along."""
    moved = weights * (100 - weights[k] - t) / (100 - weights[k])
    moved[k] = weights[k] + t
    return grades(units @ moved, cuts)


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_the_smallest_shift_flips_and_nothing_smaller_does(seed):
    random = np.random.default_rng(seed)
    units = random.integers(0, 6, (9, 3)) / 4
    weights = np.array([50.0, 30.0, 20.0])
    cuts = (0.25, 0.70, 0.95)
    names = ["x", "y", "z"]
    found = sensitivity(units, weights, np.zeros(9), cuts, names, draws=5, spread=0.2, seed=1)
    now = grades(units @ weights, cuts)
    for firm, row in found.iterrows():
        least = abs(row["flip_points"]) if row["flip_indicator"] else math.inf
        if row["flip_indicator"]:
            k = names.index(row["flip_indicator"])
            at = flipped(units, weights, cuts, k, row["flip_points"])[firm]
            # an overtaken firm loses its grade only beyond the tie; 0 points: it stands in a tie that any shift breaks
            beyond = [flipped(units, weights, cuts, k, row["flip_points"] + e)[firm] for e in (-1e-6, 1e-6)]
            assert row["flip_grade"] in (at, *beyond)
            assert row["flip_grade"] != now[firm]
        for k, weight in enumerate(weights):
            for t in np.linspace(-weight, 100 - weight, 81):
                if abs(t) < least - 1e-6:
                    assert flipped(units, weights, cuts, k, t)[firm] == now[firm]


def test_long_lists_are_searched_by_half_points(monkeypatch):
    random = np.random.default_rng(1)
    units, weights = random.random((30, 3)), np.array([50.0, 30.0, 20.0])
    given_ = (units, weights, np.zeros(30), (0.25, 0.70, 0.95), ["x", "y", "z"])
    exact = sensitivity(*given_, draws=5, spread=0.2, seed=1)
    monkeypatch.setattr("zhenxing.diagnosis.output_per_mu.sensitivity.LONGEST_EXACT", 10)
    rough = sensitivity(*given_, draws=5, spread=0.2, seed=1)
    assert not rough["flip_exact"].any()
    both = (exact["flip_indicator"] != "") & (rough["flip_indicator"] != "")
    gap = rough["flip_points"].abs() - exact["flip_points"].abs()
    assert both.sum() > 10
    assert gap[both].min() >= -1e-9


def test_the_share_of_draws_that_change_a_grade_is_seeded_and_adds_up():
    firms, year = town(40)
    first, again, other = (
        grade(firms=firms, firm_years=year, settings=GradeSettings(draws=200, seed=seed)).sensitivity
        for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first, again)
    np.testing.assert_allclose(first["better_share"] + first["worse_share"], first["change_share"])
    assert 0 < first["change_share"].max() <= 1
    assert not first["change_share"].equals(other["change_share"])


def test_without_spread_no_grade_changes_and_one_indicator_cannot_flip():
    firms, year = town(30)
    still = grade(firms=firms, firm_years=year, settings=GradeSettings(draws=10, spread=0.0)).sensitivity
    assert (still["change_share"] == 0).all()
    single = grade(firms=firms, firm_years=year, scheme="p2", settings=FEW).sensitivity
    below = single[single["list"] == "below_scale"]
    assert (below["flip_indicator"] == "").all()
    assert below["flip_points"].isna().all()


# ---- schemes


@pytest.mark.parametrize("scheme", PRESETS)
def test_every_value_of_a_preset_has_source_and_provenance(scheme):
    rows = [row for row in records("output_per_mu/values.csv") if row["scheme"] == scheme]
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert row["provenance"] in {"A", "B", "D", "M", "X"}, row["id"]
        assert row["source_url"] or row["provenance"] in {"M", "X"}, row["id"]
        assert row["jurisdiction"], row["id"]
    assert set(read_scheme(scheme).assumed) == {
        row["id"].partition(".")[2] for row in rows if row["provenance"] in {"M", "X"}
    }


def test_presets_carry_what_was_published():
    assert [each.weight for each in read_scheme("p1").of("above_scale")] == [35, 25, 10, 10, 10, 10]
    assert [each.weight for each in read_scheme("p2").of("above_scale")] == [45, 20, 15, 15, 5]
    assert [each.base for each in read_scheme("Huangyan").of("above_scale")] == [
        24.097, 136.16, 2.694, 4929.81, 18.14, 0.0302,
    ]  # fmt: skip
    assert read_scheme("p3").tenant_rule == "host"
    assert read_scheme("p2").cuts == (0.25, 0.70, 0.95)


@pytest.mark.parametrize(
    "change",
    [
        {"indicators": {"above_scale": (Weighted("tax_per_mu", 90.0),), "below_scale": (Weighted("tax_per_mu", 100.0),)}},
        {"indicators": {"above_scale": (Weighted("tax_per_mu", 100.0),)}},
        {"indicators": {"above_scale": (Weighted("luck", 100.0),), "below_scale": (Weighted("tax_per_mu", 100.0),)}},
        {"indicators": {"above_scale": (Weighted("tax_per_mu", 50.0),) * 2, "below_scale": (Weighted("tax_per_mu", 100.0),)}},
        {"indicators": {"above_scale": (Weighted("tax_per_mu", 100.0, -1.0),), "below_scale": (Weighted("tax_per_mu", 100.0),)}},
        {"indicators": {"above_scale": (Weighted("tax_per_mu", 100.0, 1.0, 0.0),), "below_scale": (Weighted("rd_share", 100.0),)}},
        {"cuts": (0.5, 0.4, 0.9)},
        {"default_far": 0.0},
    ],
)  # fmt: skip
def test_schemes_that_cannot_be_are_refused(change):
    with pytest.raises(InputError) as caught:
        replace(read_scheme("p1"), **change)
    assert caught.value.text.zh
    assert caught.value.text.en


def test_weights_can_be_changed_when_they_add_up():
    scheme = read_scheme("p1").with_weights("above_scale", {"tax_per_mu": 60, "output_per_mu": 40})
    assert [each.indicator for each in scheme.of("above_scale")] == ["tax_per_mu", "output_per_mu"]
    with pytest.raises(InputError, match="100"):
        read_scheme("p1").with_weights("above_scale", {"tax_per_mu": 60})
    with pytest.raises(InputError, match="luck"):
        read_scheme("p1").with_weights("above_scale", {"luck": 100})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"scheme": "nowhere"}, "huangyan"),
        ({"settings": GradeSettings(year=1999)}, "1999"),
        ({"settings": GradeSettings(draws=-1)}, "draws"),
        ({"settings": GradeSettings(spread=1.0)}, "spread"),
        ({"settings": GradeSettings(lists=("best",))}, "best"),
        ({"settings": GradeSettings(recorded_land="let")}, "recorded_land"),
        ({"firms": pd.DataFrame({"name": ["a"]})}, "firm_id"),
        ({"firm_years": pd.DataFrame({"firm_id": ["a"]})}, "year"),
        ({"firm_years": pd.DataFrame({"firm_id": ["a"], "year": [None]})}, "firm_years"),
        ({"firm_years": pd.DataFrame({"firm_id": ["a", "a"], "year": [2022, 2022]})}, "a"),
        ({"firms": pd.DataFrame({"firm_id": ["a", "a"]})}, "a"),
        ({"adjustments": pd.DataFrame({"firm_id": ["a"]})}, "points"),
    ],
)
def test_bad_input_is_answered(change, words):
    firms, year = town(5)
    with pytest.raises(InputError, match=words) as caught:
        grade(**({"firms": firms, "firm_years": year} | change))
    assert caught.value.text.zh
    assert caught.value.text.en


def test_figures_of_nothing_but_ids_leave_nobody_graded():
    firms = pd.DataFrame({"firm_id": ["a", "b"]})
    found = grade(firms=firms, firm_years=pd.DataFrame({"firm_id": ["a"], "year": [2022]}), settings=FEW)
    assert found.output_per_mu["not_graded"].tolist() == ["no_land", "no_year"]
    assert found.parts.empty
    assert found.sensitivity.empty


def test_ids_that_no_firm_has_are_named_and_left_out():
    firms, year = town(10)
    more = pd.concat([year, year.head(1).assign(firm_id="X")], ignore_index=True)
    extra = pd.DataFrame({"firm_id": ["Y"], "points": [5.0]})
    found = grade(firms=firms, firm_years=more, adjustments=extra, settings=FEW)
    assert [issue.rows for issue in found.issues if issue.code == "unknown_firm"] == [("X",), ("Y",)]
    plain = grade(firms=firms, firm_years=year, settings=FEW)
    pd.testing.assert_frame_equal(found.output_per_mu, plain.output_per_mu)


# ---- tables


def test_tables_are_declared_as_they_come():
    firms, year = town(40)
    found = grade(firms=firms, firm_years=year, settings=FEW)
    for name, table in (
        ("output_per_mu", found.output_per_mu),
        ("output_per_mu_parts", found.parts),
        ("output_per_mu_sensitivity", found.sensitivity),
    ):
        assert list(table.columns) == list(schema.table(name).columns)
        _, issues = schema.conform(name, table)
        assert [issue for issue in issues if issue.level == "error"] == []
    reasons = set(found.parts["reason"]) - {""}
    assert reasons <= set(schema.table("output_per_mu_parts").columns["reason"].choices)
    assert set(found.parts["indicator"]) <= set(INDICATORS)


def test_zero_denominators_are_named():
    firms = pd.DataFrame({"firm_id": ["a"], "above_scale": [True]})
    year = pd.DataFrame(
        {"firm_id": ["a"], "year": [2022], "land_mu": [4.0], "tax_wan": [9.0], "value_added_wan": [9.0], "employees": [0.0],
         "energy_tce": [0.0], "emission_eq": [0.0], "rd_wan": [1.0], "revenue_wan": [0.0]}
    )  # fmt: skip
    parts = grade(firms=firms, firm_years=year, settings=FEW).parts.set_index("indicator")
    zero = ["value_added_per_energy", "value_added_per_emission", "productivity", "rd_share"]
    assert parts.loc[zero, "reason"].tolist() == ["zero_denominator"] * 4
    assert parts.loc[zero, "points"].tolist() == [0, 0, 0, 0]
