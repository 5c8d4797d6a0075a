"""Value, bound and gap of the joint plan on random towns, beside plain HiGHS and the two baselines, all in equal time.

Every run is one process of its own with one thread; wall and CPU seconds are printed, and every plan is checked by
``evaluate``, which shares no code with the model. Example::

    python benchmarks/plan_quality.py --sizes S --families balanced money-tight --seeds 0 1 --seconds 60
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

FAMILIES = ["balanced", "money-tight", "land-tight", "demand-tight", "leader-driven", "deep-park"]
METHODS = ["joint", "highs", "greedy", "staged"]


def one(size: str, family: str, seed: int, method: str, seconds: float) -> dict[str, object]:
    """Plan one town by one method in this process."""
    from zhenxing.planning.checker import evaluate
    from zhenxing.planning.options import PlanOptions
    from zhenxing.planning.plan import plan
    from zhenxing.samples import random_town

    town = random_town(size, family, seed)
    before, began = time.process_time(), time.perf_counter()
    if method == "highs":
        value, bound = _plain(town, seconds)
        violations = 0
    else:
        result = plan(town, PlanOptions(seconds=seconds, method=method))
        value, bound = result.summary["value_wan"], result.summary["bound_wan"]
        checked = evaluate(town, result.tables)
        violations = len(checked.violations) + int(abs(checked.value_wan - value) > 1e-6 * max(1.0, abs(value)))
    return {
        "size": size, "family": family, "seed": seed, "method": method, "value": value, "bound": bound,
        "gap": (bound - value) / max(1.0, abs(value)), "wall": time.perf_counter() - began,
        "cpu": time.process_time() - before, "violations": violations,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip


def _plain(town: object, seconds: float) -> tuple[float, float]:
    """Give the same formulation to HiGHS as it is: the strong simple baseline."""
    from zhenxing.milp.highs import Effort, solve_mip
    from zhenxing.planning.formulation import formulate
    from zhenxing.planning.problem import read_problem

    answer = solve_mip(formulate(read_problem(town)).model, Effort(seconds=seconds))
    return answer.value, answer.bound


def main() -> None:
    """Run all combinations, print a row each and the medians by size, family and method."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", default=["S"])
    parser.add_argument("--families", nargs="+", default=FAMILIES)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument("--methods", nargs="+", default=METHODS)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        size, family, seed, method = options.one
        print(json.dumps(one(size, family, int(seed), method, options.seconds)))
        return
    widths = {"value": 12, "bound": 12, "gap": 9, "cpu s": 8, "wall s": 8, "MB": 6}
    heads = "".join(f"{name:>{width}s}" for name, width in widths.items())
    print(f"{'town':24s}{'method':8s}{heads}  violations")
    for size in options.sizes:
        for family in options.families:
            for seed in options.seeds:
                for method in options.methods:
                    row = _in_process(size, family, seed, method, options.seconds)
                    print(
                        f"{f'{size} {family} {seed}':24s}{method:8s}{row['value']:12,.0f}{row['bound']:12,.0f}"
                        f"{row['gap']:9.2%}"
                        f"{row['cpu']:8.1f}{row['wall']:8.1f}{row['peak_mb']:6.0f}  {row['violations']}",
                        flush=True,
                    )


def _in_process(size: str, family: str, seed: int, method: str, seconds: float) -> dict[str, float]:
    command = [sys.executable, __file__, "--one", size, family, str(seed), method, "--seconds", str(seconds)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(output.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
