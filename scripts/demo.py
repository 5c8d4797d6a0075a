"""The main job on the bundled example, as an analyst would type it; ends with the paths of what it made."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

# Small budgets: the whole demo is to end within two minutes on an idle machine of two cores.
PLAN_SECONDS, PRICES_SECONDS, ALTERNATIVES_SECONDS, SCENARIOS_SECONDS = 40, 12, 8, 8
REPORT_SECONDS, ANSWERS_SECONDS = 12, 6
DRAWS = 100


def main() -> int:
    """Run sample, import, check, plan, its explanations, report and site list; stop at the first failure."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else "demo")
    shutil.rmtree(root, ignore_errors=True)
    town, plan, report = root / "guzhen.gpkg", root / "plan", root / "report"
    results = {name: root / name for name in ("prices", "alternatives", "scenarios")}
    given = [str(town), str(plan), "--out"]
    steps = [
        ["sample", "guzhen", str(root / "sample")],
        ["import", str(root / "sample" / "files"), str(town)],
        ["check", str(town)],
        ["plan", str(town), "--out", str(plan), "--seconds", str(PLAN_SECONDS), "--progress"],
        ["check-plan", str(town), str(plan)],
        ["prices", *given, str(results["prices"]), "--seconds", str(PRICES_SECONDS)],
        ["alternatives", *given, str(results["alternatives"]), "--seconds", str(ALTERNATIVES_SECONDS)],
        ["scenarios", *given, str(results["scenarios"]), "--seconds", str(SCENARIOS_SECONDS), "--count", str(DRAWS)],
        ["report", *given, str(report), "--seconds", str(REPORT_SECONDS), "--explain-seconds", str(ANSWERS_SECONDS)],
        ["sitelist", str(town), str(plan), "--year", "2027", "--out", str(report / "sitelist-2027.xlsx")],
    ]
    steps[-2] += [part for name, folder in results.items() for part in (f"--{name}", str(folder))]
    command = Path(sys.executable).with_name("zhenxing")
    began = time.perf_counter()
    for step in steps:
        print(f"\n$ zhenxing {' '.join(step)}", flush=True)
        code = subprocess.call([str(command), *step])
        if code != 0:
            print(f"zhenxing {step[0]}: exit {code}", file=sys.stderr)
            return code
    print(f"\n{time.perf_counter() - began:.0f} s")
    for path in [town, plan / "summary.json", *sorted(report.glob("*.*")), report / "figures", *results.values()]:
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
