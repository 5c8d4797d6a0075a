"""The whole report of the hand-made town: files open, numbers agree, names hide, languages and origins are complete."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import docx
import openpyxl
import pypdf
import pytest
from conftest import NOTE, OTHER_SECRET, SECRET, MadePlan

from zhenxing.planning.checker import evaluate
from zhenxing.report import ReportOptions, WrittenReport, build_report, clear_older, write_report
from zhenxing.report.blocks import texts
from zhenxing.report.facts import gather
from zhenxing.report.sections import document
from zhenxing.report.word import write_word
from zhenxing.report.workbook import write_workbook
from zhenxing.town import Town

CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def word_texts(path: Path) -> list[str]:
    word = docx.Document(str(path))
    cells = [cell.text for table in word.tables for cell in table._cells]
    return [
        *(paragraph.text for paragraph in word.paragraphs),
        *cells,
        *(p.text for p in word.sections[0].footer.paragraphs),
    ]


def sheet_texts(path: Path) -> list[str]:
    book = openpyxl.load_workbook(path, data_only=True)
    cells = [
        str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row if value is not None
    ]
    feet = [str(sheet.oddFooter.left.text) for sheet in book]
    return [*book.sheetnames, *cells, *feet]


def pdf_text(path: Path) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


@cache
def everything(out: Path) -> str:
    drawings = [path.read_text(encoding="utf-8") for path in (out / "figures").glob("*.svg")]
    return "\n".join(
        [*word_texts(out / "report.docx"), *sheet_texts(out / "plan.xlsx"), pdf_text(out / "report.pdf"), *drawings]
    )


def page_texts(town: Town, plan: MadePlan, options: ReportOptions) -> list[str]:
    """The text of the report without drawing or writing anything."""
    return texts(document(gather(town, plan, options), {}))


@pytest.fixture(scope="module")
def written(
    town: Town, plan: MadePlan, options: ReportOptions, tmp_path_factory: pytest.TempPathFactory
) -> WrittenReport:
    return write_report(town, plan, tmp_path_factory.mktemp("internal"), options)


@pytest.fixture(scope="module")
def outward(
    town: Town, plan: MadePlan, options: ReportOptions, tmp_path_factory: pytest.TempPathFactory
) -> WrittenReport:
    return write_report(town, plan, tmp_path_factory.mktemp("outward"), replace(options, edition="outward"))


def test_files_are_written_and_sound(written: WrittenReport) -> None:
    assert [path.name for path in written.paths[:3]] == ["report.docx", "plan.xlsx", "report.pdf"]
    assert {path.stem for path in written.paths[3:]} == {"map", "money", "land", "chain"}
    assert all(path.stat().st_size > 1000 for path in written.paths)
    assert written.is_sound
    assert written.missing_glyphs == ""


def test_first_page_answers_the_question_with_its_arithmetic(written: WrittenReport) -> None:
    text = "\n".join(word_texts(written.paths[0]))
    # 400 mu scope; s4 (20) was done, s1 and s2 (100) start: 120 cleared; released 10 + 20 + 30
    assert "到 2029 年底，累计清理 120.0 亩，占 30.0%；累计可供地 60.0 亩，占 15.0%" in text
    # 100 / 3 = 33.3 a year; 380 left takes 11.4 years from 2026
    assert "380.0 亩 ÷ 33.3 = 11.4 年，即 2038 年清完" in text
    assert "每年须清理 33.3×2＝66.7 亩" in text
    assert "最多还能好 3.0%" in text


def test_word_has_the_headings_of_a_work_plan(written: WrittenReport) -> None:
    word = docx.Document(str(written.paths[0]))
    headings = [paragraph.text for paragraph in word.paragraphs if paragraph.style.name == "Heading 1"]
    assert headings == [
        "一页结论",
        "一、总体情况",
        "二、年度目标与完成情况",
        "三、用地：三旧改造年度安排",
        "四、资金平衡",
        "五、招商与产业链",
        "六、配套与公共项目",
        "七、比较与敏感性",
        "八、什么在卡，再多一点能做什么",
        "九、可能出什么岔子",
        "十、备选方案并排",
        "十一、为什么不更早",
        "十二、风险与说明",
    ]


def test_totals_equal_the_evaluation(town: Town, plan: MadePlan, written: WrittenReport) -> None:
    evaluation = evaluate(town, plan.tables)
    text = everything(written.paths[0].parent)
    assert f"{evaluation.value_wan:,.1f}" in text
    book = openpyxl.load_workbook(written.paths[1], data_only=True)
    parts = {row[0]: row[1] for row in book["价值构成"].iter_rows(min_row=5, values_only=True)}
    assert parts["合计"] == pytest.approx(evaluation.value_wan)
    assert parts["税收"] == pytest.approx(evaluation.parts["tax"])
    money = {
        (row[0], place): row[1:4] for place, row in enumerate(book["资金平衡"].iter_rows(min_row=4, values_only=True))
    }
    cash = [values for (label, _), values in money.items() if label == "年末现金"]
    assert cash[1] == pytest.approx(tuple(plan.tables["plan_finance"]["cash_wan"]))


def test_sums_in_the_workbook_are_formulas_with_their_values(written: WrittenReport) -> None:
    formulas = openpyxl.load_workbook(written.paths[1])["资金平衡"]
    values = openpyxl.load_workbook(written.paths[1], data_only=True)["资金平衡"]
    found = {formulas.cell(row, 1).value: row for row in range(4, 25)}
    row = found["支出合计"]
    assert str(formulas.cell(row, 2).value).startswith("=SUM(")
    assert values.cell(row, 2).value == pytest.approx(300 + 100 + 50 + 300 + 60)


def test_every_table_and_figure_has_its_origin(written: WrittenReport) -> None:
    paragraphs = [paragraph.text for paragraph in docx.Document(str(written.paths[0])).paragraphs]
    captions = [text for text in paragraphs if re.match(r"(表|图)\d+ ", text)]
    sources = [text for text in paragraphs if text.startswith("来源：")]
    assert len(captions) == len(sources) > 15
    assert any("地块台账.xlsx / 台账，数据截至2026-10-01" in text for text in sources)


def test_age_of_inputs_is_printed(written: WrittenReport) -> None:
    text = "\n".join(word_texts(written.paths[0]))
    assert "有 1 张输入表的数据超过 90 天：拟落户项目表" in text
    assert "没有数据日期" in text
    sheet = openpyxl.load_workbook(written.paths[1])["数据来源"]
    states = {row[1]: row[7] for row in sheet.iter_rows(min_row=5, values_only=True)}
    assert (states["candidates"], states["sites"], states["budget"]) == ("过期", "正常", "不详")


def test_unsigned_income_that_pays_is_warned_about(written: WrittenReport) -> None:
    text = "\n".join(word_texts(written.paths[0]))
    assert "2028、2029 年末现金为负" in text
    assert "2028 年 50 万元" in text


def test_note_about_the_data_is_on_every_page_and_sheet(written: WrittenReport) -> None:
    assert NOTE in docx.Document(str(written.paths[0])).sections[0].footer.paragraphs[0].text
    book = openpyxl.load_workbook(written.paths[1])
    assert all(NOTE in str(sheet["A2"].value) for sheet in book)
    pages = [re.sub(r"\s", "", page.extract_text()) for page in pypdf.PdfReader(written.paths[2]).pages]
    assert all("合成数据" in page for page in pages)


def test_chain_before_counts_who_is_here(written: WrittenReport) -> None:
    sheet = openpyxl.load_workbook(written.paths[1], data_only=True)["产业链"]
    rows = {row[0]: row[1:] for row in sheet.iter_rows(min_row=5, values_only=True)}
    # packaging: 1,400 wanted, 200 here, 0.5 x 1,000 lands
    assert rows["封装"][:4] == (1400, 200, pytest.approx(1 / 7), 700)
    assert rows["驱动"][2] == 0


def test_outward_hides_unsigned_firms_everywhere(outward: WrittenReport, written: WrittenReport) -> None:
    inside, outside = everything(written.paths[0].parent), everything(outward.paths[0].parent)
    assert SECRET in inside
    assert "已签灯具厂" in outside
    for secret in (SECRET, OTHER_SECRET, "K2", "K3"):
        assert secret not in outside
    assert "意向企业A" in outside
    assert "企业退出" not in openpyxl.load_workbook(outward.paths[1]).sheetnames
    assert "附表：各村情况" not in outside
    assert "对外版：" in outside


def test_both_editions_have_the_same_totals(outward: WrittenReport, written: WrittenReport) -> None:
    def totals(path: Path) -> list[object]:
        book = openpyxl.load_workbook(path, data_only=True)
        kept = ("支出合计", "收入合计", "年末现金")
        money = [row for row in book["资金平衡"].iter_rows(min_row=4, values_only=True) if row[0] in kept]
        value = [row[1] for row in book["价值构成"].iter_rows(min_row=5, values_only=True) if row[0] == "合计"]
        return [cell for row in [*money, value] for cell in row if isinstance(cell, int | float)]

    assert totals(outward.paths[1]) == pytest.approx(totals(written.paths[1]))


def test_english_has_no_chinese_but_names(town: Town, plan: MadePlan, options: ReportOptions, tmp_path: Path) -> None:
    facts = gather(town, plan, replace(options, language="en"))
    write_word(document(facts, {}), tmp_path / "report.docx")
    write_workbook(facts, tmp_path / "plan.xlsx")
    words = {str(cell) for frame in town.tables.values() for column in frame for cell in frame[column].dropna()}
    names = sorted({NOTE, *(word for word in words if CHINESE.search(word))}, key=len, reverse=True)
    found = [*word_texts(tmp_path / "report.docx"), *sheet_texts(tmp_path / "plan.xlsx")]
    for text in found:
        for name in names:
            text = text.replace(name, "")
        assert not CHINESE.search(text), text
    assert any("when will the 400 mu be cleared" in text for text in found)


def test_a_broken_plan_is_said_first_in_red(town: Town, plan: MadePlan, options: ReportOptions, tmp_path: Path) -> None:
    landings = plan.tables["plan_landings"].assign(count=[1, 9])
    facts = gather(town, MadePlan({**plan.tables, "plan_landings": landings}, plan.summary), options)
    assert not facts.is_sound
    write_word(document(facts, {}), tmp_path / "report.docx")
    paragraphs = docx.Document(str(tmp_path / "report.docx")).paragraphs
    first = next(paragraph for paragraph in paragraphs[2:] if paragraph.text)
    assert "未通过校核" in first.text
    assert str(first.runs[0].font.color.rgb) == "C00000"


def test_another_value_than_claimed_is_said(town: Town, plan: MadePlan, options: ReportOptions) -> None:
    claimed = MadePlan(plan.tables, {**plan.summary, "value_wan": plan.summary["value_wan"] + 1})
    assert not gather(town, claimed, options).is_sound
    assert any("两者不一致" in text for text in page_texts(town, claimed, options))


def test_a_town_of_few_tables_has_a_report(town: Town, plan: MadePlan, options: ReportOptions, tmp_path: Path) -> None:
    kept = ("parks", "sites", "site_modes", "budget")
    bare = Town(town.settings, {name: town[name].drop(columns=["name"], errors="ignore") for name in kept})
    tables = {name: frame for name, frame in plan.tables.items() if name in ("plan_sites", "plan_finance")}
    facts = gather(bare, MadePlan(tables, plan.summary), options)
    write_workbook(facts, tmp_path / "plan.xlsx")
    write_word(document(facts, {}), tmp_path / "report.docx")
    text = "\n".join(word_texts(tmp_path / "report.docx"))
    assert "启动 1 宗地、40.0 亩：s1" in text
    assert "计划没有安排企业落地" in text


def test_settings_alone_have_a_report(town: Town, plan: MadePlan, options: ReportOptions, tmp_path: Path) -> None:
    paths = build_report(Town(town.settings), MadePlan({}, plan.summary), tmp_path, options)
    assert "未通过校核" in pdf_text(paths[2])


def test_an_older_report_is_replaced_and_other_files_stay(tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "chain.png").write_text("old")
    (tmp_path / "minutes.txt").write_text("mine")
    clear_older(tmp_path)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["minutes.txt"]


def test_changed_inputs_are_said(town: Town, plan: MadePlan, options: ReportOptions) -> None:
    changed = MadePlan(plan.tables, {**plan.summary, "inputs_sha256": "0" * 64})
    assert any("输入表已有改动" in text for text in page_texts(town, changed, options))
