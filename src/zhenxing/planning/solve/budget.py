"""How the effort of a search is given."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """How the effort of a search is given.

    Parameters
    ----------
    work : int, optional
        Units of repeatable work (rounds of improvement, nodes of the proof) instead of time.
    threads, seed : int
        HiGHS threads; seed of the search's own choices and of HiGHS.
    """

    work: int | None = None
    threads: int = 1
    seed: int = 0
