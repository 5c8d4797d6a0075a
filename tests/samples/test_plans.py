"""What the samples are as planning problems: doing nothing is allowed, inputs are clean."""

from __future__ import annotations

import pandas as pd
import pytest

from zhenxing import schema
from zhenxing.planning.checker import Evaluation, evaluate
from zhenxing.planning.consistency import check_inputs
from zhenxing.planning.explain.relaxation import relaxation_prices
from zhenxing.samples import random_town
from zhenxing.samples.families import FAMILIES
from zhenxing.samples.guzhen import guzhen_town
from zhenxing.town import Town


@pytest.fixture(scope="module")
def guzhen() -> Town:
    return guzhen_town()


def _doing_nothing(town: Town) -> Evaluation:
    """Evaluate the plan that starts nothing; its money table is what the year-0 state alone earns and owes."""
    money = evaluate(town, {}).money
    income = money["own_funds_wan"] + money["land_income_wan"] + money["retained_tax_wan"] - money["outlay_wan"]
    finance = money.assign(debt_wan=0.0, cash_wan=town.plan.initial_cash_wan + income.cumsum())
    return evaluate(town, {"plan_finance": finance[list(schema.table("plan_finance").columns)]})


@pytest.mark.parametrize("family", list(FAMILIES))
def test_doing_nothing_is_allowed_in_every_family(family: str) -> None:
    found = _doing_nothing(random_town("S", family, 0))
    assert found.violations.empty
    assert (found.money["outlay_wan"] == 0).all()
    assert found.parts["penalties"] < 0


@pytest.mark.parametrize(("size", "family"), [("XS", "balanced"), ("S", "leader-driven"), ("M", "deep-park")])
def test_random_inputs_are_clean(size: str, family: str) -> None:
    assert [issue for issue in check_inputs(random_town(size, family, 1)) if issue.level != "info"] == []


def test_guzhen_inputs_are_clean(guzhen: Town) -> None:
    assert [issue for issue in check_inputs(guzhen) if issue.level != "info"] == []


def test_doing_nothing_in_guzhen_pays_what_is_owed_and_misses_the_targets(guzhen: Town) -> None:
    found = _doing_nothing(guzhen)
    assert found.violations.empty
    money = found.money.set_index("year")
    assert money.loc[2027, "outlay_wan"] == guzhen["budget"].set_index("year").loc[2027, "committed_outlay_wan"]
    assert (money["borrowed_wan"] == 0).all()
    # The leaders that are here already pay tax from the first plan year.
    here = guzhen["candidates"].set_index("candidate_id").loc[["C001", "C002"], "annual_tax_wan"].sum()
    assert money.loc[2027, "tax_wan"] >= here
    cleared = found.targets[found.targets["indicator"].eq("cleared_mu") & found.targets["park_id"].isin(["", None])]
    assert (cleared["shortfall"] > 0).all()


def test_land_of_the_leaders_here_is_reserved(guzhen: Town) -> None:
    land = _doing_nothing(guzhen).land
    first = land[land["year"] == 2027].set_index("park_id")
    assert first.loc["P1", "firms_mu"] == 85
    assert first.loc["P1", "unused_mu"] == pytest.approx(52)


LIMITS = {
    "money-tight": ["money"],
    "land-tight": ["land", "title_mu"],
    "demand-tight": ["demand"],
    "leader-driven": ["leader"],
    "deep-park": ["contiguity"],
}


def _highest_prices(family: str, seed: int) -> pd.Series:
    return relaxation_prices(random_town("S", family, seed)).groupby("resource")["price"].max()


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("family", list(LIMITS))
def test_the_limit_a_family_is_named_after_has_a_price(family: str, seed: int) -> None:
    prices = _highest_prices(family, seed)
    for resource in LIMITS[family]:
        assert prices[resource] > 1e-3


@pytest.mark.parametrize(("family", "resource"), [("money-tight", "money"), ("land-tight", "title_mu")])
def test_a_tighter_limit_is_dearer_than_in_the_balanced_town(family: str, resource: str) -> None:
    assert _highest_prices(family, 0)[resource] > 1.5 * _highest_prices("balanced", 0)[resource]
