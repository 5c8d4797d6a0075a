"""Wishes about plans of towns small enough to work out by hand: the cost, the interval, the smallest repair."""

from __future__ import annotations

import pytest
from compiled import PLAIN
from tiny_towns import make_town

from zhenxing.errors import InputError, SourceError
from zhenxing.planning.checker import evaluate
from zhenxing.planning.explain.ground import ground
from zhenxing.planning.explain.repair import repaired
from zhenxing.planning.explain.why import Why, why
from zhenxing.planning.options import PlanOptions
from zhenxing.planning.plan import plan
from zhenxing.planning.result import PlanResult


def two_firms(settings=None, **tables):
    """3 mu; c (2 mu, 10 a year) and d (2 mu, 4 a year): only one fits, over two years c is worth 20 and d 8."""
    base = {
        "parks": [{"park_id": "p", "vacant_mu": 3, "name": "北园"}],
        "candidates": [
            {"candidate_id": "c", "land_mu": 2, "annual_tax_wan": 10, "name": "丙厂"},
            {"candidate_id": "d", "land_mu": 2, "annual_tax_wan": 4},
        ],
        "placements": [{"candidate_id": "c", "park_id": "p"}, {"candidate_id": "d", "park_id": "p"}],
    }
    return make_town({"horizon_years": 2, **PLAIN, **(settings or {})}, {**base, **tables})


def one_site(budget=None, mode=None, **tables):
    """A site of 10 mu whose renewal brings 5 a year from the year after its start on and costs 1."""
    base = {
        "parks": [{"park_id": "p"}],
        "sites": [{"site_id": "s", "park_id": "p", "area_mu": 10}],
        "site_modes": [
            {
                "site_id": "s",
                "mode": "m",
                "released_share": 0,
                "lead_years": 1,
                "public_cost_wan": 1,
                "annual_tax_gain_wan": 5,
                **(mode or {}),
            }
        ],
        "budget": [{"year": year, "own_funds_wan": 100, **(budget or {})} for year in (2026, 2027, 2028)],
    }
    return make_town({"horizon_years": 3, **PLAIN}, {**base, **tables})


def ask(town, **wish) -> Why:
    return why(town, plan(town, PlanOptions(seconds=60)), seconds=60, **wish)


def told(answer: Why) -> list[tuple[object, ...]]:
    return [tuple(blocker.record().values()) for blocker in answer.blocked_by]


# ---- what a wish costs


def test_another_firm_costs_the_difference_and_names_the_land():
    answer = ask(two_firms(), candidate="d")
    assert answer.possible
    assert answer.cost_wan == pytest.approx(12)
    assert (answer.low_wan, answer.high_wan) == pytest.approx((12, 12))
    assert not answer.conditional
    assert answer.verdict == "cost"
    assert told(answer) == [("land", "parks", "p", 1.0)]
    assert answer.plan is not None
    assert answer.plan["plan_landings"]["candidate_id"].tolist() == ["d"]


def test_the_answer_names_what_moves_and_what_lacks():
    answer = ask(two_firms(), candidate="d")
    words = "\n".join(text.zh for text in answer.sentences)
    assert "12 万元" in words
    assert "c（丙厂） 不再落户" in words
    assert "p（北园） 用地缺 1 亩" in words
    assert all(text.zh and text.en for text in answer.sentences)


def test_a_firm_that_must_stay_away_costs_what_it_brings_beyond_the_next():
    answer = ask(two_firms(), candidate="c", never=True)
    assert answer.cost_wan == pytest.approx(12)
    assert answer.verdict == "cost"


def test_a_wish_that_the_plan_meets_costs_nothing():
    answer = ask(two_firms(), candidate="c", park="p", year=2026)
    assert answer.already
    assert (answer.cost_wan, answer.low_wan, answer.verdict) == (0.0, 0.0, "tie")
    assert "已经满足" in answer.sentences[0].zh


def test_a_year_later_costs_a_year():
    # from 2026 on the site brings 5 in 2027 and 2028, from 2027 on only in 2028
    answer = ask(one_site(), site="s", not_before=2027)
    assert answer.cost_wan == pytest.approx(5)


def test_a_site_that_never_starts_costs_what_it_brings():
    answer = ask(one_site(), site="s", never=True)
    assert answer.cost_wan == pytest.approx(9)
    assert "不再开工" in answer.sentences[1].zh


def test_a_mode_that_brings_less_costs_the_difference():
    modes = [
        {"site_id": "s", "mode": "m", "released_share": 0, "lead_years": 1, "annual_tax_gain_wan": 5},
        {"site_id": "s", "mode": "n", "released_share": 0, "lead_years": 1, "annual_tax_gain_wan": 3},
    ]
    answer = ask(one_site(site_modes=modes), site="s", mode="n", start_by=2026)
    assert answer.cost_wan == pytest.approx(4)


def test_a_target_costs_the_money_it_takes():
    # a site that brings nothing and costs 1 is cleared for a target's sake only
    town = one_site(mode={"annual_tax_gain_wan": 0})
    answer = ask(town, target="cleared_mu,2027,10")
    assert answer.cost_wan == pytest.approx(1)
    assert ask(town, target=("cleared_mu", 2027, 0.0)).already


def test_identical_candidates_change_places():
    twins = [{"candidate_id": name, "land_mu": 2, "annual_tax_wan": 10} for name in ("c", "d")]
    town = two_firms(candidates=twins)
    result = plan(town, PlanOptions(seconds=60))
    (landed,) = result.tables["plan_landings"]["candidate_id"]
    (other,) = {"c", "d"} - {landed}
    answer = why(town, result, candidate=other, seconds=60)
    assert answer.already
    assert answer.plan is not None
    assert answer.plan["plan_landings"]["candidate_id"].tolist() == [other]
    assert "互换" in answer.sentences[1].zh
    gone = why(town, result, candidate=landed, never=True, seconds=60)
    assert gone.cost_wan == 0
    assert gone.plan is not None
    assert gone.plan["plan_landings"]["candidate_id"].tolist() == [other]


def test_a_better_plan_found_in_passing_is_told():
    town = two_firms()
    poor = plan(town, PlanOptions(seconds=60))
    tables = dict(poor.tables)
    tables["plan_landings"] = tables["plan_landings"].assign(candidate_id="d")
    given = PlanResult(tables, {**poor.summary, "bound_wan": 20.0})
    answer = why(town, given, candidate="d", year=2026, never=False, seconds=60)
    assert answer.already
    answer = why(town, given, candidate="d", never=True, seconds=60)
    assert answer.cost_wan == pytest.approx(0)
    answer = why(town, given, candidate="c", park="p", seconds=60)
    assert answer.cost_wan == pytest.approx(0)
    assert "再好 12 万元" in answer.sentences[-1].zh


# ---- what is impossible, and the smallest repair


@pytest.mark.parametrize(
    ("town", "wish", "blockers"),
    [
        (one_site({"title_capacity_mu": 4}, {"title_mu": 10}), {"site": "s"}, [("title", "budget", "6.0")]),
        (one_site({"clear_capacity_mu": 7}), {"site": "s"}, [("clearing", "budget", "3.0")]),
        (one_site(mode={"earliest_year": 2028}), {"site": "s", "start_by": 2026}, [("window", "site_modes", "2.0")]),
        (
            one_site(locks=[{"subject": "site", "id": "s", "rule": "must_not"}]),
            {"site": "s"},
            [("lock", "locks", "1.0")],
        ),
        (
            one_site({"own_funds_wan": 0}, {"public_cost_wan": 6, "annual_tax_gain_wan": 0, "lead_years": 9}),
            {"site": "s"},
            [("money", "budget", "6.0")],
        ),
        (
            two_firms(placements=[{"candidate_id": "c", "park_id": "p"}]),
            {"candidate": "d"},
            [("placement", "placements", "1.0")],
        ),
        (two_firms(parks=[{"park_id": "p", "vacant_mu": 0.5}]), {"candidate": "d"}, [("land", "parks", "1.5")]),
    ],
    ids=["title", "clearing", "window", "lock", "money", "placement", "land"],
)
def test_the_smallest_repair_is_named_and_works(town, wish, blockers):
    answer = ask(town, **wish)
    assert answer.possible is False
    assert answer.verdict == "impossible"
    assert answer.cost_wan is None
    assert [(one.rule, one.table, str(one.amount)) for one in answer.blocked_by] == blockers
    assert answer.smallest
    assert ask(repaired(town, answer.blocked_by), **wish).possible


def test_a_site_that_growth_cannot_reach_in_time():
    sites = [
        {"site_id": "a", "park_id": "p", "area_mu": 1, "is_seed": True},
        {"site_id": "s", "park_id": "p", "area_mu": 10},
    ]
    modes = [{"site_id": name, "mode": "m", "released_share": 0, "lead_years": 1} for name in ("a", "s")]
    town = make_town(
        {"horizon_years": 3, "contiguity": "growth", **PLAIN},
        {
            "parks": [{"park_id": "p"}],
            "sites": sites,
            "site_modes": modes,
            "site_neighbours": [{"site_id": "a", "neighbour_id": "s"}],
        },
    )
    answer = ask(town, site="s", start_by=2026)
    assert told(answer) == [("growth", "sites", "s", 1.0)]
    assert ask(repaired(town, answer.blocked_by), site="s", start_by=2026).possible
    later = ask(town, site="s", start_by=2027)
    assert later.possible
    assert [one.rule for one in later.blocked_by] == ["growth"]


def test_a_site_done_otherwise_leaves_no_choice():
    modes = [{"site_id": "s", "mode": name, "released_share": 0, "lead_years": 1} for name in ("m", "n")]
    town = one_site(
        site_modes=modes, locks=[{"subject": "site", "id": "s", "option": "m", "rule": "done", "year": 2024}]
    )
    assert ask(town, site="s", mode="m").already
    answer = ask(town, site="s", mode="n")
    assert answer.possible is False
    assert told(answer) == [("done", "locks", "1", 1.0)]


def test_a_target_out_of_reach_asks_for_land_or_says_how_far_it_must_come_down():
    answer = ask(two_firms(), target="landed_projects,2026,2")
    assert told(answer) == [("land", "parks", "p", 1.0)]
    answer = ask(one_site(), target="cleared_mu,2028,12")
    assert told(answer) == [("target", "targets", "cleared_mu/2028", 2.0)]


# ---- what cannot be asked


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"site": "x"}, "sites 表里没有 x"),
        ({"candidate": "x"}, "candidates"),
        ({"candidate": "c", "park": "x"}, "parks"),
        ({"candidate": "c", "year": 2040}, "2040 年不在规划期（2026–2027）"),
        ({"candidate": "c", "mode": "m"}, "--mode"),
        ({"candidate": "c", "year": 2026, "never": True}, "三者选一"),
        ({"target": "jobs,2026,3"}, "cleared_mu"),
        ({"target": "cleared_mu,2026"}, "指标,年份,数值"),
        ({"target": "cleared_mu,2026,much"}, "指标,年份,数值"),
        ({}, "--target"),
        ({"candidate": "c", "target": "cleared_mu,2026,1"}, "只能选一个"),
    ],
)
def test_questions_that_make_no_sense_are_answered_by_what_to_do(wish, said):
    town = two_firms()
    with pytest.raises(InputError) as caught:
        why(town, PlanResult({}, {"value_wan": 1.0}), **wish)
    assert said in caught.value.text.zh
    assert caught.value.text.en


def test_a_mode_that_the_site_does_not_have_is_answered_by_those_it_has():
    with pytest.raises(InputError, match="m"):
        ask(one_site(), site="s", mode="n")


def test_a_plan_of_another_town_is_refused():
    result = plan(two_firms(), PlanOptions(seconds=60))
    with pytest.raises(SourceError) as caught:
        ground(two_firms(candidates=[{"candidate_id": "e"}], placements=[]), result)
    assert "check-plan" in caught.value.text.zh
    with pytest.raises(SourceError):
        ground(two_firms(), PlanResult({}, {"value_wan": None}))


def test_a_plan_of_an_older_state_stands_without_its_bound():
    result = plan(two_firms(), PlanOptions(seconds=60))
    changed = two_firms(parks=[{"park_id": "p", "vacant_mu": 4}])
    base = ground(changed, result)
    assert not base.same_inputs
    assert base.bound == pytest.approx(28)
    answer = why(changed, result, candidate="d", seconds=60)
    assert answer.cost_wan == 0
    assert answer.plan is not None
    assert evaluate(changed, answer.plan).violations.empty
