"""The threshold watch: hand-computed firms, odd data, order of rows, the tables it declares."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from zhenxing import schema
from zhenxing.diagnosis.watch import WatchSettings, watch_firms
from zhenxing.diagnosis.watch.panel import read_panel
from zhenxing.errors import InputError

LINE = 2000.0


def tables(rows, **firms):
    """Return firms, firm_years and thresholds of a list of (firm, year, revenue)."""
    years = pd.DataFrame(rows, columns=["firm_id", "year", "revenue_wan"])
    roll = pd.DataFrame({"firm_id": sorted(years["firm_id"].unique())})
    for column, values in firms.items():
        roll[column] = roll["firm_id"].map(values)
    return {
        "firms": roll,
        "firm_years": years,
        "thresholds": roll[["firm_id"]].assign(sector="industry", threshold_wan=LINE),
    }


def walk(seed=0, firms=500, years=6, spread=0.2, missing=0.05):
    """A simple synthetic panel: log revenue walks; nothing bunches, nobody leaves."""
    rng = np.random.default_rng(seed)
    level = rng.normal(-0.4, 0.8, firms)
    rows = []
    for year in range(years):
        seen = rng.random(firms) >= missing
        rows += [(f"f{i:04d}", 2020 + year, LINE * float(np.exp(level[i]))) for i in np.flatnonzero(seen)]
        level = level + rng.normal(0.03, spread, firms)
    return tables(rows)


def codes(found):
    return {issue.code for issue in found.issues}


def test_a_small_case_by_hand():
    # 1500 of 2000: 500 short = 500 / (1500 / 12) = 4 months; by October at last year's pace 1250, 750 short, 60 % more
    found = watch_firms(**tables([("a", 2025, 1400.0), ("a", 2026, 1500.0), ("b", 2026, 2600.0)]))
    a, b = found.threshold_watch.to_dict("records")
    assert (a["short_by_wan"], a["spare_wan"], a["short_months"]) == (500.0, 0.0, 4.0)
    assert (a["reach_by"], a["reach_by_last"]) == ("2027-10", "2027-11")
    assert (a["above"], a["register_state"], a["state_given"]) == (False, "none", False)
    assert (b["short_by_wan"], b["spare_wan"], b["register_state"]) == (0.0, 600.0, "eligible")
    assert np.isnan(a["probability_fall"])
    assert np.isnan(b["probability_cross"])
    first = found.batches.iloc[0]
    assert (first["closes"], first["counted_from"], first["needed_wan"]) == ("2027-11-30", "2028-02", 2000.0)
    assert first["at_pace_wan"] == pytest.approx(1250.0)
    assert first["short_by_wan"] == pytest.approx(750.0)
    assert first["monthly_needed_wan"] == pytest.approx(200.0)
    assert first["at_growth_needed"] == pytest.approx(0.6)


def test_short_history_falls_back_to_the_stated_prior():
    # (1 - 0.04) Phi((ln(1500/2000) + 0.04) / 0.30) = 0.96 Phi(-0.825607) = 0.96 * 0.204515
    found = watch_firms(**tables([("a", 2026, 1500.0)]))
    assert found.threshold_watch["probability_cross"].iloc[0] == pytest.approx(0.96 * 0.204515, abs=1e-5)
    assert set(found.threshold_watch["basis"]) == {"prior"}
    warnings = [issue for issue in found.issues if issue.code == "short_history"]
    assert len(warnings) == 2
    assert all(issue.level == "warning" for issue in warnings)
    assert found.calibration["forecasts"].tolist() == [0, 0]


def test_own_assumptions_replace_the_shipped_ones():
    settings = WatchSettings(assumed={"exit_share": (0.0, 0.0, 0.0), "growth_mean": (0.0, 0.0, 0.0)})
    found = watch_firms(**tables([("a", 2026, LINE * 0.9999999)]), settings=settings)
    assert found.threshold_watch["probability_cross"].iloc[0] == pytest.approx(0.5, abs=1e-5)
    assert settings.assume("exit_share").tag == "user"


def test_the_order_of_rows_changes_nothing():
    given = walk(firms=200)
    links = pd.DataFrame({"firm_id": given["firms"]["firm_id"], "link_id": "LAMP", "weight": 1.0})
    shuffled = {name: frame.sample(frac=1, random_state=3) for name, frame in given.items()}
    parks = pd.DataFrame({"park_id": ["p1", "p2"]})
    one = watch_firms(**given, firm_links=links, capacity_visits=30, parks=parks)
    two = watch_firms(**shuffled, firm_links=links.iloc[::-1], capacity_visits=30, parks=parks.iloc[::-1])
    for name, frame in vars(one).items():
        if name != "issues":
            pd.testing.assert_frame_equal(frame, getattr(two, name))
    assert one.issues == two.issues


def test_a_panel_with_history_is_back_tested_and_beats_last_years_state():
    found = watch_firms(**walk(firms=900))
    scores = found.calibration[found.calibration["bin"] == 0].set_index(["side", "model"])
    assert set(found.threshold_watch["basis"]) <= {"back_test", ""}
    for side in ("cross", "fall"):
        chosen = scores.loc[side][scores.loc[side]["chosen"]]
        assert len(chosen) == 1
        assert chosen["brier"].iloc[0] < scores.loc[(side, "state"), "brier"]
        assert scores.loc[(side, "chosen_blind"), "brier_skill"] > 0
        assert scores.loc[(side, "state"), "brier_skill"] == 0
    curve = found.calibration[found.calibration["bin"] > 0]
    assert (curve["observed_low"] <= curve["observed_share"] + 1e-12).all()
    for (side, model), bins in curve.groupby(["side", "model"]):
        assert bins["forecasts"].sum() == scores.loc[(side, model), "forecasts"]
        assert bins["events"].sum() == scores.loc[(side, model), "events"]


def test_the_walk_is_forecast_about_as_well_as_its_own_law():
    given = walk(seed=4, firms=1500, missing=0.0)
    last = given["firm_years"]["year"].max()
    found = watch_firms(**given, year=int(last) - 1).threshold_watch.set_index("firm_id")
    outcome = given["firm_years"].set_index(["year", "firm_id"]).loc[last, "revenue_wan"] >= LINE
    asked = found[found["probability_cross"].notna()]
    distance = np.log(asked["revenue_wan"] / LINE)
    from scipy.special import ndtr

    law = ndtr((distance + 0.03) / 0.2)
    happened = outcome.reindex(asked.index).astype(float)
    ours = float(((asked["probability_cross"] - happened) ** 2).mean())
    best = float(((law - happened) ** 2).mean())
    assert ours < 1.15 * best


def test_one_year_of_change_is_tested_across_firms_and_says_so():
    given = walk(firms=1200, years=2, spread=0.35, missing=0.0)
    found = watch_firms(**given)
    assert "one_year_tested" in codes(found)
    assert "across_firms" in set(found.threshold_watch["basis"])


def test_history_after_the_year_asked_for_is_not_used():
    given = walk(firms=300)
    early = {**given, "firm_years": given["firm_years"][given["firm_years"]["year"] <= 2024]}
    one = watch_firms(**given, year=2024).threshold_watch
    two = watch_firms(**early).threshold_watch
    pd.testing.assert_frame_equal(one, two)


def test_odd_figures_are_named_and_answered():
    rows = [
        *[("zero", year, 0.0 if year == 2026 else 900.0) for year in range(2023, 2027)],
        *[("minus", year, -50.0) for year in range(2023, 2027)],
        *[("unit", year, 1.5e7 if year == 2025 else 1500.0) for year in range(2023, 2027)],
        *[("jump", year, 300.0 if year < 2025 else 2500.0) for year in range(2023, 2027)],
        *[("hole", year, 1800.0) for year in (2023, 2026)],
        ("old", 2023, 1700.0),
        ("once", 2026, 1900.0),
        ("closed", 2026, 1950.0),
        ("blank", 2026, np.nan),
    ]
    given = tables(rows, status={"closed": "注销"})
    given["firm_years"] = pd.concat(
        [
            given["firm_years"],
            pd.DataFrame({"firm_id": ["stranger", "once"], "year": [2026, 2026], "revenue_wan": [5.0, 10.0]}),
        ]
    )
    given["firms"] = pd.concat([given["firms"], pd.DataFrame({"firm_id": ["builder"]})])
    found = watch_firms(**given)
    assert {
        "no_revenue", "no_positive_revenue", "unit_slip", "jump", "missing_years", "one_year", "closed", "stale",
        "unknown_firm", "repeated_year", "no_threshold", "short_history",
    } <= codes(found)  # fmt: skip
    watch = found.threshold_watch.set_index("firm_id")
    assert watch.loc["once", "revenue_wan"] == 1900.0  # of repeated rows the higher revenue
    assert watch.loc["unit", "years_seen"] == 3
    assert watch.loc[["closed", "old", "blank"], "remark"].tolist() == ["closed", "stale", "no_revenue"]
    assert watch.loc[["closed", "old", "blank"], ["probability_cross", "probability_fall"]].isna().all(axis=None)
    assert np.isnan(watch.loc["zero", "short_months"])
    assert watch.loc["minus", "short_by_wan"] == 2050.0
    assert 0 < watch.loc["minus", "probability_cross"] < 0.01
    assert "builder" not in watch.index


def test_a_firm_that_left_counts_as_fallen_and_a_hole_does_not():
    rows = [("gone", 2021, 3000.0), ("hole", 2021, 3000.0), ("hole", 2023, 3000.0), ("stays", 2021, 3000.0)]
    rows += [("stays", year, 3000.0) for year in (2022, 2023)]
    from zhenxing.diagnosis.watch.snapshots import snapshots_at

    panel = read_panel(**tables(rows), year=None)
    after = snapshots_at(panel, 0, 2, 1, 0.05)
    assert dict(zip(panel.firm_ids[after.firm], after.label, strict=True)) == pytest.approx(
        {"gone": 0.0, "hole": np.nan, "stays": 1.0}, nan_ok=True
    )
    unknown_yet = snapshots_at(panel, 0, 1, 1, 0.05)  # one year unseen may still be a hole
    assert np.isnan(unknown_yet.label[list(panel.firm_ids).index("gone")])


def test_main_revenue_counts_where_it_is_there_throughout():
    given = tables([("a", 2025, 2500.0), ("a", 2026, 2600.0), ("b", 2025, 2500.0), ("b", 2026, 2600.0)])
    given["firm_years"]["main_revenue_wan"] = [1700.0, 1800.0, np.nan, 1800.0]
    watch = watch_firms(**given).threshold_watch.set_index("firm_id")
    assert watch["revenue_wan"].to_dict() == {"a": 1800.0, "b": 2600.0}


def test_of_several_lines_the_nearest_counts():
    given = tables([("shop", 2026, 450.0), ("maker", 2026, 1800.0)])
    retail = given["thresholds"].assign(sector="retail", threshold_wan=500.0)
    given["thresholds"] = pd.concat([given["thresholds"], retail])
    watch = watch_firms(**given).threshold_watch.set_index("firm_id")
    assert watch["sector"].to_dict() == {"maker": "industry", "shop": "retail"}


def test_states_of_the_register_are_kept_apart():
    given = tables([(name, 2026, 2500.0) for name in "abcd"], above_scale={"b": True})
    given["firm_years"]["register_state"] = [np.nan, np.nan, "filed", "in_register"]
    watch = watch_firms(**given).threshold_watch
    assert watch["register_state"].tolist() == ["eligible", "in_register", "filed", "in_register"]
    assert watch["state_given"].tolist() == [False, False, True, True]


def test_other_calendars_and_unknown_ones():
    given = tables([("a", 2022, 1500.0)])
    settings = WatchSettings(jurisdiction="CN-350200-torch")
    batches = watch_firms(**given, settings=settings).batches
    assert batches["closes"].tolist() == ["2023-10-20", "2024-01-05"]
    assert batches["revenue_through"].tolist() == ["2023-09", "2023-12"]
    with pytest.raises(InputError, match="CN-350200-torch"):
        watch_firms(**given, settings=WatchSettings(jurisdiction="nowhere"))


def test_bad_input_is_answered_in_both_languages():
    given = tables([("a", 2026, 1500.0)])
    with pytest.raises(InputError, match="threshold_wan"):
        watch_firms(**{**given, "thresholds": given["thresholds"][["firm_id"]]})
    with pytest.raises(InputError, match="century"):
        watch_firms(**tables([("a", 2026, 1.0), ("a", 202, 1.0)]))
    with pytest.raises(InputError, match="luck"):
        WatchSettings(assumed={"luck": (0, 0, 0)})
    with pytest.raises(InputError, match="auc"):
        WatchSettings(score="auc")
    with pytest.raises(InputError, match="twelve"):
        WatchSettings(months=(1.0,))


def test_nobody_at_all():
    empty = {
        "firms": pd.DataFrame({"firm_id": pd.Series(dtype=str)}),
        "firm_years": pd.DataFrame({"firm_id": [], "year": [], "revenue_wan": []}),
        "thresholds": pd.DataFrame({"firm_id": [], "threshold_wan": []}),
    }
    found = watch_firms(**empty, capacity_visits=10)
    assert len(found.threshold_watch) == len(found.pushes) == len(found.care_list) == len(found.firm_pages) == 0


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("threshold_watch", "threshold_watch"),
        ("watch_batches", "batches"),
        ("watch_pushes", "pushes"),
        ("care_list", "care_list"),
        ("firm_pages", "firm_pages"),
        ("watch_calibration", "calibration"),
        ("watch_outlook", "outlook"),
        ("candidates", "candidates"),
        ("placements", "placements"),
        ("candidate_uses", "candidate_uses"),
    ],
)
def test_every_table_is_declared_and_conforms(town_watch, name, attribute):
    frame = getattr(town_watch, attribute)
    assert len(frame)
    assert set(frame.columns) <= set(schema.table(name).columns)
    if schema.table(name).group == "diagnosis":
        assert list(frame.columns) == list(schema.table(name).columns)
    _, issues = schema.conform(name, frame)
    assert [issue for issue in issues if issue.level != "info"] == []


@pytest.fixture(scope="module")
def town_watch():
    given = walk(firms=400)
    rng = np.random.default_rng(5)
    years = given["firm_years"]
    given["firm_years"] = years.assign(
        employees=rng.integers(20, 200, len(years)),
        floor_m2=rng.integers(500, 4000, len(years)),
        rented_floor_m2=rng.integers(0, 2000, len(years)),
        tax_wan=years["revenue_wan"] * 0.04,
        value_added_wan=years["revenue_wan"] * 0.25,
        profit_wan=years["revenue_wan"] * 0.05,
        rd_wan=years["revenue_wan"] * 0.03,
    )
    links = pd.DataFrame({"firm_id": given["firms"]["firm_id"], "link_id": "LAMP", "weight": 1.0})
    sites = pd.DataFrame({"site_id": ["s1"], "firm_id": ["f0003"], "floor_m2": [100.0]})
    parks = pd.DataFrame({"park_id": ["p1", "p2"]})
    return watch_firms(**given, firm_links=links, capacity_visits=40, parks=parks, site_firms=sites)


def test_the_outlook_adds_up(town_watch):
    watch, outlook = town_watch.threshold_watch, town_watch.outlook.iloc[0]
    assert outlook["year"] == 2026
    assert outlook["expected_crossings"] == pytest.approx(watch["probability_cross"].sum())
    assert outlook["expected_net"] == pytest.approx(outlook["expected_crossings"] - outlook["expected_falls"])
    assert outlook["firms_below"] + outlook["firms_above"] + outlook["firms_unknown"] == len(watch)
    first = town_watch.pushes[town_watch.pushes["year"] == 2026]
    assert outlook["pushed_uplift"] == pytest.approx(first["uplift"].sum())


def test_pages_tell_of_every_firm_listed_and_of_no_other(town_watch):
    pages = town_watch.firm_pages
    assert set(pages["firm_id"]) == {*town_watch.pushes["firm_id"], *town_watch.care_list["firm_id"]}
    assert not pages.duplicated(["firm_id", "section", "item"]).any()
    pushed = town_watch.pushes["firm_id"].iloc[0]
    sections = pages.loc[pages["firm_id"] == pushed, "section"].drop_duplicates().tolist()
    assert sections[:4] == ["firm", "line", "batches", "visits"]
