"""The commands ``report`` and ``sitelist`` as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from conftest import MadePlan
from made_results import write_results
from typer.testing import CliRunner

from zhenxing.cli import report, sitelist
from zhenxing.errors import SourceError
from zhenxing.store import write_tables, write_town
from zhenxing.town import Town

app = typer.Typer()
app.command("report")(report.command)
app.command("sitelist")(sitelist.command)


@pytest.fixture(scope="module")
def folders(town: Town, plan: MadePlan, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    root = tmp_path_factory.mktemp("case")
    write_town(town, root / "town")
    write_tables(root / "plan", plan.tables)
    (root / "plan" / "summary.json").write_text(json.dumps(plan.summary), encoding="utf-8")
    return str(root / "town"), str(root / "plan")


def test_site_list_is_shown_and_written(folders: tuple[str, str], tmp_path: Path) -> None:
    out = tmp_path / "list.xlsx"
    done = CliRunner().invoke(app, ["sitelist", *folders, "--year", "2027", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "2027 年启动 1 宗、40.0 亩；备选 2 宗。" in done.output
    assert out.exists()


def test_report_of_a_broken_plan_is_written_and_exits_1(folders: tuple[str, str], tmp_path: Path) -> None:
    summary = json.loads((Path(folders[1]) / "summary.json").read_text(encoding="utf-8"))
    broken = tmp_path / "plan"
    broken.mkdir()
    for file in Path(folders[1]).glob("*.csv"):
        (broken / file.name).write_bytes(file.read_bytes())
    (broken / "summary.json").write_text(
        json.dumps({**summary, "value_wan": summary["value_wan"] + 1}), encoding="utf-8"
    )
    done = CliRunner().invoke(
        app, ["report", folders[0], str(broken), "--out", str(tmp_path / "out"), "--seconds", "0"]
    )
    assert done.exit_code == 1, done.output
    assert (tmp_path / "out" / "report.pdf").exists()


def test_a_folder_without_a_plan_is_refused(folders: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text('{"value_wan": null, "status": "infeasible"}', encoding="utf-8")
    done = CliRunner().invoke(app, ["report", folders[0], str(tmp_path), "--out", str(tmp_path / "out")])
    assert isinstance(done.exception, SourceError)
    assert "没有计划" in done.exception.text.zh


def test_an_own_list_that_is_no_locks_table_is_refused(folders: tuple[str, str], tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("地块,年份\ns1,2027\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["report", *folders, "--out", str(tmp_path / "out"), "--own-list", str(own)])
    assert isinstance(done.exception, SourceError)
    assert "own.csv" in done.exception.text.en


def test_results_of_another_plan_are_warned_about_on_the_error_stream(
    folders: tuple[str, str], plan: MadePlan, tmp_path: Path
) -> None:
    other = MadePlan(plan.tables, {**plan.summary, "value_wan": plan.summary["value_wan"] + 50.0})
    results = write_results(tmp_path, other)
    # the inputs lie in a folder on disk: what counts is their fingerprint there
    given = [part for name in ("prices", "alternatives") for part in (f"--{name}", str(results[name]))]
    done = CliRunner().invoke(app, ["report", *folders, "--out", str(tmp_path / "out"), "--seconds", "0", *given])
    assert done.exit_code == 0, done.output
    assert done.stderr.count("没有采用") == 2
