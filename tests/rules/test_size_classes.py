"""Size classes: by hand from the published bounds, at the bounds, and what missing figures leave open."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from zhenxing.rules.files import records
from zhenxing.rules.size_classes import CLASSES, classify, size_class_of, size_sector

ON = dt.date(2025, 12, 31)


@pytest.mark.parametrize(
    ("sector", "employees", "revenue", "assets", "expected"),
    [
        ("industry", 1000, 40000, np.nan, "large"),
        ("industry", 999, 40000, np.nan, "medium"),
        ("industry", 300, 2000, np.nan, "medium"),
        ("industry", 299, 90000, np.nan, "small"),
        ("industry", 20, 300, np.nan, "small"),
        ("industry", 2000, 299.9, np.nan, "micro"),
        ("industry", 19, 40000, np.nan, "micro"),
        ("retail", 50, 500, np.nan, "medium"),
        ("wholesale", 4, 90000, np.nan, "micro"),
        ("construction", np.nan, 80000, 79999, "medium"),
        ("agriculture", np.nan, 500, np.nan, "medium"),
        ("business_services", 100, np.nan, 8000, "medium"),
        ("other", 300, np.nan, np.nan, "large"),
        ("property_management", 100, 500, np.nan, "small"),
        ("real_estate_development", np.nan, 1000, 1999, "micro"),
    ],
)
def test_the_published_bounds(sector: str, employees: float, revenue: float, assets: float, expected: str) -> None:
    assert size_class_of(sector, ON, employees=employees, revenue_wan=revenue, assets_wan=assets) == expected


@pytest.mark.parametrize(
    ("code", "sector"),
    [
        ("3872", "industry"),
        ("5282", "retail"),
        ("5910", "transport"),
        ("5930", "storage"),
        ("6020", "post"),
        ("7010", "real_estate_development"),
        ("7030", "other"),
        ("7040", ""),
        ("8391", ""),
        ("70", ""),
        ("C", ""),
    ],
)
def test_codes_lead_to_their_sector(code: str, sector: str) -> None:
    assert size_sector(code, "2017", ON) == sector
    assert size_sector(code, "2011", ON) == ""


def test_a_missing_figure_leaves_the_class_open_unless_another_decides() -> None:
    rows = pd.DataFrame(
        {
            "sector": ["industry"] * 3 + [""],
            "employees": [np.nan, np.nan, np.nan, 50],
            "revenue_wan": [5000.0, 100.0, np.nan, 5000.0],
        }
    )
    found = classify(rows, ON)
    assert found["size_class"].fillna("-").tolist() == ["medium", "micro", "-", "-"]
    assert found["settled"].tolist() == [False, True, False, False]


def test_sectors_from_memory_are_marked() -> None:
    found = classify(pd.DataFrame({"sector": ["industry", "business_services"], "employees": [50.0, 50.0]}), ON)
    assert found["assumed"].tolist() == [False, True]


def test_before_the_rule_there_is_no_class() -> None:
    assert size_class_of("industry", dt.date(2010, 1, 1), employees=1000) == ""


def test_more_never_lowers_the_class() -> None:
    rng = np.random.default_rng(1)
    size = 500
    low = pd.DataFrame({"sector": rng.choice(["industry", "retail", "construction", "other"], size)})
    for column in ("employees", "revenue_wan", "assets_wan"):
        low[column] = 10 ** rng.uniform(0, 6, size)
    high = low.assign(**{c: low[c] * rng.uniform(1, 3, size) for c in ("employees", "revenue_wan", "assets_wan")})
    rank = {name: place for place, name in enumerate(CLASSES)}
    before, after = (classify(frame, ON)["size_class"].map(rank) for frame in (low, high))
    assert (after >= before).all()


def test_bounds_fall_from_large_to_small_and_every_row_has_a_tag() -> None:
    for row in records("ladder/size_classes.csv"):
        assert float(row["large"]) > float(row["medium"]) > float(row["small"]) > 0
        assert {row["provenance"], row["small_medium_provenance"], row["codes_provenance"]} <= set("ABDMX")
        assert row["source_url"].startswith("http")
