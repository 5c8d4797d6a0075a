"""Published optima, reached and proved through ordinary town folders."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from orlib import (
    Assignment,
    Location,
    assignment_folder,
    location_folder,
    published,
    read_assignments,
    read_locations,
)

from zhenxing.planning.checker import evaluate
from zhenxing.planning.options import PlanOptions
from zhenxing.planning.plan import plan
from zhenxing.store import read_town

# The solver stops at the proof; the limit only ends a test that would never end.
PATIENCE = 600.0
GAP_NAMES = [f"gap{number}-{problem}" for problem in range(1, 6) for number in range(1, 13)]
# One problem of each size, and a second one of the larger sizes: a third of all.
GAP_SAMPLE = [*GAP_NAMES[:12], *GAP_NAMES[16:24]]


def assert_optimum(folder: Path, value: float) -> None:
    town = read_town(folder)
    result = plan(town, PlanOptions(seconds=PATIENCE))
    assert result.summary["status"] == "optimal"
    assert result.summary["value_wan"] == pytest.approx(value, rel=1e-6)
    assert result.summary["bound_wan"] >= value - 1e-6 * abs(value)
    found = evaluate(town, result.tables)
    assert found.violations["en"].tolist() == []
    assert found.value_wan == pytest.approx(value, rel=1e-6)


def test_two_jobs_and_two_agents(tmp_path):
    # both jobs would rather go to agent 1 (9 + 8), whose capacity 3 holds one of them (2 each): 9 + 5 = 14
    problem = Assignment("hand", [[9.0, 8.0], [3.0, 5.0]], [[2.0, 2.0], [1.0, 1.0]], [3.0, 2.0], 14.0)
    assert_optimum(assignment_folder(problem, tmp_path), 14.0)


def test_one_large_facility_beats_two_small_ones(tmp_path):
    # facility 1 holds both customers: 10 + 1 + 4 = 15; facilities 2 and 3 hold one each: 6 + 6 + 2 + 2 = 16
    cost = [[1.0, 2.0, 9.0], [4.0, 9.0, 2.0]]
    problem = Location("hand", [7.0, 4.0, 4.0], [10.0, 6.0, 6.0], [3.0, 4.0], cost, 15.0)
    assert_optimum(location_folder(problem, tmp_path), -15.0)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_towns_of_the_how_to_page(language, tmp_path):
    page = Path(__file__).resolve().parents[2] / "docs" / language / "howto" / "allocation.md"
    files = re.findall(r"`([\w.]+)`\n\n```\w+\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    starts = [number for number, (name, _) in enumerate(files) if name == "town.toml"]
    for value, first, last in zip((14.0, -15.0), starts, [*starts[1:], len(files)], strict=True):
        folder = tmp_path / str(first)
        folder.mkdir()
        for name, text in files[first:last]:
            (folder / name).write_text(text, encoding="utf-8")
        assert_optimum(folder, value)


@pytest.mark.parametrize("name", GAP_SAMPLE)
def test_generalised_assignment(name, tmp_path):
    check_assignment(name, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in GAP_NAMES if name not in GAP_SAMPLE])
def test_generalised_assignment_of_the_other_problems(name, tmp_path):
    check_assignment(name, tmp_path)


def check_assignment(name: str, folder: Path) -> None:
    data = published("optim/gap1_12_orlib.zip")
    problem = next(one for one in read_assignments(data) if one.name == name)
    assert_optimum(assignment_folder(problem, folder), problem.optimum)


@pytest.mark.parametrize(
    "name", [*(f"Lib_1/p{number}" for number in range(1, 7)), pytest.param("Lib_3_1/p1", marks=pytest.mark.slow)]
)
def test_location_with_a_single_source(name, tmp_path):
    data = published("optim/sscflp_delmaire_orlib.zip")
    problem = next(one for one in read_locations(data, name.partition("/")[0]) if one.name == name)
    assert_optimum(location_folder(problem, tmp_path), -problem.optimum)
