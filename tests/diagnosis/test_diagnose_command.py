"""``zhenxing diagnose``: what it prints, writes, keeps and puts into the town."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from small_town import small_town
from typer.testing import CliRunner

from zhenxing.cli.main import app
from zhenxing.store import list_runs, read_run, read_town, write_town

RUN = CliRunner()


def told(*words: object) -> tuple[int, str]:
    answer = RUN.invoke(app, [str(word) for word in words], catch_exceptions=False)
    return answer.exit_code, answer.output


@pytest.fixture(params=["town", "town.gpkg"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    write_town(small_town(), tmp_path / request.param)
    return tmp_path / request.param


def test_it_writes_the_folder_and_leaves_the_town_alone(place: Path, tmp_path: Path) -> None:
    code, output = told("diagnose", place, "--out", tmp_path / "d", "--visits", 20)
    assert code == 0
    assert "产业链：31 个环节" in output
    assert "对标：未做。缺少数据表 peers, peer_values" in output
    assert (tmp_path / "d" / "chain.csv").is_file()
    assert "chain_rewards" not in read_town(place)
    english = told("diagnose", place, "--out", tmp_path / "d", "--lang", "en", "--only", "chain, peers")[1]
    assert "Chain: 31 links" in english
    assert "Peers: not made." in english
    assert not (tmp_path / "d" / "ladder.csv").exists()


def test_apply_twice_is_apply_once(place: Path, tmp_path: Path) -> None:
    for _ in range(2):
        code, output = told("diagnose", place, "--out", tmp_path / "d", "--apply", "--visits", 20)
        assert code == 0
    town = read_town(place)
    assert set(town["chain_rewards"]["link_id"]) == {"DRV", "CHIP"}
    assert (town["provenance"]["note"] == "derived:diagnose").all()
    assert pd.read_csv(tmp_path / "d" / "clashes.csv").empty


def test_a_person_s_reward_stays_and_is_told(tmp_path: Path) -> None:
    own = pd.DataFrame({"link_id": ["DRV"], "segment": [1], "output_wan": [7.0], "reward_per_output": [0.5]})
    write_town(small_town(chain_rewards=own), tmp_path / "town")
    code, output = told("diagnose", tmp_path / "town", "--out", tmp_path / "d", "--apply", "--only", "chain")
    assert code == 0
    rewards = read_town(tmp_path / "town")["chain_rewards"].set_index("link_id")
    assert rewards.loc["DRV", "output_wan"] == 7.0
    assert "CHIP" in rewards.index
    clashes = pd.read_csv(tmp_path / "d" / "clashes.csv")
    assert set(clashes["row_id"].str.split("/").str[0]) == {"DRV"}
    assert json.loads((tmp_path / "d" / "summary.json").read_text(encoding="utf-8"))["clashes"] == len(
        clashes["row_id"].unique()
    )


def test_save_keeps_a_run(place: Path, tmp_path: Path) -> None:
    code, _ = told("diagnose", place, "--out", tmp_path / "d", "--only", "chain", "--save", "首次", "--year", 2024)
    assert code == 0
    assert list_runs(place)["stage"].tolist() == ["diagnose"]
    run = read_run(place, "首次")
    assert run.options["year"] == 2024
    assert set(run.tables["chain"]["year"].dropna().astype(int)) == {2024}


def test_bad_words_are_answered(place: Path, tmp_path: Path) -> None:
    answer = RUN.invoke(app, ["diagnose", str(place), "--out", str(tmp_path / "d"), "--only", "nonsense"])
    assert "nonsense" in str(answer.exception)
    unknown = RUN.invoke(app, ["diagnose", str(place), "--out", str(tmp_path / "d"), "--practice", "nowhere"])
    assert "nowhere" in str(unknown.exception)
    empty = small_town().replace(firms=small_town()["firms"].iloc[:0], firm_years=small_town()["firm_years"].iloc[:0])
    write_town(empty, tmp_path / "empty")
    code, output = told("diagnose", tmp_path / "empty", "--out", tmp_path / "e")
    assert code == 2
    assert "firms" in output


def test_a_practice_is_planned_beside_the_town_as_it_is(tmp_path: Path) -> None:
    more = {
        "sites": pd.DataFrame({"site_id": ["s1", "s2"], "park_id": "P1", "area_mu": [40.0, 60.0], "is_seed": True}),
        "site_modes": pd.DataFrame(
            {"site_id": ["s1", "s2"], "mode": "gov_reserve", "lead_years": 1, "released_share": 0.8}
        ),
        "budget": pd.DataFrame({"year": [2027, 2028, 2029], "own_funds_wan": 100.0, "clear_capacity_mu": 40.0}),
        "targets": pd.DataFrame(
            {"indicator": ["cleared_mu"], "year": [2029], "target": [100.0], "penalty_wan_per_unit": [1.0]}
        ),
    }
    write_town(small_town(**more), tmp_path / "town")
    code, output = told(
        "diagnose", tmp_path / "town", "--out", tmp_path / "d", "--only", "classification",
        "--practice", "huangpu-2023-pace", "--seconds", 3,
    )  # fmt: skip
    assert code == 0
    assert "huangpu-2023-pace" in output
    effects = pd.read_csv(tmp_path / "d" / "practice_effects.csv")
    cleared = effects[(effects["measure"] == "cleared_mu") & effects["year"].isna()].iloc[0]
    # forty mu a year never clear the sixty of s2; twelve hundred do
    assert (cleared["before"], cleared["after"]) == (40.0, 100.0)
    changes = pd.read_csv(tmp_path / "d" / "practice_changes.csv")
    assert set(changes["column_name"]) >= {"clear_capacity_mu"}
