"""Import a register of firms: Parquet file to stored town, beside reading and writing the same file with pandas alone.

Usage: python benchmarks/import_register.py REGISTER.parquet [--repeat N]

Both run in child processes of this script, one after the other. CPU seconds are counted from after the libraries are
imported to the end of the program; the peak is the largest resident memory of the child, libraries included.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def zhenxing(register: Path, place: Path) -> dict[str, float]:
    """Import the register into a folder town, with codes, capital, addresses, provenance and the account of rows."""
    import geopandas  # noqa: F401  libraries are imported before the clock starts
    import pandera.pandas  # noqa: F401  as above
    import pyarrow.parquet  # noqa: F401  as above

    from zhenxing.importers import import_files
    from zhenxing.store import write_town

    start = time.process_time(), time.perf_counter()
    result = import_files(register)
    write_town(result.town, place / "town")
    return _measured(start, int(result.accounts["imported"].sum()))


def pandas(register: Path, place: Path) -> dict[str, float]:
    """Read the register and write it as CSV: no checks, no ids, no provenance."""
    import pandas as pd
    import pyarrow.parquet  # noqa: F401  libraries are imported before the clock starts

    start = time.process_time(), time.perf_counter()
    frame = pd.read_parquet(register)
    frame.to_csv(place / "firms.csv", index=False)
    return _measured(start, len(frame))


def _measured(start: tuple[float, float], rows: int) -> dict[str, float]:
    return {
        "rows": rows,
        "cpu_s": time.process_time() - start[0],
        "wall_s": time.perf_counter() - start[1],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _child(what: str, register: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, str(register), "--run", what], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Run both in turn and print their figures and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("register", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--run", choices=["zhenxing", "pandas"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        with tempfile.TemporaryDirectory() as place:
            measure = zhenxing if given.run == "zhenxing" else pandas
            print(json.dumps(measure(given.register, Path(place))))
        return
    best: dict[str, dict[str, float]] = {}
    for _ in range(given.repeat):
        for what in ("pandas", "zhenxing"):
            measured = _child(what, given.register)
            if what not in best or measured["cpu_s"] < best[what]["cpu_s"]:
                best[what] = measured
    print(f"{'':10} {'rows':>8} {'CPU s':>8} {'wall s':>8} {'rows/s':>10} {'peak MB':>8}   (best of {given.repeat})")
    for what, one in best.items():
        speed = one["rows"] / one["cpu_s"]
        figures = f"{one['cpu_s']:8.2f} {one['wall_s']:8.2f} {speed:10,.0f} {one['peak_mb']:8.0f}"
        print(f"{what:10} {one['rows']:8.0f} {figures}")
    ours, bare = best["zhenxing"], best["pandas"]
    print(f"ratio of CPU time to bare reading and writing: {ours['cpu_s'] / bare['cpu_s']:.1f}")
    print(f"ratio of peak memory: {ours['peak_mb'] / bare['peak_mb']:.2f}")


if __name__ == "__main__":
    main()
