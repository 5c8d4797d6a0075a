"""The two-stage plan: equal to brute force on tiny towns, one first stage for all draws, bounds that hold."""

from __future__ import annotations

import numpy as np
import pytest
from compiled import PLAIN
from tiny_towns import combinations, make_town, random_town
from two_stage_enumeration import best_first_stage

from zhenxing.errors import InfeasibleError, SourceError
from zhenxing.milp.highs import Effort, solve_mip
from zhenxing.planning.checker import evaluate
from zhenxing.planning.plan import plan
from zhenxing.planning.problem import read_problem
from zhenxing.planning.uncertainty.extensive import extensive_form
from zhenxing.planning.uncertainty.neighbourhoods import improve_first_stage
from zhenxing.planning.uncertainty.risk import conditional_value_at_risk, objective
from zhenxing.planning.uncertainty.sampling import Draw, draw_scenarios
from zhenxing.planning.uncertainty.simulator import simulate
from zhenxing.planning.uncertainty.two_stage import TwoStageOptions, open_pieces, two_stage_plan

PATIENT = TwoStageOptions(seconds=600)


def enumerable_town(seed):
    """Return a random tiny town without displaced floor, debt and candidate locks, with money enough for every draw."""
    town = random_town(seed)
    sites, locks = town.filled("sites"), town["locks"]
    sites["floor_m2"] = 0.0
    kept = locks[(locks["subject"] != "candidate")] if len(locks) else locks
    settings = town.settings.model_copy(
        update={"plan": town.plan.model_copy(update={"initial_cash_wan": 500.0, "initial_debt_wan": 0.0})}
    )
    plain = town.replace(sites=sites[list(town["sites"].columns)], locks=kept, settings=settings)
    budget = plain.filled("budget")
    if len(budget):
        budget["debt_limit_wan"] = 0.0
        plain = plain.replace(budget=budget[[c for c in budget if c in town["budget"].columns]])
    return plain


def small(town):
    tables = {name: town.filled(name).to_dict("records") for name in town}
    return combinations(tables, list(town.years)) <= 4000


def draws_of(town, seed, count=2):
    return draw_scenarios(town, count, [seed, 7])


def solved(town, draws, **options):
    try:
        made = plan(town)
    except InfeasibleError:
        return None
    return two_stage_plan(read_problem(town), made.tables, draws, TwoStageOptions(**{**vars(PATIENT), **options}))


def assert_equals_brute_force(seed, omega):
    town = enumerable_town(seed)
    draws = draws_of(town, seed, 2 + seed % 2)
    found = solved(town, draws, omega=omega, alpha=0.5)
    expected = best_first_stage(town, draws, omega, 0.5)
    if found is None:
        assert expected is None, seed
        return
    assert expected is not None
    assert found.worth == pytest.approx(expected, rel=1e-6, abs=1e-6), seed
    assert found.bound == pytest.approx(found.worth, rel=1e-5, abs=1e-5), seed
    assert evaluate(town, found.tables).violations["en"].tolist() == [], seed


SEEDS = [seed for seed in range(60) if small(enumerable_town(seed))]


@pytest.mark.parametrize("omega", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("seed", SEEDS[:2])
def test_the_optimum_equals_brute_force(seed, omega):
    assert_equals_brute_force(seed, omega)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS[2:12])
def test_the_optimum_equals_brute_force_on_more_towns(seed):
    for omega in (0.0, 0.5, 1.0):
        assert_equals_brute_force(seed, omega)


# ---- the worth of a first stage


@pytest.mark.parametrize("alpha", [0.0, 0.3, 0.5, 0.9, 0.95])
def test_cvar_is_the_maximum_over_theta(alpha):
    rng = np.random.default_rng(3)
    values, weights = rng.normal(size=15), rng.dirichlet(np.ones(15))
    by_theta = max(theta - weights @ np.maximum(theta - values, 0.0) / (1.0 - alpha) for theta in values)
    assert conditional_value_at_risk(values, weights, alpha) == pytest.approx(by_theta)


def test_cvar_by_sorting():
    values = np.array([5.0, 1.0, 3.0, 2.0, 4.0])
    assert conditional_value_at_risk(values, np.full(5, 0.2), 0.6) == pytest.approx((1 + 2) / 2)
    assert conditional_value_at_risk(values, np.full(5, 0.2), 0.7) == pytest.approx((1 + 0.5 * 2) / 1.5)
    assert objective(values, np.full(5, 0.2), 0.25, 0.8) == pytest.approx(0.75 * 3 + 0.25 * 1)


# ---- by hand


def two_firms():
    """1 mu, two firms that need it: 10 a year for sure-footed A (0.5), 4 a year for B (0.5); one year of effort."""
    return make_town(
        {**PLAIN, "horizon_years": 2},
        {
            "parks": [{"park_id": "p", "vacant_mu": 1}],
            "candidates": [
                {"candidate_id": "A", "land_mu": 1, "annual_tax_wan": 10, "probability": 0.5, "effort_months": 1},
                {"candidate_id": "B", "land_mu": 1, "annual_tax_wan": 4, "probability": 0.5, "effort_months": 1},
            ],
            "placements": [{"candidate_id": name, "park_id": "p"} for name in "AB"],
            "budget": [{"year": 2026, "own_funds_wan": 0, "effort_months": 2}],
        },
    )


LUCK = [Draw(number=1 + 2 * a + b, weight=0.25, comes={"A": (a,), "B": (b,)}) for a in (0, 1) for b in (0, 1)]


def test_courting_more_firms_than_there_is_land_for():
    # the plan of expected values courts A alone: 10 a year in half of the draws. Both courted: 20, 20, 8, 0
    found = solved(two_firms(), LUCK, omega=0.0)
    assert found.deterministic_worth == pytest.approx(10)
    assert found.worth == pytest.approx((20 + 20 + 8 + 0) / 4)
    assert sorted(found.courting["candidate_id"]) == ["A", "B"]
    assert [round(play.value, 6) for play in found.waiting] == [0, 8, 20, 20]


def test_the_simulator_gives_the_courted_firms_the_same_room():
    town = two_firms()
    found = solved(town, LUCK, omega=0.0)
    played = [simulate(town, found.tables, draw, courting=found.courting).value_wan for draw in LUCK]
    assert played == pytest.approx([0, 8, 20, 20])


def test_no_more_is_courted_than_the_effort_of_the_year_allows():
    town = two_firms()
    tight = town.replace(
        budget=make_town({"horizon_years": 2}, {"budget": [{"year": 2026, "own_funds_wan": 0, "effort_months": 1}]})[
            "budget"
        ]
    )
    found = solved(tight, LUCK, omega=0.0)
    # B can still be courted in the second year, whose effort has no limit
    assert found.courting["year"].tolist() == [2026, 2027]
    assert found.worth == pytest.approx((20 + 20 + 4 + 0) / 4)


# ---- structure


def test_what_is_decided_beforehand_stands_in_the_model_once():
    town = enumerable_town(SEEDS[0])
    pieces, _ = open_pieces(read_problem(town), draws_of(town, 0, 3), PATIENT)
    whole = extensive_form(pieces, np.full(3, 1 / 3), 0.5, 0.9)
    for piece, place in zip(whole.pieces, whole.places, strict=True):
        assert place[piece.shared].tolist() == whole.shared.tolist()
        private = np.setdiff1d(place, whole.shared)
        others = [other for other in whole.places if other is not place]
        assert all(not np.isin(private, np.setdiff1d(other, whole.shared)).any() for other in others)


def test_with_fewer_years_decided_beforehand_the_optimum_is_no_lower():
    town = enumerable_town(SEEDS[1])
    draws = draws_of(town, 1)
    all_years, one_year = solved(town, draws), solved(town, draws, first_years=1)
    if all_years is not None:
        assert one_year.worth >= all_years.worth - 1e-6


def test_the_search_on_parts_never_loses_and_reaches_the_optimum_of_a_tiny_town():
    town = enumerable_town(SEEDS[2])
    draws = draws_of(town, 2)
    pieces, _ = open_pieces(read_problem(town), draws, PATIENT)
    whole = extensive_form(pieces, np.full(len(draws), 1 / len(draws)), 0.5, 0.5)
    best = solve_mip(whole.model, Effort())
    nothing = solve_mip(
        whole.model, Effort(), upper=np.where(whole.model.integer, whole.model.lower, whole.model.upper)
    )
    start = nothing.solution if nothing.solution is not None else best.solution
    found = improve_first_stage(whole, start, seconds=60, rounds=24, seed=1)
    worth = whole.worth(whole.values(found.solution))
    assert whole.worth(whole.values(start)) - 1e-6 <= worth <= best.value + 1e-6
    assert whole.model.violation(found.solution) < 1e-6


def test_the_model_is_never_below_what_the_simulator_reaches():
    compared = 0
    for seed in SEEDS[:4]:
        town = enumerable_town(seed)
        try:
            made = plan(town)
        except InfeasibleError:
            continue
        draws = draws_of(town, seed, 3)
        found = two_stage_plan(read_problem(town), made.tables, draws, PATIENT)
        for draw, value in zip(draws, found.deterministic_values, strict=True):
            outcome = simulate(town, made.tables, draw)
            if all(t == item.planned for item, t in outcome.starts) and not outcome.given_up:
                assert outcome.value_wan <= value + 1e-6 * max(1.0, abs(value)), (seed, draw.number)
                compared += 1
    assert compared >= 4


def test_a_plan_of_another_town_is_refused():
    other = plan(two_firms())
    with pytest.raises(SourceError, match="not allowed"):
        two_stage_plan(read_problem(enumerable_town(SEEDS[0])), other.tables, LUCK, PATIENT)
