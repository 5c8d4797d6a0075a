"""Shift-share: what of a region's growth is the economy's, its industries' and its own."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd

from zhenxing.diagnosis.concentration.cells import (
    Cells,
    Floats,
    Labels,
    as_table,
    read_cells,
    require_columns,
    warning,
    years_of,
)
from zhenxing.diagnosis.concentration.quotients import all_pairs, position_of
from zhenxing.errors import InputError
from zhenxing.i18n import say

Method = Literal["classic", "homothetic", "dynamic"]
METHODS = ("classic", "homothetic", "dynamic")


def shift_share(
    frame: pd.DataFrame,
    region: str = "region",
    industry: str = "industry",
    value: str = "value",
    *,
    year: str = "year",
    first: Any = None,
    last: Any = None,
    reference: Any = None,
    method: Method = "classic",
) -> pd.DataFrame:
    """Shift-share decomposition of the change of every industry in every region between two years.

    change = national + industry_mix + regional, to the last digit but rounding, with E the first value, g the growth
    rate of the economy, g_i of industry i in it, g_ri of industry i in region r:

    - national = E_ri g: had it grown like the economy;
    - industry_mix = E_ri (g_i − g): what its industry did beyond that;
    - regional = E_ri (g_ri − g_i): what is left, the region's own.

    Parameters
    ----------
    frame : DataFrame
        Long table; rows of one region, industry and year are added up, missing ones are 0.
    region, industry, value, year : str
        Names of its columns.
    first, last : label, optional
        The two years; default the earliest and the latest.
    reference : label, optional
        The region that is the economy; default the sum of all regions.
    method : {"classic", "homothetic", "dynamic"}
        ``"homothetic"`` (Esteban-Marquillas 1972) splits regional into ``competitive`` = E'_ri (g_ri − g_i), E'_ri =
        E_r E_i / E the value the region would have with the economy's mix, and ``allocation`` = (E_ri − E'_ri)
        (g_ri − g_i). ``"dynamic"`` (Barff and Knight 1988) adds up the classic parts from each year of the table to
        the next.

    Returns
    -------
    DataFrame
        All pairs: region, industry, first_value, last_value, change, national, industry_mix, regional (and
        competitive, allocation). An industry new to the economy or the region has no growth rate: its whole change
        stands in regional, with a warning for industries new to the economy; by ``"homothetic"`` the split of an
        industry new to a region is NaN.

    Raises
    ------
    InputError
        For tables that cannot be read so, years that are not there, an economy of value 0 in the first year.

    Notes
    -----
    Dunn, E. S. (1960). A statistical and analytical technique for regional analysis. *Papers of the Regional Science
    Association* 6, 97-112. Esteban-Marquillas, J. M. (1972). A reinterpretation of shift-share analysis. *Regional and
    Urban Economics* 2, 249-255. Barff, R. A., Knight, P. L. (1988). Dynamic shift-share analysis. *Growth and Change*
    19, 1-10.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": list("aabb") * 2, "industry": ["lamps", "food"] * 4,
    ...                      "year": [2020] * 4 + [2025] * 4, "value": [40, 10, 20, 30, 60, 10, 20, 30]})
    >>> shift_share(jobs).loc[1, ["national", "industry_mix", "regional"]].astype(float).round(4).tolist()
    [8.0, 5.3333, 6.6667]
    """
    if method not in METHODS:
        raise InputError(say("diagnosis_concentration.choice", option="method", given=method, known=", ".join(METHODS)))
    frame = as_table(frame)
    require_columns(frame, region, industry, value, year)
    cells = read_cells(frame, region, industry, value)
    years = _years(years_of(frame, year), first, last)
    matrices = {}
    for label in years:
        rows = (frame[year] == label).to_numpy()
        of_year = Cells(_rows(cells.regions, rows), _rows(cells.industries, rows), cells.values[rows])
        matrices[label] = of_year.matrix()
    base = position_of(cells, reference)
    steps = years if method == "dynamic" else [years[0], years[-1]]
    national, mix = np.zeros((2, *cells.shape))
    new: set[str] = set()
    for before, after in pairwise(steps):
        parts = _classic(matrices[before], matrices[after], base, str(before))
        national, mix = national + parts[0], mix + parts[1]
        new |= set(cells.industries.named(parts[2]))
    start, end = matrices[years[0]], matrices[years[-1]]
    columns = {
        "first_value": start,
        "last_value": end,
        "change": end - start,
        "national": national,
        "industry_mix": mix,
        "regional": (end - start) - national - mix,
    }
    if method == "homothetic":
        columns |= _homothetic(start, end, base)
    table = all_pairs(cells, columns)
    table.attrs["issues"] = (warning("new_industry", sorted(new), column=industry),) if new else ()
    return table


def _rows(labels: Labels, rows: Any) -> Labels:
    return replace(labels, codes=labels.codes[rows])


def _years(known: list[Any], first: Any, last: Any) -> list[Any]:
    begin, end = known[0] if first is None else first, known[-1] if last is None else last
    if begin not in known or end not in known or not begin < end:
        raise InputError(
            say("diagnosis_concentration.years", first=begin, last=end, known=", ".join(map(str, known[:10])))
        )
    return [label for label in known if begin <= label <= end]


def _classic(start: Floats, end: Floats, base: int | None, year: str) -> tuple[Floats, Floats, Any]:
    """Return national part, industry mix and which industries are new to the economy."""
    before, after = (matrix.sum(axis=0) if base is None else matrix[base] for matrix in (start, end))
    if before.sum() == 0:
        raise InputError(say("diagnosis_concentration.nothing_first", year=year))
    growth = after.sum() / before.sum() - 1
    known = before > 0
    of_industry = np.divide(after, before, out=np.full(len(before), growth + 1), where=known) - 1
    return start * growth, start * (of_industry - growth), ~known & ((end > 0).any(axis=0) | (start > 0).any(axis=0))


def _homothetic(start: Floats, end: Floats, base: int | None) -> dict[str, Floats]:
    before, after = (matrix.sum(axis=0) if base is None else matrix[base] for matrix in (start, end))
    with np.errstate(divide="ignore", invalid="ignore"):
        lead = end / start - after / before
        lead[~np.isfinite(lead)] = np.nan
    alike = start.sum(axis=1)[:, None] * before[None, :] / before.sum()
    # neither then nor now: nothing to split
    lead[(start == 0) & (end == 0)] = 0.0
    return {"competitive": alike * lead, "allocation": (start - alike) * lead}
