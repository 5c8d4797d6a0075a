"""The inner loops over pairs of points, as plain Python that numba turns into machine code (``counting`` loads it).

Coordinates are whole numbers of lattice cells, so a squared distance is a whole number too. In float32 it is exact
below 2^24, and the correctly rounded root of ``k*k - 1`` stays below ``k`` for every k up to 2,896: cutting off the
decimals gives the exact bin. Longer lattices are given in float64, where the same holds up to 2^26.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

BLOCK = 2048
# pairs after which 32-bit tables are emptied into the total
FULL = 2_000_000_000
Whole = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
Coordinates = npt.NDArray[np.floating]
Bins = npt.NDArray[np.int32]


def bins_of(x: Coordinates, y: Coordinates, xi: Any, yi: Any, top: Any, bins: Bins) -> None:
    """Write the whole distances of some points to one place, ``top`` at most: a loop without branches."""
    for k in range(len(x)):
        dx = x[k] - xi
        dy = y[k] - yi
        bins[k] = np.int32(min(np.sqrt(dx * dx + dy * dy), top))


def pairs(x: Coordinates, y: Coordinates, last: int) -> Whole:
    """Count the pairs of points by whole distance; the last bin holds everything from ``last`` on."""
    n = len(x)
    total = np.zeros(last + 1, np.int64)
    even = np.zeros(last + 1, np.uint32)
    odd = np.zeros(last + 1, np.uint32)
    bins = np.empty(BLOCK, np.int32)
    top = x.dtype.type(last)
    held = 0
    for i in range(n - 1):
        for start in range(i + 1, n, BLOCK):
            size = min(BLOCK, n - start)
            bins_of(x[start : start + size], y[start : start + size], x[i], y[i], top, bins)
            # two tables by turns: equal bins in a row need not wait for each other
            for k in range(0, size - 1, 2):
                even[bins[k]] += np.uint32(1)
                odd[bins[k + 1]] += np.uint32(1)
            if size % 2:
                even[bins[size - 1]] += np.uint32(1)
        held += n - 1 - i
        if held > FULL:
            for k in range(last + 1):
                total[k] += np.int64(even[k]) + np.int64(odd[k])
            even[:] = 0
            odd[:] = 0
            held = 0
    for k in range(last + 1):
        total[k] += np.int64(even[k]) + np.int64(odd[k])
    return total


def weighted_pairs(x: Coordinates, y: Coordinates, weight: Numbers, last: int) -> Numbers:
    """Add the products of the weights of the pairs by whole distance."""
    n = len(x)
    even = np.zeros(last + 1, np.float64)
    odd = np.zeros(last + 1, np.float64)
    bins = np.empty(BLOCK, np.int32)
    top = x.dtype.type(last)
    for i in range(n - 1):
        for start in range(i + 1, n, BLOCK):
            size = min(BLOCK, n - start)
            bins_of(x[start : start + size], y[start : start + size], x[i], y[i], top, bins)
            for k in range(0, size - 1, 2):
                even[bins[k]] += weight[i] * weight[start + k]
                odd[bins[k + 1]] += weight[i] * weight[start + k + 1]
            if size % 2:
                even[bins[size - 1]] += weight[i] * weight[start + size - 1]
    return even + odd


def cross(x: Coordinates, y: Coordinates, x2: Coordinates, y2: Coordinates, last: int) -> Whole:
    """Count the pairs of one point of each set by whole distance."""
    even = np.zeros(last + 1, np.int64)
    odd = np.zeros(last + 1, np.int64)
    bins = np.empty(BLOCK, np.int32)
    top = x.dtype.type(last)
    for i in range(len(x)):
        for start in range(0, len(x2), BLOCK):
            size = min(BLOCK, len(x2) - start)
            bins_of(x2[start : start + size], y2[start : start + size], x[i], y[i], top, bins)
            for k in range(0, size - 1, 2):
                even[bins[k]] += 1
                odd[bins[k + 1]] += 1
            if size % 2:
                even[bins[size - 1]] += 1
    return even + odd


def weighted_cross(
    x: Coordinates,
    y: Coordinates,
    weight: Numbers,
    x2: Coordinates,
    y2: Coordinates,
    weight2: Numbers,
    last: int,
) -> Numbers:
    """Add the products of the weights of the pairs of one point of each set by whole distance."""
    even = np.zeros(last + 1, np.float64)
    odd = np.zeros(last + 1, np.float64)
    bins = np.empty(BLOCK, np.int32)
    top = x.dtype.type(last)
    for i in range(len(x)):
        for start in range(0, len(x2), BLOCK):
            size = min(BLOCK, len(x2) - start)
            bins_of(x2[start : start + size], y2[start : start + size], x[i], y[i], top, bins)
            for k in range(0, size - 1, 2):
                even[bins[k]] += weight[i] * weight2[start + k]
                odd[bins[k + 1]] += weight[i] * weight2[start + k + 1]
            if size % 2:
                even[bins[size - 1]] += weight[i] * weight2[start + size - 1]
    return even + odd


def neighbourhoods(
    x: Numbers,
    y: Numbers,
    self_id: Whole,
    x2: Numbers,
    y2: Numbers,
    id2: Whole,
    weight2: Numbers,
    squares: Numbers,
    first: Whole,
) -> Numbers:
    """Add the weights of the neighbours of each point within each distance; a point is no neighbour of itself.

    ``x2`` rises; ``squares`` are the squared distances; ``first[k]`` is the first distance that can hold a squared
    distance in the k-th equal part of ``[0, squares[-1]]``.
    """
    count = len(squares)
    total = np.zeros((len(x), count), np.float64)
    farthest = squares[count - 1]
    reach = np.sqrt(farthest)
    scale = (len(first) - 1) / farthest if farthest > 0 else 0.0
    for i in range(len(x)):
        xi, yi, own = x[i], y[i], self_id[i]
        row = total[i]
        begin = np.searchsorted(x2, xi - reach * (1.0 + 1e-12) - 1e-12)
        for j in range(begin, len(x2)):
            dx = x2[j] - xi
            square = dx * dx
            if square > farthest:
                if dx > 0:
                    break
                continue
            dy = y2[j] - yi
            square += dy * dy
            if square <= farthest and id2[j] != own:
                k = first[int(square * scale)]
                while square > squares[k]:
                    k += 1
                row[k] += weight2[j]
        for k in range(1, count):
            row[k] += row[k - 1]
    return total
