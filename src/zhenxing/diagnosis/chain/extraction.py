"""What the town loses without a link: hypothetical extraction from a local Leontief and a local Ghosh model.

Z[u,d] = r(u) share(u,d) x(d) are local purchases, where r(u) is u's local supply share; what is not sold so goes out of
the chain, f = x − Z 1 >= 0. With A = Z x̂⁻¹ and L = (I − A)⁻¹, x = L f holds. Taking out link k (its row, its column and
its own f) leaves x̄ = (I − A₋ₖ)⁻¹ f₋ₖ, and the output lost is

    backward(k) = Σx − Σx̄ = x_k Σ_j L_jk / L_kk          (k and those who sell to it)
    forward(k)            = Σ_j L_kj x_j / L_kk          (the same in the Ghosh model: k and those who buy from it)

which follows from the inverse of a matrix without one row and column, so that no model is solved again for each link.

References: Dietzenbacher, E., van der Linden, J. A. (1997), Sectoral and spatial linkages in the EC production
structure, Journal of Regional Science 37, 235–257; Miller, R. E., Lahr, M. L. (2001), A taxonomy of extractions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csgraph

from zhenxing.diagnosis.chain.inputs import Flags, Floats, Inputs

# a spectral radius this near 1 is a chain that only feeds itself
RADIUS_MARGIN = 1e-9


@dataclass(frozen=True)
class Extraction:
    """Loss without each link in 万元, and the mean of both as a share of all output (criticality, 0 to 1)."""

    backward: Floats
    forward: Floats
    criticality: Floats


def productive(shares: Floats) -> bool:
    """Say whether a matrix of input shares has a nonnegative Leontief inverse: spectral radius below 1.

    Examples
    --------
    >>> productive(np.array([[0.0, 0.5], [0.5, 0.0]])), productive(np.array([[0.0, 1.0], [1.0, 0.0]]))
    (True, False)
    """
    return bool(len(shares) == 0 or np.abs(np.linalg.eigvals(shares)).max() < 1 - RADIUS_MARGIN)


def extraction(shares: Floats, output: Floats, local_share: Floats) -> Extraction:
    """Return the loss without each link.

    Parameters
    ----------
    shares : ndarray
        Input shares, upstream links as rows.
    output : ndarray
        Local output in 万元, 0 where it is unknown.
    local_share : ndarray
        Local supply share r of each link, 0 where it is unknown.

    Returns
    -------
    Extraction
        All NaN when the local purchases feed only themselves (no Leontief inverse), 0 without any output.

    Examples
    --------
    >>> parts_to_lamps = np.array([[0.0, 0.4], [0.0, 0.0]])
    >>> found = extraction(parts_to_lamps, np.array([40.0, 100.0]), np.array([1.0, 0.0]))
    >>> found.backward.tolist(), found.forward.tolist()
    ([40.0, 140.0], [80.0, 100.0])
    """
    local = shares * local_share[:, None]
    if not productive(local):
        nothing = np.full(len(output), np.nan)
        return Extraction(nothing, nothing, nothing)
    inverse = np.linalg.inv(np.eye(len(output)) - local)
    own = np.diag(inverse)
    backward = output * inverse.sum(axis=0) / own
    forward = inverse @ output / own
    total = output.sum()
    criticality = (backward + forward) / (2 * total) if total > 0 else np.zeros(len(output))
    # rounding may leave a share of one and a little
    return Extraction(backward, forward, np.clip(criticality, 0.0, 1.0))


def demand_through_chain(shares: Floats, output: Floats, demand: Floats, local_share: Floats) -> Floats:
    """Return the demand for each link if every link met local demand in full: S (I − S)⁻¹ f, with f as it is now.

    ``demand`` is what local output implies; NaN throughout when the shares have no Leontief inverse.
    """
    if not productive(shares):
        return np.full(len(output), np.nan)
    outside = np.maximum(0.0, output - local_share * demand)
    through: Floats = shares @ np.linalg.solve(np.eye(len(output)) - shares, outside)
    return through


def exposure(inputs: Inputs, output: Floats) -> Floats:
    """Return the share of all output in other links that use a link, directly or through links with output.

    This is what stands still if the link's product can be had nowhere, in the town or outside.

    Parameters
    ----------
    inputs : Inputs
        The edges; those of share 0 or without one do not count.
    output : ndarray
        Local output in 万元, 0 where unknown.
    """
    size, total = len(output), output.sum()
    if total <= 0:
        return np.zeros(size)
    used = inputs.matrix(inputs.base, size) > 0
    passing = used & (output > 0)[None, :]
    distance = csgraph.shortest_path(passing.astype(float), unweighted=True)
    reached: Flags = np.isfinite(distance) & ~np.eye(size, dtype=bool)
    share: Floats = reached @ output / total
    return share


def betweenness(inputs: Inputs, size: int) -> Floats:
    """Return the share of shortest directed paths between other links that pass through each link.

    Paths count edges, not their shares (an edge without a share is an edge). Σ over pairs (s, t) of σ_st(k) / σ_st,
    over (n − 1)(n − 2); with fewer than three links it is 0. Brandes, U. (2001), A faster algorithm for betweenness
    centrality, Journal of Mathematical Sociology 25, 163–177.
    """
    after: list[list[int]] = [[] for _ in range(size)]
    for start, end in zip(inputs.upstream.tolist(), inputs.downstream.tolist(), strict=True):
        if start != end:
            after[start].append(end)
    score = np.zeros(size)
    for source in range(size):
        score += _dependencies(after, source)
    pairs = (size - 1) * (size - 2)
    return score / pairs if pairs > 0 else score


def _dependencies(after: list[list[int]], source: int) -> Floats:
    size = len(after)
    distance, paths = [-1] * size, [0.0] * size
    before: list[list[int]] = [[] for _ in range(size)]
    distance[source], paths[source] = 0, 1.0
    order = [source]
    for node in order:
        for follower in after[node]:
            if distance[follower] < 0:
                distance[follower] = distance[node] + 1
                order.append(follower)
            if distance[follower] == distance[node] + 1:
                paths[follower] += paths[node]
                before[follower].append(node)
    dependency = np.zeros(size)
    for node in reversed(order):
        for earlier in before[node]:
            dependency[earlier] += paths[earlier] / paths[node] * (1 + dependency[node])
    dependency[source] = 0.0
    return dependency
