"""Where the links of a chain stand in a picture of it: in layers from first suppliers to last buyers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from zhenxing.diagnosis.chain.inputs import Floats, Places, need, texts

TIERS = ("base", "upgrade", "new")
SWEEPS = 8


def chain_graph(chain: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """Return the place of every link in a layered drawing, the same for a report and for a page.

    Every link stands left of its buyers, as near to them as it can; links in a circle share a layer. Within a
    layer links are ordered by the mean place of their neighbours (barycentre, a fixed number of sweeps), ties by tier
    and by the order of ``chain``. Links without an edge stand in a last layer of their own.

    Parameters
    ----------
    chain : DataFrame
        link_id, one row for each link; ``tier`` when known.
    edges : DataFrame
        upstream_id, downstream_id; edges to links that are not in ``chain`` are left out.

    Returns
    -------
    DataFrame
        link_id, layer (from 0), place (in the layer, from 0), x and y (0 to 1, y downwards), component (number of the
        connected part), in_cycle.

    Examples
    --------
    >>> import pandas as pd
    >>> chain = pd.DataFrame({"link_id": ["LAMP", "DRV", "PCB"]})
    >>> edges = pd.DataFrame({"upstream_id": ["PCB", "DRV"], "downstream_id": ["DRV", "LAMP"]})
    >>> chain_graph(chain, edges)[["link_id", "layer", "x"]].values.tolist()
    [['LAMP', 2, 1.0], ['DRV', 1, 0.5], ['PCB', 0, 0.0]]
    """
    need(chain, "chain", ["link_id"])
    need(edges, "chain_edges", ["upstream_id", "downstream_id"])
    ids = pd.Index(texts(chain, "link_id"))
    size = len(ids)
    starts = ids.get_indexer(pd.Index(texts(edges, "upstream_id")))
    ends = ids.get_indexer(pd.Index(texts(edges, "downstream_id")))
    inside = (starts >= 0) & (ends >= 0) & (starts != ends)
    starts, ends = starts[inside], ends[inside]
    graph = sparse.csr_array((np.ones(len(starts)), (starts, ends)), shape=(size, size))
    component = csgraph.connected_components(graph, directed=False)[1] if size else np.zeros(0, dtype=int)
    circle = csgraph.connected_components(graph, connection="strong")[1] if size else np.zeros(0, dtype=int)
    layer = _layers(starts, ends, circle)
    alone = ~np.isin(np.arange(size), np.concatenate([starts, ends]))
    if alone.any() and not alone.all():
        layer[alone] = layer[~alone].max() + 1
    tier = [TIERS.index(name) if name in TIERS else len(TIERS) for name in texts(chain, "tier")]
    place = _places(layer, starts, ends, np.asarray(tier, dtype=int))
    in_layer = np.bincount(layer) if size else np.zeros(0, dtype=int)
    return pd.DataFrame(
        {
            "link_id": ids.astype("str"),
            "layer": layer,
            "place": place,
            "x": layer / max(1, layer.max(initial=0)),
            "y": (place + 0.5) / in_layer[layer] if size else np.zeros(0),
            "component": component,
            "in_cycle": np.bincount(circle)[circle] > 1 if size else np.zeros(0, dtype=bool),
        }
    )


def _layers(starts: Places, ends: Places, circle: Places) -> Places:
    """Return the longest way from a first supplier, circles taken as one."""
    rank = np.zeros(int(circle.max(initial=-1)) + 1, dtype=np.intp)
    steps = {(int(circle[s]), int(circle[e])) for s, e in zip(starts, ends, strict=True) if circle[s] != circle[e]}
    for _ in range(len(rank)):
        moved = False
        for before, after in steps:
            if rank[after] < rank[before] + 1:
                rank[after], moved = rank[before] + 1, True
        if not moved:
            break
    followers: dict[int, list[int]] = {}
    for before, after in steps:
        followers.setdefault(before, []).append(after)
    # a first supplier of a late link stands beside its buyer, not at the far end of the picture
    for group in sorted(followers, key=lambda group: -rank[group]):
        rank[group] = min(rank[after] for after in followers[group]) - 1
    return rank[circle]


def _places(layer: Places, starts: Places, ends: Places, tier: Places) -> Places:
    size = len(layer)
    height: Floats = np.zeros(size)
    place = np.zeros(size, dtype=np.intp)
    neighbours: list[list[int]] = [[] for _ in range(size)]
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        neighbours[start].append(end)
        neighbours[end].append(start)
    for sweep in range(SWEEPS + 1):
        wanted = height if sweep == 0 else [_mean(height, near, own) for own, near in enumerate(neighbours)]
        for level in range(int(layer.max(initial=-1)) + 1):
            members = np.flatnonzero(layer == level).tolist()
            members.sort(key=lambda link: (round(float(wanted[link]), 9), tier[link], link))
            for position, link in enumerate(members):
                place[link] = position
                height[link] = (position + 0.5) / len(members)
    return place


def _mean(height: Floats, near: list[int], own: int) -> float:
    return float(np.mean(height[near])) if near else float(height[own])
