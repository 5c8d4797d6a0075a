from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import msoffcrypto.format.ooxml as ooxml
import pytest
import xlwt

from zhenxing.errors import SourceError
from zhenxing.importers import ImportResult

from .conftest import codes

Book = Callable[..., Path]
Read = Callable[..., ImportResult]
SITES = [["地块编号", "所属园区编号", "用地面积（亩）"], ["S1", "P1", 10], ["S2", "P1", 20]]


def _refused(read: Read, path: Path, *words: str, **options: object) -> None:
    with pytest.raises(SourceError) as caught:
        read(path, **options)
    assert caught.value.exit_code == 2
    for word in (path.name, *words):
        assert word in caught.value.text.zh
        assert word in caught.value.text.en or not word.isascii()


def test_missing_file(tmp_path: Path, read: Read) -> None:
    _refused(read, tmp_path / "没有.xlsx")


def test_folder_without_anything_to_read(tmp_path: Path, read: Read) -> None:
    (tmp_path / "说明.docx").write_bytes(b"x")
    with pytest.raises(SourceError, match="没有可以导入的文件"):
        read(tmp_path)


def test_empty_file(tmp_path: Path, read: Read) -> None:
    (tmp_path / "空.csv").write_bytes(b"")
    _refused(read, tmp_path / "空.csv", "0")


def test_empty_sheet_and_sheet_without_rows(book: Book, read: Read) -> None:
    result = read(book("地块.xlsx", {"空表": [], "地块": SITES[:1], "好": SITES}))
    assert {"sheet_empty", "no_rows"} <= codes(result, "warning")
    assert len(result.town["sites"]) == 2


def test_header_never_found_lists_every_row(book: Book, read: Read) -> None:
    letter = [["关于报送材料的函"], ["各村居："], ["请于本周五前报送。"]]
    result = read(book("函.xlsx", {"Sheet1": letter}))
    issue = next(issue for issue in result.issues if issue.code == "sheet_no_header")
    assert issue.rows == ("1", "2", "3")
    assert "--table" in issue.text.en
    assert result.accounts["listed"].tolist() == [3]


def test_a_table_named_by_the_user_is_taken(book: Book, read: Read) -> None:
    path = book("y.xlsx", {"Sheet1": [["项目名称", "用地面积（亩）", "总投资（万元）"], ["甲", 5, 10]]})
    assert "sheet_ambiguous" in codes(read(path), "error")
    assert read(path, tables={"y.xlsx": "projects"}).town["projects"]["land_mu"].tolist() == [5]
    assert read(path, tables={"y.xlsx#Sheet1": "prospects"}).town["prospects"]["land_need_mu"].tolist() == [5]
    with pytest.raises(SourceError, match="no_table"):
        read(path, tables={"y.xlsx": "no_table"})


def test_wrong_encoding(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "资金.csv"
    path.write_bytes("年份,财政自有资金\n2026,1\n".encode("gb18030"))
    _refused(read, path, "utf-8", encoding="utf-8")
    _refused(read, path, "klingon", encoding="klingon")
    path.write_bytes(bytes([0x80, 0xFF, 0xFE, 0x81, 0x00, 0xFF] * 40))
    _refused(read, path, "--encoding")


def test_duplicate_ids(book: Book, read: Read) -> None:
    rows = [*SITES, ["S1", "P1", 10], ["S2", "P1", 99], [None, "P1", 5]]
    result = read(book("地块.xlsx", {"地块": rows}))
    assert result.town["sites"]["area_mu"].tolist() == [10, 20]
    found = {issue.code: issue.rows for issue in result.issues}
    assert (found["duplicate_row"], found["duplicate_id"], found["key_missing"]) == (("4",), ("5",), ("6",))
    assert result.accounts[["imported", "repeated", "listed"]].values.tolist() == [[2, 1, 2]]


def test_required_cells_and_columns_that_are_missing(book: Book, read: Read) -> None:
    result = read(book("地块.xlsx", {"地块": [*SITES, ["S3", None, 5], ["S4", "P1", "很大"]]}))
    assert result.town["sites"]["site_id"].tolist() == ["S1", "S2"]
    assert {issue.rows for issue in result.issues if issue.code == "required_missing"} == {("4",), ("5",)}
    path = book("地块2.xlsx", {"改造地块": [["地块编号", "地块名称", "现状建筑面积（㎡）"], ["S1", "甲", 1]]})
    assert "sheet_no_header" in codes(read(path), "error")
    result = read(path, tables={"改造地块": "sites"})
    assert "所属园区编号" in next(issue.text.zh for issue in result.issues if issue.code == "required_missing")
    assert result.accounts["listed"].tolist() == [1]


def test_percent_beside_fractions(book: Book, read: Read) -> None:
    rows = [
        ["地块编号", "改造方式", "可供地比例"],
        ["S1", "政府收储", 60],
        ["S2", "政府收储", 70],
        ["S3", "自主改造", 0.6],
    ]
    result = read(book("方式.xlsx", {"改造方式": rows}))
    assert result.town["site_modes"]["released_share"].tolist() == [0.6, 0.7]
    assert {"mixed_percent", "required_missing"} <= codes(result, "error")


def test_dates_in_the_future_and_nan(book: Book, read: Read, tmp_path: Path) -> None:
    path = tmp_path / "企业名录.csv"
    path.write_text("企业名称,统一社会信用代码,成立日期\n甲厂,91350100M000100Y43,2031-05-01\n", encoding="utf-8")
    assert "future_date" in codes(read(path), "warning")
    path = tmp_path / "budget.csv"
    path.write_text("year,own_funds_wan,debt_limit_wan\n2026,1,NaN\n2027,1,5\n", encoding="utf-8")
    result = read(path)
    assert "nan" in codes(result, "warning")
    assert result.town["budget"]["debt_limit_wan"].isna().tolist() == [True, False]


def test_formulas_without_stored_values(book: Book, read: Read) -> None:
    rows = [["年份", "自有资金", "债务限额"], [2026, 1, "=50+50"], [2027, 1, "=B2*2"], [2028, 1, 70]]
    result = read(book("资金.xlsx", {"资金": rows}))
    issue = next(issue for issue in result.issues if issue.code == "formula_cell")
    assert issue.rows == ("2", "3")
    assert result.town["budget"]["debt_limit_wan"].isna().tolist() == [True, True, False]


def test_password_protected_workbook(book: Book, read: Read) -> None:
    plain = book("plain.xlsx", {"地块": SITES})
    locked = plain.with_name("加密.xlsx")
    with plain.open("rb") as source, locked.open("wb") as target:
        ooxml.OOXMLFile(source).encrypt("secret", target)
    _refused(read, locked, "密码")


def test_corrupt_packages(book: Book, read: Read, tmp_path: Path) -> None:
    whole = book("whole.xlsx", {"地块": SITES}).read_bytes()
    (tmp_path / "半个.xlsx").write_bytes(whole[: len(whole) // 2])
    _refused(read, tmp_path / "半个.xlsx")
    (tmp_path / "坏.csv.gz").write_bytes(b"\x1f\x8b\x08\x00rubbish")
    _refused(read, tmp_path / "坏.csv.gz")
    (tmp_path / "坏.parquet").write_bytes(b"PAR1rubbish")
    _refused(read, tmp_path / "坏.parquet")
    (tmp_path / "坏.geojson").write_bytes(b'{"type": "Feature')
    _refused(read, tmp_path / "坏.geojson")


def test_a_bad_file_in_a_folder_does_not_stop_the_others(book: Book, read: Read, tmp_path: Path) -> None:
    book("部门/地块.xlsx", {"地块": SITES})
    (tmp_path / "部门" / "坏.xlsx").write_bytes(b"PK\x03\x04rubbish")
    result = read(tmp_path / "部门")
    assert result.unreadable == ("坏.xlsx",)
    assert len(result.town["sites"]) == 2


def test_xls_of_older_excel(tmp_path: Path, read: Read) -> None:
    made = xlwt.Workbook()
    page = made.add_sheet("地块")
    page.write_merge(0, 0, 0, 2, "古镇镇地块表")
    for row, cells in enumerate(SITES, start=1):
        for column, value in enumerate(cells):
            page.write(row, column, value)
    made.save(str(tmp_path / "地块.xls"))
    assert read(tmp_path / "地块.xls").town["sites"]["area_mu"].tolist() == [10, 20]


def _million_rows(path: Path, rows: int) -> None:
    """Write a workbook of a million rows without building it in memory."""
    frame = io.BytesIO()
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["地块编号"])  # type: ignore[union-attr]  # a new workbook has a sheet
    book.save(frame)
    with zipfile.ZipFile(frame) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for part in source.namelist():
            if part != "xl/worksheets/sheet1.xml":
                target.writestr(part, source.read(part))
        with target.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>')
            block = b"".join(b"<row><c><v>%d</v></c></row>" % number for number in range(1000))
            for _ in range(rows // 1000):
                sheet.write(block)
            sheet.write(b"</sheetData></worksheet>")


def test_a_sheet_of_a_million_rows_is_refused_before_it_is_loaded(tmp_path: Path, read: Read) -> None:
    _million_rows(tmp_path / "大表.xlsx", 1_000_000)
    _refused(read, tmp_path / "大表.xlsx", "300000", "--max-rows")
    with (tmp_path / "大表.csv").open("wb") as out:
        for _ in range(1000):
            out.write(b"1,2\n" * 1000)
    _refused(read, tmp_path / "大表.csv", "1000000", "--max-rows")


def test_the_limit_of_rows_can_be_moved(tmp_path: Path, read: Read) -> None:
    (tmp_path / "budget.csv").write_text("year,own_funds_wan\n2026,1\n2027,2\n2028,3\n", encoding="utf-8")
    _refused(read, tmp_path / "budget.csv", "--max-rows", max_rows=2)
    assert len(read(tmp_path / "budget.csv", max_rows=5).town["budget"]) == 3


def test_columns_full_of_format_only_rows_are_not_too_long(book: Book, read: Read) -> None:
    import openpyxl

    path = book("地块.xlsx", {"地块": SITES})
    made = openpyxl.load_workbook(path)
    for row in range(10, 400):
        made["地块"].row_dimensions[row].height = 20
    made.save(path)
    assert len(read(path, max_rows=50).town["sites"]) == 2


def test_web_pages_and_texts_named_as_workbooks(tmp_path: Path, read: Read) -> None:
    (tmp_path / "网页.xls").write_text("<html><table><tr><td>地块编号</td></tr></table></html>", encoding="utf-8")
    _refused(read, tmp_path / "网页.xls", ".xlsx")
    (tmp_path / "文本.xls").write_bytes("年份\t自有资金\n2027\t100\n".encode("gb18030"))
    assert read(tmp_path / "文本.xls").town["budget"]["own_funds_wan"].tolist() == [100]
