"""Random bands of Kd and M: the same measure after the labels of the points were shuffled, many times."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.diagnosis.distances.bands import Bands, bands, check_permutations
from zhenxing.diagnosis.distances.counting import Way, choose, count
from zhenxing.diagnosis.distances.density import Density, density_setting
from zhenxing.diagnosis.distances.points import Points, read_distances, read_points, told
from zhenxing.diagnosis.distances.relative import issues_of, ratio, within
from zhenxing.errors import Issue
from zhenxing.i18n import say

Numbers = npt.NDArray[np.float64]
Chosen = npt.NDArray[np.bool_]


def kd_envelope(
    points: pd.DataFrame,
    weights: str | None = None,
    distances: Iterable[float] | None = None,
    *,
    reference: object,
    neighbour: object = None,
    type: str = "type",
    x: str = "x",
    y: str = "y",
    crs: object = None,
    permutations: int = 1000,
    seed: int = 0,
    level: float = 0.05,
    bandwidth: float | None = None,
    cell: float | None = None,
    way: Way = "auto",
) -> pd.DataFrame:
    """Return Kd of a type with the bands that chance gives: the type's firms thrown on the places of all firms.

    Each simulation shuffles the labels (type and weight together) over the places of all points, and Kd is taken again
    with the bandwidth of the observed curve. The points of all types are thus the places where a firm could stand.

    Parameters
    ----------
    points, weights, distances, neighbour, type, x, y, crs, bandwidth, cell, way
        As for `kd`; ``points`` holds the firms of all types.
    reference
        The type that is tested.
    permutations : int
        Number of simulations, at least ``2/level − 1``.
    seed : int
        Seed of the simulations; the same seed gives the same bands.
    level : float
        Share of simulated curves outside: ``level/2`` on either side of the local band at each distance, ``level`` on
        each side of the global band anywhere.

    Returns
    -------
    DataFrame
        ``distance_m``, ``kd``, ``mean`` (of the simulations), ``local_low``, ``local_high``, ``global_low``,
        ``global_high`` (all 1/m), ``p_local`` (two-sided), ``localisation`` (Kd above the global band) and
        ``dispersion`` (Kd below it; zero everywhere when there is localisation at any distance). ``attrs`` as for `kd`,
        with ``p_localised``, ``p_dispersed`` (of the whole curve), ``permutations``, ``seed``, ``level``. Where all
        points are of the type there are no bands, and an issue says so.

    Raises
    ------
    InputError
        As for `kd`, and when the simulations are too few for the level.

    References
    ----------
    Duranton, G. and Overman, H. G. (2005), Review of Economic Studies 72(4).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> place = np.random.default_rng(1).uniform(0, 5000, (200, 2))
    >>> firms = pd.DataFrame({"x": place[:, 0], "y": place[:, 1], "type": ["food"] * 200})
    >>> firms.loc[firms["x"] < 1000, "type"] = "lamp"
    >>> band = kd_envelope(firms, distances=range(0, 1500, 100), reference="lamp", permutations=199)
    >>> bool((band["localisation"] > 0).any()), band.attrs["p_localised"]
    (True, 0.005)
    """
    check_permutations(permutations, level)
    known = read_points(points, weights=weights, type_=type, x=x, y=y, crs=crs)
    radii = read_distances(distances, known)
    density = density_setting(known, radii, reference, neighbour, bandwidth, cell, way)
    observed = density.observed()
    frame = pd.DataFrame({"distance_m": radii, "kd": observed})
    chosen = density.first if density.second is None else density.first | density.second
    band = _no_bands(len(radii))
    if not chosen.all() and not np.isnan(observed).all():
        band = bands(observed, _simulated_densities(known, density, permutations, seed, way), level)
    frame = _with_bands(frame, "kd", band)
    frame.attrs.update(density.facts() | _facts(band, permutations, seed, level))
    frame.attrs["issues"] = told(density.issues + _nothing_else(chosen, reference))
    return frame


def _simulated_densities(known: Points, density: Density, permutations: int, seed: int, way: Way) -> Numbers:
    random = np.random.default_rng(seed)
    smoothing = density.smoothing()
    own = np.flatnonzero(density.first)
    other = None if density.second is None else np.flatnonzero(density.second)
    weighted = known.weighted
    labelled = own if other is None else np.concatenate([own, other])
    if way == "auto":
        way = choose(density.grid.take(own), density.last, None if other is None else density.grid.take(other))
    curves = np.empty((permutations, len(density.radii)))
    # shuffled weights keep their sums, so all pairs weigh what the observed ones weigh
    total = density.counts.sum()
    for number in range(permutations):
        places = random.permutation(len(known.x))[: len(labelled)]
        first = density.grid.take(places[: len(own)], known.weight[own] if weighted else None)
        second = None
        if other is not None:
            second = density.grid.take(places[len(own) :], known.weight[other] if weighted else None)
        found, _ = count(first, density.last, second, way)
        curves[number] = smoothing @ (found[:-1] / total)
    return curves


def m_envelope(
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
    permutations: int = 1000,
    seed: int = 0,
    level: float = 0.05,
) -> pd.DataFrame:
    """Return M of a type with the bands that chance gives: types shuffled over places that keep their weights.

    Parameters
    ----------
    points, distances, reference, neighbour, weights, type, x, y, crs
        As for `m_function`.
    permutations, seed, level
        As for `kd_envelope`.

    Returns
    -------
    DataFrame
        ``distance_m``, ``m``, ``mean``, ``local_low``, ``local_high``, ``global_low``, ``global_high``, ``p_local``,
        ``localisation``, ``dispersion`` (no unit), with ``attrs`` as for `kd_envelope`. Distances at which M does not
        exist in every simulation have no bands.

    Raises
    ------
    InputError
        As for `m_function`, and when the simulations are too few for the level.

    References
    ----------
    Marcon, E. and Puech, F. (2010), Journal of Economic Geography 10(5).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> place = np.random.default_rng(1).uniform(0, 5000, (200, 2))
    >>> firms = pd.DataFrame({"x": place[:, 0], "y": place[:, 1], "type": ["food"] * 200})
    >>> firms.loc[firms["x"] < 1000, "type"] = "lamp"
    >>> band = m_envelope(firms, [500, 1000], reference="lamp", weights=None, permutations=199)
    >>> bool((band["m"] > band["global_high"]).all())
    True
    """
    check_permutations(permutations, level)
    known = read_points(points, weights=weights, type_=type, x=x, y=y, crs=crs)
    radii = read_distances(distances, known)
    first = known.of(reference)
    second = first if neighbour is None else known.of(neighbour)
    everyone = np.ones(len(first), bool)
    # what stands around each place does not depend on the labels: counted once for all simulations
    around = within(known, everyone, everyone, radii)
    observed, used = ratio(known, first, second, around[first], within(known, first, second, radii))
    band = _no_bands(len(radii))
    there = np.zeros(len(radii), bool)
    if not (first | second).all():
        curves = _simulated_ratios(known, (first, second), radii, around, permutations, seed)
        there = np.isfinite(observed) & np.isfinite(curves).all(axis=0)
    if there.any():
        band = _spread(bands(observed[there], curves[:, there], level), there)
    frame = _with_bands(pd.DataFrame({"distance_m": radii, "m": observed}), "m", band)
    issues = issues_of(known, first, second, reference, neighbour) + _nothing_else(first | second, reference)
    facts = {"points": int(first.sum()), "issues": told(issues)}
    frame.attrs.update(facts | _facts(band, permutations, seed, level))
    return frame


def _simulated_ratios(
    known: Points,
    types: tuple[Chosen, Chosen],
    radii: Numbers,
    around: Numbers,
    permutations: int,
    seed: int,
) -> Numbers:
    random = np.random.default_rng(seed)
    curves = np.empty((permutations, len(radii)))
    first, second = types
    for number in range(permutations):
        order = random.permutation(len(first))
        one, two = first[order], second[order]
        curves[number], _ = ratio(known, one, two, around[one], within(known, one, two, radii))
    return curves


def _nothing_else(chosen: Chosen, name: object) -> tuple[Issue, ...]:
    if not chosen.all():
        return ()
    return (Issue("warning", "everyone", say("diagnosis_distances.everyone", name=name)),)


def _no_bands(count_: int) -> Bands:
    nothing = np.full(count_, math.nan)
    return Bands(nothing, nothing, nothing, nothing, nothing, nothing, math.nan, math.nan)


def _spread(band: Bands, there: Chosen) -> Bands:
    """Put bands back at the distances where they exist."""

    def full(values: Numbers) -> Numbers:
        column = np.full(len(there), math.nan)
        column[there] = values
        return column

    return replace(
        band,
        mean=full(band.mean),
        local_low=full(band.local_low),
        local_high=full(band.local_high),
        global_low=full(band.global_low),
        global_high=full(band.global_high),
        p_local=full(band.p_local),
    )


def _with_bands(frame: pd.DataFrame, value: str, band: Bands) -> pd.DataFrame:
    over = np.maximum(frame[value].to_numpy() - band.global_high, 0.0)
    under = np.maximum(band.global_low - frame[value].to_numpy(), 0.0)
    return frame.assign(
        mean=band.mean,
        local_low=band.local_low,
        local_high=band.local_high,
        global_low=band.global_low,
        global_high=band.global_high,
        p_local=band.p_local,
        localisation=over,
        dispersion=under * 0.0 if np.nansum(over) > 0 else under,
    )


def _facts(band: Bands, permutations: int, seed: int, level: float) -> dict[str, object]:
    return {
        "p_localised": band.p_localised,
        "p_dispersed": band.p_dispersed,
        "permutations": permutations,
        "seed": seed,
        "level": level,
    }
