"""The suite in small: towns out and solutions back, the naive form, best known values, ablations, resumable runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.plan import best_known, runs
from benchmarks.plan.archive import read_archive, write_archive
from benchmarks.plan.clock import BENCH_PYTHON
from benchmarks.plan.couplings import COUPLINGS, ignoring, repairing
from benchmarks.plan.export import checked_solution, export, formulation_of
from benchmarks.plan.instances import FAMILIES, Instance, fingerprint, instances
from benchmarks.plan.measure import gap_at, measured, primal_integral
from benchmarks.plan.mps import read_solution
from benchmarks.plan.naive import naive_model, naive_tables
from benchmarks.plan.report import Results, full, share_closed

from zhenxing.milp.highs import Effort, solve_mip
from zhenxing.planning.checker import evaluate
from zhenxing.planning.extract import plan_tables

TINY = "XS-land-tight-0"
needs_peers = pytest.mark.skipif(
    not BENCH_PYTHON.exists(), reason="no .venv-bench: `make bench-setup` installs the peers"
)


@pytest.fixture(scope="module")
def solved() -> tuple[Any, Any, Any]:
    """A tiny town with its formulation and optimum."""
    town = Instance.of(TINY).town()
    formulation = formulation_of(town)
    return town, formulation, solve_mip(formulation.model, Effort())


def test_a_solution_of_another_solver_comes_back_through_the_exported_files(solved: Any, tmp_path: Path) -> None:
    import highspy

    _, formulation, best = solved
    place = export(Instance.of(TINY), tmp_path)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    assert solver.readModel(str(place / "model.mps.gz")) == highspy.HighsStatus.kOk
    solver.run()
    assert solver.getInfo().objective_function_value == pytest.approx(-best.value, rel=1e-6)
    solver.writeSolution(str(tmp_path / "found.sol"), 0)
    tables, found = checked_solution(Instance.of(TINY), tmp_path / "found.sol")
    assert len(found.violations) == 0
    assert found.value_wan == pytest.approx(best.value, rel=1e-6)
    vector = read_solution(formulation, tmp_path / "found.sol")
    assert formulation.model.violation(vector) < 1e-6
    assert set(tables["plan_sites"]["site_id"]) <= set(formulation.problem.sites.ids)


@pytest.mark.parametrize("name", [TINY, "XS-leader-driven-1"])
def test_the_naive_form_has_the_same_optimum(name: str) -> None:
    town = Instance.of(name).town()
    naive = naive_model(town)
    found = solve_mip(naive.compiled, Effort())
    ours = solve_mip(formulation_of(town).model, Effort())
    assert found.value == pytest.approx(ours.value, rel=1e-6)
    checked = evaluate(town, naive_tables(naive, found.solution))
    assert len(checked.violations) == 0
    assert checked.value_wan == pytest.approx(found.value, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", [str(one) for one in instances(("XS",), FAMILIES, (0, 2))])
def test_the_naive_form_has_the_same_optimum_on_every_family(name: str) -> None:
    test_the_naive_form_has_the_same_optimum(name)


def test_what_a_coupling_ignores_and_how_it_is_repaired(solved: Any) -> None:
    _, formulation, best = solved
    for coupling in COUPLINGS:
        blind = solve_mip(ignoring(formulation.model, coupling), Effort(seconds=5.0, gap=1e-3))
        assert blind.solution is not None
        if coupling != "chain":
            assert blind.value >= best.value * (1 - 2e-3)
        repaired = solve_mip(repairing(formulation, blind.solution), Effort(seconds=5.0, gap=1e-3))
        assert repaired.value <= best.value * (1 + 1e-6)
    allowed = solve_mip(repairing(formulation, best.solution), Effort())
    assert allowed.value == pytest.approx(best.value, rel=1e-6)


def test_a_plan_is_taken_only_when_checked_and_better(
    solved: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town, formulation, best = solved
    monkeypatch.setattr(best_known, "SOLUTIONS", tmp_path)
    tables = plan_tables(formulation, best.solution)
    rows: dict[str, best_known.Row] = {}
    inputs = fingerprint(town)
    broken = {**tables, "plan_sites": tables["plan_sites"].iloc[:0]}
    assert "refused" in best_known.offer_plan(rows, TINY, broken, "somebody", 1.0)
    assert "new best" in best_known.offer_plan(rows, TINY, tables, "somebody", 1.0)
    assert "not above" in best_known.offer_plan(rows, TINY, tables, "another", 1.0)
    assert rows[TINY].value_method == "somebody"
    assert "no proof" in best_known.offer_bound(rows, TINY, inputs, best.value, "cp-sat", 1.0)
    assert "new lowest" in best_known.offer_bound(rows, TINY, inputs, best.value * 1.01, "highs", 1.0)
    with pytest.raises(SystemExit, match="one of them is wrong"):
        best_known.offer_bound(rows, TINY, inputs, best.value * 0.99, "highs", 1.0)
    best_known.write_table(rows, tmp_path / "table.csv")
    assert best_known.read_table(tmp_path / "table.csv")[TINY].gap == pytest.approx(0.01, rel=1e-3)
    again = evaluate(town, read_archive(tmp_path / f"{TINY}.zip"))
    assert again.value_wan == pytest.approx(best.value, rel=1e-9)


def test_an_archive_is_the_same_bytes_for_the_same_plan(solved: Any, tmp_path: Path) -> None:
    _, formulation, best = solved
    tables = plan_tables(formulation, best.solution)
    for name in ("one", "two"):
        write_archive(tables, tmp_path / f"{name}.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def _stored(sizes: tuple[str, ...]) -> list[best_known.Row]:
    return [row for row in best_known.read_table().values() if Instance.of(row.instance).size in sizes]


def _assert_unchanged(rows: list[best_known.Row]) -> None:
    changed = best_known.changed({row.instance: row for row in rows})
    assert not changed, (
        f"random_town draws other towns than those best_known.csv was made for: {changed}. Their values and bounds say "
        "nothing now. Run `python -m benchmarks.plan best-known --drop-changed` and measure them again."
    )


def _assert_verified(rows: list[best_known.Row]) -> None:
    for row in rows:
        found = evaluate(Instance.of(row.instance).town(), read_archive(best_known.solution_path(row.instance)))
        assert len(found.violations) == 0, row.instance
        assert found.value_wan == pytest.approx(row.value_wan, rel=1e-8), row.instance
        assert row.bound_wan is None or row.bound_wan >= found.value_wan * (1 - 1e-6), row.instance


def test_the_towns_are_those_the_best_known_values_were_made_for() -> None:
    _assert_unchanged([*_stored(("XS",))[:4], *_stored(("S",))[::7], *_stored(("M",))[:1]])


def test_some_best_known_values_are_verified_by_the_checker() -> None:
    _assert_verified([row for row in [*_stored(("S",))[:1], *_stored(("M",))[:1]] if row.value_wan is not None])


@pytest.mark.slow
def test_all_best_known_values_are_verified_by_the_checker() -> None:
    rows = _stored(("XS", "S", "M", "L", "XL"))
    _assert_unchanged(rows)
    _assert_verified([row for row in rows if row.value_wan is not None])


def test_the_stored_plans_stay_small() -> None:
    assert sum(file.stat().st_size for file in best_known.SOLUTIONS.glob("*.zip")) < 2_000_000


def test_figures_of_a_trace() -> None:
    trace = [(1.0, None, 120.0), (2.0, 50.0, 120.0), (6.0, 100.0, 110.0)]
    assert primal_integral(trace, 100.0, 10.0) == pytest.approx(4.0)
    assert primal_integral([], 100.0, 10.0) == 10.0
    assert primal_integral([(1.0, -5.0, None)], 100.0, 10.0) == 10.0
    assert gap_at(trace, 3.0) == pytest.approx(70.0 / 50.0)
    assert gap_at(trace, 1.5) is None
    assert share_closed(95.0, 90.0, 100.0) == pytest.approx(0.5)
    assert share_closed(100.0, 100.0, 100.0) is None


def test_a_stopped_table_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def pretend(name: str, method: str, seconds: float, *, seed: int, keep: Path) -> dict[str, Any]:
        asked.append(name)
        value = 90.0 if method == "highs" else 96.0
        return {
            "instance": name, "method": method, "budget_cpu_s": seconds, "seed": seed, "value": value, "bound": 100.0,
            "violations": 0, "cpu_s": seconds, "wall_s": seconds, "peak_mb": 100, "trace": [(1.0, value, 100.0)],
        }  # fmt: skip

    monkeypatch.setattr(runs, "measured", pretend)
    wanted = runs.jobs([runs.Batch("M", ("joint", "highs"), 1.0, (0, 1))])
    assert [Instance.of(job.instance).family for job in wanted[:12:2]] == list(FAMILIES)
    options: dict[str, Any] = {"minutes": 10.0, "at_once": 2, "keep_old": False, "say": lambda _line: None}
    assert runs.run_all(wanted[:5], tmp_path, **options) == 5
    with (tmp_path / "runs.jsonl").open("a") as file:
        file.write('{"instance": "broken off')
    assert runs.run_all(wanted, tmp_path, **options) == len(wanted) - 5
    assert len(asked) == len(wanted)
    rows = {str(one): best_known.Row(str(one), 97.0, "joint", 1.0, 100.0, "highs", 1.0) for one in instances(("M",))}
    text = full(Results(runs.read_runs(tmp_path / "runs.jsonl"), rows))
    assert "| money-tight | 60.0 % (60.0 … 60.0, n=2) | 6.7 % (6.7 … 6.7, n=2) | 0 | 0 |" in text


def test_a_measured_run_has_a_checked_value_and_a_trace(tmp_path: Path) -> None:
    record = measured(TINY, "joint", 3.0, keep=tmp_path / "plan.zip")
    assert record["violations"] == 0
    assert record["value"] == pytest.approx(record["claimed"], rel=1e-6)
    assert record["bound"] >= record["value"] * (1 - 1e-6)
    assert record["trace"][-1][1] == pytest.approx(record["value"], rel=1e-9)
    assert (tmp_path / "plan.zip").exists()
    json.dumps(record)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["highs", "naive", "greedy", "staged", "without-land", "without-title"])
def test_every_peer_returns_plans_that_keep_the_rules(method: str, solved: Any) -> None:
    record = measured(TINY, method, 3.0)
    assert record["violations"] == 0
    assert record["value"] <= solved[2].value * (1 + 1e-6)


@needs_peers
@pytest.mark.slow
def test_cp_sat_returns_plans_that_keep_the_rules(solved: Any) -> None:
    record = measured(TINY, "cp-sat", 10.0)
    assert record["violations"] == 0
    assert record["bound"] is None
    assert record["value"] == pytest.approx(solved[2].value, rel=1e-3)


@needs_peers
@pytest.mark.slow
def test_linopy_builds_the_same_rows() -> None:
    from benchmarks.plan.build_time import _child

    ours, theirs = _child(TINY, "zhenxing"), _child(TINY, "linopy")
    assert ours["nonzeros"] == theirs["nonzeros"] > 0
    assert np.isclose(abs(ours["relaxation"]), abs(theirs["relaxation"]), rtol=1e-6)
