"""What a user may choose about a report."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from zhenxing.i18n import Language

if TYPE_CHECKING:
    import pandas as pd

Edition = Literal["internal", "outward"]


@dataclass(frozen=True)
class ReportOptions:
    """Choices of a report.

    Parameters
    ----------
    edition : {"internal", "outward"}
        Outward: the same totals, unsigned firms by alias, exits and village tables left out.
    language : {"zh", "en"}
        Language of everything but names.
    seconds : float
        Time in seconds for the baselines and the sensitivity; 0 leaves them out, and the report says so.
    own_list : DataFrame or None
        The user's own list as a ``locks`` table, compared as a baseline.
    date : datetime.date
        Date of the report; the ages of the inputs are counted to it.
    signed_probability : float
        Candidates with at least this probability count as signed.
    stale_days : int
        Inputs older than this many days are warned about.
    prices, alternatives, scenarios : Path or None
        Folders that the commands of these names wrote for this very plan; results of another plan or of other inputs
        are named and left out.
    diagnosis : Path or None
        Folder that ``zhenxing diagnose`` wrote for this town; one of other inputs is named and left out.
    explain_seconds : float
        Time in seconds for those of the three that no folder gives, and for the questions why not earlier; 0 leaves
        them out, and the report says which command makes them.
    workers : int
        Processes for the scenarios made here; more than one needs a guarded start of the program.
    inputs : str
        Fingerprint of the town's files where they lie on disk; empty: that of the town as given.
    """

    edition: Edition = "internal"
    language: Language = "zh"
    seconds: float = 40.0
    own_list: pd.DataFrame | None = None
    date: dt.date = field(default_factory=dt.date.today)
    signed_probability: float = 0.9
    stale_days: int = 90
    prices: Path | None = None
    alternatives: Path | None = None
    scenarios: Path | None = None
    diagnosis: Path | None = None
    explain_seconds: float = 0.0
    workers: int = 1
    inputs: str = ""
