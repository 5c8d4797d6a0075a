"""Registered capital as registers write it: ``200(万元人民币)``, ``1,000万港币``, ``50(万元（人民币）)``."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from zhenxing.rules.currencies import currencies
from zhenxing.units import MONEY_TO_WAN

_NUMBER = re.compile(r"^(?P<before>[^\d.]*)(?P<number>\d+(?:\.\d*)?|\.\d+)(?P<after>[^\d]*)$")
_NOISE = re.compile(r"[\s,()\[\]{}:;=约]+")
_MAGNITUDES = ("千万", "百万", "十万", "亿", "万", "千", "百")


class Capital(NamedTuple):
    """An amount in ten thousands of its own currency; no exchange rate is ever applied."""

    wan: float
    currency: str


@lru_cache(maxsize=65_536)
def parse_capital(text: str, column_unit: str = "") -> Capital | None:
    """Read registered capital; ``None`` where the spelling is not known (it is listed, never guessed).

    Parameters
    ----------
    text : str
        The cell.
    column_unit : str
        The unit that the column's header states, for cells that are a bare number.

    Examples
    --------
    >>> parse_capital("1,000(万元人民币)")
    Capital(wan=1000.0, currency='CNY')
    >>> parse_capital("10万美元")
    Capital(wan=10.0, currency='USD')
    >>> parse_capital("50") is None
    True
    """
    plain = _NOISE.sub("", unicodedata.normalize("NFKC", text)).lower().replace("人民幣", "人民币").replace("萬", "万")
    match = _NUMBER.match(plain)
    if match is None:
        return None
    unit = match["before"] + match["after"] or _NOISE.sub("", unicodedata.normalize("NFKC", column_unit)).lower()
    parsed = _unit(unit)
    if parsed is None:
        return None
    factor, currency = parsed
    return Capital(float(match["number"]) * factor, currency)


@lru_cache(maxsize=1024)
def _unit(unit: str) -> tuple[float, str] | None:
    """Split a unit into its magnitude and its currency; only whole known spellings count."""
    if not unit:
        return None
    # a currency may stand before the magnitude: 人民币万元, 美元万元
    for lead in ("", *sorted(currencies(), key=len, reverse=True)):
        if not unit.startswith(lead):
            continue
        rest = unit[len(lead) :]
        magnitude = next((word for word in _MAGNITUDES if rest.startswith(word)), "")
        tail = rest[len(magnitude) :]
        currency = _currency(lead, tail)
        if currency and (magnitude or tail or lead):
            # a bare 元 counts single units; MONEY_TO_WAN knows it as 元
            factor = MONEY_TO_WAN.get(magnitude + "元")
            return (float(factor), currency) if factor is not None else None
    return None


def _currency(lead: str, tail: str) -> str:
    known = currencies()
    if lead:
        return known[lead] if tail in ("", "元") or known.get(tail) == known[lead] else ""
    if tail in ("", "元"):
        return "CNY"
    return known.get(tail) or (known.get(tail[1:], "") if tail.startswith("元") else "")
