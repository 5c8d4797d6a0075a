"""Size classes of firms (统计上大中小微型企业划分办法 2017), by sector, from employees, revenue and assets.

Bounds are data (``data/ladder/size_classes.csv``): one row per sector and indicator.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.rules.above_scale import in_force, read_code
from zhenxing.rules.files import records

CLASSES = ("micro", "small", "medium", "large")


@cache
def _bounds(on: dt.date) -> dict[str, dict[str, tuple[float, float, float]]]:
    found: dict[str, dict[str, tuple[float, float, float]]] = {}
    for row in records("ladder/size_classes.csv"):
        if in_force(row, on):
            bounds = (float(row["small"]), float(row["medium"]), float(row["large"]))
            found.setdefault(row["sector"], {})[row["column"]] = bounds
    return found


@cache
def _assumed(on: dt.date) -> frozenset[str]:
    tags = ("provenance", "small_medium_provenance", "codes_provenance")
    rows = records("ladder/size_classes.csv")
    return frozenset(row["sector"] for row in rows if in_force(row, on) and "M" in {row[tag] for tag in tags})


@cache
def size_sector(code: object, edition: object, on: dt.date) -> str:
    """Return the sector whose bounds a code falls under; empty when the code does not decide it.

    Examples
    --------
    >>> size_sector("3872", "2017", dt.date(2025, 12, 31))
    'industry'
    """
    digits, state = read_code(code, edition)
    if state or digits.isalpha():
        return ""
    for row in records("ladder/size_classes.csv"):
        if in_force(row, on) and any(digits.startswith(prefix) for prefix in row["codes"].split(";")):
            return row["sector"]
    return ""


def _pass(values: npt.NDArray[np.floating[Any]], bound: float) -> npt.NDArray[np.bool_]:
    return values >= bound - 1e-9 * max(1.0, bound)


def size_class_of(
    sector: str, on: dt.date, *, employees: float = np.nan, revenue_wan: float = np.nan, assets_wan: float = np.nan
) -> str:
    """Return one firm's size class from the figures at hand; empty when there is none of its sector's.

    Examples
    --------
    >>> size_class_of("industry", dt.date(2025, 12, 31), employees=300, revenue_wan=1999)
    'small'
    """
    row = pd.DataFrame(
        {"sector": [sector], "employees": [employees], "revenue_wan": [revenue_wan], "assets_wan": [assets_wan]}
    )
    answer = classify(row, on)["size_class"].iloc[0]
    return "" if pd.isna(answer) else str(answer)


def classify(frame: pd.DataFrame, on: dt.date) -> pd.DataFrame:
    """Return the size class of each row from its sector and figures.

    A class from small upwards asks that **all** indicators of the sector reach their lower bounds; micro needs only one
    below. Missing indicators are left out of the comparison, and ``settled`` says whether they could change the class.

    Parameters
    ----------
    frame : DataFrame
        sector (of ``size_sector``), employees (people), revenue_wan and assets_wan (wan yuan).
    on : date
        Day of judgement.

    Returns
    -------
    DataFrame
        size_class (micro, small, medium, large; NaN without sector or figures), settled, assumed (bounds or codes of
        the sector rest on memory); index as given.

    Notes
    -----
    Source: 统计上大中小微型企业划分办法 (2017): rule from stats.gov.cn, bounds from a secondary copy (data file).

    Examples
    --------
    >>> rows = pd.DataFrame({"sector": ["industry"], "employees": [20.0], "revenue_wan": [300.0]})
    >>> classify(rows, dt.date(2025, 12, 31))["size_class"].tolist()
    ['small']
    """
    count = len(frame)
    best = np.full(count, -1)  # rank by the figures at hand
    worst = np.full(count, -1)  # rank if every missing figure were nothing
    sector = frame["sector"].astype(object)
    for name, indicators in _bounds(on).items():
        rows = np.flatnonzero((sector == name).to_numpy(dtype=bool))
        if not len(rows):
            continue
        ranks = []
        for column, bounds in indicators.items():
            blank = pd.Series(np.nan, index=frame.index)
            values = frame.get(column, blank).to_numpy(dtype=np.float64, na_value=np.nan)[rows]
            rank = np.sum([_pass(values, bound) for bound in bounds], axis=0).astype(float)
            ranks.append(np.where(np.isnan(values), np.nan, rank))
        table = np.array(ranks)
        any_known = ~np.isnan(table).all(axis=0)
        best[rows] = np.where(any_known, np.where(np.isnan(table), 9, table).min(axis=0), -1)
        worst[rows] = np.where(np.isnan(table), 0, table).min(axis=0)
    names = np.array([*CLASSES, None], dtype=object)
    return pd.DataFrame(
        {
            "size_class": pd.array(names[best], dtype="str"),
            "settled": (best >= 0) & (best == worst),
            "assumed": sector.isin(_assumed(on)).to_numpy(),
        },
        index=frame.index,
    )
