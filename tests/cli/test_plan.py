"""``zhenxing plan`` as people run it: folders in, folders out, exit codes, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from zhenxing.cli import main
from zhenxing.planning.checker import evaluate
from zhenxing.planning.result import read_plan
from zhenxing.samples import random_town
from zhenxing.store import list_runs, read_run, read_town, write_town

COMMAND = [sys.executable, "-m", "zhenxing.cli.main"]
# Inside the tests the clock of the process runs since pytest began.
PATIENT = ["--seconds", "100000"]


def write(folder: Path, settings: str = "", **tables: str) -> Path:
    """Write a town as a person would, with an editor."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "town.toml").write_text(f"[plan]\nbase_year = 2025\nhorizon_years = 2\n{settings}", encoding="utf-8")
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def few_tables(folder: Path, **more: str) -> Path:
    """One park, one firm of land 2 that pays 10 a year: with delta 1 and no tail it is worth 20."""
    tables = {
        "parks": "park_id,vacant_mu\np,3\n",
        "candidates": "candidate_id,land_mu,annual_tax_wan\n0011,2,10\n",
        "placements": "candidate_id,park_id\n0011,p\n",
    }
    return write(folder, "discount_rate = 0.0\ntail_years = 0\n", **{**tables, **more})


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    words = [*COMMAND, *map(str, arguments)]
    return subprocess.run(words, capture_output=True, encoding="utf-8", env=environment, check=False)


def run_here(monkeypatch, *arguments: object) -> int:
    """Run the command line in this process and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["zhenxing", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main.run()
    return int(ended.value.code or 0)


def test_a_folder_with_a_few_tables_is_planned(tmp_path):
    done = run("plan", few_tables(tmp_path / "town"), "--out", tmp_path / "plan", "--progress", "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert "20.0" in done.stdout
    assert "optimal" in done.stdout
    assert "Traceback" not in done.stderr
    result = read_plan(tmp_path / "plan")
    assert result.summary["value_wan"] == pytest.approx(20)
    assert result.tables["plan_landings"]["candidate_id"].tolist() == ["0011"]
    assert evaluate(read_town(tmp_path / "town"), result.tables).value_wan == pytest.approx(20)


def test_settings_alone_are_a_town(tmp_path, monkeypatch):
    town = write(tmp_path / "town")
    assert run_here(monkeypatch, "plan", town, "--out", tmp_path / "plan", *PATIENT) == 0
    assert read_plan(tmp_path / "plan").summary["value_wan"] == 0


def test_the_plan_speaks_chinese_by_default(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("ZHENXING_LANG", raising=False)
    assert run_here(monkeypatch, "plan", few_tables(tmp_path / "town"), "--out", tmp_path / "plan", *PATIENT) == 0
    assert any("一" <= letter <= "鿿" for letter in capsys.readouterr().out)


def test_exit_2_names_table_and_row(tmp_path, monkeypatch, capsys):
    town = few_tables(tmp_path / "town", placements="candidate_id,park_id\n0011,nowhere\n")
    assert run_here(monkeypatch, "plan", town, "--out", tmp_path / "plan", *PATIENT) == 2
    said = capsys.readouterr().err
    assert "nowhere" in said
    assert "placements" in said
    assert not (tmp_path / "plan" / "summary.json").exists()


def test_exit_2_without_plan_settings(tmp_path, monkeypatch, capsys):
    (tmp_path / "town.toml").write_text("[town]\nname = 'x'\n", encoding="utf-8")
    assert run_here(monkeypatch, "plan", tmp_path, "--out", tmp_path / "plan", *PATIENT) == 2
    assert "[plan]" in capsys.readouterr().err


def test_exit_2_where_there_is_no_town(tmp_path, monkeypatch):
    assert run_here(monkeypatch, "plan", tmp_path / "nothing", "--out", tmp_path / "plan", *PATIENT) == 2


def test_exit_3_names_the_lock(tmp_path):
    locks = "subject,id,rule\ncandidate,0011,must\n"
    town = few_tables(tmp_path / "town", parks="park_id,vacant_mu\np,1\n", locks=locks)
    done = run("plan", town, "--out", tmp_path / "plan")
    assert done.returncode == 3
    summary = json.loads((tmp_path / "plan" / "summary.json").read_text(encoding="utf-8"))
    assert summary["status"] == "infeasible"
    assert [summary[name] for name in ("value_wan", "bound_wan", "gap")] == [None, None, None]
    assert [path.name for path in (tmp_path / "plan").iterdir()] == ["summary.json"]
    assert "0011" in done.stderr
    assert "Traceback" not in done.stderr


def hard_town(folder: Path) -> Path:
    """Forty firms that must all come and fill eight parks to the last mu but a little: no plan in a tenth of a second."""
    lands = [(7 * i) % 23 + 11 for i in range(40)]
    parks = [f"p{i},{sum(lands) / 8 + 0.5}" for i in range(8)]
    firms = [f"c{i},{land}" for i, land in enumerate(lands)]
    places = [f"c{i},p{j}" for i in range(40) for j in range(8)]
    locks = [f"candidate,c{i},must" for i in range(40)]
    return write(
        folder,
        parks="\n".join(["park_id,vacant_mu", *parks]),
        candidates="\n".join(["candidate_id,land_mu", *firms]),
        placements="\n".join(["candidate_id,park_id", *places]),
        locks="\n".join(["subject,id,rule", *locks]),
    )


def test_exit_4_when_the_time_is_too_short(tmp_path, monkeypatch, capsys):
    town = hard_town(tmp_path / "town")
    assert run_here(monkeypatch, "plan", town, "--out", tmp_path / "plan", "--seconds", "0.1") == 4
    assert "--seconds" in capsys.readouterr().err
    summary = json.loads((tmp_path / "plan" / "summary.json").read_text(encoding="utf-8"))
    assert summary["status"] == "time_limit_without_plan"
    assert (summary["value_wan"], summary["bound_wan"], summary["gap"]) == (None, None, None)
    assert [file.name for file in (tmp_path / "plan").iterdir()] == ["summary.json"]


def test_a_saved_run_is_kept_with_the_town(tmp_path, monkeypatch):
    town = few_tables(tmp_path / "town")
    assert run_here(monkeypatch, "plan", town, "--out", tmp_path / "plan", "--save", "first", *PATIENT) == 0
    assert list_runs(town)["stage"].tolist() == ["plan"]
    kept = read_run(town, list_runs(town)["run_id"].iloc[0])
    assert kept.name == "first"
    assert kept.summary["value_wan"] == pytest.approx(20)
    assert kept.tables["plan_landings"]["candidate_id"].tolist() == ["0011"]
    # the run is no input of the plan
    assert read_plan(tmp_path / "plan").summary["inputs_sha256"] == kept.summary["inputs_sha256"]
    assert run_here(monkeypatch, "plan", town, "--out", tmp_path / "again", *PATIENT) == 0
    assert read_plan(tmp_path / "again").summary["inputs_sha256"] == kept.summary["inputs_sha256"]


@pytest.mark.parametrize("method", ["greedy", "staged"])
def test_baselines(method, tmp_path, monkeypatch):
    town = few_tables(tmp_path / "town")
    assert run_here(monkeypatch, "plan", town, "--out", tmp_path / "plan", "--method", method, *PATIENT) == 0
    summary = read_plan(tmp_path / "plan").summary
    assert summary["method"].startswith(method)
    assert summary["value_wan"] == pytest.approx(20)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process there")
@pytest.mark.parametrize("size", ["S", pytest.param("M", marks=pytest.mark.slow)])
def test_ctrl_c_ends_the_search_and_keeps_the_plan(size, tmp_path):
    write_town(random_town(size, "balanced", seed=1), tmp_path / "town")
    words = [
        *COMMAND,
        "plan",
        tmp_path / "town",
        "--out",
        tmp_path / "plan",
        "--seconds",
        "120",
        "--progress",
        "--lang",
        "en",
    ]
    search = subprocess.Popen(map(str, words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    try:
        assert search.stderr is not None
        for line in search.stderr:
            # the first line with a plan's value
            if "—" not in line:
                break
        search.send_signal(signal.SIGINT)
        _, said = search.communicate(timeout=60)
    finally:
        search.kill()
    assert search.returncode == 0, said
    assert "Traceback" not in said
    result = read_plan(tmp_path / "plan")
    assert result.summary["status"] == "feasible"
    assert result.summary["bound_wan"] >= result.summary["value_wan"]
    check = run("check-plan", tmp_path / "town", tmp_path / "plan")
    assert check.returncode == 0, check.stdout
