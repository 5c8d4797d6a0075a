"""How a report speaks: sentences of one language, numbers as an office writes them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from zhenxing.i18n import Language, say, speak

ABSENT = "—"


@dataclass(frozen=True)
class Voice:
    """Sentences and numbers in one language.

    Examples
    --------
    >>> voice = Voice("en")
    >>> voice.number(1234.5, 1), voice.percent(0.123)
    ('1,234.5', '12.3%')
    """

    language: Language

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the sentence of ``report.<key>`` in the report's language."""
        return speak(say(f"report.{key}", **values), self.language)

    def number(self, value: object, decimals: int = 0) -> str:
        """Return a number with thousands separators; missing is a dash, infinite is "unlimited"."""
        figure = as_float(value)
        if math.isnan(figure):
            return ABSENT
        if math.isinf(figure):
            return self("unlimited")
        text = f"{figure:,.{decimals}f}"
        return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text

    def percent(self, share: object, decimals: int = 1) -> str:
        """Return a share as a percentage."""
        figure = as_float(share)
        return ABSENT if math.isnan(figure) or math.isinf(figure) else f"{figure * 100:.{decimals}f}%"

    def money(self, value_wan: object) -> str:
        """Return an amount in words: 万元 below one 亿, 亿元 from there on; million yuan in English."""
        figure = as_float(value_wan)
        if math.isnan(figure):
            return ABSENT
        if self.language == "en":
            return f"{figure / 100:,.1f} million yuan"
        return f"{figure / 10_000:,.2f} 亿元" if abs(figure) >= 10_000 else f"{figure:,.0f} 万元"

    def listed(self, items: list[str], most: int = 8) -> str:
        """Return names in one phrase, saying how many are not shown."""
        comma = ", " if self.language == "en" else "、"
        if len(items) <= most:
            return comma.join(items)
        return self("listed_more", shown=comma.join(items[:most]), total=len(items))


def as_float(value: object) -> float:
    """Return a cell as a number; missing becomes NaN."""
    if value is None:
        return math.nan
    try:
        return float(value)  # type: ignore[arg-type]  # anything a table cell holds; what is no number is NaN
    except (TypeError, ValueError):
        return math.nan
