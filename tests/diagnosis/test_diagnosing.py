"""The diagnosis as a whole: parts in order, reasons for what is not made, the folder, what goes into the town."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from small_town import small_tables, small_town

from zhenxing.diagnosis.diagnosing import Diagnosis, diagnose, inputs_fingerprint
from zhenxing.diagnosis.files import read_diagnosis, write_diagnosis
from zhenxing.diagnosis.headlines import headline
from zhenxing.diagnosis.parts import PARTS, DiagnoseOptions, committed_output
from zhenxing.errors import InputError, SourceError
from zhenxing.store import apply_derived

NAMES = tuple(part.name for part in PARTS)


@pytest.fixture(scope="module")
def whole() -> Diagnosis:
    return diagnose(small_tables())


def test_the_gap_of_the_small_town_by_hand(whole: Diagnosis) -> None:
    found = whole
    chain = found.tables["chain"].set_index("link_id")
    # one maker of lamps sells 1900: it asks for 190 of drivers, of which 100 are made here, and for 95 of chips
    assert chain.loc["DRV", ["demand_wan", "gap_wan"]].astype(float).tolist() == pytest.approx([190.0, 90.0])
    assert chain.loc["CHIP", "gap_wan"] == pytest.approx(95.0)
    assert chain.loc["CHIP", "verdict"] == "missing"
    rewards = found.inputs["chain_rewards"]
    assert set(rewards["link_id"]) == {"DRV", "CHIP"}
    assert rewards.groupby("link_id")["reward_per_output"].apply(lambda own: own.is_monotonic_decreasing).all()


def test_what_lacks_its_tables_is_skipped_with_the_reason(whole: Diagnosis) -> None:
    found = whole
    states = {one.part: one for one in found.states}
    assert tuple(states) == NAMES
    assert states["peers"].state == "skipped"
    assert "peer_values" in states["peers"].reason.en
    assert {name for name, one in states.items() if one.state == "made"} == set(NAMES) - {"peers"}
    told = {one["part"]: one for one in found.summary["parts"]}
    assert "缺少" in told["peers"]["zh"]


def test_an_empty_town_is_no_crash() -> None:
    found = diagnose({})
    assert {one.state for one in found.states} == {"skipped"}
    assert found.tables == {}


def test_a_part_that_finds_its_tables_faulty_leaves_the_others_alone() -> None:
    tables = small_tables()
    tables["link_inputs"] = tables["link_inputs"].assign(share=[2.0, 0.05])
    states = {one.part: one for one in diagnose(tables).states}
    assert states["chain"].state == "failed"
    assert states["chain"].reason.zh
    assert states["watch"].state == "made"


def test_only_runs_what_a_part_rests_on_and_hands_out_the_part() -> None:
    found = diagnose(small_tables(), DiagnoseOptions(only=("chain",)))
    assert [one.part for one in found.states] == ["chain"]
    assert "firm_links" not in found.tables
    assert "chain" in found.tables
    assert set(found.inputs) == {"chain_rewards"}
    with pytest.raises(InputError, match="nonsense"):
        diagnose(small_tables(), DiagnoseOptions(only=("nonsense",)))


def test_labels_that_the_town_keeps_go_before_words() -> None:
    own = pd.DataFrame(
        {"firm_id": ["b"], "link_id": ["CHIP"], "role": ["makes"], "weight": [1.0], "evidence": ["人工"]}
    )
    found = diagnose({**small_tables(), "firm_links": own})
    labels = found.tables["firm_links"].set_index("firm_id")["link_id"]
    assert labels["b"] == "CHIP"
    assert labels["a"] == "LAMP"
    assert "own_labels" in {issue.code for issue in found.issues}


def test_what_has_landed_supplies_its_link_and_widens_the_first_segment() -> None:
    locks = pd.DataFrame(
        {"subject": ["candidate"], "id": ["C1"], "option": ["P1"], "rule": ["done"], "year": [2025], "count": [1]}
    )
    known = pd.DataFrame({"candidate_id": ["C1"], "link_id": ["DRV"], "annual_output_wan": [40.0]})
    tables = small_tables()
    assert committed_output(locks, known, tables["firms"]).values.tolist() == [["DRV", 40.0]]
    assert committed_output(locks, known.assign(firm_id="b"), tables["firms"]).empty
    bare = diagnose(tables, DiagnoseOptions(only=("chain",)))
    landed = diagnose({**tables, "locks": locks, "candidates": known}, DiagnoseOptions(only=("chain",)))
    gaps = [one.tables["chain"].set_index("link_id").loc["DRV", "gap_wan"] for one in (bare, landed)]
    assert gaps == pytest.approx([90.0, 50.0])
    sizes = [
        one.inputs["chain_rewards"].query("link_id == 'DRV'")["output_wan"].sum()
        - one.tables["chain"].set_index("link_id").loc["DRV", "gap_wan_high"]
        for one in (bare, landed)
    ]
    assert sizes == pytest.approx([0.0, 40.0])


def test_the_folder_is_written_whole_and_read_back(whole: Diagnosis, tmp_path: Path) -> None:
    found = whole
    write_diagnosis(found, tmp_path / "d")
    (tmp_path / "d" / "mine.txt").write_text("mine", encoding="utf-8")
    back = read_diagnosis(tmp_path / "d")
    assert set(found.tables) <= set(back.tables)
    assert back.tables["chain"]["gap_wan"].sum() == pytest.approx(found.tables["chain"]["gap_wan"].sum())
    assert back.summary["counts"]["chain"] == len(found.tables["chain"])
    write_diagnosis(diagnose(small_tables(), DiagnoseOptions(only=("classification",))), tmp_path / "d")
    assert {path.name for path in (tmp_path / "d").iterdir()} == {
        "firm_links.csv",
        "issues.csv",
        "summary.json",
        "mine.txt",
    }


def test_a_town_folder_is_no_place_for_a_result(tmp_path: Path) -> None:
    (tmp_path / "town.toml").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="out"):
        write_diagnosis(diagnose({}), tmp_path)
    with pytest.raises(SourceError):
        read_diagnosis(tmp_path)


def test_applying_changes_neither_the_fingerprint_nor_a_second_run() -> None:
    town = small_town()
    first = diagnose(town, DiagnoseOptions(visits=20))
    after, clashes = apply_derived(town, "diagnose", first.inputs)
    assert clashes.empty
    assert len(after["chain_rewards"]) == len(first.inputs["chain_rewards"])
    assert after["candidates"]["candidate_id"].str.startswith(("push:", "expand:", "upgrade:")).all()
    second = diagnose(after, DiagnoseOptions(visits=20))
    assert first.summary == second.summary
    assert first.summary["inputs_sha256"] == inputs_fingerprint(after)
    for name, frame in first.inputs.items():
        pd.testing.assert_frame_equal(frame, second.inputs[name])
    assert json.loads(json.dumps(first.summary)) == first.summary


def test_another_figure_is_another_fingerprint() -> None:
    tables = small_tables()
    changed = {**tables, "firm_years": tables["firm_years"].assign(revenue_wan=1.0)}
    assert inputs_fingerprint(tables) != inputs_fingerprint(changed)


@pytest.mark.parametrize("part", [name for name in NAMES if name != "peers"])
def test_every_part_has_a_headline_in_both_languages(whole: Diagnosis, part: str) -> None:
    told = headline(part, whole.tables)
    assert told.zh
    assert told.en
