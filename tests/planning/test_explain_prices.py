"""What limits are worth: by hand, by brute force, by planning anew, and the bounds that must hold them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from compiled import PLAIN
from enumeration import best_plan
from hypothesis import given, settings
from hypothesis import strategies as st
from planned_towns import planned_town
from tiny_towns import make_town

from zhenxing.errors import InputError
from zhenxing.milp.highs import solve_relaxation
from zhenxing.planning.explain import curve as curves
from zhenxing.planning.explain.ground import ground
from zhenxing.planning.explain.prices import COLUMNS, Prices, price_curve_data, prices
from zhenxing.planning.explain.reasons import disagree, quantity
from zhenxing.planning.explain.resources import EVERY_YEAR, find_limits, moved, relaxation_price
from zhenxing.planning.explain.steps import Steps
from zhenxing.planning.explain.worth import changed_model
from zhenxing.planning.formulation import formulate
from zhenxing.planning.options import PlanOptions
from zhenxing.planning.plan import plan
from zhenxing.planning.problem import read_problem
from zhenxing.samples import random_town as sample_town
from zhenxing.town import Town

BUDGET = {
    "money": "own_funds_wan",
    "debt": "debt_limit_wan",
    "title_mu": "title_capacity_mu",
    "cleared_mu": "clear_capacity_mu",
    "effort_months": "effort_months",
}
ONE = Steps(shares=(), units=dict.fromkeys([*BUDGET, "land", "power"], 1.0))


def two_firms(**tables) -> Town:
    """Two firms of 2 mu that pay 10 and 6 a year, and 3 mu for them: only the first fits."""
    base = {
        "parks": [{"park_id": "p", "name": "东园", "vacant_mu": 3}],
        "candidates": [
            {"candidate_id": "a", "name": "甲厂", "land_mu": 2, "annual_tax_wan": 10},
            {"candidate_id": "b", "name": "乙厂", "land_mu": 2, "annual_tax_wan": 6},
        ],
        "placements": [{"candidate_id": name, "park_id": "p"} for name in "ab"],
    }
    return make_town({"horizon_years": 1, **PLAIN}, {**base, **tables})


@cache
def optimal(town: Town):
    result = plan(town, PlanOptions(seconds=300))
    assert result.summary["status"] == "optimal"
    return result


def asked(town: Town, **question) -> Prices:
    return prices(town, optimal(town), **{"seconds": 300.0, "steps": ONE, **question})


def at(found: Prices, step: float) -> pd.Series:
    row = found.table[np.isclose(found.table["step"], step)]
    assert len(row) == 1, found.table
    return row.iloc[0]


def with_step(town: Town, resource: str, park: str, year: int, step: float) -> Town:
    """Return the town with a limit of its tables moved, as a person would change the number."""
    if resource == "land":
        parks = town.filled("parks")
        here = parks["park_id"] == park
        return town.replace(parks=parks.assign(vacant_mu=(parks["vacant_mu"] + step * here).clip(lower=0.0)))
    if resource not in BUDGET:
        supply = town.filled("park_supply")
        here = (supply["park_id"] == park) & (supply["resource"] == resource)
        return town.replace(park_supply=supply.assign(amount=(supply["amount"] + step * here).clip(lower=0.0)))
    budget, column = town.filled("budget"), BUDGET[resource]
    absent = [one for one in town.years if one not in set(budget["year"])]
    if absent:
        nothing = {"own_funds_wan": 0.0, "debt_limit_wan": 0.0, "committed_outlay_wan": 0.0}
        more = pd.DataFrame([{"year": one, **nothing} for one in absent])
        budget = pd.concat([budget, more.astype({"year": budget["year"].dtype})], ignore_index=True)
    here = (budget["year"] == year) | (year == EVERY_YEAR)
    changed = budget.assign(**{column: (budget[column] + step * here.astype(float)).clip(lower=0.0)})
    return town.replace(budget=changed)


# ---- by hand


def test_one_more_mu_lets_one_more_firm_in():
    found = asked(two_firms(), resource="land", park="p")
    more = at(found, 1.0)
    assert more["value_change_wan"] == pytest.approx(6)
    assert not more["conditional"]
    assert (more["low_wan"], more["high_wan"]) == pytest.approx((6, 6))
    # half of the second firm fits the half used mu: 3 万元 a mu
    assert more["relaxation_price"] == pytest.approx(3)
    assert at(found, -1.0)["value_change_wan"] == pytest.approx(0)
    assert at(found, -2.0)["value_change_wan"] == pytest.approx(-10)
    assert list(found.table.columns) == list(COLUMNS)


def test_the_reason_names_the_firm_that_comes():
    said = asked(two_firms(), resource="land", park="p").reasons
    more = said[said["step"] == 1.0].iloc[0]
    assert "乙厂" in more["zh"]
    assert "东园" in more["zh"]
    assert "6 万元" in more["zh"]
    assert "b (乙厂)" in more["en"]
    assert more["verdict"] == "exact"
    # 0 against -3: whole firms do not shrink
    assert said.loc[said["step"] == -1.0, "disagree"].all()


def test_a_limit_with_room_does_not_bind():
    town = two_firms(budget=[{"year": 2026, "own_funds_wan": 50, "debt_limit_wan": 40, "effort_months": 9}])
    found = asked(town)
    said = found.reasons.set_index(["resource", "year"]).sort_index()["verdict"]
    assert {said.loc[[(name, 2026)]].item() for name in ("money", "debt", "effort_months")} == {"does_not_bind"}
    assert said.loc[[("title_mu", 2026)]].item() == "not_limited"
    assert set(said.loc[[("land", EVERY_YEAR)]]) == {"exact"}
    quiet = found.table[found.table["resource"].isin(["money", "debt", "effort_months"])]
    assert (quiet["relaxation_price"] == 0).all()
    # the dearest first
    assert found.table["resource"].iloc[0] == "land"


def test_what_is_not_limited_is_worth_nothing():
    found = asked(two_firms(), resource="title_mu", year=2026)
    row = found.table.iloc[0]
    assert (row["value_change_wan"], row["low_wan"], row["high_wan"], row["relaxation_price"]) == (0, 0, 0, 0)
    assert not row["conditional"]
    assert found.reasons["verdict"].tolist() == ["not_limited"]


def test_power_counts_from_the_year_it_comes():
    town = two_firms(
        parks=[{"park_id": "p", "vacant_mu": 9}],
        park_supply=[{"park_id": "p", "resource": "power", "amount": 5}],
        candidate_uses=[{"candidate_id": name, "resource": "power", "amount": 4} for name in "ab"],
    )
    assert at(asked(town, resource="power", year=2026), 4.0)["value_change_wan"] == pytest.approx(6)
    assert at(asked(town, resource="power"), 1.0)["value_change_wan"] == pytest.approx(0)


def test_a_step_that_leaves_no_plan_is_impossible():
    town = two_firms(locks=[{"subject": "candidate", "id": "a", "rule": "must"}])
    found = asked(town, resource="land", park="p")
    row = at(found, -2.0)
    assert np.isnan(row["value_change_wan"])
    said = found.reasons.set_index("step")
    assert said["verdict"][-2.0] == "impossible"
    assert "没有任何可行" in said["zh"][-2.0]


def lender(years: int) -> Town:
    """One site that costs 10 at once and earns 20 at the end; nothing but debt pays for it."""
    return make_town(
        {"horizon_years": years, "interest_rate": 0.0, "first_year_cost_share": 1.0, **PLAIN},
        {
            "parks": [{"park_id": "p"}],
            "sites": [{"site_id": "s", "park_id": "p", "area_mu": 1}],
            "site_modes": [
                {
                    "site_id": "s",
                    "mode": "m",
                    "lead_years": 0,
                    "released_share": 0,
                    "public_cost_wan": 10,
                    "annual_tax_gain_wan": 20,
                    "latest_year": 2026,
                }
            ],
            "budget": [{"year": year, "own_funds_wan": 0} for year in range(2026, 2026 + years)],
        },
    )


def test_one_year_of_debt_is_worth_nothing_where_the_next_forces_it_back():
    town = lender(2)
    steps = Steps(units={"debt": 10.0})
    assert at(asked(town, resource="debt", year=2026, steps=steps), 10.0)["value_change_wan"] == 0
    # 2 x 20 earned less 10 paid
    assert at(asked(town, resource="debt", year=EVERY_YEAR, steps=steps), 10.0)["value_change_wan"] == pytest.approx(30)


# ---- steps


@pytest.mark.parametrize(
    ("amount", "unit", "wanted"),
    [
        (1000.0, 100.0, [-200, -100, -50, 50, 100, 200]),
        (400.0, 100.0, [-80, -40, -20, 20, 40, 80, 100]),
        (0.0, 100.0, [100, 200, 400]),
        (50.0, 20.0, [-10, -5, -2.5, 2.5, 5, 10, 20]),
        (15.0, 20.0, [-15, 20, 40, 80]),
    ],
)
def test_steps_are_shares_of_the_limit_and_one_practical_unit(amount, unit, wanted):
    town = two_firms(parks=[{"park_id": "p", "vacant_mu": amount}])
    base = ground(town, optimal(town))
    limit = find_limits(base, "land", EVERY_YEAR, "p")[0]
    assert Steps(units={"land": unit}).of(base.formulation.problem, limit) == pytest.approx(wanted)


@given(amount=st.floats(0.0, 1e6), unit=st.floats(0.01, 1e5))
@settings(max_examples=60, deadline=None)
def test_no_step_cuts_below_nothing(amount, unit):
    limit = curves.ResourceLimit("land", "p", 0, np.array([amount]), np.array([0]), np.empty(0, dtype=np.int64))
    steps = Steps(units={"land": unit}).of(None, limit)  # type: ignore[arg-type]  # the unit is given
    assert steps == sorted(steps)
    assert all(step >= -amount - 1e-6 for step in steps)
    assert any(abs(step - unit) <= 1e-3 * unit + 1e-6 for step in steps)


@given(value=st.floats(-1e7, 1e7), relaxed=st.floats(-1e7, 1e7))
@settings(max_examples=60, deadline=None)
def test_disagreement_has_no_direction(value, relaxed):
    assert disagree(value, relaxed) == disagree(relaxed, value) == disagree(-value, -relaxed)
    assert not disagree(value, value)


def test_quantities_never_show_a_negative_nothing():
    assert [quantity(x) for x in (-0.01, 99.96, 0.25, -1234.5)] == ["0", "100", "0.2", "-1,234"]


# ---- by brute force


def questions(town: Town) -> list[tuple[str, str, int]]:
    """Return every limit of a tiny town that may be moved."""
    first = town.years[0]
    found = [(name, "", year) for name in BUDGET for year in (first, EVERY_YEAR)]
    found += [("land", str(park), EVERY_YEAR) for park in town.filled("parks")["park_id"]]
    supply = town.filled("park_supply")
    return found + [
        (str(name), str(park), EVERY_YEAR) for park, name in zip(supply["park_id"], supply["resource"], strict=True)
    ]


more_towns = pytest.mark.parametrize(
    "seed", [*range(1000, 1004), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(4000, 4008))]
)


def close(value):
    return pytest.approx(value, rel=1e-6, abs=1e-5)


@more_towns
def test_every_step_is_worth_what_brute_force_says(seed):
    town, _ = planned_town(seed)
    now = best_plan(town).value
    asking = questions(town)
    for resource, park, year in [asking[seed % len(asking)], asking[(seed * 7 + 3) % len(asking)], asking[-1]]:
        found = asked(town, resource=resource, park=park or None, year=year, steps=Steps((0.3,), {resource: 2.0}))
        for row in found.table.to_dict("records"):
            after = best_plan(with_step(town, resource, park, year, row["step"])).value
            if after is None:
                assert np.isnan(row["value_change_wan"])
                continue
            assert not row["conditional"]
            assert row["value_change_wan"] == close(after - now), (resource, park, year, row["step"])
            assert row["low_wan"] - 1e-5 <= after - now <= row["high_wan"] + 1e-5


@more_towns
def test_the_interval_holds_the_truth_from_any_plan_and_part(seed, monkeypatch):
    town, best = planned_town(seed)
    now = best_plan(town).value
    weak = plan(town, PlanOptions(seconds=60, method="greedy"))
    weak = weak if weak.has_plan else best
    monkeypatch.setattr(curves, "WHOLE", 0)
    monkeypatch.setattr(curves, "FIRST_SIZE", 3)
    monkeypatch.setattr(curves, "GROWTH", 1.0)
    asking = questions(town)
    resource, park, year = asking[(seed * 3 + 1) % len(asking)]
    steps = Steps((0.3,), {resource: 2.0})
    found = prices(town, weak, resource=resource, park=park or None, year=year, seconds=60, steps=steps)
    for row in found.table.to_dict("records"):
        after = best_plan(with_step(town, resource, park, year, row["step"])).value
        if after is None:
            assert np.isnan(row["value_change_wan"])
            continue
        low = -np.inf if np.isnan(row["low_wan"]) else row["low_wan"]
        high = np.inf if np.isnan(row["high_wan"]) else row["high_wan"]
        assert low - 1e-5 <= after - now <= high + 1e-5, (resource, park, year, row)
        if not row["conditional"]:
            assert row["value_change_wan"] == close(after - now)


@more_towns
def test_more_never_loses_and_the_relaxation_bounds_its_own_steps(seed):
    town, _ = planned_town(seed)
    formulation = formulate(read_problem(town))
    relaxed = solve_relaxation(formulation.model)
    assert relaxed.status == "optimal"
    base = ground(town, optimal(town))
    for resource, park, year in questions(town):
        limit = find_limits(base, resource, year, park or None)[0]
        if limit.unlimited:
            continue
        price = relaxation_price(limit, relaxed)
        assert price >= 0
        for step in (-0.5, 1.0) if limit.amount >= 0.5 else (1.0,):
            change = moved(base, limit, step, text())
            rows = {at: ends for at, ends in change.rows.items() if at not in set(limit.shortcuts.tolist())}
            again = solve_relaxation(with_limits(formulation.model, rows, change.columns))
            if again.status == "optimal":
                # the relaxation is concave in its limits: its price is its steepest way up and its shallowest way down
                assert again.value - relaxed.value <= price * step + 1e-5 * max(1.0, abs(relaxed.value))


def text():
    from zhenxing.errors import Text

    return Text("变动", "step")


def with_limits(model, rows, columns):
    from dataclasses import replace

    row_lower, row_upper, upper = model.row_lower.copy(), model.row_upper.copy(), model.upper.copy()
    for where, (low, high) in rows.items():
        row_lower[where], row_upper[where] = low, high
    for where, (_, high) in columns.items():
        upper[where] = high
    return replace(model, row_lower=row_lower, row_upper=row_upper, upper=upper)


@more_towns
def test_a_moved_limit_is_the_model_of_the_changed_town(seed):
    """The rows and bounds that move are those that a new number in the table moves: no wrong row, no wrong unit."""
    town, _ = planned_town(seed)
    formulation = formulate(read_problem(town))
    base = ground(town, optimal(town))
    for resource, park, year in questions(town):
        limit = find_limits(base, resource, year, park or None)[0]
        if limit.unlimited or len(limit.shortcuts):
            continue
        change = moved(base, limit, 1.25, text())
        ours = with_limits(formulation.model, change.rows, change.columns)
        theirs = formulate(read_problem(with_step(town, resource, park, year, 1.25))).model
        if ours.matrix.shape != theirs.matrix.shape:
            continue
        for name in ("row_lower", "row_upper", "lower", "upper"):
            assert getattr(ours, name) == pytest.approx(getattr(theirs, name)), (resource, park, year, name)
        assert changed_model(base, change).row_upper == pytest.approx(theirs.row_upper)


# ---- planning anew


@pytest.mark.slow
@pytest.mark.parametrize(("resource", "step"), [("money", 1000.0), ("title_mu", 20.0), ("effort_months", 1.0)])
def test_planning_anew_with_the_step_gives_the_same_figure(resource, step):
    town = sample_town("XS", "money-tight", 0)
    year = town.years[0]
    found = asked(town, resource=resource, year=year, steps=Steps((), {resource: step}))
    anew = optimal(with_step(town, resource, "", year, step))
    change = anew.summary["value_wan"] - optimal(town).summary["value_wan"]
    assert at(found, step)["value_change_wan"] == pytest.approx(change, abs=0.5)


@pytest.mark.slow
def test_curves_of_a_larger_town_rise_with_the_limit():
    town = sample_town("S", "money-tight", 0)
    result = plan(town, PlanOptions(seconds=4))
    found = prices(town, result, resource="money", year=town.years[1], seconds=20)
    assert found.table["step"].is_monotonic_increasing
    values = found.table["value_change_wan"].dropna()
    assert len(values) >= 4
    assert values.is_monotonic_increasing
    assert (values * found.table["step"] >= 0).all()
    assert found.table["conditional"].all()
    assert (found.reasons["zh"].str.len() > 10).all()


def test_the_curve_for_a_figure_passes_through_nothing():
    found = asked(two_firms(), resource="land", park="p")
    points = price_curve_data(found, "land", EVERY_YEAR, "p")
    assert points["step"].is_monotonic_increasing
    assert points.loc[points["step"] == 0, "value_change_wan"].tolist() == [0]
    assert points["relaxation_value_wan"].tolist() == pytest.approx((3 * points["step"]).tolist())


# ---- questions that cannot be asked


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ({"resource": "money", "year": 2040}, "2040"),
        ({"resource": "gold"}, "gold"),
        ({"resource": "land", "park": "q"}, "q"),
        ({"resource": "money", "park": "p"}, "money"),
        ({"resource": "power", "park": "q"}, "power"),
    ],
)
def test_what_is_not_there_is_said_in_both_languages(question, named):
    town = two_firms(
        parks=[{"park_id": "p"}] + ([{"park_id": "q"}] if question["resource"] == "power" else []),
        park_supply=[{"park_id": "p", "resource": "power", "amount": 5}],
    )
    with pytest.raises(InputError) as caught:
        asked(town, **question)
    assert named in caught.value.text.zh
    assert named in caught.value.text.en
    assert caught.value.exit_code == 2
