"""Complexity of regions and of industries."""

from __future__ import annotations

import pandas as pd

from zhenxing.diagnosis.complexity.graph import Components, build_graph, score
from zhenxing.diagnosis.concentration.cells import by_year, join_years, read_cells


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
        As in ``proximity``.
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
        part = graph.cells.regions.table(
            {"diversity": graph.diversity, "eci": scores.eci, "component": scores.region_part}
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
        part = graph.cells.industries.table(
            {"ubiquity": graph.ubiquity, "pci": scores.pci, "component": scores.industry_part}
        )
        part.attrs["issues"] = (*graph.issues, *scores.issues)
        parts.append((label, part))
    return join_years(parts, year)
