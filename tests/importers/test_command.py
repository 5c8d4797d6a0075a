from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from zhenxing.cli import import_
from zhenxing.errors import InputError
from zhenxing.store import read_town

Book = Callable[..., Path]
SITES = [["地块编号", "所属园区编号", "用地面积（亩）"], ["S1", "P1", 10], ["S2", "P1", "很大"]]


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer(pretty_exceptions_enable=False)
    made.command()(import_.command)
    return made


def _run(app: typer.Typer, *words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=True)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


@pytest.mark.parametrize("store", ["town", "town.gpkg"])
def test_a_file_becomes_a_town_and_its_faults_a_workbook(
    app: typer.Typer, book: Book, tmp_path: Path, store: str
) -> None:
    path = book("地块.xlsx", {"地块": SITES})
    code, output = _run(app, path, tmp_path / store)
    assert code == 0
    assert "很大" in output
    assert read_town(tmp_path / store)["sites"]["site_id"].tolist() == ["S1"]
    assert (tmp_path / "town_issues.xlsx").exists()
    code, output = _run(app, path, tmp_path / store, "--lang", "en")
    assert code == 0
    assert "nothing changed" in output


def test_nothing_is_written_in_a_dry_run(app: typer.Typer, book: Book, tmp_path: Path) -> None:
    code, _ = _run(app, book("地块.xlsx", {"地块": SITES}), tmp_path / "town", "--dry-run", "-v")
    assert code == 0
    assert not (tmp_path / "town").exists()
    assert not (tmp_path / "town_issues.xlsx").exists()


def test_a_file_that_cannot_be_read_ends_with_2_and_the_others_are_kept(
    app: typer.Typer, book: Book, tmp_path: Path
) -> None:
    book("f/地块.xlsx", {"地块": SITES})
    (tmp_path / "f" / "坏.xlsx").write_bytes(b"PK\x03\x04rubbish")
    code, output = _run(app, tmp_path / "f", tmp_path / "town")
    assert code == 2
    assert "坏.xlsx" in output
    assert len(read_town(tmp_path / "town")["sites"]) == 1


@pytest.mark.parametrize(
    "words", [("--table", "sites"), ("--as-of", "2026年"), ("--edition", "1999"), ("--crs", "EPSG:99999")]
)
def test_options_that_make_no_sense_are_explained(
    app: typer.Typer, book: Book, tmp_path: Path, words: tuple[str, str]
) -> None:
    layer = tmp_path / "宗地.geojson"
    layer.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"parcel_id":"a"},'
        '"geometry":{"type":"Polygon","coordinates":[[[113,22],[113.1,22],[113.1,22.1],[113,22]]]}}]}',
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        _run(app, layer, tmp_path / "town", *words)
    assert caught.value.exit_code == 2
    assert not (tmp_path / "town").exists()


def test_a_file_without_a_header_leaves_no_town(app: typer.Typer, book: Book, tmp_path: Path) -> None:
    code, output = _run(app, book("函.xlsx", {"Sheet1": [["关于报送材料的函"], ["各村居："]]}), tmp_path / "town")
    assert code == 2
    assert "--table" in output
    assert not (tmp_path / "town").exists()
    assert (tmp_path / "town_issues.xlsx").exists()
