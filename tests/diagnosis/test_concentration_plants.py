"""Ellison-Glaeser and coagglomeration: a textbook's number, darts, the group index, degenerate tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from zhenxing.diagnosis.concentration import coagglomeration, ellison_glaeser, issues_of
from zhenxing.errors import InputError


def plants(seed: int, number: int = 3000, regions: int = 12, industries: int = 20) -> pd.DataFrame:
    drawn = np.random.default_rng(seed)
    shares = drawn.dirichlet(np.full(regions, 2.0))
    return pd.DataFrame(
        {
            "region": drawn.choice(regions, size=number, p=shares),
            "industry": drawn.integers(industries, size=number),
            "value": np.ceil(drawn.lognormal(3, 1, size=number)),
        }
    )


def test_the_textbook():
    """Farhauer and Kröll (2014), as printed in the manual of REAT: 0.05990628."""
    table = pd.DataFrame(
        {
            "region": ["Wien"] * 5 + ["Linz"] * 4 + ["Graz"],
            "industry": "i",
            "value": [200, 650, 12000, 100, 50, 16000, 13000, 1500, 1500, 25000],
        }
    )
    sizes = pd.DataFrame({"region": ["Wien", "Linz", "Graz"], "value": [500000, 400000, 100000]})
    assert ellison_glaeser(table, totals=sizes).loc[0, "gamma"] == pytest.approx(0.05990628, abs=5e-9)


def test_by_hand():
    table = pd.DataFrame({"region": list("aab"), "industry": list("xxy"), "value": [1, 1, 2]})
    found = ellison_glaeser(table).set_index("industry")
    # x = (1/2, 1/2), s = (1, 0): G = 1/2; H = 1/2; expected (1 - 1/2) / 2
    assert found.loc["x", "raw_concentration"] == pytest.approx(0.5)
    assert found.loc["x", "expected_g"] == pytest.approx(0.25)
    assert found.loc["x", "gamma"] == pytest.approx((0.5 - 0.25) / (0.5 * 0.5))
    assert np.isnan(found.loc["y", "gamma"])
    assert found.loc["y", "plants"] == 1


def test_darts_have_mean_zero_and_the_stated_spread():
    """Plants of given sizes thrown at a board of given sizes: E γ = 0, and Var G as stated."""
    drawn = np.random.default_rng(0)
    sizes = pd.DataFrame({"region": np.arange(6), "value": [5, 10, 15, 20, 20, 30]})
    value = np.ceil(drawn.lognormal(2, 1, size=25))
    repeats = 3000
    places = drawn.choice(6, size=(repeats, 25), p=sizes["value"] / 100)
    table = pd.DataFrame(
        {"region": places.ravel(), "industry": np.repeat(np.arange(repeats), 25), "value": np.tile(value, repeats)}
    )
    found = ellison_glaeser(table, totals=sizes)
    error = found["gamma"].std() / np.sqrt(repeats)
    assert abs(found["gamma"].mean()) < 4 * error
    assert found["raw_concentration"].mean() == pytest.approx(found.loc[0, "expected_g"], rel=0.03)
    assert found["raw_concentration"].std() == pytest.approx(found.loc[0, "sd_g"], rel=0.05)
    assert found["z"].std() == pytest.approx(1, rel=0.05)


def test_labels_and_order_change_nothing():
    table = plants(2)
    found = ellison_glaeser(table)
    mixed = ellison_glaeser(table.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(found, mixed)
    turned = ellison_glaeser(table.assign(region=11 - table["region"]))
    pd.testing.assert_frame_equal(found, turned)


def test_a_group_is_the_weighted_mean_of_its_pairs():
    """The group index of Ellison and Glaeser (1997), written out, against the pairs."""
    table = plants(4, industries=4)
    pairs = coagglomeration(table)
    alone = ellison_glaeser(table)
    weights = (alone["value"] / alone["value"].sum()).to_numpy()
    sizes = table.groupby("region")["value"].sum().to_numpy()
    sizes = sizes / sizes.sum()
    room = 1 - (sizes**2).sum()
    # all industries together are the economy: G of the group is 0
    own = (alone["gamma"] * weights**2 * (1 - alone["herfindahl"])).sum()
    group = (0 / room - (weights**2 * alone["herfindahl"]).sum() - own) / (1 - (weights**2).sum())
    product = weights[pairs["industry_1"]] * weights[pairs["industry_2"]]
    mean = (product * pairs["coagglomeration"]).sum() / product.sum()
    assert mean == pytest.approx(group)


def test_coagglomeration_with_mean_shares():
    table = plants(5, industries=3)
    shares = table.pivot_table(index="region", columns="industry", values="value", aggfunc="sum", fill_value=0)
    shares = (shares / shares.sum()).to_numpy()
    mean = shares.mean(axis=1)
    expected = ((shares[:, 0] - mean) * (shares[:, 2] - mean)).sum() / (1 - (mean**2).sum())
    found = coagglomeration(table, reference="industry_mean").set_index(["industry_1", "industry_2"])
    assert found.loc[(0, 2), "coagglomeration"] == pytest.approx(expected)


def test_all_plants_in_one_region():
    table = plants(6).assign(region="a")
    found = ellison_glaeser(table)
    assert found["gamma"].isna().all()
    assert [issue.code for issue in issues_of(found)] == ["one_region"]
    pairs = coagglomeration(table)
    assert pairs["coagglomeration"].isna().all()
    assert [issue.code for issue in issues_of(pairs)] == ["one_region"]


def test_single_plants_and_industries_without_value_are_said():
    table = pd.DataFrame({"region": list("abab"), "industry": list("xxyz"), "value": [1, 2, 3, 0]})
    found = ellison_glaeser(table)
    assert {issue.code: issue.rows for issue in issues_of(found)} == {"one_plant": ("y",), "empty_industry": ("z",)}
    assert found["gamma"].isna().tolist() == [False, True, True]
    assert coagglomeration(table)["coagglomeration"].isna().tolist() == [False, True, True]


def test_sizes_of_all_regions_are_needed():
    with pytest.raises(InputError, match="b"):
        ellison_glaeser(
            pd.DataFrame({"region": list("ab"), "industry": "x", "value": 1}),
            totals=pd.DataFrame({"region": ["a"], "value": [1]}),
        )


def test_regions_without_plants_are_part_of_the_board():
    table = pd.DataFrame({"region": list("ab"), "industry": "x", "value": 1})
    sizes = pd.DataFrame({"region": list("abc"), "value": [25, 25, 50]})
    found = ellison_glaeser(table, totals=sizes)
    # x = (1/4, 1/4, 1/2), s = (1/2, 1/2, 0): G = 2/16 + 1/4
    assert found.loc[0, "raw_concentration"] == pytest.approx(3 / 8)
