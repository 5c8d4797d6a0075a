"""Write docs/tables.md and docs/tables.zh.md from the declarations of the tables.

Run ``python scripts/tables_page.py`` after changing ``src/zhenxing/schema``; a test compares the pages with it.
"""

from __future__ import annotations

from pathlib import Path

from zhenxing.i18n import LANGUAGES, Language
from zhenxing.schema import Column, TableSchema, tables, unit_label

PAGES: dict[Language, Path] = {
    "zh": Path(__file__).parent.parent / "docs" / "tables.zh.md",
    "en": Path(__file__).parent.parent / "docs" / "tables.md",
}
WORDS: dict[Language, dict[str, str]] = {
    "zh": {
        "title": "数据表",
        "made": "本页由 `scripts/tables_page.py` 根据 `src/zhenxing/schema` 生成，请勿手工修改。",
        "columns": "列 | 名称 | 类型 | 单位 | 必填或默认 | 含义",
        "required": "必填",
        "none": "可空",
        "key": "键",
        "keyless": "无键",
        "geometry": "图形",
        "choices": "取值",
        "reference": "指向",
        "first_plan_year": "规划首年",
        "last_plan_year": "规划末年",
        "unlimited": "不限",
        "at_least": "不小于 {}",
        "within": "{} 至 {}",
        "contents": "目录",
    },
    "en": {
        "title": "Tables",
        "made": "This page is made by `scripts/tables_page.py` from `src/zhenxing/schema`; do not edit it by hand.",
        "columns": "column | label | type | unit | required or default | meaning",
        "required": "required",
        "none": "may be empty",
        "key": "key",
        "keyless": "no key",
        "geometry": "geometry",
        "choices": "one of",
        "reference": "refers to",
        "first_plan_year": "first plan year",
        "last_plan_year": "last plan year",
        "unlimited": "unlimited",
        "at_least": "{} or more",
        "within": "{} to {}",
        "contents": "Contents",
    },
}
GROUPS: dict[Language, dict[str, str]] = {
    "zh": {
        "plan_inputs": "规划输入表",
        "plan_results": "规划结果表",
        "land": "土地与地图",
        "firms": "企业",
        "chain": "产业链",
        "pipeline": "招商与项目",
        "targets": "指标与对标",
        "diagnosis": "诊断结果表",
        "records": "记录",
    },
    "en": {
        "plan_inputs": "Inputs of the plan",
        "plan_results": "Results of the plan",
        "land": "Land and map",
        "firms": "Firms",
        "chain": "Industry chain",
        "pipeline": "Prospects and projects",
        "targets": "Indicators and peers",
        "diagnosis": "Results of the diagnosis",
        "records": "Records",
    },
}
INTRODUCTION: dict[Language, str] = {
    "zh": """\
金额单位万元（`_wan`），土地单位亩（`_mu`，1 亩 = 2000/3 平方米），建筑面积单位平方米（`_m2`），人力单位人月（
`_months`）。年份都是公历年。编号都是文字（`0011` 就是 `0011`），空单元格取默认值，是否类写 true/false 或 1/0。
未定义的列原样保留并提示。

## 存放方式

一个镇可以放在一个**文件夹**里，也可以放在一个 **GeoPackage** 文件（`.gpkg`，QGIS 可直接打开）里，内容相同。

- 文件夹：`town.toml`（设置）；每张表一个 CSV（UTF-8、逗号分隔、首行为列名）；图形放在旁边的 `表名.geojson`（
  EPSG:4490 经纬度，只有编号和图形）；没有 CSV 时，GeoJSON 的属性就是列。每个文件先写临时名再改名，
  `manifest.json` 最后写成，因此每张表不是旧的就是新的；写入中断会被指出。
- GeoPackage：每张表一个图层或属性表，设置在 `town_settings`，每行有 `row_version`（每次改动加 1），被改动的旧行
  在 `history`。整镇写入先写副本再替换；逐行修改要写明读到的版本，行在此期间被别人改过则拒绝写入。
- 保存的结果：文件夹里是 `runs/<run_id>/`，GeoPackage 里是 `runs` 表和首列为 `run_id` 的结果表（与镇内表同名的加
  前缀 `run_`）。
""",
    "en": """\
Money in wan yuan, ten thousand yuan (`_wan`), land in mu (`_mu`, 1 mu = 2000/3 m2), floor in square metres
(`_m2`), effort in person-months (`_months`). Years are calendar years. Ids are text (`0011` stays `0011`), an
empty cell takes its default, booleans are true/false or 1/0. Columns that are not declared are kept and
reported.

## On disk

A town is kept in a **folder** or in one **GeoPackage** file (`.gpkg`, opens in QGIS); both hold the same.

- Folder: `town.toml` (settings); one CSV per table (UTF-8, comma, header); shapes beside it as `TABLE.geojson`
  (EPSG:4490 longitude and latitude, the id and the shape only); where there is no CSV the properties of the
  GeoJSON are the columns. Each file is written under a temporary name and then moved, `manifest.json` last, so
  each table is old or new, never half; a write that was broken off is named.
- GeoPackage: each table a layer or an attribute table, settings in `town_settings`, `row_version` on every row
  (+1 per change), what changed rows were before in `history`. A whole town is written to a copy that takes the
  file's place; a change of single rows names the versions it read and is refused when a row was changed
  meanwhile.
- Kept results: `runs/<run_id>/` in a folder; in a GeoPackage the table `runs` and result tables that begin with
  `run_id` (with `run_` before their name where the town has a table of that name).
""",
}


def page(language: Language) -> str:
    """Return the page of tables in one language."""
    words = WORDS[language]
    groups: dict[str, list[TableSchema]] = {}
    for declared in tables().values():
        groups.setdefault(declared.group, []).append(declared)
    lines = [f"# {words['title']}", "", words["made"], "", INTRODUCTION[language], f"## {words['contents']}", ""]
    for group, members in groups.items():
        names = ", ".join(f"[{declared.name}](#{declared.name})" for declared in members)
        lines.append(f"- {GROUPS[language][group]}: {names}")
    for group, members in groups.items():
        lines += ["", f"## {GROUPS[language][group]}"]
        for declared in members:
            lines += _section(declared, language)
    return "\n".join(lines) + "\n"


def _section(declared: TableSchema, language: Language) -> list[str]:
    words = WORDS[language]
    title = declared.zh if language == "zh" else declared.en
    meaning = declared.meaning_zh if language == "zh" else declared.meaning_en
    key = f"{words['key']}: {' + '.join(declared.key)}" if declared.key else words["keyless"]
    facts = [key, f"{words['geometry']}: {declared.geometry}"] if declared.geometry else [key]
    lines = [
        "",
        f'<a id="{declared.name}"></a>',
        "",
        f"### {declared.name} {title}",
        "",
        f"{meaning} ({'; '.join(facts)})",
    ]
    lines += ["", f"| {words['columns']} |", "|---|---|---|---|---|---|"]
    return lines + [_line(column, language) for column in declared.columns.values()]


def _line(column: Column, language: Language) -> str:
    words = WORDS[language]
    text = column.zh if language == "zh" else column.en
    meaning = column.meaning_zh if language == "zh" else column.meaning_en
    if column.choices:
        labels = zip(column.choices, column.choices_zh, strict=True)
        shown = [f"`{choice}` {label}" if language == "zh" else f"`{choice}`" for choice, label in labels]
        meaning += f" {words['choices']}: {', '.join(shown)}."
    if column.reference:
        meaning += f" {words['reference']} `{column.reference}`."
    name = f"**{column.name}**" if column.key else column.name
    kind = column.type + (f" ({_range(column, words)})" if _range(column, words) else "")
    return f"| {name} | {text} | {kind} | {unit_label(column.unit, language)} | {_given(column, words)} | {meaning} |"


def _range(column: Column, words: dict[str, str]) -> str:
    if column.minimum is None:
        return ""
    if column.maximum is None:
        return words["at_least"].format(f"{column.minimum:g}")
    return words["within"].format(f"{column.minimum:g}", f"{column.maximum:g}")


def _given(column: Column, words: dict[str, str]) -> str:
    if column.required:
        return words["required"]
    if column.default == "":
        return words["none"]
    if column.default in words:
        return f"[{words[column.default]}]"
    return f"[{column.default.removeprefix('of:')}]"


if __name__ == "__main__":
    for spoken in LANGUAGES:
        PAGES[spoken].write_text(page(spoken), encoding="utf-8")
