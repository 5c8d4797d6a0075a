"""The departments' files: untidy, the same bytes every time, and the clean town again when imported."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from zhenxing import schema
from zhenxing.importers import import_files
from zhenxing.samples.guzhen import guzhen_town, write_department_files
from zhenxing.samples.guzhen.ledgers import Ledger, cell, write_workbook
from zhenxing.town import Town


@pytest.fixture(scope="module")
def town() -> Town:
    return guzhen_town()


@pytest.fixture(scope="module")
def files(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("guzhen") / "files"
    write_department_files(town, folder)
    return folder


def test_a_ledger_of_two_rows_by_hand(tmp_path: Path) -> None:
    ledger = Ledger(
        "台账",
        "sites",
        title="标题",
        unit_line="单位：亩",
        headers={"site_id": "编号", "name": "名称"},
        groups=(("地块", ("site_id", "name")),),
        merged="park_id",
        totals=("area_mu",),
        numbered=True,
    )
    frame = pd.DataFrame(
        {"park_id": ["P1", "P1"], "site_id": ["S1", "S2"], "name": ["甲", "乙"], "area_mu": [1.5, 2.5]}
    )
    write_workbook(tmp_path / "one.xlsx", [(ledger, frame)])
    sheet = openpyxl.load_workbook(tmp_path / "one.xlsx")["台账"]
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert rows == [
        ["标题（合成示例数据）", None, None, None, None],
        ["单位：亩", None, None, None, None],
        ["序号", "所属园区编号", "地块", None, "用地面积（亩）"],
        [None, None, "编号", "名称", None],
        [1, "P1", "S1", "甲", 1.5],
        [2, None, "S2", "乙", 2.5],
        ["合计", None, None, None, 4],
    ]
    assert "B5:B6" in {str(area) for area in sheet.merged_cells.ranges}


def test_cells_in_the_unit_of_the_sheet() -> None:
    metres = Ledger("台账", "sites", divisors={"area_mu": Fraction(3, 2000)}, full_width=("area_mu",), blank="/")
    assert cell(metres, "area_mu", 80.43, 0) == 53620.0
    assert cell(metres, "area_mu", 30.0, 3) == "２００００"
    assert cell(metres, "name", None, 0) == "/"
    assert cell(metres, "is_seed", False, 0) == "否"


def test_the_same_bytes_every_time(town: Town, files: Path, tmp_path: Path) -> None:
    write_department_files(town, tmp_path / "again")
    first = {path.relative_to(files): path.read_bytes() for path in files.rglob("*") if path.is_file()}
    again = {path.relative_to(tmp_path / "again"): path.read_bytes() for path in (tmp_path / "again").rglob("*.*")}
    assert first == again
    assert len(first) >= 12


def test_what_is_untidy(files: Path) -> None:
    book = openpyxl.load_workbook(files / "三旧改造办" / "地块台账.xlsx")
    ledger = book["地块台账"]
    assert ledger["A1"].value.startswith("古镇镇三旧改造地块台账")
    assert "单位" in ledger["A2"].value
    assert len(ledger.merged_cells.ranges) > 6
    texts = [str(row[0].value) for row in ledger.iter_rows()]
    assert texts[-1] == "合计"
    assert any("０" in str(c.value) or "１" in str(c.value) for row in ledger.iter_rows() for c in row)
    assert "用地面积（㎡）" in [c.value for c in book["地块台账（续）"][3]]
    projects = openpyxl.load_workbook(files / "招商办" / "项目意向台账.xlsx")["项目库"]
    assert any("亿元" in str(c.value) for row in projects.iter_rows(max_row=4) for c in row)
    assert any(c.value == "/" for row in projects.iter_rows() for c in row)


def test_the_register_is_gbk_with_a_doubled_row_and_a_broken_code(town: Town, files: Path) -> None:
    text = (files / "经济发展局" / "企业名录.csv").read_bytes().decode("gbk")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == len(town["firms"]) + 2
    codes = [row["统一社会信用代码"] for row in rows]
    assert codes[-1] == "9.1442E+17"
    assert codes.count(codes[-2]) == 2


def test_importing_the_files_gives_the_clean_town(town: Town, files: Path) -> None:
    imported = import_files(files).town
    assert imported.plan == town.plan
    assert imported.settings.town == town.settings.town
    for name in schema.PLAN_INPUT_TABLES:
        key = [column for column in schema.table(name).key if column in town[name]] or list(town[name].columns)
        wanted = pd.DataFrame(town[name]).drop(columns="geometry", errors="ignore")
        found = pd.DataFrame(imported[name])[list(wanted.columns)]
        pd.testing.assert_frame_equal(
            wanted.sort_values(key, ignore_index=True),
            found.sort_values(key, ignore_index=True),
            rtol=1e-12,
            obj=name,
        )
    for name in ("firm_years", "firm_facts", "region_industries", "links", "link_inputs", "peers", "peer_values"):
        key = list(schema.table(name).key)
        found = pd.DataFrame(imported[name])[list(town[name].columns)]
        pd.testing.assert_frame_equal(
            pd.DataFrame(town[name]).sort_values(key, ignore_index=True),
            found.sort_values(key, ignore_index=True),
            rtol=1e-12,
            obj=name,
        )
    extra = set(imported["firms"]["firm_id"]) - set(town["firms"]["firm_id"])
    assert len(extra) == 1
    for name in ("sites", "parks", "parcels"):
        key = schema.table(name).key[0]
        shapes = [dict(zip(one[name][key], one[name]["geometry"], strict=True)) for one in (town, imported)]
        assert shapes[0].keys() == shapes[1].keys()
        assert all(shapes[0][k].equals_exact(shapes[1][k], 1e-9) for k in shapes[0])


def test_areas_in_square_metres_come_back_exactly(town: Town) -> None:
    ledger = Ledger("台账", "sites", divisors={"area_mu": Fraction(3, 2000)})
    areas = town["sites"]["area_mu"].to_numpy()
    back = [float(cell(ledger, "area_mu", float(area), 0)) * 3 / 2000 for area in areas]
    assert np.allclose(back, areas, rtol=1e-14, atol=0)
