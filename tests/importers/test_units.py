from __future__ import annotations

from fractions import Fraction

import pytest

from zhenxing.importers.units import factor, is_unit, units_of_line


@pytest.mark.parametrize(
    ("unit", "column_unit", "expected"),
    [
        ("亿元", "wan", Fraction(10_000)),
        ("千元", "wan", Fraction(1, 10)),
        ("元", "wan/year", Fraction(1, 10_000)),
        ("公顷", "mu", Fraction(15)),
        ("㎡", "mu", Fraction(3, 2000)),
        ("平方米", "m2", Fraction(1)),
        ("万㎡", "m2", Fraction(10_000)),
        ("万元/亩", "wan/mu", Fraction(1)),
        ("元/㎡", "wan/m2", Fraction(1, 10_000)),
        ("万元/公顷", "wan/mu", Fraction(1, 15)),
        ("%", "share", Fraction(1, 100)),
        ("个月", "years", Fraction(1, 12)),
        ("万千瓦时", "MWh", Fraction(10)),
        ("亩", "wan", None),
    ],
)
def test_factor(unit: str, column_unit: str, expected: Fraction | None) -> None:
    assert factor(unit, column_unit) == expected


def test_unit_lines_name_units_and_not_offices() -> None:
    assert units_of_line("单位：万元、亩") == ("万元", "亩")
    assert units_of_line("填报单位：古镇镇经发局    单位：亿元") == ("亿元",)
    assert not is_unit("经发局")
