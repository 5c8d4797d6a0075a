"""``zhenxing why`` as people run it: text, JSON, errors."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from zhenxing.cli import main
from zhenxing.planning.options import PlanOptions
from zhenxing.planning.plan import plan
from zhenxing.planning.result import write_plan
from zhenxing.store import inputs_sha256, read_town

# Inside the tests the clock of the process runs since pytest began.
PATIENT = ["--seconds", "100000"]
FIELDS = ["possible", "cost_wan", "conditional", "low_wan", "high_wan", "verdict", "blocked_by"]


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two firms of 2 mu and land for one: c pays 10 a year, d 4; over two years they are worth 20 and 8."""
    town = tmp_path / "town"
    town.mkdir()
    (town / "town.toml").write_text(
        "[plan]\nbase_year = 2025\nhorizon_years = 2\ndiscount_rate = 0.0\ntail_years = 0\n", encoding="utf-8"
    )
    for name, text in {
        "parks": "park_id,vacant_mu\np,3\n",
        "candidates": "candidate_id,land_mu,annual_tax_wan\nc,2,10\nd,2,4\n",
        "placements": "candidate_id,park_id\nc,p\nd,p\n",
    }.items():
        (town / f"{name}.csv").write_text(text, encoding="utf-8")
    result = plan(read_town(town), PlanOptions(seconds=60))
    result.summary["inputs_sha256"] = inputs_sha256(town)
    write_plan(result, tmp_path / "plan")
    return town, tmp_path / "plan"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["zhenxing", "why", *map(str, arguments)])
    monkeypatch.delenv("ZHENXING_LANG", raising=False)
    with pytest.raises(SystemExit) as ended:
        main.run()
    return int(ended.value.code or 0)


def test_text_says_the_cost_first(folders, monkeypatch, capsys):
    assert run(monkeypatch, *folders, "--candidate", "d", *PATIENT) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines()[0] == "d 落户：代价 12 万元。这是对全镇最优方案证明过的数，不只是在本方案之内。"
    assert "p 用地缺 1 亩" in shown.out
    assert shown.err == ""
    assert run(monkeypatch, *folders, "--candidate", "d", "--lang", "en", *PATIENT) == 0
    assert "costs 12 wan yuan" in capsys.readouterr().out


def test_json_has_the_fields_that_programs_read(folders, monkeypatch, capsys):
    assert run(monkeypatch, *folders, "--candidate", "d", "--json", *PATIENT) == 0
    record = json.loads(capsys.readouterr().out)
    assert list(record)[: len(FIELDS)] == FIELDS
    assert record["possible"] is True
    assert record["conditional"] is False
    assert (record["cost_wan"], record["low_wan"], record["high_wan"]) == pytest.approx((12, 12, 12))
    assert record["verdict"] == "cost"
    assert record["blocked_by"] == [{"rule": "land", "table": "parks", "row_id": "p", "amount": 1.0}]
    assert len(record["sentences"]["zh"]) == len(record["sentences"]["en"]) > 0


def test_json_of_the_impossible(folders, monkeypatch, capsys):
    assert run(monkeypatch, *folders, "--target", "landed_projects,2026,2", "--json", *PATIENT) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["possible"], record["cost_wan"], record["verdict"]) == (False, None, "impossible")
    assert record["blocked_by"] == [{"rule": "land", "table": "parks", "row_id": "p", "amount": 1.0}]


def test_errors_are_told_in_both_languages(folders, monkeypatch, capsys):
    assert run(monkeypatch, *folders, "--candidate", "x", *PATIENT) == 2
    said = capsys.readouterr().err
    assert "candidates 表里没有 x" in said
    assert "candidates has no x" in said
    assert run(monkeypatch, *folders, *PATIENT) == 2
    assert run(monkeypatch, folders[0], folders[0], "--candidate", "c", *PATIENT) == 2


def test_a_town_changed_since_gets_a_note(folders, monkeypatch, capsys):
    (folders[0] / "parks.csv").write_text("park_id,vacant_mu\np,4\n", encoding="utf-8")
    assert run(monkeypatch, *folders, "--candidate", "d", *PATIENT) == 0
    shown = capsys.readouterr()
    assert "数据后来改过" in shown.err
    assert "代价 0 万元" in shown.out
    (folders[0] / "parks.csv").write_text("park_id,vacant_mu\np,1\n", encoding="utf-8")
    assert run(monkeypatch, *folders, "--candidate", "d", *PATIENT) == 2
    assert "check-plan" in capsys.readouterr().err
