"""What lies within a region's reach, and everything at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from zhenxing.diagnosis.complexity.graph import Components, Graph, Scores, build_graph, score
from zhenxing.diagnosis.complexity.relatedness import Precision, relate_graph
from zhenxing.diagnosis.concentration.cells import by_year, join_years, read_cells
from zhenxing.diagnosis.concentration.quotients import all_pairs

Floats = np.ndarray[Any, np.dtype[np.floating[Any]]]


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

    COI_r = Σ_i d_ri (1 − M_ri) q_i with the density d and the eigenvector q of ``pci`` before centring, then
    standardised to mean 0 and standard deviation 1.

    Parameters
    ----------
    frame, region, industry, value, year, threshold, given, components
        As in ``eci``.
    diagonal : bool
        As in ``relatedness_density``.

    Returns
    -------
    DataFrame
        ``year`` if given, region, coi. NaN as in ``eci``.

    Raises
    ------
    InputError
        As in ``eci``.

    Notes
    -----
    Hausmann et al. (2014), see ``eci``; centring and standardisation as in ecomplexity.

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
        part = graph.cells.regions.table({"coi": outlook})
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
        All pairs: ``year`` if given, region, industry, present (bool), cog. NaN as in ``eci``.

    Raises
    ------
    InputError
        As in ``eci``.

    Notes
    -----
    Hausmann et al. (2014), see ``eci``; the form is that of ecomplexity, which takes the weight of the industry
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
        Of density, coi and cog, as in ``relatedness_density``. ECI and PCI are double always.

    Returns
    -------
    DataFrame
        All pairs, sorted: ``year`` if given, region, industry, value, location_quotient, present (bool), diversity,
        ubiquity, eci, pci, density, coi, cog, as in the functions of these names.

    Raises
    ------
    InputError
        As in ``eci``.

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
    density, gains, reach = relate_graph(graph, scores.industry, diagonal, precision)
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
