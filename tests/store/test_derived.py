"""Derived input rows: what people gave stays, what the stage gave before goes, everything else is listed."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from zhenxing import schema
from zhenxing.errors import SchemaError
from zhenxing.store import apply_derived, read_town, write_town
from zhenxing.town import Settings, Town


def rewards(*rows: tuple[str, int, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["link_id", "segment", "output_wan", "reward_per_output"])


def town_with(**tables: pd.DataFrame) -> Town:
    return Town(Settings(), {name: schema.conform(name, frame)[0] for name, frame in tables.items()})


def kept(town: Town) -> set[tuple[str, int, float]]:
    frame = town["chain_rewards"]
    return set(zip(frame["link_id"], frame["segment"].astype(int), frame["output_wan"], strict=True))


def test_a_person_s_link_stays_whole_and_is_listed() -> None:
    town = town_with(chain_rewards=rewards(("A", 1, 5.0, 0.1)))
    after, clashes = apply_derived(
        town, "diagnose", {"chain_rewards": rewards(("A", 1, 9.0, 0.2), ("A", 2, 3.0, 0.1), ("B", 1, 7.0, 0.3))}
    )
    assert kept(after) == {("A", 1, 5.0), ("B", 1, 7.0)}
    assert set(clashes["row_id"]) == {"A/1", "A/2"}
    told = clashes.set_index(["row_id", "column"])
    assert told.loc[("A/1", "output_wan")].tolist()[1:] == ["5", "9"]
    assert kept(town) == {("A", 1, 5.0)}


@pytest.mark.parametrize("form", ["memory", "folder", "t.gpkg"])
def test_a_second_run_replaces_the_first(form: str, tmp_path: Path) -> None:
    town = town_with(chain_rewards=rewards(("A", 1, 5.0, 0.1)))
    first, _ = apply_derived(town, "diagnose", {"chain_rewards": rewards(("B", 1, 1 / 3, 0.3), ("C", 1, 2.0, 0.3))})
    if form != "memory":
        write_town(first, tmp_path / form)
        first = read_town(tmp_path / form)
    second, clashes = apply_derived(
        first, "diagnose", {"chain_rewards": rewards(("B", 1, 8.0, 0.3))}, as_of="2026-11-23"
    )
    assert kept(second) == {("A", 1, 5.0), ("B", 1, 8.0)}
    assert clashes.empty
    notes = second["provenance"]
    assert notes[["table", "row_id", "note", "as_of"]].values.tolist() == [
        ["chain_rewards", "B/1", "derived:diagnose", "2026-11-23"]
    ]


def test_a_derived_row_that_somebody_changed_is_theirs() -> None:
    first, _ = apply_derived(
        town_with(), "diagnose", {"chain_rewards": rewards(("B", 1, 7.0, 0.3), ("C", 1, 2.0, 0.3))}
    )
    frame = first["chain_rewards"].copy()
    frame.loc[frame["link_id"] == "B", "output_wan"] = 70.0
    second, clashes = apply_derived(
        first.replace(chain_rewards=frame), "diagnose", {"chain_rewards": rewards(("B", 1, 8.0, 0.3))}
    )
    assert kept(second) == {("B", 1, 70.0)}
    assert clashes["derived"].tolist() == ["8"]


def test_a_derived_row_that_a_file_gave_since_is_theirs() -> None:
    first, _ = apply_derived(town_with(), "diagnose", {"chain_rewards": rewards(("B", 1, 7.0, 0.3))})
    imported = pd.DataFrame({"table": ["chain_rewards"], "row_id": ["B/1"], "source_file": ["补链.xlsx"]})
    notes = schema.conform("provenance", pd.concat([first["provenance"], imported]))[0]
    second, _ = apply_derived(
        first.replace(provenance=notes), "diagnose", {"chain_rewards": rewards(("B", 1, 8.0, 0.3))}
    )
    assert kept(second) == {("B", 1, 7.0)}


def test_stages_and_tables_do_not_touch_each_other() -> None:
    candidates = pd.DataFrame({"candidate_id": ["X1"], "probability": [0.5], "kind": ["expansion"]})
    town, _ = apply_derived(
        town_with(), "diagnose", {"candidates": candidates, "chain_rewards": rewards(("B", 1, 7, 1))}
    )
    town, _ = apply_derived(town, "attract", {"candidates": candidates.assign(candidate_id="X2")})
    town, _ = apply_derived(town, "diagnose", {"chain_rewards": rewards()})
    assert town["candidates"]["candidate_id"].tolist() == ["X1", "X2"]
    assert town["chain_rewards"].empty
    assert set(town["provenance"]["note"]) == {"derived:diagnose", "derived:attract"}
    town, _ = apply_derived(town, "diagnose", {"candidates": candidates.iloc[:0]})
    assert town["candidates"]["candidate_id"].tolist() == ["X2"]


def test_columns_that_only_one_side_has_are_kept() -> None:
    own = pd.DataFrame({"candidate_id": ["P"], "name": ["甲"], "remark": ["自有列"]})
    made = pd.DataFrame({"candidate_id": ["X"], "probability": [0.4], "count": [1], "is_leader": [True]})
    after, _ = apply_derived(town_with(candidates=own), "diagnose", {"candidates": made})
    frame = after["candidates"].set_index("candidate_id")
    assert frame.loc["P", "remark"] == "自有列"
    assert pd.isna(frame.loc["P", "probability"])
    assert frame["count"].dtype == "Int64"
    again, _ = apply_derived(after, "diagnose", {"candidates": made.iloc[:0]})
    assert again["candidates"]["candidate_id"].tolist() == ["P"]


def test_shapes_of_a_layer_stay_with_their_rows() -> None:
    square = shapely.box(0, 0, 1, 1)
    own = gpd.GeoDataFrame({"site_id": ["S1"], "park_id": ["P"], "area_mu": [3.0]}, geometry=[square], crs=4490)
    made = gpd.GeoDataFrame({"site_id": ["S2"], "park_id": ["P"], "area_mu": [4.0]}, geometry=[square], crs=4490)
    after, _ = apply_derived(town_with(sites=own), "land", {"sites": made})
    frame = after["sites"]
    assert isinstance(frame, gpd.GeoDataFrame)
    assert frame.crs == "EPSG:4490"
    assert frame.geometry.notna().all()


@pytest.mark.parametrize("name", ["plan_sites", "chain", "provenance", "nonsense"])
def test_results_are_no_input_tables(name: str) -> None:
    with pytest.raises(SchemaError):
        apply_derived(town_with(), "diagnose", {name: pd.DataFrame({"x": [1]})})


def test_a_faulty_derived_table_changes_nothing() -> None:
    with pytest.raises(SchemaError) as refused:
        apply_derived(town_with(), "diagnose", {"chain_rewards": pd.DataFrame({"link_id": ["A"], "segment": ["x"]})})
    assert refused.value.issues


def test_a_provenance_without_row_ids_takes_the_derived_rows():
    # as somebody writes it by hand: one line a table, no rows, no cells
    written = pd.DataFrame({"table": ["sites"], "source_file": ["地块.xlsx"], "note": ["示例"]})
    town = Town(Settings(), {"provenance": written})
    after, clashes = apply_derived(town, "diagnose", {"chain_rewards": rewards(("A", 1, 5.0, 0.1))})
    assert clashes.empty
    assert after["provenance"]["note"].tolist() == ["示例", "derived:diagnose"]
    again, _ = apply_derived(after, "diagnose", {"chain_rewards": rewards(("B", 1, 6.0, 0.1))})
    assert again["chain_rewards"]["link_id"].tolist() == ["B"]
