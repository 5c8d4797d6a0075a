"""One ledger with sites and their modes, as an office keeps it: both tables are read, nothing of either is lost."""

import openpyxl

from zhenxing.importers import ImportOptions, import_files


def test_a_ledger_of_sites_with_their_modes_gives_both_tables(tmp_path):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "2026年"
    for row in (
        ["某镇三旧改造台账"],
        ["地块编号", "地块名称", "园区", "面积（亩）", "改造方式", "释放比例", "财政投入（万元）", "供地周期（年）"],
        ["S1", "东片", "A园", 50, "政府收储", 0.7, 3000, 2],
        ["S2", "西片", "A园", 80, "自主改造", 0.4, 300, 1],
    ):
        sheet.append(row)
    path = tmp_path / "台账2026.xlsx"
    workbook.save(path)
    town = import_files(path, None, ImportOptions()).town
    assert town["sites"][["site_id", "park_id", "area_mu"]].to_numpy(dtype=object).tolist() == [
        ["S1", "A园", 50.0],
        ["S2", "A园", 80.0],
    ]
    modes = town["site_modes"]
    assert modes["site_id"].tolist() == ["S1", "S2"]
    assert modes["released_share"].tolist() == [0.7, 0.4]
    assert modes["public_cost_wan"].tolist() == [3000.0, 300.0]
    assert modes["lead_years"].tolist() == [2, 1]
