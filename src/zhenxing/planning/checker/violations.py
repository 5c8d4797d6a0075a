"""What a plan breaks: one record per rule, place and year, with both sides and a sentence in two languages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zhenxing.i18n import say

TOLERANCE: Final = 1e-6

#: The rules of the plan model by number; 0 stands for the plan tables themselves (ids, years, whole numbers).
RULES: Final[dict[int, str]] = {
    0: "0 plan tables",
    1: "1 sites and works",
    2: "2 contiguity",
    3: "3 landing",
    4: "4 land",
    5: "5 resettlement",
    6: "6 utilities and floor",
    7: "7 yearly capacities",
    8: "8 money",
    11: "11 locks",
    12: "12 year-0 state",
}

COLUMNS: Final = ("rule", "table", "id", "year", "left", "right", "zh", "en")

FloatArray = NDArray[np.float64]


def exceeds(left: float | FloatArray, right: float | FloatArray) -> NDArray[np.bool_]:
    """Return where the left side of a rule exceeds its right side by more than the tolerance of the plan model.

    The tolerance is ``1e-6 * max(1, |left|, |right|)``; an infinite right side is never exceeded.

    Examples
    --------
    >>> bool(exceeds(1000.0005, 1000.0)), bool(exceeds(1000.01, 1000.0))
    (False, True)
    """
    left, right = np.asarray(left, dtype=float), np.asarray(right, dtype=float)
    unbounded = np.isinf(left) | np.isinf(right)
    with np.errstate(invalid="ignore"):
        room = TOLERANCE * np.maximum(1.0, np.maximum(np.abs(left), np.abs(right)))
        return np.asarray(np.where(unbounded, left > right, left - right > room), dtype=bool)


def differs(one: float, other: float) -> bool:
    """Return whether two numbers differ by more than the tolerance.

    Examples
    --------
    >>> differs(1.0, 1.0000005), differs(1.0, 1.1)
    (False, True)
    """
    return bool(exceeds(one, other) or exceeds(other, one) or np.isnan(one) != np.isnan(other))


def amount(value: float) -> str:
    """Return a number as people read it in a sentence.

    Examples
    --------
    >>> amount(12345.678), amount(2.0)
    ('12,345.678', '2')
    """
    if not np.isfinite(value):
        return "∞" if value > 0 else str(value)
    if value != 0 and abs(value) < 1e-3:
        return f"{value:.3g}"
    return f"{value:,.6f}".rstrip("0").rstrip(".")


@dataclass
class Findings:
    """The violations met so far, in the order they were met."""

    records: list[tuple[str, str, str, int | None, float, float, str, str]] = field(default_factory=list)

    def add(
        self, rule: int, table: str, id: str, year: int | None, sides: tuple[float, float], key: str, **values: object
    ) -> None:
        """Record one violation; ``key`` names its sentence, which may use id, year, left, right, excess."""
        left, right = sides
        text = say(
            f"check_plan.{key}",
            id=id,
            year="" if year is None else year,
            left=amount(left),
            right=amount(right),
            excess=amount(left - right),
            table=table,
            **values,
        )
        self.records.append((RULES[rule], table, id, year, float(left), float(right), text.zh, text.en))

    def frame(self) -> pd.DataFrame:
        """Return the violations as a table, in the order of the rules."""
        table = pd.DataFrame(self.records, columns=list(COLUMNS))
        table["year"] = table["year"].astype("Int64")
        number = table["rule"].str.split(" ").str[0].astype(int)
        return table.iloc[np.argsort(number.to_numpy(), kind="stable")].reset_index(drop=True)
