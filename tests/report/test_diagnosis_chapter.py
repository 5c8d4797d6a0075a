"""The diagnosis chapter: read from its folder, told in both languages, traced; refused when it is about other figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from conftest import MadePlan

from zhenxing import schema
from zhenxing.diagnosis.chains import load_chain
from zhenxing.diagnosis.diagnosing import diagnose
from zhenxing.diagnosis.files import write_diagnosis
from zhenxing.diagnosis.parts import PARTS, DiagnoseOptions
from zhenxing.report import ReportOptions, write_report
from zhenxing.report.blocks import Figure, Heading, Table, texts
from zhenxing.report.diagnosis import PAGES, firm_names
from zhenxing.report.diagnosis_figures import diagnosis_drawers
from zhenxing.report.facts import Facts, gather
from zhenxing.report.firm_pages import SECTIONS, firm_pages, firms_shown
from zhenxing.report.sections import document
from zhenxing.report.sections.diagnosis_chain import chain_rows
from zhenxing.town import Town

ROOT = Path(__file__).parent.parent.parent
LAMP_FIRM = "甲灯饰厂（合成）"


def tables() -> dict[str, pd.DataFrame]:
    revenue = {"a": 1900.0, "b": 100.0, "c": 450.0}
    frames = {
        "firms": pd.DataFrame(
            {
                "firm_id": list(revenue),
                "name": [LAMP_FIRM, "乙电源厂（合成）", "丙灯饰店（合成）"],
                "scope": ["照明器具制造", "LED驱动电源制造", "灯具销售"],
                "industry_code": ["3872", "3879", "5282"],
                "industry_edition": "2017",
            }
        ),
        "firm_years": pd.DataFrame(
            [
                {"firm_id": firm, "year": year, "revenue_wan": money, "output_wan": money, "tax_wan": 0.03 * money}
                for firm, money in revenue.items()
                for year in range(2020, 2026)
            ]
        ).assign(land_mu=[5.0] * 6 + [2.0] * 6 + [1.0] * 6, design_patents=1.0),
        "links": load_chain("lighting")[0][["link_id", "name_zh", "name_en", "keywords", "codes"]],
        "link_inputs": pd.DataFrame({"upstream_id": ["DRV", "CHIP"], "downstream_id": "LAMP", "share": [0.1, 0.05]}),
        "peers": pd.DataFrame({"peer_id": ["own", "x", "y"], "name": ["本镇", "甲镇", "乙镇"], "kind": "town"}),
        "peer_values": pd.DataFrame(
            {"peer_id": ["own", "x", "y"], "indicator": "tax_per_mu", "year": 2025, "value": [9.0, 12.0, 14.0]}
        ),
        "indicators": pd.DataFrame(
            {
                "indicator": ["tax_per_mu"],
                "name_zh": ["亩均税收"],
                "unit": ["万元/亩"],
                "direction": "up",
                "kind": "level",
            }
        ),
    }
    return {name: schema.conform(name, frame)[0] for name, frame in frames.items()}


@pytest.fixture(scope="module")
def diagnosed(town: Town) -> Town:
    return town.replace(**tables())


@pytest.fixture(scope="module")
def folder(diagnosed: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("results") / "diagnosis"
    write_diagnosis(diagnose(diagnosed, DiagnoseOptions(home="own", visits=10)), place)
    return place


@pytest.fixture(scope="module")
def told(diagnosed: Town, plan: MadePlan, options: ReportOptions, folder: Path) -> Facts:
    return gather(diagnosed, plan, replace(options, diagnosis=folder))


def table_of(facts: Facts, words: str) -> Table:
    return next(one for one in document(facts, {}).blocks if isinstance(one, Table) and words in one.title)


def test_without_a_diagnosis_there_is_no_chapter(facts: Facts) -> None:
    assert "现状诊断" not in "\n".join(texts(document(facts, {})))
    assert diagnosis_drawers(facts) == {}


def test_the_chapter_has_its_parts(told: Facts) -> None:
    headings = [one.text for one in document(told, {}).blocks if isinstance(one, Heading)]
    for words in ("现状诊断", "产业链与缺口", "企业梯度", "规上线监测", "亩均评价", "对标", "设计、品牌与新品"):
        assert any(words in heading for heading in headings), words


def test_the_gap_table_says_what_the_tables_say(told: Facts) -> None:
    rows = {row[0]: row for row in table_of(told, "各环节的供给").rows}
    assert rows["驱动电源"][3:6] == ("190", "53%", "90")
    assert rows["LED芯片"][5] == "95"
    assert rows["LED芯片"][9] == "缺失"
    gaps = chain_rows(told)["gap_wan"].tolist()
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[:2] == pytest.approx([95.0, 90.0])


def test_rewards_say_whether_the_plan_used_them(told: Facts) -> None:
    assert {row[3] for row in table_of(told, "补链价值").rows} == {"未采用（城镇另有填写或未 --apply）"}


def test_every_figure_and_table_names_its_source(told: Facts, tmp_path: Path) -> None:
    pictures = {name: tmp_path / f"{name}.png" for name in diagnosis_drawers(told)}
    chapter = [one for one in document(told, pictures).blocks if isinstance(one, Table | Figure)]
    own = [one for one in chapter if "zhenxing diagnose" in one.source]
    assert len(own) >= 8
    assert all(any(page in one.source for page in PAGES.values()) for one in own)
    assert sum(isinstance(one, Figure) for one in own) >= 4


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_of_the_formulas_exist(language: str) -> None:
    assert set(PAGES) == {part.name for part in PARTS}
    for page in PAGES.values():
        assert (ROOT / "docs" / language / "concepts" / f"{page}.md").is_file(), page


def test_english_is_whole(diagnosed: Town, plan: MadePlan, options: ReportOptions, folder: Path) -> None:
    facts = gather(diagnosed, plan, replace(options, diagnosis=folder, language="en"))
    rows = {row[0]: row for row in table_of(facts, "Supply, demand, gap").rows}
    assert rows["LED chips"][9] == "missing"
    heads = [one.text for one in document(facts, {}).blocks if isinstance(one, Heading)]
    assert "Threshold watch" in heads


def test_the_outward_edition_names_no_firm(
    diagnosed: Town, plan: MadePlan, options: ReportOptions, folder: Path, tmp_path: Path
) -> None:
    facts = gather(diagnosed, plan, replace(options, diagnosis=folder, edition="outward"))
    assert LAMP_FIRM not in "\n".join(texts(document(facts, {})))
    assert not diagnosis_drawers(facts)["watch"][1]
    write_report(diagnosed, plan, tmp_path, replace(options, diagnosis=folder, edition="outward"))
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx", read_only=True)
    cells = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert LAMP_FIRM not in cells


def test_the_files_hold_the_chapter(
    diagnosed: Town, plan: MadePlan, options: ReportOptions, folder: Path, tmp_path: Path
) -> None:
    written = write_report(diagnosed, plan, tmp_path, replace(options, diagnosis=folder))
    names = {path.name for path in written.paths}
    assert {"chain_graph.png", "chain_gaps.png", "ladder.png", "output_per_mu.png"} <= names
    assert written.missing_glyphs == ""
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx", read_only=True)
    assert {"诊断-产业链", "诊断-补链价值", "诊断-规上线", "诊断-亩均"} <= set(book.sheetnames)
    sheet = book["诊断-产业链"]
    assert "合成" in str(next(iter(sheet.iter_rows(min_row=2, max_row=2, values_only=True)))[0])
    write_report(diagnosed, plan, tmp_path, options)
    assert not (tmp_path / "figures" / "chain_graph.png").exists()


def test_a_diagnosis_of_other_figures_is_left_out_and_named(
    diagnosed: Town, plan: MadePlan, options: ReportOptions, folder: Path, tmp_path: Path
) -> None:
    other = diagnosed.replace(firm_years=diagnosed["firm_years"].assign(revenue_wan=1.0))
    facts = gather(other, plan, replace(options, diagnosis=folder))
    assert facts.diagnosis.state == "other_inputs"
    page = "\n".join(texts(document(facts, {})))
    assert "是用另一些数据做的" in page
    written = write_report(other, plan, tmp_path, replace(options, diagnosis=folder))
    assert any("diagnosis" in warning.en for warning in written.warnings)
    absent = gather(diagnosed, plan, replace(options, diagnosis=tmp_path / "nothing"))
    assert absent.diagnosis.state == "unreadable"


def test_firms_to_look_after_get_a_page_each(
    diagnosed: Town, plan: MadePlan, options: ReportOptions, folder: Path, tmp_path: Path
) -> None:
    facts = gather(diagnosed, plan, replace(options, diagnosis=folder))
    booklet = firm_pages(facts)
    assert booklet is not None
    titles = [one.text for one in booklet.blocks if isinstance(one, Heading) and one.level == 1]
    assert titles == [firm_names(facts)[firm] for firm in firms_shown(facts)]
    assert LAMP_FIRM in titles
    written = write_report(diagnosed, plan, tmp_path, replace(options, diagnosis=folder))
    assert tmp_path / "firm-pages.docx" in written.paths
    outward = replace(options, diagnosis=folder, edition="outward")
    assert firm_pages(gather(diagnosed, plan, outward)) is None
    write_report(diagnosed, plan, tmp_path, outward)
    assert not (tmp_path / "firm-pages.docx").exists()


def test_every_section_of_a_firms_page_has_a_heading(told: Facts) -> None:
    assert set(told.diagnosis.tables["firm_pages"]["section"]) <= set(SECTIONS)
