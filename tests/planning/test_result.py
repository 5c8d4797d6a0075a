"""Plans as tables and files: classes split again, sums, round trips, the same bytes for the same work."""

from __future__ import annotations

import json

import pytest
from compiled import PLAIN, best
from tiny_towns import make_town, random_town

from zhenxing import schema
from zhenxing.errors import SourceError
from zhenxing.planning.options import PlanOptions
from zhenxing.planning.plan import plan
from zhenxing.planning.result import PlanResult, read_plan, write_plan
from zhenxing.planning.value import PARTS
from zhenxing.samples import random_town as sample_town
from zhenxing.store import inputs_sha256


def alike():
    """Return four alike firms under two ids and one that the town holds already, one landing a year."""
    return make_town(
        {**PLAIN, "horizon_years": 3},
        {
            "parks": [{"park_id": "p"}, {"park_id": "q"}],
            "candidates": [
                {"candidate_id": "b", "count": 1, "annual_tax_wan": 6, "effort_months": 1, "jobs": 5},
                {"candidate_id": "a", "count": 2, "annual_tax_wan": 6, "effort_months": 1, "name": "another"},
                {"candidate_id": "z", "count": 1, "annual_tax_wan": 6, "effort_months": 2},
            ],
            "placements": [{"candidate_id": name, "park_id": park} for name in "abz" for park in "pq"],
            "park_supply": [{"park_id": "p", "resource": "power", "amount": 2}, {"park_id": "q", "resource": "power", "amount": 1}],
            "candidate_uses": [{"candidate_id": name, "resource": "power", "amount": 1} for name in "ab"],
            "budget": [{"year": year, "own_funds_wan": 0, "effort_months": 1} for year in (2026, 2027, 2028)],
        },
    )  # fmt: skip


def test_classes_are_split_into_their_candidates():
    # one of a and b lands each year (18 + 12 + 6), two in p and one in q; z needs more effort than a year has
    result = best(alike())
    assert result.summary["value_wan"] == pytest.approx(36)
    landed = result.tables["plan_landings"]
    assert landed.groupby("candidate_id")["count"].sum().to_dict() == {"a": 2, "b": 1}
    assert landed.groupby("park_id")["count"].sum().to_dict() == {"p": 2, "q": 1}
    assert sorted(landed["year"]) == [2026, 2027, 2028]


def test_the_summary():
    town = alike()
    summary = best(town).summary
    assert list(summary["parts"]) == list(PARTS)
    assert summary["gap"] <= 1e-6
    assert summary["bound_wan"] >= summary["value_wan"]
    assert summary["method"].startswith("joint")
    assert summary["inputs_sha256"] == inputs_sha256(town)
    assert set(summary["versions"]) >= {"zhenxing", "highspy", "python"}
    assert summary["seconds"] >= 0


@pytest.mark.parametrize("seed", [8, 21])
def test_a_written_plan_reads_back(seed, tmp_path):
    result = plan(random_town(seed), PlanOptions(seconds=60))
    files = write_plan(result, tmp_path)
    assert {file.name for file in files} == {*(f"{name}.csv" for name in schema.PLAN_RESULT_TABLES), "summary.json"}
    back = read_plan(tmp_path)
    assert back.summary == json.loads(json.dumps(result.summary))
    for name in schema.PLAN_RESULT_TABLES:
        one, other = result.tables[name], back.tables[name]
        assert list(one.columns) == list(other.columns)
        assert one.to_dict("list") == {
            column: pytest.approx(values, rel=1e-9) if one[column].dtype == float else values
            for column, values in other.to_dict("list").items()
        }


def refuse(token):
    raise AssertionError(f"{token} in JSON")


def test_json_holds_no_numbers_that_are_none(tmp_path):
    nothing = {name: schema.empty(name) for name in schema.PLAN_RESULT_TABLES}
    summary = {
        "value_wan": None,
        "bound_wan": float("inf"),
        "gap": float("nan"),
        "parts": None,
        "status": "time_limit_without_plan",
    }
    write_plan(PlanResult(nothing, summary), tmp_path)
    text = (tmp_path / "summary.json").read_text(encoding="utf-8")
    assert json.loads(text, parse_constant=refuse) == {**summary, "bound_wan": None, "gap": None}


def test_a_folder_without_a_plan_holds_the_summary_alone(tmp_path):
    write_plan(best(alike()), tmp_path)
    nothing = {name: schema.empty(name) for name in schema.PLAN_RESULT_TABLES}
    write_plan(PlanResult(nothing, {"value_wan": None, "status": "time_limit_without_plan"}), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["summary.json"]
    assert not read_plan(tmp_path).has_plan
    assert all(len(table) == 0 for table in read_plan(tmp_path).tables.values())


def test_an_unreadable_plan_is_named(tmp_path):
    with pytest.raises(SourceError, match="summary"):
        read_plan(tmp_path / "nowhere")
    (tmp_path / "summary.json").write_text("{", encoding="utf-8")
    with pytest.raises(SourceError):
        read_plan(tmp_path)


@pytest.mark.parametrize(
    ("size", "family"),
    [("XS", "balanced"), ("XS", "deep-park"), pytest.param("S", "balanced", marks=pytest.mark.slow)],
)
def test_equal_work_writes_equal_bytes(size, family, tmp_path):
    for attempt in ("one", "other"):
        town = sample_town(size, family, seed=4)
        write_plan(plan(town, PlanOptions(work=3, seed=2)), tmp_path / attempt)
    one, other = (
        {file.name: file.read_bytes() for file in (tmp_path / attempt).iterdir()} for attempt in ("one", "other")
    )
    assert one == other
    assert json.loads(one["summary.json"])["seconds"] is None
