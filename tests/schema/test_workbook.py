"""The Excel templates: headers, hints, drop-downs and comments from the declarations."""

import openpyxl
import pytest

from zhenxing import schema
from zhenxing.errors import SourceError
from zhenxing.schema.workbook import DEFAULT_TABLES, hint, is_hint_row, sheet_name, write_template


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "t.xlsx"
    assert write_template(path) == DEFAULT_TABLES
    return openpyxl.load_workbook(path)


def rules(sheet):
    return {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}


def test_one_sheet_per_table_behind_the_guide(book):
    assert book.sheetnames == ["填写说明", "参数", *(schema.table(name).zh for name in DEFAULT_TABLES)]
    assert DEFAULT_TABLES[:3] == ("firms", "sites", "budget")
    assert set(schema.PLAN_INPUT_TABLES) <= set(DEFAULT_TABLES)


def test_headers_hints_and_comments_of_sites(book):
    sheet = book["改造地块表"]
    header, hints = ([cell.value for cell in row] for row in sheet.iter_rows(min_row=1, max_row=2))
    assert header == ["地块编号", "所属园区编号", "地块名称", "用地面积（亩）", "现状建筑面积（㎡）", "是否启动地块"]
    assert hints[3] == "〔必填 · 数字，亩〕"
    assert hints[4] == "〔选填 · 数字，㎡ · 空着为 0〕"
    assert hints[5] == "〔选填 · 是/否 · 空着为 否〕"
    assert is_hint_row(hints)
    assert not is_hint_row(header)
    assert schema.table("sites").columns["area_mu"].meaning_zh in sheet["D1"].comment.text
    assert sheet.freeze_panes == "B3"
    # ids stay text: Excel would drop leading zeros
    assert sheet["A3"].number_format == "@" or sheet.column_dimensions["A"].number_format == "@"


def test_drop_downs_and_bounds(book):
    sites, candidates = rules(book["改造地块表"]), rules(book["拟落户项目表"])
    assert sites["B3"].formula1 == "'园区表'!$A$3:$A$2002"
    assert sites["F3"].formula1 == '"是,否"'
    assert (sites["D3"].type, sites["D3"].formula1) == ("decimal", "0.0")
    places = {column: at for at, column in enumerate(schema.table("candidates").columns)}
    letter = openpyxl.utils.get_column_letter
    assert candidates[f"{letter(places['kind'] + 1)}3"].formula1 == '"新引进,增资扩产,技改升级"'
    probability = candidates[f"{letter(places['probability'] + 1)}3"]
    assert (probability.formula1, probability.formula2) == ("0.0", "1.0")


def test_a_table_whose_reference_is_not_in_the_book_has_no_drop_down(tmp_path):
    write_template(tmp_path / "t.xlsx", ["sites"], "en")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames == ["Guide", "sites"]
    assert "B3" not in rules(book["sites"])
    assert book["sites"]["D1"].value == "Site area (mu)"
    assert book["sites"]["D2"].value == "〔required · number, mu〕"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_table_makes_a_sheet(tmp_path, language):
    names = list(schema.tables())
    assert write_template(tmp_path / "t.xlsx", names, language) == tuple(names)
    titles = [sheet_name(name, language) for name in names]
    assert len(set(titles)) == len(titles)
    assert all(len(title) <= 31 and not set(title) & set("[]:*?/\\") for title in titles)


@pytest.mark.parametrize(
    ("table", "column", "said"),
    [
        ("placements", "land_mu", "拟落户项目表的用地需求（亩）"),
        ("budget", "effort_months", "不限"),
        ("works", "earliest_year", "规划首年"),
        ("candidates", "kind", "新引进"),
        ("site_modes", "clears", "空着为 是"),
    ],
)
def test_hints_tell_the_default(table, column, said):
    assert said in hint(schema.table(table).columns[column])


def test_unknown_tables_and_bad_places_are_named(tmp_path):
    with pytest.raises(SourceError) as caught:
        write_template(tmp_path / "t.xlsx", ["nosuch"])
    assert "nosuch" in caught.value.text.zh
    with pytest.raises(SourceError) as caught:
        write_template(tmp_path / "nowhere" / "t.xlsx", ["sites"])
    assert "nowhere" in caught.value.text.en


def test_the_command_writes_a_template(tmp_path):
    import typer
    from typer.testing import CliRunner

    from zhenxing.cli.template import command

    app = typer.Typer()
    app.command()(command)
    done = CliRunner().invoke(app, ["sites", "budget", "--out", str(tmp_path / "t.xlsx"), "--lang", "en"])
    assert done.exit_code == 0, done.output
    assert "t.xlsx" in done.output
    assert openpyxl.load_workbook(tmp_path / "t.xlsx").sheetnames == ["Guide", "parameters", "sites", "budget"]


def test_a_filled_template_is_imported_without_loss(tmp_path):
    from zhenxing.importers.importing import import_files

    path = tmp_path / "填好的模板.xlsx"
    write_template(path)
    book = openpyxl.load_workbook(path)
    rows = {
        "园区表": [["P1", "北园", "照明", 20, 30]],
        "改造地块表": [["0011", "P1", "一号", 20, 1000, "是"], ["0012", "P1", None, 30.5]],
        "拟落户项目表": [["C1", "某公司", None, "chip", "增资扩产", 2, 20]],
        "锁定事项表": [["地块", "0011", None, "必须实施"]],
    }
    for name, records in rows.items():
        for line, record in enumerate(records, start=3):
            for place, value in enumerate(record, start=1):
                book[name].cell(line, place).value = value
    book.save(path)
    town = import_files(path).town
    assert town["sites"]["site_id"].tolist() == ["0011", "0012"]
    assert town["sites"]["is_seed"].tolist()[0] is True
    assert town["sites"]["area_mu"].tolist() == [20.0, 30.5]
    assert town["parks"].iloc[0]["vacant_mu"] == 20.0
    assert town["candidates"][["kind", "count"]].values.tolist() == [["expansion", 2]]
    assert town["locks"][["subject", "rule"]].values.tolist() == [["site", "must"]]
