"""Distances between firms: hand-computed cases, published values of a reference pattern, identities, refusals."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist

from zhenxing.diagnosis.distances import counting, kd, kd_envelope, m_envelope, m_function
from zhenxing.diagnosis.distances.bands import bands
from zhenxing.diagnosis.distances.counting import Lattice, choose, count, lattice
from zhenxing.diagnosis.distances.density import nice_above, silverman
from zhenxing.errors import CrsSuspicionError, InputError

WAYS = ("direct", "fft", "plain")


def firms(n: int, seed: int = 0, side: float = 4000.0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "x": 500_000 + random.uniform(0, side, n).round(),
            "y": 2_500_000 + random.uniform(0, side, n).round(),
            "type": np.where(np.arange(n) % 4 == 0, "lamp", "food"),
            "weight": random.integers(1, 60, n).astype(float),
        }
    )


# ---- hand-computed


def normal(u: float) -> float:
    return math.exp(-u * u / 2) / math.sqrt(2 * math.pi)


def test_kd_of_a_triangle_is_the_sum_of_three_kernels():
    points = pd.DataFrame({"x": [1000.0, 1030.0, 1000.0], "y": [0.0, 0.0, 40.0]})
    found = kd(points, distances=[0, 40, 100], bandwidth=20.0, cell=0.01)["kd"]
    for r, value in zip([0, 40, 100], found, strict=True):
        exact = sum(normal((r - d) / 20) + normal((r + d) / 20) for d in (30, 40, 50)) / (20 * 3)
        assert value == pytest.approx(exact, rel=1e-3)


def test_weighted_kd_of_a_triangle_counts_products():
    points = pd.DataFrame({"x": [1000.0, 1030.0, 1000.0], "y": [0.0, 0.0, 40.0], "staff": [2.0, 3.0, 5.0]})
    found = kd(points, "staff", [0, 40, 100], bandwidth=20.0, cell=0.01)["kd"]
    pairs = {30: 6, 40: 10, 50: 15}
    for r, value in zip([0, 40, 100], found, strict=True):
        exact = sum(w * (normal((r - d) / 20) + normal((r + d) / 20)) for d, w in pairs.items()) / (20 * 31)
        assert value == pytest.approx(exact, rel=1e-3)


def test_kd_between_two_types_counts_only_pairs_across():
    points = pd.DataFrame({"x": [1000.0, 1030.0, 1000.0], "y": [0.0, 0.0, 40.0], "type": ["a", "b", "b"]})
    found = kd(points, distances=[0, 35], reference="a", neighbour="b", bandwidth=20.0, cell=0.01)
    exact = sum(normal((35 - d) / 20) + normal((35 + d) / 20) for d in (30, 40)) / (20 * 2)
    assert found["kd"][1] == pytest.approx(exact, rel=1e-3)
    assert found.attrs["pairs"] == 2


def test_m_of_four_firms_by_hand():
    # weights 2, 3, 5, 10; within 100 m of the first lamp maker: the second (3) and a food maker (5)
    points = pd.DataFrame(
        {
            "x": [1000.0, 1050.0, 1000.0, 9000.0],
            "y": [0.0, 0.0, 90.0, 0.0],
            "type": ["lamp", "lamp", "food", "food"],
            "weight": [2.0, 3.0, 5.0, 10.0],
        }
    )
    found = m_function(points, [100], reference="lamp")
    # the second has only the first within 100 m: the food maker is √(50² + 90²) = 103 m away
    expected = (3 / 8 + 2 / 2) / (3 / 18 + 2 / 17)
    assert found["m"][0] == pytest.approx(expected, rel=1e-12)
    across = m_function(points, [100], reference="lamp", neighbour="food")["m"][0]
    assert across == pytest.approx((5 / 8 + 0 / 2) / (15 / 18 + 15 / 17), rel=1e-12)


def test_a_distance_itself_is_within():
    points = pd.DataFrame({"x": [1000.0, 1003.0, 5000.0], "y": [0.0, 4.0, 0.0], "type": ["a", "a", "b"]})
    found = m_function(points, [4.999, 5.0], reference="a", weights=None)
    assert np.isnan(found["m"][0])
    assert found["m"][1] == pytest.approx(2.0)
    assert found["points"].tolist() == [0, 2]


# ---- published values


@pytest.fixture(scope="module")
def paracou16() -> pd.DataFrame:
    file = Path(os.environ.get("ZHENXING_DATA", "")) / "pointpattern" / "paracou16.csv"
    if not os.environ.get("ZHENXING_DATA") or not file.exists():
        pytest.skip("the reference pattern paracou16 is not there: set ZHENXING_DATA to the folder of the test data")
    return pd.read_csv(file)


RADII = [0, 5, 10, 20, 30]


def test_kd_of_the_reference_pattern_agrees_with_dbmss_within_a_per_cent(paracou16):
    published = [5.4797e-4, 8.0277e-4, 1.71874e-3, 5.32044e-3, 5.38318e-3]
    found = kd(paracou16, None, RADII, reference="Q. Rosea")["kd"]
    np.testing.assert_allclose(found, published, rtol=0.01)


@pytest.mark.parametrize(
    ("reference", "neighbour", "published"),
    [
        ("Q. Rosea", None, [math.nan, 0.86993, 0.60692, 1.01940, 1.30041]),
        ("V. Americana", "Q. Rosea", [0, 0.54507, 0.22606, 0.54505, 0.60711]),
    ],
)
def test_m_of_the_reference_pattern_agrees_to_all_printed_digits(paracou16, reference, neighbour, published):
    found = m_function(paracou16, RADII, reference=reference, neighbour=neighbour)["m"]
    # 0.6071047 stands as 0.60711: it was rounded twice, so one half of the last digit is not enough
    np.testing.assert_allclose(found, published, atol=5.5e-6, rtol=0)
    assert (found.round(5) == published).sum() == 4


# ---- counts


def integer_counts(points: Lattice, last: int) -> np.ndarray:
    """Count with scipy's distances, root and cut as whole numbers."""
    square = np.rint(pdist(np.column_stack([points.x, points.y]).astype(float), "sqeuclidean")).astype(np.int64)
    root = np.array([math.isqrt(int(value)) for value in square], dtype=np.int64)
    return np.bincount(np.minimum(root, last), minlength=last + 1)


@pytest.mark.parametrize("last", [3, 60, 700])
@pytest.mark.parametrize("way", WAYS)
def test_every_way_counts_what_whole_number_arithmetic_counts(way, last):
    table = firms(120)
    points = lattice(table["x"].to_numpy(), table["y"].to_numpy(), 10.0)
    counts, used = count(points, last, way=way)
    assert used == way
    np.testing.assert_array_equal(counts, integer_counts(points, last))
    assert counts.sum() == 120 * 119 / 2


def test_a_distance_just_below_a_whole_number_stays_below_it():
    # (k² − 1) is not the sum of two squares for every k; these legs come as close as whole numbers can
    x, y = [0], [0]
    for k in range(2, 2897):
        a = math.isqrt(k * k - 1)
        b = math.isqrt(k * k - 1 - a * a)
        x.append(a)
        y.append(b)
    points = Lattice(np.array(x), np.array(y), np.empty(0))
    origin = points.take(np.array([0]))
    others = points.take(np.arange(1, len(x)))
    exact = np.bincount([math.isqrt(a * a + b * b) for a, b in zip(x[1:], y[1:], strict=True)], minlength=2897)
    for way in WAYS:
        np.testing.assert_array_equal(count(origin, 2896, others, way)[0], exact)


def test_lattices_longer_than_single_precision_are_counted_in_double():
    random = np.random.default_rng(3)
    points = Lattice(random.integers(0, 40_000, 60), random.integers(0, 40_000, 60), np.empty(0))
    np.testing.assert_array_equal(count(points, 30_000, way="direct")[0], integer_counts(points, 30_000))


@pytest.mark.parametrize("whole", [True, False])
def test_weighted_and_bivariate_counts_agree(whole):
    random = np.random.default_rng(4)
    one = Lattice(
        random.integers(0, 90, 50), random.integers(0, 40, 50), random.integers(1, 9, 50) + (0 if whole else 0.3)
    )
    two = Lattice(
        random.integers(5, 99, 70), random.integers(0, 50, 70), random.integers(1, 9, 70) + (0 if whole else 0.7)
    )
    for other in (None, two):
        direct, fft, plain = (count(one, 30, other, way)[0] for way in WAYS)
        np.testing.assert_allclose(fft, direct, rtol=1e-9, atol=1e-7)
        np.testing.assert_allclose(plain, direct, rtol=1e-12)
    total = one.weight.sum() * two.weight.sum()
    assert count(one, 30, two)[0].sum() == pytest.approx(total)


def test_a_transform_that_rounds_badly_is_not_believed(monkeypatch):
    table = firms(80)
    points = lattice(table["x"].to_numpy(), table["y"].to_numpy(), 10.0)
    exact = counting._correlate

    def noisy(*given):
        return exact(*given) + 0.4

    monkeypatch.setattr(counting, "_correlate", noisy)
    counts, used = count(points, 100, way="fft")
    assert used == "direct"
    np.testing.assert_array_equal(counts, integer_counts(points, 100))


def test_a_transform_with_the_wrong_sum_is_not_believed(monkeypatch):
    points = Lattice(np.array([0, 3, 6]), np.array([0, 4, 8]), np.empty(0))
    exact = counting._correlate
    monkeypatch.setattr(counting, "_correlate", lambda *given: exact(*given) + 1.0)
    assert count(points, 10, way="fft")[1] == "direct"


def test_many_points_are_counted_by_the_transform_and_few_directly():
    random = np.random.default_rng(5)
    many = Lattice(random.integers(0, 1000, 30_000), random.integers(0, 1000, 30_000), np.empty(0))
    assert choose(many, 600) == "fft"
    assert choose(many.take(np.arange(2000)), 600) == "direct"


def test_without_numba_numpy_gives_the_same(monkeypatch):
    table = firms(60)
    radii = range(0, 1500, 100)
    with_it = kd(table, "weight", radii, reference="lamp"), m_function(table, radii, reference="lamp")
    monkeypatch.setattr("zhenxing.diagnosis.distances.counting.kernels", lambda: None)
    monkeypatch.setattr("zhenxing.diagnosis.distances.relative.kernels", lambda: None)
    without = kd(table, "weight", radii, reference="lamp"), m_function(table, radii, reference="lamp")
    assert without[0].attrs["way"] == "plain"
    np.testing.assert_allclose(without[0]["kd"], with_it[0]["kd"], rtol=1e-12)
    np.testing.assert_allclose(without[1]["m"], with_it[1]["m"], rtol=1e-12)


def test_importing_loads_neither_numba_nor_scipy_nor_pyproj():
    code = "import sys, zhenxing.diagnosis.distances; sys.exit(bool({'numba', 'scipy', 'pyproj'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ---- identities


def test_kd_integrates_to_one():
    table = firms(300)
    found = kd(table, distances=np.linspace(0, 7000, 1401), reference="lamp")
    assert np.trapezoid(found["kd"], found["distance_m"]) == pytest.approx(1.0, abs=1e-4)


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_order_places_and_labels_do_not_matter(seed):
    table = firms(60, seed % 7)
    radii = [0, 200, 500, 900]
    random = np.random.default_rng(seed)
    shuffled = table.sample(frac=1, random_state=seed)
    moved = table.assign(x=table["x"] + random.integers(-5000, 5000), y=-table["y"])
    turned = table.assign(x=table["y"], y=-table["x"])
    renamed = table.assign(type=table["type"].map({"lamp": "z", "food": "a"}))
    for measure, value in ((kd, "kd"), (m_function, "m")):
        here = measure(table, distances=radii, reference="lamp")[value]
        for other, name in ((shuffled, "lamp"), (moved, "lamp"), (turned, "lamp"), (renamed, "z")):
            np.testing.assert_allclose(measure(other, distances=radii, reference=name)[value], here, rtol=1e-10)


def test_equal_weights_are_no_weights():
    table = firms(80).assign(weight=7.0)
    radii = [0, 300, 800]
    np.testing.assert_allclose(kd(table, "weight", radii)["kd"], kd(table, None, radii)["kd"], rtol=1e-12)
    one = m_function(table, radii, reference="lamp")["m"]
    np.testing.assert_allclose(one, m_function(table, radii, reference="lamp", weights=None)["m"], rtol=1e-12)


def test_scale_of_the_coordinates_scales_the_density():
    table = firms(80)
    near = kd(table, distances=[100, 500, 1000], cell=1.0)
    far = kd(table.assign(x=table["x"] * 10, y=table["y"] * 10), distances=[1000, 5000, 10_000], cell=10.0)
    np.testing.assert_allclose(far["kd"] * 10, near["kd"], rtol=1e-9)


def test_one_type_alone_is_neutral_everywhere():
    table = firms(50).assign(type="lamp")
    np.testing.assert_allclose(m_function(table, [500, 900, 2000], reference="lamp")["m"], 1.0, rtol=1e-12)


def test_m_is_one_on_average_under_random_labelling():
    band = m_envelope(firms(200), [300, 800, 2000], reference="lamp", permutations=400)
    np.testing.assert_allclose(band["mean"], 1.0, atol=0.03)


def test_the_default_distances_are_a_third_of_the_diagonal():
    points = pd.DataFrame({"x": [1000.0, 1300.0, 1100.0], "y": [0.0, 400.0, 50.0]})
    found = kd(points)
    assert found["distance_m"].iloc[-1] == pytest.approx(500 / 3)
    assert len(found) == 101


# ---- bands


def test_the_same_seed_gives_the_same_bands():
    table = firms(100)
    first, again, other = (
        kd_envelope(table, None, [0, 200, 600], reference="lamp", permutations=99, seed=seed) for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first, again)
    assert not first["global_high"].equals(other["global_high"])


def test_bands_are_those_of_shuffled_tables():
    table = firms(60)
    radii = [0, 300, 800, 1500]
    mine = kd_envelope(table, "weight", radii, reference="lamp", permutations=39, seed=5, bandwidth=120.0)
    ratios = m_envelope(table, [800, 1500], reference="lamp", permutations=39, seed=5)
    random, other = np.random.default_rng(5), np.random.default_rng(5)
    lamps = np.flatnonzero(table["type"] == "lamp")
    curves, shares = [], []
    for _ in range(39):
        places = random.permutation(60)[: len(lamps)]
        labels = pd.Series("food", index=table.index)
        labels.iloc[places] = "lamp"
        weight = table["weight"].copy()
        weight.iloc[places] = table["weight"].iloc[lamps].to_numpy()
        again = table.assign(type=labels, weight=weight)
        curves.append(kd(again, "weight", radii, reference="lamp", bandwidth=120.0)["kd"])
        again = table.assign(type=table["type"].to_numpy()[other.permutation(60)])
        shares.append(m_function(again, [800, 1500], reference="lamp")["m"])
    np.testing.assert_allclose(mine["mean"], np.mean(curves, axis=0), rtol=1e-10)
    np.testing.assert_allclose(mine["local_high"], np.max(curves, axis=0), rtol=1e-10)
    np.testing.assert_allclose(ratios["mean"], np.mean(shares, axis=0), rtol=1e-10)
    np.testing.assert_allclose(ratios["local_low"], np.min(shares, axis=0), rtol=1e-10)


def test_global_bands_enclose_local_ones():
    for band in (
        kd_envelope(firms(100), "weight", range(0, 2000, 100), reference="lamp", permutations=199),
        m_envelope(firms(100), range(500, 2000, 100), reference="lamp", permutations=199),
    ):
        assert (band["global_high"] >= band["local_high"]).all()
        assert (band["global_low"] <= band["local_low"]).all()


@given(st.integers(0, 1000), st.sampled_from([0.05, 0.1, 0.25]))
@settings(max_examples=30, deadline=None)
def test_the_global_band_is_the_deepest_that_few_curves_pass(seed, level):
    curves = np.random.default_rng(seed).normal(size=(60, 4)).round(1)
    found = bands(curves[0], curves, level)
    passing = (curves > found.global_high).any(axis=1).mean()
    assert passing <= level
    # one rank deeper, too many pass
    ordered = np.sort(curves, axis=0)[::-1]
    rank = next(k for k in range(60) if (ordered[k] == found.global_high).all())
    deeper = [k for k in range(rank, 60) if not (ordered[k] == found.global_high).all()]
    assert (curves > ordered[deeper[0]]).any(axis=1).mean() > level
    low = (curves < found.global_low).any(axis=1).mean()
    assert low <= level


def test_a_cluster_is_found_and_a_random_type_is_not():
    table = firms(240)
    clustered = table.assign(type=np.where(table["x"] < 500_900, "lamp", "food"))
    radii = range(0, 1500, 100)
    for envelope in (kd_envelope, m_envelope):
        band = envelope(clustered, distances=radii, reference="lamp", permutations=199)
        assert (band["localisation"] > 0).any()
        assert (band["dispersion"].fillna(0) == 0).all()
        assert band.attrs["p_localised"] == 0.005
        assert envelope(table, distances=radii, reference="lamp", permutations=199).attrs["p_localised"] > 0.05


def test_random_types_are_called_localised_as_often_as_the_level_says():
    table = firms(80)
    random = np.random.default_rng(0)
    often = [
        (
            kd_envelope(
                table.assign(type=random.permutation(table["type"])),
                distances=range(0, 1200, 100),
                reference="lamp",
                permutations=99,
                level=0.1,
                seed=number,
            )["localisation"]
            > 0
        ).any()
        for number in range(120)
    ]
    assert 0.02 <= np.mean(often) <= 0.2


def test_bivariate_and_weighted_bands_exist():
    band = kd_envelope(firms(90), "weight", [0, 400], reference="lamp", neighbour="food", permutations=39)
    # every firm is of one of the two types: nothing to compare with
    assert band["global_high"].isna().all()
    assert [issue["code"] for issue in band.attrs["issues"]] == ["everyone"]
    three = firms(90)
    three.loc[:29, "type"] = "glass"
    band = kd_envelope(three, "weight", [0, 400], reference="lamp", neighbour="food", permutations=39)
    assert (band["global_high"] > 0).all()
    across = m_envelope(three, [400, 800], reference="lamp", neighbour="food", permutations=39)
    assert (across["global_high"] > across["global_low"]).all()


# ---- what is refused and what is answered


@pytest.mark.parametrize("swap", [False, True])
def test_degrees_are_refused(swap):
    points = pd.DataFrame({"x": [113.2, 113.3], "y": [22.6, 22.7], "type": ["a", "a"]})
    if swap:
        points = points.rename(columns={"x": "y", "y": "x"})
    for refused in (
        lambda: kd(points),
        lambda: m_function(points, [10], reference="a", weights=None),
        lambda: kd_envelope(points, reference="a"),
        lambda: m_envelope(points, reference="a", weights=None),
    ):
        with pytest.raises(CrsSuspicionError) as caught:
            refused()
        assert "经纬度" in caught.value.text.zh
        assert "degrees" in caught.value.text.en
    assert kd(points, distances=[0, 1], crs="metres", bandwidth=1.0)["kd"].notna().all()


def test_a_declared_geographic_system_is_refused_and_a_projected_one_is_not():
    table = firms(20)
    with pytest.raises(CrsSuspicionError):
        kd(table, crs="EPSG:4490")
    assert kd(table, crs="EPSG:4547")["kd"].notna().all()
    degrees = pd.DataFrame({"x": [113.2, 113.3], "y": [22.6, 22.7]})
    with pytest.raises(CrsSuspicionError):
        kd(degrees, crs="EPSG:4547")
    with pytest.raises(InputError, match="EPSG"):
        kd(table, crs="no such system")


def test_a_geodataframe_gives_its_own_coordinates():
    table = firms(20)
    frame = geopandas.GeoDataFrame(
        table[["type"]], geometry=geopandas.points_from_xy(table["x"], table["y"]), crs="EPSG:4547"
    )
    np.testing.assert_allclose(kd(frame, distances=[0, 500])["kd"], kd(table, distances=[0, 500])["kd"])
    with pytest.raises(CrsSuspicionError):
        kd(frame.to_crs(4490), distances=[0, 500])
    with pytest.raises(InputError, match="points"):
        kd(frame.set_geometry(frame.buffer(10)), distances=[0, 500])


@pytest.mark.parametrize(
    ("change", "call", "words"),
    [
        ({"x": None}, {}, "x"),
        ({"x": "far away"}, {}, "x"),
        ({"weight": -1.0}, {"weights": "weight"}, "weight"),
        ({"type": None}, {"reference": "lamp"}, "type"),
    ],
)
def test_bad_cells_are_named(change, call, words):
    table = firms(8).astype(object)
    for column, value in change.items():
        table.loc[3, column] = value
    with pytest.raises(InputError, match=words) as caught:
        kd(table, **call)
    assert caught.value.issues[0].rows == ("3",)


@pytest.mark.parametrize(
    "call",
    [
        {"weights": "staff"},
        {"x": "east"},
        {"reference": "glass"},
        {"neighbour": "lamp"},
        {"distances": [5, 3]},
        {"distances": []},
        {"distances": [0]},
        {"distances": ["near"]},
        {"distances": [0, math.inf]},
        {"bandwidth": 0},
        {"cell": -1},
        {"bandwidth": math.nan},
    ],
)
def test_bad_settings_are_refused_in_both_languages(call):
    with pytest.raises(InputError) as caught:
        kd(firms(8), **call)
    assert caught.value.text.zh
    assert caught.value.text.en


@pytest.mark.parametrize("call", [{"permutations": 10}, {"level": 0}, {"level": 1.2}])
def test_bad_bands_are_refused(call):
    for envelope in (kd_envelope, m_envelope):
        with pytest.raises(InputError):
            envelope(firms(8), distances=[100], reference="lamp", **call)


def test_one_point_of_a_type_is_answered_with_nothing_and_why():
    table = firms(8).assign(type=["lamp"] + ["food"] * 7)
    for found in (
        kd(table, None, [0, 100], reference="lamp"),
        kd_envelope(table, None, [0, 100], reference="lamp", permutations=39),
    ):
        assert found["kd"].isna().all()
        assert [issue["code"] for issue in found.attrs["issues"]] == ["no_pairs"]
    alone = m_function(table, [5000], reference="lamp")
    assert alone["m"].isna().all()
    assert [issue["code"] for issue in alone.attrs["issues"]] == ["no_pairs"]


def test_one_single_point_and_no_point():
    with pytest.raises(InputError):
        kd(firms(1))
    assert kd(firms(1), distances=[0, 100])["kd"].isna().all()
    assert kd_envelope(firms(1), distances=[0, 100], reference="lamp", permutations=39)["mean"].isna().all()
    assert m_envelope(firms(1), distances=[100], reference="lamp", permutations=39)["m"].isna().all()
    with pytest.raises(InputError):
        kd(firms(0))
    with pytest.raises(InputError):
        kd(firms(0), distances=[0, 100], reference="lamp")


def test_every_table_can_be_written_with_what_it_carries(tmp_path):
    table = firms(9).assign(type=["lamp"] + ["food"] * 8)
    radii = [100, 2000]
    for found in (
        kd(table, None, radii, reference="lamp"),
        kd_envelope(table, None, radii, reference="food", permutations=39),
        m_function(table, radii, reference="lamp"),
        m_envelope(table, radii, reference="lamp", permutations=39),
    ):
        found.to_parquet(tmp_path / "table.parquet")
        back = pd.read_parquet(tmp_path / "table.parquet")
        assert back.attrs.keys() == found.attrs.keys()
        assert back.attrs["issues"] == found.attrs["issues"]


def test_points_in_one_place_have_no_bandwidth_of_their_own():
    table = firms(10).assign(x=5000.0, y=7000.0)
    found = kd(table, distances=[0, 100])
    assert found["kd"].isna().all()
    assert [issue["code"] for issue in found.attrs["issues"]] == ["no_spread"]
    assert kd(table, distances=[0, 100], bandwidth=10.0)["kd"][0] == pytest.approx(2 * normal(0) / 10)


def test_duplicates_of_coordinates_count_as_pairs_at_no_distance():
    table = pd.concat([firms(10), firms(10)], ignore_index=True)
    found = kd(table, distances=[0, 2000], cell=1.0)
    assert found.attrs["pairs"] == 190
    points = lattice(table["x"].to_numpy(), table["y"].to_numpy(), 1.0)
    assert [count(points, 9000, way=way)[0][0] for way in WAYS] == [10, 10, 10]


def test_weights_of_nothing_are_answered():
    table = firms(10).assign(weight=0.0)
    found = kd(table, "weight", [0, 2000])
    assert found["kd"].isna().all()
    assert [issue["code"] for issue in found.attrs["issues"]] == ["no_weight"]
    empty = m_function(table, [2000], reference="lamp")
    assert empty["m"].isna().all()
    assert [issue["code"] for issue in empty.attrs["issues"]] == ["no_weight"]


def test_an_empty_table_of_distances_of_two_far_points():
    table = pd.DataFrame({"x": [1000.0, 90_000.0], "y": [0.0, 0.0]})
    found = kd(table, distances=[0, 100])
    assert found["kd"].isna().all()
    assert kd(table, distances=[0, 100], bandwidth=50.0)["kd"].tolist() == [0.0, 0.0]


def test_bandwidth_is_that_of_the_distances_themselves():
    table = firms(60)
    radii = [0, 1000]
    distance = pdist(table[["x", "y"]].to_numpy())
    near = distance[distance < 2000]
    narrow = min(near.std(ddof=1), np.subtract(*np.percentile(near, [75, 25])) / 1.34)
    assert kd(table, distances=radii).attrs["bandwidth_m"] == pytest.approx(0.9 * narrow * len(near) ** -0.2, rel=5e-3)
    assert np.isnan(silverman(np.array([1.0, 0.0]), 1.0))


@pytest.mark.parametrize(("value", "nice"), [(1.0, 1.0), (1.01, 2.0), (0.0293, 0.05), (9.77, 10.0), (30.0, 50.0)])
def test_cells_are_round_numbers(value, nice):
    assert nice_above(value) == nice
