"""The only conversion factors of the project: land to mu, money to 万元, floor to m2.

One mu is exactly 2000/3 m2 (plan model, section "Units"); 万元 is ten thousand yuan.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

M2_PER_MU: Final = 2000.0 / 3.0
MU_PER_HECTARE: Final = 15.0

# unit spelling -> factor to the base unit of its dimension
MONEY_TO_WAN: Final[dict[str, Fraction]] = {
    "亿元": Fraction(10_000),
    "亿": Fraction(10_000),
    "千万元": Fraction(1_000),
    "百万元": Fraction(100),
    "十万元": Fraction(10),
    "万元": Fraction(1),
    "万": Fraction(1),
    "千元": Fraction(1, 10),
    "百元": Fraction(1, 100),
    "元": Fraction(1, 10_000),
}
AREA_TO_MU: Final[dict[str, Fraction]] = {
    "亩": Fraction(1),
    "公顷": Fraction(15),
    "ha": Fraction(15),
    "hm2": Fraction(15),
    "平方公里": Fraction(1500),
    "km2": Fraction(1500),
    "平方米": Fraction(3, 2000),
    "㎡": Fraction(3, 2000),
    "m2": Fraction(3, 2000),
    "m²": Fraction(3, 2000),
    "万平方米": Fraction(15),
    "万㎡": Fraction(15),
}
FLOOR_TO_M2: Final[dict[str, Fraction]] = {
    "平方米": Fraction(1),
    "㎡": Fraction(1),
    "m2": Fraction(1),
    "m²": Fraction(1),
    "万平方米": Fraction(10_000),
    "万㎡": Fraction(10_000),
    "亩": Fraction(2000, 3),
    "公顷": Fraction(10_000),
}
TIME_TO_YEARS: Final[dict[str, Fraction]] = {"年": Fraction(1), "个月": Fraction(1, 12), "月": Fraction(1, 12)}
EFFORT_TO_MONTHS: Final[dict[str, Fraction]] = {"人月": Fraction(1), "人年": Fraction(12), "月": Fraction(1)}
POWER_TO_KW: Final[dict[str, Fraction]] = {
    "千瓦": Fraction(1),
    "kw": Fraction(1),
    "kva": Fraction(1),
    "千伏安": Fraction(1),
    "兆瓦": Fraction(1000),
    "mw": Fraction(1000),
    "万千瓦": Fraction(10_000),
}
ELECTRICITY_TO_MWH: Final[dict[str, Fraction]] = {
    "兆瓦时": Fraction(1),
    "mwh": Fraction(1),
    "千瓦时": Fraction(1, 1000),
    "kwh": Fraction(1, 1000),
    "度": Fraction(1, 1000),
    "万千瓦时": Fraction(10),
    "万kwh": Fraction(10),
    "万度": Fraction(10),
    "亿千瓦时": Fraction(100_000),
}
ENERGY_TO_TCE: Final[dict[str, Fraction]] = {
    "吨标煤": Fraction(1),
    "吨标准煤": Fraction(1),
    "tce": Fraction(1),
    "万吨标煤": Fraction(10_000),
    "万吨标准煤": Fraction(10_000),
}
PEOPLE_TO_ONE: Final[dict[str, Fraction]] = {"人": Fraction(1), "万人": Fraction(10_000), "千人": Fraction(1000)}


def mu_from_m2(area_m2: float) -> float:
    """Convert square metres to mu.

    Examples
    --------
    >>> round(mu_from_m2(10_000), 9)
    15.0
    """
    return area_m2 / M2_PER_MU


def m2_from_mu(area_mu: float) -> float:
    """Convert mu to square metres.

    Examples
    --------
    >>> round(m2_from_mu(3), 9)
    2000.0
    """
    return area_mu * M2_PER_MU
