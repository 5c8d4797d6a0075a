"""How a plan is to be made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from zhenxing.planning.solve.incumbent import Listener

if TYPE_CHECKING:
    import pandas as pd

Method = Literal["joint", "greedy", "staged"]


@dataclass(frozen=True)
class PlanOptions:
    """Options of ``plan``.

    Parameters
    ----------
    seconds : float
        Wall seconds for everything from the call to the finished plan.
    gap : float
        Relative gap at which to stop.
    threads, seed : int
        HiGHS threads; seed of the search.
    work : int, optional
        A fixed amount of work instead of time: the same plan byte for byte on every run.
    method : {"joint", "greedy", "staged"}
        The joint plan, or one of the baselines it is compared with.
    listener : callable, optional
        Told about every better value or bound (``planning.solve.incumbent.Progress``).
    start : mapping of str to DataFrame, optional
        Tables of a plan of the same town to begin with; the result is never worth less. For the joint plan only.
    """

    seconds: float = 60.0
    gap: float = 1e-6
    threads: int = 1
    seed: int = 0
    work: int | None = None
    method: Method = "joint"
    listener: Listener | None = None
    start: Mapping[str, pd.DataFrame] | None = None
