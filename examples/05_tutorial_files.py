"""The files of the tutorial: three untidy workbooks, what the user adds to the template, what he mends.

All numbers are synthetic. Run without arguments it plays the whole tutorial in a temporary folder::

    python examples/05_tutorial_files.py                     # everything, then forgotten
    python examples/05_tutorial_files.py three FOLDER        # 企业名录.xlsx, 工改地块台账.xlsx, 资金计划.xlsx
    python examples/05_tutorial_files.py fill WORKBOOK       # types the tutorial's rows into the template
    python examples/05_tutorial_files.py mend WORKBOOK       # mends the marked cells of the workbook of issues
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

FIRMS = (
    ("企业名称", "统一社会信用代码", "成立日期", "注册资本（万元）", "行业代码", "经营范围", "注册地址"),
    (
        "甲灯饰厂（合成）",
        "91350100M000100Y43",
        "2009.5",
        "200",
        "3872",
        "生产、销售：灯饰",
        "中山市古镇镇冈南村1号",
    ),
    (
        "乙五金厂（合成）",
        "91110000101623741K",
        "2012年3月",
        "50万元",
        "3389",
        "加工：五金件",
        "中山市古镇镇曹二村2号",
    ),
    ("丙喷涂厂（合成）", "91310115MA1H8R7C6D", "2015-08-20", "10万美元", "3360", "喷涂加工", "中山市古镇镇海洲3号"),
    ("合计", "", "", "", "", "", ""),
)
SITES = (
    ("二〇二六年工改地块台账（合成示例）", *[""] * 6),
    ("填报单位：三旧改造办    填报日期：2026.10", *[""] * 6),
    ("序号", "地块编号", "地块名称", "所属园区", "用地面积（㎡）", "现状建筑面积（㎡）", "备注"),
    (1, "D01", "冈南一号", "东园", 40000, 30000, ""),
    (2, "D02", "冈南二号", "东园", 33333, 26000, ""),
    (3, "D03", "曹二旧厂", "东园", 26667, 22000, "/"),
    (4, "D04", "曹二仓库", "西园", 53333, 38000, ""),
    (5, "D05", "海洲旧厂", "西园", "待测", 18000, "面积待测"),
    (6, "D06", "海洲二厂", "西园", 46667, 35000, ""),
    ("合计", "", "", "", 200000, 169000, ""),
)
MODES = (
    ("地块编号", "改造方式", "财政投入（万元）", "可供地比例（%）", "需完善手续面积（亩）", "实施年限（年）"),
    ("D01", "政府收储", 4200, 78, 40, 2),
    ("D02", "政府收储", 3500, 80, 12, 2),
    ("D03", "合作改造", 1100, 55, 10, 3),
    ("D04", "政府收储", 5600, 79, 30, 2),
    ("D04", "合作改造", 2100, 56, 30, 3),
    ("D05", "政府收储", 2600, 80, 20, 2),
    ("D06", "政府收储", 5100, 78, 25, 2),
    ("D06", "综合整治", 150, 8, 0, 1),
)
BUDGET = (
    ("改造资金计划（合成示例）", "", "", ""),
    ("年度", "财政自有资金（亿元）", "手续办理能力（亩）", "拆除整理能力（亩）"),
    ("2027年", 0.35, 60, 100),
    ("2028年", 0.36, 60, 100),
    ("2029年", 0.37, 60, 100),
    ("2030年", 0.38, 60, 100),
    ("2031年", 0.39, 60, 100),
)
THREE = {
    "企业名录.xlsx": {"企业名录": FIRMS},
    "工改地块台账.xlsx": {"地块台账": SITES, "改造方式": MODES},
    "资金计划.xlsx": {"资金计划": BUDGET},
}

# What the user types into the template, sheet by sheet and column by column.
TYPED: dict[str, list[dict[str, object]]] = {
    "园区表": [
        {"园区编号": "东园", "现有空地面积（亩）": 6, "镇级土地净收益（万元/亩）": 26},
        {"园区编号": "西园", "现有空地面积（亩）": 10, "镇级土地净收益（万元/亩）": 24},
    ],
    "拟落户项目表": [
        {
            "项目编号": name,
            "项目名称": f"{name}（合成）",
            "产业链环节": link,
            "用地需求（亩）": land,
            "预计年税收（万元/年）": tax,
            "预计年增加值（万元/年）": added,
            "预计年产值（万元/年）": output,
            "落地概率（0—1）": chance,
            "最早落地年份": first,
        }
        for name, link, land, tax, added, output, chance, first in (
            ("封装一厂", "PKG", 30, 960, 6600, 30000, 0.9, 2027),
            ("驱动一厂", "DRV", 12, 420, 2600, 12000, 0.6, 2028),
            ("灯具一厂", "LAMP", 18, 450, 2900, 14000, 0.5, 2029),
            ("灯具二厂", "LAMP", 9, 240, 1500, 7000, 1.0, 2027),
            ("喷涂中心", "SURF", 15, 380, 2300, 10000, 0.7, 2029),
        )
    ],
    "可选落位表": [
        {"项目编号": name, "园区编号": park}
        for name, parks in (
            ("封装一厂", ("东园", "西园")), ("驱动一厂", ("东园",)), ("灯具一厂", ("东园", "西园")),
            ("灯具二厂", ("西园",)), ("喷涂中心", ("西园",)),
        )
        for park in parks
    ],
    "年度目标表": [
        {"指标": "累计拆除整理面积", "考核年份": year, "目标值": target, "每单位缺口代价（万元/单位）": 5}
        for year, target in ((2028, 100), (2030, 180))
    ],
}  # fmt: skip
# Settings of the plan; a sheet called 参数 with these two columns can stand in any workbook.
SETTINGS = (
    ("参数", "数值"),
    ("镇名", "示例镇（合成）"),
    ("行政区划代码", "442000105"),
    ("数据说明", "合成数据，仅作示例"),
    ("基准年", 2026),
    ("规划年数", 5),
    ("税收留成比例", "25%"),
)


def write_three(folder: Path) -> None:
    """Write the three workbooks that the town office has."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, sheets in THREE.items():
        book = Workbook()
        book.remove(book.worksheets[0])
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            _append(sheet, rows)
            for line, row in enumerate(rows, start=1):
                if row[1] == "" and row[0] != "合计":
                    sheet.merge_cells(start_row=line, end_row=line, start_column=1, end_column=len(row))
        book.save(folder / file)


def fill_template(path: Path) -> None:
    """Type the tutorial's rows into a template and add the sheet of settings."""
    book = load_workbook(path)
    for title, rows in TYPED.items():
        sheet = book[title]
        place = {cell.value: cell.column for cell in sheet[1]}
        for line, row in enumerate(rows, start=3):
            for header, value in row.items():
                sheet.cell(line, place[header], value)
    _append(book.create_sheet("参数"), SETTINGS)
    book.save(path)


def mend_issues(path: Path) -> None:
    """Mend the site's area and the firm's code in the workbook of issues, as the sender would."""
    book = load_workbook(path)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value == "待测":
                    cell.value = 30000
                elif cell.value == "91310115MA1H8R7C6D":
                    cell.value = None
    book.save(path)


def _append(sheet: Any, rows: Sequence[Sequence[object]]) -> None:
    for row in rows:
        sheet.append([None if value == "" else value for value in row])


def play() -> None:
    """Play the tutorial from Python and print what came of it."""
    import zhenxing
    from zhenxing.importers import write_issues
    from zhenxing.schema.workbook import write_template

    with tempfile.TemporaryDirectory() as place:
        write_three(Path(place, "files"))
        first = zhenxing.import_files(Path(place, "files"))
        print(f"first import: {len(first.town['sites'])} sites, {int(first.accounts['listed'].sum())} rows listed")
        template, issues = Path(place, "more.xlsx"), Path(place, "issues.xlsx")
        write_template(template, ["parks", "candidates", "placements", "targets"])
        fill_template(template)
        more = zhenxing.import_files(template, first.town)
        for path in write_issues(first, issues):
            mend_issues(path)
            more = zhenxing.import_files(path, more.town)
        print(f"mended: {len(more.town['sites'])} sites, {len(more.town['candidates'])} candidates")
        result = zhenxing.plan(more.town, zhenxing.PlanOptions(work=50))
        print(f"plan: {result.summary['status']}, {result.summary['value_wan']:,.1f} 万元")
        print(result.tables["plan_sites"].to_string(index=False))


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            play()
        case ["three", folder]:
            write_three(Path(folder))
        case ["fill", workbook]:
            fill_template(Path(workbook))
        case ["mend", workbook]:
            mend_issues(Path(workbook))
        case _:
            sys.exit(__doc__)
