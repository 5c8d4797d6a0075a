"""Duranton and Overman's density of the distances between the firms of an industry."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.diagnosis.distances.counting import Lattice, Way, count, lattice
from zhenxing.diagnosis.distances.points import Points, read_distances, read_points, told
from zhenxing.errors import InputError, Issue, Text
from zhenxing.i18n import say

Numbers = npt.NDArray[np.float64]

# lattice cells within twice the largest distance when no cell is given
_FINE = 2048
# the kernel is cut where it is below 1e-8 of its peak
_TAIL = 6.0


def kd(
    points: pd.DataFrame,
    weights: str | None = None,
    distances: Iterable[float] | None = None,
    *,
    reference: object = None,
    neighbour: object = None,
    type: str = "type",
    x: str = "x",
    y: str = "y",
    crs: object = None,
    bandwidth: float | None = None,
    cell: float | None = None,
    way: Way = "auto",
) -> pd.DataFrame:
    """Return the smoothed density of the distances between points: how often two firms are that far apart.

    ``Kd(r) = 1/(h·W) Σ_{i<j} w_ij [φ((r − d_ij)/h) + φ((r + d_ij)/h)]`` in 1/m, with the normal density φ, pair
    weights ``w_ij`` (1, or ``w_i·w_j``), their sum W over *all* pairs, and the second term reflecting the kernel at 0,
    so that Kd integrates to 1 over r ≥ 0. The bandwidth is Silverman's, ``h = 0.9·min(s, IQR/1.34)·m^(−1/5)``, from
    the m distances up to twice the largest one asked for, as the R package dbmss takes it.

    Parameters
    ----------
    points : DataFrame
        One row a point: coordinates in metres, type, weight. A GeoDataFrame of points gives its own coordinates.
    weights : str, optional
        Column of weights (Kemp's weighted form: a pair counts the product); without it every point counts one.
    distances : iterable of float, optional
        Rising distances in metres; by default 101 from 0 to a third of the diagonal of all points.
    reference, neighbour : optional
        Types of the two points of a pair. Without ``reference`` all points; without ``neighbour`` the same type.
    type, x, y : str
        Names of the columns.
    crs : optional
        Coordinate system of the coordinates; one in degrees is refused. ``"metres"`` says that they are metres, which
        coordinates within ±180 need.
    bandwidth : float, optional
        Bandwidth in metres in the place of Silverman's.
    cell : float, optional
        Coordinates are rounded to whole cells of this many metres; by default the next of 1, 2, 5, 10, … above
        a 2,048th of twice the largest distance.
    way : {"auto", "direct", "fft", "plain"}
        How pairs are counted; every way counts the same on the lattice.

    Returns
    -------
    DataFrame
        ``distance_m``, ``kd``. ``attrs`` hold ``bandwidth_m``, ``cell_m``, ``points``, ``pairs``, ``way``, ``issues``.

    Raises
    ------
    InputError
        When a column is missing, a coordinate or weight is no number, no point is of the type, or coordinates are
        degrees. With fewer than two points or without spread the values are NaN and an issue says why.

    References
    ----------
    Duranton, G. and Overman, H. G. (2005), Testing for localization using micro-geographic data, Review of Economic
    Studies 72(4). Silverman, B. W. (1986), Density estimation for statistics and data analysis.

    Examples
    --------
    >>> import pandas as pd
    >>> shops = pd.DataFrame({"x": [1000.0, 1030.0], "y": [2000.0, 2040.0]})
    >>> kd(shops, distances=[0, 50, 100], bandwidth=10.0)["kd"].round(4).tolist()
    [0.0, 0.0399, 0.0]
    """
    if neighbour is not None and reference is None:
        allowed = Text("与 reference 一起给出", "given together with reference")
        raise InputError(say("diagnosis_distances.bad_setting", name="neighbour", value=neighbour, allowed=allowed))
    known = read_points(points, weights=weights, type_=type if reference is not None else None, x=x, y=y, crs=crs)
    radii = read_distances(distances, known)
    setting = density_setting(known, radii, reference, neighbour, bandwidth, cell, way)
    frame = pd.DataFrame({"distance_m": radii, "kd": setting.observed()})
    frame.attrs.update(setting.facts())
    return frame


@dataclass
class Density:
    """One density: the points on their lattice, the bandwidth and the counts behind it."""

    radii: Numbers
    grid: Lattice
    first: npt.NDArray[np.bool_]
    second: npt.NDArray[np.bool_] | None
    cell: float
    last: int
    bandwidth: float
    counts: Numbers
    way: str
    issues: tuple[Issue, ...]

    @property
    def pairs(self) -> float:
        """Number of pairs, whatever their weights."""
        n = float(self.first.sum())
        return n * (n - 1) / 2 if self.second is None else n * float(self.second.sum())

    def smoothing(self) -> Numbers:
        """Return the kernel matrix that turns shares of counts (bins) into densities at the radii."""
        middle = _middles(self.last, self.cell)
        away = (self.radii[:, None] - middle) / self.bandwidth
        reflected = (self.radii[:, None] + middle) / self.bandwidth
        matrix = (np.exp(-0.5 * away**2) + np.exp(-0.5 * reflected**2)) / (self.bandwidth * math.sqrt(2 * math.pi))
        return np.ascontiguousarray(matrix)

    def observed(self) -> Numbers:
        """Return the density at the radii, NaN where there is none."""
        total = self.counts.sum()
        if not total > 0 or not self.bandwidth > 0:
            return np.full(len(self.radii), math.nan)
        density: Numbers = self.smoothing() @ (self.counts[:-1] / total)
        return density

    def facts(self) -> dict[str, object]:
        """Return what a reader has to know beside the curve."""
        return {
            "bandwidth_m": self.bandwidth,
            "cell_m": self.cell,
            "points": int(self.first.sum()),
            "pairs": int(self.pairs),
            "way": self.way,
            "issues": told(self.issues),
        }


def _middles(bins: int, cell: float) -> Numbers:
    """Return the distance each bin stands for: its middle, and 0 for bin 0, which holds points in one place alone."""
    middle: Numbers = np.arange(bins, dtype=np.float64) * cell + 0.5 * cell
    middle[0] = 0.0
    return middle


def density_setting(
    known: Points,
    radii: Numbers,
    reference: object,
    neighbour: object,
    bandwidth: float | None,
    cell: float | None,
    way: Way,
) -> Density:
    """Return the density of a table of points: lattice, counts and bandwidth."""
    for name, value in (("bandwidth", bandwidth), ("cell", cell)):
        if value is not None and not (math.isfinite(value) and value > 0):
            allowed = Text("大于 0 的米数", "metres above 0")
            raise InputError(say("diagnosis_distances.bad_setting", name=name, value=value, allowed=allowed))
    first = known.of(reference)
    second = known.of(neighbour) if neighbour is not None and neighbour != reference else None
    size = cell if cell is not None else nice_above(2 * radii[-1] / _FINE)
    reach = 2.8 * radii[-1] if bandwidth is None else max(2 * radii[-1], radii[-1] + _TAIL * bandwidth)
    last = max(2, math.ceil(reach / size))
    grid = lattice(known.x, known.y, size, known.weight if known.weighted else None)
    own, other = grid.take(first), None if second is None else grid.take(second)
    counts, used = count(own, last, other, way)
    bare = counts
    if known.weighted and bandwidth is None:
        bare, _ = count(_unweighted(own), last, None if other is None else _unweighted(other), way)
    upto = min(last, math.ceil(2 * radii[-1] / size))
    h = bandwidth if bandwidth is not None else silverman(bare[:upto], size)
    density = Density(radii, grid, first, second, size, last, h, counts, used, ())
    density.issues = _issues(density, reference)
    return density


def _unweighted(points: Lattice) -> Lattice:
    return Lattice(points.x, points.y, np.empty(0))


def _issues(density: Density, reference: object) -> tuple[Issue, ...]:
    name = Text("全部", "any") if reference is None else reference
    if density.pairs == 0:
        text = say("diagnosis_distances.no_pairs", name=name, count=int(density.first.sum()))
        return (Issue("warning", "no_pairs", text),)
    if not density.counts.sum() > 0:
        return (Issue("warning", "no_weight", say("diagnosis_distances.no_weight", name=name)),)
    if not density.bandwidth > 0:
        return (Issue("warning", "no_spread", say("diagnosis_distances.no_spread")),)
    return ()


def nice_above(value: float) -> float:
    """Return the smallest of …, 1, 2, 5, 10, 20, … that is not below a value.

    Examples
    --------
    >>> nice_above(9.8), nice_above(0.03)
    (10.0, 0.05)
    """
    power = math.floor(math.log10(value))
    # powers of ten below 1 are divided by, so that 0.05 is 5/100 and not 5·0.01
    steps = [step * 10**power if power >= 0 else step / 10**-power for step in (1, 2, 5, 10)]
    return float(next(step for step in steps if step >= value * (1 - 1e-12)))


def silverman(counts: Numbers, cell: float) -> float:
    """Return Silverman's bandwidth of distances counted by cell, in metres; NaN without two distances or spread.

    Examples
    --------
    >>> round(silverman(np.array([0, 10, 20, 40, 20, 10, 0.0]), 1.0), 4)
    0.3945
    """
    number = counts.sum()
    if number < 2:
        return math.nan
    middle = _middles(len(counts), cell)
    mean = (counts * middle).sum() / number
    spread = math.sqrt((counts * (middle - mean) ** 2).sum() / (number - 1))
    low, high = (_quantile(counts, middle, share) for share in (0.25, 0.75))
    narrow = (high - low) / 1.34
    scale = min(spread, narrow) if narrow > 0 else spread
    return 0.9 * scale * float(number) ** -0.2 if scale > 0 else math.nan


def _quantile(counts: Numbers, middle: Numbers, share: float) -> float:
    """Return a quantile between the two ordered values around it, as numpy and R (type 7) do."""
    upto = np.cumsum(counts)
    place = share * (upto[-1] - 1)
    below = math.floor(place)
    values = middle[np.searchsorted(upto, [below, min(below + 1, upto[-1] - 1)], side="right")]
    return float(values[0] + (values[1] - values[0]) * (place - below))
