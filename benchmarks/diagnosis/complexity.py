"""Complexity of 3,000 regions and 1,400 industries: zhenxing beside ecomplexity, long table in and long table out.

Usage: python -m benchmarks.diagnosis.complexity [--regions 3000 --industries 1400 --repeat 5]

Needs ecomplexity (make bench-setup; run with .venv-bench/bin/python). Each side runs in a child process of its own on
one thread, reads the same Parquet file, and is measured from the frame to the finished long table. The peak is the
resident memory above that of the process with its libraries and the input frame. The peer's check of
log-supermodularity is off. Each child first writes and frees 2 GB, so that neither side pays for memory that a virtual
machine sees for the first time. The data are synthetic: regions and industries nested by capability, about a quarter
of the pairs present.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "ARROW_NUM_THREADS")
# Bytes written and given back before the clock starts, more than either side needs.
WARM = 2_000_000_000
PAIRS = {
    "rca": "location_quotient",
    "mcp": "present",
    "diversity": "diversity",
    "ubiquity": "ubiquity",
    "eci": "eci",
    "pci": "pci",
    "density": "density",
    "coi": "coi",
    "cog": "cog",
}


def make(place: Path, regions: int, industries: int, seed: int = 0) -> int:
    """Write a synthetic table of regions and industries and return its number of rows."""
    import numpy as np
    import pandas as pd

    drawn = np.random.default_rng(seed)
    capable, demanding = drawn.normal(size=regions), drawn.normal(size=industries)
    odds = 1.6 * capable[:, None] - 1.6 * demanding[None, :] - 1.9
    present = drawn.random((regions, industries)) < 1 / (1 + np.exp(-odds))
    row, column = np.nonzero(present)
    size = np.exp(0.8 * capable[row] + drawn.normal(2.0, 1.2, size=len(row)))
    names = np.array([f"region {number:05d}" for number in drawn.permutation(regions)])
    codes = np.array([f"{number:04d}" for number in drawn.permutation(industries)])
    order = drawn.permutation(len(row))
    table = {"year": 2025, "region": names[row], "industry": codes[column], "value": np.ceil(size)}
    frame = pd.DataFrame(table).iloc[order].reset_index(drop=True)
    frame.to_parquet(place)
    return len(frame)


def ours(frame: Any) -> Any:
    from zhenxing.diagnosis.complexity import complexity

    return complexity(frame, year="year", diagonal=True)


def ours_double(frame: Any) -> Any:
    from zhenxing.diagnosis.complexity import complexity

    return complexity(frame, year="year", diagonal=True, precision="double")


def peer(frame: Any) -> Any:
    from ecomplexity import ecomplexity

    names = {"time": "year", "loc": "region", "prod": "industry", "val": "value"}
    return ecomplexity(frame, names, check_logsupermodularity=False, verbose=False)


SIDES = {"zhenxing": ours, "zhenxing, double precision": ours_double, "ecomplexity 0.5.3": peer}


def memory(field: str) -> float:
    """Return a field of the process's status in MiB."""
    text = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith(field))


def measured(side: str, source: Path, target: Path) -> dict[str, float]:
    """Run one side in this process."""
    import numpy as np
    import pandas as pd
    import scipy.sparse.csgraph
    import scipy.sparse.linalg  # noqa: F401  libraries are imported before the clock starts

    import zhenxing.diagnosis.complexity  # noqa: F401  as above

    if side.startswith("ecomplexity"):
        import ecomplexity  # noqa: F401  as above
    # memory that the machine hands out for the first time costs a virtual machine as much as the work itself
    touched = np.ones(WARM // 8)
    del touched
    frame = pd.read_parquet(source)
    # the peak is counted from here, not from reading the file
    Path("/proc/self/clear_refs").write_text("5")
    before = memory("VmRSS")
    start = os.times()
    table = SIDES[side](frame)
    end = os.times()
    taken = {
        "cpu_s": end.user + end.system - start.user - start.system,
        "kernel_s": end.system - start.system,
        "wall_s": end.elapsed - start.elapsed,
    }
    peak = memory("VmHWM")
    table.to_parquet(target)
    return {**taken, "peak_mib": peak - before, "rows": len(table)}


def child(side: str, source: Path, target: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.diagnosis.complexity", "--run", side, str(source), str(target)],
        env={**os.environ, **dict.fromkeys(THREADS, "1")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def difference(left: Path, right: Path) -> dict[str, float]:
    """Return the largest absolute difference of every column of the two results."""
    import numpy as np
    import pandas as pd

    keys = ["region", "industry"]
    one = pd.read_parquet(left).sort_values(keys).reset_index(drop=True)
    other = pd.read_parquet(right).sort_values(keys).reset_index(drop=True)
    assert all((one[key].astype(str) == other[key].astype(str)).all() for key in keys)
    return {
        mine: float(np.max(np.abs(one[mine].to_numpy(dtype=float) - other[theirs].to_numpy(dtype=float))))
        for theirs, mine in PAIRS.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--regions", type=int, default=3000)
    parser.add_argument("--industries", type=int, default=1400)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--sides", nargs="*", default=list(SIDES))
    parser.add_argument("--run", nargs=3, metavar=("SIDE", "SOURCE", "TARGET"))
    given = parser.parse_args()
    if given.run:
        side, source, target = given.run
        print(json.dumps(measured(side, Path(source), Path(target))))
        return
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "input.parquet"
        rows = make(source, given.regions, given.industries)
        print(f"{given.regions} x {given.industries}, {rows:,} rows (synthetic), one thread each\n")
        print("| side | CPU s (median) | of it kernel | CPU s (each) | wall s | peak above input, MiB |")
        print("|---|---|---|---|---|---|")
        taken = {}
        for side in given.sides:
            # the peer takes a minute: once is enough beside ratios of this size
            times = 1 if side.startswith("ecomplexity") else given.repeat
            runs = [child(side, source, Path(folder) / f"{side}.parquet") for _ in range(times)]
            keys = ("cpu_s", "kernel_s", "wall_s", "peak_mib")
            cpu, kernel, wall, peak = (median(run[key] for run in runs) for key in keys)
            taken[side] = cpu, peak
            each = ", ".join(f"{run['cpu_s']:.2f}" for run in runs)
            print(f"| {side} | {cpu:.2f} | {kernel:.2f} | {each} | {wall:.2f} | {peak:,.0f} |", flush=True)
        last = given.sides[-1]
        for side in given.sides[:-1]:
            cpu, peak = (theirs / mine for theirs, mine in zip(taken[last], taken[side], strict=True))
            apart = difference(Path(folder) / f"{side}.parquet", Path(folder) / f"{last}.parquet")
            print(f"\n{side}: {cpu:.0f} x less CPU, memory 1/{peak:.1f}; largest differences: ", end="")
            print(", ".join(f"{name} {value:.1e}" for name, value in apart.items()))


if __name__ == "__main__":
    main()
