"""A folder town: made by hand or written, read whole, and told apart when a write was broken off."""

import hashlib
import json
import os

import pandas as pd
import pytest
import shapely

from zhenxing.errors import InputError, SchemaError, SourceError, TownError
from zhenxing.store import folder, inputs_sha256, read_town, text_tables, write_tables, write_town

TOML = "# 注释\n[plan]\nbase_year = 2025\nhorizon_years = 3\n"


def by_hand(place, **files):
    place.mkdir(exist_ok=True)
    (place / "town.toml").write_text(files.pop("toml", TOML), encoding="utf-8")
    for name, text in files.items():
        (place / f"{name}.csv").write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return place


def refused(place, kind=InputError):
    with pytest.raises(kind) as caught:
        read_town(place)
    fault = caught.value
    assert fault.exit_code == 2
    for text in (fault.text, *(issue.text for issue in fault.issues)):
        assert text.zh
        assert text.en
        assert "{" not in text.zh + text.en
    return fault


def said(fault, code):
    (issue,) = [issue for issue in fault.issues if issue.code == code]
    return issue


def test_a_folder_made_by_hand(tmp_path):
    held = read_town(by_hand(tmp_path, parks="park_id,vacant_mu\n0011,20\nnone,\n", sites="site_id,park_id,area_mu\n"))
    assert held.issues == ()
    assert held["parks"]["park_id"].tolist() == ["0011", "none"]
    assert held.filled("parks")["vacant_mu"].tolist() == [20.0, 0.0]
    assert len(held["sites"]) == 0


def test_only_town_toml_is_a_valid_town(tmp_path):
    held = read_town(by_hand(tmp_path))
    assert list(held) == []
    assert list(held.years) == [2026, 2027, 2028]


def test_a_byte_order_mark_and_windows_lines_do_no_harm(tmp_path):
    raw = b"\xef\xbb\xbfpark_id,name\r\np1,\xe5\x9b\xad\r\n"
    held = read_town(by_hand(tmp_path, parks=raw, toml="\ufeff" + TOML))
    assert held["parks"].values.tolist() == [["p1", "园"]]


def test_blank_columns_and_last_lines_of_spreadsheets_are_dropped(tmp_path):
    held = read_town(by_hand(tmp_path, parks="park_id, name ,,\np1,园,,\n,,,\n,,,\n"))
    assert held["parks"].values.tolist() == [["p1", "园"]]


def test_short_lines_are_filled_with_empty_cells(tmp_path):
    held = read_town(by_hand(tmp_path, parks="park_id,name,vacant_mu\np1\n"))
    assert held["parks"].isna().values.tolist() == [[False, True, True]]


def test_shapes_beside_the_table_are_matched_by_id(tmp_path):
    by_hand(tmp_path, sites="site_id,park_id,area_mu\n0011,p,1\n12,p,2\n")
    shape = {"type": "Point", "coordinates": [113.1234567890123, 22.6]}
    features = [{"type": "Feature", "properties": {"site_id": "12"}, "geometry": shape}]
    (tmp_path / "sites.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    held = read_town(tmp_path)
    assert held["sites"].geometry.iloc[0] is None
    assert held["sites"].geometry.iloc[1] == shapely.Point(113.1234567890123, 22.6)
    assert held["sites"].crs.to_epsg() == 4490


def test_where_there_is_no_csv_the_properties_are_the_columns(tmp_path):
    by_hand(tmp_path)
    shape = {"type": "LineString", "coordinates": [[113, 22], [113.1, 22]]}
    record = {"road_id": "r1", "oneway": True, "speed_kmh": 60}
    features = [{"type": "Feature", "properties": record, "geometry": shape}]
    (tmp_path / "roads.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    roads = read_town(tmp_path)["roads"]
    assert roads[["road_id", "speed_kmh", "oneway"]].values.tolist() == [["r1", 60.0, True]]
    assert roads.geometry.iloc[0].length == pytest.approx(0.1)


def test_shapes_without_a_row_are_named(tmp_path):
    by_hand(tmp_path, sites="site_id,park_id,area_mu\ns,p,1\n")
    features = [{"type": "Feature", "properties": {"site_id": "zz"}, "geometry": None}]
    (tmp_path / "sites.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (issue,) = read_town(tmp_path).issues
    assert (issue.level, issue.code, issue.rows) == ("warning", "geometry_without_row", ("zz",))


def test_properties_beside_a_table_are_not_dropped_in_silence(tmp_path):
    by_hand(tmp_path, sites="site_id,park_id,area_mu\ns,p,1\n")
    features = [{"type": "Feature", "properties": {"site_id": "s", "owner": "x"}, "geometry": None}]
    (tmp_path / "sites.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (issue,) = read_town(tmp_path).issues
    assert (issue.level, issue.code) == ("warning", "unused_properties")
    assert "owner" in issue.text.zh


@pytest.mark.parametrize("place", ["t.xlsx", "postgresql://host/town"])
def test_a_place_of_another_kind_is_refused(tmp_path, town, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError) as caught:
        write_town(town, place)
    assert ".gpkg" in caught.value.text.zh
    refused(place, SourceError)


def test_a_folder_may_have_a_dot_in_its_name(tmp_path, town):
    write_town(town, tmp_path / "town.2026")
    assert (tmp_path / "town.2026" / "town.toml").is_file()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("nonsense", "store.bad_geometry"),
        ('{"type":"FeatureCollection"}', "store.bad_geometry"),
        ('{"type":"FeatureCollection","features":[{"geometry":{"type":"Point","coordinates":[38500000,2500000]}}]}', "lonlat"),
        ('{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4547"}},"features":[]}', "lonlat"),
    ],
)  # fmt: skip
def test_a_bad_geojson_is_refused(tmp_path, content, code):
    by_hand(tmp_path, sites="site_id,park_id,area_mu\ns,p,1\n")
    (tmp_path / "sites.geojson").write_text(content)
    issue = said(refused(tmp_path), "unreadable_file")
    assert "sites.geojson" in issue.text.zh
    assert ("EPSG:4490" in issue.text.en) == (code == "lonlat")


def test_every_fault_of_every_file_is_told_at_once(tmp_path):
    by_hand(
        tmp_path,
        toml=TOML + "colour = 1\n",
        sites="site_id,park_id,area_mu\n1,2,3,4\n",
        parks="park_id,name\n1,古镇\n".encode("gbk"),
        works="work_id,work_id\n1,2\n",
        budget="year,own_funds_wan\n2026,-5\n",
        targets="indicator,year\ncleared_mu,2026\n",
    )
    fault = refused(tmp_path, SchemaError)
    tables = {issue.table: issue for issue in fault.issues if issue.level == "error"}
    assert set(tables) == {"town.toml", "sites", "parks", "works", "budget", "targets"}
    assert "UTF-8" in tables["parks"].text.zh
    assert "line 2" in tables["sites"].text.en
    assert "work_id" in tables["works"].text.en
    assert tables["budget"].rows == ("2026",)
    assert tables["targets"].code == "missing_column"
    assert len(fault.rows) == 6


def test_lines_longer_than_the_header_lose_nothing_in_silence(tmp_path):
    fault = refused(by_hand(tmp_path, parks="park_id\n1,2\n3,4\n"))
    assert "parks.csv" in said(fault, "unreadable_file").text.en


@pytest.mark.parametrize(
    ("toml", "part"), [("[plan", "TOML"), ("[plan]\nbase_year = 2025\n", "horizon_years"), ("plan = 3", "[plan]")]
)
def test_a_bad_town_toml_is_refused(tmp_path, toml, part):
    fault = refused(by_hand(tmp_path, toml=toml), TownError)
    assert any(part in issue.text.en for issue in fault.issues)


def test_missing_places(tmp_path):
    assert "town.toml" in refused(tmp_path, SourceError).text.zh
    assert "nowhere" in refused(tmp_path / "nowhere", SourceError).text.zh
    (tmp_path / "x.txt").write_text("x")
    assert ".gpkg" in refused(tmp_path / "x.txt", SourceError).text.en


def test_an_empty_file_is_an_empty_table(tmp_path):
    held = read_town(by_hand(tmp_path, parks=""))
    assert len(held["parks"]) == 0
    assert [issue.code for issue in held.issues] == ["empty_file"]


def test_an_unknown_table_is_kept_as_text(tmp_path):
    held = read_town(by_hand(tmp_path, park="park_id,n\n001,1.50\n"))
    assert held["park"].values.tolist() == [["001", "1.50"]]
    assert [(issue.level, issue.code) for issue in held.issues] == [("info", "unknown_table")]


def test_round_trip(tmp_path, town, same):
    write_town(town, tmp_path / "a")
    held = read_town(tmp_path / "a")
    same(held, town_in_order(town))
    assert {issue.level for issue in held.issues} == {"info"}
    write_town(held, tmp_path / "b")
    assert files(tmp_path / "a") == files(tmp_path / "b")


def town_in_order(town):
    known = ["parks", "sites", "targets", "firm_years", "会议记录"]
    assert sorted(known) == sorted(town)
    return type(town)(town.settings, {name: town[name] for name in known})


def files(place):
    return {file.name: file.read_bytes() for file in place.iterdir()}


def test_a_written_folder_can_be_read_by_people(tmp_path, town):
    write_town(town, tmp_path)
    assert (tmp_path / "parks.csv").read_text(encoding="utf-8").splitlines()[1:] == ["none,", "NA,5"]
    shapes = json.loads((tmp_path / "sites.geojson").read_text(encoding="utf-8"))
    assert [feature["properties"] for feature in shapes["features"]] == [{"site_id": "0011"}]
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["state"] == "complete"
    assert manifest["files"]["parks.csv"] == hashlib.sha256((tmp_path / "parks.csv").read_bytes()).hexdigest()


def test_comments_in_town_toml_outlive_a_write_that_changes_no_setting(tmp_path):
    held = read_town(by_hand(tmp_path, parks="park_id\np\n"))
    write_town(held, tmp_path)
    assert (tmp_path / "town.toml").read_text(encoding="utf-8") == TOML


def test_tables_the_town_no_longer_has_are_removed_and_other_files_stay(tmp_path, town):
    write_town(town, tmp_path)
    (tmp_path / "说明.docx").write_bytes(b"x")
    (tmp_path / "mine.csv").write_text("a\n1\n")
    write_town(type(town)(town.settings, {"parks": town["parks"]}), tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {
        "town.toml", "parks.csv", "manifest.json", "说明.docx", "mine.csv",
    }  # fmt: skip


def test_files_edited_after_the_write_are_named_as_information(tmp_path, town):
    write_town(town, tmp_path)
    (tmp_path / "parks.csv").write_text("park_id\nq\n")
    (issue,) = [issue for issue in read_town(tmp_path).issues if issue.table == "manifest.json"]
    assert (issue.level, issue.code, issue.rows) == ("info", "edited_since", ("parks.csv",))


def test_a_write_broken_off_at_any_file_leaves_each_table_old_or_new(tmp_path, town, monkeypatch):
    old = town.replace(parks=town["parks"].assign(vacant_mu=1.0), targets=town["targets"].assign(target=1.0))
    new = town.replace(parks=town["parks"].assign(vacant_mu=2.0), targets=town["targets"].assign(target=2.0))
    real = os.replace
    for moment in range(3, 9):
        place = tmp_path / str(moment)
        write_town(old, place)
        moves = []

        def broken(source, target, moves=moves, moment=moment):
            moves.append(target)
            if len(moves) == moment:
                raise KeyboardInterrupt
            real(source, target)

        monkeypatch.setattr(text_tables.os, "replace", broken)
        with pytest.raises(KeyboardInterrupt):
            write_town(new, place)
        monkeypatch.setattr(text_tables.os, "replace", real)
        held = read_town(place)
        assert set(held["parks"]["vacant_mu"]) in ({1.0}, {2.0})
        assert set(held["targets"]["target"]) in ({1.0}, {2.0})
        (issue,) = [issue for issue in held.issues if issue.code == "mixed_state"]
        assert issue.level == "warning"
        stale = {name for name in ("parks", "targets") if held[name].equals(old[name])}
        assert {f"{name}.csv" for name in stale} == set(issue.rows)
        assert not list(place.glob(".*part"))
        write_town(new, place)
        assert "mixed_state" not in {issue.code for issue in read_town(place).issues}


def test_a_spoilt_manifest_is_a_warning_and_a_newer_form_is_refused(tmp_path, town):
    write_town(town, tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    assert "bad_manifest" in {issue.code for issue in read_town(tmp_path).issues}
    (tmp_path / "manifest.json").write_text('{"files": {}, "schema_version": 99}')
    fault = refused(tmp_path, SourceError)
    assert "99" in fault.text.zh


def test_a_place_that_cannot_be_written_is_named(tmp_path, town):
    (tmp_path / "file").write_text("x")
    with pytest.raises(SourceError) as caught:
        write_town(town, tmp_path / "file" / "town")
    assert "file" in caught.value.text.en


def test_the_fingerprint_is_that_of_the_plan_model(tmp_path, town):
    by_hand(tmp_path / "t", parks="park_id\np\n", firms="firm_id,name\nf,n\n", sites="site_id,park_id,area_mu\n")
    digest = hashlib.sha256()
    for name in ("parks.csv", "sites.csv", "town.toml"):
        digest.update(name.encode() + b"\0" + (tmp_path / "t" / name).read_bytes())
    assert inputs_sha256(tmp_path / "t") == digest.hexdigest()
    write_town(town, tmp_path / "w")
    assert inputs_sha256(tmp_path / "w") == inputs_sha256(town)
    write_town(town.replace(firm_years=town["firm_years"].iloc[:0]), tmp_path / "w")
    assert inputs_sha256(tmp_path / "w") == inputs_sha256(town)
    assert inputs_sha256(town.replace(parks=town["parks"].iloc[:1])) != inputs_sha256(town)


def test_written_tables_carry_twelve_digits(tmp_path):
    frame = pd.DataFrame({"year": pd.array([2026, None], dtype="Int64"), "cash_wan": [2 / 3, 1e6], "ok": [True, False]})
    (path,) = write_tables(tmp_path / "out", {"plan_finance": frame})
    assert path.read_text() == "year,cash_wan,ok\n2026,0.666666666667,true\n,1000000,false\n"


def test_the_schema_version_is_written(tmp_path, town):
    write_town(town, tmp_path)
    assert json.loads((tmp_path / "manifest.json").read_text())["schema_version"] == folder.SCHEMA_VERSION
