"""Whatever cells a town holds, both forms give it back: values, empties, types, names, order and coordinates."""

import tempfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from store_comparison import assert_same

from zhenxing import schema
from zhenxing.store import read_town, write_town
from zhenxing.town import Settings, Town

# every character a text file and SQLite can hold: no NUL, no halves of surrogate pairs
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1, max_size=6)
AWKWARD = st.sampled_from(
    ["NA", "none", "nan", "0011", " x ", '"', ",", "\n", "\r\n", "1e5", "true", "#2", "a/b", "é", "镇"]
)
ID = TEXT | AWKWARD
NUMBER = st.floats(min_value=0, allow_nan=False, allow_infinity=False)
MAYBE_TEXT = st.none() | AWKWARD | TEXT
DEGREE = st.floats(min_value=-90, max_value=90, allow_nan=False)
NAME = st.text(st.sampled_from("abcXYZ ,\"'序号.%_"), min_size=1, max_size=4).filter(lambda name: name == name.strip())


@st.composite
def sites(draw):
    ids = draw(st.lists(ID, unique=True, max_size=4))
    count = len(ids)
    column = lambda cells: draw(st.lists(cells, min_size=count, max_size=count))  # noqa: E731 (one shape for all columns)
    frame = pd.DataFrame(
        {
            "site_id": pd.Series(ids, dtype="str"),
            "park_id": pd.Series(column(ID), dtype="str"),
            "name": pd.Series(column(MAYBE_TEXT), dtype="str"),
            "area_mu": pd.Series(column(NUMBER), dtype="float64"),
            "floor_m2": pd.Series(column(st.none() | NUMBER), dtype="float64"),
            "is_seed": pd.Series(column(st.none() | st.booleans()), dtype="boolean"),
        }
    )
    for extra in draw(st.lists(NAME, unique=True, max_size=2)):
        if extra not in (*frame.columns, "geometry"):
            frame[extra] = pd.Series(column(MAYBE_TEXT), dtype="str")
    if draw(st.booleans()):
        shapes = column(st.none() | st.builds(shapely.Point, DEGREE, DEGREE))
        return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=frame.index, crs="EPSG:4490"))
    return frame


@st.composite
def targets(draw):
    rows = draw(
        st.lists(st.tuples(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False)), max_size=3)
    )
    frame = pd.DataFrame(rows, columns=["year", "target"]).astype({"year": "Int64", "target": "float64"})
    frame.insert(0, "indicator", pd.Series(["cleared_mu"] * len(rows), dtype="str"))
    return frame


TOML = st.dictionaries(
    st.sampled_from(["a", "b c", "名", "x.y", "[v"]),
    st.recursive(
        st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False) | TEXT | st.dates(),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["k", "l"]), inner, max_size=2),
        max_leaves=4,
    ),
    max_size=3,
)


# without shrinking: a failing town is small enough to read, and shrinking it writes thousands of files
@settings(max_examples=15, deadline=None, phases=(Phase.generate,), suppress_health_check=[HealthCheck.too_slow])
@given(sites(), targets(), TOML, TOML, TEXT)
def test_nothing_is_lost(site_rows, target_rows, section, scalar, note):
    content = {"town": {"note": note}, "other": section, **{f"top {key}": value for key, value in scalar.items()}}
    tables = {
        "sites": site_rows,
        "targets": target_rows,
        "记录": pd.DataFrame({"a": site_rows["site_id"], "b": site_rows["name"]}),
    }
    tables = {n: schema.conform(n, t)[0] if n in schema.tables() else t for n, t in tables.items()}
    town = Town(Settings.parse(content), tables)
    with tempfile.TemporaryDirectory() as place:
        write_town(town, Path(place) / "folder")
        from_folder = read_town(Path(place) / "folder")
        write_town(town, Path(place) / "t.gpkg")
        from_file = read_town(Path(place) / "t.gpkg")
        assert_same(from_file, town)
        assert_same(from_folder, town)
        write_town(from_folder, Path(place) / "t.gpkg")
        write_town(read_town(Path(place) / "t.gpkg"), Path(place) / "again")
        assert_same(read_town(Path(place) / "again"), town)
