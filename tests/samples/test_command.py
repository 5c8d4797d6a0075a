"""``zhenxing sample``: what it writes, what it refuses, what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from zhenxing.cli.sample import app
from zhenxing.errors import InputError
from zhenxing.samples.writing import LABEL, write_random
from zhenxing.store import read_town

RUN = CliRunner()


def test_random_writes_a_town_that_reads_back(tmp_path: Path) -> None:
    told = RUN.invoke(app, ["random", str(tmp_path / "t"), "--size", "XS", "--family", "deep-park", "--seed", "3"])
    assert told.exit_code == 0, told.output
    assert "合成" in told.output
    town = read_town(tmp_path / "t")
    assert len(town["sites"]) == 6
    assert town["sites"]["is_seed"].sum() == 1
    assert (tmp_path / "t" / LABEL).read_text(encoding="utf-8").startswith("本文件夹内全部数据为合成示例")


def test_a_sample_may_be_written_over_a_sample(tmp_path: Path) -> None:
    write_random(tmp_path, "XS", "balanced", 0)
    write_random(tmp_path, "XS", "balanced", 1)
    assert "-1" in read_town(tmp_path).settings.town.name


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_random(tmp_path / name, "S", "balanced", 7)
    for path in (tmp_path / "a").glob("*.csv"):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_guzhen_writes_files_and_town(tmp_path: Path) -> None:
    told = RUN.invoke(app, ["guzhen", str(tmp_path), "--lang", "en"])
    assert told.exit_code == 0, told.output
    assert "synthetic" in told.output
    assert (tmp_path / "town" / "links.csv").is_file()
    assert (tmp_path / "town" / "sites.geojson").is_file()
    assert (tmp_path / "files" / "财政所" / "资金计划.xlsx").is_file()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        write_random(tmp_path, "XS", "balanced", 0)
    assert "空文件夹" in refused.value.text.zh
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("size", "family", "seed", "word"),
    [("XXL", "balanced", 0, "XXL"), ("S", "rich", 0, "rich"), ("S", "balanced", -1, "-1")],
)
def test_unknown_choices_are_named(tmp_path: Path, size: str, family: str, seed: int, word: str) -> None:
    with pytest.raises(InputError) as refused:
        write_random(tmp_path / "t", size, family, seed)
    assert word in refused.value.text.en
    assert refused.value.exit_code == 2


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="f"):
        write_random(tmp_path / "f", "XS", "balanced", 0)
