"""Where the links stand in the picture."""

from __future__ import annotations

import pandas as pd
import pytest
from chain_cases import drawn_chains
from hypothesis import given, settings

from zhenxing.diagnosis.chain import chain_graph, diagnose_chain
from zhenxing.diagnosis.chains import CHAINS, load_chain
from zhenxing.errors import InputError


def edges(*pairs):
    return pd.DataFrame(pairs, columns=["upstream_id", "downstream_id"])


def links(*ids):
    return pd.DataFrame({"link_id": ids})


def test_layers_by_hand():
    drawn = chain_graph(links("A", "B", "C", "D", "E"), edges(("A", "B"), ("B", "C"), ("D", "C")))
    places = drawn.set_index("link_id")
    # D sells to C alone and stands beside it; E has no edge
    assert places["layer"].tolist() == [0, 1, 2, 1, 3]
    assert places["x"].tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1 / 3, 1])
    assert places.loc[["B", "D"], "y"].tolist() == [0.25, 0.75]
    assert places["component"].tolist() == [0, 0, 0, 0, 1]


def test_circles_share_a_layer():
    drawn = chain_graph(links("RECY", "SURF", "LAMP"), edges(("RECY", "SURF"), ("SURF", "RECY"), ("SURF", "LAMP")))
    assert drawn["layer"].tolist() == [0, 0, 1]
    assert drawn["in_cycle"].tolist() == [True, True, False]


def test_one_link_no_edges_and_strange_edges():
    assert chain_graph(links("A"), edges()).loc[0, ["layer", "x", "y"]].tolist() == [0, 0.0, 0.5]
    assert chain_graph(links("A"), edges(("A", "A"), ("A", "Z"))).loc[0, "layer"] == 0
    assert chain_graph(links("A", "B"), edges())["y"].tolist() == [0.25, 0.75]
    assert chain_graph(links(), edges()).empty
    with pytest.raises(InputError, match="link_id"):
        chain_graph(pd.DataFrame({"x": [1]}), edges())


@settings(max_examples=15, deadline=None)
@given(drawn_chains())
def test_edges_outside_circles_point_to_the_right(tables):
    found = diagnose_chain(**tables)
    drawn = chain_graph(found.chain, found.edges).set_index("link_id")
    for edge in found.edges.itertuples():
        start, end = drawn.loc[edge.upstream_id], drawn.loc[edge.downstream_id]
        assert start["layer"] < end["layer"] or (start["in_cycle"] and end["in_cycle"])
    assert not drawn.duplicated(["layer", "place"]).any()
    assert drawn[["x", "y"]].apply(lambda column: column.between(0, 1)).all(axis=None)


@pytest.mark.parametrize("name", CHAINS)
def test_shipped_chains_are_drawn_the_same_every_time(name):
    own, inputs = load_chain(name)
    first, second = (chain_graph(own, inputs) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    assert len(first) == len(own)
    assert first["layer"].max() >= 3
