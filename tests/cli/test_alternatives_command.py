"""``zhenxing alternatives``, ``pareto`` and ``replan`` as people run them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

from zhenxing.cli import main
from zhenxing.planning.checker import check_plan
from zhenxing.planning.result import read_plan
from zhenxing.store import read_town

# Inside the tests the clock of the process runs since pytest began.
PATIENT = ["--seconds", "100000"]
TABLES = {
    "parks": "park_id,vacant_mu\np,6\nq,2\n",
    "sites": "site_id,park_id,name,area_mu,floor_m2,is_seed\ns1,p,东片,10,300,true\ns2,q,西片,8,0,true\n",
    "site_modes": "site_id,mode,lead_years,released_share,public_cost_wan,annual_tax_gain_wan\n"
    "s1,rebuild,1,0.8,20,6\ns2,rebuild,1,0.8,20,5.9\n",
    "candidates": "candidate_id,name,land_mu,annual_tax_wan,count\nc1,甲厂,4,10,1\nc2,乙厂,5,9,1\n",
    "placements": "candidate_id,park_id\nc1,p\nc1,q\nc2,p\nc2,q\n",
    "budget": "year,own_funds_wan,debt_limit_wan\n2026,30,20\n2027,30,20\n2028,30,0\n",
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("given") / "town")


def write(folder: Path, **changed: str) -> Path:
    folder.mkdir()
    settings = "[plan]\nbase_year = 2025\nhorizon_years = 3\ntail_years = 3\nexit_compensation_wan_per_m2 = 0.01\n"
    (folder / "town.toml").write_text(settings, encoding="utf-8")
    for name, text in {**TABLES, **changed}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def run(monkeypatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["zhenxing", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main.run()
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def old(town: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        assert run(patch, "plan", town, "--out", town.parent / "old", *PATIENT) == 0
    return town.parent / "old"


def assert_checked(town: Path, folder: Path) -> None:
    found = check_plan(read_town(town), folder, source=town)
    assert found.passed, found.record()
    assert not found.warnings


def test_alternatives_are_plan_folders(town, old, tmp_path, monkeypatch, capsys):
    out = tmp_path / "alternatives"
    (out / "stale").mkdir(parents=True)
    (out / "stale" / "summary.json").write_text("{}")
    words = ["alternatives", town, old, "--out", out, "--within", "0.3", "--lang", "en", *PATIENT]
    assert run(monkeypatch, *words) == 0
    assert not (out / "stale").exists()
    table = pd.read_csv(out / "alternatives.csv")
    assert {"most-mu-p", "least-mu-p", "different-sites-1", "other-landings"} < set(table["name"])
    assert (table["loss_share"] <= 0.3 + 1e-6).all()
    for name in table["name"][1:]:
        assert_checked(town, out / name)
    regret = pd.read_csv(out / "no_regret.csv")
    assert set(regret["verdict"]) <= {"proven", "refuted", "not_refuted"}
    assert {"zh", "en", "bound_without_wan"} <= set(regret.columns)
    assert "proven" in capsys.readouterr().out
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part")]


@pytest.mark.parametrize("against", ["disruption", "debt", "chain"])
def test_pareto_points_are_plan_folders(against, town, old, tmp_path, monkeypatch, capsys):
    out = tmp_path / "front"
    assert run(monkeypatch, "pareto", town, old, "--out", out, "--against", against, "--points", 3, *PATIENT) == 0
    table = pd.read_csv(out / "pareto.csv")
    assert list(table.columns) == ["measure", "unit", "level", "limit", "value_wan", "bound_wan", "gap", "plan"]
    for name in table["plan"]:
        assert_checked(town, out / name)
    assert any("一" <= letter <= "鿿" for letter in capsys.readouterr().out)


def test_replan_names_what_changed_and_why(town, old, tmp_path, monkeypatch, capsys):
    kept = TABLES["candidates"].replace("c1,甲厂,4,10,1\n", "").replace("c2,乙厂,5,9,1", "c2,乙厂,5,12,1")
    places = "candidate_id,park_id\nc2,p\nc2,q\n"
    before = read_plan(old)
    first = before.tables["plan_landings"].query("year == 2026")["candidate_id"].tolist()
    new = write(tmp_path / "new", candidates=kept, placements=places)
    words = ["replan", new, old, "--as-of", 2025, "--out", tmp_path / "again", "--before", town]
    assert run(monkeypatch, *words, "--lang", "en", *PATIENT) == 0
    assert_checked(new, tmp_path / "again")
    changes = pd.read_csv(tmp_path / "again" / "changes.csv", dtype=str).set_index("id")
    assert changes.loc["c1", "change"] == "dropped"
    assert changes.loc["c1", "name"] == "甲厂"
    assert changes.loc["c1", "old_possible"] == "no"
    assert "candidates" in changes.loc["c1", "reason_en"]
    assert "− candidates c1" in changes.loc["c1", "inputs_changed"]
    summary = json.loads((tmp_path / "again" / "summary.json").read_text(encoding="utf-8"))
    assert summary["as_of"] == 2025
    assert summary["method"].startswith("replan:")
    assert "c1 甲厂" in capsys.readouterr().out
    # the same prospect, landed already, cannot be gone
    assert "c1" in first
    words[4] = 2026
    assert run(monkeypatch, *words, *PATIENT) == 2
    said = capsys.readouterr().err
    assert "c1" in said
    assert "candidates" in said


def test_replan_with_what_really_started(town, old, tmp_path, monkeypatch, capsys):
    started = tmp_path / "started.csv"
    started.write_text("subject,id,option,year,count\nsite,s2,rebuild,2026,\ncandidate,c1,p,2026,1\n", encoding="utf-8")
    words = ["replan", town, old, "--as-of", "2026", "--out", tmp_path / "again", "--started", started]
    assert run(monkeypatch, *words, "--town-out", tmp_path / "later", *PATIENT) == 0
    assert_checked(town, tmp_path / "again")
    result = read_plan(tmp_path / "again")
    past = result.tables["plan_sites"].query("start_year == 2026")
    assert past["site_id"].tolist() == ["s2"]
    assert run(monkeypatch, "plan", tmp_path / "later", "--out", tmp_path / "rest", *PATIENT) == 0
    rest = read_plan(tmp_path / "rest").tables["plan_landings"]
    assert rest[["candidate_id", "year"]].to_numpy().tolist() == [["c2", 2027]]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("site,s9,rebuild,2026,", "s9"),
        ("site,s1,rebuild,2027,", "2026"),
        ("house,s1,rebuild,2026,", "subject"),
        ("candidate,c1,r,2026,1", "placements"),
    ],
)
def test_what_started_must_be_known(line, told, town, old, tmp_path, monkeypatch, capsys):
    started = tmp_path / "started.csv"
    started.write_text(f"subject,id,option,year,count\n{line}\n", encoding="utf-8")
    words = ["replan", town, old, "--as-of", 2026, "--out", tmp_path / "again", "--started", started]
    assert run(monkeypatch, *words, *PATIENT) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("year", [2024, 2028, 2040])
def test_a_year_outside_the_horizon_is_refused(year, town, old, tmp_path, monkeypatch, capsys):
    assert run(monkeypatch, "replan", town, old, "--as-of", year, "--out", tmp_path / "again", *PATIENT) == 2
    assert str(year) in capsys.readouterr().err


def test_a_budget_cut_that_makes_the_past_impossible_is_named(old, tmp_path, monkeypatch, capsys):
    budget = TABLES["budget"].replace("2026,30,20", "2026,1,0")
    new = write(tmp_path / "new", budget=budget)
    assert run(monkeypatch, "replan", new, old, "--as-of", 2026, "--out", tmp_path / "again", *PATIENT) == 3
    said = capsys.readouterr().err
    assert "资金" in said
    assert "2026" in said


@pytest.mark.parametrize("command", ["alternatives", "pareto", "replan"])
def test_a_plan_of_another_town_is_refused(command, old, tmp_path, monkeypatch, capsys):
    other = write(
        tmp_path / "other", **{name: text.replace("c1", "x1").replace("s1", "x2") for name, text in TABLES.items()}
    )
    more = {"pareto": ["--against", "debt"], "replan": ["--as-of", 2026]}.get(command, [])
    assert run(monkeypatch, command, other, old, "--out", tmp_path / "out", *more, *PATIENT) == 2
    assert "s1" in capsys.readouterr().err


def test_other_bad_input(town, old, tmp_path, monkeypatch, capsys):
    out = ["--out", tmp_path / "out"]
    assert run(monkeypatch, "pareto", town, old, *out, "--against", "beauty") == 2
    assert run(monkeypatch, "alternatives", town, old, *out, "--within", "1.5") == 2
    assert run(monkeypatch, "alternatives", town, tmp_path / "nothing", *out) == 2
    assert run(monkeypatch, "replan", town, old, *out, "--as-of", 2026, "--keep-wan", "-1") == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_plan_can_begin_with_a_plan(town, old, tmp_path, monkeypatch, capsys):
    words = ["plan", town, "--out", tmp_path / "again", "--from", old, *PATIENT]
    assert run(monkeypatch, *words) == 0
    assert read_plan(tmp_path / "again").summary["value_wan"] == pytest.approx(read_plan(old).summary["value_wan"])
    assert run(monkeypatch, *words, "--method", "greedy") == 2
    other = write(
        tmp_path / "other",
        candidates=TABLES["candidates"].replace("c1", "x1"),
        placements="candidate_id,park_id\nx1,p\n",
    )
    assert run(monkeypatch, "plan", other, "--out", tmp_path / "more", "--from", old, *PATIENT) == 2
    assert "check-plan" in capsys.readouterr().err
