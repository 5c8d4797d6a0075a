"""Proximity of industries and what a region's industries lie close to: plain matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.floating[Any]]]

# Whole numbers up to here are exact in single precision; a count of regions may not exceed it.
EXACT = 2**24


def co_occurrence(presence: Floats) -> Floats:
    """Return in how many regions each two industries stand together, from a 0/1 matrix of regions and industries.

    The product is taken in single precision, which is exact for counts below 2^24.
    """
    kind = np.float32 if presence.shape[0] < EXACT else np.float64
    ones = np.ascontiguousarray(presence, dtype=kind)
    return ones.T @ ones


def proximity_matrix(together: Floats, ubiquity: Floats, *, diagonal: bool, kind: type = np.float64) -> Floats:
    """Return min(P(i|j), P(j|i)) = co-occurrences / larger ubiquity; 0 beside an industry that nobody has."""
    counts = np.maximum(ubiquity, 1).astype(kind)
    close = together / np.maximum.outer(counts, counts)
    if not diagonal:
        np.fill_diagonal(close, 0)
    return close


def density_matrix(presence: Floats, close: Floats) -> Floats:
    """Return the share of an industry's proximity that lies in industries a region has: M φ / Σφ."""
    total = close.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        density = (presence @ close) / total
    density[:, total == 0] = np.nan
    return density


def gain_matrix(presence: Floats, close: Floats, industry: Floats) -> Floats:
    """Return the outlook gain (1 − M)_ri Σ_j (1 − M)_rj φ_ji / Σφ_j k_j of complexity values k."""
    total = close.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = np.where(total > 0, industry / total, 0.0).astype(close.dtype)
    absent = 1 - presence
    return absent * (absent @ (close * weights[:, None]))
