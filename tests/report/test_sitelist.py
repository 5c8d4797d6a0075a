"""The yearly site list of the hand-made town."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from conftest import MadePlan

from zhenxing.errors import SourceError
from zhenxing.report import ReportOptions
from zhenxing.report.facts import Facts, gather
from zhenxing.report.schedule import back_schedule, read_steps
from zhenxing.report.sitelist import site_list
from zhenxing.report.sitelist_workbook import write_site_list
from zhenxing.town import Town


def test_started_site_as_an_office_writes_it(facts: Facts) -> None:
    made = site_list(facts, 2027, read_steps())
    row = made.started.iloc[0]
    assert (row["no"], row["site"], row["village"], row["area_mu"]) == (1, "一号地", "北村、南村", 40)
    assert row["tenure"] == "集体 30.0 亩、国有 10.0 亩"
    assert row["title_gap"] == "须完善手续 10.0 亩（现状：已测绘 30.0 亩）"
    assert row["firms"] == "2 家，其中规上 1 家"
    assert row["mode"] == "政府整备收储"
    assert row["funding"].startswith("当年 100 万元、次年 100 万元")
    # handed over by December 2028; surveyed already, so 22 months back
    assert (row["supply"], row["clearing"], row["vote"], row["survey"]) == ("2028-12", "2028-10", "2027-04", "不需要")
    assert "2028 年交付 20.0 亩" in row["reason"]
    assert "二号地" in row["reason"]


def test_reserve_says_why_not_this_year(facts: Facts) -> None:
    made = site_list(facts, 2027, read_steps())
    assert made.reserve["site"].tolist() == ["二号地", "三号地"]
    later, never = made.reserve["reason"]
    assert "计划 2028 年启动" in later
    assert "没有相邻地块" in later
    assert "清拆能力不够（当年余 0.0 亩，需 80.0 亩）" in never
    assert "资金不够" in never


def test_neighbour_is_reached_a_year_later(facts: Facts) -> None:
    made = site_list(facts, 2028, read_steps())
    assert made.started["site"].tolist() == ["二号地"]
    assert made.reserve["site"].tolist() == ["三号地"]


def test_workbook_of_the_list(facts: Facts, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "list.xlsx"
    write_site_list(facts, site_list(facts, 2027, read_steps()), path)
    book = openpyxl.load_workbook(path, data_only=True)
    assert book.sheetnames == ["年度清单", "备选", "说明"]
    assert book["年度清单"]["C5"].value == "一号地"
    assert "M" in [cell.value for row in book["说明"].iter_rows() for cell in row]


def test_missing_tables_are_not_given(town: Town, plan: MadePlan, options: ReportOptions) -> None:
    kept = ("parks", "sites", "site_modes", "budget")
    bare = Town(town.settings, {name: town[name] for name in kept})
    row = site_list(gather(bare, plan, options), 2027, read_steps()).started.iloc[0]
    assert (row["village"], row["tenure"], row["firms"]) == ("未提供", "未提供", "未提供")
    assert row["title_gap"] == "须完善手续 10.0 亩"


def test_year_outside_the_plan_is_refused(facts: Facts) -> None:
    with pytest.raises(SourceError, match="2027—2029"):
        site_list(facts, 2031, read_steps())


def test_own_durations(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("step,months,needs,zh,en\nvote,1,always,表决,Vote\nsupply,3,always,供地,Supply\n", encoding="utf-8")
    nodes, first = back_schedule(read_steps(path), 2028, set())
    assert nodes == {"supply": "2028-12", "vote": "2028-09"}
    assert first == "2028-09"
    path.write_text("step,months,needs\nvote,one,always\n", encoding="utf-8")
    with pytest.raises(SourceError, match="工期表"):
        read_steps(path)
