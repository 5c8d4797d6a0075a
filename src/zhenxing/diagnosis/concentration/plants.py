"""Indices of concentration that know the sizes of plants: Ellison-Glaeser, within and between industries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from zhenxing.diagnosis.concentration.cells import (
    Cells,
    Floats,
    as_table,
    by_year,
    join_years,
    read_cells,
    read_labels,
    read_values,
    require_columns,
    warning,
)
from zhenxing.errors import InputError, Issue
from zhenxing.i18n import name_rows, say

Reference = Literal["aggregate", "industry_mean"]
REFERENCES = ("aggregate", "industry_mean")


@dataclass(frozen=True)
class Dartboard:
    """Industries against the regions' sizes.

    Parameters
    ----------
    apart : ndarray
        s_ri − x_r by region and industry: share of the region in the industry less its share in all.
    sizes : ndarray
        x_r of all regions.
    beyond : float
        Σ x² over the regions without any plant of the table, which stand in no row of ``apart``.
    total : ndarray
        Value of every industry.
    issues : tuple of Issue
        Industries without value.
    """

    apart: Floats
    sizes: Floats
    beyond: float
    total: Floats
    issues: tuple[Issue, ...]

    @property
    def room(self) -> float:
        """1 − Σ x², 0 when everything lies in one region."""
        return max(1 - float(self.sizes @ self.sizes), 0.0)


def ellison_glaeser(
    frame: pd.DataFrame,
    region: str = "region",
    industry: str = "industry",
    value: str = "value",
    *,
    year: str | None = None,
    totals: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Ellison-Glaeser index: concentration of an industry beyond what its few large plants bring about by chance.

    γ_i = (G_i − (1 − Σx²) H_i) / ((1 − Σx²)(1 − H_i)), G_i = Σ_r (s_ri − x_r)², s_ri the share of region r in industry
    i, x_r its share in everything, H_i = Σ z² over the shares z of the industry's plants. 0 is what darts thrown at a
    board of the regions' sizes give in the mean, below 0 is more even. Ellison and Glaeser call more than 0.05 highly
    and less than 0.02 not very concentrated.

    Parameters
    ----------
    frame : DataFrame
        **One row for each plant or firm.**
    region, industry, value : str
        Names of its columns; the value is the plant's size (employment).
    year : str, optional
        Column of years; each year is computed alone.
    totals : DataFrame, optional
        Sizes of the regions, columns ``region`` and ``value``; default the sum over all plants of the table.

    Returns
    -------
    DataFrame
        ``year`` if given, industry, plants (with a value above 0), value, gamma, raw_concentration (G), herfindahl
        (H), expected_g = (1 − Σx²) H and sd_g, mean and standard deviation of G under the dartboard, z = (G −
        expected_g) / sd_g. gamma and z are NaN, with a warning, for industries without value or of a single plant, and
        everywhere when all lies in one region.

    Raises
    ------
    InputError
        For tables that cannot be read so, and regions missing from ``totals``.

    Notes
    -----
    Ellison, G., Glaeser, E. L. (1997). Geographic concentration in U.S. manufacturing industries: a dartboard approach.
    *Journal of Political Economy* 105, 889-927. Var G = 2 (H² (Σx² − 2Σx³ + (Σx²)²) − Σz⁴ (Σx² − 4Σx³ + 3(Σx²)²)),
    from the same place.

    Examples
    --------
    >>> plants = pd.DataFrame({"region": ["Wien"] * 5 + ["Linz"] * 4 + ["Graz"], "industry": "i",
    ...     "value": [200, 650, 12000, 100, 50, 16000, 13000, 1500, 1500, 25000]})
    >>> sizes = pd.DataFrame({"region": ["Wien", "Linz", "Graz"], "value": [500000, 400000, 100000]})
    >>> round(float(ellison_glaeser(plants, totals=sizes).loc[0, "gamma"]), 8)  # Farhauer and Kröll, in REAT's manual
    0.05990628
    """
    parts = []
    for label, rows in by_year(frame, year):
        cells = read_cells(rows, region, industry, value)
        board = _dartboard(cells, totals, region, value, "aggregate")
        concentration = np.einsum("ri,ri->i", board.apart, board.apart) + board.beyond
        parts.append((label, _with_plants(cells, board, concentration)))
    return join_years(parts, year)


def coagglomeration(
    frame: pd.DataFrame,
    region: str = "region",
    industry: str = "industry",
    value: str = "value",
    *,
    year: str | None = None,
    totals: pd.DataFrame | None = None,
    reference: Reference = "aggregate",
) -> pd.DataFrame:
    """Coagglomeration of every two industries: do they lie in the same regions beyond the regions' sizes?

    γ_ij = Σ_r (s_ri − x_r)(s_rj − x_r) / (1 − Σx²), shares as in :func:`ellison_glaeser`. This is the index of Ellison
    and Glaeser (1997) for a group of two industries, in which the plants' sizes cancel; the index of a larger group
    with shares w is Σ_{i≠j} w_i w_j γ_ij / Σ_{i≠j} w_i w_j.

    Parameters
    ----------
    frame : DataFrame
        Long table of plants, or of regions and industries: rows are added up.
    region, industry, value, year, totals
        As in :func:`ellison_glaeser`.
    reference : {"aggregate", "industry_mean"}
        x_r is the region's share in everything (Ellison and Glaeser 1997) or its mean share over the industries
        (Ellison, Glaeser and Kerr 2010). ``totals`` sets it in another way.

    Returns
    -------
    DataFrame
        One row for each two industries, in order: ``year`` if given, ``industry_1``, ``industry_2`` (the column's own
        name before the number), coagglomeration. NaN, with a warning, for industries without value and when all lies
        in one region.

    Raises
    ------
    InputError
        For tables that cannot be read so.

    Notes
    -----
    Ellison, G., Glaeser, E. L., Kerr, W. R. (2010). What causes industry agglomeration? Evidence from coagglomeration
    patterns. *American Economic Review* 100, 1195-1213.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": ["a", "a", "b"], "industry": ["lamps", "led", "food"], "value": [3, 1, 4]})
    >>> coagglomeration(jobs)["coagglomeration"].tolist()
    [-1.0, -1.0, 1.0]
    """
    if reference not in REFERENCES:
        known = ", ".join(REFERENCES)
        raise InputError(say("diagnosis_concentration.choice", option="reference", given=reference, known=known))
    parts = []
    for label, rows in by_year(frame, year):
        cells = read_cells(rows, region, industry, value)
        board = _dartboard(cells, totals, region, value, reference)
        issues = list(board.issues)
        with np.errstate(divide="ignore", invalid="ignore"):
            together = (board.apart.T @ board.apart + board.beyond) / (board.room or np.nan)
        if not board.room:
            issues.append(warning("one_region", column=region))
        one, other = np.triu_indices(len(cells.industries), 1)
        labels = cells.industries
        part = pd.DataFrame(
            {
                f"{industry}_1": labels.at(one),
                f"{industry}_2": labels.at(other),
                "coagglomeration": together[one, other],
            },
            copy=False,
        )
        part.attrs["issues"] = tuple(issues)
        parts.append((label, part))
    return join_years(parts, year)


def _dartboard(cells: Cells, totals: pd.DataFrame | None, region: str, value: str, reference: Reference) -> Dartboard:
    matrix = cells.matrix()
    total = matrix.sum(axis=0)
    empty = total == 0
    issues: tuple[Issue, ...] = ()
    if empty.any():
        names = cells.industries.named(empty)
        issues = (warning("empty_industry", names, column=cells.industries.name),)
    if matrix.sum() == 0:
        raise InputError(say("diagnosis_concentration.nothing", column=value))
    sizes = inside = matrix.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        matrix /= total
    if totals is not None:
        sizes, inside = _sizes(cells, totals, region, value)
    elif reference == "industry_mean":
        sizes = inside = matrix[:, ~empty].mean(axis=1)
    whole = sizes.sum()
    sizes, inside = sizes / whole, inside / whole
    matrix -= inside[:, None]
    beyond = max(float(sizes @ sizes - inside @ inside), 0.0) if len(inside) < len(sizes) else 0.0
    return Dartboard(matrix, sizes, beyond, total, issues)


def _sizes(cells: Cells, totals: pd.DataFrame, region: str, value: str) -> tuple[Floats, Floats]:
    """Return the sizes of all regions of a table of their own, and of those that have plants."""
    totals = as_table(totals)
    require_columns(totals, region, value)
    labels, values = read_labels(totals, region), read_values(totals, value)
    sizes = np.bincount(labels.codes, weights=values, minlength=len(labels))
    if sizes.sum() == 0:
        raise InputError(say("diagnosis_concentration.nothing", column=value))
    place = pd.Index(list(labels.values)).get_indexer(pd.Index(list(cells.regions.values)))
    if (place < 0).any():
        raise InputError(say("diagnosis_concentration.no_total", rows=name_rows(cells.regions.named(place < 0))))
    return np.asarray(sizes), np.asarray(sizes[place])


def _with_plants(cells: Cells, board: Dartboard, concentration: Floats) -> pd.DataFrame:
    codes, number = cells.industries.codes, len(cells.industries)
    shares = cells.values / board.total[codes] if board.total.all() else _shares(cells, board.total)
    squares = shares * shares
    herfindahl = np.bincount(codes, weights=squares, minlength=number)
    fourth = np.bincount(codes, weights=squares * squares, minlength=number)
    plants = np.bincount(codes[cells.values > 0], minlength=number)
    herfindahl = np.where(board.total > 0, herfindahl, np.nan)
    second, third = float((board.sizes**2).sum()), float((board.sizes**3).sum())
    variance = 2 * (herfindahl**2 * (second - 2 * third + second**2) - fourth * (second - 4 * third + 3 * second**2))
    expected = board.room * herfindahl
    defined = (plants > 1) & (board.room > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        gamma = np.where(defined, (concentration - expected) / (board.room * (1 - herfindahl)), np.nan)
        spread = np.sqrt(np.maximum(variance, 0.0))
        z = np.where(defined & (spread > 0), (concentration - expected) / spread, np.nan)
    columns = {
        "plants": plants,
        "value": board.total,
        "gamma": gamma,
        "raw_concentration": concentration,
        "herfindahl": herfindahl,
        "expected_g": expected,
        "sd_g": spread,
        "z": z,
    }
    labels = cells.industries
    table = labels.table(columns)
    issues = list(board.issues)
    single = labels.named(plants == 1)
    if single:
        issues.append(warning("one_plant", single, column=labels.name))
    if not board.room:
        issues.append(warning("one_region", column=cells.regions.name))
    table.attrs["issues"] = tuple(issues)
    return table


def _shares(cells: Cells, total: Floats) -> Floats:
    of_plant = total[cells.industries.codes]
    return np.divide(cells.values, of_plant, out=np.zeros(len(cells.values)), where=of_plant > 0)
