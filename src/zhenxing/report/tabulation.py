"""Tables as printed, made from numbers: years across, or one row per thing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zhenxing.report.blocks import Table
from zhenxing.report.voice import Voice, as_float


@dataclass(frozen=True)
class Line:
    """One row of a table with years across.

    Parameters
    ----------
    label : str
        What the row shows.
    values : sequence of float
        One number per year.
    decimals : int
        Digits after the point.
    bold : bool
        Whether it is a total.
    total : bool
        Whether the row's sum over the years means something and is shown.
    """

    label: str
    values: Sequence[float]
    decimals: int = 0
    bold: bool = False
    total: bool = True


def across_years(
    voice: Voice,
    title: str,
    years: Sequence[int],
    lines: Sequence[Line],
    source: str,
    *,
    first: str = "",
    with_total: bool = True,
) -> Table:
    """Return a table with one column per year; negative numbers are red.

    Examples
    --------
    >>> voice = Voice("en")
    >>> across_years(voice, "t", [2026, 2027], [Line("a", [1.0, 2.0])], "s", first="item").rows
    (('a', '1', '2', '3'),)
    """
    header = (first or voice("item"), *(str(year) for year in years), *((voice("total"),) if with_total else ()))
    rows, red = [], set()
    for place, line in enumerate(lines):
        values = [as_float(value) for value in line.values]
        shown = [*values, sum(values)] if with_total else values
        cells = [voice.number(value, line.decimals) for value in shown]
        if with_total and not line.total:
            cells[-1] = ""
        red |= {(place, column + 1) for column, value in enumerate(shown) if value < -0.5 * 10**-line.decimals}
        rows.append((line.label, *cells))
    return Table(
        title=title,
        header=header,
        rows=tuple(rows),
        source=source,
        align="l" + "r" * (len(header) - 1),
        widths=(2.6, *([1.0] * (len(header) - 1))),
        bold=frozenset(place for place, line in enumerate(lines) if line.bold),
        red=frozenset(red),
    )


def listed(
    title: str,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    source: str,
    align: str,
    widths: Sequence[float] = (),
    *,
    last_bold: bool = False,
) -> Table:
    """Return a table with one row per thing."""
    cells = tuple(tuple(row) for row in rows)
    bold = frozenset({len(cells) - 1}) if last_bold and cells else frozenset()
    return Table(title, tuple(header), cells, source, align, tuple(widths), bold)
