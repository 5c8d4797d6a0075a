"""Forcing a leader's landing: what is proposed is a landing the model allows, and everything elsewhere stays."""

from __future__ import annotations

import time

import numpy as np
import pytest

from zhenxing.milp.highs import Effort, solve_mip
from zhenxing.milp.propagation import propagate
from zhenxing.planning.formulation import formulate
from zhenxing.planning.problem import read_problem
from zhenxing.planning.solve.incumbent import Incumbent
from zhenxing.planning.solve.leading import Leading
from zhenxing.planning.solve.local import HOT, LocalSearch
from zhenxing.planning.solve.search import _do_nothing
from zhenxing.samples import random_town


@pytest.fixture(scope="module")
def led():
    formulation = formulate(read_problem(random_town("S", "leader-driven", 0)))
    model = propagate(formulation.model)
    incumbent = Incumbent(model, time.perf_counter() + 1e6, 1e-6)
    _do_nothing(model, incumbent)
    return formulation, model, incumbent.solution


def leaders_landed(formulation, plan) -> set[int]:
    decisions = formulation.decisions
    leads = formulation.problem.candidates.is_leader[decisions.land_class]
    return set(decisions.land_class[leads & (plan[decisions.land.span] > 0.5)].tolist())


def test_a_proposal_forces_one_landing_of_a_leader_and_holds_the_other_parks(led):
    formulation, model, plan = led
    leading = Leading(formulation, model)
    assert leading
    decisions = formulation.decisions
    first = decisions.land.all[0]
    for seed in range(20):
        place, lower, upper = leading.propose(plan, np.random.default_rng(seed))
        entry = place - first
        assert formulation.problem.candidates.is_leader[decisions.land_class[entry]]
        assert plan[place] < 0.5 <= model.upper[place]
        assert lower[place] == 1.0
        others = decisions.land.all[
            (decisions.land_park != decisions.land_park[entry]) & (decisions.land_class != decisions.land_class[entry])
        ]
        assert (lower[others] == plan[others]).all()
        assert (upper[others] == plan[others]).all()


def test_what_led_nowhere_is_proposed_less(led):
    formulation, model, plan = led
    leading = Leading(formulation, model)
    place = leading.propose(plan, np.random.default_rng(0))[0]
    before = sum(leading.propose(plan, np.random.default_rng(s))[0] == place for s in range(200))
    for _ in range(5):
        leading.refuse(place)
    after = sum(leading.propose(plan, np.random.default_rng(s))[0] == place for s in range(200))
    assert after < before


def test_a_forced_landing_can_be_decided(led):
    formulation, model, plan = led
    leading = Leading(formulation, model)
    for seed in range(12):
        place, lower, upper = leading.propose(plan, np.random.default_rng(seed))
        answer = solve_mip(model, Effort(nodes=5, gap=5e-2), lower=lower, upper=upper)
        if answer.solution is not None:
            assert answer.solution[place] > 0.5
            return
    pytest.fail("no forced landing gave a plan")


def test_small_moves_have_leaders_land_that_need_a_platform(led):
    formulation, model, plan = led
    needs = formulation.problem.candidates.min_contiguous_mu > 0
    assert (needs & formulation.problem.candidates.is_leader).any()
    better = LocalSearch(formulation, model).improve(plan, moves=150_000, seed=1, heat=HOT)
    landed = leaders_landed(formulation, better)
    assert any(needs[c] for c in landed)
