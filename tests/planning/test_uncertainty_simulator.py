"""The independent simulator: hand-computed years, the plan's own value, and the checker as judge of what happened."""

from __future__ import annotations

from functools import cache

import pytest
from compiled import PLAIN
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario_towns import as_drawn
from tiny_towns import make_plan, make_town, random_town

from zhenxing.errors import InfeasibleError
from zhenxing.planning.checker import evaluate
from zhenxing.planning.plan import plan
from zhenxing.planning.uncertainty.playbook import open_playbook
from zhenxing.planning.uncertainty.realised import realised_tables
from zhenxing.planning.uncertainty.sampling import Draw, draw_scenarios, expected_draw
from zhenxing.planning.uncertainty.simulator import play, simulate

PLANNED = {
    "plan_sites": [{"site_id": "a", "mode": "m", "start_year": 2026, "delivery_year": 2027}],
    "plan_landings": [{"candidate_id": "c", "park_id": "p", "year": 2027, "count": 1}],
}
COMES, STAYS_AWAY = {"c": (1,)}, {"c": (0,)}


def one_site(*, own=(30, 30, 30), limit=(0, 0, 0), site=None, candidate=None, **plan):
    """One site of 10 mu delivered a year after its start, one firm that needs all of it; tax 7, price 2, subsidy 3."""
    return make_town(
        {**PLAIN, "horizon_years": 3, "interest_rate": 0.1, **plan},
        {
            "parks": [{"park_id": "p", "land_price_wan_per_mu": 2}],
            "sites": [{"site_id": "a", "park_id": "p", "area_mu": 10, "is_seed": True}],
            "site_modes": [
                {"site_id": "a", "mode": "m", "lead_years": 1, "released_share": 1, "title_mu": 5}
                | {"public_cost_wan": 20, "displaced_share": 0}
                | (site or {})
            ],
            "candidates": [
                {"candidate_id": "c", "land_mu": 10, "annual_tax_wan": 7, "subsidy_wan": 3, "probability": 0.5}
                | (candidate or {})
            ],
            "placements": [{"candidate_id": "c", "park_id": "p"}],
            "budget": [{"year": 2026 + i, "own_funds_wan": own[i], "debt_limit_wan": limit[i]} for i in range(3)],
        },
    )


def played(town, draw, rows=PLANNED, **more):
    return simulate(town, make_plan(rows), draw, **more)


# ---- by hand: tax 7 a year from landing, land 20, subsidy 3, site 20; the plan itself is worth 7 + 10 - 1.5 - 20


@pytest.mark.parametrize(
    ("draw", "value"),
    [
        (expected_draw(), -4.5),
        (Draw(comes=COMES), 14 + 20 - 3 - 20),
        (Draw(comes=STAYS_AWAY), -20),
        (Draw(comes=COMES, slip={"a": 1}), 7 + 20 - 3 - 20),
        (Draw(comes=COMES, slip={"a": 2}), -20),
        (Draw(comes=COMES, land_price=1.5), 14 + 30 - 3 - 20),
        (Draw(comes=COMES, public_cost=1.2), 14 + 20 - 3 - 24),
        (Draw(comes=COMES, own_funds=0.9), 14 + 20 - 3 - 20),
        (Draw(comes=None, slip={"a": 1}), 3.5 + 10 - 1.5 - 20),
    ],
)
def test_value_by_hand(draw, value):
    assert played(one_site(), draw).value_wan == pytest.approx(value)


def test_a_firm_that_waits_past_its_last_year_is_lost():
    outcome = played(one_site(candidate={"last_year": 2027}), Draw(comes=COMES, slip={"a": 1}))
    assert outcome.value_wan == pytest.approx(-20)
    assert [firm.candidate for firm in outcome.lost_firms] == ["c"]


def test_a_mode_without_titles_does_not_slip():
    outcome = played(one_site(site={"title_mu": 0}), Draw(comes=COMES, slip={"a": 2}))
    assert outcome.value_wan == pytest.approx(11)


def test_a_start_waits_for_money_and_is_begun_a_year_later():
    # 8 a year: the first half (10) cannot be paid in 2026; 16 - 10 = 6; 6 + 8 - 10 + 20 - 3 = 21
    outcome = played(one_site(own=(10, 10, 10)), Draw(comes=COMES, own_funds=0.8))
    assert [(item.name, t) for item, t in outcome.starts] == [("a", 2)]
    assert outcome.cash == pytest.approx([8, 6, 21])
    assert outcome.value_wan == pytest.approx(7 + 20 - 3 - 20)
    assert max(outcome.arrears) == 0


def test_a_start_that_waits_past_its_last_year_is_given_up():
    outcome = played(one_site(own=(10, 10, 10), site={"latest_year": 2026}), Draw(comes=COMES, own_funds=0.8))
    assert [item.name for item in outcome.given_up] == ["a"]
    assert outcome.starts == []
    assert outcome.value_wan == pytest.approx(0)


def test_debt_is_the_least_that_is_needed_and_costs_interest():
    # 2026: 8 - 10 = -2 -> debt 2; 2027: 8 - 2.2 - 10 + 17 = 12.8; 2028: 12.8 + 8 + 0.25 * 7
    outcome = played(one_site(own=(10, 10, 10), limit=(5, 5, 5)), Draw(comes=COMES, own_funds=0.8))
    assert outcome.debt == pytest.approx([2, 0, 0])
    assert outcome.cash == pytest.approx([0, 12.8, 22.55])
    assert outcome.value_wan == pytest.approx(11 - 0.2)


def test_what_cannot_be_put_off_is_in_arrears_at_a_price():
    # the second half (10) is due in 2027 with nothing there: overdue for a year at 30 %; 2028: 20 - 13 = 7
    outcome = played(one_site(own=(10, 0, 20)), Draw(comes=STAYS_AWAY), arrears_rate=0.3)
    assert outcome.arrears == pytest.approx([0, 10, 0])
    assert outcome.cash == pytest.approx([0, 0, 7])
    assert outcome.value_wan == pytest.approx(-20 - 3)


def test_arrears_at_the_end_are_charged_once_more():
    outcome = played(one_site(own=(10, 0, 0)), Draw(comes=STAYS_AWAY), arrears_rate=0.3)
    assert outcome.arrears == pytest.approx([0, 10, 13])
    assert outcome.value_wan == pytest.approx(-20 - 3 - 3.9)


def test_the_last_payment_in_the_plans_order_waits_first():
    town = one_site(own=(12, 30, 30))
    second = {"site_id": "b", "mode": "m", "start_year": 2026, "delivery_year": 2027}
    more = {
        "sites": [*town["sites"].to_dict("records"), {"site_id": "b", "park_id": "p", "area_mu": 1}],
        "site_modes": [
            *town["site_modes"].to_dict("records"),
            {"site_id": "b", "mode": "m", "lead_years": 1, "released_share": 1, "public_cost_wan": 6},
        ],
    }
    both = make_town(
        {**PLAIN, "horizon_years": 3, "interest_rate": 0.1},
        {name: more.get(name, town[name].to_dict("records")) for name in town},
    )
    outcome = played(both, Draw(comes=STAYS_AWAY), {**PLANNED, "plan_sites": [*PLANNED["plan_sites"], second]})
    assert [(item.name, t) for item, t in outcome.starts] == [("a", 1), ("b", 2)]


def leader_town():
    return make_town(
        {**PLAIN, "horizon_years": 2},
        {
            "parks": [{"park_id": "p", "vacant_mu": 10}],
            "candidates": [
                {"candidate_id": "L", "link_id": "l", "land_mu": 1, "annual_tax_wan": 1, "is_leader": True},
                {"candidate_id": "F", "link_id": "l", "land_mu": 1, "annual_tax_wan": 5, "follows_leader": True},
            ],
            "placements": [{"candidate_id": name, "park_id": "p"} for name in "LF"],
        },
    )


def test_a_follower_waits_for_a_leader_who_does_not_come():
    rows = {"plan_landings": [{"candidate_id": name, "park_id": "p", "year": 2026, "count": 1} for name in ("F", "L")]}
    both = played(leader_town(), Draw(comes={"L": (1,), "F": (1,)}), rows)
    alone = played(leader_town(), Draw(comes={"L": (0,), "F": (1,)}), rows)
    assert both.value_wan == pytest.approx(2 * 6)
    assert alone.value_wan == pytest.approx(0)
    assert [firm.candidate for firm in alone.lost_firms] == ["F"]


def test_courted_firms_beyond_the_plan_take_what_room_there_is():
    # the plan's firm stays away; the other one, courted without a place of its own, has its land
    town = leader_town().replace(
        parks=make_town({"horizon_years": 2}, {"parks": [{"park_id": "p", "vacant_mu": 1}]})["parks"]
    )
    rows = {"plan_landings": [{"candidate_id": "L", "park_id": "p", "year": 2026, "count": 1}]}
    courting = make_plan({"c": [{"candidate_id": name, "year": 2026, "count": 1} for name in "LF"]})["c"]
    free = played(town, Draw(comes={"L": (0,), "F": (1,)}), rows, courting=courting)
    assert free.value_wan == pytest.approx(0)  # a follower without a leader
    leads = played(town, Draw(comes={"L": (1,), "F": (1,)}), rows, courting=courting)
    assert [firm.candidate for firm, _, _ in leads.landings] == ["L"]


# ---- against the plan's own value and the checker


@cache
def planned(seed):
    town = random_town(seed)
    try:
        return town, plan(town)
    except InfeasibleError:
        return town, None


@pytest.mark.parametrize("first", [0, pytest.param(8, marks=pytest.mark.slow)])
def test_the_expected_draw_reproduces_the_plans_value(first):
    for seed in range(first, first + 8):
        town, made = planned(seed)
        if made is None:
            continue
        outcome = simulate(town, made.tables)
        assert outcome.value_wan == pytest.approx(made.summary["value_wan"], rel=1e-6, abs=1e-6), seed
        for name, part in made.summary["parts"].items():
            assert outcome.parts.get(name, 0.0) == pytest.approx(part, rel=1e-6, abs=1e-6), (seed, name)
        assert outcome.given_up == []
        assert outcome.lost_firms == []


def test_what_happened_is_allowed_and_worth_what_it_says():
    judged = 0
    for seed in range(8):
        town, made = planned(seed)
        locks, chances = town.filled("locks"), town.filled("candidates").set_index("candidate_id")["probability"]
        here = locks.loc[(locks["subject"] == "candidate") & (locks["rule"] == "done"), "id"]
        if made is None or (chances.reindex(here) < 1).any():
            continue  # who is here keeps his probability, which a table cannot tell from those who are not
        book = open_playbook(town, made.tables)
        for draw in draw_scenarios(town, 4, seed):
            outcome = play(book, draw)
            assert min(outcome.cash) >= 0
            if max(outcome.arrears) > 0:
                continue
            found = evaluate(as_drawn(town, draw), realised_tables(book, outcome, draw))
            assert found.violations["en"].tolist() == [], (seed, draw.number)
            assert outcome.value_wan == pytest.approx(found.value_wan, rel=1e-6, abs=1e-6), (seed, draw.number)
            judged += 1
    assert judged > 8


# ---- more delay

AREAS = st.lists(st.integers(1, 4), min_size=1, max_size=4)


@settings(max_examples=25, deadline=None)
@given(areas=AREAS, slips=st.lists(st.integers(0, 2), min_size=4, max_size=4), later=st.integers(0, 3))
def test_more_delay_never_raises_the_value_of_equal_firms(areas, slips, later):
    """With equal firms that are worth having and money enough, a later title is never better."""
    town = make_town(
        {**PLAIN, "horizon_years": 4, "discount_rate": 0.05},
        {
            "parks": [{"park_id": "p", "land_price_wan_per_mu": 1}],
            "sites": [{"site_id": f"s{i}", "park_id": "p", "area_mu": a} for i, a in enumerate(areas)],
            "site_modes": [
                {"site_id": f"s{i}", "mode": "m", "lead_years": 1, "released_share": 1, "title_mu": 1}
                for i in range(len(areas))
            ],
            "candidates": [{"candidate_id": "c", "land_mu": 1, "annual_tax_wan": 2, "count": sum(areas)}],
            "placements": [{"candidate_id": "c", "park_id": "p"}],
        },
    )
    rows = {
        "plan_sites": [{"site_id": f"s{i}", "mode": "m", "start_year": 2026 + i % 2} for i in range(len(areas))],
        "plan_landings": [
            {"candidate_id": "c", "park_id": "p", "year": 2027 + i % 2, "count": a} for i, a in enumerate(areas)
        ],
    }
    comes = {"c": (1,) * sum(areas)}
    slip = {f"s{i}": slips[i] for i in range(len(areas))}
    more = {**slip, f"s{later % len(areas)}": slip[f"s{later % len(areas)}"] + 1}
    before, after = (played(town, Draw(comes=comes, slip=one), rows).value_wan for one in (slip, more))
    assert after <= before + 1e-9


def test_a_delay_may_help_where_a_poorer_firm_stood_in_the_way():
    """First come, first served: with one site late the poorer firm has the land, with both late the richer one."""
    town = make_town(
        {**PLAIN, "horizon_years": 3},
        {
            "parks": [{"park_id": "p"}],
            "sites": [{"site_id": name, "park_id": "p", "area_mu": 1} for name in "ab"],
            "site_modes": [
                {"site_id": name, "mode": "m", "lead_years": 0, "released_share": 1, "title_mu": 1} for name in "ab"
            ],
            "candidates": [
                {"candidate_id": "poor", "land_mu": 1, "annual_tax_wan": 1, "last_year": 2026},
                {"candidate_id": "rich", "land_mu": 1, "annual_tax_wan": 9},
            ],
            "placements": [{"candidate_id": name, "park_id": "p"} for name in ("poor", "rich")],
        },
    )
    rows = {
        "plan_sites": [{"site_id": name, "mode": "m", "start_year": 2026} for name in "ab"],
        "plan_landings": [
            {"candidate_id": name, "park_id": "p", "year": 2026, "count": 1} for name in ("poor", "rich")
        ],
    }
    comes = {"poor": (1,), "rich": (1,)}
    one = played(town, Draw(comes=comes, slip={"b": 3}), rows).value_wan
    both = played(town, Draw(comes=comes, slip={"a": 1, "b": 3}), rows).value_wan
    assert (one, both) == pytest.approx((3, 18))
