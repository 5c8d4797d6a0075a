"""The push list against brute force, and what of it reaches the plan; the care list by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from zhenxing.diagnosis.watch import WatchSettings, choose_visits, watch_firms
from zhenxing.errors import InputError

LINE = 2000.0


def brute_force(uplift, visits, capacity, most):
    best = 0.0
    for size in range(min(len(uplift), most) + 1):
        for chosen in itertools.combinations(range(len(uplift)), size):
            if sum(visits[i] for i in chosen) <= capacity:
                best = max(best, sum(uplift[i] for i in chosen))
    return best


def test_the_knapsack_by_hand():
    # two firms of two visits (0.20 + 0.15) beat one of three (0.30) when four visits can be made
    assert choose_visits([0.30, 0.20, 0.15], [3, 2, 2], 4).tolist() == [1, 2]
    assert choose_visits([0.30, 0.20, 0.15], [3, 2, 2], 4, most_firms=1).tolist() == [0]
    assert choose_visits([0.30, 0.0], [1, 1], 10).tolist() == [0]  # nothing to gain, no visit
    assert choose_visits([0.1, 0.1, 0.1], [1, 1, 1], 2).tolist() == [0, 1]  # of equals the earlier


@pytest.mark.parametrize("seed", range(25))
def test_the_knapsack_is_as_good_as_brute_force(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 11))
    uplift = rng.random(n).round(2)
    visits = rng.integers(1, 6, n)
    capacity = int(rng.integers(0, 16))
    for most in (None, int(rng.integers(0, 6))):
        chosen = choose_visits(uplift, visits, capacity, most)
        assert visits[chosen].sum() <= capacity
        assert len(set(chosen)) == len(chosen) <= (n if most is None else most)
        assert uplift[chosen].sum() == pytest.approx(brute_force(uplift, visits, capacity, n if most is None else most))


@pytest.mark.parametrize(
    ("uplift", "visits", "capacity"),
    [([0.1], [0], 3), ([0.1], [1.5], 3), ([np.nan], [1], 3), ([0.1], [1], -1), ([0.1, 0.2], [1], 3)],
)
def test_a_push_list_that_makes_no_sense_is_refused(uplift, visits, capacity):
    with pytest.raises(InputError, match="push list"):
        choose_visits(uplift, visits, capacity)


@pytest.fixture(scope="module")
def panel():
    rng = np.random.default_rng(7)
    level = rng.normal(-0.4, 0.7, 600)
    rows = []
    for year in range(2020, 2026):
        rows += [(f"f{i:04d}", year, LINE * float(np.exp(level[i]))) for i in range(600)]
        level = level + rng.normal(0.03, 0.2, 600)
    years = pd.DataFrame(rows, columns=["firm_id", "year", "revenue_wan"]).assign(
        tax_wan=lambda t: 0.05 * t["revenue_wan"], value_added_wan=lambda t: 0.2 * t["revenue_wan"]
    )
    roll = pd.DataFrame({"firm_id": sorted(years["firm_id"].unique()), "parcel_id": "l1"})
    roll.loc[0, "parcel_id"] = "l2"
    return {
        "firms": roll,
        "firm_years": years,
        "thresholds": roll[["firm_id"]].assign(sector="industry", threshold_wan=LINE),
        "parks": pd.DataFrame({"park_id": ["p1", "p2"]}),
        "parcels": pd.DataFrame({"parcel_id": ["l1", "l2"], "park_id": ["p2", "nowhere"]}),
    }


@pytest.fixture(scope="module")
def found(panel):
    return watch_firms(**panel, capacity_visits=60)


def test_pushes_keep_to_the_capacity_of_every_year(found):
    used = found.pushes.groupby("year")["visits"].sum()
    assert used.index.tolist() == [2026, 2027, 2028]
    assert (used <= 60).all()
    assert used.iloc[0] >= 59  # the smallest course has two visits
    assert not found.pushes["firm_id"].duplicated().any()
    totals = found.pushes.groupby("year")["uplift"].sum()
    assert totals.is_monotonic_decreasing


def test_uplifts_are_ordered_and_marked_assumed(found):
    pushes = found.pushes
    assert (pushes["uplift_low"] <= pushes["uplift"]).all()
    assert (pushes["uplift"] <= pushes["uplift_high"]).all()
    assert (pushes["uplift"] >= 0.005).all()  # a course that brings less is not made
    assert np.allclose(pushes["probability_pushed"], pushes["probability_cross"] + pushes["uplift"])
    assert set(pushes["assumed"]) == {"visit_effect:M"}
    below = found.threshold_watch.set_index("firm_id").loc[pushes["firm_id"], "probability_cross"]
    assert below.notna().all()


def test_most_pushes_limits_the_firms_of_a_year(panel):
    found = watch_firms(**panel, capacity_visits=60, settings=WatchSettings(most_pushes=5, push_years=1))
    assert len(found.pushes) == 5


def test_lists_begin_in_the_first_plan_year_when_told(panel):
    found = watch_firms(**panel, capacity_visits=60, settings=WatchSettings(first_push_year=2028, push_years=2))
    assert sorted(found.pushes["year"].unique()) == [2028, 2029]
    assert found.outlook["year"].tolist() == [2026]
    assert "assumed" in {issue.code for issue in found.issues}


def test_pushes_reach_the_plan_as_candidates(found):
    pushed = found.candidates[found.candidates["candidate_id"].str.startswith("push:")].reset_index(drop=True)
    assert len(pushed) == len(found.pushes)
    assert (pushed["candidate_id"] == "push:" + pushed["firm_id"]).all()
    assert set(pushed["kind"]) == {"expansion"}
    assert pushed["land_mu"].eq(0).all()
    assert not pushed["pays_land"].any()
    assert pushed["becomes_above_scale"].all()
    assert np.allclose(pushed["probability"], found.pushes["uplift"])
    assert np.allclose(pushed["effort_months"], found.pushes["visits"] * 0.1)
    assert (pushed["first_year"] == found.pushes["year"]).all()
    assert pushed["last_year"].isna().all()  # the plan's last year
    short = found.threshold_watch.set_index("firm_id").loc[pushed["firm_id"], "short_by_wan"].to_numpy()
    assert np.allclose(pushed["annual_output_wan"], short)
    assert np.allclose(pushed["annual_tax_wan"], 0.05 * short)
    assert np.allclose(pushed["annual_value_added_wan"], 0.2 * short)


def test_every_candidate_has_a_placement_in_its_own_park_or_says_so(found):
    assert set(found.placements["candidate_id"]) == set(found.candidates["candidate_id"])
    home = found.placements.merge(found.candidates, on="candidate_id")
    assert set(home.loc[home["firm_id"] != "f0000", "park_id"]) == {"p2"}


def test_without_parks_nothing_can_be_placed_and_it_is_said(panel):
    given = {name: frame for name, frame in panel.items() if name not in ("parks", "parcels")}
    found = watch_firms(**given, capacity_visits=10)
    assert len(found.placements) == 0
    assert "park_nowhere" in {issue.code for issue in found.issues}


def test_chances_rise_with_revenue_whatever_model_speaks(panel):
    from zhenxing.diagnosis.watch.backtest import SIDES, _training
    from zhenxing.diagnosis.watch.models import AVERAGE, candidate_models, fit_named
    from zhenxing.diagnosis.watch.panel import read_panel
    from zhenxing.diagnosis.watch.snapshots import snapshots_at

    settings = WatchSettings()
    read = read_panel(panel["firms"], panel["firm_years"], panel["thresholds"], None)
    now = snapshots_at(read, 5, 5, 1, settings.band).take(np.arange(40))
    for side in SIDES:
        train = _training(read, side, 5, settings)
        for name in (*candidate_models(settings), AVERAGE):
            model = fit_named(name, train, settings)
            steps = np.array([model.predict(now.moved(by)) for by in np.linspace(-1.0, 1.0, 41)])
            assert (np.diff(steps, axis=0) >= -1e-12).all(), name


def small_town():
    """Seven firms of one link: c is crowded and grows, u is large and ready, d declines, s loses its site."""
    figures = {
        "c": (1000, 1500, 40, 300, 0), "u": (3000, 3200, 120, 9000, 0), "d": (1000, 700, 20, 1000, 1000),
        "s": (800, 800, 20, 1000, 0), "x": (900, 900, 20, 1000, 0), "y": (900, 900, 20, 1000, 0),
        "z": (900, 900, 20, 1000, 1000),
    }  # fmt: skip
    rows = []
    for firm, (before, now, people, floor, rented) in figures.items():
        for year, revenue in ((2025, before), (2026, now)):
            rows.append((firm, year, revenue, people, floor - rented, rented, 0.04 * revenue, 0.025 * revenue))
    columns = ["firm_id", "year", "revenue_wan", "employees", "floor_m2", "rented_floor_m2", "profit_wan", "rd_wan"]
    roll = pd.DataFrame({"firm_id": list(figures)})
    return {
        "firms": roll,
        "firm_years": pd.DataFrame(rows, columns=columns).astype({"revenue_wan": float}),
        "thresholds": roll.assign(sector="industry", threshold_wan=LINE),
        "firm_links": roll.assign(link_id="LAMP", weight=1.0),
        "site_firms": pd.DataFrame({"site_id": ["s9"], "firm_id": ["s"]}),
        "parks": pd.DataFrame({"park_id": ["p2", "p1"]}),
    }


def test_the_care_list_by_hand():
    found = watch_firms(**small_town())
    reasons = {(row["firm_id"], row["reason"]): row for row in found.care_list.to_dict("records")}
    assert {key for key in reasons if key[1] != "may_fall"} == {
        ("c", "outgrows_floor"), ("u", "upgrade_ready"), ("d", "declining"), ("d", "rented"), ("s", "site_renewed"),
    }  # fmt: skip
    assert reasons["d", "declining"]["value"] == pytest.approx(-0.3)
    assert reasons["d", "declining"]["level"] == "high"  # rented floor on top
    assert reasons["s", "site_renewed"]["level"] == "low"
    assert reasons["c", "outgrows_floor"]["assumed"].startswith("crowded_quantile:M;crowded_growth:M;")
    assert "s9" in reasons["s", "site_renewed"]["text_en"]
    assert all("{" not in row["text_zh"] for row in reasons.values())


def test_expansions_ask_for_floor_and_upgrades_for_none():
    found = watch_firms(**small_town())
    candidates = found.candidates.set_index("candidate_id")
    # c: 1500 wan on 300 m2, its peers' median 0.9 wan and 0.02 people per m2: it would need 2000 m2, at most doubles
    assert found.candidate_uses.to_dict("records") == [
        {"candidate_id": "expand:c", "resource": "factory_floor_m2", "amount": 300.0, **_blank(found)}
    ]
    assert candidates.loc["expand:c", "annual_output_wan"] == pytest.approx(300 * 0.9)
    assert not candidates.loc["expand:c", "becomes_above_scale"]
    assert candidates.loc["upgrade:u", "kind"] == "upgrade"
    assert candidates.loc["upgrade:u", "annual_output_wan"] == pytest.approx(0.08 * 3200)
    assert candidates.loc["upgrade:u", "investment_wan"] == pytest.approx(0.06 * 3200)
    places = found.placements.groupby("candidate_id")["park_id"].agg(list)
    assert places["expand:c"] == ["p1", "p2"]
    assert places["upgrade:u"] == ["p1"]  # park unknown: the first, and it is said
    assert "park_unknown" in {issue.code for issue in found.issues}


def _blank(found):
    return dict.fromkeys(set(found.candidate_uses.columns) - {"candidate_id", "resource", "amount"}, np.nan)


def test_a_large_expansion_asks_for_a_plot_of_its_own():
    town = small_town()
    town["firm_years"].loc[town["firm_years"]["firm_id"] == "c", ["floor_m2", "revenue_wan"]] *= 100
    found = watch_firms(**town)
    row = found.candidates.set_index("candidate_id").loc["expand:c"]
    assert row["land_mu"] == pytest.approx(30_000 / 2.0 / (2000 / 3))
    assert row["pays_land"]
    assert len(found.candidate_uses) == 0


def test_a_firm_in_the_register_below_the_line_is_looked_after():
    town = small_town()
    town["firm_years"]["register_state"] = np.where(town["firm_years"]["firm_id"] == "x", "in_register", None)
    care = watch_firms(**town).care_list
    row = care[care["reason"] == "below_in_register"].iloc[0]
    assert (row["firm_id"], row["value"]) == ("x", 1100.0)
