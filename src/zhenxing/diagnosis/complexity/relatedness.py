"""Which industries go together, and how close those of a region lie to one."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from zhenxing.diagnosis.complexity.graph import Graph, build_graph
from zhenxing.diagnosis.complexity.products import co_occurrence, proximity_matrix, relate
from zhenxing.diagnosis.concentration.cells import by_year, join_years, read_cells, warning
from zhenxing.diagnosis.concentration.quotients import all_pairs
from zhenxing.errors import InputError
from zhenxing.i18n import say

Floats = np.ndarray[Any, np.dtype[np.floating[Any]]]
Precision = Literal["auto", "double", "single"]
KINDS: dict[str, type] = {"double": np.float64, "single": np.float32}
# Pairs of regions and industries above which "auto" takes the products in single precision.
LARGE = 1_000_000


def proximity(
    frame: pd.DataFrame,
    region: str = "region",
    industry: str = "industry",
    value: str = "value",
    *,
    year: str | None = None,
    threshold: float = 1.0,
    given: bool = False,
) -> pd.DataFrame:
    """Proximity of every two industries: the smaller chance that a region with one also has the other.

    φ_ij = Σ_r M_ri M_rj / max(U_i, U_j), 0..1, where M_ri is 1 when the location quotient of industry i in region r
    reaches the threshold and U_i is the number of regions that have i. φ_ii = 1; 0 beside an industry that nobody has.

    Parameters
    ----------
    frame : DataFrame
        One row for each region and industry, or several, which are added up; missing pairs are zeros.
    region, industry, value, year : str
        Names of its columns; each year is computed alone.
    threshold : float
        Location quotient from which a region has an industry.
    given : bool
        The values are M already: 0 or 1.

    Returns
    -------
    DataFrame
        All ordered pairs: ``year`` if given, ``industry_1``, ``industry_2`` (the column's own name before the
        number), proximity.

    Raises
    ------
    InputError
        For tables that cannot be read so.

    Notes
    -----
    Hidalgo, C. A., Klinger, B., Barabási, A.-L., Hausmann, R. (2007). The product space conditions the development of
    nations. *Science* 317, 482-487.

    Examples
    --------
    >>> has = pd.DataFrame({"region": list("aabbc"), "industry": list("xyxyx"), "value": 1})
    >>> float(proximity(has, given=True).loc[1, "proximity"])
    0.6666666666666666
    """
    parts = []
    for label, rows in by_year(frame, year):
        graph = build_graph(read_cells(rows, region, industry, value), threshold, given)
        together = co_occurrence(graph.present)
        close = proximity_matrix(together, graph.ubiquity, diagonal=True)
        np.fill_diagonal(close, np.where(graph.ubiquity > 0, 1.0, 0.0))
        labels, number = graph.cells.industries, len(graph.cells.industries)
        columns = {
            f"{industry}_1": labels.at(np.repeat(np.arange(number, dtype=np.int32), number)),
            f"{industry}_2": labels.at(np.tile(np.arange(number, dtype=np.int32), number)),
            "proximity": close.ravel(),
        }
        part = pd.DataFrame(columns, copy=False)
        part.attrs["issues"] = graph.issues
        parts.append((label, part))
    return join_years(parts, year)


def relatedness_density(
    frame: pd.DataFrame,
    region: str = "region",
    industry: str = "industry",
    value: str = "value",
    *,
    diagonal: bool,
    year: str | None = None,
    threshold: float = 1.0,
    given: bool = False,
    precision: Precision = "auto",
) -> pd.DataFrame:
    """Relatedness density: how much of what an industry lies close to a region already has.

    d_ri = Σ_j M_rj φ_ij / Σ_j φ_ij, 0..1, with the proximity φ of :func:`proximity`.

    Parameters
    ----------
    frame, region, industry, value, year, threshold, given
        As in :func:`proximity`.
    diagonal : bool
        Whether an industry counts among its own neighbours (φ_ii = 1). True as in ecomplexity and the Atlas; False
        keeps an industry from predicting itself.
    precision : {"auto", "double", "single"}
        Single takes half the time and memory, is right to some 1e-6 and gives float32. Auto: single above a million
        pairs of regions and industries, else double.

    Returns
    -------
    DataFrame
        All pairs: ``year`` if given, region, industry, present (bool), density. NaN for industries that nobody has or,
        without the diagonal, that stand with no other, and for regions without industries.

    Raises
    ------
    InputError
        For tables that cannot be read so.

    Notes
    -----
    Hidalgo et al. (2007), see :func:`proximity`.

    Examples
    --------
    >>> has = pd.DataFrame({"region": list("aabbc"), "industry": list("xyxyx"), "value": 1})
    >>> table = relatedness_density(has, given=True, diagonal=True)
    >>> float(table.loc[5, "density"])  # region c, industry y: (2/3) / (2/3 + 1)
    0.4
    """
    parts = []
    for label, rows in by_year(frame, year):
        graph = build_graph(read_cells(rows, region, industry, value), threshold, given)
        density, _, _ = relate_graph(graph, None, diagonal, precision)
        alone = np.isnan(density).all(axis=0) & (graph.ubiquity > 0)
        labels = graph.cells.industries
        alone_issue = (warning("alone", labels.named(alone), column=labels.name),) if alone.any() else ()
        part = all_pairs(graph.cells, {"present": graph.present, "density": density})
        part.attrs["issues"] = (*graph.issues, *alone_issue)
        parts.append((label, part))
    return join_years(parts, year)


def relate_graph(
    graph: Graph, industry: Floats | None, diagonal: bool, precision: Precision
) -> tuple[Floats, Floats, Floats]:
    """Return density and, for complexity values of the industries, outlook gain and outlook before standardisation."""
    kind = _kind(precision, graph.present.size)
    close = proximity_matrix(co_occurrence(graph.present), graph.ubiquity, diagonal=diagonal, kind=kind)
    density, gains, reach = relate(graph.present, close, industry, kind)
    density[graph.diversity == 0] = np.nan
    return density, gains, reach


def _kind(precision: str, pairs: int) -> type:
    if precision == "auto":
        precision = "single" if pairs > LARGE else "double"
    if precision not in KINDS:
        known = ", ".join(("auto", *KINDS))
        raise InputError(say("diagnosis_concentration.choice", option="precision", given=precision, known=known))
    return KINDS[precision]
