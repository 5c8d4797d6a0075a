"""Results kept as runs of a town, in both forms."""

import pandas as pd
import pytest

from zhenxing import schema
from zhenxing.errors import SourceError
from zhenxing.store import connect, inputs_sha256, list_runs, read_run, read_town, save_run, write_town

TABLES = {
    "plan_sites": pd.DataFrame({"site_id": ["0011"], "mode": ["self"], "start_year": [2026], "delivery_year": [2028]}),
    "plan_finance": pd.DataFrame({"year": [2026], "cash_wan": [1 / 3]}),
    "plan_exits": schema.empty("plan_exits"),
    "sites": pd.DataFrame({"site_id": ["s"], "park_id": ["p"], "area_mu": [1.0]}),
    "报告": pd.DataFrame({"Run_ID": ["007"], "fid": [1.5]}),
}


@pytest.fixture(params=["folder", "town.gpkg"])
def place(request, tmp_path, town):
    write_town(town, tmp_path / request.param)
    return tmp_path / request.param


def test_a_run_comes_back_as_it_was(place):
    run_id = save_run(place, TABLES, stage="plan", name="基准 方案", options={"seconds": 60}, summary={"gap": None})
    assert run_id == "基准-方案"
    run = read_run(place, run_id)
    assert (run.stage, run.name, run.options, run.summary) == ("plan", "基准 方案", {"seconds": 60}, {"gap": None})
    assert run.inputs_sha256 == inputs_sha256(place)
    assert set(run.tables) == set(TABLES)
    for name in ("plan_sites", "plan_finance", "plan_exits", "sites"):
        expected = schema.conform(name, TABLES[name])[0]
        pd.testing.assert_frame_equal(run.tables[name], expected, check_exact=True)
    assert run.tables["报告"].astype("str").values.tolist() == [["007", "1.5"]]


def test_runs_are_listed_and_a_name_is_never_taken_twice(place):
    assert len(list_runs(place)) == 0
    names = [save_run(place, {}, stage="plan", name=name) for name in ("a", "a", "", "../x")]
    assert names[:2] == ["a", "a-2"]
    assert names[2].startswith("plan-2")
    assert names[3] == "x"
    assert set(list_runs(place)["run_id"]) == set(names)
    assert list(list_runs(place).columns) == list(schema.table("runs").columns)


def test_runs_are_no_part_of_the_town_and_outlive_its_changes(place, town, same):
    save_run(place, TABLES, stage="plan", name="a")
    held = read_town(place)
    assert sorted(held) == sorted(town)
    write_town(held.replace(parks=held["parks"].iloc[:1]), place)
    assert read_run(place, "a").tables["sites"]["site_id"].tolist() == ["s"]
    assert len(read_town(place)["sites"]) == 2


def test_a_missing_run_is_named_with_those_that_are_there(place):
    save_run(place, {}, stage="plan", name="a")
    with pytest.raises(SourceError) as caught:
        read_run(place, "b")
    assert "b" in caught.value.text.zh
    assert "a" in caught.value.text.en


def test_result_tables_of_a_geopackage_begin_with_the_run(tmp_path, town):
    path = tmp_path / "town.gpkg"
    write_town(town, path)
    for name in ("a", "b"):
        save_run(path, TABLES, stage="plan", name=name)
    held = connect(path)
    columns = [row[1] for row in held.execute("PRAGMA table_info(plan_sites)")]
    rows = held.execute("SELECT run_id, site_id FROM plan_sites ORDER BY fid").fetchall()
    derived = held.execute("SELECT run_id, site_id FROM run_sites").fetchall()
    held.close()
    assert columns[:2] == ["fid", "run_id"]
    assert rows == [("a", "0011"), ("b", "0011")]
    assert len(derived) == 2


def test_a_spoilt_run_is_named(tmp_path, town):
    write_town(town, tmp_path)
    save_run(tmp_path, {}, stage="plan", name="a")
    (tmp_path / "runs" / "a" / "run.json").write_text("{")
    with pytest.raises(SourceError) as caught:
        list_runs(tmp_path)
    assert "runs" in caught.value.text.en
