"""Ellison-Glaeser of a million firms, 1,400 industries in 3,000 regions, with the coagglomeration of all pairs.

Usage: python -m benchmarks.diagnosis.ellison_glaeser [--firms 1000000 --regions 3000 --industries 1400 --repeat 3]

One thread, long table of text labels in, two long tables out (1,400 and 979,300 rows), CPU seconds from the frame to
the tables. The data are synthetic. A plain loop over the industries in pandas stands beside it for the index alone, on
the same table; the two must agree.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.diagnosis.complexity import THREADS, memory


def make(place: Path, firms: int, regions: int, industries: int, seed: int = 0) -> None:
    """Write a synthetic table of firms."""
    import numpy as np
    import pandas as pd

    drawn = np.random.default_rng(seed)
    region = drawn.choice(regions, size=firms, p=drawn.dirichlet(np.full(regions, 0.5)))
    industry = drawn.choice(industries, size=firms, p=drawn.dirichlet(np.full(industries, 1.0)))
    table = {
        "region": np.array([f"region {number:05d}" for number in range(regions)])[region],
        "industry": np.array([f"{number:04d}" for number in range(industries)])[industry],
        "value": np.ceil(drawn.lognormal(2.5, 1.2, size=firms)),
    }
    pd.DataFrame(table).to_parquet(place)


def ours(frame: Any) -> Any:
    from zhenxing.diagnosis.concentration import coagglomeration, ellison_glaeser

    return ellison_glaeser(frame), coagglomeration(frame)


def loop(frame: Any) -> Any:
    """Return the index of every industry, one industry after the other, as the formula reads."""
    sizes = frame.groupby("region")["value"].sum()
    sizes = sizes / sizes.sum()
    room = 1 - (sizes**2).sum()
    found = {}
    for industry, plants in frame.groupby("industry"):
        shares = plants.groupby("region")["value"].sum() / plants["value"].sum()
        apart = shares.reindex(sizes.index, fill_value=0.0) - sizes
        herfindahl = ((plants["value"] / plants["value"].sum()) ** 2).sum()
        found[industry] = ((apart**2).sum() - room * herfindahl) / (room * (1 - herfindahl))
    return found


def measured(side: str, source: Path) -> dict[str, float]:
    import numpy as np
    import pandas as pd

    import zhenxing.diagnosis.concentration  # noqa: F401  libraries are imported before the clock starts

    frame = pd.read_parquet(source)
    Path("/proc/self/clear_refs").write_text("5")
    before = memory("VmRSS")
    start = time.process_time(), time.perf_counter()
    result = ours(frame) if side == "zhenxing" else loop(frame)
    taken = time.process_time() - start[0], time.perf_counter() - start[1]
    apart = float("nan")
    if side != "zhenxing":
        gamma = ours(frame)[0].set_index("industry")["gamma"]
        apart = float(np.nanmax(np.abs(gamma - pd.Series(result).reindex(gamma.index))))
    return {"cpu_s": taken[0], "wall_s": taken[1], "peak_mib": memory("VmHWM") - before, "apart": apart}


def child(side: str, source: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.diagnosis.ellison_glaeser", "--run", side, str(source)],
        env={**os.environ, **dict.fromkeys(THREADS, "1")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, default=1_000_000)
    parser.add_argument("--regions", type=int, default=3000)
    parser.add_argument("--industries", type=int, default=1400)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--run", nargs=2, metavar=("SIDE", "SOURCE"))
    given = parser.parse_args()
    if given.run:
        print(json.dumps(measured(given.run[0], Path(given.run[1]))))
        return
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "firms.parquet"
        make(source, given.firms, given.regions, given.industries)
        print(
            f"{given.firms:,} firms, {given.industries} industries x {given.regions} regions (synthetic), one thread\n"
        )
        print("| side | CPU s (median) | CPU s (each) | wall s | peak above input, MiB |\n|---|---|---|---|---|")
        for side, times in (("zhenxing", given.repeat), ("loop in pandas, index alone", 1)):
            runs = [child(side, source) for _ in range(times)]
            cpu, wall, peak = (median(run[key] for run in runs) for key in ("cpu_s", "wall_s", "peak_mib"))
            each = ", ".join(f"{run['cpu_s']:.2f}" for run in runs)
            print(f"| {side} | {cpu:.2f} | {each} | {wall:.2f} | {peak:,.0f} |", flush=True)
        print(f"\nLargest difference of gamma: {runs[-1]['apart']:.1e}")


if __name__ == "__main__":
    main()
