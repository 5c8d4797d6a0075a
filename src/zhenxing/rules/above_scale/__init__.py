"""Thresholds of the statistical register of larger units (规上, 限上), by sector and date.

The thresholds are data (``data/ladder/above_scale.csv``): one row per sector with the first digits of its
GB/T 4754-2017 codes, the amount in wan yuan a year, the column that is compared, the dates, the source and its tag.
"""

from __future__ import annotations

from zhenxing.rules.above_scale.codes import (
    CODE_STATES,
    KINDS,
    Kind,
    Threshold,
    in_force,
    newest_source,
    read_code,
    sectors,
    sectors_of,
    threshold_of,
)
from zhenxing.rules.above_scale.lines import code_sectors, nearest, plausible, revenue_of, role_sectors, thresholds

__all__ = [
    "CODE_STATES",
    "KINDS",
    "Kind",
    "Threshold",
    "code_sectors",
    "in_force",
    "nearest",
    "newest_source",
    "plausible",
    "read_code",
    "revenue_of",
    "role_sectors",
    "sectors",
    "sectors_of",
    "threshold_of",
    "thresholds",
]
