"""Complexity and relatedness of long tables of regions and industries."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from zhenxing.diagnosis.complexity.graph import Components, Graph, Scores, build_graph, score
from zhenxing.diagnosis.complexity.products import co_occurrence, proximity_matrix, relate
from zhenxing.diagnosis.concentration.cells import Labels, by_year, join_years, read_cells
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
        density, _, _ = _relatedness(graph, None, diagonal, precision)
        part = all_pairs(graph.cells, {"present": graph.present, "density": density})
        part.attrs["issues"] = graph.issues
        parts.append((label, part))
    return join_years(parts, year)


def eci(
    frame: pd.DataFrame,
    region: str = "region",
    industry: str = "industry",
    value: str = "value",
    *,
    year: str | None = None,
    threshold: float = 1.0,
    given: bool = False,
    components: Components = "largest",
) -> pd.DataFrame:
    """Economic complexity index of regions.

    The eigenvector k of the second largest eigenvalue of D⁻¹ M U⁻¹ Mᵀ (D diversity, U ubiquity), as (k − mean) /
    standard deviation (population), so its mean is 0 and its standard deviation 1. The sign is such that it correlates
    positively with diversity; where it does not correlate at all, the first region in label order that differs from
    the mean is positive.

    Parameters
    ----------
    frame, region, industry, value, year, threshold, given
        As in :func:`proximity`.
    components : {"largest", "each", "refuse"}
        When the graph of regions and industries falls apart, numbers of different parts cannot be compared (the second
        eigenvalue is 1 and its vector only tells the parts apart). ``"largest"``: the part with most regions, NaN
        elsewhere; ``"each"``: every part by itself, standardised by itself; ``"refuse"``: an InputError.

    Returns
    -------
    DataFrame
        ``year`` if given, region, diversity, eci, component (0 the largest part, -1 none). NaN, with a warning in
        ``issues_of(result)``, for regions without industries, when the second and third eigenvalue are equal to nine
        digits (then no vector is the second), and when all regions have the same average (one region, a full table).

    Raises
    ------
    InputError
        For tables that cannot be read so, and a graph in parts with ``components="refuse"``.

    Notes
    -----
    Hausmann, R., Hidalgo, C. A., et al. (2014). *The Atlas of Economic Complexity*. MIT Press. Equal to ecomplexity
    0.5.3 to 1e-10 on connected tables.

    Examples
    --------
    >>> has = pd.DataFrame({"region": list("aaabbc"), "industry": list("xyzxyx"), "value": 1})
    >>> eci(has, given=True)["eci"].round(3).tolist()
    [1.225, 0.0, -1.225]
    """
    parts = []
    for label, rows in by_year(frame, year):
        graph = build_graph(read_cells(rows, region, industry, value), threshold, given)
        scores = score(graph, components)
        part = _of_labels(
            graph.cells.regions, {"diversity": graph.diversity, "eci": scores.eci, "component": scores.region_part}
        )
        part.attrs["issues"] = (*graph.issues, *scores.issues)
        parts.append((label, part))
    return join_years(parts, year)


def pci(
    frame: pd.DataFrame,
    region: str = "region",
    industry: str = "industry",
    value: str = "value",
    *,
    year: str | None = None,
    threshold: float = 1.0,
    given: bool = False,
    components: Components = "largest",
) -> pd.DataFrame:
    """Complexity index of industries (product complexity index).

    The eigenvector q of the second largest eigenvalue of U⁻¹ Mᵀ D⁻¹ M, standardised with the mean and standard
    deviation of the regions' values k, as (q − mean k) / sd k, so that the ECI of a region is the mean PCI of the
    industries it has. Its own mean and deviation are therefore not 0 and 1. Sign as in :func:`eci`.

    Parameters
    ----------
    frame, region, industry, value, year, threshold, given, components
        As in :func:`eci`.

    Returns
    -------
    DataFrame
        ``year`` if given, industry, ubiquity, pci, component. NaN as in :func:`eci`.

    Raises
    ------
    InputError
        As in :func:`eci`.

    Notes
    -----
    Source as in :func:`eci`; this standardisation is that of ecomplexity.

    Examples
    --------
    >>> has = pd.DataFrame({"region": list("aaabbc"), "industry": list("xyzxyx"), "value": 1})
    >>> pci(has, given=True)["pci"].round(3).tolist()
    [-1.225, 1.225, 3.674]
    """
    parts = []
    for label, rows in by_year(frame, year):
        graph = build_graph(read_cells(rows, region, industry, value), threshold, given)
        scores = score(graph, components)
        part = _of_labels(
            graph.cells.industries, {"ubiquity": graph.ubiquity, "pci": scores.pci, "component": scores.industry_part}
        )
        part.attrs["issues"] = (*graph.issues, *scores.issues)
        parts.append((label, part))
    return join_years(parts, year)


def coi(
    frame: pd.DataFrame,
    region: str = "region",
    industry: str = "industry",
    value: str = "value",
    *,
    diagonal: bool,
    year: str | None = None,
    threshold: float = 1.0,
    given: bool = False,
    components: Components = "largest",
) -> pd.DataFrame:
    """Complexity outlook index of regions: how complex the industries are that lie close to what a region has.

    COI_r = Σ_i d_ri (1 − M_ri) q_i with the density d and the eigenvector q of :func:`pci` before centring, then
    standardised to mean 0 and standard deviation 1.

    Parameters
    ----------
    frame, region, industry, value, year, threshold, given, components
        As in :func:`eci`.
    diagonal : bool
        As in :func:`relatedness_density`.

    Returns
    -------
    DataFrame
        ``year`` if given, region, coi. NaN as in :func:`eci`.

    Raises
    ------
    InputError
        As in :func:`eci`.

    Notes
    -----
    Hausmann et al. (2014), see :func:`eci`; centring and standardisation as in ecomplexity.

    Examples
    --------
    >>> has = pd.DataFrame({"region": list("aaabbc"), "industry": list("xyzxyx"), "value": 1})
    >>> coi(has, given=True, diagonal=True)["coi"].round(3).tolist()
    [-1.277, 1.165, 0.113]
    """
    parts = []
    for label, rows in by_year(frame, year):
        graph, scores, _, _, outlook = _everything(
            rows, (region, industry, value), threshold, given, components, diagonal, "double"
        )
        part = _of_labels(graph.cells.regions, {"coi": outlook})
        part.attrs["issues"] = (*graph.issues, *scores.issues)
        parts.append((label, part))
    return join_years(parts, year)


def cog(
    frame: pd.DataFrame,
    region: str = "region",
    industry: str = "industry",
    value: str = "value",
    *,
    diagonal: bool,
    year: str | None = None,
    threshold: float = 1.0,
    given: bool = False,
    components: Components = "largest",
) -> pd.DataFrame:
    """Complexity outlook gain of a region from an industry that it does not have.

    COG_ri = (1 − M_ri) Σ_j (1 − M_rj) φ_ij / (Σ_l φ_jl) q_j, q as in :func:`coi` over the standard deviation of the
    regions' values. 0 for industries that the region has.

    Parameters
    ----------
    frame, region, industry, value, year, threshold, given, components, diagonal
        As in :func:`coi`.

    Returns
    -------
    DataFrame
        All pairs: ``year`` if given, region, industry, present (bool), cog. NaN as in :func:`eci`.

    Raises
    ------
    InputError
        As in :func:`eci`.

    Notes
    -----
    Hausmann et al. (2014), see :func:`eci`; the form is that of ecomplexity, which takes the weight of the industry
    gained as it is and does not subtract d_ri q_i.

    Examples
    --------
    >>> has = pd.DataFrame({"region": list("aaabbc"), "industry": list("xyzxyx"), "value": 1})
    >>> cog(has, given=True, diagonal=True)["cog"].round(3).tolist()[6:]
    [0.0, 1.268, 1.97]
    """
    parts = []
    for label, rows in by_year(frame, year):
        graph, scores, _, gain, _ = _everything(
            rows, (region, industry, value), threshold, given, components, diagonal, "double"
        )
        part = all_pairs(graph.cells, {"present": graph.present, "cog": gain})
        part.attrs["issues"] = (*graph.issues, *scores.issues)
        parts.append((label, part))
    return join_years(parts, year)


def complexity(
    frame: pd.DataFrame,
    region: str = "region",
    industry: str = "industry",
    value: str = "value",
    *,
    diagonal: bool,
    year: str | None = None,
    threshold: float = 1.0,
    given: bool = False,
    components: Components = "largest",
    precision: Precision = "auto",
) -> pd.DataFrame:
    """Location quotients, complexity, density and outlook of all pairs of regions and industries at once.

    Parameters
    ----------
    frame, region, industry, value, year, threshold, given, components, diagonal
        As in :func:`coi`.
    precision : {"auto", "double", "single"}
        Of density, coi and cog, as in :func:`relatedness_density`. ECI and PCI are double always.

    Returns
    -------
    DataFrame
        All pairs, sorted: ``year`` if given, region, industry, value, location_quotient, present (bool), diversity,
        ubiquity, eci, pci, density, coi, cog, as in the functions of these names.

    Raises
    ------
    InputError
        As in :func:`eci`.

    Notes
    -----
    Sources stand at the functions of these names.

    Examples
    --------
    >>> has = pd.DataFrame({"region": list("aaabbc"), "industry": list("xyzxyx"), "value": 1})
    >>> table = complexity(has, given=True, diagonal=True)
    >>> table["eci"].round(3).tolist()[::3]
    [1.225, 0.0, -1.225]
    """
    parts = []
    for label, rows in by_year(frame, year):
        graph, scores, density, gain, outlook = _everything(
            rows, (region, industry, value), threshold, given, components, diagonal, precision
        )
        number, width = graph.present.shape
        columns = {
            "value": graph.values,
            "location_quotient": graph.quotients,
            "present": graph.present,
            "diversity": np.repeat(graph.diversity.astype(np.int32), width),
            "ubiquity": np.tile(graph.ubiquity, number),
            "eci": np.repeat(scores.eci, width),
            "pci": np.tile(scores.pci, number),
            "density": density,
            "coi": np.repeat(outlook, width),
            "cog": gain,
        }
        part = all_pairs(graph.cells, columns)
        part.attrs["issues"] = (*graph.issues, *scores.issues)
        parts.append((label, part))
    return join_years(parts, year)


def _everything(
    rows: pd.DataFrame,
    names: tuple[str, str, str],
    threshold: float,
    given: bool,
    components: Components,
    diagonal: bool,
    precision: Precision,
) -> tuple[Graph, Scores, Floats, Floats, Floats]:
    """Return graph, complexity, density, outlook gain and outlook of one year."""
    graph = build_graph(read_cells(rows, *names), threshold, given)
    scores = score(graph, components)
    density, gains, reach = _relatedness(graph, scores.industry, diagonal, precision)
    outlook = np.full(len(reach), np.nan)
    for part in np.unique(scores.region_part[np.isfinite(scores.eci)]):
        of_part = scores.region_part == part
        spread = reach[of_part].std()
        if spread > 0:
            outlook[of_part] = (reach[of_part] - reach[of_part].mean()) / spread
    gains[np.isnan(scores.eci)] = np.nan
    if np.isnan(scores.industry).any():
        gains[:, np.isnan(scores.industry)] = np.nan
    return graph, scores, density, gains, outlook


def _relatedness(
    graph: Graph, industry: Floats | None, diagonal: bool, precision: Precision
) -> tuple[Floats, Floats, Floats]:
    """Return density and, for complexity values of the industries, outlook gain and outlook before standardisation."""
    kind = _kind(precision, graph.present.size)
    close = proximity_matrix(co_occurrence(graph.present), graph.ubiquity, diagonal=diagonal, kind=kind)
    density, gains, reach = relate(graph.present, close, industry, kind)
    density[graph.diversity == 0] = np.nan
    return density, gains, reach


def _of_labels(labels: Labels, columns: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame({labels.name: labels.at(np.arange(len(labels))), **columns})


def _kind(precision: str, pairs: int) -> type:
    if precision == "auto":
        precision = "single" if pairs > LARGE else "double"
    if precision not in KINDS:
        known = ", ".join(("auto", *KINDS))
        raise InputError(say("diagnosis_concentration.choice", option="precision", given=precision, known=known))
    return KINDS[precision]
