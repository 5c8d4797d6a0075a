"""Quotients, shares, shift-share and regional inputs: by hand, published examples, identities, bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenxing.diagnosis.concentration import (
    gini_location,
    hachman,
    herfindahl,
    hoover,
    issues_of,
    krugman,
    location_quotient,
    regionalise,
    shift_share,
)
from zhenxing.errors import InputError

JOBS = pd.DataFrame({"region": ["a", "a", "b"], "industry": ["lamps", "food", "food"], "value": [30, 10, 60]})


def long(matrix: object) -> pd.DataFrame:
    cells = np.asarray(matrix)
    rows, columns = cells.shape
    return pd.DataFrame(
        {
            "region": np.repeat([f"r{place}" for place in range(rows)], columns),
            "industry": np.tile([f"i{place}" for place in range(columns)], rows),
            "value": cells.ravel(),
        }
    )


# ---- location quotient


def test_quotients_by_hand():
    table = location_quotient(JOBS).set_index(["region", "industry"])["location_quotient"]
    assert table["a", "lamps"] == pytest.approx((30 / 40) / (30 / 100))
    assert table["a", "food"] == pytest.approx((10 / 40) / (70 / 100))
    assert table["b", "lamps"] == 0
    assert list(location_quotient(JOBS).columns) == [
        "region", "industry", "value", "location_quotient", "lq_low", "lq_high",
    ]  # fmt: skip


def test_reference_region_within_which_the_others_lie():
    table = pd.DataFrame(
        {"place": ["town", "town", "nation", "nation"], "code": ["x", "y"] * 2, "jobs": [30, 10, 100, 300]}
    )
    found = location_quotient(table, "place", "code", "jobs", reference="nation").set_index(["place", "code"])
    assert found.loc[("town", "x"), "location_quotient"] == pytest.approx((30 / 40) / (100 / 400))
    assert (found.loc["nation", "location_quotient"] == 1).all()
    with pytest.raises(InputError, match="moon"):
        location_quotient(table, "place", "code", "jobs", reference="moon")


MATRICES = st.integers(0, 2**32 - 1).map(lambda seed: np.random.default_rng(seed).integers(0, 50, size=(5, 4)))


@settings(deadline=None, max_examples=30)
@given(matrix=MATRICES)
def test_weighted_mean_of_quotients_is_one(matrix):
    table = long(matrix)
    if (matrix.sum(axis=0) == 0).any() or (matrix.sum(axis=1) == 0).any():
        return
    found = location_quotient(table)["location_quotient"].to_numpy().reshape(matrix.shape)
    of_region, of_industry = matrix.sum(axis=1) / matrix.sum(), matrix.sum(axis=0) / matrix.sum()
    np.testing.assert_allclose(of_region @ found, 1)
    np.testing.assert_allclose(found @ of_industry, 1)
    mixed = location_quotient(table.sample(frac=1, random_state=0))
    pd.testing.assert_frame_equal(mixed, location_quotient(table))
    # several rows of one pair are added up, missing pairs are zeros
    halves = pd.concat([table.assign(value=table["value"] / 2)] * 2)
    halves = halves[halves["value"] > 0]
    pd.testing.assert_frame_equal(location_quotient(halves), location_quotient(table), check_dtype=False)


def test_nothing_gives_no_quotient_and_a_warning():
    found = location_quotient(long([[1, 2, 0], [3, 4, 0], [0, 0, 0]]))
    assert [issue.code for issue in issues_of(found)] == ["empty_region", "empty_industry"]
    assert [issue.rows for issue in issues_of(found)] == [("r2",), ("i2",)]
    assert all(issue.text.zh and issue.level == "warning" for issue in issues_of(found))
    assert found.loc[found["region"] == "r2", "location_quotient"].isna().all()
    assert found.loc[found["industry"] == "i2", "location_quotient"].isna().all()


def test_delta_interval_by_hand():
    found = location_quotient(long([[30, 10], [20, 140]]), interval="delta").iloc[0]
    quotient = (30 / 40) / (50 / 200)
    spread = np.sqrt(1 / 30 - 1 / 40 - 1 / 50 + (2 * quotient - 1) / 200)
    assert found["lq_low"] == pytest.approx(quotient * np.exp(-1.959964 * spread), rel=1e-6)
    assert found["lq_high"] == pytest.approx(quotient * np.exp(1.959964 * spread), rel=1e-6)


def test_delta_interval_covers_what_it_promises():
    """Multinomial tables around a known quotient: 95 % of the intervals hold it."""
    shares = np.array([[0.15, 0.05], [0.10, 0.70]])
    truth = (0.15 / 0.20) / (0.25 / 1.0)
    drawn = np.random.default_rng(5)
    held = 0
    for _ in range(400):
        found = location_quotient(long(drawn.multinomial(300, shares.ravel()).reshape(2, 2)), interval="delta").iloc[0]
        held += found["lq_low"] <= truth <= found["lq_high"]
    assert 0.92 <= held / 400 <= 0.98


def test_delta_interval_of_counts_beside_other_values():
    jobs = long([[30, 10], [20, 140]]).assign(firms=[3, 1, 2, 14])
    few = location_quotient(jobs, interval="delta", count="firms").iloc[0]
    many = location_quotient(jobs, interval="delta").iloc[0]
    assert few["location_quotient"] == many["location_quotient"]
    assert few["lq_high"] - few["lq_low"] > 2 * (many["lq_high"] - many["lq_low"])


def test_bootstrap_over_firms():
    drawn = np.random.default_rng(1)
    firms = pd.DataFrame(
        {
            "region": drawn.choice(["a", "b", "c"], size=400, p=[0.2, 0.3, 0.5]),
            "industry": drawn.choice(["x", "y"], size=400),
            "value": np.ceil(drawn.lognormal(3, 1, size=400)),
        }
    )
    found = location_quotient(firms, interval="bootstrap", replicates=200, seed=3)
    again = location_quotient(firms, interval="bootstrap", replicates=200, seed=3)
    pd.testing.assert_frame_equal(found, again)
    assert ((found["lq_low"] < found["location_quotient"]) & (found["location_quotient"] < found["lq_high"])).all()
    # as wide as the delta method on counts, when all firms are of one size
    alike = firms.assign(value=1)
    one = location_quotient(alike, interval="bootstrap", replicates=800, seed=0)
    other = location_quotient(alike, interval="delta")
    np.testing.assert_allclose(one["lq_low"], other["lq_low"], rtol=0.06)
    np.testing.assert_allclose(one["lq_high"], other["lq_high"], rtol=0.06)


def test_bootstrap_needs_firms():
    with pytest.raises(InputError, match="one row per firm"):
        location_quotient(JOBS, interval="bootstrap")


def test_one_dominant_firm_shows_in_the_bootstrap():
    firms = pd.DataFrame({"region": ["a"] * 5 + ["b"] * 40, "industry": "x", "value": [1000, 1, 1, 1, 1] + [20] * 40})
    firms.loc[1:4, "industry"] = "y"
    firms.loc[10:, "industry"] = "y"
    found = location_quotient(firms, interval="bootstrap", replicates=300).iloc[0]
    assert found["lq_low"] == 0
    assert found["lq_high"] > found["location_quotient"]


def test_absent_pairs_have_no_upper_bound():
    for options in ({"interval": "delta"}, {"interval": "bootstrap", "replicates": 50}):
        found = location_quotient(pd.concat([JOBS] * 3), **options).set_index(["region", "industry"])
        assert found.loc[("b", "lamps"), "lq_low"] == 0
        assert np.isnan(found.loc[("b", "lamps"), "lq_high"])


# ---- shares


def test_textbooks():
    """Numbers printed in the manual of REAT: Farhauer and Kröll (2013) locq and krugman.spec, Dörsam (2004) herf."""
    jobs = pd.DataFrame(
        {"region": ["r", "r", "e", "e"], "industry": list("xyxy"), "value": [1714, 77292, 879213, 14714011]}
    )
    found = location_quotient(jobs, reference="e").set_index(["region", "industry"])
    assert found.loc[("r", "x"), "location_quotient"] == pytest.approx(0.3847623, abs=5e-8)
    sales = pd.DataFrame({"market": "cars", "sales": [20, 50, 20, 10]})
    one = herfindahl(sales, "market", None, "sales").loc[0]
    assert one[["herfindahl", "normalised", "equivalent"]].astype(float).round(2).tolist() == [0.34, 0.12, 2.94]
    apart = long([[20, 10, 70, 0, 0], [0, 0, 0, 60, 40]])
    assert krugman(apart, reference="r1").loc[0, "krugman"] == pytest.approx(2)


def test_herfindahl_by_hand():
    found = herfindahl(JOBS).set_index("region")
    assert found.loc["a", "herfindahl"] == pytest.approx(0.75**2 + 0.25**2)
    assert found.loc["a", "normalised"] == pytest.approx((0.625 - 0.5) / 0.5)
    assert found.loc["a", "equivalent"] == pytest.approx(1.6)
    assert found.loc["b", "herfindahl"] == 1
    assert np.isnan(found.loc["b", "normalised"])
    assert found.loc["b", "units"] == 1


def test_herfindahl_of_nothing_is_said():
    found = herfindahl(pd.DataFrame({"link_id": ["a", "b"], "output_wan": [0.0, 2.0]}), "link_id", None, "output_wan")
    assert np.isnan(found.loc[0, "herfindahl"])
    assert issues_of(found)[0].rows == ("a",)


def test_hachman_krugman_hoover_gini_by_hand():
    assert hachman(JOBS).loc[0, "hachman"] == pytest.approx(1 / (0.75**2 / 0.3 + 0.25**2 / 0.7))
    assert krugman(JOBS).loc[0, "krugman"] == pytest.approx(0.45 * 2)
    # all lamps lie in a, which has 40 % of everything
    assert hoover(JOBS).set_index("industry").loc["lamps", "hoover"] == pytest.approx(0.6)
    assert gini_location(JOBS).set_index("industry").loc["lamps", "gini_location"] == pytest.approx(0.6)


def test_everything_alike_is_not_concentrated():
    table = long(np.outer([1, 2, 3], [4, 5, 6, 7]))
    np.testing.assert_allclose(hachman(table)["hachman"], 1)
    for found in (krugman(table)["krugman"], hoover(table)["hoover"], gini_location(table)["gini_location"]):
        np.testing.assert_allclose(found, 0, atol=1e-12)


def test_locational_gini_is_twice_the_area_of_econgeo():
    """The formula of EconGeo's locational.Gini, (Σ y_k+1 x_k − Σ y_k x_k+1) / 2, on the table of its manual."""
    matrix = np.array(
        [[100, 0, 0, 0, 0], [0, 15, 5, 70, 10], [0, 20, 10, 20, 50], [0, 25, 30, 5, 40], [0, 40, 55, 5, 0]]
    )
    found = gini_location(long(matrix))["gini_location"]
    for column in range(5):
        x, y = matrix.sum(axis=1) / matrix.sum(), matrix[:, column] / matrix[:, column].sum()
        order = np.argsort(y / x)
        cx, cy = np.cumsum(x[order]), np.cumsum(y[order])
        area = ((cy[1:] * cx[:-1]).sum() - (cy[:-1] * cx[1:]).sum()) / 2
        assert found[column] == pytest.approx(2 * area)


# ---- shift-share

FIRST = {"A": [90, 20, 10, 60], "B": [60, 30, 30, 40], "C": [250, 100, 110, 300]}
LAST = {"A": [100, 40, 10, 55], "B": [85, 55, 40, 35], "C": [255, 115, 85, 390]}


def growth(first: dict[str, list[int]], last: dict[str, list[int]]) -> pd.DataFrame:
    rows = [
        (region, f"i{place}", year, value)
        for year, table in ((0, first), (1, last))
        for region, values in table.items()
        for place, value in enumerate(values)
    ]
    return pd.DataFrame(rows, columns=["region", "industry", "year", "value"])


def test_shift_share_of_a_textbook():
    """Farhauer and Kröll (2013): region A, 180 to 205, in an economy of 1,100 to 1,265."""
    found = shift_share(growth(FIRST, LAST)).groupby("region").sum(numeric_only=True)
    assert found.loc["A", "change"] == 25
    assert found.loc["A", "national"] == pytest.approx(180 * 0.15)
    # industries: 400 -> 440, 150 -> 210, 150 -> 135, 400 -> 480
    mix = 90 * (0.10 - 0.15) + 20 * (0.40 - 0.15) + 10 * (-0.10 - 0.15) + 60 * (0.20 - 0.15)
    assert found.loc["A", "industry_mix"] == pytest.approx(mix)
    assert found.loc["A", "regional"] == pytest.approx(25 - 27 - mix)
    assert found["regional"].sum() == pytest.approx(0)
    assert found["industry_mix"].sum() == pytest.approx(0)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), method=st.sampled_from(["classic", "homothetic", "dynamic"]))
def test_shift_share_adds_up(seed, method):
    drawn = np.random.default_rng(seed)
    parts = [long(drawn.integers(0, 40, size=(4, 5))).assign(year=year) for year in (2020, 2021, 2022)]
    parts[0].loc[0, "value"] += 1
    parts[1].loc[0, "value"] += 1
    found = shift_share(pd.concat(parts), method=method)
    total = found["national"] + found["industry_mix"] + found["regional"]
    np.testing.assert_allclose(total, found["change"], atol=1e-10)
    if method == "homothetic":
        both = (found["competitive"] + found["allocation"]).to_numpy()
        known = ~np.isnan(both)
        np.testing.assert_allclose(both[known], found["regional"].to_numpy()[known], atol=1e-8)


def test_an_industry_new_to_the_economy_counts_as_regional():
    found = shift_share(growth({"A": [10, 0], "B": [10, 0]}, {"A": [12, 5], "B": [8, 0]}))
    assert found.loc[1, ["national", "industry_mix", "regional"]].tolist() == [0, 0, 5]
    assert issues_of(found)[0].code == "new_industry"
    assert issues_of(found)[0].rows == ("i1",)


def test_dynamic_adds_the_years():
    table = pd.concat([growth(FIRST, LAST), growth(LAST, FIRST).query("year == 1").assign(year=2)])
    found = shift_share(table, method="dynamic")
    there, back = shift_share(growth(FIRST, LAST)), shift_share(growth(LAST, FIRST))
    for name in ("national", "industry_mix", "regional"):
        np.testing.assert_allclose(found[name], there[name] + back[name])


def test_bad_years_are_named():
    for wrong in ({"first": 1, "last": 0}, {"first": 7}):
        with pytest.raises(InputError, match="must be in the table"):
            shift_share(growth(FIRST, LAST), **wrong)
    with pytest.raises(InputError, match="value 0 in 0"):
        shift_share(growth({"A": [0]}, {"A": [1]}))


# ---- regional inputs

ECONOMY = pd.DataFrame(
    {
        "region": ["town"] * 3 + ["nation"] * 3,
        "industry": ["led", "lamps", "food"] * 2,
        "value": [10, 60, 30, 300, 200, 500],
    }
)
INPUTS = pd.DataFrame(
    {"supplier": ["led", "lamps", "food", "led"], "buyer": ["lamps", "lamps", "lamps", "food"], "coefficient": 0.2}
)


def test_regional_inputs_by_hand():
    slq = {"led": 0.1 / 0.3, "lamps": 0.6 / 0.2, "food": 0.3 / 0.5}
    size = np.log2(1 + 100 / 1000) ** 0.3
    expected = {
        "SLQ": [slq["led"], slq["lamps"], slq["food"], slq["led"]],
        "CILQ": [slq["led"] / slq["lamps"], slq["lamps"], slq["food"] / slq["lamps"], slq["led"] / slq["food"]],
    }
    expected["FLQ"] = [size * quotient for quotient in expected["CILQ"]]
    expected["AFLQ"] = [*(np.log2(4) * size * np.array(expected["CILQ"][:3])), expected["FLQ"][3]]
    for method, quotients in expected.items():
        delta = 0.3 if "F" in method else None
        found = regionalise(INPUTS, ECONOMY, "town", method=method, delta=delta, reference="nation")
        np.testing.assert_allclose(found["quotient"], quotients, err_msg=method)
        np.testing.assert_allclose(found["regional"], 0.2 * np.minimum(quotients, 1))
        np.testing.assert_allclose(found["regional"] + found["outside"], 0.2)


def test_delta_must_be_given():
    with pytest.raises(InputError, match="assumption"):
        regionalise(INPUTS, ECONOMY, "town", method="FLQ")


def test_a_buyer_that_the_region_lacks():
    without = ECONOMY.assign(
        value=ECONOMY["value"].mask((ECONOMY["region"] == "town") & (ECONOMY["industry"] == "food"), 0)
    )
    found = regionalise(INPUTS, without, "town", method="SLQ", reference="nation")
    assert found["regional"].isna().tolist() == [False, False, False, True]
    assert found.loc[2, "regional"] == 0
    assert issues_of(found)[0].rows == ("food",)


def test_an_unknown_industry_is_named():
    with pytest.raises(InputError, match="glass"):
        regionalise(INPUTS.assign(supplier="glass"), ECONOMY, "town", method="SLQ")


# ---- tables of other kinds, names, memory


def test_arrow_tables_do_as_well():
    import pyarrow as pa

    pd.testing.assert_frame_equal(location_quotient(pa.Table.from_pandas(JOBS)), location_quotient(JOBS))
    with pytest.raises(InputError, match="not list"):
        location_quotient([1, 2])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: location_quotient(JOBS, region="industry"), "used twice"),
        (
            lambda: location_quotient(JOBS.rename(columns={"region": "lq_low"}), region="lq_low"),
            "also that of a result",
        ),
        (lambda: krugman(pd.concat([JOBS, JOBS["value"]], axis=1)), "several columns of one name"),
        (lambda: krugman(JOBS.assign(region=["a", None, "b"])), "missing labels, rows: 1"),
        (lambda: location_quotient(JOBS, interval="wide"), "choose from: bootstrap, delta"),
        (lambda: location_quotient(JOBS, interval="delta", level=95), "between 0 and 1"),
        (lambda: location_quotient(pd.concat([JOBS] * 2), interval="bootstrap", replicates=1), "at least 2"),
        (lambda: location_quotient(pd.concat([JOBS] * 2), interval="bootstrap", replicates=10**9), "memory"),
        (lambda: hachman(JOBS.assign(value=[1, 1, 0]), reference="b"), "no value at all"),
        (lambda: shift_share(growth(FIRST, LAST).assign(year=[None] + [0] * 11 + [1] * 12)), "missing labels"),
        (lambda: shift_share(growth(FIRST, LAST), method="static"), "choose from: classic"),
        (lambda: regionalise(INPUTS, ECONOMY, "town", method="LQ"), "choose from: SLQ"),
    ],
)
def test_bad_input_is_answered_in_both_languages(call, words):
    with pytest.raises(InputError, match=words) as refused:
        call()
    assert any("一" <= letter <= "鿿" for letter in refused.value.text.zh)


def test_years_are_computed_alone():
    table = pd.concat([JOBS.assign(year=2020), JOBS.assign(year=2021, value=[1, 2, 3])])
    for function in (location_quotient, herfindahl, hachman, krugman, hoover, gini_location):
        both = function(table, year="year")
        assert both.columns[0] == "year"
        alone = function(JOBS)
        pd.testing.assert_frame_equal(both[both["year"] == 2020].drop(columns="year").reset_index(drop=True), alone)
