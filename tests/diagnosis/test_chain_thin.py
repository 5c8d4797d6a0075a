"""Thin registers, odd chains and wrong tables: an answer in words, never a traceback and never a silent guess."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from chain_cases import by_link, diagnosed, three_links, without

from zhenxing.diagnosis.chain import ChainSettings, diagnose_chain
from zhenxing.errors import InputError


def codes(found, level=None):
    return {issue.code for issue in found.issues if level in (None, issue.level)}


def test_makers_without_figures_are_counted_and_their_output_is_unknown():
    tables = three_links()
    tables["firm_years"] = without(tables["firm_years"], "firm_id", "a", "c")
    chain = by_link(diagnosed(tables))
    assert chain.loc["PKG", ["makers", "makers_unknown"]].tolist() == [1, 1]
    assert chain.loc[["PKG"], ["output_wan", "gap_wan", "local_supply_share", "hhi"]].isna().all(axis=None)
    assert chain.loc["PKG", "verdict"] == "unknown"
    assert "至多为需求 60 万元" in "".join(diagnosed(tables).evidence["zh"])
    # the other maker of luminaires is known: a lower bound, and said to be one
    assert chain.loc["LAMP", ["makers", "makers_unknown", "output_wan"]].tolist() == [2, 1, 300.0]
    assert "因此是下限" in "".join(diagnosed(tables).evidence["zh"])
    assert "PKG" not in set(diagnosed(tables).chain_rewards["link_id"])


@pytest.mark.parametrize(("rule", "output"), [("none", 300.0), ("median", 600.0), ("last", 380.0)])
def test_imputation_is_off_unless_asked_and_always_marked(rule, output):
    tables = three_links()
    years = without(tables["firm_years"], "firm_id", "c")
    tables["firm_years"] = pd.concat(
        [years, pd.DataFrame({"firm_id": ["c", "c"], "year": [2023, 2024], "output_wan": [50.0, 80.0]})]
    )
    found = diagnosed(tables, settings=ChainSettings(impute=rule))
    chain = by_link(found)
    assert chain.loc["LAMP", "output_wan"] == output
    assert chain.loc["LAMP", "imputed_wan"] == output - 300
    assert chain.loc["LAMP", "assumed"] == (rule != "none")
    assert ("imputed" in codes(found)) == (rule != "none")


def test_no_years_at_all():
    found = diagnosed({**three_links(), "firm_years": pd.DataFrame({"firm_id": [], "year": []})})
    assert set(found.chain["verdict"]) == {"unknown"}
    assert found.chain["year"].isna().all()
    assert found.chain_rewards.empty
    assert "no_figures" in codes(found, "warning")


def test_a_year_that_is_not_there():
    found = diagnosed(three_links(), year=2019)
    assert "no_year" in codes(found)
    assert set(found.chain["verdict"]) == {"unknown"}


def test_a_thin_last_year_is_not_taken():
    tables = three_links()
    tables["firm_years"] = pd.concat(
        [tables["firm_years"], pd.DataFrame({"firm_id": ["b"], "year": [2026], "output_wan": [1.0]})]
    )
    found = diagnosed(tables)
    assert found.chain["year"].unique().tolist() == [2025]
    assert "thin_year" in codes(found, "info")
    assert by_link(diagnosed(tables, year=2026)).loc["LAMP", "output_wan"] == 1.0


def test_one_dominant_firm():
    tables = three_links()
    tables["firm_years"].loc[1, "output_wan"] = 1e9
    chain = by_link(diagnosed(tables))
    assert chain.loc["LAMP", "verdict"] == "leader_dependent"
    assert chain.loc["LAMP", "hhi"] == pytest.approx(1.0)


def test_links_that_nobody_has():
    tables = three_links()
    tables["firm_links"] = without(tables["firm_links"], "link_id", "PKG")
    found = diagnosed(tables)
    chain = by_link(found)
    assert chain.loc["PKG", ["makers", "output_wan", "local_supply_share", "gap_wan"]].tolist() == [0, 0.0, 0.0, 80.0]
    assert chain.loc["PKG", "verdict"] == "missing"
    assert chain.loc["PKG", "criticality"] == 0
    assert chain.loc["PKG", "exposure"] > 0.9
    assert found.chain_rewards["output_wan"].tolist() == [40.0, 40.0, 40.0]


def test_a_missing_link_that_nobody_asks_for_earns_nothing():
    tables = three_links()
    tables["firm_links"] = without(tables["firm_links"], "link_id", "PKG", "LAMP")
    found = diagnosed(tables)
    chain = by_link(found)
    assert chain.loc["PKG", ["demand_wan", "gap_wan", "verdict", "demand_kind"]].tolist() == [
        0.0,
        0.0,
        "missing",
        "none",
    ]
    # through the missing luminaires: 0.5 · 500 of them, 0.2 of that
    assert chain.loc["PKG", "chain_demand_wan"] == pytest.approx(50.0)
    assert set(found.chain_rewards["link_id"]) == {"LAMP"}


def test_no_labels_and_no_input_shares():
    tables = three_links()
    found = diagnosed({**tables, "firm_links": tables["firm_links"][:0]})
    assert set(found.chain["verdict"]) == {"missing"}
    assert found.chain["criticality"].tolist() == [0.0] * 3
    found = diagnosed({**tables, "link_inputs": tables["link_inputs"][:0]})
    assert "no_inputs" in codes(found, "warning")
    assert found.chain["gap_wan"].tolist() == [0.0] * 3
    assert found.edges.empty


def test_disconnected_links():
    tables = three_links()
    tables["link_inputs"] = tables["link_inputs"][:1]
    chain = by_link(diagnosed(tables))
    assert chain.loc["LAMP", "demand_kind"] == "own_output"
    assert np.isnan(chain.loc["TRADE", "relatedness"])
    assert chain.loc["TRADE", "backward_loss_wan"] == 500.0


def test_links_that_feed_each_other():
    tables = three_links()
    circle = {
        "upstream_id": ["TRADE"],
        "downstream_id": ["PKG"],
        "share": [0.3],
        "share_low": [0.3],
        "share_high": [0.3],
    }
    tables["link_inputs"] = pd.concat([tables["link_inputs"], pd.DataFrame(circle)], ignore_index=True)
    chain = by_link(diagnosed(tables))
    assert chain.loc["TRADE", "demand_wan"] == pytest.approx(18.0)
    # shares of the circle are 0.15, 0.5 and 0.3 of local purchases: L_kk = 1 / (1 − 0.0225)
    assert chain["criticality"].between(0, 1).all()


def test_links_that_only_feed_each_other_have_no_criticality():
    tables = three_links()
    tables["link_inputs"] = pd.DataFrame(
        {"upstream_id": ["LAMP", "PKG"], "downstream_id": ["PKG", "LAMP"], "share": [1.0, 1.0]}
    )
    tables["firm_years"]["output_wan"] = [100.0, 50.0, 50.0, None, None]
    found = diagnosed(tables)
    assert found.chain["criticality"].isna().all()
    assert found.chain["chain_demand_wan"].isna().all()
    assert "not_productive" in codes(found, "warning")


def test_zero_output_is_known_output():
    tables = three_links()
    tables["firm_years"].loc[0, "output_wan"] = 0.0
    chain = by_link(diagnosed(tables))
    assert chain.loc["PKG", ["output_wan", "gap_wan", "verdict"]].tolist() == [0.0, 80.0, "weak"]
    assert pd.isna(chain.loc["PKG", "leader_id"])


def test_what_is_left_out_is_told():
    tables = three_links()
    tables["firm_links"].loc[5] = ["a", "NOSUCH", "makes", 0.0]
    tables["firm_links"].loc[6] = ["b", "LAMP", "dreams", 0.0]
    tables["link_inputs"].loc[2] = ["NOSUCH", "LAMP", 0.1, 0.1, 0.1, "", "M"]
    tables["link_inputs"].loc[3] = ["PKG", "TRADE", None, None, None, "", "M"]
    tables["firm_years"].loc[2, "output_wan"] = -100.0
    found = diagnosed(tables)
    assert {"unknown_labels", "unknown_links", "no_share", "negative_output"} <= codes(found, "warning")
    told = {issue.code: issue for issue in found.issues}
    assert told["unknown_labels"].rows == ("a:NOSUCH", "b:LAMP")
    assert told["unknown_links"].rows == ("NOSUCH→LAMP",)
    assert told["negative_output"].rows == ("c",)
    # the revenue stands in for an output that cannot be
    assert by_link(found).loc["LAMP", "output_wan"] == 390.0
    # an edge without a share is drawn and implies nothing
    assert len(found.edges) == 3
    assert by_link(found).loc["PKG", "demand_wan"] == pytest.approx(78.0)


def test_closed_firms_are_not_makers():
    tables = three_links()
    tables["firms"]["status"] = ["注销", "在业", "存续", None, "吊销，未注销"]
    found = diagnosed(tables)
    assert by_link(found).loc["PKG", ["makers", "sellers", "verdict"]].tolist() == [0, 0, "missing"]
    assert "closed_firms" in codes(found, "info")


def test_weights_that_are_lacking_or_too_many():
    tables = three_links()
    tables["firm_links"].loc[0, "weight"] = None
    tables["firm_links"].loc[5] = ["b", "PKG", "makes", 0.4]
    found = diagnosed(tables)
    assert {"no_weight", "weights_above_one"} <= codes(found, "warning")
    assert by_link(found).loc["PKG", "output_wan"] == 60.0 + 120.0


def test_shares_that_buy_more_than_is_made():
    tables = three_links()
    tables["link_inputs"].loc[2] = ["TRADE", "LAMP", 0.9, 0.9, 0.9, "", "M"]
    assert "shares_above_one" in codes(diagnosed(tables), "warning")


def test_ranges_that_are_not_stated_are_assumed():
    tables = three_links()
    tables["link_inputs"] = tables["link_inputs"][["upstream_id", "downstream_id", "share"]]
    found = diagnosed(tables)
    assert "spread_used" in codes(found, "info")
    assert found.edges["share_low"].tolist() == [0.25, 0.1]
    np.testing.assert_allclose(found.edges["share_high"], [0.75, 0.3])
    assert found.edges["assumed"].all()


def test_cells_that_are_no_numbers_are_named():
    tables = three_links()
    tables["firm_years"]["output_wan"] = ["60", "300", "约100", None, None]
    with pytest.raises(InputError, match="约100"):
        diagnose_chain(**tables)
    tables["firm_years"]["output_wan"] = ["60", "300", "inf", None, None]
    found = diagnosed(tables)
    assert "negative_output" in codes(found, "warning")
    assert by_link(found).loc["LAMP", "output_wan"] == 390.0


def test_columns_of_a_town_with_missing_cells():
    tables = three_links()
    tables["firm_links"]["role"] = tables["firm_links"]["role"].astype("str").where([True] * 4 + [False])
    tables["firm_years"]["year"] = tables["firm_years"]["year"].astype("Int64").where([True] * 4 + [False])
    assert by_link(diagnosed(tables)).loc["LAMP", "output_wan"] == 400.0


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("links", lambda frame: frame[:0], "links is empty"),
        ("links", lambda frame: pd.concat([frame, frame[:1]]), "PKG"),
        ("links", lambda frame: frame.drop(columns="link_id"), "link_id"),
        ("firm_links", lambda frame: frame.drop(columns="role"), "role"),
        ("firm_links", lambda frame: frame.assign(weight=-1.0), "weight"),
        ("firm_years", lambda frame: frame.drop(columns="year"), "year"),
        ("firms", lambda frame: frame.drop(columns="firm_id"), "firm_id"),
        ("link_inputs", lambda frame: frame.drop(columns="share"), "share"),
        ("link_inputs", lambda frame: pd.concat([frame, frame[:1]]), "PKG→LAMP"),
        ("link_inputs", lambda frame: frame.assign(share=1.5, share_high=2.0), "outside 0 to 1"),
        ("link_inputs", lambda frame: frame.assign(share_low=0.9), "out of order"),
    ],
)
def test_wrong_tables_are_refused_in_words(table, change, words):
    tables = three_links()
    tables[table] = change(tables[table])
    with pytest.raises(InputError) as raised:
        diagnose_chain(**tables)
    assert words in raised.value.text.en
    assert table in raised.value.text.en
    assert table in raised.value.text.zh
