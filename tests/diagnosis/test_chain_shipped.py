"""The chains that ship, and the Guzhen sample, through the diagnosis: every link an answer, figures that add up."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from zhenxing import schema
from zhenxing.diagnosis.chain import ChainSettings, chain_graph, diagnose_chain, load_priors
from zhenxing.diagnosis.chains import CHAINS, load_chain
from zhenxing.diagnosis.classification import classify_firms
from zhenxing.planning.consistency import check_inputs
from zhenxing.samples.guzhen import guzhen_town


@pytest.mark.parametrize("name", CHAINS)
def test_one_maker_of_every_link(name):
    links, inputs = load_chain(name)
    firms = [f"f{number}" for number in range(len(links))]
    found = diagnose_chain(
        firms=pd.DataFrame({"firm_id": firms, "name": firms}),
        firm_years=pd.DataFrame({"firm_id": firms, "year": 2025, "output_wan": 1000.0}),
        firm_links=pd.DataFrame({"firm_id": firms, "link_id": links["link_id"], "role": "makes", "weight": 1.0}),
        links=links,
        link_inputs=inputs,
        region_industries=pd.DataFrame(),
    )
    chain = found.chain.set_index("link_id")
    assert chain["makers"].tolist() == [1] * len(links)
    asked = inputs.groupby("upstream_id")["share"].sum() * 1000
    np.testing.assert_allclose(chain.loc[asked.index, "demand_wan"], asked)
    assert chain["criticality"].between(0, 1).all()
    assert {issue.code for issue in found.issues} <= {"no_regions", "shares_above_one"}
    assert found.edges["assumed"].all()


def test_beliefs_are_of_links_that_ship():
    links, _ = load_chain("lighting")
    assert set(load_priors("lighting")) <= set(links["link_id"])
    assert load_priors("nosuch") == {}


@pytest.fixture(scope="module")
def town():
    return guzhen_town()


@pytest.fixture(scope="module")
def found(town):
    return diagnose_chain(
        firms=town["firms"],
        firm_years=town["firm_years"],
        firm_links=classify_firms(town["firms"], town["links"]),
        links=town["links"],
        link_inputs=town["link_inputs"],
        region_industries=town["region_industries"],
        settings=ChainSettings(home=town.settings.town.code, priors=load_priors("lighting"), draws=100),
    )


def test_the_sample_gets_a_verdict_with_evidence_for_every_link(town, found):
    chain = found.chain.set_index("link_id")
    assert chain.index.tolist() == town["links"]["link_id"].tolist()
    assert chain["verdict"].isin(schema.table("chain").columns["verdict"].choices).all()
    assert (chain["evidence"].str.len() > 10).all()
    assert chain.loc["LAMP", "verdict"] == "strong"
    assert chain.loc["LAMP", "lq_low"] > 1
    named = found.evidence[found.evidence["topic"] == "leaders"]
    assert set(";".join(named["firms"]).split(";")) <= set(town["firms"]["firm_id"])


def test_the_samples_output_adds_up_to_that_of_its_makers(found):
    leaders, chain = found.leaders, found.chain.set_index("link_id")
    first = leaders[leaders["rank"] == 1].set_index("link_id")
    np.testing.assert_allclose(first["output_wan"], first["share"] * chain.loc[first.index, "output_wan"])
    np.testing.assert_allclose(first["pull_wan"], chain.loc[first.index, "leader_pull_wan"])
    local = found.edges["supplied_wan"].sum()
    sold = (chain["local_supply_share"].fillna(0) * chain["demand_wan"]).sum()
    assert local == pytest.approx(sold)


def test_the_samples_rewards_are_inputs_of_its_plan(town, found):
    rewards, issues = schema.conform("chain_rewards", found.chain_rewards)
    assert issues == []
    assert len(rewards)
    assert rewards["reward_per_output"].between(0, 0.1).all()
    checked = check_inputs(town.replace(chain_rewards=rewards))
    assert [issue.text.en for issue in checked if issue.table == "chain_rewards"] == []


def test_the_samples_chain_is_drawn(town, found):
    drawn = chain_graph(found.chain.merge(town["links"][["link_id", "tier"]], on="link_id"), found.edges)
    assert drawn["link_id"].tolist() == town["links"]["link_id"].tolist()
    assert not drawn["in_cycle"].any()


def test_the_diagnosis_of_a_chain_needs_no_map_solver_or_figure():
    blocked = ["geopandas", "pyogrio", "highspy", "matplotlib", "rich", "typer", "shapely", "numba"]
    script = f"import sys; sys.modules.update(dict.fromkeys({blocked})); import zhenxing.diagnosis.chain"
    subprocess.run([sys.executable, "-c", script], check=True)
