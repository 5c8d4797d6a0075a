"""Towns small enough to think through: built from rows, and drawn at random with every rule of the plan model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from zhenxing import schema
from zhenxing.town import Settings, Town

Rows = Sequence[Mapping[str, Any]]


def make_town(plan: Mapping[str, Any], tables: Mapping[str, Rows]) -> Town:
    """Return a town from rows of plain values; every cell left out takes its default."""
    frames = {}
    for name, rows in tables.items():
        if rows:
            frames[name], issues = schema.conform(name, pd.DataFrame(list(rows)))
            assert not [issue for issue in issues if issue.level == "error"], issues
    return Town(Settings.parse({"town": {"name": "tiny"}, "plan": {"base_year": 2025, **plan}}), frames)


def make_plan(tables: Mapping[str, Rows]) -> dict[str, pd.DataFrame]:
    """Return plan tables from rows; absent ones are empty."""
    return {name: pd.DataFrame(list(rows)) for name, rows in tables.items() if rows}


def finance(
    year: int, own: float, land: float, tax: float, outlay: float, interest: float, debt: float, cash: float
) -> dict[str, float]:
    """Return one row of plan_finance."""
    return {
        "year": year,
        "own_funds_wan": own,
        "land_income_wan": land,
        "retained_tax_wan": tax,
        "outlay_wan": outlay,
        "interest_wan": interest,
        "debt_wan": debt,
        "cash_wan": cash,
    }
