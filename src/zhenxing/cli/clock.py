"""Wall seconds since the process began, so that ``--seconds`` bounds the whole command, imports included."""

from __future__ import annotations

import os
import time

_LOADED = time.monotonic()


def seconds_since_start() -> float:
    """Return the wall seconds since this process was started (since this module was loaded where that is unknown)."""
    try:
        with open("/proc/self/stat", encoding="ascii") as status:
            ticks = float(status.read().rsplit(")", 1)[1].split()[19])
        return max(time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK"), 0.0)
    except (OSError, ValueError, AttributeError, IndexError):
        return time.monotonic() - _LOADED
