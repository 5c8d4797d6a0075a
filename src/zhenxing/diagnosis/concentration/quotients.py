"""Location quotients with intervals."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from zhenxing.diagnosis.concentration.cells import (
    Cells,
    Floats,
    as_table,
    by_year,
    join_years,
    read_cells,
    read_values,
    refuse_names,
    require_columns,
    warning,
)
from zhenxing.errors import InputError, Issue
from zhenxing.i18n import say

Interval = Literal["bootstrap", "delta"]
INTERVALS = ("bootstrap", "delta")
# Quotients that a bootstrap may hold in memory at once (1.6 GB).
MOST_DRAWN = 200_000_000


def location_quotient(
    frame: pd.DataFrame,
    region: str = "region",
    industry: str = "industry",
    value: str = "value",
    *,
    year: str | None = None,
    reference: Any = None,
    interval: Interval | None = None,
    level: float = 0.95,
    count: str | None = None,
    replicates: int = 999,
    seed: int = 0,
) -> pd.DataFrame:
    """Location quotient of every industry in every region.

    LQ_ri = (E_ri / E_r) / (E_i / E), where E_ri is the value of industry i in region r and a missing index is summed
    over. Without unit; 1 is the share of the reference economy. Balassa (1965) calls it revealed comparative advantage.

    Parameters
    ----------
    frame : DataFrame
        One row for each region and industry, or one for each firm; rows of one pair are added up. A pair that is
        missing is a pair of value 0.
    region, industry, value : str
        Names of its columns. Labels may be text, categories or integers; values are at least 0.
    year : str, optional
        Column of years; each year is computed alone.
    reference : label, optional
        The region that is the economy to compare with, for tables in which regions lie within one another (town, city,
        nation). Default: the sum of all regions.
    interval : {"bootstrap", "delta"}, optional
        ``"bootstrap"``: percentiles over draws of rows with replacement, ``replicates`` times; every row must be one
        independent unit (a firm). ``"delta"``: exp(log LQ ± z s) with s² = 1/a − 1/r − 1/c + (2 LQ − 1)/n, the delta
        method for the multinomial table of counts a = E_ri, r = E_r, c = E_i, n = E (with a reference: s² = 1/a − 1/r
        + 1/c − 1/n, the two economies taken as independent); the values must be counts of independent units, or
        ``count`` names the column that holds them.
    level : float
        Confidence level of the interval.
    count : str, optional
        Column with the number of firms behind each value, for ``"delta"``. The spread of firm sizes is not in it.
    replicates : int
        Draws of the bootstrap.
    seed : int
        Seed of the bootstrap.

    Returns
    -------
    DataFrame
        All pairs of regions and industries, sorted: ``year`` if given, region, industry, value, location_quotient,
        lq_low, lq_high. NaN where region or industry has no value at all, and for bounds without an interval; a pair
        of value 0 has LQ 0 and, by either method, no upper bound (NaN). Warnings: ``issues_of(result)``.

    Raises
    ------
    InputError
        For tables that cannot be read so, an unknown reference, a bootstrap without rows per firm.

    Notes
    -----
    Balassa, B. (1965). Trade liberalisation and "revealed" comparative advantage. *The Manchester School* 33, 99-123.
    Moineddin, R., Beyene, J., Boyle, E. (2003). On the location quotient confidence interval. *Geographical Analysis*
    35, 249-256 (the delta method; the log form here is derived in docs/en/concepts/concentration.md). Efron, B. (1979)
    for the bootstrap. Guimarães, P., Figueiredo, O., Woodward, D. (2009). Dartboard tests for the location quotient.
    *Regional Science and Urban Economics* 39, 360-364, show why workers are no independent units.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": ["a", "a", "b"], "industry": ["lamps", "food", "food"], "value": [30, 10, 60]})
    >>> float(location_quotient(jobs).loc[1, "location_quotient"])
    2.5
    """
    if interval is not None and interval not in INTERVALS:
        raise InputError(
            say("diagnosis_concentration.choice", option="interval", given=interval, known=", ".join(INTERVALS))
        )
    if not 0 < level < 1:
        raise InputError(say("diagnosis_concentration.level", given=level))
    columns = [name for name in (region, industry, value, count) if name is not None]
    frame = as_table(frame)
    require_columns(frame, *columns)
    parts = []
    for label, rows in by_year(frame, year):
        cells = read_cells(rows, region, industry, value)
        counts = cells.values if count is None else read_values(rows, count)
        part = _of_one_year(cells, counts, reference, interval, level, replicates, seed)
        parts.append((label, part))
    return join_years(parts, year)


def _of_one_year(
    cells: Cells,
    counts: Floats,
    reference: Any,
    interval: Interval | None,
    level: float,
    replicates: int,
    seed: int,
) -> pd.DataFrame:
    matrix = cells.matrix()
    base = position_of(cells, reference)
    quotients = quotient_matrix(matrix, base)
    low, high = np.full((2, *matrix.shape), np.nan)
    issues = _empty_margins(cells, matrix)
    if interval == "delta":
        low, high = _delta(Cells(cells.regions, cells.industries, counts).matrix(), quotients, base, level)
    elif interval == "bootstrap":
        _refuse_aggregates(cells)
        low, high = _bootstrap(cells, base, level, replicates, seed)
        low[np.isnan(quotients)] = high[np.isnan(quotients)] = np.nan
        low[quotients == 0] = 0.0
        high[quotients == 0] = np.nan
    columns = {
        "value": matrix,
        "location_quotient": quotients,
        "lq_low": low,
        "lq_high": high,
    }
    table = all_pairs(cells, columns)
    table.attrs["issues"] = tuple(issues)
    return table


def quotient_matrix(matrix: Floats, base: int | None = None) -> Floats:
    """Return the location quotients of a matrix of regions and industries, NaN where they have no meaning."""
    of_region = matrix.sum(axis=1)
    economy = matrix.sum(axis=0) if base is None else matrix[base]
    with np.errstate(divide="ignore", invalid="ignore"):
        quotients: Floats = matrix / of_region[:, None]
        quotients /= (economy / economy.sum())[None, :]
    if not (of_region.all() and economy.all()):
        quotients[~np.isfinite(quotients)] = np.nan
    return quotients


def all_pairs(cells: Cells, columns: dict[str, Any]) -> pd.DataFrame:
    """Return matrices of regions and industries as one long table of all pairs, regions first."""
    refuse_names([cells.regions.name, cells.industries.name], columns)
    rows, width = cells.shape
    labels = {
        cells.regions.name: cells.regions.each(width),
        cells.industries.name: cells.industries.over(rows),
    }
    return pd.DataFrame({**labels, **{name: matrix.ravel() for name, matrix in columns.items()}}, copy=False)


def position_of(cells: Cells, reference: Any) -> int | None:
    """Return the place of the reference region, None for the sum of all; an unknown one is an InputError."""
    if reference is None:
        return None
    known = list(cells.regions.values)
    if reference not in known:
        raise InputError(
            say("diagnosis_concentration.reference", given=reference, known=", ".join(map(str, known[:10])))
        )
    place = known.index(reference)
    if cells.values[cells.regions.codes == place].sum() == 0:
        raise InputError(say("diagnosis_concentration.empty_reference", given=reference))
    return place


def _empty_margins(cells: Cells, matrix: Floats) -> list[Issue]:
    issues = []
    for labels, totals, entry in (
        (cells.regions, matrix.sum(axis=1), "empty_region"),
        (cells.industries, matrix.sum(axis=0), "empty_industry"),
    ):
        empty = labels.named(totals == 0)
        if empty:
            issues.append(warning(entry, empty, column=labels.name))
    return issues


def _delta(counts: Floats, quotients: Floats, base: int | None, level: float) -> tuple[Floats, Floats]:
    from scipy.special import ndtri

    of_region = counts.sum(axis=1)[:, None]
    economy = counts.sum(axis=0) if base is None else counts[base]
    of_industry, total = economy[None, :], economy.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        if base is None:
            ratio = counts * total / (of_region * of_industry)
            variance = 1 / counts - 1 / of_region - 1 / of_industry + (2 * ratio - 1) / total
        else:
            variance = 1 / counts - 1 / of_region + 1 / of_industry - 1 / total
            variance[base] = 0.0
        reach = float(ndtri(0.5 + level / 2)) * np.sqrt(np.maximum(variance, 0.0))
        low, high = quotients * np.exp(-reach), quotients * np.exp(reach)
    empty = ~(counts > 0) & ~np.isnan(quotients)
    low[empty], high[empty] = np.where(quotients[empty] == 0, 0.0, np.nan), np.nan
    return low, high


def _refuse_aggregates(cells: Cells) -> None:
    place = cells.regions.codes.astype(np.intp) * len(cells.industries) + cells.industries.codes
    if np.bincount(place).max() <= 1:
        raise InputError(say("diagnosis_concentration.no_firms"))


def _bootstrap(cells: Cells, base: int | None, level: float, replicates: int, seed: int) -> tuple[Floats, Floats]:
    """Return percentile bounds of the quotients over draws of rows with replacement."""
    if replicates < 2:
        raise InputError(say("diagnosis_concentration.replicates", given=replicates))
    drawn = np.random.default_rng(seed)
    rows, columns = cells.shape
    place = cells.regions.codes.astype(np.intp) * columns + cells.industries.codes
    taken = np.flatnonzero(np.bincount(place, minlength=rows * columns))
    size = len(place)
    if replicates * len(taken) > MOST_DRAWN:
        raise InputError(say("diagnosis_concentration.too_many_draws", pairs=len(taken), replicates=replicates))
    draws = np.empty((replicates, len(taken)))
    for draw in range(replicates):
        times = np.bincount(drawn.integers(size, size=size), minlength=size)
        flat: Any = np.bincount(place, weights=times * cells.values, minlength=rows * columns)
        draws[draw] = quotient_matrix(flat.reshape(rows, columns), base).ravel()[taken]
    # a draw in which region or industry is gone has no quotient; it counts as none of either
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.full((2, rows * columns), np.nan)
    low[taken], high[taken] = np.quantile(np.nan_to_num(draws), tails, axis=0)
    return low.reshape(rows, columns), high.reshape(rows, columns)
