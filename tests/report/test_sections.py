"""Dilemmas, comparison and balances as the report words them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from conftest import MadePlan, typed

from zhenxing.errors import Text
from zhenxing.report import ReportOptions
from zhenxing.report.blocks import Table, texts
from zhenxing.report.comparison import Baseline, compare
from zhenxing.report.facts import Facts, gather
from zhenxing.report.sections import document
from zhenxing.report.sections.comparing import comparing, comparison_rows
from zhenxing.report.sections.dilemmas import dilemmas, plan_answer
from zhenxing.town import Town


def test_answer_to_a_dilemma_comes_from_the_plan_row_it_names(facts: Facts) -> None:
    # 200 of 1,400 wanted is here; 0.5 x 1,000 more lands
    assert plan_answer(facts, "chain_rewards.pack") == "封装覆盖率由 14% 到 50%"
    assert plan_answer(facts, "works") == "开工 1 项（储备 2 项）"
    assert plan_answer(facts, "works.w2") == "展示馆计划期内未安排"
    assert plan_answer(facts, "facilities.test_centre") == "检测中心 2028 年安排"
    assert plan_answer(facts, "budget.clear_capacity_mu") == "清拆能力（亩） 3 年中 1 年用满"
    assert plan_answer(facts, "candidates.incoming") == "落地 2 家，按概率预期 1.5 家"
    assert plan_answer(facts, "platforms") == "连片平台拼成 0 个（共 0 个）"
    assert plan_answer(facts, "something.else") == ""


def test_dilemmas_show_their_indicator_beside_the_target(town: Town, plan: MadePlan, options: ReportOptions) -> None:
    rows = [
        {
            "dilemma_id": "D1",
            "name": "缺地",
            "indicator": "cleared_mu",
            "measure": "连片",
            "plan_row": "sites",
            "owner": "三旧办",
        }
    ]
    (_, table) = dilemmas(gather(town.replace(dilemmas=typed("dilemmas", rows)), plan, options))
    assert isinstance(table, Table)
    assert table.rows[0][2] == "启动 2 宗，累计清理 120.0 亩；累计拆除整理（亩） 2029 年计划 120.0、目标 100.0"
    assert dilemmas(gather(town, plan, options)) == []


def test_no_time_leaves_comparisons_out_and_says_so(town: Town, plan: MadePlan, facts: Facts) -> None:
    assert compare(town, plan, None, 0) == ((), None)
    assert any("比较方案和敏感性（计算时间设为 0）" in text for text in texts(document(facts, {})))


def test_comparison_counts_every_way_alike(facts: Facts) -> None:
    worse = replace(facts.evaluation, value_wan=facts.evaluation.value_wan / 2)
    others = (Baseline("greedy", worse, 1.0), Baseline("staged", None, 0.0, Text("没有时间", "no time"), 7.0))
    compared = replace(facts, baselines=others, options=replace(facts.options, seconds=1.0))
    frame = comparison_rows(compared)
    assert frame["method"].tolist() == ["本计划", "逐年贪心"]
    assert frame["below_plan"].tolist() == pytest.approx([0, 0.5])
    assert frame["landed"].tolist() == [2, 1]
    said = [getattr(block, "text", "") for block in comparing(compared)]
    assert any("先地后企没有得到计划：没有时间" in text for text in said)
    # only ways that were given time are named, so that nobody takes time for merit
    assert any("计算时间不等：先地后企 7 秒；" in text for text in said)


def test_sensitivity_names_sites_not_ids(facts: Facts) -> None:
    row = {
        "parameter": "tax_weight",
        "setting": 2.0,
        "value_wan": 5.0,
        "sites_same": 1,
        "sites_changed": 1,
        "landings_changed": 0,
    }
    row |= {"first_year_starts_changed": 0, "changes_zh": "变动地块：s2", "changes_en": "sites that change: s2"}
    varied = replace(facts, sensitivity=pd.DataFrame([row]), options=replace(facts.options, seconds=1.0))
    tables = [block for block in comparing(varied) if isinstance(block, Table)]
    assert tables[-1].rows[0][0] == "税收权重"
    assert tables[-1].rows[0][-1] == "变动地块：二号地"
