"""The kernel as machine code, loaded only when it is wanted."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt

from zhenxing.planning.solve.local import moves
from zhenxing.planning.solve.local.board import Board

Run = Callable[[Board, npt.NDArray[np.int64], npt.NDArray[np.int64], int, float, float], float]


@cache
def compiled() -> Run:
    """Return ``moves.run`` compiled; the machine code is kept on disk between runs of the program."""
    from numba import njit
    from numba.extending import register_jitable

    for part in moves.PARTS:
        register_jitable(part)
    run: Run = njit(cache=True)(moves.run)
    return run
