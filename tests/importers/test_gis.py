from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from zhenxing.errors import CrsSuspicionError
from zhenxing.importers import ImportResult
from zhenxing.importers.crs import candidates, local_plane
from zhenxing.importers.gcj02 import from_gcj02, to_gcj02
from zhenxing.store import write_town

from .conftest import codes

Read = Callable[..., ImportResult]
# Guzhen in the 3-degree plane of meridian 114 (zone 38)
X, Y = 415_590.74, 2_502_245.48
LON, LAT = 113.179, 22.616


def _squares(count: int = 3, size: float = 100.0) -> gpd.GeoDataFrame:
    shapes = [box(X + 200 * n, Y, X + 200 * n + size, Y + size) for n in range(count)]
    names = [f"T{n}" for n in range(count)]
    return gpd.GeoDataFrame({"宗地编号": names, "权属性质": ["集体"] * count}, geometry=shapes, crs="EPSG:4547")


def _geojson(path: Path, frame: gpd.GeoDataFrame, *, member: bool = False) -> Path:
    content = json.loads(frame.to_json())
    content.pop("crs", None)
    if member:
        content["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def _area_m2(result: ImportResult, table: str = "parcels") -> list[float]:
    return result.town[table].to_crs("EPSG:4547").area.round(1).tolist()


def test_a_declared_plane_is_stored_as_longitude_and_latitude(tmp_path: Path, read: Read) -> None:
    _squares().to_file(tmp_path / "宗地.gpkg")
    result = read(tmp_path / "宗地.gpkg")
    parcels = result.town["parcels"]
    assert parcels.crs.to_epsg() == 4490
    assert parcels.geometry.iloc[0].centroid.distance(Point(113.1795, 22.6165)) < 0.001
    assert _area_m2(result) == [10_000.0] * 3
    assert parcels["tenure"].tolist() == ["collective"] * 3


def test_a_zone_prefix_is_read_as_its_zone(tmp_path: Path, read: Read) -> None:
    shifted = _squares().set_crs("EPSG:4526", allow_override=True)
    shifted["geometry"] = shifted.translate(38_000_000)
    shifted.to_file(tmp_path / "宗地.shp", encoding="gb18030")
    assert _area_m2(read(tmp_path / "宗地.shp")) == [10_000.0] * 3
    wrong = shifted.set_crs("EPSG:4547", allow_override=True)
    wrong.to_file(tmp_path / "宗地.gpkg")
    with pytest.raises(CrsSuspicionError, match="EPSG:4526"):
        read(tmp_path / "宗地.gpkg")


def test_a_layer_without_a_system_asks_for_it(tmp_path: Path, read: Read) -> None:
    frame = _squares()
    frame = frame.set_crs(None, allow_override=True)
    with pytest.warns(UserWarning, match="crs"):
        frame.to_file(tmp_path / "宗地.shp", encoding="gb18030")
    with pytest.raises(CrsSuspicionError, match="--crs EPSG:4547") as caught:
        read(tmp_path / "宗地.shp")
    assert caught.value.exit_code == 2
    assert _area_m2(read(tmp_path / "宗地.shp", crs="4547")) == [10_000.0] * 3
    with pytest.raises(CrsSuspicionError):
        read(tmp_path / "宗地.shp", crs="EPSG:4490")


def test_plain_geojson_is_wgs84_and_that_is_said(tmp_path: Path, read: Read) -> None:
    path = _geojson(tmp_path / "宗地.geojson", _squares().to_crs("EPSG:4326"))
    result = read(path)
    assert "crs_geojson" in codes(result, "info")
    assert _area_m2(result) == pytest.approx([10_000.0] * 3, rel=1e-4)
    declared = _geojson(tmp_path / "parcels.geojson", _squares().to_crs("EPSG:4490"), member=True)
    assert "crs_declared" in codes(read(declared), "info")


def test_outlines_of_map_services_are_suspected_and_converted_only_on_demand(tmp_path: Path, read: Read) -> None:
    moved = shapely.transform(box(LON, LAT, LON + 0.01, LAT + 0.01), to_gcj02)
    frame = gpd.GeoDataFrame(
        {"adcode": [442000], "name": ["古镇"], "childrenNum": [0], "village_id": ["V"]},
        geometry=[moved],
        crs="EPSG:4326",
    )
    path = _geojson(tmp_path / "村居.geojson", frame)
    with pytest.raises(CrsSuspicionError, match="--crs gcj02"):
        read(path)
    result = read(path, crs="gcj02")
    assert "crs_converted_gcj02" in codes(result, "info")
    corner = np.array(result.town["villages"].geometry.iloc[0].bounds)
    assert corner == pytest.approx([LON, LAT, LON + 0.01, LAT + 0.01], abs=1e-8)
    # the user's word that they are not GCJ-02 is taken too
    assert read(path, crs="EPSG:4490").town["villages"].geometry.iloc[0].bounds[0] != pytest.approx(LON, abs=1e-4)


def test_a_layer_off_the_towns_own_is_suspected(tmp_path: Path, read: Read) -> None:
    there = _squares(6)
    there.to_file(tmp_path / "宗地.gpkg")
    town = read(tmp_path / "宗地.gpkg").town
    write_town(town, tmp_path / "town")
    shifted = there.to_crs("EPSG:4490")
    shifted["geometry"] = [shapely.transform(shape, to_gcj02) for shape in shifted.geometry]
    with pytest.raises(CrsSuspicionError, match=r"相差约 6\d\d 米"):
        read(_geojson(tmp_path / "宗地2.geojson", shifted), tmp_path / "town")
    small = there.copy()
    small["geometry"] = small.translate(20, 0)
    assert (
        read(_geojson(tmp_path / "宗地3.geojson", small.to_crs("EPSG:4490")), tmp_path / "town").town["parcels"]
        is not None
    )


def test_new_rows_outside_the_towns_outlines_are_suspected(tmp_path: Path, read: Read) -> None:
    # narrow villages: the shift of some 600 m takes every plot out of them
    villages = gpd.GeoDataFrame(
        {"village_id": ["V"], "name": ["甲村"]}, geometry=[box(X - 50, Y - 50, X + 1250, Y + 150)], crs="EPSG:4547"
    )
    villages.to_file(tmp_path / "村居.gpkg")
    town = read(tmp_path / "村居.gpkg").town
    shifted = _squares(6).to_crs("EPSG:4490")
    shifted["geometry"] = [shapely.transform(shape, to_gcj02) for shape in shifted.geometry]
    with pytest.raises(CrsSuspicionError, match="gcj02"):
        read(_geojson(tmp_path / "宗地.geojson", shifted), town)
    assert len(read(_geojson(tmp_path / "宗地.geojson", _squares(6).to_crs("EPSG:4490")), town).town["parcels"]) == 6


def test_the_public_formula_and_its_inverse() -> None:
    point = np.array([[LON, LAT]])
    moved = to_gcj02(point)
    east = np.radians(moved[0, 0] - LON) * 6_371_000 * np.cos(np.radians(LAT))
    north = np.radians(moved[0, 1] - LAT) * 6_371_000
    assert float(np.hypot(east, north)) == pytest.approx(632, abs=30)
    errors = [np.abs(from_gcj02(moved, rounds) - point).max() * 111_000 for rounds in (1, 2, 3, 5)]
    assert errors[0] > errors[1] > errors[2] > errors[3]
    assert errors[3] < 1e-6
    abroad = np.array([[2.35, 48.85]])
    assert (to_gcj02(abroad) == abroad).all()


def test_magnitudes() -> None:
    assert candidates((38_415_590, 2_502_245, 38_416_000, 2_503_000)) == ("EPSG:4526",)
    assert candidates((19_600_000, 2_502_245, 19_610_000, 2_503_000)) == ("EPSG:4497",)
    assert candidates((12_600_000, 2_500_000, 12_610_000, 2_600_000)) == ("EPSG:3857",)
    assert local_plane(113.18) == "EPSG:4547"


@pytest.mark.parametrize("page", ["", "GBK"])
def test_shapefiles_in_gbk_with_and_without_a_code_page(tmp_path: Path, read: Read, page: str) -> None:
    _squares().to_file(tmp_path / "宗地.shp", encoding="gb18030")
    (tmp_path / "宗地.cpg").unlink(missing_ok=True)
    if page:
        (tmp_path / "宗地.cpg").write_text(page)
    assert read(tmp_path / "宗地.shp").town["parcels"]["parcel_id"].tolist() == ["T0", "T1", "T2"]


def test_a_missing_index_is_rebuilt_beside_the_senders_folder(tmp_path: Path, read: Read) -> None:
    _squares().to_file(tmp_path / "宗地.shp", encoding="gb18030")
    (tmp_path / "宗地.shx").unlink()
    result = read(tmp_path / "宗地.shp")
    assert len(result.town["parcels"]) == 3
    assert "shx_rebuilt" in codes(result, "info")
    assert not (tmp_path / "宗地.shx").exists()


def test_shapes_that_cannot_be_kept_are_listed_and_never_repaired_in_silence(tmp_path: Path, read: Read) -> None:
    a, b = X, Y
    bow_tie = Polygon([(a, b), (a + 100, b + 100), (a + 100, b), (a, b + 100)])
    touching = Polygon([(a, b), (a + 200, b), (a + 200, b + 200), (a, b + 200), (a, b), (a - 0.001, b - 0.5), (a, b)])
    shapes = [
        box(a, b, a + 100, b + 100),
        MultiPolygon([box(a, b, a + 10, b + 10), box(a + 20, b, a + 30, b + 10)]),
        bow_tie,
        LineString([(a, b), (a + 1, b)]),
        None,
        shapely.force_3d(box(a, b, a + 50, b + 50), z=3.0),
        touching,
    ]
    frame = gpd.GeoDataFrame({"宗地编号": [f"T{n}" for n in range(7)]}, geometry=shapes, crs="EPSG:4547")
    result = read(_write_mixed(tmp_path, frame))
    found = {issue.code: issue.rows for issue in result.issues}
    assert found["geometry_quarantined"] == ("3",)
    assert found["geometry_kind"] == ("4",)
    assert found["geometry_empty"] == ("5",)
    assert found["geometry_repaired"] == ("7",)
    assert "geometry_flattened" in found
    parcels = result.town["parcels"]
    assert len(parcels) == 7
    assert parcels.geometry.isna().tolist() == [False, False, True, True, True, False, False]
    assert set(parcels.geometry.dropna().geom_type) == {"MultiPolygon"}


def _write_mixed(tmp_path: Path, frame: gpd.GeoDataFrame) -> Path:
    content = json.loads(frame.to_json())
    content["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
    (tmp_path / "宗地.geojson").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return tmp_path / "宗地.geojson"


def test_ledger_and_layer_of_one_table_meet_at_the_id(tmp_path: Path, read: Read) -> None:
    _squares().to_file(tmp_path / "宗地.gpkg")
    (tmp_path / "宗地台账.csv").write_text("宗地编号,登记面积（㎡）\nT0,10000\nT1,9000\nT9,1\n", encoding="utf-8")
    parcels = read(tmp_path).town["parcels"].set_index("parcel_id")
    assert parcels.loc["T0", "area_registered_mu"] == pytest.approx(15)
    assert parcels.geometry.notna().tolist() == [True, True, True, False]


# the driver that writes the file complains about the very names that it cuts
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::RuntimeWarning")
def test_field_names_cut_at_ten_bytes_are_completed(tmp_path: Path, read: Read) -> None:
    _squares().to_file(tmp_path / "宗地.shp", encoding="utf-8")
    result = read(tmp_path / "宗地.shp")
    assert result.town["parcels"]["parcel_id"].tolist() == ["T0", "T1", "T2"]
    assert "name_cut" in codes(result, "info")


def test_columns_of_coordinates_become_points_only_in_a_named_system(tmp_path: Path, read: Read) -> None:
    there = to_gcj02(np.array([[LON, LAT]]))[0]
    path = tmp_path / "企业名录.csv"
    rows = f"企业名称,统一社会信用代码,经度,纬度\n甲厂,91350100M000100Y43,{there[0]},{there[1]}\n乙厂,,/,\n"
    path.write_text(rows, encoding="utf-8")
    result = read(path)
    assert "points_without_crs" in codes(result, "warning")
    assert "geometry" not in result.town["firms"].columns
    firms = read(path, crs="gcj02").town["firms"]
    assert firms.geometry.iloc[0].distance(Point(LON, LAT)) < 1e-8
    assert firms.geometry.isna().tolist() == [False, True]
