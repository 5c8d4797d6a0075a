"""A chain of three links, every figure worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from chain_cases import by_link, diagnosed, three_links

from zhenxing import schema
from zhenxing.diagnosis.chain import ChainSettings, diagnose_chain
from zhenxing.errors import InputError
from zhenxing.planning.consistency import check_inputs
from zhenxing.town import Settings, Town


@pytest.fixture(scope="module")
def found():
    return diagnosed(three_links())


@pytest.fixture(scope="module")
def chain(found):
    return by_link(found)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("makers", [1, 2, 1]),
        ("sellers", [1, 0, 0]),
        ("output_wan", [60.0, 400.0, 500.0]),
        ("sold_wan", [40.0, 0.0, 0.0]),
        # 0.2 · 400, 0.5 · 500; the last link sells what it sells
        ("demand_wan", [80.0, 250.0, 500.0]),
        ("chain_demand_wan", [80.0, 250.0, 0.0]),
        ("local_supply_share", [0.75, 1.0, np.nan]),
        ("gap_wan", [20.0, 0.0, 0.0]),
        # 0.1 · 400 < 60; 0.3 · 400 − 60
        ("gap_wan_low", [0.0, 0.0, 0.0]),
        ("gap_wan_high", [60.0, 0.0, 0.0]),
        ("hhi", [1.0, 0.75**2 + 0.25**2, 1.0]),
        ("leader_share", [1.0, 0.75, 1.0]),
        # 300 · 0.2 · 0.75, 500 · 0.5 · 1
        ("leader_pull_wan", [0.0, 45.0, 250.0]),
        # local purchases: PKG→LAMP 0.75 · 0.2 = 0.15, LAMP→TRADE 0.5, in two steps 0.075
        ("backward_loss_wan", [60.0, 400 * 1.15, 500 * 1.575]),
        ("forward_loss_wan", [60 + 0.15 * 400 + 0.075 * 500, 400 + 0.5 * 500, 500.0]),
        ("criticality", [217.5 / 1920, 1110 / 1920, 1287.5 / 1920]),
        ("exposure", [900 / 960, 500 / 960, 0.0]),
        ("betweenness", [0.0, 0.5, 0.0]),
    ],
)
def test_figures(chain, column, expected):
    np.testing.assert_allclose(chain[column].to_numpy(dtype=float), expected, rtol=1e-12)


def test_words(chain):
    assert chain["verdict"].tolist() == ["leader_dependent"] * 3
    assert chain["demand_kind"].tolist() == ["inputs", "inputs", "own_output"]
    assert chain["leader_id"].tolist() == ["a", "b", "d"]
    assert chain["year"].tolist() == [2025] * 3
    assert chain["assumed"].tolist() == [True, False, False]


def test_verdicts_without_leaders():
    chain = by_link(diagnosed(three_links(), settings=ChainSettings(leader_share=1.0, weak_share=0.8)))
    assert chain["verdict"].tolist() == ["weak", "strong", "leader_dependent"]


def test_rewards(found):
    # 0.02 · (1 − 0.75) · (1 + 900/960), halved for the expected and quartered for the possible part
    worth = 0.02 * 0.25 * (1 + 900 / 960)
    rewards = found.chain_rewards
    assert rewards[["link_id", "segment", "output_wan"]].values.tolist() == [["PKG", 1, 20.0], ["PKG", 2, 40.0]]
    np.testing.assert_allclose(rewards["reward_per_output"], [worth * 0.5, worth * 0.25], rtol=1e-12)


def test_weights_of_links_scale_rewards(found):
    tables = three_links()
    tables["links"]["weight"] = [2.0, 1.0, 1.0]
    doubled = diagnosed(tables).chain_rewards
    np.testing.assert_allclose(doubled["reward_per_output"], 2 * found.chain_rewards["reward_per_output"])


def test_rewards_are_inputs_of_a_plan(found):
    rewards, issues = schema.conform("chain_rewards", found.chain_rewards)
    assert [issue for issue in issues if issue.level == "error"] == []
    links, _ = schema.conform("links", three_links()["links"])
    town = Town(
        Settings.parse({"plan": {"base_year": 2025, "horizon_years": 3}}), {"chain_rewards": rewards, "links": links}
    )
    assert [issue for issue in check_inputs(town) if issue.level == "error"] == []


@pytest.mark.parametrize(
    ("table", "attribute"),
    [
        ("chain", "chain"),
        ("chain_rewards", "chain_rewards"),
        ("chain_edges", "edges"),
        ("chain_evidence", "evidence"),
        ("chain_flips", "flips"),
        ("chain_leaders", "leaders"),
    ],
)
def test_tables_are_as_declared(found, table, attribute):
    frame = getattr(found, attribute)
    assert list(frame.columns) == list(schema.table(table).columns)
    typed, issues = schema.conform(table, frame)
    assert [issue.text.en for issue in issues] == []
    pd.testing.assert_frame_equal(typed, frame, check_dtype=True)


def test_edges_carry_flows(found):
    edges = found.edges.set_index(["upstream_id", "downstream_id"])
    assert edges.loc[("PKG", "LAMP"), ["demand_wan", "supplied_wan", "assumed"]].tolist() == [80.0, 60.0, True]
    assert edges.loc[("LAMP", "TRADE"), ["demand_wan", "supplied_wan", "assumed"]].tolist() == [250.0, 250.0, False]


def test_leaders_and_their_pull(found):
    lamp = found.leaders[found.leaders["link_id"] == "LAMP"]
    assert lamp[["firm_id", "rank"]].values.tolist() == [["b", 1], ["c", 2]]
    np.testing.assert_allclose(
        lamp[["output_wan", "share", "purchases_wan", "pull_wan"]],
        [[300.0, 0.75, 60.0, 45.0], [100.0, 0.25, 20.0, 15.0]],
    )


def test_evidence_names_figures_and_firms(found, chain):
    lines = found.evidence[found.evidence["link_id"] == "LAMP"].set_index("topic")
    assert lines.loc["verdict", "zh"] == "灯具整装：依赖龙头，最大一家占 75%，不低于 50%。"
    assert "灯饰甲 75%、灯饰乙 25%" in lines.loc["leaders", "zh"]
    assert lines.loc["leaders", "firms"] == "b;c"
    gap = found.evidence[(found.evidence["link_id"] == "PKG") & (found.evidence["topic"] == "gap")]
    assert gap["en"].item() == ("Local supply share 75%, gap 20 wan yuan (0 with low input shares, 60 with high ones).")
    assert chain.loc["PKG", "evidence"].startswith("LED封装：依赖龙头")
    assert "largest makers: 封装厂 100%" in chain.loc["PKG", "evidence_en"]


def test_evidence_names_who_needs_it(found):
    lines = found.evidence[(found.evidence["link_id"] == "PKG") & (found.evidence["topic"] == "demand")]
    assert lines["zh"].tolist()[-1] == "需要最多的本地企业：灯饰甲 60 万元、灯饰乙 20 万元。"
    assert lines["firms"].tolist()[-1] == "b;c"


def test_flips_come_from_the_ranges(found):
    settings = ChainSettings(leader_share=1.0, weak_share=0.75, draws=4000)
    tables = three_links()
    tables["firm_links"].loc[len(tables["firm_links"])] = ["e", "PKG", "makes", 0.01]
    drawn = diagnosed(tables, settings=settings)
    assert by_link(drawn).loc["PKG", "verdict"] == "fair"
    shares = drawn.flips[drawn.flips["link_id"] == "PKG"].set_index("verdict")["share"]
    # PKG makes 60.8; the input share is a triangle over 0.1, 0.2, 0.3: weak above 60.8 / (400 · 0.75), strong up to
    # 60.8 / (400 · 0.9)
    assert shares["weak"] == pytest.approx((0.3 - 60.8 / 300) ** 2 / (0.2 * 0.1), abs=0.02)
    assert shares["strong"] == pytest.approx((60.8 / 360 - 0.1) ** 2 / (0.2 * 0.1), abs=0.02)
    assert by_link(drawn).loc["PKG", "flip_share"] == pytest.approx(1 - shares["fair"])
    assert found.flips.groupby("link_id")["share"].sum().tolist() == pytest.approx([1.0] * 3)


def test_the_same_seed_gives_the_same_flips():
    settings = ChainSettings(leader_share=1.0, weak_share=0.75, seed=7)
    first, second = (diagnosed(three_links(), settings=settings) for _ in range(2))
    pd.testing.assert_frame_equal(first.flips, second.flips)
    pd.testing.assert_frame_equal(first.chain, second.chain)


def test_final_demand_adds_to_what_inputs_imply():
    settings = ChainSettings(final_demand_wan={"LAMP": 350.0, "TRADE": 1000.0})
    chain = by_link(diagnosed(three_links(), settings=settings))
    assert chain["demand_wan"].tolist() == [80.0, 600.0, 1000.0]
    assert chain["gap_wan"].tolist() == [20.0, 200.0, 500.0]
    assert chain["demand_kind"].tolist() == ["inputs", "both", "stated"]


def test_committed_output_supplies_and_buys():
    chain = by_link(diagnosed(three_links(), settings=ChainSettings(committed_output_wan={"LAMP": 100.0})))
    assert chain.loc["LAMP", ["output_wan", "committed_wan", "makers"]].tolist() == [500.0, 100.0, 2]
    assert chain.loc["PKG", "demand_wan"] == 100.0
    assert chain.loc["LAMP", "assumed"]
    assert chain.loc["LAMP", "leader_share"] == 300 / 500
    assert chain.loc["LAMP", "hhi"] == 0.625


def test_output_not_offered_locally_widens_the_gap():
    chain = by_link(diagnosed(three_links(), settings=ChainSettings(sold_locally=0.5)))
    assert chain["gap_wan"].tolist() == [50.0, 50.0, 0.0]


def test_a_firm_by_code_alone_makes_what_most_of_its_kind_make():
    tables = three_links()
    labels = [("f", "LAMP", "", 0.5), ("f", "PKG", "", 0.5)]
    tables["firm_links"] = pd.concat(
        [tables["firm_links"], pd.DataFrame(labels, columns=tables["firm_links"].columns)], ignore_index=True
    )
    tables["firm_years"].loc[len(tables["firm_years"])] = ["f", 2025, 200.0, None, 5.0]
    assert by_link(diagnosed(tables)).loc[["PKG", "LAMP"], "output_wan"].tolist() == [60.0, 600.0]
    even = by_link(diagnosed(tables, settings=ChainSettings(code_alone="even")))
    assert even.loc[["PKG", "LAMP"], "output_wan"].tolist() == [160.0, 500.0]
    assert even["makers_by_code"].tolist() == [1, 1, 0]
    none = by_link(diagnosed(tables, settings=ChainSettings(code_alone="none")))
    assert none.loc[["PKG", "LAMP"], "output_wan"].tolist() == [60.0, 400.0]


def test_the_role_of_a_link_says_that_selling_supplies_it():
    tables = three_links()
    tables["links"]["codes"] = ""
    assert by_link(diagnosed(tables)).loc["TRADE", "makers"] == 0
    tables["links"]["role"] = ["", "", "sells"]
    assert by_link(diagnosed(tables)).loc["TRADE", "makers"] == 1
    assert by_link(diagnosed(tables, settings=ChainSettings(selling_links=()))).loc["TRADE", "makers"] == 0


def test_beliefs_are_shown_beside_the_figures_and_change_none(found):
    believing = diagnosed(three_links(), settings=ChainSettings(priors={"PKG": "weak", "LAMP": "strong"}))
    lines = believing.evidence[believing.evidence["topic"] == "prior"].set_index("link_id")
    assert "不符" in lines.loc["PKG", "zh"]
    assert "the figures agree" in lines.loc["LAMP", "en"]
    pd.testing.assert_frame_equal(believing.chain, found.chain)
    pd.testing.assert_frame_equal(believing.chain_rewards, found.chain_rewards)


def test_goods_that_a_firm_only_sells_are_output_of_its_trade():
    tables = three_links()
    tables["firm_links"].loc[3, "weight"] = 0.2
    tables["firm_links"].loc[5] = ["d", "LAMP", "sells", 0.8]
    found = by_link(diagnosed(tables))
    assert found.loc["TRADE", ["makers", "output_wan"]].tolist() == [1, 500.0]
    assert found.loc["LAMP", ["sellers", "sold_wan", "output_wan"]].tolist() == [1, 400.0, 400.0]
    # a shop without a label of its own trade: the link says in what it trades
    assert found.loc["PKG", "sold_wan"] == 40.0
    tables["links"]["trades_in"] = ["", "", "PKG;LAMP"]
    assert by_link(diagnosed(tables)).loc["TRADE", ["makers", "output_wan"]].tolist() == [2, 540.0]


@pytest.mark.parametrize(
    "values",
    [
        {"priors": {"LAMP": "splendid"}},
        {"weak_share": 0.95},
        {"sold_locally": 1.5},
        {"draws": 0},
        {"impute": "guess"},
        {"code_alone": "maybe"},
        {"reward_falls": (0.5, 1.0, 0.2)},
        {"final_demand_wan": {"LAMP": -1.0}},
        {"reward_per_output": float("inf")},
    ],
)
def test_settings_out_of_range_are_named(values):
    with pytest.raises(InputError) as raised:
        ChainSettings(**values)
    assert next(iter(values)) in raised.value.text.en
    assert next(iter(values)) in raised.value.text.zh


def test_settings_that_name_unknown_links():
    with pytest.raises(InputError, match="NOSUCH"):
        diagnose_chain(**three_links(), settings=ChainSettings(final_demand_wan={"NOSUCH": 1.0}))
