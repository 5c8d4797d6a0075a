"""Distances between firms beside scipy: equal counts, CPU seconds of both in one run.

Usage: python -m benchmarks.diagnosis.distances [--permutations N]

The points are drawn, not real. Compiled code is warmed up first; the seconds of that are shown on their own line.
"""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist

from zhenxing.diagnosis.distances import kd, kd_envelope, m_envelope, m_function
from zhenxing.diagnosis.distances.counting import Lattice, count

SIDE = 10_000
CELL = 10.0
BINS = 600


def points(n: int, seed: int) -> pd.DataFrame:
    """Return n firms on a 10 km square at whole cells of 10 m: half in twenty clusters, half anywhere."""
    random = np.random.default_rng(seed)
    centre = random.uniform(1500, 8500, (20, 2))[random.integers(0, 20, n)]
    place = np.where(
        random.random((n, 1)) < 0.5, centre + random.normal(0, 400, (n, 2)), random.uniform(0, SIDE, (n, 2))
    )
    place = np.clip((place / CELL).round(), 0, SIDE / CELL) * CELL
    return pd.DataFrame({"x": place[:, 0] + 500_000, "y": place[:, 1] + 2_500_000, "weight": random.integers(1, 99, n)})


def cells(table: pd.DataFrame) -> Lattice:
    x, y = (((table[axis] - table[axis].min()) / CELL).round().to_numpy(dtype=np.int64) for axis in ("x", "y"))
    return Lattice(x, y, np.empty(0))


def by_scipy(grid: Lattice) -> np.ndarray:
    distance = pdist(np.column_stack([grid.x, grid.y]).astype(np.float64))
    return np.bincount(np.minimum(distance.astype(np.int64), BINS), minlength=BINS + 1)


def clocked(work: Callable[[], object], repeat: int = 3) -> tuple[float, object]:
    """Return the least CPU seconds of some runs, and the result."""
    best, result = float("inf"), None
    for _ in range(repeat):
        start = time.process_time()
        result = work()
        best = min(best, time.process_time() - start)
    return best, result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--permutations", type=int, default=1000)
    given = parser.parse_args()
    rows: list[tuple[str, str, str]] = []

    def row(what: str, seconds: float, note: str = "") -> None:
        rows.append((what, f"{seconds:.3f}", note))

    five = points(5000, 1)
    radii = np.linspace(0, 3000, 101)
    start = time.process_time()
    kd(five.head(50), None, radii, cell=CELL)
    count(cells(five.head(50)), BINS, way="fft")
    m_function(five.head(50).assign(type="a"), radii, reference="a")
    row("warm-up: compile or load the machine code", time.process_time() - start)

    grid = cells(five)
    peer, theirs = clocked(lambda: by_scipy(grid))
    row("scipy pdist + bincount, 5,000 points, 600 bins", peer)
    ours, counted = clocked(lambda: count(grid, BINS, way="direct")[0])
    row(
        "pair counts, 5,000 points, compiled",
        ours,
        f"equal: {np.array_equal(theirs, counted)}; {peer / ours:.1f} times",
    )
    ours, counted = clocked(lambda: count(grid, BINS, way="fft")[0])
    row("pair counts, 5,000 points, transform", ours, f"equal: {np.array_equal(theirs, counted)}")
    ours, curve = clocked(lambda: kd(five, None, radii, cell=CELL))
    row("kd, 5,000 points, 101 distances", ours, f"counted: {curve.attrs['way']}; {peer / ours:.1f} times")
    ours, curve = clocked(lambda: kd(five, "weight", radii, cell=CELL))
    row("kd weighted, 5,000 points", ours, f"counted: {curve.attrs['way']}")

    many = points(100_000, 2)
    big = cells(many)
    ours, (_, way) = clocked(lambda: count(big, BINS))
    row("pair counts, 100,000 lattice points, 600 bins", ours, f"counted: {way}")
    ours, curve = clocked(lambda: kd(many, None, radii, cell=CELL))
    row("kd, 100,000 lattice points, 101 distances", ours, f"counted: {curve.attrs['way']}")
    chosen = np.random.default_rng(3).choice(len(many), 10_000, replace=False)
    part = big.take(chosen)
    same = np.array_equal(count(part, BINS, way="fft")[0], by_scipy(part))
    ours, brute = clocked(lambda: count(big, BINS, way="direct")[0], 1)
    whole = np.array_equal(brute, count(big, BINS, way="fft")[0])
    row("compiled comparison of all 5·10⁹ pairs", ours, f"equal: {whole}; subsample of 10,000 equal to scipy: {same}")

    sites = points(20_000, 4).assign(type=np.where(np.arange(20_000) < 5000, "lamp", "other"))
    ours, _ = clocked(
        lambda: kd_envelope(sites, None, radii, reference="lamp", permutations=given.permutations, cell=CELL), 1
    )
    row(f"kd_envelope, 5,000 of 20,000 points, {given.permutations} simulations", ours)
    small = sites.head(5000).assign(type=np.where(np.arange(5000) < 1000, "lamp", "other"))
    ours, _ = clocked(
        lambda: kd_envelope(small, None, radii, reference="lamp", permutations=given.permutations, cell=CELL), 1
    )
    row(f"kd_envelope, 1,000 of 5,000 points, {given.permutations} simulations", ours)
    rare = sites.assign(type=np.where(np.arange(20_000) < 1000, "lamp", "other"))
    ours, _ = clocked(lambda: m_function(rare, radii, reference="lamp"))
    row("m_function, 1,000 of 20,000 points", ours)
    ours, _ = clocked(lambda: m_envelope(rare, radii, reference="lamp", permutations=given.permutations), 1)
    row(f"m_envelope, 1,000 of 20,000 points, {given.permutations} simulations", ours)

    print("| task | CPU s | |\n|---|---|---|")
    for what, seconds, note in rows:
        print(f"| {what} | {seconds} | {note} |")
    if shutil.which("Rscript") is None:
        print("\nR is not installed, so dbmss was not run.")


if __name__ == "__main__":
    main()
