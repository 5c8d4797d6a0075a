"""The main job on the bundled example, as an analyst would type it; ends with the paths of what it made."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

# Small budgets: the whole demo is to end within two minutes on an idle machine of two cores.
PLAN_SECONDS, COMPARING_SECONDS, EXPLAINING_SECONDS = 34, 8, 22


def main() -> int:
    """Run sample, import, check, diagnose, plan, check-plan, report and site list; stop at the first failure."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else "demo")
    shutil.rmtree(root, ignore_errors=True)
    town, diagnosis, plan, report = (root / name for name in ("guzhen.gpkg", "diagnosis", "plan", "report"))
    seconds = ["--seconds", str(COMPARING_SECONDS), "--explain-seconds", str(EXPLAINING_SECONDS)]
    steps = [
        ["sample", "guzhen", str(root / "sample")],
        ["import", str(root / "sample" / "files"), str(town)],
        ["check", str(town)],
        ["diagnose", str(town), "--out", str(diagnosis), "--apply"],
        ["plan", str(town), "--out", str(plan), "--seconds", str(PLAN_SECONDS), "--progress"],
        ["check-plan", str(town), str(plan)],
        ["report", str(town), str(plan), "--out", str(report), "--diagnosis", str(diagnosis), *seconds],
        ["sitelist", str(town), str(plan), "--year", "2027", "--out", str(report / "sitelist-2027.xlsx")],
    ]
    command = Path(sys.executable).with_name("zhenxing")
    began = time.perf_counter()
    for step in steps:
        print(f"\n$ zhenxing {' '.join(step)}", flush=True)
        code = subprocess.call([str(command), *step])
        if code != 0:
            print(f"zhenxing {step[0]}: exit {code}", file=sys.stderr)
            return code
    print(f"\n{time.perf_counter() - began:.0f} s")
    for path in [
        town,
        diagnosis / "summary.json",
        plan / "summary.json",
        *sorted(report.glob("*.*")),
        report / "figures",
    ]:
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
