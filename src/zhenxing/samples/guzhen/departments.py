"""The Guzhen example as its departments would send it: eleven files with the faults that such files have."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import xlsxwriter

from zhenxing import schema
from zhenxing.importers.parameters import parameter_label
from zhenxing.samples.guzhen.ledgers import MADE, Ledger, cell, write_workbook
from zhenxing.town import Town

YI: Final = Fraction(10_000)
SQUARE_METRE: Final = Fraction(3, 2000)
PERCENT: Final = Fraction(1, 100)
MODE_WORDS: Final = {"gov_reserve": "政府收储", "self": "自主改造", "coop": "合作改造", "partial": "综合整治"}
# Parks whose sites the second sheet of the site ledger lists, in square metres.
METRIC_PARKS: Final = ("P5", "P6")
# Rates that an office states in yuan per square metre.
YUAN_PER_M2: Final = ("exit_compensation_wan_per_m2", "exit_loss_wan_per_m2")
UNITS: Final = {"gross_scope_mu": "亩", "industrial_land_mu": "亩", "bond_option_debt_limit_wan": "万元"}
PARAMETER_WORDS: Final = {"growth": "连片推进", "none": "否"}
OUTLINES: Final = {"parcels": "宗地", "sites": "改造地块", "parks": "园区", "villages": "村居"}
PLAIN_TABLES: Final = (
    "dilemmas",
    "indicators",
    "indicator_targets",
    "indicator_actuals",
    "links",
    "link_inputs",
    "region_industries",
    "peers",
    "peer_values",
    "modes",
    "project_events",
)


def write_department_files(town: Town, directory: Path) -> None:
    """Write a town as the untidy files of its departments.

    What is untidy on purpose: merged titles and cells, unit lines, headers of two rows, totals, full-width digits,
    slashes and dashes for nothing, square metres beside mu, 亿元 beside 万元, a register in GBK with a doubled row and
    a credit code that a spreadsheet has broken.
    """
    directory.mkdir(parents=True, exist_ok=True)
    _renewal_office(town, directory / "三旧改造办")
    _investment_office(town, directory / "招商办")
    _finance_office(town, directory / "财政所")
    _economy_office(town, directory / "经济发展局")
    _park_office(town, directory / "园区办")
    _outlines(town, directory / "自然资源所")
    _main_office(town, directory / "党政办")


def _held(town: Town, name: str) -> pd.DataFrame:
    frame = pd.DataFrame(town[name])
    return frame.drop(columns="geometry", errors="ignore")


def _renewal_office(town: Town, folder: Path) -> None:
    sites = _held(town, "sites")
    sites = sites[["park_id", "site_id", "name", "area_mu", "floor_m2", "is_seed"]]
    metric = sites["park_id"].isin(METRIC_PARKS)
    title, areas = "古镇镇三旧改造地块台账", ("area_mu", "floor_m2")
    in_mu = Ledger(
        "地块台账",
        "sites",
        unit_line="单位：亩、㎡    填报单位：三旧改造办    填报日期：2026.11",
        headers={"site_id": "编号", "name": "名称", "area_mu": "用地面积（亩）", "floor_m2": "现状建筑面积（㎡）"},
        groups=(("地块", ("site_id", "name")),),
        full_width=("area_mu",),
        title=title,
        merged="park_id",
        totals=areas,
        numbered=True,
    )
    in_metres = Ledger(
        "地块台账（续）",
        "sites",
        unit_line="单位：㎡",
        headers={"area_mu": "用地面积（㎡）", "floor_m2": "现状建筑面积（㎡）"},
        divisors={"area_mu": SQUARE_METRE},
        title=title,
        merged="park_id",
        totals=areas,
        numbered=True,
    )
    modes = Ledger(
        "改造方式",
        "site_modes",
        title="各地块可选改造方式测算表",
        unit_line="单位：万元、亩",
        headers={"displaced_share": "需搬迁建筑比例（%）", "title_mu": "需完善手续面积（亩）"},
        divisors={"displaced_share": PERCENT},
        words={"mode": MODE_WORDS},
        merged="site_id",
        totals=("title_mu",),
        full_width=("public_cost_wan",),
    )
    write_workbook(
        folder / "地块台账.xlsx",
        [
            (in_mu, sites[~metric]),
            (in_metres, sites[metric]),
            (modes, _held(town, "site_modes")),
            (Ledger("相邻地块", "site_neighbours"), _held(town, "site_neighbours")),
            (Ledger("地块新增资源", "site_supplies", words={"mode": MODE_WORDS}), _held(town, "site_supplies")),
            (Ledger("连片平台", "platforms", title="连片平台一览", numbered=True), _held(town, "platforms")),
            (Ledger("平台地块", "platform_sites"), _held(town, "platform_sites")),
            (Ledger("已定事项", "locks", title="年初已实施事项", words={"option": MODE_WORDS}), _held(town, "locks")),
            (Ledger("涉及企业", "site_firms"), _held(town, "site_firms")),
        ],
    )


def _investment_office(town: Town, folder: Path) -> None:
    yi = {
        "investment_wan": "计划总投资（亿元）",
        "annual_tax_wan": "年税收（万元）",
        "annual_value_added_wan": "年增加值（万元）",
        "annual_output_wan": "年产值（亿元）",
    }
    candidates = Ledger(
        "项目库",
        "candidates",
        title="古镇镇招商项目意向台账",
        unit_line="单位：亩、万元（标注亿元的除外）",
        headers={**yi, "land_mu": "用地需求（亩）", "link_id": "产业链环节", "probability": "落地概率（%）"},
        divisors={"investment_wan": YI, "annual_output_wan": YI, "probability": PERCENT},
        groups=(("预计", ("annual_tax_wan", "annual_value_added_wan", "annual_output_wan")),),
        blank="/",
        full_width=("land_mu",),
        numbered=True,
    )
    prospects = Ledger(
        "招商台账",
        "prospects",
        title="赴深圳等地招商线索台账",
        unit_line="单位：亩、万元",
        blank="—",
        totals=("planned_investment_wan",),
    )
    write_workbook(
        folder / "项目意向台账.xlsx",
        [
            (candidates, _held(town, "candidates")),
            (Ledger("可选园区", "placements"), _held(town, "placements")),
            (Ledger("资源需求", "candidate_uses"), _held(town, "candidate_uses")),
            (prospects, _held(town, "prospects")),
            (Ledger("储备项目", "projects", blank="/"), _held(town, "projects")),
        ],
    )


def _finance_office(town: Town, folder: Path) -> None:
    budget = Ledger(
        "资金计划",
        "budget",
        title="改造资金与办理能力年度计划",
        unit_line="单位：万元、亩、人月    注：专项债未获批前债务上限为0",
        headers={"year": "年度"},
        totals=("own_funds_wan",),
        full_width=("own_funds_wan",),
    )
    write_workbook(folder / "资金计划.xlsx", [(budget, _held(town, "budget"))])


def _economy_office(town: Town, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    firms = _held(town, "firms").drop(columns="firm_id")
    ledger = Ledger("企业名录", "firms", headers={"capital_wan": "注册资本（万元）", "village_id": "所属村（居）"})
    lines = [[ledger.headers.get(str(c), schema.label("firms", str(c), "zh")) for c in firms.columns]]
    records: list[dict[str, Any]] = [{str(k): v for k, v in r.items()} for r in firms.to_dict("records")]
    # What such registers hold beside good rows: a line typed twice and a code that a spreadsheet turned into a number.
    broken = {**records[0], "name": "古镇合成待核企业（示例）", "credit_code": "9.1442E+17"}
    for number, record in enumerate([*records, records[4], broken]):
        lines.append([_plain(cell(ledger, name, value, number)) for name, value in record.items()])
    text = "".join(",".join(_quoted(part) for part in line) + "\r\n" for line in lines)
    (folder / "企业名录.csv").write_bytes(text.encode("gbk"))
    years = Ledger(
        "企业经营",
        "firm_years",
        title="企业年度经营情况",
        unit_line="单位：万元、㎡",
        headers={"year": "年度", "main_revenue_wan": "主营业务收入（万元）"},
        blank="—",
    )
    facts = Ledger("企业事项", "firm_facts", title="梯度培育摸底事项", blank="/")
    write_workbook(
        folder / "企业经营情况.xlsx", [(years, _held(town, "firm_years")), (facts, _held(town, "firm_facts"))]
    )


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _quoted(text: str) -> str:
    return f'"{text}"' if "," in text or '"' in text else text


def _park_office(town: Town, folder: Path) -> None:
    parks = Ledger("园区参数", "parks", title="六个园区参数表", unit_line="单位：亩、万元/亩")
    works = Ledger("公共工程", "works", title="公共工程储备", unit_line="单位：万元", blank="/", totals=("cost_wan",))
    targets = Ledger("年度目标任务", "targets", title="年度目标任务分解表", blank="—", numbered=True)
    write_workbook(
        folder / "园区参数.xlsx",
        [
            (parks, _held(town, "parks")),
            (Ledger("资源供应", "park_supply"), _held(town, "park_supply")),
            (Ledger("配套扩容", "utility_steps"), _held(town, "utility_steps")),
            (Ledger("配套设施", "facilities"), _held(town, "facilities")),
            (works, _held(town, "works")),
            (Ledger("工程新增资源", "work_supplies"), _held(town, "work_supplies")),
        ],
    )
    write_workbook(folder / "指标分解表.xlsx", [(targets, _held(town, "targets"))])


def _outlines(town: Town, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    parcels = _held(town, "parcels")
    ordered = ["village_id", *(name for name in parcels.columns if name != "village_id")]
    ledger = Ledger(
        "宗地台账", "parcels", title="工业用地宗地台账", unit_line="单位：亩、㎡、万元", merged="village_id"
    )
    write_workbook(
        folder / "宗地台账.xlsx",
        [
            (ledger, parcels[ordered].sort_values(["village_id", "parcel_id"])),
            (Ledger("地块宗地", "site_parcels"), _held(town, "site_parcels")),
            (Ledger("村居", "villages", title="村（居）基本情况", blank="—"), _held(town, "villages")),
        ],
    )
    for name, word in OUTLINES.items():
        key = schema.table(name).key[0]
        shapes = gpd.GeoDataFrame(town[name])[[key, "geometry"]]
        (folder / f"{word}.geojson").write_text(shapes.to_json(drop_id=True, ensure_ascii=False), encoding="utf-8")
    for name, word in {"roads": "道路", "places": "地点"}.items():
        shapes = gpd.GeoDataFrame(town[name])
        (folder / f"{word}.geojson").write_text(shapes.to_json(drop_id=True, ensure_ascii=False), encoding="utf-8")


def _main_office(town: Town, folder: Path) -> None:
    plain = [(Ledger(schema.table(name).zh.removesuffix("表"), name), _held(town, name)) for name in PLAIN_TABLES]
    write_workbook(folder / "综合资料.xlsx", plain)
    _write_settings(town, folder / "参数.xlsx")


def _write_settings(town: Town, path: Path) -> None:
    content = town.settings.content()
    rows: list[tuple[str, Any, str]] = []
    for section in ("town", "plan"):
        for key, value in content[section].items():
            if key in YUAN_PER_M2:
                rows.append((parameter_label(key), round(value * 10_000, 6), "元/㎡"))
            else:
                rows.append((parameter_label(key), PARAMETER_WORDS.get(str(value), value), UNITS.get(key, "")))
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": MADE})
        sheet = book.add_worksheet("参数")
        sheet.write_row(0, 0, ["参数", "数值", "单位"])
        for row, line in enumerate(rows, start=1):
            sheet.write_row(row, 0, line)
