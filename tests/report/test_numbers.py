"""Balances, pace and chain of the hand-made town, counted on paper; names and the font."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest
from conftest import SECRET, MadePlan

from zhenxing.report import ReportOptions
from zhenxing.report.balances import unsigned_reliance
from zhenxing.report.facts import Facts, gather
from zhenxing.report.fonts import missing_glyphs
from zhenxing.report.voice import Voice
from zhenxing.town import Settings, Town


def test_three_balances(facts: Facts) -> None:
    signed, expected, certain = (facts.money[case] for case in ("signed", "expected", "all"))
    # K2 (0.5) takes 8 mu at 30 in 2028 and gets a subsidy of 20; K1 is signed and takes 5 mu in 2027
    assert expected["land_income_wan"].tolist() == pytest.approx([150, 120, 0])
    assert signed["land_income_wan"].tolist() == pytest.approx([150, 0, 0])
    assert certain["land_income_wan"].tolist() == pytest.approx([150, 240, 0])
    assert (certain["subsidy_wan"] - signed["subsidy_wan"]).tolist() == pytest.approx([0, 20, 0])
    for frame in facts.money.values():
        change = frame["income_wan"] - frame["outlay_wan"] + frame["borrowed_wan"] - frame["interest_wan"]
        assert (frame["opening_wan"] + change).tolist() == pytest.approx(frame["cash_wan"].tolist())


def test_reliance_names_years_and_what_is_owed(facts: Facts) -> None:
    gaps = unsigned_reliance(facts.money)
    assert gaps["year"].tolist() == [2028, 2029]
    assert gaps["committed_wan"].tolist() == [50, 0]


def test_pace_by_hand(facts: Facts) -> None:
    pace = facts.pace
    assert (pace.gross_mu, pace.done_mu, pace.cleared_mu, pace.released_mu) == (400, 20, 120, 60)
    assert pace.years_left == pytest.approx(380 / (100 / 3))
    limits = {limit.name: limit for limit in pace.limits}
    assert limits["clear"].needed == pytest.approx(200 / 3)
    assert limits["clear"].mean_limit == pytest.approx(60)
    assert limits["clear"].must_rise
    assert limits["title"].needed == pytest.approx(2 * 30 / 3)
    assert not limits["title"].must_rise


def test_scope_is_the_sites_where_none_is_stated(town: Town, plan: MadePlan, options: ReportOptions) -> None:
    content = town.settings.content()
    content["town"].pop("gross_scope_mu")
    pace = gather(town.replace(settings=Settings.parse(content)), plan, options).pace
    assert (pace.gross_mu, pace.is_given) == (200, False)


def test_no_clearing_has_no_finishing_year(town: Town, plan: MadePlan, options: ReportOptions) -> None:
    empty = {**plan.tables, "plan_sites": plan.tables["plan_sites"].iloc[:0]}
    pace = gather(town, MadePlan(empty, plan.summary), options).pace
    assert pace.finish_year is None
    assert math.isinf(pace.years_left)


def test_hidden_words_leave_numbers_and_other_names_alone(town: Town, plan: MadePlan, options: ReportOptions) -> None:
    candidates = town["candidates"].assign(candidate_id=["K1", "2028", "pack", "K0"], name=["甲", SECRET, "封装", "乙"])
    masked = gather(town.replace(candidates=candidates), plan, replace(options, edition="outward")).names
    assert masked.hide(f"2028 年 {SECRET} 与封装、pack 环节") == "2028 年 意向企业A 与封装、pack 环节"
    assert masked.of("candidates", "2028") == "意向企业A"


def test_numbers_as_an_office_writes_them() -> None:
    voice = Voice("zh")
    assert [voice.number(value, 1) for value in (1234.56, -0.001, float("nan"), float("inf"), pd.NA)] == [
        "1,234.6",
        "0.0",
        "—",
        "不限",
        "—",
    ]
    assert (voice.money(9999), voice.money(123456)) == ("9,999 万元", "12.35 亿元")


def test_font_shows_the_common_characters() -> None:
    assert missing_glyphs(["灯饰、智慧灯杆；“三旧”改造（工改工）——≤ ≥ × ÷ − m² ㎡"]) == ""
    assert missing_glyphs(["甲𠮷乙𠮷"]) == "𠮷"
