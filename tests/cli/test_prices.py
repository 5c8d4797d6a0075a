"""``zhenxing prices`` as people run it: a town and a plan in, tables and sentences out."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

from zhenxing.cli import main

COLUMNS = (
    "resource,park_id,year,step,value_change_wan,conditional,low_wan,high_wan,relaxation_price"  # what others rely on
)


def run_here(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["zhenxing", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main.run()
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two firms of 2 mu for 3 mu of vacant land, and their plan."""
    place = tmp_path_factory.mktemp("prices")
    town = place / "town"
    town.mkdir()
    tables = {
        "parks": "park_id,name,vacant_mu\np,东园,3\n",
        "candidates": "candidate_id,name,land_mu,annual_tax_wan\na,甲厂,2,10\nb,乙厂,2,6\n",
        "placements": "candidate_id,park_id\na,p\nb,p\n",
        "budget": "year,own_funds_wan,effort_months\n2026,50,9\n",
    }
    settings = "[plan]\nbase_year = 2025\nhorizon_years = 1\ndiscount_rate = 0.0\ntail_years = 0\n"
    (town / "town.toml").write_text(settings, encoding="utf-8")
    for name, text in tables.items():
        (town / f"{name}.csv").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        assert run_here(patch, "plan", town, "--out", place / "plan", "--seconds", 100000) == 0
    return town, place / "plan"


def test_tables_and_sentences(planned, tmp_path, monkeypatch, capsys):
    town, plan = planned
    monkeypatch.setenv("COLUMNS", "110")
    monkeypatch.delenv("ZHENXING_LANG", raising=False)
    patience = ["--seconds", 100000, "--progress"]
    assert (
        run_here(monkeypatch, "prices", town, plan, "--out", tmp_path, "--unit", 1, "--resource", "land", *patience)
        == 0
    )
    shown = capsys.readouterr()
    assert "园区 p（东园） 的空地再多 1 亩" in shown.out.replace("\n", "").replace(
        "园区 p（东园）的", "园区 p（东园） 的"
    )
    assert "b（乙厂）" in shown.out
    assert "空地" in shown.err
    lines = (tmp_path / "prices.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == COLUMNS
    assert "land,p,0,1,6,false,6,6,3" in lines
    reasons = pd.read_csv(tmp_path / "reasons.csv")
    assert len(reasons) == len(lines) - 1
    assert reasons.loc[reasons["practical"], "zh"].str.contains("6 万元").all()
    summary = json.loads((tmp_path / "prices.json").read_text(encoding="utf-8"))
    assert summary["value_wan"] == pytest.approx(10)
    assert summary["same_inputs"]


def test_all_limits_in_english(planned, tmp_path, monkeypatch, capsys):
    town, plan = planned
    monkeypatch.setenv("COLUMNS", "110")
    assert run_here(monkeypatch, "prices", town, plan, "--out", tmp_path, "--seconds", 100000, "--lang", "en") == 0
    said = capsys.readouterr().out
    assert "Do not bind" in said
    assert "Not limited: title capacity" in said
    table = pd.read_csv(tmp_path / "prices.csv")
    assert table["resource"].iloc[0] == "land"
    assert set(table["resource"]) == {"money", "debt", "title_mu", "cleared_mu", "effort_months", "land"}


@pytest.mark.parametrize(
    "question",
    [
        ["--resource", "gold"],
        ["--resource", "money", "--year", "2050"],
        ["--resource", "money", "--year", "next"],
        ["--resource", "money", "--unit", "-1"],
        ["--unit", "5"],
        ["--resource", "land", "--park", "q"],
    ],
)
def test_a_wrong_question_ends_with_2_and_two_languages(question, planned, tmp_path, monkeypatch, capsys):
    town, plan = planned
    assert run_here(monkeypatch, "prices", town, plan, "--out", tmp_path / "out", *question) == 2
    said = capsys.readouterr().err
    assert any("一" <= letter <= "鿿" for letter in said)
    assert any(letter.isascii() and letter.isalpha() for letter in said)
    assert "Traceback" not in said
    assert not (tmp_path / "out").exists()


def test_a_folder_without_a_plan_ends_with_2(planned, tmp_path, monkeypatch):
    town, _ = planned
    assert run_here(monkeypatch, "prices", town, tmp_path / "none", "--out", tmp_path / "out") == 2
