"""Wall seconds of a command, so that ``--seconds`` bounds all of it, the start of Python and the imports included."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

_process_start: list[float] = []


def count_from_process_start() -> None:
    """Let stopwatches count from the start of this process: for a process that runs one command."""
    _process_start[:] = [_started()]


def count_from_call() -> None:
    """Let stopwatches count from their own call again."""
    _process_start.clear()


def stopwatch() -> Callable[[], float]:
    """Return a function that tells the seconds since the command began.

    In a process that runs one command that is the process's own start; in a longer one it is this call.
    """
    began = _process_start[0] if _process_start else time.monotonic()
    return lambda: time.monotonic() - began


def _started() -> float:
    """Return when this process was started, on the monotonic clock; now, where the system does not tell."""
    try:
        with open("/proc/self/stat", encoding="ascii") as status:
            ticks = float(status.read().rsplit(")", 1)[1].split()[19])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
        return time.monotonic() - max(age, 0.0)
    except (OSError, ValueError, AttributeError, IndexError):
        return time.monotonic()
