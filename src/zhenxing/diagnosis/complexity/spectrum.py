"""The second eigenvector of the averages over a region-industry graph: connected parts, ties, sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

Floats = np.ndarray[Any, np.dtype[np.floating[Any]]]
Codes = np.ndarray[Any, np.dtype[np.integer[Any]]]

# Below this size the smaller side is solved densely: all eigenvalues at once cost less than the iteration.
DENSE = 200
# Relative gap below which two eigenvalues count as one, and size below which an eigenvalue counts as none.
TIE = 1e-9
NONE = 1e-12


@dataclass(frozen=True)
class Spectrum:
    """Complexity before standardisation of one connected graph.

    Parameters
    ----------
    region : ndarray
        k_r: mean of the industries' values over the industries that a region has.
    industry : ndarray
        k_i: the eigenvector; its mean weighted by ubiquity is 0.
    second, third : float
        Second and third eigenvalue of the averages over regions and back, in 0..1.
    """

    region: Floats
    industry: Floats
    second: float
    third: float

    @property
    def tied(self) -> bool:
        """Whether the second and third eigenvalue are one: then no direction is the second."""
        return self.second > NONE and self.second - self.third <= TIE * self.second

    @property
    def none(self) -> bool:
        """Whether all regions look alike: nothing is left once the mean is taken out."""
        return self.second <= NONE


def parts_of(presence: csr_array) -> tuple[Codes, Codes]:
    """Return the connected part of every region and industry, largest (most regions, then industries) first.

    Regions without industries and industries without regions have -1.
    """
    from scipy.sparse.csgraph import connected_components

    rows, columns = presence.shape
    diversity = np.diff(presence.indptr)
    ubiquity = np.bincount(presence.indices, minlength=columns)
    # the usual case in one step: a region with an industry of its own aside, one part reached from any region
    pointers = np.concatenate([presence.indptr, np.full(columns, presence.nnz, dtype=presence.indptr.dtype)])
    graph = csr_array(
        (np.ones(presence.nnz, dtype=np.int8), presence.indices + rows, pointers), shape=(rows + columns,) * 2
    )
    _, found = connected_components(graph, directed=False)
    regions, industries = found[:rows], found[rows:]
    regions = np.where(diversity > 0, regions, -1)
    industries = np.where(ubiquity > 0, industries, -1)
    present = np.unique(regions[regions >= 0])
    sizes = [(-np.count_nonzero(regions == part), -np.count_nonzero(industries == part), part) for part in present]
    order = np.full(found.max() + 2, -1, dtype=np.int32)
    for place, (_, _, part) in enumerate(sorted(sizes)):
        order[part] = place
    return order[regions], order[industries]


def second_direction(presence: csr_array) -> Spectrum:
    """Return the complexity of a connected 0/1 matrix of regions (rows) and industries, neither side with empty lines.

    The averages P = U⁻¹ Mᵀ D⁻¹ M (Hausmann et al.) are similar to the symmetric BᵀB with B = D^-½ M U^-½, whose first
    eigenvector √U is known; it is projected out and the next one found on the smaller side.
    """
    diversity = np.diff(presence.indptr).astype(np.float64)
    ubiquity = np.bincount(presence.indices, minlength=presence.shape[1]).astype(np.float64)
    scaled = csr_array(
        (
            np.repeat(1 / np.sqrt(diversity), np.diff(presence.indptr)) / np.sqrt(ubiquity)[presence.indices],
            presence.indices,
            presence.indptr,
        ),
        shape=presence.shape,
    )
    wide = presence.shape[0] <= presence.shape[1]
    known = np.sqrt(diversity if wide else ubiquity)
    vector, second, third = _second(scaled if wide else csr_array(scaled.T), known / np.linalg.norm(known))
    if wide:
        # from regions to industries: the singular pair of B
        vector = scaled.T @ vector
    industry = vector / np.sqrt(ubiquity)
    norm = np.linalg.norm(industry)
    industry = industry / norm if norm > 0 else industry
    region = _region_means(presence, industry, diversity)
    sign = _sign(diversity, region)
    return Spectrum(sign * region, sign * industry, second, third)


def _region_means(presence: csr_array, industry: Floats, diversity: Floats) -> Floats:
    return np.asarray(np.add.reduceat(industry[presence.indices], presence.indptr[:-1]) / diversity)


def _sign(diversity: Floats, region: Floats) -> float:
    """Return the sign that makes complexity grow with diversity; if they do not correlate, the first region counts."""
    centred = region - region.mean()
    together = float((diversity - diversity.mean()) @ centred)
    scale = float(np.linalg.norm(diversity - diversity.mean()) * np.linalg.norm(centred))
    if abs(together) > 1e-10 * scale:
        return 1.0 if together > 0 else -1.0
    leading = int(np.argmax(np.abs(centred) > 1e-8 * np.abs(centred).max(initial=0.0)))
    return 1.0 if centred[leading] >= 0 else -1.0


def _second(scaled: csr_array, known: Floats) -> tuple[Floats, float, float]:
    """Return the second eigenvector of BBᵀ, its eigenvalue and the third."""
    size = scaled.shape[0]
    if size <= DENSE:
        dense = (scaled @ scaled.T).toarray()
        dense -= np.outer(known, known)
        values, vectors = np.linalg.eigh(dense)
        # the known direction is now among the zeros
        top = [*values[::-1], 0.0, 0.0]
        return vectors[:, -1], max(float(top[0]), 0.0), max(float(top[1]), 0.0)
    vector, second = _leading(scaled, known[:, None], 0.0)
    # how close the next eigenvalue comes: two digits mostly tell, else more are asked for
    out = np.column_stack([known, vector])
    _, third = _leading(scaled, out, 1e-2)
    if third > 0.9 * second:
        _, third = _leading(scaled, out, 1e-7)
    return vector, second, third


def _leading(scaled: csr_array, out: Floats, tolerance: float) -> tuple[Floats, float]:
    """Return the leading eigenvector of BBᵀ outside the span of some orthonormal vectors, by Lanczos."""
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

    across = csr_array(scaled.T)

    def apply(vector: Floats) -> Floats:
        flat = vector if vector.ndim == 2 and vector.shape[1] > 1 else vector.ravel()
        flat = flat - out @ (out.T @ flat)
        image = scaled @ (across @ flat)
        return np.asarray(image - out @ (out.T @ image))

    size = scaled.shape[0]
    # another start for every search: what is left of the first start holds no second copy of a double eigenvalue
    start = np.random.default_rng(out.shape[1]).standard_normal(size)
    start -= out @ (out.T @ start)
    operator = LinearOperator((size, size), matvec=apply, dtype=np.float64)
    try:
        values, vectors = eigsh(operator, k=1, which="LA", v0=start, tol=tolerance, ncv=min(size - 1, 24), maxiter=5000)
    except ArpackNoConvergence:
        # eigenvalues too close for the iteration; all of them at once cost more, but are found
        dense = apply(np.eye(size))
        values, vectors = np.linalg.eigh((dense + dense.T) / 2)
        values, vectors = values[-1:], vectors[:, -1:]
    vector = vectors[:, 0] - out @ (out.T @ vectors[:, 0])
    return vector / np.linalg.norm(vector), float(values[0])
