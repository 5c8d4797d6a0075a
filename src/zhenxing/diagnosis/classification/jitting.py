"""Machine code of the loops, where numba is installed; the code is kept on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

Loop = TypeVar("Loop", bound=Callable[..., object])


def part(function: Loop) -> Loop:
    """Let a loop be called by a compiled one; without numba it stays what it is."""
    try:
        from numba.extending import register_jitable
    except ImportError:
        return function
    return register_jitable(function)


def whole(function: Loop) -> Loop | None:
    """Return a loop compiled, free of the interpreter's lock, or None without numba."""
    try:
        from numba import njit
    except ImportError:
        return None
    return cast("Loop", njit(cache=True, nogil=True)(function))
