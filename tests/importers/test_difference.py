from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from zhenxing.importers import ImportResult, write_issues
from zhenxing.store import read_town, write_town

Book = Callable[..., Path]
Read = Callable[..., ImportResult]
HEAD = ["地块编号", "所属园区编号", "地块名称", "用地面积（亩）", "现状建筑面积（㎡）"]


def _changes(result: ImportResult) -> set[tuple[str, ...]]:
    return set(result.changes[["row_id", "change", "column", "old", "new"]].itertuples(index=False, name=None))


def test_the_same_files_again_change_nothing(book: Book, read: Read, tmp_path: Path) -> None:
    rows = [HEAD, ["S1", "P1", "甲", 10, 500], ["S2", "P1", "乙", 20, None]]
    locks = [
        ["对象类别", "对象编号", "锁定规则", "年份"],
        ["地块", "S1", "不早于", 2028],
        ["地块", "S1", "不早于", 2028],
    ]
    path = book("地块.xlsx", {"地块": rows, "已定事项": locks})
    first = read(path)
    write_town(first.town, tmp_path / "town")
    second = read(path, tmp_path / "town")
    assert _changes(second) == set()
    assert not second.changed
    assert len(second.town["locks"]) == 2
    assert len(second.provenance) == len(first.provenance)


def test_a_mended_file_is_shown_as_a_difference(book: Book, read: Read) -> None:
    town = read(
        book(
            "地块.xlsx",
            {"地块": [HEAD, ["S1", "P1", "甲", 10, 500], ["S2", "P1", "乙", 20, None], ["S3", "P1", "丙", 5, 1]]},
        )
    ).town
    result = read(
        book(
            "地块.xlsx",
            {"地块": [HEAD, ["S1", "P1", "甲", 12, None], ["S2", "P1", "乙", 20, 60], ["S4", "P1", "丁", 7, 1]]},
        ),
        town,
    )
    assert _changes(result) == {
        ("S1", "changed", "area_mu", "10", "12"),
        ("S1", "changed", "floor_m2", "500", ""),
        ("S2", "filled", "floor_m2", "", "60"),
        ("S3", "removed", "", "", ""),
        ("S4", "added", "", "", ""),
    }
    sites = result.town["sites"].set_index("site_id")
    assert sites["area_mu"].to_dict() == {"S1": 12, "S2": 20, "S4": 7}
    assert set(result.provenance["row_id"].dropna()) == {"S1", "S2", "S4"}


def test_another_source_never_overwrites(book: Book, read: Read) -> None:
    town = read(book("一.xlsx", {"地块": [HEAD, ["S1", "P1", "甲", 10, None]]})).town
    result = read(book("二.xlsx", {"地块": [HEAD, ["S1", "P1", None, 11, 800]]}), town)
    assert _changes(result) == {("S1", "conflict", "area_mu", "10", "11"), ("S1", "filled", "floor_m2", "", "800")}
    assert result.town["sites"]["area_mu"].tolist() == [10]
    # each file stays the owner of what it gave, however often either comes again
    again = read(book("二.xlsx", {"地块": [HEAD, ["S1", "P1", None, 11, 900]]}), result.town)
    assert ("S1", "changed", "floor_m2", "800", "900") in _changes(again)


def test_a_value_changed_by_hand_is_kept(book: Book, read: Read) -> None:
    path = book("一.xlsx", {"地块": [HEAD, ["S1", "P1", "甲", 10, None]]})
    town = read(path).town
    edited = town["sites"].assign(area_mu=99.0)
    hand = {"table": "sites", "row_id": "S1", "column": "area_mu", "note": "hand"}
    provenance = town["provenance"].reindex([*town["provenance"].index, 999])
    provenance.loc[999, list(hand)] = list(hand.values())
    result = read(path, town.replace(sites=edited, provenance=provenance))
    assert _changes(result) == {("S1", "conflict", "area_mu", "99", "10")}


def test_rows_that_another_file_also_holds_stay(book: Book, read: Read, tmp_path: Path) -> None:
    book("f/一.xlsx", {"地块": [HEAD, ["S1", "P1", "甲", 10, None], ["S2", "P1", "乙", 20, None]]})
    book("f/二.xlsx", {"地块": [HEAD, ["S2", "P1", None, 20, 5]]})
    town = read(tmp_path / "f").town
    result = read(book("f/一.xlsx", {"地块": [HEAD, ["S1", "P1", "甲", 10, None]]}), town)
    assert result.town["sites"]["site_id"].tolist() == ["S1", "S2"]


@pytest.mark.parametrize("store", ["town", "town.gpkg"])
def test_an_imported_town_is_stored_and_read_again(book: Book, read: Read, tmp_path: Path, store: str) -> None:
    path = book("地块.xlsx", {"地块": [HEAD, ["S1", "P1", "甲", 10, 500]]})
    result = read(path)
    write_town(result.town, tmp_path / store)
    town = read_town(tmp_path / store)
    assert town["sites"]["area_mu"].tolist() == [10]
    assert not read(path, tmp_path / store).changed


def test_the_workbook_of_issues_is_the_senders_own_with_the_cells_marked(
    book: Book, read: Read, tmp_path: Path
) -> None:
    title = ["古镇镇地块台账", None, None, None, None]
    rows = [title, HEAD, ["S1", "P1", "甲", "很大", 500], ["S2", "P1", "乙", 20, "-5"], ["S2", "P1", "丙", 1, 1]]
    path = book("地块.xlsx", {"地块": rows, "说明": [["随便写写"]]}, {"地块": ["A1:E1"]})
    result = read(path)
    town = result.town
    (written,) = write_issues(result, tmp_path / "issues.xlsx")
    page = openpyxl.load_workbook(written)["地块"]
    assert page["D3"].fill.start_color.rgb == "FFFFC7CE"
    assert "很大" in page["D3"].comment.text
    assert page["F2"].value == "处理意见/What to do"
    assert "不能小于" in page["F4"].value
    assert "重复" in page["F5"].value
    assert page["A1"].value == "古镇镇地块台账"
    assert "A1:E1" in [str(cells) for cells in page.merged_cells.ranges]
    # mend it where it is marked and send it back under its new name: it is still the same source
    mended = openpyxl.load_workbook(written)
    mended["地块"]["D3"] = 10
    mended["地块"]["E4"] = 60
    mended["地块"].delete_rows(5)
    mended.save(written)
    after = read(written, town)
    assert _changes(after) == {("S1", "added", "", "", ""), ("S2", "filled", "floor_m2", "", "60")}
    assert set(after.provenance["source_file"]) == {"地块.xlsx"}
    assert "处理意见/Whattodo" not in after.town["sites"].columns


def test_a_text_file_gets_a_workbook_in_which_codes_stay_text(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "企业名录.csv"
    path.write_text("企业名称,统一社会信用代码,注册资本\n甲厂,911101066976941872,随意\n", encoding="gb18030")
    result = read(path)
    (written,) = write_issues(result, tmp_path / "issues.xlsx")
    book = openpyxl.load_workbook(written)
    assert book[book.sheetnames[0]]["B2"].value == "911101066976941872"
    again = read(written, result.town)
    assert _changes(again) == set()


def test_several_files_get_a_workbook_each(book: Book, read: Read, tmp_path: Path) -> None:
    book("f/三旧办/地块.xlsx", {"地块": [HEAD, ["S1", "P1", "甲", "很大", 500]]})
    book("f/财政所/资金.xlsx", {"资金": [["年份", "自有资金"], [2027, "不详细"]]})
    written = write_issues(read(tmp_path / "f"), tmp_path / "issues.xlsx")
    names = [path.relative_to(tmp_path).as_posix() for path in written]
    assert names == ["issues.xlsx", "issues/三旧办/地块.xlsx", "issues/财政所/资金.xlsx"]
    assert openpyxl.load_workbook(written[0]).sheetnames == ["zhenxing_accounts", "zhenxing_issues", "zhenxing_changes"]


def test_rows_of_a_sheet_that_was_not_sent_again_stay(book: Book, read: Read) -> None:
    both = {"地块一": [HEAD, ["S1", "P1", "甲", 10, 1]], "地块二": [HEAD, ["S2", "P1", "乙", 20, 1]]}
    town = read(book("地块.xlsx", both)).town
    result = read(book("地块.xlsx", {"地块一": [HEAD, ["S1", "P1", "甲", 12, 1]]}), town)
    assert result.town["sites"]["site_id"].tolist() == ["S1", "S2"]


def test_a_required_cell_is_never_emptied(book: Book, read: Read) -> None:
    town = read(book("地块.xlsx", {"地块": [HEAD, ["S1", "P1", "甲", 10, 1]]})).town
    result = read(book("地块.xlsx", {"地块": [HEAD, ["S1", "P1", "甲", "很大", 1]]}), town)
    assert result.town["sites"]["area_mu"].tolist() == [10]
    assert "not_a_number" in {issue.code for issue in result.issues}


def test_a_column_that_is_new_in_a_file_is_empty_for_the_rows_held(book: Book, read: Read, tmp_path: Path) -> None:
    held = read(book("地块.xlsx", {"地块": [[*HEAD[:4]], ["S1", "P1", "甲", 10]]}))
    write_town(held.town, tmp_path / "town")
    more = read(book("新.xlsx", {"地块": [HEAD, ["S2", "P1", "乙", 20, 500]]}), tmp_path / "town")
    floor = more.town["sites"].set_index("site_id")["floor_m2"]
    assert floor.isna()["S1"]
    assert floor["S2"] == 500
