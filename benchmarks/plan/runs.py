"""Many measured runs, unattended: what is done is kept line by line, so that a stopped run goes on where it was."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.plan.clock import ROOT
from benchmarks.plan.instances import FAMILIES, SEEDS, Instance
from benchmarks.plan.measure import MissingEnvironmentError, measured
from benchmarks.plan.methods import STAGED

# Start of Python, imports and the drawing of the town, in seconds of a core, beside the budget of a run.
OVERHEAD = 7.0
# What makes a run outdated when it changes: the model, the search and the towns.
SOURCES = ("milp", "planning/constraints", "planning/solve", "samples")
SINGLE_SOURCES = ("candidates", "formulation", "horizon", "plan", "problem", "value", "variables")


@dataclass(frozen=True)
class Job:
    """One run to be made."""

    instance: str
    method: str
    cpu_seconds: float
    seed: int = 0

    @property
    def key(self) -> tuple[str, str, float, int]:
        """What a record of this run is found by."""
        return self.instance, self.method, float(self.cpu_seconds), self.seed


@dataclass(frozen=True)
class Batch:
    """Methods on all families of one size in equal CPU."""

    size: str
    methods: tuple[str, ...]
    cpu_seconds: float
    seeds: tuple[int, ...] = SEEDS
    families: tuple[str, ...] = FAMILIES


# The main table. Order within a seed: what the goals speak of first.
MAIN = (
    Batch("M", ("joint", "highs"), 40.0),
    Batch("S", ("joint",), 60.0),
    Batch("M", ("joint",), 60.0),
    Batch("L", ("joint", "staged"), 60.0, (0,), ("balanced",)),
    Batch("XL", ("joint",), 60.0, (0,), ("balanced",)),
    Batch("M", ("staged-land-first", "staged-firms-first", "staged"), 40.0),
    Batch("S", ("highs", "staged"), 60.0),
)
PEERS = (
    Batch("M", ("joint", "highs", "naive", "cp-sat-8", *STAGED, "greedy"), 40.0),
    Batch("S", ("joint", "highs", "naive", "cp-sat", "cp-sat-8", *STAGED, "greedy"), 40.0),
    Batch("XS", ("joint", "highs", "naive", "cp-sat", "staged", "greedy"), 10.0),
)
# An hour of CPU on a bound would be the best; ten minutes already lower most of them.
BOUNDS = (Batch("M", ("highs",), 600.0), Batch("S", ("highs",), 600.0))
ABLATION = ("joint", "without-land", "without-money", "without-chain", "without-title")
COUPLINGS = (Batch("S", ABLATION, 40.0), Batch("M", ABLATION, 40.0))
TABLES = {"main": MAIN, "peers": PEERS, "bounds": BOUNDS, "couplings": COUPLINGS}


def jobs(batches: Iterable[Batch]) -> list[Job]:
    """Return the runs of batches, seed by seed, each family in turn, so that a short time covers all families."""
    chosen = list(batches)
    return [
        Job(str(Instance(batch.size, family, seed)), method, batch.cpu_seconds)
        for seed in SEEDS
        for batch in chosen
        if seed in batch.seeds
        for family in batch.families
        for method in batch.methods
    ]


@cache
def code_fingerprint(method: str) -> str:
    """Return a short fingerprint of the program's parts that decide what a run of a method finds."""
    source = ROOT / "src" / "zhenxing"
    files = [file for part in SOURCES for file in (source / part).rglob("*.py")]
    singles = (*SINGLE_SOURCES, "baselines") if method in (*STAGED, "greedy") else SINGLE_SOURCES
    files += [source / "planning" / f"{name}.py" for name in singles]
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.relative_to(source).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def read_runs(path: Path) -> list[dict[str, Any]]:
    """Return the records of a file of runs; a line broken off by a crash is passed over."""
    if not path.exists():
        return []
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def latest(records: Iterable[dict[str, Any]]) -> dict[tuple[str, str, float, int], dict[str, Any]]:
    """Return the last record of every run."""
    return {(r["instance"], r["method"], float(r["budget_cpu_s"]), r["seed"]): r for r in records}


def run_all(
    wanted: list[Job],
    folder: Path,
    *,
    minutes: float,
    at_once: int,
    keep_old: bool,
    say: Callable[[str], None] = print,
) -> int:
    """Make the runs that are missing until the time is over; return how many were made."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "runs.jsonl"
    for job in wanted:
        code_fingerprint(job.method)  # of the program as it is now, not when the run ends
    known = latest(read_runs(path)).items()
    done = {key for key, r in known if keep_old or r.get("code") == code_fingerprint(r["method"])}
    waiting = iter([job for job in wanted if job.key not in done])
    until, made = time.monotonic() + 60.0 * minutes, 0
    with ThreadPoolExecutor(at_once) as pool:
        running: dict[Future[dict[str, Any]], Job] = {}
        _start(pool, waiting, running, at_once, until, folder)
        while running:
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                made += _finish(future, running.pop(future), path, say)
            _start(pool, waiting, running, at_once, until, folder)
    return made


def _start(
    pool: ThreadPoolExecutor,
    waiting: Iterator[Job],
    running: dict[Future[dict[str, Any]], Job],
    at_once: int,
    until: float,
    folder: Path,
) -> None:
    """Start runs while there is room and time for them; a run that no longer fits leaves room for shorter ones."""
    while len(running) < at_once:
        job = next(waiting, None)
        if job is None:
            return
        if time.monotonic() + job.cpu_seconds + OVERHEAD > until:
            continue
        keep = folder / "plans" / plan_file(job)
        running[pool.submit(measured, job.instance, job.method, job.cpu_seconds, seed=job.seed, keep=keep)] = job


def plan_file(job: Job) -> str:
    """Return the file name of the plan of a run."""
    return f"{job.instance}_{job.method}_{job.cpu_seconds:g}s_{job.seed}.zip"


def _finish(future: Future[dict[str, Any]], job: Job, path: Path, say: Callable[[str], None]) -> int:
    try:
        record = future.result()
    except MissingEnvironmentError:
        say(f"{job.instance} {job.method}：先运行 make bench-setup / run make bench-setup first")
        return 0
    except RuntimeError as fault:
        say(f"{job.instance} {job.method}：失败 / failed\n{fault}")
        return 0
    record |= {
        "code": code_fingerprint(job.method),
        "plan": plan_file(job),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")
    value, bound = record["value"], record["bound"]
    gap = "—" if value is None or bound is None else f"{max(bound - value, 0.0) / max(1.0, abs(value)):.2%}"
    shown = [f"{number:14,.1f}" if number is not None else f"{'—':>14s}" for number in (value, bound)]
    say(
        f"{job.instance:20s}{job.method:18s}{job.cpu_seconds:5g} s {shown[0]}{shown[1]} {gap:>9s}"
        f"  cpu {record['cpu_s']:6.1f}  wall {record['wall_s']:6.1f}  {record['peak_mb']:5d} MB"
        f"{'' if not record['violations'] else '  VIOLATIONS ' + str(record['violations'])}"
    )
    return 1
