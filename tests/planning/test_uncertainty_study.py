"""The study of a plan's luck: tables, sentences, folder, the same for any number of processes."""

from __future__ import annotations

import json
import sys
from functools import cache

import pandas as pd
import pytest
from test_uncertainty_two_stage import LUCK, two_firms

from zhenxing.cli import main
from zhenxing.errors import InputError
from zhenxing.planning.checker import evaluate
from zhenxing.planning.plan import plan
from zhenxing.planning.result import PlanResult, read_plan, write_plan
from zhenxing.planning.uncertainty.comparing import factor_table
from zhenxing.planning.uncertainty.files import write_study
from zhenxing.planning.uncertainty.outcomes import simulate_all
from zhenxing.planning.uncertainty.playbook import open_playbook
from zhenxing.planning.uncertainty.pool import Workers
from zhenxing.planning.uncertainty.robust import COLUMNS, first_change, robust_table
from zhenxing.planning.uncertainty.sampling import FACTORS, read_draws, without
from zhenxing.planning.uncertainty.settings import read_uncertainty
from zhenxing.planning.uncertainty.simulator import simulate
from zhenxing.planning.uncertainty.study import ScenarioOptions, scenarios
from zhenxing.store import write_tables, write_town
from zhenxing.town import Town

FEW = ScenarioOptions(count=30, solve_count=2, seconds=600, seed=5)


def town_at_risk() -> Town:
    """Two firms of even chances, a target that needs the better one, a title to be cleared."""
    town = two_firms()
    more = {
        "sites": [{"site_id": "a", "park_id": "p", "area_mu": 1, "is_seed": True}],
        "site_modes": [
            {"site_id": "a", "mode": "m", "lead_years": 0, "released_share": 1, "title_mu": 1, "public_cost_wan": 1}
        ],
        "targets": [{"indicator": "annual_tax_wan", "year": 2027, "target": 6, "penalty_wan_per_unit": 0.1}],
        "budget": [
            {"year": 2026, "own_funds_wan": 5, "effort_months": 2},
            {"year": 2027, "own_funds_wan": 5, "effort_months": 2},
        ],
    }
    from zhenxing import schema

    return town.replace(**{name: schema.conform(name, pd.DataFrame(rows))[0] for name, rows in more.items()})


@cache
def studied():
    town = town_at_risk()
    made = plan(town)
    return town, made, scenarios(town, made, FEW)


def test_the_study_says_what_it_did():
    town, made, study = studied()
    outcomes, summary = study.tables["outcomes"], study.summary
    assert outcomes.groupby("plan").size().to_dict() == {"deterministic": 30, "two_stage": 30}
    assert summary["simulated_as_planned_wan"] == pytest.approx(made.summary["value_wan"], rel=1e-6)
    assert summary["two_stage"]["objective_wan"] <= summary["two_stage"]["bound_wan"] + 1e-6
    assert summary["value_of_stochastic_solution_wan"]["found"] >= -1e-6
    worth = summary["value_of_perfect_information_wan"]
    assert 0 <= worth["at_least"] <= worth["at_most"] + 1e-6
    assert evaluate(town, study.two_stage.tables).violations["en"].tolist() == []
    assert evaluate(town, study.two_stage.tables).value_wan == pytest.approx(study.two_stage.summary["value_wan"])
    assert (outcomes["cash_low_wan"] >= 0).all()
    assert outcomes["released_mu"].max() <= 1


def test_the_target_at_risk_is_named_with_its_cause():
    _, _, study = studied()
    row = study.tables["targets_at_risk"].iloc[0]
    assert 0 < row["chance_missed"] < 1
    assert not row["missed_as_planned"]
    said = " ".join(text.en for text in study.sentences)
    assert "the 2027 target of annual tax is missed" in said
    assert all(text.zh and text.en for text in study.sentences)


def test_the_same_for_one_process_and_for_two():
    town, made, study = studied()
    other = scenarios(town, made, ScenarioOptions(**{**vars(FEW), "workers": 2}))
    for name, table in study.tables.items():
        pd.testing.assert_frame_equal(table, other.tables[name])


def test_the_folder_holds_all_that_repeats_the_study(tmp_path):
    town, made, study = studied()
    write_study(study, tmp_path / "out")
    write_study(study, tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == sorted(
        [*(f"{name}.csv" for name in study.tables), "summary.json", "two_stage", "what_could_go_wrong.md"]
    )
    draws = read_draws(tmp_path / "out" / "draws.csv", town)
    again = [simulate(town, made.tables, draw).value_wan for draw in draws]
    own = study.tables["outcomes"]
    assert again == pytest.approx(own.loc[own["plan"] == "deterministic", "value_wan"].tolist(), rel=1e-9)
    assert read_uncertainty(tmp_path / "out" / "uncertainty.csv") == FEW.uncertainty
    two = read_plan(tmp_path / "out" / "two_stage")
    assert two.summary["value_wan"] == pytest.approx(study.two_stage.summary["value_wan"])
    assert json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["seed"] == 5


def test_switching_off_what_hurts_helps():
    town = two_firms()
    book = open_playbook(town, plan(town).tables)
    with Workers() as workers:
        own = simulate_all(book, LUCK, 0.3, workers)
        off = {name: simulate_all(book, [without(draw, name) for draw in LUCK], 0.3, workers) for name in FACTORS}
    table = factor_table(own, off, 0.5).set_index("factor")
    # A comes in half of the draws: 20, 20, 0, 0; as planned always 10
    assert table.loc["landing", "cvar_gain_wan"] == pytest.approx(10)
    assert table.loc["title", "cvar_gain_wan"] == pytest.approx(0)


def test_robust_decisions_by_hand():
    def tables(*sites):
        empty = pd.DataFrame()
        rows = [{"site_id": s, "mode": "m", "start_year": y} for s, y in sites]
        return {"plan_sites": pd.DataFrame(rows), **dict.fromkeys(("plan_works", "plan_facilities"), empty)} | {
            "plan_utilities": empty
        }

    own, two = tables(("a", 2026), ("b", 2026), ("c", 2027)), tables(("a", 2026), ("c", 2027))
    single = [tables(("a", 2026), ("c", 2027)), tables(("a", 2026), ("b", 2026))]
    table = robust_table(own, two, single, 0.9)
    assert list(table.columns) == COLUMNS
    assert dict(zip(table["id"], table["verdict"], strict=True)) == {"a": "robust", "b": "depends", "c": "depends"}
    assert first_change(table) == {"decision": "site", "id": "b", "option": "m", "year": 2026, "share": 0.5}
    assert first_change(table[table["id"] == "a"]) is None


@pytest.mark.parametrize("wrong", [{"count": 0}, {"omega": 1.5}, {"alpha": 1.0}, {"workers": 0}, {"first_years": 0}])
def test_options_out_of_range_are_refused(wrong):
    town, made, _ = studied()
    with pytest.raises(InputError):
        scenarios(town, made, ScenarioOptions(**wrong))


def test_without_a_plan_there_is_nothing_to_study():
    with pytest.raises(InputError, match="no plan"):
        scenarios(two_firms(), PlanResult({}, {"value_wan": None}))


def test_the_command(tmp_path, monkeypatch, capsys):
    town, made, _ = studied()
    write_town(town, tmp_path / "town")
    write_plan(made, tmp_path / "plan")
    write_tables(tmp_path, {"u": pd.DataFrame([{"parameter": "title_slip_one_year", "value": 0.5}])})

    def run(*words: object) -> int:
        monkeypatch.setattr(sys, "argv", ["zhenxing", "scenarios", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main.run()
        return int(ended.value.code or 0)

    place = [tmp_path / "town", tmp_path / "plan", "--out", tmp_path / "out"]
    few = ["--count", "5", "--solve-count", "1", "--seconds", "600", "--workers", "1", "--lang", "en"]
    assert run(*place, *few, "--uncertainty", tmp_path / "u.csv") == 0
    shown = capsys.readouterr()
    assert "Carried out under 5 draws" in shown.out
    assert "title_slip_one_year,0.5" in (tmp_path / "out" / "uncertainty.csv").read_text(encoding="utf-8")
    (tmp_path / "u.csv").write_text("parameter,value\nluck,1\n", encoding="utf-8")
    assert run(*place, *few, "--uncertainty", tmp_path / "u.csv") == 2
    assert "luck" in capsys.readouterr().err
    summary = json.loads((tmp_path / "plan" / "summary.json").read_text(encoding="utf-8"))
    summary["inputs_sha256"] = "0" * 64
    (tmp_path / "plan" / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    assert run(*place, *few) == 0
    assert "has changed since" in capsys.readouterr().err
