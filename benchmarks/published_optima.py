"""Published optima through town folders: value, proven bound, gap and seconds of every problem beside the optimum.

``python benchmarks/published_optima.py --only Lib_1,Lib_3_1/p1,gap7 --seconds 60`` with ``ZHENXING_DATA`` naming the
folder of the published files. Ends with exit code 1 when a value lies beyond its optimum or a bound short of it, which
no correct program can do.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from orlib import assignment_folder, location_folder, read_assignments, read_locations

from zhenxing.planning.options import PlanOptions
from zhenxing.planning.plan import plan
from zhenxing.store import read_town

TOLERANCE = 1e-6
HEADING = (
    f"{'problem':<12}{'optimum':>13}{'value':>13}{'bound':>13}{'gap':>9}{'off':>9}{'wall s':>8}{'cpu s':>8}  status"
)


def towns(data: Path, only: list[str], folder: Path) -> Iterator[tuple[str, float, Path]]:
    """Yield the name, the published optimum in the sense of a plan's value, and the town folder of each problem."""

    def wanted(name: str) -> bool:
        return not only or any(name == one or name.startswith((f"{one}/", f"{one}-")) for one in only)

    for library in ("Lib_1", "Lib_3_1"):
        for place in read_locations(data, library):
            if wanted(place.name):
                yield place.name, -place.optimum, location_folder(place, folder / place.name)
    for task in read_assignments(data):
        if wanted(task.name):
            yield task.name, task.optimum, assignment_folder(task, folder / task.name)


def run(name: str, optimum: float, folder: Path, seconds: float) -> tuple[bool, bool]:
    """Plan one problem and print its line; return whether nothing impossible is claimed and whether it is proved."""
    wall, cpu = time.perf_counter(), time.process_time()
    summary = plan(read_town(folder), PlanOptions(seconds=seconds)).summary
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    value, bound, gap = summary["value_wan"], summary["bound_wan"], summary["gap"]
    room = TOLERANCE * max(1.0, abs(optimum))
    sound = (value is None or value <= optimum + room) and (bound is None or bound >= optimum - room)
    off = None if value is None else (optimum - value) / max(1.0, abs(optimum))
    figures = [_shown(number, 13, ".2f") for number in (optimum, value, bound)] + [
        _shown(share, 9, ".3%") for share in (gap, off)
    ]
    remark = summary["status"] if sound else f"{summary['status']} BEYOND THE OPTIMUM"
    print(f"{name:<12}{''.join(figures)}{wall:>8.1f}{cpu:>8.1f}  {remark}", flush=True)
    return sound, summary["status"] == "optimal" and off is not None and abs(off) <= TOLERANCE


def _shown(number: float | None, width: int, form: str) -> str:
    return f"{'-':>{width}}" if number is None else f"{number:>{width}{form}}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", default="Lib_1,Lib_3_1", help="problems, files or libraries, separated by commas; empty = all"
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="wall seconds of one problem")
    options = parser.parse_args()
    data = os.environ.get("ZHENXING_DATA")
    if not data:
        print("ZHENXING_DATA names no folder of published problems", file=sys.stderr)
        return 2
    print(HEADING)
    with tempfile.TemporaryDirectory() as folder:
        problems = towns(Path(data), [name for name in options.only.split(",") if name], Path(folder))
        outcomes = [run(*problem, options.seconds) for problem in problems]
    proved = sum(done for _, done in outcomes)
    print(f"{len(outcomes)} problems: {proved} proved equal to the published optimum, {len(outcomes) - proved} open")
    return 0 if all(sound for sound, _ in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
