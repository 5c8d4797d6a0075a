"""Alternatives and decisions that never change, against all plans of tiny towns."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest
from plan_space import Plan, plans_above
from planned_towns import planned_town

from zhenxing.errors import TownError
from zhenxing.milp import Model
from zhenxing.planning.alternatives import Alternatives, alternatives
from zhenxing.planning.checker import evaluate
from zhenxing.planning.options import PlanOptions
from zhenxing.planning.plan import plan
from zhenxing.planning.result import PlanResult
from zhenxing.planning.variation import Linear, least_value, with_aim, with_rows, worth
from zhenxing.samples import random_town as sample_town
from zhenxing.town import Town

WITHIN = 0.1
towns = pytest.mark.parametrize(
    "seed", [*range(400, 402), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(402, 420))]
)


@cache
def drawn(seed: int) -> tuple[Town, PlanResult, Alternatives, list[Plan]]:
    """Return a tiny town, its best plan, the alternatives and all plans within the loss."""
    town, best = planned_town(seed)
    found = alternatives(town, best, within=WITHIN, seconds=300)
    # what lies within the tolerance of the least value may or may not count
    return town, best, found, plans_above(town, least_value(best.summary["value_wan"], WITHIN))


def cleared(town: Town, near: Plan) -> Counter[str]:
    modes = town.filled("site_modes").set_index(["site_id", "mode"])["clears"]
    sites = town.filled("sites").set_index("site_id")
    locks = town.filled("locks")
    done = locks[(locks["subject"] == "site") & (locks["rule"] == "done")]
    total: Counter[str] = Counter()
    for site, mode in [
        *((row[0], row[1]) for row in near.rows("plan_sites")),
        *zip(done["id"], done["option"], strict=True),
    ]:
        if modes[site, mode]:
            total[str(sites.loc[site, "park_id"])] += float(sites.loc[site, "area_mu"])
    return total


def sites_changed(best: PlanResult, near: Plan) -> int:
    one = {row.site_id: (row.mode, int(row.start_year)) for row in best.tables["plan_sites"].itertuples()}
    other = {site: (mode, int(year)) for site, mode, year in near.rows("plan_sites")}
    return sum(one.get(site) != other.get(site) for site in {*one, *other})


@towns
def test_alternatives_reach_what_enumeration_reaches(seed):
    town, best, found, near = drawn(seed)
    table = found.table.set_index("name")
    for park in town["parks"]["park_id"]:
        land = [cleared(town, one)[park] for one in near]
        if f"most-mu-{park}" in table.index:
            assert table.loc[f"most-mu-{park}", f"cleared_mu_{park}"] == pytest.approx(max(land), abs=1e-6)
            assert table.loc[f"least-mu-{park}", f"cleared_mu_{park}"] == pytest.approx(min(land), abs=1e-6)
    if "different-sites-1" in table.index:
        # measured from the plan given and the alternatives before it
        before = [best, *(found.plans[name] for name in found.plans if name.endswith(tuple(town["parks"]["park_id"])))]
        most = max(sum(sites_changed(one, other) for one in before) for other in near)
        assert table.loc["different-sites-1", "aim_reached"] == pytest.approx(most)
        fewest = min(len(one.tables["plan_sites"]) for one in near)
        assert table.loc["fewest-starts", "sites_started"] == fewest


@towns
def test_alternatives_are_allowed_and_honest(seed):
    town, best, found, _ = drawn(seed)
    assert (found.table["loss_share"] <= WITHIN + 1e-6).all()
    for name, other in found.plans.items():
        checked = evaluate(town, other.tables)
        assert checked.violations["en"].tolist() == [], name
        assert checked.value_wan == pytest.approx(other.summary["value_wan"], rel=1e-6, abs=1e-6)
        assert other.summary["bound_wan"] >= best.summary["value_wan"] - 1e-6
        assert other.summary["method"] == f"alternative:{name}"
        row = found.table.set_index("name").loc[name]
        assert row["peak_debt_wan"] == pytest.approx(checked.money["debt_wan"].max(), abs=1e-5)
        assert row["aim_proven"]


def taken(row, near: Plan) -> bool:
    """Say whether a plan takes a decision, from its tables alone."""
    ids = row["id"].split(";")
    if row["subject"] == "site":
        own = [one for one in near.rows("plan_sites") if one[0] in ids]
        return {
            "started": bool(own),
            "not_started": not own,
            "mode": any(one[1] == row["option"] for one in own),
            "start_year": any(one[2] == row["year"] for one in own),
        }[row["decision"]]
    if row["subject"] == "candidate":
        own = [one for one in near.rows("plan_landings") if one[0] in ids]
        counted = {
            "landed": sum(one[3] for one in own),
            "park": sum(one[3] for one in own if one[1] == row["option"]),
            "landing_year": sum(one[3] for one in own if one[2] == row["year"]),
        }
        return not own if row["decision"] == "not_landed" else counted[row["decision"]] >= row["count"]
    name, _, step = row["id"].partition("/")
    years = {
        "work": [one[1] for one in near.rows("plan_works") if one[0] == row["id"]],
        "facility": [one[2] for one in near.rows("plan_facilities") if one[:2] == (row["option"], row["id"])],
        "utility": [
            one[3] for one in near.rows("plan_utilities") if one[:2] == (row["option"], name) and str(one[2]) == step
        ],
    }[row["subject"]]
    return {"built": bool(years), "not_built": not years, "built_year": row["year"] in years}[row["decision"]]


@towns
def test_what_never_changes_is_what_all_plans_share(seed):
    _, best, found, near = drawn(seed)
    least = least_value(best.summary["value_wan"], WITHIN)
    clear = [one for one in near if one.value > least + 1e-5 * max(1.0, abs(least))]
    for row in found.no_regret.to_dict("records"):
        in_all, in_clearly_near = (all(taken(row, one) for one in plans) for plans in (near, clear))
        assert row["verdict"] in ("proven", "refuted"), row
        if row["verdict"] == "proven":
            assert in_clearly_near, row
        else:
            assert not in_all, row


def test_a_plan_of_another_town_is_refused():
    one, other = sample_town("XS", "balanced", 1), sample_town("XS", "money-tight", 2)
    made = plan(one, PlanOptions(seconds=60, gap=0.05))
    with pytest.raises(TownError):
        alternatives(other, made, seconds=5)


def test_rows_and_aim_are_added_to_a_model():
    building = Model()
    buy = building.columns("buy", {"thing": ["a", "b"]}, upper=1.0, integer=True)
    building.reward("profit", buy.all, np.array([5.0, 4.0]))
    building.constant("profit", 1.0)
    model = building.compile()
    near = with_rows(model, "near", [worth(model), Linear(buy.all, np.array([0.0, 1.0]))], lower=3.0)
    assert near.matrix.toarray().tolist() == [[5.0, 4.0], [0.0, 1.0]]
    assert near.row_lower.tolist() == [2.0, 3.0]
    assert near.rows["near"].size == 2
    aimed = with_aim(near, Linear(buy.all[:1], np.array([2.0]), 7.0).times(-1.0))
    assert aimed.value(np.array([1.0, 1.0])) == -9.0
    assert aimed.parts(np.array([1.0, 1.0])) == {"aim": -9.0}
