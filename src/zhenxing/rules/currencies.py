"""Spellings of currencies in registered capital."""

from __future__ import annotations

from functools import cache

from zhenxing.rules.files import records


@cache
def currencies() -> dict[str, str]:
    """Return currency spelling -> ISO 4217 code.

    Examples
    --------
    >>> currencies()["香港元"]
    'HKD'
    """
    return {row["alias"]: row["currency"] for row in records("currencies.csv")}
