from __future__ import annotations

import pytest

from zhenxing.importers.capital import parse_capital


@pytest.mark.parametrize(
    ("text", "wan", "currency"),
    [
        ("200(万元人民币)", 200, "CNY"),
        ("180万人民币", 180, "CNY"),
        ("1,000(万元人民币)", 1000, "CNY"),
        ("155(万香港元)", 155, "HKD"),
        ("50(万元（人民币）)", 50, "CNY"),
        ("5(万人民币元)", 5, "CNY"),
        ("10万美元", 10, "USD"),
        ("7(万)", 7, "CNY"),
        ("30(万元(港币))", 30, "HKD"),
        ("100(万日元)", 100, "JPY"),
        ("3万港元", 3, "HKD"),
        ("1.5亿元", 15_000, "CNY"),
        ("人民币５００万元", 500, "CNY"),
        ("20000元", 2, "CNY"),
    ],
)
def test_spellings(text: str, wan: float, currency: str) -> None:
    assert parse_capital(text) == (wan, currency)


@pytest.mark.parametrize("text", ["500", "三百万元", "10万泰铢", "详见章程", "100-200万元"])
def test_unknown_spellings_are_not_guessed(text: str) -> None:
    assert parse_capital(text) is None


def test_a_bare_number_takes_the_unit_of_its_column() -> None:
    assert parse_capital("500", "万元") == (500, "CNY")
    assert parse_capital("500", "万美元") == (500, "USD")
