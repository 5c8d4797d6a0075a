"""One measured run: one instance, one method, one process, one thread, a budget of CPU seconds.

The record holds what a table needs: the checked value, the claimed bound, the trace of better values and bounds over
CPU seconds, CPU and wall seconds, peak memory, and what ``evaluate`` found. Plans can be kept as small archives.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.plan.clock import BENCH_PYTHON, by_cpu, environment, wall
from benchmarks.plan.instances import Instance, fingerprint
from benchmarks.plan.methods import FOREIGN, METHODS, finite

Point = tuple[float, float | None, float | None]
# A plan's claimed value and the checker's may differ by this much, relatively.
TOLERANCE = 1e-6


class MissingEnvironmentError(RuntimeError):
    """The benchmark environment with CP-SAT and linopy is not there."""


def measured(name: str, method: str, cpu_seconds: float, *, seed: int = 0, keep: Path | None = None) -> dict[str, Any]:
    """Run a method on an instance in a process of its own and return its record."""
    python = sys.executable
    if method in FOREIGN:
        if not BENCH_PYTHON.exists():
            raise MissingEnvironmentError("make bench-setup")
        python = str(BENCH_PYTHON)
    command = [python, "-m", "benchmarks.plan.measure", name, method, str(cpu_seconds), "--seed", str(seed)]
    if keep is not None:
        command += ["--keep", str(keep)]
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env=environment(cpu_clock=True), check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{name} {method}: {done.stderr[-2000:]}")
    record: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    record["process_wall_s"] = round(time.perf_counter() - began, 2)
    return record


def run_here(name: str, method: str, seconds: float, seed: int, keep: Path | None) -> dict[str, Any]:
    """Run a method on an instance in this process and return its record."""
    import zhenxing.planning.checker
    import zhenxing.planning.plan
    import zhenxing.samples  # noqa: F401  libraries are imported before the clock starts

    town = Instance.of(name).town()
    trace: list[Point] = []
    start, wall_start = time.process_time(), wall()

    def record(value: float | None, bound: float | None, when: float | None = None) -> None:
        point = finite(value), finite(bound)
        last = trace[-1][1:] if trace else (None, None)
        better = (point[0] is not None and (last[0] is None or point[0] > last[0])) or (
            point[1] is not None and (last[1] is None or point[1] < last[1])
        )
        if better:
            now = time.process_time() if when is None else when
            trace.append((round(now - start, 3), *_joined(last, point)))

    outcome = METHODS[method](town, seconds, seed, record)
    cpu, elapsed = time.process_time() - start, wall() - wall_start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    checked = _checked(town, outcome.tables)
    record(checked["value"] if outcome.tables is not None else None, outcome.bound)
    if keep is not None and outcome.tables is not None and checked["violations"] == 0:
        from benchmarks.plan.archive import write_archive

        write_archive(outcome.tables, keep)
    return {
        "instance": name, "inputs_sha256": fingerprint(town), "method": method, "budget_cpu_s": seconds, "seed": seed,
        "claimed": finite(outcome.value), "bound": finite(outcome.bound), **checked,
        "cpu_s": round(cpu, 2), "wall_s": round(elapsed, 2), "clock": "cpu" if by_cpu() else "wall",
        "peak_mb": round(peak), "trace": trace,
    }  # fmt: skip


def _joined(last: tuple[float | None, float | None], point: tuple[float | None, float | None]) -> tuple[Any, Any]:
    values = [v for v in (last[0], point[0]) if v is not None]
    bounds = [b for b in (last[1], point[1]) if b is not None]
    return max(values, default=None), min(bounds, default=None)


def _checked(town: Any, tables: dict[str, Any] | None) -> dict[str, Any]:
    """Return the value that the independent checker gives a plan, and how many rules it breaks."""
    from zhenxing.planning.checker import evaluate

    if tables is None:
        return {"value": None, "violations": 0}
    found = evaluate(town, tables)
    return {"value": float(found.value_wan), "violations": len(found.violations)}


def at_cpu(trace: Iterable[Point], seconds: float) -> tuple[float | None, float | None]:
    """Return (value, bound) known after so many CPU seconds."""
    value, bound = None, None
    for when, v, b in trace:
        if when <= seconds:
            value, bound = v, b
    return value, bound


def gap_at(trace: Iterable[Point], seconds: float) -> float | None:
    """Return the proven gap of plan_model.md after so many CPU seconds; None without a plan or a bound."""
    value, bound = at_cpu(trace, seconds)
    return None if value is None or bound is None else max(bound - value, 0.0) / max(1.0, abs(value))


def primal_integral(trace: Iterable[Point], best: float, seconds: float) -> float:
    """Return the primal integral after Berthold (2013) over the first CPU seconds; less is better.

    The primal gap of a value v against the best known value b is 0 where both are 0, 1 where there is no plan or the
    signs differ, and |b − v| / max(|b|, |v|) otherwise; the integral sums it over time, so that it is the CPU seconds a
    method would have spent with nothing in hand.

    Examples
    --------
    >>> primal_integral([(2.0, 50.0, None), (6.0, 100.0, None)], 100.0, 10.0)
    4.0
    """
    total, last, gap = 0.0, 0.0, 1.0
    for when, value, _ in trace:
        if when >= seconds:
            break
        total += gap * (when - last)
        last, gap = when, _primal_gap(value, best)
    return total + gap * (seconds - last)


def _primal_gap(value: float | None, best: float) -> float:
    if value is None or value * best < 0:
        return 1.0
    scale = max(abs(best), abs(value))
    return 0.0 if scale == 0 else abs(best - value) / scale


def main() -> None:
    """Run one method in this process and print its record as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("instance")
    parser.add_argument("method", choices=list(METHODS))
    parser.add_argument("cpu_seconds", type=float)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="write the plan into this archive")
    given = parser.parse_args()
    print(json.dumps(run_here(given.instance, given.method, given.cpu_seconds, given.seed, given.keep)))


if __name__ == "__main__":
    main()
