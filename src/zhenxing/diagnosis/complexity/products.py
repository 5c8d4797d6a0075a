"""Proximity of industries and what a region's industries lie close to: plain matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.floating[Any]]]
Codes = np.ndarray[Any, np.dtype[np.integer[Any]]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

# Whole numbers up to here are exact in single precision; a count of regions may not exceed it.
EXACT = 2**24
# Regions taken at a time, so that intermediate results stay in the processor's cache.
BLOCK = 256


def co_occurrence(presence: Flags) -> Floats:
    """Return in how many regions each two industries stand together, from a 0/1 matrix of regions and industries.

    The product is taken in single precision, which is exact for counts below 2^24.
    """
    ones: Floats = presence.astype(np.float32 if presence.shape[0] < EXACT else np.float64)
    together: Floats = ones.T @ ones
    return together


def proximity_matrix(together: Floats, ubiquity: Codes, *, diagonal: bool, kind: type = np.float64) -> Floats:
    """Return min(P(i|j), P(j|i)) = co-occurrences / larger ubiquity; 0 beside an industry that nobody has."""
    counts: Floats = np.maximum(ubiquity, 1).astype(kind)
    close: Floats = together / np.maximum.outer(counts, counts)
    if not diagonal:
        np.fill_diagonal(close, 0)
    return close


def relate(present: Flags, close: Floats, industry: Floats | None, kind: type) -> tuple[Floats, Floats, Floats]:
    """Return density, outlook gain and outlook of the regions for complexity values of the industries.

    Density is M φ / Σφ; the gain (1 − M)_ri Σ_j (1 − M)_rj φ_ji / (Σ_l φ_jl) q_j; the outlook Σ_i d_ri (1 − M)_ri q_i.
    Without complexity values the last two are empty. Industries without any proximity have density NaN, and count
    nowhere.
    """
    regions, industries = present.shape
    total = close.sum(axis=1, dtype=np.float64)
    known = total > 0
    share = close / np.where(known, total, 1.0).astype(kind)
    values = np.zeros(industries) if industry is None else np.nan_to_num(industry)
    pull = close * np.divide(values, total, out=np.zeros(industries), where=known).astype(kind)[:, None]
    density: Floats = np.empty(present.shape, dtype=kind)
    gain: Floats = np.empty((0, industries) if industry is None else present.shape, dtype=kind)
    outlook = np.empty(0 if industry is None else regions)
    # a block of regions at a time: whole matrices of intermediate results cost more memory and time than the products
    for start in range(0, regions, BLOCK):
        rows = slice(start, start + BLOCK)
        has: Floats = present[rows].astype(kind)
        np.matmul(has, share, out=density[rows])
        if industry is not None:
            np.subtract(1, has, out=has)
            np.matmul(has, pull, out=gain[rows])
            gain[rows] *= has
            outlook[rows] = (density[rows] * has) @ values
    if not known.all():
        density[:, ~known] = np.nan
    return density, gain, outlook
