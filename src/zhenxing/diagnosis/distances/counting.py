"""Counts of point pairs by distance on a lattice: compiled, by Fourier transform, or with numpy alone.

Coordinates are rounded to whole cells of a stated size; on the lattice every way counts exactly the same. Comparing
every pair costs n²/2 steps; the transform costs the same for any number of points, so it takes over for many.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from zhenxing.diagnosis.distances import loops

Way = Literal["auto", "direct", "fft", "plain"]
Numbers = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

# CPU nanoseconds of one pair, and of one lattice point and doubling of a transform; they only choose the way
_PAIR_NS = 1.1
_FFT_NS = 0.9
_LARGEST_LATTICE = 64_000_000
_SAFE_FLOAT32 = 2896


@dataclass(frozen=True)
class Lattice:
    """Points in whole cells from the smallest coordinates, and their weights (empty when every point counts one)."""

    x: Whole
    y: Whole
    weight: Numbers

    def take(self, chosen: npt.NDArray[Any], weight: Numbers | None = None) -> Lattice:
        """Return the points chosen, with other weights when given."""
        own = self.weight[chosen] if len(self.weight) else self.weight
        return Lattice(self.x[chosen], self.y[chosen], own if weight is None else weight)

    def __len__(self) -> int:
        return len(self.x)


def lattice(x: Numbers, y: Numbers, cell: float, weight: Numbers | None = None) -> Lattice:
    """Round coordinates in metres to whole cells."""
    return Lattice(
        np.rint((x - x.min()) / cell).astype(np.int64),
        np.rint((y - y.min()) / cell).astype(np.int64),
        np.empty(0) if weight is None else np.asarray(weight, dtype=np.float64),
    )


def count(points: Lattice, last: int, other: Lattice | None = None, way: Way = "auto") -> tuple[Numbers, str]:
    """Count pairs by whole distance in cells: bin k holds ``k <= d < k + 1``, bin ``last`` the rest.

    Parameters
    ----------
    points : Lattice
        The points; with weights a pair counts the product of its two weights.
    last : int
        The bin of everything at least that far apart.
    other : Lattice, optional
        Count the pairs of one point of each instead of the pairs within ``points``.
    way : {"auto", "direct", "fft", "plain"}
        Compiled comparison of all pairs, Fourier transform, numpy alone; ``auto`` takes the cheaper of the first two.

    Returns
    -------
    tuple
        The counts and the way that gave them; the counts add up to n(n − 1)/2 (to n·m with ``other``).
    """
    if way == "auto":
        way = choose(points, last, other)
    if way == "fft":
        counts = _by_transform(points, last, other)
        if counts is not None:
            return counts, "fft"
        way = "direct"
    if way == "direct" and kernels() is not None:
        return _direct(points, last, other), "direct"
    return _plain(points, last, other), "plain"


def choose(points: Lattice, last: int, other: Lattice | None = None) -> Way:
    """Return the cheaper way: by the number of pairs against the size of the lattice."""
    if not len(points):
        return "direct"
    size = math.prod(_shape(points, last, other))
    pairs = len(points) * (len(points) / 2 if other is None else len(other))
    rounds = 1 if other is None and not len(points.weight) else 2
    cheaper = size * math.log2(size) * _FFT_NS * rounds < pairs * _PAIR_NS
    return "fft" if cheaper and size <= _LARGEST_LATTICE else "direct"


@dataclass(frozen=True)
class Kernels:
    """The loops as machine code."""

    pairs: Callable[..., Whole]
    weighted_pairs: Callable[..., Numbers]
    cross: Callable[..., Whole]
    weighted_cross: Callable[..., Numbers]
    neighbourhoods: Callable[..., Numbers]


@cache
def kernels() -> Kernels | None:
    """Return the loops compiled, or None where numba is not installed; the machine code is kept on disk."""
    try:
        from numba import njit
        from numba.extending import register_jitable
    except ImportError:
        return None
    register_jitable(loops.bins_of)
    compile_ = njit(cache=True)
    return Kernels(
        compile_(loops.pairs),
        compile_(loops.weighted_pairs),
        compile_(loops.cross),
        compile_(loops.weighted_cross),
        compile_(loops.neighbourhoods),
    )


def _direct(points: Lattice, last: int, other: Lattice | None) -> Numbers:
    compiled = kernels()
    assert compiled is not None
    kind = np.float32 if last <= _SAFE_FLOAT32 and _extent(points, other) < 2**24 else np.float64
    x, y = points.x.astype(kind), points.y.astype(kind)
    if other is None:
        if len(points.weight):
            return compiled.weighted_pairs(x, y, points.weight, last)
        return compiled.pairs(x, y, last).astype(np.float64)
    x2, y2 = other.x.astype(kind), other.y.astype(kind)
    if len(points.weight):
        return compiled.weighted_cross(x, y, points.weight, x2, y2, other.weight, last)
    return compiled.cross(x, y, x2, y2, last).astype(np.float64)


def _plain(points: Lattice, last: int, other: Lattice | None) -> Numbers:
    counts = np.zeros(last + 1)
    for i in range(len(points)):
        against = points if other is None else other
        start = i + 1 if other is None else 0
        square = (against.x[start:] - points.x[i]) ** 2 + (against.y[start:] - points.y[i]) ** 2
        bins = np.minimum(np.sqrt(square.astype(np.float64)).astype(np.int64), last)
        weight = points.weight[i] * against.weight[start:] if len(points.weight) else None
        counts += np.bincount(bins, weights=weight, minlength=last + 1)
    return counts


def _extent(points: Lattice, other: Lattice | None) -> int:
    sets = [points] if other is None else [points, other]
    return max(int(max(each.x.max(), each.y.max())) for each in sets if len(each))


def _shape(points: Lattice, last: int, other: Lattice | None) -> tuple[int, int]:
    """Return the padded sides: wrapped-around pairs must stay out of the distances that are read."""
    from scipy.fft import next_fast_len

    sets = [points] if other is None else [points, other]
    sides = []
    for axis in ("x", "y"):
        high = max(int(getattr(each, axis).max()) for each in sets)
        low = min(int(getattr(each, axis).min()) for each in sets)
        span = high - low
        sides.append(int(next_fast_len(span + min(span, last) + 1, real=True)))
    return sides[0], sides[1]


def _by_transform(points: Lattice, last: int, other: Lattice | None) -> Numbers | None:
    """Count through the Fourier transform, or return None where rounding cannot be trusted."""
    shape = _shape(points, last, other)
    whole = all(np.array_equal(each.weight, np.rint(each.weight)) for each in (points, other) if each is not None)
    if whole:
        for kind in (np.float32, np.float64):
            exact = _correlate(points, other, shape, kind)
            rounded = np.rint(exact)
            residue = float(np.abs(exact - rounded).max())
            # pairs at every lag of the torus add up to a number known beforehand
            if residue < 0.25 and float(rounded.sum(dtype=np.float64)) == _all(points, other):
                return _gather(rounded, points, other, last)
        return None
    return _gather(_correlate(points, other, shape, np.float64), points, other, last)


def _all(points: Lattice, other: Lattice | None) -> float:
    """Return the sum over all ordered pairs, every point with itself included."""
    first = float(points.weight.sum()) if len(points.weight) else float(len(points))
    if other is None:
        return first * first
    return first * (float(other.weight.sum()) if len(other.weight) else float(len(other)))


def _correlate(
    points: Lattice, other: Lattice | None, shape: tuple[int, int], kind: type[np.floating]
) -> npt.NDArray[np.floating]:
    from scipy.fft import irfft2, rfft2

    sets = [points] if other is None else [points, other]
    west = min(int(each.x.min()) for each in sets)
    south = min(int(each.y.min()) for each in sets)
    spectra = []
    for each in sets:
        where = (each.x - west) * shape[1] + (each.y - south)
        weight = each.weight if len(each.weight) else None
        grid = np.bincount(where, weights=weight, minlength=shape[0] * shape[1]).astype(kind).reshape(shape)
        spectra.append(rfft2(grid))
    if other is None:
        spectrum = spectra[0]
        power = (spectrum.real**2 + spectrum.imag**2).astype(spectrum.dtype)
    else:
        power = np.conj(spectra[0]) * spectra[1]
    result: npt.NDArray[np.floating] = irfft2(power, s=shape)
    return result


def _gather(lags: npt.NDArray[np.floating], points: Lattice, other: Lattice | None, last: int) -> Numbers:
    """Add the lags of each whole distance; without ``other`` every pair stands at two lags and each point at lag 0."""
    reach = [min(last, (side - 1) // 2) for side in lags.shape]
    sets = [points] if other is None else [points, other]
    for k, axis in enumerate(("x", "y")):
        coordinates = [getattr(each, axis) for each in sets]
        span = max(int(c.max()) for c in coordinates) - min(int(c.min()) for c in coordinates)
        reach[k] = min(last, span)
    dx = np.arange(-reach[0], reach[0] + 1)
    dy = np.arange(-reach[1], reach[1] + 1)
    if other is None:
        dx = dx[reach[0] :]
    bins = np.sqrt((dx[:, None] ** 2 + dy[None, :] ** 2).astype(np.float64)).astype(np.int64)
    np.minimum(bins, last, out=bins)
    values = lags[np.ix_(dx % lags.shape[0], dy % lags.shape[1])].astype(np.float64)
    if other is None:
        values[0, : reach[1]] = 0.0
        values[0, reach[1]] = (values[0, reach[1]] - _selves(points)) / 2.0
    counts: Numbers = np.bincount(bins.ravel(), weights=values.ravel(), minlength=last + 1).astype(np.float64)
    total = _all(points, other) if other is not None else (_all(points, None) - _selves(points)) / 2.0
    counts[last] = total - counts[:last].sum()
    return counts


def _selves(points: Lattice) -> float:
    return float((points.weight**2).sum()) if len(points.weight) else float(len(points))


def with_weights(points: Lattice, weight: Numbers) -> Lattice:
    """Return the points with weights, or without when ``weight`` is empty."""
    return replace(points, weight=weight)
