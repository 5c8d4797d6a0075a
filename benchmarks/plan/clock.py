"""Child processes whose clock runs on their own CPU seconds.

All methods think in seconds of a clock. In a measured process that clock is the CPU time the process has used
(``cpu_clock.c``), so that a budget means the same on a quiet and on a busy machine. Without a C compiler or on another
system than Linux the wall clock stays, and every record says so.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).with_name("cpu_clock.c")
ROOT = Path(__file__).resolve().parents[2]
BENCH_PYTHON = ROOT / ".venv-bench" / "bin" / "python"


def library() -> Path | None:
    """Return the preloaded clock, built on first use; None where it cannot be built."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        return None
    digest = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:12]
    built = Path(tempfile.gettempdir()) / f"zhenxing-cpu-clock-{os.getuid()}-{digest}.so"
    if not built.exists():
        part = built.with_suffix(f".{os.getpid()}")
        done = subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(part), str(SOURCE)], check=False)
        if done.returncode != 0:
            return None
        os.replace(part, built)
    return built


def environment(*, cpu_clock: bool) -> dict[str, str]:
    """Return the environment of a measured process: one thread everywhere, and the CPU clock if wanted."""
    chosen = {**os.environ, "PYTHONPATH": str(ROOT)}
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"):
        chosen[name] = "1"
    built = library() if cpu_clock else None
    if built is not None:
        chosen["LD_PRELOAD"] = str(built)
    return chosen


def by_cpu() -> bool:
    """Whether this process's clock runs on its CPU time."""
    return "zhenxing-cpu-clock" in os.environ.get("LD_PRELOAD", "")


def wall() -> float:
    """Return the true wall clock, which the CPU clock leaves alone."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.perf_counter() if boottime is None else time.clock_gettime(boottime)
