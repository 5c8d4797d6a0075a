"""The real registers and outlines, which are not part of the repository."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from zhenxing.errors import CrsSuspicionError
from zhenxing.importers import ImportResult
from zhenxing.store import read_town, write_town

from .conftest import codes

Read = Callable[..., ImportResult]


@pytest.fixture
def zhongshan(data: Path, read: Read) -> ImportResult:
    return read(data / "firms" / "zhongshan_1978_2003.csv.gz")


def test_all_rows_of_the_zhongshan_register_are_accounted_for(zhongshan: ImportResult) -> None:
    account = zhongshan.accounts.iloc[0]
    assert account[["table", "rows", "header", "imported", "listed"]].tolist() == ["firms", 3648, 1, 3647, 0]
    firms = zhongshan.town["firms"]
    assert firms["firm_id"].is_unique
    assert (firms["firm_id"] == firms["credit_code"]).all()


def test_every_spelling_of_its_capital_is_read(zhongshan: ImportResult) -> None:
    firms = zhongshan.town["firms"]
    assert firms["capital_text"].isna().sum() == firms["capital_wan"].isna().sum() == 776
    assert firms["capital_currency"].value_counts().to_dict() == {"CNY": 2397, "USD": 255, "HKD": 215, "JPY": 4}
    assert "capital_unknown" not in codes(zhongshan)


def test_firms_of_guzhen_and_its_neighbours_are_found_with_and_without_the_word_town(zhongshan: ImportResult) -> None:
    firms = zhongshan.town["firms"]
    counts = firms["town_code"].value_counts()
    named = firms["address"].fillna("").str.contains("古镇")
    assert (firms.loc[named, "town_code"] == "442000105").all()
    assert counts["442000105"] == named.sum() == 107
    assert (firms["address"].fillna("").str.contains("古镇(?!镇)") & (firms["town_code"] == "442000105")).sum() > 50
    assert counts["442000110"] == 59
    # 小榄 and, since 2021, 东升
    assert counts["442000118"] > 485
    assert firms["village_id"].value_counts()["海洲村"] > 10
    assert firms["town_code"].isna().mean() < 0.03


def test_the_guangdong_sample_goes_through(data: Path, read: Read, tmp_path: Path) -> None:
    result = read(data / "firms" / "guangdong_sample_20k.parquet")
    account = result.accounts.iloc[0]
    assert account[["rows", "imported", "listed"]].tolist() == [19_662, 19_661, 1]
    # two firms under one valid code: the second is listed, not lost
    assert next(issue for issue in result.issues if issue.code == "duplicate_id").rows == ("8264",)
    firms = result.town["firms"]
    assert firms["capital_text"].notna().sum() == firms["capital_wan"].notna().sum()
    named = firms["address"].fillna("").str.contains("古镇")
    assert named.sum() == 2
    assert not firms.loc[named, "town_code"].eq("442000105").any()
    write_town(result.town, tmp_path / "town")
    pd.testing.assert_frame_equal(read_town(tmp_path / "town")["firms"], firms, check_dtype=False)


@pytest.mark.parametrize("name", ["442000_datav_2019.geojson", "440000_datav_2019.geojson"])
def test_datav_outlines_are_suspected(data: Path, read: Read, name: str) -> None:
    path = data / "geo" / name
    with pytest.raises(CrsSuspicionError, match="gcj02"):
        read(path, tables={name: "villages"})
    result = read(path, tables={name: "villages"}, crs="gcj02")
    assert "crs_converted_gcj02" in codes(result, "info")
    assert result.accounts["imported"].tolist() == result.accounts["rows"].tolist()


def test_an_outline_without_a_system_is_wgs84_and_said_so(data: Path, read: Read) -> None:
    path = data / "geo" / "shenzhen_districts.geojson"
    result = read(path)
    assert {"crs_geojson"} <= codes(result, "info")
    assert result.accounts["listed"].tolist() == [10]
