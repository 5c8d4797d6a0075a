from __future__ import annotations

import pandas as pd
import pytest

from zhenxing import schema
from zhenxing.importers.headers import find_header, read_header
from zhenxing.importers.recognition import hinted_table, importable, match_table
from zhenxing.importers.sheets import frame_of


@pytest.mark.parametrize(
    ("text", "base", "unit", "year"),
    [
        ("注册资本(万元)", "注册资本", "万元", None),
        ("＊ 用地面积\n（㎡）", "用地面积", "m2", None),
        ("2024年营业收入（亿元）", "营业收入", "亿元", 2024),
        ("用地面积/亩", "用地面积", "亩", None),
        ("投资强度(≥万元/亩)", "投资强度", "≥万元/亩", None),
        ("企业名称（必填）", "企业名称", "", None),
        ("2026年", "", "", 2026),
    ],
)
def test_header_is_split_into_name_unit_and_year(text: str, base: str, unit: str, year: int | None) -> None:
    header = read_header(text)
    assert (header.base, header.unit, header.year) == (base, unit, year)


def _score(headers: object) -> float:
    return max(match_table(table, headers).score for table in importable())  # type: ignore[arg-type]  # headers


def _found(
    rows: list[list[object]], merged: tuple[tuple[int, int, int, int], ...] = ()
) -> tuple[int, int, tuple[str, ...]]:
    block = find_header(frame_of(rows), merged, _score)
    assert block is not None
    return block.row, block.depth, tuple(header.base for header in block.headers)


def test_header_under_merged_title_and_unit_line() -> None:
    rows: list[list[object]] = [
        ["古镇镇改造地块台账", "", ""],
        ["单位：亩、㎡", "", ""],
        ["地块编号", "所属园区编号", "用地面积"],
        ["S1", "P1", 10],
    ]
    assert _found(rows, ((0, 0, 0, 2),)) == (2, 1, ("地块编号", "所属园区编号", "用地面积"))


def test_two_header_rows_are_joined_by_merged_and_by_blank_cells() -> None:
    rows: list[list[object]] = [
        ["地块", "", "所属园区编号", "面积（亩）"],
        ["编号", "名称", "", ""],
        ["S1", "甲地块", "P1", 10],
    ]
    expected = (0, 2, ("地块编号", "地块名称", "所属园区编号", "面积"))
    assert _found(rows, ((0, 0, 0, 1), (0, 2, 1, 2), (0, 3, 1, 3))) == expected
    assert _found(rows) == expected


def test_data_rows_are_not_taken_for_a_second_header_row() -> None:
    rows: list[list[object]] = [["企业名称", "注册地址"], ["中山市甲灯饰厂", "古镇镇"], ["中山市乙灯饰厂", "横栏镇"]]
    assert _found(rows)[:2] == (0, 1)


def test_no_header_in_a_letter() -> None:
    assert find_header(pd.DataFrame([["关于报送材料的函"], ["各村居："]], dtype=object), (), _score) is None


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("table", importable())
def test_every_table_knows_its_own_template(table: str, language: str) -> None:
    declared = schema.table(table)
    headers = [read_header(schema.header(table, column, language)) for column in declared.columns]  # type: ignore[arg-type]  # zh, en
    assert match_table(table, headers).columns == tuple(declared.columns)
    ranked = sorted((match_table(one, headers) for one in importable()), key=lambda match: -match.score)
    assert ranked[0].table == table
    assert ranked[1].score < 0.9 * ranked[0].score


@pytest.mark.parametrize("table", importable())
def test_every_table_knows_its_own_column_names(table: str) -> None:
    declared = schema.table(table)
    assert match_table(table, [read_header(name) for name in declared.columns]).columns == tuple(declared.columns)


def test_sheet_names_speak_of_tables() -> None:
    assert hinted_table("附件2：改造地块表") == "sites"
    assert hinted_table("Sheet1", "招商台账2026") == "prospects"
    assert hinted_table("Sheet1") == ""


@pytest.mark.parametrize(
    ("headers", "table"),
    [
        ("序号 企业名称 社会统一信用代码 法定代表人 成立日期 注册资本(万元) 经营范围 注册地址 所属村(居)", "firms"),
        ("企业名称 统一社会信用代码 年份 用地面积(亩) 综合能耗(吨标煤) 用电量 工业增加值 入库税收", "firm_years"),
        ("图斑编号 村居 权属性质 用地面积(公顷) 规划用途 建成时间 是否标图入库", "parcels"),
        (
            "项目名称 投资方 来源地 产业链环节 计划总投资(亿元) 用地需求(亩) 厂房需求(㎡) 预计产值 洽谈阶段 首席服务官",
            "prospects",
        ),
        ("年度 自有资金 债务限额 拆除整理上限", "budget"),
        ("指标名称 年度 目标值 园区", "targets"),
    ],
)
def test_headers_of_offices_are_recognised(headers: str, table: str) -> None:
    read = [read_header(text) for text in headers.split()]
    assert max(importable(), key=lambda one: match_table(one, read).score) == table
