from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from zhenxing.importers import ImportResult

from .conftest import codes

Book = Callable[..., Path]
Read = Callable[..., ImportResult]

SITES = [
    ["古镇镇改造地块台账", None, None, None, None],
    ["单位：亩、㎡    截至2026年6月30日", None, None, None, None],
    ["序号", "地块编号", "地块名称", "所属园区", "用地面积", "现状建筑面积"],
    [1, "S1", "甲地块", "灯都园", "１２.５", "8,000"],
    [2, "S2", "乙地块", None, 30, "—"],
    [None, None, None, None, None, None],
    [3, "S3", "丙地块", "智造园", "约20", 500],
    ["合 计", None, None, None, 62.5, 8500],
    ["填表人：张三"],
]
PARKS = [["园区编号", "园区名称", "可供地面积（公顷）"], ["P1", "灯都园", 2], ["P2", "智造园", "/"]]


def test_a_ledger_with_title_units_merged_cells_and_totals(book: Book, read: Read) -> None:
    path = book("台账.xlsx", {"地块": SITES, "园区": PARKS}, {"地块": ["A1:E1", "D4:D5"]})
    result = read(path)
    sites = result.town["sites"]
    assert sites["site_id"].tolist() == ["S1", "S2", "S3"]
    assert sites["park_id"].tolist() == ["P1", "P1", "P2"]
    assert sites["area_mu"].tolist() == [12.5, 30, 20]
    assert sites["floor_m2"].tolist()[0::2] == [8000, 500]
    assert pd.isna(sites["floor_m2"].iloc[1])
    assert result.town["parks"]["vacant_mu"].tolist()[0] == 30
    account = result.accounts.set_index("sheet").loc["地块"]
    assert account[["rows", "title", "header", "blank", "totals", "remarks", "imported"]].tolist() == [
        9,
        2,
        1,
        1,
        1,
        1,
        3,
    ]
    assert {"unit_converted", "totals_dropped", "names_to_ids", "about"} <= codes(result)
    assert not codes(result, "error")


def test_provenance_is_rows_and_columns_whose_crossing_is_the_cell(book: Book, read: Read) -> None:
    result = read(book("台账.xlsx", {"地块": SITES, "园区": PARKS}))
    provenance = result.provenance
    rows = provenance[provenance["row_id"] == "S3"].iloc[0]
    assert (rows["table"], rows["source_file"], rows["sheet"], rows["cell"]) == ("sites", "台账.xlsx", "地块", "7")
    assert rows["as_of"] == "2026-06-30"
    column = provenance[(provenance["table"] == "parks") & (provenance["column"] == "vacant_mu")].iloc[0]
    assert (column["cell"], column["factor"], column["note"]) == ("C", 15.0, "可供地面积（公顷）")
    assert len(provenance) == 2 + 2 + 5 + 3


def test_a_register_brings_firms_and_their_years(book: Book, read: Read) -> None:
    rows = [
        ["2024年规上企业名录（单位：万元）"],
        [
            "企业名称",
            "统一社会信用代码",
            "注册地址",
            "注册资本",
            "行业代码",
            "营业收入",
            "2023年营业收入",
            "上年度入库税收",
            "联系人",
        ],
        ["中山市甲灯饰有限公司", "91350100M000100Y43", "中山市古镇镇海洲", "50(万美元)", "C3872", 3000, 2500, 90, "张"],
        ["中山市乙电器厂", "91350211M0000XUF46", "中山市横栏镇", "随意", "C9999", 400, "/", 10, "李"],
    ]
    result = read(book("名录.xlsx", {"Sheet1": rows}), edition="2017")
    firms = result.town["firms"].set_index("name")
    assert firms["firm_id"].tolist() == ["91350100M000100Y43", "name:中山市乙电器厂"]
    assert firms["town_code"].tolist() == ["442000105", "442000110"]
    assert firms.loc["中山市甲灯饰有限公司", ["capital_wan", "capital_currency", "capital_text"]].tolist() == [
        50,
        "USD",
        "50(万美元)",
    ]
    assert pd.isna(firms.loc["中山市乙电器厂", "capital_wan"])
    assert firms["industry_code"].tolist() == ["3872", "9999"]
    years = result.town["firm_years"].set_index(["firm_id", "year"])
    assert years.loc[("91350100M000100Y43", 2024), "revenue_wan"] == 3000
    assert years.loc[("91350100M000100Y43", 2023), ["revenue_wan", "tax_wan"]].tolist() == [2500, 90]
    assert {"capital_unknown", "credit_code_check", "industry_unknown", "city_inferred"} <= codes(result)
    assert "联系人" in result.town["firms"].columns


def test_an_industry_code_without_an_edition_is_not_guessed(book: Book, read: Read) -> None:
    rows = [["企业名称", "统一社会信用代码", "行业代码"], ["甲厂", "91350100M000100Y43", "3972"]]
    result = read(book("名录.xlsx", {"企业名录": rows}))
    assert result.town["firms"]["industry_edition"].isna().all()
    assert "industry_no_edition" in codes(result, "warning")


def test_targets_with_one_column_for_each_year(book: Book, read: Read) -> None:
    rows = [
        ["年度目标任务分解"],
        ["指标", "园区", "2026年", "2027年"],
        ["拆除整理", "P1", 500, 700],
        ["落地项目", None, 9, 10],
    ]
    targets = read(book("目标.xlsx", {"年度目标任务": rows})).town["targets"]
    found = set(zip(targets["indicator"], targets["year"], targets["target"], strict=True))
    assert found == {
        ("cleared_mu", 2026, 500),
        ("cleared_mu", 2027, 700),
        ("landed_projects", 2026, 9),
        ("landed_projects", 2027, 10),
    }


def test_parameters_become_settings(book: Book, read: Read) -> None:
    rows = [
        ["参数", "数值", "单位"],
        ["基准年", 2026, None],
        ["规划年数", 8, "年"],
        ["折现率", "6%", None],
        ["期初资金", 1.2, "亿元"],
        ["天气", "晴", None],
    ]
    result = read(book("参数.xlsx", {"参数": rows}))
    plan = result.town.settings.plan
    assert plan is not None
    assert (plan.base_year, plan.horizon_years, plan.discount_rate, plan.initial_cash_wan) == (2026, 8, 0.06, 12_000)
    assert "parameter_unknown" in codes(result, "error")


def test_town_toml_in_a_folder_is_taken_as_it_is(tmp_path: Path, read: Read) -> None:
    (tmp_path / "town.toml").write_text(
        '[town]\nname = "古镇"\n[plan]\nbase_year = 2026\nhorizon_years = 3\n', encoding="utf-8"
    )
    (tmp_path / "budget.csv").write_text("year,own_funds_wan\n2027,100\n", encoding="utf-8")
    town = read(tmp_path).town
    assert (town.plan.horizon_years, town["budget"]["own_funds_wan"].tolist()) == (3, [100])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_encodings_and_separators_are_told(tmp_path: Path, read: Read, encoding: str, separator: str) -> None:
    path = tmp_path / "年度资金.csv"
    rows = [["年份", "财政自有资金（万元）", "备注"], ["2026", "100", "含专项"], ["2027", "200", "—"]]
    path.write_text("\n".join(separator.join(row) for row in rows), encoding=encoding)
    result = read(path)
    assert result.town["budget"]["own_funds_wan"].tolist() == [100, 200]
    assert "encoding" in codes(result, "info")


def test_units_without_a_statement_are_said_and_odd_ones_warned_of(book: Book, read: Read) -> None:
    rows = [["地块编号", "所属园区编号", "用地面积"], ["S1", "P1", 12_000], ["S2", "P1", 20_000], ["S3", "P1", 9_000]]
    result = read(book("地块.xlsx", {"地块": rows}))
    assert "unit_assumed" in codes(result, "info")
    assert "looks_like_m2" in codes(result, "warning")


def test_names_of_parks_and_villages_become_ids(book: Book, read: Read) -> None:
    villages = [["村居编号", "村居名称"], ["V9", "古四村"], ["V8", "曹二村"]]
    parcels = [
        ["宗地编号", "所属村", "权属性质"],
        ["T1", "古四", "集体"],
        ["T2", "曹二村", "国有土地"],
        ["T3", "某某村", "集体"],
    ]
    result = read(book("宗地.xlsx", {"宗地": parcels, "村居": villages}))
    assert result.town["parcels"]["village_id"].tolist() == ["V9", "V8", "某某村"]
    assert result.town["parcels"]["tenure"].tolist() == ["collective", "state", "collective"]
    assert "reference_unknown" in codes(result, "warning")


def test_two_files_complement_each_other_and_contradictions_are_listed(book: Book, read: Read, tmp_path: Path) -> None:
    book(
        "a/地块面积.xlsx",
        {"地块": [["地块编号", "所属园区编号", "用地面积（亩）"], ["S1", "P1", 10], ["S2", "P1", 20]]},
    )
    book(
        "b/地块建筑.xlsx",
        {"地块": [["地块编号", "现状建筑面积（㎡）", "用地面积（亩）"], ["S1", 500, 11], ["S2", 600, 20]]},
    )
    result = read(tmp_path)
    sites = result.town["sites"]
    assert sites["area_mu"].tolist() == [10, 20]
    assert sites["floor_m2"].tolist() == [500, 600]
    assert "contradiction" in codes(result, "warning")


def test_a_candidate_that_bears_a_firms_name_is_not_that_firm(book: Book, read: Read) -> None:
    rows = [["项目编号", "企业名称", "产业链环节", "用地需求（亩）"], ["C1", "甲光电", "CHIP", 20]]
    candidates = read(book("项目库.xlsx", {"拟落户项目": rows})).town["candidates"]
    assert candidates["name"].tolist() == ["甲光电"]
    assert "firm_id" not in candidates.columns


def test_yearly_figures_under_a_merged_year(book: Book, read: Read) -> None:
    rows = [
        ["统一社会信用代码", "企业名称", "2023年（万元）", None, "2024年（万元）", None],
        [None, None, "营业收入", "入库税收", "营业收入", "入库税收"],
        ["91350100M000100Y43", "甲厂", 100, 5, 120, 6],
    ]
    path = book("经营.xlsx", {"企业经营": rows}, {"企业经营": ["A1:A2", "B1:B2", "C1:D1", "E1:F1"]})
    years = read(path).town["firm_years"].set_index("year")
    assert years["revenue_wan"].to_dict() == {2023: 100, 2024: 120}
    assert years["tax_wan"].to_dict() == {2023: 5, 2024: 6}


def test_yearly_figures_bring_their_firms_along_once(book: Book, read: Read) -> None:
    register = [["企业名称", "统一社会信用代码", "注册地址"], ["甲灯饰有限公司", "91350100M000100Y43", "古镇镇"]]
    years = [
        ["2024年企业经营"],
        ["企业名称", "入库税收（万元）", "用电量（万千瓦时）"],
        ["甲灯饰有限责任公司", 9, 2],
        ["丙厂", 1, 1],
    ]
    result = read(book("企业.xlsx", {"名录": register, "经营": years}))
    assert result.town["firms"]["firm_id"].tolist() == ["91350100M000100Y43", "name:丙厂"]
    found = result.town["firm_years"].set_index("firm_id")
    assert found.index.tolist() == ["91350100M000100Y43", "name:丙厂"]
    assert found["electricity_mwh"].tolist() == [20, 10]


def test_a_budget_with_years_side_by_side_is_explained(book: Book, read: Read) -> None:
    rows = [["项目", "2026年", "2027年"], ["财政自有资金", 100, 120], ["债务限额", 0, 50]]
    result = read(book("资金.xlsx", {"Sheet1": rows}))
    assert "sheet_transposed" in codes(result, "error")
    assert result.accounts["listed"].tolist() == [3]


def test_renewal_database_as_offices_head_it(book: Book, read: Read) -> None:
    rows = [
        [
            "图斑编号",
            "镇街",
            "村居",
            "改造类型",
            "权属性质",
            "用地面积（公顷）",
            "建成时间",
            "手续是否完善",
            "是否标图入库",
        ],
        ["T1", "古镇镇", "冈南村", "旧厂房", "集体", 2.5, "1998年", "否", "是"],
        ["T2", "古镇镇", "曹二", "旧厂房", "国有", 20, 2003.5, "完善", "否"],
    ]
    parcels = read(book("标图.xlsx", {"Sheet1": rows})).town["parcels"]
    assert parcels["area_registered_mu"].tolist() == [37.5, 300]
    assert parcels["built_year"].tolist() == [1998, 2003]
    assert parcels["title_stage"].tolist() == ["none", "registered"]
    assert parcels["in_renewal_database"].tolist() == [True, False]
    assert parcels["改造类型"].tolist() == ["旧厂房", "旧厂房"]
