"""Indices of specialisation and concentration from shares: Herfindahl, Hachman, Krugman, Hoover, Gini."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from zhenxing.diagnosis.concentration.cells import (
    Cells,
    Floats,
    Labels,
    by_year,
    join_years,
    read_cells,
    read_labels,
    read_values,
    require_columns,
    warning,
)
from zhenxing.diagnosis.concentration.quotients import position_of
from zhenxing.errors import Issue


def herfindahl(
    frame: pd.DataFrame,
    by: str = "region",
    of: str | None = "industry",
    value: str = "value",
    *,
    year: str | None = None,
) -> pd.DataFrame:
    """Herfindahl-Hirschman index: how much of a whole lies in few units.

    H = Σ s², s the share of every unit in its whole: 1/n when n units are alike, 1 when one unit is everything.
    normalised = (H − 1/n) / (1 − 1/n), 0..1, n the units with a value above 0; equivalent = 1/H, the number of equal
    units that would give the same index.

    Parameters
    ----------
    frame : DataFrame
        Long table.
    by : str
        Column of the wholes: the region (how specialised it is), the industry (how concentrated), the chain link.
    of : str, optional
        Column of the units whose rows are added up; None: every row is a unit (a firm).
    value : str
        Column of values of at least 0.
    year : str, optional
        Column of years; each year is computed alone.

    Returns
    -------
    DataFrame
        ``year`` if given, the column ``by``, units (number with a value above 0), value (total), herfindahl,
        normalised (NaN for one unit), equivalent. NaN and a warning where the total is 0.

    Raises
    ------
    InputError
        For tables that cannot be read so.

    Notes
    -----
    Herfindahl, O. C. (1950). *Concentration in the Steel Industry*. Columbia University. Hirschman, A. O. (1964). The
    paternity of an index. *American Economic Review* 54, 761.

    Examples
    --------
    >>> makers = pd.DataFrame({"link_id": ["led", "led"], "output_wan": [75.0, 25.0]})
    >>> float(herfindahl(makers, by="link_id", of=None, value="output_wan").loc[0, "herfindahl"])
    0.625
    """
    parts = []
    for label, rows in by_year(frame, year):
        if of is None:
            require_columns(rows, by, value)
            wholes, values = read_labels(rows, by), read_values(rows, value)
            codes = wholes.codes
        else:
            cells = read_cells(rows, by, of, value)
            matrix = cells.matrix()
            wholes, values = cells.regions, matrix.ravel()
            codes = np.repeat(np.arange(len(wholes)), matrix.shape[1])
        part = _herfindahl(wholes, codes, values)
        parts.append((label, part))
    return join_years(parts, year)


def _herfindahl(wholes: Labels, codes: Any, values: Floats) -> pd.DataFrame:
    size = len(wholes)
    total: Floats = np.asarray(np.bincount(codes, weights=values, minlength=size))
    units = np.bincount(codes[values > 0], minlength=size)
    with np.errstate(divide="ignore", invalid="ignore"):
        index = np.bincount(codes, weights=values * values, minlength=size) / total**2
        normalised = np.where(units > 1, (index - 1 / units) / (1 - 1 / units), np.nan)
        equivalent = 1 / index
    columns = {
        "units": units,
        "value": total,
        "herfindahl": index,
        "normalised": normalised,
        "equivalent": equivalent,
    }
    return _of(wholes, columns, total)


def hachman(
    frame: pd.DataFrame,
    region: str = "region",
    industry: str = "industry",
    value: str = "value",
    *,
    year: str | None = None,
    reference: Any = None,
) -> pd.DataFrame:
    """Hachman index: how like the reference economy a region's mix of industries is.

    1 / Σ_i (s_ri² / x_i) = 1 / Σ_i LQ_ri s_ri, s_ri the share of industry i in region r, x_i in the reference economy:
    1 for the same mix, towards 0 for a mix of rare industries.

    Parameters
    ----------
    frame, region, industry, value, year, reference
        As in :func:`zhenxing.diagnosis.concentration.location_quotient`.

    Returns
    -------
    DataFrame
        ``year`` if given, region, value (total), hachman. NaN and a warning for a region without value; 0 for a region
        with an industry that the reference does not have.

    Raises
    ------
    InputError
        For tables that cannot be read so.

    Notes
    -----
    Attributed to F. Hachman (Bureau of Economic and Business Research, University of Utah); the form is that of
    EconGeo.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": ["a", "a", "b"], "industry": ["lamps", "food", "food"], "value": [30, 10, 60]})
    >>> round(float(hachman(jobs).loc[0, "hachman"]), 4)
    0.5091
    """

    def index(shares: Floats, economy: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(shares > 0, shares**2 / economy, 0.0)
        return np.asarray(1 / terms.sum(axis=1))

    return _by_region(frame, region, industry, value, year, reference, "hachman", index)


def krugman(
    frame: pd.DataFrame,
    region: str = "region",
    industry: str = "industry",
    value: str = "value",
    *,
    year: str | None = None,
    reference: Any = None,
) -> pd.DataFrame:
    """Krugman's specialisation index: how far a region's mix of industries lies from the reference economy's.

    Σ_i |s_ri − x_i|, shares as in :func:`hachman`: 0 for the same mix, 2 for mixes without a common industry. Without
    a reference region the economy is the sum of all regions, the region itself among them.

    Parameters
    ----------
    frame, region, industry, value, year, reference
        As in :func:`zhenxing.diagnosis.concentration.location_quotient`.

    Returns
    -------
    DataFrame
        ``year`` if given, region, value (total), krugman. NaN and a warning for a region without value.

    Raises
    ------
    InputError
        For tables that cannot be read so.

    Notes
    -----
    Krugman, P. (1991). *Geography and Trade*. MIT Press, chapter 3.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": ["a", "a", "b"], "industry": ["lamps", "food", "food"], "value": [30, 10, 60]})
    >>> round(float(krugman(jobs).loc[0, "krugman"]), 4)
    0.9
    """

    def index(shares: Floats, economy: Floats) -> Floats:
        return np.asarray(np.abs(shares - economy).sum(axis=1))

    return _by_region(frame, region, industry, value, year, reference, "krugman", index)


def hoover(
    frame: pd.DataFrame,
    region: str = "region",
    industry: str = "industry",
    value: str = "value",
    *,
    year: str | None = None,
) -> pd.DataFrame:
    """Hoover's coefficient of localisation: which share of an industry would have to move to be spread like all.

    ½ Σ_r |s_ri − x_r|, s_ri the share of region r in industry i, x_r in all industries: 0 spread like everything,
    towards 1 in one small region.

    Parameters
    ----------
    frame, region, industry, value, year
        As in :func:`zhenxing.diagnosis.concentration.location_quotient`.

    Returns
    -------
    DataFrame
        ``year`` if given, industry, value (total), hoover. NaN and a warning for an industry that nobody has.

    Raises
    ------
    InputError
        For tables that cannot be read so.

    Notes
    -----
    Hoover, E. M. (1936). The measurement of industrial localization. *Review of Economics and Statistics* 18, 162-171.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": ["a", "a", "b"], "industry": ["lamps", "food", "food"], "value": [30, 10, 60]})
    >>> round(float(hoover(jobs).loc[1, "hoover"]), 4)
    0.6
    """

    def index(shares: Floats, all_shares: Floats) -> Floats:
        return np.asarray(np.abs(shares - all_shares[:, None]).sum(axis=0) / 2)

    return _by_industry(frame, region, industry, value, year, "hoover", index)


def gini_location(
    frame: pd.DataFrame,
    region: str = "region",
    industry: str = "industry",
    value: str = "value",
    *,
    year: str | None = None,
) -> pd.DataFrame:
    """Locational Gini coefficient of industries.

    Twice the area between the diagonal and the curve of cumulated shares of the industry over cumulated shares of all
    industries, regions in order of their location quotient: 0 spread like everything, towards 1 in one small region.
    Krugman (1991) and EconGeo's ``locational.Gini`` give the area itself, half of this.

    Parameters
    ----------
    frame, region, industry, value, year
        As in :func:`zhenxing.diagnosis.concentration.location_quotient`.

    Returns
    -------
    DataFrame
        ``year`` if given, industry, value (total), gini_location. NaN and a warning for an industry that nobody has.

    Raises
    ------
    InputError
        For tables that cannot be read so.

    Notes
    -----
    Krugman, P. (1991). *Geography and Trade*. MIT Press, chapter 2.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": ["a", "a", "b"], "industry": ["lamps", "food", "food"], "value": [30, 10, 60]})
    >>> round(float(gini_location(jobs).loc[1, "gini_location"]), 4)
    0.6
    """

    def index(shares: Floats, all_shares: Floats) -> Floats:
        kept = all_shares > 0
        over, across = shares[kept], all_shares[kept][:, None]
        order = np.argsort(over / across, axis=0, kind="stable")
        curve = np.cumsum(np.take_along_axis(over, order, axis=0), axis=0)
        steps = np.take_along_axis(np.broadcast_to(across, over.shape), order, axis=0)
        before = np.vstack([np.zeros((1, curve.shape[1])), curve[:-1]])
        return np.asarray(1 - (steps * (curve + before)).sum(axis=0))

    return _by_industry(frame, region, industry, value, year, "gini_location", index)


def _by_region(
    frame: pd.DataFrame,
    region: str,
    industry: str,
    value: str,
    year: str | None,
    reference: Any,
    name: str,
    index: Any,
) -> pd.DataFrame:
    parts = []
    for label, rows in by_year(frame, year):
        cells = read_cells(rows, region, industry, value)
        matrix = cells.matrix()
        base = position_of(cells, reference)
        economy = matrix.sum(axis=0) if base is None else matrix[base]
        total = matrix.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.where(total > 0, index(matrix / total[:, None], economy / economy.sum()), np.nan)
        parts.append((label, _of(cells.regions, {"value": total, name: found}, total)))
    return join_years(parts, year)


def _by_industry(
    frame: pd.DataFrame, region: str, industry: str, value: str, year: str | None, name: str, index: Any
) -> pd.DataFrame:
    parts = []
    for label, rows in by_year(frame, year):
        cells: Cells = read_cells(rows, region, industry, value)
        matrix = cells.matrix()
        total = matrix.sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.where(total > 0, index(matrix / total, matrix.sum(axis=1) / matrix.sum()), np.nan)
        parts.append((label, _of(cells.industries, {"value": total, name: found}, total, "empty_industry")))
    return join_years(parts, year)


def _of(labels: Labels, columns: dict[str, Any], total: Floats, entry: str = "empty_whole") -> pd.DataFrame:
    """Return measures of the labels of one column as a table, with a warning about those without any value."""
    table = labels.table(columns)
    empty = labels.named(total == 0)
    issues: tuple[Issue, ...] = (warning(entry, empty, column=labels.name),) if empty else ()
    table.attrs["issues"] = issues
    return table
