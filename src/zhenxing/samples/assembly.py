"""Turn drawn frames and settings into a checked town."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from zhenxing import schema
from zhenxing.errors import SchemaError
from zhenxing.i18n import say
from zhenxing.town import Settings, Town


def assemble(settings: Mapping[str, Any], frames: Mapping[str, pd.DataFrame]) -> Town:
    """Return the town of settings and frames, every table typed as its declaration says.

    Raises
    ------
    SchemaError
        When a frame breaks the declaration of its table: a sample must hold nothing but clean rows.

    Examples
    --------
    >>> parks = pd.DataFrame({"park_id": ["P1"], "vacant_mu": [3.0]})
    >>> assemble({"plan": {"base_year": 2026, "horizon_years": 2}}, {"parks": parks})["parks"]["vacant_mu"].tolist()
    [3.0]
    """
    tables: dict[str, pd.DataFrame] = {}
    faults = []
    for name, frame in frames.items():
        tables[name], issues = schema.conform(name, frame)
        faults += [issue for issue in issues if issue.level == "error"]
    if faults:
        raise SchemaError(say("samples.faulty", count=len(faults)), faults)
    return Town(Settings.parse(settings), tables)
