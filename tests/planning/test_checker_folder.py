"""Plan folders as they lie on disk: the summary against the plan, tampering, unreadable files, the commands."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner
from whole_town import TOWN, allowed_plan, balance

from zhenxing.cli.main import app
from zhenxing.errors import SourceError, TownError
from zhenxing.planning.checker import check_plan, evaluate
from zhenxing.store import inputs_sha256, write_town

PLAN = balance(allowed_plan())
VALUE = evaluate(TOWN, PLAN)


def summary(**changes):
    bound = VALUE.value_wan + 50
    content = {
        "value_wan": VALUE.value_wan,
        "bound_wan": bound,
        "gap": 50 / max(1, abs(VALUE.value_wan)),
        "status": "feasible",
        "seconds": 1.0,
        "method": "by hand",
        "versions": {},
        "inputs_sha256": inputs_sha256(TOWN),
        "parts": VALUE.parts,
    }
    return content | changes


def write(folder, content=None, plan=PLAN):
    folder.mkdir(exist_ok=True)
    for name, frame in plan.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    text = content if isinstance(content, str) else json.dumps(summary() if content is None else content)
    (folder / "summary.json").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(name="folder")
def plan_folder(tmp_path):
    return write(tmp_path / "plan")


def codes(check):
    return [finding.code for finding in check.mismatches], [finding.code for finding in check.warnings]


def test_a_true_plan_passes(folder):
    check = check_plan(TOWN, folder)
    assert check.passed
    assert codes(check) == ([], [])
    record = json.loads(json.dumps(check.record(), allow_nan=False))
    assert record["passed"] is True
    assert record["value_wan"] == pytest.approx(VALUE.value_wan)
    assert sum(record["parts"].values()) == pytest.approx(record["value_wan"])


def test_nine_significant_digits_are_enough(tmp_path):
    folder = write(tmp_path / "plan")
    for name, frame in PLAN.items():
        frame.to_csv(folder / f"{name}.csv", index=False, float_format="%.9g")
    assert check_plan(TOWN, folder).passed


def test_a_table_may_be_absent_and_columns_may_be_added(folder):
    assert not (folder / "plan_exits.csv").exists()
    PLAN["plan_sites"].assign(why="cheap").to_csv(folder / "plan_sites.csv", index=False, encoding="utf-8-sig")
    assert check_plan(TOWN, folder).passed
    (folder / "plan_exits.csv").write_text("")
    assert check_plan(TOWN, folder).passed


@pytest.mark.parametrize(
    ("changes", "mismatches", "warnings"),
    [
        ({"value_wan": VALUE.value_wan + 1}, ["value_differs"], []),
        ({"value_wan": None}, ["value_not_number"], []),
        ({"value_wan": "many"}, ["value_not_number"], []),
        ({"parts": {**VALUE.parts, "tax": VALUE.parts["tax"] + 1}}, ["value_differs"], []),
        ({"parts": None}, [], ["parts_missing"]),
        ({"parts": {**VALUE.parts, "luck": 0}}, [], ["unknown_parts"]),
        ({"bound_wan": VALUE.value_wan - 1, "gap": -1 / max(1, abs(VALUE.value_wan))}, ["bound_below"], []),
        ({"bound_wan": None, "gap": None}, [], ["bound_missing"]),
        ({"gap": 0.0}, ["gap_differs"], []),
        ({"status": "splendid"}, ["status_unknown"], []),
        ({"status": "optimal"}, [], ["status_optimal_gap"]),
        ({"status": "optimal", "bound_wan": VALUE.value_wan, "gap": 0.0}, [], []),
        ({"status": "optimal", "bound_wan": None, "gap": None}, ["status_optimal_unproven"], []),
        ({"inputs_sha256": "0" * 64}, [], ["inputs_changed"]),
        ({"inputs_sha256": None}, [], ["inputs_unnamed"]),
        ({"status": "infeasible"}, ["status_without_plan"], ["no_plan"]),
    ],
)
def test_a_tampered_summary_is_seen(folder, changes, mismatches, warnings):
    check = check_plan(TOWN, write(folder, summary(**changes)))
    assert codes(check) == (mismatches, warnings)
    assert check.passed is (not mismatches)
    json.dumps(check.record(), allow_nan=False)


def test_no_plan_is_not_a_plan_that_passes(tmp_path):
    content = {"status": "infeasible", "value_wan": None, "bound_wan": None, "gap": None}
    check = check_plan(TOWN, write(tmp_path / "none", content, plan={}))
    assert not check.passed
    assert check.evaluation is None
    assert check.mismatches == ()
    assert json.loads(json.dumps(check.record(), allow_nan=False))["value_wan"] is None


@pytest.mark.parametrize("content", ["{", "[1]", '{"value_wan": NaN}', '{"value_wan": Infinity}', ""])
def test_an_unreadable_summary(folder, content):
    with pytest.raises(SourceError, match=r"summary\.json"):
        check_plan(TOWN, write(folder, content))


def test_missing_and_unreadable_folders(tmp_path, folder):
    with pytest.raises(SourceError):
        check_plan(TOWN, tmp_path / "nowhere")
    with pytest.raises(SourceError):
        check_plan(TOWN, tmp_path)
    (folder / "plan_sites.csv").write_bytes("地块,模式\n".encode("gb18030"))
    with pytest.raises(SourceError, match=r"plan_sites\.csv"):
        check_plan(TOWN, folder)


def test_a_town_with_input_errors_cannot_be_checked(folder):
    sites = TOWN["sites"].assign(park_id="z")
    with pytest.raises(TownError) as caught:
        check_plan(TOWN.replace(sites=sites), folder)
    assert caught.value.issues[0].code == "unknown_park"
    with pytest.raises(TownError):
        check_plan(TOWN.replace(settings=type(TOWN.settings)(town=TOWN.settings.town)), folder)


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=True)


def test_the_command_and_its_exit_codes(tmp_path, folder):
    town = tmp_path / "town"
    write_town(TOWN, town)
    passed = run("check-plan", town, folder, "--lang", "en")
    assert passed.exit_code == 0
    assert "is as reported" in passed.stdout
    assert json.loads(run("check-plan", town, folder, "--json").stdout)["passed"] is True
    write(folder, plan={"plan_works": PLAN["plan_works"].assign(opening_year=2027)})
    failed = run("check-plan", town, folder)
    assert failed.exit_code == 1
    assert "建成年份" in failed.stdout
    record = json.loads(run("check-plan", town, folder, "--json").stdout)
    assert [violation["rule"] for violation in record["violations"]] == ["0 plan tables"]
    unreadable = run("check-plan", town, tmp_path / "nowhere", "--json")
    assert unreadable.exit_code == 2
    assert json.loads(unreadable.stdout)["passed"] is False
    assert isinstance(run("check-plan", town, tmp_path / "nowhere").exception, SourceError)


def test_the_input_check_and_its_exit_codes(tmp_path):
    town = tmp_path / "town"
    write_town(TOWN, town)
    clean = run("check", town, "--lang", "en")
    assert clean.exit_code == 0
    write_town(TOWN.replace(sites=TOWN["sites"].assign(park_id="z")), town)
    bad = run("check", town)
    assert bad.exit_code == 2
    assert "园区" in bad.stdout
    record = json.loads(run("check", town, "--json").stdout)
    assert record["passed"] is False
    assert "unknown_park" in {issue["code"] for issue in record["issues"]}
