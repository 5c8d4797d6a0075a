"""The graph of regions and the industries they have, and the complexity of both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.sparse import csr_array

from zhenxing.diagnosis.complexity.spectrum import parts_of, second_direction
from zhenxing.diagnosis.concentration.cells import Cells, warning
from zhenxing.diagnosis.concentration.quotients import quotient_matrix
from zhenxing.errors import InputError, Issue
from zhenxing.i18n import name_rows, say

Floats = np.ndarray[Any, np.dtype[np.floating[Any]]]
Codes = np.ndarray[Any, np.dtype[np.integer[Any]]]
Components = Literal["largest", "each", "refuse"]
COMPONENTS = ("largest", "each", "refuse")

# A quotient that equals the threshold but for rounding counts as reaching it, whatever the order of the rows.
ROUNDING = 1e-12


@dataclass(frozen=True)
class Graph:
    """Which regions have which industries.

    Parameters
    ----------
    cells : Cells
        Labels of both sides.
    values : ndarray
        Values by region (rows) and industry.
    quotients : ndarray
        Location quotients; NaN without meaning or when presence was given.
    present : ndarray of bool
        M: whether the quotient reaches the threshold.
    issues : tuple of Issue
        Regions and industries that have nothing.
    """

    cells: Cells
    values: Floats
    quotients: Floats
    present: np.ndarray[Any, np.dtype[np.bool_]]
    issues: tuple[Issue, ...]

    @property
    def diversity(self) -> Codes:
        """Number of industries of every region."""
        return np.asarray(np.count_nonzero(self.present, axis=1))

    @property
    def ubiquity(self) -> Codes:
        """Number of regions of every industry."""
        return np.asarray(self.present.sum(axis=0, dtype=np.int32))


@dataclass(frozen=True)
class Scores:
    """Complexity of both sides of a graph; NaN where it is not defined.

    Parameters
    ----------
    eci, pci : ndarray
        Standardised by the mean and standard deviation of the regions' means.
    industry : ndarray
        The industries' values over that standard deviation, not centred: what the outlook measures add up.
    region_part, industry_part : ndarray of int
        Connected part of the graph, 0 the largest, -1 none.
    issues : tuple of Issue
        Parts, ties and graphs without a second direction.
    """

    eci: Floats
    pci: Floats
    industry: Floats
    region_part: Codes
    industry_part: Codes
    issues: tuple[Issue, ...]


def build_graph(cells: Cells, threshold: float, given: bool) -> Graph:
    """Return the graph of a table: M = 1 where the location quotient reaches the threshold, or where M was given."""
    values = cells.matrix()
    if given:
        if not np.isin(values, (0.0, 1.0)).all():
            raise InputError(say("diagnosis_concentration.not_presence"))
        quotients = np.full(values.shape, np.nan)
        present = values > 0
    else:
        if not (np.isfinite(threshold) and threshold > 0):
            raise InputError(say("diagnosis_concentration.threshold", given=threshold))
        quotients = quotient_matrix(values)
        present = quotients >= threshold * (1 - ROUNDING)
    graph = Graph(cells, values, quotients, present, ())
    issues = []
    for labels, counts, entry in (
        (cells.regions, graph.diversity, "no_industries"),
        (cells.industries, graph.ubiquity, "no_regions"),
    ):
        without = labels.named(counts == 0)
        if without:
            issues.append(warning(entry, without, column=labels.name))
    return Graph(cells, values, quotients, present, tuple(issues))


def score(graph: Graph, components: Components) -> Scores:
    """Return the complexity of the regions and industries of a graph, part by part."""
    if components not in COMPONENTS:
        raise InputError(
            say("diagnosis_concentration.choice", option="components", given=components, known=", ".join(COMPONENTS))
        )
    links = _sparse(graph.present)
    region_part, industry_part = parts_of(links)
    number = int(region_part.max(initial=-1)) + 1
    issues = []
    if number > 1:
        names = graph.cells.regions.named(region_part > 0)
        if components == "refuse":
            raise InputError(say("diagnosis_concentration.parts_refused", parts=number, rows=name_rows(names)))
        issues.append(warning(f"parts_{components}", names, column=graph.cells.regions.name, parts=number))
    eci, pci, industry = (np.full(size, np.nan) for size in (len(region_part), len(industry_part), len(industry_part)))
    whole = number == 1 and region_part.min() == 0 and industry_part.min() == 0
    for part in range(number if components == "each" else min(number, 1)):
        rows, columns = np.flatnonzero(region_part == part), np.flatnonzero(industry_part == part)
        found = second_direction(links if whole else csr_array(links[rows][:, columns]))
        spread = float(found.region.std())
        if found.none or found.tied or spread == 0:
            names = graph.cells.regions.named(rows)
            entry = "tie" if found.tied else "alike"
            issues.append(warning(entry, names, eigenvalue=f"{found.second:.6g}"))
            continue
        mean = float(found.region.mean())
        eci[rows] = (found.region - mean) / spread
        industry[columns] = found.industry / spread
        pci[columns] = (found.industry - mean) / spread
    return Scores(eci, pci, industry, region_part, industry_part, tuple(issues))


def _sparse(present: np.ndarray[Any, np.dtype[np.bool_]]) -> csr_array:
    rows, columns = present.shape
    place = np.flatnonzero(present)
    counts = np.count_nonzero(present, axis=1)
    pointers = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return csr_array(
        (np.ones(len(place)), (place - np.repeat(np.arange(rows) * columns, counts)).astype(np.int32), pointers),
        shape=present.shape,
    )
