"""Wishes about random tiny towns, held against brute force: cost, interval, possibility, the plan and the repair."""

from __future__ import annotations

import random
from functools import cache

import pandas as pd
import pytest
from enumeration import best_plan
from tiny_towns import random_town

from zhenxing.errors import InfeasibleError
from zhenxing.planning.checker import evaluate
from zhenxing.planning.explain.ground import Ground, ground
from zhenxing.planning.explain.repair import repaired
from zhenxing.planning.explain.why import answer
from zhenxing.planning.explain.wishes import Rule, Wish, as_lock
from zhenxing.planning.plan import plan
from zhenxing.town import Town

FEW, STEP = 6, 3


@cache
def standing(seed: int) -> Ground | None:
    town = random_town(seed)
    try:
        return ground(town, plan(town))
    except InfeasibleError:
        return None


def wishes(town: Town, seed: int) -> list[Wish]:
    """Return two wishes about sites and one about a candidate, drawn at random."""
    draw = random.Random(seed)
    years, parks = list(town.years), town.filled("parks")["park_id"].tolist()
    modes, candidates = town.filled("site_modes"), town.filled("candidates")

    def rule() -> tuple[Rule, int]:
        chosen: Rule = draw.choice(["must", "start_by", "start_by", "must_not", "not_before"])
        return chosen, draw.choice(years) if chosen in ("start_by", "not_before") else 0

    drawn = []
    for _ in range(2):
        row = modes.iloc[draw.randrange(len(modes))]
        drawn.append(Wish("site", row["site_id"], draw.choice(["", row["mode"]]), *rule()))
    row = candidates.iloc[draw.randrange(len(candidates))]
    return [*drawn, Wish("candidate", row["candidate_id"], draw.choice(["", draw.choice(parks)]), *rule())]


def with_lock(town: Town, wish: Wish) -> Town:
    lock = as_lock(wish)
    return town.replace(locks=pd.concat([town["locks"], lock], ignore_index=True) if len(town["locks"]) else lock)


def assert_answers(seed: int) -> None:
    base = standing(seed)
    if base is None:
        return
    for wish in wishes(base.town, seed):
        found, hurried = answer(base, wish, 60), answer(base, wish, 0.0)
        locked = with_lock(base.town, wish)
        best = best_plan(locked).value
        if best is None:
            assert found.possible is False, (seed, wish)
            assert hurried.possible is not True, (seed, wish)
            assert found.verdict == "impossible"
            assert best_plan(with_lock(repaired(base.town, found.blocked_by), wish)).value is not None, (seed, wish)
            continue
        cost = base.value - best
        close = {"rel": 1e-6, "abs": 3e-6 * max(1.0, abs(base.value))}
        assert found.possible, (seed, wish)
        assert found.cost_wan == pytest.approx(cost, **close), (seed, wish)
        assert found.cost_wan >= 0.0
        for one in (found, hurried):
            assert one.possible is not False, (seed, wish)
            assert one.low_wan is None or one.low_wan <= cost + close["abs"], (seed, wish)
            assert one.high_wan is None or one.high_wan >= cost - close["abs"], (seed, wish)
        assert found.plan is not None
        assert evaluate(locked, found.plan).violations["en"].tolist() == [], (seed, wish)


@pytest.mark.parametrize("first", range(0, FEW, STEP))
def test_answers_equal_brute_force(first):
    for seed in range(first, first + STEP):
        assert_answers(seed)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(FEW, 30, STEP))
def test_answers_equal_brute_force_on_more_towns(first):
    for seed in range(first, first + STEP):
        assert_answers(seed)
