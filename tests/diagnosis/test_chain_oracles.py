"""Extraction and betweenness against plain rebuilding, and what must hold for every chain."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from chain_cases import by_link, diagnosed, drawn_chains, three_links
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenxing.diagnosis.chain import ChainSettings
from zhenxing.diagnosis.chain.extraction import betweenness, extraction
from zhenxing.diagnosis.chain.inputs import Inputs
from zhenxing.planning.consistency import check_inputs
from zhenxing.town import Settings, Town

FEW_DRAWS = ChainSettings(draws=20)
ROUNDS = 400


def rebuilt_output(shares, local, output, link):
    """Output left when the demand model is built anew without a link: final sales and rounds of local purchases."""
    kept = [place for place in range(len(output)) if place != link]
    sold = {u: sum(shares[u][d] * local[u] * output[d] for d in range(len(output))) for u in kept}
    final = {u: output[u] - sold[u] for u in kept}
    level = dict(final)
    for _ in range(ROUNDS):
        level = {u: final[u] + sum(shares[u][d] * local[u] * level[d] for d in kept) for u in kept}
    return sum(level.values())


def rebuilt_supply(shares, local, output, link):
    """Output left when the supply (Ghosh) model is built anew without a link: own inputs and rounds of allocation."""
    size = len(output)
    kept = [place for place in range(size) if place != link]
    flow = [[shares[u][d] * local[u] * output[d] for d in range(size)] for u in range(size)]
    primary = {d: output[d] - sum(flow[u][d] for u in range(size)) for d in kept}
    given_on = {(u, d): flow[u][d] / output[u] if output[u] else 0.0 for u in kept for d in kept}
    level = dict(primary)
    for _ in range(ROUNDS):
        level = {d: primary[d] + sum(given_on[u, d] * level[u] for u in kept) for d in kept}
    return sum(level.values())


@settings(max_examples=6, deadline=None)
@given(drawn_chains())
def test_extraction_is_rebuilding_without_the_link(tables):
    found = diagnosed(tables, settings=FEW_DRAWS)
    chain, edges = found.chain, found.edges
    place = {link: number for number, link in enumerate(chain["link_id"])}
    shares = [[0.0] * len(chain) for _ in place]
    for edge in edges.itertuples():
        shares[place[edge.upstream_id]][place[edge.downstream_id]] = edge.share
    output = chain["output_wan"].fillna(0.0).tolist()
    local = chain["local_supply_share"].fillna(0.0).tolist()
    total = sum(output)
    for link in range(len(chain)):
        lost = total - rebuilt_output(shares, local, output, link)
        assert chain["backward_loss_wan"][link] == pytest.approx(lost, rel=1e-8, abs=1e-6)
        lost_ahead = total - rebuilt_supply(shares, local, output, link)
        assert chain["forward_loss_wan"][link] == pytest.approx(lost_ahead, rel=1e-8, abs=1e-6)
        assert 0 <= chain["criticality"][link] <= 1


def test_extraction_of_the_textbook_economy():
    # Miller, R. E., Blair, P. D. (2009), Input-Output Analysis, section 2.3: Z = [[150, 500], [200, 100]], f = (350,
    # 1700), x = (1000, 2000), L = [[1.254, 0.330], [0.264, 1.122]]
    output = np.array([1000.0, 2000.0])
    shares = np.array([[150.0, 500.0], [200.0, 100.0]]) / output
    found = extraction(shares, output, np.ones(2))
    # without sector 1 sector 2 makes 1700 / 0.95, without sector 2 sector 1 makes 350 / 0.85
    np.testing.assert_allclose(found.backward, [3000 - 1700 / 0.95, 3000 - 350 / 0.85])
    np.testing.assert_allclose(
        found.backward, output * np.array([1.254 + 0.264, 0.330 + 1.122]) / [1.254, 1.122], rtol=1e-3
    )
    # Ghosh: value added 650 and 1400, sector 2 passes 100 / 2000 of its output on to itself and sector 1 150 / 1000
    np.testing.assert_allclose(found.forward, [3000 - 1400 / 0.95, 3000 - 650 / 0.85])


def test_extraction_of_a_large_model():
    random = np.random.default_rng(4)
    size = 12
    shares = random.random((size, size)) * (random.random((size, size)) < 0.3) * 0.15
    output = random.random(size) * 100
    demand = shares @ output
    local = np.minimum(1.0, output / np.where(demand > 0, demand, np.inf))
    found = extraction(shares, output, local)
    for link in range(size):
        expected = output.sum() - rebuilt_output(shares.tolist(), local.tolist(), output.tolist(), link)
        assert found.backward[link] == pytest.approx(expected, rel=1e-9)


def shortest_paths(edges, start, end):
    paths = [[start]]
    while paths and not any(path[-1] == end for path in paths):
        paths = [
            [*path, after] for path in paths for before, after in edges if before == path[-1] and after not in path
        ]
    return [path for path in paths if path[-1] == end]


@settings(max_examples=30, deadline=None)
@given(
    st.integers(3, 6).flatmap(
        lambda n: st.tuples(st.just(n), st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=12))
    )
)
def test_betweenness_is_counting_shortest_paths(drawn):
    size, edges = drawn
    edges = sorted((u, d) for u, d in edges if u != d)
    none = np.zeros(len(edges))
    places = [np.array([edge[end] for edge in edges], dtype=np.intp) for end in (0, 1)]
    inputs = Inputs(places[0], places[1], none, none, none, ("",) * len(edges), ("",) * len(edges), none.astype(bool))
    expected = np.zeros(size)
    for start, end in itertools.permutations(range(size), 2):
        paths = shortest_paths(edges, start, end)
        for link in range(size):
            if paths and link not in (start, end):
                expected[link] += sum(link in path for path in paths) / len(paths)
    np.testing.assert_allclose(betweenness(inputs, size), expected / ((size - 1) * (size - 2)), atol=1e-12)


MONEY = [
    "output_wan", "demand_wan", "gap_wan", "gap_wan_low", "gap_wan_high", "chain_demand_wan", "backward_loss_wan",
    "forward_loss_wan", "leader_pull_wan",
]  # fmt: skip
PURE = ["makers", "local_supply_share", "hhi", "criticality", "exposure", "betweenness", "relatedness", "flip_share"]


@settings(max_examples=6, deadline=None)
@given(drawn_chains(), st.sampled_from([0.0001, 7.0, 10000.0]))
def test_another_unit_of_money_scales_money_alone(tables, factor):
    before = diagnosed(tables, settings=FEW_DRAWS)
    years = tables["firm_years"].assign(output_wan=tables["firm_years"]["output_wan"] * factor)
    after = diagnosed({**tables, "firm_years": years}, settings=FEW_DRAWS)
    np.testing.assert_allclose(after.chain[MONEY], before.chain[MONEY] * factor, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(after.chain[PURE].astype(float), before.chain[PURE].astype(float), rtol=1e-9, atol=1e-12)
    assert after.chain["verdict"].tolist() == before.chain["verdict"].tolist()


@settings(max_examples=6, deadline=None)
@given(drawn_chains(), st.randoms(use_true_random=False))
def test_names_and_order_of_firms_change_nothing(tables, random):
    firms = tables["firms"]["firm_id"].tolist()
    names = dict(zip(firms, random.sample([f"x{number}" for number in range(99)], len(firms)), strict=True))
    renamed = {name: frame.copy() for name, frame in tables.items()}
    for name in ("firms", "firm_years", "firm_links"):
        renamed[name]["firm_id"] = renamed[name]["firm_id"].map(names).astype("str")
        renamed[name] = renamed[name].sample(frac=1, random_state=random.randrange(1000)).reset_index(drop=True)
    before, after = (diagnosed(each, settings=FEW_DRAWS).chain for each in (tables, renamed))
    numeric = [*MONEY, *PURE]
    np.testing.assert_allclose(after[numeric].astype(float), before[numeric].astype(float), rtol=1e-9, atol=1e-9)
    assert after["verdict"].tolist() == before["verdict"].tolist()


@settings(max_examples=6, deadline=None)
@given(drawn_chains(), st.randoms(use_true_random=False))
def test_the_order_of_links_changes_nothing(tables, random):
    order = random.sample(range(len(tables["links"])), len(tables["links"]))
    turned = {**tables, "links": tables["links"].iloc[order].reset_index(drop=True)}
    before, after = (by_link(diagnosed(each, settings=FEW_DRAWS)) for each in (tables, turned))
    numeric = [*MONEY, *PURE]
    np.testing.assert_allclose(
        after.loc[before.index, numeric].astype(float), before[numeric].astype(float), rtol=1e-9, atol=1e-9
    )


@settings(max_examples=6, deadline=None)
@given(drawn_chains(), st.integers(0, 5), st.floats(0, 5000))
def test_another_maker_never_widens_the_gap_of_its_link(tables, place, output):
    link = tables["links"]["link_id"].tolist()[place % len(tables["links"])]
    more = {
        **tables,
        "firm_years": pd.concat(
            [tables["firm_years"], pd.DataFrame({"firm_id": ["new"], "year": [2025], "output_wan": [output]})]
        ),
        "firm_links": pd.concat(
            [
                tables["firm_links"],
                pd.DataFrame({"firm_id": ["new"], "link_id": [link], "role": ["makes"], "weight": [1.0]}),
            ]
        ),
    }
    after = by_link(diagnosed(more, settings=ChainSettings(draws=20, code_alone="even"))).loc[link]
    before = by_link(diagnosed(tables, settings=ChainSettings(draws=20, code_alone="even"))).loc[link]
    for column in ("gap_wan_low", "gap_wan", "gap_wan_high"):
        assert np.isnan(before[column]) or after[column] <= before[column] + 1e-9


@settings(max_examples=6, deadline=None)
@given(drawn_chains())
def test_what_always_holds(tables):
    found = diagnosed(tables, settings=FEW_DRAWS)
    chain, rewards = found.chain, found.chain_rewards
    known = chain[chain["gap_wan"].notna()]
    assert (known["gap_wan_low"] <= known["gap_wan"] + 1e-9).all()
    assert (known["gap_wan"] <= known["gap_wan_high"] + 1e-9).all()
    supplied = known[known["local_supply_share"].notna()]
    np.testing.assert_allclose(
        supplied["demand_wan"] * (1 - supplied["local_supply_share"]), supplied["gap_wan"], rtol=1e-9, atol=1e-6
    )
    asked = found.edges.groupby("upstream_id")["demand_wan"].sum()
    implied = chain.set_index("link_id")["demand_wan"].where(chain.set_index("link_id")["demand_kind"] == "inputs")
    np.testing.assert_allclose(asked.reindex(implied.dropna().index), implied.dropna(), rtol=1e-9)
    assert found.flips.groupby("link_id")["share"].sum().tolist() == pytest.approx([1.0] * len(chain))
    filled = rewards.groupby("link_id")["output_wan"].sum()
    high = chain.set_index("link_id")["gap_wan_high"].reindex(filled.index)
    np.testing.assert_allclose(filled, high, rtol=1e-6)
    town = Town(Settings.parse({"plan": {"base_year": 2025, "horizon_years": 3}}), {"chain_rewards": rewards})
    assert [issue for issue in check_inputs(town) if issue.level == "error"] == []


def test_one_firm_less_is_the_brute_force_of_a_gap():
    tables = three_links()
    years = tables["firm_years"].set_index("firm_id")["output_wan"]
    for firm in ("b", "c"):
        fewer = {**tables, "firm_links": tables["firm_links"][tables["firm_links"]["firm_id"] != firm]}
        chain = by_link(diagnosed(fewer))
        assert chain.loc["PKG", "demand_wan"] == pytest.approx(0.2 * (400 - years[firm]))
        assert chain.loc["LAMP", "gap_wan"] == pytest.approx(max(0, 250 - (400 - years[firm])))


@pytest.mark.parametrize("seed", range(3))
def test_every_wan_of_every_firm_is_counted_once(seed):
    random = np.random.default_rng(seed)
    ids = ["PKG", "LAMP", "TRADE", "ECOM"]
    firms = [f"f{number}" for number in range(40)]
    labels = [
        (firm, link, random.choice(["makes", "sells", "serves", ""]), random.random())
        for firm in firms
        for link in random.choice(ids, size=random.integers(1, 4), replace=False)
    ]
    frame = pd.DataFrame(labels, columns=["firm_id", "link_id", "role", "weight"])
    frame["weight"] /= frame.groupby("firm_id")["weight"].transform("sum")
    figures = random.integers(1, 1000, len(firms)).astype(float)
    found = diagnosed(
        {
            "firms": pd.DataFrame({"firm_id": firms}),
            "firm_years": pd.DataFrame({"firm_id": firms, "year": 2025, "output_wan": figures, "revenue_wan": figures}),
            "firm_links": frame,
            "links": pd.DataFrame(
                {
                    "link_id": ids,
                    "role": ["", "", "sells", "sells"],
                    "trades_in": ["", "", "PKG;LAMP", "LAMP"],
                }
            ),
            "link_inputs": pd.DataFrame({"upstream_id": ["PKG"], "downstream_id": ["LAMP"], "share": [0.1]}),
            "region_industries": pd.DataFrame(),
        },
        settings=FEW_DRAWS,
    )
    assert found.chain["output_wan"].sum() == pytest.approx(figures.sum())
