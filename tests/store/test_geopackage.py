"""A GeoPackage town: whole writes, row versions, history, single rows, and what happens when files are not as hoped."""

import contextlib
import json
import os
import shutil
import sqlite3
import stat
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from zhenxing import schema
from zhenxing.errors import SchemaError, SourceError
from zhenxing.store import (
    connect,
    delete_rows,
    edit_rows,
    geopackage,
    inputs_sha256,
    read_history,
    read_rows,
    read_town,
    write_town,
)
from zhenxing.store import connection as connection_module


@pytest.fixture(scope="module")
def written(tmp_path_factory, town):
    place = tmp_path_factory.mktemp("written") / "town.gpkg"
    write_town(town, place)
    return place


@pytest.fixture
def path(tmp_path, written):
    return Path(shutil.copy(written, tmp_path / "town.gpkg"))


def ask(path, question, *values):
    with contextlib.closing(connect(path)) as held:
        return held.execute(question, values).fetchall()


def refused(action, kind=SourceError):
    with pytest.raises(kind) as caught:
        action()
    fault = caught.value
    assert fault.exit_code == 2
    assert fault.text.zh
    assert fault.text.en
    return fault


def test_round_trip_through_both_forms(tmp_path, path, town, same):
    held = read_town(path)
    same(held, town)
    write_town(held, tmp_path / "folder")
    again = read_town(tmp_path / "folder")
    same(type(again)(again.settings, {name: again[name] for name in town}), town)
    write_town(again, tmp_path / "second.gpkg")
    same(read_town(tmp_path / "second.gpkg"), again)
    assert inputs_sha256(path) == inputs_sha256(tmp_path / "folder") == inputs_sha256(tmp_path / "second.gpkg")


def test_the_file_is_a_geopackage_that_other_programs_open(path):
    layers = dict(pyogrio.list_layers(path))
    assert layers["sites"] == "Polygon"
    assert layers["parks"] is None
    assert {"town_settings", "history"} <= set(layers)
    sites = pyogrio.read_dataframe(path, layer="sites")
    assert sites.crs.to_epsg() == 4490
    assert sites["row_version"].tolist() == [1, 1]
    assert ask(path, "SELECT organization_coordsys_id FROM gpkg_spatial_ref_sys WHERE srs_id = 4490") == [(4490,)]
    assert ask(path, "SELECT data_type, srs_id FROM gpkg_contents WHERE table_name = 'sites'") == [("features", 4490)]
    assert ask(path, "SELECT value FROM town_settings WHERE key = 'discount_rate'") == [("0.05",)]


def test_a_whole_write_raises_versions_of_changed_rows_only(path):
    held = read_town(path)
    sites = held["sites"].copy()
    sites.loc[0, "area_mu"] = 9.0
    write_town(held.replace(sites=sites), path, who="李", why="更正面积")
    assert ask(path, "SELECT site_id, row_version FROM sites") == [("0011", 2), ("12", 1)]
    ((table, row, version, who, why, old),) = ask(path, 'SELECT "table", row_id, version, who, why, old FROM history')
    assert (table, row, version, who, why) == ("sites", "0011", 1, "李", "更正面积")
    content = json.loads(old)
    assert content["area_mu"] == 3.1
    assert shapely.from_wkb(content["geometry"]).bounds[0] == 113.1234567890123


def test_a_moved_shape_and_a_deleted_row_go_into_the_history(path):
    held = read_town(path)
    sites = held["sites"].copy()
    sites.loc[0, "geometry"] = shapely.box(113, 22, 113.5, 22.5)
    write_town(held.replace(sites=sites, parks=held["parks"].iloc[:1]), path)
    assert ask(path, 'SELECT "table", row_id FROM history') == [("parks", "NA"), ("sites", "0011")]
    write_town(read_town(path).replace(parks=held["parks"]), path)
    assert ask(path, "SELECT park_id, row_version FROM parks") == [("none", 1), ("NA", 2)]


def test_a_table_that_goes_leaves_its_rows_in_the_history(path, town, same):
    held = read_town(path)
    less = type(held)(held.settings, {name: held[name] for name in held if name != "sites"}, (), held.state)
    write_town(less, path)
    same(read_town(path), less)
    assert [row for (row,) in ask(path, "SELECT row_id FROM history")] == ["0011", "12"]
    assert ask(path, "SELECT name FROM sqlite_master WHERE name LIKE '%sites%'") == []
    assert ask(path, "SELECT * FROM gpkg_contents WHERE table_name = 'sites'") == []


def test_a_write_without_changes_changes_nothing(path, town):
    write_town(read_town(path), path)
    assert ask(path, "SELECT count(*) FROM history") == [(0,)]
    assert ask(path, "SELECT max(row_version) FROM sites") == [(1,)]


def test_row_order_new_columns_and_settings_are_kept(path, same):
    held = read_town(path)
    changed = held.replace(sites=held["sites"].iloc[::-1].reset_index(drop=True).assign(新列=["a", None]))
    settings = changed.settings.model_copy(update={"plan": changed.settings.plan.model_copy(update={"tail_years": 3})})
    changed = changed.replace(settings=settings)
    write_town(changed, path)
    again = read_town(path)
    assert again.settings.plan.tail_years == 3
    assert again["sites"]["site_id"].tolist() == ["12", "0011"]
    assert again["sites"]["新列"].tolist()[0] == "a"
    assert ask(path, "SELECT row_id FROM history") == [("12",)]


def test_a_town_can_be_written_again_and_again(path):
    held = read_town(path)
    for number in range(3):
        held = write_town(held.replace(parks=held["parks"].assign(name=str(number))), path)
    assert ask(path, "SELECT DISTINCT row_version FROM parks") == [(4,)]
    assert ask(path, "SELECT count(*) FROM history") == [(6,)]


def test_a_write_that_read_an_older_version_is_refused(path):
    mine, theirs = read_town(path), read_town(path)
    write_town(theirs.replace(parks=theirs["parks"].assign(name="theirs")), path)
    before = path.read_bytes()
    fault = refused(lambda: write_town(mine.replace(parks=mine["parks"].assign(name="mine")), path))
    (issue,) = fault.issues
    assert (issue.table, issue.rows) == ("parks", ("none", "NA"))
    assert "parks" in fault.text.zh
    assert path.read_bytes() == before


def test_a_town_made_in_memory_replaces_what_is_there(path, town):
    write_town(town.replace(parks=town["parks"].iloc[:1]), path)
    assert len(read_town(path)["parks"]) == 1


def test_layers_that_others_added_are_read_and_stay(path):
    layer = gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(12_600_000, 2_600_000)], crs="EPSG:3857")
    pyogrio.write_dataframe(layer, path, layer="草图", driver="GPKG")
    held = read_town(path)
    assert held["草图"].crs.to_epsg() == 4490
    assert held["草图"].geometry.iloc[0].x == pytest.approx(113.19, abs=0.01)
    write_town(held, path)
    assert pyogrio.read_dataframe(path, layer="草图").crs.to_epsg() == 3857


@pytest.mark.parametrize("moment", ["write_layer", "write_attributes", "drop_layer", "_sync", "append_history"])
def test_a_write_broken_off_leaves_the_old_file(path, monkeypatch, moment):
    held = read_town(path)
    before = path.read_bytes()

    def broken(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(geopackage, moment, broken)
    with pytest.raises(KeyboardInterrupt):
        write_town(held.replace(parks=held["parks"].assign(name="x"), sites=held["sites"].iloc[:1]), path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["town.gpkg"]


def test_part_files_of_killed_writers_are_cleared_when_old(path):
    left = path.with_name(".town.gpkg.1.part.gpkg")
    left.write_bytes(b"x")
    write_town(read_town(path), path)
    assert left.exists()
    os.utime(left, (0, 0))
    write_town(read_town(path), path)
    assert not left.exists()


def test_rows_with_shapes_can_be_inserted_and_updated_through_the_connection(path):
    shape = connection_module.encode_geometry(shapely.box(113.3, 22.3, 113.4, 22.4))
    point = connection_module.encode_geometry(shapely.Point(113.9, 22.9))
    with contextlib.closing(connect(path, write=True)) as held:
        held.execute("INSERT INTO sites (site_id, park_id, area_mu, geom) VALUES ('n', 'none', 1, ?)", (shape,))
        held.execute("UPDATE sites SET geom = ? WHERE site_id = '12'", (point,))
        held.execute("UPDATE sites SET geom = NULL WHERE site_id = '0011'")
        index = held.execute("SELECT id, minx, maxx, miny, maxy FROM rtree_sites_geom ORDER BY id").fetchall()
    assert [row[0] for row in index] == [2, 3]
    assert index[0][1:] == pytest.approx((113.9, 113.9, 22.9, 22.9), rel=1e-6)
    assert index[1][1:] == pytest.approx((113.3, 113.4, 22.3, 22.4), rel=1e-6)
    sites = pyogrio.read_dataframe(path, layer="sites", bbox=(113.25, 22.25, 113.45, 22.45))
    assert sites["site_id"].tolist() == ["n"]
    assert read_town(path)["sites"].geometry.iloc[1] == shapely.Point(113.9, 22.9)


def test_plain_sqlite_could_not_have_done_that(path):
    with contextlib.closing(sqlite3.connect(path)) as held, pytest.raises(sqlite3.OperationalError, match="ST_"):
        held.execute("UPDATE sites SET geom = NULL WHERE site_id = '0011'")


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Point(1, 2),
        shapely.Point(),
        shapely.LineString(
            [
                (0, 0),
                (
                    3,
                    4,
                ),
            ]
        ),
    ],
)
def test_stored_shapes_read_back_and_know_their_bounds(shape):
    stored = connection_module.encode_geometry(shape)
    assert connection_module.decode_geometry(stored).equals(shape)
    functions = connection_module.SPATIAL_FUNCTIONS
    assert functions["ST_IsEmpty"](stored) == int(shape.is_empty)
    bounds = tuple(functions[name](stored) for name in ("ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY"))
    assert bounds == ((None,) * 4 if shape.is_empty else shape.bounds)
    assert all(function(None) is None for function in functions.values())


def test_bounds_of_a_stored_shape_without_envelope():
    stored = b"GP\x00\x01\x8a\x11\x00\x00" + shapely.to_wkb(shapely.Point(1, 2))
    assert connection_module.SPATIAL_FUNCTIONS["ST_MaxY"](stored) == 2.0


def test_single_rows_are_changed_added_and_deleted(path):
    parks = read_rows(path, "parks")
    assert parks["row_version"].tolist() == [1, 1]
    rows = pd.DataFrame(
        {"park_id": ["NA", "new"], "vacant_mu": [7.0, 1.0], "row_version": [1, None], "新列": ["x", None]}
    )
    versions = edit_rows(path, "parks", rows, who="王", why="复核")
    assert versions.to_dict() == {"NA": 2, "new": 1}
    parks = read_rows(path, "parks")
    assert parks[["park_id", "vacant_mu", "row_version"]].values.tolist()[1:] == [["NA", 7.0, 2], ["new", 1.0, 1]]
    assert parks["新列"].tolist()[1] == "x"
    delete_rows(path, "parks", parks.iloc[[2]], who="王")
    assert read_rows(path, "parks")["park_id"].tolist() == ["none", "NA"]
    history = read_history(path)
    assert history[["table", "row_id", "version", "who", "why"]].fillna("").values.tolist() == [
        ["parks", "NA", 1, "王", "复核"],
        ["parks", "new", 1, "王", ""],
    ]
    assert edit_rows(path, "parks", pd.DataFrame({"park_id": ["new"]})).to_dict() == {"new": 2}


def test_a_shape_is_changed_through_a_row(path):
    moved = gpd.GeoDataFrame(
        {"site_id": ["12"], "row_version": [1]}, geometry=[shapely.box(113.3, 22.3, 113.4, 22.4)], crs="EPSG:4490"
    )
    edit_rows(path, "sites", moved)
    sites = read_town(path)["sites"]
    assert sites.geometry.iloc[1].bounds == (113.3, 22.3, 113.4, 22.4)
    assert sites["area_mu"].tolist() == [3.1, 1 / 3]
    (extent,) = ask(path, "SELECT min_x, max_x FROM gpkg_contents WHERE table_name = 'sites'")
    assert extent == pytest.approx((113.1234567, 113.4), rel=1e-6)


@pytest.mark.parametrize(
    "rows",
    [
        {"park_id": ["NA"], "name": ["x"], "row_version": [7]},
        {"park_id": ["NA"], "name": ["x"]},
        {"park_id": ["gone"], "name": ["x"], "row_version": [1]},
    ],
)
def test_a_change_of_a_row_that_is_not_as_read_is_refused(path, rows):
    fault = refused(lambda: edit_rows(path, "parks", pd.DataFrame(rows)))
    assert fault.issues[0].rows == tuple(rows["park_id"])
    assert read_rows(path, "parks")["row_version"].tolist() == [1, 1]


def test_a_change_that_breaks_the_declaration_changes_nothing(path):
    rows = pd.DataFrame({"park_id": ["none", "NA"], "vacant_mu": [5.0, -1.0], "row_version": [1, 1]})
    fault = refused(lambda: edit_rows(path, "parks", rows), SchemaError)
    assert fault.issues[0].rows == ("NA",)
    assert read_rows(path, "parks")["vacant_mu"].isna().tolist() == [True, False]


def test_rows_of_tables_without_a_key_and_unknown_tables(path):
    assert "targets" in refused(lambda: edit_rows(path, "targets", pd.DataFrame({"year": [1]}))).text.zh
    assert "works" in refused(lambda: read_rows(path, "works")).text.en
    assert "park_id" in refused(lambda: edit_rows(path, "parks", pd.DataFrame({"name": ["x"]}))).text.en


def test_a_file_in_use_is_named(path, monkeypatch):
    monkeypatch.setattr(connection_module, "BUSY_SECONDS", 0.05)
    held = read_town(path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for action in (
            lambda: write_town(held, path),
            lambda: edit_rows(path, "parks", pd.DataFrame({"park_id": ["NA"], "row_version": [1]})),
        ):
            assert "QGIS" in refused(action).text.zh


def test_a_file_that_another_program_keeps_open_with_a_log_is_named(path, monkeypatch):
    monkeypatch.setattr(connection_module, "BUSY_SECONDS", 0.05)
    held = read_town(path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("BEGIN")
        other.execute("SELECT * FROM sites").fetchall()
        before = path.read_bytes()
        assert "QGIS" in refused(lambda: write_town(held, path)).text.zh
        assert path.read_bytes() == before
    write_town(held, path)
    assert not list(path.parent.glob("*-wal"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write read-only files")
def test_a_read_only_file_is_named(path):
    path.chmod(stat.S_IRUSR)
    assert "只读" in refused(lambda: edit_rows(path, "parks", pd.DataFrame({"park_id": ["n"]}))).text.zh


def test_a_connection_for_reading_cannot_write(path):
    with contextlib.closing(connect(path)) as held, pytest.raises(sqlite3.OperationalError, match="readonly"):
        held.execute("DELETE FROM sites")


@pytest.mark.parametrize("content", [b"", b"not a database" * 100])
def test_what_is_no_geopackage(tmp_path, content):
    (tmp_path / "x.gpkg").write_bytes(content)
    assert "GeoPackage" in refused(lambda: read_town(tmp_path / "x.gpkg")).text.zh
    assert "x.gpkg" in refused(lambda: read_town(tmp_path / "x.gpkg")).text.en


def test_an_ordinary_geopackage_is_no_town(tmp_path):
    layer = gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(1, 2)], crs="EPSG:4490")
    pyogrio.write_dataframe(layer, tmp_path / "x.gpkg", driver="GPKG")
    assert "town_settings" in refused(lambda: read_town(tmp_path / "x.gpkg")).text.en
    before = (tmp_path / "x.gpkg").read_bytes()
    assert "town_settings" in refused(lambda: write_town(read_town_of_nothing(), tmp_path / "x.gpkg")).text.en
    assert (tmp_path / "x.gpkg").read_bytes() == before


def read_town_of_nothing():
    from zhenxing.town import Settings, Town

    return Town(Settings(), {"parks": schema.empty("parks")})


def test_a_missing_file_and_a_newer_form(path):
    assert "none.gpkg" in refused(lambda: read_town(path.with_name("none.gpkg"))).text.zh
    with contextlib.closing(connect(path, write=True)) as held:
        held.execute("UPDATE store_state SET value = '99' WHERE key = 'schema_version'")
    assert "99" in refused(lambda: read_town(path)).text.en


def test_a_setting_spoilt_by_hand_is_named(path):
    with contextlib.closing(connect(path, write=True)) as held:
        held.execute("UPDATE town_settings SET value = 'five' WHERE key = 'discount_rate'")
    assert "plan.discount_rate" in refused(lambda: read_town(path)).text.en


def test_a_cell_spoilt_by_hand_is_named(path):
    with contextlib.closing(connect(path, write=True)) as held:
        held.execute("UPDATE sites SET area_mu = -1 WHERE site_id = '12'")
    fault = refused(lambda: read_town(path), SchemaError)
    assert [issue.rows for issue in fault.issues if issue.level == "error"] == [("12",)]


def test_names_that_sqlite_does_not_tell_apart(tmp_path, same):
    from zhenxing.town import Settings, Town

    frame = pd.DataFrame({"Name": ["a"], "name": ["b"], "row_version": ["c"], "geom": ["d"], "": ["e"]}, dtype="str")
    tables = {"Parks": frame, "parks": schema.empty("parks"), "gpkg_x": frame, "history": schema.empty("history")}
    held = Town(Settings(), tables)
    write_town(held, tmp_path / "x.gpkg")
    same(read_town(tmp_path / "x.gpkg"), held)
    write_town(held.replace(Parks=frame.assign(Name="z")), tmp_path / "x.gpkg")
    assert read_town(tmp_path / "x.gpkg")["Parks"].values.tolist() == [["z", "b", "c", "d", "e"]]


def test_a_link_to_the_file_stays_a_link_and_permissions_stay(path):
    link = path.with_name("link.gpkg")
    link.symlink_to(path)
    path.chmod(0o640)
    held = read_town(link)
    write_town(held.replace(parks=held["parks"].iloc[:1]), link)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert len(read_town(path)["parks"]) == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (sqlite3.OperationalError("attempt to write a readonly database"), "只读"),
        (PermissionError(13, "Permission denied"), "只读"),
        (sqlite3.OperationalError("database is locked"), "占用"),
        (sqlite3.DatabaseError("database disk image is malformed"), "损坏"),
        (sqlite3.OperationalError("database or disk is full"), "磁盘空间"),
        (pyogrio.errors.DataLayerError("Layer 'x' could not be opened"), "x"),
    ],
)
def test_faults_of_the_file_say_what_to_do(tmp_path, fault, said):
    def action():
        with connection_module.sqlite_faults(tmp_path / "t.gpkg"):
            raise fault

    told = refused(action)
    assert said in told.text.zh
    assert "t.gpkg" in told.text.en
