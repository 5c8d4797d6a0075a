"""Marcon and Puech's M: the share of a type among the neighbours of its own, against its share everywhere."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.diagnosis.distances.counting import kernels
from zhenxing.diagnosis.distances.points import Points, read_distances, read_points, told
from zhenxing.errors import Issue
from zhenxing.i18n import say

Numbers = npt.NDArray[np.float64]
Chosen = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]

# equal parts of the squared distances in which the first possible distance is looked up
_PARTS = 4096


def m_function(
    points: pd.DataFrame,
    distances: Iterable[float] | None = None,
    *,
    reference: object,
    neighbour: object = None,
    weights: str | None = "weight",
    type: str = "type",
    x: str = "x",
    y: str = "y",
    crs: object = None,
) -> pd.DataFrame:
    """Return how much more of a type stands around points of a type than everywhere: 1 is neutral, 2 is twice as much.

    ``M(r) = Σ_i [N_i(r) / A_i(r)] / Σ_i [(W_N − w_i·1[i of the neighbour type]) / (W − w_i)]`` over the points i of
    the reference type that have a neighbour within r: ``N_i(r)`` is the weight of the neighbours of the neighbour type
    within r, ``A_i(r)`` that of all neighbours, W_N and W the same everywhere; a point is no neighbour of itself.
    Cumulative; no correction of the border is needed. Has no unit.

    Parameters
    ----------
    points : DataFrame
        One row a point: coordinates in metres, type, weight; all firms, not those of one industry.
    distances : iterable of float, optional
        Rising distances in metres; by default 101 from 0 to a third of the diagonal of all points.
    reference, neighbour
        Type of the points in the middle and of the neighbours counted; the same type when ``neighbour`` is None.
    weights : str, optional
        Column of weights such as employees; None counts every point one.
    type, x, y : str
        Names of the columns.
    crs : optional
        Coordinate system; one in degrees is refused, ``"metres"`` says that the coordinates are metres.

    Returns
    -------
    DataFrame
        ``distance_m``, ``m`` (NaN where no point of the reference type has a neighbour), ``points`` (how many do).

    Raises
    ------
    InputError
        When a column is missing, a coordinate or weight is no number, no point is of a type, or coordinates are
        degrees.

    References
    ----------
    Marcon, E. and Puech, F. (2010), Measures of the geographic concentration of industries: improving distance-based
    methods, Journal of Economic Geography 10(5).

    Examples
    --------
    Two lamp makers side by side, two of four firms in all: the only neighbour within 100 m is a lamp maker (1) where
    one of three others everywhere is (1/3).

    >>> import pandas as pd
    >>> firms = pd.DataFrame(
    ...     {"x": [0, 50, 4000, 9000], "y": [0, 0, 0, 0], "type": ["lamp", "lamp", "food", "food"]}, dtype=object
    ... )
    >>> m_function(firms, [100], reference="lamp", weights=None)["m"].round(6).tolist()
    [3.0]
    """
    known = read_points(points, weights=weights, type_=type, x=x, y=y, crs=crs)
    radii = read_distances(distances, known)
    first = known.of(reference)
    second = first if neighbour is None else known.of(neighbour)
    around = within(known, first, np.ones(len(first), bool), radii)
    near = within(known, first, second, radii)
    values, used = ratio(known, first, second, around, near)
    frame = pd.DataFrame({"distance_m": radii, "m": values, "points": used})
    frame.attrs.update(points=int(first.sum()), issues=told(issues_of(known, first, second, reference, neighbour)))
    return frame


def within(known: Points, first: Chosen, second: Chosen, radii: Numbers) -> Numbers:
    """Return the weight of the points of ``second`` within each distance of every point of ``first`` but itself."""
    compiled = kernels()
    ids = np.arange(len(known.x))
    if compiled is None:
        return _within_plain(known, ids[first], ids[second], radii)
    search = Search.build(radii)
    order = ids[second][np.argsort(known.x[second], kind="stable")]
    middle = ids[first]
    return compiled.neighbourhoods(
        known.x[middle], known.y[middle], middle,
        known.x[order], known.y[order], order, known.weight[order],
        search.squares, search.first,
    )  # fmt: skip


@dataclass(frozen=True)
class Search:
    """Squared distances and, for equal parts of their range, the first one that a value in the part can belong to."""

    squares: Numbers
    first: Whole

    @staticmethod
    def build(radii: Numbers) -> Search:
        """Return the lookup of rising distances."""
        squares = radii**2
        edges = np.linspace(0.0, squares[-1], _PARTS + 1)
        # one part earlier, so that rounding of the part's number cannot skip a distance
        start = np.concatenate([[0.0, 0.0], edges[:-1]])
        return Search(squares, np.searchsorted(squares, start, side="left")[: _PARTS + 1].astype(np.int64))


def _within_plain(known: Points, first: Whole, second: Whole, radii: Numbers) -> Numbers:
    total = np.zeros((len(first), len(radii)))
    squares = radii**2
    for row, i in enumerate(first):
        square = (known.x[second] - known.x[i]) ** 2 + (known.y[second] - known.y[i]) ** 2
        place = np.searchsorted(squares, square, side="left")
        use = (place < len(radii)) & (second != i)
        total[row] = np.bincount(place[use], weights=known.weight[second][use], minlength=len(radii)).cumsum()
    return total


def ratio(known: Points, first: Chosen, second: Chosen, around: Numbers, near: Numbers) -> tuple[Numbers, Whole]:
    """Return M at each distance, and how many points of ``first`` have a neighbour there."""
    own = known.weight[first]
    everywhere = known.weight.sum() - own
    inside = known.weight[second].sum() - np.where(second[first], own, 0.0)
    share = np.divide(inside, everywhere, out=np.zeros(len(own)), where=everywhere > 0)
    has = around > 0
    local = np.divide(near, around, out=np.zeros_like(near), where=has).sum(axis=0)
    expected = has.T.astype(np.float64) @ share
    values = np.full(len(local), math.nan)
    np.divide(local, expected, out=values, where=expected > 0)
    return values, has.sum(axis=0)


def issues_of(known: Points, first: Chosen, second: Chosen, reference: object, neighbour: object) -> tuple[Issue, ...]:
    """Return why M cannot be what was asked for: one firm of the type, or no weight."""
    if neighbour in (None, reference) and first.sum() < 2:
        text = say("diagnosis_distances.no_pairs", name=reference, count=int(first.sum()))
        return (Issue("warning", "no_pairs", text),)
    if not known.weight[second].sum() > 0:
        text = say("diagnosis_distances.no_weight", name=reference if neighbour is None else neighbour)
        return (Issue("warning", "no_weight", text),)
    return ()
