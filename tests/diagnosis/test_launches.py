"""Launches per 100 firms, their intervals and the loop, against published and hand-made numbers."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from zhenxing import schema
from zhenxing.diagnosis.launches import (
    LaunchSettings,
    launches,
    peer_events,
    poisson_interval,
    rate_ratio,
    wilson_interval,
)
from zhenxing.errors import InputError


def firms(count: int) -> pd.DataFrame:
    return pd.DataFrame({"firm_id": [f"f{n}" for n in range(count)]})


def links(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["firm_id", "link_id", "role"])


def years(*rows: tuple[object, ...], columns: tuple[str, ...] = ("design_patents",)) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["firm_id", "year", *columns])


def run(count: int, figures: pd.DataFrame, linked: pd.DataFrame | None = None, **more: object):
    return launches(firms=firms(count), firm_years=figures, firm_links=links() if linked is None else linked, **more)


# ---- intervals


@pytest.mark.parametrize(
    ("events", "low", "high"),
    # exact 95 % limits of Poisson counts as tables give them (Garwood 1936)
    [
        (0, 0.0, 3.689),
        (1, 0.0253, 5.572),
        (2, 0.242, 7.225),
        (5, 1.623, 11.668),
        (10, 4.795, 18.390),
        (50, 37.11, 65.92),
    ],
)
def test_poisson_limits_are_the_published_ones(events, low, high):
    interval = poisson_interval(events, 1)
    assert interval.low == pytest.approx(low, abs=0.005)
    assert interval.high == pytest.approx(high, abs=0.005)


def test_poisson_limits_leave_the_stated_tails():
    interval = poisson_interval(7, 1)
    assert stats.poisson.sf(6, interval.low) == pytest.approx(0.025)
    assert stats.poisson.cdf(7, interval.high) == pytest.approx(0.025)


def test_the_interval_covers_as_often_as_it_says():
    draws = np.random.default_rng(7).poisson(4.0, 2000)
    ends = {int(n): poisson_interval(int(n), 1) for n in set(draws.tolist())}
    covered = np.mean([ends[int(n)].low <= 4.0 <= ends[int(n)].high for n in draws])
    assert covered >= 0.95


def test_wilson_by_hand():
    # p = 0.5, n = 4, z = 1.96: (0.5 + 0.4802) / 1.9604 and the reach 1.96 sqrt(0.0625 + 0.06003) / 1.9604
    interval = wilson_interval(2, 4)
    assert interval.low == pytest.approx(0.15, abs=0.001)
    assert interval.high == pytest.approx(0.85, abs=0.001)
    assert wilson_interval(0, 8).low == 0
    assert wilson_interval(8, 8).high == 1


def test_ratio_of_rates():
    interval = rate_ratio(20, 100, 10, 100)
    assert interval.value == 2
    # the ends are where the binomial tails of 20 of 30 are 2.5 %
    for end, tail in (
        (interval.low, lambda p: stats.binom.sf(19, 30, p)),
        (interval.high, lambda p: stats.binom.cdf(20, 30, p)),
    ):
        assert tail(end / (1 + end)) == pytest.approx(0.025)
    turned = rate_ratio(10, 100, 20, 100)
    assert (1 / turned.high, 1 / turned.low) == (pytest.approx(interval.low), pytest.approx(interval.high))


def test_ratios_at_the_edges():
    assert rate_ratio(0, 10, 5, 10).low == 0
    assert math.isinf(rate_ratio(5, 10, 0, 10).high)
    assert math.isnan(rate_ratio(0, 10, 0, 10).value)
    assert math.isnan(poisson_interval(3, 0).value)
    assert math.isnan(wilson_interval(0, 0).value)


@pytest.mark.parametrize("call", [
    lambda: poisson_interval(-1, 1), lambda: poisson_interval(1.5, 1), lambda: wilson_interval(3, 2), lambda: rate_ratio(1, 1, 0.5, 1),
    lambda: poisson_interval(1, 1, level=1.0), lambda: LaunchSettings(level=0),
])  # fmt: skip
def test_broken_counts_and_levels_are_answered(call):
    with pytest.raises(InputError):
        call()


# ---- rates


def test_rates_by_link_by_hand():
    figures = years(("f0", 2025, 3.0), ("f1", 2025, 0.0), ("f2", 2025, 1.0), ("f3", 2025, None))
    linked = links(("f0", "LAMP", "makes"), ("f1", "LAMP", "makes"), ("f2", "PKG", "makes"), ("f2", "LAMP", "sells"))
    rates = run(4, figures, linked).rates.set_index("link_id")
    assert rates.loc["", ["members", "known", "events"]].tolist() == [4, 3, 4]
    assert rates.loc["", "rate"] == pytest.approx(400 / 3)
    assert rates.loc["LAMP", "rate"] == pytest.approx(150)
    assert rates.loc["LAMP", ["rate_low", "rate_high"]].tolist() == pytest.approx(
        [100 * end for end in poisson_interval(3, 2)[1:]]
    )
    assert rates.loc["PKG", "active_share"] == 1
    assert rates.loc["LAMP", "top_firm_share"] == 1
    # variance of 3 and 0 is 4.5, mean 1.5
    assert rates.loc["LAMP", "dispersion"] == pytest.approx(3)
    assert rates.loc["LAMP", "warnings"] == "overdispersed"


def test_unknown_is_not_zero():
    rates = run(10, years(("f0", 2025, 1.0), ("f1", 2025, None))).rates
    assert rates["known"].tolist() == [1]
    assert rates["warnings"].tolist() == ["few_known"]


def test_awards_come_from_the_facts_and_add_up():
    facts = pd.DataFrame(
        [("f0", "design_awards", 2025, 1.0), ("f0", "awards", 2025, 2.0), ("f1", "high_tech", 2025, 1.0)],
        columns=["firm_id", "fact", "year", "value"],
    )
    rates = run(2, years(("f0", 2025, 0.0)), firm_facts=facts).rates.set_index("measure")
    assert rates.loc["design_awards", "events"] == 3


def test_two_links_count_a_firm_twice_and_the_town_once():
    linked = links(("f0", "LAMP", "makes"), ("f0", "LAMP", "serves"), ("f0", "PKG", "makes"))
    rates = run(1, years(("f0", 2025, 2.0)), linked).rates.set_index("link_id")
    assert rates["events"].to_dict() == {"": 2, "LAMP": 2, "PKG": 2}


def test_the_order_of_rows_changes_nothing():
    figures = years(*((f"f{n}", 2025, float(n % 3)) for n in range(9)))
    linked = links(*((f"f{n}", "LAMP" if n % 2 else "PKG", "makes") for n in range(9)))
    first = run(9, figures, linked).rates
    second = run(9, figures[::-1], linked[::-1]).rates
    pd.testing.assert_frame_equal(first, second)


# ---- peers


def peer_figures(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["peer_id", "indicator", "year", "value"])


def test_standing_needs_an_interval_without_one():
    figures = years(*((f"f{n}", 2025, 1.0 if n < 20 else 0.0) for n in range(100)))
    others = peer_figures(
        ("b", "design_patents", 2025, 10.0), ("b", "firms", 2025, 100.0),
        ("c", "design_patents", 2025, 5.0), ("c", "firms", 2025, 100.0),
        ("d", "design_patents", 2025, 100.0), ("d", "firms", 2025, 100.0), ("e", "design_patents", 2025, 9.0),
        ("f", "design_patents", 2020, 5.0), ("f", "firms", 2020, 100.0), ("a", "firms", 2025, 100.0),
    )  # fmt: skip
    found = run(100, figures, peer_values=others, town_id="a").comparison.set_index("peer_id")
    # e has no number of firms, f is five years away
    assert found["standing"].to_dict() == {"b": "unclear", "c": "ahead", "d": "behind"}
    assert found.loc["b", "ratio"] == pytest.approx(2)
    assert found["warnings"].tolist() == ["", "", ""]


def test_years_counts_and_bases_that_differ_are_said():
    figures = years(*((f"f{n}", 2025, 1.0) for n in range(10)))
    others = peer_figures(("b", "design_patents", 2024, 9.6), ("b", "firms", 2024, 12.0), ("a", "firms", 2024, 500.0))
    found = run(10, figures, peer_values=others, town_id="a").comparison
    unknown = run(10, figures, peer_values=others[others["peer_id"] != "a"], town_id="a").comparison
    assert unknown["warnings"].tolist() == ["different_year;rounded_count;base_unknown"]
    assert found["peer_events"].tolist() == [10]
    assert found["warnings"].tolist() == ["different_year;rounded_count;different_base"]


def test_peers_by_link():
    others = pd.DataFrame(
        {
            "peer_id": ["b"],
            "link_id": ["LAMP"],
            "year": [2025],
            "measure": ["design_patents"],
            "events": [4.0],
            "firms": [2.0],
        }
    )
    linked = links(("f0", "LAMP", "makes"), ("f1", "LAMP", "makes"))
    found = run(2, years(("f0", 2025, 1.0), ("f1", 2025, 1.0)), linked, peer_launches=others).comparison
    assert found[["link_id", "ratio"]].values.tolist() == [["LAMP", 0.5]]


def test_no_peer_is_said():
    result = run(1, years(("f0", 2025, 1.0)), peer_values=peer_figures())
    assert [issue.code for issue in result.issues] == ["no_peers"]
    assert peer_events(pd.DataFrame(), LaunchSettings()).empty


# ---- the loop


def test_loop_by_hand():
    both = ("design_patents", "product_launches", "trademarks")
    figures = years(
        ("f0", 2024, 2.0, 0.0, 0.0), ("f1", 2024, 1.0, 0.0, 0.0), ("f2", 2024, 0.0, 1.0, 0.0),
        ("f0", 2025, 1.0, 3.0, 1.0), ("f1", 2025, 0.0, 0.0, 0.0), ("f2", 2025, 0.0, 1.0, 0.0), columns=both,
    )  # fmt: skip
    facts = pd.DataFrame(
        [("f0", "exhibitions", 2025, 1.0), ("f1", "exhibitions", 2024, 2.0), ("f2", "exhibitions", 2025, 0.0)],
        columns=["firm_id", "fact", "year", "value"],
    )
    linked = links(("f0", "LAMP", "makes"), ("f1", "LAMP", "makes"), ("f2", "DESIGN", "serves"))
    loop = run(3, figures, linked, firm_facts=facts).loop
    now = loop[loop["year"] == 2025].set_index("indicator")
    wanted = {
        "designing_share": (1, 3), "launching_share": (2, 3), "designs_launched": (1, 2), "launches_per_patent": (4, 3),
        "launches_branded": (1, 2), "exhibiting_share": (1, 2), "launches_shown": (1, 2), "shows_designed": (0, 1),
        "designers_per_100_makers": (1, 2),
    }  # fmt: skip
    for indicator, (part, whole) in wanted.items():
        assert (now.loc[indicator, "part"], now.loc[indicator, "whole"]) == (part, whole), indicator
        assert now.loc[indicator, "value_low"] <= now.loc[indicator, "value"] <= now.loc[indicator, "value_high"]
    assert now.loc["designers_per_100_makers", "value"] == 50


def test_a_step_without_figures_has_no_row():
    loop = run(2, years(("f0", 2025, 1.0), ("f1", 2025, 0.0))).loop
    assert loop["indicator"].tolist() == ["designing_share"]


# ---- bad input


def test_broken_counts_and_strangers_are_left_out_and_named():
    result = run(3, years(("f0", 2025, -1.0), ("f1", 2025, 0.5), ("f2", 2025, 2.0), ("zz", 2025, 9.0)))
    assert result.rates["events"].tolist() == [2]
    assert {issue.code: issue.rows for issue in result.issues if issue.level == "warning"} == {
        "broken_count": ("f0", "f1"),
        "unknown_firm": ("zz",),
    }


def test_nothing_known_is_said():
    result = run(2, years(("f0", 2025, None)))
    assert result.rates.empty
    assert result.loop.empty
    assert "no_events" in {issue.code for issue in result.issues}


def test_bad_tables_are_answered():
    with pytest.raises(InputError, match="two rows"):
        run(1, years(("f0", 2025, 1.0), ("f0", 2025, 2.0)))
    with pytest.raises(InputError, match="role"):
        run(1, years(("f0", 2025, 1.0)), pd.DataFrame({"firm_id": [], "link_id": []}))


def test_tables_are_as_declared():
    figures = years(("f0", 2024, 1.0), ("f0", 2025, 1.0), ("f1", 2025, 0.0))
    others = peer_figures(("b", "design_patents", 2025, 10.0), ("b", "firms", 2025, 100.0))
    result = run(2, figures, links(("f0", "LAMP", "makes")), peer_values=others)
    for name, frame in (
        ("launch_rates", result.rates), ("launch_comparison", result.comparison), ("design_loop", result.loop),
    ):  # fmt: skip
        assert len(frame)
        assert list(frame.columns) == list(schema.table(name).columns)
        assert schema.conform(name, frame)[1] == []
