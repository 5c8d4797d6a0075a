"""Complexity and relatedness: a case by hand, ecomplexity's own numbers, identities, degenerate tables."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from zhenxing.diagnosis.complexity import (
    cog,
    coi,
    complexity,
    eci,
    issues_of,
    pci,
    proximity,
    relatedness_density,
    spectrum,
)
from zhenxing.errors import InputError

HERE = Path(__file__).parent
PEER = HERE.parent.parent / ".venv-bench" / "bin" / "python"


def long(matrix: object, regions: str = "abcdefghijkl", industries: str = "uvwxyz") -> pd.DataFrame:
    cells = np.asarray(matrix)
    rows, columns = cells.shape
    return pd.DataFrame(
        {
            "region": np.repeat(list(regions[:rows]), columns),
            "industry": np.tile(list(industries[:columns]), rows),
            "value": cells.ravel(),
        }
    )


def codes(table: pd.DataFrame) -> set[str]:
    return {issue.code for issue in issues_of(table)}


# ---- by hand

# regions a, b, c with the industries uvw, uv, u: D = 3, 2, 1 and U = 3, 2, 1
STAIRS = long([[1, 1, 1], [1, 1, 0], [1, 0, 0]])


def test_stairs_by_hand():
    """On the stairs the averages over industries and back have eigenvalues 1, 1/4, 1/9 and vectors on paper."""
    found = eci(STAIRS, given=True)
    np.testing.assert_allclose(found["eci"], np.sqrt(1.5) * np.array([1, 0, -1]), atol=1e-12)
    assert found["diversity"].tolist() == [3, 2, 1]
    # the mean PCI of what a region has is its ECI
    of_industry = pci(STAIRS, given=True).set_index("industry")["pci"]
    assert of_industry["u"] == pytest.approx(-np.sqrt(1.5))
    assert (of_industry["u"] + of_industry["v"]) / 2 == pytest.approx(0)
    assert of_industry.mean() == pytest.approx(np.sqrt(1.5))


def test_proximity_by_hand():
    table = proximity(STAIRS, given=True).set_index(["industry_1", "industry_2"])["proximity"]
    assert table["u", "v"] == pytest.approx(2 / 3)
    assert table["u", "w"] == pytest.approx(1 / 3)
    assert table["v", "w"] == pytest.approx(1 / 2)
    assert (table.loc[[("u", "u"), ("v", "v"), ("w", "w")]] == 1).all()


def test_density_by_hand_with_and_without_diagonal():
    whole = relatedness_density(STAIRS, given=True, diagonal=True).set_index(["region", "industry"])["density"]
    bare = relatedness_density(STAIRS, given=True, diagonal=False).set_index(["region", "industry"])["density"]
    assert whole["b", "w"] == pytest.approx((1 / 3 + 1 / 2) / (1 / 3 + 1 / 2 + 1))
    assert bare["b", "w"] == pytest.approx(1.0)
    assert whole["c", "u"] == pytest.approx(1 / 2)
    assert bare["c", "u"] == 0


def test_diagonal_must_be_chosen():
    with pytest.raises(TypeError, match="diagonal"):
        complexity(STAIRS)


# ---- the peer's own numbers


def oracle() -> pd.DataFrame:
    return pd.read_csv(HERE / "complexity_oracle.csv", dtype={"region": str, "industry": str})


PAIRS = {
    "rca": "location_quotient",
    "mcp": "present",
    "diversity": "diversity",
    "ubiquity": "ubiquity",
    "eci": "eci",
    "pci": "pci",
    "density": "density",
    "coi": "coi",
    "cog": "cog",
}


@pytest.mark.parametrize("theirs", PAIRS)
def test_equals_ecomplexity_on_a_synthetic_table(theirs):
    expected = oracle()
    found = complexity(expected[["region", "industry", "value"]], diagonal=True)
    np.testing.assert_allclose(found[PAIRS[theirs]].to_numpy(dtype=float), expected[theirs], rtol=0, atol=1e-12)


def test_single_precision_is_right_to_a_millionth():
    expected = oracle()
    found = complexity(expected[["region", "industry", "value"]], diagonal=True, precision="single")
    for name in ("density", "coi", "cog"):
        np.testing.assert_allclose(found[name].to_numpy(dtype=float), expected[name], rtol=0, atol=2e-6)
    np.testing.assert_allclose(found["eci"], expected["eci"], rtol=0, atol=1e-12)
    assert found["density"].dtype == np.float32


def test_single_functions_equal_the_whole():
    table = oracle()[["region", "industry", "value"]]
    whole = complexity(table, diagonal=False)
    firsts = whole.drop_duplicates("region").reset_index(drop=True)
    pd.testing.assert_series_equal(eci(table)["eci"], firsts["eci"])
    pd.testing.assert_series_equal(coi(table, diagonal=False)["coi"], firsts["coi"])
    pd.testing.assert_series_equal(cog(table, diagonal=False)["cog"], whole["cog"])
    pd.testing.assert_series_equal(relatedness_density(table, diagonal=False)["density"], whole["density"])
    columns = whole.drop_duplicates("industry").sort_values("industry").reset_index(drop=True)
    pd.testing.assert_series_equal(pci(table)["pci"], columns["pci"])


REAL = """
import sys
import numpy as np
import pandas as pd
from ecomplexity import ecomplexity
from zhenxing.diagnosis.complexity import complexity
table = pd.read_csv(sys.argv[1], dtype={"product": str})
table = table[table.groupby("country")["value"].transform("sum") >= 1e6].assign(year=2000)
names = {"time": "year", "loc": "country", "prod": "product", "val": "value"}
theirs = ecomplexity(table, names, check_logsupermodularity=False, verbose=False)
theirs = theirs.sort_values(["country", "product"]).reset_index(drop=True)
ours = complexity(table, "country", "product", "value", diagonal=True)
assert (theirs[["country", "product"]].astype(str) == ours[["country", "product"]].astype(str)).all().all()
assert (theirs["mcp"] == ours["present"]).all()
for name in ("eci", "pci", "density", "coi", "cog"):
    apart = float(np.max(np.abs(theirs[name].to_numpy() - ours[name].to_numpy())))
    print(name, apart)
    assert apart < 1e-10, (name, apart)
"""


def test_equals_ecomplexity_on_real_trade():
    """World trade 1998-2000, countries that export at least a million: 223 of 226."""
    folder = os.environ.get("ZHENXING_DATA")
    if not folder:
        pytest.skip("ZHENXING_DATA does not name the folder of the real data")
    if not PEER.exists() or not list(PEER.parent.parent.glob("lib/*/site-packages/ecomplexity")):
        pytest.skip("ecomplexity is not there (make bench-setup)")
    source = Path(folder) / "trade" / "world_trade_1998_2000.csv.gz"
    alone = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([PEER, "-c", REAL, source], capture_output=True, text=True, check=False, env=alone)
    assert done.returncode == 0, done.stdout + done.stderr


def test_real_trade_keeps_the_identities():
    folder = os.environ.get("ZHENXING_DATA")
    if not folder:
        pytest.skip("ZHENXING_DATA does not name the folder of the real data")
    source = Path(folder) / "trade" / "world_trade_1998_2000.csv.gz"
    table = pd.read_csv(source, dtype={"product": str})
    table = table[table.groupby("country")["value"].transform("sum") >= 1e6]
    found = complexity(table, "country", "product", "value", diagonal=True)
    regions = found.drop_duplicates("country")
    assert len(regions) == 223
    assert "0011" in set(found["product"])
    assert regions["eci"].mean() == pytest.approx(0, abs=1e-12)
    assert regions["eci"].std(ddof=0) == pytest.approx(1)
    # ECI is the mean PCI of what a country exports with advantage
    mean = found[found["present"]].groupby("country")["pci"].mean()
    np.testing.assert_allclose(mean.to_numpy(), regions["eci"], atol=1e-10)
    # rank sanity only: the published rankings rest on other data
    rank = regions.set_index("country")["eci"].rank(ascending=False)
    assert rank[["jpn", "deu", "che", "swe"]].max() < 25
    assert rank[["nga", "ago", "khm"]].min() > 150


def test_the_published_table_of_world_trade():
    """The vignette of the R package economiccomplexity of 2020-02-20 prints five countries and products of these data."""
    folder = os.environ.get("ZHENXING_DATA")
    if not folder:
        pytest.skip("ZHENXING_DATA does not name the folder of the real data")
    table = pd.read_csv(Path(folder) / "trade" / "world_trade_1998_2000.csv.gz", dtype={"product": str})
    countries = eci(table, "country", "product", "value").set_index("country")["eci"]
    products = pci(table, "country", "product", "value").set_index("product")["pci"]
    assert len(countries) == 226
    # R divides by n - 1, and standardises the products by themselves
    np.testing.assert_allclose(
        countries[["afg", "ago", "aia", "alb", "and"]] * np.sqrt(225 / 226),
        [-0.5764283, -1.7770752, 1.4090414, -0.1732606, 1.0772452],
        rtol=0,
        atol=6e-8,
    )
    np.testing.assert_allclose(
        ((products - products.mean()) / products.std())[["0011", "0012", "0013", "0014", "0015"]],
        [-0.66657613, -1.62657599, -0.08149436, 0.19917280, 0.14935653],
        rtol=0,
        atol=6e-9,
    )


# ---- identities

TABLES = st.integers(0, 2**32 - 1).map(
    lambda seed: (
        np.random.default_rng(seed).integers(0, 30, size=(7, 6))
        * (np.random.default_rng(seed + 1).random((7, 6)) < 0.7)
    )
)


@settings(deadline=None, max_examples=25)
@given(matrix=TABLES, seed=st.integers(0, 1000))
def test_order_and_labels_change_nothing(matrix, seed):
    table = long(matrix)
    if table["value"].sum() == 0:
        return
    found = complexity(table, diagonal=True)
    mixed = complexity(table.sample(frac=1, random_state=seed), diagonal=True)
    pd.testing.assert_frame_equal(found, mixed, rtol=1e-9, atol=1e-9)
    # zeros and missing pairs alike, as long as every label still appears
    positive = table[table["value"] > 0]
    if positive["region"].nunique() == 7 and positive["industry"].nunique() == 6:
        pd.testing.assert_frame_equal(found, complexity(positive, diagonal=True), rtol=1e-9, atol=1e-9)
        renamed = table.assign(region=table["region"].map(dict(zip("abcdefg", "gfedcba", strict=True))))
        turned = complexity(renamed, diagonal=True)
        turned["region"] = turned["region"].map(dict(zip("abcdefg", "gfedcba", strict=True)))
        turned = turned.sort_values(["region", "industry"]).reset_index(drop=True)
        if eci(table)["diversity"].corr(found.drop_duplicates("region")["eci"].reset_index(drop=True)) > 1e-6:
            pd.testing.assert_frame_equal(found, turned.astype(found.dtypes.to_dict()), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("kind", ["str", "category", "integer", "object"])
def test_labels_keep_their_type(kind):
    table = oracle()[["region", "industry", "value"]]
    if kind == "integer":
        table = table.assign(region=table["region"].str[1:].astype(int), industry=table["industry"].astype(int))
    else:
        table = table.astype({"region": kind, "industry": kind})
    found = complexity(table, diagonal=True)
    assert found["region"].dtype == table["region"].dtype
    assert found["industry"].dtype == table["industry"].dtype
    assert len(found) == 12 * 16
    np.testing.assert_allclose(found["eci"], oracle()["eci"], atol=1e-12)


def test_years_are_computed_alone():
    one, other = oracle().assign(year=2020), oracle().query("region != 'r03'").assign(year=2021)
    both = complexity(pd.concat([other, one]), year="year", diagonal=True)
    assert both["year"].unique().tolist() == [2020, 2021]
    assert list(both.columns[:3]) == ["year", "region", "industry"]
    alone = complexity(other, diagonal=True)
    pd.testing.assert_frame_equal(both[both["year"] == 2021].drop(columns="year").reset_index(drop=True), alone)


def test_large_and_small_solvers_agree(monkeypatch):
    drawn = np.random.default_rng(3)
    ability, need = drawn.normal(size=60), drawn.normal(size=45)
    has = drawn.random((60, 45)) < 1 / (1 + np.exp(-2 * (ability[:, None] - need[None, :])))
    table = pd.DataFrame({"region": np.repeat(np.arange(60), 45), "industry": np.tile(np.arange(45), 60)})
    table["value"] = has.ravel().astype(int)
    dense = complexity(table, given=True, diagonal=True)
    monkeypatch.setattr(spectrum, "DENSE", 5)
    sparse = complexity(table, given=True, diagonal=True)
    pd.testing.assert_frame_equal(dense, sparse, rtol=1e-9, atol=1e-9)


# ---- degenerate tables


def test_an_industry_nobody_has_and_a_region_with_nothing():
    matrix = np.array([[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]])
    found = complexity(long(matrix), given=True, diagonal=True)
    assert codes(found) == {"no_industries", "no_regions"}
    assert {issue.rows for issue in issues_of(found)} == {("d",), ("x",)}
    inner = found[(found["region"] != "d") & (found["industry"] != "x")].reset_index(drop=True)
    pd.testing.assert_frame_equal(inner, complexity(STAIRS, given=True, diagonal=True))
    beyond = found[(found["region"] == "d") | (found["industry"] == "x")]
    assert beyond[["density", "cog"]].isna().all().all()
    assert found.loc[found["region"] == "d", ["eci", "coi"]].isna().all().all()
    assert found.loc[found["industry"] == "x", "pci"].isna().all()


def test_a_graph_in_parts():
    # a, b, c share u, v, w; d, e share x, y
    matrix = np.zeros((5, 5), dtype=int)
    matrix[:3, :3] = [[1, 1, 1], [1, 1, 0], [1, 0, 0]]
    matrix[3:, 3:] = [[1, 1], [1, 0]]
    table = long(matrix)
    largest = eci(table, given=True)
    assert codes(largest) == {"parts_largest"}
    assert issues_of(largest)[0].rows == ("d", "e")
    np.testing.assert_allclose(largest["eci"][:3], eci(STAIRS, given=True)["eci"], atol=1e-12)
    assert largest["eci"][3:].isna().all()
    assert largest["component"].tolist() == [0, 0, 0, 1, 1]
    each = eci(table, given=True, components="each")
    np.testing.assert_allclose(each["eci"][3:], [1, -1])
    assert codes(each) == {"parts_each"}
    with pytest.raises(InputError, match="2 parts") as refused:
        eci(table, given=True, components="refuse")
    assert "互不相连" in refused.value.text.zh
    apart = complexity(table, given=True, diagonal=True, components="each")
    alone = complexity(STAIRS, given=True, diagonal=True)
    inner = apart[apart["region"].isin(list("abc")) & apart["industry"].isin(list("uvw"))].reset_index(drop=True)
    pd.testing.assert_frame_equal(inner, alone)


def test_a_region_that_alone_has_its_only_industry():
    matrix = np.array([[5, 4, 3, 0], [6, 5, 0, 0], [9, 0, 0, 0], [0, 0, 0, 7]])
    found = eci(long(matrix))
    assert np.isnan(found.loc[3, "eci"])
    assert found.loc[3, "component"] == 1
    assert "parts_largest" in codes(found)


def test_tied_eigenvalues_are_said_not_guessed():
    # a ring: every region has two neighbouring industries; rotations make eigenvalues double
    ring = np.eye(6, dtype=int) + np.roll(np.eye(6, dtype=int), 1, axis=1)
    found = complexity(long(ring), given=True, diagonal=True)
    assert codes(found) == {"tie"}
    assert found[["eci", "pci", "coi", "cog"]].isna().all().all()
    assert found["density"].notna().all()


@pytest.mark.parametrize("dense", [5, 1000])
def test_ties_are_found_by_both_solvers(dense, monkeypatch):
    monkeypatch.setattr(spectrum, "DENSE", dense)
    ring = np.eye(80) + np.roll(np.eye(80), 1, axis=1)
    assert spectrum.second_direction(csr_array(ring)).tied


@pytest.mark.parametrize("matrix", [[[3, 4, 5]], [[1], [2]], [[1, 1], [1, 1]], [[2, 4], [1, 2]]])
def test_regions_that_do_not_differ(matrix):
    found = eci(long(matrix))
    assert codes(found) == {"alike"}
    assert found["eci"].isna().all()


def test_sign_without_correlation_is_the_first_region():
    # all regions have two industries: diversity says nothing
    table = long([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]])
    found = eci(table, given=True)
    assert found.loc[0, "eci"] > 0
    assert found["eci"].tolist() == eci(table[::-1], given=True)["eci"].tolist()


def test_quotients_on_the_threshold_do_not_hang_on_rounding():
    # every quotient is 1, whatever the order in which the tenths are added
    table = long(np.outer([0.1, 0.7, 0.3], [0.2, 0.3, 0.5]))
    assert complexity(table, diagonal=True)["present"].all()
    assert complexity(table[::-1], diagonal=True)["present"].all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": [1.0, -2.0, 3.0] * 3}, "negative"),
        ({"value": [1.0, np.nan, 3.0] * 3}, "missing or infinite"),
        ({"value": [1.0, np.inf, 3.0] * 3}, "missing or infinite"),
        ({"value": list("123123123")}, "does not hold numbers"),
        ({"region": [None, *"aabbbccc"]}, "missing labels"),
    ],
)
def test_bad_cells_are_named(change, words):
    with pytest.raises(InputError, match=words) as refused:
        complexity(STAIRS.assign(**change), diagonal=True)
    assert refused.value.text.zh


def test_bad_settings_are_named():
    for wrong in ({"precision": "half"}, {"components": "most"}, {"threshold": 0.0}):
        with pytest.raises(InputError):
            complexity(STAIRS, diagonal=True, **wrong)
    with pytest.raises(InputError, match="0 or 1"):
        complexity(STAIRS.assign(value=2), diagonal=True, given=True)
    with pytest.raises(InputError, match="no such columns: sector"):
        eci(STAIRS, industry="sector")
    with pytest.raises(InputError, match="empty"):
        eci(STAIRS[:0])


def test_no_heavy_libraries_are_loaded():
    probe = (
        "import sys\n"
        "for name in ('geopandas', 'pyogrio', 'highspy', 'matplotlib', 'rich', 'typer', 'numba'):\n"
        "    sys.modules[name] = None\n"
        "import zhenxing.diagnosis.complexity, zhenxing.diagnosis.concentration\n"
    )
    subprocess.run([sys.executable, "-c", probe], check=True)


def test_industries_that_stand_alone_have_no_density_without_the_diagonal():
    found = relatedness_density(long(np.eye(3, dtype=int)), given=True, diagonal=False)
    assert found["density"].isna().all()
    assert codes(found) == {"alone"}
    assert relatedness_density(long(np.eye(3, dtype=int)), given=True, diagonal=True)["density"].tolist()[:2] == [1, 0]


def test_an_iteration_that_does_not_end_is_solved_densely(monkeypatch):
    import scipy.sparse.linalg

    def stuck(*_: object, **__: object) -> None:
        raise scipy.sparse.linalg.ArpackNoConvergence("", np.empty(0), np.empty((0, 0)))

    table = oracle()[["region", "industry", "value"]]
    monkeypatch.setattr(spectrum, "DENSE", 5)
    monkeypatch.setattr(scipy.sparse.linalg, "eigsh", stuck)
    np.testing.assert_allclose(complexity(table, diagonal=True)["eci"], oracle()["eci"], atol=1e-12)


def test_large_tables_take_single_precision(monkeypatch):
    from zhenxing.diagnosis.complexity import relatedness

    table = oracle()[["region", "industry", "value"]]
    assert complexity(table, diagonal=True)["density"].dtype == np.float64
    monkeypatch.setattr(relatedness, "LARGE", 100)
    assert complexity(table, diagonal=True)["density"].dtype == np.float32


def test_a_computed_name_is_refused_for_labels():
    with pytest.raises(InputError, match="also that of a result"):
        complexity(STAIRS.rename(columns={"region": "eci"}), region="eci", diagonal=True)


@pytest.mark.parametrize("chunk", [1, 7, 40, 10**6])
def test_long_label_columns_are_written_in_pieces(chunk, monkeypatch):
    from zhenxing.diagnosis.concentration import cells

    monkeypatch.setattr(cells, "CHUNK", chunk)
    texts = ["灯", "a", "", "bcd", "é"]
    labels = cells.read_labels(pd.DataFrame({"name": texts}), "name")
    assert labels.each(3).tolist() == list(np.repeat(sorted(texts), 3))
    assert labels.over(3).tolist() == sorted(texts) * 3
    assert pd.Series(labels.each(3)).dtype == "str"
