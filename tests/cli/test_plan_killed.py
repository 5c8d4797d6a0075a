"""A planning killed in the middle leaves the last plan as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import zhenxing


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir()) if path.is_file()}


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_kill_in_the_middle_leaves_the_last_plan_readable(tmp_path: Path) -> None:
    town = zhenxing.random_town("XS", "balanced", 0)
    zhenxing.write_town(town, tmp_path / "town")
    out = tmp_path / "plan"
    zhenxing.write_plan(zhenxing.plan(town, zhenxing.PlanOptions(work=1)), out)
    before = contents(out)
    words = ["plan", str(tmp_path / "town"), "--out", str(out), "--seconds", "60", "--gap", "0", "--progress"]
    code = "from zhenxing.cli.main import run; run()"
    running = subprocess.Popen([sys.executable, "-c", code, *words], stderr=subprocess.PIPE)
    assert running.stderr is not None
    running.stderr.readline()
    time.sleep(0.2)
    running.send_signal(signal.SIGKILL)
    running.wait()
    running.stderr.close()
    assert running.returncode == -signal.SIGKILL
    assert contents(out) == before
    assert zhenxing.read_plan(out).has_plan
