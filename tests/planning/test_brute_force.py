"""The planner, the checker and brute force agree on random tiny towns in which every rule of the plan model acts."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from enumeration import best_plan
from tiny_towns import features, random_town

from zhenxing.errors import InfeasibleError
from zhenxing.planning.checker import evaluate
from zhenxing.planning.consistency import check_inputs
from zhenxing.planning.plan import plan

#: Every part of the plan model that a random town may exercise (tiny_towns.features).
FEATURES = """
growth; platforms; platform without sites; leaders; leader that follows; facilities; displaced floor; utility steps in order;
supplies from sites; supplies from works; unlimited resource; use replaced for a park; limited resource; title capacity;
clearing capacity; effort; budget year missing; debt; committed outlay; initial debt; initial cash; cash floor;
probability below one; target of a park; target outside; chain segments; works; requires_work; window of a site;
window of a candidate; count above one; pays no land; tail; land reserve; mode that does not clear; lead of no year;
lead beyond the horizon; land of a placement; target cleared_mu; target released_mu; target landed_projects;
target above_scale_firms; target above_scale_net; target landed_investment_wan; target annual_tax_wan; lock must;
lock must_not; lock start_by; lock not_before; done site; done candidate; done work
""".replace("\n", " ")

COMMON, STEP = 60, 10

drawn = cache(random_town)


def assert_agreement(seed: int) -> None:
    town = drawn(seed)
    best = best_plan(town)
    if best.value is None:
        with pytest.raises(InfeasibleError):
            plan(town)
        return
    enumerated = evaluate(town, best.plan)
    assert enumerated.violations["en"].tolist() == [], seed
    assert enumerated.value_wan == pytest.approx(best.value, rel=1e-6, abs=1e-6), seed
    made = plan(town)
    checked = evaluate(town, made.tables)
    assert checked.violations["en"].tolist() == [], seed
    assert made.summary["status"] == "optimal", seed
    assert made.summary["value_wan"] == pytest.approx(best.value, rel=1e-6, abs=1e-6), seed
    assert checked.value_wan == pytest.approx(made.summary["value_wan"], rel=1e-6, abs=1e-6), seed
    assert checked.parts == pytest.approx(made.summary["parts"], rel=1e-6, abs=1e-6), seed


@pytest.mark.parametrize("first", range(0, COMMON, STEP))
def test_plan_equals_brute_force(first):
    for seed in range(first, first + STEP):
        assert_agreement(seed)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(COMMON, 240, STEP))
def test_plan_equals_brute_force_on_more_towns(first):
    for seed in range(first, first + STEP):
        assert_agreement(seed)


def test_every_rule_is_exercised():
    wanted = {name.strip() for name in FEATURES.split(";")}
    found: Counter[str] = Counter()
    for seed in range(COMMON):
        town = drawn(seed)
        assert [issue.code for issue in check_inputs(town) if issue.level == "error"] == []
        found.update(features(town))
    assert set(found) == wanted
    assert min(found.values()) >= 4, found.most_common()[-3:]


def test_the_same_seed_draws_the_same_town():
    one, other = random_town(7), random_town(7)
    assert one.settings == other.settings
    assert all(one[name].equals(other[name]) for name in one)
